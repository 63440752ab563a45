/* Views and buffers. */
#include "base/base.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct view view_of(const char *c_string) {
    return c_string ? (struct view){c_string, strlen(c_string)} : (struct view){NULL, 0};
}

bool view_equal(struct view a, struct view b) {
    return a.n == b.n && (a.n == 0 || !memcmp(a.at, b.at, a.n));
}

bool view_is(struct view a, const char *c_string) {
    return view_equal(a, view_of(c_string));
}

bool view_starts(struct view a, const char *prefix) {
    size_t n = strlen(prefix);
    return a.n >= n && (n == 0 || !memcmp(a.at, prefix, n));
}

bool view_ends(struct view a, const char *suffix) {
    size_t n = strlen(suffix);
    return a.n >= n && (n == 0 || !memcmp(a.at + a.n - n, suffix, n));
}

struct view view_slice(struct view a, size_t from, size_t to) {
    if (to > a.n)
        to = a.n;
    if (from >= to)
        return (struct view){NULL, 0};
    return (struct view){a.at + from, to - from};
}

static bool is_blank(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

struct view view_trim(struct view a) {
    while (a.n && is_blank(a.at[0]))
        a.at++, a.n--;
    while (a.n && is_blank(a.at[a.n - 1]))
        a.n--;
    return a;
}

ptrdiff_t view_find(struct view haystack, struct view needle) {
    if (needle.n == 0)
        return 0;
    if (haystack.n < needle.n)
        return -1;
    const char *found = memmem(haystack.at, haystack.n, needle.at, needle.n);
    return found ? found - haystack.at : -1;
}

bool view_line(struct view *rest, struct view *line) {
    if (rest->n == 0)
        return false;
    const char *end = memchr(rest->at, '\n', rest->n);
    size_t n = end ? (size_t)(end - rest->at) : rest->n;
    size_t used = end ? n + 1 : n;
    *line = (struct view){rest->at, n};
    if (end && n && line->at[n - 1] == '\r')
        line->n--;
    rest->at += used;
    rest->n -= used;
    return true;
}

/* ------------------------------------------------------------------------------------ buffers */

/* False in a watch that found no memory; without one it aborts. */
static bool buffer_reserve(struct buffer *buffer, size_t more) {
    MUST(more < SIZE_MAX / 2 - buffer->n);
    size_t need = buffer->n + more + 1;
    if (need <= buffer->capacity)
        return true;
    size_t capacity = buffer->capacity ? buffer->capacity * 2 : 64;
    if (capacity < need)
        capacity = need;
    char *grown = try_realloc(buffer->at, capacity, 1, NULL);
    if (!memory_granted(grown != NULL))
        return false;
    buffer->at = grown;
    buffer->capacity = capacity;
    return true;
}

void buffer_append(struct buffer *buffer, struct view v) {
    if (!buffer_reserve(buffer, v.n))
        return;
    if (v.n)
        memcpy(buffer->at + buffer->n, v.at, v.n);
    buffer->n += v.n;
    buffer->at[buffer->n] = 0;
}

void buffer_text(struct buffer *buffer, const char *c_string) {
    buffer_append(buffer, view_of(c_string));
}

void buffer_byte(struct buffer *buffer, char byte) {
    buffer_append(buffer, (struct view){&byte, 1});
}

void buffer_format(struct buffer *buffer, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    va_list again;
    va_copy(again, arguments);
    size_t room = buffer->at ? buffer->capacity - buffer->n : 0;
    int n = vsnprintf(room ? buffer->at + buffer->n : NULL, room, format, arguments);
    va_end(arguments);
    MUST(n >= 0);
    if ((size_t)n < room) {
        buffer->n += (size_t)n;
    } else {
        if (room)
            buffer->at[buffer->n] = 0;
        if (buffer_reserve(buffer, (size_t)n)) {
            vsnprintf(buffer->at + buffer->n, (size_t)n + 1, format, again);
            buffer->n += (size_t)n;
        }
    }
    va_end(again);
}

static int append_dumped(const char *at, size_t n, void *data) {
    buffer_append(data, (struct view){at, n});
    return 0;
}

void buffer_json(struct buffer *buffer, const json_t *value) {
    json_dump_callback(value, append_dumped, buffer, JSON_COMPACT | JSON_ENCODE_ANY);
}

void buffer_html(struct buffer *buffer, struct view v) {
    static const char *const entities[256] = {
        ['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;", ['"'] = "&quot;", ['\''] = "&#39;"};
    size_t from = 0;
    for (size_t i = 0; i < v.n; i++) {
        const char *entity = entities[(uint8_t)v.at[i]];
        if (!entity)
            continue;
        buffer_append(buffer, view_slice(v, from, i));
        buffer_text(buffer, entity);
        from = i + 1;
    }
    buffer_append(buffer, view_slice(v, from, v.n));
}

void buffer_clear(struct buffer *buffer) {
    buffer->n = 0;
    if (buffer->at)
        buffer->at[0] = 0;
}

void buffer_free(struct buffer *buffer) {
    free(buffer->at);
    *buffer = (struct buffer){0};
}

struct view buffer_view(const struct buffer *buffer) {
    return (struct view){buffer->at, buffer->n};
}
