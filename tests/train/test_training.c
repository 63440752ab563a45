/* Promises of training as a whole: what is learnt of a text, that a stop loses nothing, and that
 * what was learnt leaves as a file that the engine reads. */
#include "../model/builder.h"
#include "packs.h"

#include "train/inside.h"
#include "train/trainer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char chat_template[] =
    "{% for m in messages %}<{{ m.role }}>{{ m.content }}\x02\n{% endfor %}"
    "{% if add_generation_prompt %}<assistant>{% endif %}";

static char folder[] = "/tmp/lyceum-training-XXXXXX";
static char model_path[128], texts_path[128], saved_path[128], result_path[128];
static struct pool *pool;

static int make_folder(void **state) {
    struct builder builder;
    struct builder_shape shape = {.architecture = "llama", .tied = true};
    struct fault fault = {0};
    (void)state;
    if (!mkdtemp(folder))
        return 1;
    snprintf(model_path, sizeof model_path, "%s/model.gguf", folder);
    snprintf(texts_path, sizeof texts_path, "%s/texts.jsonl", folder);
    snprintf(saved_path, sizeof saved_path, "%s/saved", folder);
    snprintf(result_path, sizeof result_path, "%s/result.gguf", folder);
    builder_open(&builder);
    builder_key_text(&builder, "tokenizer.chat_template", chat_template);
    builder_network(&builder, &shape, 5);
    struct view whole = builder_join(&builder);
    bool good = file_write(model_path, whole, &fault);
    free((void *)(uintptr_t)whole.at);
    builder_close(&builder);
    pool = pool_new(2);
    return !good;
}

static int remove_folder(void **state) {
    (void)state;
    const char *const paths[] = {model_path, texts_path, saved_path, result_path};
    for (size_t i = 0; i < COUNT_OF(paths); i++)
        unlink(paths[i]);
    rmdir(folder);
    pool_free(pool);
    return 0;
}

/* ---------------------------------------------------------------------------------------- a class
 */

struct class { /* all that a training needs */
    struct model *model;
    struct texts *texts;
    struct texts_report report;
    struct student *student;
    struct passage *passage;
    struct trainer *trainer;
};

static const struct texts_options usual_texts = {.pack_tokens = 256, .branches = 4, .seed = 3};

static void write_texts(void) {
    struct buffer out = {0};
    struct fault fault = {0};
    for (int i = 0; i < 24; i++)
        buffer_format(&out,
                      "{\"messages\":[{\"role\":\"system\",\"content\":\"Lesson %d of a good many "
                      "things\"},{\"role\":\"user\",\"content\":\"What is %d?\"},{\"role\":"
                      "\"assistant\",\"content\":\"It is %d\"}]}\n",
                      i / 6, i, i + 1);
    assert_true(file_write(texts_path, buffer_view(&out), &fault));
    buffer_free(&out);
}

static struct class open_class_by(enum learning learning, bool muon, int n_step) {
    struct class class = {0};
    struct fault fault = {0};
    struct student_options options = {
        .learning = learning, .rank = 4, .alpha = 8, .seed = 1, .muon = muon};
    struct trainer_options trainer = {.adamw = adamw_default,
                                      .schedule = SCHEDULE_COSINE,
                                      .hold = 0.3F,
                                      .warm_up = 3,
                                      .n_step = n_step,
                                      .packs_per_step = 2};
    trainer.adamw.rate = 0.003F;
    write_texts();
    assert_non_null(class.model = model_open(model_path, pool, &fault));
    assert_non_null(class.texts =
                        texts_read(class.model, texts_path, &usual_texts, &class.report, &fault));
    assert_non_null(class.student = student_new(class.model, &options, pool, &fault));
    assert_non_null(class.passage = passage_new(class.student, 256, false, &fault));
    assert_non_null(class.trainer =
                        trainer_new(class.student, class.texts, class.passage, &trainer, &fault));
    return class;
}

static struct class open_class(enum learning learning, int n_step) {
    return open_class_by(learning, false, n_step);
}

static void close_class(struct class *class) {
    trainer_free(class->trainer);
    passage_free(class->passage);
    student_free(class->student);
    texts_free(class->texts);
    model_close(class->model);
}

static double take_steps(struct class *class, int n) {
    struct trainer_report report = {0};
    struct fault fault = {0};
    for (int i = 0; i < n; i++)
        assert_true(trainer_step(class->trainer, &report, &fault));
    return report.loss;
}

/* ----------------------------------------------------------------------------------------- texts
 */

