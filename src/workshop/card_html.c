/* The card as a page: one file without scripts, for a wide screen, a phone and paper. Places on an
 * axis are percentages, so that dots stay round and letters keep their size whatever the width. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "workshop/card.h"

static const char style[] =
    "<style>\n"
    ":root{color-scheme:light dark;--ink:#1d1d1b;--soft:#66655f;--rule:#dedbd2;--paper:#fbfaf7;"
    "--raised:#fff;--right:#1b6e3c;--wrong:#96580a;--specialist:#0f6f68;--general:#b0560d;"
    "--base:#5d6470;--look_up:#35689f;--plain:#8a4f8f;--shuffled:#687514}\n"
    "@media(prefers-color-scheme:dark){:root{--ink:#e8e6e1;--soft:#a09d95;--rule:#37362f;"
    "--paper:#191918;--raised:#201f1e;--right:#7cc795;--wrong:#eab366;--specialist:#5cc9bd;"
    "--general:#eda35c;--base:#a4abb7;--look_up:#86b4e6;--plain:#cf9cd4;--shuffled:#bcc86b}}\n"
    "*{box-sizing:border-box}body{margin:0;color:var(--ink);background:var(--paper);font:1rem/"
    "1.55 "
    "Charter,'Bitstream Charter','Iowan Old Style',Georgia,serif}\n"
    "main{max-width:62rem;margin:0 auto;padding:2.5rem 1rem 4rem}\n"
    "h1{font-size:1.7rem;line-height:1.2;margin:.1rem 0 .6rem}h2{font-size:1.1rem;margin:3rem 0 "
    ".8rem;padding-top:.7rem;border-top:1px solid var(--rule)}\n"
    "p{max-width:66ch;margin:.5rem 0}.soft,figcaption small,.reading{color:var(--soft)}\n"
    ".kind,.row,.plots .axis,table,.reading,figcaption small{font-family:system-ui,sans-serif}"
    ".kind{font-size:.8rem;letter-spacing:.06em;text-transform:uppercase;color:var(--soft);"
    "margin:0}\n"
    ".verdict{font-weight:600;font-size:1.15rem}.held>svg,.passes>svg{color:var(--right)}"
    ".failed>svg,.fails>svg{color:var(--wrong)}.passes{color:var(--right)}.fails{color:"
    "var(--wrong)}\n"
    "ul{list-style:none;padding:0;margin:0;max-width:46rem}li{position:relative;padding:.2rem 0 "
    ".2rem 1.8rem}li>svg{position:absolute;left:0;top:.5rem}.verdict>svg{vertical-align:-.12em;"
    "margin-right:.5rem}\n"
    ".mark{width:1em;height:1em;fill:none;stroke:currentColor;stroke-width:2.2;stroke-linecap:"
    "round;stroke-linejoin:round}.note{color:var(--soft)}\n"
    ".plots{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(26rem,100%),1fr));"
    "gap:2rem 3rem}figure{margin:0;display:flex;flex-direction:column}"
    "figcaption{margin-bottom:.5rem;flex:1;display:flex;flex-direction:column;justify-content:"
    "flex-end}figcaption small{display:block;font-size:.8rem}\n"
    ".row{display:grid;grid-template-columns:7.2rem minmax(0,1fr) 7.4rem;align-items:center;gap:0 "
    ".9rem;font-size:.86rem;line-height:1.2;height:1.65rem}.row.wide{grid-template-columns:7.2rem "
    "minmax(0,1fr) 9.2rem}.name{overflow:hidden;text-overflow:ellipsis;white-space:nowrap}"
    ".specialist .name{font-weight:600}\n"
    ".value{font-variant-numeric:tabular-nums;white-space:nowrap}.value small{color:var(--soft);"
    "margin-left:.45rem;font-size:.76rem}\n"
    ".dots{display:block;width:100%;height:1.65rem;overflow:visible}.guide{stroke:var(--rule)}"
    ".zero{stroke:var(--soft)}.interval{stroke:currentColor;stroke-width:2.5;stroke-opacity:.42;"
    "stroke-linecap:round}.dot{fill:currentColor;stroke:var(--paper);stroke-width:1.5}.ring{fill:"
    "var(--paper);stroke:currentColor;stroke-width:2}.cross{fill:none;stroke:currentColor;"
    "stroke-width:2.4;stroke-linecap:round}\n"
    ".row svg{direction:ltr}.axis{height:1.1rem}.axis text{fill:var(--soft);font-size:.7rem}\n"
    ".specialist svg{color:var(--specialist)}.general svg{color:var(--general)}.base svg{color:"
    "var(--base)}.look_up svg{color:var(--look_up)}.plain svg{color:var(--plain)}.shuffled svg{"
    "color:var(--shuffled)}\n"
    ".scroll{overflow-x:auto}table{border-collapse:collapse;font-size:.86rem}th,td{text-align:"
    "start;padding:.3rem 1.6rem .3rem 0;vertical-align:top;white-space:nowrap}.whole{white-space:"
    "normal}th{font-weight:400;color:var(--soft)}"
    "td{border-top:1px solid var(--rule)}.number{text-align:end;font-variant-numeric:tabular-nums;"
    "}code{font-size:.78rem;word-break:break-all}.reading{font-size:.86rem}\n"
    "@media(max-width:34rem){main{padding-top:1.5rem}.row,.row.wide{grid-template-columns:6.6rem "
    "minmax(0,1fr) 3.2rem;gap:0 .7rem}th,td{padding-inline-end:.9rem}.value{text-align:end}.value "
    "small{display:none}}\n"
    "@media print{body{background:none}figure,li,tr{break-inside:avoid}h2{break-after:avoid}}\n"
    "</style>\n";

static const char tick[] = "<svg class=\"mark\" viewBox=\"0 0 16 16\" role=\"img\" "
                           "aria-label=\"holds\"><path d=\"M2.5 8.5 6.5 12.5 13.5 4\"/></svg>";
static const char cross[] = "<svg class=\"mark\" viewBox=\"0 0 16 16\" role=\"img\" "
                            "aria-label=\"fails\"><path d=\"M4 4 12 12M12 4 4 12\"/></svg>";
static const char dash[] = "<svg class=\"mark\" viewBox=\"0 0 16 16\" aria-hidden=\"true\"><path "
                           "d=\"M5 8H11\"/></svg>";

/* By kind, so that colour is never alone. */
static const char *const shapes[CARD_KINDS] = {
    [CARD_SPECIALIST] = "<circle class=\"dot\" r=\"6.5\"/>",
    [CARD_GENERAL] = "<path class=\"dot\" d=\"M0-7 7 0 0 7-7 0z\"/>",
    [CARD_BASE] = "<rect class=\"dot\" x=\"-5.5\" y=\"-5.5\" width=\"11\" height=\"11\"/>",
    [CARD_LOOK_UP] = "<path class=\"dot\" d=\"M0-6.5 7 5.5H-7z\"/>",
    [CARD_PLAIN] = "<circle class=\"ring\" r=\"4.8\"/>",
    [CARD_SHUFFLED] = "<path class=\"cross\" d=\"M-4-4 4 4M4-4-4 4\"/>",
};

