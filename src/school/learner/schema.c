/* The tables of the record and every statement on them. */
#include "school/learner/care.h"
#include "school/learner/people_tables.h"

#include <stdio.h>
#include <string.h>

enum {
    APPLICATION = 0x4C594345, /* "LYCE" in the file's header */
    CHECKED_WHOLE = 64 << 20, /* bytes up to which a file is read through before it is used */
};

/* What is true: never changed, only added to. */
static const char events_sql[] =
    "CREATE TABLE event("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " learner INTEGER NOT NULL CHECK(learner > 0),"
    " at_ms INTEGER NOT NULL,"
    " kind TEXT NOT NULL,"
    " data TEXT NOT NULL CHECK(json_valid(data)));"
    "CREATE INDEX event_of_learner ON event(learner, id);"
    "CREATE TRIGGER event_kept_from_update BEFORE UPDATE ON event BEGIN"
    " SELECT RAISE(ABORT, 'events are append-only'); END;" EVENT_KEPT_FROM_DELETE
    /* INSERT OR REPLACE deletes without asking the trigger above. */
    "CREATE TRIGGER event_kept_from_replace BEFORE INSERT ON event"
    " WHEN EXISTS(SELECT 1 FROM event WHERE id = NEW.id) BEGIN"
    " SELECT RAISE(ABORT, 'events are append-only'); END;";

/* But for what a learner told of themselves: that they may take back, so that it is gone. */
static const char taken_back_sql[] =
    "DROP TRIGGER event_kept_from_update;"
    "CREATE TRIGGER event_kept_from_update BEFORE UPDATE ON event"
    " WHEN NOT (OLD.kind IN ('background', 'remembered', 'memory-changed')"
    "  AND NEW.data = '{}' AND NEW.id = OLD.id AND NEW.learner = OLD.learner"
    "  AND NEW.at_ms = OLD.at_ms AND NEW.kind = OLD.kind) BEGIN"
    " SELECT RAISE(ABORT, 'events are append-only'); END;";

/* What carries an id of its sender's is kept once. JSON's member "once" and not a column: events
 * of versions before have none. */
static const char once_sql[] =
    "CREATE UNIQUE INDEX event_once ON event(learner, kind, json_extract(data, '$.once'))"
    " WHERE json_extract(data, '$.once') IS NOT NULL;";

/* Who was forgotten, by number alone: numbers are not given twice, and an old copy that is put
 * back forgets them again. finished: 0 while their bytes may still be in the file or its copies.
 */
static const char erasure_sql[] = "CREATE TABLE erasure("
                                  " learner INTEGER PRIMARY KEY,"
                                  " at_ms INTEGER NOT NULL,"
                                  " finished INTEGER NOT NULL DEFAULT 0);";

/* Who may be stuck, by when they were at it last: a class's page reads a fortnight of it instead
 * of all that was ever tried. Made when it is missing too, since it changes nothing that is told.
 */
#define STUCK_INDEX                                                                               \
    "CREATE INDEX IF NOT EXISTS seed_stuck ON exercise_seed(learner, max(tried_ms, hinted_ms))"   \
    " WHERE NOT solved AND (wrong >= 2 OR bottomed OR hints >= 2)"

/* What follows from the events: each may be dropped and made again. In an order that foreign keys
 * allow; they are dropped in the reverse one. */
