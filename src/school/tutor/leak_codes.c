/* A key in disguise: number words of further languages, base64, other bases, backwards, ROT13,
 * Morse. What is decoded is looked through as if it had been said plainly. */
#include "school/tutor/leak.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { DECODED_BYTES = 400 };

static struct words cut(struct view text, struct arena *arena) {
    struct words out;
    words_of(text, NULL, 0, arena, &out);
    return out;
}

/* ------------------------------------------------------------------------------- number words */

/* How a language says 0 to 99: words up to 20, the tens from 20, and what stands between. */
static const struct tongue {
    const char *units[21], *tens[8]; /* tens: of 20, 30 … 90; NULL: by a rule of its own */
    const char *between;             /* tens and unit */
    bool unit_first;
} tongues[] = {
    {{"null", "eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn",
      "elf", "zwölf", "dreizehn", "vierzehn", "fünfzehn", "sechzehn", "siebzehn", "achtzehn",
      "neunzehn", "zwanzig"},
     {"zwanzig", "dreißig", "vierzig", "fünfzig", "sechzig", "siebzig", "achtzig", "neunzig"},
     "und", true},
    {{"zero", "um", "dois", "três", "quatro", "cinco", "seis", "sete", "oito", "nove", "dez",
      "onze", "doze", "treze", "catorze", "quinze", "dezasseis", "dezassete", "dezoito",
      "dezanove", "vinte"},
     {"vinte", "trinta", "quarenta", "cinquenta", "sessenta", "setenta", "oitenta", "noventa"},
     " e ", false},
    {{"zero", "um", "duas", "três", "quatorze", "cinco", "seis", "sete", "oito", "nove", "dez",
      "onze", "doze", "treze", "quatorze", "quinze", "dezesseis", "dezessete", "dezoito",
      "dezenove", "vinte"},
     {"vinte", "trinta", "quarenta", "cinquenta", "sessenta", "setenta", "oitenta", "noventa"},
     " e ", false},
    {{"ноль", "один", "два", "три", "четыре", "пять", "шесть", "семь", "восемь", "девять",
      "десять", "одиннадцать", "двенадцать", "тринадцать", "четырнадцать", "пятнадцать",
      "шестнадцать", "семнадцать", "восемнадцать", "девятнадцать", "двадцать"},
     {"двадцать", "тридцать", "сорок", "пятьдесят", "шестьдесят", "семьдесят", "восемьдесят",
      "девяносто"},
     " ", false},
    {{"صفر", "واحد", "اثنان", "ثلاثة", "أربعة", "خمسة", "ستة", "سبعة", "ثمانية", "تسعة", "عشرة",
      "أحد عشر", "اثنا عشر", "ثلاثة عشر", "أربعة عشر", "خمسة عشر", "ستة عشر", "سبعة عشر",
      "ثمانية عشر", "تسعة عشر", "عشرون"},
     {"عشرون", "ثلاثون", "أربعون", "خمسون", "ستون", "سبعون", "ثمانون", "تسعون"},
     " و", true},
    {{"zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix",
      "onze", "douze", "treize", "quatorze", "quinze", "seize", "dix-sept", "dix-huit",
      "dix-neuf", "vingt"},
     {"vingt", "trente", "quarante", "cinquante", "soixante", NULL, "quatre-vingt", NULL},
     "-", false},
};

static const char *say_number(const struct tongue *tongue, int n, struct arena *arena) {
    if (n <= 20)
        return tongue->units[n];
    int ten = n / 10, one = n % 10;
    if (!tongue->tens[ten - 2]) { /* soixante-dix, quatre-vingt-dix */
        ten--;
        one += 10;
    }
    const char *tens = tongue->tens[ten - 2], *unit = tongue->units[one];
    if (!one)
        return tens;
    if (!strcmp(unit, "eins"))
        unit = "ein";
    if (!strcmp(unit, "un") || !strcmp(unit, "onze"))
        return arena_format(arena, ten == 8 ? "%s-%s" : "%s et %s", tens, unit);
    return arena_format(arena, "%s%s%s", tongue->unit_first ? unit : tens, tongue->between,
                        tongue->unit_first ? tens : unit);
}

static bool stands(const struct words *words, size_t at, const struct words *what) {
    if (!what->n || at + what->n > words->n)
        return false;
    for (size_t i = 0; i < what->n; i++)
        if (!view_equal(words->at[at + i].text, what->at[i].text))
            return false;
    return true;
}

/* "um", "три": too much else is said with the smallest to strike them where they stand. */
static bool counts(const struct told *t, size_t at, size_t n, double key) {
    bool plain = key > 3 && !number_list_has(&t->secret->known, key);
    return plain || answer_context(&t->words, at, n, t->secret->variable);
}

