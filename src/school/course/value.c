/* Named values, expressions over them, and the filling of braces. Exact where it can be exact. */
#include "school/course/inside.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_EXPRESSION = 2000, MAX_NEST = 20, MAX_ARGUMENTS = 12 };

struct reckoning {
    const struct scope *scope;
    int depth;
    bool decimal, inexact; /* a decimal point, a number without exact value was met */
    struct fault *fault;
};

static bool evaluate(struct reckoning *, struct view, struct value *);

static bool is_name_start(char c) {
    return isalpha((unsigned char)c) || c == '_';
}
static bool is_name(char c) {
    return isalnum((unsigned char)c) || c == '_';
}

bool name_good(const char *name) {
    static const char *const taken[] = {"log2", "round", "min",  "max", "abs",
                                        "gcd",  "floor", "ceil", "mod", "sqrt"};
    for (size_t i = 0; i < COUNT_OF(taken); i++)
        if (!strcmp(taken[i], name))
            return false;
    if (!is_name_start(*name) || strlen(name) > 30)
        return false;
    while (*name)
        if (!is_name(*name++))
            return false;
    return true;
}

static const struct value *find(const struct scope *scope, struct view name) {
    for (size_t i = 0; i < scope->n; i++)
        if (view_equal(scope->at[i].name, name))
            return &scope->at[i].value;
    return NULL;
}

static bool unknown(struct reckoning *r, struct view name) {
    const char *known[MAX_VALUES + 1] = {0};
    char copies[MAX_VALUES][32], word[32], remedy[200];
    for (size_t i = 0; i < r->scope->n; i++) {
        snprintf(copies[i], sizeof copies[i], "%.*s", VIEW_ARG(r->scope->at[i].name));
        known[i] = copies[i];
    }
    snprintf(word, sizeof word, "%.*s", name.n < 31 ? (int)name.n : 31, name.at);
    fault_set(r->fault, FAULT_MISSING, "nothing says what \"%s\" is", word);
    return fault_remedy(r->fault, "%s",
                        nearest_remedy(word, known,
                                       "Name it in `vary` or `let`; braces that are meant to "
                                       "stand there are written {{ and }}.",
                                       remedy, sizeof remedy));
}

/* ------------------------------------------------------------------------------------ making */

static struct value exact_value(struct rational exact, bool decimal) {
    return (struct value){.kind = VALUE_EXACT,
                          .decimal = decimal,
                          .exact = exact,
                          .real = (double)exact.numerator / (double)exact.denominator};
}

static bool as_decimal(struct rational value, struct buffer *out) {
    int64_t rest = value.denominator, power = 1;
    int digits = 0;
    for (; rest % 10 == 0; digits++)
        rest /= 10;
    int twos = 0, fives = 0;
    for (; rest % 2 == 0; twos++)
        rest /= 2;
    for (; rest % 5 == 0; fives++)
        rest /= 5;
    digits += twos > fives ? twos : fives;
    if (rest != 1 || digits > 15)
        return false;
    for (int i = 0; i < digits; i++)
        power *= 10;
    __int128 scaled = (__int128)value.numerator * (power / value.denominator);
    bool minus = scaled < 0;
    if (minus)
        scaled = -scaled;
    if (scaled > INT64_MAX)
        return false;
    buffer_format(out, "%s%lld.%0*lld", minus ? "-" : "", (long long)(scaled / power), digits,
                  (long long)(scaled % power));
    return true;
}

bool value_text(const struct value *value, struct buffer *out, struct fault *fault) {
    if (value->kind == VALUE_WORD) {
        buffer_append(out, value->word);
        return true;
    }
    if (value->kind == VALUE_REAL) {
        fault_set(fault, FAULT_INPUT, "%.6g… has no exact value to print", value->real);
        return fault_remedy(fault, "Write round(…, 2) for two decimals.");
    }
    if (value->exact.denominator == 1 || !value->decimal || !as_decimal(value->exact, out))
        rational_text(value->exact, out);
    return true;
}

bool value_literal(const json_t *item, struct value *out) {
    struct scope none = {0};
    char digits[40];
    if (json_is_integer(item)) {
        *out = exact_value((struct rational){json_integer_value(item), 1}, false);
        return true;
    }
    if (json_is_real(item)) {
        snprintf(digits, sizeof digits, "%.15g", json_real_value(item));
        return value_evaluate(&none, view_of(digits), out, NULL);
    }
    if (!json_is_string(item))
        return false;
    struct view text = {json_string_value(item), json_string_length(item)};
    bool number = text.n > 0 && text.n < 40;
    for (size_t i = 0; i < text.n; i++)
        number &= strchr("0123456789/.-", text.at[i]) != NULL;
    if (!number || !value_evaluate(&none, text, out, NULL))
        *out = (struct value){.kind = VALUE_WORD, .word = text};
    return true;
}

