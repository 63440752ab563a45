/* The tools: what each finds, what it refuses, and that a call is always well formed. */
#include "constrained.h"
#include "fake_company.h"
#include "school/grade/sandbox.h"
#include "school/tools/inside.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct place_of_one {
    struct arena *arena;
    struct course *course;
    struct recall *recall;
    struct tool_rules *rules;
    json_t *notes;
    struct tool_place place;
    struct fault fault;
};

static int open_place(void **state) {
    struct place_of_one *one = must_alloc(1, sizeof *one);
    json_t *problems = json_array();
    one->arena = arena_new();
    one->course = course_load(TOOLS_COURSE, problems, &one->fault);
    json_decref(problems);
    one->recall = one->course ? recall_open(&one->course, 1, &one->fault) : NULL;
    one->rules = tool_rules_open(&one->fault);
    one->notes = json_pack("[{s:s,s:s,s:I},{s:s,s:s,s:I}]", "about", "own", "text",
                           "I read best in the morning.", "at", (json_int_t)1e12, "about", "goal",
                           "text", "I want to build a robot.", "at", (json_int_t)1e12);
    one->place = (struct tool_place){.rules = one->rules,
                                     .recall = one->recall,
                                     .course = one->course,
                                     .language = "en",
                                     .notes = one->notes,
                                     .programs = true};
    fake_state = COMPANY_ABSENT;
    fake_words = NULL;
    fake_n_asked = 0;
    fake_embeds = false;
    *state = one;
    if (!day_parse(VIEW("2026-11-29"), &one->place.today) || !one->recall || !one->rules) {
        print_message("%s\n", one->fault.message);
        return -1;
    }
    return 0;
}

static int close_place(void **state) {
    struct place_of_one *one = *state;
    recall_close(one->recall);
    course_free(one->course);
    tool_rules_close(one->rules);
    json_decref(one->notes);
    arena_free(one->arena);
    free(one);
    return 0;
}

/* "391", "≈ 1.5", "!" and why not. */
static const char *call(struct place_of_one *one, const char *line) {
    struct tool_call read;
    struct tool_result result;
    if (!tool_call_read(view_of(line), &read, &one->fault))
        return "?";
    tool_run(&one->place, &read, one->arena, &result);
    assert_true(result.text.n <= TOOL_FOUND);
    return result.end == TOOL_DONE
               ? arena_string(one->arena, result.text)
               : arena_format(one->arena, "!%s", tool_problem(&result, one->place.language));
}

struct row {
    const char *line, *found;
};

static void try_rows(struct place_of_one *one, const struct row *rows, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (strcmp(call(one, rows[i].line), rows[i].found) != 0)
            fail_msg("%s\n  gives %s\n  not   %s", rows[i].line, call(one, rows[i].line),
                     rows[i].found);
}

/* ---------------------------------------------------------------------------------- each of them
 */

static void sums_are_exact_and_say_when_they_have_no_value(void **state) {
    static const struct row rows[] = {
        {"sum: 17 * 23", "391"},
        {"sum: 0.1 + 0.2", "0.3"},
        {"sum: 2 ^ 100", "1267650600228229401496703205376"},
        {"sum: 1/8 - 1", "-0.875"},
        {"sum: 1/20", "0.05"},
        {"sum: 1/3", "1/3 ≈ 0.333333"},
        {"sum: 15% * 80", "12"},
        {"sum: 80 + 5%", "84"},
        {"sum: 80 - 12.5%", "70"},
        {"sum: mean(4, 9, 11)", "8"},
        {"sum: sqrt(144)", "12"},
        {"sum: sqrt(2)", "≈ 1.414213562"},
        {"sum: 5 - 8", "-3"},
        {"sum: 0 * 7", "0"},
        {"sum: 1/0", "!this has no value that I can write"},
        {"sum: 0/0", "!this has no value that I can write"},
        {"sum: 0^(0-1)", "!this has no value that I can write"},
        {"sum: sqrt(0-1)", "!this has no value that I can write"},
        {"sum: 9^9999^2", "!this has no value that I can write"},
        {"sum: (9^999)^999", "!this has no value that I can write"},
        {"sum: 9^9^9", "!this has no value that I can write"},
        {"sum: x + 1", "!this has no value that I can write"},
        {"sum: 3 +", "!this is no sum"},
        {"sum: %", "!this is no sum"},
        {"sum: mean(", "!this is no sum"},
        {"sum: ((((", "!this is no sum"},
    };
    try_rows(*state, rows, COUNT_OF(rows));
}

