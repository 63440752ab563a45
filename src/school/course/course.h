/* course: the files of a course, read, checked and compiled.
 *
 * A course is immutable once loaded. Everything in it lives in its own arena. */
#ifndef LYCEUM_SCHOOL_COURSE_H
#define LYCEUM_SCHOOL_COURSE_H

#include "base/base.h"

struct skill {
    struct view id;
    const json_t *title; /* {"en":…,"zh":…} */
    size_t n_prerequisite;
    const struct skill **prerequisites;
};

/* How a part of a translated lesson stands to its source. */
enum translation {
    TRANSLATION_NONE,     /* it is the source */
    TRANSLATION_CURRENT,  /* made from what the source says now */
    TRANSLATION_UNMARKED, /* nobody has said from what it was made */
    TRANSLATION_STALE,    /* the source has changed since */
    TRANSLATION_MISSING   /* the source stands in its place */
};
enum { PART_HASH = 12 };
/* A section of the source without its exercises, or an exercise. */
struct lesson_part {
    struct view name, heading; /* name: "counting" of the passage "LESSON--counting"; a label */
    bool exercise;
    enum translation state;
    long line, source_line;   /* line: of the translation; 0: missing */
    char hash[PART_HASH + 1]; /* of the source as it is: SHA-256, its first digits */
};

struct exercise_source;
/* One exercise as authored in one language; see docs/course-format.md. */
struct exercise {
    struct view label, title, check; /* check: "choice", "number", … */
    const struct skill *skill;
    const struct lesson *lesson;
    long line;
    const json_t *definition; /* the YAML block, braces not yet filled */
    size_t n_hint;
    struct view *hints; /* Markdown, braces not yet filled */
    struct view solution;
    const struct exercise_source *source; /* where its parts stand; for messages */
    const struct exercise *original;      /* of which it is the translation; NULL: of none */
    enum translation translation;         /* MISSING: these are the source's words */
};

/* What learners may say about themselves, in words that courses know: a bit each, in the order of
 * background_tags. */
typedef uint32_t background_set;
enum background_group { BACKGROUND_AGE, BACKGROUND_INTEREST, BACKGROUND_KNOWS };
extern const struct background_tag {
    const char *name; /* "child", "music", "programming" */
    enum background_group group;
} background_tags[];
extern const size_t n_background_tag;               /* at most 32 */
background_set background_tag_of(struct view name); /* 0: there is none */
/* The set with the tags of the other, whose age takes the place of an age. */
background_set background_with(background_set, background_set other);
/* As a list of names, and from one: what is not known is left out. */
json_t *background_names(background_set);
background_set background_of_names(const json_t *names);

/* For whom something was written: for who has every tag of one of the sets. */
enum { MAX_AUDIENCE = 8 };
struct audience {
    size_t n;
    background_set sets[MAX_AUDIENCE];
};

/* A section of a lesson: what the tutor may quote and what a citation opens. */
struct passage {
    struct view id;      /* unique in the course, the id in the page: "LESSON--SLUG" */
    struct view heading; /* plain text */
    struct view text;    /* plain text: sentences; formulas as TeX between $…$; no exercises */
    const struct lesson *lesson;
    size_t n_sentence;
    struct view *sentences;                /* slices of text */
    const struct explanation *explanation; /* that stands in it in several ways, or NULL */
    bool borrowed;                         /* the source's, in a translation that lacks it */
};

/* A place in a lesson that is told in several ways, of which a learner sees one. */
struct explanation {
    size_t from, to; /* of the plain way, in the lesson's html */
    const struct passage
        *plain; /* the passage as the plain way has it; NULL: it has no sentence */
    size_t n_way;
    struct way { /* another one */
        struct audience audience;
        struct view html;
        struct passage passage; /* the whole passage with this way in its place */
    } * ways;
};
/* The way for a learner of this background: of those written for them the one that asks for most,
 * the first of equals. NULL: the plain one. */
const struct way *explanation_way(const struct explanation *, background_set);
/* Whether a learner of this background has the passage before their eyes. */
bool passage_shown(const struct passage *, background_set);

struct lesson {
    struct view id, language, title, file; /* id: the folder's name, "01-guessing" */
    const struct course *course;
    struct view html; /* the public page, told in the plain way; exercises as
                         <section data-exercise> */
    size_t n_exercise, n_passage, n_explanation;
    struct exercise *exercises;
    struct passage *passages; /* told in the plain way */
    struct explanation *explanations;
    size_t n_part; /* of a translation: all that its source has, sections first */
    struct lesson_part *parts;
    const struct lesson *previous, *next; /* in the same language where there is one */
};

