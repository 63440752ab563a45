/* What is asked about people: each question is a statement of this table, each row an object. */
#include "school/learner/people.h"
#include "school/learner/people_tables.h"

#define PERSON_COLUMNS                                                                            \
    "learner.id AS id, learner.name AS name, coalesce(person.role, 'learner') AS role,"           \
    " person.login AS login, person.sourced AS sourced, person.given AS given,"                   \
    " person.family AS family, coalesce(person.enabled, 1) AS enabled,"                           \
    " learner.created_ms AS made"

#define RUBRIC_COLUMNS                                                                            \
    "r.event AS event, r.learner AS learner, learner.name AS name, r.exercise AS exercise,"       \
    " r.seed AS seed, r.at_ms AS at, r.proposed AS proposed, r.sure AS sure, r.levels AS levels," \
    " r.made_by AS by, r.decided_ms AS decided, r.words AS words,"                                \
    " json_extract(event.data, '$.answer') AS answer,"                                            \
    " json_extract(event.data, '$.language') AS language"

static const char *const queries[N_PEOPLE_QUERY] = {
    [PEOPLE_PERSON] = "SELECT " PERSON_COLUMNS ", person.password_hash AS password_hash"
                      " FROM learner LEFT JOIN person USING(id) WHERE learner.id = ?",
    [PEOPLE_BY_LOGIN] = "SELECT " PERSON_COLUMNS ", person.password_hash AS password_hash"
                        " FROM person JOIN learner USING(id) WHERE person.login = ?",
    [PEOPLE_OWNERS] = "SELECT id FROM person WHERE role = 'owner' AND enabled LIMIT 1",
    [PEOPLE_STAFF] = "SELECT " PERSON_COLUMNS " FROM person JOIN learner USING(id)"
                     " WHERE person.role IN ('teacher', 'owner') ORDER BY learner.id",
    [PEOPLE_SESSIONS] = "SELECT event AS id, how, made_ms AS made, ends_ms AS ends FROM session"
                        " WHERE person = ?1 AND (ends_ms = 0 OR ends_ms > ?2) ORDER BY event DESC",
    [PEOPLE_SESSION] = "SELECT event AS id, person FROM session WHERE token_hash = ?",
    [PEOPLE_CLASSES_OF] =
        "SELECT class.id AS id, class.title AS title, member.role AS role, class.closed AS closed,"
        " (SELECT count(*) FROM member AS m WHERE m.class = class.id AND m.role = 'learner')"
        "  AS learners"
        " FROM member JOIN class ON class.id = member.class WHERE member.person = ?"
        " ORDER BY class.closed, class.title",
    [PEOPLE_CLASSES_ALL] =
        "SELECT class.id AS id, class.title AS title, 'owner' AS role, class.closed AS closed,"
        " (SELECT count(*) FROM member AS m WHERE m.class = class.id AND m.role = 'learner')"
        "  AS learners"
        " FROM class ORDER BY class.closed, class.title",
    [PEOPLE_CLASS] = "SELECT id, title, made_ms AS made, made_by AS by, closed, sourced"
                     " FROM class WHERE id = ?",
    [PEOPLE_MEMBERS] = "SELECT learner.id AS id, learner.name AS name, member.role AS role,"
                       " member.since_ms AS since, person.login AS login,"
                       " (SELECT last_ms FROM presence WHERE presence.learner = learner.id"
                       "  ORDER BY day DESC LIMIT 1) AS seen"
                       " FROM member JOIN learner ON learner.id = member.person"
                       " LEFT JOIN person ON person.id = learner.id"
                       " WHERE member.class = ? ORDER BY member.role DESC, learner.name IS NULL,"
                       " learner.name COLLATE NOCASE, learner.id",
    [PEOPLE_PLACE] = "SELECT role FROM member WHERE class = ? AND person = ?",
    [PEOPLE_INVITATION] =
        "SELECT invitation.id AS id, invitation.class AS class, invitation.role AS role,"
        " invitation.person AS person, invitation.made_by AS by, class.title AS title,"
        " ends_ms AS ends, uses FROM invitation LEFT JOIN class ON class.id = invitation.class"
        " WHERE code = ? AND ends_ms > ? AND uses > 0"
        " AND (invitation.class IS NULL OR class.closed = 0)"
        /* A way back leads to who is a learner still. It, and what makes teachers, hold for as
         * long as whoever gave them is staff. */
        " AND (invitation.person IS NULL OR EXISTS (SELECT 1 FROM learner LEFT JOIN person"
        "  USING(id) WHERE learner.id = invitation.person"
        "  AND coalesce(person.role, 'learner') = 'learner' AND coalesce(person.enabled, 1)))"
        " AND ((invitation.role = 'learner' AND invitation.person IS NULL) OR EXISTS (SELECT 1"
        "  FROM person WHERE person.id = invitation.made_by AND person.enabled"
        "  AND person.role IN ('teacher', 'owner')))",
    [PEOPLE_INVITATIONS] =
        "SELECT id, code, role, ends_ms AS ends, uses FROM invitation"
        " WHERE class = ? AND ends_ms > ? AND uses > 0 AND person IS NULL ORDER BY id DESC",
    [PEOPLE_STUCK] =
        "SELECT learner.id AS id, learner.id AS learner, learner.name AS name, state.exercise AS "
        "exercise,"
        " state.seed AS seed, seed.attempts AS attempts, seed.wrong AS wrong, seed.hints AS hints,"
        " seed.bottomed AS bottomed, max(seed.tried_ms, seed.hinted_ms) AS last"
        " FROM member CROSS JOIN exercise_seed AS seed ON seed.learner = member.person"
        " CROSS JOIN exercise_state AS state USING(learner, exercise, seed)"
        " CROSS JOIN learner ON learner.id = state.learner"
        " WHERE member.class = ? AND member.role = 'learner' AND NOT seed.solved"
        " AND (seed.wrong >= 2 OR seed.bottomed OR seed.hints >= 2)"
        " AND max(seed.tried_ms, seed.hinted_ms) >= ? ORDER BY last DESC LIMIT 500",
    [PEOPLE_SKILLS] = "SELECT state.learner, skill, mastery, attempts, unaided, unaided_right,"
                      " reached_ms"
                      " FROM member CROSS JOIN skill_state AS state"
                      " ON state.learner = member.person"
                      " WHERE member.class = ? AND member.role = 'learner' AND course = ?",
    [PEOPLE_COURSES] = "SELECT DISTINCT course FROM member JOIN skill_state"
                       " ON skill_state.learner = member.person"
                       " WHERE member.class = ? AND member.role = 'learner'",
    [PEOPLE_WRONG] =
        "SELECT wrong.learner, seed, n, last_ms, exercise, answer, misconception, note"
        " FROM member CROSS JOIN wrong ON wrong.learner = member.person"
        " WHERE member.class = ? AND member.role = 'learner' AND course = ?",
    [PEOPLE_EFFORT] = "SELECT skill, sum(tried) AS tried, sum(solved) AS solved,"
                      " sum(unaided) AS unaided, sum(unaided_right) AS right"
                      " FROM member JOIN effort ON effort.learner = member.person"
                      " WHERE member.class = ? AND member.role = 'learner' AND course = ?"
                      " GROUP BY skill",
    [PEOPLE_PRESENCE] = "SELECT presence.learner AS learner, day, ms"
                        " FROM member JOIN presence ON presence.learner = member.person"
                        " WHERE member.class = ? AND member.role = 'learner' AND day >= ?",
    [PEOPLE_ATTEMPTS_ON] =
        "SELECT event.id AS id, at_ms AS at, data FROM tried JOIN event ON event.id = tried.event"
        " WHERE tried.learner = ?1 AND json_extract(data, '$.exercise') = ?2"
        " ORDER BY tried.event DESC LIMIT ?3",
    [PEOPLE_EVENTS] =
        "SELECT * FROM (SELECT id, at_ms AS at, kind, data FROM event WHERE learner = ?"
        " AND kind IN ('attempt', 'hint', 'solution', 'sister', 'asked', 'said')"
        " ORDER BY id DESC LIMIT ?) ORDER BY id",
    [PEOPLE_EVENT] = "SELECT kind, at_ms AS at, data FROM event WHERE learner = ? AND id = ?",
    [PEOPLE_OVERRULED] = "SELECT event, what, made_by AS by, at_ms AS at, score, reason"
                         " FROM overruled WHERE learner = ?",
    [PEOPLE_MESSAGES] =
        "SELECT message.id AS id, message.made_by AS by, learner.name AS name, at_ms AS at,"
        " kind, text, exercise, read_ms AS read FROM message LEFT JOIN learner"
        " ON learner.id = message.made_by WHERE message.learner = ?"
        " ORDER BY message.id DESC LIMIT ?",
    [PEOPLE_UNREAD] =
        "SELECT message.id AS id, message.made_by AS by, learner.name AS name, at_ms AS at,"
        " kind, text, exercise FROM message LEFT JOIN learner ON learner.id = message.made_by"
        " WHERE message.learner = ? AND read_ms = 0 ORDER BY message.id LIMIT 20",
    [PEOPLE_ASSIGNMENTS] = "SELECT id, kind, course, lesson, at_ms AS at, due_ms AS due"
                           " FROM assignment WHERE class = ? ORDER BY id DESC LIMIT 200",
    [PEOPLE_ASSIGNMENT] = "SELECT id, class, kind, course, lesson, at_ms AS at, due_ms AS due"
                          " FROM assignment WHERE id = ?",
    [PEOPLE_ASSIGNED_TO] =
        "SELECT assignment.id AS id, kind, course, lesson, assignment.at_ms AS at,"
        " due_ms AS due, class.title AS class_title,"
        " (SELECT count(*) = max(total) FROM test_answer WHERE assignment = assignment.id"
        "   AND learner = member.person) AS taken"
        " FROM member JOIN assignment ON assignment.class = member.class"
        " JOIN class ON class.id = member.class"
        " WHERE member.person = ? AND member.role = 'learner' AND NOT class.closed"
        " ORDER BY due_ms = 0, due_ms, assignment.id LIMIT 50",
    [PEOPLE_SOLVED] = "SELECT state.learner, exercise FROM member"
                      " CROSS JOIN exercise_state AS state ON state.learner = member.person"
                      " WHERE member.class = ? AND member.role = 'learner' AND ever_solved",
    [PEOPLE_TESTS] =
        "SELECT assignment.id AS assignment, kind, course, lesson, answer.learner AS learner,"
        " learner.name AS name, count(*) AS n, sum(score) AS points, max(total) AS total"
        " FROM assignment JOIN test_answer AS answer ON answer.assignment = assignment.id"
        " JOIN member ON member.class = assignment.class AND member.person = answer.learner"
        " JOIN learner ON learner.id = answer.learner WHERE assignment.class = ?"
        " GROUP BY assignment.id, answer.learner ORDER BY assignment.id",
    [PEOPLE_TEST_OF] = "SELECT exercise, score, total FROM test_answer"
                       " WHERE assignment = ? AND learner = ?",
    [PEOPLE_READER] = "SELECT class FROM member JOIN class ON class.id = member.class"
                      " WHERE member.person = ? AND member.role = 'learner' AND NOT class.closed"
                      " LIMIT 1",
    [PEOPLE_RUBRIC_WAITING] =
        "SELECT " RUBRIC_COLUMNS
        " FROM member JOIN rubric_answer AS r ON r.learner = member.person"
        " JOIN event ON event.id = r.event JOIN learner ON learner.id = r.learner"
        " WHERE member.class = ? AND member.role = 'learner' AND r.levels IS NULL AND NOT r.sure"
        " ORDER BY r.at_ms, r.event LIMIT 200",
    [PEOPLE_RUBRIC_SURE] =
        "SELECT " RUBRIC_COLUMNS
        " FROM member JOIN rubric_answer AS r ON r.learner = member.person"
        " JOIN event ON event.id = r.event JOIN learner ON learner.id = r.learner"
        " WHERE member.class = ? AND member.role = 'learner' AND r.levels IS NULL AND r.sure"
        " ORDER BY r.event DESC LIMIT 50",
    [PEOPLE_RUBRIC_DECIDED] =
        "SELECT " RUBRIC_COLUMNS
        " FROM member JOIN rubric_answer AS r ON r.learner = member.person"
        " JOIN event ON event.id = r.event JOIN learner ON learner.id = r.learner"
        " WHERE member.class = ? AND member.role = 'learner' AND r.levels IS NOT NULL"
        " ORDER BY r.decided_ms DESC LIMIT 20",
    [PEOPLE_RUBRIC_OF] =
        "SELECT " RUBRIC_COLUMNS " FROM rubric_answer AS r JOIN event ON event.id = r.event"
        " JOIN learner ON learner.id = r.learner"
        " WHERE r.learner = ? AND r.exercise = ? AND r.seed = ? ORDER BY r.event DESC LIMIT 1",
    [PEOPLE_RUBRIC_EVENT] =
        "SELECT " RUBRIC_COLUMNS " FROM rubric_answer AS r JOIN event ON event.id = r.event"
        " JOIN learner ON learner.id = r.learner WHERE r.learner = ? AND r.event = ?",
    [PEOPLE_RUBRIC_OPEN] =
        "SELECT " RUBRIC_COLUMNS " FROM rubric_answer AS r JOIN event ON event.id = r.event"
        " JOIN learner ON learner.id = r.learner"
        " WHERE r.levels IS NULL AND r.proposed IS NULL AND r.event > ?"
        " ORDER BY r.event LIMIT 1",
    [PEOPLE_RUBRIC_JUDGED] =
        "SELECT event, exercise, proposed, levels FROM rubric_answer"
        " WHERE levels IS NOT NULL AND proposed IS NOT NULL ORDER BY decided_ms DESC LIMIT ?",
    [PEOPLE_TAUGHT] = "SELECT id, wrong FROM taught WHERE exercise = ? ORDER BY id LIMIT 40",
    [PEOPLE_TAUGHT_ABOUT] = "SELECT DISTINCT exercise FROM taught",
    [PEOPLE_BACKGROUND] = "SELECT tags, words, language, told_ms AS told, asked_ms AS asked"
                          " FROM background WHERE learner = ?",
#define MEMORY_COLUMNS                                                                            \
    "SELECT id, at_ms AS at, about, text, course, lesson, exercise, skill, changed_ms AS "        \
    "changed,"                                                                                    \
    " recalled_ms AS recalled FROM memory"
    [PEOPLE_MEMORIES] = MEMORY_COLUMNS " WHERE learner = ? ORDER BY id DESC",
    [PEOPLE_MEMORY] = MEMORY_COLUMNS " WHERE learner = ? AND id = ?",
    [PEOPLE_SLIPS] = "SELECT coalesce(sum(n), 0) AS n FROM wrong WHERE learner = ? AND course = ?"
                     " AND misconception = ?",
    [PEOPLE_GIVING] = "SELECT gives AND terms >= ?2 AS gives, since_ms AS since FROM giving"
                      " WHERE learner = ?1",
    [PEOPLE_GIVERS] = "SELECT learner FROM giving WHERE gives AND terms >= ? ORDER BY learner",
    [PEOPLE_NAMES] = "SELECT learner.name AS name, person.given AS given,"
                     " person.family AS family, person.login AS login, person.email AS email"
                     " FROM learner LEFT JOIN person USING(id)",
    [PEOPLE_TALK] = "SELECT id, kind, data FROM event WHERE learner = ? AND id > ?"
                    " AND kind IN ('attempt', 'asked', 'said') ORDER BY id LIMIT ?",
    [PEOPLE_ROSTER_USERS] =
        "SELECT " PERSON_COLUMNS ", person.email AS email FROM learner LEFT JOIN person USING(id)"
        " WHERE person.sourced IS NOT NULL OR person.role <> 'learner'"
        "  OR learner.id IN (SELECT person FROM member) ORDER BY learner.id",
    [PEOPLE_ROSTER_CLASSES] = "SELECT id, title, sourced, closed FROM class ORDER BY id",
    [PEOPLE_ROSTER_MEMBERS] =
        "SELECT class.id AS class, class.sourced AS class_sourced, member.person AS person,"
        " person.sourced AS person_sourced, member.role AS role, member.sourced AS sourced,"
        " learner.name AS name FROM member JOIN class ON class.id = member.class"
        " JOIN learner ON learner.id = member.person"
        " LEFT JOIN person ON person.id = member.person ORDER BY class.id, member.person",
};

