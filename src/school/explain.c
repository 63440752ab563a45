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
    SAY_DAYS,   /* %s: a number, from 3 on */
    SAY_WEEKS,  /* likewise, from 2 on */
    SAY_MONTHS, /* likewise */
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
    [SAY_DAYS] = {"%s days ago", "%s天前", "hace %s días", "قبل %s يوم"},
    [SAY_WEEKS] = {"%s weeks ago", "%s周前", "hace %s semanas", "قبل %s أسبوع"},
    [SAY_MONTHS] = {"%s months ago", "%s个月前", "hace %s meses", "قبل %s شهر"},
    [SAY_DUE] = {
        "You knew this %s; five minutes bring it back.", "你%s会做这个；五分钟就能找回来。",
        "Esto lo sabías %s; cinco minutos lo traen de vuelta.", "كنت تعرف هذا %s؛ خمس دقائق تعيده."},
    [SAY_DUE_LAPSED] = {
        "You met this %s, and it slipped; a short look brings it back.", "你%s做过这个，后来有点忘了；看一眼就能找回来。",
        "Viste esto %s y se te escapó; un vistazo lo trae de vuelta.", "مررت بهذا %s ثم أفلت منك؛ نظرة قصيرة تعيده."},
    [SAY_SISTER] = {
        "You did one like this with help; here is its sister, on your own.", "刚才那道你用了帮助；这是它的姊妹题，自己试试。",
        "Hiciste uno parecido con ayuda; aquí está su hermano, sin ayuda.", "حللت مثله بمساعدة؛ هذا شبيهه، لتحلّه وحدك."},
    [SAY_NEW] = {
        "Something new; what it builds on you have.", "新的内容；它需要的基础你已经有了。",
        "Algo nuevo; lo que necesita ya lo tienes.", "شيء جديد؛ ولديك ما يقوم عليه."},
    [SAY_OPEN] = {
        "You are on your way with this; another one makes it firmer.", "这个你正在学会；再做一道会更牢固。",
        "Vas por buen camino con esto; otro más lo afianza.", "أنت في الطريق إلى إتقان هذا؛ تمرين آخر يثبّته."},
    [SAY_OPEN_WRONG] = {
        "The last one of these was not right yet; here is another.", "上一道这样的题还没做对；再来一道。",
        "El último de estos aún no salió; aquí va otro.", "لم يكن آخر واحد منها صحيحًا بعد؛ إليك آخر."},
    [SAY_MASTERED] = {
        "One that you know, to warm up before what is harder.", "一道你会的题，先热热身，再做难一点的。",
        "Uno que ya sabes, para entrar en calor antes de lo difícil.", "واحد تعرفه، للإحماء قبل ما هو أصعب."},
    [SAY_DONE] = {
        "You have mastered all there is here, and nothing is due. Rest, or read on.", "这里的内容你都掌握了，也没有要复习的。休息一下，或者继续读。",
        "Dominas todo lo que hay aquí y no toca repasar nada. Descansa o sigue leyendo.", "أتقنت كل ما هنا ولا شيء للمراجعة. استرح أو واصل القراءة."},
    [SAY_DONE_UNTIL] = {
        "Nothing is due today; the next review is on %s.", "今天没有要复习的；下次复习在 %s。",
        "Hoy no toca repasar nada; el próximo repaso es el %s.", "لا شيء للمراجعة اليوم؛ المراجعة التالية في %s."},
    [SAY_SEEN] = {
        "Every question on this has come up before; this is the one you saw longest ago.", "这方面的题你都见过了；这是隔得最久的一道。",
        "Ya viste todas las preguntas de esto; esta es la que hace más que no ves.", "سبق أن رأيت كل أسئلة هذا؛ وهذا أقدمها عندك."},
    [SAY_REST] = {
        "Your answers of late go worse than at the start of this sitting. A pause will do more than another exercise.", "你最近的回答不如刚开始时顺利。休息一下比再做一道更有用。",
        "Tus últimas respuestas van peor que al empezar. Una pausa ayudará más que otro ejercicio.", "إجاباتك الأخيرة أضعف مما كانت في البداية. استراحة قصيرة أنفع من تمرين آخر."},
    [SAY_NOT_TRIED] = {
        "You have not tried this without help yet.", "你还没有不靠帮助试过这个。",
        "Aún no lo has intentado sin ayuda.", "لم تجرّب هذا دون مساعدة بعد."},
    [SAY_BELIEVED] = {
        "You know this, you say; that holds until an answer shows otherwise.", "你说过你会这个；在答案表明相反之前，我们相信你。",
        "Dices que lo sabes; vale hasta que una respuesta muestre lo contrario.", "قلت إنك تعرف هذا؛ ونصدّقك حتى تُظهر إجابة غير ذلك."},
    [SAY_SHARE] = {
        "Right at first try, without help: %s.", "不靠帮助、第一次就对：%s。",
        "Bien a la primera y sin ayuda: %s.", "صحيح من أول محاولة ودون مساعدة: %s."},
    [SAY_KNOWN] = {
        "So we take it that you know this.", "所以我们认为你会了。", "Así que damos por hecho que lo sabes.", "لذلك نعدّك عارفًا بهذا."},
    [SAY_NOT_YET_KNOWN] = {
        "So we are not sure yet that you know this.", "所以我们还不能肯定你会了。", "Así que aún no estamos seguros de que lo sepas.", "لذلك لسنا متأكدين بعد من أنك تعرفه."},
};
/* clang-format on */

static const char *text_of(enum sentence sentence, const char *language) {
    for (size_t i = 0; i < LANGUAGES; i++) {
        size_t n = strlen(tags[i]);
        if (!strncmp(language, tags[i], n) && (!language[n] || language[n] == '-'))
            return table[sentence][i];
    }
    return table[sentence][0];
}

/* The sentence with its one %s filled. */
static void say(struct buffer *out, enum sentence sentence, const char *language,
                const char *with) {
    const char *text = text_of(sentence, language), *mark = strstr(text, "%s");
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

static json_t *finish(struct buffer *out) {
    json_t *text = json_stringn(out->n ? out->at : "", out->n);
    buffer_free(out);
    return text;
}

static const char *days_ago(int64_t days, const char *language, struct buffer *out) {
    char number[24];
    int64_t n = days < 14 ? days : days < 60 ? days / 7 : days / 30;
    snprintf(number, sizeof number, "%lld", (long long)n);
    if (days <= 1)
        say(out, days < 1 ? SAY_TODAY : SAY_YESTERDAY, language, "");
    else
        say(out, days < 14 ? SAY_DAYS : days < 60 ? SAY_WEEKS : SAY_MONTHS, language, number);
    return out->at;
}

json_t *explain_due(const struct skill_state *skill, const struct plan *plan, int64_t now_ms,
                    double threshold, const char *language) {
    struct buffer out = {0}, ago = {0};
    int64_t days = calendar_day(&plan->calendar, now_ms) -
                   calendar_day(&plan->calendar, skill->memory.reviewed_ms);
    bool lapsed = skill->mastery < threshold;
    say(&out, lapsed ? SAY_DUE_LAPSED : SAY_DUE, language, days_ago(days, language, &ago));
    buffer_free(&ago);
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
