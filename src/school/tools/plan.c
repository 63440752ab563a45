/* Rules for questions that leave no doubt about what to look up. They read the question with its
 * numbers as #0, #1 …, its shares (15%, 2/3) as @0 …, its dates as &0 … and its units as ~0 …, and
 * take a call only where a pattern fits from end to end. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "school/tools/inside.h"
#include "school/tutor/terms.h"

#include <ctype.h>
#include <pcre2.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* clang-format off */
#define ASK "^¿?(?:(?:please|can you|could you|tell me|so|and|hey|hi|what is|what's|whats|what are|how much is|how much are|how much|calculate|compute|work out|find|give me|give|evaluate|" \
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
    {ASK "(?:how many|cu[aá]ntos|多少|كم) ?" DAYS " ?" ARE " ?(?:there )?(?:from|between|desde|entre|de|من|بين) (?:el )?(&[0-9]) (?:to|and|until|till|y|hasta|a|و|إلى) ?(?:el )?(&[0-9])" END, "date: days 1 to 2"},
    {"^(?:count )?the days (?:from|between) (&[0-9]) (?:to|and|until) (&[0-9])" END, "date: days 1 to 2"},
    {"^(?:it|today) is (&[0-9])[.,] how many days (?:is it |are there )?(?:to|until|till) (&[0-9])" END, "date: days 1 to 2"},
    {"^(?:从)?(&[0-9]) ?[到至] ?(&[0-9]) ?(?:有|一共|共|相隔)* ?(?:多少|几) ?天" END, "date: days 1 to 2"},
    {"^¿?(?:how many days (?:is it |are there |left )?(?:until|till|to)|cu[aá]ntos d[ií]as faltan (?:para|hasta)(?: el)?|离|كم يوم(?:ا|ًا)? (?:بقي )?(?:حتى|إلى)) ?(&[0-9])(?:还有(?:多少|几)天)?" END, "date: days today to 1"},
    {"^(?:on )?(?:which|what) (?:day(?: of the week)?|weekday) (?:was or will be|is it on|is|was|will be|does|did|will|falls? on)? ?(&[0-9])(?: fall(?: on)?| be)?" END, "date: weekday 1"},
    {"^(&[0-9]) (?:is|was|falls on|will be) (?:what|which) (?:day(?: of the week)?|weekday)" END, "date: weekday 1"},
    {"^¿?(?:en )?qu[eé] d[ií]a (?:de la semana )?(?:es|era|fue|cae|ser[aá])(?: el)? (&[0-9])" END, "date: weekday 1"},
    {"^(&[0-9]) ?(?:是|为)?(?:星期|周|礼拜)几" END, "date: weekday 1"},
    {"^(?:ما|أي|في أي|اي) يوم (?:هو |كان |يكون |يصادف )?(&[0-9])" END, "date: weekday 1"},
    {"^(?:(?:what(?:'s| is)? )?(?:the )?(?:date|day)(?: is it| of the week is it)?,? &0|(?:what|which) (?:day|date) is (?:it )?&0|what(?:'s| is) &0's? date|¿?(?:a )?qu[eé] (?:d[ií]a|fecha) (?:es|estamos) &0|&0是?(?:几号|几月几号|星期几|周几)|(?:ما (?:هو )?تاريخ|أي يوم) &0)" END, "date: today"},
    {"^(?:what|which) (?:date|day|weekday|day of the week) (?:is it |is |will it be |will be )?(?:in )?(#[0-9]) days?(?: from (?:now|&0)| time)?(?: will it be)?" END, "date: today + 1"},
    {"^(?:what|which) (?:date|day|weekday|day of the week) (?:is it |is |will it be |will be )?(?:in )?(#[0-9]) weeks?(?: from (?:now|&0)| time)?(?: will it be)?" END, "date: today + 1 weeks"},
    {"^(?:what|which) (?:date|day|weekday|day of the week) was (?:it )?(#[0-9]) days? ago" END, "date: today - 1"},
    {"^¿?qu[eé] (?:d[ií]a|fecha) (?:es|ser[aá]|cae)? ?(?:dentro de|en) (#[0-9]) d[ií]as" END, "date: today + 1"},
    {"^¿?qu[eé] (?:d[ií]a|fecha) (?:es|ser[aá]|cae)? ?(?:dentro de|en) (#[0-9]) semanas" END, "date: today + 1 weeks"},
    {"^¿?qu[eé] (?:d[ií]a|fecha) (?:era|fue) hace (#[0-9]) d[ií]as" END, "date: today - 1"},
    {"^(?:&0的?)?(#[0-9]) ?天(?:以?后|之后)(?:会)?是?(?:几号|几月几号|星期几|周几|哪一?天|什么日子)" END, "date: today + 1"},
    {"^(?:&0的?)?(#[0-9]) ?(?:周|个?星期)(?:以?后|之后)(?:会)?是?(?:几号|几月几号|星期几|周几|哪一?天)" END, "date: today + 1 weeks"},
    {"^(?:ما|أي|اي) (?:هو )?(?:اليوم|يوم|تاريخ|التاريخ|&0)? ?(?:سيكون |يكون |هو )?بعد (#[0-9]) (?:يوم(?:ا|ًا)?|أيام)" END, "date: today + 1"},
    {ASK "(?:what )?(?:date|day) (?:is|was|will it be) (#[0-9]) days (?:after|from) (&[0-9])" END, "date: 2 + 1"},
    {ASK "(?:what )?(?:date|day) (?:is|was|was it) (#[0-9]) days before (&[0-9])" END, "date: 2 - 1"},
};

