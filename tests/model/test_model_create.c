/* Promises of models made anew: the vocabulary that a text gives, the weights, and what is told of
 * a recipe that is none. */
#include "model/model.h"
#include "model/vocabulary_train.h"
#include "tensor/tensor.h"

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

static const char verse[] =
    "The river runs and the river turns, and 1234 boats run in 2024.\n"
    "Says the boatman: \"turn, river, turn!\"\n\n    And the river runs.\n";
static char *path;
static struct pool *pool;

static int start(void **state) {
    (void)state;
    const char *folder = getenv("TMPDIR");
    struct buffer name = {0};
    buffer_format(&name, "%s/lyceum-%d-new.gguf", folder ? folder : "/tmp", (int)getpid());
    path = name.at;
    pool = pool_new(2);
    return 0;
}

static int end(void **state) {
    (void)state;
    unlink(path);
    free(path);
    pool_free(pool);
    return 0;
}

/* --------------------------------------------------------------------------------- vocabulary */

static struct learnt_vocabulary learnt_of(const struct view *texts, size_t n, int n_token) {
    struct learnt_vocabulary learnt;
    struct fault fault = {0};
    assert_true(vocabulary_learn(piece_rule(VIEW("smollm")), texts, n, n_token, &learnt, &fault));
    return learnt;
}

/* The merges as "a b|ab c". */
static void expect_merges(const char *text, int n_token, const char *wanted) {
    struct view view = view_of(text);
    struct learnt_vocabulary learnt = learnt_of(&view, 1, n_token);
    struct buffer out = {0};
    buffer_text(&out, "");
    for (size_t i = 0; i < learnt.n_merge; i++) {
        buffer_text(&out, i ? "|" : "");
        buffer_append(&out, learnt_token(&learnt, learnt.merges[i].left));
        buffer_byte(&out, '+');
        buffer_append(&out, learnt_token(&learnt, learnt.merges[i].right));
    }
    if (!view_is(buffer_view(&out), wanted))
        fail_msg("\"%s\" gave %s, not %s", text, out.n ? out.at : "nothing", wanted);
    buffer_free(&out);
    learnt_vocabulary_free(&learnt);
}

static void the_pair_that_stands_most_often_is_joined_first(void **state) {
    (void)state;
    /* a+b stands 5 times, space+a 4, b+c 2; then space+ab 4, ab+c 2; then " ab"+c 2 */
    expect_merges("ab ab ab abc abc", 1000, "a+b| +ab| ab+c");
    expect_merges("ab ab ab abc abc", 257, "a+b");
    expect_merges("ab ab ab abc abc", 256, "");
}

static void of_pairs_that_stand_equally_often_the_lower_tokens_are_joined(void **state) {
    (void)state;
    /* twice each: space+a, a+b, b+a; the space is written by the last of their characters */
    expect_merges("ba ba ab ab", 1000, "a+b|b+a| +ab");
    expect_merges("zz yy yy zz", 1000, "y+y|z+z| +yy");
}

static void neighbours_that_are_alike_are_joined_two_by_two(void **state) {
    (void)state;
    expect_merges("aaaa aaaa", 1000, "a+a|aa+aa");
    expect_merges("aaaaa!aaaaa", 1000, "a+a|aa+a|aa+aaa"); /* aa aa a: the pair of the lower */
}

static void no_join_crosses_a_piece_and_digits_stand_alone(void **state) {
    (void)state;
    expect_merges("2024 2024 2024", 1000, "");
    expect_merges("a. a. a.", 1000, " +a");
    expect_merges("x", 1000, "");
}

/* Both ways to "abc" give one token, which is joined on. */
static void a_token_that_two_joins_make_is_one_token(void **state) {
    (void)state;
    struct view text = VIEW("ab ab ab bcx bcx bcx bc bc bc abc abc xabc");
    struct learnt_vocabulary learnt = learnt_of(&text, 1, 1000);
    for (int32_t i = 0; i < learnt.n; i++)
        for (int32_t j = 0; j < i; j++)
            assert_false(view_equal(learnt_token(&learnt, i), learnt_token(&learnt, j)));
    assert_int_equal(learnt.n_text_byte, text.n);
    learnt_vocabulary_free(&learnt);
}

