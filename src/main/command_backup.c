/* lyceum backup: a copy of the record, also while a school uses it. */
#include "main/record_arguments.h"
#include "school/school.h"

#include <stdio.h>
#include <string.h>

static const char help[] =
    "Usage: lyceum backup [--data DIR] [--to DIR] [--keep N] [--json]\n\n"
    "Copies the record as of one moment, also while the school is open. The copy is checked\n"
    "through and on the disk before it gets its name, and its hash lies beside it, as sha256sum\n"
    "reads it. `lyceum restore` puts it back.\n\n"
    "  --data DIR    where the record is kept (default ./data)\n"
    "  --to DIR      where to put the copy (default DATA/backups); on another disk it also\n"
    "                outlives this one\n"
    "  --keep N      remove the oldest copies in that folder when there are more than N\n"
    "  --json        tell what was done as JSON\n\n"
    "Example: lyceum backup --data data --to /media/usb/lyceum --keep 30\n";

static int back_up(const char *data, const char *to, int keep, bool json) {
    struct fault fault = {0};
    json_t *done = school_backup(data, to, keep, &fault);
    if (!done)
        return exit_with_fault(&fault);
    if (json)
        return print_json(done);
    int64_t n_event = json_integer_value(json_object_get(done, "events"));
    int64_t n_dropped = json_integer_value(json_object_get(done, "dropped"));
    printf("%s: %lld event%s, checked, sha256 %s\n", json_text(done, "file", ""),
           (long long)n_event, plural(n_event), json_text(done, "sha256", ""));
    if (n_dropped)
        printf("%lld older cop%s removed.\n", (long long)n_dropped, n_dropped == 1 ? "y" : "ies");
    json_decref(done);
    return EXIT_DONE;
}

int command_backup(int n_argument, char **arguments) {
    const char *data = "data", *to = NULL;
    double keep = 0;
    bool json = false;
    for (int i = 1; i < n_argument; i++) {
        const char *name = arguments[i];
        if (!strcmp(name, "--help"))
            return fputs(help, stdout), EXIT_DONE;
        if (!strcmp(name, "--json")) {
            json = true;
            continue;
        }
        if (strcmp(name, "--data") != 0 && strcmp(name, "--to") != 0 &&
            strcmp(name, "--keep") != 0)
            return exit_with_usage("backup", "%s is not understood", name);
        if (++i == n_argument)
            return exit_with_usage("backup", "%s needs a value", name);
        if (!strcmp(name, "--data"))
            data = arguments[i];
        else if (!strcmp(name, "--to"))
            to = arguments[i];
        else if (!option_number(arguments[i], 1, 1e6, &keep) || keep != (int)keep)
            return exit_with_usage("backup", "--keep wants a whole number from 1");
    }
    return back_up(data, to, (int)keep, json);
}
