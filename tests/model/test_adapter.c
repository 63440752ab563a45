/* Promises of adapters that run beside a model's weights. */
#include "builder.h"

#include "model/adapter.h"
#include "model/model.h"
#include "tensor/tensor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { N_VOCABULARY = 257, N_TOKEN = 150, PAGE = 32, RANK = 4 };

static int32_t tokens[N_TOKEN];
static const struct builder_shape shapes[] = {
    {.architecture = "llama"},
    {.architecture = "qwen2", .biases = true, .tied = true},
    {.architecture = "gemma3", .windowed = true, .tied = true},
};
static char *paths[COUNT_OF(shapes)], *narrow; /* of floats; llama's in 8 bits */

static char *adapter_file(const char *architecture, uint64_t rank, uint64_t seed) {
    struct builder builder;
    char name[64];
    snprintf(name, sizeof name, "adapter-%s-%llu", architecture, (unsigned long long)seed);
    builder_open(&builder);
    builder_adapter(&builder, architecture, rank, seed);
    char *path = builder_save(&builder, name);
    builder_close(&builder);
    return path;
}

static void forget(char *path) {
    unlink(path);
    free(path);
}

static int set_up(void **state) {
    (void)state;
    struct random random;
    random_seed(&random, 5);
    for (int i = 0; i < N_TOKEN; i++)
        tokens[i] = (int32_t)random_between(&random, 0, 255);
    for (size_t i = 0; i < COUNT_OF(shapes); i++) {
        struct builder builder;
        builder_open(&builder);
        builder_network(&builder, &shapes[i], 7);
        paths[i] = builder_save(&builder, shapes[i].architecture);
        builder_close(&builder);
    }
    struct buffer path = {0};
    buffer_format(&path, "%s-q8", paths[0]);
    narrow = path.at;
    struct fault fault = {0};
    struct quantisation_result result;
    struct quantisation how = {.type = "Q8_0"};
    struct pool *pool = pool_new(1);
    MUST(model_quantise(paths[0], narrow, &how, pool, &result, &fault));
    pool_free(pool);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(paths); i++)
        forget(paths[i]);
    forget(narrow);
    return 0;
}

struct fixture {
    struct pool *pool;
    struct model *model;
    struct session *session;
    struct fault fault;
};

static struct session *session_of(struct model *model) {
    struct fault fault = {0};
    struct session *session = session_open(model, 256, &fault);
    if (!session)
        fail_msg("%s", fault.message);
    return session;
}

static struct fixture open_fixture(const char *path, enum cache_type cache, int n_thread) {
    struct fixture fixture = {.pool = pool_new(n_thread)};
    struct model_limits limits = {.cache = cache};
    fixture.model = model_open(path, fixture.pool, &fixture.fault);
    if (!fixture.model)
        fail_msg("%s", fixture.fault.message);
    assert_true(model_limit(fixture.model, &limits, &fixture.fault));
    fixture.session = session_of(fixture.model);
    return fixture;
}

static void close_fixture(struct fixture *fixture) {
    session_close(fixture->session);
    model_close(fixture->model);
    pool_free(fixture->pool);
}

static struct adapter *opened(const struct model *model, const char *path) {
    struct fault fault = {0};
    struct adapter *adapter = adapter_open(model, path, &fault);
    if (!adapter)
        fail_msg("%s", fault.message);
    return adapter;
}

static void adapt(struct session *session, const struct adapter *adapter, float scale) {
    struct fault fault = {0};
    if (!session_adapt(session, adapter, scale, &fault))
        fail_msg("%s", fault.message);
}

static size_t feed(struct session *session, size_t n, float *logits) {
    const float *given;
    size_t n_reused;
    struct fault fault = {0};
    if (!session_feed(session, tokens, n, &given, &n_reused, NULL, &fault))
        fail_msg("%s", fault.message);
    if (logits)
        memcpy(logits, given, N_VOCABULARY * sizeof *logits);
    return n_reused;
}

/* ------------------------------------------------------------------------------- what it gives */

