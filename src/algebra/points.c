/* Where two expressions are compared. */
#include "algebra/inside.h"

#include <math.h>

/* In 64ths: about 3, 1, 10, a third; and at times a hundred. */
static const int spans[] = {192, 63, 640, 20, 192, 63, 640, 6400};

void points_start(struct points *points, const struct judging *judging, const struct names *names,
                  bool complex) {
    points->judging = judging;
    points->at = (struct point){
        .names = names, .effort = judging->effort, .complex = complex, .precision = 256};
    points->n_turn = points->round = 0;
    random_seed(&points->random, judging->seed);
    for (int i = 0; i < names->n; i++)
        fmpq_init(&points->at.at[i]);
}

void points_end(struct points *points) {
    for (int i = 0; i < points->at.names->n; i++)
        fmpq_clear(&points->at.at[i]);
}

static void add_turn(struct points *points, const struct expression *turn,
                     const struct expression *other) {
    for (int i = 0; i < points->n_turn; i++)
        if (same_written(turn, points->turn[i]) && other == points->other[i])
            return;
    if (points->n_turn == MAX_TURNS)
        return;
    points->turn[points->n_turn] = turn;
    points->other[points->n_turn++] = other;
}

void points_turns(struct points *points, const struct expression *e) {
    static const char *const turning[] = {"abs", "sign", "floor", "ceil", "sqrt", "cbrt", "ln"};
    slong power;
    if (points->n_turn == MAX_TURNS || !points->at.names->n)
        return;
    if (e->kind == EXPRESSION_CALL && e->n == 1)
        for (size_t i = 0; i < COUNT_OF(turning); i++)
            if (view_is(e->text, turning[i]))
                add_turn(points, e->of[0], NULL);
    if (e->kind == EXPRESSION_CALL && e->n > 1)
        add_turn(points, e->of[0], e->of[1]);
    if (e->kind == EXPRESSION_POWER && !integer_exponent(e->of[1], &power))
        add_turn(points, e->of[0], NULL);
    for (int i = 0; i < e->n; i++)
        points_turns(points, e->of[i]);
}

/* The turn's value in floating point, with one name at a given value. */
static double turn_at(struct points *points, int turn, int name, double value) {
    struct point *at = &points->at;
    acb_t x, y;
    if (!(fabs(value) < 1e9))
        return NAN;
    acb_init(x);
    acb_init(y);
    fmpq_set_si(&at->at[name], (long)(value * 65536), 65536);
    ball(points->turn[turn], at, x);
    if (points->other[turn]) {
        ball(points->other[turn], at, y);
        acb_sub(x, x, y, at->precision);
    }
    double found = acb_is_finite(x) ? arf_get_d(arb_midref(acb_realref(x)), ARF_RND_NEAR) : NAN;
    acb_clear(x);
    acb_clear(y);
    return found;
}

/* Where the turn is zero, by the secant method: at once where it is linear. */
static double zero_of(struct points *points, int turn, int name) {
    double a = 0, b = 1, at_a = turn_at(points, turn, name, a),
           at_b = turn_at(points, turn, name, b);
    for (int i = 0; i < 24 && at_b != at_a && fabs(at_b) > 1e-6; i++) {
        double next = b - at_b * (b - a) / (at_b - at_a);
        a = b, at_a = at_b;
        b = next, at_b = turn_at(points, turn, name, next);
    }
    return b;
}

/* One name moves beside the zero of a turn, on one side or the other. */
static void beside_turn(struct points *points, int which) {
    int turn = which % points->n_turn, side = which / points->n_turn % 2 ? 1 : -1;
    int name = which / points->n_turn / 2 % points->at.names->n;
    fmpq kept = points->at.at[name];
    fmpq_init(&points->at.at[name]);
    double zero = zero_of(points, turn, name);
    fmpq_clear(&points->at.at[name]);
    points->at.at[name] = kept;
    long off = (long)random_between(&points->random, 5, 60);
    if (fabs(zero) < 1e9)
        fmpq_set_si(&points->at.at[name], (long)(zero * 64) + side * off, 64);
}

/* ---------------------------------------------------------------------- what is assumed */

/* The sign of left - right where it is sure; 2 otherwise. */
static int sign_of_difference(struct points *points, const struct expression *left,
                              const struct expression *right) {
    acb_t x, y;
    struct point at = points->at;
    at.complex = false;
    acb_init(x);
    acb_init(y);
    ball(left, &at, x);
    ball(right, &at, y);
    acb_sub(x, x, y, at.precision);
    int sign = !acb_is_finite(x)                 ? 2
               : arb_is_positive(acb_realref(x)) ? 1
               : arb_is_negative(acb_realref(x)) ? -1
                                                 : 0;
    acb_clear(x);
    acb_clear(y);
    return sign;
}

