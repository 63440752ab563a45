/* Statements: relations, lists, and, or, not, and answers in words. */
#include "algebra/parser.h"

#include <string.h>

enum { MAX_ROWS = 64 };

static bool take_relation(struct parser *parser, enum expression_relation *relation) {
    static const struct {
        char mark;
        enum expression_relation relation;
    } marks[] = {{'=', EQUAL},   {MARK_NOT_EQUAL, NOT_EQUAL},
                 {'<', LESS},    {MARK_LESS_EQUAL, LESS_EQUAL},
                 {'>', GREATER}, {MARK_GREATER_EQUAL, GREATER_EQUAL}};
    for (size_t i = 0; i < COUNT_OF(marks); i++)
        if (take(parser, marks[i].mark)) {
            *relation = marks[i].relation;
            return true;
        }
    return false;
}

struct expression *parse_reals(struct parser *parser) {
    struct expression *end = parse_constant(parser, "inf");
    struct expression *made =
        parse_join(parser, EXPRESSION_LIST, parse_wrap(parser, EXPRESSION_NEGATE, end), end);
    if (made)
        made->open_left = made->open_right = true;
    return made;
}

/* Under a line, or the rest of the relation. */
static struct expression *parse_negated(struct parser *parser) {
    bool line = parser->at->kind == TOKEN_NOT &&
                (view_is(parser->at->text, "overline") || view_is(parser->at->text, "bar"));
    parser->at++;
    if (!line || !take(parser, '{'))
        return parse_wrap(parser, EXPRESSION_NOT, deeper(parser, parse_relation));
    struct expression *inner = deeper(parser, parse_statement);
    if (inner && !take(parser, '}'))
        return parse_fail(parser, "a } is missing");
    return parse_wrap(parser, EXPRESSION_NOT, inner);
}

/* Z in n in Z, R in x in R. */
static struct expression *number_set(struct parser *parser, struct expression *e) {
    static const struct {
        const char *letter, *name;
    } sets[] = {{"Z", "integers"}, {"N", "naturals"}, {"Q", "rationals"}, {"C", "complexes"}};
    if (e->kind != EXPRESSION_NAME)
        return e;
    for (size_t i = 0; i < COUNT_OF(sets); i++)
        if (view_is(e->text, sets[i].letter))
            e->text = view_of(sets[i].name);
    return view_is(e->text, "R") ? parse_reals(parser) : e;
}

struct expression *parse_relation(struct parser *parser) {
    if (parser->at->kind == TOKEN_NOT || is_mark(parser, '!'))
        return parse_negated(parser);
    struct expression *left = parse_sum(parser), *all = NULL;
    enum expression_relation relation;
    struct view typed;
    while (left && (typed = parser->at->text, take_relation(parser, &relation))) {
        struct expression *right = parse_sum(parser);
        struct expression *one = parse_join(parser, EXPRESSION_RELATION, left, right);
        if (!one)
            return NULL;
        one->relation = relation;
        if (view_is(typed, "in") && !(one->of[1] = number_set(parser, right)))
            return NULL;
        all = all ? parse_join(parser, EXPRESSION_AND, all, one) : one;
        if (!all)
            return NULL;
        left = right;
    }
    return left && all ? all : left;
}

static bool or_more(struct parser *parser) {
    if (parser->at->kind != TOKEN_OR && !is_union(parser))
        return false;
    parser->at++;
    return true;
}
static bool and_more(struct parser *parser) {
    return parser->at->kind == TOKEN_AND && parser->at++;
}
/* a, b; and between brackets a, b; c, d by rows: in a matrix, or as solutions of a system. */
struct expression *parse_commas(struct parser *parser) {
    struct expression *rows[MAX_ROWS];
    int n = 0;
    bool comma = false, row = parser->options->decimal_comma;
    do {
        if (n == MAX_ROWS)
            return parse_fail(parser, "there are too many rows");
        rows[n] = several(parser, EXPRESSION_COMMA, parse_relation, row ? any_more : comma_more);
        if (!rows[n])
            return NULL;
        comma |= rows[n++]->kind == EXPRESSION_COMMA;
    } while (!row && take(parser, ';'));
    if (n == 1)
        return rows[0];
    struct expression *made = parse_node(parser, EXPRESSION_COMMA, n);
    for (int i = 0; made && i < n; i++) {
        made->of[i] = rows[i];
        if (comma && rows[i]->kind == EXPRESSION_COMMA)
            rows[i]->kind = EXPRESSION_LIST;
    }
    return made;
}
static struct expression *parse_and(struct parser *parser) {
    struct expression *made = several(parser, EXPRESSION_AND, parse_commas, and_more);
    while (made && (parser->at->kind == TOKEN_WITHOUT || parser->at->kind == TOKEN_AND)) {
        enum expression_kind kind =
            parser->at++->kind == TOKEN_AND ? EXPRESSION_AND : EXPRESSION_WITHOUT;
        struct expression *right = parse_commas(parser);
        if (kind == EXPRESSION_WITHOUT)
            right = as_taken(parser, right);
        made = parse_join(parser, kind, made, right);
    }
    return made;
}
static bool xor_more(struct parser *parser) {
    return parser->at->kind == TOKEN_XOR && parser->at++;
}
static struct expression *parse_xor(struct parser *parser) {
    return several(parser, EXPRESSION_XOR, parse_and, xor_more);
}
static struct expression *parse_or(struct parser *parser) {
    return several(parser, EXPRESSION_OR, parse_xor, or_more);
}
static struct expression *parse_implies(struct parser *parser) {
    struct expression *made = parse_or(parser);
    if (!made || parser->at->kind != TOKEN_IMPLIES)
        return made;
    parser->at++;
    return parse_join(parser, EXPRESSION_IMPLIES, made, deeper(parser, parse_implies));
}
static bool iff_more(struct parser *parser) {
    return parser->at->kind == TOKEN_IFF && parser->at++;
}
struct expression *parse_statement(struct parser *parser) {
    return several(parser, EXPRESSION_IFF, parse_implies, iff_more);
}

