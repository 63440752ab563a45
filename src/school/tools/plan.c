/* The planner: questions that leave no doubt about what to look up, by plain patterns. It reads
 * the question with its numbers as #0, #1 …, its shares (15%, 2/3) as @0 …, its dates as &0 … and
 * its units as ~0 …, and takes a call only where a pattern fits from end to end. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "school/tools/inside.h"
#include "school/tutor/terms.h"

#include <ctype.h>
#include <pcre2.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* clang-format off */
#define ASK "^(?:(?:please|can you|could you|tell me|so|and|hey|hi|what is|what's|whats|what are|how much is|how much are|how much|calculate|compute|work out|find|give me|give|evaluate|" \
    "por favor|dime|cu[aá]nto (?:es|son|vale|da)|cu[aá]l es|calcula|halla|qu[eé] es|请问|请|计算|算一下|求|ما هو|ما هي|كم يساوي|كم|احسب|the result of|el resultado de|the|el|la|los)[ ,:]*)*"
#define END "(?: ?(?:is what|equals what|equal to|equals|is|=|等于多少|等于几|是多少|等于|是几|得多少|كم يساوي|يساوي كم|يساوي))?[ ?.!؟。？=]*$"
#define N "([#@][0-9])"
#define P "(@[0-9])"
#define W "(#[0-9])"
#define PLUS "(?:plus|added to|and|m[aá]s|加上?|زائد|\\+)"
#define MINUS "(?:minus|less|menos|减去?|ناقص|-)"
#define TIMES "(?:times|multiplied by|by|x|por|multiplicado por|乘以?|في|ضرب|\\*|×)"
#define OVER "(?:divided by|over|dividido (?:entre|por)|entre|除以|مقسوم(?:ا|ًا)? على|على|/|÷)"
#define AND "(?:,|,? and|,? y|、|和|与|,? ?و) ?"
#define DAYS "(?:days?|d[ií]as?|天|日|يوم(?:ا|ًا)?|أيام)"
#define ARE "(?:are there|are|lie|is it|is|has|have|hay|son|tiene|有|是|等于)?"
#define TERM "(.{2,60}?)"

