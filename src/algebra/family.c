/* Families of solutions: letters that may be any number, or any whole number, and for which an
 * answer may have others. Two families are the same when they have the same members. */
#include "algebra/comparing.h"

#include <arb_mat.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_FREE = 3, MOST_ENTRIES = 16, MOST_PROGRESSIONS = 32, MOST_RESIDUES = 256 };

static bool in_list(const char *const *list, struct view name) {
    for (; list && *list; list++)
        if (view_is(name, *list))
            return true;
    return false;
}

/* ----------------------------------------------------------------------------- n ∈ ℤ, s, t ∈ ℝ */

static bool is_line(const struct expression *e) {
    return e->kind == EXPRESSION_LIST && e->n == 2 && has_constant(e->of[0], "inf") &&
           has_constant(e->of[1], "inf") && e->of[0]->kind == EXPRESSION_NEGATE;
}

/* Says where a letter comes from, and no more. */
static bool is_declaration(const struct expression *e, bool *whole) {
    if (e->kind != EXPRESSION_RELATION || e->relation != EQUAL ||
        e->of[0]->kind != EXPRESSION_NAME)
        return false;
    *whole = e->of[1]->kind == EXPRESSION_NAME && view_is(e->of[1]->text, "integers");
    return *whole || is_line(e->of[1]);
}

/* {n ∈ ℤ | -2 < n < 3}: the letter is what the inequality is about. */
static bool is_bounded(const struct expression *e, const struct expression *letter) {
    for (int i = 0; i < e->n; i++)
        if (e->of[i]->kind != EXPRESSION_LIST && is_inequality(e->of[i]) &&
            expression_has_name(e->of[i], letter->text))
            return true;
    return false;
}

const struct expression *without_declarations(struct arena *arena, const struct expression *e,
                                              struct names *integers) {
    if (e->kind != EXPRESSION_COMMA && e->kind != EXPRESSION_AND && e->kind != EXPRESSION_LIST)
        return e;
    struct expression *made = expression_new(arena, e->kind, e->n);
    int kept = 0;
    for (int i = 0; i < e->n; i++) {
        bool whole;
        if (!is_declaration(e->of[i], &whole) || (whole && is_bounded(e, e->of[i]->of[0]))) {
            made->of[kept++] = e->of[i];
            continue;
        }
        if (whole)
            names_add(integers, e->of[i]->of[0]);
        while (kept > 1 && made->of[kept - 1]->kind == EXPRESSION_NAME) { /* k, n ∈ ℤ */
            kept--;
            if (whole)
                names_add(integers, made->of[kept]);
        }
    }
    if (!kept || kept == e->n || e->kind == EXPRESSION_LIST)
        return e;
    made->n = kept;
    return kept == 1 ? made->of[0] : made;
}

/* -------------------------------------------------------------------------------- progressions */

struct progression {
    const struct expression *start, *period; /* period NULL: a single number */
    double at, step;
    long units; /* of the common step, in the period */
};

struct progressions {
    struct progression of[MOST_PROGRESSIONS];
    int n;
};

static const struct expression *at_whole(struct comparing *c, const struct expression *e,
                                         const char *letter, int64_t value) {
    return expression_substitute(c->arena, e, &(struct binding){letter, value}, 1);
}

static const struct expression *minus(struct comparing *c, const struct expression *a,
                                      const struct expression *b) {
    return expression_pair(c->arena, EXPRESSION_SUM, a, expression_negated(c->arena, b));
}

static const struct expression *whole_times(struct comparing *c, long n,
                                            const struct expression *e) {
    struct expression *number = expression_new(c->arena, EXPRESSION_NUMBER, 0);
    number->text = view_of(arena_format(c->arena, "%ld", labs(n)));
    return expression_pair(c->arena, EXPRESSION_PRODUCT,
                           n < 0 ? expression_negated(c->arena, number) : number, e);
}

