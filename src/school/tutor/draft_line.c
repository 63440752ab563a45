/* One line of `lyceum draft`: a question on a passage, or a hint, and what a learner would be
 * shown for it. */
#include "school/course/inside.h"
#include "school/tutor/answerable.h"
#include "school/tutor/review_inside.h"

#include <math.h>
#include <string.h>

enum { LINE_BYTES = 1 << 20, QUESTION_BYTES = 20000 };

struct line {
    struct arena *arena;
    struct view passage, question, hint;
    struct view written; /* a draft that stands already; empty: a member writes one */
    const char *language;
    uint64_t seed;
    double temperature;
    bool trusted; /* the member was trained to refuse what the passage does not say */
    bool free;    /* any words */
    size_t n_sentence;
    struct view *sentences;
    size_t first, n; /* of the quote; n 0 when the passage does not say */
    struct buffer draft;
    int n_token;   /* that a member wrote */
    double sure;   /* of an answer that it chose */
    char *problem; /* why a member that was there wrote nothing; or NULL */
    struct review review;
};

/* -------------------------------------------------------------------------------------- reading
 */

/* Lines that were only wrapped become one; a blank line stays. */
static struct view unwrap(struct view text, struct arena *arena) {
    struct buffer out = {0};
    struct view line, rest = text;
    size_t before = 0;
    while (view_line(&rest, &line)) {
        line = view_trim(line);
        bool item = line.n > 1 && strchr("-*#>|", line.at[0]);
        bool goes_on = before >= 50 && line.n && !item;
        if (line.n && line.at[0] >= 'a' && line.at[0] <= 'z' && before)
            goes_on = true;
        buffer_text(&out, !out.n ? "" : goes_on ? " " : "\n");
        buffer_append(&out, line);
        before = line.n;
    }
    struct view copy = arena_copy(arena, buffer_view(&out));
    buffer_free(&out);
    return copy;
}

static bool read_text(const json_t *given, const char *key, size_t limit, struct line *line,
                      struct view *out, struct fault *fault) {
    const json_t *value = json_object_get(given, key);
    if (!value)
        return true;
    if (!json_is_string(value))
        return fault_set(fault, FAULT_INPUT, "\"%s\" must be a text", key);
    struct view text = {json_string_value(value), json_string_length(value)};
    if (text.n > limit)
        return fault_set(fault, FAULT_LIMIT, "\"%s\" is over %zu bytes long", key, limit);
    *out = arena_copy(line->arena, view_trim(text));
    return true;
}

static bool read_seed(const json_t *given, struct line *line, struct fault *fault) {
    const json_t *seed = json_object_get(given, "seed");
    line->seed = json_is_integer(seed) ? (uint64_t)json_integer_value(seed) : 1;
    return !seed || json_is_integer(seed) ||
           fault_set(fault, FAULT_INPUT, "\"seed\" must be a whole number");
}

static bool read_flag(const json_t *given, const char *key, bool *out, struct fault *fault) {
    const json_t *flag = json_object_get(given, key);
    *out = json_is_true(flag);
    return !flag || json_is_boolean(flag) ||
           fault_set(fault, FAULT_INPUT, "\"%s\" must be true or false", key);
}

static bool read_temperature(const json_t *given, struct line *line, struct fault *fault) {
    const json_t *temperature = json_object_get(given, "temperature");
    line->temperature = json_number_value(temperature);
    return !temperature ||
           (json_is_number(temperature) && line->temperature >= 0 && line->temperature <= 2) ||
           fault_set(fault, FAULT_INPUT, "\"temperature\" must be a number from 0 to 2");
}

