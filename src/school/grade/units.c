/* Units as learners write them: "m/s^2", "kilometres per hour", "平方米", "J/(kg·K)". */
#include "school/grade/unit_rows.h"

#include <ctype.h>
#include <math.h>
#include <string.h>
#include <strings.h>

enum { LONGEST_UNIT = 200 };

/* ------------------------------------------------------------------------- words into signs */

/* Marks before a symbol: its square, its cube. */
#define SQUARE "\x02"
#define CUBE "\x03"

/* clang-format off */
static const struct { const char *words, *sign; } phrases[] = {
    {"في المئة", "percent"}, {"في المائة", "percent"}, {"بالمئة", "percent"},
    {"بالمائة", "percent"}, {" per ", "/"}, {" an ", "/"}, {" a ", "/"}, {" في ال", "/"},
    {" لكل ", "/"}, {"每", "/"}, {" por ", "/"}, {" par ", "/"}, {" pro ", "/"},
    {"degrees celsius", "°C"}, {"degree celsius", "°C"}, {"degrees c", "°C"}, {"degree c", "°C"},
    {"deg. c", "°C"}, {"deg c", "°C"}, {"grad celsius", "°C"}, {"grados celsius", "°C"},
    {"grados centígrados", "°C"}, {"grado centígrado", "°C"}, {"درجة مئوية", "°C"},
    {"درجات مئوية", "°C"}, {"درجة سيليزية", "°C"}, {"درجات سيليزية", "°C"}, {"° س", "°C"},
    {"°س", "°C"}, {"° م", "°C"}, {"°م", "°C"},
    {"degrees fahrenheit", "°F"}, {"degree fahrenheit", "°F"}, {"degrees f", "°F"},
    {"deg. f", "°F"}, {"deg f", "°F"}, {"° c", "°C"}, {"° f", "°F"},
    {"fluid ounces", "floz"}, {"fluid ounce", "floz"}, {"fl. oz.", "floz"}, {"fl. oz", "floz"},
    {"fl oz", "floz"}, {"light years", "ly"}, {"light year", "ly"}, {"light-years", "ly"},
    {"light-year", "ly"}, {"lightyears", "ly"}, {"nautical miles", "nmi"}, {"nautical mile", "nmi"},
    {"astronomical units", "au"}, {"astronomical unit", "au"}, {"metric tons", "t"},
    {"metric ton", "t"}, {"metric tonnes", "t"}, {"electron volts", "eV"}, {"electron volt", "eV"},
    {"parts per million", "ppm"}, {"kilopond", "kp"}, {"per cent", "percent"},
    {"por ciento", "percent"}, {"pour cent", "percent"},
    {"square ", SQUARE}, {"sq. ", SQUARE}, {"sq ", SQUARE}, {"平方", SQUARE}, {"二次方", SQUARE},
    {"cubic ", CUBE}, {"cu. ", CUBE}, {"cu ", CUBE}, {"立方", CUBE}, {"三次方", CUBE},
    {" squared", "^2"}, {" al cuadrado", "^2"}, {" cuadrados", "^2"}, {" cuadrado", "^2"}, {" cubed", "^3"},
    {" cúbicos", "^3"}, {" cúbico", "^3"}, {" al cubo", "^3"}, {" مربعة", "^2"}, {" مربع", "^2"},
    {" مكعبة", "^3"}, {" مكعب", "^3"},
};
/* clang-format on */

static bool is_letter(struct view text, size_t at) {
    return at < text.n && (isalpha((unsigned char)text.at[at]) || (text.at[at] & 0x80));
}

/* The phrase that starts at `at`, a word of its own where it is Latin. */
static size_t phrase_at(struct view text, size_t at) {
    for (size_t i = 0; i < COUNT_OF(phrases); i++) {
        size_t n = strlen(phrases[i].words);
        bool latin = isalpha((unsigned char)phrases[i].words[0]);
        if (at + n > text.n || strncasecmp(text.at + at, phrases[i].words, n) != 0 ||
            (latin && at && is_letter(text, at - 1)) ||
            (isalpha((unsigned char)phrases[i].words[n - 1]) && is_letter(text, at + n)))
            continue;
        return i;
    }
    return COUNT_OF(phrases);
}

/* \frac{m}{s} at the start: (m)/(s); bytes used, or 0. */
static size_t put_fraction(struct view text, struct buffer *out) {
    static const char *const names[] = {"\\frac{", "\\dfrac{", "\\tfrac{"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (!view_starts(text, names[i]))
            continue;
        size_t at = strlen(names[i]);
        ptrdiff_t middle = view_find(text, VIEW("}{"));
        ptrdiff_t end =
            middle < 0 ? -1 : view_find(view_slice(text, (size_t)middle + 2, text.n), VIEW("}"));
        if (end < 0)
            return 0;
        size_t below = (size_t)middle + 2;
        buffer_format(out, "(%.*s)/(%.*s)", (int)((size_t)middle - at), text.at + at, (int)end,
                      text.at + below);
        return below + (size_t)end + 1;
    }
    return 0;
}

