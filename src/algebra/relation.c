/* Comparison of equations and inequalities that are not solved for a number. */
#include "algebra/comparing.h"

struct expression *difference(struct arena *arena, const struct expression *e) {
    return expression_pair(arena, EXPRESSION_SUM, e->of[0], expression_negated(arena, e->of[1]));
}

static enum expression_relation turned(enum expression_relation relation) {
    static const enum expression_relation other[] = {EQUAL,         NOT_EQUAL, GREATER,
                                                     GREATER_EQUAL, LESS,      LESS_EQUAL};
    return other[relation];
}

static enum verdict judge_relations(struct comparing *c, const struct expression *key,
                                    const struct expression *answer, int *sign) {
    const struct expression *a = difference(c->arena, key), *b = difference(c->arena, answer);
    enum verdict verdict = VERDICT_UNKNOWN;
    *sign = 1;
    if (key->relation <= NOT_EQUAL && answer->relation <= NOT_EQUAL)
        verdict = same_equation(&c->judging, a, b);
    return verdict == VERDICT_UNKNOWN ? proportional(&c->judging, a, b, sign) : verdict;
}

static bool relation_has_form(struct comparing *c, const struct expression *key,
                              const struct expression *answer, enum answer_form form) {
    if (form == FORM_SAME)
        return (same_written(key->of[0], answer->of[0]) &&
                same_written(key->of[1], answer->of[1])) ||
               (same_written(key->of[0], answer->of[1]) &&
                same_written(key->of[1], answer->of[0]));
    for (int i = 0; i < 2; i++)
        if (!has_form(&c->judging, key->of[i], answer->of[i], form, c->options->variable) &&
            !has_form(&c->judging, key->of[!i], answer->of[i], form, c->options->variable))
            return false;
    return true;
}

static bool relation_form(struct comparing *c, const struct expression *key,
                          const struct expression *answer) {
    for (int i = FORM_ANY + 1; i <= FORM_RATIONALIZED; i++)
        if (wants_form(c, (enum answer_form)i) &&
            !relation_has_form(c, key, answer, (enum answer_form)i))
            return false;
    return true;
}

/* A key that says what the unknown is; with letters on the other side it may be any formula. */
static bool is_solved(const struct comparing *c, const struct expression *key) {
    struct view name;
    const struct expression *value;
    struct names names = {0};
    return isolated(key, c->options->variable, &name, &value) &&
           (!names_add(&names, value) || !names.n || c->options->variable);
}

bool compare_relations(struct comparing *c, const struct expression *key,
                       const struct expression *answer) {
    struct view name;
    const struct expression *value;
    int sign;
    enum verdict verdict = judge_relations(c, key, answer, &sign);
    if (is_solved(c, key) && !isolated(answer, c->options->variable, &name, &value))
        return told(c, false, verdict == VERDICT_EQUAL ? "unsolved" : "different");
    if (verdict == VERDICT_UNKNOWN)
        return fault_set(c->fault, FAULT_INPUT, "these equations can't be compared");
    if (verdict == VERDICT_DIFFERENT)
        return told(c, false, "different");
    enum expression_relation relation = sign < 0 ? turned(answer->relation) : answer->relation;
    if (relation == key->relation) {
        told(c, true, NULL);
        return in_form(c, relation_form(c, key, answer));
    }
    bool direction =
        relation == turned(key->relation) || (relation >= LESS && key->relation >= LESS &&
                                              (relation >= GREATER) != (key->relation >= GREATER));
    return told(c, false,
                key->relation < LESS || relation < LESS ? "kind"
                : direction                             ? "direction"
                                                        : "strictness");
}
