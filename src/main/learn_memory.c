/* The memory's acts, each by the character that begins it. */
#include "main/learn_memory.h"
#include "main/learn_words.h"

#include <ctype.h>
#include <string.h>
#include <time.h>

struct asked {
    struct school *school;
    int64_t learner;
    const char *language;
};

static void add_tags(struct buffer *out, const json_t *tags) {
    size_t i;
    json_t *tag;
    json_array_foreach(tags, i, tag)
        buffer_format(out, "%s%s", i ? ", " : "", json_string_value(tag));
}

static void add_note(struct buffer *out, const json_t *note) {
    time_t at = (time_t)(json_number(note, "at", 0) / 1000);
    struct tm when;
    char day[16] = "";
    if (gmtime_r(&at, &when))
        strftime(day, sizeof day, "%Y-%m-%d", &when);
    buffer_format(out, "%.0f  %s  %s: %s\n", json_number(note, "id", 0), day,
                  json_text(note, "about", ""), json_text(note, "text", ""));
}

static bool list(const struct asked *asked, struct buffer *out, struct fault *fault) {
    json_t *memory = school_memory(asked->school, asked->learner, asked->language, fault);
    if (!memory)
        return false;
    const json_t *background = json_object_get(memory, "background");
    const json_t *tags = json_object_get(background, "tags");
    const char *words = json_text(background, "words", "");
    buffer_text(out, learn_word(LEARN_ABOUT_YOU, asked->language));
    add_tags(out, tags);
    buffer_format(out, "%s%s\n", json_array_size(tags) && *words ? "; " : "",
                  json_array_size(tags) || *words ? words : "–");
    buffer_format(out, "%s%s\n", learn_word(LEARN_GIVEN, asked->language),
                  json_flag(json_object_get(memory, "giving"), "gives", false) ? "yes" : "no");
    size_t i;
    json_t *note;
    json_array_foreach(json_object_get(memory, "notes"), i, note) add_note(out, note);
    if (!i)
        buffer_format(out, "%s\n", learn_word(LEARN_NO_NOTES, asked->language));
    json_decref(memory);
    return true;
}

/* "yes" or "no". */
static bool give(const struct asked *asked, struct view said, struct fault *fault) {
    if (!view_is(said, "yes") && !view_is(said, "no")) {
        fault_set(fault, FAULT_INPUT, "Yes or no?");
        return fault_remedy(fault, "!give yes or !give no: may what you and the tutor wrote be "
                                   "trained on?");
    }
    return school_give(asked->school, asked->learner, view_is(said, "yes"), fault);
}

/* Words that are parted by spaces or commas. */
static json_t *words_of(struct view text) {
    json_t *words = json_array();
    for (size_t i = 0; i < text.n;) {
        size_t from = i;
        while (i < text.n && !isspace((unsigned char)text.at[i]) && text.at[i] != ',')
            i++;
        if (i > from)
            json_array_append_new(words, json_stringn(text.at + from, i - from));
        i += i == from;
    }
    return words;
}

/* The tags as they are said now; words and language stay. */
static bool say_of_me(const struct asked *asked, struct view rest, struct fault *fault) {
    json_t *memory = school_memory(asked->school, asked->learner, asked->language, fault);
    const json_t *known = json_object_get(memory, "background");
    json_t *told = rest.n ? json_pack("{s:o,s:O,s:O}", "tags", words_of(rest), "words",
                                      json_object_get(known, "words"), "language",
                                      json_object_get(known, "language"))
                          : json_object();
    json_t *kept =
        memory ? school_background_tell(asked->school, asked->learner, told, fault) : NULL;
    bool done = kept != NULL;
    json_decref(kept);
    json_decref(told);
    json_decref(memory);
    return done;
}

/* The number of a note at the start of the text, which moves behind it; 0: there is none. */
static int64_t take_number(struct view *text) {
    int64_t number = 0;
    size_t i = 0;
    for (; i < text->n && i < 15 && isdigit((unsigned char)text->at[i]); i++)
        number = number * 10 + (text->at[i] - '0');
    *text = view_trim(view_slice(*text, i, text->n));
    return number;
}

bool learn_memory(struct school *school, int64_t learner, const char *language, struct view input,
                  struct buffer *out, struct fault *fault) {
    struct asked asked = {school, learner, language};
    struct view rest = view_trim(view_slice(input, input.n ? 1 : 0, input.n));
    bool done = true;
    if (view_is(input, "me") || view_starts(input, "me "))
        done = say_of_me(&asked, view_trim(view_slice(input, 2, input.n)), fault);
    else if (view_is(input, "give") || view_starts(input, "give "))
        done = give(&asked, view_trim(view_slice(input, 4, input.n)), fault);
    else if (view_starts(input, "+"))
        done = school_note_add(school, learner, rest, false, fault) > 0;
    else if (view_starts(input, "-"))
        done = school_note_erase(school, learner, take_number(&rest), fault);
    else if (view_starts(input, "=")) {
        int64_t number = take_number(&rest);
        done = school_note_change(school, learner, number, rest, fault);
    } else if (input.n) {
        fault_set(fault, FAULT_INPUT, "This is not understood.");
        done = fault_remedy(
            fault, "There are !, !+ text, !- number, != number text, !me words and !give yes.");
    }
    return done && list(&asked, out, fault);
}
