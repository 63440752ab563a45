/* A net from a table of layers: shapes, values, and how they begin. */
#include "train/net_inside.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int64_t most_weights = 1 << 26, most_values = 1 << 24, most_columns = 1 << 28;

/* ---------------------------------------------------------------------------------------- layers
 */

static struct parameter *add_parameter(struct net *net, int index, const char *what, int64_t rows,
                                       int64_t columns) {
    struct parameter *parameter = &net->parameters[net->n_parameter++];
    snprintf(parameter->name, sizeof parameter->name, "%d.%s", index, what);
    parameter->rows = rows;
    parameter->columns = columns;
    return parameter;
}

static void add_parameters(struct net *net, struct net_place *place, int index) {
    const struct net_window *w = &place->window;
    enum net_layer_kind kind = place->given.kind;
    int64_t rows = 1, columns = w->in.channels;
    if (kind == NET_DENSE || kind == NET_CONVOLUTION)
        rows = w->out.channels;
    if (kind == NET_DENSE)
        columns = net_values_of(w->in);
    if (kind == NET_CONVOLUTION)
        columns *= (int64_t)w->kernel_height * w->kernel_width;
    if (place->kind->parameters > 0) {
        place->weight = add_parameter(net, index, "weight", rows, columns);
        place->weight->decays = kind == NET_DENSE || kind == NET_CONVOLUTION;
    }
    if (place->kind->parameters > 1)
        place->bias = add_parameter(net, index, "bias", 1, rows > 1 ? rows : w->out.channels);
}

static bool over(int index, int64_t n, const char *of_what, int64_t most, struct fault *fault) {
    return fault_set(fault, FAULT_LIMIT, "layer %d has %lld %s; at most %lld are allowed", index,
                     (long long)n, of_what, (long long)most);
}

static bool add_layer(struct net *net, const struct net_layer *given, struct fault *fault) {
    int index = net->n_place;
    struct net_place *place = &net->places[index];
    if ((int)given->kind < 0 || (int)given->kind >= NET_LAYER_KINDS)
        return fault_set(fault, FAULT_INPUT, "layer %d is of no known kind", index);
    place->given = *given;
    place->kind = &net_kinds[given->kind];
    place->window.in = net_out(net, -1);
    if (!place->kind->shape(net, place, index, fault))
        return false;
    int64_t n = net_values_of(place->window.out);
    if (n > most_values)
        return over(index, n, "values", most_values, fault);
    add_parameters(net, place, index);
    net->n_place++;
    if (net_n_value(net) > most_weights)
        return over(index, net_n_value(net), "weights, with those before it", most_weights, fault);
    if (net_columns(place, 1) > most_columns)
        return over(index, net_columns(place, 1), "values under its windows", most_columns, fault);
    return true;
}

int net_root(const struct net *net, int index) {
    while (index >= 0 && !net->places[index].kind->forward)
        index--;
    return index;
}

struct net *net_plan(struct net_shape in, const struct net_layer *layers, int n_layer,
                     struct pool *pool, struct fault *fault) {
    if (in.height < 1 || in.width < 1 || in.channels < 1 || in.height > most_values ||
        in.width > most_values / in.height || in.channels > most_values / in.height / in.width) {
        fault_set(fault, FAULT_INPUT, "a net takes no %d × %d × %d values", in.height, in.width,
                  in.channels);
        return NULL;
    }
    if (n_layer < 1 || n_layer > NET_LAYERS) {
        fault_set(fault, FAULT_LIMIT, "a net has 1 to %d layers, not %d", NET_LAYERS, n_layer);
        return NULL;
    }
    struct net *net = try_alloc(1, sizeof *net, fault);
    if (!net)
        return NULL;
    net->pool = pool;
    net->in = in;
    for (int i = 0; i < n_layer; i++)
        if (!add_layer(net, &layers[i], fault)) {
            net_free(net);
            return NULL;
        }
    for (int i = 0; i < n_layer; i++) {
        int from = layers[i].kind == NET_JOIN ? net_root(net, layers[i].from) : -1;
        if (from >= 0)
            net->places[from].joined = true;
    }
    return net;
}

