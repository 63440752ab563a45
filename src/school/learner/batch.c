/* Events that are written together, and what the tables will tell once they are. */
#include "school/learner/inside.h"

#include <stdlib.h>

bool record_write(struct record *record, struct batch *batch, struct event *event, json_t *data,
                  struct fault *fault) {
    struct event written = *event;
    if (batch) {
        batch->events = must_realloc(batch->events, batch->n + 1, sizeof *batch->events);
        batch->data = must_realloc(batch->data, batch->n + 1, sizeof *batch->data);
        batch->events[batch->n] = *event;
        batch->data[batch->n++] = data;
        return true;
    }
    if (!record_write_all(record, &written, &data, 1, fault))
        return false;
    event->id = written.id;
    event->learner = written.learner;
    return true;
}

bool event_write(struct record *record, struct batch *batch, int64_t learner, const char *kind,
                 json_t *data, struct fault *fault) {
    return record_write(record, batch, &(struct event){.learner = learner, .kind = kind}, data,
                        fault);
}

void batch_free(struct batch *batch) {
    for (size_t i = 0; i < batch->n; i++)
        json_decref(batch->data[i]);
    free(batch->events);
    free(batch->data);
    *batch = (struct batch){0};
}

bool batch_write(struct record *record, struct batch *batch, struct fault *fault) {
    bool good = !batch->n || record_write_all(record, batch->events, batch->data, batch->n, fault);
    batch->n = 0; /* their data were given away */
    batch_free(batch);
    return good;
}

/* ------------------------------------------------------------------------------ before they are
 */

static bool derive(struct connection *connection, const struct batch *batch, struct fault *fault) {
    int64_t now = clock_unix_ms();
    bool good = true;
    for (size_t i = 0; good && i < batch->n; i++) {
        struct event event = batch->events[i];
        event.at_ms = now;
        event.data = batch->data[i];
        good = event_derive(connection, &event, fault);
    }
    return good;
}

bool batch_foresee(struct record *record, const struct batch *batch, int64_t learner,
                   const char *exercise, const char *course, const char *skill,
                   struct foreseen *foreseen, struct fault *fault) {
    *foreseen = (struct foreseen){0};
    struct connection *connection = reading_rows_begin(record);
    connection->again = true; /* what the school learns of them it learns when they are written */
    bool good =
        derive(connection, batch, fault) &&
        exercise_get(connection, learner, exercise, &foreseen->exercise, fault) != STEP_FAILED &&
        skill_get(connection, learner, course, skill, &foreseen->skill, fault) != STEP_FAILED;
    connection->again = false;
    reading_rows_end(record, connection);
    if (!good)
        json_decref(foreseen->exercise.answer);
    return good;
}
