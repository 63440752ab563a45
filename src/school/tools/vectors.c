/* A vector of each sentence of a course, made once in a thread of its own, so that nobody waits.
 * Until they are there the search is by words alone. */
#include "school/tools/inside.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 16, MOST_SENTENCES = 20000, MOST_SHELVES = 64 };

struct place_of { /* of a sentence */
    const struct passage *passage;
    size_t index;
};

struct shelf { /* the sentences of a course in a language */
    const struct course *course;
    char language[16], model[64];
    size_t n;
    struct place_of *of;
    int n_value;
    float *values; /* [n][n_value], each of length 1 */
};

struct vectors {
    pthread_mutex_t lock; /* of what follows */
    pthread_t thread;
    bool running, done; /* done: it is to be joined */
    volatile bool stop;
    struct company *company;
    struct shelf making;
    size_t n_shelf;
    struct shelf shelves[MOST_SHELVES];
};

struct vectors *vectors_open(void) {
    struct vectors *vectors = must_alloc(1, sizeof *vectors);
    pthread_mutex_init(&vectors->lock, NULL);
    return vectors;
}

void vectors_close(struct vectors *vectors) {
    if (!vectors)
        return;
    vectors->stop = true;
    if (vectors->running)
        pthread_join(vectors->thread, NULL);
    for (size_t i = 0; i < vectors->n_shelf; i++) {
        free(vectors->shelves[i].of);
        free(vectors->shelves[i].values);
    }
    pthread_mutex_destroy(&vectors->lock);
    free(vectors);
}

/* -------------------------------------------------------------------------------------- making */

/* Counts without `of`. */
static size_t gather(const struct course *course, const char *language, struct place_of *of) {
    size_t n = 0;
    for (size_t i = 0; i < course->n_lesson; i++) {
        const struct lesson *lesson = &course->lessons[i];
        for (size_t k = 0; view_is(lesson->language, language) && k < lesson->n_passage; k++)
            for (size_t s = 0; s < lesson->passages[k].n_sentence; s++, n++)
                if (of)
                    of[n] = (struct place_of){&lesson->passages[k], s};
    }
    return n;
}

/* Those of two models cannot be compared: after the first text its member is asked by its name. */
static bool embed(struct company *company, const struct shelf *shelf, const struct view *texts,
                  size_t n, const volatile bool *stop, struct embedded *found) {
    struct embedding_request request = {.model = *shelf->model ? shelf->model : "librarian",
                                        .texts = texts,
                                        .n = n,
                                        .cancel = stop};
    return company_embed(company, &request, found, &(struct fault){0}) &&
           (!*shelf->model ||
            (found->n_value == shelf->n_value &&
             !strncmp(found->result.model, shelf->model, sizeof shelf->model - 1)));
}

/* False when the librarian cannot be had, or is gone in the middle. */
static bool fill(struct vectors *vectors, struct shelf *shelf) {
    for (size_t i = 0; i < shelf->n; i += BATCH) {
        size_t n = shelf->n - i < BATCH ? shelf->n - i : BATCH;
        struct view texts[BATCH];
        struct embedded found = {0};
        for (size_t k = 0; k < n; k++)
            texts[k] = shelf->of[i + k].passage->sentences[shelf->of[i + k].index];
        bool good =
            !vectors->stop && embed(vectors->company, shelf, texts, n, &vectors->stop, &found);
        if (good && !shelf->values) {
            shelf->n_value = found.n_value;
            snprintf(shelf->model, sizeof shelf->model, "%.63s", found.result.model);
            shelf->values = must_alloc(shelf->n * (size_t)found.n_value, sizeof(float));
        }
        if (good)
            memcpy(shelf->values + i * (size_t)shelf->n_value, found.values,
                   n * (size_t)shelf->n_value * sizeof(float));
        free(found.values);
        if (!good)
            return false;
    }
    return true;
}

static void *make(void *data) {
    struct vectors *vectors = data;
    struct shelf shelf = vectors->making;
    bool good = fill(vectors, &shelf);
    pthread_mutex_lock(&vectors->lock);
    if (good)
        vectors->shelves[vectors->n_shelf++] = shelf;
    vectors->done = true;
    pthread_mutex_unlock(&vectors->lock);
    if (!good) {
        free(shelf.of);
        free(shelf.values);
    }
    return NULL;
}

/* Under the lock: the shelf, or NULL while it is being made. */
static const struct shelf *shelf_of(struct vectors *vectors, const struct tool_place *place) {
    for (size_t i = 0; i < vectors->n_shelf; i++)
        if (vectors->shelves[i].course == place->course &&
            !strcmp(vectors->shelves[i].language, place->language))
            return &vectors->shelves[i];
    if (vectors->running && !vectors->done)
        return NULL;
    if (vectors->running)
        pthread_join(vectors->thread, NULL);
    vectors->running = vectors->done = false;
    size_t n = gather(place->course, place->language, NULL);
    if (!n || n > MOST_SENTENCES || vectors->n_shelf == MOST_SHELVES)
        return NULL;
    vectors->company = place->company;
    vectors->making = (struct shelf){.course = place->course, .n = n};
    vectors->making.of = must_alloc(n, sizeof *vectors->making.of);
    snprintf(vectors->making.language, sizeof vectors->making.language, "%.15s", place->language);
    gather(place->course, place->language, vectors->making.of);
    vectors->running = !pthread_create(&vectors->thread, NULL, make, vectors);
    if (!vectors->running)
        free(vectors->making.of);
    return NULL;
}

void vectors_wait(const struct tool_place *place) {
    struct vectors *vectors = place->vectors;
    pthread_mutex_lock(&vectors->lock);
    bool wait = !shelf_of(vectors, place) && vectors->running;
    pthread_mutex_unlock(&vectors->lock);
    if (!wait)
        return;
    pthread_join(vectors->thread, NULL);
    vectors->running = vectors->done = false;
}

/* ------------------------------------------------------------------------------------- finding */

static double cosine(const float *a, const float *b, int n) {
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += (double)a[i] * (double)b[i];
    return sum;
}

/* Of a passage the nearest sentence alone. */
static void put_near(struct recalled *out, size_t *n, size_t n_out, const struct place_of *one,
                     double score) {
    size_t at = 0;
    while (at < *n && out[at].passage != one->passage)
        at++;
    if (at < *n ? out[at].score >= score : *n == n_out && out[*n - 1].score >= score)
        return;
    if (at == *n && *n < n_out)
        ++*n;
    at = at < *n ? at : *n - 1;
    for (; at > 0 && out[at - 1].score < score; at--)
        out[at] = out[at - 1];
    out[at] = (struct recalled){one->passage, one->index, 1, score, 0};
}

size_t vectors_near(const struct tool_place *place, struct view asked, struct recalled *out,
                    size_t n_out) {
    struct vectors *vectors = place->vectors;
    struct embedded found = {0};
    size_t n = 0;
    if (!vectors || !place->company || !place->course)
        return 0;
    pthread_mutex_lock(&vectors->lock);
    const struct shelf *shelf = shelf_of(vectors, place);
    pthread_mutex_unlock(&vectors->lock);
    bool good = shelf && embed(place->company, shelf, &asked, 1, NULL, &found);
    for (size_t i = 0; good && i < shelf->n; i++)
        if (passage_shown(shelf->of[i].passage, place->background))
            put_near(
                out, &n, n_out, &shelf->of[i],
                cosine(found.values, shelf->values + i * (size_t)shelf->n_value, found.n_value));
    free(found.values);
    return n;
}
