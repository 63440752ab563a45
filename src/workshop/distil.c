/* A course in, a specialist out: the stages one after the other, each a file in the work folder,
 * so that it goes on where it was stopped. */
#include "workshop/distil.h"
#include "workshop/examination.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Of the hours: asking the senior, training, and proving share them so. */
static const double senior_share = 0.10, train_share = 0.62, prove_share = 0.22;

void distil_path(const struct distil_run *run, const char *name, char out[DISTIL_PATH]) {
    snprintf(out, DISTIL_PATH, "%s/%s", run->how->folder, name);
}

void distil_tell(const struct distil_run *run, const char *format, ...) {
    char text[400];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (run->how->tell)
        run->how->tell(run->how->data, text);
}

bool distil_stopped(const struct distil_run *run) {
    return run->how->cancel && *run->how->cancel;
}

/* ------------------------------------------------------------------------------------- the plan
 */

static void add_training(struct distil_plan *plan, const char *name, const char *rows,
                         uint64_t seed, bool plain) {
    MUST(plan->n_training < DISTIL_TRAININGS);
    struct distil_training *training = &plan->trainings[plan->n_training++];
    *training = (struct distil_training){.rows = rows, .seed = seed, .plain = plain};
    snprintf(training->name, sizeof training->name, "%s", name);
}

static void make_plan(struct distil_run *run) {
    const struct distillation *how = run->how;
    struct distil_plan *plan = &run->plan;
    double seconds = how->hours * 3600;
    char name[32];
    for (int i = 1; !how->returned && i <= how->n_seed; i++) {
        snprintf(name, sizeof name, "specialist-%d", i);
        add_training(plan, name, "rows.jsonl", how->seed + (uint64_t)i, false);
    }
    if (!how->returned) {
        add_training(plan, "plain", "plain.jsonl", how->seed + 1, true);
        add_training(plan, "shuffled", "shuffled.jsonl", how->seed + 1, false);
    }
    /* Beside them the base, the look-up and the tutor. */
    plan->n_arm = plan->n_training + 2 + (how->tutor != NULL) + (how->returned != NULL);
    plan->senior_seconds = how->senior ? senior_share * seconds : 0;
    plan->train_seconds = (train_share * seconds + (how->senior ? 0 : senior_share * seconds)) /
                          (double)(plan->n_training ? plan->n_training : 1);
    plan->prove_seconds = prove_share * seconds / (double)plan->n_arm;
}

static struct view bytes_of(const struct file_map *map) {
    return (struct view){(const char *)map->at, map->n};
}

/* What the files of the folder were made for; another course or model goes into another folder. */
static bool check_plan(struct distil_run *run, struct fault *fault) {
    const struct distillation *how = run->how;
    char path[DISTIL_PATH], student[65], tutor[65];
    if (!hash_of(how->student, student, fault) || !hash_of(how->tutor, tutor, fault))
        return false;
    json_t *plan = json_pack("{s:s, s:s, s:s, s:s, s:I, s:i, s:f}", "course", how->course,
                             "student", student, "tutor", tutor, "language", how->language, "seed",
                             (json_int_t)how->seed, "seeds", how->n_seed, "hours", how->hours);
    struct buffer text = {0}, old = {0};
    buffer_json(&text, plan);
    json_decref(plan);
    distil_path(run, "plan.json", path);
    bool good = true;
    if (!file_exists(path))
        good = file_write(path, buffer_view(&text), fault);
    else if (file_read(path, 1 << 16, &old, fault) &&
             !view_equal(buffer_view(&old), buffer_view(&text))) {
        fault_set(fault, FAULT_INPUT, "the folder holds another distillation: %s", old.at);
        fault_place(fault, path, 0, -1);
        good = fault_remedy(fault, "Name another folder with --out, or give the same options");
    } else
        good = old.n > 0;
    buffer_free(&text);
    buffer_free(&old);
    return good;
}

/* ------------------------------------------------------------------------------------- publishing
 */

static bool copy_file(const char *from, const char *to, struct fault *fault) {
    struct file_map map;
    if (!file_map(from, &map, fault))
        return false;
    bool good = file_write(to, bytes_of(&map), fault);
    file_unmap(&map);
    return good;
}

/* The adapter, and its card beside it. */
static bool publish(struct distil_run *run, struct fault *fault) {
    static const char *const cards[] = {"card.json", "card.html"};
    struct view to = view_of(run->how->publish);
    char from[DISTIL_PATH], beside[DISTIL_PATH];
    size_t folder = to.n;
    while (folder > 0 && to.at[folder - 1] != '/')
        folder--;
    snprintf(beside, sizeof beside, "%.*s", (int)folder, to.at);
    distil_path(run, "specialist-1/adapter.gguf", from);
    bool good = (!folder || folder_make(beside, fault)) && copy_file(from, to.at, fault);
    if (view_ends(to, ".gguf"))
        to.n -= strlen(".gguf");
    for (size_t i = 0; good && i < COUNT_OF(cards); i++) {
        distil_path(run, cards[i], from);
        snprintf(beside, sizeof beside, "%.*s.%s", VIEW_ARG(to), cards[i]);
        good = copy_file(from, beside, fault);
    }
    return good;
}

/* -------------------------------------------------------------------------------------- the whole
 */

static void tell_plan(const struct distil_run *run) {
    const struct distil_plan *plan = &run->plan;
    distil_tell(run,
                "%.0f minutes: %.0f for the senior's questions, %zu trainings of %.1f, %zu "
                "examinations of %.1f",
                run->how->hours * 60, plan->senior_seconds / 60, plan->n_training,
                plan->train_seconds / 60, plan->n_arm, plan->prove_seconds / 60);
}

bool distil(const struct distillation *how, struct pool *pool, struct distil_result *result,
            struct fault *fault) {
    static bool (*const stages[])(struct distil_run *, struct fault *) = {
        distil_cards, distil_rows, distil_gate, distil_train, distil_prove};
    static bool (*const recipe[])(struct distil_run *, struct fault *) = {
        distil_cards, distil_rows, distil_gate, distil_recipe};
    static bool (*const returned[])(struct distil_run *, struct fault *) = {
        distil_cards, distil_rows, distil_gate, distil_returned, distil_prove};
    bool (*const *way)(struct distil_run *, struct fault *) = how->recipe     ? recipe
                                                              : how->returned ? returned
                                                                              : stages;
    size_t n_stage = how->recipe ? COUNT_OF(recipe) : COUNT_OF(stages);
    struct distil_run run = {.how = how, .pool = pool, .started = clock_seconds()};
    *result = (struct distil_result){0};
    make_plan(&run);
    bool good = folder_make(how->folder, fault) && check_plan(&run, fault);
    if (good)
        tell_plan(&run);
    for (size_t i = 0; good && i < n_stage && !distil_stopped(&run); i++)
        good = way[i](&run, fault);
    if (good && !how->recipe && !distil_stopped(&run)) {
        good = distil_card(&run, &result->passed, fault);
        result->done = good;
        if (good && result->passed && how->publish && !how->returned)
            result->published = good = publish(&run, fault);
    }
    result->seconds = clock_seconds() - run.started;
    return good;
}
