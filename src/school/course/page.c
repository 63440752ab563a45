/* The page of a lesson as it is written from its pieces, and the passages cut from it; where
 * something is told in several ways, each of them. */
#include "school/course/inside.h"

/* ------------------------------------------------------------------------- for whom it is told */

static int tags_in(background_set set) {
    return __builtin_popcount(set);
}

const struct way *explanation_way(const struct explanation *explanation,
                                  background_set background) {
    const struct way *best = NULL;
    int most = 0;
    for (size_t i = 0; i < explanation->n_way; i++) {
        const struct audience *audience = &explanation->ways[i].audience;
        for (size_t j = 0; j < audience->n; j++)
            if (!(audience->sets[j] & ~background) && tags_in(audience->sets[j]) > most) {
                most = tags_in(audience->sets[j]);
                best = &explanation->ways[i];
            }
    }
    return best;
}

bool passage_shown(const struct passage *passage, background_set background) {
    const struct explanation *explanation = passage->explanation;
    if (!explanation)
        return true;
    const struct way *way = explanation_way(explanation, background);
    return passage == (way ? &way->passage : explanation->plain);
}

/* Of the tags that the way was written for, those that the learner has. */
static background_set reasons(const struct way *way, background_set background) {
    background_set all = 0;
    for (size_t i = 0; i < way->audience.n; i++)
        if (!(way->audience.sets[i] & ~background))
            all |= way->audience.sets[i];
    return all;
}

background_set lesson_html(const struct lesson *lesson, background_set background,
                           struct buffer *out) {
    background_set told = 0;
    size_t at = 0;
    for (size_t i = 0; i < lesson->n_explanation; i++) {
        const struct explanation *explanation = &lesson->explanations[i];
        const struct way *way = explanation_way(explanation, background);
        if (!way)
            continue;
        buffer_append(out, view_slice(lesson->html, at, explanation->from));
        buffer_append(out, way->html);
        at = explanation->to;
        told |= reasons(way, background);
    }
    buffer_append(out, view_slice(lesson->html, at, lesson->html.n));
    return told;
}

/* ------------------------------------------------------------------------------------ the page */

struct told { /* where an explanation stands in the text of its section */
    size_t section, from, to, n_way;
    struct view texts[MAX_WAYS];
};

struct writing {
    struct reading *reading;
    struct render render;
    struct outline *outline;
    struct buffer html;
    struct told *told; /* of each of the lesson's explanations */
    size_t latest;     /* the piece's explanation that was begun last, and kept or not */
    bool kept;
};

static void complain_of_heading(const struct writing *writing, const struct piece *piece) {
    report(&writing->reading->report, piece->line, "End the explanation before it.",
           "a heading stands in an explanation");
}

static void write_plain(struct writing *writing, const struct piece *piece) {
    struct lesson *lesson = writing->reading->lesson;
    struct outline *outline = writing->outline;
    size_t from = writing->html.n, text = outline->text.n, section = outline->n;
    bool titled = outline->title.n > 0;
    markdown_render(&writing->render, piece->prose, false, &writing->html);
    writing->latest = piece->explanation;
    writing->kept = outline->n == section && (outline->title.n > 0) == titled;
    if (!writing->kept)
        complain_of_heading(writing, piece);
    for (size_t i = 0; i < lesson->n_explanation; i++)
        if (writing->kept && writing->told[i].section == section - 1) {
            report(&writing->reading->report, piece->line, "Begin a new section with ## first.",
                   "the section has a second explanation in several ways");
            writing->kept = false;
        }
    if (!writing->kept)
        return;
    size_t at = lesson->n_explanation++;
    writing->told[at] = (struct told){.section = section - 1, .from = text, .to = outline->text.n};
    lesson->explanations[at] =
        (struct explanation){.from = from,
                             .to = writing->html.n,
                             .ways = ARENA_NEW(outline->arena, MAX_WAYS, struct way)};
}

static void write_way(struct writing *writing, const struct piece *piece) {
    struct lesson *lesson = writing->reading->lesson;
    struct arena *arena = writing->outline->arena;
    struct outline outline = {.lesson = lesson->id, .arena = arena};
    struct buffer html = {0};
    outline_begin(&outline);
    writing->render.outline = &outline;
    markdown_render(&writing->render, piece->prose, false, &html);
    writing->render.outline = writing->outline;
    if (outline.n > 1 || outline.title.n)
        complain_of_heading(writing, piece);
    outline_end(&outline);
    if (writing->kept && writing->latest == piece->explanation) {
        struct explanation *explanation = &lesson->explanations[lesson->n_explanation - 1];
        struct told *told = &writing->told[lesson->n_explanation - 1];
        told->texts[told->n_way++] = outline.sections[0].text;
        explanation->ways[explanation->n_way++] = (struct way){
            .audience = piece->audience, .html = arena_copy(arena, buffer_view(&html))};
    }
    buffer_free(&html);
}

