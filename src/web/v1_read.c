/* What programs ask for, read within bounds: each mistake is told by the name of its part. */
#include "web/v1.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------------------------- values */

const json_t *v1_given(const struct v1_reader *reader, const char *key) {
    const json_t *value = json_object_get(reader->body, key);
    return json_is_null(value) ? NULL : value;
}

bool v1_wrong(struct v1_reader *reader, const char *param, const char *code, const char *format,
              ...) {
    char message[500];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    message[utf8_whole(view_of(message))] = 0;
    v1_problem_set(reader->problem, 400, code, param, "%s", message);
    return false;
}

bool v1_read_number(struct v1_reader *reader, const char *key, double low, double high,
                    double *out) {
    const json_t *value = v1_given(reader, key);
    if (!value)
        return true;
    if (!json_is_number(value))
        return v1_wrong(reader, key, "invalid_type", "Invalid type for '%s': expected a number.",
                        key);
    *out = json_number_value(value);
    return (*out >= low && *out <= high) ||
           v1_wrong(
               reader, key, *out < low ? "decimal_below_min_value" : "decimal_above_max_value",
               "Invalid '%s': expected a number from %g to %g, got %g.", key, low, high, *out);
}

bool v1_read_integer(struct v1_reader *reader, const char *key, int64_t low, int64_t high,
                     int64_t *out) {
    const json_t *value = v1_given(reader, key);
    if (!value)
        return true;
    double real = json_is_real(value) ? json_real_value(value) : 0.5;
    if (json_is_integer(value))
        *out = json_integer_value(value);
    else if (fabs(real) < 1e15 && real == floor(real))
        *out = (int64_t)real;
    else
        return v1_wrong(reader, key, "invalid_type", "Invalid type for '%s': expected an integer.",
                        key);
    return (*out >= low && *out <= high) ||
           v1_wrong(reader, key,
                    *out < low ? "integer_below_min_value" : "integer_above_max_value",
                    "Invalid '%s': expected an integer from %lld to %lld, got %lld.", key,
                    (long long)low, (long long)high, (long long)*out);
}

bool v1_read_flag(struct v1_reader *reader, const char *key, bool *out) {
    const json_t *value = v1_given(reader, key);
    if (value && !json_is_boolean(value))
        return v1_wrong(reader, key, "invalid_type", "Invalid type for '%s': expected a boolean.",
                        key);
    *out = value ? json_is_true(value) : *out;
    return true;
}

bool v1_refuse_keys(struct v1_reader *reader, const char *const *keys) {
    for (; *keys; keys++)
        if (v1_given(reader, *keys))
            return v1_wrong(reader, *keys, "unsupported_parameter",
                            "Unsupported parameter: '%s' is not done by this server.", *keys);
    return true;
}

bool v1_read_model(struct v1_reader *reader) {
    const json_t *model = v1_given(reader, "model");
    reader->ask->chat.model = json_string_value(model);
    if (model &&
        (!json_is_string(model) || !json_string_length(model) || json_string_length(model) > 120))
        return v1_wrong(reader, "model", "invalid_type",
                        "Invalid 'model': expected the name of a model.");
    return model != NULL || v1_wrong(reader, "model", "missing_required_parameter",
                                     "you must provide a model parameter");
}

/* ------------------------------------------------------------------------------------ sampling */

static bool read_stops(struct v1_reader *reader) {
    const json_t *stop = v1_given(reader, "stop");
    struct v1_ask *ask = reader->ask;
    size_t n = json_is_array(stop) ? json_array_size(stop) : stop != NULL;
    if (n > CHAT_STOPS)
        return v1_wrong(reader, "stop", "array_above_max_length",
                        "Invalid 'stop': there may be at most %d texts.", CHAT_STOPS);
    for (size_t i = 0; i < n; i++) {
        const json_t *one = json_is_array(stop) ? json_array_get(stop, i) : stop;
        if (!json_is_string(one) || !json_string_length(one) ||
            json_string_length(one) > GENERATION_STOP_BYTES)
            return v1_wrong(reader, "stop", "invalid_value",
                            "Invalid 'stop': expected texts of 1 to %d bytes.",
                            GENERATION_STOP_BYTES);
        ask->stops[i] = json_string_value(one);
    }
    ask->chat.stop = n ? ask->stops : NULL;
    return true;
}