static float *values_of(const struct gguf_tensor *tensor) {
    int64_t n = tensor->dimension[0] * tensor->dimension[1];
    float *values = must_alloc((size_t)n, sizeof *values);
    matrix_row(&(struct matrix){tensor->type, 1, n, tensor->data, 0}, 0, values);
    return values;
}

/* W + scale · B · A, in double precision. */
static float *merged(const struct gguf *base, const struct gguf *adapter,
                     const struct gguf_tensor *half, const char *name, double scale) {
    char other[80];
    snprintf(other, sizeof other, "%s.lora_b", name);
    float *weights = values_of(gguf_tensor(base, name)), *a = values_of(half);
    float *b = values_of(gguf_tensor(adapter, other));
    int64_t rank = half->dimension[1], n_in = half->dimension[0];
    int64_t n_out = gguf_tensor(base, name)->dimension[1];
    for (int64_t r = 0; r < n_out; r++)
        for (int64_t c = 0; c < n_in; c++) {
            double sum = 0;
            for (int64_t k = 0; k < rank; k++)
                sum += (double)b[r * rank + k] * (double)a[k * n_in + c];
            weights[r * n_in + c] = (float)((double)weights[r * n_in + c] + scale * sum);
        }
    free(a);
    free(b);
    return weights;
}

/* The model with the adapter in its weights, as 32-bit floats. */
static void write_merged(const struct fixture *fixture, const char *base_path,
                         const char *adapter_path, double scale, const char *out) {
    struct fault fault = {0};
    struct gguf *base = gguf_open(base_path, &fault), *adapter = gguf_open(adapter_path, &fault);
    struct tensor_values values[14];
    char names[14][64];
    size_t n = 0;
    double alpha;
    assert_true(gguf_number(adapter, "adapter.lora.alpha", &alpha, &fault));
    for (size_t i = 0; i < gguf_n_tensor(adapter); i++) {
        const struct gguf_tensor *half = gguf_tensor_at(adapter, i);
        if (!view_ends(half->name, ".lora_a"))
            continue;
        snprintf(names[n], sizeof names[n], "%.*s", (int)half->name.n - 7, half->name.at);
        double whole = scale * (alpha > 0 ? alpha / (double)half->dimension[1] : 1);
        values[n] = (struct tensor_values){names[n], merged(base, adapter, half, names[n], whole),
                                           gguf_tensor(base, names[n])->dimension[0] *
                                               gguf_tensor(base, names[n])->dimension[1]};
        n++;
    }
    if (!model_write(fixture->model, out, values, n, "F32", &fault))
        fail_msg("%s", fault.message);
    for (size_t i = 0; i < n; i++)
        free((void *)(uintptr_t)values[i].values);
    gguf_close(base);
    gguf_close(adapter);
}

static double apart(const float *a, const float *b, size_t n) {
    double error = 0, size = 0;
    for (size_t i = 0; i < n; i++) {
        error = fmax(error, fabs((double)a[i] - (double)b[i]));
        size = fmax(size, fabs((double)b[i]));
    }
    return error / size;
}

static float *all_logits(struct session *session) {
    struct fault fault = {0};
    float *logits = must_alloc((size_t)N_TOKEN * N_VOCABULARY, sizeof *logits);
    assert_true(session_logits(session, tokens, N_TOKEN, logits, &fault));
    return logits;
}

static void compare_with_merged(const char *base, const char *adapter_path, float scale,
                                double most) {
    struct fixture fixture = open_fixture(base, CACHE_F32, 2);
    struct buffer out = {0};
    buffer_format(&out, "%s-merged", base);
    write_merged(&fixture, base, adapter_path, (double)scale, out.at);
    struct fixture dense = open_fixture(out.at, CACHE_F32, 2);
    struct adapter *adapter = opened(fixture.model, adapter_path);
    float *plain = all_logits(fixture.session), *wanted = all_logits(dense.session);
    adapt(fixture.session, adapter, scale);
    float *given = all_logits(fixture.session);
    double error = apart(given, wanted, (size_t)N_TOKEN * N_VOCABULARY);
    if (!(error <= most))
        fail_msg("%s: %g apart", adapter_path, error);
    assert_true(apart(plain, wanted, (size_t)N_TOKEN * N_VOCABULARY) > 0.01); /* it does much */
    free(plain);
    free(wanted);
    free(given);
    session_close(fixture.session);
    fixture.session = NULL;
    adapter_close(adapter);
    close_fixture(&dense);
    close_fixture(&fixture);
    forget(out.at);
}

