/* Every mistake that an author can make is told, with its file, its line and what to do. */
#include "folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static json_t *check(const char *folder) {
    struct fault fault = {0};
    json_t *problems = school_check_course(folder, &fault);
    if (!problems)
        fail_msg("%s", fault.message);
    return problems;
}

static void a_sound_course_has_no_mistakes(void **state) {
    (void)state;
    const char *folder = folder_new();
    json_t *problems = check(folder), *counts = school_count_course(folder, NULL);
    struct buffer text = {0};
    buffer_json(&text, problems);
    assert_string_equal(text.at, "[]");
    assert_int_equal(json_number(counts, "lessons", 0), 1);
    assert_int_equal(json_number(counts, "translations", 0), 1);
    assert_int_equal(json_number(counts, "exercises", 0), 2);
    assert_int_equal(json_number(counts, "skills", 0), 2);
    buffer_free(&text);
    json_decref(problems);
    json_decref(counts);
    folder_free();
}

#define ABOUT "course.yaml"
#define LESSON "01-first/lesson.md"
#define CHINESE "01-first/lesson.zh.md"
#define FIGURE "01-first/figure.svg"

static const struct mistake {
    const char *file, *from, *to;
    const char *at; /* stands on the line told; NULL: no line is asserted */
    const char *message;
    const char *remedy; /* part of it; NULL: any */
    const char *told;   /* the file told; NULL: the same */
} mistakes[] = {
    /* course.yaml */
    {ABOUT, "licence:", "license:", "license:", "no key \"license\"", "licence", NULL},
    {ABOUT, "prerequisites: []", "prerequisites: [pick]", "id: pick", "which builds on it", NULL,
     NULL},
    {ABOUT, "[add]", "[ad]", "[ad]", "builds on ad, which does not exist", "add", NULL},
    {ABOUT, "mastery: 0.9", "mastery: 9", "mastery: 9", "between 0 and 1", NULL, NULL},
    {ABOUT, "title: {en: A", "title: {fr: A", "title: {fr", "no title in en", NULL, NULL},
    {ABOUT, "languages: [en, zh]", "languages: [en]", NULL, "not taught in \"zh\"", NULL, CHINESE},
    {ABOUT, "languages: [en, zh]", "languages: [\"<b>\"]", "languages", "no language", NULL, NULL},
    {ABOUT, "id: pick", "id: add", "Picking", "two skills add", NULL, NULL},
    {ABOUT, "prerequisites: [add]}\n",
     "prerequisites: [add]}\n  - {id: lonely, title: {en: Alone}}\n", "lonely",
     "no exercise practises the skill lonely", NULL, NULL},
    {ABOUT, "mastery: 0.9", "mastery: 0.9\nmastery: 0.8", "mastery: 0.8", "stands here twice",
     NULL, NULL},
    {ABOUT, "authors: [Somebody]", "authors: &me [Somebody]", "authors", "anchors", NULL, NULL},
    {ABOUT, "authors: [Somebody]", "authors: *me", "authors", "anchors", NULL, NULL},
    {ABOUT, "authors: [Somebody]", "authors: [Some", "licence", "this is not YAML", NULL, NULL},
/* what is told in several ways */
#define TOLD(inside) LESSON, "To *add* is to count on. For example $2 + 3 = 5$.\n", inside
    {TOLD("::::{explanation}\nPlain.\n:::{variant}\n:for: musik\nA song.\n:::\n::::\n"),
     ":for: musik", "no learner is \"musik\"", "music", NULL},
    {TOLD("::::{explanation}\nPlain.\n:::{variant}\nA song.\n:::\n::::\n"), ":::{variant}",
     "does not say for whom", ":for: child", NULL},
    {TOLD("::::{example}\nPlain.\n:::{variant}\n:for: child\n:::\n::::\n"), ":::{variant}",
     "this variant is empty", NULL, NULL},
    {TOLD("::::{explanation}\n:::{variant}\n:for: child\nA song.\n:::\n::::\n"),
     "::::{explanation}", "no plain text", NULL, NULL},
    {TOLD("::::{explanation}\nPlain.\n::::\n"), "::::{explanation}", "has no variant", NULL, NULL},
    {TOLD("::::{explanation}\nPlain.\n:::{variant}\n:for: child\nA song.\n:::\nMore.\n::::\n"),
     "More.", "stands behind a variant", NULL, NULL},
    {TOLD("::::{explanation}\nPlain.\n:::{hint}\nA song.\n:::\n::::\n"), ":::{hint}",
     "no part {hint}", "{variant}", NULL},
    {TOLD("::::{explanation}\nPlain.\n:::{variant}\n:for: child\n## Song\n:::\n::::\n"), "## Song",
     "a heading stands in an explanation", NULL, NULL},
    {TOLD("::::{explanation}\nPlain.\n:::{variant}\n:for: child\nA song.\n::::\n"), ":::{variant}",
     "this variant is not closed", NULL, NULL},
    {TOLD("::::{explanation}\nOnce.\n:::{variant}\n:for: child\nA.\n:::\n::::\n"
          "::::{explanation}\nTwice.\n:::{variant}\n:for: child\nB.\n:::\n::::\n"),
     "Twice.", "a second explanation", "new section", NULL},
    {TOLD("::::{explain}\nPlain.\n::::\n"), "::::{explain}", "there is no {explain}", NULL, NULL},
    {TOLD(":::{variant}\n:for: child\nA song.\n:::\n"), ":::{variant}",
     "outside of an explanation", "explanation", NULL},
    /* the lesson */
    {LESSON, "# First steps", "", "", "the lesson has no title", NULL, NULL},
    {LESSON, "(figure.svg)", "(nowhere.svg)", "(nowhere.svg)", "no figure nowhere.svg", NULL,
     NULL},
    {LESSON, "(figure.svg)", "(../figure.svg)", "(../figure.svg)", "no figure of this lesson",
     NULL, NULL},
    {LESSON, "![Two dots and three dots]", "![]", "![]", "for those who cannot see", NULL, NULL},
    {LESSON, "$2 + 3 = 5$", "$\\frac{2 + 3 = 5$", "\\frac{2", "a { that is not closed", NULL,
     NULL},
    {LESSON, "$2 + 3 = 5$", "$2 + 3} = 5$", "3} =", "a } that closes nothing", NULL, NULL},
    {LESSON, "$2 + 3 = 5$", "$\\left( 2 = 5$", "\\left(", "\\left and \\right", NULL, NULL},
    {LESSON, "$2 + 3 = 5$", "$2 + 3 = 5", "$2 + 3", "a formula that is not closed", "\\$", NULL},
    {LESSON, "It begins here.", "[It](javascript:alert) begins.", "[It]", "is not followed", NULL,
     NULL},
    {LESSON, "It begins here.", "\n:::{note} Look\n:::\n", ":::{note}", "there is no {note}", NULL,
     NULL},
    {LESSON, "It begins here.", "\n:::{hint} Look\n:::\n", ":::{hint} Look",
     "stands outside of an exercise", NULL, NULL},
    /* an exercise */
    {LESSON, ":label: pick-1", ":label: sum-1", "{exercise} Pick", "the label sum-1 is taken",
     NULL, NULL},
    {LESSON, ":label: sum-1\n", "", "{exercise} Sum", "has no label", NULL, NULL},
    {LESSON, ":label: sum-1", ":label: <b>", ":label: <b>", "cannot be a label", NULL, NULL},
    {LESSON, ":skill: add", ":skill: ad", ":skill: ad", "no skill ad", "Did you mean add?", NULL},
    {LESSON, ":skill: add\n", "", "{exercise} Sum", "has no skill", NULL, NULL},
    {LESSON, ":skill: add", ":skil: add", ":skil:", "no key \"skil\"", "Did you mean skill?",
     NULL},
    {LESSON, "{exercise} Sum", "{exercise}", "{exercise}\n", "has no title", NULL, NULL},
    {LESSON, "check: number", "check: nubmer", "nubmer", "no check nubmer", "Did you mean number?",
     NULL},
    {LESSON, "check: number", "chek: number", "chek:", "no key \"chek\"", "Did you mean check?",
     NULL},
    {LESSON, "check: number", "check: number\noptions: {relativ: 0.1}", "relativ",
     "no key \"relativ\"", "Did you mean relative?", NULL},
    {LESSON, "~~~yaml\nvary", "~~~\nvary", "~~~\nvary", "must be yaml", NULL, NULL},
    {LESSON, "ask: What comes out?\ncheck: n", "check: n", NULL, "asks nothing", NULL, NULL},
    {LESSON, ":::{hint} What do you do with both?\n:::\n", "", "{exercise} Sum", "one hint alone",
     NULL, NULL},
    {LESSON, ":::{hint} What do", ":::{hnit} What do", "{hnit}", "no part {hnit}",
     "Did you mean hint?", NULL},
    {LESSON, ":::{solution} It is red.\n:::\n", "", "{exercise} Pick", "has no solution", NULL,
     NULL},
    {LESSON, ":::{solution} It is red.\n:::\n", ":::{solution} It is red.\n",
     ":::{solution} It is", "is not closed", NULL, NULL},
    {LESSON, ":::{solution} It is red.\n:::\n::::", ":::{solution} It is red.\n:::",
     "{exercise} Pick", "the exercise is not closed", NULL, NULL},
    {LESSON, ":::{solution} It", "Stray words.\n:::{solution} It", "Stray words",
     "in none of its parts", NULL, NULL},
    {LESSON, "\"{s}\"", "{s}", "key: {s}", "begins with a brace", "quotes", NULL},
    {LESSON, "\"{s}\"", "\"{t}\"", "key: \"{t}\"", "nothing says what \"t\" is", NULL, NULL},
    {LESSON, "{solution} $ {a}", "{solution} $ {aa}", "{aa}", "nothing says what \"aa\" is",
     "Name it in `vary`", NULL},
    {LESSON, "{solution} $ {a}", "{solution} $ {a", "$ {a +", "is not closed", NULL, NULL},
    {LESSON, "{solution} $ {a}", "{solution} $ {a/0}", "{a/0}", "a division by zero", NULL, NULL},
    {LESSON, "{solution} $ {a}", "{solution} $ {log2(3)}", "{log2", "no exact value", "round",
     NULL},
    {LESSON, "where: a != b - 10", "where: a > b", "where: a > b", "no numbers were found", NULL,
     NULL},
    {LESSON, "where: a != b - 10", "where: a", "where: a", "compares nothing", NULL, NULL},
    {LESSON, "a: 2..9", "a: 9..2", "9..2", "neither a range nor a list", NULL, NULL},
    {LESSON, "a: 2..9", "round: 2..9", "round", "cannot be a name", NULL, NULL},
    {LESSON, "let: {s: a + b}", "let: {s: round(a, 1)}", "let:", "a ) is missing", "quotes", NULL},
    {LESSON, "It is red.", "It is {c}.", "{c}", "filled only in an exercise with `vary`", NULL,
     NULL},
    {LESSON, "key: 2", "key: 4", "key: 4", "does not fit the check choice", "counted from 1",
     NULL},
    {LESSON, "the old owl]", "the red fox]", "options:", "read the same", NULL, NULL},
    {LESSON,
     "wrong:\n  - {is: 1, why: cow, say: \"What do you do with both?\"}\n  - {is: 3, why: "
     "owl, say: \"Count on.\"}\n",
     "", "{exercise} Pick", "foresees no wrong answer", NULL, NULL},
    {LESSON, "why: cow", "wy: cow", "wy: cow", "no key \"wy\"", "Did you mean why?", NULL},
    {LESSON, "why: cow, say: \"What do you do with both?\"", "why: cow", "why: cow",
     "nothing is said", NULL, NULL},
    /* what many seeds bring to light */
    {LESSON, "\"{b - a}\"", "\"{b + a}\"", "{b + a}", "is right", "where", NULL},
    {LESSON, "\"{b - a}\"", "\"{a * b}\"", "multiplied", "is the same as the one before it", NULL,
     NULL},
    {LESSON, "\"{b - a}\"", "\"what?\"", "what?", "cannot be read", NULL, NULL},
    {LESSON, "key: \"{s}\"", "key: \"{s} bananas\"", "bananas", "is not graded right", NULL, NULL},
    {LESSON, ":::{hint} What do you do with both?", ":::{hint} It is {s}.", "It is {s}",
     "hint 1 holds the key", NULL, NULL},
    {LESSON, ":::{hint} What do you do with both?", ":::{hint} So $x = {a + b}$.", "So $x",
     "hint 1 holds the key", NULL, NULL},
    {LESSON, ":::{hint}\nCount on.", ":::{hint}\nHalf of it is {s/2}; twice {2*s}/2; it is {s}.0",
     ":::{hint}\n", "hint 2 holds the key", NULL, NULL},
    {LESSON, "say: \"Count on.\"", "say: \"No, {s}.\"", "No, {s}",
     "what is said to this wrong answer holds the key", NULL, NULL},
    {LESSON, "say: \"Count on.\"}\n~~~\n:::{hint} What do you do with both?\n:::\n:::{hint} Count",
     "say: \"Count on.\"}\n~~~\n:::{hint} Is it the **red fox**?\n:::\n:::{hint} Count",
     "**red fox**", "hint 1 holds the key", NULL, NULL},
    {LESSON, "ask: What comes out?", "ask: Add {a} and {b}. The answer is {s}.", "ask: Add",
     "the question holds the key", NULL, NULL},
    {LESSON, "ask: What comes out?\ncheck: choice", "ask: Where is the red fox?\ncheck: choice",
     "Where is the red fox", "the question holds the key", NULL, NULL},
    /* translations */
    {CHINESE, ":label: sum-1", ":label: sum-2", "{exercise} Sum", "has no exercise sum-2", NULL,
     NULL},
    {CHINESE, "key: 2", "key: 1", "key: 1", "key is not that of", NULL, NULL},
    {CHINESE, "a: 2..9", "a: 2..8", "a: 2..8", "vary is not that of", NULL, NULL},
    {CHINESE, "## 结束\n", "", "# 第一步", "1 sections stand here and 2", NULL, NULL},
    /* figures */
    {FIGURE, "<use href=\"#line\"/>", "<script>alert(1)</script>", "<script>", "<script>", NULL,
     NULL},
    {FIGURE, "<use href=\"#line\"/>", "<style>a{}</style>", "<style>", "<style>", NULL, NULL},
    {FIGURE, "<use href=\"#line\"/>", "<foreignObject/>", "<foreignObject", "<foreignObject", NULL,
     NULL},
    {FIGURE, "<use href=\"#line\"/>", "<g onload=\"x()\"/>", "onload", "event handler onload",
     NULL, NULL},
    {FIGURE, "<use href=\"#line\"/>", "<g OnLoad=\"x()\"/>", "OnLoad", "event handler", NULL,
     NULL},
    {FIGURE, "<use href=\"#line\"/>", "<g style=\"fill:red\"/>", "style=", "style=", NULL, NULL},
    {FIGURE, "#line\"", "http://a/b.svg#c\"", "http://a", "outside itself", NULL, NULL},
    {FIGURE, "url(#tip)", "url(http://a/#tip)", "http://a", "outside itself", NULL, NULL},
    {FIGURE, "url(#tip)", "u&#114;l(http://a/#tip)", "http://a", "an entity", NULL, NULL},
    {FIGURE, "<svg xmlns", "<!DOCTYPE svg [<!ENTITY a \"b\">]><svg xmlns", "<!DOCTYPE",
     "document type", NULL, NULL},
    {FIGURE, "<use href=\"#line\"/>", "<text>&boom;</text>", "&boom;", "no entity", NULL, NULL},
    {FIGURE, "<use href=\"#line\"/>", "<g>", "</svg>", "closes nothing", NULL, NULL},
    {FIGURE, "</svg>", "", NULL, "is not closed", NULL, NULL},
    {FIGURE, "<use href=\"#line\"/>", "<title><g/></title>", "<title>", "hold text alone", NULL,
     NULL},
};

