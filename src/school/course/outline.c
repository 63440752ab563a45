/* The sections of a lesson as its page is written: their ids and their prose. */
#include "school/course/inside.h"

#include <ctype.h>
#include <string.h>

static void slug(struct outline *outline, struct view heading, struct buffer *out) {
    bool gap = false, formula = false;
    size_t start;
    buffer_append(out, outline->lesson);
    buffer_text(out, "--");
    start = out->n;
    for (size_t i = 0; i < heading.n && out->n - start < 50; i++) {
        char c = heading.at[i];
        formula ^= c == '$';
        if (isalnum((unsigned char)c) && !formula) {
            if (gap && out->n > start)
                buffer_byte(out, '-');
            buffer_byte(out, (char)tolower((unsigned char)c));
            gap = false;
        } else
            gap = true;
    }
    if (out->n == start)
        buffer_format(out, "section-%zu", outline->n);
}

static void section_end(struct outline *outline) {
    if (outline->n)
        outline->sections[outline->n - 1].text =
            arena_copy(outline->arena, buffer_view(&outline->text));
    buffer_clear(&outline->text);
}

struct view section_begin(struct outline *outline, struct view heading) {
    section_end(outline);
    if (outline->n == outline->capacity) {
        size_t capacity = outline->capacity * 2 + 16;
        struct section *wider = ARENA_NEW(outline->arena, capacity, struct section);
        if (outline->n)
            memcpy(wider, outline->sections, outline->n * sizeof *wider);
        outline->sections = wider;
        outline->capacity = capacity;
    }
    struct buffer id = {0};
    if (outline->first && outline->n < outline->first->n)
        buffer_append(&id, outline->first->sections[outline->n].id);
    else if (!outline->n)
        buffer_format(&id, "%.*s--start", VIEW_ARG(outline->lesson));
    else
        slug(outline, heading, &id);
    bool taken = false;
    for (size_t i = 0; i < outline->n; i++)
        taken |= view_equal(outline->sections[i].id, buffer_view(&id));
    if (taken)
        buffer_format(&id, "-%zu", outline->n);
    struct section *section = &outline->sections[outline->n++];
    section->id = arena_copy(outline->arena, buffer_view(&id));
    section->heading = arena_copy(outline->arena, heading);
    buffer_free(&id);
    return section->id;
}

void outline_begin(struct outline *outline) {
    section_begin(outline, (struct view){0});
}

void outline_end(struct outline *outline) {
    section_end(outline);
    buffer_free(&outline->text);
    buffer_free(&outline->heading);
}
