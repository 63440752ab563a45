/* A lesson file cut in prose and exercises, and the exercises read. */
#include "school/course/inside.h"
#include "school/grade/grade.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A line of the file. */
struct line {
    struct view text; /* without its end */
    size_t at;        /* offset of its first byte */
    long number;
};

struct lines {
    struct view text;
    size_t at;
    long number;
};

static bool next_line(struct lines *lines, struct line *line) {
    struct view rest = view_slice(lines->text, lines->at, lines->text.n);
    size_t at = lines->at, before = rest.n;
    if (!view_line(&rest, &line->text))
        return false;
    line->at = at;
    line->number = lines->number++;
    lines->at += before - rest.n;
    return true;
}

static size_t run_of(struct view text, char c) {
    size_t n = 0;
    while (n < text.n && text.at[n] == c)
        n++;
    return n;
}

/* ":::{name} rest" with three colons or more. Gives how many. */
static size_t directive(struct view text, struct view *name, struct view *rest) {
    size_t colons = run_of(text, ':'), end;
    if (colons < 3 || colons >= text.n || text.at[colons] != '{')
        return 0;
    for (end = colons + 1; end < text.n && text.at[end] != '}';)
        end++;
    if (end == text.n)
        return 0;
    *name = view_trim(view_slice(text, colons + 1, end));
    *rest = view_trim(view_slice(text, end + 1, text.n));
    return colons;
}

static bool closes(struct view text, char c, size_t length) {
    text = view_trim(text);
    return text.n == length && run_of(text, c) == length;
}

static size_t fence_of(struct view text) {
    size_t spaces = run_of(text, ' ');
    text = view_slice(text, spaces, text.n);
    size_t n = text.n && strchr("`~", text.at[0]) ? run_of(text, text.at[0]) : 0;
    return spaces < 4 && n >= 3 ? n : 0;
}

bool is_code(struct fence *fence, struct view line) {
    size_t n = fence_of(line);
    bool inside = fence->n > 0;
    if (!inside && n)
        *fence = (struct fence){n, view_trim(line).at[0]};
    else if (inside && n >= fence->n &&
             closes(line, fence->mark, run_of(view_trim(line), fence->mark)))
        fence->n = 0;
    return inside || n;
}

/* ---------------------------------------------------------------------------- an exercise's parts
 */

struct parts { /* of the exercise being read */
    struct exercise *exercise;
    struct exercise_source *source;
    struct view label, skill, made_from, yaml;
    long label_line, skill_line, made_from_line, yaml_line;
    bool has_yaml, has_solution;
};

static void read_option(struct reading *reading, struct parts *parts, const struct line *line) {
    static const char *const known[] = {"label", "skill", "source", NULL};
    struct view *const values[] = {&parts->label, &parts->skill, &parts->made_from};
    long *const lines[] = {&parts->label_line, &parts->skill_line, &parts->made_from_line};
    struct view text = line->text;
    size_t end = 1, which = 0;
    while (end < text.n && text.at[end] != ':')
        end++;
    struct view name = view_slice(text, 1, end);
    while (known[which] && !view_is(name, known[which]))
        which++;
    if (!known[which]) {
        char word[60];
        snprintf(word, sizeof word, "%.*s", name.n < 50 ? (int)name.n : 50, name.at);
        report_unknown_key(&reading->report, line->number, "the head of an exercise", word, known);
    } else if (*lines[which])
        report(&reading->report, line->number, "Keep one.",
               "the exercise has a second :%s:", known[which]);
    else {
        *values[which] = view_trim(view_slice(text, end + 1, text.n));
        *lines[which] = line->number;
    }
}

/* Takes lines up to the closing one; gives where the text between ends. False at the end of the
 * file, and where a part of colons is followed by another before it was closed. */
static bool take_until(struct lines *lines, char c, size_t length, size_t *end) {
    struct line line;
    struct view name, rest;
    *end = lines->at;
    while (next_line(lines, &line)) {
        *end = line.at;
        if (closes(line.text, c, length))
            return true;
        size_t colons = c == ':' ? run_of(view_trim(line.text), ':') : 0;
        if (directive(view_trim(line.text), &name, &rest) ||
            (colons > length && closes(line.text, ':', colons))) {
            if (c != ':')
                continue;
            lines->at = line.at;
            lines->number = line.number;
            return false;
        }
        *end = lines->at;
    }
    return false;
}

