/* The review on texts alone: what may be said about a passage, and what may not. */
#include "school/tutor/tutor.h"
#include "school/tutor/words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

struct row {
    const char *question, *draft;
    enum strike strike;
};

static const char *const english[] = {
    "Take a text and count, for each letter, which letter follows it.",
    "The table of these counts is called a bigram model.",
    "A bigram model looks at one letter, the last one, and guesses the next.",
    "It has forgotten everything before that, so it cannot remember how a sentence began.",
    "To turn counts into probabilities, divide each count by the total of its row.",
    "The row of the letter $q$ has 40 counts, 39 of them for $u$.",
    "That is why we add one to every count before we divide, which is called smoothing.",
    "The loss of a model is the average surprise over a text.",
    "A model that is never surprised has a loss of zero.",
    "In October 1847 Augustin-Louis Cauchy wanted to compute the orbit of a heavenly body.",
    "With a learning rate that is too large the steps overshoot the valley and the loss grows.",
    "Some models with many layers learn slowly.",
    "A large model may forget what it was taught.",
    "Water boils at 100 degrees at sea level.",
    "Cats chase mice, and dogs chase cats.",
    "Many people wrongly believe that the brain stores words in one place.",
    "The power rule holds only if the exponent is constant.",
    "The slope is the rise divided by the run.",
    "In winter, bears sleep.",
    "The derivative of $(x+1)^2$ is $2(x+1)$.",
    "Newton taught Halley, although he taught him little.",
    "The second layer is larger than the first.",
    "Is the loss ever negative?",
    "The old table was replaced by the new network.",
    "A smaller loss is better, and a larger loss is worse.",
    "A sum is even when both numbers are odd.",
    "The town was rich, but the village was poor.",
    "The text _she_ holds four pairs: _s, sh, he and e_.",
    "One training step is a forward pass and a backward pass.",
    "It does not see the start, nor the end.",
    "A small model cannot see ahead.",
    "It finds no way, because every node is shut.",
    "A longer memory in the form of a table does not go far.",
    "Learning, for a model, means turning its parameters.",
    "A chain in which the next depends on the present one is now called a Markov chain.",
    "A chain without any order is never called a stray chain.",
    "Held still means treated as a constant: for $a^2 + b^2$ the slopes are $2a$ and $2b$.",
};

