/* Whether a text tells what to choose, the order, the pairs, or a step of the solution. */
#include "school/tutor/leak.h"
#include "school/tutor/review_inside.h"

#include <ctype.h>
#include <string.h>

static bool same(const struct word *a, const struct word *b) {
    return words_same(a, b) || (a->kind == WORD_LETTERS && b->kind == WORD_LETTERS &&
                                a->text.n > 1 && view_equal(a->stem, b->stem));
}

static bool holds(const struct words *words, size_t from, size_t to, const struct word *what) {
    for (size_t i = from; i < to; i++)
        if (same(&words->at[i], what))
            return true;
    return false;
}

/* Words that say little: they tell no item from another. */
static bool is_small(const struct word *word) {
    static const char small[] =
        "the a an of to in on at by for with from and or is are was be been it its that this "
        "these "
        "those which there their they we you as no not so if when than then has have do does can "
        "will el la los las un una de del en y o a que es son se por para con su lo al no si "
        "的 是 在 了 和 与 或 也 都 就 不 有 这 那 它 个 把 被 对 为";
    return word_in(word, small);
}

/* ------------------------------------------------------------------------------ items in a text
 */

/* A word of item i that no other item and not the question has. */
static bool tells_apart(const struct secret *s, const struct words *items, size_t n, size_t i,
                        const struct word *word) {
    if (is_small(word) || holds(&s->ask, 0, s->ask.n, word))
        return false;
    for (size_t j = 0; j < n; j++)
        if (j != i && holds(&items[j], 0, items[j].n, word))
            return false;
    return true;
}

static bool runs_at(const struct words *words, size_t at, const struct words *item) {
    if (!item->n || at + item->n > words->n)
        return false;
    for (size_t i = 0; i < item->n; i++)
        if (!same(&words->at[at + i], &item->at[i]))
            return false;
    return true;
}

/* Another item that begins at the same place and is longer: 3 in 3x^2. */
static bool longer_there(const struct words *words, size_t at, const struct words *items, size_t n,
                         const struct words *item) {
    for (size_t j = 0; j < n; j++)
        if (items[j].n > item->n && runs_at(words, at, &items[j]))
            return true;
    return false;
}

static size_t sentence_end_at(const struct words *words, size_t from) {
    size_t to = from + 1;
    while (to < words->n && !(words->at[to].before && strchr(".?!", words->at[to].before)))
        to++;
    return to;
}

/* Where words [from, to) name item i: whole, or half of what tells it apart. -1: nowhere. */
static ptrdiff_t named(const struct told *t, const struct words *items, size_t n, size_t i,
                       size_t from, size_t to) {
    const struct words *item = &items[i];
    for (size_t at = from; at + item->n <= to; at++)
        if (runs_at(&t->words, at, item) && !longer_there(&t->words, at, items, n, item)) {
            bool alone = item->n > 2 || item->at[0].text.n > 2 || item->at[0].kind == WORD_NUMBER;
            if (alone)
                return (ptrdiff_t)at;
        }
    size_t wanted = 0, found = 0;
    ptrdiff_t first = -1;
    for (size_t j = 0; j < item->n; j++) {
        if (!tells_apart(t->secret, items, n, i, &item->at[j]))
            continue;
        wanted++;
        for (size_t at = from; at < to; at++)
            if (same(&t->words.at[at], &item->at[j])) {
                found++;
                if (first < 0 || (ptrdiff_t)at < first)
                    first = (ptrdiff_t)at;
                break;
            }
    }
    return wanted && 2 * found >= wanted ? first : -1;
}

/* The share of the item's words that a sentence has, in thousandths. */
static size_t covered(const struct told *t, const struct words *item, size_t from, size_t to) {
    size_t wanted = 0, found = 0;
    for (size_t j = 0; j < item->n; j++) {
        if (is_small(&item->at[j]))
            continue;
        wanted++;
        found += holds(&t->words, from, to, &item->at[j]);
    }
    return wanted ? 1000 * found / wanted : 0;
}

/* ----------------------------------------------------------------------------- places and letters
 */

static bool names_list(const struct word *word) {
    return word_in(word,
                   "option options choice choices answer answers letter number statement item "
                   "possibility alternative pick choose select try opción respuesta "
                   "alternativa letra elige número no 选 项 案 择");
}

