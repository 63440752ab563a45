/* What is said, in order: recorded, then sent. A row a move. */
#include "school/tutor/turn.h"

#include <stdio.h>
#include <string.h>

/* --------------------------------------------------------------------------------- one of them */

/* Plain text as Markdown: what would be markup outside formulas is escaped. */
static void plain_markdown(struct view text, struct buffer *out) {
    bool formula = false, line_start = true;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.at[i];
        if (c == '$')
            formula = !formula;
        bool marks = c && strchr("\\`*_[]<>#|~!&", c);
        bool begins = line_start && c && strchr("+-=", c);
        if (!formula && c != '$' && (marks || begins))
            buffer_byte(out, '\\');
        /* "1." at the start of a line would begin a list. */
        if (!formula && (c == '.' || c == ')') && i && text.at[i - 1] >= '0' &&
            text.at[i - 1] <= '9')
            buffer_byte(out, '\\');
        buffer_byte(out, c);
        line_start = c == '\n' || (line_start && c == ' ');
    }
}

json_t *json_view(struct view text) {
    return json_stringn(text.n ? text.at : "", text.n);
}

json_t *say_add(struct turn *turn, struct view text, bool markdown, const char *from) {
    struct buffer source = {0}, html = {0};
    if (markdown)
        buffer_append(&source, text);
    else
        plain_markdown(text, &source);
    markdown_html(buffer_view(&source), &html);
    json_t *say = json_pack("{s:o,s:o,s:s,s:[]}", "text", json_view(text), "html",
                            json_view(buffer_view(&html)), "from", from, "cites");
    buffer_free(&source);
    buffer_free(&html);
    json_array_append_new(turn->says, say);
    return say;
}

void say_cite(const struct turn *turn, json_t *say, const struct recalled *recalled) {
    const struct passage *passage = recalled->passage;
    /* A heading can be the very word that is asked for. */
    struct view heading = turn_leaks(turn, passage->heading) ? (struct view){0} : passage->heading;
    json_t *cite =
        json_pack("{s:o,s:o}", "passage", json_view(passage->id), "heading", json_view(heading));
    if (passage->lesson)
        json_object_set_new(cite, "lesson", json_view(passage->lesson->id));
    if (recalled->n)
        json_object_set_new(cite, "sentence", json_integer((json_int_t)recalled->first));
    json_array_append_new(json_object_get(say, "cites"), cite);
}

/* Wordings change with what the learner did on this exercise, so that none is said twice. */
void say_phrase(struct turn *turn, enum phrase phrase, struct view with) {
    unsigned count = (unsigned)(turn->state.attempts + turn->state.hints);
    if (turn->tutor->in_terminal)
        phrase = phrase_typed(phrase);
    say_add(turn, phrase_fill(phrase, turn->language, count, with, turn->arena), false, "author");
}

void say_mark(struct turn *turn, const char *mark) {
    json_t *last = json_array_get(turn->says, json_array_size(turn->says) - 1);
    json_object_set_new(last, mark, json_true());
}

bool say_flush(struct turn *turn) {
    struct record *record = turn->tutor->record;
    json_t *fresh = json_array(), *say;
    for (size_t i = turn->n_said; i < json_array_size(turn->says); i++)
        json_array_append(fresh, json_array_get(turn->says, i));
    if (json_array_size(fresh)) {
        json_t *data = json_pack("{s:s,s:s,s:O,s:s,s:s}", "move", move_name(turn->move), "to",
                                 turn_kind_name(turn->kind), "say", fresh, "language",
                                 turn->language, "draft", review_strike_name(turn->review.strike));
        if (turn->label) {
            json_object_set_new(data, "exercise", json_string(turn->label));
            json_object_set_new(data, "seed", json_integer((json_int_t)turn->seed));
        }
        if (turn->once) {
            json_object_set_new(data, "once", json_string(turn->once));
            json_object_set_new(data, "reply", turn_reply(turn));
        }
        json_t *recalled = json_object_get(json_array_get(fresh, 0), "recalled");
        if (recalled)
            json_object_set(data, "recalled", recalled);
        /* For the teacher's eyes, who may find that it was fine; the record gives it to nobody
         * else. */
        if (turn->review.strike != STRIKE_NONE && turn->draft.n)
            json_object_set_new(data, "struck", json_view(buffer_view(&turn->draft)));
        record_note(record, &turn->batch, turn->learner, "said", data, turn->fault);
        json_decref(data);
    }
    bool kept = batch_write(record, &turn->batch, turn->fault);
    turn->n_said = json_array_size(turn->says);
    size_t i;
    if (kept && turn->send)
        json_array_foreach(fresh, i, say) {
            turn->gone = turn->gone || !turn->send(turn->send_data, say);
        }
    json_decref(fresh);
    return kept;
}

