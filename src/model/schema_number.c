/* Numbers between limits, digit by digit.
 *
 * A range of whole numbers is a choice of lengths, and within a length of first digits: between
 * 37 and 512 lie 3[7-9], [4-9][0-9], [1-4][0-9]{2}, 50[0-9], 51[0-2]. Fractions go on in the same
 * way behind the point. Numbers have at most 18 digits before it, so that every text ends. */
#include "model/schema.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WHOLE_DIGITS = 15, FRACTION_DIGITS = 9, MOST_MULTIPLES = 1000, MOST_REMAINDERS = 100 };

static const int64_t whole_most = 999999999999999; /* every one is exact as a double too */

static struct expression *digit(struct schema *schema, int low, int high) {
    return expression_class(schema->text, &(struct range){'0' + low, '0' + high}, 1, false);
}

static struct expression *digits(struct schema *schema, uint32_t least, uint32_t most) {
    return expression_repeat(schema->text, digit(schema, 0, 9), least, most);
}

static struct expression *nothing(struct schema *schema) {
    return expression_list(schema->text, EXPRESSION_SEQUENCE, NULL, 0);
}

/* Texts of n digits from low to high. */
static struct expression *same_length(struct schema *schema, const char *low, const char *high,
                                      uint32_t n) {
    static const char nines[] = "999999999999999999", zeros[] = "000000000000000000";
    struct grammar_text *text = schema->text;
    if (n == 0)
        return nothing(schema);
    if (!memcmp(low, zeros, n) && !memcmp(high, nines, n))
        return digits(schema, n, n);
    int first = low[0] - '0', last = high[0] - '0';
    if (first == last)
        return SEQUENCE(text, digit(schema, first, first),
                        same_length(schema, low + 1, high + 1, n - 1));
    struct expression *parts[3];
    uint32_t n_part = 0;
    if (memcmp(low + 1, zeros, n - 1) != 0) {
        parts[n_part++] = SEQUENCE(text, digit(schema, first, first),
                                   same_length(schema, low + 1, nines, n - 1));
        first++;
    }
    if (memcmp(high + 1, nines, n - 1) != 0) {
        parts[n_part++] =
            SEQUENCE(text, digit(schema, last, last), same_length(schema, zeros, high + 1, n - 1));
        last--;
    }
    if (first <= last)
        parts[n_part++] = SEQUENCE(text, digit(schema, first, last), digits(schema, n - 1, n - 1));
    return expression_list(text, EXPRESSION_CHOICE, parts, n_part);
}

/* Whole numbers from low to high, neither negative. */
static struct expression *between(struct schema *schema, int64_t low, int64_t high) {
    struct expression *parts[20];
    uint32_t n_part = 0;
    for (int64_t from = low; from <= high;) {
        int64_t power = 10;
        while (power <= from)
            power *= 10;
        int64_t to = power - 1 < high ? power - 1 : high;
        char first[24], last[24];
        int n = snprintf(first, sizeof first, "%lld", (long long)from);
        snprintf(last, sizeof last, "%lld", (long long)to);
        parts[n_part++] = same_length(schema, first, last, (uint32_t)n);
        from = to + 1;
    }
    return expression_list(schema->text, EXPRESSION_CHOICE, parts, n_part);
}

static struct expression *negative(struct schema *schema, struct expression *e) {
    return SEQUENCE(schema->text, text_of(schema, "-"), e);
}

static struct expression *whole_numbers(struct schema *schema, int64_t low, int64_t high) {
    struct expression *parts[2];
    uint32_t n = 0;
    if (low < 0)
        parts[n++] = negative(schema, between(schema, high < 0 ? -high : 1, -low));
    if (high >= 0)
        parts[n++] = between(schema, low > 0 ? low : 0, high);
    return expression_list(schema->text, EXPRESSION_CHOICE, parts, n);
}

/* ------------------------------------------------------------------------------------- limits */

struct limit {
    bool given, strict;
    double value;
};

