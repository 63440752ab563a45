/* Promises of loading when memory runs out: whichever allocation fails, there is a fault, nothing
 * is held on to, and the next try succeeds. The linker sends every allocation of this program to
 * the functions below (--wrap), which fail the one that is asked for. */
#include "constrained.h"

#include "model/model.h"
#include "model/vocabulary_train.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static atomic_long n_asked, first_failing, last_failing; /* counted from 1; 0: none fails */

static bool fails(void) {
    long n = atomic_fetch_add(&n_asked, 1) + 1;
    bool failing = n >= atomic_load(&first_failing) && n <= atomic_load(&last_failing);
    if (failing)
        errno = ENOMEM;
    return failing;
}

/* The kind, the name, the parameters, the arguments and what says that it failed. */
#define ALLOCATIONS(X)                                                                            \
    X(void *, malloc, (size_t n), (n), NULL)                                                      \
    X(void *, calloc, (size_t n, size_t size), (n, size), NULL)                                   \
    X(void *, realloc, (void *old, size_t n), (old, n), NULL)                                     \
    X(void *, aligned_alloc, (size_t to, size_t n), (to, n), NULL)                                \
    X(int, posix_memalign, (void **out, size_t to, size_t n), (out, to, n), ENOMEM)               \
    X(char *, strdup, (const char *text), (text), NULL)                                           \
    X(void *, mmap, (void *at, size_t n, int protection, int flags, int file, off_t from),        \
      (at, n, protection, flags, file, from), MAP_FAILED)

#define WRAP(type, name, parameters, arguments, failed)                                           \
    type __real_##name parameters;                                                                \
    type __wrap_##name parameters;                                                                \
    type __wrap_##name parameters {                                                               \
        return fails() ? failed : __real_##name arguments;                                        \
    }
ALLOCATIONS(WRAP)

/* Opens a model and a session and feeds it twice; true when all of it succeeded. */
static bool use(const char *path, struct pool *pool, struct fault *fault) {
    static const int32_t tokens[40] = {1, 2, 3, 5, 8, 13, 21, 34, 55, 89};
    const float *logits;
    struct model *model = model_open(path, pool, fault);
    struct session *session = model ? session_open(model, 64, fault) : NULL;
    bool good = session && session_feed(session, tokens, 10, &logits, NULL, NULL, fault) &&
                session_feed(session, tokens, 40, &logits, NULL, NULL, fault);
    session_close(session);
    model_close(model);
    return good;
}

/* Runs `use` with failures from `first` to `last`: nothing or a fault about memory. */
static bool use_failing(const char *path, struct pool *pool, long first, long last) {
    struct fault fault = {0};
    atomic_store(&n_asked, 0);
    atomic_store(&first_failing, first);
    atomic_store(&last_failing, last);
    bool good = use(path, pool, &fault);
    atomic_store(&last_failing, 0);
    if (!good && fault.kind != FAULT_MACHINE)
        fail_msg("allocation %ld failed and the fault was: %s", first, fault.message);
    if (good)
        assert_int_equal(fault.kind, FAULT_NONE);
    return good;
}

static char *a_model_of(const char *architecture, bool biases) {
    struct builder builder;
    struct builder_shape shape = {
        .architecture = architecture, .biases = biases, .rope_factors = !biases};
    char name[40];
    builder_open(&builder);
    builder_network(&builder, &shape, 1);
    builder_key_text(&builder, "tokenizer.chat_template", "{{ messages[0].content }}");
    snprintf(name, sizeof name, "memory-%s.gguf", architecture);
    char *path = builder_save(&builder, name);
    builder_close(&builder);
    return path;
}

