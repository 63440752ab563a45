/* Promises of grammars of JSON Schemas: only what the schema accepts is written, what it accepts
 * can be written, and what cannot be kept is refused by name. tests/model/schema_suite.py holds
 * the same against the JSON-Schema-Test-Suite. */
#include "constrained.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

static json_t *parse(const char *text) {
    struct fault fault = {0};
    json_t *json = json_parse(view_of(text), &fault);
    if (!json)
        fail_msg("%s: %s", text, fault.message);
    return json;
}

static struct grammar *compile(const char *schema) {
    struct fault fault = {0};
    json_t *json = parse(schema);
    struct grammar *made = grammar_from_schema(json, &fault);
    if (!made)
        fail_msg("%s: %s", schema, fault.message);
    json_decref(json);
    return made;
}

#define TREE                                                                                      \
    "{\"$ref\":\"#/$defs/node\",\"$defs\":{\"node\":{\"type\":\"object\",\"properties\":{"        \
    "\"v\":{\"type\":\"integer\"},\"kids\":{\"type\":\"array\",\"items\":{\"$ref\":"              \
    "\"#/$defs/node\"}}},\"required\":[\"v\"]}}}"
#define ONE_OF                                                                                    \
    "{\"oneOf\":[{\"type\":\"object\",\"properties\":{\"k\":{\"const\":\"a\"},\"n\":{\"type\":"   \
    "\"integer\"}},\"required\":[\"k\",\"n\"]},{\"type\":\"object\",\"properties\":{\"k\":"       \
    "{\"const\":\"b\"}},\"required\":[\"k\"]}]}"
#define ALL_OF                                                                                    \
    "{\"type\":\"object\",\"allOf\":[{\"properties\":{\"a\":{\"minimum\":3}}},{\"properties\":"   \
    "{\"a\":{\"type\":\"integer\",\"maximum\":5}},\"required\":[\"a\"]}]}"

