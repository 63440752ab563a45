/* lyceum export: what a learner did, for the learner to take away. */
#include "main/main.h"
#include "school/school.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "Usage: lyceum export LEARNER [--data DIR]\n\n"
    "Writes every event of a learner, oldest first, as one JSON object to standard output:\n"
    "{\"learner\", \"events\": [{\"id\", \"at\", \"kind\", \"data\"}]}, \"at\" in milliseconds "
    "since "
    "1970.\n"
    "The school must be closed meanwhile; while it is open, learners find the same at\n"
    "/api/learners/me/events.\n\n"
    "  LEARNER       the number of the learner\n"
    "  --data DIR    where the record is kept (default ./data)\n\n"
    "Example: lyceum export 17 --data data > learner-17.json\n";

static bool read_learner(const char *text, int64_t *learner) {
    size_t n = strlen(text);
    *learner = strtoll(text, NULL, 10);
    return n && n <= 18 && strspn(text, "0123456789") == n && *learner > 0;
}

static int export(const char *data, int64_t learner) {
    struct fault fault = {0};
    struct buffer out = {0};
    json_t *events = school_export_from(data, learner, &fault);
    if (!events)
        return exit_with_fault(&fault);
    buffer_json(&out, events);
    buffer_byte(&out, '\n');
    json_decref(events);
    bool good = fwrite(out.at, 1, out.n, stdout) == out.n && fflush(stdout) == 0;
    buffer_free(&out);
    if (good)
        return EXIT_DONE;
    fault_set(&fault, FAULT_MACHINE, "standard output cannot be written");
    return exit_with_fault(&fault);
}

int command_export(int n_argument, char **arguments) {
    const char *data = "data";
    int64_t learner = 0;
    for (int i = 1; i < n_argument; i++) {
        if (!strcmp(arguments[i], "--help"))
            return fputs(help, stdout), EXIT_DONE;
        if (!strcmp(arguments[i], "--data")) {
            if (++i == n_argument)
                return exit_with_usage("export", "--data needs a folder");
            data = arguments[i];
        } else if (learner || !read_learner(arguments[i], &learner)) {
            return exit_with_usage("export", "%s is no learner's number", arguments[i]);
        }
    }
    if (!learner)
        return exit_with_usage("export", "name a learner by number");
    return export(data, learner);
}
