/* Whether sentences can be the answer to a question. */
#include "school/tutor/answerable.h"
#include "school/tutor/review_inside.h"
#include "school/tutor/terms.h"

#include <string.h>

enum wanted { WANTED_ANYTHING, WANTED_PERSON, WANTED_TIME, WANTED_PLACE, WANTED_NUMBER };

/* clang-format off */
static const struct {
    enum wanted wanted;
    const char *phrase; /* folded, with a space around Latin words */
} phrases[] = {
    {WANTED_PERSON, " who "}, {WANTED_PERSON, " whom "}, {WANTED_PERSON, " whose "}, {WANTED_PERSON, " who's "},
    {WANTED_PERSON, " quién "}, {WANTED_PERSON, " quiénes "}, {WANTED_PERSON, " quien "},
    {WANTED_PERSON, " qui "}, {WANTED_PERSON, " wer "}, {WANTED_PERSON, "谁"},
    {WANTED_TIME, " when was "}, {WANTED_TIME, " when were "}, {WANTED_TIME, " when did "},
    {WANTED_TIME, " what year "}, {WANTED_TIME, " which year "}, {WANTED_TIME, " cuándo fue "},
    {WANTED_TIME, " en qué año "}, {WANTED_TIME, "哪一年"}, {WANTED_TIME, "哪年"}, {WANTED_TIME, "什么时候"},
    {WANTED_NUMBER, " how many "}, {WANTED_NUMBER, " how long do "}, {WANTED_NUMBER, " how long does "},
    {WANTED_NUMBER, " how long did "}, {WANTED_NUMBER, " how old "}, {WANTED_NUMBER, " how tall "}, {WANTED_NUMBER, " cuántos "}, {WANTED_NUMBER, " cuántas "},
    {WANTED_NUMBER, "有多少"}, {WANTED_NUMBER, "多少个"}, {WANTED_NUMBER, "几个"},
    {WANTED_PLACE, " where was "}, {WANTED_PLACE, " where were "}, {WANTED_PLACE, " where did "},
    {WANTED_PLACE, " dónde nació "}, {WANTED_PLACE, "在哪里"}, {WANTED_PLACE, "在哪儿"},
};
/* Words of a question that the answer need not repeat. */
static const char idle[] =
    "tell explain describe define say know mean means meaning called call name answer question "
    "please lesson passage text according exactly kind sort thing things happen happens work works "
    "explica explícame significa llama dice lección texto "
    "请 告 诉 解 释 下 说 问 课 文 意 思 叫 做 什 么 谁 哪 几 多 少 年 候 儿 来 种 人 第";
static const char people[] =
    "man woman boy girl person people mathematician engineer scientist inventor teacher king queen "
    "physicist chemist writer author philosopher bishop monk student doctor he she him her father "
    "mother brother sister everyone nobody somebody you we one anyone hombre mujer matemático "
    "ingeniero científico inventor maestro rey reina";
static const char times[] =
    "year years century centuries january february march april may june july august september "
    "october november december monday tuesday wednesday thursday friday saturday sunday today "
    "yesterday ago day days night morning later earlier before after when año siglo enero febrero "
    "marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre 年 月 日 世 纪";

/* "Who invented it?" is answered by "named after …" too. */
static const char *const origins[] = {"invent", "invented", "invents", "discover", "discovered", "inventó", "invento", "descubrió", "descubrio",
    "发明", "发现", "提出", "创造"};
static const char *const attributions[] = {"named after ", ", after ", "called after ", "goes back to ", "go back to ", "is due to ", "are due to ",
    "credited to ", "en honor ", "se debe a ", "得名于", "命名", "归功于"};

static const struct { const char *language, *text; } nothing[] = {
    {"en", "The passage does not say."}, {"zh", "这段文字没有说到这一点。"},
    {"es", "El texto no lo dice."}, {"fr", "Le texte ne le dit pas."}, {"de", "Der Text sagt das nicht."},
    {"it", "Il testo non lo dice."}, {"pt", "O texto não o diz."}, {"nl", "De tekst zegt dat niet."},
    {"ru", "В тексте об этом не сказано."}, {"ar", "النص لا يذكر ذلك."}, {"ja", "この文章には書かれていません。"},
    {"ko", "이 글에는 그 내용이 없습니다."},
};
/* clang-format on */

const char *says_nothing(const char *language) {
    for (size_t i = 0; language && i < COUNT_OF(nothing); i++)
        if (!strncmp(language, nothing[i].language, 2))
            return nothing[i].text;
    return nothing[0].text;
}

bool refuses(struct view draft, const char *language) {
    return view_is(view_trim(draft), says_nothing(language));
}

static enum wanted wanted_of(struct view question) {
    struct buffer folded = {0}, spaced = {0};
    enum wanted found = WANTED_ANYTHING;
    unicode_fold(question, &folded);
    buffer_byte(&spaced, ' ');
    for (size_t i = 0; i < folded.n; i++)
        buffer_byte(&spaced, strchr(" \n\t,.;:?!\"()", folded.at[i]) ? ' ' : folded.at[i]);
    buffer_byte(&spaced, ' ');
    for (size_t i = 0; i < COUNT_OF(phrases) && found == WANTED_ANYTHING; i++)
        if (view_find(buffer_view(&spaced), view_of(phrases[i].phrase)) >= 0)
            found = phrases[i].wanted;
    buffer_free(&folded);
    buffer_free(&spaced);
    return found;
}

