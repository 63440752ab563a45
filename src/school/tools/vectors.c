/* A vector of each sentence of a course, made once: in a thread of its own, so that nobody waits,
 * and kept in a file. Until they are there the search is by words alone. */
#include "school/tools/vectors.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 16, MOST_SENTENCES = 20000, MOST_VALUES = 4096, MOST_SHELVES = 64 };

/* The file: a head, then for each sentence the hash of its text and its values. What does
 * not fit together is not read: it is made again. */
struct head {
    char magic[8], model[64];
    uint32_t n, n_value;
};
static const char magic[8] = "lyvec01";

struct meaning { /* of a sentence */
    const struct passage *passage;
    size_t index;
    uint64_t hash;
    const float *at; /* [n_value] */
};

struct meanings { /* of the passages of one course in one language */
    const struct course *course;
    char language[16];
    size_t n;
    struct meaning *all;
};

struct kept {
    uint64_t hash;
    float *at;
};

struct vectors {
    char *file;
    pthread_mutex_t lock; /* of what follows */
    pthread_t thread;
    bool running, stop;
    struct tool_place asked; /* for the thread */
    char language[16];
    char model[64];    /* that made those kept */
    int n_value;
    size_t n_kept, n_sorted; /* kept in this run stand behind those sorted by hash */
    struct kept *kept;
    size_t n_shelf;
    struct meanings shelves[MOST_SHELVES];
};

/* ------------------------------------------------------------------------------------ the file */

static int by_hash(const void *a, const void *b) {
    uint64_t x = ((const struct kept *)a)->hash, y = ((const struct kept *)b)->hash;
    return (x > y) - (x < y);
}

static void sort_kept(struct vectors *vectors) {
    if (vectors->n_kept)
        qsort(vectors->kept, vectors->n_kept, sizeof *vectors->kept, by_hash);
    vectors->n_sorted = vectors->n_kept;
}

static bool is_sound(const struct buffer *bytes, struct head *head) {
    if (bytes->n < sizeof *head)
        return false;
    memcpy(head, bytes->at, sizeof *head);
    size_t row = sizeof(uint64_t) + head->n_value * sizeof(float);
    return !memcmp(head->magic, magic, sizeof magic) && head->n <= MOST_SENTENCES &&
           head->n_value > 0 && head->n_value <= MOST_VALUES &&
           !head->model[sizeof head->model - 1] && bytes->n == sizeof *head + head->n * row;
}

static void read_file(struct vectors *vectors) {
    struct buffer bytes = {0};
    struct head head;
    if (file_read(vectors->file, (size_t)1 << 30, &bytes, NULL) && is_sound(&bytes, &head)) {
        const char *at = bytes.at + sizeof head;
        vectors->n_value = (int)head.n_value;
        memcpy(vectors->model, head.model, sizeof vectors->model);
        vectors->kept = must_alloc(head.n + 1, sizeof *vectors->kept);
        for (; vectors->n_kept < head.n; vectors->n_kept++) {
            struct kept *one = &vectors->kept[vectors->n_kept];
            one->at = must_alloc(head.n_value, sizeof(float));
            memcpy(&one->hash, at, sizeof one->hash);
            memcpy(one->at, at + sizeof one->hash, head.n_value * sizeof(float));
            at += sizeof one->hash + head.n_value * sizeof(float);
        }
        sort_kept(vectors);
    }
    buffer_free(&bytes);
}

static void write_file(const struct vectors *vectors) {
    struct buffer bytes = {0};
    struct head head = {.n = (uint32_t)vectors->n_kept, .n_value = (uint32_t)vectors->n_value};
    struct fault ignored = {0}; /* they are made again next time */
    memcpy(head.magic, magic, sizeof magic);
    memcpy(head.model, vectors->model, sizeof head.model);
    buffer_append(&bytes, (struct view){(const char *)&head, sizeof head});
    for (size_t i = 0; i < vectors->n_kept; i++) {
        const struct kept *one = &vectors->kept[i];
        buffer_append(&bytes, (struct view){(const char *)&one->hash, sizeof one->hash});
        buffer_append(&bytes, (struct view){(const char *)one->at,
                                            (size_t)vectors->n_value * sizeof(float)});
    }
    file_write(vectors->file, buffer_view(&bytes), &ignored);
    buffer_free(&bytes);
}

struct vectors *vectors_open(const char *file) {
    struct vectors *vectors = must_alloc(1, sizeof *vectors);
    pthread_mutex_init(&vectors->lock, NULL);
    if (file) {
        vectors->file = must_copy(view_of(file));
        read_file(vectors);
    }
    return vectors;
}

