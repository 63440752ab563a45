/* Which exercise comes next. */
#include "school/learner/practice.h"

#include <math.h>

const char *practice_kind_name(enum practice_kind kind) {
    static const char *const names[] = {"nothing", "sister",   "review",
                                        "new",     "practise", "mastered"};
    return names[kind];
}

double practice_target(double target, int shift) {
    static const double step = 0.1;
    return fmin(fmax(target - step * shift, 0.5), 0.95);
}

static bool is_mastered(const struct practice *practice, size_t skill) {
    const struct skill_state *state = &practice->skills[skill].state;
    return state->reached_ms && state->mastery >= practice->threshold;
}

bool practice_is_due(const struct practice *practice, size_t skill) {
    const struct skill_state *state = &practice->skills[skill].state;
    return state->reached_ms && state->memory.stability > 0 && state->due_day <= practice->today;
}

bool practice_is_open(const struct practice *practice, size_t skill) {
    const struct practice_skill *at = &practice->skills[skill];
    for (size_t i = 0; i < at->n_before; i++)
        if (!practice->skills[at->before[i]].state.reached_ms)
            return false;
    return !is_mastered(practice, skill);
}

double practice_predicted(const struct practice *practice, size_t exercise) {
    const struct practice_exercise *at = &practice->exercises[exercise];
    const struct practice_skill *skill = &practice->skills[at->skill];
    struct tracing tracing = tracing_of_exercise(&skill->tracing, at->difficulty, at->chance);
    return tracing_right(&tracing, skill_known(&skill->state, practice->now_ms));
}

/* ------------------------------------------------------------------------------------- balance */

enum { BALANCE = 10 }; /* tries over which success is kept near the target */

/* How often the learner was right of late. A few tries say little: the target itself counts as
 * four. */
static double late_success(const struct practice *practice) {
    double right = 4 * practice_target(practice->target, practice->shift), n = 4;
    for (size_t i = 0; i < practice->n_recent && i < BALANCE; i++, n++)
        right += practice->recent[i].right;
    return right / n;
}

/* Above the target after failures, below it after successes. */
static double aim_at(const struct practice *practice) {
    double target = practice_target(practice->target, practice->shift);
    return fmin(fmax(target + 2 * (target - late_success(practice)), 0.3), 0.98);
}

static enum practice_kind kind_of(const struct practice *practice, size_t exercise) {
    size_t skill = practice->exercises[exercise].skill;
    if (practice_is_due(practice, skill))
        return PRACTISE_REVIEW;
    if (practice_is_open(practice, skill))
        return practice->skills[skill].state.unaided ? PRACTISE_OPEN : PRACTISE_NEW;
    /* What is mastered teaches little: it only keeps up who was wrong too often. */
    double target = practice_target(practice->target, practice->shift);
    return is_mastered(practice, skill) && late_success(practice) < target - 0.15
               ? PRACTISE_MASTERED
               : PRACTISE_NOTHING;
}

/* Less is better: distance from what is aimed at, and what speaks against it besides. */
static double cost(const struct practice *practice, size_t exercise, enum practice_kind kind,
                   double aim, double predicted) {
    static const double kinds[] = {
        [PRACTISE_REVIEW] = 0.05,  [PRACTISE_NEW] = 0,    [PRACTISE_OPEN] = 0,
        [PRACTISE_MASTERED] = 0.3, [PRACTISE_SISTER] = 0, [PRACTISE_NOTHING] = 1};
    static const double twice = 0.1, thrice = 0.1, again = 0.02, order = 0.05;
    const struct practice_exercise *at = &practice->exercises[exercise];
    double sum = fabs(predicted - aim) + kinds[kind];
    if (practice->n_recent > 0 && practice->recent[0].skill == (int)at->skill)
        sum += twice;
    if (practice->n_recent > 1 && practice->recent[1].skill == (int)at->skill)
        sum += thrice;
    sum += again * (at->tries < 5 ? at->tries : 5);
    return sum + order * (double)exercise / (double)practice->n_exercise;
}

/* -------------------------------------------------------------------------------------- choose */

static bool has_fresh(const struct practice *practice, size_t skill) {
    for (size_t i = 0; i < practice->n_exercise; i++)
        if (practice->exercises[i].skill == skill && practice->exercises[i].fresh)
            return true;
    return false;
}

