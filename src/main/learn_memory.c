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

static enum learn_word about_of(const json_t *note) {
    const char *about = json_text(note, "about", "");
    return !strcmp(about, "goal")       ? LEARN_GOAL
           : !strcmp(about, "confused") ? LEARN_CONFUSED
           : !strcmp(about, "slip")     ? LEARN_SLIP
                                        : LEARN_OWN;
}

static void add_note(struct buffer *out, const json_t *note, const char *language) {
    time_t at = (time_t)(json_number(note, "at", 0) / 1000);
    struct tm when;
    char day[16] = "";
    if (gmtime_r(&at, &when))
        strftime(day, sizeof day, "%Y-%m-%d", &when);
    buffer_format(out, "%.0f  %s  %s: %s\n", json_number(note, "id", 0), day,
                  learn_word(about_of(note), language), json_text(note, "text", ""));
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
    json_array_foreach(json_object_get(memory, "notes"), i, note)
        add_note(out, note, asked->language);
    if (!i)
        buffer_format(out, "%s\n", learn_word(LEARN_NO_NOTES, asked->language));
    json_decref(memory);
    return true;
}

/* "yes" or "no". */
static bool give(const struct asked *asked, struct view said, struct fault *fault) {
    if (!view_is(said, "yes") && !view_is(said, "no"))
        return fault_set(fault, FAULT_INPUT, "Yes or no?");
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

/* What can be typed, with the words that tell of oneself. */
static bool tell_how(const struct asked *asked, struct buffer *out, struct fault *fault) {
    json_t *memory = school_memory(asked->school, asked->learner, asked->language, fault), *tag;
    size_t i;
    if (!memory)
        return false;
    buffer_format(out, "%s\n%s", learn_word(LEARN_MEMORY_HOW, asked->language),
                  learn_word(LEARN_TAGS, asked->language));
    json_array_foreach(json_object_get(memory, "tags"), i, tag)
        buffer_format(out, " %s", json_text(tag, "name", ""));
    buffer_text(out, "\n");
    json_decref(memory);
    return true;
}

static bool act(const struct asked *asked, struct view input, struct fault *fault) {
    struct view rest = view_trim(view_slice(input, input.n ? 1 : 0, input.n));
    if (view_is(input, "me") || view_starts(input, "me "))
        return say_of_me(asked, view_trim(view_slice(input, 2, input.n)), fault);
    if (view_is(input, "give") || view_starts(input, "give "))
        return give(asked, view_trim(view_slice(input, 4, input.n)), fault);
    if (view_starts(input, "+"))
        return school_note_add(asked->school, asked->learner, rest, false, fault) > 0;
    if (view_starts(input, "-"))
        return school_note_erase(asked->school, asked->learner, take_number(&rest), fault);
    if (view_starts(input, "=")) {
        int64_t number = take_number(&rest);
        return school_note_change(asked->school, asked->learner, number, rest, fault);
    }
    return !input.n || fault_set(fault, FAULT_INPUT, "This is not understood.");
}

bool learn_memory(struct school *school, int64_t learner, const char *language, struct view input,
                  struct buffer *out, struct fault *fault) {
    struct asked asked = {school, learner, language};
    if (act(&asked, input, fault))
        return list(&asked, out, fault);
    if (fault->kind != FAULT_INPUT && fault->kind != FAULT_MISSING)
        return false;
    fault_clear(fault); /* what is wrong is told in the learner's language */
    return tell_how(&asked, out, fault);
}
