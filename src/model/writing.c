/* Writing: pick, decode, hold back, say.
 *
 * Text waits in `pending` while its end may still be the beginning of a stop text or of a
 * character; what can no longer become either is `ready` to be said. */
#include "model/writing.h"
#include "model/sampling.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct writing {
    const struct vocabulary *vocabulary;
    struct generation generation;
    struct generation_result result;
    struct sampler sampler;
    struct tokens tokens; /* the prefix and what was written */
    struct buffer pending;
    bool over;
    double started;

    struct buffer saying, said; /* of the thread that says */

    pthread_mutex_t lock; /* of what follows */
    struct buffer ready;
    bool unwanted; /* say was false */
};

/* --------------------------------------------------------------------------------------- text */

/* Appends bytes; those that are no UTF-8 become U+FFFD. */
static void append_clean(struct buffer *out, struct view text) {
    for (size_t i = 0; i < text.n;) {
        int32_t code_point;
        size_t size = utf8_decode(text.at + i, text.n - i, &code_point);
        if (code_point < 0)
            buffer_text(out, "\xEF\xBF\xBD");
        else
            buffer_append(out, (struct view){text.at + i, size});
        i += size;
    }
}

/* The first n pending bytes may be said. */
static void make_ready(struct writing *writing, size_t n) {
    if (n == 0)
        return;
    pthread_mutex_lock(&writing->lock);
    append_clean(&writing->ready, (struct view){writing->pending.at, n});
    pthread_mutex_unlock(&writing->lock);
    size_t left = writing->pending.n - n;
    memmove(writing->pending.at, writing->pending.at + n, left);
    writing->pending.n = left;
}

/* Where the earliest stop text begins in the pending text; -1 when there is none. */
static ptrdiff_t find_stop(const struct writing *writing) {
    ptrdiff_t earliest = -1;
    struct view pending = buffer_view(&writing->pending);
    for (const char *const *stop = writing->generation.stop; stop && *stop; stop++) {
        ptrdiff_t at = **stop ? view_find(pending, view_of(*stop)) : -1;
        if (at >= 0 && (earliest < 0 || at < earliest))
            earliest = at;
    }
    return earliest;
}

/* How many pending bytes at the end might be the beginning of a stop text. */
static size_t held_back(const struct writing *writing) {
    size_t held = 0;
    struct view pending = buffer_view(&writing->pending);
    for (const char *const *stop = writing->generation.stop; stop && *stop; stop++) {
        size_t n = strlen(*stop);
        for (size_t k = n < pending.n + 1 ? n : pending.n + 1; k-- > held + 1;)
            if (!memcmp(pending.at + pending.n - k, *stop, k)) {
                held = k;
                break;
            }
    }
    return held;
}

/* --------------------------------------------------------------------------------- the machine */

static bool cancelled(const struct writing *writing) {
    return writing->generation.cancel && *writing->generation.cancel;
}

static bool unwanted(struct writing *writing) {
    pthread_mutex_lock(&writing->lock);
    bool is = writing->unwanted;
    pthread_mutex_unlock(&writing->lock);
    return is || cancelled(writing);
}

/* Returns false, so that one may `return finish(…);`. */
static bool finish(struct writing *writing, enum generation_end end) {
    if (end == GENERATION_END_TOKEN || end == GENERATION_LENGTH)
        make_ready(writing, utf8_whole(buffer_view(&writing->pending)));
    writing->result.end = end;
    writing->over = true;
    return false;
}

static bool pick(struct writing *writing, float *logits, int32_t *token, struct fault *fault) {
    const struct constraint *constraint = writing->generation.constraint;
    int n = writing->sampler.n_vocabulary;
    double weight = log_weight(logits, n);
    float *untouched = writing->sampler.untouched;
    memcpy(untouched, logits, (size_t)n * sizeof *logits);
    if (constraint && constraint->mask)
        constraint->mask(constraint->data, logits, n);
    *token = sampler_pick(&writing->sampler, logits);
    if (*token < 0)
        return fault_set(fault, FAULT_INPUT,
                         "No token may come next: the constraint forbids all "
                         "of them, or the model's numbers are broken");
    writing->result.log_probability += (double)untouched[*token] - weight;
    sampler_accept(&writing->sampler, *token);
    if (constraint && constraint->accept)
        constraint->accept(constraint->data, *token);
    return true;
}