static void every_allocation_that_fails_alone_is_a_fault_or_done_without(void **state) {
    (void)state;
    static const char *const architectures[] = {"llama", "qwen2"};
    struct pool *pool = pool_new(2);
    for (size_t i = 0; i < COUNT_OF(architectures); i++) {
        char *path = a_model_of(architectures[i], i == 1);
        assert_true(use_failing(path, pool, 0, 0));
        long n = atomic_load(&n_asked), n_fault = 0;
        assert_in_range(n, 10, 100000);
        for (long k = 1; k <= n; k++)
            n_fault += !use_failing(path, pool, k, k);
        assert_in_range(n_fault, n / 2, n);         /* most cannot be done without */
        assert_true(use_failing(path, pool, 0, 0)); /* and nothing remains of it */
        unlink(path);
        free(path);
    }
    pool_free(pool);
}

static void memory_that_is_gone_for_good_is_a_fault(void **state) {
    (void)state;
    struct pool *pool = pool_new(2);
    char *path = a_model_of("llama", false);
    assert_true(use_failing(path, pool, 0, 0));
    long n = atomic_load(&n_asked);
    for (long k = 1; k <= n; k++)
        assert_false(use_failing(path, pool, k, 1L << 60));
    assert_true(use_failing(path, pool, 0, 0));
    unlink(path);
    free(path);
    pool_free(pool);
}

/* ------------------------------------------------------------------------- one job after another
 */

struct job {
    struct small small; /* a vocabulary */
    struct pool *pool;
    char *adapters[2];
    const char *path, *text;
    struct chat_template *chat_template;
    struct grammar *grammar;
    json_t *json;
};

typedef bool worker(struct job *, struct fault *);

/* Does the work while allocations from `first` to `last` fail: it is done, or tells of memory. */
static bool does(worker *work, struct job *job, long first, long last) {
    struct fault fault = {0};
    atomic_store(&n_asked, 0);
    atomic_store(&first_failing, first);
    atomic_store(&last_failing, last);
    bool done = work(job, &fault);
    atomic_store(&last_failing, 0);
    if (done ? fault.kind != FAULT_NONE : fault.kind != FAULT_MACHINE)
        fail_msg("allocations %ld to %ld failed; done: %d; the fault was: %s", first, last, done,
                 fault.message);
    return done;
}

/* Each allocation of the work fails, alone and with all that follow; of many every few. */
static void each_failing(worker *work, struct job *job, long least) {
    assert_true(does(work, job, 0, 0));
    long n = atomic_load(&n_asked), n_fault = 0, step = 1 + n / 1500;
    assert_in_range(n, least, 1000000);
    for (long k = 1; k <= n; k += step) {
        n_fault += !does(work, job, k, k);
        n_fault += !does(work, job, k, 1L << 60);
    }
    assert_true(n_fault > n / step / 2);
    assert_true(does(work, job, 0, 0)); /* and nothing remains of it */
}

static bool compile_template(struct job *job, struct fault *fault) {
    struct chat_template *made = chat_template_compile(view_of(job->text), fault);
    chat_template_free(made);
    return made != NULL;
}

static bool render_template(struct job *job, struct fault *fault) {
    struct buffer out = {0};
    bool good = chat_template_render(job->chat_template, job->json, &out, fault);
    if (good)
        assert_string_equal(out.at, job->text);
    buffer_free(&out);
    return good;
}

static void a_chat_template_is_compiled_and_rendered_or_there_is_a_fault(void **state) {
    (void)state;
    struct fault fault = {0};
    struct job job = {
        .text =
            "{%- set n = namespace(seen=false) -%}{% for m in messages if m.role != 'system' %}"
            "{{ '<|' 'im_start|>' + m['role'] | trim }}\n{% if loop.last and not n.seen %}"
            "{{ m.content[1:] if m.content is string else [1, 2.5, {'a': none}] | tojson }}"
            "{% set n.seen = {'b': [1, m.role]} %}{{ n.seen | tojson(indent=2) }}{% endif %}"
            "{% endfor %}{% macro f(a, b=1) %}{{ a ~ b }}{% endmacro %}{{ f(range(3)) }}\n"
            "{% for k, v in messages[0] | dictsort %}{{ k | upper }}{{ v.split('e') }}{% endfor %}"
            "{{ messages | map(attribute='role') | join('+') | replace('u', 'U') }}"
            "{% set x %}{{ 'abc'[::-1] }}{% endset %}{{ x }}{{ dict(a=1) | tojson(sort_keys=1) }}",
        .json = json_pack("{s:[{s:s, s:s}, {s:s, s:s}]}", "messages", "role", "user", "content",
                          "hello", "role", "assistant", "content", "yes")};
    each_failing(compile_template, &job, 20);
    job.chat_template = chat_template_compile(view_of(job.text), &fault);
    job.text = "<|im_start|>user\n<|im_start|>assistant\nes{\n  \"b\": [\n    1,\n    "
               "\"assistant\"\n  ]\n}[0, 1, 2]1\nCONTENT['h', 'llo']ROLE['us', 'r']Us"
               "er+assistantcba{\"a\": 1}";
    each_failing(render_template, &job, 50);
    json_decref(job.json);
    chat_template_free(job.chat_template);
}

