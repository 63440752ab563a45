/* recall: what the passages say is found, and what they do not say is not. */
#include "shelf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

/* said: a part of the sentence that must be among those quoted; NULL: the course does not say. */
struct row {
    const char *question, *said;
};

/* clang-format off */
static const struct row english[] = {
    {"what is loss?", "average surprise"},
    {"What's the loss?", "average surprise"},
    {"loss", "average surprise"},
    {"define loss please", "average surprise"},
    {"hey, can you explain to me what a bigram model is?", "is called a bigram model"},
    {"whats a bigarm", "is called a bigram model"},
    {"why do we add one to every count?", "add one to every count"},
    {"WHY DO WE ADD ONE TO EVERY COUNT", "add one to every count"},
    {"why add one to all the cuonts", "add one to every count"},
    {"what is smoothing?", "which is called smoothing"},
    {"can it remember the start of a sentence?", "cannot remember"},
    {"does the model remember how the sentence began", "cannot remember"},
    {"how do I turn counts into probabilities?", "divide each count"},
    {"how do i get probabilties from counts", "divide each count"},
    {"what is a surprise", "surprise of a letter is"},
    {"what does slope mean", "slope of a straight line is"},
    {"what happens if the learning rate is too large?", "overshoot"},
    {"what is the learning rate", "says how long a step"},
    {"when is the loss zero?", "loss of zero"},
    {"who was Cauchy", "Augustin-Louis Cauchy"},
    {"when did Cauchy compute the orbit?", "In October 1847"},
    {"what happens if the rate of learning is too big?", "overshoot"},
    {"who invented the telephone?", NULL},
    {"who invented gradient telephones?", NULL},
    {"what is the capital of France?", NULL},
    {"what is a transformer", NULL},
    {"how do I bake a cake", NULL},
    {"who won the world cup in 2018", NULL},
    {"what is backpropagation?", NULL},
    {"what is a better?", NULL}, /* a word that is not letter */
    {"what is the meaning of life", NULL},
    {"what's the weather like today", NULL},
    {"write a poem about the sea", NULL},
    {"?", NULL},
    {"what is it", NULL},
};
static const struct row chinese[] = {
    {"什么是损失?", "损失是"},
    {"损失是什么意思", "损失是"},
    {"为什么要给每个计数加一?", "计数加一"},
    {"什么是二元模型", "叫做二元模型"},
    {"它能记住句子的开头吗?", "记不住"},
    {"平滑是什么?", "叫做平滑"},
    {"谁发明了电话?", NULL},
    {"法国的首都是哪里?", NULL},
    {"今天天气怎么样", NULL},
};
/* What is put in other words than the question's, and what only points at something. */
static const struct written other_words[] = {
    {"01--smoothing",
     "Adding one",
     {"Add-one smoothing is also called Laplace smoothing, after Pierre-Simon Laplace.",
      "Add-one smoothing takes too much from what was seen.",
      "A model that does well on its training text and badly on other texts is said to overfit.",
      "A probability of 0 means never."}},
    {"02--slope",
     "Slopes",
     {"The walker finds no slope at a lowest point.",
      "Here is the slope at each point of the curve:",
      "To estimate the slope of a curve at a point, take a second point close to it.",
      "The partial derivative of a loss is the slope when one parameter alone moves.",
      "The curly sign ∂ marks a partial derivative, as in $\\frac{\\partial L}{\\partial a}$.",
      "The learning rate is written with the Greek letter $\\eta$, read eta."}},
    {"03--back",
     "Going back",
     {"Backpropagation is not expensive: it costs a few times as much as the forward pass alone.",
      "The chain rule is all that backpropagation uses."}},    {"04--text",
     "The text",
     {"The sign _ stands for the space.", "It reads _she_sells_ in a row.",
      "The symbol ∇ is the mark of a gradient."}},
    {"04--counts",
     "Characters of the training text",
     {"The training text is where the characters are counted.",
      "The characters of the training text are in a row."}},
    {"04--length", "How long", {"The training text has 39 characters."}},
    {"05--people", "People", {"Ghosts haunted Berkeley, as New Zealand knows.", "Bishop George Berkeley asked of such quantities."}},
};
static const struct row other_words_asked[] = {
    {"what does ∂ mean?", "curly sign"},
    {"what does \\partial mean?", "curly sign"},
    {"what does η mean?", "Greek letter"},
    {"what is \\eta?", "Greek letter"},
    {"what is eta?", "Greek letter"},
    {"what does ω mean?", NULL},
    {"how do I find the slope at a point?", "To estimate the slope"},
    {"what is the slope at each point of the curve?", "To estimate the slope"},
    {"how do I find a job?", NULL},
    {"what does overfit mean?", "said to overfit"},
    {"what is overfitting?", "said to overfit"},
    {"how expensive is backpropagation?", "not expensive"},
    {"who invented add-one smoothing?", "Laplace"},
    {"who invented the chain rule?", NULL},
    {"how expensive is backprop?", "not expensive"},
    {"what does the underscore mean?", "stands for the space"},
    {"what does _ mean?", "stands for the space"},
    {"what is the upside down triangle?", "mark of a gradient"},
    {"how many characters has the training text?", "39 characters"},
    {"how many chains has a bicycle?", NULL},
    {"how long is the training text?", "39 characters"},
    {"who was berkeley", "George Berkeley"},
};
static const struct written other_words_chinese[] = {
    {"01--bar",
     "条件概率",
     {"竖线两边不能对调，因为那是另一个概率。", "中间的竖线，意思是“已知”。",
      "概率里只要有一个零，整个乘积就是零。", "概率的总和是一。"}},
    {"01--smoothing",
     "平滑",
     {"加一平滑也叫拉普拉斯平滑，得名于皮埃尔-西蒙·拉普拉斯。",
      "更好的平滑办法是有的；加一平滑是最简单的一个。"}},
    {"01--memory",
     "记性该有多长？",
     {"记性再长，反而猜得更差，因为表的行数太多了。", "今天的大语言模型猜的是词的碎片。"}},
    {"01--perplexity",
     "困惑度",
     {"困惑度这个词出自 1977 年的一篇论文。",
      "模型的困惑度，是 $2$ 的损失次方：先算出损失，再求 $2$ 的这么多次方。"}},
};
static const struct row other_words_asked_chinese[] = {
    {"竖线是什么意思？", "已知"},       {"记性为什么不能太长？", "反而猜得更差"},
    {"概率为零有什么不好？", "整个乘积"}, {"谁发明了加一平滑？", "拉普拉斯"},
    {"困惑度怎么算？", "先算出损失"},     {"谁发明了电话？", NULL},
    {"怎么做蛋糕？", NULL},
};
/* clang-format on */

