/* The table of checks, and the simple ones. */
#include "school/grade/inside.h"

#include <stdio.h>
#include <string.h>

/* clang-format off */
static const struct check {
    const char *name;
    grade_function *grade;
} checks[] = {
    {"choice", grade_choice}, {"several", grade_several}, {"number", grade_number},
    {"algebra", grade_algebra}, {"text", grade_text}, {"order", grade_order},
    {"match", grade_match}, {"code", grade_code}, {"parts", grade_parts},
    {"rubric", grade_rubric},
};
static const char *const check_names[] = {"choice", "several", "number", "algebra", "text",
                                          "order", "match", "code", "parts", "rubric", NULL};
/* clang-format on */

const char *const *grade_checks(void) {
    return check_names;
}

static const struct check *find_check(const char *name) {
    for (size_t i = 0; name && i < COUNT_OF(checks); i++)
        if (!strcmp(checks[i].name, name))
            return &checks[i];
    return NULL;
}

bool grade_check_exists(const char *name) {
    return find_check(name) != NULL;
}

bool grade_say(struct grading *grading, double score, const char *note) {
    const char *wanted = note && *note ? note : score >= 1 ? "right" : "different";
    const char *language = json_text(grading->options, "language", "en");
    const char *sentence = grade_sentence_in(language, wanted);
    grading->out->score = score;
    snprintf(grading->out->note, sizeof grading->out->note, "%s", note ? note : "");
    snprintf(grading->out->feedback, sizeof grading->out->feedback, "%s",
             sentence ? sentence : grade_sentence_in(language, "different"));
    return true;
}

bool grade_unreadable(struct grading *grading, enum fault_kind kind, const char *why) {
    fault_set(grading->unreadable, kind, "%s", why);
    return grade_say(grading, 0, "unreadable");
}

bool grade_scalar(const json_t *value, struct buffer *out) {
    if (json_is_string(value))
        buffer_append(out, (struct view){json_string_value(value), json_string_length(value)});
    else if (json_is_integer(value))
        buffer_format(out, "%lld", (long long)json_integer_value(value));
    else if (json_is_real(value))
        buffer_format(out, "%.15g", json_real_value(value));
    else
        return false;
    return true;
}

bool grade_same(const json_t *a, const json_t *b) {
    struct buffer x = {0}, y = {0};
    bool same = grade_scalar(a, &x) && grade_scalar(b, &y) &&
                view_equal(view_trim(buffer_view(&x)), view_trim(buffer_view(&y)));
    buffer_free(&x);
    buffer_free(&y);
    return same;
}

const char *grade_sentence(const json_t *options, const char *note) {
    const char *sentence = grade_sentence_in(json_text(options, "language", "en"), note);
    return sentence ? sentence : "";
}

/* As grade_answer, with why the answer could not be read. */
static bool grade(const char *name, const json_t *key, const json_t *answer, const json_t *options,
                  uint64_t seed, struct grade_result *out, struct fault *unreadable,
                  struct fault *fault) {
    const struct check *check = find_check(name);
    memset(out, 0, sizeof *out);
    if (!check)
        return fault_set(fault, FAULT_INPUT, "there is no check \"%.40s\"", name ? name : "");
    bool open = !strcmp(name, "rubric");
    if ((!key || json_is_null(key)) && strcmp(name, "text") != 0 && !open)
        return fault_set(fault, FAULT_INPUT, "the key is missing");
    if (!key && !open && !json_object_get(options, "pattern"))
        return fault_set(fault, FAULT_INPUT, "there is neither a key nor a pattern");
    struct grading grading = {key, answer, options, seed, out, fault, unreadable};
    if (!answer)
        return grade_unreadable(&grading, FAULT_INPUT, "there is no answer");
    return check->grade(&grading) && feedback_run(&grading, check->name);
}

bool grade_with(const char *name, const json_t *key, const json_t *answer, const json_t *options,
                const struct grading *whole, struct grade_result *out) {
    struct fault unreadable = {0};
    return grade(name, key, answer, options, whole->seed, out, &unreadable, whole->fault);
}

bool grade_answer(const char *name, const json_t *key, const json_t *answer, const json_t *options,
                  uint64_t seed, struct grade_result *out, struct fault *fault) {
    struct fault unreadable = {0};
    return grade(name, key, answer, options, seed, out, &unreadable, fault);
}

static uint64_t seed_of(const json_t *seed) {
    return json_is_integer(seed) ? (uint64_t)json_integer_value(seed) : 1;
}

static bool read_line(struct view line, json_t **given, struct fault *fault) {
    if (line.n > GRADE_LINE_BYTES)
        return fault_set(fault, FAULT_LIMIT, "the line is over %d bytes long", GRADE_LINE_BYTES);
    *given = json_parse(line, fault);
    if (!*given)
        return false;
    if (!json_is_object(*given))
        return fault_set(fault, FAULT_INPUT, "the line is no JSON object");
    if (!json_is_string(json_object_get(*given, "check")))
        return fault_set(fault, FAULT_INPUT, "check is missing");
    if (!json_object_get(*given, "answer"))
        return fault_set(fault, FAULT_INPUT, "the answer is missing");
    const json_t *options = json_object_get(*given, "options");
    if (options && !json_is_object(options))
        return fault_set(fault, FAULT_INPUT, "options must be an object");
    return true;
}

static void add_parts(const struct grade_result *result, json_t *out) {
    json_t *parts = json_array();
    for (size_t i = 0; i < result->n_part; i++) {
        const struct grade_part *part = &result->parts[i];
        json_array_append_new(parts, json_pack("{s:s, s:f, s:s, s:s}", "name", part->name, "score",
                                               part->score, "feedback", part->feedback, "note",
                                               part->note));
    }
    json_object_set_new(out, "parts", parts);
}

json_t *grade_line(struct view line) {
    struct fault fault = {0}, unreadable = {0};
    struct grade_result result = {0};
    json_t *given = NULL, *out = NULL;
    if (read_line(line, &given, &fault) &&
        grade(json_text(given, "check", ""), json_object_get(given, "key"),
              json_object_get(given, "answer"), json_object_get(given, "options"),
              seed_of(json_object_get(given, "seed")), &result, &unreadable, &fault)) {
        out = json_pack("{s:f, s:s, s:s}", "score", result.score, "feedback", result.feedback,
                        "note", result.note);
        if (result.n_part)
            add_parts(&result, out);
        if (*result.tests)
            json_object_set_new(out, "tests", json_string(result.tests));
        if (unreadable.kind)
            json_object_set_new(out, "error", fault_json(&unreadable));
    }
    json_decref(given);
    return out ? out : json_pack("{s:o}", "error", fault_json(&fault));
}
