/* Promises of the networks: each against its definition, written here in double precision and
 * sharing nothing with the engine but the file of random weights. */
#include "builder.h"

#include "model/pass.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { D_MODEL = 48, N_HEAD = 4, N_KV_HEAD = 2, D_HEAD = 16, D_FEED_FORWARD = 80 };
enum { D_QUERY = N_HEAD * D_HEAD, D_KEY = N_KV_HEAD * D_HEAD };
enum { N_VOCABULARY = 61, N_TOKEN = 300, N_LAYER = 7 };
static const double epsilon = 1e-6;

struct variant {
    const char *architecture;
    bool biases, head_norms, output_norms;
    bool rotates_halves, gelu, scales_embedding;
    double base, window_base, stretch;
    int window; /* of all layers but each sixth; 0: none */
    int n_layer;
};

static const struct variant variants[] = {
    {.architecture = "llama", .base = 10000, .stretch = 1, .n_layer = 2},
    {.architecture = "llama", .base = 10000, .stretch = 4, .n_layer = 2},
    {.architecture = "qwen2",
     .biases = true,
     .rotates_halves = true,
     .base = 1e6,
     .stretch = 1,
     .n_layer = 2},
    {.architecture = "qwen3",
     .head_norms = true,
     .rotates_halves = true,
     .base = 1e6,
     .stretch = 1,
     .n_layer = 3},
    {.architecture = "gemma3",
     .head_norms = true,
     .output_norms = true,
     .rotates_halves = true,
     .gelu = true,
     .scales_embedding = true,
     .base = 1e6,
     .window_base = 10000,
     .stretch = 8,
     .window = 40,
     .n_layer = N_LAYER},
};

/* --------------------------------------------------------------------------------------- files */

static void add_layer(struct builder *builder, const struct variant *variant, int layer,
                      struct random *random) {
    const struct {
        const char *name;
        uint64_t n_column, n_row;
        bool absent;
    } tensors[] = {
        {"attn_norm.weight", D_MODEL, 0, false},
        {"ffn_norm.weight", D_MODEL, 0, false},
        {"attn_q.weight", D_MODEL, D_QUERY, false},
        {"attn_k.weight", D_MODEL, D_KEY, false},
        {"attn_v.weight", D_MODEL, D_KEY, false},
        {"attn_output.weight", D_QUERY, D_MODEL, false},
        {"ffn_gate.weight", D_MODEL, D_FEED_FORWARD, false},
        {"ffn_up.weight", D_MODEL, D_FEED_FORWARD, false},
        {"ffn_down.weight", D_FEED_FORWARD, D_MODEL, false},
        {"attn_q.bias", D_QUERY, 0, !variant->biases},
        {"attn_k.bias", D_KEY, 0, !variant->biases},
        {"attn_v.bias", D_KEY, 0, !variant->biases},
        {"attn_q_norm.weight", D_HEAD, 0, !variant->head_norms},
        {"attn_k_norm.weight", D_HEAD, 0, !variant->head_norms},
        {"post_attention_norm.weight", D_MODEL, 0, !variant->output_norms},
        {"post_ffw_norm.weight", D_MODEL, 0, !variant->output_norms},
    };
    for (size_t i = 0; i < COUNT_OF(tensors); i++) {
        char name[64];
        snprintf(name, sizeof name, "blk.%d.%s", layer, tensors[i].name);
        bool is_norm = view_ends(view_of(name), "norm.weight");
        if (!tensors[i].absent)
            builder_float_tensor(builder, name, tensors[i].n_column, tensors[i].n_row, random,
                                 is_norm ? 1.0F : 0.0F, is_norm ? 0.4F : 0.25F);
    }
}

static void add_key(struct builder *builder, const struct variant *variant, const char *rest,
                    uint32_t value) {
    char name[96];
    snprintf(name, sizeof name, "%s.%s", variant->architecture, rest);
    builder_key_u32(builder, name, value);
}

static void add_number(struct builder *builder, const struct variant *variant, const char *rest,
                       double value) {
    char name[96];
    snprintf(name, sizeof name, "%s.%s", variant->architecture, rest);
    builder_key_f32(builder, name, (float)value);
}

