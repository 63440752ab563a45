/* The products of float matrices, as kernels_product.h has those of integers; included by it. A
 * few tokens read a panel where it is; more tokens meet panels that were expanded to 32 bits. */

ALWAYS_INLINE vector float_weights(enum tensor_type type, const uint8_t *at) {
    return type == TENSOR_F32   ? vector_load((const float *)(const void *)at)
           : type == TENSOR_F16 ? vector_from_f16((const uint16_t *)(const void *)at)
                                : vector_from_bf16((const uint16_t *)(const void *)at);
}

/* n_run runs of n ≤ 32 columns each, side by side, so that one fma need not await the other. */
ALWAYS_INLINE void meet_float_runs(enum tensor_type type, const uint8_t *at, int n_run, int n,
                                   const float *x, int64_t columns, int n_token, vector *total) {
    int64_t step = (type == TENSOR_F32 ? 4 : 2) * LANES;
    vector part[4][4];
    UNROLLED(16, int i = 0; i < n_run * n_token; i++)
        part[i / n_token][i % n_token] = vector_all(0);
    for (int c = 0; c < n; c++)
        UNROLLED(4, int run = 0; run < n_run; run++) {
            ask_for(at + (run * 32 + c) * step + AHEAD, step);
            vector weights = float_weights(type, at + (run * 32 + c) * step);
            UNROLLED(4, int t = 0; t < n_token; t++)
                part[run][t] =
                    vector_fma(weights, vector_all(x[t * columns + run * 32 + c]), part[run][t]);
        }
    UNROLLED(16, int i = 0; i < n_run * n_token; i++)
        total[i % n_token] = vector_add(total[i % n_token], part[i / n_token][i % n_token]);
}

ALWAYS_INLINE void meet_floats(enum tensor_type type, const uint8_t *at, int64_t n, const float *x,
                               int64_t columns, int n_token, int n_run, float *out, int64_t rows,
                               int64_t n_row, bool begun) {
    int64_t step = (type == TENSOR_F32 ? 4 : 2) * LANES, c = 0;
    vector total[4];
    UNROLLED(4, int t = 0; t < n_token; t++)
        total[t] = load_out(out + t * rows, n_row, begun);
    for (; c + n_run * 32 <= n; c += n_run * 32)
        meet_float_runs(type, at + c * step, n_run, 32, x + c, columns, n_token, total);
    for (; c < n; c += 32)
        meet_float_runs(type, at + c * step, 1, (int)(n - c < 32 ? n - c : 32), x + c, columns,
                        n_token, total);
    UNROLLED(4, int t = 0; t < n_token; t++)
        store_out(out + t * rows, n_row, total[t]);
}

/* Columns of panels that are expanded together, panels that meet a token together, and tokens that
 * meet those: as many sums as there are registers for. */
enum { FLOAT_PIECE = 128, FLOAT_PANELS = 2, FLOAT_TOKENS = 6 };

/* n expanded columns of n_panel panels with n_token tokens: their runs of 32 columns are summed on
 * their own, as in meet_float_runs. */
ALWAYS_INLINE void meet_float_tile(const vector (*weights)[FLOAT_PANELS], int64_t n,
                                   const float *x, int64_t columns, int n_token, float *out,
                                   int64_t rows, int64_t n_row, bool begun) {
    for (int64_t c = 0; c < n; c += 32) {
        vector part[FLOAT_TOKENS][FLOAT_PANELS];
        int64_t last = n - c < 32 ? n : c + 32;
        UNROLLED(12, int i = 0; i < n_token * FLOAT_PANELS; i++)
            part[i / FLOAT_PANELS][i % FLOAT_PANELS] = vector_all(0);
        for (int64_t i = c; i < last; i++) {
            vector here[FLOAT_PANELS];
            UNROLLED(2, int p = 0; p < FLOAT_PANELS; p++)
                here[p] = weights[i][p];
            UNROLLED(6, int t = 0; t < n_token; t++) {
                vector activation = vector_all(x[t * columns + i]);
                UNROLLED(2, int p = 0; p < FLOAT_PANELS; p++)
                    part[t][p] = vector_fma(here[p], activation, part[t][p]);
            }
        }
        UNROLLED(6, int t = 0; t < n_token; t++)
            UNROLLED(2, int p = 0; p < FLOAT_PANELS; p++) {
                int64_t left = n_row - p * LANES;
                float *at = out + t * rows + p * LANES;
                if (left > 0)
                    store_out(at, left, vector_add(load_out(at, left, begun || c), part[t][p]));
            }
    }
}

ALWAYS_INLINE const uint8_t *float_panel(enum tensor_type type, const struct matrix *weights,
                                         int64_t row, int64_t column, int64_t n, uint8_t *buffer) {
    int64_t size = type == TENSOR_F32 ? 4 : 2;
    const uint8_t *data = weights->data;
    if (weights->packed)
        return data + (row * weights->columns + column * LANES) * size;
    pack_panel(weights, LANES, row, column, n, buffer);
    return buffer;
}

