/* tools: what a small model looks up instead of knowing it.
 *
 *     question → what it holds → rules, else a model → a call → what was found → the answer
 *
 * A tool is a row of a table: its name and a function. A call is one line, "sum: 17% * 240". Where
 * the question leaves no doubt plain rules make the call, and no model is asked. Else a model
 * writes one under a grammar that is made of the question: its operands are numbers, units, dates,
 * terms and programs of the question or of what was found before, so that the smallest model's
 * call is well formed and about what was asked.
 *
 * Bounds: TOOL_CALLS calls for a question, TOOL_SECONDS in all, TOOL_ASKED bytes of an argument
 * and TOOL_FOUND of what is found. The same question, place, seed and model give the same bits.
 * Any thread may call. */
#ifndef LYCEUM_SCHOOL_TOOLS_H
#define LYCEUM_SCHOOL_TOOLS_H

#include "base/base.h"
#include "company/company.h"
#include "school/course/course.h"
#include "school/tutor/tutor.h"

enum { TOOL_CALLS = 4, TOOL_ASKED = 400, TOOL_FOUND = 2000, TOOL_SECONDS = 30 };

struct tool_rules; /* any thread may use them */
struct tool_rules *tool_rules_open(struct fault *);
void tool_rules_close(struct tool_rules *); /* NULL is allowed */

/* Where and for whom things are looked up. What is NULL cannot be looked up. */
struct tool_place {
    const struct tool_rules *rules; /* NULL: a model decides everything */
    struct recall *recall;          /* with the course: its passages and its terms */
    const struct course *course;
    const struct lesson *lesson; /* preferred; may be NULL */
    const char *language;
    background_set background;
    struct company
        *company; /* writes calls; its librarian, where there is one, finds by meaning */
    struct vectors *vectors;
    const json_t *notes; /* the learner's own, as record_memories gives them */
    int64_t today;       /* since 1970-01-01, where the learner lives */
    bool programs;       /* may be run, where a sandbox can be made */
};

enum tool_end {
    TOOL_DONE,
    TOOL_NOTHING, /* looked for, and not there */
    TOOL_REFUSED, /* cannot be done: see refusal */
};

/* Why something cannot be done; told in the learner's language. */
enum tool_refusal {
    REFUSE_NONE,
    REFUSE_NO_SUM,
    REFUSE_NO_VALUE,
    REFUSE_NO_UNIT,
    REFUSE_OTHER_UNIT,
    REFUSE_NO_DATE,
    REFUSE_NO_COURSE,
    REFUSE_NO_NOTES,
    REFUSE_NO_SANDBOX,
    REFUSE_NOT_RUN,
    REFUSE_TOO_LONG,
    REFUSE_TOO_MUCH,
    REFUSE_SILENT,
    REFUSALS
};

enum { TOOL_PASSAGES = 3 };

struct tool_result {
    enum tool_end end;
    enum tool_refusal refusal;
    struct view text;  /* what was found, in the arena */
    struct view value; /* of a sum and the like: the bare number or name, a part of `text` */
    size_t n_found;    /* of the course: the passages that `text` is made of */
    struct recalled found[TOOL_PASSAGES];
    const json_t *note; /* of the place's notes: the one that was found */
};

/* A row of the table. */
struct tool {
    const char *name; /* as a call begins: "sum" */
    void (*run)(const struct tool_place *, struct view asked, struct arena *,
                struct tool_result *);
    struct {
        const char *language, *name;
    } words[4]; /* what a learner is told was asked: "calculator" */
};
extern const struct tool tools[];
extern const size_t n_tool;
const struct tool *tool_named(struct view name); /* NULL: there is none */

struct tool_call {
    const struct tool *tool;
    struct view asked; /* a part of the line */
};
/* Reads "name: argument", as a model wrote it: any bytes. */
bool tool_call_read(struct view line, struct tool_call *, struct fault *);
/* Bounds and runs it. Never fails: what cannot be is a refusal or nothing. */
void tool_run(const struct tool_place *, const struct tool_call *, struct arena *,
              struct tool_result *);
/* The values that a sum goes through, its numbers aside, as texts; true: they are all there. */
bool sum_steps(struct view asked, struct arena *, struct view *out, size_t n_out, size_t *n);

/* ------------------------------------------------------------------------------------ vectors */

/* Passages by their meaning: a vector of each sentence, made by the company's librarian in a
 * thread of its own when it is first asked for. */
struct vectors;
struct vectors *vectors_open(void);
void vectors_close(struct vectors *); /* NULL is allowed */
/* Waits until those of the place's course are made, where they can be: for commands. */
void vectors_wait(const struct tool_place *);

/* ----------------------------------------------------------------------------------- thinking */

struct think_options {
    bool reckons; /* sums, units and dates alone; nothing is looked for */
    uint64_t seed;
    struct company_payer payer;
    const volatile bool *cancel;
};

struct think_step {
    struct tool_call call;
    struct tool_result result;
    struct view picked; /* of what was found: the words or the number that the model took, or "" */
    bool planned;       /* by rules: no model was asked for this call */
};

struct thought {
    size_t n_step;
    struct think_step steps[TOOL_CALLS];
    struct view rest;   /* of tools_plan: what the rules have no call for */
    struct view answer; /* a part of the last step's finding; empty: there is none */
    char model[64];     /* who was asked last, or "" */
    int n_generated;    /* tokens */
    double seconds;
};

/* What the rules are sure of, sentence by sentence: whether there was any. Asks no model. */
bool tools_plan(const struct tool_place *, struct view question, struct arena *, struct thought *);
/* Whether a model could reckon something out of the question. */
bool tools_may_reckon(const struct tool_place *, struct view question, struct arena *);
/* By the rules where they are sure of all of it, else by the company. Everything lives in the
 * arena. False only when the model failed; what was found before stands. */
bool tools_think(const struct tool_place *, struct view question, const struct think_options *,
                 struct arena *, struct thought *, struct fault *);
/* What the same model says with nothing to look up: for benches. */
bool tools_alone(const struct tool_place *, struct view question, const struct think_options *,
                 struct arena *, struct thought *, struct fault *);

/* What a learner is told: {"tool","name","asked","found","words","done","planned"}: the name, why
 * nothing was found and the words, "calculator: 17% * 240 = 40.8", in the language. New reference.
 */
json_t *tool_step_json(const struct think_step *, const char *language);
/* Why there is nothing, as part of a sentence; "" when there is something. */
const char *tool_problem(const struct tool_result *, const char *language);

#endif
