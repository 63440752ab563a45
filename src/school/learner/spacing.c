/* FSRS-6: the names S, D, R, G of its papers are stability, difficulty, recall and rating here. */
#include "school/learner/spacing.h"

#include <math.h>
#include <stdlib.h>

#define PUBLISHED                                                                                 \
    {0.212,  1.2931, 2.3065, 8.2956, 6.4133, 0.8334, 3.0194, 0.001,  1.8722, 0.1666, 0.796,       \
     1.4835, 0.0614, 0.2629, 1.6483, 0.6014, 1.8729, 0.5425, 0.0912, 0.0658, 0.1542}

const struct spacing spacing_school = {.weights = PUBLISHED, .retention = 0.9, .longest = 3650};
const struct spacing spacing_cards = {.weights = PUBLISHED,
                                      .retention = 0.9,
                                      .longest = 36500,
                                      .n_learn = 2,
                                      .learn = {1, 10},
                                      .n_relearn = 1,
                                      .relearn = {10}};

static const double least_stability = 0.001, most_stability = 36500;

static double between(double low, double value, double high) {
    return value < low ? low : value > high ? high : value;
}

/* ------------------------------------------------------------------------------------ formulas */

/* (1 + f t / S)^-w20, with f such that it is .9 at t = S. */
static double curve_factor(const struct spacing *spacing) {
    return pow(0.9, -1 / spacing->weights[20]) - 1;
}

double spacing_recall(const struct spacing *spacing, double stability, double days) {
    if (!(days > 0))
        return 1;
    return pow(1 + curve_factor(spacing) * days / stability, -spacing->weights[20]);
}

int spacing_interval(const struct spacing *spacing, double stability) {
    double days = stability / curve_factor(spacing) *
                  (pow(spacing->retention, -1 / spacing->weights[20]) - 1);
    return (int)between(1, nearbyint(days), spacing->longest);
}

/* Not clamped: the mean that difficulty reverts to is taken as it is. */
static double first_difficulty(const double *w, int rating) {
    return w[4] - exp(w[5] * (rating - 1)) + 1;
}

static double next_difficulty(const double *w, double difficulty, int rating) {
    double moved = difficulty - w[6] * (rating - 3) * (10 - difficulty) / 9;
    return between(1, w[7] * first_difficulty(w, RATING_EASY) + (1 - w[7]) * moved, 10);
}

static double after_recall(const double *w, const struct memory *memory, double recall,
                           int rating) {
    double gain = exp(w[8]) * (11 - memory->difficulty) * pow(memory->stability, -w[9]) *
                  (exp(w[10] * (1 - recall)) - 1);
    gain *= rating == RATING_HARD ? w[15] : rating == RATING_EASY ? w[16] : 1;
    return memory->stability * (1 + gain);
}

static double after_lapse(const double *w, const struct memory *memory, double recall) {
    double lapsed = w[11] * pow(memory->difficulty, -w[12]) *
                    (pow(memory->stability + 1, w[13]) - 1) * exp(w[14] * (1 - recall));
    return fmin(lapsed, memory->stability / exp(w[17] * w[18]));
}

static double same_day(const double *w, double stability, int rating) {
    double factor = exp(w[17] * (rating - 3 + w[18])) * pow(stability, -w[19]);
    return stability * (rating >= RATING_GOOD ? fmax(factor, 1) : factor);
}

/* -------------------------------------------------------------------------------------- memory */

/* Whole days, as FSRS counts. */
static int64_t days_since(const struct memory *memory, int64_t now_ms) {
    int64_t passed = now_ms - memory->reviewed_ms;
    return passed > 0 ? passed / SPACING_DAY_MS : 0;
}

double memory_recall(const struct spacing *spacing, const struct memory *memory, int64_t now_ms) {
    return memory->stability > 0
               ? spacing_recall(spacing, memory->stability, (double)days_since(memory, now_ms))
               : 1;
}

static void remember(const struct spacing *spacing, struct memory *memory, enum rating rating,
                     int64_t now_ms) {
    const double *w = spacing->weights;
    if (!(memory->stability > 0)) {
        memory->stability = between(least_stability, w[rating - 1], most_stability);
        memory->difficulty = between(1, first_difficulty(w, (int)rating), 10);
        return;
    }
    int64_t days = days_since(memory, now_ms);
    double recall = spacing_recall(spacing, memory->stability, (double)days);
    double stability = days < 1                 ? same_day(w, memory->stability, (int)rating)
                       : rating == RATING_AGAIN ? after_lapse(w, memory, recall)
                                                : after_recall(w, memory, recall, (int)rating);
    memory->stability = between(least_stability, stability, most_stability);
    memory->difficulty = next_difficulty(w, memory->difficulty, (int)rating);
}

/* Minutes to the next step, or -1: the steps are over, days are counted from here. */
static double next_step(struct memory *memory, const int *steps, int n, enum rating rating) {
    if (!n || rating == RATING_EASY || (memory->step >= n && rating != RATING_AGAIN))
        return -1;
    if (rating == RATING_AGAIN)
        memory->step = 0;
    else if (rating == RATING_GOOD && ++memory->step >= n)
        return -1;
    else if (rating == RATING_HARD && memory->step == 0)
        return n == 1 ? steps[0] * 1.5 : (steps[0] + steps[1]) / 2.0;
    return steps[memory->step];
}