static const struct {
    const char *name, *sql;
} derived[] = {
    {"learner", "CREATE TABLE learner("
                " id INTEGER PRIMARY KEY,"
                " created_ms INTEGER NOT NULL,"
                " token_hash TEXT NOT NULL UNIQUE,"
                " name TEXT)"},
    {"exercise_seed", "CREATE TABLE exercise_seed("
                      " learner INTEGER NOT NULL REFERENCES learner(id),"
                      " exercise TEXT NOT NULL,"
                      " seed INTEGER NOT NULL,"
                      " attempts INTEGER NOT NULL DEFAULT 0,"
                      " wrong INTEGER NOT NULL DEFAULT 0,"
                      " hints INTEGER NOT NULL DEFAULT 0,"
                      " solved INTEGER NOT NULL DEFAULT 0,"
                      " bottomed INTEGER NOT NULL DEFAULT 0,"
                      " score REAL NOT NULL DEFAULT 0,"
                      " tried_ms INTEGER NOT NULL DEFAULT 0,"
                      " hinted_ms INTEGER NOT NULL DEFAULT 0,"
                      " answer TEXT,"
                      " PRIMARY KEY(learner, exercise, seed)) WITHOUT ROWID;" STUCK_INDEX},
    {"exercise_state", "CREATE TABLE exercise_state("
                       " learner INTEGER NOT NULL REFERENCES learner(id),"
                       " exercise TEXT NOT NULL,"
                       " seed INTEGER NOT NULL,"
                       " ever_solved INTEGER NOT NULL DEFAULT 0,"
                       " ever_unaided INTEGER NOT NULL DEFAULT 0,"
                       " PRIMARY KEY(learner, exercise)) WITHOUT ROWID"},
    {"skill_state", "CREATE TABLE skill_state("
                    " learner INTEGER NOT NULL REFERENCES learner(id),"
                    " course TEXT NOT NULL,"
                    " skill TEXT NOT NULL,"
                    " mastery REAL NOT NULL,"
                    " attempts INTEGER NOT NULL,"
                    " unaided INTEGER NOT NULL,"
                    " unaided_right INTEGER NOT NULL,"
                    " reached_ms INTEGER NOT NULL,"
                    " believed INTEGER NOT NULL,"
                    " stability REAL NOT NULL,"
                    " difficulty REAL NOT NULL,"
                    " reviewed_ms INTEGER NOT NULL,"
                    " due_ms INTEGER NOT NULL,"
                    " reviews INTEGER NOT NULL,"
                    " lapses INTEGER NOT NULL,"
                    " due_day INTEGER NOT NULL,"
                    " PRIMARY KEY(learner, course, skill)) WITHOUT ROWID"},
    {"skill_fit", "CREATE TABLE skill_fit(" /* mastery's four numbers, by the school's events */
                  " course TEXT NOT NULL,"
                  " skill TEXT NOT NULL,"
                  " answers INTEGER NOT NULL,"
                  " next INTEGER NOT NULL," /* fitted again at so many answers */
                  " fitted INTEGER NOT NULL,"
                  " start REAL NOT NULL,"
                  " transit REAL NOT NULL,"
                  " guess REAL NOT NULL,"
                  " slip REAL NOT NULL,"
                  " PRIMARY KEY(course, skill)) WITHOUT ROWID"},
    {"exercise_fit", "CREATE TABLE exercise_fit("
                     " exercise TEXT PRIMARY KEY,"
                     " tries INTEGER NOT NULL,"
                     " difficulty REAL NOT NULL) WITHOUT ROWID"},
    {"observed", "CREATE TABLE observed(" /* first tries without help */
                 " course TEXT NOT NULL,"
                 " skill TEXT NOT NULL,"
                 " learner INTEGER NOT NULL REFERENCES learner(id),"
                 " event INTEGER NOT NULL REFERENCES event(id),"
                 " exercise TEXT NOT NULL,"
                 " at_ms INTEGER NOT NULL,"
                 " predicted REAL NOT NULL,"
                 " right INTEGER NOT NULL,"
                 " PRIMARY KEY(course, skill, learner, event)) WITHOUT ROWID;"
                 "CREATE INDEX observed_of_learner ON observed(learner, event)"},
    {"plan", "CREATE TABLE plan("
             " learner INTEGER PRIMARY KEY REFERENCES learner(id),"
             " offset_minutes INTEGER NOT NULL,"
             " days_off INTEGER NOT NULL,"
             " exam_day INTEGER NOT NULL,"
             " shift INTEGER NOT NULL,"
             " goal INTEGER NOT NULL)"},
    {"practised", "CREATE TABLE practised("
                  " learner INTEGER NOT NULL REFERENCES learner(id),"
                  " day INTEGER NOT NULL,"
                  " answers INTEGER NOT NULL,"
                  " right INTEGER NOT NULL,"
                  " PRIMARY KEY(learner, day)) WITHOUT ROWID"},
    {"talk", "CREATE TABLE talk("
             " learner INTEGER NOT NULL REFERENCES learner(id),"
             " exercise TEXT NOT NULL,"
             " event INTEGER NOT NULL REFERENCES event(id),"
             " PRIMARY KEY(learner, exercise, event)) WITHOUT ROWID"},
    {"tried", "CREATE TABLE tried(" /* the counted attempts of a learner, to find the newest */
              " learner INTEGER NOT NULL REFERENCES learner(id),"
              " event INTEGER NOT NULL REFERENCES event(id),"
              " PRIMARY KEY(learner, event)) WITHOUT ROWID"},
    {"background", "CREATE TABLE background("
                   " learner INTEGER PRIMARY KEY REFERENCES learner(id),"
                   " told_ms INTEGER NOT NULL DEFAULT 0,"
                   " asked_ms INTEGER NOT NULL DEFAULT 0,"
                   " tags TEXT NOT NULL DEFAULT '[]',"
                   " words TEXT NOT NULL DEFAULT '',"
                   " language TEXT)"},
    {"memory", "CREATE TABLE memory("
               " id INTEGER PRIMARY KEY," /* of the event that made it */
               " learner INTEGER NOT NULL REFERENCES learner(id),"
               " at_ms INTEGER NOT NULL,"
               " about TEXT NOT NULL,"
               " text TEXT NOT NULL,"
               " course TEXT NOT NULL,"
               " lesson TEXT NOT NULL,"
               " exercise TEXT NOT NULL,"
               " skill TEXT NOT NULL,"
               " changed_ms INTEGER NOT NULL,"
               " recalled_ms INTEGER NOT NULL);"
               "CREATE INDEX memory_of_learner ON memory(learner, id)"},
    {"giving", "CREATE TABLE giving("
               " learner INTEGER PRIMARY KEY REFERENCES learner(id),"
               " gives INTEGER NOT NULL,"
               " terms INTEGER NOT NULL,"
               " since_ms INTEGER NOT NULL)"},
    {"tally", "CREATE TABLE tally("
              " name TEXT PRIMARY KEY,"
              " n INTEGER NOT NULL) WITHOUT ROWID"},
    PEOPLE_TABLES,
};

