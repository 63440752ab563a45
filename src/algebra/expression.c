/* Building, walking, exact evaluation, derivatives. */
#include "algebra/inside.h"

#include <flint/fmpz.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct expression *expression_new(struct arena *arena, enum expression_kind kind, int n) {
    struct expression *made = ARENA_NEW(arena, 1, struct expression);
    made->kind = kind;
    made->n = n;
    if (n)
        made->of = ARENA_NEW(arena, (size_t)n, struct expression *);
    return made;
}

struct expression *expression_pair(struct arena *arena, enum expression_kind kind,
                                   const struct expression *a, const struct expression *b) {
    struct expression *made = expression_new(arena, kind, 2);
    made->of[0] = (struct expression *)(uintptr_t)a;
    made->of[1] = (struct expression *)(uintptr_t)b;
    return made;
}

struct expression *expression_negated(struct arena *arena, const struct expression *e) {
    struct expression *made = expression_new(arena, EXPRESSION_NEGATE, 1);
    made->of[0] = (struct expression *)(uintptr_t)e;
    return made;
}

bool is_statement(const struct expression *e) {
    return e->kind >= EXPRESSION_RELATION;
}

bool rough_value(const struct expression *e, double *out) {
    double a = 0, b = 0;
    if ((e->n > 0 && !rough_value(e->of[0], &a)) || (e->n > 1 && !rough_value(e->of[1], &b)) ||
        e->n > 2)
        return false;
    switch (e->kind) {
    case EXPRESSION_NUMBER:
        a = 0;
        for (size_t i = 0; i < e->text.n; i++)
            a = a * 10 + (e->text.at[i] - '0');
        *out = a * pow(10, e->exponent);
        return true;
    case EXPRESSION_SUM:
        *out = a + b;
        return true;
    case EXPRESSION_PRODUCT:
        *out = a * b;
        return true;
    case EXPRESSION_NEGATE:
        *out = -a;
        return true;
    case EXPRESSION_DIVIDE:
        *out = a / b;
        return true;
    case EXPRESSION_POWER:
        *out = pow(a, b);
        return true;
    default:
        return false;
    }
}

bool integer_exponent(const struct expression *e, slong *out) {
    double value;
    if (!rough_value(e, &value) || value != floor(value) || fabs(value) > 10000)
        return false;
    *out = (slong)value;
    return true;
}

void number_value(const struct expression *e, fmpq_t out) {
    char digits[512];
    size_t n = e->text.n < sizeof digits - 1 ? e->text.n : sizeof digits - 1;
    memcpy(digits, e->text.at, n);
    digits[n] = 0;
    fmpz_t power;
    fmpz_init(power);
    fmpz_set_str(fmpq_numref(out), digits, 10);
    fmpz_one(fmpq_denref(out));
    fmpz_ui_pow_ui(power, 10, (mp_limb_t)abs(e->exponent));
    if (e->exponent >= 0)
        fmpz_mul(fmpq_numref(out), fmpq_numref(out), power);
    else
        fmpz_set(fmpq_denref(out), power);
    fmpq_canonicalise(out);
    fmpz_clear(power);
}

int count_nodes(const struct expression *e) {
    int n = 1;
    for (int i = 0; i < e->n; i++)
        n += count_nodes(e->of[i]);
    return n;
}

int count_kind(const struct expression *e, enum expression_kind kind) {
    int n = e->kind == kind;
    for (int i = 0; i < e->n; i++)
        n += count_kind(e->of[i], kind);
    return n;
}

int names_find(const struct names *names, struct view name) {
    for (int i = 0; i < names->n; i++)
        if (view_equal(names->name[i], name))
            return i;
    return -1;
}

bool names_add(struct names *names, const struct expression *e) {
    if (e->kind == EXPRESSION_NAME && names_find(names, e->text) < 0) {
        if (names->n == MAX_NAMES)
            return false;
        names->name[names->n++] = e->text;
    }
    for (int i = 0; i < e->n; i++)
        if (!names_add(names, e->of[i]))
            return false;
    return true;
}

