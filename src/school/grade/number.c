/* number: a value, the way it is written, and its unit. */
#include "school/grade/inside.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct quantity {
    double value;
    int decimals, significant; /* digits as written; -1 when not a plain decimal */
    struct unit unit;
    struct view unit_text;
    const char *note; /* "ambiguous" */
};

/* Where the number ends and the unit starts. */
static size_t number_end(struct view text) {
    size_t end = 0;
    while (end < text.n) {
        unsigned char c = (unsigned char)text.at[end];
        bool exponent = (c == 'e' || c == 'E') && end &&
                        isdigit((unsigned char)text.at[end - 1]) && end + 1 < text.n &&
                        strchr("+-0123456789", text.at[end + 1]);
        if (!exponent && !strchr("0123456789.,'+-*/^() %", c))
            break;
        end++;
    }
    while (end && text.at[end - 1] == ' ')
        end--;
    return end;
}

/* Takes grouping marks out: 1,234.5 and 1.234,5 and 1 234. NULL note, "ambiguous" or bad. */
static const char *ungroup(struct view text, bool comma, bool localised, struct buffer *out) {
    char point = comma ? ',' : '.', group = comma ? '.' : ',';
    int points = 0, groups = 0;
    for (size_t i = 0; i < text.n; i++) {
        points += text.at[i] == point;
        groups += text.at[i] == group;
    }
    if (groups == 1 && !points && !localised) {
        ptrdiff_t at = view_find(text, comma ? VIEW(".") : VIEW(","));
        size_t after = 0;
        while ((size_t)at + 1 + after < text.n &&
               isdigit((unsigned char)text.at[(size_t)at + 1 + after]))
            after++;
        if (after == 3 && at > 0 && at <= 3 && text.at[0] != '0')
            return "ambiguous";
        point = group, group = 0; /* 1,5 */
    } else if (groups == 1 && points == 1 &&
               view_find(text, comma ? VIEW(",") : VIEW(".")) <
                   view_find(text, comma ? VIEW(".") : VIEW(","))) {
        char kept = point;
        point = group, group = kept;
    }
    for (size_t i = 0; i < text.n; i++) {
        char c = text.at[i];
        bool between = i && i + 3 < text.n + 0 && isdigit((unsigned char)text.at[i - 1]);
        if (c == point)
            buffer_byte(out, '.');
        else if (c == group || c == '\'') {
            size_t digits = 0;
            while (i + 1 + digits < text.n && isdigit((unsigned char)text.at[i + 1 + digits]))
                digits++;
            if (digits != 3 || !between)
                return "unreadable";
        } else
            buffer_byte(out, c);
    }
    return NULL;
}

static void count_digits(struct view text, struct quantity *out) {
    bool point = false, lead = true;
    out->decimals = out->significant = 0;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.at[i];
        if (isdigit((unsigned char)c)) {
            lead &= c == '0';
            out->significant += !lead;
            out->decimals += point;
        } else if (c == '.' && !point)
            point = true;
        else if (c == 'e' || c == 'E' || c == '*')
            return;
        else if (!(i == 0 && (c == '-' || c == '+'))) {
            out->decimals = out->significant = -1;
            return;
        }
    }
}

static bool read_quantity(const json_t *given, bool comma, bool localised, struct buffer *text,
                          struct quantity *out) {
    struct buffer raw = {0}, plain = {0};
    bool good = false;
    *out = (struct quantity){.decimals = -1, .significant = -1, .unit = {.factor = 1}};
    if (json_is_number(given)) {
        comma = false, localised = true;
    }
    if (!grade_scalar(given, &raw) || !raw.n || raw.n > 400 || !utf8_valid(buffer_view(&raw))) {
        buffer_free(&raw);
        return false;
    }
    /* The multiplication sign and the minus of typesetting. */
    for (size_t i = 0; i < raw.n;) {
        struct view rest = view_slice(buffer_view(&raw), i, raw.n);
        if (view_starts(rest, "×") || view_starts(rest, "−")) {
            buffer_byte(text, view_starts(rest, "×") ? '*' : '-');
            i += view_starts(rest, "×") ? 2 : 3;
        } else
            buffer_byte(text, raw.at[i++]);
    }
    struct view all = view_trim(buffer_view(text));
    size_t end = number_end(all);
    out->unit_text = view_trim(view_slice(all, end, all.n));
    struct view number = view_slice(all, 0, end);
    if (end && !(out->unit_text.n && !unit_parse(out->unit_text, &out->unit)) &&
        !(out->note = ungroup(number, comma, localised, &plain)))
        number = buffer_view(&plain), count_digits(number, out);
    else
        number = out->unit_text.n && out->note == NULL ? all : number, out->unit_text.n = 0;
    if (!out->note) {
        struct arena *arena = arena_new();
        struct expression *e = expression_parse(arena, number, NULL, NULL);
        good = e && expression_evaluate_real(e, &out->value, NULL);
        arena_free(arena);
    }
    buffer_free(&raw);
    buffer_free(&plain);
    return good;
}

static const char *unit_note(const struct grading *g, const struct quantity *key,
                             const struct quantity *answer) {
    const json_t *units = json_object_get(g->options, "units");
    if (!key->unit_text.n)
        return NULL;
    if (!answer->unit_text.n)
        return "unit-missing";
    if (memcmp(key->unit.dimension, answer->unit.dimension, sizeof key->unit.dimension))
        return "dimension";
    if (json_is_string(units) && !strcmp(json_string_value(units), "strict") &&
        (fabs(key->unit.factor / answer->unit.factor - 1) > 1e-12 ||
         fabs(key->unit.offset - answer->unit.offset) > 1e-12))
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

bool grade_number(struct grading *g) {
    struct buffer key_text = {0}, answer_text = {0};
    struct quantity key, answer;
    const char *locale = json_text(g->options, "locale", NULL), *note = NULL;
    bool good = true;
    if (!read_quantity(g->key, false, true, &key_text, &key))
        good = fault_set(g->fault, FAULT_INPUT, "the key is no number");
    else if (!read_quantity(g->answer, decimal_comma(g->options), locale != NULL, &answer_text,
                            &answer))
        grade_say(g, 0, answer.note ? answer.note : "unreadable");
    else if ((note = unit_note(g, &key, &answer)))
        grade_say(g, 0, note);
    else {
        double k = key.value, a = answer.value;
        if (key.unit_text.n || answer.unit_text.n) {
            k = (k + key.unit.offset) * key.unit.factor;
            a = (a + answer.unit.offset) * answer.unit.factor;
        }
        double allowed = json_number(g->options, "absolute", 0) * key.unit.factor;
        double relative = json_number(g->options, "relative", 0) * fabs(k);
        int decimals = (int)json_number(g->options, "decimals", -1);
        int significant = (int)json_number(g->options, "significant", -1);
        if (decimals >= 0 && decimals < 300)
            allowed = fmax(allowed, 0.5 * pow(10, -decimals) * key.unit.factor);
        if (significant > 0 && significant < 300 && k != 0)
            allowed = fmax(allowed, 0.5 * pow(10, floor(log10(fabs(k))) + 1 - significant));
        allowed = fmax(allowed, relative) * (1 + 1e-9) + 1e-12 * fabs(k);
        if (!(fabs(a - k) <= allowed))
            note = why_not(k, a);
        else if ((decimals >= 0 && answer.decimals != decimals) ||
                 (significant > 0 && answer.significant != significant))
            note = "rounded";
        grade_say(g, note ? 0 : 1, note);
    }
    buffer_free(&key_text);
    buffer_free(&answer_text);
    return good;
}
