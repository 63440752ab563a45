/* Numbers as people write and say them. */
#include "school/tutor/words.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum part {
    PART_UNIT,     /* 0 to 19 and words that stand for a whole number below 100 */
    PART_TEN,      /* 20 to 90 */
    PART_HUNDRED,  /* hundred: multiplies */
    PART_HUNDREDS, /* doscientos: adds */
    PART_SCALE,    /* thousand and more */
    PART_FRACTION, /* third: one of `value` */
    PART_AND,
    PART_POINT,
    PART_PERCENT,
    PART_NEGATIVE,
    PART_ARTICLE, /* a half, un tercio */
    PART_DOZEN,
};

struct numeral_word {
    const char *word;
    enum part part;
    double value;
};

/* clang-format off */
static const struct numeral_word numeral_words[] = {
    {"zero", PART_UNIT, 0}, {"nought", PART_UNIT, 0}, {"one", PART_UNIT, 1}, {"two", PART_UNIT, 2},
    {"three", PART_UNIT, 3}, {"four", PART_UNIT, 4}, {"five", PART_UNIT, 5}, {"six", PART_UNIT, 6},
    {"seven", PART_UNIT, 7}, {"eight", PART_UNIT, 8}, {"nine", PART_UNIT, 9}, {"ten", PART_UNIT, 10},
    {"eleven", PART_UNIT, 11}, {"twelve", PART_UNIT, 12}, {"thirteen", PART_UNIT, 13},
    {"fourteen", PART_UNIT, 14}, {"fifteen", PART_UNIT, 15}, {"sixteen", PART_UNIT, 16},
    {"seventeen", PART_UNIT, 17}, {"eighteen", PART_UNIT, 18}, {"nineteen", PART_UNIT, 19},
    {"twenty", PART_TEN, 20}, {"thirty", PART_TEN, 30}, {"forty", PART_TEN, 40}, {"fourty", PART_TEN, 40},
    {"fifty", PART_TEN, 50}, {"sixty", PART_TEN, 60}, {"seventy", PART_TEN, 70},
    {"eighty", PART_TEN, 80}, {"ninety", PART_TEN, 90}, {"hundred", PART_HUNDRED, 100},
    {"thousand", PART_SCALE, 1e3}, {"million", PART_SCALE, 1e6}, {"billion", PART_SCALE, 1e9},
    {"half", PART_FRACTION, 2}, {"halves", PART_FRACTION, 2}, {"third", PART_FRACTION, 3},
    {"thirds", PART_FRACTION, 3}, {"quarter", PART_FRACTION, 4}, {"quarters", PART_FRACTION, 4},
    {"fourth", PART_FRACTION, 4}, {"fourths", PART_FRACTION, 4}, {"fifth", PART_FRACTION, 5},
    {"fifths", PART_FRACTION, 5}, {"sixth", PART_FRACTION, 6}, {"sixths", PART_FRACTION, 6},
    {"seventh", PART_FRACTION, 7}, {"sevenths", PART_FRACTION, 7}, {"eighth", PART_FRACTION, 8},
    {"eighths", PART_FRACTION, 8}, {"ninth", PART_FRACTION, 9}, {"ninths", PART_FRACTION, 9},
    {"tenth", PART_FRACTION, 10}, {"tenths", PART_FRACTION, 10}, {"twelfth", PART_FRACTION, 12},
    {"twelfths", PART_FRACTION, 12}, {"sixteenth", PART_FRACTION, 16}, {"sixteenths", PART_FRACTION, 16},
    {"hundredth", PART_FRACTION, 100}, {"hundredths", PART_FRACTION, 100},
    {"thousandth", PART_FRACTION, 1e3}, {"thousandths", PART_FRACTION, 1e3},
    {"and", PART_AND, 0}, {"point", PART_POINT, 0}, {"percent", PART_PERCENT, 0},
    {"%", PART_PERCENT, 0}, {"minus", PART_NEGATIVE, 0}, {"negative", PART_NEGATIVE, 0},
    {"a", PART_ARTICLE, 1}, {"an", PART_ARTICLE, 1}, {"dozen", PART_DOZEN, 12},
    /* Spanish */
    {"cero", PART_UNIT, 0}, {"uno", PART_UNIT, 1}, {"una", PART_UNIT, 1}, {"un", PART_UNIT, 1}, {"dos", PART_UNIT, 2},
    {"tres", PART_UNIT, 3}, {"cuatro", PART_UNIT, 4}, {"cinco", PART_UNIT, 5}, {"seis", PART_UNIT, 6},
    {"siete", PART_UNIT, 7}, {"ocho", PART_UNIT, 8}, {"nueve", PART_UNIT, 9}, {"diez", PART_UNIT, 10},
    {"doce", PART_UNIT, 12}, {"trece", PART_UNIT, 13}, {"catorce", PART_UNIT, 14},
    {"quince", PART_UNIT, 15}, {"dieciséis", PART_UNIT, 16}, {"dieciseis", PART_UNIT, 16},
    {"diecisiete", PART_UNIT, 17}, {"dieciocho", PART_UNIT, 18}, {"diecinueve", PART_UNIT, 19},
    {"veinte", PART_TEN, 20}, {"veintiuno", PART_UNIT, 21}, {"veintiún", PART_UNIT, 21},
    {"veintidós", PART_UNIT, 22}, {"veintidos", PART_UNIT, 22}, {"veintitrés", PART_UNIT, 23},
    {"veintitres", PART_UNIT, 23}, {"veinticuatro", PART_UNIT, 24}, {"veinticinco", PART_UNIT, 25},
    {"veintiséis", PART_UNIT, 26}, {"veintiseis", PART_UNIT, 26}, {"veintisiete", PART_UNIT, 27},
    {"veintiocho", PART_UNIT, 28}, {"veintinueve", PART_UNIT, 29}, {"treinta", PART_TEN, 30},
    {"cuarenta", PART_TEN, 40}, {"cincuenta", PART_TEN, 50}, {"sesenta", PART_TEN, 60},
    {"setenta", PART_TEN, 70}, {"ochenta", PART_TEN, 80}, {"noventa", PART_TEN, 90},
    {"cien", PART_HUNDREDS, 100}, {"ciento", PART_HUNDREDS, 100}, {"doscientos", PART_HUNDREDS, 200},
    {"doscientas", PART_HUNDREDS, 200}, {"trescientos", PART_HUNDREDS, 300},
    {"cuatrocientos", PART_HUNDREDS, 400}, {"quinientos", PART_HUNDREDS, 500},
    {"seiscientos", PART_HUNDREDS, 600}, {"setecientos", PART_HUNDREDS, 700},
    {"ochocientos", PART_HUNDREDS, 800}, {"novecientos", PART_HUNDREDS, 900}, {"mil", PART_SCALE, 1e3},
    {"millón", PART_SCALE, 1e6}, {"millones", PART_SCALE, 1e6}, {"y", PART_AND, 0},
    {"coma", PART_POINT, 0}, {"punto", PART_POINT, 0}, {"menos", PART_NEGATIVE, 0},
    {"medio", PART_FRACTION, 2}, {"media", PART_FRACTION, 2}, {"mitad", PART_FRACTION, 2},
    {"tercio", PART_FRACTION, 3}, {"tercios", PART_FRACTION, 3}, {"cuarto", PART_FRACTION, 4},
    {"cuartos", PART_FRACTION, 4}, {"quinto", PART_FRACTION, 5}, {"quintos", PART_FRACTION, 5},
    {"sexto", PART_FRACTION, 6}, {"sextos", PART_FRACTION, 6}, {"octavo", PART_FRACTION, 8},
    {"octavos", PART_FRACTION, 8}, {"décimo", PART_FRACTION, 10}, {"décimos", PART_FRACTION, 10},
    {"docena", PART_DOZEN, 12},
    /* French and German */
    {"zéro", PART_UNIT, 0}, {"deux", PART_UNIT, 2}, {"trois", PART_UNIT, 3}, {"quatre", PART_UNIT, 4},
    {"cinq", PART_UNIT, 5}, {"sept", PART_UNIT, 7}, {"huit", PART_UNIT, 8}, {"neuf", PART_UNIT, 9},
    {"dix", PART_UNIT, 10}, {"onze", PART_UNIT, 11}, {"douze", PART_UNIT, 12}, {"treize", PART_UNIT, 13},
    {"quatorze", PART_UNIT, 14}, {"quinze", PART_UNIT, 15}, {"seize", PART_UNIT, 16},
    {"vingt", PART_TEN, 20}, {"trente", PART_TEN, 30}, {"quarante", PART_TEN, 40},
    {"cinquante", PART_TEN, 50}, {"soixante", PART_TEN, 60}, {"cent", PART_HUNDRED, 100},
    {"null", PART_UNIT, 0}, {"eins", PART_UNIT, 1}, {"zwei", PART_UNIT, 2}, {"drei", PART_UNIT, 3},
    {"vier", PART_UNIT, 4}, {"fünf", PART_UNIT, 5}, {"sechs", PART_UNIT, 6}, {"sieben", PART_UNIT, 7},
    {"acht", PART_UNIT, 8}, {"neun", PART_UNIT, 9}, {"zehn", PART_UNIT, 10}, {"elf", PART_UNIT, 11},
    {"zwölf", PART_UNIT, 12}, {"zwanzig", PART_TEN, 20}, {"dreißig", PART_TEN, 30}, {"dreissig", PART_TEN, 30},
    {"vierzig", PART_TEN, 40}, {"fünfzig", PART_TEN, 50}, {"hundert", PART_HUNDRED, 100},
    {"tausend", PART_SCALE, 1e3}, {"halb", PART_FRACTION, 2},
};
static const struct { const char *text; int value; } chinese_digits[] = {
    {"零", 0}, {"〇", 0}, {"一", 1}, {"二", 2}, {"两", 2}, {"兩", 2}, {"三", 3}, {"四", 4}, {"五", 5},
    {"六", 6}, {"七", 7}, {"八", 8}, {"九", 9}, {"壹", 1}, {"贰", 2}, {"叁", 3}, {"肆", 4}, {"伍", 5},
    {"陆", 6}, {"柒", 7}, {"捌", 8}, {"玖", 9},
};
static const struct { const char *text; double value; } chinese_scales[] = {
    {"十", 10}, {"拾", 10}, {"百", 100}, {"佰", 100}, {"千", 1e3}, {"仟", 1e3}, {"万", 1e4},
    {"萬", 1e4}, {"亿", 1e8}, {"億", 1e8},
};
/* Words of more characters in which 一 counts nothing. */
static const char *const chinese_no_number[] = {"一样", "一起", "一定", "一般", "一直", "一些", "一旦",
    "一切", "一边", "一致", "一共", "一点", "唯一", "统一", "万一", "三角", "百科", "一下", "一会", "一种"};
