/* lyceum grade: JSON lines in, one JSON line out for each. */
#include "main/main.h"
#include "school/school.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LONGEST_LINE = 1 << 20 }; /* what is longer is refused; its rest is read and dropped */

struct lines {
    char chunk[1 << 16];
    size_t at, n;
    bool failed;
};

/* Fills the chunk. What is graded so far goes out first, for whoever waits for it before asking
 * on. False at the end. */
static bool refill(struct lines *lines) {
    if (fflush(stdout) != 0)
        return false;
    ssize_t n;
    do
        n = read(STDIN_FILENO, lines->chunk, sizeof lines->chunk);
    while (n < 0 && errno == EINTR);
    lines->failed = n < 0;
    lines->at = 0;
    lines->n = n > 0 ? (size_t)n : 0;
    return n > 0;
}

/* The next line without its end; at most one byte over the longest. False when none is left. */
static bool next_line(struct lines *lines, struct buffer *line) {
    bool any = false;
    buffer_clear(line);
    while (lines->at < lines->n || refill(lines)) {
        const char *from = lines->chunk + lines->at;
        const char *end = memchr(from, '\n', lines->n - lines->at);
        size_t n = end ? (size_t)(end - from) : lines->n - lines->at;
        size_t room = LONGEST_LINE + 1 - line->n;
        buffer_append(line, (struct view){from, n < room ? n : room});
        lines->at += n + (end != NULL);
        any = true;
        if (end)
            break;
    }
    return any;
}

static bool grade_lines(struct lines *lines) {
    struct buffer line = {0}, out = {0};
    bool good = true;
    while (good && next_line(lines, &line)) {
        struct view text = view_trim(buffer_view(&line));
        if (!text.n)
            continue;
        json_t *graded = school_grade_line(line.n > LONGEST_LINE ? buffer_view(&line) : text);
        buffer_clear(&out);
        buffer_json(&out, graded);
        buffer_byte(&out, '\n');
        json_decref(graded);
        good = fwrite(out.at, 1, out.n, stdout) == out.n;
    }
    buffer_free(&out);
    buffer_free(&line);
    return good && !lines->failed && fflush(stdout) == 0;
}

int command_grade(int n_argument, char **arguments) {
    if (n_argument > 1 && !strcmp(arguments[1], "--help")) {
        puts("lyceum grade: grade answers, one JSON object a line, from standard input\n\n"
             "Each line has \"check\" (choice, several, number, algebra, text, order, match, "
             "code,\n"
             "parts), \"key\", \"answer\" and perhaps \"options\" and \"seed\". For each comes one line with "
             "\"score\" (0 to\n"
             "1), \"feedback\" and \"note\"; or with \"error\" where it can't be graded.\n\n"
             "Example:\n"
             "  echo '{\"check\":\"algebra\",\"key\":\"x=5\",\"answer\":\"5 = x\"}' | lyceum "
             "grade\n");
        return EXIT_DONE;
    }
    if (n_argument > 1)
        return exit_with_usage("grade", "there is no argument %s", arguments[1]);
    static struct lines lines;
    if (grade_lines(&lines))
        return EXIT_DONE;
    struct fault fault = {0};
    fault_set(&fault, FAULT_MACHINE, "the answers can't be read or the grades can't be written");
    return exit_with_fault(&fault);
}