static void an_adapter_gives_what_its_merged_weights_give(void **state) {
    (void)state;
    static const uint64_t ranks[] = {1, RANK, 20, 70};
    for (size_t i = 0; i < COUNT_OF(shapes); i++)
        for (size_t k = 0; k < COUNT_OF(ranks); k++) {
            char *path = adapter_file(shapes[i].architecture, ranks[k], 3);
            compare_with_merged(paths[i], path, k % 2 ? -0.7F : 1, 1e-5);
            forget(path);
        }
}

/* 16 bits are multiplied as they are; 8 bits become 16, which is less than they leave out. */
static void each_format_of_a_file_is_used_as_it_is(void **state) {
    (void)state;
    static float a[32 * 64], b[96 * 32];
    struct random random;
    random_seed(&random, 6);
    for (size_t i = 0; i < COUNT_OF(a); i++)
        a[i] = 0.4F * (float)random_unit(&random) - 0.2F;
    for (size_t i = 0; i < COUNT_OF(b); i++)
        b[i] = 0.4F * (float)random_unit(&random) - 0.2F;
    struct adapter_matrix matrices[] = {{"blk.0.ffn_up.weight", 32, 64, 96, a, b},
                                        {"blk.1.attn_q.weight", 32, 64, 64, a, b}};
    static const struct {
        const char *type;
        double most;
    } types[] = {{"F32", 1e-5}, {"F16", 1e-5}, {"BF16", 1e-5}, {"Q8_0", 3e-4}};
    struct buffer path = {0};
    buffer_format(&path, "%s-typed", paths[0]);
    for (size_t i = 0; i < COUNT_OF(types); i++)
        for (int has_alpha = 0; has_alpha < 2; has_alpha++) {
            struct fault fault = {0};
            struct adapter_description description = {
                .architecture = "llama", .type = types[i].type, .alpha = has_alpha ? 40 : 0};
            assert_true(adapter_write(path.at, &description, matrices, 2, &fault));
            compare_with_merged(paths[0], path.at, 1, types[i].most);
        }
    forget(path.at);
}

static void no_adapter_and_scale_0_are_the_model_itself_to_the_bit(void **state) {
    (void)state;
    float logits[4][N_VOCABULARY];
    struct fixture fixture = open_fixture(narrow, CACHE_F16, 1);
    char *path = adapter_file("llama", RANK, 1);
    struct adapter *adapter = opened(fixture.model, path);
    feed(fixture.session, N_TOKEN, logits[0]);
    adapt(fixture.session, adapter, 0);
    feed(fixture.session, N_TOKEN, logits[1]);
    adapt(fixture.session, adapter, 1);
    feed(fixture.session, N_TOKEN, logits[2]);
    adapt(fixture.session, NULL, 1);
    feed(fixture.session, N_TOKEN, logits[3]);
    assert_memory_equal(logits[0], logits[1], sizeof logits[0]);
    assert_memory_not_equal(logits[0], logits[2], sizeof logits[0]);
    assert_memory_equal(logits[0], logits[3], sizeof logits[0]);
    close_fixture(&fixture);
    adapter_close(adapter);
    forget(path);
}

/* ----------------------------------------------------------------------------- many in a batch */

enum { N_WAY = 5, N_WRITER = 10 };

struct way { /* of using a model */
    const struct adapter *adapter;
    float scale;
};

struct writer {
    struct session *session;
    pthread_barrier_t *start;
    float logits[N_VOCABULARY];
    struct buffer text;
    bool good;
};

static void *write_one(void *data) {
    struct writer *writer = data;
    struct fault fault = {0};
    const float *logits;
    struct generation generation = {.sampling = sampling_default, .max_tokens = 24};
    struct generation_result result;
    generation.sampling.seed = 3;
    if (writer->start)
        pthread_barrier_wait(writer->start);
    writer->good = session_generate(writer->session, tokens, 40, &generation, &writer->text,
                                    &result, &fault) &&
                   session_feed(writer->session, tokens, N_TOKEN, &logits, NULL, NULL, &fault);
    if (writer->good)
        memcpy(writer->logits, logits, sizeof writer->logits);
    return NULL;
}

