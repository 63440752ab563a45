/* Whatever wrote a row: its answers are graded, its quotes looked up, its sums computed, and
 * nothing that the tutor says gives the answer away. */
#include "workshop/course_cards.h"
#include "workshop/course_rows.h"
#include "workshop/words.h"

#include <ctype.h>
#include <string.h>

/* ---------------------------------------------------------------------------------------- checks
 */

static bool is_letter(char c) {
    return isalnum((unsigned char)c) || (unsigned char)c >= 0x80;
}

bool told_keeps(struct view text, struct view answer) {
    bool first = answer.n && is_letter(answer.at[0]),
         last = answer.n && is_letter(answer.at[answer.n - 1]);
    for (size_t i = 0; i + answer.n <= text.n; i++) {
        size_t end = i + answer.n;
        if (memcmp(text.at + i, answer.at, answer.n) == 0 &&
            !(first && i && is_letter(text.at[i - 1])) &&
            !(last && end < text.n && is_letter(text.at[end])))
            return true;
    }
    return false;
}

static bool answers_hold(const struct told *told) {
    for (size_t i = 0; i < told->n; i++) {
        const struct told_line *line = &told->lines[i];
        struct view why;
        if (!line->attempt)
            continue;
        double score = school_scene_grade(line->scene, line->attempt, &why);
        if (!told_keeps(line->text, line->keep) || (line->why.n != 0) == (score >= 1) ||
            (line->why.n && !view_equal(why, line->why)))
            return false;
    }
    return true;
}

static bool keeps_secret(const struct told *told) {
    char why[120];
    for (size_t i = 0; i < told->n; i++) {
        const struct told_line *line = &told->lines[i];
        if (line->guarded &&
            (school_scene_leaks(line->scene, line->text, why) ||
             (line->thought.n && school_scene_leaks(line->scene, line->thought, why))))
            return false;
    }
    return true;
}

static const json_t *passage_of(const struct telling *whole, struct view id) {
    const json_t *passages = json_object_get(whole->texts, "passages");
    size_t i;
    json_t *one;
    json_array_foreach(passages, i, one) if (view_equal(course_text_of(one, "id"), id)) return one;
    return NULL;
}

/* Each sentence of the quote is one of the passage, to the letter. */
static bool stands_there(const json_t *passage, struct view quote) {
    size_t i;
    json_t *one;
    json_array_foreach(json_object_get(passage, "sentences"), i, one) {
        struct view sentence = {json_string_value(one), json_string_length(one)};
        if (sentence.n && sentence.n <= quote.n && !memcmp(quote.at, sentence.at, sentence.n)) {
            quote = view_trim(view_slice(quote, sentence.n, quote.n));
            if (!quote.n)
                return true;
            i = (size_t)-1; /* from the first again: a quote is short */
        }
    }
    return false;
}

static bool quotes_hold(const struct telling *whole, const struct told *told) {
    for (size_t i = 0; i < told->n_cite; i++) {
        const json_t *passage = passage_of(whole, told->cites[i].passage);
        bool said = false;
        for (size_t j = 0; j < told->n && !said; j++)
            said = view_find(told->lines[j].text, told->cites[i].text) >= 0 ||
                   view_find(told->lines[j].thought, told->cites[i].text) >= 0;
        if (!passage || !said || !stands_there(passage, told->cites[i].text))
            return false;
    }
    return true;
}

/* A worked problem must show something that can be computed, or the key. */
static bool sums_hold(const struct told *told) {
    struct school_sums sums;
    char why[120];
    size_t n_right = 0;
    for (size_t i = 0; i < told->n_sum; i++) {
        school_check_sums(told->sums[i], &sums);
        if (sums.n_wrong)
            return false;
        n_right += sums.n_right;
    }
    if (told->task != COURSE_PROBLEM || n_right)
        return true;
    const struct told_line *worked = &told->lines[told->n - 1];
    return school_scene_leaks(worked->scene, worked->text, why);
}

