/* Statements made of letters, and sets made of letters: the same truth for every choice of them.
 * Sixty-four choices are tried at once, a bit for each. */
#include "algebra/inside.h"

#include <string.h>

enum { MOST_LETTERS = 12 };

/* p', A^c: the letter that is negated. */
static const struct expression *complemented(const struct expression *e) {
    bool power = e->kind == EXPRESSION_POWER && e->of[0]->kind == EXPRESSION_NAME &&
                 e->of[1]->kind == EXPRESSION_NAME &&
                 (view_is(e->of[1]->text, "c") || view_is(e->of[1]->text, "C"));
    return power ? e->of[0] : NULL;
}

static bool is_connective(enum expression_kind kind) {
    return kind == EXPRESSION_AND || kind == EXPRESSION_OR || kind == EXPRESSION_NOT ||
           kind == EXPRESSION_XOR || kind == EXPRESSION_IMPLIES || kind == EXPRESSION_IFF ||
           kind == EXPRESSION_WITHOUT;
}

bool is_logic(const struct expression *e) {
    if (e->kind == EXPRESSION_NAME || e->kind == EXPRESSION_TRUTH || complemented(e))
        return true;
    if (!is_connective(e->kind))
        return false;
    for (int i = 0; i < e->n; i++)
        if (!is_logic(e->of[i]))
            return false;
    return true;
}

/* a or b, which may also be two solutions. */
static bool is_choice(const struct expression *e) {
    if (e->kind == EXPRESSION_NAME)
        return true;
    if (e->kind != EXPRESSION_OR)
        return false;
    for (int i = 0; i < e->n; i++)
        if (!is_choice(e->of[i]))
            return false;
    return true;
}

bool expression_is_logic(const struct expression *e) {
    return is_logic(e) && !is_choice(e) && e->kind != EXPRESSION_TRUTH;
}

bool is_logic_pair(const struct expression *key, const struct expression *answer) {
    return is_logic(key) && is_logic(answer) && !(is_choice(key) && is_choice(answer));
}

struct table {
    struct names names;
    struct effort *effort;
    uint64_t block; /* the choices 64 block … 64 block + 63 */
};

/* x for x' */
static struct view bare_letter(struct view name, bool *negated) {
    while (name.n > 1 && name.at[name.n - 1] == '\'') {
        name.n--;
        *negated = !*negated;
    }
    return name;
}

static bool add_letters(struct names *names, const struct expression *e) {
    if (e->kind == EXPRESSION_NAME) {
        bool negated = false;
        struct expression bare = {.kind = EXPRESSION_NAME, .text = bare_letter(e->text, &negated)};
        return names_add(names, &bare) && names->n <= MOST_LETTERS;
    }
    const struct expression *letter = complemented(e);
    if (letter)
        return add_letters(names, letter);
    for (int i = 0; i < e->n; i++)
        if (!add_letters(names, e->of[i]))
            return false;
    return true;
}

static uint64_t letter_truth(const struct table *table, struct view name) {
    static const uint64_t patterns[6] = {0xaaaaaaaaaaaaaaaa, 0xcccccccccccccccc,
                                         0xf0f0f0f0f0f0f0f0, 0xff00ff00ff00ff00,
                                         0xffff0000ffff0000, 0xffffffff00000000};
    bool negated = false;
    int i = names_find(&table->names, bare_letter(name, &negated));
    uint64_t truth = i < 6 ? patterns[i] : table->block >> (i - 6) & 1 ? ~(uint64_t)0 : 0;
    return negated ? ~truth : truth;
}

static uint64_t truth(const struct table *table, const struct expression *e) {
    const struct expression *letter = complemented(e);
    effort_spend(table->effort, 1);
    if (letter)
        return ~letter_truth(table, letter->text);
    if (e->kind == EXPRESSION_NAME)
        return letter_truth(table, e->text);
    if (e->kind == EXPRESSION_TRUTH)
        return view_is(e->text, "true") ? ~(uint64_t)0 : 0;
    uint64_t value = truth(table, e->of[0]);
    if (e->kind == EXPRESSION_NOT)
        return ~value;
    for (int i = 1; i < e->n; i++) {
        uint64_t next = truth(table, e->of[i]);
        value = e->kind == EXPRESSION_AND       ? value & next
                : e->kind == EXPRESSION_OR      ? value | next
                : e->kind == EXPRESSION_XOR     ? value ^ next
                : e->kind == EXPRESSION_IFF     ? ~(value ^ next)
                : e->kind == EXPRESSION_IMPLIES ? ~value | next
                                                : value & ~next;
    }
    return value;
}

/* p if q for q if p. */
static bool is_converse(struct table *table, const struct expression *key,
                        const struct expression *answer, uint64_t blocks) {
    if (key->kind != EXPRESSION_IMPLIES)
        return false;
    for (table->block = 0; table->block < blocks; table->block++)
        if ((~truth(table, key->of[1]) | truth(table, key->of[0])) != truth(table, answer))
            return false;
    return true;
}

enum verdict logic_difference(const struct judging *judging, const struct expression *key,
                              const struct expression *answer, const char **note) {
    struct table table = {.effort = judging->effort};
    if (!add_letters(&table.names, key) || !add_letters(&table.names, answer))
        return VERDICT_UNKNOWN;
    uint64_t blocks = table.names.n > 6 ? (uint64_t)1 << (table.names.n - 6) : 1;
    bool same = true, opposite = true, stronger = true, weaker = true;
    for (; table.block < blocks && effort_left(judging->effort); table.block++) {
        uint64_t a = truth(&table, key), b = truth(&table, answer);
        same &= a == b;
        opposite &= a == ~b;
        stronger &= !(b & ~a);
        weaker &= !(a & ~b);
    }
    if (!effort_left(judging->effort))
        return VERDICT_UNKNOWN;
    *note = same                                       ? NULL
            : opposite                                 ? "negation"
            : is_converse(&table, key, answer, blocks) ? "converse"
            : stronger                                 ? "too-narrow"
            : weaker                                   ? "too-wide"
                                                       : "different";
    return same ? VERDICT_EQUAL : VERDICT_DIFFERENT;
}
