/* v1: the endpoint that every OpenAI client speaks to. What came is read into a chat_request
 * (v1_read.c, v1_read_responses.c), the company answers, and what it tells is written in the form
 * of the address that was asked: v1_write.c, v1_write_responses.c. */
#ifndef LYCEUM_WEB_V1_H
#define LYCEUM_WEB_V1_H

#include "company/company.h"
#include "web/pipe.h"
#include "web/request.h"

enum {
    V1_BODY_LIMIT = 4 << 20, /* bytes of a body, of who may ask at all */
    V1_PROMPTS = 64,         /* texts in one request for completions */
    V1_BIASES = 300,
};

/* What a program is told when its request fails: an error in OpenAI's form. */
struct v1_problem {
    int status, retry_after;
    const char *type; /* "invalid_request_error", …; NULL: that of the status */
    char code[64], param[120];
    char message[640];
};

void v1_problem_set(struct v1_problem *, int status, const char *code, const char *param,
                    const char *format, ...) PRINTF_LIKE(5, 6);
/* Of what company_chat told. */
void v1_problem_of(const struct fault *, const struct chat_result *, struct v1_problem *);
json_t *v1_problem_json(const struct v1_problem *);
void v1_reply_problem(struct request *, const struct v1_problem *);

enum v1_kind { V1_CHAT, V1_TEXT, V1_RESPONSE };

/* A request as it was read. Everything in it lives as long as the body and the arena. */
struct v1_ask {
    enum v1_kind kind;
    struct chat_request chat;
    bool stream, include_usage;
    bool functions;        /* asked for in the form from before tools, and so answered */
    const json_t *prompts; /* of V1_TEXT: a list of texts and of lists of tokens */
    json_t *owned;         /* made while it was read; end with v1_ask_end */
    json_t *allowed;       /* tools that may be called, where not all may; the same */
    json_t *items;         /* of V1_RESPONSE: the conversation; the same */
    bool store;            /* of V1_RESPONSE: programs may go on behind it */
    const json_t *body;
    const char *stops[CHAT_STOPS + 1];
    uint64_t seed;
    char id[48];
    int64_t created;
};

/* `before`, of V1_RESPONSE: the items that it goes on behind; or NULL. */
bool v1_read(enum v1_kind, const json_t *body, json_t *before, struct arena *, struct v1_ask *,
             struct v1_problem *);
void v1_ask_end(struct v1_ask *);
void v1_id(const char *prefix, char out[48]); /* "chatcmpl-" and 24 letters */

/* Helpers of the readers: false with a problem that names the key. What is null is left out. */
struct v1_reader {
    const json_t *body;
    struct arena *arena;
    struct v1_ask *ask;
    struct v1_problem *problem;
};
bool v1_read_number(struct v1_reader *, const char *key, double low, double high, double *);
bool v1_read_integer(struct v1_reader *, const char *key, int64_t low, int64_t high, int64_t *);
bool v1_read_flag(struct v1_reader *, const char *key, bool *);
const json_t *v1_given(const struct v1_reader *, const char *key); /* NULL also when it is null */
bool v1_wrong(struct v1_reader *, const char *param, const char *code, const char *format, ...)
    PRINTF_LIKE(4, 5);
bool v1_refuse_keys(struct v1_reader *, const char *const *keys); /* of what is not done here */
bool v1_read_model(struct v1_reader *);
bool v1_read_sampling(struct v1_reader *);
bool v1_read_schema(struct v1_reader *, const char *param, const json_t *holder);
bool v1_read_tool_choice(struct v1_reader *); /* and parallel_tool_calls; after the tools */
bool v1_read_response(struct v1_reader *);    /* v1_read_responses.c */
/* Puts tools in the place of functions: the reader goes on with a body that has no others. */
bool v1_read_functions(struct v1_reader *);

/* -------------------------------------------------------------------------------- the writers */

struct v1_writer;

/* Who pays for the request: the program by its key, and the learner and class that the key, or
 * where it may the request, names. Texts are the arena's. */
bool v1_payer(const struct request *, struct v1_reader *, struct company_payer *);
/* {"answered_by","instead_of","because":"budget|limit|failure","budget"?} where it is not as
 * asked; NULL otherwise. */
json_t *v1_because_json(const struct chat_result *);
const char *v1_because_name(enum chat_because);
bool v1_put(struct v1_writer *, struct view piece); /* into its pipe */

struct v1_choice;
struct v1_response;

struct v1_form { /* of an answer: that of chat and completions, or that of responses */
    struct chat_listener listener; /* but for its data */
    void (*open)(struct v1_writer *), (*close)(struct v1_writer *);
    void (*answered)(struct v1_writer *); /* one prompt */
    json_t *(*whole)(struct v1_writer *);
    void (*end)(struct v1_writer *);                             /* of a stream: the last pieces */
    void (*fail)(struct v1_writer *, const struct v1_problem *); /* of a stream, in its middle */
};
extern const struct v1_form v1_chat_form, v1_response_form;

/* Gathers what the company tells, for a whole answer, or puts it into a pipe as it comes. */
struct v1_writer {
    const struct v1_ask *ask;
    struct chat_result *result; /* of the company; its model is told before the first piece */
    struct pipe *pipe;          /* NULL: the answer is given whole */
    int fd;                     /* of the line; looked at when there is no pipe */
    int n_choice, base;         /* of all prompts; of the prompt that is being answered */
    struct v1_choice *choices;
    enum chat_end *ends;      /* [n_choice] */
    struct chat_result total; /* tokens of all prompts */
    struct v1_response *response;
    const struct v1_form *form;
    bool begun; /* something was put into the pipe */
};

json_t *v1_text_json(struct view);                /* bytes that are no UTF-8 become U+FFFD */
json_t *v1_token_json(const struct chat_token *); /* with its bytes and alternatives */
void v1_writer_open(struct v1_writer *, const struct v1_ask *, struct chat_result *, struct pipe *,
                    int fd);
void v1_writer_close(struct v1_writer *);

/* Handlers. */
route_handler v1_chat, v1_completions, v1_embeddings, v1_models, v1_model, v1_responses,
    v1_response, v1_response_drop;
/* Whether the one who asks may; else the reply is there. Before the body is read. */
bool v1_may_ask(struct request *);
bool is_v1(const struct request *);
/* A number for the request, by which programs speak of it, and who may read the answer: a page of
 * another site that has a key, or is told that it needs one. */
void v1_add_head(const struct request *, struct MHD_Response *);

#endif
