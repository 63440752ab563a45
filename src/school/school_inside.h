/* What the files of school share. */
#ifndef LYCEUM_SCHOOL_INSIDE_H
#define LYCEUM_SCHOOL_INSIDE_H

#include "school/course/course.h"
#include "school/grade/grade.h"
#include "school/learner/learner.h"
#include "school/learner/people.h"
#include "school/learner/practice.h"
#include "school/school.h"
#include "school/tutor/tutor.h"

#include <pthread.h>

struct proposer;

struct school {
    int retain_days;
    struct company *company; /* borrowed */
    struct record *record;
    struct tutor *tutor;
    size_t n_course;
    struct course **courses;
    json_t *problems; /* mistakes in the files of the courses */
    struct proposer *proposer;
    pthread_mutex_t people; /* held while what is asked first decides what is written */
    char owner_hash[65];    /* of the code that makes an owner; empty: there is none */
};

const struct course *school_course(const struct school *, const char *id);
/* The exercise in this language, or in the course's first language; NULL with FAULT_MISSING. */
const struct exercise *school_exercise(const struct school *, const char *label,
                                       const char *language, struct fault *);
/* The lesson in this language, or in the course's first one; NULL with FAULT_MISSING. */
const struct lesson *school_find_lesson(const struct school *, const char *course,
                                        const char *lesson, const char *language, struct fault *);
/* Each lesson once, in this language where there is one; NULL after the last. *at begins at 0. */
const struct lesson *school_next_lesson(const struct course *, const char *language, size_t *at);
/* What the learner told of themselves; 0 for a visitor. */
background_set school_background(const struct school *, int64_t learner);
json_t *school_export_record(struct record *, int64_t learner, struct fault *);
json_t *school_json(struct view); /* a new string */
/* An answer in the words that the page showed, as "text" of the object, and as "html" where they
 * are the author's; variant NULL: as it is kept. */
void school_answer_tell(json_t *object, const struct variant *, const json_t *answer);
/* The open answer of this learner to this variant: {"text","waiting","by":""|"person"|"model",
 * "reader","model","levels":[{"ask_html","says","cite"}],"words"}; NULL: none. A model's levels
 * are told where it is sure by what people decided; they are no grade. reader: whether they are in
 * a class, so that a person will read it. */
json_t *school_open_state(struct school *, int64_t learner, const struct variant *);
/* What a model's proposals to open answers are worth here, by what people decided. Without
 * decisions no proposal is sure. */
struct rubric_trust {
    struct calibration calibration;
    double least; /* calibrated certainty of a level that needs no person; INFINITY: none does */
    struct rubric_kept {
        size_t n, kept; /* levels */
    } blind, seen;      /* decided without sight of the proposal, and beside it */
};
void rubric_trust(struct school *, const char *model, struct rubric_trust *);
/* The probability that a person would keep the level. raw: what the model itself thinks of it. */
double rubric_certainty(const struct rubric_trust *, const char *exercise, double raw);
/* Whether the learner may be told these criteria, each with its "certainty", before a person has
 * read the answer. */
bool rubric_is_sure(const struct rubric_trust *, const json_t *criteria, int64_t event);
/* Whether who decides about this answer is shown the proposal only afterwards: every second one.
 */
bool rubric_is_blind(int64_t event);
/* For each model that proposed [{"model","unseen":{"n","kept"},"seen":{"n","kept"},
 * "sure_from":null|probability}…], in levels. New reference. */
json_t *rubric_kept(struct school *);
/* The thread that lets a model propose levels to open answers that wait; see rubric_propose.c.
 * Never NULL; woken when one came. */
struct proposer *proposer_open(struct school *);
void proposer_wake(struct proposer *);
void proposer_close(struct proposer *); /* NULL is allowed */
/* How one signs in. Small and large letters are one: "Ada" and "ada" sign in alike. */
bool school_login_fold(struct view login, struct buffer *folded, struct fault *);
bool school_password_check(struct view password, struct fault *);
/* Wrong answers of a class that belong together, the most frequent first: see people.h. */
json_t *school_wrong_list(struct school *, int64_t class, const struct course *,
                          const char *language);

/* ------------------------------------------------------------------------------------ practice */

/* A course as the pure functions of practice see it, for one learner. In the arena. */
struct practised_course {
    struct practice practice;
    const struct course *course;
    const struct exercise **exercises; /* as in practice.exercises */
    struct plan plan;
};
struct practised_course *practice_of(const struct school *, int64_t learner, const struct course *,
                                     const char *language, int64_t now_ms, struct arena *);
struct practised_course *practice_empty(const struct course *, struct arena *);
/* Where a skill is taught: the lesson of its first exercise, or NULL. */
const struct lesson *practice_lesson(const struct practised_course *, size_t skill);

/* What was done and what is proposed, as sentences; new strings. */
json_t *explain_due(const struct skill_state *, const struct plan *, int64_t now_ms,
                    double threshold, const char *language);
json_t *explain_choice(const struct practice *, const struct practice_choice *,
                       const struct plan *, const char *language);
json_t *explain_nothing(const char *next_day, const char *language); /* NULL: no review to come */
json_t *explain_rest(const char *language);
/* "3 days ago" behind what out holds; as a string. */
const char *explain_ago(int64_t days, const char *language, struct buffer *out);
/* The table of sentences by row and language, for what looks at all of it; NULL behind the last.
 */
const char *explain_cell(size_t row, size_t column);
json_t *explain_skill(const struct skill_state *, double threshold, const char *language);

#endif
