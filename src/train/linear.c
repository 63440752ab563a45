/* Linear layers: three products of matrices, two more for what has low rank. In bf16 each rounds
 * what it multiplies, the weights too, which stay whole. */
#include "train/inside.h"

static struct operand plain(const float *data, int64_t columns) {
    return (struct operand){data, TENSOR_F32, columns, 1};
}

static struct operand turned(const float *data, int64_t columns) {
    return (struct operand){data, TENSOR_F32, 1, columns};
}

/* out [n][rows] (+)= scale · x [n][columns] · weightᵀ */
static void apply(struct passage *memory, const struct parameter *weight, const float *x, int n,
                  float scale, bool adds, float *out) {
    float_multiply(memory->scratch,
                   &(struct float_product){.rows = n,
                                           .columns = weight->rows,
                                           .depth = weight->columns,
                                           .left = plain(x, weight->columns),
                                           .right = turned(weight->value, weight->columns),
                                           .out = out,
                                           .out_stride = weight->rows,
                                           .scale = scale,
                                           .adds = adds,
                                           .rounds = memory->student->bf16});
}

/* d_x [n][columns] (+)= scale · d_out [n][rows] · weight */
static void apply_back(struct passage *memory, const struct parameter *weight, const float *d_out,
                       int n, float scale, bool adds, float *d_x) {
    float_multiply(memory->scratch,
                   &(struct float_product){.rows = n,
                                           .columns = weight->columns,
                                           .depth = weight->rows,
                                           .left = plain(d_out, weight->rows),
                                           .right = plain(weight->value, weight->columns),
                                           .out = d_x,
                                           .out_stride = weight->columns,
                                           .scale = scale,
                                           .adds = adds,
                                           .rounds = memory->student->bf16});
}

/* gradient [rows][columns] += scale · d_outᵀ · x */
static void learn(struct passage *memory, const struct parameter *weight, const float *x,
                  const float *d_out, int n, float scale) {
    if (!weight->gradient)
        return;
    float_multiply(memory->scratch, &(struct float_product){.rows = weight->rows,
                                                            .columns = weight->columns,
                                                            .depth = n,
                                                            .left = turned(d_out, weight->rows),
                                                            .right = plain(x, weight->columns),
                                                            .out = weight->gradient,
                                                            .out_stride = weight->columns,
                                                            .scale = scale,
                                                            .adds = true,
                                                            .rounds = memory->student->bf16});
}

/* Where what A makes of the input is kept for the way back. */
static float *kept(const struct passage *memory, const struct linear *linear) {
    return memory->low + linear->place * memory->n_token * linear->low_rank.down->rows;
}

void linear_forward(struct passage *memory, const struct linear *linear, const float *x, int n,
                    float *out) {
    const struct low_rank *low = &linear->low_rank;
    apply(memory, linear->weight, x, n, 1, false, out);
    if (!low->down)
        return;
    apply(memory, low->down, x, n, 1, false, kept(memory, linear));
    apply(memory, low->up, kept(memory, linear), n, low->scale, true, out);
}

void linear_back(struct passage *memory, const struct linear *linear, const float *d_out, int n,
                 float *d_x, bool adds) {
    const struct low_rank *low = &linear->low_rank;
    if (d_x)
        apply_back(memory, linear->weight, d_out, n, 1, adds, d_x);
    if (low->down)
        apply_back(memory, low->up, d_out, n, low->scale, false, memory->d_low);
    if (low->down && d_x)
        apply_back(memory, low->down, memory->d_low, n, 1, true, d_x);
}

void linear_learn(struct passage *memory, const struct linear *linear, const float *x,
                  const float *d_out, int n) {
    const struct low_rank *low = &linear->low_rank;
    learn(memory, linear->weight, x, d_out, n, 1);
    if (!low->down)
        return;
    learn(memory, low->up, kept(memory, linear), d_out, n, low->scale);
    learn(memory, low->down, x, memory->d_low, n, 1);
}
