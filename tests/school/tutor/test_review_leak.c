/* The review against an exercise: no form of its answer, and no step before its time, gets out. */
#include "algebra/algebra.h"
#include "school/tutor/tutor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

struct puzzle {
    const char *check, *key, *options, *ask, *solution;
    const char *hints[4];
    const char *shown[6], *left[6];
    size_t authored[6];
};

static const struct puzzle five = {
    .check = "algebra",
    .key = "\"x = 5\"",
    .ask = "Solve $3x + 6 = 21$ for $x$.",
    .hints = {"Which operation undoes adding 6?", "Subtract 6 from both sides first."},
    .solution = "Subtract $6$ from both sides, which gives $3x = 15$. Divide by $3$: $x = 5$."};
static const struct puzzle half = {.check = "number",
                                   .key = "0.5",
                                   .ask = "What is the probability of heads of a fair coin?",
                                   .hints = {"How many sides has a coin?"},
                                   .solution = "One of the two sides is heads."};
static const struct puzzle minus_four = {.check = "number",
                                         .key = "\"-4\"",
                                         .ask = "What is the slope from $(1, 9)$ to $(3, 1)$?",
                                         .hints = {"How far does it fall?"},
                                         .solution = "The rise is $-8$, the run $2$."};
static const struct puzzle twelve = {.check = "number",
                                     .key = "12",
                                     .ask = "How many pairs are there in 3 rows of 4?",
                                     .hints = {"How many are in one row?"},
                                     .solution = "3 rows of 4 are 12."};
static const struct puzzle thirty_three = {
    .check = "number",
    .key = "33",
    .ask = "A text holds banana 7 times and cabbage 6 times. What is the count of a?",
    .hints = {"How often does it stand in one of the words?"},
    .solution = "Three in each of the one, two in each of the other."};
static const struct puzzle given = {.check = "number",
                                    .key = "8",
                                    .ask = "Which is larger, 8 or 6?",
                                    .hints = {"Count up from 6."},
                                    .solution = "8 comes later."};
static const struct puzzle power = {.check = "algebra",
                                    .key = "\"14*x^6\"",
                                    .options = "{\"variable\":\"x\"}",
                                    .ask = "What is the derivative of $2x^7$?",
                                    .hints = {"What happens to a power?"},
                                    .solution = "The power 7 comes down: $14x^6$."};
static const struct puzzle word = {.check = "text",
                                   .key = "[\"gradient descent\", \"descenso de gradiente\", "
                                          "\"梯度下降\"]",
                                   .ask = "What is the method called?",
                                   .hints = {"It goes downhill."},
                                   .solution = "It is called gradient descent."};
static const struct puzzle rises = {.check = "text",
                                    .key = "\"rises\"",
                                    .ask =
                                        "Does the curve fall or does it go up? It rises or falls.",
                                    .hints = {"Look to the right."},
                                    .solution = "It rises."};
static const struct puzzle choice = {
    .check = "choice",
    .key = "3",
    .ask = "What happens with $h = 0$?",
    .hints = {"What stands at the bottom?"},
    .solution = "0/0 has no value.",
    .shown = {"The slope is infinite.", "Top and bottom vanish, and the quotient has no value.",
              "The derivative of every function is constant.", "Nothing bad happens."},
    .authored = {1, 2, 0, 3}};
static const struct puzzle several = {.check = "several",
                                      .key = "[1, 3]",
                                      .ask = "Which are primes?",
                                      .hints = {"Try to divide each."},
                                      .solution = "Seven and eleven.",
                                      .shown = {"seven", "nine", "eleven", "fifteen"},
                                      .authored = {0, 1, 2, 3}};
static const struct puzzle order = {.check = "order",
                                    .key = "[1, 2, 3]",
                                    .ask = "Put the steps in order.",
                                    .hints = {"Where does it begin?"},
                                    .solution = "Write the secant, multiply out, let h shrink.",
                                    .shown = {"Let the distance shrink.",
                                              "Write down the slope of a secant.",
                                              "Multiply out the bracket."},
                                    .authored = {2, 0, 1}};
static const struct puzzle match = {.check = "match",
                                    .key = "[[1, 1], [2, 2], [3, 3]]",
                                    .ask = "Match each function with its derivative.",
                                    .hints = {"Begin with the lines."},
                                    .solution = "Power rule.",
                                    .left = {"$x^3$", "$7x$", "$x^2 + 9$"},
                                    .shown = {"$2x$", "$3x^2$", "$7$"},
                                    .authored = {2, 0, 1}};

