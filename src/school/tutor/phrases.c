/* The tutor's own sentences. Short ones: what the learner did, then what to look at. A bar parts
 * wordings of the same; each language has the same %s. */
#include "school/tutor/phrases.h"

#include <string.h>

enum { LANGUAGES = 4 };
static const char *const tags[LANGUAGES] = {"en", "zh", "es", "ar"};

/* clang-format off */
static const char *const table[PHRASES][LANGUAGES] = {
    [PHRASE_NONE] = {"", "", "", ""},
    [PHRASE_RIGHT] = {
        "That is right. Here is the author's way, to lay beside yours:|It holds. Compare your way with the author's:|Right. The author went like this:",
        "答对了。下面是作者的做法，可以和你的比一比：|正确。看看作者是怎么做的：|对。作者是这样做的：",
        "Es correcto. Compara tu camino con el del autor:|Así es. El autor lo hizo de este modo:",
        "إجابة صحيحة. وهذه طريقة المؤلف، للمقارنة:|هذا صحيح. وهكذا حلّه المؤلف:"},
    [PHRASE_RIGHT_AT_LAST] = {
        "That is right. You kept at it; here is the author's way, to lay beside yours:|Now it holds. Compare with the author's way:",
        "这次对了，你坚持下来了。和作者的做法比一比：|现在对了。看看作者的做法：",
        "Ahora es correcto; no te rendiste. Compara con el camino del autor:",
        "صحيح هذه المرة، والفضل للمثابرة. وهذه طريقة المؤلف، للمقارنة:|الآن صارت صحيحة. وهذه طريقة المؤلف:"},
    [PHRASE_REACHED] = {
        "You can do this now without help: %s.", "这项你已经可以独立完成了：%s。", "Esto ya lo haces sin ayuda: %s.",
        "صار هذا ممكنًا لك دون مساعدة: %s."},
    [PHRASE_NEXT] = {
        "Go on with: %s.", "接着做：%s。", "Sigue con: %s.",
        "التمرين التالي: %s."},
    [PHRASE_NEXT_LESSON] = {
        "Every exercise of this lesson is solved. The next one is: %s.", "本课的练习都解出来了。下一课是：%s。", "Todos los ejercicios de esta lección están resueltos. La siguiente es: %s.",
        "حُلّت كل تمارين هذا الدرس. الدرس التالي: %s."},
    [PHRASE_REST] = {
        "Every exercise here is solved. Rest now; what was learnt settles meanwhile.", "这里的练习都解出来了。休息一下吧，学过的东西会慢慢沉淀。", "Todos los ejercicios están resueltos. Descansa; lo aprendido se asienta mientras tanto.",
        "حُلّت كل التمارين هنا. حان وقت الراحة؛ فما جرى تعلّمه يستقر في هذه الأثناء."},
    [PHRASE_SISTER] = {
        "There is a sister exercise with other numbers: try it without help.", "还有一道换了数字的姊妹题：试试不用帮助来做。", "Hay un ejercicio hermano con otros números: pruébalo sin ayuda.",
        "هناك تمرين شقيق بأعداد أخرى، للتجربة دون مساعدة."},
    [PHRASE_NOT_YET] = {
        "Not yet. Read the question once more: what does it give, and what does it ask for?|Not yet. Which of your steps are you least sure of?",
        "还不对。再读一遍题目：已知什么，要求什么？|还不对。你对哪一步最没把握？",
        "Todavía no. Lee la pregunta otra vez: ¿qué da y qué pide?|Todavía no. ¿Qué paso te convence menos?",
        "ليس بعد. لنقرأ السؤال مرة أخرى: ما المعطى، وما المطلوب؟|ليس بعد. أيّ الخطوات أقلّها يقينًا؟"},
    [PHRASE_SAME_AGAIN] = {
        "That is the answer you gave before. Change one thing about it.", "这和你上次的答案一样。换一处再试。", "Es la misma respuesta de antes. Cambia una cosa.",
        "هذه هي الإجابة السابقة نفسها. يكفي تغيير شيء واحد فيها."},
    [PHRASE_PRINCIPLE] = {
        "This is what it rests on. The lesson says:", "关键在这里。课文说：", "En esto se apoya. La lección dice:",
        "هذا هو الأساس. يقول الدرس:"},
    [PHRASE_EXAMPLE] = {
        "Here is one like it, worked in full.", "这里有一道类似的题，完整地做一遍。", "Aquí hay uno parecido, resuelto por completo.",
        "هذا مثال شبيه به، محلول كاملًا."},
    [PHRASE_EXAMPLE_THEN] = {
        "Now yours. Which step is the first that differs?", "现在轮到你的题。从哪一步开始不一样？", "Ahora el tuyo. ¿Cuál es el primer paso distinto?",
        "والآن تمرينك. ما أول خطوة مختلفة؟"},
    [PHRASE_DWELL] = {
        "Stay with this step a little. The next one is there in %s seconds.", "先在这一步停一停。%s 秒后可以看下一步。", "Quédate un poco con este paso. El siguiente llega en %s segundos.",
        "لنبق قليلًا عند هذه الخطوة. موعد الخطوة التالية بالثواني: %s."},
    [PHRASE_AGAIN] = {
        "The same step once more:|Once more, slowly:", "再看一遍这一步：", "El mismo paso otra vez:",
        "الخطوة نفسها مرة أخرى:"},
    [PHRASE_SOLUTION] = {
        "Here it is, worked out in full. Read each step and say to yourself why it holds.", "下面是完整的解法。每读一步，对自己说说为什么成立。", "Aquí está resuelto por completo. Lee cada paso y dite por qué vale.",
        "هذا هو الحل كاملًا. مع كل خطوة سؤال: لماذا هي صحيحة؟"},
    [PHRASE_SOLUTION_SISTER] = {
        "Then the same with other numbers, on your own.", "然后换一组数字，自己做一遍。", "Después, lo mismo con otros números, por tu cuenta.",
        "ثم الشيء نفسه بأعداد أخرى، دون مساعدة."},
    [PHRASE_SOLUTION_NEXT] = {
        "Then try this one on your own: %s.", "然后自己做这一题：%s。", "Después prueba este por tu cuenta: %s.",
        "ثم هذا التمرين، دون مساعدة: %s."},
    [PHRASE_SOLUTION_ALONE] = {
        "Give it as your answer in your own words, and go on.", "用自己的话作答，然后继续。", "Dalo como respuesta con tus palabras y sigue.",
        "يبقى أن تُكتب الإجابة بكلماتك، ثم نتابع."},
    [PHRASE_SOLVED_ALREADY] = {
        "This one is solved. There is nothing left to hint at.", "这题已经解出来了，没有什么可提示的了。", "Este ya está resuelto. No queda nada que sugerir.",
        "هذا التمرين محلول. لم يبق فيه ما يُلمَّح إليه."},
    [PHRASE_WHERE] = {
        "Which word or line is unclear? Ask with it, and I look up what the lesson says.|Tell me the first thing that you do not follow, and I look it up in the lesson.",
        "哪个词或哪一行不清楚？用它来提问，我去查课文怎么说。|告诉我第一个没看懂的地方，我去课文里查。",
        "¿Qué palabra o qué línea no está clara? Pregunta con ella y busco lo que dice la lección.",
        "أيّ كلمة أو سطر غير واضح؟ يكفي ذكره في السؤال لأبحث عمّا يقوله الدرس."},
    [PHRASE_NO_ANSWER] = {
        "The answer stays yours to find; I help with the next step.|I do not give the answer. A step towards it I do give.",
        "答案要由你自己找到，我帮你走下一步。|我不给答案，但可以给你一步提示。",
        "La respuesta te toca encontrarla a ti; yo ayudo con el paso siguiente.|No doy la respuesta, pero sí un paso hacia ella.",
        "الوصول إلى الإجابة يبقى لك؛ وأنا أساعد في الخطوة التالية.|لا أعطي الإجابة، لكني أعطي خطوة نحوها."},
    [PHRASE_NO_ANSWER_HERE] = {
        "I do not give answers. Ask about anything in the lesson, and I show what it says.", "我不给答案。关于课文的任何问题都可以问，我会告诉你课文怎么说。", "No doy respuestas. Pregunta por cualquier cosa de la lección y te muestro lo que dice.",
        "لا أعطي الإجابات. أيّ سؤال عن الدرس مرحَّب به، وأعرض ما يقوله."},
    [PHRASE_USE_FIELD] = {
        "Here I say neither yes nor no to an answer. Put it into the answer field and press Check: a wrong one costs nothing and teaches something.|Put it into the answer field and press Check. In talk I say neither yes nor no.",
        "在这里我不说对也不说错。请把它填进答案框，点“检查”：答错了没有损失，还能学到东西。",
        "Aquí no digo ni sí ni no a una respuesta. Escríbela en el campo y pulsa Comprobar: fallar no cuesta nada y enseña algo.",
        "هنا لا أقول نعم ولا لا لأيّ إجابة. مكانها حقل الإجابة، ثم زر «تحقّق»: الخطأ لا يكلّف شيئًا ويعلّم شيئًا."},
    [PHRASE_USE_FIELD_TYPED] = {
        "Here I say neither yes nor no to an answer. Type it at the exercise, behind the =: a wrong one costs nothing and teaches something.",
        "在这里我不说对也不说错。请在练习的 = 后面输入答案：答错了没有损失，还能学到东西。",
        "Aquí no digo ni sí ni no a una respuesta. Escríbela en el ejercicio, detrás del =: fallar no cuesta nada y enseña algo.",
        "هنا لا أقول نعم ولا لا لأيّ إجابة. مكانها عند التمرين بعد العلامة =؛ والخطأ لا يكلّف شيئًا ويعلّم شيئًا."},
    [PHRASE_NOT_SAID] = {
        "The course does not say that.", "课程里没有讲到这一点。", "El curso no dice eso.",
        "لا تذكر المادة ذلك."},
    [PHRASE_NOT_SAID_NEAR] = {
        "The course does not say that. The nearest to it is this passage:", "课程里没有讲到这一点。最接近的是这一段：", "El curso no dice eso. Lo más cercano es este pasaje:",
        "لا تذكر المادة ذلك. أقرب ما فيها إليه هذه الفقرة:"},
    [PHRASE_NOT_IN_THESE_WORDS] = {
        "The course does not say that in these words. The nearest to it is this passage:", "课程里没有用这样的话讲过。最接近的是这一段：", "El curso no lo dice con esas palabras. Lo más cercano es este pasaje:",
        "لا تقول المادة ذلك بهذه الكلمات. أقرب ما فيها إليه هذه الفقرة:"},
    [PHRASE_LET_ME_LOOK] = {
        "Let me look in this passage:", "我先看看这一段：", "Déjame mirar en este pasaje:", "لأنظر في هذه الفقرة:"},
    [PHRASE_NOT_IN_THESE_WORDS_ALONE] = {
        "The course does not say that in these words.", "课程里没有用这样的话讲过。", "El curso no lo dice con esas palabras.",
        "لا تقول المادة ذلك بهذه الكلمات."},
    [PHRASE_STILL_LOOKING] = {
        "I am still looking. Read on meanwhile; what I find comes here.", "我还在找。可以先继续往下读；找到的会显示在这里。",
        "Sigo buscando. Mientras tanto sigue leyendo; lo que encuentre aparecerá aquí.", "ما زلت أبحث. يمكن متابعة القراءة في الأثناء؛ وما أجده سيظهر هنا."},
    [PHRASE_STILL_LOOKING_HINT] = {
        "I am still looking. Meanwhile there is a hint to this exercise, by its author; what I find comes here.", "我还在找。这道题有作者写的提示，可以先看；找到的会显示在这里。",
        "Sigo buscando. Mientras tanto hay una pista de este ejercicio, de su autor; lo que encuentre aparecerá aquí.", "ما زلت أبحث. في الأثناء يوجد تلميح لهذا التمرين من مؤلّفه؛ وما أجده سيظهر هنا."},
    [PHRASE_LOOKED_IN_VAIN] = {
        "I have looked and found nothing that answers it. Other words may help, or somebody who knows.", "我找过了，没有找到答案。换个说法试试，或者问问懂的人。",
        "He buscado y no he encontrado nada que lo responda. Prueba con otras palabras, o pregunta a quien lo sepa.", "بحثت ولم أجد جوابًا. قد تنفع صياغة أخرى، أو سؤال من يعرف."},
    [PHRASE_WITHHELD] = {
        "The lesson answers that in this passage. I do not quote it now, since it would give away the exercise at hand; read it there.",
        "课文在这一段里回答了这个问题。现在不引用它，因为会泄露眼前这题的答案；请到那里去读。",
        "La lección lo responde en este pasaje. No lo cito ahora, porque delataría el ejercicio; léelo allí.",
        "يجيب الدرس عن ذلك في هذه الفقرة. لا أنقلها الآن لأنها تكشف حل التمرين الحالي؛ ويمكن قراءتها هناك."},
    [PHRASE_GREETING] = {
        "Hello. Ask about anything in the lesson, or go on with the exercise.", "你好。课文里的任何内容都可以问，也可以接着做题。", "Hola. Pregunta por cualquier cosa de la lección, o sigue con el ejercicio.",
        "مرحبًا. يمكنك السؤال عن أيّ شيء في الدرس، أو متابعة التمرين."},
    [PHRASE_THANKS] = {
        "You are welcome. On with it.", "不客气。我们继续。", "De nada. Sigamos.",
        "عفوًا. لنتابع."},
    [PHRASE_BYE] = {
        "Until next time. What you did is kept.", "下次见。你做过的都保存着。", "Hasta la próxima. Lo que hiciste queda guardado.",
        "إلى اللقاء. كل ما أنجزته محفوظ."},
    [PHRASE_WHO] = {
        "I am a program: plain rules grade and choose, the author's lesson answers, and sometimes a small language model words it. No person reads along as you type.",
        "我是一个程序：评分和选择靠明确的规则，回答来自作者的课文，有时由一个小语言模型来措辞。你打字时没有真人在看。",
        "Soy un programa: reglas simples califican y eligen, la lección del autor responde, y a veces un pequeño modelo de lenguaje le da forma. Nadie lee mientras escribes.",
        "أنا برنامج: قواعد صريحة تصحّح وتختار، ودرس المؤلف يجيب، وأحيانًا يصوغ العبارةَ نموذجٌ لغوي صغير. لا أحد يقرأ معك أثناء الكتابة."},
    [PHRASE_FEELING] = {
        "A pause is part of learning. When you are back, one small step is enough.|That happens to everyone who learns something hard. Take a short break, then one small step.",
        "休息也是学习的一部分。回来以后，走一小步就够了。",
        "Una pausa es parte de aprender. Cuando vuelvas, basta un paso pequeño.",
        "التوقف قليلًا جزء من التعلّم. وعند العودة تكفي خطوة صغيرة واحدة."},
    [PHRASE_RUDE] = {
        "I am a program and take no offence. Which step is unclear? Ask with it, and I look up what the lesson says.", "我是程序，不会生气。哪一步不清楚？用它来提问，我去查课文怎么说。",
        "Soy un programa y no me ofendo. ¿Qué paso no está claro? Pregunta con él y busco lo que dice la lección.",
        "أنا برنامج ولا أنزعج. أيّ خطوة غير واضحة؟ يكفي ذكرها في السؤال لأبحث عمّا يقوله الدرس."},
    [PHRASE_FINE] = {
        "Good. On with it.", "好，我们继续。", "Bien. Sigamos.",
        "حسنًا. لنتابع."},
    [PHRASE_ABLE] = {
        "Ask about anything in the lesson, and I look up what the course says. At an exercise I give hints, a step at a time. I work out sums, convert units, and keep what you tell me about yourself as notes that you can erase.",
        "课文里的任何内容都可以问，我去查课程怎么说。做题时我一步一步给提示。我还会算式子、换算单位，并把你说的关于自己的事记成笔记，你随时可以删除。",
        "Pregunta por cualquier cosa de la lección y busco lo que dice el curso. En un ejercicio doy pistas, paso a paso. También hago cuentas, convierto unidades y guardo lo que me cuentas de ti en notas que puedes borrar.",
        "يمكنك السؤال عن أيّ شيء في الدرس، وأبحث عمّا تقوله المادة. وفي التمارين أعطي تلميحات خطوة خطوة. كما أحسب وأحوّل الوحدات، وأحفظ ما تقوله لي عنك في ملاحظات يمكن محوها."},
    [PHRASE_COURSE] = {
        "These are the lessons of the course: %s.", "这门课有这些内容：%s。", "Estas son las lecciones del curso: %s.",
        "هذه دروس المادة: %s."},
    [PHRASE_LESSON] = {
        "The lesson goes through these: %s. Ask about any of them.", "这一课依次讲：%s。其中任何内容都可以问。", "La lección recorre esto: %s. Pregunta por cualquiera de estas partes.",
        "يمرّ الدرس بما يلي: %s. ويمكن السؤال عن أيّ منها."},
    [PHRASE_PROGRESS] = {
        "The page “Progress” in the menu shows what you know, what is due, and what comes next.", "菜单里的“进度”页面显示你已经会什么、该复习什么、接下来是什么。", "La página «Progreso» del menú muestra lo que sabes, lo que toca repasar y lo que sigue.",
        "تعرض صفحة «التقدّم» في القائمة ما أتقنته، وما حان وقت مراجعته، وما يليه."},
    [PHRASE_PROGRESS_TYPED] = {
        "When you stop with q, you see how many exercises of each lesson you have solved.", "输入 q 结束时，会列出每一课你做对了多少道练习。", "Al terminar con q ves cuántos ejercicios de cada lección has resuelto.",
        "عند التوقف بالحرف q يظهر عدد ما حُلّ من تمارين كل درس."},
    [PHRASE_PRACTICE] = {
        "On the page “Progress”, “Practise” brings exercises picked for you; there you can ask for gentler or harder ones.", "在“进度”页面点“开始练习”，会有为你挑的题；在那里可以要简单一点或难一点的。", "En la página «Progreso», «Practicar» trae ejercicios elegidos para ti; allí puedes pedirlos más fáciles o más difíciles.",
        "في صفحة «التقدّم» زر «تدرّب» يعرض تمارين مختارة لك؛ وهناك يمكن طلب الأسهل أو الأصعب."},
    [PHRASE_PRACTICE_TYPED] = {
        "Enter leads on to the next exercise; + brings another of the same kind, once one is offered.", "按回车键去下一道练习；可以再做一道同类的练习时，输入 +。", "Con Intro pasas al siguiente ejercicio; con + haces otro parecido, cuando se ofrezca.",
        "مفتاح الإدخال ينتقل إلى التمرين التالي؛ والعلامة + تأتي بآخر من النوع نفسه حين يُعرض عليك."},
    [PHRASE_LANGUAGES] = {
        "Write to me in English, Chinese, Spanish or Arabic, and I answer in it.", "可以用英语、汉语、西班牙语或阿拉伯语写给我，我会用同一种语言回答。", "Escríbeme en inglés, chino, español o árabe, y respondo en esa lengua.",
        "يمكن الكتابة إليّ بالإنجليزية أو الصينية أو الإسبانية أو العربية، وأجيب باللغة نفسها."},
    [PHRASE_SURE] = {
        "What I quote are sentences of the course, and the place that they come from stands beside them: read on there. Should one be wrong, tell your teacher.", "我引用的是课程里的原句，旁边标着出处，可以到那里接着读。如果哪一句有错，请告诉老师。", "Lo que cito son frases del curso, y a su lado está el lugar de donde vienen: sigue leyendo allí. Si alguna está mal, díselo a tu docente.",
        "ما أقتبسه جمل من المادة، وبجانبها موضعها للقراءة هناك. وإن كانت إحداها خطأ فمن المفيد إخبار المعلّم."},
    [PHRASE_PACE] = {
        "How hard it is and how long it takes differ from one learner to the next. No clock runs, the exercises have hints, and a wrong answer costs nothing.", "难不难、要多久，因人而异。这里不计时，练习都有提示，答错了也没有损失。", "Lo difícil que es y lo que dura cambian de una persona a otra. Aquí no corre el reloj, los ejercicios tienen pistas y fallar no cuesta nada.",
        "تختلف الصعوبة والمدة من متعلّم إلى آخر. لا وقت محدَّد هنا، وللتمارين تلميحات، والخطأ لا يكلّف شيئًا."},
    [PHRASE_MISSED] = {
        "Then I looked for the wrong thing: I go by the words of your question. Ask again with a word that the lesson uses, or ask your teacher.", "看来我找错了：我是按你问题里的词去找的。请用课文里的词再问一次，或者问老师。", "Entonces busqué lo que no era: me guío por las palabras de tu pregunta. Pregunta otra vez con una palabra de la lección, o pregunta a tu docente.",
        "إذن بحثتُ عن غير المقصود، فأنا أتبع كلمات السؤال. قد تنفع إعادة السؤال بكلمة من الدرس، أو سؤال المعلّم."},
    [PHRASE_SIGN] = {
        "In the menu at the top: “Sign in” takes your name and password, and on the page “Account” you change them or “Sign out”. Where neither stands there, you have no account, and this browser alone knows you. Who has lost the password asks the teacher for a link that lets them in once.", "在页面顶部的菜单里：“登录”需要你的名字和密码，在“账号”页面可以修改它们，也可以“退出”。如果菜单里两个都没有，说明你没有账号，只有这个浏览器认得你。忘了密码，就请老师给你一个只能用一次的链接。", "En el menú de arriba: «Iniciar sesión» pide tu nombre y tu contraseña, y en la página «Cuenta» los cambias o usas «Cerrar sesión». Si no aparece ninguno, no tienes cuenta y solo este navegador te conoce. Quien perdió la contraseña pide a su docente un enlace que sirve una sola vez.",
        "في القائمة أعلى الصفحة: «تسجيل الدخول» يطلب الاسم وكلمة المرور، وفي صفحة «الحساب» يمكن تغييرهما أو «تسجيل الخروج». وإن لم يظهر أيٌّ منهما فلا حساب لك، ولا يعرفك إلا هذا المتصفح. ومن نسي كلمة المرور يطلب من المعلّم رابطًا يصلح مرة واحدة."},
    [PHRASE_CLOCK] = {
        "The time of day stands on your device. I reckon with days: ask, for instance, how many days there are until a date.", "几点了请看你的设备。我会算日期：比如可以问离某一天还有多少天。", "La hora la muestra tu dispositivo. Yo cuento con días: pregunta, por ejemplo, cuántos días faltan para una fecha.",
        "الوقت ظاهر على جهازك. أما الأيام فأحسبها: مثلًا كم يومًا بقي حتى تاريخ معيّن."},
    [PHRASE_LOOKS] = {
        "The page follows your device: set it to dark, and the page is dark. The zoom of the browser (Ctrl and +) makes the letters larger.", "页面跟随你的设备：设备设成深色，页面也变深色。用浏览器的缩放（Ctrl 和 +）可以把字放大。", "La página sigue a tu dispositivo: si lo pones en modo oscuro, la página se oscurece. Con el zoom del navegador (Ctrl y +) las letras se agrandan.",
        "تتبع الصفحة إعداد جهازك: إن كان داكنًا صارت داكنة. وتكبير المتصفح (Ctrl و+) يكبّر الحروف."},
    [PHRASE_PAGE_LANGUAGE] = {
        "The languages stand at the top of every page: English, 中文, Español, العربية. Choose one there; to me you can write in any of them.", "每一页的顶部都有语言：English、中文、Español、العربية，点一个就行；和我说话用哪一种都可以。", "Las lenguas están arriba en cada página: English, 中文, Español, العربية. Elige una allí; a mí puedes escribirme en cualquiera de ellas.",
        "اللغات في أعلى كل صفحة: English، 中文، Español، العربية، ويمكن اختيار إحداها هناك؛ أما الكتابة إليّ فممكنة بأيٍّ منها."},
    [PHRASE_YOUR_DATA] = {
        "The page “What the school remembers of you”, linked from “Progress”, shows what is noted of you; there you can erase it or take it with you as files. Your answers and our talk are kept until whoever runs the school erases them: ask them, or your teacher.", "“进度”页面里有一个链接，打开“学校记得你的什么”，那里显示记下的内容，可以删除，也可以导出为文件。你的作答和我们的对话会一直保存，直到管理学校的人把它们删除：请向他们或老师提出。", "La página «Lo que la escuela recuerda de ti», con enlace en «Progreso», muestra lo que se anotó de ti; allí puedes borrarlo o llevártelo en archivos. Tus respuestas y lo que hablamos se guardan hasta que quien lleva la escuela los borre: pídeselo, o díselo a tu docente.",
        "صفحة «ما تتذكّره المدرسة عنك»، ورابطها في «التقدّم»، تعرض ما دُوّن عنك، وفيها يمكن محوه أو أخذه في ملفات. أما إجاباتك وحديثنا فتبقى محفوظة إلى أن يمحوها من يدير المدرسة: يمكن طلب ذلك منه أو من المعلّم."},
    [PHRASE_PRINT] = {
        "Print it from the browser (Ctrl and P). What comes out is the lesson alone, without the menu and our talk.", "用浏览器打印（Ctrl 和 P），印出来的只有课文，没有菜单和我们的对话。", "Imprímela desde el navegador (Ctrl y P). Sale solo la lección, sin el menú ni lo que hablamos.",
        "الطباعة من المتصفح (Ctrl وP). ويُطبع الدرس وحده، دون القائمة ودون حديثنا."},
    [PHRASE_FREE] = {
        "No page here asks for money. The program is free software (Apache License 2.0).", "这里没有哪一页要收钱。这个程序是自由软件（Apache 许可证 2.0）。", "Ninguna página pide dinero aquí. El programa es software libre (Licencia Apache 2.0).",
        "لا صفحة هنا تطلب مالًا. والبرنامج برمجية حرّة (رخصة أباتشي 2.0)."},
    [PHRASE_READERS] = {
        "What you answer and write to me is kept on the school’s own machine. Your teachers and the owner of the school can read it; other learners cannot. It trains a model only if you agree on the page “What the school remembers of you”.", "你的作答和写给我的话保存在学校自己的机器上。你的老师和学校的所有者可以看到，别的学习者看不到。只有你在“学校记得你的什么”页面同意，才会用来训练模型。", "Lo que respondes y me escribes se guarda en la propia máquina de la escuela. Pueden leerlo tus docentes y quien es dueño de la escuela; otros alumnos no. Solo entrena un modelo si lo aceptas en la página «Lo que la escuela recuerda de ti».",
        "إجاباتك وما تكتبه إليّ محفوظ على جهاز المدرسة نفسها. يستطيع معلّموك ومالك المدرسة قراءته، ولا يستطيع ذلك متعلّم آخر. ولا يُدرَّب به نموذج إلا بموافقتك في صفحة «ما تتذكّره المدرسة عنك»."},
    [PHRASE_KEPT] = {
        "Each answer is kept as soon as you give it; the page “Progress” shows it. To go on, come back in this browser, or sign in to your account in another.", "每个答案一提交就保存下来，在“进度”页面可以看到。要接着学，用这个浏览器回来，或者在别处登录你的账号。", "Cada respuesta se guarda en cuanto la das; la página «Progreso» lo muestra. Para seguir, vuelve con este navegador o inicia sesión con tu cuenta en otro.",
        "تُحفظ كل إجابة فور تقديمها، وتظهر في صفحة «التقدّم». وللمتابعة تكفي العودة بهذا المتصفح، أو تسجيل الدخول إلى حسابك في غيره."},
    [PHRASE_DEVICES] = {
        "Any new browser will do, a phone’s too. While the school cannot be reached, lessons that this device has kept can be read on, and answers wait until it is back; hints and questions need the school.", "新一点的浏览器都可以，手机也行。连不上学校时，这台设备保存过的课文可以继续读，答案会等到恢复后再送出；提示和提问需要连上学校。", "Sirve cualquier navegador reciente, también el de un teléfono. Cuando no se llega a la escuela, las lecciones que este dispositivo guardó se pueden seguir leyendo y las respuestas esperan; las pistas y las preguntas necesitan la escuela.",
        "يكفي أيّ متصفح حديث، وفي الهاتف أيضًا. وحين يتعذّر الوصول إلى المدرسة يمكن متابعة قراءة الدروس المحفوظة على هذا الجهاز، وتنتظر الإجابات حتى تعود؛ أما التلميحات والأسئلة فتحتاج إلى المدرسة."},
    [PHRASE_FIND_LESSON] = {
        "At the end of each lesson are links to the one before and the one after. The name Lyceum at the top leads to all lessons.", "每一课的末尾有上一课和下一课的链接；点页面顶部的 Lyceum 可以看到所有的课。", "Al final de cada lección hay enlaces a la anterior y a la siguiente. El nombre Lyceum, arriba, lleva a todas.",
        "في نهاية كل درس رابطان إلى الدرس السابق والتالي. واسم Lyceum في أعلى الصفحة يفتح قائمة الدروس كلها."},
    [PHRASE_NAME] = {
        "On the page “Progress” you say what I shall call you. The name to sign in with is changed on the page “Account”.", "在“进度”页面可以写我该怎么称呼你；登录用的名字在“账号”页面修改。", "En la página «Progreso» dices cómo debo llamarte. El nombre para iniciar sesión se cambia en la página «Cuenta».",
        "في صفحة «التقدّم» يُكتب الاسم الذي أناديك به. أما اسم الدخول فيُغيَّر في صفحة «الحساب»."},
    [PHRASE_FAULT] = {
        "I cannot mend pages or lessons. Load the page again; what you answered is kept. If it stays so, tell your teacher or whoever runs the school.", "页面和课文我改不了。请重新加载页面，你答过的都保存着。如果还是这样，请告诉老师或管理学校的人。", "No puedo arreglar páginas ni lecciones. Carga la página otra vez; lo que respondiste está guardado. Si sigue igual, díselo a tu docente o a quien lleva la escuela.",
        "لا أستطيع إصلاح الصفحات أو الدروس. قد تنفع إعادة تحميل الصفحة، وإجاباتك محفوظة. وإن بقي الأمر كما هو فمن المفيد إخبار المعلّم أو من يدير المدرسة."},
    [PHRASE_TEACHER] = {
        "I am a program and pass nothing on. Speak to your teacher; if you are in a class, they can read what you answer and ask here.", "我是程序，不能替你转告。请直接找老师；如果你在一个班里，老师能看到你在这里的作答和提问。", "Soy un programa y no paso recados. Habla con tu docente; si estás en una clase, puede leer lo que respondes y preguntas aquí.",
        "أنا برنامج ولا أنقل الرسائل. الأفضل الحديث مع المعلّم مباشرة؛ ومن كان في صف استطاع معلّمه قراءة إجاباته وأسئلته هنا."},
    [PHRASE_THAT_IS] = {
        "That is %s.", "结果是 %s。", "El resultado es %s.",
        "الناتج: %s."},
    [PHRASE_TAKEN_FOR] = {
        "If you mean %s, that is %t.", "如果你指的是 %s，结果是 %t。", "Si te refieres a %s, el resultado es %t.",
        "إن كان المقصود %s فالناتج %t."},
    [PHRASE_WRITES] = {
        "The program writes:", "程序写出：", "El programa escribe:",
        "يكتب البرنامج:"},
    [PHRASE_CANNOT] = {
        "I cannot tell you that: %s.", "这个我说不出来：%s。", "Eso no te lo puedo decir: %s.",
        "لا أستطيع قول ذلك: %s."},
    [PHRASE_NO_NOTE] = {
        "I find nothing about that among what you told me.", "在你告诉过我的事情里，我没有找到这一点。", "No encuentro nada de eso entre lo que me contaste.",
        "لا أجد شيئًا عن ذلك في ما قلته لي."},
    [PHRASE_LEFT_TO_YOU] = {
        "I do not work that out now, since it would give away the exercise at hand. It stays yours to find.",
        "现在我不算这个，因为会泄露眼前这题的答案。这一步留给你自己。",
        "Eso no lo calculo ahora, porque delataría el ejercicio. Te toca encontrarlo a ti.",
        "لا أحسب ذلك الآن لأنه يكشف حل التمرين الحالي. الوصول إليه يبقى لك."},
    [PHRASE_NOTED] = {
        "I keep that in mind. Your memory page shows it; there you can change or erase it.", "我记住了。在“记忆”页面可以看到，也可以修改或删除。", "Lo tendré presente. Lo ves en la página de memoria; allí puedes cambiarlo o borrarlo.",
        "سأضع ذلك في الاعتبار. وهو ظاهر في صفحة الذاكرة، حيث يمكن تعديله أو محوه."},
    [PHRASE_NOTED_TYPED] = {
        "I keep that in mind. Type ! to see it, and to change or erase it.", "我记住了。输入 ! 可以看到，也可以修改或删除。", "Lo tendré presente. Escribe ! para verlo, cambiarlo o borrarlo.",
        "سأضع ذلك في الاعتبار. وتُظهره العلامة ! حيث يمكن تعديله أو محوه."},
    [PHRASE_YOU_TOLD_ME] = {
        "On %s you told me: “%t”", "%s，你告诉过我：“%t”", "El %s me dijiste: «%t»",
        "هذا ما قلته لي بتاريخ %s: «%t»"},
    [PHRASE_ASKS] = {
        "Shall examples fit you better? Tell roughly how old you are, what you like and what you know already; or leave it, and I do not ask again.", "想让例子更适合你吗？说说你大概多大、喜欢什么、已经会什么；不想说也可以，我不会再问。", "¿Quieres ejemplos más a tu medida? Di más o menos qué edad tienes, qué te gusta y qué sabes ya; o déjalo, y no vuelvo a preguntar.",
        "هل تناسبك أمثلة أقرب إليك؟ تكفي كلمات عن العمر تقريبًا، والاهتمامات، وما هو معروف لديك؛ ويمكن ترك ذلك، ولن أسأل مرة أخرى."},
    [PHRASE_CARE] = {
        "This matters more than any lesson. I am a program and cannot help with it, but people can: talk now to somebody you trust, or call the emergency number where you are.",
        "这比任何课都重要。我只是一个程序,帮不了这件事,但是有人可以:请现在就告诉一个你信任的人,或拨打当地的求助电话。",
        "Esto importa más que cualquier lección. Soy un programa y no puedo ayudar, pero hay personas que sí: habla ahora con alguien de confianza o llama al número de emergencias de donde estás.",
        "هذا أهم من أيّ درس. أنا برنامج ولا أستطيع المساعدة فيه، لكن هناك أشخاصًا يستطيعون: من المهم الحديث الآن مع شخص موضع ثقة، أو الاتصال برقم الطوارئ المحلي."},
};
/* clang-format on */

