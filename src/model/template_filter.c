/* Chat templates: Jinja's filters and Python's methods, each a row of a table. */
#include "model/template_inside.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef bool operation(struct renderer *, json_t *, const struct arguments *, json_t **out);

static bool expected(struct renderer *r, const char *what, const json_t *value) {
    return render_fault(r, "%s of %s", what, value_kind(value));
}

static bool give_text(struct renderer *r, struct buffer *text, json_t **out) {
    *out = render_text(r, buffer_view(text));
    buffer_free(text);
    return *out != NULL;
}

/* ------------------------------------------------------------------------------------- of text */

static bool is_white(struct view text, size_t at, size_t *n) {
    int32_t point;
    *n = utf8_decode(text.at + at, text.n - at, &point);
    return unicode_class(point) == UNICODE_SPACE || (point >= 0x1c && point <= 0x1f);
}

/* side: 1 the left, 2 the right, 3 both. `set` NULL: white space; else the characters to drop. */
static struct view strip(struct view text, const json_t *set, int side) {
    struct view dropped = value_view(set);
    size_t n;
    while ((side & 1) && text.n) {
        bool white = is_white(text, 0, &n);
        if (set ? view_find(dropped, view_slice(text, 0, n)) < 0 : !white)
            break;
        text = view_slice(text, n, text.n);
    }
    while ((side & 2) && text.n) {
        size_t last = text.n - 1;
        while (last > 0 && ((unsigned char)text.at[last] & 0xc0) == 0x80)
            last--;
        bool white = is_white(text, last, &n);
        if (set ? view_find(dropped, view_slice(text, last, text.n)) < 0 : !white)
            break;
        text.n = last;
    }
    return text;
}

static bool strip_side(struct renderer *r, json_t *value, const struct arguments *given, int side,
                       json_t **out) {
    json_t *set = argument(given, 0, "chars");
    struct buffer text = {0};
    if (!json_is_string(value) && !value_print(r, value, &text))
        return false;
    struct view from = json_is_string(value) ? value_view(value) : buffer_view(&text);
    *out = render_text(r, strip(from, json_is_null(set) ? NULL : set, side));
    buffer_free(&text);
    return *out != NULL;
}

static bool do_strip(struct renderer *r, json_t *value, const struct arguments *given,
                     json_t **out) {
    return strip_side(r, value, given, 3, out);
}

static bool do_lstrip(struct renderer *r, json_t *value, const struct arguments *given,
                      json_t **out) {
    return strip_side(r, value, given, 1, out);
}

static bool do_rstrip(struct renderer *r, json_t *value, const struct arguments *given,
                      json_t **out) {
    return strip_side(r, value, given, 2, out);
}

/* ASCII letters alone change case: chat templates write role names so. */
static bool change_case(struct renderer *r, const json_t *value, char kind, json_t **out) {
    struct buffer text = {0};
    if (!value_print(r, value, &text))
        return false;
    bool start = true;
    for (size_t i = 0; i < text.n; i++) {
        char *c = &text.at[i];
        bool upper = kind == 'u' || (start && (kind == 't' || (kind == 'c' && i == 0)));
        bool letter = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z');
        if ((unsigned char)*c >= 0x80) {
            buffer_free(&text);
            return render_fault(r, "upper or lower case of a text that is not plain ASCII");
        }
        if (letter)
            *c = (char)(upper ? *c & ~32 : *c | 32);
        start = !letter;
    }
    return give_text(r, &text, out);
}

static bool do_upper(struct renderer *r, json_t *value, const struct arguments *given,
                     json_t **out) {
    (void)given;
    return change_case(r, value, 'u', out);
}

static bool do_lower(struct renderer *r, json_t *value, const struct arguments *given,
                     json_t **out) {
    (void)given;
    return change_case(r, value, 'l', out);
}

static bool do_title(struct renderer *r, json_t *value, const struct arguments *given,
                     json_t **out) {
    (void)given;
    return change_case(r, value, 't', out);
}