static bool told(const json_t *problems, const struct mistake *mistake, const char *file,
                 long line) {
    const json_t *one;
    size_t i;
    json_array_foreach(problems, i, one) {
        struct view where = view_of(json_text(one, "file", ""));
        if (view_ends(where, file) && strstr(json_text(one, "message", ""), mistake->message) &&
            (!line || json_number(one, "line", 0) == (double)line) &&
            strstr(json_text(one, "remedy", ""), mistake->remedy ? mistake->remedy : "") &&
            json_text(one, "remedy", "")[0])
            return true;
    }
    return false;
}

static void each_mistake_is_told_with_its_file_its_line_and_a_remedy(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(mistakes); i++) {
        const struct mistake *mistake = &mistakes[i];
        const char *folder = folder_new();
        char *text = text_with(sound_text(mistake->file), mistake->from, mistake->to);
        long line = mistake->at ? line_with(text, mistake->at) : 0;
        folder_write(mistake->file, text);
        json_t *problems = check(folder);
        struct buffer said = {0};
        buffer_json(&said, problems);
        if (!told(problems, mistake, mistake->told ? mistake->told : mistake->file, line))
            fail_msg("mistake %zu (%s → %s): line %ld \"%s\" is not told, but %s", i,
                     mistake->from, mistake->to, line, mistake->message, said.at);
        buffer_free(&said);
        json_decref(problems);
        free(text);
        folder_free();
    }
}

