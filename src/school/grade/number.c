/* number: a value, the way it is written, and its unit. */
#include "school/grade/inside.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct wanted {
    double absolute, relative;
    int decimals, significant; /* -1: as one likes */
    bool strict;               /* the key's own unit */
};

static bool read_size(struct grading *g, const char *name, double most, double *out) {
    const json_t *value = json_object_get(g->options, name);
    if (!value)
        return true;
    *out = json_number(g->options, name, -1);
    if (json_is_number(value) && *out >= 0 && *out <= most)
        return true;
    return fault_set(g->fault, FAULT_INPUT, "%s must be a number from 0 to %g", name, most);
}

static bool read_wanted(struct grading *g, struct wanted *out) {
    const json_t *units = json_object_get(g->options, "units");
    double decimals = -1, significant = -1;
    *out = (struct wanted){0};
    if (!read_size(g, "absolute", 1e300, &out->absolute) ||
        !read_size(g, "relative", 1, &out->relative) ||
        !read_size(g, "decimals", 100, &decimals) ||
        !read_size(g, "significant", 100, &significant))
        return false;
    out->decimals = (int)decimals;
    out->significant = significant < 1 ? -1 : (int)significant;
    out->strict = json_is_string(units) && !strcmp(json_string_value(units), "strict");
    if (units && !out->strict && !json_is_boolean(units))
        return fault_set(g->fault, FAULT_INPUT, "units must be true, false or \"strict\"");
    return true;
}

static const char *unit_note(const struct wanted *wanted, const struct quantity *key,
                             const struct quantity *answer) {
    if (!key->has_unit)
        return NULL;
    if (!answer->has_unit)
        return "unit-missing";
    if (memcmp(key->unit.dimension, answer->unit.dimension, sizeof key->unit.dimension))
        return "dimension";
    if (wanted->strict && (fabs(key->unit.factor / answer->unit.factor - 1) > 1e-12 ||
                           fabs(key->unit.offset - answer->unit.offset) > 1e-9))
        return "unit-wrong";
    return NULL;
}

static const char *why_not(double key, double answer) {
    double ratio = key != 0 ? answer / key : 0;
    double power = ratio > 0 ? log10(ratio) : 0.5;
    if (key != 0 && fabs(ratio + 1) < 1e-9)
        return "sign";
    if (fabs(power) > 0.5 && fabs(power - round(power)) < 1e-9)
        return "power-of-ten";
    return fabs(ratio - 1) <= 0.01 ? "close" : "different";
}

/* How far off the answer may be, in the key's unit. */
static double allowance(const struct wanted *wanted, double key) {
    double allowed = fmax(wanted->absolute, wanted->relative * fabs(key));
    if (wanted->decimals >= 0)
        allowed = fmax(allowed, 0.5 * pow(10, -wanted->decimals));
    if (wanted->significant > 0 && key != 0)
        allowed = fmax(allowed, 0.5 * pow(10, floor(log10(fabs(key))) + 1 - wanted->significant));
    return allowed * (1 + 1e-9) + 1e-12 * fabs(key);
}

static bool is_rounded(const struct wanted *wanted, const struct quantity *answer) {
    if (wanted->decimals >= 0 && answer->decimals != wanted->decimals)
        return false;
    return wanted->significant < 1 || (answer->least_significant <= wanted->significant &&
                                       wanted->significant <= answer->most_significant);
}

/* A node of that kind, with that text where one is given. */
static bool mentions(const struct expression *e, enum expression_kind kind, const char *text) {
    bool found = e->kind == kind && (!text || view_is(e->text, text));
    for (int i = 0; i < e->n && !found; i++)
        found = mentions(e->of[i], kind, text);
    return found;
}

/* 3+4i and [1,2) are compared as algebra does, exactly. */
static bool is_complex_or_interval(const json_t *key) {
    struct buffer text = {0};
    struct arena *arena = arena_new();
    const struct expression *e =
        grade_scalar(key, &text) ? expression_parse(arena, buffer_view(&text), NULL, NULL) : NULL;
    bool interval = e && e->kind == EXPRESSION_LIST && e->n == 2;
    bool found = e && !mentions(e, EXPRESSION_NAME, NULL) &&
                 (interval || mentions(e, EXPRESSION_CONSTANT, "i"));
    arena_free(arena);
    buffer_free(&text);
    return found;
}

bool grade_number(struct grading *g) {
    static const struct number_style author = {.known = true, .group = ','};
    const struct number_style learner = number_style(g->options);
    struct quantity key, answer;
    struct wanted wanted;
    struct fault bad_key = {0};
    if (!read_wanted(g, &wanted))
        return false;
    if (!quantity_read(g->key, &author, &key, &bad_key) || key.has_word)
        return is_complex_or_interval(g->key)
                   ? grade_algebra(g)
                   : fault_set(g->fault, FAULT_INPUT, "the key is no number");
    if (!quantity_read(g->answer, &learner, &answer, g->unreadable))
        return grade_say(g, 0, answer.note);
    if (key.has_unit && answer.has_word)
        return grade_unreadable(g, FAULT_INPUT, "I don't know that unit");
    const char *note = unit_note(&wanted, &key, &answer);
    if (note)
        return grade_say(g, 0, note);
    double value = answer.value; /* a unit where the key has none says nothing */
    if (key.has_unit)
        value =
            (value + answer.unit.offset) * answer.unit.factor / key.unit.factor - key.unit.offset;
    if (!(fabs(value - key.value) <= allowance(&wanted, key.value)))
        note = why_not(key.value, value);
    else if (!is_rounded(&wanted, &answer))
        note = "rounded";
    return grade_say(g, note ? 0 : 1, note);
}