static bool do_capitalize(struct renderer *r, json_t *value, const struct arguments *given,
                          json_t **out) {
    (void)given;
    return change_case(r, value, 'c', out);
}

static bool do_replace(struct renderer *r, json_t *value, const struct arguments *given,
                       json_t **out) {
    json_t *old = argument(given, 0, "old"), *new = argument(given, 1, "new");
    json_t *count = argument(given, 2, "count");
    if (!json_is_string(value) || !json_is_string(old) || !json_is_string(new))
        return expected(r, "replace()", json_is_string(value) ? old : value);
    json_int_t left = json_is_integer(count) ? json_integer_value(count) : -1;
    struct view rest = value_view(value), from = value_view(old);
    struct buffer text = {0};
    if (from.n == 0)
        return render_fault(r, "replace() of an empty text");
    for (ptrdiff_t at; left != 0 && (at = view_find(rest, from)) >= 0; left--) {
        buffer_append(&text, view_slice(rest, 0, (size_t)at));
        buffer_append(&text, value_view(new));
        rest = view_slice(rest, (size_t)at + from.n, rest.n);
        if (!render_spend(r, json_string_length(new) + 1)) {
            buffer_free(&text);
            return false;
        }
    }
    buffer_append(&text, rest);
    return give_text(r, &text, out);
}

static bool split_append(struct renderer *r, json_t *list, struct view part) {
    json_t *text = render_text(r, part);
    return text && json_array_append(list, text) == 0;
}

static bool do_split(struct renderer *r, json_t *value, const struct arguments *given,
                     json_t **out) {
    json_t *by = argument(given, 0, "sep"), *most = argument(given, 1, "maxsplit");
    json_int_t left = json_is_integer(most) ? json_integer_value(most) : -1;
    struct view rest = value_view(value), mark = value_view(by);
    *out = render_keep(r, json_array());
    if (!json_is_string(value) || (by && !json_is_null(by) && mark.n == 0))
        return expected(r, "split()", value);
    if (mark.n) {
        for (ptrdiff_t at; left != 0 && (at = view_find(rest, mark)) >= 0; left--) {
            if (!split_append(r, *out, view_slice(rest, 0, (size_t)at)))
                return false;
            rest = view_slice(rest, (size_t)at + mark.n, rest.n);
        }
        return split_append(r, *out, rest);
    }
    for (rest = strip(rest, NULL, 1); rest.n; left--) {
        size_t at = 0, n = 0;
        while (left != 0 && at < rest.n && !is_white(rest, at, &n))
            at += n;
        if (left == 0)
            at = strip(rest, NULL, 2).n;
        if (!split_append(r, *out, view_slice(rest, 0, at)))
            return false;
        rest = strip(view_slice(rest, at, rest.n), NULL, 1);
    }
    return true;
}

/* Whether the text starts (or ends) with the argument, or with one of a tuple of them. */
static bool begins(struct renderer *r, json_t *value, const struct arguments *given, bool start,
                   json_t **out) {
    json_t *with = given->at[0];
    if (!json_is_string(value) || (!json_is_string(with) && !json_is_array(with)))
        return expected(r, start ? "startswith()" : "endswith()", value);
    size_t n = json_is_array(with) ? json_array_size(with) : 1;
    struct view text = value_view(value);
    *out = json_false();
    for (size_t i = 0; i < n; i++) {
        struct view part = value_view(json_is_array(with) ? json_array_get(with, i) : with);
        if (part.n <= text.n && view_equal(start ? view_slice(text, 0, part.n)
                                                 : view_slice(text, text.n - part.n, text.n),
                                           part))
            *out = json_true();
    }
    return true;
}

static bool do_startswith(struct renderer *r, json_t *value, const struct arguments *given,
                          json_t **out) {
    return begins(r, value, given, true, out);
}

static bool do_endswith(struct renderer *r, json_t *value, const struct arguments *given,
                        json_t **out) {
    return begins(r, value, given, false, out);
}

