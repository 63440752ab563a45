/* Calls of tools: what may be written is what can be read, in whatever pieces it comes; and the
 * limits of keys. */
#include "company/calls.h"
#include "company/keys.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

static const char tools_text[] =
    "[{\"type\":\"function\",\"function\":{\"name\":\"add\",\"parameters\":{\"type\":\"object\","
    "\"properties\":{\"a\":{\"type\":\"string\"},\"b\":{\"$ref\":\"#/$defs/n\"}},"
    "\"required\":[\"a\",\"b\"],\"$defs\":{\"n\":{\"type\":\"integer\"}}}}},"
    "{\"type\":\"function\",\"function\":{\"name\":\"now\"}}]";

static struct grammar *grammar_of(struct chat_request *request) {
    struct buffer gbnf = {0};
    json_t *schemas = json_object();
    struct fault fault = {0};
    calls_rules(request, &gbnf, schemas);
    struct grammar *made = grammar_with_schemas(buffer_view(&gbnf), schemas, &fault);
    if (!made)
        fail_msg("%s: line %ld: %s", gbnf.at, fault.line, fault.message);
    buffer_free(&gbnf);
    json_decref(schemas);
    return made;
}

#define CALL(name, arguments)                                                                     \
    "<tool_call>\n{\"name\": \"" name "\", \"arguments\": " arguments "}\n</tool_call>"

static const struct {
    const char *text;
    bool automatic, required;
} written[] = {
    {"", true, false},
    {"Hello.", true, false},
    {"1 < 2 <tool <tool_cal <<tool_call", true, false},
    {"It is <tool_call>", false, false},
    {CALL("now", "{}"), true, true},
    {"Let me look.\n" CALL("now", "{}"), true, false},
    {"<" CALL("now", "{}"), true, false},
    {"<tool_call" CALL("now", "{}"), true, false},
    {CALL("add", "{\"a\": \"}<\\\"\", \"b\": 12}") "\n" CALL("now", "{}"), true, true},
    {CALL("now", "{}") " and more", false, false},
    {CALL("now", "{\"x\": 1}"), false, false},
    {CALL("add", "{\"a\": \"x\"}"), false, false},
    {CALL("dance", "{}"), false, false},
    {"{\"name\": \"now\", \"arguments\": {}}", true, false}, /* without its frame */
    {"{\"name\": \"now\", \"arguments\": {}}\n{\"name\": \"now\", \"arguments\": {}}", true,
     false},
    {"{\"name\": \"now\", \"arguments\": {}} and more", false, false},
    {"{\"name\": \"dance\", \"arguments\": {}}", false, false},
    {"{\"name\": 1}", true, false},
    {"{\"nam", true, false},
    {"{\"nam<" CALL("now", "{}"), true, false},
    {"{x} is a set <", true, false},
    {"Look: {\"name\": \"dance\"}", true, false},
};

/* Of schemas that a grammar cannot keep, as programs that ask OpenAI send them. */
static void a_tool_that_is_not_strict_may_have_any_schema(void **state) {
    (void)state;
    static const struct {
        const char *schema, *good, *bad;
    } rows[] = {
        {"{'type':'object','properties':{'a':{'type':'array','uniqueItems':true},'b':{'$ref':"
         "'#/$defs/n'}},'required':['a','b'],'$defs':{'n':{'type':'integer'}}}",
         CALL("f", "{\"a\": \"any\", \"b\": 1}"), CALL("f", "{\"a\": [1], \"b\": \"x\"}")},
        {"{'type':'object','properties':{'a':{'type':'boolean'}},'required':['a','z'],'not':{}}",
         CALL("f", "{\"a\": true}"), CALL("f", "{\"a\": 1}")},
        {"{'type':'object','patternProperties':{'^x':{'type':'integer'}}}", CALL("f", "{}"),
         CALL("f", "[]")},
        {"{'type':'object','properties':{'a':{'$ref':'http://far'}}}", CALL("f", "{\"a\": {}}"),
         CALL("f", "1")},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char *text = must_copy(view_of(rows[i].schema));
        for (char *at = text; (at = strchr(at, '\''));)
            *at = '"';
        json_t *tools = json_pack("[{s:s, s:{s:s, s:o}}]", "type", "function", "function", "name",
                                  "f", "parameters", json_loads(text, 0, NULL));
        json_t *loose = calls_loosened(tools);
        assert_non_null(loose);
        struct chat_request request = {.tools = loose, .tool_choice = CHAT_TOOLS_REQUIRED};
        struct grammar *grammar = grammar_of(&request);
        if (!grammar_accepts(grammar, view_of(rows[i].good)) ||
            grammar_accepts(grammar, view_of(rows[i].bad)))
            fail_msg("%s", rows[i].schema);
        grammar_free(grammar);
        json_decref(loose);
        json_object_set_new(json_object_get(json_array_get(tools, 0), "function"), "strict",
                            json_true());
        assert_null(calls_loosened(tools)); /* then it is told what cannot be kept */
        json_decref(tools);
        free(text);
    }
    json_t *tools = json_loads(tools_text, 0, NULL);
    assert_null(calls_loosened(tools));
    json_decref(tools);
}