/* In the template 1, 2, 3 are what the brackets of the pattern took. */
static const struct plan_row { const char *pattern, *call; } rows[] = {
    /* sums */
    {ASK P " ?(?:of|de|من) " N END, "sum: 1 * 2"},
    {ASK N " ?的 ?" P END, "sum: 2 * 1"},
    {ASK "(?:sum|suma|total|和) (?:of|de) " N " ?" AND N END, "sum: 1 + 2"},
    {ASK "(?:product|producto) (?:of|de) " N " ?" AND N END, "sum: 1 * 2"},
    {ASK "(?:difference|diferencia) (?:of|between|de|entre) " N " ?" AND N END, "sum: 1 - 2"},
    {ASK "(?:quotient|cociente) (?:of|de) " N " ?" AND N END, "sum: 1 / 2"},
    {ASK W " ?(?:squared|al cuadrado|的平方|تربيع)" END, "sum: 1 ^ 2!"},
    {ASK W " ?(?:cubed|al cubo|的立方|تكعيب)" END, "sum: 1 ^ 3!"},
    {ASK "(?:square root|ra[ií]z cuadrada) (?:of|de) " W END, "sum: sqrt(1)"},
    {ASK W " ?的平方根" END, "sum: sqrt(1)"},
    {ASK W " (?:(?:raised )?to the power (?:of )?|\\^ ?|elevado a (?:la )?)" W END, "sum: 1 ^ 2"},
    {ASK W " ?\\^ ?" W END, "sum: 1 ^ 2"},
    {ASK W " ?的 ?" W " ?次方" END, "sum: 1 ^ 2"},
    {ASK W " to the " W " power" END, "sum: 1 ^ 2"},
    {ASK "raise " W " to the power (?:of )?" W END, "sum: 1 ^ 2"},
    {ASK N " (?:increased|raised) by " P END, "sum: 1 + 2"},
    {ASK N " (?:decreased|reduced|lowered) by " P END, "sum: 1 - 2"},
    {ASK "(?:add|suma|加) " P " (?:to|a) " N END, "sum: 2 + 1"},
    {ASK "add " N " (?:to|and) " N END, "sum: 1 + 2"},
    {ASK "subtract " N " from " N END, "sum: 2 - 1"},
    {ASK "take " N " (?:away )?from " N END, "sum: 2 - 1"},
    {ASK "multiply " N " (?:by|and|with) " N END, "sum: 1 * 2"},
    {ASK "divide " N " by " N END, "sum: 1 / 2"},
    /* units */
    {ASK "(?:how many|cu[aá]nt[oa]s) (~[0-9]) " ARE " ?(?:there )?(?:in|en)? ?(?:(?:a|an|one|un|una) )?(#[0-9])? ?(~[0-9])" END, "convert: 2 3 to 1"},
    {ASK "(?:convert|convierte|express|change|change|换算|把) ?(#[0-9]) ?(~[0-9]) ?(?:to|into|in|as|a|en|换成|换算成|化成|إلى) ?(~[0-9])" END, "convert: 1 2 to 3"},
    {ASK "(#[0-9]) ?(~[0-9])(?: (?:in|to|into|en|a) |等于多少|是多少|有多少|合多少|换成|换算成|化成)(~[0-9])" END, "convert: 1 2 to 3"},
    {ASK "(#[0-9]) ?(~[0-9])[:,]? (?:how many|is how many|are how many) (~[0-9])(?: (?:is|are) (?:that|it|this))?" END, "convert: 1 2 to 3"},
    {"^(?:حول|كم) (~[0-9]) (?:في|هي|يساوي) (#[0-9])? ?(~[0-9])" END, "convert: 2 3 to 1"},
    /* dates */
    {ASK "(?:how many|cu[aá]ntos|多少|كم) ?" DAYS " ?" ARE " ?(?:there )?(?:from|between|desde|entre|de|بين) (&[0-9]) (?:to|and|until|till|y|hasta|a|و) ?(&[0-9])" END, "date: days 1 to 2"},
    {"^(?:count )?the days (?:from|between) (&[0-9]) (?:to|and|until) (&[0-9])" END, "date: days 1 to 2"},
    {"^count the days (?:from|between) (&[0-9]) (?:to|and|until) (&[0-9])" END, "date: days 1 to 2"},
    {"^(?:it|today) is (&[0-9])[.,] how many days (?:is it |are there )?(?:to|until|till) (&[0-9])" END, "date: days 1 to 2"},
    {"^(?:从)?(&[0-9]) ?[到至] ?(&[0-9]) ?(?:有|一共|共|相隔)* ?(?:多少|几) ?天" END, "date: days 1 to 2"},
    {"^(?:how many days (?:is it |are there |left )?(?:until|till|to)|cu[aá]ntos d[ií]as faltan (?:para|hasta)(?: el)?|离) ?(&[0-9])(?:还有(?:多少|几)天)?" END, "date: days today to 1"},
    {ASK "(?:what|which)?(?: ?(?:on )?(?:what|which)?(?: day(?: of the week)?| weekday)(?: was or will be| is it on| is| was| will be| does| did| falls?)?) (&[0-9])(?: fall(?: on)?| be)?" END, "date: weekday 1"},
    {"^(&[0-9]) (?:is|was|falls on|will be) (?:what|which) (?:day(?: of the week)?|weekday)" END, "date: weekday 1"},
    {"^(?:on )?(?:what|which) (?:day(?: of the week)?|weekday) (?:is|was|does|did|will) (&[0-9])(?: fall(?: on)?| be)?" END, "date: weekday 1"},
    {"^(?:¿ ?)?(?:en )?qu[eé] d[ií]a (?:de la semana )?(?:es|era|fue|cae|ser[aá])(?: el)? (&[0-9])" END, "date: weekday 1"},
    {"^(&[0-9]) ?(?:是|为)?(?:星期|周|礼拜)几" END, "date: weekday 1"},
    {"^(?:(?:what(?:'s| is)? )?(?:the )?(?:date|day)(?: is it| of the week is it)?,? &0|what day is &0|what(?:'s| is) &0's? date|¿?qu[eé] (?:d[ií]a|fecha) es &0|&0是?(?:几号|几月几号|星期几|周几)|ما (?:هو )?تاريخ &0)" END, "date: today"},
    {ASK "(?:what )?(?:date|day) (?:is|was|will it be) (#[0-9]) days (?:after|from) (&[0-9])" END, "date: 2 + 1"},
    {ASK "(?:what )?(?:date|day) (?:is|was|was it) (#[0-9]) days before (&[0-9])" END, "date: 2 - 1"},
};