static bool encode(struct job *job, struct fault *fault) {
    struct tokens tokens = {0};
    bool good = vocabulary_encode(job->small.vocabulary, view_of(job->text), SPECIAL_PARSED,
                                  &tokens, fault);
    assert_true(good == (tokens.n > 0));
    tokens_free(&tokens);
    return good;
}

static void a_text_is_cut_into_tokens_or_there_is_a_fault(void **state) {
    (void)state;
    struct job job = {.text = "The models' é, 日本 <end> a{\"a\": 1} 1234 naïve e\xCC\x81\xCC\xA7 "
                              "and so on, until the heap of pairs has to grow a few times over, "
                              "and the list of its tokens also <end>"};
    for (int sentence_piece = 0; sentence_piece < 2; sentence_piece++) {
        small_open(&job.small, sentence_piece);
        each_failing(encode, &job, 4);
        small_close(&job.small);
    }
}

static bool compile_grammar(struct job *job, struct fault *fault) {
    struct grammar *made = grammar_compile(view_of(job->text), fault);
    grammar_free(made);
    return made != NULL;
}

static bool compile_schema(struct job *job, struct fault *fault) {
    struct grammar *made = grammar_from_schema(job->json, fault);
    grammar_free(made);
    return made != NULL;
}

static void a_grammar_is_compiled_or_there_is_a_fault(void **state) {
    (void)state;
    struct job job = {.text = "root ::= item (\",\" \" \"? item){0,40} # and so on\n"
                              "item ::= \"yes\" | \"no\" | \"\\u00e9\" | [^\"\\n]+ | ( deep )\n"
                              "deep ::= \"(\" item? \")\" | word{3,9} \"true\" | \"x\"\n"
                              "word ::= [a-zA-Z0-9\u0400-\u04FF] [\u4E00-\u9FFF]* ."};
    each_failing(compile_grammar, &job, 20);
    static const char schema[] =
        "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"integer\",\"minimum\":-3,"
        "\"maximum\":1200},\"b\":{\"type\":\"array\",\"items\":{\"$ref\":\"#/$defs/n\"},"
        "\"maxItems\":4},\"c\":{\"enum\":[1.0,\"x\",{\"y\":[null]}],\"type\":[\"number\","
        "\"string\",\"object\"]},\"d\":{\"anyOf\":[{\"type\":\"string\",\"pattern\":"
        "\"^[a-z\\\\n]{1,3}(\\\\d|x)*$\"},{\"oneOf\":[{\"type\":\"null\"},{\"type\":"
        "\"boolean\"}]}]},\"e\":{\"type\":\"integer\",\"multipleOf\":7},\"f\":{\"type\":"
        "\"number\",\"minimum\":0.25,\"exclusiveMaximum\":9},\"g\":{\"format\":\"date\"}},"
        "\"required\":[\"a\",\"z\"],\"additionalProperties\":{\"type\":\"boolean\"},"
        "\"maxProperties\":6,\"$defs\":{\"n\":{\"allOf\":[{\"minimum\":1},{\"maximum\":2,"
        "\"type\":\"number\"}]}}}";
    struct fault fault = {0};
    job.json = json_parse(view_of(schema), &fault);
    assert_non_null(job.json);
    each_failing(compile_schema, &job, 500);
    json_decref(job.json);
}

