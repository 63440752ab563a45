/* Reads card files, a line at a time:
 *
 *     topic: NAME                 then "licence: …", perhaps "language: …"; again: a new topic
 *     == Title                    begins a card; "style: WORD" follows, then sentences, one a line
 *     Q: phrasing | phrasing      followed by "A: NUMBER ANSWER"
 *     U: phrasing | phrasing      not answered
 *     H: hint | rephrasing | …
 *     W: wrong answer | NUMBER | reply
 *     S: summary
 */
#include "workshop/cards.h"

#include <string.h>

enum { MAX_FILE = 4 << 20, MAX_PARTS = 12, MAX_LINES = 40, MAX_SENTENCES = 40 };

struct reading {
    struct arena *arena;
    const char *file;
    long line;
    struct view topic, licence;
    const char *language;
    struct cards *cards;
    struct card *card;
    struct fault *fault;
};

static bool wrong(struct reading *r, const char *message, const char *remedy) {
    fault_set(r->fault, FAULT_INPUT, "%s", message);
    fault_remedy(r->fault, "%s", remedy);
    return fault_place(r->fault, r->file, r->line, -1);
}

/* ---------------------------------------------------------------------------------------- pieces
 */

static bool cut_parts(struct reading *r, struct view rest, struct card_lines *out) {
    struct view parts[MAX_PARTS];
    size_t n = 0;
    for (;;) {
        ptrdiff_t at = view_find(rest, VIEW(" | "));
        struct view part = view_trim(view_slice(rest, 0, at < 0 ? rest.n : (size_t)at));
        if (!part.n)
            return wrong(r, "a phrasing is empty", "Write text between the bars.");
        if (n == MAX_PARTS)
            return wrong(r, "too many phrasings on a line", "Keep to twelve.");
        parts[n++] = part;
        if (at < 0)
            break;
        rest = view_slice(rest, (size_t)at + 3, rest.n);
    }
    *out = (struct card_lines){.n = n, .line = r->line};
    out->at = ARENA_NEW(r->arena, n, struct view);
    memcpy(out->at, parts, n * sizeof *parts);
    return true;
}

static bool read_number(struct reading *r, struct view text, size_t *source) {
    size_t number = 0;
    for (size_t i = 0; i < text.n && number < 1000; i++) {
        if (text.at[i] < '0' || text.at[i] > '9')
            number = 1000;
        else
            number = number * 10 + (size_t)(text.at[i] - '0');
    }
    if (!text.n || number < 1 || number > r->card->n_sentence)
        return wrong(r, "there is no sentence of this number",
                     "Count the sentences of the card from 1.");
    *source = number - 1;
    return true;
}

static bool add_lines(struct reading *r, struct card_lines **list, size_t *n,
                      const struct card_lines *lines) {
    if (*n == MAX_LINES)
        return wrong(r, "too many lines of a kind in a card", "Keep to forty.");
    if (!*list)
        *list = ARENA_NEW(r->arena, MAX_LINES, struct card_lines);
    (*list)[(*n)++] = *lines;
    return true;
}

/* ----------------------------------------------------------------------------------------- lines
 */

static bool read_question(struct reading *r, struct view rest) {
    struct card_lines lines;
    struct card *card = r->card;
    if (card->n_question && !card->questions[card->n_question - 1].answer.n)
        return wrong(r, "the question before has no answer", "Write A: NUMBER ANSWER after it.");
    return cut_parts(r, rest, &lines) && add_lines(r, &card->questions, &card->n_question, &lines);
}

static bool read_answer(struct reading *r, struct view rest) {
    struct card *card = r->card;
    struct card_lines *question = card->n_question ? &card->questions[card->n_question - 1] : NULL;
    ptrdiff_t space = view_find(rest, VIEW(" "));
    if (!question || question->answer.n)
        return wrong(r, "an answer without its question", "Write Q: before it.");
    if (space < 0)
        return wrong(r, "an answer begins with the number of its sentence",
                     "Write A: NUMBER ANSWER.");
    question->answer = view_trim(view_slice(rest, (size_t)space, rest.n));
    return read_number(r, view_slice(rest, 0, (size_t)space), &question->source);
}

static bool read_unsaid(struct reading *r, struct view rest) {
    struct card_lines lines;
    return cut_parts(r, rest, &lines) &&
           add_lines(r, &r->card->unsaid, &r->card->n_unsaid, &lines);
}

static bool read_hint(struct reading *r, struct view rest) {
    struct card_lines lines;
    return cut_parts(r, rest, &lines) && add_lines(r, &r->card->hints, &r->card->n_hint, &lines);
}

static bool read_wrong(struct reading *r, struct view rest) {
    struct card_lines lines;
    if (!cut_parts(r, rest, &lines))
        return false;
    if (lines.n != 3)
        return wrong(r, "a wrong answer has three parts",
                     "Write W: WRONG ANSWER | NUMBER | REPLY.");
    lines.answer = lines.at[2];
    return read_number(r, lines.at[1], &lines.source) &&
           add_lines(r, &r->card->wrongs, &r->card->n_wrong, &lines);
}

