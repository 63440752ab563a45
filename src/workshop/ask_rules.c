/* Questions from the form of a sentence. A rule asks only where it is sure what the subject and
 * the verb are; what it leaves is for a senior. */
#include "workshop/ask.h"

#include <stdio.h>
#include <string.h>

enum { MOST_WORDS = 24 };

/* ---------------------------------------------------------------------------------------- tools
 */

static size_t word_count_of(struct view text) {
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++)
        n += text.at[i] != ' ' && (i == 0 || text.at[i - 1] == ' ');
    return n;
}

/* The first token from `from` on that has one of the marks, or the last: where a part ends. */
size_t ask_part_end(const struct ask_sentence *s, size_t from, const char *marks) {
    size_t i = from;
    while (i + 1 < s->n && !(s->at[i].mark && strchr(marks, s->at[i].mark)))
        i++;
    return i + 1;
}

struct view ask_vary(struct asking *a, const char *const *forms, size_t n, struct view text) {
    const char *form = forms[hash64(a->s.text, a->n) % n], *slot = strstr(form, "%s");
    return view_of(arena_format(a->s.arena, "%.*s%.*s%s", (int)(slot - form), form, VIEW_ARG(text),
                                slot + 2));
}

static bool good_question(struct view text) {
    size_t n = word_count_of(text);
    return n >= 3 && n <= MOST_WORDS && view_find(text, VIEW(" | ")) < 0 &&
           view_find(text, VIEW(":")) < 0;
}

/* "what" + "does the loss fall": "What does the loss fall?" */
void ask_add(struct asking *a, enum course_rule rule, const char *word, struct view rest,
             struct view second) {
    char *first = arena_format(a->s.arena, "%s %.*s?", word, VIEW_ARG(rest));
    if (first[0] >= 'a' && first[0] <= 'z')
        first[0] = (char)(first[0] - 'a' + 'A');
    if (a->n == ASK_MOST || !good_question(view_of(first)))
        return;
    bool defines = rule == COURSE_DEFINES || rule == COURSE_CALLED;
    a->out[a->n++] = (struct ask_question){
        rule, view_of(first), good_question(second) ? second : (struct view){0}, defines};
}

struct view ask_joined(struct asking *a, struct view x, struct view y) {
    return view_of(
        arena_format(a->s.arena, "%.*s%s%.*s", VIEW_ARG(x), x.n && y.n ? " " : "", VIEW_ARG(y)));
}

struct view ask_after(struct asking *a, const char *before, struct view x) {
    return view_of(arena_format(a->s.arena, "%s %.*s", before, VIEW_ARG(x)));
}

struct view ask_before(struct asking *a, struct view x, const char *behind) {
    return view_of(arena_format(a->s.arena, "%.*s %s", VIEW_ARG(x), behind));
}

static bool is_be(const struct ask_token *token) {
    return ask_in(token, " is are was were ");
}

/* ---------------------------------------------------------------------------------- definitions
 */

static const char *const defining[] = {"can you tell me what %s is", "what is meant by %s",
                                       "so what exactly is %s", "do you know what %s is"};
static const char *const defining_many[] = {"can you tell me what %s are", "what is meant by %s",
                                            "so what exactly are %s"};

static bool may_be_defined(const struct asking *a, const struct ask_clause *c) {
    const struct ask_sentence *s = &a->s;
    const struct ask_token *next = &s->at[c->verb + 1];
    bool any = ask_in(&s->at[0], " a an one "), of = ask_in(&s->at[0], " the ") &&
                                                     ask_any(s, 1, c->subject_to, " of to ") &&
                                                     ask_any(s, 1, c->subject_to, " a an ");
    bool bare = !any && !ask_in(&s->at[0], " the our one some most many each every no all ") &&
                c->subject_to <= 3 && !ask_is_name(s, 0);
    if (ask_in(next, " the ") && c->verb + 2 < s->n &&
        ask_in(&s->at[c->verb + 2], " same other very reason usual "))
        return false;
    if (bare)
        return ask_in(next, " a an the ");
    return (any || of) && (ask_in(next, " a an the what how any anything its ") || next->formula);
}

