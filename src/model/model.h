/* model: weights into words.
 *
 * A model is what was loaded: immutable, shared by every thread. A session is one mutable timeline
 * over it. The caller always gives a session the whole prefix of tokens that it wants; the session
 * keeps what it has already computed, drops what differs and computes the rest. */
#ifndef LYCEUM_MODEL_H
#define LYCEUM_MODEL_H

#include "base/base.h"

struct model;
struct vocabulary;
struct session;

struct model_shape {
    const char *architecture; /* "llama", "qwen2": a row of the table of networks */
    const char *name;         /* general.name, or the file's name */
    int n_layer, n_head, n_kv_head, d_model, d_head, d_feed_forward;
    int n_vocabulary, n_context;  /* n_context: positions that it was trained for */
    uint64_t n_parameter, n_byte; /* n_byte: the file's size */
};

#include "model/weights.h"

/* Maps a GGUF file (version 2 or 3) and checks every offset, count and shape before use. The pool
 * must outlive the model. NULL with a fault naming file, byte and key when anything is wrong. */
struct model *model_open(const char *path, struct pool *, struct fault *);
void model_close(struct model *); /* NULL is allowed; no session may be open on it */
const struct model_shape *model_shape(const struct model *);
const struct vocabulary *model_vocabulary(const struct model *);
struct pool *model_pool(const struct model *);

/* ------------------------------------------------------------------------- weights in fewer bits
 */

struct quantisation {
    const char *type;            /* "F32", "Q8_0", …, or the mixture "Q4_K_M" */
    bool force;                  /* also over `in` itself, and from integers of as few bits */
    bool pure;                   /* every matrix alike: no more bits where errors tell most */
    const volatile bool *cancel; /* or NULL; polled between pieces */
    void (*progress)(void *data, uint64_t done, uint64_t total); /* bytes read; or NULL */
    void *data;
};

struct quantised_share { /* what became one format */
    const char *type;
    int n_tensor;
    uint64_t n_value, n_byte;
    double squares, errors; /* Σx², Σ(x − what was written)², over the matrices */
};

struct quantisation_result {
    uint64_t n_byte_in, n_byte_out;
    double seconds;
    struct quantised_share shares[12];
    size_t n_share;
};

/* Writes the model `in` as the GGUF file `out`, the matrices in another format. `in` is a GGUF
 * file, all keys of which are kept, or safetensors as transformers saves them (a folder, or a file
 * in it). The head has 6 bits where the others have fewer; rows that do not divide by 256 get a
 * format of 32 with as many bits or more; norms and biases are 32-bit floats. In pieces: memory
 * does not grow with the file. `out` holds what it held before, or the whole new file. */
bool model_quantise(const char *in, const char *out, const struct quantisation *, struct pool *,
                    struct quantisation_result *, struct fault *);

/* ------------------------------------------------------------------------------ written weights
 *
 * What a trainer has made, as files. Each is written beside its path and renamed: the path holds
 * what it held before, or the whole new file. Types are named as in struct quantisation. */

struct adapter_matrix {
    const char *tensor; /* of the model: "blk.0.attn_q.weight" */
    int rank;
    int64_t n_in, n_out;
    const float *a, *b; /* [rank][n_in], [n_out][rank]; the tensor becomes W + scale · B · A */
};

struct text_entry {
    const char *key, *text;
};

struct adapter_description {
    const char *architecture;       /* of the model, as model_shape tells it */
    const char *type;               /* "F32", "F16", "BF16" or "Q8_0" */
    float alpha;                    /* scale = alpha / rank; 0: scale 1 */
    const struct text_entry *texts; /* [n_text] keys beside these, "general.name", …; or NULL */
    size_t n_text;
};

/* Writes an adapter (Hu et al. 2021, arXiv 2106.09685) in the form that adapter_open and
 * llama.cpp's --lora read. Rows that do not divide into blocks of the type are F16. False with a
 * fault that names the tensor when a value is not finite or too large for the type. */
bool adapter_write(const char *path, const struct adapter_description *,
                   const struct adapter_matrix *, size_t n, struct fault *);

