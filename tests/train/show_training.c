/* Trains on packs that are given, and shows what came of it, for a comparison with another
 * trainer:
 *
 *     show_training MODEL all|matrices|adapter STEPS [GRADIENTS] < packs.json
 *
 * packs.json: {"packs":[{"tokens":[…],"targets":[…],"weights":[…],"segments":[[start,n,parent,
 * first_position]…]}…],"rate":R,"clip":C,"threads":T,"checkpoints":bool,"bf16":bool}. Step s
 * learns from pack s modulo their number. Prints {"loss":[…],"norm":[…],"seconds":[…]}, the loss
 * of each step before it is taken, and writes the gradients of the first step to a file, in the
 * order of the names that "names" tells, little-endian floats. */
#include "train/inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int32_t *integers(const json_t *array) {
    int32_t *out = must_alloc(json_array_size(array) + 1, sizeof *out);
    for (size_t i = 0; i < json_array_size(array); i++)
        out[i] = (int32_t)json_integer_value(json_array_get(array, i));
    return out;
}

static struct pack read_pack(const json_t *given) {
    const json_t *weights = json_object_get(given, "weights");
    const json_t *segments = json_object_get(given, "segments");
    int n = (int)json_array_size(weights), n_segment = (int)json_array_size(segments);
    float *weight = must_alloc((size_t)n + 1, sizeof *weight);
    struct segment *segment = must_alloc((size_t)n_segment + 1, sizeof *segment);
    for (int i = 0; i < n; i++)
        weight[i] = (float)json_number_value(json_array_get(weights, (size_t)i));
    for (int i = 0; i < n_segment; i++) {
        int32_t *four = integers(json_array_get(segments, (size_t)i));
        segment[i] = (struct segment){four[0], four[1], four[2], four[3]};
        free(four);
    }
    return (struct pack){.n = n,
                         .tokens = integers(json_object_get(given, "tokens")),
                         .targets = integers(json_object_get(given, "targets")),
                         .weights = weight,
                         .n_segment = n_segment,
                         .segments = segment};
}

static void free_pack(struct pack *pack) {
    free((void *)(uintptr_t)pack->tokens);
    free((void *)(uintptr_t)pack->targets);
    free((void *)(uintptr_t)pack->weights);
    free((void *)(uintptr_t)pack->segments);
}

static void write_gradients(const struct student *student, const char *path, json_t *names) {
    FILE *file = fopen(path, "wb");
    MUST(file);
    for (size_t i = 0; i < student->n_parameter; i++) {
        const struct parameter *p = &student->parameters[i];
        if (!p->gradient)
            continue;
        json_array_append_new(names, json_string(p->name));
        size_t n = (size_t)(p->rows * p->columns);
        MUST(fwrite(p->gradient, sizeof(float), n, file) == n);
    }
    MUST(fclose(file) == 0);
}

static double counted(const struct pack *pack) {
    double sum = 0;
    for (int i = 0; i < pack->n; i++)
        sum += (double)pack->weights[i];
    return sum;
}

int main(int n_argument, char **arguments) {
    struct fault fault = {0};
    struct buffer text = {0};
    MUST(n_argument >= 4);
    MUST(file_read("-", (size_t)1 << 30, &text, &fault));
    json_t *given = json_parse(buffer_view(&text), &fault);
    MUST(given);
    struct pool *pool = pool_new((int)json_number(given, "threads", 0));
    struct model *model = model_open(arguments[1], pool, &fault);
    MUST(model);
    struct student_options options = {.learning = !strcmp(arguments[2], "all") ? LEARN_ALL
                                                  : !strcmp(arguments[2], "matrices")
                                                      ? LEARN_MATRICES
                                                      : LEARN_ADAPTER,
                                      .rank = (int)json_number(given, "rank", 16),
                                      .alpha = (float)json_number(given, "alpha", 32),
                                      .seed = 1,
                                      .bf16 = json_flag(given, "bf16", false)};
    struct student *student = student_new(model, &options, pool, &fault);
    MUST(student);
    const json_t *list = json_object_get(given, "packs");
    size_t n_pack = json_array_size(list), n_step = (size_t)atoi(arguments[3]);
    struct pack *packs = must_alloc(n_pack, sizeof *packs);
    int longest = 1;
    for (size_t i = 0; i < n_pack; i++) {
        packs[i] = read_pack(json_array_get(list, i));
        longest = packs[i].n > longest ? packs[i].n : longest;
    }
    struct passage *passage =
        passage_new(student, longest, json_flag(given, "checkpoints", false), &fault);
    MUST(passage);
    struct adamw adamw = adamw_default;
    adamw.rate = (float)json_number(given, "rate", 1e-4);
    adamw.clip = (float)json_number(given, "clip", 1);
    adamw.decay = (float)json_number(given, "decay", 0);
    size_t n_together = (size_t)json_number(given, "together", 1); /* packs of one step */
    struct loss loss = {.kind = LOSS_CROSS_ENTROPY};
    json_t *losses = json_array(), *norms = json_array(), *seconds = json_array();
    json_t *names = json_array();
    for (size_t step = 0; step < n_step; step++) {
        double started = clock_seconds(), total = 0, sum = 0;
        for (size_t i = 0; i < n_together; i++)
            total += counted(&packs[(step * n_together + i) % n_pack]);
        for (size_t i = 0; i < n_together; i++)
            sum +=
                passage_learn(passage, &packs[(step * n_together + i) % n_pack], &loss, 1 / total);
        if (step == 0 && n_argument > 4)
            write_gradients(student, arguments[4], names);
        double norm = student_step(student, &adamw, (int64_t)step + 1);
        json_array_append_new(losses, json_real(sum / total));
        json_array_append_new(norms, json_real(norm));
        json_array_append_new(seconds, json_real(clock_seconds() - started));
    }
    json_t *out = json_pack("{s:o, s:o, s:o, s:o}", "loss", losses, "norm", norms, "seconds",
                            seconds, "names", names);
    json_dumpf(out, stdout, JSON_REAL_PRECISION(9));
    json_decref(out);
    json_decref(given);
    for (size_t i = 0; i < n_pack; i++)
        free_pack(&packs[i]);
    free(packs);
    passage_free(passage);
    student_free(student);
    model_close(model);
    pool_free(pool);
    buffer_free(&text);
    return 0;
}