/* start + letter × period, if that is what it is for every whole number. */
static bool add_progression(struct comparing *c, const struct expression *e, const char *letter,
                            struct progressions *out) {
    struct progression *made = &out->of[out->n];
    const struct expression *first = at_whole(c, e, letter, 0);
    struct expression *name = expression_new(c->arena, EXPRESSION_NAME, 0);
    name->text = view_of(letter);
    if (out->n == MOST_PROGRESSIONS)
        return false;
    *made = (struct progression){.start = first};
    made->period = minus(c, at_whole(c, e, letter, 1), first);
    const struct expression *line =
        expression_pair(c->arena, EXPRESSION_SUM, first,
                        expression_pair(c->arena, EXPRESSION_PRODUCT, name, made->period));
    if (same_value(&c->judging, e, line) != VERDICT_EQUAL ||
        !expression_evaluate_real(first, &made->at, NULL) ||
        !expression_evaluate_real(made->period, &made->step, NULL))
        return false;
    if (fabs(made->step) < 1e-9)
        made->period = NULL;
    out->n++;
    return true;
}

/* (-1)^n π/6 + nπ goes by two: once for the even n, once for the odd. */
static bool add_by_parity(struct comparing *c, const struct expression *e, const char *letter,
                          struct progressions *out) {
    struct expression *name = expression_new(c->arena, EXPRESSION_NAME, 0);
    struct expression one = {.kind = EXPRESSION_NUMBER, .text = VIEW("1")};
    name->text = view_of(letter);
    const struct expression *even = whole_times(c, 2, name);
    const struct expression *odd = expression_pair(c->arena, EXPRESSION_SUM, even, &one);
    int n = out->n;
    if (add_progression(c, e, letter, out))
        return true;
    out->n = n;
    return add_progression(c, expression_replaced(c->arena, e, name->text, even), letter, out) &&
           add_progression(c, expression_replaced(c->arena, e, name->text, odd), letter, out);
}

static bool gather_progressions(struct comparing *c, const struct expression *e,
                                struct progressions *out) {
    struct parts parts = {0};
    if (!add_solution(c, &parts, e))
        return false;
    for (int i = 0; i < parts.n; i++) {
        struct names names = {0};
        double value;
        if (!names_add(&names, parts.of[i]) || names.n > 1)
            return false;
        if (!names.n) {
            if (out->n == MOST_PROGRESSIONS ||
                !expression_evaluate_real(parts.of[i], &value, NULL))
                return false;
            out->of[out->n++] = (struct progression){.start = parts.of[i], .at = value};
            continue;
        }
        const char *letter = arena_string(c->arena, names.name[0]);
        const char *const whole[] = {letter, NULL}, *const *before = c->judging.integers;
        c->judging.integers = whole;
        bool good = add_by_parity(c, parts.of[i], letter, out);
        c->judging.integers = before;
        if (!good)
            return false;
    }
    return out->n > 0;
}

static long common_divisor(long a, long b) {
    while (b) {
        long rest = a % b;
        a = b;
        b = rest;
    }
    return a < 0 ? -a : a;
}

/* step = above/below × base, exactly; false when the ratio is no small fraction. */
static bool ratio_of(struct comparing *c, const struct progression *one,
                     const struct progression *base, long *above, long *below) {
    double ratio = one->step / base->step;
    for (*below = 1; *below <= 48; ++*below) {
        double up = ratio * (double)*below;
        if (fabs(up) < 2000 && fabs(up - round(up)) < 1e-9) {
            *above = lround(up);
            return *above && same_value(&c->judging, whole_times(c, *below, one->period),
                                        whole_times(c, *above, base->period)) == VERDICT_EQUAL;
        }
    }
    return false;
}

/* All periods as multiples of one step, base.period / *parts; *least is their least common
 * multiple. */
