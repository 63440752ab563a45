/* What the turn takes from a learner's memory, and what it adds to it. */
#include "school/learner/memory.h"
#include "school/tutor/turn.h"

#include <string.h>
#include <time.h>

enum {
    DAY_MS = 24 * 60 * 60 * 1000,
    HOUR_MS = 60 * 60 * 1000,
    MOST_NOTES = 60,  /* that are searched: the newest */
    TIMES_A_SLIP = 3, /* from so many on it is noted */
};
/* Share of the question that a note must hold to bear on it. */
static const double bears = 0.5;

void turn_know(struct turn *turn) {
    json_t *known = record_background(turn->tutor->record, turn->learner);
    turn->background = background_of_names(json_object_get(known, "tags"));
    turn->background_told = json_number(known, "told", 0) > 0;
    turn->background_asked = json_number(known, "asked", 0) > 0;
    turn->background_words =
        view_of(arena_string(turn->arena, view_of(json_text(known, "words", ""))));
    json_decref(known);
}

/* ---------------------------------------------------------------------------------- recalling */

/* Not what was just said, nor what was come back to today. */
static bool may_recall(const struct turn *turn, const json_t *note) {
    int64_t now = turn->tutor->now_ms();
    if (!strcmp(json_text(note, "about", ""), "slip"))
        return false;
    if (now - (int64_t)json_number(note, "recalled", 0) < DAY_MS)
        return false;
    bool here = turn->label && !strcmp(json_text(note, "exercise", ""), turn->label);
    return !here || now - (int64_t)json_number(note, "at", 0) >= HOUR_MS;
}

/* What confused the learner about the very skill that is at hand. */
static const json_t *on_this_skill(const struct turn *turn, const json_t *notes) {
    size_t i;
    json_t *note;
    if (!turn->exercise)
        return NULL;
    json_array_foreach(notes, i, note) {
        if (!strcmp(json_text(note, "about", ""), "confused") &&
            view_is(turn->exercise->skill->id, json_text(note, "skill", "")) &&
            view_is(turn->course->id, json_text(note, "course", "")) && may_recall(turn, note))
            return note;
    }
    return NULL;
}

/* The note that shares most with the question, by the same search that finds passages. */
static const json_t *by_words(const struct turn *turn, const json_t *notes) {
    size_t n = 0, i;
    json_t *note;
    struct passage *passages = ARENA_NEW(turn->arena, MOST_NOTES, struct passage);
    const json_t **of = ARENA_NEW(turn->arena, MOST_NOTES, const json_t *);
    json_array_foreach(notes, i, note) {
        if (n == MOST_NOTES || !may_recall(turn, note))
            continue;
        struct passage *passage = &passages[n];
        passage->text = view_of(json_text(note, "text", ""));
        passage->sentences = ARENA_NEW(turn->arena, 1, struct view);
        passage->sentences[0] = passage->text;
        passage->n_sentence = 1;
        of[n++] = note;
    }
    struct recall *recall =
        n ? recall_open_passages(passages, n, turn->language, &(struct fault){0}) : NULL;
    struct recall_query query = {.language = turn->language, .text = turn->text};
    struct recalled found;
    bool enough;
    const json_t *best = NULL;
    if (recall && recall_find(recall, &query, &found, 1, &enough) && found.coverage >= bears)
        best = of[found.passage - passages];
    recall_close(recall);
    return best;
}

void turn_recall_memory(struct turn *turn) {
    if ((turn->kind != TURN_QUESTION && turn->kind != TURN_HELP) || turn->looked)
        return;
    if (!turn->memories)
        turn->memories = record_memories(turn->tutor->record, turn->learner);
    if (!json_array_size(turn->memories) || !turn->text.n)
        return;
    turn->remembered = by_words(turn, turn->memories);
    if (!turn->remembered)
        turn->remembered = on_this_skill(turn, turn->memories);
    if (turn->remembered && turn_leaks(turn, view_of(json_text(turn->remembered, "text", ""))))
        turn->remembered = NULL;
}

json_t *say_note(struct turn *turn, const json_t *note) {
    char day[11] = "";
    time_t at = (time_t)(json_number(note, "at", 0) / 1000);
    struct tm when;
    if (gmtime_r(&at, &when))
        strftime(day, sizeof day, "%Y-%m-%d", &when);
    struct view words =
        phrase_fill(PHRASE_YOU_TOLD_ME, turn->language, 0, view_of(day), turn->arena);
    ptrdiff_t place = view_find(words, VIEW("%t"));
    struct view text = view_of(json_text(note, "text", ""));
    json_t *say = say_add(
        turn,
        view_of(arena_format(turn->arena, "%.*s%.*s%.*s", (int)place, words.at, VIEW_ARG(text),
                             VIEW_ARG(view_slice(words, (size_t)place + 2, words.n)))),
        false, "learner");
    json_object_set(say, "recalled", json_object_get(note, "id"));
    return say;
}