static bool read_line(struct view text, struct line *line, struct fault *fault) {
    static const char *const known[] = {"passage", "question", "hint", "draft",       "language",
                                        "seed",    "trusted",  "free", "temperature", NULL};
    struct view language = {0};
    if (text.n > LINE_BYTES)
        return fault_set(fault, FAULT_LIMIT, "the line is over 1 MB long");
    json_t *given = json_parse(text, fault);
    if (!given)
        return false;
    bool good =
        json_is_object(given) || fault_set(fault, FAULT_INPUT, "the line is no JSON object");
    const char *unknown = good ? json_unknown_key(given, known) : NULL;
    if (unknown)
        good = fault_set(fault, FAULT_INPUT, "there is no field \"%.60s\"", unknown);
    good = good && read_text(given, "passage", LINE_BYTES, line, &line->passage, fault) &&
           read_text(given, "question", QUESTION_BYTES, line, &line->question, fault) &&
           read_text(given, "hint", REVIEW_BYTES, line, &line->hint, fault) &&
           read_text(given, "draft", REVIEW_BYTES, line, &line->written, fault) &&
           read_text(given, "language", 40, line, &language, fault) &&
           read_seed(given, line, fault) && read_temperature(given, line, fault) &&
           read_flag(given, "trusted", &line->trusted, fault) &&
           read_flag(given, "free", &line->free, fault);
    json_decref(given);
    bool asks = line->passage.n && line->question.n;
    if (good && (asks ? line->hint.n > 0 : line->hint.n == 0)) {
        fault_set(fault, FAULT_INPUT, "a line holds a passage and a question, or a hint");
        return fault_remedy(fault, "Write {\"passage\":…,\"question\":…} or {\"hint\":…}.");
    }
    if (good)
        line->language = language.n ? arena_string(line->arena, language) : "";
    return good;
}

static void choose_language(struct line *line) {
    const struct view *texts[] = {&line->hint, &line->question, &line->passage};
    for (size_t i = 0; i < COUNT_OF(texts) && !*line->language; i++)
        line->language = language_of(*texts[i], line->arena);
    if (!*line->language)
        line->language = "en";
}

/* -------------------------------------------------------------------------------------- the quote
 */

static struct view sentences_view(const struct line *line, size_t first, size_t n) {
    const struct view *a = &line->sentences[first], *b = &line->sentences[first + n - 1];
    return (struct view){a->at, (size_t)(b->at + b->n - a->at)};
}

/* The sentences of the passage that answer best, if any do. */
static bool find_quote(struct line *line, struct fault *fault) {
    struct passage passage = {.id = VIEW("passage"),
                              .text = line->passage,
                              .n_sentence = line->n_sentence,
                              .sentences = line->sentences};
    struct recalled found;
    struct recall_query query = {.language = line->language, .text = line->question};
    bool said = false;
    struct recall *recall = recall_open_passages(&passage, 1, line->language, fault);
    if (!recall)
        return false;
    size_t n = recall_find(recall, &query, &found, 1, &said);
    if (n && said) {
        struct view quote = sentences_view(line, found.first, found.n);
        if (answers_question(line->question, quote, line->language)) {
            line->first = found.first;
            line->n = found.n;
        }
    }
    recall_close(recall);
    return true;
}

/* A draft may stand on any sentence, but must speak of what was asked. Where the search finds
 * nothing, only a member that was trained to refuse is believed: it would have said so. */
static void strike_asides(struct line *line) {
    if (!line->n && line->trusted)
        return;
    for (size_t i = 0; i < line->review.n_sentence; i++) {
        struct reviewed_sentence *sentence = &line->review.sentences[i];
        size_t source = (size_t)sentence->source;
        if (sentence->strike != STRIKE_NONE || sentence->source < 0 ||
            (source >= line->first && source < line->first + line->n))
            continue;
        size_t from = source ? source - 1 : 0;
        if (line->n &&
            answers_as_well(line->question, sentences_view(line, from, source + 1 - from),
                            sentences_view(line, line->first, line->n), line->language))
            continue;
        sentence->strike = STRIKE_GROUND;
        sentence->source = -1;
        strcpy(sentence->why, line->n ? "it answers something else" : "the passage does not say");
        if (line->review.strike == STRIKE_NONE)
            line->review.strike = STRIKE_GROUND;
    }
}

/* ------------------------------------------------------------------------------------- the answer
 */

static json_t *text_json(struct view text) {
    struct buffer whole = {0}; /* what a model wrote may hold broken characters */
    for (size_t i = 0; i < text.n;) {
        int32_t c;
        char bytes[4];
        i += utf8_decode(text.at + i, text.n - i, &c);
        buffer_append(&whole, (struct view){bytes, utf8_encode(c > 0 ? c : 0xFFFD, bytes)});
    }
    json_t *out = json_stringn(whole.at ? whole.at : "", whole.n);
    buffer_free(&whole);
    return out;
}