bool expression_has_name(const struct expression *e, struct view name) {
    if (e->kind == EXPRESSION_NAME && view_equal(e->text, name))
        return true;
    for (int i = 0; i < e->n; i++)
        if (expression_has_name(e->of[i], name))
            return true;
    return false;
}

struct expression *expression_substitute(struct arena *arena, const struct expression *e,
                                         const struct binding *bindings, size_t n) {
    if (e->kind == EXPRESSION_NAME)
        for (size_t i = 0; i < n; i++)
            if (view_is(e->text, bindings[i].name)) {
                int64_t value = bindings[i].value;
                struct expression *number = expression_new(arena, EXPRESSION_NUMBER, 0);
                uint64_t size = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
                number->text = view_of(arena_format(arena, "%llu", (unsigned long long)size));
                if (value >= 0)
                    return number;
                struct expression *negative = expression_new(arena, EXPRESSION_NEGATE, 1);
                negative->of[0] = number;
                return negative;
            }
    struct expression *made = expression_new(arena, e->kind, e->n);
    struct expression **of = made->of;
    *made = *e;
    made->of = of;
    for (int i = 0; i < e->n; i++)
        of[i] = expression_substitute(arena, e->of[i], bindings, n);
    return made;
}

/* ---------------------------------------------------------------------- exact evaluation */

struct exact {
    const struct binding *bindings;
    size_t n;
    struct fault *fault;
    mp_limb_t bits; /* that numerator and denominator may have together */
};

static bool exact(const struct exact *, const struct expression *, fmpq_t);

static bool exact_power(const struct exact *how, fmpq_t base, const fmpq_t exponent) {
    if (!fmpz_is_one(fmpq_denref(exponent)) ||
        fmpz_cmpabs(fmpq_numref(exponent), (fmpz[]){1000}) > 0 ||
        (fmpz_sgn(fmpq_numref(exponent)) < 0 && fmpq_is_zero(base)))
        return fault_set(how->fault, FAULT_INPUT, "this power has no exact value here");
    slong power = fmpz_get_si(fmpq_numref(exponent));
    if ((mp_limb_t)labs(power) * (fmpz_bits(fmpq_numref(base)) + fmpz_bits(fmpq_denref(base))) >
        how->bits)
        return fault_set(how->fault, FAULT_LIMIT, "the power is too big");
    fmpq_pow_si(base, base, power);
    return true;
}

static bool exact_call(const struct exact *how, const struct expression *e, fmpq_t a,
                       const fmpq_t b) {
    if (view_is(e->text, "abs"))
        fmpq_abs(a, a);
    else if (view_is(e->text, "floor") || view_is(e->text, "ceil")) {
        (view_is(e->text, "floor") ? fmpz_fdiv_q : fmpz_cdiv_q)(fmpq_numref(a), fmpq_numref(a),
                                                                fmpq_denref(a));
        fmpz_one(fmpq_denref(a));
    } else if (view_is(e->text, "min") || view_is(e->text, "max")) {
        if ((fmpq_cmp(b, a) < 0) == view_is(e->text, "min"))
            fmpq_set(a, b);
    } else if (view_is(e->text, "sqrt")) {
        if (fmpq_sgn(a) < 0 || !fmpz_is_square(fmpq_numref(a)) || !fmpz_is_square(fmpq_denref(a)))
            return fault_set(how->fault, FAULT_INPUT, "this root has no exact value");
        fmpz_sqrt(fmpq_numref(a), fmpq_numref(a));
        fmpz_sqrt(fmpq_denref(a), fmpq_denref(a));
    } else if (e->n == 2 && fmpz_is_one(fmpq_denref(a)) && fmpz_is_one(fmpq_denref(b)) &&
               view_is(e->text, "gcd"))
        fmpz_gcd(fmpq_numref(a), fmpq_numref(a), fmpq_numref(b));
    else if (e->n == 2 && fmpz_is_one(fmpq_denref(a)) && fmpz_is_one(fmpq_denref(b)) &&
             !fmpq_is_zero(b) && view_is(e->text, "mod"))
        fmpz_fdiv_r(fmpq_numref(a), fmpq_numref(a), fmpq_numref(b));
    else if (view_is(e->text, "factorial") && fmpz_is_one(fmpq_denref(a)) && fmpq_sgn(a) >= 0 &&
             fmpz_cmp_ui(fmpq_numref(a), 100) <= 0)
        fmpz_fac_ui(fmpq_numref(a), (mp_limb_t)fmpz_get_si(fmpq_numref(a)));
    else
        return fault_set(how->fault, FAULT_INPUT, "%.*s has no exact value here",
                         VIEW_ARG(e->text));
    return true;
}

