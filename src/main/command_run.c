/* lyceum run: a model's words on standard output. */
#include "main/main.h"
#include "main/run_options.h"
#include "model/model.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_INPUT = 16 << 20, MAX_RULES = 1 << 20 };

/* One of the choices: how it is made, and what came of it. */
struct choice {
    struct constraint constraint;
    struct written_token *tokens;
    size_t n, capacity;
};

struct work {
    const struct run_options *options;
    struct model *model;
    struct adapter *adapter;
    const struct vocabulary *vocabulary;
    struct session *session;
    struct grammar *grammar;
    struct lexicon *lexicon;
    struct tokens prompt;
    struct choice *choices; /* [n_choice], as are these three */
    struct generation *generations;
    struct generation_result *results;
    struct buffer *texts;
};

static volatile bool interrupted;

static void interrupt(int number) {
    (void)number;
    interrupted = true;
}

/* -------------------------------------------------------------------------------- what it is
 * given
 */

/* An array of messages, or an object that holds them with what else the template may use. */
static bool is_conversation(const json_t *given, struct fault *fault) {
    const json_t *messages = json_is_array(given) ? given : json_object_get(given, "messages");
    size_t i;
    json_t *one;
    bool good = json_array_size(messages) > 0;
    json_array_foreach(messages, i, one) good = good && json_text(one, "role", NULL);
    if (!good)
        fault_set(fault, FAULT_INPUT,
                  "this is no conversation: wanted is an array of messages, "
                  "[{\"role\":\"user\",\"content\":\"…\"}], or an object "
                  "{\"messages\":[…],\"tools\":[…]}");
    return good;
}

static bool read_chat(struct work *work, struct fault *fault) {
    const char *path = work->options->chat;
    struct buffer text = {0};
    json_t *messages = NULL;
    bool good = file_read(path, MAX_INPUT, &text, fault) &&
                (messages = json_parse(buffer_view(&text), fault)) != NULL &&
                is_conversation(messages, fault) &&
                model_chat(work->model, messages, true, &work->prompt, fault);
    fault_place(fault, path, 0, -1);
    json_decref(messages);
    buffer_free(&text);
    return good;
}

static bool read_prompt(struct work *work, struct fault *fault) {
    const char *prompt = work->options->prompt;
    struct buffer text = {0};
    bool good = true;
    if (strcmp(prompt, "-"))
        buffer_text(&text, prompt);
    else
        good = file_read("-", MAX_INPUT, &text, fault);
    if (vocabulary_adds_begin(work->vocabulary))
        tokens_append(&work->prompt, vocabulary_begin(work->vocabulary));
    good = good && vocabulary_encode(work->vocabulary, buffer_view(&text), SPECIAL_AS_TEXT,
                                     &work->prompt, fault);
    buffer_free(&text);
    return good;
}

static bool read_grammar(struct work *work, struct fault *fault) {
    const struct run_options *options = work->options;
    const char *path = options->grammar ? options->grammar : options->schema;
    struct buffer text = {0};
    json_t *schema = NULL;
    if (!path)
        return true;
    bool good = file_read(path, MAX_RULES, &text, fault);
    if (good && options->grammar)
        work->grammar = grammar_compile(buffer_view(&text), fault);
    else if (good && (schema = json_parse(buffer_view(&text), fault)) != NULL)
        work->grammar = grammar_from_schema(schema, fault);
    fault_place(fault, path, 0, -1);
    json_decref(schema);
    buffer_free(&text);
    return work->grammar != NULL;
}

static bool read_lexicon(struct work *work, struct fault *fault) {
    const struct run_options *options = work->options;
    for (int i = 0; i < options->n_lexicon; i++) {
        struct buffer text = {0};
        work->lexicon = work->lexicon ? work->lexicon : lexicon_new(fault);
        bool good = work->lexicon && file_read(options->lexicons[i], MAX_INPUT, &text, fault);
        if (good)
            lexicon_add_text(work->lexicon, buffer_view(&text), NULL, NULL);
        buffer_free(&text);
        if (!good)
            return false;
    }
    if (work->lexicon)
        lexicon_add_separators(work->lexicon, VIEW(" \n,.;:?!'\"()-%/=+*$"));
    return true;
}

/* ----------------------------------------------------------------------------------- generating
 */

static bool say(void *data, struct view text) {
    (void)data;
    return fwrite(text.at, 1, text.n, stdout) == text.n && fflush(stdout) == 0;
}

