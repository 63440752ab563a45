/* tutor: the turn of a learner, stage by stage.
 *
 *     intake → grade → choose → recall → say → draft → review → senior → say
 *
 * Truth is computed, words are generated: plain code grades, chooses the move and the passages;
 * the company only phrases, never sees the key, and nothing it wrote is said before the review has
 * passed it. What the author wrote and what the lesson says is said at once; nobody waits for a
 * model. What a learner sent is on disk with the first answer to it, and each answer before it is
 * sent. Any thread may call. */
#ifndef LYCEUM_SCHOOL_TUTOR_H
#define LYCEUM_SCHOOL_TUTOR_H

#include "base/base.h"
#include "company/company.h"
#include "school/course/course.h"
#include "school/learner/learner.h"
#include "school/school.h"

struct tutor;

/* Borrows all of them; they must outlive the tutor. Indexes the passages of the courses. */
struct tutor *tutor_open(struct course *const *courses, size_t n_course, struct record *,
                         struct company *, struct fault *);
void tutor_close(struct tutor *);
/* From here on it speaks in a terminal, where there are no pages to send a learner to. */
void tutor_in_terminal(struct tutor *);

/* See school_attempt, school_hint and school_turn, which find the exercise and call these; the
 * seed is never 0. Both objects have
 *
 *   "move"          point, principle, similar example, scaffold step, work it out, confirm,
 *                   advance, rest, ask, answer
 *   "say"           what to tell, in order
 *   "hints_left"    whether there is a rung below
 *   "wait_seconds"  over 0: asked too soon, the present rung was said again
 *   "sister"        the same exercise on another seed (variant_public), or null
 *   "next"          {"id","title"} of the exercise to go on with, or null
 *
 * and that of an attempt also "score", "solved", "counts" (false: it could not be read and is no
 * attempt), "feedback", "note", "mastery". A quote that a model's words may replace, and
 * "I am still looking", have "draft":true; the words that do, "replaces":true. One that was sent
 * before (its `once`) is told what it was told then. */
json_t *tutor_attempt(struct tutor *, int64_t learner, const struct exercise *,
                      const struct school_sent *, const char *language, struct fault *);
json_t *tutor_hint(struct tutor *, int64_t learner, const struct exercise *, uint64_t seed,
                   const char *language, struct fault *);
struct tutor_question {
    const struct lesson *lesson;
    const struct exercise *exercise; /* NULL: none at hand */
    uint64_t seed;
    struct view text;
    const char *language;
    const volatile bool *cancel; /* NULL, or becomes true when nobody waits */
};
bool tutor_turn(struct tutor *, int64_t learner, const struct tutor_question *, school_say *,
                void *data, struct fault *);
void tutor_metrics(struct tutor *, struct buffer *out);

/* A seed of the exercise whose question this learner has not seen: that at hand where it is
 * untouched, else a sister; 0 when there is none. An attempt on it is an attempt like others. */
uint64_t tutor_fresh_seed(struct record *, int64_t learner, const struct exercise *);
/* That blind guessing is right: 1/4 for a choice of four; 0 where answers are typed. */
double exercise_chance(const struct exercise *);

/* ------------------------------------------------------------------------------------- review */

/* What a draft is held against. Empty views and zero counts: nothing to hold it against there. */
struct review_task {
    const char *language;
    struct view question; /* what the learner asked; "" when a hint is phrased anew */
    struct view hint;     /* the authored hint that the draft rephrases; "" for an answer */
    size_t n_source;      /* the sentences that it must stand on; what "it" stands for is looked up
                             in the one before only where both are slices of one text */
    const struct view *sources;
    const struct variant *variant; /* the exercise at hand, with its key; or NULL */
    size_t n_rung;                 /* rungs already given; later ones must not be given away */
    struct view before; /* a model's words on the exercise in earlier turns: what both tell
                           together must not be the answer either */
};

