/* Answers that are programs: run on the author's cases, as the author's own program is. */
#include "school/grade/code_run.h"
#include "school/grade/inside.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --------------------------------------------------------------------------------------- cases */

static bool wrong_tests(struct grading *grading, size_t i, const char *what, const char *remedy) {
    fault_set(grading->fault, FAULT_INPUT, "test %zu %s", i + 1, what);
    return fault_remedy(grading->fault, "%s", remedy);
}

static bool check_tests(struct grading *grading, const json_t *tests, bool c) {
    const json_t *test;
    size_t i;
    if (!json_array_size(tests) || json_array_size(tests) > CODE_CASES) {
        fault_set(grading->fault, FAULT_INPUT, "options.tests must be a list of 1 to %d",
                  CODE_CASES);
        return fault_remedy(grading->fault, "Write tests: [{call: \"f(2)\"}, {stdin: \"2\\n\"}]");
    }
    json_array_foreach(tests, i, test) {
        bool calls = json_is_string(json_object_get(test, "call"));
        bool feeds = json_is_string(json_object_get(test, "stdin"));
        if (calls == feeds)
            return wrong_tests(grading, i, "has neither a call nor an input, or both",
                               "Write call: \"f(2)\", or stdin: and a text.");
        if (calls && c)
            return wrong_tests(grading, i, "calls a function, which in C a program must do",
                               "Give options.main, a C program that calls it, and stdin.");
        if (json_object_get(test, calls ? "stdout" : "is"))
            return wrong_tests(grading, i, calls ? "has a call and stdout" : "has stdin and is",
                               "A call goes with `is`, an input with `stdout`.");
    }
    return true;
}

static bool read_job(struct grading *grading, struct code_job *job) {
    const json_t *options = grading->options;
    const char *language = json_text(options, "program", json_text(options, "language", ""));
    double seconds = json_number(options, "seconds", 2);
    double memory = json_number(options, "memory", 256);
    const char *main = json_text(options, "main", "");
    job->c = !strcmp(language, "c");
    job->tests = json_object_get(options, "tests");
    job->main = view_of(main);
    job->seconds = seconds;
    job->memory = (size_t)(memory * (1 << 20));
    if (!job->c && strcmp(language, "python") != 0) {
        fault_set(grading->fault, FAULT_INPUT, "a program is in python or c");
        return fault_remedy(grading->fault, "Write options: {program: python}");
    }
    if (seconds < 0.1 || seconds > 20 || memory < 16 || memory > 1024)
        return fault_set(grading->fault, FAULT_INPUT,
                         "seconds may be 0.1 to 20, memory 16 to 1024 (megabytes)");
    if (job->main.n > CODE_BYTES)
        return fault_set(grading->fault, FAULT_LIMIT, "options.main is over 64 kB");
    return check_tests(grading, job->tests, job->c);
}

/* ------------------------------------------------------------------------------------ comparing
 */

static bool same_value(const json_t *a, const json_t *b);

static bool same_members(const json_t *a, const json_t *b) {
    const char *key;
    json_t *one;
    if (json_object_size(a) != json_object_size(b))
        return false;
    json_object_foreach((json_t *)(uintptr_t)a, key,
                        one) if (!same_value(one, json_object_get(b, key))) return false;
    return true;
}

/* Numbers to a part in 10^9; the rest to the letter. */
static bool same_value(const json_t *a, const json_t *b) {
    const json_t *one;
    size_t i;
    if (json_is_number(a) && json_is_number(b)) {
        double x = json_number_value(a), y = json_number_value(b);
        return x == y || fabs(x - y) <= 1e-9 * fmax(fabs(x), fabs(y));
    }
    if (json_is_array(a) && json_is_array(b)) {
        bool same = json_array_size(a) == json_array_size(b);
        json_array_foreach(a, i, one) same = same && same_value(one, json_array_get(b, i));
        return same;
    }
    if (json_is_object(a) && json_is_object(b))
        return same_members(a, b);
    return json_equal(a, b);
}

static bool same_lines(struct view a, struct view b) {
    struct view x, y;
    a = view_trim(a);
    b = view_trim(b);
    for (;;) {
        bool more = view_line(&a, &x), other = view_line(&b, &y);
        if (!more || !other)
            return more == other;
        while (x.n && (x.at[x.n - 1] == ' ' || x.at[x.n - 1] == '\r'))
            x.n--;
        while (y.n && (y.at[y.n - 1] == ' ' || y.at[y.n - 1] == '\r'))
            y.n--;
        if (!view_equal(x, y))
            return false;
    }
}

