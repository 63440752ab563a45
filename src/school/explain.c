/* What the school takes a learner to know, and what it proposes, in a sentence that they can
 * check against what they did. */
#include "school/school_inside.h"

#include <stdio.h>
#include <string.h>

enum { LANGUAGES = 4 };
static const char *const tags[LANGUAGES] = {"en", "zh", "es", "ar"};

enum sentence {
    SAY_TODAY,
    SAY_YESTERDAY,
    SAY_DUE,
    SAY_DUE_LAPSED,
    SAY_SISTER,
    SAY_NEW,
    SAY_OPEN,
    SAY_OPEN_WRONG,
    SAY_MASTERED,
    SAY_DONE,
    SAY_DONE_UNTIL, /* %s: a date */
    SAY_SEEN,
    SAY_REST,
    SAY_NOT_TRIED,
    SAY_BELIEVED,
    SAY_SHARE, /* %s: such as 3 / 5 */
    SAY_KNOWN,
    SAY_NOT_YET_KNOWN,
    SENTENCES
};

/* clang-format off */
static const char *const table[SENTENCES][LANGUAGES] = {
    [SAY_TODAY] = {"today", "今天", "hoy", "اليوم"},
    [SAY_YESTERDAY] = {"yesterday", "昨天", "ayer", "أمس"},
    [SAY_DUE] = {
        "You knew this %s; five minutes bring it back.", "你%s会做这个；五分钟就能找回来。",
        "Esto lo sabías %s; cinco minutos lo traen de vuelta.", "كان هذا معروفًا لديك %s؛ خمس دقائق تعيده."},
    [SAY_DUE_LAPSED] = {
        "You met this %s, and it slipped; a short look brings it back.", "你%s做过这个，后来有点忘了；看一眼就能找回来。",
        "Viste esto %s y se te escapó; un vistazo lo trae de vuelta.", "مرّ بك هذا %s ثم غاب؛ نظرة قصيرة تعيده."},
    [SAY_SISTER] = {
        "You did one like this with help; here is its sister, on your own.", "刚才那道你用了帮助；这是它的姊妹题，自己试试。",
        "Hiciste uno parecido con ayuda; aquí está su hermano, sin ayuda.", "حُلّ مثله بمساعدة؛ وهذا شقيقه، دون مساعدة."},
    [SAY_NEW] = {
        "Something new; what it builds on you have.", "新的内容；它需要的基础你已经有了。",
        "Algo nuevo; lo que necesita ya lo tienes.", "شيء جديد؛ ولديك ما يقوم عليه."},
    [SAY_OPEN] = {
        "You are on your way with this; another one makes it firmer.", "这个你正在学会；再做一道会更牢固。",
        "Vas por buen camino con esto; otro más lo afianza.", "إتقان هذا في الطريق؛ تمرين آخر يثبّته."},
    [SAY_OPEN_WRONG] = {
        "The last one of these was not right yet; here is another.", "上一道这样的题还没做对；再来一道。",
        "El último de estos aún no salió; aquí va otro.", "لم يكن آخر واحد منها صحيحًا بعد؛ إليك آخر."},
    [SAY_MASTERED] = {
        "One that you know, to warm up before what is harder.", "一道你会的题，先热热身，再做难一点的。",
        "Uno que ya sabes, para entrar en calor antes de lo difícil.", "تمرين معروف لديك، للإحماء قبل ما هو أصعب."},
    [SAY_DONE] = {
        "You have mastered all there is here, and nothing is due. Rest, or read on.", "这里的内容你都掌握了，也没有要复习的。休息一下，或者继续读。",
        "Dominas todo lo que hay aquí y no toca repasar nada. Descansa o sigue leyendo.", "اكتمل إتقان كل ما هنا، ولا شيء للمراجعة. حان وقت الراحة أو متابعة القراءة."},
    [SAY_DONE_UNTIL] = {
        "Nothing is due today; the next review is on %s.", "今天没有要复习的；下次复习在 %s。",
        "Hoy no toca repasar nada; el próximo repaso es el %s.", "لا شيء للمراجعة اليوم؛ المراجعة التالية في %s."},
    [SAY_SEEN] = {
        "Every question on this has come up before; this is the one you saw longest ago.", "这方面的题你都见过了；这是隔得最久的一道。",
        "Ya viste todas las preguntas de esto; esta es la que hace más que no ves.", "مرّت بك كل الأسئلة في هذا؛ وهذا أبعدها عهدًا."},
    [SAY_REST] = {
        "Your answers of late go worse than at the start of this sitting. A pause will do more than another exercise.", "你最近的回答不如刚开始时顺利。休息一下比再做一道更有用。",
        "Tus últimas respuestas van peor que al empezar. Una pausa ayudará más que otro ejercicio.", "إجاباتك الأخيرة أضعف مما كانت في البداية. استراحة قصيرة أنفع من تمرين آخر."},
    [SAY_NOT_TRIED] = {
        "You have not tried this without help yet.", "你还没有不靠帮助试过这个。",
        "Aún no lo has intentado sin ayuda.", "لم تجرِ محاولة هذا دون مساعدة بعد."},
    [SAY_BELIEVED] = {
        "You know this, you say; that holds until an answer shows otherwise.", "你说过你会这个；在答案表明相反之前，我们相信你。",
        "Dices que lo sabes; vale hasta que una respuesta muestre lo contrario.", "هذا معروف لديك بحسب قولك؛ ونأخذ به حتى تُظهر إجابة غير ذلك."},
    [SAY_SHARE] = {
        "Right at first try, without help: %s.", "不靠帮助、第一次就对：%s。",
        "Bien a la primera y sin ayuda: %s.", "صحيح من أول محاولة ودون مساعدة: %s."},
    [SAY_KNOWN] = {
        "So we take it that you know this.", "所以我们认为你会了。", "Así que damos por hecho que lo sabes.", "لذلك نعدّ هذا معروفًا لديك."},
    [SAY_NOT_YET_KNOWN] = {
        "So we are not sure yet that you know this.", "所以我们还不能肯定你会了。", "Así que aún no hay certeza de que lo sepas.", "لذلك لسنا على يقين بعد من أنه معروف لديك."},
};

