/* Where two expressions are compared. */
#include "algebra/inside.h"

#include <math.h>

/* In 64ths: about 3, 1, 10, a third; and at times a hundred. */
static const int spans[] = {192, 63, 640, 20, 192, 63, 640, 6400};

void points_start(struct points *points, const struct names *names, struct effort *effort,
                  bool complex, uint64_t seed) {
    points->at =
        (struct point){.names = names, .effort = effort, .complex = complex, .precision = 256};
    points->n_turn = points->round = 0;
    random_seed(&points->random, seed);
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

void points_next(struct points *points) {
    int round = points->round++;
    for (int i = 0; i < points->at.names->n; i++) {
        int64_t span = spans[(round + i) % 8], size = random_between(&points->random, 1, span);
        bool minus = round < 8 ? round >> i % 3 & 1 : random_next(&points->random) & 1;
        fmpq_set_si(&points->at.at[i], minus ? -size : size, 64);
    }
    if (points->n_turn && points->at.names->n && round % 2)
        beside_turn(points, round / 2);
}
