/* wire: a request for words as programs make it, the same whoever answers: the local model, a
 * server far away, or several in turn. It follows the chat/completions of OpenAI, since that is
 * what programs speak; completions and responses are read into the same struct. */
#ifndef LYCEUM_COMPANY_WIRE_H
#define LYCEUM_COMPANY_WIRE_H

#include "model/model.h"

enum {
    CHAT_CHOICES = 8,   /* n, at most */
    CHAT_STOPS = 16,    /* stop texts, at most */
    CHAT_CALLS = 16,    /* calls of tools in one answer, at most */
    CHAT_TOOLS = 128,   /* tools in one request, at most */
    CHAT_TOKENS = 2048, /* written unless told otherwise, where the context has room for as many */
};

struct budget_limit { /* of a period; without either there is no limit */
    bool has_money, has_tokens;
    double money;
    int64_t tokens; /* of members far away */
};

/* Who pays: each has a budget of its own where company.yaml says one. NULL: nobody in particular.
 */
struct company_payer {
    const char *learner, *group; /* a learner's number; a class's */
    const char *program;         /* the name of a key */
    struct budget_limit day;     /* of the program, beside that of company.yaml */
};

enum chat_tool_choice {
    CHAT_TOOLS_AUTO, /* words, calls, or both */
    CHAT_TOOLS_NONE,
    CHAT_TOOLS_REQUIRED, /* one call at least, and nothing else */
    CHAT_TOOLS_NAMED,    /* one call of tool_name */
};

enum chat_format { CHAT_TEXT, CHAT_JSON, CHAT_SCHEMA };

struct chat_request {
    const char *model; /* a member, a role, or "lyceum"; NULL: "lyceum" */
    /* The object of chat/completions as it came, for who passes it on; NULL when it was not made
     * as one (completions, responses): then the members below are all there is. */
    const json_t *body;
    /* Where there is no body: temperature, reasoning_effort and the like as they were given, for a
     * member far away; NULL: what it is sent are those of `sampling`. */
    const json_t *options;

    /* What is asked: a conversation, or a text to be gone on with (`messages` NULL). */
    const json_t *messages; /* in the form of chat/completions: [{"role","content",…}…] */
    struct view prompt;     /* used when prompt_tokens is NULL */
    const int32_t *prompt_tokens; /* [n_prompt_token], of the model's own vocabulary; or NULL */
    size_t n_prompt_token;
    bool echo;          /* the prompt is told first, as a part of the text */
    struct view suffix; /* what comes after the text that is written: a gap is filled; or empty */

    const json_t *tools; /* [{"type":"function","function":{"name","parameters",…}}…], or NULL */
    enum chat_tool_choice tool_choice;
    const char *tool_name;
    bool one_call; /* parallel_tool_calls false */

    enum chat_format format;
    const json_t *schema; /* of CHAT_SCHEMA */
    struct view grammar;  /* GBNF, in the place of a format; or empty */

    struct sampling sampling; /* its seed is that of choice 0: sampling_seed gives the others */
    bool seeded;              /* the seed was asked for; else it was drawn */
    int max_tokens;           /* of each choice; 0: CHAT_TOKENS. −1: none at all, for an echo */
    int n_choice;             /* 1 to CHAT_CHOICES */
    const char *const *stop;  /* NULL-terminated, or NULL */
    bool logprobs;
    int n_alternative; /* top_logprobs: beside each token, when logprobs are wanted */

    struct company_payer payer;
    double seconds; /* gives up after this time; 0: 300 */
    int priority;   /* as company_request: learners have 0 or more, programs less */
    const volatile bool *cancel;
};

/* A token with its bytes, since a member far away has a vocabulary that nobody here knows. */
struct chat_token {
    struct view text; /* bytes; it may end inside a character */
    float log_probability;
    const struct chat_token
        *alternatives; /* [n_alternative], likeliest first; none of their own */
    int n_alternative;
    bool unknown; /* of the first token of an echo: nothing told what it should be */
};

/* Who listens gets pieces as they come. `choice` counts from 0. Called from several threads, but
 * never two at once; views live during the call alone. False: nobody listens any more, and the
 * generation ends. NULL members are not told. */
struct chat_listener {
    void *data;
    bool (*text)(void *data, int choice, struct view text);
    /* Before the text or the call that it is part of. Only with logprobs. */
    void (*token)(void *data, int choice, const struct chat_token *);
    /* The call with this number (from 0, in order) begins; then its arguments come, which are
     * together a JSON object that the tool's parameters accept. */
    bool (*call)(void *data, int choice, int call, const char *id, const char *name);
    bool (*arguments)(void *data, int choice, int call, struct view piece);
};

enum chat_end {
    CHAT_STOP,      /* the model ended, or came to a stop text */
    CHAT_LENGTH,    /* max_tokens, or the end of the context */
    CHAT_CALLED,    /* with one call or more */
    CHAT_FILTERED,  /* content_filter, of a member far away */
    CHAT_CANCELLED, /* by the listener or `cancel` */
};

/* Why it was not the first member of the role who answered. */
enum chat_because {
    CHAT_BECAUSE_NOTHING, /* it was */
    CHAT_BECAUSE_BUDGET,  /* a budget has no room */
    CHAT_BECAUSE_LIMIT,   /* it may not be asked just now: limits, an open breaker */
    CHAT_BECAUSE_FAILURE,
};

struct chat_result {
    enum chat_end ends[CHAT_CHOICES];
    int n_prompt, n_reused, n_generated; /* tokens; of all choices together */
    int n_thought; /* of those generated: not told, as a member far away counts them */
    double first_token_seconds, seconds;
    /* Told before the first piece, where it is not as it was asked; nothing that only the owner
     * may know. */
    enum chat_because because;
    char instead_of[64]; /* the member that was to answer */
    char short_of[48];   /* of CHAT_BECAUSE_BUDGET: "the program's budget for today" */
    char model[128];     /* who answers */
    /* When it failed, what the program is told beside the fault: */
    int status;      /* of HTTP; 0: as the fault's kind has it */
    int retry_after; /* seconds, or 0 */
    char code[64];   /* "model_not_found", "context_length_exceeded", …; or "" */
    char param[120]; /* which part of the request it is about; or "" */
};

/* Vectors of texts. */
struct embedding_request {
    const char *model; /* "lyceum", "librarian", a member's name or the local model's */
    const struct view *texts;
    size_t n;
    int dimensions; /* of each vector; 0: as many as the model makes */
    struct company_payer payer;
    const volatile bool *cancel;
};
struct embedded {
    float *values; /* [n][n_value], each of length one; the caller's to free, also on failure */
    int n_value;
    int64_t n_token;
    struct chat_result result; /* who made them, and what a program is told when it failed */
};

#endif