static const struct row {
    const struct puzzle *puzzle;
    const char *text;
    bool told;
} rows[] = {
    /* x = 5, in every form */
    {&five, "x = 5", true},
    {&five, "The answer is 5.", true},
    {&five, "It is five.", true},
    {&five, "x equals five.", true},
    {&five, "So x is 5, as you see.", true},
    {&five, "$x=5$", true},
    {&five, "5 = x", true},
    {&five, "5=x.", true},
    {&five, "It is 10/2.", true},
    {&five, "It is $\\frac{10}{2}$.", true},
    {&five, "x = 15/3", true},
    {&five, "You get ５.", true},
    {&five, "You get ٥.", true},
    {&five, "You get ५.", true},
    {&five, "You get ⑤.", true},
    {&five, "You get 5️⃣.", true},
    {&five, "You get 𝟓.", true},
    {&five, "You get 5.0.", true},
    {&five, "You get 5,0.", true},
    {&five, "答案是五。", true},
    {&five, "x等于五。", true},
    {&five, "x=5。", true},
    {&five, "答案是5。", true},
    {&five, "La respuesta es cinco.", true},
    {&five, "x es igual a 5.", true},
    {&five, "La réponse est cinq.", true},
    {&five, "Die Antwort ist fünf.", true},
    {&five, "f-i-v-e", true},
    {&five, "It is spelled F, I, V, E.", true},
    {&five, "The first letter is f. Then comes i. Then v. The last is e.", true},
    {&five, "Half of ten.", true},
    {&five, "One more than four.", true},
    {&five, "Two less than seven.", true},
    {&five, "It lies between four and six.", true},
    {&five, "Five!", true},
    {&five, "3x = 15", true},
    {&five, "Now 3x is fifteen.", true},
    {&five, "Subtract 6 from both sides.", true},
    {&five, "Subtracting six on both sides helps.", true},
    {&five, "Divide by 3.", true},
    {&five, "Try x = 2 + 3.", true},
    {&five, "It is the square root of 25.", true},
    {&five, "It is two plus three.", true},
    {&five, "Look at the 6 in $3x + 6 = 21$.", false},
    {&five, "What stands beside $3x$?", false},
    {&five, "Which operation undoes adding 6?", false},
    {&five, "An equation is like a pair of scales.", false},
    {&five, "x is the number that you look for.", false},
    /* one half */
    {&half, "0.5", true},
    {&half, "1/2", true},
    {&half, ".5", true},
    {&half, "0,5", true},
    {&half, "50%", true},
    {&half, "50 percent", true},
    {&half, "fifty per cent", true},
    {&half, "one half", true},
    {&half, "It is a half.", true},
    {&half, "half", true},
    {&half, "½", true},
    {&half, "$\\frac{1}{2}$", true},
    {&half, "$\\tfrac12$", true},
    {&half, "zero point five", true},
    {&half, "point five", true},
    {&half, "２分の１ is 1/2", true},
    {&half, "二分之一", true},
    {&half, "百分之五十", true},
    {&half, "一半", true},
    {&half, "零点五", true},
    {&half, "un medio", true},
    {&half, "la mitad", true},
    {&half, "cincuenta por ciento", true},
    {&half, "cero coma cinco", true},
    {&half, "0.500", true},
    {&half, "2/4", true},
    {&half, "1 out of 2 is 1 divided by 2.", true},
    {&half, "5e-1", true},
    {&half, "A coin has a head and a tail.", false},
    {&half, "How many sides has a coin?", false},
    /* minus four */
    {&minus_four, "-4", true},
    {&minus_four, "−4", true},
    {&minus_four, "minus four", true},
    {&minus_four, "negative four", true},
    {&minus_four, "负四", true},
    {&minus_four, "menos cuatro", true},
    {&minus_four, "It is four, and it falls.", true},
    {&minus_four, "-8/2", true},
    {&minus_four, "The rise is -8.", true},
    {&minus_four, "The points are $(1, 9)$ and $(3, 1)$.", false},
    /* twelve */
    {&twelve, "a dozen", true},
    {&twelve, "twelve", true},
    {&twelve, "十二", true},
    {&twelve, "doce", true},
    {&twelve, "zwölf", true},
    {&twelve, "XII", true},
    {&twelve, "3·4 = 12", true},
    {&twelve, "3*4", true},
    {&twelve, "three times four", true},
    {&twelve, "twice six", true},
    {&twelve, "The first digit is 1. The second digit is 2.", true},
    {&twelve, "one, two", true},
    {&twelve, "It is between 11 and 13.", true},
    {&twelve, "There are 3 rows, and 4 in each.", false},
    {&twelve, "Take the second row first.", false},
    /* a number that the question holds */
    {&given, "Compare 8 and 6.", false},
    {&given, "Is 8 far from 6?", false},
    {&given, "The answer is 8.", true},
    {&given, "8 is right.", true},
    {&given, "8.", true},
    {&given, "It is eight.", true},
    {&given, "答案是八。", true},
    {&given, "La respuesta es ocho.", true},
    /* formulas */
    {&power, "14x^6", true},
    {&power, "$14 x^{6}$", true},
    {&power, "14x⁶", true},
    {&power, "It is fourteen x to the sixth.", true},
    {&power, "It is fourteen x to the power of six.", true},
    {&power, "7*2*x^6", true},
    {&power, "2·7x^6", true},
    {&power, "x^6 * 14", true},
    {&power, "The factor in front is 14.", true},
    {&power, "The new power is six.", true},
    {&power, "14乘以x的六次方", true},
    {&power, "catorce por x elevado a seis", true},
    {&power, "The power 7 of $2x^7$ comes down.", true}, /* a step of the solution */
    {&power, "Look at $2x^7$.", false},
    {&power, "What happens to a power?", false},
    /* words */
    {&word, "It is called gradient descent.", true},
    {&word, "GRADIENT DESCENT", true},
    {&word, "gradient-descent", true},
    {&word, "Gradient descents are walks.", true},
    {&word, "梯度下降", true},
    {&word, "Se llama descenso de gradiente.", true},
    {&word, "g r a d i e n t d e s c e n t", true},
    {&word, "A walk downhill.", false},
    {&rises, "It rises.", true},
    {&rises, "The answer is rises.", true},
    {&rises, "Is it so that it rises or falls?", false},
    /* choices: the first one authored is shown as the third */
    {&choice, "The second one.", true},
    {&choice, "B", true},
    {&choice, "It is b)", true},
    {&choice, "(B)", true},
    {&choice, "Choose B.", true},
    {&choice, "Option 2", true},
    {&choice, "The answer is number two.", true},
    {&choice, "第二个", true},
    {&choice, "选B", true},
    {&choice, "La segunda.", true},
    {&choice, "La opción B es correcta.", true},
    {&choice, "Top and bottom vanish, and the quotient has no value.", true},
    {&choice, "The quotient has no value, as top and bottom vanish.", true},
    {&choice, "Both vanish. The quotient has no value at all.", true},
    {&choice, "It is the one about the quotient.", true},
    {&choice, "It is not the first, the third or the fourth.", true},
    {&choice, "Not A, not C, not D.", true},
    {&choice, "Look at the top first, then at the bottom.", false},
    {&choice, "What stands at the bottom?", false},
    {&choice, "The slope is infinite.", false},
    {&several, "Seven is one of them.", true},
    {&several, "The first and the third.", true},
    {&several, "A and C", true},
    {&several, "11", true},
    {&several, "Nine is divided by three.", false},
    {&order, "Write down the slope of a secant, then multiply out the bracket.", true},
    {&order, "First comes the slope of the secant.", true},
    {&order, "The last step lets the distance shrink.", true},
    {&order, "B, C, A", true},
    {&order, "2, 3, 1", true},
    {&order, "Where does it begin?", false},
    {&match, "$x^3$ belongs to $3x^2$.", true},
    {&match, "The derivative of x^3 is 3x^2.", true},
    {&match, "1-B", true},
    {&match, "The first goes with the second.", true},
    {&match, "The slope of $7x$ is $7$.", true},
    {&match, "Which of them are lines?", false},
};

