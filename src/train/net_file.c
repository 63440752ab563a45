/* A net in a file, numbers little-endian:
 *
 *     "LYCENET" and a zero byte, uint32 version, uint32 layers
 *     int32 height, width, channels of what goes in
 *     for each layer int32 kind, size, kernel, stride, padding, from, float gain
 *     the values, float, in the order of the layers, of each its weights and then its bias
 *     uint64 hash of all that */
#include "train/net_inside.h"

#include <string.h>

enum { VERSION = 1, FIRST_BYTES = 28, LAYER_BYTES = 28, HASH_BYTES = 8 };
static const char magic[8] = "LYCENET";

static void put(struct buffer *out, const void *at, size_t n) {
    buffer_append(out, (struct view){at, n});
}

void net_write(const struct net *net, struct buffer *out) {
    uint32_t version = VERSION, n_layer = (uint32_t)net->n_place;
    int32_t in[3] = {net->in.height, net->in.width, net->in.channels};
    put(out, magic, sizeof magic);
    put(out, &version, sizeof version);
    put(out, &n_layer, sizeof n_layer);
    put(out, in, sizeof in);
    for (int i = 0; i < net->n_place; i++) {
        const struct net_layer *layer = &net->places[i].given;
        int32_t six[6] = {(int32_t)layer->kind, layer->size,    layer->kernel,
                          layer->stride,        layer->padding, layer->from};
        put(out, six, sizeof six);
        put(out, &layer->gain, sizeof layer->gain);
    }
    for (size_t i = 0; i < net->n_parameter; i++) {
        const struct parameter *p = &net->parameters[i];
        put(out, p->value, (size_t)(p->rows * p->columns) * sizeof(float));
    }
    uint64_t hash = hash64(buffer_view(out), 0);
    put(out, &hash, sizeof hash);
}

bool net_save(const struct net *net, const char *path, struct fault *fault) {
    struct memory_watch watch;
    struct buffer out = {0};
    memory_watch_begin(&watch);
    net_write(net, &out);
    bool good = memory_watch_end(&watch, fault) && file_write(path, buffer_view(&out), fault);
    buffer_free(&out);
    return good;
}

static struct net *refuse(struct fault *fault, const char *why) {
    fault_set(fault, FAULT_INPUT, "the net %s", why);
    return NULL;
}

static struct net_layer layer_at(const char *at) {
    int32_t six[6];
    struct net_layer layer = {0};
    memcpy(six, at, sizeof six);
    memcpy(&layer.gain, at + sizeof six, sizeof layer.gain);
    layer.kind = (enum net_layer_kind)six[0];
    layer.size = six[1];
    layer.kernel = six[2];
    layer.stride = six[3];
    layer.padding = six[4];
    layer.from = six[5];
    return layer;
}

static struct net *plan_of(struct view bytes, uint32_t n_layer, struct pool *pool,
                           struct fault *fault) {
    struct net_layer layers[NET_LAYERS];
    int32_t in[3];
    memcpy(in, bytes.at + 16, sizeof in);
    for (uint32_t i = 0; i < n_layer; i++)
        layers[i] = layer_at(bytes.at + FIRST_BYTES + i * LAYER_BYTES);
    struct net_shape shape = {in[0], in[1], in[2]};
    return net_plan(shape, layers, (int)n_layer, pool, fault);
}

struct net *net_read(struct view bytes, bool learns, struct pool *pool, struct fault *fault) {
    uint32_t version, n_layer;
    uint64_t hash;
    if (bytes.n < FIRST_BYTES + HASH_BYTES || memcmp(bytes.at, magic, sizeof magic) != 0)
        return refuse(fault, "is damaged, or something else");
    memcpy(&version, bytes.at + 8, sizeof version);
    memcpy(&n_layer, bytes.at + 12, sizeof n_layer);
    memcpy(&hash, bytes.at + bytes.n - HASH_BYTES, sizeof hash);
    if (version != VERSION)
        return refuse(fault, "was made by another version of this program");
    size_t head = FIRST_BYTES + (size_t)n_layer * LAYER_BYTES;
    if (hash64(view_slice(bytes, 0, bytes.n - HASH_BYTES), 0) != hash || n_layer > NET_LAYERS ||
        bytes.n < head + HASH_BYTES)
        return refuse(fault, "is damaged");
    struct net *net = plan_of(bytes, n_layer, pool, fault);
    if (net && (size_t)net_n_value(net) * sizeof(float) != bytes.n - head - HASH_BYTES) {
        net_free(net);
        return refuse(fault, "holds more or fewer values than its layers have");
    }
    if (net && !net_allocate(net, learns, fault)) {
        net_free(net);
        return NULL;
    }
    const char *at = bytes.at + head;
    for (size_t i = 0; net && i < net->n_parameter; i++) {
        size_t n = (size_t)(net->parameters[i].rows * net->parameters[i].columns) * sizeof(float);
        memcpy(net->parameters[i].value, at, n);
        at += n;
    }
    return net;
}

struct net *net_open(const char *path, bool learns, struct pool *pool, struct fault *fault) {
    struct file_map map;
    if (!file_map(path, &map, fault))
        return NULL;
    struct net *net = net_read((struct view){(const char *)map.at, map.n}, learns, pool, fault);
    file_unmap(&map);
    if (!net)
        fault_place(fault, path, 0, -1);
    return net;
}
