/* train: words into weights.
 *
 * A student is a network whose weights are floats and learn: all of its matrices, or adapters of
 * low rank beside them. It is read by the same tables as the engine reads models. Texts are laid
 * into packs, in which attention stays inside each text; a text may have several ends (one lesson,
 * many questions), whose beginning is then computed once. A trainer takes steps until its time or
 * its texts are used up, keeps what it has on disk, and goes on from there to the same bits.
 *
 * Unless a function says otherwise it may be called from any thread, on objects that no other
 * thread is using; it computes on the pool that its object was given. */
#ifndef LYCEUM_TRAIN_H
#define LYCEUM_TRAIN_H

#include "base/base.h"
#include "model/model.h"

/* ---------------------------------------------------------------------------------------- texts
 */

struct segment {  /* tokens of a pack that go on where another segment ends, or begin a text */
    int start, n; /* in the pack */
    int parent;   /* an earlier segment, or -1 */
    int first_position; /* where the parent ends; 0 without one */
};

struct pack {
    int n;                  /* tokens */
    const int32_t *tokens;  /* [n] */
    const int32_t *targets; /* [n]: the token that comes next; −1 where none is asked for */
    const float *weights;   /* [n]: of the loss there; 0 where it does not count */
    int n_segment;
    const struct segment *segments; /* in the order of their tokens, without gaps */
};

/* Texts as tokens, laid into packs anew for each round through them. */
struct texts;
struct texts_options {
    int pack_tokens;    /* of a pack at most; a text must fit */
    int branches;       /* of one beginning at most, in a pack */
    bool counts_prompt; /* every token counts, not only what the assistant says */
    uint64_t seed;      /* of the order */
};
struct texts_report {
    size_t n_text, n_too_long;
    uint64_t n_token, n_counted, n_computed; /* computed: beginnings that are shared once */
};
/* Reads JSON lines {"messages":[{"role","content"}…]}, of which the assistant's words count, by
 * the chat template of the model, or {"text":…}, which counts whole; other members are passed
 * over. A file named *.txt or *.md is plain text, cut into texts as long as a pack. Texts that
 * follow each other and begin with the same tokens share them. Texts that do not fit a pack are
 * left out and counted. NULL with a fault that names the line. */
struct texts *texts_read(const struct model *, const char *path, const struct texts_options *,
                         struct texts_report *, struct fault *);
void texts_free(struct texts *); /* NULL is allowed */
struct texts_place {             /* in the order of the texts; {0} at the beginning */
    uint64_t round;
    size_t next;
};
/* The pack at this place, which moves on; valid until the next call. A round ends with a pack that
 * need not be full. The same place gives the same pack. */
const struct pack *texts_next(struct texts *, struct texts_place *);

/* ---------------------------------------------------------------------------------------- losses
 */

struct passage;

enum loss_kind {
    LOSS_CROSS_ENTROPY, /* of the token that comes next */
    LOSS_FORWARD_KL,    /* KL(p‖q), p the teacher's and q the student's probabilities */
    LOSS_REVERSE_KL,    /* KL(q‖p) (Gu et al. 2024, MiniLLM, arXiv 2306.08543) */
    LOSS_SKEWED_KL,     /* KL(p‖αp + (1−α)q) (Ko et al. 2024, DistiLLM, arXiv 2402.03898) */
    LOSS_JSD, /* β KL(p‖m) + (1−β) KL(q‖m), m = βp + (1−β)q; 0 is KL(p‖q), 1 KL(q‖p)
               * (Agarwal et al. 2024, On-policy distillation, arXiv 2306.13649) */
};

struct loss {
    enum loss_kind kind;
    float skew; /* α or β, from 0 to 1 */
    /* Who teaches: a live network of the same vocabulary, through which each pack passes first, or
     * a function that gives the probabilities of what comes after token t of the pack, into
     * p[n_vocabulary], which sum to 1; it is called from the threads of the pool. */
    struct passage *teacher;
    void (*probabilities)(void *data, const struct pack *, int t, float *p);
    void *data;
};

