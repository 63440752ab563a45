/* What a learner is told was looked up, in their language. */
#include "school/tools/inside.h"

#include <string.h>

/* clang-format off */
static const struct { const char *language, *words[REFUSALS]; } refusals[] = {
    {"zh", {"", "这不是算式", "这个算式没有值", "我不认识这些单位", "这些单位量的不是同一种东西", "这不是日期", "这里没有课程", "这里没有笔记",
            "这台机器上不能安全地运行程序", "程序没能运行", "程序没有按时结束", "程序写出的太多", "程序什么也没写出"}},
    {"es", {"", "esto no es una cuenta", "esto no tiene valor", "no conozco estas unidades", "estas unidades miden cosas distintas",
            "esto no es una fecha", "aquí no hay curso", "aquí no hay notas", "en esta máquina no se pueden ejecutar programas con seguridad",
            "el programa no se pudo ejecutar", "el programa no terminó a tiempo", "el programa escribió demasiado", "el programa no escribe nada"}},
    {"ar", {"", "هذه ليست عملية حسابية", "ليس لهذا قيمة", "لا أعرف هذه الوحدات", "هذه الوحدات تقيس أشياء مختلفة", "هذا ليس تاريخًا",
            "لا يوجد درس هنا", "لا توجد ملاحظات هنا", "لا يمكن تشغيل البرامج بأمان على هذا الجهاز", "تعذّر تشغيل البرنامج",
            "لم ينتهِ البرنامج في الوقت المحدد", "كتب البرنامج أكثر مما يجب", "لا يكتب البرنامج شيئًا"}},
    {"en", {"", "this is no sum", "this has no value", "I do not know these units", "these units measure different things",
            "this is no date", "there is no course here", "there are no notes here", "programs cannot be run safely on this machine",
            "the program could not be run", "the program did not end in time", "the program wrote too much", "the program writes nothing"}},
};
static const struct { const char *language, *nothing; } nothings[] = {
    {"zh", "什么也没找到"}, {"es", "no encontré nada"}, {"ar", "لم أجد شيئًا"}, {"en", "nothing was found"}};
/* clang-format on */

static const char *refusal_words(enum tool_refusal refusal, const char *language) {
    size_t row = 0;
    while (row + 1 < COUNT_OF(refusals) && strncmp(language, refusals[row].language, 2) != 0)
        row++;
    return refusals[row].words[refusal];
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

struct view tool_step_words(const struct think_step *step, const char *language,
                            struct arena *arena) {
    const char *name = tool_words(step->call.tool, language);
    const char *what = step->result.end == TOOL_REFUSED
                           ? refusal_words(step->result.refusal, language)
                       : step->result.end == TOOL_NOTHING ? nothing_words(language)
                                                          : NULL;
    struct view found = step->picked.n ? step->picked : step->result.text;
    if (what)
        return view_of(arena_format(arena, "%s: %.*s: %s", name, VIEW_ARG(step->call.asked), what));
    if (step->result.n_found && !step->picked.n)
        return view_of(arena_format(arena, "%s: %.*s", name, VIEW_ARG(step->call.asked)));
    bool about = view_starts(found, "≈");
    return view_of(arena_format(arena, "%s: %.*s%s%.*s", name, VIEW_ARG(step->call.asked),
                                about ? " " : " = ", VIEW_ARG(found)));
}

static json_t *text_json(struct view text) {
    return json_stringn(text.n ? text.at : "", text.n);
}

json_t *thought_steps(const struct thought *thought, const char *language) {
    static const char *const ends[] = {"found", "nothing", "refused"};
    struct arena *arena = arena_new();
    json_t *list = json_array();
    for (size_t i = 0; i < thought->n_step; i++) {
        const struct think_step *step = &thought->steps[i];
        json_t *passages = json_array();
        for (size_t k = 0; k < step->result.n_found; k++)
            json_array_append_new(passages, text_json(step->result.found[k].passage->id));
        json_array_append_new(
            list, json_pack("{s:s,s:o,s:s,s:o,s:o,s:o,s:b,s:o}", "tool", step->call.tool->name,
                            "asked", text_json(step->call.asked), "end", ends[step->result.end],
                            "found", text_json(step->result.text), "picked",
                            text_json(step->picked), "words",
                            text_json(tool_step_words(step, language, arena)), "planned",
                            (int)step->planned, "passages", passages));
    }
    arena_free(arena);
    return list;
}
