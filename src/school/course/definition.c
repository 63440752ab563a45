/* What the definition of an exercise must have, found out before anything is drawn. */
#include "school/course/inside.h"
#include "school/grade/grade.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static const char *const keys[] = {"vary",    "where", "let",   "ask",   "check",  "key",
                                   "options", "wrong", "parts", "tests", "rubric", NULL};
static const char *const part_keys[] = {"name",  "ask",    "check", "key", "options",
                                        "tests", "weight", "carry", NULL};
static const char *const criterion_keys[] = {"name", "ask", "levels", NULL};
static const char *const level_keys[] = {"says", "model", NULL};
static const char *const wrong_keys[] = {"is", "why", "say", NULL};

/* clang-format off */
static const struct {
    const char *check;
    const char *options[16];
} known_options[] = {
    {"choice", {"choices"}},
    {"several", {"choices"}},
    {"order", {"items"}},
    {"match", {"pairs"}},
    {"number", {"absolute", "relative", "significant", "decimals", "units", "difference",
                "locale"}},
    {"algebra", {"variable", "form", "antiderivative", "derivative", "integral", "constant",
                 "factor", "unordered", "absolute", "relative", "assume", "integer", "free",
                 "locale"}},
    {"text", {"pattern", "locale"}},
    {"parts", {"locale"}},
    {"rubric", {"locale"}},
    {"code", {"program", "language", "tests", "main", "seconds", "memory", "starter"}},
};
/* clang-format on */

struct proof {
    const struct exercise *exercise;
    const struct yaml *yaml;
    const struct report *report;
};

static long line_of(const struct proof *proof, const char *key) {
    return yaml_line_key(proof->yaml, proof->exercise->definition, key);
}

static void check_keys(const struct proof *proof, const json_t *object, const char *where,
                       const char *const *known) {
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)object, key, value) {
        const char *const *at = known;
        while (*at && strcmp(*at, key))
            at++;
        if (!*at)
            report_unknown_key(proof->report, yaml_line_key(proof->yaml, object, key), where, key,
                               known);
        else if (json_object_size(value) &&
                 json_is_null(json_object_iter_value(json_object_iter(value))))
            report(proof->report, yaml_line_key(proof->yaml, object, key),
                   "Put it between quotes: \"{a}\".",
                   "%s begins with a brace, which YAML takes for a mapping", key);
    }
}

static void check_options(const struct proof *proof, const char *check, const json_t *options) {
    for (size_t i = 0; i < COUNT_OF(known_options); i++)
        if (!strcmp(check, known_options[i].check)) {
            char where[80];
            snprintf(where, sizeof where, "options of %s", check);
            check_keys(proof, options, where, known_options[i].options);
        }
}

/* A graph of tests, of the exercise or of one of its parts. */
static void check_tests(const struct proof *proof, const json_t *owner) {
    const json_t *tests = json_object_get(owner, "tests");
    struct fault why = {0};
    size_t at;
    if (!tests || grade_tests_check(tests, &at, &why))
        return;
    long line = json_array_size(tests) ? yaml_line_item(proof->yaml, tests, at)
                                       : yaml_line_key(proof->yaml, owner, "tests");
    report(
        proof->report, line,
        "Write {when: …, score: …, say: …, next: …}; the way goes down, to `next` or to `else`, "
        "and never back.",
        "test %zu %s", at + 1, why.message);
}

bool part_check_good(const char *check) {
    static const char *const checks[] = {"number", "algebra", "text", "choice"};
    for (size_t i = 0; i < COUNT_OF(checks); i++)
        if (!strcmp(check, checks[i]))
            return true;
    return false;
}

static void check_part_keys(const struct proof *proof) {
    const json_t *parts = json_object_get(proof->exercise->definition, "parts"), *one;
    size_t i;
    check_tests(proof, proof->exercise->definition);
    if (parts && !view_is(proof->exercise->check, "parts"))
        report(proof->report, line_of(proof, "parts"), "Write check: parts.",
               "`parts` does nothing with another check");
    json_array_foreach(parts, i, one) {
        check_keys(proof, one, "a part", part_keys);
        const char *check = json_text(one, "check", "");
        if (part_check_good(check))
            check_options(proof, check, json_object_get(one, "options"));
        else
            report(proof->report, yaml_line_item(proof->yaml, parts, i),
                   "A part's check is number, algebra, text or choice.",
                   "this part has no check that a part can have");
        check_tests(proof, one);
    }
}