static struct view text_of(const json_t *value) {
    return (struct view){json_string_value(value), json_string_length(value)};
}

/* A value as authors write it, {"a": 1}, in the form that the driver gives. */
static json_t *authored(const json_t *value) {
    const json_t *one;
    const char *key;
    size_t i;
    if (json_is_array(value)) {
        json_t *out = json_array();
        json_array_foreach(value, i, one) json_array_append_new(out, authored(one));
        return out;
    }
    if (!json_is_object(value))
        return json_deep_copy(value);
    json_t *pairs = json_array();
    for (void *at = json_object_iter((json_t *)(uintptr_t)value); at;
         at = json_object_iter_next((json_t *)(uintptr_t)value, at)) {
        key = json_object_iter_key(at);
        size_t place = 0; /* by key, as the driver sorts */
        while (place < json_array_size(pairs) &&
               strcmp(json_string_value(json_array_get(json_array_get(pairs, place), 0)), key) < 0)
            place++;
        json_array_insert_new(pairs, place,
                              json_pack("[s, o]", key, authored(json_object_iter_value(at))));
    }
    return json_pack("{s:o}", "dict", pairs);
}

/* What a test wants, as a result; a new reference. What it does not say itself is what the
 * author's program does. */
static json_t *wanted_of(const json_t *test, const json_t *reference) {
    if (json_object_get(test, "raises"))
        return json_pack("{s:O}", "raises", json_object_get(test, "raises"));
    if (json_object_get(test, "is"))
        return json_pack("{s:o}", "value", authored(json_object_get(test, "is")));
    if (json_object_get(test, "stdout"))
        return json_pack("{s:O}", "stdout", json_object_get(test, "stdout"));
    return json_incref((json_t *)(uintptr_t)reference);
}

static bool same_result(const json_t *wanted, const json_t *got) {
    const json_t *raises = json_object_get(wanted, "raises");
    const json_t *text = json_object_get(wanted, "stdout");
    const json_t *printed = json_object_get(got, "stdout");
    if (raises || json_object_get(got, "raises"))
        return json_equal(raises, json_object_get(got, "raises"));
    if (text)
        return printed && same_lines(text_of(text), text_of(printed));
    const json_t *value = json_object_get(wanted, "value");
    const json_t *other = json_object_get(got, "value");
    if (value || other)
        return value && other && same_value(value, other);
    return json_equal(wanted, got); /* the author's program passes the same limit */
}

/* --------------------------------------------------------------------------------------- telling
 */

static const char *language_of_words(const struct grading *grading) {
    return json_text(grading->options, "language", "en");
}

/* `with` ends with NULL. */
static void say_words(struct grading *grading, const char *note, const char *const *with) {
    grade_fill(language_of_words(grading), note, with, grading->out->feedback,
               sizeof grading->out->feedback);
}

/* f(2), or the input “2 3”; short. */
static void tell_case(struct grading *grading, const json_t *test, char *out, size_t n) {
    const char *language = language_of_words(grading);
    const char *call = json_text(test, "call", NULL);
    struct view text = view_trim(text_of(json_object_get(test, "stdin")));
    if (call)
        snprintf(out, n, "%.60s", call);
    else if (!text.n)
        snprintf(out, n, "%s", grade_sentence_in(language, "program-no-input"));
    else {
        char shown[56];
        snprintf(shown, sizeof shown, "%.*s", text.n < 50 ? (int)text.n : 50, text.at);
        shown[utf8_whole(view_of(shown))] = 0;
        grade_fill(language, "program-input", (const char *[]){shown, NULL}, out, n);
    }
    out[utf8_whole(view_of(out))] = 0;
    for (size_t i = 0; out[i]; i++)
        out[i] = out[i] == '\n' ? ' ' : out[i];
}

