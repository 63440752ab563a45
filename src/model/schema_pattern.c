/* Texts of a schema: lengths, patterns and formats.
 *
 * A pattern is read into expressions over the characters that are meant; then each class is
 * turned into what stands for it between quotation marks, with its backslashes. */
#include "model/schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --------------------------------------------------------------------------------- characters */

static struct expression *ranges_of(struct schema *schema, const struct range *ranges,
                                    uint32_t n) {
    return expression_class(schema->text, ranges, n, false);
}
#define CLASS(schema, ...)                                                                        \
    ranges_of((schema), (const struct range[]){__VA_ARGS__},                                      \
              sizeof((const struct range[]){__VA_ARGS__}) / sizeof(struct range))
#define HEX                                                                                       \
    {'0', '9'}, {'a', 'f'}, {                                                                     \
        'A', 'F'                                                                                  \
    }

/* What may follow a backslash. Not U+0000, which many programs cannot keep, and no half of a
 * surrogate pair. */
struct expression *escape_sequence(struct schema *schema) {
    struct grammar_text *text = schema->text;
    struct expression *hex = CLASS(schema, HEX), *zero = text_of(schema, "0");
    struct expression *some = CLASS(schema, {'1', '9'}, {'a', 'f'}, {'A', 'F'});
    struct expression *first =
        CLASS(schema, {'1', '9'}, {'a', 'c'}, {'e', 'f'}, {'A', 'C'}, {'E', 'F'});
    struct expression *d = CLASS(schema, {'d', 'd'}, {'D', 'D'});
    struct expression *low = CLASS(schema, {'0', '7'});
    struct expression *high_half = CLASS(schema, {'8', '9'}, {'a', 'b'}, {'A', 'B'});
    struct expression *low_half = CLASS(schema, {'c', 'f'}, {'C', 'F'});
    struct expression *point = CHOICE(
        text, SEQUENCE(text, zero, zero, zero, some), SEQUENCE(text, zero, zero, some, hex),
        SEQUENCE(text, zero, some, hex, hex), SEQUENCE(text, first, hex, hex, hex),
        SEQUENCE(text, d, low, hex, hex),
        SEQUENCE(text, d, high_half, hex, hex, text_of(schema, "\\u"), d, low_half, hex, hex));
    return CHOICE(text,
                  CLASS(schema, {'"', '"'}, {'\\', '\\'}, {'/', '/'}, {'b', 'b'}, {'f', 'f'},
                        {'n', 'n'}, {'r', 'r'}, {'t', 't'}),
                  SEQUENCE(text, text_of(schema, "u"), point));
}

struct expression *any_character(struct schema *schema) {
    struct grammar_text *text = schema->text;
    static const struct range not_plain[] = {{0, 31}, {'"', '"'}, {'\\', '\\'}};
    return CHOICE(
        text, expression_class(text, not_plain, 3, true),
        SEQUENCE(text, text_of(schema, "\\"), expression_rule(text, schema->rule_escape)));
}

struct expression *any_string(struct schema *schema) {
    return expression_rule(schema->text, schema->rule_string);
}

/* A class of characters as it stands between quotation marks. */
static struct expression *written_class(struct schema *schema, const struct expression *class) {
    struct grammar_text *text = schema->text;
    struct range *plain = NULL;
    struct view words[40];
    char texts[40][8];
    uint32_t n = 0, n_word = 0, capacity = 0;
    for (uint32_t i = 0; i < class->n; i++) {
        struct range range = class->ranges[i];
        for (int32_t c = range.low; c <= range.high && c <= '\\'; c++) {
            static const char named[] = "\"\"\\\\\bb\ff\nn\rr\tt";
            if (c >= 32 && c != '"' && c != '\\')
                continue;
            int size = c ? snprintf(texts[n_word], 8, "\\u%04x", (unsigned)c) : 0;
            for (size_t j = 0; named[j]; j += 2)
                if (c == named[j])
                    size = snprintf(texts[n_word], 8, "\\%c", named[j + 1]);
            words[n_word] = (struct view){texts[n_word], (size_t)size};
            n_word += size > 0;
        }
        static const struct range gaps[] = {{32, '!'}, {'#', '['}, {']', 0x10FFFF}};
        for (size_t j = 0; j < COUNT_OF(gaps); j++) {
            int32_t low = range.low > gaps[j].low ? range.low : gaps[j].low;
            int32_t high = range.high < gaps[j].high ? range.high : gaps[j].high;
            if (low > high || !TRY_ROOM(plain, capacity, n + 1))
                continue;
            plain[n++] = (struct range){low, high};
        }
    }
    struct expression *made = ranges_of(schema, plain, n);
    if (n_word)
        made = CHOICE(text, made, expression_words(text, words, n_word));
    free(plain);
    return made;
}

