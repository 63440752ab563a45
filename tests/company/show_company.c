/* A company at work, for tests in other languages: reads JSON lines and answers each with one.
 * The default model is a network of random weights, so that nothing has to be downloaded.
 *
 *   show_company COMPANY.yaml [DATA]
 *   {"role","member","text","tokens","seconds","learner","class","at_once":1}  → what was written
 *   {"embed":["text"…],"model","dimensions"}  → the vectors; with EMBEDDER in the environment
 * there is a local model for them, of random weights
 *   {"status":true} · {"check":true} · {"reload":"FILE"} · {"local":"front"} */
#include "company/company.h"
#include "../model/builder_encoder.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *make_model(void) {
    struct builder builder;
    builder_open(&builder);
    builder_network(&builder, &(struct builder_shape){.architecture = "llama"}, 3);
    builder_key_text(&builder, "tokenizer.chat_template",
                     "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}");
    char *path = builder_save(&builder, "show-company");
    builder_close(&builder);
    return path;
}

struct writing {
    struct company *company;
    const json_t *asked;
    json_t *answer;
    struct buffer told;
};

static bool say(void *data, struct view text) {
    buffer_append(&((struct writing *)data)->told, text);
    return true;
}

static json_t *text_of(const struct buffer *text) {
    json_t *made = json_stringn(text->at ? text->at : "", text->n);
    return made ? made : json_string("(not UTF-8)");
}

static void *write_one(void *data) {
    struct writing *writing = data;
    const json_t *asked = writing->asked;
    struct company_draft draft;
    struct buffer out = {0};
    struct fault fault = {0};
    json_t *messages =
        json_pack("[{s:s, s:s}]", "role", "user", "content", json_text(asked, "text", "hello"));
    struct company_request request = {.messages = messages,
                                      .member = json_text(asked, "member", NULL),
                                      .payer = {.learner = json_text(asked, "learner", NULL),
                                                .group = json_text(asked, "class", NULL)},
                                      .max_tokens = (int)json_number(asked, "tokens", 12),
                                      .seed = 7,
                                      .why = json_text(asked, "why", NULL),
                                      .begun = view_of(json_text(asked, "begun", "")),
                                      .say = say,
                                      .data = writing,
                                      .seconds = json_number(asked, "seconds", 20)};
    company_role_named(json_text(asked, "role", "front"), &request.role);
    bool good = company_write(writing->company, &request, &out, &draft, &fault);
    writing->answer =
        json_pack("{s:b, s:o, s:o, s:s, s:i, s:f, s:s, s:f, s:f, s:i, s:s}", "good", good, "text",
                  text_of(&out), "told", text_of(&writing->told), "model", draft.model,
                  "takeovers", draft.n_takeover, "money", draft.money, "why", draft.told, "first",
                  draft.first_token_seconds, "seconds", draft.seconds, "generated",
                  draft.n_generated, "fault", fault.message);
    buffer_free(&out);
    buffer_free(&writing->told);
    json_decref(messages);
    return NULL;
}

static json_t *write_many(struct company *company, const json_t *asked) {
    enum { MOST = 64 };
    int n = (int)json_number(asked, "at_once", 1);
    struct writing writings[MOST] = {0};
    pthread_t threads[MOST];
    json_t *list = json_array();
    for (int i = 0; i < n && i < MOST; i++) {
        writings[i] = (struct writing){.company = company, .asked = asked};
        pthread_create(&threads[i], NULL, write_one, &writings[i]);
    }
    for (int i = 0; i < n && i < MOST; i++) {
        pthread_join(threads[i], NULL);
        json_array_append_new(list, writings[i].answer);
    }
    return list;
}

static json_t *embed(struct company *company, const json_t *asked) {
    enum { MOST = 512 };
    static struct view texts[MOST];
    const json_t *list = json_object_get(asked, "embed");
    struct embedding_request request = {
        .model = json_text(asked, "model", "lyceum"),
        .texts = texts,
        .n = json_array_size(list),
        .dimensions = (int)json_number(asked, "dimensions", 0),
        .payer = {.learner = json_text(asked, "learner", NULL)},
    };
    MUST(request.n <= MOST);
    for (size_t i = 0; i < request.n; i++)
        texts[i] = view_of(json_string_value(json_array_get(list, i)));
    struct embedded done = {0};
    struct fault fault = {0};
    bool good = company_embed(company, &request, &done, &fault);
    json_t *vectors = json_array();
    for (size_t i = 0; good && i < request.n; i++) {
        json_t *one = json_array();
        for (int k = 0; k < done.n_value; k++)
            json_array_append_new(
                one, json_real((double)done.values[i * (size_t)done.n_value + (size_t)k]));
        json_array_append_new(vectors, one);
    }
    free(done.values);
    return json_pack("{s:b, s:o, s:s, s:I, s:s, s:s, s:i, s:i}", "good", good, "vectors", vectors,
                     "model", done.result.model, "tokens", (json_int_t)done.n_token, "fault",
                     fault.message, "instead_of", done.result.instead_of, "because",
                     (int)done.result.because, "status", done.result.status);
}

static json_t *answer(struct company *company, const json_t *asked) {
    if (json_object_get(asked, "embed"))
        return embed(company, asked);
    if (json_object_get(asked, "status"))
        return company_status(company);
    if (json_object_get(asked, "check"))
        return company_check(company, NULL, NULL);
    if (json_object_get(asked, "local")) {
        enum company_role role = COMPANY_FRONT;
        company_role_named(json_text(asked, "local", ""), &role);
        struct company_payer payer = {.learner = json_text(asked, "learner", NULL)};
        return json_pack("{s:b,s:b}", "local", company_is_local(company, role, &payer), "stays",
                         company_stays_local(company, role));
    }
    const char *file = json_text(asked, "reload", NULL);
    if (file) {
        json_t *problems = json_array();
        bool good = company_reload(company, file, problems);
        return json_pack("{s:b, s:o}", "good", good, "problems", problems);
    }
    json_t *list = write_many(company, asked);
    if (json_object_get(asked, "at_once"))
        return list;
    json_t *one = json_incref(json_array_get(list, 0));
    json_decref(list);
    return one;
}

static void print(json_t *value) {
    struct buffer text = {0};
    buffer_json(&text, value);
    puts(text.at);
    fflush(stdout);
    buffer_free(&text);
    json_decref(value);
}

int main(int n_argument, char **arguments) {
    char *path = make_model(), *line = NULL,
         *embedder = getenv("EMBEDDER") ? encoder_save("embedder.gguf") : NULL;
    size_t room = 0;
    struct fault fault = {0};
    json_t *problems = json_array();
    struct company_options options = {.model = path,
                                      .file = n_argument > 1 ? arguments[1] : NULL,
                                      .data = n_argument > 2 ? arguments[2] : NULL,
                                      .embedder = embedder,
                                      .problems = problems};
    struct company *company = company_open(&options, &fault);
    if (company)
        company_wait(company, 60);
    else
        print(json_pack("{s:O}", "problems", problems));
    for (ssize_t n; company && (n = getline(&line, &room, stdin)) > 0;) {
        json_t *asked = json_parse((struct view){line, (size_t)n}, &fault);
        print(answer(company, asked));
        json_decref(asked);
    }
    free(line);
    company_close(company);
    json_decref(problems);
    unlink(path);
    free(path);
    if (embedder)
        unlink(embedder);
    free(embedder);
    return company ? 0 : 1;
}
