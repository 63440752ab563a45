/* Whether a draft puts an authored hint in other words and adds nothing of its own. */
#include "school/tutor/review_inside.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *language, *words;
} asking[] = {
    {"en",
     "think look try remember recall find consider imagine notice know tell ask help first next "
     "now maybe perhaps see idea about hint start begin want need use do happen happens happened "
     "say mean means work out figure check one can could would might should to if when before "
     "yourself"},
    {"es",
     "piensa pensar mira recuerda recordar encuentra imagina pregúntate intenta puedes podrías "
     "sabes ver usar ayuda primero ahora necesitas"},
    {"zh", "想 看 试 记 得 找 考 虑 知 道 告 诉 先 再 现 在 用 说 出 一 能 会 可以 要 帮 助 下"},
};

const char *asking_words(const char *language) {
    for (size_t i = 0; i < COUNT_OF(asking); i++)
        if (!strncmp(language, asking[i].language, 2))
            return asking[i].words;
    return "";
}

static bool asks_by(const struct word *word) {
    for (size_t i = 0; i < COUNT_OF(asking); i++)
        if (word_in(word, asking[i].words))
            return true;
    return false;
}

bool is_asking_word(const struct word *word) {
    return asks_by(word) ||
           (word->kind == WORD_LETTERS && !word->class && word->text.n > word->stem.n &&
            asks_by(&(struct word){.text = word->stem}));
}

/* Classes that turn a hint round when they come or go. */
static bool is_polar(const struct word *word) {
    static const char *const classes[] = {
        "=only", "=more", "=most", "=less", "=least", "=all",    "=some",  "=after", "=before",
        "=from", "=by",   "=into", "=over", "=under", "=unless", "=above", "=below", "=than"};
    for (size_t i = 0; i < COUNT_OF(classes); i++)
        if (class_is(word, classes[i]))
            return true;
    return is_negation(word);
}

static size_t count_word(const struct cut *cut, const char *class) {
    size_t n = 0;
    for (size_t i = 0; i < cut->words.n; i++)
        n += class_is(&cut->words.at[i], class);
    return n;
}

static bool polarity_kept(const struct cut *said, const struct cut *hint, char why[120]) {
    const struct cut *both[] = {said, hint};
    for (size_t side = 0; side < 2; side++)
        for (size_t i = 0; i < both[side]->words.n; i++) {
            const struct word *word = &both[side]->words.at[i];
            if (!is_polar(word) || (is_asking_word(word) && side == 0))
                continue;
            size_t here = count_word(both[side], word->class);
            size_t there = count_word(both[1 - side], word->class);
            bool bad = side == 0 ? here > there : here > there && is_negation(word);
            if (bad) {
                snprintf(why, 120, "%s \"%.*s\"", side == 0 ? "put in:" : "left out:",
                         word->text.n < 60 ? (int)word->text.n : 60, word->text.at);
                return false;
            }
        }
    return true;
}

/* Where the word stands in the hint, from `from` on, else anywhere; n when nowhere. */
static size_t place_of(const struct cut *hint, const struct word *word, size_t from) {
    for (size_t round = 0; round < 2; round++)
        for (size_t i = round ? 0 : from; i < hint->n_content; i++) {
            const struct word *other = &hint->words.at[hint->content[i]];
            if (words_same(word, other) ||
                (word->kind == WORD_LETTERS && other->kind == WORD_LETTERS &&
                 view_equal(word->stem, other->stem)))
                return i;
        }
    return hint->n_content;
}

bool ground_hint(struct reviewing *r, const struct cut *said, char why[120]) {
    size_t next = 0, descents = 0, found = 0, wanted = 0, marks = 0;
    if (view_equal(view_trim(said->raw), view_trim(r->hint.raw)))
        return true;
    for (size_t i = 0; i < said->n_content; i++) {
        const struct word *word = &said->words.at[said->content[i]];
        size_t place = place_of(&r->hint, word, next);
        if (place == r->hint.n_content) {
            if (is_asking_word(word) && word->kind != WORD_NUMBER)
                continue;
            snprintf(why, 120, "not in the hint: \"%.*s\"",
                     word->text.n < 60 ? (int)word->text.n : 60, word->text.at);
            return false;
        }
        bool mark = word->kind == WORD_NUMBER || word->kind == WORD_SIGN;
        marks += mark;
        descents += place < next;
        next = place + 1;
        found++;
    }
    for (size_t i = 0; i < r->hint.n_content; i++)
        wanted += !is_asking_word(&r->hint.words.at[r->hint.content[i]]);
    if (descents > (marks > 1 ? 0u : 1u)) {
        snprintf(why, 120, "another order");
        return false;
    }
    /* A hint of several sentences may be put in several. */
    if (found == 0 || (r->n_sentence == 1 && 2 * found < wanted)) {
        snprintf(why, 120, "too little of the hint");
        return false;
    }
    return polarity_kept(said, &r->hint, why);
}