const char *const statement_text[STATEMENT_COUNT] = {
    [STATEMENT_BEGIN] = "BEGIN IMMEDIATE",
    [STATEMENT_COMMIT] = "COMMIT",
    [STATEMENT_ROLLBACK] = "ROLLBACK",
    [STATEMENT_SAVE] = "SAVEPOINT one",
    [STATEMENT_RELEASE] = "RELEASE one",
    [STATEMENT_UNDO] = "ROLLBACK TO one",
    [STATEMENT_LEARNER_NEXT] = "SELECT max((SELECT coalesce(max(learner), 0) FROM event),"
                               " (SELECT coalesce(max(learner), 0) FROM erasure)) + 1",
    [STATEMENT_EVENT_ADD] = "INSERT INTO event(learner, at_ms, kind, data) VALUES(?, ?, ?, ?)",
    [STATEMENT_EVENT_ONCE] = "SELECT data FROM event WHERE learner = ? AND kind = ?"
                             " AND json_extract(data, '$.once') = ?",
    [STATEMENT_EVENT_ALL] = "SELECT id, learner, at_ms, kind, data FROM event ORDER BY id",
    [STATEMENT_EVENT_COUNT] = "SELECT count(*) FROM event",
    [STATEMENT_EVENT_OF] = "SELECT id, at_ms, kind, data FROM event WHERE learner = ?"
                           " ORDER BY id DESC LIMIT ?",
    [STATEMENT_LEARNER_ADD] = "INSERT INTO learner(id, created_ms, token_hash) VALUES(?, ?, ?)",
    [STATEMENT_LEARNER_RENAME] = "UPDATE learner SET name = ? WHERE id = ?",
    [STATEMENT_LEARNER_FIND] = "SELECT name, created_ms FROM learner WHERE id = ?",
    [STATEMENT_LEARNER_OF] = "SELECT person FROM session WHERE token_hash = ?"
                             " AND (ends_ms = 0 OR ends_ms > ?)",
    [STATEMENT_LEARNER_NAMED] = "SELECT id FROM learner WHERE name = ?1"
                                " UNION SELECT id FROM person WHERE login = ?1 ORDER BY id",
    [STATEMENT_OBSERVED_OF_SKILL] =
        "SELECT learner, right FROM observed WHERE course = ? AND skill = ?"
        " ORDER BY learner DESC, event DESC LIMIT ?",
    [STATEMENT_OBSERVED_OF_LEARNER] =
        "SELECT at_ms, right, predicted, course, skill, exercise FROM observed WHERE learner = ?"
        " ORDER BY event DESC LIMIT ?",
    [STATEMENT_SEEDS] = "SELECT seed FROM exercise_seed WHERE learner = ? AND exercise = ?"
                        " LIMIT ?",
    [STATEMENT_DAYS] = "SELECT day, answers, right FROM practised WHERE learner = ?"
                       " ORDER BY day DESC LIMIT ?",
    [STATEMENT_EXERCISES_OF] = "SELECT exercise, seed, ever_solved FROM exercise_state"
                               " WHERE learner = ? ORDER BY exercise",
    [STATEMENT_SEEDS_OF] = "SELECT exercise, seed, tried_ms FROM exercise_seed"
                           " WHERE learner = ? ORDER BY exercise",
    [STATEMENT_SKILLS_OF] =
        "SELECT skill, mastery, attempts, unaided, unaided_right, reached_ms, believed, stability,"
        " difficulty, reviewed_ms, due_ms, reviews, lapses, due_day FROM skill_state"
        " WHERE learner = ? AND course = ? ORDER BY skill",
    [STATEMENT_FITS] = "SELECT skill, fitted, start, transit, guess, slip FROM skill_fit"
                       " WHERE course = ? ORDER BY skill",
    [STATEMENT_DIFFICULTIES] = "SELECT exercise, difficulty, tries FROM exercise_fit"
                               " ORDER BY exercise",
    [STATEMENT_TALK_OF] = "SELECT kind, data FROM talk JOIN event ON event.id = talk.event"
                          " WHERE talk.learner = ? AND talk.exercise = ?"
                          " ORDER BY talk.event DESC LIMIT ?",
    [STATEMENT_RECENT] = "SELECT at_ms, data FROM tried JOIN event ON event.id = tried.event"
                         " WHERE tried.learner = ? ORDER BY tried.event DESC LIMIT ?",
    [STATEMENT_TALLY_ADD] = "INSERT INTO tally(name, n) VALUES(?1, ?2)"
                            " ON CONFLICT DO UPDATE SET n = n + ?2",
    [STATEMENT_TALLY_ALL] = "SELECT name, n FROM tally ORDER BY name",
};