static const struct {
    const char *schema, *accepted[8], *rejected[9];
} texts[] = {
    {"true",
     {"null", "{}", "[1, \"a\",{\"b\":[]}]", "-0.5e-3", "\"\\ud83d\\ude00\""},
     {"", "nul", "[1,]", "{\"a\"}", "\"\\ud83d\"", "01", "1.", "\"\n\"", "\"\\u0000\""}},
    {"{\"type\":\"integer\"}", {"0", "-12", "999999999999999"}, {"1.5", "01", "+1", "\"1\""}},
    {"{\"type\":\"integer\",\"minimum\":37,\"maximum\":512}",
     {"37", "99", "100", "499", "510", "512"},
     {"36", "513", "9", "1000", "-40", "037"}},
    {"{\"type\":\"integer\",\"exclusiveMinimum\":-12,\"maximum\":3}",
     {"-11", "-9", "-1", "0", "3"},
     {"-12", "-20", "4", "10", "-0"}},
    {"{\"type\":\"integer\",\"minimum\":1.5,\"exclusiveMaximum\":4.0}", {"2", "3"}, {"1", "4"}},
    {"{\"type\":\"integer\",\"multipleOf\":7}", {"0", "7", "-14", "700"}, {"1", "8", "-15"}},
    {"{\"type\":\"integer\",\"multipleOf\":250,\"minimum\":1,\"maximum\":1000}",
     {"250", "1000"},
     {"0", "1250", "100"}},
    {"{\"type\":\"number\",\"minimum\":-1.5,\"exclusiveMaximum\":20.25}",
     {"-1.5", "-1.49", "0", "-0.001", "20", "20.249", "7.125", "19.999999"},
     {"-1.51", "-2", "20.25", "20.3", "21", "-1.500001", "1e1"}},
    {"{\"type\":\"number\",\"exclusiveMinimum\":0,\"maximum\":1}",
     {"0.000001", "0.5", "1", "1.0", "1.000"},
     {"0", "0.0", "-0.1", "1.01", "2", "-0"}},
    {"{\"type\":[\"string\",\"null\"],\"minLength\":2,\"maxLength\":3}",
     {"\"ab\"", "\"日本語\"", "\"\\n\\\"\"", "\"\\u00e9\\ud83d\\ude00\"", "null"},
     {"\"a\"", "\"abcd\"", "\"日\"", "1"}},
    {"{\"type\":\"string\",\"pattern\":\"^[A-Z]{2}-\\\\d+$\"}",
     {"\"AB-1\"", "\"ZZ-007\""},
     {"\"A-1\"", "\"AB-\"", "\"AB-1 \"", "\"xAB-1\""}},
    {"{\"type\":\"string\",\"pattern\":\"b+\"}",
     {"\"b\"", "\"abba\"", "\"\\n b\""},
     {"\"\"", "\"a\""}},
    {"{\"type\":\"string\",\"pattern\":\"^(?:a|\\\\\\\\|\\\"|\\\\n|é)*?$\"}",
     {"\"\"", "\"a\\\\\\\"\\né\""},
     {"\"b\"", "\"\\t\""}},
    {"{\"type\":\"string\",\"pattern\":\"^a|b$\"}", {"\"ax\"", "\"xb\""}, {"\"xa\"", "\"bx\""}},
    {"{\"type\":\"string\",\"pattern\":\"^\\\\S\\\\w.\\\\D$\"}",
     {"\"-_ x\""},
     {"\" ax1\"", "\"-- x\""}},
    {"{\"type\":\"string\",\"pattern\":\"^[a-z]{1,9}$\",\"maxLength\":10}", {"\"abc\""}, {"\"\""}},
    {"{\"type\":\"string\",\"format\":\"date\"}",
     {"\"2024-02-29\"", "\"1999-12-31\""},
     {"\"2023-02-29\"", "\"1900-02-29\"", "\"1999-13-01\"", "\"1999-04-31\""}},
    {"{\"type\":\"string\",\"format\":\"ipv4\"}",
     {"\"0.10.200.255\""},
     {"\"256.1.1.1\"", "\"1.2.3\"", "\"01.2.3.4\""}},
    {"{\"type\":\"string\",\"format\":\"uuid\"}",
     {"\"2EB8AA08-aa98-11ea-b4aa-73b441d16380\""},
     {"\"2eb8aa08\""}},
    {"{\"enum\":[\"a\",\"a\\\"b\",1,2.5,null,[1,{\"x\":true}]]}",
     {"\"a\"", "\"a\\\"b\"", "1", "2.5", "null", "[1, {\"x\": true}]", "[1,{\"x\":true}]"},
     {"\"b\"", "2", "[1]", "[1,  {\"x\":true}]"}},
    {"{\"type\":\"string\",\"minLength\":2,\"enum\":[\"a\",\"bc\",7]}",
     {"\"bc\""},
     {"\"a\"", "7"}},
    {"{\"const\":{\"a\":[]}}", {"{\"a\":[]}", "{\"a\": []}"}, {"{}", "{\"a\":{}}"}},
    {"{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"boolean\"},\"b\":{\"type\":\"null\"},"
     "\"c\":{\"type\":\"null\"}},\"required\":[\"b\"]}",
     {"{\"b\":null}", "{\"a\":true,\"b\": null}", "{\"a\":false, \"b\":null,\"c\":null}"},
     {"{}", "{\"a\":true}", "{\"b\":null,\"a\":true}", "{\"b\":null,}", "{,\"b\":null}",
      "{\"b\":null,\"d\":1}", "{\"b\":null \"c\":null}"}},
    {"{\"type\":\"object\",\"properties\":{\"ab\":{\"type\":\"null\"}},\"additionalProperties\":"
     "{\"type\":\"boolean\"}}",
     {"{}", "{\"ab\":null}", "{\"a\":true}", "{\"ab\":null,\"abc\":true}",
      "{\"x\":true,\"é\":false}"},
     {"{\"ab\":true}", "{\"x\":null}", "{\"x\":true,\"ab\":null}",
      "{\"ab\":null,\"\\u0061b\":true}"}},
    {"{\"type\":\"object\"}",
     {"{}", "{\"a\":1}", "{\"a\":{\"b\":[]},\"c\":2}"},
     {"[]", "{\"a\"}"}},
    {"{\"type\":\"object\",\"properties\":{\"a\":true,\"b\":true,\"c\":true},\"minProperties\":2,"
     "\"maxProperties\":2}",
     {"{\"a\":1,\"c\":2}", "{\"b\":1,\"c\":2}"},
     {"{}", "{\"a\":1}", "{\"a\":1,\"b\":1,\"c\":1}"}},
    {"{\"type\":\"array\",\"items\":{\"type\":\"integer\"},\"minItems\":1,\"maxItems\":3}",
     {"[1]", "[1, 2]", "[1,2,3]"},
     {"[]", "[1,2,3,4]", "[\"a\"]", "[1,]", "[ 1]"}},
    {"{\"prefixItems\":[{\"type\":\"integer\"},{\"type\":\"string\"}],\"items\":false}",
     {"[]", "[1]", "[1,\"a\"]"},
     {"[\"a\"]", "[1,\"a\",2]"}},
    {"{\"prefixItems\":[{\"type\":\"integer\"}],\"items\":{\"type\":\"null\"},\"minItems\":2}",
     {"[1,null]", "[1, null, null]"},
     {"[]", "[1]", "[1,2]"}},
    {TREE,
     {"{\"v\":1}", "{\"v\":1,\"kids\":[{\"v\":2,\"kids\":[]}, {\"v\":3}]}"},
     {"{}", "{\"v\":1,\"kids\":[{}]}"}},
    {"{\"anyOf\":[{\"type\":\"string\"},{\"$ref\":\"#/$defs/a~1b%25\"}],\"$defs\":{\"a/b%\":{"
     "\"const\":3}}}",
     {"\"x\"", "3"},
     {"4", "null"}},
    {ONE_OF,
     {"{\"k\":\"a\",\"n\":1}", "{\"k\":\"b\"}"},
     {"{\"k\":\"a\"}", "{\"k\":\"b\",\"n\":1}"}},
    {ALL_OF, {"{\"a\":3}", "{\"a\":5}"}, {"{}", "{\"a\":2}", "{\"a\":6}", "{\"a\":3.5}"}},
    {"{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"null\"}},\"allOf\":[{\"properties\":{"
     "\"b\":{\"type\":\"null\"}},\"additionalProperties\":false}]}",
     {"{}", "{\"b\":null}"},
     {"{\"a\":null}", "{\"a\":null,\"b\":null}"}},
    {"{\"type\":\"object\",\"properties\":{\"a\":false,\"b\":{\"type\":\"null\"}}}",
     {"{}", "{\"b\":null}"},
     {"{\"a\":1}"}},
    {"{\"title\":\"t\",\"description\":\"d\",\"default\":1,\"x-mine\":{},\"type\":\"boolean\"}",
     {"true", "false"},
     {"null"}},
};

