/* number: what is no single number: intervals, unions of them, a value give or take another. They
 * are compared as algebra does, and within the tolerance where there is one. */
#include "school/grade/inside.h"

#include <math.h>
#include <string.h>

static const char *const plus_minus[] = {"±", "+/-", "+-", "\\pm"};

/* "10 ± 0.5" is "[(10)-(0.5), (10)+(0.5)]"; U between brackets is ∪. */
static void put_interval(struct view text, const char *comma, struct buffer *out) {
    text = view_trim(text);
    for (size_t i = 0; i < COUNT_OF(plus_minus); i++) {
        ptrdiff_t at = view_find(text, view_of(plus_minus[i]));
        size_t n = strlen(plus_minus[i]);
        if (at <= 0 || (size_t)at + n >= text.n)
            continue;
        struct view middle = view_slice(text, 0, (size_t)at);
        struct view by = view_slice(text, (size_t)at + n, text.n);
        buffer_format(out, "[(%.*s)-(%.*s)%s(%.*s)+(%.*s)]", VIEW_ARG(middle), VIEW_ARG(by), comma,
                      VIEW_ARG(middle), VIEW_ARG(by));
        return;
    }
    for (size_t i = 0; i < text.n; i++) {
        bool joins = text.at[i] == 'U' && i && i + 1 < text.n && strchr(")]}[ ", text.at[i - 1]) &&
                     strchr("([{] ", text.at[i + 1]);
        buffer_append(out, joins ? VIEW("∪") : view_slice(text, i, i + 1));
    }
}

static bool mentions(struct view text, const char *const *marks) {
    for (; *marks; marks++)
        if (view_find(text, view_of(*marks)) >= 0)
            return true;
    return false;
}

bool interval_looks(const json_t *key) {
    static const char *const marks[] = {"±", "+/-", "+-", "\\pm", "∞", "inf", "oo", "∪", NULL};
    static const char *const separators[] = {",", ";", NULL};
    struct view text = view_trim((struct view){json_string_value(key), json_string_length(key)});
    if (!text.n || text.n > LONGEST_NUMBER)
        return false;
    bool bracketed = strchr("([]", text.at[0]) && strchr(")][", text.at[text.n - 1]);
    return mentions(text, marks) || (bracketed && mentions(text, separators));
}

static bool has_name(const struct expression *e) {
    bool found = e->kind == EXPRESSION_NAME;
    for (int i = 0; i < e->n && !found; i++)
        found = has_name(e->of[i]);
    return found;
}

static struct expression *parse(struct arena *arena, const json_t *text, bool comma) {
    const struct parse_options options = {.decimal_comma = comma};
    struct view view = {json_string_value(text), json_string_length(text)};
    return expression_parse(arena, view, &options, NULL);
}

static bool is_pair(const struct expression *e) {
    return e && e->kind == EXPRESSION_LIST && e->n == 2;
}

static bool ends_near(const struct expression *key, const struct expression *answer,
                      double absolute, double relative, double *farthest) {
    *farthest = 0;
    for (int i = 0; i < 2; i++) {
        double a, b;
        if (!expression_evaluate_real(key->of[i], &a, NULL) ||
            !expression_evaluate_real(answer->of[i], &b, NULL))
            return false;
        double allowed = fmax(absolute, relative * fabs(a)) * (1 + 1e-9) + 1e-12 * fabs(a);
        *farthest = fmax(*farthest, fabs(a - b) / allowed);
    }
    return true;
}

/* Both ends within the tolerance; brackets as the key's. */
static void try_tolerance(struct grading *g, struct arena *arena, bool comma) {
    double absolute = json_number(g->options, "absolute", 0), farthest;
    double relative = json_number(g->options, "relative", 0);
    const struct expression *key = parse(arena, g->key, false);
    const struct expression *answer = parse(arena, g->answer, comma);
    if (!is_pair(key) || !is_pair(answer) || (absolute <= 0 && relative <= 0) ||
        !ends_near(key, answer, absolute, relative, &farthest))
        return;
    if (farthest > 1)
        grade_say(g, 0, farthest <= 10 ? "close" : g->out->note);
    else if (key->open_left == answer->open_left && key->open_right == answer->open_right)
        grade_say(g, 1, "");
    else
        grade_say(g, 0, "strictness");
}

static json_t *interval_text(const json_t *value, const char *comma) {
    struct buffer raw = {0}, text = {0};
    if (grade_scalar(value, &raw))
        put_interval(buffer_view(&raw), comma, &text);
    json_t *out = json_stringn(text.at ? text.at : "", text.n);
    buffer_free(&raw);
    buffer_free(&text);
    return out;
}

bool grade_interval(struct grading *g) {
    struct arena *arena = arena_new();
    bool comma = number_style(g->options).comma;
    json_t *key = interval_text(g->key, ","),
           *answer = interval_text(g->answer, comma ? ";" : ",");
    struct grading turned = *g;
    turned.key = key;
    turned.answer = json_is_string(g->answer) || json_is_number(g->answer) ? answer : g->answer;
    const struct expression *e = parse(arena, key, false);
    bool good = e && !has_name(e);
    if (!good)
        fault_set(g->fault, FAULT_INPUT, "the key is no number");
    else if ((good = grade_algebra(&turned)) && g->out->score < 1 && !g->unreadable->kind)
        try_tolerance(&turned, arena, comma);
    json_decref(key);
    json_decref(answer);
    arena_free(arena);
    return good;
}
