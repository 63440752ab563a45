/* Whether a text tells a secret: numbers, formulas, words. */
#include "school/tutor/leak.h"
#include "school/tutor/review_inside.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

bool says(char why[120], const char *what, struct view text) {
    if (!text.n)
        snprintf(why, 120, "%s", what);
    else
        snprintf(why, 120, "%s \"%.*s\"", what, text.n < 70 ? (int)text.n : 70, text.at);
    return true;
}

static bool ends_sentence(char mark) {
    return mark && strchr(".?!", mark);
}

bool sentence_asks(const struct words *words, size_t word) {
    for (size_t i = word + 1; i < words->n; i++)
        if (ends_sentence(words->at[i].before))
            return words->at[i].before == '?';
    return words->last == '?';
}

/* ------------------------------------------------------------------------------ put as the answer
 */

static const char answer_words[] = "answer answers result results solution value equals equal "
                                   "gives get gets yields obtain outcome "
                                   "respuesta resultado solución valor vale igual da obtienes "
                                   "obtenemos réponse résultat lösung antwort ergebnis ergibt "
                                   "resposta resultado solução ответ результат решение равно "
                                   "الجواب الإجابة الناتج النتيجة الحل يساوي 得 答 案 果 值 "
                                   "correct right correcto correcta 对";

static bool is_pronoun(const struct word *word) {
    return word_in(word, "it that this x 它 这 eso esto ello");
}

/* Whether words [first, first + n) are said to be the answer, or are all that a sentence says. */
bool answer_context(const struct words *words, size_t first, size_t n, const char *variable) {
    size_t start = first, end = first + n;
    while (start > 0 && !ends_sentence(words->at[start].before) && first - start < 7)
        start--;
    for (size_t i = start; i < first; i++)
        if (word_in(&words->at[i], answer_words))
            return true;
    for (size_t i = end; i < words->n && i < end + 4 && !ends_sentence(words->at[i].before); i++)
        if (word_in(&words->at[i], "answer right correct respuesta correcto solución 答 对"))
            return true;
    const struct word *last =
        first > 0 && !ends_sentence(words->at[first].before) ? &words->at[first - 1] : NULL;
    const struct word *further = last && first > 1 ? &words->at[first - 2] : NULL;
    if (last && further && word_in(last, "= is es 是 为 be becomes") &&
        (is_pronoun(further) || (variable && word_is(further, variable)) ||
         (further->kind == WORD_LETTERS && further->text.n == 1 && word_in(last, "="))))
        return true;
    /* Nothing else in its sentence: "Five!" */
    start = first, end = first + n;
    while (start > 0 && !ends_sentence(words->at[start].before))
        start--;
    while (end < words->n && !ends_sentence(words->at[end].before))
        end++;
    size_t others = 0;
    for (size_t i = start; i < end; i++)
        if (i < first || i >= first + n)
            others +=
                !word_in(&words->at[i], "yes exactly so just simply the a well it is = sí es "
                                        "是 的 就 呢 吧 right ok");
    return others == 0 && !sentence_asks(words, first);
}

/* ------------------------------------------------------------------------------------- numbers */

static bool counts_nothing(const struct words *words, size_t i, size_t n) {
    const struct word *word = &words->at[i];
    const struct word *before = i > 0 && !word->before ? &words->at[i - 1] : NULL;
    const struct word *after =
        i + n < words->n && !words->at[i + n].before ? &words->at[i + n] : NULL;
    if (before && word_in(before, "lesson step section exercise figure chapter equation part 第"))
        return true;
    if (after && word->kind == WORD_NUMBER && !after->spaced && word_in(after, "st nd rd th"))
        return true;
    if (n == 1 && word_in(word, "one"))
        return (before && word_in(before, "the which this that each no any every other another "
                                          "right wrong first second last some")) ||
               (after && word_in(after, "of another by can should could must who"));
    return n == 1 && word_in(word, "un una") && after && after->kind == WORD_LETTERS &&
           !(before && word_in(before, "igual ="));
}

static bool equals_key(const struct secret *s, const struct numeral *number, double key) {
    for (int i = 0; i < number->n_value; i++) {
        double value = number->values[i];
        if (same_number(value, key) ||
            (s->tolerance > 0 && fabs(value - key) <= s->tolerance * fabs(key) * 1.000001))
            return true;
        if (same_number(fabs(value), fabs(key)) && !number_list_has(&s->known, fabs(key)))
            return true; /* "four, and it is negative" */
        bool fine = number->decimals >= 2 || number->significant >= 3;
        if (fine && number->decimals > 0 &&
            fabs(value - key) <= 0.5 * pow(10, -number->decimals) * 1.000001)
            return true;
    }
    return false;
}

