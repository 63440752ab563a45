/* A small head on the vectors of an embedding model: logistic regression on texts that people or a
 * senior labelled, as FineWeb-Edu's (Penedo et al. 2024), with the share of it that it never saw
 * to tell what it is worth. */
#include "workshop/quality.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    MOST_LABELS = 1 << 20,
    MOST_BYTES = 1 << 30,
    AT_ONCE = 64, /* texts to vectors */
    TOKENS = 256, /* of a text that count */
    LEAST = 20,   /* labels of each kind */
    STEPS = 300,
    HELD_OUT_IN = 5 /* one of so many is never learnt from */
};
static const double GOOD_FROM = 3; /* of labels from 0 to 5, as FineWeb-Edu keeps */

struct labelled {
    struct view text;
    bool good, held_out;
};
struct labels {
    struct arena *arena;
    struct labelled *at;
    size_t n, capacity, n_good;
    double most;
};

struct quality_head {
    struct model *model;
    int size;
    double *weights, bias; /* [size] */
};

/* --------------------------------------------------------------------------------------- labels
 */

static bool read_label(struct labels *labels, struct view line, double *label,
                       struct fault *fault) {
    json_t *row = json_parse(line, fault);
    if (!row)
        return false;
    const char *text = json_text(row, "text", NULL);
    const json_t *mark = json_object_get(row, "label");
    mark = mark ? mark : json_object_get(row, "score");
    bool good = text && *text && (json_is_number(mark) || json_is_boolean(mark));
    if (!good)
        fault_set(fault, FAULT_INPUT, "a line wants \"text\" and a number as \"label\"");
    else {
        *label = json_is_boolean(mark) ? json_is_true(mark) : json_number_value(mark);
        MUST(TRY_ROOM(labels->at, labels->capacity, labels->n + 1));
        labels->at[labels->n++].text = arena_copy(labels->arena, view_of(text));
        labels->most = fmax(labels->most, *label);
        good = labels->n <= MOST_LABELS ||
               fault_set(fault, FAULT_LIMIT, "there are over %d labels", MOST_LABELS);
    }
    json_decref(row);
    return good;
}

/* Labels from 0 to 5 are good from 3 on, those of 0 and 1 from 1 on. The text alone decides what
 * is held out, so that the same text is never on both sides. */
static bool read_labels(const char *path, struct labels *labels, struct fault *fault) {
    struct buffer text = {0};
    struct view rest, line;
    double *marks = NULL, label;
    size_t room = 0;
    bool good = file_read(path, MOST_BYTES, &text, fault);
    rest = buffer_view(&text);
    for (long number = 1; good && view_line(&rest, &line); number++) {
        if (!view_trim(line).n)
            continue;
        good = read_label(labels, view_trim(line), &label, fault);
        if (good) {
            MUST(TRY_ROOM(marks, room, labels->n));
            marks[labels->n - 1] = label;
        } else {
            if (fault)
                fault->line = 0, fault->byte = -1;
            fault_place(fault, path, number, -1);
        }
    }
    for (size_t i = 0; good && i < labels->n; i++) {
        struct labelled *one = &labels->at[i];
        one->good = marks[i] >= (labels->most > 1 ? GOOD_FROM : 0.5);
        one->held_out = hash64(one->text, 11) % HELD_OUT_IN == 0;
        labels->n_good += one->good;
    }
    if (good && (labels->n_good < LEAST || labels->n - labels->n_good < LEAST)) {
        good = fault_set(fault, FAULT_INPUT,
                         "%zu texts are labelled good and %zu not; %d of each are wanted",
                         labels->n_good, labels->n - labels->n_good, LEAST);
        fault_place(fault, path, 0, -1);
    }
    free(marks);
    buffer_free(&text);
    return good;
}

/* -------------------------------------------------------------------------------------- vectors
 */

static struct model *open_embedder(const char *path, struct pool *pool, struct fault *fault) {
    struct model *model = model_open(path, pool, fault);
    if (model && model_embedding_size(model) == 0) {
        fault_set(fault, FAULT_INPUT,
                  "this model writes; one that makes vectors of texts is wanted");
        fault_remedy(fault, "lyceum pull names some, or convert all-MiniLM-L6-v2.");
        fault_place(fault, path, 0, -1);
        model_close(model);
        model = NULL;
    }
    return model;
}

