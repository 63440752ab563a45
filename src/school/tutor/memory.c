/* The rules by which a learner's own words become notes. */
#include "school/tutor/memory.h"
#include "school/course/inside.h"
#include "school/tutor/terms.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

enum { READ_BYTES = 3000, NOTE_BYTES = 600 };

enum about { ABOUT_GOAL, ABOUT_CONFUSED, ABOUT_AGE, ABOUT_TAG };

/* Over one sentence, folded: small letters without accents. A goal is of doing or being something;
 * "I want to understand this" is a call for help, and no goal. */
#define LATER "(?! (?:it|this|that|these|those|why|how|what|the (?:answer|hint|solution|exercise|question|step|result))\\b)"
/* "Not" before what is said in Spanish and Arabic; elsewhere it stands where no rule has room. */
#define NO "(?<!\\bno )"
#define LA "(?<!\\bلا )(?<!\\bولا )(?<!\\bما )(?<!\\bلم )\\bو?"
/* Who says "I" need not say it again in the next part of a Chinese sentence. */
#define WO "我(?:[^他她它你您]*[,，、])?(?:也|还|很|最|已经|特别|非常)*"
#define LIKES                                                                                     \
    "(?:\\bi (?:really |also )?(?:like|love|enjoy|am into|play)|\\bi.?m into|" NO                 \
    "\\b(?:me gusta|me gustan|me encanta|me encantan|juego(?: al?)?)|" WO "(?:喜欢|爱|热爱)|" LA  \
    "(?:[اأ]حب|هوايتي))"
#define KNOWS                                                                                     \
    "(?:\\bi (?:already )?(?:know|can(?!not|.?t\\b)|learnt|learned|studied)|"                     \
    "\\bi (?:am|work as) an?|\\bi.?m an?|" NO "\\b(?:se|conozco|aprendi|estudie|soy)|" WO         \
    "(?:会|懂|学过)|" LA "(?:[اأ]عرف|تعلمت|درست))"
#define GAP                                                                                       \
    " ?(?:(?!(?:how|what|when|that|not?|nothing|little|como|que|cuando|poco|nada)\\b)[^ ]+ "      \
    "){0,2}?"
#define LIKE(words) LIKES GAP "(?:" words ")"
#define KNOW(words) KNOWS GAP "(?:" words ")"

