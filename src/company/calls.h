/* calls: tools that a model may call, inside the room.
 *
 * A call is written as Qwen and Hermes do it, and is made under a grammar, so that a model of any
 * size writes it well:
 *
 *     <tool_call>
 *     {"name": "weather", "arguments": {"city": "Oslo"}}
 *     </tool_call>
 *
 * Some models leave the frame away; an answer that begins as a call does is one then as well. */
#ifndef LYCEUM_COMPANY_CALLS_H
#define LYCEUM_COMPANY_CALLS_H

#include "company/wire.h"

/* False with a fault, and in the result where in the request, when a tool is none. */
bool calls_check(const struct chat_request *, struct chat_result *, struct fault *);
/* Whether the answer to the request may hold calls. */
bool calls_wanted(const struct chat_request *);
/* What is written before the model begins: the frame of the one call that there must be; "" when
 * the model decides itself. */
void calls_begun(const struct chat_request *, struct buffer *out);
/* What may be written then, as for grammar_with_schemas: the rules are appended to `gbnf`. */
void calls_rules(const struct chat_request *, struct buffer *gbnf, json_t *schemas);
/* The tools with schemas of which a grammar can be made, for those that are not `strict`, as
 * programs that ask OpenAI may send any: a property that has none may be any value. A new
 * reference; NULL when nothing is to be changed. */
json_t *calls_loosened(const json_t *tools);
/* Tells a model whose template knows nothing of tools what they are and how to call them. */
void calls_explain(const json_t *tools, struct buffer *out);
/* A call that was made before, as the model would have written it. */
void calls_write(const char *name, const json_t *arguments, struct buffer *out);

/* Whether the answer may be calls without their frame. */
bool calls_may_be_bare(const struct chat_request *);

/* Takes a text that comes in pieces apart into words and calls. Start from {.may_be_bare}. */
struct call_reader {
    int where; /* one of calls.c */
    struct buffer held;
    int depth, n_call;
    bool may_be_bare, is_bare, in_string, escaped, has_words;
};

struct call_sink { /* as a chat_listener's, of one choice */
    void *data;
    bool (*text)(void *data, struct view text);
    bool (*call)(void *data, int call, struct view name);
    bool (*arguments)(void *data, int call, struct view piece);
};

/* After calls_begun: the text goes on inside the call of this name. */
bool call_reader_begin(struct call_reader *, const char *name, const struct call_sink *);
bool call_reader_read(struct call_reader *, struct view piece, const struct call_sink *);
/* What was held back because it could have become a call. */
bool call_reader_end(struct call_reader *, const struct call_sink *);
bool call_reader_is_whole(const struct call_reader *); /* no call is open */
void call_reader_free(struct call_reader *);

#endif
