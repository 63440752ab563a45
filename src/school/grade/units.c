/* Units: SI with prefixes, derived, and the common others (BIPM, The SI Brochure, 9th edition). */
#include "school/grade/inside.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

/* clang-format off */
static const struct row { const char *name; bool prefixes; double factor; signed char d[DIMENSIONS]; double offset; } rows[] = {
    {"m",1,1,{1},0}, {"g",1,1e-3,{0,1},0}, {"s",1,1,{0,0,1},0}, {"A",1,1,{0,0,0,1},0},
    {"K",1,1,{0,0,0,0,1},0}, {"mol",1,1,{0,0,0,0,0,1},0}, {"cd",1,1,{0,0,0,0,0,0,1},0},
    {"Hz",1,1,{0,0,-1},0}, {"N",1,1,{1,1,-2},0}, {"Pa",1,1,{-1,1,-2},0}, {"J",1,1,{2,1,-2},0},
    {"W",1,1,{2,1,-3},0}, {"Wh",1,3600,{2,1,-2},0}, {"C",1,1,{0,0,1,1},0}, {"Ah",1,3600,{0,0,1,1},0},
    {"V",1,1,{2,1,-3,-1},0}, {"F",1,1,{-2,-1,4,2},0}, {"ohm",1,1,{2,1,-3,-2},0},
    {"Ω",1,1,{2,1,-3,-2},0}, {"S",1,1,{-2,-1,3,2},0}, {"Wb",1,1,{2,1,-2,-1},0},
    {"T",1,1,{0,1,-2,-1},0}, {"H",1,1,{2,1,-2,-2},0}, {"lm",1,1,{0,0,0,0,0,0,1},0},
    {"lx",1,1,{-2,0,0,0,0,0,1},0}, {"Bq",1,1,{0,0,-1},0}, {"Gy",1,1,{2,0,-2},0}, {"Sv",1,1,{2,0,-2},0},
    {"kat",1,1,{0,0,-1,0,0,1},0}, {"L",1,1e-3,{3},0}, {"l",1,1e-3,{3},0},
    {"bar",1,1e5,{-1,1,-2},0}, {"eV",1,1.602176634e-19,{2,1,-2},0}, {"t",0,1e3,{0,1},0},
    {"min",0,60,{0,0,1},0}, {"h",0,3600,{0,0,1},0}, {"hr",0,3600,{0,0,1},0}, {"hrs",0,3600,{0,0,1},0},
    {"sec",0,1,{0,0,1},0}, {"d",0,86400,{0,0,1},0}, {"day",0,86400,{0,0,1},0},
    {"week",0,604800,{0,0,1},0}, {"ha",0,1e4,{2},0}, {"Å",0,1e-10,{1},0}, {"au",0,149597870700.0,{1},0},
    {"u",0,1.66053906660e-27,{0,1},0}, {"mmHg",0,133.322387415,{-1,1,-2},0},
    {"rad",1,1,{0},0}, {"sr",0,1,{0},0}, {"°",0,0.017453292519943295,{0},0}, {"deg",0,0.017453292519943295,{0},0},
    {"degree",0,0.017453292519943295,{0},0}, {"rpm",0,0.10471975511965977,{0,0,-1},0},
    {"%",0,0.01,{0},0}, {"‰",0,0.001,{0},0}, {"atm",0,101325,{-1,1,-2},0}, {"cal",1,4.184,{2,1,-2},0},
    {"in",0,0.0254,{1},0}, {"inch",0,0.0254,{1},0}, {"ft",0,0.3048,{1},0}, {"foot",0,0.3048,{1},0}, {"feet",0,0.3048,{1},0}, {"yd",0,0.9144,{1},0},
    {"mi",0,1609.344,{1},0}, {"mile",0,1609.344,{1},0}, {"mph",0,0.44704,{1,0,-1},0},
    {"kmh",0,1/3.6,{1,0,-1},0}, {"kph",0,1/3.6,{1,0,-1},0}, {"lb",0,0.45359237,{0,1},0},
    {"oz",0,0.028349523125,{0,1},0},
    {"°C",0,1,{0,0,0,0,1},273.15}, {"degC",0,1,{0,0,0,0,1},273.15}, {"°F",0,5.0/9,{0,0,0,0,1},459.67},
    {"bit",1,1,{0},0}, {"B",1,8,{0},0}, {"byte",1,8,{0},0},
    {"meter",1,1,{1},0}, {"metre",1,1,{1},0}, {"gram",1,1e-3,{0,1},0}, {"second",1,1,{0,0,1},0},
    {"minute",0,60,{0,0,1},0}, {"hour",0,3600,{0,0,1},0}, {"liter",1,1e-3,{3},0}, {"litre",1,1e-3,{3},0},
    {"newton",1,1,{1,1,-2},0}, {"joule",1,1,{2,1,-2},0}, {"watt",1,1,{2,1,-3},0}, {"volt",1,1,{2,1,-3,-1},0},
    {"ampere",1,1,{0,0,0,1},0}, {"kelvin",1,1,{0,0,0,0,1},0}, {"pascal",1,1,{-1,1,-2},0}, {"hertz",1,1,{0,0,-1},0},
    {"米",0,1,{1},0}, {"厘米",0,1e-2,{1},0}, {"毫米",0,1e-3,{1},0}, {"千米",0,1e3,{1},0}, {"公里",0,1e3,{1},0},
    {"克",0,1e-3,{0,1},0}, {"千克",0,1,{0,1},0}, {"公斤",0,1,{0,1},0}, {"吨",0,1e3,{0,1},0}, {"秒",0,1,{0,0,1},0},
    {"分钟",0,60,{0,0,1},0}, {"小时",0,3600,{0,0,1},0}, {"时",0,3600,{0,0,1},0}, {"天",0,86400,{0,0,1},0},
    {"升",0,1e-3,{3},0}, {"毫升",0,1e-6,{3},0}, {"度",0,0.017453292519943295,{0},0}, {"牛",0,1,{1,1,-2},0},
    {"平方米",0,1,{2},0}, {"立方米",0,1,{3},0}, {"平方厘米",0,1e-4,{2},0}, {"立方厘米",0,1e-6,{3},0},
    /* money is not changed: each currency has a number of its own in the last place */
    {"€",0,1,{0,0,0,0,0,0,0,11},0}, {"EUR",0,1,{0,0,0,0,0,0,0,11},0}, {"euro",0,1,{0,0,0,0,0,0,0,11},0},
    {"cent",0,0.01,{0,0,0,0,0,0,0,11},0}, {"£",0,1,{0,0,0,0,0,0,0,13},0}, {"GBP",0,1,{0,0,0,0,0,0,0,13},0},
    {"¥",0,1,{0,0,0,0,0,0,0,17},0}, {"元",0,1,{0,0,0,0,0,0,0,17},0}, {"CNY",0,1,{0,0,0,0,0,0,0,17},0},
    {"$",0,1,{0,0,0,0,0,0,0,19},0}, {"USD",0,1,{0,0,0,0,0,0,0,19},0}, {"dollar",0,1,{0,0,0,0,0,0,0,19},0},
};
static const struct { const char *name; double factor; } prefixes[] = {
    {"da",1e1}, {"h",1e2}, {"k",1e3}, {"M",1e6}, {"G",1e9}, {"T",1e12}, {"P",1e15}, {"E",1e18}, {"d",1e-1},
    {"c",1e-2}, {"m",1e-3}, {"µ",1e-6}, {"u",1e-6}, {"n",1e-9}, {"p",1e-12}, {"f",1e-15}, {"a",1e-18},
    {"kilo",1e3}, {"mega",1e6}, {"centi",1e-2}, {"milli",1e-3}, {"micro",1e-6}, {"nano",1e-9},
    {"hecto",1e2}, {"deci",1e-1}};