static bool measure(struct comparing *c, struct progressions *const sets[2], long *parts,
                    long *least) {
    const struct progression *base = NULL;
    long above, below;
    *parts = *least = 1;
    for (int i = 0; i < sets[0]->n && !base; i++)
        base = sets[0]->of[i].period ? &sets[0]->of[i] : NULL;
    for (int pass = 0; pass < 2 && base; pass++)
        for (int s = 0; s < 2; s++)
            for (int i = 0; i < sets[s]->n; i++) {
                struct progression *one = &sets[s]->of[i];
                if (!one->period)
                    continue;
                if (!ratio_of(c, one, base, &above, &below))
                    return false;
                if (pass == 0)
                    *parts = *parts / common_divisor(*parts, below) * below;
                else {
                    one->units = above * (*parts / below);
                    *least = *least / common_divisor(*least, one->units) * labs(one->units);
                }
                if (*parts > 5000 || *least > 5000)
                    return false;
            }
    return base != NULL;
}

struct residue_of {
    const struct expression *value;
    double at;
};

static int residues_of(struct comparing *c, const struct progressions *set, long least,
                       struct residue_of *out) {
    int n = 0;
    for (int i = 0; i < set->n; i++) {
        const struct progression *one = &set->of[i];
        long count = one->period ? least / labs(one->units) : 0;
        for (long j = 0; j < count; j++) {
            if (n == MOST_RESIDUES)
                return -1;
            out[n++] = (struct residue_of){expression_pair(c->arena, EXPRESSION_SUM, one->start,
                                                           whole_times(c, j, one->period)),
                                           one->at + (double)j * one->step};
        }
    }
    return n;
}

/* Residues of a that none of b meets; -1 when there are too many to tell. */
static int unmet(struct comparing *c, const struct residue_of *a, int n_a,
                 const struct residue_of *b, int n_b, const struct expression *turn,
                 double turn_at) {
    int left = 0;
    for (int i = 0; i < n_a; i++) {
        bool met = false;
        for (int j = 0; j < n_b && !met; j++) {
            double turns = (a[i].at - b[j].at) / turn_at;
            met =
                fabs(turns - round(turns)) < 1e-9 && fabs(turns) < 1e6 &&
                same_value(&c->judging, a[i].value,
                           expression_pair(c->arena, EXPRESSION_SUM, b[j].value,
                                           whole_times(c, lround(turns), turn))) == VERDICT_EQUAL;
        }
        left += !met;
    }
    return left;
}

/* False when these are no progressions that can be compared. */
static bool compare_progressions(struct comparing *c, const struct expression *key,
                                 const struct expression *answer) {
    struct progressions *sets[2] = {ARENA_NEW(c->arena, 1, struct progressions),
                                    ARENA_NEW(c->arena, 1, struct progressions)};
    struct residue_of *residues[2];
    int n[2];
    long parts, least, above, below;
    if (!gather_progressions(c, key, sets[0]) || !gather_progressions(c, answer, sets[1]) ||
        !measure(c, sets, &parts, &least))
        return false;
    const struct progression *base = &sets[0]->of[0];
    while (!base->period)
        base++;
    for (int s = 0; s < 2; s++) {
        residues[s] = ARENA_NEW(c->arena, MOST_RESIDUES, struct residue_of);
        n[s] = residues_of(c, sets[s], least, residues[s]);
        if (n[s] < 0)
            return false;
    }
    /* least steps of base/parts: that many times the base's period, over parts */
    above = least / common_divisor(least, parts);
    below = parts / common_divisor(least, parts);
    struct expression *divisor = expression_new(c->arena, EXPRESSION_NUMBER, 0);
    divisor->text = view_of(arena_format(c->arena, "%ld", below));
    const struct expression *turn =
        expression_pair(c->arena, EXPRESSION_DIVIDE, whole_times(c, above, base->period), divisor);
    double turn_at = base->step * (double)above / (double)below;
    int missing = unmet(c, residues[0], n[0], residues[1], n[1], turn, turn_at);
    int extra = unmet(c, residues[1], n[1], residues[0], n[0], turn, turn_at);
    for (int i = 0; i < sets[1]->n; i++) { /* single numbers among the answer's */
        struct residue_of one = {sets[1]->of[i].start, sets[1]->of[i].at};
        extra += !sets[1]->of[i].period && unmet(c, &one, 1, residues[0], n[0], turn, turn_at);
    }
    return told(c, !missing && !extra,
                missing && extra ? "different"
                : missing        ? (n[1] ? "missing-solution" : "period")
                                 : "extra-solution");
}

