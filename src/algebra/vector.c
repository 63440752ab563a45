/* Vectors and matrices reckoned out: sums, multiples, products, powers, determinants. */
#include "algebra/comparing.h"

#include <string.h>

enum { MOST_ENTRIES = 144, MOST_POWER = 12, MOST_DETERMINANT = 5, MOST_ENTRY_NODES = 300 };

struct reckoning {
    struct arena *arena;
    struct effort *effort;
};

static struct expression *number(struct arena *arena, const char *digits) {
    struct expression *made = expression_new(arena, EXPRESSION_NUMBER, 0);
    made->text = view_of(digits);
    return made;
}

/* The exact value as a plain number where there is one, so that entries stay small; NULL when the
 * entry gets too big. */
static const struct expression *entry(const struct reckoning *r, const struct expression *e) {
    fmpq_t value;
    if (!e || count_nodes(e) > MOST_ENTRY_NODES || !effort_spend(r->effort, 20))
        return NULL;
    fmpq_init(value);
    if (count_nodes(e) > 3 && exact_value(e, value)) {
        char *above = fmpz_get_str(NULL, 10, fmpq_numref(value));
        char *below = fmpz_get_str(NULL, 10, fmpq_denref(value));
        bool minus = *above == '-';
        e = number(r->arena, arena_string(r->arena, view_of(above + minus)));
        if (strcmp(below, "1") != 0)
            e = expression_pair(r->arena, EXPRESSION_DIVIDE, e,
                                number(r->arena, arena_string(r->arena, view_of(below))));
        if (minus)
            e = expression_negated(r->arena, e);
        flint_free(above);
        flint_free(below);
    }
    fmpq_clear(value);
    return e;
}

static bool is_list(const struct expression *e) {
    return e->kind == EXPRESSION_LIST;
}

/* Rows and columns; a vector has 0 columns. False when the rows differ or are too many. */
static bool shape(const struct expression *e, int *rows, int *columns) {
    *rows = e->n;
    *columns = e->n && is_list(e->of[0]) ? e->of[0]->n : 0;
    for (int i = 0; i < e->n; i++) {
        const struct expression *row = e->of[i];
        if (is_list(row) != (*columns > 0) || (*columns && row->n != *columns))
            return false;
        for (int j = 0; j < *columns; j++)
            if (is_statement(row->of[j]))
                return false;
        if (!*columns && is_statement(row))
            return false;
    }
    return *rows > 0 && *rows * (*columns ? *columns : 1) <= MOST_ENTRIES;
}

static const struct expression *at(const struct expression *e, int row, int column) {
    return is_list(e->of[row]) ? e->of[row]->of[column] : e->of[row];
}

static struct expression *list(struct arena *arena, int n) {
    struct expression *made = expression_new(arena, EXPRESSION_LIST, n);
    made->open_left = made->open_right = true;
    made->text = VIEW("vector");
    return made;
}

static struct expression *grid(struct arena *arena, int rows, int columns) {
    struct expression *made = list(arena, rows);
    for (int i = 0; i < rows && columns; i++)
        made->of[i] = list(arena, columns);
    return made;
}

static bool put(struct expression *e, int row, int column, const struct expression *value) {
    struct expression **of =
        is_list(e) && e->of[row] && is_list(e->of[row]) ? &e->of[row]->of[column] : &e->of[row];
    *of = (struct expression *)(uintptr_t)value;
    return value != NULL;
}

/* Each entry of a joined with that of b; or with b itself where b is no list. */
static const struct expression *by_entries(const struct reckoning *r, enum expression_kind kind,
                                           const struct expression *a, const struct expression *b,
                                           bool swapped) {
    int rows, columns, other_rows = 0, other_columns = 0;
    if (!shape(a, &rows, &columns) || (b && is_list(b) &&
                                       (!shape(b, &other_rows, &other_columns) ||
                                        rows != other_rows || columns != other_columns)))
        return NULL;
    struct expression *made = grid(r->arena, rows, columns);
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < (columns ? columns : 1); j++) {
            const struct expression *x = at(a, i, j), *y = b && is_list(b) ? at(b, i, j) : b;
            const struct expression *one = !y        ? expression_negated(r->arena, x)
                                           : swapped ? expression_pair(r->arena, kind, y, x)
                                                     : expression_pair(r->arena, kind, x, y);
            if (!put(made, i, j, entry(r, one)))
                return NULL;
        }
    return made;
}

