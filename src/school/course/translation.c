/* A lesson in another language beside its source: which of its parts are there, which were made
 * from an older source, and the page put together of both.
 *
 * A part is a section without its exercises, or an exercise. What it was made from stands in the
 * translation: `<!-- of SECTION HASH -->` below the heading, `:source: HASH` in an exercise. */
#include "school/course/inside.h"

#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------------------------- sections
 */

static bool opens_section(struct view line) {
    size_t spaces = 0;
    while (spaces < line.n && line.at[spaces] == ' ')
        spaces++;
    line = view_slice(line, spaces, line.n);
    return spaces < 4 && view_starts(line, "##") &&
           (line.n == 2 || line.at[2] == ' ' || line.at[2] == '\t');
}

/* "<!-- of counting 8d0c2f1e6a70 -->", the hash perhaps not there yet. */
static bool read_mark(struct view line, struct view *of, struct view *hash) {
    line = view_trim(line);
    if (!view_starts(line, "<!-- of ") || !view_ends(line, "-->"))
        return false;
    struct view words = view_trim(view_slice(line, 8, line.n - 3));
    size_t end = 0;
    while (end < words.n && words.at[end] != ' ')
        end++;
    *of = view_slice(words, 0, end);
    *hash = view_trim(view_slice(words, end, words.n));
    return of->n > 0;
}

static bool in_exercise(const struct reading *reading, size_t at) {
    for (size_t i = 0; i < reading->lesson->n_exercise; i++) {
        struct view text = reading->lesson->exercises[i].source->text;
        size_t from = (size_t)(text.at - reading->text.at);
        if (at >= from && at < from + text.n)
            return true;
    }
    return false;
}

static struct section_source *add_section(struct reading *reading, size_t at, long line) {
    MUST(TRY_ROOM(reading->sections, reading->section_capacity, reading->n_section + 1));
    struct section_source *section = &reading->sections[reading->n_section++];
    *section = (struct section_source){.from = at, .to = reading->text.n, .line = line};
    if (reading->n_section > 1)
        section[-1].to = at;
    return section;
}

void sections_find(struct reading *reading) {
    struct view rest = reading->text, line;
    struct fence fence = {0};
    struct section_source *section = add_section(reading, 0, 1);
    bool headed = false; /* the line before was the section's heading */
    long number = 0;
    while (view_line(&rest, &line)) {
        size_t at = (size_t)(line.at - reading->text.at), end = reading->text.n - rest.n;
        number++;
        if (in_exercise(reading, at) || is_code(&fence, line)) {
            headed = false;
            continue;
        }
        if (headed && read_mark(line, &section->of, &section->made_from)) {
            section->mark_from = at;
            section->mark_to = end;
        }
        headed = opens_section(line);
        if (headed)
            section = add_section(reading, at, number);
        else if (reading->n_section == 1 && !section->heading_end && view_starts(line, "# "))
            headed = true;
        if (headed)
            section->heading_end = end;
    }
}

static void hash_part(struct view text, char out[PART_HASH + 1]) {
    struct buffer plain = {0};
    char hex[65];
    for (size_t i = 0; i < text.n; i++) {
        bool space = strchr(" \t\r\n", text.at[i]) != NULL;
        if (!space)
            buffer_byte(&plain, text.at[i]);
        else if (plain.n && plain.at[plain.n - 1] != ' ')
            buffer_byte(&plain, ' ');
    }
    sha256_hex(view_trim(buffer_view(&plain)), hex);
    memcpy(out, hex, PART_HASH);
    out[PART_HASH] = 0;
    buffer_free(&plain);
}

/* Of its heading and prose, its exercises left out. */
static void hash_section(const struct reading *reading, size_t section, char out[PART_HASH + 1]) {
    struct buffer text = {0};
    for (size_t i = 0; i < reading->n_piece; i++)
        if (reading->pieces[i].section == section)
            buffer_append(&text, reading->pieces[i].prose);
    hash_part(buffer_view(&text), out);
    buffer_free(&text);
}

/* -------------------------------------------------------------------------------- their pieces */

static size_t section_at(const struct reading *reading, size_t at) {
    size_t section = 0;
    while (section + 1 < reading->n_section && reading->sections[section + 1].from <= at)
        section++;
    return section;
}