/* The key is authored; `authored` tells where each choice that is shown was written. */
static struct variant make(const struct puzzle *p, struct exercise *exercise) {
    static struct view shown[6], left[6], hints[4];
    static size_t authored[6];
    struct variant variant = {.exercise = exercise,
                              .ask = view_of(p->ask),
                              .solution = view_of(p->solution),
                              .hints = hints,
                              .shown = shown,
                              .left = left,
                              .authored = authored};
    exercise->check = view_of(p->check);
    variant.key = json_loads(p->key, JSON_DECODE_ANY, NULL);
    variant.options = json_loads(p->options ? p->options : "{}", 0, NULL);
    assert_non_null(variant.key);
    for (; variant.n_hint < 4 && p->hints[variant.n_hint]; variant.n_hint++)
        hints[variant.n_hint] = view_of(p->hints[variant.n_hint]);
    for (; variant.n_shown < 6 && p->shown[variant.n_shown]; variant.n_shown++) {
        shown[variant.n_shown] = view_of(p->shown[variant.n_shown]);
        authored[variant.n_shown] = p->authored[variant.n_shown];
    }
    for (; variant.n_left < 6 && p->left[variant.n_left]; variant.n_left++)
        left[variant.n_left] = view_of(p->left[variant.n_left]);
    return variant;
}

