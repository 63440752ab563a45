/* A model's words on the best that was recalled, and the review that lets them pass or not. */
#include "school/learner/learner.h"
#include "school/tutor/answerable.h"
#include "school/tutor/terms.h"
#include "school/tutor/turn.h"

#include <math.h>
#include <string.h>

static const char *adapter_of(const struct turn *turn) {
    return turn->tutor->company ? company_specialist(turn->tutor->company, turn->course->id)
                                : NULL;
}

static bool is_trained(const struct turn *turn) {
    return turn->tutor->company && turn->local &&
           company_is_tutor(turn->tutor->company, adapter_of(turn), turn->language);
}

/* Where the search finds no answer, or none that is plainly one, who was trained to refuse looks
 * through the nearest passages: a question may share no word with its answer, and words with what
 * is none. */
/* The learner told something of themselves, and asked nothing. */
static bool only_tells(const struct turn *turn) {
    static const char *const marks[] = {"?", "？", "؟"};
    bool asks = turn->course_says;
    for (size_t i = 0; i < COUNT_OF(marks); i++)
        asks |= view_find(turn->text, view_of(marks[i])) >= 0;
    return turn->noted && !asks;
}

bool turn_looks_further(const struct turn *turn) {
    return !turn->plainly && !turn->withheld && turn->n_found > 0 && is_trained(turn) &&
           !only_tells(turn);
}

bool turn_rewords(const struct turn *turn) {
    return turn->course_says && !turn->withheld && turn->tutor->company &&
           company_state(turn->tutor->company) == COMPANY_READY && !is_trained(turn);
}

/* What the school has said already is put in other words, and only where somebody waits. */
static bool wants_draft(const struct turn *turn) {
    if (turn->gone || (turn->cancel && *turn->cancel))
        return false;
    if (turn->move == MOVE_ANSWER)
        return turn_looks_further(turn) ||
               (turn->course_says && !turn->withheld && !is_trained(turn));
    return turn->move == MOVE_SCAFFOLD && turn->kind == TURN_HELP && !turn->rung_is_new &&
           !turn->rehearsed;
}

static void count_draft(struct turn *turn, enum draft_outcome outcome) {
    atomic_fetch_add(&turn->tutor->metrics.drafts[outcome], 1);
}

/* Of drafts: what for, and in which language. */
static const char *kind_of(const struct turn *turn) {
    return arena_format(turn->arena, "%s %.8s", turn->move == MOVE_SCAFFOLD ? "hint" : "answer",
                        turn->language);
}

static struct features features_of(const struct company_draft *draft) {
    return (struct features){.mean = draft->log_probability < 0 ? draft->log_probability : NAN,
                             .least = NAN,
                             .agreement = NAN,
                             .check = NAN,
                             .graded = NAN,
                             .n_token = draft->n_generated};
}

static struct judged judged_as(const struct turn *turn, bool content) {
    struct judged judged = {.features = features_of(&turn->drafted), .content = content};
    snprintf(judged.kind, sizeof judged.kind, "%s", kind_of(turn));
    return judged;
}

/* What the review made of the draft is what the next is judged by. */
static void learn(const struct turn *turn, bool content) {
    struct judged judged = judged_as(turn, content);
    company_learn(turn->tutor->company, turn->drafted.model, &judged, turn->chance);
}

/* False with the turn's fault; without a draft nothing is amiss. */
static bool ask(struct turn *turn, struct draft_task *task) {
    task->language = turn->language;
    task->payer = turn->payer;
    task->cancel = turn->cancel;
    if (company_stays_local(turn->tutor->company, task->role))
        task->learner = turn_about_learner(turn);
    if (turn->move == MOVE_SCAFFOLD)
        task->hint = turn->variant->hints[turn->rung - 1];
    else {
        bool looks = turn_looks_further(turn);
        const struct passage *found = turn->chosen.passage; /* by who was asked before */
        task->passage = !looks  ? recalled_text(&turn->recalled[0])
                        : found ? found->text
                                : turn->found[0].passage->text;
        task->found = looks;
        if (looks && !found && turn->n_found > 1)
            task->other = turn->found[1].passage->text;
        task->question = turn->wanted;
    }
    struct fault ignored = {0}; /* without a draft the author's words stand */
    struct waiting waiting;
    waiting_begin(&waiting, turn);
    bool drafted = draft_write(turn->tutor->company, task, &turn->draft, &turn->drafted, &ignored);
    bool kept = waiting_end(&waiting);
    if (!drafted || !kept) {
        count_draft(turn, DRAFT_FAILED);
        buffer_clear(&turn->draft);
        return kept;
    }
    struct features features = features_of(&turn->drafted);
    turn->chance =
        company_probability(turn->tutor->company, turn->drafted.model, kind_of(turn), &features);
    return true;
}

bool turn_draft(struct turn *turn) {
    if (!wants_draft(turn))
        return true;
    if (!turn->tutor->company || company_state(turn->tutor->company) != COMPANY_READY) {
        count_draft(turn, DRAFT_ABSENT);
        return true;
    }
    return ask(turn, &(struct draft_task){.seed = hash64(turn->text, turn->seed),
                                          .trained = is_trained(turn),
                                          .adapter = is_trained(turn) ? adapter_of(turn) : "",
                                          .role = COMPANY_FRONT});
}

/* Nothing but the words that were said, or some of them. */
static bool repeats(const struct turn *turn, struct view said) {
    return view_find(bare_words(said, turn->arena),
                     bare_words(buffer_view(&turn->draft), turn->arena)) >= 0;
}

