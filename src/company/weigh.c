#include "company/weigh.h"

#include <stdlib.h>

enum { CHOICE_TOKENS = 8 };

static bool in_time(const struct weighing *w) {
    return clock_seconds() <= w->deadline ||
           fault_set(w->fault, FAULT_LIMIT, "the choice was given up: it took too long");
}

static const struct vocabulary *vocabulary_of(const struct weighing *w) {
    return model_vocabulary(session_model(w->session));
}

static void append(struct tokens *to, const int32_t *tokens, size_t n) {
    for (size_t i = 0; i < n; i++)
        tokens_append(to, tokens[i]);
}

/* ------------------------------------------------------------------------------------- of many */

struct choice { /* a text as tokens, and how far it has come */
    struct tokens tokens;
    double *at;
};

struct choices {
    struct weighing *w;
    struct tokens prefix;
    struct choice *at; /* those that begin alike side by side */
};

/* The texts [from, to) share `depth` tokens, which end the prefix: adds what each goes on with. */
static bool go_down(struct choices *choices, size_t from, size_t to, size_t depth) {
    struct weighing *w = choices->w;
    int32_t n_vocabulary = vocabulary_size(vocabulary_of(w));
    const float *logits;
    size_t going_on = from; /* a text that ends here stands before longer ones */
    while (going_on < to && choices->at[going_on].tokens.n <= depth)
        going_on++;
    if (depth == CHOICE_TOKENS || going_on == to)
        return true;
    struct tokens *prefix = &choices->prefix;
    if (!in_time(w) ||
        !session_feed(w->session, prefix->at, prefix->n, &logits, NULL, w->cancel, w->fault))
        return false;
    w->n_step++;
    for (size_t i = going_on; i < to; i++) {
        struct choice *choice = &choices->at[i];
        *choice->at += logits_log_probability(logits, n_vocabulary, choice->tokens.at[depth]);
    }
    bool good = true;
    for (size_t i = going_on, end; i < to && good; i = end) {
        int32_t token = choices->at[i].tokens.at[depth];
        for (end = i + 1; end < to && choices->at[end].tokens.at[depth] == token;)
            end++;
        tokens_append(prefix, token);
        good = go_down(choices, i, end, depth + 1);
        prefix->n--;
    }
    return good;
}

static int by_tokens(const void *a, const void *b) {
    const struct tokens *x = &((const struct choice *)a)->tokens,
                        *y = &((const struct choice *)b)->tokens;
    for (size_t i = 0; i < x->n && i < y->n; i++)
        if (x->at[i] != y->at[i])
            return x->at[i] < y->at[i] ? -1 : 1;
    return x->n < y->n ? -1 : x->n > y->n;
}

bool weigh_texts(struct weighing *w, const struct tokens *prompt, const struct view *texts,
                 size_t n, double *at) {
    struct choices choices = {.w = w, .at = must_alloc(n + 1, sizeof *choices.at)};
    bool good = true;
    append(&choices.prefix, prompt->at, prompt->n);
    for (size_t i = 0; i < n && good; i++) {
        choices.at[i].at = &at[i];
        at[i] = 0;
        good = vocabulary_encode(vocabulary_of(w), texts[i], SPECIAL_AS_TEXT,
                                 &choices.at[i].tokens, w->fault);
    }
    qsort(choices.at, n, sizeof *choices.at, by_tokens);
    good = good && go_down(&choices, 0, n, 0);
    for (size_t i = 0; i < n; i++)
        tokens_free(&choices.at[i].tokens);
    free(choices.at);
    tokens_free(&choices.prefix);
    return good;
}

/* -------------------------------------------------------------------------------------- of one
 */

bool weigh_text(struct weighing *w, const struct tokens *prompt, struct view text, size_t n_token,
                double *at) {
    size_t n_vocabulary = (size_t)vocabulary_size(vocabulary_of(w));
    struct tokens tokens = {0}, all = {0};
    bool good = in_time(w) &&
                vocabulary_encode(vocabulary_of(w), text, SPECIAL_AS_TEXT, &tokens, w->fault);
    size_t n = tokens.n < n_token ? tokens.n : n_token;
    float *logits = good ? try_alloc(n * n_vocabulary + 1, sizeof *logits, w->fault) : NULL;
    *at = 0;
    if (logits && n) {
        append(&all, prompt->at, prompt->n);
        append(&all, tokens.at, n - 1);
        good = session_tail(w->session, all.at, all.n, n, logits, w->cancel, w->fault);
        w->n_step++;
    }
    for (size_t i = 0; i < n && logits && good; i++)
        *at +=
            logits_log_probability(logits + i * n_vocabulary, (int64_t)n_vocabulary, tokens.at[i]);
    free(logits);
    tokens_free(&tokens);
    tokens_free(&all);
    return good && logits;
}
