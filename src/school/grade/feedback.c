/* The author's tests of an answer: a graph that is walked from its first test.
 *
 * Each is {when, score, say, note, next, else, name}. Where `when` holds, the score is set
 * ("+0.25" and "-0.25" add), the words are said, and the way goes on at `next`, or ends; where it
 * does not, it goes on at `else`, or at the test below. No way leads back to a test that it came
 * by. */
#include "school/grade/inside.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_TESTS = 40, END = MOST_TESTS, DEEPEST_WHEN = 6 };

static const char *const keys[] = {"name", "when", "score", "say", "note", "next", "else", NULL};
static const char *const conditions[] = {"is",    "check", "options", "note", "below", "above",
                                         "score", "not",   "any",     "all",  "part",  NULL};

/* ---------------------------------------------------------------------------------- the graph */

static void name_of(const json_t *tests, size_t i, char out[32]) {
    const json_t *name = json_object_get(json_array_get(tests, i), "name");
    if (json_is_string(name))
        snprintf(out, 32, "%s", json_string_value(name));
    else
        snprintf(out, 32, "%zu", i + 1);
}

/* The test that `to` names; END for "end"; -1 for none. */
static int find_test(const json_t *tests, const json_t *to) {
    char wanted[32], name[32];
    if (json_is_integer(to))
        snprintf(wanted, sizeof wanted, "%lld", (long long)json_integer_value(to));
    else if (json_is_string(to))
        snprintf(wanted, sizeof wanted, "%s", json_string_value(to));
    else
        return -1;
    for (size_t i = 0; i < json_array_size(tests); i++) {
        name_of(tests, i, name);
        if (!strcmp(name, wanted))
            return (int)i;
    }
    return !strcmp(wanted, "end") ? END : -1;
}

/* Where the way goes on from test i; -1 where it names no test. */
static int way_on(const json_t *tests, size_t i, bool holds) {
    const json_t *to = json_object_get(json_array_get(tests, i), holds ? "next" : "else");
    if (to)
        return find_test(tests, to);
    return !holds && i + 1 < json_array_size(tests) ? (int)i + 1 : END;
}

/* 0.5 sets, "+0.25" and "-0.25" add. */
static bool read_score(const json_t *given, double before, double *out) {
    const char *text = json_string_value(given);
    char *end = NULL;
    double value = text ? strtod(text, &end) : json_number_value(given);
    bool adds = text && (*text == '+' || *text == '-');
    if (!(text ? end != text && !*end : json_is_number(given)) || !(fabs(value) <= 1) ||
        (value < 0 && !adds))
        return false;
    *out = adds ? fmin(1, fmax(0, before + value)) : value;
    return true;
}

static bool check_when(const json_t *when, int depth, struct fault *fault) {
    const char *unknown = json_unknown_key(when, conditions);
    const json_t *check = json_object_get(when, "check"), *one;
    static const char *const lists[] = {"any", "all"};
    size_t i;
    if (depth > DEEPEST_WHEN)
        return fault_set(fault, FAULT_LIMIT, "has a condition nested too deep");
    if (!json_is_object(when) || !json_object_size(when))
        return fault_set(fault, FAULT_INPUT, "has a `when` that is no condition");
    if (unknown)
        return fault_set(fault, FAULT_INPUT, "has a condition \"%.40s\" that is not known",
                         unknown);
    if (check && (!json_is_string(check) || !grade_check_exists(json_string_value(check))))
        return fault_set(fault, FAULT_INPUT, "has a check that does not exist");
    for (size_t k = 0; k < COUNT_OF(lists); k++) {
        const json_t *list = json_object_get(when, lists[k]);
        if (list && !json_array_size(list))
            return fault_set(fault, FAULT_INPUT, "has `%s` without a list", lists[k]);
        json_array_foreach(list, i, one) if (!check_when(one, depth + 1, fault)) return false;
    }
    const json_t *not = json_object_get(when, "not");
    return !not || check_when(not, depth + 1, fault);
}