/* ------------------------------------------------------------------------------- rehearsed words
 */

static bool was_said(const json_t *talk, const char *text) {
    const json_t *note, *say;
    size_t i, j;
    json_array_foreach(talk, i, note) {
        const json_t *says = json_object_get(json_object_get(note, "data"), "say");
        json_array_foreach(says, j,
                           say) if (!strcmp(json_text(say, "text", ""), text)) return true;
    }
    return false;
}

static const struct rehearsed *bank_of(const struct turn *turn) {
    for (size_t i = 0; i < turn->tutor->n_course; i++)
        if (turn->tutor->courses[i] == turn->course)
            return turn->tutor->banks[i];
    return NULL;
}

/* A phrase for the author's text that this learner was not told yet; NULL: there is none. */
static const json_t *find_rehearsed(const struct turn *turn, struct view text) {
    const struct rehearsed *bank = bank_of(turn);
    const char *language = arena_string(turn->arena, turn->exercise->lesson->language);
    const json_t *phrase = NULL;
    size_t at = 0;
    if (!bank || !turn->label)
        return NULL;
    json_t *talk = record_talk(turn->tutor->record, turn->learner, turn->label, 60);
    do
        phrase = rehearsed_next(bank, view_trim(text), language, &at);
    while (phrase && (was_said(talk, json_text(phrase, "text", "")) ||
                      turn_leaks(turn, view_of(json_text(phrase, "text", "")))));
    json_decref(talk);
    return phrase;
}

/* What the author wrote; where it was said before, in words that were rehearsed. */
static void say_authored(struct turn *turn, struct view text, bool again) {
    const json_t *phrase = again ? find_rehearsed(turn, text) : NULL;
    if (!phrase) {
        say_add(turn, text, true, "author");
        return;
    }
    json_t *say = say_add(turn, view_of(json_text(phrase, "text", "")), true, "model");
    json_object_set_new(say, "model", json_string(json_text(phrase, "member", "")));
    json_object_set_new(say, "rehearsed", json_true());
    turn->rehearsed = true;
}

/* --------------------------------------------------------------------------------- by the move */

static const struct view nothing;

static void say_next(struct turn *turn, enum phrase exercise, enum phrase lesson) {
    if (turn->next)
        say_phrase(turn, exercise, turn->next->title);
    else if (turn->next_lesson && lesson)
        say_phrase(turn, lesson, turn->next_lesson->title);
}

static void say_solved(struct turn *turn) {
    if (turn->kind != TURN_ATTEMPT) {
        say_phrase(turn, PHRASE_SOLVED_ALREADY, nothing);
        say_next(turn, PHRASE_NEXT, PHRASE_NEXT_LESSON);
        return;
    }
    say_phrase(turn, turn->state.attempts > 1 ? PHRASE_RIGHT_AT_LAST : PHRASE_RIGHT, nothing);
    if (turn->result.authored)
        say_add(turn, view_of(turn->result.feedback), true, "author");
    say_add(turn, turn->variant->solution, true, "author");
    if (turn->move == MOVE_ADVANCE)
        say_phrase(turn, PHRASE_REACHED,
                   course_text(turn->exercise->skill->title, turn->language));
    if (turn->sister && turn->mastery < turn->course->mastery_threshold)
        say_phrase(turn, PHRASE_SISTER, nothing);
    if (turn->move == MOVE_REST)
        say_phrase(turn, PHRASE_REST, nothing);
    else if (turn->move == MOVE_ADVANCE || turn->next_lesson)
        say_next(turn, PHRASE_NEXT, PHRASE_NEXT_LESSON);
}