static enum card_kind kind_of(const json_t *arm) {
    for (enum card_kind kind = 0; kind < CARD_KINDS; kind++)
        if (!strcmp(json_text(arm, "kind", ""), card_kind_id(kind)))
            return kind;
    return CARD_BASE;
}

static void put_text(struct buffer *out, const char *text) {
    buffer_html(out, view_of(text ? text : ""));
}

/* ----------------------------------------------------------------------------------- the plots
 */

struct axis {
    double from, to; /* shares */
    double step;     /* between guides */
    bool wide;       /* differences, which take more room */
};

static double place(const struct axis *axis, double share) {
    double at = (share - axis->from) / (axis->to - axis->from);
    return 100 * fmin(fmax(at, 0), 1);
}

static void put_guides(const struct axis *axis, struct buffer *out) {
    int n = (int)lround((axis->to - axis->from) / axis->step);
    for (int i = 0; i <= n; i++) {
        double at = axis->from + i * axis->step;
        buffer_format(out,
                      "<line class=\"%s\" x1=\"%.2f%%\" x2=\"%.2f%%\" y1=\"0\" y2=\"100%%\"/>",
                      axis->from < 0 && fabs(at) < 1e-9 ? "guide zero" : "guide", place(axis, at),
                      place(axis, at));
    }
}