static void only_words_and_whole_calls_may_be_written(void **state) {
    (void)state;
    json_t *tools = json_loads(tools_text, 0, NULL);
    struct chat_request request = {.tools = tools};
    struct grammar *automatic = grammar_of(&request);
    request.tool_choice = CHAT_TOOLS_REQUIRED;
    struct grammar *required = grammar_of(&request);
    for (size_t i = 0; i < COUNT_OF(written); i++)
        if (grammar_accepts(automatic, view_of(written[i].text)) != written[i].automatic ||
            grammar_accepts(required, view_of(written[i].text)) != written[i].required)
            fail_msg("%s", written[i].text);
    request.tool_choice = CHAT_TOOLS_NAMED;
    request.tool_name = "add";
    struct grammar *named = grammar_of(&request);
    assert_true(grammar_accepts(named, VIEW("{\"a\": \"x\", \"b\": 3}")));
    assert_false(grammar_accepts(named, VIEW("{}")));
    grammar_free(automatic);
    grammar_free(required);
    grammar_free(named);
    json_decref(tools);
}

static void a_grammar_tells_the_schema_that_it_lacks(void **state) {
    (void)state;
    struct fault fault = {0};
    json_t *schemas = json_pack("{s:{s:s}}", "value", "type", "boolean");
    struct grammar *made =
        grammar_with_schemas(VIEW("root ::= \"<\" value \">\""), schemas, &fault);
    assert_non_null(made);
    assert_true(grammar_accepts(made, VIEW("<true>")));
    assert_false(grammar_accepts(made, VIEW("<1>")));
    grammar_free(made);
    assert_null(grammar_with_schemas(VIEW("root ::= value other"), schemas, &fault));
    assert_non_null(strstr(fault.message, "other"));
    fault_clear(&fault);
    json_object_set_new(schemas, "value", json_pack("{s:s}", "type", "colour"));
    assert_null(grammar_with_schemas(VIEW("root ::= value"), schemas, &fault));
    assert_int_equal(fault.kind, FAULT_INPUT);
    json_decref(schemas);
}

/* ------------------------------------------------------------------------------------- reading
 */

static struct buffer heard; /* words, [calls] and their arguments */

static bool hear_text(void *data, struct view text) {
    (void)data;
    buffer_append(&heard, text);
    return true;
}

static bool hear_call(void *data, int call, struct view name) {
    (void)data;
    buffer_format(&heard, "[%d %.*s]", call, VIEW_ARG(name));
    return true;
}

static const struct call_sink sink = {NULL, hear_text, hear_call, NULL};

static bool hear_arguments(void *data, int call, struct view piece) {
    (void)data, (void)call;
    buffer_append(&heard, piece);
    return true;
}

