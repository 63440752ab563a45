#include "algebra/lexer.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct word {
    const char *from;
    enum token_kind kind;
    const char *to; /* NULL: the same */
    char mark;
};

/* clang-format off */
static const struct word words[] = {
    {"sqrt", TOKEN_FUNCTION, 0, 0}, {"cbrt", TOKEN_FUNCTION, 0, 0}, {"abs", TOKEN_FUNCTION, 0, 0},
    {"exp", TOKEN_FUNCTION, 0, 0}, {"ln", TOKEN_FUNCTION, 0, 0}, {"log", TOKEN_FUNCTION, 0, 0},
    {"lg", TOKEN_FUNCTION, "log", 0}, {"lb", TOKEN_FUNCTION, "lb", 0},
    {"sin", TOKEN_FUNCTION, 0, 0}, {"cos", TOKEN_FUNCTION, 0, 0}, {"tan", TOKEN_FUNCTION, 0, 0},
    {"cot", TOKEN_FUNCTION, 0, 0}, {"sec", TOKEN_FUNCTION, 0, 0}, {"csc", TOKEN_FUNCTION, 0, 0},
    {"asin", TOKEN_FUNCTION, 0, 0}, {"acos", TOKEN_FUNCTION, 0, 0}, {"atan", TOKEN_FUNCTION, 0, 0},
    {"arcsin", TOKEN_FUNCTION, "asin", 0}, {"arccos", TOKEN_FUNCTION, "acos", 0},
    {"arctan", TOKEN_FUNCTION, "atan", 0}, {"tg", TOKEN_FUNCTION, "tan", 0},
    {"ctg", TOKEN_FUNCTION, "cot", 0}, {"sen", TOKEN_FUNCTION, "sin", 0},
    {"sinh", TOKEN_FUNCTION, 0, 0}, {"cosh", TOKEN_FUNCTION, 0, 0},
    {"tanh", TOKEN_FUNCTION, 0, 0}, {"asinh", TOKEN_FUNCTION, 0, 0},
    {"acosh", TOKEN_FUNCTION, 0, 0}, {"atanh", TOKEN_FUNCTION, 0, 0},
    {"sech", TOKEN_FUNCTION, 0, 0}, {"csch", TOKEN_FUNCTION, 0, 0}, {"coth", TOKEN_FUNCTION, 0, 0},
    {"arcsinh", TOKEN_FUNCTION, "asinh", 0}, {"arccosh", TOKEN_FUNCTION, "acosh", 0},
    {"arctanh", TOKEN_FUNCTION, "atanh", 0}, {"arsinh", TOKEN_FUNCTION, "asinh", 0},
    {"arcosh", TOKEN_FUNCTION, "acosh", 0}, {"artanh", TOKEN_FUNCTION, "atanh", 0},
    {"cosec", TOKEN_FUNCTION, "csc", 0}, {"arctg", TOKEN_FUNCTION, "atan", 0},
    {"sgn", TOKEN_FUNCTION, "sign", 0},
    {"floor", TOKEN_FUNCTION, 0, 0}, {"ceil", TOKEN_FUNCTION, 0, 0},
    {"min", TOKEN_FUNCTION, 0, 0}, {"max", TOKEN_FUNCTION, 0, 0},
    {"mod", TOKEN_FUNCTION, 0, 0}, {"gcd", TOKEN_FUNCTION, 0, 0}, {"sign", TOKEN_FUNCTION, 0, 0},
    {"pi", TOKEN_CONSTANT, 0, 0}, {"e", TOKEN_CONSTANT, 0, 0}, {"i", TOKEN_CONSTANT, 0, 0},
    {"infty", TOKEN_CONSTANT, "inf", 0}, {"infinity", TOKEN_CONSTANT, "inf", 0},
    {"inf", TOKEN_CONSTANT, 0, 0}, {"oo", TOKEN_CONSTANT, "inf", 0},
    {"or", TOKEN_OR, 0, 0}, {"and", TOKEN_AND, 0, 0}, {"lor", TOKEN_OR, 0, 0},
    {"vee", TOKEN_OR, 0, 0}, {"cup", TOKEN_OR, 0, 0}, {"land", TOKEN_AND, 0, 0},
    {"wedge", TOKEN_AND, 0, 0}, {"cdot", TOKEN_MARK, 0, '*'}, {"times", TOKEN_MARK, 0, '*'},
    {"ast", TOKEN_MARK, 0, '*'}, {"div", TOKEN_MARK, 0, '/'},
    {"leq", TOKEN_MARK, 0, MARK_LESS_EQUAL}, {"le", TOKEN_MARK, 0, MARK_LESS_EQUAL},
    {"leqslant", TOKEN_MARK, 0, MARK_LESS_EQUAL}, {"geq", TOKEN_MARK, 0, MARK_GREATER_EQUAL},
    {"ge", TOKEN_MARK, 0, MARK_GREATER_EQUAL}, {"geqslant", TOKEN_MARK, 0, MARK_GREATER_EQUAL},
    {"neq", TOKEN_MARK, 0, MARK_NOT_EQUAL}, {"ne", TOKEN_MARK, 0, MARK_NOT_EQUAL},
    {"mp", TOKEN_MARK, 0, MARK_PLUS_MINUS}, {"bmod", TOKEN_FUNCTION, "mod", 0},
    {"binom", TOKEN_FRAC, 0, 0}, {"dbinom", TOKEN_FRAC, "binom", 0},
    {"vec", TOKEN_END, 0, 0}, {"hat", TOKEN_END, 0, 0}, {"bar", TOKEN_END, 0, 0},
    {"bigl", TOKEN_END, 0, 0}, {"bigr", TOKEN_END, 0, 0}, {"Bigl", TOKEN_END, 0, 0},
    {"Bigr", TOKEN_END, 0, 0}, {"middle", TOKEN_END, 0, 0}, {"limits", TOKEN_END, 0, 0},
    {"cfrac", TOKEN_FRAC, "frac", 0},
    {"lt", TOKEN_MARK, 0, '<'}, {"gt", TOKEN_MARK, 0, '>'}, {"pm", TOKEN_MARK, 0, MARK_PLUS_MINUS},
    {"in", TOKEN_MARK, 0, '='}, {"vert", TOKEN_MARK, 0, '|'}, {"lvert", TOKEN_MARK, 0, MARK_BAR_OPEN},
    {"rvert", TOKEN_MARK, 0, MARK_BAR_CLOSE}, {"langle", TOKEN_MARK, 0, '('}, {"rangle", TOKEN_MARK, 0, ')'},
    {"lbrace", TOKEN_MARK, 0, MARK_SET_OPEN}, {"rbrace", TOKEN_MARK, 0, MARK_SET_CLOSE},
    {"circ", TOKEN_MARK, 0, MARK_DEGREE}, {"degree", TOKEN_MARK, 0, MARK_DEGREE},
    {"frac", TOKEN_FRAC, 0, 0}, {"dfrac", TOKEN_FRAC, "frac", 0}, {"tfrac", TOKEN_FRAC, "frac", 0},
    {"left", TOKEN_END, 0, 0}, {"right", TOKEN_END, 0, 0}, {"displaystyle", TOKEN_END, 0, 0},
    {"quad", TOKEN_END, 0, 0}, {"qquad", TOKEN_END, 0, 0},
    {"big", TOKEN_END, 0, 0}, {"Big", TOKEN_END, 0, 0},
};
/* Words that only mean this after a backslash. */
static const char *const latex_only[] = {"cdot", "times", "ast", "div", "leq", "le", "leqslant",
    "geq", "ge", "geqslant", "neq", "ne", "lt", "gt", "pm", "in", "vert", "lvert", "rvert",
    "langle", "rangle", "lbrace", "rbrace", "circ", "frac", "dfrac", "tfrac", "left", "right",
    "displaystyle", "quad", "qquad", "big", "Big", "lor", "vee", "cup", "land", "wedge", "infty",
    "lb", "mp", "bmod", "binom", "dbinom", "cfrac", "vec", "hat", "bar", "bigl", "bigr", "Bigl",
    "Bigr", "middle", "limits", NULL};