static void say_point(struct turn *turn) {
    if (turn->repeated)
        say_phrase(turn, PHRASE_SAME_AGAIN, nothing);
    bool tells = turn->result.note[0] && strcmp(turn->result.note, "different") != 0;
    if (turn->result.authored)
        say_add(turn, view_of(turn->result.feedback), true, "author");
    else if (turn->wrong)
        say_authored(turn, turn->wrong->say, turn->wrong_again || turn->repeated);
    else if (tells)
        say_add(turn, view_of(turn->result.feedback), false, "author");
    else
        say_phrase(turn, PHRASE_NOT_YET, nothing);
}

void say_quotes(struct turn *turn, bool draft) {
    bool unsure = turn_looks_further(turn); /* then it was told that somebody looks */
    for (size_t i = 0; i < turn->n_recalled; i++) {
        json_t *say = say_add(turn, recalled_text(&turn->recalled[i]), false, "author");
        json_object_set_new(say, "quote", json_true());
        say_cite(turn, say, &turn->recalled[i]);
        if (draft && (i == 0 || unsure))
            json_object_set_new(say, "draft", json_true());
        if (unsure && i == 0)
            json_object_set_new(say, "replaces", json_true());
        if (i == 0)
            say_looked_term(turn, say);
    }
}

static void say_principle(struct turn *turn) {
    say_point(turn);
    if (!turn->n_recalled)
        return;
    say_phrase(turn, PHRASE_PRINCIPLE, nothing);
    say_quotes(turn, false);
}

static void say_example(struct turn *turn) {
    if (turn->kind == TURN_ATTEMPT)
        say_point(turn);
    say_phrase(turn, PHRASE_EXAMPLE, nothing);
    say_add(turn, turn->example, true, "author");
    say_phrase(turn, PHRASE_EXAMPLE_THEN, nothing);
}

static void say_rung(struct turn *turn) {
    if (turn->kind == TURN_ATTEMPT)
        say_point(turn);
    if (turn->kind == TURN_FISHING)
        say_phrase(turn, PHRASE_NO_ANSWER, nothing);
    if (turn->reply == PHRASE_AGAIN && !turn->rung_is_new)
        say_phrase(turn, PHRASE_AGAIN, nothing);
    say_authored(turn, turn->variant->hints[turn->rung - 1],
                 !turn->rung_is_new && !turn->wait_seconds);
    if (turn->wait_seconds) {
        char seconds[12];
        snprintf(seconds, sizeof seconds, "%d", turn->wait_seconds);
        say_phrase(turn, PHRASE_DWELL, view_of(seconds));
    }
}

static void say_solution(struct turn *turn) {
    say_phrase(turn, PHRASE_SOLUTION, nothing);
    say_add(turn, turn->variant->solution, true, "author");
    if (turn->sister)
        say_phrase(turn, PHRASE_SOLUTION_SISTER, nothing);
    else if (turn->next)
        say_phrase(turn, PHRASE_SOLUTION_NEXT, turn->next->title);
    else
        say_phrase(turn, PHRASE_SOLUTION_ALONE, nothing);
}

static void list_another(struct turn *turn, struct buffer *list, struct view name) {
    bool chinese = !strncmp(turn->language, "zh", 2), arabic = !strncmp(turn->language, "ar", 2);
    if (list->n)
        buffer_text(list, chinese ? "；" : arabic ? "؛ " : "; ");
    buffer_append(list, name);
}