static void put_axis(const struct axis *axis, struct buffer *out) {
    int n = (int)lround((axis->to - axis->from) / axis->step);
    buffer_format(out,
                  "<div class=\"row axis%s\" aria-hidden=\"true\"><span></span><svg "
                  "class=\"dots\">",
                  axis->wide ? " wide" : "");
    for (int i = 0; i <= n; i++) {
        double at = axis->from + i * axis->step;
        long shown = lround(100 * at);
        buffer_format(out, "<text x=\"%.2f%%\" y=\"12\" text-anchor=\"middle\">%s%ld</text>",
                      place(axis, at),
                      shown < 0                 ? "−"
                      : axis->wide && shown > 0 ? "+"
                                                : "",
                      shown < 0 ? -shown : shown);
    }
    buffer_text(out, "</svg><span></span></div>\n");
}

/* What stands at the right of a row; returns what a screen reader says of the plot. */
static void put_value(const struct axis *axis, double value, double low, double high,
                      bool interval, struct buffer *out) {
    char a[16], b[16], c[16];
    if (axis->wide)
        buffer_format(out, "<span class=\"value\">%s", points(value, a));
    else
        buffer_format(out, "<span class=\"value\">%.1f", 100 * value);
    if (interval && axis->wide)
        buffer_format(out, "<small>%s to %s</small>", points(low, b), points(high, c));
    else if (interval)
        buffer_format(out, "<small>%.1f to %.1f</small>", 100 * low, 100 * high);
    buffer_text(out, "</span>");
}

static void put_row(const struct axis *axis, enum card_kind kind, const char *name,
                    const json_t *estimate, struct buffer *out) {
    double value = json_number(estimate, "value", 0), low = json_number(estimate, "low", value),
           high = json_number(estimate, "high", value);
    bool interval = json_object_get(estimate, "low") != NULL;
    buffer_format(out, "<div class=\"row %s%s\"><span class=\"name\">", card_kind_id(kind),
                  axis->wide ? " wide" : "");
    put_text(out, name);
    buffer_text(out, "</span><svg class=\"dots\" aria-hidden=\"true\">");
    put_guides(axis, out);
    if (interval)
        buffer_format(out,
                      "<line class=\"interval\" x1=\"%.2f%%\" x2=\"%.2f%%\" y1=\"50%%\" "
                      "y2=\"50%%\"/>",
                      place(axis, low), place(axis, high));
    buffer_format(out, "<svg x=\"%.2f%%\" y=\"50%%\" overflow=\"visible\">%s</svg></svg>",
                  place(axis, value), shapes[kind]);
    put_value(axis, value, low, high, interval, out);
    buffer_text(out, "</div>\n");
}

static const struct axis whole = {0, 1, 0.25, false};

static void put_figure(const json_t *arms, enum figure figure, struct buffer *out) {
    const struct figure_row *row = &figure_rows[figure];
    const json_t *first = card_estimate(json_array_get(arms, 0), "figures", figure);
    double n = json_number(first, "n", 0);
    size_t i;
    json_t *arm;
    if (n <= 0)
        return;
    buffer_text(out, "<figure><figcaption>");
    put_text(out, row->question);
    buffer_format(out, "<small>%s, in %% of %.0f%s</small></figcaption>\n", row->name, n,
                  row->less_is_better ? "; less is better" : "");
    json_array_foreach(arms, i, arm) put_row(&whole, kind_of(arm), json_text(arm, "name", ""),
                                             card_estimate(arm, "figures", figure), out);
    put_axis(&whole, out);
    buffer_text(out, "</figure>\n");
}