/* Words of other tongues, and those that mean this only where they stand alone. */
static const struct word lone_words[] = {
    {"in", TOKEN_MARK, 0, '='}, {"oder", TOKEN_OR, 0, 0}, {"und", TOKEN_AND, 0, 0},
    {"ou", TOKEN_OR, 0, 0}, {"et", TOKEN_AND, 0, 0},
};
static const char *const greek[] = {"alpha", "beta", "gamma", "delta", "epsilon", "varepsilon",
    "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu", "xi", "rho", "sigma", "tau",
    "upsilon", "phi", "varphi", "chi", "psi", "omega", "Gamma", "Delta", "Theta", "Lambda", "Xi",
    "Sigma", "Phi", "Psi", "Omega", NULL};
static const struct { int32_t code; const char *text; } symbols[] = {
    {0xd7, "*"}, {0xb7, "*"}, {0x22c5, "*"}, {0x2217, "*"}, {0x2219, "*"}, {0xf7, "/"},
    {0x2215, "/"}, {0x2044, "/"}, {0x2212, "-"}, {0x2010, "-"}, {0x2011, "-"}, {0x2012, "-"},
    {0x2013, "-"}, {0x2014, "-"}, {0x2264, "\\le "}, {0x2a7d, "\\le "}, {0x2265, "\\ge "},
    {0x2a7e, "\\ge "}, {0x2260, "\\ne "}, {0xb1, "\\pm "}, {0x221a, "\\sqrt "}, {0x221b, "\\cbrt "},
    {0x3c0, "\\pi "}, {0x221e, "\\infty "}, {0x2213, "\\pm "}, {0x2205, "\\{\\}"},
    {0x211d, "(-\\infty ;\\infty )"}, {0x212f, "e"}, {0x2147, "e"}, {0x2148, "i"}, {0x60c, ","},
    {0x61b, ";"}, {0x66b, "."}, {0x66c, ""}, {0x200e, ""}, {0x200f, ""}, {0x61c, ""},
    {0x2228, "\\lor "}, {0x222a, "\\cup "},
    {0x2227, "\\land "}, {0x2208, "\\in "}, {0xb0, "\\circ "}, {0x6216, "\\lor "},
    {0x4e14, "\\land "}, {0x548c, "\\land "}, {0x3001, ","}, {0xa0, " "}, {0x2009, " "},
    {0x202f, " "}, {0x3000, " "}, {0x2061, ""}, {0x2062, "*"}, {0x200b, ""}, {0xfeff, ""},
    {0x2032, "'"}, {0x2019, "'"}, {0x27e8, "("}, {0x27e9, ")"}, {0x2223, "|"},
    {0x3b1, "\\alpha "}, {0x3b2, "\\beta "}, {0x3b3, "\\gamma "}, {0x3b4, "\\delta "},
    {0x3b5, "\\epsilon "}, {0x3b6, "\\zeta "}, {0x3b7, "\\eta "}, {0x3b8, "\\theta "},
    {0x3bb, "\\lambda "}, {0x3bc, "\\mu "}, {0xb5, "\\mu "}, {0x3bd, "\\nu "}, {0x3be, "\\xi "},
    {0x3c1, "\\rho "}, {0x3c3, "\\sigma "}, {0x3c4, "\\tau "}, {0x3c6, "\\phi "},
    {0x3d5, "\\phi "}, {0x3c7, "\\chi "}, {0x3c8, "\\psi "}, {0x3c9, "\\omega "},
    {0x394, "\\Delta "}, {0x3a9, "\\Omega "}, {0x3a3, "\\Sigma "}, {0x393, "\\Gamma "},
};
static const struct { int32_t code; const char *text; } vulgar_fractions[] = {
    {0xbd, "1/2"}, {0xbc, "1/4"}, {0xbe, "3/4"}, {0x2150, "1/7"}, {0x2151, "1/9"}, {0x2152, "1/10"},
    {0x2153, "1/3"}, {0x2154, "2/3"}, {0x2155, "1/5"}, {0x2156, "2/5"}, {0x2157, "3/5"},
    {0x2158, "4/5"}, {0x2159, "1/6"}, {0x215a, "5/6"}, {0x215b, "1/8"}, {0x215c, "3/8"},
    {0x215d, "5/8"}, {0x215e, "7/8"},
};
/* The zeros of the scripts that write numbers in tens. */
static const int32_t zeros[] = {0x660, 0x6f0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66,
    0xce6, 0xd66, 0xe50, 0xed0, 0xf20, 0x1040, 0x17e0, 0x1810};