/* Σ a[i][k] b[k][j]; a vector is a row on the left and a column on the right. */
static const struct expression *product_entry(const struct reckoning *r,
                                              const struct expression *a,
                                              const struct expression *b, int i, int j, int n) {
    const struct expression *sum = NULL;
    for (int k = 0; k < n; k++) {
        const struct expression *x = is_list(a->of[0]) ? at(a, i, k) : a->of[k];
        const struct expression *one =
            expression_pair(r->arena, EXPRESSION_PRODUCT, x, at(b, k, j));
        sum = sum ? expression_pair(r->arena, EXPRESSION_SUM, sum, one) : one;
    }
    return entry(r, sum);
}

static const struct expression *product(const struct reckoning *r, const struct expression *a,
                                        const struct expression *b) {
    int rows, columns, other_rows, other_columns;
    if (!shape(a, &rows, &columns) || !shape(b, &other_rows, &other_columns) ||
        (columns ? columns : rows) != other_rows)
        return NULL;
    if (!columns && !other_columns)
        return product_entry(r, a, b, 0, 0, other_rows);
    int high = columns ? rows : other_columns, wide = columns ? other_columns : 0;
    struct expression *made = grid(r->arena, high, wide);
    for (int i = 0; i < high; i++)
        for (int j = 0; j < (wide ? wide : 1); j++) {
            bool from_row = !columns; /* a vector times a matrix */
            if (!put(made, i, j,
                     product_entry(r, a, b, from_row ? 0 : i, from_row ? i : j, other_rows)))
                return NULL;
        }
    return made;
}

static const struct expression *transposed(const struct reckoning *r, const struct expression *e) {
    int rows, columns;
    if (!shape(e, &rows, &columns))
        return NULL;
    if (!columns) { /* a column, then */
        struct expression *made = list(r->arena, rows);
        for (int i = 0; i < rows; i++) {
            made->of[i] = list(r->arena, 1);
            made->of[i]->of[0] = e->of[i];
        }
        return made;
    }
    struct expression *made = grid(r->arena, columns, rows);
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < columns; j++)
            put(made, j, i, at(e, i, j));
    return made;
}

/* Without one row and one column. */
static const struct expression *minor_of(const struct reckoning *r, const struct expression *e,
                                         int row, int column) {
    struct expression *made = grid(r->arena, e->n - 1, e->n - 1);
    for (int i = 0; i < e->n - 1; i++)
        for (int j = 0; j < e->n - 1; j++)
            put(made, i, j, at(e, i + (i >= row), j + (j >= column)));
    return made;
}

static const struct expression *determinant(const struct reckoning *r,
                                            const struct expression *e) {
    int rows, columns;
    if (!shape(e, &rows, &columns) || rows != columns || rows > MOST_DETERMINANT)
        return NULL;
    if (rows == 1)
        return at(e, 0, 0);
    const struct expression *sum = NULL;
    for (int j = 0; j < columns; j++) {
        const struct expression *rest = determinant(r, minor_of(r, e, 0, j));
        if (!rest)
            return NULL;
        const struct expression *one =
            expression_pair(r->arena, EXPRESSION_PRODUCT, at(e, 0, j), rest);
        one = j % 2 ? expression_negated(r->arena, one) : one;
        sum = sum ? expression_pair(r->arena, EXPRESSION_SUM, sum, one) : one;
    }
    return entry(r, sum);
}

