/* A model's words on what was recalled, and the review that lets them pass or not. */
#include "school/tutor/terms.h"
#include "school/tutor/turn.h"

#include <string.h>

/* Only what the school has said already is put in other words, and only where somebody waits. */
static bool wants_draft(const struct turn *turn) {
    if (turn->gone)
        return false;
    if (turn->move == MOVE_ANSWER)
        return turn->course_says && !turn->withheld;
    return turn->move == MOVE_SCAFFOLD && turn->kind == TURN_HELP && !turn->rung_is_new;
}

static struct view passage_text(const struct turn *turn) {
    struct buffer text = {0};
    for (size_t i = 0; i < turn->n_recalled; i++) {
        buffer_text(&text, i ? " " : "");
        buffer_append(&text, recalled_text(&turn->recalled[i]));
    }
    struct view copy = arena_copy(turn->arena, buffer_view(&text));
    buffer_free(&text);
    return copy;
}

static void count_draft(struct turn *turn, enum draft_outcome outcome) {
    atomic_fetch_add(&turn->tutor->metrics.drafts[outcome], 1);
}

bool turn_draft(struct turn *turn) {
    if (!wants_draft(turn))
        return true;
    if (!turn->tutor->company || company_state(turn->tutor->company) != COMPANY_READY) {
        count_draft(turn, DRAFT_ABSENT);
        return true;
    }
    bool hint = turn->move == MOVE_SCAFFOLD;
    struct draft_task task = {.language = turn->language, .seed = hash64(turn->text, turn->seed)};
    if (hint)
        task.hint = turn->variant->hints[turn->rung - 1];
    else {
        task.passage = passage_text(turn);
        task.question = turn->text;
    }
    struct fault ignored = {0}; /* without a draft the author's words stand */
    if (!draft_write(turn->tutor->company, &task, &turn->draft, &turn->drafted, &ignored)) {
        count_draft(turn, DRAFT_FAILED);
        buffer_clear(&turn->draft);
    }
    return true;
}

static bool same_words(struct view a, struct view b) {
    struct buffer x = {0}, y = {0};
    fold_plain(a, &x);
    fold_plain(b, &y);
    bool same = view_equal(view_trim(buffer_view(&x)), view_trim(buffer_view(&y)));
    buffer_free(&x);
    buffer_free(&y);
    return same;
}

bool turn_review(struct turn *turn) {
    if (!turn->draft.n)
        return true;
    struct review_task task = {
        .language = turn->language,
        .variant = turn->state.solved || turn->state.bottomed ? NULL : turn->variant,
        .n_rung = (size_t)turn->state.hints};
    struct view said;
    size_t n_source = 0;
    if (turn->move == MOVE_SCAFFOLD) {
        task.hint = said = turn->variant->hints[turn->rung - 1];
        task.n_rung = turn->rung;
    } else {
        task.question = turn->text;
        said = passage_text(turn);
        for (size_t i = 0; i < turn->n_recalled; i++)
            n_source += turn->recalled[i].n;
    }
    struct view *sources = ARENA_NEW(turn->arena, n_source + 1, struct view);
    for (size_t i = 0; n_source && i < turn->n_recalled; i++)
        for (size_t s = 0; s < turn->recalled[i].n; s++)
            sources[task.n_source++] =
                turn->recalled[i].passage->sentences[turn->recalled[i].first + s];
    task.sources = sources;
    review_draft(&task, buffer_view(&turn->draft), turn->arena, &turn->review);
    if (turn->review.strike != STRIKE_NONE) {
        count_draft(turn, DRAFT_STRUCK);
        atomic_fetch_add(&turn->tutor->metrics.struck[turn->review.strike], 1);
    } else if (same_words(said, buffer_view(&turn->draft))) {
        count_draft(turn, DRAFT_SAME);
        buffer_clear(&turn->draft);
    } else {
        count_draft(turn, DRAFT_PASSED);
    }
    return true;
}
