/* text: words, however they are spaced, cased and punctuated; or an author's pattern. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "school/grade/inside.h"

#include <pcre2.h>

/* NFKC, folded; punctuation and runs of space become one space; none at the ends. */
static void normalise(struct view text, struct buffer *out) {
    struct buffer folded = {0};
    bool space = false;
    unicode_fold(text, &folded);
    for (size_t i = 0; i < folded.n;) {
        int32_t c;
        size_t used = utf8_decode(folded.at + i, folded.n - i, &c);
        enum unicode_class class = unicode_class(c);
        if (class == UNICODE_SPACE || class == UNICODE_PUNCTUATION)
            space = out->n > 0;
        else {
            if (space)
                buffer_byte(out, ' ');
            space = false;
            buffer_append(out, (struct view){folded.at + i, used});
        }
        i += used;
    }
    buffer_free(&folded);
}

static bool matches(struct grading *g, const char *pattern, struct view text, bool *found) {
    int error;
    PCRE2_SIZE offset;
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
        return fault_set(g->fault, FAULT_LIMIT, "the pattern takes too long on this answer");
    return true;
}

static bool same_text(const json_t *key, struct view answer) {
    struct buffer raw = {0}, plain = {0};
    bool same = grade_scalar(key, &raw);
    if (same) {
        normalise(buffer_view(&raw), &plain);
        same = plain.n && view_equal(buffer_view(&plain), answer);
    }
    buffer_free(&raw);
    buffer_free(&plain);
    return same;
}

bool grade_text(struct grading *g) {
    struct buffer raw = {0}, plain = {0};
    const char *pattern = json_text(g->options, "pattern", NULL);
    bool found = false, good = true;
    if (!grade_scalar(g->answer, &raw) || raw.n > 20000 || !utf8_valid(buffer_view(&raw)))
        grade_say(g, 0, "unreadable");
    else {
        normalise(buffer_view(&raw), &plain);
        found = same_text(g->key, buffer_view(&plain));
        for (size_t i = 0; i < json_array_size(g->key) && !found; i++)
            found = same_text(json_array_get(g->key, i), buffer_view(&plain));
        if (!found && pattern)
            good = matches(g, pattern, view_trim(buffer_view(&raw)), &found);
        if (good)
            grade_say(g, found ? 1 : 0, "");
    }
    buffer_free(&raw);
    buffer_free(&plain);
    return good;
}
