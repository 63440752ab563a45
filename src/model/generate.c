/* Generation: feed, pick, decode, say.
 *
 * Text waits in `pending` while its end may still be the beginning of a stop text or of a
 * character; what can no longer become either is said. */
#include "model/model.h"
#include "model/sampling.h"

#include <stdlib.h>
#include <string.h>

struct speech {
    const struct generation *generation;
    struct buffer *out;
    struct buffer pending, clean;
};

/* Says the first n pending bytes. Bytes that are no UTF-8 become U+FFFD. False: stop. */
static bool say(struct speech *speech, size_t n) {
    if (n == 0)
        return true;
    buffer_clear(&speech->clean);
    for (size_t i = 0; i < n;) {
        int32_t code_point;
        size_t size = utf8_decode(speech->pending.at + i, n - i, &code_point);
        if (code_point < 0)
            buffer_text(&speech->clean, "\xEF\xBF\xBD");
        else
            buffer_append(&speech->clean, (struct view){speech->pending.at + i, size});
        i += size;
    }
    struct view left = view_slice(buffer_view(&speech->pending), n, speech->pending.n);
    if (left.n)
        memmove(speech->pending.at, left.at, left.n);
    speech->pending.n = left.n;
    if (speech->out)
        buffer_append(speech->out, buffer_view(&speech->clean));
    const struct generation *generation = speech->generation;
    return !generation->say || generation->say(generation->data, buffer_view(&speech->clean));
}

/* Where the earliest stop text begins in the pending text; -1 when there is none. */
static ptrdiff_t find_stop(const struct speech *speech) {
    ptrdiff_t earliest = -1;
    struct view pending = buffer_view(&speech->pending);
    for (const char *const *stop = speech->generation->stop; stop && *stop; stop++) {
        ptrdiff_t at = **stop ? view_find(pending, view_of(*stop)) : -1;
        if (at >= 0 && (earliest < 0 || at < earliest))
            earliest = at;
    }
    return earliest;
}

/* How many pending bytes at the end might be the beginning of a stop text. */
static size_t held_back(const struct speech *speech) {
    size_t held = 0;
    struct view pending = buffer_view(&speech->pending);
    for (const char *const *stop = speech->generation->stop; stop && *stop; stop++) {
        size_t n = strlen(*stop);
        for (size_t k = n < pending.n + 1 ? n : pending.n + 1; k-- > held + 1;)
            if (!memcmp(pending.at + pending.n - k, *stop, k)) {
                held = k;
                break;
            }
    }
    return held;
}

/* Says what may be said. False with *end set when the generation is over. */
static bool say_ready(struct speech *speech, enum generation_end *end) {
    ptrdiff_t stop = find_stop(speech);
    if (stop >= 0) {
        *end = say(speech, (size_t)stop) ? GENERATION_STOP_TEXT : GENERATION_STOPPED;
        return false;
    }
    struct view pending = buffer_view(&speech->pending);
    size_t n = utf8_whole(view_slice(pending, 0, pending.n - held_back(speech)));
    if (say(speech, n))
        return true;
    *end = GENERATION_STOPPED;
    return false;
}

struct run {
    struct session *session;
    const struct vocabulary *vocabulary;
    const struct generation *generation;
    struct generation_result *result;
    struct sampler sampler;
    struct speech speech;
    struct tokens tokens; /* the prefix and what was generated */
    float *logits;        /* a copy that masks and penalties may change */
    int n_vocabulary;
};

static bool pick(struct run *run, const float *logits, int32_t *token, struct fault *fault) {
    const struct constraint *constraint = run->generation->constraint;
    memcpy(run->logits, logits, (size_t)run->n_vocabulary * sizeof *logits);
    if (constraint && constraint->mask)
        constraint->mask(constraint->data, run->logits, run->n_vocabulary);
    *token = sampler_pick(&run->sampler, run->logits);
    if (*token < 0)
        return fault_set(fault, FAULT_INPUT,
                         "No token may come next: the constraint forbids all "
                         "of them, or the model's numbers are broken");
    run->result->log_probability += log_probability(logits, run->n_vocabulary, *token);
    sampler_accept(&run->sampler, *token);
    if (constraint && constraint->accept)
        constraint->accept(constraint->data, *token);
    return true;
}