static bool is_correct_word(const struct words *words, size_t i) {
    for (size_t j = i; j < words->n && j < i + 4; j++) {
        if (j > i && words->at[j].before && strchr(".?!", words->at[j].before))
            break;
        if (word_in(&words->at[j], "right correct answer true correcta correcto respuesta 对 正"))
            return true;
    }
    return false;
}

/* The shown place (from 1) that words name at i; 0 for none. n_item places; -1 of ordinals: last.
 */
static size_t place_at(const struct told *t, size_t i, size_t n_item) {
    const struct words *words = &t->words;
    const struct word *word = &words->at[i],
                      *before = i && !strchr(".?!", word->before ? word->before : ' ')
                                    ? &words->at[i - 1]
                                    : NULL;
    size_t used;
    int ordinal = ordinal_read(word, words->n - i, &used);
    if (ordinal) {
        size_t place = ordinal < 0 ? n_item : (size_t)ordinal;
        size_t next = i + used;
        bool ends = next >= words->n || words->at[next].before;
        bool listed = !ends && (names_list(&words->at[next]) ||
                                word_in(&words->at[next],
                                        "one of is es or and nor o y ni 个 项 种 条 是 才"));
        return (ends || listed || is_correct_word(words, next)) && place <= n_item ? place : 0;
    }
    bool pointed = (before && names_list(before)) || is_correct_word(words, i + 1) ||
                   (before && word_in(before, "is es 是 with # →"));
    char raw = word->from < t->text.n ? t->text.at[word->from] : 0;
    if (word->kind == WORD_LETTERS && word->text.n == 1 && isalpha((unsigned char)raw)) {
        size_t place = (size_t)(tolower((unsigned char)raw) - 'a') + 1;
        bool marked = (before && word_is(before, "(")) ||
                      (i + 1 < words->n &&
                       (word_is(&words->at[i + 1], ")") || words->at[i + 1].before == ')'));
        bool large = isupper((unsigned char)raw) && raw != 'I' &&
                     (raw != 'A' || pointed || words->n == 1 ||
                      (i > 0 && !word->before && (i + 1 == words->n || words->at[i + 1].before)));
        return place <= n_item && (large || marked || (pointed && raw != 'a')) ? place : 0;
    }
    struct numeral number = numeral_read(word, words->n - i);
    bool whole = number.n && number.values[0] >= 1 && number.values[0] <= (double)n_item &&
                 number.values[0] == (double)(size_t)number.values[0];
    return whole && pointed && !(before && word_in(before, "is es 是")) ? (size_t)number.values[0]
                                                                        : 0;
}

/* -------------------------------------------------------------------------------------- choices
 */

static bool tells_place(struct told *t) {
    const struct secret *s = t->secret;
    bool others[64] = {0};
    size_t n_other = 0;
    for (size_t i = 0; i < t->words.n; i++) {
        size_t place = place_at(t, i, s->n_item);
        if (!place || place > 64)
            continue;
        if (s->right[place - 1])
            return says(t->why,
                        "which one:", view_slice(t->text, t->words.at[i].from, t->words.at[i].to));
        n_other += !others[place - 1];
        others[place - 1] = true;
    }
    return s->n_item > 1 && n_other + 1 >= s->n_item && n_other > 0 &&
           says(t->why, "all but one", (struct view){0});
}

/* "the one about …" with a word that only the right one has. */
static bool describes(struct told *t, size_t right, size_t from, size_t to) {
    bool points = false;
    for (size_t i = from; i + 1 < to; i++)
        points |=
            word_in(&t->words.at[i], "one option choice answer opción respuesta 项 个") &&
            word_in(&t->words.at[i + 1], "that with about which where saying says que sobre");
    for (size_t j = 0; points && j < t->secret->items[right].n; j++) {
        const struct word *word = &t->secret->items[right].at[j];
        if (tells_apart(t->secret, t->secret->items, t->secret->n_item, right, word) &&
            holds(&t->words, from, to, word))
            return true;
    }
    return false;
}