static int count_wrong(struct recall *recall, const char *language, const struct row *rows,
                       size_t n) {
    int wrong = 0;
    for (size_t i = 0; i < n; i++) {
        struct recall_query query = {.language = language, .text = view_of(rows[i].question)};
        struct recalled found[3];
        bool said, good;
        size_t n_found = recall_find(recall, &query, found, COUNT_OF(found), &said);
        good = said == (rows[i].said != NULL);
        if (said && rows[i].said) {
            good = false;
            for (size_t s = 0; s < found[0].n; s++)
                good = good || view_find(found[0].passage->sentences[found[0].first + s],
                                         view_of(rows[i].said)) >= 0;
        }
        if (good)
            continue;
        wrong++;
        print_message("%s: %s, coverage %.2f, score %.2f\n", rows[i].question,
                      said ? "said" : "not said", n_found ? found[0].coverage : 0,
                      n_found ? found[0].score : 0);
        for (size_t s = 0; n_found && s < found[0].n; s++)
            print_message("  > %.*s\n", VIEW_ARG(found[0].passage->sentences[found[0].first + s]));
    }
    return wrong;
}

static void what_the_lesson_says_is_quoted_and_what_it_does_not_say_is_not(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    struct fault fault = {0};
    size_t n = COUNT_OF(written_english);
    struct recall *recall =
        recall_open_passages(shelf_make(written_english, n, NULL, arena), n, "en", &fault);
    assert_non_null(recall);
    assert_int_equal(count_wrong(recall, "en", english, COUNT_OF(english)), 0);
    recall_close(recall);
    arena_free(arena);
}

static void chinese_is_found_by_characters(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    struct fault fault = {0};
    size_t n = COUNT_OF(written_chinese);
    struct recall *recall =
        recall_open_passages(shelf_make(written_chinese, n, NULL, arena), n, "zh", &fault);
    assert_non_null(recall);
    assert_int_equal(count_wrong(recall, "zh", chinese, COUNT_OF(chinese)), 0);
    recall_close(recall);
    arena_free(arena);
}