static void ask_definition(struct asking *a) {
    struct ask_clause c;
    struct ask_sentence *s = &a->s;
    if (!ask_parse(s, 0, ask_part_end(s, 0, ",;:"), &c) || !is_be(&s->at[c.verb]) ||
        c.verb != c.subject_to || c.verb + 1 >= s->n || !may_be_defined(a, &c))
        return;
    struct view subject = ask_lowered(s, 0, c.subject_to);
    const char *verb = ask_in(&s->at[c.verb], " is was ") ? "is" : "are";
    bool one = !strcmp(verb, "is");
    bool term = ask_in(&s->at[0], " a an ") && !ask_any(s, 1, c.subject_to, " of on in at ");
    struct view second =
        term && hash64(s->text, 5) % 2
            ? view_of(arena_format(s->arena, "what does %.*s mean",
                                   VIEW_ARG(ask_text(s, 1, c.subject_to))))
            : ask_vary(a, one ? defining : defining_many,
                       one ? COUNT_OF(defining) : COUNT_OF(defining_many), subject);
    ask_add(a, COURSE_DEFINES, one ? "what is" : "what are", subject, second);
}

/* "Claude Shannon was an American mathematician." */
static void ask_person(struct asking *a) {
    struct ask_sentence *s = &a->s;
    size_t n = 0;
    while (n < s->n && ask_is_name(s, n) && !s->at[n].mark)
        n++;
    if (n < 2 || n + 2 >= s->n || !ask_in(&s->at[n], " is was ") ||
        !ask_in(&s->at[n + 1], " a an the "))
        return;
    static const char *const seconds[] = {"can you tell me who %s was", "so who is this %s"};
    ask_add(a, COURSE_WHO, ask_in(&s->at[n], " is ") ? "who is" : "who was", ask_text(s, 0, n),
            ask_vary(a, seconds, COUNT_OF(seconds), ask_text(s, 0, n)));
}

static void ask_called(struct asking *a) {
    struct ask_clause c;
    struct ask_sentence *s = &a->s;
    static const char *const seconds[] = {"what do you call %s", "what is the name for %s",
                                          "is there a name for %s"};
    static const char *const others[] = {"what is another name for %s",
                                         "by what other name does %s go"};
    if (!ask_parse(s, 0, ask_part_end(s, 0, ",;:"), &c) || !ask_in(&s->at[c.verb], " is are "))
        return;
    bool also = ask_in(&s->at[c.verb + 1], " also ");
    size_t called = c.verb + 1 + also;
    if (called + 1 >= s->n || !ask_in(&s->at[called], " called "))
        return;
    struct view subject = ask_lowered(s, 0, c.subject_to);
    const char *word = ask_in(&s->at[c.verb], " is ") ? "what is" : "what are";
    struct view rest = view_of(
        arena_format(s->arena, also ? "%.*s also called" : "%.*s called", VIEW_ARG(subject)));
    ask_add(a, COURSE_CALLED, word, rest,
            also ? ask_vary(a, others, COUNT_OF(others), subject)
                 : ask_vary(a, seconds, COUNT_OF(seconds), subject));
}

/* "…, which is called a secant." */
static void ask_term(struct asking *a) {
    struct ask_sentence *s = &a->s;
    for (size_t i = 3; i + 2 < s->n; i++) {
        size_t end = ask_part_end(s, i, ",;:.");
        bool named = ask_in(&s->at[i], " called ") &&
                     (ask_in(&s->at[i - 1], " is are now ") || s->at[i - 1].mark == ',');
        if (!named || !ask_in(&s->at[i + 1], " a an the ") || end > i + 5)
            continue;
        struct view term = ask_text(s, i + 1, end);
        ask_add(a, COURSE_CALLED, "what is", term,
                ask_vary(a, defining, COUNT_OF(defining), term));
        return;
    }
}

