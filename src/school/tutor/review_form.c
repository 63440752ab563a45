/* The checks that need no source: form, length, language, echo. */
#include "school/tutor/review_inside.h"

#include <stdio.h>
#include <string.h>

static bool strike_for(struct reviewed_sentence *out, const char *why) {
    snprintf(out->why, sizeof out->why, "%s", why);
    return true;
}

bool check_empty(struct reviewing *r, size_t i, struct reviewed_sentence *out) {
    return r->sentences[i].words.n == 0 && strike_for(out, "no words");
}

/* ------------------------------------------------------------------------------- degeneration */

static bool quoted_from_source(struct reviewing *r, struct view text) {
    for (size_t i = 0; i < r->task->n_source; i++)
        if (view_find(r->task->sources[i], text) >= 0)
            return true;
    return text.n && view_find(r->task->hint, text) >= 0;
}

static bool has_broken_characters(struct view text) {
    for (size_t i = 0; i < text.n;) {
        int32_t c;
        i += utf8_decode(text.at + i, text.n - i, &c);
        if (c < 0 || c == 0xFFFD || (c < 32 && c != '\n' && c != '\t') || c == 0x7F ||
            (c >= 0xE000 && c <= 0xF8FF) || (c >= 0x80 && c < 0xA0))
            return true;
    }
    return false;
}

/* Marks of chat formats and markup; a role's name at the beginning of a line. */
static const char *markup_in(struct view text) {
    static const char *const marks[] = {"```", "<|",   "|>",      "</",   "**",   "[INST]",
                                        "<<",  "###",  "](http",  "http", "<s>",  "<br",
                                        "<p>", "<div", "<script", "__",   "<img", "{{"};
    static const char *const roles[] = {
        "user:",     "assistant:", "system:",    "tutor:",    "student:",  "teacher:",
        "question:", "answer:",    "q:",         "a:",        "learner:",  "hint:",
        "passage:",  "lesson:",    "用户：",     "助手：",    "问题：",    "答案：",
        "回答：",    "usuario:",   "asistente:", "pregunta:", "respuesta:"};
    for (size_t i = 0; i < COUNT_OF(marks); i++)
        if (view_find(text, view_of(marks[i])) >= 0)
            return marks[i];
    struct view line;
    while (view_line(&text, &line)) {
        char lower[24] = {0};
        line = view_trim(line);
        for (size_t i = 0; i < line.n && i + 1 < sizeof lower; i++)
            lower[i] =
                (char)(line.at[i] >= 'A' && line.at[i] <= 'Z' ? line.at[i] + 32 : line.at[i]);
        for (size_t i = 0; i < COUNT_OF(roles); i++)
            if (!strncmp(lower, roles[i], strlen(roles[i])))
                return roles[i];
    }
    return NULL;
}

static const char *talk_of_itself(struct view folded) {
    static const char *const phrases[] = {"as an ai",        "as a language model",
                                          "i am an ai",      "i'm an ai",
                                          "an ai assistant", "i'm sorry",
                                          "i am sorry",      "i apologi",
                                          "i cannot help",   "i can't help",
                                          "openai",          "chatgpt",
                                          "anthropic",       "alibaba",
                                          "my training",     "i was trained",
                                          "as a tutor",      "as your tutor",
                                          "作为一个ai",      "作为ai",
                                          "人工智能助手",    "语言模型，我",
                                          "我是一个",        "抱歉",
                                          "对不起",          "como modelo",
                                          "como una ia",     "soy una ia",
                                          "lo siento",       "the passage does",
                                          "the lesson does", "the text says",
                                          "system prompt",   "这段文字没",
                                          "la pregunta dice"};
    for (size_t i = 0; i < COUNT_OF(phrases); i++)
        if (view_find(folded, view_of(phrases[i])) >= 0)
            return phrases[i];
    return NULL;
}

static bool same_run(const struct words *words, size_t a, size_t b, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (!view_equal(words->at[a + i].text, words->at[b + i].text))
            return false;
    return true;
}