static const struct expression *inverse(const struct reckoning *r, const struct expression *e) {
    const struct expression *whole = determinant(r, e);
    fmpq_t value;
    if (!whole || e->n > 4)
        return NULL;
    fmpq_init(value);
    bool none = exact_value(whole, value) && fmpq_is_zero(value);
    fmpq_clear(value);
    if (none)
        return NULL;
    struct expression *made = grid(r->arena, e->n, e->n);
    for (int i = 0; i < e->n; i++)
        for (int j = 0; j < e->n; j++) {
            const struct expression *one =
                e->n == 1 ? number(r->arena, "1") : determinant(r, minor_of(r, e, j, i));
            if (one && (i + j) % 2)
                one = expression_negated(r->arena, one);
            if (!one || !put(made, i, j,
                             entry(r, expression_pair(r->arena, EXPRESSION_DIVIDE, one, whole))))
                return NULL;
        }
    return made;
}

static const struct expression *power(const struct reckoning *r, const struct expression *base,
                                      const struct expression *exponent) {
    slong n;
    if (exponent->kind == EXPRESSION_NAME &&
        (view_is(exponent->text, "T") || view_is(exponent->text, "t")))
        return transposed(r, base);
    if (!is_list(base->of[0]) || !integer_exponent(exponent, &n) || n == 0 || n > MOST_POWER ||
        n < -MOST_POWER)
        return NULL;
    const struct expression *one = n < 0 ? inverse(r, base) : base, *made = one;
    for (slong i = 1; made && i < (n < 0 ? -n : n); i++)
        made = product(r, made, one);
    return made;
}

static const struct expression *norm(const struct reckoning *r, const struct expression *e) {
    const struct expression *square = product(r, e, e);
    if (!square || is_list(square))
        return NULL;
    struct expression *made = expression_negated(r->arena, square);
    made->kind = EXPRESSION_CALL;
    made->text = VIEW("sqrt");
    return made;
}

static const struct expression *trace(const struct reckoning *r, const struct expression *e) {
    int rows, columns;
    if (!shape(e, &rows, &columns) || rows != columns)
        return NULL;
    const struct expression *sum = at(e, 0, 0);
    for (int i = 1; i < rows; i++)
        sum = expression_pair(r->arena, EXPRESSION_SUM, sum, at(e, i, i));
    return entry(r, sum);
}

static const struct expression *cross(const struct reckoning *r, const struct expression *a,
                                      const struct expression *b) {
    int rows, columns, other, other_columns;
    if (!shape(a, &rows, &columns) || !shape(b, &other, &other_columns) || rows != 3 ||
        other != 3 || columns || other_columns)
        return NULL;
    struct expression *made = list(r->arena, 3);
    for (int i = 0; i < 3; i++) {
        int j = (i + 1) % 3, k = (i + 2) % 3;
        const struct expression *plus =
            expression_pair(r->arena, EXPRESSION_PRODUCT, a->of[j], b->of[k]);
        const struct expression *minus =
            expression_pair(r->arena, EXPRESSION_PRODUCT, a->of[k], b->of[j]);
        if (!put(made, i, 0,
                 entry(r, expression_pair(r->arena, EXPRESSION_SUM, plus,
                                          expression_negated(r->arena, minus)))))
            return NULL;
    }
    return made;
}

static const struct expression *call(const struct reckoning *r, const struct expression *e) {
    const struct expression *a = e->of[0];
    int rows, columns;
    if (e->n == 2)
        return !is_list(a) || !is_list(e->of[1]) ? NULL
               : view_is(e->text, "dot")         ? product(r, a, e->of[1])
               : view_is(e->text, "cross")       ? cross(r, a, e->of[1])
                                                 : NULL;
    if (!is_list(a) || !shape(a, &rows, &columns))
        return NULL;
    if (view_is(e->text, "det") || (view_is(e->text, "abs") && columns))
        return determinant(r, a);
    if (view_is(e->text, "norm") || view_is(e->text, "abs"))
        return columns ? NULL : norm(r, a);
    return view_is(e->text, "transpose") ? transposed(r, a)
           : view_is(e->text, "inverse") ? inverse(r, a)
           : view_is(e->text, "trace")   ? trace(r, a)
                                         : NULL;
}

/* f(1, 2) is no multiple of (1, 2). */
static bool is_function_letter(const struct expression *e) {
    return e->kind == EXPRESSION_NAME && strchr("fghFGHP", e->text.at[0]) != NULL;
}

