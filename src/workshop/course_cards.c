/* A course as cards: questions by rules and by a senior, each held against the whole passage. */
#include "workshop/course_cards.h"
#include "workshop/ask.h"
#include "workshop/compose.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_USES = 8 }; /* of a question that cards leave unsaid */

static const char *const rule_names[COURSE_RULES] = {
    [COURSE_DEFINES] = "defines",   [COURSE_CALLED] = "called",     [COURSE_WHAT] = "what",
    [COURSE_WHY] = "why",           [COURSE_WHEN] = "when",         [COURSE_WHO] = "who",
    [COURSE_HOW] = "how",           [COURSE_HOW_MANY] = "how many", [COURSE_WHAT_IF] = "what if",
    [COURSE_COMPARES] = "compares", [COURSE_BY_SENIOR] = "senior",
};
static const char *const drop_names[COURSE_DROPS] = {
    [COURSE_STRUCK] = "struck by the review",
    [COURSE_ELSEWHERE] = "another sentence has as many of its words",
    [COURSE_TWICE] = "asked already",
    [COURSE_FORM] = "no question of 4 to 20 words",
    [COURSE_LANGUAGE] = "another language",
    [COURSE_UNRELATED] = "under six tenths of its words in its sentence",
    [COURSE_ABSENT] = "a reason, number or name that its sentence has not",
    [COURSE_COPIED] = "its sentence again",
};

const char *course_rule_name(enum course_rule rule) {
    return rule < COURSE_RULES ? rule_names[rule] : "";
}

const char *course_drop_name(enum course_drop drop) {
    return drop < COURSE_DROPS ? drop_names[drop] : "";
}

/* ------------------------------------------------------------------------------------- judging
 */

/* The sentence, said in answer to the question, passes the review against the whole passage, and
 * no other sentence of it has as many of the question's words. */
static enum course_drop judge(const struct course_making *making, const struct course_card *card,
                              size_t source, struct view question, bool defines) {
    const struct course_passage *passage = card->passage;
    struct view sentence = card->sentences[source];
    struct school_verdict verdict;
    struct school_draft draft = {.passage = passage->text,
                                 .question = question,
                                 .draft = sentence,
                                 .language = making->language};
    school_review(&draft, &verdict);
    if (!verdict.passed)
        return COURSE_STRUCK;
    if (!verdict.n_cite || !view_equal(view_trim(verdict.cites[0]), sentence))
        return COURSE_ELSEWHERE;
    double own = school_overlap(question, sentence, making->language);
    for (size_t i = 0; i < passage->n; i++) {
        if (passage->sentences[i].at == sentence.at)
            continue;
        double other = school_overlap(question, passage->sentences[i], making->language);
        if (other > own || (other >= own && !defines))
            return COURSE_ELSEWHERE;
    }
    return COURSE_DROPS;
}

/* Letters and digits alone: the same question in another dress. False where it was asked. */
static bool is_new(struct course_making *making, struct view question) {
    struct buffer key = {0};
    for (size_t i = 0; i < question.n; i++) {
        unsigned char c = (unsigned char)question.at[i];
        if (isalnum(c) || c >= 0x80)
            buffer_byte(&key, (char)tolower(c));
    }
    bool fresh = key.n && !json_object_get(making->asked, key.at);
    if (fresh)
        json_object_set_new(making->asked, key.at, json_true());
    buffer_free(&key);
    return fresh;
}

static bool accept(struct course_making *making, const struct course_card *card, size_t source,
                   struct view question, bool defines) {
    enum course_drop why = judge(making, card, source, question, defines);
    if (why == COURSE_DROPS && !is_new(making, question))
        why = COURSE_TWICE;
    if (why < COURSE_DROPS)
        making->report->dropped[why]++;
    return why == COURSE_DROPS;
}

static struct course_question *add_question(struct course_card *card, enum course_rule rule,
                                            size_t source) {
    if (card->n_question == COURSE_QUESTIONS)
        return NULL;
    struct course_question *question = &card->questions[card->n_question++];
    *question = (struct course_question){.rule = rule, .source = source};
    return question;
}

/* ---------------------------------------------------------------------------------------- rules
 */