static void open_ways(const struct model *model, char *const files[2], struct adapter *adapters[2],
                      struct way ways[N_WAY]) {
    for (int i = 0; i < 2; i++)
        adapters[i] = opened(model, files[i]);
    const struct way all[N_WAY] = {
        {NULL, 1}, {adapters[0], 1}, {adapters[1], 1}, {adapters[0], 0.5F}, {adapters[1], -1}};
    memcpy(ways, all, sizeof all);
}

/* Each way alone, on a model of its own. */
static void write_alone(const char *path, char *const files[2], struct writer alone[N_WAY]) {
    for (int i = 0; i < N_WAY; i++) {
        struct fixture fixture = open_fixture(path, CACHE_F16, 1);
        struct adapter *adapters[2];
        struct way ways[N_WAY];
        open_ways(fixture.model, files, adapters, ways);
        adapt(fixture.session, ways[i].adapter, ways[i].scale);
        alone[i] = (struct writer){.session = fixture.session};
        write_one(&alone[i]);
        assert_true(alone[i].good);
        close_fixture(&fixture);
        adapter_close(adapters[0]);
        adapter_close(adapters[1]);
    }
}

static void write_together(const char *path, char *const files[2], int n_thread,
                           const struct writer alone[N_WAY]) {
    struct fixture fixture = open_fixture(path, CACHE_F16, n_thread);
    struct adapter *adapters[2];
    struct way ways[N_WAY];
    pthread_barrier_t start;
    pthread_t threads[N_WRITER];
    static struct writer writers[N_WRITER];
    open_ways(fixture.model, files, adapters, ways);
    pthread_barrier_init(&start, NULL, N_WRITER);
    for (int i = 0; i < N_WRITER; i++) {
        writers[i] = (struct writer){.session = session_of(fixture.model), .start = &start};
        adapt(writers[i].session, ways[i % N_WAY].adapter, ways[i % N_WAY].scale);
        assert_int_equal(pthread_create(&threads[i], NULL, write_one, &writers[i]), 0);
    }
    for (int i = 0; i < N_WRITER; i++) {
        pthread_join(threads[i], NULL);
        assert_true(writers[i].good);
        assert_true(
            view_equal(buffer_view(&writers[i].text), buffer_view(&alone[i % N_WAY].text)));
        assert_memory_equal(writers[i].logits, alone[i % N_WAY].logits, sizeof alone[0].logits);
        buffer_free(&writers[i].text);
        session_close(writers[i].session);
    }
    pthread_barrier_destroy(&start);
    close_fixture(&fixture);
    adapter_close(adapters[0]);
    adapter_close(adapters[1]);
}

static void adapters_together_give_each_what_it_gives_alone_to_the_bit(void **state) {
    (void)state;
    char *const files[2] = {adapter_file("llama", RANK, 1), adapter_file("llama", 20, 2)};
    char *const models[2] = {paths[0], narrow};
    for (int k = 0; k < 2; k++) {
        static struct writer alone[N_WAY];
        write_alone(models[k], files, alone);
        for (int i = 1; i < N_WAY; i++)
            assert_memory_not_equal(alone[0].logits, alone[i].logits, sizeof alone[0].logits);
        for (int n_thread = 1; n_thread <= 3; n_thread++)
            write_together(models[k], files, n_thread, alone);
        for (int i = 0; i < N_WAY; i++)
            buffer_free(&alone[i].text);
    }
    forget(files[0]);
    forget(files[1]);
}