static const struct row english_rows[] = {
    /* quotes and what may be said in nearly their words */
    {"What is loss?", "The loss of a model is the average surprise over a text.", STRIKE_NONE},
    {"What is the loss of a model?", "The average surprise over a text.", STRIKE_NONE},
    {"What is the loss of a model?", "It is the average surprise over a text.", STRIKE_NONE},
    {"What is the table called?", "The table of these counts is called a bigram model.",
     STRIKE_NONE},
    {"What's the loss of a model that is never surprised?",
     "A model that is never surprised has a loss of zero.", STRIKE_NONE},
    {"What loss has a model that is never surprised?", "It has a loss of zero.", STRIKE_NONE},
    {"How do I turn counts into probabilities?", "You divide each count by the total of its row.",
     STRIKE_NONE},
    {"How do I turn counts into probabilities?", "By dividing each count by the total of its row.",
     STRIKE_GROUND},
    {"How do I turn counts into probabilities?", "Divide each count by the total of its row.",
     STRIKE_NONE},
    {"Can a bigram model remember how a sentence began?",
     "No, it cannot remember how a sentence began.",
     STRIKE_GROUND}, /* "bigram model" is not said */
    {"Can it remember how a sentence began?", "No, it cannot remember how a sentence began.",
     STRIKE_NONE},
    {"Can it remember how a sentence began?", "It can't remember how a sentence began.",
     STRIKE_NONE},
    {"Can it remember?", "A bigram model cannot remember how a sentence began.", STRIKE_NONE},
    {"Why do we add one to every count?",
     "That is why we add one to every count before we divide.", STRIKE_NONE},
    {"How many counts has the row of the letter q?", "The row of the letter q has 40 counts.",
     STRIKE_NONE},
    {"How many counts has the row of the letter q?", "It has forty counts.", STRIKE_NONE},
    {"What did Cauchy want in October 1847?",
     "Cauchy wanted to compute the orbit of a heavenly body.", STRIKE_NONE},
    {"What did Cauchy want?", "Cauchy wanted to compute the orbit of a heavenly body.",
     STRIKE_NONE},
    {"Can it remember how a sentence began?", "No, it cannot remember how a sentence began.",
     STRIKE_NONE},
    {"How far does it go?", "Longer memory in the form of a table does not go far.", STRIKE_NONE},
    {"How far does it go?", "With longer memory in the form of a table does not go far.",
     STRIKE_GROUND},
    {"What is learning?", "Learning is a model's means of turning its parameters.", STRIKE_GROUND},
    {"Can it see ahead?", "No, it cannot see ahead.", STRIKE_NONE},
    {"Why does it drift?", "Because it finds no way, because every node is shut.", STRIKE_GROUND},
    {"Why does it find no way?", "Because every node is shut.", STRIKE_NONE},
    {"Which models see ahead?", "They cannot see ahead.", STRIKE_GROUND},
    {"What is a Markov chain?",
     "A Markov chain is a chain in which the next depends on the present one.", STRIKE_NONE},
    {"What is a Markov chain?", "A Markov chain is called a chain.", STRIKE_GROUND},
    {"What is a stray chain?", "A stray chain is a chain without any order.", STRIKE_GROUND},
    {"What did Augustin-Louis Cauchy want in October 1847?",
     "He wanted to compute the orbit of a heavenly body.", STRIKE_NONE},
    {"Which loss is better?", "A smaller loss is better.", STRIKE_NONE},
    {"What is the slope?", "The slope is the rise divided by the run.", STRIKE_NONE},
    {"What do dogs chase?", "Dogs chase cats.", STRIKE_NONE},
    {"What is the derivative of $(x+1)^2$?", "The derivative of $(x+1)^2$ is $2(x+1)$.",
     STRIKE_NONE},
    {"At what temperature does water boil at sea level?", "Water boils at 100 degrees.",
     STRIKE_NONE},
    {"What does the text _she_ hold?", "The text _she_ holds four pairs: _s, sh, he and e_.",
     STRIKE_NONE},
    {"What does the text _she_ hold?", "The text she holds four pairs: s, sh, he and e.",
     STRIKE_GROUND},
    {"What is a training step?", "A training step is a forward pass and a backward pass.",
     STRIKE_NONE},
    {"Does it see the start?", "It does not see the start.", STRIKE_NONE},
    {"What is held still?", "Held still means treated as a constant.", STRIKE_NONE},
    /* negation and polarity */
    {"", "A bigram model can remember how a sentence began.", STRIKE_GROUND},
    {"", "It can remember how a sentence began.", STRIKE_GROUND},
    {"Can it remember how a sentence began?", "Yes, it can remember how a sentence began.",
     STRIKE_GROUND},
    {"Can it remember how a sentence began?", "Yes, it cannot remember how a sentence began.",
     STRIKE_GROUND},
    {"", "A model that is surprised has a loss of zero.", STRIKE_GROUND},
    {"", "A model that is always surprised has a loss of zero.", STRIKE_GROUND},
    {"", "A model that is never surprised has no loss of zero.", STRIKE_GROUND},
    {"Which loss is better?", "A larger loss is better.", STRIKE_GROUND},
    {"Which loss is better?", "A smaller loss is worse.", STRIKE_GROUND},
    /* invented words, names, numbers */
    {"Who invented the telephone?", "Alexander Graham Bell invented the telephone.",
     STRIKE_GROUND},
    {"What is surprise?", "Surprise is a term coined by the mathematician Andrew Ng.",
     STRIKE_GROUND},
    {"", "The row of the letter $q$ has 41 counts, 39 of them for $u$.", STRIKE_GROUND},
    {"", "The row of the letter $q$ has 39 counts, 40 of them for $u$.", STRIKE_GROUND},
    {"", "In October 1874 Augustin-Louis Cauchy wanted to compute the orbit of a heavenly body.",
     STRIKE_GROUND},
    {"", "In October 1847 Leonhard Euler wanted to compute the orbit of a heavenly body.",
     STRIKE_GROUND},
    {"", "The loss of a model is the average probability over a text.", STRIKE_GROUND},
    {"", "The loss of a model is called smoothing.", STRIKE_GROUND},
    /* subjects and objects, order, comparisons */
    {"What do cats chase?", "Cats chase dogs.", STRIKE_GROUND},
    {"Do cats chase dogs or mice?", "Cats chase cats.", STRIKE_GROUND},
    {"What do mice chase?", "Mice chase cats.", STRIKE_GROUND},
    {"", "Dogs chase mice.", STRIKE_GROUND},
    {"", "The first layer is larger than the second.", STRIKE_GROUND},
    {"", "The slope is the run divided by the rise.", STRIKE_GROUND},
    {"", "The slope is the rise divided from the run.", STRIKE_GROUND},
    {"", "The new network was replaced by the old table.", STRIKE_GROUND},
    {"", "The old table replaced the new network.", STRIKE_GROUND},
    {"", "Divide the total of its row by each count.", STRIKE_GROUND},
    {"", "The town was poor, but the village was rich.", STRIKE_GROUND},
    /* quantifiers, modals, conditions, restrictions */
    {"", "All models with many layers learn slowly.", STRIKE_GROUND},
    {"", "Models with many layers learn slowly.", STRIKE_GROUND},
    {"", "Some models learn slowly.", STRIKE_GROUND},
    {"", "Some models with few layers learn slowly.", STRIKE_GROUND},
    {"", "A large model forgets what it was taught.", STRIKE_GROUND},
    {"", "A large model must forget what it was taught.", STRIKE_GROUND},
    {"", "A model may forget what it was taught.", STRIKE_GROUND},
    {"", "The power rule holds.", STRIKE_GROUND},
    {"", "The power rule holds if the exponent is constant.", STRIKE_GROUND},
    {"", "Water boils at 100 degrees.", STRIKE_GROUND},
    {"", "Bears sleep.", STRIKE_GROUND},
    {"", "A sum is even.", STRIKE_GROUND},
    {"", "The steps overshoot the valley and the loss grows.", STRIKE_GROUND},
    {"", "The brain stores words in one place.", STRIKE_GROUND},
    {"", "Many people believe that the brain stores words in one place.", STRIKE_GROUND},
    {"", "The loss is negative.", STRIKE_GROUND},
    {"", "The loss is ever negative.", STRIKE_GROUND},
    /* pronouns, times, voices, formulas */
    {"", "Newton taught Halley, although him taught he little.", STRIKE_GROUND},
    {"", "The town is rich.", STRIKE_GROUND},
    {"", "The loss of a model has the average surprise over a text.", STRIKE_GROUND},
    {"", "The derivative of $(x+1)^2$ is $2x+1$.", STRIKE_GROUND},
    {"", "The derivative of $x+1^2$ is $2(x+1)$.", STRIKE_GROUND},
    /* two sources welded to one */
    {"", "A bigram model is the average surprise over a text.", STRIKE_GROUND},
    {"", "Smoothing has a loss of zero.", STRIKE_GROUND},
    /* form */
    {"", "", STRIKE_EMPTY},
    {"", "  \n ", STRIKE_EMPTY},
    {"", "...", STRIKE_EMPTY},
    {"", "The loss of a model is the average", STRIKE_INCOMPLETE},
    {"", "The loss of a model (the average surprise over a text.", STRIKE_INCOMPLETE},
    {"", "The loss of a model is the average surprise over...", STRIKE_INCOMPLETE},
    {"", "The loss is the loss is the loss is the loss is the loss.", STRIKE_DEGENERATE},
    {"", "The the the loss is zero.", STRIKE_DEGENERATE},
    {"", "As an AI, I cannot say what the loss is.", STRIKE_DEGENERATE},
    {"", "Tutor: The loss of a model is the average surprise over a text.", STRIKE_DEGENERATE},
    {"", "**The loss** of a model is the average surprise.", STRIKE_DEGENERATE},
    {"", "<|im_end|> The loss of a model is the average surprise.", STRIKE_DEGENERATE},
    {"", "The loss \xEF\xBF\xBD of a model is the average surprise.", STRIKE_DEGENERATE},
    {"", "The loss \xC3 of a model is the average surprise.", STRIKE_DEGENERATE},
    {"",
     "A model that is never surprised has a loss of zero. A model that is never surprised has "
     "a loss of zero.",
     STRIKE_DEGENERATE},
    {"", "La pérdida de un modelo es la sorpresa media de un texto.", STRIKE_LANGUAGE},
    {"", "模型的损失是整段文本上惊讶度的平均值。", STRIKE_LANGUAGE},
    {"", "Der Verlust eines Modells ist die mittlere Überraschung über einen Text.",
     STRIKE_LANGUAGE},
    {"", "Потеря модели есть среднее удивление.", STRIKE_LANGUAGE},
    {"Why do we add one to every count?", "We add one to every count.", STRIKE_ECHO},
    {"What is the loss of a model?", "What is the loss of a model?", STRIKE_ECHO},
    {"What is the loss?", "The loss.", STRIKE_ECHO},
};

