/* Comparison of statements: equations, solutions, inequalities, lists, systems. */
#include "algebra/comparing.h"

#include <string.h>

bool told(struct comparing *c, bool equal, const char *note) {
    c->out->equal = c->out->same_value = equal;
    c->out->note = equal ? NULL : note;
    return true;
}

bool in_form(struct comparing *c, bool form) {
    if (c->out->equal && !form) {
        c->out->equal = false;
        c->out->note = "form";
    }
    return true;
}

bool wants_form(const struct comparing *c, enum answer_form form) {
    return c->options->form == form || (c->options->more_forms & 1u << form);
}

/* Whether a single value has all the forms that are asked for; tells the first that it lacks. */
static bool in_forms(struct comparing *c, const struct expression *key,
                     const struct expression *answer) {
    for (int i = FORM_ANY + 1; i <= FORM_RATIONALIZED; i++) {
        enum answer_form form = (enum answer_form)i;
        if (wants_form(c, form) &&
            !has_form(&c->judging, key, answer, form, c->options->variable)) {
            c->out->equal = false;
            c->out->note = why_not_form(&c->judging, answer, form);
            return true;
        }
    }
    return true;
}

struct expression *choose_sign(struct arena *arena, const struct expression *e, bool minus) {
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

bool has_plus_minus(const struct expression *e) {
    if (e->kind == EXPRESSION_PLUS_MINUS)
        return true;
    for (int i = 0; i < e->n; i++)
        if (has_plus_minus(e->of[i]))
            return true;
    return false;
}

struct expression *both_signs(struct arena *arena, const struct expression *e) {
    struct expression *made = expression_new(arena, EXPRESSION_OR, 2);
    made->of[0] = choose_sign(arena, e, false);
    made->of[1] = choose_sign(arena, e, true);
    return made;
}

/* f^-1 in f^-1(x). */
static const struct expression *inverse_name(const struct expression *e) {
    static const struct expression names[] = {{.kind = EXPRESSION_NAME, .text = {"f^-1", 4}},
                                              {.kind = EXPRESSION_NAME, .text = {"g^-1", 4}},
                                              {.kind = EXPRESSION_NAME, .text = {"h^-1", 4}}};
    slong power;
    if (e->kind != EXPRESSION_PRODUCT || e->of[0]->kind != EXPRESSION_POWER ||
        e->of[0]->of[0]->kind != EXPRESSION_NAME || is_statement(e->of[1]) ||
        !integer_exponent(e->of[0]->of[1], &power) || power != -1)
        return NULL;
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (view_equal(e->of[0]->of[0]->text, view_slice(names[i].text, 0, 1)))
            return &names[i];
    return NULL;
}

/* f in f(x), f'(2), which is read as a product. */
static const struct expression *function_name(const struct expression *e) {
    const struct expression *inverse = inverse_name(e);
    if (inverse)
        return inverse;
    if (e->kind != EXPRESSION_PRODUCT || e->of[0]->kind != EXPRESSION_NAME ||
        !strchr("fghFGH", e->of[0]->text.at[0]) || is_statement(e->of[1]))
        return NULL;
    for (size_t i = 1; i < e->of[0]->text.n; i++)
        if (e->of[0]->text.at[i] != '\'')
            return NULL;
    return e->of[0];
}

bool isolated(const struct expression *e, const char *wanted, struct view *name,
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

bool add_solution(struct comparing *c, struct parts *parts, const struct expression *e) {
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

bool compare_parts(struct comparing *c, const struct expression *a, const struct expression *b,
                   struct comparison *inner) {
    struct comparison *out = c->out;
    *inner = (struct comparison){0};
    c->out = inner;
    bool good = compare(c, a, b);
    c->out = out;
    return good;
}

bool match_parts(struct comparing *c, const struct parts *key, const struct parts *answer,
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

/* A constant factor or a constant term, where the options let it pass. */
static bool is_allowed_difference(struct comparing *c, const struct expression *key,
                                  const struct expression *answer) {
    struct names names = {0};
    int sign;
    double absolute = c->options->absolute, relative = c->options->relative;
    if ((absolute > 0 || relative > 0) &&
        within_tolerance(&c->judging, key, answer, absolute, relative))
        return true;
    return c->options->factor && names_add(&names, key) && names.n &&
           proportional(&c->judging, key, answer, &sign) == VERDICT_EQUAL;
}

static bool compare_values(struct comparing *c, const struct expression *key,
                           const struct expression *answer) {
    enum verdict verdict = same_value(&c->judging, key, answer);
    if (verdict == VERDICT_UNKNOWN && has_value(&c->judging, key) &&
        !has_value(&c->judging, answer) && effort_left(c->judging.effort))
        return told(c, false, "different");
    if (verdict == VERDICT_UNKNOWN)
        return fault_set(c->fault, FAULT_INPUT, "these can't be compared: no common value");
    if (verdict == VERDICT_DIFFERENT && !is_allowed_difference(c, key, answer))
        return told(c, false, why_different(&c->judging, key, answer));
    told(c, true, NULL);
    return in_forms(c, key, answer);
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

static bool compare_logic(struct comparing *c, const struct expression *key,
                          const struct expression *answer) {
    const char *note;
    enum verdict verdict = logic_difference(&c->judging, key, answer, &note);
    if (verdict == VERDICT_UNKNOWN)
        return fault_set(c->fault, FAULT_LIMIT, "there are too many letters to compare");
    told(c, verdict == VERDICT_EQUAL, note);
    return in_form(c, !wants_form(c, FORM_SAME) || same_written(key, answer));
}

/* A(1, 2), where A names the point. */
static const struct expression *without_label(const struct expression *key,
                                              const struct expression *answer) {
    bool label = answer->kind == EXPRESSION_PRODUCT && answer->of[0]->kind == EXPRESSION_NAME &&
                 answer->of[0]->text.at[0] >= 'A' && answer->of[0]->text.at[0] <= 'Z' &&
                 answer->of[1]->kind == EXPRESSION_LIST &&
                 !expression_has_name(key, answer->of[0]->text);
    return label ? answer->of[1] : answer;
}

/* {{1, 2}, {3, 4}} where the key is a matrix. */
static const struct expression *as_matrix(struct arena *arena, const struct expression *key,
                                          const struct expression *answer) {
    if (answer->kind != EXPRESSION_SET || !key->n || key->of[0]->kind != EXPRESSION_LIST)
        return answer;
    struct expression *made = expression_new(arena, EXPRESSION_LIST, answer->n);
    for (int i = 0; i < answer->n; i++) {
        if (answer->of[i]->kind != EXPRESSION_SET)
            return answer;
        struct expression *row = expression_new(arena, EXPRESSION_LIST, answer->of[i]->n);
        for (int j = 0; j < row->n; j++)
            row->of[j] = answer->of[i]->of[j];
        made->of[i] = row;
    }
    return made;
}

/* 1, 2, 3 where the key is (1, 2, 3). Of two numbers the brackets tell what they are. */
static const struct expression *as_list(struct arena *arena, const struct expression *key,
                                        const struct expression *answer) {
    if (answer->kind != EXPRESSION_COMMA || answer->n != key->n)
        return answer;
    struct expression *made = expression_new(arena, EXPRESSION_LIST, answer->n);
    made->open_left = !key->open_left;
    for (int i = 0; i < made->n; i++) {
        if (is_statement(answer->of[i]))
            return answer;
        made->of[i] = answer->of[i];
    }
    return made;
}

/* The one point of {(1, 2)}. */
static const struct expression *only_point(const struct expression *e) {
    return e->kind == EXPRESSION_SET && e->n == 1 && e->of[0]->kind == EXPRESSION_LIST ? e->of[0]
                                                                                       : e;
}

/* 1 and 2 where the key is a set. */
static const struct expression *as_set(struct arena *arena, const struct expression *key,
                                       const struct expression *answer) {
    if (key->kind != EXPRESSION_SET || answer->kind != EXPRESSION_AND)
        return answer;
    struct expression *made = expression_new(arena, EXPRESSION_SET, answer->n);
    for (int i = 0; i < answer->n; i++) {
        if (is_statement(answer->of[i]) && answer->of[i]->kind != EXPRESSION_LIST)
            return answer;
        made->of[i] = answer->of[i];
    }
    return made;
}

static bool has_unit_letters(const struct expression *e) {
    return expression_has_name(e, VIEW("j")) || expression_has_name(e, VIEW("k"));
}

/* x ≠ ±2 is x ≠ 2 and x ≠ -2. */
static const struct expression *without_signs(struct arena *arena, const struct expression *e) {
    if (e->kind == EXPRESSION_RELATION && e->relation == NOT_EQUAL && has_plus_minus(e))
        return expression_pair(arena, EXPRESSION_AND, choose_sign(arena, e, false),
                               choose_sign(arena, e, true));
    if (e->kind != EXPRESSION_AND && e->kind != EXPRESSION_COMMA && e->kind != EXPRESSION_OR)
        return e;
    struct expression *made = expression_new(arena, e->kind, e->n);
    struct expression **of = made->of;
    *made = *e;
    made->of = of;
    for (int i = 0; i < e->n; i++)
        of[i] = (struct expression *)(uintptr_t)without_signs(arena, e->of[i]);
    return made;
}

/* f(t) = t^2 with the key's letter, where the key says what f(x) is. */
static const struct expression *with_argument(struct arena *arena, const struct expression *key,
                                              const struct expression *answer) {
    const struct expression *of[2] = {key, answer};
    for (int i = 0; i < 2; i++)
        if (of[i]->kind != EXPRESSION_RELATION || of[i]->relation != EQUAL ||
            !function_name(of[i]->of[0]) || of[i]->of[0]->of[1]->kind != EXPRESSION_NAME)
            return answer;
    const struct expression *wanted = key->of[0]->of[1], *letter = answer->of[0]->of[1];
    if (view_equal(wanted->text, letter->text) || expression_has_name(answer, wanted->text) ||
        expression_has_name(key, letter->text) ||
        !view_equal(function_name(key->of[0])->text, function_name(answer->of[0])->text))
        return answer;
    return expression_replaced(arena, answer, letter->text, wanted);
}

/* What may be written as the other is: points, unit vectors, all numbers. */
static void write_alike(struct comparing *c, const struct expression **key,
                        const struct expression **answer) {
    *key = reckon_lists(&c->judging, without_signs(c->arena, by_components(c->arena, *key)));
    *answer = without_signs(c->arena, by_components(c->arena, *answer));
    *answer = with_argument(c->arena, *key, *answer);
    *key = whole_members(&c->judging, *key);
    *answer = as_set(c->arena, *key, whole_members(&c->judging, *answer));
    const struct expression *made = NULL;
    bool point = (*key)->kind != EXPRESSION_LIST && as_point(c->arena, *key) != *key;
    if (point && (*answer)->kind == EXPRESSION_SET)
        *answer = as_point(c->arena, only_point(*answer));
    if (point || (*key)->kind == EXPRESSION_LIST)
        *answer = without_label(*key, *answer);
    *answer = reckon_lists(&c->judging, *answer);
    if ((*key)->kind == EXPRESSION_LIST && is_statement(*answer))
        *answer = as_matrix(c->arena, *key, as_list(c->arena, *key, as_point(c->arena, *answer)));
    else if ((*key)->kind == EXPRESSION_LIST) {
        made = unit_vectors(&c->judging, *answer, (*key)->n);
        *answer = made ? made : *answer;
    } else if ((*answer)->kind == EXPRESSION_LIST && is_statement(*key))
        *key = as_point(c->arena, *key);
    else if ((*answer)->kind == EXPRESSION_LIST && has_unit_letters(*key)) {
        made = unit_vectors(&c->judging, *key, (*answer)->n);
        *key = made ? made : *key;
    }
    if (is_inequality(*key) && is_region(*key) && (*answer)->kind == EXPRESSION_NAME &&
        view_is((*answer)->text, "R"))
        *answer = whole_line(&c->judging);
}

bool compare(struct comparing *c, const struct expression *key, const struct expression *answer) {
    struct parts a = {0}, b = {0};
    if (!effort_spend(c->judging.effort, 100))
        return fault_set(c->fault, FAULT_LIMIT, "this takes too long to compare");
    if (is_logic_pair(key, answer))
        return compare_logic(c, key, answer);
    write_alike(c, &key, &answer);
    if (!is_statement(key) && !is_statement(answer) && !has_plus_minus(key) &&
        !has_plus_minus(answer))
        return compare_values(c, key, answer);
    if (is_set_value(key) && is_set_value(answer))
        return compare_sets(c, key, answer);
    if (key->kind == EXPRESSION_LIST && answer->kind == EXPRESSION_LIST && !is_inequality(key))
        return compare_lists(c, key, answer);
    bool region = is_inequality(key) || (is_inequality(answer) && is_region(answer));
    if (!region && add_solution(c, &a, key) && add_answer(c, &a, &b, answer) &&
        !(a.n == 1 && b.n == 1 && a.of[0] == key && b.of[0] == answer))
        return is_turned_formula(&a, &b, key, answer) ? compare_relations(c, key, answer)
                                                      : compare_solutions(c, &a, &b);
    return compare_statements(c, key, answer);
}

/* ------------------------------------------------------------------------------------ the door */

/* The constant: a name that the key lacks or that is written C or K, and that matters, everywhere
 * alike: k in k x is none. */
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
        struct expression *turn = slope ? expression_derivative(c->arena, slope, variable) : NULL;
        if (turn && same_value(&c->judging, slope, &zero) == VERDICT_DIFFERENT &&
            same_value(&c->judging, turn, &zero) != VERDICT_DIFFERENT)
            return true;
    }
    return false;
}

/* With option integral the key is what is integrated. */
static bool compare_antiderivative(struct comparing *c, const struct expression *key,
                                   const struct expression *answer, struct view variable) {
    const struct expression *a =
        c->options->integral ? key : expression_derivative(c->arena, key, variable);
    const struct expression *b = expression_derivative(c->arena, answer, variable);
    if (!a || !b)
        return fault_set(c->fault, FAULT_INPUT, "this can't be differentiated");
    enum verdict verdict = same_value(&c->judging, a, b);
    if (verdict == VERDICT_UNKNOWN)
        return fault_set(c->fault, FAULT_INPUT, "these can't be compared: no common value");
    if (verdict == VERDICT_DIFFERENT)
        return told(c, false, why_different(&c->judging, a, b));
    told(c, true, NULL);
    if (!c->options->constant_free && !has_free_constant(c, key, answer, variable)) {
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

/* By what the options ask for. */
static bool compare_as_asked(struct comparing *c, const struct expression *key,
                             const struct expression *answer) {
    struct view variable = variable_of(c->options, key);
    if (c->options->derivative) {
        key = expression_derivative(c->arena, right_side(key), variable);
        return key ? compare(c, key, right_side(answer))
                   : fault_set(c->fault, FAULT_INPUT, "the key can't be differentiated");
    }
    if (c->options->antiderivative || c->options->integral)
        return compare_antiderivative(c, right_side(key), right_side(answer), variable);
    if (c->options->free)
        return compare_family(c, key, answer);
    if (!compare(c, key, answer))
        return false;
    const struct expression *other = c->out->equal ? NULL : minus_reading(c->arena, answer);
    if (other) {
        struct comparison first = *c->out;
        if (compare(c, key, other) && c->out->equal)
            return true;
        *c->out = first;
    }
    return true;
}

static const char *const *with_names(struct arena *arena, const char *const *list,
                                     const struct names *names) {
    int n = 0;
    while (list && list[n])
        n++;
    const char **made = ARENA_NEW(arena, (size_t)(n + names->n + 1), const char *);
    for (int i = 0; i < n; i++)
        made[i] = list[i];
    for (int i = 0; i < names->n; i++)
        made[n + i] = arena_string(arena, names->name[i]);
    return made;
}

bool expression_compare(const struct expression *key, const struct expression *answer,
                        const struct compare_options *options, struct comparison *out,
                        struct fault *fault) {
    struct compare_options asked = options ? *options : (struct compare_options){0};
    struct fault own = {0};
    struct effort effort = {0, EFFORT_LIMIT};
    struct names names = {0}, whole = {0}, ignored = {0};
    struct comparing c = {
        .arena = arena_new(), .options = &asked, .out = out, .fault = fault ? fault : &own};
    key = without_declarations(c.arena, key, &whole);
    answer = without_declarations(c.arena, answer, &ignored);
    if (whole.n) { /* x = π/4 + nπ, n ∈ ℤ */
        asked.free = with_names(c.arena, asked.free, &whole);
        asked.integers = with_names(c.arena, asked.integers, &whole);
    }
    c.judging = (struct judging){c.arena, &effort, asked.seed, asked.assume, asked.integers};
    *out = (struct comparison){0};
    struct applications applied = {.n = 0};
    key = without_functions(&c.judging, &applied, key);
    answer = without_functions(&c.judging, &applied, answer);
    bool good =
        names_add(&names, key) && names_add(&names, answer)
            ? compare_as_asked(&c, key, answer)
            : fault_set(c.fault, FAULT_LIMIT, "there are over %d different letters", MAX_NAMES);
    if (!effort_left(&effort)) {
        fault_clear(c.fault);
        good = fault_set(c.fault, FAULT_LIMIT, "this takes too long to compare");
    }
    if (good)
        fault_clear(c.fault); /* of a part or a reading that was passed over */
    out->steps = effort.done;
    arena_free(c.arena);
    return good;
}
