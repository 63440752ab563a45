/* Units: SI with prefixes, derived, and the common others (BIPM, The SI Brochure, 9th edition). */
#include "school/grade/inside.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

/* clang-format off */
static const struct row { const char *name; bool prefixes; double factor; signed char d[7]; double offset; } rows[] = {
    {"m",1,1,{1},0}, {"g",1,1e-3,{0,1},0}, {"s",1,1,{0,0,1},0}, {"A",1,1,{0,0,0,1},0},
    {"K",1,1,{0,0,0,0,1},0}, {"mol",1,1,{0,0,0,0,0,1},0}, {"cd",1,1,{0,0,0,0,0,0,1},0},
    {"Hz",1,1,{0,0,-1},0}, {"N",1,1,{1,1,-2},0}, {"Pa",1,1,{-1,1,-2},0}, {"J",1,1,{2,1,-2},0},
    {"W",1,1,{2,1,-3},0}, {"C",1,1,{0,0,1,1},0}, {"V",1,1,{2,1,-3,-1},0},
    {"F",1,1,{-2,-1,4,2},0}, {"ohm",1,1,{2,1,-3,-2},0}, {"Ω",1,1,{2,1,-3,-2},0},
    {"Ω",1,1,{2,1,-3,-2},0}, {"S",1,1,{-2,-1,3,2},0}, {"Wb",1,1,{2,1,-2,-1},0},
    {"T",1,1,{0,1,-2,-1},0}, {"H",1,1,{2,1,-2,-2},0}, {"L",1,1e-3,{3},0}, {"l",1,1e-3,{3},0},
    {"bar",1,1e5,{-1,1,-2},0}, {"eV",1,1.602176634e-19,{2,1,-2},0}, {"t",0,1e3,{0,1},0},
    {"min",0,60,{0,0,1},0}, {"h",0,3600,{0,0,1},0}, {"hr",0,3600,{0,0,1},0},
    {"d",0,86400,{0,0,1},0}, {"day",0,86400,{0,0,1},0}, {"ha",0,1e4,{2},0},
    {"rad",0,1,{0},0}, {"°",0,0.017453292519943295,{0},0}, {"deg",0,0.017453292519943295,{0},0},
    {"%",0,0.01,{0},0}, {"atm",0,101325,{-1,1,-2},0}, {"cal",1,4.184,{2,1,-2},0},
    {"in",0,0.0254,{1},0}, {"ft",0,0.3048,{1},0}, {"yd",0,0.9144,{1},0}, {"mi",0,1609.344,{1},0},
    {"mph",0,0.44704,{1,0,-1},0}, {"lb",0,0.45359237,{0,1},0}, {"oz",0,0.028349523125,{0,1},0},
    {"°C",0,1,{0,0,0,0,1},273.15}, {"℃",0,1,{0,0,0,0,1},273.15},
    {"°F",0,5.0/9,{0,0,0,0,1},459.67}, {"bit",1,1,{0},0}, {"B",1,8,{0},0},
};
static const struct { const char *name; double factor; } prefixes[] = {
    {"da",1e1}, {"h",1e2}, {"k",1e3}, {"M",1e6}, {"G",1e9}, {"T",1e12}, {"P",1e15}, {"d",1e-1},
    {"c",1e-2}, {"m",1e-3}, {"µ",1e-6}, {"μ",1e-6}, {"u",1e-6}, {"n",1e-9}, {"p",1e-12},
    {"f",1e-15}};
/* clang-format on */

static bool symbol(struct view name, struct unit *out, double scale) {
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (view_is(name, rows[i].name)) {
            out->factor = rows[i].factor * scale;
            out->offset = rows[i].offset;
            memcpy(out->dimension, rows[i].d, sizeof rows[i].d);
            return scale == 1 || rows[i].prefixes;
        }
    if (scale != 1)
        return false;
    for (size_t i = 0; i < COUNT_OF(prefixes); i++)
        if (view_starts(name, prefixes[i].name) &&
            symbol(view_slice(name, strlen(prefixes[i].name), name.n), out, prefixes[i].factor))
            return true;
    return false;
}

/* "m/s^2", "kg m^2 s^-2", "m·s⁻¹", "N*m", "m2". */
bool unit_parse(struct view text, struct unit *out) {
    struct unit one;
    int sign = 1, parts = 0;
    *out = (struct unit){.factor = 1};
    for (size_t at = 0; at < text.n;) {
        unsigned char c = (unsigned char)text.at[at];
        if (c == ' ' || c == '*' || c == '.' || c == '/' || c == '(' || c == ')') {
            sign = c == '/' ? -1 : sign;
            at++;
            continue;
        }
        if (view_starts(view_slice(text, at, text.n), "·")) {
            at += 2;
            continue;
        }
        size_t end = at;
        while (end < text.n && !strchr(" */.()^-+0123456789", text.at[end]) &&
               !view_starts(view_slice(text, end, text.n), "·") &&
               !view_starts(view_slice(text, end, text.n), "²") &&
               !view_starts(view_slice(text, end, text.n), "³"))
            end++;
        one = (struct unit){0};
        if (end == at || ++parts > 8 || !symbol(view_slice(text, at, end), &one, 1))
            return false;
        struct view rest = view_slice(text, end, text.n);
        int power = 1, minus = 1;
        at = end;
        if (view_starts(rest, "²") || view_starts(rest, "³")) {
            power = view_starts(rest, "²") ? 2 : 3;
            at += 2;
        } else {
            at += at < text.n && text.at[at] == '^';
            if (at < text.n && text.at[at] == '-')
                minus = -1, at++;
            if (at < text.n && isdigit((unsigned char)text.at[at]))
                power = text.at[at++] - '0';
        }
        power *= sign * minus;
        out->factor *= pow(one.factor, power);
        out->offset = parts == 1 ? one.offset : 0;
        for (int i = 0; i < 7; i++)
            out->dimension[i] = (signed char)(out->dimension[i] + one.dimension[i] * power);
    }
    return parts > 0;
}
