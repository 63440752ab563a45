/* Which move is next. Hints never jump: a rung is given after the one before it, once there was
 * time to read that. */
#include "school/learner/people.h"
#include "school/tutor/turn.h"

#include <string.h>

bool turn_leaks(const struct turn *turn, struct view text) {
    char why[120];
    /* Once it is solved or shown there is nothing left to give away. */
    return turn->variant && !turn->state.solved && !turn->state.bottomed &&
           review_leaks(turn->variant, turn->language, text, why);
}

/* A rung is read before the next is asked for: a moment, and some time a letter. */
enum { DWELL_MS = 2500, DWELL_MS_A_BYTE = 20, DWELL_MS_MOST = 8000 };

static const char *const names[MOVES] = {
    [MOVE_NONE] = "none",
    [MOVE_CONFIRM] = "confirm",
    [MOVE_POINT] = "point",
    [MOVE_PRINCIPLE] = "principle",
    [MOVE_EXAMPLE] = "similar example",
    [MOVE_SCAFFOLD] = "scaffold step",
    [MOVE_WORK_OUT] = "work it out",
    [MOVE_ASK] = "ask",
    [MOVE_ANSWER] = "answer",
    [MOVE_ADVANCE] = "advance",
    [MOVE_REST] = "rest",
};

const char *move_name(enum move move) {
    return names[move];
}

/* ----------------------------------------------------------------------------------- the table */

static struct choice next_rung(const struct standing *standing) {
    size_t given = (size_t)standing->state.hints;
    if (standing->state.bottomed)
        return (struct choice){.move = MOVE_WORK_OUT};
    if (given < standing->n_hint)
        return (struct choice){MOVE_SCAFFOLD, given + 1, true, 0};
    if (standing->varied && !standing->example_shown)
        return (struct choice){.move = MOVE_EXAMPLE};
    return (struct choice){.move = MOVE_WORK_OUT, .rung_is_new = true};
}

static struct choice same_rung(const struct standing *standing) {
    size_t given = (size_t)standing->state.hints;
    if (given > standing->n_hint)
        given = standing->n_hint;
    return given ? (struct choice){MOVE_SCAFFOLD, given, false, 0} : next_rung(standing);
}

/* The way down after wrong answers: the error, the principle, an example, the ladder. */
static struct choice after_wrong(const struct standing *standing) {
    int wrong = standing->state.wrong;
    if ((standing->known && !standing->known_again) || wrong <= 1 || standing->state.bottomed)
        return (struct choice){.move = MOVE_POINT};
    if (wrong == 2)
        return (struct choice){.move = MOVE_PRINCIPLE};
    if (wrong == 3 && standing->varied && !standing->example_shown)
        return (struct choice){.move = MOVE_EXAMPLE};
    return next_rung(standing);
}

static struct choice after_attempt(const struct standing *standing) {
    if (!standing->counts)
        return (struct choice){.move = MOVE_ASK};
    return standing->solved ? (struct choice){.move = MOVE_CONFIRM} : after_wrong(standing);
}

static struct choice after_call(const struct standing *standing) {
    if (!standing->exercise)
        return (struct choice){.move = MOVE_ASK};
    if (standing->state.solved)
        return (struct choice){.move = MOVE_CONFIRM};
    if (standing->reply == PHRASE_AGAIN && !standing->state.bottomed)
        return same_rung(standing);
    int64_t dwell = DWELL_MS + DWELL_MS_A_BYTE * (int64_t)standing->hint_bytes;
    dwell = dwell > DWELL_MS_MOST ? DWELL_MS_MOST : dwell;
    int64_t read = standing->now_ms - standing->state.hinted_ms;
    int64_t left = read < 0 ? 0 : dwell - read; /* below 0: the clock was put back */
    if (standing->state.hints && !standing->state.bottomed && left > 0) {
        struct choice choice = same_rung(standing);
        choice.wait_seconds = (int)((left + 999) / 1000);
        return choice;
    }
    return next_rung(standing);
}

/* Help, but never further down the ladder than the learner has climbed; so fishing pays nothing.
 */
static struct choice after_fishing(const struct standing *standing) {
    if (standing->reply == PHRASE_USE_FIELD || !standing->exercise || standing->state.solved)
        return (struct choice){.move = MOVE_ASK};
    return same_rung(standing);
}

static struct choice after_chat(const struct standing *standing) {
    (void)standing;
    return (struct choice){.move = MOVE_ASK};
}

static struct choice after_question(const struct standing *standing) {
    (void)standing;
    return (struct choice){.move = MOVE_ANSWER};
}

struct choice choose_move(const struct standing *standing) {
    static struct choice (*const after[TURN_KINDS])(const struct standing *) = {
        [TURN_ATTEMPT] = after_attempt, [TURN_HINT] = after_call, [TURN_HELP] = after_call,
        [TURN_FISHING] = after_fishing, [TURN_CHAT] = after_chat, [TURN_QUESTION] = after_question,
    };
    return after[standing->kind](standing);
}

/* ------------------------------------------------------------------------------------- sisters */

