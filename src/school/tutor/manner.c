/* How a learner wants it told ("to a ten-year-old", "in simple words") is nothing that the course
 * could hold: it is left out before the course is searched. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "school/tutor/manner.h"

#include <ctype.h>
#include <pcre2.h>
#include <string.h>

/* clang-format off */
#define YOUNG "(?:\\w+[ -])?(?:\\w+[ -]years?[ -]olds?|kids?|child(?:ren)?|toddlers?|baby|beginners?|dumm(?:y|ies)|newbies?|noobs?|grand(?:ma|pa|mother|father)|lay(?:man|person))"
static const char pattern[] =
    /* English */
    "\\b(?:like|as if|as though) i(?:['’]?m| am| was| were)? (?:an? |only |just )*(?:" YOUNG "|five|six|seven|eight|nine|ten|\\d+)\\b"
    "|\\b(?:to|for) (?:an?|my|your|some) " YOUNG "\\b|\\bfor (?:kids|children|beginners|dummies)\\b|\\beli5\\b"
    "|\\b(?:in|using|with) (?:(?:very|really|more|your|my|own|plain|simple|simpler|easy|easier|other|different|few|fewer|a|everyday|layman['’]?s) )+(?:words?|terms|language|english)\\b"
    "|\\bin (?:only |just )?(?:one|two|three|a single|a few|a couple of) (?:short |simple )?(?:sentences?|words?|lines?|paragraphs?)\\b"
    "|\\b(?:in a nutshell|in short|in detail|in depth|step by step|with an? (?:simple )?example|with examples|once more|one more time)\\b"
    /* Spanish */
    "|\\bcomo si (?:yo )?(?:tuviera|tuviese|fuera|fuese) (?:un |una )?(?:\\w+ años|niñ[oa]|principiante|tont[oa])\\b"
    "|\\b(?:a|para) (?:un|una|mi) (?:niñ[oa]|abuel[oa]|principiante)(?: de \\w+ años)?\\b|\\bpara (?:niños|principiantes|tontos)\\b"
    "|\\b(?:con|en|usando) (?:(?:tus|mis|otras|pocas|propias|pocos|otros) )*(?:palabras|términos)(?: (?:más )?(?:sencill[ao]s|simples|fáciles|propias))*\\b"
    "|\\ben (?:una|dos|pocas) (?:sola )?(?:frases?|palabras?)\\b|\\b(?:paso a paso|otra vez|de nuevo|con un ejemplo|en detalle)\\b"
    /* Chinese */
    "|用?(?:最|更|很|比较)?(?:简单|通俗|易懂|直白|简短|自己|别的|其他)(?:易懂)?的?(?:话|语言|词|方式|说法)来?"
    "|(?:像|给|对|跟)(?:(?:对|给|跟)?[0-9一二三四五六七八九十]{1,3}岁的?)?(?:小孩子?|孩子|小朋友|小学生|初学者)(?:一样|那样|讲)?|用?[一两]句话来?"
    /* Arabic */
    "|(?:ب|باستخدام )(?:كلمات|لغة|عبارات) (?:بسيطة|سهلة|أخرى|مختلفة)|كأن(?:ني|ي) (?:طفل|مبتدئ)ة?|\\bل(?:طفل|مبتدئ|أطفال)(?: عمره \\w+ (?:سنوات|سنة|أعوام))?\\b"
    "|في جملة واحدة|خطوة بخطوة|مرة أخرى|مع مثال";
/* clang-format on */

struct pcre2_real_code_8 *manner_open(struct fault *fault) {
    int error;
    PCRE2_SIZE at;
    pcre2_code *code = pcre2_compile(
        (PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED,
        PCRE2_CASELESS | PCRE2_UTF | PCRE2_UCP | PCRE2_MATCH_INVALID_UTF, &error, &at, NULL);
    if (!code)
        fault_set(fault, FAULT_MACHINE, "The rule for manners breaks at %zu: \"%.60s\".",
                  (size_t)at, pattern + at);
    else
        pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
    return code;
}

void manner_close(struct pcre2_real_code_8 *code) {
    pcre2_code_free(code);
}

struct view manner_cut(const struct pcre2_real_code_8 *code, struct view text,
                       struct arena *arena) {
    if (!text.n)
        return text;
    char *kept = ARENA_NEW(arena, text.n + 1, char);
    size_t n = 0, from = 0;
    pcre2_match_data *match = pcre2_match_data_create(1, NULL);
    MUST(match);
    while (from < text.n &&
           pcre2_match(code, (PCRE2_SPTR)text.at, text.n, from, 0, match, NULL) >= 0) {
        const PCRE2_SIZE *at = pcre2_get_ovector_pointer(match);
        memcpy(kept + n, text.at + from, at[0] - from);
        n += at[0] - from;
        from = at[1];
    }
    pcre2_match_data_free(match);
    memcpy(kept + n, text.at + from, text.n - from);
    struct view left = view_trim((struct view){kept, n + text.n - from});
    /* "In simple words?": then the manner is all that was asked for. */
    size_t letters = 0;
    for (size_t i = 0; i < left.n; i++)
        letters += (left.at[i] & 0x80) || isalpha((unsigned char)left.at[i]);
    return letters >= 3 ? left : text;
}
