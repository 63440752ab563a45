/* What a member of the company is asked: a question about a passage, or a hint to put in other
 * words. It never sees a key. */
#include "school/course/inside.h"
#include "school/tutor/review_inside.h"

#include <string.h>

/* In tokens of the least apt vocabulary: what leaves room for an answer in 2,048 positions. */
enum { PASSAGE_TOKENS = 1300, ANSWER_TOKENS = 72, HINT_TOKENS = 48 };

static const struct {
    const char *language, *answer, *passage, *question;
    const char *hint, *hint_frame; /* the frame goes round the hint */
    struct {
        const char *hint, *asked;
    } examples[2]; /* small models answer the hint unless they have seen it asked */
} prompts[] = {
    {"zh",
     "你是一位老师。只根据课文回答，用一两句话，尽量用课文自己的词句。",
     "课文：",
     "问题：",
     "把提示换一种问法。不要回答它。",
     "提示：",
     {{"这条直线的斜率是多少？", "你能说出这条直线的斜率是多少吗？"},
      {"表格在哪里结束？", "你看，表格是在哪里结束的？"}}},
    {"es",
     "Eres un tutor. Responde solo con la lección, en una o dos frases, con las palabras de la "
     "lección.",
     "Lección:",
     "Pregunta:",
     "Pregunta la pista con otras palabras. No la respondas.",
     "Pista:",
     {{"¿Cuál es la pendiente de la recta?", "¿Puedes decir cuál es la pendiente de la recta?"},
      {"¿Dónde termina la tabla?", "Mira la tabla: ¿dónde termina?"}}},
    {"en",
     "You are a tutor. Answer from the lesson alone, in one or two sentences, in the lesson's own "
     "words.",
     "Lesson:",
     "Question:",
     "Ask the hint in other words. Do not answer it.",
     "Hint:",
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
static void add_passage(const struct draft_task *task, const char *language, struct buffer *out) {
    if (token_estimate(task->passage) <= PASSAGE_TOKENS) {
        buffer_append(out, view_trim(task->passage));
        return;
    }
    struct arena *arena = arena_new();
    const struct small_words *lexicon = small_words_of(language, arena);
    struct cut question, sentence;
    size_t n, left = PASSAGE_TOKENS;
    struct view *sentences = sentences_cut(arena, view_slice(task->passage, 0, 200000), &n);
    size_t *shared = ARENA_NEW(arena, n + 1, size_t);
    bool *taken = ARENA_NEW(arena, n + 1, bool);
    cut_text(view_slice(task->question, 0, REVIEW_BYTES), lexicon, arena, &question);
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

static json_t *messages_of(const struct draft_task *task, const char *language,
                           struct buffer *lexicon) {
    size_t prompt = prompt_of(language);
    struct buffer text = {0};
    json_t *messages = json_array();
    bool hint = task->hint.n > 0;
    add_text(messages, "system", "",
             view_of(hint ? prompts[prompt].hint : prompts[prompt].answer));
    for (size_t i = 0; hint && i < COUNT_OF(prompts[prompt].examples); i++) {
        add_text(messages, "user", prompts[prompt].hint_frame,
                 view_of(prompts[prompt].examples[i].hint));
        add_text(messages, "assistant", "", view_of(prompts[prompt].examples[i].asked));
    }
    if (hint) {
        struct view wanted = view_slice(task->hint, 0, REVIEW_BYTES);
        wanted.n = utf8_whole(wanted);
        buffer_format(&text, "%s %.*s", prompts[prompt].hint_frame, VIEW_ARG(wanted));
        buffer_append(lexicon, wanted);
        buffer_byte(lexicon, ' ');
        buffer_text(lexicon, asking_words(language));
    } else {
        struct buffer passage = {0};
        add_passage(task, language, &passage);
        struct view question = view_slice(task->question, 0, 600);
        question.n = utf8_whole(question);
        buffer_format(&text, "%s %s\n\n%s %.*s", prompts[prompt].passage,
                      passage.at ? passage.at : "", prompts[prompt].question, VIEW_ARG(question));
        buffer_append(lexicon, buffer_view(&passage));
        buffer_byte(lexicon, ' ');
        buffer_append(lexicon, question);
        buffer_free(&passage);
    }
    add_message(messages, "user", &text);
    buffer_free(&text);
    return messages;
}

/* A draft that ran out of room ends with its last whole sentence. */
static void cut_tail(struct buffer *out, size_t from) {
    struct arena *arena = arena_new();
    struct view text = {out->at + from, out->n - from};
    size_t n;
    struct view *sentences = sentences_cut(arena, text, &n);
    if (n > 1) {
        out->n = (size_t)(sentences[n - 2].at - out->at) + sentences[n - 2].n;
        out->at[out->n] = 0;
    }
    arena_free(arena);
}

bool draft_write(struct company *company, const struct draft_task *task, struct buffer *out,
                 struct company_draft *draft, struct fault *fault) {
    static const char *const stop[] = {"\n", NULL};
    struct arena *arena = arena_new();
    struct buffer lexicon = {0};
    const char *language = task->language && *task->language
                               ? task->language
                               : language_of(task->hint.n ? task->hint : task->question, arena);
    json_t *messages = messages_of(task, language, &lexicon);
    bool hint = task->hint.n > 0;
    struct company_request request = {.messages = messages,
                                      .max_tokens = hint ? HINT_TOKENS : ANSWER_TOKENS,
                                      .temperature = hint ? 0.5f : 0,
                                      .seed = task->seed,
                                      .lexicon = buffer_view(&lexicon),
                                      .stop = stop,
                                      .seconds = 30,
                                      .cancel = task->cancel};
    size_t from = out->n;
    bool good = company_write(company, &request, out, draft, fault);
    if (good && draft->n_generated >= request.max_tokens)
        cut_tail(out, from);
    json_decref(messages);
    buffer_free(&lexicon);
    arena_free(arena);
    return good;
}