/* A run of words said three times, or said again at once. Sentences are short here. */
static bool loops(const struct words *all) {
    struct words few = {all->n < 160 ? all->n : 160, all->at, all->last}, *words = &few;
    static const struct { size_t run, times; } limits[] = {{1, 6}, {2, 4}, {3, 3}, {5, 2}};
    for (size_t l = 0; l < COUNT_OF(limits); l++) {
        size_t run = limits[l].run;
        bool content = run == 1;
        for (size_t a = 0; a + run <= words->n; a++) {
            size_t times = 1;
            if (content && !is_content(&words->at[a]))
                continue;
            for (size_t b = a + run; b + run <= words->n; b++)
                if (same_run(words, a, b, run)) {
                    times++;
                    b += run - 1;
                }
            if (times >= limits[l].times)
                return true;
        }
    }
    for (size_t run = 1; run <= 4; run++) /* the same words, thrice in a row; twice for one */
        for (size_t a = 0; a + (run == 1 ? 2 : 3) * run <= words->n; a++)
            if (words->at[a].kind == WORD_LETTERS && same_run(words, a, a + run, run) &&
                (run == 1 || same_run(words, a, a + 2 * run, run)))
                return true;
    return false;
}

/* What the author repeats may be repeated. */
static bool hint_loops(struct reviewing *r) {
    struct words words;
    words_of(view_slice(r->task->hint, 0, REVIEW_BYTES), NULL, 0, r->arena, &words);
    return loops(&words);
}

static bool said_before(struct reviewing *r, size_t sentence) {
    for (size_t i = 0; i < sentence; i++) {
        const struct words *a = &r->sentences[i].words, *b = &r->sentences[sentence].words;
        if (a->n == b->n) {
            bool same = true;
            for (size_t j = 0; j < a->n && same; j++)
                same = view_equal(a->at[j].text, b->at[j].text);
            if (same)
                return true;
        }
    }
    return false;
}

bool check_degenerate(struct reviewing *r, size_t i, struct reviewed_sentence *out) {
    struct view raw = r->sentences[i].raw;
    if (has_broken_characters(raw))
        return strike_for(out, "broken characters");
    if (said_before(r, i))
        return strike_for(out, "said twice");
    if (quoted_from_source(r, raw))
        return false;
    const char *found = markup_in(raw);
    if (found)
        return strike_for(out, found);
    struct buffer folded = {0};
    unicode_fold(raw, &folded);
    found = talk_of_itself(buffer_view(&folded));
    buffer_free(&folded);
    if (found)
        return strike_for(out, found);
    return loops(&r->sentences[i].words) && !hint_loops(r) && strike_for(out, "a loop");
}

/* ------------------------------------------------------------------------- cut off, too long */

static bool is_open(struct view text) {
    int round = 0, square = 0;
    size_t dollars = 0, quotes = 0;
    for (size_t i = 0; i < text.n; i++) {
        round += (text.at[i] == '(') - (text.at[i] == ')');
        square += (text.at[i] == '[') - (text.at[i] == ']');
        dollars += text.at[i] == '$';
        quotes += text.at[i] == '"';
    }
    bool half_open = (round == 1 && square == -1) || (round == -1 && square == 1); /* [0, 1) */
    return (!half_open && (round > 0 || square > 0)) || dollars % 2 || quotes % 2;
}

bool check_incomplete(struct reviewing *r, size_t i, struct reviewed_sentence *out) {
    static const char *const ends[] = {".", "!", "?", "。", "！", "？", "…",
                                       "؟", "।", "።", "։",  "။",  "။",  "។"};
    struct view text = view_trim(r->sentences[i].raw);
    for (bool closing = true; closing && text.n;) {
        static const char *const marks[] = {"\"", "'",  ")",  "]",  "”", "’",
                                            "»",  "」", "』", "）", "*"};
        closing = false;
        for (size_t j = 0; j < COUNT_OF(marks); j++)
            if (view_ends(text, marks[j])) {
                text.n -= strlen(marks[j]);
                closing = true;
            }
    }
    bool ended = view_ends(text, "$") && text.n > 1 && strchr(".!?", text.at[text.n - 2]);
    for (size_t j = 0; j < COUNT_OF(ends); j++)
        ended = ended || view_ends(text, ends[j]);
    if (view_ends(text, "...") || view_ends(text, "…"))
        return strike_for(out, "it trails off");
    if (!ended)
        return strike_for(out, "no end");
    return is_open(r->sentences[i].raw) && strike_for(out, "an open bracket or quotation");
}