static void build(struct builder *builder, const struct variant *variant) {
    struct random random;
    random_seed(&random, 3);
    builder_open(builder);
    builder_key_text(builder, "general.architecture", variant->architecture);
    add_key(builder, variant, "block_count", (uint32_t)variant->n_layer);
    add_key(builder, variant, "embedding_length", D_MODEL);
    add_key(builder, variant, "feed_forward_length", D_FEED_FORWARD);
    add_key(builder, variant, "context_length", 1024);
    add_key(builder, variant, "attention.head_count", N_HEAD);
    add_key(builder, variant, "attention.head_count_kv", N_KV_HEAD);
    add_key(builder, variant, "attention.key_length", D_HEAD); /* not d_model / n_head */
    add_number(builder, variant, "attention.layer_norm_rms_epsilon", epsilon);
    add_number(builder, variant, "rope.freq_base", variant->base);
    if (variant->stretch != 1) {
        char name[96];
        snprintf(name, sizeof name, "%s.rope.scaling.type", variant->architecture);
        builder_key_text(builder, name, "linear");
        add_number(builder, variant, "rope.scaling.factor", variant->stretch);
    }
    if (variant->window)
        add_key(builder, variant, "attention.sliding_window", (uint32_t)variant->window);
    builder_float_tensor(builder, "token_embd.weight", D_MODEL, N_VOCABULARY, &random, 0, 1);
    builder_float_tensor(builder, "output_norm.weight", D_MODEL, 0, &random, 1, 0.4F);
    for (int layer = 0; layer < variant->n_layer; layer++)
        add_layer(builder, variant, layer, &random);
}

struct fixture {
    struct view file;
    struct gguf *gguf;
    struct weights weights;
    struct pool *pool;
    int32_t tokens[N_TOKEN];
};

static void open_fixture(struct fixture *fixture, const struct variant *variant) {
    struct builder builder;
    struct fault fault = {0};
    struct random random;
    build(&builder, variant);
    *fixture = (struct fixture){.file = builder_join(&builder), .pool = pool_new(2)};
    builder_close(&builder);
    fixture->gguf = gguf_open_bytes(fixture->file, "made.gguf", &fault);
    if (!fixture->gguf || !weights_load(&fixture->weights, fixture->gguf, &fault))
        fail_msg("%s", fault.message);
    random_seed(&random, 9);
    for (int i = 0; i < N_TOKEN; i++)
        fixture->tokens[i] = (int32_t)random_between(&random, 0, N_VOCABULARY - 1);
}

static void close_fixture(struct fixture *fixture) {
    weights_free(&fixture->weights);
    gguf_close(fixture->gguf);
    free((void *)(uintptr_t)fixture->file.at);
    pool_free(fixture->pool);
}

/* The engine's logits of all tokens, the first `n_first` in pieces, the rest one by one. */
static float *engine_logits(struct fixture *fixture, int n_first, enum tensor_type cache) {
    enum { N_PAGE = N_TOKEN / CACHE_PAGE + 1 };
    struct pass pass;
    struct fault fault = {0};
    uint8_t *pages[N_PAGE];
    float *logits = must_alloc((size_t)N_TOKEN * N_VOCABULARY, sizeof *logits);
    assert_true(pass_open(&pass, &fixture->weights, fixture->pool, cache, &fault));
    uint8_t *memory = must_alloc(N_PAGE, pass_page_bytes(&pass) + 64);
    for (size_t i = 0; i < N_PAGE; i++)
        pages[i] =
            (uint8_t *)(((uintptr_t)memory + 63) & ~(uintptr_t)63) + i * pass_page_bytes(&pass);
    for (int i = 0; i < N_TOKEN;) {
        int n = i < n_first ? n_first - i : 1, rows[PASS_TOKENS];
        n = n < PASS_TOKENS ? n : PASS_TOKENS;
        for (int k = 0; k < n; k++)
            rows[k] = k;
        pass_run(&pass, &(struct span){fixture->tokens + i, i, n, pages, n}, 1);
        pass_logits(&pass, rows, n, logits + (ptrdiff_t)i * N_VOCABULARY);
        i += n;
    }
    free(memory);
    pass_close(&pass);
    return logits;
}

/* ---------------------------------------------------------------------------------- definition */

