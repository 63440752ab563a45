/* Open answers: what waits for a person, what a person decides, and what the learner is shown. */
#include "school/school_inside.h"

#include <stdlib.h>
#include <string.h>

enum { WORDS_LIMIT = 2000 /* characters */ };

static int64_t whole(const json_t *object, const char *key) {
    return json_integer_value(json_object_get(object, key));
}

static json_t *html_of(const char *markdown) {
    struct buffer html = {0};
    markdown_html(view_of(markdown), &html);
    json_t *out = school_json(buffer_view(&html));
    buffer_free(&html);
    return out;
}

static json_t *parsed(const json_t *row, const char *key) {
    const char *text = json_text(row, key, NULL);
    return text ? json_parse(view_of(text), NULL) : NULL;
}

/* ------------------------------------------------------------------------------- what is shown */

static json_t *level_list(const json_t *rubric, size_t criterion) {
    json_t *list = json_array();
    size_t n = json_array_size(json_object_get(json_array_get(rubric, criterion), "levels"));
    for (size_t level = 0; level < n; level++)
        json_array_append_new(list, json_string(grade_rubric_level(rubric, criterion, level)));
    return list;
}

/* Where a model proposed something that fits: its level, and the learner's words for it, which
 * stand in the answer or are not shown. */
static void add_proposal(json_t *criterion, const json_t *proposed, const char *answer) {
    const json_t *level = json_object_get(proposed, "level");
    const char *cite = json_text(proposed, "cite", "");
    size_t n = json_array_size(json_object_get(criterion, "levels"));
    if (!json_is_integer(level) || json_integer_value(level) < 0 ||
        json_integer_value(level) >= (json_int_t)n)
        return;
    json_object_set(criterion, "proposed", json_object_get(proposed, "level"));
    json_object_set_new(criterion, "certainty", json_real(json_number(proposed, "certainty", 0)));
    if (*cite && strstr(answer, cite))
        json_object_set_new(criterion, "cite", json_string(cite));
}

/* Of every second answer the proposal is told only when it was decided: see rubric_is_blind. */
static bool may_be_shown(const json_t *row) {
    return whole(row, "sure") || json_is_string(json_object_get(row, "levels")) ||
           !rubric_is_blind(whole(row, "event"));
}

static json_t *criteria_of(const json_t *rubric, const json_t *row) {
    json_t *list = json_array(), *levels = parsed(row, "levels");
    json_t *proposal = may_be_shown(row) ? parsed(row, "proposed") : NULL;
    const json_t *one;
    size_t i;
    json_array_foreach(rubric, i, one) {
        json_t *criterion =
            json_pack("{s:s,s:o,s:o,s:n,s:n,s:O?}", "name", json_text(one, "name", ""), "ask_html",
                      html_of(json_text(one, "ask", "")), "levels", level_list(rubric, i),
                      "proposed", "cite", "level", json_array_get(levels, i));
        add_proposal(criterion, json_array_get(json_object_get(proposal, "criteria"), i),
                     json_text(row, "answer", ""));
        json_array_append_new(list, criterion);
    }
    json_decref(levels);
    json_decref(proposal);
    return list;
}

/* NULL where the course has no such open answer any more. */
static json_t *answer_object(struct school *school, const json_t *row, const char *language) {
    const struct exercise *exercise =
        school_exercise(school, json_text(row, "exercise", ""), language, NULL);
    struct variant *variant =
        exercise ? variant_make(exercise, (uint64_t)whole(row, "seed"), NULL) : NULL;
    const json_t *rubric = variant ? json_object_get(variant->options, "rubric") : NULL;
    json_t *object = NULL;
    if (rubric) {
        char *ask = must_copy(variant->ask);
        object = json_pack(
            "{s:b,s:O,s:O,s:O?,s:O,s:o,s:o,s:o,s:o,s:O,s:O?,s:o,s:O,s:O}", "kept_back",
            (int)(json_is_string(json_object_get(row, "proposed")) && !may_be_shown(row)), "event",
            json_object_get(row, "event"), "learner", json_object_get(row, "learner"), "name",
            json_object_get(row, "name"), "exercise", json_object_get(row, "exercise"), "title",
            school_json(exercise->title), "course", school_json(exercise->lesson->course->id),
            "lesson", school_json(exercise->lesson->id), "ask_html", html_of(ask), "at",
            json_object_get(row, "at"), "text", json_object_get(row, "answer"), "criteria",
            criteria_of(rubric, row), "decided", json_object_get(row, "decided"), "words",
            json_object_get(row, "words"));
        free(ask);
    }
    variant_free(variant);
    return object;
}

static json_t *answer_list(struct school *school, enum people_query query, int64_t class,
                           const char *language) {
    json_t *rows = people_list(school->record, query, "i", class), *list = json_array(), *row;
    size_t i;
    json_array_foreach(rows, i, row) {
        json_t *object = answer_object(school, row, language);
        if (object)
            json_array_append_new(list, object);
    }
    json_decref(rows);
    return list;
}

