/* A training from its files to its result. */
#include "train/train.h"

#include <stdio.h>
#include <string.h>

const struct training training_default = {
    .type = "F16",
    .student = {.learning = LEARN_MATRICES, .rank = 16, .alpha = 32, .seed = 1},
    .texts = {.pack_tokens = 1024, .branches = 7, .seed = 1},
    .trainer = {.adamw = {.beta1 = 0.9F, .beta2 = 0.999F, .epsilon = 1e-8F, .clip = 1},
                .schedule = SCHEDULE_LINEAR,
                .hold = 0.5F,
                .warm_up = 15,
                .seconds = 1800,
                .packs_per_step = 2,
                .loss = {.skew = 0.1F}},
    .own_words = {.max_tokens = 128, .temperature = 0.9F, .seed = 1},
    .save_seconds = 600,
};

struct run { /* what is open while it goes on */
    const struct training *training;
    struct pool *pool;
    struct model *model;
    struct student *student;
    struct texts *texts;
    struct texts_report report;
    struct passage *passage;
    struct model *teacher_model;
    struct student *teacher;
    struct passage *teacher_passage;
    struct samples *samples;
    struct own_words *own_words;
    struct trainer *trainer;
    char saved[4096];
};

/* A teacher speaks of the same tokens. */
static bool same_vocabulary(const struct model *a, const struct model *b) {
    const struct vocabulary *one = model_vocabulary(a), *other = model_vocabulary(b);
    struct buffer left = {0}, right = {0};
    bool same = vocabulary_size(one) == vocabulary_size(other);
    for (int32_t i = 0; same && i < vocabulary_size(one); i++) {
        buffer_clear(&left);
        buffer_clear(&right);
        vocabulary_decode(one, i, SPECIAL_PARSED, &left);
        vocabulary_decode(other, i, SPECIAL_PARSED, &right);
        same = view_equal(buffer_view(&left), buffer_view(&right));
    }
    buffer_free(&left);
    buffer_free(&right);
    return same;
}

static bool open_teacher(struct run *run, struct trainer_options *options, struct fault *fault) {
    const struct training *t = run->training;
    struct student_options nothing = {.learning = LEARN_NOTHING};
    if (!t->teacher_path)
        return true;
    if (samples_is(t->teacher_path)) {
        if (options->loss.kind != LOSS_FORWARD_KL) {
            fault_set(fault, FAULT_INPUT,
                      "samples teach by the forward KL alone: the gradient of "
                      "another loss would be another one on the average");
            return fault_remedy(fault, "Leave --loss away, or name the teacher itself");
        }
        run->samples = samples_open(t->teacher_path, run->texts,
                                    (int)model_shape(run->model)->n_vocabulary, fault);
        options->loss.probabilities = samples_probabilities;
        options->loss.data = run->samples;
        return run->samples != NULL;
    }
    if (!(run->teacher_model = model_open(t->teacher_path, run->pool, fault)))
        return false;
    if (!same_vocabulary(run->model, run->teacher_model)) {
        fault_set(fault, FAULT_INPUT, "the teacher has other tokens than the student");
        fault_remedy(fault, "Let it write texts instead, and train on these");
        return fault_place(fault, t->teacher_path, 0, -1);
    }
    run->teacher = student_new(run->teacher_model, &nothing, run->pool, fault);
    run->teacher_passage =
        run->teacher ? passage_new(run->teacher, t->texts.pack_tokens, true, fault) : NULL;
    options->loss.teacher = run->teacher_passage;
    return run->teacher_passage != NULL;
}

static bool open_own_words(struct run *run, struct trainer_options *options, struct fault *fault) {
    const struct training *t = run->training;
    struct own_words_options own = t->own_words;
    own.folder = t->folder;
    if (own.share <= 0)
        return true;
    if (t->student.learning != LEARN_ADAPTER || !run->teacher_passage) {
        fault_set(fault, FAULT_INPUT,
                  "only an adapter learns from its own words, and only from "
                  "a live teacher");
        return fault_remedy(fault, "Use --learn adapter and --teacher MODEL.gguf");
    }
    run->own_words = own_words_new(run->model, run->student, &own, t->texts.pack_tokens, fault);
    options->own_words = run->own_words;
    return run->own_words != NULL;
}