struct reference {
    const struct variant *variant;
    const struct gguf *gguf;
    int layer;
    bool halves; /* the cache holds 16 bits of each value, as it was told to */
    double x[N_TOKEN][D_MODEL], normed[N_TOKEN][D_MODEL];
    double query[N_TOKEN][D_QUERY], key[N_TOKEN][D_KEY], value[N_TOKEN][D_KEY];
    double attended[N_TOKEN][D_QUERY];
};

static const float *values_of(const struct reference *reference, const char *rest) {
    char name[64];
    snprintf(name, sizeof name, "blk.%d.%s", reference->layer, rest);
    const struct gguf_tensor *tensor = gguf_tensor(reference->gguf, name);
    if (!tensor)
        tensor = gguf_tensor(reference->gguf, rest);
    assert_non_null(tensor);
    return (const float *)(const void *)tensor->data;
}

static void matrix_times(const float *matrix, const double *x, int n_column, int n_row,
                         double *out) {
    for (int r = 0; r < n_row; r++) {
        out[r] = 0;
        for (int c = 0; c < n_column; c++)
            out[r] += (double)matrix[r * n_column + c] * x[c];
    }
}

static void norm_with(const float *weight, const double *x, int n, double *out) {
    double square = 0;
    for (int i = 0; i < n; i++)
        square += x[i] * x[i];
    double scale = 1 / sqrt(square / n + epsilon);
    for (int i = 0; i < n; i++)
        out[i] = x[i] * scale * (double)weight[i];
}

static void project(struct reference *reference, int t, const char *which, int n, double *out) {
    char name[32];
    snprintf(name, sizeof name, "attn_%s.weight", which);
    matrix_times(values_of(reference, name), reference->normed[t], D_MODEL, n, out);
    if (reference->variant->biases) {
        snprintf(name, sizeof name, "attn_%s.bias", which);
        for (int i = 0; i < n; i++)
            out[i] += (double)values_of(reference, name)[i];
    }
}

static bool is_windowed(const struct reference *reference) {
    return reference->variant->window && reference->layer % 6 != 5;
}

static void rotate(const struct reference *reference, int t, double *head) {
    const struct variant *variant = reference->variant;
    bool windowed = is_windowed(reference);
    double base = windowed ? variant->window_base : variant->base;
    double position = windowed ? t : t / variant->stretch;
    for (int i = 0; i < D_HEAD / 2; i++) {
        double angle = position * pow(base, -2.0 * i / D_HEAD);
        double *a = variant->rotates_halves ? head + i : head + 2 * i;
        double *b = variant->rotates_halves ? head + D_HEAD / 2 + i : head + 2 * i + 1;
        double x = *a, y = *b;
        *a = x * cos(angle) - y * sin(angle);
        *b = x * sin(angle) + y * cos(angle);
    }
}

static void prepare_heads(struct reference *reference, int t, double *heads, int n_head,
                          const char *norm) {
    for (int h = 0; h < n_head; h++) {
        double *head = heads + (ptrdiff_t)h * D_HEAD;
        if (reference->variant->head_norms)
            norm_with(values_of(reference, norm), head, D_HEAD, head);
        rotate(reference, t, head);
    }
}

static void keep(const struct reference *reference, double *heads) {
    for (int i = 0; i < D_KEY && reference->halves; i++)
        heads[i] = (double)float_from_f16(f16_from_float((float)heads[i]));
}

static void attend_plainly(struct reference *reference, int t, int head) {
    int from = is_windowed(reference) ? t + 1 - reference->variant->window : 0;
    int kv = head / (N_HEAD / N_KV_HEAD) * D_HEAD, at = head * D_HEAD;
    double sum = 0, out[D_HEAD] = {0};
    for (int i = from < 0 ? 0 : from; i <= t; i++) {
        double score = 0;
        for (int d = 0; d < D_HEAD; d++)
            score += reference->query[t][at + d] * reference->key[i][kv + d];
        double weight = exp(score / sqrt(D_HEAD));
        sum += weight;
        for (int d = 0; d < D_HEAD; d++)
            out[d] += weight * reference->value[i][kv + d];
    }
    for (int d = 0; d < D_HEAD; d++)
        reference->attended[t][at + d] = out[d] / sum;
}

static void add_block(struct reference *reference, int t, const double *block, const char *norm) {
    double given[D_MODEL];
    memcpy(given, block, sizeof given);
    if (reference->variant->output_norms)
        norm_with(values_of(reference, norm), given, D_MODEL, given);
    for (int i = 0; i < D_MODEL; i++)
        reference->x[t][i] += given[i];
}

