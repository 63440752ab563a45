/* What the rest of school reads of skills, fits, plans and days. */
#include "school/learner/inside.h"
#include "school/learner/practice.h"

#include <string.h>

bool record_skill(struct record *record, int64_t learner, const char *course, const char *skill,
                  struct skill_state *state) {
    struct connection *connection = reading_rows_begin(record);
    bool found = skill_get(connection, learner, course, skill, state, NULL) == STEP_ROW;
    reading_rows_end(record, connection);
    return found;
}

static void copy_column(sqlite3_stmt *row, int column, char *out, size_t room) {
    struct view text = column_view(row, column);
    size_t n = text.n < room - 1 ? text.n : room - 1;
    if (n)
        memcpy(out, text.at, n);
    out[n] = 0;
}

size_t record_first_tries(struct record *record, int64_t learner, struct first_try *out,
                          size_t n) {
    struct connection *connection = reading_begin(record);
    sqlite3_stmt *row =
        statement_with(connection, STATEMENT_OBSERVED_OF_LEARNER, NULL, "ii", learner, (int64_t)n);
    size_t found = 0;
    while (found < n && statement_step(connection, row, NULL) == STEP_ROW) {
        struct first_try *try = &out[found++];
        try->at_ms = sqlite3_column_int64(row, 0);
        try->right = sqlite3_column_int(row, 1);
        try->predicted = sqlite3_column_double(row, 2);
        copy_column(row, 3, try->course, sizeof try->course);
        copy_column(row, 4, try->skill, sizeof try->skill);
        copy_column(row, 5, try->exercise, sizeof try->exercise);
    }
    reading_end(record, row);
    return found;
}

size_t record_seeds(struct record *record, int64_t learner, const char *exercise, uint64_t *out,
                    size_t n) {
    struct connection *connection = reading_begin(record);
    sqlite3_stmt *row =
        statement_with(connection, STATEMENT_SEEDS, NULL, "isi", learner, exercise, (int64_t)n);
    size_t found = 0;
    while (found < n && statement_step(connection, row, NULL) == STEP_ROW)
        out[found++] = (uint64_t)sqlite3_column_int64(row, 0);
    reading_end(record, row);
    return found;
}

void record_plan(struct record *record, int64_t learner, struct plan *plan) {
    struct connection *connection = reading_rows_begin(record);
    plan_get(connection, learner, plan, NULL);
    reading_rows_end(record, connection);
}

size_t record_days(struct record *record, int64_t learner, struct practised *out, size_t n) {
    struct connection *connection = reading_begin(record);
    sqlite3_stmt *row =
        statement_with(connection, STATEMENT_DAYS, NULL, "ii", learner, (int64_t)n);
    size_t found = 0;
    while (found < n && statement_step(connection, row, NULL) == STEP_ROW)
        out[found++] = (struct practised){.day = sqlite3_column_int64(row, 0),
                                          .answers = sqlite3_column_int(row, 1),
                                          .right = sqlite3_column_int(row, 2)};
    reading_end(record, row);
    return found;
}

json_t *record_placing(struct record *record, int64_t learner, const char *course, int last) {
    struct buffer place = {0};
    buffer_format(&place, "placement of %s", course);
    json_t *notes = record_talk(record, learner, place.at, last);
    buffer_free(&place);
    return notes;
}