static const char chain[] = ASK "([#@][0-9](?: ?(?:" PLUS "|" MINUS "|" TIMES "|" OVER ") ?[#@][0-9])+)" END;
static const char mean[] = ASK "(?:mean|average|media|promedio) (?:of|de) (?:the numbers? |los n[uú]meros )?([#@][0-9](?:(?:, ?| ?,? and | y |、|和)[#@][0-9])+)" END;
/* In each the first bracket is what is asked for. */
static const char *const defining[] = {
    "^(?:and )?(?:what does|what do) (?:the (?:word|term) )?[\"“']?" TERM "[\"”']? mean[ ?.!]*$",
    "^(?:define|explain the (?:word|term)) (?:the |a |an )?[\"“']?" TERM "[\"”']?[ ?.!]*$",
    "^(?:what(?:'s| is) the )?(?:meaning|definition) of (?:the (?:word|term) )?(?:a |an |the )?[\"“']?" TERM "[\"”']?[ ?.!]*$",
    "^¿?(?:qu[eé] (?:significa|quiere decir)|define)(?: (?:un|una|el|la|los|las))?(?: palabra| t[eé]rmino)? [\"“«']?" TERM "[\"”»']?[ ?.!]*$",
    "^[“\"「]?" TERM "[”\"」]?(?:是什么意思|指什么|的意思是什么|的定义是?什么?)[ ?？。]*$",
    "^(?:ما معنى|ماذا (?:يعني|تعني)|عرّف) [\"«]?" TERM "[\"»]?[ ?؟.]*$",
};
static const char *const noting[] = {
    "^(?:do you (?:remember|know|recall) )?what (?:did i (?:say|tell you|write|note|mention)|i (?:said|told you|noted|wrote))(?: that)?(?: (?:about|of|on))? (.{2,80}?)(?: (?:was|is|were|are))?[ ?.!]*$",
    "^what(?:'s| is| was)? my ((?:learning )?(?:goals?|aims?|dreams?))(?: again)?[ ?.!]*$",
    "^(?:(?:can|could) you )?(?:look (?:it up )?in|search|check|read|show me|show) my notes?(?: (?:about|on|for) (.{2,80}?))?[ ?.!]*$",
    "^do you remember my (.{2,80}?)[ ?.!]*$",
    "^¿?qu[eé] (?:te )?(?:dije|cont[eé]|escrib[ií]|anot[eé])(?: que (?:era|es)| sobre| de| acerca de)? (.{2,80}?)[ ?.!]*$",
    "^¿?cu[aá]l (?:es|era) mi (meta|objetivo|sue[nñ]o)[ ?.!]*$",
    "^¿?(?:recuerdas|te acuerdas de) mi (.{2,80}?)[ ?.!]*$",
    "^我(?:之前|以前|上次|曾经)?(?:对你)?(?:说过?|告诉过?你|写过?|记过?)(?:的|我的|关于)*(.{2,80}?)(?:是什么|是啥|什么)[ ?？。]*$",
    "^我的(目标|梦想|理想)是(?:什么|啥)[ ?？。]*$",
    "^你?还?记得我的?(.{2,80}?)吗[ ?？。]*$",
    "^(?:ما|ماذا) (?:هو |كان |هي )?(هدفي|حلمي)[ ?؟.]*$",
    "^ماذا (?:قلت|ذكرت|كتبت)(?: لك)?(?: عن)? (.{2,80}?)[ ?؟.]*$",
    "^هل تتذكر (.{2,80}?)[ ?؟.]*$",
};
static const char *const running[] = {
    "^(?:please |can you |could you )*(?:run|execute|try)(?: (?:this|the|my))?(?: (?:python|code|program))* ?[:：] ?(.+)$",
    "^(?:por favor )?(?:ejecuta|corre|prueba)(?: (?:este|el|mi))?(?: (?:c[oó]digo|programa))? ?[:：] ?(.+)$",
    "^(?:请)?运行(?:一下)?(?:这段|这个|我的)?(?:代码|程序)? ?[:：] ?(.+)$",
    "^(?:من فضلك )?(?:شغّ?ل|نفّ?ذ)(?: هذا| هذه)?(?: البرنامج| الكود| الشيفرة)? ?[:：] ?(.+)$",
};
/* Beside a program between ` or ```. */
static const char asks_program[] = "\\b(?:print|prints|give|gives|return|returns|output|outputs|write|writes|run|execute|value|result|evaluate|imprime|devuelve|ejecuta|resultado)\\b|运行|输出|结果|يطبع|ناتج|شغّ?ل|نفّ?ذ";
/* clang-format on */