static json_t *column_json(sqlite3_stmt *row, int column) {
    struct view text;
    switch (sqlite3_column_type(row, column)) {
    case SQLITE_INTEGER:
        return json_integer(sqlite3_column_int64(row, column));
    case SQLITE_FLOAT:
        return json_real(sqlite3_column_double(row, column));
    case SQLITE_TEXT:
        text = column_view(row, column);
        return json_stringn(text.at, text.n);
    default:
        return json_null();
    }
}

/* With a fault for the first thing that went wrong, if it is wanted. */
static json_t *rows_of(struct connection *connection, const char *sql, const char *types,
                       va_list values, size_t limit, struct fault *fault) {
    json_t *list = json_array();
    sqlite3_stmt *rows = people_prepare(connection, fault, sql, types, values);
    int step = SQLITE_ROW;
    while (rows && json_array_size(list) < limit && (step = sqlite3_step(rows)) == SQLITE_ROW) {
        json_t *object = json_object();
        for (int i = 0; i < sqlite3_column_count(rows); i++)
            json_object_set_new(object, sqlite3_column_name(rows, i), column_json(rows, i));
        json_array_append_new(list, object);
    }
    if (step != SQLITE_ROW && step != SQLITE_DONE)
        fault_of_database(fault, connection->database, "read the record");
    sqlite3_finalize(rows);
    return list;
}

