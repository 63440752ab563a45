/* Comparison of lists, vectors, matrices, systems and sets. */
#include "algebra/comparing.h"

#include <flint/fmpq_mat.h>

enum { MOST_EQUATIONS = 12, MOST_UNKNOWNS = 12 };

/* ---------------------------------------------------------------------- vectors and matrices */

enum orientation { FLAT, ROW, COLUMN, GRID };

static enum orientation orientation(const struct expression *e) {
    bool column = e->n > 0, rows = e->n > 0;
    for (int i = 0; i < e->n; i++) {
        rows &= e->of[i]->kind == EXPRESSION_LIST;
        column &= e->of[i]->kind == EXPRESSION_LIST && e->of[i]->n == 1;
    }
    return rows && e->n == 1 ? ROW : column ? COLUMN : rows ? GRID : FLAT;
}

/* All entries in a row; false when there are too many. */
static bool entries_of(const struct expression *e, struct parts *out) {
    for (int i = 0; i < e->n; i++) {
        if (e->of[i]->kind == EXPRESSION_LIST) {
            if (!entries_of(e->of[i], out))
                return false;
        } else if (out->n == MAX_PARTS || is_statement(e->of[i]))
            return false;
        else
            out->of[out->n++] = e->of[i];
    }
    return true;
}

/* A matrix of one column or one row is a vector. */
static const struct expression *vector_of(struct arena *arena, const struct expression *e) {
    enum orientation lies = orientation(e);
    if (lies != ROW && lies != COLUMN)
        return e;
    if (lies == ROW)
        return e->of[0];
    struct expression *made = expression_new(arena, EXPRESSION_LIST, e->n);
    for (int i = 0; i < e->n; i++)
        made->of[i] = e->of[i]->of[0];
    return made;
}

/* Whether answer is factor × key, entry by entry; the factor's sign. */
static bool is_multiple(struct comparing *c, const struct parts *key, const struct parts *answer,
                        int *sign) {
    int pivot = -1;
    struct expression zero = {.kind = EXPRESSION_NUMBER, .text = VIEW("0")};
    *sign = 0;
    for (int i = 0; i < key->n && pivot < 0; i++)
        if (same_value(&c->judging, key->of[i], &zero) == VERDICT_DIFFERENT)
            pivot = i;
    if (pivot < 0 ||
        proportional(&c->judging, key->of[pivot], answer->of[pivot], sign) != VERDICT_EQUAL)
        return false;
    for (int i = 0; i < key->n; i++) {
        const struct expression *left =
            expression_pair(c->arena, EXPRESSION_PRODUCT, key->of[i], answer->of[pivot]);
        const struct expression *right =
            expression_pair(c->arena, EXPRESSION_PRODUCT, answer->of[i], key->of[pivot]);
        if (same_value(&c->judging, left, right) != VERDICT_EQUAL)
            return false;
    }
    return true;
}

/* Each entry once, in whatever order. */
static bool is_shuffled(struct comparing *c, const struct expression *key,
                        const struct expression *answer, bool *form) {
    bool used[MAX_PARTS] = {0};
    if (key->n != answer->n || key->n > MAX_PARTS)
        return false;
    for (int i = 0; i < key->n; i++) {
        bool met = false;
        for (int j = 0; j < answer->n && !met; j++) {
            struct comparison inner;
            if (used[j] || !compare_parts(c, key->of[i], answer->of[j], &inner))
                continue;
            met = used[j] = inner.same_value;
            *form &= !met || inner.equal;
        }
        if (!met)
            return false;
    }
    return true;
}

static bool is_transposed(struct comparing *c, const struct parts *key, const struct parts *answer,
                          int rows, int columns) {
    if (rows < 2 || columns < 2 || key->n != rows * columns || answer->n != key->n)
        return false;
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < columns; j++)
            if (same_value(&c->judging, key->of[i * columns + j], answer->of[j * rows + i]) !=
                VERDICT_EQUAL)
                return false;
    return true;
}

