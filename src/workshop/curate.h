/* The inside of curation: files, rows, checks, the report. */
#ifndef LYCEUM_WORKSHOP_CURATE_H
#define LYCEUM_WORKSHOP_CURATE_H

#include "workshop/minhash.h"
#include "school/school.h"
#include "workshop/workshop.h"

/* ---------------------------------------------------------------------- files: curate_files.c */

struct source_file {
    const char *path, *licence; /* licence NULL: none was found beside or above it */
    size_t n;
    bool json_lines;
    size_t given; /* 0: a file; else learner number `given` (from 1) of those who agreed */
};

struct source_list {
    struct source_file *at;
    size_t n, room, n_passed_over; /* of kinds that hold no text */
    uint64_t n_byte;
    struct arena *arena;
};

/* With `given`, the learners who agreed follow the files. */
bool sources_find(const char *const *places, size_t n, size_t n_given, struct source_list *,
                  struct fault *);
void sources_free(struct source_list *);
/* The licence of a Markdown file's front matter, which is cut off *text; NULL when it tells none.
 */
const char *front_matter_licence(struct view *text, struct arena *);

/* ------------------------------------------------------------------- held-out: held_out.c */

struct held_out {
    uint64_t *keys; /* open addressing, 0 is free */
    size_t n_key, capacity;
    size_t n_item, n_too_short;
    bool lengths[13]; /* grams of as many words are looked for */
};

bool held_out_read(const char *path, struct held_out *, struct fault *);
void held_out_parse(struct view text, struct held_out *);
/* Whether a run of the words is one of an item's. */
bool held_out_meets(const struct held_out *, const uint64_t *words, size_t n);
void held_out_free(struct held_out *);

/* ------------------------------------------------------------------------- rows: curate_row.c */

enum drop { /* in the order of the checks */
            DROP_NONE,
            DROP_UNREADABLE,
            DROP_SHORT,
            DROP_LANGUAGE,
            DROP_LINES,
            DROP_GRAMS,
            DROP_HELD_OUT,
            DROP_QUALITY,
            DROP_DUPLICATE,
            N_DROP,
};

struct row {
    struct view raw; /* a piece of a text file, or a line of JSON */
    const struct source_file *file;
    long number;         /* of the line or the piece; 0: the file is one piece */
    const char *licence; /* of the piece; NULL: that of its file */
    /* what the checks find: */
    enum drop drop;
    const char *language;
    char *told_licence; /* the row's own, malloc; NULL: none */
    struct buffer line; /* what would be written */
    uint64_t bands[MINHASH_BANDS];
};

enum pass {            /* what the time of the processor went into */
            PASS_READ, /* from the disk, and of JSON */
            PASS_WORDS,
            PASS_LANGUAGE,
            PASS_REPETITION,
            PASS_HELD_OUT,
            PASS_MINHASH,
            PASS_COPY,    /* of the row as JSON */
            PASS_COMPARE, /* with what was kept; and the writing */
            N_PASS,
};

double pass_clock(void); /* seconds of the processor that the calling thread has had */
struct scratch;          /* what a thread needs again and again */
struct scratch *scratch_new(void);
void scratch_free(struct scratch *, double spent[N_PASS]); /* adds the seconds of its passes */
/* Fills everything but duplicates. */
void row_check(struct row *, const struct curation *, const struct held_out *, struct scratch *);
void row_free(struct row *);
void row_origin(const struct row *, struct buffer *out);
const char *row_licence(const struct row *, const struct curation *);
void buffer_json_string(struct buffer *, struct view); /* with its quotes; bad bytes are U+FFFD */

/* --------------------------------------------------------------------- report: curate_report.c */

struct curation_report *report_new(void);
void report_row(struct curation_report *, const struct row *, const struct curation *);
/* `given` is stolen; NULL: no transcripts were asked for. */
void report_end(struct curation_report *, const struct source_list *, const struct held_out *,
                json_t *given, const double spent[N_PASS], double seconds);

#endif