static json_t *read_list(struct record *record, enum people_query query, const char *types,
                         va_list values, size_t limit, struct fault *fault) {
    MUST(query < N_PEOPLE_QUERY && queries[query]);
    json_t *list = rows_of(reading_begin(record), queries[query], types, values, limit, fault);
    reading_end(record, NULL);
    return list;
}

json_t *people_list(struct record *record, enum people_query query, const char *types, ...) {
    va_list values;
    va_start(values, types);
    json_t *list = read_list(record, query, types, values, SIZE_MAX, NULL);
    va_end(values);
    return list;
}

json_t *people_list_or_fault(struct record *record, enum people_query query, struct fault *fault,
                             const char *types, ...) {
    struct fault found = {0};
    va_list values;
    va_start(values, types);
    json_t *list = read_list(record, query, types, values, SIZE_MAX, &found);
    va_end(values);
    if (found.kind == FAULT_NONE)
        return list;
    json_decref(list);
    if (fault && fault->kind == FAULT_NONE)
        *fault = found;
    return NULL;
}

json_t *people_one(struct record *record, enum people_query query, const char *types, ...) {
    va_list values;
    va_start(values, types);
    json_t *list = read_list(record, query, types, values, 1, NULL);
    va_end(values);
    json_t *first = json_incref(json_array_get(list, 0));
    json_decref(list);
    return first;
}