/* "For example, the derivative of x² is 2x." "On hello, the loss is 3 bits." */
static void ask_value(struct asking *a) {
    struct ask_sentence *s = &a->s;
    struct ask_clause c;
    size_t from = ask_in(&s->at[0], " on with at for in ") ? ask_part_end(s, 0, ",") : 0;
    bool example = from == 2 && ask_in(&s->at[1], " example ");
    if (from > 9 || from + 4 > s->n || (!from && !ask_in(&s->at[0], " the ")))
        return;
    if (!ask_parse(s, from, ask_part_end(s, from, ",;:."), &c) || c.verb + 1 >= s->n ||
        !ask_in(&s->at[c.verb], " is was ") || !ask_is_number(&s->at[c.verb + 1]) ||
        c.subject_to < from + 3 || ask_any(s, 0, from, ask_pronouns))
        return;
    struct view value = ask_lowered(s, from, c.subject_to);
    if (from && !example)
        value = ask_joined(a, value, ask_lowered(s, 0, from));
    ask_add(a, COURSE_WHAT, ask_in(&s->at[c.verb], " is ") ? "what is" : "what was", value,
            ask_after(a, "how much is", value));
}

/* ----------------------------------------------------------------------------------------- what
 */

static const char objects[] =
    " mean guess give say tell need use add remember learn count compute find hold contain show "
    "decide measure predict produce carry cause describe include require state mark prove "
    "estimate compare combine create reduce store multiply divide subtract generate lack ";
static const struct {
    const char *verb, *after;
} stranded[] = {
    {"stand", "for"}, {"depend", "on"},  {"learn", "from"}, {"consist", "of"}, {"lead", "to"},
    {"belong", "to"}, {"start", "with"}, {"begin", "with"}, {"pay", "with"},   {"add", "up to"},
    {"come", "from"}, {"turn", "into"},  {"end", "with"},
};

static const char *particle(const struct asking *a, const struct ask_clause *c) {
    for (size_t i = 0; i < COUNT_OF(stranded); i++)
        if (!strcmp(c->base, stranded[i].verb) &&
            view_starts(ask_text(&a->s, c->verb + 1, c->to), stranded[i].after))
            return stranded[i].after;
    return NULL;
}

static bool begins_object(const struct ask_sentence *s, size_t at, const char *base) {
    static const char starts[] = " a an the no every each all its one only that how what which "
                                 "whether nothing two three our ";
    if (ask_in(&s->at[at], " to not more less up down back on as by "))
        return false;
    return ask_in(&s->at[at], starts) || s->at[at].formula || ask_is_name(s, at) ||
           !strcmp(base, "mean") || ask_is_number(&s->at[at]);
}

static void ask_what(struct asking *a) {
    struct ask_clause c;
    struct ask_sentence *s = &a->s;
    static const char *const seconds[] = {"can you tell me what %s", "do you know what %s",
                                          "i want to know what %s", "what is it that %s"};
    if (!ask_parse(s, 0, ask_part_end(s, 0, ",;:"), &c) || c.auxiliary || c.verb + 1 >= s->n ||
        ask_in(&s->at[0], " we nobody "))
        return;
    const char *after = particle(a, &c);
    char spaced[32];
    bool dated =
        ask_in(&s->at[c.verb + 1], " in ") && c.verb + 3 < s->n && ask_is_year(&s->at[c.verb + 2]);
    size_t object = c.verb + (dated ? 3 : 1);
    snprintf(spaced, sizeof spaced, " %s ", c.base);
    if (!after && (!strstr(objects, spaced) || !begins_object(s, object, c.base)))
        return;
    struct view year = dated ? ask_text(s, c.verb + 1, object) : (struct view){0};
    struct ask_clause bare = c;
    bare.to = c.verb + 1;
    struct view tail = after ? view_of(after) : year;
    struct view told =
        ask_joined(a, ask_lowered(s, 0, c.verb + 1), after ? tail : (struct view){0});
    ask_add(a, COURSE_WHAT, "what", ask_joined(a, ask_inverted(s, &bare), tail),
            ask_vary(a, seconds, COUNT_OF(seconds), told));
}