/* An open answer: what a person looks for in it, instead of a key. */
static void check_rubric(const struct proof *proof) {
    const json_t *definition = proof->exercise->definition;
    const json_t *rubric = json_object_get(definition, "rubric"), *one, *level;
    bool open = view_is(proof->exercise->check, "rubric");
    struct fault why = {0};
    size_t i, j, at;
    if (rubric && !open)
        report(proof->report, line_of(proof, "rubric"), "Write check: rubric.",
               "`rubric` does nothing with another check");
    for (i = 0; open && i < 3; i++) {
        static const char *const useless[] = {"key", "wrong", "tests"};
        if (json_object_get(definition, useless[i]))
            report(proof->report, line_of(proof, useless[i]),
                   "Take it out; levels may have a `model` answer each.",
                   "`%s` does nothing with the check rubric: a person reads the answer",
                   useless[i]);
    }
    json_array_foreach(rubric, i, one) {
        check_keys(proof, one, "a criterion", criterion_keys);
        json_array_foreach(json_object_get(one, "levels"), j, level)
            check_keys(proof, level, "a level", level_keys);
    }
    if (!open || grade_rubric_check(rubric, &at, &why))
        return;
    bool listed = json_array_size(rubric) > 0 && json_array_size(rubric) <= RUBRIC_CRITERIA;
    long line = listed ? yaml_line_item(proof->yaml, rubric, at)
                       : line_of(proof, rubric ? "rubric" : "check");
    char which[40] = "";
    if (listed)
        snprintf(which, sizeof which, "criterion %zu ", at + 1);
    report(proof->report, line,
           "Write rubric: and a list of {name: …, ask: …, levels: [{says: …, model: …}, …]}, "
           "levels from the lowest.",
           "%s%s", which, why.message);
}

static void check_check(const struct proof *proof) {
    struct view check = proof->exercise->check;
    char remedy[200], name[60];
    snprintf(name, sizeof name, "%.*s", check.n < 50 ? (int)check.n : 50, check.at);
    if (!check.n)
        report(proof->report, proof->yaml->line, "Write check: number, or another check.",
               "the exercise has no check");
    else if (!grade_check_exists(check.at)) {
        char list[160] = "There are ";
        for (size_t i = 0; grade_checks()[i]; i++)
            snprintf(list + strlen(list), sizeof list - strlen(list), "%s%s", i ? ", " : "",
                     grade_checks()[i]);
        report(proof->report, line_of(proof, "check"),
               nearest_remedy(name, grade_checks(), list, remedy, sizeof remedy),
               "there is no check %s", name);
    }
    check_options(proof, name, json_object_get(proof->exercise->definition, "options"));
}

static bool identifier(const char *text) {
    size_t n = strlen(text);
    for (size_t i = 0; i < n; i++)
        if (!isalnum((unsigned char)text[i]) && text[i] != '-' && text[i] != '_')
            return false;
    return n > 0 && n <= 60;
}

static void check_wrongs(const struct proof *proof) {
    const json_t *list = json_object_get(proof->exercise->definition, "wrong"), *one;
    size_t i;
    if (!json_array_size(list) && !view_is(proof->exercise->check, "rubric"))
        report(proof->report, list ? line_of(proof, "wrong") : proof->exercise->line,
               "Write wrong: and a list of {is, why, say}.",
               "the exercise foresees no wrong answer");
    json_array_foreach(list, i, one) {
        long line = yaml_line_item(proof->yaml, list, i);
        if (!json_is_object(one)) {
            report(proof->report, line, "Write {is: …, why: …, say: …}.",
                   "this wrong answer is no mapping");
            continue;
        }
        check_keys(proof, one, "a wrong answer", wrong_keys);
        if (!json_object_get(one, "is"))
            report(proof->report, line, "Write is: and the answer.",
                   "this wrong answer has no `is`");
        if (!identifier(json_text(one, "why", "")))
            report(proof->report, line,
                   "Write why: and a name for the misconception, such as sign-lost.",
                   "this wrong answer has no reason of letters, digits and -");
        if (!*json_text(one, "say", ""))
            report(proof->report, line, "Write say: and what to tell the learner.",
                   "nothing is said to this wrong answer");
    }
}