static sqlite3_stmt *prepare(struct connection *connection, enum people_query query,
                             const char *types, ...) {
    va_list values;
    va_start(values, types);
    sqlite3_stmt *rows = people_prepare(connection, NULL, queries[query], types, values);
    va_end(values);
    return rows;
}

/* Text as it lies in the page, without the copy and the zero byte of column_view. */
static struct view column_raw(sqlite3_stmt *row, int column) {
    const char *text = sqlite3_column_blob(row, column);
    return (struct view){text, (size_t)sqlite3_column_bytes(row, column)};
}

void people_wrongs(struct record *record, int64_t class, const char *course,
                   void (*take)(void *context, const struct people_wrong *), void *context) {
    sqlite3_stmt *row = prepare(reading_begin(record), PEOPLE_WRONG, "is", class, course);
    while (row && sqlite3_step(row) == SQLITE_ROW)
        take(context, &(struct people_wrong){.learner = sqlite3_column_int64(row, 0),
                                             .seed = sqlite3_column_int64(row, 1),
                                             .n = sqlite3_column_int64(row, 2),
                                             .last_ms = sqlite3_column_int64(row, 3),
                                             .exercise = column_raw(row, 4),
                                             .answer = column_raw(row, 5),
                                             .misconception = column_raw(row, 6),
                                             .note = column_raw(row, 7)});
    sqlite3_finalize(row);
    reading_end(record, NULL);
}

