/* Learners that are made up: what they say, and how their hand writes it. */
#include "workshop/persona.h"

#include "workshop/compose.h"

#include <ctype.h>
#include <string.h>

/* clang-format off */
static const struct { const char *who, *says; } backgrounds[] = {
    {"pupil, 13", "We have this in school next week."},
    {"pupil, 16", "I want to be ready for the exam."},
    {"student of history, 20", "I study history, so formulas scare me a bit."},
    {"student of biology, 22", "I need this for a course in biology."},
    {"nurse, 38", "I work nights as a nurse and learn in the breaks."},
    {"bus driver, 45", "I drive a bus and read this between two trips."},
    {"retired engineer, 71", "I was an engineer once; this is new to me."},
    {"programmer, 29", "I write programs for a living."},
    {"cook, 33", "I am a cook, numbers are for recipes."},
    {"teacher of art, 50", "I teach art and would like to understand this at last."},
    {"farmer, 57", "I have a farm and an hour in the evening."},
    {"mother of three, 36", "The children are asleep, so I have half an hour."},
    {"apprentice in a garage, 18", "I mend cars, I am good with my hands."},
    {"musician, 26", "I play the cello; I know patterns by ear."},
    {"journalist, 41", "I have to write about this and want to get it right."},
    {"grandfather, 68", "My granddaughter asked me, and I could not say."},
    {"prisoner, 30", "There is a lot of time here to learn."},
    {"shop owner, 48", "I keep a shop and count all day anyway."},
    {"chess player, 15", "I play chess in a club."},
    {"newcomer, 24", "My English is not so good yet."},
};
static const char *const tones[TONES] = {"plain", "curt", "unsure", "chatty", "in a hurry", "sure of themselves"};
static const char *const hands[HANDS] = {"careful", "typing slips", "small letters", "short forms", "English is another language"};

/* Before the bar stand the tones that say so: p plain, c curt, u unsure, t chatty, h in a hurry, b
 * sure; none: all. */