static bool told_in_words(struct told *t) {
    for (size_t k = 0; k < t->secret->keys.n; k++) {
        double key = fabs(t->secret->keys.at[k]);
        if (key != floor(key) || key > 99)
            continue;
        for (size_t i = 0; i < COUNT_OF(tongues); i++) {
            struct view said = view_of(say_number(&tongues[i], (int)key, t->arena));
            struct words what = cut(said, t->arena);
            for (size_t at = 0; at < t->words.n; at++)
                if (stands(&t->words, at, &what) && counts(t, at, what.n, key))
                    return says(t->why, "the answer:", said);
        }
    }
    return false;
}

/* The answers that are words, then the right choices. */
static bool key_words(const struct secret *s, size_t k, struct words *out) {
    if (k < s->n_word_key) {
        *out = s->word_keys[k].words;
        return true;
    }
    for (size_t i = 0, n = s->n_word_key; s->right && i < s->n_item; i++)
        if (s->right[i] && n++ == k) {
            *out = s->items[i];
            return true;
        }
    return false;
}

/* ------------------------------------------------------------------------------------- decoded */

static bool tells_plainly(const struct told *t, struct view text) {
    struct told inside = {
        .secret = t->secret, .text = text, .arena = t->arena, .why = t->why};
    words_of(text, NULL, 0, t->arena, &inside.words);
    return told_number(&inside) || told_words(&inside) || told_choice(&inside);
}

static int sextet(char c) {
    return c >= 'A' && c <= 'Z'   ? c - 'A'
           : c >= 'a' && c <= 'z' ? c - 'a' + 26
           : c >= '0' && c <= '9' ? c - '0' + 52
           : c == '+' || c == '-' ? 62
           : c == '/' || c == '_' ? 63
                                  : -1;
}

/* Printable text behind base64; empty where it is none. */
static struct view from_base64(struct view token, struct arena *arena) {
    char *out = arena_alloc(arena, token.n + 1, 1);
    size_t n = 0;
    unsigned bits = 0;
    int held = 0;
    for (size_t i = 0; i < token.n; i++) {
        bits = bits << 6 | (unsigned)sextet(token.at[i]);
        held += 6;
        if (held >= 8) {
            held -= 8;
            out[n++] = (char)(bits >> held & 0xFF);
            if ((unsigned char)out[n - 1] < 0x20)
                return (struct view){0};
        }
    }
    struct view text = {out, n};
    return n >= 1 && utf8_whole(text) == n ? text : (struct view){0};
}

static bool is_public(const struct told *t, struct view token) {
    return view_find(t->secret->variant->ask, token) >= 0;
}

/* No word of a language: a digit in it, or a capital behind its first letter. */
static bool looks_coded(struct view token) {
    for (size_t i = 0; i < token.n; i++)
        if (isdigit((unsigned char)token.at[i]) || (i && isupper((unsigned char)token.at[i])))
            return true;
    return false;
}

static bool base64(struct told *t) {
    for (size_t i = 0; i < t->text.n;) {
        size_t from = i;
        while (i < t->text.n && sextet(t->text.at[i]) >= 0)
            i++;
        struct view token = view_slice(t->text, from, i);
        i += i == from;
        if (token.n < 2 || token.n > DECODED_BYTES || is_public(t, token))
            continue;
        bool padded = from + token.n < t->text.n && t->text.at[from + token.n] == '=';
        struct view inside = padded || looks_coded(token) ? from_base64(token, t->arena)
                                                          : (struct view){0};
        if (inside.n && tells_plainly(t, inside))
            return says(t->why, "the answer in base64:", token);
    }
    return false;
}

/* 0x21, 100001: the key in base 16 or 2. */
static bool other_base(struct told *t) {
    for (size_t k = 0; k < t->secret->keys.n; k++) {
        double key = t->secret->keys.at[k];
        if (key < 4 || key != floor(key) || key > 1e9)
            continue;
        char hexadecimal[20], binary[40];
        size_t n = 0;
        snprintf(hexadecimal, sizeof hexadecimal, "0x%x", (unsigned)key);
        for (int bit = 30; bit >= 0; bit--)
            if (n || ((unsigned)key >> bit & 1))
                binary[n++] = (char)('0' + ((unsigned)key >> bit & 1));
        binary[n] = 0;
        struct buffer folded = {0};
        unicode_fold(t->text, &folded);
        bool told = view_find(buffer_view(&folded), view_of(hexadecimal)) >= 0;
        buffer_free(&folded);
        if (told)
            return says(t->why, "the answer in base 16:", view_of(hexadecimal));
        for (size_t i = 0; i < t->words.n; i++)
            if (view_is(t->words.at[i].text, binary))
                return says(t->why, "the answer in base 2:", view_of(binary));
    }
    return false;
}