/* clang-format off */
static const struct {
    enum about about;
    const char *tag; /* of ABOUT_TAG */
    const char *pattern;
} rules[] = {
    {ABOUT_GOAL, NULL, "\\bmy (?:goal|aim|dream|ambition) is\\b"},
    {ABOUT_GOAL, NULL, "\\bi(?:.?d| would)? (?:want|like|wish|hope) to (?:learn(?! (?:it|this|that|the (?:answer|solution))\\b)|become|be (?:an?|the|good|better)|pass|study|work|program|invent|design|(?:build|make|understand|master|write)" LATER ")\\b"},
    {ABOUT_GOAL, NULL, "\\bmi (?:meta|objetivo|sueno|proposito) es\\b"},
    {ABOUT_GOAL, NULL, NO "\\bquiero (?:aprender|ser|llegar a ser|construir|entender|dominar|aprobar|estudiar|programar|crear)\\b(?! (?:esto|eso|por que|como|la respuesta|lo que))"},
    {ABOUT_GOAL, NULL, "我的(?:目标|梦想|理想)是"},
    {ABOUT_GOAL, NULL, "我(?:想|希望|要)(?:能)?(?:学会|学好|学习|学|成为|当|造|考上|掌握)(?!这|它|那)"},
    {ABOUT_GOAL, NULL, "(?:هدفي|حلمي) "},
    {ABOUT_GOAL, NULL, LA "[اأ](?:ريد|ود|تمنى) [اأ]ن (?:[اأ]تعلم|[اأ]صبح|[اأ]كون|[اأ]فهم|[اأ]بني|[اأ]درس|[اأ]نجح)(?! (?:هذا|هذه|ذلك|لماذا|كيف))"},
    {ABOUT_CONFUSED, NULL, "\\bi (?:really |still |just )?(?:do ?n.?t|do not|did ?n.?t|did not|can.?t|cannot|can not|never) (?:really |quite |fully |yet )?(?:get|understand|follow|see why|see how)\\b"},
    {ABOUT_CONFUSED, NULL, "\\bi(?:.?m| am) (?:so |totally |really |still |a bit )?(?:confused|lost)\\b|\\bconfus(?:es|ed|ing to) me\\b"},
    {ABOUT_CONFUSED, NULL, "\\bno (?:lo |la |te )?(?:entiendo|comprendo|veo por que)\\b|\\bestoy (?:confundid[oa]|perdid[oa])\\b|\\bme confunde\\b"},
    {ABOUT_CONFUSED, NULL, "(?:不懂|不明白|没懂|没看懂|没明白|不理解|不太懂|不太明白|搞糊涂)(?!吗)"},
    {ABOUT_CONFUSED, NULL, "(?:لا|لم|ما) ?(?:[اأ]فهم|فهمت|[اأ]ستوعب)|[اأ]نا (?:مرتبك|محتار)"},
    {ABOUT_AGE, NULL, "(?:\\bi(?:.?m| am) |\\btengo |我(?:今年)?|عمري )(\\d{1,2})(?: ?years? old| ?anos|岁| ?yo\\b| ?y/o\\b| ?(?:سنة|سنوات|عاما))"},
    {ABOUT_TAG, "music", LIKE("music|piano|guitar|violin|drums|singing|to sing|musica|el piano|la guitarra|cantar|音乐|钢琴|吉他|唱歌|الموسيقى|العزف")},
    {ABOUT_TAG, "cooking", LIKE("cooking|to cook|baking|to bake|cocinar|la cocina|做饭|烹饪|做菜|烘焙|الطبخ")},
    {ABOUT_TAG, "sport", LIKE("sports?|football|soccer|basketball|tennis|running|swimming|el deporte|los deportes|futbol|baloncesto|correr|nadar|运动|体育|足球|篮球|跑步|游泳|الرياضة|كرة القدم|السباحة")},
    {ABOUT_TAG, "games", LIKE("games|video games|videogames|chess|los juegos|videojuegos|ajedrez|游戏|下棋|国际象棋|围棋|ال[اأ]لعاب|الشطرنج")},
    {ABOUT_TAG, "nature", LIKE("nature|animals|plants|hiking|la naturaleza|los animales|las plantas|大自然|自然|动物|植物|爬山|الطبيعة|الحيوانات|النباتات")},
    {ABOUT_TAG, "art", LIKE("art|drawing|painting|to draw|to paint|el arte|dibujar|pintar|画画|绘画|艺术|الرسم|الفن")},
    {ABOUT_TAG, "stories", LIKE("stories|reading|books|novels|to read|leer|los libros|las historias|cuentos|读书|看书|小说|故事|القراءة|القصص|الكتب")},
    {ABOUT_TAG, "making", LIKE("making things|building things|robots|lego|electronics|tinkering|construir cosas|robotica|la electronica|做手工|机器人|电子|积木|الروبوتات|ال[اأ]لكترونيات")},
    {ABOUT_TAG, "programming", KNOW("programming|to program|to code|coding|code|program|python|javascript|programmer|developer|software|programar|programacion|programador|programadora|编程|写代码|写程序|程序员|البرمجة|مبرمج|مبرمجة|بايثون")},
    {ABOUT_TAG, "algebra", KNOW("algebra|equations|ecuaciones|代数|方程|الجبر|المعادلات")},
    {ABOUT_TAG, "calculus", KNOW("calculus|derivatives|calculo|derivadas|微积分|求导|导数|التفاضل")},
    {ABOUT_TAG, "statistics", KNOW("statistics|estadistica|统计|ال[اإ]حصاء")},
};
/* clang-format on */

