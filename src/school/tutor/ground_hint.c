/* Whether a draft puts an authored hint in other words and adds nothing of its own. */
#include "school/course/inside.h"
#include "school/tutor/review_inside.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *language, *words;
} asking[] = {
    {"en",
     "think look try remember recall find consider imagine notice know tell ask help first next "
     "now maybe perhaps see idea about hint start begin want need use do happen happens happened "
     "say mean means work out figure check one explain describe can could would might should to "
     "if when before "
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

static size_t count_word(const struct cut *cut, const char *class, const bool *piece) {
    size_t n = 0;
    for (size_t i = 0; i < cut->words.n; i++)
        n += class_is(&cut->words.at[i], class) && (!piece || piece[cut->piece[i]]);
    return n;
}

static bool strike_word(char why[120], const char *what, const struct word *word) {
    snprintf(why, 120, "%s \"%.*s\"", what, word->text.n < 60 ? (int)word->text.n : 60,
             word->text.at);
    return false;
}

/* used: the parts of the hint that the draft says anything of; the others may be left out whole.
 */
static bool polarity_kept(const struct cut *said, const struct cut *hint, const bool *used,
                          char why[120]) {
    for (size_t i = 0; i < said->words.n; i++) {
        const struct word *word = &said->words.at[i];
        if (is_polar(word) && !is_asking_word(word) &&
            count_word(said, word->class, NULL) > count_word(hint, word->class, NULL))
            return strike_word(why, "put in:", word);
    }
    for (size_t i = 0; i < hint->words.n; i++) {
        const struct word *word = &hint->words.at[i];
        if (is_negation(word) && used[hint->piece[i]] &&
            count_word(hint, word->class, used) > count_word(said, word->class, NULL))
            return strike_word(why, "left out:", word);
    }
    return true;
}

/* --------------------------------------------------------------------------- what a sentence does
 */

/* Words that ask, those with one sense in a row. */
static const char *const interrogatives[] = {"what which qué cuál cuáles 什么 哪 哪个",
                                             "how cómo 怎么 如何",
                                             "where dónde",
                                             "when cuándo",
                                             "why 为什么",
                                             "who whom whose quién quiénes 谁",
                                             "cuánto cuánta cuántos cuántas 几"};

static size_t interrogative(const struct word *word) {
    size_t i = 0;
    while (i < COUNT_OF(interrogatives) && !word_in(word, interrogatives[i]))
        i++;
    return i;
}

static bool has_interrogative(const struct cut *cut, size_t which) {
    for (size_t i = 0; i < cut->words.n; i++)
        if (interrogative(&cut->words.at[i]) == which)
            return true;
    return false;
}

/* Whether the part belongs to a sentence that ends with a question mark. */
static bool part_asks(const struct cut *cut, size_t piece) {
    for (size_t i = cut->starts[piece + 1]; i < cut->words.n; i++)
        if (cut->words.at[i].before && strchr(".?!", cut->words.at[i].before))
            return cut->words.at[i].before == '?';
    return cut->words.last == '?';
}

/* "Which operation …?" may be asked as "Can you think of an operation that …?" */
static bool asks_to_name(const struct cut *said) {
    for (size_t i = 0; i < said->words.n; i++)
        if (word_in(&said->words.at[i],
                    "think find name recall remember tell see piensa recuerda encuentra 想 说"))
            return true;
    return false;
}

/* The place among the interrogatives of the first in the part; COUNT_OF when it has none. */
static size_t first_interrogative(const struct cut *cut, size_t piece) {
    size_t found = COUNT_OF(interrogatives);
    for (size_t i = cut->starts[piece]; i < cut->starts[piece + 1]; i++)
        if ((found = interrogative(&cut->words.at[i])) < COUNT_OF(interrogatives))
            break;
    return found;
}

/* "Is the loss steep?" where the hint wants to know how steep it is, or tells that it is. */
static bool asks_yes_for_what(const struct cut *said, const struct cut *hint, size_t piece) {
    bool closed = false;
    for (size_t p = 0; p < said->n_piece; p++)
        closed |= word_in(&said->words.at[said->starts[p]],
                          "is are was were does did has have es son hay");
    const struct word *words = said->words.at;
    closed |= said->words.n > 2 && word_is(&words[0], "do") && word_is(&words[1], "you") &&
              !word_in(&words[2], "know see think remember recall find");
    return closed && !(part_asks(hint, piece) &&
                       first_interrogative(hint, piece) == COUNT_OF(interrogatives));
}

/* "does": the mark of a question that was made of a statement. "do you" is anybody's. */
static const struct word *helping_do(const struct cut *cut) {
    for (size_t i = 0; i < cut->words.n; i++)
        if (word_in(&cut->words.at[i], "do does did") &&
            !(i + 1 < cut->words.n && word_is(&cut->words.at[i + 1], "you")))
            return &cut->words.at[i];
    return NULL;
}

/* "Where does it begin?" where the hint says nothing of where. "what" and "how to" ask for no more
 * than a hint that tells what to do. */
static bool asks_what_is_not_there(const struct cut *said, const struct cut *hint, char why[120]) {
    for (size_t i = 0; i < said->words.n; i++) {
        size_t which = interrogative(&said->words.at[i]);
        bool to = i + 1 < said->words.n && class_is(&said->words.at[i + 1], "=to");
        if (which > 0 && which < COUNT_OF(interrogatives) && !to &&
            !has_interrogative(hint, which)) {
            strike_word(why, "not asked by the hint:", &said->words.at[i]);
            return true;
        }
    }
    return false;
}

/* What the part asks for is asked for, by the same words. */
static bool asked_on(const struct cut *said, const struct cut *hint, size_t piece, char why[120]) {
    for (size_t i = hint->starts[piece]; i < hint->starts[piece + 1]; i++) {
        size_t which = interrogative(&hint->words.at[i]);
        if (which < COUNT_OF(interrogatives) && !has_interrogative(said, which) &&
            !(which == 0 && asks_to_name(said)))
            return strike_word(why, "no longer asked:", &hint->words.at[i]);
    }
    return true;
}

static bool asked_first(const struct cut *said, size_t interrogative_wanted, char why[120]) {
    for (size_t i = 0; i < said->words.n; i++) {
        if (interrogative(&said->words.at[i]) != interrogative_wanted)
            continue;
        for (size_t j = said->starts[said->piece[i]]; j < i; j++)
            if (is_content(&said->words.at[j]) && !is_asking_word(&said->words.at[j]))
                return strike_word(why, "asked too late:", &said->words.at[i]);
        break;
    }
    return true;
}

/* The question stays the question, in each part of the hint that most of was taken. */
static bool asks_the_same(const struct cut *said, const struct cut *hint,
                          const struct word *const *hit, size_t nearest, char why[120]) {
    if (!is_question(said))
        return true;
    const struct word *helping = helping_do(said);
    if (helping && !helping_do(hint) && view_find(hint->raw, VIEW("?")) < 0)
        return strike_word(why, "not asked by the hint:", helping);
    if (asks_what_is_not_there(said, hint, why))
        return false;
    for (size_t piece = 0; piece < hint->n_piece; piece++) {
        size_t n = 0, taken = 0;
        for (size_t i = 0; i < hint->n_content; i++)
            if (hint->piece[hint->content[i]] == piece) {
                n++;
                taken += hit[i] != NULL;
            }
        if (part_asks(hint, piece) && (piece == nearest || (taken && 3 * taken >= 2 * n)) &&
            !asked_on(said, hint, piece, why))
            return false;
    }
    if (asks_yes_for_what(said, hint, nearest))
        return strike_word(why, "a question of another kind:", &said->words.at[0]);
    size_t head = first_interrogative(hint, nearest);
    return !part_asks(hint, nearest) || head == COUNT_OF(interrogatives) ||
           asked_first(said, head, why);
}

static bool is_stating(const struct word *word) {
    return word->class && word->class[0] == '+';
}

/* A sentence that tells needs one in the hint that tells: "Compare them" is not "They are". */
static bool tells_as_well(const struct cut *said, const struct cut *hint, char why[120]) {
    bool told = false;
    for (size_t i = 0; i < hint->words.n; i++)
        told |= is_stating(&hint->words.at[i]) && !part_asks(hint, hint->piece[i]);
    for (size_t i = 0; i < said->words.n && !is_question(said); i++)
        if (is_stating(&said->words.at[i]) && !told)
            return strike_word(why, "the hint does not state:", &said->words.at[i]);
    return true;
}

/* "Walk forward" is not "Look forward": an asking word may come before what is to be done, not in
 * its place. */
static bool does_the_same(const struct cut *said, const struct cut *hint,
                          const struct word *const *hit, size_t nearest, char why[120]) {
    size_t first = 0;
    while (first < hint->n_content && hint->piece[hint->content[first]] < nearest)
        first++;
    if (is_question(said) || first == hint->n_content || hit[first] || !said->n_content)
        return true;
    const struct word *deed = &hint->words.at[hint->content[first]];
    const struct word *other = &said->words.at[said->content[0]];
    bool begins = hint->content[first] == hint->starts[hint->piece[hint->content[first]]];
    if (!begins || part_asks(hint, nearest) || is_asking_word(deed) || !is_asking_word(other))
        return true;
    return strike_word(why, "not what is to be done:", other);
}

/* ------------------------------------------------------------------------------------- formulas
 */

/* A formula of the hint is said whole or not at all. */
static bool formulas_whole(const struct cut *hint, const struct word *const *hit, char why[120]) {
    struct formula formula;
    for (size_t at = 0; formula_next(hint->raw, &at, &formula, NULL);) {
        const struct word *missed = NULL;
        bool any = false;
        for (size_t i = 0; i < hint->n_content; i++) {
            const struct word *word = &hint->words.at[hint->content[i]];
            if (word->from < formula.from || word->from >= formula.to)
                continue;
            any |= hit[i] != NULL;
            missed = hit[i] ? missed : word;
        }
        if (any && missed)
            return strike_word(why, "left out of a formula:", missed);
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

/* "two numbers change" is not "the number changes", but may be "each number changes". */
static bool numbers_kept(const struct cut *said, const struct cut *hint,
                         const struct word *const *hit, char why[120]) {
    for (size_t i = 0; i + 1 < hint->n_content; i++) {
        const struct word *word = &hint->words.at[hint->content[i]], *as = hit[i + 1];
        bool counts = word->kind == WORD_NUMBER && hint->content[i + 1] == hint->content[i] + 1;
        if (counts && !hit[i] && as && !view_equal(as->text, word[1].text) &&
            !(as > said->words.at && class_is(as - 1, "=all")))
            return strike_word(why, "left out:", word);
    }
    return true;
}

/* The part of the hint that the sentence takes most from. */
static size_t nearest_part(const struct cut *hint, const struct word *const *hit) {
    size_t best = 0, most = 0;
    for (size_t piece = 0; piece < hint->n_piece; piece++) {
        size_t n = 0;
        for (size_t i = 0; i < hint->n_content; i++)
            n += hit[i] != NULL && hint->piece[hint->content[i]] == piece;
        if (n > most) {
            most = n;
            best = piece;
        }
    }
    return best;
}

static bool ends_here(struct view text) {
    static const char *const ends[] = {".", "?", "!", "。", "？", "！"};
    text = view_trim(text);
    for (size_t i = 0; i < COUNT_OF(ends); i++)
        if (view_ends(text, ends[i]))
            return true;
    return text.n == 0;
}

bool quotes_hint(struct view hint, struct view text) {
    ptrdiff_t at = view_find(hint, text);
    return at >= 0 && ends_here(view_slice(hint, 0, (size_t)at)) &&
           (ends_here(text) || (size_t)at + text.n == hint.n);
}

struct taking {              /* what a sentence takes from the hint */
    const struct word **hit; /* by content word of the hint: the word that stands for it */
    bool *used;              /* by part of the hint */
    size_t found, descents;
};

static bool take(const struct cut *said, const struct cut *hint, struct taking *out,
                 char why[120]) {
    size_t next = 0;
    for (size_t i = 0; i < said->n_content; i++) {
        const struct word *word = &said->words.at[said->content[i]];
        size_t place = place_of(hint, word, next);
        if (place == hint->n_content) {
            if (is_asking_word(word) && word->kind != WORD_NUMBER && !word->symbol)
                continue;
            return strike_word(why, "not in the hint:", word);
        }
        bool mark = word->kind == WORD_NUMBER || word->kind == WORD_SIGN || word->symbol;
        out->descents += place < next ? mark ? 2 : 1 : 0;
        out->hit[place] = word;
        out->used[hint->piece[hint->content[place]]] = true;
        next = place + 1;
        out->found++;
    }
    return true;
}

bool ground_hint(struct reviewing *r, const struct cut *said, char why[120]) {
    const struct cut *hint = &r->hint;
    struct view raw = view_trim(said->raw);
    struct taking taken = {ARENA_NEW(r->arena, hint->n_content + 1, const struct word *),
                           ARENA_NEW(r->arena, hint->n_piece + 1, bool), 0, 0};
    const struct word *const *hit = (const struct word *const *)taken.hit;
    if (view_equal(raw, view_trim(hint->raw)))
        return true;
    if (!small_words_known(r->language)) {
        snprintf(why, 120, "only the hint's own words pass in this language");
        return false;
    }
    if (!take(said, hint, &taken, why))
        return false;
    size_t wanted = 0, nearest = nearest_part(hint, hit);
    for (size_t i = 0; i < hint->n_content; i++)
        wanted += !is_asking_word(&hint->words.at[hint->content[i]]);
    /* A hint of several sentences may be put in several. */
    bool whole = r->n_sentence > 1 || 2 * taken.found >= wanted;
    if (whole && quotes_hint(hint->raw, raw))
        return true;
    if (!whole || !taken.found || taken.descents > 1) {
        snprintf(why, 120, taken.descents > 1 ? "another order" : "too little of the hint");
        return false;
    }
    return polarity_kept(said, hint, taken.used, why) && formulas_whole(hint, hit, why) &&
           numbers_kept(said, hint, hit, why) && tells_as_well(said, hint, why) &&
           does_the_same(said, hint, hit, nearest, why) &&
           asks_the_same(said, hint, hit, nearest, why);
}
