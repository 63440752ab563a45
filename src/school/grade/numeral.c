/* Numerals as learners write them into ones with a point and without marks: 1.234,5 and 3×10⁸ and
 * 0.(3) and ١٬٢٣٤٫٥. */
#include "school/grade/inside.h"

#include <ctype.h>
#include <string.h>

/* ------------------------------------------------------------------------------ into ASCII */

/* clang-format off */
static const struct { const char *from, *to; } signs[] = {
    {"−", "-"}, {"–", "-"}, {"‐", "-"}, {"‑", "-"}, {"×", "*"}, {"·", "*"}, {"⋅", "*"}, {"∙", "*"},
    {"÷", "/"}, {"∕", "/"}, {"⁄", "/"}, {"\u00a0", " "}, {"\u2009", " "}, {"\u202f", " "}, {"\u2007", " "},
    {"\u3000", " "}, {"’", "'"}, {"٫", "."}, {"٬", "'"}, {"％", "%"}, {"٪", "%"}, {"。", "."}, {"又", " "}, {"\u200e", ""}, {"\u200f", ""},
    {"\\times", "*"}, {"\\cdot", "*"}, {"\\,", " "}, {"\\%", "%"}, {"μ", "µ"}, {"Ω", "Ω"}, {"℃", "°C"},
    {"\u2064", " "}, {"\u2062", "*"}, {"º", "°"}, {"˚", "°"}, {"℉", "°F"}, {"~", " "}, {"\\;", " "}, {"\\!", ""},
    {"\\ ", " "}, {"\\degree", "°"}, {"^\\circ", "°"}, {"^{\\circ}", "°"}, {"\u061c", ""}, {"½", " 1/2"}, {"¼", " 1/4"}, {"¾", " 3/4"}, {"⅓", " 1/3"}, {"⅔", " 2/3"}, {"⅕", " 1/5"}, {"⅖", " 2/5"},
    {"⅗", " 3/5"}, {"⅘", " 4/5"}, {"⅙", " 1/6"}, {"⅚", " 5/6"}, {"⅛", " 1/8"}, {"⅜", " 3/8"}, {"⅝", " 5/8"},
    {"⅞", " 7/8"},
};
static const char *const superscripts[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹", "⁺", "⁻"};
static const int32_t zeros[] = {0x660, 0x6f0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66,
    0xce6, 0xd66, 0xe50, 0xed0, 0xf20, 0x1040, 0x17e0, 0x1810, 0xff10};
/* clang-format on */

/* One character that is not ASCII, or a sign of several bytes; bytes used, 0 for none of these. */
static size_t put_sign(struct view rest, bool *raised, struct buffer *out) {
    for (size_t i = 0; i < COUNT_OF(superscripts); i++)
        if (view_starts(rest, superscripts[i])) {
            buffer_text(out, *raised ? "" : "^");
            buffer_byte(out, "0123456789+-"[i]);
            *raised = true;
            return strlen(superscripts[i]);
        }
    *raised = false;
    for (size_t i = 0; i < COUNT_OF(signs); i++)
        if (view_starts(rest, signs[i].from)) {
            buffer_text(out, signs[i].to);
            return strlen(signs[i].from);
        }
    return 0;
}

static size_t count_mark(struct view text, char mark) {
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++)
        n += text.at[i] == mark;
    return n;
}

static void put_ascii(struct view text, int depth, struct buffer *out);

static bool is_digit(struct view text, size_t at) {
    return at < text.n && isdigit((unsigned char)text.at[at]);
}

static size_t digits_from(struct view text, size_t at) {
    size_t n = 0;
    while (is_digit(text, at + n))
        n++;
    return n;
}

/* Bytes up to the brace that closes the one at the start, or 0. */
static size_t braced(struct view text) {
    int depth = 0;
    for (size_t i = 0; i < text.n; i++) {
        depth += (text.at[i] == '{') - (text.at[i] == '}');
        if (!depth)
            return i + 1;
    }
    return 0;
}

