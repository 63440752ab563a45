/* Hints of a course's exercises and what its author says to wrong answers, on the cards of the
 * passages behind which the exercises stand: each on one card, since cards may be held out. */
#include "workshop/ask.h"
#include "workshop/compose.h"
#include "workshop/course_cards.h"

#include <string.h>

enum { TRIES = 12, LEAST_WORDS = 3 };

/* The last card before the exercise in its lesson, or the lesson's first. */
static struct course_card *card_of(struct course_making *making, const json_t *exercise) {
    struct view lesson = course_text_of(exercise, "lesson"),
                passage = course_text_of(exercise, "passage");
    struct course_card *found = NULL;
    const struct course_passage *place = NULL;
    for (size_t i = 0; i < making->n_passage; i++)
        if (view_equal(making->passages[i].id, passage))
            place = &making->passages[i];
    for (size_t i = 0; i < making->n_card; i++) {
        struct course_card *card = &making->cards[i];
        if (view_equal(card->passage->lesson, lesson) &&
            (!found || (place && card->passage <= place)))
            found = card;
    }
    return found;
}

static struct view one_line(struct arena *arena, struct view text) {
    struct view copy = arena_copy(arena, view_trim(text));
    for (size_t i = 0; i < copy.n; i++)
        if (copy.at[i] == '\n' || copy.at[i] == '\r' || copy.at[i] == '\t')
            ((char *)copy.at)[i] = ' ';
    return copy;
}

/* ---------------------------------------------------------------------------------------- hints
 */

static struct view first_word(struct view text) {
    size_t n = 0;
    while (n < text.n && text.at[n] != ' ' && text.at[n] != ',')
        n++;
    return view_slice(text, 0, n);
}

/* Its first word asks, so that its letter may be small behind an opening. */
static bool asks_at_once(struct view question) {
    static const char *const words[] = {"What", "Which", "Who", "How",  "Why",  "Where", "When",
                                        "Does", "Do",    "Did", "Is",   "Are",  "Can",   "Could",
                                        "Must", "At",    "In",  "On",   "From", "By",    "Between",
                                        "To",   "For",   "If",  "With", "Of"};
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (view_is(first_word(question), words[i]))
            return view_find(question, VIEW("; ")) < 0 && view_find(question, VIEW(": ")) < 0;
    return false;
}

static bool tells_to_do(struct view hint) {
    char base[24];
    return ask_verb(first_word(hint), base) == ASK_BASE;
}

/* The sentence of a hint that is put in other words: its last question, if it stands alone. */
static struct view core_of(struct view hint) {
    struct view best = {0};
    for (size_t from = 0, i = 0; i < hint.n; i++) {
        bool ends = strchr(".?!", hint.at[i]) && (i + 1 == hint.n || hint.at[i + 1] == ' ');
        if (!ends)
            continue;
        struct view one = view_trim(view_slice(hint, from, i + 1));
        bool asks = hint.at[i] == '?' && count_words(one) > LEAST_WORDS && asks_at_once(one);
        if (asks || (!from && i + 1 == hint.n && tells_to_do(one)))
            best = one;
        from = i + 1;
    }
    return best;
}

static bool passes(const struct course_making *making, struct view hint, struct view said) {
    struct school_verdict verdict;
    struct school_draft draft = {.hint = hint, .draft = said, .language = making->language};
    school_review(&draft, &verdict);
    return verdict.passed;
}

static void add_hint(struct course_making *making, struct course_card *card, struct view text) {
    const struct composing whole = {.language = making->language, .english = true};
    struct pack_rows pack = {.whole = &whole, .arena = making->arena};
    struct course_hint hint = {.n = 1, .phrasings = {one_line(making->arena, text)}};
    struct view core = core_of(hint.phrasings[0]);
    if (card->n_hint == COURSE_HINTS || !core.n || strncmp(making->language, "en", 2) != 0 ||
        view_find(hint.phrasings[0], VIEW(" | ")) >= 0)
        return;
    random_seed(&pack.random, hash64(hint.phrasings[0], making->options->seed));
    for (size_t i = 0; i < TRIES && hint.n < COUNT_OF(hint.phrasings); i++) {
        struct view said = open_hint(&pack, core);
        if (said.n && !view_equal(said, hint.phrasings[hint.n - 1]) &&
            passes(making, hint.phrasings[0], said))
            hint.phrasings[hint.n++] = said;
    }
    if (hint.n > 1)
        card->hints[card->n_hint++] = hint;
}

/* --------------------------------------------------------------------------------- wrong answers
 */

/* The author's reply is one that a sentence of the card stands behind, and asks nothing. */
static void add_wrong(struct course_making *making, struct course_card *card, const json_t *from) {
    struct course_wrong wrong = {.answer = one_line(making->arena, course_text_of(from, "answer")),
                                 .say = one_line(making->arena, course_text_of(from, "say"))};
    double best = 0.6;
    bool found = false;
    if (card->n_wrong == COURSE_HINTS || count_words(wrong.answer) < LEAST_WORDS ||
        view_find(wrong.say, VIEW("?")) >= 0 || view_find(wrong.say, VIEW("？")) >= 0 ||
        view_find(wrong.say, VIEW(" | ")) >= 0 || view_find(wrong.answer, VIEW(" | ")) >= 0 ||
        school_leans_back(wrong.say))
        return;
    for (size_t i = 0; i < card->n; i++) {
        double share = school_overlap(wrong.say, card->sentences[i], making->language);
        if (share < best)
            continue;
        best = share;
        wrong.source = i;
        found = true;
    }
    if (found)
        card->wrongs[card->n_wrong++] = wrong;
}

void course_hints(struct course_making *making) {
    size_t i, j;
    json_t *exercise, *one;
    json_array_foreach(json_object_get(making->texts, "exercises"), i, exercise) {
        struct course_card *card = card_of(making, exercise);
        if (!card)
            continue;
        json_array_foreach(json_object_get(exercise, "hints"), j, one)
            add_hint(making, card, (struct view){json_string_value(one), json_string_length(one)});
        json_array_foreach(json_object_get(exercise, "wrong"), j, one)
            add_wrong(making, card, one);
    }
}
