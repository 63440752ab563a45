/* Mathematics in prose: as it is written and as it is said. */
#include "school/tutor/leak.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

/* \frac12 is \frac{1}{2}. */
static struct view spread_fractions(struct view text, struct arena *arena) {
    struct buffer out = {0};
    for (size_t i = 0; i < text.n; i++) {
        struct view rest = view_slice(text, i, text.n);
        buffer_byte(&out, text.at[i]);
        if (!view_starts(rest, "frac") || rest.n < 6 || !isdigit((unsigned char)rest.at[4]) ||
            !isdigit((unsigned char)rest.at[5]))
            continue;
        buffer_format(&out, "rac{%c}{%c}", rest.at[4], rest.at[5]);
        i += 5;
    }
    struct view spread = arena_copy(arena, buffer_view(&out));
    buffer_free(&out);
    return spread;
}

static void keep(struct maths_list *out, struct view text, size_t from, size_t to,
                 struct arena *arena) {
    text = view_trim(text);
    if (text.n && text.n <= 300 && memmem(text.at, text.n, "frac", 4))
        text = spread_fractions(text, arena);
    while (text.n && strchr(".,;:!?", text.at[text.n - 1]))
        text.n--;
    if (!text.n || text.n > 300)
        return;
    for (size_t i = 0; i < out->n; i++)
        if (view_equal(out->at[i].text, text))
            return;
    if (out->n == LEAK_SPANS)
        out->full = true;
    else
        out->at[out->n++] = (struct maths){text, from, to};
}

/* ------------------------------------------------------------------------------------- written */

/* Full-width signs, digits of other scripts and invisible characters made plain; ideographs and
 * their marks become spaces, since they stand between formulas. */
static struct view plain_of(struct view text, struct arena *arena) {
    struct buffer out = {0};
    for (size_t i = 0; i < text.n;) {
        int32_t c;
        size_t n = utf8_decode(text.at + i, text.n - i, &c);
        struct words digit = {0};
        if (c >= 0xFF01 && c <= 0xFF5E)
            buffer_byte(&out, (char)(c - 0xFEE0));
        else if (c >= 0x80 && unicode_class(c) == UNICODE_NUMBER) {
            words_of(view_slice(text, i, i + n), NULL, 0, arena, &digit);
            if (digit.n == 1 && digit.at[0].kind == WORD_NUMBER)
                buffer_append(&out, digit.at[0].text);
            else
                buffer_append(&out, view_slice(text, i, i + n));
        } else if (unicode_is_han(c) || (c >= 0x3000 && c <= 0x30FF))
            buffer_byte(&out, ' ');
        else if (c == 0x200B || c == 0x200C || c == 0x200D || c == 0x2060 || c == 0xFEFF ||
                 c == 0xAD) {
        } else
            buffer_append(&out, view_slice(text, i, i + n));
        i += n;
    }
    struct view plain = arena_copy(arena, buffer_view(&out));
    buffer_free(&out);
    return plain;
}

static bool known_function(struct view word) {
    static const char *const names[] = {"sqrt", "sin",   "cos",   "tan",  "log",
                                        "exp",  "abs",   "frac",  "cdot", "pi",
                                        "ln",   "times", "alpha", "beta", "theta"};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (view_is(word, names[i]))
            return true;
    return false;
}

/* A piece between spaces that may belong to a formula. */
static bool is_mathy(struct view piece) {
    bool sign = false, digit = false;
    size_t letters = 0;
    while (piece.n && strchr(".,;:!?", piece.at[piece.n - 1]))
        piece.n--;
    for (size_t i = 0; i < piece.n;) {
        unsigned char c = (unsigned char)piece.at[i];
        size_t from = i;
        while (i < piece.n && isalpha((unsigned char)piece.at[i]))
            i++;
        if (i > from) {
            size_t n = i - from;
            if (n > 2 && !known_function(view_slice(piece, from, i)))
                return false;
            letters += n;
            continue;
        }
        digit |= isdigit(c) != 0;
        sign |= c >= 0x80 || strchr("=+-*/^<>()[]{}|\\_%", c) != NULL;
        i++;
    }
    if (letters == piece.n && letters > 0)
        return letters == 1 && piece.at[0] != 'a' && piece.at[0] != 'I';
    return sign || digit;
}