struct tensor_values { /* in the place of a tensor of a model */
    const char *name;
    const float *values; /* [n], in the order of the file */
    int64_t n;
};

/* Writes the model with these tensors replaced: every key of its file is kept, the matrices are of
 * `type`, one of those of model_quantise, norms and biases 32-bit floats. */
bool model_write(const struct model *, const char *path, const struct tensor_values *, size_t n,
                 const char *type, struct fault *);

/* -------------------------------------------------------------------------------- new models */

/* A model that knows nothing yet, to be trained from scratch. */
struct model_recipe {
    const char *name; /* general.name */
    int n_vocabulary; /* tokens: 259 to 262,144; fewer when the texts give no more */
    int n_layer, n_head, n_kv_head, d_model, d_feed_forward, n_context;
    float rope_base;
    bool untied; /* the head has weights of its own, and is not the embedding */
    bool force;  /* write over a file that is there */
    uint64_t seed;
};
/* 4,096 tokens, 6 layers, 256 wide, 8 heads, 512 positions: some 6 million weights. n_kv_head 0:
 * as many as heads; d_feed_forward 0: 8/3 of the width, up to a multiple of 64. */
extern const struct model_recipe model_recipe_default;

struct model_created {
    int n_vocabulary, d_feed_forward, n_kv_head;
    size_t n_merge;
    uint64_t n_text_byte, n_text_token; /* of the texts, as tokens of the new vocabulary */
    uint64_t n_parameter, n_byte;
    double seconds;
};

/* Writes a GGUF file of the network llama: a vocabulary of byte pairs that is learnt of the texts
 * (cut as by SmolLM, each digit alone; every byte is a token; special tokens and a template for
 * chats in ChatML), and 32-bit weights drawn at random as for GPT-2 (Radford et al. 2019): normal,
 * of deviation 0.02, in what each block adds to the residual stream divided by sqrt(2 n_layer).
 * The same texts, recipe and machine give the same file. The path holds what it held before, or
 * the whole file. False with a fault when the recipe is none, the texts are empty, or the file is
 * there and not to be written over. */
bool model_create(const char *path, const struct model_recipe *, const struct view *texts,
                  size_t n_text, struct model_created *, struct fault *);

/* --------------------------------------------------------------------------------- vocabulary */

struct tokens { /* growable; start from {0}, end with tokens_free */
    int32_t *at;
    size_t n, capacity;
};
/* False in a memory watch that finds no memory, and nothing is appended; without one it aborts. */
bool tokens_append(struct tokens *, int32_t token);
void tokens_free(struct tokens *);

enum special_tokens {
    SPECIAL_AS_TEXT, /* text that looks like a control token is text: for what people typed */
    SPECIAL_PARSED,  /* control tokens are recognised: for rendered chat templates */
};

/* Appends the tokens of `text` (UTF-8; other bytes are kept byte by byte where the vocabulary
 * can). Nothing is added before or after. The very tokens of the original tokenizer. */
bool vocabulary_encode(const struct vocabulary *, struct view text, enum special_tokens,
                       struct tokens *, struct fault *);
/* Appends the text with a space in the name of each control token, so that it stays text also
 * where control tokens are recognised: for what people typed on its way into a chat template. */
void vocabulary_quote(const struct vocabulary *, struct view text, struct buffer *out);
/* Appends the bytes of one token; a token may end in the middle of a character. With
 * SPECIAL_AS_TEXT control tokens give nothing, with SPECIAL_PARSED their name. */
void vocabulary_decode(const struct vocabulary *, int32_t token, enum special_tokens,
                       struct buffer *);
int vocabulary_size(const struct vocabulary *);
bool vocabulary_is_end(const struct vocabulary *, int32_t token); /* ends a turn or a text */
int32_t vocabulary_begin(const struct vocabulary *);              /* BOS, or -1 */
bool vocabulary_adds_begin(const struct vocabulary *);            /* texts start with BOS */

/* ----------------------------------------------------------------------------- chat templates */