static void choices_are_written_with_the_adapter_of_their_session(void **state) {
    (void)state;
    struct fixture fixture = open_fixture(paths[0], CACHE_F16, 2);
    char *path = adapter_file("llama", RANK, 1);
    struct adapter *adapter = opened(fixture.model, path);
    struct generation generations[3];
    struct buffer plain = {0}, outs[3] = {{0}};
    struct generation_result results[3];
    for (int i = 0; i < 3; i++)
        generations[i] = (struct generation){.sampling = sampling_greedy, .max_tokens = 20};
    assert_true(session_generate(fixture.session, tokens, 40, generations, &plain, results,
                                 &fixture.fault));
    adapt(fixture.session, adapter, 1);
    assert_true(session_generate_many(fixture.session, tokens, 40, generations, 3, outs, results,
                                      &fixture.fault));
    for (int i = 0; i < 3; i++) {
        assert_true(view_equal(buffer_view(&outs[i]), buffer_view(&outs[0])));
        assert_false(view_equal(buffer_view(&outs[i]), buffer_view(&plain)));
    }
    for (int i = 0; i < 3; i++)
        buffer_free(&outs[i]);
    buffer_free(&plain);
    close_fixture(&fixture);
    adapter_close(adapter);
    forget(path);
}

/* ---------------------------------------------------------------------------- what is computed */

static void what_one_adapter_computed_is_never_used_by_another(void **state) {
    (void)state;
    struct fixture fixture = open_fixture(paths[0], CACHE_F16, 2);
    char *files[2] = {adapter_file("llama", RANK, 1), adapter_file("llama", RANK, 2)};
    struct adapter *adapters[2] = {opened(fixture.model, files[0]),
                                   opened(fixture.model, files[1])};
    const struct way ways[] = {{NULL, 1}, {adapters[0], 1}, {adapters[1], 1}, {adapters[0], 2}};
    for (size_t i = 0; i < COUNT_OF(ways); i++) {
        adapt(fixture.session, ways[i].adapter, ways[i].scale);
        assert_int_equal(feed(fixture.session, N_TOKEN, NULL), 0);
    }
    struct session *other = session_of(fixture.model);
    for (size_t i = 0; i < COUNT_OF(ways); i++) { /* and each finds its own again */
        adapt(other, ways[i].adapter, ways[i].scale);
        assert_in_range(feed(other, N_TOKEN, NULL), N_TOKEN - PAGE, N_TOKEN - 1);
    }
    session_close(other);
    adapter_close(adapters[1]);
    adapters[1] = opened(fixture.model, files[1]);
    adapt(fixture.session, adapters[1], 1); /* the same file again is the same adapter */
    assert_in_range(feed(fixture.session, N_TOKEN, NULL), N_TOKEN - PAGE, N_TOKEN - 1);
    close_fixture(&fixture);
    for (int i = 0; i < 2; i++) {
        adapter_close(adapters[i]);
        forget(files[i]);
    }
}

static void a_saved_session_goes_on_with_its_adapter_alone(void **state) {
    (void)state;
    struct fixture fixture = open_fixture(paths[0], CACHE_F16, 1);
    char *files[2] = {adapter_file("llama", RANK, 1), adapter_file("llama", RANK, 2)};
    struct adapter *adapters[2] = {opened(fixture.model, files[0]),
                                   opened(fixture.model, files[1])};
    struct buffer saved = {0};
    float logits[2][N_VOCABULARY];
    buffer_format(&saved, "%s-saved", paths[0]);
    adapt(fixture.session, adapters[0], 1);
    feed(fixture.session, N_TOKEN - 1, NULL);
    assert_true(session_save(fixture.session, saved.at, &fixture.fault));
    feed(fixture.session, N_TOKEN, logits[0]);
    const struct way wrong[] = {{NULL, 1}, {adapters[1], 1}, {adapters[0], 2}};
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        struct fault fault = {0};
        adapt(fixture.session, wrong[i].adapter, wrong[i].scale);
        assert_false(session_restore(fixture.session, saved.at, &fault));
        assert_int_equal(fault.kind, FAULT_INPUT);
        assert_non_null(strstr(fault.message, "adapter"));
    }
    struct fixture later = open_fixture(paths[0], CACHE_F16, 1);
    struct adapter *again = opened(later.model, files[0]);
    adapt(later.session, again, 1);
    assert_true(session_restore(later.session, saved.at, &later.fault));
    assert_int_equal(feed(later.session, N_TOKEN, logits[1]), N_TOKEN - 1);
    assert_memory_equal(logits[0], logits[1], sizeof logits[0]);
    close_fixture(&later);
    adapter_close(again);
    close_fixture(&fixture);
    for (int i = 0; i < 2; i++) {
        adapter_close(adapters[i]);
        forget(files[i]);
    }
    forget(saved.at);
}

