/* Questions from the form of a sentence, continued: who, when, how, how many, what if. */
#include "workshop/ask.h"

#include <string.h>

/* -------------------------------------------------------------------------------- when and who
 */

static bool is_month(const struct ask_token *token) {
    return ask_in(token, " january february march april may june july august september october "
                         "november december ");
}

/* The end of what belongs to the verb: a mark, or "and" with a verb behind it. */
static size_t deed_end(const struct ask_sentence *s, size_t from) {
    char base[24];
    for (size_t i = from; i < s->n; i++) {
        if (s->at[i].mark)
            return i + 1;
        if (i + 2 < s->n && ask_in(&s->at[i + 1], " and ") &&
            ask_verb(s->at[i + 2].text, base) == ASK_PAST)
            return i + 1;
    }
    return s->n;
}

static const char *const when_forms[] = {"in what year %s", "in which year %s",
                                         "do you know when %s", "can you tell me when %s"};

static void add_when(struct asking *a, struct view asked, struct view told) {
    size_t i = hash64(a->s.text, 3) % COUNT_OF(when_forms);
    ask_add(a, COURSE_WHEN, "when", asked, ask_vary(a, when_forms + i, 1, i < 2 ? asked : told));
}

static void ask_when(struct asking *a) {
    struct ask_sentence *s = &a->s;
    struct ask_clause c;
    size_t from = ask_in(&s->at[0], " in ") ? 1 + is_month(&s->at[1]) : 0;
    if (from && ask_is_year(&s->at[from])) {
        from++;
        size_t to = deed_end(s, from);
        if (to > from + 2 && s->at[to - 1].mark != ':' && ask_parse(s, from, to, &c) &&
            c.verb + 1 < to && (c.form == ASK_PAST || ask_in(&s->at[c.verb], " was were ")))
            add_when(a, ask_inverted(s, &c), ask_lowered(s, from, to));
        return;
    }
    for (size_t i = 2; i + 1 < s->n; i++) {
        if (!ask_in(&s->at[i], " in ") || !ask_is_year(&s->at[i + 1]))
            continue;
        struct ask_clause whole = {0};
        size_t to = deed_end(s, i + 1);
        bool sure = ask_parse(s, 0, to, &whole) && ask_part_end(s, 0, ",;:") > i;
        bool was = sure && ask_in(&s->at[whole.verb], " was were ") &&
                   ask_past(s->arena, s->at[whole.verb + 1].text).n;
        if (!sure || (whole.form != ASK_PAST && !was))
            return;
        if (whole.verb >= i || ask_any(s, i + 2, i + 3, " that which "))
            return;
        struct view behind = ask_text(s, i + 2, to);
        if (whole.verb + 1 == i && !behind.n)
            return;
        c = whole;
        c.to = i;
        add_when(a, ask_joined(a, ask_inverted(s, &c), behind),
                 ask_joined(a, ask_lowered(s, 0, i), behind));
        return;
    }
}

static const char *const who_forms[] = {"who was it that %s", "can you tell me who %s",
                                        "do you know who %s"};

/* "Gradient descent was invented by Cauchy": "Who invented gradient descent?" */
static void ask_by_whom(struct asking *a, const struct ask_clause *c) {
    struct ask_sentence *s = &a->s;
    if (!ask_in(&s->at[c->verb], " is are was were ") || c->verb + 3 >= s->n ||
        !ask_in(&s->at[c->verb + 2], " by ") || !ask_is_name(s, c->verb + 3))
        return;
    struct view past = ask_past(s->arena, s->at[c->verb + 1].text);
    if (!past.n)
        return;
    struct view deed = ask_joined(a, past, ask_lowered(s, 0, c->subject_to));
    ask_add(a, COURSE_WHO, "who", deed, ask_vary(a, who_forms, COUNT_OF(who_forms), deed));
}

static void ask_who(struct asking *a) {
    struct ask_sentence *s = &a->s;
    struct ask_clause c;
    size_t to = deed_end(s, 0);
    if (!ask_parse(s, 0, to, &c))
        return;
    ask_by_whom(a, &c);
    if (c.form != ASK_PAST || c.verb != c.subject_to || c.verb + 2 >= to)
        return;
    for (size_t i = 0; i < c.subject_to; i++)
        if (!ask_is_name(s, i) && !(i && ask_in(&s->at[i], " and ")))
            return;
    if (to < s->n && ask_any(s, c.verb, to, " that which "))
        return; /* cut in the middle */
    struct view deed = ask_text(s, c.verb, to);
    ask_add(a, COURSE_WHO, "who", deed, ask_vary(a, who_forms, COUNT_OF(who_forms), deed));
}

