/* Cutting prose in sentences. Formulas, decimals and abbreviations stay whole. */
#include "school/course/inside.h"

#include <ctype.h>
#include <string.h>

static const char *const abbreviations[] = {
    "e.g", "i.e", "cf",  "vs",     "dr",   "mr", "mrs",  "ms",  "prof", "ca",  "al",
    "jr",  "sr",  "viz", "approx", "resp", "st", "incl", "z.b", "d.h",  "bzw", "p.ej"};
/* Only before a number: "no. 5", but "The answer is no." */
static const char *const numbered[] = {"no", "p",   "pp",  "fig", "figs",
                                       "eq", "eqs", "sec", "ch",  "vol"};

/* The word that ends before the full stop at `at`. */
static struct view word_before(struct view text, size_t from, size_t at) {
    size_t start = at;
    while (start > from && !strchr(" \t\n([\"'", text.at[start - 1]))
        start--;
    return view_slice(text, start, at);
}

static bool is_abbreviation(struct view word, char next) {
    char lower[12];
    if (!word.n || word.n >= sizeof lower)
        return false;
    for (size_t i = 0; i < word.n; i++)
        lower[i] = (char)tolower((unsigned char)word.at[i]);
    for (size_t i = 0; i < COUNT_OF(abbreviations); i++)
        if (view_is((struct view){lower, word.n}, abbreviations[i]))
            return true;
    for (size_t i = 0; i < COUNT_OF(numbered); i++)
        if (view_is((struct view){lower, word.n}, numbered[i]))
            return isdigit((unsigned char)next) || next == '$';
    /* A. A. Markov: an initial, but "It is I." */
    return word.n == 1 && isupper((unsigned char)word.at[0]) && word.at[0] != 'I';
}

static size_t skip_closing(struct view text, size_t at) {
    static const char *const closing[] = {"\"", "'",  ")",  "]",  "”",  "’",
                                          "»",  "」", "』", "）", "》", "*"};
    for (bool found = true; found;) {
        found = false;
        for (size_t i = 0; i < COUNT_OF(closing) && !found; i++)
            if (view_starts(view_slice(text, at, text.n), closing[i])) {
                at += strlen(closing[i]);
                found = true;
            }
    }
    return at;
}

static size_t formula_end(struct view text, size_t at) {
    size_t end = at + 1;
    while (end < text.n && text.at[end] != '$' && text.at[end] != '\n')
        end += text.at[end] == '\\' ? 2 : 1;
    return end < text.n && text.at[end] == '$' ? end + 1 : at + 1;
}

/* A sentence may end behind a Latin mark when a space and no small letter follow. */
static bool ends_latin(struct view text, size_t from, size_t mark, size_t behind) {
    if (behind >= text.n || text.at[behind] == '\n')
        return true;
    if (text.at[behind] != ' ')
        return false;
    size_t next = behind;
    while (next < text.n && text.at[next] == ' ')
        next++;
    if (next < text.n && islower((unsigned char)text.at[next]))
        return false;
    return text.at[mark] != '.' ||
           !is_abbreviation(word_before(text, from, mark), next < text.n ? text.at[next] : 0);
}

/* Where the sentence that begins at `from` ends. */
static size_t sentence_end(struct view text, size_t from) {
    static const char *const wide[] = {"。", "！", "？"};
    for (size_t at = from; at < text.n;) {
        char c = text.at[at];
        if (c == '\n')
            return at;
        if (c == '$') {
            size_t end = formula_end(text, at);
            /* $x = 1.$ Next: the stop stands in the formula */
            if (end - at > 2 && text.at[end - 2] == '.' && ends_latin(text, from, end - 2, end) &&
                end < text.n)
                return end;
            at = end;
            continue;
        }
        if (c == '.' || c == '!' || c == '?') {
            size_t mark = at, behind = skip_closing(text, at + 1);
            if (ends_latin(text, from, mark, behind))
                return behind;
        }
        struct view rest = view_slice(text, at, text.n);
        for (size_t i = 0; i < COUNT_OF(wide); i++)
            if (view_starts(rest, wide[i]))
                return skip_closing(text, at + strlen(wide[i]));
        at++;
    }
    return text.n;
}

struct view *sentences_cut(struct arena *arena, struct view text, size_t *n) {
    struct view *out = NULL;
    size_t capacity = 0;
    *n = 0;
    for (size_t at = 0; at < text.n;) {
        if (isspace((unsigned char)text.at[at])) {
            at++;
            continue;
        }
        size_t end = sentence_end(text, at);
        struct view one = view_trim(view_slice(text, at, end));
        if (one.n) {
            if (*n == capacity) {
                struct view *wider = ARENA_NEW(arena, capacity = capacity * 2 + 8, struct view);
                if (out)
                    memcpy(wider, out, *n * sizeof *out);
                out = wider;
            }
            out[(*n)++] = one;
        }
        at = end > at ? end : at + 1;
    }
    return out;
}