static void only_what_the_assistant_says_is_asked_for(void **state) {
    struct class class = open_class(LEARN_MATRICES, 4);
    const struct vocabulary *vocabulary = model_vocabulary(class.model);
    struct texts_place place = {0};
    struct buffer asked = {0};
    (void)state;
    const struct pack *pack = texts_next(class.texts, &place);
    int n_counted = 0, n_branch = 0;
    for (int s = 0; s < pack->n_segment; s++) {
        const struct segment *segment = &pack->segments[s];
        buffer_clear(&asked);
        for (int t = segment->start; t < segment->start + segment->n; t++)
            if (pack->targets[t] >= 0) {
                assert_true(pack->weights[t] == 1);
                vocabulary_decode(vocabulary, pack->targets[t], SPECIAL_PARSED, &asked);
                n_counted++;
            }
        n_branch += segment->parent >= 0;
        if (asked.n)
            assert_true(view_starts(buffer_view(&asked), "It is "));
    }
    assert_true(n_counted > 0 && n_branch > 2);
    assert_int_equal(class.report.n_text, 24);
    assert_true(class.report.n_computed < class.report.n_token);
    buffer_free(&asked);
    close_class(&class);
}

static void each_round_has_every_text_once(void **state) {
    struct class class = open_class(LEARN_MATRICES, 4);
    struct texts_place place = {0};
    (void)state;
    for (uint64_t round = 0; round < 3; round++) {
        uint64_t n_counted = 0;
        while (place.round == round) {
            const struct pack *pack = texts_next(class.texts, &place);
            for (int t = 0; t < pack->n; t++)
                n_counted += pack->targets[t] >= 0;
        }
        assert_int_equal(n_counted, class.report.n_counted);
    }
    close_class(&class);
}

static void a_line_that_is_no_text_is_named(void **state) {
    static const char *const wrong[] = {"{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}",
                                        "{\"words\":1}", "no json", "{\"messages\":[1]}"};
    struct fault fault = {0};
    struct texts_report report;
    (void)state;
    struct model *model = model_open(model_path, pool, &fault);
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        struct buffer out = {0};
        buffer_format(&out, "{\"text\":\"good\"}\n%s\n", wrong[i]);
        assert_true(file_write(texts_path, buffer_view(&out), &fault));
        assert_null(texts_read(model, texts_path, &usual_texts, &report, &fault));
        if (fault.line != 2)
            fail_msg("line %ld: %s", fault.line, fault.message);
        fault_clear(&fault);
        buffer_free(&out);
    }
    model_close(model);
}

static void plain_text_is_taken_whole_in_parts_of_a_pack(void **state) {
    char path[sizeof folder + 16];
    struct fault fault = {0};
    struct texts_report report;
    struct buffer prose = {0};
    struct tokens whole = {0};
    (void)state;
    snprintf(path, sizeof path, "%s/prose.md", folder);
    for (int i = 0; i < 60; i++)
        buffer_format(&prose, "{\"text\": no JSON} line %d\n\n", i);
    assert_true(file_write(path, buffer_view(&prose), &fault));
    struct model *model = model_open(model_path, pool, &fault);
    const struct vocabulary *vocabulary = model_vocabulary(model);
    assert_true(
        vocabulary_encode(vocabulary, buffer_view(&prose), SPECIAL_AS_TEXT, &whole, &fault));
    struct texts *texts = texts_read(model, path, &usual_texts, &report, &fault);
    assert_non_null(texts);
    size_t begin = vocabulary_adds_begin(vocabulary), most = 256 - begin;
    assert_int_equal(report.n_text, (whole.n + most - 1) / most);
    assert_int_equal(report.n_token, whole.n + report.n_text * begin);
    assert_int_equal(report.n_counted, report.n_token);
    assert_int_equal(report.n_too_long, 0);
    texts_free(texts);
    assert_true(file_write(path, VIEW(""), &fault));
    assert_null(texts_read(model, path, &usual_texts, &report, &fault));
    assert_string_equal(fault.file, path);
    unlink(path);
    model_close(model);
    tokens_free(&whole);
    buffer_free(&prose);
}

/* ----------------------------------------------------------------------------------------- stops
 */

static void assert_same(const struct class *a, const struct class *b) {
    for (size_t i = 0; i < a->student->n_parameter; i++) {
        const struct parameter *p = &a->student->parameters[i], *q = &b->student->parameters[i];
        assert_memory_equal(p->value, q->value, (size_t)(p->rows * p->columns) * sizeof(float));
    }
}

static void who_was_stopped_goes_on_to_the_same_bits(void **state) {
    static const enum learning ways[] = {LEARN_ALL, LEARN_MATRICES, LEARN_ADAPTER};
    struct fault fault = {0};
    (void)state;
    for (size_t w = 0; w < COUNT_OF(ways); w++) {
        struct class whole = open_class(ways[w], 12), first = open_class(ways[w], 12);
        take_steps(&whole, 12);
        assert_true(trainer_done(whole.trainer));
        take_steps(&first, 5);
        assert_true(trainer_save(first.trainer, saved_path, &fault));
        take_steps(&first, 2); /* which is lost, as by a kill */
        close_class(&first);
        struct class second = open_class(ways[w], 12);
        assert_true(trainer_restore(second.trainer, saved_path, &fault));
        take_steps(&second, 7);
        assert_true(trainer_done(second.trainer));
        assert_same(&whole, &second);
        close_class(&whole);
        close_class(&second);
    }
}