static void an_adapter_of_another_model_and_odd_scales_are_refused(void **state) {
    (void)state;
    struct fixture one = open_fixture(paths[0], CACHE_F16, 1),
                   two = open_fixture(paths[0], CACHE_F16, 1);
    char *path = adapter_file("llama", RANK, 1);
    struct adapter *adapter = opened(one.model, path);
    static const float scales[] = {NAN, INFINITY, 1e9F};
    assert_false(session_adapt(two.session, adapter, 1, &two.fault));
    assert_non_null(strstr(two.fault.message, "another model"));
    for (size_t i = 0; i < COUNT_OF(scales); i++) {
        fault_clear(&one.fault);
        assert_false(session_adapt(one.session, adapter, scales[i], &one.fault));
        assert_non_null(strstr(one.fault.message, "no scale"));
    }
    close_fixture(&one);
    close_fixture(&two);
    adapter_close(adapter);
    forget(path);
}

/* -------------------------------------------------------------------------------------- files */

static void expect_refused_bytes(const struct model *model, struct view file, const char *word) {
    struct fault fault = {0};
    assert_null(adapter_open_bytes(model, file, "made.gguf", &fault));
    if (fault.kind != FAULT_INPUT && fault.kind != FAULT_MISSING)
        fail_msg("kind %d: %s", (int)fault.kind, fault.message);
    assert_string_equal(fault.file, "made.gguf");
    if (!strstr(fault.message, word))
        fail_msg("\"%s\" is not in: %s", word, fault.message);
}

struct mistake {
    const char *word; /* of the fault */
    const char *type, *architecture, *kind;
    float alpha;
    const char *name; /* of a pair */
    uint64_t n_in, rank, rank_b, n_out;
    bool lacks_b;
    const char *more;      /* another tensor */
    float value;           /* instead of the first */
    const char *languages; /* of a tutor; "": it tells of none */
};

static const struct mistake mistakes[] = {
    {.word = "general.type", .type = "model"},
    {.word = "general.type: the file does not have it", .type = ""},
    {.word = "general.architecture: it is \"qwen2\"", .architecture = "qwen2"},
    {.word = "adapter.type: it is \"control", .kind = "control\n"},
    {.word = "adapter.lora.alpha", .alpha = NAN},
    {.word = "adapter.lora.alpha", .alpha = -1},
    {.word = "no such matrix", .name = "blk.2.attn_q.weight"},
    {.word = "no such matrix", .name = "blk.01.attn_q.weight"},
    {.word = "no such matrix", .name = "blk.-1.attn_q.weight"},
    {.word = "no such matrix", .name = "blk..attn_q.weight"},
    {.word = "no such matrix", .name = "blk.0.attn_norm.weight"},
    {.word = "no such matrix", .name = "token_embd.weight"},
    {.word = "no such matrix", .name = "blk.0"},
    {.word = "attn_q.weight.lora_a: its shape is 63 × 4", .n_in = 63},
    {.word = "attn_q.weight.lora_b: its shape is 4 × 65, 4 × 64", .n_out = 65},
    {.word = "attn_q.weight.lora_b: its shape is 5 × 64, 4 × 64", .rank_b = 5},
    {.word = "over the limit of 256", .rank = 257, .rank_b = 257},
    {.word = "attn_q.weight.lora_a: its other half, .lora_b", .lacks_b = true},
    {.word = "names end in .lora_a", .more = "blk.0.attn_q.weight"},
    {.word = "names end in .lora_a", .more = "lora_"},
    {.word = "lora_a: value 0 of row 0 is nan", .value = NAN},
    {.word = "lora_a: value 0 of row 0 is inf", .value = INFINITY},
    {.word = "lyceum.tutor.languages: it is over 63 bytes",
     .languages = "en,zh,es,ar,de,fr,it,pt,nl,sv,da,fi,pl,cs,sk,hu,ro,bg,el,tr,ru,uk"},
};