/* migrations[i] brings what is true of version i to version i + 1; derived tables are made again
 * after any of them, so that a change of those alone is an empty text. Each version before the
 * newest has a database of its own in tests/school/learner/versions/. */
static const char *const migrations[] = {
    events_sql,
    "" /* people */,
    "" /* skills have memory, the school its fits, learners their plans */,
    erasure_sql /* the forgotten */,
    "" /* tests, and wrong answers that teachers write about */,
    taken_back_sql /* what a learner told is kept as notes */,
    once_sql /* answers that were kept on a device come once */,
    "" /* whether a learner gives what they wrote */,
    "" /* open answers */
};
enum { VERSION = COUNT_OF(migrations) };

static bool run(struct connection *connection, const char *sql, const char *doing,
                struct fault *fault) {
    return sqlite3_exec(connection->database, sql, NULL, NULL, NULL) == SQLITE_OK ||
           fault_of_database(fault, connection->database, doing);
}

static bool number_of(struct connection *connection, const char *sql, int64_t *number,
                      struct fault *fault) {
    sqlite3_stmt *statement = NULL;
    bool good = sqlite3_prepare_v2(connection->database, sql, -1, &statement, NULL) == SQLITE_OK &&
                sqlite3_step(statement) == SQLITE_ROW;
    if (good)
        *number = sqlite3_column_int64(statement, 0);
    else
        fault_of_database(fault, connection->database, "read the record");
    sqlite3_finalize(statement);
    return good;
}

bool schema_derived_anew(struct connection *connection, struct fault *fault) {
    char drop[64];
    bool good = true;
    for (size_t i = COUNT_OF(derived); good && i-- > 0;) {
        snprintf(drop, sizeof drop, "DROP TABLE IF EXISTS %s", derived[i].name);
        good = run(connection, drop, "drop the derived tables", fault);
    }
    for (size_t i = 0; good && i < COUNT_OF(derived); i++)
        good = run(connection, derived[i].sql, "make the derived tables", fault);
    return good;
}