/* Which of the passages the draft was taken from. */
static void find_passage(struct turn *turn) {
    if (!turn->chosen.passage)
        turn->chosen.passage = turn->found[0].passage;
    turn->chosen.n = 0;
    for (size_t i = 0; i < turn->n_found; i++)
        if (view_find(turn->found[i].passage->text, view_trim(buffer_view(&turn->draft))) >= 0) {
            turn->chosen.passage = turn->found[i].passage;
            return;
        }
}

/* The sentence that the draft stands on is what is cited. */
static void cite_source(struct turn *turn) {
    for (size_t i = 0; i < turn->review.n_sentence; i++)
        if (turn->review.sentences[i].source >= 0) {
            turn->chosen.first = (size_t)turn->review.sentences[i].source;
            turn->chosen.n = 1;
            return;
        }
}

enum { TURNS_BEFORE = 40, BYTES_BEFORE = 4000 };

/* What models have said on this exercise, in their order. */
static struct view said_before(const struct turn *turn) {
    struct buffer all = {0};
    json_t *talk = turn->label && turn->variant
                       ? record_talk(turn->tutor->record, turn->learner, turn->label, TURNS_BEFORE)
                       : NULL;
    json_t *note, *say;
    size_t i, j;
    json_array_foreach(talk, i, note) {
        const json_t *data = json_object_get(note, "data");
        if ((uint64_t)json_number(data, "seed", 0) != turn->seed)
            continue;
        json_array_foreach(json_object_get(data, "say"), j, say) {
            if (all.n < BYTES_BEFORE && !strcmp(json_text(say, "from", ""), "model"))
                buffer_format(&all, "%s%s", all.n ? "\n" : "", json_text(say, "text", ""));
        }
    }
    json_decref(talk);
    struct view out = arena_copy(turn->arena, buffer_view(&all));
    buffer_free(&all);
    return out;
}

bool turn_review(struct turn *turn) {
    if (!turn->draft.n)
        return true;
    struct review_task task = {
        .language = turn->language,
        .variant = turn->state.solved || turn->state.bottomed ? NULL : turn->variant,
        .n_rung = (size_t)turn->state.hints,
        .before = said_before(turn)};
    bool looks = turn->move == MOVE_ANSWER && turn_looks_further(turn);
    struct view said = {0}; /* nothing was: the draft may be all of it */
    if (turn->move == MOVE_SCAFFOLD) {
        task.hint = said = turn->variant->hints[turn->rung - 1];
        task.n_rung = turn->rung;
    } else if (looks) {
        find_passage(turn);
        task.question = turn->text;
        task.n_source = turn->chosen.passage->n_sentence;
        task.sources = turn->chosen.passage->sentences;
    } else {
        const struct recalled *best = &turn->recalled[0];
        task.question = turn->text;
        said = recalled_text(best);
        task.n_source = best->n;
        task.sources = best->passage->sentences + best->first;
    }
    if (turn->move != MOVE_SCAFFOLD && refuses(buffer_view(&turn->draft), turn->language)) {
        count_draft(turn, DRAFT_REFUSED); /* what the course says stands, if it plainly does */
        turn->refused = true;
        buffer_clear(&turn->draft);
        return true;
    }
    review_draft(&task, buffer_view(&turn->draft), turn->arena, &turn->review);
    learn(turn, turn->review.strike == STRIKE_NONE);
    if (turn->review.strike != STRIKE_NONE) {
        count_draft(turn, DRAFT_STRUCK);
        atomic_fetch_add(&turn->tutor->metrics.struck[turn->review.strike], 1);
    } else if (said.n && repeats(turn, said)) {
        count_draft(turn, DRAFT_SAME);
        buffer_clear(&turn->draft);
    } else {
        count_draft(turn, DRAFT_PASSED);
        if (looks)
            cite_source(turn);
    }
    return true;
}

bool turn_listen(struct turn *turn) {
    if (turn->draft.n && turn->review.strike == STRIKE_NONE) {
        struct judged judged = judged_as(turn, true);
        contentment_said(turn, &judged);
    }
    return true;
}

/* What was struck, or by company.yaml what is likely not to do, is asked of a senior, once; what
 * that one writes goes the same way. Where that is nothing, what had passed stands. */
bool turn_senior(struct turn *turn) {
    bool struck = turn->draft.n && turn->review.strike != STRIKE_NONE;
    if (!turn->draft.n ||
        !(struck || company_escalates(turn->tutor->company, kind_of(turn), turn->chance)) ||
        !company_has_senior(turn->tutor->company) || (turn->cancel && *turn->cancel))
        return true;
    const char *why =
        struck ? arena_format(turn->arena, "the draft of %s was struck: %s", turn->drafted.model,
                              review_strike_name(turn->review.strike))
               : arena_format(turn->arena, "the draft of %s will do with a probability of %.2f",
                              turn->drafted.model, turn->chance);
    struct view passed =
        struck ? (struct view){0} : view_of(arena_string(turn->arena, buffer_view(&turn->draft)));
    struct company_draft drafted = turn->drafted;
    struct review review = turn->review;
    struct recalled chosen = turn->chosen;
    buffer_clear(&turn->draft);
    turn->review = (struct review){0};
    bool good = ask(turn, &(struct draft_task){.seed = hash64(turn->text, turn->seed),
                                               .role = COMPANY_SENIOR,
                                               .why = why}) &&
                turn_review(turn);
    if (passed.n && (!turn->draft.n || turn->review.strike != STRIKE_NONE)) {
        buffer_clear(&turn->draft);
        buffer_append(&turn->draft, passed);
        turn->review = review;
        turn->chosen = chosen;
        turn->drafted = drafted;
    }
    return good;
}
