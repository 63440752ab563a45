/* The words of formulas: functions, constants, signs that are spelled out, Greek letters. */
#include "algebra/lexer.h"

#include <ctype.h>
#include <string.h>

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
    {"arcctg", TOKEN_FUNCTION, "acot", 0}, {"arccot", TOKEN_FUNCTION, "acot", 0},
    {"acot", TOKEN_FUNCTION, 0, 0}, {"arcsec", TOKEN_FUNCTION, "asec", 0},
    {"asec", TOKEN_FUNCTION, 0, 0}, {"arccsc", TOKEN_FUNCTION, "acsc", 0},
    {"acsc", TOKEN_FUNCTION, 0, 0}, {"cosech", TOKEN_FUNCTION, "csch", 0},
    {"acoth", TOKEN_FUNCTION, 0, 0}, {"arcoth", TOKEN_FUNCTION, "acoth", 0},
    {"arccoth", TOKEN_FUNCTION, "acoth", 0}, {"asech", TOKEN_FUNCTION, 0, 0},
    {"arsech", TOKEN_FUNCTION, "asech", 0}, {"arcsech", TOKEN_FUNCTION, "asech", 0},
    {"acsch", TOKEN_FUNCTION, 0, 0}, {"arcsch", TOKEN_FUNCTION, "acsch", 0},
    {"arccsch", TOKEN_FUNCTION, "acsch", 0},
    {"floor", TOKEN_FUNCTION, 0, 0}, {"ceil", TOKEN_FUNCTION, 0, 0},
    {"min", TOKEN_FUNCTION, 0, 0}, {"max", TOKEN_FUNCTION, 0, 0},
    {"mod", TOKEN_FUNCTION, 0, 0}, {"gcd", TOKEN_FUNCTION, 0, 0}, {"sign", TOKEN_FUNCTION, 0, 0},
    {"pi", TOKEN_CONSTANT, 0, 0}, {"e", TOKEN_CONSTANT, 0, 0}, {"i", TOKEN_CONSTANT, 0, 0},
    {"Pi", TOKEN_CONSTANT, "pi", 0},
    {"infty", TOKEN_CONSTANT, "inf", 0}, {"infinity", TOKEN_CONSTANT, "inf", 0},
    {"inf", TOKEN_CONSTANT, 0, 0}, {"oo", TOKEN_CONSTANT, "inf", 0},
    {"or", TOKEN_OR, 0, 0}, {"and", TOKEN_AND, 0, 0}, {"lor", TOKEN_OR, 0, 0},
    {"vee", TOKEN_OR, 0, 0}, {"cup", TOKEN_OR, 0, 0}, {"land", TOKEN_AND, 0, 0},
    {"wedge", TOKEN_AND, 0, 0}, {"cap", TOKEN_AND, 0, 0}, {"bigcap", TOKEN_AND, 0, 0},
    {"bigcup", TOKEN_OR, 0, 0}, {"not", TOKEN_NOT, 0, 0}, {"neg", TOKEN_NOT, 0, 0},
    {"lnot", TOKEN_NOT, 0, 0}, {"complement", TOKEN_NOT, 0, 0}, {"xor", TOKEN_XOR, 0, 0},
    {"xnor", TOKEN_IFF, 0, 0},
    {"oplus", TOKEN_XOR, 0, 0}, {"veebar", TOKEN_XOR, 0, 0}, {"triangle", TOKEN_XOR, 0, 0},
    {"implies", TOKEN_IMPLIES, 0, 0}, {"to", TOKEN_IMPLIES, 0, 0},
    {"rightarrow", TOKEN_IMPLIES, 0, 0}, {"Rightarrow", TOKEN_IMPLIES, 0, 0},
    {"longrightarrow", TOKEN_IMPLIES, 0, 0}, {"Longrightarrow", TOKEN_IMPLIES, 0, 0},
    {"iff", TOKEN_IFF, 0, 0}, {"leftrightarrow", TOKEN_IFF, 0, 0},
    {"Leftrightarrow", TOKEN_IFF, 0, 0}, {"Longleftrightarrow", TOKEN_IFF, 0, 0},
    {"true", TOKEN_TRUTH, 0, 0}, {"false", TOKEN_TRUTH, 0, 0}, {"True", TOKEN_TRUTH, "true", 0},
    {"False", TOKEN_TRUTH, "false", 0}, {"top", TOKEN_TRUTH, "true", 0},
    {"bot", TOKEN_TRUTH, "false", 0}, {"setminus", TOKEN_WITHOUT, 0, 0},
    {"smallsetminus", TOKEN_WITHOUT, 0, 0}, {"backslash", TOKEN_WITHOUT, 0, 0},
    {"leqq", TOKEN_MARK, 0, MARK_LESS_EQUAL}, {"geqq", TOKEN_MARK, 0, MARK_GREATER_EQUAL},
    {"approx", TOKEN_MARK, 0, '='}, {"mid", TOKEN_MARK, 0, MARK_SUCH_THAT},
    {"colon", TOKEN_MARK, 0, MARK_SUCH_THAT},
    {"lfloor", TOKEN_MARK, 0, MARK_FLOOR}, {"rfloor", TOKEN_MARK, 0, MARK_FLOOR_END},
    {"lceil", TOKEN_MARK, 0, MARK_CEIL}, {"rceil", TOKEN_MARK, 0, MARK_CEIL_END},
    {"lVert", TOKEN_MARK, 0, MARK_BAR_OPEN}, {"rVert", TOKEN_MARK, 0, MARK_BAR_CLOSE},
    {"prime", TOKEN_MARK, 0, '\''}, {"lbrack", TOKEN_MARK, 0, '['}, {"rbrack", TOKEN_MARK, 0, ']'},
    {"det", TOKEN_FUNCTION, 0, 0},
    {"cdot", TOKEN_MARK, 0, '*'}, {"times", TOKEN_MARK, 0, '*'},
    {"ast", TOKEN_MARK, 0, '*'}, {"div", TOKEN_MARK, 0, '/'},
    {"leq", TOKEN_MARK, 0, MARK_LESS_EQUAL}, {"le", TOKEN_MARK, 0, MARK_LESS_EQUAL},
    {"leqslant", TOKEN_MARK, 0, MARK_LESS_EQUAL}, {"geq", TOKEN_MARK, 0, MARK_GREATER_EQUAL},
    {"ge", TOKEN_MARK, 0, MARK_GREATER_EQUAL}, {"geqslant", TOKEN_MARK, 0, MARK_GREATER_EQUAL},
    {"neq", TOKEN_MARK, 0, MARK_NOT_EQUAL}, {"ne", TOKEN_MARK, 0, MARK_NOT_EQUAL},
    {"mp", TOKEN_MARK, 0, MARK_PLUS_MINUS}, {"bmod", TOKEN_FUNCTION, "mod", 0},
    {"binom", TOKEN_FRAC, 0, 0}, {"dbinom", TOKEN_FRAC, "binom", 0},
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
    "lb", "mp", "bmod", "binom", "dbinom", "cfrac", "bigl", "bigr", "Bigl",
    "Bigr", "middle", "limits", "cap", "bigcap", "bigcup", "neg", "lnot", "complement", "oplus",
    "veebar", "triangle", "to", "rightarrow", "Rightarrow", "longrightarrow", "Longrightarrow",
    "leftrightarrow", "Leftrightarrow", "Longleftrightarrow", "top", "bot", "setminus",
    "smallsetminus", "backslash", "leqq", "geqq", "approx", "mid", "colon", "lfloor", "rfloor",
    "lceil", "rceil", "lVert", "rVert", "prime", "lbrack", "rbrack", "det", NULL};
