/* The line in the terminal is for who waits, the page for who comes by: it draws itself again
 * every few seconds, out of one file, without a server. */
#include "main/training_plot.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SPARKS = 28, POINTS = 600, WIDTH = 760, HEIGHT = 200 };
static const double line_seconds = 0.2, page_seconds = 5;

static json_t *report_json(const struct trainer_report *r) {
    return json_pack("{s:I, s:I, s:f, s:f, s:f, s:I, s:I, s:f}", "step", (json_int_t)r->step,
                     "steps", (json_int_t)r->n_step, "loss", r->loss, "norm", r->norm, "rate",
                     r->rate, "tokens", (json_int_t)r->n_token, "counted",
                     (json_int_t)r->n_counted, "seconds", r->seconds);
}

static bool keep(struct training_plot *plot, const struct trainer_report *report) {
    if (!TRY_ROOM(plot->reports, plot->room, plot->n + 1))
        return false;
    plot->reports[plot->n++] = *report;
    plot->spent += report->seconds;
    return true;
}

static void log_path(const struct training_plot *plot, struct buffer *path) {
    buffer_format(path, "%s/log.jsonl", plot->folder);
}

bool training_plot_open(struct training_plot *plot, int64_t step, struct fault *fault) {
    struct buffer path = {0}, content = {0}, kept = {0};
    struct view line, rest;
    log_path(plot, &path);
    bool good = !file_exists(path.at) || file_read(path.at, (size_t)1 << 30, &content, fault);
    rest = buffer_view(&content);
    while (good && view_line(&rest, &line)) {
        json_t *object = json_parse(line, NULL); /* the last may be cut off */
        struct trainer_report report = {.step = (int64_t)json_number(object, "step", 0),
                                        .n_step = (int64_t)json_number(object, "steps", 0),
                                        .loss = json_number(object, "loss", 0),
                                        .norm = json_number(object, "norm", 0),
                                        .rate = json_number(object, "rate", 0),
                                        .n_token = (uint64_t)json_number(object, "tokens", 0),
                                        .n_counted = (uint64_t)json_number(object, "counted", 0),
                                        .seconds = json_number(object, "seconds", 0)};
        json_decref(object);
        if (report.step != (int64_t)plot->n + 1 || report.step > step)
            break;
        good = keep(plot, &report);
        buffer_append(&kept, line);
        buffer_byte(&kept, '\n');
    }
    good = good && file_write(path.at, buffer_view(&kept), fault);
    buffer_free(&path);
    buffer_free(&content);
    buffer_free(&kept);
    return good;
}