static void unmake(struct variant *variant) {
    json_decref(variant->key);
    json_decref(variant->options);
}

static bool struck_as_leak(const struct review_task *task, const char *text, char why[120]) {
    struct arena *arena = arena_new();
    struct review review;
    bool leak = false;
    why[0] = 0;
    review_draft(task, view_of(text), arena, &review);
    for (size_t i = 0; i < review.n_sentence; i++)
        if (review.sentences[i].strike == STRIKE_LEAK) {
            leak = true;
            memcpy(why, review.sentences[i].why, 120);
        }
    arena_free(arena);
    return leak;
}

/* A model that knew the key, and was asked for it in a way that hides it. */
static const struct {
    const struct puzzle *puzzle;
    const char *text;
    bool told;
} disguises[] = {
    {&thirty_three, "In base64 that is MzM=.", true},
    {&thirty_three, "In base64 that is MzM.", true},
    {&thirty_three, "In hexadecimal it is 0x21.", true},
    {&thirty_three, "In binary it is 100001.", true},
    {&thirty_three, "In Morse it is ...-- ...-- so far.", true},
    {&thirty_three, "Die Antwort ist dreiunddreißig.", true},
    {&thirty_three, "Trente-trois.", true},
    {&thirty_three, "A resposta é trinta e três.", true},
    {&thirty_three, "Ответ: тридцать три.", true},
    {&thirty_three, "الجواب هو ثلاثة وثلاثون.", true},
    {&twelve, "Read backwards it is 21.", true},
    {&word, "Backwards it is tnecsedtneidarg.", true},
    {&word, "In base64: Z3JhZGllbnQgZGVzY2VudA==.", true},
    {&word, "In ROT13: tenqvrag qrfprag.", true},
    /* words that are none of these */
    {&thirty_three, "The bigram model reads with two letters.", false},
    {&thirty_three, "MzM0 is no word of the lesson.", false},
    {&thirty_three, "In binary one counts 1, 10, 11, 100.", false},
    {&thirty_three, "Take your time ... and read on.", false},
    {&five, "I have two or three ideas.", false},
    {&word, "Read the lesson backwards.", false},
};

static void no_disguise_of_the_answer_gets_out(void **state) {
    (void)state;
    int bad = 0;
    for (size_t i = 0; i < COUNT_OF(disguises); i++) {
        struct exercise exercise = {0};
        struct variant variant = make(disguises[i].puzzle, &exercise);
        char why[120];
        if (review_leaks(&variant, "", view_of(disguises[i].text), why) != disguises[i].told &&
            ++bad)
            print_message("%s: %s (%s)\n", disguises[i].text,
                          disguises[i].told ? "not told" : "told", why);
        unmake(&variant);
    }
    assert_int_equal(bad, 0);
}