static const int32_t superscripts[10] = {0x2070, 0xb9, 0xb2, 0xb3, 0x2074, 0x2075, 0x2076, 0x2077,
                                         0x2078, 0x2079};
/* clang-format on */

static bool listed(const char *const *list, struct view word) {
    for (; list && *list; list++)
        if (view_is(word, *list))
            return true;
    return false;
}

bool is_function_name(struct view name) {
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (words[i].kind == TOKEN_FUNCTION &&
            view_is(name, words[i].to ? words[i].to : words[i].from))
            return true;
    return false;
}

struct plain {
    struct buffer text;
    size_t *from; /* for each byte of text, the byte that it comes from */
    char script;  /* ^ or _ while in one */
};

static void put_plain(struct plain *out, const char *text, size_t from) {
    for (; *text; text++) {
        buffer_byte(&out->text, *text);
        out->from[out->text.n - 1] = from;
    }
}

/* The digit, sign or letter of a superscript (^) or subscript (_). */
static char script_of(int32_t c, char *script) {
    *script = '^';
    for (int i = 0; i < 10; i++)
        if (c == superscripts[i])
            return (char)('0' + i);
    if (c == 0x207b || c == 0x207a)
        return c == 0x207b ? '-' : '+';
    if (c == 0x207f || c == 0x2e3 || c == 0x2b8)
        return c == 0x207f ? 'n' : c == 0x2e3 ? 'x' : 'y';
    if (c == 0x207d || c == 0x207e)
        return c == 0x207d ? '(' : ')';
    *script = '_';
    if (c >= 0x2080 && c <= 0x2089)
        return (char)('0' + c - 0x2080);
    if (c == 0x2099)
        return 'n';
    *script = 0;
    return 0;
}