/* A number of the course, told in words, and what is done with it. */
static const struct both_row { const char *pattern, *before, *after; } both_rows[] = {
    {ASK "(?<x>the .+|.+'s .+) (?:plus) " N END, "", " + #"},
    {ASK "(?<x>the .+|.+'s .+) (?:minus) " N END, "", " - #"},
    {ASK "(?<x>the .+|.+'s .+) (?:times|multiplied by) " N END, "", " * #"},
    {ASK "(?<x>the .+|.+'s .+) (?:divided by) " N END, "", " / #"},
    {ASK "add " N " to (?<x>the .+|.+'s .+?)" END, "", " + #"},
    {ASK "add (?<x>the .+|.+'s .+) to " N END, "", " + #"},
    {ASK "subtract (?<x>the .+|.+'s .+) from " N END, "# - ", ""},
    {ASK "subtract " N " from (?<x>the .+?|.+'s .+?)" END, "", " - #"},
    {ASK "multiply (?<x>the .+|.+'s .+) by " N END, "", " * #"},
    {ASK "divide (?<x>the .+|.+'s .+) by " N END, "", " / #"},
    {ASK N " minus (?<x>the .+?|.+'s .+?)" END, "# - ", ""},
    {ASK N " plus (?<x>the .+?|.+'s .+?)" END, "# + ", ""},
    {ASK N " times (?<x>the .+?|.+'s .+?)" END, "# * ", ""},
    {ASK P " of (?<x>the .+?|.+'s .+?)" END, "# * ", ""},
    {ASK P " (?:del|de la|de los|de las) (?<x>.+?)" END, "# * ", ""},
    {ASK "(?<x>(?:el|la|los|las) .+) m[aá]s " N END, "", " + #"},
    {ASK "(?<x>(?:el|la|los|las) .+) menos " N END, "", " - #"},
    {ASK "(?<x>(?:el|la|los|las) .+) por " N END, "", " * #"},
    {ASK "(?<x>(?:el|la|los|las) .+) (?:dividido )?entre " N END, "", " / #"},
    {"^(?<x>.{4,}?)加上? ?" N END, "", " + #"},
    {"^(?<x>.{4,}?)减去? ?" N END, "", " - #"},
    {"^(?<x>.{4,}?)乘以? ?" N END, "", " * #"},
    {"^(?<x>.{4,}?)除以 ?" N END, "", " / #"},
};

static const char chain[] = ASK "(?<x>[#@][0-9](?: ?(?:" PLUS "|" MINUS "|" TIMES "|" OVER ") ?[#@][0-9])+)" END;
static const char mean[] = ASK "(?:mean|average|media|promedio) (?:of|de) (?:the numbers? |los n[uú]meros )?(?<x>[#@][0-9](?:(?:, ?| ?,? and | y |、|和)[#@][0-9])+)" END;
static const char *const defining[] = {
    "^(?:what does|what do) (?:the (?:word|term) )?\"?" TERM "\"? mean[ ?.!]*$", "^(?:what is|what's|whats|what are|define|explain)(?: (?:the|a|an))? \"?" TERM "\"?[ ?.!]*$",
    "^(?:what is the )?(?:meaning|definition) of (?:the (?:word|term) )?(?:a |an |the )?\"?" TERM "\"?[ ?.!]*$",
    "^¿?(?:qu[eé] (?:significa|es|son)|define)(?: (?:un|una|el|la|los|las))? \"?" TERM "\"?[ ?.!]*$",
    "^(?:什么是|何谓|请解释)" TERM "[ ?？。]*$", "^" TERM "(?:是什么意思|是什么|指什么|的意思是什么|的定义)[ ?？。]*$",
    "^(?:ما معنى|ما هو|ما هي|عرّف) \"?" TERM "\"?[ ?؟.]*$",
};
static const char asks_program[] = "\\b(?:print|prints|give|gives|return|returns|output|outputs|write|writes|run|value|result|evaluate|imprime|devuelve|ejecuta|resultado)\\b|运行|输出|结果|يطبع|ناتج|شغّل";
/* clang-format on */

/* -------------------------------------------------------------------------------- the patterns */

enum {
    FIRST_BOTH = COUNT_OF(rows),
    FIRST_TERM = FIRST_BOTH + COUNT_OF(both_rows),
    CHAIN = FIRST_TERM + COUNT_OF(defining),
    MEAN,
    PROGRAM,
    PATTERNS
};
static pcre2_code *compiled[PATTERNS];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static const char *pattern_of(size_t i) {
    return i < FIRST_BOTH   ? rows[i].pattern
           : i < FIRST_TERM ? both_rows[i - FIRST_BOTH].pattern
           : i < CHAIN      ? defining[i - FIRST_TERM]
           : i == CHAIN     ? chain
           : i == MEAN      ? mean
                            : asks_program;
}