/* -------------------------------------------------------------------------------------- students
 */

enum learning {
    LEARN_ALL,      /* every tensor */
    LEARN_MATRICES, /* of the layers: what an adapter can carry */
    LEARN_ADAPTER,  /* matrices of low rank beside them */
    LEARN_NOTHING,  /* for a teacher */
};

struct student_options {
    enum learning learning;
    int rank;    /* of adapters */
    float alpha; /* what they give is multiplied by alpha / rank */
    uint64_t seed;
    bool bf16; /* linear layers multiply in bf16 and sum in floats; values, moments and all else
                  stay floats */
    bool muon; /* the matrices of the layers learn by Muon (muon.h), the rest by AdamW; not with
                  adapters */
};

struct student;
/* Reads the model's tensors as floats. An adapter begins as nothing: its A random, its B 0 (Hu et
 * al. 2021, LoRA, arXiv 2106.09685, section 4.1). The model and the pool must outlive it. NULL
 * with a fault when there is no memory or the network is none that writes. */
struct student *student_new(const struct model *, const struct student_options *, struct pool *,
                            struct fault *);
/* An adapter that learns begins as this one, of the same model and of its rank at most. */
bool student_begin(struct student *, const struct adapter *, struct fault *);
void student_free(struct student *);               /* NULL is allowed */
uint64_t student_learning(const struct student *); /* values that learn */

/* Memory for passing packs of up to n_token tokens through a student. With checkpoints only what
 * goes into a layer is kept and the rest is computed again on the way back (Chen et al. 2016,
 * arXiv 1604.06174): a tenth of the memory for a third more work; the results are the same bits.
 */
struct passage *passage_new(struct student *, int n_token, bool checkpoints, struct fault *);
void passage_free(struct passage *); /* NULL is allowed */
/* Σ weight · loss over the pack. Unless `scale` is 0, adds its gradient times scale to the
 * student's gradients. */
double passage_learn(struct passage *, const struct pack *, const struct loss *, double scale);
/* Logits of every position: n × n_vocabulary. */
void passage_logits(struct passage *, const struct pack *, float *logits);
/* The probabilities [n_vocabulary] of what comes after each token whose next one counts; `row` is
 * called from the threads of the pool. */
void passage_each(struct passage *, const struct pack *,
                  void (*row)(void *data, int token, const float *p), void *data);

/* --------------------------------------------------------------------------- samples of a teacher
 */

/* What a teacher would say at each position of the texts that counts, kept as tokens drawn from
 * its distribution: some 56 bytes for 12 instead of its whole vocabulary. Their mean is the
 * distribution without bias, so that KL(p‖q) has the gradient that it has beside the live teacher,
 * on the average (Anshumann et al. 2025, arXiv 2503.16870); of losses that are not linear in p
 * that is not so. */
struct samples_options {
    int per_token; /* 1 to 256 */
    uint64_t seed;
    const volatile bool *cancel; /* or NULL */
    /* After each pack: how many positions there are so far. False stops with the fault. Or NULL.
     */
    bool (*told)(void *data, size_t n_position, struct fault *);
    void *data;
};
/* Stopped, the same call goes on, to the same file; until it is `done`, path.part holds what there
 * is. */
bool samples_write(struct passage *teacher, struct texts *, const char *path,
                   const struct samples_options *, bool *done, struct fault *);
struct samples;
bool samples_is(const char *path); /* whether the file begins as one of samples */
/* NULL with a fault when the file is damaged, of another vocabulary's size, or does not hold every
 * position of the texts that counts. How they are packed does not matter. */
struct samples *samples_open(const char *path, struct texts *, int n_vocabulary, struct fault *);
void samples_close(struct samples *); /* NULL is allowed */
/* For struct loss, whose data are the samples. */
void samples_probabilities(void *samples, const struct pack *, int t, float *p);

/* -------------------------------------------------------------------------------------- own words
 */

/* Learning from one's own text (Agarwal et al. 2024, arXiv 2306.13649): in a share of the packs,
 * what the student writes itself after each beginning takes the place of what counts, and a live
 * teacher judges every token of it. The student writes by the engine, as its model with what it
 * has learnt so far as an adapter. The same seed and step give the same words. */
