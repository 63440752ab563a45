/* Rows that put a hint in other words: as the author did, or by an opening before it. */
#include "workshop/compose.h"

#include <ctype.h>
#include <string.h>

/* Before a hint that asks; the question follows as it stands. */
static const char *const before_question[] = {
    "Think: %s",
    "Think again: %s",
    "Think about it: %s",
    "Look: %s",
    "Look again: %s",
    "Look closely: %s",
    "Remember: %s",
    "Try to remember: %s",
    "Try to recall: %s",
    "Tell me: %s",
    "Can you tell me: %s",
    "Can you say: %s",
    "Ask yourself: %s",
    "Ask yourself this: %s",
    "Try this: %s",
    "Try again: %s",
    "First, %s",
    "Now, %s",
    "Now tell me: %s",
    "Consider this: %s",
    "Say it yourself: %s",
    "Let us see: %s",
    "See if you know: %s",
    "Check again: %s",
    "Start here: %s",
    "Begin with this: %s",
    "Maybe you know: %s",
    "Do you remember: %s",
    "Do you know: %s",
    "Find out: %s",
    "What do you think: %s",
    "Work it out: %s",
    "Explain it to yourself: %s",
    "So, %s",
    "Let me ask: %s",
};
/* Before a question that keeps its order of words inside another: "which net holds the gas". */
static const char *const round_question[] = {"Can you tell %s?",
                                             "Can you say %s?",
                                             "Could you say %s?",
                                             "Could you tell me %s?",
                                             "Do you know %s?",
                                             "Do you remember %s?",
                                             "Do you recall %s?",
                                             "Do you see %s?",
                                             "Can you find %s?",
                                             "Can you see %s?",
                                             "Try to say %s.",
                                             "Try to find %s.",
                                             "Try to remember %s.",
                                             "Try to recall %s.",
                                             "Think about %s.",
                                             "Think of %s.",
                                             "Look for %s.",
                                             "See if you can say %s.",
                                             "See if you can tell %s.",
                                             "See if you can find %s.",
                                             "Ask yourself %s.",
                                             "Tell me %s.",
                                             "Find %s.",
                                             "Find out %s.",
                                             "Say %s.",
                                             "Consider %s.",
                                             "Are you able to say %s?",
                                             "Have you any idea %s?",
                                             "Let us think about %s.",
                                             "Would you know %s?",
                                             "Perhaps you can say %s.",
                                             "First find %s.",
                                             "First say %s.",
                                             "Remember %s.",
                                             "Recall %s.",
                                             "Check %s.",
                                             "Work out %s.",
                                             "Explain %s."};
/* Before a thing to do, its first letter small. */
static const char *const before_deed[] = {"Try to %s.",
                                          "Now %s.",
                                          "First %s.",
                                          "Next, %s.",
                                          "Please %s.",
                                          "Start here: %s.",
                                          "Can you %s?",
                                          "Could you %s?",
                                          "What do you find if you %s?",
                                          "What do you see if you %s?",
                                          "What happens if you %s?",
                                          "What happens when you %s?",
                                          "See what happens if you %s.",
                                          "See what you find if you %s.",
                                          "Maybe %s.",
                                          "Perhaps %s.",
                                          "You could %s.",
                                          "You might %s.",
                                          "You can %s.",
                                          "You should %s first.",
                                          "See if you can %s.",
                                          "It may help to %s.",
                                          "It can help to %s.",
                                          "Would it help to %s?",
                                          "Let us %s.",
                                          "Begin here: %s.",
                                          "One idea: %s.",
                                          "Think: %s.",
                                          "Look again: %s.",
                                          "Would you %s?",
                                          "Do you remember how to %s?",
                                          "Do you know how to %s?"};
static const char auxiliaries[] =
    " do does did is are was were can could will would has have had should may might must cannot "
    "isn't doesn't don't ";