/* clang-format on */

bool same_number(double a, double b) {
    return fabs(a - b) <= 1e-9 * fmax(fabs(a), fabs(b));
}

static void say(struct numeral *out, double value) {
    for (int i = 0; i < out->n_value; i++)
        if (out->values[i] == value)
            return;
    if (out->n_value < (int)COUNT_OF(out->values))
        out->values[out->n_value++] = value;
}

/* ------------------------------------------------------------------------------------- digits */

static double plain_value(struct view text, char decimal) {
    char digits[340];
    size_t n = 0;
    for (size_t i = 0; i < text.n && n + 1 < sizeof digits; i++)
        if (text.at[i] == decimal)
            digits[n++] = '.';
        else if (text.at[i] != ',' && text.at[i] != '.')
            digits[n++] = text.at[i];
    digits[n] = 0;
    return strtod(digits, NULL);
}

static void read_digits(struct view text, struct numeral *out) {
    size_t commas = 0, points = 0, last = 0;
    for (size_t i = 0; i < text.n; i++)
        if (text.at[i] == ',' || text.at[i] == '.') {
            *(text.at[i] == ',' ? &commas : &points) += 1;
            last = i;
        }
    size_t behind = text.n - last - 1;
    char mark = commas + points ? text.at[last] : 0;
    bool one_mark = commas + points == 1, mixed = commas && points;
    bool grouped = (one_mark && behind == 3 && mark == ',') || (!mixed && commas + points > 1);
    char decimal = grouped ? 0 : mark;
    say(out, plain_value(text, decimal));
    if (one_mark && behind == 3) /* 1.500 and 1,500: either, by country */
        say(out, plain_value(text, grouped ? mark : 0));
    out->decimals = commas + points && !grouped ? (int)behind : 0;
    bool leading = true;
    for (size_t i = 0; i < text.n; i++)
        if (text.at[i] >= '0' && text.at[i] <= '9') {
            leading = leading && text.at[i] == '0';
            out->significant += !leading;
        }
    out->digit = text.n == 1;
}

