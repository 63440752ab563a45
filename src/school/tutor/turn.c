/* The way of a turn. */
#include "school/learner/people.h"
#include "school/tutor/turn.h"

#include <stdlib.h>
#include <string.h>

/* Each stage adds its own fields to the turn and touches no other's; see turn.h. What the school
 * itself has to say is said before a model is asked, so that nobody waits for one. */
static const struct {
    const char *name;
    turn_stage *run;
} stages[] = {
    {"intake", turn_intake}, {"grade", turn_grade},   {"look up", turn_look_up},
    {"choose", turn_choose}, {"recall", turn_recall}, {"remember", turn_remember},
    {"say", turn_say},       {"draft", turn_draft},   {"review", turn_review},
    {"senior", turn_senior}, {"say", turn_say_model}, {"reckon", turn_reckon},
};

static bool turn_run(struct turn *turn) {
    for (size_t i = 0; i < COUNT_OF(stages); i++)
        if (!stages[i].run(turn))
            return fault_set(turn->fault, FAULT_MACHINE, "The stage %s of the turn failed.",
                             stages[i].name);
    return true;
}

/* A learner of several classes is paid for by the first that is open. */
static void find_payer(struct turn *turn) {
    struct tutor *tutor = turn->tutor;
    json_t *class = people_one(tutor->record, PEOPLE_CLASSES_OF, "i", turn->learner);
    turn->payer.learner = arena_format(turn->arena, "%lld", (long long)turn->learner);
    if (class)
        turn->payer.group =
            arena_format(turn->arena, "%lld", (long long)json_number(class, "id", 0));
    json_decref(class);
    turn->local = !tutor->company || company_is_local(tutor->company, COMPANY_FRONT, &turn->payer);
}

static void turn_begin(struct turn *turn, struct tutor *tutor, struct fault *fault) {
    turn->tutor = tutor;
    turn->fault = fault;
    turn->started = clock_seconds();
    turn->arena = arena_new();
    turn->says = json_array();
    if (turn->exercise)
        turn->course = turn->exercise->lesson->course;
    find_payer(turn);
    turn_know(turn);
}

static void turn_end(struct turn *turn) {
    variant_free(turn->variant);
    json_decref(turn->state.answer);
    json_decref(turn->says);
    json_decref(turn->memories);
    buffer_free(&turn->draft);
    arena_free(turn->arena);
}

/* ------------------------------------------------------------------------------- what is given */

static json_t *sister_object(const struct turn *turn) {
    struct variant *sister =
        turn->sister ? variant_make(turn->exercise, turn->sister, NULL) : NULL;
    json_t *object = sister ? variant_public(sister) : json_null();
    if (sister)
        json_object_set_new(object, "state", json_object());
    variant_free(sister);
    return object;
}

static json_t *next_object(const struct turn *turn) {
    return turn->next ? json_pack("{s:o,s:o}", "id", json_view(turn->next->label), "title",
                                  json_view(turn->next->title))
                      : json_null();
}

static json_t *hint_object(const struct turn *turn) {
    bool left = !turn->state.solved && turn->move != MOVE_WORK_OUT && !turn->state.bottomed;
    return json_pack("{s:s,s:O,s:b,s:i,s:o,s:o}", "move", move_name(turn->move), "say", turn->says,
                     "hints_left", (int)left, "wait_seconds", turn->wait_seconds, "sister",
                     sister_object(turn), "next", next_object(turn));
}

/* What was said to each part of an exercise of several. */
static json_t *parts_object(const struct grade_result *result) {
    json_t *list = json_array();
    for (size_t i = 0; i < result->n_part; i++) {
        const struct grade_part *part = &result->parts[i];
        json_t *told = json_pack("{s:s,s:f,s:s,s:s}", "name", part->name, "score", part->score,
                                 "note", part->note, "feedback", part->feedback);
        if (part->authored) {
            struct buffer html = {0};
            markdown_html(view_of(part->feedback), &html);
            json_object_set_new(told, "html", json_view(buffer_view(&html)));
            buffer_free(&html);
        }
        json_array_append_new(list, told);
    }
    return list;
}