static void a_long_text_is_counted_in_parts_as_if_whole(void **state) {
    (void)state;
    enum { N = 40000 };
    struct buffer whole = {0};
    struct view *parts = must_alloc(N, sizeof *parts);
    for (int i = 0; i < N; i++)
        buffer_format(&whole, "on %d\n\n    and\n\nso on, line %d\n", i * 7 % 101, i);
    struct view rest = buffer_view(&whole);
    for (int i = 0; i < N; i++) { /* up to a line end between words: no piece lies across it */
        size_t n = (size_t)view_find(rest, VIEW("so on"));
        n += (size_t)view_find(view_slice(rest, n, rest.n), VIEW("\n")) + 1;
        parts[i] = view_slice(rest, 0, n);
        rest = view_slice(rest, n, rest.n);
    }
    struct view one = buffer_view(&whole);
    assert_true(one.n > 1 << 20);
    struct learnt_vocabulary a = learnt_of(&one, 1, 300), b = learnt_of(parts, N, 300);
    assert_int_equal(a.n_text_token, b.n_text_token);
    assert_int_equal(a.n_merge, b.n_merge);
    assert_memory_equal(a.merges, b.merges, a.n_merge * sizeof *a.merges);
    learnt_vocabulary_free(&a);
    learnt_vocabulary_free(&b);
    buffer_free(&whole);
    free(parts);
}

/* Nothing but letters, as long as may be: each join would touch all of it. */
static void a_text_without_a_space_takes_no_longer_than_another(void **state) {
    (void)state;
    struct buffer text = {0};
    struct random random;
    random_seed(&random, 1);
    for (int i = 0; i < 300000; i++)
        buffer_byte(&text, (char)random_between(&random, 'a', 'd'));
    struct view view = buffer_view(&text);
    struct learnt_vocabulary learnt = learnt_of(&view, 1, 1000);
    assert_int_equal(learnt.n, 1000);
    for (int32_t i = 0; i < learnt.n; i++)
        assert_in_range(learnt_token(&learnt, i).n, 1, 32);
    learnt_vocabulary_free(&learnt);
    buffer_free(&text);
}

/* ------------------------------------------------------------------------------------- models */

static struct model_recipe small(void) {
    struct model_recipe recipe = model_recipe_default;
    recipe.n_vocabulary = 300;
    recipe.n_layer = 2;
    recipe.d_model = 64;
    recipe.n_head = 4;
    recipe.n_kv_head = 2;
    recipe.n_context = 64;
    recipe.force = true;
    return recipe;
}

static struct model_created created_of(const struct model_recipe *recipe) {
    struct model_created created;
    struct fault fault = {0};
    struct view text = view_of(verse);
    if (!model_create(path, recipe, &text, 1, &created, &fault))
        fail_msg("%s", fault.message);
    return created;
}

static struct model *opened(void) {
    struct fault fault = {0};
    struct model *model = model_open(path, pool, &fault);
    if (!model)
        fail_msg("%s", fault.message);
    return model;
}

static void every_byte_is_given_back(void **state) {
    (void)state;
    struct model_recipe recipe = small();
    created_of(&recipe);
    struct model *model = opened();
    const struct vocabulary *vocabulary = model_vocabulary(model);
    struct buffer text = {0}, back = {0};
    struct tokens tokens = {0};
    struct fault fault = {0};
    struct random random;
    random_seed(&random, 3);
    for (int i = 0; i < 256; i++)
        buffer_byte(&text, (char)i);
    for (int i = 0; i < 4000; i++)
        buffer_byte(&text, (char)random_between(&random, 0, 255));
    buffer_text(&text, verse);
    buffer_text(&text, "<|im_start|>");
    assert_true(
        vocabulary_encode(vocabulary, buffer_view(&text), SPECIAL_AS_TEXT, &tokens, &fault));
    for (size_t i = 0; i < tokens.n; i++) {
        assert_true(tokens.at[i] >= 3); /* what people typed gives no special token */
        vocabulary_decode(vocabulary, tokens.at[i], SPECIAL_AS_TEXT, &back);
    }
    assert_true(view_equal(buffer_view(&text), buffer_view(&back)));
    buffer_free(&text);
    buffer_free(&back);
    tokens_free(&tokens);
    model_close(model);
}

static void the_text_itself_takes_as_many_tokens_as_told(void **state) {
    (void)state;
    struct model_recipe recipe = small();
    struct model_created created = created_of(&recipe);
    struct model *model = opened();
    struct tokens tokens = {0};
    struct fault fault = {0};
    assert_true(vocabulary_encode(model_vocabulary(model), view_of(verse), SPECIAL_AS_TEXT,
                                  &tokens, &fault));
    assert_int_equal(created.n_text_byte, sizeof verse - 1);
    assert_int_equal(created.n_text_token, tokens.n);
    assert_true(tokens.n < sizeof verse * 3 / 4);
    tokens_free(&tokens);
    model_close(model);
}