/* The tighter of minimum and exclusiveMinimum, or of the maxima. */
static struct limit find_limit(const json_t *folded, bool upper) {
    const json_t *plain = json_object_get(folded, upper ? "maximum" : "minimum");
    const json_t *strict =
        json_object_get(folded, upper ? "exclusiveMaximum" : "exclusiveMinimum");
    struct limit limit = {.given = plain || strict};
    double sign = upper ? -1 : 1;
    if (plain)
        limit.value = json_number_value(plain);
    if (strict && (!plain || sign * json_number_value(strict) >= sign * limit.value)) {
        limit.value = json_number_value(strict);
        limit.strict = true;
    }
    return limit;
}

/* The whole numbers that the limits allow; false: none. */
static bool whole_limits(const json_t *folded, int64_t *low, int64_t *high) {
    struct limit least = find_limit(folded, false), most = find_limit(folded, true);
    double from = least.given ? ceil(least.value) : (double)-whole_most;
    double to = most.given ? floor(most.value) : (double)whole_most;
    if (least.given && least.strict && from == least.value)
        from++;
    if (most.given && most.strict && to == most.value)
        to--;
    from = fmax(from, (double)-whole_most);
    to = fmin(to, (double)whole_most);
    if (!(from <= to))
        return false;
    *low = (int64_t)from;
    *high = (int64_t)to;
    return true;
}

/* ----------------------------------------------------------------------------------- multiples */

static struct expression *listed_multiples(struct schema *schema, int64_t step, int64_t low,
                                           int64_t high) {
    struct view words[MOST_MULTIPLES + 2];
    char *texts = try_alloc(COUNT_OF(words), 24, NULL);
    uint32_t n = 0;
    if (!texts)
        return expression_never(schema->text);
    int64_t first = low / step + (low > 0 && low % step != 0);
    for (int64_t k = first; k <= high / step && k * step <= high && n < COUNT_OF(words); k++) {
        if (k * step < low)
            continue;
        int size = snprintf(texts + (size_t)24 * n, 24, "%lld", (long long)(k * step));
        words[n] = (struct view){texts + (size_t)24 * n, (size_t)size};
        n++;
    }
    struct expression *made = expression_words(schema->text, words, n);
    free(texts);
    return made;
}

/* A rule for each remainder and number of digits that are left. */
static struct expression *any_multiple(struct schema *schema, int64_t step) {
    struct grammar_text *text = schema->text;
    uint32_t first = text->n, width = (uint32_t)step;
    for (uint32_t i = 0; i < width * WHOLE_DIGITS; i++)
        grammar_text_rule(text, VIEW("multiple"), 0);
    if (memory_is_short())
        return expression_never(text);
    for (uint32_t left = 0; left < WHOLE_DIGITS; left++)
        for (uint32_t r = 0; r < width; r++) {
            struct expression *parts[11];
            uint32_t n = 0;
            if (r == 0)
                parts[n++] = nothing(schema);
            for (int d = 0; left > 0 && d < 10; d++)
                parts[n++] = SEQUENCE(text, digit(schema, d, d),
                                      expression_rule(text, first + (left - 1) * width +
                                                                (10 * r + (uint32_t)d) % width));
            text->rules[first + left * width + r].body =
                expression_list(text, EXPRESSION_CHOICE, parts, n);
        }
    struct expression *parts[10];
    parts[0] = text_of(schema, "0");
    for (int d = 1; d < 10; d++)
        parts[d] = SEQUENCE(
            text, digit(schema, d, d),
            expression_rule(text, first + (WHOLE_DIGITS - 1) * width + (uint32_t)d % width));
    return CHOICE(text, negative(schema, expression_list(text, EXPRESSION_CHOICE, parts + 1, 9)),
                  expression_list(text, EXPRESSION_CHOICE, parts, 10));
}

static struct expression *whole_multiples(struct schema *schema, const json_t *folded, double step,
                                          const char *pointer) {
    int64_t low, high;
    if (!whole_limits(folded, &low, &high))
        return expression_never(schema->text);
    if (step == 1)
        return whole_numbers(schema, low, high);
    if ((double)high / step - (double)low / step <= MOST_MULTIPLES)
        return listed_multiples(schema, (int64_t)step, low, high);
    if (low == -whole_most && high == whole_most && step <= MOST_REMAINDERS)
        return any_multiple(schema, (int64_t)step);
    schema_refuse(schema, FAULT_INPUT, pointer, "multipleOf %g is not supported with these limits",
                  step);
    fault_remedy(schema->fault, "Leave at most %d values between minimum and maximum",
                 MOST_MULTIPLES);
    return NULL;
}

