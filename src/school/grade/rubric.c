/* rubric: an open answer. Plain code can tell that it was written, and nothing of what it is
 * worth: that a person says, level by level. */
#include "school/grade/inside.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static size_t n_level(const json_t *rubric, size_t criterion) {
    return json_array_size(json_object_get(json_array_get(rubric, criterion), "levels"));
}

const char *grade_rubric_level(const json_t *rubric, size_t criterion, size_t level) {
    const json_t *levels = json_object_get(json_array_get(rubric, criterion), "levels");
    return json_text(json_array_get(levels, level), "says", "");
}

static bool check_criterion(const json_t *rubric, size_t i, struct fault *fault) {
    const json_t *one = json_array_get(rubric, i);
    size_t n = n_level(rubric, i);
    if (!json_is_object(one))
        return fault_set(fault, FAULT_INPUT, "is no mapping");
    if (!*json_text(one, "ask", ""))
        return fault_set(fault, FAULT_INPUT, "does not say what is looked for");
    if (strlen(json_text(one, "ask", "")) > RUBRIC_WORDS)
        return fault_set(fault, FAULT_LIMIT, "asks in more than %d bytes", RUBRIC_WORDS);
    if (n < 2 || n > RUBRIC_LEVELS)
        return fault_set(fault, FAULT_INPUT, "must have 2 to %d levels", RUBRIC_LEVELS);
    for (size_t level = 0; level < n; level++) {
        const char *says = grade_rubric_level(rubric, i, level);
        const char *model =
            json_text(json_array_get(json_object_get(one, "levels"), level), "model", "");
        if (!*says)
            return fault_set(fault, FAULT_INPUT, "says nothing at level %zu", level);
        if (strlen(says) > RUBRIC_WORDS || strlen(model) > RUBRIC_WORDS)
            return fault_set(fault, FAULT_LIMIT, "has more than %d bytes at level %zu",
                             RUBRIC_WORDS, level);
        for (size_t other = 0; other < level; other++)
            if (!strcmp(says, grade_rubric_level(rubric, i, other)))
                return fault_set(fault, FAULT_INPUT, "says the same at levels %zu and %zu", other,
                                 level);
    }
    return true;
}

bool grade_rubric_check(const json_t *rubric, size_t *at, struct fault *fault) {
    size_t n = json_array_size(rubric);
    *at = 0;
    if (!n || n > RUBRIC_CRITERIA)
        return fault_set(fault, FAULT_INPUT, "the rubric must be a list of 1 to %d criteria",
                         RUBRIC_CRITERIA);
    for (; *at < n; ++*at)
        if (!check_criterion(rubric, *at, fault))
            return false;
    return true;
}

bool grade_rubric_score(const json_t *rubric, const json_t *levels, double *score,
                        struct fault *fault) {
    size_t n = json_array_size(rubric);
    if (!n || json_array_size(levels) != n)
        return fault_set(fault, FAULT_INPUT, "There must be one level for each criterion.");
    *score = 0;
    for (size_t i = 0; i < n; i++) {
        const json_t *level = json_array_get(levels, i);
        json_int_t which = json_integer_value(level), most = (json_int_t)n_level(rubric, i) - 1;
        if (!json_is_integer(level) || which < 0 || which > most || most < 1)
            return fault_set(fault, FAULT_INPUT, "Criterion %zu has no such level.", i + 1);
        *score += (double)which / (double)most / (double)n;
    }
    *score = *score > 1 - 1e-9 ? 1 : *score;
    return true;
}

bool grade_rubric(struct grading *g) {
    size_t at;
    struct fault why = {0};
    const json_t *rubric = json_object_get(g->options, "rubric");
    if (!grade_rubric_check(rubric, &at, &why))
        return json_array_size(rubric)
                   ? fault_set(g->fault, FAULT_INPUT, "criterion %zu %s", at + 1, why.message)
                   : fault_set(g->fault, FAULT_INPUT, "%s", why.message);
    struct view text = {json_string_value(g->answer), json_string_length(g->answer)};
    if (!json_is_string(g->answer))
        return grade_unreadable(g, FAULT_INPUT, "the answer must be a text");
    if (!view_trim(text).n)
        return grade_unreadable(g, FAULT_INPUT, "there is nothing written");
    if (text.n > RUBRIC_ANSWER)
        return grade_unreadable(g, FAULT_LIMIT, "the answer is too long");
    if (!grade_say(g, 0, GRADE_WAITING))
        return false;
    if (json_flag(g->options, "alone", false))
        snprintf(g->out->feedback, sizeof g->out->feedback, "%s",
                 grade_sentence(g->options, GRADE_UNREAD));
    return true;
}