static bool read_biases(struct v1_reader *reader) {
    const json_t *biases = v1_given(reader, "logit_bias");
    struct sampling *sampling = &reader->ask->chat.sampling;
    const char *key;
    json_t *value;
    if (!biases)
        return true;
    if (!json_is_object(biases) || json_object_size(biases) > V1_BIASES)
        return v1_wrong(reader, "logit_bias", "invalid_type",
                        "Invalid 'logit_bias': expected an object of at most %d tokens.",
                        V1_BIASES);
    struct token_bias *made =
        ARENA_NEW(reader->arena, json_object_size(biases), struct token_bias);
    json_object_foreach((json_t *)(uintptr_t)biases, key, value) {
        char *end;
        long token = strtol(key, &end, 10);
        double bias = json_number_value(value);
        if (!*key || *end || token < 0 || token > INT32_MAX || !json_is_number(value) ||
            !(fabs(bias) <= 100))
            return v1_wrong(reader, "logit_bias", "invalid_value",
                            "Invalid 'logit_bias': expected numbers of tokens, each with a bias "
                            "from -100 to 100.");
        made[sampling->n_bias++] =
            (struct token_bias){(int32_t)token, bias <= -100 ? -INFINITY : (float)bias};
    }
    sampling->biases = made;
    return true;
}

static bool read_seed_of(struct v1_reader *reader) {
    struct chat_request *chat = &reader->ask->chat;
    int64_t seed = 0;
    chat->seeded = v1_given(reader, "seed") != NULL;
    if (!v1_read_integer(reader, "seed", INT64_MIN, INT64_MAX, &seed))
        return false;
    if (!chat->seeded)
        random_bytes(&seed, sizeof seed);
    chat->sampling.seed = (uint64_t)seed;
    return true;
}

/* Who tells no temperature gets what suits small models; who does gets that and nothing else. */
bool v1_read_sampling(struct v1_reader *reader) {
    struct sampling *sampling = &reader->ask->chat.sampling;
    bool plain = !v1_given(reader, "temperature");
    *sampling = sampling_default;
    double temperature = (double)sampling->temperature,
           top_p = plain ? (double)sampling->top_p : 1;
    double min_p = plain ? (double)sampling->min_p : 0, presence = 0, frequency = 0, repeat = 1;
    int64_t top_k = 0;
    if (!v1_read_number(reader, "temperature", 0, 2, &temperature) ||
        !v1_read_number(reader, "top_p", 0, 1, &top_p) ||
        !v1_read_number(reader, "min_p", 0, 1, &min_p) ||
        !v1_read_number(reader, "presence_penalty", -2, 2, &presence) ||
        !v1_read_number(reader, "frequency_penalty", -2, 2, &frequency) ||
        !v1_read_number(reader, "repetition_penalty", 0.01, 10, &repeat) ||
        !v1_read_integer(reader, "top_k", -1, INT_MAX, &top_k))
        return false;
    sampling->temperature = (float)temperature;
    sampling->top_p = top_p > 1e-6 ? (float)top_p : 1e-6F;
    sampling->min_p = (float)min_p;
    sampling->presence_penalty = (float)presence;
    sampling->frequency_penalty = (float)frequency;
    sampling->repetition_penalty = (float)repeat;
    sampling->top_k = top_k > 0 ? (int)top_k : 0;
    return read_seed_of(reader) && read_stops(reader) && read_biases(reader);
}

static bool read_stream(struct v1_reader *reader) {
    struct v1_ask *ask = reader->ask;
    const json_t *options = v1_given(reader, "stream_options");
    if (!v1_read_flag(reader, "stream", &ask->stream))
        return false;
    if (options && !json_is_object(options))
        return v1_wrong(reader, "stream_options", "invalid_type",
                        "Invalid type for 'stream_options': expected an object.");
    if (options && !ask->stream)
        return v1_wrong(
            reader, "stream_options", "invalid_value",
            "The 'stream_options' parameter is only allowed when 'stream' is enabled.");
    ask->include_usage = json_flag(options, "include_usage", false);
    return true;
}

