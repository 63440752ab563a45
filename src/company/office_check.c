/* Each member is tried: does it answer, how fast, and what of the format does it know? */
#include "company/inside.h"
#include "company/office.h"

#include <stdlib.h>
#include <string.h>

enum { TRIAL_SECONDS = 60 };

/* --------------------------------------------------------------------------------------- trials
 */

struct trial { /* what was heard */
    struct buffer text;
    bool token, called;
};

static bool on_text(void *data, int choice, struct view text) {
    (void)choice;
    struct trial *trial = data;
    buffer_append(&trial->text, text);
    return true;
}

static void on_token(void *data, int choice, const struct chat_token *token) {
    (void)choice, (void)token;
    ((struct trial *)data)->token = true;
}

static bool on_call(void *data, int choice, int call, const char *id, const char *name) {
    (void)choice, (void)call, (void)id, (void)name;
    ((struct trial *)data)->called = true;
    return true;
}

static bool try_it(struct endpoint *endpoint, struct chat_request *request, struct view begun,
                   struct trial *trial, struct remote_result *result, struct fault *fault) {
    struct chat_listener listener = {
        .data = trial, .text = on_text, .token = on_token, .call = on_call};
    *trial = (struct trial){0};
    return remote_chat(&(struct remote_call){.endpoint = endpoint,
                                             .request = request,
                                             .begun = begun,
                                             .listener = &listener,
                                             .deadline = clock_seconds() + TRIAL_SECONDS},
                       result, fault);
}

static json_t *asking(const char *text) {
    return json_pack("[{s:s, s:s}]", "role", "user", "content", text);
}

static bool knows_tools(struct endpoint *endpoint) {
    struct fault ignored = {0};
    struct trial trial;
    struct remote_result result;
    json_t *tools =
        json_pack("[{s:s, s:{s:s, s:s, s:{s:s, s:{s:{s:s}}, s:[s]}}}]", "type", "function",
                  "function", "name", "look_up", "description", "Looks a word up", "parameters",
                  "type", "object", "properties", "word", "type", "string", "required", "word");
    json_t *messages = asking("Look up the word lyceum.");
    struct chat_request request = {.messages = messages,
                                   .tools = tools,
                                   .tool_choice = CHAT_TOOLS_REQUIRED,
                                   .sampling = sampling_greedy,
                                   .max_tokens = 64};
    bool good =
        try_it(endpoint, &request, (struct view){0}, &trial, &result, &ignored) && trial.called;
    buffer_free(&trial.text);
    json_decref(tools);
    json_decref(messages);
    return good;
}

static bool knows_schemas(struct endpoint *endpoint) {
    struct fault ignored = {0};
    struct trial trial;
    struct remote_result result;
    json_t *schema =
        json_pack("{s:s, s:{s:{s:s}}, s:[s], s:b}", "type", "object", "properties", "even", "type",
                  "boolean", "required", "even", "additionalProperties", 0);
    json_t *messages = asking("Is four even?");
    struct chat_request request = {.messages = messages,
                                   .format = CHAT_SCHEMA,
                                   .schema = schema,
                                   .sampling = sampling_greedy,
                                   .max_tokens = 32};
    bool good = try_it(endpoint, &request, (struct view){0}, &trial, &result, &ignored);
    json_t *answer = good ? json_parse(view_trim(buffer_view(&trial.text)), &ignored) : NULL;
    good = json_is_boolean(json_object_get(answer, "even")) && json_object_size(answer) == 1;
    json_decref(answer);
    buffer_free(&trial.text);
    json_decref(schema);
    json_decref(messages);
    return good;
}

static bool tells_logprobs(struct endpoint *endpoint, json_t *messages) {
    struct fault ignored = {0};
    struct trial trial;
    struct remote_result result;
    struct chat_request request = {.messages = messages,
                                   .logprobs = true,
                                   .n_alternative = 1,
                                   .sampling = sampling_greedy,
                                   .max_tokens = 4};
    bool good =
        try_it(endpoint, &request, (struct view){0}, &trial, &result, &ignored) && trial.token;
    buffer_free(&trial.text);
    return good;
}

static bool goes_on(struct endpoint *endpoint, json_t *messages) {
    struct fault ignored = {0};
    struct trial trial;
    struct remote_result result;
    struct chat_request request = {
        .messages = messages, .sampling = sampling_greedy, .max_tokens = 24};
    struct plan_member member = *endpoint->member;
    const struct plan_member *real = endpoint->member;
    member.abilities |= ABLE_PREFILL;
    endpoint->member = &member;
    bool good = try_it(endpoint, &request, VIEW("one, two, three,"), &trial, &result, &ignored);
    endpoint->member = real;
    good = good && view_starts(view_trim(buffer_view(&trial.text)), "four");
    buffer_free(&trial.text);
    return good;
}

/* ------------------------------------------------------------------------------------- members
 */