bool told_choice(struct told *t) {
    const struct secret *s = t->secret;
    if (!s->n_item || (!view_is(s->check, "choice") && !view_is(s->check, "several")))
        return false;
    if (tells_place(t))
        return true;
    for (size_t from = 0; from < t->words.n;) {
        size_t to = sentence_end_at(&t->words, from), most_wrong = 0;
        size_t wide = to < t->words.n ? sentence_end_at(&t->words, to) : to; /* two sentences */
        for (size_t i = 0; i < s->n_item; i++)
            if (!s->right[i] && covered(t, &s->items[i], from, wide) > most_wrong)
                most_wrong = covered(t, &s->items[i], from, wide);
        for (size_t i = 0; i < s->n_item; i++) {
            size_t share = s->right[i] ? covered(t, &s->items[i], from, wide) : 0;
            bool named_here = s->right[i] && named(t, s->items, s->n_item, i, from, wide) >= 0;
            if ((share >= 750 && share > most_wrong) ||
                (named_here && share >= 500 && share >= most_wrong) ||
                (s->right[i] && describes(t, i, from, to)))
                return says(t->why, "the right choice:", s->variant->shown[i]);
        }
        from = to;
    }
    return false;
}

/* ---------------------------------------------------------------------------------------- order
 */

static size_t rank_of(const struct secret *s, size_t shown) {
    size_t authored = s->variant->authored ? s->variant->authored[shown] : shown;
    for (size_t i = 0; i < json_array_size(s->variant->key); i++)
        if (json_integer_value(json_array_get(s->variant->key, i)) == (json_int_t)authored + 1)
            return i;
    return authored;
}

static bool says_end(const struct told *t, size_t from, size_t to, bool first) {
    for (size_t i = from; i < to; i++)
        if (word_in(&t->words.at[i],
                    first ? "first begin begins start starts beginning primero empieza 先 首 始"
                          : "last finally end ends final último finalmente 后 终"))
            return true;
    return false;
}

/* Letters or numbers of the items in a row: "B, A, C". */
static bool tells_sequence(struct told *t) {
    const struct secret *s = t->secret;
    size_t run = 0, last = 0;
    for (size_t i = 0; i < t->words.n; i++) {
        const struct word *word = &t->words.at[i];
        char raw = t->text.at[word->from];
        size_t place = 0;
        if (word->kind == WORD_LETTERS && word->text.n == 1 && isupper((unsigned char)raw))
            place = (size_t)(raw - 'A') + 1;
        else {
            struct numeral number = numeral_read(word, t->words.n - i);
            if (number.n == 1 && number.values[0] >= 1 && number.values[0] <= (double)s->n_item)
                place = (size_t)number.values[0];
            size_t used;
            int ordinal = ordinal_read(word, t->words.n - i, &used);
            if (ordinal > 0)
                place = (size_t)ordinal;
        }
        if (!place || place > s->n_item)
            continue;
        size_t rank = rank_of(s, place - 1);
        run = run && rank == last + 1 ? run + 1 : rank == 0 ? 1 : 0;
        last = rank;
        if (run >= 3 || (run >= 2 && run == s->n_item))
            return says(t->why, "the order", (struct view){0});
    }
    return false;
}

bool told_order(struct told *t) {
    const struct secret *s = t->secret;
    if (!s->n_item || !view_is(s->check, "order"))
        return false;
    if (tells_sequence(t))
        return true;
    ptrdiff_t *places = ARENA_NEW(t->arena, s->n_item, ptrdiff_t);
    for (size_t i = 0; i < s->n_item; i++) {
        size_t rank = rank_of(s, i);
        if (rank < s->n_item)
            places[rank] = named(t, s->items, s->n_item, i, 0, t->words.n);
    }
    for (size_t rank = 0; rank + 1 < s->n_item; rank++)
        if (places[rank] >= 0 && places[rank + 1] > places[rank])
            return says(t->why, "two steps in order", (struct view){0});
    for (size_t from = 0, to; from < t->words.n; from = to) {
        to = sentence_end_at(&t->words, from);
        for (size_t i = 0; i < s->n_item; i++) {
            size_t rank = rank_of(s, i);
            bool first = rank == 0, last = rank + 1 == s->n_item;
            if ((first || last) && named(t, s->items, s->n_item, i, from, to) >= 0 &&
                says_end(t, from, to, first))
                return says(t->why, "where a step belongs:", s->variant->shown[i]);
        }
    }
    return false;
}

