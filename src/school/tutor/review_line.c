/* The review for those outside of the school: of text that models are to be trained on. */
#include "school/course/inside.h"
#include "school/tutor/answerable.h"
#include "school/tutor/review_inside.h"

#include <stdio.h>

const char *school_refusal(const char *language) {
    return says_nothing(language);
}

void school_review(const struct school_draft *given, struct school_verdict *verdict) {
    struct arena *arena = arena_new();
    struct review review;
    struct review_task task = {.language = given->language ? given->language : "en",
                               .question = given->question,
                               .hint = given->hint};
    *verdict = (struct school_verdict){0};
    task.sources = sentences_cut(arena, given->passage, &task.n_source);
    review_draft(&task, given->draft, arena, &review);
    verdict->passed = review.strike == STRIKE_NONE;
    verdict->reason = review_strike_name(review.strike);
    for (size_t i = 0; i < review.n_sentence; i++) {
        const struct reviewed_sentence *sentence = &review.sentences[i];
        if (sentence->strike != STRIKE_NONE && !verdict->why[0])
            snprintf(verdict->why, sizeof verdict->why, "%s", sentence->why);
        else if (sentence->source >= 0 && verdict->n_cite < SCHOOL_CITES)
            verdict->cites[verdict->n_cite++] = task.sources[sentence->source];
    }
    arena_free(arena);
}

double school_overlap(struct view text, struct view sentence, const char *language) {
    struct arena *arena = arena_new();
    const struct small_words *lexicon = small_words_of(language ? language : "en", arena);
    struct cut said, source;
    size_t shared = 0;
    cut_text(view_slice(text, 0, REVIEW_SENTENCE_BYTES), lexicon, arena, &said);
    cut_text(view_slice(sentence, 0, REVIEW_SENTENCE_BYTES), lexicon, arena, &source);
    for (size_t i = 0; i < said.n_content; i++)
        shared += has_word(&source, &said.words.at[said.content[i]]);
    double share = said.n_content ? (double)shared / (double)said.n_content : 1;
    arena_free(arena);
    return share;
}
