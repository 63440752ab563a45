/* What the small words of a language do to the meaning of a sentence. */
#include "school/tutor/words.h"

#include <string.h>

struct lexeme {
    const char *class, *words; /* words between spaces */
};

/* clang-format off */
static const struct lexeme english[] = {
    {"", "the a an i we you us our your my me ours yours myself yourself ourselves there here "
         "what which who whom whose where how why that whether "
         "be been being also then so thus hence therefore "
         "do does doing will shall let lets please yes ok okay well oh"},
    {"~", "very quite really simply indeed actually basically essentially obviously clearly of-course "
          "however moreover furthermore again still already even namely e.g i.e"},
    {"^", "it its itself they them their theirs themselves this these those such"},
    {"+now", "is are am has have having"}, {"+past", "was were had did"},
    {".of", "of"}, {".in", "in"}, {".on", "on upon"}, {".at", "at"}, {".for", "for"}, {".with", "with"},
    {".as", "like"}, {"=too", "too"},
    {"=and", "and"}, {"=or", "or"}, {"=but", "but yet"},
    {"=not", "not"}, {"=no", "no none"}, {"=never", "never"}, {"=nothing", "nothing nobody nowhere"},
    {"=without", "without"}, {"=nor", "nor neither"}, {"=hardly", "hardly barely scarcely"},
    {"=all", "all each every everything everyone"}, {"=any", "any anything anyone"},
    {"=both", "both"}, {"=either", "either"}, {"=some", "some something someone"},
    {"=many", "many"}, {"=much", "much"}, {"=few", "few fewer fewest"}, {"=several", "several"},
    {"=more", "more"}, {"=most", "most mostly"}, {"=less", "less"}, {"=least", "least"},
    {"=enough", "enough"}, {"=other", "other others another"}, {"=same", "same"},
    {"=only", "only just merely solely exclusively alone"},
    {"=about", "about approximately roughly nearly almost around"},
    {"=always", "always"}, {"=often", "often"}, {"=usually", "usually"}, {"=sometimes", "sometimes"},
    {"=rarely", "rarely seldom"}, {"=generally", "generally typically"}, {"=ever", "ever"},
    {"=can", "can able"}, {"=could", "could"}, {"=may", "may might perhaps maybe possibly probably"},
    {"=must", "must"}, {"=should", "should ought"}, {"=would", "would"},
    {"=if", "if provided providing assuming"}, {"=unless", "unless"}, {"=when", "when whenever"},
    {"=while", "while"}, {"=until", "until till"}, {"=once", "once"}, {"=because", "because"},
    {"=although", "although though"}, {"=since", "since"}, {"=as", "as"}, {"=than", "than"},
    {"=otherwise", "otherwise"},
    {"=to", "to"}, {"=from", "from"}, {"=by", "by"}, {"=into", "into"}, {"=out", "out"},
    {"=over", "over"}, {"=under", "under"}, {"=above", "above"}, {"=below", "below"},
    {"=up", "up"}, {"=down", "down"}, {"=off", "off"}, {"=against", "against"},
    {"=through", "through"}, {"=toward", "toward towards"}, {"=between", "between"},
    {"=among", "among"}, {"=per", "per"}, {"=before", "before"}, {"=after", "after"},
    {"=during", "during"}, {"=within", "within"}, {"=inside", "inside"}, {"=outside", "outside"},
    {"=beyond", "beyond"}, {"=behind", "behind"}, {"=across", "across"}, {"=along", "along"},
    {"=except", "except"}, {"=instead", "instead"}, {"=versus", "versus vs"}, {"=near", "near"},
    {"=he", "he"}, {"=him", "him"}, {"=his", "his"}, {"=she", "she"}, {"=her", "her hers"},
    {"!wrong", "wrongly falsely mistakenly incorrectly supposedly allegedly apparently seemingly "
               "myth myths false untrue misconception mistaken"},
    {"!claim", "claim claims claimed believe believes believed suppose supposed pretend pretends "
               "pretended imagine imagined rumour rumor"},
};
static const struct lexeme spanish[] = {
    {"", "el la los las lo un una unos unas yo tú nosotros usted ustedes me te nos se mi mis tu tus "
         "nuestro nuestra nuestros nuestras qué cuál cuáles quién quiénes dónde cómo que quien cual "
         "ser siendo sido también así pues luego entonces sí ahí allí aquí"},
    {"~", "muy realmente simplemente claramente además incluso"},
    {"^", "ello esto eso este esta estos estas ese esa esos esas su sus le les"},
    {"+now", "es son está están hay ha han tiene tienen"},
    {"+past", "era eran fue fueron estaba estaban había habían tenía tuvo"},
    {".of", "de del"}, {".in", "en"}, {".with", "con"}, {".for", "para"}, {".as", "sobre"},
    {"=and", "y e"}, {"=or", "o u"}, {"=but", "pero sino"},
    {"=not", "no"}, {"=no", "ningún ninguno ninguna"}, {"=never", "nunca jamás"},
    {"=nothing", "nada nadie"}, {"=without", "sin"}, {"=nor", "ni tampoco"}, {"=hardly", "apenas"},
    {"=all", "todo toda todos todas cada"}, {"=any", "cualquier cualquiera"}, {"=both", "ambos ambas"},
    {"=some", "algún alguno alguna algunos algunas algo alguien"}, {"=many", "mucho mucha muchos muchas"},
    {"=few", "poco poca pocos pocas"}, {"=several", "varios varias"}, {"=more", "más"},
    {"=less", "menos"}, {"=most", "mayoría"}, {"=enough", "bastante suficiente"},
    {"=other", "otro otra otros otras"}, {"=same", "mismo misma mismos mismas"},
    {"=only", "solo sólo solamente únicamente"}, {"=about", "casi aproximadamente"},
    {"=always", "siempre"}, {"=often", "frecuentemente"}, {"=usually", "normalmente generalmente"},
    {"=can", "puede pueden puedes podemos puedo"}, {"=could", "podría podrían"},
    {"=may", "quizás quizá"}, {"=must", "debe deben debemos"}, {"=should", "debería deberían"},
    {"=if", "si"}, {"=unless", "salvo excepto"}, {"=when", "cuando"}, {"=while", "mientras"},
    {"=until", "hasta"}, {"=because", "porque"}, {"=although", "aunque"}, {"=as", "como"},
    {"=than", "tan tanto"}, {"=to", "a al"}, {"=from", "desde"}, {"=by", "por"},
    {"=into", "hacia"}, {"=between", "entre"}, {"=before", "antes"}, {"=after", "después"},
    {"=during", "durante"}, {"=under", "bajo"}, {"=against", "contra"},
    {"=he", "él"}, {"=she", "ella"}, {"=they", "ellos ellas"},
    {"!wrong", "falso falsa falsamente mito supuestamente erróneamente aparentemente"},
    {"!claim", "cree creen creía creían afirma afirman"},
};
static const struct lexeme chinese[] = {
    {"", "的 地 得 了 着 呢 啊 呀 吧 嘛 吗 就 也 是 就是 这 那 这个 那个 这些 那些 这样 那样 我们 你 您 你们 "
         "我 咱们 一个 一种 一下 个 种 所以 因此 于是 那么 便 则 即 也就是 其中 是的 对的 是指 指的是 什么 怎么 为什么 如何 哪 哪个 谁"},
    {"~", "很 非常 十分 其实 实际上 当然 显然 确实 甚至 还"},
    {"^", "它 它们 其 此 这时"}, {"+past", "过 曾 曾经"},
    {".in", "在 里 中 上"}, {".of", "之"}, {".with", "与 同"}, {".for", "对 为 给"},
    {"=and", "和 及 以及 并 并且 而且 且 又"}, {"=or", "或 或者 还是"}, {"=but", "但 但是 却 而 不过 然而"},
    {"=not", "不 没 没有 未 非 并不 并非 并没有"}, {"=no", "无 毫无"}, {"=never", "从不 从未 从来 永不"},
    {"=forbid", "别 勿 莫 不要"}, {"=all", "都 所有 每 每个 每一个 全部 全 任何 一切 各"},
    {"=some", "有些 某些 一些 部分 某 某个 有的"}, {"=many", "许多 很多 大量"}, {"=most", "大多数 多数 大部分"},
    {"=few", "少数 很少"}, {"=only", "只 只有 仅 仅仅 才 只是 唯一"}, {"=about", "大约 大概 约 几乎 差不多 左右"},
    {"=always", "总 总是 永远 始终"}, {"=often", "经常 常常 常 往往"}, {"=usually", "通常 一般"},
    {"=sometimes", "有时 有时候 偶尔"}, {"=can", "能 能够 可以 可 会"}, {"=may", "可能 也许 或许"},
    {"=must", "必须 必 一定 要"}, {"=should", "应该 应 应当 该"}, {"=if", "如果 若 假如 假设 要是 只要"},
    {"=unless", "除非 除了"}, {"=when", "当 时 时候"}, {"=until", "直到"}, {"=because", "因为 由于"},
    {"=although", "虽然 尽管"}, {"=more", "更 更加 越"}, {"=most", "最"}, {"=than", "比"},
    {"=same", "一样 相同"}, {"=by", "被 由"}, {"=take", "把 将"}, {"=from", "从"}, {"=to", "到 向 往 至"},
    {"=before", "之前 以前"}, {"=after", "之后 以后 然后"}, {"=otherwise", "否则"},
    {"=he", "他 他们"}, {"=she", "她 她们"},
    {"!wrong", "误以为 错误地 据说 据称 误认为"}, {"!claim", "相信 声称 认为 以为"},
};
/* Words that tell a language, for the languages that are not reviewed word by word. */
static const char french[] = "le la les un une des du de et est sont dans pour que qui ne pas avec sur "
    "ce cette nous vous il elle ils elles mais ou où par plus son sa ses au aux être avoir";
