/* parts and an author's tests: what follows from an own result, and the ways through a graph. */
#include "school/grade/grade.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#define MOTION                                                                                    \
    "[{'name':'v','check':'number','key':'20 m/s','options':{'units':true}},"                     \
    "{'name':'s','check':'number','key':'v*3 m','options':{'units':true}}]"
#define THREE                                                                                     \
    "[{'name':'p','check':'number','key':'3'},{'name':'q','check':'number','key':'p*100'},"       \
    "{'name':'r','check':'number','key':'q/2'}]"
#define SHARED(carry)                                                                             \
    "[{'name':'p','check':'number','key':'3'},"                                                   \
    "{'name':'q','check':'number','key':'p*100','weight':3,'carry':" carry "}]"

struct row {
    const char *key, *answer;
    double score;
    const char *note, *notes; /* of the whole; of its parts, with spaces (- for "") */
};

/* JSON with single quotes. */
static json_t *json_of(const char *text) {
    char copy[4000];
    size_t n = strlen(text);
    assert_true(n < sizeof copy);
    for (size_t i = 0; i <= n; i++)
        copy[i] = text[i] == '\'' ? '"' : text[i];
    json_t *value = json_parse(view_of(copy), NULL);
    if (!value)
        fail_msg("no JSON: %s", copy);
    return value;
}

static bool grade(const char *check, const char *key, const char *answer, const char *options,
                  struct grade_result *told, struct fault *fault) {
    json_t *k = json_of(key), *a = json_of(answer), *o = json_of(options);
    bool good = grade_answer(check, k, a, o, 1, told, fault);
    json_decref(k);
    json_decref(a);
    json_decref(o);
    return good;
}

static void try_row(const struct row *row) {
    struct grade_result told;
    struct fault fault = {0};
    char notes[200] = "";
    if (!grade("parts", row->key, row->answer, "{}", &told, &fault))
        fail_msg("%s: %s", row->answer, fault.message);
    for (size_t i = 0; i < told.n_part; i++)
        snprintf(notes + strlen(notes), sizeof notes - strlen(notes), "%s%s", i ? " " : "",
                 *told.parts[i].note ? told.parts[i].note : "-");
    if (strcmp(notes, row->notes) != 0 || strcmp(told.note, row->note) != 0 ||
        told.score < row->score - 1e-9 || told.score > row->score + 1e-9)
        fail_msg("%s: %g %s (%s), not %g %s (%s)", row->answer, told.score, told.note, notes,
                 row->score, row->note, row->notes);
}