static const char *const lines[SAYS_KINDS][26] = {
    [SAYS_TRY] = {
        "pc|%s", "c|%s.", "ph|I get %s.", "p|My answer is %s.", "p|I come out at %s.", "p|It should be %s.",
        "p|After some counting I have %s.", "u|Is it %s?", "u|I think %s, but I would not bet on it.", "u|Maybe %s?",
        "u|I tried and got %s. Does that make sense?", "u|%s? I am guessing a little.", "t|Okay, so I sat down with it, and what comes out is %s.",
        "t|Here is what I have after a cup of tea: %s.", "t|I talked it through with myself and would say %s.", "h|%s, next please",
        "h|quick one: %s", "h|got %s, is that all?", "b|Easy, %s.", "b|That is obviously %s.", "b|It can only be %s.", "b|%s, no doubt about it.",
        "p|I worked it out as %s.", "ut|I wrote down %s in the end."},
    [SAYS_PICK] = {
        "pc|%s", "c|%s.", "ph|I take %s.", "p|I choose %s.", "p|I would go for %s.", "p|My choice is %s.", "p|After reading it twice: %s.",
        "u|Could it be %s?", "u|I lean towards %s, but I am not sure.", "u|Perhaps %s?", "u|%s? The others look strange to me too.",
        "t|I went back and forth, and in the end I took %s.", "t|My gut says %s, so let me go with it.", "t|So many words! I settle for %s.",
        "h|%s, go on", "h|just take %s", "h|%s i guess", "b|Clearly %s.", "b|%s, of course.", "b|Everybody can see that it is %s.", "b|It must be %s."},
    [SAYS_AGAIN] = {
        "pc|Then %s.", "p|So is it %s?", "p|Let me change it to %s.", "p|I tried again: %s.", "u|Hmm, then maybe %s?", "u|Oh. Is it %s instead?",
        "u|I am lost now. %s?", "t|Right, I see that I went wrong somewhere; now I have %s.", "t|Second try, with fresh eyes: %s.",
        "h|ok %s then", "h|fine, %s", "b|Then it is %s, that settles it.", "b|My mistake, I meant %s.", "c|%s then", "p|What about %s?"},
    [SAYS_STILL] = {
        "pu|I still get %s.", "p|It comes out as %s again.", "u|I did it once more and it is %s again. Why?", "t|I went through all of it once more, and there it is again: %s.",
        "h|still %s", "b|I checked it: %s.", "b|No, it is %s, I am sure.", "c|%s again.", "p|I do not see it. For me it stays %s."},
    [SAYS_HELP] = {
        "p|Can I have a hint?", "p|I do not know how to go on.", "c|hint", "c|help", "u|I am stuck. Where do I even begin?", "u|Sorry, I do not get it. What should I look at?",
        "t|I have been staring at this for a while now; could you give me a little push?", "t|Help! Something to hold on to, please.",
        "h|what now", "h|next step?", "b|I would have got it, but give me one hint.", "b|All right, which way?", "p|What do I look at next?", "u|Could you help me one step further?",
        "t|One more nudge and I will have it, I think.", "p|A hint, please."},
    [SAYS_FISH] = {
        "p|Just tell me the answer, please.", "c|the answer?", "u|Could you not simply tell me what it is?", "t|Between us: what is the answer? I will not tell anyone.",
        "h|no time, whats the answer", "b|Give me the answer and I will explain it to you.", "p|What is the right answer?", "h|just say it"},
    [SAYS_RIGHT] = {
        "p|Ah, then it is %s.", "p|So %s.", "c|%s", "c|ok %s", "u|Then it should be %s?", "u|Is it %s now? I followed what you said.", "t|Oh, now I see it! It is %s.",
        "t|That made it click. I get %s.", "h|%s then", "h|got it, %s", "b|Of course, %s. I was careless.", "b|%s, as I would have said in a minute.", "p|With that I get %s.",
        "p|Now I have %s.", "u|I did it as you said and have %s.", "t|All right, from the start: that gives %s."},
    [SAYS_SISTER] = {
        "p|For this one I get %s.", "c|%s", "u|I hope it is %s.", "t|With the new numbers I followed the same way, and it gives %s.", "h|%s", "b|%s, and I did not need help.",
        "p|%s this time.", "u|%s? I used the same steps."},
    [SAYS_SHOW] = {
        "p|Can you show me how such a thing is worked out?", "p|How does one solve this?", "c|show me the steps", "u|Could you go through one with me, step by step?",
        "t|I learn best when I see one done; would you work this out for me?", "h|how do you do this one", "b|Let me see how you would do it.",
        "p|Please work this out in full.", "u|I have never seen one like this. How is it done?", "t|Walk me through it, would you?"},
};
static const struct { const char *long_form, *short_form; } short_forms[] = {
    {" you ", " u "}, {" your ", " ur "}, {"because", "bc"}, {"please", "pls"}, {"Please", "pls"}, {" are ", " r "}, {" and ", " n "},
    {"I do not know", "idk"}, {"okay", "ok"}, {"Okay", "ok"}, {" something ", " smth "}, {" to ", " 2 "}, {"probably", "prob"}, {"right", "rite"},
};
static const struct { const char *right, *learnt; } learnt_forms[] = {
    {" the ", " "}, {" a ", " "}, {" an ", " "}, {" is ", " is "}, {" it is ", " is "}, {"I am ", "I "}, {"does that make", "that makes"}, {"I get ", "I am getting "},
    {"I have ", "I am having "}, {" comes ", " come "}, {"Could you not", "You can not"}, {" did it ", " make it "}, {"How is it done", "How it is done"}, {"How does one", "How one can"},
    {"I tried", "I try"}, {"I see", "I am seeing"},
};
/* clang-format on */

static const char tone_letters[] = "pcuthb";

void persona_draw(struct random *random, struct persona *persona) {
    persona->background = pick(random, COUNT_OF(backgrounds));
    persona->tone = (enum persona_tone)pick(random, TONES);
    persona->hand = chance(random, 0.4) ? HAND_CAREFUL : (enum persona_hand)pick(random, HANDS);
    if (persona->background + 1 == COUNT_OF(backgrounds))
        persona->hand = HAND_LEARNING;
}

char *persona_name(const struct persona *persona, struct arena *arena) {
    return arena_format(arena, "%s; %s; %s", backgrounds[persona->background].who,
                        tones[persona->tone], hands[persona->hand]);
}

char *persona_about(const struct persona *persona, struct arena *arena) {
    return arena_format(arena, "a %s, whose tone is %s", backgrounds[persona->background].who,
                        tones[persona->tone]);
}

/* ----------------------------------------------------------------------------------------- hands
 */

