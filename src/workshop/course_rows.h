/* What the makers of a course's dialogues share. Inside the room only.
 *
 * A told is one row before it is written: lines by turns, with all that must be true of them. It
 * is made by templates around the author's words; a senior may put lines in other words; then it
 * is checked, whoever wrote it. */
#ifndef LYCEUM_WORKSHOP_COURSE_ROWS_H
#define LYCEUM_WORKSHOP_COURSE_ROWS_H

#include "school/school.h"
#include "workshop/persona.h"
#include "workshop/workshop.h"

enum { TOLD_LINES = 20, TOLD_CITES = 4, TOLD_SUMS = 3, TOLD_PART = 8 };

struct told_line {
    bool tutor;
    struct view text;
    struct view authored;          /* what of it are the course's own words; empty: none */
    struct view keep;              /* a senior's words must have this, to the letter: the answer */
    struct view hint;              /* a senior may put this hint of the author in other words */
    struct view lead;              /* the words of it that stand in the line */
    struct view thought, recalled; /* before the line; what of it is quoted from the course */
    struct view brief;             /* the thought without the quote */
    const char *move;              /* of the tutor */
    bool guarded;                  /* it is not solved yet: nothing may give the answer away */
    bool by_senior;
    const struct school_scene *scene; /* what is at hand */
    const json_t *attempt;            /* a learner's answer; borrowed from the scene */
    struct view why;                  /* it is this misconception; empty: it is right */
};
struct told {
    enum course_task task;
    struct view topic, exercise, misconception, system, persona, about;
    uint64_t seed;
    size_t n, n_cite, n_sum;
    struct told_line lines[TOLD_LINES];
    struct {
        struct view passage, text; /* quoted to the letter */
    } cites[TOLD_CITES];
    struct view sums[TOLD_SUMS]; /* texts whose numbers must hold */
    struct view asked;           /* of a passage: what the sentence must answer */
    struct view said, lesson;    /* and the sentence, of the lesson's text */
    enum course_row_drop drop;   /* COURSE_ROW_DROPS: none */
};

struct telling { /* the whole */
    struct school_scenes *scenes;
    const json_t *texts; /* of school_course_texts */
    const char *language, *course;
    uint64_t seed;
    struct view around; /* all sentences */
    size_t n_exercise, each;
    const char *const *held_out;
};
/* What was said of the author's words for one exercise and its numbers: each once. */
struct told_used {
    uint64_t wrong; /* a bit a misconception */
    bool principle, solution;
    const struct told *ladder; /* the dialogue that goes down it */
};
struct told_part { /* what one job makes */
    const struct telling *whole;
    struct arena *arena;
    struct random random;
    struct told_used used;
    size_t n, n_scene;
    struct told rows[TOLD_PART];
    struct school_scene *scenes[TOLD_PART * 3]; /* freed with it */
    size_t dropped[COURSE_ROW_DROPS], n_held_out;
};

/* NULL where the numbers cannot be drawn, which is counted. */
struct school_scene *part_scene(struct told_part *, size_t exercise, uint64_t seed);
/* NULL when the part is full. */
struct told *part_add(struct told_part *, enum course_task, const struct school_scene *);
struct told_line *told_say(struct told *, bool tutor, struct view text);
/* "LESSON/SLUG" of a passage's id. */
struct view told_topic(struct arena *, struct view lesson, struct view passage);
bool told_held_out(const struct telling *, struct view topic);
/* "counted-words-not-letters" in words. */
struct view slug_words(struct arena *, struct view slug);
/* The form with %s, %w, %q, %h, %m filled: what is said, the learner's answer, a quote, its
 * heading, the move. */
struct told_words {
    struct view s, w, q, h, m;
};
struct view fill_form(struct arena *, const char *form, const struct told_words *);
struct view one_line_of(struct arena *, struct view text);

/* How an exercise goes: a dialogue to its end, or up to a move that is thought about first. */
void tell_dialogue(struct told_part *, size_t exercise, const struct school_scene *,
                   size_t misconception, bool thinks);
void tell_problem(struct told_part *, const struct school_scene *);
void tell_passage(struct told_part *, const json_t *passage, size_t each);

/* What the tutor says for a move, around the author's words; of what a learner of the course
 * reads. */
enum tutor_form {
    FORM_POINT,
    FORM_PRINCIPLE,
    FORM_EXAMPLE,
    FORM_HINT,
    FORM_CONFIRM,
    FORM_CONFIRM_SISTER, /* solved at the first attempt */
    FORM_CONFIRM_PLAIN,  /* without the answer, which other learners have to find */
    FORM_WORK_OUT,
    FORM_SISTER, /* after it */
    FORM_FISHING,
    FORM_ANSWERED,      /* a question, by a sentence of the lesson */
    FORM_WORKED,        /* a problem */
    FORM_THOUGHT_SHOWS, /* what the learner wrote, and what it shows */
    FORM_THOUGHT_RECALL,
    FORM_THOUGHT_MOVE,
    TUTOR_FORMS
};
const char *tutor_form(enum tutor_form, struct random *);
/* What the tutor thinks before a move: quotes the learner, names what it shows, recalls a passage
 * where there is a quote or a heading, chooses. */
struct view thought_of(struct told_part *, const struct told_words *);

/* Whether the answer stands in the text as a word of its own: not the "t" of "it". */
bool told_keeps(struct view text, struct view answer);
/* Checks and writes; sets drop where something does not hold. */
void told_check(const struct telling *, struct told *);
void told_write(const struct telling *, const struct told *, struct buffer *out,
                struct course_rows_report *);
/* Lines in a senior's words where they pass; these live in the arena. */
bool told_by_senior(const struct course_rows_options *, struct told *const *, size_t n,
                    struct arena *, struct course_rows_report *, struct fault *);

#endif