static bool do_find(struct renderer *r, json_t *value, const struct arguments *given,
                    json_t **out) {
    ptrdiff_t at = view_find(value_view(value), value_view(given->at[0]));
    if (at > 0)
        at = (ptrdiff_t)utf8_length(view_slice(value_view(value), 0, (size_t)at));
    *out = render_keep(r, json_integer(at));
    return true;
}

static bool do_indent(struct renderer *r, json_t *value, const struct arguments *given,
                      json_t **out) {
    json_t *width = argument(given, 0, "width"), *first = argument(given, 1, "first");
    json_int_t n = json_is_integer(width) ? json_integer_value(width) : 4;
    struct view text = value_view(value), rest = text;
    if (!json_is_string(value) || n < 0 || n > 100)
        return expected(r, "indent", value);
    struct buffer made = {0};
    for (size_t i = 0, from = 0; i <= rest.n; i++) {
        if (i < rest.n && rest.at[i] != '\n')
            continue;
        if (i > from && (from > 0 || value_true(first)))
            buffer_format(&made, "%*s", (int)n, "");
        buffer_append(&made, view_slice(rest, from, i + 1));
        from = i + 1;
    }
    return render_spend(r, made.n) ? give_text(r, &made, out) : (buffer_free(&made), false);
}

/* ---------------------------------------------------------------------------- of many and of one
 */

static bool do_list(struct renderer *r, json_t *value, const struct arguments *given,
                    json_t **out) {
    (void)given;
    const char *key;
    json_t *item;
    if (json_is_array(value))
        *out = value;
    else if (json_is_object(value) || json_is_string(value))
        *out = render_keep(r, json_array());
    else
        return expected(r, "the items", value);
    if (json_is_object(value))
        json_object_foreach(value, key, item) json_array_append_new(*out, json_string(key));
    struct view text = value_view(value);
    for (size_t at = 0, n; at < text.n; at += n) {
        int32_t ignored;
        n = utf8_decode(text.at + at, text.n - at, &ignored);
        if (!split_append(r, *out, view_slice(text, at, at + n)))
            return false;
    }
    return render_spend(r, 8 * json_array_size(*out));
}

enum object_part { OBJECT_KEYS, OBJECT_VALUES, OBJECT_ITEMS };

static bool object_parts(struct renderer *r, json_t *value, enum object_part part, json_t **out) {
    const char *key;
    json_t *item;
    if (!json_is_object(value))
        return expected(r, "items(), keys() or values()", value);
    *out = render_keep(r, json_array());
    json_object_foreach(value, key, item) {
        if (part == OBJECT_ITEMS)
            json_array_append_new(*out, json_pack("[s, O]", key, item));
        else if (part == OBJECT_KEYS)
            json_array_append_new(*out, json_string(key));
        else
            json_array_append(*out, item);
    }
    return render_spend(r, 64 * json_array_size(*out));
}

static bool do_items(struct renderer *r, json_t *value, const struct arguments *given,
                     json_t **out) {
    (void)given;
    return object_parts(r, value, OBJECT_ITEMS, out);
}

static bool do_keys(struct renderer *r, json_t *value, const struct arguments *given,
                    json_t **out) {
    (void)given;
    return object_parts(r, value, OBJECT_KEYS, out);
}

static bool do_values(struct renderer *r, json_t *value, const struct arguments *given,
                      json_t **out) {
    (void)given;
    return object_parts(r, value, OBJECT_VALUES, out);
}

static bool do_dictsort(struct renderer *r, json_t *value, const struct arguments *given,
                        json_t **out) {
    (void)given;
    if (!object_parts(r, value, OBJECT_ITEMS, out))
        return false;
    for (size_t i = 1; i < json_array_size(*out); i++) /* short lists: by insertion */
        for (size_t j = i; j > 0; j--) {
            json_t *a = json_array_get(*out, j - 1), *b = json_array_get(*out, j);
            if (strcasecmp(json_string_value(json_array_get(a, 0)),
                           json_string_value(json_array_get(b, 0))) <= 0)
                break;
            json_incref(a);
            json_array_set(*out, j - 1, b);
            json_array_set_new(*out, j, a);
            if (!render_spend(r, 16))
                return false;
        }
    return true;
}