static void try_shelf(const struct written *written, size_t n, const char *language,
                      const struct row *rows, size_t n_row) {
    struct arena *arena = arena_new();
    struct fault fault = {0};
    struct recall *recall =
        recall_open_passages(shelf_make(written, n, NULL, arena), n, language, &fault);
    assert_non_null(recall);
    assert_int_equal(count_wrong(recall, language, rows, n_row), 0);
    recall_close(recall);
    arena_free(arena);
}

static void what_is_put_in_other_words_is_found(void **state) {
    (void)state;
    try_shelf(other_words, COUNT_OF(other_words), "en", other_words_asked,
              COUNT_OF(other_words_asked));
    try_shelf(other_words_chinese, COUNT_OF(other_words_chinese), "zh", other_words_asked_chinese,
              COUNT_OF(other_words_asked_chinese));
}

/* clang-format off */
static const struct written small_english[] = {
    {"01--loss", "The loss", {"The *loss* of a model is its average surprise.", "A lower loss is better."}},
    {"01--code", "The program", {"It prints each capital letter of the text.", "Run it twice."}},
};
static const struct written small_chinese[] = {
    {"01--loss", "损失", {"模型的损失是意外度的平均值。", "损失越小越好。"}},
    {"01--code", "程序", {"程序打印首都两个字。", "再运行一次。"}},
};
static const struct written small_spanish[] = {
    {"01--loss", "La pérdida", {"La *pérdida* de un modelo es la sorpresa media.", "Una pérdida menor es mejor."}},
    {"01--exam", "Un examen justo", {"Un texto de prueba es un texto con el que se mide un modelo.", "La sorpresa se mide en bits."}},
    {"01--code", "El programa", {"Imprime cada letra capital del texto.", "Ejecútalo dos veces."}},
    {"01--poet", "Un poeta", {"El matemático Andréi Márkov contó las letras.", "Sumamos uno a cada recuento porque el cero es peligroso.", "El guion bajo no: el signo _ representa el espacio."}},
};
static const struct written small_arabic[] = {
    {"01--loss", "الخسارة", {"خسارة نموذج على نصّ هي متوسط مفاجأته.", "كلما صغرت الخسارة كان أفضل."}},
    {"01--probability", "الاحتمالات", {"الاحتمال عدد بين 0 و1.", "نضيف واحدًا إلى كل تكرار لأن الصفر خطير."}},
    {"01--code", "البرنامج", {"ما هو النص الذي يتعلّم منه؟ يطبع البرنامج عاصمة الحروف.", "شغّله مرتين."}},
    {"01--game", "لعبة", {"النموذج اللغوي آلة تخمّن ما يأتي.", "الإحصاءات السنوية تُنشر مرة."}},
    {"01--sign", "علامة", {"العلامة _ تمثل المسافة."}},
    {"01--moon", "في السماء", {"يُسمّى ذلك قمرًا صناعيًّا."}},
};
static const struct written by_chance[] = {
    {"01--loss", "The loss", {"The loss of a model is its average surprise.", "Markov left out the hard sign.", "Lewis Carroll wrote of it."}},
    {"01--code", "The program", {"It prints each capital letter.", "It zigzags to the end.", "It zigzags again."}},
};
static const struct row by_chance_asked[] = {
    {"is this hard?", NULL}, {"are you hard", NULL}, {"can i print this", NULL}, {"my capital", NULL},
    {"why is it hard?", "the hard sign"}, {"what about a capital?", "capital letter"}, {"is a capital letter printed?", "capital letter"},
    {"can you tell of Carroll?", "Lewis Carroll"}, {"does it zigzag?", "zigzags"}, {"do you know the loss?", "average surprise"},
};
static const struct written by_chance_chinese[] = {
    {"01--loss", "损失", {"损失是意外度的平均值。", "难道不是吗？"}}, {"01--code", "程序", {"程序打印每个字母。"}},
};
static const struct row by_chance_asked_chinese[] = {{"你难吗？", NULL}, {"这个难吗？", NULL}, {"你懂损失吗？", "损失是"}};
static const struct row small_asked_spanish[] = {
    {"¿qué mide la pérdida?", "sorpresa media"}, {"¿qué dice la pérdida de un modelo?", "sorpresa media"},
    {"¿que es la perdida?", "sorpresa media"}, {"quien fue markov", "Márkov"}, {"por que sumar uno", "Sumamos uno"}, {"¿Qué significa el guion bajo?", "representa el espacio"},
    {"¿Cuál es la capital de Mongolia?", NULL},
};
static const struct row small_asked_arabic[] = {
    {"ما هي الخسارة؟", "متوسط مفاجأته"}, {"ماذا تقيس خسارة النموذج؟", "متوسط مفاجأته"}, {"ما معنى الإحتمال؟", "بين 0 و1"},
    {"ما هو نموذج اللغة؟", "تخمّن ما يأتي"}, {"ماذا تعني الشرطة السفلية؟", "تمثل المسافة"}, {"أين تُنشر إحصاءات السنة؟", "السنوية"}, {"ما هو القمر الصناعي؟", "صناعيًّا"},
    {"ما هو المحول؟", NULL}, {"ما هي عاصمة منغوليا؟", NULL}, {"كيف أخبز كعكة؟", NULL},
};
static const struct { const char *language; const struct written *shelf; size_t n; const char *far, *near; } named[] = {
    {"en", small_english, COUNT_OF(small_english), "What is the capital of Mongolia?", "how does Mongolia use a loss in trade?"},
    {"zh", small_chinese, COUNT_OF(small_chinese), "蒙古的首都在哪里？", "蒙古的贸易有没有损失？"},
    {"es", small_spanish, COUNT_OF(small_spanish), "¿Cuál es la capital de Mongolia?", "¿tiene Mongolia pérdida comercial grave?"},
    {"ar", small_arabic, COUNT_OF(small_arabic), "ما هي عاصمة منغوليا؟", "هل تعرف منغوليا خسارة تجارية كبرى؟"},
};
/* clang-format on */