/* ----------------------------------------------------------------------------------- patterns */

enum { PATTERN_NESTING = 60, PATTERN_BYTES = 20000, PATTERN_COUNT = 10000 };

struct length { /* of the texts that a part of a pattern allows, in characters */
    uint64_t least, most;
};

struct part {
    struct expression *e; /* NULL: a fault */
    struct length length;
};

struct pattern {
    struct schema *schema;
    struct view source;
    const char *name; /* for faults: the pattern itself */
    const char *pointer;
    size_t at;
    int depth;
};

static const struct part no_part;

static struct part wrong(struct pattern *p, const char *what) {
    schema_refuse(p->schema, FAULT_INPUT, p->pointer, "pattern, character %zu: %s", p->at + 1,
                  what);
    return no_part;
}

static int peek(const struct pattern *p, size_t ahead) {
    return p->at + ahead < p->source.n ? (uint8_t)p->source.at[p->at + ahead] : -1;
}

static uint64_t times(uint64_t a, uint64_t b) {
    return b && a > UINT64_MAX / 4 / b ? UINT64_MAX / 4 : a * b;
}

struct ranges {
    struct range at[200];
    uint32_t n;
};

static bool add(struct ranges *ranges, int32_t low, int32_t high) {
    if (ranges->n == COUNT_OF(ranges->at))
        return false;
    ranges->at[ranges->n++] = (struct range){low, high};
    return true;
}

static const struct range digits[] = {{'0', '9'}};
static const struct range word[] = {{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}};
static const struct range blank[] = {
    {9, 13},          {' ', ' '},       {0xA0, 0xA0},     {0x1680, 0x1680}, {0x2000, 0x200A},
    {0x2028, 0x2029}, {0x202F, 0x202F}, {0x205F, 0x205F}, {0x3000, 0x3000}, {0xFEFF, 0xFEFF}};

/* \d \w \s and their opposites. */
static bool add_shorthand(struct ranges *ranges, int c) {
    const struct range *set = digits;
    size_t n = 1;
    if ((c | 32) == 'w') {
        set = word;
        n = COUNT_OF(word);
    } else if ((c | 32) == 's') {
        set = blank;
        n = COUNT_OF(blank);
    }
    int32_t from = 0;
    bool good = true, inverted = c < 'a';
    for (size_t i = 0; i < n; i++) {
        if (!inverted)
            good &= add(ranges, set[i].low, set[i].high);
        else if (set[i].low > from)
            good &= add(ranges, from, set[i].low - 1);
        from = set[i].high + 1;
    }
    return good && (!inverted || add(ranges, from, 0x10FFFF));
}

static bool read_hex(struct pattern *p, int n, int32_t *point) {
    *point = 0;
    for (int i = 0; i < n; i++, p->at++) {
        int c = peek(p, 0) | 32;
        if (c >= '0' && c <= '9')
            *point = *point * 16 + c - '0';
        else if (c >= 'a' && c <= 'f')
            *point = *point * 16 + c - 'a' + 10;
        else
            return false;
    }
    return true;
}