/* "Nudging cannot find a mistake": "What can nudging not find?" */
static void ask_what_can(struct asking *a) {
    struct ask_clause c;
    struct ask_sentence *s = &a->s;
    char base[24], spaced[32];
    if (!ask_parse(s, 0, ask_part_end(s, 0, ",;:"), &c) || c.verb + 2 >= s->n ||
        !ask_in(&s->at[c.verb], " can cannot must should ") ||
        ask_verb(s->at[c.verb + 1].text, base) != ASK_BASE || s->at[c.verb + 1].mark)
        return;
    snprintf(spaced, sizeof spaced, " %s ", base);
    if (!strstr(objects, spaced) || !begins_object(s, c.verb + 2, base))
        return;
    c.to = c.verb + 2;
    ask_add(a, COURSE_WHAT, "what", ask_inverted(s, &c),
            ask_after(a, "can you tell me what", ask_lowered(s, 0, c.to)));
}

/* "A neuron takes numbers in, multiplies each and adds them": "What does a neuron do?" Only where
 * nothing better was asked. */
static void ask_deed(struct asking *a) {
    struct ask_clause c;
    struct ask_sentence *s = &a->s;
    static const char *const one[] = {"can you tell me what %s does", "so what does %s do again",
                                      "i forgot what %s does"};
    static const char *const many[] = {"can you tell me what %s do", "so what do %s do again",
                                       "i forgot what %s do"};
    if (a->n || !ask_parse_first(s, 0, s->n, &c) || c.auxiliary || c.form == ASK_PAST ||
        ask_in(&s->at[0], " we nobody people ") || c.verb != c.subject_to || c.subject_to > 7)
        return;
    if (c.subject_to == 2 && (ask_in(&s->at[0], " the each ") || !c.goes_on) &&
        ask_in(&s->at[0], " the each a an one "))
        return; /* "the table": which? */
    char spaced[32];
    snprintf(spaced, sizeof spaced, " %s ", c.base);
    if (strstr(" mean matter come feel lie stand say tell show seem look need want know contain "
               "have cost belong depend begin exist answer agree prove prefer describe ",
               spaced))
        return;
    struct view subject = ask_lowered(s, 0, c.subject_to);
    bool third = c.form == ASK_THIRD;
    ask_add(a, COURSE_WHAT, third ? "what does" : "what do", ask_before(a, subject, "do"),
            third ? ask_vary(a, one, COUNT_OF(one), subject)
                  : ask_vary(a, many, COUNT_OF(many), subject));
}

/* ------------------------------------------------------------------------------------------ why
 */

/* "Take two points": the verb comes first. */
static bool commands(const struct ask_sentence *s, size_t from) {
    char base[24];
    return !s->at[from].formula && ask_verb(s->at[from].text, base) != ASK_NO_VERB;
}

static void add_why(struct asking *a, size_t from, size_t to) {
    struct ask_clause c;
    struct ask_sentence *s = &a->s;
    static const char *const seconds[] = {"how come %s", "what is the reason that %s",
                                          "i don't see why %s", "can you explain why %s",
                                          "how is it that %s"};
    if (to < from + 2 || to - from > 20 ||
        (ask_in(&s->at[from], ask_pronouns) && !ask_in(&s->at[from], " one another ")) ||
        ask_any(s, from, to, " it they them this these those he she his him her "))
        return;
    struct view told = ask_lowered(s, from, to);
    struct view second = ask_vary(a, seconds, COUNT_OF(seconds), told);
    bool sure = ask_parse(s, from, to, &c);
    bool bare_value = sure && c.verb + 2 == to && s->at[c.verb + 1].formula;
    if (bare_value && c.subject_to <= from + 3 && ask_in(&s->at[from], " the a an "))
        return; /* "the slope is 2": of what? */
    if (sure && !(c.verb + 1 < to && ask_in(&s->at[c.verb + 1], " to where how what ")))
        ask_add(a, COURSE_WHY, "why", ask_inverted(s, &c), second);
    else if (!commands(s, from) && to > from + 3)
        ask_add(a, COURSE_WHY, "why is it that", told, second);
}

