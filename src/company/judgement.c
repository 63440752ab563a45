/* Calibration: Newton's method on a few weights, so the same rows give the same result. */
#include "company/judgement.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Before there are rows: a sure, unanimous, approved draft is likelier, and the middle is even. */
static const double prior_weights[JUDGED_WEIGHTS] = {0, 1, 1, 1, 1, 0};
enum { NEWTON_STEPS = 25 };
#define PRIOR_STRENGTH 1.0 /* of each weight: the inverse of its variance */
#define KIND_STRENGTH 4.0  /* of a kind's slope and offset about those of all */

static double logistic(double x) {
    return 1 / (1 + exp(-x));
}

static double known(double value, double centre) {
    return isnan(value) ? 0 : value - centre;
}

/* Each about even at 0, and of the size of one. */
static void weigh_features(const struct features *f, double x[JUDGED_WEIGHTS]) {
    x[0] = 1;
    x[1] = 2 * known(exp(f->mean), 0.5);
    x[2] = 2 * known(exp(f->least), 0.5);
    x[3] = 2 * known(f->agreement, 0.5);
    x[4] = 2 * known(f->check, 0.5);
    x[5] = isnan(f->n_token) ? 0 : log(1 + fmax(f->n_token, 0)) / 3 - 0.5;
}

/* Solves a·x = b of size d by elimination; a is symmetric and positive. */
static void solve(double *a, double *b, int d) {
    for (int i = 0; i < d; i++)
        for (int k = i + 1; k < d; k++) {
            double factor = a[k * d + i] / a[i * d + i];
            for (int j = i; j < d; j++)
                a[k * d + j] -= factor * a[i * d + j];
            b[k] -= factor * b[i];
        }
    for (int i = d - 1; i >= 0; i--) {
        for (int j = i + 1; j < d; j++)
            b[i] -= a[i * d + j] * b[j];
        b[i] /= a[i * d + i];
    }
}

/* The mode of Σ log p(content | w·x) − strength/2 · |w − prior|². x: [n][d]. A step is halved
 * until it does not lose, so it settles from anywhere. */
static double fitness(const double *x, const bool *y, size_t n, int d, const double *w,
                      const double *prior, double strength) {
    double sum = 0;
    for (int j = 0; j < d; j++)
        sum -= strength / 2 * (w[j] - prior[j]) * (w[j] - prior[j]);
    for (size_t i = 0; i < n; i++) {
        double z = 0;
        for (int j = 0; j < d; j++)
            z += w[j] * x[i * (size_t)d + (size_t)j];
        z = y[i] ? z : -z;
        sum -= z > 0 ? log1p(exp(-z)) : log1p(exp(z)) - z;
    }
    return sum;
}

static void fit(const double *x, const bool *y, size_t n, int d, double *w, const double *prior,
                double strength) {
    memcpy(w, prior, (size_t)d * sizeof *w);
    double best = fitness(x, y, n, d, w, prior, strength);
    for (int step = 0; step < NEWTON_STEPS; step++) {
        double slope[JUDGED_WEIGHTS], bend[JUDGED_WEIGHTS * JUDGED_WEIGHTS] = {0};
        double next[JUDGED_WEIGHTS], reached, size = 1;
        for (int j = 0; j < d; j++) {
            slope[j] = -strength * (w[j] - prior[j]);
            bend[j * d + j] = strength;
        }
        for (size_t i = 0; i < n; i++) {
            const double *row = x + i * (size_t)d;
            double z = 0;
            for (int j = 0; j < d; j++)
                z += w[j] * row[j];
            double p = logistic(z);
            for (int j = 0; j < d; j++) {
                slope[j] += (y[i] - p) * row[j];
                for (int k = 0; k < d; k++)
                    bend[j * d + k] += p * (1 - p) * row[j] * row[k];
            }
        }
        solve(bend, slope, d);
        do {
            for (int j = 0; j < d; j++)
                next[j] = w[j] + size * slope[j];
            reached = fitness(x, y, n, d, next, prior, strength);
            size /= 2;
        } while (reached < best && size > 1e-6);
        if (reached <= best)
            return;
        best = reached;
        memcpy(w, next, (size_t)d * sizeof *w);
    }
}