/* Takes one token; false when it was the last. */
static bool take_one(struct writing *writing, float *logits, struct fault *fault) {
    struct generation_result *result = &writing->result;
    int32_t token;
    if (!pick(writing, logits, &token, fault))
        return finish(writing, GENERATION_STOPPED);
    if (result->n_generated++ == 0)
        result->first_token_seconds = clock_seconds() - writing->started;
    if (vocabulary_is_end(writing->vocabulary, token))
        return finish(writing, GENERATION_END_TOKEN);
    vocabulary_decode(writing->vocabulary, token, SPECIAL_AS_TEXT, &writing->pending);
    tokens_append(&writing->tokens, token);
    ptrdiff_t stop = find_stop(writing);
    if (stop >= 0) {
        make_ready(writing, (size_t)stop);
        return finish(writing, GENERATION_STOP_TEXT);
    }
    struct view free_of_stops = {writing->pending.at, writing->pending.n - held_back(writing)};
    make_ready(writing, utf8_whole(free_of_stops));
    if (result->n_generated >= writing->generation.max_tokens)
        return finish(writing, GENERATION_LENGTH);
    return true;
}

bool writing_take(struct writing *writing, float *logits, struct fault *fault) {
    struct generation_result *result = &writing->result;
    if (writing->over)
        return false;
    double seconds = clock_seconds() - writing->started;
    if (result->n_generated == 0)
        result->prefill_seconds = seconds;
    result->generation_seconds = seconds - result->prefill_seconds;
    if (unwanted(writing))
        return finish(writing, GENERATION_STOPPED);
    if (result->n_generated >= writing->generation.max_tokens)
        return finish(writing, GENERATION_LENGTH);
    return take_one(writing, logits, fault);
}

bool writing_say(struct writing *writing) {
    pthread_mutex_lock(&writing->lock);
    struct buffer text = writing->ready;
    writing->ready = writing->saying;
    buffer_clear(&writing->ready);
    bool wanted = !writing->unwanted;
    pthread_mutex_unlock(&writing->lock);
    writing->saying = text;
    if (!wanted || text.n == 0)
        return wanted;
    buffer_append(&writing->said, buffer_view(&text));
    const struct generation *generation = &writing->generation;
    if (!generation->say || generation->say(generation->data, buffer_view(&text)))
        return true;
    pthread_mutex_lock(&writing->lock);
    writing->unwanted = true;
    pthread_mutex_unlock(&writing->lock);
    return false;
}

const struct tokens *writing_tokens(const struct writing *writing) {
    return &writing->tokens;
}

int writing_guesses(const struct writing *writing) {
    (void)writing;
    return 0;
}

/* -------------------------------------------------------------------------- opening and closing
 */

struct writing *writing_open(const struct vocabulary *vocabulary, const int32_t *prefix, size_t n,
                             const struct generation *generation, struct fault *fault) {
    struct writing *writing = try_alloc(1, sizeof *writing, fault);
    if (!writing)
        return NULL;
    pthread_mutex_init(&writing->lock, NULL);
    writing->vocabulary = vocabulary;
    writing->generation = *generation;
    writing->result.n_prompt = (int)n;
    writing->result.end = GENERATION_STOPPED;
    writing->started = clock_seconds();
    writing->tokens.at = try_alloc(n + 64, sizeof *writing->tokens.at, fault);
    if (!writing->tokens.at || !sampler_open(&writing->sampler, &generation->sampling,
                                             vocabulary_size(vocabulary), fault)) {
        writing_close(writing, NULL, NULL);
        return NULL;
    }
    writing->tokens.capacity = n + 64;
    writing->tokens.n = n;
    if (n)
        memcpy(writing->tokens.at, prefix, n * sizeof *prefix);
    for (size_t i = n > SAMPLING_RECENT ? n - SAMPLING_RECENT : 0; i < n; i++)
        sampler_accept(&writing->sampler, prefix[i]);
    return writing;
}

void writing_close(struct writing *writing, struct buffer *out, struct generation_result *result) {
    if (!writing)
        return;
    if (writing->unwanted)
        writing->result.end = GENERATION_STOPPED;
    if (out)
        buffer_append(out, buffer_view(&writing->said));
    if (result)
        *result = writing->result;
    pthread_mutex_destroy(&writing->lock);
    sampler_close(&writing->sampler);
    tokens_free(&writing->tokens);
    buffer_free(&writing->pending);
    buffer_free(&writing->ready);
    buffer_free(&writing->saying);
    buffer_free(&writing->said);
    free(writing);
}
