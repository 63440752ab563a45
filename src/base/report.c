/* Mistakes in a file that people write: a file, a line, what is wrong and what to do. */
#include "base/base.h"

#include <stdio.h>
#include <string.h>

void report(const struct report *report, long line, const char *remedy, const char *format, ...) {
    if (!report->list || json_array_size(report->list) >= MAX_PROBLEMS)
        return;
    char message[600];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    struct view whole = {message, strlen(message)};
    whole.n = utf8_whole(whole);
    json_t *text = json_stringn(whole.at, whole.n);
    json_t *advice = json_string(remedy ? remedy : "");
    json_t *file = json_string(report->file);
    json_array_append_new(report->list,
                          json_pack("{s:o, s:I, s:o, s:o}", "file", file ? file : json_string("?"),
                                    "line", (json_int_t)line, "message",
                                    text ? text : json_string("this text is not UTF-8"), "remedy",
                                    advice ? advice : json_string("")));
}

void report_fault(const struct report *to, long line, const struct fault *fault) {
    report(to, fault->line > 0 ? fault->line : line, fault->remedy, "%s", fault->message);
}

/* Levenshtein's distance, for short words. */
static size_t distance(const char *a, const char *b) {
    size_t n = strlen(b), row[64];
    if (n >= COUNT_OF(row))
        return 99;
    for (size_t j = 0; j <= n; j++)
        row[j] = j;
    for (size_t i = 1; a[i - 1]; i++) {
        size_t corner = row[0];
        row[0] = i;
        for (size_t j = 1; j <= n; j++) {
            size_t best = corner + (a[i - 1] != b[j - 1]);
            corner = row[j];
            if (row[j] + 1 < best)
                best = row[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            row[j] = best;
        }
    }
    return row[n];
}

const char *nearest_word(const char *word, const char *const *candidates) {
    size_t length = strlen(word), best = length / 3 + 2;
    const char *found = NULL;
    for (; length < 64 && candidates && *candidates; candidates++) {
        size_t d = distance(word, *candidates);
        if (d < best && d < strlen(*candidates))
            best = d, found = *candidates;
    }
    return found;
}

const char *nearest_remedy(const char *word, const char *const *candidates, const char *otherwise,
                           char *out, size_t out_size) {
    const char *found = nearest_word(word, candidates);
    if (found)
        snprintf(out, out_size, "Did you mean %s?", found);
    else
        snprintf(out, out_size, "%s", otherwise);
    return out;
}

void report_unknown_key(const struct report *to, long line, const char *where, const char *key,
                        const char *const *known) {
    char remedy[400], list[300] = "It may have: ";
    for (size_t i = 0, n = strlen(list); known[i] && n + 40 < sizeof list; i++)
        n += (size_t)snprintf(list + n, sizeof list - n, "%s%s", i ? ", " : "", known[i]);
    report(to, line, nearest_remedy(key, known, list, remedy, sizeof remedy),
           "%s has no key \"%.60s\"", where, key);
}
