/* The words that a member of the company is asked by, at run time and in what it is trained on. */
#include "school/course/inside.h"
#include "school/tutor/review_inside.h"

#include <string.h>

/* In tokens of the least apt vocabulary: what leaves room for an answer in 2,048 positions. */
enum { PASSAGE_TOKENS = 1300, QUESTION_BYTES = 600, LEARNER_BYTES = 400 };

/* All tasks on a passage begin with the same words, so that they are computed once. */
static const struct {
    const char *language, *answer, *passage;
    const char *asks[PROMPT_HINT]; /* by task: what stands before the learner's words */
    const char *next;              /* after the questions that were asked */
    const char *hint, *hint_frame, *learner;
    struct {
        const char *hint, *asked;
    } examples[2]; /* small models answer the hint unless they have seen it asked */
} prompts[] = {
    {"zh",
     "你是一位老师。只根据课文回答，用一两句话，尽量用课文自己的词句。",
     "课文：",
     {"问题：", "错误的回答：", "总结：", "问过的问题："},
     "下一个问题：",
     "把提示换一种问法。不要回答它。",
     "提示：",
     "这位学生：",
     {{"这条直线的斜率是多少？", "你能说出这条直线的斜率是多少吗？"},
      {"表格在哪里结束？", "你看，表格是在哪里结束的？"}}},
    {"es",
     "Eres un tutor. Responde solo con la lección, en una o dos frases, con las palabras de la "
     "lección.",
     "Lección:",
     {"Pregunta:", "Respuesta equivocada:", "Resumen:", "Preguntas hechas:"},
     "Siguiente pregunta:",
     "Pregunta la pista con otras palabras. No la respondas.",
     "Pista:",
     "El alumno:",
     {{"¿Cuál es la pendiente de la recta?", "¿Puedes decir cuál es la pendiente de la recta?"},
      {"¿Dónde termina la tabla?", "Mira la tabla: ¿dónde termina?"}}},
    {"ar",
     "أنت معلّم. أجب من الدرس وحده، في جملة أو جملتين، بكلمات الدرس نفسها.",
     "الدرس:",
     {"السؤال:", "إجابة خاطئة:", "الخلاصة:", "أسئلة طُرحت:"},
     "السؤال التالي:",
     "اسأل عن التلميح بكلمات أخرى. لا تُجب عنه.",
     "التلميح:",
     "عن المتعلّم:",
     {{"ما ميل المستقيم؟", "هل يمكنك أن تقول ما ميل المستقيم؟"},
      {"أين ينتهي الجدول؟", "انظر إلى الجدول: أين ينتهي؟"}}},
    {"en",
     "You are a tutor. Answer from the lesson alone, in one or two sentences, in the lesson's own "
     "words.",
     "Lesson:",
     {"Question:", "Wrong answer:", "Summary:", "Questions asked:"},
     "Next question:",
     "Ask the hint in other words. Do not answer it.",
     "Hint:",
     "The learner:",
     {{"What is the slope of the line?", "Can you say what the slope of the line is?"},
      {"Where does the table end?", "Look again: where does the table end?"}}},
};

static size_t prompt_of(const char *language) {
    size_t i = 0;
    while (i + 1 < COUNT_OF(prompts) && strncmp(language, prompts[i].language, 2) != 0)
        i++;
    return i;
}

static size_t token_estimate(struct view text) {
    size_t ascii = 0;
    for (size_t i = 0; i < text.n; i++)
        ascii += (unsigned char)text.at[i] < 0x80;
    return ascii / 3 + (text.n - ascii) + 1;
}