/* "one more than eleven", "two less than ten", "half of 24": what is said of a number at i. */
static size_t relative_number(const struct words *words, size_t i, double *out) {
    struct numeral first = numeral_read(&words->at[i], words->n - i);
    size_t at = i + first.n;
    if (!first.n || at + 1 >= words->n)
        return 0;
    bool more = word_in(&words->at[at], "more greater larger bigger above beyond más");
    bool less = word_in(&words->at[at], "less fewer smaller below under menos");
    bool of = first.values[0] > 0 && first.values[0] < 1 && word_in(&words->at[at], "of de");
    if (!more && !less && !of)
        return 0;
    at++;
    if (at < words->n && word_in(&words->at[at], "than que"))
        at++;
    if (at >= words->n)
        return 0;
    struct numeral second = numeral_read(&words->at[at], words->n - at);
    if (!second.n)
        return 0;
    *out = of     ? first.values[0] * second.values[0]
           : more ? second.values[0] + first.values[0]
                  : second.values[0] - first.values[0];
    return at + second.n - i;
}

static bool between(const struct words *words, size_t i, double *out) {
    if (!word_in(&words->at[i], "between entre") || i + 3 >= words->n)
        return false;
    struct numeral low = numeral_read(&words->at[i + 1], words->n - i - 1);
    size_t at = i + 1 + low.n;
    if (!low.n || at + 1 >= words->n || !word_in(&words->at[at], "and y"))
        return false;
    struct numeral high = numeral_read(&words->at[at + 1], words->n - at - 1);
    *out = (low.values[0] + high.values[0]) / 2;
    return high.n && fabs(high.values[0] - low.values[0]) == 2;
}

static struct view slice_of(const struct told *t, size_t first, size_t n) {
    return view_slice(t->text, t->words.at[first].from, t->words.at[first + n - 1].to);
}

static bool told_mention(struct told *t, size_t i, const struct numeral *number) {
    const struct secret *s = t->secret;
    for (size_t k = 0; k < s->keys.n; k++) {
        double key = s->keys.at[k];
        if (!equals_key(s, number, key))
            continue;
        bool known = number_list_has(&s->known, number->values[0]);
        if (!known || answer_context(&t->words, i, number->n, s->variable))
            return says(t->why, "the answer:", slice_of(t, i, number->n));
    }
    for (int v = 0; v < number->n_value; v++) {
        double value = number->values[v];
        bool small = value == 0 || value == 1 || value == 2;
        if (!small && number_list_has(&s->later, value) && !number_list_has(&s->known, value))
            return says(t->why, "a number of the solution:", slice_of(t, i, number->n));
    }
    return false;
}

bool told_number(struct told *t) {
    const struct words *words = &t->words;
    const struct secret *s = t->secret;
    double value;
    for (size_t i = 0; i < words->n;) {
        size_t more = relative_number(words, i, &value);
        bool said = more || between(words, i, &value);
        if (said && number_list_has(&s->keys, value))
            return says(t->why, "the answer:", slice_of(t, i, more ? more : 4));
        struct numeral number = numeral_read(&words->at[i], words->n - i);
        if (number.n && !counts_nothing(words, i, number.n) && told_mention(t, i, &number))
            return true;
        i += number.n ? number.n : 1;
    }
    return false;
}

/* ------------------------------------------------------------------------------------- formulas
 */

static bool is_known(const struct secret *s, struct view maths) {
    for (size_t i = 0; i < s->known_maths->n; i++)
        if (view_equal(s->known_maths->at[i].text, maths) ||
            (maths.n > 2 && view_find(s->known_maths->at[i].text, maths) >= 0))
            return true;
    return false;
}

static bool is_given_number(const struct secret *s, const struct expression *e) {
    double value;
    return (e->kind == EXPRESSION_NUMBER || e->kind == EXPRESSION_NAME) &&
           (e->kind == EXPRESSION_NAME ||
            (expression_evaluate_real(e, &value, NULL) && number_list_has(&s->known, value)));
}