bool is_latex_name(struct view name) {
    return listed(greek, name) || view_is(name, "pi");
}

/* ½ alone, or after a number the fraction of a mixed one. */
static void put_fraction(struct plain *out, const char *fraction, size_t from) {
    struct view before = view_trim(buffer_view(&out->text));
    bool mixed = before.n && isdigit((unsigned char)before.at[before.n - 1]);
    put_plain(out, mixed ? " " : "(", from);
    put_plain(out, fraction, from);
    put_plain(out, mixed ? "" : ")", from);
}

static bool put_character(struct plain *out, int32_t c, size_t from) {
    char one[2] = {0, 0}, script;
    one[0] = script_of(c, &script);
    if (out->script && script != out->script)
        put_plain(out, "}", from);
    if (script && script != out->script)
        put_plain(out, script == '^' ? "^{" : "_{", from);
    out->script = script;
    for (size_t i = 0; i < COUNT_OF(vulgar_fractions); i++)
        if (vulgar_fractions[i].code == c) {
            put_fraction(out, vulgar_fractions[i].text, from);
            return true;
        }
    for (size_t i = 0; i < COUNT_OF(symbols); i++)
        if (symbols[i].code == c) {
            put_plain(out, symbols[i].text, from);
            return true;
        }
    for (size_t i = 0; i < COUNT_OF(zeros) && c >= 0x660; i++)
        if (c >= zeros[i] && c <= zeros[i] + 9)
            one[0] = (char)('0' + c - zeros[i]);
    if (c >= 0xff01 && c <= 0xff5e)
        one[0] = (char)(c - 0xfee0);
    else if (c > 0 && c < 128)
        one[0] = (char)c;
    put_plain(out, one, from);
    return one[0] != 0;
}

