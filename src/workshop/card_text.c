/* The card for a terminal: a table, the differences, the conditions. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "workshop/card.h"

enum { NAME = 18, COLUMN = 14 };

const char *points(double share, char out[16]) {
    double tenths = round(1000 * share) / 10;
    if (tenths == 0)
        snprintf(out, 16, "0.0");
    else
        snprintf(out, 16, "%s%.1f", tenths < 0 ? "−" : "+", fmin(fabs(tenths), 9999));
    return out;
}

/* Pads what was appended since `from` to a width in characters. */
static void pad(struct buffer *out, size_t from, size_t width, bool left) {
    struct view text = {out->at + from, out->n - from};
    size_t n = utf8_length(text);
    char kept[256];
    if (n >= width || text.n >= sizeof kept)
        return;
    memcpy(kept, text.at, text.n);
    out->n = from;
    for (size_t i = n; !left && i < width; i++)
        buffer_byte(out, ' ');
    buffer_append(out, (struct view){kept, text.n});
    for (size_t i = n; left && i < width; i++)
        buffer_byte(out, ' ');
}

static void put_cell(struct buffer *out, const char *text) {
    size_t from = out->n;
    struct view whole = view_of(text);
    struct view cut = view_slice(whole, 0, COLUMN - 1);
    cut.n = whole.n > cut.n ? utf8_whole(cut) : cut.n;
    buffer_append(out, cut);
    pad(out, from, COLUMN, false);
}

static void put_name(struct buffer *out, const char *text) {
    size_t from = out->n;
    buffer_text(out, text);
    pad(out, from, NAME, true);
}

static void put_head(const json_t *arms, struct buffer *out) {
    size_t i;
    json_t *arm;
    put_name(out, "");
    json_array_foreach(arms, i, arm) put_cell(out, json_text(arm, "name", ""));
    buffer_byte(out, '\n');
}

static void put_figure(const json_t *arms, enum figure figure, struct buffer *out) {
    size_t i;
    json_t *arm;
    put_name(out, figure_rows[figure].name);
    json_array_foreach(arms, i, arm) {
        const json_t *one = card_estimate(arm, "figures", figure);
        char text[32] = "–";
        if (json_number(one, "n", 0) > 0)
            snprintf(text, sizeof text, "%.1f%%", 100 * json_number(one, "value", 0));
        put_cell(out, text);
    }
    buffer_byte(out, '\n');
}

static void put_openings(const json_t *arms, struct buffer *out) {
    size_t i;
    json_t *arm;
    put_name(out, "kinds of opening");
    json_array_foreach(arms, i, arm) {
        char text[32];
        snprintf(text, sizeof text, "%.4g",
                 round(10 * json_number(json_object_get(arm, "openings"), "kinds", 0)) / 10);
        put_cell(out, text);
    }
    buffer_byte(out, '\n');
}

static void put_differences(const json_t *arms, struct buffer *out) {
    size_t i;
    json_t *arm;
    buffer_text(out, "\nThe specialist handles more rightly, in points (95% intervals, whole "
                     "topics drawn):\n\n");
    json_array_foreach(arms, i, arm) {
        const json_t *one = card_estimate(arm, "difference", FIGURE_SCORE);
        char value[16], low[16], high[16];
        if (!one)
            continue;
        buffer_text(out, "  than ");
        put_name(out, json_text(arm, "name", ""));
        size_t from = out->n;
        buffer_text(out, points(json_number(one, "value", 0), value));
        pad(out, from, 7, false);
        buffer_format(out, "   %s to %s\n", points(json_number(one, "low", 0), low),
                      points(json_number(one, "high", 0), high));
    }
}

static void put_conditions(const json_t *card, bool colour, struct buffer *out) {
    size_t i;
    json_t *one;
    buffer_byte(out, '\n');
    json_array_foreach(json_object_get(card, "conditions"), i, one) {
        bool held = json_flag(one, "held", false);
        buffer_format(out, "  %s%s%s %s\n",
                      !colour ? ""
                      : held  ? "\033[32m"
                              : "\033[31m",
                      held ? "✓" : "✗", colour ? "\033[0m" : "", json_text(one, "sentence", ""));
    }
    json_array_foreach(json_object_get(card, "notes"), i, one)
        buffer_format(out, "  · %s\n", json_string_value(one) ? json_string_value(one) : "");
}

static void put_cost(const json_t *card, struct buffer *out) {
    double minutes = 0, tokens = 0;
    size_t i;
    json_t *one;
    json_array_foreach(json_object_get(card, "costs"), i, one) {
        minutes += json_number(one, "minutes", 0);
        tokens += json_number(one, "tokens", 0);
    }
    if (i)
        buffer_format(out, "\nIt cost %.0f minutes and %.0f tokens.\n", minutes, tokens);
}

void card_text(const json_t *card, bool colour, struct buffer *out) {
    const json_t *arms = json_object_get(card, "arms"), *items = json_object_get(card, "items");
    bool passed = card_passed(card);
    buffer_format(out,
                  "%s\n%.0f items of %.0f topics: %.0f questions, %.0f that have no answer, "
                  "%.0f hints\n\n",
                  json_text(card, "title", ""), json_number(items, "all", 0),
                  json_number(items, "topics", 0), json_number(items, "answer", 0),
                  json_number(items, "refuse", 0), json_number(items, "hint", 0));
    put_head(arms, out);
    for (enum figure i = 0; i < FIGURES; i++)
        put_figure(arms, i, out);
    put_openings(arms, out);
    put_differences(arms, out);
    put_conditions(card, colour, out);
    put_cost(card, out);
    buffer_format(out, "\n%s%s%s\n",
                  !colour  ? ""
                  : passed ? "\033[32m"
                           : "\033[31m",
                  passed ? "The card passes." : "The card does not pass.",
                  colour ? "\033[0m" : "");
}