static void missing_files_are_told(void **state) {
    (void)state;
    const char *folder = folder_new();
    struct fault fault = {0};
    folder_remove("01-first/lesson.md");
    json_t *problems = check(folder);
    assert_true(
        told(problems, &(struct mistake){.message = "has no lesson.md"}, "01-first/lesson.md", 0));
    json_decref(problems);
    folder_remove("course.yaml");
    assert_null(school_check_course(folder, &fault));
    assert_int_equal(fault.kind, FAULT_MISSING);
    assert_non_null(strstr(fault.file, "course.yaml"));
    folder_free();
}

/* A figure used twice, in prose and in an exercise, is told once. */
static void a_bad_figure_is_told_once(void **state) {
    (void)state;
    const char *folder = folder_new();
    folder_write(FIGURE, "<svg><script/></svg>");
    json_t *problems = check(folder);
    assert_int_equal(json_array_size(problems), 1);
    json_decref(problems);
    folder_free();
}

static void a_hint_may_repeat_what_the_question_gives(void **state) {
    (void)state;
    const char *folder = folder_new();
    char *text = text_with(sound_text(LESSON), "ask: What comes out?",
                           "ask: \"Add {a} and {b}. Is it more than {s}?\"");
    char *whole = text_with(text, ":::{hint} What do you do with both?", ":::{hint} It is {s}.");
    folder_write(LESSON, whole);
    json_t *problems = check(folder);
    assert_int_equal(json_array_size(problems), 0);
    json_decref(problems);
    free(text);
    free(whole);
    folder_free();
}