struct expression *schema_integer(struct schema *schema, const json_t *folded,
                                  const char *pointer) {
    const json_t *multiple = json_object_get(folded, "multipleOf");
    double step = multiple ? json_number_value(multiple) : 1;
    for (int i = 0; i < 10 && step < 1 && fmod(1, step) == 0; i++)
        step = 1; /* every whole number is a multiple of a half */
    if (step < 1 || step != floor(step) || step > 1e9) {
        schema_refuse(schema, FAULT_INPUT, pointer, "multipleOf %g is not supported for integers",
                      step);
        return NULL;
    }
    return whole_multiples(schema, folded, step, pointer);
}

/* ----------------------------------------------------------------------------------- fractions */

struct decimal { /* a magnitude: WHOLE.FRACTION, the fraction with zeros at its end */
    int64_t whole;
    char fraction[FRACTION_DIGITS + 1];
    bool bounds, strict;
};

/* False when it has more digits than are kept. */
static bool decimal_of(double value, bool bounds, bool strict, struct decimal *decimal) {
    char text[64];
    *decimal = (struct decimal){.bounds = bounds, .strict = strict};
    if (!(value < 1e9))
        return false;
    snprintf(text, sizeof text, "%.*f", FRACTION_DIGITS, value);
    decimal->whole = atoll(text);
    memcpy(decimal->fraction, strchr(text, '.') + 1, FRACTION_DIGITS);
    return strtod(text, NULL) == value;
}

static bool all_zero(const char *fraction) {
    return strspn(fraction, "0") == strlen(fraction);
}

/* The digits behind the point from i on; low or high is NULL once a digit lies inside. */
static struct expression *fraction(struct schema *schema, const struct decimal *low,
                                   const struct decimal *high, int i, uint32_t most) {
    struct grammar_text *text = schema->text;
    if (!low && !high)
        return i < (int)most ? digits(schema, i == 0, most - (uint32_t)i) : nothing(schema);
    bool may_end = i > 0 && (!low || (all_zero(low->fraction + i) && !low->strict)) &&
                   (!high || !all_zero(high->fraction + i) || !high->strict);
    struct expression *parts[12];
    uint32_t n = 0;
    if (may_end)
        parts[n++] = nothing(schema);
    int from = low && i < FRACTION_DIGITS ? low->fraction[i] - '0' : 0;
    int to = high && i < FRACTION_DIGITS ? high->fraction[i] - '0' : 9;
    for (int d = from; i < (int)most && i < FRACTION_DIGITS && d <= to; d++)
        parts[n++] =
            SEQUENCE(text, digit(schema, d, d),
                     fraction(schema, d == from ? low : NULL, d == to ? high : NULL, i + 1, most));
    return expression_list(text, EXPRESSION_CHOICE, parts, n);
}

/* WHOLE, then an optional fraction within the limits that the whole part leaves open. */
static struct expression *with_fraction(struct schema *schema, struct expression *whole,
                                        const struct decimal *low, const struct decimal *high,
                                        uint32_t most) {
    struct grammar_text *text = schema->text;
    bool bare = (!low || (all_zero(low->fraction) && !low->strict)) &&
                (!high || !all_zero(high->fraction) || !high->strict);
    struct expression *tail = expression_never(text);
    if (most)
        tail = SEQUENCE(text, text_of(schema, "."), fraction(schema, low, high, 0, most));
    return SEQUENCE(text, whole, bare ? optional_of(schema, tail) : tail);
}