static void units_are_converted_within_their_kind(void **state) {
    static const struct row rows[] = {
        {"convert: 3 miles to metres", "4828.032 metres"},
        {"convert: 100 °F to °C", "≈ 37.7777778 °C"},
        {"convert: 30 C to F", "86 F"},
        {"convert: 0 kelvin to celsius", "-273.15 celsius"},
        {"convert: 1 week to hours", "168 hours"},
        {"convert: 3 foos to metres", "!I do not know these units"},
        {"convert: 3 miles to foos", "!I do not know these units"},
        {"convert: 3 metres to seconds", "!these units measure different things"},
        {"convert: 3 miles", "!I do not know these units"},
        {"convert: to to to", "!I do not know these units"},
    };
    try_rows(*state, rows, COUNT_OF(rows));
}

static void days_are_counted_by_the_calendar(void **state) {
    static const struct row rows[] = {
        {"date: today", "2026-11-29, Sunday"},
        {"date: today + 40", "2027-01-08, Friday"},
        {"date: today + 3 weeks", "2026-12-20, Sunday"},
        {"date: 2024-02-28 + 2", "2024-03-01, Friday"},
        {"date: days 2026-03-03 to 2026-05-19", "77"},
        {"date: days 2026-05-19 to 2026-03-03", "-77"},
        {"date: weekday 1969-07-20", "Sunday"},
        {"date: 2023-02-29", "!this is no date"},
        {"date: today + 99999999", "!this is no date"},
        {"date: 9999-12-31 + 1", "!this is no date"},
        {"date: weekday tomorrow", "!this is no date"},
        {"date: +", "!this is no date"},
    };
    try_rows(*state, rows, COUNT_OF(rows));
}

static void the_course_its_terms_and_the_notes_are_looked_through(void **state) {
    struct place_of_one *one = *state;
    assert_non_null(strstr(call(one, "look: surprise text"), "average surprise"));
    static const struct row rows[] = {
        {"look: zebra quagga okapi", "!nothing was found"},
        {"term: zebra", "!nothing was found"},
        {"note: my goal", "I want to build a robot."},
        {"note: the morning", "I read best in the morning."},
        {"note: zebras", "!nothing was found"},
        {"note: *", "I read best in the morning."},
    };
    try_rows(one, rows, COUNT_OF(rows));
    one->place.course = NULL;
    one->place.notes = NULL;
    static const struct row without[] = {
        {"look: loss", "!there is no course here"},
        {"term: loss", "!there is no course here"},
        {"note: goal", "!there are no notes here"},
    };
    try_rows(one, without, COUNT_OF(without));
}

static void passages_are_found_by_words_and_by_meaning_together(void **state) {
    struct place_of_one *one = *state;
    one->place.company = company_open(&(struct company_options){0}, &one->fault);
    one->place.vectors = vectors_open();
    assert_string_equal(call(one, "look: surpassing averse"), "!nothing was found");
    vectors_wait(&one->place); /* who answers nobody leaves nothing behind */
    fake_embeds = true;
    vectors_wait(&one->place);
    assert_non_null(strstr(call(one, "look: surpassing averse"), "average surprise"));
    fake_embeds = false; /* the librarian has gone: by words alone */
    assert_non_null(strstr(call(one, "look: surprise text"), "average surprise"));
    vectors_close(one->place.vectors);
    company_close(one->place.company);
    one->place.vectors = NULL;
    one->place.company = NULL;
}

static void programs_run_in_the_sandbox_or_are_refused(void **state) {
    struct place_of_one *one = *state;
    if (sandbox_works(&one->fault)) {
        assert_string_equal(call(one, "code: print(2 + 3)"), "5");
        assert_string_equal(call(one, "code: sum(range(10))"), "45");
        assert_non_null(strstr(call(one, "code: 1/0"), "ZeroDivisionError"));
        assert_string_equal(call(one, "code: x = 1"), "!the program writes nothing");
        assert_string_equal(call(one, "code: while True: pass"),
                            "!the program did not end in time");
        assert_string_equal(call(one, "code: print('a' * 9999)"), "!the program wrote too much");
    }
    one->place.programs = false;
    assert_string_equal(call(one, "code: print(2 + 3)"),
                        "!programs cannot be run safely on this machine");
}

static void what_is_no_call_is_refused(void **state) {
    char *longest = must_alloc(TOOL_ASKED + 9, 1);
    memset(longest, '1', TOOL_ASKED + 8);
    memcpy(longest, "sum: ", 5);
    static const char *const lines[] = {"",
                                        ":",
                                        "sum",
                                        "sum:",
                                        "sum:   ",
                                        "nonsense: 3",
                                        "sum 3 + 4",
                                        "a very long name of a tool: 3",
                                        "sum: \xff\xfe"};
    for (size_t i = 0; i < COUNT_OF(lines); i++)
        assert_string_equal(call(*state, lines[i]), "?");
    assert_string_equal(call(*state, longest), "?");
    free(longest);
}