static const char *const chinese[] = {
    "取一段文本，数出每个字母后面跟着哪个字母。",
    "这张计数表叫做二元模型。",
    "二元模型只看最后一个字母，然后猜下一个。",
    "它记不住句子的开头。",
    "文本里没有的字对，概率是 0。",
    "因此我们在相除之前给每个计数加一，这叫做平滑。",
    "模型的损失是整段文本上惊讶度的平均值。",
    "从不惊讶的模型，损失为零。",
    "有些模型学得很慢。",
    "如果学习率太大，步子就会越过谷底。",
    "猫追老鼠，狗追猫。",
};

static const struct row chinese_rows[] = {
    {"损失是什么？", "模型的损失是整段文本上惊讶度的平均值。", STRIKE_NONE},
    {"模型的损失是什么？", "整段文本上惊讶度的平均值。", STRIKE_NONE},
    {"模型的损失是什么？", "是整段文本上惊讶度的平均值。", STRIKE_NONE},
    {"这张表叫什么？", "这张计数表叫做二元模型。", STRIKE_NONE},
    {"", "从不惊讶的模型损失为零。", STRIKE_NONE},
    {"狗追什么？", "狗追猫。", STRIKE_NONE},
    {"", "二元模型看最后一个字母。", STRIKE_GROUND},
    {"", "它记得住句子的开头。", STRIKE_GROUND},
    {"", "二元模型记不住句子的结尾。", STRIKE_GROUND},
    {"", "模型的损失是整段文本上概率的平均值。", STRIKE_GROUND},
    {"", "惊讶的模型，损失为零。", STRIKE_GROUND},
    {"", "从不惊讶的模型，损失为一。", STRIKE_GROUND},
    {"", "所有模型学得很慢。", STRIKE_GROUND},
    {"", "模型学得很慢。", STRIKE_GROUND},
    {"", "步子就会越过谷底。", STRIKE_GROUND},
    {"", "文本里有的字对，概率是 0。", STRIKE_GROUND},
    {"", "猫追狗。", STRIKE_GROUND},
    {"", "老鼠追猫。", STRIKE_GROUND},
    {"", "电话是贝尔发明的。", STRIKE_GROUND},
    {"", "The loss of a model is the average surprise.", STRIKE_LANGUAGE},
    {"", "模型的损失是整段文本上", STRIKE_INCOMPLETE},
    {"", "作为一个AI，我不能回答。", STRIKE_DEGENERATE},
    {"损失是什么？", "损失是什么？", STRIKE_ECHO},
};

