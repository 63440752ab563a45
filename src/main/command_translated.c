/* lyceum translated: say that a translation is made from what its source says now. */
#include "main/main.h"
#include "school/school.h"

#include <stdio.h>
#include <string.h>

enum { MAX_NAMES = 200 };

static void print_help(void) {
    puts("lyceum translated: say that a translation says what its source says now\n\n"
         "Usage: lyceum translated COURSE LANGUAGE [PART…] [--all]\n\n"
         "Writes into lesson.LANGUAGE.md, below each heading and label, a hash of the section or\n"
         "exercise in lesson.md that it was made from. When the source changes, lyceum check "
         "names\n"
         "the part, and learners see that it is stale, with the source one tap away.\n\n"
         "Without a PART it marks what has no mark yet, and tells what is stale and was left. A\n"
         "PART is a section as lyceum check names it, or the label of an exercise.\n\n"
         "  --all   mark the stale ones too\n\n"
         "Exit: 0 done, 1 no such part or translation, 2 wrong usage, 3 the machine failed.\n\n"
         "Example:\n"
         "  lyceum translated courses/build-a-mind es counting guess-01\n");
}

static void print_list(const json_t *list, const char *word) {
    size_t i;
    const json_t *one;
    json_array_foreach(list, i, one)
        printf("%s:%ld: %s: %s\n", json_text(one, "file", ""), (long)json_number(one, "line", 0),
               word, json_text(one, "part", ""));
}

int command_translated(int n_argument, char **arguments) {
    const char *folder = NULL, *language = NULL, *names[MAX_NAMES + 1] = {NULL};
    size_t n_name = 0;
    bool all = false;
    for (int i = 1; i < n_argument; i++) {
        if (!strcmp(arguments[i], "--help"))
            return print_help(), EXIT_DONE;
        if (!strcmp(arguments[i], "--all"))
            all = true;
        else if (arguments[i][0] == '-')
            return exit_with_usage("translated", "there is no option %s", arguments[i]);
        else if (!folder)
            folder = arguments[i];
        else if (!language)
            language = arguments[i];
        else if (n_name < MAX_NAMES)
            names[n_name++] = arguments[i];
    }
    if (!language)
        return exit_with_usage("translated", "which course, into which language?");
    struct fault fault = {0};
    json_t *done = school_translated(folder, language, names, all, &fault);
    if (!done)
        return exit_with_fault(&fault);
    const json_t *marked = json_object_get(done, "marked"), *left = json_object_get(done, "left");
    print_list(marked, "marked");
    print_list(left, "stale, left as it is");
    printf("%zu marked, %zu stale\n", json_array_size(marked), json_array_size(left));
    json_decref(done);
    return EXIT_DONE;
}