struct chat_template; /* compiled; immutable, any number of threads may render */
/* Compiles the subset of Jinja that model files use. On anything else NULL and a fault naming the
 * line and the construct. */
struct chat_template *chat_template_compile(struct view source, struct fault *);
void chat_template_free(struct chat_template *);
/* Renders with `context`: an object such as {"messages":[{"role","content"}…],"tools":[…],
 * "add_generation_prompt":true}. Bounded in steps, depth and output. */
bool chat_template_render(const struct chat_template *, const json_t *context, struct buffer *out,
                          struct fault *);
/* The model's own template over a conversation, encoded with its control tokens (one BOS at most).
 * A conversation is an array of messages, or an object {"messages":[…],"tools":[…],…} all of whose
 * members the template may use ("enable_thinking", "date_string"). What looks like a control token
 * in it is text: nobody can type the end of their own turn. */
bool model_chat(const struct model *, const json_t *conversation, bool add_generation_prompt,
                struct tokens *, struct fault *);

/* ----------------------------------------------------------------------------------- sessions */

/* All sessions of a model that run at the same time are computed together, a token of each in one
 * step, by the threads that wait for them: none runs when nothing is wanted. Prompts are read in
 * pieces between them, short enough that nobody's text halts for more than 100 ms. What is said
 * is said on the caller's thread: a slow listener holds up nobody else. The same prefix and seed
 * give the same tokens, whoever else is served.
 *
 * What was computed is kept by its tokens: a session finds the beginning of its text that any
 * other has computed, also one that is closed, until the memory is needed. */

enum cache_type {
    CACHE_F16,
    CACHE_Q8_0, /* half the memory, for a little exactness */
    CACHE_F32,  /* twice the memory: nothing is rounded */
};
#define CACHE_TYPES "f16, q8_0 or f32"
bool cache_type_named(const char *name, enum cache_type *); /* false: there is none of this name */

struct model_limits {
    enum cache_type cache;
    uint64_t cache_bytes; /* of all sessions together; 0: a quarter of the machine's memory */
};
/* Before the first session is opened; later it is refused. */
bool model_limit(struct model *, const struct model_limits *, struct fault *);

struct model_usage {          /* at this moment */
    int n_running, n_waiting; /* calls; who waits, waits for memory that others use */
    uint64_t cache_bytes, cache_bytes_running, cache_bytes_most; /* running: in use just now */
};
struct model_usage model_usage(struct model *);

/* Room for n_context positions (0: the model's own, at most 4,096). FAULT_LIMIT when the cache may
 * not hold as many, FAULT_MACHINE when there is no memory. A session is used by one thread at a
 * time; those of one model may be used by as many threads as there are. */
struct session *session_open(struct model *, int n_context, struct fault *);
void session_close(struct session *);
int session_context(const struct session *);
struct model *session_model(const struct session *);
/* The tokens that the session holds: those fed, generated or restored last. */
const int32_t *session_tokens(const struct session *, size_t *n);
/* Makes the session hold exactly these tokens. On success *logits points at n_vocabulary floats
 * for the position after the last token, valid until the next call. *n_reused (may be NULL) tells
 * how many positions were already there. `cancel` (may be NULL) is polled between steps. */
bool session_feed(struct session *, const int32_t *tokens, size_t n, const float **logits,
                  size_t *n_reused, const volatile bool *cancel, struct fault *);
/* As session_feed, with the logits of the last n_tail positions: n_tail × n_vocabulary floats. */
enum { SESSION_TAIL = 16 }; /* at most */
bool session_tail(struct session *, const int32_t *tokens, size_t n, size_t n_tail, float *logits,
                  const volatile bool *cancel, struct fault *);
/* As session_feed from an empty cache, with the logits of every position: n × n_vocabulary floats.
 */
bool session_logits(struct session *, const int32_t *tokens, size_t n, float *logits,
                    struct fault *);
/* The natural logarithm of a token's probability by the n logits of a position, in doubles. */
double logits_log_probability(const float *logits, int64_t n, int32_t token);