static void ask_rules(struct course_making *making, struct course_card *card, size_t source) {
    struct ask_question asked[ASK_MOST];
    size_t n = ask_by_rules(making->arena, card->sentences[source], making->around, asked);
    for (size_t i = 0; i < n; i++) {
        if (!accept(making, card, source, asked[i].first, asked[i].defines))
            continue;
        struct course_question *question = add_question(card, asked[i].rule, source);
        if (!question)
            return;
        question->phrasings[question->n++] = asked[i].first;
        if (asked[i].second.n && accept(making, card, source, asked[i].second, asked[i].defines))
            question->phrasings[question->n++] = asked[i].second;
        making->report->questions[asked[i].rule] += question->n;
    }
}

static void ask_all_rules(struct course_making *making) {
    if (strncmp(making->language, "en", 2) != 0)
        return;
    for (size_t i = 0; i < making->n_card; i++)
        for (size_t j = 0; j < making->cards[i].n; j++)
            if (!school_leans_back(making->cards[i].sentences[j]))
                ask_rules(making, &making->cards[i], j);
}

/* --------------------------------------------------------------------------------------- senior
 */

static struct view text_of_card(struct course_making *making, const struct course_card *card) {
    if (card->n == card->passage->n)
        return card->passage->text;
    struct buffer text = {0};
    for (size_t i = 0; i < card->n; i++) {
        struct view one = card->sentences[i];
        bool latin = (unsigned char)one.at[one.n - 1] < 0x80;
        buffer_append(&text, one);
        buffer_text(&text, latin && i + 1 < card->n ? " " : "");
    }
    struct view copy = arena_copy(making->arena, buffer_view(&text));
    buffer_free(&text);
    return copy;
}

struct senior_tasks {
    size_t n;
    struct ask_task *tasks;
    struct {
        struct course_card *card;
        size_t source;
    } * places;
};

/* A sample of every sentence before the next of any, so that time runs out for all alike. */
static struct senior_tasks plan(struct course_making *making) {
    size_t n_sample = (size_t)(making->options->n_sample > 0 ? making->options->n_sample : 3),
           n = 0;
    struct senior_tasks plan = {0};
    for (size_t i = 0; i < making->n_card; i++)
        n += making->cards[i].n;
    plan.tasks = ARENA_NEW(making->arena, n * n_sample + 1, struct ask_task);
    plan.places = arena_alloc(making->arena, n * n_sample + 1, sizeof *plan.places);
    for (size_t sample = 0; sample < n_sample; sample++)
        for (size_t i = 0; i < making->n_card; i++) {
            struct course_card *card = &making->cards[i];
            struct view text = sample ? (struct view){0} : text_of_card(making, card);
            for (size_t j = 0; j < card->n; j++) {
                if (school_leans_back(card->sentences[j]))
                    continue;
                plan.places[plan.n].card = card;
                plan.places[plan.n].source = j;
                plan.tasks[plan.n++] = (struct ask_task){
                    .passage = text, .sentence = card->sentences[j], .sample = (int)sample};
            }
        }
    for (size_t i = 0, per = n_sample ? plan.n / n_sample : 0; i < plan.n; i++)
        plan.tasks[i].passage = plan.tasks[i % per].passage;
    return plan;
}

/* Samples of one sentence are phrasings of one question: each is answered by the same. */
static void take_reply(struct course_making *making, struct course_card *card, size_t source,
                       struct view reply) {
    struct course_question *question = NULL;
    struct view sentence = card->sentences[source];
    enum course_drop why = ask_senior_form(reply, sentence, making->language);
    if (why < COURSE_DROPS) {
        making->report->dropped[why]++;
        return;
    }
    if (!accept(making, card, source, reply, false))
        return;
    for (size_t i = 0; i < card->n_question; i++)
        if (card->questions[i].rule == COURSE_BY_SENIOR && card->questions[i].source == source &&
            card->questions[i].n < COUNT_OF(question->phrasings))
            question = &card->questions[i];
    if (!question)
        question = add_question(card, COURSE_BY_SENIOR, source);
    if (!question)
        return;
    question->phrasings[question->n++] = reply;
    making->report->questions[COURSE_BY_SENIOR]++;
}