struct own_words_options {
    double share;   /* of the packs, 0 to 1 */
    int max_tokens; /* of one text; its room in the pack is another bound */
    float temperature;
    uint64_t seed;
    const char *folder; /* for the adapter, which is written anew for each step */
};
struct own_words;
/* The student is one that learns an adapter beside this model. Both must outlive it. */
struct own_words *own_words_new(struct model *, struct student *, const struct own_words_options *,
                                int pack_tokens, struct fault *);
void own_words_free(struct own_words *); /* NULL is allowed */

/* --------------------------------------------------------------------------------------- learning
 */

struct adamw {                                /* Loshchilov and Hutter 2019, arXiv 1711.05101 */
    float rate, beta1, beta2, epsilon, decay; /* decay of matrices alone, times the rate */
    float clip; /* the gradient is shortened to this norm; 0: never */
};
extern const struct adamw adamw_default; /* 1e-4, 0.9, 0.999, 1e-8, 0, 1 */

/* The norm of the whole gradient, before it is shortened. Takes step number `step` (from 1), and
 * clears the gradients. Infinite or no number: nothing is changed but that. */
double student_step(struct student *, const struct adamw *, int64_t step);
void student_forget(struct student *); /* clears the gradients */

/* ---------------------------------------------------------------------------------------- the
 * loop
 */

enum schedule { SCHEDULE_CONSTANT, SCHEDULE_LINEAR, SCHEDULE_COSINE };

struct trainer_options {
    struct adamw adamw;
    enum schedule schedule; /* after the warm-up, down to 0 at the last step … */
    float hold;             /* … from this share of the steps on; before it the rate stays */
    int warm_up;            /* steps, from 0 up to the rate */
    int n_step;             /* 0: as many as fit into `seconds` at the speed of the first ones */
    double seconds;
    int packs_per_step; /* whose gradients are summed: weighed by all that counts in them */
    struct loss loss;
    struct own_words *own_words; /* or NULL */
};

struct trainer_report {   /* of one step */
    int64_t step, n_step; /* from 1; n_step 0: not known yet */
    double loss;          /* a counted token, before the step */
    double norm, rate;    /* of the gradient, before it is shortened */
    uint64_t n_token, n_counted;
    double seconds;
};

/* Borrows the student, the texts and the passage, whose packs it passes through. */
struct trainer;
struct trainer *trainer_new(struct student *, struct texts *, struct passage *,
                            const struct trainer_options *, struct fault *);
void trainer_free(struct trainer *); /* NULL is allowed */
bool trainer_done(const struct trainer *);
int64_t trainer_steps(const struct trainer *); /* taken so far */
/* Takes a step. FAULT_INPUT when the loss or the gradient is no number any more: then nothing was
 * changed. */
bool trainer_step(struct trainer *, struct trainer_report *, struct fault *);
/* What is needed to go on to the same bits: values, moments, the place in the texts. The old or
 * the new content is there, whole; FAULT_MACHINE before anything is written when the disk has no
 * room for it. */
bool trainer_save(const struct trainer *, const char *path, struct fault *);
/* A file of other options, texts or model, or a damaged one, is refused; nothing is changed then
 * but the values of the student. */
bool trainer_restore(struct trainer *, const char *path, struct fault *);
uint64_t trainer_save_bytes(const struct trainer *);
/* Whether the disk has the room: to be asked before the work begins. */
bool trainer_can_save(const struct trainer *, const char *path, struct fault *);

/* ---------------------------------------------------------------------------------------- results
 */