static const char *const spanish[] = {
    "Un modelo de bigramas mira una sola letra y adivina la siguiente.",
    "No puede recordar cómo empezó la frase.",
    "La pérdida de un modelo es la sorpresa media de un texto.",
    "Un modelo que nunca se sorprende tiene una pérdida de cero.",
    "Algunos modelos aprenden despacio.",
    "Si la tasa es demasiado grande, los pasos saltan el valle.",
    "La pendiente es la subida dividida por el avance.",
};

static const struct row spanish_rows[] = {
    {"¿Qué es la pérdida?", "La pérdida de un modelo es la sorpresa media de un texto.",
     STRIKE_NONE},
    {"¿Qué es la pérdida de un modelo?", "Es la sorpresa media de un texto.", STRIKE_NONE},
    {"", "Un modelo que nunca se sorprende tiene una pérdida de cero.", STRIKE_NONE},
    {"", "La pendiente es la subida dividida por el avance.", STRIKE_NONE},
    {"", "Puede recordar cómo empezó la frase.", STRIKE_GROUND},
    {"", "Un modelo que se sorprende tiene una pérdida de cero.", STRIKE_GROUND},
    {"", "Un modelo que siempre se sorprende tiene una pérdida de cero.", STRIKE_GROUND},
    {"", "Un modelo que nunca se sorprende tiene una pérdida de uno.", STRIKE_GROUND},
    {"", "Todos los modelos aprenden despacio.", STRIKE_GROUND},
    {"", "Los pasos saltan el valle.", STRIKE_GROUND},
    {"", "La pendiente es el avance dividido por la subida.", STRIKE_GROUND},
    {"", "La pérdida de un modelo es la probabilidad media de un texto.", STRIKE_GROUND},
    {"", "El teléfono lo inventó Alexander Graham Bell.", STRIKE_GROUND},
    {"", "The loss of a model is the average surprise of a text.", STRIKE_LANGUAGE},
    {"¿Qué es la pérdida?", "¿Qué es la pérdida?", STRIKE_ECHO},
};

static int wrong_rows(const char *language, const char *const *sources, size_t n_source,
                      const struct row *rows, size_t n) {
    int bad = 0;
    struct view views[64];
    struct buffer passage = {0};
    for (size_t i = 0; i < n_source; i++)
        buffer_format(&passage, "%s ", sources[i]);
    for (size_t i = 0, at = 0; i < n_source; i++) {
        views[i] = view_slice(buffer_view(&passage), at, at + strlen(sources[i]));
        at += strlen(sources[i]) + 1;
    }
    for (size_t i = 0; i < n; i++) {
        struct arena *arena = arena_new();
        struct review review;
        struct review_task task = {.language = language,
                                   .question = view_of(rows[i].question),
                                   .n_source = n_source,
                                   .sources = views};
        review_draft(&task, view_of(rows[i].draft), arena, &review);
        const struct reviewed_sentence *first = &review.sentences[0];
        for (size_t s = 0; s < review.n_sentence; s++)
            if (review.sentences[s].strike == review.strike) {
                first = &review.sentences[s];
                break;
            }
        bool cited = review.strike != STRIKE_NONE || first->source >= 0;
        if ((review.strike != rows[i].strike || !cited) && ++bad)
            print_message("%s | %s: %s (%s), not %s\n", rows[i].question, rows[i].draft,
                          review_strike_name(review.strike), first->why,
                          review_strike_name(rows[i].strike));
        arena_free(arena);
    }
    buffer_free(&passage);
    return bad;
}

static void english_that_no_sentence_bears_out_is_struck_for_its_reason(void **state) {
    (void)state;
    assert_int_equal(
        wrong_rows("en", english, COUNT_OF(english), english_rows, COUNT_OF(english_rows)), 0);
}

static void chinese_that_no_sentence_bears_out_is_struck_for_its_reason(void **state) {
    (void)state;
    assert_int_equal(
        wrong_rows("zh", chinese, COUNT_OF(chinese), chinese_rows, COUNT_OF(chinese_rows)), 0);
}

static void spanish_that_no_sentence_bears_out_is_struck_for_its_reason(void **state) {
    (void)state;
    assert_int_equal(
        wrong_rows("es", spanish, COUNT_OF(spanish), spanish_rows, COUNT_OF(spanish_rows)), 0);
}

static void every_sentence_of_a_source_may_be_quoted(void **state) {
    (void)state;
    struct row rows[COUNT_OF(english)];
    size_t n = 0;
    for (size_t i = 0; i < COUNT_OF(english); i++)
        if (!strchr(english[i], '?'))
            rows[n++] = (struct row){"", english[i], STRIKE_NONE};
    assert_int_equal(wrong_rows("en", english, COUNT_OF(english), rows, n), 0);
}