/* What another model made is of no use. */
static void forget_kept(struct vectors *vectors) {
    for (size_t i = 0; i < vectors->n_kept; i++)
        free(vectors->kept[i].at);
    vectors->n_kept = vectors->n_sorted = 0;
    for (size_t i = 0; i < vectors->n_shelf; i++)
        free(vectors->shelves[i].all);
    vectors->n_shelf = 0;
}

void vectors_close(struct vectors *vectors) {
    if (!vectors)
        return;
    pthread_mutex_lock(&vectors->lock);
    vectors->stop = true;
    bool running = vectors->running;
    pthread_mutex_unlock(&vectors->lock);
    if (running)
        pthread_join(vectors->thread, NULL);
    forget_kept(vectors);
    free(vectors->kept);
    free(vectors->file);
    pthread_mutex_destroy(&vectors->lock);
    free(vectors);
}

/* -------------------------------------------------------------------------------------- making */

static const float *find_kept(const struct vectors *vectors, uint64_t hash) {
    struct kept key = {hash, NULL};
    const struct kept *found =
        vectors->n_sorted
            ? bsearch(&key, vectors->kept, vectors->n_sorted, sizeof key, by_hash)
            : NULL;
    return found ? found->at : NULL;
}

static bool gather(const struct tool_place *place, struct meanings *out) {
    size_t n = 0;
    snprintf(out->language, sizeof out->language, "%s", place->language);
    out->course = place->course;
    for (size_t i = 0; i < place->course->n_lesson; i++) {
        const struct lesson *lesson = &place->course->lessons[i];
        for (size_t k = 0; view_is(lesson->language, place->language) && k < lesson->n_passage;
             k++)
            n += lesson->passages[k].n_sentence;
    }
    if (!n || n > MOST_SENTENCES)
        return false;
    out->all = must_alloc(n, sizeof *out->all);
    for (size_t i = 0; i < place->course->n_lesson; i++) {
        const struct lesson *lesson = &place->course->lessons[i];
        for (size_t k = 0; view_is(lesson->language, place->language) && k < lesson->n_passage;
             k++)
            for (size_t s = 0; s < lesson->passages[k].n_sentence; s++)
                out->all[out->n++] = (struct meaning){&lesson->passages[k], s,
                                                      hash64(lesson->passages[k].sentences[s], 7),
                                                      NULL};
    }
    return true;
}

/* Asks who makes vectors now; false when nobody does. */
static bool know_model(struct vectors *vectors, const struct tool_place *place) {
    struct view probe = VIEW("model");
    struct embedded found = {0};
    struct fault ignored = {0};
    if (!company_embed(place->company, "librarian", &probe, 1, NULL, &found, &ignored))
        return free(found.values), false;
    pthread_mutex_lock(&vectors->lock);
    if (strncmp(vectors->model, found.model, sizeof vectors->model - 1) ||
        vectors->n_value != found.n_value)
        forget_kept(vectors);
    snprintf(vectors->model, sizeof vectors->model, "%.63s", found.model);
    vectors->n_value = found.n_value;
    pthread_mutex_unlock(&vectors->lock);
    free(found.values);
    return true;
}

static void keep(struct vectors *vectors, uint64_t hash, const float *values) {
    size_t n = (size_t)vectors->n_value;
    float *copy = must_alloc(n, sizeof(float));
    memcpy(copy, values, n * sizeof(float));
    vectors->kept = must_realloc(vectors->kept, vectors->n_kept + 1, sizeof *vectors->kept);
    vectors->kept[vectors->n_kept++] = (struct kept){hash, copy};
}

/* Those that are not kept yet; false when the librarian cannot be had. */
static bool make_missing(struct vectors *vectors, const struct tool_place *place,
                         const struct meanings *shelf) {
    for (size_t i = 0; i < shelf->n;) {
        struct view texts[BATCH];
        uint64_t hashes[BATCH];
        size_t n = 0;
        for (; i < shelf->n && n < BATCH; i++)
            if (!find_kept(vectors, shelf->all[i].hash)) {
                hashes[n] = shelf->all[i].hash;
                texts[n++] = shelf->all[i].passage->sentences[shelf->all[i].index];
            }
        struct embedded found = {0};
        struct fault ignored = {0};
        bool good = !n || company_embed(place->company, "librarian", texts, n, NULL, &found,
                                        &ignored);
        pthread_mutex_lock(&vectors->lock);
        good = good && !vectors->stop && (!n || vectors->n_value == found.n_value);
        for (size_t k = 0; good && k < n; k++)
            keep(vectors, hashes[k], found.values + k * (size_t)found.n_value);
        pthread_mutex_unlock(&vectors->lock);
        free(found.values);
        if (!good)
            return false;
    }
    return true;
}