static bool read_choices(struct v1_reader *reader) {
    int64_t n = 1;
    bool good = v1_read_integer(reader, "n", 1, CHAT_CHOICES, &n);
    reader->ask->chat.n_choice = (int)n;
    return good;
}

/* ----------------------------------------------------------------------------------------- chat
 */

bool v1_read_schema(struct v1_reader *reader, const char *param, const json_t *holder) {
    const json_t *schema = json_object_get(holder, "schema");
    if (!json_is_object(schema) && !json_is_boolean(schema))
        return v1_wrong(reader, param, "missing_required_parameter",
                        "Missing required parameter: '%s.schema', a JSON Schema.", param);
    reader->ask->chat.format = CHAT_SCHEMA;
    reader->ask->chat.schema = schema;
    return true;
}

static bool read_format(struct v1_reader *reader) {
    const json_t *format = v1_given(reader, "response_format");
    const char *type = json_text(format, "type", "");
    if (!format || !strcmp(type, "text"))
        return true;
    if (!strcmp(type, "json_object") && json_is_object(json_object_get(format, "schema")))
        return v1_read_schema(reader, "response_format", format); /* as several servers have it */
    if (!strcmp(type, "json_object")) {
        reader->ask->chat.format = CHAT_JSON;
        return true;
    }
    if (!strcmp(type, "json_schema"))
        return v1_read_schema(reader, "response_format.json_schema",
                              json_object_get(format, "json_schema"));
    return v1_wrong(reader, "response_format", "invalid_value",
                    "Invalid 'response_format.type': expected 'text', 'json_object' or "
                    "'json_schema'.");
}

/* Of {"function": {"name": …}}, or in responses of {"name": …}; or NULL. */
static const char *function_name(const json_t *holder) {
    const json_t *function = json_object_get(holder, "function");
    return json_text(function ? function : holder, "name", NULL);
}

static bool no_tool_choice(struct v1_reader *reader) {
    return v1_wrong(reader, "tool_choice", "invalid_value",
                    "Invalid 'tool_choice': expected 'none', 'auto', 'required', or an object "
                    "of type 'function' or 'allowed_tools' that names some of the tools.");
}

static bool find_mode(const char *name, enum chat_tool_choice *out) {
    static const char *const names[] = {[CHAT_TOOLS_AUTO] = "auto",
                                        [CHAT_TOOLS_NONE] = "none",
                                        [CHAT_TOOLS_REQUIRED] = "required"};
    for (size_t i = 0; name && i < COUNT_OF(names); i++)
        if (!strcmp(name, names[i])) {
            *out = (enum chat_tool_choice)i;
            return true;
        }
    return false;
}

/* The others are as if they were not there. */
static bool read_allowed(struct v1_reader *reader, const json_t *allowed) {
    struct chat_request *chat = &reader->ask->chat;
    json_t *kept = reader->ask->allowed = json_array(), *one, *tool;
    size_t i, k;
    json_array_foreach(json_object_get(allowed, "tools"), i, one) {
        const char *wanted = function_name(one), *name;
        json_array_foreach(chat->tools, k, tool) if (wanted && (name = function_name(tool)) &&
                                                     !strcmp(name, wanted))
            json_array_append(kept, tool);
        if (json_array_size(kept) != i + 1)
            return no_tool_choice(reader);
    }
    chat->tools = kept;
    return (json_array_size(kept) &&
            find_mode(json_text(allowed, "mode", NULL), &chat->tool_choice)) ||
           no_tool_choice(reader);
}

bool v1_read_tool_choice(struct v1_reader *reader) {
    const json_t *given = v1_given(reader, "tool_choice");
    struct chat_request *chat = &reader->ask->chat;
    const char *type = json_text(given, "type", ""), *name = function_name(given);
    bool several = true;
    if (!v1_read_flag(reader, "parallel_tool_calls", &several))
        return false;
    chat->one_call = !several;
    if (!given || find_mode(json_string_value(given), &chat->tool_choice))
        return true;
    if (!strcmp(type, "allowed_tools")) {
        const json_t *allowed = json_object_get(given, "allowed_tools");
        return read_allowed(reader, allowed ? allowed : given);
    }
    if (strcmp(type, "function") != 0 || !name)
        return no_tool_choice(reader);
    chat->tool_choice = CHAT_TOOLS_NAMED;
    chat->tool_name = name;
    return true;
}