static struct view replaced(struct arena *arena, struct view text, const char *from,
                            const char *to) {
    ptrdiff_t at = view_find(text, view_of(from));
    if (at < 0)
        return text;
    return view_of(arena_format(arena, "%.*s%s%.*s", (int)at, text.at, to,
                                VIEW_ARG(view_slice(text, (size_t)at + strlen(from), text.n))));
}

static struct view small(struct arena *arena, struct view text) {
    struct view copy = arena_copy(arena, text);
    for (size_t i = 0; i < copy.n; i++)
        ((char *)copy.at)[i] = (char)tolower((unsigned char)copy.at[i]);
    if (view_ends(copy, ".") || view_ends(copy, "?"))
        copy.n--;
    return copy;
}

/* Two letters of a longer word change places, or one goes. */
static struct view slipped(struct arena *arena, struct view text, struct random *random) {
    size_t places[64], n = 0;
    for (size_t i = 2; i + 2 < text.n && n < 64; i++)
        if (islower((unsigned char)text.at[i - 2]) && islower((unsigned char)text.at[i - 1]) &&
            islower((unsigned char)text.at[i]) && islower((unsigned char)text.at[i + 1]))
            places[n++] = i;
    if (!n)
        return text;
    size_t at = places[pick(random, n)];
    struct view copy = arena_copy(arena, text);
    char *letters = (char *)copy.at;
    if (chance(random, 0.5)) {
        char kept = letters[at];
        letters[at] = letters[at - 1];
        letters[at - 1] = kept;
        return copy;
    }
    return view_of(arena_format(arena, "%.*s%.*s", (int)at, copy.at,
                                VIEW_ARG(view_slice(copy, at + 1, copy.n))));
}

struct view persona_hand(const struct persona *persona, struct view text, struct random *random,
                         struct arena *arena) {
    if (persona->hand == HAND_SLIPS && chance(random, 0.7))
        text = slipped(arena, text, random);
    if (persona->hand == HAND_SMALL || persona->hand == HAND_SHORT)
        text = small(arena, text);
    for (size_t i = 0; persona->hand == HAND_SHORT && i < COUNT_OF(short_forms); i++)
        text = replaced(arena, text, short_forms[i].long_form, short_forms[i].short_form);
    for (size_t i = 0; persona->hand == HAND_LEARNING && i < COUNT_OF(learnt_forms); i++)
        if (chance(random, 0.7))
            text = replaced(arena, text, learnt_forms[i].right, learnt_forms[i].learnt);
    return text;
}

/* ----------------------------------------------------------------------------------------- lines
 */

static const char *draw_line(const struct persona *persona, enum persona_says says,
                             struct random *random) {
    const char *fitting[26];
    size_t n = 0;
    for (size_t i = 0; i < COUNT_OF(lines[says]) && lines[says][i]; i++) {
        const char *bar = strchr(lines[says][i], '|');
        const char *letter = strchr(lines[says][i], tone_letters[persona->tone]);
        if (letter && letter < bar)
            fitting[n++] = bar + 1;
    }
    MUST(n > 0);
    return fitting[pick(random, n)];
}

/* The hand writes what stands around the answer, never in it. */
struct view persona_line(const struct persona *persona, enum persona_says says, struct view answer,
                         struct view because, bool introduces, struct random *random,
                         struct arena *arena) {
    const char *form = draw_line(persona, says, random), *slot = strstr(form, "%s");
    struct view before =
                    slot ? view_slice(view_of(form), 0, (size_t)(slot - form)) : view_of(form),
                after = slot ? view_of(slot + 2) : (struct view){0};
    if (because.n && slot)
        before = view_of(arena_format(arena, "%s %.*s. %.*s",
                                      persona->tone == TONE_CURT ? "what i did:" : "I",
                                      VIEW_ARG(because), VIEW_ARG(before)));
    if (introduces && persona->tone != TONE_CURT && persona->tone != TONE_HASTY)
        before = view_of(arena_format(arena, "%s %.*s", backgrounds[persona->background].says,
                                      VIEW_ARG(before)));
    before = persona_hand(persona, before, random, arena);
    after = persona_hand(persona, after, random, arena);
    return view_trim(
        view_of(arena_format(arena, "%.*s%.*s%.*s", VIEW_ARG(before),
                             VIEW_ARG(slot ? answer : (struct view){0}), VIEW_ARG(after))));
}
