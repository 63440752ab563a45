/* A network in floats: read from a model, by the table of its network. */
#include "train/muon.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Which member of a decoder layer takes which of the engine's layer. */
static const struct {
    size_t from, to;
} linears[] =
    {
#define LINEAR(name)                                                                              \
    { offsetof(struct layer, name), offsetof(struct decoder_layer, name) }
        LINEAR(query), LINEAR(key), LINEAR(value), LINEAR(output),
        LINEAR(gate),  LINEAR(up),  LINEAR(down),
},
  vectors[] = {
      LINEAR(attention_norm),
      LINEAR(feed_forward_norm),
      LINEAR(query_bias),
      LINEAR(key_bias),
      LINEAR(value_bias),
      LINEAR(query_norm),
      LINEAR(key_norm),
      LINEAR(attention_output_norm),
      LINEAR(feed_forward_output_norm),
};

struct reading {
    struct student *student;
    const struct student_options *options;
    struct random random;
    struct fault *fault;
    size_t room;
    bool good;
};

static void *aligned(struct reading *reading, size_t n) {
    void *memory = reading->good ? try_alloc_aligned(n, sizeof(float), reading->fault) : NULL;
    reading->good = memory != NULL;
    return memory;
}

static struct parameter *add_parameter(struct reading *reading, const char *name, int64_t rows,
                                       int64_t columns, bool learns, bool muon) {
    struct student *student = reading->student;
    MUST(student->n_parameter < reading->room);
    struct parameter *parameter = &student->parameters[student->n_parameter++];
    size_t n = (size_t)(rows * columns);
    snprintf(parameter->name, sizeof parameter->name, "%s", name);
    parameter->rows = rows;
    parameter->columns = columns;
    parameter->decays = rows > 1;
    parameter->value = aligned(reading, n);
    if (!learns)
        return parameter;
    parameter->gradient = aligned(reading, n);
    parameter->first = aligned(reading, n);
    if (!muon)
        parameter->second = aligned(reading, n);
    return parameter;
}

static void read_matrix(const struct matrix *matrix, struct parameter *parameter) {
    for (int64_t i = 0; parameter->value && i < matrix->rows; i++)
        matrix_row(matrix, i, parameter->value + i * matrix->columns);
}

/* B is 0; A as PyTorch's linear layers begin: uniform within 1/√columns. */
static void add_low_rank(struct reading *reading, const char *name, struct linear *linear) {
    int64_t rank = reading->options->rank, columns = linear->weight->columns;
    char half[80];
    snprintf(half, sizeof half, "%s.lora_a", name);
    struct parameter *down = add_parameter(reading, half, rank, columns, true, false);
    snprintf(half, sizeof half, "%s.lora_b", name);
    struct parameter *up = add_parameter(reading, half, linear->weight->rows, rank, true, false);
    double bound = 1 / sqrt((double)columns);
    for (int64_t i = 0; reading->good && i < rank * columns; i++)
        down->value[i] = (float)((2 * random_unit(&reading->random) - 1) * bound);
    linear->low_rank =
        (struct low_rank){.down = down, .up = up, .scale = reading->options->alpha / (float)rank};
}

static void read_linear(struct reading *reading, const char *name, const struct matrix *matrix,
                        struct linear *linear) {
    enum learning learning = reading->options->learning;
    struct parameter *weight =
        add_parameter(reading, name, matrix->rows, matrix->columns,
                      learning == LEARN_ALL || learning == LEARN_MATRICES, reading->options->muon);
    read_matrix(matrix, weight);
    linear->weight = weight;
    if (learning == LEARN_ADAPTER)
        add_low_rank(reading, name, linear);
}

static const struct parameter *read_vector(struct reading *reading, const char *name,
                                           const float *values, int64_t n) {
    struct parameter *parameter =
        add_parameter(reading, name, 1, n, reading->options->learning == LEARN_ALL, false);
    if (parameter->value)
        memcpy(parameter->value, values, (size_t)n * sizeof *values);
    return parameter;
}

static void read_layer_tensor(void *data, int layer, const char *name, size_t member, int64_t rows,
                              int64_t columns) {
    struct reading *reading = data;
    struct decoder_layer *to = &reading->student->layers[layer];
    const char *from = (const char *)&reading->student->weights->layers[layer] + member;
    (void)rows;
    for (size_t i = 0; i < COUNT_OF(linears); i++)
        if (linears[i].from == member) {
            struct linear *linear = (struct linear *)((char *)to + linears[i].to);
            read_linear(reading, name, (const struct matrix *)from, linear);
            linear->place = (int)i;
        }
    for (size_t i = 0; i < COUNT_OF(vectors); i++)
        if (vectors[i].from == member)
            *(const struct parameter **)((char *)to + vectors[i].to) =
                read_vector(reading, name, *(const float *const *)from, columns);
}

