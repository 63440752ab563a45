/* Chat templates: what Python and Jinja do with values. */
#include "model/template_inside.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

bool render_fault(struct renderer *r, const char *format, ...) {
    char text[300];
    va_list given;
    va_start(given, format);
    vsnprintf(text, sizeof text, format, given);
    va_end(given);
    return fault_set(r->fault, FAULT_INPUT, "the chat template: line %d: %s", r->line, text);
}

bool render_spend(struct renderer *r, size_t n_byte) {
    r->bytes += n_byte;
    return r->bytes <= TEMPLATE_BYTES || render_fault(r, "it makes too much text");
}

json_t *render_keep(struct renderer *r, json_t *value) {
    return value && json_array_append_new(r->kept, value) == 0 ? value : NULL;
}

json_t *render_text(struct renderer *r, struct view text) {
    if (!render_spend(r, text.n + sizeof(json_t)))
        return NULL;
    return render_keep(r, json_stringn(text.at ? text.at : "", text.n));
}

struct view value_view(const json_t *string) {
    return json_is_string(string)
               ? (struct view){json_string_value(string), json_string_length(string)}
               : (struct view){NULL, 0};
}

const char *value_kind(const json_t *value) {
    static const char *const kinds[] = {"an object", "a list",    "a string",  "an integer",
                                        "a real",    "a boolean", "a boolean", "none"};
    return value ? kinds[json_typeof(value)] : "undefined";
}

bool value_true(const json_t *value) {
    if (!value || json_is_null(value) || json_is_false(value))
        return false;
    if (json_is_number(value))
        return json_number_value(value) != 0;
    if (json_is_string(value))
        return json_string_length(value) > 0;
    return json_is_true(value) || json_array_size(value) + json_object_size(value) > 0;
}

/* Python counts True as 1. */
static bool numeric(const json_t *value, double *out) {
    *out = json_is_boolean(value) ? json_is_true(value) : json_number_value(value);
    return json_is_number(value) || json_is_boolean(value);
}

bool value_equal(const json_t *a, const json_t *b) {
    double x, y;
    if (numeric(a, &x) && numeric(b, &y))
        return x == y;
    return a == b || (a && b && json_equal(a, b));
}

json_t *argument(const struct arguments *given, size_t place, const char *name) {
    for (size_t i = 0; i < given->n; i++)
        if (given->names[i].n ? view_is(given->names[i], name) : i == place)
            return given->at[i];
    return NULL;
}

/* ------------------------------------------------------------------------------------ printing */

/* As Python's repr(): the fewest digits that give the number back, with an exponent where there
 * would be more than sixteen places before the point or more than three noughts after it. */
static void print_real(double value, struct buffer *out) {
    char text[40], *exponent;
    int digits = 1;
    if (!isfinite(value)) {
        buffer_text(out, value != value ? "nan" : value < 0 ? "-inf" : "inf");
        return;
    }
    for (; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*e", digits - 1, value);
        if (strtod(text, NULL) == value)
            break;
    }
    exponent = strchr(text, 'e');
    int power = atoi(exponent + 1);
    if (power < -4 || power >= 16) {
        buffer_text(out, text); /* "1e+16" also in Python */
        return;
    }
    buffer_format(out, "%.*f", digits - 1 - power > 1 ? digits - 1 - power : 1, value);
}

static void quote_json(struct view text, struct buffer *out) {
    buffer_byte(out, '"');
    for (size_t i = 0; i < text.n; i++) {
        static const char from[] = "\"\\\n\r\t\b\f", to[] = "\"\\nrtbf";
        char c = text.at[i];
        const char *found = c ? strchr(from, c) : NULL;
        if (found)
            buffer_format(out, "\\%c", to[found - from]);
        else if ((unsigned char)c < 32)
            buffer_format(out, "\\u%04x", c);
        else
            buffer_byte(out, c);
    }
    buffer_byte(out, '"');
}

