/* The table of tools, and the line of a call. */
#include "school/tools/inside.h"

#include <stdio.h>
#include <string.h>

/* clang-format off */
const struct tool tools[] = {
    {"sum", tool_sum, {{"en", "calculator"}, {"zh", "计算器"}, {"es", "calculadora"}, {"ar", "الآلة الحاسبة"}}},
    {"convert", tool_convert, {{"en", "units"}, {"zh", "单位换算"}, {"es", "unidades"}, {"ar", "تحويل الوحدات"}}},
    {"date", tool_date, {{"en", "calendar"}, {"zh", "日历"}, {"es", "calendario"}, {"ar", "التقويم"}}},
    {"look", tool_look, {{"en", "the course"}, {"zh", "课程"}, {"es", "el curso"}, {"ar", "الدرس"}}},
    {"term", tool_term, {{"en", "the course's terms"}, {"zh", "课程术语"}, {"es", "los términos del curso"}, {"ar", "مصطلحات الدرس"}}},
    {"note", tool_note, {{"en", "your notes"}, {"zh", "你的笔记"}, {"es", "tus notas"}, {"ar", "ملاحظاتك"}}},
    {"code", tool_code, {{"en", "program"}, {"zh", "程序"}, {"es", "programa"}, {"ar", "البرنامج"}}},
};
/* clang-format on */
const size_t n_tool = COUNT_OF(tools);

const struct tool *tool_named(struct view name) {
    for (size_t i = 0; i < n_tool; i++)
        if (view_is(name, tools[i].name))
            return &tools[i];
    return NULL;
}

bool tool_call_read(struct view line, struct tool_call *out, struct fault *fault) {
    line = view_trim(line);
    ptrdiff_t colon = view_find(view_slice(line, 0, 16), VIEW(":"));
    if (colon <= 0)
        return fault_set(fault, FAULT_INPUT, "a call is \"name: what is asked\"");
    const struct tool *tool = tool_named(view_slice(line, 0, (size_t)colon));
    struct view asked = view_trim(view_slice(line, (size_t)colon + 1, line.n));
    if (!tool)
        return fault_set(fault, FAULT_MISSING, "there is no tool \"%.*s\"", (int)colon, line.at);
    if (!asked.n)
        return fault_set(fault, FAULT_INPUT, "the call of %s asks for nothing", tool->name);
    if (asked.n > TOOL_ASKED)
        return fault_set(fault, FAULT_LIMIT, "a call asks in %d bytes at most", TOOL_ASKED);
    if (!utf8_valid(asked) || memchr(asked.at, 0, asked.n))
        return fault_set(fault, FAULT_INPUT, "the call of %s is no text", tool->name);
    *out = (struct tool_call){tool, asked};
    return true;
}

void tool_refuse(struct tool_result *out, enum tool_refusal why) {
    *out = (struct tool_result){.end = TOOL_REFUSED, .refusal = why};
}

void tool_found(struct tool_result *out, struct arena *arena, const char *format, ...) {
    char text[TOOL_FOUND + 1];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    struct view whole = view_of(text);
    whole.n = utf8_whole(whole);
    out->end = TOOL_DONE;
    out->text = arena_copy(arena, whole);
}

void tool_run(const struct tool_place *place, const struct tool_call *call, struct arena *arena,
              struct tool_result *out) {
    *out = (struct tool_result){.end = TOOL_NOTHING};
    call->tool->run(place, call->asked, arena, out);
    if (out->text.n > TOOL_FOUND)
        out->text.n = utf8_whole(view_slice(out->text, 0, TOOL_FOUND));
}
