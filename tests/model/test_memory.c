/* Promises of loading when memory runs out: whichever allocation fails, there is a fault, nothing
 * is held on to, and the next try succeeds. The linker sends every allocation of this program to
 * the functions below (--wrap), which fail the one that is asked for. */
#include "builder.h"

#include "model/model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static atomic_long n_asked, first_failing, last_failing; /* counted from 1; 0: none fails */

static bool fails(void) {
    long n = atomic_fetch_add(&n_asked, 1) + 1;
    bool failing = n >= atomic_load(&first_failing) && n <= atomic_load(&last_failing);
    if (failing)
        errno = ENOMEM;
    return failing;
}

/* The kind, the name, the parameters, the arguments and what says that it failed. */
#define ALLOCATIONS(X)                                                                            \
    X(void *, malloc, (size_t n), (n), NULL)                                                      \
    X(void *, calloc, (size_t n, size_t size), (n, size), NULL)                                   \
    X(void *, realloc, (void *old, size_t n), (old, n), NULL)                                     \
    X(void *, aligned_alloc, (size_t to, size_t n), (to, n), NULL)                                \
    X(int, posix_memalign, (void **out, size_t to, size_t n), (out, to, n), ENOMEM)               \
    X(char *, strdup, (const char *text), (text), NULL)                                           \
    X(void *, mmap, (void *at, size_t n, int protection, int flags, int file, off_t from),        \
      (at, n, protection, flags, file, from), MAP_FAILED)

#define WRAP(type, name, parameters, arguments, failed)                                           \
    type __real_##name parameters;                                                                \
    type __wrap_##name parameters;                                                                \
    type __wrap_##name parameters {                                                               \
        return fails() ? failed : __real_##name arguments;                                        \
    }
ALLOCATIONS(WRAP)

static void *json_malloc(size_t n) {
    return __wrap_malloc(n);
}

/* Opens a model and a session and feeds it twice; true when all of it succeeded. */
static bool use(const char *path, struct pool *pool, struct fault *fault) {
    static const int32_t tokens[40] = {1, 2, 3, 5, 8, 13, 21, 34, 55, 89};
    const float *logits;
    struct model *model = model_open(path, pool, fault);
    struct session *session = model ? session_open(model, 64, fault) : NULL;
    bool good = session && session_feed(session, tokens, 10, &logits, NULL, NULL, fault) &&
                session_feed(session, tokens, 40, &logits, NULL, NULL, fault);
    session_close(session);
    model_close(model);
    return good;
}

/* Runs `use` with failures from `first` to `last`: nothing or a fault about memory. */
static bool use_failing(const char *path, struct pool *pool, long first, long last) {
    struct fault fault = {0};
    atomic_store(&n_asked, 0);
    atomic_store(&first_failing, first);
    atomic_store(&last_failing, last);
    bool good = use(path, pool, &fault);
    atomic_store(&last_failing, 0);
    if (!good && fault.kind != FAULT_MACHINE)
        fail_msg("allocation %ld failed and the fault was: %s", first, fault.message);
    if (good)
        assert_int_equal(fault.kind, FAULT_NONE);
    return good;
}

static char *a_model_of(const char *architecture, bool biases) {
    struct builder builder;
    struct builder_shape shape = {
        .architecture = architecture, .biases = biases, .rope_factors = !biases};
    char name[40];
    builder_open(&builder);
    builder_network(&builder, &shape, 1);
    builder_key_text(&builder, "tokenizer.chat_template", "{{ messages[0].content }}");
    snprintf(name, sizeof name, "memory-%s.gguf", architecture);
    char *path = builder_save(&builder, name);
    builder_close(&builder);
    return path;
}

static void every_allocation_that_fails_alone_is_a_fault_or_done_without(void **state) {
    (void)state;
    static const char *const architectures[] = {"llama", "qwen2"};
    struct pool *pool = pool_new(2);
    for (size_t i = 0; i < COUNT_OF(architectures); i++) {
        char *path = a_model_of(architectures[i], i == 1);
        assert_true(use_failing(path, pool, 0, 0));
        long n = atomic_load(&n_asked), n_fault = 0;
        assert_in_range(n, 10, 100000);
        for (long k = 1; k <= n; k++)
            n_fault += !use_failing(path, pool, k, k);
        assert_in_range(n_fault, n / 2, n);         /* most cannot be done without */
        assert_true(use_failing(path, pool, 0, 0)); /* and nothing remains of it */
        unlink(path);
        free(path);
    }
    pool_free(pool);
}

static void memory_that_is_gone_for_good_is_a_fault(void **state) {
    (void)state;
    struct pool *pool = pool_new(2);
    char *path = a_model_of("llama", false);
    assert_true(use_failing(path, pool, 0, 0));
    long n = atomic_load(&n_asked);
    for (long k = 1; k <= n; k++)
        assert_false(use_failing(path, pool, k, 1L << 60));
    assert_true(use_failing(path, pool, 0, 0));
    unlink(path);
    free(path);
    pool_free(pool);
}

static void a_chat_template_is_compiled_or_refused_with_a_fault(void **state) {
    (void)state;
    struct view source =
        VIEW("{%- set n = namespace(seen=false) -%}{% for m in messages if m.role != 'system' %}"
             "{{ '<|' 'im_start|>' + m['role'] | trim }}\n{% if loop.last and not n.seen %}"
             "{{ m.content[1:] if m.content is string else [1, 2.5, {'a': none}] | tojson }}"
             "{% endif %}{% endfor %}{% macro f(a, b=1) %}{{ a ~ b }}{% endmacro %}{{ f(1) }}\n");
    for (int for_good = 0; for_good < 2; for_good++)
        for (long k = 0, n = 1; k <= n; k++) { /* the first time none fails */
            struct fault fault = {0};
            atomic_store(&n_asked, 0);
            atomic_store(&first_failing, k);
            atomic_store(&last_failing, k == 0 ? 0 : for_good ? 1L << 60 : k);
            struct chat_template *made = chat_template_compile(source, &fault);
            atomic_store(&last_failing, 0);
            if (k == 0) {
                assert_non_null(made);
                n = atomic_load(&n_asked);
                assert_in_range(n, 20, 10000);
            } else if (!made) {
                assert_int_equal(fault.kind, FAULT_MACHINE);
            }
            assert_true(!made || fault.kind == FAULT_NONE);
            chat_template_free(made);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_allocation_that_fails_alone_is_a_fault_or_done_without),
        cmocka_unit_test(memory_that_is_gone_for_good_is_a_fault),
        cmocka_unit_test(a_chat_template_is_compiled_or_refused_with_a_fault),
    };
    json_set_alloc_funcs(json_malloc, free);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