/* ------------------------------------------------------------------------------------------ how
 */

static const char *const how_forms[] = {"how do i %s", "how can i %s", "what must i do to %s",
                                        "how does one %s"};

/* "To compute a slope, take …" and "To sample is to draw …" */
static void ask_how(struct asking *a) {
    struct ask_sentence *s = &a->s;
    char base[24];
    if (!ask_in(&s->at[0], " to ") || ask_verb(s->at[1].text, base) != ASK_BASE ||
        ask_any(s, 1, ask_part_end(s, 0, ",;:"), " it they them this these those see "))
        return;
    size_t end = ask_part_end(s, 0, ",;:");
    for (size_t i = 2; i + 1 < end; i++)
        if (ask_in(&s->at[i], " is ") && ask_in(&s->at[i + 1], " to ")) {
            static const char *const seconds[] = {"what do you do when you %s",
                                                  "what does one do to %s"};
            ask_add(a, COURSE_DEFINES, "what does it mean to", ask_text(s, 1, i),
                    ask_vary(a, seconds, COUNT_OF(seconds), ask_text(s, 1, i)));
            return;
        }
    if (end >= s->n || s->at[end - 1].mark != ',' || ask_any(s, 1, end, " is are "))
        return;
    ask_add(a, COURSE_HOW, "how do you", ask_text(s, 1, end),
            ask_vary(a, how_forms, COUNT_OF(how_forms), ask_text(s, 1, end)));
}

/* "The rate is written with the letter η": "How is the rate written?" */
static void ask_how_done(struct asking *a) {
    struct ask_sentence *s = &a->s;
    struct ask_clause c;
    static const char *const seconds[] = {"in what way %s", "can you say how %s",
                                          "do you know how %s"};
    if (!ask_parse(s, 0, ask_part_end(s, 0, ",;:"), &c) || !ask_in(&s->at[c.verb], " is are ") ||
        c.verb + 3 >= s->n || !ask_past(s->arena, s->at[c.verb + 1].text).n ||
        !ask_in(&s->at[c.verb + 2], " by with as in like ") || s->at[c.verb + 1].mark ||
        ask_in(&s->at[c.verb + 3], " a-row one "))
        return;
    c.to = c.verb + 2;
    size_t way = hash64(s->text, 7) % COUNT_OF(seconds);
    ask_add(a, COURSE_HOW, "how", ask_inverted(s, &c),
            ask_vary(a, seconds + way, 1, way ? ask_lowered(s, 0, c.to) : ask_inverted(s, &c)));
}

/* "A text of n characters has n − 1 bigrams." */
static void ask_how_many(struct asking *a) {
    struct ask_sentence *s = &a->s;
    for (size_t i = 2; i + 2 < s->n; i++) {
        if (!ask_in(&s->at[i], " has have had "))
            continue;
        if (ask_any(s, i - 1, i, " that which who ") || !ask_is_number(&s->at[i + 1]) ||
            s->at[i + 1].mark || ask_is_year(&s->at[i + 1]))
            return;
        size_t end = i + 2;
        while (end < s->n && end < i + 4 && !view_ends(s->at[end].text, "s"))
            end++;
        struct view things = ask_text(s, i + 2, end + 1);
        if (end >= s->n || !view_ends(things, "s") || s->at[end].formula)
            return;
        size_t comma = ask_part_end(s, 0, ",");
        size_t to = comma <= 3 && comma < i && s->at[i - 1].mark == ',' ? comma : i;
        if (to == i &&
            (ask_part_end(s, 0, ",;:") < i || ask_in(&s->at[0], " to with at in for if when "
                                                                "after before on ")))
            return;
        if (ask_any(s, 0, 1, ask_pronouns) || ask_any(s, 1, i, " it they them "))
            return;
        struct view owner = ask_lowered(s, 0, to);
        const char *does = ask_in(&s->at[i], " has ")   ? "does"
                           : ask_in(&s->at[i], " had ") ? "did"
                                                        : "do";
        struct view second =
            hash64(s->text, 9) % 2
                ? view_of(arena_format(s->arena, "how many %.*s are there in %.*s",
                                       VIEW_ARG(things), VIEW_ARG(owner)))
                : view_of(arena_format(s->arena, "can you tell me how many %.*s %.*s %.*s",
                                       VIEW_ARG(things), VIEW_ARG(owner),
                                       VIEW_ARG(s->at[i].text)));
        ask_add(a, COURSE_HOW_MANY, "how many",
                view_of(arena_format(s->arena, "%.*s %s %.*s have", VIEW_ARG(things), does,
                                     VIEW_ARG(owner))),
                second);
        return;
    }
}