static void spanish_and_arabic_are_found_in_their_own_forms(void **state) {
    (void)state;
    try_shelf(small_spanish, COUNT_OF(small_spanish), "es", small_asked_spanish,
              COUNT_OF(small_asked_spanish));
    try_shelf(small_arabic, COUNT_OF(small_arabic), "ar", small_asked_arabic,
              COUNT_OF(small_asked_arabic));
}

/* "Capital" of letters has nothing to do with that of a country; "loss" is the course's own word.
 */
static void a_passage_is_near_by_a_word_of_the_course_and_not_by_chance(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(named); i++) {
        struct arena *arena = arena_new();
        struct fault fault = {0};
        struct recall *recall =
            recall_open_passages(shelf_make(named[i].shelf, named[i].n, NULL, arena), named[i].n,
                                 named[i].language, &fault);
        const char *const asked[] = {named[i].far, named[i].near};
        for (size_t k = 0; k < 2; k++) {
            struct recall_query query = {.language = named[i].language, .text = view_of(asked[k])};
            struct recalled found[3];
            bool said;
            size_t n = recall_find(recall, &query, found, COUNT_OF(found), &said);
            if (said || (n && found[0].near) != (k == 1))
                fail_msg("%s: %zu found", asked[k], n);
        }
        recall_close(recall);
        arena_free(arena);
    }
}

/* "Is this hard?" has all of its words in common with the hard sign, and asks nothing about it. */
static void one_word_in_common_by_chance_is_no_answer(void **state) {
    (void)state;
    try_shelf(by_chance, COUNT_OF(by_chance), "en", by_chance_asked, COUNT_OF(by_chance_asked));
    struct arena *arena = arena_new();
    struct fault fault = {0};
    struct recall *recall =
        recall_open_passages(shelf_make(by_chance, COUNT_OF(by_chance), NULL, arena),
                             COUNT_OF(by_chance), "en", &fault);
    assert_non_null(recall);
    struct recall_query query = {.language = "en"};
    struct recalled found[2];
    bool said;
    query.text = VIEW("are you hard?"); /* nor shall anybody look for one */
    assert_int_equal(recall_find(recall, &query, found, COUNT_OF(found), &said), 0);
    query.text = VIEW("is it hard?");
    assert_true(recall_find(recall, &query, found, COUNT_OF(found), &said) > 0 && !said);
    recall_close(recall);
    arena_free(arena);
    try_shelf(by_chance_chinese, COUNT_OF(by_chance_chinese), "zh", by_chance_asked_chinese,
              COUNT_OF(by_chance_asked_chinese));
}

