/* What the lessons define: terms that an author emphasised, found in the page and traced back to
 * their sentences, whose plain text has no emphasis any more. */
#include "school/tutor/recall.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_EMPHASIS = 80, MOST_CONTEXT = 40 }; /* bytes */

struct emphasis {
    struct view term, before, after; /* plain text around it: of its sentence, up to markup */
};

/* Bytes of a mark that ends a sentence; 0: none stands there. */
static size_t sentence_end(struct view text, size_t at) {
    static const char *const marks[] = {". ",  ".\n", "? ", "?\n", "! ",
                                        "!\n", "。",  "？", "！",  "؟"};
    struct view rest = view_slice(text, at, text.n);
    for (size_t i = 0; i < COUNT_OF(marks); i++)
        if (view_starts(rest, marks[i]))
            return strlen(marks[i]);
    return 0;
}

static struct view plain_before(struct view html, size_t at) {
    size_t start = at;
    while (start > 0 && at - start < MOST_CONTEXT && !strchr(">;", html.at[start - 1]))
        start--;
    while (start < at && ((uint8_t)html.at[start] & 0xC0) == 0x80)
        start++;
    for (size_t i = start; i < at; i++)
        if (sentence_end(html, i))
            start = i + sentence_end(html, i);
    return view_slice(html, start, at);
}

static struct view plain_after(struct view html, size_t at) {
    size_t end = at;
    while (end < html.n && end - at < MOST_CONTEXT && !strchr("<&", html.at[end]) &&
           !sentence_end(html, end))
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

/* The first sentence from `from` on, and else of all, that the emphasis stands in; n: none. */
static size_t find_sentence(const struct view *sentences, size_t n, size_t from,
                            const struct emphasis *found, struct arena *arena) {
    struct view text = folded(view_of(arena_format(arena, "%.*s%.*s%.*s", VIEW_ARG(found->before),
                                                   VIEW_ARG(found->term), VIEW_ARG(found->after))),
                              arena);
    for (size_t k = 0; k < n; k++) {
        size_t i = (from + k) % n;
        if (view_find(sentences[i], view_trim(text)) >= 0)
            return i;
    }
    return n;
}

void put_definitions(struct recall *recall, struct shelf *shelf, const struct lesson *lesson,
                     size_t first) {
    struct arena *scratch = arena_new();
    size_t n = shelf->n_sentence - first, at = 0, at_sentence = 0;
    struct view *sentences = ARENA_NEW(scratch, n + 1, struct view);
    for (size_t i = 0; i < n; i++) {
        const struct sentence *sentence = &shelf->sentences[first + i];
        sentences[i] = folded(sentence->passage->sentences[sentence->index], scratch);
    }
    struct emphasis found;
    struct buffer tokens = {0};
    while (next_emphasis(lesson->html, &at, &found)) {
        size_t i = find_sentence(sentences, n, at_sentence, &found, scratch);
        if (i == n)
            continue;
        at_sentence = i; /* they come in the order of the page */
        shelf->definitions =
            must_realloc(shelf->definitions, shelf->n_definition + 1, sizeof *shelf->definitions);
        struct definition *definition = &shelf->definitions[shelf->n_definition++];
        definition->sentence = first + i;
        definition->term = folded(found.term, recall->arena);
        definition->ids = ids_of(recall, shelf, found.term, &tokens, &definition->n_id);
    }
    buffer_free(&tokens);
    arena_free(scratch);
}

/* --------------------------------------------------------------------------------- for the asking
 */

struct asked_stems { /* of a text, as the shelf numbers them */
    size_t n;
    uint32_t *ids;
};

static struct asked_stems stems_of(struct recall *recall, const struct shelf *shelf,
                                   const char *language, struct view text, struct arena *arena) {
    struct terms terms;
    text_terms(recall->stemmer, text, language, true, arena, &terms);
    struct asked_stems out = {0, ARENA_NEW(arena, terms.n_term + 1, uint32_t)};
    for (size_t i = 0; i < terms.n_term; i++) {
        uint32_t id = dictionary_find(&shelf->stems, terms.terms[i].stem);
        if (id != NO_STEM)
            out.ids[out.n++] = id;
    }
    return out;
}

static bool holds(const struct asked_stems *asked, const struct definition *definition) {
    bool all = definition->n_id > 0;
    for (size_t i = 0; i < definition->n_id && all; i++) {
        bool has = false;
        for (size_t k = 0; k < asked->n && !has; k++)
            has = asked->ids[k] == definition->ids[i];
        all = has;
    }
    return all;
}

static void put_term(struct view *out, size_t *n, size_t n_out, struct view term) {
    size_t at = *n;
    for (size_t i = 0; i < *n; i++)
        if (view_equal(out[i], term))
            return;
    if (*n < n_out)
        ++*n;
    else if (out[--at].n >= term.n)
        return;
    for (; at > 0 && out[at - 1].n < term.n; at--)
        out[at] = out[at - 1];
    out[at] = term;
}

size_t recall_terms(struct recall *recall, const struct course *course, const char *language,
                    struct view text, struct view *out, size_t n_out) {
    struct recall_query query = {.course = course, .language = language};
    const struct shelf *shelf = choose_shelf(recall, &query);
    size_t n = 0;
    if (!shelf || !n_out)
        return 0;
    struct arena *arena = arena_new();
    struct asked_stems asked = stems_of(recall, shelf, language, text, arena);
    for (size_t i = 0; i < shelf->n_definition; i++)
        if (holds(&asked, &shelf->definitions[i]))
            put_term(out, &n, n_out, shelf->definitions[i].term);
    arena_free(arena);
    return n;
}

bool recall_define(struct recall *recall, const struct course *course, const char *language,
                   struct view term, struct recalled *out) {
    struct recall_query query = {.course = course, .language = language};
    const struct shelf *shelf = choose_shelf(recall, &query);
    if (!shelf)
        return false;
    struct arena *arena = arena_new();
    struct asked_stems asked = stems_of(recall, shelf, language, term, arena);
    struct view plain = folded(term, arena);
    const struct definition *best = NULL;
    for (size_t i = 0; i < shelf->n_definition; i++) {
        const struct definition *one = &shelf->definitions[i];
        if (view_equal(one->term, plain)) {
            best = one;
            break;
        }
        if (!best && one->n_id == asked.n && holds(&asked, one))
            best = one;
    }
    if (best) {
        const struct sentence *sentence = &shelf->sentences[best->sentence];
        *out = (struct recalled){sentence->passage, sentence->index, 1, 1, 1};
    }
    arena_free(arena);
    return best != NULL;
}