/* Whether one side of what is written is the key: as a value, a formula, an equation. */
static bool equals_formula(struct told *t, struct view text, bool alone) {
    const struct secret *s = t->secret;
    const char *names[] = {s->variable, NULL};
    struct parse_options options = {.names = names};
    struct expression *e = expression_parse(t->arena, text, s->variable ? &options : NULL, NULL);
    double value;
    if (!e)
        return false;
    if (alone && is_given_number(s, e))
        return false;
    if (s->keys.n && expression_evaluate_real(e, &value, NULL)) {
        struct numeral number = {.n = 1, .n_value = 1, .values = {value}};
        for (size_t k = 0; k < s->keys.n; k++)
            if (equals_key(s, &number, s->keys.at[k]))
                return true;
        return false;
    }
    for (size_t k = 0; k < s->n_formula; k++) {
        struct comparison told;
        const struct expression *key = s->formulas[k];
        if ((key->kind == EXPRESSION_RELATION) != (e->kind == EXPRESSION_RELATION))
            continue;
        if (++t->comparisons > LEAK_COMPARISONS)
            return true;
        if (expression_compare(key, e, &s->how, &told, NULL) && told.same_value)
            return true;
    }
    return false;
}

static bool told_side(struct told *t, struct view side, bool alone) {
    side = view_trim(side);
    return side.n && !is_known(t->secret, side) && equals_formula(t, side, alone);
}

static bool is_variable(const struct secret *s, struct view side) {
    side = view_trim(side);
    return s->variable ? view_is(side, s->variable) : side.n == 1 && strchr("xyz?", side.at[0]);
}

static bool told_span(struct told *t, const struct maths *span) {
    const struct secret *s = t->secret;
    struct view rest = span->text, before = {0};
    if (is_known(s, rest))
        return false;
    bool equation = memchr(rest.at, '=', rest.n) != NULL;
    if (told_side(t, rest, !equation))
        return says(t->why, "the answer:", span->text);
    for (size_t from = 0, i = 0; equation && i <= rest.n; i++) {
        if (i < rest.n && rest.at[i] != '=')
            continue;
        struct view side = view_slice(rest, from, i);
        bool put = from > 0 && is_variable(s, before);
        bool ahead = i < rest.n && is_variable(s, view_slice(rest, i + 1, rest.n));
        if (put || ahead ? equals_formula(t, side, false) : told_side(t, side, true))
            return says(t->why, "the answer:", span->text);
        before = side;
        from = i + 1;
    }
    return false;
}

bool told_formula(struct told *t) {
    struct maths_list *spans = ARENA_NEW(t->arena, 1, struct maths_list);
    if (!t->secret->n_formula && !t->secret->keys.n)
        return false;
    maths_written(t->text, t->arena, spans);
    maths_spoken(&t->words, t->arena, spans);
    if (spans->full)
        return says(t->why, "too much mathematics to look through", (struct view){0});
    for (size_t i = 0; i < spans->n; i++)
        if (told_span(t, &spans->at[i]))
            return true;
    return false;
}

/* ---------------------------------------------------------------------------------------- words
 */

static bool same_words(const struct words *words, size_t at, const struct words *key) {
    if (!key->n || at + key->n > words->n)
        return false;
    for (size_t i = 0; i < key->n; i++) {
        const struct word *a = &words->at[at + i], *b = &key->at[i];
        if (!words_same(a, b) &&
            !(a->kind == WORD_LETTERS && b->kind == WORD_LETTERS && view_equal(a->stem, b->stem)))
            return false;
    }
    return true;
}

bool told_words(struct told *t) {
    for (size_t k = 0; k < t->secret->n_word_key; k++) {
        const struct word_key *key = &t->secret->word_keys[k];
        for (size_t i = 0; i < t->words.n; i++) {
            if (!same_words(&t->words, i, &key->words))
                continue;
            if (!key->given || !sentence_asks(&t->words, i) ||
                answer_context(&t->words, i, key->words.n, NULL))
                return says(t->why, "the answer:", slice_of(t, i, key->words.n));
        }
    }
    return false;
}

/* ------------------------------------------------------------------------------------- spelled */

/* Digits given one by one: "the first digit is 1, the second 2". */
static bool spelled_digits(struct told *t) {
    const struct secret *s = t->secret;
    char digits[200];
    size_t n = 0;
    for (size_t i = 0; i < t->words.n && n + 1 < sizeof digits;) {
        struct numeral number = numeral_read(&t->words.at[i], t->words.n - i);
        if (number.n && number.digit && !counts_nothing(&t->words, i, number.n))
            digits[n++] = (char)('0' + (int)fabs(number.values[0]));
        i += number.n ? number.n : 1;
    }
    digits[n] = 0;
    for (size_t k = 0; k < s->keys.n; k++) {
        char key[40], plain[40];
        size_t m = 0;
        snprintf(key, sizeof key, "%.12g", fabs(s->keys.at[k]));
        for (size_t i = 0; key[i] && key[i] != 'e'; i++)
            if (key[i] != '.')
                plain[m++] = key[i];
        plain[m] = 0;
        if (m >= 2 && strstr(digits, plain))
            return says(t->why, "the answer digit by digit:", view_of(plain));
    }
    return false;
}