/* -------------------------------------------------------------------------------------- words */

static const struct numeral_word *find(const struct word *word) {
    if ((word->kind != WORD_LETTERS && !word_is(word, "%")) || word->text.n > 14)
        return NULL;
    for (size_t i = 0; i < COUNT_OF(numeral_words); i++)
        if (numeral_words[i].word[0] == word->text.at[0] && word_is(word, numeral_words[i].word))
            return &numeral_words[i];
    return NULL;
}

/* Of a word that is known to be a numeral. */
static double value_of(const struct word *word) {
    const struct numeral_word *found = find(word);
    return found ? found->value : 1;
}

static bool part_is(const struct word *at, size_t n, size_t i, enum part part) {
    if (i >= n)
        return false;
    const struct numeral_word *word = find(&at[i]);
    return word && word->part == part && at[i].before != '.' && at[i].before != ',';
}

struct counting {
    double total, group;
    bool seen;
    enum part last;
};

/* Whether a number goes on behind "and": hundred and five, treinta y uno. */
static bool goes_on(const struct word *at, size_t n, size_t i, const struct counting *c) {
    if (i + 1 >= n || !c->seen)
        return false;
    const struct numeral_word *next = find(&at[i + 1]);
    if (!next || (next->part != PART_UNIT && next->part != PART_TEN))
        return false;
    bool spanish = word_is(&at[i], "y");
    return spanish ? c->last == PART_TEN && next->part == PART_UNIT
                   : c->last == PART_HUNDRED || c->last == PART_SCALE;
}