static void write_piece(struct writing *writing, const struct piece *piece) {
    writing->render.line = piece->line;
    writing->render.report = piece->borrowed ? (struct report){0} : writing->reading->report;
    if (piece->html.n)
        buffer_append(&writing->html, piece->html);
    else if (piece->exercise >= 0) {
        struct view label = writing->reading->lesson->exercises[piece->exercise].label;
        buffer_format(&writing->html,
                      "<section class=\"exercise\" id=\"%.*s\" data-exercise=\"%.*s\">"
                      "</section>\n",
                      VIEW_ARG(label), VIEW_ARG(label));
    } else if (!piece->explanation)
        markdown_render(&writing->render, piece->prose, false, &writing->html);
    else if (piece->audience.n)
        write_way(writing, piece);
    else
        write_plain(writing, piece);
    if (piece->borrowed)
        writing->outline->sections[writing->outline->n - 1].borrowed = true;
}

/* ------------------------------------------------------------------------------------ passages */

static struct passage passage_of(const struct lesson *lesson, struct arena *arena,
                                 const struct section *section, struct view text) {
    struct passage passage = {.id = section->id,
                              .heading = section->heading,
                              .text = view_trim(text),
                              .lesson = lesson,
                              .borrowed = section->borrowed};
    passage.sentences = sentences_cut(arena, passage.text, &passage.n_sentence);
    return passage;
}

static void tell_otherwise(struct lesson *lesson, struct arena *arena,
                           const struct section *section, struct passage *plain,
                           const struct told *told, struct explanation *explanation) {
    explanation->plain = plain;
    plain->explanation = explanation;
    for (size_t i = 0; i < told->n_way; i++) {
        struct buffer text = {0};
        buffer_append(&text, view_slice(section->text, 0, told->from));
        buffer_append(&text, told->texts[i]);
        buffer_append(&text, view_slice(section->text, told->to, section->text.n));
        struct passage *passage = &explanation->ways[i].passage;
        *passage = passage_of(lesson, arena, section, arena_copy(arena, buffer_view(&text)));
        passage->explanation = explanation;
        buffer_free(&text);
    }
}

static void passages_cut(const struct writing *writing) {
    struct lesson *lesson = writing->reading->lesson;
    const struct outline *outline = writing->outline;
    lesson->passages = ARENA_NEW(outline->arena, outline->n + 1, struct passage);
    for (size_t i = 0; i < outline->n; i++) {
        const struct section *section = &outline->sections[i];
        struct passage *passage = &lesson->passages[lesson->n_passage];
        *passage = passage_of(lesson, outline->arena, section, section->text);
        if (!passage->n_sentence)
            continue;
        lesson->n_passage++;
        for (size_t k = 0; k < lesson->n_explanation; k++)
            if (writing->told[k].section == i)
                tell_otherwise(lesson, outline->arena, section, passage, &writing->told[k],
                               &lesson->explanations[k]);
    }
}

void page_write(struct reading *reading, struct outline *outline) {
    struct lesson *lesson = reading->lesson;
    struct writing writing = {.reading = reading,
                              .outline = outline,
                              .render = {.whole = reading->whole,
                                         .folder = lesson->id,
                                         .prefix = lesson->id.at,
                                         .report = reading->report,
                                         .outline = outline}};
    size_t most = 0;
    for (size_t i = 0; i < reading->n_piece; i++)
        if (reading->pieces[i].explanation > most)
            most = reading->pieces[i].explanation;
    struct arena *scratch = arena_new();
    writing.told = ARENA_NEW(scratch, most + 1, struct told);
    lesson->explanations = ARENA_NEW(outline->arena, most + 1, struct explanation);
    outline_begin(outline);
    for (size_t i = 0; i < reading->n_piece; i++)
        write_piece(&writing, &reading->pieces[i]);
    outline_end(outline);
    lesson->html = arena_copy(reading->whole->course.arena, buffer_view(&writing.html));
    lesson->title = outline->title;
    buffer_free(&writing.html);
    if (!lesson->title.n) {
        report(&reading->report, 1, "Begin with a line `# Title`.", "the lesson has no title");
        lesson->title = lesson->id;
    }
    passages_cut(&writing);
    arena_free(scratch);
}