static json_t *struck_json(const struct line *line) {
    for (size_t i = 0; i < line->review.n_sentence; i++) {
        const struct reviewed_sentence *sentence = &line->review.sentences[i];
        if (sentence->strike != STRIKE_NONE)
            return json_pack("{s:s, s:o, s:o}", "reason", review_strike_name(sentence->strike),
                             "sentence", text_json(sentence->text), "why",
                             text_json(view_of(sentence->why)));
    }
    return json_null();
}

static void say(json_t *out, struct view text, const char *from) {
    json_object_set_new(out, "say", text_json(text));
    json_object_set_new(out, "from", json_string(from));
}

static void say_fallback(const struct line *line, json_t *out, json_t *cites) {
    if (line->hint.n)
        say(out, line->hint, "author");
    else if (line->n) {
        struct buffer quote = {0};
        for (size_t i = line->first; i < line->first + line->n; i++) {
            buffer_text(&quote, quote.n ? " " : "");
            buffer_append(&quote, line->sentences[i]);
            json_array_append_new(cites, text_json(line->sentences[i]));
        }
        say(out, buffer_view(&quote), "quote");
        buffer_free(&quote);
    } else
        say(out, view_of(says_nothing(line->language)), "none");
}

static json_t *answer_json(const struct line *line) {
    struct view draft = buffer_view(&line->draft);
    bool refused = !line->hint.n && refuses(draft, line->language);
    bool passed = refused || (draft.n && line->review.strike == STRIKE_NONE);
    json_t *cites = json_array();
    json_t *out = json_pack("{s:o, s:b, s:o}", "draft", text_json(draft), "passed", passed,
                            "struck", draft.n && !refused ? struck_json(line) : json_null());
    if (refused)
        say(out, draft, "none");
    else if (passed) {
        say(out, draft, "model");
        for (size_t i = 0; i < line->review.n_sentence; i++)
            if (line->review.sentences[i].source >= 0)
                json_array_append_new(
                    cites, text_json(line->sentences[line->review.sentences[i].source]));
    } else
        say_fallback(line, out, cites);
    json_object_set_new(out, "cites", cites);
    json_object_set_new(out, "tokens", json_integer(line->n_token));
    if (line->sure != 0 && isfinite(line->sure))
        json_object_set_new(out, "sure", json_real(line->sure));
    if (line->problem)
        json_object_set_new(out, "problem", text_json(view_of(line->problem)));
    return out;
}

static void write_and_review(struct company *company, struct line *line) {
    struct company_draft told = {0};
    struct fault fault = {0}; /* without a draft the course's own words are said */
    struct draft_task task = {.passage = line->passage,
                              .question = line->question,
                              .hint = line->hint,
                              .language = line->language,
                              .seed = line->seed,
                              .temperature = (float)line->temperature,
                              .free = line->free,
                              .trained = line->trusted};
    if (line->written.n)
        buffer_append(&line->draft, line->written);
    else if (!company)
        return;
    else if (!draft_write(company, &task, &line->draft, &told, &fault)) {
        if (fault.kind != FAULT_MISSING)
            line->problem = arena_string(line->arena, view_of(fault.message));
        return;
    } else {
        line->n_token = told.n_generated;
        line->sure = told.sure;
    }
    struct view draft = view_trim(buffer_view(&line->draft));
    memmove(line->draft.at, draft.at ? draft.at : "", draft.n);
    line->draft.n = draft.n;
    struct review_task review = {.language = line->language,
                                 .question = line->question,
                                 .hint = line->hint,
                                 .n_source = line->n_sentence,
                                 .sources = line->sentences};
    review_draft(&review, buffer_view(&line->draft), line->arena, &line->review);
    if (!line->hint.n)
        strike_asides(line);
}

json_t *school_draft_line(struct company *company, struct view text) {
    struct line line = {.arena = arena_new()};
    struct fault fault = {0};
    json_t *out = NULL;
    if (read_line(text, &line, &fault)) {
        line.passage = unwrap(line.passage, line.arena);
        choose_language(&line);
        line.trusted |= company && company_is_tutor(company, NULL, line.language);
        line.sentences = sentences_cut(line.arena, line.passage, &line.n_sentence);
        if (line.hint.n || find_quote(&line, &fault)) {
            write_and_review(company, &line);
            out = answer_json(&line);
        }
    }
    buffer_free(&line.draft);
    arena_free(line.arena);
    return out ? out : json_pack("{s:o}", "error", fault_json(&fault));
}