/* \text{ m/s} is its inside, ^{-2} is ^(-2); bytes used, 0 for neither. */
static size_t put_braced(struct view rest, int depth, struct buffer *out) {
    static const char *const wrappers[] = {
        "\\text", "\\mathrm", "\\operatorname", "\\mbox", "\\unit", "\\textrm", "^"};
    for (size_t i = 0; i < COUNT_OF(wrappers) && depth < 4; i++) {
        size_t n = strlen(wrappers[i]);
        struct view after = view_slice(rest, n, rest.n);
        size_t used =
            view_starts(rest, wrappers[i]) && view_starts(after, "{") ? braced(after) : 0;
        if (used < 2)
            continue;
        bool power = rest.at[0] == '^';
        buffer_text(out, power ? "^(" : " ");
        put_ascii(view_slice(after, 1, used - 1), depth + 1, out);
        buffer_text(out, power ? ")" : "");
        return n + used;
    }
    return 0;
}

static void put_letter(struct view letter, struct buffer *out) {
    int32_t c;
    utf8_decode(letter.at, letter.n, &c);
    for (size_t i = 0; i < COUNT_OF(zeros); i++)
        if (c >= zeros[i] && c <= zeros[i] + 9) {
            buffer_byte(out, (char)('0' + c - zeros[i]));
            return;
        }
    if (c >= 0xff01 && c <= 0xff5e)
        buffer_byte(out, (char)(c - 0xfee0));
    else
        buffer_append(out, letter);
}

static void put_ascii(struct view text, int depth, struct buffer *out) {
    bool raised = false, formula = count_mark(text, '$') == 2; /* one is a dollar */
    for (size_t i = 0, used; i < text.n; i += used) {
        struct view rest = view_slice(text, i, text.n);
        int32_t c;
        bool within = i && isdigit((unsigned char)text.at[i - 1]);
        if ((used = put_sign(rest, &raised, out)) || (used = put_braced(rest, depth, out)) ||
            (used = formula && rest.at[0] == '$'))
            continue;
        if ((used = within && rest.at[0] == '_' && is_digit(rest, 1))) /* 1_000_000 */
            continue;
        used = utf8_decode(rest.at, rest.n, &c);
        put_letter(view_slice(rest, 0, used), out);
    }
}

/* ------------------------------------------------------------------------- grouping marks */

/* The end of a run of digits and marks, each mark between digits; a space only where it groups. */
static size_t numeral_end(struct view text, size_t at) {
    while (at < text.n) {
        char c = text.at[at];
        size_t after = digits_from(text, at + 1);
        bool spaced = c == ' ' && after == 3 && at && is_digit(text, at - 1) &&
                      !(at + 4 < text.n && text.at[at + 4] == '/');
        bool marked = (c == ',' || c == '\'') && after;
        if (!isdigit((unsigned char)c) && c != '.' && !marked && !spaced)
            break;
        at++;
    }
    return at;
}

/* Every mark from `from` to `to` parts groups of three (of two before the last in India). */
static bool is_grouped(struct view text, size_t from, size_t to, char mark, bool india) {
    size_t first = digits_from(text, from), at = from + first;
    if (!first || first > 3 || (text.at[from] == '0' && first == 1))
        return false;
    while (at < to && text.at[at] == mark) {
        size_t n = digits_from(text, at + 1);
        bool last = at + 1 + n >= to || text.at[at + 1 + n] != mark;
        if (n != 3 && !(india && n == 2 && !last))
            return false;
        at += n + 1;
    }
    return at == to;
}

static ptrdiff_t last_mark(struct view text, char mark) {
    for (size_t i = text.n; i--;)
        if (text.at[i] == mark)
            return (ptrdiff_t)i;
    return -1;
}

/* Which of , and . is the decimal mark of one numeral: 0 for none, -1 for ambiguous. */
static int decimal_mark(struct view numeral, const struct number_style *style) {
    size_t commas = count_mark(numeral, ','), points = count_mark(numeral, '.');
    if (commas && points)
        return last_mark(numeral, ',') > last_mark(numeral, '.') ? ',' : '.';
    if (!commas && !points)
        return 0;
    char mark = commas ? ',' : '.';
    if (commas + points > 1)
        return 0;
    bool groups = is_grouped(numeral, 0, numeral.n, mark, style->india);
    char own = style->comma ? ',' : '.';
    if (!groups || (mark == own && !style->either))
        return mark;
    return style->known ? (style->group == mark ? 0 : mark) : -1;
}

