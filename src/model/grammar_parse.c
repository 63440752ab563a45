/* Reads GBNF, the grammar language of llama.cpp:
 *
 *     root   ::= answer ("," " "? answer){0,4}     # a comment
 *     answer ::= [A-Za-z]+ | "\u00e9" | [^"\n] | . | ( nested )
 *
 * A rule ends with its line, but goes on in brackets, after ::= and after |. */
#include "model/grammar.h"

#include <stdlib.h>
#include <string.h>

struct reader {
    struct view source;
    size_t at;
    struct grammar_text *text;
    struct fault *fault;
    uint32_t *slots; /* rules by name, + 1 */
    size_t slot_mask;
    int depth;
    bool *defined;  /* [GRAMMAR_RULES] */
    size_t counted; /* lines up to here */
    long line;
};

static long line_at(struct reader *reader, size_t at) {
    for (; reader->counted < at && reader->counted < reader->source.n; reader->counted++)
        reader->line += reader->source.at[reader->counted] == '\n';
    return reader->line + 1;
}

static bool wrong(struct reader *reader, size_t at, enum fault_kind kind, const char *what) {
    long line = 1;
    size_t begin = 0;
    at = at < reader->source.n ? at : reader->source.n;
    for (size_t i = 0; i < at; i++)
        if (reader->source.at[i] == '\n') {
            line++;
            begin = i + 1;
        }
    size_t column = utf8_length(view_slice(reader->source, begin, at)) + 1;
    fault_set(reader->fault, kind, "column %zu: %s", column, what);
    return fault_place(reader->fault, NULL, line, -1);
}

static int peek(const struct reader *reader) {
    return reader->at < reader->source.n ? (uint8_t)reader->source.at[reader->at] : -1;
}

static void skip_space(struct reader *reader, bool lines) {
    for (int c; (c = peek(reader)) >= 0; reader->at++) {
        if (c == '#') {
            while (peek(reader) >= 0 && peek(reader) != '\n')
                reader->at++;
            if (!lines || peek(reader) < 0)
                return;
        } else if (c != ' ' && c != '\t' && c != '\r' && !(lines && c == '\n')) {
            return;
        }
    }
}

static bool in_name(int c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '-' || c == '_';
}

static struct view read_name(struct reader *reader) {
    size_t from = reader->at;
    while (in_name(peek(reader)))
        reader->at++;
    return view_slice(reader->source, from, reader->at);
}

static bool find_rule(struct reader *reader, struct view name, size_t at, uint32_t *rule) {
    size_t slot = hash64(name, 1) & reader->slot_mask;
    for (; reader->slots[slot]; slot = (slot + 1) & reader->slot_mask)
        if (view_equal(reader->text->rules[reader->slots[slot] - 1].name, name)) {
            *rule = reader->slots[slot] - 1;
            return true;
        }
    if (reader->text->n >= GRAMMAR_RULES)
        return wrong(reader, at, FAULT_LIMIT, "the grammar has too many rules");
    *rule = grammar_text_rule(reader->text, name, line_at(reader, at));
    reader->slots[slot] = *rule + 1;
    return !memory_is_short();
}

/* ------------------------------------------------------------------------------- characters */