/* "has a perplexity of 10": "What perplexity does … have?" */
static void ask_how_large(struct asking *a) {
    struct ask_sentence *s = &a->s;
    for (size_t i = 2; i + 4 < s->n; i++) {
        if (!ask_in(&s->at[i], " has ") || !ask_in(&s->at[i + 1], " a an ") ||
            !ask_in(&s->at[i + 3], " of ") || !ask_is_number(&s->at[i + 4]))
            continue;
        if (ask_part_end(s, 0, ",;:") < i || ask_any(s, 0, 1, ask_pronouns) ||
            ask_any(s, i - 1, i, " that which who ") || ask_any(s, 0, i, " it they this ") ||
            ask_in(&s->at[0], " with at in for if when after before on "))
            return;
        struct view thing = ask_text(s, i + 2, i + 3), owner = ask_lowered(s, 0, i);
        ask_add(a, COURSE_HOW_MANY, "what",
                view_of(arena_format(s->arena, "%.*s does %.*s have", VIEW_ARG(thing),
                                     VIEW_ARG(owner))),
                view_of(arena_format(s->arena, "how large is the %.*s of %.*s", VIEW_ARG(thing),
                                     VIEW_ARG(owner))));
        return;
    }
}

/* --------------------------------------------------------------------------------- what happens
 */

static void ask_what_if(struct asking *a) {
    struct ask_sentence *s = &a->s;
    char base[24];
    if (!ask_in(&s->at[0], " if when where "))
        return;
    size_t end = ask_part_end(s, 0, ",;:");
    static const char *const seconds[] = {"what do you get %s", "what can you say %s",
                                          "what do we know %s"};
    if (end < 4 || end + 2 >= s->n || s->at[end - 1].mark != ',' ||
        ask_any(s, 1, end, ask_pronouns) || ask_in(&s->at[end], " you we it let take ") ||
        ask_verb(s->at[end].text, base) == ASK_BASE)
        return;
    bool would = ask_any(s, end, s->n, " would ");
    struct view told = ask_lowered(s, 0, end);
    ask_add(a, COURSE_WHAT_IF, would ? "what would happen" : "what happens", told,
            would ? ask_after(a, "what would it be like", told)
                  : ask_vary(a, seconds, COUNT_OF(seconds), told));
}

static void ask_comparison(struct asking *a) {
    struct ask_sentence *s = &a->s;
    struct ask_clause c;
    size_t to = ask_part_end(s, 0, ",;:.");
    if (!ask_parse(s, 0, to, &c) || !ask_in(&s->at[c.verb], " is are was were "))
        return;
    for (size_t i = c.verb + 2; i + 1 < to && i < c.verb + 5; i++) {
        if (!ask_in(&s->at[i], " than "))
            continue;
        struct view thing = ask_lowered(s, 0, c.subject_to), other = ask_text(s, i + 1, to);
        if (ask_any(s, i + 1, to, ask_pronouns) || to - i > 9 || ask_in(&s->at[i + 1], " what "))
            return;
        bool one = ask_in(&s->at[c.verb], " is was ");
        ask_add(a, COURSE_COMPARES, one ? "how does" : "how do",
                view_of(arena_format(s->arena, "%.*s compare with %.*s", VIEW_ARG(thing),
                                     VIEW_ARG(other))),
                view_of(arena_format(s->arena, "what is the difference between %.*s and %.*s",
                                     VIEW_ARG(thing), VIEW_ARG(other))));
        return;
    }
}

/* ----------------------------------------------------------------------------------------- door
 */

static void (*const rules[])(struct asking *) = {
    ask_when, ask_who,     ask_how_many, ask_how_large,
    ask_how,  ask_what_if, ask_how_done, ask_comparison,
};

void ask_facts(struct asking *a) {
    for (size_t i = 0; i < COUNT_OF(rules); i++)
        rules[i](a);
}