/* The loss of the last steps as blocks of eight heights. */
static void draw_sparks(const struct training_plot *plot) {
    static const char *const blocks[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    size_t n = plot->n < SPARKS ? plot->n : SPARKS;
    double low = INFINITY, high = -INFINITY, means[SPARKS];
    for (size_t i = 0; i < n; i++) {
        size_t from = plot->n * i / n, to = plot->n * (i + 1) / n;
        means[i] = 0;
        for (size_t j = from; j < to; j++)
            means[i] += plot->reports[j].loss / (double)(to - from);
        low = means[i] < low ? means[i] : low;
        high = means[i] > high ? means[i] : high;
    }
    for (size_t i = 0; i < n; i++)
        fputs(blocks[high > low ? (int)((means[i] - low) / (high - low) * 7.99) : 3], stderr);
}

static double tokens_per_second(const struct training_plot *plot) {
    double tokens = 0, seconds = 0;
    for (size_t i = plot->n > 20 ? plot->n - 20 : 0; i < plot->n; i++) {
        tokens += (double)plot->reports[i].n_token;
        seconds += plot->reports[i].seconds;
    }
    return tokens / (seconds + 1e-9);
}

static double seconds_left(const struct training_plot *plot) {
    const struct trainer_report *last = &plot->reports[plot->n - 1];
    size_t n = plot->n < 20 ? plot->n : 20;
    double seconds = 0;
    for (size_t i = plot->n - n; i < plot->n; i++)
        seconds += plot->reports[i].seconds / (double)n;
    return seconds * (double)(last->n_step - last->step);
}

static void draw_line(struct training_plot *plot) {
    const struct trainer_report *r = &plot->reports[plot->n - 1];
    double now = clock_seconds();
    if (!isatty(STDERR_FILENO) || now - plot->drawn < line_seconds)
        return;
    plot->drawn = now;
    fprintf(stderr, "\r\033[K  step %lld", (long long)r->step);
    if (r->n_step)
        fprintf(stderr, "/%lld", (long long)r->n_step);
    fprintf(stderr, "  loss %.3f ", r->loss);
    draw_sparks(plot);
    fprintf(stderr, "  norm %.2f  rate %.1e  %.0f tokens/s", r->norm, r->rate,
            tokens_per_second(plot));
    if (r->n_step)
        fprintf(stderr, "  %.0f min left", ceil(seconds_left(plot) / 60));
    fflush(stderr);
}

bool training_plot_add(struct training_plot *plot, const struct trainer_report *report,
                       struct fault *fault) {
    struct buffer path = {0};
    if (!keep(plot, report))
        return fault_set(fault, FAULT_MACHINE, "there is no memory for the plot");
    log_path(plot, &path);
    FILE *file = fopen(path.at, "a");
    json_t *object = report_json(report);
    bool good = file && json_dumpf(object, file, JSON_COMPACT) == 0 && fputc('\n', file) >= 0;
    if (file && fclose(file) != 0)
        good = false;
    json_decref(object);
    if (!good) {
        fault_set(fault, FAULT_MACHINE, "the log cannot be written");
        fault_place(fault, path.at, 0, -1);
    }
    buffer_free(&path);
    draw_line(plot);
    return good && (clock_seconds() - plot->page_drawn < page_seconds ||
                    training_plot_page(plot, true, fault));
}

/* -------------------------------------------------------------------------------------- the page
 */

struct curve {
    const char *name;
    double (*value)(const struct trainer_report *);
    bool smooth; /* what comes of single steps jumps: a mean is drawn over it */
};

static double loss_value(const struct trainer_report *r) {
    return r->loss;
}
static double rate_value(const struct trainer_report *r) {
    return r->rate;
}
static double norm_value(const struct trainer_report *r) {
    return r->norm;
}
static double speed_value(const struct trainer_report *r) {
    return (double)r->n_token / (r->seconds + 1e-9);
}

static const struct curve curves[] = {{"Loss a counted token", loss_value, true},
                                      {"Rate", rate_value, false},
                                      {"Norm of the gradient", norm_value, true},
                                      {"Tokens a second", speed_value, true}};

/* Means of equal runs of steps, so that a page stays small. */
static size_t means_of(const struct training_plot *plot, const struct curve *curve,
                       double out[POINTS], double *low, double *high) {
    size_t n = plot->n < POINTS ? plot->n : POINTS;
    *low = INFINITY;
    *high = -INFINITY;
    for (size_t i = 0; i < n; i++) {
        size_t from = plot->n * i / n, to = plot->n * (i + 1) / n;
        out[i] = 0;
        for (size_t j = from; j < to; j++)
            out[i] += curve->value(&plot->reports[j]) / (double)(to - from);
        *low = out[i] < *low ? out[i] : *low;
        *high = out[i] > *high ? out[i] : *high;
    }
    return n;
}

static void put_point(size_t i, size_t n, int height, double share, struct buffer *out) {
    double across = n > 1 ? (double)i / (double)(n - 1) : 0.5;
    buffer_format(out, "%.1f,%.1f ", 64 + (WIDTH - 72) * across,
                  height - 10 - (height - 20) * share);
}

/* A mean that forgets: over the last twentieth of what is seen. */
static void draw_smooth(const double *values, size_t n, int height, double low, double span,
                        struct buffer *out) {
    double keep = exp(-20.0 / (double)n), mean = 0, weight = 0;
    buffer_text(out, "<polyline class=\"smooth\" points=\"");
    for (size_t i = 0; i < n; i++) {
        mean = keep * mean + (1 - keep) * values[i];
        weight = keep * weight + 1 - keep;
        put_point(i, n, height, (mean / weight - low) / span, out);
    }
    buffer_text(out, "\"/>");
}

static void draw_curve(const struct training_plot *plot, const struct curve *curve, int height,
                       struct buffer *out) {
    double values[POINTS], low, high;
    size_t n = means_of(plot, curve, values, &low, &high);
    double span = high > low ? high - low : 1;
    buffer_format(
        out,
        "<figure><figcaption>%s <b>%.4g</b></figcaption><svg viewBox=\"0 0 %d %d\" "
        "role=\"img\" aria-label=\"%s: from %.4g to %.4g\"><line class=\"axis\" x1=\"60\" "
        "x2=\"%d\" y1=\"%d\" y2=\"%d\"/><text x=\"56\" y=\"14\">%.3g</text><text "
        "x=\"56\" y=\"%d\">%.3g</text><polyline points=\"",
        curve->name, curve->value(&plot->reports[plot->n - 1]), WIDTH, height, curve->name,
        values[0], values[n - 1], WIDTH, height - 6, height - 6, high, height - 8, low);
    for (size_t i = 0; i < n; i++)
        put_point(i, n, height, (values[i] - low) / span, out);
    buffer_text(out, "\"/>");
    if (curve->smooth)
        draw_smooth(values, n, height, low, span, out);
    buffer_text(out, "</svg></figure>\n");
}

static const char page_style[] =
    "<style>:root{color-scheme:light dark;--ink:#1d2430;--soft:#687080;--line:#2f6fb3;--paper:"
    "#fbfaf7}@media(prefers-color-scheme:dark){:root{--ink:#e8e6e1;--soft:#9aa1ad;--line:#7fb2e5;"
    "--paper:#16181c}}body{font:16px/1.5 system-ui,sans-serif;max-width:50rem;margin:2rem auto;"
    "padding:0 1rem;color:var(--ink);background:var(--paper)}h1{font-size:1.4rem;margin-bottom:.2"
    "rem}p{color:var(--soft)}progress{width:100%;accent-color:var(--line)}figure{margin:1.5rem "
    "0}figcaption{color:var(--soft)}figcaption b{color:var(--ink);margin-inline-start:.5rem}svg{"
    "width:100%;height:auto;direction:ltr}polyline{fill:none;stroke:var(--line);stroke-width:2;"
    "stroke-linejoin:round}polyline:not(:last-child){stroke-opacity:.35;stroke-width:1}.axis{"
    "stroke:var(--soft);stroke-opacity:.4}text{fill:var(--soft);font:"
    "11px system-ui;text-anchor:end}</style>\n";

bool training_plot_page(struct training_plot *plot, bool running, struct fault *fault) {
    struct buffer out = {0}, path = {0};
    if (!plot->n)
        return true;
    const struct trainer_report *last = &plot->reports[plot->n - 1];
    plot->page_drawn = clock_seconds();
    buffer_text(&out, "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\">\n<meta "
                      "name=\"viewport\" content=\"width=device-width\">\n");
    if (running)
        buffer_format(&out, "<meta http-equiv=\"refresh\" content=\"%.0f\">\n", page_seconds);
    buffer_text(&out, "<title>Training ");
    buffer_html(&out, view_of(plot->title));
    buffer_format(&out, "</title>\n%s<h1>Training ", page_style);
    buffer_html(&out, view_of(plot->title));
    buffer_format(&out, "</h1>\n<p>Step %lld", (long long)last->step);
    if (last->n_step)
        buffer_format(&out, " of %lld", (long long)last->n_step);
    buffer_format(&out, ", %.0f minutes", plot->spent / 60);
    if (!running)
        buffer_text(&out, last->n_step && last->step >= last->n_step ? ", done" : ", halted");
    else if (last->n_step)
        buffer_format(&out, ", about %.0f to go", ceil(seconds_left(plot) / 60));
    buffer_text(&out, "</p>\n");
    if (last->n_step)
        buffer_format(&out, "<progress max=\"%lld\" value=\"%lld\"></progress>\n",
                      (long long)last->n_step, (long long)last->step);
    for (size_t i = 0; i < COUNT_OF(curves); i++)
        draw_curve(plot, &curves[i], i ? HEIGHT / 2 : HEIGHT, &out);
    buffer_text(&out, "</html>\n");
    buffer_format(&path, "%s/training.html", plot->folder);
    bool good = file_write(path.at, buffer_view(&out), fault);
    buffer_free(&out);
    buffer_free(&path);
    return good;
}

void training_plot_close(struct training_plot *plot) {
    if (plot->drawn > 0)
        fputc('\n', stderr);
    free(plot->reports);
}