json_t *school_open_answers(struct school *school, int64_t class, const char *language,
                            struct fault *fault) {
    json_t *about = people_one(school->record, PEOPLE_CLASS, "i", class);
    if (!about) {
        fault_set(fault, FAULT_MISSING, "There is no class %lld.", (long long)class);
        return NULL;
    }
    return json_pack("{s:o,s:o,s:o,s:o,s:o}", "class", about, "waiting",
                     answer_list(school, PEOPLE_RUBRIC_WAITING, class, language), "sure",
                     answer_list(school, PEOPLE_RUBRIC_SURE, class, language), "kept",
                     rubric_kept(school), "decided",
                     answer_list(school, PEOPLE_RUBRIC_DECIDED, class, language));
}

size_t school_open_waiting(struct school *school, int64_t class) {
    json_t *rows = people_list(school->record, PEOPLE_RUBRIC_WAITING, "i", class);
    size_t n = json_array_size(rows);
    json_decref(rows);
    return n;
}

/* What was said of each criterion, by a person or, where these are `proposed`, by a model, with
 * the learner's words that it points to. */
static json_t *told_levels(const json_t *rubric, const json_t *levels, const json_t *proposed,
                           const char *answer) {
    json_t *list = json_array();
    const json_t *criterion;
    size_t i, n = json_array_size(proposed ? proposed : levels);
    json_array_foreach(rubric, i, criterion) {
        const json_t *one = json_array_get(proposed, i);
        const json_t *level = proposed ? json_object_get(one, "level") : json_array_get(levels, i);
        const char *cite = json_text(one, "cite", "");
        if (i >= n)
            break;
        json_array_append_new(
            list,
            json_pack("{s:o,s:s,s:s}", "ask_html", html_of(json_text(criterion, "ask", "")),
                      "says", grade_rubric_level(rubric, i, (size_t)json_integer_value(level)),
                      "cite", *cite && strstr(answer, cite) ? cite : ""));
    }
    return list;
}

json_t *school_open_state(struct school *school, int64_t learner, const struct variant *variant) {
    const json_t *rubric = json_object_get(variant->options, "rubric");
    char *label = rubric ? must_copy(variant->exercise->label) : NULL;
    json_t *row = rubric ? people_one(school->record, PEOPLE_RUBRIC_OF, "isi", learner, label,
                                      (int64_t)variant->seed)
                         : NULL;
    free(label);
    if (!row)
        return NULL;
    json_t *levels = parsed(row, "levels");
    json_t *proposal = !levels && whole(row, "sure") ? parsed(row, "proposed") : NULL;
    json_t *class = people_one(school->record, PEOPLE_READER, "i", learner);
    json_t *state = json_pack(
        "{s:O,s:b,s:s,s:b,s:s,s:o,s:O}", "text", json_object_get(row, "answer"), "waiting",
        (int)(!levels && !proposal), "by",
        levels     ? "person"
        : proposal ? "model"
                   : "",
        "reader", (int)(class != NULL), "model", json_text(proposal, "model", ""), "levels",
        told_levels(rubric, levels, json_object_get(proposal, "criteria"),
                    json_text(row, "answer", "")),
        "words", json_object_get(row, "words"));
    json_decref(class);
    json_decref(proposal);
    json_decref(levels);
    json_decref(row);
    return state;
}

/* ------------------------------------------------------------------------------- what is decided
 */

static bool write_decision(struct school *school, int64_t by, const json_t *row,
                           const json_t *levels, double score, struct view words,
                           struct fault *fault) {
    json_t *data = json_pack("{s:I,s:O,s:s,s:s%}", "by", (json_int_t)by, "event",
                             json_object_get(row, "event"), "what", "grade", "reason",
                             words.n ? words.at : "", words.n);
    if (levels) {
        json_object_set_new(data, "score", json_real(score));
        json_object_set_new(data, "levels", json_deep_copy(levels));
    }
    json_t *told = json_pack(
        "{s:I,s:s,s:s%,s:O}", "by", (json_int_t)by, "kind", levels ? "decided" : "overruled-back",
        "text", words.n ? words.at : "", words.n, "exercise", json_object_get(row, "exercise"));
    struct people_event events[] = {
        {.person = whole(row, "learner"), .kind = "overruled", .data = data},
        {.person = whole(row, "learner"), .kind = "message", .data = told}};
    return people_write_all(school->record, events, COUNT_OF(events), fault);
}

static bool score_of(struct school *school, const json_t *row, const json_t *levels, double *score,
                     struct fault *fault) {
    const struct exercise *exercise =
        school_exercise(school, json_text(row, "exercise", ""), "", fault);
    struct variant *variant =
        exercise ? variant_make(exercise, (uint64_t)whole(row, "seed"), fault) : NULL;
    bool good = variant && grade_rubric_score(json_object_get(variant->options, "rubric"), levels,
                                              score, fault);
    variant_free(variant);
    return good;
}

bool school_decide(struct school *school, int64_t by, int64_t learner, int64_t event,
                   const json_t *levels, struct view words, struct fault *fault) {
    json_t *row = people_one(school->record, PEOPLE_RUBRIC_EVENT, "ii", learner, event);
    double score = 0;
    words = view_trim(words);
    bool good = false;
    if (!row)
        fault_set(fault, FAULT_MISSING, "No open answer waits at %lld.", (long long)event);
    else if (!utf8_valid(words) || utf8_length(words) > WORDS_LIMIT)
        fault_set(fault, FAULT_LIMIT, "The words are longer than %d characters.", WORDS_LIMIT);
    else
        good = (!levels || score_of(school, row, levels, &score, fault)) &&
               write_decision(school, by, row, levels, score, words, fault);
    json_decref(row);
    return good;
}
