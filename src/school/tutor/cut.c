/* A text cut once for all checks: words, which of them carry content, parts between marks. */
#include "school/course/inside.h"
#include "school/tutor/review_inside.h"

#include <string.h>

bool class_is(const struct word *word, const char *class) {
    return word->class && !strcmp(word->class, class);
}

bool is_content(const struct word *word) {
    return word->class == NULL;
}

bool is_negation(const struct word *word) {
    static const char *const classes[] = {"=not",     "=no",  "=never",  "=nothing",
                                          "=without", "=nor", "=hardly", "=forbid"};
    for (size_t i = 0; i < COUNT_OF(classes); i++)
        if (class_is(word, classes[i]))
            return true;
    return false;
}

bool is_question(const struct cut *cut) {
    for (size_t i = cut->raw.n; i-- > 0;) {
        char c = cut->raw.at[i];
        if (c == '?')
            return true;
        if (!strchr(" )\"'*\n", c))
            break;
    }
    struct view tail = view_slice(cut->raw, cut->raw.n > 9 ? cut->raw.n - 9 : 0, cut->raw.n);
    return view_find(tail, VIEW("？")) >= 0 || view_find(tail, VIEW("؟")) >= 0;
}

bool has_word(const struct cut *cut, const struct word *word) {
    for (size_t i = 0; i < cut->words.n; i++)
        if (cut->words.at[i].class == word->class && words_same(&cut->words.at[i], word))
            return true;
        else if (!word->class && word->kind == WORD_LETTERS && !cut->words.at[i].class &&
                 view_equal(cut->words.at[i].stem, word->stem))
            return true; /* a question asks in another tense */
    return false;
}

static bool begins_piece(const struct word *word) {
    return (word->before && strchr(",;:-().!?", word->before)) || class_is(word, "=because") ||
           class_is(word, "=although") || word_in(word, "so whereas therefore 所以 因此");
}

/* In a formula "a" is no article and "y" no conjunction: every letter is a name. */
static void name_symbols(struct cut *cut) {
    struct formula formula;
    size_t word = 0;
    for (size_t at = 0; formula_next(cut->raw, &at, &formula, NULL);)
        for (; word < cut->words.n && cut->words.at[word].from < formula.to; word++)
            if (cut->words.at[word].from >= formula.from &&
                cut->words.at[word].kind == WORD_LETTERS) {
                cut->words.at[word].class = NULL;
                cut->words.at[word].symbol = true;
            }
}

void cut_text(struct view raw, const struct small_words *lexicon, struct arena *arena,
              struct cut *out) {
    *out = (struct cut){.raw = raw};
    words_of(raw, lexicon, WORDS_JOIN_NUMBERS, arena, &out->words);
    name_symbols(out);
    size_t n = out->words.n, piece = 0;
    out->content = ARENA_NEW(arena, n + 1, size_t);
    out->piece = ARENA_NEW(arena, n + 1, size_t);
    out->starts = ARENA_NEW(arena, n + 2, size_t);
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && begins_piece(&out->words.at[i]))
            out->starts[++piece] = i;
        out->piece[i] = piece;
        if (is_content(&out->words.at[i]))
            out->content[out->n_content++] = i;
    }
    out->n_piece = n ? piece + 1 : 0;
    out->starts[out->n_piece] = n;
}
