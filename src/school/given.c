/* What learners agreed to give: their talk with the tutor, without names and numbers. */
#include "school/learner/giving.h"
#include "school/pseudonym.h"
#include "school/school_inside.h"

#include <string.h>

enum { EVENTS_READ = 500, MOST_TALKS = 4096 }; /* at once; exercises of a learner */

struct given_talk {
    struct record *record;
    struct pseudonyms *names;
    json_t *learners; /* ids of those who agreed when it was opened */
    size_t n_known, n_withdrawn;
    struct struck struck;
};

/* -------------------------------------------------------------------------------------- saying */

json_t *school_giving(struct school *school, int64_t learner, struct fault *fault) {
    return record_giving(school->record, learner, fault);
}

bool school_give(struct school *school, int64_t learner, bool gives, struct fault *fault) {
    return record_give(school->record, learner, gives, fault);
}

/* ------------------------------------------------------------------------------------- opening */

static bool read_names(struct given_talk *given, struct fault *fault) {
    static const char *const keys[] = {"name", "given", "family", "login", "email"};
    json_t *people = record_names(given->record, fault), *person;
    size_t i;
    json_array_foreach(people, i, person) {
        for (size_t j = 0; j < COUNT_OF(keys); j++) {
            struct view name = view_of(json_text(person, keys[j], ""));
            ptrdiff_t host = view_find(name, VIEW("@")); /* of a mail address or a login */
            pseudonyms_add(given->names, host < 0 ? name : view_slice(name, 0, (size_t)host));
        }
    }
    given->n_known = json_array_size(people);
    json_decref(people);
    return people != NULL;
}

struct given_talk *school_given_open(const char *data, struct fault *fault) {
    struct given_talk *given = must_alloc(1, sizeof *given);
    given->names = pseudonyms_new();
    given->record = record_open_reader(data, fault);
    if (given->record && read_names(given, fault))
        given->learners = record_givers(given->record, fault);
    if (given->learners)
        return given;
    school_given_close(given);
    return NULL;
}

void school_given_close(struct given_talk *given) {
    if (!given)
        return;
    json_decref(given->learners);
    pseudonyms_free(given->names);
    record_close(given->record);
    free(given);
}

size_t school_given_learners(const struct given_talk *given) {
    return json_array_size(given->learners);
}

json_t *school_given_json(const struct given_talk *given) {
    return json_pack("{s:I,s:I,s:I,s:{s:I,s:I,s:I,s:I}}", "learners", (json_int_t)given->n_known,
                     "agreed", (json_int_t)json_array_size(given->learners), "withdrawn_meanwhile",
                     (json_int_t)given->n_withdrawn, "struck", "names",
                     (json_int_t)given->struck.names, "mails", (json_int_t)given->struck.mails,
                     "addresses", (json_int_t)given->struck.addresses, "numbers",
                     (json_int_t)given->struck.numbers);
}

/* ------------------------------------------------------------------------------------- reading */

struct telling {
    struct given_talk *given;
    json_t *talks; /* exercise to its messages, in the order in which they were begun */
};

/* What one side wrote goes on with what the same side wrote before. */
static void add_words(const struct telling *telling, json_t *messages, const char *role,
                      struct view words) {
    struct buffer text = {0};
    json_t *last = json_array_get(messages, json_array_size(messages) - 1);
    bool goes_on = last && !strcmp(json_text(last, "role", ""), role);
    if (goes_on)
        buffer_format(&text, "%s\n", json_text(last, "content", ""));
    pseudonyms_strike(telling->given->names, words, &text, &telling->given->struck);
    if (goes_on)
        json_object_set_new(last, "content", school_json(buffer_view(&text)));
    else
        json_array_append_new(messages, json_pack("{s:s,s:o}", "role", role, "content",
                                                  school_json(buffer_view(&text))));
    buffer_free(&text);
}

static void add_value(const struct telling *telling, json_t *messages, const json_t *value) {
    struct buffer text = {0};
    if (json_is_string(value))
        buffer_text(&text, json_string_value(value));
    else if (value)
        buffer_json(&text, value);
    if (view_trim(buffer_view(&text)).n)
        add_words(telling, messages, "user", view_trim(buffer_view(&text)));
    buffer_free(&text);
}

static json_t *messages_of(const struct telling *telling, const json_t *data) {
    const char *exercise = json_text(data, "exercise", "");
    json_t *messages = json_object_get(telling->talks, exercise);
    if (!messages && json_object_size(telling->talks) < MOST_TALKS) {
        messages = json_array();
        json_object_set_new(telling->talks, exercise, messages);
    }
    return messages;
}

static void tell_event(const struct telling *telling, const char *kind, const json_t *data) {
    json_t *messages = messages_of(telling, data), *say;
    size_t i;
    if (!messages)
        return;
    if (!strcmp(kind, "asked"))
        add_value(telling, messages, json_object_get(data, "text"));
    else if (!strcmp(kind, "attempt"))
        add_value(telling, messages, json_object_get(data, "answer"));
    json_array_foreach(json_object_get(data, "say"), i, say) {
        const char *text = json_text(say, "text", "");
        if (*text && !json_object_get(say, "recalled")) /* a note is not given */
            add_words(telling, messages, "assistant", view_of(text));
    }
}

/* From behind event *after, which rises; false at the end, or with a fault. */
static bool tell_some(const struct telling *telling, int64_t learner, int64_t *after,
                      struct fault *fault) {
    json_t *events = record_all_talk(telling->given->record, learner, *after, EVENTS_READ, fault),
           *event;
    size_t i;
    json_array_foreach(events, i, event) {
        json_t *data = json_parse(view_of(json_text(event, "data", "")), NULL);
        tell_event(telling, json_text(event, "kind", ""), data);
        *after = json_integer_value(json_object_get(event, "id"));
        json_decref(data);
    }
    bool more = json_array_size(events) == EVENTS_READ;
    if (!events)
        *after = -1;
    json_decref(events);
    return more;
}

/* Both spoke. */
static bool is_talk(const json_t *messages) {
    return json_array_size(messages) > 1;
}

static void write_talks(const json_t *talks, struct buffer *out) {
    const char *exercise;
    json_t *messages;
    json_object_foreach((json_t *)(uintptr_t)talks, exercise, messages) {
        if (!is_talk(messages))
            continue;
        json_t *row = json_pack("{s:O,s:s,s:s}", "messages", messages, "origin", "transcript",
                                "licence", "given by the learner");
        buffer_json(out, row);
        buffer_byte(out, '\n');
        json_decref(row);
    }
}

bool school_given_read(struct given_talk *given, size_t i, struct buffer *out,
                       struct fault *fault) {
    int64_t learner = json_integer_value(json_array_get(given->learners, i)), after = 0;
    json_t *giving = record_giving(given->record, learner, fault);
    bool gives = json_flag(giving, "gives", false), good = giving != NULL;
    json_decref(giving);
    given->n_withdrawn += good && !gives;
    if (!good || !gives)
        return good;
    struct telling telling = {given, json_object()};
    while (tell_some(&telling, learner, &after, fault)) {
    }
    if (after >= 0)
        write_talks(telling.talks, out);
    json_decref(telling.talks);
    return after >= 0;
}
