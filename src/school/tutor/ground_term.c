/* A source that introduces a term, turned into one that explains it. */
#include "school/tutor/review_inside.h"

#include <string.h>

static bool joins(const struct word *word) { /* "is now called" */
    return word_in(word, "now then therefore thus also hence today");
}

/* The first word of the verb that ends with "called" at `called`, or `called` when there is none.
 */
static size_t verb_start(const struct cut *cut, size_t called) {
    size_t i = called;
    while (i > 0 && joins(&cut->words.at[i - 1]) && !cut->words.at[i].before)
        i--;
    bool is = i > 0 && !cut->words.at[i].before && word_in(&cut->words.at[i - 1], "is are");
    return is ? i - 1 : called;
}

static bool ends_strongly(const struct cut *cut, size_t word) {
    return word == cut->words.n ||
           (cut->words.at[word].before && strchr(";:.", cut->words.at[word].before));
}

struct view term_explained(const struct cut *cut, struct arena *arena) {
    for (size_t i = 2; i + 1 < cut->words.n; i++) {
        if (!word_is(&cut->words.at[i], "called"))
            continue;
        size_t verb = verb_start(cut, i), piece = cut->piece[i];
        size_t from = cut->starts[piece], to = cut->starts[piece + 1];
        bool whole = (piece == 0 || ends_strongly(cut, from)) && ends_strongly(cut, to);
        bool explained = false;
        for (size_t j = from; j < verb; j++)
            explained |= is_content(&cut->words.at[j]);
        if (verb == i || !whole || !explained || i + 1 >= to)
            continue;
        struct view term =
            view_slice(cut->raw, cut->words.at[i + 1].from, cut->words.at[to - 1].to);
        struct view meaning =
            view_slice(cut->raw, cut->words.at[from].from, cut->words.at[verb - 1].to);
        return view_of(arena_format(arena, "%.*s %s %.*s.", VIEW_ARG(term),
                                    word_is(&cut->words.at[verb], "is") ? "is" : "are",
                                    VIEW_ARG(meaning)));
    }
    return (struct view){0};
}