/* Steps such that all intervals are on it, and zero. */
static struct axis axis_of(const json_t *arms) {
    static const double steps[] = {0.02, 0.05, 0.1, 0.25};
    double low = -0.01, high = 0.01;
    size_t i;
    json_t *arm;
    json_array_foreach(arms, i, arm) {
        const json_t *one = card_estimate(arm, "difference", FIGURE_SCORE);
        low = fmin(low, json_number(one, "low", 0));
        high = fmax(high, json_number(one, "high", 0));
    }
    size_t step = 0;
    while (step + 1 < COUNT_OF(steps) && (high - low) / steps[step] > 6)
        step++;
    return (struct axis){steps[step] * floor(low / steps[step]),
                         steps[step] * ceil(high / steps[step]), steps[step], true};
}

static void put_differences(const json_t *card, struct buffer *out) {
    const json_t *arms = json_object_get(card, "arms");
    struct axis axis = axis_of(arms);
    size_t i;
    json_t *arm;
    buffer_text(out, "<section><h2>Better than the others?</h2>\n<figure><figcaption>How many "
                     "points more does it handle rightly than each of the others?"
                     "<small>Left of the line in the middle: fewer. Where the bar touches it, "
                     "chance may have done it.</small></figcaption>\n");
    json_array_foreach(arms, i, arm) {
        const json_t *one = card_estimate(arm, "difference", FIGURE_SCORE);
        if (one)
            put_row(&axis, kind_of(arm), json_text(arm, "name", ""), one, out);
    }
    put_axis(&axis, out);
    buffer_text(out, "</figure></section>\n");
}

static void put_figures(const json_t *card, struct buffer *out) {
    buffer_text(out, "<section><h2>Figure by figure</h2>\n<div class=\"plots\">\n");
    for (enum figure i = 0; i < FIGURES; i++)
        put_figure(json_object_get(card, "arms"), i, out);
    buffer_text(out, "</div></section>\n");
}

/* ------------------------------------------------------------------------------------- sections
 */

static void put_head(const json_t *card, struct buffer *out) {
    const json_t *items = json_object_get(card, "items");
    bool passed = card_passed(card);
    buffer_text(out, "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\">\n<meta "
                     "name=\"viewport\" content=\"width=device-width\">\n<title>Model card: ");
    put_text(out, json_text(card, "title", ""));
    buffer_format(out, "</title>\n%s<main>\n<header><p class=\"kind\">Model card</p>\n<h1>",
                  style);
    put_text(out, json_text(card, "title", ""));
    buffer_format(out, "</h1>\n<p class=\"verdict %s\">%sThe card %s.</p>\n",
                  passed ? "passes" : "fails", passed ? tick : cross,
                  passed ? "passes" : "does not pass");
    buffer_format(out,
                  "<p>It was examined by %.0f items of %.0f topics that it had never seen: %.0f "
                  "questions, %.0f that the passage does not answer, and %.0f hints to put in "
                  "other words. The same were put to all others.</p></header>\n",
                  json_number(items, "all", 0), json_number(items, "topics", 0),
                  json_number(items, "answer", 0), json_number(items, "refuse", 0),
                  json_number(items, "hint", 0));
}

static void put_conditions(const json_t *card, struct buffer *out) {
    size_t i;
    json_t *one;
    buffer_text(out, "<section><h2>What it must show</h2>\n<ul>\n");
    json_array_foreach(json_object_get(card, "conditions"), i, one) {
        bool held = json_flag(one, "held", false);
        buffer_format(out, "<li class=\"%s\">%s", held ? "held" : "failed", held ? tick : cross);
        put_text(out, json_text(one, "sentence", ""));
        buffer_text(out, "</li>\n");
    }
    json_array_foreach(json_object_get(card, "notes"), i, one) {
        buffer_format(out, "<li class=\"note\">%s", dash);
        put_text(out, json_string_value(one));
        buffer_text(out, "</li>\n");
    }
    buffer_text(out, "</ul></section>\n");
}