static void in_bf16_too_and_a_save_of_floats_is_refused_then(void **state) {
    struct fault fault = {0};
    struct class classes[3]; /* whole, stopped, going on */
    (void)state;
    for (int i = 0; i < 3; i++) {
        classes[i] = open_class(LEARN_ALL, 8);
        classes[i].student->bf16 = true;
    }
    take_steps(&classes[0], 8);
    take_steps(&classes[1], 3);
    assert_true(trainer_save(classes[1].trainer, saved_path, &fault));
    classes[2].student->bf16 = false;
    assert_false(trainer_restore(classes[2].trainer, saved_path, &fault));
    assert_int_equal(fault.kind, FAULT_INPUT);
    fault_clear(&fault);
    classes[2].student->bf16 = true;
    assert_true(trainer_restore(classes[2].trainer, saved_path, &fault));
    take_steps(&classes[2], 5);
    assert_same(&classes[0], &classes[2]);
    for (int i = 0; i < 3; i++)
        close_class(&classes[i]);
}

static void by_muon_too_and_a_save_of_adamw_is_refused_then(void **state) {
    static const enum learning ways[] = {LEARN_ALL, LEARN_MATRICES};
    struct fault fault = {0};
    (void)state;
    for (size_t w = 0; w < COUNT_OF(ways); w++) {
        struct class whole = open_class_by(ways[w], true, 8);
        struct class first = open_class_by(ways[w], true, 8);
        struct class second = open_class_by(ways[w], true, 8);
        struct class adamw = open_class(ways[w], 8);
        double before = take_steps(&whole, 1);
        assert_true(take_steps(&whole, 7) < before);
        take_steps(&first, 3);
        assert_true(trainer_save_bytes(first.trainer) < trainer_save_bytes(adamw.trainer));
        assert_true(trainer_save(adamw.trainer, saved_path, &fault));
        assert_false(trainer_restore(second.trainer, saved_path, &fault));
        assert_non_null(strstr(fault.message, "other options"));
        fault_clear(&fault);
        assert_true(trainer_save(first.trainer, saved_path, &fault));
        assert_true(trainer_restore(second.trainer, saved_path, &fault));
        take_steps(&second, 5);
        assert_same(&whole, &second);
        close_class(&whole);
        close_class(&first);
        close_class(&second);
        close_class(&adamw);
    }
}

static void a_damaged_or_foreign_save_is_refused(void **state) {
    struct fault fault = {0};
    struct buffer content = {0};
    struct class class = open_class(LEARN_MATRICES, 12);
    (void)state;
    take_steps(&class, 2);
    assert_true(trainer_save(class.trainer, saved_path, &fault));
    assert_true(file_read(saved_path, (size_t)1 << 30, &content, &fault));
    assert_int_equal(content.n, trainer_save_bytes(class.trainer));
    for (size_t cut = 0; cut < content.n; cut += 4096 * 7 + 1) {
        assert_true(file_write(saved_path, (struct view){content.at, cut}, &fault));
        assert_false(trainer_restore(class.trainer, saved_path, &fault));
        fault_clear(&fault);
    }
    content.at[content.n / 2] ^= 1;
    assert_true(file_write(saved_path, buffer_view(&content), &fault));
    assert_false(trainer_restore(class.trainer, saved_path, &fault));
    fault_clear(&fault);
    content.at[content.n / 2] ^= 1;
    assert_true(file_write(saved_path, buffer_view(&content), &fault));
    struct class other = open_class(LEARN_ADAPTER, 12);
    assert_false(trainer_restore(other.trainer, saved_path, &fault));
    assert_non_null(strstr(fault.message, "other options"));
    fault_clear(&fault);
    assert_true(trainer_restore(class.trainer, saved_path, &fault));
    buffer_free(&content);
    close_class(&class);
    close_class(&other);
}

static void time_is_turned_into_steps_once(void **state) {
    struct class class = open_class(LEARN_MATRICES, 0);
    struct trainer_report report;
    struct fault fault = {0};
    (void)state;
    class.trainer->options.seconds = 0.05;
    int64_t n_step = 0;
    while (!trainer_done(class.trainer)) {
        assert_true(trainer_step(class.trainer, &report, &fault));
        if (report.step >= 3) {
            assert_true(report.n_step >= 3);
            assert_true(n_step == 0 || n_step == report.n_step);
            n_step = report.n_step;
        }
    }
    assert_int_equal(report.step, n_step);
    close_class(&class);
}