/* A numeral with a point and no marks. NULL, "ambiguous" or "unreadable". */
static const char *ungroup(struct view numeral, const struct number_style *style,
                           struct buffer *out) {
    static const char marks[] = {',', '.', '\'', ' '};
    int point = decimal_mark(numeral, style);
    ptrdiff_t at = point > 0 ? last_mark(numeral, (char)point) : -1;
    size_t whole = at >= 0 ? (size_t)at : numeral.n;
    if (point < 0)
        return "ambiguous";
    for (size_t i = 0; i < COUNT_OF(marks); i++) {
        struct view before = view_slice(numeral, 0, whole);
        if (view_find(view_slice(numeral, whole + 1, numeral.n), (struct view){&marks[i], 1}) >= 0)
            return "unreadable";
        if (count_mark(before, marks[i]) &&
            !is_grouped(numeral, 0, whole, marks[i], style->india && marks[i] == ','))
            return "unreadable";
    }
    for (size_t i = 0; i < numeral.n; i++)
        if (isdigit((unsigned char)numeral.at[i]))
            buffer_byte(out, numeral.at[i]);
        else if ((ptrdiff_t)i == at)
            buffer_byte(out, '.');
    return NULL;
}

/* 1.5 10^-7 and 6.022 E23, where only the space says times: the bytes of it. */
static size_t power_gap(struct view text, size_t at) {
    struct view rest = view_slice(text, at, text.n);
    return at && is_digit(text, at - 1) && view_starts(rest, " 10^") ? 1 : 0;
}

const char *numerals_plain(struct view text, const struct number_style *style,
                           struct buffer *out) {
    for (size_t at = 0; at < text.n;) {
        struct view rest = view_slice(text, at, text.n);
        bool starts = is_digit(text, at) ||
                      ((text.at[at] == '.' || text.at[at] == ',') && is_digit(text, at + 1));
        if (starts) {
            /* \log_2 256 is of two numerals. */
            bool index = at && text.at[at - 1] == '_' && is_digit(text, at);
            size_t end = index ? at + digits_from(text, at) : numeral_end(text, at);
            const char *note = ungroup(view_slice(text, at, end), style, out);
            if (note)
                return note;
            at = end;
        } else if ((view_starts(rest, "x 10^") || view_starts(rest, "x10^") ||
                    view_starts(rest, "X10^") || view_starts(rest, "X 10^")) &&
                   out->n) {
            buffer_byte(out, '*');
            at++;
        } else if (power_gap(text, at)) {
            buffer_byte(out, '*');
            at++;
        } else if (at && is_digit(text, at - 1) && view_starts(rest, " E") &&
                   is_digit(text, at + 2))
            at++;
        else
            buffer_byte(out, text.at[at++]);
    }
    return NULL;
}

/* ------------------------------------------------------------------------ repeating decimals */

/* Over a digit: it is repeated. */
static size_t overline(struct view text, size_t at) {
    struct view rest = view_slice(text, at, text.n);
    return view_starts(rest, "\u0305") || view_starts(rest, "\u0304") ? 2 : 0;
}

/* The shortest block that the digits end on twice, as in 0.1666… and 0.1212…; 0 for none. */
static size_t repeated_block(const char *digits, size_t n) {
    for (size_t block = 1; 2 * block <= n; block++)
        if (!memcmp(digits + n - block, digits + n - 2 * block, block))
            return block;
    return 0;
}

struct repeating {
    char digits[20]; /* behind the point; the last `block` of them are repeated */
    size_t n, block;
};

static bool add_digit(struct repeating *r, char digit) {
    return r->n < 12 && (r->digits[r->n++] = digit, true);
}