static bool count(struct counting *c, const struct numeral_word *word) {
    switch (word->part) {
    case PART_UNIT:
        if (c->seen && (c->last == PART_UNIT || (c->last == PART_TEN && word->value > 9)))
            return false;
        c->group += word->value;
        break;
    case PART_TEN:
    case PART_HUNDREDS:
        if (c->seen && (c->last == PART_UNIT || c->last == PART_TEN))
            return false;
        c->group += word->value;
        break;
    case PART_HUNDRED:
        c->group = (c->seen && c->group > 0 ? c->group : 1) * word->value;
        break;
    case PART_SCALE:
        c->total += (c->seen && c->group > 0 ? c->group : 1) * word->value;
        c->group = 0;
        break;
    default:
        return false;
    }
    c->seen = true;
    c->last = word->part;
    return true;
}

static size_t read_words(const struct word *at, size_t n, double *value) {
    struct counting c = {0};
    size_t i = 0;
    if (part_is(at, n, 0, PART_ARTICLE) && i + 1 < n &&
        (part_is(at, n, 1, PART_HUNDRED) || part_is(at, n, 1, PART_SCALE)))
        i++;
    while (i < n && i < 24) {
        const struct numeral_word *word = find(&at[i]);
        bool apart = i && at[i].before && at[i].before != '-';
        if (!word || apart)
            break;
        if (word->part == PART_AND) {
            if (!goes_on(at, n, i, &c))
                break;
        } else if (!count(&c, word))
            break;
        i++;
    }
    *value = c.total + c.group;
    return c.seen ? i : 0;
}

