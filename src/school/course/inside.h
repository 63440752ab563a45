/* What the files of this folder share. */
#ifndef LYCEUM_SCHOOL_COURSE_INSIDE_H
#define LYCEUM_SCHOOL_COURSE_INSIDE_H

#include "algebra/algebra.h"
#include "base/base.h"
#include "school/course/course.h"

enum {
    MAX_COURSE_FILE = 256 << 10,
    MAX_LESSON_FILE = 2 << 20,
    MAX_FIGURE_FILE = 512 << 10,
    MAX_FIGURES = 2000, /* in a course */
    MAX_LESSONS = 500,
    MAX_EXERCISES = 500, /* in a lesson */
    MAX_SKILLS = 2000,
    MAX_LANGUAGES = 20,
    MAX_EXPLANATIONS = 200, /* in a lesson that are told in several ways */
    MAX_WAYS = 12,          /* of one of them */
    MAX_ITEMS = 60,         /* choices, items, pairs, hints, wrongs of one exercise */
    MAX_FILLED = 1 << 16    /* bytes of one text when its braces are filled */
};

/* ------------------------------------------------------------------------------------- values */

enum value_kind { VALUE_WORD, VALUE_EXACT, VALUE_REAL };
struct value {
    enum value_kind kind;
    bool decimal; /* exact, and written as a decimal where it ends */
    struct view word;
    struct rational exact;
    double real; /* also of exact ones */
};
enum { MAX_VALUES = 40 };
struct scope {
    size_t n;
    struct {
        struct view name;
        struct value value;
    } at[MAX_VALUES];
};
bool value_evaluate(const struct scope *, struct view text, struct value *, struct fault *);
bool value_text(const struct value *, struct buffer *out, struct fault *);
bool value_literal(const json_t *, struct value *); /* an item of a list in `vary` */
bool value_condition(const struct scope *, struct view text, bool *holds, struct fault *);
/* A template with its braces filled. */
bool value_fill(const struct scope *, struct view text, struct buffer *out, struct fault *);
bool name_good(const char *);

/* ------------------------------------------------------------------------------------ figures */

/* Copies an SVG with its ids prefixed and `alt` as its label; refuses all that is no picture.
 * out may be NULL. The fault has the line. */
bool figure_copy(struct view svg, const char *prefix, struct view alt, struct buffer *out,
                 struct fault *);

/* ----------------------------------------------------------------------------------- Markdown */

struct section { /* a passage being gathered */
    struct view id, heading, text;
    bool borrowed; /* the source's, in a translation */
};
struct outline { /* what a lesson's page gathers as it is written */
    struct view lesson;
    struct arena *arena;
    const struct outline *first; /* the same lesson in the first language: gives the ids */
    struct view title;
    struct section *sections;
    size_t n, capacity;
    struct buffer text, heading;
};
void outline_begin(struct outline *);
void outline_end(struct outline *);
/* Ends the section before; returns the id of the new one. */
struct view section_begin(struct outline *, struct view heading);
struct render {
    struct whole *whole; /* NULL: no figures */
    struct view folder;  /* of the lesson, for figures */
    const char *prefix;  /* of ids */
    int n_figure;
    struct report report; /* list NULL: say nothing */
    long line;            /* of the source's first line */
    struct outline *outline;
};
/* Inline leaves out the <p> of a lone paragraph. */
void markdown_render(struct render *, struct view source, bool without_paragraph,
                     struct buffer *out);
/* NULL when the braces, environments and \left…\right of a formula are whole; else what is not. */
const char *formula_mistake(struct view tex);

/* One formula in Markdown. */
struct formula {
    size_t from, to; /* in the source, dollars included */
    struct view tex;
    bool display;
};
/* The next formula at or after *at, outside code. False at the end. `lone`, when not NULL, gets
 * the offset of a dollar that nothing closes, or -1. */
bool formula_next(struct view source, size_t *at, struct formula *, ptrdiff_t *lone);

/* http, https, mailto or relative, without anything that browsers read otherwise. */
bool link_good(struct view link);
/* "&lt;" as "<"; an unknown one as it is written. */
void entity_text(struct view name, struct buffer *out);

/* Cuts paragraphs (lines) in sentences: slices of the text. */
struct view *sentences_cut(struct arena *, struct view text, size_t *n);

/* ------------------------------------------------------------------------------------- course */