static bool ask_senior(struct course_making *making, struct fault *fault) {
    const struct course_cards_options *options = making->options;
    if (!options->senior)
        return true;
    struct ask_senior senior = {.company = options->senior,
                                .name = options->senior_name,
                                .language = making->language,
                                .cache = options->cache,
                                .seconds = options->seconds,
                                .seed = options->seed,
                                .cancel = options->cancel,
                                .arena = making->arena};
    struct senior_tasks plan_ = plan(making);
    making->report->n_wanted = plan_.n;
    if (!ask_senior_all(&senior, plan_.tasks, plan_.n, fault))
        return false;
    making->report->n_written = senior.n_written;
    making->report->n_cached = senior.n_cached;
    for (size_t i = 0; i < plan_.n; i++)
        if (plan_.tasks[i].done)
            take_reply(making, plan_.places[i].card, plan_.places[i].source, plan_.tasks[i].reply);
    return true;
}

/* --------------------------------------------------------------------------------------- unsaid
 */

static bool may_stand(const struct course_making *making, const struct course_card *card,
                      const struct course_card *other, const struct course_question *from) {
    struct may_answer asked = {.sentences = card->passage->sentences,
                               .n = card->passage->n,
                               .text = card->passage->text,
                               .question = from->phrasings[0],
                               .answer = other->sentences[from->source],
                               .language = making->language};
    return !may_answer(&asked);
}

/* Questions on other passages of the lesson that this one does not answer. */
static void leave_unsaid(struct course_making *making, struct course_card *card) {
    struct random random;
    size_t index = (size_t)(card - making->cards), n = 0;
    size_t *places = ARENA_NEW(making->arena, making->n_card * COURSE_QUESTIONS + 1, size_t);
    for (size_t i = 0; i < making->n_card; i++)
        if (making->cards[i].passage != card->passage &&
            view_equal(making->cards[i].passage->lesson, card->passage->lesson))
            for (size_t j = 0; j < making->cards[i].n_question; j++)
                places[n++] = i * COURSE_QUESTIONS + j;
    random_seed(&random, making->options->seed * 1000 + index);
    shuffle(&random, places, n);
    for (size_t used = 0; used < MOST_USES; used++) /* what is asked least comes first */
        for (size_t i = 0; i < n && card->n_unsaid < COURSE_UNSAID; i++) {
            struct course_card *other = &making->cards[places[i] / COURSE_QUESTIONS];
            struct course_question *question = &other->questions[places[i] % COURSE_QUESTIONS];
            if (question->used != used || !may_stand(making, card, other, question))
                continue;
            question->used++;
            card->unsaid[card->n_unsaid++] = question->phrasings[0];
        }
}

/* -------------------------------------------------------------------------------------- writing
 */

static void write_phrasings(const char *kind, const struct view *at, size_t n,
                            struct buffer *out) {
    buffer_text(out, kind);
    for (size_t i = 0; i < n; i++)
        buffer_format(out, "%s%.*s", i ? " | " : "", VIEW_ARG(at[i]));
    buffer_byte(out, '\n');
}

static void write_card(const struct course_card *card, struct buffer *out) {
    buffer_format(out, "\n== %.*s\nstyle: course\n", VIEW_ARG(card->passage->heading));
    for (size_t i = 0; i < card->n; i++)
        buffer_format(out, "%.*s\n", VIEW_ARG(card->sentences[i]));
    for (size_t i = 0; i < card->n_question; i++) {
        const struct course_question *question = &card->questions[i];
        write_phrasings("Q: ", question->phrasings, question->n, out);
        buffer_format(out, "A: %zu %.*s\n", question->source + 1,
                      VIEW_ARG(card->sentences[question->source]));
    }
    for (size_t i = 0; i < card->n_unsaid; i++)
        write_phrasings("U: ", &card->unsaid[i], 1, out);
    for (size_t i = 0; i < card->n_hint; i++)
        write_phrasings("H: ", card->hints[i].phrasings, card->hints[i].n, out);
    for (size_t i = 0; i < card->n_wrong; i++)
        buffer_format(out, "W: %.*s | %zu | %.*s\n", VIEW_ARG(card->wrongs[i].answer),
                      card->wrongs[i].source + 1, VIEW_ARG(card->wrongs[i].say));
}