/* "point five", "coma cinco", "point two five": digits said one by one. */
static size_t read_decimals(const struct word *at, size_t n, size_t i, double *value) {
    if (!part_is(at, n, i, PART_POINT))
        return i;
    double place = 0.1;
    size_t j = i + 1;
    for (; j < n && j < i + 16; j++) {
        const struct numeral_word *word = find(&at[j]);
        bool digit = at[j].kind == WORD_NUMBER && at[j].text.n == 1;
        if (at[j].before || (!digit && !(word && word->part == PART_UNIT && word->value < 10)))
            break;
        *value += place * (digit ? at[j].text.at[0] - '0' : word->value);
        place /= 10;
    }
    return j > i + 1 ? j : i;
}

/* ------------------------------------------------------------------------------------- Chinese */

static int chinese_digit(const struct word *word) {
    for (size_t i = 0; i < COUNT_OF(chinese_digits); i++)
        if (word->kind == WORD_IDEOGRAPH && word_is(word, chinese_digits[i].text))
            return chinese_digits[i].value;
    return -1;
}

static double chinese_scale(const struct word *word) {
    for (size_t i = 0; i < COUNT_OF(chinese_scales); i++)
        if (word->kind == WORD_IDEOGRAPH && word_is(word, chinese_scales[i].text))
            return chinese_scales[i].value;
    return 0;
}

static bool chinese_word(const struct word *at, size_t n) {
    if (n < 2 || at[1].kind != WORD_IDEOGRAPH || at[0].text.n + at[1].text.n > 12)
        return false;
    char both[16];
    memcpy(both, at[0].text.at, at[0].text.n);
    memcpy(both + at[0].text.n, at[1].text.at, at[1].text.n);
    both[at[0].text.n + at[1].text.n] = 0;
    for (size_t i = 0; i < COUNT_OF(chinese_no_number); i++)
        if (!strcmp(both, chinese_no_number[i]))
            return true;
    return false;
}

static size_t read_chinese(const struct word *at, size_t n, double *value, bool *digit) {
    double total = 0, section = 0, now = -1;
    size_t i = 0;
    if (chinese_word(at, n))
        return 0;
    for (; i < n && i < 24 && !(i && at[i].spaced); i++) {
        int d = chinese_digit(&at[i]);
        double scale = d < 0 ? chinese_scale(&at[i]) : 0;
        if (d >= 0)
            now = now >= 0 ? now * 10 + d : d;
        else if (scale >= 1e4) {
            total += (section + (now > 0 ? now : section > 0 ? 0 : 1)) * scale;
            section = 0, now = -1;
        } else if (scale > 0) {
            section += (now > 0 ? now : 1) * scale;
            now = -1;
        } else
            break;
    }
    *digit = i == 1 && chinese_digit(&at[0]) >= 0;
    *value = total + section + (now > 0 ? now : 0);
    if (i && i + 1 < n && word_is(&at[i], "点") && chinese_digit(&at[i + 1]) >= 0 &&
        !at[i].spaced) {
        double place = 0.1;
        for (i++; i < n && chinese_digit(&at[i]) >= 0 && place > 1e-12; i++, place /= 10)
            *value += place * chinese_digit(&at[i]);
        *digit = false;
    }
    return i;
}

