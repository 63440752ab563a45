/* The keys and the places of choices, read from a line. */
#include "main/learn_input.h"

#include <ctype.h>
#include <string.h>

struct view learn_keys(char *line, struct view input) {
    static const struct {
        const char *typed;
        char key;
    } marks[] = {{"?", '?'}, {"？", '?'}, {"؟", '?'},  {"!", '!'}, {"！", '!'},
                 {">", '>'}, {"＞", '>'}, {"》", '>'}, {"+", '+'}, {"＋", '+'},
                 {"-", '-'}, {"－", '-'}, {"=", '='},  {"＝", '='}};
    char keys[2];
    size_t n = 0, at = 0, i;
    do {
        struct view rest = view_slice(input, at, input.n);
        for (i = 0; i < COUNT_OF(marks) && !view_starts(rest, marks[i].typed); i++)
            ;
        if (i < COUNT_OF(marks)) {
            keys[n++] = marks[i].key;
            at += strlen(marks[i].typed);
        }
    } while (i < COUNT_OF(marks) && n < sizeof keys);
    input = view_slice(input, at, input.n);
    if (input.n) /* at the end of the input there is not even an empty line */
        memmove(line + n, input.at, input.n);
    memcpy(line, keys, n);
    return (struct view){line, n + input.n};
}

json_t *learn_places(struct view input) {
    json_t *list = json_array();
    for (size_t i = 0; i < input.n;) {
        char c = input.at[i];
        if (isspace((unsigned char)c) || c == ',' || c == ';') {
            i++;
            continue;
        }
        long place = 0;
        size_t from = i;
        while (i < input.n && isdigit((unsigned char)input.at[i]) && i - from < 4)
            place = place * 10 + (input.at[i++] - '0');
        if (i == from) {
            json_decref(list);
            return NULL;
        }
        json_array_append_new(list, json_integer(place - 1));
    }
    return list;
}