/* Many tokens: panels are expanded to floats once, and then meet all of them. */
ALWAYS_INLINE void multiply_floats_many(enum tensor_type type, const struct matrix *weights,
                                        int64_t first, int64_t n_row, const struct activations *in,
                                        int n_token, float *out) {
    _Alignas(64) uint8_t buffer[FLOAT_PIECE * LANES * 4];
    vector wide[FLOAT_PIECE][FLOAT_PANELS];
    int64_t columns = in->columns, rows = weights->rows, size = type == TENSOR_F32 ? 4 : 2;
    for (int64_t row = first; row < first + n_row; row += FLOAT_PANELS * LANES)
        for (int64_t c = 0; c < columns; c += FLOAT_PIECE) {
            int64_t n = columns - c < FLOAT_PIECE ? columns - c : FLOAT_PIECE;
            int64_t left = first + n_row - row;
            for (int p = 0; p < FLOAT_PANELS; p++) {
                const uint8_t *at = p * LANES < left
                                        ? float_panel(type, weights, row + p * LANES, c, n, buffer)
                                        : NULL;
                for (int64_t i = 0; i < n; i++)
                    wide[i][p] = at ? float_weights(type, at + i * LANES * size) : vector_all(0);
            }
            const float *x = in->x + c;
            int t = 0;
            for (; t + FLOAT_TOKENS <= n_token; t += FLOAT_TOKENS)
                meet_float_tile(wide, n, x + t * columns, columns, FLOAT_TOKENS,
                                out + t * rows + row, rows, left, c != 0);
            for (; t + 2 <= n_token; t += 2)
                meet_float_tile(wide, n, x + t * columns, columns, 2, out + t * rows + row, rows,
                                left, c != 0);
            for (; t < n_token; t++)
                meet_float_tile(wide, n, x + t * columns, columns, 1, out + t * rows + row, rows,
                                left, c != 0);
        }
}

/* Few columns give sums too short to hide each other: four panels meet a token side by side. */
ALWAYS_INLINE void multiply_floats_short(enum tensor_type type, const struct matrix *weights,
                                         int64_t first, int64_t n_row,
                                         const struct activations *in, int n_token, float *out) {
    enum { PANELS = 4 };
    int64_t columns = in->columns, rows = weights->rows;
    int64_t step = (type == TENSOR_F32 ? 4 : 2) * LANES;
    for (int64_t row = first; row < first + n_row; row += PANELS * LANES) {
        const uint8_t *at = float_panel(type, weights, row, 0, columns, NULL);
        int64_t left = first + n_row - row;
        for (int t = 0; t < n_token; t++) {
            const float *x = in->x + t * columns;
            vector part[PANELS];
            UNROLLED(4, int p = 0; p < PANELS; p++)
                part[p] = vector_all(0);
            for (int64_t c = 0; c < columns; c++) {
                vector activation = vector_all(x[c]);
                UNROLLED(4, int p = 0; p < PANELS; p++)
                    part[p] = vector_fma(float_weights(type, at + (p * columns + c) * step),
                                         activation, part[p]);
            }
            UNROLLED(4, int p = 0; p < PANELS; p++)
                store_out(out + t * rows + row + p * LANES, left - p * LANES,
                          vector_add(vector_all(0), part[p]));
        }
    }
}

ALWAYS_INLINE void multiply_floats_few(enum tensor_type type, const struct matrix *weights,
                                       int64_t first, int64_t n_row, const struct activations *in,
                                       int n_token, float *out) {
    _Alignas(64) uint8_t buffer[FLOAT_PIECE * LANES * 4];
    int64_t columns = in->columns, rows = weights->rows;
    for (int64_t row = first; row < first + n_row; row += LANES)
        for (int64_t c = 0; c < columns; c += FLOAT_PIECE) {
            int64_t n = columns - c < FLOAT_PIECE ? columns - c : FLOAT_PIECE;
            const uint8_t *at = float_panel(type, weights, row, c, n, buffer);
            const float *x = in->x + c;
            int t = 0;
            for (; t + 4 <= n_token; t += 4)
                meet_floats(type, at, n, x + t * columns, columns, 4, 2, out + t * rows + row,
                            rows, first + n_row - row, c != 0);
            for (; t < n_token; t++)
                meet_floats(type, at, n, x + t * columns, columns, 1, 4, out + t * rows + row,
                            rows, first + n_row - row, c != 0);
        }
}

ALWAYS_INLINE void multiply_floats(enum tensor_type type, const struct matrix *weights,
                                   int64_t first, int64_t n_row, const struct activations *in,
                                   int n_token, float *out) {
    int64_t whole = n_token < 4 ? n_row / (4 * LANES) * (4 * LANES) : 0;
    if (n_token >= 8) {
        multiply_floats_many(type, weights, first, n_row, in, n_token, out);
        return;
    }
    if (!weights->packed || in->columns > 32)
        whole = 0;
    if (whole)
        multiply_floats_short(type, weights, first, whole, in, n_token, out);
    if (whole < n_row)
        multiply_floats_few(type, weights, first + whole, n_row - whole, in, n_token, out);
}
