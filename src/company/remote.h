/* remote: a member at an address that speaks OpenAI's chat/completions, asked by HTTP and heard in
 * a stream of events. Inside the room; any thread, as many calls at once as there are threads. */
#ifndef LYCEUM_COMPANY_REMOTE_H
#define LYCEUM_COMPANY_REMOTE_H

#include "company/gate.h"
#include "company/wire.h"

struct attempt;

struct endpoint { /* one machine of a member */
    const struct plan_member *member;
    const char *address;
    char *key; /* from the environment; NULL: none. Never told to anybody else */
    bool lacks_key;
    struct gate gate;
    pthread_mutex_t lock;     /* of what follows */
    struct remote_line *idle; /* connections that are kept */
    bool newer_limit;         /* it wants max_completion_tokens in place of max_tokens */
    bool no_usage;            /* it does not know stream_options */
    bool own_sampling;        /* it takes no temperature but its own, as models that think */
    uint64_t n_call, n_good, n_prompt, n_generated;
    double first_token_seconds, seconds; /* sums over the good ones */
};

void endpoint_open(struct endpoint *, const struct plan_member *, const char *address);
void endpoint_close(struct endpoint *); /* no call may be running */

struct remote_call {
    struct endpoint *endpoint;
    const struct chat_request *request;
    struct view begun; /* of the answer, said already: it goes on behind it */
    const struct chat_listener *listener;
    double deadline;                    /* by clock_seconds() */
    const volatile bool *cancel, *lost; /* beside the request's own; or NULL */
    void (*look)(struct attempt *);     /* is called now and then while nothing comes; or NULL */
    struct attempt *attempt;            /* for it */
};

struct remote_result {
    enum call_end end;
    struct chat_result chat;
    double retry_after; /* seconds; negative: it did not say */
    bool heard;         /* the listener was told something */
    bool counted;       /* the tokens are those that the member told */
    bool learned;       /* how it wants to be asked: the next time it may answer */
};

/* One try. True when the answer came to its end. The fault names the member, never the key. */
bool remote_chat(const struct remote_call *, struct remote_result *, struct fault *);

/* What is sent: the request in chat/completions' form. New reference; NULL with a fault where it
 * asks what no member far away can do. */
json_t *remote_body(const struct endpoint *, const struct chat_request *, struct view begun,
                    struct fault *);
/* At most so many tokens have the request and its answer: a token has a byte at least. */
void remote_bound(const struct chat_request *, struct view begun, int64_t *n_prompt,
                  int64_t *n_generated);

/* ------------------------------------------------------------------------------------- vectors */

struct vectors_wanted {
    const struct view *texts;
    size_t n;
    int dimensions; /* of each vector; 0: as many as the model makes */
};
struct vectors {   /* start from {.n_text}; the caller frees values */
    float *values; /* [n_text][n_value], each of length one */
    size_t n_text, done;
    int n_value; /* of the first one; all have as many */
    int64_t n_token;
    bool counted; /* of the answer taken last, the tokens were told */
};
json_t *vectors_body(const struct endpoint *, const struct vectors_wanted *); /* new reference */
/* At most so many tokens have the texts. */
int64_t vectors_bound(const struct vectors_wanted *);
/* An answer with the vectors of the next n texts: false, and no text more is done, when it is not
 * what the format says. */
bool vectors_take(struct vectors *, struct view data, size_t n, struct fault *);
/* One try. Of the call the request, begun and listener are left out. */
bool remote_embed(const struct remote_call *, const struct vectors_wanted *, struct vectors *,
                  struct remote_result *, struct fault *);

/* --------------------------------------------------------------------- what comes, as it comes */

struct answer { /* start from {0} but for what the caller sets */
    const struct chat_listener *listener;
    int64_t most_tokens; /* after as many pieces it is enough; 0: no bound */
    bool heard, finished, counted, enough, stopped, has_error;
    bool progressed; /* since the caller cleared it */
    int64_t n_piece;
    int n_call[CHAT_CHOICES]; /* begun */
    struct chat_result *chat;
    char error[240]; /* what the server says of a mistake, as it says it */
};
/* The data of one event, or a whole answer that was not streamed. False with a fault when it is
 * not what the format says; `stopped` when the listener has enough. */
bool answer_take(struct answer *, struct view data, struct fault *);

#endif