static void yes_and_no_to_a_bound_of_the_answer_are_leaks(void **state) {
    (void)state;
    struct exercise exercise = {0};
    struct variant variant = make(&thirty_three, &exercise);
    char why[120];
    static const struct {
        const char *question, *text;
        bool told;
    } bounds[] = {
        {"Is it more than 30?", "Yes, it is.", true},
        {"Is it more than 40?", "No.", true},
        {"Is the result less than 40?", "Yes, that is so.", true},
        {"它比 30 大吗？", "是的。", true},
        {"¿Es mayor que 30?", "Sí.", true},
        {"هل هو أكبر من 30؟", "نعم.", true},
        {"Est-ce plus grand que 30 ?", "Oui.", true},
        {"Ist es mehr als 30?", "Ja.", true},
        {"É maior do que 30?", "Sim.", true},
        {"Это больше чем 30?", "Да.", true},
        {"Is a probability ever more than 1?", "No, it is not.", false},
        {"Is a longer text better than a short one?", "Yes, it is.", false},
    };
    for (size_t i = 0; i < COUNT_OF(bounds); i++) {
        struct review_task task = {.question = view_of(bounds[i].question), .variant = &variant};
        if (struck_as_leak(&task, bounds[i].text, why) != bounds[i].told)
            fail_msg("%s %s", bounds[i].question, bounds[i].text);
    }
    unmake(&variant);
}

static void the_answer_told_over_several_turns_strikes_the_last_of_them(void **state) {
    (void)state;
    struct exercise exercise = {0};
    struct variant variant = make(&word, &exercise);
    char why[120];
    struct review_task task = {.variant = &variant,
                               .before = VIEW("It begins with G.\nThen R.\nThen A D I E N T D.")};
    assert_false(struck_as_leak(&task, "Then E.", why));
    task.before = VIEW("It begins with G.\nThen R.\nThen A D I E N T D.\nThen E S C E N.");
    assert_true(struck_as_leak(&task, "Then T.", why));
    assert_false(struck_as_leak(&task, "Now it is your turn.", why));
    unmake(&variant);
}

static void no_form_of_the_answer_or_of_a_step_gets_out(void **state) {
    (void)state;
    int bad = 0;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct exercise exercise = {0};
        struct variant variant = make(rows[i].puzzle, &exercise);
        /* A full stop, so that no check before this one strikes; no language for the same end. */
        char text[300], why[120];
        size_t n = strlen(rows[i].text);
        strcpy(text, rows[i].text);
        if (!strchr(".!?", text[n - 1]) && !view_ends(view_of(text), "。"))
            strcat(text, ".");
        struct review_task task = {
            .question = VIEW("What now?"), .variant = &variant, .n_rung = 1};
        if (struck_as_leak(&task, text, why) != rows[i].told && ++bad)
            print_message("%s | %s: %s (%s)\n", rows[i].puzzle->ask, rows[i].text,
                          rows[i].told ? "not told" : "told", why);
        unmake(&variant);
    }
    assert_int_equal(bad, 0);
}

static void the_answer_alone_is_found_in_free_text(void **state) {
    (void)state;
    struct exercise exercise = {0};
    struct variant variant = make(&five, &exercise);
    char why[120];
    assert_true(review_leaks(&variant, "en", VIEW("I think that x equals five"), why));
    assert_true(*why);
    assert_false(review_leaks(&variant, "en", VIEW("Subtract 6 from both sides"), why));
    unmake(&variant);
}

static void saying_yes_to_the_right_answer_is_a_leak(void **state) {
    (void)state;
    struct exercise exercise = {0};
    struct variant variant = make(&five, &exercise);
    char why[120];
    struct review_task task = {.question = VIEW("Is it 5?"), .variant = &variant};
    assert_true(struck_as_leak(&task, "Yes, that is so.", why));
    assert_true(struck_as_leak(&task, "Exactly right!", why));
    task.question = VIEW("Is an equation like scales?");
    assert_false(struck_as_leak(&task, "Yes, that is so.", why));
    unmake(&variant);
}

static void the_answer_told_over_several_sentences_strikes_the_last_of_them(void **state) {
    (void)state;
    struct exercise exercise = {0};
    struct variant variant = make(&twelve, &exercise);
    struct arena *arena = arena_new();
    struct review review;
    struct review_task task = {.language = "en", .variant = &variant};
    review_draft(&task, VIEW("The first digit is 1. The second digit is 2."), arena, &review);
    assert_int_equal(review.n_sentence, 2);
    assert_int_equal(review.sentences[1].strike, STRIKE_LEAK);
    arena_free(arena);
    unmake(&variant);
}

/* ------------------------------------------------------------------------------------- hints */