static bool inside(struct points *points, const struct expression *x,
                   const struct expression *interval) {
    for (int side = 0; side < 2; side++)
        if (!has_constant(interval->of[side], "inf") &&
            sign_of_difference(points, x, interval->of[side]) != (side ? -1 : 1))
            return false;
    return true;
}

static bool is_met(struct points *points, const struct expression *e) {
    static const enum {
        BELOW = 1,
        AT = 2,
        ABOVE = 4
    } good[] = {
        [EQUAL] = AT,      [NOT_EQUAL] = BELOW | ABOVE, [LESS] = BELOW, [LESS_EQUAL] = BELOW | AT,
        [GREATER] = ABOVE, [GREATER_EQUAL] = ABOVE | AT};
    if (e->kind == EXPRESSION_AND || e->kind == EXPRESSION_COMMA || e->kind == EXPRESSION_OR) {
        bool any = e->kind == EXPRESSION_OR;
        for (int i = 0; i < e->n; i++)
            if (is_met(points, e->of[i]) == any)
                return any;
        return !any;
    }
    if (e->kind != EXPRESSION_RELATION)
        return true;
    if (e->of[1]->kind == EXPRESSION_LIST && e->of[1]->n == 2)
        return inside(points, e->of[0], e->of[1]);
    if (is_statement(e->of[0]) || is_statement(e->of[1]))
        return true;
    int sign = sign_of_difference(points, e->of[0], e->of[1]);
    return sign != 2 && (good[e->relation] & (1 << (sign + 1)));
}

/* The ends between which a letter is said to lie, as far as they are plain numbers. */
static void gather_bounds(const struct expression *e, struct view name, double *low,
                          double *high) {
    double value;
    if (e->kind == EXPRESSION_AND || e->kind == EXPRESSION_COMMA)
        for (int i = 0; i < e->n; i++)
            gather_bounds(e->of[i], name, low, high);
    if (e->kind != EXPRESSION_RELATION)
        return;
    for (int side = 0; side < 2; side++) {
        const struct expression *letter = e->of[side], *other = e->of[!side];
        if (letter->kind != EXPRESSION_NAME || !view_equal(letter->text, name))
            continue;
        bool less = e->relation == LESS || e->relation == LESS_EQUAL;
        bool more = e->relation == GREATER || e->relation == GREATER_EQUAL;
        if (rough_value(other, &value) && fabs(value) < 1e9 && (less || more))
            *(less == (side == 0) ? high : low) = value;
        if (side == 0 && other->kind == EXPRESSION_LIST && other->n == 2) {
            if (rough_value(other->of[0], &value) && fabs(value) < 1e9)
                *low = value;
            if (rough_value(other->of[1], &value) && fabs(value) < 1e9)
                *high = value;
        }
    }
}

static void draw_within(struct points *points, int name) {
    double low = -INFINITY, high = INFINITY;
    fmpq *at = &points->at.at[name];
    gather_bounds(points->judging->assume, points->at.names->name[name], &low, &high);
    double step = fabs(fmpz_get_d(fmpq_numref(at)) / fmpz_get_d(fmpq_denref(at)));
    if (isfinite(low) && isfinite(high))
        step = low + (high - low) * (double)random_between(&points->random, 1, 1023) / 1024;
    else if (isfinite(low))
        step += low;
    else if (isfinite(high))
        step = high - step;
    else
        return;
    fmpq_set_si(at, (long)(step * 4096), 4096);
}

static bool is_integer(const struct points *points, struct view name) {
    for (const char *const *one = points->judging->integers; one && *one; one++)
        if (view_is(name, *one))
            return true;
    return false;
}

static void round_integers(struct points *points) {
    for (int i = 0; i < points->at.names->n && points->judging->integers; i++)
        if (is_integer(points, points->at.names->name[i])) {
            fmpz_fdiv_q(fmpq_numref(&points->at.at[i]), fmpq_numref(&points->at.at[i]),
                        fmpq_denref(&points->at.at[i]));
            fmpz_one(fmpq_denref(&points->at.at[i]));
        }
}

/* ------------------------------------------------------------------------------------- points */

static void draw(struct points *points) {
    int round = points->round++;
    for (int i = 0; i < points->at.names->n; i++) {
        int64_t span = spans[(round + i) % 8], size = random_between(&points->random, 1, span);
        bool minus = round < 8 ? round >> i % 3 & 1 : random_next(&points->random) & 1;
        fmpq_set_si(&points->at.at[i], minus ? -size : size, 64);
    }
    if (points->n_turn && points->at.names->n && round % 2)
        beside_turn(points, round / 2);
}

bool points_next(struct points *points) {
    const struct expression *assume = points->judging->assume;
    for (int i = 0; i < 64; i++) {
        draw(points);
        for (int j = 0; assume && j < points->at.names->n; j++)
            if (points->round % 2 == 1 || !points->n_turn || i > 8)
                draw_within(points, j);
        round_integers(points);
        if (!assume || is_met(points, assume))
            return true;
    }
    return false;
}