static void only_what_the_schema_accepts_is_accepted(void **state) {
    (void)state;
    for (size_t row = 0; row < COUNT_OF(texts); row++) {
        struct grammar *grammar = compile(texts[row].schema);
        for (int i = 0; i < 8 && texts[row].accepted[i]; i++)
            if (!grammar_accepts(grammar, view_of(texts[row].accepted[i])))
                fail_msg("%s rejects %s", texts[row].schema, texts[row].accepted[i]);
        for (int i = 0; i < 9 && texts[row].rejected[i]; i++)
            if (grammar_accepts(grammar, view_of(texts[row].rejected[i])))
                fail_msg("%s accepts %s", texts[row].schema, texts[row].rejected[i]);
        grammar_free(grammar);
    }
}

static const struct {
    const char *schema, *message;
} faults[] = {
    {"3", "#: a schema is an object, true or false"},
    {"{\"type\":\"text\"}", "#: type must be one of"},
    {"{\"type\":\"array\",\"items\":{\"contains\":{}}}",
     "/items: the keyword contains is not supported"},
    {"{\"properties\":{\"a\":{\"patternProperties\":{\"x\":{}}}}}",
     "/properties/a: the keyword patternProperties is not supported"},
    {"{\"anyOf\":[{\"type\":\"null\"},{\"not\":{\"type\":\"null\"}}]}",
     "/anyOf/1: the keyword not"},
    {"{\"if\":{},\"then\":false}", "the keyword if"},
    {"{\"minimun\":3}", "there is no keyword minimun"},
    {"{\"$ref\":\"#/$defs/none\"}", "$ref leads nowhere in this schema: #/$defs/none"},
    {"{\"$ref\":\"http://example.com/x\"}", "$ref leads nowhere"},
    {"{\"$ref\":\"#\"}", "go round in a circle"},
    {"{\"anyOf\":[{\"$ref\":\"#\"},{\"type\":\"null\"}]}", "calls itself"},
    {"{\"type\":\"object\",\"properties\":{\"a\":{\"$ref\":\"#\"}},\"required\":[\"a\"]}",
     "ever ends"},
    {"false", "ever ends"},
    {"{\"oneOf\":[{\"type\":\"integer\"},{\"type\":\"number\"}]}",
     "/oneOf: choices 0 and 1 of oneOf may both be true"},
    {"{\"type\":\"string\",\"pattern\":\"a(?=b)\"}", "looking ahead or behind is not supported"},
    {"{\"type\":\"string\",\"pattern\":\"(a)\\\\1\"}", "referring back is not supported"},
    {"{\"type\":\"string\",\"pattern\":\"(a\"}", "a bracket is not closed"},
    {"{\"type\":\"string\",\"pattern\":\"a{9999999}\"}", "at most 10000"},
    {"{\"type\":\"string\",\"pattern\":\"^a+$\",\"maxLength\":5}",
     "maxLength is not supported beside"},
    {"{\"type\":\"string\",\"format\":\"regex\"}", "the format regex is not supported"},
    {"{\"type\":\"array\",\"uniqueItems\":true}", "the keyword uniqueItems is not supported"},
    {"{\"type\":\"string\",\"maxLength\":-1}", "a whole number, not negative"},
    {"{\"type\":\"string\",\"minLength\":99999999}", "over 1000000"},
    {"{\"type\":\"integer\",\"multipleOf\":0}", "a number above 0"},
    {"{\"type\":\"integer\",\"multipleOf\":12345}", "multipleOf 12345 is not supported"},
    {"{\"items\":[{}]}", "prefixItems in this draft"},
    {"{\"required\":\"a\"}", "a list of names"},
    {"{\"allOf\":{}}", "a list of schemas"},
};

