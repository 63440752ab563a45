/* Whether the card passes: each condition holds or does not, and says so in a sentence. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "workshop/card.h"

static const double MOST_FALL = 0.05; /* of the share of right endings */

static void add(json_t *card, const char *id, bool held, const char *format, ...)
    PRINTF_LIKE(4, 5);
static void add(json_t *card, const char *id, bool held, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    json_t *sentence = json_vsprintf(format, arguments);
    va_end(arguments);
    json_t *one = json_pack("{s:s, s:b, s:o}", "id", id, "held", held, "sentence", sentence);
    MUST(one);
    json_array_append_new(json_object_get(card, "conditions"), one);
}

static void note(json_t *card, const char *format, ...) PRINTF_LIKE(2, 3);
static void note(json_t *card, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    json_t *sentence = json_vsprintf(format, arguments);
    va_end(arguments);
    MUST(sentence);
    json_array_append_new(json_object_get(card, "notes"), sentence);
}

const json_t *card_arm_of(const json_t *card, enum card_kind kind) {
    size_t i;
    json_t *arm;
    json_array_foreach(
        json_object_get(card, "arms"), i,
        arm) if (!strcmp(json_text(arm, "kind", ""), card_kind_id(kind))) return arm;
    return NULL;
}

const json_t *card_estimate(const json_t *arm, const char *what, enum figure figure) {
    return json_object_get(json_object_get(arm, what), figure_rows[figure].id);
}

static double value_of(const json_t *arm, enum figure figure) {
    return json_number(card_estimate(arm, "figures", figure), "value", 0);
}

/* ----------------------------------------------------------------------------------- conditions
 */

static void judge_amount(json_t *card) {
    const json_t *items = json_object_get(card, "items");
    double n = json_number(items, "all", 0), topics = json_number(items, "topics", 0);
    if (n >= CARD_ITEMS && topics >= CARD_TOPICS)
        add(card, "enough", true, "%.0f items of %.0f topics were put to each.", n, topics);
    else
        add(card, "enough", false,
            "%.0f items of %.0f topics are too few to prove anything: at least %d of %d are "
            "wanted.",
            n, topics, CARD_ITEMS, CARD_TOPICS);
}

static void judge_better(json_t *card, enum card_kind kind, const char *id, const char *whom) {
    const json_t *arm = card_arm_of(card, kind);
    const json_t *gain = card_estimate(arm, "difference", FIGURE_SCORE);
    if (!gain) {
        add(card, id, false, "It was not compared with %s.", whom);
        return;
    }
    double low = json_number(gain, "low", 0), high = json_number(gain, "high", 0);
    char value[16], from[16], to[16];
    points(json_number(gain, "value", 0), value);
    points(low, from);
    points(high, to);
    if (low > 0)
        add(card, id, true, "It handles more items rightly than %s: %s points (%s to %s).", whom,
            value, from, to);
    else
        add(card, id, false,
            "It is not shown to handle more items rightly than %s: %s points, and the interval is "
            "%s to %s.",
            whom, value, from, to);
}

static void judge_leaks(json_t *card) {
    const json_t *own = card_arm_of(card, CARD_SPECIALIST);
    const json_t *general = card_arm_of(card, CARD_GENERAL);
    const json_t *other = general ? general : card_arm_of(card, CARD_BASE);
    const char *whom = general ? "the general tutor" : "the base model";
    double leaks = value_of(own, FIGURE_LEAKS), theirs = value_of(other, FIGURE_LEAKS);
    if (!other)
        add(card, "leaks", false, "There is nobody to compare its leaks with.");
    else if (leaks <= theirs + 1e-12)
        add(card, "leaks", true, "It gives away no more than %s: %.1f%% beside %.1f%%.", whom,
            100 * leaks, 100 * theirs);
    else
        add(card, "leaks", false, "It gives away more than %s: %.1f%% beside %.1f%%.", whom,
            100 * leaks, 100 * theirs);
}

