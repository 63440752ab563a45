/* One local model answering: the request into tokens and a constraint, tokens into what the
 * listener is told. */
#include "company/local.h"
#include "company/calls.h"
#include "company/echo.h"
#include "company/inside.h"
#include "company/prompt.h"
#include "company/shelf.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    CONTEXT = 8192,       /* tokens of prompt and answer, where the model takes as many */
    MOST_TEXTS = 16,      /* written at once for programs */
    MOST_WAITING = 256,   /* requests; beyond them one is told to come back */
    DEFAULT_SECONDS = 300 /* for an answer */
};

struct local {
    struct model *model;
    char name[128];
    int n_context;
    bool knows_tools;
    struct shelf *shelf;

    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t changed;
    int n_writing, n_waiting;
    uint64_t ticket, serving; /* first come, first served */
    struct company_load had;  /* but for who writes and waits */
};

/* ------------------------------------------------------------------------- opening and closing */

struct local *local_open(struct model *model, const char *name) {
    struct local *local = must_alloc(1, sizeof *local);
    int trained = model_shape(model)->n_context;
    local->model = model;
    local->n_context = trained < CONTEXT ? trained : CONTEXT;
    snprintf(local->name, sizeof local->name, "%s", name);
    local->knows_tools = prompt_knows_tools(model);
    local->shelf = shelf_new();
    pthread_mutex_init(&local->lock, NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&local->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    return local;
}

void local_close(struct local *local) {
    if (!local)
        return;
    shelf_free(local->shelf);
    pthread_cond_destroy(&local->changed);
    pthread_mutex_destroy(&local->lock);
    free(local);
}

const char *local_name(const struct local *local) {
    return local->name;
}

int local_context(const struct local *local) {
    return local->n_context;
}

void local_load(struct local *local, struct company_load *load) {
    pthread_mutex_lock(&local->lock);
    load->n_writing += local->n_writing;
    load->n_waiting += local->n_waiting;
    load->n_draft += local->had.n_draft;
    load->n_failed += local->had.n_failed;
    load->n_prompt += local->had.n_prompt;
    load->n_reused += local->had.n_reused;
    load->n_generated += local->had.n_generated;
    load->seconds += local->had.seconds;
    pthread_mutex_unlock(&local->lock);
}

/* ------------------------------------------------------------------------------------- waiting */

static bool told_to_stop(const struct chat_request *request) {
    return request->cancel && __atomic_load_n(request->cancel, __ATOMIC_RELAXED);
}

static bool refuse(struct chat_result *result, struct fault *fault, int status, const char *code,
                   enum fault_kind kind, const char *message) {
    result->status = status;
    snprintf(result->code, sizeof result->code, "%s", code);
    return fault_set(fault, kind, "%s", message);
}

static bool enter(struct local *local, const struct chat_request *request, double deadline,
                  struct chat_result *result, struct fault *fault) {
    bool stopped = false, late = false;
    pthread_mutex_lock(&local->lock);
    bool full = local->n_waiting >= MOST_WAITING;
    uint64_t mine = full ? 0 : local->ticket++;
    local->n_waiting += !full;
    while (!full &&
           !(local->serving == mine && local->n_writing + request->n_choice <= MOST_TEXTS)) {
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += 50000000;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        pthread_cond_timedwait(&local->changed, &local->lock, &until);
        stopped = stopped || told_to_stop(request);
        late = late || clock_seconds() > deadline;
        if (local->serving == mine && (stopped || late))
            break;
    }
    if (!full) {
        local->n_waiting--;
        local->serving++;
        local->n_writing += stopped || late ? 0 : request->n_choice;
        pthread_cond_broadcast(&local->changed);
    }
    pthread_mutex_unlock(&local->lock);
    if (full || late)
        result->retry_after = 2;
    if (full || (late && !stopped))
        return refuse(result, fault, 503, "overloaded", FAULT_LIMIT,
                      "too many requests are waiting; try again in a moment");
    return !stopped ||
           refuse(result, fault, 499, "cancelled", FAULT_LIMIT, "nobody waits for the answer");
}

static void leave(struct local *local, const struct chat_request *request,
                  const struct chat_result *result, bool good, double seconds) {
    struct company_load *had = &local->had;
    pthread_mutex_lock(&local->lock);
    local->n_writing -= request->n_choice;
    had->n_draft++;
    had->n_failed += !good;
    had->n_prompt += (uint64_t)result->n_prompt;
    had->n_reused += (uint64_t)result->n_reused;
    had->n_generated += (uint64_t)result->n_generated;
    had->seconds += seconds;
    pthread_cond_broadcast(&local->changed);
    pthread_mutex_unlock(&local->lock);
}

/* ------------------------------------------------------------------------------------- answers */

struct pending { /* a token that waits for the text that it is part of */
    struct written_token token;
    size_t end; /* bytes of all tokens up to its end */
};

struct answer;

struct choice {
    struct answer *answer;
    int index;
    struct constraint constraint;
    struct call_reader reader;
    struct pending *pending;
    size_t n_pending, first_pending, capacity;
    size_t n_token_byte, n_byte; /* of tokens, and of what the reader was given */
    bool in_call;
};

struct answer {
    struct local *local;
    const struct chat_request *request;
    struct view said;
    const struct chat_listener *listener;
    struct chat_result *result;
    struct fault *fault;
    double deadline;
    bool calls; /* may be in the text */
    struct session *session;
    struct grammar *grammar;
    struct tokens prompt;
    int max_tokens;
    pthread_mutex_t telling; /* one choice at a time */
    bool unwanted;
    struct choice choices[CHAT_CHOICES];
};

/* ------------------------------------------------------------------------------ what it is told
 */

static void describe(const struct vocabulary *vocabulary, int32_t token, float log_probability,
                     struct buffer *bytes, struct chat_token *out) {
    size_t from = bytes->n;
    vocabulary_decode(vocabulary, token, SPECIAL_PARSED, bytes);
    *out =
        (struct chat_token){.text = {NULL, bytes->n - from}, .log_probability = log_probability};
}

/* The bytes may have moved while they grew: views are set at the end. */
static void tell_token(struct choice *choice, const struct written_token *token, bool unknown) {
    struct answer *answer = choice->answer;
    const struct vocabulary *vocabulary = model_vocabulary(answer->local->model);
    struct chat_token all[GENERATION_ALTERNATIVES + 1];
    struct buffer bytes = {0};
    int n = token->n_alternative;
    if (n > answer->request->n_alternative)
        n = answer->request->n_alternative;
    describe(vocabulary, token->token, token->log_probability, &bytes, &all[0]);
    for (int i = 0; i < n; i++)
        describe(vocabulary, token->alternatives[i].token, token->alternatives[i].log_probability,
                 &bytes, &all[i + 1]);
    const char *at = bytes.at ? bytes.at : "";
    for (int i = 0; i <= n; i++) {
        all[i].text.at = at;
        at += all[i].text.n;
    }
    all[0].alternatives = all + 1;
    all[0].n_alternative = n;
    all[0].unknown = unknown;
    answer->listener->token(answer->listener->data, choice->index, &all[0]);
    buffer_free(&bytes);
}

static void tell_tokens(struct choice *choice, size_t up_to) {
    while (choice->first_pending < choice->n_pending &&
           choice->pending[choice->first_pending].end <= up_to)
        tell_token(choice, &choice->pending[choice->first_pending++].token, false);
    if (choice->first_pending == choice->n_pending)
        choice->first_pending = choice->n_pending = 0;
}

static void keep_token(void *data, const struct written_token *token) {
    struct choice *choice = data;
    const struct vocabulary *vocabulary = model_vocabulary(choice->answer->local->model);
    struct buffer bytes = {0};
    if (vocabulary_is_end(vocabulary, token->token) || choice->in_call)
        return;
    vocabulary_decode(vocabulary, token->token, SPECIAL_AS_TEXT, &bytes);
    choice->n_token_byte += bytes.n;
    buffer_free(&bytes);
    if (TRY_ROOM(choice->pending, choice->capacity, choice->n_pending + 1))
        choice->pending[choice->n_pending++] = (struct pending){*token, choice->n_token_byte};
}

static bool sink_text(void *data, struct view text) {
    struct choice *choice = data;
    const struct chat_listener *listener = choice->answer->listener;
    tell_tokens(choice, choice->n_byte);
    return !listener->text || listener->text(listener->data, choice->index, text);
}

static void random_name(char out[30]) {
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    uint8_t bytes[24];
    random_bytes(bytes, sizeof bytes);
    memcpy(out, "call_", 5);
    for (size_t i = 0; i < sizeof bytes; i++)
        out[5 + i] = letters[bytes[i] % (sizeof letters - 1)];
    out[29] = 0;
}

static bool sink_call(void *data, int call, struct view name) {
    struct choice *choice = data;
    const struct chat_listener *listener = choice->answer->listener;
    char id[30], text[80];
    random_name(id);
    snprintf(text, sizeof text, "%.*s", VIEW_ARG(name));
    choice->in_call = true;
    choice->n_pending = choice->first_pending = 0;
    return !listener->call || listener->call(listener->data, choice->index, call, id, text);
}

static bool sink_arguments(void *data, int call, struct view piece) {
    struct choice *choice = data;
    const struct chat_listener *listener = choice->answer->listener;
    return !listener->arguments || listener->arguments(listener->data, choice->index, call, piece);
}

static struct call_sink sink_of(struct choice *choice) {
    return (struct call_sink){choice, sink_text, sink_call, sink_arguments};
}

static bool say(void *data, struct view text) {
    struct choice *choice = data;
    struct answer *answer = choice->answer;
    pthread_mutex_lock(&answer->telling);
    bool good = !answer->unwanted && !told_to_stop(answer->request);
    struct call_sink sink = sink_of(choice);
    choice->n_byte += text.n;
    if (good && answer->calls)
        good = call_reader_read(&choice->reader, text, &sink);
    else if (good)
        good = sink_text(choice, text);
    answer->unwanted = answer->unwanted || !good;
    pthread_mutex_unlock(&answer->telling);
    return good;
}

/* ------------------------------------------------------------------------------------ preparing
 */

/* Appends the token that is written so; false where the vocabulary has none. */
static bool append_mark(const struct vocabulary *vocabulary, const char *mark,
                        struct tokens *out) {
    size_t before = out->n;
    return vocabulary_encode(vocabulary, view_of(mark), SPECIAL_PARSED, out, NULL) &&
           out->n == before + 1;
}

/* What comes before and what comes after, as models read it that were trained to write what is
 * between them (Bavarian and others 2022, "Efficient Training of Language Models to Fill in the
 * Middle", section 3: PSM). */
static bool read_gap(struct answer *answer) {
    static const char *const marks[][3] = {{"<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"},
                                           {"<fim_prefix>", "<fim_suffix>", "<fim_middle>"}};
    const struct chat_request *request = answer->request;
    const struct vocabulary *vocabulary = model_vocabulary(answer->local->model);
    struct tokens *prompt = &answer->prompt;
    for (size_t i = 0; i < COUNT_OF(marks); i++) {
        prompt->n = 0;
        if (append_mark(vocabulary, marks[i][0], prompt) &&
            vocabulary_encode(vocabulary, request->prompt, SPECIAL_AS_TEXT, prompt, NULL) &&
            append_mark(vocabulary, marks[i][1], prompt) &&
            vocabulary_encode(vocabulary, request->suffix, SPECIAL_AS_TEXT, prompt, NULL) &&
            append_mark(vocabulary, marks[i][2], prompt))
            return true;
    }
    answer->result->status = 400;
    snprintf(answer->result->param, sizeof answer->result->param, "suffix");
    return fault_set(answer->fault, FAULT_INPUT,
                     "the model was not trained to fill a gap before a suffix");
}

static bool read_prompt(struct answer *answer) {
    const struct chat_request *request = answer->request;
    const struct vocabulary *vocabulary = model_vocabulary(answer->local->model);
    struct tokens *prompt = &answer->prompt;
    struct buffer begun = {0};
    if (request->messages) {
        json_t *conversation = prompt_conversation(request, answer->local->knows_tools,
                                                   answer->result, answer->fault);
        bool good = conversation &&
                    model_chat(answer->local->model, conversation, true, prompt, answer->fault);
        calls_begun(request, &begun);
        buffer_append(&begun, answer->said);
        good = good && (begun.n == 0 || vocabulary_encode(vocabulary, buffer_view(&begun),
                                                          SPECIAL_AS_TEXT, prompt, answer->fault));
        buffer_free(&begun);
        json_decref(conversation);
        return good;
    }
    if (request->suffix.n)
        return read_gap(answer);
    for (size_t i = 0; request->prompt_tokens && i < request->n_prompt_token; i++) {
        int32_t token = request->prompt_tokens[i];
        if (token < 0 || token >= vocabulary_size(vocabulary)) {
            snprintf(answer->result->param, sizeof answer->result->param, "prompt");
            return fault_set(answer->fault, FAULT_INPUT, "the model has no token %d", token);
        }
        tokens_append(prompt, token);
    }
    if (request->prompt_tokens && prompt->n)
        return true;
    if (vocabulary_adds_begin(vocabulary))
        tokens_append(prompt, vocabulary_begin(vocabulary));
    if (!vocabulary_encode(vocabulary, request->prompt, SPECIAL_PARSED, prompt, answer->fault))
        return false;
    if (prompt->n == 0 && vocabulary_begin(vocabulary) >= 0) /* of nothing: a text begins */
        tokens_append(prompt, vocabulary_begin(vocabulary));
    if (prompt->n)
        return true;
    snprintf(answer->result->param, sizeof answer->result->param, "prompt");
    return fault_set(answer->fault, FAULT_INPUT, "the prompt is empty");
}

static bool bound(struct answer *answer) {
    size_t room = (size_t)answer->local->n_context;
    struct chat_result *result = answer->result;
    if (answer->prompt.n >= room) {
        result->status = 400;
        snprintf(result->code, sizeof result->code, "context_length_exceeded");
        snprintf(result->param, sizeof result->param,
                 answer->request->messages ? "messages" : "prompt");
        return fault_set(answer->fault, FAULT_LIMIT,
                         "This model's maximum context length is %zu tokens. However, your "
                         "messages have %zu tokens.",
                         room, answer->prompt.n);
    }
    int wanted = answer->request->max_tokens;
    wanted = wanted > 0 ? wanted : CHAT_TOKENS;
    answer->max_tokens =
        (size_t)wanted > room - answer->prompt.n ? (int)(room - answer->prompt.n) : wanted;
    return true;
}

static bool make_grammar(struct answer *answer, const struct chat_request *request) {
    struct buffer gbnf = {0};
    json_t *schemas = json_object();
    if (request->format == CHAT_SCHEMA)
        json_object_set(schemas, "answer", (json_t *)(uintptr_t)request->schema);
    else if (request->format == CHAT_JSON)
        json_object_set_new(schemas, "answer",
                            json_pack("{s:s, s:b}", "type", "object", "additionalProperties", 1));
    if (answer->calls)
        calls_rules(request, &gbnf, schemas);
    else if (request->grammar.n)
        buffer_append(&gbnf, request->grammar);
    else if (request->format != CHAT_TEXT)
        buffer_text(&gbnf, "root ::= answer\n");
    bool good =
        gbnf.n == 0 || (answer->grammar = shelf_lend(answer->local->shelf, buffer_view(&gbnf),
                                                     schemas, answer->fault)) != NULL;
    buffer_free(&gbnf);
    json_decref(schemas);
    return good;
}

static bool read_grammar(struct answer *answer) {
    struct chat_request request = *answer->request;
    bool good = make_grammar(answer, &request);
    json_t *loosened = good || !answer->calls ? NULL : calls_loosened(request.tools);
    if (loosened) {
        request.tools = loosened;
        fault_clear(answer->fault);
        good = make_grammar(answer, &request);
        json_decref(loosened);
    }
    if (!good) {
        answer->result->status = 400;
        snprintf(answer->result->param, sizeof answer->result->param,
                 request.grammar.n             ? "grammar"
                 : request.format == CHAT_TEXT ? "tools"
                                               : "response_format");
    }
    return good;
}

/* With too few tokens for any whole text it is cut off, as the `length` of its end tells. */
static bool constrain(struct answer *answer, struct choice *choice) {
    const struct vocabulary *vocabulary = model_vocabulary(answer->local->model);
    struct fault too_few = {0};
    return !answer->grammar ||
           grammar_constrain(answer->grammar, vocabulary, answer->max_tokens, &choice->constraint,
                             &too_few) ||
           grammar_constrain(answer->grammar, vocabulary, 0, &choice->constraint, answer->fault);
}

static bool begin(struct answer *answer, struct generation *generations) {
    const struct chat_request *request = answer->request;
    bool good = true;
    for (int i = 0; good && i < request->n_choice; i++) {
        struct choice *choice = &answer->choices[i];
        *choice = (struct choice){
            .answer = answer, .index = i, .reader.may_be_bare = calls_may_be_bare(request)};
        good = constrain(answer, choice);
        generations[i] = (struct generation){
            .sampling = request->sampling,
            .max_tokens = answer->max_tokens,
            .stop = request->stop,
            .constraint = answer->grammar ? &choice->constraint : NULL,
            .cancel = request->cancel,
            .n_alternative = request->logprobs ? request->n_alternative : 0,
            .deadline = answer->deadline,
            .priority = request->priority,
            .say = say,
            .told = request->logprobs && answer->listener->token ? keep_token : NULL,
            .data = choice};
        generations[i].sampling.seed = sampling_seed(request->sampling.seed, i);
        if (good && answer->calls && request->tool_choice == CHAT_TOOLS_NAMED) {
            struct call_sink sink = sink_of(choice);
            good = call_reader_begin(&choice->reader, request->tool_name, &sink);
        }
    }
    return good;
}

/* ---------------------------------------------------------------------------------------- echo */

/* The prompt is told as the beginning of each choice; a mark that the vocabulary puts before every
 * text is not. */
static bool tell_prompt(struct answer *answer, const struct written_token *tokens, size_t first) {
    const struct chat_listener *listener = answer->listener;
    const struct vocabulary *vocabulary = model_vocabulary(answer->local->model);
    struct buffer text = {0};
    bool good = true;
    for (size_t i = first; i < answer->prompt.n; i++)
        vocabulary_decode(vocabulary, answer->prompt.at[i], SPECIAL_PARSED, &text);
    for (int i = 0; good && i < answer->request->n_choice; i++) {
        for (size_t k = first; tokens && k < answer->prompt.n; k++)
            tell_token(&answer->choices[i], &tokens[k], k == 0);
        good = !listener->text || listener->text(listener->data, i, buffer_view(&text));
    }
    answer->unwanted = !good;
    buffer_free(&text);
    return good;
}

static bool echo(struct answer *answer) {
    const struct chat_request *request = answer->request;
    size_t n = answer->prompt.n;
    bool marked = n > 1 && !request->prompt_tokens &&
                  vocabulary_adds_begin(model_vocabulary(answer->local->model));
    if (!request->echo || request->messages)
        return true;
    if (!request->logprobs || !answer->listener->token)
        return tell_prompt(answer, NULL, marked);
    struct written_token *tokens = must_alloc(n, sizeof *tokens);
    bool good = echo_chances(answer->session, answer->prompt.at, n, request->n_alternative,
                             request->cancel, tokens, answer->fault) &&
                tell_prompt(answer, tokens, marked);
    free(tokens);
    return good;
}

/* -------------------------------------------------------------------------------------- the end
 */

static enum chat_end end_of(const struct choice *choice, const struct generation_result *result) {
    bool whole = call_reader_is_whole(&choice->reader) ||
                 (choice->answer->request->tool_choice == CHAT_TOOLS_NAMED &&
                  result->end == GENERATION_END_TOKEN);
    if (result->end == GENERATION_STOPPED)
        return CHAT_CANCELLED;
    if (choice->reader.n_call && whole)
        return CHAT_CALLED;
    return result->end == GENERATION_LENGTH ? CHAT_LENGTH : CHAT_STOP;
}

static bool finish(struct answer *answer, const struct generation_result *results) {
    struct chat_result *result = answer->result;
    bool cancelled = false;
    for (int i = 0; i < answer->request->n_choice; i++) {
        struct choice *choice = &answer->choices[i];
        struct call_sink sink = sink_of(choice);
        if (answer->calls)
            call_reader_end(&choice->reader, &sink);
        if (results[i].end == GENERATION_LENGTH || results[i].end == GENERATION_END_TOKEN)
            tell_tokens(choice, SIZE_MAX);
        result->ends[i] = end_of(choice, &results[i]);
        result->n_generated += results[i].n_generated;
        cancelled = cancelled || result->ends[i] == CHAT_CANCELLED;
    }
    result->n_prompt = results[0].n_prompt;
    result->n_reused = results[0].n_reused;
    result->first_token_seconds = results[0].first_token_seconds;
    if (!cancelled || answer->unwanted || told_to_stop(answer->request))
        return true;
    result->retry_after = 2;
    return refuse(result, answer->fault, 504, "timeout", FAULT_LIMIT,
                  "the answer took too long and was given up");
}

static void nothing_written(struct answer *answer, struct generation_result *results) {
    for (int i = 0; i < answer->request->n_choice; i++)
        results[i] = (struct generation_result){.end = answer->unwanted ? GENERATION_STOPPED
                                                                        : GENERATION_LENGTH,
                                                .n_prompt = (int)answer->prompt.n};
}

static bool write_answer(struct answer *answer) {
    struct generation generations[CHAT_CHOICES];
    struct generation_result results[CHAT_CHOICES] = {0};
    const struct chat_request *request = answer->request;
    bool good = begin(answer, generations) && (echo(answer) || answer->unwanted);
    if (good && (request->max_tokens < 0 || answer->unwanted))
        nothing_written(answer, results);
    else
        good = good &&
               session_generate_many(answer->session, answer->prompt.at, answer->prompt.n,
                                     generations, request->n_choice, NULL, results, answer->fault);
    good = good && finish(answer, results);
    for (int i = 0; i < request->n_choice; i++) {
        constraint_close(&answer->choices[i].constraint);
        call_reader_free(&answer->choices[i].reader);
        free(answer->choices[i].pending);
    }
    return good;
}

bool local_chat(struct local *local, const struct chat_request *request, struct view begun,
                const struct chat_listener *listener, struct chat_result *result,
                struct fault *fault) {
    double started = clock_seconds();
    struct answer answer = {
        .local = local,
        .request = request,
        .said = begun,
        .listener = listener,
        .result = result,
        .fault = fault,
        .deadline = started + (request->seconds > 0 ? request->seconds : DEFAULT_SECONDS),
        .calls = request->messages && calls_wanted(request)};
    *result = (struct chat_result){0};
    snprintf(result->model, sizeof result->model, "%s", local->name);
    MUST(request->n_choice >= 1 && request->n_choice <= CHAT_CHOICES);
    pthread_mutex_init(&answer.telling, NULL);
    bool good = calls_check(request, result, fault) && read_prompt(&answer) && bound(&answer) &&
                read_grammar(&answer);
    if (good && enter(local, request, answer.deadline, result, fault)) {
        double entered = clock_seconds();
        answer.session = session_open(local->model, local->n_context, fault);
        good = answer.session && write_answer(&answer);
        session_close(answer.session);
        leave(local, request, result, good, clock_seconds() - entered);
    } else {
        good = false;
    }
    if (answer.grammar)
        shelf_return(local->shelf, answer.grammar);
    tokens_free(&answer.prompt);
    pthread_mutex_destroy(&answer.telling);
    result->seconds = clock_seconds() - started;
    return good;
}
