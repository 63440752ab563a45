/* The stages of a distillation after the training: everybody is examined, and the card made. */
#include "workshop/distil.h"
#include "workshop/examination.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LEAST_OF_A_TASK = 12, MOST_OF_A_TASK = 200 };

/* Seconds that a draft takes for each 100 MB of the model: about that on two cores of 2021. */
static const double item_seconds = 0.25;

static enum card_kind kind_of(const struct distil_training *training) {
    return training->plain                             ? CARD_PLAIN
           : !strcmp(training->rows, "shuffled.jsonl") ? CARD_SHUFFLED
                                                       : CARD_SPECIALIST;
}

static struct examination *examination_of(const struct distil_run *run) {
    const struct distillation *how = run->how;
    struct examination *e = must_alloc(1, sizeof *e);
    *e = (struct examination){.title = how->title,
                              .folder = how->folder,
                              .student = how->student,
                              .suite = how->suite,
                              .tutor = how->tutor,
                              .seed = how->seed,
                              .cancel = how->cancel,
                              .tell = how->tell,
                              .data = how->data};
    examination_begin(e);
    if (how->returned) {
        struct arm *arm = &e->arms[e->n_arm++];
        *arm = (struct arm){.name = "returned", .kind = CARD_SPECIALIST, .seed = how->seed};
        distil_path(run, "returned.gguf", arm->model);
    }
    for (size_t i = 0; i < run->plan.n_training; i++) {
        const struct distil_training *training = &run->plan.trainings[i];
        struct arm *arm = &e->arms[e->n_arm++];
        *arm = (struct arm){.kind = kind_of(training), .seed = training->seed};
        snprintf(arm->name, sizeof arm->name, "%s", training->name);
        snprintf(arm->adapter, sizeof arm->adapter, "%s/%s/adapter.gguf", how->folder,
                 training->name);
    }
    return e;
}

static bool read_items(const struct distil_run *run, struct proof_items *items,
                       struct fault *fault) {
    char path[DISTIL_PATH];
    struct buffer text = {0};
    distil_path(run, "items.jsonl", path);
    bool good = file_read(path, (size_t)1 << 30, &text, fault) &&
                proof_items_read(buffer_view(&text), items, fault);
    buffer_free(&text);
    if (!good)
        return false;
    double each = item_seconds * (double)file_bytes(run->how->student) / 1e8;
    double most = run->plan.prove_seconds / each / PROOF_TASKS;
    size_t n = most > MOST_OF_A_TASK    ? MOST_OF_A_TASK
               : most < LEAST_OF_A_TASK ? LEAST_OF_A_TASK
                                        : (size_t)most;
    proof_items_draw(items, n, run->how->seed);
    return true;
}

bool distil_prove(struct distil_run *run, struct fault *fault) {
    struct proof_items items;
    if (!read_items(run, &items, fault))
        return false;
    struct examination *e = examination_of(run);
    bool good = examine(e, &items, fault);
    proof_items_free(&items);
    free(e);
    return good;
}

/* --------------------------------------------------------------------------------------- the card
 */

/* Tokens and minutes from a training's log. */
static struct card_cost training_cost(const struct distil_run *run, const char *name) {
    char path[DISTIL_PATH];
    struct card_cost cost = {.stage = name};
    struct buffer text = {0};
    snprintf(path, sizeof path, "%s/%s/log.jsonl", run->how->folder, name);
    if (!file_exists(path) || !file_read(path, (size_t)1 << 30, &text, NULL))
        return cost;
    struct view rest = buffer_view(&text), line;
    while (view_line(&rest, &line)) {
        json_t *step = json_parse(line, NULL);
        cost.minutes += json_number(step, "seconds", 0) / 60;
        cost.n_token += (uint64_t)json_number(step, "tokens", 0);
        json_decref(step);
    }
    buffer_free(&text);
    return cost;
}

bool distil_card(struct distil_run *run, bool *passed, struct fault *fault) {
    const struct distillation *how = run->how;
    struct card_cost costs[DISTIL_TRAININGS];
    char adapter[DISTIL_PATH], rows[DISTIL_PATH];
    struct sources *sources = must_alloc(1, sizeof *sources);
    struct examination *e = examination_of(run);
    char items[DISTIL_PATH];
    distil_path(run, "items.jsonl", items);
    e->items = items;
    distil_path(run, how->returned ? "returned.gguf" : "specialist-1/adapter.gguf", adapter);
    distil_path(run, "rows.jsonl", rows);
    for (size_t i = 0; i < run->plan.n_training; i++)
        costs[i] = training_cost(run, run->plan.trainings[i].name);
    struct card_more more = {sources, costs, run->plan.n_training};
    bool good = sources_add(sources, "model", how->student, fault) &&
                sources_add(sources, "begun as", how->tutor, fault) &&
                sources_add(sources, how->returned ? "returned" : "adapter", adapter, fault) &&
                sources_add(sources, "rows", rows, fault) && sources_count(sources, rows, fault) &&
                examination_card(e, &more, run->pool, passed, fault);
    free(sources);
    free(e);
    return good;
}