static void add(json_t *list, const char *name) {
    json_array_append_new(list, json_string(name));
}

static bool embeds(struct endpoint *endpoint, struct fault *fault) {
    struct view text = VIEW("A school of one's own.");
    struct vectors vectors = {.n_text = 1};
    struct remote_result result;
    bool good = remote_embed(
        &(struct remote_call){.endpoint = endpoint, .deadline = clock_seconds() + TRIAL_SECONDS},
        &(struct vectors_wanted){.texts = &text, .n = 1}, &vectors, &result, fault);
    free(vectors.values);
    return good;
}

static json_t *check_endpoint(const struct plan_member *member, const char *address) {
    struct endpoint endpoint;
    struct fault fault = {0};
    struct trial trial;
    struct remote_result result;
    json_t *messages =
               asking("Count from one to twelve in words, with commas. Write nothing else."),
           *supports = json_array();
    struct chat_request request = {
        .messages = messages, .sampling = sampling_greedy, .max_tokens = 48};
    endpoint_open(&endpoint, member, address);
    bool good = try_it(&endpoint, &request, (struct view){0}, &trial, &result, &fault);
    while (!good && result.learned) {
        buffer_free(&trial.text);
        fault_clear(&fault);
        good = try_it(&endpoint, &request, (struct view){0}, &trial, &result, &fault);
    }
    bool writes = good; /* who makes vectors need not write */
    struct fault of_vectors = {0};
    if (embeds(&endpoint, &of_vectors)) {
        add(supports, "embeddings");
        good = true;
    } else if (member->abilities & ABLE_EMBEDDINGS) {
        good = false;
        fault = of_vectors;
    }
    double first = result.chat.first_token_seconds, rest = result.chat.seconds - first;
    if (writes) {
        add(supports, "stream");
        if (result.counted)
            add(supports, "usage");
        if (knows_tools(&endpoint))
            add(supports, "tools");
        if (knows_schemas(&endpoint))
            add(supports, "schema");
        if (tells_logprobs(&endpoint, messages))
            add(supports, "logprobs");
        if (goes_on(&endpoint, messages))
            add(supports, "prefill");
    }
    json_t *out = json_pack(
        "{s:s, s:s, s:b, s:s, s:f, s:f, s:{s:f, s:f}, s:o}", "kind", "remote", "model",
        member->model, "reachable", good, "problem", good ? "" : fault.message,
        "first_token_seconds", writes ? first : 0.0, "tokens_per_second",
        writes && rest > 0.001 ? (double)result.chat.n_generated / rest : 0.0, "price", "input",
        member->price_input, "output", member->price_output, "supports", supports);
    buffer_free(&trial.text);
    endpoint_close(&endpoint);
    json_decref(messages);
    return out;
}

json_t *check_local(struct company *company) {
    json_t *messages = asking("Count from one to twelve in words.");
    struct company_request request = {.messages = messages, .adapter = "", .max_tokens = 48};
    struct company_draft draft = {0};
    struct buffer out = {0};
    struct fault fault = {0};
    bool good =
        company_wait(company, 300) && company_write(company, &request, &out, &draft, &fault);
    /* The first token is not of the time behind it. */
    double rest = draft.seconds - draft.first_token_seconds, n = draft.n_generated - 1;
    json_t *supports = json_array();
    static const char *const able[] = {"stream",   "usage",   "tools", "schema",
                                       "logprobs", "prefill", "seed",  "grammar"};
    for (size_t i = 0; i < COUNT_OF(able) && good; i++)
        add(supports, able[i]);
    json_t *made = json_pack("{s:s, s:s, s:b, s:s, s:f, s:f, s:{s:f, s:f}, s:o}", "kind", "local",
                             "model", company_model_name(company), "reachable", good, "problem",
                             good                        ? ""
                             : *company_problem(company) ? company_problem(company)
                                                         : fault.message,
                             "first_token_seconds", draft.first_token_seconds, "tokens_per_second",
                             rest > 0 && n > 0 ? n / rest : 0.0, "price", "input", 0.0, "output",
                             0.0, "supports", supports);
    json_decref(messages);
    buffer_free(&out);
    return made;
}

json_t *office_check(struct office *office, void (*tried)(void *, const json_t *), void *data) {
    struct firm *firm = office_enter(office);
    json_t *list = json_array();
    for (int i = 0; i < firm->plan->n_member; i++) {
        struct colleague *who = &firm->colleagues[i];
        for (int e = 0; e < (who->model ? 1 : who->n_endpoint); e++) {
            json_t *one = who->model ? check_local(who->model->company)
                                     : check_endpoint(who->plan, who->endpoints[e].address);
            json_object_set_new(one, "name", json_string(who->plan->name));
            if (who->n_endpoint > 1)
                json_object_set_new(one, "address", json_string(who->endpoints[e].address));
            json_array_append_new(list, one);
            if (tried)
                tried(data, one);
        }
    }
    office_leave(office, firm);
    return list;
}
