/* Open answers: which wait for a person, what a model proposed, what the person decided. A
 * decision is an event "overruled" on the attempt, with the levels; without a score the answer
 * waits again. */
#include "school/learner/people_tables.h"

#include <string.h>

static int64_t target_of(const struct event *event) {
    return json_integer_value(json_object_get(event->data, "event"));
}

/* The newest answer to a variant is the one that is read: an older one that nobody has read yet
 * gives way to it. */
bool rubric_waits(struct connection *connection, const struct event *event, struct fault *fault) {
    if (connection->again || strcmp(json_text(event->data, "note", ""), "waiting") != 0)
        return true;
    const char *exercise = json_text(event->data, "exercise", "");
    int64_t seed = json_integer_value(json_object_get(event->data, "seed"));
    return people_run(connection, fault,
                      "DELETE FROM rubric_answer WHERE learner = ? AND exercise = ? AND seed = ?"
                      " AND levels IS NULL",
                      "isi", event->learner, exercise, seed) &&
           people_run(connection, fault,
                      "INSERT INTO rubric_answer(learner, exercise, seed, event, at_ms)"
                      " VALUES(?, ?, ?, ?, ?)",
                      "isiii", event->learner, exercise, seed, event->id, event->at_ms);
}

bool derive_proposed(struct connection *connection, const struct event *event,
                     struct fault *fault) {
    struct buffer text = {0};
    buffer_json(&text, event->data);
    bool good =
        people_run(connection, fault,
                   "UPDATE rubric_answer SET proposed = ?, sure = ?"
                   " WHERE learner = ? AND event = ?",
                   "viii", buffer_view(&text), (int64_t)json_flag(event->data, "sure", false),
                   event->learner, target_of(event));
    buffer_free(&text);
    return good;
}

/* A grade that was changed without levels, on the learner's page, is a decision too. What is taken
 * back waits for a person, however sure a model was. */
bool rubric_decided(struct connection *connection, const struct event *event,
                    struct fault *fault) {
    if (!json_is_number(json_object_get(event->data, "score")))
        return people_run(connection, fault,
                          "UPDATE rubric_answer SET levels = NULL, sure = 0, decided_ms = 0,"
                          " made_by = 0, words = '' WHERE learner = ? AND event = ?",
                          "ii", event->learner, target_of(event));
    const json_t *levels = json_object_get(event->data, "levels");
    struct buffer text = {0};
    if (levels)
        buffer_json(&text, levels);
    else
        buffer_text(&text, "[]");
    bool good =
        people_run(connection, fault,
                   "UPDATE rubric_answer SET levels = ?, decided_ms = ?, made_by = ?, words = ?"
                   " WHERE learner = ? AND event = ?",
                   "viisii", buffer_view(&text), event->at_ms,
                   json_integer_value(json_object_get(event->data, "by")),
                   json_text(event->data, "reason", ""), event->learner, target_of(event));
    buffer_free(&text);
    return good;
}

/* As near to the threshold as a rubric alone may come: pages that round show it as below. */
static const double margin = 0.01;

double rubric_mastery(double before, double after, double threshold) {
    double most = threshold - margin > before ? threshold - margin : before;
    return after > most ? most : after;
}