static json_t *attempt_object(const struct turn *turn) {
    json_t *object = hint_object(turn);
    json_t *graded =
        json_pack("{s:f,s:b,s:b,s:s,s:s,s:f}", "score", turn->result.score, "solved",
                  (int)turn->solved, "counts", (int)turn->counts, "feedback",
                  turn->result.feedback, "note", turn->result.note, "mastery", turn->mastery);
    if (turn->result.n_part)
        json_object_set_new(graded, "parts", parts_object(&turn->result));
    if (turn->asks) {
        struct view text = phrase_text(PHRASE_ASKS, turn->page, 0);
        json_object_set_new(
            graded, "asks",
            json_pack("{s:s,s:o}", "about", "background", "text", json_view(text)));
    }
    json_object_update(object, graded);
    json_decref(graded);
    return object;
}

/* --------------------------------------------------------------------------------------- doors */

json_t *tutor_attempt(struct tutor *tutor, int64_t learner, const struct exercise *exercise,
                      uint64_t seed, const json_t *answer, const char *language,
                      struct fault *fault) {
    struct turn turn = {.learner = learner,
                        .exercise = exercise,
                        .lesson = exercise->lesson,
                        .seed = seed,
                        .answer = answer,
                        .page = language};
    turn_begin(&turn, tutor, fault);
    json_t *object = turn_run(&turn) ? attempt_object(&turn) : NULL;
    turn_end(&turn);
    return object;
}

json_t *tutor_hint(struct tutor *tutor, int64_t learner, const struct exercise *exercise,
                   uint64_t seed, const char *language, struct fault *fault) {
    struct turn turn = {.learner = learner,
                        .exercise = exercise,
                        .lesson = exercise->lesson,
                        .seed = seed,
                        .wants_hint = true,
                        .page = language};
    turn_begin(&turn, tutor, fault);
    json_t *object = turn_run(&turn) ? hint_object(&turn) : NULL;
    turn_end(&turn);
    return object;
}

bool tutor_turn(struct tutor *tutor, int64_t learner, const struct tutor_question *question,
                school_say *say, void *data, struct fault *fault) {
    struct turn turn = {.learner = learner,
                        .course = question->lesson->course,
                        .lesson = question->lesson,
                        .exercise = question->exercise,
                        .seed = question->seed,
                        .text = question->text,
                        .page = question->language,
                        .cancel = question->cancel,
                        .send = say,
                        .send_data = data};
    turn_begin(&turn, tutor, fault);
    bool done = turn_run(&turn);
    turn_end(&turn);
    return done;
}

static bool open_banks(struct tutor *tutor, struct fault *fault) {
    for (size_t i = 0; i < tutor->n_course; i++) {
        struct arena *arena = arena_new();
        const char *folder = arena_string(arena, tutor->courses[i]->folder);
        tutor->banks[i] = rehearsed_open(folder, fault);
        arena_free(arena);
        if (!tutor->banks[i])
            return false;
    }
    return true;
}

struct tutor *tutor_open(struct course *const *courses, size_t n_course, struct record *record,
                         struct company *company, struct fault *fault) {
    struct tutor *tutor = must_alloc(1, sizeof *tutor);
    tutor->courses = courses;
    tutor->n_course = n_course;
    tutor->record = record;
    tutor->company = company;
    tutor->now_ms = clock_unix_ms;
    tutor->recall = recall_open(courses, n_course, fault);
    tutor->intake = tutor->recall ? intake_open(fault) : NULL;
    tutor->rules = tutor->intake ? memory_rules_open(fault) : NULL;
    tutor->tool_rules = tutor->rules ? tool_rules_open(fault) : NULL;
    tutor->banks = must_alloc(n_course + 1, sizeof *tutor->banks);
    if (tutor->tool_rules && open_banks(tutor, fault))
        return tutor;
    tutor_close(tutor);
    return NULL;
}

void tutor_close(struct tutor *tutor) {
    if (!tutor)
        return;
    recall_close(tutor->recall);
    intake_close(tutor->intake);
    memory_rules_close(tutor->rules);
    tool_rules_close(tutor->tool_rules);
    for (size_t i = 0; i < tutor->n_course; i++)
        rehearsed_close(tutor->banks[i]);
    free(tutor->banks);
    free(tutor);
}

void tutor_metrics(struct tutor *tutor, struct buffer *out) {
    turn_metrics_print(&tutor->metrics, out);
}
