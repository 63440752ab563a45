/* Who is who in the school, and what teachers see and do. Part of school's door: see school.h.
 *
 * A learner alone needs none of this. Everything here acts for a person who is known already; who
 * may call what is decided in one place, the table of routes in web, by school_may. */
#ifndef LYCEUM_SCHOOL_DOOR_PEOPLE_H
#define LYCEUM_SCHOOL_DOOR_PEOPLE_H

#include "base/base.h"

struct school;

/* ------------------------------------------------------------------------------------ who may */

enum school_access {
    ACCESS_ALL,     /* visitors too */
    ACCESS_SELF,    /* anybody with a cookie, about themselves */
    ACCESS_STAFF,   /* teachers and owners */
    ACCESS_OWNER,   /* owners */
    ACCESS_CLASS,   /* who teaches this class, and owners */
    ACCESS_LEARNER, /* the same, about a learner who is in this class now */
};
/* Whether this person may: class and learner where the access speaks of them. */
bool school_may(struct school *, enum school_access, int64_t person, int64_t class,
                int64_t learner);
/* {"id","name","role":"learner|teacher|owner","login":…|null,"classes":[{"id","title","role",
 *  "learners","closed"}]}, an owner's with every class. NULL when there is no such person. */
json_t *school_person(struct school *, int64_t person, struct fault *);

/* ------------------------------------------------------------------------- accounts and sessions
 */

enum { SCHOOL_CODE_SIZE = 40 };
/* The code of a link that makes its first follower an owner, once; a new one at each call. False
 * when there is an owner already, unless `again`. Nothing of it outlives the process. */
bool school_owner_code(struct school *, bool again, char code[SCHOOL_CODE_SIZE]);

bool school_has_owner(struct school *);

struct school_account { /* of who signs up; what is empty is left out */
    struct view name, login, password;
};
/* What a code invites to: {"role","class":id|null,"title":…|null,"person":id|null}; a code that is
 * unknown, used up or over its time is FAULT_MISSING. */
json_t *school_invitation(struct school *, struct view code, struct fault *);
/* Follows an invitation, the owner's link included. `person` is who asks already (0: a visitor,
 * who becomes somebody new). token: the secret of a new session for the cookie, empty when the
 * person has one. Gives the id, or 0. Teachers and owners need a login and a password. */
int64_t school_join(struct school *, struct view code, int64_t person,
                    const struct school_account *, char token[65], struct fault *);
/* The id, or 0 with FAULT_MISSING, whatever was wrong. */
int64_t school_sign_in(struct school *, struct view login, struct view password, char token[65],
                       struct fault *);
/* A login and a password for this person, or others than before: then `present` must be the
 * present password, and all other sessions end. */
bool school_account_set(struct school *, int64_t person, const struct school_account *,
                        struct view present, struct view token, struct fault *);
/* [{"id","how","made","ends","here":bool}…], newest first. */
json_t *school_sessions(struct school *, int64_t person, struct view token);
/* session 0: the one of this token; -1: all others. */
bool school_session_end(struct school *, int64_t person, int64_t session, struct view token,
                        struct fault *);

/* ------------------------------------------------------------------------------------- classes */

/* Gives the id, or 0. */
int64_t school_class_new(struct school *, int64_t by, struct view title, struct fault *);
/* title empty: as it was. A closed class takes nobody in. */
bool school_class_change(struct school *, int64_t by, int64_t class, struct view title,
                         bool closed, struct fault *);
/* {"id","code","role","ends"}: a code of eight letters for a class; for a teacher (class 0: into
 * the school) or as a way back for one person a secret one, which is told this once. */
json_t *school_invite(struct school *, int64_t by, int64_t class, int64_t person, const char *role,
                      int days, struct fault *);
bool school_invite_end(struct school *, int64_t by, int64_t class, int64_t invitation,
                       struct fault *);
bool school_class_leave(struct school *, int64_t class, int64_t person, struct fault *);
/* {"id","title","closed","members":[{"id","name","role","seen",…}],"invitations":[…]} */
json_t *school_class(struct school *, int64_t class, struct fault *);
/* Teachers and owners: [{"id","name","role","login"}…] */
json_t *school_staff(struct school *);

/* ---------------------------------------------------------------------------- the teacher's view
 */

/* {"class","course":{"id","title"},"courses":[…],"skills":[{"id","title"}],
 *  "learners":[{"id","name","seen","minutes":[7 days],"cells":[null|{"mastery","attempts"}…]}],
 *  "stuck":[{"learner","name","exercise","title","skill","course","lesson","since","last","now",
 *            "wrong","hints","bottomed","answers":[{"id","at","text","say"|null}…2]}],
 *  "wrong":[{"exercise","title","course","lesson","file","line","n","learners","answers":
 *            [{"text","n","names"?}…],"misconception"|null,"say"|null,"note","write":"YAML"}…],
 *  "effort":[{"skill","tried","solved","unaided","right"}…]}
 * course NULL or "": the one that is learnt most. */
json_t *school_class_view(struct school *, int64_t class, const char *course, const char *language,
                          struct fault *);
/* The same for a page, where a large class has more cells than are made as objects at once: in
 * the view each learner's "cells" is null, and cells holds them, in the arena: that of learner i
 * and skill j, in the order of the view's lists, is cells[i * n_skill + j]. view: to be released;
 * NULL, and false, with a fault. */
struct class_cell {
    bool begun, judged; /* anything was tried; and something without help, else mastery is none */
    double mastery;
    int64_t attempts, unaided, right, reached_ms; /* 0: not reached */
};
struct class_table {
    json_t *view;
    size_t n_learner, n_skill;
    const struct class_cell *cells;
};
bool school_class_table(struct school *, int64_t class, const char *course, const char *language,
                        struct arena *, struct class_table *, struct fault *);
