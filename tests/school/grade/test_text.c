/* grade: text, choice, several, order, match, and formulas with an author's options. */
#include "school/grade/grade.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

/* All but the check in JSON; score -1: not graded, since the key or the options are wrong. */
struct row {
    const char *check, *options, *key, *answer;
    double score;
    const char *note; /* NULL: any */
};

/* clang-format off */
static const struct row texts[] = {
    {"text", "{}", "\"gradient\"", "\"gradient\"", 1, ""}, {"text", "{}", "\"gradient\"", "\" Gradient. \"", 1, ""},
    {"text", "{}", "\"gradient\"", "\"GRADIENT\"", 1, ""}, {"text", "{}", "\"gradient\"", "\"gradiant\"", 0, ""},
    {"text", "{}", "\"gradient\"", "\"gradients\"", 0, ""}, {"text", "{}", "\"gradient\"", "\"\"", 0, "unreadable"}, {"text", "{}", "\"gradient\"", "\" \\n\"", 0, "unreadable"},
    {"text", "{}", "\"chain rule\"", "\"chain   rule\"", 1, ""}, {"text", "{}", "\"chain rule\"", "\"chain-rule\"", 1, ""},
    {"text", "{}", "\"chain rule\"", "\"chainrule\"", 0, ""}, {"text", "{}", "\"chain rule\"", "\"\\u201cchain rule\\u201d\"", 1, ""},
    {"text", "{}", "\"gradient\"", "\"`gradient`\"", 1, ""}, {"text", "{}", "\"梯度\"", "\"「梯度」\"", 1, ""}, {"text", "{}", "\"gradient\"", "\"`gradiant`\"", 0, ""},
    {"text", "{}", "\"-5\"", "\"'-5'\"", 1, ""}, {"text", "{}", "\"`\"", "\"`\"", 1, ""}, {"text", "{\"pattern\":\"colou?r\"}", "\"hue\"", "\"«color»\"", 1, ""},
    {"text", "{}", "\"naïve\"", "\"NAÏVE\"", 1, ""}, {"text", "{}", "\"naïve\"", "\"naive\"", 0, ""},
    {"text", "{}", "\"na\\u00efve\"", "\"nai\\u0308ve\"", 1, ""}, {"text", "{}", "\"Straße\"", "\"STRASSE\"", 1, ""},
    {"text", "{}", "\"ＡＢＣ\"", "\"abc\"", 1, ""}, {"text", "{}", "\"梯度\"", "\"梯度。\"", 1, ""}, {"text", "{}", "\"梯度\"", "\"坡度\"", 0, ""},
    {"text", "{}", "\"الخوارزمية\"", "\"الخَوارزميَّة\"", 1, ""}, {"text", "{}", "\"كَتَبَ\"", "\"كتب\"", 1, ""}, {"text", "{}", "\"كَتَبَ\"", "\"كُتِبَ\"", 0, ""},
    {"text", "{}", "\"خوارزمية\"", "\"خوارزميـــة\"", 1, ""}, {"text", "{}", "\"خوارزمية\"", "\"خوارزم\"", 0, ""},
    {"text", "{}", "\"don't\"", "\"don\\u2019t\"", 1, ""}, {"text", "{}", "\"don't\"", "\"dont\"", 0, ""},
    {"text", "{}", "[\"rise\",\"slope\"]", "\"Slope\"", 1, ""}, {"text", "{}", "[\"rise\",\"slope\"]", "\"rise\"", 1, ""},
    {"text", "{}", "[\"rise\",\"slope\"]", "\"rise slope\"", 0, ""}, {"text", "{}", "[]", "\"x\"", 0, ""},
    {"text", "{}", "\"C#\"", "\"c#\"", 1, ""}, {"text", "{}", "\"C#\"", "\"C\"", 0, ""}, {"text", "{}", "\"C++\"", "\"C\"", 0, ""},
    {"text", "{}", "\"-5\"", "\"5\"", 0, ""}, {"text", "{}", "\"-5\"", "\"-5\"", 1, ""}, {"text", "{}", "\"1.5\"", "\"15\"", 0, ""},
    {"text", "{}", "\"1.5\"", "\"1.5.\"", 1, ""}, {"text", "{}", "\"50%\"", "\"50\"", 0, ""}, {"text", "{}", "\"!\"", "\"!\"", 1, ""},
    {"text", "{}", "\"!\"", "\"?\"", 0, ""}, {"text", "{}", "5", "\"5\"", 1, ""}, {"text", "{}", "\"5\"", "5", 1, ""},
    {"text", "{}", "\"x\"", "null", 0, "unreadable"}, {"text", "{}", "\"x\"", "[\"x\"]", 0, "unreadable"}, {"text", "{}", "{}", "\"x\"", -1, NULL},
    {"text", "{\"pattern\":\"colou?r\"}", "\"hue\"", "\"Color\"", 1, ""}, {"text", "{\"pattern\":\"colou?r\"}", "\"hue\"", "\"hue\"", 1, ""},
    {"text", "{\"pattern\":\"colou?r\"}", "\"hue\"", "\"colors\"", 0, ""}, {"text", "{\"pattern\":\"colou?r\"}", "\"hue\"", "\" colour \"", 1, ""},
    {"text", "{\"pattern\":\"a|b\"}", "\"c\"", "\"ab\"", 0, ""}, {"text", "{\"pattern\":\"\\\\p{Han}+\"}", "\"x\"", "\"梯度\"", 1, ""},
    {"text", "{\"pattern\":\"(\"}", "\"x\"", "\"y\"", -1, NULL}, {"text", "{\"pattern\":5}", "\"x\"", "\"y\"", -1, NULL},
    {"text", "{\"pattern\":\"(a+)+[bd]\"}", "\"x\"", "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac\"", -1, NULL},
    {"text", "{\"pattern\":\"(x+x+)+[yz]\"}", "\"z\"", "\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"", -1, NULL},
    {"text", "{\"pattern\":\"(.*)*\\\\1z\"}", "\"z\"", "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"", 0, ""},
    {"text", "{\"pattern\":\"(?R)*a\"}", "\"z\"", "\"aaaaaaaa\"", -1, NULL},
};
static const struct row picks[] = {
    {"choice", "{}", "2", "2", 1, ""}, {"choice", "{}", "2", "\"2\"", 1, ""}, {"choice", "{}", "2", "1", 0, ""}, {"choice", "{}", "\"blue\"", "\"blue\"", 1, ""},
    {"choice", "{}", "\"blue\"", "\"red\"", 0, ""}, {"choice", "{}", "2", "[2]", 1, ""}, {"choice", "{}", "2", "[1,2]", 0, "unreadable"}, {"choice", "{}", "2", "null", 0, "unreadable"},
    {"choice", "{}", "[2]", "2", -1, NULL}, {"choice", "{}", "0", "0", 1, ""}, {"choice", "{}", "0", "\"\"", 0, ""}, {"choice", "{}", "0", "false", 0, ""},
    {"several", "{}", "[0,2]", "[0,2]", 1, ""}, {"several", "{}", "[0,2]", "[2,0]", 1, ""}, {"several", "{}", "[0,2]", "[2,0,0,2]", 1, ""},
    {"several", "{\"choices\":4}", "[0,2]", "[0]", 0.5, "partial"}, {"several", "{\"choices\":4}", "[0,2]", "[0,1]", 0, ""}, {"several", "{\"choices\":4}", "[0,2]", "[0,1,2,3]", 0, ""},
    {"several", "{\"choices\":4}", "[0,2]", "[0,1,2]", 0.5, "partial"}, {"several", "{\"choices\":4}", "[0,2]", "[]", 0, ""}, {"several", "{\"choices\":4}", "[]", "[]", 1, ""},
    {"several", "{\"choices\":4}", "[]", "[1]", 0, ""}, {"several", "{\"choices\":[\"a\",\"b\",\"c\"]}", "[\"a\",\"b\"]", "[\"a\"]", 0.5, "partial"},
    {"several", "{}", "[0,2]", "0", 0, "unreadable"}, {"several", "{}", "0", "[0]", -1, NULL}, {"several", "{\"choices\":3}", "[0,1]", "[\"0\",\"1\"]", 1, ""},
    {"order", "{}", "[1,2,3,4]", "[1,2,3,4]", 1, ""}, {"order", "{}", "[1,2,3,4]", "[4,3,2,1]", 0, ""}, {"order", "{}", "[1,2,3,4]", "[2,3,4,1]", 2.0 / 3, "partial"},
    {"order", "{}", "[1,2,3,4]", "[1,2,4,3]", 1.0 / 3, "partial"}, {"order", "{}", "[1,2,3,4]", "[1,2,3]", 2.0 / 3, "partial"}, {"order", "{}", "[1,2,3]", "[1,2,1,2,3]", 0.5, "partial"},
    {"order", "{}", "[\"a\",\"b\",\"a\"]", "[\"a\",\"b\",\"a\"]", 1, ""}, {"order", "{}", "[1,2]", "[2,1]", 0, ""}, {"order", "{}", "[1]", "[1]", 1, ""}, {"order", "{}", "[1]", "[2]", 0, ""},
    {"order", "{}", "[1,2]", "[]", 0, ""}, {"order", "{}", "[1,2]", "\"1,2\"", 0, "unreadable"}, {"order", "{}", "\"1\"", "[1]", -1, NULL}, {"order", "{}", "[]", "[]", -1, NULL},
    {"match", "{}", "{\"a\":1,\"b\":2,\"c\":3}", "{\"a\":1,\"b\":2,\"c\":3}", 1, ""}, {"match", "{}", "{\"a\":1,\"b\":2,\"c\":3}", "{\"a\":1,\"b\":3,\"c\":2}", 0, ""},
    {"match", "{}", "{\"a\":1,\"b\":2,\"c\":3}", "{\"a\":1,\"b\":2}", 0.5, "partial"}, {"match", "{}", "{\"a\":1,\"b\":2,\"c\":3}", "[[\"c\",3],[\"b\",2],[\"a\",1]]", 1, ""},
    {"match", "{}", "[[0,1],[1,0]]", "[[0,1],[1,0]]", 1, ""}, {"match", "{}", "[[0,1],[1,0]]", "[[0,0],[1,1]]", 0, ""}, {"match", "{}", "[[0,1],[1,0]]", "{\"0\":1,\"1\":\"0\"}", 1, ""},
    {"match", "{}", "{\"a\":1,\"b\":2}", "\"a\"", 0, "unreadable"}, {"match", "{}", "{}", "{}", -1, NULL}, {"match", "{}", "{\"a\":1}", "[1,2,3]", 0, ""}, {"match", "{}", "[[1]]", "[]", -1, NULL},
};
static const struct row formulas[] = {
    {"algebra", "{}", "\"x=5\"", "\"5 = x\"", 1, ""}, {"algebra", "{}", "\"x=5\"", "\"x=-5\"", 0, "sign"}, {"algebra", "{}", "5", "5", 1, ""}, {"algebra", "{}", "0.5", "\"1/2\"", 1, ""},
    {"algebra", "{}", "\"x=1.5\"", "\"1,5\"", 1, ""}, {"algebra", "{\"locale\":\"de\"}", "\"x=1.5\"", "\"x = 1,5\"", 1, ""}, {"algebra", "{\"locale\":\"de\"}", "\"{2,3}\"", "\"{2;3}\"", 1, ""},
    {"algebra", "{\"locale\":\"de\"}", "\"{2,3}\"", "\"{2,3}\"", 1, ""}, {"algebra", "{\"locale\":\"de\"}", "\"(1.5,2)\"", "\"(1,5; 2)\"", 1, ""}, {"algebra", "{\"locale\":\"fr\"}", "\"0.5x\"", "\"0,5x\"", 1, ""},
    {"algebra", "{}", "\"1234\"", "\"1,234\"", 0, "ambiguous"}, {"algebra", "{}", "\"{1,234}\"", "\"1,234\"", 1, ""}, {"algebra", "{}", "\"(1,234)\"", "\"(1,234)\"", 1, ""},
    {"algebra", "{\"variable\":\"speed\"}", "\"speed=d/t\"", "\"speed = d/t\"", 1, ""}, {"algebra", "{}", "\"\\\\text{speed}=d/t\"", "\"speed=d/t\"", 1, ""}, {"algebra", "{\"variable\":\"e\"}", "\"e=2\"", "\"2=e\"", 1, ""},
    {"algebra", "{\"variable\":\"i\"}", "\"i=U/R\"", "\"U/R\"", 1, ""}, {"algebra", "{\"variable\":\"h\"}", "\"h=2A/b\"", "\"A=bh/2\"", 0, "unsolved"}, {"algebra", "{\"variable\":\"h\"}", "\"h=2A/b\"", "\"h=A*2/b\"", 1, ""},
    {"algebra", "{\"form\":\"factored\"}", "\"(x+1)^2\"", "\"x^2+2x+1\"", 0, "form-expanded"}, {"algebra", "{\"form\":\"factored\"}", "\"(x+1)^2\"", "\"(x+1)(1+x)\"", 1, ""}, {"algebra", "{\"form\":\"pretty\"}", "\"x\"", "\"x\"", -1, NULL},
    {"algebra", "{\"antiderivative\":true}", "\"x^2\"", "\"x^2+C\"", 1, ""}, {"algebra", "{\"antiderivative\":true}", "\"x^2\"", "\"x^2\"", 0, "constant-missing"}, {"algebra", "{\"derivative\":true}", "\"x^3\"", "\"3x^2\"", 1, ""},
    {"algebra", "{}", "\"28x^6\"", "\"f'(x) = 28x^6\"", 1, ""}, {"algebra", "{}", "\"28x^6\"", "\"f'(x) = 28x^5\"", 0, NULL}, {"algebra", "{}", "\"12a+7b\"", "\"dL/da = 12a+7b\"", 1, ""},
    {"algebra", "{}", "\"12a+7b\"", "\"\\\\frac{\\\\partial L}{\\\\partial a} = 7b+12a\"", 1, ""}, {"algebra", "{}", "\"12a+7b\"", "\"∂L/∂a = 12a\"", 0, NULL}, {"algebra", "{}", "\"5/(n+27)\"", "\"P = 5/(n+27)\"", 1, ""},
    {"algebra", "{}", "\"5/(n+27)\"", "\"$P(u|q) = \\\\frac{5}{n+27}$\"", 1, ""}, {"algebra", "{}", "\"2x+1\"", "\"y = 2x+1\"", 1, ""}, {"algebra", "{}", "\"2x+1\"", "\"x = 2x+1\"", 0, NULL},
    {"algebra", "{}", "\"28x^6\"", "\"f'(x) = 4*7x^6 = 28x^6\"", 1, ""}, {"algebra", "{}", "\"28x^6\"", "\"f'(x) = 4x^6 = 28x^6\"", 0, NULL}, {"algebra", "{}", "\"y=2x+1\"", "\"y = 2x+1\"", 1, ""},
    {"algebra", "{}", "\"2x+1\"", "\"2y = 4x+2\"", 0, NULL}, {"algebra", "{}", "\"2x+1\"", "\"y >= 2x+1\"", 0, NULL}, {"algebra", "{}", "\"2x+1\"", "\"y <= 2x+1\"", 0, NULL},
    {"algebra", "{}", "\"x+\"", "\"x\"", -1, NULL}, {"algebra", "{}", "[1]", "\"x\"", -1, NULL}, {"algebra", "{}", "\"x\"", "\"x+\"", 0, "unreadable"}, {"algebra", "{}", "\"x\"", "[1]", 0, "unreadable"},
    {"algebra", "{}", "\"x\"", "\"\"", 0, "unreadable"}, {"algebra", "{}", "\"x\"", "\"9^9^9^9\"", 0, "unreadable"}, {"algebra", "{}", "\"x\"", "\"x\\u0000y\"", 0, "unreadable"},
    {"essay", "{}", "\"x\"", "\"x\"", -1, NULL}, {"number", "{}", "\"five\"", "5", -1, NULL},
};
/* clang-format on */

static void try_rows(const struct row *rows, size_t n) {
    int bad = 0;
    for (size_t i = 0; i < n; i++) {
        const struct row *row = &rows[i];
        struct fault fault = {0}, reading = {0};
        struct grade_result told = {0};
        json_t *options = json_parse(view_of(row->options), &reading);
        json_t *key = json_loads(row->key, JSON_DECODE_ANY, NULL);
        json_t *answer = json_loads(row->answer, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
        if (!options || !key || !answer)
            fail_msg("row %zu is no JSON: %s", i, row->answer);
        bool good = grade_answer(row->check, key, answer, options, 1, &told, &fault);
        double score = good ? told.score : -1;
        bool right = score > row->score - 1e-9 && score < row->score + 1e-9 &&
                     good == (fault.kind == FAULT_NONE) &&
                     (!good || !row->note || !strcmp(row->note, told.note));
        if (!right && ++bad)
            print_message("%s %s %s | %s: %g %s\n", row->check, row->options, row->key,
                          row->answer, score, good ? told.note : fault.message);
        json_decref(options);
        json_decref(key);
        json_decref(answer);
    }
    assert_int_equal(bad, 0);
}

static void
a_text_is_the_same_however_it_is_spaced_cased_and_punctuated_but_not_misspelt(void **state) {
    (void)state;
    try_rows(texts, COUNT_OF(texts));
}

static void part_of_a_pick_earns_part_and_ticking_everything_earns_nothing(void **state) {
    (void)state;
    try_rows(picks, COUNT_OF(picks));
}

static void a_formula_is_graded_with_the_authors_options(void **state) {
    (void)state;
    try_rows(formulas, COUNT_OF(formulas));
}

static void each_check_of_the_list_exists_and_no_other(void **state) {
    (void)state;
    size_t n = 0;
    for (; grade_checks()[n]; n++)
        assert_true(grade_check_exists(grade_checks()[n]));
    assert_true(n > 0);
    assert_false(grade_check_exists("essay"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            a_text_is_the_same_however_it_is_spaced_cased_and_punctuated_but_not_misspelt),
        cmocka_unit_test(part_of_a_pick_earns_part_and_ticking_everything_earns_nothing),
        cmocka_unit_test(a_formula_is_graded_with_the_authors_options),
        cmocka_unit_test(each_check_of_the_list_exists_and_no_other),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    algebra_thread_end();
    return failed;
}
