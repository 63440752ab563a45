/* Promises of the way through a student: its gradients against central differences of the loss,
 * and everything that must make no difference. */
#include "../model/builder.h"
#include "packs.h"

#include "train/inside.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct builder_shape shapes[] = {
    {.architecture = "llama", .tied = true},
    {.architecture = "llama", .rope_factors = true},
    {.architecture = "qwen2", .biases = true, .tied = true},
    {.architecture = "gemma3", .tied = true, .windowed = true},
};
static const struct loss cross_entropy = {.kind = LOSS_CROSS_ENTROPY};

struct school { /* a model, someone who learns from it, and room to do so */
    struct pool *pool;
    struct model *model;
    struct student *student;
    struct passage *passage;
};

static struct school open_school(const struct builder_shape *shape, enum learning learning,
                                 int n_thread, bool checkpoints) {
    struct school school = {.pool = pool_new(n_thread)};
    struct fault fault = {0};
    struct builder builder;
    struct student_options options = {.learning = learning, .rank = 4, .alpha = 8, .seed = 7};
    builder_open(&builder);
    builder_network(&builder, shape, 5);
    char *path = builder_save(&builder, "student.gguf");
    builder_close(&builder);
    school.model = model_open(path, school.pool, &fault);
    unlink(path);
    free(path);
    assert_non_null(school.model);
    assert_non_null(school.student = student_new(school.model, &options, school.pool, &fault));
    assert_non_null(school.passage =
                        passage_new(school.student, PACK_TOKENS, checkpoints, &fault));
    return school;
}

static void close_school(struct school *school) {
    passage_free(school->passage);
    student_free(school->student);
    model_close(school->model);
    pool_free(school->pool);
}

static int vocabulary_of(const struct school *school) {
    return model_shape(school->model)->n_vocabulary;
}

static double norm_of(const struct student *student) {
    double sum = 0;
    for (size_t i = 0; i < student->n_parameter; i++) {
        const struct parameter *p = &student->parameters[i];
        for (int64_t j = 0; p->gradient && j < p->rows * p->columns; j++)
            sum += (double)p->gradient[j] * (double)p->gradient[j];
    }
    return sqrt(sum);
}

/* Relative distance of the gradients of two students alike. */
static double apart(const struct student *a, const struct student *b) {
    double sum = 0;
    for (size_t i = 0; i < a->n_parameter; i++) {
        const struct parameter *p = &a->parameters[i], *q = &b->parameters[i];
        for (int64_t j = 0; p->gradient && j < p->rows * p->columns; j++)
            sum += pow((double)p->gradient[j] - (double)q->gradient[j], 2);
    }
    return sqrt(sum) / norm_of(a);
}

/* ------------------------------------------------------------------------------------ gradients
 */

/* Along the gradient itself the loss must rise as its length says: floats allow no more than
 * differences of the whole, which is why the parts are tried in doubles (test_rows). */
static double along_gradient(struct school *school, const struct pack *pack, size_t which,
                             double size) {
    struct parameter *p = &school->student->parameters[which];
    int64_t n = p->rows * p->columns;
    float *kept = malloc((size_t)n * sizeof *kept);
    double loss[2];
    memcpy(kept, p->value, (size_t)n * sizeof *kept);
    for (int side = 0; side < 2; side++) {
        for (int64_t i = 0; i < n; i++)
            p->value[i] = kept[i] + (float)((side ? -1 : 1) * size * (double)p->gradient[i]);
        loss[side] = passage_learn(school->passage, pack, &cross_entropy, 0);
    }
    memcpy(p->value, kept, (size_t)n * sizeof *kept);
    free(kept);
    return (loss[0] - loss[1]) / (2 * size);
}

static void assert_each_gradient(struct school *school, const struct pack *pack) {
    passage_learn(school->passage, pack, &cross_entropy, 1);
    for (size_t i = 0; i < school->student->n_parameter; i++) {
        const struct parameter *p = &school->student->parameters[i];
        double square = 0;
        for (int64_t j = 0; p->gradient && j < p->rows * p->columns; j++)
            square += (double)p->gradient[j] * (double)p->gradient[j];
        if (!p->gradient || square < 1e-8)
            continue;
        double found = along_gradient(school, pack, i, 0.02 / sqrt(square));
        if (fabs(found - square) > 0.01 * square + 1e-3 * sqrt(square))
            fail_msg("%s: the loss rises by %g, its gradient says %g", p->name, found, square);
    }
}

