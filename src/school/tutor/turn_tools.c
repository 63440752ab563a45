/* What is looked up for a question: by rules before a move is chosen; by a model's call where the
 * course has no answer. Nothing that tells the exercise at hand is said. */
#include "school/learner/memory.h"
#include "school/tutor/turn.h"

#include <ctype.h>
#include <string.h>

static struct tool_place place_of(const struct turn *turn) {
    struct plan plan;
    record_plan(turn->tutor->record, turn->learner, &plan);
    return (struct tool_place){.rules = turn->tutor->tool_rules,
                               .recall = turn->tutor->recall,
                               .course = turn->course,
                               .lesson = turn->lesson,
                               .language = turn->language,
                               .background = turn->background,
                               .company = turn->tutor->company,
                               .notes = turn->memories,
                               .today = calendar_day(&plan.calendar, turn->tutor->now_ms()),
                               .programs = true};
}

/* -------------------------------------------------------------------------------------- secrets
 */

static bool is_tool(const struct think_step *step, const char *name) {
    return !strcmp(step->call.tool->name, name);
}

/* A question about what a program does is not answered by running it. */
static bool asks_about_program(const struct turn *turn) {
    return !view_is(turn->exercise->check, "code") &&
           (view_find(turn->variant->ask, VIEW("```")) >= 0 ||
            view_find(turn->variant->ask, VIEW("<code")) >= 0);
}

enum { MOST_STEPS = 60 };

/* All that was found, and the values on the way there: "(11 + 41) * 2" holds 52. */
static bool tells(const struct turn *turn, const struct thought *thought) {
    struct buffer found = {0};
    struct view steps[MOST_STEPS];
    bool told = false;
    if (!turn->variant || turn->state.solved || turn->state.bottomed)
        return false;
    for (size_t i = 0; i < thought->n_step; i++) {
        const struct think_step *step = &thought->steps[i];
        size_t n = 0;
        if (is_tool(step, "term"))
            continue; /* trimmed as what is recalled is */
        told = told || (is_tool(step, "code") && asks_about_program(turn)) ||
               turn_leaks(turn, step->result.text) || turn_leaks(turn, step->result.value);
        if (is_tool(step, "sum"))
            told = told || !sum_steps(step->call.asked, turn->arena, steps, MOST_STEPS, &n);
        for (size_t k = 0; k < n; k++)
            buffer_format(&found, "%.*s. ", VIEW_ARG(steps[k]));
        buffer_format(&found, "%.*s. ", VIEW_ARG(step->result.text));
    }
    told = told || turn_leaks(turn, buffer_view(&found));
    buffer_free(&found);
    return told;
}

/* ------------------------------------------------------------------------------------- by rules
 */

static bool all_reckoned(const struct thought *thought) {
    for (size_t i = 0; i < thought->n_step; i++)
        if (thought->steps[i].result.end != TOOL_DONE || is_tool(&thought->steps[i], "code") ||
            is_tool(&thought->steps[i], "term") || is_tool(&thought->steps[i], "note"))
            return false;
    return !thought->rest.n;
}

/* "3/4" alone is an answer that is tried; "what is 3/4?" is not. */
static bool has_words(struct view text) {
    bool has = false;
    for (size_t i = 0; i < text.n; i++)
        has = has || isalpha((unsigned char)text.at[i]) || (text.at[i] & 0x80);
    return has;
}

/* A sum by itself is taken for fishing by the intake; where it tells nothing of the exercise it is
 * a question like others. */
bool turn_look_up(struct turn *turn) {
    bool fishing =
        turn->kind == TURN_FISHING && (turn->reply == PHRASE_NO_ANSWER || has_words(turn->text));
    turn->wanted = intake_matter(turn->tutor->intake, turn->text, turn->arena);
    if (!turn->text.n || (turn->kind != TURN_QUESTION && !fishing))
        return true;
    turn->memories = record_memories(turn->tutor->record, turn->learner);
    struct tool_place place = place_of(turn);
    struct thought *thought = ARENA_NEW(turn->arena, 1, struct thought);
    if (!tools_plan(&place, turn->text, turn->arena, thought) ||
        (fishing && !all_reckoned(thought)))
        return true;
    if (tells(turn, thought)) {
        turn->unsaid = !fishing;
        return true;
    }
    turn->kind = TURN_QUESTION;
    turn->looked = thought;
    turn->wanted = intake_matter(turn->tutor->intake, thought->rest, turn->arena);
    return true;
}