/* What stands behind the point, from `at`: its end, or 0 when nothing is repeated. */
static size_t read_repeating(struct view text, size_t at, struct repeating *r) {
    static const char *const opens[] = {"(", "\\overline{", "\\bar{"};
    size_t bar;
    while (is_digit(text, at) && !overline(text, at + 1))
        if (!add_digit(r, text.at[at++]))
            return 0;
    while (is_digit(text, at) && (bar = overline(text, at + 1))) {
        if (!add_digit(r, text.at[at]))
            return 0;
        at += 1 + bar;
        r->block++;
    }
    struct view rest = view_slice(text, at, text.n);
    for (size_t i = 0; i < COUNT_OF(opens) && !r->block; i++) {
        size_t open = strlen(opens[i]), n = digits_from(rest, open);
        if (!view_starts(rest, opens[i]) || !n || open + n >= rest.n ||
            !strchr(")}", rest.at[open + n]))
            continue;
        for (size_t j = 0; j < n; j++)
            if (!add_digit(r, rest.at[open + j]))
                return 0;
        r->block = n;
        return at + open + n + 1;
    }
    size_t dots = view_starts(rest, "...") || view_starts(rest, "…") ? 3 : 0;
    if (!r->block && dots && (r->block = repeated_block(r->digits, r->n)))
        return at + dots;
    return r->block ? at : 0;
}

/* 0.1(6) = (16 - 1)/(10·9). */
static void put_repeating(struct view whole, const struct repeating *r, struct buffer *out) {
    int64_t all = 0, before = 0, ten = 1, nines = 1;
    for (size_t i = 0; i < whole.n; i++)
        all = all * 10 + (whole.at[i] - '0');
    before = all;
    for (size_t i = 0; i < r->n; i++) {
        all = all * 10 + (r->digits[i] - '0');
        if (i < r->n - r->block) {
            before = before * 10 + (r->digits[i] - '0');
            ten *= 10;
        } else
            nines *= 10;
    }
    buffer_format(out, "(%lld/%lld)", (long long)(all - before), (long long)(ten * (nines - 1)));
}

static void expand_repeating(struct view text, struct buffer *out) {
    for (size_t at = 0; at < text.n;) {
        size_t n = digits_from(text, at), end = 0;
        bool starts =
            n && n <= 4 && !(at && (is_digit(text, at - 1) || strchr(".,_", text.at[at - 1])));
        struct repeating r = {.n = 0};
        if (starts && at + n < text.n && strchr(".,", text.at[at + n]))
            end = read_repeating(text, at + n + 1, &r);
        if (end)
            put_repeating(view_slice(text, at, at + n), &r, out);
        else
            buffer_append(out, view_slice(text, at, n ? at + n : at + 1));
        at = end ? end : n ? at + n : at + 1;
    }
}

/* --------------------------------------------------------------------------------- the door */

/* "2 and 3/4" is mixed; "7-" is how -7 looks where one writes from the right. */
static void put_mixed(struct view text, struct buffer *out) {
    static const char join[] = " and ";
    if (text.n > 1 && text.at[text.n - 1] == '-' && is_digit(text, text.n - 2)) {
        buffer_byte(out, '-');
        text.n--;
    }
    ptrdiff_t found = view_find(text, view_of(join));
    size_t at = found < 0 ? text.n : (size_t)found, after = at + sizeof join - 1;
    size_t above = digits_from(text, after);
    bool mixed = found > 0 && is_digit(text, at - 1) && above && after + above < text.n &&
                 text.at[after + above] == '/';
    buffer_append(out, view_slice(text, 0, mixed ? at : text.n));
    if (mixed) {
        buffer_byte(out, ' ');
        buffer_append(out, view_slice(text, after, text.n));
    }
}

/* 百分之25 and ٪٢٥ are 25 %. */
static struct view percent_behind(struct view text, struct buffer *out) {
    static const char *const before[] = {"百分之", "٪"};
    for (size_t i = 0; i < COUNT_OF(before); i++)
        if (view_starts(text, before[i])) {
            buffer_append(out, view_slice(text, strlen(before[i]), text.n));
            buffer_byte(out, '%');
            return buffer_view(out);
        }
    return text;
}

/* "x = 2,5." ends a sentence. */
static struct view without_stop(struct view text) {
    bool stop = text.n > 1 && text.at[text.n - 1] == '.' && is_digit(text, text.n - 2);
    return stop ? view_slice(text, 0, text.n - 1) : text;
}

void numeral_ascii(struct view text, struct buffer *out) {
    struct buffer turned = {0}, ascii = {0}, mixed = {0};
    put_ascii(percent_behind(view_trim(text), &turned), 0, &ascii);
    put_mixed(without_stop(view_trim(buffer_view(&ascii))), &mixed);
    expand_repeating(buffer_view(&mixed), out);
    buffer_free(&turned);
    buffer_free(&ascii);
    buffer_free(&mixed);
}
