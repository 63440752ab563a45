/* What was sent is read, and kept once it is known what it is; an attempt is graded and kept. */
#include "school/learner/people.h"
#include "school/tutor/terms.h"
#include "school/tutor/turn.h"

#include <string.h>

/* -------------------------------------------------------------------------------------- intake */

/* The question of the exercise typed in again asks for its answer. */
static bool repeats_question(const struct turn *turn) {
    enum { SHORTEST = 16 };
    struct buffer asked = {0}, typed = {0};
    fold_plain(turn->variant->ask, &asked);
    fold_plain(turn->text, &typed);
    bool repeats =
        (typed.n >= SHORTEST && view_find(buffer_view(&asked), buffer_view(&typed)) >= 0) ||
        (asked.n >= SHORTEST && view_find(buffer_view(&typed), buffer_view(&asked)) >= 0);
    buffer_free(&asked);
    buffer_free(&typed);
    return repeats;
}

/* In the learner's language where the course has it. */
static void translate(struct turn *turn) {
    if (turn->lesson) {
        const char *id = arena_string(turn->arena, turn->lesson->id);
        const struct lesson *lesson = course_lesson(turn->course, id, turn->language);
        turn->lesson = lesson ? lesson : turn->lesson;
    }
    if (turn->exercise) {
        const struct exercise *exercise =
            course_exercise(turn->course, turn->label, turn->language);
        turn->exercise = exercise ? exercise : turn->exercise;
    }
}

static bool record_asked(struct turn *turn) {
    json_t *data = json_pack("{s:o,s:s,s:s,s:o}", "text", json_view(turn->text), "taken_for",
                             turn_kind_name(turn->kind), "language", turn->language, "course",
                             json_view(turn->course->id));
    if (turn->lesson)
        json_object_set_new(data, "lesson", json_view(turn->lesson->id));
    if (turn->label) {
        json_object_set_new(data, "exercise", json_string(turn->label));
        json_object_set_new(data, "seed", json_integer((json_int_t)turn->seed));
    }
    bool kept =
        record_note(turn->tutor->record, &turn->batch, turn->learner, "asked", data, turn->fault);
    json_decref(data);
    return kept;
}

/* What teachers of this school wrote about wrong answers, beside what the author did. */
static void add_taught(struct turn *turn) {
    json_t *rows = people_list(turn->tutor->record, PEOPLE_TAUGHT, "s", turn->label), *row;
    size_t i;
    json_array_foreach(rows, i, row) {
        json_t *wrong = json_parse(view_of(json_text(row, "wrong", "")), NULL);
        if (wrong) /* one that the course has outgrown is passed over */
            variant_teach(turn->variant, wrong, NULL);
        json_decref(wrong);
    }
    json_decref(rows);
}

bool turn_intake(struct turn *turn) {
    turn->language = turn->page;
    if (turn->exercise)
        turn->label = arena_string(turn->arena, turn->exercise->label);
    if (turn->answer || turn->wants_hint) {
        turn->kind = turn->answer ? TURN_ATTEMPT : TURN_HINT;
    } else {
        struct taken taken = intake_read(turn->tutor->intake, turn->text);
        turn->kind = taken.kind;
        turn->reply = taken.reply;
        turn->language = intake_language(turn->text, turn->page);
        translate(turn);
    }
    if (turn->exercise) {
        turn->variant = variant_make(turn->exercise, turn->seed, turn->fault);
        if (!turn->variant)
            return false;
        add_taught(turn);
        if (turn->kind == TURN_QUESTION && repeats_question(turn))
            turn->kind = TURN_HELP;
    }
    contentment_heard(turn);
    return true;
}

/* Once tools have been tried: a sum by itself is taken for fishing until one has worked it out. */
bool turn_note(struct turn *turn) {
    atomic_fetch_add(&turn->tutor->metrics.kinds[turn->kind], 1);
    return turn->kind == TURN_ATTEMPT || turn->kind == TURN_HINT || record_asked(turn);
}

/* --------------------------------------------------------------------------------------- grade */

/* What the learner's page shows may be the sister of a variant that is done, or the next one that
 * was chosen for practice after a try at this one: then they moved on. */
static bool move_on(struct turn *turn, const struct exercise_state *before) {
    if (before->seed == turn->seed)
        return true;
    bool sister = false;
    if (before->solved || before->bottomed) {
        struct variant *done = variant_make(turn->exercise, before->seed, NULL);
        sister = done && sister_seed(done, 0) == turn->seed;
        variant_free(done);
    }
    if (!sister && before->attempts)
        sister =
            tutor_fresh_seed(turn->tutor->record, turn->learner, turn->exercise) == turn->seed;
    return !sister || record_sister(turn->tutor->record, &turn->batch, turn->learner, turn->label,
                                    turn->seed, turn->fault);
}