static void keep(void *data, const struct written_token *token) {
    struct choice *choice = data;
    if (choice->n == choice->capacity) {
        choice->capacity = choice->capacity ? 2 * choice->capacity : 64;
        choice->tokens = must_realloc(choice->tokens, choice->capacity, sizeof *choice->tokens);
    }
    choice->tokens[choice->n++] = *token;
}

static bool constrain(struct work *work, struct choice *choice, struct fault *fault) {
    if (work->grammar && !grammar_constrain(work->grammar, work->vocabulary,
                                            work->options->max_tokens, &choice->constraint, fault))
        return false;
    if (!work->lexicon)
        return true;
    struct constraint words;
    if (!lexicon_constrain(work->lexicon, work->vocabulary, &words, fault))
        return false;
    if (work->grammar)
        return constraint_both(choice->constraint, words, &choice->constraint, fault);
    choice->constraint = words;
    return true;
}

static bool prepare(struct work *work, struct fault *fault) {
    const struct run_options *options = work->options;
    for (int i = 0; i < options->n_choice; i++) {
        struct choice *choice = &work->choices[i];
        if (!constrain(work, choice, fault))
            return false;
        work->generations[i] = (struct generation){
            .sampling = options->sampling,
            .max_tokens = options->max_tokens,
            .stop = options->stops,
            .stop_tokens = options->stop_tokens,
            .n_stop_token = options->n_stop_token,
            .constraint = work->grammar || work->lexicon ? &choice->constraint : NULL,
            .cancel = &interrupted,
            .no_guess = options->no_guess,
            .n_alternative = options->n_alternative > 0 ? options->n_alternative : 0,
            .say = options->json ? NULL : say,
            .told = options->n_alternative >= 0 ? keep : NULL,
            .data = choice};
        work->generations[i].sampling.seed = sampling_seed(options->sampling.seed, i);
    }
    return true;
}

/* ------------------------------------------------------------------------------------- the object
 */

static json_t *text_json(struct view text) { /* bytes that are no UTF-8 become U+FFFD */
    struct buffer clean = {0};
    for (size_t i = 0, size; i < text.n; i += size) {
        int32_t code_point;
        size = utf8_decode(text.at + i, text.n - i, &code_point);
        if (code_point < 0)
            buffer_text(&clean, "\xEF\xBF\xBD");
        else
            buffer_append(&clean, view_slice(text, i, i + size));
    }
    json_t *string = json_stringn(clean.n ? clean.at : "", clean.n);
    buffer_free(&clean);
    return string;
}

static json_t *chance_json(const struct work *work, int32_t token, float log_probability) {
    struct buffer bytes = {0};
    json_t *object = json_object(), *numbers = json_array();
    vocabulary_decode(work->vocabulary, token, SPECIAL_PARSED, &bytes);
    for (size_t i = 0; i < bytes.n; i++)
        json_array_append_new(numbers, json_integer((uint8_t)bytes.at[i]));
    json_object_set_new(object, "id", json_integer(token));
    json_object_set_new(object, "token", text_json(buffer_view(&bytes)));
    json_object_set_new(object, "bytes", numbers);
    json_object_set_new(object, "logprob", json_real((double)log_probability));
    buffer_free(&bytes);
    return object;
}

static json_t *chances_json(const struct work *work, const struct choice *choice) {
    json_t *all = json_array();
    for (size_t i = 0; i < choice->n; i++) {
        const struct written_token *token = &choice->tokens[i];
        json_t *object = chance_json(work, token->token, token->log_probability);
        json_t *others = json_array();
        for (int k = 0; k < token->n_alternative; k++)
            json_array_append_new(others, chance_json(work, token->alternatives[k].token,
                                                      token->alternatives[k].log_probability));
        json_object_set_new(object, "top_logprobs", others);
        json_array_append_new(all, object);
    }
    return all;
}

