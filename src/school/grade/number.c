/* number: a value, the way it is written, and its unit. */
#include "school/grade/inside.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct wanted {
    double absolute, relative; /* absolute: in the key's unit */
    bool exact;                /* a tolerance was given, and it is all there is */
    int decimals, significant; /* -1: as one likes */
    bool strict;               /* the key's own unit */
    bool units;                /* asked for, whether the key has one or not */
};

static const struct number_style author = {.known = true, .group = ','};

static bool read_count(struct grading *g, const char *name, int *out) {
    const json_t *value = json_object_get(g->options, name);
    double count = json_number(g->options, name, -1);
    *out = value ? (int)fmax(count, -1) : -1;
    if (!value || (json_is_number(value) && count >= 0 && count <= 100))
        return true;
    return fault_set(g->fault, FAULT_INPUT, "%s must be a number from 0 to 100", name);
}

/* A number, or a text such as "5 %" or "2 mm", which is turned into the key's unit. */
static bool read_tolerance(struct grading *g, const char *name, double most,
                           const struct quantity *key, struct wanted *wanted, double *out) {
    const json_t *value = json_object_get(g->options, name);
    struct quantity size;
    if (!value)
        return true;
    bool good = quantity_read(value, &author, &size, NULL) && size.imaginary == 0;
    if (good && size.has_unit)
        good = key->has_unit &&
               !memcmp(size.unit.dimension, key->unit.dimension, sizeof size.unit.dimension);
    *out = good ? size.value * (size.has_unit ? size.unit.factor / key->unit.factor : 1) : -1;
    wanted->exact = true;
    if (*out >= 0 && *out <= most)
        return true;
    return fault_set(g->fault, FAULT_INPUT, "%s must be a number from 0 to %g", name, most);
}

static bool read_wanted(struct grading *g, const struct quantity *key, struct wanted *out) {
    const json_t *units = json_object_get(g->options, "units");
    *out = (struct wanted){0};
    if (!read_tolerance(g, "absolute", 1e300, key, out, &out->absolute) ||
        !read_tolerance(g, "relative", 1, key, out, &out->relative) ||
        !read_count(g, "decimals", &out->decimals) ||
        !read_count(g, "significant", &out->significant))
        return false;
    out->significant = out->significant < 1 ? -1 : out->significant;
    out->strict = json_is_string(units) && !strcmp(json_string_value(units), "strict");
    out->units = out->strict || json_is_true(units);
    if (units && !out->strict && !json_is_boolean(units))
        return fault_set(g->fault, FAULT_INPUT, "units must be true, false or \"strict\"");
    return true;
}

static bool same_unit(const struct unit *a, const struct unit *b) {
    return fabs(a->factor / b->factor - 1) <= 1e-12 && fabs(a->offset - b->offset) <= 1e-9;
}

static const char *unit_note(const struct wanted *wanted, const struct quantity *key,
                             const struct quantity *answer) {
    static const signed char none[DIMENSIONS] = {0};
    if (!key->has_unit) {
        bool measures = memcmp(answer->unit.dimension, none, sizeof none) != 0;
        return wanted->units && answer->has_unit && measures ? "dimension" : NULL;
    }
    if (!answer->has_unit)
        return "unit-missing";
    if (memcmp(key->unit.dimension, answer->unit.dimension, sizeof key->unit.dimension))
        return "dimension";
    return wanted->strict && !same_unit(&key->unit, &answer->unit) ? "unit-wrong" : NULL;
}

/* Two values on the plane. */
static double apart(double x, double y) {
    return y == 0 ? fabs(x) : hypot(x, y);
}

static bool is_written(const struct quantity *key, const struct quantity *answer) {
    return apart(key->value - answer->value, key->imaginary - answer->imaginary) <=
           1e-9 * apart(key->value, key->imaginary);
}

static const char *why_not(const struct quantity *key, const struct quantity *answer) {
    double size = apart(key->value, key->imaginary);
    double off = apart(answer->value - key->value, answer->imaginary - key->imaginary);
    double ratio = key->value != 0 ? answer->value / key->value : 0;
    double power = ratio > 0 ? log10(ratio) : 0.5;
    bool real = key->imaginary == 0 && answer->imaginary == 0;
    if (size > 0 &&
        apart(answer->value + key->value, answer->imaginary + key->imaginary) < 1e-9 * size)
        return "sign";
    if (!real &&
        apart(answer->value - key->value, answer->imaginary + key->imaginary) < 1e-9 * size)
        return "conjugate";
    if (real && fabs(power) > 0.5 && fabs(power - round(power)) < 1e-9)
        return "power-of-ten";
    return off <= 0.01 * size ? "close" : "different";
}