static bool do_get(struct renderer *r, json_t *value, const struct arguments *given,
                   json_t **out) {
    if (!json_is_object(value) || !json_is_string(given->at[0]))
        return expected(r, "get()", value);
    *out = json_object_get(value, json_string_value(given->at[0]));
    if (!*out)
        *out = given->n > 1 ? given->at[1] : json_null();
    return true;
}

static bool do_length(struct renderer *r, json_t *value, const struct arguments *given,
                      json_t **out) {
    (void)given;
    if (!json_is_string(value) && !json_is_array(value) && !json_is_object(value))
        return expected(r, "the length", value);
    *out = render_keep(
        r, json_integer((json_int_t)(json_is_string(value)
                                         ? utf8_length(value_view(value))
                                         : json_array_size(value) + json_object_size(value))));
    return true;
}

static bool do_first(struct renderer *r, json_t *value, const struct arguments *given,
                     json_t **out) {
    (void)given;
    json_t *zero = render_keep(r, json_integer(0));
    return value_get(r, value, zero, out);
}

static bool do_last(struct renderer *r, json_t *value, const struct arguments *given,
                    json_t **out) {
    (void)given;
    json_t *minus = render_keep(r, json_integer(-1));
    return value_get(r, value, minus, out);
}

static bool do_reverse(struct renderer *r, json_t *value, const struct arguments *given,
                       json_t **out) {
    json_t *minus = render_keep(r, json_integer(-1)), *items;
    return (json_is_string(value) ? (items = value, true) : do_list(r, value, given, &items)) &&
           value_slice(r, items, NULL, NULL, minus, out);
}

static bool part_of(struct renderer *r, json_t *item, const json_t *path, json_t **out) {
    *out = item;
    struct view rest = value_view(path);
    while (rest.n) { /* "a.b" goes down */
        ptrdiff_t dot = view_find(rest, VIEW("."));
        struct view name = view_slice(rest, 0, dot < 0 ? rest.n : (size_t)dot);
        json_t *key = render_text(r, name);
        if (!key || !value_get(r, *out, key, out))
            return false;
        rest = view_slice(rest, name.n + 1, rest.n);
    }
    return true;
}

static bool do_join(struct renderer *r, json_t *value, const struct arguments *given,
                    json_t **out) {
    json_t *by = argument(given, 0, "d"), *path = argument(given, 1, "attribute"), *items, *item;
    struct buffer text = {0};
    if (!do_list(r, value, given, &items))
        return false;
    bool good = true;
    for (size_t i = 0; good && i < json_array_size(items); i++)
        good = (!i || !by || value_print(r, by, &text)) &&
               part_of(r, json_array_get(items, i), path, &item) && value_print(r, item, &text);
    return give_text(r, &text, out) && good;
}

static bool do_join_by(struct renderer *r, json_t *value, const struct arguments *given,
                       json_t **out) { /* Python's: ", ".join(list) */
    struct arguments turned = {.n = 1, .at = {value}};
    return do_join(r, given->at[0], &turned, out);
}

static bool do_default(struct renderer *r, json_t *value, const struct arguments *given,
                       json_t **out) {
    bool falsy = value_true(argument(given, 1, "boolean")) && !value_true(value);
    *out = value && !falsy ? value : argument(given, 0, "default_value");
    if (!*out)
        *out = render_text(r, VIEW(""));
    return *out != NULL;
}

