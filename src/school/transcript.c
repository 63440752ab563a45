/* Everything that one learner and the tutor said and did, exercise by exercise. */
#include "school/school_inside.h"

#include <stdlib.h>
#include <string.h>

enum { EVENTS_READ = 4000 };

static int64_t whole(const json_t *object, const char *key) {
    return json_integer_value(json_object_get(object, key));
}

/* One exercise, with the variant that the line before was about: the next mostly is on it too. */
struct told {
    json_t *object;
    const struct exercise *exercise; /* NULL: the lesson, or one that the course has no more */
    struct variant *variant;
    json_t *ask_html;
    uint64_t seed;
};

struct reading {
    struct school *school;
    const char *language;
    json_t *exercises; /* in the order in which they were first touched */
    json_t *places;    /* label to the place in told */
    json_t *overruled; /* event to its row */
    struct told *told; /* as in exercises */
    size_t n_told, room;
};

static struct told *begin_exercise(struct reading *reading, const char *label) {
    const struct exercise *exercise =
        *label ? school_exercise(reading->school, label, reading->language, NULL) : NULL;
    json_t *one = json_pack("{s:s,s:s,s:[]}", "id", label, "title", label, "lines");
    if (exercise) {
        json_object_set_new(one, "title", school_json(exercise->title));
        json_object_set_new(one, "course", school_json(exercise->lesson->course->id));
        json_object_set_new(one, "lesson", school_json(exercise->lesson->id));
    }
    json_array_append_new(reading->exercises, one);
    json_object_set_new(reading->places, label, json_integer((json_int_t)reading->n_told));
    if (reading->n_told == reading->room) {
        reading->room = reading->room ? 2 * reading->room : 64;
        reading->told = must_realloc(reading->told, reading->room, sizeof *reading->told);
    }
    reading->told[reading->n_told] = (struct told){.object = one, .exercise = exercise};
    return &reading->told[reading->n_told++];
}

static struct told *exercise_of(struct reading *reading, const char *label) {
    const json_t *place = json_object_get(reading->places, label);
    return place ? &reading->told[json_integer_value(place)] : begin_exercise(reading, label);
}

static void let_go_variant(struct told *told) {
    variant_free(told->variant);
    json_decref(told->ask_html);
    told->variant = NULL;
    told->ask_html = NULL;
}

static void see_variant(struct told *told, uint64_t seed) {
    if (!told->exercise || (told->variant && told->seed == seed))
        return;
    let_go_variant(told);
    told->seed = seed;
    told->variant = variant_make(told->exercise, seed, NULL);
    if (!told->variant)
        return;
    struct buffer html = {0};
    markdown_html(told->variant->ask, &html);
    told->ask_html = school_json(buffer_view(&html));
    buffer_free(&html);
}

static void tell_attempt(struct told *told, const json_t *data, json_t *line) {
    see_variant(told, (uint64_t)whole(data, "seed"));
    school_answer_tell(line, told->variant, json_object_get(data, "answer"));
    static const char *const keys[] = {"score", "note", "misconception", "counts", "seed"};
    for (size_t i = 0; i < COUNT_OF(keys); i++)
        if (json_object_get(data, keys[i]))
            json_object_set(line, keys[i], json_object_get(data, keys[i]));
    if (told->ask_html)
        json_object_set(line, "ask_html", told->ask_html);
}

static void tell_line(struct reading *reading, const json_t *event, const json_t *data) {
    const char *kind = json_text(event, "kind", "");
    struct told *told = exercise_of(reading, json_text(data, "exercise", ""));
    json_t *line = json_pack("{s:O,s:O,s:s}", "id", json_object_get(event, "id"), "at",
                             json_object_get(event, "at"), "kind", kind);
    char id[24];
    snprintf(id, sizeof id, "%lld", (long long)whole(event, "id"));
    json_t *over = json_object_get(reading->overruled, id);
    if (over)
        json_object_set(line, "overruled", over);
    if (!strcmp(kind, "attempt"))
        tell_attempt(told, data, line);
    static const char *const keys[] = {"say", "move", "rung", "draft", "struck"};
    for (size_t i = 0; i < COUNT_OF(keys); i++)
        if (json_object_get(data, keys[i]))
            json_object_set(line, keys[i], json_object_get(data, keys[i]));
    if (!strcmp(kind, "asked"))
        json_object_set(line, "text", json_object_get(data, "text"));
    json_array_append_new(json_object_get(told->object, "lines"), line);
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
        .places = json_object(),
        .overruled = by_event(people_list(school->record, PEOPLE_OVERRULED, "i", learner))};
    size_t i;
    json_array_foreach(events, i, event) tell(&reading, event);
    json_t *told = json_pack(
        "{s:{s:I,s:O},s:o,s:o}", "learner", "id", (json_int_t)learner, "name",
        json_object_get(person, "name"), "exercises", sorted(reading.exercises, exercise),
        "messages", people_list(school->record, PEOPLE_MESSAGES, "ii", learner, (int64_t)20));
    for (i = 0; i < reading.n_told; i++)
        let_go_variant(&reading.told[i]);
    free(reading.told);
    json_decref(reading.places);
    json_decref(reading.exercises);
    json_decref(reading.overruled);
    json_decref(events);
    json_decref(person);
    return told;
}