static bool answers_the_question(const struct telling *whole, const struct told *told) {
    struct school_verdict verdict;
    if (!told->asked.n)
        return true;
    school_review(&(struct school_draft){.passage = told->lesson,
                                         .question = told->asked,
                                         .draft = told->said,
                                         .language = whole->language},
                  &verdict);
    return verdict.passed && verdict.n_cite &&
           view_equal(view_trim(verdict.cites[0]), view_trim(told->said));
}

void told_check(const struct telling *whole, struct told *told) {
    told->drop = !answers_hold(told)                  ? COURSE_ROW_GRADE
                 : !keeps_secret(told)                ? COURSE_ROW_LEAK
                 : !quotes_hold(whole, told)          ? COURSE_ROW_CITE
                 : !sums_hold(told)                   ? COURSE_ROW_SUMS
                 : !answers_the_question(whole, told) ? COURSE_ROW_REVIEW
                                                      : COURSE_ROW_DROPS;
}

/* --------------------------------------------------------------------------------------- writing
 */

static json_t *text_of(struct view text) {
    return json_stringn(text.at ? text.at : "", text.n);
}

static void add_message(json_t *messages, const char *role, struct view text) {
    json_array_append_new(messages,
                          json_pack("{s:s, s:o}", "role", role, "content", text_of(text)));
}

static void count_words_of(const struct told_line *line, struct course_rows_report *report) {
    size_t all = word_count(line->text, NULL) + word_count(line->thought, NULL),
           authored = (line->by_senior ? 0 : word_count(line->authored, NULL)) +
                      word_count(line->recalled, NULL);
    size_t *words = line->tutor ? report->tutor_words : report->learner_words;
    words[VOICE_AUTHOR] += authored < all ? authored : all;
    words[line->by_senior ? VOICE_SENIOR : VOICE_TEMPLATE] += authored < all ? all - authored : 0;
}

static json_t *messages_of(const struct told *told, struct course_rows_report *report,
                           json_t *moves) {
    json_t *messages = json_array();
    add_message(messages, "system", told->system);
    for (size_t i = 0; i < told->n; i++) {
        const struct told_line *line = &told->lines[i];
        struct buffer text = {0};
        if (line->thought.n)
            buffer_format(&text, "<think>\n%.*s\n</think>\n\n", VIEW_ARG(line->thought));
        buffer_append(&text, line->text);
        add_message(messages, line->tutor ? "assistant" : "user", buffer_view(&text));
        buffer_free(&text);
        if (line->tutor)
            json_array_append_new(moves, json_string(line->move ? line->move : ""));
        count_words_of(line, report);
    }
    return messages;
}

void told_write(const struct telling *whole, const struct told *told, struct buffer *out,
                struct course_rows_report *report) {
    static const char *const tasks[COURSE_TASKS] = {"dialogue", "monologue", "passage", "problem"};
    json_t *moves = json_array(), *cites = json_array();
    for (size_t i = 0; i < told->n_cite; i++)
        json_array_append_new(cites,
                              json_pack("{s:o, s:o}", "passage", text_of(told->cites[i].passage),
                                        "text", text_of(told->cites[i].text)));
    struct buffer origin = {0};
    buffer_format(&origin, "%s#%.*s", whole->course, VIEW_ARG(told->exercise));
    json_t *row = json_pack("{s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:s}", "messages",
                            messages_of(told, report, moves), "task", tasks[told->task], "topic",
                            text_of(told->topic), "persona", text_of(told->persona), "moves",
                            moves, "cites", cites, "origin", text_of(buffer_view(&origin)),
                            "licence", json_text(whole->texts, "licence", "unknown"));
    buffer_free(&origin);
    MUST(row);
    if (told->misconception.n)
        json_object_set_new(row, "misconception", text_of(told->misconception));
    if (told->seed)
        json_object_set_new(row, "seed", json_integer((json_int_t)told->seed));
    report->rows[told->task]++;
    buffer_json(out, row);
    buffer_byte(out, '\n');
    json_decref(row);
}
