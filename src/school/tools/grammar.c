/* The grammar of what may be written next, made of the question and of what was found: whoever
 * writes under it can only ask for something that is there. */
#include "school/tools/inside.h"
#include "school/tutor/words.h"

#include <math.h>
#include <string.h>

void gbnf_text(struct view text, struct buffer *out) {
    buffer_byte(out, '"');
    for (size_t i = 0; i < text.n; i++) {
        char c = text.at[i];
        if (c == '"' || c == '\\')
            buffer_byte(out, '\\');
        if (c == '\n')
            buffer_text(out, "\\n");
        else if (c == '\t')
            buffer_text(out, "\\t");
        else if ((unsigned char)c < 0x20)
            buffer_byte(out, ' ');
        else
            buffer_byte(out, c);
    }
    buffer_byte(out, '"');
}

/* ---------------------------------------------------------------------------------------- sums */

static void put_form(struct buffer *out, const char *form, const struct asked_number *a,
                     const struct asked_number *b) {
    /* form: "1 + 2", the places of the numbers */
    struct buffer text = {0};
    for (; *form; form++)
        if (*form == '1' || *form == '2')
            buffer_append(&text, (*form == '1' ? a : b)->text);
        else
            buffer_byte(&text, *form);
    buffer_text(out, out->n && out->at[out->n - 1] != '(' ? " | " : "");
    gbnf_text(buffer_view(&text), out);
    buffer_free(&text);
}

static bool is_percent(const struct asked_number *number) {
    return view_ends(number->text, "%");
}

/* Which forms make sense for two numbers, by what they are. */
static void put_pair(const struct asked_number *a, const struct asked_number *b,
                     struct buffer *out) {
    static const char *const plain[] = {"1 + 2", "1 - 2", "2 - 1", "1 * 2", "1 / 2", "2 / 1"};
    const struct asked_number *share = a->share ? a : b, *whole = a->share ? b : a;
    if (a->share != b->share) {
        put_form(out, "1 * 2", share, whole);
        if (is_percent(share)) {
            put_form(out, "2 + 1", share, whole);
            put_form(out, "2 - 1", share, whole);
        }
        return;
    }
    for (size_t i = 0; i < COUNT_OF(plain); i++)
        put_form(out, plain[i], a, b);
    if (!a->share && fabs(a->value) <= 1e6 && b->value == floor(b->value) && fabs(b->value) <= 30)
        put_form(out, "1 ^ 2", a, b);
}

static void put_row(const struct asked_number *numbers, size_t n, const char *before,
                    const char *between, const char *after, struct buffer *out) {
    struct buffer text = {0};
    buffer_text(&text, before);
    for (size_t i = 0; i < n; i++)
        buffer_format(&text, "%s%.*s", i ? between : "", VIEW_ARG(numbers[i].text));
    buffer_text(&text, after);
    buffer_text(out, " | ");
    gbnf_text(buffer_view(&text), out);
    buffer_free(&text);
}

/* In the order of the question, any signs between. */
static void put_chain(const struct asked_number *numbers, size_t n, bool bracket,
                      struct buffer *out) {
    static const char signs[] = " (\" + \" | \" - \" | \" * \" | \" / \") ";
    buffer_text(out, bracket ? " | \"(\" " : " | ");
    for (size_t i = 0; i < n; i++) {
        buffer_text(out, i == 0 ? "" : bracket && i == 1 ? " (\" + \" | \" - \") " : signs);
        gbnf_text(numbers[i].text, out);
        buffer_text(out, bracket && i == 1 ? " \")\"" : "");
    }
}

void sum_forms(const struct asked_number *numbers, size_t n, struct buffer *out) {
    buffer_byte(out, '(');
    if (n == 1 && numbers[0].share && !is_percent(&numbers[0]))
        gbnf_text(numbers[0].text, out);
    /* With many numbers one that is left out is rare, and forms that leave some out mislead. */
    for (size_t i = 0; n <= 3 && i < n; i++)
        for (size_t k = i + 1; k < n; k++)
            put_pair(&numbers[i], &numbers[k], out);
    if (n > 3) /* something must stand first */
        put_form(out, "1 + 2", &numbers[0], &numbers[1]);
    if (n > 2) {
        put_row(numbers, n, "mean(", ", ", ")", out);
        put_row(numbers, n, "", " + ", "", out);
        put_row(numbers, n, "", " * ", "", out);
        put_chain(numbers, n, false, out);
        put_chain(numbers, n, true, out);
    }
    buffer_byte(out, ')');
}

/* --------------------------------------------------------------------------------------- units */