/* Writes what the session holds, its tokens and what was computed of them, to a file that only
 * this model's weights can use: the old or the new content is there, whole. FAULT_MISSING when
 * nothing is left of it in the cache. */
bool session_save(struct session *, const char *path, struct fault *);
/* Makes the session hold what was saved. A file that is damaged, newer, of other weights or of
 * another type of cache is refused, and the session is as it was. The hash tells damage, not
 * malice: who may write the file decides what the model remembers. */
bool session_restore(struct session *, const char *path, struct fault *);

/* ----------------------------------------------------------------------------------- adapters */

/* Small matrices that change what a model says and leave its weights as they are: a file of some
 * megabytes (docs/engine.md, "Adapters"). It belongs to one model, is immutable, and shared by any
 * number of sessions and threads. NULL with a fault naming file, byte and key or tensor when it is
 * no adapter for this model. Close it after the sessions that use it and before the model. */
struct adapter;

struct adapter *adapter_open(const struct model *, const char *path, struct fault *);
void adapter_close(struct adapter *); /* NULL is allowed */
/* Whether its file says that it was trained on what a tutor is asked (key lyceum.tutor, "1") in
 * this language (lyceum.tutor.languages, "en,zh"; without the key English alone; NULL: in any): it
 * needs no examples, and refuses what a passage does not say. */
bool adapter_is_tutor(const struct adapter *, const char *language); /* NULL is not */
/* From what on it is sure of an answer in this language, where the file tells that behind the
 * language, "en:-1.3,zh:-9"; else NAN. What is measured is its user's matter (draft_choose.c). */
double adapter_tutor_bound(const struct adapter *, const char *language);
/* Its matrices in turn, in floats that are there during the call alone; the tensor becomes
 * W + B · A: B holds the scale. */
bool adapter_matrices(const struct adapter *,
                      void (*each)(void *data, const struct adapter_matrix *), void *data,
                      struct fault *);

/* From here on the session computes with this adapter, `scale` times as strong as its file says
 * (1 mostly); NULL, or scale 0: without one. What it held of another is forgotten. Sessions of one
 * model with different adapters run at the same time; each sees only what was computed with its
 * own. */
bool session_adapt(struct session *, const struct adapter *, float scale, struct fault *);

/* --------------------------------------------------------------------------------- embeddings */

struct embedding {
    int max_tokens; /* of a text, both marks at its ends included; 0: n_context. The rest is cut */
    const volatile bool *cancel; /* or NULL; polled every few hundred tokens */
};

/* Values of a text's vector; 0 when the model writes and does not embed. */
int model_embedding_size(const struct model *);
/* A vector of length one for each of n texts: out[n][model_embedding_size]. Meaning is near where
 * the product of two vectors is near 1 (Reimers and Gurevych 2019, arXiv 1908.10084). Any thread;
 * what a vector is does not depend on the texts beside it. */
bool model_embed(const struct model *, const struct view *texts, size_t n,
                 const struct embedding *, float *out, struct fault *);

/* ----------------------------------------------------------------------------------- sampling */

enum {
    SAMPLING_WINDOW = 64,   /* tokens that the repetition penalty looks back at unless told */
    SAMPLING_BIASES = 1024, /* at most */
};

struct token_bias {
    int32_t token;
    float bias; /* added to its logit; −INFINITY bans it */
};

/* How one token is picked from the logits. In this order, which is that of llama.cpp: biases,
 * penalties, top-k, top-p, min-p, and the temperature last, so that a high one cannot bring back
 * what was cut off. Members that are 0 do nothing, but for top_p: it is 1 when off. */
