/* Rows on an authored card: the passage whole, cut, without a sentence, shuffled or spliced with
 * another, and what a learner may ask of it. */
#include "workshop/compose.h"

#include <string.h>

enum { MAX_LESSON = 16, MAX_ASKED = 80 };

struct lesson {
    const struct card *card, *spliced; /* spliced: NULL or whose sentences stand among them */
    size_t n, places[MAX_LESSON];      /* sentences of the card; from SPLICE on of the other */
    struct view text;
};
enum { SPLICE = 1000 };

static bool stands_in(const struct lesson *lesson, bool spliced, size_t sentence) {
    for (size_t i = 0; i < lesson->n; i++)
        if (lesson->places[i] == sentence + (spliced ? SPLICE : 0))
            return true;
    return false;
}

static struct view sentence_at(const struct lesson *lesson, size_t i) {
    size_t place = lesson->places[i];
    return place >= SPLICE ? lesson->spliced->sentences[place - SPLICE]
                           : lesson->card->sentences[place];
}

/* ----------------------------------------------------------------------------- texts of a lesson
 */

static void take_run(struct lesson *lesson, size_t from, size_t to) {
    for (size_t i = from; i < to && lesson->n < MAX_LESSON; i++)
        lesson->places[lesson->n++] = i;
}

static void take_window(struct pack_rows *pack, struct lesson *lesson) {
    const struct card *card = lesson->card;
    size_t n = 3 + pick(&pack->random, 4);
    n = n < card->n_sentence ? n : card->n_sentence;
    size_t from = pick(&pack->random, card->n_sentence - n + 1), to = from + n;
    while (from > 0 && school_leans_back(card->sentences[from]))
        from--;
    take_run(lesson, from, to);
}

/* Sentences that lean on the one before stay behind it. */
static void take_shuffled(struct pack_rows *pack, struct lesson *lesson) {
    const struct card *card = lesson->card;
    size_t starts[MAX_LESSON], order[MAX_LESSON], n = 0;
    for (size_t i = 0; i < card->n_sentence && i < MAX_LESSON; i++)
        if (i == 0 || !school_leans_back(card->sentences[i])) {
            order[n] = n;
            starts[n++] = i;
        }
    shuffle(&pack->random, order, n);
    for (size_t i = 0; i < n; i++) {
        size_t block = order[i];
        take_run(lesson, starts[block], block + 1 < n ? starts[block + 1] : card->n_sentence);
    }
}

static void leave_one_out(struct pack_rows *pack, struct lesson *lesson) {
    const struct card *card = lesson->card;
    size_t out = pick(&pack->random, card->n_sentence);
    take_run(lesson, 0, out);
    while (out + 1 < card->n_sentence && school_leans_back(card->sentences[out + 1]))
        out++;
    take_run(lesson, out + 1, card->n_sentence);
}

/* Another topic's card. */
static const struct card *another(struct pack_rows *pack, const struct card *card) {
    const struct cards *cards = pack->whole->cards;
    for (int tries = 0; tries < 50; tries++) {
        const struct card *other = &cards->at[pick(&pack->random, cards->n)];
        if (!view_equal(other->topic, card->topic))
            return other;
    }
    return NULL;
}

static void splice(struct pack_rows *pack, struct lesson *lesson) {
    const struct card *other = another(pack, lesson->card);
    if (!other)
        return;
    lesson->spliced = other;
    size_t n = 1 + pick(&pack->random, 3);
    n = n < other->n_sentence ? n : other->n_sentence;
    size_t from = pick(&pack->random, other->n_sentence - n + 1);
    while (from > 0 && school_leans_back(other->sentences[from])) {
        from--;
        n++;
    }
    size_t at = pick(&pack->random, lesson->n + 1);
    while (at > 0 && at < lesson->n && school_leans_back(sentence_at(lesson, at)))
        at--;
    if (lesson->n + n > MAX_LESSON)
        return;
    memmove(lesson->places + at + n, lesson->places + at, (lesson->n - at) * sizeof(size_t));
    for (size_t i = 0; i < n; i++)
        lesson->places[at + i] = SPLICE + from + i;
    lesson->n += n;
}