static bool same_kind(const struct asked_unit *a, const struct asked_unit *b) {
    bool same_name = view_equal(a->text, b->text);
    return !same_name && !memcmp(a->unit.dimension, b->unit.dimension, sizeof a->unit.dimension) &&
           (a->unit.factor != b->unit.factor || a->unit.offset != b->unit.offset);
}

static bool stands_behind(const struct asked_unit *unit, const struct asked_number *number) {
    return unit->from >= number->to && unit->from <= number->to + 1;
}

/* "13 hours to seconds": of the unit behind a number, or of one of a unit. */
static void put_conversions(const struct asked *asked, struct buffer *out) {
    bool any = false;
    for (int implied = 0; implied < 2 && !any; implied++)
        for (size_t i = 0; i < asked->n_unit; i++)
            for (size_t k = 0; k < asked->n_unit; k++) {
                const struct asked_unit *of = &asked->units[i], *to = &asked->units[k];
                const struct asked_number *number = NULL;
                for (size_t m = 0; m < asked->n_number && !implied; m++)
                    if (!asked->numbers[m].share && stands_behind(of, &asked->numbers[m]))
                        number = &asked->numbers[m];
                if (!same_kind(of, to) || (!number && !implied))
                    continue;
                struct buffer text = {0};
                buffer_format(&text, "%.*s %.*s to %.*s",
                              VIEW_ARG(implied ? VIEW("1") : number->text), VIEW_ARG(of->text),
                              VIEW_ARG(to->text));
                buffer_text(out, any ? " | " : "");
                gbnf_text(buffer_view(&text), out);
                buffer_free(&text);
                any = true;
            }
}

static bool has_conversion(const struct asked *asked) {
    for (size_t i = 0; i < asked->n_unit; i++)
        for (size_t k = 0; k < asked->n_unit; k++)
            if (same_kind(&asked->units[i], &asked->units[k]))
                return true;
    return false;
}

/* --------------------------------------------------------------------------------------- dates */

static void put_date(struct buffer *out, bool *any, const char *text) {
    buffer_text(out, *any ? " | " : "");
    gbnf_text(view_of(text), out);
    *any = true;
}

static void put_dates(const struct asked *asked, struct arena *arena, struct buffer *out) {
    bool any = false;
    for (size_t i = 0; i + 1 < asked->n_date; i++) {
        struct view a = date_text(&asked->dates[i], arena),
                    b = date_text(&asked->dates[i + 1], arena);
        put_date(out, &any, arena_format(arena, "days %.*s to %.*s", VIEW_ARG(a), VIEW_ARG(b)));
        put_date(out, &any, arena_format(arena, "days %.*s to %.*s", VIEW_ARG(b), VIEW_ARG(a)));
    }
    for (size_t i = 0; i < asked->n_date; i++) {
        struct view day = date_text(&asked->dates[i], arena);
        put_date(out, &any, arena_format(arena, "weekday %.*s", VIEW_ARG(day)));
        if (asked->dates[i].today)
            put_date(out, &any, "today");
        for (size_t k = 0; k < asked->n_number; k++) {
            const struct asked_number *n = &asked->numbers[k];
            if (n->share || n->value != floor(n->value) || n->value < 0 || n->value > 999999)
                continue;
            put_date(out, &any, arena_format(arena, "%.*s + %.0f", VIEW_ARG(day), n->value));
            put_date(out, &any, arena_format(arena, "%.*s - %.0f", VIEW_ARG(day), n->value));
        }
    }
}

/* --------------------------------------------------------------------------------------- calls */

static bool has_sum(const struct asked_number *numbers, size_t n) {
    return n > 1 || (n == 1 && numbers[0].share && !is_percent(&numbers[0]));
}

struct prospects prospects_of(const struct tool_place *place, const struct asked *asked,
                              bool reckons) {
    struct view term;
    bool looks = !reckons && asked->words.n > 0;
    return (struct prospects){
        .sum = has_sum(asked->numbers, asked->n_number),
        .convert = has_conversion(asked),
        .date = asked->n_date > 0,
        .look = looks && place->recall && place->course,
        .term = looks && terms_in(place, asked->text, &term, 1) > 0,
        .note = looks && json_array_size(place->notes) > 0,
        .code = !reckons && asked->n_code > 0 && asked->codes[0].n <= TOOL_ASKED,
    };
}

static void put_call(struct buffer *out, const char *name, const struct buffer *forms) {
    buffer_format(out, "%s\"%s: \" (%.*s)", out->n ? " | " : "root ::= ", name,
                  VIEW_ARG(buffer_view(forms)));
}

static void put_words(const char *name, struct view words, struct buffer *out) {
    struct buffer text = {0};
    gbnf_text(view_slice(words, 0, utf8_whole(view_slice(words, 0, TOOL_ASKED))), &text);
    put_call(out, name, &text);
    buffer_free(&text);
}

