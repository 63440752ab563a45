/* Comparison of statements: equations, solutions, inequalities, lists, systems. */
#include "algebra/inside.h"

#include <string.h>

enum { MAX_PARTS = 64 };

struct parts {
    const struct expression *of[MAX_PARTS];
    struct view name; /* of the unknown, when one was written */
    bool named, set;
    int n;
};

struct comparing {
    struct arena *arena;
    const struct compare_options *options;
    struct comparison *out;
    struct fault *fault;
    int work; /* comparisons left */
};

static bool compare(struct comparing *, const struct expression *, const struct expression *);

static bool told(struct comparing *c, bool equal, const char *note) {
    c->out->equal = c->out->same_value = equal;
    c->out->note = equal ? NULL : note;
    return true;
}

/* The same with every ± taken as + or as −. */
static struct expression *choose_sign(struct arena *arena, const struct expression *e,
                                      bool minus) {
    struct expression *made = expression_new(arena, e->kind, e->n);
    struct expression **of = made->of;
    *made = *e;
    made->of = of;
    for (int i = 0; i < e->n; i++)
        of[i] = choose_sign(arena, e->of[i], minus);
    if (e->kind == EXPRESSION_PLUS_MINUS) {
        if (!minus)
            return of[0];
        made->kind = EXPRESSION_NEGATE;
    }
    return made;
}

static bool has_plus_minus(const struct expression *e) {
    if (e->kind == EXPRESSION_PLUS_MINUS)
        return true;
    for (int i = 0; i < e->n; i++)
        if (has_plus_minus(e->of[i]))
            return true;
    return false;
}

static struct expression *both_signs(struct arena *arena, const struct expression *e) {
    struct expression *made = expression_new(arena, EXPRESSION_OR, 2);
    made->of[0] = choose_sign(arena, e, false);
    made->of[1] = choose_sign(arena, e, true);
    return made;
}

/* The sides of name = value, where the name stands alone on one side and not on the other. */
static bool isolated(const struct expression *e, const char *wanted, struct view *name,
                     const struct expression **value) {
    if (e->kind != EXPRESSION_RELATION || e->relation != EQUAL)
        return false;
    for (int side = 0; side < 2; side++) {
        const struct expression *left = e->of[side];
        if (left->kind == EXPRESSION_NAME && (!wanted || view_is(left->text, wanted)) &&
            !expression_has_name(e->of[!side], left->text)) {
            *name = left->text;
            *value = e->of[!side];
            return true;
        }
    }
    return false;
}

static bool add_solution(struct comparing *c, struct parts *parts, const struct expression *e) {
    struct view name;
    const struct expression *value = e;
    if (has_plus_minus(e) && e->kind != EXPRESSION_OR && e->kind != EXPRESSION_COMMA &&
        e->kind != EXPRESSION_SET)
        e = value = both_signs(c->arena, e);
    if (e->kind == EXPRESSION_OR || e->kind == EXPRESSION_COMMA || e->kind == EXPRESSION_SET) {
        parts->set = true;
        for (int i = 0; i < e->n; i++)
            if (!add_solution(c, parts, e->of[i]))
                return false;
        return true;
    }
    if (isolated(e, c->options->variable, &name, &value)) {
        if (parts->named && !view_equal(parts->name, name))
            return false;
        parts->named = true;
        parts->name = name;
        if (value->kind == EXPRESSION_SET || value->kind == EXPRESSION_COMMA)
            return add_solution(c, parts, value);
    } else if (is_statement(e) && e->kind != EXPRESSION_LIST)
        return false;
    if (parts->n == MAX_PARTS)
        return false;
    parts->of[parts->n++] = value;
    return true;
}

static bool equal_parts(struct comparing *c, const struct expression *a,
                        const struct expression *b, bool *equal) {
    struct comparison kept = *c->out, inner = {0};
    c->out = &inner;
    struct comparison *out = c->out;
    if (--c->work < 0)
        return fault_set(c->fault, FAULT_LIMIT, "there are too many parts to compare");
    bool good = compare(c, a, b);
    *equal = inner.equal;
    (void)kept, (void)out;
    return good;
}

