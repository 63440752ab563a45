/* What the lessons define: terms that an author emphasised, found in the page and traced back to
 * their sentences, whose plain text has no emphasis any more. */
#include "school/tutor/recall.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_EMPHASIS = 80, MOST_CONTEXT = 40 }; /* bytes */

struct emphasis {
    struct view term, before, after; /* plain text around it, up to the next markup */
};

static struct view plain_before(struct view html, size_t at) {
    size_t start = at;
    while (start > 0 && at - start < MOST_CONTEXT && !strchr(">;", html.at[start - 1]))
        start--;
    while (start < at && ((uint8_t)html.at[start] & 0xC0) == 0x80)
        start++;
    return view_slice(html, start, at);
}

static struct view plain_after(struct view html, size_t at) {
    size_t end = at;
    while (end < html.n && end - at < MOST_CONTEXT && !strchr("<&", html.at[end]))
        end++;
    struct view after = view_slice(html, at, end);
    return view_slice(after, 0, utf8_whole(after));
}

static bool next_emphasis(struct view html, size_t *at, struct emphasis *out) {
    static const char *const opening[] = {"<em>", "<strong>"};
    static const char *const closing[] = {"</em>", "</strong>"};
    for (; *at < html.n; ++*at) {
        struct view rest = view_slice(html, *at, html.n);
        size_t kind = view_starts(rest, opening[0]) ? 0 : view_starts(rest, opening[1]) ? 1 : 2;
        if (kind == 2)
            continue;
        size_t from = *at + strlen(opening[kind]);
        ptrdiff_t n =
            view_find(view_slice(html, from, from + MOST_EMPHASIS), view_of(closing[kind]));
        out->before = plain_before(html, *at);
        *at = from;
        if (n <= 1)
            continue; /* a letter that is spoken of is no term */
        out->term = view_slice(html, from, from + (size_t)n);
        out->after = plain_after(html, from + (size_t)n + strlen(closing[kind]));
        return true;
    }
    return false;
}

/* Folded, so that line ends and spaces are the same; the arena owns it. */
static struct view folded(struct view text, struct arena *arena) {
    struct buffer plain = {0};
    fold_plain(text, &plain);
    struct view copy = arena_copy(arena, buffer_view(&plain));
    buffer_free(&plain);
    return copy;
}

static struct view joined(struct view a, struct view b, struct arena *arena) {
    return folded(view_of(arena_format(arena, "%.*s%.*s", VIEW_ARG(a), VIEW_ARG(b))), arena);
}

void put_definitions(struct recall *recall, struct shelf *shelf, const struct lesson *lesson,
                     size_t first) {
    struct arena *scratch = arena_new();
    size_t n = shelf->n_sentence - first, at = 0;
    struct view *sentences = ARENA_NEW(scratch, n + 1, struct view);
    for (size_t i = 0; i < n; i++) {
        const struct sentence *sentence = &shelf->sentences[first + i];
        sentences[i] = folded(sentence->passage->sentences[sentence->index], scratch);
    }
    struct emphasis found;
    struct buffer tokens = {0};
    while (next_emphasis(lesson->html, &at, &found)) {
        struct view after = view_trim(found.after).n ? found.after : (struct view){0};
        struct view text = after.n ? joined(found.term, after, scratch)
                                   : joined(found.before, found.term, scratch);
        for (size_t i = 0; i < n; i++) {
            if (view_find(sentences[i], text) < 0)
                continue;
            shelf->definitions = must_realloc(shelf->definitions, shelf->n_definition + 1,
                                              sizeof *shelf->definitions);
            struct definition *definition = &shelf->definitions[shelf->n_definition++];
            definition->sentence = first + i;
            definition->term = folded(found.term, recall->arena);
            definition->ids = ids_of(recall, shelf, found.term, &tokens, &definition->n_id);
            break;
        }
    }
    buffer_free(&tokens);
    arena_free(scratch);
}