static long lines_in(struct view text) {
    long n = 0;
    for (size_t i = 0; i < text.n; i++)
        n += text.at[i] == '\n';
    return n;
}

struct cutting { /* the pieces being made anew */
    struct reading *reading;
    struct piece *pieces;
    size_t n, capacity;
};

static void put_piece(struct cutting *cutting, struct piece piece) {
    bool empty = piece.exercise < 0 && !piece.html.n && !view_trim(piece.prose).n;
    if (empty)
        return;
    MUST(TRY_ROOM(cutting->pieces, cutting->capacity, cutting->n + 1));
    cutting->pieces[cutting->n++] = piece;
}

/* A piece from one offset of the file to another, where that is inside of it. */
static void put_slice(struct cutting *cutting, const struct piece *whole, size_t from, size_t to,
                      size_t section) {
    size_t start = (size_t)(whole->prose.at - cutting->reading->text.at);
    from = from < start ? start : from;
    to = to > start + whole->prose.n ? start + whole->prose.n : to;
    if (from >= to)
        return;
    struct piece piece = *whole;
    piece.prose = view_slice(whole->prose, from - start, to - start);
    piece.line += lines_in(view_slice(whole->prose, 0, from - start));
    piece.section = section;
    put_piece(cutting, piece);
}

static void keep_pieces(struct cutting *cutting) {
    struct reading *reading = cutting->reading;
    free(reading->pieces);
    reading->pieces = cutting->pieces;
    reading->n_piece = cutting->n;
    reading->piece_capacity = cutting->capacity;
}

/* At each section; the mark below a heading is left out. */
void pieces_cut(struct reading *reading) {
    struct cutting cutting = {.reading = reading};
    for (size_t i = 0; i < reading->n_piece; i++) {
        struct piece piece = reading->pieces[i];
        if (piece.exercise >= 0 || piece.explanation) {
            const char *at = piece.exercise >= 0
                                 ? reading->lesson->exercises[piece.exercise].source->text.at
                                 : piece.prose.at;
            piece.section = section_at(reading, (size_t)(at - reading->text.at));
            put_piece(&cutting, piece);
            continue;
        }
        for (size_t k = 0; k < reading->n_section; k++) {
            const struct section_source *section = &reading->sections[k];
            size_t mark = section->mark_to ? section->mark_from : section->from;
            put_slice(&cutting, &piece, section->from, mark, k);
            put_slice(&cutting, &piece, section->mark_to ? section->mark_to : mark, section->to,
                      k);
        }
    }
    keep_pieces(&cutting);
}

/* ---------------------------------------------------------------------------- what answers what
 */

/* The words for learners, in the language of the page. */
enum note { NOTE_STALE, NOTE_STALE_EXERCISE, NOTE_MISSING, NOTES };
static const char *const tags[] = {"en", "zh", "es", "ar"};
/* clang-format off */
static const char *const notes[NOTES][COUNT_OF(tags)] = {
    [NOTE_STALE] = {
        "The source of this section has changed since it was translated. Read the source",
        "这一节的原文在翻译之后有改动。查看原文",
        "El original de esta sección ha cambiado desde que se tradujo. Leer el original",
        "تغيّر أصل هذا القسم بعد ترجمته. اقرأ الأصل"},
    [NOTE_STALE_EXERCISE] = {
        "The source of this exercise has changed since it was translated. Read the source",
        "这道练习的原文在翻译之后有改动。查看原文",
        "El original de este ejercicio ha cambiado desde que se tradujo. Leer el original",
        "تغيّر أصل هذا التمرين بعد ترجمته. اقرأ الأصل"},
    [NOTE_MISSING] = {
        "This section is not translated yet.",
        "这一节还没有翻译。",
        "Esta sección aún no está traducida.",
        "لم يُترجَم هذا القسم بعد."},
};
/* clang-format on */

const char *translation_cell(size_t row, size_t column) {
    return row < NOTES && column < COUNT_OF(tags) ? notes[row][column] : NULL;
}

static size_t column_of(struct view language) {
    size_t column = COUNT_OF(tags);
    while (--column &&
           !(view_starts(language, tags[column]) && (language.n == 2 || language.at[2] == '-')))
        continue;
    return column;
}