static void the_loss_rises_along_each_gradient_as_it_says(void **state) {
    (void)state;
    for (size_t s = 0; s < COUNT_OF(shapes); s++) {
        struct school school = open_school(&shapes[s], LEARN_ALL, 2, false);
        struct made_pack made;
        make_tree(&made, 1, vocabulary_of(&school));
        assert_each_gradient(&school, &made.pack);
        close_school(&school);
    }
}

static void adapters_learn_by_their_gradients(void **state) {
    (void)state;
    struct school school = open_school(&shapes[0], LEARN_ADAPTER, 2, false);
    struct made_pack made;
    struct random random;
    random_seed(&random, 3);
    for (size_t i = 0; i < school.student->n_parameter; i++) { /* B is 0 at first */
        struct parameter *p = &school.student->parameters[i];
        for (int64_t j = 0; strstr(p->name, ".lora_b") && j < p->rows * p->columns; j++)
            p->value[j] = (float)(random_unit(&random) - 0.5);
    }
    make_tree(&made, 1, vocabulary_of(&school));
    assert_each_gradient(&school, &made.pack);
    close_school(&school);
}

/* ---------------------------------------------------------------------- what makes no difference
 */

static void a_tree_teaches_what_its_texts_teach_one_by_one(void **state) {
    (void)state;
    for (size_t s = 0; s < COUNT_OF(shapes); s++) {
        struct school a = open_school(&shapes[s], LEARN_ALL, 2, false);
        struct school b = open_school(&shapes[s], LEARN_ALL, 2, false);
        struct made_pack tree, alone;
        make_tree(&tree, 2, vocabulary_of(&a));
        double whole = passage_learn(a.passage, &tree.pack, &cross_entropy, 1), parts = 0;
        for (int i = 0; i < 4; i++) {
            make_alone(&tree, i, &alone);
            parts += passage_learn(b.passage, &alone.pack, &cross_entropy, 1);
        }
        assert_true(fabs(whole - parts) < 1e-5 * whole);
        assert_true(apart(a.student, b.student) < 2e-5);
        close_school(&a);
        close_school(&b);
    }
}

static void
gradients_are_the_same_bits_on_any_number_of_threads_with_or_without_checkpoints(void **state) {
    (void)state;
    for (size_t s = 0; s < COUNT_OF(shapes); s++) {
        struct school a = open_school(&shapes[s], LEARN_ALL, 1, false);
        struct made_pack tree;
        make_tree(&tree, 3, vocabulary_of(&a));
        double loss = passage_learn(a.passage, &tree.pack, &cross_entropy, 0.25);
        for (int n_thread = 1; n_thread <= 5; n_thread += 2) {
            struct school b = open_school(&shapes[s], LEARN_ALL, n_thread, true);
            assert_true(passage_learn(b.passage, &tree.pack, &cross_entropy, 0.25) == loss);
            assert_true(apart(a.student, b.student) == 0);
            close_school(&b);
        }
        close_school(&a);
    }
}

static void a_new_adapter_changes_nothing_and_merged_it_stays_what_it_was(void **state) {
    (void)state;
    struct school base = open_school(&shapes[0], LEARN_ALL, 2, false);
    struct school own = open_school(&shapes[0], LEARN_ADAPTER, 2, false);
    struct made_pack tree;
    make_tree(&tree, 4, vocabulary_of(&base));
    double loss = passage_learn(base.passage, &tree.pack, &cross_entropy, 0);
    assert_true(passage_learn(own.passage, &tree.pack, &cross_entropy, 1) == loss);
    struct adamw adamw = adamw_default;
    adamw.rate = 0.01F;
    student_step(own.student, &adamw, 1);
    double learnt = passage_learn(own.passage, &tree.pack, &cross_entropy, 0);
    assert_true(learnt < loss);
    struct fault fault = {0};
    assert_true(
        student_write_model(own.student, own.model, "/tmp/lyceum-merged.gguf", "F32", &fault));
    unlink("/tmp/lyceum-merged.gguf");
    double merged = passage_learn(own.passage, &tree.pack, &cross_entropy, 0);
    assert_true(fabs(merged - learnt) < 1e-5 * learnt);
    close_school(&base);
    close_school(&own);
}