/* Draws a text; false when the constraint says that there is no memory. */
static bool follow(struct job *job, struct constraint *constraint, struct fault *fault) {
    float logits[512];
    struct random random;
    random_seed(&random, 7);
    for (int i = 0; i < 20; i++) {
        int token = draw_token(constraint, job->small.vocabulary, &random, logits);
        if (token < 0 || vocabulary_is_end(job->small.vocabulary, token))
            break;
        constraint->accept(constraint->data, token);
    }
    return constraint->sound(constraint->data, fault);
}

/* The vocabulary is opened anew, so that the trie of its tokens is made too. */
static bool follow_grammar(struct job *job, struct fault *fault) {
    struct constraint constraint = {0};
    struct vocabulary *usual = job->small.vocabulary;
    job->small.vocabulary = vocabulary_load(job->small.gguf, fault);
    struct grammar *grammar =
        job->small.vocabulary ? grammar_compile(view_of(job->text), fault) : NULL;
    bool good = grammar &&
                grammar_constrain(grammar, job->small.vocabulary, 60, &constraint, fault) &&
                follow(job, &constraint, fault);
    constraint_close(&constraint);
    grammar_free(grammar);
    vocabulary_free(job->small.vocabulary);
    job->small.vocabulary = usual;
    return good;
}

static bool follow_both(struct job *job, struct fault *fault) {
    struct constraint of_grammar = {0}, of_words = {0}, both = {0};
    struct lexicon *lexicon = lexicon_new(fault);
    if (lexicon) {
        lexicon_add_separators(lexicon, VIEW(" ,.\n"));
        for (int i = 0; i < 300; i++) { /* so many that the trie has to grow */
            char word[16];
            snprintf(word, sizeof word, "%c%c%dx", 'a' + i % 23, 'a' + i / 23, i);
            lexicon_add(lexicon, view_of(word));
        }
        lexicon_add_text(lexicon, VIEW("the model, abc"), NULL, NULL);
    }
    bool good = lexicon &&
                grammar_constrain(job->grammar, job->small.vocabulary, 0, &of_grammar, fault) &&
                lexicon_constrain(lexicon, job->small.vocabulary, &of_words, fault);
    if (good) {
        good = constraint_both(of_grammar, of_words, &both, fault) && follow(job, &both, fault);
    } else {
        constraint_close(&of_grammar);
        constraint_close(&of_words);
    }
    constraint_close(&both);
    lexicon_free(lexicon);
    return good;
}

static void a_constraint_is_followed_or_there_is_a_fault(void **state) {
    (void)state;
    struct fault fault = {0};
    struct job job = {.text =
                          "root ::= line{2,30}\n"
                          "line ::= (word \" \"){0,9} ([a-z]{1,40} | \"(\" line \")\") \"\\n\"\n"
                          "word ::= \"the\" | \"model\" | [a-c]{3,12} [^x]?"};
    small_open(&job.small, false);
    each_failing(follow_grammar, &job, 50);
    job.grammar = grammar_compile(VIEW("root ::= ([a-z]+ \" \"?)+"), &fault);
    each_failing(follow_both, &job, 10);
    grammar_free(job.grammar);
    small_close(&job.small);
}

/* From the file to the last word: a conversation, written by a grammar. */
static bool converse(struct job *job, struct fault *fault) {
    struct tokens tokens = {0};
    struct buffer out = {0};
    struct constraint constraint = {0};
    struct grammar *grammar = NULL;
    struct model *model = model_open(job->path, job->pool, fault);
    struct session *session = model ? session_open(model, 256, fault) : NULL;
    bool good = session && model_chat(model, job->json, true, &tokens, fault) &&
                (grammar = grammar_compile(VIEW("root ::= [a-z ]{9,30}"), fault)) &&
                grammar_constrain(grammar, model_vocabulary(model), 40, &constraint, fault);
    struct generation generation = {
        .sampling = sampling_greedy, .max_tokens = 40, .constraint = &constraint};
    good = good && session_generate(session, tokens.at, tokens.n, &generation, &out, NULL, fault);
    assert_true(!good || out.n >= 9);
    constraint_close(&constraint);
    grammar_free(grammar);
    session_close(session);
    model_close(model);
    tokens_free(&tokens);
    buffer_free(&out);
    return good;
}

