/* What a program does on the cases of an exercise, found out in a sandbox. Inside the room only. */
#ifndef LYCEUM_SCHOOL_GRADE_CODE_RUN_H
#define LYCEUM_SCHOOL_GRADE_CODE_RUN_H

#include "base/base.h"

enum { CODE_BYTES = 64 << 10, CODE_CASES = 50 };

struct code_job {
    bool c;             /* else Python */
    struct view source; /* the learner's, or the author's */
    struct view main;   /* C: compiled with it; or empty */
    const json_t *tests;
    double seconds;
    size_t memory; /* bytes */
};

/* What came of it, kept for the next who asks the same. A new reference:
 * {"error":"what the compiler said","line":n} when it is no program; else {"results":[…]}, one a
 * test: {"value":…}, {"raises":"ValueError","line":n,"message":"…"}, {"stdout":"…","exit":n}, or
 * {"limit":"time"|"memory"|"output"|"crash"}. NULL when there is no sandbox. */
json_t *code_run(const struct code_job *, struct fault *);

#endif
