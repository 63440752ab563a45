/* Unicode into the small alphabet of the lexer. */
#include "algebra/lexer.h"

#include <ctype.h>
#include <string.h>

/* clang-format off */
static const struct { int32_t code; const char *text; } symbols[] = {
    {0xd7, "*"}, {0xb7, "*"}, {0x22c5, "*"}, {0x2217, "*"}, {0x2219, "*"}, {0xf7, "/"},
    {0x2215, "/"}, {0x2044, "/"}, {0x2212, "-"}, {0x2010, "-"}, {0x2011, "-"}, {0x2012, "-"},
    {0x2013, "-"}, {0x2014, "-"}, {0x2264, "\\le "}, {0x2a7d, "\\le "}, {0x2265, "\\ge "},
    {0x2a7e, "\\ge "}, {0x2260, "\\ne "}, {0xb1, "\\pm "}, {0x221a, "\\sqrt "}, {0x221b, "\\cbrt "},
    {0x3c0, "\\pi "}, {0x221e, "\\infty "}, {0x2213, "\\pm "}, {0x2205, "\\{\\}"},
    {0x211d, "(-\\infty ;\\infty )"}, {0x212f, "e"}, {0x2147, "e"}, {0x2148, "i"}, {0x60c, ","},
    {0x61b, ";"}, {0x66b, "."}, {0x66c, ""}, {0x200e, ""}, {0x200f, ""}, {0x61c, ""},
    {0x2228, "\\lor "}, {0x222a, "\\cup "},
    {0x2227, "\\land "}, {0x2208, "\\in "}, {0xb0, "\\circ "}, {0x6216, "\\lor "},
    {0x4e14, "\\land "}, {0x548c, "\\land "}, {0x3001, ","}, {0xa0, " "}, {0x2009, " "},
    {0x202f, " "}, {0x3000, " "}, {0x2061, ""}, {0x2062, "*"}, {0x200b, ""}, {0xfeff, ""},
    {0x2032, "'"}, {0x2019, "'"}, {0x27e8, "("}, {0x27e9, ")"}, {0x2223, "|"},
    {0x3b1, "\\alpha "}, {0x3b2, "\\beta "}, {0x3b3, "\\gamma "}, {0x3b4, "\\delta "},
    {0x3b5, "\\epsilon "}, {0x3b6, "\\zeta "}, {0x3b7, "\\eta "}, {0x3b8, "\\theta "},
    {0x3bb, "\\lambda "}, {0x3bc, "\\mu "}, {0xb5, "\\mu "}, {0x3bd, "\\nu "}, {0x3be, "\\xi "},
    {0x3c1, "\\rho "}, {0x3c3, "\\sigma "}, {0x3c4, "\\tau "}, {0x3c6, "\\phi "},
    {0x3d5, "\\phi "}, {0x3c7, "\\chi "}, {0x3c8, "\\psi "}, {0x3c9, "\\omega "},
    {0x2229, "\\cap "}, {0x22c2, "\\cap "}, {0x22c3, "\\cup "}, {0x22c0, "\\land "},
    {0x22c1, "\\lor "}, {0xac, "\\neg "}, {0x2192, "\\to "}, {0x27f6, "\\to "}, {0x21d2, "\\to "},
    {0x27f9, "\\to "}, {0x2194, "\\iff "}, {0x21d4, "\\iff "}, {0x27fa, "\\iff "},
    {0x2295, "\\oplus "}, {0x22bb, "\\oplus "}, {0x25b3, "\\triangle "}, {0x2201, "\\neg "},
    {0x22a4, "\\top "}, {0x22a5, "\\bot "}, {0x2216, "\\setminus "}, {0x29f5, "\\setminus "},
    {0x2266, "\\le "}, {0x2267, "\\ge "}, {0x2248, "="}, {0x2254, "="}, {0x2236, ":"},
    {0x230a, "\\lfloor "}, {0x230b, "\\rfloor "}, {0x2308, "\\lceil "}, {0x2309, "\\rceil "},
    {0x2016, "\\| "}, {0x2225, "\\| "}, {0x221c, "\\sqrt[4] "}, {0x2124, "\\mathbb{Z} "}, {0x2115, "\\mathbb{N} "},
    {0x211a, "\\mathbb{Q} "}, {0x2102, "\\mathbb{C} "}, {0x2022, "*"}, {0x2715, "*"}, {0x2716, "*"},
    {0x22c6, "*"}, {0xfe63, "-"}, {0xb4, "'"}, {0x2033, "''"}, {0x2c6, "^"}, {0x3010, "["},
    {0x3011, "]"}, {0x3008, "("}, {0x3009, ")"}, {0x2329, "("}, {0x232a, ")"}, {0x3002, "."},
    {0x210f, "\\hbar "}, {0x2113, "\\ell "}, {0x2206, "\\Delta "}, {0x2126, "\\Omega "},
    {0x3b9, "\\iota "}, {0x3ba, "\\kappa "}, {0x3d1, "\\theta "}, {0x3f5, "\\epsilon "},
    {0x3f1, "\\rho "}, {0x3c2, "\\sigma "}, {0x3c5, "\\upsilon "}, {0x3a6, "\\Phi "}, {0x3a8, "\\Psi "}, {0x39b, "\\Lambda "},
    {0x398, "\\Theta "}, {0x3a0, "\\Pi "}, {0x39e, "\\Xi "}, {0x3a5, "\\Upsilon "}, {0x394, "\\Delta "}, {0x3a9, "\\Omega "}, {0x3a3, "\\Sigma "}, {0x393, "\\Gamma "},
};
/* The letters of schoolbooks in Arabic, which stand for x, y, z, … */
static const struct { int32_t code; char letter; } arabic_letters[] = {
    {0x633, 'x'}, {0x635, 'y'}, {0x639, 'z'}, {0x646, 'n'}, {0x645, 'm'}, {0x643, 'k'}, {0x644, 'l'},
    {0x631, 'r'}, {0x623, 'a'}, {0x628, 'b'}, {0x62c, 'c'}, {0x62f, 'f'}, {0x647, 'e'}, {0x62a, 'i'},
};
static const struct { int32_t code; const char *text; } vulgar_fractions[] = {
    {0xbd, "1/2"}, {0xbc, "1/4"}, {0xbe, "3/4"}, {0x2150, "1/7"}, {0x2151, "1/9"}, {0x2152, "1/10"},
    {0x2153, "1/3"}, {0x2154, "2/3"}, {0x2155, "1/5"}, {0x2156, "2/5"}, {0x2157, "3/5"},
    {0x2158, "4/5"}, {0x2159, "1/6"}, {0x215a, "5/6"}, {0x215b, "1/8"}, {0x215c, "3/8"},
    {0x215d, "5/8"}, {0x215e, "7/8"},
};
/* The zeros of the scripts that write numbers in tens. */
static const int32_t zeros[] = {0x660, 0x6f0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66,
    0xce6, 0xd66, 0xe50, 0xed0, 0xf20, 0x1040, 0x17e0, 0x1810};