/* -------------------------------------------------------------------------------- the patterns */

enum {
    FIRST_TERM = COUNT_OF(rows),
    FIRST_NOTE = FIRST_TERM + COUNT_OF(defining),
    FIRST_RUN = FIRST_NOTE + COUNT_OF(noting),
    CHAIN = FIRST_RUN + COUNT_OF(running),
    MEAN,
    PROGRAM,
    PATTERNS
};

struct tool_rules {
    pcre2_code *compiled[PATTERNS];
};

static const char *pattern_of(size_t i) {
    return i < FIRST_TERM   ? rows[i].pattern
           : i < FIRST_NOTE ? defining[i - FIRST_TERM]
           : i < FIRST_RUN  ? noting[i - FIRST_NOTE]
           : i < CHAIN      ? running[i - FIRST_RUN]
           : i == CHAIN     ? chain
           : i == MEAN      ? mean
                            : asks_program;
}

struct tool_rules *tool_rules_open(struct fault *fault) {
    struct tool_rules *rules = must_alloc(1, sizeof *rules);
    for (size_t i = 0; i < PATTERNS; i++) {
        int error;
        PCRE2_SIZE at;
        rules->compiled[i] =
            pcre2_compile((PCRE2_SPTR)pattern_of(i), PCRE2_ZERO_TERMINATED,
                          PCRE2_UTF | PCRE2_UCP | PCRE2_CASELESS, &error, &at, NULL);
        if (!rules->compiled[i]) {
            fault_set(fault, FAULT_MACHINE, "Rule %zu of the tools breaks at %zu: \"%.60s\".", i,
                      (size_t)at, pattern_of(i) + at);
            tool_rules_close(rules);
            return NULL;
        }
        pcre2_jit_compile(rules->compiled[i], PCRE2_JIT_COMPLETE);
    }
    return rules;
}

void tool_rules_close(struct tool_rules *rules) {
    if (!rules)
        return;
    for (size_t i = 0; i < PATTERNS; i++)
        pcre2_code_free(rules->compiled[i]);
    free(rules);
}

struct matched {
    struct view parts[5]; /* the whole, and what the brackets took */
};

static bool match(const struct tool_rules *rules, size_t pattern, struct view text,
                  struct matched *out) {
    pcre2_match_data *data = pcre2_match_data_create(COUNT_OF(out->parts), NULL);
    pcre2_match_context *context = pcre2_match_context_create(NULL);
    MUST(data && context);
    pcre2_set_match_limit(context, 100000);
    *out = (struct matched){0};
    int n = pcre2_match(rules->compiled[pattern], (PCRE2_SPTR)(text.n ? text.at : ""), text.n, 0,
                        0, data, context);
    const PCRE2_SIZE *at = pcre2_get_ovector_pointer(data);
    for (int i = 0; i < n && i < (int)COUNT_OF(out->parts); i++)
        if (at[2 * i] != PCRE2_UNSET)
            out->parts[i] = view_slice(text, at[2 * i], at[2 * i + 1]);
    pcre2_match_context_free(context);
    pcre2_match_data_free(data);
    return n > 0;
}