struct adapter_export {
    const char *type;               /* of its numbers: "F32", "F16", "Q8_0" */
    int rank;                       /* of a difference of full matrices; an adapter has its own */
    float strength;                 /* of what an adapter gives, beside what was learnt; 0: 1 */
    const struct text_entry *texts; /* keys for the file; or NULL */
    size_t n_text;
};
struct adapter_loss { /* Σ squares of what learning changed, and of what the rank leaves out */
    double changed, left_out;
};
/* Writes what was learnt as an adapter: that of LEARN_ADAPTER as it is, the difference that
 * LEARN_MATRICES made cut to the best of its rank (Eckart and Young 1936; by subspace iteration,
 * Halko et al. 2011, arXiv 0909.4061, algorithm 4.4). What LEARN_ALL changed besides matrices of
 * layers cannot be told so: refused. */
bool student_write_adapter(struct student *, const char *path, const struct adapter_export *,
                           struct adapter_loss *, struct fault *);
/* Writes the whole model that it was read from, as it has become: "F32", "F16", "BF16" and what
 * model_quantise can. Adapters are merged, from here on in the student too. */
bool student_write_model(struct student *, const struct model *, const char *path,
                         const char *type, struct fault *);

/* ------------------------------------------------------------------------------ a whole training
 */

struct training_beginning {
    struct texts_report texts;
    uint64_t n_learning, save_bytes; /* values that learn; of a save */
    int64_t step;                    /* taken by earlier runs */
};

/* From a model and texts to an adapter, or a model, in a folder. */
struct training {
    const char *model_path, *texts_path, *folder;
    const char *start_path;   /* of an adapter to begin as, or NULL */
    const char *teacher_path; /* of a model of the same vocabulary, or of samples; or NULL */
    struct own_words_options own_words; /* share 0: none; folder: that of the training */
    const char *type, *name; /* of the numbers of the result; that the adapter tells, or NULL */
    bool tutor;              /* that too: adapter_is_tutor, in */
    const char *languages;   /* "en,zh:-9" (adapter_tutor_bound); NULL: English */
    float strength;          /* as in struct adapter_export; of LEARN_ADAPTER */
    struct student_options student;
    struct texts_options texts;
    struct trainer_options trainer; /* adamw.rate 0: 1e-3 for adapters, 1.5e-4 for the rest */
    bool checkpoints;
    double save_seconds;
    const volatile bool *cancel; /* becomes true: stops after the step; or NULL */
    /* Before the first step, and after each; false stops with the fault. Or NULL. */
    bool (*begins)(void *data, const struct training_beginning *, struct fault *);
    bool (*step)(void *data, const struct trainer_report *, struct fault *);
    void *data;
};
extern const struct training training_default; /* all but the paths */

struct training_result {
    char path[4096]; /* FOLDER/adapter.gguf or FOLDER/model.gguf */
    bool done;       /* false: stopped, and saved */
    int64_t steps;
    double held; /* of what was learnt, by the rank of the adapter; 1: all */
};
/* Goes on where an earlier run of the same training stopped, to the same bits. */
bool training_run(const struct training *, struct pool *, struct training_result *,
                  struct fault *);

/* ------------------------------------------------------------- nets that are not language
 *
 * Small nets for numbers and pictures: a table of layers, each of which takes what the one before
 * gives. What goes through is [height][width][channels]; numbers alone are 1 × 1 × n. Given the
 * same seed, inputs and instruction set, everything is the same to the bit on any number of
 * threads. */

struct net_shape {
    int height, width, channels;
};

enum net_layer_kind {
    NET_DENSE, /* every value with every other: 1 × 1 × size. Weights [size][inputs], bias */
    NET_CONVOLUTION, /* to `size` channels: weights [size][kernel][kernel][channels], bias */
    NET_RELU,
    NET_TANH,
    NET_GELU,         /* in the form by tanh (Hendrycks and Gimpel 2016, arXiv 1606.08415) */
    NET_LAYER_NORM,   /* over the channels of each place, with weight and bias; ε is 1e-5 */
    NET_RMS_NORM,     /* the same, with a weight */
    NET_AVERAGE_POOL, /* of a window that lies inside the picture */
    NET_MAX_POOL,
    NET_FLATTEN, /* 1 × 1 × all values */
    NET_JOIN,    /* adds what layer `from`, of the same shape, gave (He et al. 2015) */
};
enum { NET_LAYER_KINDS = NET_JOIN + 1, NET_LAYERS = 64 };