static int hex(int c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* One character of a text or a class, after its backslash where it has one. */
static bool read_point(struct reader *reader, int32_t *point) {
    size_t from = reader->at;
    if (peek(reader) != '\\') {
        reader->at += utf8_decode(reader->source.at + from, reader->source.n - from, point);
        return *point >= 0 || wrong(reader, from, FAULT_INPUT, "this is not UTF-8");
    }
    reader->at++;
    int c = peek(reader);
    reader->at += c >= 0;
    static const char plain[] = "n\nr\rt\t\\\\\"\"[[]]--^^''//";
    for (size_t i = 0; plain[i]; i += 2)
        if (c == plain[i]) {
            *point = plain[i + 1];
            return true;
        }
    int digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
    if (!digits)
        return wrong(reader, from, FAULT_INPUT,
                     "this escape is none of \\n \\r \\t \\\\ \\\" \\[ \\] \\x \\u \\U");
    int64_t value = 0;
    for (int i = 0; i < digits; i++, reader->at++) {
        if (hex(peek(reader)) < 0)
            return wrong(reader, from, FAULT_INPUT,
                         "\\x wants two hexadecimal digits, \\u four and \\U eight");
        value = value * 16 + hex(peek(reader));
    }
    if (value > 0x10FFFF || (value >= 0xD800 && value < 0xE000))
        return wrong(reader, from, FAULT_INPUT, "this number is no character of Unicode");
    *point = (int32_t)value;
    return true;
}

static struct expression *read_text(struct reader *reader) {
    size_t from = reader->at++;
    struct buffer bytes = {0};
    bool good = true;
    while (good && peek(reader) != '"') {
        int32_t point;
        char utf8[4];
        if (peek(reader) < 0 || peek(reader) == '\n')
            good = wrong(reader, from, FAULT_INPUT, "this text has no closing quotation mark");
        else if ((good = read_point(reader, &point)))
            buffer_append(&bytes, (struct view){utf8, utf8_encode(point, utf8)});
    }
    reader->at++;
    struct expression *made = good ? expression_text(reader->text, buffer_view(&bytes)) : NULL;
    buffer_free(&bytes);
    return made;
}

static struct expression *read_class(struct reader *reader) {
    size_t from = reader->at++;
    bool inverted = peek(reader) == '^', good = true;
    reader->at += inverted;
    struct range *ranges = NULL;
    uint32_t n = 0, capacity = 0;
    while (good && peek(reader) != ']') {
        struct range range;
        if (peek(reader) < 0 || peek(reader) == '\n') {
            good = wrong(reader, from, FAULT_INPUT, "this class has no closing bracket");
            break;
        }
        size_t place = reader->at;
        good = read_point(reader, &range.low);
        range.high = range.low;
        if (good && peek(reader) == '-' && reader->at + 1 < reader->source.n &&
            reader->source.at[reader->at + 1] != ']') {
            reader->at++;
            good = read_point(reader, &range.high);
        }
        if (good && range.high < range.low)
            good = wrong(reader, place, FAULT_INPUT, "this range ends before it begins");
        if (!TRY_ROOM(ranges, capacity, n + 1))
            break;
        ranges[n++] = range;
    }
    reader->at++;
    struct expression *made = good ? expression_class(reader->text, ranges, n, inverted) : NULL;
    free(ranges);
    if (made && made->n == 0) {
        wrong(reader, from, FAULT_INPUT, "no character is in this class");
        return NULL;
    }
    return made;
}

/* -------------------------------------------------------------------------------- structure */

static struct expression *read_choice(struct reader *reader);

static bool read_count(struct reader *reader, uint32_t *count) {
    size_t from = reader->at;
    uint64_t value = 0;
    for (int c; (c = peek(reader)) >= '0' && c <= '9'; reader->at++)
        value = value > GRAMMAR_COUNT ? value : value * 10 + (uint64_t)(c - '0');
    if (reader->at == from)
        return wrong(reader, from, FAULT_INPUT, "a count is {m}, {m,} or {m,n}, of plain numbers");
    if (value > GRAMMAR_COUNT)
        return wrong(reader, from, FAULT_LIMIT, "a count may be at most 1000000");
    *count = (uint32_t)value;
    return true;
}

static bool read_counts(struct reader *reader, uint32_t *least, uint32_t *most) {
    size_t from = reader->at++;
    skip_space(reader, false);
    if (!read_count(reader, least))
        return false;
    *most = *least;
    skip_space(reader, false);
    if (peek(reader) == ',') {
        reader->at++;
        skip_space(reader, false);
        *most = NO_MOST;
        if (peek(reader) != '}' && !read_count(reader, most))
            return false;
        skip_space(reader, false);
    }
    if (peek(reader) != '}')
        return wrong(reader, from, FAULT_INPUT, "this count has no closing brace");
    reader->at++;
    return *most >= *least || wrong(reader, from, FAULT_INPUT, "this count ends before it begins");
}

/* What may follow an item: ? * + or a count, also several. */
static struct expression *read_repeats(struct reader *reader, struct expression *item) {
    for (int times = 0; item; times++) {
        size_t from = reader->at;
        skip_space(reader, reader->depth > 0);
        int c = peek(reader);
        uint32_t least = c == '+', most = c == '?' ? 1 : NO_MOST;
        if (c == '{') {
            if (!read_counts(reader, &least, &most))
                return NULL;
        } else if (c == '?' || c == '*' || c == '+') {
            reader->at++;
        } else {
            reader->at = from;
            return item;
        }
        if (times >= 8) {
            wrong(reader, from, FAULT_LIMIT, "an item may be repeated in at most 8 ways");
            return NULL;
        }
        item = expression_repeat(reader->text, item, least, most);
    }
    return NULL;
}

static struct expression *read_item(struct reader *reader) {
    size_t from = reader->at;
    int c = peek(reader);
    if (memory_is_short())
        return NULL;
    if (reader->text->n_expression > GRAMMAR_EXPRESSIONS) {
        wrong(reader, from, FAULT_LIMIT, "the grammar is too large");
        return NULL;
    }
    if (c == '"')
        return read_text(reader);
    if (c == '[')
        return read_class(reader);
    if (c == '.') {
        reader->at++;
        return expression_class(reader->text, NULL, 0, true);
    }
    if (c == '(') {
        if (reader->depth >= GRAMMAR_NESTING) {
            wrong(reader, from, FAULT_LIMIT, "brackets stand over 100 deep in each other");
            return NULL;
        }
        reader->at++;
        reader->depth++;
        struct expression *inner = read_choice(reader);
        reader->depth--;
        if (inner && peek(reader) != ')') {
            wrong(reader, from, FAULT_INPUT, "this bracket is not closed");
            return NULL;
        }
        reader->at++;
        return inner;
    }
    if (c == '<') {
        wrong(reader, from, FAULT_INPUT,
              "a token between < and > is not supported; write its text in quotation marks");
        return NULL;
    }
    if (!in_name(c)) {
        wrong(reader, from, FAULT_INPUT, "here stands none of \"text\", [class], . and a rule");
        return NULL;
    }
    uint32_t rule;
    struct view name = read_name(reader);
    return find_rule(reader, name, from, &rule) ? expression_rule(reader->text, rule) : NULL;
}

static bool ends_sequence(struct reader *reader) {
    int c = peek(reader);
    return c < 0 || c == '|' || c == ')' || c == '\n';
}

struct list {
    struct expression **at;
    uint32_t n, capacity;
};

static void list_add(struct list *list, struct expression *e) {
    if (TRY_ROOM(list->at, list->capacity, list->n + 1))
        list->at[list->n++] = e;
}

static struct expression *read_sequence(struct reader *reader) {
    struct list list = {0};
    bool good = true;
    for (;;) {
        skip_space(reader, reader->depth > 0);
        if (ends_sequence(reader))
            break;
        struct expression *item = read_repeats(reader, read_item(reader));
        if (!(good = item != NULL))
            break;
        list_add(&list, item);
    }
    struct expression *made =
        good ? expression_list(reader->text, EXPRESSION_SEQUENCE, list.at, list.n) : NULL;
    free(list.at);
    return made;
}

/* Many plain texts are a trie. */
static struct expression *choice_of(struct reader *reader, const struct list *list) {
    bool plain = list->n > 1;
    for (uint32_t i = 0; i < list->n; i++)
        plain = plain && list->at[i]->kind == EXPRESSION_TEXT;
    if (!plain)
        return expression_list(reader->text, EXPRESSION_CHOICE, list->at, list->n);
    struct view *words = try_alloc(list->n, sizeof *words, NULL);
    for (uint32_t i = 0; words && i < list->n; i++)
        words[i] = list->at[i]->text;
    struct expression *made = words ? expression_words(reader->text, words, list->n) : NULL;
    free(words);
    return made;
}

static struct expression *read_choice(struct reader *reader) {
    struct list list = {0};
    bool good = true;
    for (;;) {
        struct expression *one = read_sequence(reader);
        if (!(good = one != NULL))
            break;
        list_add(&list, one);
        if (peek(reader) != '|')
            break;
        reader->at++;
        skip_space(reader, true);
    }
    struct expression *made = good ? choice_of(reader, &list) : NULL;
    free(list.at);
    return made;
}

static bool read_rule(struct reader *reader) {
    size_t from = reader->at;
    struct view name = read_name(reader);
    uint32_t rule;
    if (name.n == 0)
        return wrong(reader, from, FAULT_INPUT, "here a rule begins with its name");
    if (!find_rule(reader, name, from, &rule))
        return false;
    skip_space(reader, false);
    if (!view_starts(view_slice(reader->source, reader->at, reader->source.n), "::="))
        return wrong(reader, reader->at, FAULT_INPUT, "after the name of a rule stands ::=");
    if (reader->defined[rule])
        return wrong(reader, from, FAULT_INPUT, "this rule is defined twice");
    reader->defined[rule] = true;
    reader->text->rules[rule].line = line_at(reader, from);
    reader->at += 3;
    skip_space(reader, true);
    struct expression *body = read_choice(reader);
    if (!body)
        return false;
    reader->text->rules[rule].body = body;
    if (peek(reader) == ')')
        return wrong(reader, reader->at, FAULT_INPUT, "this bracket closes nothing");
    return true;
}

bool gbnf_parse(struct view source, struct grammar_text *text, struct fault *fault) {
    struct reader reader = {.source = source, .text = text, .fault = fault};
    if (source.n > GRAMMAR_SOURCE)
        return fault_set(fault, FAULT_LIMIT, "the grammar has %zu bytes, the most are %d",
                         source.n, GRAMMAR_SOURCE);
    reader.slot_mask = 65535;
    reader.slots = try_alloc(reader.slot_mask + 1, sizeof *reader.slots, NULL);
    reader.defined = try_alloc(GRAMMAR_RULES, sizeof(bool), NULL);
    uint32_t root;
    bool good = reader.slots && reader.defined && find_rule(&reader, VIEW("root"), 0, &root);
    while (good && !memory_is_short()) {
        skip_space(&reader, true);
        if (peek(&reader) < 0)
            break;
        good = read_rule(&reader);
    }
    good = good && !memory_is_short();
    if (good && !reader.defined[root]) {
        fault_set(fault, FAULT_INPUT, "the grammar has no rule named root");
        good = fault_remedy(fault, "Texts begin at root: write root ::= …");
    }
    free(reader.slots);
    free(reader.defined);
    return good;
}