static bool embed(const struct model *model, const struct view *texts, size_t n, float *out,
                  struct fault *fault) {
    size_t size = (size_t)model_embedding_size(model);
    const struct embedding how = {.max_tokens = TOKENS};
    for (size_t i = 0; i < n; i += AT_ONCE)
        if (!model_embed(model, texts + i, n - i < AT_ONCE ? n - i : AT_ONCE, &how, out + i * size,
                         fault))
            return false;
    return true;
}

static double dot(const double *weights, const float *vector, size_t size) {
    double sum = 0;
    for (size_t i = 0; i < size; i++)
        sum += weights[i] * (double)vector[i];
    return sum;
}

static double logistic(double x) {
    return 1 / (1 + exp(-x));
}

/* -------------------------------------------------------------------------------------- learning
 */

/* Gradient descent with Nesterov's momentum on the mean loss, both kinds weighing alike, and a
 * little of the weights' square. The loss has one bottom: the start does not matter. */
static void learn(const struct labels *labels, const float *vectors, size_t size, double *weights,
                  double *bias) {
    double *slope = must_alloc(size + 1, sizeof *slope),
           *speed = must_alloc(size + 1, sizeof *speed);
    double *ahead = must_alloc(size + 1, sizeof *ahead), n_good = 0, n_bad = 0;
    const double rate = 4, decay = 1e-3, momentum = 0.9;
    for (size_t i = 0; i < labels->n; i++)
        if (!labels->at[i].held_out)
            *(labels->at[i].good ? &n_good : &n_bad) += 1;
    for (int step = 0; step < STEPS; step++) {
        for (size_t j = 0; j <= size; j++) {
            double now = j < size ? weights[j] : *bias;
            ahead[j] = now + momentum * speed[j];
            slope[j] = j < size ? decay * ahead[j] : 0;
        }
        for (size_t i = 0; i < labels->n; i++) {
            const struct labelled *one = &labels->at[i];
            const float *vector = vectors + i * size;
            if (one->held_out)
                continue;
            double error = logistic(dot(ahead, vector, size) + ahead[size]) - one->good;
            error /= 2 * (one->good ? n_good : n_bad);
            for (size_t j = 0; j < size; j++)
                slope[j] += error * (double)vector[j];
            slope[size] += error;
        }
        for (size_t j = 0; j <= size; j++) {
            speed[j] = momentum * speed[j] - rate * slope[j];
            *(j < size ? &weights[j] : bias) += speed[j];
        }
    }
    free(slope);
    free(speed);
    free(ahead);
}

struct ranked {
    double score;
    bool good;
};
static int by_score(const void *a, const void *b) {
    double x = ((const struct ranked *)a)->score, y = ((const struct ranked *)b)->score;
    return x < y ? -1 : x > y;
}

/* The probability that a good text is above one that is not: Mann and Whitney's; ties count half.
 */
double quality_auc(const double *scores, const bool *good, size_t n) {
    struct ranked *all = must_alloc(n + 1, sizeof *all);
    double sum = 0, n_good = 0;
    for (size_t i = 0; i < n; i++)
        all[i] = (struct ranked){scores[i], good[i]};
    qsort(all, n, sizeof *all, by_score);
    for (size_t i = 0, end; i < n; i = end) {
        double rank, tied = 0;
        for (end = i; end < n && all[end].score == all[i].score; end++)
            tied += all[end].good;
        rank = (double)(i + end + 1) / 2; /* the mean of i + 1 … end */
        sum += tied * rank;
        n_good += tied;
    }
    free(all);
    double n_bad = (double)n - n_good;
    return n_good > 0 && n_bad > 0 ? (sum - n_good * (n_good + 1) / 2) / (n_good * n_bad) : NAN;
}

static void judge(const struct labels *labels, const float *vectors, size_t size,
                  const double *weights, double bias, struct quality_report *report) {
    double *scores = must_alloc(labels->n + 1, sizeof *scores);
    bool *good = must_alloc(labels->n + 1, sizeof *good);
    size_t n = 0, right = 0;
    for (size_t i = 0; i < labels->n; i++) {
        if (!labels->at[i].held_out)
            continue;
        scores[n] = dot(weights, vectors + i * size, size) + bias;
        good[n] = labels->at[i].good;
        right += (scores[n] > 0) == good[n];
        n++;
    }
    report->n_held_out = n;
    report->auc = quality_auc(scores, good, n);
    report->right = n ? (double)right / (double)n : 0;
    free(scores);
    free(good);
}

