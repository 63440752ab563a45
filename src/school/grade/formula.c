/* algebra. */
#include "school/grade/inside.h"

bool grade_algebra(struct grading *g) {
    struct buffer key_text = {0}, answer_text = {0};
    struct arena *arena = arena_new();
    const char *variable = json_text(g->options, "variable", NULL);
    const char *names[] = {variable, NULL};
    struct parse_options parse = {.names = names}, localised = parse;
    localised.decimal_comma = decimal_comma(g->options);
    struct compare_options compare = {.variable = variable,
                                      .antiderivative =
                                          json_flag(g->options, "antiderivative", false),
                                      .derivative = json_flag(g->options, "derivative", false),
                                      .seed = g->seed};
    struct comparison told;
    struct fault unreadable = {0};
    const char *form = json_text(g->options, "form", "any");
    bool good = form_of_name(form, &compare.form) ||
                fault_set(g->fault, FAULT_INPUT, "there is no form \"%.40s\"", form);
    struct expression *key = NULL, *answer = NULL;
    if (good && (!grade_scalar(g->key, &key_text) ||
                 !(key = expression_parse(arena, buffer_view(&key_text), &parse, g->fault))))
        good = fault_set(g->fault, FAULT_INPUT, "the key is no formula");
    if (good && grade_scalar(g->answer, &answer_text))
        answer = expression_parse(arena, buffer_view(&answer_text), &localised, &unreadable);
    if (good && !answer && unreadable.kind == FAULT_LIMIT) {
        *g->fault = unreadable;
        good = false;
    } else if (good &&
               (!answer || !expression_compare(key, answer, &compare, &told, &unreadable))) {
        if (g->fault && unreadable.kind)
            *g->fault = unreadable;
        grade_say(g, 0, "unreadable");
    } else if (good)
        grade_say(g, told.equal ? 1 : 0, told.note);
    arena_free(arena);
    buffer_free(&key_text);
    buffer_free(&answer_text);
    return good;
}
