/* JSON as programs write it, read in one pass: no escapes, no odd numbers, few levels. The record
 * is read by this, event by event. Whatever is unusual or wrong is left to jansson, which knows
 * all of JSON and says what is wrong with it: this must never take what jansson would refuse, nor
 * give another value. */
#include "base/json_read.h"

#include <stdlib.h>
#include <string.h>

enum {
    LEVELS = 32,
    LONGEST_KEY = 64,    /* bytes, with the zero byte */
    LONGEST_NUMBER = 48, /* of a real, likewise */
    MOST_DIGITS = 18     /* of a whole number: none of so many overflows */
};

struct reader {
    const char *at, *end;
};

static json_t *read_value(struct reader *reader, int levels);

static void skip_space(struct reader *reader) {
    while (reader->at < reader->end && (*reader->at == ' ' || *reader->at == '\n' ||
                                        *reader->at == '\t' || *reader->at == '\r'))
        reader->at++;
}

static bool take(struct reader *reader, char wanted) {
    skip_space(reader);
    if (reader->at == reader->end || *reader->at != wanted)
        return false;
    reader->at++;
    return true;
}

/* What stands between quotes. False: it has an escape, a control character or no end. */
static bool read_quoted(struct reader *reader, struct view *text, bool *ascii) {
    const char *from = ++reader->at;
    uint8_t seen = 0;
    for (; reader->at < reader->end && *reader->at != '"'; reader->at++) {
        uint8_t byte = (uint8_t)*reader->at;
        if (byte < 0x20 || byte == '\\')
            return false;
        seen |= byte;
    }
    if (reader->at == reader->end)
        return false;
    *text = (struct view){from, (size_t)(reader->at++ - from)};
    *ascii = seen < 0x80;
    return true;
}

static json_t *read_string(struct reader *reader) {
    struct view text;
    bool ascii;
    if (!read_quoted(reader, &text, &ascii))
        return NULL;
    return ascii ? json_stringn_nocheck(text.at, text.n) : json_stringn(text.at, text.n);
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static size_t skip_digits(struct reader *reader) {
    const char *from = reader->at;
    while (reader->at < reader->end && is_digit(*reader->at))
        reader->at++;
    return (size_t)(reader->at - from);
}

/* Digits, a point, digits: by strtod, as jansson does it, in the locale "C" which is never left.
 */
static json_t *read_real(const char *from, size_t n) {
    char text[LONGEST_NUMBER], *end;
    if (n >= sizeof text)
        return NULL;
    memcpy(text, from, n);
    text[n] = 0;
    double value = strtod(text, &end);
    return *end ? NULL : json_real(value);
}

static json_t *read_number(struct reader *reader) {
    const char *from = reader->at;
    bool negative = *from == '-';
    reader->at += negative;
    const char *first = reader->at;
    size_t n = skip_digits(reader);
    if (!n || n > MOST_DIGITS || (*first == '0' && (n > 1 || negative)))
        return NULL;
    char next = reader->at < reader->end ? *reader->at : ',';
    if (next == 'e' || next == 'E')
        return NULL;
    if (next != '.') {
        json_int_t value = 0;
        for (size_t i = 0; i < n; i++)
            value = value * 10 + (first[i] - '0');
        return json_integer(negative ? -value : value);
    }
    reader->at++;
    if (!skip_digits(reader) ||
        (reader->at < reader->end && (*reader->at == 'e' || *reader->at == 'E')))
        return NULL;
    return read_real(from, (size_t)(reader->at - from));
}

static json_t *read_word(struct reader *reader) {
    struct view rest = {reader->at, (size_t)(reader->end - reader->at)};
    json_t *value = view_starts(rest, "true")    ? json_true()
                    : view_starts(rest, "false") ? json_false()
                    : view_starts(rest, "null")  ? json_null()
                                                 : NULL;
    if (value)
        reader->at += json_is_false(value) ? 5 : 4;
    return value;
}

static bool read_member(struct reader *reader, json_t *object, int levels) {
    struct view name;
    bool ascii;
    char key[LONGEST_KEY];
    skip_space(reader);
    if (reader->at == reader->end || *reader->at != '"' || !read_quoted(reader, &name, &ascii) ||
        !ascii || name.n >= sizeof key || !take(reader, ':'))
        return false;
    memcpy(key, name.at, name.n);
    key[name.n] = 0;
    if (json_object_get(object, key)) /* twice */
        return false;
    json_t *value = read_value(reader, levels - 1);
    return value && !json_object_set_new_nocheck(object, key, value);
}

static json_t *read_object(struct reader *reader, int levels) {
    json_t *object = json_object();
    reader->at++;
    if (!object || take(reader, '}'))
        return object;
    do {
        if (!read_member(reader, object, levels)) {
            json_decref(object);
            return NULL;
        }
    } while (take(reader, ','));
    if (take(reader, '}'))
        return object;
    json_decref(object);
    return NULL;
}

static json_t *read_array(struct reader *reader, int levels) {
    json_t *array = json_array();
    reader->at++;
    if (!array || take(reader, ']'))
        return array;
    do {
        json_t *value = read_value(reader, levels - 1);
        if (!value || json_array_append_new(array, value)) {
            json_decref(array);
            return NULL;
        }
    } while (take(reader, ','));
    if (take(reader, ']'))
        return array;
    json_decref(array);
    return NULL;
}

static json_t *read_value(struct reader *reader, int levels) {
    skip_space(reader);
    if (reader->at == reader->end || !levels)
        return NULL;
    switch (*reader->at) {
    case '{':
        return read_object(reader, levels);
    case '[':
        return read_array(reader, levels);
    case '"':
        return read_string(reader);
    case 't':
    case 'f':
    case 'n':
        return read_word(reader);
    default:
        return read_number(reader);
    }
}

json_t *json_read_plain(struct view text) {
    if (!text.n)
        return NULL;
    struct reader reader = {text.at, text.at + text.n};
    json_t *value = read_value(&reader, LEVELS);
    skip_space(&reader);
    if (reader.at == reader.end)
        return value;
    json_decref(value);
    return NULL;
}
