/* The passages that bear on the move, and whether quoting them would give the answer away. */
#include "school/tutor/turn.h"

#include <string.h>

/* Takes the sentences that give the answer away off either end; false when none is left. */
static bool trim_leaks(const struct turn *turn, struct recalled *recalled) {
    while (recalled->n) {
        if (!turn_leaks(turn, recalled_text(recalled)))
            return true;
        struct recalled without_last = *recalled, without_first = *recalled;
        without_last.n--;
        without_first.first++;
        without_first.n--;
        *recalled = recalled->n > 1 && turn_leaks(turn, recalled_text(&without_last)) &&
                            !turn_leaks(turn, recalled_text(&without_first))
                        ? without_first
                        : without_last;
    }
    return false;
}

static void recall_answer(struct turn *turn) {
    struct recall_query query = {turn->course, turn->lesson, turn->language, turn->wanted,
                                 turn->background};
    const struct think_step *term = turn_term(turn);
    if (term) {
        turn->recalled[0] = term->result.found[0];
        turn->n_recalled = 1;
        turn->course_says = turn->plainly = true;
    } else if (turn->wanted.n && !turn->unsaid) {
        turn->n_recalled = recall_find(turn->tutor->recall, &query, turn->recalled, MOST_RECALLED,
                                       &turn->course_says);
        turn->plainly = turn->course_says && recalled_plainly(&turn->recalled[0]);
    }
    turn->n_found = turn->n_recalled;
    memcpy(turn->found, turn->recalled, turn->n_found * sizeof *turn->found);
    /* A second passage where it says nearly as much of it. */
    if (turn->n_recalled > 1 && (turn->recalled[1].coverage < turn->recalled[0].coverage * 0.9 ||
                                 turn->recalled[1].score < turn->recalled[0].score * 0.9))
        turn->n_recalled = 1;
    for (size_t i = turn->n_recalled; turn->course_says && i-- > 0;) {
        struct recalled trimmed = turn->recalled[i];
        if (trim_leaks(turn, &trimmed)) {
            turn->recalled[i] = trimmed;
        } else if (i == 0 && turn->n_recalled == 1) {
            turn->withheld = true;
        } else {
            memmove(&turn->recalled[i], &turn->recalled[i + 1],
                    (turn->n_recalled - i - 1) * sizeof *turn->recalled);
            turn->n_recalled--;
        }
    }
}

/* What the exercise rests on: the passage that is nearest to its skill and its question. */
static void recall_principle(struct turn *turn) {
    struct view title = course_text(turn->exercise->skill->title, turn->language);
    struct view text =
        view_of(arena_format(turn->arena, "%.*s. %.*s. %.*s", VIEW_ARG(title),
                             VIEW_ARG(turn->exercise->title), VIEW_ARG(turn->variant->ask)));
    struct recall_query query = {turn->course, turn->exercise->lesson, turn->language, text,
                                 turn->background};
    struct recalled found[3];
    bool enough;
    size_t n = recall_find(turn->tutor->recall, &query, found, COUNT_OF(found), &enough);
    for (size_t i = 0; i < n && !turn->n_recalled; i++)
        if (trim_leaks(turn, &found[i]))
            turn->recalled[turn->n_recalled++] = found[i];
}

bool turn_recall(struct turn *turn) {
    if (turn->move == MOVE_ANSWER)
        recall_answer(turn);
    else if (turn->move == MOVE_PRINCIPLE)
        recall_principle(turn);
    turn_recall_memory(turn);
    return true;
}