static bool is_auxiliary(struct view word) {
    char spaced[16];
    if (!word.n || word.n > 12)
        return false;
    spaced[0] = ' ';
    for (size_t i = 0; i < word.n; i++)
        spaced[1 + i] = (char)tolower((unsigned char)word.at[i]);
    strcpy(spaced + 1 + word.n, " ");
    return strstr(auxiliaries, spaced) != NULL;
}

static bool asks_what(struct view text) {
    static const char *const words[] = {"What ", "Which ", "Who ", "Whose ", "How many "};
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (view_starts(text, words[i]))
            return true;
    return false;
}

/* A question whose verb has no auxiliary: "Which net holds the gas?" */
static bool keeps_order(struct view question) {
    if (!asks_what(question))
        return false;
    for (size_t i = 0, from = 0; i <= question.n; i++)
        if (i == question.n || question.at[i] == ' ' || question.at[i] == '?') {
            if (is_auxiliary(view_slice(question, from, i)))
                return false;
            from = i + 1;
        }
    return true;
}

static struct view fill(struct pack_rows *pack, const char *form, struct view text) {
    const char *slot = strstr(form, "%s");
    return view_of(arena_format(pack->arena, "%.*s%.*s%s", (int)(slot - form), form,
                                VIEW_ARG(text), slot + 2));
}

static struct view deed(struct pack_rows *pack, struct view hint) {
    struct view bare = view_slice(hint, 0, hint.n - 1), copy;
    if (view_starts(bare, "Now ") || view_starts(bare, "First "))
        return (struct view){0};
    copy = arena_copy(pack->arena, bare);
    if (copy.n > 1 && islower((unsigned char)copy.at[1]))
        ((char *)copy.at)[0] = (char)tolower((unsigned char)copy.at[0]);
    return copy;
}

static bool one_sentence(struct view text) {
    for (size_t i = 0; i + 1 < text.n; i++)
        if (strchr(".?!:", text.at[i]) && text.at[i + 1] == ' ')
            return false;
    return text.n > 1 && strchr(".?", text.at[text.n - 1]);
}

struct view open_hint(struct pack_rows *pack, struct view hint) {
    if (!pack->whole->english || !one_sentence(hint))
        return (struct view){0};
    if (hint.at[hint.n - 1] == '?') {
        struct view small = lower_first(pack, hint);
        if (keeps_order(hint) && chance(&pack->random, 0.5))
            return fill(pack, round_question[pick(&pack->random, COUNT_OF(round_question))],
                        view_slice(small, 0, small.n - 1));
        return fill(pack, before_question[pick(&pack->random, COUNT_OF(before_question))], small);
    }
    struct view small = deed(pack, hint);
    return small.n ? fill(pack, before_deed[pick(&pack->random, COUNT_OF(before_deed))], small)
                   : small;
}

static void add_hint(struct pack_rows *pack, const struct card *card, struct view hint,
                     struct view target, long line) {
    struct row_text row = {.task = COMPOSE_TASK_HINT,
                           .asked = hint,
                           .target = target,
                           .topic = card->topic,
                           .licence = card->licence,
                           .file = card->file,
                           .line = line};
    if (target.n)
        compose_add(pack, &row);
}

/* Hints of several cards: an authored rephrasing, an opening, a question made a hint. */
void compose_hint(struct pack_rows *pack, size_t index) {
    for (size_t i = 0; i < 4; i++) {
        const struct card *card = card_for(pack->whole, index * 4 + i);
        if (card->n_hint) {
            const struct card_lines *hint = &card->hints[pick(&pack->random, card->n_hint)];
            if (hint->n > 1 && chance(&pack->random, 0.7))
                add_hint(pack, card, hint->at[0], hint->at[1 + pick(&pack->random, hint->n - 1)],
                         hint->line);
            else
                add_hint(pack, card, hint->at[0], open_hint(pack, hint->at[0]), hint->line);
        }
        if (card->n_question) {
            const struct card_lines *asked =
                &card->questions[pick(&pack->random, card->n_question)];
            add_hint(pack, card, asked->at[0], open_hint(pack, asked->at[0]), asked->line);
        }
    }
}