/* Of a skill without anything unseen: the exercise seen longest ago, at least a week. */
static bool may_return(const struct practice *practice, size_t exercise) {
    const struct practice_exercise *at = &practice->exercises[exercise];
    static const int64_t week = 7ll * SPACING_DAY_MS;
    if (practice->now_ms - at->tried_ms < week || has_fresh(practice, at->skill))
        return false;
    for (size_t i = 0; i < practice->n_exercise; i++)
        if (practice->exercises[i].skill == at->skill &&
            practice->exercises[i].tried_ms < at->tried_ms)
            return false;
    return true;
}

static bool sister_is_next(const struct practice *practice) {
    int helped = practice->helped;
    return helped >= 0 && (size_t)helped < practice->n_exercise &&
           practice->exercises[helped].fresh;
}

static bool may_be_shown(const struct practice *practice, size_t exercise) {
    return practice->exercises[exercise].fresh || may_return(practice, exercise);
}

struct practice_choice practice_choose_review(const struct practice *practice, size_t skill) {
    struct practice_choice best = {.exercise = PRACTICE_NONE, .aim = aim_at(practice)};
    double least = INFINITY;
    for (size_t i = 0; i < practice->n_exercise; i++) {
        if (practice->exercises[i].skill != skill || !may_be_shown(practice, i))
            continue;
        double predicted = practice_predicted(practice, i);
        double here = cost(practice, i, PRACTISE_REVIEW, best.aim, predicted);
        if (here < least) {
            least = here;
            best = (struct practice_choice){(int)i, PRACTISE_REVIEW, predicted, best.aim,
                                            !practice->exercises[i].fresh};
        }
    }
    return best;
}

struct practice_choice practice_choose(const struct practice *practice) {
    struct practice_choice best = {.exercise = PRACTICE_NONE, .aim = aim_at(practice)};
    double least = INFINITY;
    if (sister_is_next(practice)) {
        best.exercise = practice->helped;
        best.kind = PRACTISE_SISTER;
        best.predicted = practice_predicted(practice, (size_t)practice->helped);
        return best;
    }
    for (size_t i = 0; i < practice->n_exercise; i++) {
        enum practice_kind kind = kind_of(practice, i);
        bool seen = !practice->exercises[i].fresh;
        if (kind == PRACTISE_NOTHING || (seen && !may_return(practice, i)))
            continue;
        double predicted = practice_predicted(practice, i);
        double here = cost(practice, i, kind, best.aim, predicted);
        if (here < least) {
            least = here;
            best = (struct practice_choice){(int)i, kind, predicted, best.aim, seen};
        }
    }
    /* What is mastered only keeps the balance: where nothing else is left, the work is done. */
    if (best.kind == PRACTISE_MASTERED) {
        bool work = false;
        for (size_t i = 0; i < practice->n_exercise && !work; i++) {
            enum practice_kind kind = kind_of(practice, i);
            work = (kind == PRACTISE_REVIEW || kind == PRACTISE_NEW || kind == PRACTISE_OPEN) &&
                   (practice->exercises[i].fresh || may_return(practice, i));
        }
        if (!work)
            best = (struct practice_choice){.exercise = PRACTICE_NONE, .aim = best.aim};
    }
    return best;
}

/* ---------------------------------------------------------------------------------------- rest */

bool practice_tires(const struct first_try_short *recent, size_t n, int64_t now_ms) {
    enum { LATE = 8, EARLIER = 8 };
    static const int64_t pause_ms = 20 * 60000, long_ms = 15 * 60000;
    static const double fall = 0.3;
    size_t sitting = 0;
    for (int64_t last = now_ms; sitting < n && last - recent[sitting].at_ms < pause_ms; sitting++)
        last = recent[sitting].at_ms;
    if (sitting < LATE + EARLIER || now_ms - recent[sitting - 1].at_ms < long_ms)
        return false;
    double late = 0, earlier = 0, right = 0;
    for (size_t i = 0; i < sitting; i++) {
        double surplus = (recent[i].right ? 1 : 0) - recent[i].predicted;
        if (i < LATE) {
            late += surplus / LATE;
            right += recent[i].right ? 1.0 / LATE : 0;
        } else {
            earlier += surplus / (double)(sitting - LATE);
        }
    }
    return right < 0.7 && earlier - late > fall;
}
