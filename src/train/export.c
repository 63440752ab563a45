/* What was learnt, as files that the engine reads. */
#include "train/inside.h"
#include "train/low_rank.h"

#include <stdlib.h>
#include <string.h>

/* The linear layers of layer `index / LINEARS`. */
static const struct linear *linear_at(const struct student *student, size_t index,
                                      const struct matrix **base) {
    const struct decoder_layer *layer = &student->layers[index / LINEARS];
    const struct layer *own = &student->weights->layers[index / LINEARS];
    const struct linear *linears[LINEARS] = {&layer->query,  &layer->key,  &layer->value,
                                             &layer->output, &layer->gate, &layer->up,
                                             &layer->down};
    const struct matrix *matrices[LINEARS] = {&own->query, &own->key, &own->value, &own->output,
                                              &own->gate,  &own->up,  &own->down};
    *base = matrices[index % LINEARS];
    return linears[index % LINEARS];
}

struct making {
    struct student *student;
    struct float_scratch *scratch;
    const struct adapter_export *export;
    struct adapter_loss *loss;
    struct adapter_matrix *matrices;
    float **owned; /* [2 · n] */
    size_t n;
    struct fault *fault;
};

static bool cut(struct making *making, const struct linear *linear, const struct matrix *base,
                struct adapter_matrix *out) {
    const struct parameter *weight = linear->weight;
    size_t n = (size_t)(weight->rows * weight->columns);
    int64_t shorter = weight->rows < weight->columns ? weight->rows : weight->columns;
    int rank = making->export->rank < shorter ? making->export->rank : (int)shorter;
    double left = 0;
    float *changed = try_alloc(n, sizeof *changed, making->fault);
    float *up = try_alloc((size_t)(weight->rows * rank), sizeof *up, making->fault);
    float *down = try_alloc((size_t)(weight->columns * rank), sizeof *down, making->fault);
    making->owned[2 * making->n] = up;
    making->owned[2 * making->n + 1] = down;
    bool good = changed && up && down;
    for (int64_t i = 0; good && i < weight->rows; i++)
        matrix_row(base, i, changed + i * weight->columns);
    for (size_t i = 0; good && i < n; i++) {
        changed[i] = weight->value[i] - changed[i];
        making->loss->changed += (double)changed[i] * (double)changed[i];
    }
    good = good && low_rank_of(making->scratch, changed, weight->rows, weight->columns, rank, up,
                               down, &left, making->fault);
    making->loss->left_out += left;
    free(changed);
    *out = (struct adapter_matrix){weight->name, rank, weight->columns, weight->rows, down, up};
    return good;
}

static bool make_matrices(struct making *making) {
    size_t n = (size_t)making->student->weights->shape.n_layer * LINEARS;
    bool good = true;
    for (; good && making->n < n; making->n += good) {
        const struct matrix *base;
        const struct linear *linear = linear_at(making->student, making->n, &base);
        const struct low_rank *low = &linear->low_rank;
        struct adapter_matrix *out = &making->matrices[making->n];
        if (low->down)
            *out = (struct adapter_matrix){linear->weight->name,    (int)low->down->rows,
                                           linear->weight->columns, linear->weight->rows,
                                           low->down->value,        low->up->value};
        else
            good = cut(making, linear, base, out);
    }
    return good;
}

bool student_write_adapter(struct student *student, const char *path,
                           const struct adapter_export *export, struct adapter_loss *loss,
                           struct fault *fault) {
    const struct matrix *base;
    const struct low_rank *low = &linear_at(student, 0, &base)->low_rank;
    size_t n = (size_t)student->weights->shape.n_layer * LINEARS;
    *loss = (struct adapter_loss){0};
    if (student->norm->gradient)
        return fault_set(fault, FAULT_INPUT,
                         "norms and embeddings were trained too: an adapter cannot carry them");
    struct making making = {.student = student, .export = export, .loss = loss, .fault = fault};
    bool good = (making.scratch = float_scratch_new(student->pool, fault)) &&
                (making.matrices = try_alloc(n, sizeof *making.matrices, fault)) &&
                (making.owned = try_alloc(2 * n + 2, sizeof *making.owned, fault)) &&
                make_matrices(&making);
    struct adapter_description description = {
        .architecture = student->weights->shape.architecture,
        .type = export->type,
        .alpha = low->down ? low->scale * (float)low->down->rows *
                                 (export->strength > 0 ? export->strength : 1)
                           : 0,
        .texts = export->texts,
        .n_text = export->n_text};
    good = good && adapter_write(path, &description, making.matrices, n, fault);
    for (size_t i = 0; making.owned && i < 2 * n + 2; i++)
        free(making.owned[i]);
    free(making.owned);
    free(making.matrices);
    float_scratch_free(making.scratch);
    return good;
}

/* What has low rank goes into the matrix. */
static void merge(struct float_scratch *scratch, const struct linear *linear) {
    const struct low_rank *low = &linear->low_rank;
    if (!low->down)
        return;
    float_multiply(scratch, &(struct float_product){
                                .rows = linear->weight->rows,
                                .columns = linear->weight->columns,
                                .depth = low->down->rows,
                                .left = {low->up->value, TENSOR_F32, low->up->columns, 1},
                                .right = {low->down->value, TENSOR_F32, low->down->columns, 1},
                                .out = linear->weight->value,
                                .out_stride = linear->weight->columns,
                                .scale = low->scale,
                                .adds = true});
    memset(low->up->value, 0, (size_t)(low->up->rows * low->up->columns) * sizeof(float));
}

bool student_write_model(struct student *student, const struct model *model, const char *path,
                         const char *type, struct fault *fault) {
    struct float_scratch *scratch = float_scratch_new(student->pool, fault);
    struct tensor_values *values = try_alloc(student->n_parameter, sizeof *values, fault);
    const struct matrix *base;
    size_t n = 0;
    bool good = scratch && values;
    for (size_t i = 0; good && i < (size_t)student->weights->shape.n_layer * LINEARS; i++)
        merge(scratch, linear_at(student, i, &base));
    for (size_t i = 0; good && i < student->n_parameter; i++) {
        const struct parameter *p = &student->parameters[i];
        if (!strstr(p->name, ".lora_"))
            values[n++] = (struct tensor_values){p->name, p->value, p->rows * p->columns};
    }
    good = good && model_write(model, path, values, n, type, fault);
    free(values);
    float_scratch_free(scratch);
    return good;
}
