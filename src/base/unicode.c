/* UTF-8 by our own decoder; classes and normal forms by utf8proc. */
#include "base/base.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <utf8proc.h>

size_t utf8_decode(const char *at, size_t n, int32_t *code_point) {
    uint8_t first = (uint8_t)at[0];
    if (first < 0x80) {
        *code_point = first;
        return 1;
    }
    size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    *code_point = -1;
    if (first < 0xC2 || first > 0xF4 || length > n)
        return 1;
    int32_t value = first & (0x7F >> length);
    for (size_t i = 1; i < length; i++) {
        uint8_t byte = (uint8_t)at[i];
        if ((byte & 0xC0) != 0x80)
            return 1;
        value = value << 6 | (byte & 0x3F);
    }
    static const int32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (value < least[length] || value > 0x10FFFF || (value >= 0xD800 && value < 0xE000))
        return 1;
    *code_point = value;
    return length;
}

size_t utf8_encode(int32_t c, char out[4]) {
    if (c < 0 || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000))
        c = 0xFFFD;
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    size_t length = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = length - 1; i > 0; i--, c >>= 6)
        out[i] = (char)(0x80 | (c & 0x3F));
    static const uint8_t lead[] = {0, 0, 0xC0, 0xE0, 0xF0};
    out[0] = (char)(lead[length] | c);
    return length;
}

bool utf8_valid(struct view v) {
    for (size_t i = 0; i < v.n;) {
        int32_t c;
        i += utf8_decode(v.at + i, v.n - i, &c);
        if (c < 0)
            return false;
    }
    return true;
}

size_t utf8_whole(struct view v) {
    for (size_t back = 1; back <= 3 && back <= v.n; back++) {
        uint8_t byte = (uint8_t)v.at[v.n - back];
        if ((byte & 0xC0) == 0x80)
            continue;
        size_t length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1;
        return length > back ? v.n - back : v.n;
    }
    return v.n;
}

size_t utf8_length(struct view v) {
    size_t length = 0;
    for (size_t i = 0; i < v.n; length++) {
        int32_t c;
        i += utf8_decode(v.at + i, v.n - i, &c);
    }
    return length;
}

static bool is_white_space(int32_t c) {
    return (c >= 9 && c <= 13) || c == 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F ||
           c == 0x205F || c == 0x3000;
}

enum unicode_class unicode_class(int32_t c) {
    if (c < 0)
        return UNICODE_OTHER;
    if (is_white_space(c))
        return UNICODE_SPACE;
    switch (utf8proc_category(c)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
        return UNICODE_LETTER;
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
        return UNICODE_MARK;
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
        return UNICODE_NUMBER;
    case UTF8PROC_CATEGORY_PC:
    case UTF8PROC_CATEGORY_PD:
    case UTF8PROC_CATEGORY_PS:
    case UTF8PROC_CATEGORY_PE:
    case UTF8PROC_CATEGORY_PI:
    case UTF8PROC_CATEGORY_PF:
    case UTF8PROC_CATEGORY_PO:
        return UNICODE_PUNCTUATION;
    case UTF8PROC_CATEGORY_SM:
    case UTF8PROC_CATEGORY_SC:
    case UTF8PROC_CATEGORY_SK:
    case UTF8PROC_CATEGORY_SO:
        return UNICODE_SYMBOL;
    default:
        return UNICODE_OTHER;
    }
}

bool unicode_is_accent(int32_t c) {
    return c >= 0 && utf8proc_category(c) == UTF8PROC_CATEGORY_MN;
}

bool unicode_is_control(int32_t c) {
    utf8proc_category_t category = c >= 0 ? utf8proc_category(c) : UTF8PROC_CATEGORY_CC;
    return category == UTF8PROC_CATEGORY_CC || category == UTF8PROC_CATEGORY_CF ||
           category == UTF8PROC_CATEGORY_CO;
}

int32_t unicode_lower(int32_t c) {
    return c >= 0 ? utf8proc_tolower(c) : c;
}

