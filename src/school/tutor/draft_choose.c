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

enum { MOST_TEXTS = 16, FINALISTS = 3, ANSWER_TOKENS = 8, QUESTION_TOKENS = 16 };

/* In natural logarithms of probability. What weighs how likely the question is asked about a
 * sentence, beside how much rather it is said than the refusal; the sum below which the refusal is
 * given, where the member's adapter tells no other; and how much more than that is wanted of
 * passages that were found, which are more sentences and often about something else.
 * Docs/measurements.md tells what other values do. */
static const double asked_weighs = 0.4, surely = -1.3, more_of_found = 2.8;

struct candidate {
    struct view text;          /* as it is said */
    struct view alone, around; /* shown, with what it leans on; and with the one before as well */
    double shared; /* of the question's words of content, the rarer in the passage the more */
    double said;   /* how much rather than the refusal */
    double asked;  /* how likely the question is, beside the other sentences */
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

static void add_candidates(const struct view *sentences, size_t n, struct candidate *candidates) {
    for (size_t i = 0, from = 0; i < n; i++) {
        from = school_leans_back(sentences[i]) ? from : i;
        const char *before = sentences[from ? from - 1 : 0].at;
        const char *end = sentences[i].at + sentences[i].n;
        candidates[i].text = without_speaker(sentences[i]);
        candidates[i].alone =
            (struct view){sentences[from].at, (size_t)(end - sentences[from].at)};
        candidates[i].around = (struct view){before, (size_t)(end - before)};
    }
}

static struct candidate *candidates_of(const struct draft_task *task, const char *language,
                                       struct arena *arena, size_t *n) {
    size_t n_first, n_other;
    struct view *first = sentences_cut(arena, task->passage, &n_first);
    struct view *other = sentences_cut(arena, task->other, &n_other);
    struct candidate *candidates = ARENA_NEW(arena, n_first + n_other + 1, struct candidate);
    add_candidates(first, n_first, candidates);
    add_candidates(other, n_other, candidates + n_first);
    *n = n_first + n_other;
    if (*n > MOST_TEXTS) { /* of many those that speak most of what is asked */
        count_shared(task->question, language, arena, candidates, *n);
        qsort(candidates, *n, sizeof *candidates, by_shared);
        *n = MOST_TEXTS;
    }
    return candidates;
}

struct choosing {
    struct company *company;
    const struct company_request *request;
    const struct draft_task *task;
    const char *language;
    struct candidate *candidates;
    size_t n;
    struct company_draft *draft;
    struct fault *fault;
};

static json_t *ask(const struct choosing *c, enum school_prompt_task task, struct view passage) {
    return school_prompt(
        &(struct school_prompt){.task = task,
                                .passage = passage,
                                .text = task == PROMPT_ANSWER ? c->task->question : VIEW(""),
                                .language = c->language});
}

/* The sentence and the refusal, in answer to the question on these words of the lesson. */
static void add_answers(const struct choosing *c, struct view passage, struct view text,
                        struct company_text texts[2]) {
    json_t *messages = ask(c, PROMPT_ANSWER, passage);
    texts[0] = (struct company_text){messages, text, ANSWER_TOKENS, 0};
    texts[1] =
        (struct company_text){messages, view_of(says_nothing(c->language)), ANSWER_TOKENS, 0};
}

static bool weigh(const struct choosing *c, struct company_text *texts, size_t n) {
    struct company_draft *draft = c->draft, before = *draft;
    bool good = company_weigh(c->company, c->request, texts, n, draft, c->fault);
    draft->n_generated += before.n_generated;
    draft->seconds += before.seconds;
    const json_t *last = NULL;
    for (size_t i = 0; i < n; i++) {
        if (texts[i].messages != last)
            json_decref((json_t *)(uintptr_t)texts[i].messages);
        last = texts[i].messages;
    }
    return good;
}

/* Each sentence alone: said, refused, and asked about. */
static bool weigh_alone(const struct choosing *c) {
    struct company_text texts[3 * MOST_TEXTS];
    for (size_t i = 0; i < c->n; i++) {
        struct view alone = c->candidates[i].alone;
        add_answers(c, alone, c->candidates[i].text, &texts[3 * i]);
        texts[3 * i + 2] = (struct company_text){ask(c, PROMPT_NEXT, alone), c->task->question,
                                                 QUESTION_TOKENS, 0};
    }
    if (!weigh(c, texts, 3 * c->n))
        return false;
    double most = -INFINITY, sum = 0; /* of the probabilities that the question is asked */
    for (size_t i = 0; i < c->n; i++)
        most = fmax(most, texts[3 * i + 2].at);
    for (size_t i = 0; i < c->n; i++)
        sum += exp(texts[3 * i + 2].at - most);
    for (size_t i = 0; i < c->n; i++) {
        c->candidates[i].said = texts[3 * i].at - texts[3 * i + 1].at;
        c->candidates[i].asked = texts[3 * i + 2].at - most - log(sum / (double)c->n);
    }
    return true;
}

/* Those in front once more behind the sentence before: what "them" are may stand there. */
static bool weigh_around(const struct choosing *c) {
    struct company_text texts[2 * FINALISTS];
    size_t n = c->n < FINALISTS ? c->n : FINALISTS;
    for (size_t i = 0; i < n; i++)
        add_answers(c, c->candidates[i].around, c->candidates[i].text, &texts[2 * i]);
    if (!weigh(c, texts, 2 * n))
        return false;
    for (size_t i = 0; i < n; i++) {
        double around = texts[2 * i].at - texts[2 * i + 1].at;
        c->candidates[i].said = (c->candidates[i].said + around) / 2;
    }
    return true;
}

static double worth(const struct candidate *candidate) {
    return candidate->said + asked_weighs * candidate->asked;
}

static int by_worth(const void *a, const void *b) {
    double x = worth(a), y = worth(b);
    return x > y ? -1 : x < y;
}

bool draft_choose(struct company *company, const struct company_request *request,
                  const struct draft_task *task, const char *language, struct buffer *out,
                  struct company_draft *draft, struct fault *fault) {
    struct arena *arena = arena_new();
    struct choosing choosing = {.company = company,
                                .request = request,
                                .task = task,
                                .language = language,
                                .draft = draft,
                                .fault = fault};
    *draft = (struct company_draft){0};
    choosing.candidates = candidates_of(task, language, arena, &choosing.n);
    struct candidate *best = choosing.candidates;
    bool good = weigh_alone(&choosing);
    qsort(best, choosing.n, sizeof *best, by_worth);
    good = good && weigh_around(&choosing);
    qsort(best, choosing.n < FINALISTS ? choosing.n : FINALISTS, sizeof *best, by_worth);
    double bound = company_tutor_bound(company, request->adapter, language);
    draft->sure = good && choosing.n ? worth(best) : -INFINITY;
    bound = (isnan(bound) ? surely : bound) + (task->found ? more_of_found : 0);
    bool sure = draft->sure > bound;
    if (good)
        buffer_append(out, sure ? best->text : view_of(says_nothing(language)));
    arena_free(arena);
    return good;
}
