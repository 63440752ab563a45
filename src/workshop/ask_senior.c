/* Questions written by a model of the company, and what is wrong with them. */
#include "workshop/ask.h"

#include "school/school.h"
#include "workshop/senior.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static const double LEAST_SHARED = 0.6; /* of the question's words with its sentence */
enum { REPLY_TOKENS = 40, LEAST_WORDS = 4, MOST_WORDS = 20 };

/* ------------------------------------------------------------------------------------- prompts
 */

enum { EXAMPLES = 3, MANNERS = 3 };
static const struct {
    const char *language, *task, *passage, *sentence;
    const char *manners[MANNERS]; /* of asking: a sample each */
    struct {
        const char *passage, *sentence, *question;
    } examples[EXAMPLES];
} prompts[] = {
    {"zh",
     "你为课文出题。给你一段课文和其中的一句话。写一个简短的问题，它的答案就是这句话。不要照抄整句"
     "话。",
     "课文：",
     "句子：",
     {"问题：", "用日常的话问：", "以“为什么”或“怎么”问："},
     {{"酵母产生气体，所以面团会发起来。厨房暖和，面团就发得快。", "厨房暖和，面团就发得快。",
       "怎样让面团发得快一些？"},
      {"几维鸟不会飞。几维鸟的蛋重约四百五十克。", "几维鸟的蛋重约四百五十克。",
       "几维鸟的蛋有多重？"},
      {"1969年，人第一次走在月球上。他们带回了石头。", "1969年，人第一次走在月球上。",
       "人是什么时候第一次走上月球的？"}}},
    {"en",
     "You write questions for a lesson. You get a text and one sentence of it. Write one short "
     "question that this sentence answers. Do not repeat the whole sentence.",
     "Text:",
     "Sentence:",
     {"Question:", "Question in the everyday words of a pupil:",
      "Question that begins with why or how:"},
     {{"Dough rises because yeast makes gas. A warm kitchen speeds the yeast up. Bakers push the "
       "dough down once.",
       "A warm kitchen speeds the yeast up.", "What makes the yeast work faster?"},
      {"The kiwi cannot fly. Its egg weighs about 450 grams, a fifth of the mother's weight.",
       "Its egg weighs about 450 grams, a fifth of the mother's weight.",
       "How heavy is the egg of a kiwi?"},
      {"In 1969 two men walked on the moon. They brought back stones, because nobody knew what "
       "the moon is made of.",
       "They brought back stones, because nobody knew what the moon is made of.",
       "Why did the men take stones from the moon?"}}},
};

static size_t prompt_of(const char *language) {
    size_t i = 0;
    while (i + 1 < COUNT_OF(prompts) && strncmp(language, prompts[i].language, 2) != 0)
        i++;
    return i;
}

static void add_message(json_t *messages, const char *role, const char *text) {
    json_array_append_new(messages, json_pack("{s:s, s:s}", "role", role, "content", text));
}

static json_t *messages_of(const struct senior *senior, const struct senior_task *one,
                           struct arena *arena) {
    const struct ask_senior *asking = senior->data;
    const struct ask_task *task = one->data;
    size_t p = prompt_of(asking->language);
    json_t *messages = json_array();
    add_message(messages, "system", prompts[p].task);
    for (size_t i = 0; i < EXAMPLES; i++) {
        add_message(messages, "user",
                    arena_format(arena, "%s %s\n%s %s\n%s", prompts[p].passage,
                                 prompts[p].examples[i].passage, prompts[p].sentence,
                                 prompts[p].examples[i].sentence, prompts[p].manners[0]));
        add_message(messages, "assistant", prompts[p].examples[i].question);
    }
    add_message(messages, "user",
                arena_format(arena, "%s %.*s\n%s %.*s\n%s", prompts[p].passage,
                             VIEW_ARG(task->passage), prompts[p].sentence,
                             VIEW_ARG(task->sentence),
                             prompts[p].manners[task->sample % MANNERS]));
    return messages;
}

/* --------------------------------------------------------------------------------------- replies
 */

/* The question in what was written: its first line, without a label, up to its mark. */
static struct view cut_reply(struct view text) {
    static const char *const labels[] = {
        "Question:", "Q:", "问题：", "问题:", "-", "\"", "“", "*"};
    struct view line = {0};
    text = view_trim(text);
    view_line(&text, &line);
    for (size_t i = 0; i < COUNT_OF(labels); i++)
        if (view_starts(line, labels[i]))
            line = view_trim(view_slice(line, strlen(labels[i]), line.n));
    ptrdiff_t mark = view_find(line, VIEW("?")), wide = view_find(line, VIEW("？"));
    if (mark >= 0)
        line.n = (size_t)mark + 1;
    else if (wide >= 0)
        line.n = (size_t)wide + strlen("？");
    return line;
}

static size_t count_of(struct view text) {
    size_t n = 0, han = 0;
    for (size_t i = 0; i < text.n;) {
        int32_t c;
        size_t used = utf8_decode(text.at + i, text.n - i, &c);
        han += unicode_is_han(c);
        n += text.at[i] != ' ' && (i == 0 || text.at[i - 1] == ' ');
        i += used;
    }
    return n + han / 2;
}

