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
    struct judging judging;
    struct view unknown; /* of the key, while the answer's solutions are gathered */
};

static bool compare(struct comparing *, const struct expression *, const struct expression *);

static bool told(struct comparing *c, bool equal, const char *note) {
    c->out->equal = c->out->same_value = equal;
    c->out->note = equal ? NULL : note;
    return true;
}

/* A right value in the wrong form. */
static bool in_form(struct comparing *c, bool form) {
    if (c->out->equal && !form) {
        c->out->equal = false;
        c->out->note = "form";
    }
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

/* f in f(x), f'(2), which is read as a product. */
static const struct expression *function_name(const struct expression *e) {
    if (e->kind != EXPRESSION_PRODUCT || e->of[0]->kind != EXPRESSION_NAME ||
        !strchr("fghFGH", e->of[0]->text.at[0]) || is_statement(e->of[1]))
        return NULL;
    for (size_t i = 1; i < e->of[0]->text.n; i++)
        if (e->of[0]->text.at[i] != '\'')
            return NULL;
    return e->of[0];
}

/* The sides of name = value, where the name stands alone on one side and not on the other. */
static bool isolated(const struct expression *e, const char *wanted, struct view *name,
                     const struct expression **value) {
    if (e->kind != EXPRESSION_RELATION || e->relation != EQUAL)
        return false;
    for (int side = 0; side < 2; side++) {
        const struct expression *left = e->of[side], *function = function_name(left);
        if (function && !wanted)
            left = function;
        if (left->kind == EXPRESSION_NAME && (!wanted || view_is(left->text, wanted)) &&
            !expression_has_name(e->of[!side], left->text)) {
            *name = left->text;
            *value = e->of[!side];
            return true;
        }
    }
    return false;
}

/* x_1 and x_2 may stand for the solutions of an equation in x. */
static bool is_numbered(struct view name, struct view base) {
    return name.n > base.n + 1 && view_equal(view_slice(name, 0, base.n), base) &&
           name.at[base.n] == '_' && name.at[base.n + 1] >= '0' && name.at[base.n + 1] <= '9';
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
    if (isolated(e, c->unknown.n ? NULL : c->options->variable, &name, &value)) {
        if (c->unknown.n && is_numbered(name, c->unknown))
            name = c->unknown;
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

static bool add_answer(struct comparing *c, const struct parts *key, struct parts *parts,
                       const struct expression *answer) {
    c->unknown = key->named ? key->name : VIEW("");
    bool good = add_solution(c, parts, answer);
    c->unknown = VIEW("");
    return good;
}

/* The comparison of two parts, told to `inner` and not to the whole. */
static bool compare_parts(struct comparing *c, const struct expression *a,
                          const struct expression *b, struct comparison *inner) {
    struct comparison *out = c->out;
    *inner = (struct comparison){0};
    c->out = inner;
    bool good = compare(c, a, b);
    c->out = out;
    return good;
}

/* Each of the key's parts met by one of the answer's; counts what is left on either side. */
static bool match_parts(struct comparing *c, const struct parts *key, const struct parts *answer,
                        int *missing, int *extra, bool *form) {
    bool used[MAX_PARTS] = {0}, met[MAX_PARTS] = {0};
    for (int j = 0; j < answer->n; j++)
        for (int i = 0; i < key->n && !used[j]; i++) {
            struct comparison inner;
            if (!compare_parts(c, key->of[i], answer->of[j], &inner))
                return false;
            if (inner.same_value)
                used[j] = met[i] = true;
            *form &= inner.equal || !inner.same_value;
        }
    *missing = *extra = 0;
    for (int i = 0; i < key->n; i++)
        *missing += !met[i];
    for (int j = 0; j < answer->n; j++)
        *extra += !used[j];
    return true;
}

/* y = … and f(x) = … both say what a function is. */
static bool same_role(struct view a, struct view b) {
    return (view_is(a, "y") && view_is(b, "f")) || (view_is(a, "f") && view_is(b, "y")) ||
           (view_is(a, "y'") && view_is(b, "f'")) || (view_is(a, "f'") && view_is(b, "y'"));
}

static bool compare_solutions(struct comparing *c, const struct parts *key,
                              const struct parts *answer) {
    int missing, extra;
    bool form = true;
    if (key->named && answer->named && !view_equal(key->name, answer->name) &&
        !(key->n == 1 && answer->n == 1 && same_role(key->name, answer->name)))
        return told(c, false, "variable");
    if (key->n == 1 && answer->n == 1)
        return compare(c, key->of[0], answer->of[0]);
    if (!match_parts(c, key, answer, &missing, &extra, &form))
        return false;
    told(c, !missing && !extra,
         missing && extra ? "different"
         : missing        ? "missing-solution"
                          : "extra-solution");
    return in_form(c, form);
}

static struct expression *difference(struct arena *arena, const struct expression *e) {
    return expression_pair(arena, EXPRESSION_SUM, e->of[0], expression_negated(arena, e->of[1]));
}

static enum expression_relation turned(enum expression_relation relation) {
    static const enum expression_relation other[] = {EQUAL,         NOT_EQUAL, GREATER,
                                                     GREATER_EQUAL, LESS,      LESS_EQUAL};
    return other[relation];
}

static enum verdict judge_relations(struct comparing *c, const struct expression *key,
                                    const struct expression *answer, int *sign) {
    const struct expression *a = difference(c->arena, key), *b = difference(c->arena, answer);
    enum verdict verdict = VERDICT_UNKNOWN;
    *sign = 1;
    if (key->relation <= NOT_EQUAL && answer->relation <= NOT_EQUAL)
        verdict = same_equation(&c->judging, a, b);
    return verdict == VERDICT_UNKNOWN ? proportional(&c->judging, a, b, sign) : verdict;
}

static bool relation_form(struct comparing *c, const struct expression *key,
                          const struct expression *answer) {
    enum answer_form form = c->options->form;
    if (form == FORM_SAME)
        return (same_written(key->of[0], answer->of[0]) &&
                same_written(key->of[1], answer->of[1])) ||
               (same_written(key->of[0], answer->of[1]) &&
                same_written(key->of[1], answer->of[0]));
    for (int i = 0; i < 2; i++)
        if (!has_form(&c->judging, key->of[i], answer->of[i], form, c->options->variable) &&
            !has_form(&c->judging, key->of[!i], answer->of[i], form, c->options->variable))
            return false;
    return true;
}

/* A key that says what the unknown is; with letters on the other side it may be any formula. */
static bool is_solved(const struct comparing *c, const struct expression *key) {
    struct view name;
    const struct expression *value;
    struct names names = {0};
    return isolated(key, c->options->variable, &name, &value) &&
           (!names_add(&names, value) || !names.n || c->options->variable);
}

static bool compare_relations(struct comparing *c, const struct expression *key,
                              const struct expression *answer) {
    struct view name;
    const struct expression *value;
    int sign;
    enum verdict verdict = judge_relations(c, key, answer, &sign);
    if (is_solved(c, key) && !isolated(answer, c->options->variable, &name, &value))
        return told(c, false, verdict == VERDICT_EQUAL ? "unsolved" : "different");
    if (verdict == VERDICT_UNKNOWN)
        return fault_set(c->fault, FAULT_INPUT, "these equations can't be compared");
    if (verdict == VERDICT_DIFFERENT)
        return told(c, false, "different");
    enum expression_relation relation = sign < 0 ? turned(answer->relation) : answer->relation;
    if (relation == key->relation) {
        told(c, true, NULL);
        return in_form(c, relation_form(c, key, answer));
    }
    bool direction =
        relation == turned(key->relation) || (relation >= LESS && key->relation >= LESS &&
                                              (relation >= GREATER) != (key->relation >= GREATER));
    return told(c, false,
                key->relation < LESS || relation < LESS ? "kind"
                : direction                             ? "direction"
                                                        : "strictness");
}

/* ----------------------------------------------------------------------------- lists, systems */

/* A matrix of one column or one row is a vector. */
static const struct expression *vector_of(struct arena *arena, const struct expression *e,
                                          bool *matrix) {
    bool column = e->n > 0, row = e->n == 1 && e->of[0]->kind == EXPRESSION_LIST;
    for (int i = 0; i < e->n; i++)
        column &= e->of[i]->kind == EXPRESSION_LIST && e->of[i]->n == 1;
    *matrix = row || column;
    if (row)
        return e->of[0];
    if (!column)
        return e;
    struct expression *made = expression_new(arena, EXPRESSION_LIST, e->n);
    for (int i = 0; i < e->n; i++)
        made->of[i] = e->of[i]->of[0];
    return made;
}

static bool compare_lists(struct comparing *c, const struct expression *key,
                          const struct expression *answer) {
    bool same = true, form = true, from_key, from_answer;
    key = vector_of(c->arena, key, &from_key);
    answer = vector_of(c->arena, answer, &from_answer);
    if (key->n != answer->n)
        return told(c, false, "shape");
    for (int i = 0; i < key->n; i++) {
        struct comparison inner;
        if (!compare_parts(c, key->of[i], answer->of[i], &inner))
            return false;
        same &= inner.same_value;
        form &= inner.equal;
    }
    bool brackets = key->n == 2 && !from_key && !from_answer && /* it may be an interval */
                    (key->open_left != answer->open_left || key->open_right != answer->open_right);
    told(c, same && !brackets, same ? "brackets" : "different");
    return in_form(c, form);
}

static void add_all(struct parts *parts, const struct expression *e) {
    if (e->kind == EXPRESSION_AND || e->kind == EXPRESSION_COMMA || e->kind == EXPRESSION_OR)
        for (int i = 0; i < e->n; i++)
            add_all(parts, e->of[i]);
    else if (parts->n < MAX_PARTS)
        parts->of[parts->n++] = e;
}

/* A single equation whose solutions are the key's: true, but not solved. */
static bool is_unsolved(struct comparing *c, const struct expression *key,
                        const struct expression *answer) {
    struct parts parts = {0};
    if (answer->kind != EXPRESSION_RELATION || answer->relation != EQUAL ||
        !add_solution(c, &parts, key) || !parts.named || parts.n > 8)
        return false;
    struct expression *name = expression_new(c->arena, EXPRESSION_NAME, 0), *product = NULL;
    name->text = parts.name;
    for (int i = 0; i < parts.n; i++) {
        struct expression *factor = expression_pair(c->arena, EXPRESSION_SUM, name,
                                                    expression_negated(c->arena, parts.of[i]));
        product =
            product ? expression_pair(c->arena, EXPRESSION_PRODUCT, product, factor) : factor;
    }
    int sign;
    const struct expression *f = difference(c->arena, answer);
    return product && (same_equation(&c->judging, product, f) == VERDICT_EQUAL ||
                       proportional(&c->judging, product, f, &sign) == VERDICT_EQUAL);
}

static bool compare_statements(struct comparing *c, const struct expression *key,
                               const struct expression *answer) {
    struct names names = {0}, of_key = {0}, of_answer = {0};
    bool few = names_add(&names, key) && names_add(&names, answer) && names.n <= 1;
    names_add(&of_key, key);
    names_add(&of_answer, answer);
    if (few && (is_inequality(key) || is_inequality(answer)) && is_region(key) &&
        is_region(answer)) {
        const char *note = region_difference(&c->judging, key, answer);
        return told(c, !note, note);
    }
    if (of_key.n == 1 && of_answer.n == 1 && !few)
        return told(c, false, "variable");
    if (key->kind == EXPRESSION_RELATION && answer->kind == EXPRESSION_RELATION)
        return compare_relations(c, key, answer);
    struct parts a = {0}, b = {0};
    add_all(&a, key);
    add_all(&b, answer);
    if (a.n == 1 && b.n == 1)
        return told(c, false, "kind");
    if (is_unsolved(c, key, answer))
        return told(c, false, "unsolved");
    int missing, extra;
    bool form = true;
    if (!match_parts(c, &a, &b, &missing, &extra, &form))
        return false;
    told(c, !missing && !extra, missing && !extra ? "missing-solution" : "different");
    return in_form(c, form);
}

static bool compare_values(struct comparing *c, const struct expression *key,
                           const struct expression *answer) {
    enum verdict verdict = same_value(&c->judging, key, answer);
    if (verdict == VERDICT_UNKNOWN && has_value(&c->judging, key) &&
        !has_value(&c->judging, answer) && effort_left(c->judging.effort))
        return told(c, false, "different");
    if (verdict == VERDICT_UNKNOWN)
        return fault_set(c->fault, FAULT_INPUT, "these can't be compared: no common value");
    if (verdict == VERDICT_DIFFERENT)
        return told(c, false, why_different(&c->judging, key, answer));
    told(c, true, NULL);
    return in_form(c, has_form(&c->judging, key, answer, c->options->form, c->options->variable));
}

/* y = 2x+1 told as x = …: two formulas of the same letters, each for another of them. */
static bool is_turned_formula(const struct parts *a, const struct parts *b,
                              const struct expression *key, const struct expression *answer) {
    return key->kind == EXPRESSION_RELATION && answer->kind == EXPRESSION_RELATION && a->n == 1 &&
           b->n == 1 && a->named && b->named && !view_equal(a->name, b->name) &&
           !same_role(a->name, b->name) && expression_has_name(answer, a->name) &&
           expression_has_name(key, b->name);
}

/* (x, y) = (1, 2) is x = 1 and y = 2. */
static const struct expression *by_components(struct arena *arena, const struct expression *e) {
    if (e->kind != EXPRESSION_RELATION || e->relation != EQUAL ||
        e->of[0]->kind != EXPRESSION_LIST || e->of[1]->kind != EXPRESSION_LIST ||
        e->of[0]->n != e->of[1]->n)
        return e;
    struct expression *made = expression_new(arena, EXPRESSION_AND, e->of[0]->n);
    for (int i = 0; i < made->n; i++)
        made->of[i] =
            expression_pair(arena, EXPRESSION_RELATION, e->of[0]->of[i], e->of[1]->of[i]);
    return made;
}

/* 3+-2, which may be meant as 3 + (-2): the answer so read. NULL when nothing is so written. */
static const struct expression *minus_reading(struct arena *arena, const struct expression *e) {
    bool found = false;
    struct expression *made = expression_new(arena, e->kind, e->n);
    struct expression **of = made->of;
    *made = *e;
    made->of = of;
    if (e->kind == EXPRESSION_PLUS_MINUS && view_is(e->text, "+-")) {
        made->kind = EXPRESSION_NEGATE;
        made->text = VIEW("");
        found = true;
    }
    for (int i = 0; i < e->n; i++) {
        const struct expression *child = minus_reading(arena, e->of[i]);
        found |= child != NULL;
        of[i] = (struct expression *)(uintptr_t)(child ? child : e->of[i]);
    }
    return found ? made : NULL;
}

static bool compare(struct comparing *c, const struct expression *key,
                    const struct expression *answer) {
    struct parts a = {0}, b = {0};
    key = by_components(c->arena, key);
    answer = by_components(c->arena, answer);
    if (!effort_spend(c->judging.effort, 100))
        return fault_set(c->fault, FAULT_LIMIT, "this takes too long to compare");
    if (!is_statement(key) && !is_statement(answer) && !has_plus_minus(key) &&
        !has_plus_minus(answer))
        return compare_values(c, key, answer);
    if (key->kind == EXPRESSION_LIST && answer->kind == EXPRESSION_LIST && !is_inequality(key))
        return compare_lists(c, key, answer);
    if (!is_inequality(key) && add_solution(c, &a, key) && add_answer(c, &a, &b, answer) &&
        !(a.n == 1 && b.n == 1 && a.of[0] == key && b.of[0] == answer))
        return is_turned_formula(&a, &b, key, answer) ? compare_relations(c, key, answer)
                                                      : compare_solutions(c, &a, &b);
    return compare_statements(c, key, answer);
}

/* ------------------------------------------------------------------------------------ the door */

/* The constant: a name that the key lacks or that is written C or K, and that matters. */
static bool has_free_constant(struct comparing *c, const struct expression *key,
                              const struct expression *answer, struct view variable) {
    struct names names = {0}, old = {0};
    struct expression zero = {.kind = EXPRESSION_NUMBER, .text = VIEW("0")};
    names_add(&names, answer);
    names_add(&old, key);
    for (int i = 0; i < names.n; i++) {
        if (view_equal(names.name[i], variable) ||
            (names_find(&old, names.name[i]) >= 0 && !strchr("CcKk", names.name[i].at[0])))
            continue;
        struct expression *slope = expression_derivative(c->arena, answer, names.name[i]);
        if (slope && same_value(&c->judging, slope, &zero) == VERDICT_DIFFERENT)
            return true;
    }
    return false;
}

static bool compare_antiderivative(struct comparing *c, const struct expression *key,
                                   const struct expression *answer, struct view variable) {
    struct expression *a = expression_derivative(c->arena, key, variable);
    struct expression *b = expression_derivative(c->arena, answer, variable);
    if (!a || !b)
        return fault_set(c->fault, FAULT_INPUT, "this can't be differentiated");
    enum verdict verdict = same_value(&c->judging, a, b);
    if (verdict == VERDICT_UNKNOWN)
        return fault_set(c->fault, FAULT_INPUT, "these can't be compared: no common value");
    if (verdict == VERDICT_DIFFERENT)
        return told(c, false, why_different(&c->judging, a, b));
    told(c, true, NULL);
    if (!has_free_constant(c, key, answer, variable)) {
        c->out->equal = false;
        c->out->note = "constant-missing";
    }
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

/* What is right of the = in y = …, F(x) = …. */
static const struct expression *right_side(const struct expression *e) {
    struct view name;
    const struct expression *value;
    return isolated(e, NULL, &name, &value) ? value : e;
}

bool expression_compare(const struct expression *key, const struct expression *answer,
                        const struct compare_options *options, struct comparison *out,
                        struct fault *fault) {
    static const struct compare_options none = {0};
    struct fault own = {0};
    struct effort effort = {0, EFFORT_LIMIT};
    struct names names = {0};
    struct comparing c = {.arena = arena_new(),
                          .options = options ? options : &none,
                          .out = out,
                          .fault = fault ? fault : &own};
    c.judging = (struct judging){c.arena, &effort, c.options->seed};
    *out = (struct comparison){0};
    struct view variable = variable_of(c.options, key);
    bool good;
    if (!names_add(&names, key) || !names_add(&names, answer))
        good = fault_set(c.fault, FAULT_LIMIT, "there are over %d different letters", MAX_NAMES);
    else if (c.options->derivative) {
        key = expression_derivative(c.arena, right_side(key), variable);
        good = key ? compare(&c, key, right_side(answer))
                   : fault_set(c.fault, FAULT_INPUT, "the key can't be differentiated");
    } else if (c.options->antiderivative)
        good = compare_antiderivative(&c, right_side(key), right_side(answer), variable);
    else
        good = compare(&c, key, answer);
    const struct expression *other =
        good && !out->equal && !c.options->derivative && !c.options->antiderivative
            ? minus_reading(c.arena, answer)
            : NULL;
    if (other) {
        struct comparison first = *out;
        if (compare(&c, key, other) && !out->equal)
            *out = first;
    }
    if (!effort_left(&effort)) {
        fault_clear(c.fault);
        good = fault_set(c.fault, FAULT_LIMIT, "this takes too long to compare");
    }
    out->steps = effort.done;
    arena_free(c.arena);
    return good;
}
