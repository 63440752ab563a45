/* Everything that one learner and the tutor said and did, exercise by exercise. */
#include "school/school_inside.h"

#include <stdlib.h>
#include <string.h>

enum { EVENTS_READ = 4000 };

static int64_t whole(const json_t *object, const char *key) {
    return json_integer_value(json_object_get(object, key));
}

struct reading {
    struct school *school;
    const char *language;
    json_t *exercises; /* in the order in which they were first touched */
    json_t *overruled; /* event to its row */
};

static json_t *exercise_of(struct reading *reading, const char *label) {
    json_t *one;
    size_t i;
    json_array_foreach(reading->exercises, i, one) {
        if (!strcmp(json_text(one, "id", ""), label))
            return one;
    }
    const struct exercise *exercise =
        *label ? school_exercise(reading->school, label, reading->language, NULL) : NULL;
    one = json_pack("{s:s,s:s,s:[]}", "id", label, "title", label, "lines");
    if (exercise) {
        json_object_set_new(one, "title", school_json(exercise->title));
        json_object_set_new(one, "course", school_json(exercise->lesson->course->id));
        json_object_set_new(one, "lesson", school_json(exercise->lesson->id));
    }
    json_array_append_new(reading->exercises, one);
    return one;
}

static void tell_attempt(struct reading *reading, const json_t *data, json_t *line) {
    const struct exercise *exercise =
        school_exercise(reading->school, json_text(data, "exercise", ""), reading->language, NULL);
    uint64_t seed = (uint64_t)whole(data, "seed");
    school_answer_tell(line, exercise, seed, json_object_get(data, "answer"));
    static const char *const told[] = {"score", "note", "misconception", "counts", "seed"};
    for (size_t i = 0; i < COUNT_OF(told); i++)
        if (json_object_get(data, told[i]))
            json_object_set(line, told[i], json_object_get(data, told[i]));
    struct variant *variant = exercise ? variant_make(exercise, seed, NULL) : NULL;
    if (!variant)
        return;
    struct buffer html = {0};
    markdown_html(variant->ask, &html);
    json_object_set_new(line, "ask_html", school_json(buffer_view(&html)));
    buffer_free(&html);
    variant_free(variant);
}

static void tell_line(struct reading *reading, const json_t *event, const json_t *data) {
    const char *kind = json_text(event, "kind", "");
    json_t *line = json_pack("{s:O,s:O,s:s}", "id", json_object_get(event, "id"), "at",
                             json_object_get(event, "at"), "kind", kind);
    char id[24];
    snprintf(id, sizeof id, "%lld", (long long)whole(event, "id"));
    json_t *over = json_object_get(reading->overruled, id);
    if (over)
        json_object_set(line, "overruled", over);
    if (!strcmp(kind, "attempt"))
        tell_attempt(reading, data, line);
    static const char *const told[] = {"say", "move", "rung", "draft", "struck"};
    for (size_t i = 0; i < COUNT_OF(told); i++)
        if (json_object_get(data, told[i]))
            json_object_set(line, told[i], json_object_get(data, told[i]));
    if (!strcmp(kind, "asked"))
        json_object_set(line, "text", json_object_get(data, "text"));
    json_array_append_new(
        json_object_get(exercise_of(reading, json_text(data, "exercise", "")), "lines"), line);
}

static void tell(struct reading *reading, const json_t *event) {
    json_t *data = json_parse(view_of(json_text(event, "data", "")), NULL);
    if (data)
        tell_line(reading, event, data);
    json_decref(data);
}

static json_t *by_event(json_t *rows) {
    json_t *object = json_object(), *row;
    size_t i;
    json_array_foreach(rows, i, row) {
        char id[24];
        snprintf(id, sizeof id, "%lld", (long long)whole(row, "event"));
        json_object_set(object, id, row);
    }
    json_decref(rows);
    return object;
}

/* The exercise that something happened on last comes first. */
static int by_last(const void *a, const void *b) {
    const json_t *x = json_object_get(*(json_t *const *)a, "lines");
    const json_t *y = json_object_get(*(json_t *const *)b, "lines");
    int64_t last_x = whole(json_array_get(x, json_array_size(x) - 1), "id");
    int64_t last_y = whole(json_array_get(y, json_array_size(y) - 1), "id");
    return last_x < last_y ? 1 : last_x > last_y ? -1 : 0;
}

static json_t *sorted(json_t *exercises, const char *wanted) {
    size_t n = json_array_size(exercises);
    json_t **all = must_alloc(n + 1, sizeof *all), *list = json_array();
    for (size_t i = 0; i < n; i++)
        all[i] = json_array_get(exercises, i);
    qsort(all, n, sizeof *all, by_last);
    for (size_t i = 0; i < n; i++)
        if (!wanted || !*wanted || !strcmp(json_text(all[i], "id", ""), wanted))
            json_array_append(list, all[i]);
    free(all);
    return list;
}

json_t *school_transcript(struct school *school, int64_t learner, const char *exercise,
                          const char *language, struct fault *fault) {
    json_t *person = people_one(school->record, PEOPLE_PERSON, "i", learner), *event;
    if (!person) {
        fault_set(fault, FAULT_MISSING, "There is no learner %lld.", (long long)learner);
        return NULL;
    }
    json_t *events =
        people_list(school->record, PEOPLE_EVENTS, "ii", learner, (int64_t)EVENTS_READ);
    struct reading reading = {
        .school = school,
        .language = language,
        .exercises = json_array(),
        .overruled = by_event(people_list(school->record, PEOPLE_OVERRULED, "i", learner))};
    size_t i;
    json_array_foreach(events, i, event) tell(&reading, event);
    json_t *told = json_pack(
        "{s:{s:I,s:O},s:o,s:o}", "learner", "id", (json_int_t)learner, "name",
        json_object_get(person, "name"), "exercises", sorted(reading.exercises, exercise),
        "messages", people_list(school->record, PEOPLE_MESSAGES, "ii", learner, (int64_t)20));
    json_decref(reading.exercises);
    json_decref(reading.overruled);
    json_decref(events);
    json_decref(person);
    return told;
}
