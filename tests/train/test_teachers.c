/* Promises of teachers that are kept as samples, and of learning from one's own words. */
#include "../model/builder.h"

#include "train/inside.h"
#include "train/trainer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[] = "/tmp/lyceum-teachers-XXXXXX";
static char model_path[128], teacher_path[128], texts_path[128], samples_path[128];
static struct pool *pool;

static const char chat_template[] =
    "{% for m in messages %}<{{ m.role }}>{{ m.content }}\x02\n{% endfor %}"
    "{% if add_generation_prompt %}<assistant>{% endif %}";

static bool write_model(const char *path, uint64_t seed) {
    struct builder builder;
    struct builder_shape shape = {.architecture = "llama", .tied = true};
    struct fault fault = {0};
    builder_open(&builder);
    builder_key_text(&builder, "tokenizer.chat_template", chat_template);
    builder_network(&builder, &shape, seed);
    struct view whole = builder_join(&builder);
    bool good = file_write(path, whole, &fault);
    free((void *)(uintptr_t)whole.at);
    builder_close(&builder);
    return good;
}

static bool write_texts(const char *path, int first) {
    struct buffer out = {0};
    struct fault fault = {0};
    for (int i = first; i < first + 18; i++)
        buffer_format(&out,
                      "{\"messages\":[{\"role\":\"system\",\"content\":\"Lesson %d of a good many "
                      "things\"},{\"role\":\"user\",\"content\":\"What is %d?\"},{\"role\":"
                      "\"assistant\",\"content\":\"It is %d\"}]}\n",
                      i / 6, i, i + 1);
    bool good = file_write(path, buffer_view(&out), &fault);
    buffer_free(&out);
    return good;
}

static int make_folder(void **state) {
    (void)state;
    if (!mkdtemp(folder))
        return 1;
    snprintf(model_path, sizeof model_path, "%s/model.gguf", folder);
    snprintf(teacher_path, sizeof teacher_path, "%s/teacher.gguf", folder);
    snprintf(texts_path, sizeof texts_path, "%s/texts.jsonl", folder);
    snprintf(samples_path, sizeof samples_path, "%s/samples", folder);
    pool = pool_new(2);
    return !(write_model(model_path, 5) && write_model(teacher_path, 6) &&
             write_texts(texts_path, 0));
}

static int remove_folder(void **state) {
    char command[200];
    (void)state;
    snprintf(command, sizeof command, "rm -r %s", folder);
    pool_free(pool);
    return system(command);
}

/* --------------------------------------------------------------------------------------- samples
 */

static const struct texts_options usual = {.pack_tokens = 256, .branches = 4, .seed = 3};

struct teaching {
    struct model *model;
    struct texts *texts;
    struct student *teacher;
    struct passage *passage;
};

static struct teaching open_teaching(const char *model) {
    struct teaching teaching = {0};
    struct student_options nothing = {.learning = LEARN_NOTHING};
    struct texts_report report;
    struct fault fault = {0};
    assert_non_null(teaching.model = model_open(model, pool, &fault));
    assert_non_null(teaching.texts =
                        texts_read(teaching.model, texts_path, &usual, &report, &fault));
    assert_non_null(teaching.teacher = student_new(teaching.model, &nothing, pool, &fault));
    assert_non_null(teaching.passage = passage_new(teaching.teacher, 256, true, &fault));
    return teaching;
}

static void close_teaching(struct teaching *teaching) {
    passage_free(teaching->passage);
    student_free(teaching->teacher);
    texts_free(teaching->texts);
    model_close(teaching->model);
}

static uint64_t samples_seed = 7;

static void draw_samples(struct teaching *teaching, int per_token, const volatile bool *cancel,
                         bool (*told)(void *, size_t, struct fault *), bool wanted) {
    struct samples_options options = {
        .per_token = per_token, .seed = samples_seed, .cancel = cancel, .told = told};
    struct fault fault = {0};
    bool done;
    if (!samples_write(teaching->passage, teaching->texts, samples_path, &options, &done, &fault))
        fail_msg("%s", fault.message);
    assert_int_equal(done, wanted);
}

struct held { /* one pack's distributions beside those of the samples */
    struct samples *samples;
    const struct pack *pack;
    int64_t n_vocabulary;
    float *own;
    int n;
    double apart; /* Σ squares of what is apart, in standard deviations */
    int n_apart;  /* of tokens that are drawn more than once on the average */
};