/* Braces in prose where nothing fills them; in formulas they are TeX's, in code anybody's. */
static void check_unfilled(const struct proof *proof, struct view text, long line) {
    struct formula formula;
    size_t at = 0, from = 0;
    for (bool more = true; more;) {
        size_t before = at;
        more = formula_next(text, &at, &formula, NULL);
        struct view prose = view_slice(text, from, more ? formula.from : text.n);
        ptrdiff_t brace = view_find(prose, VIEW("{"));
        if (brace >= 0 && view_find(prose, VIEW("`")) < 0) {
            report(proof->report, line, "Add `vary`, or put a formula between dollars.",
                   "braces are filled only in an exercise with `vary`");
            return;
        }
        from = more ? formula.to : text.n;
        if (more && at <= before)
            return;
    }
}

static void check_parts(const struct proof *proof) {
    const struct exercise *exercise = proof->exercise;
    const json_t *definition = exercise->definition;
    const char *ask = json_text(definition, "ask", "");
    if (!*ask)
        report(proof->report,
               json_object_get(definition, "ask") ? line_of(proof, "ask") : proof->yaml->line,
               "Write ask: and the question as text.", "the exercise asks nothing");
    if (exercise->n_hint < 2)
        report(proof->report, exercise->line, "Write :::{hint} … ::: for each rung.",
               exercise->n_hint ? "the exercise has one hint alone; it needs two or more"
                                : "the exercise has no hints; it needs two or more");
    if (!exercise->solution.n)
        report(proof->report, exercise->line, "Write :::{solution} … :::.",
               "the exercise has no solution");
    if (json_object_get(definition, "vary"))
        return;
    for (size_t i = 0; i < 2; i++)
        if (json_object_get(definition, i ? "let" : "where"))
            report(proof->report, line_of(proof, i ? "let" : "where"),
                   "Add `vary`, or take it out.", "`%s` does nothing without `vary`",
                   i ? "let" : "where");
    check_unfilled(proof, view_of(ask), line_of(proof, "ask"));
    for (size_t i = 0; i < exercise->n_hint; i++)
        check_unfilled(proof, exercise->hints[i], exercise->source->hint_lines[i]);
    check_unfilled(proof, exercise->solution, exercise->source->solution_line);
}

/* -------------------------------------------------------------------------------- proof-reading
 */

static void read_one(struct render *render, struct view text, long line) {
    struct buffer html = {0};
    render->line = line;
    markdown_render(render, text, false, &html);
    buffer_free(&html);
}

/* Renders every part once: for mistakes in Markdown, and to have its figures at hand later. */
static void proofread(struct whole *whole, const struct proof *proof,
                      const struct variant *variant) {
    const struct exercise *exercise = proof->exercise;
    const struct exercise_source *source = exercise->source;
    struct arena *arena = arena_new();
    struct render render = {.whole = whole,
                            .folder = exercise->lesson->id,
                            .prefix = arena_string(arena, exercise->label),
                            .report = *proof->report};
    const json_t *wrongs = json_object_get(exercise->definition, "wrong");
    long options = line_of(proof, "options");
    read_one(&render, variant->ask, line_of(proof, "ask"));
    for (size_t i = 0; i < variant->n_hint; i++)
        read_one(&render, variant->hints[i], source->hint_lines[i]);
    read_one(&render, variant->solution, source->solution_line);
    for (size_t i = 0; i < variant->n_wrong; i++)
        read_one(&render, variant->wrong[i].say, yaml_line_item(proof->yaml, wrongs, i));
    for (size_t i = 0; i < variant->n_part; i++)
        read_one(&render, variant->parts[i].ask, line_of(proof, "parts"));
    for (size_t i = 0; i < variant->n_shown; i++)
        read_one(&render, variant->shown[i], options);
    for (size_t i = 0; i < variant->n_left; i++)
        read_one(&render, variant->left[i], options);
    arena_free(arena);
}

void definition_check(struct whole *whole, const struct exercise *exercise,
                      const struct report *to) {
    struct proof proof = {exercise, &exercise->source->yaml, to};
    struct fault fault = {0};
    size_t before = json_array_size(to->list);
    check_keys(&proof, exercise->definition, "an exercise", keys);
    check_check(&proof);
    check_part_keys(&proof);
    check_rubric(&proof);
    check_parts(&proof);
    check_wrongs(&proof);
    struct variant *variant = variant_make(exercise, 0, &fault);
    if (variant)
        proofread(whole, &proof, variant);
    else if (json_array_size(to->list) == before)
        report_fault(to, exercise->line, &fault);
    variant_free(variant);
}