static bool exact_name(const struct exact *how, const struct expression *e, fmpq_t out) {
    for (size_t i = 0; i < how->n; i++)
        if (view_is(e->text, how->bindings[i].name)) {
            fmpq_set_si(out, how->bindings[i].value, 1);
            return true;
        }
    return fault_set(how->fault, FAULT_INPUT, "nothing says what %.*s is", VIEW_ARG(e->text));
}

static bool exact(const struct exact *how, const struct expression *e, fmpq_t out) {
    if (e->kind == EXPRESSION_NUMBER) {
        number_value(e, out);
        return true;
    }
    if (e->kind == EXPRESSION_NAME)
        return exact_name(how, e, out);
    if (e->n < 1 || e->n > 2 || is_statement(e))
        return fault_set(how->fault, FAULT_INPUT, "this is not a number");
    fmpq_t b;
    fmpq_init(b);
    bool good = exact(how, e->of[0], out) && (e->n < 2 || exact(how, e->of[1], b));
    if (good)
        switch (e->kind) {
        case EXPRESSION_SUM:
            fmpq_add(out, out, b);
            break;
        case EXPRESSION_PRODUCT:
            fmpq_mul(out, out, b);
            break;
        case EXPRESSION_NEGATE:
            fmpq_neg(out, out);
            break;
        case EXPRESSION_DIVIDE:
            if (fmpq_is_zero(b))
                good = fault_set(how->fault, FAULT_INPUT, "a division by zero");
            else
                fmpq_div(out, out, b);
            break;
        case EXPRESSION_POWER:
            good = exact_power(how, out, b);
            break;
        case EXPRESSION_CALL:
            good = exact_call(how, e, out, b);
            break;
        default:
            good = fault_set(how->fault, FAULT_INPUT, "this is not a number");
        }
    if (good && fmpz_bits(fmpq_numref(out)) + fmpz_bits(fmpq_denref(out)) > how->bits)
        good = fault_set(how->fault, FAULT_LIMIT, "the number is too big");
    fmpq_clear(b);
    return good;
}

bool expression_evaluate_rational(const struct expression *e, const struct binding *bindings,
                                  size_t n, struct rational *out, struct fault *fault) {
    struct exact how = {bindings, n, fault, 20000};
    fmpq_t value;
    fmpq_init(value);
    bool good = exact(&how, e, value);
    if (good && (!fmpz_fits_si(fmpq_numref(value)) || !fmpz_fits_si(fmpq_denref(value))))
        good = fault_set(fault, FAULT_LIMIT, "the number does not fit 64 bits");
    if (good)
        *out = (struct rational){fmpz_get_si(fmpq_numref(value)), fmpz_get_si(fmpq_denref(value))};
    fmpq_clear(value);
    return good;
}

/* How many decimals a fraction in lowest terms has; -1: they do not end. */
static slong decimals_of(const fmpz_t below) {
    fmpz_t rest, two, five;
    fmpz_init(rest);
    fmpz_init_set_ui(two, 2);
    fmpz_init_set_ui(five, 5);
    slong twos = fmpz_remove(rest, below, two), fives = fmpz_remove(rest, rest, five);
    bool ends = fmpz_is_one(rest);
    fmpz_clear(rest);
    fmpz_clear(two);
    fmpz_clear(five);
    return !ends ? -1 : twos > fives ? twos : fives;
}

