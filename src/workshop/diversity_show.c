/* What the gate found: as sentences, as JSON, as a table with bars, as a picture. */
#include <math.h>
#include <stdio.h>

#include "workshop/measure_table.h"

/* Most promising first. */
static const char *const remedies[] = {
    "Seed each text anew: another passage, another persona, another misconception.",
    "Ask for several candidates with their probabilities in one request, and draw among them.",
    "Let a second model write a share.",
    "Give each template a quota.",
    "Keep real text in the mix; never train on the last generation alone.",
};

static json_t *sentence(const char *format, ...) PRINTF_LIKE(1, 2);
static json_t *sentence(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    json_t *text = json_vsprintf(format, arguments);
    va_end(arguments);
    MUST(text);
    return text;
}

json_t *diversity_reasons(const struct diversity_report *report) {
    json_t *reasons = json_array();
    for (int i = 0; report->fired && i < N_DIVERSITY; i++) {
        const struct measure_row *row = &measure_rows[i];
        const struct diversity_figure *figure = &report->figures[i];
        if (!row->counts || !figure->collapsed)
            continue;
        json_array_append_new(
            reasons, sentence("%s is %.*f, %s the %.*f that may be chance: %s.", row->name,
                              row->digits, figure->value, row->grows > 0 ? "above" : "below",
                              row->digits, row->grows > 0 ? figure->high : figure->low, row->why));
    }
    const struct diversity_figure *top = &report->figures[DIVERSITY_TOP_OPENER];
    if (report->fired && top->collapsed && top->value > TOP_OPENER_TIMES * top->reference)
        json_array_append_new(
            reasons,
            sentence("“%s” begins %.1f%% of the turns; the reference's commonest "
                     "opener %.1f%%, and %d times that is the bound.",
                     report->opener, 100 * top->value, 100 * top->reference, TOP_OPENER_TIMES));
    const struct diversity_figure *same = &report->figures[DIVERSITY_LONG_DUPLICATES];
    if (report->fired && same->value > diversity_alone(same))
        json_array_append_new(
            reasons, sentence("%.1f%% of the turns of eight words and more nearly repeat an "
                              "earlier one; %.1f%% may be chance.",
                              100 * same->value, 100 * diversity_alone(same)));
    return reasons;
}

json_t *diversity_remedies(const struct diversity_report *report) {
    json_t *list = json_array();
    for (size_t i = 0; report->fired && i < COUNT_OF(remedies); i++)
        json_array_append_new(list, json_string(remedies[i]));
    return list;
}

json_t *diversity_json(const struct diversity_report *report) {
    json_t *measures = json_object();
    for (int i = 0; i < N_DIVERSITY; i++) {
        const struct diversity_figure *figure = &report->figures[i];
        json_t *one = json_pack("{s:f}", "value", figure->value);
        if (report->compared)
            json_object_update_new(one, json_pack("{s:f, s:f, s:f, s:b}", "reference",
                                                  figure->reference, "low", figure->low, "high",
                                                  figure->high, "collapsed", figure->collapsed));
        json_object_set_new(measures, measure_rows[i].key, one);
    }
    json_t *out = json_pack("{s:I, s:I, s:s, s:o}", "tokens", (json_int_t)report->n_token,
                            "text_tokens", (json_int_t)report->text_tokens, "commonest_opener",
                            report->opener, "measures", measures);
    MUST(out);
    if (report->compared)
        json_object_update_new(out, json_pack("{s:I, s:b, s:o, s:o}", "reference_tokens",
                                              (json_int_t)report->reference_tokens, "fired",
                                              report->fired, "reasons", diversity_reasons(report),
                                              "remedies", diversity_remedies(report)));
    return out;
}

/* --------------------------------------------------------------------------------------- text */

enum { BAR = 36 };

/* Where figures stand on a line of n places: the interval is the middle third where the value
 * allows it. */
struct scale {
    double from, to;
};

static struct scale scale_of(const struct diversity_figure *figure) {
    double width = fmax(figure->high - figure->low, 1e-6);
    return (struct scale){fmin(figure->low - width / 2, figure->value),
                          fmax(figure->high + width / 2, figure->value)};
}

static double place(struct scale scale, double value, double length) {
    return (value - scale.from) / (scale.to - scale.from) * length;
}

static void put_bar(const struct diversity_report *report, int measure, bool colour,
                    struct buffer *out) {
    const struct diversity_figure *figure = &report->figures[measure];
    struct scale scale = report->compared ? scale_of(figure) : (struct scale){0, 1};
    int at = (int)lround(place(scale, figure->value, BAR - 1));
    if (!report->compared && !measure_rows[measure].is_share)
        return;
    buffer_text(out, "  ");
    for (int i = 0; i < BAR; i++) {
        double low = place(scale, figure->low, BAR - 1),
               high = place(scale, figure->high, BAR - 1);
        bool inside = report->compared ? i >= lround(low) && i <= lround(high) : i <= at;
        if (i == at && report->compared)
            buffer_format(out, "%s●%s",
                          !colour             ? ""
                          : figure->collapsed ? "\033[31m"
                                              : "\033[32m",
                          colour ? "\033[0m" : "");
        else
            buffer_text(out, inside ? "█" : report->compared ? "─" : " ");
    }
}