static void hold_beside(void *data, int token, const float *p) {
    struct held *held = data;
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&lock);
    double sum = 0;
    samples_probabilities(held->samples, held->pack, token, held->own);
    for (int64_t i = 0; i < held->n_vocabulary; i++) {
        double expected = (double)p[i], off = (double)held->own[i] - expected;
        sum += (double)held->own[i];
        if (expected * 256 < 1 || expected > 0.99)
            continue;
        held->apart += off * off / (expected * (1 - expected) / 256);
        held->n_apart++;
    }
    assert_true(fabs(sum - 1) < 1e-4);
    held->n++;
    pthread_mutex_unlock(&lock);
}

static void samples_are_drawn_from_what_the_teacher_expects(void **state) {
    struct teaching teaching = open_teaching(teacher_path);
    struct fault fault = {0};
    (void)state;
    draw_samples(&teaching, 256, NULL, NULL, true);
    struct held held = {.n_vocabulary = model_shape(teaching.model)->n_vocabulary};
    assert_non_null(
        held.samples = samples_open(samples_path, teaching.texts, (int)held.n_vocabulary, &fault));
    held.own = malloc((size_t)held.n_vocabulary * sizeof *held.own);
    for (struct texts_place place = {0}; place.round == 0;) {
        held.pack = texts_next(teaching.texts, &place);
        passage_each(teaching.passage, held.pack, hold_beside, &held);
    }
    /* Each count is binomial: of its variance, the square is 1 on the average. */
    double mean = held.apart / held.n_apart;
    assert_true(held.n > 100 && held.n_apart > 200);
    if (mean < 0.9 || mean > 1.1)
        fail_msg("apart by %g variances", mean);
    samples_close(held.samples);
    free(held.own);
    close_teaching(&teaching);
}

static bool stop_now;
static bool stop_after(void *data, size_t n, struct fault *fault) {
    (void)data, (void)fault;
    stop_now = n > 0;
    return true;
}

static void drawing_that_was_stopped_goes_on_to_the_same_file(void **state) {
    struct teaching teaching = open_teaching(teacher_path);
    struct buffer whole = {0}, stopped = {0};
    struct fault fault = {0};
    char part[200];
    (void)state;
    draw_samples(&teaching, 12, NULL, NULL, true);
    assert_true(file_read(samples_path, 1 << 24, &whole, &fault));
    unlink(samples_path);
    stop_now = false;
    draw_samples(&teaching, 12, &stop_now, stop_after, false);
    assert_false(file_exists(samples_path));
    snprintf(part, sizeof part, "%s.part", samples_path);
    assert_true(file_read(part, 1 << 24, &stopped, &fault));
    /* as by a kill in the middle of a write */
    assert_true(file_write(part, (struct view){stopped.at, stopped.n - 3}, &fault));
    buffer_clear(&stopped);
    draw_samples(&teaching, 12, NULL, NULL, true);
    assert_true(file_read(samples_path, 1 << 24, &stopped, &fault));
    assert_int_equal(stopped.n, whole.n);
    assert_memory_equal(stopped.at, whole.at, whole.n);
    buffer_free(&whole);
    buffer_free(&stopped);
    close_teaching(&teaching);
}

static void samples_serve_whatever_the_packs_and_no_other_texts(void **state) {
    struct teaching teaching = open_teaching(teacher_path);
    struct texts_options other = {.pack_tokens = 128, .branches = 1, .seed = 9};
    struct texts_report report;
    struct fault fault = {0};
    struct buffer content = {0};
    (void)state;
    int n = (int)model_shape(teaching.model)->n_vocabulary;
    draw_samples(&teaching, 4, NULL, NULL, true);
    struct texts *packed = texts_read(teaching.model, texts_path, &other, &report, &fault);
    struct samples *samples = samples_open(samples_path, packed, n, &fault);
    assert_non_null(samples);
    samples_close(samples);
    assert_null(samples_open(samples_path, packed, n + 1, &fault));
    fault_clear(&fault);
    char path[200];
    snprintf(path, sizeof path, "%s/others.jsonl", folder);
    assert_true(write_texts(path, 100));
    struct texts *others = texts_read(teaching.model, path, &usual, &report, &fault);
    assert_null(samples_open(samples_path, others, n, &fault));
    assert_non_null(strstr(fault.message, "of other texts"));
    fault_clear(&fault);
    assert_true(file_read(samples_path, 1 << 24, &content, &fault));
    for (size_t at = 0; at < content.n; at += content.n / 50 + 1) {
        content.at[at] ^= 1;
        assert_true(file_write(samples_path, buffer_view(&content), &fault));
        assert_null(samples_open(samples_path, teaching.texts, n, &fault));
        fault_clear(&fault);
        assert_true(file_write(samples_path, (struct view){content.at, at}, &fault));
        assert_null(samples_open(samples_path, teaching.texts, n, &fault));
        fault_clear(&fault);
        content.at[at] ^= 1;
    }
    buffer_free(&content);
    texts_free(packed);
    texts_free(others);
    close_teaching(&teaching);
}

