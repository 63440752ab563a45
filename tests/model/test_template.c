/* Promises of chat templates: what Jinja renders, byte for byte, and a clear fault otherwise. */
#include "model/model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

static const char context_text[] =
    "{\"messages\": [{\"role\": \"system\", \"content\": \"Be brief.\"}, {\"role\": "
    "\"user\", \"content\": \" Hi there \\n\"}, {\"role\": \"assistant\", \"content\": "
    "\"Hello\", \"tool_calls\": [{\"function\": {\"name\": \"add\", \"arguments\": "
    "{\"a\": 1, \"b\": [2.5, null, true]}}}]}, {\"role\": \"tool\", \"content\": "
    "\"3\"}], \"tools\": [{\"name\": \"add\", \"description\": \"adds \\\"two\\\"\\nnumbers "
    "é 你\", \"parameters\": {\"type\": \"object\"}}], \"add_generation_prompt\": "
    "true, \"bos_token\": \"<s>\", \"n\": 7, \"empty\": [], \"nothing\": null, "
    "\"text\": \"a,b,,c\", \"f\": 0.1}";

static bool render(const char *source, struct buffer *out, struct fault *fault) {
    json_t *context = json_parse(view_of(context_text), fault);
    assert_non_null(context);
    json_t *before = json_deep_copy(context);
    struct chat_template *made = chat_template_compile(view_of(source), fault);
    bool good = made && chat_template_render(made, context, out, fault);
    assert_true(json_equal(before, context));
    chat_template_free(made);
    json_decref(before);
    json_decref(context);
    return good;
}

/* clang-format off */
static const struct {
    const char *source, *rendered;
} rows[] = {
#include "templates.inc"
};
/* clang-format on */

static void templates_render_as_jinja_renders_them(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buffer out = {0};
        struct fault fault = {0};
        if (!render(rows[i].source, &out, &fault))
            fail_msg("%s\n%s", rows[i].source, fault.message);
        if (!view_is(buffer_view(&out), rows[i].rendered))
            fail_msg("%s\n gave %s\n for  %s", rows[i].source, out.at, rows[i].rendered);
        buffer_free(&out);
    }
}

static void what_is_not_in_the_subset_is_refused_by_line_and_construct(void **state) {
    (void)state;
    static const struct {
        const char *source, *line, *construct;
    } wrong[] = {
        {"a\nb\n{% include 'x' %}", "line 3", "include"},
        {"{{ a | frobnicate }}", "line 1", "frobnicate"},
        {"{{ 1 is prime }}", "line 1", "prime"},
        {"\n{{ 'a'.encode() }}", "line 2", "encode"},
        {"{% if true %}never ends", "line 1", "elif"},
        {"{{ 1 + }}", "line 1", "missing"},
        {"{{ (1, 2 }}", "line 1", "missing"},
        {"{{ 'open }}", "line 1", "does not end"},
        {"\n\n{{ unknown() }}", "line 3", "unknown"},
        {"{% for %}", "line 1", "name"},
        {"{% endfor %}", "line 1", "endfor"},
        {"{{ missing.part }}", "line 1", "undefined"},
        {"{{ raise_exception('roles must alternate') }}", "line 1", "roles must alternate"},
        {"{% set messages.x = 1 %}", "line 1", "namespace"},
        {"{{ 1 / 0 }}", "line 1", "zero"},
        {"{{ 'a' + 1 }}", "line 1", "an integer"},
        {"{% break %}", "line 1", "break"},
        {"{# never ends", "line 1", "comment"},
        {"{{ 9223372036854775807 + 1 }}", "line 1", "too large"},
        {"{{ 99999999999999999999 }}", "line 1", "too large"},
        {"{{ a ? b : c }}", "line 1", "?"},
    };
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        struct buffer out = {0};
        struct fault fault = {0};
        if (render(wrong[i].source, &out, &fault))
            fail_msg("%s was rendered: %s", wrong[i].source, out.at);
        if (!strstr(fault.message, wrong[i].line) || !strstr(fault.message, wrong[i].construct))
            fail_msg("%s: %s", wrong[i].source, fault.message);
        buffer_free(&out);
    }
}

static void a_template_cannot_take_all_time_memory_or_stack(void **state) {
    (void)state;
    static const char *const hostile[] = {
        "{% for a in range(100000) %}{% for b in range(100000) %}x{% endfor %}{% endfor %}",
        "{{ range(1000000000) }}",
        "{% set ns = namespace(x='ab') %}{% for i in range(60) %}"
        "{% set ns.x = ns.x ~ ns.x %}{% endfor %}",
        "{% set ns = namespace(x=[1]) %}{% for i in range(60) %}"
        "{% set ns.x = [ns.x, ns.x] %}{% endfor %}",
        "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
        "{% set ns = namespace() %}{% set ns.self = ns %}{{ ns }}{% for i in range(9999) %}"
        "{% set ns.self = ns %}{% endfor %}{{ ns | tojson }}",
    };
    for (size_t i = 0; i < COUNT_OF(hostile); i++) {
        struct buffer out = {0};
        struct fault fault = {0};
        if (render(hostile[i], &out, &fault))
            fail_msg("%s was rendered", hostile[i]);
        buffer_free(&out);
    }
    struct buffer deep = {0}, out = {0};
    struct fault fault = {0};
    buffer_text(&deep, "{{ ");
    for (int i = 0; i < 100000; i++)
        buffer_byte(&deep, '(');
    buffer_text(&deep, " }}");
    assert_false(render(deep.at, &out, &fault));
    buffer_clear(&deep);
    fault_clear(&fault);
    for (int i = 0; i < 100000; i++)
        buffer_text(&deep, "{% if 1 %}");
    assert_false(render(deep.at, &out, &fault));
    buffer_free(&deep);
    buffer_free(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(templates_render_as_jinja_renders_them),
        cmocka_unit_test(what_is_not_in_the_subset_is_refused_by_line_and_construct),
        cmocka_unit_test(a_template_cannot_take_all_time_memory_or_stack),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
