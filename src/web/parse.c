/* Parsers of what strangers send: cookies, forms, languages. */
#include "web/web.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct view web_cookie(struct view header, const char *name) {
    size_t n_name = strlen(name);
    for (size_t at = 0; at < header.n;) {
        const char *end = memchr(header.at + at, ';', header.n - at);
        size_t stop = end ? (size_t)(end - header.at) : header.n;
        struct view pair = view_trim(view_slice(header, at, stop));
        if (pair.n > n_name && view_starts(pair, name) && pair.at[n_name] == '=')
            return view_slice(pair, n_name + 1, pair.n);
        at = stop + 1;
    }
    return (struct view){0};
}

static int hex_digit(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* "%41+b" to "A b"; a stray % stays. */
static void unescape(struct view from, struct buffer *out) {
    buffer_clear(out);
    for (size_t i = 0; i < from.n; i++) {
        int high = -1, low = -1;
        if (from.at[i] == '%' && i + 2 < from.n) {
            high = hex_digit(from.at[i + 1]);
            low = hex_digit(from.at[i + 2]);
        }
        if (high >= 0 && low >= 0) {
            buffer_byte(out, (char)(high << 4 | low));
            i += 2;
        } else {
            buffer_byte(out, from.at[i] == '+' ? ' ' : from.at[i]);
        }
    }
}

static bool form_add(json_t *form, struct buffer *name, struct buffer *value,
                     struct fault *fault) {
    if (!utf8_valid(buffer_view(name)) || !utf8_valid(buffer_view(value)) ||
        memchr(name->at ? name->at : "", 0, name->n))
        return fault_set(fault, FAULT_INPUT, "The form is not UTF-8 text.");
    const char *key = name->at ? name->at : "";
    json_t *values = json_object_get(form, key);
    if (!values) {
        values = json_array();
        json_object_set_new(form, key, values);
    }
    json_array_append_new(values, json_stringn(value->at ? value->at : "", value->n));
    return true;
}

json_t *web_form(struct view body, struct fault *fault) {
    json_t *form = json_object();
    struct buffer name = {0}, value = {0};
    bool sound = true;
    size_t n_field = 0;
    for (size_t at = 0; at < body.n && sound;) {
        const char *end = memchr(body.at + at, '&', body.n - at);
        size_t stop = end ? (size_t)(end - body.at) : body.n;
        struct view pair = view_slice(body, at, stop);
        at = stop + 1;
        if (!pair.n)
            continue;
        if (++n_field > 64) {
            sound = fault_set(fault, FAULT_LIMIT, "The form has more than 64 fields.");
            break;
        }
        ptrdiff_t equal = view_find(pair, VIEW("="));
        size_t cut = equal < 0 ? pair.n : (size_t)equal;
        unescape(view_slice(pair, 0, cut), &name);
        unescape(view_slice(pair, cut + 1, pair.n), &value);
        sound = form_add(form, &name, &value, fault);
    }
    buffer_free(&name);
    buffer_free(&value);
    if (!sound) {
        json_decref(form);
        return NULL;
    }
    return form;
}

bool web_language_tag(struct view tag) {
    if (tag.n < 2 || tag.n > 12)
        return false;
    for (size_t i = 0; i < tag.n; i++) {
        char c = tag.at[i] | 0x20;
        bool letter = c >= 'a' && c <= 'z';
        bool later = tag.at[i] == '-' || (tag.at[i] >= '0' && tag.at[i] <= '9');
        if (!letter && !(i >= 2 && later))
            return false;
    }
    return true;
}

/* "q=0.8" as thousandths, without the locale's decimal point; 1000 when none is given. */
static int quality_of(struct view parameters) {
    ptrdiff_t found = view_find(parameters, VIEW("q="));
    if (found < 0)
        return 1000;
    int quality = 0, scale = 1000;
    for (size_t i = (size_t)found + 2; i < parameters.n && scale; i++) {
        char c = parameters.at[i];
        if (c == '.')
            continue;
        if (c < '0' || c > '9')
            break;
        quality += (c - '0') * scale;
        scale /= 10;
    }
    return quality > 1000 ? 1000 : quality;
}

const char *web_language(struct view header, const char *const *offered) {
    const char *best = offered[0];
    int best_quality = 0;
    size_t n_seen = 0;
    for (size_t at = 0; at < header.n && n_seen < 32; n_seen++) {
        const char *end = memchr(header.at + at, ',', header.n - at);
        size_t stop = end ? (size_t)(end - header.at) : header.n;
        struct view item = view_trim(view_slice(header, at, stop));
        at = stop + 1;
        ptrdiff_t mark = view_find(item, VIEW(";"));
        size_t cut = mark < 0 ? item.n : (size_t)mark;
        struct view tag = view_trim(view_slice(item, 0, cut));
        int quality = quality_of(view_slice(item, cut, item.n));
        for (const char *const *language = offered; *language; language++) {
            size_t n = strlen(*language);
            bool same = tag.n >= n && !strncasecmp(tag.at, *language, n) &&
                        (tag.n == n || tag.at[n] == '-');
            if (same && quality > best_quality) {
                best = *language;
                best_quality = quality;
            }
        }
    }
    return best;
}