static void the_sentence_that_a_draft_stands_on_is_told(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    struct view sources[] = {VIEW("Cats purr."), VIEW("The loss is the average surprise."),
                             VIEW("Dogs bark.")};
    struct review_task task = {.language = "en", .n_source = 3, .sources = sources};
    struct review review;
    review_draft(&task, VIEW("Dogs bark. The loss is the average surprise."), arena, &review);
    assert_int_equal(review.n_sentence, 2);
    assert_int_equal(review.sentences[0].source, 2);
    assert_int_equal(review.sentences[1].source, 1);
    review_draft(&task, VIEW("Dogs bark. Dogs purr."), arena, &review);
    assert_int_equal(review.strike, STRIKE_GROUND);
    assert_int_equal(review.sentences[0].strike, STRIKE_NONE);
    assert_int_equal(review.sentences[1].strike, STRIKE_GROUND);
    assert_int_equal(review.sentences[1].source, -1);
    arena_free(arena);
}

/* One source, and a draft that is true or falls just beside it. */
struct near {
    const char *source, *question, *draft;
    enum strike strike;
};

static const struct near near_english[] = {
    {"The lion, which eats meat, sleeps all day.", "", "The lion eats meat.", STRIKE_NONE},
    {"The lion, which eats meat, sleeps all day.", "", "The lion sleeps all day.", STRIKE_NONE},
    {"Plants need light, water and air to grow.", "", "Plants need light.", STRIKE_NONE},
    {"Plants need light, water and air to grow.", "What do plants need to grow?",
     "Plants need light, water and air.", STRIKE_GROUND},
    {"Neither cats nor dogs can fly.", "", "Dogs can fly.", STRIKE_GROUND},
    {"Neither cats nor dogs can fly.", "Can dogs fly?", "Yes, dogs can fly.", STRIKE_GROUND},
    {"No mammal except the bat can fly.", "", "The bat can fly.", STRIKE_GROUND},
    {"Unlike birds, bats have teeth.", "", "Birds have teeth.", STRIKE_GROUND},
    {"Unlike birds, bats have teeth.", "", "Bats have teeth.", STRIKE_NONE},
    {"Bats are not birds, but mammals.", "", "Bats are birds.", STRIKE_GROUND},
    {"Bats are not birds, but mammals.", "", "Bats are mammals.", STRIKE_GROUND},
    {"The sum of 2 and 3 is 5.", "", "The sum of 2 and 5 is 3.", STRIKE_GROUND},
    {"The sum of 2 and 3 is 5.", "", "3 is 5.", STRIKE_GROUND},
    {"He said that the earth is flat.", "", "The earth is flat.", STRIKE_GROUND},
    {"Anna thinks that the earth is flat.", "", "The earth is flat.", STRIKE_GROUND},
    {"It is not true that the earth is flat.", "", "The earth is flat.", STRIKE_GROUND},
    {"If the earth were flat, ships would fall.", "", "The earth is flat.", STRIKE_GROUND},
    {"The claim that the earth is flat was refuted.", "", "The earth is flat.", STRIKE_GROUND},
    {"Ptolemy taught that the sun moves around the earth.", "", "The sun moves around the earth.",
     STRIKE_GROUND},
    {"Gold is heavier than iron and lighter than platinum.", "", "Gold is heavier than platinum.",
     STRIKE_GROUND},
    {"Gold is heavier than iron and lighter than platinum.", "", "Gold is lighter than iron.",
     STRIKE_GROUND},
    {"Gold is heavier than iron and lighter than platinum.", "", "Iron is heavier than gold.",
     STRIKE_GROUND},
    {"The older brother paid and the younger brother slept.", "", "The older brother slept.",
     STRIKE_GROUND},
    {"The older brother paid and the younger brother slept.", "", "The younger brother paid.",
     STRIKE_GROUND},
    {"Only a perfect model has zero loss.", "", "A perfect model has zero loss.", STRIKE_GROUND},
    {"A model has zero loss only when it is perfect.", "", "A model has zero loss.",
     STRIKE_GROUND},
    {"The tower is 300 metres high and was built in 1889.", "", "The tower was built in 300.",
     STRIKE_GROUND},
    {"The tower is 300 metres high and was built in 1889.", "", "The tower is 300 metres high.",
     STRIKE_GROUND},
    {"The tower is 300 metres high and was built in 1889.", "", "The tower is 1889 metres high.",
     STRIKE_GROUND},
    {"The tower is 300 metres high and was built in 1889.", "When was the tower built?",
     "It was built in 1889.", STRIKE_GROUND},
    {"The tower is 300 metres high and was built in 1889.", "When was the tower built?",
     "The tower was built in 1889.", STRIKE_GROUND},
    {"The king lost the war and won the peace.", "", "The king won the war.", STRIKE_GROUND},
    {"The king lost the war and won the peace.", "", "The king lost the peace.", STRIKE_GROUND},
    {"The probability of a pair that never occurs is zero.", "",
     "The probability of a pair is zero.", STRIKE_GROUND},
    {"The probability of a pair that never occurs is zero.", "",
     "The probability that never occurs is zero.", STRIKE_GROUND},
    {"At most three letters follow q.", "", "Three letters follow q.", STRIKE_GROUND},
    {"About half of the letters are vowels.", "", "Half of the letters are vowels.",
     STRIKE_GROUND},
    {"The loss may grow.", "", "The loss grows.", STRIKE_GROUND},
    {"The loss will grow unless the rate is small.", "", "The loss will grow.", STRIKE_GROUND},
    {"The loss grows when the rate is too large.", "", "The loss grows when the rate is large.",
     STRIKE_GROUND},
    {"Before the war the city was rich.", "", "The city was rich.", STRIKE_GROUND},
    {"Before the war the city was rich.", "", "After the war the city was rich.", STRIKE_GROUND},
    {"The teacher gave the pupil a book.", "", "The pupil gave the teacher a book.",
     STRIKE_GROUND},
    {"The teacher gave the pupil a book.", "What did the teacher give the pupil?", "A book.",
     STRIKE_GROUND},
    {"The dog was bitten by the cat.", "", "The dog bit the cat.", STRIKE_GROUND},
    {"The dog was chased by the cat.", "", "The dog chased the cat.", STRIKE_GROUND},
    {"The dog was chased by the cat.", "", "The dog was chased.", STRIKE_GROUND},
    {"A learning rate that is too small makes training slow.", "What makes training slow?",
     "A learning rate that is too small.", STRIKE_NONE},
    {"A learning rate that is too small makes training slow.", "What makes training slow?",
     "A learning rate.", STRIKE_GROUND},
    {"Doctors once believed that ulcers came from stress.", "", "Ulcers came from stress.",
     STRIKE_GROUND},
    {"Paris is the capital of France, and Rome is the capital of Italy.", "",
     "Paris is the capital of Italy.", STRIKE_GROUND},
    {"Paris is the capital of France, and Rome is the capital of Italy.",
     "What is the capital of Italy?", "Rome is the capital of Italy.", STRIKE_NONE},
    {"Paris is the capital of France, and Rome is the capital of Italy.",
     "What is the capital of Italy?", "Paris.", STRIKE_GROUND},
    {"Paris is the capital of France, and Rome is the capital of Italy.",
     "What is the capital of Italy?", "Rome.", STRIKE_NONE},
    {"Paris is the capital of France, and Rome is the capital of Italy.", "What is Rome?",
     "The capital of France.", STRIKE_GROUND},
    {"x is positive and y is negative.", "", "y is positive.", STRIKE_GROUND},
    {"x is positive and y is negative.", "Is y positive?", "x is positive.", STRIKE_GROUND},
    {"There are two kinds, fast and slow.", "", "There are two kinds.", STRIKE_NONE},
    {"The minus sign turns gains into losses.", "", "The minus sign turns losses into gains.",
     STRIKE_GROUND},
    {"The letters come from the table, not from the text.", "", "The letters come from the text.",
     STRIKE_GROUND},
    {"The letters come from the table, not from the text.", "", "The letters come from the table.",
     STRIKE_GROUND},
    {"It looks at one letter instead of two.", "", "It looks at two.", STRIKE_GROUND},
    {"It looks at one letter rather than two.", "", "It looks at two.", STRIKE_GROUND},
    {"The slope falls from 5 to 3.", "", "The slope falls from 3 to 5.", STRIKE_GROUND},
    {"The temperature rose by 5 degrees to 20 degrees.", "", "The temperature rose to 5 degrees.",
     STRIKE_GROUND},
    {"Heat flows from hot bodies to cold ones.", "", "Heat flows from cold bodies to hot ones.",
     STRIKE_GROUND},
    {"Sugar dissolves faster in hot water than in cold water.", "",
     "Sugar dissolves faster in cold water than in hot water.", STRIKE_GROUND},
    {"Sugar dissolves faster in hot water than in cold water.", "",
     "Sugar dissolves faster in cold water.", STRIKE_GROUND},
    {"Sugar dissolves faster in hot water than in cold water.",
     "Where does sugar dissolve faster?", "Sugar dissolves faster in hot water.", STRIKE_GROUND},
    {"Everyone but Tom passed.", "", "Tom passed.", STRIKE_GROUND},
    {"Everyone but Tom passed.", "", "Everyone passed.", STRIKE_GROUND},
    {"All the boys except Tom passed.", "", "All the boys passed.", STRIKE_GROUND},
    {"Tom failed to finish the race.", "", "Tom finished the race.", STRIKE_GROUND},
    {"Tom refused to help.", "", "Tom helped.", STRIKE_GROUND},
    {"The bridge almost collapsed.", "", "The bridge collapsed.", STRIKE_GROUND},
    {"The bridge nearly collapsed.", "Did the bridge collapse?", "Yes, the bridge collapsed.",
     STRIKE_GROUND},
    {"The bridge would have collapsed without the cable.", "", "The bridge collapsed.",
     STRIKE_GROUND},
    {"Tom stopped smoking.", "", "Tom smoked.", STRIKE_GROUND},
    {"Rain is likely.", "", "Rain is.", STRIKE_GROUND},
    {"Seen from above, the hill is flat.", "", "The hill is flat.", STRIKE_GROUND},
    {"The hill is flat, seen from above.", "", "The hill is flat.", STRIKE_GROUND},
    {"The earth is flat, he thought.", "", "The earth is flat.", STRIKE_GROUND},
    {"The more data you have, the smaller the loss.", "", "The smaller the loss.", STRIKE_GROUND},
    {"However, the loss is zero.", "", "The loss is zero.", STRIKE_NONE},
    {"For example, the derivative of $2x^3$ is $6x^2$.", "", "The derivative of $2x^3$ is $6x^2$.",
     STRIKE_NONE},
    {"The power comes down in front, and the power that stays is one less.", "",
     "The power that stays is one less.", STRIKE_NONE},
    {"The derivative of a constant is 0, because a constant never changes.",
     "Why is the derivative of a constant 0?", "Because a constant never changes.", STRIKE_NONE},
    {"The derivative of a constant is 0, because a constant never changes.", "",
     "A constant never changes.", STRIKE_NONE},
    {"A line with a positive slope climbs to the right, a line with a negative slope falls to the "
     "right.",
     "", "A line with a negative slope falls to the right.", STRIKE_GROUND},
    {"A line with a positive slope climbs to the right, a line with a negative slope falls to the "
     "right.",
     "", "A line with a negative slope climbs to the right.", STRIKE_GROUND},
    {"A line with a positive slope climbs to the right, a line with a negative slope falls to the "
     "right.",
     "Which line falls to the right?", "A line with a negative slope.", STRIKE_GROUND},
    {"A line with a positive slope climbs to the right, a line with a negative slope falls to the "
     "right.",
     "Which line falls to the right?", "A line with a positive slope.", STRIKE_GROUND},
    {"The power rule says that the derivative of $x^n$ is $n x^{n-1}$.",
     "What does the power rule say?", "The derivative of $x^n$ is $n x^{n-1}$.", STRIKE_NONE},
};

