/* Text into tokens. */
#include "algebra/lexer.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct lexer {
    struct arena *arena;
    struct view text;
    size_t at;
    const struct parse_options *options;
    struct token *tokens;
    size_t n;
    bool spaced, latex; /* latex: a backslash was typed */
    int systems;        /* \begin{cases} that are open: & means nothing there */
    int matrices;       /* \begin{pmatrix} that are open: & parts cells */
    uint64_t arrays;    /* whether each array that is open is a matrix, the innermost last */
    const size_t *from; /* for each byte of text, the byte that was typed */
};

static struct token *push(struct lexer *lexer, enum token_kind kind, struct view text) {
    struct token *token = &lexer->tokens[lexer->n++];
    *token = (struct token){
        .kind = kind, .text = text, .spaced = lexer->spaced, .byte = lexer->from[lexer->at]};
    lexer->spaced = false;
    return token;
}

static void push_word(struct lexer *lexer, const struct word *word) {
    if (word->kind == TOKEN_END)
        return;
    struct token *token = push(lexer, word->kind, view_of(word->to ? word->to : word->from));
    token->mark = word->mark;
}

/* In a_{n+1} signs too. */
static bool is_index_byte(char c, bool braced, bool digits) {
    return digits ? isdigit((unsigned char)c) != 0
                  : isalnum((unsigned char)c) || (braced && (c == '+' || c == '-'));
}