void memory_review(const struct spacing *spacing, struct memory *memory, enum rating rating,
                   int64_t now_ms) {
    bool kept = memory->stability > 0 && memory->state == MEMORY_KEPT;
    remember(spacing, memory, rating, now_ms);
    double minutes = -1;
    if (kept && rating == RATING_AGAIN) {
        memory->lapses++;
        memory->step = 0;
        if (spacing->n_relearn)
            minutes = spacing->relearn[0];
        memory->state = spacing->n_relearn ? MEMORY_RELEARNING : MEMORY_KEPT;
    } else if (!kept) {
        bool again = memory->state == MEMORY_RELEARNING;
        minutes = next_step(memory, again ? spacing->relearn : spacing->learn,
                            again ? spacing->n_relearn : spacing->n_learn, rating);
        if (minutes < 0)
            memory->state = MEMORY_KEPT;
    }
    memory->reviews++;
    memory->reviewed_ms = now_ms;
    memory->due_ms =
        now_ms + (minutes >= 0
                      ? (int64_t)(minutes * 60000)
                      : (int64_t)spacing_interval(spacing, memory->stability) * SPACING_DAY_MS);
}

/* ------------------------------------------------------------------------------------ calendar */

static int64_t floor_divide(int64_t a, int64_t b) {
    return a / b - (a % b < 0);
}

int64_t calendar_day(const struct calendar *calendar, int64_t ms) {
    return floor_divide(ms + (int64_t)calendar->offset_minutes * 60000, SPACING_DAY_MS);
}

int64_t calendar_start_ms(const struct calendar *calendar, int64_t day) {
    return day * SPACING_DAY_MS - (int64_t)calendar->offset_minutes * 60000;
}

/* The first day of 1970 was a Thursday. */
bool calendar_is_off(const struct calendar *calendar, int64_t day) {
    unsigned off = calendar->days_off & 0x7F;
    int64_t weekday = ((day + 3) % 7 + 7) % 7;
    return off != 0x7F && (off >> weekday & 1);
}

/* How far FSRS lets an interval vary: by a share that shrinks with its length. */
static double leeway(int interval) {
    static const struct {
        double from, to, share;
    } ranges[] = {{2.5, 7, 0.15}, {7, 20, 0.1}, {20, INFINITY, 0.05}};
    double delta = 1;
    for (size_t i = 0; i < COUNT_OF(ranges); i++)
        delta += ranges[i].share * fmax(fmin(interval, ranges[i].to) - ranges[i].from, 0);
    return interval < 2.5 ? 0 : delta;
}

/* Wide enough to hold a day that is not off. */
static void reach_work(const struct calendar *calendar, int64_t today, struct day_window *window,
                       int64_t last) {
    for (int64_t day = window->first; day <= window->last; day++)
        if (!calendar_is_off(calendar, day))
            return;
    for (int i = 0; i < 7 && window->last < last && calendar_is_off(calendar, window->last); i++)
        window->last++;
    for (int i = 0; i < 7 && window->first > today + 1 && calendar_is_off(calendar, window->last);
         i++)
        if (!calendar_is_off(calendar, --window->first))
            return;
}

struct day_window spacing_window(const struct calendar *calendar, int64_t today, int interval,
                                 int longest) {
    double vary = leeway(interval);
    int64_t low = (int64_t)nearbyint(interval - vary), high = (int64_t)nearbyint(interval + vary);
    low = interval < 2.5 ? interval : low < 2 ? 2 : low;
    high = high > longest ? longest : high;
    low = low < 1 ? 1 : low;
    high = high < low ? low : high;
    struct day_window window = {today + low, today + high, today + interval};
    int64_t last = window.last + 7, exam = calendar->exam_day;
    if (exam > today + 1) {
        enum { BEFORE_EXAM = 7 };
        last = exam - 1;
        if (window.first > last)
            window.first = last - BEFORE_EXAM > today ? last - BEFORE_EXAM : today + 1;
        if (window.last > last)
            window.last = last;
        if (window.wanted > last)
            window.wanted = last;
    }
    reach_work(calendar, today, &window, last);
    return window;
}

int64_t spacing_place(const struct calendar *calendar, const struct day_window *window,
                      const int *load) {
    int64_t best = window->wanted;
    int best_load = -1;
    bool best_off = true;
    for (int64_t day = window->first; day <= window->last; day++) {
        bool off = calendar_is_off(calendar, day);
        int here = load ? load[day - window->first] : 0;
        bool nearer = llabs(day - window->wanted) < llabs(best - window->wanted);
        if (best_load < 0 || (best_off && !off) ||
            (best_off == off && (here < best_load || (here == best_load && nearer)))) {
            best = day;
            best_load = here;
            best_off = off;
        }
    }
    return best;
}
