#include "main/record_arguments.h"

#include "school/school.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *plural(int64_t n) {
    return n == 1 ? "" : "s";
}

static int64_t learner_named(const char *name, const char *data, struct fault *fault) {
    json_t *found = school_learners_named(data, view_of(name), fault);
    size_t n = json_array_size(found);
    int64_t learner = n == 1 ? json_integer_value(json_array_get(found, 0)) : 0;
    if (found && !n) {
        fault_set(fault, FAULT_MISSING, "There is no learner with the name %.80s.", name);
        fault_remedy(fault, "Name the learner by number.");
    } else if (n > 1) {
        struct buffer numbers = {0};
        for (size_t i = 0; i < n && i < 8; i++)
            buffer_format(&numbers, "%s%lld", i ? ", " : "",
                          (long long)json_integer_value(json_array_get(found, i)));
        fault_set(fault, FAULT_INPUT, "%zu learners have the name %.80s: %s%s.", n, name,
                  numbers.at, n > 8 ? ", …" : "");
        fault_remedy(fault, "Name one of them by number.");
        buffer_free(&numbers);
    }
    json_decref(found);
    return learner;
}

int64_t read_learner(const char *text, const char *data, struct fault *fault) {
    size_t n = strlen(text);
    if (strspn(text, "0123456789") != n)
        return learner_named(text, data, fault);
    int64_t learner = n && n <= 18 ? strtoll(text, NULL, 10) : 0;
    if (learner <= 0)
        fault_set(fault, FAULT_INPUT, "%.40s is no learner's number.", text);
    return learner;
}

int print_json(json_t *object) {
    struct buffer out = {0};
    buffer_json(&out, object);
    json_decref(object);
    buffer_byte(&out, '\n');
    fwrite(out.at, 1, out.n, stdout); /* main tells when it was lost */
    buffer_free(&out);
    return EXIT_DONE;
}
