/* Rows of the lists in schema.c and derive.c that people.c brings: tables, and kinds of event. */
#ifndef LYCEUM_SCHOOL_LEARNER_PEOPLE_TABLES_H
#define LYCEUM_SCHOOL_LEARNER_PEOPLE_TABLES_H

#include "school/learner/inside.h"

/* clang-format off */
#define PEOPLE_TABLES                                                                             \
    {"session", "CREATE TABLE session("                                                           \
                " token_hash TEXT PRIMARY KEY,"                                                   \
                " person INTEGER NOT NULL REFERENCES learner(id),"                                \
                " how TEXT NOT NULL,"                                                             \
                " made_ms INTEGER NOT NULL,"                                                      \
                " ends_ms INTEGER NOT NULL DEFAULT 0," /* 0: never */                             \
                " event INTEGER NOT NULL) WITHOUT ROWID;"                                         \
                "CREATE INDEX session_of_person ON session(person)"},                             \
    {"person", "CREATE TABLE person("                                                             \
               " id INTEGER PRIMARY KEY REFERENCES learner(id),"                                  \
               " role TEXT NOT NULL DEFAULT 'learner',"                                           \
               " login TEXT UNIQUE," /* folded: unicode_fold */                                   \
               " password_hash TEXT,"                                                             \
               " sourced TEXT UNIQUE,"                                                            \
               " given TEXT, family TEXT, email TEXT,"                                            \
               " enabled INTEGER NOT NULL DEFAULT 1);"                                            \
               "CREATE INDEX person_of_role ON person(role)"},                                    \
    {"class", "CREATE TABLE class("                                                               \
              " id INTEGER PRIMARY KEY," /* of the event that made it */                          \
              " title TEXT NOT NULL,"                                                             \
              " made_ms INTEGER NOT NULL,"                                                        \
              " made_by INTEGER NOT NULL,"                                                        \
              " sourced TEXT UNIQUE,"                                                             \
              " closed INTEGER NOT NULL DEFAULT 0)"},                                             \
    {"member", "CREATE TABLE member("                                                             \
               " class INTEGER NOT NULL,"                                                         \
               " person INTEGER NOT NULL REFERENCES learner(id),"                                 \
               " role TEXT NOT NULL,"                                                             \
               " since_ms INTEGER NOT NULL,"                                                      \
               " sourced TEXT,"                                                                   \
               " PRIMARY KEY(class, person)) WITHOUT ROWID;"                                      \
               "CREATE INDEX member_of_person ON member(person)"},                                \
    {"invitation", "CREATE TABLE invitation("                                                     \
                   " id INTEGER PRIMARY KEY,"                                                     \
                   " code TEXT NOT NULL UNIQUE," /* of a class; else the hash of a secret */      \
                   " class INTEGER," /* NULL: into the school */                                  \
                   " role TEXT NOT NULL,"                                                         \
                   " person INTEGER," /* a way back for this one */                               \
                   " made_by INTEGER NOT NULL,"                                                   \
                   " made_ms INTEGER NOT NULL,"                                                   \
                   " ends_ms INTEGER NOT NULL,"                                                   \
                   " uses INTEGER NOT NULL)"}, /* that are left */                                \
    {"message", "CREATE TABLE message("                                                           \
                " id INTEGER PRIMARY KEY,"                                                        \
                " learner INTEGER NOT NULL REFERENCES learner(id),"                               \
                " made_by INTEGER NOT NULL,"                                                      \
                " at_ms INTEGER NOT NULL,"                                                        \
                " kind TEXT NOT NULL," /* 'words', or what was overruled */                       \
                " text TEXT NOT NULL,"                                                            \
                " exercise TEXT NOT NULL,"                                                        \
                " read_ms INTEGER NOT NULL DEFAULT 0);"                                           \
                "CREATE INDEX message_of_learner ON message(learner, id)"},                       \
    {"assignment", "CREATE TABLE assignment("                                                     \
                   " id INTEGER PRIMARY KEY,"                                                     \
                   " class INTEGER NOT NULL,"                                                     \
                   " kind TEXT NOT NULL," /* lesson, pre, post */                                 \
                   " course TEXT NOT NULL,"                                                       \
                   " lesson TEXT NOT NULL,"                                                       \
                   " made_by INTEGER NOT NULL,"                                                   \
                   " at_ms INTEGER NOT NULL,"                                                     \
                   " due_ms INTEGER NOT NULL DEFAULT 0);"                                         \
                   "CREATE INDEX assignment_of_class ON assignment(class)"},                      \
    {"test_answer", "CREATE TABLE test_answer("                                                   \
                    " assignment INTEGER NOT NULL,"                                               \
                    " learner INTEGER NOT NULL REFERENCES learner(id),"                           \
                    " exercise TEXT NOT NULL,"                                                    \
                    " score REAL NOT NULL,"                                                       \
                    " total INTEGER NOT NULL," /* questions of the test */                        \
                    " at_ms INTEGER NOT NULL,"                                                    \
                    " PRIMARY KEY(assignment, learner, exercise)) WITHOUT ROWID"},                \
    {"taught", "CREATE TABLE taught(" /* wrong answers that teachers wrote */                     \
               " id INTEGER PRIMARY KEY,"                                                         \
               " exercise TEXT NOT NULL,"                                                         \
               " wrong TEXT NOT NULL," /* {"is","why","say"} */                                   \
               " made_by INTEGER NOT NULL,"                                                       \
               " at_ms INTEGER NOT NULL);"                                                        \
               "CREATE INDEX taught_of_exercise ON taught(exercise)"},                            \
    {"overruled", "CREATE TABLE overruled("                                                       \
                  " event INTEGER PRIMARY KEY,"                                                   \
                  " learner INTEGER NOT NULL REFERENCES learner(id),"                             \
                  " what TEXT NOT NULL," /* grade or strike */                                    \
                  " made_by INTEGER NOT NULL,"                                                    \
                  " at_ms INTEGER NOT NULL,"                                                      \
                  " score REAL NOT NULL,"                                                         \
                  " reason TEXT NOT NULL);"                                                       \
                  "CREATE INDEX overruled_of_learner ON overruled(learner)"},                     \
    {"rubric_answer", "CREATE TABLE rubric_answer("                                               \
                      " learner INTEGER NOT NULL REFERENCES learner(id),"                         \
                      " exercise TEXT NOT NULL,"                                                  \
                      " seed INTEGER NOT NULL,"                                                   \
                      " event INTEGER NOT NULL," /* the attempt */                                \
                      " at_ms INTEGER NOT NULL,"                                                  \
                      " proposed TEXT," /* what a model thinks, with the learner's words */       \
                      " sure INTEGER NOT NULL DEFAULT 0," /* no person is needed for it */        \
                      " levels TEXT," /* what a person decided; NULL: it waits */                 \
                      " made_by INTEGER NOT NULL DEFAULT 0,"                                      \
                      " decided_ms INTEGER NOT NULL DEFAULT 0,"                                   \
                      " words TEXT NOT NULL DEFAULT '',"                                          \
                      " PRIMARY KEY(learner, exercise, seed, event)) WITHOUT ROWID;"              \
                      "CREATE INDEX rubric_waiting ON rubric_answer(learner)"                     \
                      " WHERE levels IS NULL;"                                                    \
                      "CREATE INDEX rubric_judged ON rubric_answer(decided_ms)"                   \
                      " WHERE levels IS NOT NULL AND proposed IS NOT NULL;"                       \
                      "CREATE INDEX rubric_open ON rubric_answer(event)"                          \
                      " WHERE levels IS NULL AND proposed IS NULL"},                              \
    {"wrong", "CREATE TABLE wrong("                                                               \
              " learner INTEGER NOT NULL REFERENCES learner(id),"                                 \
              " exercise TEXT NOT NULL,"                                                          \
              " seed INTEGER NOT NULL,"                                                           \
              " answer TEXT NOT NULL,"                                                            \
              " course TEXT NOT NULL,"                                                            \
              " misconception TEXT NOT NULL,"                                                     \
              " note TEXT NOT NULL,"                                                              \
              " n INTEGER NOT NULL,"                                                              \
              " last_ms INTEGER NOT NULL,"                                                        \
              " PRIMARY KEY(learner, exercise, seed, answer)) WITHOUT ROWID"},                    \
    {"effort", "CREATE TABLE effort("                                                             \
               " learner INTEGER NOT NULL REFERENCES learner(id),"                                \
               " course TEXT NOT NULL,"                                                           \
               " skill TEXT NOT NULL,"                                                            \
               " tried INTEGER NOT NULL," /* variants */                                          \
               " solved INTEGER NOT NULL," /* of those, with help or without */                   \
               " unaided INTEGER NOT NULL," /* first tries without help */                        \
               " unaided_right INTEGER NOT NULL,"                                                 \
               " PRIMARY KEY(learner, course, skill)) WITHOUT ROWID"},                            \
    {"presence", "CREATE TABLE presence("                                                         \
                 " learner INTEGER NOT NULL REFERENCES learner(id),"                              \
                 " day INTEGER NOT NULL," /* since 1970, UTC */                                   \
                 " ms INTEGER NOT NULL,"                                                          \
                 " last_ms INTEGER NOT NULL,"                                                     \
                 " PRIMARY KEY(learner, day)) WITHOUT ROWID"}