/* Unicode into ASCII; superscripts and subscripts into ^{} and _{}. */
static bool plain(struct view text, struct plain *out, struct fault *fault) {
    for (size_t at = 0, used; at < text.n; at += used) {
        int32_t c;
        used = utf8_decode(text.at + at, text.n - at, &c);
        if (c >= 0x1d400 && c <= 0x1d7ff) { /* italic and bold letters of mathematics */
            struct buffer letter = {0};
            unicode_nfkc(view_slice(text, at, at + used), &letter);
            utf8_decode(letter.at, letter.n, &c);
            buffer_free(&letter);
        }
        if (!put_character(out, c, at)) {
            fault_set(fault, FAULT_INPUT, "I can't read the character \"%.*s\" in a formula",
                      c <= 0 ? 1 : (int)used, c <= 0 ? "?" : text.at + at);
            return fault_place(fault, NULL, 0, (int64_t)at);
        }
    }
    if (out->script)
        put_plain(out, "}", text.n ? text.n - 1 : 0);
    return true;
}

struct lexer {
    struct arena *arena;
    struct view text;
    size_t at;
    const struct parse_options *options;
    struct token *tokens;
    size_t n;
    bool spaced;
    int systems;        /* \begin{cases} that are open: & means nothing there */
    const size_t *from; /* for each byte of text, the byte that was typed */
};

static struct token *push(struct lexer *lexer, enum token_kind kind, struct view text) {
    struct token *token = &lexer->tokens[lexer->n++];
    *token = (struct token){
        .kind = kind, .text = text, .spaced = lexer->spaced, .byte = lexer->from[lexer->at]};
    lexer->spaced = false;
    return token;
}

static const struct word *known_word(struct view name, bool latex) {
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (view_is(name, words[i].from) && (latex || !listed(latex_only, name)))
            return &words[i];
    return NULL;
}

static void push_word(struct lexer *lexer, const struct word *word) {
    if (word->kind == TOKEN_END)
        return;
    struct token *token = push(lexer, word->kind, view_of(word->to ? word->to : word->from));
    token->mark = word->mark;
}

/* A name with its index, if one follows: x_1, x_{12}, x1, v_max. */
static void push_name(struct lexer *lexer, struct view name) {
    struct view text = lexer->text;
    size_t at = lexer->at, from = at, to = at;
    bool letter = name.n == 1 && lexer->tokens[(ptrdiff_t)lexer->n - 1].kind != TOKEN_FRAC;
    if (at < text.n && text.at[at] == '_') {
        at++;
        bool braced = at < text.n && text.at[at] == '{';
        from = to = at + braced;
        while (to < text.n && isalnum((unsigned char)text.at[to]))
            to++;
        at = to;
        if (braced && (at >= text.n || text.at[at++] != '}'))
            from = to;
    } else if (letter && at < text.n && isdigit((unsigned char)text.at[at])) {
        while (to < text.n && isdigit((unsigned char)text.at[to]))
            to++;
        at = to;
        if (at < text.n && text.at[at] == '.') /* x2.5 is no index */
            from = to;
    }
    if (to > from) {
        name = view_of(arena_format(lexer->arena, "%.*s_%.*s", VIEW_ARG(name), (int)(to - from),
                                    text.at + from));
        lexer->at = at;
    }
    at = lexer->at;
    while (at < text.n && text.at[at] == '\'' && at - lexer->at < 3)
        at++;
    if (at > lexer->at)
        name = view_of(arena_format(lexer->arena, "%.*s%.*s", VIEW_ARG(name),
                                    (int)(at - lexer->at), text.at + lexer->at));
    lexer->at = at;
    push(lexer, TOKEN_NAME, name);
}

static void push_piece(struct lexer *lexer, struct view piece) {
    const struct word *word = known_word(piece, false);
    bool indexed = lexer->at < lexer->text.n && lexer->text.at[lexer->at] == '_';
    if (listed(lexer->options->names, piece) || listed(greek, piece) ||
        (indexed && piece.n == 1) || !word)
        push_name(lexer, piece);
    else
        push_word(lexer, word);
    size_t digits = lexer->at, end = digits;
    while (end < lexer->text.n && isdigit((unsigned char)lexer->text.at[end]))
        end++;
    if (word && view_is(piece, "log") && end > digits && end < lexer->text.n &&
        lexer->text.at[end] == '(') { /* log2(8), log10(x) */
        push(lexer, TOKEN_MARK, VIEW(""))->mark = '_';
        push(lexer, TOKEN_NUMBER, view_slice(lexer->text, digits, end));
        lexer->at = end;
    }
}