static struct view listed(struct turn *turn, struct buffer *list) {
    struct view text = arena_copy(turn->arena, buffer_view(list));
    buffer_free(list);
    return text;
}

/* The titles of the course's lessons, in order, in the language of the turn where there is one. */
static struct view lessons_of(struct turn *turn) {
    struct buffer list = {0};
    for (size_t i = 0; i < turn->course->n_lesson; i++) {
        const struct lesson *lesson = &turn->course->lessons[i];
        char *id = arena_string(turn->arena, lesson->id);
        if (lesson == course_lesson(turn->course, id, turn->language))
            list_another(turn, &list, lesson->title);
    }
    return listed(turn, &list);
}

/* The headings of the lesson. */
static struct view sections_of(struct turn *turn) {
    struct buffer list = {0};
    struct view before = nothing;
    const struct lesson *lesson = turn->lesson;
    if (lesson)
        lesson =
            course_lesson(turn->course, arena_string(turn->arena, lesson->id), turn->language);
    for (size_t i = 0; lesson && i < lesson->n_passage; i++) {
        struct view heading = lesson->passages[i].heading;
        if (!heading.n || view_equal(heading, before) || view_equal(heading, lesson->title))
            continue;
        list_another(turn, &list, heading);
        before = heading;
    }
    return listed(turn, &list);
}

/* A lesson without headings has the course's lessons in their place. */
static void say_contents(struct turn *turn) {
    struct view sections = turn->reply == PHRASE_LESSON ? sections_of(turn) : nothing;
    if (sections.n)
        say_phrase(turn, PHRASE_LESSON, sections);
    else
        say_phrase(turn, PHRASE_COURSE, lessons_of(turn));
}

static void say_back(struct turn *turn) {
    if (turn->kind == TURN_ATTEMPT)
        say_add(turn, view_of(turn->result.feedback), false, "author");
    else if (turn->kind == TURN_FISHING && turn->reply == PHRASE_NO_ANSWER)
        say_phrase(turn, turn->state.solved ? PHRASE_SOLVED_ALREADY : PHRASE_NO_ANSWER_HERE,
                   nothing);
    else if (turn->reply == PHRASE_COURSE || turn->reply == PHRASE_LESSON)
        say_contents(turn);
    else
        say_phrase(turn, turn->reply && turn->reply != PHRASE_AGAIN ? turn->reply : PHRASE_WHERE,
                   nothing); /* without an exercise there is no step to say again */
}

/* What was said last links to the passage. */
static void say_cite_passage(struct turn *turn, const struct passage *passage) {
    struct recalled whole = {.passage = passage};
    say_cite(turn, json_array_get(turn->says, json_array_size(turn->says) - 1), &whole);
}

static void say_answer(struct turn *turn) {
    say_looked(turn);
    if (turn->unsaid) {
        say_phrase(turn, PHRASE_LEFT_TO_YOU, nothing);
        return;
    }
    if (turn->looked && !turn->wanted.n && !turn->course_says)
        return;
    if (turn->course_says && turn_looks_further(turn)) { /* gives way to what is found */
        say_phrase(turn, PHRASE_LET_ME_LOOK, nothing);
        say_cite_passage(turn, turn->found[0].passage);
        say_mark(turn, "draft");
        return;
    }
    if (turn->course_says && !turn->withheld) {
        say_quotes(turn, turn_rewords(turn));
        return;
    }
    if (turn->noted && !turn->withheld) { /* the learner told something, and asked nothing */
        say_phrase(turn, PHRASE_NOTED, nothing);
        return;
    }
    bool near = turn->n_recalled && turn->recalled[0].near;
    bool looks = turn_looks_further(turn);
    say_phrase(turn,
               turn->withheld  ? PHRASE_WITHHELD
               : looks && near ? PHRASE_NOT_IN_THESE_WORDS
               : looks         ? PHRASE_NOT_IN_THESE_WORDS_ALONE
               : near          ? PHRASE_NOT_SAID_NEAR
                               : PHRASE_NOT_SAID,
               nothing);
    if (turn->n_recalled && (turn->withheld || near))
        say_cite_passage(turn, turn->recalled[0].passage);
}

