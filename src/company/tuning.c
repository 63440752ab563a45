/* Half of the recorded questions teaches, the other half tells what was learnt is worth. */
#include "company/judgement.h"
#include "company/plan.h"
#include "company/tuning.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LEAST_ROWS = 20, MOST_ROWS = 100000, CURVE = 20, RESAMPLES = 2000 };

struct lines { /* as they were recorded */
    size_t n, room;
    struct judged *worker, *senior; /* [n] */
    struct recorded *rows;          /* [n]; without their wish */
};

static bool in(const json_t *object, const char *key, double low, double high, double *out) {
    const json_t *value = json_object_get(object, key);
    *out = json_is_number(value) ? json_number_value(value) : NAN;
    return *out >= low && *out <= high;
}

/* Null, or not there: not known. */
static bool feature(const json_t *features, const char *key, double low, double high,
                    double *out) {
    const json_t *value = json_object_get(features, key);
    *out = NAN;
    return !value || json_is_null(value) || in(features, key, low, high, out);
}

static bool read_features(const json_t *given, struct features *f) {
    return feature(given, "mean", -1e3, 0, &f->mean) &&
           feature(given, "least", -1e3, 0, &f->least) &&
           feature(given, "agreement", 0, 1, &f->agreement) &&
           feature(given, "check", 0, 1, &f->check) &&
           feature(given, "graded", 0, 1, &f->graded) &&
           feature(given, "tokens", 0, 1e9, &f->n_token);
}

static bool read_line(struct lines *lines, struct view text, long line, struct fault *fault) {
    json_t *one = json_parse(text, NULL);
    const json_t *worker = json_object_get(one, "worker"), *senior = json_object_get(one, "senior");
    const char *kind = json_text(one, "kind", "");
    struct recorded *row = &lines->rows[lines->n];
    struct judged *judged = &lines->worker[lines->n], *better = &lines->senior[lines->n];
    bool good = *kind && strlen(kind) < JUDGED_KIND &&
                in(worker, "quality", 0, 1, &row->worker) &&
                in(senior, "quality", 0, 1, &row->senior) &&
                in(worker, "cost", 0, 1e12, &row->worker_cost) &&
                in(senior, "cost", 0, 1e12, &row->senior_cost) &&
                read_features(json_object_get(worker, "features"), &judged->features);
    if (good) {
        snprintf(judged->kind, JUDGED_KIND, "%s", kind);
        *better = *judged;
        judged->content = row->worker >= 0.5;
        better->content = row->senior >= 0.5;
        lines->n++;
    } else {
        fault_set(fault, FAULT_INPUT, "this is no question that a worker and a senior answered");
        fault_remedy(fault, "It needs kind, worker and senior, each with quality from 0 to 1 and "
                            "cost; log-probabilities are 0 or less.");
        fault_place(fault, "", line, -1);
    }
    json_decref(one);
    return good;
}

static bool read_lines(struct lines *lines, struct view text, struct fault *fault) {
    struct view line;
    for (long at = 1; view_line(&text, &line); at++) {
        if (!view_trim(line).n)
            continue;
        if (lines->n == MOST_ROWS)
            return fault_set(fault, FAULT_LIMIT, "there are more than %d questions", MOST_ROWS);
        if (lines->n == lines->room) {
            lines->room = lines->room * 2 + 1000;
            lines->worker = must_realloc(lines->worker, lines->room, sizeof *lines->worker);
            lines->senior = must_realloc(lines->senior, lines->room, sizeof *lines->senior);
            lines->rows = must_realloc(lines->rows, lines->room, sizeof *lines->rows);
        }
        if (!read_line(lines, line, at, fault))
            return false;
    }
    return lines->n >= LEAST_ROWS ||
           fault_set(fault, FAULT_INPUT, "%zu questions are too few to tell; %d are needed",
                     lines->n, LEAST_ROWS);
}

/* -------------------------------------------------------------------------------------- figures
 */

