/* Memory for the way through a student, and the two ways through it that others may ask for. */
#include "train/inside.h"

#include <stdlib.h>
#include <string.h>

struct carving { /* one block of memory, measured first and then cut up */
    float *memory;
    size_t n;
};

static float *carve(struct carving *carving, int64_t n) {
    float *at = carving->memory ? carving->memory + carving->n : NULL;
    carving->n += ((size_t)n + 15) / 16 * 16;
    return at;
}

/* A layer's state but for `x` and `low`, which each layer has of its own. */
static void carve_state(const struct student *student, int64_t n, struct carving *carving,
                        struct layer_state *state) {
    const struct model_shape *shape = &student->weights->shape;
    const struct decoder_layer *layer = &student->layers[0];
    int64_t d_query = n * shape->n_head * shape->d_head,
            d_key = n * shape->n_kv_head * shape->d_head;
    int64_t d_model = n * shape->d_model;
    state->middle = carve(carving, d_model);
    state->query = carve(carving, d_query);
    state->key = carve(carving, d_key);
    state->value = carve(carving, d_key);
    state->raw_query = layer->query_norm ? carve(carving, d_query) : NULL;
    state->raw_key = layer->key_norm ? carve(carving, d_key) : NULL;
    state->attended = carve(carving, d_query);
    state->logarithm = carve(carving, n * shape->n_head);
    state->gate = carve(carving, n * shape->d_feed_forward);
    state->up = carve(carving, n * shape->d_feed_forward);
    state->attention_given = layer->attention_output_norm ? carve(carving, d_model) : NULL;
    state->feed_forward_given = layer->feed_forward_output_norm ? carve(carving, d_model) : NULL;
    state->inverse = carve(carving, n);
    state->middle_inverse = carve(carving, n);
}

static void carve_all(struct passage *memory, struct carving *carving) {
    const struct student *student = memory->student;
    const struct model_shape *shape = &student->weights->shape;
    int64_t n = memory->n_token, d_query = n * shape->n_head * shape->d_head;
    int64_t d_model = n * shape->d_model, widest = d_model > d_query ? d_model : d_query;
    const struct parameter *down = student->layers[0].query.low_rank.down;
    int64_t d_low = down ? n * down->rows : 0;
    for (int i = 0; i < shape->n_layer; i++) {
        struct layer_state *state = &memory->states[i];
        if (i == 0 || !memory->checkpoints)
            carve_state(student, n, carving, state);
        else
            *state = memory->states[0];
        state->x = carve(carving, d_model);
        state->low = carve(carving, LINEARS * d_low);
    }
    float **const wide[] = {&memory->normed, &memory->block, &memory->d_normed, &memory->d_block};
    for (size_t i = 0; i < COUNT_OF(wide); i++)
        *wide[i] = carve(carving, widest);
    memory->x = carve(carving, d_model);
    memory->d_x = carve(carving, d_model);
    memory->activated = carve(carving, n * shape->d_feed_forward);
    memory->d_activated = carve(carving, n * shape->d_feed_forward);
    memory->d_query = carve(carving, d_query);
    memory->d_key = carve(carving, d_query);
    memory->d_value = carve(carving, d_query);
    memory->angles = carve(carving, n * student->weights->rope.n_rotated);
    memory->window_angles = carve(carving, n * student->weights->rope.n_rotated);
    memory->d_low = carve(carving, d_low);
    memory->wanted = carve(carving, d_model);
    memory->d_wanted = carve(carving, d_model);
    memory->logits = carve(carving, (int64_t)LOSS_ROWS * shape->n_vocabulary);
    for (int i = 0; i < memory->n_worker; i++) {
        memory->workers[i].scores = carve(carving, ATTENTION_ROWS * n);
        memory->workers[i].d_scores = carve(carving, ATTENTION_ROWS * n);
    }
}

struct passage *passage_new(struct student *student, int n_token, bool checkpoints,
                            struct fault *fault) {
    struct passage *memory = try_alloc(1, sizeof *memory, fault);
    if (!memory)
        return NULL;
    struct carving carving = {0};
    memory->student = student;
    memory->rows = rows_chosen();
    memory->n_token = n_token;
    memory->checkpoints = checkpoints;
    memory->n_worker = pool_threads(student->pool);
    memory->states =
        try_alloc((size_t)student->weights->shape.n_layer, sizeof *memory->states, fault);
    memory->workers = try_alloc((size_t)memory->n_worker, sizeof *memory->workers, fault);
    memory->row_loss = try_alloc(LOSS_ROWS, sizeof *memory->row_loss, fault);
    memory->tokens = try_alloc((size_t)n_token, sizeof *memory->tokens, fault);
    bool good = memory->states && memory->workers && memory->row_loss && memory->tokens &&
                (memory->scratch = float_scratch_new(student->pool, fault));
    for (int i = 0; good && i < memory->n_worker; i++)
        good = (memory->workers[i].scratch = float_scratch_new(NULL, fault)) != NULL;
    if (good) {
        carve_all(memory, &carving);
        carving.memory = memory->state_memory = try_alloc_aligned(carving.n, sizeof(float), fault);
        carving.n = 0;
        if (carving.memory) {
            carve_all(memory, &carving);
            return memory;
        }
    }
    passage_free(memory);
    return NULL;
}

void passage_free(struct passage *memory) {
    if (!memory)
        return;
    for (int i = 0; memory->workers && i < memory->n_worker; i++)
        float_scratch_free(memory->workers[i].scratch);
    float_scratch_free(memory->scratch);
    free(memory->state_memory);
    free(memory->states);
    free(memory->workers);
    free(memory->row_loss);
    free(memory->tokens);
    free(memory->teacher);
    free(memory);
}

double passage_learn(struct passage *memory, const struct pack *pack, const struct loss *loss,
                     double scale) {
    if (loss->kind != LOSS_CROSS_ENTROPY && !loss->teacher && !memory->teacher)
        memory->teacher =
            must_alloc(LOSS_ROWS, (size_t)memory->student->weights->shape.n_vocabulary * 4);
    forward(memory, pack);
    double sum = loss_of(memory, pack, loss, scale, scale != 0);
    if (scale != 0)
        backward(memory, pack);
    return sum;
}

void passage_logits(struct passage *memory, const struct pack *pack, float *logits) {
    forward(memory, pack);
    linear_forward(memory, &memory->student->head, memory->normed, pack->n, logits);
}
