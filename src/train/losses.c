/* Losses between a teacher's and a student's distribution (docs: the papers in train.h). */
#include "train/losses.h"

#include <math.h>

/* Below this a probability is as good as 0: its logarithm would be −∞. */
static const REAL smallest = (REAL)1e-30;

static double log_ratio(REAL a, REAL b) {
    return log((double)(a > smallest ? a : smallest)) - log((double)(b > smallest ? b : smallest));
}

static double forward_kl(const REAL *p, REAL *q, REAL skew, int64_t n) {
    double loss = 0;
    (void)skew;
    for (int64_t i = 0; i < n; i++) {
        if (p[i] > 0)
            loss += (double)p[i] * log_ratio(p[i], q[i]);
        q[i] -= p[i];
    }
    return loss;
}

static double reverse_kl(const REAL *p, REAL *q, REAL skew, int64_t n) {
    double loss = 0;
    (void)skew;
    for (int64_t i = 0; i < n; i++)
        loss += (double)q[i] * log_ratio(q[i], p[i]);
    for (int64_t i = 0; i < n; i++)
        q[i] = (REAL)((double)q[i] * (log_ratio(q[i], p[i]) - loss));
    return loss;
}

/* KL(p‖m), m = αp + (1−α)q: g = −(1−α) p / m. */
static double skewed_kl(const REAL *p, REAL *q, REAL skew, int64_t n) {
    double loss = 0, along = 0, left = 1 - (double)skew;
    for (int64_t i = 0; i < n; i++) {
        double m = (double)skew * (double)p[i] + left * (double)q[i];
        if (p[i] > 0)
            loss += (double)p[i] * log_ratio(p[i], (REAL)m);
        along -= m > 0 ? left * (double)p[i] * (double)q[i] / m : 0;
    }
    for (int64_t i = 0; i < n; i++) {
        double m = (double)skew * (double)p[i] + left * (double)q[i];
        double g = m > 0 ? -left * (double)p[i] / m : 0;
        q[i] = (REAL)((double)q[i] * (g - along));
    }
    return loss;
}

/* β KL(p‖m) + (1−β) KL(q‖m), m = βp + (1−β)q: by the logits (1−β) q (log q/m − KL(q‖m)). */
static double jsd(const REAL *p, REAL *q, REAL skew, int64_t n) {
    double of_p = 0, of_q = 0, beta = (double)skew;
    for (int64_t i = 0; i < n; i++) {
        REAL m = (REAL)(beta * (double)p[i] + (1 - beta) * (double)q[i]);
        of_p += (double)p[i] * log_ratio(p[i], m);
        of_q += (double)q[i] * log_ratio(q[i], m);
    }
    for (int64_t i = 0; i < n; i++) {
        REAL m = (REAL)(beta * (double)p[i] + (1 - beta) * (double)q[i]);
        q[i] = (REAL)((1 - beta) * (double)q[i] * (log_ratio(q[i], m) - of_q));
    }
    return beta * of_p + (1 - beta) * of_q;
}

distribution_loss *losses_chosen(enum loss_kind kind, REAL skew) {
    switch (kind) {
    case LOSS_REVERSE_KL:
        return reverse_kl;
    case LOSS_SKEWED_KL:
        return skew <= 0 ? forward_kl : skewed_kl;
    case LOSS_JSD:
        return skew <= 0 ? forward_kl : skew >= 1 ? reverse_kl : jsd;
    default:
        return forward_kl;
    }
}