static void a_chat_is_written_in_chatml_and_its_turns_end(void **state) {
    (void)state;
    struct model_recipe recipe = small();
    created_of(&recipe);
    struct model *model = opened();
    const struct vocabulary *vocabulary = model_vocabulary(model);
    struct tokens tokens = {0};
    struct buffer text = {0};
    struct fault fault = {0};
    json_t *messages = json_pack("[{s:s, s:s}]", "role", "user", "content", "Hi");
    assert_true(model_chat(model, messages, true, &tokens, &fault));
    for (size_t i = 0; i < tokens.n; i++)
        vocabulary_decode(vocabulary, tokens.at[i], SPECIAL_PARSED, &text);
    assert_string_equal(text.at, "<|endoftext|><|im_start|>user\nHi<|im_end|>\n"
                                 "<|im_start|>assistant\n");
    assert_int_equal(vocabulary_begin(vocabulary), 0);
    assert_true(vocabulary_is_end(vocabulary, 0) && vocabulary_is_end(vocabulary, 2));
    json_decref(messages);
    buffer_free(&text);
    tokens_free(&tokens);
    model_close(model);
}

static void the_shape_is_that_of_the_recipe(void **state) {
    (void)state;
    for (int untied = 0; untied < 2; untied++) {
        struct model_recipe recipe = small();
        recipe.untied = untied;
        struct model_created created = created_of(&recipe);
        struct model *model = opened();
        const struct model_shape *shape = model_shape(model);
        assert_string_equal(shape->architecture, "llama");
        assert_int_equal(shape->n_layer, 2);
        assert_int_equal(shape->n_head, 4);
        assert_int_equal(shape->n_kv_head, 2);
        assert_int_equal(shape->d_model, 64);
        assert_int_equal(shape->d_feed_forward, 192);
        assert_int_equal(shape->n_context, 64);
        assert_int_equal(shape->n_vocabulary, created.n_vocabulary);
        assert_int_equal(shape->n_parameter, created.n_parameter);
        assert_int_equal(shape->n_byte, created.n_byte);
        model_close(model);
    }
}

/* A model that knows nothing finds every token about as likely: its loss is near log n. */
static void at_first_every_token_is_about_as_likely(void **state) {
    (void)state;
    struct model_recipe recipe = small();
    struct model_created created = created_of(&recipe);
    struct model *model = opened();
    struct fault fault = {0};
    struct session *session = session_open(model, 16, &fault);
    const int32_t tokens[] = {0, 70, 80, 90};
    const float *logits;
    assert_true(session_feed(session, tokens, COUNT_OF(tokens), &logits, NULL, NULL, &fault));
    double sum = 0, mean = 0;
    for (int i = 0; i < created.n_vocabulary; i++) {
        sum += exp((double)logits[i]);
        mean += (double)logits[i] / created.n_vocabulary;
    }
    assert_true(fabs(log(sum) - mean - log(created.n_vocabulary)) < 0.1);
    session_close(session);
    model_close(model);
}

static double deviation_of(const struct gguf *gguf, const char *name) {
    const struct gguf_tensor *tensor = gguf_tensor(gguf, name);
    assert_non_null(tensor);
    assert_int_equal(tensor->type, TENSOR_F32);
    double squares = 0;
    size_t n = tensor->n_byte / sizeof(float);
    for (size_t i = 0; i < n; i++) {
        float value;
        memcpy(&value, tensor->data + i * sizeof value, sizeof value);
        squares += (double)value * (double)value;
    }
    return sqrt(squares / (double)n);
}

static void weights_are_drawn_as_for_gpt_2(void **state) {
    (void)state;
    static const struct {
        const char *name;
        double deviation;
    } table[] = {{"token_embd.weight", 0.02},        {"blk.0.attn_q.weight", 0.02},
                 {"blk.1.attn_k.weight", 0.02},      {"blk.1.attn_v.weight", 0.02},
                 {"blk.0.attn_output.weight", 0.01}, {"blk.1.ffn_down.weight", 0.01},
                 {"blk.0.ffn_gate.weight", 0.02},    {"blk.1.ffn_up.weight", 0.02},
                 {"output_norm.weight", 1},          {"blk.1.ffn_norm.weight", 1}};
    struct model_recipe recipe = small();
    struct fault fault = {0};
    created_of(&recipe); /* of two layers: sqrt(2 × 2) is 2 */
    struct gguf *gguf = gguf_open(path, &fault);
    assert_non_null(gguf);
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        double found = deviation_of(gguf, table[i].name);
        if (!(fabs(found / table[i].deviation - 1) < 0.06))
            fail_msg("%s: %g", table[i].name, found);
    }
    gguf_close(gguf);
}