const char *translation_stale_exercise(struct view language) {
    return notes[NOTE_STALE_EXERCISE][column_of(language)];
}

static const char *direction(struct view language) {
    return language_right_to_left(language) ? "rtl" : "ltr";
}

static struct view slug_of(const struct outline *outline, size_t section) {
    struct view id = outline->sections[section].id;
    return view_slice(id, outline->lesson.n + 2, id.n);
}

struct joining {
    struct reading *here;
    const struct reading *source;
    const struct outline *outline; /* of the source */
    size_t n;                      /* sections of the source */
    ptrdiff_t *here_of;            /* of each of them: the section here, or -1 */
    struct lesson_part *parts;     /* sections, then exercises */
    struct cutting cutting;
    size_t explanations; /* the highest number here */
};

static ptrdiff_t section_named(const struct joining *joining, struct view slug) {
    for (size_t i = 0; i < joining->n; i++)
        if (view_equal(slug_of(joining->outline, i), slug))
            return (ptrdiff_t)i;
    return -1;
}

/* A section without a mark, or whose source was renamed, is of the one behind that before it. */
static void match_sections(struct joining *joining) {
    const struct reading *here = joining->here;
    ptrdiff_t before = -1;
    bool unmarked = false;
    for (size_t k = 0; k < here->n_section; k++) {
        const struct section_source *section = &here->sections[k];
        ptrdiff_t of = section->of.n ? section_named(joining, section->of) : -1;
        unmarked |= !section->of.n && k;
        of = of < 0 ? before + 1 : of;
        before = of;
        if ((size_t)of < joining->n && joining->here_of[of] < 0)
            joining->here_of[of] = (ptrdiff_t)k;
        else if (here->n_section <= joining->n)
            report(&here->report, section->line,
                   "Say below its heading of which it is, or take it out.",
                   "%.*s has no section of which this one is the translation",
                   VIEW_ARG(joining->source->lesson->file));
    }
    if (here->n_section != joining->n && (unmarked || here->n_section > joining->n))
        report(&here->report, 1,
               "Give it the same `##` headings in the same order, or say below each of which it "
               "is: <!-- of counting -->.",
               "%zu sections stand here and %zu in %.*s", here->n_section - 1, joining->n - 1,
               VIEW_ARG(joining->source->lesson->file));
}

static enum translation state_of(struct view made_from, const char *hash) {
    return !made_from.n               ? TRANSLATION_UNMARKED
           : view_is(made_from, hash) ? TRANSLATION_CURRENT
                                      : TRANSLATION_STALE;
}

static void judge_sections(struct joining *joining) {
    for (size_t i = 0; i < joining->n; i++) {
        struct lesson_part *part = &joining->parts[i];
        part->name = slug_of(joining->outline, i);
        part->heading = joining->outline->sections[i].heading;
        part->source_line = joining->source->sections[i].line;
        hash_section(joining->source, i, part->hash);
        if (joining->here_of[i] < 0) {
            part->state = TRANSLATION_MISSING;
            continue;
        }
        const struct section_source *section = &joining->here->sections[joining->here_of[i]];
        part->line = section->line;
        part->state = state_of(section->made_from, part->hash);
    }
}

/* ------------------------------------------------------------------------------------ exercises
 */

static ptrdiff_t exercise_named(const struct lesson *lesson, struct view label) {
    for (size_t i = 0; i < lesson->n_exercise; i++)
        if (view_equal(lesson->exercises[i].label, label))
            return (ptrdiff_t)i;
    return -1;
}

static void complain_of_others(const struct joining *joining) {
    const struct lesson *lesson = joining->here->lesson, *first = joining->source->lesson;
    for (size_t i = 0; i < lesson->n_exercise; i++)
        if (exercise_named(first, lesson->exercises[i].label) < 0)
            report(&joining->here->report, lesson->exercises[i].line,
                   "Give it the label of the exercise that it translates.",
                   "%.*s has no exercise %.*s", VIEW_ARG(first->file),
                   VIEW_ARG(lesson->exercises[i].label));
}

/* Each of the source once and in its order: the translation, with the source's keys, or else the
 * source itself. Of a label that the source has twice, by mistake, the first has the translation.
 */