/* How a vector or matrix of single values is wrong; `right` of its entries are right. */
static const char *why_lists_differ(struct comparing *c, const struct expression *key,
                                    const struct expression *answer, int right) {
    struct parts a = {0}, b = {0};
    int sign;
    bool form = true;
    if (!entries_of(key, &a) || !entries_of(answer, &b))
        return "different";
    bool grid = orientation(key) == GRID;
    if (grid && is_transposed(c, &a, &b, key->n, key->of[0]->n))
        return "transposed";
    if (a.n != b.n || key->n != answer->n)
        return "shape";
    if (is_multiple(c, &a, &b, &sign)) {
        int first = 0;
        struct expression zero = {.kind = EXPRESSION_NUMBER, .text = VIEW("0")};
        while (first + 1 < a.n && same_value(&c->judging, a.of[first], &zero) != VERDICT_DIFFERENT)
            first++;
        const struct expression *negated = expression_negated(c->arena, b.of[first]);
        return same_value(&c->judging, a.of[first], negated) == VERDICT_EQUAL ? "sign" : "factor";
    }
    if (!grid && is_shuffled(c, key, answer, &form))
        return "order";
    return right > 0 || grid ? "entries" : "different";
}

/* As many entries in each row. */
static bool same_rows(const struct expression *key, const struct expression *answer) {
    for (int i = 0; i < key->n; i++)
        if (key->of[i]->n != answer->of[i]->n)
            return false;
    return true;
}

static bool compare_multiples(struct comparing *c, const struct expression *key,
                              const struct expression *answer) {
    struct parts a = {0}, b = {0};
    int sign;
    if (!entries_of(key, &a) || !entries_of(answer, &b) || a.n != b.n)
        return told(c, false, "shape");
    return told(c, is_multiple(c, &a, &b, &sign), "different");
}

bool compare_lists(struct comparing *c, const struct expression *key,
                   const struct expression *answer) {
    bool same = true, form = true;
    int right = 0;
    enum orientation of_key = orientation(key), of_answer = orientation(answer);
    const struct expression *whole_key = key, *whole_answer = answer;
    bool turned = (of_key == ROW && of_answer == COLUMN && answer->n > 1) ||
                  (of_key == COLUMN && of_answer == ROW && key->n > 1);
    key = vector_of(c->arena, key);
    answer = vector_of(c->arena, answer);
    if (c->options->unordered) {
        same = is_shuffled(c, key, answer, &form);
        told(c, same, key->n == answer->n ? "different" : "shape");
        return in_form(c, form);
    }
    if (key->n != answer->n)
        return told(c, false,
                    of_key == GRID ? why_lists_differ(c, whole_key, whole_answer, 0) : "shape");
    if (c->options->factor && !turned)
        return compare_multiples(c, key, answer);
    struct parts a = {0}, b = {0};
    bool grid = of_key == GRID && of_answer == GRID;
    if (grid && (!same_rows(key, answer) || !entries_of(key, &a) || !entries_of(answer, &b)))
        return told(c, false, why_lists_differ(c, key, answer, 0));
    for (int i = 0; i < (grid ? a.n : key->n); i++) {
        struct comparison inner;
        if (!compare_parts(c, grid ? a.of[i] : key->of[i], grid ? b.of[i] : answer->of[i], &inner))
            return false;
        same &= inner.same_value;
        form &= inner.equal;
        right += inner.same_value;
    }
    bool pair = key->n == 2 && of_key == FLAT && of_answer == FLAT && !key->text.n &&
                !answer->text.n && !is_statement(key->of[0]);
    bool brackets = pair && /* it may be an interval */
                    (key->open_left != answer->open_left || key->open_right != answer->open_right);
    const char *note = !same    ? why_lists_differ(c, key, answer, right)
                       : turned ? "transposed"
                                : "brackets";
    told(c, same && !brackets && !turned, note);
    return in_form(c, form);
}

