#include "school/tutor/rehearsed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct rehearsed {
    json_t *lines; /* an array of objects */
};

static bool check_line(const json_t *line, struct fault *fault) {
    static const char *const texts[] = {"exercise", "kind", "language", "source", "text"};
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        if (!*json_text(line, texts[i], "")) {
            fault_set(fault, FAULT_INPUT, "the phrase has no \"%s\"", texts[i]);
            return fault_remedy(fault, "Complete the line, or take it out");
        }
    return true;
}

static bool read_line(struct rehearsed *bank, struct view line, struct fault *fault) {
    if (line.n > REHEARSED_LINE_BYTES || json_array_size(bank->lines) >= REHEARSED_LINES)
        return fault_set(fault, FAULT_LIMIT, "over %d phrases, or one of over %d bytes",
                         REHEARSED_LINES, REHEARSED_LINE_BYTES);
    json_t *one = json_parse(line, fault);
    bool good = one && check_line(one, fault);
    if (good)
        json_array_append(bank->lines, one);
    json_decref(one);
    return good;
}

static bool read_lines(struct rehearsed *bank, struct view rest, const char *path,
                       struct fault *fault) {
    struct view line;
    for (long number = 1; view_line(&rest, &line); number++) {
        line = view_trim(line);
        if (!line.n || read_line(bank, line, fault))
            continue;
        if (fault)
            fault->line = 0; /* of the file, not of the JSON in it */
        return fault_place(fault, path, number, -1);
    }
    return true;
}

struct rehearsed *rehearsed_open(const char *folder, struct fault *fault) {
    char path[4096];
    struct buffer text = {0};
    struct rehearsed *bank = must_alloc(1, sizeof *bank);
    bank->lines = json_array();
    snprintf(path, sizeof path, "%s/rehearsed.jsonl", folder);
    bool good =
        !file_exists(path) || (file_read(path, (size_t)REHEARSED_LINES * 1024, &text, fault) &&
                               read_lines(bank, buffer_view(&text), path, fault));
    buffer_free(&text);
    if (good)
        return bank;
    rehearsed_close(bank);
    return NULL;
}

void rehearsed_close(struct rehearsed *bank) {
    if (!bank)
        return;
    json_decref(bank->lines);
    free(bank);
}

const json_t *rehearsed_lines(const struct rehearsed *bank) {
    return bank->lines;
}

const json_t *rehearsed_next(const struct rehearsed *bank, struct view source,
                             const char *language, size_t *at) {
    while (*at < json_array_size(bank->lines)) {
        const json_t *line = json_array_get(bank->lines, (*at)++);
        const json_t *from = json_object_get(line, "source");
        if (json_string_length(from) == source.n &&
            !memcmp(json_string_value(from), source.at, source.n) &&
            !strcmp(json_text(line, "language", ""), language) &&
            !json_flag(line, "rejected", false))
            return line;
    }
    return NULL;
}