bool check_length(struct reviewing *r, size_t i, struct reviewed_sentence *out) {
    const struct words *words = &r->sentences[i].words;
    size_t plain = 0, ideographs = 0;
    for (size_t j = 0; j < words->n; j++) {
        bool ideograph = words->at[j].kind == WORD_IDEOGRAPH;
        ideographs += ideograph ? words->at[j].text.n / 3 : 0;
        plain += !ideograph;
    }
    if (i >= REVIEW_SENTENCES)
        return strike_for(out, "too many sentences");
    return (plain > REVIEW_WORDS || ideographs > REVIEW_IDEOGRAPHS || out->text.n > 1200) &&
           strike_for(out, "too many words");
}

/* ------------------------------------------------------------------------------------ language */

static bool is_latin(const char *language) {
    static const char *const others[] = {"zh", "ja", "ko", "el", "ru", "uk", "bg", "sr",
                                         "hy", "he", "ar", "fa", "ur", "hi", "mr", "ne",
                                         "bn", "ta", "te", "th", "ka", "am", "km", "my"};
    for (size_t i = 0; i < COUNT_OF(others); i++)
        if (!strncmp(language, others[i], 2))
            return false;
    return true;
}

static bool same_script(const char *wanted, const char *found) {
    static const char *const groups[] = {"ru uk bg sr mk be", "ar fa ur ps", "hi mr ne", "zh ja"};
    if (!strncmp(wanted, found, 2))
        return true;
    for (size_t i = 0; i < COUNT_OF(groups); i++) {
        char a[3] = {wanted[0], wanted[1], 0}, b[3] = {found[0], found[1], 0};
        if (strstr(groups[i], a) && strstr(groups[i], b))
            return strcmp(b, "ja") != 0 && strcmp(a, "ja") != 0;
    }
    return false;
}

bool check_language(struct reviewing *r, size_t i, struct reviewed_sentence *out) {
    const struct words *words = &r->sentences[i].words;
    size_t letters = 0;
    for (size_t j = 0; j < words->n; j++)
        letters += (words->at[j].kind == WORD_LETTERS && words->at[j].text.n > 1) ||
                   words->at[j].kind == WORD_IDEOGRAPH;
    const char *wanted = r->language;
    if (!wanted[0] || !letters)
        return false;
    const char *found = language_of(r->sentences[i].raw, r->arena);
    if (!found[0]) /* Latin letters without a grammar word: a name, a term */
        return !is_latin(wanted) && letters > 2 && strike_for(out, "another script");
    if (same_script(wanted, found))
        return false;
    bool both_latin = is_latin(wanted) && is_latin(found);
    if (both_latin) { /* short sentences look like several languages at once */
        struct small_words *theirs = small_words_of(wanted, r->arena);
        size_t own = 0;
        for (size_t j = 0; j < words->n; j++)
            own += small_word_class(theirs, words->at[j].text) != NULL;
        bool known = !strncmp(wanted, "en", 2) || !strncmp(wanted, "es", 2);
        if ((known && own >= 2 && 4 * own >= words->n) || (own && words->n <= 3) ||
            (!known && words->n < 6))
            return false;
    }
    return strike_for(out, found);
}

/* ----------------------------------------------------------------------------------------- echo
 */

static size_t times_said(const struct cut *cut, const struct word *word) {
    size_t n = 0;
    for (size_t i = 0; i < cut->n_content; i++)
        n += view_equal(cut->words.at[cut->content[i]].stem, word->stem);
    return n;
}

bool check_echo(struct reviewing *r, size_t i, struct reviewed_sentence *out) {
    const struct cut *said = &r->sentences[i];
    if (r->task->hint.n || !r->task->question.n)
        return false;
    if (is_question(said))
        return strike_for(out, "a question for an answer");
    if (asks_yes_or_no(&r->question) || !said->n_content)
        return false;
    for (size_t j = 0; j < said->n_content; j++) {
        const struct word *word = &said->words.at[said->content[j]];
        if (!has_word(&r->question, word) ||
            times_said(said, word) > times_said(&r->question, word))
            return false;
    }
    for (size_t j = 0; j < said->words.n; j++)
        if (is_negation(&said->words.at[j]) && !has_word(&r->question, &said->words.at[j]))
            return false;
    return strike_for(out, "the question again");
}
