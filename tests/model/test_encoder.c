/* Promises of encoders: a text's vector is what the definition says, here in double precision and
 * sharing nothing with the engine but the file, and does not depend on the texts beside it. */
#include "builder_encoder.h"

#include "model/encoder.h"
#include "model/session.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { N_TEXT = 6 };
static const double epsilon = ENCODER_EPSILON;
static const size_t starts[N_TEXT + 1] = {0, 1, 18, 318, 320, 345, 545};

struct fixture {
    struct view file;
    struct gguf *gguf;
    struct weights weights;
    struct pool *pool;
    int32_t tokens[545];
};

static void open_fixture(struct fixture *fixture, uint32_t pooling) {
    struct builder builder;
    struct fault fault = {0};
    struct random random;
    encoder_build(&builder, pooling);
    *fixture = (struct fixture){.file = builder_join(&builder), .pool = pool_new(2)};
    builder_close(&builder);
    fixture->gguf = gguf_open_bytes(fixture->file, "made.gguf", &fault);
    if (!fixture->gguf || !weights_load(&fixture->weights, fixture->gguf, &fault))
        fail_msg("%s", fault.message);
    random_seed(&random, 9);
    for (size_t i = 0; i < COUNT_OF(fixture->tokens); i++)
        fixture->tokens[i] = (int32_t)random_between(&random, 0, N_VOCABULARY - 1);
}

static void close_fixture(struct fixture *fixture) {
    weights_free(&fixture->weights);
    gguf_close(fixture->gguf);
    free((void *)(uintptr_t)fixture->file.at);
    pool_free(fixture->pool);
}

/* ---------------------------------------------------------------------------------- definition */

struct reference {
    const struct gguf *gguf;
    int n;
    double x[N_CONTEXT][D_MODEL], attended[N_CONTEXT][D_MODEL];
    double query[N_CONTEXT][D_MODEL], key[N_CONTEXT][D_MODEL], value[N_CONTEXT][D_MODEL];
};

static const float *values_of(const struct reference *reference, const char *name) {
    const struct gguf_tensor *tensor = gguf_tensor(reference->gguf, name);
    assert_non_null(tensor);
    return (const float *)(const void *)tensor->data;
}

/* out = W x + b; W and b named "PREFIX.weight" and "PREFIX.bias". */
static void affine(const struct reference *reference, int layer, const char *prefix,
                   const double *x, int n_column, int n_row, double *out) {
    char name[64];
    snprintf(name, sizeof name, "blk.%d.%s.weight", layer, prefix);
    const float *matrix = values_of(reference, name);
    snprintf(name, sizeof name, "blk.%d.%s.bias", layer, prefix);
    const float *bias = values_of(reference, name);
    for (int r = 0; r < n_row; r++) {
        out[r] = (double)bias[r];
        for (int c = 0; c < n_column; c++)
            out[r] += (double)matrix[r * n_column + c] * x[c];
    }
}

static void norm_with(const struct reference *reference, const char *prefix, double *x) {
    char name[64];
    snprintf(name, sizeof name, "%s.weight", prefix);
    const float *weight = values_of(reference, name);
    snprintf(name, sizeof name, "%s.bias", prefix);
    const float *bias = values_of(reference, name);
    double mean = 0, square = 0;
    for (int i = 0; i < D_MODEL; i++)
        mean += x[i] / D_MODEL;
    for (int i = 0; i < D_MODEL; i++)
        square += (x[i] - mean) * (x[i] - mean) / D_MODEL;
    for (int i = 0; i < D_MODEL; i++)
        x[i] = (x[i] - mean) / sqrt(square + epsilon) * (double)weight[i] + (double)bias[i];
}

static void attend_plainly(struct reference *reference, int t, int head) {
    double sum = 0, out[D_HEAD] = {0};
    for (int i = 0; i < reference->n; i++) {
        double score = 0;
        for (int d = head * D_HEAD; d < (head + 1) * D_HEAD; d++)
            score += reference->query[t][d] * reference->key[i][d];
        double weight = exp(score / sqrt(D_HEAD));
        sum += weight;
        for (int d = 0; d < D_HEAD; d++)
            out[d] += weight * reference->value[i][head * D_HEAD + d];
    }
    for (int d = 0; d < D_HEAD; d++)
        reference->attended[t][head * D_HEAD + d] = out[d] / sum;
}