static struct view file_with(const struct mistake *mistake) {
    struct builder builder;
    struct random random;
    char name[80];
    random_seed(&random, 1);
    builder_open(&builder);
    if (!mistake->type || *mistake->type)
        builder_key_text(&builder, "general.type", mistake->type ? mistake->type : "adapter");
    builder_key_text(&builder, "general.architecture",
                     mistake->architecture ? mistake->architecture : "llama");
    builder_key_text(&builder, "adapter.type", mistake->kind ? mistake->kind : "lora");
    if (mistake->languages)
        builder_key_text(&builder, "lyceum.tutor", "1");
    if (mistake->languages && *mistake->languages)
        builder_key_text(&builder, "lyceum.tutor.languages", mistake->languages);
    builder_key_f32(&builder, "adapter.lora.alpha", mistake->alpha != 0 ? mistake->alpha : 8);
    uint64_t rank = mistake->rank ? mistake->rank : RANK;
    snprintf(name, sizeof name, "%s.lora_a",
             mistake->name ? mistake->name : "blk.0.attn_q.weight");
    builder_float_tensor(&builder, name, mistake->n_in ? mistake->n_in : 64, rank, &random, 0, 1);
    if (mistake->value != 0)
        memcpy(builder.data.at, &mistake->value, sizeof mistake->value);
    name[strlen(name) - 1] = 'b';
    if (!mistake->lacks_b)
        builder_float_tensor(&builder, name, mistake->rank_b ? mistake->rank_b : RANK,
                             mistake->n_out ? mistake->n_out : 64, &random, 0, 1);
    if (mistake->more)
        builder_float_tensor(&builder, mistake->more, 64, 64, &random, 0, 1);
    struct view file = builder_join(&builder);
    builder_close(&builder);
    return file;
}

static void every_mistake_in_a_file_is_told_with_its_place(void **state) {
    (void)state;
    struct fixture fixture = open_fixture(paths[0], CACHE_F16, 1);
    struct view right = file_with(&(struct mistake){.word = ""});
    struct adapter *adapter =
        adapter_open_bytes(fixture.model, right, "made.gguf", &fixture.fault);
    assert_non_null(adapter);
    adapter_close(adapter);
    free((void *)(uintptr_t)right.at);
    for (size_t i = 0; i < COUNT_OF(mistakes); i++) {
        struct view file = file_with(&mistakes[i]);
        expect_refused_bytes(fixture.model, file, mistakes[i].word);
        free((void *)(uintptr_t)file.at);
    }
    struct fault fault = {0};
    assert_null(adapter_open(fixture.model, "/nowhere/at-all", &fault));
    assert_int_equal(fault.kind, FAULT_MISSING);
    fault_clear(&fault);
    assert_null(adapter_open(fixture.model, paths[0], &fault)); /* a model is no adapter */
    assert_non_null(strstr(fault.message, "general.type"));
    close_fixture(&fixture);
}

static void a_tutor_is_one_in_its_languages_alone(void **state) {
    (void)state;
    static const struct {
        const char *languages, *asked;
        bool is_tutor;
        double bound;
    } cases[] = {{"", "en", true, NAN},
                 {"", "en-GB", true, NAN},
                 {"", "es", false, NAN},
                 {"en,zh,es", "es", true, NAN},
                 {"en,zh,es", "zh-TW", true, NAN},
                 {"en,zh,es", "ar", false, NAN},
                 {"en,zh,es", "e", false, NAN},
                 {"en,zh,es", NULL, true, NAN},
                 {"zh", "en", false, NAN},
                 {"en:-1.5,zh:-9,es", "en-GB", true, -1.5},
                 {"en:-1.5,zh:-9,es", "zh", true, -9},
                 {"en:-1.5,zh:-9,es", "es", true, NAN},
                 {"en:-1.5,zh:-9,es", "ar", false, NAN},
                 {"en:,zh:9x,es", "en", true, NAN},
                 {"en:,zh:9x,es", "zh", true, NAN},
                 {NULL, "en", false, NAN}};
    struct fixture fixture = open_fixture(paths[0], CACHE_F16, 1);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct view file = file_with(&(struct mistake){.languages = cases[i].languages});
        struct adapter *adapter = adapter_open_bytes(fixture.model, file, "made.gguf", NULL);
        assert_non_null(adapter);
        if (adapter_is_tutor(adapter, cases[i].asked) != cases[i].is_tutor)
            fail_msg("\"%s\" in \"%s\"", cases[i].asked ? cases[i].asked : "any language",
                     cases[i].languages ? cases[i].languages : "no tutor");
        double bound = adapter_tutor_bound(adapter, cases[i].asked);
        if (!(isnan(bound) ? isnan(cases[i].bound) : bound == cases[i].bound))
            fail_msg("\"%s\": %g", cases[i].languages ? cases[i].languages : "no tutor", bound);
        adapter_close(adapter);
        free((void *)(uintptr_t)file.at);
    }
    assert_false(adapter_is_tutor(NULL, "en"));
    assert_true(isnan(adapter_tutor_bound(NULL, "en")));
    close_fixture(&fixture);
}