/* Each of the key's parts met by one of the answer's; counts what is left on either side. */
static bool match_parts(struct comparing *c, const struct parts *key, const struct parts *answer,
                        int *missing, int *extra) {
    bool used[MAX_PARTS] = {0}, met[MAX_PARTS] = {0};
    struct comparison *out = c->out;
    for (int j = 0; j < answer->n; j++)
        for (int i = 0; i < key->n && !used[j]; i++) {
            bool equal = false;
            bool good = equal_parts(c, key->of[i], answer->of[j], &equal);
            c->out = out;
            if (!good)
                return false;
            if (equal)
                used[j] = met[i] = true;
        }
    *missing = *extra = 0;
    for (int i = 0; i < key->n; i++)
        *missing += !met[i];
    for (int j = 0; j < answer->n; j++)
        *extra += !used[j];
    return true;
}

static bool compare_solutions(struct comparing *c, const struct parts *key,
                              const struct parts *answer) {
    int missing, extra;
    if (key->named && answer->named && !view_equal(key->name, answer->name))
        return told(c, false, "variable");
    if (key->n == 1 && answer->n == 1)
        return compare(c, key->of[0], answer->of[0]);
    if (!match_parts(c, key, answer, &missing, &extra))
        return false;
    return told(c, !missing && !extra,
                missing && extra ? "different"
                : missing        ? "missing-solution"
                                 : "extra-solution");
}

static struct expression *difference(struct arena *arena, const struct expression *e) {
    struct expression *minus = expression_new(arena, EXPRESSION_NEGATE, 1);
    struct expression *made = expression_new(arena, EXPRESSION_SUM, 2);
    minus->of[0] = e->of[1];
    made->of[0] = e->of[0];
    made->of[1] = minus;
    return made;
}

static enum expression_relation turned(enum expression_relation relation) {
    static const enum expression_relation other[] = {EQUAL,         NOT_EQUAL, GREATER,
                                                     GREATER_EQUAL, LESS,      LESS_EQUAL};
    return other[relation];
}

static bool compare_relations(struct comparing *c, const struct expression *key,
                              const struct expression *answer) {
    struct view name;
    const struct expression *value;
    int sign;
    enum verdict verdict = proportional(difference(c->arena, key), difference(c->arena, answer),
                                        c->options->seed, &sign);
    bool solved = isolated(key, c->options->variable, &name, &value);
    struct names names = {0};
    if (solved && (!names_add(&names, value) || !names.n || c->options->variable) &&
        !isolated(answer, c->options->variable, &name, &value))
        return told(c, false, verdict == VERDICT_EQUAL ? "unsolved" : "different");
    if (verdict == VERDICT_UNKNOWN)
        return fault_set(c->fault, FAULT_INPUT, "these equations can't be compared");
    if (verdict == VERDICT_DIFFERENT)
        return told(c, false, "different");
    enum expression_relation relation = sign < 0 ? turned(answer->relation) : answer->relation;
    if (relation == key->relation)
        return told(c, true, NULL);
    bool direction =
        relation == turned(key->relation) || (relation >= LESS && key->relation >= LESS &&
                                              (relation >= GREATER) != (key->relation >= GREATER));
    return told(c, false,
                key->relation < LESS || relation < LESS ? "kind"
                : direction                             ? "direction"
                                                        : "strictness");
}

/* ------------------------------------------------------------------------ regions of one name */

enum { MAX_BREAKS = 32 };

static bool is_region(const struct expression *e) {
    if (e->kind == EXPRESSION_OR || e->kind == EXPRESSION_AND) {
        for (int i = 0; i < e->n; i++)
            if (!is_region(e->of[i]))
                return false;
        return true;
    }
    if (e->kind == EXPRESSION_RELATION)
        return e->of[1]->kind == EXPRESSION_LIST
                   ? e->relation == EQUAL && is_region(e->of[1])
                   : !is_statement(e->of[0]) && !is_statement(e->of[1]);
    return e->kind == EXPRESSION_LIST && e->n == 2 && !is_statement(e->of[0]) &&
           !is_statement(e->of[1]);
}