/* The first exercise with another key and another first hint. */
static void hint_holds_key(const char *check_and_key, const char *hint, bool holds) {
    const char *folder = folder_new();
    char hint_line[200];
    snprintf(hint_line, sizeof hint_line, "{hint} %s", hint);
    char *key = text_with(sound_text(LESSON), "check: number\nkey: \"{s}\"", check_and_key);
    char *text = text_with(key, "{hint} What do you do with both?", hint_line);
    json_t *problems;
    folder_write(LESSON, text);
    folder_remove(CHINESE);
    problems = check(folder);
    if ((json_array_size(problems) == 1 &&
         told(problems, &(struct mistake){.message = "hint 1 holds the key"}, LESSON,
              line_with(text, hint))) != holds ||
        (!holds && json_array_size(problems)))
        fail_msg("%s / %s", check_and_key, hint);
    json_decref(problems);
    free(key);
    free(text);
    folder_free();
}

static void a_key_is_found_in_another_form_and_by_chance_is_not(void **state) {
    static const struct {
        const char *key, *hint;
        bool holds;
    } cases[] = {
        {"check: number\nkey: \"{s/1000}\"", "It is {round(s/1000, 3)}.", true},
        {"check: number\nkey: \"{s/1000}\"", "It is {round(s/10, 1)}%.", true},
        {"check: number\nkey: \"{s/1000}\"", "It is {s/1000 + 1}.", false},
        {"check: number\nkey: \"{s + 0.5}\"", "Es {s},5.", true},
        {"check: number\nkey: \"{s + 0.5}\"", "Es $x = {s},5$.", true},
        {"check: number\nkey: \"{s + 0.5}\"", "Es ${s}{{,}}5$.", true},
        {"check: number\nkey: \"{s}\"", "Between {s},5 and 70.", false},
        {"check: number\nkey: \"{s*1000}\"", "It is {s},000.", true},
        {"check: number\nkey: \"{s}\"", "There are 15 of them, or 20.", false},
        {"check: number\nkey: \"{s}\"", "Look at $ {s} + 1 $ and {s} + 1.", false},
        {"check: number\nkey: \"{s}\"", "Look at step {s} and $x^{s}$ and x_{s}.", false},
        {"check: algebra\nkey: \"{a}*x + {b}\"", "It is $ {b} + {a}x $.", true},
        /* numbers of other scripts, and what they count in other languages */
        {"check: number\nkey: 777", "إنه ٧٧٧.", true},
        {"check: number\nkey: 7.5", "إنه ٧٫٥.", true},
        {"check: number\nkey: 777", "是７７７。", true},
        {"check: number\nkey: 777", "انظر إلى الخطوة 777.", false},
        {"check: number\nkey: 777", "Mira el paso 777 y la lección 777.", false},
        {"check: number\nkey: 777", "看第777步和图 777。", false},
        {"check: algebra\nkey: \"{a}*x + {b}\"", "So $y = {a}(x + {b}/{a})$.", true},
        {"check: algebra\nkey: \"{a}*x + {b}\"", "Look at $ {a}x $.", false},
        {"check: algebra\nkey: \"x = {s}\"", "So $x = {s}$.", true},
        {"check: text\nkey: [bananas, rabbits]", "Think of *Rabbits*!", true},
        {"check: text\nkey: [bananas, rabbits]", "Think of one rabbit.", false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        hint_holds_key(cases[i].key, cases[i].hint, cases[i].holds);
}

/* "is right" where one of a list is, and nothing where each of them is wrong. */
static void a_wrong_text_may_be_a_list_and_each_of_it_is_tried(void **state) {
    static const struct {
        const char *wrong, *message;
    } cases[] = {{"[cow, the cow]", NULL}, {"[cow, Fox]", "the wrong answer Fox is right"}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *folder = folder_new();
        char is[80];
        snprintf(is, sizeof is, "{is: %s, why: cow", cases[i].wrong);
        char *key = text_with(sound_text(LESSON),
                              "check: choice\noptions: {choices: [the brown cow, the red fox, "
                              "the old owl]}\nkey: 2",
                              "check: text\nkey: [fox, the fox]");
        char *one = text_with(key, "{is: 1, why: cow", is);
        char *text = text_with(one, "{is: 3,", "{is: [owl, the owl],");
        folder_write(LESSON, text);
        folder_remove(CHINESE);
        json_t *problems = check(folder);
        struct buffer told_text = {0};
        buffer_json(&told_text, problems);
        assert_int_equal(json_array_size(problems), cases[i].message ? 1 : 0);
        assert_true(!cases[i].message || strstr(told_text.at, cases[i].message));
        buffer_free(&told_text);
        json_decref(problems);
        free(key);
        free(one);
        free(text);
        folder_free();
    }
}

/* A key of words is found as words, in any script. */
static void a_key_of_words_is_found_as_words_of_its_own(void **state) {
    static const struct {
        const char *key, *hint;
        bool holds;
    } cases[] = {
        {"gradient", "It is the Gradient.", true},
        {"gradient", "Two gradients meet.", false},
        {"está", "Así está.", true},
        {"está", "Antes estábamos lejos.", false},
        {"sí", "Mira si sí o si no.", false}, /* any sentence may hold it */
        {"вес", "Это вес.", true},
        {"вес", "Весна пришла.", false},
        {"الميل", "احسب ميل الخط.", true},
        {"ميل", "ابدأ بالميل وحده.", true},
        {"ميل", "وللمَيْل معنى.", true},
        {"جبر", "أنت مجبر على هذا.", false},
        {"جبر", "الجبرية كلمة أخرى.", false},
        {"لا", "لا تنس الإشارة.", false},
        {"梯度", "想想梯度的方向。", true},
        {"大", "大家想一想。", false},
        {"ب\", \"الحرف ب", "هل هو الحرف ب والحرف ت معًا؟", false},
        {"b\", \"the letter b", "Between the letter b and the letter c.", false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char key[80];
        snprintf(key, sizeof key, "check: text\nkey: [\"%s\"]", cases[i].key);
        hint_holds_key(key, cases[i].hint, cases[i].holds);
    }
}

/* A question that offers the right choice with others does not tell it. */
static void a_question_may_offer_the_key_in_any_language(void **state) {
    static const struct {
        const char *ask;
        bool holds;
    } cases[] = {{"Where is the red fox", true},
                 {"Is it the red fox or not", false},
                 {"¿Es the red fox o no", false},
                 {"هل هو the red fox أم لا", false},
                 {"是 the red fox 还是别的", false}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *folder = folder_new();
        char ask[120];
        snprintf(ask, sizeof ask, "ask: %s?\ncheck: choice", cases[i].ask);
        char *text = text_with(sound_text(LESSON), "ask: What comes out?\ncheck: choice", ask);
        folder_write(LESSON, text);
        folder_remove(CHINESE);
        json_t *problems = check(folder);
        if (json_array_size(problems) != cases[i].holds)
            fail_msg("%s", cases[i].ask);
        json_decref(problems);
        free(text);
        folder_free();
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sound_course_has_no_mistakes),
        cmocka_unit_test(each_mistake_is_told_with_its_file_its_line_and_a_remedy),
        cmocka_unit_test(missing_files_are_told),
        cmocka_unit_test(a_bad_figure_is_told_once),
        cmocka_unit_test(a_wrong_text_may_be_a_list_and_each_of_it_is_tried),
        cmocka_unit_test(a_key_is_found_in_another_form_and_by_chance_is_not),
        cmocka_unit_test(a_hint_may_repeat_what_the_question_gives),
        cmocka_unit_test(a_key_of_words_is_found_as_words_of_its_own),
        cmocka_unit_test(a_question_may_offer_the_key_in_any_language),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