/* --------------------------------------------------------------------------------------- results
 */

static double worst(const float *a, const float *b, size_t n) {
    double apart = 0, size = 0;
    for (size_t i = 0; i < n; i++) {
        apart = fmax(apart, fabs((double)a[i] - (double)b[i]));
        size = fmax(size, fabs((double)a[i]));
    }
    return apart / size;
}

/* Logits of the engine for the tokens, with the adapter or of another model. */
static void engine_logits(const char *model_file, const char *adapter_file, const int32_t *tokens,
                          int n, float *logits) {
    struct fault fault = {0};
    struct model_limits exact = {.cache = CACHE_F32};
    struct model *model = model_open(model_file, pool, &fault);
    assert_non_null(model);
    assert_true(model_limit(model, &exact, &fault));
    struct session *session = session_open(model, 64, &fault);
    struct adapter *adapter = NULL;
    if (adapter_file) {
        assert_non_null(adapter = adapter_open(model, adapter_file, &fault));
        assert_true(session_adapt(session, adapter, 1, &fault));
    }
    assert_true(session_logits(session, tokens, (size_t)n, logits, &fault));
    session_close(session);
    adapter_close(adapter);
    model_close(model);
}

static void assert_engine_agrees(struct class *class, const char *model_file,
                                 const char *adapter_file) {
    struct made_pack tree, alone;
    size_t n_vocabulary = (size_t)model_shape(class->model)->n_vocabulary;
    make_tree(&tree, 9, (int)n_vocabulary);
    make_alone(&tree, 0, &alone);
    size_t n = (size_t)alone.pack.n * n_vocabulary;
    float *own = malloc(n * sizeof *own), *engine = malloc(n * sizeof *engine);
    passage_logits(class->passage, &alone.pack, own);
    engine_logits(model_file, adapter_file, alone.tokens, alone.pack.n, engine);
    if (worst(own, engine, n) > 1e-4)
        fail_msg("the engine's logits are %g of their size away", worst(own, engine, n));
    free(own);
    free(engine);
}

static void a_trained_model_and_a_trained_adapter_are_what_the_engine_computes(void **state) {
    struct fault fault = {0};
    struct adapter_loss loss;
    struct adapter_export export = {.type = "F32", .rank = 16};
    (void)state;
    struct class class = open_class(LEARN_ADAPTER, 20);
    take_steps(&class, 20);
    assert_true(student_write_adapter(class.student, result_path, &export, &loss, &fault));
    assert_engine_agrees(&class, model_path, result_path);
    assert_true(student_write_model(class.student, class.model, result_path, "F32", &fault));
    assert_engine_agrees(&class, result_path, NULL);
    close_class(&class);
    class = open_class(LEARN_ALL, 20);
    take_steps(&class, 20);
    assert_false(student_write_adapter(class.student, result_path, &export, &loss, &fault));
    fault_clear(&fault);
    assert_true(student_write_model(class.student, class.model, result_path, "F32", &fault));
    assert_engine_agrees(&class, result_path, NULL);
    close_class(&class);
}

static void a_difference_leaves_as_an_adapter_whole_or_cut(void **state) {
    struct fault fault = {0};
    struct adapter_loss whole, cut;
    struct adapter_export export = {.type = "F32", .rank = 64};
    (void)state;
    struct class class = open_class(LEARN_MATRICES, 20);
    take_steps(&class, 20);
    assert_true(student_write_adapter(class.student, result_path, &export, &whole, &fault));
    assert_true(whole.changed > 0 && whole.left_out < 1e-6 * whole.changed);
    assert_engine_agrees(&class, model_path, result_path);
    export.rank = 4;
    assert_true(student_write_adapter(class.student, result_path, &export, &cut, &fault));
    assert_true(cut.left_out > 0.01 * cut.changed && cut.left_out < cut.changed);
    close_class(&class);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_what_the_assistant_says_is_asked_for),
        cmocka_unit_test(each_round_has_every_text_once),
        cmocka_unit_test(a_line_that_is_no_text_is_named),
        cmocka_unit_test(plain_text_is_taken_whole_in_parts_of_a_pack),
        cmocka_unit_test(who_was_stopped_goes_on_to_the_same_bits),
        cmocka_unit_test(in_bf16_too_and_a_save_of_floats_is_refused_then),
        cmocka_unit_test(by_muon_too_and_a_save_of_adamw_is_refused_then),
        cmocka_unit_test(a_damaged_or_foreign_save_is_refused),
        cmocka_unit_test(time_is_turned_into_steps_once),
        cmocka_unit_test(a_trained_model_and_a_trained_adapter_are_what_the_engine_computes),
        cmocka_unit_test(a_difference_leaves_as_an_adapter_whole_or_cut),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