static bool begin_as(struct run *run, struct fault *fault) {
    const char *path = run->training->start_path;
    struct adapter *adapter = path ? adapter_open(run->model, path, fault) : NULL;
    bool good = !path || (adapter && student_begin(run->student, adapter, fault));
    adapter_close(adapter);
    return good;
}

static bool open_run(struct run *run, struct fault *fault) {
    const struct training *t = run->training;
    struct trainer_options options = t->trainer;
    if (options.adamw.rate == 0)
        options.adamw.rate = t->student.learning == LEARN_ADAPTER ? 1e-3F : 1.5e-4F;
    snprintf(run->saved, sizeof run->saved, "%s/training.saved", t->folder);
    return folder_make(t->folder, fault) &&
           (run->model = model_open(t->model_path, run->pool, fault)) &&
           (run->texts = texts_read(run->model, t->texts_path, &t->texts, &run->report, fault)) &&
           (run->student = student_new(run->model, &t->student, run->pool, fault)) &&
           begin_as(run, fault) &&
           (run->passage =
                passage_new(run->student, t->texts.pack_tokens, t->checkpoints, fault)) &&
           open_teacher(run, &options, fault) && open_own_words(run, &options, fault) &&
           (run->trainer = trainer_new(run->student, run->texts, run->passage, &options, fault)) &&
           (!file_exists(run->saved) || trainer_restore(run->trainer, run->saved, fault)) &&
           trainer_can_save(run->trainer, run->saved, fault);
}

static void close_run(struct run *run) {
    trainer_free(run->trainer);
    own_words_free(run->own_words);
    samples_close(run->samples);
    passage_free(run->passage);
    passage_free(run->teacher_passage);
    student_free(run->student);
    student_free(run->teacher);
    model_close(run->teacher_model);
    texts_free(run->texts);
    model_close(run->model);
}

static bool tell_beginning(const struct run *run, struct fault *fault) {
    const struct training *t = run->training;
    struct training_beginning beginning = {.texts = run->report,
                                           .n_learning = student_learning(run->student),
                                           .save_bytes = trainer_save_bytes(run->trainer),
                                           .step = trainer_steps(run->trainer)};
    return !t->begins || t->begins(t->data, &beginning, fault);
}

static bool learn(struct run *run, struct fault *fault) {
    const struct training *t = run->training;
    double saved = clock_seconds();
    struct trainer_report report;
    bool good = true;
    while (good && !(t->cancel && *t->cancel) && !trainer_done(run->trainer)) {
        good = trainer_step(run->trainer, &report, fault) &&
               (!t->step || t->step(t->data, &report, fault));
        if (good && clock_seconds() - saved > t->save_seconds) {
            good = trainer_save(run->trainer, run->saved, fault);
            saved = clock_seconds();
        }
    }
    return good && trainer_save(run->trainer, run->saved, fault);
}

static bool write_result(struct run *run, struct training_result *result, struct fault *fault) {
    const struct training *t = run->training;
    struct adapter_loss loss;
    bool whole = t->student.learning == LEARN_ALL;
    snprintf(result->path, sizeof result->path, "%s/%s.gguf", t->folder,
             whole ? "model" : "adapter");
    if (whole)
        return student_write_model(run->student, run->model, result->path, t->type, fault);
    struct text_entry texts[] = {{"general.name", t->name ? t->name : "adapter"},
                                 {"lyceum.tutor", t->tutor ? "1" : "0"},
                                 {"lyceum.tutor.languages", t->languages ? t->languages : "en"}};
    struct adapter_export export = {.type = t->type,
                                    .rank = t->student.rank,
                                    .strength = t->strength,
                                    .texts = texts,
                                    .n_text = COUNT_OF(texts)};
    if (!student_write_adapter(run->student, result->path, &export, &loss, fault))
        return false;
    if (loss.changed > 0)
        result->held = 1 - loss.left_out / loss.changed;
    return true;
}

bool training_run(const struct training *training, struct pool *pool,
                  struct training_result *result, struct fault *fault) {
    struct run run = {.training = training, .pool = pool};
    *result = (struct training_result){.held = 1};
    bool good = open_run(&run, fault) && tell_beginning(&run, fault) && learn(&run, fault);
    if (good) {
        result->done = trainer_done(run.trainer);
        result->steps = trainer_steps(run.trainer);
        good = !result->done || write_result(&run, result, fault);
    }
    close_run(&run);
    return good;
}