void say_remembered(struct turn *turn) {
    if (turn->remembered)
        say_note(turn, turn->remembered);
}

/* --------------------------------------------------------------------------------- remembering */

static bool remember(struct turn *turn, const char *about, struct view text) {
    struct fault full = {0};
    const struct exercise *exercise = turn->exercise;
    const struct lesson *lesson = exercise ? exercise->lesson : turn->lesson;
    struct memory_note note = {
        .about = about,
        .text = text,
        .course = arena_string(turn->arena, turn->course->id),
        .lesson = lesson ? arena_string(turn->arena, lesson->id) : NULL,
        .exercise = turn->label,
        .skill = exercise ? arena_string(turn->arena, exercise->skill->id) : NULL,
    };
    if (record_remember(turn->tutor->record, &turn->batch, turn->learner, &note, NULL, &full))
        return true;
    if (full.kind != FAULT_MACHINE) /* a memory that is full takes nothing more by itself */
        return true;
    *turn->fault = full;
    return false;
}

/* The sentence as it is kept: cut where it is too long. */
static struct view kept_words(struct view text) {
    size_t n = 0, at = 0;
    while (at < text.n && n < MEMORY_TEXT) {
        int32_t c;
        at += utf8_decode(text.at + at, text.n - at, &c);
        n++;
    }
    return view_slice(text, 0, at);
}

static bool add_background(struct turn *turn, background_set told) {
    background_set whole = background_with(turn->background, told);
    if (whole == turn->background)
        return true;
    json_t *known = record_background(turn->tutor->record, turn->learner);
    json_object_set_new(known, "tags", background_names(whole));
    bool kept = record_background_tell(turn->tutor->record, &turn->batch, turn->learner, known,
                                       turn->fault);
    json_decref(known);
    turn->noted = kept;
    turn->background = whole;
    turn->background_told = true;
    return kept;
}

/* The same slip again and again is noted once. */
static bool remember_slip(struct turn *turn) {
    const char *why = turn->wrong ? arena_string(turn->arena, turn->wrong->why) : "";
    if (!*why)
        return true;
    int64_t before = record_slips(turn->tutor->record, turn->learner,
                                  arena_string(turn->arena, turn->course->id), why);
    return before + !turn->recorded != TIMES_A_SLIP || remember(turn, "slip", turn->wrong->why);
}

/* The tutor asks once in a learner's life, when the first exercise is solved. */
static bool ask_background(struct turn *turn) {
    if (!turn->solved || turn->background_told || turn->background_asked)
        return true;
    turn->asks =
        record_background_asked(turn->tutor->record, &turn->batch, turn->learner, turn->fault);
    return turn->asks;
}

bool turn_remember(struct turn *turn) {
    if (turn->kind == TURN_ATTEMPT)
        return remember_slip(turn) && ask_background(turn);
    if (!turn->text.n || turn->kind == TURN_FISHING || turn->reply == PHRASE_CARE)
        return true;
    struct told told = memory_read(turn->tutor->rules, turn->text);
    if (told.goal.n) {
        if (!remember(turn, "goal", kept_words(told.goal)))
            return false;
        turn->noted = true;
    }
    if (told.confused.n && !remember(turn, "confused", kept_words(told.confused)))
        return false;
    return !told.background || add_background(turn, told.background);
}

/* --------------------------------------------------------------------------------- for prompts */

/* Goes to a member of this machine alone: what a learner tells of themselves stays in the house.
 */
struct view turn_about_learner(const struct turn *turn) {
    struct buffer text = {0};
    json_t *names = background_names(turn->background);
    size_t i;
    json_t *name;
    json_array_foreach(names, i, name)
        buffer_format(&text, "%s%s", text.n ? ", " : "", json_string_value(name));
    json_decref(names);
    if (turn->background_words.n)
        buffer_format(&text, "%s%.*s", text.n ? "; " : "", VIEW_ARG(turn->background_words));
    if (turn->remembered)
        buffer_format(&text, "%s%s", text.n ? "; " : "", json_text(turn->remembered, "text", ""));
    struct view kept = arena_copy(turn->arena, buffer_view(&text));
    buffer_free(&text);
    return kept;
}