/* Answers in words: there is none, or everything is one. */
static struct expression *parse_phrase(struct parser *parser, struct view text) {
    static const char *const none[] = {"no solution",
                                       "no solutions",
                                       "no real solution",
                                       "no real solutions",
                                       "none",
                                       "empty set",
                                       "the empty set",
                                       "no real root",
                                       "no real roots",
                                       "there is no solution",
                                       "无解",
                                       "方程无解",
                                       "无实数解",
                                       "无实根",
                                       "无实数根",
                                       "没有解",
                                       "没有实数解",
                                       "空集",
                                       "sin solución",
                                       "no hay solución",
                                       "no hay soluciones",
                                       "no tiene solución",
                                       "no tiene soluciones",
                                       "conjunto vacío",
                                       "لا حل",
                                       "لا حل لها",
                                       "لا يوجد حل",
                                       "لا توجد حلول",
                                       "ليس له حل",
                                       "ليس لها حل",
                                       "المجموعة الخالية",
                                       "مجموعة خالية"};
    static const char *const all[] = {"all real numbers",
                                      "all reals",
                                      "all real number",
                                      "any real number",
                                      "every real number",
                                      "all numbers",
                                      "全体实数",
                                      "任意实数",
                                      "所有实数",
                                      "一切实数",
                                      "todos los números reales",
                                      "todos los reales",
                                      "جميع الأعداد الحقيقية"};
    char lower[64];
    if (view_starts(text, "\\text{") && view_ends(text, "}"))
        text = view_slice(text, 6, text.n - 1);
    if (text.n && text.at[text.n - 1] == '.')
        text.n--;
    if (text.n >= sizeof lower)
        return NULL;
    for (size_t i = 0; i < text.n; i++)
        lower[i] = (char)(text.at[i] >= 'A' && text.at[i] <= 'Z' ? text.at[i] + 32 : text.at[i]);
    struct view plain = {lower, text.n};
    for (size_t i = 0; i < COUNT_OF(none); i++)
        if (view_is(plain, none[i]))
            return parse_node(parser, EXPRESSION_SET, 0);
    for (size_t i = 0; i < COUNT_OF(all); i++)
        if (view_is(plain, all[i]))
            return parse_reals(parser);
    return NULL;
}

/* "… where k is an integer" and "… (k ∈ ℤ)" as "…, k ∈ ℤ". */
static struct view spread_condition(struct arena *arena, struct view text) {
    static const struct {
        const char *from, *to;
    } rows[] = {{" is an integer", " \\in \\mathbb{Z}"},
                {" is any integer", " \\in \\mathbb{Z}"},
                {" are integers", " \\in \\mathbb{Z}"},
                {"为整数", " \\in \\mathbb{Z}"},
                {"是整数", " \\in \\mathbb{Z}"},
                {", where ", ", "},
                {" where ", ", "},
                {"其中", " "}};
    bool any = false;
    struct buffer out = {0};
    for (size_t i = 0; i < text.n;) {
        size_t row = 0;
        while (row < COUNT_OF(rows) && !view_starts(view_slice(text, i, text.n), rows[row].from))
            row++;
        if (row < COUNT_OF(rows)) {
            buffer_text(&out, rows[row].to);
            i += strlen(rows[row].from);
            any = true;
        } else
            buffer_byte(&out, text.at[i++]);
    }
    struct view last = view_trim(any ? buffer_view(&out) : text);
    size_t open = last.n && last.at[last.n - 1] == ')' ? last.n - 1 : 0;
    while (open && last.at[open] != '(')
        open--;
    struct view inner = view_slice(last, open, last.n);
    if (open && (view_find(inner, VIEW("∈")) >= 0 || view_find(inner, VIEW("\\in ")) >= 0 ||
                 view_find(inner, VIEW("\\in\\")) >= 0))
        text = view_of(arena_format(arena, "%.*s, %.*s", (int)open, last.at,
                                    (int)(last.n - open - 2), last.at + open + 1));
    else if (any)
        text = arena_copy(arena, last);
    buffer_free(&out);
    return text;
}

struct expression *expression_parse(struct arena *arena, struct view text,
                                    const struct parse_options *options, struct fault *fault) {
    static const struct parse_options none = {0};
    if (text.n > EXPRESSION_BYTES) {
        fault_set(fault, FAULT_LIMIT, "the formula is over %d bytes long", EXPRESSION_BYTES);
        return NULL;
    }
    text = view_trim(text);
    if (!text.n) {
        fault_set(fault, FAULT_INPUT, "there is no formula");
        return NULL;
    }
    struct parser parser = {.arena = arena,
                            .options = options ? options : &none,
                            .fault = fault,
                            .latex = view_find(text, VIEW("\\")) >= 0};
    struct expression *made = parse_phrase(&parser, text);
    if (made)
        return made;
    const struct token *tokens = lex(arena, spread_condition(arena, text), parser.options, fault);
    if (!tokens)
        return NULL;
    parser.at = parser.first = tokens;
    made = parse_statement(&parser);
    if (made && parser.at->kind != TOKEN_END)
        return parse_fail(&parser, "I can't read the formula from here on");
    return made;
}