static double raw(const struct calibration *calibration, const struct features *features) {
    double x[JUDGED_WEIGHTS], z = 0;
    weigh_features(features, x);
    for (int j = 0; j < JUDGED_WEIGHTS; j++)
        z += calibration->weights[j] * x[j];
    return z;
}

static const struct kind_calibration *find(const struct calibration *calibration,
                                           const char *kind) {
    for (size_t k = 0; k < calibration->n_kind; k++)
        if (!strcmp(calibration->kinds[k].kind, kind))
            return &calibration->kinds[k];
    return NULL;
}

static void fit_kind(struct calibration *calibration, const struct judged *rows, size_t n,
                     const char *name, double *x, bool *y) {
    static const double as_all[2] = {1, 0};
    struct kind_calibration *kind = &calibration->kinds[calibration->n_kind++];
    double w[2], content = 0;
    size_t m = 0;
    for (size_t i = 0; i < n; i++)
        if (!strcmp(rows[i].kind, name)) {
            x[2 * m] = raw(calibration, &rows[i].features);
            x[2 * m + 1] = 1;
            content += rows[i].content;
            y[m++] = rows[i].content;
        }
    fit(x, y, m, 2, w, as_all, KIND_STRENGTH);
    snprintf(kind->kind, sizeof kind->kind, "%s", name);
    kind->slope = fmax(w[0], 0); /* surer is never worse */
    kind->offset = w[1];
    kind->n = m;
    kind->content = (content + 2 * calibration->content) / (double)(m + 2);
}

void calibration_fit(struct calibration *calibration, const struct judged *rows, size_t n) {
    *calibration = (struct calibration){.n = n};
    double *x = must_alloc(n + 1, JUDGED_WEIGHTS * sizeof *x), content = 0;
    bool *y = must_alloc(n + 1, sizeof *y);
    for (size_t i = 0; i < n; i++) {
        weigh_features(&rows[i].features, x + i * JUDGED_WEIGHTS);
        y[i] = rows[i].content;
        content += y[i];
    }
    calibration->content = (content + 1) / (double)(n + 2);
    fit(x, y, n, JUDGED_WEIGHTS, calibration->weights, prior_weights, PRIOR_STRENGTH);
    for (size_t i = 0; i < n && calibration->n_kind < JUDGED_KINDS; i++)
        if (!find(calibration, rows[i].kind))
            fit_kind(calibration, rows, n, rows[i].kind, x, y);
    free(x);
    free(y);
}

double calibration_probability(const struct calibration *calibration, const char *kind,
                               const struct features *features) {
    if (!isnan(features->graded))
        return features->graded;
    const struct kind_calibration *own = find(calibration, kind);
    double z = raw(calibration, features);
    return logistic(own ? own->slope * z + own->offset : z);
}

double calibration_content(const struct calibration *calibration, const char *kind) {
    const struct kind_calibration *own = find(calibration, kind);
    return own ? own->content : calibration->content;
}

struct told {
    double probability;
    bool content;
};

static int by_probability(const void *a, const void *b) {
    double x = ((const struct told *)a)->probability, y = ((const struct told *)b)->probability;
    return (x < y) - (x > y);
}

static double wilson_least(double good, double n) {
    double z = 1.959964, p = good / n;
    return (p + z * z / (2 * n) - z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))) /
           (1 + z * z / n);
}

double calibration_least(const double *probabilities, const bool *content, size_t n,
                         double share) {
    struct told *sorted = must_alloc(n + 1, sizeof *sorted);
    double good = 0, least = INFINITY;
    for (size_t i = 0; i < n; i++)
        sorted[i] = (struct told){probabilities[i], content[i]};
    qsort(sorted, n, sizeof *sorted, by_probability);
    for (size_t i = 0; i < n; i++) {
        good += sorted[i].content;
        if (i + 1 < n && sorted[i + 1].probability >= sorted[i].probability)
            continue; /* who are as likely go together */
        if (wilson_least(good, (double)(i + 1)) >= share)
            least = sorted[i].probability;
    }
    free(sorted);
    return least;
}