/* The letters that stand alone, in a row; with and without the words "a" and "I". */
static struct view lone_letters(struct told *t, bool with_words) {
    struct buffer out = {0};
    for (size_t i = 0; i < t->words.n; i++) {
        const struct word *word = &t->words.at[i];
        bool lone = word->kind == WORD_LETTERS && utf8_length(word->text) == 1;
        if (lone && (with_words || !word_in(word, "a i")))
            buffer_append(&out, word->text);
    }
    struct view letters = arena_copy(t->arena, buffer_view(&out));
    buffer_free(&out);
    return letters;
}

static bool letters_hold(struct told *t, struct view letters, struct view what) {
    return what.n >= 3 && view_find(letters, what) >= 0 && says(t->why, "spelled:", what);
}

static bool spelled_letters(struct told *t) {
    static const char *const units[] = {
        "zero",     "one",     "two",     "three",     "four",     "five",     "six",
        "seven",    "eight",   "nine",    "ten",       "eleven",   "twelve",   "thirteen",
        "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"};
    static const char *const spanish[] = {"cero",  "uno",  "dos",   "tres", "cuatro",
                                          "cinco", "seis", "siete", "ocho", "nueve",
                                          "diez",  "once", "doce"};
    for (int round = 0; round < 2; round++) {
        struct view letters = lone_letters(t, round);
        for (size_t k = 0; k < t->secret->n_word_key; k++) {
            const struct words *words = &t->secret->word_keys[k].words;
            struct buffer joined = {0};
            for (size_t i = 0; i < words->n; i++)
                buffer_append(&joined, words->at[i].text);
            bool told = letters_hold(t, letters, buffer_view(&joined));
            buffer_free(&joined);
            if (told)
                return true;
        }
        for (size_t k = 0; k < t->secret->keys.n; k++) {
            double key = fabs(t->secret->keys.at[k]);
            if (key != floor(key) || key > 20)
                continue;
            if (letters_hold(t, letters, view_of(units[(int)key])) ||
                (key <= 12 && letters_hold(t, letters, view_of(spanish[(int)key]))))
                return true;
        }
    }
    return false;
}

/* Roman numerals of two signs and more, written large. */
static bool roman(struct told *t) {
    for (size_t i = 0; i < t->words.n; i++) {
        struct view raw = slice_of(t, i, 1);
        int value = 0, last = 0;
        bool good = raw.n >= 2 && raw.n < 12;
        for (size_t j = raw.n; good && j-- > 0;) {
            static const char signs[] = "IVXLCDM";
            static const int worth[] = {1, 5, 10, 50, 100, 500, 1000};
            const char *at = strchr(signs, raw.at[j]);
            good = at != NULL;
            int one = good ? worth[at - signs] : 0;
            value += one < last ? -one : one;
            last = one > last ? one : last;
        }
        if (good && number_list_has(&t->secret->keys, value))
            return says(t->why, "the answer:", raw);
    }
    return false;
}

bool told_spelled(struct told *t) {
    return spelled_digits(t) || spelled_letters(t) || roman(t);
}

/* -------------------------------------------------------------------------------------- together
 */

bool secret_told(const struct secret *secret, struct view text, struct arena *arena,
                 char why[120]) {
    static bool (*const kinds[])(struct told *) = {told_number,  told_formula, told_words,
                                                   told_spelled, told_choice,  told_order,
                                                   told_match,   told_coded,   told_step};
    struct told t = {.secret = secret, .text = text, .arena = arena, .why = why};
    if (text.n > LEAK_BYTES)
        return says(why, "too long to look through", (struct view){0});
    words_of(text, NULL, 0, arena, &t.words);
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (kinds[i](&t))
            return true;
    return t.comparisons > LEAK_COMPARISONS &&
           says(why, "too much mathematics to look through", (struct view){0});
}

bool review_leaks(const struct variant *variant, const char *language, struct view text,
                  char why[120]) {
    struct review_task task = {.language = language, .variant = variant};
    struct arena *arena = arena_new();
    why[0] = 0;
    bool told = secret_told(secret_of(&task, arena), text, arena, why);
    arena_free(arena);
    return told;
}