static void what_follows_from_an_own_result_is_right_and_says_so(void **state) {
    static const struct row rows[] = {
        {MOTION, "{'v':'20 m/s','s':'60 m'}", 1, "", "- -"},
        {MOTION, "['72 km/h','0.06 km']", 1, "", "- -"},
        {MOTION, "{'v':'10 m/s','s':'30 m'}", 0.5, "carried", "different carried"},
        {MOTION, "{'v':'36 km/h','s':'30 m'}", 0.5, "carried", "different carried"},
        {MOTION, "{'v':'10 m/s','s':'60 m'}", 0.5, "partial", "different -"},
        {MOTION, "{'v':'10 m/s','s':'31 m'}", 0, "", "different different"},
        {MOTION, "{'v':'10 m/s','s':'30'}", 0, "", "different unit-missing"},
        {MOTION, "{'v':'20','s':'60 m'}", 0.5, "partial", "unit-missing -"},
        {MOTION, "{'v':'10','s':'30 m'}", 0.5, "carried", "unit-missing carried"},
        {MOTION, "{'s':'60 m'}", 0.5, "partial", "missing -"},
        {MOTION, "{'v':'','s':'30 m'}", 0, "", "missing different"},
        {MOTION, "{'v':'1,234 m/s','s':'60 m'}", 0.5, "ambiguous", "ambiguous -"},
        {MOTION, "{'v':'much','s':'60 m'}", 0.5, "unreadable", "unreadable -"},
        {THREE, "{'p':'4','q':'400','r':'200'}", 2.0 / 3, "carried", "different carried carried"},
        {THREE, "{'p':'4','q':'500','r':'250'}", 1.0 / 3, "carried",
         "different different carried"},
        {THREE, "{'p':'3','q':'500','r':'250'}", 2.0 / 3, "carried", "- different carried"},
        {SHARED("1"), "{'p':'4','q':'400'}", 0.75, "carried", "different carried"},
        {SHARED("0.5"), "{'p':'4','q':'400'}", 0.375, "carried", "different carried"},
        {SHARED("false"), "{'p':'4','q':'400'}", 0, "", "different different"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        try_row(&rows[i]);
}

static void a_rounded_earlier_result_is_no_mistake_later(void **state) {
    static const char key[] = "[{'name':'p','check':'number','key':'3.14159','options':"
                              "{'decimals':2}},{'name':'q','check':'number','key':'p*100'}]";
    (void)state;
    try_row(&(struct row){key, "{'p':'3.14','q':'314'}", 1, "", "- -"});
    try_row(&(struct row){key, "{'p':'3.14','q':'314.159'}", 1, "", "- -"});
}

static void formulas_and_units_are_carried_too(void **state) {
    (void)state;
    try_row(&(struct row){"[{'name':'f','check':'algebra','key':'2x+3'},"
                          "{'name':'g','check':'algebra','key':'f^2'}]",
                          "{'f':'2x-3','g':'4x^2-12x+9'}", 0.5, "carried", "constant carried"});
    /* s is a part and seconds; behind a space it is the unit */
    try_row(&(struct row){"[{'name':'s','check':'number','key':'6 m'},"
                          "{'name':'v','check':'number','key':'s/2 m/s'}]",
                          "{'s':'8 m','v':'4 m/s'}", 0.5, "carried", "different carried"});
}

static void a_key_that_builds_on_itself_or_a_later_part_is_the_authors_fault(void **state) {
    static const char *const keys[] = {
        "[]",
        "[{'name':'a','check':'number','key':'a+1'}]",
        "[{'name':'a','check':'number','key':'b'},{'name':'b','check':'number','key':'1'}]",
        "[{'name':'a','check':'number','key':'1'},{'name':'a','check':'number','key':'1'}]",
        "[{'name':'e','check':'number','key':'1'}]",
        "[{'name':'x y','check':'number','key':'1'}]",
        "[{'name':'a','check':'parts','key':[]}]",
        "[{'name':'a','check':'number'}]",
        "[{'name':'a','check':'number','key':'1','weight':-1}]",
        "[{'name':'a','check':'number','key':'1','carry':2}]",
        "[3]",
    };
    struct grade_result told;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        struct fault fault = {0};
        assert_false(grade("parts", keys[i], "{'a':'1'}", "{}", &told, &fault));
        assert_int_equal(fault.kind, FAULT_INPUT);
    }
}

/* --------------------------------------------------------------------------------- the graph */

#define GRAPH                                                                                     \
    "{'units':true,'tests':["                                                                     \
    "{'when':{'note':'unit-missing'},'score':0.5,'say':'Of what?','next':'half'},"                \
    "{'when':{'is':'24 m'},'score':'+0.25','note':'doubled','say':'Twice.'},"                     \
    "{'name':'half','when':{'any':[{'is':'6 m'},{'is':'6','options':{'units':false}}]},"          \
    "'say':'Half.','score':'+0.2'},"                                                              \
    "{'when':{'above':'1 km','not':{'note':'dimension'}},'say':'So far?'}]}"

static void tests_are_walked_in_order_and_each_adds_its_score_and_words(void **state) {
    static const struct {
        const char *answer;
        double score;
        const char *note, *tests, *said;
    } rows[] = {
        {"'12 m'", 1, "", "", NULL},
        {"'12'", 0.5, "partial", "1", "Of what?"},
        {"'6'", 0.7, "partial", "1,half", "Of what?\n\nHalf."},
        {"'24 m'", 0.25, "doubled", "2", "Twice."},
        {"'600 cm'", 0.2, "partial", "half", "Half."},
        {"'2 km'", 0, "different", "4", "So far?"},
        {"'2 kg'", 0, "dimension", "", NULL},
        {"'1,234'", 0, "ambiguous", "", NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct grade_result told;
        struct fault fault = {0};
        char answer[40];
        snprintf(answer, sizeof answer, "[%s]", rows[i].answer);
        json_t *list = json_of(answer), *options = json_of(GRAPH), *key = json_string("12 m");
        assert_true(
            grade_answer("number", key, json_array_get(list, 0), options, 1, &told, &fault));
        if (strcmp(told.tests, rows[i].tests) != 0 || strcmp(told.note, rows[i].note) != 0 ||
            told.score < rows[i].score - 1e-9 || told.score > rows[i].score + 1e-9)
            fail_msg("%s: %g %s %s", rows[i].answer, told.score, told.note, told.tests);
        assert_int_equal(told.authored, rows[i].said != NULL);
        if (rows[i].said)
            assert_string_equal(told.feedback, rows[i].said);
        json_decref(list);
        json_decref(options);
        json_decref(key);
    }
}

static void a_way_that_leads_back_or_nowhere_is_refused(void **state) {
    static const struct {
        const char *tests, *why;
    } rows[] = {
        {"[]", "is not in a list"},
        {"[{'when':{'is':'1'},'next':1}]", "leads back to test 1"},
        {"[{'when':{'is':'1'},'next':'b'},{'name':'b','when':{'is':'2'},'else':1}]",
         "leads back to test 1"},
        {"[{'name':'a','when':{'is':'1'}},{'name':'b','when':{'is':'1'},'next':'c'},"
         "{'name':'c','when':{'is':'3'},'next':'b'}]",
         "leads back to test b"},
        {"[{'when':{'is':'1'},'next':'nowhere'}]", "does not exist"},
        {"[{'say':'x'},{'say':'y'}]", "is never come to"},
        {"[{'when':{'is':'1'},'score':2}]", "needs a score"},
        {"[{'when':{'is':'1'},'score':-0.5}]", "needs a score"},
        {"[{'when':{}}]", "no condition"},
        {"[{'when':{'was':'1'}}]", "not known"},
        {"[{'when':{'is':'1','check':'guess'}}]", "does not exist"},
        {"[{'then':'x'}]", "has no key"},
        {"[{'name':'a','when':{'is':'1'}},{'name':'a'}]", "has the name of another"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct fault fault = {0};
        size_t at;
        json_t *tests = json_of(rows[i].tests);
        assert_false(grade_tests_check(tests, &at, &fault));
        if (!strstr(fault.message, rows[i].why))
            fail_msg("%s: %s", rows[i].tests, fault.message);
        json_decref(tests);
    }
}

static void an_answer_that_cannot_be_a_key_is_the_authors_fault(void **state) {
    struct grade_result told;
    struct fault fault = {0};
    (void)state;
    assert_false(grade("number", "5", "7", "{'tests':[{'when':{'is':'much'}}]}", &told, &fault));
    assert_int_equal(fault.kind, FAULT_INPUT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_follows_from_an_own_result_is_right_and_says_so),
        cmocka_unit_test(a_rounded_earlier_result_is_no_mistake_later),
        cmocka_unit_test(formulas_and_units_are_carried_too),
        cmocka_unit_test(a_key_that_builds_on_itself_or_a_later_part_is_the_authors_fault),
        cmocka_unit_test(tests_are_walked_in_order_and_each_adds_its_score_and_words),
        cmocka_unit_test(a_way_that_leads_back_or_nowhere_is_refused),
        cmocka_unit_test(an_answer_that_cannot_be_a_key_is_the_authors_fault),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    algebra_thread_end();
    return failed;
}
