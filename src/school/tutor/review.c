/* The review: what a member of the company wrote, sentence by sentence, before anyone reads it. */
#include "school/course/inside.h"
#include "school/tutor/leak.h"
#include "school/tutor/review_inside.h"

#include <stdio.h>
#include <string.h>

/* In the order of enum strike, which is the order in which they are tried. */
static const struct {
    const char *name;
    review_check *check;
} checks[STRIKE_COUNT] = {
    [STRIKE_NONE] = {"none", NULL},
    [STRIKE_EMPTY] = {"empty", check_empty},
    [STRIKE_DEGENERATE] = {"degenerate", check_degenerate},
    [STRIKE_INCOMPLETE] = {"incomplete", check_incomplete},
    [STRIKE_LENGTH] = {"length", check_length},
    [STRIKE_LANGUAGE] = {"language", check_language},
    [STRIKE_LEAK] = {"leak", check_leak},
    [STRIKE_ECHO] = {"echo", check_echo},
    [STRIKE_GROUND] = {"ground", check_ground},
};

const char *review_strike_name(enum strike strike) {
    return strike < STRIKE_COUNT ? checks[strike].name : "";
}

bool check_ground(struct reviewing *r, size_t i, struct reviewed_sentence *out) {
    return r->task->hint.n ? !ground_hint(r, &r->sentences[i], out->why)
                           : !ground_answer(r, &r->sentences[i], &out->source, out->why);
}

static void strike_whole(struct review *review, struct view draft, enum strike strike,
                         const char *why, struct arena *arena) {
    review->n_sentence = 1;
    review->sentences = ARENA_NEW(arena, 1, struct reviewed_sentence);
    review->sentences[0] =
        (struct reviewed_sentence){.text = draft, .strike = strike, .source = -1};
    snprintf(review->sentences[0].why, sizeof review->sentences[0].why, "%s", why);
    review->strike = strike;
}

static void review_sentence(struct reviewing *r, size_t i, struct reviewed_sentence *out) {
    for (enum strike strike = STRIKE_NONE + 1; strike < STRIKE_COUNT; strike++)
        if (checks[strike].check(r, i, out)) {
            out->strike = strike;
            out->source = -1;
            return;
        }
}

void review_draft(const struct review_task *task, struct view draft, struct arena *arena,
                  struct review *review) {
    *review = (struct review){0};
    if (draft.n > REVIEW_BYTES) {
        strike_whole(review, draft, STRIKE_LENGTH, "too long", arena);
        return;
    }
    size_t n;
    struct view *texts = sentences_cut(arena, draft, &n);
    if (n == 0) {
        strike_whole(review, draft, STRIKE_EMPTY, "no words", arena);
        return;
    }
    if (n > 3 * REVIEW_SENTENCES) {
        strike_whole(review, draft, STRIKE_LENGTH, "too many sentences", arena);
        return;
    }
    const char *language = task->language ? task->language : "";
    struct reviewing r = {.task = task,
                          .arena = arena,
                          .language = language,
                          .lexicon = small_words_of(language, arena),
                          .draft = draft,
                          .n_sentence = n,
                          .sentences = ARENA_NEW(arena, n, struct cut)};
    for (size_t i = 0; i < n; i++)
        cut_text(texts[i], r.lexicon, arena, &r.sentences[i]);
    cut_text(view_slice(task->question, 0, REVIEW_SENTENCE_BYTES), r.lexicon, arena, &r.question);
    cut_text(view_slice(task->hint, 0, REVIEW_BYTES), r.lexicon, arena, &r.hint);
    r.secret = task->variant ? secret_of(task, arena) : NULL;
    review->n_sentence = n;
    review->sentences = ARENA_NEW(arena, n, struct reviewed_sentence);
    for (size_t i = 0; i < n; i++) {
        struct reviewed_sentence *out = &review->sentences[i];
        *out = (struct reviewed_sentence){.text = texts[i], .source = -1};
        review_sentence(&r, i, out);
        if (out->strike != STRIKE_NONE && review->strike == STRIKE_NONE)
            review->strike = out->strike;
    }
}