static void read_ends(struct reading *reading) {
    const struct weights *weights = reading->student->weights;
    bool all = reading->options->learning == LEARN_ALL;
    struct parameter *embedding =
        add_parameter(reading, "token_embd.weight", weights->embedding.rows,
                      weights->embedding.columns, all, false);
    read_matrix(&weights->embedding, embedding);
    reading->student->embedding.weight = embedding;
    reading->student->head.weight = embedding;
    if (weights->head.data != weights->embedding.data) {
        struct parameter *head = add_parameter(reading, "output.weight", weights->head.rows,
                                               weights->head.columns, all, false);
        read_matrix(&weights->head, head);
        reading->student->head.weight = head;
    }
    reading->student->norm =
        read_vector(reading, "output_norm.weight", weights->norm, weights->shape.d_model);
}

struct student *student_new(const struct model *model, const struct student_options *options,
                            struct pool *pool, struct fault *fault) {
    const struct weights *weights = model_weights(model);
    struct reading reading = {.options = options, .fault = fault, .good = true};
    if (model_embedding_size(model)) {
        fault_set(fault, FAULT_INPUT, "%s embeds texts and does not write: it is not trained here",
                  weights->shape.name);
        return NULL;
    }
    if (options->learning == LEARN_ADAPTER && (options->rank < 1 || options->rank > 1024)) {
        fault_set(fault, FAULT_INPUT, "an adapter's rank is from 1 to 1024, not %d",
                  options->rank);
        return NULL;
    }
    MUST(!options->muon || options->learning != LEARN_ADAPTER);
    struct student *student = try_alloc(1, sizeof *student, fault);
    if (!student)
        return NULL;
    reading.student = student;
    reading.room =
        (size_t)weights->shape.n_layer * (COUNT_OF(linears) * 3 + COUNT_OF(vectors)) + 3;
    random_seed(&reading.random, options->seed);
    student->weights = weights;
    student->pool = pool;
    student->bf16 = options->bf16;
    student->parameters = try_alloc(reading.room, sizeof *student->parameters, fault);
    student->layers = try_alloc((size_t)weights->shape.n_layer, sizeof *student->layers, fault);
    reading.good = student->parameters && student->layers;
    if (reading.good) {
        read_ends(&reading);
        model_layer_tensors(model, read_layer_tensor, &reading);
    }
    for (int i = 0; reading.good && i < weights->shape.n_layer; i++)
        student->layers[i].window = weights->layers[i].window;
    if (reading.good && options->muon)
        reading.good = (student->muon = muon_new(student->parameters, student->n_parameter, pool,
                                                 options->bf16, fault)) != NULL;
    if (reading.good)
        return student;
    student_free(student);
    return NULL;
}

struct beginning {
    struct student *student;
    int rank; /* the highest that does not fit; 0: all do */
};

static struct parameter *find_parameter(struct student *student, const char *name,
                                        const char *half) {
    char whole[80];
    snprintf(whole, sizeof whole, "%s.%s", name, half);
    for (size_t i = 0; i < student->n_parameter; i++)
        if (!strcmp(student->parameters[i].name, whole))
            return &student->parameters[i];
    return NULL;
}

/* What of the student's rank is more than the adapter's stays as it was: A random, B nothing. */
static void begin_matrix(void *data, const struct adapter_matrix *from) {
    struct beginning *beginning = data;
    struct student *student = beginning->student;
    struct parameter *down = find_parameter(student, from->tensor, "lora_a");
    struct parameter *up = find_parameter(student, from->tensor, "lora_b");
    float scale = student->layers[0].query.low_rank.scale;
    if (from->rank > down->rows) {
        beginning->rank = from->rank;
        return;
    }
    memcpy(down->value, from->a, (size_t)(from->rank * from->n_in) * sizeof(float));
    for (int64_t r = 0; r < from->n_out; r++)
        for (int k = 0; k < from->rank; k++)
            up->value[r * up->columns + k] = from->b[r * from->rank + k] / scale;
}

bool student_begin(struct student *student, const struct adapter *adapter, struct fault *fault) {
    struct beginning beginning = {.student = student};
    const struct low_rank *low = &student->layers[0].query.low_rank;
    if (!low->down)
        return fault_set(fault, FAULT_INPUT, "only an adapter can begin as another");
    if (!adapter_matrices(adapter, begin_matrix, &beginning, fault))
        return false;
    if (!beginning.rank)
        return true;
    fault_set(fault, FAULT_INPUT, "the adapter to begin as is of rank %d, the one that learns %d",
              beginning.rank, (int)low->down->rows);
    return fault_remedy(fault, "Use --rank %d", beginning.rank);
}

void student_free(struct student *student) {
    if (!student)
        return;
    muon_free(student->muon);
    for (size_t i = 0; i < student->n_parameter; i++) {
        free(student->parameters[i].value);
        free(student->parameters[i].gradient);
        free(student->parameters[i].first);
        free(student->parameters[i].second);
    }
    free(student->parameters);
    free(student->layers);
    free(student);
}

uint64_t student_learning(const struct student *student) {
    uint64_t n = 0;
    for (size_t i = 0; i < student->n_parameter; i++)
        if (student->parameters[i].gradient)
            n += (uint64_t)(student->parameters[i].rows * student->parameters[i].columns);
    return n;
}