static void decimal_text(const fmpq_t value, slong places, struct buffer *out) {
    fmpz_t scale;
    fmpz_init_set_ui(scale, 10);
    fmpz_pow_ui(scale, scale, (mp_limb_t)places);
    fmpz_mul(scale, scale, fmpq_numref(value));
    fmpz_divexact(scale, scale, fmpq_denref(value));
    bool below_zero = fmpz_sgn(scale) < 0;
    fmpz_abs(scale, scale);
    char *digits = fmpz_get_str(NULL, 10, scale);
    size_t n = strlen(digits), after = (size_t)places;
    buffer_text(out, below_zero ? "-" : "");
    for (size_t i = n; i <= after; i++) /* 0.05 */
        buffer_text(out, i == n && after ? "0." : "0");
    for (size_t i = 0; i < n; i++) {
        buffer_byte(out, digits[i]);
        if (after && i + 1 + after == n)
            buffer_byte(out, '.');
    }
    flint_free(digits);
    fmpz_clear(scale);
}

bool expression_evaluate_text(const struct expression *e, size_t digits, struct buffer *out,
                              struct fault *fault) {
    struct exact how = {NULL, 0, fault, 4 * (mp_limb_t)digits + 64};
    struct buffer text = {0};
    fmpq_t value;
    fmpq_init(value);
    bool good = exact(&how, e, value);
    slong places = good ? decimals_of(fmpq_denref(value)) : 0;
    if (good && places >= 0 && (size_t)places <= digits) {
        decimal_text(value, places, &text);
    } else if (good) {
        char *whole = fmpq_get_str(NULL, 10, value);
        buffer_text(&text, whole);
        flint_free(whole);
    }
    if (good && text.n > digits + 2)
        good = fault_set(fault, FAULT_LIMIT, "the number has more than %zu digits", digits);
    if (good)
        buffer_append(out, buffer_view(&text));
    buffer_free(&text);
    fmpq_clear(value);
    return good;
}

bool exact_value(const struct expression *e, fmpq_t out) {
    return exact(&(struct exact){NULL, 0, NULL, 4000}, e, out);
}

void rational_text(struct rational value, struct buffer *out) {
    buffer_format(out, "%lld", (long long)value.numerator);
    if (value.denominator != 1)
        buffer_format(out, "/%lld", (long long)value.denominator);
}

/* ----------------------------------------------------------------------------- derivative */

static struct expression *make(struct arena *arena, enum expression_kind kind,
                               const struct expression *a, const struct expression *b) {
    if (!a || (!b && kind != EXPRESSION_NEGATE && kind != EXPRESSION_CALL))
        return NULL;
    if (b)
        return expression_pair(arena, kind, a, b);
    struct expression *made = expression_negated(arena, a);
    made->kind = kind;
    return made;
}

static struct expression *parsed(struct arena *arena, const char *text) {
    return expression_parse(arena, view_of(text), NULL, NULL);
}

/* f' with the argument called u. */
static const struct {
    const char *function, *derivative;
} derivatives[] = {{"sqrt", "1/(2 sqrt(u))"},
                   {"cbrt", "1/(3 cbrt(u)^2)"},
                   {"ln", "1/u"},
                   {"sin", "cos(u)"},
                   {"cos", "-sin(u)"},
                   {"tan", "1/cos(u)^2"},
                   {"cot", "-1/sin(u)^2"},
                   {"sec", "sin(u)/cos(u)^2"},
                   {"csc", "-cos(u)/sin(u)^2"},
                   {"asin", "1/sqrt(1-u^2)"},
                   {"acos", "-1/sqrt(1-u^2)"},
                   {"atan", "1/(1+u^2)"},
                   {"sinh", "cosh(u)"},
                   {"cosh", "sinh(u)"},
                   {"tanh", "1/cosh(u)^2"},
                   {"asinh", "1/sqrt(1+u^2)"},
                   {"atanh", "1/(1-u^2)"},
                   {"acosh", "1/sqrt(u^2-1)"},
                   {"abs", "u/abs(u)"},
                   {"sign", "0"},
                   {"sech", "-sinh(u)/cosh(u)^2"},
                   {"csch", "-cosh(u)/sinh(u)^2"},
                   {"coth", "-1/sinh(u)^2"}};