static const struct near near_chinese[] = {
    {"学习率太大时，损失会增大。", "", "损失会增大。", STRIKE_GROUND},
    {"学习率太大时，损失会增大。", "", "学习率太大时，损失会增大。", STRIKE_NONE},
    {"学习率太大时，损失会增大。", "学习率太大时会怎样？", "损失会增大。", STRIKE_NONE},
    {"甲比乙大。", "", "乙比甲大。", STRIKE_GROUND},
    {"甲比乙大。", "", "甲比乙小。", STRIKE_GROUND},
    {"模型预测字母。", "", "模型被字母预测。", STRIKE_GROUND},
    {"他认为地球是平的。", "", "地球是平的。", STRIKE_GROUND},
    {"蝙蝠不是鸟，而是哺乳动物。", "", "蝙蝠是鸟。", STRIKE_GROUND},
    {"蝙蝠不是鸟，而是哺乳动物。", "", "蝙蝠是哺乳动物。", STRIKE_GROUND},
    {"只有完美的模型损失才为零。", "", "模型损失为零。", STRIKE_GROUND},
    {"大约一半的字母是元音。", "", "一半的字母是元音。", STRIKE_GROUND},
    {"除了汤姆，所有人都通过了。", "", "所有人都通过了。", STRIKE_GROUND},
    {"水在海平面上一百度沸腾。", "", "水一百度沸腾。", STRIKE_GROUND},
    {"水在海平面上一百度沸腾。", "水在海平面上多少度沸腾？", "一百度。", STRIKE_NONE},
    {"热从热的物体流向冷的物体。", "", "热从冷的物体流向热的物体。", STRIKE_GROUND},
    {"斜率等于上升量除以水平距离。", "", "斜率等于水平距离除以上升量。", STRIKE_GROUND},
    {"斜率等于上升量除以水平距离。", "斜率等于什么？", "上升量除以水平距离。", STRIKE_NONE},
    {"国王输了战争，赢了和平。", "", "国王赢了战争。", STRIKE_GROUND},
    {"国王输了战争，赢了和平。", "", "国王赢了和平。", STRIKE_GROUND},
    {"可能会下雨。", "", "会下雨。", STRIKE_GROUND},
};