/* ------------------------------------------------------------------------------------- the rules
 */

static const char *plan(struct place_of_one *one, const char *question, const char *language) {
    struct thought thought;
    struct buffer lines = {0};
    one->place.language = language;
    tools_plan(&one->place, view_of(question), one->arena, &thought);
    assert_true(thought.n_step <= TOOL_CALLS);
    for (size_t i = 0; i < thought.n_step; i++)
        buffer_format(&lines, "%s%s: %.*s", i ? " | " : "", thought.steps[i].call.tool->name,
                      VIEW_ARG(thought.steps[i].call.asked));
    if (thought.rest.n && thought.n_step)
        buffer_format(&lines, " | %.*s", VIEW_ARG(thought.rest));
    const char *out = arena_string(one->arena, buffer_view(&lines));
    buffer_free(&lines);
    assert_int_equal(fake_n_asked, 0);
    return out;
}

static void where_a_question_leaves_no_doubt_no_model_is_asked(void **state) {
    static const struct {
        const char *language, *question, *lines;
    } rows[] = {
        {"en", "what is 17 * 23", "sum: 17 * 23"},
        {"en", "What is 17% of 240?", "sum: 17% * 240"},
        {"en", "what is 17 * 23 and how many metres is 3 miles?",
         "sum: 17 * 23 | convert: 3 miles to metres"},
        {"en", "What is 3 + 4? Why do we add one?", "sum: 3 + 4 | Why do we add one?"},
        {"en", "what is 1+1, 2+2, 3+3, 4+4, 5+5",
         "sum: 1+1 | sum: 2+2 | sum: 3+3 | sum: 4+4 | 5+5"},
        {"en", "how many metres is 3 miles", "convert: 3 miles to metres"},
        {"en", "what is 5 km in miles", "convert: 5 km to miles"},
        {"en", "5 kilometres in m?", "convert: 5 kilometres to m"},
        {"en", "convert 3 inches to cm", "convert: 3 inches to cm"},
        {"en", "how many feet in a mile", "convert: 1 mile to feet"},
        {"en", "what is 30 C in F", "convert: 30 C to F"},
        {"es", "¿cuánto es 5 km en millas?", "convert: 5 km to millas"},
        {"en", "what day is in 40 days", "date: today + 40"},
        {"en", "what did I say my goal was", "note: my goal"},
        {"en", "What is my goal?", "note: goal"},
        {"en", "run this code: print(2+3)", "code: print(2+3)"},
        {"en", "What does ```print(2)``` print?", "code: print(2)"},
        {"en", "What does a bigram model do?", ""},
        {"en", "why is the total 52?", ""},
        {"en", "I have 3 cats", ""},
        {"zh", "17乘以23等于多少？", "sum: 17 * 23"},
        {"zh", "3公里是多少米?", "convert: 3 公里 to 米"},
        {"zh", "40天后是星期几？", "date: today + 40"},
        {"zh", "我的目标是什么？", "note: 目标"},
        {"zh", "运行这段代码：print(2+3)", "code: print(2+3)"},
        {"es", "¿cuánto es 17 por 23?", "sum: 17 * 23"},
        {"es", "¿cuánto es el 15% de 80?", "sum: 15% * 80"},
        {"es", "¿cuántos metros son 3 kilómetros?", "convert: 3 kilómetros to metros"},
        {"es", "¿qué día es dentro de 40 días?", "date: today + 40"},
        {"es", "¿cuál era mi meta?", "note: meta"},
        {"es", "ejecuta este código: print(2+3)", "code: print(2+3)"},
        {"ar", "كم يساوي ١٧ في ٢٣؟", "sum: 17 * 23"},
        {"ar", "كم متر في 3 كيلومتر؟", "convert: 3 كيلومتر to متر"},
        {"ar", "ما اليوم بعد 40 يوما؟", "date: today + 40"},
        {"ar", "ما هو هدفي؟", "note: هدفي"},
        {"ar", "شغّل هذا البرنامج: print(2+3)", "code: print(2+3)"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const char *lines = plan(*state, rows[i].question, rows[i].language);
        if (strcmp(lines, rows[i].lines) != 0)
            fail_msg("%s\n  is  %s\n  not %s", rows[i].question, lines, rows[i].lines);
    }
}

/* ------------------------------------------------------------------------------------- the models
 */

static const char *const questions[] = {
    "A cinema has 18 rows of 25 seats. How many seats are there?",
    "Of 40 apples 15% are eaten and 2/3 of the rest are sold, at 1.50 euros each. How much is it?",
    "How many hours and minutes is 3 weeks and 5 days?",
    "Is 3 March 2026 before today, and how many days lie between them? What about 12 days more?",
    "What is loss, and what does `print(\"a\\\\b\" * 2)` do with \"smoothing\"?",
    "他有 3 本书，又买了 5 本。3小时有多少分钟？",
    "¿Cuántos lápices hay en 1.500 cajas de 12 lápices?",
    "كم كتابا لديه إذا كان عنده ١٢ كتابا واشترى ٥؟",
    "\"quotes\" | root ::= \\ and 3 [brackets] in 4 \"rows\"",
};

/* A model of random weights has no idea what a call is. */
static void whatever_is_drawn_under_the_grammar_is_a_call_that_runs(void **state) {
    struct place_of_one *one = *state;
    struct small small;
    one->place.programs = false; /* that they run is tested above */
    small_open(&small, false);
    for (size_t q = 0; q < COUNT_OF(questions); q++) {
        struct asked asked;
        struct buffer gbnf = {0};
        asked_read(view_of(questions[q]), "en", one->arena, &asked);
        struct prospects may = prospects_of(&one->place, &asked, false);
        assert_true(call_grammar(&one->place, &asked, &may, one->arena, &gbnf));
        struct grammar *grammar = grammar_compile(buffer_view(&gbnf), &one->fault);
        if (!grammar)
            fail_msg("%s: %s\n%s", questions[q], one->fault.message, gbnf.at);
        for (uint64_t seed = 0; seed < 60; seed++) {
            struct constraint constraint;
            struct random random;
            struct buffer line = {0};
            random_seed(&random, seed);
            assert_true(
                grammar_constrain(grammar, small.vocabulary, 700, &constraint, &one->fault));
            assert_true(draw_text(&constraint, small.vocabulary, 700, &random, &line));
            struct tool_call read;
            struct tool_result result;
            if (!tool_call_read(buffer_view(&line), &read, &one->fault))
                fail_msg("%s: \"%s\" is no call: %s", questions[q], line.at, one->fault.message);
            tool_run(&one->place, &read, one->arena, &result);
            /* It is about what was asked: never words that no tool can read. */
            assert_true(result.refusal != REFUSE_NO_SUM && result.refusal != REFUSE_NO_DATE &&
                        result.refusal != REFUSE_NO_UNIT);
            constraint_close(&constraint);
            buffer_free(&line);
        }
        grammar_free(grammar);
        buffer_free(&gbnf);
    }
    small_close(&small);
}

static void what_is_picked_is_a_part_of_what_was_found(void **state) {
    struct place_of_one *one = *state;
    struct small small;
    struct view found =
        VIEW("In 1913 A. A. Markov counted 20,000 letters, by hand; 8,638 vowels.");
    small_open(&small, false);
    for (int numbers = 0; numbers < 2; numbers++) {
        struct asked asked;
        struct buffer gbnf = {0};
        asked_read(VIEW("Who counted letters?"), "en", one->arena, &asked);
        assert_true(pick_grammar(&asked, found, numbers, one->arena, &gbnf));
        struct grammar *grammar = grammar_compile(buffer_view(&gbnf), &one->fault);
        assert_non_null(grammar);
        for (uint64_t seed = 0; seed < 60; seed++) {
            struct constraint constraint;
            struct random random;
            struct buffer text = {0}, plain = {0};
            random_seed(&random, seed);
            assert_true(
                grammar_constrain(grammar, small.vocabulary, 200, &constraint, &one->fault));
            assert_true(draw_text(&constraint, small.vocabulary, 200, &random, &text));
            for (size_t i = 0; i < found.n; i++) /* 20,000 is picked as 20000 */
                if (!numbers || found.at[i] != ',')
                    buffer_byte(&plain, found.at[i]);
            assert_true(text.n > 0 && view_find(buffer_view(&plain), buffer_view(&text)) >= 0);
            constraint_close(&constraint);
            buffer_free(&text);
            buffer_free(&plain);
        }
        grammar_free(grammar);
        buffer_free(&gbnf);
    }
    small_close(&small);
}

static void a_member_far_away_that_writes_no_call_is_not_obeyed(void **state) {
    struct place_of_one *one = *state;
    struct thought thought;
    struct think_options options = {.reckons = true};
    struct view question = VIEW("A cinema has 18 rows of 25 seats. How many seats are there?");
    one->place.company = company_open(&(struct company_options){0}, &one->fault);
    fake_state = COMPANY_READY;
    assert_true(tools_may_reckon(&one->place, question, one->arena));
    fake_words = "sum: 18 * 25";
    assert_true(tools_think(&one->place, question, &options, one->arena, &thought, &one->fault));
    assert_int_equal(thought.n_step, 1);
    assert_string_equal(arena_string(one->arena, thought.answer), "450");
    assert_false(thought.steps[0].planned);
    static const char *const others[] = {"sum: 18 * 26", "code: print(1)", "There are 450 seats.",
                                         "", "sum: 18 * 25\nsum: 1"};
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        fake_words = others[i];
        assert_false(
            tools_think(&one->place, question, &options, one->arena, &thought, &one->fault));
        assert_int_equal(thought.n_step, 0);
    }
    volatile bool cancel = true; /* nobody waits */
    options.cancel = &cancel;
    fake_n_asked = 0;
    assert_true(tools_think(&one->place, question, &options, one->arena, &thought, &one->fault));
    assert_int_equal(fake_n_asked, 0);
    company_close(one->place.company);
    one->place.company = NULL;
}

