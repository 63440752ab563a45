/* The consent to train on what was written: its event, what it adds to the tables, and what of the
 * record such training may see. Nothing here fails silently: a list of names that could not be
 * read must not pass for one that is empty. */
#include "school/learner/giving.h"
#include "school/learner/people.h"
#include "school/learner/people_tables.h"

bool derive_giving(struct connection *connection, const struct event *event, struct fault *fault) {
    return people_run(connection, fault,
                      "INSERT INTO giving VALUES(?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
                      " gives = excluded.gives, terms = excluded.terms,"
                      " since_ms = excluded.since_ms",
                      "iiii", event->learner, (int64_t)json_flag(event->data, "gives", false),
                      json_integer_value(json_object_get(event->data, "terms")), event->at_ms);
}

json_t *record_giving(struct record *record, int64_t learner, struct fault *fault) {
    json_t *rows =
        people_list_or_fault(record, PEOPLE_GIVING, fault, "ii", learner, (int64_t)GIVING_TERMS);
    if (!rows)
        return NULL;
    json_t *row = json_array_get(rows, 0);
    json_t *giving =
        json_pack("{s:b,s:I}", "gives", json_integer_value(json_object_get(row, "gives")) != 0,
                  "since", json_integer_value(json_object_get(row, "since")));
    json_decref(rows);
    return giving;
}

bool record_give(struct record *record, int64_t learner, bool gives, struct fault *fault) {
    json_t *now = record_giving(record, learner, fault);
    if (!now)
        return false;
    bool same = json_flag(now, "gives", false) == gives;
    json_decref(now);
    return same || people_write(record, learner, "giving",
                                json_pack("{s:b,s:i}", "gives", (int)gives, "terms", GIVING_TERMS),
                                fault) > 0;
}

json_t *record_givers(struct record *record, struct fault *fault) {
    json_t *rows = people_list_or_fault(record, PEOPLE_GIVERS, fault, "i", (int64_t)GIVING_TERMS),
           *ids = rows ? json_array() : NULL, *row;
    size_t i;
    json_array_foreach(rows, i, row) json_array_append(ids, json_object_get(row, "learner"));
    json_decref(rows);
    return ids;
}

json_t *record_names(struct record *record, struct fault *fault) {
    return people_list_or_fault(record, PEOPLE_NAMES, fault, "");
}

json_t *record_all_talk(struct record *record, int64_t learner, int64_t after, int64_t limit,
                        struct fault *fault) {
    return people_list_or_fault(record, PEOPLE_TALK, fault, "iii", learner, after, limit);
}