static void feed_forward(struct reference *reference, int t) {
    double gate[D_FEED_FORWARD], up[D_FEED_FORWARD], block[D_MODEL];
    norm_with(values_of(reference, "ffn_norm.weight"), reference->x[t], D_MODEL,
              reference->normed[t]);
    matrix_times(values_of(reference, "ffn_gate.weight"), reference->normed[t], D_MODEL,
                 D_FEED_FORWARD, gate);
    matrix_times(values_of(reference, "ffn_up.weight"), reference->normed[t], D_MODEL,
                 D_FEED_FORWARD, up);
    for (int i = 0; i < D_FEED_FORWARD; i++) {
        double g = gate[i];
        gate[i] = reference->variant->gelu
                      ? 0.5 * g * (1 + tanh(sqrt(2 / M_PI) * (g + 0.044715 * g * g * g)))
                      : g / (1 + exp(-g));
        gate[i] *= up[i];
    }
    matrix_times(values_of(reference, "ffn_down.weight"), gate, D_FEED_FORWARD, D_MODEL, block);
    add_block(reference, t, block, "post_ffw_norm.weight");
}

static void run_layer(struct reference *reference) {
    for (int t = 0; t < N_TOKEN; t++) {
        norm_with(values_of(reference, "attn_norm.weight"), reference->x[t], D_MODEL,
                  reference->normed[t]);
        project(reference, t, "q", D_QUERY, reference->query[t]);
        project(reference, t, "k", D_KEY, reference->key[t]);
        project(reference, t, "v", D_KEY, reference->value[t]);
        prepare_heads(reference, t, reference->query[t], N_HEAD, "attn_q_norm.weight");
        prepare_heads(reference, t, reference->key[t], N_KV_HEAD, "attn_k_norm.weight");
        keep(reference, reference->key[t]);
        keep(reference, reference->value[t]);
    }
    for (int t = 0; t < N_TOKEN; t++) {
        double block[D_MODEL];
        for (int head = 0; head < N_HEAD; head++)
            attend_plainly(reference, t, head);
        matrix_times(values_of(reference, "attn_output.weight"), reference->attended[t], D_QUERY,
                     D_MODEL, block);
        add_block(reference, t, block, "post_attention_norm.weight");
        feed_forward(reference, t);
    }
}

static void run_reference(struct reference *reference, const int32_t *tokens) {
    const float *embedding = values_of(reference, "token_embd.weight");
    for (int t = 0; t < N_TOKEN; t++)
        for (int i = 0; i < D_MODEL; i++)
            reference->x[t][i] = (double)embedding[tokens[t] * D_MODEL + i] *
                                 (reference->variant->scales_embedding ? sqrt(D_MODEL) : 1);
    for (reference->layer = 0; reference->layer < reference->variant->n_layer; reference->layer++)
        run_layer(reference);
}

/* --------------------------------------------------------------------------------------- tests */

/* The largest difference of the engine's logits from the definition's, over the largest logit. */
static double distance_from_definition(const struct variant *variant, enum tensor_type cache) {
    struct fixture fixture;
    struct reference *reference = must_alloc(1, sizeof *reference);
    open_fixture(&fixture, variant);
    *reference = (struct reference){
        .variant = variant, .gguf = fixture.gguf, .halves = cache == TENSOR_F16};
    run_reference(reference, fixture.tokens);
    float *logits = engine_logits(&fixture, N_TOKEN - 20, cache);
    double difference = 0, size = 0;
    for (int t = 0; t < N_TOKEN; t++) {
        double normed[D_MODEL], right[N_VOCABULARY];
        norm_with(values_of(reference, "output_norm.weight"), reference->x[t], D_MODEL, normed);
        matrix_times(values_of(reference, "token_embd.weight"), normed, D_MODEL, N_VOCABULARY,
                     right);
        for (int i = 0; i < N_VOCABULARY; i++) {
            double ours = (double)logits[t * N_VOCABULARY + i];
            difference = fmax(difference, fabs(ours - right[i]));
            size = fmax(size, fabs(right[i]));
        }
    }
    free(logits);
    close_fixture(&fixture);
    free(reference);
    return difference / size;
}

