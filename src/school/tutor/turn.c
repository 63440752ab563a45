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
    {"intake", turn_intake},     {"grade", turn_grade},   {"look up", turn_look_up},
    {"note", turn_note},         {"choose", turn_choose}, {"recall", turn_recall},
    {"remember", turn_remember}, {"say", turn_say},       {"draft", turn_draft},
    {"review", turn_review},     {"senior", turn_senior}, {"say", turn_say_model},
    {"listen", turn_listen},     {"reckon", turn_reckon},
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
    json_decref(turn->recorded);
    batch_free(&turn->batch);
    buffer_free(&turn->draft);
    arena_free(turn->arena);
}

/* ------------------------------------------------------------------------------- what is given */

static json_t *sister_object(const struct exercise *exercise, uint64_t seed) {
    struct variant *sister = seed ? variant_make(exercise, seed, NULL) : NULL;
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

/* But for what is said; "sister" is a seed or null. */
static json_t *hint_reply(const struct turn *turn) {
    bool left = !turn->state.solved && turn->move != MOVE_WORK_OUT && !turn->state.bottomed;
    return json_pack("{s:s,s:b,s:i,s:o,s:o}", "move", move_name(turn->move), "hints_left",
                     (int)left, "wait_seconds", turn->wait_seconds, "sister",
                     turn->sister ? json_integer((json_int_t)turn->sister) : json_null(), "next",
                     next_object(turn));
}

/* Takes the reference to a reply. */
static json_t *told(json_t *reply, json_t *says, const struct exercise *exercise) {
    uint64_t seed = (uint64_t)json_integer_value(json_object_get(reply, "sister"));
    json_object_set(reply, "say", says);
    json_object_set_new(reply, "sister", sister_object(exercise, seed));
    return reply;
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

json_t *turn_reply(const struct turn *turn) {
    json_t *object = hint_reply(turn);
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

/* ---------------------------------------------------------------------------------------- once */

/* Of one answer that comes twice at once the second waits for the first. */
static void once_begin(struct turn *turn) {
    struct tutor *tutor = turn->tutor;
    pthread_mutex_lock(&tutor->sending);
    for (struct turn *other = tutor->under_way; other;) {
        bool same = other->learner == turn->learner && !strcmp(other->once, turn->once);
        if (same)
            pthread_cond_wait(&tutor->sent, &tutor->sending);
        other = same ? tutor->under_way : other->waiting;
    }
    turn->waiting = tutor->under_way;
    tutor->under_way = turn;
    pthread_mutex_unlock(&tutor->sending);
}

static void once_end(struct turn *turn) {
    struct tutor *tutor = turn->tutor;
    pthread_mutex_lock(&tutor->sending);
    struct turn **link = &tutor->under_way;
    while (*link != turn)
        link = &(*link)->waiting;
    *link = turn->waiting;
    pthread_cond_broadcast(&tutor->sent);
    pthread_mutex_unlock(&tutor->sending);
}

/* What this answer was told when it came before; NULL: nothing. */
static json_t *told_before(struct turn *turn) {
    json_t *said = record_once(turn->tutor->record, turn->learner, "said", turn->once);
    json_t *says = json_object_get(said, "say"), *reply = json_object_get(said, "reply");
    json_t *object = reply ? told(json_incref(reply), says, turn->exercise) : NULL;
    json_decref(said);
    return object;
}

/* An attempt of this id: what was recorded counts, whatever came with it this time. */
static bool find_recorded(struct turn *turn) {
    json_t *before = record_once(turn->tutor->record, turn->learner, "attempt", turn->once);
    if (!before)
        return true;
    turn->recorded = before;
    if (!view_is(turn->exercise->label, json_text(before, "exercise", "")))
        return fault_set(turn->fault, FAULT_KNOWN, "This id is of an answer to another exercise.");
    turn->seed = (uint64_t)json_integer_value(json_object_get(before, "seed"));
    turn->answer = json_object_get(before, "answer");
    return true;
}

static json_t *attempt(struct turn *turn) {
    json_t *before = NULL;
    if (turn->once && (!find_recorded(turn) || (turn->recorded && (before = told_before(turn)))))
        return before;
    return turn_run(turn) ? told(turn_reply(turn), turn->says, turn->exercise) : NULL;
}

/* --------------------------------------------------------------------------------------- doors */

json_t *tutor_attempt(struct tutor *tutor, int64_t learner, const struct exercise *exercise,
                      const struct school_sent *sent, const char *language, struct fault *fault) {
    struct turn turn = {.learner = learner,
                        .exercise = exercise,
                        .lesson = exercise->lesson,
                        .seed = sent->seed,
                        .answer = sent->answer,
                        .once = sent->once,
                        .ago_ms = sent->ago_ms,
                        .page = language};
    turn_begin(&turn, tutor, fault);
    if (turn.once)
        once_begin(&turn);
    json_t *object = attempt(&turn);
    if (turn.once)
        once_end(&turn);
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
    json_t *object = turn_run(&turn) ? told(hint_reply(&turn), turn.says, turn.exercise) : NULL;
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
    pthread_mutex_init(&tutor->sending, NULL);
    pthread_cond_init(&tutor->sent, NULL);
    tutor->contentment = contentment_new();
    tutor->patience = 2;
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

void tutor_in_terminal(struct tutor *tutor) {
    tutor->in_terminal = true;
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
    contentment_free(tutor->contentment);
    pthread_cond_destroy(&tutor->sent);
    pthread_mutex_destroy(&tutor->sending);
    free(tutor);
}

void tutor_metrics(struct tutor *tutor, struct buffer *out) {
    turn_metrics_print(&tutor->metrics, out);
}
