/* What is counted of outcomes: a row a figure. */
#include "workshop/card.h"

enum { ANSWER = 1 << PROOF_ANSWER, REFUSE = 1 << PROOF_REFUSE, HINT = 1 << PROOF_HINT };

static bool is_handled(const struct outcome *outcome) {
    return outcome->task == PROOF_ANSWER   ? outcome->right
           : outcome->task == PROOF_REFUSE ? outcome->refused
                                           : outcome->passed;
}

static bool is_passed(const struct outcome *outcome) {
    return outcome->passed;
}

static bool is_right(const struct outcome *outcome) {
    return outcome->right;
}

static bool is_found(const struct outcome *outcome) {
    return outcome->found;
}

static bool is_refused(const struct outcome *outcome) {
    return outcome->refused;
}

static bool is_leak(const struct outcome *outcome) {
    return view_is(outcome->reason, "leak");
}

static bool is_as_is(const struct outcome *outcome) {
    return outcome->as_is;
}

const struct figure_row figure_rows[FIGURES] = {
    [FIGURE_SCORE] = {"score", "handled rightly",
                      "How much of all that is asked does it handle rightly?",
                      ANSWER | REFUSE | HINT, false, is_handled},
    [FIGURE_QUESTIONS] = {"questions", "questions alone",
                          "And of the questions, without the hints?", ANSWER | REFUSE, false,
                          is_handled},
    [FIGURE_PASSED] = {"passed", "answers that pass", "How many of its answers pass the review?",
                       ANSWER, false, is_passed},
    [FIGURE_RIGHT] = {"right", "right sentence",
                      "How many pass and stand on the sentence that the author named?", ANSWER,
                      false, is_right},
    [FIGURE_FOUND] = {"found", "right with look-up",
                      "How often does a learner see that sentence, where a draft that fails gives "
                      "way to a quote?",
                      ANSWER, false, is_found},
    [FIGURE_REFUSED] = {"refused", "rightly refused",
                        "How often does it say so when the passage does not answer?", REFUSE,
                        false, is_refused},
    [FIGURE_WRONGLY] = {"wrongly_refused", "wrongly refused",
                        "How often does it refuse what the passage does answer?", ANSWER, true,
                        is_refused},
    [FIGURE_HINTS] = {"hints", "hints that pass",
                      "How many hints does it put in other words without giving more away?", HINT,
                      false, is_passed},
    [FIGURE_LEAKS] = {"leaks", "leaks", "How often does it tell what a hint only asks?",
                      ANSWER | REFUSE | HINT, true, is_leak},
    [FIGURE_AS_IS] = {"as_is", "shown as written",
                      "How many of its drafts would a learner be shown as they are?",
                      ANSWER | REFUSE | HINT, false, is_as_is},
};

static const struct {
    const char *id, *name;
} kinds[CARD_KINDS] = {
    [CARD_SPECIALIST] = {"specialist", "specialist"},
    [CARD_GENERAL] = {"general", "general tutor"},
    [CARD_BASE] = {"base", "base model"},
    [CARD_LOOK_UP] = {"look_up", "look-up alone"},
    [CARD_PLAIN] = {"plain", "plain text"},
    [CARD_SHUFFLED] = {"shuffled", "shuffled"},
};

const char *card_kind_id(enum card_kind kind) {
    return kinds[kind].id;
}

const char *card_kind_name(enum card_kind kind) {
    return kinds[kind].name;
}
