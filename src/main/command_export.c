/* lyceum export: all that is kept of a learner, for the learner to take away. */
#include "main/record_arguments.h"
#include "school/school.h"

#include <stdio.h>
#include <string.h>

static const char help[] =
    "Usage: lyceum export LEARNER [--data DIR] [--json | --html | --memory]\n\n"
    "Writes all that the record keeps of a learner to standard output: every event, oldest "
    "first,\n"
    "and what follows from them. As JSON: {\"learner\", \"name\", \"events\": [{\"id\", \"at\", "
    "\"kind\",\n"
    "\"data\"}], \"tables\"}, \"at\" in milliseconds since 1970. As HTML: one page that stands "
    "alone.\n"
    "The school may be open meanwhile.\n\n"
    "  LEARNER       the number of the learner, or a name that one learner alone has\n"
    "  --data DIR    where the record is kept (default ./data)\n"
    "  --json        for programs (this is the default)\n"
    "  --html        for people\n"
    "  --memory      only what the learner told of themselves, as Markdown files in a zip\n\n"
    "Example: lyceum export 17 --data data --html > learner-17.html\n";

/* Takes the buffer. */
static int print_whole(struct buffer *out) {
    struct fault fault = {0};
    bool good = fwrite(out->at, 1, out->n, stdout) == out->n && fflush(stdout) == 0;
    buffer_free(out);
    if (good)
        return EXIT_DONE;
    fault_set(&fault, FAULT_MACHINE, "not all of it could be written");
    return exit_with_fault(&fault);
}

static int export_memory(const char *data, const char *who) {
    struct fault fault = {0};
    int64_t learner = read_learner(who, data, &fault);
    json_t *memory = learner ? school_memory_from(data, learner, &fault) : NULL;
    if (!memory)
        return exit_with_fault(&fault);
    struct buffer out = {0};
    school_memory_archive(memory, &out);
    json_decref(memory);
    return print_whole(&out);
}

static int export(const char *data, const char *who, bool html) {
    struct fault fault = {0};
    int64_t learner = read_learner(who, data, &fault);
    json_t *record = learner ? school_export_from(data, learner, &fault) : NULL;
    if (!record)
        return exit_with_fault(&fault);
    if (!html)
        return print_json(record);
    struct buffer out = {0};
    school_record_html(record, &out);
    json_decref(record);
    return print_whole(&out);
}

int command_export(int n_argument, char **arguments) {
    const char *data = "data", *who = NULL;
    bool html = false, json = false, memory = false;
    for (int i = 1; i < n_argument; i++) {
        if (!strcmp(arguments[i], "--help"))
            return fputs(help, stdout), EXIT_DONE;
        if (!strcmp(arguments[i], "--data")) {
            if (++i == n_argument)
                return exit_with_usage("export", "--data needs a folder");
            data = arguments[i];
        } else if (!strcmp(arguments[i], "--html")) {
            html = true;
        } else if (!strcmp(arguments[i], "--memory")) {
            memory = true;
        } else if (!strcmp(arguments[i], "--json")) {
            json = true;
        } else if (who || arguments[i][0] == '-') {
            return exit_with_usage("export", "%s is not understood", arguments[i]);
        } else {
            who = arguments[i];
        }
    }
    if (!who)
        return exit_with_usage("export", "name a learner");
    if (html && json)
        return exit_with_usage("export", "take --json or --html, not both");
    if (memory && (html || json))
        return exit_with_usage("export", "--memory stands alone");
    return memory ? export_memory(data, who) : export(data, who, html);
}