/* ------------------------------------------------------------------------------------ systems */

static void add_all(struct parts *parts, const struct expression *e) {
    if (e->kind == EXPRESSION_AND || e->kind == EXPRESSION_COMMA || e->kind == EXPRESSION_OR)
        for (int i = 0; i < e->n; i++)
            add_all(parts, e->of[i]);
    else if (parts->n < MAX_PARTS)
        parts->of[parts->n++] = e;
}

/* Cases, each of which may be a system of its own. */
static void add_cases(struct parts *parts, const struct expression *e) {
    bool cases = e->kind == EXPRESSION_OR;
    if (e->kind == EXPRESSION_COMMA || e->kind == EXPRESSION_SET) {
        cases = true;
        for (int i = 0; i < e->n; i++)
            cases &= e->of[i]->kind == EXPRESSION_LIST || e->of[i]->kind == EXPRESSION_AND ||
                     (e->of[i]->kind == EXPRESSION_RELATION &&
                      e->of[i]->of[0]->kind == EXPRESSION_LIST);
    }
    if (cases)
        for (int i = 0; i < e->n; i++)
            add_cases(parts, e->of[i]);
    else if (parts->n < MAX_PARTS)
        parts->of[parts->n++] = e;
}

/* Cases of which some say several things at once. */
static bool has_systems(const struct expression *e) {
    struct parts parts = {0};
    add_cases(&parts, e);
    if (parts.n < 2)
        return false;
    for (int i = 0; i < parts.n; i++)
        if (parts.of[i]->kind == EXPRESSION_AND || parts.of[i]->kind == EXPRESSION_COMMA ||
            parts.of[i]->kind == EXPRESSION_LIST)
            return true;
    return false;
}

static bool compare_cases(struct comparing *c, const struct expression *key,
                          const struct expression *answer) {
    struct parts a = {0}, b = {0};
    int missing, extra;
    bool form = true;
    add_cases(&a, key);
    add_cases(&b, answer);
    if (!match_parts(c, &a, &b, &missing, &extra, &form))
        return false;
    told(c, !missing && !extra,
         missing && extra ? "different"
         : missing        ? "missing-solution"
                          : "extra-solution");
    return in_form(c, form);
}

/* Adds factor × e to the row of a linear equation; its last entry is the constant. */
static bool add_linear(const struct names *names, const struct expression *e, const fmpq_t factor,
                       fmpq *row) {
    fmpq_t value;
    fmpq_init(value);
    bool good = true;
    if (exact_value(e, value))
        fmpq_addmul(row + names->n, factor, value);
    else if (e->kind == EXPRESSION_NAME)
        fmpq_add(row + names_find(names, e->text), row + names_find(names, e->text), factor);
    else if (e->kind == EXPRESSION_SUM)
        good =
            add_linear(names, e->of[0], factor, row) && add_linear(names, e->of[1], factor, row);
    else if (e->kind == EXPRESSION_NEGATE) {
        fmpq_neg(value, factor);
        good = add_linear(names, e->of[0], value, row);
    } else if (e->kind == EXPRESSION_PRODUCT || e->kind == EXPRESSION_DIVIDE) {
        int constant = exact_value(e->of[1], value)                                    ? 1
                       : e->kind == EXPRESSION_PRODUCT && exact_value(e->of[0], value) ? 0
                                                                                       : -1;
        good = constant >= 0 && !(e->kind == EXPRESSION_DIVIDE && fmpq_is_zero(value));
        if (good)
            (e->kind == EXPRESSION_DIVIDE ? fmpq_div : fmpq_mul)(value, factor, value);
        good = good && add_linear(names, e->of[!constant], value, row);
    } else
        good = false;
    fmpq_clear(value);
    return good;
}

