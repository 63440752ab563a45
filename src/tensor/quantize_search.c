/* The inner loops of the quantisers, compiled once for each instruction set. The vectors are the
 * compilers' own (GCC manual, "Vector Extensions"), as wide as the processor's; products and sums
 * stay apart: the bits are the same everywhere. */
#include "tensor/quantize.h"

#include <string.h>

#if defined(__AVX512F__)
enum { WIDTH = 16 };
#elif defined(__AVX__)
enum { WIDTH = 8 };
#else
enum { WIDTH = 4 };
#endif
typedef float lanes __attribute__((vector_size(4 * WIDTH)));
typedef int32_t mask __attribute__((vector_size(4 * WIDTH)));

static inline lanes load(const float *at) {
    lanes value;
    memcpy(&value, at, sizeof value);
    return value;
}

static inline void store(float *at, lanes value) {
    memcpy(at, &value, sizeof value);
}

static inline lanes pick(mask where, lanes a, lanes b) {
    return (lanes)(((mask)a & where) | ((mask)b & ~where));
}

/* 1 / x, and 0 where x is as good as 0. */
static inline lanes inverse(lanes x) {
    mask none = (x < 0x1p-100F) & (x > -0x1p-100F);
    lanes one = (lanes){} + 1;
    return pick(none, (lanes){}, one / pick(none, one, x));
}

/* Nearest integers between low and high: adding 1.5 · 2^23 rounds what is below 2^22. */
static inline lanes nearest(lanes value, float low, float high) {
    lanes least = (lanes){} + low, most = (lanes){} + high;
    value = pick(value < least, least, value);
    value = pick(value > most, most, value);
    return (value + 0x1.8p23F) - 0x1.8p23F;
}

static void refit_scale_some(const struct run *run, struct tries *tries, int from) {
    lanes per = inverse(load(tries->scale + from)), minimum = load(tries->minimum + from);
    lanes with_x = {}, with_itself = {};
    for (int i = 0; i < run->n; i++) {
        lanes above = run->x[i] - minimum;
        lanes integer = nearest(above * per, (float)run->low, (float)run->high);
        lanes weighted = integer * run->weight[i];
        with_x += weighted * above;
        with_itself += weighted * integer;
    }
    lanes scale = with_x * inverse(with_itself);
    store(tries->scale + from, scale);
    store(tries->error + from, -scale * with_x);
}

static void refit_line_some(const struct run *run, struct tries *tries, int from) {
    lanes per = inverse(load(tries->scale + from)), minimum = load(tries->minimum + from);
    lanes sum = {}, with_x = {}, with_itself = {};
    float sum_weight = 0, sum_x = 0;
    for (int i = 0; i < run->n; i++) {
        float x = run->x[i], weight = run->weight[i];
        lanes integer = nearest((x - minimum) * per, (float)run->low, (float)run->high);
        lanes weighted = integer * weight;
        sum += weighted;
        with_x += weighted * x;
        with_itself += weighted * integer;
        sum_weight += weight;
        sum_x += weight * x;
    }
    lanes per_determinant = inverse(sum_weight * with_itself - sum * sum);
    store(tries->scale + from, (sum_weight * with_x - sum_x * sum) * per_determinant);
    lanes level = (lanes){} + sum_x * (sum_weight > 0 ? 1 / sum_weight : 0);
    store(tries->minimum + from, pick(per_determinant == 0, level,
                                      (with_itself * sum_x - sum * with_x) * per_determinant));
}

static void weigh_some(const struct run *run, struct tries *tries, int from) {
    lanes scale = load(tries->scale + from), per = inverse(scale),
          minimum = load(tries->minimum + from);
    lanes error = {};
    for (int i = 0; i < run->n; i++) {
        lanes above = run->x[i] - minimum;
        lanes apart = above - scale * nearest(above * per, (float)run->low, (float)run->high);
        error += apart * apart * run->weight[i];
    }
    store(tries->error + from, error);
}

static void refit_scale(const struct run *run, struct tries *tries) {
    for (int from = 0; from < TRIES; from += WIDTH)
        refit_scale_some(run, tries, from);
}

static void refit_line(const struct run *run, struct tries *tries) {
    for (int from = 0; from < TRIES; from += WIDTH)
        refit_line_some(run, tries, from);
}

static void weigh(const struct run *run, struct tries *tries) {
    for (int from = 0; from < TRIES; from += WIDTH)
        weigh_some(run, tries, from);
}

const struct searches SEARCHES = {refit_scale, refit_line, weigh};