static void write_cards(const struct course_making *making, struct buffer *out) {
    char topic[400];
    for (size_t i = 0; i < making->n_card; i++) {
        const struct course_passage *passage = making->cards[i].passage;
        if (!i || passage != making->cards[i - 1].passage)
            buffer_format(out, "%stopic: %s\n", i ? "\n" : "",
                          (course_topic(passage, topic, sizeof topic), topic));
        if (!i)
            buffer_format(out, "licence: %s\nlanguage: %s\n",
                          json_text(making->texts, "licence", "unknown"), making->language);
        write_card(&making->cards[i], out);
    }
}

static void count(struct course_making *making) {
    struct course_cards_report *report = making->report;
    report->n_passage = making->n_passage;
    report->n_card = making->n_card;
    for (size_t i = 0; i < making->n_card; i++) {
        const struct course_card *card = &making->cards[i];
        bool asked[COURSE_SENTENCES] = {0};
        for (size_t j = 0; j < card->n_question; j++)
            asked[card->questions[j].source] = true;
        for (size_t j = 0; j < card->n; j++)
            report->n_asked += asked[j];
        report->n_sentence += card->n;
        report->n_unsaid += card->n_unsaid;
        report->n_hint += card->n_hint;
        report->n_wrong += card->n_wrong;
    }
}

json_t *course_cards_json(const struct course_cards_report *report) {
    json_t *questions = json_object(), *dropped = json_object();
    size_t by_rule = 0;
    for (size_t i = 0; i < COURSE_RULES; i++) {
        json_object_set_new(questions, rule_names[i],
                            json_integer((json_int_t)report->questions[i]));
        by_rule += i == COURSE_BY_SENIOR ? 0 : report->questions[i];
    }
    for (size_t i = 0; i < COURSE_DROPS; i++)
        json_object_set_new(dropped, drop_names[i], json_integer((json_int_t)report->dropped[i]));
    size_t all = by_rule + report->questions[COURSE_BY_SENIOR];
    return json_pack(
        "{s:I, s:I, s:I, s:I, s:I, s:o, s:f, s:o, s:I, s:I, s:I, s:I, s:I, s:I}", "passages",
        (json_int_t)report->n_passage, "skipped", (json_int_t)report->n_skipped, "cards",
        (json_int_t)report->n_card, "sentences", (json_int_t)report->n_sentence, "asked",
        (json_int_t)report->n_asked, "questions", questions, "share_by_rule",
        all ? (double)by_rule / (double)all : 0.0, "dropped", dropped, "senior_wanted",
        (json_int_t)report->n_wanted, "senior_written", (json_int_t)report->n_written,
        "senior_cached", (json_int_t)report->n_cached, "unsaid", (json_int_t)report->n_unsaid,
        "hints", (json_int_t)report->n_hint, "wrong", (json_int_t)report->n_wrong);
}

/* ----------------------------------------------------------------------------------------- door
 */

static void end(struct course_making *making, json_t *texts) {
    for (size_t i = 0; i < making->n_passage; i++)
        free(making->passages[i].sentences);
    free(making->cards);
    json_decref(making->asked);
    json_decref(texts);
    arena_free(making->arena);
}

bool course_cards(const struct course_cards_options *options, struct buffer *out,
                  struct course_cards_report *report, struct fault *fault) {
    const char *language = options->language ? options->language : "en";
    json_t *texts = school_course_texts(options->folder, language, fault);
    *report = (struct course_cards_report){0};
    if (!texts)
        return false;
    struct course_making making = {.arena = arena_new(),
                                   .options = options,
                                   .language = language,
                                   .texts = texts,
                                   .asked = json_object(),
                                   .report = report};
    course_cut(&making);
    bool good = making.n_card > 0 || report->n_skipped > 0;
    if (!good) {
        fault_set(fault, FAULT_INPUT,
                  "no passage of the course has three sentences to ask about in this language");
        fault_place(fault, options->folder, 0, -1);
    } else {
        ask_all_rules(&making);
        good = ask_senior(&making, fault);
    }
    if (good) {
        for (size_t i = 0; i < making.n_card; i++)
            leave_unsaid(&making, &making.cards[i]);
        course_hints(&making);
        write_cards(&making, out);
        count(&making);
    }
    end(&making, texts);
    return good;
}