/* One character behind a backslash; the place stands on it. False: none that is known. */
static bool read_escape(struct pattern *p, int32_t *point) {
    static const char named[] = "n\nr\rt\tv\vf\f";
    int c = peek(p, 0);
    if (c < 0)
        return false;
    p->at++;
    for (size_t i = 0; named[i]; i += 2)
        if (c == named[i]) {
            *point = named[i + 1];
            return true;
        }
    if (c == 'x')
        return read_hex(p, 2, point);
    if (c == 'u' && peek(p, 0) == '{') {
        p->at++;
        int n = 0;
        while (n < 6 && peek(p, (size_t)n) != '}' && peek(p, (size_t)n) >= 0)
            n++;
        return n && read_hex(p, n, point) && peek(p, 0) == '}' && p->at++ && *point <= 0x10FFFF;
    }
    if (c == 'u') {
        if (!read_hex(p, 4, point))
            return false;
        if (*point >= 0xD800 && *point < 0xDC00 && peek(p, 0) == '\\' && peek(p, 1) == 'u') {
            int32_t low;
            p->at += 2;
            if (!read_hex(p, 4, &low) || low < 0xDC00 || low > 0xDFFF)
                return false;
            *point = 0x10000 + ((*point - 0xD800) << 10) + low - 0xDC00;
        }
        return true;
    }
    *point = c;
    return strchr("^$\\.*+?()[]{}|/-\"'#&~`!@%,:;<=>_ ", c) != NULL;
}

static bool read_point(struct pattern *p, int32_t *point) {
    if (peek(p, 0) < 0)
        return false;
    p->at += utf8_decode(p->source.at + p->at, p->source.n - p->at, point);
    return *point >= 0;
}

static struct part one_of(struct pattern *p, const struct ranges *ranges, bool inverted) {
    struct expression *class = expression_class(p->schema->text, ranges->at, ranges->n, inverted);
    return (struct part){written_class(p->schema, class), {1, 1}};
}

static struct part read_set(struct pattern *p) {
    struct ranges ranges = {.n = 0};
    p->at++;
    bool inverted = peek(p, 0) == '^';
    p->at += inverted;
    while (peek(p, 0) != ']') {
        int32_t low, high;
        if (peek(p, 0) < 0)
            return wrong(p, "a class has no closing bracket");
        if (peek(p, 0) == '\\' && peek(p, 1) > 0 && strchr("dwsDWS", peek(p, 1))) {
            p->at += 2;
            if (!add_shorthand(&ranges, p->source.at[p->at - 1]))
                return wrong(p, "a class is too long");
            continue;
        }
        for (int i = 0; i < 2; i++) {
            int32_t *point = i ? &high : &low;
            bool escaped = peek(p, 0) == '\\';
            p->at += escaped;
            if (escaped && peek(p, 0) == 'b') { /* a backspace, within a class */
                *point = '\b';
                p->at++;
            } else if (escaped ? !read_escape(p, point) : !read_point(p, point)) {
                return wrong(p, "this character of a class is not supported");
            }
            if (i == 0) {
                high = low;
                if (peek(p, 0) != '-' || peek(p, 1) == ']')
                    break;
                p->at++;
            }
        }
        if (high < low)
            return wrong(p, "a range ends before it begins");
        if (!add(&ranges, low, high))
            return wrong(p, "a class is too long");
    }
    p->at++;
    return one_of(p, &ranges, inverted);
}

static struct part read_choice(struct pattern *p, bool whole);

