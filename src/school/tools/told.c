/* What a learner is told was looked up, in their language. */
#include "school/tools/inside.h"

#include <string.h>

/* clang-format off */
static const struct { const char *language, *words[REFUSALS]; } refusals[] = {
    {"zh", {"", "这不是算式", "这个算式没有我能写出的值", "我不认识这些单位", "这些单位量的不是同一种东西", "这不是日期", "这里没有课程", "这里没有笔记",
            "这台机器上不能安全地运行程序", "程序没能运行", "程序没有按时结束", "程序写出的太多", "程序什么也没写出"}},
    {"es", {"", "esto no es una cuenta", "esto no tiene un valor que yo pueda escribir", "no conozco estas unidades", "estas unidades miden cosas distintas",
            "esto no es una fecha", "aquí no hay curso", "aquí no hay notas", "en esta máquina no se pueden ejecutar programas con seguridad",
            "el programa no se pudo ejecutar", "el programa no terminó a tiempo", "el programa escribió demasiado", "el programa no escribe nada"}},
    {"ar", {"", "هذه ليست عملية حسابية", "ليس لهذا قيمة أستطيع كتابتها", "لا أعرف هذه الوحدات", "هذه الوحدات تقيس أشياء مختلفة", "هذا ليس تاريخًا",
            "لا يوجد درس هنا", "لا توجد ملاحظات هنا", "لا يمكن تشغيل البرامج بأمان على هذا الجهاز", "تعذّر تشغيل البرنامج",
            "لم ينتهِ البرنامج في الوقت المحدد", "كتب البرنامج أكثر مما يجب", "لا يكتب البرنامج شيئًا"}},
    {"en", {"", "this is no sum", "this has no value that I can write", "I do not know these units", "these units measure different things",
            "this is no date", "there is no course here", "there are no notes here", "programs cannot be run safely on this machine",
            "the program could not be run", "the program did not end in time", "the program wrote too much", "the program writes nothing"}},
};
static const struct { const char *language, *nothing; } nothings[] = {
    {"zh", "什么也没找到"}, {"es", "no encontré nada"}, {"ar", "لم أجد شيئًا"}, {"en", "nothing was found"}};
/* Of the calls' own words: how they are shown. */
static const struct { const char *word, *shown[4]; } call_words[] = { /* zh, es, ar, en */
    {"to", {"→", "→", "→", "→"}}, {"weekday", {"", "", "", ""}}, {"days", {"", "", "", ""}},
    {"today", {"今天", "hoy", "اليوم", "today"}}, {"weeks", {"周", "semanas", "أسابيع", "weeks"}},
};
/* clang-format on */

static size_t refusal_row(const char *language) {
    size_t row = 0;
    while (row + 1 < COUNT_OF(refusals) && strncmp(language, refusals[row].language, 2) != 0)
        row++;
    return row;
}

static const char *nothing_words(const char *language) {
    size_t row = 0;
    while (row + 1 < COUNT_OF(nothings) && strncmp(language, nothings[row].language, 2) != 0)
        row++;
    return nothings[row].nothing;
}

static const char *tool_words(const struct tool *tool, const char *language) {
    for (size_t i = 0; i < COUNT_OF(tool->words); i++)
        if (!strncmp(language, tool->words[i].language, 2))
            return tool->words[i].name;
    return tool->words[0].name;
}

const char *tool_problem(const struct tool_result *result, const char *language) {
    return result->end == TOOL_REFUSED   ? refusals[refusal_row(language)].words[result->refusal]
           : result->end == TOOL_NOTHING ? nothing_words(language)
                                         : "";
}

static json_t *text_json(struct view text) {
    return json_stringn(text.n ? text.at : "", text.n);
}

/* "days 2026-03-03 to 2026-05-19" as "2026-03-03 → 2026-05-19": words between spaces. */
static void put_asked(const struct tool_call *call, const char *language, struct buffer *out) {
    bool own = call->tool->run == tool_date || call->tool->run == tool_convert;
    size_t row = refusal_row(language);
    for (size_t at = 0; at < call->asked.n;) {
        size_t end = at;
        while (end < call->asked.n && call->asked.at[end] != ' ')
            end++;
        struct view word = view_slice(call->asked, at, end);
        for (size_t i = 0; i < COUNT_OF(call_words) && own; i++)
            if (view_is(word, call_words[i].word))
                word = view_of(call_words[i].shown[row]);
        if (view_is(word, "*") && call->tool->run == tool_sum)
            word = VIEW("×");
        if (view_is(word, "*") && call->tool->run == tool_note) /* any of them */
            word = (struct view){0};
        buffer_format(out, "%s%.*s", out->n && word.n ? " " : "", VIEW_ARG(word));
        at = end + 1;
    }
}

json_t *tool_step_json(const struct think_step *step, const char *language) {
    const struct tool_result *result = &step->result;
    const char *name = tool_words(step->call.tool, language);
    const char *problem = tool_problem(result, language);
    struct view found = *problem         ? view_of(problem)
                        : step->picked.n ? step->picked
                        : result->n_found || result->note || step->call.tool->run == tool_code
                            ? (struct view){0} /* it is quoted */
                            : result->text;
    const char *between = !found.n ? "" : *problem || view_starts(found, "≈") ? " " : " = ";
    struct buffer words = {0}, asked = {0};
    put_asked(&step->call, language, &asked);
    buffer_format(&words, "%s%s%.*s%s%s%.*s", name, asked.n ? ": " : "",
                  VIEW_ARG(buffer_view(&asked)), *problem ? ":" : "", between, VIEW_ARG(found));
    json_t *told = json_pack("{s:s,s:s,s:o,s:o,s:o,s:b,s:b}", "tool", step->call.tool->name,
                             "name", name, "asked", text_json(buffer_view(&asked)), "found",
                             text_json(found), "words", text_json(buffer_view(&words)), "done",
                             (int)!*problem, "planned", (int)step->planned);
    buffer_free(&words);
    buffer_free(&asked);
    return told;
}
