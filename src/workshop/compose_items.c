/* Items of topics that no row comes from: what the trained model is examined by. */
#include "workshop/compose.h"

static json_t *text_of(struct view text) {
    return json_stringn(text.at ? text.at : "", text.n);
}

static struct view passage_of(const struct card *card, struct buffer *out) {
    buffer_clear(out);
    for (size_t i = 0; i < card->n_sentence; i++) {
        struct view sentence = card->sentences[i];
        bool latin = (unsigned char)sentence.at[sentence.n - 1] < 0x80;
        buffer_append(out, sentence);
        buffer_text(out, latin && i + 1 < card->n_sentence ? " " : "");
    }
    return buffer_view(out);
}

static void add_item(json_t *item, const struct card *card, const struct card_lines *lines,
                     size_t phrasing, struct buffer *out) {
    json_object_set_new(item, "topic", text_of(card->topic));
    json_object_set_new(item, "title", text_of(card->title));
    json_object_set_new(item, "style", text_of(card->style));
    json_object_set_new(item, "language", json_string(card->language));
    json_object_set_new(item, "line", json_integer(lines->line));
    json_object_set_new(item, "phrasing", json_integer((json_int_t)phrasing));
    buffer_json(out, item);
    buffer_byte(out, '\n');
    json_decref(item);
}

static void add_questions(const struct card *card, struct view passage, struct buffer *out) {
    for (size_t i = 0; i < card->n_question; i++)
        for (size_t j = 0; j < card->questions[i].n; j++) {
            const struct card_lines *question = &card->questions[i];
            json_t *item = json_pack("{s:s, s:o, s:o, s:b, s:o, s:o}", "task", "answer", "passage",
                                     text_of(passage), "question", text_of(question->at[j]),
                                     "answerable", 1, "key", text_of(question->answer), "sentence",
                                     text_of(card->sentences[question->source]));
            add_item(item, card, question, j, out);
        }
    for (size_t i = 0; i < card->n_unsaid; i++)
        for (size_t j = 0; j < card->unsaid[i].n; j++) {
            json_t *item =
                json_pack("{s:s, s:o, s:o, s:b}", "task", "answer", "passage", text_of(passage),
                          "question", text_of(card->unsaid[i].at[j]), "answerable", 0);
            add_item(item, card, &card->unsaid[i], j, out);
        }
}

static void add_hints(const struct card *card, struct buffer *out) {
    for (size_t i = 0; i < card->n_hint; i++) {
        json_t *asked = json_array();
        for (size_t j = 1; j < card->hints[i].n; j++)
            json_array_append_new(asked, text_of(card->hints[i].at[j]));
        json_t *item = json_pack("{s:s, s:o, s:o}", "task", "hint", "hint",
                                 text_of(card->hints[i].at[0]), "rephrasings", asked);
        add_item(item, card, &card->hints[i], 0, out);
    }
}

static void add_rest(const struct card *card, struct view passage, struct buffer *out) {
    for (size_t i = 0; i < card->n_wrong; i++) {
        const struct card_lines *wrong = &card->wrongs[i];
        json_t *item =
            json_pack("{s:s, s:o, s:o, s:o, s:o}", "task", "wrong", "passage", text_of(passage),
                      "wrong", text_of(wrong->at[0]), "key", text_of(wrong->answer), "sentence",
                      text_of(card->sentences[wrong->source]));
        add_item(item, card, wrong, 0, out);
    }
    if (card->summary.n)
        add_item(json_pack("{s:s, s:o, s:o}", "task", "sum", "passage", text_of(passage), "key",
                           text_of(card->summary.at[0])),
                 card, &card->summary, 0, out);
    if (card->n_question)
        add_item(json_pack("{s:s, s:o, s:[o]}", "task", "next", "passage", text_of(passage),
                           "asked", text_of(card->questions[0].at[0])),
                 card, &card->questions[0], 0, out);
}

void compose_items(const struct cards *cards, struct buffer *out) {
    struct buffer text = {0};
    for (size_t i = 0; i < cards->n; i++) {
        struct view passage = passage_of(&cards->at[i], &text);
        add_questions(&cards->at[i], passage, out);
        add_hints(&cards->at[i], out);
        add_rest(&cards->at[i], passage, out);
    }
    buffer_free(&text);
}