static bool write_lesson(struct pack_rows *pack, struct lesson *lesson) {
    struct buffer text = {0};
    for (size_t i = 0; i < lesson->n; i++) {
        struct view sentence = sentence_at(lesson, i);
        bool latin = (unsigned char)sentence.at[sentence.n - 1] < 0x80;
        buffer_append(&text, sentence);
        buffer_text(&text, latin && i + 1 < lesson->n ? " " : "");
    }
    lesson->text = arena_copy(pack->arena, buffer_view(&text));
    buffer_free(&text);
    return lesson->n >= 2 && count_words(lesson->text) <= LESSON_WORDS;
}

static bool choose_lesson(struct pack_rows *pack, struct lesson *lesson) {
    double way = random_unit(&pack->random);
    if (way < 0.22)
        take_run(lesson, 0, lesson->card->n_sentence);
    else if (way < 0.52)
        take_window(pack, lesson);
    else if (way < 0.76)
        leave_one_out(pack, lesson);
    else
        take_shuffled(pack, lesson);
    if (chance(&pack->random, 0.25))
        splice(pack, lesson);
    return write_lesson(pack, lesson);
}

/* ------------------------------------------------------------------------------------------- rows
 */

static struct row_text about(const struct lesson *lesson, enum compose_task task, long line) {
    return (struct row_text){.task = task,
                             .lesson = lesson->text,
                             .topic = lesson->card->topic,
                             .licence = lesson->card->licence,
                             .file = lesson->card->file,
                             .line = line};
}

static struct view phrasing(struct pack_rows *pack, const struct card_lines *lines) {
    return lines->at[pick(&pack->random, lines->n)];
}

static void add_answer(struct pack_rows *pack, const struct lesson *lesson,
                       const struct card_lines *question) {
    struct row_text row = about(lesson, COMPOSE_ANSWER, question->line);
    row.asked = as_typed(pack, phrasing(pack, question));
    row.target = question->answer;
    row.source = lesson->card->sentences[question->source];
    compose_add(pack, &row);
}

bool may_answer(const struct may_answer *asked) {
    for (size_t i = 0; i < asked->n; i++)
        if (school_overlap(asked->question, asked->sentences[i], asked->language) > 0.67 ||
            (asked->answer.n &&
             school_overlap(asked->answer, asked->sentences[i], asked->language) > 0.55))
            return true;
    struct school_verdict verdict;
    struct school_draft draft = {.passage = asked->text,
                                 .question = asked->question,
                                 .draft = asked->answer,
                                 .language = asked->language};
    if (asked->answer.n)
        school_review(&draft, &verdict);
    return asked->answer.n && verdict.passed;
}

static bool lesson_answers(struct pack_rows *pack, const struct lesson *lesson,
                           struct view question, struct view answer) {
    struct view sentences[MAX_LESSON];
    for (size_t i = 0; i < lesson->n; i++)
        sentences[i] = sentence_at(lesson, i);
    struct may_answer asked = {.sentences = sentences,
                               .n = lesson->n,
                               .text = lesson->text,
                               .question = question,
                               .answer = answer,
                               .language = pack->whole->language};
    return may_answer(&asked);
}

static void add_refusal(struct pack_rows *pack, const struct lesson *lesson,
                        const struct card_lines *question) {
    struct row_text row = about(lesson, COMPOSE_REFUSE, question->line);
    struct view asked = phrasing(pack, question);
    bool authored = question->answer.n == 0; /* the author says that the card does not answer */
    if (authored ? lesson->spliced && lesson_answers(pack, lesson, asked, (struct view){0})
                 : lesson_answers(pack, lesson, asked, question->answer)) {
        pack->dropped[COMPOSE_ANSWERED]++;
        return;
    }
    row.asked = as_typed(pack, asked);
    row.target = view_of(school_refusal(pack->whole->language));
    compose_add(pack, &row);
}

