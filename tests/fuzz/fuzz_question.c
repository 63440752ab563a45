/* Any bytes as what a learner asks, and as the passages that are searched for an answer. */
#include "school/tutor/intake.h"
#include "school/tutor/tutor.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* The text as sentences of at most 60 bytes, as a passage. */
static struct passage make_passage(struct view text, struct view *sentences, size_t most) {
    struct passage passage = {
        .id = VIEW("p"), .heading = view_slice(text, 0, 20), .text = text, .sentences = sentences};
    for (size_t at = 0; at < text.n && passage.n_sentence < most; at += 60)
        sentences[passage.n_sentence++] = view_slice(text, at, at + 60);
    return passage;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    static const char *const languages[] = {"en", "zh", "es", "ar"};
    static struct intake *intake;
    if (!intake)
        intake = intake_open(NULL);
    if (n < 2)
        return 0;
    struct view text = {(const char *)data + 2, n - 2};
    size_t cut = text.n * data[0] / 256;
    struct view question = view_slice(text, 0, cut), rest = view_slice(text, cut, text.n);
    const char *language = languages[data[1] % COUNT_OF(languages)];
    struct taken taken = intake_read(intake, question);
    MUST(taken.kind >= TURN_QUESTION && taken.kind < TURN_KINDS);
    MUST(intake_language(question, language) != NULL);
    struct arena *arena = arena_new();
    MUST(intake_matter(intake, question, arena).n <= question.n);
    arena_free(arena);
    struct view sentences[40];
    struct passage passage = make_passage(rest, sentences, COUNT_OF(sentences));
    struct recall *recall = recall_open_passages(&passage, 1, language, NULL);
    MUST(recall != NULL);
    struct recall_query query = {.language = language, .text = question};
    struct recalled found[2];
    bool said;
    size_t n_found = recall_find(recall, &query, found, COUNT_OF(found), &said);
    MUST(n_found <= 1 && (n_found || !said));
    if (n_found) {
        MUST(found[0].first + found[0].n <= passage.n_sentence && found[0].n > 0);
        MUST(found[0].coverage >= 0 && found[0].coverage <= 1.000001);
    }
    recall_close(recall);
    return 0;
}