static void a_conversation_is_held_or_there_is_a_fault(void **state) {
    (void)state;
    char *path = a_model_of("llama", false);
    struct job job = {.path = path,
                      .pool = pool_new(1),
                      .json = json_pack("[{s:s, s:s}]", "role", "user", "content", "hello you")};
    each_failing(converse, &job, 100);
    json_decref(job.json);
    pool_free(job.pool);
    unlink(path);
    free(path);
}

/* Two sessions with adapters, one of them after another. */
static bool use_adapters(struct job *job, struct fault *fault) {
    static const int32_t tokens[40] = {1, 2, 3, 5, 8, 13, 21, 34, 55, 89};
    const float *logits;
    struct model *model = model_open(job->path, job->pool, fault);
    struct adapter *one = model ? adapter_open(model, job->adapters[0], fault) : NULL;
    struct adapter *two = one ? adapter_open(model, job->adapters[1], fault) : NULL;
    struct session *session = two ? session_open(model, 64, fault) : NULL;
    bool good = session && session_adapt(session, one, 1, fault) &&
                session_feed(session, tokens, 40, &logits, NULL, NULL, fault) &&
                session_adapt(session, two, 1, fault) &&
                session_feed(session, tokens, 40, &logits, NULL, NULL, fault);
    session_close(session);
    adapter_close(one);
    adapter_close(two);
    model_close(model);
    return good;
}

static char *an_adapter(uint64_t seed) {
    struct builder builder;
    char name[40];
    builder_open(&builder);
    builder_adapter(&builder, "llama", 4, seed);
    snprintf(name, sizeof name, "memory-adapter-%d.gguf", (int)seed);
    char *path = builder_save(&builder, name);
    builder_close(&builder);
    return path;
}

static void adapters_are_used_or_there_is_a_fault(void **state) {
    (void)state;
    char *path = a_model_of("llama", false);
    struct job job = {
        .path = path, .pool = pool_new(2), .adapters = {an_adapter(1), an_adapter(2)}};
    each_failing(use_adapters, &job, 50);
    pool_free(job.pool);
    for (int i = 0; i < 2; i++) {
        unlink(job.adapters[i]);
        free(job.adapters[i]);
    }
    unlink(path);
    free(path);
}

/* ------------------------------------------------------------------------------------ encoders */