/* With what this turn adds to the record. */
static bool read_state(struct turn *turn) {
    struct foreseen foreseen;
    if (!batch_foresee(turn->tutor->record, &turn->batch, turn->learner, turn->label,
                       arena_string(turn->arena, turn->course->id),
                       arena_string(turn->arena, turn->exercise->skill->id), &foreseen,
                       turn->fault))
        return false;
    struct exercise_state state = foreseen.exercise;
    if (state.seed != turn->seed) { /* an old page; its solution was shown if this is its sister */
        json_decref(state.answer);
        /* The seed that a learner begins with is nobody's sister, whatever seed a page tells. */
        bool shown = state.seed != record_first_seed(turn->learner, turn->label) &&
                     sister_seed(turn->variant, 0) == state.seed;
        state = (struct exercise_state){.seed = turn->seed, .bottomed = shown};
    }
    json_decref(turn->state.answer);
    turn->state = state;
    turn->mastery = foreseen.skill.mastery;
    return true;
}

/* Where a person reads what the learner writes. */
static bool is_in_class(const struct turn *turn) {
    json_t *class = people_one(turn->tutor->record, PEOPLE_READER, "i", turn->learner);
    json_decref(class);
    return class != NULL;
}

static bool grade(struct turn *turn, const json_t *answer) {
    json_t *options = turn->variant->options ? json_copy(turn->variant->options) : json_object();
    if (!json_object_get(options, "language"))
        json_object_set_new(options, "language", json_string(turn->language));
    if (exercise_is_open(turn->exercise) && !is_in_class(turn))
        json_object_set_new(options, "alone", json_true());
    const char *check = arena_string(turn->arena, turn->exercise->check);
    bool graded = grade_answer(check, turn->variant->key, answer, options, turn->seed,
                               &turn->result, turn->fault);
    json_decref(options);
    /* No attempt: nothing was said that could be right or wrong. */
    static const char *const unread[] = {"unreadable", "ambiguous", "not-number", GRADE_WAITING,
                                         NULL};
    turn->counts = graded && !text_in(unread, view_of(turn->result.note));
    turn->solved = turn->counts && turn->result.score >= 1 - 1e-9;
    return graded;
}

/* Compares with the attempt before it on the same seed. */
static void compare_with_last(struct turn *turn, const struct misconception *wrong) {
    if (!turn->state.answer || !turn->state.wrong)
        return;
    json_t *last = variant_answer(turn->variant, turn->state.answer, NULL);
    turn->wrong_again = last && wrong && variant_misconception(turn->variant, last) == wrong;
    turn->repeated = json_equal(turn->state.answer, turn->answer);
    json_decref(last);
}

static bool record_answer(struct turn *turn) {
    const struct exercise *exercise = turn->exercise;
    struct arena *arena = turn->arena;
    struct attempt attempt = {
        .learner = turn->learner,
        .course = arena_string(arena, turn->course->id),
        .lesson = arena_string(arena, exercise->lesson->id),
        .exercise = turn->label,
        .skill = arena_string(arena, exercise->skill->id),
        .language = turn->language,
        .seed = turn->seed,
        .answer = turn->answer,
        .score = turn->result.score,
        .note = turn->result.note,
        .misconception = turn->wrong ? arena_string(arena, turn->wrong->why) : "",
        .counts = turn->counts,
        .threshold = turn->course->mastery_threshold,
        .chance = exercise_chance(exercise),
        .once = turn->once,
        .ago_ms = turn->ago_ms,
    };
    return record_attempt(turn->tutor->record, &turn->batch, &attempt, turn->fault);
}

static bool grade_attempt(struct turn *turn) {
    json_t *answer = variant_answer(turn->variant, turn->answer, turn->fault);
    if (!answer)
        return false;
    bool graded = grade(turn, answer);
    if (graded && turn->counts && !turn->solved)
        turn->wrong = variant_misconception(turn->variant, answer);
    if (graded && turn->counts && !turn->recorded)
        compare_with_last(turn, turn->wrong);
    json_decref(answer);
    return graded && (turn->recorded || record_answer(turn)) && read_state(turn);
}

bool turn_grade(struct turn *turn) {
    if (!turn->exercise)
        return true;
    struct exercise_state before;
    record_exercise(turn->tutor->record, turn->learner, turn->label, &before);
    json_decref(before.answer);
    if (turn->kind != TURN_CHAT && turn->kind != TURN_QUESTION && !turn->recorded &&
        !move_on(turn, &before))
        return false;
    if (!read_state(turn))
        return false;
    turn->mastery_before = turn->mastery;
    return turn->kind != TURN_ATTEMPT || grade_attempt(turn);
}