/* "%s days ago", by the plural categories of Unicode CLDR: in Arabic two, from 3, from 11, and
 * the whole hundreds have each their form. */
enum span { SPAN_DAYS, SPAN_WEEKS, SPAN_MONTHS, SPANS };
enum category { CATEGORY_ZERO, CATEGORY_ONE, CATEGORY_TWO, CATEGORY_FEW, CATEGORY_MANY, CATEGORY_OTHER, CATEGORIES };
static const char *const ago[SPANS][LANGUAGES][CATEGORIES] = {
    [SPAN_DAYS] = {{[CATEGORY_ONE] = "%s day ago", [CATEGORY_OTHER] = "%s days ago"}, {[CATEGORY_OTHER] = "%s天前"},
        {[CATEGORY_ONE] = "hace %s día", [CATEGORY_OTHER] = "hace %s días"},
        {"قبل %s يوم", "قبل يوم", "قبل يومين", "قبل %s أيام", "قبل %s يومًا", "قبل %s يوم"}},
    [SPAN_WEEKS] = {{[CATEGORY_ONE] = "%s week ago", [CATEGORY_OTHER] = "%s weeks ago"}, {[CATEGORY_OTHER] = "%s周前"},
        {[CATEGORY_ONE] = "hace %s semana", [CATEGORY_OTHER] = "hace %s semanas"},
        {"قبل %s أسبوع", "قبل أسبوع", "قبل أسبوعين", "قبل %s أسابيع", "قبل %s أسبوعًا", "قبل %s أسبوع"}},
    [SPAN_MONTHS] = {{[CATEGORY_ONE] = "%s month ago", [CATEGORY_OTHER] = "%s months ago"}, {[CATEGORY_OTHER] = "%s个月前"},
        {[CATEGORY_ONE] = "hace %s mes", [CATEGORY_OTHER] = "hace %s meses"},
        {"قبل %s شهر", "قبل شهر", "قبل شهرين", "قبل %s أشهر", "قبل %s شهرًا", "قبل %s شهر"}},
};
/* clang-format on */

static size_t column_of(const char *language) {
    for (size_t i = 0; i < LANGUAGES; i++) {
        size_t n = strlen(tags[i]);
        if (!strncmp(language, tags[i], n) && (!language[n] || language[n] == '-'))
            return i;
    }
    return 0;
}

static enum category category_of(size_t column, int64_t n) {
    int64_t last = n % 100;
    if (strcmp(tags[column], "ar") != 0)
        return n == 1 && strcmp(tags[column], "zh") != 0 ? CATEGORY_ONE : CATEGORY_OTHER;
    if (n <= 2)
        return n <= 0 ? CATEGORY_ZERO : n == 1 ? CATEGORY_ONE : CATEGORY_TWO;
    return last >= 3 && last <= 10 ? CATEGORY_FEW : last >= 11 ? CATEGORY_MANY : CATEGORY_OTHER;
}