static void in_whatever_pieces_they_come_calls_are_read(void **state) {
    (void)state;
    static const char text[] = "\nOne < two.\n" CALL(
        "add", "{\"a\": \"}]\\\\\\\"\", \"b\": [{}]}") "\n" CALL("now", "{}");
    struct call_sink all = sink;
    all.arguments = hear_arguments;
    for (size_t size = 1; size < sizeof text; size++) {
        struct call_reader reader = {0};
        buffer_clear(&heard);
        for (size_t at = 0; at < sizeof text - 1; at += size)
            assert_true(call_reader_read(&reader, view_slice(view_of(text), at, at + size), &all));
        assert_true(call_reader_is_whole(&reader) && reader.n_call == 2);
        assert_true(call_reader_end(&reader, &all));
        assert_string_equal(heard.at,
                            "\nOne < two.\n[0 add]{\"a\": \"}]\\\\\\\"\", \"b\": [{}]}[1 now]{}");
        call_reader_free(&reader);
    }
    buffer_free(&heard);
}

static void calls_without_their_frame_are_read_at_the_start_alone(void **state) {
    (void)state;
    static const char *const texts[][2] = {
        {"{\"name\": \"add\", \"arguments\": {\"a\": {}}}\n{\"name\": \"now\", \"arguments\": {}}",
         "[0 add]{\"a\": {}}[1 now]{}"},
        {"{\"name\": 1}", "{\"name\": 1}"},
        {"{\"na", "{\"na"},
        {"See {\"name\": \"add\", \"arguments\": {}}",
         "See {\"name\": \"add\", \"arguments\": {}}"},
        {"{<tool_call>\n{\"name\": \"now\", \"arguments\": {}}\n</tool_call>", "{[0 now]{}"}};
    struct call_sink all = sink;
    all.arguments = hear_arguments;
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        for (size_t size = 1; size <= strlen(texts[i][0]); size++) {
            struct call_reader reader = {.may_be_bare = true};
            struct view text = view_of(texts[i][0]);
            buffer_clear(&heard);
            for (size_t at = 0; at < text.n; at += size)
                assert_true(call_reader_read(&reader, view_slice(text, at, at + size), &all));
            assert_true(call_reader_is_whole(&reader));
            assert_true(call_reader_end(&reader, &all));
            assert_string_equal(heard.at, texts[i][1]);
            call_reader_free(&reader);
        }
    buffer_free(&heard);
}

static void what_only_looks_like_a_call_is_words(void **state) {
    (void)state;
    static const char *const texts[] = {"<", "a <tool_call", "<tool_cal", "x<<tool_c"};
    struct call_sink all = sink;
    all.arguments = hear_arguments;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct call_reader reader = {0};
        buffer_clear(&heard);
        for (size_t at = 0; texts[i][at]; at++)
            assert_true(call_reader_read(&reader, (struct view){texts[i] + at, 1}, &all));
        assert_true(call_reader_end(&reader, &all));
        assert_string_equal(heard.at, texts[i]);
        call_reader_free(&reader);
    }
    buffer_free(&heard);
}

/* --------------------------------------------------------------------------------------- limits
 */

static void limits_are_read_as_people_write_them(void **state) {
    (void)state;
    static const struct {
        const char *text;
        bool good;
        struct key_limits limits;
    } cases[] = {
        {"60/minute", true, {.requests_minute = 60}},
        {"60", true, {.requests_minute = 60}},
        {"1000 requests/day", true, {.requests_day = 1000}},
        {"20000 tokens/minute", true, {.tokens_minute = 20000}},
        {"20000tokens/day", true, {.tokens_day = 20000}},
        {"5 tokens", false, {0}},
        {"0/minute", false, {0}},
        {"-1/day", false, {0}},
        {"many", false, {0}},
        {"", false, {0}},
        {"5/week", false, {0}},
        {"5/minute x", false, {0}},
        {"99999999999999999999/day", false, {0}},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct key_limits limits = {0};
        if (key_limit_read(cases[i].text, &limits) != cases[i].good ||
            (cases[i].good && memcmp(&limits, &cases[i].limits, sizeof limits) != 0))
            fail_msg("%s", cases[i].text);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tool_that_is_not_strict_may_have_any_schema),
        cmocka_unit_test(only_words_and_whole_calls_may_be_written),
        cmocka_unit_test(a_grammar_tells_the_schema_that_it_lacks),
        cmocka_unit_test(in_whatever_pieces_they_come_calls_are_read),
        cmocka_unit_test(calls_without_their_frame_are_read_at_the_start_alone),
        cmocka_unit_test(what_only_looks_like_a_call_is_words),
        cmocka_unit_test(limits_are_read_as_people_write_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