static struct part read_atom(struct pattern *p) {
    struct ranges ranges = {.n = 0};
    int c = peek(p, 0);
    int32_t point;
    if (c == '(') {
        if (p->depth >= PATTERN_NESTING)
            return wrong(p, "brackets lie too deep in each other");
        p->at++;
        if (peek(p, 0) == '?') {
            bool named = peek(p, 1) == '<' && peek(p, 2) != '=' && peek(p, 2) != '!';
            if (peek(p, 1) != ':' && !named)
                return wrong(p, "looking ahead or behind is not supported");
            p->at += 2;
            while (named && peek(p, 0) >= 0 && p->source.at[p->at - 1] != '>')
                p->at++;
        }
        p->depth++;
        struct part inner = read_choice(p, false);
        p->depth--;
        if (inner.e && peek(p, 0) != ')')
            return wrong(p, "a bracket is not closed");
        p->at++;
        return inner;
    }
    if (c == '[')
        return read_set(p);
    if (c == '.') {
        p->at++;
        add(&ranges, '\n', '\n');
        add(&ranges, '\r', '\r');
        add(&ranges, 0x2028, 0x2029);
        return one_of(p, &ranges, true);
    }
    if (c == '^' || c == '$')
        return wrong(p, "^ and $ are supported at the ends of a pattern alone");
    if (c == '*' || c == '+' || c == '?' || c == '{' || c == '}' || c == ']')
        return wrong(p, "this sign has nothing to belong to; put a backslash before it");
    if (c == '\\') {
        p->at++;
        c = peek(p, 0);
        if (c > 0 && strchr("dwsDWS", c)) {
            p->at++;
            add_shorthand(&ranges, c);
            return one_of(p, &ranges, false);
        }
        if ((c >= '1' && c <= '9') || c == 'k')
            return wrong(p, "referring back is not supported");
        if (!read_escape(p, &point))
            return wrong(p, "this escape is not supported");
    } else if (!read_point(p, &point)) {
        return wrong(p, "this is not UTF-8");
    }
    add(&ranges, point, point);
    return one_of(p, &ranges, false);
}

static bool read_number(struct pattern *p, uint32_t *number) {
    size_t from = p->at;
    *number = 0;
    for (int c; (c = peek(p, 0)) >= '0' && c <= '9'; p->at++)
        *number = *number > PATTERN_COUNT ? *number : *number * 10 + (uint32_t)(c - '0');
    return p->at > from && *number <= PATTERN_COUNT;
}

static struct part read_repeat(struct pattern *p) {
    struct part part = read_atom(p);
    int c = peek(p, 0);
    if (!part.e || c < 0 || !strchr("*+?{", c))
        return part;
    uint32_t least = c == '+', most = c == '?' ? 1 : NO_MOST;
    p->at++;
    if (c == '{') {
        if (!read_number(p, &least))
            return wrong(p, "a count is {m}, {m,} or {m,n}, of at most 10000");
        most = least;
        if (peek(p, 0) == ',') {
            p->at++;
            most = NO_MOST;
            if (peek(p, 0) != '}' && !read_number(p, &most))
                return wrong(p, "a count is {m}, {m,} or {m,n}, of at most 10000");
        }
        if (peek(p, 0) != '}')
            return wrong(p, "a count has no closing brace");
        p->at++;
        if (most < least)
            return wrong(p, "a count ends before it begins");
    }
    p->at += peek(p, 0) == '?'; /* lazy: the same texts */
    c = peek(p, 0);
    if (c > 0 && strchr("*+?{", c))
        return wrong(p, "two counts follow each other");
    part.e = expression_repeat(p->schema->text, part.e, least, most);
    part.length.least = times(part.length.least, least);
    part.length.most = times(part.length.most, most == NO_MOST ? UINT64_MAX / 4 : (uint64_t)most);
    return part;
}

static struct part read_sequence(struct pattern *p, bool whole) {
    struct expression *parts[2000];
    uint32_t n = 0;
    struct grammar_text *text = p->schema->text;
    struct length length = {0, 0};
    struct expression *anything =
        whole ? expression_repeat(text, any_character(p->schema), 0, NO_MOST) : NULL;
    if (whole && peek(p, 0) == '^') {
        p->at++;
    } else if (whole) {
        parts[n++] = anything;
        length.most = UINT64_MAX / 4;
    }
    for (int c; (c = peek(p, 0)) >= 0 && c != '|' && c != ')';) {
        bool last = c == '$' && (peek(p, 1) < 0 || peek(p, 1) == '|');
        if (whole && last) {
            p->at++;
            anything = NULL;
            break;
        }
        if (n >= COUNT_OF(parts) - 2 || text->n_expression > GRAMMAR_EXPRESSIONS)
            return wrong(p, "the pattern is too long");
        struct part part = read_repeat(p);
        if (!part.e)
            return no_part;
        parts[n++] = part.e;
        length.least += part.length.least;
        length.most = length.most + part.length.most > UINT64_MAX / 4
                          ? UINT64_MAX / 4
                          : length.most + part.length.most;
    }
    if (anything) {
        parts[n++] = anything;
        length.most = UINT64_MAX / 4;
    }
    return (struct part){expression_list(text, EXPRESSION_SEQUENCE, parts, n), length};
}