/* "What is missing in this sentence?" */
static bool speaks_of_the_task(struct view question) {
    static const char *const phrases[] = {"this sentence", "the sentence above", "this text",
                                          "this passage",  "the passage",        "given sentence",
                                          "这句话",        "这段课文",           "句子中"};
    for (size_t i = 0; i < COUNT_OF(phrases); i++)
        if (view_find(question, view_of(phrases[i])) >= 0)
            return true;
    return false;
}

/* Small letters, a space for each mark, and one at either end. */
static char *bare_words(struct arena *arena, struct view text) {
    char *out = arena_format(arena, " %.*s ", VIEW_ARG(text));
    for (char *at = out; *at; at++)
        *at = isalnum((unsigned char)*at) || (unsigned char)*at >= 0x80
                  ? (char)tolower((unsigned char)*at)
                  : ' ';
    return out;
}

static bool has_any(const char *text, const char *const *words) {
    for (; *words; words++)
        if (strstr(text, *words))
            return true;
    return false;
}

static bool has_name(struct view text) {
    for (size_t i = 2; i < text.n; i++)
        if (isupper((unsigned char)text.at[i]) && text.at[i - 1] == ' ')
            return true;
    return false;
}

/* What an English question asks for must be there: a reason, a number, somebody, a time; and what
 * it denies. */
static bool asks_for_what_is_there(struct view asked, struct view told, struct arena *arena) {
    static const char *const reasons[] = {" because ", " since ", " so ",     " therefore ",
                                          " reason ",  " due ",   " lets ",   " thus ",
                                          " makes ",   " make ",  " caused ", NULL};
    static const char *const numbers[] = {" one ", " two ", " three ", " four ", " five ", " six ",
                                          " ten ", " no ",  " half ",  " many ", " half ", "0",
                                          "1",     "2",     "3",       "4",      "5",      "6",
                                          "7",     "8",     "9",       NULL};
    static const char *const times[] = {
        " when ", " until ", " after ", " before ", " once ", " while ", " as ", "0", "1",
        "2",      "3",       "4",       "5",        "6",      "7",       "8",    "9", NULL};
    static const char *const denials[] = {" not ",     " no ",      " never ",  " cannot ",
                                          " nothing ", " nobody ",  " hardly ", " without ",
                                          " t ",       " neither ", " nor ",    NULL};
    const char *question = bare_words(arena, asked), *sentence = bare_words(arena, told);
    if (has_any(question, denials) && !has_any(sentence, denials))
        return false;
    if (strstr(question, " why ") || strstr(question, " how come "))
        return has_any(sentence, reasons);
    if (strstr(question, " how many ") || strstr(question, " how much ") ||
        strstr(question, " how often "))
        return has_any(sentence, numbers) || strstr(sentence, " often ");
    if (!strncmp(question, " who ", 5))
        return has_name(told);
    return strncmp(question, " when ", 6) != 0 || has_any(sentence, times);
}

enum course_drop ask_senior_form(struct view question, struct view sentence,
                                 const char *language) {
    const char *found = text_language(question);
    size_t n = count_of(question);
    if (n < LEAST_WORDS || n > MOST_WORDS || !utf8_valid(question) ||
        !(view_ends(question, "?") || view_ends(question, "？")) ||
        view_find(question, VIEW(" | ")) >= 0 || speaks_of_the_task(question))
        return COURSE_FORM;
    if (strncmp(found, language, 2) != 0 &&
        (strcmp(found, "und") != 0 || !strncmp(language, "zh", 2)))
        return COURSE_LANGUAGE;
    bool content = school_overlap(question, VIEW("?"), language) < 1;
    if (!content || school_overlap(question, sentence, language) < LEAST_SHARED)
        return COURSE_UNRELATED;
    if (!strncmp(language, "en", 2)) {
        struct arena *arena = arena_new();
        bool there = asks_for_what_is_there(question, sentence, arena);
        arena_free(arena);
        if (!there)
            return COURSE_ABSENT;
    }
    return school_overlap(sentence, question, language) > 0.6 ? COURSE_COPIED : COURSE_DROPS;
}

/* ----------------------------------------------------------------------------------------- door
 */

bool ask_senior_all(struct ask_senior *asking, struct ask_task *tasks, size_t n,
                    struct fault *fault) {
    struct senior senior = {.company = asking->company,
                            .name = asking->name,
                            .cache = asking->cache,
                            .label = "asking",
                            .seconds = asking->seconds,
                            .most_tokens = REPLY_TOKENS,
                            .temperature = 0.7f,
                            .messages = messages_of,
                            .cut = cut_reply,
                            .data = asking,
                            .cancel = asking->cancel,
                            .arena = asking->arena};
    struct senior_task *all = must_alloc(n + 1, sizeof *all);
    for (size_t i = 0; i < n; i++)
        all[i] = (struct senior_task){.data = &tasks[i],
                                      .seed = asking->seed * 1000 + (uint64_t)tasks[i].sample};
    bool good = senior_write_all(&senior, all, n, fault);
    for (size_t i = 0; i < n; i++) {
        tasks[i].reply = all[i].reply;
        tasks[i].done = all[i].done;
    }
    asking->n_cached = senior.n_cached;
    asking->n_written = senior.n_written;
    free(all);
    return good;
}