static void read_yaml(struct reading *reading, struct parts *parts, struct lines *lines,
                      const struct line *line, size_t fence) {
    struct view head = view_trim(line->text), info = view_trim(view_slice(head, fence, head.n));
    size_t from = lines->at, end;
    if (!take_until(lines, head.at[0], fence, &end))
        report(&reading->report, line->number, "Close it with the same marks.",
               "this block is not closed");
    if (!view_is(info, "yaml"))
        report(&reading->report, line->number, "Write ~~~yaml.",
               "a block in an exercise must be yaml");
    else if (parts->has_yaml)
        report(&reading->report, line->number, "Join the two.",
               "the exercise has a second yaml block");
    else
        parts->has_yaml = true, parts->yaml = view_slice(lines->text, from, end),
        parts->yaml_line = line->number + 1;
}

static void add_hint(struct reading *reading, struct parts *parts, struct view text, long line) {
    struct exercise *exercise = parts->exercise;
    struct arena *arena = reading->whole->course.arena;
    if (exercise->n_hint == MAX_ITEMS) {
        report(&reading->report, line, "Merge some.", "the exercise has over %d hints", MAX_ITEMS);
        return;
    }
    if (!exercise->hints) {
        exercise->hints = ARENA_NEW(arena, MAX_ITEMS, struct view);
        parts->source->hint_lines = ARENA_NEW(arena, MAX_ITEMS, long);
    }
    parts->source->hint_lines[exercise->n_hint] = line;
    exercise->hints[exercise->n_hint++] = text;
}

/* :::{hint} or :::{solution}, whose text may begin on the line that opens it. */
static void read_part(struct reading *reading, struct parts *parts, struct lines *lines,
                      const struct line *line, size_t colons, struct view name,
                      struct view begun) {
    static const char *const known[] = {"hint", "solution", NULL};
    /* one text, from the opening line on */
    size_t from = begun.n ? (size_t)(begun.at - lines->text.at) : lines->at, end;
    char word[60], remedy[120];
    if (!take_until(lines, ':', colons, &end))
        report(&reading->report, line->number, "Close it with the same number of colons.",
               "this part is not closed");
    struct view text = view_trim(view_slice(lines->text, from, end));
    if (!text.n)
        report(&reading->report, line->number, "Write it, or take it out.", "this part is empty");
    if (view_is(name, "hint"))
        add_hint(reading, parts, text, line->number);
    else if (view_is(name, "solution")) {
        if (parts->has_solution)
            report(&reading->report, line->number, "Join the two.",
                   "the exercise has a second solution");
        parts->has_solution = true;
        parts->exercise->solution = text;
        parts->source->solution_line = line->number;
    } else {
        snprintf(word, sizeof word, "%.*s", name.n < 50 ? (int)name.n : 50, name.at);
        report(&reading->report, line->number,
               nearest_remedy(word, known, "There are hint and solution.", remedy, sizeof remedy),
               "an exercise has no part {%s}", word);
    }
}

/* -------------------------------------------------------------------------------------- its head
 */

static bool label_good(struct view label) {
    for (size_t i = 0; i < label.n; i++)
        if (!isalnum((unsigned char)label.at[i]) && !strchr("-_.", label.at[i]))
            return false;
    return label.n > 0 && label.n <= 80 && isalpha((unsigned char)label.at[0]);
}

static void settle_skill(struct reading *reading, const struct parts *parts) {
    const struct course *course = &reading->whole->course;
    const struct lesson *first = parts->skill.n ? NULL : reading->first;
    parts->exercise->skill = course_skill(course, parts->skill);
    for (size_t i = 0; first && i < first->n_exercise; i++) /* a translation need not say it */
        if (view_equal(first->exercises[i].label, parts->label))
            parts->exercise->skill = first->exercises[i].skill;
    if (parts->exercise->skill)
        return;
    const char **known = must_alloc(course->n_skill + 1, sizeof *known);
    char word[60], remedy[200];
    for (size_t i = 0; i < course->n_skill; i++)
        known[i] = course->skills[i].id.at;
    snprintf(word, sizeof word, "%.*s", parts->skill.n < 50 ? (int)parts->skill.n : 50,
             parts->skill.at ? parts->skill.at : "");
    if (parts->skill.n)
        report(&reading->report, parts->skill_line,
               nearest_remedy(word, known, "Add it to the skills in course.yaml.", remedy,
                              sizeof remedy),
               "the course has no skill %s", word);
    else
        report(&reading->report, parts->exercise->line, "Write :skill: and the id of a skill.",
               "the exercise has no skill");
    free(known);
}