static void put_writing(const json_t *card, struct buffer *out) {
    size_t i;
    json_t *arm;
    buffer_text(out, "<section><h2>How it writes</h2>\n<div class=\"scroll\"><table><tr><th></th>"
                     "<th class=\"number\">kinds of opening</th><th class=\"number\">tokens a "
                     "draft</th><th>commonest opening of a hint</th></tr>\n");
    json_array_foreach(json_object_get(card, "arms"), i, arm) {
        const json_t *openings = json_object_get(arm, "openings");
        const char *commonest = json_text(openings, "commonest", "");
        double tokens = json_number(arm, "tokens", 0);
        buffer_text(out, "<tr><td>");
        put_text(out, json_text(arm, "name", ""));
        buffer_format(out, "</td><td class=\"number\">%.4g</td>",
                      round(10 * json_number(openings, "kinds", 0)) / 10);
        buffer_format(out,
                      tokens > 0 ? "<td class=\"number\">%.1f</td><td>"
                                 : "<td class=\"number\">–</td><td>",
                      tokens);
        buffer_text(out, *commonest ? "“" : "–");
        put_text(out, commonest);
        if (*commonest)
            buffer_format(out, "…” %.0f%%", 100 * json_number(openings, "share", 0));
        buffer_text(out, "</td></tr>\n");
    }
    buffer_text(out, "</table></div></section>\n");
}

static void put_ability(const json_t *card, struct buffer *out) {
    const json_t *ability = json_object_get(card, "ability");
    const json_t *base = json_object_get(ability, "base"),
                 *now = json_object_get(ability, "specialist"),
                 *fall = json_object_get(ability, "fall");
    char a[16], b[16], c[16];
    if (!base || !now)
        return;
    json_t *before = json_pack("{s:f}", "value", json_number(base, "share", 0));
    json_t *after = json_pack("{s:f}", "value", json_number(now, "share", 0));
    double was = json_number(base, "perplexity", 0), is = json_number(now, "perplexity", 0);
    buffer_format(out,
                  "<section><h2>What it still knows</h2>\n<figure><figcaption>How many plain "
                  "statements does it still end rightly?<small>in %% of %.0f</small></figcaption>",
                  json_number(base, "items", 0));
    put_row(&whole, CARD_SPECIALIST, card_kind_name(CARD_SPECIALIST), after, out);
    put_row(&whole, CARD_BASE, card_kind_name(CARD_BASE), before, out);
    put_axis(&whole, out);
    buffer_format(out,
                  "</figure>\n<p>Perplexity of plain prose: %.1f, without the adapter %.1f "
                  "(%+.0f%%).",
                  is, was, was > 0 ? 100 * (is / was - 1) : 0);
    if (json_is_object(fall))
        buffer_format(out, " Statement by statement the share moved by %s points (%s to %s).",
                      points(-json_number(fall, "value", 0), a),
                      points(-json_number(fall, "high", 0), b),
                      points(-json_number(fall, "low", 0), c));
    buffer_text(out, "</p></section>\n");
    json_decref(before);
    json_decref(after);
}

static void put_diversity(const json_t *card, struct buffer *out) {
    json_t *measures = json_object_get(json_object_get(card, "diversity"), "measures"), *one;
    const char *key;
    if (!json_object_size(measures))
        return;
    buffer_text(out, "<section><h2>How varied its hints are</h2>\n<div class=\"scroll\">"
                     "<table><tr><th></th><th class=\"number\">its hints</th><th "
                     "class=\"number\">those of people</th><th class=\"number\">99 in 100 lie "
                     "in</th><th></th></tr>\n");
    json_object_foreach(measures, key, one) {
        buffer_text(out, "<tr><td>");
        for (const char *c = key; *c; c++)
            buffer_byte(out, *c == '_' ? ' ' : *c);
        buffer_format(out, "</td><td class=\"number\">%.3f</td>", json_number(one, "value", 0));
        if (json_object_get(one, "low"))
            buffer_format(out,
                          "<td class=\"number\">%.3f</td><td class=\"number\">%.3f to "
                          "%.3f</td><td>%s</td>",
                          json_number(one, "reference", 0), fmax(json_number(one, "low", 0), 0),
                          json_number(one, "high", 0),
                          json_flag(one, "collapsed", false) ? "collapsed" : "");
        buffer_text(out, "</tr>\n");
    }
    buffer_text(out, "</table></div></section>\n");
}

