/* A model's words on the best that was recalled, and the review that lets them pass or not. */
#include "school/tutor/terms.h"
#include "school/tutor/turn.h"

#include <string.h>

/* Only what the school has said already is put in other words, and only where somebody waits. */
static bool wants_draft(const struct turn *turn) {
    if (turn->gone || (turn->cancel && *turn->cancel))
        return false;
    if (turn->move == MOVE_ANSWER)
        return turn->course_says && !turn->withheld;
    return turn->move == MOVE_SCAFFOLD && turn->kind == TURN_HELP && !turn->rung_is_new;
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
    struct draft_task task = {.language = turn->language,
                              .seed = hash64(turn->text, turn->seed),
                              .cancel = turn->cancel};
    if (hint)
        task.hint = turn->variant->hints[turn->rung - 1];
    else {
        task.passage = recalled_text(&turn->recalled[0]);
        task.question = turn->text;
    }
    struct fault ignored = {0}; /* without a draft the author's words stand */
    if (!draft_write(turn->tutor->company, &task, &turn->draft, &turn->drafted, &ignored)) {
        count_draft(turn, DRAFT_FAILED);
        buffer_clear(&turn->draft);
    }
    return true;
}

/* Letters and digits alone, so that a mark more or less is no other wording. */
static struct view bare_words(struct view text, struct arena *arena) {
    struct buffer plain = {0}, bare = {0};
    fold_plain(text, &plain);
    for (size_t i = 0; i < plain.n;) {
        int32_t c;
        size_t n = utf8_decode(plain.at + i, plain.n - i, &c);
        if (unicode_class(c) != UNICODE_PUNCTUATION && c != ' ')
            buffer_append(&bare, (struct view){plain.at + i, n});
        i += n;
    }
    struct view copy = arena_copy(arena, buffer_view(&bare));
    buffer_free(&plain);
    buffer_free(&bare);
    return copy;
}

/* Nothing but the words that were said, or some of them. */
static bool repeats(const struct turn *turn, struct view said) {
    return view_find(bare_words(said, turn->arena),
                     bare_words(buffer_view(&turn->draft), turn->arena)) >= 0;
}

bool turn_review(struct turn *turn) {
    if (!turn->draft.n)
        return true;
    struct review_task task = {
        .language = turn->language,
        .variant = turn->state.solved || turn->state.bottomed ? NULL : turn->variant,
        .n_rung = (size_t)turn->state.hints};
    const struct recalled *best = &turn->recalled[0];
    struct view said;
    if (turn->move == MOVE_SCAFFOLD) {
        task.hint = said = turn->variant->hints[turn->rung - 1];
        task.n_rung = turn->rung;
    } else {
        task.question = turn->text;
        said = recalled_text(best);
        task.n_source = best->n;
        task.sources = best->passage->sentences + best->first;
    }
    review_draft(&task, buffer_view(&turn->draft), turn->arena, &turn->review);
    if (turn->review.strike != STRIKE_NONE) {
        count_draft(turn, DRAFT_STRUCK);
        atomic_fetch_add(&turn->tutor->metrics.struck[turn->review.strike], 1);
    } else if (repeats(turn, said)) {
        count_draft(turn, DRAFT_SAME);
        buffer_clear(&turn->draft);
    } else {
        count_draft(turn, DRAFT_PASSED);
    }
    return true;
}