/* Magnitudes from low to high. */
static struct expression *magnitudes(struct schema *schema, const struct decimal *low,
                                     const struct decimal *high, uint32_t most) {
    struct expression *parts[3];
    uint32_t n = 0;
    const struct decimal *bound_low = low->bounds ? low : NULL;
    const struct decimal *bound_high = high->bounds ? high : NULL;
    int64_t from = low->whole, to = high->bounds ? high->whole : 999999999;
    if (from > to)
        return expression_never(schema->text);
    if (bound_low && bound_high && from == to)
        return with_fraction(schema, between(schema, from, from), low, high, most);
    if (bound_low) {
        parts[n++] = with_fraction(schema, between(schema, from, from), low, NULL, most);
        from++;
    }
    if (bound_high) {
        parts[n++] = with_fraction(schema, between(schema, to, to), NULL, high, most);
        to--;
    }
    if (from <= to)
        parts[n++] = with_fraction(schema, between(schema, from, to), NULL, NULL, most);
    return expression_list(schema->text, EXPRESSION_CHOICE, parts, n);
}

static struct expression *limited_number(struct schema *schema, struct limit least,
                                         struct limit most, uint32_t n_digit,
                                         const char *pointer) {
    struct expression *parts[2];
    uint32_t n = 0;
    struct decimal low, high;
    bool exact = true;
    if (!least.given || least.value < 0) {
        bool inside = !most.given || most.value >= 0;
        exact &= decimal_of(inside ? 0 : -most.value, !inside, most.strict, &low);
        exact &= decimal_of(least.given ? -least.value : 0, least.given, least.strict, &high);
        /* −0 is 0: leave it to the other part. */
        if (inside)
            low = (struct decimal){.bounds = true, .strict = true, .fraction = "000000000"};
        parts[n++] = negative(schema, magnitudes(schema, &low, &high, n_digit));
    }
    if (!most.given || most.value >= 0) {
        bool inside = !least.given || least.value < 0;
        exact &= decimal_of(inside ? 0 : least.value, !inside, least.strict, &low);
        exact &= decimal_of(most.given ? most.value : 0, most.given, most.strict, &high);
        parts[n++] = magnitudes(schema, &low, &high, n_digit);
    }
    if (!exact) {
        schema_refuse(schema, FAULT_INPUT, pointer,
                      "a limit has over %d digits behind the point, or lies beyond a thousand "
                      "million",
                      FRACTION_DIGITS);
        return NULL;
    }
    return expression_list(schema->text, EXPRESSION_CHOICE, parts, n);
}

struct expression *any_number(struct schema *schema) {
    struct grammar_text *text = schema->text;
    struct expression *whole =
        CHOICE(text, text_of(schema, "0"),
               SEQUENCE(text, digit(schema, 1, 9), digits(schema, 0, WHOLE_DIGITS - 1)));
    static const struct range mark[] = {{'e', 'e'}, {'E', 'E'}};
    static const struct range sign[] = {{'+', '+'}, {'-', '-'}};
    struct expression *exponent = SEQUENCE(
        text, expression_class(text, mark, 2, false),
        optional_of(schema, expression_class(text, sign, 2, false)), digits(schema, 1, 2));
    return SEQUENCE(
        text, optional_of(schema, text_of(schema, "-")), whole,
        optional_of(schema, SEQUENCE(text, text_of(schema, "."), digits(schema, 1, 17))),
        optional_of(schema, exponent));
}

struct expression *schema_number(struct schema *schema, const json_t *folded,
                                 const char *pointer) {
    struct limit least = find_limit(folded, false), most = find_limit(folded, true);
    const json_t *multiple = json_object_get(folded, "multipleOf");
    double step = multiple ? json_number_value(multiple) : 0;
    if (step >= 1 && step == floor(step) && step < 1e9)
        return whole_multiples(schema, folded, step, pointer);
    if (multiple) {
        schema_refuse(schema, FAULT_INPUT, pointer, "multipleOf %g is not supported", step);
        fault_remedy(schema->fault, "Use whole numbers, of the smallest part");
        return NULL;
    }
    if (!least.given && !most.given)
        return expression_rule(schema->text, schema->rule_number);
    if ((least.given && fabs(least.value) >= 1e9) || (most.given && fabs(most.value) >= 1e9)) {
        int64_t low, high; /* whole numbers are numbers too */
        return whole_limits(folded, &low, &high) ? whole_numbers(schema, low, high)
                                                 : expression_never(schema->text);
    }
    return limited_number(schema, least, most, 6, pointer);
}