static const struct expression *join(const struct reckoning *r, const struct expression *e) {
    const struct expression *a = e->of[0], *b = e->n > 1 ? e->of[1] : NULL;
    bool left = is_list(a), right = b && is_list(b);
    switch (e->kind) {
    case EXPRESSION_NEGATE:
        return left ? by_entries(r, EXPRESSION_NEGATE, a, NULL, false) : e;
    case EXPRESSION_SUM:
        return left && right   ? by_entries(r, EXPRESSION_SUM, a, b, false)
               : left || right ? NULL
                               : e;
    case EXPRESSION_PRODUCT:
        return left && right                    ? product(r, a, b)
               : left                           ? by_entries(r, EXPRESSION_PRODUCT, a, b, false)
               : right && is_function_letter(a) ? NULL
               : right                          ? by_entries(r, EXPRESSION_PRODUCT, b, a, true)
                                                : e;
    case EXPRESSION_DIVIDE:
        return right ? NULL : left ? by_entries(r, EXPRESSION_DIVIDE, a, b, false) : e;
    case EXPRESSION_POWER:
        return right ? NULL : left ? power(r, a, b) : e;
    case EXPRESSION_CALL:
        return left || right ? call(r, e) : e;
    default:
        return e;
    }
}

static bool is_d(const struct expression *e, slong *order) {
    *order = 1;
    if (e->kind == EXPRESSION_POWER && !integer_exponent(e->of[1], order))
        return false;
    e = e->kind == EXPRESSION_POWER ? e->of[0] : e;
    return e->kind == EXPRESSION_NAME && view_is(e->text, "d");
}

/* dy/dx as y', d^2y/dx^2 as y''; also where it was read as (dy/d)x. NULL when it is no such thing.
 */
static const struct expression *derivative_name(struct arena *arena, const struct expression *e) {
    const struct expression *above, *d, *below;
    slong order, power = 1, one;
    if (e->kind == EXPRESSION_PRODUCT && e->of[0]->kind == EXPRESSION_DIVIDE) {
        above = e->of[0]->of[0];
        d = e->of[0]->of[1];
        below = e->of[1];
    } else if (e->kind == EXPRESSION_DIVIDE && e->of[1]->kind == EXPRESSION_PRODUCT) {
        above = e->of[0];
        d = e->of[1]->of[0];
        below = e->of[1]->of[1];
    } else
        return NULL;
    if (above->kind != EXPRESSION_PRODUCT || above->of[1]->kind != EXPRESSION_NAME ||
        !is_d(above->of[0], &order) || !is_d(d, &one) || one != 1)
        return NULL;
    if (below->kind == EXPRESSION_POWER && integer_exponent(below->of[1], &power))
        below = below->of[0];
    if (below->kind != EXPRESSION_NAME || power != order || order < 1 || order > 3)
        return NULL;
    struct expression *made = expression_new(arena, EXPRESSION_NAME, 0);
    made->text =
        view_of(arena_format(arena, "%.*s%.*s", VIEW_ARG(above->of[1]->text), (int)order, "'''"));
    return made;
}

static const struct expression *reals(struct arena *arena) {
    struct expression *made = list(arena, 2), *end = expression_new(arena, EXPRESSION_CONSTANT, 0);
    end->text = VIEW("inf");
    made->of[0] = expression_negated(arena, end);
    made->of[1] = end;
    return made;
}

static const struct expression *reckon(const struct reckoning *r, const struct expression *e) {
    if (!e->n || !effort_spend(r->effort, 1))
        return e;
    const struct expression *named = derivative_name(r->arena, e);
    if (named)
        return named;
    struct expression *made = expression_new(r->arena, e->kind, e->n);
    struct expression **of = made->of;
    bool changed = false;
    *made = *e;
    made->of = of;
    for (int i = 0; i < e->n; i++) {
        const struct expression *child = reckon(r, e->of[i]);
        if (e->kind == EXPRESSION_WITHOUT && i == 0 && child->kind == EXPRESSION_NAME &&
            view_is(child->text, "R") && e->of[1]->kind != EXPRESSION_NAME)
            child = reals(r->arena);
        changed |= child != e->of[i];
        of[i] = (struct expression *)(uintptr_t)child;
    }
    const struct expression *self = changed ? made : e, *joined = join(r, self);
    return joined ? joined : self;
}