static void a_draft_just_beside_its_source_is_struck(void **state) {
    (void)state;
    static const struct {
        const char *language;
        const struct near *rows;
        size_t n;
    } tables[] = {{"en", near_english, COUNT_OF(near_english)},
                  {"zh", near_chinese, COUNT_OF(near_chinese)}};
    int bad = 0;
    for (size_t t = 0; t < COUNT_OF(tables); t++)
        for (size_t i = 0; i < tables[t].n; i++) {
            const struct near *near = &tables[t].rows[i];
            struct row row = {near->question, near->draft, near->strike};
            bad += wrong_rows(tables[t].language, &near->source, 1, &row, 1);
        }
    assert_int_equal(bad, 0);
}

static void a_pronoun_of_one_passage_is_not_a_name_of_another(void **state) {
    (void)state;
    static const char first[80] = "The telegraph is old.", second[80] = "It was invented by Bell.";
    struct arena *arena = arena_new();
    struct view one = VIEW("The telegraph is old. It was invented by Morse.");
    struct view apart[] = {view_of(first), view_of(second)};
    struct view together[] = {view_slice(one, 0, 21), view_slice(one, 22, one.n)};
    struct review_task task = {.language = "en", .n_source = 2, .sources = apart};
    struct review review;
    review_draft(&task, VIEW("The telegraph was invented by Bell."), arena, &review);
    assert_int_equal(review.strike, STRIKE_GROUND);
    task.sources = together;
    review_draft(&task, VIEW("The telegraph was invented by Morse."), arena, &review);
    assert_int_equal(review.strike, STRIKE_NONE);
    arena_free(arena);
}