/* Jinja's, as transformers has it: json.dumps() with its indent, separators and sort_keys. */
static bool do_tojson(struct renderer *r, json_t *value, const struct arguments *given,
                      json_t **out) {
    static const char *const known[] = {"ensure_ascii", "indent", "separators", "sort_keys"};
    struct json_style style = json_one_line;
    for (size_t i = 0; i < given->n; i++) {
        size_t k = 0;
        while (given->names[i].n && k < COUNT_OF(known) && !view_is(given->names[i], known[k]))
            k++;
        if (k == COUNT_OF(known))
            return render_fault(r, "tojson knows no %.*s", VIEW_ARG(given->names[i]));
    }
    json_t *indent = argument(given, 1, "indent"), *pair = argument(given, 2, "separators");
    if (given->n == 1 && !given->names[0].n) /* Jinja's own takes it first */
        indent = given->at[0];
    if (json_is_integer(indent)) {
        style.indent = (int)json_integer_value(indent);
        style.between = VIEW(",");
    }
    if (json_array_size(pair) == 2) {
        style.between = value_view(json_array_get(pair, 0));
        style.after_key = value_view(json_array_get(pair, 1));
    }
    style.sort_keys = value_true(argument(given, 3, "sort_keys"));
    struct buffer text = {0};
    if (style.indent > 16)
        return render_fault(r, "an indent of more than 16");
    return value_json(r, value, &style, &text) ? give_text(r, &text, out)
                                               : (buffer_free(&text), false);
}

static bool do_string(struct renderer *r, json_t *value, const struct arguments *given,
                      json_t **out) {
    (void)given;
    struct buffer text = {0};
    return value_print(r, value, &text) ? give_text(r, &text, out) : (buffer_free(&text), false);
}

static bool do_int(struct renderer *r, json_t *value, const struct arguments *given,
                   json_t **out) {
    double number =
        json_is_string(value) ? strtod(json_string_value(value), NULL) : json_number_value(value);
    (void)given;
    if (json_is_integer(value)) {
        *out = value;
        return true;
    }
    number = json_is_true(value) ? 1 : number;
    if (!(fabs(number) < 9e15))
        return expected(r, "int", value);
    *out = render_keep(r, json_integer((json_int_t)number));
    return true;
}

static bool do_float(struct renderer *r, json_t *value, const struct arguments *given,
                     json_t **out) {
    (void)given;
    *out = render_keep(r, json_real(json_is_string(value) ? strtod(json_string_value(value), NULL)
                                                          : json_number_value(value)));
    return *out || expected(r, "float", value);
}

static bool do_same(struct renderer *r, json_t *value, const struct arguments *given,
                    json_t **out) {
    (void)r;
    (void)given;
    *out = value;
    return true;
}

/* selectattr and select, rejectattr and reject: what passes (or fails) a test. */
static bool choose(struct renderer *r, json_t *value, const struct arguments *given,
                   bool attribute, bool wanted, json_t **out) {
    json_t *items;
    size_t from = attribute ? 1 : 0;
    if (!do_list(r, value, given, &items))
        return false;
    *out = render_keep(r, json_array());
    for (size_t i = 0; i < json_array_size(items); i++) {
        json_t *item = json_array_get(items, i), *part = item;
        if (attribute && !part_of(r, item, given->at[0], &part))
            return false;
        bool holds = value_true(part);
        struct arguments rest = {.n = given->n > from + 1 ? 1 : 0, .at = {given->at[from + 1]}};
        if (given->n > from && !value_test(r, value_view(given->at[from]), part, &rest, &holds))
            return false;
        if (holds == wanted)
            json_array_append(*out, item);
    }
    return render_spend(r, 8 * json_array_size(items));
}

static bool do_selectattr(struct renderer *r, json_t *value, const struct arguments *given,
                          json_t **out) {
    return choose(r, value, given, true, true, out);
}

static bool do_rejectattr(struct renderer *r, json_t *value, const struct arguments *given,
                          json_t **out) {
    return choose(r, value, given, true, false, out);
}

static bool do_select(struct renderer *r, json_t *value, const struct arguments *given,
                      json_t **out) {
    return choose(r, value, given, false, true, out);
}

static bool do_reject(struct renderer *r, json_t *value, const struct arguments *given,
                      json_t **out) {
    return choose(r, value, given, false, false, out);
}