static void settle_definition(struct reading *reading, struct parts *parts) {
    struct whole *whole = reading->whole;
    struct exercise *exercise = parts->exercise;
    struct fault fault = {0};
    struct yaml *yaml = &parts->source->yaml;
    if (parts->has_yaml && parts->yaml.n > 64 << 10)
        report(&reading->report, parts->yaml_line, "Make it shorter.",
               "the yaml block is over 64 kB");
    else if (parts->has_yaml &&
             !yaml_read(whole->course.arena, parts->yaml, parts->yaml_line, yaml, &fault))
        report_fault(&reading->report, parts->yaml_line, &fault);
    else if (!parts->has_yaml)
        report(&reading->report, exercise->line, "Write ~~~yaml with ask, check and key.",
               "the exercise has no yaml block");
    else if (!json_is_object(yaml->value))
        report(&reading->report, parts->yaml_line, "Write `ask: …` and the others.",
               "the yaml block is no mapping of keys to values");
    if (json_is_object(yaml->value)) {
        json_array_append(whole->owned, yaml->value);
        exercise->definition = yaml->value;
    }
    json_decref(yaml->value);
    yaml->value = NULL;
    exercise->check = view_of(json_text(exercise->definition, "check", ""));
}

/* An exercise that cannot be told from others or cannot be made is left out. */
static void settle(struct reading *reading, struct parts *parts) {
    struct exercise *exercise = parts->exercise;
    settle_skill(reading, parts);
    settle_definition(reading, parts);
    exercise->label = parts->label;
    parts->source->made_from = parts->made_from;
    if (!parts->label.n)
        report(&reading->report, exercise->line, "Write :label: and a name of its own.",
               "the exercise has no label");
    else if (!label_good(parts->label))
        report(&reading->report, parts->label_line,
               "Begin with a letter; then letters, digits, - _ and .",
               "\"%.*s\" cannot be a label", parts->label.n < 60 ? (int)parts->label.n : 60,
               parts->label.at);
    else if (exercise->definition && exercise->skill)
        reading->lesson->n_exercise++;
}

static struct exercise *exercise_new(struct reading *reading) {
    struct lesson *lesson = reading->lesson;
    struct arena *arena = reading->whole->course.arena;
    if (!lesson->exercises)
        lesson->exercises = ARENA_NEW(arena, MAX_EXERCISES + 1, struct exercise);
    struct exercise *exercise = &lesson->exercises[lesson->n_exercise];
    memset(exercise, 0, sizeof *exercise);
    exercise->lesson = lesson;
    exercise->source = ARENA_NEW(arena, 1, struct exercise_source);
    return exercise;
}

static void read_exercise(struct reading *reading, struct lines *lines, const struct line *first,
                          size_t colons, struct view title) {
    struct parts parts = {.exercise = exercise_new(reading)};
    struct line line;
    struct view name, rest;
    bool closed = false;
    parts.source = (struct exercise_source *)(uintptr_t)parts.exercise->source;
    parts.exercise->line = first->number;
    parts.exercise->title = title;
    if (!title.n)
        report(&reading->report, first->number, "Write it behind {exercise}.",
               "the exercise has no title");
    while (!closed && next_line(lines, &line)) {
        struct view text = view_trim(line.text);
        size_t inner = directive(text, &name, &rest), fence = fence_of(text);
        closed = closes(text, ':', colons);
        if (closed || !text.n)
            continue;
        if (inner >= colons || (inner && view_is(name, "exercise"))) {
            lines->at = line.at; /* the next one begins: this one was not closed */
            lines->number = line.number;
            break;
        }
        if (inner)
            read_part(reading, &parts, lines, &line, inner, name, rest);
        else if (fence)
            read_yaml(reading, &parts, lines, &line, fence);
        else if (text.at[0] == ':' && text.n > 1 && text.at[1] != ':')
            read_option(reading, &parts, &(struct line){text, line.at, line.number});
        else
            report(&reading->report, line.number, "Put it in `ask`, in a hint or in the solution.",
                   "this text stands in an exercise but in none of its parts");
    }
    if (!closed)
        report(&reading->report, first->number, "End it with a line of as many colons.",
               "the exercise is not closed");
    parts.source->text = view_slice(lines->text, first->at, lines->at);
    settle(reading, &parts);
}

/* ------------------------------------------------------------------------------------- the lesson
 */