/* The patterns are fixed: one that is wrong is a broken invariant, and the tests meet it. */
static void compile_all(void) {
    for (size_t i = 0; i < PATTERNS; i++) {
        int error;
        PCRE2_SIZE at;
        compiled[i] = pcre2_compile((PCRE2_SPTR)pattern_of(i), PCRE2_ZERO_TERMINATED,
                                    PCRE2_UTF | PCRE2_UCP | PCRE2_CASELESS, &error, &at, NULL);
        MUST(compiled[i]);
        pcre2_jit_compile(compiled[i], PCRE2_JIT_COMPLETE);
    }
}

struct matched {
    int n; /* brackets, the whole included; 0: no match */
    struct view parts[6], x;
};

static bool match(size_t pattern, struct view text, struct matched *out) {
    pthread_once(&once, compile_all);
    pcre2_match_data *data = pcre2_match_data_create_from_pattern(compiled[pattern], NULL);
    pcre2_match_context *context = pcre2_match_context_create(NULL);
    MUST(data && context);
    pcre2_set_match_limit(context, 100000);
    *out = (struct matched){0};
    int n = pcre2_match(compiled[pattern], (PCRE2_SPTR)(text.n ? text.at : ""), text.n, 0, 0, data,
                        context);
    const PCRE2_SIZE *at = pcre2_get_ovector_pointer(data);
    for (int i = 0; i < n && i < (int)COUNT_OF(out->parts); i++)
        if (at[2 * i] != PCRE2_UNSET)
            out->parts[i] = view_slice(text, at[2 * i], at[2 * i + 1]);
    int named = n > 0 ? pcre2_substring_number_from_name(compiled[pattern], (PCRE2_SPTR) "x") : -1;
    if (named > 0 && named < n)
        out->x = view_slice(text, at[2 * named], at[2 * named + 1]);
    out->n = n > 0 ? n : 0;
    pcre2_match_context_free(context);
    pcre2_match_data_free(data);
    return n > 0;
}

/* ------------------------------------------------------------------------------ marks for parts */

/* The question with marks in the place of what was read in it. */
static struct view marked(const struct asked *asked, bool units, struct arena *arena) {
    struct buffer out = {0};
    for (size_t at = 0; at < asked->text.n;) {
        size_t to = at;
        for (size_t i = 0; i < asked->n_date && to == at; i++)
            if (asked->dates[i].from == at) {
                buffer_format(&out, "&%zu", i);
                to = asked->dates[i].to;
            }
        for (size_t i = 0; i < asked->n_number && to == at; i++)
            if (asked->numbers[i].from == at) {
                buffer_format(&out, "%c%zu", asked->numbers[i].share ? '@' : '#', i);
                to = asked->numbers[i].to;
            }
        for (size_t i = 0; i < asked->n_unit && units && to == at; i++)
            if (asked->units[i].from == at) {
                buffer_format(&out, "~%zu", i);
                to = at + asked->units[i].text.n;
            }
        char c = asked->text.at[at];
        if (to == at) {
            bool taken = strchr("#@&~", c) && c;
            buffer_byte(&out, taken || isspace((unsigned char)c) ? ' ' : c);
            to = at + 1;
        }
        at = to;
    }
    struct view text = arena_copy(arena, view_trim(buffer_view(&out)));
    buffer_free(&out);
    return text;
}

/* What a mark stands for; the mark itself where it is none. */
static struct view meaning_of(const struct asked *asked, struct view mark, struct arena *arena) {
    size_t i = mark.n == 2 ? (size_t)(mark.at[1] - '0') : 10;
    char c = mark.n ? mark.at[0] : 0;
    if ((c == '#' || c == '@') && i < asked->n_number)
        return asked->numbers[i].text;
    if (c == '~' && i < asked->n_unit)
        return asked->units[i].text;
    if (c == '&' && i < asked->n_date)
        return asked->dates[i].today ? VIEW("today") : day_text(asked->dates[i].day, arena);
    return mark;
}