static bool read_summary(struct reading *r, struct view rest) {
    if (r->card->summary.n)
        return wrong(r, "a second summary", "A card has one.");
    return cut_parts(r, rest, &r->card->summary);
}

static bool read_sentence(struct reading *r, struct view line) {
    static const char *const ends[] = {".", "?", "!", "。", "？", "！"};
    struct card *card = r->card;
    struct view bare = line;
    static const char *const closing[] = {"\"", "”", "’", ")", "»", "」"};
    for (size_t i = 0; i < COUNT_OF(closing); i++)
        if (view_ends(bare, closing[i]))
            bare.n -= strlen(closing[i]);
    bool ended = false;
    for (size_t i = 0; i < COUNT_OF(ends); i++)
        ended |= view_ends(bare, ends[i]);
    if (!ended)
        return wrong(r, "a sentence without an end", "End it with a full stop or another mark.");
    if (card->n_question)
        return wrong(r, "a sentence after the questions",
                     "Write all sentences before the first Q.");
    if (card->n_sentence == MAX_SENTENCES)
        return wrong(r, "too many sentences in a card", "Make two cards of it.");
    if (!card->sentences)
        card->sentences = ARENA_NEW(r->arena, MAX_SENTENCES, struct view);
    card->sentences[card->n_sentence++] = line;
    return true;
}

/* ----------------------------------------------------------------------------------------- cards
 */

static bool end_card(struct reading *r) {
    const struct card *card = r->card;
    if (!card)
        return true;
    if (!card->n_sentence)
        return wrong(r, "the card above has no sentences",
                     "Write them after its title and style.");
    if (card->n_question && !card->questions[card->n_question - 1].answer.n)
        return wrong(r, "the last question above has no answer",
                     "Write A: NUMBER ANSWER after it.");
    return true;
}

static bool begin_card(struct reading *r, struct view title) {
    if (!end_card(r))
        return false;
    if (!r->topic.n || !r->licence.n)
        return wrong(r, "the file names no topic or no licence",
                     "Begin it with topic: NAME and licence: NAME.");
    if (!TRY_ROOM(r->cards->at, r->cards->capacity, r->cards->n + 1))
        return fault_set(r->fault, FAULT_MACHINE, "there is no memory for more cards");
    r->card = &r->cards->at[r->cards->n++];
    *r->card = (struct card){.topic = r->topic,
                             .licence = r->licence,
                             .title = title,
                             .file = r->file,
                             .language = r->language,
                             .line = r->line};
    return true;
}

static const struct {
    const char *start;
    bool (*read)(struct reading *, struct view rest);
} kinds[] = {{"Q: ", read_question}, {"A: ", read_answer}, {"U: ", read_unsaid},
             {"H: ", read_hint},     {"W: ", read_wrong},  {"S: ", read_summary}};

static bool read_head(struct reading *r, struct view line) {
    if (view_starts(line, "topic: "))
        r->topic = view_trim(view_slice(line, 7, line.n));
    else if (view_starts(line, "licence: "))
        r->licence = view_trim(view_slice(line, 9, line.n));
    else if (view_starts(line, "language: "))
        r->language = arena_string(r->arena, view_trim(view_slice(line, 10, line.n)));
    else
        return wrong(r, "this line stands before the first card",
                     "Begin with topic:, licence: and == TITLE.");
    return true;
}

static bool read_line(struct reading *r, struct view line) {
    if (!utf8_valid(line) || memchr(line.at, 0, line.n))
        return wrong(r, "the line is no UTF-8 text", "Save the file as UTF-8.");
    if (view_starts(line, "== "))
        return begin_card(r, view_trim(view_slice(line, 3, line.n)));
    if (r->card && view_starts(line, "topic: ")) { /* of the cards that follow */
        if (!end_card(r))
            return false;
        r->card = NULL;
    }
    if (!r->card)
        return read_head(r, line);
    if (view_starts(line, "style: ")) {
        r->card->style = view_trim(view_slice(line, 7, line.n));
        return true;
    }
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (view_starts(line, kinds[i].start))
            return kinds[i].read(r, view_trim(view_slice(line, 3, line.n)));
    return read_sentence(r, line);
}

bool cards_parse(struct view text, const char *file, struct arena *arena, struct cards *cards,
                 struct fault *fault) {
    struct reading r = {.arena = arena,
                        .file = arena_string(arena, view_of(file)),
                        .language = "en",
                        .cards = cards,
                        .fault = fault};
    struct view rest = arena_copy(arena, text), line;
    size_t before = cards->n;
    while (view_line(&rest, &line)) {
        r.line++;
        line = view_trim(line);
        if (line.n && !read_line(&r, line))
            return false;
    }
    if (!end_card(&r))
        return false;
    return cards->n > before ||
           wrong(&r, "there is no card in the file", "Begin one with == TITLE.");
}

bool cards_read(const char *path, struct arena *arena, struct cards *cards, struct fault *fault) {
    struct buffer text = {0};
    bool good = file_read(path, MAX_FILE, &text, fault) &&
                cards_parse(buffer_view(&text), path, arena, cards, fault);
    buffer_free(&text);
    return good;
}