/* ------------------------------------------------------------------------------ linear families
 */

struct family {
    const struct expression *entry[MOST_ENTRIES];
    int n;
    struct names heads; /* x and y in x = …, y = … */
    struct names free;
};

static bool add_entries(struct comparing *c, const struct expression *e, struct family *out) {
    struct view name;
    const struct expression *value;
    if (e->kind == EXPRESSION_AND || e->kind == EXPRESSION_COMMA || e->kind == EXPRESSION_LIST) {
        for (int i = 0; i < e->n; i++)
            if (!add_entries(c, e->of[i], out))
                return false;
        return true;
    }
    if (isolated(e, NULL, &name, &value)) {
        struct expression head = {.kind = EXPRESSION_NAME, .text = name};
        if (value->kind == EXPRESSION_LIST) /* r = (1, 2) + t(3, 4) */
            return add_entries(c, value, out);
        if (!names_add(&out->heads, &head))
            return false;
        e = value;
    }
    if (is_statement(e) || out->n == MOST_ENTRIES)
        return false;
    out->entry[out->n++] = e;
    return true;
}

/* The answer's entries in the order of the key's heads. */
static bool order_entries(const struct family *key, struct family *answer) {
    struct family ordered = *answer;
    if (key->heads.n != key->n || answer->heads.n != answer->n)
        return true;
    for (int i = 0; i < key->n; i++) {
        int at = names_find(&answer->heads, key->heads.name[i]);
        if (at < 0)
            return false;
        ordered.entry[i] = answer->entry[at];
    }
    *answer = ordered;
    return true;
}

struct sampling {
    struct comparing *c;
    struct names names; /* those that are not free first */
    struct points points;
    int n_fixed, rows;
};

/* The entry's value at the point with the free letters at t; false when it has none. */
static bool value_with(struct sampling *s, const struct expression *e, const struct names *free,
                       const slong *t, arb_t out) {
    acb_t value;
    acb_init(value);
    for (int i = 0; i < free->n; i++)
        fmpq_set_si(&s->points.at.at[names_find(&s->names, free->name[i])], t[i], 1);
    s->points.at.precision = 512;
    ball(e, &s->points.at, value);
    bool good = acb_is_finite(value) != 0;
    arb_set(out, acb_realref(value));
    acb_clear(value);
    return good;
}

/* One row of constant and slopes; false where it has no value, or is not linear. */
static bool fill_row(struct sampling *s, const struct expression *e, const struct names *free,
                     arb_mat_t slopes, arb_mat_t starts, int row) {
    slong t[MOST_FREE] = {0}, far[MOST_FREE] = {3, -7, 11};
    arb_t sum, one;
    arb_init(sum);
    arb_init(one);
    bool good = value_with(s, e, free, t, arb_mat_entry(starts, row, 0));
    arb_set(sum, arb_mat_entry(starts, row, 0));
    for (int i = 0; i < free->n && good; i++) {
        t[i] = 1;
        good = value_with(s, e, free, t, arb_mat_entry(slopes, row, i));
        t[i] = 0;
        arb_sub(arb_mat_entry(slopes, row, i), arb_mat_entry(slopes, row, i),
                arb_mat_entry(starts, row, 0), 512);
        arb_mul_si(one, arb_mat_entry(slopes, row, i), far[i], 512);
        arb_add(sum, sum, one, 512);
    }
    good = good && value_with(s, e, free, far, one) && arb_overlaps(one, sum);
    arb_clear(sum);
    arb_clear(one);
    return good;
}

static bool is_tiny(const arb_mat_t residual) {
    for (slong i = 0; i < arb_mat_nrows(residual); i++)
        for (slong j = 0; j < arb_mat_ncols(residual); j++) {
            mag_t size;
            mag_init(size);
            arb_get_mag(size, arb_mat_entry(residual, i, j));
            bool tiny = mag_cmp_2exp_si(size, -160) < 0;
            mag_clear(size);
            if (!tiny)
                return false;
        }
    return true;
}