void people_skills(struct record *record, int64_t class, const char *course,
                   void (*take)(void *context, const struct people_skill *), void *context) {
    sqlite3_stmt *row = prepare(reading_begin(record), PEOPLE_SKILLS, "is", class, course);
    while (row && sqlite3_step(row) == SQLITE_ROW)
        take(context, &(struct people_skill){.learner = sqlite3_column_int64(row, 0),
                                             .skill = column_raw(row, 1),
                                             .mastery = sqlite3_column_double(row, 2),
                                             .attempts = sqlite3_column_int64(row, 3),
                                             .unaided = sqlite3_column_int64(row, 4),
                                             .right = sqlite3_column_int64(row, 5),
                                             .reached_ms = sqlite3_column_int64(row, 6)});
    sqlite3_finalize(row);
    reading_end(record, NULL);
}

void people_solved(struct record *record, int64_t class,
                   void (*take)(void *context, int64_t learner, struct view exercise),
                   void *context) {
    sqlite3_stmt *row = prepare(reading_begin(record), PEOPLE_SOLVED, "i", class);
    while (row && sqlite3_step(row) == SQLITE_ROW)
        take(context, sqlite3_column_int64(row, 0), column_raw(row, 1));
    sqlite3_finalize(row);
    reading_end(record, NULL);
}
