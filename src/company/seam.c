/* Where one writer stops and the next begins. */
#include "company/seam.h"

#include <string.h>

enum { LONGEST_WORD = 200, LOOK_BACK = 4000 };

void seam_free(struct seam *seam) {
    buffer_free(&seam->said);
    buffer_free(&seam->held);
    buffer_free(&seam->gap);
}

/* ----------------------------------------------------------------------------------- characters
 */

static size_t begin_of_last(struct view text, size_t end) {
    size_t at = end - 1;
    while (at > 0 && end - at < 4 && ((unsigned char)text.at[at] & 0xC0) == 0x80)
        at--;
    return at;
}

static int32_t last_of(struct view text, size_t end) {
    int32_t c;
    size_t at = begin_of_last(text, end);
    utf8_decode(text.at + at, end - at, &c);
    return c;
}

static int32_t first_of(struct view text) {
    int32_t c = 0;
    if (text.n)
        utf8_decode(text.at, text.n, &c);
    return c;
}

static bool is_space(int32_t c) {
    return unicode_class(c) == UNICODE_SPACE;
}

/* Letters and digits that stand together as a word; scripts without spaces have none. */
static bool is_word(int32_t c) {
    enum unicode_class class = c >= 0 ? unicode_class(c) : UNICODE_OTHER;
    bool apart = (c >= 0x0E00 && c <= 0x0EFF) || (c >= 0x1000 && c <= 0x109F) ||
                 (c >= 0x1780 && c <= 0x17FF) || (c >= 0x3040 && c <= 0x30FF) || unicode_is_han(c);
    return !apart && (class == UNICODE_LETTER || class == UNICODE_MARK || class == UNICODE_NUMBER);
}

static bool is_letter(int32_t c) {
    return c > 0 && (unicode_class(c) == UNICODE_LETTER || unicode_class(c) == UNICODE_NUMBER);
}

/* --------------------------------------------------------------------------------- whole words
 */

static size_t back_over(struct view text, size_t end, bool (*is)(int32_t)) {
    while (end && is(last_of(text, end)))
        end = begin_of_last(text, end);
    return end;
}

static bool is_sign(int32_t c) {
    return !is_space(c) && !is_letter(c);
}

/* How much of it may be said: not a last word that may go on, nor a sign that opens it (a dash of
 * a list, a bracket), nor the spaces before. */
static size_t whole_words(struct view text) {
    size_t end = back_over(text, back_over(text, text.n, is_word), is_space);
    size_t sign = back_over(text, end, is_sign);
    if (sign < end && sign && is_space(last_of(text, sign)))
        end = back_over(text, sign, is_space);
    return text.n - end > LONGEST_WORD ? utf8_whole(text) : end;
}

static void release(struct seam *seam, size_t n, struct buffer *out) {
    struct view text = view_slice(buffer_view(&seam->held), 0, n);
    buffer_append(out, text);
    buffer_append(&seam->said, text);
    if (n) {
        memmove(seam->held.at, seam->held.at + n, seam->held.n - n);
        seam->held.n -= n;
        seam->held.at[seam->held.n] = 0;
    }
}

/* -------------------------------------------------------------------------------------- joining
 */

static size_t count_words(struct view text) {
    size_t n = 0;
    bool inside = false;
    for (size_t i = 0; i < text.n;) {
        int32_t c;
        i += utf8_decode(text.at + i, text.n - i, &c);
        bool word = is_word(c);
        n += (word && !inside) || (!word && is_letter(c));
        inside = word;
    }
    return n;
}

enum overlap { OVERLAP_NONE, OVERLAP_MAY_BE, OVERLAP_IS };

/* Whether the new text begins with what was said from here to the end. */
static enum overlap overlaps(const struct seam *seam, struct view from_here, struct view text,
                             bool to_the_end, bool over) {
    size_t least = seam->writer == SEAM_PREFILL ? 3 : is_word(first_of(from_here)) ? 1 : 2;
    size_t shared = text.n < from_here.n ? text.n : from_here.n;
    if (memcmp(from_here.at, text.at, shared))
        return OVERLAP_NONE;
    size_t words = count_words(from_here);
    if (words < least && !(to_the_end && words > 1))
        return OVERLAP_NONE;
    if (text.n < from_here.n || (text.n == from_here.n && !over))
        return over ? OVERLAP_NONE : OVERLAP_MAY_BE;
    int32_t next = first_of(view_slice(text, from_here.n, text.n));
    bool word_goes_on = is_word(last_of(from_here, from_here.n)) && next && is_word(next);
    return word_goes_on ? OVERLAP_NONE : OVERLAP_IS;
}