/* Whether answer = key × some matrix, row by row; the matrix goes to out. False too when the key's
 * slopes are not independent. */
static bool solve_rows(const arb_mat_t key, const arb_mat_t answer, arb_mat_t out) {
    arb_mat_t turned, square, right, residual;
    slong n = arb_mat_ncols(key), m = arb_mat_ncols(answer);
    arb_mat_init(turned, n, arb_mat_nrows(key));
    arb_mat_init(square, n, n);
    arb_mat_init(right, n, m);
    arb_mat_init(residual, arb_mat_nrows(key), m);
    arb_mat_transpose(turned, key);
    arb_mat_mul(square, turned, key, 512);
    arb_mat_mul(right, turned, answer, 512);
    bool good = arb_mat_solve(out, square, right, 512) != 0;
    if (good) {
        arb_mat_mul(residual, key, out, 512);
        arb_mat_sub(residual, residual, answer, 512);
        good = is_tiny(residual);
    }
    arb_mat_clear(turned);
    arb_mat_clear(square);
    arb_mat_clear(right);
    arb_mat_clear(residual);
    return good;
}

static bool is_invertible(const arb_mat_t a) {
    arb_t determinant;
    arb_init(determinant);
    arb_mat_det(determinant, a, 512);
    bool good = !arb_contains_zero(determinant);
    arb_clear(determinant);
    return good;
}

struct rows {
    arb_mat_t key, answer, key_start, answer_start;
};

static bool sample_rows(struct sampling *s, const struct family *key, const struct family *answer,
                        struct rows *rows) {
    int row = 0;
    for (int tries = 0; tries < 24 && row < s->rows; tries++) {
        if (!points_next(&s->points))
            return false;
        int i = 0;
        for (; i < key->n; i++)
            if (!fill_row(s, key->entry[i], &key->free, rows->key, rows->key_start, row + i) ||
                !fill_row(s, answer->entry[i], &answer->free, rows->answer, rows->answer_start,
                          row + i))
                break;
        row += i == key->n ? key->n : 0;
    }
    return row >= s->rows;
}

/* The same span of slopes, and starts that differ by what is in it. */
static bool same_family(struct comparing *c, const struct family *key, const struct family *answer,
                        const struct names *fixed) {
    struct sampling s = {.c = c, .names = *fixed, .n_fixed = fixed->n};
    for (int f = 0; f < 2; f++) {
        const struct names *free = f ? &answer->free : &key->free;
        for (int i = 0; i < free->n; i++) {
            struct expression name = {.kind = EXPRESSION_NAME, .text = free->name[i]};
            if (!names_add(&s.names, &name))
                return false;
        }
    }
    int samples = fixed->n ? key->free.n + 5 : 1;
    s.rows = samples * key->n;
    if (!effort_spend(c->judging.effort, 400L * s.rows))
        return false;
    struct rows rows;
    arb_mat_t made, gap, shift;
    arb_mat_init(rows.key, s.rows, key->free.n);
    arb_mat_init(rows.answer, s.rows, answer->free.n);
    arb_mat_init(rows.key_start, s.rows, 1);
    arb_mat_init(rows.answer_start, s.rows, 1);
    arb_mat_init(made, key->free.n, answer->free.n);
    arb_mat_init(gap, s.rows, 1);
    arb_mat_init(shift, key->free.n, 1);
    points_start(&s.points, &c->judging, &s.names, false);
    bool same = sample_rows(&s, key, answer, &rows) && solve_rows(rows.key, rows.answer, made) &&
                is_invertible(made);
    arb_mat_sub(gap, rows.answer_start, rows.key_start, 512);
    same = same && solve_rows(rows.key, gap, shift);
    points_end(&s.points);
    arb_mat_clear(rows.key);
    arb_mat_clear(rows.answer);
    arb_mat_clear(rows.key_start);
    arb_mat_clear(rows.answer_start);
    arb_mat_clear(made);
    arb_mat_clear(gap);
    arb_mat_clear(shift);
    return same;
}

