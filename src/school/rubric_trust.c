/* What proposals to open answers are worth: learnt from what people decided, and from nothing
 * else. A decision that is taken back is taken out, since all is computed from the record. */
#include "school/school_inside.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NEWEST = 500 /* decided answers */, SAMPLE = 10 };
/* Of the levels of which a model is sure, so many at least are kept by who decides. A choice. */
static const double share_kept = 0.9;

static uint64_t drawn(int64_t event) {
    return hash64((struct view){(const char *)&event, sizeof event}, 0);
}

/* Who sees a proposal leans to it, so that only what was decided without is evidence. */
bool rubric_is_blind(int64_t event) {
    return drawn(event) % 2 == 0;
}

/* One in so many of those that need no person goes to one all the same: it stays known whether
 * the model is right where it is sure. */
static bool is_sampled(int64_t event) {
    return drawn(event) % SAMPLE == 0;
}

static struct features features_of(double raw) {
    return (struct features){log(fmax(raw, 1e-9)), NAN, NAN, NAN, NAN, NAN};
}

/* ------------------------------------------------------------------------------- what was decided
 */

struct rows {
    struct judged *at;
    bool *blind;
    size_t n;
};

/* Those of one answer; room for RUBRIC_CRITERIA more. */
static void add_answer(struct rows *rows, const json_t *row, const json_t *proposal) {
    json_t *levels = json_parse(view_of(json_text(row, "levels", "")), NULL);
    const json_t *criteria = json_object_get(proposal, "criteria"), *one;
    size_t i, n = json_array_size(levels);
    for (i = 0; i < n && i < RUBRIC_CRITERIA; i++) {
        one = json_array_get(criteria, i);
        const json_t *level = json_object_get(one, "level");
        if (!json_is_integer(level))
            continue;
        struct judged *judged = &rows->at[rows->n];
        *judged = (struct judged){.features = features_of(json_number(one, "raw", 0)),
                                  .content = json_integer_value(level) ==
                                             json_integer_value(json_array_get(levels, i))};
        snprintf(judged->kind, sizeof judged->kind, "%s", json_text(row, "exercise", ""));
        rows->blind[rows->n++] =
            rubric_is_blind(json_integer_value(json_object_get(row, "event")));
    }
    json_decref(levels);
}

/* model: NULL for any; *models, or NULL, gets the names of all. */
static struct rows rows_of(struct school *school, const char *model, json_t *models) {
    json_t *list = people_list(school->record, PEOPLE_RUBRIC_JUDGED, "i", (int64_t)NEWEST), *row;
    size_t room = json_array_size(list) * RUBRIC_CRITERIA + 1, i;
    struct rows rows = {.at = must_alloc(room, sizeof *rows.at), .blind = must_alloc(room, 1)};
    json_array_foreach(list, i, row) {
        json_t *proposal = json_parse(view_of(json_text(row, "proposed", "")), NULL);
        const char *by = json_text(proposal, "model", "");
        if (models)
            json_object_set_new(models, by, json_true());
        if (model && !strcmp(model, by))
            add_answer(&rows, row, proposal);
        json_decref(proposal);
    }
    json_decref(list);
    return rows;
}

static void rows_done(struct rows *rows) {
    free(rows->at);
    free(rows->blind);
}

/* ------------------------------------------------------------------------------- what follows */

static void trust_fit(struct rubric_trust *trust, const struct rows *rows) {
    double *probabilities = must_alloc(rows->n + 1, sizeof *probabilities);
    bool *kept = must_alloc(rows->n + 1, sizeof *kept);
    size_t n = 0;
    *trust = (struct rubric_trust){0};
    calibration_fit(&trust->calibration, rows->at, rows->n);
    for (size_t i = 0; i < rows->n; i++) {
        const struct judged *one = &rows->at[i];
        struct rubric_kept *of = rows->blind[i] ? &trust->blind : &trust->seen;
        of->n++;
        of->kept += one->content;
        if (!rows->blind[i])
            continue;
        probabilities[n] = calibration_probability(&trust->calibration, one->kind, &one->features);
        kept[n++] = one->content;
    }
    trust->least = calibration_least(probabilities, kept, n, share_kept);
    free(probabilities);
    free(kept);
}

void rubric_trust(struct school *school, const char *model, struct rubric_trust *trust) {
    struct rows rows = rows_of(school, model, NULL);
    trust_fit(trust, &rows);
    rows_done(&rows);
}

double rubric_certainty(const struct rubric_trust *trust, const char *exercise, double raw) {
    char kind[JUDGED_KIND];
    struct features features = features_of(raw);
    snprintf(kind, sizeof kind, "%s", exercise);
    return calibration_probability(&trust->calibration, kind, &features);
}

bool rubric_is_sure(const struct rubric_trust *trust, const json_t *criteria, int64_t event) {
    const json_t *one;
    size_t i;
    json_array_foreach(criteria, i, one) {
        if (json_number(one, "certainty", 0) < trust->least)
            return false;
    }
    return i && !is_sampled(event);
}

json_t *rubric_kept(struct school *school) {
    json_t *models = json_object(), *list = json_array(), *unused;
    const char *model;
    struct rows none = rows_of(school, NULL, models);
    rows_done(&none);
    json_object_foreach(models, model, unused) {
        struct rubric_trust trust;
        rubric_trust(school, model, &trust);
        json_array_append_new(
            list,
            json_pack("{s:s,s:{s:I,s:I},s:{s:I,s:I},s:o}", "model", model, "unseen", "n",
                      (json_int_t)trust.blind.n, "kept", (json_int_t)trust.blind.kept, "seen", "n",
                      (json_int_t)trust.seen.n, "kept", (json_int_t)trust.seen.kept, "sure_from",
                      isfinite(trust.least) ? json_real(trust.least) : json_null()));
    }
    json_decref(models);
    return list;
}