/* The reduced rows of a linear system over Q; false when it is none. */
static bool reduce_system(struct comparing *c, const struct names *names,
                          const struct parts *parts, fmpq_mat_t out) {
    fmpq_t one;
    fmpq_init(one);
    fmpq_set_si(one, 1, 1);
    bool good = true;
    for (int i = 0; i < parts->n && good; i++) {
        const struct expression *e = parts->of[i];
        good = e->kind == EXPRESSION_RELATION && e->relation == EQUAL && !is_statement(e->of[0]) &&
               !is_statement(e->of[1]) &&
               add_linear(names, difference(c->arena, e), one, fmpq_mat_entry(out, i, 0));
    }
    fmpq_clear(one);
    if (good && effort_spend(c->judging.effort, 50L * parts->n * names->n))
        fmpq_mat_rref(out, out);
    return good;
}

/* Linear systems with the same solutions. */
static bool same_system(struct comparing *c, const struct parts *key, const struct parts *answer) {
    struct names names = {0};
    for (int i = 0; i < key->n; i++)
        if (!names_add(&names, key->of[i]))
            return false;
    for (int i = 0; i < answer->n; i++)
        if (!names_add(&names, answer->of[i]))
            return false;
    if (key->n > MOST_EQUATIONS || answer->n > MOST_EQUATIONS || names.n > MOST_UNKNOWNS ||
        !names.n)
        return false;
    fmpq_mat_t a, b;
    slong rows = key->n > answer->n ? key->n : answer->n;
    fmpq_mat_init(a, rows, names.n + 1);
    fmpq_mat_init(b, rows, names.n + 1);
    bool same = reduce_system(c, &names, key, a) && reduce_system(c, &names, answer, b) &&
                fmpq_mat_equal(a, b);
    fmpq_mat_clear(a);
    fmpq_mat_clear(b);
    return same;
}