static void add_and_norm(struct reference *reference, int layer, int t, const double *block,
                         const char *norm) {
    char name[64];
    for (int i = 0; i < D_MODEL; i++)
        reference->x[t][i] += block[i];
    snprintf(name, sizeof name, "blk.%d.%s", layer, norm);
    norm_with(reference, name, reference->x[t]);
}

static void run_layer(struct reference *reference, int layer) {
    for (int t = 0; t < reference->n; t++) {
        const double *x = reference->x[t];
        affine(reference, layer, "attn_q", x, D_MODEL, D_MODEL, reference->query[t]);
        affine(reference, layer, "attn_k", x, D_MODEL, D_MODEL, reference->key[t]);
        affine(reference, layer, "attn_v", x, D_MODEL, D_MODEL, reference->value[t]);
    }
    for (int t = 0; t < reference->n; t++) {
        double block[D_MODEL], up[D_FEED_FORWARD];
        for (int head = 0; head < N_HEAD; head++)
            attend_plainly(reference, t, head);
        affine(reference, layer, "attn_output", reference->attended[t], D_MODEL, D_MODEL, block);
        add_and_norm(reference, layer, t, block, "attn_output_norm");
        affine(reference, layer, "ffn_up", reference->x[t], D_MODEL, D_FEED_FORWARD, up);
        for (int i = 0; i < D_FEED_FORWARD; i++)
            up[i] *= 0.5 * (1 + erf(up[i] / sqrt(2)));
        affine(reference, layer, "ffn_down", up, D_FEED_FORWARD, D_MODEL, block);
        add_and_norm(reference, layer, t, block, "layer_output_norm");
    }
}

static void run_reference(struct reference *reference, const int32_t *tokens, int n, bool mean,
                          double *out) {
    reference->n = n;
    for (int t = 0; t < n; t++) {
        for (int i = 0; i < D_MODEL; i++)
            reference->x[t][i] =
                (double)values_of(reference, "token_embd.weight")[tokens[t] * D_MODEL + i] +
                (double)values_of(reference, "position_embd.weight")[t * D_MODEL + i] +
                (double)values_of(reference, "token_types.weight")[i];
        norm_with(reference, "token_embd_norm", reference->x[t]);
    }
    for (int layer = 0; layer < N_LAYER; layer++)
        run_layer(reference, layer);
    double square = 0;
    for (int i = 0; i < D_MODEL; i++) {
        out[i] = reference->x[0][i];
        for (int t = 1; mean && t < n; t++)
            out[i] += reference->x[t][i];
        square += out[i] * out[i];
    }
    for (int i = 0; i < D_MODEL; i++)
        out[i] /= sqrt(square);
}

/* --------------------------------------------------------------------------------------- tests */

static void vectors_are_what_the_definition_says(void **state) {
    (void)state;
    struct reference *reference = must_alloc(1, sizeof *reference);
    for (uint32_t pooling = 1; pooling <= 2; pooling++) {
        struct fixture fixture;
        struct fault fault = {0};
        float out[N_TEXT][D_MODEL];
        open_fixture(&fixture, pooling);
        reference->gguf = fixture.gguf;
        assert_true(encoder_run(&fixture.weights, fixture.pool, fixture.tokens, starts, N_TEXT,
                                NULL, out[0], &fault));
        for (int i = 0; i < N_TEXT; i++) {
            double right[D_MODEL], difference = 0;
            run_reference(reference, fixture.tokens + starts[i], (int)(starts[i + 1] - starts[i]),
                          pooling == 1, right);
            for (int k = 0; k < D_MODEL; k++)
                difference = fmax(difference, fabs(right[k] - (double)out[i][k]));
            if (!(difference < 1e-5))
                fail_msg("text %d: %.1e", i, difference);
        }
        close_fixture(&fixture);
    }
    free(reference);
}

