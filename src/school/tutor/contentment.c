/* Whether a learner was content with a draft: by their next words on the same place. Who asks the
 * same again, or says that they do not understand, was not; then what is learnt of the draft is
 * corrected. In memory alone, and of the last few learners: what stays is a number of nobody. */
#include "school/tutor/terms.h"
#include "school/tutor/turn.h"

#include <stdlib.h>
#include <string.h>

enum {
    HEARD_DRAFTS = 128,
    PATIENCE_MS = 10 * 60 * 1000, /* later words are about something else */
    GRAM = 3,                     /* letters */
    MOST_GRAMS = 400
};
static const double same_question = 0.5; /* share of the letters' sequences of both */

struct said_draft {
    int64_t learner, at_ms;
    uint64_t place; /* of the exercise, or the lesson */
    char member[128];
    struct judged judged;
    uint32_t grams[MOST_GRAMS]; /* of what was asked, in order of size */
    size_t n_gram;
};

struct contentment {
    pthread_mutex_t lock;
    struct said_draft drafts[HEARD_DRAFTS];
    size_t next;
};

struct contentment *contentment_new(void) {
    struct contentment *all = must_alloc(1, sizeof *all);
    pthread_mutex_init(&all->lock, NULL);
    return all;
}

void contentment_free(struct contentment *all) {
    if (all)
        pthread_mutex_destroy(&all->lock);
    free(all);
}

static uint64_t place_of(const struct turn *turn) {
    const char *label = turn->label ? turn->label : "";
    struct view lesson = turn->lesson ? turn->lesson->id : view_of("");
    return hash64(view_of(label), hash64(lesson, 0));
}

static int by_size(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* The different sequences of three letters, by their hashes: they tell a wording in any language.
 */
static size_t read_grams(struct view text, struct arena *arena, uint32_t *out) {
    struct view bare = bare_words(text, arena);
    size_t n = 0, starts[GRAM + 1] = {0}, n_letter = 0, n_kept = 0;
    for (size_t i = 0; i <= bare.n && n < MOST_GRAMS; i++) {
        if (i < bare.n && ((unsigned char)bare.at[i] & 0xC0) == 0x80)
            continue; /* inside a letter */
        if (n_letter >= GRAM) {
            size_t from = starts[n_letter % GRAM];
            out[n++] = (uint32_t)hash64(view_slice(bare, from, i), 0);
        }
        starts[n_letter++ % GRAM] = i;
    }
    qsort(out, n, sizeof *out, by_size);
    for (size_t i = 0; i < n; i++)
        if (!n_kept || out[n_kept - 1] != out[i])
            out[n_kept++] = out[i];
    return n_kept;
}

/* Jaccard's index. */
static double alike(const uint32_t *a, size_t n_a, const uint32_t *b, size_t n_b) {
    size_t i = 0, j = 0, both = 0;
    while (i < n_a && j < n_b) {
        both += a[i] == b[j];
        bool step = a[i] <= b[j];
        j += a[i] >= b[j];
        i += step;
    }
    size_t either = n_a + n_b - both;
    return either ? (double)both / (double)either : 0;
}

void contentment_said(const struct turn *turn, const struct judged *judged) {
    struct contentment *all = turn->tutor->contentment;
    if (!turn->text.n) /* a hint that was asked for by its button: the next is no complaint */
        return;
    pthread_mutex_lock(&all->lock);
    struct said_draft *draft = &all->drafts[all->next++ % HEARD_DRAFTS];
    *draft = (struct said_draft){.learner = turn->learner,
                                 .at_ms = turn->tutor->now_ms(),
                                 .place = place_of(turn),
                                 .judged = *judged};
    snprintf(draft->member, sizeof draft->member, "%s", turn->drafted.model);
    draft->n_gram = read_grams(turn->text, turn->arena, draft->grams);
    pthread_mutex_unlock(&all->lock);
}

static bool complains(const struct turn *turn, const struct said_draft *draft) {
    if (memory_read(turn->tutor->rules, turn->text).confused.n)
        return true;
    uint32_t grams[MOST_GRAMS];
    size_t n = read_grams(turn->text, turn->arena, grams);
    return alike(grams, n, draft->grams, draft->n_gram) >= same_question;
}

void contentment_heard(const struct turn *turn) {
    struct contentment *all = turn->tutor->contentment;
    struct said_draft draft = {0};
    uint64_t place = place_of(turn);
    pthread_mutex_lock(&all->lock);
    for (size_t i = 0; i < HEARD_DRAFTS; i++) {
        struct said_draft *one = &all->drafts[i];
        if (!one->at_ms || one->learner != turn->learner || one->place != place)
            continue;
        if (turn->tutor->now_ms() - one->at_ms <= PATIENCE_MS)
            draft = *one;
        one->at_ms = 0; /* the next words tell, and none after them */
    }
    pthread_mutex_unlock(&all->lock);
    if (draft.at_ms && turn->text.n && complains(turn, &draft))
        company_regret(turn->tutor->company, draft.member, &draft.judged);
}