static bool read_tools(struct v1_reader *reader) {
    struct chat_request *chat = &reader->ask->chat;
    chat->tools = v1_given(reader, "tools");
    if (chat->tools && !json_is_array(chat->tools))
        return v1_wrong(reader, "tools", "invalid_type",
                        "Invalid type for 'tools': expected a list.");
    return v1_read_tool_choice(reader);
}

static bool read_logprobs(struct v1_reader *reader) {
    struct chat_request *chat = &reader->ask->chat;
    int64_t n = 0;
    if (!v1_read_flag(reader, "logprobs", &chat->logprobs) ||
        !v1_read_integer(reader, "top_logprobs", 0, GENERATION_ALTERNATIVES, &n))
        return false;
    if (v1_given(reader, "top_logprobs") && !chat->logprobs)
        return v1_wrong(reader, "top_logprobs", "invalid_value",
                        "'top_logprobs' is only allowed when 'logprobs' is true.");
    chat->n_alternative = (int)n;
    return true;
}

static bool read_max_tokens(struct v1_reader *reader, const char *key) {
    int64_t most = 0;
    bool good = v1_read_integer(reader, key, 1, INT_MAX, &most);
    if (most)
        reader->ask->chat.max_tokens = (int)most;
    return good;
}

static bool read_modalities(struct v1_reader *reader) {
    const json_t *kinds = v1_given(reader, "modalities"), *kind;
    bool good = !kinds || json_is_array(kinds);
    size_t i;
    json_array_foreach(kinds, i, kind) good =
        good && json_is_string(kind) && !strcmp(json_string_value(kind), "text");
    return good || v1_wrong(reader, "modalities", "unsupported_value",
                            "Invalid 'modalities': this server writes text alone.");
}

static bool read_chat(struct v1_reader *reader) {
    static const char *const not_done[] = {"audio", "web_search_options", NULL};
    struct chat_request *chat = &reader->ask->chat;
    if (!v1_refuse_keys(reader, not_done) || !read_modalities(reader) ||
        !v1_read_functions(reader))
        return false;
    chat->body = reader->body;
    chat->messages = v1_given(reader, "messages");
    if (!json_is_array(chat->messages))
        return v1_wrong(reader, "messages",
                        chat->messages ? "invalid_type" : "missing_required_parameter",
                        "Missing required parameter: 'messages', a list of messages.");
    if (json_array_size(chat->messages) == 0)
        return v1_wrong(reader, "messages", "empty_array",
                        "Invalid 'messages': empty array. Expected an array with minimum length "
                        "1, but got an empty array instead.");
    const json_t *grammar = v1_given(reader, "grammar"); /* as llama.cpp's server has it */
    if (grammar && !json_is_string(grammar))
        return v1_wrong(reader, "grammar", "invalid_type",
                        "Invalid type for 'grammar': expected a text in GBNF.");
    chat->grammar = view_of(json_string_value(grammar));
    return read_format(reader) && read_tools(reader) && read_logprobs(reader) &&
           read_max_tokens(reader, "max_tokens") &&
           read_max_tokens(reader, "max_completion_tokens");
}

/* ---------------------------------------------------------------------------------- completions
 */

static bool is_token_list(const json_t *value) {
    size_t i;
    json_t *one;
    json_array_foreach(value, i, one) if (!json_is_integer(one) || json_integer_value(one) < 0 ||
                                          json_integer_value(one) > INT32_MAX) return false;
    return json_is_array(value) && json_array_size(value) > 0;
}

