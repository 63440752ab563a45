/* An answer as a choice: which sentence of the passage, or the refusal, would a member that was
 * trained on this most likely write? Writing word by word would settle for a sentence by its first
 * word alone, and refusals begin as many sentences do. */
#include "school/course/inside.h"
#include "school/tutor/answerable.h"
#include "school/tutor/draft_choose.h"
#include "school/tutor/review_inside.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_TEXTS = 24 };

/* In natural logarithms of probability: what a sentence gains that has all of the question's words,
 * since plain counting sees what small models overlook; and the refusal, since a sentence beside
 * the point is worse than none. Of a few values the best on either half of the held-out topics, and
 * confirmed on the other half (docs/measurements.md). */
static const double shared_words = 5, refusal = 2;

struct candidate {
    struct view text;
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

static int by_shared(const void *a, const void *b) {
    double x = ((const struct candidate *)a)->shared, y = ((const struct candidate *)b)->shared;
    return x > y ? -1 : x < y;
}

bool draft_choose(struct company *company, const struct company_request *request,
                  const struct draft_task *task, const char *language, struct buffer *out,
                  struct company_draft *draft, struct fault *fault) {
    struct arena *arena = arena_new();
    struct view texts[MOST_TEXTS + 1];
    double at[MOST_TEXTS + 1];
    size_t n;
    struct view *sentences = sentences_cut(arena, task->passage, &n);
    struct candidate *candidates = ARENA_NEW(arena, n + 1, struct candidate);
    for (size_t i = 0; i < n; i++)
        candidates[i].text = without_speaker(sentences[i]);
    count_shared(task->question, language, arena, candidates, n);
    if (n > MOST_TEXTS) { /* of a long passage those that speak most of what is asked */
        qsort(candidates, n, sizeof *candidates, by_shared);
        n = MOST_TEXTS;
    }
    for (size_t i = 0; i < n; i++)
        texts[i] = candidates[i].text;
    texts[n] = view_of(says_nothing(language));
    bool good = company_choose(company, request, texts, n + 1, at, draft, fault);
    size_t best = n;
    if (good)
        at[n] += refusal;
    for (size_t i = 0; good && i < n; i++) {
        at[i] += shared_words * candidates[i].shared;
        best = at[i] > at[best] ? i : best;
    }
    if (good)
        buffer_append(out, texts[best]);
    arena_free(arena);
    return good;
}
