/* Losses, some positions at a time: the logits of all of them would be the largest thing in
 * memory. Only positions that count are computed. */
#include "train/inside.h"
#include "train/losses.h"

#include <string.h>

struct loss_job {
    struct passage *memory;
    const struct pack *pack;
    const struct loss *loss;
    const int *tokens; /* of these rows */
    float *teacher;    /* [LOSS_ROWS][n_vocabulary], logits of a live one */
    double scale;
};

static void loss_row(void *data, int row, int n_row) {
    const struct loss_job *job = data;
    int64_t n = job->memory->student->weights->shape.n_vocabulary;
    int token = job->tokens[row];
    float *logits = job->memory->logits + row * n;
    double weight = (double)job->pack->weights[token];
    (void)n_row;
    if (job->loss->kind == LOSS_CROSS_ENTROPY) {
        float logit = logits[job->pack->targets[token]];
        float logarithm = job->memory->rows->softmax(logits, 1, n);
        logits[job->pack->targets[token]] -= 1;
        job->memory->row_loss[row] = weight * (double)(logarithm - logit);
    } else {
        float *p = job->teacher + row * n;
        if (job->loss->teacher)
            job->memory->rows->softmax(p, 1, n);
        else
            job->loss->probabilities(job->loss->data, job->pack, token, p);
        job->memory->rows->softmax(logits, 1, n);
        job->memory->row_loss[row] = weight * losses_chosen(job->loss->kind, job->loss->skew)(
                                                  p, logits, job->loss->skew, n);
    }
    job->memory->rows->multiply(logits, (float)(weight * job->scale), n);
}

/* Rows of `normed` that count go side by side; gives how many. */
static int gather(struct passage *memory, const struct pack *pack, int *tokens) {
    int64_t d_model = memory->student->weights->shape.d_model;
    int n = 0;
    for (int t = 0; t < pack->n; t++)
        if (pack->weights[t] != 0 && pack->targets[t] >= 0) {
            memcpy(memory->wanted + n * d_model, memory->normed + t * d_model,
                   (size_t)d_model * sizeof(float));
            tokens[n++] = t;
        }
    return n;
}

static void scatter(struct passage *memory, const struct pack *pack, const int *tokens, int n) {
    int64_t d_model = memory->student->weights->shape.d_model;
    memset(memory->d_normed, 0, (size_t)(pack->n * d_model) * sizeof(float));
    for (int i = 0; i < n; i++)
        memcpy(memory->d_normed + tokens[i] * d_model, memory->d_wanted + i * d_model,
               (size_t)d_model * sizeof(float));
}

double loss_of(struct passage *memory, const struct pack *pack, const struct loss *loss,
               double scale, bool backward) {
    const struct student *student = memory->student;
    int64_t d_model = student->weights->shape.d_model;
    struct loss_job job = {.memory = memory, .pack = pack, .loss = loss, .scale = scale};
    int n = gather(memory, pack, memory->tokens);
    struct passage *teacher = loss->kind == LOSS_CROSS_ENTROPY ? NULL : loss->teacher;
    double sum = 0;
    job.teacher = teacher ? teacher->logits : memory->teacher;
    if (teacher) {
        forward(teacher, pack);
        gather(teacher, pack, teacher->tokens);
    }
    for (int first = 0; first < n; first += LOSS_ROWS) {
        int n_row = n - first < LOSS_ROWS ? n - first : LOSS_ROWS;
        const float *x = memory->wanted + first * d_model;
        job.tokens = memory->tokens + first;
        linear_forward(memory, &student->head, x, n_row, memory->logits);
        if (teacher)
            linear_forward(teacher, &teacher->student->head,
                           teacher->wanted +
                               first * (int64_t)teacher->student->weights->shape.d_model,
                           n_row, teacher->logits);
        pool_run(student->pool, loss_row, &job, n_row);
        for (int i = 0; i < n_row; i++)
            sum += memory->row_loss[i];
        if (!backward)
            continue;
        linear_back(memory, &student->head, memory->logits, n_row,
                    memory->d_wanted + first * d_model, false);
        linear_learn(memory, &student->head, x, memory->logits, n_row);
    }
    if (backward)
        scatter(memory, pack, memory->tokens, n);
    return sum;
}

struct each_job {
    struct passage *memory;
    const int *tokens;
    void (*row)(void *data, int token, const float *p);
    void *data;
};

static void each_row(void *data, int row, int n_row) {
    const struct each_job *job = data;
    int64_t n = job->memory->student->weights->shape.n_vocabulary;
    float *logits = job->memory->logits + row * n;
    (void)n_row;
    job->memory->rows->softmax(logits, 1, n);
    job->row(job->data, job->tokens[row], logits);
}

void passage_each(struct passage *memory, const struct pack *pack,
                  void (*row)(void *data, int token, const float *p), void *data) {
    const struct student *student = memory->student;
    int64_t d_model = student->weights->shape.d_model;
    struct each_job job = {.memory = memory, .row = row, .data = data};
    forward(memory, pack);
    int n = gather(memory, pack, memory->tokens);
    for (int first = 0; first < n; first += LOSS_ROWS) {
        int n_row = n - first < LOSS_ROWS ? n - first : LOSS_ROWS;
        job.tokens = memory->tokens + first;
        linear_forward(memory, &student->head, memory->wanted + first * d_model, n_row,
                       memory->logits);
        pool_run(student->pool, each_row, &job, n_row);
    }
}