static bool cancelled(const struct generation *generation) {
    return generation->cancel && *generation->cancel;
}

/* Generates until an end is reached, which is set in the result. */
static bool go_on(struct run *run, struct fault *fault) {
    struct generation_result *result = run->result;
    enum generation_end *end = &result->end;
    *end = GENERATION_LENGTH;
    double start = clock_seconds();
    for (;;) {
        const float *logits;
        size_t n_reused;
        if (cancelled(run->generation)) {
            *end = GENERATION_STOPPED;
            return true;
        }
        if (!session_feed(run->session, run->tokens.at, run->tokens.n, &logits, &n_reused,
                          run->generation->cancel, fault)) {
            *end = GENERATION_STOPPED;
            if (!cancelled(run->generation))
                return false;
            fault_clear(fault);
            return true;
        }
        double now = clock_seconds();
        if (result->n_generated == 0) {
            result->n_reused = (int)n_reused;
            result->prefill_seconds = now - start;
        }
        result->generation_seconds = now - start - result->prefill_seconds;
        if (result->n_generated >= run->generation->max_tokens)
            return true;
        int32_t token;
        if (!pick(run, logits, &token, fault))
            return false;
        if (result->n_generated++ == 0)
            result->first_token_seconds = clock_seconds() - start;
        if (vocabulary_is_end(run->vocabulary, token)) {
            *end = GENERATION_END_TOKEN;
            return true;
        }
        vocabulary_decode(run->vocabulary, token, SPECIAL_AS_TEXT, &run->speech.pending);
        tokens_append(&run->tokens, token);
        if (!say_ready(&run->speech, end))
            return true;
        if (result->n_generated >= run->generation->max_tokens ||
            run->tokens.n > (size_t)session_context(run->session))
            return true;
    }
}

/* What was held back is no stop text after all; an unfinished character is dropped. */
static void say_rest(struct run *run) {
    enum generation_end end = run->result->end;
    if (end != GENERATION_END_TOKEN && end != GENERATION_LENGTH)
        return;
    if (!say(&run->speech, utf8_whole(buffer_view(&run->speech.pending))))
        run->result->end = GENERATION_STOPPED;
}

bool session_generate(struct session *session, const int32_t *prefix, size_t n,
                      const struct generation *generation, struct buffer *out,
                      struct generation_result *result, struct fault *fault) {
    struct generation_result ignored;
    struct fault own = {0};
    struct run run = {.session = session, .generation = generation};
    run.result = result ? result : &ignored;
    *run.result = (struct generation_result){.n_prompt = (int)n};
    fault = fault ? fault : &own;
    run.vocabulary = model_vocabulary(session_model(session));
    run.n_vocabulary = model_shape(session_model(session))->n_vocabulary;
    run.logits = must_alloc((size_t)run.n_vocabulary, sizeof *run.logits);
    run.speech = (struct speech){.generation = generation, .out = out};
    sampler_open(&run.sampler, &generation->sampling, run.n_vocabulary);
    for (size_t i = 0; i < n; i++) {
        tokens_append(&run.tokens, prefix[i]);
        if (i + SAMPLING_RECENT >= n)
            sampler_accept(&run.sampler, prefix[i]);
    }
    bool good = go_on(&run, fault);
    if (good)
        say_rest(&run);
    sampler_close(&run.sampler);
    tokens_free(&run.tokens);
    buffer_free(&run.speech.pending);
    buffer_free(&run.speech.clean);
    free(run.logits);
    return good;
}