static json_t *policy_json(const struct policy *policy) {
    return json_pack("{s:f, s:f, s:f}", "quality", policy->quality, "cost", policy->cost, "calls",
                     policy->calls);
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static json_t *interval(double at, double *drawn, size_t n) {
    qsort(drawn, n, sizeof *drawn, by_size);
    return json_pack("{s:f, s:f, s:f}", "at", at, "low", n ? drawn[n / 40] : at, "high",
                     n ? drawn[n - 1 - n / 40] : at);
}

static double share_of(double small, double chosen, double senior) {
    return senior > small ? (chosen - small) / (senior - small) : 0;
}

/* Questions are drawn again, with putting back (Efron 1979); draws in which the senior adds nothing
 * have no share of it. */
static void put_intervals(json_t *out, const struct recorded *rows, size_t n, double margin) {
    double *gains = must_alloc(RESAMPLES, sizeof *gains);
    double *shares = must_alloc(RESAMPLES, sizeof *shares);
    struct recorded *drawn = must_alloc(n, sizeof *drawn);
    struct random random;
    size_t n_share = 0;
    random_seed(&random, 1);
    for (size_t r = 0; r < RESAMPLES; r++) {
        for (size_t i = 0; i < n; i++)
            drawn[i] = rows[random_between(&random, 0, (int64_t)n - 1)];
        double small = policy_at(drawn, n, INFINITY).quality;
        double senior = policy_at(drawn, n, -INFINITY).quality;
        gains[r] = senior - small;
        if (senior > small)
            shares[n_share++] = share_of(small, policy_at(drawn, n, margin).quality, senior);
    }
    double small = policy_at(rows, n, INFINITY).quality;
    double senior = policy_at(rows, n, -INFINITY).quality;
    json_object_set_new(out, "gain", interval(senior - small, gains, RESAMPLES));
    json_object_set_new(out, "share",
                        interval(share_of(small, policy_at(rows, n, margin).quality, senior),
                                 shares, n_share));
    free(gains);
    free(shares);
    free(drawn);
}

/* By the calls that they make, from none to all. */
static void put_curves(json_t *out, const struct recorded *rows, size_t n) {
    double *wishes = must_alloc(n, sizeof *wishes);
    json_t *curve = json_array(), *oracle = json_array();
    for (size_t i = 0; i < n; i++)
        wishes[i] = -rows[i].wish;
    qsort(wishes, n, sizeof *wishes, by_size);
    for (int c = 0; c <= CURVE; c++) {
        size_t calls = n * (size_t)c / CURVE;
        double margin = calls ? -wishes[calls - 1] : INFINITY;
        struct policy policy = policy_at(rows, n, margin);
        struct policy best = policy_oracle(rows, n, (double)c / CURVE);
        json_array_append_new(curve, policy_json(&policy));
        json_array_append_new(oracle, policy_json(&best));
    }
    json_object_set_new(out, "curve", curve);
    json_object_set_new(out, "oracle", oracle);
    free(wishes);
}

static json_t *kinds_of(const struct lines *lines) {
    json_t *kinds = json_array();
    bool *told = must_alloc(lines->n, sizeof *told);
    for (size_t i = 0; i < lines->n; i++) {
        double worker = 0, senior = 0;
        size_t n = 0;
        for (size_t k = i; !told[i] && k < lines->n; k++)
            if (!strcmp(lines->worker[k].kind, lines->worker[i].kind)) {
                worker += lines->rows[k].worker;
                senior += lines->rows[k].senior;
                n++;
                told[k] = k > i;
            }
        if (n)
            json_array_append_new(kinds, json_pack("{s:s, s:I, s:f, s:f}", "kind",
                                                   lines->worker[i].kind, "n", (json_int_t)n,
                                                   "worker", worker / (double)n, "senior",
                                                   senior / (double)n));
    }
    free(told);
    return kinds;
}

/* ----------------------------------------------------------------------------------------- whole
 */

struct halves { /* [n] each, of one half */
    struct judged *worker, *senior;
    struct recorded *rows;
    size_t n;
};

static void take_half(const struct lines *lines, size_t from, struct halves *half) {
    half->worker = must_alloc(lines->n, sizeof *half->worker);
    half->senior = must_alloc(lines->n, sizeof *half->senior);
    half->rows = must_alloc(lines->n, sizeof *half->rows);
    for (size_t i = from; i < lines->n; i += 2, half->n++) {
        half->worker[half->n] = lines->worker[i];
        half->senior[half->n] = lines->senior[i];
        half->rows[half->n] = lines->rows[i];
    }
}

static void free_half(struct halves *half) {
    free(half->worker);
    free(half->senior);
    free(half->rows);
}

static void wish(struct halves *half, const struct calibration *worker,
                 const struct calibration *senior) {
    for (size_t i = 0; i < half->n; i++)
        half->rows[i].wish =
            calibration_content(senior, half->worker[i].kind) -
            calibration_probability(worker, half->worker[i].kind, &half->worker[i].features);
}

static json_t *reliability_of(const struct halves *half, const struct calibration *worker) {
    double *told = must_alloc(half->n, sizeof *told);
    bool *content = must_alloc(half->n, sizeof *content);
    struct reliability reliability;
    for (size_t i = 0; i < half->n; i++) {
        told[i] =
            calibration_probability(worker, half->worker[i].kind, &half->worker[i].features);
        content[i] = half->worker[i].content;
    }
    reliability_measure(&reliability, told, content, half->n);
    free(told);
    free(content);
    return reliability_json(&reliability);
}

static json_t *tune(const struct lines *lines, const struct tuning *tuning) {
    struct halves taught = {0}, held = {0};
    struct calibration *worker = must_alloc(2, sizeof *worker), *senior = worker + 1;
    take_half(lines, 0, &taught);
    take_half(lines, 1, &held);
    calibration_fit(worker, taught.worker, taught.n);
    calibration_fit(senior, taught.senior, taught.n);
    wish(&taught, worker, senior);
    wish(&held, worker, senior);
    double margin = policy_choose(taught.rows, taught.n, tuning->calls, tuning->share);
    margin = fmin(margin, 1); /* nobody wishes more: never */
    struct policy small = policy_at(held.rows, held.n, INFINITY);
    struct policy all = policy_at(held.rows, held.n, -INFINITY);
    struct policy chosen = policy_at(held.rows, held.n, margin);
    json_t *out = json_pack(
        "{s:I, s:I, s:f, s:o, s:o, s:o, s:o, s:o}", "n", (json_int_t)lines->n, "held_out",
        (json_int_t)held.n, "margin", margin, "kinds", kinds_of(lines), "small",
        policy_json(&small), "senior", policy_json(&all), "chosen", policy_json(&chosen),
        "reliability", reliability_of(&held, worker));
    put_curves(out, held.rows, held.n);
    put_intervals(out, held.rows, held.n, margin);
    free_half(&taught);
    free_half(&held);
    free(worker);
    return out;
}

json_t *company_tune(struct view text, const struct tuning *tuning, struct fault *fault) {
    struct lines lines = {0};
    json_t *out = read_lines(&lines, text, fault) ? tune(&lines, tuning) : NULL;
    free(lines.worker);
    free(lines.senior);
    free(lines.rows);
    return out;
}

/* ---------------------------------------------------------------------------------- company.yaml
 */

bool company_write_margin(const char *file, double margin, json_t *problems,
                          struct fault *fault) {
    struct buffer text = {0}, changed = {0};
    if (!file_read(file, PLAN_BYTES, &text, fault))
        return false;
    struct view rest = buffer_view(&text), line;
    bool inside = false; /* the lines that the old one may have below it */
    while (view_line(&rest, &line)) {
        bool indented = line.n && (line.at[0] == ' ' || line.at[0] == '\t');
        inside = view_starts(line, "escalate:") || (inside && indented);
        if (!inside) {
            buffer_append(&changed, line);
            buffer_byte(&changed, '\n');
        }
    }
    buffer_format(&changed, "escalate: {margin: %.4f}\n", margin);
    struct report to = {problems, file};
    struct plan *plan = plan_parse(buffer_view(&changed), "", &to);
    bool good = plan ? file_write(file, buffer_view(&changed), fault)
                     : fault_set(fault, FAULT_INPUT, "%s has mistakes and stays as it was", file);
    plan_free(plan);
    buffer_free(&text);
    buffer_free(&changed);
    return good;
}
