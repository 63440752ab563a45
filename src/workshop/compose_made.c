/* Rows on facts that nobody can know: names put together of syllables, random numbers. Several
 * sentences of a passage have one form, so that only copying the right one answers. */
#include "workshop/compose.h"
#include "workshop/compose_forms.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { MAX_FACTS = 7, SLOTS = 26, MAX_USED = 80, SLOT_BYTES = 48 };

struct fact {
    const struct made_form *form;
    char slots[128][SLOT_BYTES]; /* by letter; "" where not drawn yet */
};

struct story {
    struct pack_rows *pack;
    size_t n, n_used;
    struct fact facts[MAX_FACTS];
    char used[MAX_USED][SLOT_BYTES];  /* nothing is drawn twice */
    bool asked[MAX_FACTS][MADE_ASKS]; /* once in a story */
    struct view text;
};

/* ----------------------------------------------------------------------------------------- names
 */

static const char *const onsets[] = {"b",  "d",  "f",  "g",  "h",  "k", "l",  "m",  "n",
                                     "p",  "r",  "s",  "t",  "v",  "z", "br", "dr", "gr",
                                     "kr", "tr", "st", "sh", "th", "j", "w",  "fl", ""};
static const char *const vowels[] = {"a", "e", "i",  "o",  "u",  "a",
                                     "e", "o", "ai", "ou", "ia", "ee"};
static const char *const codas[] = {"n",  "r",  "l", "s", "m", "k", "t",
                                    "nd", "rn", "x", "",  "",  "",  ""};
static const char *const towns[] = {"burg", "ford", "ton",   "mar",   "haven", "dale",
                                    "stad", "wick", "mouth", "field", "ola",   "inka",
                                    "holm", "bach", "port",  "ney"};
static const char *const people[] = {
    "Anna",  "Omar",   "Lucia", "Jonas",  "Mei",   "Priya", "Tomas", "Fatima", "Ingrid", "Kofi",
    "Elena", "Rafael", "Hana",  "Samuel", "Zofia", "Diego", "Nadia", "Viktor", "Amara",  "Pavel",
    "Ruth",  "Yusuf",  "Clara", "Bilal",  "Greta", "Hugo",  "Leila", "Milan",  "Nora",   "Otto"};
static const char *const titles[] = {"Dr ", "Mrs ", "Mr ", "Captain ", "Professor ", "Aunt "};

static void add_syllables(struct random *random, size_t n, char *out) {
    for (size_t i = 0; i < n; i++) {
        strcat(out, onsets[pick(random, COUNT_OF(onsets))]);
        strcat(out, vowels[pick(random, COUNT_OF(vowels))]);
        if (i + 1 == n)
            strcat(out, codas[pick(random, COUNT_OF(codas))]);
    }
    out[0] = (char)toupper((unsigned char)out[0]);
}

static void name_person(struct random *random, char *out) {
    double way = random_unit(random);
    char last[SLOT_BYTES] = "";
    add_syllables(random, 2, last);
    if (way < 0.3)
        strcpy(out, people[pick(random, COUNT_OF(people))]);
    else if (way < 0.45)
        sprintf(out, "%s %.20s", people[pick(random, COUNT_OF(people))], last);
    else if (way < 0.6)
        sprintf(out, "%s%.20s", titles[pick(random, COUNT_OF(titles))], last);
    else
        add_syllables(random, 2 + pick(random, 2), out);
}

static void name_place(struct random *random, char *out) {
    add_syllables(random, 1 + pick(random, 2), out);
    strcat(out, towns[pick(random, COUNT_OF(towns))]);
}

static void name_thing(struct random *random, char *out) {
    add_syllables(random, 2 + pick(random, 2), out);
    if (chance(random, 0.15))
        sprintf(out + strlen(out), "-%d", (int)random_between(random, 2, 99));
}

static void name_function(struct random *random, char *out) {
    add_syllables(random, 2, out);
    out[0] = (char)tolower((unsigned char)out[0]);
    strcat(out, "()");
}

/* ----------------------------------------------------------------------------------------- slots
 */

static const char *from_list(struct random *random, const char *const *list) {
    size_t n = 0;
    while (list[n])
        n++;
    return list[pick(random, n)];
}