/* The gradient's norm, taught by samples of itself: all of it is what the draws are off by. */
static double norm_beside_itself(int per_token) {
    struct teaching teaching = open_teaching(model_path);
    struct student_options options = {.learning = LEARN_MATRICES};
    struct texts_place place = {0};
    struct fault fault = {0};
    double sum = 0;
    unlink(samples_path);
    draw_samples(&teaching, per_token, NULL, NULL, true);
    struct student *student = student_new(teaching.model, &options, pool, &fault);
    struct passage *passage = passage_new(student, 256, false, &fault);
    struct loss loss = {.kind = LOSS_FORWARD_KL, .probabilities = samples_probabilities};
    loss.data = samples_open(samples_path, teaching.texts,
                             (int)model_shape(teaching.model)->n_vocabulary, &fault);
    assert_true(student && passage && loss.data);
    passage_learn(passage, texts_next(teaching.texts, &place), &loss, 1);
    for (size_t i = 0; i < student->n_parameter; i++) {
        const struct parameter *p = &student->parameters[i];
        for (int64_t j = 0; p->gradient && j < p->rows * p->columns; j++)
            sum += (double)p->gradient[j] * (double)p->gradient[j];
    }
    samples_close(loss.data);
    passage_free(passage);
    student_free(student);
    close_teaching(&teaching);
    return sqrt(sum);
}

static void more_samples_teach_nearer_to_the_teacher(void **state) {
    (void)state;
    double one = 0, many = 0;
    for (samples_seed = 1; samples_seed <= 24; samples_seed++) {
        one += pow(norm_beside_itself(1), 2);
        many += pow(norm_beside_itself(36), 2);
    }
    if (one / many < 36 * 0.6 || one / many > 36 / 0.6)
        fail_msg("variances %g and %g", one, many);
}

/* ------------------------------------------------------------------------------------- own words
 */

struct pupil {
    struct model *model;
    struct texts *texts;
    struct student *student;
    struct own_words *own;
};

static struct pupil open_pupil(double share) {
    struct pupil pupil = {0};
    struct student_options adapter = {.learning = LEARN_ADAPTER, .rank = 4, .alpha = 8, .seed = 1};
    struct own_words_options options = {
        .share = share, .max_tokens = 9, .temperature = 5, .seed = 4, .folder = folder};
    struct texts_report report;
    struct fault fault = {0};
    assert_non_null(pupil.model = model_open(model_path, pool, &fault));
    assert_non_null(pupil.texts = texts_read(pupil.model, texts_path, &usual, &report, &fault));
    assert_non_null(pupil.student = student_new(pupil.model, &adapter, pool, &fault));
    assert_non_null(pupil.own = own_words_new(pupil.model, pupil.student, &options, 256, &fault));
    return pupil;
}

static void close_pupil(struct pupil *pupil) {
    own_words_free(pupil->own);
    student_free(pupil->student);
    texts_free(pupil->texts);
    model_close(pupil->model);
}

static const struct pack *words_at(struct pupil *pupil, int64_t step, const struct pack *pack) {
    struct fault fault = {0};
    if (!own_words_begin(pupil->own, step, &fault) ||
        !own_words_write(pupil->own, 0, pack, &fault))
        fail_msg("%s", fault.message);
    return own_words_instead(pupil->own, 0, pack);
}