static size_t find_language(const char *language) {
    size_t i = 0;
    while (i < LANGUAGES && (strncmp(language, tags[i], 2) || (language[2] && language[2] != '-')))
        i++;
    return i;
}

bool phrase_language(const char *language) {
    return find_language(language) < LANGUAGES;
}

const char *phrase_tag(const char *language) {
    return tags[find_language(language) % LANGUAGES];
}

enum phrase phrase_typed(enum phrase phrase) {
    static const enum phrase typed[PHRASES] = {[PHRASE_USE_FIELD] = PHRASE_USE_FIELD_TYPED,
                                               [PHRASE_PROGRESS] = PHRASE_PROGRESS_TYPED,
                                               [PHRASE_PRACTICE] = PHRASE_PRACTICE_TYPED,
                                               [PHRASE_NOTED] = PHRASE_NOTED_TYPED};
    return typed[phrase] ? typed[phrase] : phrase;
}

struct view phrase_text(enum phrase phrase, const char *language, unsigned turn) {
    struct view all = view_of(table[phrase][find_language(language) % LANGUAGES]);
    unsigned n = 1;
    for (size_t i = 0; i < all.n; i++)
        n += all.at[i] == '|';
    for (unsigned skip = turn % n; skip; skip--)
        all = view_slice(all, (size_t)view_find(all, VIEW("|")) + 1, all.n);
    ptrdiff_t end = view_find(all, VIEW("|"));
    return end < 0 ? all : view_slice(all, 0, (size_t)end);
}

struct view phrase_fill(enum phrase phrase, const char *language, unsigned turn, struct view with,
                        struct arena *arena) {
    struct view text = phrase_text(phrase, language, turn);
    ptrdiff_t at = view_find(text, VIEW("%s"));
    if (at < 0)
        return text;
    return view_of(arena_format(arena, "%.*s%.*s%.*s", (int)at, text.at, VIEW_ARG(with),
                                VIEW_ARG(view_slice(text, (size_t)at + 2, text.n))));
}