static void join_exercises(struct joining *joining) {
    struct lesson *lesson = joining->here->lesson;
    const struct lesson *first = joining->source->lesson;
    struct arena *arena = lesson->course->arena;
    struct exercise *all = ARENA_NEW(arena, first->n_exercise + 1, struct exercise);
    complain_of_others(joining);
    for (size_t i = 0; i < first->n_exercise; i++) {
        const struct exercise *original = &first->exercises[i];
        struct lesson_part *part = &joining->parts[joining->n + i];
        bool is_first = exercise_named(first, original->label) == (ptrdiff_t)i;
        ptrdiff_t at = is_first ? exercise_named(lesson, original->label) : -1;
        *part = (struct lesson_part){.name = original->label,
                                     .heading = original->title,
                                     .exercise = true,
                                     .source_line = original->line,
                                     .state = TRANSLATION_MISSING};
        hash_part(original->source->text, part->hash);
        all[i] = at < 0 ? *original : lesson->exercises[at];
        if (at >= 0) {
            part->line = all[i].line;
            part->state = state_of(all[i].source->made_from, part->hash);
            exercise_borrow(&all[i], original, part->state == TRANSLATION_STALE,
                            &joining->here->report, joining->here->whole);
        }
        all[i].lesson = lesson;
        all[i].original = original;
        all[i].translation = part->state;
    }
    for (size_t i = 0; i < joining->here->n_piece; i++) {
        struct piece *piece = &joining->here->pieces[i];
        if (piece->exercise < 0)
            continue;
        struct view label = lesson->exercises[piece->exercise].label;
        ptrdiff_t twin = exercise_named(lesson, label), of = exercise_named(first, label);
        piece->gone = of < 0 || twin != piece->exercise;
        piece->exercise = of < 0 ? 0 : of;
    }
    lesson->exercises = all;
    lesson->n_exercise = first->n_exercise;
}

/* ------------------------------------------------------------------------------------- the page
 */

static void put_html(struct joining *joining, struct buffer *html) {
    struct arena *arena = joining->here->lesson->course->arena;
    put_piece(&joining->cutting,
              (struct piece){.html = arena_copy(arena, buffer_view(html)), .exercise = -1});
    buffer_clear(html);
}

/* What the source says, without heading and exercises, in its plain way. */
static void write_source(const struct joining *joining, size_t section, struct buffer *out) {
    const struct reading *source = joining->source;
    struct arena *arena = arena_new();
    struct render render = {
        .whole = source->whole,
        .folder = source->lesson->id,
        .prefix = arena_format(arena, "source-%zu-%.*s", section, VIEW_ARG(source->lesson->id))};
    for (size_t i = 0; i < source->n_piece; i++) {
        const struct piece *piece = &source->pieces[i];
        if (piece->section != section || piece->exercise >= 0 || piece->audience.n)
            continue;
        size_t from = (size_t)(piece->prose.at - source->text.at),
               heading = source->sections[section].heading_end;
        markdown_render(&render,
                        heading > from ? view_slice(piece->prose, heading - from, piece->prose.n)
                                       : piece->prose,
                        false, out);
    }
    arena_free(arena);
}

static void put_stale(struct joining *joining, size_t section) {
    struct view here = joining->here->lesson->language, there = joining->source->lesson->language;
    struct buffer html = {0};
    buffer_text(&html, "<details class=\"stale\"><summary>");
    buffer_text(&html, notes[NOTE_STALE][column_of(here)]);
    buffer_format(&html, "</summary><div lang=\"%.*s\" dir=\"%s\">", VIEW_ARG(there),
                  direction(there));
    write_source(joining, section, &html);
    buffer_text(&html, "</div></details>\n");
    put_html(joining, &html);
    buffer_free(&html);
}

static void put_exercise(struct joining *joining, size_t exercise) {
    put_piece(&joining->cutting, (struct piece){.exercise = (ptrdiff_t)exercise});
}

/* Whether it stands in a section that is shown. */
static bool is_placed(const struct joining *joining, size_t exercise) {
    bool placed = false;
    for (size_t i = 0; i < joining->here->n_piece; i++) {
        const struct piece *piece = &joining->here->pieces[i];
        for (size_t k = 0;
             piece->exercise == (ptrdiff_t)exercise && !piece->gone && k < joining->n; k++)
            placed |= joining->here_of[k] == (ptrdiff_t)piece->section;
    }
    return placed;
}