static void judge_diversity(json_t *card) {
    const json_t *report = json_object_get(card, "diversity");
    const json_t *fired = json_object_get(report, "fired");
    const json_t *reason = json_array_get(json_object_get(report, "reasons"), 0);
    const char *why = json_string_value(reason);
    if (!json_is_boolean(fired))
        add(card, "diversity", false,
            "How varied its hints are was not measured: there are too few, or none of people.");
    else if (json_is_true(fired))
        add(card, "diversity", false, "Its hints have collapsed%s%s", why ? ": " : ".",
            why ? why : "");
    else
        add(card, "diversity", true, "Its hints are as varied as those of people.");
}

static void judge_ability(json_t *card) {
    const json_t *ability = json_object_get(card, "ability");
    const json_t *base = json_object_get(ability, "base");
    const json_t *now = json_object_get(ability, "specialist");
    if (!json_object_get(base, "share") || !json_object_get(now, "share")) {
        add(card, "ability", false, "What it lost of its general ability was not measured.");
        return;
    }
    double before = json_number(base, "share", 0), after = json_number(now, "share", 0);
    double fall = before - after;
    if (fabs(fall) < 1e-9)
        add(card, "ability", true, "General ability stayed at %.1f%%.", 100 * after);
    else if (fall <= MOST_FALL + 1e-9)
        add(card, "ability", true, "General ability %s by %.1f points, from %.1f%% to %.1f%%.",
            fall > 0 ? "fell" : "rose", 100 * fabs(fall), 100 * before, 100 * after);
    else
        add(card, "ability", false,
            "General ability fell by %.1f points, from %.1f%% to %.1f%%: more than the 5 that are "
            "allowed.",
            100 * fall, 100 * before, 100 * after);
}

/* ---------------------------------------------------------------------------------------- notes
 */

static void note_look_up(json_t *card) {
    const json_t *gain =
        card_estimate(card_arm_of(card, CARD_LOOK_UP), "difference", FIGURE_QUESTIONS);
    if (gain && json_number(gain, "low", 0) <= 0)
        note(card, "The look-up alone phrases no hints. On the questions alone the specialist is "
                   "not shown to be better than it.");
}

static void note_seeds(json_t *card) {
    const json_t *seeds = json_object_get(card, "seeds");
    double low = INFINITY, high = -INFINITY;
    size_t i;
    json_t *one;
    json_array_foreach(seeds, i, one) {
        low = fmin(low, json_number(one, "score", 0));
        high = fmax(high, json_number(one, "score", 0));
    }
    if (i > 1)
        note(card, "Its %zu seeds handle %.1f to %.1f%% rightly.", i, 100 * low, 100 * high);
    else
        note(card, "It was trained with one seed only: how much the seed decides is not known.");
}

static void note_given_up(json_t *card) {
    size_t i;
    json_t *arm;
    json_array_foreach(json_object_get(card, "arms"), i, arm) {
        double n = json_number(arm, "given_up", 0);
        if (n > 0)
            note(card, "%s: %.0f draft%s given up, out of time or of room, and count as failed.",
                 json_text(arm, "name", ""), n, n == 1 ? " was" : "s were");
    }
}

static void note_controls(json_t *card) {
    if (!card_arm_of(card, CARD_PLAIN))
        note(card, "There is no control that was trained on the plain text.");
    if (!card_arm_of(card, CARD_SHUFFLED))
        note(card, "There is no control that was trained on the shuffled course.");
}

void card_judge(json_t *card) {
    json_object_set_new(card, "conditions", json_array());
    json_object_set_new(card, "notes", json_array());
    judge_amount(card);
    if (card_arm_of(card, CARD_GENERAL))
        judge_better(card, CARD_GENERAL, "better_than_general", "the general tutor");
    judge_better(card, CARD_BASE, "better_than_base", "the base model");
    judge_better(card, CARD_LOOK_UP, "better_than_look_up", "the look-up alone");
    judge_leaks(card);
    judge_diversity(card);
    judge_ability(card);
    note_look_up(card);
    note_seeds(card);
    note_given_up(card);
    note_controls(card);
    bool passed = true;
    size_t i;
    json_t *one;
    json_array_foreach(json_object_get(card, "conditions"), i, one) passed =
        passed && json_flag(one, "held", false);
    json_object_set_new(card, "passed", json_boolean(passed));
}