static void own_words_follow_the_same_beginnings(void **state) {
    struct pupil pupil = open_pupil(1);
    struct texts_place place = {0};
    (void)state;
    const struct pack *pack = texts_next(pupil.texts, &place);
    const struct pack *own = words_at(&pupil, 0, pack);
    int n_own = 0, n_other = 0;
    assert_true(own != pack && own->n <= 256);
    assert_int_equal(own->n_segment, pack->n_segment);
    for (int s = 0; s < pack->n_segment; s++) {
        const struct segment *a = &pack->segments[s], *b = &own->segments[s];
        int first = 0, counted = 0;
        assert_int_equal(a->parent, b->parent);
        assert_int_equal(a->first_position, b->first_position);
        while (first < a->n && pack->targets[a->start + first] < 0)
            first++;
        for (int i = 0; i < b->n; i++) {
            int32_t target = own->targets[b->start + i];
            if (i <= first && i < a->n)
                assert_int_equal(pack->tokens[a->start + i], own->tokens[b->start + i]);
            assert_int_equal(target >= 0, first < a->n && i >= first);
            if (target >= 0 && i + 1 < b->n)
                assert_int_equal(target, own->tokens[b->start + i + 1]);
            counted += target >= 0;
            n_other += target >= 0 && i == first && target != pack->targets[a->start + i];
        }
        assert_true(counted <= 9);
        n_own += counted;
    }
    assert_true(n_own > 0 && n_other > 0);
    close_pupil(&pupil);
}

static void own_words_are_those_of_their_step(void **state) {
    struct pupil pupil = open_pupil(1), again = open_pupil(1), none = open_pupil(0);
    struct texts_place place = {0};
    int32_t first[256];
    (void)state;
    const struct pack *pack = texts_next(pupil.texts, &place);
    const struct pack *own = words_at(&pupil, 3, pack);
    int n = own->n;
    memcpy(first, own->targets, (size_t)n * sizeof *first);
    own = words_at(&again, 3, pack);
    assert_int_equal(own->n, n);
    assert_memory_equal(own->targets, first, (size_t)n * sizeof *first);
    own = words_at(&pupil, 4, pack);
    assert_true(own->n != n || memcmp(own->targets, first, (size_t)n * sizeof *first) != 0);
    assert_ptr_equal(words_at(&none, 3, pack), pack);
    close_pupil(&pupil);
    close_pupil(&again);
    close_pupil(&none);
}

/* A whole training by files: by its own words it comes nearer to its teacher, also when stopped.
 */
struct watch {
    int stop_at;
    bool stop;
    double first, last;
};

static bool after_step(void *data, const struct trainer_report *report, struct fault *fault) {
    struct watch *watch = data;
    (void)fault;
    watch->first = report->step == 1 ? report->loss : watch->first;
    watch->last = report->loss;
    watch->stop = report->step == watch->stop_at;
    return true;
}

static void train_by(struct training *training, struct watch *watch, const char *name,
                     struct buffer *adapter) {
    struct training_result result;
    struct fault fault = {0};
    char to[200];
    snprintf(to, sizeof to, "%s/%s", folder, name);
    training->folder = to;
    training->step = after_step;
    training->data = watch;
    training->cancel = &watch->stop;
    if (!training_run(training, pool, &result, &fault))
        fail_msg("%s", fault.message);
    assert_int_equal(result.done, watch->stop_at == 0);
    if (result.done)
        assert_true(file_read(result.path, 1 << 24, adapter, &fault));
}

static void one_learns_from_ones_own_words_and_after_a_stop_to_the_same_bits(void **state) {
    struct training training = training_default;
    struct watch whole = {0}, stopped = {.stop_at = 5}, rest = {0};
    struct buffer first = {0}, second = {0};
    (void)state;
    training.model_path = model_path;
    training.teacher_path = teacher_path;
    training.texts_path = texts_path;
    training.type = "F32";
    training.student = (struct student_options){LEARN_ADAPTER, 4, 8, 1};
    training.texts = usual;
    training.trainer.loss.kind = LOSS_REVERSE_KL;
    training.trainer.warm_up = 1;
    training.trainer.n_step = 12;
    training.trainer.adamw.rate = 0.02F;
    training.own_words.share = 0.5;
    training.own_words.max_tokens = 12;
    train_by(&training, &whole, "whole", &first);
    train_by(&training, &stopped, "halves", &second);
    train_by(&training, &rest, "halves", &second);
    assert_true(whole.last < 0.8 * whole.first);
    assert_int_equal(first.n, second.n);
    assert_memory_equal(first.at, second.at, first.n);
    buffer_free(&first);
    buffer_free(&second);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples_are_drawn_from_what_the_teacher_expects),
        cmocka_unit_test(drawing_that_was_stopped_goes_on_to_the_same_file),
        cmocka_unit_test(samples_serve_whatever_the_packs_and_no_other_texts),
        cmocka_unit_test(more_samples_teach_nearer_to_the_teacher),
        cmocka_unit_test(own_words_follow_the_same_beginnings),
        cmocka_unit_test(own_words_are_those_of_their_step),
        cmocka_unit_test(one_learns_from_ones_own_words_and_after_a_stop_to_the_same_bits),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