/* As Python writes it: None, not null; what the driver wrapped is unwrapped. */
static void put_value(const json_t *value, struct buffer *out) {
    static const char *const wrapped[] = {"float", "int", "other"};
    const json_t *set = json_object_get(value, "set"), *dict = json_object_get(value, "dict");
    const json_t *items = set ? set : dict ? dict : value;
    for (size_t i = 0; i < COUNT_OF(wrapped); i++)
        if (json_object_get(value, wrapped[i])) {
            buffer_text(out, json_text(value, wrapped[i], ""));
            return;
        }
    if (json_is_null(value) || json_is_boolean(value))
        buffer_text(out, json_is_null(value) ? "None" : json_is_true(value) ? "True" : "False");
    else if (!json_is_array(items)) {
        char *all = json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(10));
        buffer_text(out, all ? all : "");
        free(all);
    } else {
        buffer_text(out, items == value ? "[" : "{");
        for (size_t i = 0; i < json_array_size(items); i++) {
            const json_t *one = json_array_get(items, i);
            buffer_text(out, i ? ", " : "");
            put_value(dict ? json_array_get(one, 0) : one, out);
            buffer_text(out, dict ? ": " : "");
            if (dict)
                put_value(json_array_get(one, 1), out);
        }
        buffer_text(out, items == value ? "]" : "}");
    }
}

static void tell_value(const json_t *result, char *out, size_t n) {
    struct buffer text = {0};
    const json_t *value = json_object_get(result, "value");
    const json_t *printed = json_object_get(result, "stdout");
    if (value)
        put_value(value, &text);
    else if (printed)
        buffer_append(&text, view_trim(text_of(printed)));
    else
        buffer_text(&text, json_text(result, "raises", ""));
    snprintf(out, n, "%.60s", text.at ? text.at : "");
    out[utf8_whole(view_of(out))] = 0;
    for (size_t i = 0; out[i]; i++)
        out[i] = out[i] == '\n' ? ' ' : out[i];
    buffer_free(&text);
}

static bool tell_limit(struct grading *grading, const char *limit, const char *what) {
    static const char *const known[] = {"time", "memory", "output"};
    char note[32] = "program-crash";
    for (size_t i = 0; i < COUNT_OF(known); i++)
        if (!strcmp(limit, known[i]))
            snprintf(note, sizeof note, "program-%s", limit);
    snprintf(grading->out->note, sizeof grading->out->note, "%s", limit);
    say_words(grading, note, (const char *[]){what, NULL});
    return true;
}

/* The first case that fails: the author's own words for it where there are some. */
static bool tell_failing(struct grading *grading, const json_t *test, const json_t *wanted,
                         const json_t *got) {
    static const char *const none[] = {NULL};
    char what[160], value[80], right[80], line[16];
    const char *language = language_of_words(grading);
    const char *say = json_text(test, "say", NULL), *limit = json_text(got, "limit", NULL);
    bool hidden = json_flag(test, "hidden", false);
    tell_case(grading, test, what, sizeof what);
    tell_value(got, value, sizeof value);
    tell_value(wanted, right, sizeof right);
    snprintf(line, sizeof line, "%d", (int)json_number(got, "line", 0));
    snprintf(grading->out->note, sizeof grading->out->note, "%s",
             json_object_get(got, "raises") ? "error" : "case");
    if (say)
        snprintf(grading->out->feedback, sizeof grading->out->feedback, "%.*s",
                 (int)utf8_whole(view_slice(view_of(say), 0, GRADE_WORDS - 1)), say);
    else if (limit)
        return tell_limit(grading, limit,
                          hidden ? grade_sentence_in(language, json_text(test, "call", NULL)
                                                                   ? "program-hidden-call"
                                                                   : "program-hidden-input")
                                 : what);
    else if (hidden)
        say_words(grading, "program-hidden", none);
    else if (json_object_get(got, "raises") && !json_number(got, "line", 0))
        say_words(grading, "program-call-error",
                  (const char *[]){what, value, json_text(got, "message", ""), NULL});
    else if (json_object_get(got, "raises"))
        say_words(grading, "program-error",
                  (const char *[]){what, value, line, json_text(got, "message", ""), NULL});
    else if (!*right || json_object_get(wanted, "limit"))
        say_words(grading, "program-result", (const char *[]){what, value, NULL});
    else
        say_words(grading, "program-wanted",
                  (const char *[]){what,
                                   *value ? value : grade_sentence_in(language, "program-nothing"),
                                   right, NULL});
    return true;
}