static void piece(struct reading *reading, struct view prose, long line, ptrdiff_t exercise) {
    if (exercise < 0 && !view_trim(prose).n)
        return;
    if (reading->n_piece == reading->piece_capacity) {
        reading->piece_capacity = reading->piece_capacity * 2 + 16;
        reading->pieces =
            must_realloc(reading->pieces, reading->piece_capacity, sizeof *reading->pieces);
    }
    reading->pieces[reading->n_piece++] =
        (struct piece){.prose = prose, .line = line, .exercise = exercise};
}

/* ------------------------------------------------------------------------ told in several ways */

struct explaining { /* the explanation being read */
    struct reading *reading;
    size_t number; /* from 1 */
    long line;
    size_t n_way;
};

static void told_piece(const struct explaining *explaining, struct view prose, long line,
                       const struct audience *audience) {
    struct reading *reading = explaining->reading;
    size_t before = reading->n_piece;
    piece(reading, prose, line, -1);
    if (reading->n_piece > before) {
        reading->pieces[before].explanation = explaining->number;
        reading->pieces[before].audience = *audience;
    }
}

/* "child, teen programming": for children, and for teenagers who know programming. */
static void read_audience(struct reading *reading, struct view text, long line,
                          struct audience *audience) {
    const char *known[33] = {NULL};
    char word[60], remedy[120];
    for (size_t i = 0; i < n_background_tag; i++)
        known[i] = background_tags[i].name;
    background_set set = 0;
    for (size_t at = 0; at <= text.n;) {
        size_t end = at;
        while (end < text.n && text.at[end] != ' ' && text.at[end] != ',')
            end++;
        struct view name = view_slice(text, at, end);
        background_set tag = background_tag_of(name);
        set |= tag;
        if (name.n && !tag) {
            snprintf(word, sizeof word, "%.*s", name.n < 50 ? (int)name.n : 50, name.at);
            report(&reading->report, line,
                   nearest_remedy(word, known, "docs/course-format.md lists what there is.",
                                  remedy, sizeof remedy),
                   "no learner is \"%s\"", word);
        }
        if ((end == text.n || text.at[end] == ',') && set && audience->n < MAX_AUDIENCE) {
            audience->sets[audience->n++] = set;
            set = 0;
        }
        at = end + 1;
    }
    if (set)
        report(&reading->report, line, "Write another variant.",
               "a variant is for at most %d kinds of learners", MAX_AUDIENCE);
}

/* Lines up to the one that closes, code passed over. False at the end of the file, and where
 * something else opens or closes before: that line is not taken. */
static bool skip_to_close(struct lines *lines, size_t colons, size_t *end) {
    struct line line;
    struct view name, rest;
    struct fence fence = {0};
    *end = lines->at;
    while (next_line(lines, &line)) {
        *end = line.at;
        bool code = is_code(&fence, line.text);
        if (!code && closes(line.text, ':', colons))
            return true;
        if (!code &&
            (directive(line.text, &name, &rest) ||
             (run_of(line.text, ':') >= 3 && closes(line.text, ':', run_of(line.text, ':'))))) {
            lines->at = line.at;
            lines->number = line.number;
            return false;
        }
        *end = lines->at;
    }
    return false;
}

/* :::{variant}, :for: and the words, up to as many colons. */
static void read_way(struct explaining *explaining, struct lines *lines, const struct line *opens,
                     size_t colons) {
    struct reading *reading = explaining->reading;
    struct audience audience = {0};
    struct lines before = *lines;
    struct line line = {0};
    size_t end;
    bool says_whom = next_line(lines, &line) && view_starts(view_trim(line.text), ":for:");
    if (says_whom)
        read_audience(reading, view_trim(view_slice(view_trim(line.text), 5, line.text.n)),
                      line.number, &audience);
    else
        *lines = before;
    if (!says_whom ||
        (!audience.n && !view_trim(view_slice(view_trim(line.text), 5, line.text.n)).n))
        report(&reading->report, opens->number, "Write :for: child, or another, below it.",
               "this variant does not say for whom it is");
    size_t from = lines->at;
    long number = lines->number;
    if (!skip_to_close(lines, colons, &end))
        report(&reading->report, opens->number, "Close it with the same number of colons.",
               "this variant is not closed");
    struct view text = view_slice(lines->text, from, end);
    if (!view_trim(text).n)
        report(&reading->report, opens->number, "Write it, or take it out.",
               "this variant is empty");
    else if (explaining->n_way == MAX_WAYS)
        report(&reading->report, opens->number, "Merge some.",
               "an explanation has at most %d variants", MAX_WAYS);
    else if (audience.n) {
        explaining->n_way++;
        told_piece(explaining, text, number, &audience);
    }
}