static struct part read_choice(struct pattern *p, bool whole) {
    struct expression *parts[500];
    uint32_t n = 0;
    struct length length = {UINT64_MAX, 0};
    for (;;) {
        if (n == COUNT_OF(parts))
            return wrong(p, "the pattern has too many alternatives");
        struct part part = read_sequence(p, whole);
        if (!part.e)
            return no_part;
        parts[n++] = part.e;
        length.least = part.length.least < length.least ? part.length.least : length.least;
        length.most = part.length.most > length.most ? part.length.most : length.most;
        if (peek(p, 0) != '|')
            break;
        p->at++;
    }
    return (struct part){expression_list(p->schema->text, EXPRESSION_CHOICE, parts, n), length};
}

static struct part read_pattern(struct schema *schema, const char *source, const char *pointer) {
    struct pattern p = {.schema = schema, .source = view_of(source), .pointer = pointer};
    if (p.source.n > PATTERN_BYTES)
        return wrong(&p, "the pattern is too long");
    struct part part = read_choice(&p, true);
    if (part.e && p.at < p.source.n)
        return wrong(&p, "a bracket closes nothing");
    return part;
}

/* ------------------------------------------------------------------------------------ formats */

#define DAY "(0[1-9]|[12]\\d|3[01])"
#define LEAP_YEAR "([1-9]\\d(0[48]|[2468][048]|[13579][26])|([2468][048]|[13579][26])00)"
#define DATE                                                                                      \
    "([1-9]\\d{3}-((0[13578]|1[02])-" DAY                                                         \
    "|(0[469]|11)-(0[1-9]|[12]\\d|30)|02-(0[1-9]|1\\d|2[0-8]))|" LEAP_YEAR "-02-29)"
#define TIME "([01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(\\.\\d{1,9})?(Z|[+-]([01]\\d|2[0-3]):[0-5]\\d)"
#define LABEL "[A-Za-z0-9]{1,20}(-[A-Za-z0-9]{1,20}){0,2}"
#define BYTE "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)"
#define X4 "[0-9A-Fa-f]{1,4}"
#define CLOCK "(\\d{1,4}H(\\d{1,4}M(\\d{1,4}S)?)?|\\d{1,4}M(\\d{1,4}S)?|\\d{1,4}S)"
#define CALENDAR "(\\d{1,4}Y(\\d{1,4}M(\\d{1,4}D)?)?|\\d{1,4}M(\\d{1,4}D)?|\\d{1,4}D)"
#define JSON_POINTER "(/([^~/]|~[01])*)*"
#define URI                                                                                       \
    "[a-z][a-z0-9+.-]{0,15}://" LABEL "(\\." LABEL "){0,3}(:[1-9]\\d{0,3})?"                      \
    "(/[A-Za-z0-9._~-]*)*(\\?[A-Za-z0-9._~=&-]*)?(#[A-Za-z0-9._~-]*)?"

/* What is written is always of the format; some that few people write is left out, such as
 * quoted names in addresses and leap seconds. */
