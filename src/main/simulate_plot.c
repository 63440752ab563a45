#include "main/simulate_plot.h"

#include <stdio.h>
#include <string.h>

enum { WIDTH = 640, HEIGHT = 360, LEFT = 64, RIGHT = 150, TOP = 44, BOTTOM = 52 };
static const char *const colours[] = {"#0b6562", "#8a5200", "#5f5d57", "#4a4fa3"};
static const char *const dashes[] = {"", "6 4", "2 3", "10 3 2 3"};

struct plot {
    const char *title, *across, *up;
    double most_across;
    int n_line;
};

static double x_of(const struct plot *plot, double x) {
    return LEFT + (WIDTH - LEFT - RIGHT) * x / plot->most_across;
}

static double y_of(double share) {
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share;
}

static void plot_begin(const struct plot *plot, struct buffer *out) {
    buffer_format(out,
                  "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" role=\"img\" "
                  "font-family=\"system-ui, sans-serif\" font-size=\"13\" fill=\"#1d1d1b\">\n"
                  "<title>%s</title>\n<rect width=\"%d\" height=\"%d\" fill=\"#fbfaf7\"/>\n"
                  "<text x=\"%d\" y=\"24\" font-size=\"16\" font-weight=\"600\">%s</text>\n",
                  WIDTH, HEIGHT, plot->title, WIDTH, HEIGHT, LEFT, plot->title);
    for (int i = 0; i <= 5; i++) {
        double y = y_of(i / 5.0), x = x_of(plot, plot->most_across * i / 5);
        buffer_format(out,
                      "<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#dcd8cf\"/>"
                      "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%d%%</text>"
                      "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">",
                      LEFT, WIDTH - RIGHT, y, y, LEFT - 8, y + 4, 20 * i, x, HEIGHT - BOTTOM + 20);
        if (plot->most_across > 1)
            buffer_format(out, "%.0f</text>\n", plot->most_across * i / 5);
        else
            buffer_format(out, "%d%%</text>\n", 20 * i);
    }
    buffer_format(out,
                  "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>"
                  "<text transform=\"translate(16 %d) rotate(-90)\" text-anchor=\"middle\">%s"
                  "</text>\n",
                  (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12, plot->across,
                  (TOP + HEIGHT - BOTTOM) / 2, plot->up);
}

/* Points are pairs [x, share], or objects with these keys. The line's name stands beside it. */
static void plot_line(struct plot *plot, const char *name, const json_t *points, const char *x_key,
                      const char *y_key, struct buffer *out) {
    int which = plot->n_line++ % (int)COUNT_OF(colours);
    size_t i;
    json_t *point;
    buffer_format(out,
                  "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"2.5\" "
                  "stroke-dasharray=\"%s\" points=\"",
                  colours[which], dashes[which]);
    json_array_foreach(points, i, point) {
        double x = json_is_array(point) ? json_number_value(json_array_get(point, 0))
                                        : json_number(point, x_key, 0);
        double y = json_is_array(point) ? json_number_value(json_array_get(point, 1))
                                        : json_number(point, y_key, 0);
        buffer_format(out, "%.1f,%.1f ", x_of(plot, x), y_of(y));
    }
    int y = TOP + 14 + 22 * which;
    buffer_format(out,
                  "\"/>\n<line x1=\"%d\" x2=\"%d\" y1=\"%d\" y2=\"%d\" stroke=\"%s\" "
                  "stroke-width=\"2.5\" stroke-dasharray=\"%s\"/><text x=\"%d\" y=\"%d\" "
                  "font-size=\"11\" fill=\"%s\">",
                  WIDTH - RIGHT + 8, WIDTH - RIGHT + 30, y - 4, y - 4, colours[which],
                  dashes[which], WIDTH - RIGHT + 34, y, colours[which]);
    buffer_html(out, view_of(name));
    buffer_text(out, "</text>\n");
}

static void plot_rule(const struct plot *plot, double y0, double y1, const char *name,
                      struct buffer *out) {
    buffer_format(out,
                  "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"#1d1d1b\" "
                  "stroke-dasharray=\"1 4\"/><text x=\"%.1f\" y=\"%.1f\" font-size=\"11\">%s"
                  "</text>\n",
                  x_of(plot, 0), y_of(y0), x_of(plot, plot->most_across), y_of(y1),
                  x_of(plot, plot->most_across / 20) + 8, y_of(y0 + (y1 - y0) / 20) - 6, name);
}

static bool plot_end(struct buffer *out, const char *folder, const char *name,
                     struct fault *fault) {
    struct buffer path = {0};
    buffer_text(out, "</svg>\n");
    buffer_format(&path, "%s/%s", folder, name);
    bool good = file_write(path.at, buffer_view(out), fault);
    buffer_free(&path);
    buffer_free(out);
    return good;
}

static const json_t *policy_at(const json_t *simulated, size_t i) {
    return json_array_get(json_object_get(simulated, "policies"), i);
}

static bool plot_challenge(const json_t *simulated, double most, const char *folder,
                           struct fault *fault) {
    struct buffer out = {0};
    struct plot plot = {"Does the challenge stay near its target?", "answers of a learner",
                        "right at first try", most, 0};
    plot_begin(&plot, &out);
    double target =
        json_number(json_object_get(policy_at(simulated, 0), "success"), "target", 0.85);
    for (size_t i = 0; policy_at(simulated, i); i++)
        plot_line(
            &plot, json_text(policy_at(simulated, i), "name", ""),
            json_object_get(json_object_get(policy_at(simulated, i), "success"), "by_answer"),
            NULL, NULL, &out);
    plot_rule(&plot, target, target, "target", &out);
    return plot_end(&out, folder, "challenge.svg", fault);
}

static bool plot_calibration(const json_t *simulated, const char *folder, struct fault *fault) {
    static const char *const names[][2] = {{"mastery", "mastery"},
                                           {"prediction", "right answers"}};
    struct buffer out = {0};
    struct plot plot = {"Is mastery that is claimed mastery had?", "told by the school",
                        "so in truth", 1, 0};
    plot_begin(&plot, &out);
    plot_rule(&plot, 0, 1, "as told", &out);
    for (size_t i = 0; i < COUNT_OF(names); i++)
        plot_line(
            &plot, names[i][1],
            json_object_get(json_object_get(policy_at(simulated, 0), names[i][0]), "calibration"),
            "told", "came", &out);
    return plot_end(&out, folder, "calibration.svg", fault);
}

static bool plot_time(const json_t *simulated, double most, const char *folder,
                      struct fault *fault) {
    struct buffer out = {0};
    struct plot plot = {"How many learners know nine tenths of the course?",
                        "answers of a learner", "of all learners", most, 0};
    plot_begin(&plot, &out);
    for (size_t i = 0; policy_at(simulated, i); i++)
        plot_line(&plot, json_text(policy_at(simulated, i), "name", ""),
                  json_object_get(json_object_get(policy_at(simulated, i), "answers_to_mastery"),
                                  "curve"),
                  NULL, NULL, &out);
    return plot_end(&out, folder, "time.svg", fault);
}

bool simulate_plots(const json_t *simulated, const char *folder, struct fault *fault) {
    double most = json_number(simulated, "days", 1) * json_number(simulated, "answers_a_day", 1);
    return folder_make(folder, fault) && plot_challenge(simulated, most, folder, fault) &&
           plot_calibration(simulated, folder, fault) && plot_time(simulated, most, folder, fault);
}

bool company_plot(const json_t *tuned, const char *file, struct fault *fault) {
    struct plot plot = {.title = "Who answers: quality against the senior's calls",
                        .across = "share of the questions that the senior gets",
                        .up = "quality",
                        .most_across = 1};
    const json_t *chosen = json_object_get(tuned, "chosen");
    struct buffer out = {0};
    plot_begin(&plot, &out);
    plot_line(&plot, "by probability", json_object_get(tuned, "curve"), "calls", "quality", &out);
    plot_line(&plot, "oracle", json_object_get(tuned, "oracle"), "calls", "quality", &out);
    json_t *mix = json_pack("[O, O]", json_object_get(tuned, "small"),
                            json_object_get(tuned, "senior"));
    plot_line(&plot, "random mix", mix, "calls", "quality", &out);
    buffer_format(&out, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"5\"/></svg>\n",
                  x_of(&plot, json_number(chosen, "calls", 0)),
                  y_of(json_number(chosen, "quality", 0)));
    bool good = file_write(file, buffer_view(&out), fault);
    json_decref(mix);
    buffer_free(&out);
    return good;
}