/* ---------------------------------------------------------------------------------------- values
 */

static int64_t size_of(const struct parameter *parameter) {
    return parameter->rows * parameter->columns;
}

int64_t net_n_value(const struct net *net) {
    int64_t n = 0;
    for (size_t i = 0; i < net->n_parameter; i++)
        n += size_of(&net->parameters[i]);
    return n;
}

bool net_allocate(struct net *net, bool learns, struct fault *fault) {
    for (size_t i = 0; i < net->n_parameter; i++) {
        struct parameter *p = &net->parameters[i];
        float **const wanted[] = {&p->value, &p->gradient, &p->first, &p->second};
        for (size_t j = 0; j < (learns ? COUNT_OF(wanted) : 1); j++)
            if (!(*wanted[j] = try_alloc_aligned((size_t)size_of(p), sizeof(float), fault)))
                return false;
    }
    return true;
}

/* Whether what comes after a layer's weights cuts or bends the negative half away. */
static bool is_halved(const struct net *net, int index) {
    for (int i = index + 1; i < net->n_place; i++)
        switch (net->places[i].given.kind) {
        case NET_RELU:
        case NET_GELU:
            return true;
        case NET_DENSE:
        case NET_CONVOLUTION:
        case NET_TANH:
            return false;
        default:
            break;
        }
    return false;
}

static void begin_weights(const struct net *net, int index, struct random *random) {
    const struct net_place *place = &net->places[index];
    double fan_in = (double)place->weight->columns, fan_out = (double)place->weight->rows;
    if (place->given.kind == NET_CONVOLUTION)
        fan_out *= place->window.kernel_height * place->window.kernel_width;
    double bound = is_halved(net, index) ? sqrt(6 / fan_in) : sqrt(6 / (fan_in + fan_out));
    bound *= place->given.gain != 0 ? (double)place->given.gain : 1;
    for (int64_t i = 0; i < size_of(place->weight); i++)
        place->weight->value[i] = (float)((2 * random_unit(random) - 1) * bound);
}

static void begin(struct net *net, uint64_t seed) {
    struct random random;
    random_seed(&random, seed);
    for (int i = 0; i < net->n_place; i++) {
        const struct net_place *place = &net->places[i];
        if (!place->weight)
            continue;
        if (place->weight->decays)
            begin_weights(net, i, &random);
        else
            for (int64_t j = 0; j < size_of(place->weight); j++)
                place->weight->value[j] = 1;
    }
}

struct net *net_new(struct net_shape in, const struct net_layer *layers, int n_layer,
                    uint64_t seed, bool learns, struct pool *pool, struct fault *fault) {
    struct net *net = net_plan(in, layers, n_layer, pool, fault);
    if (net && !net_allocate(net, learns, fault)) {
        net_free(net);
        return NULL;
    }
    if (net)
        begin(net, seed);
    return net;
}

void net_free(struct net *net) {
    if (!net)
        return;
    for (size_t i = 0; i < net->n_parameter; i++) {
        free(net->parameters[i].value);
        free(net->parameters[i].gradient);
        free(net->parameters[i].first);
        free(net->parameters[i].second);
    }
    free(net);
}

struct net_shape net_in(const struct net *net) {
    return net->in;
}

struct net_shape net_out(const struct net *net, int layer) {
    int index = layer < 0 ? net->n_place - 1 : layer;
    MUST(index < net->n_place);
    return index < 0 ? net->in : net->places[index].window.out;
}

float *net_values(struct net *net, const char *name, float **gradient, size_t *n) {
    for (size_t i = 0; i < net->n_parameter; i++) {
        struct parameter *parameter = &net->parameters[i];
        if (strcmp(parameter->name, name) != 0)
            continue;
        *gradient = parameter->gradient;
        *n = (size_t)size_of(parameter);
        return parameter->value;
    }
    return NULL;
}

double net_step(struct net *net, const struct adamw *adamw, int64_t step) {
    return parameters_step(net->parameters, net->n_parameter, net->pool, NULL, adamw, step);
}

void net_forget(struct net *net) {
    parameters_forget(net->parameters, net->n_parameter);
}