/* clang-format on */

static bool symbol(struct view name, struct unit *out, double scale) {
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (view_is(name, rows[i].name) && (scale == 1 || rows[i].prefixes)) {
            out->factor = rows[i].factor * scale;
            out->offset = rows[i].offset;
            memcpy(out->dimension, rows[i].d, sizeof rows[i].d);
            return true;
        }
    for (size_t i = 0; scale == 1 && i < COUNT_OF(prefixes); i++)
        if (view_starts(name, prefixes[i].name) &&
            symbol(view_slice(name, strlen(prefixes[i].name), name.n), out, prefixes[i].factor))
            return true;
    /* metres, hours */
    return scale == 1 && name.n > 3 && view_ends(name, "s") &&
           symbol(view_slice(name, 0, name.n - 1), out, 1);
}

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

/* Nm, kNm, VA, Ws: a unit called after a person, and another behind it without a sign. */
static bool glued(struct view name, struct unit *out) {
    for (size_t n = 1; n < name.n && n < 4; n++) {
        struct unit second = {.factor = 1};
        if (strchr("NVWAJ", name.at[n - 1]) && symbol(view_slice(name, 0, n), out, 1) &&
            symbol(view_slice(name, n, name.n), &second, 1)) {
            multiply(out, &second, 1);
            return true;
        }
    }
    return false;
}

static bool product(struct reader *, struct unit *);

static bool factor(struct reader *r, struct unit *out) {
    *out = (struct unit){.factor = 1};
    if (++r->parts > 12)
        return false;
    if (take(r, "(")) {
        bool good = ++r->depth < 8 && product(r, out) && take(r, ")");
        r->depth--;
        return good;
    }
    size_t end = r->at;
    while (end < r->text.n && !strchr(" */.()^-+0123456789{}", r->text.at[end]))
        end++;
    struct view name = view_slice(r->text, r->at, end);
    if (!name.n || (!symbol(name, out, 1) && !glued(name, out)))
        return false;
    r->at = end;
    return true;
}

/* Each / divides by what follows it alone; J/(kg K) needs its brackets. */
static bool product(struct reader *r, struct unit *out) {
    *out = (struct unit){.factor = 1};
    for (int n = 0;; n++) {
        struct unit one;
        while (take(r, " "))
            ;
        bool below = take(r, "/");
        bool times = !below && (take(r, "*") || take(r, "."));
        while (take(r, " "))
            ;
        if (r->at == r->text.n || r->text.at[r->at] == ')')
            return n && !below && !times;
        if (!factor(r, &one))
            return false;
        int exponent = power(r);
        if (exponent > 9 || exponent < -9)
            return false;
        double offset = n == 0 && exponent == 1 && !below ? one.offset : 0;
        multiply(out, &one, below ? -exponent : exponent);
        out->offset = offset;
    }
}

bool unit_parse(struct view text, struct unit *out) {
    struct reader r = {.text = view_trim(text)};
    return r.text.n && product(&r, out) && r.at == r.text.n;
}