/* "or" and its like in other tongues, between spaces. */
static bool lex_lone_word(struct lexer *lexer, size_t end) {
    struct view run = view_slice(lexer->text, lexer->at, end);
    if (!lexer->spaced || !lexer->n || end >= lexer->text.n ||
        !strchr(" ([{", lexer->text.at[end]) || listed(lexer->options->names, run))
        return false;
    for (size_t i = 0; i < COUNT_OF(lone_words); i++)
        if (view_is(run, lone_words[i].from)) {
            lexer->at = end;
            push_word(lexer, &lone_words[i]);
            return true;
        }
    return false;
}

static bool stands_as_word(const struct lexer *lexer, struct view piece, size_t end) {
    if (listed(lexer->options->names, piece) || listed(greek, piece))
        return true;
    const struct word *word = known_word(piece, false);
    if (!word || word->kind == TOKEN_FUNCTION || word->kind == TOKEN_CONSTANT)
        return word != NULL;
    /* "or" inside a word is letters: "xor", "force" */
    return lexer->at + piece.n == end &&
           (lexer->n == 0 || lexer->spaced || lexer->tokens[lexer->n - 1].kind != TOKEN_NAME);
}

/* A run of letters: the longest known word at each place, else single letters. */
static void lex_letters(struct lexer *lexer) {
    size_t end = lexer->at;
    while (end < lexer->text.n && isalpha((unsigned char)lexer->text.at[end]))
        end++;
    if (lex_lone_word(lexer, end))
        return;
    while (lexer->at < end) {
        size_t length = end - lexer->at;
        if (length > 16)
            length = 16;
        while (length > 1 &&
               !stands_as_word(lexer, (struct view){lexer->text.at + lexer->at, length}, end))
            length--;
        struct view piece = {lexer->text.at + lexer->at, length};
        lexer->at += length;
        push_piece(lexer, piece);
    }
}

static bool starts(const struct lexer *lexer, const char *what) {
    return view_starts(view_slice(lexer->text, lexer->at, lexer->text.n), what);
}

/* {name} after a command; empty when there is none. */
static struct view lex_braced(struct lexer *lexer) {
    struct view text = lexer->text;
    if (lexer->at >= text.n || text.at[lexer->at] != '{')
        return VIEW("");
    size_t from = ++lexer->at;
    while (lexer->at < text.n && text.at[lexer->at] != '}')
        lexer->at++;
    struct view inner = view_trim(view_slice(text, from, lexer->at));
    lexer->at += lexer->at < text.n;
    return inner;
}

static void lex_environment(struct lexer *lexer, bool end) {
    static const char *const systems[] = {"cases", "aligned", "align", "align*", "array", NULL};
    struct view name = lex_braced(lexer);
    bool system = listed(systems, name);
    if (view_is(name, "array") && !end)
        lex_braced(lexer);
    lexer->systems += system ? (end ? -1 : 1) : 0;
    push(lexer, end ? TOKEN_MATRIX_END : TOKEN_MATRIX, system ? VIEW("system") : VIEW(""));
}

static void lex_upright(struct lexer *lexer) {
    size_t from = lexer->at;
    struct view inner = lex_braced(lexer);
    bool letters = true;
    for (size_t i = 0; i < inner.n; i++)
        letters &= isalpha((unsigned char)inner.at[i]) != 0;
    if (!letters) {
        lexer->at = from; /* the braces only group */
        return;
    }
    if (view_is(inner, "R") && lexer->n && lexer->tokens[lexer->n - 1].mark == '=') {
        static const struct token reals[] = {
            {TOKEN_MARK, '(', 0, {"", 0}, 0},      {TOKEN_MARK, '-', 0, {"", 0}, 0},
            {TOKEN_CONSTANT, 0, 0, {"inf", 3}, 0}, {TOKEN_MARK, ';', 0, {"", 0}, 0},
            {TOKEN_CONSTANT, 0, 0, {"inf", 3}, 0}, {TOKEN_MARK, ')', 0, {"", 0}, 0}};
        for (size_t i = 0; i < COUNT_OF(reals); i++)
            push(lexer, reals[i].kind, reals[i].text)->mark = reals[i].mark;
    } else if (inner.n)
        push_piece(lexer, inner);
}