struct course {
    struct arena *arena;
    struct view id, folder; /* id: the folder's name */
    const json_t *about;    /* course.yaml */
    double mastery_threshold, target_success;
    size_t n_language, n_skill, n_lesson; /* lessons: one for each lesson and language */
    struct view *languages;
    struct skill *skills;
    struct lesson *lessons;
};

/* Reads a folder. Every mistake that reading finds (school_check_course finds more) is appended to
 * `problems` (an array of {"file","line","message", "remedy"}, may be NULL). Gives what could be
 * read, for a course that has mistakes too; NULL only when there is no course to speak of. */
struct course *course_load(const char *folder, json_t *problems, struct fault *);
void course_free(struct course *);
/* Appends the lesson's page as a learner of this background sees it; gives the tags for which it
 * was told otherwise. */
background_set lesson_html(const struct lesson *, background_set, struct buffer *out);
/* In the language, or else in the course's first that has it (see lesson->language); NULL when
 * there is none. */
const struct lesson *course_lesson(const struct course *, const char *id, const char *language);
const struct exercise *course_exercise(const struct course *, const char *label,
                                       const char *language);
/* Of the learner's note above a stale exercise, in the language of the page. */
const char *translation_stale_exercise(struct view language);
/* Its table and that of sections, by row and language, for what looks at all of it; NULL behind
 * the last. */
const char *translation_cell(size_t row, size_t column);
/* Whether a person reads its answers: check rubric. */
bool exercise_is_open(const struct exercise *);
struct view course_text(const json_t *title,
                        const char *language); /* {"en":…} or a plain string */

/* An exercise with its numbers drawn: every brace filled, by the seed alone. */
struct variant {
    struct arena *arena; /* owns everything below */
    const struct exercise *exercise;
    uint64_t seed;
    json_t *key, *options; /* private; for grade_answer, see variant_answer */
    struct view ask;       /* Markdown */
    struct view solution;  /* private until earned */
    size_t n_hint, n_wrong;
    struct view *hints; /* given one at a time */
    struct misconception {
        json_t *is;
        struct view why, say;
    } * wrong;      /* private */
    size_t n_shown; /* choices, items or right-hand sides, in the order that they are shown */
    struct view *shown;
    size_t *authored; /* authored[i]: 0-based authored index of shown[i] */
    size_t n_left;
    struct view *left; /* match: the left-hand sides */
    size_t n_part;
    struct variant_part { /* check parts; variant->key has their keys, see grade.h */
        struct view name, ask, check;
        size_t n_shown; /* choices, in the author's order */
        struct view *shown;
    } * parts;
};

/* NULL with a fault when the numbers cannot be drawn (a `where` that nothing meets). */
struct variant *variant_make(const struct exercise *, uint64_t seed, struct fault *);
void variant_free(struct variant *);
/* What the names of an exercise whose numbers vary stand for on this seed: "{a} = 2, {b} = 5";
 * nothing where none do. For those who write about its answers: a name may stand for the key. */
void variant_names(const struct exercise *, uint64_t seed, struct buffer *out);
/* Adds a wrong answer that a teacher of the school wrote, {"is","why","say"} as an author does,
 * behind those of the course. False with a fault, and nothing added: it cannot be filled, does not
 * fit the check, or is right here. */
bool variant_teach(struct variant *, const json_t *wrong, struct fault *);
/* Whether what is said to a wrong answer holds the key. */
bool variant_gives_away(const struct variant *, const struct misconception *);
/* What a browser may see: {"id","title","check","skill","seed","ask_html","shown_html"?,
 * "left_html"?,"looked_for"?:[HTML: what a rubric asks],"parts"?:[{"name","check","ask_html",
 * "shown_html"?}]}. shown_html: the choices of choice and several, the items of order, the
 * right-hand sides of match, as they are shuffled. New reference. */
json_t *variant_public(const struct variant *);
/* The learner's answer, which counts what is shown from 0, in the form of the key: choice an
 * index, several and order a list of them, match one for each left side (-1 or null: left open),
 * all counted from 1 as authored (match: [[left, right], …]); a number, formula or text as it is;
 * parts an object by name, from one, or from a list, or from a text cut at ";" (new reference). It
 * is what grade_answer compares with variant->key, and what wrong[].is looks like. NULL with a
 * fault when it has the wrong shape. */
json_t *variant_answer(const struct variant *, const json_t *answer, struct fault *);
/* The authored wrong answer that this one (from variant_answer) is, or NULL. */
const struct misconception *variant_misconception(const struct variant *, const json_t *answer);

/* Markdown with TeX to safe HTML: raw HTML is escaped, formulas become <span class="math"> with
 * the TeX inside for KaTeX, images of the course are inlined when they are SVG. */
void markdown_html(struct view markdown, struct buffer *out);

#endif