static void the_same_seed_gives_the_same_file_and_another_other_weights(void **state) {
    (void)state;
    struct model_recipe recipe = small();
    struct buffer files[3] = {0};
    struct fault fault = {0};
    for (int i = 0; i < 3; i++) {
        recipe.seed = i == 2;
        created_of(&recipe);
        assert_true(file_read(path, 1 << 24, &files[i], &fault));
    }
    assert_true(view_equal(buffer_view(&files[0]), buffer_view(&files[1])));
    assert_int_equal(files[0].n, files[2].n);
    assert_memory_equal(files[0].at, files[2].at, 4096); /* the vocabulary */
    assert_memory_not_equal(files[0].at + files[0].n / 2, files[2].at + files[2].n / 2, 64);
    for (int i = 0; i < 3; i++)
        buffer_free(&files[i]);
}

/* ----------------------------------------------------------------------------------- refusing */

static void expect_refused(const struct model_recipe *recipe, struct view text, const char *word) {
    struct model_created created;
    struct fault fault = {0};
    assert_false(model_create(path, recipe, &text, 1, &created, &fault));
    assert_true(fault.kind == FAULT_INPUT || fault.kind == FAULT_LIMIT);
    if (!strstr(fault.message, word))
        fail_msg("\"%s\" is not in: %s", word, fault.message);
    assert_false(file_exists(path));
}

static void a_recipe_that_is_none_is_told_and_nothing_is_written(void **state) {
    (void)state;
    const int big = 1 << 30, none = 0, minus = -1;
    unlink(path);
#define REFUSED(member, value, word)                                                              \
    do {                                                                                          \
        struct model_recipe recipe = small();                                                     \
        recipe.member = value;                                                                    \
        expect_refused(&recipe, view_of(verse), word);                                            \
    } while (0)
    REFUSED(n_vocabulary, 258, "vocabulary");
    REFUSED(n_vocabulary, big, "vocabulary");
    REFUSED(n_layer, none, "layers");
    REFUSED(n_layer, big, "layers");
    REFUSED(d_model, minus, "width");
    REFUSED(d_model, 100, "multiples of 32");
    REFUSED(d_model, big, "width");
    REFUSED(n_head, none, "heads");
    REFUSED(n_head, 3, "3 heads");
    REFUSED(n_head, 64, "64 heads");
    REFUSED(n_kv_head, 3, "3 kv-heads");
    REFUSED(n_kv_head, 8, "8 kv-heads");
    REFUSED(d_feed_forward, 100, "multiples of 32");
    REFUSED(d_feed_forward, minus, "feed-forward");
    REFUSED(n_context, none, "context");
    REFUSED(rope_base, 0.5F, "rope-base");
    REFUSED(rope_base, NAN, "rope-base");
#undef REFUSED
    struct model_recipe recipe = small();
    recipe.d_model = 8192;
    recipe.n_layer = 256;
    recipe.n_head = recipe.n_kv_head = 64;
    expect_refused(&recipe, view_of(verse), "million weights");
    recipe = small();
    expect_refused(&recipe, VIEW(""), "no text");
}

static void a_file_that_is_there_is_kept_unless_forced(void **state) {
    (void)state;
    struct model_recipe recipe = small();
    struct model_created created;
    struct view text = view_of(verse);
    struct fault fault = {0};
    struct buffer kept = {0};
    assert_true(file_write(path, VIEW("trained for weeks"), &fault));
    recipe.force = false;
    assert_false(model_create(path, &recipe, &text, 1, &created, &fault));
    assert_string_equal(fault.file, path);
    assert_true(strstr(fault.remedy, "--force") != NULL);
    assert_true(file_read(path, 100, &kept, &fault));
    assert_string_equal(kept.at, "trained for weeks");
    buffer_free(&kept);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_pair_that_stands_most_often_is_joined_first),
        cmocka_unit_test(of_pairs_that_stand_equally_often_the_lower_tokens_are_joined),
        cmocka_unit_test(neighbours_that_are_alike_are_joined_two_by_two),
        cmocka_unit_test(no_join_crosses_a_piece_and_digits_stand_alone),
        cmocka_unit_test(a_token_that_two_joins_make_is_one_token),
        cmocka_unit_test(a_long_text_is_counted_in_parts_as_if_whole),
        cmocka_unit_test(a_text_without_a_space_takes_no_longer_than_another),
        cmocka_unit_test(every_byte_is_given_back),
        cmocka_unit_test(the_text_itself_takes_as_many_tokens_as_told),
        cmocka_unit_test(a_chat_is_written_in_chatml_and_its_turns_end),
        cmocka_unit_test(the_shape_is_that_of_the_recipe),
        cmocka_unit_test(at_first_every_token_is_about_as_likely),
        cmocka_unit_test(weights_are_drawn_as_for_gpt_2),
        cmocka_unit_test(the_same_seed_gives_the_same_file_and_another_other_weights),
        cmocka_unit_test(a_recipe_that_is_none_is_told_and_nothing_is_written),
        cmocka_unit_test(a_file_that_is_there_is_kept_unless_forced),
    };
    return cmocka_run_group_tests(tests, start, end);
}
