/* Trains a net on what it is given, and shows what came of it, for a comparison with another:
 *
 *     show_net FOLDER < net.json
 *
 * net.json:
 * {"in":[height,width,channels],"layers":[{"kind":"dense","size":…,"kernel":…,"stride":…,
 * "padding":…,"from":…}…],"loss":0…3,"delta":D,"batch":N,"steps":S,"rate":R,"decay":D,"clip":C,
 * "threads":T}. FOLDER holds "in" and "values" (floats) or "right" (int32) of one batch. Writes
 * there "begin", the first values of all parameters, "out", what the net gives at first, and
 * "gradients", those of the first step, all in floats; and prints {"loss":[…],"seconds":[…],
 * "names":[…],"forward":s,"one":s}: the loss of each step before it is taken and how long it took;
 * the shortest time of a batch and of a single example forward alone. */
#include "train/net_inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *read_all(const char *folder, const char *name, size_t n) {
    struct buffer path = {0}, bytes = {0};
    struct fault fault = {0};
    buffer_format(&path, "%s/%s", folder, name);
    MUST(file_read(path.at, (size_t)1 << 32, &bytes, &fault));
    MUST(bytes.n == n * 4);
    buffer_free(&path);
    return bytes.at;
}

static FILE *open_out(const char *folder, const char *name) {
    struct buffer path = {0};
    buffer_format(&path, "%s/%s", folder, name);
    FILE *file = fopen(path.at, "wb");
    MUST(file);
    buffer_free(&path);
    return file;
}

static void write_parameters(const struct net *net, const char *folder, const char *name,
                             bool gradients) {
    FILE *file = open_out(folder, name);
    for (size_t i = 0; i < net->n_parameter; i++) {
        const struct parameter *p = &net->parameters[i];
        size_t n = (size_t)(p->rows * p->columns);
        MUST(fwrite(gradients ? p->gradient : p->value, sizeof(float), n, file) == n);
    }
    MUST(fclose(file) == 0);
}

static struct net_layer read_layer(const json_t *given) {
    struct net_layer layer = {.size = (int)json_number(given, "size", 0),
                              .kernel = (int)json_number(given, "kernel", 0),
                              .stride = (int)json_number(given, "stride", 0),
                              .padding = (int)json_number(given, "padding", 0),
                              .from = (int)json_number(given, "from", 0)};
    for (int i = 0; i < NET_LAYER_KINDS; i++)
        if (!strcmp(net_kinds[i].name, json_text(given, "kind", "")))
            layer.kind = (enum net_layer_kind)i;
    return layer;
}

static double shortest_forward(struct net_memory *memory, const float *in, int n) {
    double best = 1e9;
    for (int i = 0; i < (n == 1 ? 5000 : 200); i++) {
        double started = clock_seconds();
        net_forward(memory, in, n);
        double taken = clock_seconds() - started;
        best = taken < best ? taken : best;
    }
    return best;
}

int main(int n_argument, char **arguments) {
    struct fault fault = {0};
    struct buffer text = {0};
    struct net_layer layers[NET_LAYERS];
    MUST(n_argument == 2 && file_read("-", (size_t)1 << 24, &text, &fault));
    json_t *given = json_parse(buffer_view(&text), &fault);
    const json_t *list = json_object_get(given, "layers"), *side = json_object_get(given, "in");
    int n_layer = (int)json_array_size(list), n = (int)json_number(given, "batch", 1);
    MUST(n_layer <= NET_LAYERS);
    for (int i = 0; i < n_layer; i++)
        layers[i] = read_layer(json_array_get(list, (size_t)i));
    struct net_shape in = {(int)json_integer_value(json_array_get(side, 0)),
                           (int)json_integer_value(json_array_get(side, 1)),
                           (int)json_integer_value(json_array_get(side, 2))};
    struct pool *pool = pool_new((int)json_number(given, "threads", 0));
    struct net *net = net_new(in, layers, n_layer, 1, true, pool, &fault);
    if (!net)
        fprintf(stderr, "%s\n", fault.message);
    MUST(net);
    struct net_memory *memory = net_memory_new(net, n, true, &fault);
    struct net_memory *alone = net_memory_new(net, 1, false, &fault);
    MUST(memory && alone);
    size_t n_in = (size_t)(n * net_values_of(in));
    size_t n_out = (size_t)(n * net_values_of(net_out(net, -1)));
    struct net_loss loss = {(enum net_loss_kind)json_number(given, "loss", 0),
                            (float)json_number(given, "delta", 1)};
    bool by_class = loss.kind == NET_LOSS_CROSS_ENTROPY;
    float *x = read_all(arguments[1], "in", n_in);
    void *wanted = by_class ? read_all(arguments[1], "right", (size_t)n)
                            : read_all(arguments[1], "values",
                                       loss.kind == NET_LOSS_GAUSSIAN ? n_out / 2 : n_out);
    struct net_targets targets = {by_class ? NULL : wanted, by_class ? wanted : NULL};
    struct adamw adamw = adamw_default;
    adamw.rate = (float)json_number(given, "rate", 1e-3);
    adamw.decay = (float)json_number(given, "decay", 0);
    adamw.clip = (float)json_number(given, "clip", 0);
    write_parameters(net, arguments[1], "begin", false);
    FILE *out = open_out(arguments[1], "out");
    MUST(fwrite(net_forward(memory, x, n), sizeof(float), n_out, out) == n_out);
    MUST(fclose(out) == 0);
    double forward = shortest_forward(memory, x, n), one = shortest_forward(alone, x, 1);
    json_t *losses = json_array(), *seconds = json_array(), *names = json_array();
    for (int step = 1; step <= (int)json_number(given, "steps", 1); step++) {
        double started = clock_seconds();
        json_array_append_new(losses, json_real(net_learn(memory, &loss, x, &targets, n, 1)));
        double learnt = clock_seconds() - started;
        if (step == 1)
            write_parameters(net, arguments[1], "gradients", true);
        started = clock_seconds();
        net_step(net, &adamw, step);
        json_array_append_new(seconds, json_real(learnt + clock_seconds() - started));
    }
    for (size_t i = 0; i < net->n_parameter; i++)
        json_array_append_new(names, json_string(net->parameters[i].name));
    json_t *told = json_pack("{s:o, s:o, s:o, s:f, s:f}", "loss", losses, "seconds", seconds,
                             "names", names, "forward", forward, "one", one);
    json_dumpf(told, stdout, JSON_REAL_PRECISION(9));
    json_decref(told);
    json_decref(given);
    free(x);
    free(wanted);
    net_memory_free(alone);
    net_memory_free(memory);
    net_free(net);
    pool_free(pool);
    buffer_free(&text);
    return 0;
}