/* A clause that a conjunction or another opener begins is left alone. */
static bool opens_plainly(const struct ask_sentence *s, size_t from) {
    return !ask_in(&s->at[from], " if when while as so and but or although though because since "
                                 "to for unless suppose let think take look put its their our "
                                 "therefore thus yet whereas be not such with without is are was "
                                 "were can cannot could may might must should will would has have "
                                 "had never always often only also still then ");
}

static bool gives_reason(const struct ask_sentence *s, size_t i) {
    if (ask_in(&s->at[i], " because "))
        return i + 1 < s->n && !ask_in(&s->at[i + 1], " of ");
    return ask_in(&s->at[i], " since ") && s->at[i - 1].mark == ',' && i + 1 < s->n &&
           !ask_is_number(&s->at[i + 1]) && !ask_in(&s->at[i + 1], " then ");
}

/* Where the statement begins of which a reason follows: behind ; and : and ", and". */
static size_t statement_start(const struct ask_sentence *s, size_t end) {
    size_t from = 0;
    for (size_t i = 0; i + 1 < end; i++) {
        if (s->at[i].mark == ';' || s->at[i].mark == ':')
            from = i + 1;
        if (s->at[i].mark == ',' && ask_in(&s->at[i + 1], " and but so yet "))
            from = i + 2;
    }
    return from;
}

static void ask_why(struct asking *a) {
    struct ask_sentence *s = &a->s;
    if (ask_in(&s->at[0], " because since ") && !ask_is_number(&s->at[1])) {
        size_t comma = ask_part_end(s, 0, ",");
        if (comma < s->n && comma >= 4 && opens_plainly(s, comma))
            add_why(a, comma, ask_part_end(s, comma, ",;:"));
        return;
    }
    for (size_t i = 2; i + 2 < s->n; i++) {
        if (gives_reason(s, i)) {
            size_t from = statement_start(s, i);
            if (opens_plainly(s, from) && !(from && ask_any(s, from, i, ask_pronouns)))
                add_why(a, from, i);
            return;
        }
        if (!ask_in(&s->at[i], " so ") || s->at[i - 1].mark != ',')
            continue;
        if (ask_in(&s->at[i + 1], " that ")) {
            if (opens_plainly(s, statement_start(s, i)) && !statement_start(s, i))
                add_why(a, 0, i);
        } else if (opens_plainly(s, i + 1) && !ask_any(s, i + 1, s->n, ask_pronouns) &&
                   !ask_any(s, i + 1, s->n, " its their "))
            add_why(a, i + 1, ask_part_end(s, i + 1, ",;:"));
        return;
    }
}

/* ----------------------------------------------------------------------------------------- door
 */

static void (*const rules[])(struct asking *) = {
    ask_called, ask_term, ask_definition, ask_value, ask_what_can,
    ask_person, ask_why,  ask_facts,      ask_what,  ask_deed,
};

size_t ask_by_rules(struct arena *arena, struct view sentence, struct view around,
                    struct ask_question out[ASK_MOST]) {
    struct asking *a = ARENA_NEW(arena, 1, struct asking);
    a->s = (struct ask_sentence){.text = sentence, .around = around, .arena = arena};
    a->out = out;
    if (!ask_cut(&a->s))
        return 0;
    for (size_t i = 0; i < COUNT_OF(rules); i++)
        rules[i](a);
    return a->n;
}
