/* Many sessions at once: a thread each, as the callers of a school are. */
#include "main/bench_together.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

enum { ENDING = 16 };

static int compare_doubles(const void *a, const void *b) {
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

double bench_median(double *values, int n) {
    qsort(values, (size_t)n, sizeof *values, compare_doubles);
    return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

/* No text ends before its time. */
static void forbid_end(void *data, float *logits, int n_vocabulary) {
    const struct tokens *ends = data;
    (void)n_vocabulary;
    for (size_t i = 0; i < ends->n; i++)
        logits[ends->at[i]] = -INFINITY;
}

static struct tokens end_tokens(const struct model *model) {
    const struct vocabulary *vocabulary = model_vocabulary(model);
    struct tokens ends = {0};
    for (int32_t i = 0; i < vocabulary_size(vocabulary); i++)
        if (vocabulary_is_end(vocabulary, i))
            tokens_append(&ends, i);
    return ends;
}

static int32_t *random_tokens(const struct model *model, int n, uint64_t seed) {
    int32_t *tokens = must_alloc((size_t)n, sizeof *tokens);
    struct random random;
    random_seed(&random, seed);
    for (int i = 0; i < n; i++)
        tokens[i] = (int32_t)random_between(&random, 0, model_shape(model)->n_vocabulary - 1);
    return tokens;
}

struct writer {
    struct session *session;
    int32_t *tokens;
    int n, n_generate;
    struct tokens *ends;
    pthread_barrier_t *start;
    double ended;
    bool good;
    struct fault fault;
};

static bool generate(struct writer *writer, struct generation_result *result) {
    struct constraint constraint = {.data = writer->ends, .mask = forbid_end};
    struct generation generation = {
        .sampling = sampling_greedy,
        .max_tokens = writer->n_generate,
        .constraint = &constraint,
        .no_guess = true}; /* every token is computed on its own, as by those compared with */
    return session_generate(writer->session, writer->tokens, (size_t)writer->n, &generation, NULL,
                            result, &writer->fault);
}

static void *write_one(void *data) {
    struct writer *writer = data;
    struct generation_result result;
    pthread_barrier_wait(writer->start);
    writer->good = generate(writer, &result);
    writer->ended = clock_seconds();
    return NULL;
}

/* Reads all prompts, then lets all write. */
static bool run_once(struct writer *writers, int n, double *seconds, struct fault *fault) {
    pthread_barrier_t start;
    pthread_barrier_init(&start, NULL, (unsigned)n + 1);
    pthread_t *threads = must_alloc((size_t)n, sizeof *threads);
    const float *logits;
    bool good = true;
    for (int i = 0; i < n && good; i++)
        good = session_feed(writers[i].session, writers[i].tokens, (size_t)writers[i].n, &logits,
                            NULL, NULL, fault);
    int n_thread = 0;
    for (; n_thread < n && good; n_thread++) {
        writers[n_thread].start = &start;
        MUST(pthread_create(&threads[n_thread], NULL, write_one, &writers[n_thread]) == 0);
    }
    if (good)
        pthread_barrier_wait(&start);
    double begun = clock_seconds();
    *seconds = 0;
    for (int i = 0; i < n_thread; i++) {
        pthread_join(threads[i], NULL);
        double took = writers[i].ended - begun;
        *seconds = took > *seconds ? took : *seconds;
        if (!writers[i].good && good) {
            good = false;
            *fault = writers[i].fault;
        }
    }
    free(threads);
    pthread_barrier_destroy(&start);
    return good;
}

struct session *bench_session(const struct bench_subject *subject, int n_context,
                              struct fault *fault) {
    struct session *session = session_open(subject->model, n_context, fault);
    if (!session || session_adapt(session, subject->adapter, subject->adapter_scale, fault))
        return session;
    session_close(session);
    return NULL;
}

bool bench_together(const struct bench_subject *subject, const struct together *together,
                    double *tokens_per_second, struct fault *fault) {
    int n = together->n_prefix + ENDING;
    struct writer *writers = must_alloc((size_t)together->n_session, sizeof *writers);
    double *speeds = must_alloc((size_t)together->n_repeat + 1, sizeof *speeds);
    struct tokens ends = end_tokens(subject->model);
    bool good = true;
    for (int i = 0; i < together->n_session && good; i++) {
        int32_t *tokens = random_tokens(subject->model, n, 1);
        int32_t *ending = random_tokens(subject->model, ENDING, 100 + (uint64_t)i);
        for (int k = 0; k < ENDING; k++)
            tokens[together->n_prefix + k] = ending[k];
        free(ending);
        writers[i] =
            (struct writer){.session = bench_session(subject, n + together->n_generate, fault),
                            .tokens = tokens,
                            .n = n,
                            .n_generate = together->n_generate,
                            .ends = &ends};
        good = writers[i].session != NULL;
    }
    for (int i = 0; i <= together->n_repeat && good; i++) { /* the first only warms up */
        double seconds;
        good = run_once(writers, together->n_session, &seconds, fault);
        speeds[i ? i - 1 : together->n_repeat] =
            together->n_session * together->n_generate / seconds;
    }
    if (good)
        *tokens_per_second = bench_median(speeds, together->n_repeat);
    for (int i = 0; i < together->n_session; i++) {
        session_close(writers[i].session);
        free(writers[i].tokens);
    }
    tokens_free(&ends);
    free(speeds);
    free(writers);
    return good;
}

bool bench_first_token(const struct bench_subject *subject, int n_prefix, int n_new, int n_repeat,
                       double *seconds, struct fault *fault) {
    int n = n_prefix + n_new;
    struct tokens ends = end_tokens(subject->model);
    struct writer writer = {.tokens = random_tokens(subject->model, n, 1),
                            .n = n,
                            .n_generate = 1,
                            .ends = &ends,
                            .session = bench_session(subject, n + 1, fault)};
    double *all = must_alloc((size_t)n_repeat, sizeof *all);
    const float *logits;
    bool good = writer.session && session_feed(writer.session, writer.tokens, (size_t)n_prefix,
                                               &logits, NULL, NULL, fault);
    for (int i = 0; i < n_repeat && good; i++) {
        struct generation_result result;
        int32_t *fresh = random_tokens(subject->model, n_new, 1000 + (uint64_t)i);
        for (int k = 0; k < n_new; k++)
            writer.tokens[n_prefix + k] = fresh[k];
        free(fresh);
        double start = clock_seconds();
        good = generate(&writer, &result);
        all[i] = clock_seconds() - start;
    }
    if (good)
        *seconds = bench_median(all, n_repeat);
    else if (fault->kind == FAULT_NONE)
        *fault = writer.fault;
    session_close(writer.session);
    free(writer.tokens);
    free(all);
    tokens_free(&ends);
    return good;
}

/* ------------------------------------------------------------------------------------- a stream
 */

struct stream {
    struct writer writer;
    volatile bool cancel;
    int n_picked; /* atomic */
    double last, longest;
};

static void note_time(void *data, float *logits, int n_vocabulary) {
    struct stream *stream = data;
    double now = clock_seconds(), gap = now - stream->last;
    forbid_end(stream->writer.ends, logits, n_vocabulary);
    if (stream->n_picked > 1 && gap > stream->longest) /* after the first, which is a prompt's */
        stream->longest = gap;
    stream->last = now;
    __atomic_add_fetch(&stream->n_picked, 1, __ATOMIC_RELEASE);
}

static void *write_stream(void *data) {
    struct stream *stream = data;
    struct writer *writer = &stream->writer;
    struct constraint constraint = {.data = stream, .mask = note_time};
    struct generation generation = {.sampling = sampling_greedy,
                                    .max_tokens = writer->n_generate,
                                    .constraint = &constraint,
                                    .cancel = &stream->cancel};
    writer->good = session_generate(writer->session, writer->tokens, (size_t)writer->n,
                                    &generation, NULL, NULL, &writer->fault);
    return NULL;
}

bool bench_halt(const struct bench_subject *subject, int n_prompt, double *seconds,
                struct fault *fault) {
    enum { PICKED_BEFORE = 4 };
    struct tokens ends = end_tokens(subject->model);
    struct stream stream = {
        .writer = {.tokens = random_tokens(subject->model, ENDING, 7),
                   .n = ENDING,
                   .n_generate = n_prompt,
                   .ends = &ends,
                   .session = bench_session(subject, ENDING + n_prompt, fault)}};
    struct session *reader =
        stream.writer.session ? bench_session(subject, n_prompt, fault) : NULL;
    int32_t *prompt = random_tokens(subject->model, n_prompt, 8);
    const float *logits;
    bool good = reader != NULL;
    pthread_t thread;
    if (good) {
        MUST(pthread_create(&thread, NULL, write_stream, &stream) == 0);
        while (__atomic_load_n(&stream.n_picked, __ATOMIC_ACQUIRE) < PICKED_BEFORE)
            usleep(1000);
        good = session_feed(reader, prompt, (size_t)n_prompt, &logits, NULL, NULL, fault);
        __atomic_store_n(&stream.cancel, true, __ATOMIC_RELAXED);
        pthread_join(thread, NULL);
    }
    *seconds = stream.longest;
    session_close(reader);
    session_close(stream.writer.session);
    free(stream.writer.tokens);
    free(prompt);
    tokens_free(&ends);
    return good;
}