/* 1234567 as "1,234,567". */
static const char *grouped(double value, char out[32]) {
    char digits[24];
    int n = snprintf(digits, sizeof digits, "%.0f", fmin(fmax(value, 0), 1e15)), at = 0;
    for (int i = 0; i < n; i++) {
        if (i && (n - i) % 3 == 0)
            out[at++] = ',';
        out[at++] = digits[i];
    }
    out[at] = 0;
    return out;
}

static void put_costs(const json_t *card, struct buffer *out) {
    const json_t *costs = json_object_get(card, "costs");
    double minutes = 0;
    char tokens[32];
    size_t i;
    json_t *one;
    if (!json_array_size(costs))
        return;
    buffer_text(out, "<section><h2>What it cost</h2>\n<div class=\"scroll\"><table><tr><th></th>"
                     "<th class=\"number\">minutes</th><th class=\"number\">tokens</th></tr>\n");
    json_array_foreach(costs, i, one) {
        double n = json_number(one, "tokens", 0);
        minutes += json_number(one, "minutes", 0);
        buffer_text(out, "<tr><td>");
        put_text(out, json_text(one, "stage", ""));
        buffer_format(out,
                      "</td><td class=\"number\">%.1f</td><td class=\"number\">%s</td></tr>\n",
                      json_number(one, "minutes", 0), n > 0 ? grouped(n, tokens) : "–");
    }
    buffer_format(out,
                  "<tr><td>together</td><td class=\"number\">%.1f</td><td></td></tr>\n"
                  "</table></div></section>\n",
                  minutes);
}

static void put_origins(const json_t *card, struct buffer *out) {
    const json_t *origins = json_object_get(card, "origins");
    char rows[32];
    size_t i;
    json_t *one;
    if (!json_array_size(origins))
        return;
    buffer_text(out, "<section><h2>What it was made of</h2>\n<div class=\"scroll\"><table><tr><th>"
                     "origin</th><th>licence</th><th class=\"number\">rows</th></tr>\n");
    json_array_foreach(origins, i, one) {
        buffer_text(out, "<tr><td>");
        put_text(out, json_text(one, "origin", ""));
        buffer_text(out, "</td><td>");
        put_text(out, json_text(one, "licence", ""));
        buffer_format(out, "</td><td class=\"number\">%s</td></tr>\n",
                      grouped(json_number(one, "rows", 0), rows));
    }
    buffer_text(out, "</table></div></section>\n");
}

static void put_files(const json_t *card, struct buffer *out) {
    const json_t *files = json_object_get(card, "files");
    size_t i;
    json_t *one;
    if (!json_array_size(files))
        return;
    buffer_text(out, "<section><h2>Its files</h2>\n<div class=\"scroll\"><table><tr><th></th><th>"
                     "name and SHA-256</th><th class=\"number\">MB</th></tr>\n");
    json_array_foreach(files, i, one) {
        buffer_text(out, "<tr><td>");
        put_text(out, json_text(one, "role", ""));
        buffer_text(out, "</td><td class=\"whole\">");
        put_text(out, json_text(one, "name", ""));
        buffer_text(out, "<br><code class=\"soft\">");
        put_text(out, json_text(one, "sha256", ""));
        buffer_format(out, "</code></td><td class=\"number\">%.1f</td></tr>\n",
                      json_number(one, "bytes", 0) / 1e6);
    }
    buffer_text(out, "</table></div></section>\n");
}

void card_html(const json_t *card, struct buffer *out) {
    char draws[32];
    put_head(card, out);
    put_conditions(card, out);
    put_differences(card, out);
    put_figures(card, out);
    put_writing(card, out);
    put_ability(card, out);
    put_diversity(card, out);
    put_costs(card, out);
    put_origins(card, out);
    put_files(card, out);
    buffer_format(out,
                  "<p class=\"reading\">A mark is the figure, the bar its interval of 95%%: whole "
                  "topics were drawn %s times with putting back, the same for all, and "
                  "differences are paired item by item. The specialist is the mean of its "
                  "seeds. An answer is handled rightly when it passes the review and stands on "
                  "the sentence that the author named, a question without an answer when it is "
                  "refused, a hint when it is put in other words and gives nothing more "
                  "away.</p>\n</main></html>\n",
                  grouped(json_number(card, "draws", 0), draws));
}