/* A name with its index, if one follows: x_1, x_{12}, x1, v_max. */
static void push_name(struct lexer *lexer, struct view name) {
    name = listed(lexer->options->names, name) ? name : plain_shape(name);
    struct view text = lexer->text;
    size_t at = lexer->at, from = at, to = at;
    bool letter = name.n == 1 && lexer->tokens[(ptrdiff_t)lexer->n - 1].kind != TOKEN_FRAC;
    if (at < text.n && text.at[at] == '_') {
        at++;
        bool braced = at < text.n && text.at[at] == '{';
        from = to = at + braced;
        bool digits = !braced && to < text.n && isdigit((unsigned char)text.at[to]); /* v_0t */
        while (to < text.n && is_index_byte(text.at[to], braced, digits))
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

/* log2(8), log10(x), log2 8; but log2x is the logarithm of 2x. */
static bool is_base(const struct lexer *lexer, size_t from, size_t end) {
    struct view text = lexer->text, digits = view_slice(text, from, end);
    size_t next = end;
    while (next < text.n && text.at[next] == ' ')
        next++;
    bool usual = view_is(digits, "2") || view_is(digits, "10");
    return next < text.n && (text.at[next] == '(' ||
                             (usual && next > end && isalnum((unsigned char)text.at[next])));
}

static void push_piece(struct lexer *lexer, struct view piece) {
    const struct word *word = known_word(piece, false);
    bool indexed = lexer->at < lexer->text.n && lexer->text.at[lexer->at] == '_';
    if (listed(lexer->options->names, piece) || (is_greek(piece) && !view_is(piece, "Pi")) ||
        (indexed && piece.n == 1) || !word)
        push_name(lexer, piece);
    else
        push_word(lexer, word);
    size_t digits = lexer->at, end = digits;
    while (end < lexer->text.n && isdigit((unsigned char)lexer->text.at[end]))
        end++;
    if (word && view_is(piece, "log") && end > digits && is_base(lexer, digits, end)) {
        push(lexer, TOKEN_MARK, VIEW(""))->mark = '_';
        push(lexer, TOKEN_NUMBER, view_slice(lexer->text, digits, end));
        lexer->at = end;
    }
}

static bool has_relation(struct view text) {
    for (size_t i = 0; i < text.n; i++)
        if (strchr("=<>", text.at[i]))
            return true;
    return false;
}
/* And what follows is no sign: in "x = 2 y = 6" y is a letter. */
static bool is_between_relations(struct view text, size_t from, size_t to) {
    size_t next = to;
    while (next < text.n && text.at[next] == ' ')
        next++;
    return has_relation(view_slice(text, 0, from)) && next < text.n &&
           (isalnum((unsigned char)text.at[next]) || strchr("\\([{", text.at[next])) &&
           has_relation(view_slice(text, next, text.n));
}

/* Behind it a number or a letter follows: in "x = 1 and o = 2" is no second "or". */
static bool wants_operand(const struct token *token) {
    /* clang-format off */
    static const char marks[] = {'=', '<', '>', '+', '-', '*', '/', '^', '_', ',', ';', '(', '[', '{', ':',
        MARK_LESS_EQUAL, MARK_GREATER_EQUAL, MARK_NOT_EQUAL, MARK_PLUS_MINUS, MARK_SET_OPEN,
        MARK_BAR_OPEN, MARK_SUCH_THAT, MARK_FLOOR, MARK_CEIL};
    /* clang-format on */
    return token->kind == TOKEN_MARK ? memchr(marks, token->mark, sizeof marks) != NULL
                                     : token->kind >= TOKEN_OR && token->kind != TOKEN_TRUTH;
}

/* "or" and its like in other tongues, between spaces. */
static bool lex_lone_word(struct lexer *lexer, size_t end) {
    struct view run = view_slice(lexer->text, lexer->at, end);
    if (!lexer->spaced || !lexer->n || end >= lexer->text.n ||
        !strchr(" ([{", lexer->text.at[end]) || listed(lexer->options->names, run))
        return false;
    const struct word *word = lone_word(run, lexer->options->spanish);
    if (!word || wants_operand(&lexer->tokens[lexer->n - 1]) ||
        (run.n == 1 && (lexer->latex || !is_between_relations(lexer->text, lexer->at, end))))
        return false;
    lexer->at = end;
    push_word(lexer, word);
    if (view_is(run, "in"))
        lexer->tokens[lexer->n - 1].text = VIEW("in");
    return true;
}

/* det(…), and in logic p v q. */
static bool lex_called_word(struct lexer *lexer, size_t end) {
    struct view run = view_slice(lexer->text, lexer->at, end);
    bool bracket = end < lexer->text.n && strchr("([", lexer->text.at[end]) != NULL;
    if (listed(lexer->options->names, run))
        return false;
    if (lexer->options->logic && lexer->spaced && (view_is(run, "v") || view_is(run, "V"))) {
        lexer->at = end;
        push(lexer, TOKEN_OR, run);
        return true;
    }
    if (!bracket || !is_called_word(run))
        return false;
    lexer->at = end;
    push(lexer, TOKEN_FUNCTION, run);
    return true;
}

static bool stands_as_word(const struct lexer *lexer, struct view piece, size_t end) {
    if (listed(lexer->options->names, piece) || is_greek(plain_shape(piece)))
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
    if (lex_lone_word(lexer, end) || lex_called_word(lexer, end))
        return;
    while (lexer->at < end) {
        size_t length = end - lexer->at;
        if (length > 16 && !listed(lexer->options->names,
                                   (struct view){lexer->text.at + lexer->at, length}))
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

/* What parts a matrix, a determinant, a system of equations. */
static void lex_environment(struct lexer *lexer, bool end) {
    static const char *const systems[] = {"cases", "aligned", "align", "align*", NULL};
    struct view name = lex_braced(lexer);
    bool system = listed(systems, name), array = view_is(name, "array");
    if (array && !end) { /* in brackets it is a matrix */
        char before = lexer->n ? lexer->tokens[lexer->n - 1].mark : 0;
        bool matrix = before == '(' || before == '[' || before == '|' || before == MARK_BAR_OPEN;
        lexer->arrays = lexer->arrays << 1 | matrix;
        lex_braced(lexer);
    }
    system |= array && !(lexer->arrays & 1);
    lexer->arrays >>= array && end;
    *(system ? &lexer->systems : &lexer->matrices) += end ? -1 : 1;
    push(lexer, end ? TOKEN_MATRIX_END : TOKEN_MATRIX,
         system                     ? VIEW("system")
         : view_is(name, "vmatrix") ? VIEW("det")
                                    : VIEW(""));
}

static void lex_upright(struct lexer *lexer, bool blackboard) {
    size_t from = lexer->at;
    struct view inner = lex_braced(lexer);
    bool letters = true;
    for (size_t i = 0; i < inner.n; i++)
        letters &= isalpha((unsigned char)inner.at[i]) != 0;
    if (!letters) {
        lexer->at = from; /* the braces only group */
        return;
    }
    static const struct {
        const char *letter, *name;
    } numbers[] = {{"Z", "integers"}, {"N", "naturals"}, {"Q", "rationals"}, {"C", "complexes"}};
    for (size_t i = 0; blackboard && i < COUNT_OF(numbers); i++)
        if (view_is(inner, numbers[i].letter)) {
            push(lexer, TOKEN_NAME, view_of(numbers[i].name));
            return;
        }
    bool space = lexer->at < lexer->text.n && lexer->text.at[lexer->at] == '^';
    if (view_is(inner, "R") && !space &&
        (blackboard || (lexer->n && lexer->tokens[lexer->n - 1].mark == '='))) {
        static const struct token reals[] = {
            {TOKEN_MARK, '(', 0, {"", 0}, 0},      {TOKEN_MARK, '-', 0, {"", 0}, 0},
            {TOKEN_CONSTANT, 0, 0, {"inf", 3}, 0}, {TOKEN_MARK, ';', 0, {"", 0}, 0},
            {TOKEN_CONSTANT, 0, 0, {"inf", 3}, 0}, {TOKEN_MARK, ')', 0, {"", 0}, 0}};
        for (size_t i = 0; i < COUNT_OF(reals); i++)
            push(lexer, reals[i].kind, reals[i].text)->mark = reals[i].mark;
    } else if (is_called_word(inner))
        push(lexer, TOKEN_FUNCTION, inner);
    else if (inner.n)
        push_piece(lexer, inner);
}

static bool ends_operand(const struct lexer *lexer) {
    const struct token *last = lexer->n ? &lexer->tokens[lexer->n - 1] : NULL;
    return last && (last->kind == TOKEN_NUMBER || last->kind == TOKEN_NAME ||
                    last->kind == TOKEN_CONSTANT || last->kind == TOKEN_MATRIX_END ||
                    last->kind == TOKEN_TRUTH ||
                    (last->kind == TOKEN_MARK &&
                     (last->mark == MARK_SET_CLOSE || strchr(")]}'!", last->mark))));
}

/* Of sets or statements, among which a bar on top means not. */
static bool has_connective(struct view text) {
    static const char *const words[] = {"\\cup", "\\cap", "\\lor", "\\land", "\\vee", "\\wedge"};
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (view_find(text, view_of(words[i])) >= 0)
            return true;
    return false;
}

/* The end of the set that a { opens here, without a backslash before it. */
static bool closes_plainly(struct view text, size_t at) {
    int depth = 0;
    for (; at < text.n; at++) {
        depth += (text.at[at] == '{') - (text.at[at] == '}');
        if (!depth)
            return at && text.at[at - 1] != '\\';
    }
    return false;
}

/* R\{0}, A\B, [1,5] \ {3}: what follows the backslash is no command of LaTeX. */
static bool is_set_difference(const struct lexer *lexer, size_t at) {
    struct view text = lexer->text;
    const struct token *last = lexer->n ? &lexer->tokens[lexer->n - 1] : NULL;
    size_t next = at;
    while (next < text.n && text.at[next] == ' ')
        next++;
    if (!last || next >= text.n || !ends_operand(lexer))
        return false;
    if (text.at[next] == '{')
        return closes_plainly(text, next);
    bool set = last->kind == TOKEN_MARK ||
               (last->kind == TOKEN_NAME && isupper((unsigned char)last->text.at[0]));
    bool alone = next + 1 >= text.n || !isalpha((unsigned char)text.at[next + 1]);
    return set && ((isupper((unsigned char)text.at[next]) && alone) ||
                   (next > at && lexer->spaced && strchr("([", text.at[next])));
}

static bool lex_latex(struct lexer *lexer, struct fault *fault) {
    static const char *const names[] = {"hbar", "ell", NULL};
    static const char *const upright[] = {
        "text",         "mathrm", "mathbf", "mathit",         "vec",        "mathbb", "textrm",
        "operatorname", "hat",    "bar",    "overrightarrow", "boldsymbol", NULL};
    struct view text = lexer->text;
    size_t at = lexer->at + 1, end = at;
    while (end < text.n && isalpha((unsigned char)text.at[end]))
        end++;
    if (end == at || (end == at + 1 && is_set_difference(lexer, at))) {
        char c = at < text.n ? text.at[at] : 0;
        lexer->at = at + 1;
        if (c == '\\')
            push(lexer, TOKEN_ROW, VIEW("\\\\"));
        else if (is_set_difference(lexer, at)) {
            lexer->at = at;
            push(lexer, TOKEN_WITHOUT, VIEW("\\"));
        } else if (c == '{' || c == '}')
            push(lexer, TOKEN_MARK, VIEW(""))->mark = c == '{' ? MARK_SET_OPEN : MARK_SET_CLOSE;
        else if (c == '%' || c == '|')
            push(lexer, TOKEN_MARK, VIEW(""))->mark = c;
        else if (!c || !strchr(",;:! $()[]", c))
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
    const struct word *word = known_word(name, true);
    if (view_is(name, "overline") || (view_is(name, "bar") && has_connective(text)))
        push(lexer, TOKEN_NOT, name);
    else if (listed(upright, name))
        lex_upright(lexer, view_is(name, "mathbb"));
    else if (view_is(name, "varpi"))
        push(lexer, TOKEN_CONSTANT, VIEW("pi"));
    else if (word) {
        push_word(lexer, word);
        if (view_is(name, "in"))
            lexer->tokens[lexer->n - 1].text = name;
    } else if (is_greek(plain_shape(name)) || listed(names, name)) {
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

/* ~p, where ~ is no space of LaTeX. */
static bool is_negation(const struct lexer *lexer) {
    struct view text = lexer->text;
    char next = lexer->at + 1 < text.n ? text.at[lexer->at + 1] : 0;
    return !ends_operand(lexer) && !lexer->latex &&
           (isalpha((unsigned char)next) || next == '(' || next == '~');
}

/* A^c. */
static bool is_complement(const struct lexer *lexer) {
    struct view rest = view_slice(lexer->text, lexer->at + 1, lexer->text.n);
    return (view_starts(rest, "c") || view_starts(rest, "C") || view_starts(rest, "{")) &&
           !(rest.n > 1 && isalnum((unsigned char)rest.at[1]));
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
                      {"==", '='},
                      {":=", '='}};
    static const struct {
        const char *from;
        enum token_kind kind;
    } connectives[] = {{"<=>", TOKEN_IFF},
                       {"<->", TOKEN_IFF},
                       {"-->", TOKEN_IMPLIES},
                       {"->", TOKEN_IMPLIES},
                       {"&&", TOKEN_AND}};
    unsigned char c = (unsigned char)lexer->text.at[lexer->at];
    if (c == '~' && is_negation(lexer)) {
        lexer->at++;
        push(lexer, TOKEN_NOT, VIEW("~"));
        return true;
    }
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
    for (size_t i = 0; i < COUNT_OF(connectives); i++)
        if (starts(lexer, connectives[i].from) && !lexer->matrices) {
            push(lexer, connectives[i].kind, view_of(connectives[i].from));
            lexer->at += strlen(connectives[i].from);
            return true;
        }
    if (lexer->spaced && starts(lexer, "|| ")) {
        push(lexer, TOKEN_OR, VIEW("||"));
        lexer->at += 2;
        return true;
    }
    if (lexer->options->logic && c == '|') { /* no bars of a number in statements */
        push(lexer, TOKEN_OR, VIEW("|"));
        lexer->at += starts(lexer, "||") ? 2 : 1;
        return true;
    }
    if (lexer->options->logic && starts(lexer, "=>")) {
        push(lexer, TOKEN_IMPLIES, VIEW("=>"));
        lexer->at += 2;
        return true;
    }
    if (c == '^' && lexer->options->logic && !is_complement(lexer)) {
        push(lexer, TOKEN_AND, VIEW("^"));
        lexer->at++;
        return true;
    }
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
    if (c == '&' && !lexer->matrices) {
        push(lexer, TOKEN_AND, VIEW("&"));
        lexer->at++;
        return true;
    }
    if (c == '\'' && !ends_operand(lexer))
        return fault_set(fault, FAULT_INPUT, "I can't read the ' here");
    if (!c || !strchr("+-*/^()[]{}|=<>,;!%&_:'", c))
        return fault_set(fault, FAULT_INPUT, "I can't read \"%c\" in a formula",
                         isprint(c) ? c : '?');
    push(lexer, TOKEN_MARK, c == ':' ? VIEW(":") : VIEW(""))->mark = (char)(c == ':' ? '/' : c);
    lexer->at++;
    return true;
}

struct token *lex(struct arena *arena, struct view text, const struct parse_options *options,
                  struct fault *fault) {
    struct plain ascii = {.from = must_alloc(text.n + 1, PLAIN_BYTES * sizeof(size_t))};
    struct token *tokens = NULL;
    if (plain_formula(text, &ascii, fault)) {
        struct lexer lexer = {.arena = arena,
                              .text = arena_copy(arena, buffer_view(&ascii.text)),
                              .options = options,
                              .latex = view_find(text, VIEW("\\")) >= 0,
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
