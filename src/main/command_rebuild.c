/* lyceum rebuild: every table that follows from the events, made again. */
#include "main/main.h"
#include "school/school.h"

#include <stdio.h>
#include <string.h>

static const char help[] =
    "Usage: lyceum rebuild [--data DIR]\n\n"
    "Makes every table of the record again from its events. What learners did is not touched:\n"
    "events are only ever added. Stopped half-way, the old tables stay. The school must be "
    "closed\n"
    "meanwhile.\n\n"
    "  --data DIR    where the record is kept (default ./data)\n\n"
    "Example: lyceum rebuild --data data\n";

int command_rebuild(int n_argument, char **arguments) {
    const char *data = "data";
    for (int i = 1; i < n_argument; i++) {
        if (!strcmp(arguments[i], "--help"))
            return fputs(help, stdout), EXIT_DONE;
        if (strcmp(arguments[i], "--data") != 0)
            return exit_with_usage("rebuild", "%s is not understood", arguments[i]);
        if (++i == n_argument)
            return exit_with_usage("rebuild", "--data needs a folder");
        data = arguments[i];
    }
    struct fault fault = {0};
    if (!school_rebuild(data, &fault))
        return exit_with_fault(&fault);
    printf("The tables of %s were made again from its events.\n", data);
    return EXIT_DONE;
}
