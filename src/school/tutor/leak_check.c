/* The check of the review that a draft tells no secret: by itself, by a yes or a no, or together
 * with what was said before. */
#include "school/tutor/leak.h"
#include "school/tutor/review_inside.h"

#include <string.h>

static bool begins_with(const struct words *words, const char *list) {
    for (size_t i = 0; i < words->n && i < 4; i++)
        if (word_in(&words->at[i], list))
            return true;
    return false;
}

static const char yes_words[] =
    "yes right correct exactly indeed true sí exacto correcto 是 对 没 نعم أجل صحيح oui juste "
    "exact ja stimmt richtig genau sim certo да верно правильно";
static const char no_words[] = "no not nope 不 没 لا ليس non pas nein nicht não нет не";

/* "Is it more than 4?": a bound of what is asked for, and of nothing that has a name. */
static bool asks_bound(const struct words *words) {
    static const char compares[] =
        "more less greater bigger larger smaller higher lower above below over under mayor menor "
        "más menos 大 小 多 少 高 低 أكبر أصغر أكثر أقل plus moins grand petit supérieur "
        "inférieur "
        "mehr weniger größer kleiner maior mais больше меньше";
    static const char bare[] =
        "is it its that this the a an answer result number value solution than or be are was then "
        "es la el que respuesta resultado número valor lo 它 是 比 吗 这 个 数 的 答 案 结 果 于 "
        "还 "
        "هل هو هي من الجواب الناتج العدد est ce c la le que réponse résultat nombre ist es als "
        "die "
        "das antwort lösung ergebnis zahl é do a o resposta это чем ответ число";
    bool compared = false;
    size_t numbers = 0;
    for (size_t i = 0; i < words->n;) {
        struct numeral number = numeral_read(&words->at[i], words->n - i);
        if (number.n) {
            numbers++;
            i += number.n;
            continue;
        }
        compared = compared || word_in(&words->at[i], compares);
        if (!word_in(&words->at[i], compares) && !word_in(&words->at[i], bare))
            return false;
        i++;
    }
    return compared && numbers;
}

/* "Yes, that is right" to a question that holds the answer gives it away as well; yes and no to a
 * bound give it away a half at a time. */
static bool confirms(struct reviewing *r, size_t sentence) {
    struct view question = view_slice(r->task->question, 0, REVIEW_SENTENCE_BYTES);
    struct words words, asked;
    char why[120];
    if (!question.n)
        return false;
    words_of(r->sentences[sentence].raw, NULL, 0, r->arena, &words);
    words_of(question, NULL, 0, r->arena, &asked);
    bool yes = begins_with(&words, yes_words), no = begins_with(&words, no_words);
    if ((yes || no) && r->secret->keys.n && asks_bound(&asked))
        return true;
    for (size_t i = 0; yes && i < asked.n; i++) {
        struct numeral number = numeral_read(&asked.at[i], asked.n - i);
        if (number.n && number_list_has(&r->secret->keys, number.values[0]))
            return true;
    }
    return yes && secret_told(r->secret, question, r->arena, why);
}

/* What was told in earlier turns and what is told now, together. */
static bool told_together(struct reviewing *r, struct view so_far, char why[120]) {
    if (!r->task->before.n)
        return false;
    const char *all =
        arena_format(r->arena, "%.*s\n%.*s", VIEW_ARG(r->task->before), VIEW_ARG(so_far));
    return secret_told(r->secret, view_of(all), r->arena, why) &&
           !secret_told(r->secret, r->task->before, r->arena, (char[120]){0});
}

/* "Try to remember which base stands across from it.": the hint's question, and nothing beside it.
 */
static bool asks_indirectly(const struct reviewing *r, const struct cut *said) {
    static const char lead[] =
        "try to please now again and just let us you remember recall think about of tell me say "
        "find "
        "out look see intenta trata de recuerda recordar piensa pensar en di dime averigua";
    static const char asking[] =
        "which what who whom whose where when how why qué cuál cuáles quién quiénes dónde cuándo "
        "cómo cuánto cuántos cuántas";
    size_t i = 0;
    while (i < said->words.n && word_in(&said->words.at[i], lead))
        i++;
    if (!i || i == said->words.n || !word_in(&said->words.at[i], asking))
        return false;
    for (size_t c = 0; c < said->n_content; c++)
        if (said->content[c] > i && !has_word(&r->hint, &said->words.at[said->content[c]]))
            return false;
    return true;
}

bool check_leak(struct reviewing *r, size_t i, struct reviewed_sentence *out) {
    const struct cut *said = &r->sentences[i];
    size_t end = (size_t)(said->raw.at - r->draft.at) + said->raw.n;
    struct view so_far = view_trim(view_slice(r->draft, 0, end));
    if (quotes_hint(r->task->hint, so_far))
        return false; /* the author's own words, which the learner has */
    if (r->task->hint.n && is_question(&r->hint) && !is_question(said) &&
        !asks_indirectly(r, said)) {
        bool asks = false; /* a hint may tell first and ask then, as its author did */
        for (size_t j = 0; j < r->n_sentence; j++)
            asks |= is_question(&r->sentences[j]);
        size_t told = r->n_sentence > 1 ? i + 1 : 0;
        bool author_tells =
            view_find(r->task->hint, VIEW(". ")) >= 0 || view_find(r->task->hint, VIEW("。")) >= 0;
        if (!asks || !author_tells || told == r->n_sentence) {
            says(out->why, "it answers where the hint asks", (struct view){0});
            return true;
        }
    }
    if (!r->secret)
        return false;
    return secret_told(r->secret, so_far, r->arena, out->why) ||
           told_together(r, so_far, out->why) ||
           (confirms(r, i) && says(out->why, "it confirms the answer", (struct view){0}));
}
