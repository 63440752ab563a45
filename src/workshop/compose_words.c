/* Questions as learners type them. */
#include "workshop/compose.h"

#include <ctype.h>
#include <string.h>

static const char *const beginnings[] = {"hey, ",
                                         "um ",
                                         "quick question: ",
                                         "i dont get it, ",
                                         "ok so ",
                                         "hi! ",
                                         "sorry, ",
                                         "wait, ",
                                         "hmm, ",
                                         "please, ",
                                         "one thing: ",
                                         "and ",
                                         "so ",
                                         "help: ",
                                         "hello, ",
                                         "just wondering, ",
                                         "i forgot: ",
                                         "erm, ",
                                         "again: ",
                                         "not sure, ",
                                         "okay, ",
                                         "can you help? ",
                                         "uh, ",
                                         "i am lost. ",
                                         "a question: ",
                                         "but ",
                                         "well, ",
                                         "excuse me, ",
                                         "im stuck, ",
                                         "oh and ",
                                         "another one: ",
                                         "tell me: ",
                                         "i read it twice. ",
                                         "hey tutor, ",
                                         "now, "};
static const char asking[] = " what which who whom whose how why where when in on at for from by "
                             "with after before during to "
                             "of does do did is are was were can could will would has have if so "
                             "under over between against ";

size_t pick(struct random *random, size_t n) {
    return n ? (size_t)random_between(random, 0, (int64_t)n - 1) : 0;
}

bool chance(struct random *random, double share) {
    return random_unit(random) < share;
}

void shuffle(struct random *random, size_t *places, size_t n) {
    for (size_t i = n; i > 1; i--) {
        size_t j = pick(random, i), kept = places[i - 1];
        places[i - 1] = places[j];
        places[j] = kept;
    }
}

size_t count_words(struct view text) {
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++)
        n += text.at[i] != ' ' && (i == 0 || text.at[i - 1] == ' ');
    return n;
}

static struct view first_word(struct view text) {
    size_t n = 0;
    while (n < text.n && text.at[n] != ' ' && text.at[n] != ',' && text.at[n] != '\'')
        n++;
    return view_slice(text, 0, n);
}

struct view lower_first(struct pack_rows *pack, struct view text) {
    struct view word = first_word(text);
    char spaced[16];
    if (!word.n || word.n > sizeof spaced - 3)
        return text;
    spaced[0] = ' ';
    for (size_t i = 0; i < word.n; i++)
        spaced[1 + i] = (char)tolower((unsigned char)word.at[i]);
    spaced[word.n + 1] = ' ';
    spaced[word.n + 2] = 0;
    if (!strstr(asking, spaced))
        return text;
    struct view copy = arena_copy(pack->arena, text);
    ((char *)copy.at)[0] = spaced[1];
    return copy;
}

/* ------------------------------------------------------------------------------------------ slips
 */

/* The small letters from `from` on; names and numbers are typed with care. */
static size_t small_letters(struct view text, size_t from) {
    size_t n = 0;
    while (from + n < text.n && text.at[from + n] >= 'a' && text.at[from + n] <= 'z')
        n++;
    return n;
}

/* Swaps, drops or doubles a letter inside a word of four letters or more. */
static struct view slip(struct pack_rows *pack, struct view text) {
    size_t starts[64], lengths[64], n = 0;
    for (size_t i = 0; i < text.n && n < 64; i++) {
        size_t letters = i == 0 || text.at[i - 1] == ' ' ? small_letters(text, i) : 0;
        bool whole = i + letters == text.n || strchr(" ?.,!", text.at[i + letters]);
        if (letters >= 4 && whole) {
            starts[n] = i;
            lengths[n++] = letters;
        }
    }
    if (!n)
        return text;
    size_t word = pick(&pack->random, n),
           at = starts[word] + 1 + pick(&pack->random, lengths[word] - 2);
    struct buffer out = {0};
    buffer_append(&out, view_slice(text, 0, at));
    switch (pick(&pack->random, 3)) {
    case 0:
        buffer_byte(&out, text.at[at + 1]);
        buffer_byte(&out, text.at[at]);
        buffer_append(&out, view_slice(text, at + 2, text.n));
        break;
    case 1:
        buffer_append(&out, view_slice(text, at + 1, text.n));
        break;
    default:
        buffer_byte(&out, text.at[at]);
        buffer_append(&out, view_slice(text, at, text.n));
    }
    struct view copy = arena_copy(pack->arena, buffer_view(&out));
    buffer_free(&out);
    return copy;
}

static struct view lower_all(struct pack_rows *pack, struct view text) {
    struct view copy = arena_copy(pack->arena, text);
    for (size_t i = 0; i < copy.n; i++)
        ((char *)copy.at)[i] = (char)tolower((unsigned char)copy.at[i]);
    return copy;
}

static struct view begin_with(struct pack_rows *pack, struct view text) {
    static const char *const begun[] = {"so ",      "i ",   "i'",   "ok",
                                        "why isnt", "but ", "and ", "whats"};
    for (size_t i = 0; i < COUNT_OF(begun); i++)
        if (view_starts(text, begun[i]))
            return text;
    const char *beginning = beginnings[pick(&pack->random, COUNT_OF(beginnings))];
    struct view rest = lower_first(pack, text);
    char *joined = arena_format(pack->arena, "%s%.*s", beginning, VIEW_ARG(rest));
    if (chance(&pack->random, 0.25))
        joined[0] = (char)toupper((unsigned char)joined[0]);
    return view_of(joined);
}

struct view as_stated(struct pack_rows *pack, struct view statement) {
    double way = random_unit(&pack->random);
    return way < 0.3 ? slip(pack, statement) : way < 0.45 ? lower_all(pack, statement) : statement;
}

struct view as_typed(struct pack_rows *pack, struct view question) {
    if (!chance(&pack->random, 0.55))
        return question;
    size_t n = 1 + pick(&pack->random, 2), last = 9;
    for (size_t i = 0; i < n; i++) {
        size_t way = pick(&pack->random, 5);
        if (way == last)
            continue;
        last = way;
        if (way == 0 || way == 4)
            question = slip(pack, question);
        else if (way == 1)
            question = lower_all(pack, question);
        else if (way == 2)
            question = pack->whole->english ? begin_with(pack, question) : question;
        else if (view_ends(question, "?"))
            question = view_trim(view_slice(question, 0, question.n - 1));
        else if (view_ends(question, "？"))
            question = view_slice(question, 0, question.n - strlen("？"));
    }
    return question;
}