static bool check_test(const json_t *tests, size_t i, struct fault *fault) {
    const json_t *test = json_array_get(tests, i), *score = json_object_get(test, "score");
    const json_t *say = json_object_get(test, "say"), *when = json_object_get(test, "when");
    const char *note = json_text(test, "note", ""), *unknown;
    char name[32], other[32];
    double value;
    if (!json_is_object(test))
        return fault_set(fault, FAULT_INPUT, "is no mapping of when, score, say, next");
    if ((unknown = json_unknown_key(test, keys)))
        return fault_set(fault, FAULT_INPUT, "has no key \"%.40s\"", unknown);
    name_of(tests, i, name);
    for (size_t j = 0; j < i; j++) {
        name_of(tests, j, other);
        if (!strcmp(name, other))
            return fault_set(fault, FAULT_INPUT, "has the name of another, %s", name);
    }
    if (!strcmp(name, "end") || !*name || strchr(name, ',') ||
        strlen(json_text(test, "name", "")) >= sizeof name)
        return fault_set(fault, FAULT_INPUT, "needs another name, of up to 31 letters");
    if (score && !read_score(score, 0, &value))
        return fault_set(fault, FAULT_INPUT, "needs a score from 0 to 1, or \"+0.25\"");
    if ((say && !json_is_string(say)) || json_string_length(say) >= GRADE_WORDS / 2)
        return fault_set(fault, FAULT_INPUT, "needs words of up to %d bytes", GRADE_WORDS / 2);
    if (strlen(note) >= 32)
        return fault_set(fault, FAULT_INPUT, "needs a note of up to 31 letters");
    if (way_on(tests, i, true) < 0 || way_on(tests, i, false) < 0)
        return fault_set(fault, FAULT_INPUT, "goes on at a test that does not exist");
    return !when || check_when(when, 0, fault);
}

/* Depth first; the state of a test: 0 new, 1 on the way, 2 done. */
static bool walk(const json_t *tests, size_t i, char state[], size_t *at, struct fault *fault) {
    state[i] = 1;
    for (int holds = 0; holds < 2; holds++) {
        int to = way_on(tests, i, holds);
        if (to == END || (!holds && !json_object_get(json_array_get(tests, i), "when")))
            continue;
        if (state[to] == 1) {
            char name[32];
            name_of(tests, (size_t)to, name);
            *at = i;
            return fault_set(fault, FAULT_INPUT, "leads back to test %s", name);
        }
        if (!state[to] && !walk(tests, (size_t)to, state, at, fault))
            return false;
    }
    state[i] = 2;
    return true;
}

bool grade_tests_check(const json_t *tests, size_t *at, struct fault *fault) {
    char state[MOST_TESTS] = {0};
    size_t n = json_array_size(tests);
    *at = 0;
    if (!n || n > MOST_TESTS)
        return fault_set(fault, FAULT_INPUT, "is not in a list of 1 to %d", MOST_TESTS);
    for (; *at < n; ++*at)
        if (!check_test(tests, *at, fault))
            return false;
    if (!walk(tests, 0, state, at, fault))
        return false;
    for (*at = 0; *at < n; ++*at)
        if (!state[*at])
            return fault_set(fault, FAULT_INPUT, "is never come to");
    return true;
}

/* --------------------------------------------------------------------------------- conditions */

struct walking {
    struct grading *g;
    const char *check;
    const struct grade_result *base; /* what the check itself said */
    bool failed;                     /* the author's `is` cannot be a key */
};

static bool note_is(const json_t *wanted, const char *note) {
    const json_t *one;
    size_t i;
    json_array_foreach(wanted, i, one) if (note_is(one, note)) return true;
    return json_is_string(wanted) && !strcmp(json_string_value(wanted), note);
}

/* The answer is right by another key, by the options of this test and else the exercise's. */
static bool is_held(struct walking *w, const json_t *when) {
    const json_t *own = json_object_get(when, "options"), *is = json_object_get(when, "is");
    json_t *options = json_is_object(w->g->options) ? json_copy((json_t *)(uintptr_t)w->g->options)
                                                    : json_object();
    struct grade_result told;
    json_object_del(options, "feedback");
    if (strcmp(w->check, "code") != 0)
        json_object_del(options, "tests");
    if (json_is_object(own))
        json_object_update(options, (json_t *)(uintptr_t)own);
    bool graded = grade_with(json_text(when, "check", w->check), is ? is : w->g->key, w->g->answer,
                             options, w->g, &told);
    w->failed |= !graded;
    json_decref(options);
    return graded && told.score >= 1 - 1e-9;
}