static const char german[] = "der die das und ist sind ein eine einen einem nicht mit für auf von zu den dem "
    "des im wir ihr sie es aber oder wenn wie was auch durch man werden wird kann zum zur";
static const char italian[] = "il lo la gli le un una di e è sono che non per con del della nel nella "
    "questo questa ma come più si da al alla";
static const char portuguese[] = "o os as um uma de do da dos das e é são que não com para por em no na nos "
    "nas mas como mais se ao à isso este esta";
static const char dutch[] = "de het een en is zijn van in op te dat die niet met voor aan er maar om ook "
    "als bij wordt naar uit we je";
/* clang-format on */

static const struct {
    const char *language;
    const struct lexeme *rows;
    size_t n;
} lexicons[] = {
    {"en", english, COUNT_OF(english)},
    {"es", spanish, COUNT_OF(spanish)},
    {"zh", chinese, COUNT_OF(chinese)},
};

enum { SLOTS = 2048 };

struct small_words {
    struct {
        struct view word;
        const char *class;
    } slots[SLOTS];
};

static size_t slot_of(const struct small_words *lexicon, struct view word) {
    size_t slot = hash64(word, 1) % SLOTS;
    while (lexicon->slots[slot].class && !view_equal(lexicon->slots[slot].word, word))
        slot = (slot + 1) % SLOTS;
    return slot;
}