static void what_cannot_be_kept_is_refused_by_name_and_place(void **state) {
    (void)state;
    for (size_t row = 0; row < COUNT_OF(faults); row++) {
        struct fault fault = {0};
        json_t *json = parse(faults[row].schema);
        struct grammar *grammar = grammar_from_schema(json, &fault);
        if (grammar || !strstr(fault.message, faults[row].message))
            fail_msg("%s: %s", faults[row].schema, fault.message);
        json_decref(json);
    }
}

/* Choices that multiply, and counts of counts. */
static void a_schema_that_would_grow_without_end_is_refused(void **state) {
    (void)state;
    struct buffer text = {0};
    buffer_text(&text, "{\"allOf\":[");
    for (int i = 0; i < 40; i++) {
        buffer_text(&text, i ? ",{\"anyOf\":[" : "{\"anyOf\":[");
        for (int j = 0; j < 10; j++)
            buffer_format(&text, "%s{\"properties\":{\"p%d\":{\"const\":%d}}}", j ? "," : "", i,
                          j);
        buffer_text(&text, "]}");
    }
    buffer_text(&text, "]}");
    struct fault fault = {0};
    json_t *json = parse(text.at);
    assert_null(grammar_from_schema(json, &fault));
    assert_int_equal(fault.kind, FAULT_LIMIT);
    json_decref(json);
    buffer_free(&text);
}

static void every_drawn_text_is_json_that_the_schema_accepts(void **state) {
    (void)state;
    struct small small;
    small_open(&small, false);
    for (size_t row = 0; row < COUNT_OF(texts); row++) {
        struct grammar *grammar = compile(texts[row].schema);
        for (int i = 0; i < 15; i++) {
            struct constraint constraint;
            struct buffer out = {0};
            struct fault fault = {0};
            struct random random;
            random_seed(&random, (uint64_t)i);
            assert_true(grammar_constrain(grammar, small.vocabulary, 90, &constraint, &fault));
            bool ended = draw_text(&constraint, small.vocabulary, 90, &random, &out);
            json_t *json = json_loadb(out.at, out.n, JSON_DECODE_ANY, NULL);
            if (!ended || !json || !grammar_accepts(grammar, buffer_view(&out)))
                fail_msg("%s: ended %d: %s", texts[row].schema, ended, out.at);
            json_decref(json);
            constraint_close(&constraint);
            buffer_free(&out);
        }
        grammar_free(grammar);
    }
    small_close(&small);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_what_the_schema_accepts_is_accepted),
        cmocka_unit_test(what_cannot_be_kept_is_refused_by_name_and_place),
        cmocka_unit_test(a_schema_that_would_grow_without_end_is_refused),
        cmocka_unit_test(every_drawn_text_is_json_that_the_schema_accepts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