static void put_signs(struct view text, struct buffer *out) {
    for (size_t at = 0, used; at < text.n; at += used) {
        size_t phrase = phrase_at(text, at);
        if (phrase < COUNT_OF(phrases)) {
            buffer_text(out, phrases[phrase].sign);
            used = strlen(phrases[phrase].words);
        } else if (!(used = put_fraction(view_slice(text, at, text.n), out))) {
            buffer_byte(out, text.at[at]);
            used = 1;
        }
    }
}

/* ---------------------------------------------------------------------------------- symbols */

static bool is_same(struct view name, const char *row, bool word) {
    size_t n = strlen(row);
    return name.n == n && !(word ? strncasecmp(name.at, row, n) : memcmp(name.at, row, n));
}

/* The row, with a prefix of that kind before it or with none (UNIT_ALONE). */
static bool row_of(struct view name, enum unit_kind prefix, double scale, struct unit *out) {
    for (size_t i = 0; i < n_unit_row; i++) {
        const struct unit_row *row = &unit_rows[i];
        enum unit_kind kind = row->kind;
        bool bits = kind == UNIT_BITS && prefix != UNIT_WORD && scale > 1;
        if ((prefix != UNIT_ALONE && !(kind == UNIT_BITS ? bits : prefix == kind)) ||
            !is_same(name, row->name, kind == UNIT_WORD || kind == UNIT_NAME))
            continue;
        out->factor = row->factor * scale;
        out->offset = row->offset;
        memcpy(out->dimension, row->dimension, sizeof row->dimension);
        return true;
    }
    return false;
}

static bool is_plain_symbol(struct view name, struct unit *out) {
    if (row_of(name, UNIT_ALONE, 1, out))
        return true;
    for (size_t i = 0; i < n_unit_prefix; i++) {
        const struct unit_prefix *prefix = &unit_prefixes[i];
        size_t n = strlen(prefix->name);
        if (name.n > n && is_same(view_slice(name, 0, n), prefix->name, prefix->of == UNIT_WORD) &&
            row_of(view_slice(name, n, name.n), prefix->of, prefix->factor, out))
            return true;
    }
    return false;
}

static bool symbol(struct view name, struct unit *out) {
    if (is_plain_symbol(name, out))
        return true;
    /* metres, hours, kilos; not "ms" for "m" */
    return name.n > 3 && view_ends(name, "s") &&
           is_plain_symbol(view_slice(name, 0, name.n - 1), out);
}

/* ----------------------------------------------------------------------------------- products */

struct reader {
    struct view text;
    size_t at;
    int parts, depth;
};

static bool take(struct reader *r, const char *what) {
    if (!view_starts(view_slice(r->text, r->at, r->text.n), what))
        return false;
    r->at += strlen(what);
    return true;
}

/* ^2, ^-1, ^(-1), or 2 just behind; 1 when there is none, 99 when it is none that we know. */
static int power(struct reader *r) {
    bool marked = take(r, "**") || take(r, "^"), bracket = marked && take(r, "(");
    bool braced = marked && take(r, "{");
    bool minus =
        (marked || (r->at + 1 < r->text.n && isdigit((unsigned char)r->text.at[r->at + 1]))) &&
        take(r, "-");
    if (marked && !minus)
        take(r, "+");
    int digit = marked || minus ? 99 : 1;
    if (r->at < r->text.n && isdigit((unsigned char)r->text.at[r->at]))
        digit = r->text.at[r->at++] - '0';
    if ((bracket && !take(r, ")")) || (braced && !take(r, "}")))
        return 99;
    return minus ? -digit : digit;
}

static void multiply(struct unit *out, const struct unit *one, int exponent) {
    out->factor *= pow(one->factor, exponent);
    for (int i = 0; i < DIMENSIONS; i++) {
        int dimension = out->dimension[i] + one->dimension[i] * exponent;
        out->dimension[i] = (signed char)(dimension > 99 ? 99 : dimension < -99 ? -99 : dimension);
    }
}

/* Nm, kNm, VA, Ws, g°C: a unit called after a person or a degree, and another without a sign. */
static bool glued(struct view name, struct unit *out) {
    for (size_t n = 1; n < name.n && n < 4; n++) {
        struct unit second = {.factor = 1};
        bool degree = view_starts(view_slice(name, n, name.n), "°");
        bool kilograms = n == 2 && view_starts(name, "kg");
        if ((degree || kilograms || strchr("NVWAJ", name.at[n - 1])) &&
            symbol(view_slice(name, 0, n), out) && symbol(view_slice(name, n, name.n), &second)) {
            multiply(out, &second, 1);
            out->offset = 0;
            return true;
        }
    }
    return false;
}

static bool product(struct reader *, struct unit *);