/* ::::{explanation} or ::::{example}: the plain way, then the variants. */
static void read_explanation(struct reading *reading, struct lines *lines,
                             const struct line *first, size_t colons) {
    static const struct audience everybody;
    struct explaining explaining = {reading, 1, first->number, 0};
    for (size_t i = 0; i < reading->n_piece; i++)
        if (reading->pieces[i].explanation >= explaining.number)
            explaining.number = reading->pieces[i].explanation + 1;
    struct line line;
    struct view name, rest;
    struct fence fence = {0};
    size_t from = lines->at, n_variant = 0;
    long number = lines->number;
    bool closed = false, plain = false;
    while (!closed && next_line(lines, &line)) {
        bool code = is_code(&fence, line.text);
        size_t inner = code ? 0 : directive(view_trim(line.text), &name, &rest);
        closed = !code && closes(line.text, ':', colons);
        if (!plain && (inner || closed)) {
            plain = true;
            if (!view_trim(view_slice(lines->text, from, line.at)).n)
                report(&reading->report, first->number, "Write what everybody else is told.",
                       "the explanation has no plain text before its variants");
            told_piece(&explaining, view_slice(lines->text, from, line.at), number, &everybody);
        }
        if (inner && inner < colons && view_is(name, "variant")) {
            n_variant++;
            read_way(&explaining, lines, &line, inner);
        } else if (inner && (inner >= colons || view_is(name, "exercise"))) {
            lines->at = line.at; /* the next one begins: this one was not closed */
            lines->number = line.number;
            break;
        } else if (inner)
            report(&reading->report, line.number, "Only {variant} may stand here.",
                   "an explanation has no part {%.*s}", name.n < 50 ? (int)name.n : 50, name.at);
        else if (plain && !closed && view_trim(line.text).n)
            report(&reading->report, line.number, "Put it before the first variant, or below all.",
                   "this text stands behind a variant");
    }
    if (!closed)
        report(&reading->report, first->number, "End it with a line of as many colons.",
               "the explanation is not closed");
    if (!n_variant)
        report(&reading->report, first->number,
               "Write :::{variant} with :for:, or leave it plain.",
               "the explanation has no variant");
}

static void unknown_directive(struct reading *reading, const struct line *line, struct view name) {
    static const char *const known[] = {"exercise", "explanation", "example", NULL};
    char word[60], remedy[120];
    snprintf(word, sizeof word, "%.*s", name.n < 50 ? (int)name.n : 50, name.at);
    bool part = view_is(name, "hint") || view_is(name, "solution");
    if (view_is(name, "variant")) {
        report(&reading->report, line->number, "Put it between ::::{explanation} and ::::.",
               "this {variant} stands outside of an explanation");
        return;
    }
    report(&reading->report, line->number,
           part ? "Put it between ::::{exercise} and ::::."
                : nearest_remedy(word, known, "There are {exercise}, {explanation} and {example}.",
                                 remedy, sizeof remedy),
           part ? "this {%s} stands outside of an exercise" : "there is no {%s}", word);
}

void lesson_read(struct reading *reading, struct view text) {
    struct lines lines = {.text = text, .number = 1};
    struct line line;
    struct view name, rest;
    struct fence fence = {0};
    size_t prose = 0;
    long prose_line = 1;
    while (next_line(&lines, &line)) {
        if (is_code(&fence, line.text))
            continue;
        size_t colons = directive(line.text, &name, &rest);
        if (colons && view_is(name, "exercise") && reading->lesson->n_exercise < MAX_EXERCISES) {
            size_t before = reading->lesson->n_exercise;
            piece(reading, view_slice(text, prose, line.at), prose_line, -1);
            read_exercise(reading, &lines, &line, colons, rest);
            if (reading->lesson->n_exercise > before)
                piece(reading, (struct view){0}, line.number, (ptrdiff_t)before);
            prose = lines.at;
            prose_line = lines.number;
        } else if (colons && (view_is(name, "explanation") || view_is(name, "example"))) {
            piece(reading, view_slice(text, prose, line.at), prose_line, -1);
            read_explanation(reading, &lines, &line, colons);
            prose = lines.at;
            prose_line = lines.number;
        } else if (colons)
            unknown_directive(reading, &line, name);
        else if (run_of(line.text, ':') >= 3 && closes(line.text, ':', run_of(line.text, ':')))
            report(&reading->report, line.number, "Take it out, or open what it closes.",
                   "these colons close nothing");
    }
    piece(reading, view_slice(text, prose, text.n), prose_line, -1);
    reading->text = text;
    sections_find(reading);
    pieces_cut(reading);
}