static void put_views(const char *name, const struct view *all, size_t n, struct buffer *out) {
    struct buffer text = {0};
    for (size_t i = 0; i < n; i++) {
        buffer_text(&text, i ? " | " : "");
        gbnf_text(all[i], &text);
    }
    if (n)
        put_call(out, name, &text);
    buffer_free(&text);
}

bool call_grammar(const struct tool_place *place, const struct asked *asked,
                  const struct prospects *may, struct arena *arena, struct buffer *out) {
    struct buffer forms = {0};
    struct view found[6];
    if (may->sum) {
        sum_forms(asked->numbers, asked->n_number, &forms);
        put_call(out, "sum", &forms);
    }
    buffer_clear(&forms);
    if (may->convert) {
        put_conversions(asked, &forms);
        put_call(out, "convert", &forms);
    }
    buffer_clear(&forms);
    if (may->date) {
        put_dates(asked, arena, &forms);
        put_call(out, "date", &forms);
    }
    if (may->code) {
        size_t n = 0;
        for (size_t i = 0; i < asked->n_code; i++)
            if (asked->codes[i].n <= TOOL_ASKED)
                found[n++] = asked->codes[i];
        put_views("code", found, n, out);
    }
    if (may->term)
        put_views("term", found, terms_in(place, asked->text, found, COUNT_OF(found)), out);
    if (may->note)
        put_words("note", asked->words, out);
    if (may->look)
        put_words("look", asked->words, out);
    buffer_byte(out, '\n');
    buffer_free(&forms);
    return out->n > 1;
}

/* --------------------------------------------------------------------------------------- picks */

enum { PICK_WORDS = 240 };

static bool pick_numbers(const struct asked *asked, struct view found, struct arena *arena,
                         struct buffer *out) {
    struct asked_number *numbers = ARENA_NEW(arena, 40, struct asked_number);
    size_t n = numbers_read(found, asked->language, arena, numbers, 40);
    for (size_t i = 0; i < n; i++) {
        bool seen = false;
        for (size_t k = 0; k < i; k++)
            seen = seen || view_equal(numbers[k].text, numbers[i].text);
        if (seen)
            continue;
        buffer_text(out, i ? " | " : "root ::= ");
        gbnf_text(numbers[i].text, out);
    }
    buffer_byte(out, '\n');
    return n > 0;
}

static bool of_content(const struct word *word) {
    return (word->kind == WORD_LETTERS || word->kind == WORD_IDEOGRAPH) && !word->class;
}

/* What may stand within a name: a blank, a hyphen, the point of an initial. */
static bool joins(struct view between) {
    return !between.n || view_is(between, " ") || view_is(between, "-") || view_is(between, ". ");
}

/* Runs of words: rule wN is the rest of a run from word N on. It begins and ends with a word of
 * content, and goes over no mark. */
static bool pick_words(const struct asked *asked, struct view found, struct arena *arena,
                       struct buffer *out) {
    struct words words;
    bool any = false;
    words_of(found, small_words_of(asked->language, arena), 0, arena, &words);
    size_t n = words.n < PICK_WORDS ? words.n : PICK_WORDS;
    buffer_text(out, "root ::= ");
    for (size_t i = 0; i < n; i++)
        if (of_content(&words.at[i])) {
            buffer_format(out, "%sw%zu", any ? " | " : "", i);
            any = true;
        }
    for (size_t i = 0; i < n; i++) {
        struct view between =
            i + 1 < n ? view_slice(found, words.at[i].to, words.at[i + 1].from) : (struct view){0};
        bool goes_on = i + 1 < n && words.at[i + 1].from >= words.at[i].to && joins(between);
        buffer_format(out, "\nw%zu ::= ", i);
        gbnf_text(view_slice(found, words.at[i].from, words.at[i].to), out);
        if (goes_on) {
            buffer_text(out, of_content(&words.at[i]) ? " (\"\" | " : " ");
            if (between.n)
                gbnf_text(between, out);
            buffer_format(out, " w%zu%s", i + 1, of_content(&words.at[i]) ? ")" : "");
        } else if (!of_content(&words.at[i])) {
            buffer_text(out, " \"\""); /* a run that leads nowhere: it may end here */
        }
    }
    buffer_byte(out, '\n');
    return any;
}

bool pick_grammar(const struct asked *asked, struct view found, bool numbers, struct arena *arena,
                  struct buffer *out) {
    buffer_clear(out);
    if (numbers && pick_numbers(asked, found, arena, out))
        return true;
    buffer_clear(out);
    return pick_words(asked, found, arena, out);
}