/* The sentences of a long passage that share most with the question, in their order. */
static void add_passage(const struct school_prompt *wanted, struct buffer *out) {
    if (token_estimate(wanted->passage) <= PASSAGE_TOKENS) {
        buffer_append(out, view_trim(wanted->passage));
        return;
    }
    struct arena *arena = arena_new();
    const struct small_words *lexicon = small_words_of(wanted->language, arena);
    struct cut question, sentence;
    size_t n, left = PASSAGE_TOKENS;
    struct view *sentences = sentences_cut(arena, view_slice(wanted->passage, 0, 200000), &n);
    size_t *shared = ARENA_NEW(arena, n + 1, size_t);
    bool *taken = ARENA_NEW(arena, n + 1, bool);
    cut_text(view_slice(wanted->text, 0, REVIEW_BYTES), lexicon, arena, &question);
    for (size_t i = 0; i < n; i++) {
        cut_text(view_slice(sentences[i], 0, REVIEW_BYTES), lexicon, arena, &sentence);
        for (size_t j = 0; j < question.n_content; j++)
            shared[i] += has_word(&sentence, &question.words.at[question.content[j]]);
    }
    for (size_t rounds = 0; rounds < n; rounds++) {
        size_t best = n;
        for (size_t i = 0; i < n; i++)
            if (!taken[i] && (best == n || shared[i] > shared[best]))
                best = i;
        size_t cost = best < n ? token_estimate(sentences[best]) : left + 1;
        if (cost > left)
            break;
        left -= cost;
        taken[best] = true;
    }
    for (size_t i = 0; i < n; i++)
        if (taken[i]) {
            buffer_text(out, out->n ? " " : "");
            buffer_append(out, sentences[i]);
        }
    arena_free(arena);
}

static void add_message(json_t *messages, const char *role, const struct buffer *text) {
    json_array_append_new(messages, json_pack("{s:s, s:s%}", "role", role, "content",
                                              text->at ? text->at : "", text->n));
}

static void add_text(json_t *messages, const char *role, const char *head, struct view body) {
    struct buffer text = {0};
    buffer_format(&text, "%s%s%.*s", head, *head ? " " : "", VIEW_ARG(body));
    add_message(messages, role, &text);
    buffer_free(&text);
}

static struct view cut_short(struct view text, size_t bytes) {
    text = view_slice(text, 0, bytes);
    text.n = utf8_whole(text);
    return text;
}

static void ask_hint(const struct school_prompt *wanted, size_t prompt, json_t *messages) {
    for (size_t i = 0; wanted->examples && i < COUNT_OF(prompts[prompt].examples); i++) {
        add_text(messages, "user", prompts[prompt].hint_frame,
                 view_of(prompts[prompt].examples[i].hint));
        add_text(messages, "assistant", "", view_of(prompts[prompt].examples[i].asked));
    }
    add_text(messages, "user", prompts[prompt].hint_frame, cut_short(wanted->text, REVIEW_BYTES));
}

static void ask_about(const struct school_prompt *wanted, size_t prompt, json_t *messages) {
    struct buffer text = {0};
    struct view said = cut_short(wanted->text, QUESTION_BYTES);
    const char *ask = prompts[prompt].asks[wanted->task];
    buffer_format(&text, "%s ", prompts[prompt].passage);
    struct buffer passage = {0};
    add_passage(wanted, &passage);
    buffer_append(&text, buffer_view(&passage));
    buffer_free(&passage);
    buffer_text(&text, "\n\n");
    if (wanted->task == PROMPT_SUM)
        buffer_text(&text, ask);
    else if (wanted->task != PROMPT_NEXT)
        buffer_format(&text, "%s %.*s", ask, VIEW_ARG(said));
    else if (said.n)
        buffer_format(&text, "%s %.*s\n%s", ask, VIEW_ARG(said), prompts[prompt].next);
    else
        buffer_text(&text, prompts[prompt].next);
    add_message(messages, "user", &text);
    buffer_free(&text);
}

static void add_system(const struct school_prompt *wanted, size_t prompt, json_t *messages) {
    struct view learner = cut_short(view_trim(wanted->learner), LEARNER_BYTES);
    struct buffer text = {0};
    buffer_text(&text, wanted->task == PROMPT_HINT ? prompts[prompt].hint : prompts[prompt].answer);
    if (learner.n)
        buffer_format(&text, " %s %.*s.", prompts[prompt].learner, VIEW_ARG(learner));
    add_message(messages, "system", &text);
    buffer_free(&text);
}

json_t *school_prompt(const struct school_prompt *given) {
    struct school_prompt wanted = *given;
    wanted.language = given->language ? given->language : "en";
    size_t prompt = prompt_of(wanted.language);
    json_t *messages = json_array();
    bool hint = wanted.task == PROMPT_HINT;
    add_system(&wanted, prompt, messages);
    if (hint)
        ask_hint(&wanted, prompt, messages);
    else
        ask_about(&wanted, prompt, messages);
    return messages;
}