/* What repr() shows by its number: controls, formats, what is not assigned, spaces but one. */
static bool is_printable(int32_t point) {
    enum unicode_class class = unicode_class(point);
    return point == ' ' || (class != UNICODE_OTHER && class != UNICODE_SPACE);
}

static void quote_python(struct view text, struct buffer *out) {
    char quote = view_find(text, VIEW("'")) >= 0 && view_find(text, VIEW("\"")) < 0 ? '"' : '\'';
    buffer_byte(out, quote);
    for (size_t i = 0, n; i < text.n; i += n) {
        int32_t point;
        n = utf8_decode(text.at + i, text.n - i, &point);
        char c = text.at[i];
        if (c == '\n' || c == '\t' || c == '\r')
            buffer_format(out, "\\%c", c == '\n' ? 'n' : c == '\t' ? 't' : 'r');
        else if (c == quote || c == '\\')
            buffer_format(out, "\\%c", c);
        else if (is_printable(point))
            buffer_append(out, view_slice(text, i, i + n));
        else
            buffer_format(out,
                          point < 0x100     ? "\\x%02x"
                          : point < 0x10000 ? "\\u%04x"
                                            : "\\U%08x",
                          (unsigned)point);
    }
    buffer_byte(out, quote);
}

struct printing { /* JSON, or what Python's repr() makes of the same */
    struct renderer *r;
    struct buffer *out;
    struct json_style style;
    bool python;
    int depth;
};

static void new_line(const struct printing *p) {
    if (p->style.indent < 0)
        return;
    buffer_byte(p->out, '\n');
    for (int i = 0; i < p->depth * p->style.indent; i++)
        buffer_byte(p->out, ' ');
}

static bool print_value(struct printing *, const json_t *);