/* Else a passage without any number was quoted as a second answer to "how many". */
static void where_a_number_is_asked_for_others_count_for_less(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    struct fault fault = {0};
    size_t n = COUNT_OF(other_words), n_found;
    struct recall *recall =
        recall_open_passages(shelf_make(other_words, n, NULL, arena), n, "en", &fault);
    assert_non_null(recall);
    struct recall_query query = {.language = "en",
                                 .text = VIEW("how many characters has the training text?")};
    struct recalled found[3];
    bool said;
    n_found = recall_find(recall, &query, found, COUNT_OF(found), &said);
    assert_true(said && n_found > 1);
    assert_true(found[1].coverage < 0.9 * found[0].coverage);
    recall_close(recall);
    arena_free(arena);
}

static void the_lesson_at_hand_is_preferred(void **state) {
    (void)state;
    static const struct written twice[] = {
        {"01--a", "Weights", {"A weight is a number in the first model."}},
        {"02--a", "Weights", {"A weight is a number in the second model."}}};
    struct arena *arena = arena_new();
    struct fault fault = {0};
    struct view english_only = VIEW("en");
    struct course course = {.id = VIEW("c"), .n_language = 1, .languages = &english_only};
    struct lesson lessons[2] = {{.language = VIEW("en"), .course = &course, .n_passage = 1},
                                {.language = VIEW("en"), .course = &course, .n_passage = 1}};
    for (size_t i = 0; i < 2; i++)
        lessons[i].passages = shelf_make(&twice[i], 1, &lessons[i], arena);
    course.n_lesson = 2;
    course.lessons = lessons;
    struct course *courses[] = {&course};
    struct recall *recall = recall_open(courses, 1, &fault);
    assert_non_null(recall);
    for (size_t i = 0; i < 2; i++) {
        struct recall_query query = {&course, &lessons[i], "fr", VIEW("what is a weight?")};
        struct recalled found[2];
        bool said;
        assert_int_equal(recall_find(recall, &query, found, 2, &said), 2);
        assert_true(said);
        assert_ptr_equal(found[0].passage->lesson, &lessons[i]);
    }
    recall_close(recall);
    arena_free(arena);
}

static void a_term_is_explained_where_the_author_introduced_it(void **state) {
    (void)state;
    static const struct written weights[] = {
        {"01--a", "Numbers", {"A weight is a heavy word.", "A weight is an old unit."}},
        {"01--b", "Parameters", {"Each input has its number, its weight."}}};
    struct arena *arena = arena_new();
    struct fault fault = {0};
    struct view english_only = VIEW("en");
    struct course course = {.id = VIEW("c"), .n_language = 1, .languages = &english_only};
    struct lesson lesson = {.language = VIEW("en"),
                            .course = &course,
                            .n_passage = 2,
                            .html = VIEW("<p>A weight is a heavy word. A weight is an old "
                                         "unit.</p><p>Each input has its number,\nits "
                                         "<em>weight</em>.</p><em>unclosed")};
    lesson.passages = shelf_make(weights, 2, &lesson, arena);
    course.n_lesson = 1;
    course.lessons = &lesson;
    struct course *courses[] = {&course};
    struct recall *recall = recall_open(courses, 1, &fault);
    assert_non_null(recall);
    struct recall_query query = {&course, &lesson, "en", VIEW("what is a weight?")};
    struct recalled found;
    bool said;
    assert_int_equal(recall_find(recall, &query, &found, 1, &said), 1);
    assert_true(said);
    assert_ptr_equal(found.passage, &lesson.passages[1]);
    recall_close(recall);
    arena_free(arena);
}

/* A short sentence, and one that begins with a formula behind the term: what is before and behind
 * an emphasis is read no further than its sentence. */