/* The sentence with its one %s filled. */
static void say_text(struct buffer *out, const char *text, const char *with) {
    const char *mark = strstr(text, "%s");
    if (out->n)
        buffer_byte(out, ' ');
    if (!mark) {
        buffer_text(out, text);
        return;
    }
    buffer_append(out, (struct view){text, (size_t)(mark - text)});
    buffer_text(out, with);
    buffer_text(out, mark + 2);
}

static void say(struct buffer *out, enum sentence sentence, const char *language,
                const char *with) {
    say_text(out, table[sentence][column_of(language)], with);
}

const char *explain_cell(size_t row, size_t column) {
    return row < SENTENCES && column < LANGUAGES ? table[row][column] : NULL;
}

static json_t *finish(struct buffer *out) {
    json_t *text = json_stringn(out->n ? out->at : "", out->n);
    buffer_free(out);
    return text;
}

const char *explain_ago(int64_t days, const char *language, struct buffer *out) {
    char number[24];
    enum span span = days < 14 ? SPAN_DAYS : days < 60 ? SPAN_WEEKS : SPAN_MONTHS;
    int64_t n = days / (int[]){1, 7, 30}[span];
    size_t column = column_of(language);
    snprintf(number, sizeof number, "%lld", (long long)n);
    if (days <= 1)
        say(out, days < 1 ? SAY_TODAY : SAY_YESTERDAY, language, "");
    else
        say_text(out, ago[span][column][category_of(column, n)], number);
    return out->at;
}

json_t *explain_due(const struct skill_state *skill, const struct plan *plan, int64_t now_ms,
                    double threshold, const char *language) {
    struct buffer out = {0}, past = {0};
    int64_t days = calendar_day(&plan->calendar, now_ms) -
                   calendar_day(&plan->calendar, skill->memory.reviewed_ms);
    bool lapsed = skill->mastery < threshold;
    say(&out, lapsed ? SAY_DUE_LAPSED : SAY_DUE, language, explain_ago(days, language, &past));
    buffer_free(&past);
    return finish(&out);
}

json_t *explain_choice(const struct practice *practice, const struct practice_choice *choice,
                       const struct plan *plan, const char *language) {
    static const enum sentence sentences[] = {[PRACTISE_SISTER] = SAY_SISTER,
                                              [PRACTISE_NEW] = SAY_NEW,
                                              [PRACTISE_OPEN] = SAY_OPEN,
                                              [PRACTISE_MASTERED] = SAY_MASTERED};
    const struct practice_exercise *exercise = &practice->exercises[choice->exercise];
    const struct skill_state *skill = &practice->skills[exercise->skill].state;
    if (choice->kind == PRACTISE_REVIEW)
        return explain_due(skill, plan, practice->now_ms, practice->threshold, language);
    struct buffer out = {0};
    enum sentence sentence = sentences[choice->kind];
    if (sentence == SAY_OPEN && skill->right < skill->unaided && skill->mastery < 0.5)
        sentence = SAY_OPEN_WRONG;
    say(&out, sentence, language, "");
    if (choice->seen)
        say(&out, SAY_SEEN, language, "");
    return finish(&out);
}

json_t *explain_nothing(const char *next_day, const char *language) {
    struct buffer out = {0};
    say(&out, next_day ? SAY_DONE_UNTIL : SAY_DONE, language, next_day ? next_day : "");
    return finish(&out);
}

json_t *explain_rest(const char *language) {
    struct buffer out = {0};
    say(&out, SAY_REST, language, "");
    return finish(&out);
}

json_t *explain_skill(const struct skill_state *skill, double threshold, const char *language) {
    struct buffer out = {0};
    char share[32];
    if (skill->believed) {
        say(&out, SAY_BELIEVED, language, "");
    } else if (!skill->unaided) {
        say(&out, SAY_NOT_TRIED, language, "");
    } else {
        snprintf(share, sizeof share, "%d / %d", skill->right, skill->unaided);
        say(&out, SAY_SHARE, language, share);
        say(&out, skill->mastery >= threshold ? SAY_KNOWN : SAY_NOT_YET_KNOWN, language, "");
    }
    return finish(&out);
}