static const int32_t superscripts[10] = {0x2070, 0xb9, 0xb2, 0xb3, 0x2074, 0x2075, 0x2076, 0x2077,
                                         0x2078, 0x2079};
static const struct { const char *from, *to; } phrases[] = {
    {"或者", "\\lor "}, {"并且", "\\land "}, {"而且", "\\land "}, {"以及", "\\land "},
    {"任意常数", "C"}, {"常数", "C"}, {"根号", "\\sqrt "},
    {"أو", "\\lor "}, {"او", "\\lor "}, {"جتا", "\\cos "}, {"جا", "\\sin "}, {"ظتا", "\\cot "},
    {"ظا", "\\tan "}, {"قتا", "\\csc "}, {"قا", "\\sec "}, {"لو", "\\log "}, {"لط", "\\ln "},
    {"و", "\\land "},
};
/* clang-format on */

static void put_plain(struct plain *out, const char *text, size_t from) {
    for (; *text; text++) {
        buffer_byte(&out->text, *text);
        out->from[out->text.n - 1] = from;
    }
}

/* The digit, sign or letter of a superscript (^) or subscript (_). */
static char script_of(int32_t c, char *script) {
    *script = '^';
    for (int i = 0; i < 10; i++)
        if (c == superscripts[i])
            return (char)('0' + i);
    if (c == 0x207b || c == 0x207a)
        return c == 0x207b ? '-' : '+';
    if (c == 0x207f || c == 0x2e3 || c == 0x2b8)
        return c == 0x207f ? 'n' : c == 0x2e3 ? 'x' : 'y';
    if (c == 0x207d || c == 0x207e)
        return c == 0x207d ? '(' : ')';
    *script = '_';
    if (c >= 0x2080 && c <= 0x2089)
        return (char)('0' + c - 0x2080);
    if (c == 0x2099)
        return 'n';
    *script = 0;
    return 0;
}
/* ½ alone, or after a number the fraction of a mixed one. */
static void put_fraction(struct plain *out, const char *fraction, size_t from) {
    struct view before = view_trim(buffer_view(&out->text));
    bool mixed = before.n && isdigit((unsigned char)before.at[before.n - 1]);
    put_plain(out, mixed ? " " : "(", from);
    put_plain(out, fraction, from);
    put_plain(out, mixed ? "" : ")", from);
}