/* Everything that a learner and the tutor said and did, newest exercise first:
 * {"learner":{…},"exercises":[{"id","title","course","lesson","lines":[{"id","at","kind",…}]}],
 *  "skills":[…]} */
json_t *school_transcript(struct school *, int64_t learner, const char *exercise,
                          const char *language, struct fault *);
/* what: "grade" (event: an attempt) or "strike" (event: what was said with a draft struck).
 * score 1 or 0; less than 0: what was overruled stands again. */
bool school_overrule(struct school *, int64_t by, int64_t learner, int64_t event, const char *what,
                     double score, struct view reason, struct fault *);
bool school_message(struct school *, int64_t by, int64_t learner, struct view text,
                    const char *exercise, struct fault *);
/* A wrong answer of an exercise and what the tutor says to it from now on, to everybody in this
 * school: {"is","why","say"} as in a course file (see docs/course-format.md), braces and all. It
 * is tried on several seeds first. Gives the id, or 0. */
int64_t school_teach(struct school *, int64_t by, const char *exercise, const json_t *wrong,
                     struct fault *);
bool school_teach_end(struct school *, int64_t by, int64_t taught, struct fault *);

/* Open answers, which a person reads: {"class","waiting":[…],"sure":[…],"decided":[…],"kept":[…]},
 * the oldest first of what waits, the newest first of the others; sure: what a model told the
 * learner meanwhile, since what it proposes with such certainty was kept before. Each
 * {"event","learner","name","exercise",
 * "title","course","lesson","ask_html","at","text","criteria":[{"name","ask_html","levels":[…],
 * "proposed":null|level,"cite":null|"words of the answer","certainty","level":null|…}],"decided",
 * "words","kept_back"}. A proposal is a model's, and is no grade; `certainty` is the probability
 * that it is kept. kept_back: there is one, which is shown when it was decided. kept: for each
 * model {"model","unseen":{"n","kept"},"seen":{"n","kept"},"sure_from":null|certainty}, levels
 * that were decided without sight of what it proposed, and beside it. */
json_t *school_open_answers(struct school *, int64_t class, const char *language, struct fault *);
size_t school_open_waiting(struct school *, int64_t class); /* 200 at most */
/* levels: one a criterion, from 0; NULL: what was decided is taken back, and the answer waits
 * again. The learner is told, with the words. */
bool school_decide(struct school *, int64_t by, int64_t learner, int64_t event,
                   const json_t *levels, struct view words, struct fault *);

/* ------------------------------------------------------------------------------ on their own page
 */

/* {"messages":[{"id","name","kind","text","exercise","title","course","lesson","at"}…],
 *  "assignments":[{"id","kind","course","lesson","title","due","late","done","total"}…]} */
json_t *school_desk(struct school *, int64_t learner, const char *language);
bool school_message_read(struct school *, int64_t learner, int64_t message, struct fault *);

/* ---------------------------------------------------------------------------------- assignments
 */

/* kind: "lesson", "pre" or "post". due_ms 0: none. Gives the id, or 0. */
int64_t school_assign(struct school *, int64_t by, int64_t class, const char *kind,
                      const char *course, const char *lesson, int64_t due_ms, struct fault *);
bool school_assign_end(struct school *, int64_t by, int64_t class, int64_t assignment,
                       struct fault *);
/* [{"id","kind","course","lesson","title","due","learners":[{"id","name","done","total"}…]}…],
 * newest first; done: exercises once solved, or questions answered of a test. */
json_t *school_assignments(struct school *, int64_t class, const char *language);
/* The next question of a test: {"id","kind","title","course","lesson","n","total",
 *  "exercise":as a lesson's|null}; n: how many are answered; null: all. Its questions are those of
 * a lesson, at most one a skill and then up to ten, with numbers that the lesson does not ask this
 * learner first. FAULT_MISSING when it is no test of a class that this learner is in. */
json_t *school_test(struct school *, int64_t learner, int64_t assignment, const char *language,
                    struct fault *);
/* An answer to the question at hand: graded, kept once, not commented. */
bool school_test_answer(struct school *, int64_t learner, int64_t assignment, const char *exercise,
                        const json_t *answer, const char *language, struct fault *);
/* Tests before and after that belong together, by their lesson: [{"course","lesson","title","pre",
 *  "post","n","gain"|null,"learners":[{"id","name","pre","post"}…]}]; shares from 0 to 1, means
 * over those who ended both; gain: (post - pre) / (1 - pre), Hake 1998. */
json_t *school_gains(struct school *, int64_t class, const char *language);

/* -------------------------------------------------------------------------------------- rosters
 */

/* OneRoster 1.1 CSV: users.csv, classes.csv, enrollments.csv; an empty view for what is not there.
 * People and classes are known again by their sourcedId. Either all of it is done, or nothing and
 * `problems` says why: [{"file","line","message","remedy","sentence","names"}…], where the message is
 * the sentence with the names in it. {"users":{"new","changed","same"},"classes":{…},
 * "enrollments":{…}} or NULL. dry: only looks. */
json_t *school_roster_import(struct school *, int64_t by, struct view users, struct view classes,
                             struct view enrollments, bool dry, json_t *problems, struct fault *);
/* file: "users", "classes" or "enrollments". */
bool school_roster_export(struct school *, const char *file, struct buffer *out, struct fault *);
/* One CSV of the class: a learner a row, a skill a column. */
void school_class_csv(struct school *, int64_t class, const char *course, const char *language,
                      struct buffer *out);

#endif
