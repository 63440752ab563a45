/* The way through a net and back. A layer's batch is cut into slices, always the same ones, which
 * threads take; what a slice adds to the gradients of the weights is kept apart and summed in the
 * order of the slices. Only dense layers go through at once, as products of matrices. */
#include "train/net_inside.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { HANDED_OUT = 1 << 14 }; /* values that are worth more than one thread */

/* ---------------------------------------------------------------------------------------- memory
 */

struct carving { /* one block of memory, measured first and then cut up */
    float *memory;
    size_t n;
};

static float *carve(struct carving *carving, int64_t n) {
    float *at = carving->memory ? carving->memory + carving->n : NULL;
    carving->n += ((size_t)n + 15) / 16 * 16;
    return at;
}

static void carve_layer(struct net_memory *memory, int index, struct carving *carving) {
    const struct net_place *place = &memory->net->places[index];
    int64_t n = memory->n_most * net_values_of(place->window.out);
    if (!place->kind->forward) {
        memory->out[index] = index ? memory->out[index - 1] : NULL;
        memory->d_out[index] = index ? memory->d_out[index - 1] : NULL;
        return;
    }
    memory->out[index] = carve(carving, n);
    memory->d_out[index] = memory->learns ? carve(carving, n) : NULL;
}

static void carve_all(struct net_memory *memory, struct carving *carving) {
    int64_t columns = 0;
    int slice = (memory->n_most + NET_SLICES - 1) / NET_SLICES;
    for (int i = 0; i < memory->net->n_place; i++) {
        const struct net_place *place = &memory->net->places[i];
        int64_t wanted = net_columns(place, slice < 1 ? 1 : slice), sums = 0;
        columns = wanted > columns ? wanted : columns;
        if (place->weight && !place->kind->whole)
            sums = place->weight->rows * place->weight->columns;
        if (place->bias && !place->kind->whole)
            sums += place->bias->columns;
        memory->sum_size = sums > memory->sum_size ? sums : memory->sum_size;
        carve_layer(memory, i, carving);
    }
    memory->sum_size = (memory->sum_size + 15) / 16 * 16;
    for (int i = 0; i < memory->n_worker; i++) {
        memory->workers[i].columns = carve(carving, columns);
        memory->workers[i].d_columns = memory->learns ? carve(carving, columns) : NULL;
    }
    memory->sums = memory->learns ? carve(carving, NET_SLICES * memory->sum_size) : NULL;
    memory->d_answer = carve(carving, memory->n_most * net_values_of(net_out(memory->net, -1)));
}

static bool take_memory(struct net_memory *memory, struct fault *fault) {
    struct carving carving = {0};
    memory->workers = try_alloc((size_t)memory->n_worker, sizeof *memory->workers, fault);
    if (!memory->workers)
        return false;
    carve_all(memory, &carving);
    memory->floats = try_alloc_aligned(carving.n, sizeof(float), fault);
    if (!memory->floats)
        return false;
    carving = (struct carving){.memory = memory->floats};
    carve_all(memory, &carving);
    memory->scratch = float_scratch_new(memory->net->pool, fault);
    for (int i = 0; memory->scratch && i < memory->n_worker; i++)
        if (!(memory->workers[i].scratch = float_scratch_new(NULL, fault)))
            return false;
    return memory->scratch != NULL;
}

struct net_memory *net_memory_new(const struct net *net, int n_most, bool learns,
                                  struct fault *fault) {
    if (n_most < 1 || n_most > 1 << 20) {
        fault_set(fault, FAULT_LIMIT, "a batch has 1 to %d examples, not %d", 1 << 20, n_most);
        return NULL;
    }
    struct net_memory *memory = try_alloc(1, sizeof *memory, fault);
    if (!memory)
        return NULL;
    memory->net = net;
    memory->rows = net_rows_chosen();
    memory->learns = learns;
    memory->n_most = n_most;
    memory->n_worker = n_most > 1 ? pool_threads(net->pool) : 1;
    if (take_memory(memory, fault))
        return memory;
    net_memory_free(memory);
    return NULL;
}

void net_memory_free(struct net_memory *memory) {
    if (!memory)
        return;
    for (int i = 0; memory->workers && i < memory->n_worker; i++)
        float_scratch_free(memory->workers[i].scratch);
    float_scratch_free(memory->scratch);
    free(memory->workers);
    free(memory->floats);
    free(memory);
}

