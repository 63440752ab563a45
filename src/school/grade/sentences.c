/* What is said to a learner of an answer: a row a note, a column a language. What a learner or a
 * program wrote takes the place of %s, in order. */
#include "school/grade/inside.h"

#include <stdio.h>
#include <string.h>

static const char *const languages[GRADE_LANGUAGES] = {"en", "zh", "es", "ar"};

/* clang-format off */
static const struct { const char *note, *in[GRADE_LANGUAGES]; } rows[] = {
    {"right", {"That is right.", "答对了。",
        "Es correcto.", "إجابة صحيحة."}},
    {"different", {"That is not it yet.", "还不对。",
        "Todavía no es eso.", "ليست هذه هي الإجابة بعد."}},
    {"sign", {"Nearly: look at the sign.", "差一点：请检查正负号。",
        "Casi: fíjate en el signo.", "اقتربت الإجابة: يبقى النظر في الإشارة."}},
    {"factor", {"It differs by a constant factor.", "差了一个常数倍。",
        "Difiere en un factor constante.", "الفرق معاملُ ضربٍ ثابت."}},
    {"constant", {"It differs by a constant term.", "差了一个常数项。",
        "Difiere en un término constante.", "الفرق حدٌّ ثابت."}},
    {"constant-missing", {"A constant is missing.", "少了一个常数。",
        "Falta una constante.", "ينقص ثابت."}},
    {"close", {"Close, but not exact enough.", "很接近，但不够精确。",
        "Se acerca, pero le falta exactitud.", "إجابة قريبة، لكنها ليست دقيقة بما يكفي."}},
    {"rounded", {"Check how many digits are asked for.", "请检查要求的位数。",
        "Comprueba cuántas cifras se piden.", "يُرجى التحقق من عدد الأرقام المطلوب."}},
    {"form", {"The value is right; write it in the form that is asked for.", "数值正确，请写成要求的形式。",
        "El valor es correcto; escríbelo en la forma que se pide.", "القيمة صحيحة؛ يبقى كتابتها بالصورة المطلوبة."}},
    {"form-expanded", {"The value is right, but it is multiplied out; write it as a product or power.", "数值正确，但现在是展开式，请写成乘积或乘方的形式。",
        "El valor es correcto, pero está desarrollado; escríbelo como producto o potencia.", "القيمة صحيحة لكنها منشورة؛ المطلوب كتابتها على صورة جداء أو قوة."}},
    {"form-partly-factored", {"The value is right, but it is not factored all the way yet.", "数值正确，但还没有分解到底。",
        "El valor es correcto, pero aún se puede factorizar más.", "القيمة صحيحة، لكن التحليل إلى عوامل لم يكتمل بعد."}},
    {"form-factored", {"The value is right, but it is still a product; multiply it out.", "数值正确，但还是乘积，请展开。",
        "El valor es correcto, pero sigue siendo un producto; desarróllalo.", "القيمة صحيحة لكنها ما زالت جداءً؛ المطلوب نشرها."}},
    {"form-like-terms", {"The value is right; now put like terms together.", "数值正确，请再合并同类项。",
        "El valor es correcto; ahora reúne los términos semejantes.", "القيمة صحيحة؛ يبقى جمع الحدود المتشابهة."}},
    {"form-reducible", {"The value is right; now reduce the fraction.", "数值正确，请再约分。",
        "El valor es correcto; ahora simplifica la fracción.", "القيمة صحيحة؛ يبقى اختزال الكسر."}},
    {"form-unsimplified", {"The value is right; it can be written more simply.", "数值正确，但还可以化简。",
        "El valor es correcto; se puede escribir de forma más simple.", "القيمة صحيحة؛ ويمكن كتابتها بصورة أبسط."}},
    {"form-decimal", {"Give the exact value, not a decimal.", "请写精确值，不要写小数。",
        "Da el valor exacto, no un decimal.", "المطلوب القيمة الدقيقة، لا عدد عشري."}},
    {"form-fraction", {"The value is right; write it as a decimal.", "数值正确，请写成小数。",
        "El valor es correcto; escríbelo como decimal.", "القيمة صحيحة؛ المطلوب كتابتها عددًا عشريًّا."}},
    {"form-root-below", {"The value is right; now clear the root or i from under the line.", "数值正确，请再把分母有理化。",
        "El valor es correcto; ahora quita la raíz o la i del denominador.", "القيمة صحيحة؛ يبقى التخلص من الجذر أو من i في المقام."}},
    {"form-several-fractions", {"The value is right; put it over one line, as a single fraction.", "数值正确，请通分成一个分式。",
        "El valor es correcto; escríbelo como una sola fracción.", "القيمة صحيحة؛ المطلوب كتابتها كسرًا واحدًا بتوحيد المقامات."}},
    {"form-no-square", {"The value is right; now complete the square, so that the letter stands once, inside it.", "数值正确，请配方，使字母只在平方里出现一次。",
        "El valor es correcto; ahora completa el cuadrado, de modo que la letra aparezca una sola vez, dentro de él.", "القيمة صحيحة؛ يبقى إكمال المربع بحيث يظهر المتغير مرة واحدة داخله."}},
    {"form-one-fraction", {"The value is right; now split it into simple fractions.", "数值正确，请拆成部分分式。",
        "El valor es correcto; ahora descomponlo en fracciones simples.", "القيمة صحيحة؛ يبقى تفكيكها إلى كسور جزئية."}},
    {"sign-of-term", {"Nearly: look at the sign of each term.", "差一点：请检查每一项的正负号。",
        "Casi: fíjate en el signo de cada término.", "اقتربت الإجابة: يبقى النظر في إشارة كل حد."}},
    {"term-missing", {"Nearly: a term is missing.", "差一点：漏了一项。",
        "Casi: falta un término.", "اقتربت الإجابة: ينقص حد."}},
    {"term-extra", {"Nearly: there is a term too many.", "差一点：多了一项。",
        "Casi: sobra un término.", "اقتربت الإجابة: فيها حد زائد."}},
    {"coefficient", {"Nearly: look at the number in front of one term.", "差一点：请检查某一项的系数。",
        "Casi: fíjate en el coeficiente de un término.", "اقتربت الإجابة: يبقى النظر في معامل أحد الحدود."}},
    {"reciprocal", {"It is upside down: top and bottom are swapped.", "上下颠倒了：请检查分子和分母。",
        "Está al revés: numerador y denominador están intercambiados.", "الكسر مقلوب: البسط والمقام متبادلان."}},
    {"order", {"The parts are right; look at their order.", "各部分都对，请检查顺序。",
        "Las partes son correctas; fíjate en su orden.", "الأجزاء صحيحة؛ يبقى النظر في ترتيبها."}},
    {"entries", {"Some entries are not right yet.", "有的分量还不对。",
        "Algunas componentes aún no son correctas.", "بعض المركبات ليست صحيحة بعد."}},
    {"shape", {"Look at how many rows, columns or entries it should have.", "请检查行数、列数或分量的个数。",
        "Comprueba cuántas filas, columnas o componentes debe tener.", "يُرجى التحقق من عدد الصفوف أو الأعمدة أو المركبات."}},
    {"transposed", {"Rows and columns are swapped.", "行和列写反了。",
        "Las filas y las columnas están intercambiadas.", "الصفوف والأعمدة متبادلة."}},
    {"kind", {"The answer should be another kind of thing; read the question again.", "答案的类型不对，请再读一遍题目。",
        "La respuesta debe ser de otro tipo; vuelve a leer la pregunta.", "المطلوب إجابة من نوع آخر؛ يحسن الرجوع إلى السؤال."}},
    {"and-or", {"Should it be “and” or “or”?", "应该用“且”还是“或”？",
        "¿Debe ser «y» u «o»?", "أهي «و» أم «أو»؟"}},
    {"negation", {"That says the opposite.", "这正好是相反的意思。",
        "Eso dice lo contrario.", "هذا يقول العكس تمامًا."}},
    {"converse", {"That is the other direction: what follows from what?", "方向反了：由什么推出什么？",
        "Es la dirección contraria: ¿qué se sigue de qué?", "هذا هو الاتجاه المعاكس: ما الذي يلزم عن ماذا؟"}},
    {"too-narrow", {"That holds too seldom: it leaves something out.", "范围太小，漏掉了一些情况。",
        "Se cumple en muy pocos casos: deja algo fuera.", "هذا أضيق مما ينبغي: بقيت حالات خارجه."}},
    {"too-wide", {"That holds too often: it lets something in.", "范围太大，多了一些情况。",
        "Se cumple en demasiados casos: deja entrar algo de más.", "هذا أوسع مما ينبغي: دخلت فيه حالات زائدة."}},
    {"period", {"Look at how often the solutions repeat.", "请检查解的周期。",
        "Fíjate en cada cuánto se repiten las soluciones.", "يُرجى النظر في دور تكرار الحلول."}},
    {"free", {"Look at how many free letters there should be.", "请检查自由参数的个数。",
        "Fíjate en cuántos parámetros libres debe haber.", "يُرجى النظر في عدد المتغيرات الحرة المطلوب."}},
    {"missing-solution", {"A solution is missing.", "漏了解。",
        "Falta una solución.", "ينقص حل."}},
    {"extra-solution", {"There is a solution too many.", "多了解。",
        "Sobra una solución.", "هناك حل زائد."}},
    {"direction", {"Look at the direction of the inequality.", "请检查不等号的方向。",
        "Fíjate en el sentido de la desigualdad.", "يُرجى النظر في اتجاه المتباينة."}},
    {"strictness", {"Are the end points included?", "端点是否包含在内？",
        "¿Están incluidos los extremos?", "هل الطرفان داخلان؟"}},
    {"brackets", {"Look at the brackets.", "请检查括号。",
        "Fíjate en los paréntesis.", "يُرجى النظر في الأقواس."}},
    {"unsolved", {"That is true, but not solved yet.", "式子成立，但还没有解出来。",
        "Eso es verdad, pero aún no está resuelto.", "هذا صحيح، لكنه لم يُحلّ بعد."}},
    {"variable", {"It is about another variable.", "变量不对。",
        "Se trata de otra variable.", "المتغير المقصود غير هذا."}},
    {"unit-missing", {"The unit is missing.", "缺少单位。",
        "Falta la unidad.", "تنقص الوحدة."}},
    {"unit-wrong", {"Look at the unit.", "请检查单位。",
        "Fíjate en la unidad.", "يُرجى النظر في الوحدة."}},
    {"dimension", {"That unit measures something else.", "这个单位量的是另一种量。",
        "Esa unidad mide otra cosa.", "هذه الوحدة تقيس شيئًا آخر."}},
    {"conjugate", {"Look at the sign of the imaginary part.", "请检查虚部的符号。",
        "Fíjate en el signo de la parte imaginaria.", "يُرجى النظر في إشارة الجزء التخيلي."}},
    {"power-of-ten", {"Look at the power of ten.", "请检查小数点的位置。",
        "Fíjate en la potencia de diez.", "يُرجى النظر في قوة العشرة."}},
    {"carried", {"That is right from your own earlier result.", "按你前面的结果来算，这是对的。",
        "Es correcto a partir de tu propio resultado anterior.", "هذا صحيح انطلاقًا من نتيجتك السابقة."}},
    {"missing", {"This is not answered yet.", "这里还没有作答。",
        "Esto aún no tiene respuesta.", "لا إجابة هنا بعد."}},
    {"partial", {"Part of it is right.", "部分正确。",
        "Una parte es correcta.", "جزء من الإجابة صحيح."}},
    {"unreadable", {"I could not read that; please write it another way.", "我看不懂这个答案，请换一种写法。",
        "No he podido leerlo; escríbelo de otra manera, por favor.", "تعذّرت قراءة الإجابة؛ يُرجى كتابتها بطريقة أخرى."}},
    {"ambiguous", {"Do you mean a decimal or a thousands mark? If thousands, leave it out; if a decimal, add a 0 at the end.", "这个标点是小数点还是千位分隔符？如果是千位分隔符，请去掉它；如果是小数点，请在末尾添一个 0。",
        "¿Ese signo es decimal o separa los millares? Si son millares, quítalo; si son decimales, añade un 0 al final.", "أهذه علامة عشرية أم علامة آلاف؟ إن كانت للآلاف فاحذفها، وإن كانت عشرية فأضف 0 في النهاية."}},
    {GRADE_WAITING, {"Your answer is kept. A person will read it, and you will see here what they say.", "你的答案已经保存。会有人亲自阅读，结果会显示在这里。",
        "Tu respuesta queda guardada. La leerá una persona y aquí verás lo que diga.", "حُفظت إجابتك. سيقرؤها شخص، وسيظهر هنا ما يقوله عنها."}},
    {GRADE_UNREAD, {"Your answer is kept. You are in no class, so nobody will read it: the author's answer comes after the hints.", "你的答案已经保存。你还没有加入班级，没有人会来阅读：看完提示就能看到作者的答案。",
        "Tu respuesta queda guardada. No estás en ninguna clase, así que nadie la leerá: la respuesta del autor viene después de las pistas.", "حُفظت إجابتك. لست في أي صف، فلن يقرأها أحد: جواب المؤلف يأتي بعد التلميحات."}},
    {"not-number", {"Please answer with a number.", "请用数字回答。",
        "Responde con un número, por favor.", "يُرجى الإجابة بعدد."}},
    {"program-time", {"It takes too long on %s. Is there a loop without an end?", "%s 用时太长。是不是有死循环？",
        "Tarda demasiado con %s. ¿Hay un bucle sin fin?", "يستغرق البرنامج وقتًا طويلًا مع %s. أهناك حلقة لا تنتهي؟"}},
    {"program-memory", {"It needs too much memory on %s.", "%s 用的内存太多。",
        "Usa demasiada memoria con %s.", "يستهلك البرنامج ذاكرة أكثر مما يجب مع %s."}},
    {"program-output", {"It prints too much on %s.", "%s 输出太多。",
        "Imprime demasiado con %s.", "يطبع البرنامج أكثر مما يجب مع %s."}},
    {"program-crash", {"It is ended by the system on %s: look at indexes and pointers.", "%s 运行时崩溃：请检查下标和指针。",
        "El sistema lo detiene con %s: revisa los índices y los punteros.", "أوقف النظام البرنامج مع %s: يُرجى النظر في الفهارس والمؤشرات."}},
    {"program-hidden", {"A case that is not shown fails: think of unusual input.", "有一个未显示的测试没有通过：想想特殊的输入。",
        "Falla un caso que no se muestra: piensa en entradas poco comunes.", "هناك حالة غير معروضة لا تنجح: ماذا عن المدخلات غير المألوفة؟"}},
    {"program-error", {"On %s it stops with %s in line %s: %s", "%s 出错：%s，第 %s 行：%s",
        "Con %s se detiene por %s en la línea %s: %s", "مع %s يتوقف البرنامج بسبب %s في السطر %s: %s"}},
    {"program-call-error", {"On %s it stops with %s: %s", "%s 出错：%s：%s",
        "Con %s se detiene por %s: %s", "مع %s يتوقف البرنامج بسبب %s: %s"}},
    {"program-result", {"On %s it gives %s, which is not right.", "%s 得到 %s，不对。",
        "Con %s da %s, que no es correcto.", "مع %s يعطي البرنامج %s، وهذا غير صحيح."}},
    {"program-wanted", {"On %s it gives %s; it should be %s.", "%s 得到 %s，应该是 %s。",
        "Con %s da %s; debería ser %s.", "مع %s يعطي البرنامج %s؛ والمطلوب %s."}},
    {"program-compile", {"It does not run yet. Line %s: %s", "还不能运行。第 %s 行：%s",
        "Todavía no se ejecuta. Línea %s: %s", "لا يعمل البرنامج بعد. السطر %s: %s"}},
    {"program-nothing", {"nothing", "空",
        "nada", "لا شيء"}},
    {"program-no-input", {"no input", "没有输入时",
        "ninguna entrada", "مدخل فارغ"}},
    {"program-input", {"the input “%s”", "输入“%s”",
        "la entrada «%s»", "المدخل «%s»"}},
    {"program-hidden-call", {"a call that is not shown", "一个未显示的调用",
        "una llamada que no se muestra", "استدعاء غير معروض"}},
    {"program-hidden-input", {"an input that is not shown", "一个未显示的输入",
        "una entrada que no se muestra", "مدخل غير معروض"}},
};
/* clang-format on */

