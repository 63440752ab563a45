/* The course, by words and, where the librarian can be had, by meaning too; its terms; and what
 * the learner told. */
#include "school/tools/inside.h"
#include "school/tutor/terms.h"

#include <string.h>

enum { RANKED = 12 };

/* Ranks of two searches made one: the sum of 1 / (60 + rank) (Cormack, Clarke and Büttcher, SIGIR
 * 2009: reciprocal rank fusion). */
static const double fusion = 60;

struct ranked {
    struct recalled of;
    double score;
};

static void add_rank(struct ranked *all, size_t *n, const struct recalled *one, size_t rank) {
    size_t i = 0;
    while (i < *n && all[i].of.passage != one->passage)
        i++;
    if (i == *n)
        all[(*n)++] = (struct ranked){.of = *one};
    all[i].score += 1 / (fusion + (double)rank + 1);
}

static void sort_ranks(struct ranked *all, size_t n) {
    for (size_t i = 1; i < n; i++)
        for (size_t k = i; k > 0 && all[k].score > all[k - 1].score; k--) {
            struct ranked one = all[k];
            all[k] = all[k - 1];
            all[k - 1] = one;
        }
}

/* What only its meaning found is shown by the sentence that is nearest. */
static size_t fuse(const struct tool_place *place, struct view asked, struct recalled *found,
                   size_t n_found) {
    struct recalled near[RANKED];
    struct ranked all[2 * RANKED];
    size_t n = 0;
    size_t n_near = vectors_near(place, asked, near, RANKED);
    if (!n_near)
        return n_found;
    for (size_t i = 0; i < n_found; i++)
        add_rank(all, &n, &found[i], i);
    for (size_t i = 0; i < n_near; i++)
        add_rank(all, &n, &near[i], i);
    sort_ranks(all, n);
    n = n < RANKED ? n : RANKED;
    for (size_t i = 0; i < n; i++)
        found[i] = all[i].of;
    return n;
}

void tool_look(const struct tool_place *place, struct view asked, struct arena *arena,
               struct tool_result *out) {
    struct recalled found[RANKED];
    struct buffer text = {0};
    if (!place->recall || !place->course) {
        tool_refuse(out, REFUSE_NO_COURSE);
        return;
    }
    struct recall_query query = {place->course, place->lesson, place->language, asked,
                                 place->background};
    bool says;
    size_t n = recall_find(place->recall, &query, found, RANKED, &says);
    n = fuse(place, asked, found, n);
    for (size_t i = 0; i < n && out->n_found < TOOL_PASSAGES; i++) {
        struct view one = recalled_text(&found[i]);
        if (text.n + one.n + 1 > TOOL_FOUND)
            continue;
        out->found[out->n_found++] = found[i];
        buffer_format(&text, "%s%.*s", text.n ? "\n" : "", VIEW_ARG(one));
    }
    if (out->n_found) {
        out->end = TOOL_DONE;
        out->text = arena_copy(arena, buffer_view(&text));
    }
    buffer_free(&text);
}

/* ----------------------------------------------------------------------------------- the terms */

size_t terms_in(const struct tool_place *place, struct view text, struct view *out, size_t n_out) {
    return place->recall && place->course
               ? recall_terms(place->recall, place->course, place->language, text, out, n_out)
               : 0;
}

void tool_term(const struct tool_place *place, struct view asked, struct arena *arena,
               struct tool_result *out) {
    if (!place->recall || !place->course) {
        tool_refuse(out, REFUSE_NO_COURSE);
        return;
    }
    if (!recall_define(place->recall, place->course, place->language, asked, &out->found[0]))
        return;
    out->n_found = 1;
    struct view text = recalled_text(&out->found[0]);
    tool_found(out, arena, "%.*s", VIEW_ARG(text));
}

/* ----------------------------------------------------------------------------- the learner's own
 */

enum { NOTES = 60 }; /* that are searched: the newest */

/* The newest note about a goal, where the learner asks for it. */
static const json_t *goal_of(const json_t *notes, struct view asked) {
    static const char *const goals[] = {"goal",  "goals",    "aim",   "dream", "plan", "meta",
                                        "sueno", "objetivo", "目标",  "梦想",  "理想", "هدفي",
                                        "حلمي",  "هدف",      "sueño", NULL};
    struct buffer plain = {0};
    bool asks = false;
    size_t i;
    json_t *note;
    fold_plain(asked, &plain);
    for (size_t k = 0; goals[k] && !asks; k++)
        asks = view_find(buffer_view(&plain), view_of(goals[k])) >= 0;
    buffer_free(&plain);
    json_array_foreach(notes, i, note) {
        if (asks && !strcmp(json_text(note, "about", ""), "goal"))
            return note;
    }
    return NULL;
}

/* The note that says most of it; "*": the newest. */
static const json_t *note_of(const struct tool_place *place, struct view asked,
                             struct arena *arena) {
    struct passage *passages = ARENA_NEW(arena, NOTES, struct passage);
    struct view *sentences = ARENA_NEW(arena, NOTES, struct view);
    const json_t **of = ARENA_NEW(arena, NOTES, const json_t *), *best = NULL;
    struct recall_query query = {.language = place->language, .text = asked};
    struct recalled found;
    size_t n = 0, i;
    bool says;
    json_t *note;
    json_array_foreach(place->notes, i, note) {
        if (n == NOTES || !strcmp(json_text(note, "about", ""), "slip"))
            continue; /* a slip is a name of the course's, not the learner's words */
        sentences[n] = view_of(json_text(note, "text", ""));
        passages[n] =
            (struct passage){.text = sentences[n], .sentences = &sentences[n], .n_sentence = 1};
        of[n++] = note;
    }
    if (view_is(asked, "*"))
        return n ? of[0] : NULL;
    struct recall *recall = n ? recall_open_passages(passages, n, place->language, NULL) : NULL;
    if (recall && recall_find(recall, &query, &found, 1, &says))
        best = of[found.passage - passages];
    recall_close(recall);
    return best;
}

void tool_note(const struct tool_place *place, struct view asked, struct arena *arena,
               struct tool_result *out) {
    if (!place->notes) {
        tool_refuse(out, REFUSE_NO_NOTES);
        return;
    }
    out->note = goal_of(place->notes, asked);
    if (!out->note)
        out->note = note_of(place, asked, arena);
    if (out->note)
        tool_found(out, arena, "%s", json_text(out->note, "text", ""));
}