static void draw_number(struct random *random, char letter, char *out) {
    int64_t low = letter == 'n' ? 2 : letter == 'N' ? 100 : 1650;
    int64_t high = letter == 'n' ? 99 : letter == 'N' ? 9999 : 2019;
    if (letter == 'N' && chance(random, 0.6))
        high = 999;
    sprintf(out, "%d", (int)random_between(random, low, high));
}

static void draw(struct random *random, char letter, char *out) {
    static const struct {
        char letter;
        const char *const *list;
    } lists[] = {{'c', made_colours}, {'m', made_months},    {'d', made_days},
                 {'j', made_trades},  {'o', made_objects},   {'a', made_animals},
                 {'f', made_foods},   {'s', made_materials}, {'i', made_instruments},
                 {'h', made_hours},   {'w', made_reasons}};
    out[0] = 0;
    for (size_t i = 0; i < COUNT_OF(lists); i++)
        if (lists[i].letter == letter)
            strcpy(out, from_list(random, lists[i].list));
    if (letter == 'p' || letter == 'q')
        name_person(random, out);
    else if (letter == 't' || letter == 'u')
        name_place(random, out);
    else if (letter == 'x')
        name_thing(random, out);
    else if (letter == 'v')
        name_function(random, out);
    else if (!out[0])
        draw_number(random, letter, out);
}

static bool is_used(const struct story *story, const char *value) {
    for (size_t i = 0; i < story->n_used; i++)
        if (!strcmp(story->used[i], value))
            return true;
    return false;
}

static void draw_new(struct story *story, char letter, char *out) {
    for (int tries = 0; tries < 60; tries++) {
        draw(&story->pack->random, letter, out);
        if (!is_used(story, out))
            break;
    }
    if (story->n_used < MAX_USED)
        strcpy(story->used[story->n_used++], out);
}

/* The text with its slots filled; those not drawn yet are drawn. */
static struct view fill(struct story *story, struct fact *fact, const char *form, size_t n) {
    struct buffer out = {0};
    for (size_t i = 0; i < n; i++) {
        if (form[i] != '{' || i + 2 >= n || form[i + 2] != '}') {
            buffer_byte(&out, form[i]);
            continue;
        }
        char *slot = fact->slots[(unsigned char)form[i + 1] & 127];
        if (!slot[0])
            draw_new(story, form[i + 1], slot);
        buffer_text(&out, slot);
        i += 2;
    }
    struct view copy = arena_copy(story->pack->arena, buffer_view(&out));
    buffer_free(&out);
    return copy;
}

/* --------------------------------------------------------------------------------------- stories
 */

static void add_fact(struct story *story, const struct made_form *form, const char *about) {
    struct fact *fact = &story->facts[story->n++];
    *fact = (struct fact){.form = form};
    if (about)
        strcpy(fact->slots[(unsigned char)form->about], about);
}

static const struct made_form *form_of_kin(struct random *random, char kin) {
    for (;;) {
        const struct made_form *form = &made_forms[pick(random, n_made_form)];
        if (form->kin == kin)
            return form;
    }
}

static bool told(const struct story *story, const struct made_form *form, const char *about) {
    for (size_t i = 0; i < story->n; i++)
        if (story->facts[i].form == form &&
            (!about || !strcmp(story->facts[i].slots[(unsigned char)form->about], about)))
            return true;
    return false;
}

/* Whether a sentence on the same may answer what the form tells. */
static bool touched(const struct story *story, const struct made_form *form, const char *about) {
    for (size_t i = 0; i < story->n; i++) {
        const struct fact *fact = &story->facts[i];
        bool near = form->theme != '-' && fact->form->theme == form->theme;
        for (const char *slot = "pqtux"; near && *slot; slot++)
            if (!strcmp(fact->slots[(unsigned char)*slot], about))
                return true;
    }
    return told(story, form, about);
}