static bool read_prompts(struct v1_reader *reader) {
    const json_t *prompt = v1_given(reader, "prompt");
    struct v1_ask *ask = reader->ask;
    size_t i;
    json_t *one;
    bool single = !prompt || json_is_string(prompt) || is_token_list(prompt);
    if (single) {
        json_t *only =
            prompt ? json_incref((json_t *)(uintptr_t)prompt) : json_string(""); /* a beginning */
        ask->owned = json_pack("[o]", only);
    }
    ask->prompts = single ? ask->owned : prompt;
    bool good = json_is_array(ask->prompts) && json_array_size(ask->prompts) > 0 &&
                json_array_size(ask->prompts) <= V1_PROMPTS;
    json_array_foreach(ask->prompts, i, one) good =
        good && (json_is_string(one) || is_token_list(one));
    return good || v1_wrong(reader, "prompt", "invalid_value",
                            "Invalid 'prompt': expected a text, a list of token numbers, or a "
                            "list of 1 to %d of these.",
                            V1_PROMPTS);
}

static bool read_suffix(struct v1_reader *reader) {
    const json_t *suffix = v1_given(reader, "suffix"), *one;
    struct chat_request *chat = &reader->ask->chat;
    size_t i;
    if (!suffix)
        return true;
    bool good = json_is_string(suffix) && !chat->echo;
    json_array_foreach(reader->ask->prompts, i, one) good = good && json_is_string(one);
    chat->suffix = (struct view){json_string_value(suffix), json_string_length(suffix)};
    return good || v1_wrong(reader, "suffix", "invalid_value",
                            "Invalid 'suffix': expected a text, beside prompts that are texts "
                            "and without 'echo'.");
}

static bool read_text(struct v1_reader *reader) {
    struct chat_request *chat = &reader->ask->chat;
    int64_t most = 16, logprobs = -1, best_of = chat->n_choice;
    const json_t *given = v1_given(reader, "logprobs");
    if (given && json_is_true(given)) /* as some clients of chat say it */
        logprobs = 0;
    else if (given && !json_is_false(given) &&
             !v1_read_integer(reader, "logprobs", 0, GENERATION_ALTERNATIVES, &logprobs))
        return false;
    if (!read_prompts(reader) || !v1_read_integer(reader, "max_tokens", 0, INT_MAX, &most) ||
        !v1_read_integer(reader, "best_of", 1, CHAT_CHOICES, &best_of) ||
        !v1_read_flag(reader, "echo", &chat->echo) || !read_suffix(reader))
        return false;
    if (best_of != chat->n_choice)
        return v1_wrong(reader, "best_of", "unsupported_parameter",
                        "Unsupported parameter: 'best_of' must be as 'n' here.");
    chat->logprobs = logprobs >= 0;
    chat->n_alternative = logprobs > 0 ? (int)logprobs : 0;
    chat->max_tokens = most ? (int)most : -1;
    return true;
}

/* --------------------------------------------------------------------------------------- the door
 */

void v1_id(const char *prefix, char out[48]) {
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    uint8_t bytes[24];
    random_bytes(bytes, sizeof bytes);
    size_t n = (size_t)snprintf(out, 48 - sizeof bytes, "%s", prefix);
    for (size_t i = 0; i < sizeof bytes; i++)
        out[n + i] = letters[bytes[i] % (sizeof letters - 1)];
    out[n + sizeof bytes] = 0;
}

bool v1_read(enum v1_kind kind, const json_t *body, json_t *before, struct arena *arena,
             struct v1_ask *ask, struct v1_problem *problem) {
    static const char *const prefixes[] = {"chatcmpl-", "cmpl-", "resp_"};
    struct v1_reader reader = {.body = body, .arena = arena, .ask = ask, .problem = problem};
    *ask = (struct v1_ask){.kind = kind, .body = body, .created = clock_unix_ms() / 1000};
    ask->items = json_incref(before);
    ask->chat.priority = -1; /* learners first */
    v1_id(prefixes[kind], ask->id);
    if (!v1_read_model(&reader) || !v1_read_sampling(&reader) || !read_stream(&reader) ||
        !read_choices(&reader))
        return false;
    if (kind == V1_RESPONSE)
        return v1_read_response(&reader);
    return kind == V1_CHAT ? read_chat(&reader) : read_text(&reader);
}

void v1_ask_end(struct v1_ask *ask) {
    json_decref(ask->owned);
    json_decref(ask->items);
    json_decref(ask->allowed);
    ask->owned = ask->items = ask->allowed = NULL;
}
