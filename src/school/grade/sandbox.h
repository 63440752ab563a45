/* A program that nobody trusts, run where it can do no harm: bubblewrap's own namespaces (no
 * network, no process but its own, no file but /usr, its folder and a small /tmp), a filter of
 * system calls (no process is made, none watched, no socket), bounds on time, memory, files and
 * output. Inside the room only. */
#ifndef LYCEUM_SCHOOL_GRADE_SANDBOX_H
#define LYCEUM_SCHOOL_GRADE_SANDBOX_H

#include "base/base.h"

#include <limits.h>

enum { SANDBOX_FILES = 6, SANDBOX_AT_ONCE = 4, SANDBOX_NAME = 32 /* bytes of a file's name */ };

struct sandbox_file {
    const char *name; /* in the folder /answer */
    struct view content;
};

struct sandbox_job {
    const char *const *command; /* NULL-terminated; the program's whole path first */
    const char *folder;         /* of sandbox_folder: /answer inside */
    bool writes;                /* /answer may be written, and processes made: for a compiler */
    struct view input;
    double seconds;       /* of processor time; three times as much by the clock */
    size_t memory;        /* bytes of address space */
    size_t output, files; /* bytes of what it writes to its outputs, to any one file */
};

enum sandbox_end {
    SANDBOX_EXIT,   /* status holds the exit status */
    SANDBOX_SIGNAL, /* status holds the signal */
    SANDBOX_TIME,
    SANDBOX_OUTPUT,
};

struct sandbox_result {
    enum sandbox_end end;
    int status;
    struct buffer out, err; /* cut at job.output */
};

/* A new folder in $TMPDIR (/tmp where it is not set) with these files; remove it afterwards, also
 * when it failed: path is "" where none was made. FAULT_MACHINE too when the path is too long. */
bool sandbox_folder(char path[PATH_MAX], const struct sandbox_file *, size_t n, struct fault *);
void sandbox_remove(const char *path);
/* FAULT_MACHINE when no sandbox can be made here, with what to do. At most SANDBOX_AT_ONCE run at
 * the same time, further callers wait. Free the result, whatever comes back. */
bool sandbox_run(const struct sandbox_job *, struct sandbox_result *, struct fault *);
void sandbox_result_free(struct sandbox_result *);
/* Whether sandboxes can be made on this machine; tried once. */
bool sandbox_works(struct fault *);

#endif