static void *make(void *data) {
    struct vectors *vectors = data;
    struct tool_place place = vectors->asked;
    struct meanings shelf = {0};
    place.language = vectors->language;
    bool good = know_model(vectors, &place) && gather(&place, &shelf) &&
                make_missing(vectors, &place, &shelf);
    pthread_mutex_lock(&vectors->lock);
    sort_kept(vectors);
    for (size_t i = 0; good && i < shelf.n; i++)
        good = (shelf.all[i].at = find_kept(vectors, shelf.all[i].hash)) != NULL;
    if (good && vectors->n_shelf < MOST_SHELVES) {
        vectors->shelves[vectors->n_shelf++] = shelf;
        shelf.all = NULL;
        if (vectors->file)
            write_file(vectors);
    }
    vectors->asked.company = NULL; /* done */
    pthread_mutex_unlock(&vectors->lock);
    free(shelf.all);
    return NULL;
}

/* Under the lock: the shelf, or NULL while it is being made. */
static const struct meanings *shelf_of(struct vectors *vectors, const struct tool_place *place) {
    for (size_t i = 0; i < vectors->n_shelf; i++)
        if (vectors->shelves[i].course == place->course &&
            !strcmp(vectors->shelves[i].language, place->language))
            return &vectors->shelves[i];
    if (vectors->running && vectors->asked.company)
        return NULL;
    if (vectors->running)
        pthread_join(vectors->thread, NULL);
    vectors->running = false;
    if (vectors->n_shelf < MOST_SHELVES) {
        vectors->asked = *place;
        snprintf(vectors->language, sizeof vectors->language, "%s", place->language);
        vectors->running = pthread_create(&vectors->thread, NULL, make, vectors) == 0;
    }
    return NULL;
}

void vectors_wait(const struct tool_place *place) {
    struct vectors *vectors = place->vectors;
    pthread_mutex_lock(&vectors->lock);
    shelf_of(vectors, place);
    bool running = vectors->running;
    pthread_mutex_unlock(&vectors->lock);
    if (!running)
        return;
    pthread_join(vectors->thread, NULL);
    pthread_mutex_lock(&vectors->lock);
    vectors->running = false;
    pthread_mutex_unlock(&vectors->lock);
}

/* ------------------------------------------------------------------------------------- finding */

static double cosine(const float *a, const float *b, int n) {
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += (double)a[i] * (double)b[i];
    return sum;
}

static void put_near(struct recalled *out, size_t *n, size_t n_out, const struct meaning *one,
                     double score) {
    size_t at = 0;
    while (at < *n && out[at].passage != one->passage)
        at++;
    if (at < *n) {
        if (out[at].score >= score)
            return;
        memmove(&out[at], &out[at + 1], (*n - at - 1) * sizeof *out);
        --*n;
    }
    if (*n == n_out) {
        if (out[*n - 1].score >= score)
            return;
        --*n;
    }
    for (at = (*n)++; at > 0 && out[at - 1].score < score; at--)
        out[at] = out[at - 1];
    out[at] = (struct recalled){one->passage, one->index, 1, score, 0};
}

size_t vectors_near(const struct tool_place *place, struct view asked, struct recalled *out,
                    size_t n_out) {
    struct vectors *vectors = place->vectors;
    struct embedded found = {0};
    struct fault ignored = {0};
    size_t n = 0;
    if (!vectors || !place->company || !place->course)
        return 0;
    pthread_mutex_lock(&vectors->lock);
    const struct meanings *shelf = shelf_of(vectors, place);
    pthread_mutex_unlock(&vectors->lock);
    if (!shelf ||
        !company_embed(place->company, "librarian", &asked, 1, NULL, &found, &ignored))
        return free(found.values), 0;
    bool same = found.n_value == vectors->n_value &&
                !strncmp(found.model, vectors->model, sizeof vectors->model - 1);
    for (size_t i = 0; same && i < shelf->n; i++)
        if (passage_shown(shelf->all[i].passage, place->background))
            put_near(out, &n, n_out, &shelf->all[i],
                     cosine(found.values, shelf->all[i].at, found.n_value));
    free(found.values);
    return n;
}