static bool lex_latex(struct lexer *lexer, struct fault *fault) {
    static const char *const upright[] = {"text",   "mathrm", "mathbf",       "mathit",
                                          "mathbb", "textrm", "operatorname", NULL};
    struct view text = lexer->text;
    size_t at = lexer->at + 1, end = at;
    while (end < text.n && isalpha((unsigned char)text.at[end]))
        end++;
    if (end == at) {
        char c = at < text.n ? text.at[at] : 0;
        lexer->at = at + 1;
        if (c == '\\')
            push(lexer, TOKEN_ROW, VIEW("\\\\"));
        else if (c == '{' || c == '}')
            push(lexer, TOKEN_MARK, VIEW(""))->mark = c == '{' ? MARK_SET_OPEN : MARK_SET_CLOSE;
        else if (c == '%' || c == '|')
            push(lexer, TOKEN_MARK, VIEW(""))->mark = c;
        else if (!c || !strchr(",;:! $", c))
            return fault_set(fault, FAULT_INPUT, "I can't read the backslash here");
        return true;
    }
    struct view name = {text.at + at, end - at};
    lexer->at = end;
    if (view_is(name, "begin") || view_is(name, "end")) {
        lex_environment(lexer, view_is(name, "end"));
        return true;
    }
    bool left = view_is(name, "left"), right = view_is(name, "right");
    if ((left || right) && end < text.n && (text.at[end] == '.' || text.at[end] == '|')) {
        lexer->at++;
        if (text.at[end] == '|')
            push(lexer, TOKEN_MARK, VIEW(""))->mark = left ? MARK_BAR_OPEN : MARK_BAR_CLOSE;
        return true;
    }
    if (view_is(name, "emptyset") || view_is(name, "varnothing")) {
        push(lexer, TOKEN_MARK, VIEW(""))->mark = MARK_SET_OPEN;
        push(lexer, TOKEN_MARK, VIEW(""))->mark = MARK_SET_CLOSE;
        return true;
    }
    if (listed(upright, name)) {
        lex_upright(lexer);
        return true;
    }
    const struct word *word = known_word(name, true);
    if (word)
        push_word(lexer, word);
    else if (listed(greek, name)) {
        while (end < text.n && text.at[end] == ' ')
            end++;
        if (end < text.n && (text.at[end] == '_' || text.at[end] == '\''))
            lexer->at = end; /* a space ends the command and no more */
        push_name(lexer, name);
    } else
        return fault_set(fault, FAULT_INPUT, "I don't know the command \\%.*s", VIEW_ARG(name));
    return true;
}

/* \frac12: each argument without braces is one digit. */
static bool is_fraction_digit(const struct lexer *lexer) {
    const struct token *last = lexer->n ? &lexer->tokens[lexer->n - 1] : NULL;
    if (!last || last->kind == TOKEN_FRAC)
        return last != NULL;
    return lexer->n > 1 && last[-1].kind == TOKEN_FRAC && last->kind == TOKEN_NUMBER;
}