static size_t column_of(const char *language) {
    for (size_t i = 0; language && i < GRADE_LANGUAGES; i++)
        if (!strncmp(language, languages[i], 2) && (!language[2] || strchr("-_", language[2])))
            return i;
    return 0;
}

const char *grade_sentence_in(const char *language, const char *note) {
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (!strcmp(rows[i].note, note))
            return rows[i].in[column_of(language)];
    return NULL;
}

/* Code keeps its own direction in a sentence that runs from the right. */
void grade_fill(const char *language, const char *note, const char *const *with, char *out,
                size_t n) {
    const char *text = grade_sentence_in(language, note), *mark;
    bool isolate = !strcmp(languages[column_of(language)], "ar");
    struct buffer filled = {0};
    for (; (mark = strstr(text, "%s")); text = mark + 2, with += *with != NULL) {
        buffer_append(&filled, (struct view){text, (size_t)(mark - text)});
        buffer_text(&filled, isolate ? "\u2068" : "");
        buffer_text(&filled, *with ? *with : "");
        buffer_text(&filled, isolate ? "\u2069" : "");
    }
    buffer_text(&filled, text);
    snprintf(out, n, "%s", filled.at);
    out[utf8_whole(view_of(out))] = 0;
    buffer_free(&filled);
}

const char *grade_sentence_row(size_t i, const char *const **in) {
    if (i >= COUNT_OF(rows))
        return NULL;
    *in = rows[i].in;
    return rows[i].note;
}