static bool is_inequality(const struct expression *e) {
    if (e->kind == EXPRESSION_RELATION && e->relation != EQUAL)
        return true;
    if (e->kind == EXPRESSION_LIST)
        return e->n == 2 && (e->open_left != e->open_right || has_constant(e, "inf"));
    for (int i = 0; i < e->n; i++)
        if (is_inequality(e->of[i]))
            return true;
    return false;
}

struct region {
    arb_struct breaks[MAX_BREAKS];
    struct names names;
    int n;
};

static void value_at(const struct expression *e, const struct names *names, const fmpq_t at,
                     arb_t out) {
    struct point point = {.names = names, .precision = 256};
    acb_t value;
    acb_init(value);
    point.at[0] = *at;
    ball(e, &point, value);
    arb_set(out, acb_realref(value));
    acb_clear(value);
}

/* Adds where a linear side-difference is zero, and the ends of intervals. */
static void add_breaks(struct comparing *c, struct region *region, const struct expression *e) {
    for (int i = 0; i < e->n && e->kind != EXPRESSION_RELATION && e->kind != EXPRESSION_LIST; i++)
        add_breaks(c, region, e->of[i]);
    if (e->kind == EXPRESSION_RELATION && e->of[1]->kind == EXPRESSION_LIST)
        add_breaks(c, region, e->of[1]);
    for (int i = 0; i < e->n && e->kind == EXPRESSION_LIST; i++)
        if (region->n < MAX_BREAKS && !has_constant(e->of[i], "inf")) {
            fmpq_t zero;
            fmpq_init(zero);
            value_at(e->of[i], &region->names, zero, &region->breaks[region->n++]);
            fmpq_clear(zero);
        }
    if (e->kind != EXPRESSION_RELATION || e->of[1]->kind == EXPRESSION_LIST ||
        region->n == MAX_BREAKS)
        return;
    const struct expression *f = difference(c->arena, e);
    fmpq_t at;
    arb_t y[3];
    fmpq_init(at);
    for (int i = 0; i < 3; i++) {
        arb_init(y[i]);
        fmpq_set_si(at, i, 1);
        value_at(f, &region->names, at, y[i]);
    }
    arb_sub(y[1], y[1], y[0], 256);
    arb_sub(y[2], y[2], y[0], 256);
    arb_mul_2exp_si(y[2], y[2], -1);
    arb_sub(y[2], y[2], y[1], 256);
    if (arb_contains_zero(y[2]) && arb_is_finite(y[2]) && !arb_contains_zero(y[1])) {
        arb_div(y[0], y[0], y[1], 256);
        arb_neg(&region->breaks[region->n++], y[0]);
    }
    for (int i = 0; i < 3; i++)
        arb_clear(y[i]);
    fmpq_clear(at);
}

static bool truth_of_side(enum expression_relation relation, const arb_t f) {
    int sign = arb_is_positive(f) ? 1 : arb_is_negative(f) ? -1 : 0;
    static const bool table[6][3] = {{0, 1, 0}, {1, 0, 1}, {1, 0, 0},
                                     {1, 1, 0}, {0, 0, 1}, {0, 1, 1}};
    return arb_is_finite(f) && table[relation][sign + 1];
}