/* With halves, a value that lies between two of them may be kept as the other. */
static void each_network_computes_what_its_definition_says(void **state) {
    (void)state;
    for (size_t v = 0; v < COUNT_OF(variants); v++) {
        double exact = distance_from_definition(&variants[v], TENSOR_F32);
        double halves = distance_from_definition(&variants[v], TENSOR_F16);
        if (!(exact < 5e-6 && halves < 1e-4))
            fail_msg("%s: %.1e, with a cache of halves %.1e", variants[v].architecture, exact,
                     halves);
    }
}

/* Logits of the last n_wanted[i] tokens of each of three texts that share a pass. */
static void logits_of_three(struct fixture *fixture, const int n_wanted[3], float *logits) {
    enum { N_PAGE = N_TOKEN / CACHE_PAGE + 1 };
    static const int n[3] = {5, CACHE_PAGE + 3, 1};
    struct pass pass;
    struct fault fault = {0};
    struct span spans[3];
    uint8_t *pages[3][N_PAGE];
    int rows[PASS_TOKENS], n_row = 0;
    assert_true(pass_open(&pass, &fixture->weights, fixture->pool, TENSOR_F16, &fault));
    uint8_t *memory = must_alloc(3 * N_PAGE, pass_page_bytes(&pass) + 64);
    uint8_t *aligned = (uint8_t *)(((uintptr_t)memory + 63) & ~(uintptr_t)63);
    for (int i = 0; i < 3; i++) {
        for (int k = 0; k < N_PAGE; k++)
            pages[i][k] = aligned + (size_t)(i * N_PAGE + k) * pass_page_bytes(&pass);
        spans[i] = (struct span){fixture->tokens + i, 0, n[i], pages[i], n_wanted[i]};
        for (int k = 0; k < n_wanted[i]; k++, n_row++)
            rows[n_row] = n_row;
    }
    pass_run(&pass, spans, 3);
    pass_logits(&pass, rows, n_row, logits);
    free(memory);
    pass_close(&pass);
}

static void a_state_is_the_same_whichever_others_are_wanted(void **state) {
    (void)state;
    for (size_t v = 0; v < COUNT_OF(variants); v++) {
        struct fixture fixture;
        static float all[(5 + CACHE_PAGE + 4) * N_VOCABULARY], some[4 * N_VOCABULARY];
        size_t row = N_VOCABULARY * sizeof(float);
        open_fixture(&fixture, &variants[v]);
        logits_of_three(&fixture, (int[]){5, CACHE_PAGE + 3, 1}, all);
        logits_of_three(&fixture, (int[]){0, 3, 1}, some);
        assert_memory_equal(some, all + (5 + CACHE_PAGE) * N_VOCABULARY, 4 * row);
        logits_of_three(&fixture, (int[]){2, 0, 0}, some);
        assert_memory_equal(some, all + 3 * N_VOCABULARY, 2 * row);
        logits_of_three(&fixture, (int[]){0, 0, 0}, some);
        close_fixture(&fixture);
    }
}

static void a_windowed_layer_sees_its_window_and_no_further(void **state) {
    (void)state;
    struct variant variant = variants[COUNT_OF(variants) - 1];
    enum { CHANGED = 100, WINDOW = 33, LAYERS = 2 };
    variant.n_layer = LAYERS;
    variant.window = WINDOW;
    struct fixture fixture;
    open_fixture(&fixture, &variant);
    for (int n_first = 1; n_first <= N_TOKEN; n_first += N_TOKEN - 1) { /* singly, in pieces */
        float *before = engine_logits(&fixture, n_first, TENSOR_F16);
        fixture.tokens[CHANGED] = (fixture.tokens[CHANGED] + 1) % N_VOCABULARY;
        float *after = engine_logits(&fixture, n_first, TENSOR_F16);
        int last = CHANGED + LAYERS * (WINDOW - 1); /* each layer hands on one window less one */
        for (int t = 0; t < N_TOKEN; t++) {
            bool same =
                memcmp(before + (ptrdiff_t)t * N_VOCABULARY, after + (ptrdiff_t)t * N_VOCABULARY,
                       N_VOCABULARY * sizeof *before) == 0;
            assert_int_equal(same, t < CHANGED || t > last);
        }
        free(before);
        free(after);
    }
    close_fixture(&fixture);
}