static void tensors_in_other_formats_and_late_triggers_are_refused(void **state) {
    (void)state;
    struct fixture fixture = open_fixture(paths[0], CACHE_F16, 1);
    for (int which = 0; which < 3; which++) {
        struct builder builder;
        builder_open(&builder);
        if (which == 1) {
            builder_key_text(&builder, "general.type", "adapter");
            builder_key_text(&builder, "general.architecture", "llama");
            builder_key_text(&builder, "adapter.type", "lora");
        } else {
            builder_adapter(&builder, "llama", 32, 1);
        }
        if (which == 0) {
            builder_key_array(&builder, "adapter.alora.invocation_tokens", GGUF_UINT32, 1);
            builder_u32(&builder.keys, 5);
        }
        struct view file = builder_join(&builder);
        /* the format of the first tensor stands before the offset in its description */
        const char name[] = "blk.0.attn_q.weight.lora_a";
        ptrdiff_t at = view_find(file, view_of(name));
        if (which == 2)
            *(char *)(uintptr_t)(file.at + at + (ptrdiff_t)sizeof name - 1 + 4 + 16) = TENSOR_Q4_0;
        expect_refused_bytes(fixture.model, file,
                             which == 0   ? "begin in the middle"
                             : which == 1 ? "no tensors"
                                          : "Q4_0 is none of");
        free((void *)(uintptr_t)file.at);
        builder_close(&builder);
    }
    close_fixture(&fixture);
}

static void a_file_that_ends_early_is_refused(void **state) {
    (void)state;
    struct fixture fixture = open_fixture(paths[0], CACHE_F16, 1);
    char *path = adapter_file("llama", RANK, 1);
    struct buffer file = {0};
    assert_true(file_read(path, 1 << 24, &file, &fixture.fault));
    assert_true(file.n > 3 * 4096);
    for (size_t n = 0; n < file.n; n += n < 4096 ? 61 : 4096 - n % 4096) {
        struct fault fault = {0};
        assert_true(file_write(path, view_slice(buffer_view(&file), 0, n), &fault));
        assert_null(adapter_open(fixture.model, path, &fault));
        assert_int_equal(fault.kind, FAULT_INPUT);
        assert_string_equal(fault.file, path);
    }
    buffer_free(&file);
    close_fixture(&fixture);
    forget(path);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_adapter_gives_what_its_merged_weights_give),
        cmocka_unit_test(each_format_of_a_file_is_used_as_it_is),
        cmocka_unit_test(no_adapter_and_scale_0_are_the_model_itself_to_the_bit),
        cmocka_unit_test(adapters_together_give_each_what_it_gives_alone_to_the_bit),
        cmocka_unit_test(choices_are_written_with_the_adapter_of_their_session),
        cmocka_unit_test(what_one_adapter_computed_is_never_used_by_another),
        cmocka_unit_test(a_saved_session_goes_on_with_its_adapter_alone),
        cmocka_unit_test(an_adapter_of_another_model_and_odd_scales_are_refused),
        cmocka_unit_test(every_mistake_in_a_file_is_told_with_its_place),
        cmocka_unit_test(a_tutor_is_one_in_its_languages_alone),
        cmocka_unit_test(tensors_in_other_formats_and_late_triggers_are_refused),
        cmocka_unit_test(a_file_that_ends_early_is_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