static bool write_head(const struct quality_learning *how, const double *weights, double bias,
                       size_t size, const struct quality_report *report, struct fault *fault) {
    json_t *list = json_array();
    struct buffer text = {0};
    for (size_t i = 0; i < size; i++)
        json_array_append_new(list, json_real(weights[i]));
    json_t *head =
        json_pack("{s:s, s:I, s:I, s:f, s:f, s:o}", "kind", "lyceum quality head", "labels",
                  (json_int_t)report->n_label, "held_out", (json_int_t)report->n_held_out, "auc",
                  isnan(report->auc) ? 0.5 : report->auc, "bias", bias, "weights", list);
    MUST(head);
    buffer_json(&text, head);
    buffer_byte(&text, '\n');
    bool good = file_write(how->out, buffer_view(&text), fault);
    json_decref(head);
    buffer_free(&text);
    return good;
}

bool quality_learn(const struct quality_learning *how, struct pool *pool,
                   struct quality_report *report, struct fault *fault) {
    struct labels labels = {.arena = arena_new()};
    struct model *model = NULL;
    float *vectors = NULL;
    *report = (struct quality_report){0};
    bool good = read_labels(how->labels, &labels, fault) &&
                (model = open_embedder(how->model, pool, fault)) != NULL;
    size_t size = good ? (size_t)model_embedding_size(model) : 0;
    if (good)
        good = (vectors = try_alloc(labels.n * size, sizeof *vectors, fault)) != NULL;
    if (good) {
        struct view *texts = must_alloc(labels.n, sizeof *texts);
        double *weights = must_alloc(size, sizeof *weights), bias = 0;
        for (size_t i = 0; i < labels.n; i++)
            texts[i] = labels.at[i].text;
        good = embed(model, texts, labels.n, vectors, fault);
        if (good) {
            learn(&labels, vectors, size, weights, &bias);
            report->n_label = labels.n;
            report->n_good = labels.n_good;
            judge(&labels, vectors, size, weights, bias, report);
            good = write_head(how, weights, bias, size, report, fault);
        }
        free(weights);
        free(texts);
    }
    free(vectors);
    model_close(model);
    free(labels.at);
    arena_free(labels.arena);
    return good;
}

/* ----------------------------------------------------------------------------------------- using
 */

static bool read_head(const char *path, struct quality_head *head, struct fault *fault) {
    struct buffer text = {0};
    bool good = file_read(path, 64 << 20, &text, fault);
    json_t *json = good ? json_parse(buffer_view(&text), fault) : NULL;
    const json_t *weights = json_object_get(json, "weights");
    good = json != NULL;
    if (good && json_array_size(weights) != (size_t)head->size) {
        good = fault_set(fault, FAULT_INPUT,
                         "this head has %zu weights, the vectors of the model %d values",
                         json_array_size(weights), head->size);
        fault_remedy(fault, "Name the model that it was trained with.");
    }
    for (size_t i = 0; good && i < (size_t)head->size; i++) {
        const json_t *one = json_array_get(weights, i);
        head->weights[i] = json_number_value(one);
        if (!json_is_number(one))
            good = fault_set(fault, FAULT_INPUT, "weight %zu is no number", i + 1);
    }
    head->bias = json_number(json, "bias", 0);
    json_decref(json);
    buffer_free(&text);
    return good || fault_place(fault, path, 0, -1);
}

struct quality_head *quality_open(const char *path, const char *model, struct pool *pool,
                                  struct fault *fault) {
    struct quality_head *head = must_alloc(1, sizeof *head);
    head->model = open_embedder(model, pool, fault);
    if (head->model) {
        head->size = model_embedding_size(head->model);
        head->weights = must_alloc((size_t)head->size, sizeof *head->weights);
        if (read_head(path, head, fault))
            return head;
    }
    quality_close(head);
    return NULL;
}

void quality_close(struct quality_head *head) {
    if (!head)
        return;
    model_close(head->model);
    free(head->weights);
    free(head);
}

bool quality_score(const struct quality_head *head, const struct view *texts, size_t n,
                   double *out, struct fault *fault) {
    size_t size = (size_t)head->size;
    float *vectors = try_alloc(AT_ONCE * size, sizeof *vectors, fault);
    bool good = vectors != NULL;
    for (size_t i = 0; i < n && good; i += AT_ONCE) {
        size_t m = n - i < AT_ONCE ? n - i : AT_ONCE;
        good = embed(head->model, texts + i, m, vectors, fault);
        for (size_t j = 0; j < m && good; j++)
            out[i + j] = logistic(dot(head->weights, vectors + j * size, size) + head->bias);
    }
    free(vectors);
    return good;
}
