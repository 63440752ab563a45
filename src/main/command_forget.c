/* lyceum forget: a learner's record erased, wherever Lyceum keeps it. */
#include "main/record_arguments.h"
#include "school/school.h"

#include <stdio.h>
#include <string.h>

static const char help[] =
    "Usage: lyceum forget LEARNER [--data DIR] [--yes] [--json]\n\n"
    "Erases all that is kept of a learner: from the record, its free pages and its log, from the\n"
    "copies that Lyceum keeps in DIR/backups, and what members of the company have cost for the\n"
    "learner; keys that act for the learner are revoked. Classes that a teacher made become an\n"
    "owner's. It cannot be undone; `lyceum export` takes a copy before. Copies that were made\n"
    "elsewhere (backup --to) are not reached. The school must be closed meanwhile. Stopped\n"
    "half-way, it has done nothing, or the next opening of the record ends it.\n\n"
    "  LEARNER       the number of the learner, or a name that one learner alone has\n"
    "  --data DIR    where the record is kept (default ./data)\n"
    "  --yes         do not ask\n"
    "  --json        tell what was done as JSON\n\n"
    "Example: lyceum forget 17 --data data\n";

static bool confirmed(const char *data, int64_t learner, struct fault *fault) {
    char line[32] = "";
    json_t *record = school_export_from(data, learner, fault);
    if (!record && fault->kind == FAULT_MISSING) /* nobody to ask about: told by what follows */
        return fault_clear(fault), true;
    if (!record)
        return false;
    size_t n = json_array_size(json_object_get(record, "events"));
    const char *name = json_text(record, "name", NULL);
    fprintf(stderr, "Learner %lld%s%s%s: %zu event%s will be erased for ever. Type yes to go on: ",
            (long long)learner, name ? " (" : "", name ? name : "", name ? ")" : "", n,
            plural((int64_t)n));
    fflush(stderr);
    json_decref(record);
    bool yes = fgets(line, sizeof line, stdin) && view_is(view_trim(view_of(line)), "yes");
    if (!yes)
        fault_set(fault, FAULT_INPUT, "Nothing was erased.");
    return yes;
}

static void tell(const json_t *done) {
    int64_t learner = json_integer_value(json_object_get(done, "learner"));
    int64_t n_event = json_integer_value(json_object_get(done, "events"));
    int64_t n_copy = json_integer_value(json_object_get(done, "copies"));
    int64_t n_removed = json_integer_value(json_object_get(done, "copies_removed"));
    if (json_flag(done, "before", false))
        printf("Learner %lld had been forgotten before; free pages, log and copies were wiped "
               "again.\n",
               (long long)learner);
    else
        printf("Learner %lld is forgotten: %lld event%s erased.\n", (long long)learner,
               (long long)n_event, plural(n_event));
    if (n_copy)
        printf("%lld cop%s in backups cleaned.\n", (long long)n_copy, n_copy == 1 ? "y" : "ies");
    if (n_removed)
        printf("%lld damaged cop%s in backups removed.\n", (long long)n_removed,
               n_removed == 1 ? "y" : "ies");
}

static int forget(const char *data, const char *who, bool yes, bool json) {
    struct fault fault = {0};
    int64_t learner = read_learner(who, data, &fault);
    json_t *done = learner && (yes || confirmed(data, learner, &fault))
                       ? school_forget(data, learner, &fault)
                       : NULL;
    if (!done)
        return exit_with_fault(&fault);
    if (json)
        return print_json(done);
    tell(done);
    json_decref(done);
    return EXIT_DONE;
}

int command_forget(int n_argument, char **arguments) {
    const char *data = "data", *who = NULL;
    bool yes = false, json = false;
    for (int i = 1; i < n_argument; i++) {
        if (!strcmp(arguments[i], "--help"))
            return fputs(help, stdout), EXIT_DONE;
        if (!strcmp(arguments[i], "--data")) {
            if (++i == n_argument)
                return exit_with_usage("forget", "--data needs a folder");
            data = arguments[i];
        } else if (!strcmp(arguments[i], "--yes")) {
            yes = true;
        } else if (!strcmp(arguments[i], "--json")) {
            json = true;
        } else if (who || arguments[i][0] == '-') {
            return exit_with_usage("forget", "%s is not understood", arguments[i]);
        } else {
            who = arguments[i];
        }
    }
    return who ? forget(data, who, yes, json) : exit_with_usage("forget", "name a learner");
}