/* `x` replaces the only name through an exact-or-ball value held in an arb. */
static bool truth(struct comparing *c, const struct expression *e, const struct region *region,
                  const arb_t x) {
    if (e->kind == EXPRESSION_OR || e->kind == EXPRESSION_AND) {
        for (int i = 0; i < e->n; i++)
            if (truth(c, e->of[i], region, x) == (e->kind == EXPRESSION_OR))
                return e->kind == EXPRESSION_OR;
        return e->kind == EXPRESSION_AND;
    }
    if (e->kind == EXPRESSION_RELATION && e->of[1]->kind == EXPRESSION_LIST)
        return truth(c, e->of[1], region, x);
    fmpq_t at;
    arf_t middle;
    fmpz_t mantissa, exponent;
    arb_t f;
    arb_init(f);
    fmpq_init(at);
    arf_init(middle);
    fmpz_init(mantissa);
    fmpz_init(exponent);
    bool holds = true;
    if (e->kind == EXPRESSION_LIST) {
        for (int side = 0; side < 2; side++) {
            const struct expression *end = e->of[side];
            if (has_constant(end, "inf")) /* (-inf or inf): any other order is empty */
                holds &= (end->kind == EXPRESSION_NEGATE) == (side == 0);
            else {
                value_at(end, &region->names, at, f);
                arb_sub(f, x, f, 200);
                holds &= truth_of_side(side ? (e->open_right ? LESS : LESS_EQUAL)
                                            : (e->open_left ? GREATER : GREATER_EQUAL),
                                       f);
            }
        }
    } else {
        struct point point = {.names = &region->names, .precision = 256};
        acb_t value;
        acb_init(value);
        arf_get_fmpz_2exp(mantissa, exponent, arb_midref(x));
        fmpq_set_fmpz(at, mantissa);
        slong shift = fmpz_get_si(exponent);
        if (shift >= 0)
            fmpq_mul_2exp(at, at, (mp_limb_t)shift);
        else
            fmpq_div_2exp(at, at, (mp_limb_t)-shift);
        point.at[0] = *at;
        ball(difference(c->arena, e), &point, value);
        arb_set(f, acb_realref(value));
        arb_add_error_2exp_si(f, -150);
        holds = truth_of_side(e->relation, f);
        acb_clear(value);
        *at = point.at[0];
    }
    fmpz_clear(mantissa);
    fmpz_clear(exponent);
    arf_clear(middle);
    fmpq_clear(at);
    arb_clear(f);
    return holds;
}

static bool compare_regions(struct comparing *c, const struct expression *key,
                            const struct expression *answer) {
    struct region region = {0};
    names_add(&region.names, key);
    names_add(&region.names, answer);
    for (int i = 0; i < MAX_BREAKS; i++)
        arb_init(&region.breaks[i]);
    add_breaks(c, &region, key);
    add_breaks(c, &region, answer);
    int at_break = 0, beside = 0, same = 0;
    arb_t x;
    arb_init(x);
    for (int i = 0; i < region.n + 24; i++)
        for (int step = i < region.n ? -1 : 0; step <= (i < region.n); step++) {
            if (i < region.n)
                arb_set(x, &region.breaks[i]);
            else
                arb_set_si(x, (i - region.n - 12) * 17 + 5), arb_mul_2exp_si(x, x, -3);
            mag_zero(arb_radref(x));
            if (step) { /* just beside the break */
                arb_t small;
                arb_init(small);
                arb_set_si(small, step);
                arb_mul_2exp_si(small, small, -20);
                arb_add(x, x, small, 256);
                arb_clear(small);
            }
            if (truth(c, key, &region, x) == truth(c, answer, &region, x))
                same++;
            else if (i < region.n && !step)
                at_break++;
            else
                beside++;
        }
    arb_clear(x);
    for (int i = 0; i < MAX_BREAKS; i++)
        arb_clear(&region.breaks[i]);
    return told(c, !at_break && !beside,
                !beside                       ? "strictness"
                : same <= at_break + region.n ? "direction"
                                              : "different");
}

/* ----------------------------------------------------------------------------- lists, systems */

static bool compare_lists(struct comparing *c, const struct expression *key,
                          const struct expression *answer) {
    struct comparison *out = c->out;
    if (key->n != answer->n)
        return told(c, false, "shape");
    bool all = true;
    for (int i = 0; i < key->n; i++) {
        bool equal = false, good = equal_parts(c, key->of[i], answer->of[i], &equal);
        c->out = out;
        if (!good)
            return false;
        all &= equal;
    }
    bool brackets = key->n == 2 &&
                    (key->open_left != answer->open_left || key->open_right != answer->open_right);
    return told(c, all && !brackets, all ? "brackets" : "different");
}

static void add_all(struct parts *parts, const struct expression *e) {
    if (e->kind == EXPRESSION_AND || e->kind == EXPRESSION_COMMA || e->kind == EXPRESSION_OR)
        for (int i = 0; i < e->n; i++)
            add_all(parts, e->of[i]);
    else if (parts->n < MAX_PARTS)
        parts->of[parts->n++] = e;
}

