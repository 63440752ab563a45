/* What the files of the tools share. */
#ifndef LYCEUM_SCHOOL_TOOLS_INSIDE_H
#define LYCEUM_SCHOOL_TOOLS_INSIDE_H

#include "school/grade/inside.h"
#include "school/tools/tools.h"

typedef void tool_function(const struct tool_place *, struct view asked, struct arena *,
                           struct tool_result *);
tool_function tool_sum, tool_convert, tool_date, tool_look, tool_term, tool_note, tool_code;

void tool_refuse(struct tool_result *, enum tool_refusal);
void tool_found(struct tool_result *, struct arena *, const char *format, ...) PRINTF_LIKE(3, 4);

/* --------------------------------------------------------------------------- what a text holds */

enum { ASKED_NUMBERS = 8, ASKED_UNITS = 6, ASKED_DATES = 4, ASKED_CODES = 3, ASKED_TEXT = 600 };

struct asked_number {
    struct view text; /* as a sum writes it: "1500", "15%", "2/3" */
    double value;     /* of a share too: 0.15 */
    bool share;       /* a percentage or a fraction: a part of something */
    size_t from, to;  /* bytes of the text */
};

struct asked_unit {
    struct view text; /* a slice of the text */
    struct unit unit;
    size_t from;
};

struct asked_date {
    bool today;  /* the day that it is, whichever that is; else */
    int64_t day; /* since 1970-01-01 */
    size_t from, to;
};

struct asked { /* a question, read; in the arena */
    struct view text;
    const char *language;
    size_t n_number, n_unit, n_date, n_code;
    struct asked_number
        numbers[ASKED_NUMBERS]; /* those of dates and programs are not among them */
    struct asked_unit units[ASKED_UNITS];
    struct asked_date dates[ASKED_DATES];
    struct view codes[ASKED_CODES]; /* between ` or ``` */
    struct view words;              /* the words of content, without the numbers */
    bool number;                    /* it asks for a number: how many, when */
};
void asked_read(struct view text, const char *language, struct arena *, struct asked *);
/* The numbers of a text alone. */
size_t numbers_read(struct view text, const char *language, struct arena *,
                    struct asked_number *out, size_t n_out);
/* A whole number or a decimal, in the fewest digits that give it again. */
struct view number_text(double, struct arena *);

/* A date at the start of the text, in words or figures of the languages; bytes, or 0. */
size_t date_at(struct view text, struct asked_date *);
struct view date_text(const struct asked_date *, struct arena *); /* "today", "2026-11-29" */

/* ----------------------------------------------------------------------------------- grammars */

struct prospects { /* what may be called for */
    bool sum, convert, date, look, term, note, code;
};
struct prospects prospects_of(const struct tool_place *, const struct asked *, bool reckons);
/* The sums that may be made of these numbers, as GBNF alternatives. */
void sum_forms(const struct asked_number *, size_t n, struct buffer *gbnf);
/* GBNF of the calls that the question allows. False where there is none. */
bool call_grammar(const struct tool_place *, const struct asked *, const struct prospects *,
                  struct arena *, struct buffer *gbnf);
/* A number of the text, or a run of its words, as an answer. False where there is none. */
bool pick_grammar(const struct asked *, struct view found, bool numbers, struct arena *,
                  struct buffer *gbnf);
void gbnf_text(struct view, struct buffer *); /* in quotes */

/* ----------------------------------------------------------------------------------- planning */

/* The call where the question leaves no doubt; false: it does. The line is in the arena. */
bool rules_call(const struct tool_place *, const struct asked *, struct arena *,
                struct view *line);

/* The sentences whose vectors are nearest to that of `asked`, best first, each of another passage
 * of the place's course and language; score: the cosine. 0: there is no librarian, or its vectors
 * are not made yet. */
size_t vectors_near(const struct tool_place *, struct view asked, struct recalled *out,
                    size_t n_out);

/* The course's terms in a text, longest first; in the arena. */
size_t terms_in(const struct tool_place *, struct view text, struct view *out, size_t n_out);

#endif