static const struct hint_row {
    const char *hint, *draft;
    enum strike strike;
} hint_rows[] = {
    {"Which operation undoes adding 6?", "Can you think of an operation that undoes adding 6?",
     STRIKE_NONE},
    {"Which operation undoes adding 6?", "What operation could undo adding 6?", STRIKE_NONE},
    {"Which operation undoes adding 6?", "Which operation undoes adding 6?", STRIKE_NONE},
    {"Which operation undoes adding 6?", "Subtracting 6.", STRIKE_LEAK},
    {"Which operation undoes adding 6?", "Would subtracting 6 undo adding 6?", STRIKE_LEAK},
    {"Which operation undoes adding 6?", "You can undo adding 6 by subtracting 6.", STRIKE_LEAK},
    {"Which operation undoes adding 6?", "The operation undoes adding 6.", STRIKE_LEAK},
    {"Which operation undoes adding 6?", "Which operation undoes adding 6? Subtraction does.",
     STRIKE_LEAK},
    {"Which operation undoes adding 6?", "Try to remember which operation undoes adding 6.",
     STRIKE_NONE},
    {"Which operation undoes adding 6?", "Try to remember which operation undoes adding 7.",
     STRIKE_LEAK},
    {"Which operation undoes adding 6?", "Remember which subtraction undoes adding 6.",
     STRIKE_LEAK},
    {"Which operation undoes adding 6?", "Remember the operation that undoes adding 6.",
     STRIKE_LEAK},
    {"Which operation undoes adding 6?", "Which operation undoes adding 7?", STRIKE_GROUND},
    {"Which operation undoes adding 6?", "Which operation undoes multiplying by 6?",
     STRIKE_GROUND},
    {"Which operation undoes adding 6?", "Which operation does not undo adding 6?", STRIKE_GROUND},
    {"Which operation undoes adding 6?", "What do you think?", STRIKE_GROUND},
    {"Which operation undoes adding 6?", "Is x equal to five?", STRIKE_LEAK},
    {"Which operation undoes adding 6?", "¿Qué operación deshace sumar 6?", STRIKE_LANGUAGE},
    {"Take the three terms one at a time. What is the slope of each?",
     "What is the slope of each of the three terms, one at a time?", STRIKE_GROUND},
    {"Take the three terms one at a time. What is the slope of each?",
     "Take the three terms one at a time. What is the slope of each term?", STRIKE_NONE},
    {"Take the three terms one at a time. What is the slope of each?",
     "Take the three terms one at a time.", STRIKE_NONE},
    /* formulas whole and in their order, letters in them are names */
    {"Which function gives the slope of $y = x^2$ at every point?",
     "Which function gives the slope of $y = x$ at every point?", STRIKE_GROUND},
    {"Which function gives the slope of $y = x^2$ at every point?",
     "Look again: which function gives the slope of $y = x^2$ at every point?", STRIKE_NONE},
    {"Hold $a$ still. What is the slope with respect to $b$?",
     "What is the slope with respect to $a$?", STRIKE_GROUND},
    /* the question stays the question */
    {"How steep is the loss at the place where you stand?",
     "Is there a loss at the place where you stand?", STRIKE_GROUND},
    {"How steep is the loss at the place where you stand?",
     "Can you say how steep the loss is at the place where you stand?", STRIKE_NONE},
    {"How many digits would it take to write down $w + h$ exactly?",
     "Write down $w + h$ exactly how many digits?", STRIKE_GROUND},
    {"Which two numbers change when every cell grows by one?",
     "What number changes when every cell grows by one?", STRIKE_GROUND},
    {"Two things must be true of a list: one about each number, one about their sum.",
     "Is the list one about each number and one about their sum?", STRIKE_GROUND},
    {"Two things must be true of a list of probabilities.",
     "Do you have two things that must be true of a list of probabilities?", STRIKE_GROUND},
    {"Is the person walking the wrong way, or too far?",
     "Look: is the person walking the wrong way, or too far?", STRIKE_NONE},
    {"Which difference goes on top, and how far apart are the two places?",
     "The difference goes on top, and how far apart are the two places?", STRIKE_GROUND},
    {"Which difference goes on top, and how far apart are the two places?",
     "How far apart are the two places?", STRIKE_NONE},
    {"Slide a window that is two characters wide over the text. What do you see in it?",
     "What do you see in it?", STRIKE_GROUND},
    {"The old power becomes a factor in front.", "What does the old power becomes a factor?",
     STRIKE_GROUND},
    {"The old power becomes a factor in front.", "Where does the old power become a factor?",
     STRIKE_GROUND},
    {"Walk forward first. Which number goes into the square?",
     "Look forward first. Which number goes into the square?", STRIKE_GROUND},
    {"Walk forward first. Which number goes into the square?",
     "Try to walk forward first. Which number goes into the square?", STRIKE_NONE},
    /* what it tells to do is no fact */
    {"Write down its bigrams and compare their number with the number of letters.",
     "The bigrams are the number of letters.", STRIKE_GROUND},
    {"Write the probability without smoothing first. Which two counts change?",
     "Which two counts change?", STRIKE_NONE},
};