static const char *why_families_differ(const struct family *key, const struct family *answer) {
    return key->free.n != answer->free.n ? "free" : "different";
}

static bool compare_linear(struct comparing *c, const struct expression *key,
                           const struct expression *answer) {
    struct family *a = ARENA_NEW(c->arena, 1, struct family);
    struct family *b = ARENA_NEW(c->arena, 1, struct family);
    struct names fixed = {0}, all = {0};
    if (!add_entries(c, key, a) || !add_entries(c, answer, b) || a->n != b->n ||
        !order_entries(a, b))
        return false;
    for (int i = 0; i < a->n; i++)
        names_add(&all, a->entry[i]);
    for (int i = 0; i < all.n; i++) {
        struct expression name = {.kind = EXPRESSION_NAME, .text = all.name[i]};
        names_add(in_list(c->options->free, all.name[i]) ? &a->free : &fixed, &name);
    }
    all.n = 0;
    for (int i = 0; i < b->n; i++)
        if (!names_add(&all, b->entry[i]))
            return false;
    for (int i = 0; i < all.n; i++) {
        struct expression name = {.kind = EXPRESSION_NAME, .text = all.name[i]};
        if (names_find(&fixed, all.name[i]) < 0)
            names_add(&b->free, &name);
    }
    if (a->free.n > MOST_FREE || !a->free.n)
        return false;
    bool same = a->free.n == b->free.n && same_family(c, a, b, &fixed);
    return told(c, same, why_families_differ(a, b));
}

/* The answer with its own letter in the place of the key's, where each has one. */
static const struct expression *renamed(struct comparing *c, const struct expression *key,
                                        const struct expression *answer, bool turned) {
    struct names of_key = {0}, of_answer = {0};
    int from = -1, to = -1;
    if (!names_add(&of_key, key) || !names_add(&of_answer, answer))
        return answer;
    for (int i = 0; i < of_key.n; i++)
        if (in_list(c->options->free, of_key.name[i]))
            to = to < 0 ? i : -2;
    for (int i = 0; i < of_answer.n; i++)
        if (names_find(&of_key, of_answer.name[i]) < 0)
            from = from < 0 ? i : -2;
    if (from < 0 || to < 0 || expression_has_name(answer, of_key.name[to]))
        return answer;
    struct expression *name = expression_new(c->arena, EXPRESSION_NAME, 0);
    name->text = of_key.name[to];
    return expression_replaced(c->arena, answer, of_answer.name[from],
                               turned ? expression_negated(c->arena, name) : name);
}

static bool all_whole(struct comparing *c, const struct expression *key) {
    struct names names = {0};
    int n = 0;
    if (!names_add(&names, key))
        return false;
    for (int i = 0; i < names.n; i++)
        if (in_list(c->options->free, names.name[i])) {
            n++;
            if (!in_list(c->judging.integers, names.name[i]))
                return false;
        }
    return n > 0;
}

bool compare_family(struct comparing *c, const struct expression *key,
                    const struct expression *answer) {
    struct comparison plain = {0}, *out = c->out;
    c->out = &plain;
    bool good = compare(c, key, renamed(c, key, answer, true)) && plain.equal;
    fault_clear(c->fault);
    good = good || compare(c, key, renamed(c, key, answer, false));
    c->out = out;
    if (good && plain.equal) {
        *out = plain;
        return true;
    }
    fault_clear(c->fault);
    const struct expression *a = reckon_lists(&c->judging, key);
    const struct expression *b = reckon_lists(&c->judging, answer);
    if (all_whole(c, key) ? compare_progressions(c, a, b) : compare_linear(c, a, b))
        return true;
    if (!good)
        return fault_set(c->fault, FAULT_INPUT, "these can't be compared");
    *out = plain;
    return true;
}