static void add_words(struct small_words *lexicon, const char *class, const char *words) {
    for (const char *at = words; *at;) {
        const char *end = strchrnul(at, ' ');
        struct view word = {at, (size_t)(end - at)};
        size_t slot = slot_of(lexicon, word);
        lexicon->slots[slot].word = word;
        lexicon->slots[slot].class = class;
        at = *end ? end + 1 : end;
    }
}

bool small_words_known(const char *language) {
    for (size_t i = 0; language && i < COUNT_OF(lexicons); i++)
        if (!strncmp(language, lexicons[i].language, 2))
            return true;
    return false;
}

struct small_words *small_words_of(const char *language, struct arena *arena) {
    struct small_words *lexicon = ARENA_NEW(arena, 1, struct small_words);
    for (size_t i = 0; language && i < COUNT_OF(lexicons); i++)
        if (!strncmp(language, lexicons[i].language, 2))
            for (size_t j = 0; j < lexicons[i].n; j++)
                add_words(lexicon, lexicons[i].rows[j].class, lexicons[i].rows[j].words);
    return lexicon;
}

const char *small_word_class(const struct small_words *lexicon, struct view word) {
    return lexicon ? lexicon->slots[slot_of(lexicon, word)].class : NULL;
}

size_t small_word_phrase(const struct small_words *lexicon, struct view text, const char **class) {
    if (!lexicon)
        return 0;
    for (size_t n = text.n < 12 ? text.n / 3 * 3 : 12; n >= 3; n -= 3) { /* 3 bytes each */
        *class = small_word_class(lexicon, view_slice(text, 0, n));
        if (*class)
            return n;
    }
    return 0;
}