static void a_hint_in_other_words_asks_the_same_and_answers_nothing(void **state) {
    (void)state;
    int bad = 0;
    struct exercise exercise = {0};
    struct variant variant = make(&five, &exercise);
    for (size_t i = 0; i < COUNT_OF(hint_rows); i++) {
        struct arena *arena = arena_new();
        struct review review;
        struct review_task task = {
            .language = "en", .hint = view_of(hint_rows[i].hint), .variant = &variant};
        review_draft(&task, view_of(hint_rows[i].draft), arena, &review);
        if (review.strike != hint_rows[i].strike && ++bad)
            print_message("%s | %s: %s (%s), not %s\n", hint_rows[i].hint, hint_rows[i].draft,
                          review_strike_name(review.strike), review.sentences[0].why,
                          review_strike_name(hint_rows[i].strike));
        arena_free(arena);
    }
    unmake(&variant);
    assert_int_equal(bad, 0);
}

static void without_an_exercise_a_hint_is_still_not_answered(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    struct review review;
    struct review_task task = {.language = "en", .hint = VIEW("What is log2 of 1/8?")};
    review_draft(&task, VIEW("The answer is 3."), arena, &review);
    assert_int_equal(review.strike, STRIKE_LEAK);
    review_draft(&task, VIEW("Is log2 of 1/8 equal to -3?"), arena, &review);
    assert_int_equal(review.strike, STRIKE_GROUND);
    review_draft(&task, VIEW("Do you know what log2 of 1/8 is?"), arena, &review);
    assert_int_equal(review.strike, STRIKE_NONE);
    arena_free(arena);
}

/* ------------------------------------------------------------------------------------ bounds */

static void texts_without_end_are_reviewed_within_bounds(void **state) {
    (void)state;
    static const char *const pieces[] = {"(",        "x=5 ",    "1/2 ",   "一",     "a. ",
                                         "the the ", "1 + ",    "$",      "f i v ", "\xFF",
                                         "«",        "sin(x)+", "word, ", "5 5 5 ", "and "};
    struct exercise exercise = {0};
    struct variant variant = make(&five, &exercise);
    for (size_t i = 0; i < COUNT_OF(pieces); i++) {
        struct buffer text = {0};
        while (text.n < 100000)
            buffer_text(&text, pieces[i]);
        struct arena *arena = arena_new();
        struct review review;
        struct view source = buffer_view(&text);
        char why[120];
        struct review_task task = {.language = "en",
                                   .question = source,
                                   .n_source = 1,
                                   .sources = &source,
                                   .variant = &variant};
        review_draft(&task, source, arena, &review);
        assert_int_not_equal(review.strike, STRIKE_NONE);
        review_draft(&task, VIEW("The loss is the average surprise."), arena, &review);
        assert_int_not_equal(review.strike, STRIKE_NONE);
        review_leaks(&variant, "en", source, why);
        arena_free(arena);
        buffer_free(&text);
    }
    unmake(&variant);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_form_of_the_answer_or_of_a_step_gets_out),
        cmocka_unit_test(no_disguise_of_the_answer_gets_out),
        cmocka_unit_test(yes_and_no_to_a_bound_of_the_answer_are_leaks),
        cmocka_unit_test(the_answer_told_over_several_turns_strikes_the_last_of_them),
        cmocka_unit_test(the_answer_alone_is_found_in_free_text),
        cmocka_unit_test(saying_yes_to_the_right_answer_is_a_leak),
        cmocka_unit_test(the_answer_told_over_several_sentences_strikes_the_last_of_them),
        cmocka_unit_test(a_hint_in_other_words_asks_the_same_and_answers_nothing),
        cmocka_unit_test(without_an_exercise_a_hint_is_still_not_answered),
        cmocka_unit_test(texts_without_end_are_reviewed_within_bounds),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    algebra_thread_end();
    return failed;
}