/* ----------------------------------------------------------------------------------- reliability
 */

void reliability_measure(struct reliability *out, const double *probabilities, const bool *content,
                         size_t n) {
    *out = (struct reliability){.n = n};
    for (size_t i = 0; i < n; i++) {
        double p = fmin(fmax(probabilities[i], 0), 1), off = p - content[i];
        int b = (int)fmin(p * JUDGED_BINS, JUDGED_BINS - 1);
        out->bins[b].n++;
        out->bins[b].probability += p;
        out->bins[b].content += content[i];
        out->brier += off * off / (double)n;
    }
    for (int b = 0; b < JUDGED_BINS; b++) {
        struct reliability_bin *bin = &out->bins[b];
        if (!bin->n)
            continue;
        out->error += fabs(bin->probability - bin->content) / (double)n;
        bin->probability /= (double)bin->n;
        bin->content /= (double)bin->n;
    }
}

json_t *reliability_json(const struct reliability *reliability) {
    json_t *bins = json_array();
    for (int b = 0; b < JUDGED_BINS; b++)
        if (reliability->bins[b].n)
            json_array_append_new(bins, json_pack("{s:I, s:f, s:f}", "n",
                                                  (json_int_t)reliability->bins[b].n,
                                                  "probability", reliability->bins[b].probability,
                                                  "content", reliability->bins[b].content));
    return json_pack("{s:I, s:f, s:f, s:o}", "n", (json_int_t)reliability->n,
                     "expected_calibration_error", reliability->error, "brier", reliability->brier,
                     "bins", bins);
}

/* -------------------------------------------------------------------------------------- policies
 */

struct policy policy_at(const struct recorded *rows, size_t n, double margin) {
    struct policy policy = {0};
    for (size_t i = 0; i < n; i++) {
        bool up = rows[i].wish >= margin;
        policy.quality += (up ? rows[i].senior : rows[i].worker) / (double)n;
        policy.cost += (rows[i].worker_cost + (up ? rows[i].senior_cost : 0)) / (double)n;
        policy.calls += up / (double)n;
    }
    return policy;
}

static int by_wish(const void *a, const void *b) {
    double x = ((const struct recorded *)a)->wish, y = ((const struct recorded *)b)->wish;
    return (x < y) - (x > y);
}

struct policy policy_oracle(const struct recorded *rows, size_t n, double calls) {
    struct recorded *sorted = must_alloc(n + 1, sizeof *sorted);
    for (size_t i = 0; i < n; i++) {
        sorted[i] = rows[i];
        sorted[i].wish = rows[i].senior - rows[i].worker;
    }
    qsort(sorted, n, sizeof *sorted, by_wish);
    size_t most = (size_t)floor(calls * (double)n + 1e-9);
    for (size_t i = 0; i < n; i++) /* nobody is sent up for nothing */
        sorted[i].wish = i < most && sorted[i].wish > 0;
    struct policy policy = policy_at(sorted, n, 0.5);
    free(sorted);
    return policy;
}

double policy_choose(const struct recorded *rows, size_t n, double calls, double share) {
    struct recorded *sorted = must_alloc(n + 1, sizeof *sorted);
    double gain = 0, added = 0, best = 0, margin = INFINITY;
    for (size_t i = 0; i < n; i++) {
        sorted[i] = rows[i];
        gain += rows[i].senior - rows[i].worker;
    }
    qsort(sorted, n, sizeof *sorted, by_wish);
    for (size_t i = 0; i < n && (double)(i + 1) <= calls * (double)n + 1e-9; i++) {
        added += sorted[i].senior - sorted[i].worker;
        if (i + 1 < n && sorted[i + 1].wish >= sorted[i].wish)
            continue; /* who wishes alike goes together */
        if (added > best) {
            best = added;
            margin = sorted[i].wish;
        }
        if (share < 1 && gain > 0 && best >= share * gain)
            break;
    }
    free(sorted);
    return margin;
}
