/* The weights in the order of this machine's kernels: made once, when the first session opens, and
 * the file's pages given back on the way, so that the weights are never held twice. Who only looks
 * at a vocabulary never pays for it. */
#include "model/network.h"

#include <string.h>
#include <sys/mman.h>

enum { HUGE_PAGE = 2 << 20, ALIGNMENT = 64, PIECE_BYTES = 4 << 20 };

static const size_t matrices_of_layer[] = {
    offsetof(struct layer, query), offsetof(struct layer, key),  offsetof(struct layer, value),
    offsetof(struct layer, output), offsetof(struct layer, gate), offsetof(struct layer, up),
    offsetof(struct layer, down),
};
enum { N_OF_LAYER = COUNT_OF(matrices_of_layer) };

/* The i-th matrix that takes part in products; NULL after the last. */
static struct matrix *matrix_at(struct weights *weights, size_t i) {
    size_t layer = i / N_OF_LAYER, n_layer = (size_t)weights->shape.n_layer;
    if (layer < n_layer)
        return (struct matrix *)(void *)((char *)&weights->layers[layer] +
                                         matrices_of_layer[i % N_OF_LAYER]);
    return i == n_layer * N_OF_LAYER ? &weights->head : NULL;
}

static size_t room_for(const struct matrix *matrix) {
    size_t n = matrix->data ? matrix_packed_bytes(matrix) : 0;
    return (n + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
}

static void *take_memory(struct weights *weights, size_t n, struct fault *fault) {
    size_t whole = n + HUGE_PAGE;
    void *memory = mmap(NULL, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        fault_set(fault, FAULT_MACHINE, "There is no memory for %zu MB of weights", n >> 20);
        return NULL;
    }
    weights->packed = memory;
    weights->packed_bytes = whole;
    uintptr_t at = ((uintptr_t)memory + HUGE_PAGE - 1) & ~(uintptr_t)(HUGE_PAGE - 1);
    madvise((void *)at, n, MADV_HUGEPAGE); /* a wish: without them it is only slower */
    return (void *)at;
}

/* A piece of rows after the other, each given back before the next is read: a head may be a third
 * of the file. Rows are interleaved within fewer than 64. */
static void pack_in_pieces(struct matrix *matrix, const struct gguf *gguf, struct pool *pool,
                           uint8_t *memory) {
    const uint8_t *from = matrix->data;
    size_t row_bytes = matrix_row_bytes(matrix);
    int64_t most = (int64_t)(PIECE_BYTES / row_bytes + 63) / 64 * 64;
    struct matrix piece = *matrix;
    for (int64_t row = 0; row < matrix->rows; row += most) {
        size_t at = (size_t)row * row_bytes;
        piece = *matrix;
        piece.rows = matrix->rows - row < most ? matrix->rows - row : most;
        piece.data = from + at;
        matrix_pack(pool, &piece, memory + at);
        gguf_give_back(gguf, from + at, (size_t)piece.rows * row_bytes);
    }
    matrix->data = memory;
    matrix->packed = piece.packed;
}

bool weights_pack(struct weights *weights, const struct gguf *gguf, struct pool *pool,
                  struct fault *fault) {
    size_t total = 0;
    struct matrix *matrix;
    for (size_t i = 0; (matrix = matrix_at(weights, i)) != NULL; i++)
        total += room_for(matrix);
    if (weights->packed || !total)
        return true;
    bool tied = weights->head.data == weights->embedding.data;
    uint8_t *memory = take_memory(weights, total, fault);
    if (!memory)
        return false;
    for (size_t i = 0; (matrix = matrix_at(weights, i)) != NULL; i++) {
        size_t room = room_for(matrix);
        if (!room)
            continue;
        pack_in_pieces(matrix, gguf, pool, memory);
        memory += room;
    }
    if (tied)
        weights->embedding = weights->head;
    gguf_give_back_all(gguf); /* of the header, too, little is read again */
    return true;
}

void weights_unpack(struct weights *weights) {
    if (weights->packed)
        munmap(weights->packed, weights->packed_bytes);
    weights->packed = NULL;
}
