/* lyceum grade: JSON lines in, one JSON line out for each. */
#include "main/main.h"
#include "school/school.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int command_grade(int n_argument, char **arguments) {
    if (n_argument > 1 && !strcmp(arguments[1], "--help")) {
        puts("lyceum grade: grade answers, one JSON object a line, from standard input\n\n"
             "Example:\n"
             "  echo '{\"check\":\"algebra\",\"key\":\"x=5\",\"answer\":\"5 = x\"}' | lyceum "
             "grade\n");
        return EXIT_DONE;
    }
    if (n_argument > 1)
        return exit_with_usage("grade", "there is no argument %s", arguments[1]);
    char *line = NULL;
    size_t room = 0;
    ssize_t n;
    struct buffer out = {0};
    while ((n = getline(&line, &room, stdin)) >= 0) {
        struct view text = view_trim((struct view){line, (size_t)n});
        if (!text.n)
            continue;
        json_t *graded = school_grade_line(text);
        buffer_clear(&out);
        buffer_json(&out, graded);
        buffer_byte(&out, '\n');
        json_decref(graded);
        if (fwrite(out.at, 1, out.n, stdout) != out.n)
            break;
    }
    bool failed = fflush(stdout) != 0 || ferror(stdout);
    buffer_free(&out);
    free(line);
    return failed ? EXIT_MACHINE : EXIT_DONE;
}