int unicode_decompose(int32_t c, int32_t out[4]) {
    int boundary = 0;
    ptrdiff_t n = c < 0 ? 0
                        : utf8proc_decompose_char(c, out, 4, UTF8PROC_DECOMPOSE | UTF8PROC_STABLE,
                                                  &boundary);
    if (n >= 1 && n <= 4)
        return (int)n;
    out[0] = c;
    return 1;
}

bool unicode_is_han(int32_t c) {
    return (c >= 0x3400 && c <= 0x4DBF) || (c >= 0x4E00 && c <= 0x9FFF) ||
           (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x20000 && c <= 0x3FFFF) || c == 0x3005 ||
           c == 0x3007;
}

static int combining_class(int32_t point) {
    return utf8proc_get_property(point)->combining_class;
}

/* Canonical order of combining marks, which decompose_char leaves to its caller: each run of them
 * by class, those of one class as they stood. Long runs by counting, so that nobody can make
 * them costly. */
static void order_marks(int32_t *points, size_t n) {
    for (size_t i = 0, end; i < n; i = end + 1) {
        end = i;
        while (end < n && combining_class(points[end]))
            end++;
        if (end - i < 2)
            continue;
        size_t place[257] = {0};
        int32_t *run = try_alloc(end - i, sizeof *run, NULL);
        if (!memory_granted(run != NULL))
            return;
        memcpy(run, points + i, (end - i) * sizeof *run);
        for (size_t k = 0; k < end - i; k++)
            place[combining_class(run[k]) + 1]++;
        for (size_t class = 1; class < COUNT_OF(place); class ++)
            place[class] += place[class - 1];
        for (size_t k = 0; k < end - i; k++)
            points[i + place[combining_class(run[k])]++] = run[k];
        free(run);
    }
}

/* Decomposes character by character (utf8proc does the folding), then composes the whole. */
static void normalise(struct view v, struct buffer *out, int options) {
    size_t capacity = 0, n = 0;
    int32_t *points = NULL;
    int boundary = 0;
    bool room = memory_granted(TRY_ROOM(points, capacity, v.n + 16));
    for (size_t i = 0; room && i < v.n;) {
        int32_t c, pieces[32];
        i += utf8_decode(v.at + i, v.n - i, &c);
        ptrdiff_t k = utf8proc_decompose_char(c < 0 ? 0xFFFD : c, pieces, 32,
                                              (utf8proc_option_t)options, &boundary);
        MUST(k >= 0 && k <= 32);
        room = memory_granted(TRY_ROOM(points, capacity, n + (size_t)k));
        if (!room)
            break;
        memcpy(points + n, pieces, (size_t)k * sizeof *points);
        n += (size_t)k;
    }
    if (n)
        order_marks(points, n);
    ptrdiff_t composed =
        n == 0 ? 0
               : utf8proc_normalize_utf32(points, (ptrdiff_t)n,
                                          (utf8proc_option_t)(options | UTF8PROC_COMPOSE));
    MUST(composed >= 0);
    for (ptrdiff_t i = 0; i < composed; i++) {
        char bytes[4];
        buffer_append(out, (struct view){bytes, utf8_encode(points[i], bytes)});
    }
    free(points);
}

void unicode_fold(struct view v, struct buffer *out) {
    normalise(v, out, UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD | UTF8PROC_STABLE);
}

void unicode_nfc(struct view v, struct buffer *out) {
    normalise(v, out, UTF8PROC_DECOMPOSE | UTF8PROC_STABLE);
}

void unicode_nfkc(struct view v, struct buffer *out) {
    normalise(v, out, UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE | UTF8PROC_STABLE);
}

bool language_right_to_left(struct view tag) {
    static const char *const tags[] = {"ar", "ckb", "dv", "fa", "he", "ku",
                                       "ps", "sd",  "ug", "ur", "yi"};
    for (size_t i = 0; i < COUNT_OF(tags); i++) {
        size_t n = strlen(tags[i]);
        if (tag.n >= n && !strncasecmp(tag.at, tags[i], n) && (tag.n == n || tag.at[n] == '-'))
            return true;
    }
    return false;
}