static void (*const say_move[MOVES])(struct turn *) = {
    [MOVE_CONFIRM] = say_solved, [MOVE_ADVANCE] = say_solved,      [MOVE_REST] = say_solved,
    [MOVE_POINT] = say_point,    [MOVE_PRINCIPLE] = say_principle, [MOVE_EXAMPLE] = say_example,
    [MOVE_SCAFFOLD] = say_rung,  [MOVE_WORK_OUT] = say_solution,   [MOVE_ASK] = say_back,
    [MOVE_ANSWER] = say_answer,
};

/* The help that a move gives is kept with its words, so that it counts as help. */
static bool record_help(struct turn *turn) {
    struct record *record = turn->tutor->record;
    struct batch *batch = &turn->batch;
    if (turn->move == MOVE_SCAFFOLD && turn->rung_is_new)
        return record_hint(record, batch, turn->learner, turn->label, turn->seed, (int)turn->rung,
                           turn->fault);
    if (turn->move == MOVE_WORK_OUT && turn->rung_is_new)
        return record_solution(record, batch, turn->learner, turn->label, turn->seed,
                               turn->fault) &&
               (!turn->sister || record_sister(record, batch, turn->learner, turn->label,
                                               turn->sister, turn->fault));
    return true;
}

bool turn_say(struct turn *turn) {
    if (!record_help(turn))
        return false;
    say_remembered(turn);
    say_move[turn->move](turn);
    if (turn->noted && (turn->move != MOVE_ANSWER || turn->course_says || turn->looked))
        say_phrase(turn, PHRASE_NOTED, nothing);
    turn_metrics_first_word(&turn->tutor->metrics, false, clock_seconds() - turn->started);
    return say_flush(turn);
}

/* ----------------------------------------------------------------------------- a model's words */

/* The words of the draft are those of the quote, or some of them. */
static bool in_quote(const struct turn *turn) {
    return view_find(recalled_text(&turn->recalled[0]), view_trim(buffer_view(&turn->draft))) >= 0;
}

/* The search was not sure of its quote. It stands where the member takes a sentence of it, or said
 * nothing that may be said; where that one finds no answer, there is none. */
static bool say_quote_or_not(struct turn *turn) {
    if (turn->refused) {
        bool near = turn->found[0].near;
        say_phrase(turn, near ? PHRASE_NOT_SAID_NEAR : PHRASE_NOT_SAID, nothing);
        if (near)
            say_cite_passage(turn, turn->found[0].passage);
        say_mark(turn, "replaces");
        turn->course_says = false;
    } else if (!turn->waits) /* else it was quoted meanwhile */
        say_quotes(turn, false);
    return say_flush(turn);
}

bool turn_say_model(struct turn *turn) {
    bool passed = turn->draft.n && turn->review.strike == STRIKE_NONE;
    bool looked = turn->move == MOVE_ANSWER && turn_looks_further(turn);
    if (looked && turn->course_says && !turn->gone && (!passed || in_quote(turn)))
        return say_quote_or_not(turn);
    if (!passed) {
        if (!turn->waits || turn->gone)
            return true;
        say_phrase(turn, PHRASE_LOOKED_IN_VAIN, (struct view){0});
        say_mark(turn, "replaces");
        return say_flush(turn);
    }
    struct view text = view_trim(buffer_view(&turn->draft));
    json_t *say = say_add(turn, text, false, "model");
    json_object_set_new(say, "model", json_string(turn->drafted.model));
    if (turn->move == MOVE_ANSWER) {
        if (turn->course_says || turn->waits)
            json_object_set_new(say, "replaces", json_true());
        say_cite(turn, say, looked ? &turn->chosen : &turn->recalled[0]);
    }
    turn_metrics_first_word(&turn->tutor->metrics, true, clock_seconds() - turn->started);
    return say_flush(turn);
}
