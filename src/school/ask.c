/* A model with tools, outside of any lesson: for `lyceum ask` and its bench. */
#include "school/school_inside.h"
#include "school/tools/tools.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct school_asker {
    struct company *company;
    struct course *course;
    struct recall *recall;
    struct vectors *vectors;
    struct tool_rules *rules;
    char language[16];
};

static bool open_course(struct school_asker *asker, const char *folder, struct fault *fault) {
    asker->course = course_load(folder, NULL, fault);
    asker->recall = asker->course ? recall_open(&asker->course, 1, fault) : NULL;
    return asker->recall != NULL;
}

struct school_asker *school_asker_open(const struct school_asker_options *options,
                                       struct fault *fault) {
    struct school_asker *asker = must_alloc(1, sizeof *asker);
    asker->company = options->company;
    asker->vectors = vectors_open();
    snprintf(asker->language, sizeof asker->language, "%s",
             options->language ? options->language : "en");
    asker->rules = tool_rules_open(fault);
    if (asker->rules && (!options->course || open_course(asker, options->course, fault)))
        return asker;
    school_asker_close(asker);
    return NULL;
}

void school_asker_close(struct school_asker *asker) {
    if (!asker)
        return;
    vectors_close(asker->vectors);
    tool_rules_close(asker->rules);
    recall_close(asker->recall);
    course_free(asker->course);
    free(asker);
}

/* Where this machine stands. */
static int64_t today(void) {
    time_t now = time(NULL);
    struct tm here;
    struct calendar calendar = {0};
    if (localtime_r(&now, &here))
        calendar.offset_minutes = (int)(here.tm_gmtoff / 60);
    return calendar_day(&calendar, clock_unix_ms());
}

static json_t *steps_json(const struct thought *thought, const char *language) {
    json_t *list = json_array();
    for (size_t i = 0; i < thought->n_step; i++)
        json_array_append_new(list, tool_step_json(&thought->steps[i], language));
    return list;
}

json_t *school_ask(struct school_asker *asker, const struct school_asking *asking) {
    struct arena *arena = arena_new();
    struct fault fault = {0};
    struct thought thought;
    struct tool_place place = {.rules = asking->no_rules ? NULL : asker->rules,
                               .recall = asker->recall,
                               .course = asker->course,
                               .language = asker->language,
                               .company = asker->company,
                               .vectors = asker->vectors,
                               .today = today(),
                               .programs = true};
    struct think_options options = {.seed = asking->seed};
    if (!asking->alone && asker->course && asker->company)
        vectors_wait(&place);
    bool good = (asking->alone ? tools_alone : tools_think)(&place, asking->question, &options,
                                                            arena, &thought, &fault);
    json_t *object = json_pack(
        "{s:o,s:o,s:o,s:s,s:i,s:f}", "question", school_json(asking->question), "answer",
        school_json(thought.answer), "looked_up", steps_json(&thought, asker->language), "model",
        thought.model, "tokens", thought.n_generated, "seconds", thought.seconds);
    if (!good)
        json_object_set_new(object, "problem", json_string(fault.message));
    arena_free(arena);
    return object;
}
