/* The words of the terminal: a row a sentence, a column a language. */
#include "main/learn_words.h"
#include "base/base.h"

#include <string.h>

static const char *const tags[] = {"en", "zh", "es", "ar"};
/* clang-format off */
static const char *const table[LEARN_WORDS][COUNT_OF(tags)] = {
    [LEARN_HOW] = {
        "Type your answer: a number, a formula or a word; the numbers of choices: 2, or 1 3.\n"
        "?  a hint\n"
        ">  and your words: a question to the tutor\n"
        "+  another exercise of the kind, once one is offered\n"
        "!  what the school remembers of you\n"
        "Enter goes on without answering. q stops; everything is kept.",
        "直接输入答案：数、式子或词；选择题输入编号：2，或者 1 3。\n"
        "?  要一条提示\n"
        ">  后面写上你的话：向导师提问\n"
        "+  再做一道同类的练习（有的时候）\n"
        "!  看看学校记住了你的哪些事\n"
        "按回车键不作答继续。输入 q 结束，一切都会保存。",
        "Escribe tu respuesta: un número, una fórmula o una palabra; de las opciones, sus números: 2, o 1 3.\n"
        "?  una pista\n"
        ">  y tus palabras: una pregunta al tutor\n"
        "+  otro ejercicio parecido, cuando se ofrezca\n"
        "!  lo que la escuela recuerda de ti\n"
        "Intro sigue sin responder. q termina; todo queda guardado.",
        "اكتب إجابتك: عددًا أو صيغة أو كلمة؛ ومن الخيارات أرقامها: 2 أو 1 3.\n"
        "?  تلميح\n"
        ">  ثم كلماتك: سؤال للمعلّم\n"
        "+  تمرين آخر من النوع نفسه حين يُعرض عليك\n"
        "!  ما تتذكره المدرسة عنك\n"
        "مفتاح الإدخال يتابع من دون إجابة. q للتوقف، وكل شيء محفوظ."},
    [LEARN_OPEN] = {
        "in your own words, in a line", "用你自己的话，写在一行里", "con tus palabras, en una línea",
        "بكلماتك أنت، في سطر واحد"},
    [LEARN_PARTS] = {
        "the answers to 1), 2), … in a line, as in 20 m/s; 60 m",
        "把 1)、2)……的答案写在一行里，例如 20 m/s; 60 m",
        "las respuestas a 1), 2), … en una línea, como en 20 m/s; 60 m",
        "الإجابات عن 1) و2) … في سطر واحد، مثل 20 m/s; 60 m"},
    [LEARN_SEVERAL] = {
        "the numbers of all that are true, as in 1 3", "写出所有正确选项的编号，例如 1 3",
        "los números de todas las correctas, como en 1 3", "أرقام كل ما هو صحيح، مثل 1 3"},
    [LEARN_ORDER] = {
        "the numbers in the right order, as in 2 1 3", "按正确次序写出编号，例如 2 1 3",
        "los números en el orden correcto, como en 2 1 3", "الأرقام بالترتيب الصحيح، مثل 2 1 3"},
    [LEARN_MATCH] = {
        "for a, b, … the number that belongs to it, as in 2 3 1",
        "依次为 a、b……写出与它相配的编号，例如 2 3 1",
        "para a, b, … el número que le corresponde, como en 2 3 1",
        "لكل من a وb … الرقم الذي يناسبه، مثل 2 3 1"},
    [LEARN_LISTED] = {
        "Answer with the numbers of what is listed.", "请用列出的编号回答。",
        "Responde con los números de la lista.", "أجب بأرقام ما هو مذكور في القائمة."},
    [LEARN_NO_LESSON] = {
        "The course has no lesson.", "这门课程还没有课。", "El curso no tiene lecciones.",
        "ليس في المقرر أي درس."},
    [LEARN_NOT_TRANSLATED] = {
        "This lesson is not translated yet.", "这一课还没有翻译。",
        "Esta lección aún no está traducida.", "لم يُترجَم هذا الدرس بعد."},
    [LEARN_RESUMES] = {
        "On from where you were; with --lesson a lesson is read from its beginning.",
        "接着上次的地方继续；加上 --lesson 会从头读这一课。",
        "Seguimos donde lo dejaste; con --lesson la lección se lee desde el principio.",
        "نتابع من حيث توقفت؛ ومع ‎--lesson يُقرأ الدرس من أوله."},
    [LEARN_GO_ON] = {"Enter", "回车", "Intro", "إدخال"},
    [LEARN_ABOUT_YOU] = {
        "About you (!me teen music says it anew; !me takes it back): ",
        "关于你（!me teen music 重新写；只写 !me 则清除）：",
        "Sobre ti (!me teen music lo dice de nuevo; !me lo retira): ",
        "عنك (‏!me teen music لكتابته من جديد، و!me وحدها لمحوه): "},
    [LEARN_GIVEN] = {
        "May what you write train tutors? (!give yes, !give no): ",
        "你写的内容可以用来训练导师吗？（!give yes，!give no）：",
        "¿Puede lo que escribes entrenar tutores? (!give yes, !give no): ",
        "هل يُسمح بتدريب مرشدين على ما تكتبه؟ (‏!give yes أو !give no): "},
    [LEARN_NO_NOTES] = {
        "No notes yet; !+ and your words adds one.", "还没有笔记；输入 !+ 和你的话可以加一条。",
        "Aún no hay notas; !+ y tus palabras añade una.", "لا ملاحظات بعد؛ ‏!+ ثم كلماتك تضيف واحدة."},
    [LEARN_GOAL] = {"a goal", "目标", "una meta", "هدف"},
    [LEARN_CONFUSED] = {"not clear", "不清楚的地方", "no está claro", "غير واضح"},
    [LEARN_SLIP] = {
        "a slip that came back", "反复出现的错误", "un desliz que vuelve", "خطأ متكرّر"},
    [LEARN_OWN] = {"your note", "你的笔记", "tu nota", "ملاحظتك"},
    [LEARN_MEMORY_HOW] = {
        "That could not be done.\n"
        "!  shows all of it\n"
        "!+ and your words, up to 300 characters: a new note\n"
        "!- 7  erases note 7;  != 7 and your words: writes it anew\n"
        "!give yes or !give no",
        "没有办到。\n"
        "!  显示全部\n"
        "!+ 加上你的话（最多 300 个字符）：添加一条笔记\n"
        "!- 7  删除第 7 条；  != 7 加上你的话：改写它\n"
        "!give yes 或 !give no",
        "No se ha podido hacer.\n"
        "!  lo muestra todo\n"
        "!+ y tus palabras, hasta 300 caracteres: una nota nueva\n"
        "!- 7  borra la nota 7;  != 7 y tus palabras: la escribe de nuevo\n"
        "!give yes o !give no",
        "تعذّر ذلك.\n"
        "!  تُظهر كل شيء\n"
        "!+ ثم كلماتك، حتى 300 محرف: ملاحظة جديدة\n"
        "!- 7  تمحو الملاحظة 7؛  != 7 ثم كلماتك: تكتبها من جديد\n"
        "!give yes أو !give no"},
    [LEARN_TAGS] = {
        "!me and any of these:", "!me 加上这些词中的几个：", "!me y algunas de estas:",
        "!me ثم ما يناسبك من هذه:"},
    [LEARN_READ] = {
        "A person has read it:", "老师读过了：", "Una persona la ha leído:", "قرأها شخص:"},
    [LEARN_READ_BY_MODEL] = {
        "A model has read it. This is its view and no grade:", "模型读过了。这是它的看法，不是评分：",
        "Un modelo la ha leído. Es su opinión y no una nota:",
        "قرأها نموذج. هذا رأيه وليس تقييمًا:"},
    [LEARN_WILL_BE_READ] = {
        "Kept. A person will read it.", "已经保存。老师会亲自阅读。", "Guardada. La leerá una persona.",
        "محفوظة. سيقرؤها شخص."},
    [LEARN_NOT_READ] = {
        "Kept. Nobody here reads it.", "已经保存。这里没有人会来阅读。",
        "Guardada. Aquí no la lee nadie.", "محفوظة. لا أحد هنا يقرؤها."},
};
/* clang-format on */

const char *learn_cell(size_t row, size_t column) {
    return row < LEARN_WORDS && column < COUNT_OF(tags) ? table[row][column] : NULL;
}

const char *learn_word(enum learn_word word, const char *language) {
    for (size_t i = 0; i < COUNT_OF(tags); i++)
        if (!strncmp(language, tags[i], 2) && (!language[2] || language[2] == '-'))
            return table[word][i];
    return table[word][0];
}