/* ---------------------------------------------------------------------------------------- slices
 */

struct slicing { /* of a layer's batch */
    struct net_pass pass;
    void (*work)(struct slicing *, const struct net_pass *, int slice);
    bool zeroes; /* d_x, before it is added to */
};

static int take_worker(struct net_memory *memory) {
    uint64_t taken = atomic_load(&memory->taken);
    for (;;) {
        int free_one = __builtin_ctzll(~taken);
        if (atomic_compare_exchange_weak(&memory->taken, &taken, taken | (uint64_t)1 << free_one))
            return free_one;
    }
}

static float *past(float *at, int64_t n) {
    return at ? at + n : NULL;
}

static void pass_slice(void *data, int slice, int n_slice) {
    struct slicing *slicing = data;
    struct net_pass pass = slicing->pass;
    int64_t n_in = net_values_of(pass.place->window.in);
    int64_t n_out = net_values_of(pass.place->window.out);
    int first = (int)((int64_t)pass.n * slice / n_slice);
    int worker = take_worker(pass.memory);
    pass.n = (int)((int64_t)pass.n * (slice + 1) / n_slice) - first;
    pass.worker = &pass.memory->workers[worker];
    pass.x += first * n_in;
    pass.out += first * n_out;
    pass.joined = pass.joined ? pass.joined + first * n_in : NULL;
    pass.d_out = pass.d_out ? pass.d_out + first * n_out : NULL;
    pass.d_x = past(pass.d_x, first * n_in);
    pass.d_joined = past(pass.d_joined, first * n_in);
    slicing->work(slicing, &pass, slice);
    atomic_fetch_and(&pass.memory->taken, ~((uint64_t)1 << worker));
}

static void each_slice(struct slicing *slicing) {
    const struct net_pass *pass = &slicing->pass;
    const struct net_window *w = &pass->place->window;
    int n_slice = pass->n < NET_SLICES ? pass->n : NET_SLICES;
    int64_t n_value = pass->n * (net_values_of(w->in) + net_values_of(w->out));
    bool alone =
        pass->n == 1 || (pass->place->given.kind != NET_CONVOLUTION && n_value < HANDED_OUT);
    if (alone)
        for (int i = 0; i < n_slice; i++)
            pass_slice(slicing, i, n_slice);
    else
        pool_run(pass->memory->net->pool, pass_slice, slicing, n_slice);
}

/* --------------------------------------------------------------------------------------- forward
 */

static const float *given_by(const struct net_memory *memory, int index) {
    int root = net_root(memory->net, index);
    return root < 0 ? memory->in : memory->out[root];
}

static struct net_pass pass_of(struct net_memory *memory, int index) {
    const struct net_place *place = &memory->net->places[index];
    bool joins = place->given.kind == NET_JOIN;
    return (struct net_pass){.memory = memory,
                             .place = place,
                             .worker = &memory->workers[0],
                             .n = memory->n,
                             .x = given_by(memory, index - 1),
                             .out = memory->out[index],
                             .joined = joins ? given_by(memory, place->given.from) : NULL};
}

static void forward_slice(struct slicing *slicing, const struct net_pass *pass, int slice) {
    (void)slicing, (void)slice;
    pass->place->kind->forward(pass);
}

const float *net_forward(struct net_memory *memory, const float *in, int n) {
    MUST(n >= 0 && n <= memory->n_most);
    memory->n = n;
    memory->in = in;
    for (int i = 0; n && i < memory->net->n_place; i++) {
        struct slicing slicing = {.pass = pass_of(memory, i), .work = forward_slice};
        const struct net_kind *kind = slicing.pass.place->kind;
        if (kind->forward && kind->whole)
            kind->forward(&slicing.pass);
        else if (kind->forward)
            each_slice(&slicing);
    }
    return given_by(memory, memory->net->n_place - 1);
}

/* ------------------------------------------------------------------------------------------ back
 */

