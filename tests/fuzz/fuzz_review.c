/* Any bytes as a draft, its question, hint and sources, against an exercise of each kind. */
#include "algebra/algebra.h"
#include "school/tutor/tutor.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* Cut by zero bytes: draft, question, hint, sources. */
static struct view next_part(struct view *rest) {
    const char *zero = rest->n ? memchr(rest->at, 0, rest->n) : NULL;
    struct view part = {rest->at, zero ? (size_t)(zero - rest->at) : rest->n};
    rest->at += zero ? part.n + 1 : part.n;
    rest->n -= zero ? part.n + 1 : part.n;
    return part;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    static const struct {
        const char *check, *key;
    } kinds[] = {{"number", "0.5"},
                 {"algebra", "\"x = 5\""},
                 {"text", "[\"rises\", \"五\"]"},
                 {"choice", "2"},
                 {"several", "[1, 3]"},
                 {"order", "[2, 1, 3]"},
                 {"match", "[[1, 2], [2, 1], [3, 3]]"}};
    static const char *const languages[] = {"en", "zh", "es", "ar", "", "de"};
    if (n < 2)
        return 0;
    struct view rest = {(const char *)data + 2, n - 2}, sources[8];
    size_t kind = data[0] % (COUNT_OF(kinds) + 1);
    struct view draft = next_part(&rest), question = next_part(&rest), hint = next_part(&rest);
    struct review_task task = {.language = languages[data[1] % COUNT_OF(languages)],
                               .question = question,
                               .hint = hint,
                               .sources = sources};
    while (rest.n && task.n_source < COUNT_OF(sources))
        sources[task.n_source++] = next_part(&rest);
    struct view hints[] = {hint, VIEW("Which operation undoes adding 6?")};
    struct view shown[] = {question, VIEW("the second"), hint};
    size_t authored[] = {2, 0, 1};
    struct exercise exercise = {0};
    struct variant variant = {.exercise = &exercise,
                              .ask = question,
                              .solution = VIEW("Subtract 6, then divide by 3."),
                              .hints = hints,
                              .n_hint = 2};
    if (kind < COUNT_OF(kinds)) {
        exercise.check = view_of(kinds[kind].check);
        variant.key = json_loads(kinds[kind].key, JSON_DECODE_ANY, NULL);
        variant.options = json_object();
        if (kind >= 3) {
            variant.n_shown = variant.n_left = 3;
            variant.shown = variant.left = shown;
            variant.authored = authored;
        }
        task.variant = &variant;
    }
    struct arena *arena = arena_new();
    struct review review;
    char why[120];
    review_draft(&task, draft, arena, &review);
    MUST(review.n_sentence > 0);
    bool struck = false;
    for (size_t i = 0; i < review.n_sentence; i++) {
        const struct reviewed_sentence *sentence = &review.sentences[i];
        MUST(sentence->source < (ptrdiff_t)task.n_source);
        MUST(memchr(sentence->why, 0, sizeof sentence->why) != NULL);
        MUST((sentence->strike == STRIKE_NONE) || sentence->source < 0);
        struck |= sentence->strike != STRIKE_NONE;
    }
    MUST(struck == (review.strike != STRIKE_NONE));
    if (task.variant)
        review_leaks(&variant, task.language, draft, why);
    arena_free(arena);
    json_decref(variant.key);
    json_decref(variant.options);
    return 0;
}