static const struct {
    const char *name, *pattern;
} formats[] = {
    {"date", "^" DATE "$"},
    {"time", "^" TIME "$"},
    {"date-time", "^" DATE "T" TIME "$"},
    {"duration", "^P(\\d{1,4}W|" CALENDAR "(T" CLOCK ")?|T" CLOCK ")$"},
    {"email", "^[A-Za-z0-9_+-]{1,30}(\\.[A-Za-z0-9_+-]{1,15}){0,2}@" LABEL "(\\." LABEL "){1,2}$"},
    {"idn-email",
     "^[A-Za-z0-9_+-]{1,30}(\\.[A-Za-z0-9_+-]{1,15}){0,2}@" LABEL "(\\." LABEL "){1,2}$"},
    {"hostname", "^" LABEL "(\\." LABEL "){0,3}$"},
    {"idn-hostname", "^" LABEL "(\\." LABEL "){0,3}$"},
    {"ipv4", "^" BYTE "(\\." BYTE "){3}$"},
    {"ipv6", "^((" X4 ":){7}" X4 "|(" X4 ":){1,7}:|(" X4 ":){1,6}:" X4 "|(" X4 ":){1,5}(:" X4
             "){1,2}|(" X4 ":){1,4}(:" X4 "){1,3}|(" X4 ":){1,3}(:" X4 "){1,4}|(" X4 ":){1,2}(:" X4
             "){1,5}|" X4 ":(:" X4 "){1,6}|:((:" X4 "){1,7}|:))$"},
    {"uuid", "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$"},
    {"uri", "^" URI "$"},
    {"iri", "^" URI "$"},
    {"uri-reference", "^" URI "$"},
    {"iri-reference", "^" URI "$"},
    {"json-pointer", "^" JSON_POINTER "$"},
    {"relative-json-pointer", "^(0|[1-9]\\d{0,8})(#|" JSON_POINTER ")$"},
};

static const char *format_pattern(const char *name) {
    for (size_t i = 0; i < COUNT_OF(formats); i++)
        if (!strcmp(formats[i].name, name))
            return formats[i].pattern;
    return NULL;
}

/* ------------------------------------------------------------------------------------- strings */

static struct part shaped(struct schema *schema, const json_t *folded, const char *pointer) {
    const json_t *patterns = json_object_get(folded, "pattern");
    const json_t *named = json_object_get(folded, "format");
    if (json_array_size(patterns) + json_array_size(named) > 1) {
        schema_refuse(schema, FAULT_INPUT, pointer,
                      "several of pattern and format for one text are not supported");
        fault_remedy(schema->fault, "Say all in one pattern");
        return no_part;
    }
    if (json_array_size(patterns))
        return read_pattern(schema, json_string_value(json_array_get(patterns, 0)), pointer);
    const char *name = json_string_value(json_array_get(named, 0));
    const char *pattern = format_pattern(name);
    if (pattern)
        return read_pattern(schema, pattern, pointer);
    schema_refuse(schema, FAULT_INPUT, pointer, "the format %s is not supported", name);
    fault_remedy(schema->fault, "Leave it out, or say it as a pattern");
    return no_part;
}

struct expression *schema_string(struct schema *schema, const json_t *folded,
                                 const char *pointer) {
    struct grammar_text *text = schema->text;
    const json_t *shortest = json_object_get(folded, "minLength");
    const json_t *longest = json_object_get(folded, "maxLength");
    uint32_t least = shortest ? (uint32_t)json_integer_value(shortest) : 0;
    uint32_t most = longest ? (uint32_t)json_integer_value(longest) : NO_MOST;
    struct expression *quote = text_of(schema, "\"");
    if (least > most)
        return expression_never(text);
    if (json_object_get(folded, "pattern") || json_object_get(folded, "format")) {
        struct part part = shaped(schema, folded, pointer);
        if (!part.e)
            return NULL;
        if (part.length.least < least || (most != NO_MOST && part.length.most > most)) {
            schema_refuse(schema, FAULT_INPUT, pointer,
                          "%s is not supported beside a pattern of other lengths",
                          part.length.least < least ? "minLength" : "maxLength");
            fault_remedy(schema->fault, "Say the length in the pattern, as in ^[a-z]{1,9}$");
            return NULL;
        }
        return SEQUENCE(text, quote, part.e, quote);
    }
    if (least == 0 && most == NO_MOST)
        return any_string(schema);
    return SEQUENCE(text, quote, expression_repeat(text, any_character(schema), least, most),
                    quote);
}