/* ------------------------------------------------------------------------------- the language */

static const char *language_of_script(int32_t c) {
    static const struct {
        int32_t first, last;
        const char *language;
    } scripts[] = {{0x370, 0x3FF, "el"},   {0x400, 0x52F, "ru"},   {0x530, 0x58F, "hy"},
                   {0x590, 0x5FF, "he"},   {0x600, 0x77F, "ar"},   {0x900, 0x97F, "hi"},
                   {0x980, 0x9FF, "bn"},   {0xB80, 0xBFF, "ta"},   {0xC00, 0xC7F, "te"},
                   {0xE00, 0xE7F, "th"},   {0x10A0, 0x10FF, "ka"}, {0x1200, 0x137F, "am"},
                   {0x1780, 0x17FF, "km"}, {0x3040, 0x30FF, "ja"}, {0xAC00, 0xD7AF, "ko"},
                   {0x1000, 0x109F, "my"}};
    for (size_t i = 0; i < COUNT_OF(scripts); i++)
        if (c >= scripts[i].first && c <= scripts[i].last)
            return scripts[i].language;
    return unicode_is_han(c) ? "zh" : NULL;
}

/* The script that most letters have, by its best known language; "" for Latin letters. */
static const char *main_script(struct view text, size_t *n_latin, size_t *n_other) {
    struct {
        const char *language;
        size_t n;
    } found[20] = {0};
    size_t n_found = 0, best = 0;
    *n_latin = *n_other = 0;
    for (size_t i = 0; i < text.n;) {
        int32_t c;
        i += utf8_decode(text.at + i, text.n - i, &c);
        if (unicode_class(c) != UNICODE_LETTER)
            continue;
        const char *language = language_of_script(c);
        if (!language) {
            ++*n_latin;
            continue;
        }
        ++*n_other;
        size_t j = 0;
        while (j < n_found && strcmp(found[j].language, language))
            j++;
        if (j == n_found)
            found[n_found++].language = language;
        found[j].n += !strcmp(language, "ja") ? 20 : 1; /* kana among ideographs */
        if (found[j].n > found[best].n)
            best = j;
    }
    return n_found ? found[best].language : "";
}

static size_t count_in(const struct words *words, const char *list) {
    size_t n = 0;
    for (size_t i = 0; i < words->n && i < 400; i++)
        n += words->at[i].text.n > 0 && word_in(&words->at[i], list);
    return n;
}

static size_t count_lexicon(const struct words *words, const char *language, struct arena *arena) {
    struct small_words *lexicon = small_words_of(language, arena);
    size_t n = 0;
    for (size_t i = 0; i < words->n && i < 400; i++)
        n += small_word_class(lexicon, words->at[i].text) != NULL;
    return n;
}

/* Without formulas and code, whose letters are words of some language by chance. */
static struct view prose_of(struct view text, struct arena *arena) {
    char *out = ARENA_NEW(arena, text.n + 1, char);
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++) {
        char mark = text.at[i];
        size_t end = i + 1;
        while ((mark == '$' || mark == '`') && end < text.n && text.at[end] != mark)
            end++;
        bool span = (mark == '$' || mark == '`') && end < text.n;
        out[n++] = span ? ' ' : mark;
        i = span ? end : i;
    }
    return (struct view){out, n};
}

const char *language_of(struct view whole, struct arena *arena) {
    size_t n_latin, n_other;
    struct view text = prose_of(whole, arena);
    const char *script = main_script(text, &n_latin, &n_other);
    if (3 * n_other > n_latin) /* an ideograph says more than a letter */
        return script;
    struct words words;
    words_of(view_slice(text, 0, 4000), NULL, 0, arena, &words);
    const struct {
        const char *language;
        size_t n;
    } counts[] = {{"en", count_lexicon(&words, "en", arena)},
                  {"es", count_lexicon(&words, "es", arena)},
                  {"fr", count_in(&words, french)},
                  {"de", count_in(&words, german)},
                  {"it", count_in(&words, italian)},
                  {"pt", count_in(&words, portuguese)},
                  {"nl", count_in(&words, dutch)}};
    size_t best = 0;
    for (size_t i = 1; i < COUNT_OF(counts); i++)
        if (counts[i].n > counts[best].n)
            best = i;
    return counts[best].n ? counts[best].language : "";
}