static bool tell_error(struct grading *grading, const json_t *outcome) {
    char line[16];
    bool raised = json_object_get(outcome, "kind") &&
                  !strstr(json_text(outcome, "kind", ""), "SyntaxError") &&
                  !strstr(json_text(outcome, "kind", ""), "IndentationError");
    grade_say(grading, 0, raised ? "error" : "compile");
    snprintf(line, sizeof line, "%d", (int)json_number(outcome, "line", 0));
    say_words(grading, "program-compile",
              (const char *[]){line, json_text(outcome, "error", ""), NULL});
    return true;
}

/* ---------------------------------------------------------------------------------------- grading
 */

/* The author's program may stop where a test says so. In `as_it_is`, which is for programs that
 * are known to be wrong, whatever it does is what is wanted. */
static bool sound(struct grading *grading, const json_t *tests, const json_t *reference) {
    const json_t *test;
    char what[80];
    size_t i;
    if (json_flag(grading->options, "as_it_is", false))
        return true;
    json_array_foreach(tests, i, test) {
        const json_t *one = json_array_get(json_object_get(reference, "results"), i);
        bool stops = json_object_get(one, "raises") && !json_object_get(test, "raises");
        if (!stops && !json_object_get(one, "limit"))
            continue;
        tell_case(grading, test, what, sizeof what);
        fault_set(grading->fault, FAULT_INPUT, "the key itself stops on %s: %s %s", what,
                  json_text(one, stops ? "raises" : "limit", ""), json_text(one, "message", ""));
        return fault_remedy(grading->fault, "Mend the key, or say raises: \"%s\" in the test",
                            stops ? json_text(one, "raises", "") : "ValueError");
    }
    return true;
}

/* What the author's program does; NULL with the fault when it does not run. */
static json_t *reference_of(struct grading *grading, struct code_job job) {
    job.source = text_of(grading->key);
    json_t *reference = code_run(&job, grading->fault);
    if (reference && !json_object_get(reference, "error") && sound(grading, job.tests, reference))
        return reference;
    if (!reference || !json_object_get(reference, "error")) {
        json_decref(reference);
        return NULL;
    }
    fault_set(grading->fault, FAULT_INPUT, "the key does not run: line %d: %s",
              (int)json_number(reference, "line", 0), json_text(reference, "error", ""));
    json_decref(reference);
    return NULL;
}

static bool grade_results(struct grading *grading, const json_t *tests, const json_t *reference,
                          const json_t *outcome) {
    const json_t *results = json_object_get(outcome, "results"), *test;
    const json_t *references = json_object_get(reference, "results");
    size_t i, n = json_array_size(tests), passed = 0, first = n;
    json_array_foreach(tests, i, test) {
        json_t *wanted = wanted_of(test, json_array_get(references, i));
        if (same_result(wanted, json_array_get(results, i)))
            passed++;
        else if (first == n || (json_flag(json_array_get(tests, first), "hidden", false) &&
                                !json_flag(test, "hidden", false)))
            first = i; /* one that may be shown tells more */
        json_decref(wanted);
    }
    grade_say(grading, (double)passed / (double)n, passed == n ? "" : "case");
    if (passed == n)
        return true;
    test = json_array_get(tests, first);
    json_t *wanted = wanted_of(test, json_array_get(references, first));
    tell_failing(grading, test, wanted, json_array_get(results, first));
    json_decref(wanted);
    return true;
}

bool grade_code(struct grading *grading) {
    struct code_job job = {0};
    if (!json_is_string(grading->key) || json_string_length(grading->key) > CODE_BYTES)
        return fault_set(grading->fault, FAULT_INPUT,
                         "the key must be a program of 64 kB at most");
    if (!read_job(grading, &job))
        return false;
    if (!json_is_string(grading->answer))
        return grade_unreadable(grading, FAULT_INPUT, "the answer must be a program as a text");
    job.source = text_of(grading->answer);
    if (!view_trim(job.source).n)
        return grade_unreadable(grading, FAULT_INPUT, "the answer is empty");
    if (job.source.n > CODE_BYTES || memchr(job.source.at, 0, job.source.n))
        return grade_unreadable(grading, FAULT_LIMIT, "the answer is over 64 kB, or no text");
    json_t *reference = reference_of(grading, job);
    json_t *outcome = reference ? code_run(&job, grading->fault) : NULL;
    bool good = outcome != NULL;
    if (good)
        good = json_object_get(outcome, "error")
                   ? tell_error(grading, outcome)
                   : grade_results(grading, job.tests, reference, outcome);
    json_decref(reference);
    json_decref(outcome);
    return good;
}
