/* text: words, however they are spaced, cased and punctuated; or an author's pattern. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "school/grade/inside.h"

#include <pcre2.h>
#include <string.h>

enum { LONGEST_TEXT = 20000, LONGEST_PATTERN = 2000 };

/* Of the marks of punctuation, those that mean something: C#, 50%, a_b, *.c, a/b. */
static bool has_meaning(int32_t c) {
    return c > 0 && c < 128 && strchr("#%&*@/\\_", (char)c) != NULL;
}

/* The minus of -5 and the point of 1.5. */
static bool belongs_to_number(struct view text, size_t at, size_t used) {
    bool digit_after =
        at + used < text.n && text.at[at + used] >= '0' && text.at[at + used] <= '9';
    bool digit_before = at && text.at[at - 1] >= '0' && text.at[at - 1] <= '9';
    bool start = !at || text.at[at - 1] == ' ' || text.at[at - 1] == '(' || text.at[at - 1] == '=';
    return digit_after && ((start && text.at[at] == '-') ||
                           (digit_before && (text.at[at] == '.' || text.at[at] == ',')));
}

/* Without the marks that quote the whole of it: `x`, "x", 「x」. */
static struct view without_quotes(struct view text) {
    static const struct {
        const char *open, *close;
    } marks[] = {{"`", "`"}, {"\"", "\""}, {"'", "'"},   {"“", "”"},   {"„", "“"},
                 {"‘", "’"}, {"«", "»"},   {"「", "」"}, {"『", "』"}, {"＂", "＂"}};
    text = view_trim(text);
    for (size_t i = 0; i < COUNT_OF(marks); i++) {
        size_t open = strlen(marks[i].open), close = strlen(marks[i].close);
        if (text.n <= open + close || !view_starts(text, marks[i].open) ||
            !view_ends(text, marks[i].close))
            continue;
        struct view inside = view_trim(view_slice(text, open, text.n - close));
        if (inside.n)
            return without_quotes(inside);
    }
    return text;
}

/* NFKC, folded; no marks around it; punctuation and runs of space become one space; none at the
 * ends. */
static void normalise(struct view text, struct buffer *out) {
    struct buffer folded = {0};
    bool space = false;
    unicode_fold(without_quotes(text), &folded);
    for (size_t i = 0; i < folded.n;) {
        int32_t c;
        size_t used = utf8_decode(folded.at + i, folded.n - i, &c);
        enum unicode_class class = unicode_class(c);
        bool blank = class == UNICODE_SPACE || (class == UNICODE_PUNCTUATION && !has_meaning(c));
        if (blank && !belongs_to_number(buffer_view(&folded), i, used))
            space = out->n > 0;
        else {
            if (space)
                buffer_byte(out, ' ');
            space = false;
            buffer_append(out, (struct view){folded.at + i, used});
        }
        i += used;
    }
    if (!out->n) /* nothing but marks: then they are what is asked for */
        buffer_append(out, view_trim(buffer_view(&folded)));
    buffer_free(&folded);
}

/* Without the vowel signs of Arabic and what stretches a word; their number. */
static size_t without_vowels(struct view text, struct buffer *out) {
    enum { FIRST = 0x64B, LAST = 0x652, SMALL_ALEF = 0x670, TATWEEL = 0x640 };
    size_t n = 0;
    int32_t c;
    for (size_t i = 0, used; i < text.n; i += used) {
        used = utf8_decode(text.at + i, text.n - i, &c);
        bool sign = (c >= FIRST && c <= LAST) || c == SMALL_ALEF;
        n += sign;
        if (!sign && c != TATWEEL)
            buffer_append(out, view_slice(text, i, i + used));
    }
    return n;
}

/* Vowel signs are written or not, as one likes; where both have them they are compared. */
static bool same_words(struct view key, struct view answer) {
    struct buffer bare_key = {0}, bare_answer = {0};
    size_t of_key = without_vowels(key, &bare_key);
    size_t of_answer = without_vowels(answer, &bare_answer);
    bool bare = !of_key || !of_answer;
    bool same = key.n && (view_equal(key, answer) ||
                          (bare && view_equal(buffer_view(&bare_key), buffer_view(&bare_answer))));
    buffer_free(&bare_key);
    buffer_free(&bare_answer);
    return same;
}

static bool matches(struct grading *g, const char *pattern, struct view text, bool *found) {
    int error;
    PCRE2_SIZE offset;
    if (strlen(pattern) > LONGEST_PATTERN)
        return fault_set(g->fault, FAULT_LIMIT, "the pattern is over %d bytes long",
                         LONGEST_PATTERN);
    pcre2_code *code =
        pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED,
                      PCRE2_UTF | PCRE2_UCP | PCRE2_CASELESS | PCRE2_ANCHORED | PCRE2_ENDANCHORED,
                      &error, &offset, NULL);
    if (!code)
        return fault_set(g->fault, FAULT_INPUT, "the pattern is wrong at its character %zu",
                         offset + 1);
    pcre2_match_context *limits = pcre2_match_context_create(NULL);
    pcre2_match_data *match = pcre2_match_data_create_from_pattern(code, NULL);
    pcre2_set_match_limit(limits, 100000);
    pcre2_set_depth_limit(limits, 1000);
    pcre2_set_heap_limit(limits, 4096);
    int told =
        pcre2_match(code, (PCRE2_SPTR)(text.at ? text.at : ""), text.n, 0, 0, match, limits);
    *found = told >= 0;
    pcre2_match_data_free(match);
    pcre2_match_context_free(limits);
    pcre2_code_free(code);
    if (told < 0 && told != PCRE2_ERROR_NOMATCH)
        return fault_set(g->fault, FAULT_LIMIT,
                         "the pattern takes too long on this answer: it tries too many ways");
    return true;
}

static bool same_text(const json_t *key, struct view answer) {
    struct buffer raw = {0}, plain = {0};
    bool same = grade_scalar(key, &raw);
    if (same) {
        normalise(buffer_view(&raw), &plain);
        same = same_words(buffer_view(&plain), answer);
    }
    buffer_free(&raw);
    buffer_free(&plain);
    return same;
}

bool grade_text(struct grading *g) {
    struct buffer raw = {0}, plain = {0};
    const char *pattern = json_text(g->options, "pattern", NULL);
    bool found = false, good = true;
    if (json_object_get(g->options, "pattern") && !pattern)
        return fault_set(g->fault, FAULT_INPUT, "the pattern must be a text");
    if (g->key && !json_is_array(g->key) && !json_is_string(g->key) && !json_is_number(g->key))
        return fault_set(g->fault, FAULT_INPUT,
                         "the key of text must be a text or a list of them");
    if (!grade_scalar(g->answer, &raw))
        grade_unreadable(g, FAULT_INPUT, "the answer must be a text");
    else if (!view_trim(buffer_view(&raw)).n)
        grade_unreadable(g, FAULT_INPUT, "there is nothing written");
    else if (raw.n > LONGEST_TEXT)
        grade_unreadable(g, FAULT_LIMIT, "the answer is too long");
    else {
        normalise(buffer_view(&raw), &plain);
        found = same_text(g->key, buffer_view(&plain));
        for (size_t i = 0; i < json_array_size(g->key) && !found; i++)
            found = same_text(json_array_get(g->key, i), buffer_view(&plain));
        if (!found && pattern)
            good = matches(g, pattern, view_trim(buffer_view(&raw)), &found) &&
                   (found || matches(g, pattern, without_quotes(buffer_view(&raw)), &found));
        if (good)
            grade_say(g, found ? 1 : 0, "");
    }
    buffer_free(&raw);
    buffer_free(&plain);
    return good;
}