static void put_row(const struct diversity_report *report, int measure, bool bars, bool colour,
                    struct buffer *out) {
    const struct measure_row *row = &measure_rows[measure];
    const struct diversity_figure *figure = &report->figures[measure];
    buffer_format(out, "%-19s %8.*f", row->name, row->digits, figure->value);
    if (report->compared)
        buffer_format(out, "  %8.*f  %8.*f to %-8.*f", row->digits, figure->reference, row->digits,
                      figure->low, row->digits, figure->high);
    if (bars)
        put_bar(report, measure, colour, out);
    if (figure->collapsed)
        buffer_format(out, "  %scollapsed%s", colour ? "\033[31m" : "", colour ? "\033[0m" : "");
    else if (figure->beyond)
        buffer_text(out, "  more varied");
    while (out->n && out->at[out->n - 1] == ' ')
        out->at[--out->n] = 0;
    buffer_byte(out, '\n');
}

static void put_list(json_t *list, const char *title, bool numbered, struct buffer *out) {
    size_t i;
    json_t *one;
    buffer_format(out, "\n%s\n", title);
    json_array_foreach(list, i, one) {
        if (numbered)
            buffer_format(out, "  %zu. %s\n", i + 1, json_string_value(one));
        else
            buffer_format(out, "  - %s\n", json_string_value(one));
    }
    json_decref(list);
}

void diversity_text(const struct diversity_report *report, bool bars, bool colour,
                    struct buffer *out) {
    buffer_format(out, "%zu of %zu tokens", report->n_token, report->text_tokens);
    if (report->compared)
        buffer_format(out,
                      ", beside draws of as many from the %zu of the reference\n\n%-19s %8s  "
                      "%8s  99 in 100 lie in",
                      report->reference_tokens, "", "text", "mean");
    buffer_text(out, report->compared ? "\n" : "\n\n");
    for (int i = 0; i < N_DIVERSITY; i++)
        put_row(report, i, bars, colour, out);
    buffer_format(out, "\ncommonest opener: “%s”\n", report->opener);
    if (!report->compared)
        return;
    if (!report->fired) {
        buffer_format(out, "\n%sas varied as the reference%s\n", colour ? "\033[32m" : "",
                      colour ? "\033[0m" : "");
        return;
    }
    put_list(diversity_reasons(report), "The gate fired. This text has collapsed:", false, out);
    put_list(diversity_remedies(report), "What to do, most promising first:", true, out);
}

/* ---------------------------------------------------------------------------------------- SVG */

enum { WIDTH = 720, ROW = 34, TOP = 58, LEFT = 150, SPAN = 420 };

static void put_svg_row(const struct diversity_report *report, int measure, struct buffer *out) {
    const struct measure_row *row = &measure_rows[measure];
    const struct diversity_figure *figure = &report->figures[measure];
    struct scale scale = report->compared ? scale_of(figure) : (struct scale){0, 1};
    int y = TOP + measure * ROW;
    buffer_format(out, "<text x=\"12\" y=\"%d\">%s</text>", y + 5, row->name);
    if (report->compared || row->is_share) {
        double at = LEFT + place(scale, figure->value, SPAN);
        double low = report->compared ? LEFT + place(scale, figure->low, SPAN) : LEFT;
        double high = report->compared ? LEFT + place(scale, figure->high, SPAN) : at;
        buffer_format(out,
                      "<path d=\"M%d %dh%d\" stroke=\"#bbb\"/>"
                      "<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"12\" fill=\"#9dbcd4\"/>"
                      "<circle cx=\"%.1f\" cy=\"%d\" r=\"5\" fill=\"%s\"/>",
                      LEFT, y, SPAN, low, y - 6, fmax(high - low, 1), at, y,
                      figure->collapsed ? "#b3261e" : "#1b6e3c");
    }
    buffer_format(out, "<text x=\"%d\" y=\"%d\">%.*f", LEFT + SPAN + 14, y + 5, row->digits,
                  figure->value);
    if (report->compared)
        buffer_format(out, " (%.*f to %.*f)", row->digits, figure->low, row->digits, figure->high);
    buffer_text(out, "</text>\n");
}

void diversity_svg(const struct diversity_report *report, const char *title, struct buffer *out) {
    int height = TOP + N_DIVERSITY * ROW + 8;
    buffer_format(out,
                  "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" role=\"img\" "
                  "font-family=\"sans-serif\" font-size=\"13\">\n<title>",
                  WIDTH, height);
    buffer_html(out, view_of(title));
    buffer_format(out, "</title>\n<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>\n", WIDTH,
                  height);
    buffer_text(out, "<text x=\"12\" y=\"24\" font-weight=\"bold\">");
    buffer_html(out, view_of(title));
    const char *verdict = !report->compared ? "" : report->fired ? ": collapsed" : ": varied";
    buffer_format(out, "%s</text>\n", verdict);
    for (int i = 0; i < N_DIVERSITY; i++)
        put_svg_row(report, i, out);
    buffer_text(out, "</svg>\n");
}