const struct think_step *turn_term(const struct turn *turn) {
    for (size_t i = 0; turn->looked && i < turn->looked->n_step; i++)
        if (is_tool(&turn->looked->steps[i], "term") &&
            turn->looked->steps[i].result.end == TOOL_DONE)
            return &turn->looked->steps[i];
    return NULL;
}

/* -------------------------------------------------------------------------------------- saying */

static void attach(const struct turn *turn, json_t *say, const struct think_step *step) {
    json_object_set_new(say, "looked_up", tool_step_json(step, turn->language));
}

/* The program's output between marks that it does not hold. */
static struct view fenced(const struct turn *turn, struct view text) {
    const char *fence = "```";
    while (view_find(text, view_of(fence)) >= 0)
        fence = arena_format(turn->arena, "%s`", fence);
    struct view words = phrase_text(PHRASE_WRITES, turn->language, 0);
    return view_of(arena_format(turn->arena, "%.*s\n\n%s\n%.*s\n%s", VIEW_ARG(words), fence,
                                VIEW_ARG(text), fence));
}

static json_t *say_filled(struct turn *turn, enum phrase phrase, struct view with) {
    return say_add(turn, phrase_fill(phrase, turn->language, 0, with, turn->arena), false,
                   "author");
}

static json_t *say_step(struct turn *turn, const struct think_step *step) {
    const struct tool_result *result = &step->result;
    const char *problem = tool_problem(result, turn->language);
    if (result->note)
        return say_note(turn, result->note);
    if (is_tool(step, "note") && result->end == TOOL_NOTHING)
        return say_filled(turn, PHRASE_NO_NOTE, (struct view){0});
    if (*problem)
        return say_filled(turn, PHRASE_CANNOT, view_of(problem));
    if (is_tool(step, "code"))
        return say_add(turn, fenced(turn, result->text), true, "author");
    return say_filled(turn, PHRASE_THAT_IS, result->text);
}

void say_looked(struct turn *turn) {
    for (size_t i = 0; turn->looked && i < turn->looked->n_step; i++)
        if (&turn->looked->steps[i] != turn_term(turn))
            attach(turn, say_step(turn, &turn->looked->steps[i]), &turn->looked->steps[i]);
}

void say_looked_term(struct turn *turn, json_t *say) {
    if (turn_term(turn))
        attach(turn, say, turn_term(turn));
}

/* ------------------------------------------------------------------------------------ by a model
 */

static bool wants_call(const struct turn *turn, const struct tool_place *place) {
    return turn->move == MOVE_ANSWER && turn->kind == TURN_QUESTION && !turn->looked &&
           !turn->unsaid && !turn->course_says && !turn->withheld && !turn->noted &&
           !(turn->draft.n && turn->review.strike == STRIKE_NONE) && !turn->gone &&
           !(turn->cancel && *turn->cancel) && place->company &&
           company_state(place->company) == COMPANY_READY &&
           tools_may_reckon(place, turn->text, turn->arena);
}

/* A model chooses the call and says nothing itself: what its sum comes to is the school's
 * sentence, which names the sum, since it may be another than was meant. */
bool turn_reckon(struct turn *turn) {
    struct tool_place place = place_of(turn);
    struct thought thought;
    struct think_options options = {.reckons = true,
                                    .seed = hash64(turn->text, turn->seed),
                                    .payer = turn->payer,
                                    .cancel = turn->cancel};
    struct fault ignored = {0}; /* what was said stands */
    place.rules = NULL;
    if (!wants_call(turn, &place) ||
        !tools_think(&place, turn->text, &options, turn->arena, &thought, &ignored) ||
        !thought.n_step || thought.steps[0].result.end != TOOL_DONE || tells(turn, &thought))
        return true;
    const struct think_step *step = &thought.steps[0];
    json_t *told = tool_step_json(step, turn->language);
    struct view asked = view_of(arena_string(turn->arena, view_of(json_text(told, "asked", ""))));
    struct view words = phrase_fill(PHRASE_TAKEN_FOR, turn->language, 0, asked, turn->arena);
    ptrdiff_t at = view_find(words, VIEW("%t"));
    json_t *say =
        say_add(turn,
                view_of(arena_format(turn->arena, "%.*s%.*s%.*s", (int)at, words.at,
                                     VIEW_ARG(step->result.text),
                                     VIEW_ARG(view_slice(words, (size_t)at + 2, words.n)))),
                false, "author");
    json_object_set_new(told, "model", json_string(thought.model));
    json_object_set_new(say, "looked_up", told);
    return say_flush(turn);
}