static void refuse(struct pack_rows *pack, const struct lesson *lesson) {
    const struct card *card = lesson->card, *other = another(pack, card);
    size_t missing[MAX_ASKED], n = 0;
    for (size_t i = 0; i < card->n_question; i++)
        if (!stands_in(lesson, false, card->questions[i].source))
            missing[n++] = i;
    double way = random_unit(&pack->random);
    if (n && way < 0.45)
        add_refusal(pack, lesson, &card->questions[missing[pick(&pack->random, n)]]);
    else if (card->n_unsaid && way < 0.9)
        add_refusal(pack, lesson, &card->unsaid[pick(&pack->random, card->n_unsaid)]);
    else if (other && other->n_question && other != lesson->spliced)
        add_refusal(pack, lesson, &other->questions[pick(&pack->random, other->n_question)]);
}

static void answer(struct pack_rows *pack, const struct lesson *lesson, size_t *turn) {
    const struct card *card = lesson->card;
    for (size_t tries = 0; tries < card->n_question; tries++) {
        const struct card_lines *question = &card->questions[(*turn)++ % card->n_question];
        if (stands_in(lesson, false, question->source)) {
            add_answer(pack, lesson, question);
            return;
        }
    }
}

static void answer_spliced(struct pack_rows *pack, const struct lesson *lesson) {
    const struct card *card = lesson->spliced;
    for (size_t i = 0; card && i < card->n_question; i++)
        if (stands_in(lesson, true, card->questions[i].source)) {
            struct lesson other = *lesson;
            other.card = card;
            add_answer(pack, &other, &card->questions[i]);
            return;
        }
}

static void reply_to_wrong(struct pack_rows *pack, const struct lesson *lesson) {
    const struct card *card = lesson->card;
    size_t n = card->n_wrong, first = pick(&pack->random, n);
    for (size_t i = 0; i < n; i++) {
        const struct card_lines *wrong = &card->wrongs[(first + i) % n];
        if (!stands_in(lesson, false, wrong->source))
            continue;
        struct row_text row = about(lesson, COMPOSE_WRONG, wrong->line);
        row.asked = as_stated(pack, wrong->at[0]);
        row.target = wrong->answer;
        compose_add(pack, &row);
        return;
    }
}

static void sum_up(struct pack_rows *pack, const struct lesson *lesson) {
    if (!lesson->card->summary.n || lesson->spliced)
        return;
    struct row_text row = about(lesson, COMPOSE_SUM, lesson->card->summary.line);
    row.target = lesson->card->summary.at[0];
    compose_add(pack, &row);
}

static void ask_next(struct pack_rows *pack, const struct lesson *lesson) {
    const struct card *card = lesson->card;
    size_t order[MAX_ASKED], n = 0;
    for (size_t i = 0; i < card->n_question; i++)
        if (stands_in(lesson, false, card->questions[i].source))
            order[n++] = i;
    if (n < 2)
        return;
    shuffle(&pack->random, order, n);
    const struct card_lines *wanted = &card->questions[order[0]];
    struct row_text row = about(lesson, COMPOSE_NEXT, wanted->line);
    struct buffer asked = {0};
    for (size_t i = 1, most = pick(&pack->random, n); i <= most; i++) {
        buffer_text(&asked, asked.n ? " " : "");
        buffer_append(&asked, card->questions[order[i]].at[0]);
    }
    row.asked = arena_copy(pack->arena, buffer_view(&asked));
    buffer_free(&asked);
    row.target = wanted->at[0];
    compose_add(pack, &row);
}

/* Drawn a little more often than the file is to have them where they often find nothing to do. */
void compose_card(struct pack_rows *pack, size_t index) {
    struct lesson lesson = {.card = card_for(pack->whole, index)};
    if (!lesson.card->n_question || !choose_lesson(pack, &lesson))
        return;
    size_t turn = pick(&pack->random, lesson.card->n_question);
    for (size_t i = 0; i < 8; i++) {
        double way = random_unit(&pack->random) * 63;
        if (way < 29)
            answer(pack, &lesson, &turn);
        else if (way < 33)
            lesson.spliced ? answer_spliced(pack, &lesson) : answer(pack, &lesson, &turn);
        else if (way < 46)
            refuse(pack, &lesson);
        else if (way < 51 && lesson.card->n_wrong)
            reply_to_wrong(pack, &lesson);
        else if (way < 58)
            sum_up(pack, &lesson);
        else
            ask_next(pack, &lesson);
    }
}
