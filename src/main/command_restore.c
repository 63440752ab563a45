/* lyceum restore: a copy put in the place of the record. */
#include "main/record_arguments.h"
#include "school/school.h"

#include <stdio.h>
#include <string.h>

static const char help[] =
    "Usage: lyceum restore FILE [--data DIR] [--json]\n\n"
    "Puts a copy that `lyceum backup` made in the place of the record. The record that is there\n"
    "is copied into DIR/backups first. Refused, with nothing changed: a file that is damaged, no\n"
    "record, or of a newer Lyceum; a folder that a school holds. Those whom the present record\n"
    "has forgotten stay forgotten.\n\n"
    "  FILE          the copy; when FILE.sha256 is beside it, the hash must agree\n"
    "  --data DIR    where the record is kept (default ./data); made when absent\n"
    "  --json        tell what was done as JSON\n\n"
    "Example: lyceum restore data/backups/record-20260131T060000Z.db --data data\n";

static int restore(const char *file, const char *data, bool json) {
    struct fault fault = {0};
    json_t *done = school_restore(file, data, &fault);
    if (!done)
        return exit_with_fault(&fault);
    if (json)
        return print_json(done);
    int64_t n_event = json_integer_value(json_object_get(done, "events"));
    printf("The record in %s is that of %s: %lld event%s.\n", data, file, (long long)n_event,
           plural(n_event));
    if (json_text(done, "safe", NULL))
        printf("What was there before lies in %s.\n", json_text(done, "safe", ""));
    json_decref(done);
    return EXIT_DONE;
}

int command_restore(int n_argument, char **arguments) {
    const char *data = "data", *file = NULL;
    bool json = false;
    for (int i = 1; i < n_argument; i++) {
        if (!strcmp(arguments[i], "--help"))
            return fputs(help, stdout), EXIT_DONE;
        if (!strcmp(arguments[i], "--data")) {
            if (++i == n_argument)
                return exit_with_usage("restore", "--data needs a folder");
            data = arguments[i];
        } else if (!strcmp(arguments[i], "--json")) {
            json = true;
        } else if (file || arguments[i][0] == '-') {
            return exit_with_usage("restore", "%s is not understood", arguments[i]);
        } else {
            file = arguments[i];
        }
    }
    return file ? restore(file, data, json) : exit_with_usage("restore", "name a file");
}