/* --------------------------------------------------------------------------------- what is told
 */

static void a_learner_is_told_in_their_language_what_was_looked_up(void **state) {
    struct place_of_one *one = *state;
    static const struct {
        const char *language, *question, *words;
    } rows[] = {
        {"en", "what is 17 * 23", "calculator: 17 × 23 = 391"},
        {"zh", "40天后是星期几？", "日历: 今天 + 40 = 2027-01-08, 星期五"},
        {"es", "¿qué día es dentro de 2 semanas?",
         "calendario: hoy + 2 semanas = 2026-12-13, domingo"},
        {"ar", "كم متر في 3 كيلومتر؟", "تحويل الوحدات: 3 كيلومتر → متر = 3000 متر"},
        {"en", "1/0", "calculator: 1/0: this has no value that I can write"},
        {"en", "what is my goal?", "your notes: goal"},
        {"en", "what is sqrt(2)", "calculator: sqrt(2) ≈ 1.414213562"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct thought thought;
        one->place.language = rows[i].language;
        assert_true(tools_plan(&one->place, view_of(rows[i].question), one->arena, &thought));
        json_t *told = tool_step_json(&thought.steps[0], rows[i].language);
        assert_string_equal(json_text(told, "words", ""), rows[i].words);
        json_decref(told);
    }
}

static void the_values_on_the_way_of_a_sum_are_known(void **state) {
    struct place_of_one *one = *state;
    static const struct {
        const char *sum, *steps;
    } rows[] = {{"11 + 41", "52 "},
                {"(11 + 41) * 2", "104 52 "},
                {"1 + 11 + 41", "12 53 52 "},
                {"2 * 3 * 4", "6 24 12 "},
                {"7", ""},
                {"52 / 1", "52 "}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct view steps[20];
        struct buffer all = {0};
        size_t n;
        assert_true(sum_steps(view_of(rows[i].sum), one->arena, steps, COUNT_OF(steps), &n));
        for (size_t k = 0; k < n; k++)
            buffer_format(&all, "%.*s ", VIEW_ARG(steps[k]));
        assert_string_equal(all.at ? all.at : "", rows[i].steps);
        buffer_free(&all);
    }
    struct view few[2];
    size_t n;
    assert_false(sum_steps(VIEW("1+2+3+4+5"), one->arena, few, COUNT_OF(few), &n));
}

#define TOOL_TEST(name) cmocka_unit_test_setup_teardown(name, open_place, close_place)

int main(void) {
    const struct CMUnitTest tests[] = {
        TOOL_TEST(sums_are_exact_and_say_when_they_have_no_value),
        TOOL_TEST(units_are_converted_within_their_kind),
        TOOL_TEST(days_are_counted_by_the_calendar),
        TOOL_TEST(the_course_its_terms_and_the_notes_are_looked_through),
        TOOL_TEST(passages_are_found_by_words_and_by_meaning_together),
        TOOL_TEST(programs_run_in_the_sandbox_or_are_refused),
        TOOL_TEST(what_is_no_call_is_refused),
        TOOL_TEST(where_a_question_leaves_no_doubt_no_model_is_asked),
        TOOL_TEST(whatever_is_drawn_under_the_grammar_is_a_call_that_runs),
        TOOL_TEST(what_is_picked_is_a_part_of_what_was_found),
        TOOL_TEST(a_member_far_away_that_writes_no_call_is_not_obeyed),
        TOOL_TEST(a_learner_is_told_in_their_language_what_was_looked_up),
        TOOL_TEST(the_values_on_the_way_of_a_sum_are_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