struct sampling {
    float temperature; /* 0: the likeliest token, always */
    int top_k;         /* among the k likeliest (Fan et al. 2018, arXiv 1805.04833) */
    float top_p; /* the fewest that together weigh p (Holtzman et al. 2020, arXiv 1904.09751) */
    float min_p; /* those at least p times as likely as the first (Nguyen et al. 2024, arXiv
                  * 2407.01082) */
    /* Divides a positive logit and multiplies a negative one, once for each token that is among
     * the last `repetition_window` of prompt and text (Keskar et al. 2019, arXiv 1909.05858,
     * section 4.1; llama.cpp's repeat penalty). 0 or 1: off; window 0: 64, −1: everything. */
    float repetition_penalty;
    int repetition_window;
    /* Of a token that was written n > 0 times, logit − presence − n · frequency (OpenAI's meaning:
     * the prompt does not count). Negative ones invite repetition. */
    float presence_penalty, frequency_penalty;
    const struct token_bias *biases; /* [n_bias], copied by who samples */
    int n_bias;
    uint64_t seed;
};

extern const struct sampling sampling_default; /* temperature 0.7, top_p 0.95, min_p 0.05, … */
extern const struct sampling sampling_greedy;
/* The seed of one of several choices; that of choice 0 is the seed itself. */
uint64_t sampling_seed(uint64_t seed, int choice);

/* ------------------------------------------------------------------------------- constraints */

/* Tells which tokens may come next: the words a draft may use, a grammar. It knows one place in
 * one text, and goes forward only: `accept` each token that was taken. NULL members do nothing. */
struct constraint {
    void *data;
    /* Sets logits of forbidden tokens to −INFINITY; leaves at least one, or an end token, as long
     * as `sound` is true. */
    void (*mask)(void *data, float *logits, int n_vocabulary);
    void (*accept)(void *data, int32_t token); /* the token that was taken */
    /* False when nothing may follow any more, with the reason. Asked when all is forbidden. */
    bool (*sound)(void *data, struct fault *);
    void (*close)(void *data); /* frees data; for the owner */
};

/* Closes and clears. NULL members, or a constraint that was closed, are allowed. */
void constraint_close(struct constraint *);
/* Allows what both allow. Takes both over, also when it fails: closing the result closes them. */
bool constraint_both(struct constraint, struct constraint, struct constraint *out, struct fault *);

/* A language of texts, compiled once; immutable, any number of threads may generate by it. What
 * was learnt of a vocabulary's tokens is kept with it, so keep it as long as it is used. */
struct grammar;

/* Compiles GBNF, the grammar language of llama.cpp: `root ::= "yes" | "no"`. Characters are code
 * points. NULL and a fault with line and column when something is wrong, also when a rule calls
 * itself before it has read anything, has no end, or is over a bound. */
struct grammar *grammar_compile(struct view gbnf, struct fault *);
/* Compiles a JSON Schema (draft 2020-12). Every text of the grammar is JSON that the schema
 * accepts: properties in the schema's order, at most one space after `,` and `:`. A keyword that
 * it cannot keep is a fault that names it with its JSON pointer; annotations are passed over.
 * Without `additionalProperties` an object has the named properties alone. */
struct grammar *grammar_from_schema(const json_t *schema, struct fault *);
/* As grammar_compile; a rule that is called and not defined is the JSON Schema of its name in the
 * object `schemas`, each of which refers to itself alone: a frame around values. */
struct grammar *grammar_with_schemas(struct view gbnf, const json_t *schemas, struct fault *);
void grammar_free(struct grammar *); /* NULL is allowed; no constraint may be open on it */
bool grammar_accepts(const struct grammar *, struct view text);

/* A constraint for one generation, cheap to open: the text is one of the grammar's, and ends only
 * where one ends. With max_tokens > 0 it also ends in time: tokens are forbidden from which no
 * end could be reached with the tokens that are left, and a fault says so when there are too few
 * from the start. The grammar and the vocabulary must outlive it. */
bool grammar_constrain(const struct grammar *, const struct vocabulary *, int max_tokens,
                       struct constraint *out, struct fault *);

/* A set of words: grounded decoding. A text may use these words, digits, and the separators that
 * stand between words, and nothing else. Words are as they were added, to the letter: case and
 * inflection are the caller's. Add first, then use; any number of threads may then share it. */
struct lexicon;