/* ----------------------------------------------------------------------------------------- pairs
 */

static size_t right_of(const struct secret *s, size_t left) {
    const json_t *key = s->variant->key, *one;
    size_t i;
    json_int_t authored = -1;
    json_array_foreach(key, i, one) {
        if (json_is_array(one) &&
            json_integer_value(json_array_get(one, 0)) == (json_int_t)left + 1)
            authored = json_integer_value(json_array_get(one, 1)) - 1;
        else if (json_is_integer(one) && i == left)
            authored = json_integer_value(one) - 1;
    }
    for (i = 0; i < s->n_item && authored >= 0; i++)
        if ((json_int_t)(s->variant->authored ? s->variant->authored[i] : i) == authored)
            return i;
    return s->n_item;
}

/* "1-C", "the first with the third". */
static bool tells_pair_by_place(struct told *t, size_t left, size_t right) {
    for (size_t i = 0; i < t->words.n; i++) {
        size_t used;
        struct numeral number = numeral_read(&t->words.at[i], t->words.n - i);
        int ordinal = ordinal_read(&t->words.at[i], t->words.n - i, &used);
        bool here =
            (number.n == 1 && number.values[0] == (double)left + 1) || ordinal == (int)left + 1;
        for (size_t j = i + 1; here && j < t->words.n && j < i + 6; j++) {
            char raw = t->text.at[t->words.at[j].from];
            int second = ordinal_read(&t->words.at[j], t->words.n - j, &used);
            bool letter = t->words.at[j].text.n == 1 && isupper((unsigned char)raw) &&
                          (size_t)(raw - 'A') == right;
            if (letter || (ordinal && second == (int)right + 1))
                return true;
        }
    }
    return false;
}

bool told_match(struct told *t) {
    const struct secret *s = t->secret;
    if (!s->n_item || !view_is(s->check, "match"))
        return false;
    for (size_t left = 0; left < s->variant->n_left; left++) {
        size_t right = right_of(s, left);
        if (right >= s->n_item)
            continue;
        if (tells_pair_by_place(t, left, right))
            return says(t->why, "a pair:", s->variant->left[left]);
        for (size_t from = 0, to; from < t->words.n; from = to) {
            to = sentence_end_at(&t->words, from);
            if (named(t, s->lefts, s->variant->n_left, left, from, to) >= 0 &&
                named(t, s->items, s->n_item, right, from, to) >= 0)
                return says(t->why, "a pair:", s->variant->left[left]);
        }
    }
    return false;
}

/* ----------------------------------------------------------------------------------------- steps
 */

static bool is_new(const struct secret *s, const struct word *word) {
    return !is_small(word) && !is_asking_word(word) && !holds(&s->ask, 0, s->ask.n, word) &&
           !holds(&s->given, 0, s->given.n, word);
}

/* A part of the solution, or of a later hint, most of whose words are in one sentence. In a hint
 * put in other words one word of them is too much. */
static bool tells_part(struct told *t, const struct words *part, size_t a, size_t b) {
    const struct secret *s = t->secret;
    for (size_t from = 0, to; from < t->words.n; from = to) {
        size_t wanted = 0, found = 0, fresh = 0;
        to = sentence_end_at(&t->words, from);
        for (size_t i = a; i < b; i++) {
            const struct word *word = &part->at[i];
            if (is_small(word) || word->kind == WORD_SIGN)
                continue;
            bool here = holds(&t->words, from, to, word);
            wanted++;
            found += here;
            fresh += here && is_new(s, word) && view_find(s->public, word->stem) < 0;
        }
        bool most = found >= 2 && 10 * found >= 6 * wanted;
        if (fresh && (s->hinting || most))
            return true;
    }
    return false;
}

bool told_step(struct told *t) {
    const struct secret *s = t->secret;
    for (size_t k = 0; k < s->n_later; k++) {
        const struct words *part = &s->later_words[k];
        for (size_t a = 0, b; a < part->n; a = b) {
            b = a + 1;
            while (b < part->n && !part->at[b].before)
                b++;
            if (tells_part(t, part, a, b))
                return says(t->why, "a step not yet given:",
                            part->at[a].kind == WORD_LETTERS ? part->at[a].text
                                                             : (struct view){0});
        }
    }
    return false;
}
