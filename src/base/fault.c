/* Faults: one way to fail, with a place and a remedy. */
#include "base/base.h"

#include <stdio.h>
#include <string.h>

bool fault_set(struct fault *fault, enum fault_kind kind, const char *format, ...) {
    if (!fault || fault->kind != FAULT_NONE)
        return false;
    *fault = (struct fault){.kind = kind, .byte = -1};
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(fault->message, sizeof fault->message, format, arguments);
    va_end(arguments);
    /* A message may quote bytes from outside: never cut a character in half. */
    fault->message[utf8_whole(view_of(fault->message))] = 0;
    return false;
}

bool fault_remedy(struct fault *fault, const char *format, ...) {
    if (!fault || fault->remedy[0])
        return false;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(fault->remedy, sizeof fault->remedy, format, arguments);
    va_end(arguments);
    fault->remedy[utf8_whole(view_of(fault->remedy))] = 0;
    return false;
}

bool fault_place(struct fault *fault, const char *file, long line, int64_t byte) {
    if (!fault)
        return false;
    if (file && !fault->file[0]) {
        snprintf(fault->file, sizeof fault->file, "%s", file);
        fault->file[utf8_whole(view_of(fault->file))] = 0;
    }
    if (!fault->line)
        fault->line = line;
    if (fault->byte < 0)
        fault->byte = byte;
    return false;
}

void fault_clear(struct fault *fault) {
    *fault = (struct fault){.byte = -1};
}

const char *fault_text(const struct fault *fault, char *out, size_t out_size) {
    char line[32] = "", byte[32] = "";
    if (fault->line > 0)
        snprintf(line, sizeof line, "%s%ld", fault->file[0] ? ":" : "line ", fault->line);
    if (fault->byte >= 0)
        snprintf(byte, sizeof byte, "%sbyte %lld", fault->file[0] || line[0] ? ", " : "",
                 (long long)fault->byte);
    bool place = fault->file[0] || line[0] || byte[0];
    const char *message = fault->message[0] ? fault->message : "something failed";
    bool stop = fault->remedy[0] && !strchr(".?!", message[strlen(message) - 1]);
    snprintf(out, out_size, "%s%s%s%s%s%s%s%s", fault->file, line, byte, place ? ": " : "",
             message, stop ? "." : "", fault->remedy[0] ? " " : "", fault->remedy);
    return out;
}

json_t *fault_json(const struct fault *fault) {
    static const char *const kinds[] = {"none", "input", "limit", "missing", "known", "machine"};
    json_t *json = json_object();
    json_object_set_new(json, "kind", json_string(kinds[fault->kind]));
    /* Bytes from outside may not be UTF-8, which jansson refuses. */
    struct buffer clean = {0};
    unicode_nfc(view_of(fault->message), &clean);
    json_object_set_new(json, "message", json_string(clean.at ? clean.at : ""));
    buffer_clear(&clean);
    if (fault->remedy[0]) {
        unicode_nfc(view_of(fault->remedy), &clean);
        json_object_set_new(json, "remedy", json_string(clean.at));
        buffer_clear(&clean);
    }
    if (fault->file[0]) {
        unicode_nfc(view_of(fault->file), &clean);
        json_object_set_new(json, "file", json_string(clean.at));
    }
    if (fault->line > 0)
        json_object_set_new(json, "line", json_integer(fault->line));
    if (fault->byte >= 0)
        json_object_set_new(json, "byte", json_integer(fault->byte));
    buffer_free(&clean);
    return json;
}
