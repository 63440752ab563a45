/* Writing: guess, pick, decode, hold back, say.
 *
 * Text waits in `pending` while its end may still be the beginning of a stop text or of a
 * character; what can no longer become either is `ready` to be said. */
#include "model/writing.h"
#include "model/guess.h"
#include "model/sampling.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct told {
    struct written_token *at;
    size_t n, capacity;
};

struct writing {
    const struct vocabulary *vocabulary;
    struct generation generation;
    struct generation_result result;
    struct sampler sampler;
    struct guesser guesser;
    struct tokens tokens; /* the prefix, what was written, then the guesses */
    size_t n_prompt;
    int n_guess;
    struct buffer pending;
    bool over;
    double started; /* by the clock */

    struct buffer saying, said; /* of the thread that says */
    bool lost;                  /* some of it, for want of memory */
    struct told telling;

    pthread_mutex_t lock; /* of what follows */
    struct buffer ready;
    struct told told;
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
static ptrdiff_t find_stop(const struct writing *writing, int *which) {
    ptrdiff_t earliest = -1;
    struct view pending = buffer_view(&writing->pending);
    const char *const *stops = writing->generation.stop;
    for (int i = 0; stops && stops[i]; i++) {
        ptrdiff_t at = *stops[i] ? view_find(pending, view_of(stops[i])) : -1;
        if (at >= 0 && (earliest < 0 || at < earliest)) {
            earliest = at;
            *which = i;
        }
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
    const volatile bool *cancel = writing->generation.cancel;
    return cancel && __atomic_load_n(cancel, __ATOMIC_RELAXED);
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

static void tell(struct writing *writing, const struct written_token *token) {
    struct told *told = &writing->told;
    pthread_mutex_lock(&writing->lock);
    if (TRY_ROOM(told->at, told->capacity, told->n + 1))
        told->at[told->n++] = *token;
    pthread_mutex_unlock(&writing->lock);
}

/* Nothing may come next: the constraint knows why, or the numbers are broken. */
static bool tell_why(const struct constraint *constraint, struct fault *fault) {
    if (constraint && constraint->sound && !constraint->sound(constraint->data, fault))
        return false;
    return fault_set(fault, FAULT_INPUT,
                     "No token may come next: the constraint forbids all of them, or the model's "
                     "numbers are broken");
}

static bool pick(struct writing *writing, float *logits, struct written_token *token,
                 struct fault *fault) {
    const struct generation *generation = &writing->generation;
    const struct constraint *constraint = generation->constraint;
    bool masked = constraint && constraint->mask;
    int n = writing->sampler.n_vocabulary;
    struct spread spread = logits_spread(logits, n);
    struct history history = {writing->tokens.at, writing->n_prompt, writing->tokens.n};
    token->n_alternative =
        likeliest_tokens(logits, n, &spread, token->alternatives, generation->n_alternative);
    if (masked)
        constraint->mask(constraint->data, logits, n);
    token->token = sampler_pick(&writing->sampler, logits, masked ? NULL : &spread, &history);
    if (token->token < 0)
        return tell_why(constraint, fault);
    double chance =
        log_probability(&spread, sampler_own_logit(&writing->sampler, logits, token->token));
    token->log_probability = (float)chance;
    writing->result.log_probability += chance;
    if (generation->told)
        tell(writing, token);
    if (constraint && constraint->accept)
        constraint->accept(constraint->data, token->token);
    return true;
}

static int find_stop_token(const struct generation *generation, int32_t token) {
    for (int i = 0; i < generation->n_stop_token; i++)
        if (generation->stop_tokens[i] == token)
            return i;
    return -1;
}

/* The text of a token; false when it ends the generation. */
static bool add_text(struct writing *writing, int32_t token) {
    struct generation_result *result = &writing->result;
    vocabulary_decode(writing->vocabulary, token, SPECIAL_AS_TEXT, &writing->pending);
    ptrdiff_t stop = find_stop(writing, &result->stop);
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

/* Takes one token; false when it was the last. */
static bool take_one(struct writing *writing, float *logits, int32_t *taken, struct fault *fault) {
    struct generation_result *result = &writing->result;
    struct written_token token;
    if (!pick(writing, logits, &token, fault))
        return finish(writing, GENERATION_STOPPED);
    *taken = token.token;
    if (result->n_generated++ == 0)
        result->first_token_seconds = clock_seconds() - writing->started;
    if ((result->stop = find_stop_token(&writing->generation, token.token)) >= 0)
        return finish(writing, GENERATION_STOP_TOKEN);
    if (vocabulary_is_end(writing->vocabulary, token.token))
        return finish(writing, GENERATION_END_TOKEN);
    if (!tokens_append(&writing->tokens, token.token))
        return finish(writing, GENERATION_STOPPED);
    return add_text(writing, token.token);
}

/* Takes a token at each position for as long as the guesses come true. */
static bool take_all(struct writing *writing, float *logits, struct fault *fault, int *n_kept) {
    int32_t guesses[GUESS_MOST];
    int n_guess = writing->n_guess;
    writing->tokens.n -= (size_t)n_guess;
    writing->n_guess = 0;
    if (n_guess)
        memcpy(guesses, writing->tokens.at + writing->tokens.n, (size_t)n_guess * sizeof *guesses);
    for (*n_kept = 0;; ++*n_kept) {
        int32_t token = -1;
        bool goes_on = take_one(writing, logits, &token, fault);
        bool right = *n_kept < n_guess && token == guesses[*n_kept];
        if (!goes_on) {
            *n_kept += right;
            return false;
        }
        if (!right)
            return true;
        logits += writing->sampler.n_vocabulary;
    }
}

static void add_guesses(struct writing *writing) {
    int32_t guesses[GUESS_MOST];
    int left = writing->generation.max_tokens - writing->result.n_generated;
    if (writing->generation.no_guess)
        return;
    int n =
        guess_next(&writing->guesser, writing->tokens.at, writing->tokens.n, left - 1, guesses);
    for (int i = 0; i < n; i++)
        writing->n_guess += tokens_append(&writing->tokens, guesses[i]);
}

bool writing_take(struct writing *writing, float *logits, double seconds, struct fault *fault) {
    struct generation_result *result = &writing->result;
    if (writing->over)
        return false;
    double elapsed = clock_seconds() - writing->started;
    bool first = result->n_generated == 0;
    if (first)
        result->prefill_seconds = elapsed;
    result->generation_seconds = elapsed - result->prefill_seconds;
    if (unwanted(writing))
        return finish(writing, GENERATION_STOPPED);
    if (result->n_generated >= writing->generation.max_tokens)
        return finish(writing, GENERATION_LENGTH);
    int n_guess = writing->n_guess, n_kept;
    struct memory_watch watch;
    memory_watch_begin(&watch);
    bool goes_on = take_all(writing, logits, fault, &n_kept);
    result->n_guess += n_guess;
    result->n_guess_kept += n_kept;
    if (!first)
        guess_learn(&writing->guesser, n_guess, n_kept, seconds);
    if (goes_on)
        add_guesses(writing);
    if (!memory_watch_end(&watch, fault))
        return finish(writing, GENERATION_STOPPED);
    return goes_on;
}

bool writing_say(struct writing *writing) {
    const struct generation *generation = &writing->generation;
    pthread_mutex_lock(&writing->lock);
    struct buffer text = writing->ready;
    writing->ready = writing->saying;
    buffer_clear(&writing->ready);
    struct told told = writing->told;
    writing->told = writing->telling;
    writing->told.n = 0;
    bool wanted = !writing->unwanted;
    pthread_mutex_unlock(&writing->lock);
    writing->saying = text;
    writing->telling = told;
    for (size_t i = 0; wanted && i < told.n; i++)
        generation->told(generation->data, &told.at[i]);
    if (!wanted || text.n == 0)
        return wanted;
    struct memory_watch watch;
    memory_watch_begin(&watch);
    buffer_append(&writing->said, buffer_view(&text));
    writing->lost |= !memory_watch_end(&watch, NULL);
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
    return writing->n_guess;
}

/* -------------------------------------------------------------------------- opening and closing
 */

static bool check_stops(const struct generation *generation, struct fault *fault) {
    int n = 0;
    for (const char *const *stop = generation->stop; stop && *stop; stop++) {
        if (++n > GENERATION_STOPS)
            return fault_set(fault, FAULT_LIMIT, "There may be %d stop texts", GENERATION_STOPS);
        if (strnlen(*stop, GENERATION_STOP_BYTES + 1) > GENERATION_STOP_BYTES)
            return fault_set(fault, FAULT_LIMIT, "A stop text may have %d bytes",
                             GENERATION_STOP_BYTES);
    }
    if (generation->n_stop_token < 0 || generation->n_stop_token > GENERATION_STOPS)
        return fault_set(fault, FAULT_LIMIT, "There may be %d stop tokens", GENERATION_STOPS);
    if (generation->n_alternative < 0 || generation->n_alternative > GENERATION_ALTERNATIVES)
        return fault_set(fault, FAULT_LIMIT, "There may be %d alternatives to a token",
                         GENERATION_ALTERNATIVES);
    return true;
}

struct writing *writing_open(const struct vocabulary *vocabulary, const int32_t *prefix, size_t n,
                             const struct generation *generation, struct fault *fault) {
    struct writing *writing = try_alloc(1, sizeof *writing, fault);
    if (!writing)
        return NULL;
    pthread_mutex_init(&writing->lock, NULL);
    writing->vocabulary = vocabulary;
    writing->generation = *generation;
    writing->result =
        (struct generation_result){.n_prompt = (int)n, .end = GENERATION_STOPPED, .stop = -1};
    writing->n_prompt = n;
    writing->started = clock_seconds();
    guess_open(&writing->guesser);
    if (!check_stops(generation, fault) ||
        !sampler_open(&writing->sampler, &generation->sampling, vocabulary_size(vocabulary),
                      fault) ||
        !(writing->tokens.at = try_alloc(n + 64, sizeof *writing->tokens.at, fault))) {
        writing_close(writing, NULL, NULL, NULL);
        return NULL;
    }
    writing->tokens.capacity = n + 64;
    writing->tokens.n = n;
    if (n)
        memcpy(writing->tokens.at, prefix, n * sizeof *prefix);
    return writing;
}

bool writing_close(struct writing *writing, struct buffer *out, struct generation_result *result,
                   struct fault *fault) {
    if (!writing)
        return true;
    if (writing->unwanted)
        writing->result.end = GENERATION_STOPPED;
    struct memory_watch watch;
    memory_watch_begin(&watch);
    watch.short_of = out && writing->lost;
    if (out)
        buffer_append(out, buffer_view(&writing->said));
    bool good = memory_watch_end(&watch, fault);
    if (result)
        *result = writing->result;
    pthread_mutex_destroy(&writing->lock);
    sampler_close(&writing->sampler);
    tokens_free(&writing->tokens);
    buffer_free(&writing->pending);
    buffer_free(&writing->ready);
    buffer_free(&writing->saying);
    buffer_free(&writing->said);
    free(writing->told.at);
    free(writing->telling.at);
    free(writing);
    return good;
}