/* ------------------------------------------------------------------------------ marks for parts
 */

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
        return date_text(&asked->dates[i], arena);
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
    static const char *const starts[] = {"what is ", "what's ",    "how much is ", "calculate ",
                                         "compute ", "cuánto es ", "¿cuánto es ",  "calcula ",
                                         "计算",     "算一下",     "احسب ",        "كم يساوي "};
    struct view text = asked->text;
    bool digits = false, signs = false, good = !asked->n_date;
    while (text.n && strchr(" ?=.!", text.at[text.n - 1]))
        text.n--;
    for (size_t i = 0; i < COUNT_OF(starts); i++) {
        size_t n = strlen(starts[i]);
        if (text.n > n && !strncasecmp(text.at, starts[i], n))
            text = view_trim(view_slice(text, n, text.n));
    }
    for (size_t i = 0; i < text.n && good; i++) {
        bool root = view_starts(view_slice(text, i, text.n), "sqrt(");
        bool digit = isdigit((unsigned char)text.at[i]);
        digits = digits || digit;
        signs = signs || root || (i && strchr("+-*/^", text.at[i]));
        good = root || digit || (text.at[i] && strchr("+-*/^().% ", text.at[i]));
        i += root ? strlen("sqrt") : 0;
    }
    good = good && digits && signs;
    return good ? view_of(arena_format(arena, "sum: %.*s", VIEW_ARG(text))) : (struct view){0};
}

/* ------------------------------------------------------------------------------- terms and notes
 */

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
    for (size_t i = FIRST_TERM; i < FIRST_NOTE; i++)
        if (match(place->rules, i, asked->text, &matched) &&
            is_term(place, matched.parts[1], arena)) {
            *line = view_of(arena_format(arena, "term: %.*s", VIEW_ARG(matched.parts[1])));
            return true;
        }
    return false;
}

static bool plan_note(const struct tool_place *place, const struct asked *asked,
                      struct arena *arena, struct view *line) {
    struct matched matched;
    for (size_t i = FIRST_NOTE; i < FIRST_RUN && place->notes; i++)
        if (match(place->rules, i, asked->text, &matched)) {
            struct view what = matched.parts[1].n ? matched.parts[1] : VIEW("*");
            *line = view_of(arena_format(arena, "note: %.*s", VIEW_ARG(what)));
            return true;
        }
    return false;
}

/* ------------------------------------------------------------------------------------ planning */

static bool plan_row(const struct tool_rules *rules, const struct asked *asked,
                     struct arena *arena, struct view *line) {
    struct view without = marked(asked, false, arena), with = marked(asked, true, arena);
    struct matched matched;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        bool units = view_starts(view_of(rows[i].call), "convert:");
        if (match(rules, i, units ? with : without, &matched)) {
            *line = filled(asked, rows[i].call, &matched, arena);
            return true;
        }
    }
    if (match(rules, CHAIN, without, &matched) &&
        (*line = chain_text(asked, matched.parts[1], arena)).n)
        return true;
    if (match(rules, MEAN, without, &matched)) {
        *line = mean_text(asked, matched.parts[1], arena);
        return true;
    }
    return false;
}

static bool plan_program(const struct tool_rules *rules, const struct asked *asked,
                         struct arena *arena, struct view *line) {
    struct matched matched;
    struct view program = {0};
    if (asked->n_code == 1 && match(rules, PROGRAM, asked->text, &matched))
        program = asked->codes[0];
    for (size_t i = FIRST_RUN; i < CHAIN && !asked->n_code; i++)
        if (match(rules, i, asked->text, &matched))
            program = matched.parts[1];
    if (!program.n || program.n > TOOL_ASKED)
        return false;
    *line = view_of(arena_format(arena, "code: %.*s", VIEW_ARG(program)));
    return true;
}

bool rules_call(const struct tool_place *place, const struct asked *asked, struct arena *arena,
                struct view *line) {
    const struct tool_rules *rules = place->rules;
    if (!rules)
        return false;
    if (plan_program(rules, asked, arena, line))
        return true;
    if (asked->n_code)
        return false;
    return (*line = bare_sum(asked, arena)).n || plan_row(rules, asked, arena, line) ||
           plan_term(place, asked, arena, line) || plan_note(place, asked, arena, line);
}