struct memory_rules {
    pcre2_code *compiled[COUNT_OF(rules)];
};

struct memory_rules *memory_rules_open(struct fault *fault) {
    struct memory_rules *made = must_alloc(1, sizeof *made);
    for (size_t i = 0; i < COUNT_OF(rules); i++) {
        int error;
        PCRE2_SIZE at;
        made->compiled[i] =
            pcre2_compile((PCRE2_SPTR)rules[i].pattern, PCRE2_ZERO_TERMINATED,
                          PCRE2_UTF | PCRE2_UCP | PCRE2_NO_UTF_CHECK, &error, &at, NULL);
        if (!made->compiled[i]) {
            fault_set(fault, FAULT_MACHINE, "Rule %zu of the memory breaks at %zu: \"%.60s\".", i,
                      (size_t)at, rules[i].pattern + at);
            memory_rules_close(made);
            return NULL;
        }
    }
    return made;
}

void memory_rules_close(struct memory_rules *made) {
    if (!made)
        return;
    for (size_t i = 0; i < COUNT_OF(rules); i++)
        pcre2_code_free(made->compiled[i]);
    free(made);
}

/* ------------------------------------------------------------------------------------- reading
 */

static background_set tag_of_age(struct view digits) {
    int age = 0;
    for (size_t i = 0; i < digits.n; i++)
        age = age * 10 + (digits.at[i] - '0');
    return background_tag_of(view_of(age < 4 ? "" : age < 13 ? "child" : age < 18 ? "teen" : "adult"));
}

struct matching {
    const struct memory_rules *rules;
    pcre2_match_data *data;
    pcre2_match_context *context;
};

static void read_sentence(const struct matching *matching, struct view sentence,
                          struct told *told) {
    struct buffer plain = {0};
    fold_plain(sentence, &plain);
    bool asks = view_ends(sentence, "?") || view_ends(sentence, "？") || view_ends(sentence, "؟");
    for (size_t i = 0; i < COUNT_OF(rules) && plain.n; i++) {
        int found = pcre2_match(matching->rules->compiled[i], (PCRE2_SPTR)plain.at, plain.n, 0, 0,
                                matching->data, matching->context);
        if (found < 1)
            continue;
        const PCRE2_SIZE *places = pcre2_get_ovector_pointer(matching->data);
        struct view kept = view_slice(sentence, 0, NOTE_BYTES);
        kept.n = utf8_whole(kept);
        if (rules[i].about == ABOUT_GOAL && !asks && !told->goal.n)
            told->goal = kept;
        else if (rules[i].about == ABOUT_CONFUSED && !told->confused.n)
            told->confused = kept;
        else if (rules[i].about == ABOUT_AGE && !asks)
            told->background = background_with(
                told->background, tag_of_age(view_slice(buffer_view(&plain), places[2], places[3])));
        else if (rules[i].about == ABOUT_TAG && !asks)
            told->background |= background_tag_of(view_of(rules[i].tag));
    }
    buffer_free(&plain);
}

struct told memory_read(const struct memory_rules *made, struct view text) {
    struct told told = {0};
    struct matching matching = {made, pcre2_match_data_create(2, NULL),
                                pcre2_match_context_create(NULL)};
    MUST(matching.data && matching.context);
    pcre2_set_match_limit(matching.context, 200000);
    struct arena *arena = arena_new();
    text = view_slice(text, 0, READ_BYTES);
    text.n = utf8_whole(text);
    size_t n;
    struct view *sentences = sentences_cut(arena, text, &n);
    for (size_t i = 0; i < n; i++)
        read_sentence(&matching, sentences[i], &told);
    arena_free(arena);
    pcre2_match_context_free(matching.context);
    pcre2_match_data_free(matching.data);
    return told;
}