static void an_emphasis_is_traced_to_its_own_sentence(void **state) {
    (void)state;
    static const struct written pairs[] = {
        {"01--a",
         "Pairs",
         {"It is one letter.", "A bigram is a pair.", "The text has four of them.",
          "It is small. ", "The logarithm $x$ is a power."}}};
    struct arena *arena = arena_new();
    struct fault fault = {0};
    struct view english_only = VIEW("en");
    struct course course = {.id = VIEW("c"), .n_language = 1, .languages = &english_only};
    struct lesson lesson = {.language = VIEW("en"),
                            .course = &course,
                            .n_passage = 1,
                            .html =
                                VIEW("<p>It is one letter. A <em>bigram</em> is a pair. The text "
                                     "has four of them. It is small. The <em>logarithm</em> "
                                     "<span>x</span> is a power.</p>")};
    lesson.passages = shelf_make(pairs, 1, &lesson, arena);
    course.n_lesson = 1;
    course.lessons = &lesson;
    struct course *courses[] = {&course};
    struct recall *recall = recall_open(courses, 1, &fault);
    assert_non_null(recall);
    static const char *const terms[] = {"bigram", "logarithm"};
    static const size_t sentences[] = {1, 4};
    for (size_t i = 0; i < COUNT_OF(terms); i++) {
        struct recalled found;
        assert_true(recall_define(recall, &course, "en", view_of(terms[i]), &found));
        assert_int_equal(found.first, sentences[i]);
    }
    recall_close(recall);
    arena_free(arena);
}

/* clang-format off */
static const struct written named_english[] = {
    {"01--pairs", "Pairs", {"Many a bigram is counted here.", "A bigram is a pair of letters.", "A bigram of the text is he, and there are 3 of it.", "Bigrams overlap."}},
    {"01--loss", "Loss", {"The loss of a model is its average surprise:", "$L = s / n$", "A loss is good when it is low."}},
    {"01--surprise", "Surprise", {"The surprise of a letter is a logarithm.", "A surprise is measured in bits.", "Loss and surprise are no joke.", "The squared loss is a square."}},
    {"01--rule", "Rules", {"The power rule says how a power changes.", "Nobody works out limits all day.", "A finite difference is an estimate.", "Many a finite difference is wrong."}},
};
static const struct written named_chinese[] = {
    {"01--loss", "损失", {"损失越小越好。", "损失就是平均意外度。"}}, {"01--surprise", "意外度", {"意外度可大可小。", "意外度是概率的对数。"}},
};
static const struct { const char *language, *question, *first, *second; } named_asked[] = {
    {"en", "bigram?", "A bigram is a pair of letters.", NULL}, {"en", "whats the loss", "The loss of a model is its average surprise: $L", NULL},
    {"en", "what about bigrams", "A bigram is a pair of letters.", NULL}, {"en", "explain the power rule", "The power rule says", NULL}, {"en", "can someone explain the power rule?", "The power rule says", NULL},
    {"en", "give me an example of a bigram", "A bigram is a pair of letters. A bigram of the text is he, and there are 3", NULL},
    {"en", "an example of the power rule", "The power rule says", NULL}, {"en", "formula for loss", "The loss of a model is its average surprise: $L = s / n$", NULL},
    {"en", "how do i calculate the loss", "The loss of a model is its average surprise: $L", NULL},
    {"en", "difference between loss and surprise", "The loss of a model", "The surprise of a letter"}, {"en", "surprise vs loss", "The loss of a model", "The surprise of a letter"},
    {"en", "loss vs squared loss", "The squared loss is a square.", "The loss of a model"},
    {"en", "what is a surprise?", "The surprise of a letter is a logarithm. A surprise is measured in bits.", NULL}, {"en", "finite difference?", "A finite difference is", NULL},
    {"zh", "损失", "损失就是平均意外度", NULL}, {"zh", "损失和意外度有什么区别？", "损失就是平均意外度", "意外度是概率的对数"},
};
static const char *const named_not[] = { /* more is asked than a term */
    "difference between loss and a tax", "formula for chocolate", "who has a loss", "why loss", "give me an example of a train"};
/* clang-format on */

/* The lesson's page, where what the author emphasised stands. */
static void put_page(struct lesson *lesson, struct view html, const struct written *written,
                     size_t n, const char *language, struct arena *arena) {
    lesson->html = html;
    lesson->language = view_of(language);
    lesson->n_passage = n;
    lesson->passages = shelf_make(written, n, lesson, arena);
}

static struct recalled *find_named(struct recall *recall, const struct course *course,
                                   const char *language, const char *question, size_t *n,
                                   bool *said) {
    static struct recalled found[3];
    struct recall_query query = {
        .course = course, .language = language, .text = view_of(question)};
    *n = recall_find(recall, &query, found, COUNT_OF(found), said);
    return found;
}