/* ----------------------------------------------------------------------------------- backwards */

static struct view reversed(struct view text, struct arena *arena) {
    char *out = arena_alloc(arena, text.n + 1, 1);
    for (size_t i = 0; i < text.n;) {
        int32_t c;
        size_t n = utf8_decode(text.at + i, text.n - i, &c);
        memcpy(out + text.n - i - n, text.at + i, n);
        i += n;
    }
    return (struct view){out, text.n};
}

static const char backwards_words[] = "backward backwards reverse reversed revés reves envers "
                                      "rückwärts trás наоборот معكوسا معكوس 倒";

static bool backwards(struct told *t) {
    const struct secret *s = t->secret;
    bool said = false;
    for (size_t i = 0; i < t->words.n; i++)
        said = said || word_in(&t->words.at[i], backwards_words);
    for (size_t k = 0; said && k < s->keys.n; k++) {
        struct view key = view_of(arena_format(t->arena, "%.12g", fabs(s->keys.at[k])));
        struct view turned = reversed(key, t->arena);
        for (size_t i = 0; key.n > 1 && i < t->words.n; i++)
            if (view_equal(t->words.at[i].text, turned))
                return says(t->why, "the answer backwards:", turned);
    }
    struct words what;
    for (size_t k = 0; key_words(s, k, &what); k++) {
        struct buffer joined = {0};
        for (size_t i = 0; i < what.n; i++)
            buffer_append(&joined, what.at[i].text);
        struct view key = arena_copy(t->arena, buffer_view(&joined));
        struct view turned = reversed(key, t->arena);
        buffer_free(&joined);
        for (size_t i = 0; key.n >= (said ? 2u : 4u) && i < t->words.n; i++)
            if (view_equal(t->words.at[i].text, turned) && !view_equal(turned, key))
                return says(t->why, "the answer backwards:", turned);
    }
    return false;
}

/* --------------------------------------------------------------------------- ciphers and Morse */

static bool rot13(struct told *t) {
    char *out = arena_alloc(t->arena, t->text.n + 1, 1);
    for (size_t i = 0; i < t->text.n; i++) {
        char c = t->text.at[i];
        int first = isupper((unsigned char)c) ? 'A' : 'a';
        out[i] = c;
        if ((unsigned char)c < 0x80 && isalpha((unsigned char)c))
            out[i] = (char)(first + (c - first + 13) % 26);
    }
    struct told inside = {.secret = t->secret,
                          .text = {out, t->text.n},
                          .arena = t->arena,
                          .why = t->why};
    words_of(inside.text, NULL, 0, t->arena, &inside.words);
    struct words key;
    for (size_t k = 0; key_words(t->secret, k, &key); k++) {
        size_t letters = 0;
        for (size_t i = 0; i < key.n; i++)
            letters += key.at[i].text.n;
        for (size_t at = 0; letters >= 4 && at < inside.words.n; at++)
            if (stands(&inside.words, at, &key))
                return says(t->why, "the answer in ROT13", (struct view){0});
    }
    return false;
}

/* A digit in Morse has five signs: so many dots and then dashes, or the other way round. */
static int morse_digit(struct view signs) {
    int n = 0;
    if (signs.n != 5 || (signs.at[0] != '.' && signs.at[0] != '-'))
        return -1;
    while (n < 5 && signs.at[n] == signs.at[0])
        n++;
    for (size_t i = (size_t)n; i < 5; i++)
        if (signs.at[i] != (signs.at[0] == '.' ? '-' : '.'))
            return -1;
    return signs.at[0] == '.' ? n : n == 5 ? 0 : 5 + n;
}

static bool morse(struct told *t) {
    char digits[40];
    size_t n = 0;
    for (size_t i = 0; i < t->text.n && n + 1 < sizeof digits;) {
        size_t from = i;
        while (i < t->text.n && (t->text.at[i] == '.' || t->text.at[i] == '-'))
            i++;
        int digit = morse_digit(view_slice(t->text, from, i));
        if (digit >= 0)
            digits[n++] = (char)('0' + digit);
        i += i == from;
    }
    digits[n] = 0;
    for (size_t k = 0; n && k < t->secret->keys.n; k++) {
        char key[40];
        snprintf(key, sizeof key, "%.12g", fabs(t->secret->keys.at[k]));
        if (strstr(digits, key))
            return says(t->why, "the answer in Morse:", view_of(key));
    }
    return false;
}

bool told_coded(struct told *t) {
    return told_in_words(t) || base64(t) || other_base(t) || backwards(t) || rot13(t) || morse(t);
}