static const struct expression *put(struct arena *arena, const struct expression *e,
                                    const struct expression *u) {
    if (e->kind == EXPRESSION_NAME)
        return u;
    struct expression *made = expression_new(arena, e->kind, e->n);
    struct expression **of = made->of;
    *made = *e;
    made->of = of;
    for (int i = 0; i < e->n; i++)
        of[i] = (struct expression *)(uintptr_t)put(arena, e->of[i], u);
    return made;
}

static struct expression *derive_call(struct arena *arena, const struct expression *e,
                                      struct expression *inner) {
    for (size_t i = 0; i < COUNT_OF(derivatives); i++)
        if (view_is(e->text, derivatives[i].function)) {
            const struct expression *outer = parsed(arena, derivatives[i].derivative);
            return outer ? make(arena, EXPRESSION_PRODUCT, put(arena, outer, e->of[0]), inner)
                         : NULL;
        }
    return NULL;
}

static struct expression *derive_power(struct arena *arena, const struct expression *e,
                                       struct expression *a, struct expression *b,
                                       struct view variable) {
    struct expression *one = parsed(arena, "1");
    if (!expression_has_name(e->of[1], variable)) /* n a^(n-1) a' */
        return make(arena, EXPRESSION_PRODUCT,
                    make(arena, EXPRESSION_PRODUCT, e->of[1],
                         make(arena, EXPRESSION_POWER, e->of[0],
                              make(arena, EXPRESSION_SUM, e->of[1],
                                   make(arena, EXPRESSION_NEGATE, one, NULL)))),
                    a);
    struct expression *logarithm = make(arena, EXPRESSION_CALL, e->of[0], NULL);
    if (!logarithm)
        return NULL;
    logarithm->text = VIEW("ln"); /* a^b (b' ln a + b a'/a) */
    return make(arena, EXPRESSION_PRODUCT, e,
                make(arena, EXPRESSION_SUM, make(arena, EXPRESSION_PRODUCT, b, logarithm),
                     make(arena, EXPRESSION_DIVIDE, make(arena, EXPRESSION_PRODUCT, e->of[1], a),
                          e->of[0])));
}

struct expression *expression_derivative(struct arena *arena, const struct expression *e,
                                         struct view variable) {
    if (is_statement(e) || e->kind == EXPRESSION_PLUS_MINUS || arena_size(arena) > 8u << 20)
        return NULL;
    if (!expression_has_name(e, variable))
        return parsed(arena, "0");
    if (e->kind == EXPRESSION_NAME)
        return parsed(arena, "1");
    if (e->n < 1)
        return NULL;
    struct expression *a = expression_derivative(arena, e->of[0], variable);
    struct expression *b = e->n > 1 ? expression_derivative(arena, e->of[1], variable) : NULL;
    if (!a || (e->n > 1 && !b))
        return NULL;
    switch (e->kind) {
    case EXPRESSION_SUM:
        return make(arena, EXPRESSION_SUM, a, b);
    case EXPRESSION_NEGATE:
        return make(arena, EXPRESSION_NEGATE, a, NULL);
    case EXPRESSION_PRODUCT:
        return make(arena, EXPRESSION_SUM, make(arena, EXPRESSION_PRODUCT, a, e->of[1]),
                    make(arena, EXPRESSION_PRODUCT, e->of[0], b));
    case EXPRESSION_DIVIDE:
        return make(
            arena, EXPRESSION_SUM, make(arena, EXPRESSION_DIVIDE, a, e->of[1]),
            make(arena, EXPRESSION_NEGATE,
                 make(arena, EXPRESSION_DIVIDE, make(arena, EXPRESSION_PRODUCT, e->of[0], b),
                      make(arena, EXPRESSION_PRODUCT, e->of[1], e->of[1])),
                 NULL));
    case EXPRESSION_POWER:
        return derive_power(arena, e, a, b, variable);
    case EXPRESSION_CALL:
        return e->n == 1 ? derive_call(arena, e, a) : NULL;
    default:
        return NULL;
    }
}
