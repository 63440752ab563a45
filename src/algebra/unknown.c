/* Functions of which no more is known than their name: f in y = f(-x), which is not y = -f(x). In
 * h(a+b)/2 and g(sin t - k cos t) the letter is a number that multiplies the bracket. */
#include "algebra/comparing.h"

static const char *const candidates[] = {"f",   "g",   "h",    "F",    "G",  "H",
                                         "f'",  "g'",  "h'",   "F'",   "G'", "f''",
                                         "g''", "h''", "f'''", "g'''", NULL};

static bool is_application(const struct expression *e) {
    for (size_t i = 0; e->kind == EXPRESSION_CALL && candidates[i]; i++)
        if (view_is(e->text, candidates[i]))
            return true;
    return false;
}

/* f(x), f(-2x), f(x+3), f(x, y), f(g(…)): what is in the bracket is no sum of lengths. Of h it may
 * be one as long as it is a sum. */
static bool is_plainly_applied(const struct expression *e, struct view name) {
    struct names names = {0};
    if (is_application(e) && view_equal(e->text, name)) {
        bool height = view_starts(name, "h") || view_starts(name, "H");
        if (e->n > 1 || is_application(e->of[0]) ||
            (names_add(&names, e->of[0]) && names.n <= 1 &&
             !(height && e->of[0]->kind == EXPRESSION_SUM)))
            return true;
    }
    for (int i = 0; i < e->n; i++)
        if (is_plainly_applied(e->of[i], name))
            return true;
    return false;
}

static bool is_applied(const struct expression *e, struct view name) {
    if (is_application(e) && view_equal(e->text, name))
        return true;
    for (int i = 0; i < e->n; i++)
        if (is_applied(e->of[i], name))
            return true;
    return false;
}

/* f(x) = … says what f is; it need not be known then. */
static bool is_defined(const struct expression *e, struct view name) {
    for (int side = 0; e->kind == EXPRESSION_RELATION && side < 2; side++)
        if (is_application(e->of[side]) && view_equal(e->of[side]->text, name) &&
            e->of[!side]->kind != EXPRESSION_NAME && !is_applied(e->of[!side], name))
            return true;
    return false;
}

const char *const *expression_functions(struct arena *arena, struct view key, struct view answer,
                                        const struct parse_options *options) {
    struct parse_options all = options ? *options : (struct parse_options){0};
    const char **found = ARENA_NEW(arena, COUNT_OF(candidates), const char *);
    size_t n = 0;
    all.functions = candidates;
    const struct expression *e = expression_parse(arena, key, &all, NULL);
    const struct expression *other = expression_parse(arena, answer, &all, NULL);
    for (size_t i = 0; e && candidates[i]; i++) {
        struct view name = view_of(candidates[i]);
        bool plainly = is_plainly_applied(e, name) || (other && is_plainly_applied(other, name));
        if (plainly && is_applied(e, name) && !is_defined(e, name) &&
            !expression_has_name(e, name))
            found[n++] = candidates[i];
    }
    return n ? found : NULL;
}

bool expression_lacks(const struct expression *e, const char *const *names) {
    for (size_t i = 0; names && names[i]; i++)
        if (expression_has_name(e, view_of(names[i])))
            return false;
    return true;
}

static bool same_arguments(const struct judging *judging, const struct expression *a,
                           const struct expression *b) {
    if (!view_equal(a->text, b->text) || a->n != b->n)
        return false;
    for (int i = 0; i < a->n; i++)
        if (same_value(judging, a->of[i], b->of[i]) != VERDICT_EQUAL)
            return false;
    return true;
}

const struct expression *without_functions(const struct judging *judging,
                                           struct applications *known,
                                           const struct expression *e) {
    struct expression *made = expression_new(judging->arena, e->kind, e->n);
    struct expression **of = made->of;
    *made = *e;
    made->of = of;
    for (int i = 0; i < e->n; i++)
        of[i] = (struct expression *)(uintptr_t)without_functions(judging, known, e->of[i]);
    if (!is_application(made))
        return made;
    int at = 0;
    while (at < known->n && !same_arguments(judging, known->of[at], made))
        at++;
    if (at == COUNT_OF(known->of))
        return made;
    known->of[at] = made;
    known->n += at == known->n;
    struct expression *name = expression_new(judging->arena, EXPRESSION_NAME, 0);
    name->text = view_of(arena_format(judging->arena, "%.*s(%d)", VIEW_ARG(made->text), at));
    return name;
}