/* 二分之一, 百分之五十, 3分之1 */
static size_t read_simple(const struct word *at, size_t n, double *value, bool *digit) {
    if (n && at[0].kind == WORD_NUMBER) {
        struct numeral one = {0};
        read_digits(at[0].text, &one);
        *value = one.values[0];
        *digit = one.digit;
        return 1;
    }
    return read_chinese(at, n, value, digit);
}

static size_t read_parts(const struct word *at, size_t n, double *value) {
    double bottom, top;
    bool digit;
    size_t i = read_simple(at, n, &bottom, &digit);
    if (!i || i + 2 >= n || !word_is(&at[i], "分") || !word_is(&at[i + 1], "之"))
        return 0;
    size_t more = read_simple(at + i + 2, n - i - 2, &top, &digit);
    if (!more || bottom == 0)
        return 0;
    *value = top / bottom;
    return i + 2 + more;
}

/* ------------------------------------------------------------------------------------ together */

/* What may follow a number: a fraction bar, a third, and a half, dozen, per cent. */
static size_t read_tail(const struct word *at, size_t n, size_t i, double *value,
                        struct numeral *out) {
    double fraction = 0, top;
    bool digit;
    if (i + 1 < n && word_is(&at[i], "/") && !at[i].before && at[i + 1].kind == WORD_NUMBER) {
        double bottom = plain_value(at[i + 1].text, 0);
        if (bottom != 0) {
            *value /= bottom;
            i += 2;
            out->digit = false;
        }
    } else if (i + 2 < n && at[i].kind == WORD_NUMBER && word_is(&at[i + 1], "/") &&
               at[i + 2].kind == WORD_NUMBER && !at[i].before) {
        if (read_simple(at + i + 2, 1, &fraction, &digit) && fraction != 0 &&
            read_simple(at + i, 1, &top, &digit)) { /* 1 1/2 */
            say(out, *value + top / fraction);
            out->digit = false;
        }
    } else if (part_is(at, n, i, PART_FRACTION)) {
        *value /= value_of(&at[i]);
        i++;
    } else if (part_is(at, n, i, PART_AND)) {
        size_t j = i + 1;
        double parts = 1;
        if (part_is(at, n, j, PART_ARTICLE) || part_is(at, n, j, PART_UNIT)) {
            parts = value_of(&at[j]);
            j++;
        }
        if (part_is(at, n, j, PART_FRACTION)) {
            *value += parts / value_of(&at[j]);
            i = j + 1;
        }
    } else if (i < n && word_is(&at[i], "半") && !at[i].before) {
        *value += 0.5;
        i++;
    }
    if (part_is(at, n, i, PART_DOZEN) || part_is(at, n, i, PART_HUNDRED) ||
        part_is(at, n, i, PART_SCALE)) {
        *value *= value_of(&at[i]);
        i++;
    }
    return i;
}

static size_t read_percent(const struct word *at, size_t n, size_t i, double value,
                           struct numeral *out) {
    bool spelled = i + 1 < n && ((word_is(&at[i], "per") && word_is(&at[i + 1], "cent")) ||
                                 (word_is(&at[i], "por") && word_is(&at[i + 1], "ciento")));
    if (!spelled && !part_is(at, n, i, PART_PERCENT))
        return i;
    say(out, value / 100);
    return i + (spelled ? 2 : 1);
}