static void written_outside(struct view text, size_t offset, struct arena *arena,
                            struct maths_list *out) {
    size_t from = 0, to = 0;
    bool open = false;
    for (size_t i = 0; i <= text.n;) {
        size_t start = i;
        while (i < text.n && !isspace((unsigned char)text.at[i]))
            i++;
        struct view piece = view_slice(text, start, i);
        bool mathy = piece.n && is_mathy(piece);
        if (mathy && !open)
            from = start;
        if (mathy)
            to = i;
        bool ends = mathy && strchr(",;:.!?", text.at[i - 1]);
        if ((open || mathy) && (!mathy || ends || i >= text.n))
            keep(out, view_slice(text, from, to), offset + from, offset + to, arena);
        open = mathy && !ends;
        i++;
    }
}

void maths_written(struct view text, struct arena *arena, struct maths_list *out) {
    text = plain_of(text, arena);
    size_t i = 0, outside = 0;
    while (i < text.n) {
        if (text.at[i] != '$') {
            i++;
            continue;
        }
        size_t open = i, end = i + 1;
        while (end < text.n && text.at[end] == '$')
            end++;
        size_t inner = end;
        while (end < text.n && text.at[end] != '$')
            end++;
        if (end >= text.n)
            break;
        written_outside(view_slice(text, outside, open), outside, arena, out);
        keep(out, view_slice(text, inner, end), inner, end, arena);
        while (end < text.n && text.at[end] == '$')
            end++;
        i = outside = end;
    }
    written_outside(view_slice(text, outside, text.n), outside, arena, out);
}

/* -------------------------------------------------------------------------------------- spoken */

struct phrase {
    const char *words[4];
    const char *sign;
};

/* clang-format off */
static const struct phrase phrases[] = {
    {{"is", "equal", "to"}, "="}, {{"is", "the", "same", "as"}, "="}, {{"equal", "to"}, "="},
    {{"equals"}, "="}, {{"es", "igual", "a"}, "="}, {{"igual", "a"}, "="}, {{"等", "于"}, "="},
    {{"plus"}, "+"}, {{"added", "to"}, "+"}, {{"más"}, "+"}, {{"mas"}, "+"}, {{"加", "上"}, "+"}, {{"加"}, "+"},
    {{"minus"}, "-"}, {{"menos"}, "-"}, {{"减", "去"}, "-"}, {{"减"}, "-"},
    {{"times"}, "*"}, {{"multiplied", "by"}, "*"}, {{"multiplicado", "por"}, "*"}, {{"por"}, "*"},
    {{"乘", "以"}, "*"}, {{"乘"}, "*"},
    {{"divided", "by"}, "/"}, {{"over"}, "/"}, {{"dividido", "por"}, "/"},
    {{"dividido", "entre"}, "/"}, {{"entre"}, "/"}, {{"除", "以"}, "/"},
    {{"squared"}, "^2"}, {{"al", "cuadrado"}, "^2"}, {{"的", "平", "方"}, "^2"}, {{"平", "方"}, "^2"},
    {{"cubed"}, "^3"}, {{"al", "cubo"}, "^3"}, {{"的", "立", "方"}, "^3"}, {{"立", "方"}, "^3"},
    {{"to", "the", "power", "of"}, "^"}, {{"to", "the", "power"}, "^"}, {{"raised", "to"}, "^"},
    {{"elevado", "a", "la"}, "^"}, {{"elevado", "a"}, "^"}, {{"的"}, "\x01"}, {{"次", "方"}, ""},
    {{"square", "root", "of"}, "sqrt "}, {{"root", "of"}, "sqrt "},
    {{"raíz", "cuadrada", "de"}, "sqrt "}, {{"raíz", "de"}, "sqrt "}, {{"根", "号"}, "sqrt "},
    {{"is"}, "\x02"}, {{"es"}, "\x02"}, {{"是"}, "\x02"}, {{"为"}, "\x02"}, {{"gives"}, "\x02"},
    {{"twice"}, "2*"}, {{"double"}, "2*"}, {{"triple"}, "3*"}, {{"doble", "de"}, "2*"},
};
/* clang-format on */

static size_t phrase_at(const struct words *words, size_t i, const char **sign) {
    for (size_t p = 0; p < COUNT_OF(phrases); p++) {
        size_t n = 0;
        while (n < 4 && phrases[p].words[n] && i + n < words->n &&
               word_is(&words->at[i + n], phrases[p].words[n]) && !(n && words->at[i + n].before))
            n++;
        if (n && (n == 4 || !phrases[p].words[n])) {
            *sign = phrases[p].sign;
            return n;
        }
    }
    return 0;
}

