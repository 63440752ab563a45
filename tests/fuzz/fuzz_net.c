/* Any bytes as a net's file: refused, or read and then used. The hash is set right, so that the
 * bytes behind it are reached. */
#include "train/net_inside.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static struct pool *pool;

static void use(const struct net *net) {
    struct fault fault = {0};
    int64_t n_in = net_values_of(net_in(net)), largest = n_in;
    for (int i = 0; i < net->n_place; i++) {
        int64_t out = net_values_of(net_out(net, i)), columns = net_columns(&net->places[i], 1);
        largest = out > largest ? out : largest;
        largest = columns > largest ? columns : largest;
    }
    if (largest > 1 << 14) /* large ones are as right, and slow */
        return;
    struct net_memory *memory = net_memory_new(net, 2, true, &fault);
    MUST(memory != NULL);
    float *in = must_alloc((size_t)(2 * n_in), sizeof *in);
    const float *out = net_forward(memory, in, 2);
    float *d_out = must_alloc((size_t)(2 * net_values_of(net_out(net, -1))), sizeof *d_out);
    memcpy(d_out, out, (size_t)(2 * net_values_of(net_out(net, -1))) * sizeof *d_out);
    net_back(memory, d_out);
    free(d_out);
    free(in);
    net_memory_free(memory);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    struct fault fault = {0};
    struct buffer file = {0};
    if (!pool)
        pool = pool_new(1);
    buffer_append(&file, (struct view){(const char *)data, n});
    if (file.n >= 8) {
        uint64_t hash = hash64((struct view){file.at, file.n - 8}, 0);
        memcpy(file.at + file.n - 8, &hash, sizeof hash);
    }
    struct net *net = net_read(buffer_view(&file), true, pool, &fault);
    MUST((net != NULL) == (fault.kind == FAULT_NONE));
    if (net)
        use(net);
    net_free(net);
    buffer_free(&file);
    return 0;
}