/* The template's 1, 2, 3 filled; a digit before "!" is itself. */
static struct view filled(const struct asked *asked, const char *call,
                          const struct matched *matched, struct arena *arena) {
    struct buffer out = {0};
    for (const char *c = call; *c; c++)
        if (c[1] == '!') {
            buffer_byte(&out, *c++);
        } else if (*c >= '1' && *c <= '3') {
            struct view part = matched->parts[*c - '0'];
            buffer_append(&out, part.n ? meaning_of(asked, part, arena) : VIEW("1"));
        } else {
            buffer_byte(&out, *c);
        }
    struct view text = arena_copy(arena, buffer_view(&out));
    buffer_free(&out);
    return text;
}

/* ------------------------------------------------------------------------------------- chains */

/* "#0 times #1 plus #2": the words as signs. */
static struct view chain_text(const struct asked *asked, struct view text, struct arena *arena) {
    static const struct {
        const char *words[8], *sign;
    } signs[] = {{{"plus", "added", "and", "más", "mas", "加", "زائد", "+"}, " + "},
                 {{"minus", "less", "menos", "减", "ناقص", "-", NULL}, " - "},
                 {{"times", "multiplied", "by", "por", "x", "*", "乘", "×"}, " * "},
                 {{"multiplicado", "ضرب", "في", NULL}, " * "},
                 {{"divided", "over", "dividido", "entre", "除", "/", "÷", "على"}, " / "},
                 {{"مقسوم", NULL}, " / "}};
    struct buffer out = {0};
    buffer_text(&out, "sum: ");
    for (size_t at = 0; at < text.n;) {
        if (strchr("#@", text.at[at]) && text.at[at]) {
            buffer_append(&out, meaning_of(asked, view_slice(text, at, at + 2), arena));
            at += 2;
            continue;
        }
        size_t end = at;
        while (end < text.n && !(strchr("#@", text.at[end]) && text.at[end]))
            end++;
        struct view word = view_trim(view_slice(text, at, end));
        const char *sign = NULL;
        for (size_t i = 0; i < COUNT_OF(signs) && !sign; i++)
            for (size_t k = 0; k < 8 && signs[i].words[k] && !sign; k++) {
                size_t n = strlen(signs[i].words[k]);
                if (word.n >= n && !strncasecmp(word.at, signs[i].words[k], n))
                    sign = signs[i].sign;
            }
        if (!sign)
            return buffer_free(&out), (struct view){0};
        buffer_text(&out, sign);
        at = end;
    }
    struct view line = arena_copy(arena, buffer_view(&out));
    buffer_free(&out);
    return line;
}

static struct view mean_text(const struct asked *asked, struct view text, struct arena *arena) {
    struct buffer out = {0};
    buffer_text(&out, "sum: mean(");
    for (size_t at = 0, n = 0; at + 1 < text.n; at++)
        if (strchr("#@", text.at[at])) {
            struct view number = meaning_of(asked, view_slice(text, at, at + 2), arena);
            buffer_format(&out, "%s%.*s", n++ ? ", " : "", VIEW_ARG(number));
        }
    buffer_byte(&out, ')');
    struct view line = arena_copy(arena, buffer_view(&out));
    buffer_free(&out);
    return line;
}

/* "3*(4+5)^2 = ?": signs and digits alone. */
static struct view bare_sum(const struct asked *asked, struct arena *arena) {
    struct matched matched;
    struct view text = asked->text;
    struct arena *scratch = arena_new();
    bool digits = false, signs = false, good = true;
    (void)matched;
    while (text.n && strchr(" ?=.!", text.at[text.n - 1]))
        text.n--;
    static const char *const starts[] = {"what is ", "What is ", "what's ", "What's ", "calculate ",
                                         "Calculate ", "compute ", "cuánto es ", "Cuánto es ",
                                         "计算", "احسب "};
    for (size_t i = 0; i < COUNT_OF(starts); i++)
        if (view_starts(text, starts[i]))
            text = view_trim(view_slice(text, strlen(starts[i]), text.n));
    for (size_t i = 0; i < text.n && good; i++) {
        digits = digits || isdigit((unsigned char)text.at[i]);
        signs = signs || strchr("+-*/^", text.at[i]);
        bool root = view_starts(view_slice(text, i, text.n), "sqrt(");
        good = isdigit((unsigned char)text.at[i]) || strchr("+-*/^().% ", text.at[i]) || root;
        signs = signs || root;
        i += root ? 4 : 0;
    }
    arena_free(scratch);
    good = good && digits && signs && !asked->n_date;
    return good ? view_of(arena_format(arena, "sum: %.*s", VIEW_ARG(text))) : (struct view){0};
}

/* --------------------------------------------------------------------------------------- terms */