/* --------------------------------------------------------------------------------- functions */

static bool wrong_arguments(struct reckoning *r, struct view name) {
    return fault_set(r->fault, FAULT_INPUT, "%.*s(…) has the wrong arguments", VIEW_ARG(name));
}

static bool call_log2(struct value x, struct value *out) {
    int64_t numerator = x.exact.numerator, denominator = x.exact.denominator;
    bool exact = x.kind == VALUE_EXACT && numerator > 0 && !(numerator & (numerator - 1)) &&
                 !(denominator & (denominator - 1));
    if (exact)
        *out = exact_value((struct rational){__builtin_ctzll((uint64_t)numerator) -
                                                 __builtin_ctzll((uint64_t)denominator),
                                             1},
                           false);
    else
        *out = (struct value){.kind = VALUE_REAL, .real = log2(x.real)};
    return x.real > 0;
}

static int64_t greatest_divisor(int64_t a, int64_t b) {
    while (b) {
        int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a < 0 ? -a : a;
}

/* Half away from zero, exactly where the number is exact. */
static bool call_round(struct value x, struct value places, struct value *out) {
    if (places.kind != VALUE_EXACT || places.exact.denominator != 1 ||
        places.exact.numerator < 0 || places.exact.numerator > 9)
        return false;
    int64_t power = 1, scaled;
    for (int64_t i = 0; i < places.exact.numerator; i++)
        power *= 10;
    if (!(fabs(x.real) * (double)power < 4e15))
        return false;
    if (x.kind == VALUE_EXACT) {
        __int128 twice = (__int128)x.exact.numerator * power * 2;
        __int128 half = twice < 0 ? -x.exact.denominator : x.exact.denominator;
        scaled = (int64_t)((twice + half) / (2 * (__int128)x.exact.denominator));
    } else
        scaled = (int64_t)round(x.real * (double)power);
    int64_t a = greatest_divisor(scaled, power);
    *out = exact_value((struct rational){scaled / a, power / a}, true);
    return true;
}

/* gcd and mod (which takes the sign of b), of whole numbers. */
static bool call_whole(bool divisor, const struct value *arguments, size_t n, struct value *out) {
    for (size_t i = 0; i < n; i++)
        if (arguments[i].kind != VALUE_EXACT || arguments[i].exact.denominator != 1 ||
            arguments[i].exact.numerator > INT64_MAX / 4 ||
            arguments[i].exact.numerator < INT64_MIN / 4)
            return false;
    if (n != 2)
        return false;
    int64_t a = arguments[0].exact.numerator, b = arguments[1].exact.numerator, made = 0;
    if (divisor)
        made = greatest_divisor(a, b);
    else if (b)
        made = ((a % b) + b) % b;
    *out = exact_value((struct rational){made, 1}, false);
    return divisor || b;
}

static int compare(struct value a, struct value b) {
    if (a.kind == VALUE_EXACT && b.kind == VALUE_EXACT) {
        __int128 left = (__int128)a.exact.numerator * b.exact.denominator;
        __int128 right = (__int128)b.exact.numerator * a.exact.denominator;
        return (left > right) - (left < right);
    }
    double close = 1e-12 * (fabs(a.real) + fabs(b.real));
    return fabs(a.real - b.real) <= close ? 0 : a.real < b.real ? -1 : 1;
}

static bool extreme(bool least, const struct value *arguments, size_t n, struct value *out) {
    *out = arguments[0];
    for (size_t i = 1; i < n; i++)
        if (least ? compare(arguments[i], *out) < 0 : compare(arguments[i], *out) > 0)
            *out = arguments[i];
    return n > 0;
}

/* A number between brackets that algebra reads back to the same. */
static bool bracketed(struct reckoning *r, struct value value, struct buffer *out) {
    r->decimal |= value.decimal;
    r->inexact |= value.kind == VALUE_REAL;
    if (value.kind == VALUE_WORD)
        return fault_set(r->fault, FAULT_INPUT, "\"%.*s\" is a word and cannot be reckoned with",
                         VIEW_ARG(value.word));
    buffer_byte(out, '(');
    if (value.kind == VALUE_REAL)
        buffer_format(out, "%.17g", value.real);
    else
        rational_text(value.exact, out);
    buffer_byte(out, ')');
    return true;
}

static bool call(struct reckoning *r, struct view name, struct value *arguments, size_t n,
                 struct buffer *out) {
    static const char *const others[] = {"abs", "floor", "ceil", "sqrt"};
    struct value value;
    bool words = false;
    for (size_t i = 0; i < n; i++)
        words |= arguments[i].kind == VALUE_WORD;
    if (words || n == 0)
        return wrong_arguments(r, name);
    if (view_is(name, "log2"))
        return n == 1 && call_log2(arguments[0], &value) ? bracketed(r, value, out)
                                                         : wrong_arguments(r, name);
    if (view_is(name, "round")) {
        if (n == 1)
            arguments[n++] = exact_value((struct rational){0, 1}, false);
        return n == 2 && call_round(arguments[0], arguments[1], &value) ? bracketed(r, value, out)
                                                                        : wrong_arguments(r, name);
    }
    if (view_is(name, "gcd") || view_is(name, "mod"))
        return call_whole(view_is(name, "gcd"), arguments, n, &value) ? bracketed(r, value, out)
                                                                      : wrong_arguments(r, name);
    if (view_is(name, "min") || view_is(name, "max"))
        return extreme(view_is(name, "min"), arguments, n, &value) && bracketed(r, value, out);
    for (size_t i = 0; i < COUNT_OF(others); i++)
        if (view_is(name, others[i])) {
            buffer_append(out, name);
            buffer_byte(out, '(');
            for (size_t j = 0; j < n; j++) {
                if (j)
                    buffer_byte(out, ',');
                if (!bracketed(r, arguments[j], out))
                    return false;
            }
            buffer_byte(out, ')');
            return true;
        }
    fault_set(r->fault, FAULT_MISSING, "there is no function %.*s", VIEW_ARG(name));
    return fault_remedy(r->fault,
                        "There are log2, round, min, max, abs, gcd, floor, ceil, mod and sqrt.");
}

/* name(a, b): *at stands on the bracket, and is left behind the closing one. */
static bool call_at(struct reckoning *r, struct view text, struct view name, size_t *at,
                    struct buffer *out) {
    struct value arguments[MAX_ARGUMENTS + 1];
    size_t n = 0, from = *at + 1, i = from;
    for (int depth = 1; i < text.n && depth; i++) {
        char c = text.at[i];
        depth += (c == '(') - (c == ')');
        if (depth && !(c == ',' && depth == 1))
            continue;
        if (n == MAX_ARGUMENTS || !evaluate(r, view_slice(text, from, i), &arguments[n++]))
            return fault_set(r->fault, FAULT_INPUT, "too many arguments");
        from = i + 1;
        if (!depth) {
            *at = i + 1;
            return call(r, name, arguments, n, out);
        }
    }
    fault_set(r->fault, FAULT_INPUT, "a ) is missing in \"%.*s\"",
              text.n < 100 ? (int)text.n : 100, text.at);
    return fault_remedy(r->fault, "Close it; in {…} and […] of YAML an expression with a comma "
                                  "needs quotes.");
}

/* -------------------------------------------------------------------------------- evaluation */

static size_t copy_number(struct reckoning *r, struct view text, size_t at, struct buffer *out) {
    while (at < text.n && (isdigit((unsigned char)text.at[at]) || text.at[at] == '.')) {
        r->decimal |= text.at[at] == '.';
        buffer_byte(out, text.at[at++]);
    }
    return at;
}

/* The text with every name replaced by its value and every function of ours by its result. */
static bool substitute(struct reckoning *r, struct view text, struct buffer *out) {
    for (size_t at = 0; at < text.n;) {
        char c = text.at[at];
        if (isdigit((unsigned char)c)) {
            at = copy_number(r, text, at, out);
            continue;
        }
        if (!is_name_start(c)) {
            if (strchr("=<>{}[]\\;&", c) || (c == '!' && at + 1 < text.n))
                return fault_set(r->fault, FAULT_INPUT, "\"%c\" does not belong in a number", c);
            buffer_byte(out, c);
            at++;
            continue;
        }
        size_t end = at;
        while (end < text.n && is_name(text.at[end]))
            end++;
        struct view name = {text.at + at, end - at};
        const struct value *value = find(r->scope, name);
        for (at = end; !value && end < text.n && text.at[end] == ' ';)
            end++;
        if (value) {
            if (!bracketed(r, *value, out))
                return false;
        } else if (end < text.n && text.at[end] == '(') {
            if (!call_at(r, text, name, &end, out))
                return false;
            at = end;
        } else if (view_is(name, "pi") || view_is(name, "e"))
            buffer_format(out, "(%.*s)", VIEW_ARG(name));
        else
            return unknown(r, name);
    }
    return true;
}

static bool evaluate(struct reckoning *r, struct view text, struct value *out) {
    text = view_trim(text);
    const struct value *alone = find(r->scope, text);
    if (alone) {
        r->decimal |= alone->decimal;
        *out = *alone;
        return true;
    }
    if (text.n > MAX_EXPRESSION || r->depth >= MAX_NEST)
        return fault_set(r->fault, FAULT_LIMIT, "this expression is too long");
    struct buffer numbers = {0};
    struct fault why = {0};
    const struct reckoning outer = *r;
    r->depth++;
    r->decimal = r->inexact = false;
    bool good = substitute(r, text, &numbers);
    if (good) {
        struct arena *arena = arena_new();
        struct rational exact;
        struct expression *e = expression_parse(arena, buffer_view(&numbers), NULL, &why);
        if (e && !r->inexact && expression_evaluate_rational(e, NULL, 0, &exact, &why))
            *out = exact_value(exact, r->decimal);
        else if (e && expression_evaluate_real(e, &out->real, NULL))
            *out = (struct value){.kind = VALUE_REAL, .real = out->real};
        else
            good = fault_set(r->fault, FAULT_INPUT, "%s",
                             why.message[0] ? why.message : "this has no value");
        arena_free(arena);
    }
    *r = outer;
    buffer_free(&numbers);
    return good;
}

bool value_evaluate(const struct scope *scope, struct view text, struct value *out,
                    struct fault *fault) {
    struct fault none = {0};
    struct reckoning r = {.scope = scope, .fault = fault ? fault : &none};
    if (evaluate(&r, text, out))
        return true;
    text = view_trim(text);
    return fault_remedy(r.fault, "It is about the expression \"%.*s\".",
                        text.n < 100 ? (int)text.n : 100, text.n ? text.at : "");
}

/* -------------------------------------------------------------------------------- conditions */

static const struct comparison_sign {
    const char *sign;
    bool less, equal, greater;
} signs[] = {{"==", false, true, false}, {"!=", true, false, true}, {"<=", true, true, false},
             {">=", false, true, true},  {"<", true, false, false}, {">", false, false, true},
             {"=", false, true, false}};

static const struct comparison_sign *sign_at(struct view text, size_t at) {
    for (size_t i = 0; i < COUNT_OF(signs); i++)
        if (view_starts(view_slice(text, at, text.n), signs[i].sign))
            return &signs[i];
    return NULL;
}

/* A side of a comparison: an expression, or a word where the other side is one. */
static bool side(const struct scope *scope, struct view text, bool word, struct value *out,
                 struct fault *fault) {
    const struct value *named = find(scope, text);
    if (!word || (named && named->kind == VALUE_WORD))
        return value_evaluate(scope, text, out, fault);
    if (text.n > 1 && (text.at[0] == '"' || text.at[0] == '\'') &&
        text.at[text.n - 1] == text.at[0])
        text = view_slice(text, 1, text.n - 1);
    *out = (struct value){.kind = VALUE_WORD, .word = text};
    return true;
}

static bool is_word(const struct scope *scope, struct view text) {
    const struct value *value = find(scope, text);
    return value && value->kind == VALUE_WORD;
}

static bool holds_between(const struct scope *scope, struct view left, struct view right,
                          const struct comparison_sign *sign, bool *holds, struct fault *fault) {
    struct value a, b;
    left = view_trim(left);
    right = view_trim(right);
    bool word = is_word(scope, left) || is_word(scope, right);
    if (!side(scope, left, word, &a, fault) || !side(scope, right, word, &b, fault))
        return false;
    if (word && sign->less != sign->greater)
        return fault_set(fault, FAULT_INPUT, "words have no order; use == or !=");
    int order = word ? !view_equal(a.word, b.word) : compare(a, b);
    *holds &= order < 0 ? sign->less : order > 0 ? sign->greater : sign->equal;
    return true;
}

bool value_condition(const struct scope *scope, struct view text, bool *holds,
                     struct fault *fault) {
    const struct comparison_sign *before = NULL, *sign;
    struct view left = {0};
    size_t from = 0;
    *holds = true;
    for (size_t at = 0; at <= text.n; at++) {
        sign = at < text.n ? sign_at(text, at) : NULL;
        if (at < text.n && !sign)
            continue;
        struct view now = view_slice(text, from, at);
        if (before && !holds_between(scope, left, now, before, holds, fault))
            return false;
        left = now;
        before = sign;
        if (sign)
            at += strlen(sign->sign) - 1;
        else if (from == 0) {
            fault_set(fault, FAULT_INPUT, "\"%.*s\" compares nothing",
                      text.n < 100 ? (int)text.n : 100, text.n ? text.at : "");
            return fault_remedy(fault, "Write a comparison such as a != b.");
        }
        from = at + 1;
    }
    return true;
}
