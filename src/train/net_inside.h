/* Nets, inside the room: what a layer is, and the memory of a way through. */
#ifndef LYCEUM_TRAIN_NET_INSIDE_H
#define LYCEUM_TRAIN_NET_INSIDE_H

#include "train/inside.h"
#include "train/net_rows.h"

enum { NET_SLICES = 16 }; /* of a batch, whose gradients are summed in their order */

struct net_place { /* a layer where it stands */
    const struct net_kind *kind;
    struct net_layer given;
    struct net_window window;        /* what goes in and comes out, and how */
    struct parameter *weight, *bias; /* NULL: it has none */
    bool joined;                     /* a later layer takes it too, besides the next */
};

struct net {
    struct pool *pool;
    struct net_shape in;
    struct net_place places[NET_LAYERS];
    int n_place;
    struct parameter parameters[2 * NET_LAYERS];
    size_t n_parameter;
};

struct net_worker { /* one a thread of the pool */
    struct float_scratch *scratch;
    float *columns, *d_columns;
};

struct net_memory {
    const struct net *net;
    const struct net_rows *rows;
    bool learns;
    int n_most, n;                              /* examples */
    const float *in;                            /* [n][values of net->in] */
    float *out[NET_LAYERS], *d_out[NET_LAYERS]; /* [n_most][values of the layer] */
    float *d_answer;                            /* [n_most][values of the last layer] */
    float *sums;                                /* [NET_SLICES][sum_size] */
    int64_t sum_size;
    struct float_scratch *scratch; /* of the whole pool */
    struct net_worker *workers;    /* [n_worker] */
    int n_worker;
    _Atomic uint64_t taken; /* workers */
    float *floats;
};

struct net_pass { /* of some examples of a batch through a layer */
    struct net_memory *memory;
    const struct net_place *place;
    struct net_worker *worker;
    int n;
    const float *x;           /* [n][values that go in] */
    float *out;               /* [n][values that come out] */
    const float *joined;      /* what is added to them, or NULL */
    const float *d_out;       /* on the way back */
    float *d_x, *d_joined;    /* NULL: not wanted; added to */
    bool adds;                /* where the batch is passed at once: or d_x is written anew */
    float *d_weight, *d_bias; /* added to */
};

struct net_kind {
    const char *name;
    /* Fills the window, all but `in`, which is there. */
    bool (*shape)(const struct net *, struct net_place *, int index, struct fault *);
    int parameters; /* 0, 1: a weight, 2: a bias too */
    bool whole;     /* the batch is passed through at once, by all threads */
    /* NULL: nothing is computed, what goes in comes out. */
    void (*forward)(const struct net_pass *);
    void (*back)(const struct net_pass *);
};

extern const struct net_kind net_kinds[NET_LAYER_KINDS];

static inline int64_t net_values_of(struct net_shape shape) {
    return (int64_t)shape.height * shape.width * shape.channels;
}

/* Values in the columns of as many examples as are passed at once, at most `n`; 0 for a layer that
 * needs none. */
int64_t net_columns(const struct net_place *, int n);

/* A net of these layers, which fit, without values; and those, all 0. */
struct net *net_plan(struct net_shape in, const struct net_layer *, int n_layer, struct pool *,
                     struct fault *);
/* The layer whose output this one's is: flattening makes no other. −1: what goes into the net. */
int net_root(const struct net *, int index);
int64_t net_n_value(const struct net *);
bool net_allocate(struct net *, bool learns, struct fault *);

/* As net_open, from bytes; and what it reads. */
struct net *net_read(struct view bytes, bool learns, struct pool *, struct fault *);
void net_write(const struct net *, struct buffer *);

#endif