static bool put_character(struct plain *out, int32_t c, size_t from) {
    char one[2] = {0, 0}, script;
    one[0] = script_of(c, &script);
    if (out->script && script != out->script)
        put_plain(out, "}", from);
    if (script && script != out->script)
        put_plain(out, script == '^' ? "^{" : "_{", from);
    out->script = script;
    for (size_t i = 0; i < COUNT_OF(vulgar_fractions); i++)
        if (vulgar_fractions[i].code == c) {
            put_fraction(out, vulgar_fractions[i].text, from);
            return true;
        }
    for (size_t i = 0; i < COUNT_OF(symbols); i++)
        if (symbols[i].code == c) {
            put_plain(out, symbols[i].text, from);
            return true;
        }
    for (size_t i = 0; i < COUNT_OF(zeros) && c >= 0x660; i++)
        if (c >= zeros[i] && c <= zeros[i] + 9)
            one[0] = (char)('0' + c - zeros[i]);
    for (size_t i = 0; i < COUNT_OF(arabic_letters) && c >= 0x620; i++)
        if (arabic_letters[i].code == c)
            one[0] = arabic_letters[i].letter;
    if (c >= 0xff01 && c <= 0xff5e)
        one[0] = (char)(c - 0xfee0);
    else if (c > 0 && c < 128)
        one[0] = (char)c;
    put_plain(out, one, from);
    return one[0] != 0;
}

/* Words of several characters: the bytes of the one that stands here, or 0. */
static size_t put_phrase(struct plain *out, struct view text, size_t at) {
    for (size_t i = 0; i < COUNT_OF(phrases); i++)
        if (view_starts(view_slice(text, at, text.n), phrases[i].from)) {
            put_character(out, ' ', at); /* ends a superscript */
            put_plain(out, phrases[i].to, at);
            return strlen(phrases[i].from);
        }
    return 0;
}

bool plain_formula(struct view text, struct plain *out, struct fault *fault) {
    for (size_t at = 0, used; at < text.n; at += used) {
        int32_t c;
        if ((unsigned char)text.at[at] >= 0x80 && (used = put_phrase(out, text, at)) > 0)
            continue;
        used = utf8_decode(text.at + at, text.n - at, &c);
        if (c >= 0x1d400 && c <= 0x1d7ff) { /* italic and bold letters of mathematics */
            struct buffer letter = {0};
            unicode_nfkc(view_slice(text, at, at + used), &letter);
            utf8_decode(letter.at, letter.n, &c);
            buffer_free(&letter);
        }
        if (!put_character(out, c, at)) {
            fault_set(fault, FAULT_INPUT, "I can't read the character \"%.*s\" in a formula",
                      c <= 0 ? 1 : (int)used, c <= 0 ? "?" : text.at + at);
            return fault_place(fault, NULL, 0, (int64_t)at);
        }
    }
    if (out->script)
        put_plain(out, "}", text.n ? text.n - 1 : 0);
    return true;
}