static bool bring_up_to_date(struct connection *connection, int64_t version, struct fault *fault) {
    char mark[96];
    snprintf(mark, sizeof mark, "PRAGMA application_id = %d; PRAGMA user_version = %d;",
             APPLICATION, VERSION);
    bool good = run(connection, "BEGIN IMMEDIATE", "begin", fault);
    for (; good && version < VERSION; version++)
        good = run(connection, migrations[version], "make the tables of the record", fault);
    good = good && schema_derived_anew(connection, fault) &&
           events_derive_all(connection, fault) &&
           run(connection, mark, "mark the version of the record", fault) &&
           run(connection, "COMMIT", "bring the record up to date", fault);
    if (!good && !sqlite3_get_autocommit(connection->database))
        sqlite3_exec(connection->database, "ROLLBACK", NULL, NULL, NULL);
    return good;
}

/* Damage is told before anything is written. A large file is not read through, since the school
 * should open at once: there damage is told when it is met. */
static bool look_through(struct connection *connection, struct fault *fault) {
    int64_t n_page = 0, page_size = 0;
    if (!number_of(connection, "PRAGMA page_count", &n_page, fault) ||
        !number_of(connection, "PRAGMA page_size", &page_size, fault))
        return false;
    if (n_page * page_size > CHECKED_WHOLE)
        return true;
    sqlite3_stmt *statement = NULL;
    bool good = sqlite3_prepare_v2(connection->database, "PRAGMA quick_check(1)", -1, &statement,
                                   NULL) == SQLITE_OK &&
                sqlite3_step(statement) == SQLITE_ROW;
    if (!good)
        fault_of_database(fault, connection->database, "check the record");
    else if (!view_is(column_view(statement, 0), "ok"))
        good = fault_set(fault, FAULT_INPUT, "The record is damaged: %s",
                         (const char *)sqlite3_column_text(statement, 0));
    sqlite3_finalize(statement);
    return good;
}

/* Kept in the file, and set only after the checks: a file that is not ours is not touched. */
static bool write_ahead(struct connection *connection, struct fault *fault) {
    if (sqlite3_db_readonly(connection->database, "main")) {
        fault_set(fault, FAULT_MACHINE, "The record may not be written.");
        return fault_remedy(fault, "Give this user the right to write to it.");
    }
    sqlite3_stmt *statement = NULL;
    bool good = sqlite3_prepare_v2(connection->database, "PRAGMA journal_mode = WAL", -1,
                                   &statement, NULL) == SQLITE_OK &&
                sqlite3_step(statement) == SQLITE_ROW && view_is(column_view(statement, 0), "wal");
    if (!good)
        fault_of_database(fault, connection->database, "write ahead");
    sqlite3_finalize(statement);
    return good;
}

bool schema_check(struct connection *connection, int64_t *version, struct fault *fault) {
    int64_t application = 0, n_object = 0;
    if (!number_of(connection, "PRAGMA user_version", version, fault) ||
        !number_of(connection, "PRAGMA application_id", &application, fault) ||
        !number_of(connection, "SELECT count(*) FROM sqlite_schema", &n_object, fault))
        return false;
    if (n_object && application != APPLICATION) {
        fault_set(fault, FAULT_INPUT, "This is a database, but no record of Lyceum.");
        return fault_remedy(fault, "Name another folder with --data. Nothing was changed.");
    }
    if (*version > VERSION) {
        fault_set(fault, FAULT_INPUT,
                  "The record is of a newer Lyceum (its version is %d, this program knows %d).",
                  (int)*version, (int)VERSION);
        return fault_remedy(fault, "Use the newer program. Nothing was changed.");
    }
    return true;
}

bool schema_is_current(int64_t version) {
    return version == VERSION;
}

bool schema_prepare(struct connection *connection, struct fault *fault) {
    int64_t version = 0;
    if (!schema_check(connection, &version, fault))
        return false;
    if (!look_through(connection, fault)) {
        fault_remedy(fault, "Nothing was changed. Put back the newest copy: lyceum restore FILE.");
        return false;
    }
    connection->made_anew = version != VERSION;
    return write_ahead(connection, fault) &&
           (version == VERSION ? run(connection, STUCK_INDEX, "make an index", fault)
                               : bring_up_to_date(connection, version, fault));
}