static int by_key(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool print_member(struct printing *p, bool first, const char *key, const json_t *item) {
    if (!first)
        buffer_append(p->out, p->style.between);
    new_line(p);
    if (key) {
        (p->python ? quote_python : quote_json)(view_of(key), p->out);
        buffer_append(p->out, p->style.after_key);
    }
    return print_value(p, item);
}

static bool print_sorted(struct printing *p, const json_t *object) {
    size_t n = 0;
    const char *key, **keys = try_alloc(json_object_size(object) + 1, sizeof *keys, NULL);
    json_t *item;
    if (!keys)
        return false;
    json_object_foreach((json_t *)(uintptr_t)object, key, item) keys[n++] = key;
    qsort(keys, n, sizeof *keys, by_key);
    bool good = true;
    for (size_t i = 0; good && i < n; i++)
        good = print_member(p, i == 0, keys[i], json_object_get(object, keys[i]));
    free(keys);
    return good;
}

static bool print_many(struct printing *p, const json_t *value) {
    bool list = json_is_array(value), first = true, good = true;
    buffer_byte(p->out, list ? '[' : '{');
    if (++p->depth > TEMPLATE_DEPTH)
        return render_fault(p->r, "a value is nested too deeply");
    size_t i;
    json_t *item;
    const char *key;
    json_array_foreach(value, i, item) {
        if (!(good = print_member(p, first, NULL, item)))
            break;
        first = false;
    }
    if (p->style.sort_keys && json_is_object(value)) {
        first = json_object_size(value) == 0;
        good = print_sorted(p, value);
    } else {
        json_object_foreach((json_t *)(uintptr_t)value, key, item) {
            if (!(good = print_member(p, first, key, item)))
                break;
            first = false;
        }
    }
    p->depth--;
    if (!first)
        new_line(p);
    buffer_byte(p->out, list ? ']' : '}');
    return good;
}

static bool print_value(struct printing *p, const json_t *value) {
    size_t before = p->out->n;
    if (json_is_array(value) || json_is_object(value)) {
        if (!print_many(p, value))
            return false;
    } else if (json_is_string(value)) {
        (p->python ? quote_python : quote_json)(value_view(value), p->out);
    } else if (json_is_integer(value)) {
        buffer_format(p->out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    } else if (json_is_real(value)) {
        print_real(json_real_value(value), p->out);
    } else if (json_is_boolean(value)) {
        bool is = json_is_true(value);
        buffer_text(p->out, p->python ? (is ? "True" : "False") : is ? "true" : "false");
    } else {
        buffer_text(p->out, p->python ? (value ? "None" : "") : "null");
    }
    return render_spend(p->r, p->out->n - before + 1);
}

const struct json_style json_one_line = {-1, false, VIEW(", "), VIEW(": ")};

bool value_json(struct renderer *r, const json_t *value, const struct json_style *style,
                struct buffer *out) {
    return print_value(&(struct printing){r, out, *style, false, 0}, value);
}

bool value_print(struct renderer *r, const json_t *value, struct buffer *out) {
    if (json_is_string(value)) {
        buffer_append(out, value_view(value));
        return render_spend(r, json_string_length(value));
    }
    return print_value(&(struct printing){r, out, json_one_line, true, 0}, value);
}

/* ----------------------------------------------------------------------------- parts of values */

static size_t offset_of(struct view text, size_t point) { /* of the character with this index */
    size_t at = 0;
    int32_t ignored;
    while (point-- > 0 && at < text.n)
        at += utf8_decode(text.at + at, text.n - at, &ignored);
    return at;
}

static size_t value_length(const json_t *value) {
    return json_is_string(value) ? utf8_length(value_view(value))
                                 : json_array_size(value) + json_object_size(value);
}

bool value_get(struct renderer *r, json_t *object, const json_t *key, json_t **out) {
    *out = NULL;
    if (!object)
        return render_fault(r, "a part of something undefined is asked for: %.80s",
                            json_is_string(key) ? json_string_value(key) : "by index");
    if (json_is_string(key)) {
        *out = json_object_get(object, json_string_value(key)); /* undefined where there is none */
        return true;
    }
    if (!json_is_integer(key))
        return render_fault(r, "an index that is %s", value_kind(key));
    json_int_t index = json_integer_value(key), n = (json_int_t)value_length(object);
    if (index < 0)
        index += n;
    if (index < 0 || index >= n)
        return true;
    if (json_is_array(object)) {
        *out = json_array_get(object, (size_t)index);
    } else if (json_is_string(object)) {
        struct view text = value_view(object);
        size_t from = offset_of(text, (size_t)index), to = offset_of(text, (size_t)index + 1);
        *out = render_text(r, view_slice(text, from, to));
    }
    return true;
}

static bool slice_part(struct renderer *r, const json_t *part, json_int_t otherwise,
                       json_int_t *out) {
    *out = otherwise;
    if (!part || json_is_null(part))
        return true;
    if (!json_is_integer(part))
        return render_fault(r, "a slice by %s", value_kind(part));
    *out = json_integer_value(part);
    return true;
}

static json_int_t slice_clamp(json_int_t at, json_int_t low, json_int_t high, json_int_t n) {
    at = at < 0 ? at + n : at;
    return at < low ? low : at > high ? high : at;
}

bool value_slice(struct renderer *r, json_t *object, const json_t *from, const json_t *to,
                 const json_t *step, json_t **out) {
    *out = NULL;
    json_int_t n = (json_int_t)value_length(object), first, last, by;
    if (!json_is_string(object) && !json_is_array(object))
        return render_fault(r, "a slice of %s", value_kind(object));
    if (!slice_part(r, step, 1, &by) || by == 0 || by > INT32_MAX || by < INT32_MIN)
        return render_fault(r, "a slice by no whole step");
    json_int_t low = by > 0 ? 0 : -1, high = by > 0 ? n : n - 1;
    if (!slice_part(r, from, by > 0 ? 0 : n, &first) || !slice_part(r, to, 0, &last))
        return false;
    first = slice_clamp(first, low, high, n);
    last = !to || json_is_null(to) ? (by > 0 ? n : -1) : slice_clamp(last, low, high, n);
    struct buffer text = {0};
    json_t *list = json_array();
    for (json_int_t i = first; by > 0 ? i < last : i > last; i += by) {
        if (json_is_array(object)) {
            json_array_append(list, json_array_get(object, (size_t)i));
            continue;
        }
        struct view whole = value_view(object);
        if (by == 1) { /* the common case, in one piece */
            size_t start = offset_of(whole, (size_t)first);
            buffer_append(&text, view_slice(whole, start, offset_of(whole, (size_t)last)));
            break;
        }
        size_t start = offset_of(whole, (size_t)i);
        buffer_append(&text, view_slice(whole, start, offset_of(whole, (size_t)i + 1)));
        if (!render_spend(r, start))
            break;
    }
    if (json_is_array(object)) {
        *out = render_keep(r, list);
    } else {
        json_decref(list);
        *out = render_text(r, buffer_view(&text));
    }
    buffer_free(&text);
    return *out && render_spend(r, json_array_size(*out) * 8);
}

/* ----------------------------------------------------------------------------------- operators */

static bool contains(struct renderer *r, const json_t *item, const json_t *in, bool *out) {
    *out = false;
    if (json_is_string(in) && json_is_string(item)) {
        *out = view_find(value_view(in), value_view(item)) >= 0 || json_string_length(item) == 0;
    } else if (json_is_object(in)) {
        *out = json_is_string(item) && json_object_get(in, json_string_value(item));
    } else if (json_is_array(in)) {
        for (size_t i = 0; i < json_array_size(in) && !*out; i++)
            *out = value_equal(json_array_get(in, i), item);
    } else if (in) {
        return render_fault(r, "`in` %s", value_kind(in));
    }
    return true;
}

static bool add(struct renderer *r, json_t *a, json_t *b, json_t **out) {
    if (json_is_string(a) && json_is_string(b)) {
        struct buffer text = {0};
        buffer_append(&text, value_view(a));
        buffer_append(&text, value_view(b));
        *out = render_text(r, buffer_view(&text));
        buffer_free(&text);
        return *out != NULL;
    }
    if (!json_is_array(a) || !json_is_array(b))
        return render_fault(r, "%s + %s", value_kind(a), value_kind(b));
    *out = render_keep(r, json_copy(a));
    json_array_extend(*out, b);
    return render_spend(r, json_array_size(*out) * 8);
}

static bool whole_arithmetic(struct renderer *r, char operator, json_int_t a, json_int_t b,
                             json_t **out) {
    json_int_t c;
    bool over = false;
    if (operator== '+')
        over = __builtin_add_overflow(a, b, &c);
    else if (operator== '-')
        over = __builtin_sub_overflow(a, b, &c);
    else if (operator== '*')
        over = __builtin_mul_overflow(a, b, &c);
    else if (b == 0 || b == -1) {
        if (b == 0)
            return render_fault(r, "a division by zero");
        over = operator== '%' ? false : __builtin_sub_overflow(0, a, &c);
        c = operator== '%' ? 0 : c;
    } else { /* floor division, as Python's */
        c = a / b - (a % b != 0 && (a % b < 0) != (b < 0));
        c = operator== '%' ? a - c * b : c;
    }
    if (over)
        return render_fault(r, "a number grows too large");
    *out = render_keep(r, json_integer(c));
    return true;
}

static json_int_t whole(const json_t *value) {
    return json_is_boolean(value) ? json_is_true(value) : json_integer_value(value);
}

static bool arithmetic(struct renderer *r, struct view operator, json_t * a, json_t *b,
                       json_t **out) {
    double x, y;
    if (view_is(operator, "+") && !json_is_number(a))
        return add(r, a, b, out);
    if (!numeric(a, &x) || !numeric(b, &y))
        return render_fault(r, "%s %.*s %s", value_kind(a), VIEW_ARG(operator), value_kind(b));
    bool quotient = view_is(operator, "/");
    char sign = view_is(operator, "//") ? 'd' : operator.at[0];
    if (!quotient && !json_is_real(a) && !json_is_real(b))
        return whole_arithmetic(r, sign, whole(a), whole(b), out);
    if ((quotient || sign == 'd' || sign == '%') && y == 0)
        return render_fault(r, "a division by zero");
    double z = quotient      ? x / y
               : sign == '+' ? x + y
               : sign == '-' ? x - y
               : sign == '*' ? x * y
               : sign == 'd' ? floor(x / y)
                             : x - floor(x / y) * y;
    if (!isfinite(z))
        return render_fault(r, "a number grows too large");
    *out = render_keep(r, json_real(z));
    return true;
}

static bool join_texts(struct renderer *r, const json_t *a, const json_t *b, json_t **out) {
    struct buffer text = {0};
    bool good = value_print(r, a, &text) && value_print(r, b, &text);
    *out = good ? render_text(r, buffer_view(&text)) : NULL;
    buffer_free(&text);
    return *out != NULL;
}

static bool order(struct renderer *r, struct view operator, const json_t * a, const json_t *b,
                  bool *out) {
    double x, y;
    if (json_is_string(a) && json_is_string(b)) {
        x = strcmp(json_string_value(a), json_string_value(b));
        y = 0;
    } else if (!numeric(a, &x) || !numeric(b, &y)) {
        return render_fault(r, "%s %.*s %s", value_kind(a), VIEW_ARG(operator), value_kind(b));
    }
    *out = operator.at[0] == '<' ? x < y : x> y;
    if (operator.n == 2)
        *out = *out || x == y;
    return true;
}

bool value_binary(struct renderer *r, struct view operator, json_t * a, json_t *b, json_t **out) {
    bool holds = false, good = true;
    if (view_is(operator, "=="))
        holds = value_equal(a, b);
    else if (view_is(operator, "!="))
        holds = !value_equal(a, b);
    else if (view_is(operator, "in"))
        good = contains(r, a, b, &holds);
    else if (operator.at[0] == '<' || operator.at[0] == '>')
        good = order(r, operator, a, b, &holds);
    else if (view_is(operator, "~"))
        return join_texts(r, a, b, out);
    else
        return arithmetic(r, operator, a, b, out);
    *out = json_boolean(holds);
    return good;
}

/* --------------------------------------------------------------------------------------- tests */

bool value_test(struct renderer *r, struct view name, const json_t *value,
                const struct arguments *given, bool *out) {
    static const char *const names[] = {
        "defined", "undefined", "none",  "string", "mapping",    "iterable", "sequence",
        "number",  "integer",   "float", "true",   "false",      "boolean",  "equalto",
        "eq",      "in",        "odd",   "even",   "divisibleby"};
    double x, y;
    size_t which = 0;
    while (which < COUNT_OF(names) && !view_is(name, names[which]))
        which++;
    json_t *other = given->n ? given->at[0] : NULL;
    bool iterable = json_is_array(value) || json_is_object(value) || json_is_string(value);
    switch (which) {
    case 0:
        return *out = value != NULL, true;
    case 1:
        return *out = value == NULL, true;
    case 2:
        return *out = json_is_null(value), true;
    case 3:
        return *out = json_is_string(value), true;
    case 4:
        return *out = json_is_object(value), true;
    case 5:
    case 6:
        return *out = iterable, true;
    case 7:
        return *out = numeric(value, &x), true;
    case 8:
        return *out = json_is_integer(value), true;
    case 9:
        return *out = json_is_real(value), true;
    case 10:
        return *out = json_is_true(value), true;
    case 11:
        return *out = json_is_false(value), true;
    case 12:
        return *out = json_is_boolean(value), true;
    case 13:
    case 14:
        return *out = value_equal(value, other), true;
    case 15:
        return contains(r, value, other, out);
    case 16:
    case 17:
    case 18:
        y = which == 18 ? json_number_value(other) : 2;
        if (!numeric(value, &x) || y == 0)
            return render_fault(r, "`is %s` of %s", names[which], value_kind(value));
        *out = (fmod(x, y) == 0) != (which == 16);
        return true;
    default:
        return render_fault(r, "there is no test `is %.*s`", VIEW_ARG(name));
    }
}
