/* An answer as a choice: of each sentence of the passage alone, would a member that was trained on
 * this answer by it or refuse, and would it ask this question about it? Against the whole passage
 * it would settle for one by its first words, and refusals begin as many sentences do. */
#include "school/course/inside.h"
#include "school/tutor/answerable.h"
#include "school/tutor/draft_choose.h"
#include "school/tutor/review_inside.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_TEXTS = 16, ANSWER_TOKENS = 8, QUESTION_TOKENS = 16 };

/* In natural logarithms of probability. What weighs how likely the question is asked about a
 * sentence, beside how much rather it is said than the refusal; and the sum below which the
 * refusal is given. Of a few values those that served best on a part of the held-out items, tried
 * on the others (docs/measurements.md). */
static const double asked_weighs = 0.4, surely = -1.7;

struct candidate {
    struct view text, alone; /* said; and shown, with what it leans on */
    double shared; /* of the question's words of content, the rarer in the passage the more */
};

/* "Mara: …" is said without the name. */
static struct view without_speaker(struct view sentence) {
    ptrdiff_t colon = view_find(view_slice(sentence, 0, 24), VIEW(": "));
    if (colon <= 0 || memchr(sentence.at, ' ', (size_t)colon))
        return sentence;
    return view_slice(sentence, (size_t)colon + 2, sentence.n);
}

static void count_shared(struct view question, const char *language, struct arena *arena,
                         struct candidate *candidates, size_t n) {
    const struct small_words *lexicon = small_words_of(language, arena);
    struct cut asked, *cuts = ARENA_NEW(arena, n + 1, struct cut);
    double all = 0;
    cut_text(view_slice(question, 0, REVIEW_SENTENCE_BYTES), lexicon, arena, &asked);
    for (size_t i = 0; i < n; i++)
        cut_text(view_slice(candidates[i].text, 0, REVIEW_SENTENCE_BYTES), lexicon, arena,
                 &cuts[i]);
    for (size_t w = 0; w < asked.n_content; w++) {
        const struct word *word = &asked.words.at[asked.content[w]];
        size_t with = 0;
        for (size_t i = 0; i < n; i++)
            with += has_word(&cuts[i], word);
        double weight = log(1 + (double)n / (1 + (double)with));
        all += weight;
        for (size_t i = 0; i < n && with; i++)
            candidates[i].shared += has_word(&cuts[i], word) ? weight : 0;
    }
    for (size_t i = 0; i < n && all > 0; i++)
        candidates[i].shared /= all;
}

static const char *const leaning[] = {
    "It",  "They",    "This", "These",    "That",    "Those",       "Its",      "Their", "He",
    "She", "His",     "Her",  "Such",     "Here",    "There",       "Then",     "Both",  "But",
    "So",  "Another", "Also", "For this", "In this", "One of them", "Otherwise"};

bool school_leans_back(struct view sentence) {
    for (size_t i = 0; i < COUNT_OF(leaning); i++) {
        size_t n = strlen(leaning[i]);
        if (view_starts(sentence, leaning[i]) && n < sentence.n && strchr(" ',", sentence.at[n]))
            return true;
    }
    return false;
}

static int by_shared(const void *a, const void *b) {
    double x = ((const struct candidate *)a)->shared, y = ((const struct candidate *)b)->shared;
    return x > y ? -1 : x < y;
}

static struct candidate *candidates_of(const struct draft_task *task, const char *language,
                                       struct arena *arena, size_t *n) {
    struct view *sentences = sentences_cut(arena, task->passage, n);
    struct candidate *candidates = ARENA_NEW(arena, *n + 1, struct candidate);
    for (size_t i = 0, from = 0; i < *n; i++) {
        from = school_leans_back(sentences[i]) ? from : i;
        const char *end = sentences[i].at + sentences[i].n;
        candidates[i].text = without_speaker(sentences[i]);
        candidates[i].alone =
            (struct view){sentences[from].at, (size_t)(end - sentences[from].at)};
    }
    count_shared(task->question, language, arena, candidates, *n);
    if (*n > MOST_TEXTS) { /* of a long passage those that speak most of what is asked */
        qsort(candidates, *n, sizeof *candidates, by_shared);
        *n = MOST_TEXTS;
    }
    return candidates;
}

/* Three texts of each candidate: said, refused, and asked. */
static void lay_out(const struct draft_task *task, const char *language,
                    const struct candidate *candidate, struct company_text texts[3]) {
    struct school_prompt answer = {.task = PROMPT_ANSWER,
                                   .passage = candidate->alone,
                                   .text = task->question,
                                   .language = language};
    struct school_prompt next = {
        .task = PROMPT_NEXT, .passage = candidate->alone, .language = language};
    json_t *messages = school_prompt(&answer);
    texts[0] = (struct company_text){messages, candidate->text, ANSWER_TOKENS, 0};
    texts[1] = (struct company_text){messages, view_of(says_nothing(language)), ANSWER_TOKENS, 0};
    texts[2] = (struct company_text){school_prompt(&next), task->question, QUESTION_TOKENS, 0};
}

/* The candidate that answers best, or n when none does surely enough. */
static size_t best_of(const struct company_text (*texts)[3], size_t n) {
    double asked = 0, most = 0; /* the mean probability that the question is asked of a sentence */
    size_t best = 0;
    for (size_t i = 0; i < n; i++)
        most = i == 0 || texts[i][2].at > most ? texts[i][2].at : most;
    for (size_t i = 0; i < n; i++)
        asked += exp(texts[i][2].at - most) / (double)n;
    double at[MOST_TEXTS];
    for (size_t i = 0; i < n; i++) {
        at[i] =
            texts[i][0].at - texts[i][1].at + asked_weighs * (texts[i][2].at - most - log(asked));
        best = at[i] > at[best] ? i : best;
    }
    return n && at[best] > surely ? best : n;
}

bool draft_choose(struct company *company, const struct company_request *request,
                  const struct draft_task *task, const char *language, struct buffer *out,
                  struct company_draft *draft, struct fault *fault) {
    struct arena *arena = arena_new();
    struct company_text texts[MOST_TEXTS][3];
    size_t n;
    struct candidate *candidates = candidates_of(task, language, arena, &n);
    for (size_t i = 0; i < n; i++)
        lay_out(task, language, &candidates[i], texts[i]);
    bool good = company_weigh(company, request, texts[0], 3 * n, draft, fault);
    size_t best = good ? best_of(texts, n) : n;
    if (good)
        buffer_append(out, best < n ? candidates[best].text : view_of(says_nothing(language)));
    for (size_t i = 0; i < n; i++) {
        json_decref((json_t *)(uintptr_t)texts[i][0].messages);
        json_decref((json_t *)(uintptr_t)texts[i][2].messages);
    }
    arena_free(arena);
    return good;
}