static json_t *choice_json(const struct work *work, int i) {
    static const struct {
        const char *end, *reason;
    } ends[] = {
        [GENERATION_END_TOKEN] = {"end_token", "stop"},
        [GENERATION_STOP_TEXT] = {"stop_text", "stop"},
        [GENERATION_STOP_TOKEN] = {"stop_token", "stop"},
        [GENERATION_LENGTH] = {"length", "length"},
        [GENERATION_STOPPED] = {"stopped", "cancelled"},
    };
    const struct run_options *options = work->options;
    const struct generation_result *result = &work->results[i];
    struct view text = buffer_view(&work->texts[i]);
    json_t *object =
        json_pack("{s:s%, s:s, s:s, s:i, s:i, s:i, s:i, s:i, s:f, s:f, s:f, s:f}", "text",
                  text.n ? text.at : "", text.n, "end", ends[result->end].end, "finish_reason",
                  ends[result->end].reason, "prompt_tokens", result->n_prompt, "reused_tokens",
                  result->n_reused, "generated_tokens", result->n_generated, "guessed_tokens",
                  result->n_guess, "guesses_kept", result->n_guess_kept, "prefill_seconds",
                  result->prefill_seconds, "first_token_seconds", result->first_token_seconds,
                  "generation_seconds", result->generation_seconds, "log_probability",
                  result->log_probability);
    MUST(object);
    if (result->end == GENERATION_STOP_TEXT)
        json_object_set_new(object, "stop", json_string(options->stops[result->stop]));
    if (result->end == GENERATION_STOP_TOKEN)
        json_object_set_new(object, "stop", json_integer(options->stop_tokens[result->stop]));
    if (options->n_alternative >= 0)
        json_object_set_new(object, "logprobs", chances_json(work, &work->choices[i]));
    return object;
}

/* The first choice stands at the top too, for those who ask for one. */
static void print_json(const struct work *work) {
    json_t *object = choice_json(work, 0), *choices = json_array();
    for (int i = 0; i < work->options->n_choice; i++) {
        json_t *choice = choice_json(work, i);
        json_object_set_new(choice, "index", json_integer(i));
        json_array_append_new(choices, choice);
    }
    json_object_del(object, "logprobs");
    json_object_set_new(object, "choices", choices);
    struct buffer line = {0};
    buffer_json(&line, object);
    printf("%s\n", line.at);
    buffer_free(&line);
    json_decref(object);
}

/* ----------------------------------------------------------------------------------- the command
 */

static bool open_session(struct work *work, struct fault *fault) {
    const struct run_options *options = work->options;
    struct model_limits limits = {.cache = options->cache};
    if (!model_limit(work->model, &limits, fault) ||
        !(work->session = session_open(work->model, 0, fault)))
        return false;
    if (options->adapter &&
        (!(work->adapter = adapter_open(work->model, options->adapter, fault)) ||
         !session_adapt(work->session, work->adapter, options->adapter_scale, fault)))
        return false;
    return !options->session || !file_exists(options->session) ||
           session_restore(work->session, options->session, fault);
}

static bool generate(struct work *work, struct fault *fault) {
    const struct run_options *options = work->options;
    size_t n = (size_t)options->n_choice;
    work->choices = must_alloc(n, sizeof *work->choices);
    work->generations = must_alloc(n, sizeof *work->generations);
    work->results = must_alloc(n, sizeof *work->results);
    work->texts = must_alloc(n, sizeof *work->texts);
    return prepare(work, fault) &&
           session_generate_many(work->session, work->prompt.at, work->prompt.n, work->generations,
                                 options->n_choice, work->texts, work->results, fault) &&
           (!options->session || session_save(work->session, options->session, fault));
}

static void close_work(struct work *work) {
    for (int i = 0; work->choices && i < work->options->n_choice; i++) {
        constraint_close(&work->choices[i].constraint);
        free(work->choices[i].tokens);
        buffer_free(&work->texts[i]);
    }
    free(work->choices);
    free(work->generations);
    free(work->results);
    free(work->texts);
    session_close(work->session);
    adapter_close(work->adapter);
    grammar_free(work->grammar);
    lexicon_free(work->lexicon);
    model_close(work->model);
    tokens_free(&work->prompt);
}

static bool run(const struct run_options *options, struct pool *pool, struct fault *fault) {
    struct work work = {.options = options};
    bool good = read_grammar(&work, fault) && read_lexicon(&work, fault) &&
                (work.model = model_open(options->model, pool, fault)) != NULL;
    if (good)
        work.vocabulary = model_vocabulary(work.model);
    good = good && (options->chat ? read_chat(&work, fault) : read_prompt(&work, fault)) &&
           open_session(&work, fault) && generate(&work, fault);
    if (good && options->json)
        print_json(&work);
    else if (good)
        printf("\n");
    close_work(&work);
    return good;
}

int command_run(int n_argument, char **arguments) {
    struct run_options options;
    int code = run_options_read(n_argument, arguments, &options);
    if (code >= 0)
        return code;
    struct fault fault = {0};
    signal(SIGINT, interrupt);
    struct pool *pool = pool_new(options.n_thread);
    bool good = run(&options, pool, &fault);
    pool_free(pool);
    return good ? EXIT_DONE : exit_with_fault(&fault);
}