bool says_origin(struct view word) {
    for (size_t i = 0; i < COUNT_OF(origins); i++)
        if (view_is(word, origins[i]))
            return true;
    return false;
}

bool attributes(struct view sentence) {
    struct buffer folded = {0};
    bool found = false;
    unicode_fold(sentence, &folded);
    for (size_t i = 0; i < COUNT_OF(attributions); i++)
        found = found || view_find(buffer_view(&folded), view_of(attributions[i])) >= 0;
    buffer_free(&folded);
    return found;
}

/* markov and Márkov */
static bool same_but_accents(struct view a, struct view b) {
    if (a.n > b.n + 4 || b.n > a.n + 4 || !a.n || !b.n || a.at[a.n - 1] != b.at[b.n - 1])
        return false;
    struct buffer one = {0}, other = {0};
    fold_plain(a, &one);
    fold_plain(b, &other);
    bool same = view_equal(buffer_view(&one), buffer_view(&other));
    buffer_free(&one);
    buffer_free(&other);
    return same;
}

/* invent, invented, invention, inventor; probability, probabilities. */
static bool akin(const struct word *a, const struct word *b) {
    if (a->kind == WORD_NUMBER || b->kind == WORD_NUMBER)
        return a->kind == b->kind && same_number(a->value, b->value);
    if (view_equal(a->stem, b->stem))
        return true;
    if (a->kind == WORD_LETTERS && same_but_accents(a->text, b->text))
        return true;
    size_t common = 0;
    while (common < a->text.n && common < b->text.n && a->text.at[common] == b->text.at[common])
        common++;
    size_t longer = a->text.n > b->text.n ? a->text.n : b->text.n;
    return a->kind == WORD_LETTERS && common >= 4 && longer - common <= 5 &&
           10 * common >= 5 * longer;
}

static bool has_akin(const struct cut *cut, const struct word *word) {
    for (size_t i = 0; i < cut->words.n; i++)
        if (akin(&cut->words.at[i], word))
            return true;
    return false;
}

/* A name, a person or a number that the question does not hold itself. */
static bool holds_wanted(const struct cut *said, const struct cut *question, enum wanted wanted,
                         bool latin) {
    for (size_t i = 0; i < said->words.n; i++) {
        const struct word *word = &said->words.at[i];
        bool new = !has_akin(question, word);
        bool next_large = i + 1 < said->words.n && said->words.at[i + 1].capital;
        bool name =
            word->capital || (next_large && is_content(word) && word->kind == WORD_LETTERS);
        if ((wanted == WANTED_PERSON || wanted == WANTED_PLACE) && !latin)
            return true; /* names are not told from words there */
        if (wanted == WANTED_PERSON && new && (name || word_in(word, people)))
            return true;
        if (wanted == WANTED_PLACE && new &&name)
            return true;
        if (wanted == WANTED_TIME && (word->kind == WORD_NUMBER || word_in(word, times)) && new)
            return true;
        if (wanted == WANTED_NUMBER && word->kind == WORD_NUMBER && new)
            return true;
    }
    return false;
}

struct sharing {
    size_t n, found; /* words of the question that count, and those that the sentences have */
    bool latin;
    struct cut asked, said;
};

/* The word, or it and the one before or behind it where they touch: 发明 may be cut in two. */
static bool asks_origin(const struct cut *asked, size_t at) {
    const struct word *words = asked->words.at;
    for (size_t from = at ? at - 1 : 0; from <= at; from++)
        for (size_t to = at; to <= at + 1 && to < asked->words.n; to++)
            if (says_origin(from == to ? words[at].text
                                       : view_slice(asked->raw, words[from].from, words[to].to)))
                return true;
    return false;
}

static void share(struct view question, struct view sentences, const char *language,
                  struct arena *arena, struct sharing *out) {
    struct small_words *lexicon = small_words_of(language, arena);
    *out = (struct sharing){.latin = true};
    cut_text(view_slice(question, 0, 2000), lexicon, arena, &out->asked);
    cut_text(view_slice(sentences, 0, 8000), lexicon, arena, &out->said);
    bool attributed = wanted_of(question) == WANTED_PERSON && attributes(sentences);
    for (size_t i = 0; i < out->asked.n_content; i++) {
        const struct word *word = &out->asked.words.at[out->asked.content[i]];
        out->latin = out->latin && word->kind != WORD_IDEOGRAPH;
        if (word_in(word, idle) || (attributed && asks_origin(&out->asked, out->asked.content[i])))
            continue;
        out->n++;
        out->found += has_akin(&out->said, word);
    }
}

bool answers_question(struct view question, struct view sentences, const char *language) {
    struct arena *arena = arena_new();
    struct sharing s;
    share(question, sentences, language, arena, &s);
    enum wanted wanted = wanted_of(question);
    bool good = wanted == WANTED_ANYTHING ? 2 * s.found >= s.n
                : s.latin                 ? s.found == s.n
                                          : 10 * s.found >= 8 * s.n;
    if (good && wanted != WANTED_ANYTHING)
        good = s.n > 0 && holds_wanted(&s.said, &s.asked, wanted, s.latin);
    arena_free(arena);
    return good;
}

bool answers_as_well(struct view question, struct view sentences, struct view others,
                     const char *language) {
    struct arena *arena = arena_new();
    struct sharing mine, theirs;
    share(question, sentences, language, arena, &mine);
    share(question, others, language, arena, &theirs);
    arena_free(arena);
    return mine.found >= theirs.found && answers_question(question, sentences, language);
}