/* The section as it was translated; behind it those of its exercises that stand nowhere here. */
static void put_translated(struct joining *joining, size_t section) {
    const struct reading *here = joining->here, *source = joining->source;
    size_t at = (size_t)joining->here_of[section];
    size_t heading = here->sections[at].heading_end;
    bool stale = joining->parts[section].state == TRANSLATION_STALE;
    for (size_t i = 0; i < here->n_piece; i++) {
        const struct piece *piece = &here->pieces[i];
        if (piece->section != at || piece->gone)
            continue;
        if (piece->exercise >= 0 || piece->explanation) {
            put_piece(&joining->cutting, *piece);
            continue;
        }
        put_slice(&joining->cutting, piece, 0, heading, at);
        if (stale) {
            put_stale(joining, section);
            stale = false;
        }
        put_slice(&joining->cutting, piece, heading, here->text.n, at);
    }
    for (size_t i = 0; i < source->n_piece; i++)
        if (source->pieces[i].section == section && source->pieces[i].exercise >= 0 &&
            !is_placed(joining, (size_t)source->pieces[i].exercise))
            put_exercise(joining, (size_t)source->pieces[i].exercise);
}

/* The source's section, said to be that, with its exercises in whichever language they are. */
static void put_missing(struct joining *joining, size_t section) {
    const struct reading *source = joining->source;
    struct view here = joining->here->lesson->language, there = source->lesson->language;
    size_t heading = source->sections[section].heading_end;
    struct buffer html = {0};
    bool noted = false;
    buffer_format(&html, "<div class=\"untranslated\" lang=\"%.*s\" dir=\"%s\">\n",
                  VIEW_ARG(there), direction(there));
    put_html(joining, &html);
    joining->cutting.reading = (struct reading *)(uintptr_t)source;
    for (size_t i = 0; i < source->n_piece; i++) {
        struct piece piece = source->pieces[i];
        if (piece.section != section)
            continue;
        piece.borrowed = true;
        piece.explanation += piece.explanation ? joining->explanations : 0;
        if (piece.exercise >= 0) {
            if (!is_placed(joining, (size_t)piece.exercise))
                put_exercise(joining, (size_t)piece.exercise);
            continue;
        }
        if (piece.explanation)
            put_piece(&joining->cutting, piece);
        else
            put_slice(&joining->cutting, &piece, 0, heading, section);
        if (!noted) {
            buffer_format(&html, "<p class=\"quiet\" lang=\"%.*s\" dir=\"%s\">%s</p>\n",
                          VIEW_ARG(here), direction(here), notes[NOTE_MISSING][column_of(here)]);
            put_html(joining, &html);
            noted = true;
        }
        if (!piece.explanation)
            put_slice(&joining->cutting, &piece, heading, source->text.n, section);
    }
    joining->cutting.reading = joining->here;
    buffer_text(&html, "</div>\n");
    put_html(joining, &html);
    buffer_free(&html);
}

void translation_join(struct reading *here, const struct reading *source,
                      const struct outline *outline) {
    struct arena *arena = here->lesson->course->arena;
    struct joining joining = {.here = here, .source = source, .outline = outline};
    joining.n = source->n_section < outline->n ? source->n_section : outline->n;
    joining.cutting = (struct cutting){.reading = here};
    joining.here_of = must_alloc(joining.n + 1, sizeof *joining.here_of);
    joining.parts =
        ARENA_NEW(arena, joining.n + source->lesson->n_exercise + 1, struct lesson_part);
    for (size_t i = 0; i < joining.n; i++)
        joining.here_of[i] = -1;
    for (size_t i = 0; i < here->n_piece; i++)
        if (here->pieces[i].explanation > joining.explanations)
            joining.explanations = here->pieces[i].explanation;
    match_sections(&joining);
    judge_sections(&joining);
    join_exercises(&joining);
    for (size_t i = 0; i < joining.n; i++)
        joining.here_of[i] < 0 ? put_missing(&joining, i) : put_translated(&joining, i);
    keep_pieces(&joining.cutting);
    here->lesson->parts = joining.parts;
    here->lesson->n_part = joining.n + source->lesson->n_exercise;
    free(joining.here_of);
}
