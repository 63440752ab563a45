/* An answer as a choice: of each sentence of the passage alone, would a member that was trained on
 * this answer by it or refuse? Against the whole passage it would settle for one by its first
 * words, and refusals begin as many sentences do. */
#include "school/course/inside.h"
#include "school/tutor/answerable.h"
#include "school/tutor/draft_choose.h"
#include "school/tutor/review_inside.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_TEXTS = 16 };

/* In natural logarithms of how many times as likely the sentence is as the refusal: below this the
 * refusal is given. Docs/measurements.md tells what other values do. */
static const double surely = 0;

struct candidate {
    struct view text, alone; /* said; and shown, with what it leans on */
    double shared;           /* of the question's words of content, the rarer in the passage the more */
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
        candidates[i].alone = (struct view){sentences[from].at, (size_t)(end - sentences[from].at)};
    }
    count_shared(task->question, language, arena, candidates, *n);
    if (*n > MOST_TEXTS) { /* of a long passage those that speak most of what is asked */
        qsort(candidates, *n, sizeof *candidates, by_shared);
        *n = MOST_TEXTS;
    }
    return candidates;
}

bool draft_choose(struct company *company, const struct company_request *request,
                  const struct draft_task *task, const char *language, struct buffer *out,
                  struct company_draft *draft, struct fault *fault) {
    struct arena *arena = arena_new();
    struct view texts[MOST_TEXTS], refusal = view_of(says_nothing(language));
    json_t *messages[MOST_TEXTS];
    double at[MOST_TEXTS];
    size_t n;
    struct candidate *candidates = candidates_of(task, language, arena, &n);
    for (size_t i = 0; i < n; i++) {
        texts[i] = candidates[i].text;
        messages[i] = school_prompt(&(struct school_prompt){.task = PROMPT_ANSWER,
                                                            .passage = candidates[i].alone,
                                                            .text = task->question,
                                                            .language = language});
    }
    bool good = company_prefer(company, request, (const json_t *const *)messages, texts, n,
                               refusal, at, draft, fault);
    size_t best = 0;
    for (size_t i = 0; i < n; i++) {
        best = good && at[i] > at[best] ? i : best;
        json_decref(messages[i]);
    }
    if (good)
        buffer_append(out, n && at[best] > surely ? texts[best] : refusal);
    arena_free(arena);
    return good;
}
