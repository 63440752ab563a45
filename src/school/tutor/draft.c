/* What a member of the company is asked: a question about a passage, or a hint to put in other
 * words. It never sees a key. */
#include "school/course/inside.h"
#include "school/tutor/answerable.h"
#include "school/tutor/draft_choose.h"
#include "school/tutor/review_inside.h"

enum { ANSWER_TOKENS = 72, HINT_TOKENS = 48, LEXICON_BYTES = 20000 };

/* What the member is asked; its own words and those of the task are the words that it may use. */
static json_t *messages_of(const struct draft_task *task, const char *language,
                           struct buffer *lexicon) {
    bool hint = task->hint.n > 0;
    struct school_prompt wanted = {.task = hint ? PROMPT_HINT : PROMPT_ANSWER,
                                   .passage = task->passage,
                                   .text = hint ? task->hint : task->question,
                                   .language = language,
                                   .learner = task->trained ? (struct view){0} : task->learner,
                                   .examples = !task->trained};
    json_t *messages = school_prompt(&wanted);
    if (hint) {
        buffer_append(lexicon, task->hint);
        buffer_byte(lexicon, ' ');
        buffer_text(lexicon, asking_words(language));
    } else {
        buffer_append(lexicon, view_slice(task->passage, 0, LEXICON_BYTES));
        buffer_byte(lexicon, ' ');
        buffer_append(lexicon, view_slice(task->question, 0, LEXICON_BYTES));
    }
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
                                      .role = task->role,
                                      .payer = task->payer,
                                      .why = task->why,
                                      .adapter = task->adapter,
                                      .max_tokens = hint ? HINT_TOKENS : ANSWER_TOKENS,
                                      .temperature = task->temperature > 0 ? task->temperature
                                                     : hint                ? 0.5f
                                                                           : 0,
                                      .seed = task->seed,
                                      .lexicon =
                                          task->free ? (struct view){0} : buffer_view(&lexicon),
                                      .stop = stop,
                                      .seconds = 30,
                                      .cancel = task->cancel};
    size_t from = out->n;
    bool chooses = !hint && task->trained && !task->free;
    bool good = chooses ? draft_choose(company, &request, task, language, out, draft, fault)
                        : company_write(company, &request, out, draft, fault);
    if (good && !chooses && draft->n_generated >= request.max_tokens)
        cut_tail(out, from);
    json_decref(messages);
    buffer_free(&lexicon);
    arena_free(arena);
    return good;
}