/* A value that a calculator rounds (1/3), or one from another unit, is the same to this share. */
static double noise(const struct wanted *wanted, const struct quantity *key,
                    const struct quantity *answer) {
    bool whole = key->value == floor(key->value) && key->imaginary == floor(key->imaginary);
    bool other = key->has_unit && !same_unit(&key->unit, &answer->unit);
    double ten = other ? log10(answer->unit.factor / key->unit.factor) : 0;
    if (wanted->exact)
        return 1e-12;
    if (fabs(ten - round(ten)) > 1e-12)
        return 1e-6;
    return whole ? 1e-12 : 1e-9;
}

/* How far off the answer may be, in the key's unit, to which it was turned. */
static double allowance(const struct wanted *wanted, const struct quantity *key,
                        const struct quantity *answer, const struct quantity *turned) {
    double size = apart(key->value, key->imaginary);
    double allowed = fmax(wanted->absolute, wanted->relative * size);
    if (wanted->decimals >= 0)
        allowed = fmax(allowed, 0.5 * pow(10, -wanted->decimals) * (key->percent ? 0.01 : 1));
    /* Half a unit of the last digit of whichever is smaller: 9.5 is not 10 to two digits. */
    double smaller = fmin(size, apart(turned->value, turned->imaginary));
    if (wanted->significant > 0 && smaller != 0)
        allowed = fmax(allowed, 0.5 * pow(10, floor(log10(smaller)) + 1 - wanted->significant));
    /* 32 °F is 0 °C, though both are reckoned from 459.67 and 273.15 */
    size = fmax(size, fabs(key->unit.offset));
    return allowed * (1 + 1e-9) + noise(wanted, key, answer) * size;
}

static bool is_rounded(const struct wanted *wanted, const struct quantity *key,
                       const struct quantity *answer) {
    int decimals = answer->decimals;
    if (answer->imaginary != 0)
        return true;
    if (decimals >= 0)
        decimals += answer->percent && !key->percent   ? 2
                    : key->percent && !answer->percent ? -2
                                                       : 0;
    if (wanted->decimals >= 0 && decimals != wanted->decimals)
        return false;
    return wanted->significant < 1 || answer->value == 0 ||
           (answer->least_significant <= wanted->significant &&
            wanted->significant <= answer->most_significant);
}

/* The answer in the key's unit. */
static struct quantity convert(const struct quantity *key, const struct quantity *answer) {
    struct quantity out = *answer;
    if (key->has_unit) {
        double ratio = answer->unit.factor / key->unit.factor;
        out.value = (answer->value + answer->unit.offset) * ratio - key->unit.offset;
        out.imaginary = answer->imaginary * ratio;
    }
    return out;
}

/* Of differences of temperature: no zero to reckon from. */
static void without_zero(const struct grading *g, struct quantity *key, struct quantity *answer) {
    if (!json_flag(g->options, "difference", false) && !key->unit.difference)
        return;
    key->unit.offset = answer->unit.offset = 0;
}

static bool grade_quantity(struct grading *g, struct quantity *key) {
    const struct number_style learner = number_style(g->options);
    struct quantity answer;
    struct wanted wanted;
    if (!read_wanted(g, key, &wanted))
        return false;
    if (!quantity_read(g->answer, &learner, &answer, g->unreadable))
        return grade_say(g, 0, answer.note);
    if (key->has_unit && answer.has_word)
        return grade_unreadable(g, FAULT_INPUT, "I don't know that unit");
    if (key->has_unit && answer.has_unit)
        unit_in_context(&key->unit, &answer.unit);
    without_zero(g, key, &answer);
    const char *note = unit_note(&wanted, key, &answer);
    if (note)
        return grade_say(g, 0, note);
    struct quantity turned = convert(key, &answer);
    if (!(apart(turned.value - key->value, turned.imaginary - key->imaginary) <=
          allowance(&wanted, key, &answer, &turned)))
        note = key->has_unit && is_written(key, &answer) && !same_unit(&key->unit, &answer.unit)
                   ? "unit-wrong"
                   : why_not(key, &turned);
    else if (!is_rounded(&wanted, key, &answer))
        note = "rounded";
    return grade_say(g, note ? 0 : 1, note);
}

bool grade_number(struct grading *g) {
    struct quantity key;
    struct fault bad_key = {0};
    if (interval_looks(g->key))
        return grade_interval(g);
    if (quantity_read(g->key, &author, &key, &bad_key) && !key.has_word)
        return grade_quantity(g, &key);
    return grade_interval(g);
}