static void what_does_not_count_teaches_nothing(void **state) {
    (void)state;
    struct school school = open_school(&shapes[0], LEARN_ALL, 2, false);
    struct made_pack tree;
    make_tree(&tree, 5, vocabulary_of(&school));
    memset(tree.weights, 0, sizeof tree.weights);
    assert_true(passage_learn(school.passage, &tree.pack, &cross_entropy, 1) == 0);
    assert_true(norm_of(school.student) == 0);
    close_school(&school);
}

/* ---------------------------------------------------------------------------------- distillation
 */

static void one_hot(void *data, const struct pack *pack, int t, float *p) {
    const struct school *school = data;
    memset(p, 0, (size_t)vocabulary_of(school) * sizeof *p);
    p[pack->targets[t]] = 1;
}

static void a_teacher_who_is_sure_teaches_cross_entropy(void **state) {
    (void)state;
    struct school a = open_school(&shapes[0], LEARN_ALL, 2, false);
    struct school b = open_school(&shapes[0], LEARN_ALL, 2, false);
    struct loss distilled = {.kind = LOSS_FORWARD_KL, .probabilities = one_hot, .data = &b};
    struct made_pack tree;
    make_tree(&tree, 6, vocabulary_of(&a));
    double plain = passage_learn(a.passage, &tree.pack, &cross_entropy, 1);
    double taught = passage_learn(b.passage, &tree.pack, &distilled, 1);
    assert_true(fabs(plain - taught) < 1e-5 * plain);
    assert_true(apart(a.student, b.student) < 1e-5);
    close_school(&a);
    close_school(&b);
}

static void a_student_becomes_its_live_teacher(void **state) {
    (void)state;
    static const enum loss_kind kinds[] = {LOSS_FORWARD_KL, LOSS_REVERSE_KL, LOSS_SKEWED_KL,
                                           LOSS_JSD};
    struct school teacher = open_school(&shapes[0], LEARN_NOTHING, 2, false);
    assert_int_equal(student_learning(teacher.student), 0);
    for (size_t k = 0; k < COUNT_OF(kinds); k++) {
        struct school school = open_school(&shapes[0], LEARN_ALL, 2, false);
        struct loss loss = {.kind = kinds[k], .skew = 0.3F, .teacher = teacher.passage};
        struct made_pack tree;
        struct random random;
        make_tree(&tree, 8, vocabulary_of(&school));
        assert_true(fabs(passage_learn(school.passage, &tree.pack, &loss, 0)) < 1e-5);
        random_seed(&random, 1); /* forgets some */
        for (size_t i = 0; i < school.student->n_parameter; i++)
            for (int64_t j = 0; school.student->parameters[i].decays && j < 40; j++)
                school.student->parameters[i].value[j] += (float)(random_unit(&random) - 0.5);
        struct adamw adamw = adamw_default;
        adamw.rate = 0.003F;
        double first = 0, last = 0;
        for (int step = 1; step <= 40; step++) {
            last = passage_learn(school.passage, &tree.pack, &loss, 1);
            first = step == 1 ? last : first;
            student_step(school.student, &adamw, step);
        }
        if (!(first > 1e-3 && last < 0.35 * first))
            fail_msg("loss %d: from %g to %g", kinds[k], first, last);
        close_school(&school);
    }
    close_school(&teacher);
}

static void a_student_learns(void **state) {
    (void)state;
    static const enum learning ways[] = {LEARN_ALL, LEARN_MATRICES, LEARN_ADAPTER};
    for (size_t w = 0; w < COUNT_OF(ways); w++) {
        struct school school = open_school(&shapes[0], ways[w], 2, false);
        struct made_pack tree;
        struct adamw adamw = adamw_default;
        adamw.rate = ways[w] == LEARN_ADAPTER ? 0.02F : 0.005F;
        make_tree(&tree, 7, vocabulary_of(&school));
        double total = counted_in(&tree.pack), first = 0, last = 0;
        for (int step = 1; step <= 40; step++) {
            last = passage_learn(school.passage, &tree.pack, &cross_entropy, 1 / total) / total;
            first = step == 1 ? last : first;
            assert_true(student_step(school.student, &adamw, step) > 0);
        }
        assert_true(last < 0.2 * first);
        close_school(&school);
    }
}

