/* lyceum check: every mistake in a course, with its place and what to do. */
#include "main/main.h"
#include "school/school.h"

#include <stdio.h>
#include <string.h>

static void print_help(void) {
    puts("lyceum check: find every mistake in a course\n\n"
         "Usage: lyceum check COURSE [--json]\n\n"
         "Reads the folder as the school would, then answers each exercise over 40 drawings of "
         "its\n"
         "numbers: the key must be right, each foreseen mistake wrong for its own reason, and no\n"
         "hint may hold the key. Then tells what of the translations is missing, or older than "
         "its\n"
         "source; that is no mistake.\n\n"
         "  --json   one JSON object: {\"sound\",\"problems\":[{\"file\",\"line\",\"message\","
         "\"remedy\"}],\n"
         "           \"translated\":{\"languages\",\"notes\"},…}\n\n"
         "Exit: 0 sound, 1 mistakes, 2 wrong usage, 3 the machine failed.\n\n"
         "Example:\n"
         "  lyceum check courses/build-a-mind\n");
}

static void print_problem(const json_t *problem, bool colour) {
    long line = (long)json_number(problem, "line", 0);
    const char *remedy = json_text(problem, "remedy", "");
    printf("%s%s", colour ? "\033[1m" : "", json_text(problem, "file", ""));
    if (line > 0)
        printf(":%ld", line);
    printf("%s: %s%s%s\n", colour ? "\033[0m" : "", colour ? "\033[31m" : "",
           json_text(problem, "message", ""), colour ? "\033[0m" : "");
    if (*remedy)
        printf("    %s%s%s\n", colour ? "\033[2m" : "", remedy, colour ? "\033[0m" : "");
}

static void print_count(const json_t *counts, const char *key, const char *one, const char *many,
                        const char *behind) {
    long n = (long)json_number(counts, key, 0);
    printf("%ld %s%s", n, n == 1 ? one : many, behind);
}

static void print_last_line(const json_t *counts, size_t n_problem, bool colour) {
    if (counts) {
        print_count(counts, "lessons", "lesson", "lessons", ", ");
        print_count(counts, "exercises", "exercise", "exercises", ", ");
        print_count(counts, "skills", "skill", "skills", ": ");
    }
    if (!n_problem)
        printf("%ssound%s\n", colour ? "\033[32m" : "", colour ? "\033[0m" : "");
    else
        printf("%s%zu %s%s\n", colour ? "\033[31m" : "", n_problem,
               n_problem == 1 ? "mistake" : "mistakes", colour ? "\033[0m" : "");
}

static void print_translations(const json_t *translations, bool colour) {
    const json_t *notes = json_object_get(translations, "notes"), *one;
    size_t i;
    json_array_foreach(notes, i, one) print_problem(one, colour);
    json_array_foreach(json_object_get(translations, "languages"), i, one) printf(
        "%s: %ld current, %ld unmarked, %ld stale, %ld missing\n", json_text(one, "language", ""),
        (long)json_number(one, "current", 0), (long)json_number(one, "unmarked", 0),
        (long)json_number(one, "stale", 0), (long)json_number(one, "missing", 0));
}

static void print_json(const json_t *counts, const json_t *problems, const json_t *translations) {
    json_t *out = json_pack("{s:b, s:O, s:O*}", "sound", !json_array_size(problems), "problems",
                            problems, "translated", translations);
    struct buffer text = {0};
    if (counts)
        json_object_update_missing(out, (json_t *)(uintptr_t)counts);
    buffer_json(&text, out);
    puts(text.at);
    buffer_free(&text);
    json_decref(out);
}

int command_check(int n_argument, char **arguments) {
    const char *folder = NULL;
    bool json = false;
    for (int i = 1; i < n_argument; i++) {
        if (!strcmp(arguments[i], "--help")) {
            print_help();
            return EXIT_DONE;
        }
        if (!strcmp(arguments[i], "--json"))
            json = true;
        else if (arguments[i][0] == '-')
            return exit_with_usage("check", "there is no option %s", arguments[i]);
        else if (folder)
            return exit_with_usage("check", "one course at a time");
        else
            folder = arguments[i];
    }
    if (!folder)
        return exit_with_usage("check", "which course?");
    struct fault fault = {0};
    json_t *problems = school_check_course(folder, &fault), *one;
    if (!problems)
        return exit_with_fault(&fault);
    json_t *counts = school_count_course(folder, NULL);
    json_t *translations = school_translations(folder, NULL);
    size_t n = json_array_size(problems), i;
    bool colour = terminal_colour(1);
    if (json)
        print_json(counts, problems, translations);
    else {
        json_array_foreach(problems, i, one) print_problem(one, colour);
        print_translations(translations, colour);
        print_last_line(counts, n, colour);
    }
    json_decref(problems);
    json_decref(counts);
    json_decref(translations);
    return n ? EXIT_INPUT : EXIT_DONE;
}