/* Words of other tongues, and those that mean this only where they stand alone. */
static const struct word lone_words[] = {
    {"in", TOKEN_MARK, 0, '='}, {"oder", TOKEN_OR, 0, 0}, {"und", TOKEN_AND, 0, 0},
    {"ou", TOKEN_OR, 0, 0}, {"et", TOKEN_AND, 0, 0}, {"o", TOKEN_OR, 0, 0},
};
/* Letters that are words between two equations in Spanish. */
static const struct word spanish_words[] = {
    {"y", TOKEN_AND, 0, 0}, {"e", TOKEN_AND, 0, 0}, {"u", TOKEN_OR, 0, 0},
};
/* Functions of vectors and matrices, and of two numbers, where a bracket follows. */
static const char *const called[] = {"det", "transpose", "inverse", "inv", "trace", "norm", "dot",
    "cross", "matrix", "Matrix", "vector", "binomial", "binom", "comb", "nCr", NULL};
static const char *const greek[] = {"alpha", "beta", "gamma", "delta", "epsilon",
    "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu", "xi", "rho", "sigma", "tau",
    "upsilon", "phi", "chi", "psi", "omega", "Gamma", "Delta", "Theta", "Lambda", "Xi",
    "Sigma", "Phi", "Psi", "Omega", "Upsilon", "Pi", NULL};
/* Other shapes of the same letter. */
static const struct { const char *from, *to; } shapes[] = {{"varphi", "phi"},
    {"varepsilon", "epsilon"}, {"vartheta", "theta"}, {"varrho", "rho"}, {"varsigma", "sigma"},
    {"varpi", "pi"}};/* clang-format on */

bool listed(const char *const *list, struct view word) {
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
/* Sin, SIN: a function as a telephone's keyboard, or one that is locked, makes it. */
static const struct word *capital_function(struct view name) {
    char lower[8];
    size_t capitals = 0;
    if (name.n < 3 || name.n >= sizeof lower || !isupper((unsigned char)name.at[0]))
        return NULL;
    for (size_t i = 0; i < name.n; i++) {
        lower[i] = (char)tolower((unsigned char)name.at[i]);
        capitals += isupper((unsigned char)name.at[i]) != 0;
    }
    lower[name.n] = 0;
    for (size_t i = 0; i < COUNT_OF(words) && (capitals == 1 || capitals == name.n); i++)
        if (words[i].kind == TOKEN_FUNCTION && !strcmp(words[i].from, lower) &&
            !listed(latex_only, view_of(lower)))
            return &words[i];
    return NULL;
}

const struct word *known_word(struct view name, bool latex) {
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (view_is(name, words[i].from) && (latex || !listed(latex_only, name)))
            return &words[i];
    return latex ? NULL : capital_function(name);
}

const struct word *lone_word(struct view name, bool spanish) {
    for (size_t i = 0; i < COUNT_OF(lone_words); i++)
        if (view_is(name, lone_words[i].from))
            return &lone_words[i];
    for (size_t i = 0; i < COUNT_OF(spanish_words) && spanish; i++)
        if (view_is(name, spanish_words[i].from))
            return &spanish_words[i];
    return NULL;
}

bool is_called_word(struct view name) {
    return listed(called, name);
}

bool is_greek(struct view name) {
    return listed(greek, name);
}

struct view plain_shape(struct view name) {
    for (size_t i = 0; i < COUNT_OF(shapes); i++)
        if (view_is(name, shapes[i].from))
            return view_of(shapes[i].to);
    return name;
}