static void the_sixth_layer_sees_everything(void **state) {
    (void)state;
    struct variant variant = variants[COUNT_OF(variants) - 1];
    variant.window = 3;
    for (int n_layer = 5; n_layer <= 6; n_layer++) {
        struct fixture fixture;
        variant.n_layer = n_layer;
        open_fixture(&fixture, &variant);
        float *before = engine_logits(&fixture, N_TOKEN, TENSOR_F16);
        fixture.tokens[0] = (fixture.tokens[0] + 1) % N_VOCABULARY;
        float *after = engine_logits(&fixture, N_TOKEN, TENSOR_F16);
        ptrdiff_t last = (ptrdiff_t)(N_TOKEN - 1) * N_VOCABULARY;
        int order = memcmp(before + last, after + last, N_VOCABULARY * sizeof *before);
        assert_int_equal(order != 0, n_layer == 6);
        free(before);
        free(after);
        close_fixture(&fixture);
    }
}

/* Loads what the builder holds, which must fail with a fault that names `word`. */
static void expect_refused(struct builder *builder, const char *word) {
    struct fault fault = {0};
    struct weights weights;
    struct view file = builder_join(builder);
    struct gguf *gguf = gguf_open_bytes(file, "made.gguf", &fault);
    assert_non_null(gguf);
    assert_false(weights_load(&weights, gguf, &fault));
    if (!strstr(fault.message, word))
        fail_msg("\"%s\" does not name %s", fault.message, word);
    gguf_close(gguf);
    free((void *)(uintptr_t)file.at);
    builder_close(builder);
}

static void a_network_without_its_parts_or_with_others_is_refused(void **state) {
    (void)state;
    const struct {
        const char *architecture;
        bool biases, head_norms, output_norms;
        const char *word;
    } cases[] = {
        {"qwen3", false, false, false, "attn_q_norm.weight"},
        {"qwen3", true, true, false, "tensors"},
        {"qwen3", false, true, true, "tensors"},
        {"gemma3", false, true, false, "post_attention_norm.weight"},
        {"gemma3", false, false, true, "attn_q_norm.weight"},
        {"llama", false, true, false, "tensors"},
        {"qwen2", true, false, true, "tensors"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct builder builder;
        build(&builder, &(struct variant){.architecture = cases[i].architecture,
                                          .biases = cases[i].biases,
                                          .head_norms = cases[i].head_norms,
                                          .output_norms = cases[i].output_norms,
                                          .base = 10000,
                                          .stretch = 1,
                                          .n_layer = 1});
        expect_refused(&builder, cases[i].word);
    }
}

static void what_is_not_computed_is_refused(void **state) {
    (void)state;
    const struct {
        size_t variant;
        const char *rest;
        double value;
    } cases[] = {
        {0, "attention.sliding_window", 512}, {3, "attention.sliding_window", 512},
        {4, "final_logit_softcapping", 30},   {4, "attn_logit_softcapping", 50},
        {4, "rope.freq_base_swa", -1},        {0, "rope.scaling.factor", -2},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct variant *variant = &variants[cases[i].variant];
        struct builder builder;
        struct variant plain = *variant;
        plain.stretch = 1; /* so that no key stands twice */
        build(&builder, &plain);
        add_number(&builder, &plain, cases[i].rest, cases[i].value);
        expect_refused(&builder, cases[i].rest);
    }
}

static void a_file_without_a_window_sees_everything(void **state) {
    (void)state;
    struct variant variant = variants[COUNT_OF(variants) - 1];
    struct fixture fixture;
    variant.window = 0;
    open_fixture(&fixture, &variant);
    for (int i = 0; i < variant.n_layer; i++)
        assert_int_equal(fixture.weights.layers[i].window, 0);
    close_fixture(&fixture);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_network_computes_what_its_definition_says),
        cmocka_unit_test(a_state_is_the_same_whichever_others_are_wanted),
        cmocka_unit_test(a_windowed_layer_sees_its_window_and_no_further),
        cmocka_unit_test(the_sixth_layer_sees_everything),
        cmocka_unit_test(a_file_without_a_window_sees_everything),
        cmocka_unit_test(a_network_without_its_parts_or_with_others_is_refused),
        cmocka_unit_test(what_is_not_computed_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