struct figure {
    struct view path, svg; /* path: inside the course; svg: as in the file, checked; empty: bad */
};
struct exercise_source {
    struct yaml yaml;
    struct view text;      /* all of it, as it stands in the file */
    struct view made_from; /* of a translation: the hash of its source then, or empty */
    long *hint_lines;
    long solution_line;
};
struct whole { /* a course with what only we need */
    struct course course;
    json_t *owned; /* list of the JSON values that the course points into */
    struct figure *figures;
    size_t n_figure;
};
struct piece { /* of a lesson file, in order */
    struct view prose;
    long line;
    ptrdiff_t exercise;       /* index; -1 for prose */
    size_t explanation;       /* counted from 1; 0: none */
    struct audience audience; /* of a way of it; none: the plain one, which stands first */
    size_t section;           /* of the file */
    struct view html;         /* put into the page as it is */
    bool gone, borrowed;      /* gone: not to be shown; borrowed: the source's, in a translation */
};
struct section_source { /* as it stands in a file; the first begins before all headings */
    size_t from, to, heading_end;
    long line;
    struct view of, made_from; /* as its mark says; empty: it has none */
    size_t mark_from, mark_to; /* 0, 0: none */
};
struct reading { /* a lesson file being read */
    struct whole *whole;
    struct lesson *lesson;
    struct report report;
    struct piece *pieces;
    size_t n_piece, piece_capacity;
    struct view text;
    const struct lesson *first; /* of which this is the translation, or NULL */
    struct section_source *sections;
    size_t n_section, section_capacity;
};
struct fence { /* of the code that is open; n 0: none is */
    size_t n;
    char mark;
};
/* Whether the line belongs to code, its fences included. */
bool is_code(struct fence *, struct view line);
/* course.yaml, at report->file. The places of its parts stay in `yaml`. */
bool about_read(struct whole *, const struct report *, struct yaml *, struct fault *);
/* The page of a lesson with its ways of telling, and its passages. */
void page_write(struct reading *, struct outline *);
/* Cuts a lesson file in prose and exercises; fills lesson->exercises. */
void lesson_read(struct reading *, struct view text);
const struct skill *course_skill(const struct course *, struct view id);
/* The figure of a lesson, read and checked when first asked for. NULL with a fault. While a course
 * is loaded only; afterwards figure_find alone. */
const struct figure *figure_load(struct whole *, struct view folder, struct view source,
                                 struct fault *);
const struct figure *figure_find(const struct whole *, struct view folder, struct view source);

/* The values of an exercise's names for a seed. The scope borrows from the definition. */
bool variant_draw(const struct exercise *, uint64_t seed, struct scope *, struct fault *);
/* The definition of an exercise: its keys and their shapes; then one variant of it, for mistakes
 * in its Markdown and for its figures. */
void definition_check(struct whole *, const struct exercise *, const struct report *);
bool part_check_good(const char *check); /* which a part may have */

/* ------------------------------------------------------------------------------- translations */

void sections_find(struct reading *); /* of reading->text, the exercises having been read */
void pieces_cut(struct reading *);    /* at the sections */
/* The pieces of the page and all exercises, of the translation where it has them and otherwise of
 * its source; fills lesson->parts. `outline` is the source's. */
void translation_join(struct reading *, const struct reading *source, const struct outline *);
/* All but words is the original's from now on; what was said otherwise is reported unless stale.
 */
void exercise_borrow(struct exercise *, const struct exercise *original, bool stale,
                     const struct report *, struct whole *);

/* --------------------------------------------------------------------------------- giveaways */

enum { MAX_NUMBERS = 200 };
/* The numbers that a text tells: those that stand for themselves, or all that occur in it. */
struct numbers {
    size_t n;
    double at[MAX_NUMBERS];
};
void numbers_alone(struct view text, struct numbers *);
void numbers_anywhere(struct view text, struct numbers *);
bool numbers_hold(const struct numbers *, double);
/* -3, 0.5, 3/4; not 12/4, which is a step that is left to do. */
bool number_literal(const struct expression *, double *);
/* Calls `take` for each side of each formula: $a = b \approx c$ has three. */
void formula_sides(struct view text, void (*take)(void *, struct view side), void *data);

/* Hints, questions and replies that hold the key, counted over seeds. */
struct giveaway;
struct giveaway *giveaway_new(const struct exercise *);
void giveaway_try(struct giveaway *, const struct variant *);
void giveaway_report(struct giveaway *, const struct report *); /* and frees */

/* The id of the passage behind which it stands in the page; empty before the first. */
struct view exercise_place(const struct exercise *);

#endif
