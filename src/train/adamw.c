/* Learning from a gradient, whatever the parameters are of. Its norm is a sum in the order of the
 * parameters and of pieces of a fixed length, whoever computes them. */
#include "train/inside.h"
#include "train/muon.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PIECE = 1 << 16 };

const struct adamw adamw_default = {
    .rate = 1e-4F, .beta1 = 0.9F, .beta2 = 0.999F, .epsilon = 1e-8F, .clip = 1};

struct piece_job {
    const struct rows *rows;
    const struct parameter *parameter;
    struct adam_step step;
    double *sums;
    int64_t n;
};

static int64_t piece_of(const struct piece_job *job, int part, int64_t *from) {
    *from = (int64_t)part * PIECE;
    return job->n - *from < PIECE ? job->n - *from : PIECE;
}

static void square_piece(void *data, int part, int n_part) {
    struct piece_job *job = data;
    int64_t from, n = piece_of(job, part, &from);
    (void)n_part;
    job->sums[part] =
        job->rows->dot(job->parameter->gradient + from, job->parameter->gradient + from, n);
}

static void step_piece(void *data, int part, int n_part) {
    struct piece_job *job = data;
    const struct parameter *p = job->parameter;
    int64_t from, n = piece_of(job, part, &from);
    (void)n_part;
    job->rows->adam(&job->step, p->value + from, p->gradient + from, p->first + from,
                    p->second + from, n);
    memset(p->gradient + from, 0, (size_t)n * sizeof(float));
}

static void each_piece(struct pool *pool, struct piece_job *job, void (*work)(void *, int, int)) {
    job->n = job->parameter->rows * job->parameter->columns;
    pool_run(pool, work, job, (int)((job->n + PIECE - 1) / PIECE));
}

static double gradient_norm(const struct parameter *parameters, size_t n, struct pool *pool,
                            struct piece_job *job) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        job->parameter = &parameters[i];
        if (!job->parameter->gradient)
            continue;
        int64_t n_piece = (job->parameter->rows * job->parameter->columns + PIECE - 1) / PIECE;
        job->sums = must_alloc((size_t)n_piece, sizeof *job->sums);
        each_piece(pool, job, square_piece);
        for (int64_t j = 0; j < n_piece; j++)
            sum += job->sums[j];
        free(job->sums);
    }
    return sqrt(sum);
}

void parameters_forget(struct parameter *parameters, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (parameters[i].gradient)
            memset(parameters[i].gradient, 0,
                   (size_t)(parameters[i].rows * parameters[i].columns) * sizeof(float));
}

double parameters_step(struct parameter *parameters, size_t n, struct pool *pool,
                       struct muon *muon, const struct adamw *adamw, int64_t step) {
    struct piece_job job = {.rows = rows_chosen()};
    double norm = gradient_norm(parameters, n, pool, &job);
    if (!isfinite(norm)) {
        parameters_forget(parameters, n);
        return norm;
    }
    job.step = (struct adam_step){
        .rate = adamw->rate,
        .beta1 = adamw->beta1,
        .beta2 = adamw->beta2,
        .epsilon = adamw->epsilon,
        .correction1 = (float)(1 - pow((double)adamw->beta1, (double)step)),
        .correction2 = (float)(1 - pow((double)adamw->beta2, (double)step)),
        .scale = adamw->clip > 0 && norm > (double)adamw->clip
                     ? (float)((double)adamw->clip / norm)
                     : 1,
    };
    for (size_t i = 0; i < n; i++) {
        job.parameter = &parameters[i];
        job.step.decay = job.parameter->decays ? adamw->decay : 0;
        if (job.parameter->gradient && !job.parameter->second)
            muon_step(muon, job.parameter, &job.step);
        else if (job.parameter->gradient)
            each_piece(pool, &job, step_piece);
    }
    return norm;
}

void student_forget(struct student *student) {
    parameters_forget(student->parameters, student->n_parameter);
}

double student_step(struct student *student, const struct adamw *adamw, int64_t step) {
    return parameters_step(student->parameters, student->n_parameter, student->pool, student->muon,
                           adamw, step);
}