static void a_gradient_that_is_no_number_changes_nothing(void **state) {
    (void)state;
    struct school school = open_school(&shapes[0], LEARN_ALL, 2, false);
    struct parameter *p = &school.student->parameters[0];
    float kept = p->value[3];
    p->gradient[3] = NAN;
    assert_true(isnan(student_step(school.student, &adamw_default, 1)));
    assert_true(p->value[3] == kept && p->gradient[3] == 0);
    close_school(&school);
}

/* ------------------------------------------------------------------------------------------ bf16
 */

static double apart_in_bf16(const struct builder_shape *shape, int n_thread, double *loss) {
    struct school floats = open_school(shape, LEARN_ALL, 2, false);
    struct school halves = open_school(shape, LEARN_ALL, n_thread, n_thread > 1);
    struct made_pack tree;
    make_tree(&tree, 9, vocabulary_of(&floats));
    halves.student->bf16 = true;
    double whole = passage_learn(floats.passage, &tree.pack, &cross_entropy, 1);
    *loss = passage_learn(halves.passage, &tree.pack, &cross_entropy, 1);
    assert_true(fabs(*loss - whole) < 0.01 * whole);
    double distance = apart(floats.student, halves.student);
    close_school(&floats);
    close_school(&halves);
    return distance;
}

/* A number of bf16 is within 2⁻⁹ of the one that it was. */
static void gradients_in_bf16_are_those_of_floats_but_for_its_rounding(void **state) {
    (void)state;
    for (size_t s = 0; s < COUNT_OF(shapes); s++) {
        double loss[2], distance = apart_in_bf16(&shapes[s], 1, &loss[0]);
        if (!(distance > 1e-5 && distance < 0.03))
            fail_msg("shape %zu: %g of the gradient apart", s, distance);
        assert_true(apart_in_bf16(&shapes[s], 3, &loss[1]) == distance); /* the same bits */
        assert_true(loss[0] == loss[1]);
    }
}

/* Step by step within 3%, until next to nothing is left of the loss. */
static void a_student_learns_in_bf16_as_in_floats(void **state) {
    (void)state;
    enum { STEPS = 30 };
    double losses[2][STEPS];
    bool differ = false;
    for (int bf16 = 0; bf16 < 2; bf16++) {
        struct school school = open_school(&shapes[0], LEARN_ALL, 2, false);
        struct made_pack tree;
        struct adamw adamw = adamw_default;
        adamw.rate = 0.002F;
        school.student->bf16 = bf16;
        make_tree(&tree, 7, vocabulary_of(&school));
        double total = counted_in(&tree.pack);
        for (int step = 0; step < STEPS; step++) {
            losses[bf16][step] =
                passage_learn(school.passage, &tree.pack, &cross_entropy, 1 / total) / total;
            student_step(school.student, &adamw, step + 1);
        }
        close_school(&school);
    }
    double nothing = losses[0][0] / 1000;
    for (int step = 0; step < STEPS; step++) {
        double apart = fabs(losses[0][step] - losses[1][step]);
        differ = differ || apart > 0;
        if (apart > fmax(0.03 * losses[0][step], nothing))
            fail_msg("step %d: %g and %g", step, losses[0][step], losses[1][step]);
    }
    assert_true(differ);
    assert_true(losses[0][STEPS - 1] < nothing && losses[1][STEPS - 1] < nothing);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_loss_rises_along_each_gradient_as_it_says),
        cmocka_unit_test(adapters_learn_by_their_gradients),
        cmocka_unit_test(a_tree_teaches_what_its_texts_teach_one_by_one),
        cmocka_unit_test(
            gradients_are_the_same_bits_on_any_number_of_threads_with_or_without_checkpoints),
        cmocka_unit_test(a_new_adapter_changes_nothing_and_merged_it_stays_what_it_was),
        cmocka_unit_test(what_does_not_count_teaches_nothing),
        cmocka_unit_test(a_teacher_who_is_sure_teaches_cross_entropy),
        cmocka_unit_test(a_student_becomes_its_live_teacher),
        cmocka_unit_test(a_student_learns),
        cmocka_unit_test(gradients_in_bf16_are_those_of_floats_but_for_its_rounding),
        cmocka_unit_test(a_student_learns_in_bf16_as_in_floats),
        cmocka_unit_test(a_gradient_that_is_no_number_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
