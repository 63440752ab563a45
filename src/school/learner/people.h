/* people: who is who in a school, in the record: accounts, sessions, classes, invitations, and
 * what a teacher does about a learner.
 *
 * Everybody is a learner of the record; a person is one who was given a role, a way to sign in, or
 * a place in a roster. Events say what happened and their tables are derived like all others (see
 * people.c). Nothing here asks who may do it: see school/people.h. */
#ifndef LYCEUM_SCHOOL_LEARNER_PEOPLE_H
#define LYCEUM_SCHOOL_LEARNER_PEOPLE_H

#include "school/learner/learner.h"

enum role { ROLE_NONE, ROLE_LEARNER, ROLE_TEACHER, ROLE_OWNER, N_ROLE };
extern const char *const role_names[N_ROLE]; /* "", "learner", "teacher", "owner" */
enum role role_of_name(const char *);        /* ROLE_NONE for what is no role */

/* ------------------------------------------------------------------------------------- writing */

/* One of several events that are written together or not at all. */
struct people_event {
    int64_t person;   /* about whom; 0: made here, with a secret that nobody knows; -k: the person
                         that event number k (from 1) of the same list made */
    const char *kind; /* one of people.c's table */
    json_t *data;     /* stolen */
    int64_t id;       /* of the event, once it is written */
};
/* In one transaction. False with a fault: nothing was written. */
bool people_write_all(struct record *, struct people_event *, size_t n, struct fault *);
/* One event; gives its id, or 0. `data` is stolen. */
int64_t people_write(struct record *, int64_t person, const char *kind, json_t *data,
                     struct fault *);

/* A session of this person: `token` is the secret for the cookie, of which the record keeps the
 * SHA-256 alone. how: "password", "link", …. seconds 0: until it is ended. */
bool people_session(struct record *, int64_t person, const char *how, int64_t seconds,
                    char token[65], struct fault *);
/* argon2id by libsodium, in the encoding that carries its own salt and cost. False when there is
 * no memory for it. At most two are computed at once: each takes 64 MB. */
enum { PASSWORD_HASH_SIZE = 128 };
bool password_hash(struct view password, char out[PASSWORD_HASH_SIZE], struct fault *);
/* Takes as long for an empty hash as for one that is wrong. */
bool password_right(const char *hash, struct view password);

/* ------------------------------------------------------------------------------------- reading */

/* Each gives rows as objects: column name to integer, real, text or null. What the question marks
 * stand for is in people_read.c beside the statement. */
enum people_query {
    PEOPLE_PERSON,         /* person */
    PEOPLE_BY_LOGIN,       /* login, folded */
    PEOPLE_OWNERS,         /* */
    PEOPLE_STAFF,          /* */
    PEOPLE_SESSIONS,       /* person, now */
    PEOPLE_SESSION,        /* hash of its token */
    PEOPLE_CLASSES_OF,     /* person */
    PEOPLE_CLASSES_ALL,    /* */
    PEOPLE_CLASS,          /* class */
    PEOPLE_MEMBERS,        /* class */
    PEOPLE_PLACE,          /* class, person: the role */
    PEOPLE_INVITATION,     /* code or its hash, now */
    PEOPLE_INVITATIONS,    /* class, now */
    PEOPLE_STUCK,          /* class, since */
    PEOPLE_SKILLS,         /* class, course: people_skills reads it */
    PEOPLE_COURSES,        /* class */
    PEOPLE_WRONG,          /* class, course: people_wrongs reads it */
    PEOPLE_EFFORT,         /* class, course */
    PEOPLE_PRESENCE,       /* class, first day */
    PEOPLE_ATTEMPTS_ON,    /* learner, exercise, how many */
    PEOPLE_EVENTS,         /* learner, how many newest: with what was struck */
    PEOPLE_EVENT,          /* learner, event */
    PEOPLE_OVERRULED,      /* learner */
    PEOPLE_MESSAGES,       /* learner, how many */
    PEOPLE_UNREAD,         /* learner */
    PEOPLE_ASSIGNMENTS,    /* class */
    PEOPLE_ASSIGNMENT,     /* assignment */
    PEOPLE_ASSIGNED_TO,    /* learner */
    PEOPLE_SOLVED,         /* class: what its learners once solved; people_solved reads it */
    PEOPLE_TESTS,          /* class */
    PEOPLE_TEST_OF,        /* assignment, learner */
    PEOPLE_READER,         /* learner: a class of theirs, where a person reads what they write */
    PEOPLE_RUBRIC_WAITING, /* class */
    PEOPLE_RUBRIC_SURE,    /* class */
    PEOPLE_RUBRIC_DECIDED, /* class */
    PEOPLE_RUBRIC_OF,      /* learner, exercise, seed: the newest */
    PEOPLE_RUBRIC_EVENT,   /* learner, event */
    PEOPLE_RUBRIC_OPEN,    /* event: the first later one that waits without a proposal */
    PEOPLE_RUBRIC_JUDGED,  /* how many: decided ones that a model had proposed to, the newest */
    PEOPLE_TAUGHT,         /* exercise */
    PEOPLE_TAUGHT_ABOUT,
    PEOPLE_BACKGROUND, /* learner */
    PEOPLE_MEMORIES,   /* learner: newest first */
    PEOPLE_MEMORY,     /* learner, note */
    PEOPLE_SLIPS,      /* learner, course, misconception */
    PEOPLE_GIVING,     /* learner, terms */
    PEOPLE_GIVERS,     /* terms */
    PEOPLE_NAMES,      /* */
    PEOPLE_TALK,       /* learner, event to begin behind, how many */
    PEOPLE_ROSTER_USERS,
    PEOPLE_ROSTER_CLASSES,
    PEOPLE_ROSTER_MEMBERS,
    N_PEOPLE_QUERY
};
/* types as for statements: i int64_t, s C string, v view. New reference; never NULL: an empty list
 * where the database fails. */
json_t *people_list(struct record *, enum people_query, const char *types, ...);
/* The same where a list that is not whole must not be taken for one that is: NULL with a fault. */
json_t *people_list_or_fault(struct record *, enum people_query, struct fault *, const char *types,
                             ...);
/* The wrong answers of a class's learners in a course, one learner after the other. What is viewed
 * is good until `take` returns; it must not read the record. */
struct people_wrong {
    int64_t learner, seed, n, last_ms;
    struct view exercise, answer, misconception, note;
};
void people_wrongs(struct record *, int64_t class, const char *course,
                   void (*take)(void *context, const struct people_wrong *), void *context);
/* Where the learners of a class stand in the skills of a course, in the order of their numbers and
 * then of the skills' names. As above. */
struct people_skill {
    int64_t learner, attempts, unaided, right, reached_ms;
    double mastery;
    struct view skill;
};
void people_skills(struct record *, int64_t class, const char *course,
                   void (*take)(void *context, const struct people_skill *), void *context);
/* Each exercise that a learner of a class once solved, one learner after the other. As above. */
void people_solved(struct record *, int64_t class,
                   void (*take)(void *context, int64_t learner, struct view exercise),
                   void *context);
/* The first row, or NULL. */
json_t *people_one(struct record *, enum people_query, const char *types, ...);

#endif
