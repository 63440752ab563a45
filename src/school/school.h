/* school: courses, answers, learners and the tutor's turn.
 *
 * The door that web and the commands use. Everything that leaves through it is public: the private
 * half of a course (keys, solutions, misconceptions) never does, except where a learner has earned
 * a solution. Results are JSON objects as the HTTP API gives them (new references). All functions
 * may be called from any thread. `language` is a tag such as "en" or "zh"; where a lesson has no
 * text in it, the course's first language is used and the result says so. */
#ifndef LYCEUM_SCHOOL_H
#define LYCEUM_SCHOOL_H

#include "base/base.h"
#include "company/company.h"

struct school;

struct school_options {
    const char *const *courses; /* folders, NULL-terminated */
    const char *data;           /* folder of the record; made when absent */
    struct company *company;    /* who writes drafts; borrowed, must outlive the school */
};

struct school *school_open(const struct school_options *, struct fault *);
void school_close(struct school *);
/* Mistakes in the files of the courses, as school_check_course gives them; empty when they are
 * sound. What has no mistake is taught all the same. Borrowed. */
const json_t *school_problems(const struct school *);
/* "loading", "ready", "absent": for the page and for /healthz. */
const char *school_model_state(const struct school *);

/* ------------------------------------------------------------------------------------ learners */

/* A new anonymous learner. `token` is the secret for the cookie (64 hex digits and a zero byte);
 * the record keeps its hash alone. {"id":…,"name":null} */
json_t *school_learner_new(struct school *, char token[65], struct fault *);
/* The learner whose cookie this is, as a positive number, or 0. */
int64_t school_learner_of(struct school *, struct view token);
bool school_learner_name(struct school *, int64_t learner, struct view name, struct fault *);
/* {"id","name","courses":[{"id","title","mastery","lessons":[{"id","title","mastery","done",
 *  "total"}]}],"skills":[{"id","course","title","mastery","attempts","unaided","reached"}],
 *  "recent":[{"at","course","lesson","exercise","title","skill","score"}…]}
 * mastery is 0 until a first try without help; unaided: such tries that were right; attempts: all;
 * done: exercises once solved; recent: attempts, newest first. */
json_t *school_progress(struct school *, int64_t learner, const char *language, struct fault *);
/* Every event of the learner, oldest first: {"learner","events":[{"id","at","kind","data"}…]},
 * "at" in milliseconds since 1970. */
json_t *school_export(struct school *, int64_t learner, struct fault *);

/* ------------------------------------------------------------------------------------- courses */

/* [{"id","title","languages","lessons":[{"id","title"}]}] */
json_t *school_courses(struct school *, const char *language);
/* {"course","id","title","language","html","exercises":[{"id","title","check","skill","seed",
 *  "ask_html","choices_html"?,…,"state":{"score","attempts","hints":[say…],"solved","last_answer",
 *  "ever_solved"}}],"passages":[{"id","heading"}],"previous","next"}
 * In `html` each exercise stands as <section class="exercise" id="E" data-exercise="E"></section>
 * and each passage has an id that citations name. learner 0 is a visitor. */
json_t *school_lesson(struct school *, const char *course, const char *lesson,
                      const char *language, int64_t learner, struct fault *);
/* A file of the course that pages may show (figures): appended to `out`, with its media type. */
bool school_asset(struct school *, const char *course, struct view path, struct buffer *out,
                  const char **media_type, struct fault *);

/* ---------------------------------------------------------------------------------- the turn */

/* Gets each `say` object as it is ready: {"text","html","from":"author|model","cites":[…],
 * "model"?,"quote"?:true,"draft"?:true,"replaces"?:true}: a "quote" is the lesson's own words; one
 * with "draft" stands until a model's words that replace it have passed. False stops (the client
 * left); what was said is recorded all the same.
 */
typedef bool school_say(void *data, const json_t *say);

/* An attempt: graded, recorded on disk, then answered. {"score","solved","feedback","note","move",
 * "say":[…],"mastery","sister":null|{"seed"…},"hints_left":bool}. `answer` is what the field of
 * this check gives: a string, a number, an index, a list of indexes. */
json_t *school_attempt(struct school *, int64_t learner, const char *exercise, uint64_t seed,
                       const json_t *answer, const char *language, struct fault *);
/* The next rung of the hint ladder, within the dwell time of the present one if it is too soon. */
json_t *school_hint(struct school *, int64_t learner, const char *exercise, uint64_t seed,
                    const char *language, struct fault *);
/* Free text, and where it was typed. */
struct school_question {
    const char *course, *lesson;
    const char *exercise; /* at hand; NULL or "": none */
    uint64_t seed;        /* of the exercise; 0: the variant that the learner has at hand */
    struct view text;
    const char *language;
    const volatile bool *cancel; /* NULL, or becomes true when nobody waits: no model is asked */
};
/* Whether there are such a course, lesson and exercise; a stream could only say so too late. */
bool school_has_place(struct school *, const struct school_question *, struct fault *);
/* A question, a call for help, chat, or fishing for the answer. Quotes of the course are said at
 * once; a model's words replace them only when they passed. */
bool school_turn(struct school *, int64_t learner, const struct school_question *, school_say *,
                 void *data, struct fault *);

/* -------------------------------------------------------------------------------- for commands */

/* Every mistake in a course folder: [{"file","line","message","remedy"}], empty when sound. NULL
 * only when the folder cannot be read. */
json_t *school_check_course(const char *folder, struct fault *);
/* What is in it: {"course","languages","lessons","translations","exercises","skills"}. */
json_t *school_count_course(const char *folder, struct fault *);
/* One line of `lyceum grade`: always gives an object, {"score",…} or {"error":…}. */
json_t *school_grade_line(struct view line);
/* One line of `lyceum draft`; see docs. Always gives an object. */
json_t *school_draft_line(struct company *, struct view line);
/* school_export where no school is open: fails while a server holds the folder. */
json_t *school_export_from(const char *data, int64_t learner, struct fault *);
/* Makes every derived table of the record in `data` again from its events. */
bool school_rebuild(const char *data, struct fault *);
/* Prometheus text: drafted, passed, struck by reason, time to first word, attempts, … */
void school_metrics(struct school *, struct buffer *out);

#endif