static bool do_map(struct renderer *r, json_t *value, const struct arguments *given,
                   json_t **out) {
    json_t *items, *path = argument(given, 9, "attribute");
    json_t *otherwise = argument(given, 9, "default");
    if (!do_list(r, value, given, &items))
        return false;
    *out = render_keep(r, json_array());
    for (size_t i = 0; i < json_array_size(items); i++) {
        json_t *item = json_array_get(items, i), *made;
        struct arguments rest = {.n = given->n > 1 ? 1 : 0, .at = {given->at[1]}};
        bool good = path ? part_of(r, item, path, &made)
                         : value_filter(r, value_view(given->at[0]), item, &rest, &made);
        if (!good)
            return false;
        made = made ? made : otherwise;
        json_array_append(*out, made ? made : json_null());
    }
    return render_spend(r, 8 * json_array_size(items));
}

/* ------------------------------------------------------------------------------------ the tables
 */

struct named {
    const char *name;
    operation *run;
    size_t least; /* arguments */
};

static const struct named filters[] = {
    {"capitalize", do_capitalize, 0},
    {"count", do_length, 0},
    {"d", do_default, 0},
    {"default", do_default, 0},
    {"dictsort", do_dictsort, 0},
    {"first", do_first, 0},
    {"float", do_float, 0},
    {"indent", do_indent, 0},
    {"int", do_int, 0},
    {"items", do_items, 0},
    {"join", do_join, 0},
    {"last", do_last, 0},
    {"length", do_length, 0},
    {"list", do_list, 0},
    {"lower", do_lower, 0},
    {"map", do_map, 1},
    {"reject", do_reject, 0},
    {"rejectattr", do_rejectattr, 1},
    {"replace", do_replace, 2},
    {"reverse", do_reverse, 0},
    {"safe", do_same, 0},
    {"select", do_select, 0},
    {"selectattr", do_selectattr, 1},
    {"string", do_string, 0},
    {"title", do_title, 0},
    {"tojson", do_tojson, 0},
    {"trim", do_strip, 0},
    {"upper", do_upper, 0},
};

static const struct named text_methods[] = {
    {"capitalize", do_capitalize, 0}, {"endswith", do_endswith, 1}, {"find", do_find, 1},
    {"join", do_join_by, 1},          {"lower", do_lower, 0},       {"lstrip", do_lstrip, 0},
    {"replace", do_replace, 2},       {"rstrip", do_rstrip, 0},     {"split", do_split, 0},
    {"startswith", do_startswith, 1}, {"strip", do_strip, 0},       {"title", do_title, 0},
    {"upper", do_upper, 0},
};

static const struct named object_methods[] = {
    {"get", do_get, 1},
    {"items", do_items, 0},
    {"keys", do_keys, 0},
    {"values", do_values, 0},
};

static bool run_named(struct renderer *r, const struct named *rows, size_t n, const char *what,
                      struct view name, json_t *value, const struct arguments *given,
                      json_t **out) {
    for (size_t i = 0; i < n; i++)
        if (view_is(name, rows[i].name))
            return given->n >= rows[i].least
                       ? rows[i].run(r, value, given, out)
                       : render_fault(r, "%s lacks an argument", rows[i].name);
    return render_fault(r, "there is no %s %.*s", what, VIEW_ARG(name));
}

bool value_filter(struct renderer *r, struct view name, json_t *value,
                  const struct arguments *given, json_t **out) {
    return run_named(r, filters, COUNT_OF(filters), "filter", name, value, given, out);
}

bool value_method(struct renderer *r, json_t *value, struct view name,
                  const struct arguments *given, json_t **out) {
    if (json_is_object(value))
        return run_named(r, object_methods, COUNT_OF(object_methods), "method of an object", name,
                         value, given, out);
    if (!json_is_string(value))
        return render_fault(r, "the method %.*s of %s", VIEW_ARG(name), value_kind(value));
    return run_named(r, text_methods, COUNT_OF(text_methods), "method of a string", name, value,
                     given, out);
}