static bool is_term(const struct tool_place *place, struct view asked, struct arena *arena) {
    struct view found[8];
    size_t n = terms_in(place, asked, found, COUNT_OF(found));
    struct buffer plain = {0};
    fold_plain(asked, &plain);
    struct view wanted = arena_copy(arena, view_trim(buffer_view(&plain)));
    buffer_free(&plain);
    for (size_t i = 0; i < n; i++) {
        bool plural = wanted.n == found[i].n + 1 && view_ends(wanted, "s") &&
                      view_equal(view_slice(wanted, 0, found[i].n), found[i]);
        if (view_equal(wanted, found[i]) || plural)
            return true;
    }
    return false;
}

static bool plan_term(const struct tool_place *place, const struct asked *asked,
                      struct arena *arena, struct view *line) {
    struct matched matched;
    for (size_t i = 0; i < COUNT_OF(defining); i++)
        if (match(FIRST_TERM + i, asked->text, &matched) && matched.n > 1 &&
            is_term(place, matched.parts[1], arena)) {
            *line = view_of(arena_format(arena, "term: %.*s", VIEW_ARG(matched.parts[1])));
            return true;
        }
    return false;
}

/* ------------------------------------------------------------------------------------ planning */

static bool may_call(const struct prospects *may, const char *call) {
    return view_starts(view_of(call), "sum:")       ? may->sum
           : view_starts(view_of(call), "convert:") ? may->convert
                                                    : may->date;
}

static bool plan_row(const struct asked *asked, const struct prospects *may, struct arena *arena,
                     struct view *line) {
    struct view without = marked(asked, false, arena), with = marked(asked, true, arena);
    struct matched matched;
    struct prospects can = *may;
    can.sum = can.sum || can.root;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        bool units = view_starts(view_of(rows[i].call), "convert:");
        if (may_call(&can, rows[i].call) && match(i, units ? with : without, &matched)) {
            *line = filled(asked, rows[i].call, &matched, arena);
            return true;
        }
    }
    if (may->sum && match(CHAIN, without, &matched) &&
        (*line = chain_text(asked, matched.x, arena)).n)
        return true;
    if (may->sum && match(MEAN, without, &matched)) {
        *line = mean_text(asked, matched.x, arena);
        return true;
    }
    return false;
}

bool tools_plan(const struct tool_place *place, const struct asked *asked,
                const struct prospects *may, struct arena *arena, struct view *line) {
    struct matched matched;
    if (may->code && asked->n_code == 1 && asked->codes[0].n <= TOOL_ASKED &&
        match(PROGRAM, asked->text, &matched)) {
        *line = view_of(arena_format(arena, "code: %.*s", VIEW_ARG(asked->codes[0])));
        return true;
    }
    if (asked->n_code)
        return false;
    if ((may->sum || may->root) && (*line = bare_sum(asked, arena)).n)
        return true;
    return plan_row(asked, may, arena, line) ||
           (may->term && plan_term(place, asked, arena, line));
}

bool plan_both(const struct asked *asked, struct arena *arena, struct view *what,
               const char **before, const char **after) {
    struct view text = marked(asked, false, arena);
    struct matched matched;
    for (size_t i = 0; i < COUNT_OF(both_rows); i++) {
        if (!match(FIRST_BOTH + i, text, &matched) || !matched.x.n)
            continue;
        struct view number = {0};
        for (int k = 1; k < matched.n; k++)
            if (matched.parts[k].n == 2 && strchr("#@", matched.parts[k].at[0]))
                number = meaning_of(asked, matched.parts[k], arena);
        struct buffer x = {0};
        for (size_t k = 0; k < matched.x.n; k++) {
            bool mark = strchr("#@&", matched.x.at[k]) && k + 1 < matched.x.n;
            if (mark)
                buffer_append(&x, meaning_of(asked, view_slice(matched.x, k, k + 2), arena));
            else
                buffer_byte(&x, matched.x.at[k]);
            k += mark;
        }
        *what = arena_copy(arena, buffer_view(&x));
        buffer_free(&x);
        struct view b = view_of(both_rows[i].before), a = view_of(both_rows[i].after);
        *before = b.n ? arena_format(arena, "%.*s%s", VIEW_ARG(number), both_rows[i].before + 1)
                      : "";
        *after = a.n ? arena_format(arena, "%.*s%.*s", (int)a.n - 1, a.at, VIEW_ARG(number)) : "";
        return number.n > 0;
    }
    return false;
}