/* Each part says what one letter is, in numbers. */
static bool is_solved_system(const struct parts *parts) {
    struct view name;
    const struct expression *value;
    struct names names = {0};
    for (int i = 0; i < parts->n; i++)
        if (!isolated(parts->of[i], NULL, &name, &value) || !names_add(&names, value))
            return false;
    return !names.n;
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

static bool compare_systems(struct comparing *c, const struct expression *key,
                            const struct expression *answer) {
    struct parts a = {0}, b = {0};
    int missing, extra;
    bool form = true;
    add_all(&a, key);
    add_all(&b, answer);
    if (a.n == 1 && b.n == 1)
        return told(c, false, "kind");
    if (is_unsolved(c, key, answer))
        return told(c, false, "unsolved");
    struct names names = {0}; /* x = 2 and x = 3 lists two solutions */
    bool many = !names_add(&names, key) || !names_add(&names, answer) || names.n > 1;
    bool all = key->kind == EXPRESSION_AND || key->kind == EXPRESSION_COMMA;
    bool both = many && ((all && answer->kind == EXPRESSION_OR) ||
                         (key->kind == EXPRESSION_OR && answer->kind == EXPRESSION_AND));
    bool system = key->kind != EXPRESSION_OR && answer->kind != EXPRESSION_OR;
    if (!match_parts(c, &a, &b, &missing, &extra, &form))
        return false;
    if (both)
        return told(c, false, missing || extra ? "different" : "and-or");
    if ((missing || extra) && system && same_system(c, &a, &b)) {
        if (is_solved_system(&a) && !is_solved_system(&b))
            return told(c, false, "unsolved");
        told(c, true, NULL);
        return in_form(c, !wants_form(c, FORM_SAME));
    }
    told(c, !missing && !extra,
         !extra     ? "missing-solution"
         : !missing ? "extra-solution"
                    : "different");
    return in_form(c, form);
}

/* The answer would do with "or" for "and", or the other way round. */
static bool is_and_for_or(struct comparing *c, const struct expression *key,
                          const struct expression *answer) {
    struct expression other = *answer;
    if (answer->kind == EXPRESSION_OR)
        other.kind = EXPRESSION_AND;
    else if (answer->kind == EXPRESSION_AND || answer->kind == EXPRESSION_COMMA)
        other.kind = EXPRESSION_OR;
    else
        return false;
    return !region_difference(&c->judging, key, &other);
}

/* What is zero where an equation, or one of several, holds: ab for ab = 0 and for a = 0 or b = 0.
 * NULL where it is neither. */
static const struct expression *zero_of(struct arena *arena, const struct expression *e) {
    const struct expression *made = NULL;
    if (e->kind == EXPRESSION_RELATION)
        return e->relation == EQUAL && !is_statement(e->of[0]) && !is_statement(e->of[1])
                   ? difference(arena, e)
                   : NULL;
    for (int i = 0; e->kind == EXPRESSION_OR && i < e->n; i++) {
        const struct expression *factor =
            e->of[i]->kind == EXPRESSION_RELATION ? zero_of(arena, e->of[i]) : NULL;
        if (!factor)
            return NULL;
        made = made ? expression_pair(arena, EXPRESSION_PRODUCT, made, factor) : factor;
    }
    return made;
}

/* One is an equation and the other its branches. */
static bool same_branches(struct comparing *c, const struct expression *key,
                          const struct expression *answer) {
    if (key->kind == answer->kind)
        return false;
    key = zero_of(c->arena, key);
    answer = zero_of(c->arena, answer);
    return key && answer && same_equation(&c->judging, key, answer) == VERDICT_EQUAL;
}

static bool has_set(const struct expression *e) {
    bool found = e->kind == EXPRESSION_SET;
    for (int i = 0; i < e->n && !found; i++)
        found = has_set(e->of[i]);
    return found;
}

bool compare_statements(struct comparing *c, const struct expression *key,
                        const struct expression *answer) {
    struct names names = {0}, of_key = {0}, of_answer = {0};
    bool few = names_add(&names, key) && names_add(&names, answer) && names.n <= 1;
    names_add(&of_key, key);
    names_add(&of_answer, answer);
    if (few && (is_inequality(key) || is_inequality(answer)) && is_region(key) &&
        is_region(answer)) {
        const char *note = region_difference(&c->judging, key, answer);
        bool points = answer->kind == EXPRESSION_SET && answer->n && !has_set(key);
        return told(c, !note,
                    !note                           ? NULL
                    : points                        ? "kind"
                    : is_and_for_or(c, key, answer) ? "and-or"
                                                    : note);
    }
    if (of_key.n == 1 && of_answer.n == 1 && !few)
        return told(c, false, "variable");
    if (key->kind == EXPRESSION_RELATION && has_plus_minus(key))
        return compare_statements(c, both_signs(c->arena, key), answer);
    if (answer->kind == EXPRESSION_RELATION && has_plus_minus(answer))
        return compare_statements(c, key, both_signs(c->arena, answer));
    if (key->kind == EXPRESSION_RELATION && answer->kind == EXPRESSION_RELATION)
        return compare_relations(c, key, answer);
    if (of_key.n > 1 && same_branches(c, key, answer))
        return told(c, key->kind == EXPRESSION_RELATION, "unsolved");
    return has_systems(key) || has_systems(answer) ? compare_cases(c, key, answer)
                                                   : compare_systems(c, key, answer);
}

/* --------------------------------------------------------------------------------------- sets */

bool is_set_value(const struct expression *e) {
    if (e->kind == EXPRESSION_SET)
        return true;
    if (e->kind != EXPRESSION_OR && e->kind != EXPRESSION_AND && e->kind != EXPRESSION_WITHOUT)
        return false;
    for (int i = 0; i < e->n; i++)
        if (!is_set_value(e->of[i]))
            return false;
    return e->n > 0;
}

static bool is_member(struct comparing *c, const struct parts *of, const struct expression *e) {
    for (int i = 0; i < of->n; i++) {
        struct comparison inner;
        if (compare_parts(c, of->of[i], e, &inner) && inner.same_value)
            return true;
    }
    return false;
}

/* HT and TH, which as products would be one. */
static bool is_word(const struct expression *e) {
    return e->kind == EXPRESSION_PRODUCT &&
           (is_word(e->of[0]) || e->of[0]->kind == EXPRESSION_NAME) &&
           e->of[1]->kind == EXPRESSION_NAME;
}

static bool same_letters(const struct expression *a, const struct expression *b) {
    if (a->kind != b->kind || !view_equal(a->text, b->text) || a->n != b->n)
        return false;
    for (int i = 0; i < a->n; i++)
        if (!same_letters(a->of[i], b->of[i]))
            return false;
    return true;
}

/* Two of its elements are words of the same letters in another order. */
static bool has_words(struct comparing *c, const struct expression *e) {
    for (int i = 0; e->kind == EXPRESSION_SET && i < e->n; i++)
        for (int j = 0; j < i; j++)
            if (is_word(e->of[i]) && is_word(e->of[j]) && !same_letters(e->of[i], e->of[j]) &&
                same_value(&c->judging, e->of[i], e->of[j]) == VERDICT_EQUAL)
                return true;
    return false;
}

/* Each word as one name. */
static const struct expression *with_words(struct arena *arena, const struct expression *e) {
    struct expression *made = expression_new(arena, e->kind, e->n);
    struct expression **of = made->of;
    *made = *e;
    made->of = of;
    for (int i = 0; i < e->n; i++)
        of[i] = (struct expression *)(uintptr_t)with_words(arena, e->of[i]);
    if (is_word(e)) {
        struct buffer text = {0};
        expression_print(e, &text);
        *made = (struct expression){.kind = EXPRESSION_NAME,
                                    .text = arena_copy(arena, buffer_view(&text))};
        buffer_free(&text);
    }
    return made;
}

static bool add_member(struct comparing *c, struct parts *out, const struct expression *e) {
    if (is_member(c, out, e))
        return true;
    if (out->n == MAX_PARTS)
        return fault_set(c->fault, FAULT_LIMIT, "a set of over %d elements", MAX_PARTS);
    out->of[out->n++] = e;
    return true;
}

static bool members(struct comparing *c, const struct expression *e, struct parts *out) {
    bool both = e->kind == EXPRESSION_OR, plain = e->kind == EXPRESSION_SET;
    for (int i = 0; plain && i < e->n; i++) {
        bool signs = !is_statement(e->of[i]) && has_plus_minus(e->of[i]);
        if (!add_member(c, out, signs ? choose_sign(c->arena, e->of[i], false) : e->of[i]) ||
            (signs && !add_member(c, out, choose_sign(c->arena, e->of[i], true))))
            return false;
    }
    if (plain)
        return true;
    if (!members(c, e->of[0], out))
        return false;
    for (int i = 1; i < e->n; i++) {
        struct parts *other = ARENA_NEW(c->arena, 1, struct parts);
        if (!members(c, e->of[i], both ? out : other))
            return false;
        int kept = 0;
        for (int j = 0; j < out->n && !both; j++)
            if (is_member(c, other, out->of[j]) == (e->kind == EXPRESSION_AND))
                out->of[kept++] = out->of[j];
        out->n = both ? out->n : kept;
    }
    return true;
}

bool compare_sets(struct comparing *c, const struct expression *key,
                  const struct expression *answer) {
    struct parts a = {0}, b = {0};
    int missing, extra;
    bool form = true;
    if (has_words(c, key)) {
        key = with_words(c->arena, key);
        answer = with_words(c->arena, answer);
    }
    if (!members(c, key, &a) || !members(c, answer, &b) ||
        !match_parts(c, &a, &b, &missing, &extra, &form))
        return false;
    told(c, !missing && !extra,
         missing && extra ? "different"
         : missing        ? "missing-solution"
                          : "extra-solution");
    return in_form(c, form);
}