static void back_slice(struct slicing *slicing, const struct net_pass *given, int slice) {
    struct net_pass pass = *given;
    const struct net_place *place = pass.place;
    struct net_memory *memory = pass.memory;
    if (slicing->zeroes && pass.d_x)
        memset(pass.d_x, 0, (size_t)(pass.n * net_values_of(place->window.in)) * sizeof(float));
    if (place->weight) {
        pass.d_weight = memory->sums + slice * memory->sum_size;
        memset(pass.d_weight, 0, (size_t)memory->sum_size * sizeof(float));
    }
    if (place->bias)
        pass.d_bias = pass.d_weight + place->weight->rows * place->weight->columns;
    place->kind->back(&pass);
}

static void add_sums(const struct net_memory *memory, const struct net_place *place) {
    int n_slice = memory->n < NET_SLICES ? memory->n : NET_SLICES;
    int64_t n = place->weight->rows * place->weight->columns;
    for (int i = 0; i < n_slice; i++) {
        const float *sums = memory->sums + i * memory->sum_size;
        memory->rows->add(place->weight->gradient, sums, n);
        if (place->bias)
            memory->rows->add(place->bias->gradient, sums + n, place->bias->columns);
    }
}

static float *wanted_by(const struct net_memory *memory, int index) {
    int root = net_root(memory->net, index);
    return root < 0 ? NULL : memory->d_out[root];
}

static void layer_back(struct net_memory *memory, int index) {
    const struct net_place *place = &memory->net->places[index];
    struct slicing slicing = {.pass = pass_of(memory, index), .work = back_slice};
    struct net_pass *pass = &slicing.pass;
    int root = net_root(memory->net, index - 1);
    pass->d_out = memory->d_out[index];
    pass->d_x = wanted_by(memory, index - 1);
    pass->d_joined = pass->joined ? wanted_by(memory, place->given.from) : NULL;
    pass->adds = root >= 0 && memory->net->places[root].joined;
    slicing.zeroes = !pass->adds;
    if (place->kind->whole) {
        pass->d_weight = place->weight->gradient;
        pass->d_bias = place->bias->gradient;
        place->kind->back(pass);
        return;
    }
    each_slice(&slicing);
    if (place->weight)
        add_sums(memory, place);
}

void net_back(struct net_memory *memory, const float *d_out) {
    const struct net *net = memory->net;
    int last = net_root(net, net->n_place - 1);
    MUST(memory->learns && (!net->n_parameter || net->parameters[0].gradient));
    if (last < 0 || !memory->n)
        return;
    for (int i = 0; i < last; i++)
        if (net->places[i].joined)
            memset(memory->d_out[i], 0,
                   (size_t)(memory->n * net_values_of(net->places[i].window.out)) * sizeof(float));
    memcpy(memory->d_out[last], d_out,
           (size_t)(memory->n * net_values_of(net->places[last].window.out)) * sizeof(float));
    for (int i = last; i >= 0; i--)
        if (net->places[i].kind->back)
            layer_back(memory, i);
}

/* ---------------------------------------------------------------------------------------- losses
 */

static bool loss_fits(const struct net_loss *loss, const struct net_targets *targets, int n,
                      int64_t n_value) {
    if (loss->kind == NET_LOSS_GAUSSIAN)
        return n_value % 2 == 0;
    if (loss->kind == NET_LOSS_CROSS_ENTROPY)
        for (int i = 0; i < n; i++)
            if (targets->right[i] < 0 || targets->right[i] >= n_value)
                return false;
    return true;
}

double net_learn(struct net_memory *memory, const struct net_loss *loss, const float *in,
                 const struct net_targets *targets, int n, double scale) {
    int64_t n_value = net_values_of(net_out(memory->net, -1));
    int64_t n_target = loss->kind == NET_LOSS_GAUSSIAN ? n_value / 2 : n_value;
    bool by_class = loss->kind == NET_LOSS_CROSS_ENTROPY;
    double sum = 0;
    if (!loss_fits(loss, targets, n, n_value))
        return NAN;
    if (n == 0)
        return 0;
    const float *answer = net_forward(memory, in, n);
    for (int i = 0; i < n; i++)
        sum += memory->rows->loss(loss, answer + i * n_value,
                                  by_class ? NULL : targets->values + i * n_target,
                                  by_class ? targets->right[i] : 0, n_value, (float)(scale / n),
                                  memory->d_answer + i * n_value);
    if (scale != 0)
        net_back(memory, memory->d_answer);
    return sum / n;
}