static void a_language_without_lists_is_held_to_the_words(void **state) {
    (void)state;
    static const char *const sources[] = {"Die Katze jagt die Maus im Garten."};
    static const struct row rows[] = {
        {"", "Die Katze jagt die Maus im Garten.", STRIKE_NONE},
        {"", "Die Maus jagt die Katze im Garten.", STRIKE_GROUND},
        {"", "Die Katze jagt die Maus nicht im Garten.", STRIKE_GROUND},
        {"", "The cat chases the mouse in the garden.", STRIKE_LANGUAGE},
    };
    assert_int_equal(wrong_rows("de", sources, 1, rows, COUNT_OF(rows)), 0);
}

/* There is no list of Arabic: what is not the lesson's own sentence does not pass, be it true. */
static void what_cannot_be_judged_does_not_pass(void **state) {
    (void)state;
    static const char *const sources[] = {"لا يتذكر النموذج بداية الجملة.",
                                          "كل خطوة كبيرة تتجاوز الوادي."};
    static const struct row rows[] = {
        {"", "لا يتذكر النموذج بداية الجملة.", STRIKE_NONE},
        {"", "يتذكر النموذج بداية الجملة.", STRIKE_GROUND},
        {"", "النموذج لا يتذكر بداية الجملة.", STRIKE_GROUND},
        {"", "خطوة كبيرة تتجاوز الوادي.", STRIKE_GROUND},
        {"", "ليست كل خطوة كبيرة تتجاوز الوادي.", STRIKE_GROUND},
        {"", "The model does not remember it.", STRIKE_LANGUAGE},
    };
    static const char *const german[] = {"Die Katze jagt die Maus nicht."};
    static const struct row german_rows[] = {
        {"", "Die Katze jagt die Maus nicht.", STRIKE_NONE},
        {"", "Die Katze jagt die Maus.", STRIKE_GROUND},
    };
    assert_int_equal(wrong_rows("ar", sources, 2, rows, COUNT_OF(rows)), 0);
    assert_int_equal(wrong_rows("de", german, 1, german_rows, COUNT_OF(german_rows)), 0);
}

static void letters_of_formulas_are_no_words_of_another_language(void **state) {
    (void)state;
    static const char *const sources[] = {
        "A node computes $m = w \\cdot x$, then $s = m + b$, then $e = s - y$."};
    struct review_task task = {.language = "en",
                               .question = VIEW("What does a node compute?"),
                               .n_source = 1,
                               .sources = &(struct view){sources[0], strlen(sources[0])}};
    struct arena *arena = arena_new();
    struct review review;
    review_draft(&task, view_of(sources[0]), arena, &review);
    assert_int_equal(review.strike, STRIKE_NONE);
    assert_string_equal(language_of(view_of(sources[0]), arena), "en");
    arena_free(arena);
}

static void what_the_author_says_twice_in_a_hint_is_no_loop(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    struct review_task task = {
        .language = "en",
        .hint = VIEW("How many ends does the graph have on the side of the loss, and how many "
                     "on the side of the parameters?")};
    struct review review;
    review_draft(&task,
                 VIEW("Look again: how many ends does the graph have on the side of the "
                      "loss, and how many on the side of the parameters?"),
                 arena, &review);
    assert_int_equal(review.strike, STRIKE_NONE);
    task.hint = VIEW("How many ends does the graph have on the side of the loss?");
    review_draft(&task,
                 VIEW("Look again: how many ends does the graph have on the side of the "
                      "loss, how many ends does the graph have on the side of the loss?"),
                 arena, &review);
    assert_int_not_equal(review.strike, STRIKE_NONE);
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_cannot_be_judged_does_not_pass),
        cmocka_unit_test(letters_of_formulas_are_no_words_of_another_language),
        cmocka_unit_test(what_the_author_says_twice_in_a_hint_is_no_loop),
        cmocka_unit_test(english_that_no_sentence_bears_out_is_struck_for_its_reason),
        cmocka_unit_test(chinese_that_no_sentence_bears_out_is_struck_for_its_reason),
        cmocka_unit_test(spanish_that_no_sentence_bears_out_is_struck_for_its_reason),
        cmocka_unit_test(every_sentence_of_a_source_may_be_quoted),
        cmocka_unit_test(the_sentence_that_a_draft_stands_on_is_told),
        cmocka_unit_test(a_draft_just_beside_its_source_is_struck),
        cmocka_unit_test(a_pronoun_of_one_passage_is_not_a_name_of_another),
        cmocka_unit_test(a_language_without_lists_is_held_to_the_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