/* Two to four sentences of one form; then others, partly on the same people and things. */
static void tell_story(struct story *story) {
    struct random *random = &story->pack->random;
    size_t n = 4 + pick(random, 4), same = 2 + pick(random, 3), order[MAX_FACTS];
    const struct made_form *main = &made_forms[pick(random, n_made_form)];
    for (size_t i = 0; i < same; i++) {
        add_fact(story, main, NULL);
        fill(story, &story->facts[i], main->sentence, strlen(main->sentence));
    }
    while (story->n < n) {
        const struct fact *other = &story->facts[pick(random, story->n)];
        const struct made_form *form = &made_forms[pick(random, n_made_form)];
        const char *about = NULL;
        if (chance(random, 0.5) && other->form->kin != '-') {
            form = form_of_kin(random, other->form->kin);
            about = other->slots[(unsigned char)form->about];
        }
        if (told(story, form, about) || (!about && form == main && story->n >= same))
            continue;
        add_fact(story, form, about);
        fill(story, &story->facts[story->n - 1], form->sentence, strlen(form->sentence));
    }
    struct buffer text = {0};
    for (size_t i = 0; i < n; i++)
        order[i] = i;
    shuffle(random, order, n);
    for (size_t i = 0; i < n; i++) {
        struct fact *fact = &story->facts[order[i]];
        struct view sentence =
            fill(story, fact, fact->form->sentence, strlen(fact->form->sentence));
        buffer_text(&text, i ? " " : "");
        buffer_append(&text, sentence);
    }
    story->text = arena_copy(story->pack->arena, buffer_view(&text));
    buffer_free(&text);
}

/* ------------------------------------------------------------------------------------- questions
 */

static struct view choose_phrasing(struct random *random, const char *asks) {
    struct view all = view_of(asks), parts[8];
    size_t n = 0;
    for (ptrdiff_t bar; n < COUNT_OF(parts); all = view_slice(all, (size_t)bar + 1, all.n)) {
        bar = view_find(all, VIEW("|"));
        parts[n++] = view_slice(all, 0, bar < 0 ? all.n : (size_t)bar);
        if (bar < 0)
            break;
    }
    return parts[chance(random, 0.4) ? 0 : pick(random, n)];
}

static size_t count_asks(const struct made_form *form) {
    size_t n = 0;
    while (n < MADE_ASKS && form->asks[n])
        n++;
    return n;
}

static const char *choose_ask(struct random *random, const struct made_form *form) {
    return form->asks[pick(random, count_asks(form))];
}

static void add_row(struct story *story, enum compose_task task, struct view asked,
                    struct view target) {
    struct row_text row = {.task = task,
                           .lesson = story->text,
                           .asked = as_typed(story->pack, asked),
                           .target = target,
                           .topic = VIEW("made-up"),
                           .licence = VIEW("CC0 1.0"),
                           .file = "made-up facts"};
    compose_add(story->pack, &row);
}

static void ask_what_is_told(struct story *story) {
    struct random *random = &story->pack->random;
    size_t which = pick(random, story->n);
    struct fact *fact = &story->facts[which];
    const char *whole = fact->form->sentence;
    size_t ask = pick(random, count_asks(fact->form));
    if (story->asked[which][ask])
        return;
    story->asked[which][ask] = true;
    struct view form = choose_phrasing(random, fact->form->asks[ask]);
    add_row(story, COMPOSE_ANSWER, fill(story, fact, form.at, form.n),
            fill(story, fact, whole, strlen(whole)));
}

/* Asked of somebody who is not there, or of what is not told of somebody who is. */
static void ask_what_is_not_told(struct story *story) {
    struct random *random = &story->pack->random;
    struct fact fact = story->facts[pick(random, story->n)];
    if (chance(random, 0.5)) {
        struct fact other = {.form = fact.form};
        fact = other;
    } else {
        if (fact.form->kin == '-')
            return;
        const struct made_form *form = form_of_kin(random, fact.form->kin);
        const char *about = fact.slots[(unsigned char)form->about];
        if (touched(story, form, about))
            return;
        struct fact other = {.form = form};
        strcpy(other.slots[(unsigned char)form->about], about);
        fact = other;
    }
    struct view form = choose_phrasing(random, choose_ask(random, fact.form));
    struct view asked = fill(story, &fact, form.at, form.n);
    struct view target = view_of(school_refusal(story->pack->whole->language));
    add_row(story, COMPOSE_REFUSE, asked, target);
}

void compose_made(struct pack_rows *pack, size_t index) {
    struct story *story = ARENA_NEW(pack->arena, 1, struct story);
    (void)index;
    story->pack = pack;
    tell_story(story);
    for (size_t i = 0; i < 7; i++)
        if (chance(&pack->random, 0.26))
            ask_what_is_not_told(story);
        else
            ask_what_is_told(story);
}