/* One symbol, or brackets; *times is 2 behind "square". */
static bool factor(struct reader *r, struct unit *out, int *times) {
    *out = (struct unit){.factor = 1};
    *times = take(r, SQUARE) ? 2 : take(r, CUBE) ? 3 : 1;
    if (++r->parts > 12)
        return false;
    if (take(r, "(")) {
        bool good = ++r->depth < 8 && product(r, out) && take(r, ")");
        r->depth--;
        return good;
    }
    size_t end = r->at;
    while (end < r->text.n && !strchr(" */.()^-+0123456789{}" SQUARE CUBE, r->text.at[end]))
        end++;
    struct view name = view_slice(r->text, r->at, end);
    if (!name.n || (!symbol(name, out) && !glued(name, out)))
        return false;
    r->at = end;
    return true;
}

/* Each / divides by what follows it alone; J/(kg K) needs its brackets. */
static bool product(struct reader *r, struct unit *out) {
    *out = (struct unit){.factor = 1};
    while (take(r, " "))
        ;
    if (take(r, "1/") || take(r, "1 /")) /* 1/s */
        r->at--;
    for (int n = 0;; n++) {
        struct unit one;
        int times;
        while (take(r, " "))
            ;
        bool below = take(r, "/");
        bool multiplied = !below && (take(r, "*") || take(r, "."));
        while (take(r, " "))
            ;
        if (r->at == r->text.n || r->text.at[r->at] == ')')
            return n && !below && !multiplied;
        if (!factor(r, &one, &times))
            return false;
        int exponent = power(r) * times;
        if (exponent > 9 || exponent < -9)
            return false;
        double offset = n == 0 && exponent == 1 && !below ? one.offset : 0;
        multiply(out, &one, below ? -exponent : exponent);
        out->offset = offset;
    }
}

/* Δ°C and delta_degC are of differences. */
static struct view without_delta(struct view text, bool *difference) {
    static const char *const marks[] = {"Δ", "∆", "\\Delta ", "\\Delta", "delta_", "delta "};
    for (size_t i = 0; i < COUNT_OF(marks); i++)
        if (view_starts(text, marks[i])) {
            *difference = true;
            return view_trim(view_slice(text, strlen(marks[i]), text.n));
        }
    return text;
}

static bool is_ratio(const struct unit *unit) {
    static const double ratios[] = {1e-2, 1e-3, 1e-6, 1e-9};
    static const signed char none[DIMENSIONS] = {0};
    for (size_t i = 0; i < COUNT_OF(ratios); i++)
        if (unit->factor == ratios[i] && !memcmp(unit->dimension, none, sizeof none))
            return true;
    return false;
}

static bool parse(struct view text, struct unit *out) {
    struct buffer signs = {0};
    bool difference = view_starts(text, "C°") || view_starts(text, "F°");
    put_signs(without_delta(text, &difference), &signs);
    struct reader r = {.text = view_trim(buffer_view(&signs))};
    bool good = r.text.n && product(&r, out) && r.at == r.text.n;
    if (good) {
        out->letter = r.text.n == 1                                         ? r.text.at[0]
                      : view_is(r.text, "cent") || view_is(r.text, "cents") ? 'c'
                      : view_starts(r.text, "ms^-") || view_starts(r.text, "ms^(-") ||
                              view_starts(r.text, "ms-")
                          ? 'm'
                          : 0;
        out->difference = difference;
        out->ratio = is_ratio(out);
        out->offset = difference ? 0 : out->offset;
    }
    buffer_free(&signs);
    return good;
}

bool unit_parse(struct view text, struct unit *out) {
    text = view_trim(text);
    if (view_starts(text, "[") && view_ends(text, "]"))
        text = view_trim(view_slice(text, 1, text.n - 1));
    if (!text.n || text.n > LONGEST_UNIT)
        return false;
    if (parse(text, out))
        return true;
    return view_ends(text, ".") && parse(view_slice(text, 0, text.n - 1), out);
}

/* What a learner means who writes 37 C for a temperature, 9.81 ms^-2 for an acceleration. */
void unit_in_context(const struct unit *key, struct unit *unit) {
    static const struct {
        char letter;
        const char *meant;
    } rows[] = {{'C', "°C"}, {'F', "°F"}};
    static const signed char temperature[DIMENSIONS] = {0, 0, 0, 0, 1};
    struct unit other;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (unit->letter == rows[i].letter &&
            !memcmp(key->dimension, temperature, sizeof temperature) &&
            row_of(view_of(rows[i].meant), UNIT_ALONE, 1, &other)) {
            unit->factor = other.factor;
            unit->offset = unit->difference ? 0 : other.offset;
            memcpy(unit->dimension, other.dimension, sizeof other.dimension);
        }
    if (unit->letter == 'c' && key->dimension[DIMENSIONS - 1] == UNIT_DOLLAR)
        unit->dimension[DIMENSIONS - 1] = UNIT_DOLLAR;
    if (unit->letter == 'm' && key->dimension[0] == 1 && unit->dimension[0] == 0 &&
        key->dimension[2] == unit->dimension[2]) { /* ms^-2 read as (ms)^-2 */
        unit->dimension[0] = 1;
        unit->factor = 1;
    }
}