struct net_layer { /* what a kind does not name is 0 */
    enum net_layer_kind kind;
    int size;    /* dense: values; convolution: channels */
    int kernel;  /* of a side; of a pool 0: the whole picture */
    int stride;  /* 0: of a convolution 1, of a pool its kernel */
    int padding; /* of a convolution: zeros around the picture */
    int from;    /* of a join: an earlier layer, from 0 */
    float gain;  /* what the first weights are multiplied by; 0: 1 */
};

/* A net begins by its seed: weights uniform, by He's rule (2015, arXiv 1502.01852, eq. 10) where
 * what follows them is ReLU or GELU, else by Glorot and Bengio's (2010, eq. 16); norms at 1,
 * biases at 0. NULL with a fault that names the layer when shapes do not fit or a bound is passed
 * (FAULT_LIMIT: 64 layers, 2^26 weights, 2^24 values between layers), or there is no memory. One
 * that does not learn has no gradients. The pool must outlive it. */
struct net;
struct net *net_new(struct net_shape in, const struct net_layer *, int n_layer, uint64_t seed,
                    bool learns, struct pool *, struct fault *);
void net_free(struct net *); /* NULL is allowed */
struct net_shape net_in(const struct net *);
/* Of a layer; −1: of the last. */
struct net_shape net_out(const struct net *, int layer);
/* By name, "0.weight", "0.bias", the number that of the layer: its values, the net's own, and its
 * gradient, NULL where it does not learn; n: how many. NULL when there are none of this name. */
float *net_values(struct net *, const char *name, float **gradient, size_t *n);

/* Room to pass up to n_most examples at a time through a net, forward alone or back too. */
struct net_memory;
struct net_memory *net_memory_new(const struct net *, int n_most, bool learns, struct fault *);
void net_memory_free(struct net_memory *); /* NULL is allowed */
/* What the net gives for n examples [n][height][width][channels]: [n][of net_out], there until the
 * memory is used again. Allocates nothing. A single example is computed by the caller alone: then
 * several threads may use one net at once, each with a memory of its own. `in` must stay until
 * net_back is done. */
const float *net_forward(struct net_memory *, const float *in, int n);
/* After net_forward: from the gradient [n][of net_out] of whatever is wanted to the net's
 * gradients, which are added to. The memory's net must be one that learns. */
void net_back(struct net_memory *, const float *d_out);

enum net_loss_kind {                   /* the mean over an example's values of … */
                     NET_LOSS_SQUARED, /* (y − t)² */
                     NET_LOSS_HUBER, /* ½ (y − t)² up to δ, δ (|y − t| − ½ δ) beyond (Huber 1964)
                                      */
                     NET_LOSS_GAUSSIAN, /* ½ (s + (y − t)² e^−s): a net gives m values y, then m
                                         * logarithms s of their variances, bounded to ±10 (Nix and
                                         * Weigend 1994) */
                     NET_LOSS_CROSS_ENTROPY /* of the right class alone, after softmax over all
                                               values */
};
struct net_loss {
    enum net_loss_kind kind;
    float delta;
};
struct net_targets {      /* of n examples */
    const float *values;  /* [n][values of net_out, of a Gaussian half of them] */
    const int32_t *right; /* [n]: classes, for the cross-entropy */
};
/* The mean loss of n examples. Unless `scale` is 0 adds its gradient times scale to the net's
 * gradients. NAN when a class is none of the net's, or a Gaussian's values are odd in number. */
double net_learn(struct net_memory *, const struct net_loss *, const float *in,
                 const struct net_targets *, int n, double scale);
/* As student_step, student_forget. */
double net_step(struct net *, const struct adamw *, int64_t step);
void net_forget(struct net *);

/* The layers and the values, with a hash behind them; of Adam's moments nothing. The old or the
 * new content is there, whole. */
bool net_save(const struct net *, const char *path, struct fault *);
/* A file that is damaged or of another version is refused. */
struct net *net_open(const char *path, bool learns, struct pool *, struct fault *);

#endif
