/* Calls of tools, as a member far away may write them, and questions: of any bytes. */
#include "school/tools/inside.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static struct tool_place place = {.language = "en", .today = 20000};

static void run_line(struct view line, struct arena *arena) {
    struct tool_call call;
    struct tool_result result;
    if (!tool_call_read(line, &call, NULL))
        return;
    MUST(call.asked.n && call.asked.n <= TOOL_ASKED);
    tool_run(&place, &call, arena, &result);
    MUST(result.text.n <= TOOL_FOUND && utf8_valid(result.text));
    MUST((result.end == TOOL_REFUSED) == (result.refusal != REFUSE_NONE));
    json_t *told = tool_step_json(&(struct think_step){.call = call, .result = result}, "zh");
    MUST(told);
    json_decref(told);
}

/* Whatever the question holds, its grammar is one, and the rules' calls are calls. */
static void read_question(struct view text, struct arena *arena) {
    struct asked asked;
    struct thought thought;
    struct buffer gbnf = {0};
    asked_read(text, place.language, arena, &asked);
    struct prospects may = prospects_of(&place, &asked, false);
    if (call_grammar(&place, &asked, &may, arena, &gbnf)) {
        struct fault fault = {0};
        struct grammar *grammar = grammar_compile(buffer_view(&gbnf), &fault);
        MUST(grammar || fault.kind == FAULT_LIMIT);
        grammar_free(grammar);
    }
    buffer_free(&gbnf);
    tools_plan(&place, text, arena, &thought);
    MUST(thought.n_step <= TOOL_CALLS);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    static const char *const languages[] = {"en", "zh", "es", "ar"};
    static struct tool_rules *rules;
    struct view text = {(const char *)data, n};
    if (!rules)
        MUST((rules = tool_rules_open(NULL)));
    struct arena *arena = arena_new();
    place.rules = rules;
    place.language = languages[n % COUNT_OF(languages)];
    run_line(text, arena);
    if (utf8_valid(text) && !memchr(data, 0, n)) /* as the web takes a question */
        read_question(text, arena);
    arena_free(arena);
    return 0;
}