typedef bool people_derive(struct connection *, const struct event *, struct fault *);
people_derive derive_account, derive_role, derive_session, derive_session_end, derive_class,
    derive_member, derive_left, derive_invitation, derive_invitation_used, derive_message,
    derive_message_read, derive_assignment, derive_assignment_end, derive_test, derive_overruled,
    derive_taught, derive_proposed;
/* memory.c */
people_derive derive_background, derive_background_asked, derive_remembered,
    derive_memory_changed, derive_memory_erased, derive_recalled;
people_derive derive_giving; /* giving.c */

#define PEOPLE_KINDS                                                                              \
    {"account", derive_account, true}, {"role", derive_role, true},                               \
    {"session", derive_session, true}, {"session-end", derive_session_end, true},                 \
    {"class", derive_class, true}, {"member", derive_member, true}, {"left", derive_left, true},  \
    {"invitation", derive_invitation, true},                                                      \
    {"invitation-used", derive_invitation_used, true}, {"message", derive_message, true},         \
    {"message-read", derive_message_read, true}, {"assignment", derive_assignment, true},         \
    {"assignment-end", derive_assignment_end, true}, {"test", derive_test, true},                 \
    {"overruled", derive_overruled, true}, {"taught", derive_taught, true},                       \
    {"background", derive_background, true},                                                      \
    {"background-asked", derive_background_asked, true},                                          \
    {"remembered", derive_remembered, true}, {"memory-changed", derive_memory_changed, true},     \
    {"memory-erased", derive_memory_erased, true}, {"giving", derive_giving, true}, \
    {"proposed", derive_proposed, true}
/* clang-format on */

/* A session is what a cookie opens; the first is that of the learner's own event. */
bool session_add(struct connection *, int64_t person, const char *token_hash, const char *how,
                 int64_t made_ms, int64_t ends_ms, int64_t event, struct fault *);
/* What a counted attempt adds for teachers. */
struct tried {
    bool first, unaided; /* on its seed; first, and without help */
    bool right, solved_before;
};
bool teaching_attempt(struct connection *, const struct event *, const struct tried *,
                      struct fault *);
/* The learner was at work: time between two acts counts up to five minutes. */
bool presence_note(struct connection *, const struct event *, struct fault *);

/* An attempt by a rubric waits for a person; what a person decided about it (see rubric.c). */
bool rubric_waits(struct connection *, const struct event *, struct fault *);
bool rubric_decided(struct connection *, const struct event *overruled, struct fault *);

/* Runs one statement that gives no rows; types as for statement_with. */
bool people_run(struct connection *, struct fault *, const char *sql, const char *types, ...);
sqlite3_stmt *people_prepare(struct connection *, struct fault *, const char *sql,
                             const char *types, va_list);

#endif