/* A term is in too many sentences for a ranking: who names nothing else is told what it means. */
static void what_names_a_term_alone_is_answered_where_it_is_introduced(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    struct fault fault = {0};
    struct view languages[] = {VIEW("en"), VIEW("zh")};
    struct course course = {.id = VIEW("c"), .n_language = 2, .languages = languages};
    struct lesson lessons[2] = {{.course = &course}, {.course = &course}};
    put_page(&lessons[0],
             VIEW("<p>A <em>bigram</em> is a pair of letters. The <em>loss</em> of a model is its "
                  "average surprise. The <em>surprise</em> of a letter is a logarithm. The "
                  "<em>squared loss</em> is a square. The <em>power rule</em> says how a power "
                  "changes. A <em>finite difference</em> is an "
                  "estimate.</p>"),
             named_english, COUNT_OF(named_english), "en", arena);
    put_page(&lessons[1],
             VIEW("<p><em>损失</em>就是平均意外度。<em>意外度</em>是概率的对数。</p>"),
             named_chinese, COUNT_OF(named_chinese), "zh", arena);
    course.n_lesson = 2;
    course.lessons = lessons;
    struct course *courses[] = {&course};
    struct recall *recall = recall_open(courses, 1, &fault);
    assert_non_null(recall);
    size_t n;
    bool said;
    for (size_t i = 0; i < COUNT_OF(named_asked); i++) {
        const char *wanted[] = {named_asked[i].first, named_asked[i].second};
        const struct recalled *found = find_named(recall, &course, named_asked[i].language,
                                                  named_asked[i].question, &n, &said);
        if (!said || n < (wanted[1] ? 2 : 1))
            fail_msg("%s: %zu found", named_asked[i].question, n);
        for (size_t k = 0; k < 2 && wanted[k]; k++)
            if (view_find(recalled_text(&found[k]), view_of(wanted[k])) != 0)
                fail_msg("%s: %.*s", named_asked[i].question, VIEW_ARG(recalled_text(&found[k])));
    }
    for (size_t i = 0; i < COUNT_OF(named_not); i++) {
        const struct recalled *found = find_named(recall, &course, "en", named_not[i], &n, &said);
        if (said && found[0].score == 1.5)
            fail_msg("%s is said", named_not[i]);
    }
    recall_close(recall);
    arena_free(arena);
}

static void hostile_questions_are_only_not_answered(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    struct fault fault = {0};
    size_t n = COUNT_OF(written_english);
    struct recall *recall =
        recall_open_passages(shelf_make(written_english, n, NULL, arena), n, "en", &fault);
    assert_non_null(recall);
    struct buffer longest = {0};
    for (int i = 0; i < 3000; i++)
        buffer_format(&longest, "count%d ", i);
    const struct view texts[] = {VIEW(""),
                                 VIEW("\" OR 77 --"),
                                 VIEW("NEAR( * ^ t1 AND"),
                                 VIEW("\xff\xfe\x80"),
                                 VIEW("\xf0\x9f\x98\x80"),
                                 VIEW("'; DROP TABLE shelf0; --"),
                                 buffer_view(&longest)};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct recall_query query = {.language = "en", .text = texts[i]};
        struct recalled found[2];
        bool said;
        recall_find(recall, &query, found, 2, &said);
        assert_false(said);
    }
    assert_int_equal(count_wrong(recall, "en", english, 1), 0);
    buffer_free(&longest);
    recall_close(recall);
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_lesson_says_is_quoted_and_what_it_does_not_say_is_not),
        cmocka_unit_test(chinese_is_found_by_characters),
        cmocka_unit_test(what_is_put_in_other_words_is_found),
        cmocka_unit_test(spanish_and_arabic_are_found_in_their_own_forms),
        cmocka_unit_test(a_passage_is_near_by_a_word_of_the_course_and_not_by_chance),
        cmocka_unit_test(one_word_in_common_by_chance_is_no_answer),
        cmocka_unit_test(where_a_number_is_asked_for_others_count_for_less),
        cmocka_unit_test(the_lesson_at_hand_is_preferred),
        cmocka_unit_test(a_term_is_explained_where_the_author_introduced_it),
        cmocka_unit_test(an_emphasis_is_traced_to_its_own_sentence),
        cmocka_unit_test(what_names_a_term_alone_is_answered_where_it_is_introduced),
        cmocka_unit_test(hostile_questions_are_only_not_answered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