const struct expression *reckon_lists(const struct judging *judging, const struct expression *e) {
    return reckon(&(struct reckoning){judging->arena, judging->effort}, e);
}

const struct expression *whole_line(const struct judging *judging) {
    return reals(judging->arena);
}

/* -------------------------------------------------------------------------------- other writing
 */

static const struct expression *replaced(struct arena *arena, const struct expression *e,
                                         struct view name, const struct expression *by) {
    bool here = (e->kind == EXPRESSION_NAME || e->kind == EXPRESSION_CONSTANT) &&
                view_equal(e->text, name);
    if (here || !e->n)
        return here ? by : e;
    struct expression *made = expression_new(arena, e->kind, e->n);
    struct expression **of = made->of;
    *made = *e;
    made->of = of;
    for (int i = 0; i < e->n; i++)
        of[i] = (struct expression *)(uintptr_t)replaced(arena, e->of[i], name, by);
    return made;
}

const struct expression *expression_replaced(struct arena *arena, const struct expression *e,
                                             struct view name, const struct expression *by) {
    return replaced(arena, e, name, by);
}

const struct expression *unit_vectors(const struct judging *judging, const struct expression *e,
                                      int n) {
    static const char *const letters[] = {"i", "j", "k"};
    struct arena *arena = judging->arena;
    const struct expression *zero = number(arena, "0"), *one = number(arena, "1"), *sum = NULL,
                            *plain = e;
    if (is_statement(e) || n < 2 || n > 3 ||
        !(has_constant(e, "i") || expression_has_name(e, VIEW("j")) ||
          expression_has_name(e, VIEW("k"))))
        return NULL;
    struct expression *made = list(arena, n);
    for (int i = 0; i < 3; i++) { /* e with each letter free, i among them */
        struct expression *letter = expression_new(arena, EXPRESSION_NAME, 0);
        letter->text = view_of(arena_format(arena, "unit_%s", letters[i]));
        plain = replaced(arena, plain, view_of(letters[i]), letter);
        const struct expression *part = e;
        for (int j = 0; j < 3; j++)
            part = replaced(arena, part, view_of(letters[j]), i == j ? one : zero);
        const struct expression *term = expression_pair(arena, EXPRESSION_PRODUCT, part, letter);
        sum = sum ? expression_pair(arena, EXPRESSION_SUM, sum, term) : term;
        if (i < n)
            made->of[i] = (struct expression *)(uintptr_t)part;
        else if (expression_has_name(plain, letter->text))
            return NULL;
    }
    return same_value(judging, plain, sum) == VERDICT_EQUAL ? made : NULL;
}

static bool comes_before(struct view a, struct view b) {
    size_t n = a.n < b.n ? a.n : b.n;
    int order = memcmp(a.at, b.at, n);
    return order < 0 || (!order && a.n < b.n);
}

const struct expression *as_point(struct arena *arena, const struct expression *e) {
    struct view names[8], name;
    const struct expression *value;
    if ((e->kind != EXPRESSION_AND && e->kind != EXPRESSION_COMMA && e->kind != EXPRESSION_LIST &&
         e->kind != EXPRESSION_SET) ||
        e->n < 2 || e->n > 8)
        return e;
    struct expression *made = list(arena, e->n);
    for (int i = 0; i < e->n; i++) {
        if (!isolated(e->of[i], NULL, &name, &value))
            return e;
        int place = i;
        for (int j = 0; j < i; j++)
            if (view_equal(names[j], name))
                return e;
        for (; place > 0 && comes_before(name, names[place - 1]); place--) {
            names[place] = names[place - 1];
            made->of[place] = made->of[place - 1];
        }
        names[place] = name;
        made->of[place] = (struct expression *)(uintptr_t)value;
    }
    return made;
}