struct lexicon *lexicon_new(struct fault *); /* NULL: no memory */
void lexicon_free(struct lexicon *);         /* NULL is allowed; no constraint may be open on it */
/* After a word comes a separator; a word of a script that is written without spaces (Han, kana,
 * Thai, Lao, Burmese, Khmer) may stand beside any other at once. */
void lexicon_add(struct lexicon *, struct view word);
/* Each word of a text: runs of letters and marks; characters of a script that is written without
 * spaces one by one. Its signs that are not ASCII become separators. `also` (or NULL) gets each
 * run, to add other forms of it. */
void lexicon_add_text(struct lexicon *, struct view text,
                      void (*also)(void *data, struct lexicon *, struct view word), void *data);
/* Each character may stand between words. */
void lexicon_add_separators(struct lexicon *, struct view characters);
/* A constraint for one generation. The lexicon and the vocabulary must outlive it. False when
 * there is no memory, or was none for a word. */
bool lexicon_constrain(struct lexicon *, const struct vocabulary *, struct constraint *out,
                       struct fault *);

/* --------------------------------------------------------------------------------- generation */

enum {
    GENERATION_STOPS = 64,        /* stop texts, and stop tokens, at most */
    GENERATION_STOP_BYTES = 1024, /* of one stop text */
    GENERATION_ALTERNATIVES = 20, /* beside each token, at most */
    GENERATION_CHOICES = 128,     /* at once */
};

struct token_chance {
    int32_t token;
    float log_probability;
};

/* A token that was picked, and the likeliest ones in its place, falling. Log-probabilities are
 * natural and the model's own: before biases, penalties, masks and temperature, as OpenAI's are.
 * Each token of the text is told, then also the one that ended it. */
struct written_token {
    int32_t token;
    float log_probability;
    struct token_chance alternatives[GENERATION_ALTERNATIVES];
    int n_alternative;
};

struct generation {
    struct sampling sampling;
    int max_tokens;
    const char *const *stop; /* NULL-terminated list of texts, or NULL; not part of the output */
    const int32_t *stop_tokens; /* [n_stop_token]; they give no text */
    int n_stop_token;
    const struct constraint *constraint; /* or NULL; stays the caller's */
    const volatile bool *cancel;         /* or NULL */
    bool no_guess;                       /* never speculate (the result is the same either way) */
    int n_alternative;                   /* that `told` wants */
    double deadline;                     /* by clock_seconds(), when it is stopped; 0: none */
    int priority;                        /* who comes first where not all can: the higher */
    /* Gets whole characters only, never a part of a stop text. False stops. May be NULL. */
    bool (*say)(void *data, struct view text);
    /* Gets each token, before a text that it is part of is said. May be NULL. */
    void (*told)(void *data, const struct written_token *);
    void *data;
};

enum generation_end {
    GENERATION_END_TOKEN, /* one of the vocabulary's */
    GENERATION_STOP_TEXT,
    GENERATION_STOP_TOKEN,
    GENERATION_LENGTH,
    GENERATION_STOPPED, /* `cancel` was set, or `say` gave false */
};

struct generation_result {
    enum generation_end end;
    int stop; /* which stop text or stop token ended it; -1: none */
    int n_prompt, n_reused, n_generated;
    int n_guess, n_guess_kept; /* tokens that were guessed ahead, and those that came true */
    double prefill_seconds, first_token_seconds, generation_seconds;
    double log_probability; /* natural, summed over the generated tokens, before temperature */
};

/* Generates after the prefix. The text is appended to `out` (may be NULL) as well as said. */
bool session_generate(struct session *, const int32_t *prefix, size_t n, const struct generation *,
                      struct buffer *out, struct generation_result *, struct fault *);
/* Several choices after one prefix, which is computed once: choice i is as session_generate with
 * generations[i] would give it, and all are written at the same time: what they call and point at
 * is used by as many threads. `outs` and `results` have n_choice members, or are NULL. */
bool session_generate_many(struct session *, const int32_t *prefix, size_t n,
                           const struct generation *generations, int n_choice, struct buffer *outs,
                           struct generation_result *results, struct fault *);

#endif