static bool compare_statements(struct comparing *c, const struct expression *key,
                               const struct expression *answer) {
    struct names names = {0};
    bool few = names_add(&names, key) && names_add(&names, answer) && names.n <= 1;
    if (few && (is_inequality(key) || is_inequality(answer)) && is_region(key) &&
        is_region(answer))
        return compare_regions(c, key, answer);
    if (key->kind == EXPRESSION_RELATION && answer->kind == EXPRESSION_RELATION)
        return compare_relations(c, key, answer);
    struct parts a = {0}, b = {0};
    add_all(&a, key);
    add_all(&b, answer);
    if (a.n == 1 && b.n == 1)
        return told(c, false, "kind");
    int missing, extra;
    if (!match_parts(c, &a, &b, &missing, &extra))
        return false;
    return told(c, !missing && !extra, missing && !extra ? "missing-solution" : "different");
}

static bool compare_values(struct comparing *c, const struct expression *key,
                           const struct expression *answer) {
    enum verdict verdict = same_value(key, answer, c->options->seed);
    if (verdict == VERDICT_UNKNOWN)
        return fault_set(c->fault, FAULT_INPUT, "these can't be compared: no common value");
    if (verdict == VERDICT_DIFFERENT)
        return told(c, false, why_different(key, answer, c->options->seed));
    told(c, true, NULL);
    if (!has_form(key, answer, c->options->form)) {
        c->out->equal = false;
        c->out->note = "form";
    }
    return true;
}

static bool compare(struct comparing *c, const struct expression *key,
                    const struct expression *answer) {
    struct parts a = {0}, b = {0};
    if (!is_statement(key) && !is_statement(answer) && !has_plus_minus(key) &&
        !has_plus_minus(answer))
        return compare_values(c, key, answer);
    if (key->kind == EXPRESSION_LIST && answer->kind == EXPRESSION_LIST && !is_inequality(key))
        return compare_lists(c, key, answer);
    if (!is_inequality(key) && add_solution(c, &a, key) && add_solution(c, &b, answer) &&
        !(a.n == 1 && b.n == 1 && a.of[0] == key && b.of[0] == answer))
        return compare_solutions(c, &a, &b);
    return compare_statements(c, key, answer);
}

/* ------------------------------------------------------------------------------------ the door */

static bool compare_antiderivative(struct comparing *c, const struct expression *key,
                                   const struct expression *answer, struct view variable) {
    struct expression *a = expression_derivative(c->arena, key, variable);
    struct expression *b = expression_derivative(c->arena, answer, variable);
    if (!a || !b)
        return fault_set(c->fault, FAULT_INPUT, "this can't be differentiated");
    if (!compare_values(c, a, b) || !c->out->same_value)
        return !c->fault || !c->fault->kind;
    struct names names = {0}, old = {0};
    names_add(&names, answer);
    names_add(&old, key);
    for (int i = 0; i < names.n; i++)
        if (!view_equal(names.name[i], variable) &&
            (names_find(&old, names.name[i]) < 0 || strchr("CcKk", names.name[i].at[0])))
            return true;
    c->out->equal = false;
    c->out->note = "constant-missing";
    return true;
}

static struct view variable_of(const struct compare_options *options,
                               const struct expression *key) {
    struct names names = {0};
    if (options->variable)
        return view_of(options->variable);
    names_add(&names, key);
    return names_find(&names, VIEW("x")) >= 0 || !names.n ? VIEW("x") : names.name[0];
}

bool expression_compare(const struct expression *key, const struct expression *answer,
                        const struct compare_options *options, struct comparison *out,
                        struct fault *fault) {
    static const struct compare_options none = {0};
    struct fault own = {0};
    struct comparing c = {arena_new(), options ? options : &none, out, fault ? fault : &own, 400};
    *out = (struct comparison){0};
    struct view variable = variable_of(c.options, key);
    bool good;
    if (c.options->derivative) {
        struct view name;
        const struct expression *value;
        if (isolated(answer, NULL, &name, &value))
            answer = value;
        key = expression_derivative(c.arena, key, variable);
        good = key ? compare(&c, key, answer)
                   : fault_set(c.fault, FAULT_INPUT, "the key can't be differentiated");
    } else if (c.options->antiderivative)
        good = compare_antiderivative(&c, key, answer, variable);
    else
        good = compare(&c, key, answer);
    arena_free(c.arena);
    return good;
}
