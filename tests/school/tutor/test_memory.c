/* The rules of the memory: what is sure becomes a note, and nothing else does. */
#include "school/school.h"
#include "school/tutor/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct row {
    const char *text, *goal, *confused;
    const char *tags[3];
} rows[] = {
    {"My goal is to become an engineer.", "My goal is to become an engineer.", "", {0}},
    {"Hi! I want to learn how chatbots work. Where do I start?", "I want to learn how chatbots work.", "", {0}},
    {"I'd like to build my own robot", "I'd like to build my own robot", "", {0}},
    {"I want to understand this exercise", "", "", {0}},
    {"I want to understand why it is 3", "", "", {0}},
    {"I want to know the answer", "", "", {0}},
    {"I want to be done", "", "", {0}},
    {"Do I want to become a doctor?", "", "", {0}},
    {"What is my goal here?", "", "", {0}},
    {"I don't get the chain rule.", "", "I don't get the chain rule.", {0}},
    {"I still dont understand slopes", "", "I still dont understand slopes", {0}},
    {"I don’t understand. What is a bigram?", "", "I don’t understand.", {0}},
    {"I'm confused by the minus", "", "I'm confused by the minus", {0}},
    {"I get it now, thanks", "", "", {0}},
    {"I understand the chain rule", "", "", {0}},
    {"Why don't we get 5?", "", "", {0}},
    {"I am 11 years old and I like music", "", "", {"child", "music"}},
    {"I'm 34 years old", "", "", {"adult"}},
    {"I love playing the guitar and I already know Python", "", "", {"music", "programming"}},
    {"I don't like music", "", "", {0}},
    {"I like how the music example goes", "", "", {0}},
    {"It is 12 years old", "", "", {0}},
    {"Do I like games?", "", "", {0}},
    {"I work as a programmer", "", "", {"programming"}},
    {"Mi meta es ser ingeniera. No entiendo la pendiente.", "Mi meta es ser ingeniera.", "No entiendo la pendiente.", {0}},
    {"Quiero aprender a programar", "Quiero aprender a programar", "", {0}},
    {"Quiero entender por qué", "", "", {0}},
    {"Tengo 15 años y me gusta la música", "", "", {"teen", "music"}},
    {"Ya entiendo", "", "", {0}},
    {"我的目标是当工程师。", "我的目标是当工程师。", "", {0}},
    {"我想学会编程", "我想学会编程", "", {0}},
    {"我不懂链式法则。", "", "我不懂链式法则。", {0}},
    {"我今年10岁，我喜欢做饭", "", "", {"child", "cooking"}},
    {"我懂了", "", "", {0}},
    {"你不懂吗？", "", "", {0}},
    {"أريد أن أصبح مهندسة.", "أريد أن أصبح مهندسة.", "", {0}},
    {"لا أفهم هذه القاعدة.", "", "لا أفهم هذه القاعدة.", {0}},
    {"أحب الموسيقى", "", "", {"music"}},
    {"I can't code", "", "", {0}},
    {"I cannot program.", "", "", {0}},
    {"I can not play chess and I know nothing about algebra", "", "", {0}},
    {"I know no calculus, but I can code", "", "", {"programming"}},
    {"No me gusta la música.", "", "", {0}},
    {"Ya no juego al fútbol y no sé programar", "", "", {0}},
    {"No soy programadora", "", "", {0}},
    {"No quiero aprender matemáticas", "", "", {0}},
    {"Sé poco de álgebra, me encanta leer", "", "", {"stories"}},
    {"我今年11岁，喜欢音乐", "", "", {"child", "music"}},
    {"我不喜欢音乐，不会编程", "", "", {0}},
    {"我14岁，不太喜欢运动，会编程", "", "", {"teen", "programming"}},
    {"他今年11岁，喜欢音乐", "", "", {0}},
    {"لا أحب الموسيقى ولا أعرف البرمجة", "", "", {0}},
    {"عمري 15 سنة وأحب الرسم", "", "", {"teen", "art"}},
    {"لا أريد أن أتعلم الرياضيات", "", "", {0}},
    {"صاحب الموسيقى هنا", "", "", {0}},
    {"What is a bigram model?", "", "", {0}},
    {"x = 5", "", "", {0}},
    {"", "", "", {0}},
};

static void what_is_sure_is_noted_and_nothing_else(void **state) {
    (void)state;
    struct fault fault = {0};
    struct memory_rules *rules = memory_rules_open(&fault);
    if (!rules)
        fail_msg("%s", fault.message);
    int n_wrong = 0;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct row *row = &rows[i];
        struct told told = memory_read(rules, view_of(row->text));
        background_set wanted = 0;
        for (size_t k = 0; k < COUNT_OF(row->tags) && row->tags[k]; k++)
            wanted |= background_tag_of(view_of(row->tags[k]));
        if (view_is(told.goal, row->goal) && view_is(told.confused, row->confused) &&
            told.background == wanted)
            continue;
        print_message("%s: goal \"%.*s\", confused \"%.*s\", tags %x\n", row->text,
                      VIEW_ARG(told.goal), VIEW_ARG(told.confused), told.background);
        n_wrong++;
    }
    assert_int_equal(n_wrong, 0);
    memory_rules_close(rules);
}

static void hostile_texts_end_soon(void **state) {
    (void)state;
    struct fault fault = {0};
    struct memory_rules *rules = memory_rules_open(&fault);
    struct buffer text = {0};
    static const char *const parts[] = {"i like ", "i want to ", "我喜欢 ", "no ", "\xF0\x9F\x98\x80", "me gusta x "};
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        buffer_clear(&text);
        while (text.n < 20000)
            buffer_text(&text, parts[i]);
        double from = clock_seconds();
        memory_read(rules, buffer_view(&text));
        assert_true(clock_seconds() - from < 1);
    }
    buffer_free(&text);
    memory_rules_close(rules);
}

static void an_age_takes_the_place_of_another(void **state) {
    (void)state;
    background_set child = background_tag_of(VIEW("child")), teen = background_tag_of(VIEW("teen")),
                   music = background_tag_of(VIEW("music"));
    assert_int_equal(background_with(child | music, teen), teen | music);
    assert_int_equal(background_with(child, music), child | music);
    json_t *names = background_names(child | music);
    assert_int_equal(background_of_names(names), child | music);
    json_decref(names);
}

static const char *system_of(const struct school_prompt *prompt, struct buffer *out) {
    json_t *messages = school_prompt(prompt);
    buffer_clear(out);
    buffer_text(out, json_text(json_array_get(messages, 0), "content", ""));
    json_decref(messages);
    return out->at;
}

/* What a member was trained on has nothing of the learner, and stays to the letter. */
static void prompts_tell_of_the_learner_only_where_something_was_told(void **state) {
    (void)state;
    struct buffer out = {0};
    struct school_prompt prompt = {.task = PROMPT_ANSWER, .passage = VIEW("A."), .text = VIEW("B?")};
    assert_string_equal(system_of(&prompt, &out),
                        "You are a tutor. Answer from the lesson alone, in one or two sentences, "
                        "in the lesson's own words.");
    prompt.learner = VIEW("child, music");
    assert_string_equal(system_of(&prompt, &out),
                        "You are a tutor. Answer from the lesson alone, in one or two sentences, "
                        "in the lesson's own words. The learner: child, music.");
    buffer_free(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_sure_is_noted_and_nothing_else),
        cmocka_unit_test(hostile_texts_end_soon),
        cmocka_unit_test(prompts_tell_of_the_learner_only_where_something_was_told),
        cmocka_unit_test(an_age_takes_the_place_of_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