static bool lies_between(const struct walking *w, const json_t *below, const json_t *above) {
    static const struct number_style author = {.known = true, .group = ','};
    const struct number_style learner = number_style(w->g->options);
    const json_t *bounds[] = {below, above};
    struct quantity answer, bound;
    if (!quantity_read(w->g->answer, &learner, &answer, NULL) || answer.imaginary != 0)
        return false;
    for (int i = 0; i < 2; i++) {
        if (!bounds[i])
            continue;
        if (!quantity_read(bounds[i], &author, &bound, NULL) ||
            (bound.has_unit && !answer.has_unit))
            return false;
        double value = answer.value, limit = bound.value;
        if (bound.has_unit && answer.has_unit) {
            if (memcmp(bound.unit.dimension, answer.unit.dimension, sizeof bound.unit.dimension))
                return false;
            value = (value + answer.unit.offset) * answer.unit.factor;
            limit = (limit + bound.unit.offset) * bound.unit.factor;
        }
        if (!(i ? value > limit : value < limit))
            return false;
    }
    return true;
}

static const struct grade_part *part_of(const struct walking *w, const char *name) {
    for (size_t i = 0; i < w->base->n_part; i++)
        if (!strcmp(w->base->parts[i].name, name))
            return &w->base->parts[i];
    return NULL;
}

static bool holds(struct walking *w, const json_t *when, int depth) {
    const json_t *one, *any = json_object_get(when, "any"), *all = json_object_get(when, "all");
    const json_t *score = json_object_get(when, "score"), *note = json_object_get(when, "note");
    const json_t *below = json_object_get(when, "below"), *above = json_object_get(when, "above");
    const json_t *not = json_object_get(when, "not");
    const struct grade_part *part = part_of(w, json_text(when, "part", ""));
    bool good = true, some = !any;
    size_t i;
    if (!when)
        return true;
    if (depth > DEEPEST_WHEN || (json_object_get(when, "part") && !part))
        return false;
    if (json_object_get(when, "is") || json_object_get(when, "options") ||
        json_object_get(when, "check"))
        good = is_held(w, when);
    if (note)
        good = good && note_is(note, part ? part->note : w->base->note);
    if (score)
        good = good && (part ? part->score : w->base->score) >= json_number_value(score) - 1e-9;
    if (below || above)
        good = good && lies_between(w, below, above);
    if (not )
        good = good && !holds(w, not, depth + 1);
    json_array_foreach(all, i, one) good = good && holds(w, one, depth + 1);
    json_array_foreach(any, i, one) some = some || holds(w, one, depth + 1);
    return good && some;
}

/* ------------------------------------------------------------------------------------ the way */

static void add_words(char *out, size_t size, const char *between, const char *words) {
    size_t n = strlen(out);
    snprintf(out + n, size - n, "%s%s", n ? between : "", words);
    out[utf8_whole((struct view){out, strlen(out)})] = 0;
}

bool feedback_run(struct grading *g, const char *check) {
    const json_t *tests = json_object_get(g->options, "feedback");
    if (!tests && strcmp(check, "code") != 0) /* whose tests are its own */
        tests = json_object_get(g->options, "tests");
    struct grade_result *out = g->out;
    struct fault why = {0};
    size_t at;
    if (!tests)
        return true;
    if (!grade_tests_check(tests, &at, &why))
        return fault_set(g->fault, FAULT_INPUT, "test %zu %s", at + 1, why.message);
    if (!strcmp(out->note, "unreadable") || !strcmp(out->note, "ambiguous"))
        return true;
    struct grade_result *base = must_alloc(1, sizeof *base);
    *base = *out;
    struct walking w = {.g = g, .check = check, .base = base};
    char said[GRADE_WORDS] = "", name[32];
    for (int i = 0; i != END && !w.failed;) {
        const json_t *test = json_array_get(tests, (size_t)i);
        bool held = holds(&w, json_object_get(test, "when"), 0);
        if (held) {
            const char *note = json_text(test, "note", NULL);
            read_score(json_object_get(test, "score"), out->score, &out->score);
            add_words(said, sizeof said, "\n\n", json_text(test, "say", ""));
            name_of(tests, (size_t)i, name);
            add_words(out->tests, sizeof out->tests, ",", name);
            if (note)
                snprintf(out->note, sizeof out->note, "%s", note);
        }
        i = way_on(tests, (size_t)i, held);
    }
    out->score = out->score > 1 - 1e-9 ? 1 : out->score;
    if (out->score != base->score && !strcmp(out->note, base->note))
        grade_say(g, out->score, out->score >= 1 ? "" : out->score > 0 ? "partial" : base->note);
    if (*said) {
        snprintf(out->feedback, sizeof out->feedback, "%s", said);
        out->authored = true;
    }
    free(base);
    return !w.failed;
}