uint64_t sister_seed(const struct variant *variant, int which) {
    const struct exercise *exercise = variant->exercise;
    if (!json_object_get(exercise->definition, "vary"))
        return 0;
    for (int i = 0, found = 0; i < 64; i++) {
        uint64_t seed =
            hash64(exercise->label, variant->seed * 64 + (uint64_t)i) % 2147483647u + 1;
        struct variant *other = variant_make(exercise, seed, NULL);
        bool differs = other && !view_equal(other->ask, variant->ask) &&
                       !json_equal(other->key, variant->key);
        variant_free(other);
        if (differs && found++ == which)
            return seed;
    }
    return 0;
}

/* A sister variant with its solution: not the one that will be offered, and one whose numbers do
 * not give this one away. */
static struct view make_example(const struct turn *turn) {
    struct view text = {0};
    for (int which = 1; which < 8 && !text.n; which++) {
        uint64_t seed = sister_seed(turn->variant, which);
        struct variant *other = seed ? variant_make(turn->exercise, seed, NULL) : NULL;
        if (!other)
            break;
        struct view whole = view_of(arena_format(turn->arena, "%.*s\n\n%.*s", VIEW_ARG(other->ask),
                                                 VIEW_ARG(other->solution)));
        if (!turn_leaks(turn, whole))
            text = whole;
        variant_free(other);
    }
    return text;
}

/* Whether a sister variant was worked for the learner on this seed. */
static bool example_was_shown(const struct turn *turn) {
    json_t *talk = record_talk(turn->tutor->record, turn->learner, turn->label, 40), *note;
    bool shown = false;
    size_t i;
    json_array_foreach(talk, i, note) {
        const json_t *data = json_object_get(note, "data");
        shown = shown || (!strcmp(json_text(data, "move", ""), names[MOVE_EXAMPLE]) &&
                          (uint64_t)json_number(data, "seed", 0) == turn->seed);
    }
    json_decref(talk);
    return shown;
}

/* ------------------------------------------------------------------------------------ where to */

/* Solved, or written and waiting for a person. */
static bool is_solved(const struct turn *turn, const struct exercise *exercise) {
    struct exercise_state state;
    const char *label = arena_string(turn->arena, exercise->label);
    record_exercise(turn->tutor->record, turn->learner, label, &state);
    json_decref(state.answer);
    json_t *open = exercise_is_open(exercise)
                       ? people_one(turn->tutor->record, PEOPLE_RUBRIC_OF, "isi", turn->learner,
                                    label, (int64_t)state.seed)
                       : NULL;
    bool waits = open && json_is_null(json_object_get(open, "levels"));
    json_decref(open);
    return state.ever_solved || waits;
}

/* The next open exercise of the lesson, from this one on and round; of this skill where asked. */
static const struct exercise *find_next(const struct turn *turn, bool same_skill) {
    const struct lesson *lesson = turn->exercise->lesson;
    size_t here = (size_t)(turn->exercise - lesson->exercises);
    for (size_t i = 1; i < lesson->n_exercise; i++) {
        const struct exercise *other = &lesson->exercises[(here + i) % lesson->n_exercise];
        if ((!same_skill || other->skill == turn->exercise->skill) && !is_solved(turn, other))
            return other;
    }
    return NULL;
}

static void choose_after_solved(struct turn *turn) {
    double threshold = turn->course->mastery_threshold;
    bool unaided = turn->state.attempts == 1 && !turn->state.hints;
    turn->next = find_next(turn, false);
    turn->next_lesson = turn->next ? NULL : turn->exercise->lesson->next;
    if (!unaided || turn->mastery < threshold)
        turn->sister = sister_seed(turn->variant, 0);
    if (turn->mastery >= threshold && turn->mastery_before < threshold)
        turn->move = MOVE_ADVANCE;
    if (!turn->next && !turn->next_lesson)
        turn->move = MOVE_REST;
}

static void choose_after_solution(struct turn *turn) {
    turn->sister = sister_seed(turn->variant, 0);
    if (turn->sister)
        return;
    turn->next = find_next(turn, true);
    if (!turn->next)
        turn->next = find_next(turn, false);
}

bool turn_choose(struct turn *turn) {
    struct standing standing = {.kind = turn->kind,
                                .reply = turn->reply,
                                .state = turn->state,
                                .exercise = turn->exercise != NULL,
                                .counts = turn->counts,
                                .solved = turn->solved,
                                .known = turn->wrong != NULL,
                                .known_again = turn->wrong_again,
                                .now_ms = turn->tutor->now_ms()};
    if (turn->variant) {
        standing.n_hint = turn->variant->n_hint;
        standing.varied = json_object_get(turn->exercise->definition, "vary") != NULL;
        standing.example_shown = example_was_shown(turn);
        if (turn->state.hints && (size_t)turn->state.hints <= standing.n_hint)
            standing.hint_bytes = turn->variant->hints[turn->state.hints - 1].n;
    }
    struct choice choice = choose_move(&standing);
    if (choice.move == MOVE_EXAMPLE && !(turn->example = make_example(turn)).n) {
        standing.example_shown = true; /* there is none that would not give the answer away */
        choice = choose_move(&standing);
    }
    turn->move = choice.move;
    turn->rung = choice.rung;
    turn->rung_is_new = choice.rung_is_new;
    turn->wait_seconds = choice.wait_seconds;
    if (turn->solved)
        choose_after_solved(turn);
    if (turn->move == MOVE_WORK_OUT)
        choose_after_solution(turn);
    atomic_fetch_add(&turn->tutor->metrics.moves[turn->move], 1);
    return true;
}