static void lex_number(struct lexer *lexer) {
    struct view text = lexer->text;
    size_t from = lexer->at, end = from;
    char point = lexer->options->decimal_comma ? ',' : '.';
    bool fraction = false;
    if (is_fraction_digit(lexer)) {
        push(lexer, TOKEN_NUMBER, view_slice(text, from, from + 1));
        lexer->at++;
        return;
    }
    while (end < text.n && (isdigit((unsigned char)text.at[end]) ||
                            (!fraction && (text.at[end] == point || text.at[end] == '.') &&
                             (text.at[end] != ',' ||
                              (end + 1 < text.n && isdigit((unsigned char)text.at[end + 1])))))) {
        fraction |= !isdigit((unsigned char)text.at[end]);
        end++;
    }
    size_t tail = end; /* 1e-5, 1E5: only when digits follow and no letter after them */
    if (tail < text.n && (text.at[tail] == 'e' || text.at[tail] == 'E')) {
        tail++;
        if (tail < text.n && (text.at[tail] == '-' || text.at[tail] == '+'))
            tail++;
        size_t digits = tail;
        while (tail < text.n && isdigit((unsigned char)text.at[tail]))
            tail++;
        if (tail > digits)
            end = tail;
    }
    lexer->at = end;
    push(lexer, TOKEN_NUMBER, view_slice(text, from, end));
}

static bool lex_one(struct lexer *lexer, struct fault *fault) {
    static const struct {
        const char *from;
        char mark;
    } long_marks[] = {{"<=", MARK_LESS_EQUAL},
                      {"=<", MARK_LESS_EQUAL},
                      {">=", MARK_GREATER_EQUAL},
                      {"=>", MARK_GREATER_EQUAL},
                      {"!=", MARK_NOT_EQUAL},
                      {"<>", MARK_NOT_EQUAL},
                      {"+-", MARK_PLUS_MINUS},
                      {"+/-", MARK_PLUS_MINUS},
                      {"**", '^'},
                      {"==", '='}};
    unsigned char c = (unsigned char)lexer->text.at[lexer->at];
    if (isspace(c) || c == '$' || c == '~') {
        lexer->at++;
        lexer->spaced = true;
        return true;
    }
    if (isdigit(c) || (c == '.' && lexer->at + 1 < lexer->text.n &&
                       isdigit((unsigned char)lexer->text.at[lexer->at + 1]))) {
        lex_number(lexer);
        return true;
    }
    if (isalpha(c)) {
        lex_letters(lexer);
        return true;
    }
    if (c == '\\')
        return lex_latex(lexer, fault);
    for (size_t i = 0; i < COUNT_OF(long_marks); i++)
        if (starts(lexer, long_marks[i].from)) {
            push(lexer, TOKEN_MARK, view_of(long_marks[i].from))->mark = long_marks[i].mark;
            lexer->at += strlen(long_marks[i].from);
            return true;
        }
    if (c == '&' && lexer->systems > 0) {
        lexer->at++;
        return true;
    }
    if (!c || !strchr("+-*/^()[]{}|=<>,;!%&_:", c))
        return fault_set(fault, FAULT_INPUT, "I can't read \"%c\" in a formula",
                         isprint(c) ? c : '?');
    push(lexer, TOKEN_MARK, VIEW(""))->mark = (char)(c == ':' ? '/' : c);
    lexer->at++;
    return true;
}

struct token *lex(struct arena *arena, struct view text, const struct parse_options *options,
                  struct fault *fault) {
    enum { LONGEST = 32 }; /* bytes that one character may become */
    struct plain ascii = {.from = must_alloc(text.n + 1, LONGEST * sizeof(size_t))};
    struct token *tokens = NULL;
    if (plain(text, &ascii, fault)) {
        struct lexer lexer = {.arena = arena,
                              .text = arena_copy(arena, buffer_view(&ascii.text)),
                              .options = options,
                              .from = ascii.from};
        ascii.from[lexer.text.n] = text.n;
        /* a character is at most one token, but for the reals and a set that is empty */
        lexer.tokens =
            ARENA_NEW(arena, lexer.text.n + 8, struct token) + 1; /* one may look back */
        bool good = true;
        while (good && lexer.at < lexer.text.n)
            if (!(good = lex_one(&lexer, fault)))
                fault_place(fault, NULL, 0, (int64_t)ascii.from[lexer.at]);
        if (good) {
            push(&lexer, TOKEN_END, VIEW(""));
            tokens = lexer.tokens;
        }
    }
    buffer_free(&ascii.text);
    free(ascii.from);
    return tokens;
}