static void a_vector_does_not_depend_on_the_texts_beside_it(void **state) {
    (void)state;
    struct fixture fixture;
    struct fault fault = {0};
    float together[N_TEXT][D_MODEL], alone[D_MODEL];
    open_fixture(&fixture, 1);
    assert_true(encoder_run(&fixture.weights, fixture.pool, fixture.tokens, starts, N_TEXT, NULL,
                            together[0], &fault));
    for (int i = 0; i < N_TEXT; i++) {
        assert_true(encoder_run(&fixture.weights, fixture.pool, fixture.tokens, starts + i, 1,
                                NULL, alone, &fault));
        assert_memory_equal(alone, together[i], sizeof alone);
    }
    close_fixture(&fixture);
}

static void a_cancelled_run_says_so(void **state) {
    (void)state;
    struct fixture fixture;
    struct fault fault = {0};
    float out[N_TEXT][D_MODEL];
    const volatile bool cancel = true;
    open_fixture(&fixture, 1);
    assert_false(encoder_run(&fixture.weights, fixture.pool, fixture.tokens, starts, N_TEXT,
                             &cancel, out[0], &fault));
    assert_int_equal(fault.kind, FAULT_LIMIT);
    close_fixture(&fixture);
}

static void what_is_not_computed_is_refused(void **state) {
    (void)state;
    for (int causal = 0; causal < 2; causal++) {
        struct builder builder;
        struct fault fault = {0};
        struct weights weights;
        encoder_build(&builder, causal ? 1 : 3); /* 3: the last token's */
        if (causal) {
            builder_key(&builder, "bert.attention.causal", GGUF_BOOL);
            builder_bytes(&builder.keys, &(char){1}, 1);
        }
        struct view file = builder_join(&builder);
        struct gguf *gguf = gguf_open_bytes(file, "made.gguf", &fault);
        assert_non_null(gguf);
        assert_false(weights_load(&weights, gguf, &fault));
        assert_non_null(strstr(fault.message, causal ? "causal" : "pooling_type"));
        gguf_close(gguf);
        free((void *)(uintptr_t)file.at);
        builder_close(&builder);
    }
}

/* ---------------------------------------------------------------------------------- the door */

static void texts_stand_between_marks_and_are_cut_to_the_bound(void **state) {
    (void)state;
    char *path = encoder_save("bert.gguf");
    struct fault fault = {0};
    struct pool *pool = pool_new(2);
    struct model *model = model_open(path, pool, &fault);
    if (!model)
        fail_msg("%s", fault.message);
    assert_int_equal(model_embedding_size(model), D_MODEL);
    struct view texts[] = {VIEW("a b a b a b"), VIEW("a b"), VIEW("")};
    float out[3][D_MODEL], right[D_MODEL];
    assert_true(
        model_embed(model, texts, 3, &(struct embedding){.max_tokens = 4}, out[0], &fault));
    assert_memory_equal(out[0], out[1], sizeof out[0]);
    const int32_t cut[] = {2, 4, 5, 3}, empty[] = {2, 3};
    assert_true(
        encoder_run(model_weights(model), pool, cut, (size_t[]){0, 4}, 1, NULL, right, &fault));
    assert_memory_equal(out[0], right, sizeof right);
    assert_true(
        encoder_run(model_weights(model), pool, empty, (size_t[]){0, 2}, 1, NULL, right, &fault));
    assert_memory_equal(out[2], right, sizeof right);
    assert_null(session_open(model, 0, &fault));
    assert_non_null(strstr(fault.message, "vectors"));
    model_close(model);
    pool_free(pool);
    unlink(path);
    free(path);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_are_what_the_definition_says),
        cmocka_unit_test(a_vector_does_not_depend_on_the_texts_beside_it),
        cmocka_unit_test(a_cancelled_run_says_so),
        cmocka_unit_test(what_is_not_computed_is_refused),
        cmocka_unit_test(texts_stand_between_marks_and_are_cut_to_the_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