/* Bytes of the text that were said already; −1: more has to come before that is clear. */
static ptrdiff_t overlap_of(const struct seam *seam, struct view text, bool over) {
    struct view said = buffer_view(&seam->said);
    size_t from = said.n > LOOK_BACK ? said.n - LOOK_BACK : 0;
    for (size_t i = 0; i < said.n;) {
        bool begins = i == 0 || (i >= from && !(is_word(last_of(said, i)) &&
                                                is_word(first_of(view_slice(said, i, said.n)))));
        struct view here = view_slice(said, i, said.n);
        enum overlap found = begins && !is_space(first_of(here))
                                 ? overlaps(seam, here, text, i == 0, over)
                                 : OVERLAP_NONE;
        if (found != OVERLAP_NONE)
            return found == OVERLAP_IS ? (ptrdiff_t)here.n : -1;
        int32_t c;
        i += utf8_decode(said.at + i, said.n - i, &c);
    }
    return 0;
}

static bool closes(int32_t c) {
    static const char marks[] = ".,;:!?)]}%";
    return c > 0 && c < 0x80 && strchr(marks, (int)c);
}

static bool needs_space(int32_t before, int32_t after) {
    return is_word(after) && (is_word(before) || closes(before));
}

/* What stands between: what who failed had written there, or what the two sides ask for. */
static void add_gap(const struct seam *seam, int32_t before, int32_t after, struct buffer *out) {
    if (closes(after) || !after || is_space(before))
        return;
    if (seam->gap.n)
        buffer_append(out, buffer_view(&seam->gap));
    else if (needs_space(before, after))
        buffer_byte(out, ' ');
}

/* Finds where the new words begin; false when more has to come. */
static bool join(struct seam *seam, bool over) {
    struct view held = buffer_view(&seam->held), said = buffer_view(&seam->said);
    size_t space = 0;
    while (space < held.n && is_space(first_of(view_slice(held, space, held.n)))) {
        int32_t c;
        space += utf8_decode(held.at + space, held.n - space, &c);
    }
    struct view text = view_slice(held, space, held.n);
    if (!text.n && !over)
        return false;
    ptrdiff_t overlap = text.n ? overlap_of(seam, text, over) : 0;
    if (overlap < 0)
        return false;
    struct buffer joined = {0};
    if (overlap)
        buffer_append(&joined, view_slice(text, (size_t)overlap, text.n));
    else {
        if (!space)
            add_gap(seam, last_of(said, said.n), first_of(text), &joined);
        buffer_append(&joined, is_space(last_of(said, said.n)) ? text : held);
    }
    buffer_free(&seam->held);
    seam->held = joined;
    seam->joining = false;
    return true;
}

/* ---------------------------------------------------------------------------------------- doors
 */

void seam_begin(struct seam *seam, enum seam_writer writer) {
    struct view held = buffer_view(&seam->held);
    size_t n = 0;
    while (n < held.n && n < 8 && (held.at[n] == ' ' || held.at[n] == '\n'))
        n++;
    if (held.n && !seam->joining) {
        buffer_clear(&seam->gap);
        buffer_append(&seam->gap, view_slice(held, 0, n));
    }
    buffer_clear(&seam->held);
    seam->writer = writer;
    seam->joining = writer != SEAM_EXACT && seam->said.n > 0;
}

void seam_add(struct seam *seam, struct view text, struct buffer *out) {
    buffer_append(&seam->held, text);
    if (seam->joining && !join(seam, false))
        return;
    struct view held = buffer_view(&seam->held);
    release(seam, seam->whole_words ? whole_words(held) : held.n, out);
}

void seam_end(struct seam *seam, struct buffer *out) {
    if (seam->joining)
        join(seam, true);
    release(seam, seam->held.n, out);
}