static char *an_encoder(void) {
    enum { WIDTH = 32, N_TOKEN = 30 };
    static const struct {
        const char *name;
        uint64_t n_row; /* 0: a vector */
    } tensors[] = {
        {"token_embd.weight", N_TOKEN},
        {"position_embd.weight", 64},
        {"token_types.weight", 2},
        {"token_embd_norm.weight", 0},
        {"token_embd_norm.bias", 0},
        {"blk.0.attn_q.weight", WIDTH},
        {"blk.0.attn_k.weight", WIDTH},
        {"blk.0.attn_v.weight", WIDTH},
        {"blk.0.attn_output.weight", WIDTH},
        {"blk.0.ffn_up.weight", WIDTH},
        {"blk.0.ffn_down.weight", WIDTH},
        {"blk.0.attn_q.bias", 0},
        {"blk.0.attn_k.bias", 0},
        {"blk.0.attn_v.bias", 0},
        {"blk.0.attn_output.bias", 0},
        {"blk.0.ffn_up.bias", 0},
        {"blk.0.ffn_down.bias", 0},
        {"blk.0.attn_output_norm.weight", 0},
        {"blk.0.attn_output_norm.bias", 0},
        {"blk.0.layer_output_norm.weight", 0},
        {"blk.0.layer_output_norm.bias", 0},
    };
    static const struct {
        const char *name;
        uint32_t value;
    } keys[] = {{"bert.block_count", 1},
                {"bert.embedding_length", WIDTH},
                {"bert.feed_forward_length", WIDTH},
                {"bert.context_length", 64},
                {"bert.attention.head_count", 2},
                {"bert.pooling_type", 1},
                {"tokenizer.ggml.bos_token_id", 2},
                {"tokenizer.ggml.eos_token_id", 3},
                {"tokenizer.ggml.unknown_token_id", 1}};
    struct random random;
    struct builder builder;
    random_seed(&random, 3);
    builder_open(&builder);
    builder_key_text(&builder, "general.architecture", "bert");
    builder_key_f32(&builder, "bert.attention.layer_norm_epsilon", 1e-12F);
    for (size_t i = 0; i < COUNT_OF(keys); i++)
        builder_key_u32(&builder, keys[i].name, keys[i].value);
    builder_key_text(&builder, "tokenizer.ggml.model", "bert");
    builder_key_array(&builder, "tokenizer.ggml.tokens", GGUF_STRING, N_TOKEN);
    for (int i = 0; i < N_TOKEN; i++) {
        char text[16];
        snprintf(text, sizeof text, i < 4 ? "[%d]" : "\u2581%c", i < 4 ? i : 'a' + i - 4);
        builder_text(&builder.keys, text);
    }
    for (size_t i = 0; i < COUNT_OF(tensors); i++)
        builder_float_tensor(&builder, tensors[i].name, WIDTH, tensors[i].n_row, &random,
                             view_ends(view_of(tensors[i].name), "norm.weight") ? 1 : 0, 0.3F);
    char *path = builder_save(&builder, "memory-bert.gguf");
    builder_close(&builder);
    return path;
}

static bool embed(struct job *job, struct fault *fault) {
    float out[2 * 32];
    struct view texts[] = {VIEW("a b c d e f"), VIEW("x y")};
    struct model *model = model_open(job->path, job->pool, fault);
    bool good = model && model_embed(model, texts, 2, &(struct embedding){0}, out, fault);
    model_close(model);
    return good;
}

static void a_text_becomes_a_vector_or_there_is_a_fault(void **state) {
    (void)state;
    char *path = an_encoder();
    struct job job = {.path = path, .pool = pool_new(2)};
    each_failing(embed, &job, 20);
    pool_free(job.pool);
    unlink(path);
    free(path);
}

static bool learn_vocabulary(struct job *job, struct fault *fault) {
    struct learnt_vocabulary learnt;
    struct view text = view_of(job->text);
    if (!vocabulary_learn(piece_rule(VIEW("smollm")), &text, 1, 1000, &learnt, fault))
        return false;
    assert_true(learnt.n_merge > 10);
    learnt_vocabulary_free(&learnt);
    return true;
}

static void a_vocabulary_is_learnt_or_there_is_a_fault(void **state) {
    (void)state;
    struct job job = {.text = "the tides come later, the tides go later, the water comes and the "
                              "water goes, later and later, and the later tides are the higher"};
    each_failing(learn_vocabulary, &job, 20);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_allocation_that_fails_alone_is_a_fault_or_done_without),
        cmocka_unit_test(memory_that_is_gone_for_good_is_a_fault),
        cmocka_unit_test(a_chat_template_is_compiled_and_rendered_or_there_is_a_fault),
        cmocka_unit_test(a_text_is_cut_into_tokens_or_there_is_a_fault),
        cmocka_unit_test(a_grammar_is_compiled_or_there_is_a_fault),
        cmocka_unit_test(a_constraint_is_followed_or_there_is_a_fault),
        cmocka_unit_test(a_conversation_is_held_or_there_is_a_fault),
        cmocka_unit_test(adapters_are_used_or_there_is_a_fault),
        cmocka_unit_test(a_text_becomes_a_vector_or_there_is_a_fault),
        cmocka_unit_test(a_vocabulary_is_learnt_or_there_is_a_fault),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