static bool is_atom_end(char c) {
    return isalnum((unsigned char)c) || c == ')';
}

/* "to the sixth (power)". */
static size_t power_at(const struct words *words, size_t i, int *power) {
    size_t used;
    if (i + 2 >= words->n || !word_is(&words->at[i], "to") || !word_is(&words->at[i + 1], "the"))
        return 0;
    *power = ordinal_read(&words->at[i + 2], words->n - i - 2, &used);
    if (*power < 1)
        return 0;
    size_t n = 2 + used;
    return i + n < words->n && word_is(&words->at[i + n], "power") ? n + 1 : n;
}

struct spoken {
    struct buffer text;
    size_t from, to, atoms;
};

static void flush(struct spoken *s, struct arena *arena, struct maths_list *out) {
    while (s->text.n && strchr("=+*/^ \x01\x02", s->text.at[s->text.n - 1]))
        s->text.at[--s->text.n] = 0;
    if (s->atoms > 1 || (s->atoms == 1 && strchr(s->text.at ? s->text.at : "", '=')))
        keep(out, arena_copy(arena, buffer_view(&s->text)), s->from, s->to, arena);
    buffer_clear(&s->text);
    s->atoms = 0;
}

static bool letter_atom(const struct word *word, char *letter) {
    bool one = word->kind == WORD_LETTERS && word->text.n == 1 &&
               isalpha((unsigned char)word->text.at[0]);
    *letter = one ? word->text.at[0] : 0;
    return one && *letter != 'a';
}

/* Adds what stands at word i; gives how many words it took, 0 when it is no mathematics. */
static size_t spoken_at(struct spoken *s, const struct words *words, size_t i) {
    const char *sign;
    char letter, last = s->text.n ? s->text.at[s->text.n - 1] : 0;
    int power;
    const struct word *word = &words->at[i];
    size_t n = power_at(words, i, &power);
    if (n && is_atom_end(last)) {
        buffer_format(&s->text, "^%d", power);
        return n;
    }
    n = phrase_at(words, i, &sign);
    if (n && sign[0] == 2) { /* "x is five" */
        bool variable = s->atoms == 1 && isalpha((unsigned char)last);
        if (!variable)
            return 0;
        sign = "=";
    }
    if (n && sign[0] == 1) { /* x的三次方 */
        if (!is_atom_end(last))
            return 0;
        sign = "^";
    }
    if (n && (strchr("+*/^=", sign[0]) ? is_atom_end(last) : true)) {
        buffer_text(&s->text, sign);
        if (isalnum((unsigned char)sign[0]))
            s->atoms++;
        return n;
    }
    struct numeral number = numeral_read(word, words->n - i);
    if (number.n) {
        bool fraction = number.values[0] != floor(number.values[0]);
        if (is_atom_end(last) && number.values[0] >= 0)
            buffer_byte(&s->text, '*');
        buffer_format(&s->text, fraction ? "(%.15g)" : "%.15g", number.values[0]);
        s->atoms++;
        return number.n;
    }
    if (letter_atom(word, &letter)) {
        buffer_byte(&s->text, letter);
        s->atoms++;
        return 1;
    }
    if (word->kind == WORD_SIGN && word->text.n == 1 && strchr("+-*/^=()", word->text.at[0])) {
        buffer_append(&s->text, word->text);
        return 1;
    }
    if (word->kind == WORD_LETTERS && word->text.n > 1 && known_function(word->text)) {
        buffer_append(&s->text, word->text);
        buffer_byte(&s->text, ' ');
        return 1;
    }
    return 0;
}

void maths_spoken(const struct words *words, struct arena *arena, struct maths_list *out) {
    struct spoken s = {0};
    for (size_t i = 0; i < words->n;) {
        if (words->at[i].before)
            flush(&s, arena, out);
        if (!s.text.n)
            s.from = words->at[i].from;
        size_t n = spoken_at(&s, words, i);
        if (!n)
            flush(&s, arena, out);
        i += n ? n : 1;
        s.to = words->at[i - 1].to;
    }
    flush(&s, arena, out);
    buffer_free(&s.text);
}