struct numeral numeral_read(const struct word *at, size_t n) {
    struct numeral out = {0};
    double value = 0;
    size_t start = 0, i;
    bool negative = false;
    if (n && at[0].kind == WORD_LETTERS && !find(&at[0])) /* most words are no numbers */
        return out;
    if (n > 1 && (part_is(at, n, 0, PART_NEGATIVE) || word_is(&at[0], "负") ||
                  (word_is(&at[0], "-") && !at[1].spaced)))
        start = 1;
    negative = start > 0;
    at += start, n -= start;
    if ((i = read_parts(at, n, &value)))
        goto found;
    if (n && at[0].kind == WORD_NUMBER) {
        read_digits(at[0].text, &out);
        value = out.values[0];
        i = 1;
    } else if (n && at[0].kind == WORD_IDEOGRAPH) {
        i = read_chinese(at, n, &value, &out.digit);
        if (!i &&
            (word_is(&at[0], "半") || (n > 1 && word_is(&at[0], "一") && word_is(&at[1], "半")))) {
            value = 0.5;
            i = word_is(&at[0], "半") ? 1 : 2;
        } else if (i == 1 && n > 1 && word_is(&at[0], "一") && word_is(&at[1], "半")) {
            value = 0.5;
            i = 2;
            out.digit = false;
            goto found;
        }
    } else {
        bool article = part_is(at, n, 0, PART_ARTICLE);
        size_t from = article ? 1 : 0;
        if (part_is(at, n, from, PART_FRACTION) &&
            (article || value_of(&at[from]) == 2 || word_in(&at[from], "mitad tercio"))) {
            value = 1 / value_of(&at[from]);
            i = from + 1;
            if (part_is(at, n, i, PART_ARTICLE) && part_is(at, n, i + 1, PART_DOZEN)) {
                value *= 12;
                i += 2;
            }
            goto found;
        }
        if (part_is(at, n, from, PART_DOZEN)) {
            value = 12;
            i = from + 1;
            goto found;
        }
        i = read_words(at, n, &value);
        out.digit = i == 1 && value < 10;
        size_t more = i || part_is(at, n, 0, PART_POINT) ? read_decimals(at, n, i, &value) : i;
        out.digit = out.digit && more == i;
        i = more;
    }
    if (!i)
        return (struct numeral){0};
    double whole = value;
    i = read_tail(at, n, i, &value, &out);
    if (value != whole)
        out.digit = false, out.n_value = 0, out.decimals = 0;
found:
    if (out.n_value == 0)
        say(&out, value);
    i = read_percent(at, n, i, value, &out);
    for (int j = 0; j < out.n_value && negative; j++)
        out.values[j] = -out.values[j];
    out.n = start + i;
    return out;
}

/* ------------------------------------------------------------------------------------ ordinals */

int ordinal_read(const struct word *at, size_t n, size_t *used) {
    static const char *const ordinals[] = {"first primero primera primer premier erste",
                                           "second segundo segunda deuxième zweite",
                                           "third tercero tercera tercer troisième dritte",
                                           "fourth cuarto cuarta quatrième vierte",
                                           "fifth quinto quinta cinquième fünfte",
                                           "sixth sexto sexta sixième sechste",
                                           "seventh séptimo séptima",
                                           "eighth octavo octava",
                                           "ninth noveno novena",
                                           "tenth décimo décima",
                                           "eleventh",
                                           "twelfth"};
    *used = 1;
    if (!n)
        return 0;
    for (size_t i = 0; i < COUNT_OF(ordinals); i++)
        if (word_in(&at[0], ordinals[i]))
            return (int)i + 1;
    if (word_in(&at[0], "last final último última dernier letzte") ||
        (n > 1 && word_is(&at[0], "最") && word_is(&at[1], "后"))) {
        *used = at[0].kind == WORD_IDEOGRAPH ? 2 : 1;
        return -1;
    }
    if (n > 1 && at[0].kind == WORD_NUMBER && !at[1].spaced &&
        word_in(&at[1], "st nd rd th º ª") && at[0].value >= 1 && at[0].value < 100) {
        *used = 2;
        return (int)at[0].value;
    }
    if (n > 1 && word_is(&at[0], "第")) {
        double value;
        bool digit;
        size_t more = read_simple(at + 1, n - 1, &value, &digit);
        *used = 1 + more;
        return more && value >= 1 && value < 100 ? (int)value : 0;
    }
    return 0;
}