enum strike { /* in the order of the checks; the names are in review_strike_name */
              STRIKE_NONE,
              STRIKE_EMPTY,
              STRIKE_DEGENERATE, /* loops, broken characters, markup, talk about itself */
              STRIKE_INCOMPLETE, /* cut off in the middle of a sentence */
              STRIKE_LENGTH,
              STRIKE_LANGUAGE,
              STRIKE_LEAK,   /* the key in any form, or a later rung or step */
              STRIKE_ECHO,   /* the question again, no answer */
              STRIKE_GROUND, /* a word, number, name or polarity that no one source sentence has */
              STRIKE_COUNT
};
const char *review_strike_name(enum strike);

struct reviewed_sentence {
    struct view text;
    enum strike strike;
    char why[120];    /* the word, number or form that it was struck for */
    ptrdiff_t source; /* the sentence it stands on, or -1 */
};

struct review {
    size_t n_sentence;
    struct reviewed_sentence *sentences; /* slices of the draft */
    enum strike strike; /* of the draft as a whole: NONE when all of it may be said */
};

/* The arena owns the result. The draft must outlive it. */
void review_draft(const struct review_task *, struct view draft, struct arena *, struct review *);
/* Whether free text gives the answer of the exercise away (in any form, words or script). */
bool review_leaks(const struct variant *, const char *language, struct view text, char why[120]);

/* ------------------------------------------------------------------------------------- recall */

/* What a text says on a question: an index (SQLite FTS5, in memory) over the sentences of
 * passages, by stems, Chinese by pairs of characters. One index may be asked by many threads. */
struct recall;

struct recall *recall_open(struct course *const *courses, size_t n_course, struct fault *);
/* An index over a few passages alone, all in one language; their lesson may be NULL. They are
 * borrowed. Such an index is asked with course NULL. */
struct recall *recall_open_passages(const struct passage *, size_t n, const char *language,
                                    struct fault *);
void recall_close(struct recall *); /* NULL is allowed */

struct recall_query {
    const struct course *course;
    const struct lesson *lesson; /* preferred; may be NULL */
    const char *language;        /* without passages in it the course's first is searched */
    struct view text;
    background_set background; /* of the learner: of what is told in several ways, theirs alone */
};
struct recalled {
    const struct passage *passage;
    size_t first, n; /* sentences of it that answer, 1 to 4 */
    double score;    /* the best comes first */
    double coverage; /* share of the question's weight that they and the heading hold, 0 to 1 */
    bool near; /* they share with the question what the course has a name for, or two words */
};
/* The sentences as they stand in the passage. */
struct view recalled_text(const struct recalled *);
/* They hold all that is asked and are put as its answer: nobody need look at them again. */
bool recalled_plainly(const struct recalled *);
/* Fills at most n_out, best first, each of another passage; returns how many. *said: the first one
 * covers enough of the question to be its answer; otherwise it is only the nearest, and worth
 * naming where it is near. */
size_t recall_find(struct recall *, const struct recall_query *, struct recalled *out,
                   size_t n_out, bool *said);

/* The terms that the course's lessons define and that stand in the text, longest first, as they
 * are folded; each lives as long as the index. Returns how many, n_out at most. */
size_t recall_terms(struct recall *, const struct course *, const char *language, struct view text,
                    struct view *out, size_t n_out);
/* The sentence that defines a term; false: there is no such term. */
bool recall_define(struct recall *, const struct course *, const char *language, struct view term,
                   struct recalled *out);

/* -------------------------------------------------------------------------------------- draft */

/* Asks the company for words on a question about sentences, or for a hint put in other words.
 * Writes at most one member's draft; false with FAULT_MISSING when there is none. */
struct draft_task {
    struct view passage, question, hint;
    struct view other; /* a passage more, for a member that chooses; or none */
    bool found;        /* the passages were found by words and may be about something else */
    const char *language;
    uint64_t seed;
    struct view learner; /* what the learner told of themselves; not for a trained member */
    bool trained;        /* the member was trained on these tasks: it needs no examples */
    const char *adapter; /* as in a request of the company */
    enum company_role role;
    struct company_payer payer;
    const char *why;   /* a senior is asked; or NULL */
    float temperature; /* of a hint in other words, 0: 0.5; of an answer, 0: the likeliest words */
    bool free;         /* an answer in any words, to see what their constraint is worth */
    const volatile bool *cancel;
};
bool draft_write(struct company *, const struct draft_task *, struct buffer *out,
                 struct company_draft *, struct fault *);

#endif
