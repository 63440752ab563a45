/* Promises of vocabularies: pieces as the original tokenizers cut them, merges in their order,
 * special tokens only where they are asked for, and every byte given back. */
#include "builder.h"

#include "model/vocabulary_inside.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

/* clang-format off */
static const struct {
    const char *rule, *text, *pieces;
} pieces[] = {
#include "pieces.inc"
};
/* clang-format on */

static void text_is_cut_as_the_original_tokenizers_cut_it(void **state) {
    (void)state;
    for (size_t row = 0; row < COUNT_OF(pieces); row++) {
        const struct piece_rule *rule = piece_rule(view_of(pieces[row].rule));
        assert_non_null(rule);
        struct view text = view_of(pieces[row].text);
        int32_t points[128];
        size_t ends[128], n = 0;
        for (size_t at = 0; at < text.n; ends[n++] = at)
            at += utf8_decode(text.at + at, text.n - at, &points[n]);
        struct buffer out = {0};
        for (size_t i = 0, byte = 0; i < n;) {
            /* Rules that cut numbers out first see the text between them alone. */
            size_t stop = n, start = i;
            if (rule->digits_first) {
                for (stop = i; stop < n && unicode_class(points[stop]) != UNICODE_NUMBER;)
                    stop++;
                if (stop == i) {
                    i++;
                    stop = n;
                } else {
                    i = rule->next(rule, points + start, 0, stop - start) + start;
                }
            } else {
                i = rule->next(rule, points, i, n);
            }
            assert_true(i > start && i <= stop);
            if (start)
                buffer_byte(&out, '|');
            buffer_append(&out, view_slice(text, byte, ends[i - 1]));
            byte = ends[i - 1];
        }
        if (!view_is(buffer_view(&out), pieces[row].pieces))
            fail_msg("%s: %s\n cut as %s", pieces[row].rule, pieces[row].pieces, out.at);
        buffer_free(&out);
    }
}

/* ---------------------------------------------------------------------------- small vocabularies
 */

struct entry {
    const char *text;
    uint32_t type;
    float score;
};

struct fixture {
    struct view file;
    struct gguf *gguf;
    struct vocabulary *vocabulary;
    struct fault fault;
};

static void add_entries(struct builder *builder, const struct entry *entries, size_t n) {
    builder_key_array(builder, "tokenizer.ggml.tokens", GGUF_STRING, n);
    for (size_t i = 0; i < n; i++)
        builder_text(&builder->keys, entries[i].text);
    builder_key_array(builder, "tokenizer.ggml.token_type", GGUF_INT32, n);
    for (size_t i = 0; i < n; i++)
        builder_u32(&builder->keys, entries[i].type);
    builder_key_array(builder, "tokenizer.ggml.scores", GGUF_FLOAT32, n);
    for (size_t i = 0; i < n; i++)
        builder_bytes(&builder->keys, &entries[i].score, sizeof entries[i].score);
}

static struct fixture load(struct builder *builder) {
    struct fixture fixture = {.file = builder_join(builder)};
    fixture.gguf = gguf_open_bytes(fixture.file, "small.gguf", &fixture.fault);
    if (fixture.gguf)
        fixture.vocabulary = vocabulary_load(fixture.gguf, &fixture.fault);
    builder_close(builder);
    return fixture;
}

static void unload(struct fixture *fixture) {
    vocabulary_free(fixture->vocabulary);
    if (fixture->gguf)
        gguf_close(fixture->gguf);
    free((void *)(uintptr_t)fixture->file.at);
}

/* The texts of the tokens of a text, parted by bars. */
static void check_tokens(const struct fixture *fixture, const char *text,
                         enum special_tokens special, const char *wanted) {
    struct tokens tokens = {0};
    struct buffer out = {0}, back = {0};
    struct fault fault = {0};
    assert_true(vocabulary_encode(fixture->vocabulary, view_of(text), special, &tokens, &fault));
    for (size_t i = 0; i < tokens.n; i++) {
        buffer_text(&out, i ? "|" : "");
        buffer_append(&out, fixture->vocabulary->texts[tokens.at[i]]);
        vocabulary_decode(fixture->vocabulary, tokens.at[i], SPECIAL_PARSED, &back);
    }
    if (!view_is(buffer_view(&out), wanted))
        fail_msg("%s\n gave %s\n for  %s", text, out.at, wanted);
    if (!view_ends(buffer_view(&back), text))
        fail_msg("%s was given back as %s", text, back.at);
    tokens_free(&tokens);
    buffer_free(&out);
    buffer_free(&back);
}

static const struct entry byte_pair_entries[] = {
    {"<|end|>", TOKEN_CONTROL, 0}, {"<tool>", TOKEN_USER_DEFINED, 0},
    {"a", TOKEN_NORMAL, 0},        {"b", TOKEN_NORMAL, 0},
    {"c", TOKEN_NORMAL, 0},        {"ab", TOKEN_NORMAL, 0},
    {"bc", TOKEN_NORMAL, 0},       {"abc", TOKEN_NORMAL, 0},
    {"\u0120", TOKEN_NORMAL, 0},   {"\u0120a", TOKEN_NORMAL, 0},
    {"<", TOKEN_NORMAL, 0},        {"|", TOKEN_NORMAL, 0},
    {">", TOKEN_NORMAL, 0},        {"e", TOKEN_NORMAL, 0},
    {"n", TOKEN_NORMAL, 0},        {"d", TOKEN_NORMAL, 0},
    {"<tool", TOKEN_NORMAL, 0},    {"cab", TOKEN_NORMAL, 0},
};

static void byte_pair_builder(struct builder *builder, const char *rule, uint32_t end) {
    static const char *const merges[] = {"b c", "a b", "a bc", "\u0120 a"};
    builder_open(builder);
    builder_key_text(builder, "tokenizer.ggml.model", "gpt2");
    builder_key_text(builder, "tokenizer.ggml.pre", rule);
    add_entries(builder, byte_pair_entries, COUNT_OF(byte_pair_entries));
    builder_key_array(builder, "tokenizer.ggml.merges", GGUF_STRING, COUNT_OF(merges));
    for (size_t i = 0; i < COUNT_OF(merges); i++)
        builder_text(&builder->keys, merges[i]);
    builder_key_u32(builder, "tokenizer.ggml.eos_token_id", end);
}

static void byte_pairs_merge_by_rank_not_by_place(void **state) {
    (void)state;
    struct builder builder;
    byte_pair_builder(&builder, "gpt-2", 0);
    struct fixture fixture = load(&builder);
    assert_non_null(fixture.vocabulary);
    check_tokens(&fixture, "abc", SPECIAL_AS_TEXT, "abc");
    check_tokens(&fixture, "abbc", SPECIAL_AS_TEXT, "ab|bc");
    check_tokens(&fixture, "a ab", SPECIAL_AS_TEXT, "a|\u0120|ab");
    check_tokens(&fixture, "cab", SPECIAL_AS_TEXT, "c|ab"); /* a token that no merge makes */
    unload(&fixture);
}

static void a_whole_piece_may_be_a_token_whatever_the_merges_say(void **state) {
    (void)state;
    struct builder builder;
    byte_pair_builder(&builder, "llama-bpe", 0);
    struct fixture fixture = load(&builder);
    assert_non_null(fixture.vocabulary);
    check_tokens(&fixture, "cab", SPECIAL_AS_TEXT, "cab");
    unload(&fixture);
}

static void control_tokens_match_only_when_asked_user_defined_ones_always(void **state) {
    (void)state;
    struct builder builder;
    byte_pair_builder(&builder, "gpt-2", 0);
    struct fixture fixture = load(&builder);
    assert_non_null(fixture.vocabulary);
    check_tokens(&fixture, "a<|end|>b", SPECIAL_PARSED, "a|<|end|>|b");
    struct buffer typed = {0};
    vocabulary_quote(fixture.vocabulary, VIEW("a<|end|>b<<|end|>"), &typed);
    assert_string_equal(typed.at, "a< |end|>b<< |end|>");
    buffer_free(&typed);
    check_tokens(&fixture, "a<|end|>b", SPECIAL_AS_TEXT, "a|<|||e|n|d|||>|b");
    check_tokens(&fixture, "a<tool>b", SPECIAL_AS_TEXT, "a|<tool>|b");
    struct buffer text = {0};
    vocabulary_decode(fixture.vocabulary, 0, SPECIAL_AS_TEXT, &text);
    assert_int_equal(text.n, 0);
    assert_true(vocabulary_is_end(fixture.vocabulary, 0));
    buffer_free(&text);
    unload(&fixture);
}

static void sentence_pieces_merge_by_score_and_fall_back_to_bytes(void **state) {
    (void)state;
    static const struct entry entries[] = {
        {"<unk>", TOKEN_UNKNOWN, 0},
        {"<s>", TOKEN_CONTROL, 0},
        {"</s>", TOKEN_CONTROL, 0},
        {"<0xC3>", TOKEN_BYTE, 0},
        {"<0xA9>", TOKEN_BYTE, 0},
        {"\u2581", TOKEN_NORMAL, -9},
        {"a", TOKEN_NORMAL, -9},
        {"b", TOKEN_NORMAL, -9},
        {"ab", TOKEN_NORMAL, -3},
        {"ba", TOKEN_NORMAL, -2},
        {"\u2581a", TOKEN_NORMAL, -4},
        {"aba", TOKEN_NORMAL, -1},
        {"\u2581\u2581", TOKEN_NORMAL, -5},
    };
    struct builder builder;
    builder_open(&builder);
    builder_key_text(&builder, "tokenizer.ggml.model", "llama");
    add_entries(&builder, entries, COUNT_OF(entries));
    builder_key_u32(&builder, "tokenizer.ggml.bos_token_id", 1);
    builder_key_u32(&builder, "tokenizer.ggml.eos_token_id", 2);
    struct fixture fixture = load(&builder);
    assert_non_null(fixture.vocabulary);
    check_tokens(&fixture, "ba", SPECIAL_AS_TEXT, "\u2581|ba");
    check_tokens(&fixture, "aba", SPECIAL_AS_TEXT,
                 "\u2581|aba"); /* by way of ba, the better one */
    check_tokens(&fixture, "a b", SPECIAL_AS_TEXT, "\u2581a|\u2581|b");
    check_tokens(&fixture, "a\u00e9", SPECIAL_AS_TEXT, "\u2581a|<0xC3>|<0xA9>");
    check_tokens(&fixture, "  a", SPECIAL_AS_TEXT, "\u2581\u2581|\u2581a");
    unload(&fixture);
}

static void of_special_tokens_the_first_is_taken_and_then_the_longest(void **state) {
    (void)state;
    static const struct entry entries[] = {
        {"<unk>", TOKEN_UNKNOWN, 0},     {"a", TOKEN_NORMAL, 0},
        {"b", TOKEN_NORMAL, 0},          {"c", TOKEN_NORMAL, 0},
        {"\u010a", TOKEN_NORMAL, 0},     {"ab", TOKEN_USER_DEFINED, 0},
        {"bc", TOKEN_CONTROL, 0},        {"bca", TOKEN_USER_DEFINED, 0},
        {"\n\n", TOKEN_USER_DEFINED, 0}, {"\n\n\n", TOKEN_USER_DEFINED, 0},
    };
    struct builder builder;
    builder_open(&builder);
    builder_key_text(&builder, "tokenizer.ggml.model", "gpt2");
    builder_key_text(&builder, "tokenizer.ggml.pre", "gpt-2");
    add_entries(&builder, entries, COUNT_OF(entries));
    builder_key_array(&builder, "tokenizer.ggml.merges", GGUF_STRING, 0);
    struct fixture fixture = load(&builder);
    assert_non_null(fixture.vocabulary);
    check_tokens(&fixture, "abca", SPECIAL_PARSED, "ab|c|a");
    check_tokens(&fixture, "cbca", SPECIAL_PARSED, "c|bca");
    check_tokens(&fixture, "cbcb", SPECIAL_PARSED, "c|bc|b");
    check_tokens(&fixture, "cbcb", SPECIAL_AS_TEXT, "c|b|c|b");
    check_tokens(&fixture, "\n\n\n\n\n", SPECIAL_AS_TEXT, "\n\n\n|\n\n");
    check_tokens(&fixture, "\n\n\n\n", SPECIAL_AS_TEXT, "\n\n\n|\u010a");
    unload(&fixture);
}

/* The tokens of what a rule that composes makes of the text: those of its NFC. */
static void a_rule_may_compose_and_leaves_alone_what_is_no_text(void **state) {
    (void)state;
    static const struct entry entries[] = {
        {"e", TOKEN_NORMAL, 0},
        {"\u0124", TOKEN_NORMAL, 0}, /* 0x83, Latin capital a-tilde */
        {"\u00c3", TOKEN_NORMAL, 0},
        {"\u00a9", TOKEN_NORMAL, 0},
        {"\u00c3\u00a9", TOKEN_NORMAL, 0},
        {"\u00cc", TOKEN_NORMAL, 0},
        {"\u0123", TOKEN_NORMAL, 0},
        {"\u00ff", TOKEN_NORMAL, 0},
    };
    struct builder builder;
    builder_open(&builder);
    builder_key_text(&builder, "tokenizer.ggml.model", "gpt2");
    builder_key_text(&builder, "tokenizer.ggml.pre", "qwen2");
    add_entries(&builder, entries, COUNT_OF(entries));
    builder_key_array(&builder, "tokenizer.ggml.merges", GGUF_STRING, 1);
    builder_text(&builder.keys, "\u00c3 \u00a9");
    struct fixture fixture = load(&builder);
    assert_non_null(fixture.vocabulary);
    struct tokens tokens = {0};
    struct fault fault = {0};
    struct view text = VIEW("e\xcc\x81\xff\xc3\xa9\xcc");
    assert_true(vocabulary_encode(fixture.vocabulary, text, SPECIAL_AS_TEXT, &tokens, &fault));
    const int32_t wanted[] = {4, 7, 4, 5};
    assert_int_equal(tokens.n, COUNT_OF(wanted));
    assert_memory_equal(tokens.at, wanted, sizeof wanted);
    tokens.n = 0; /* a mark of Unicode 11 keeps the accent from its letter */
    assert_true(vocabulary_encode(fixture.vocabulary, VIEW("e\u09fe\u0301"), SPECIAL_AS_TEXT,
                                  &tokens, &fault));
    assert_int_equal(tokens.at[0], 0);
    tokens_free(&tokens);
    unload(&fixture);
}

static void word_pieces_are_the_longest_from_the_left(void **state) {
    (void)state;
    static const struct entry entries[] = {
        {"[UNK]", TOKEN_CONTROL, 0},       {"\u2581un", TOKEN_NORMAL, 0},
        {"\u2581u", TOKEN_NORMAL, 0},      {"aff", TOKEN_NORMAL, 0},
        {"able", TOKEN_NORMAL, 0},         {"\u2581,", TOKEN_NORMAL, 0},
        {"\u2581\u6c34", TOKEN_NORMAL, 0}, {"\u2581cafe", TOKEN_NORMAL, 0},
        {"\u2581[", TOKEN_NORMAL, 0},      {"\u2581]", TOKEN_NORMAL, 0},
        {"\u2581unk", TOKEN_NORMAL, 0},
    };
    static const struct {
        const char *text;
        enum special_tokens special;
        const char *tokens;
    } rows[] = {
        {"Unaffable", SPECIAL_AS_TEXT, "\u2581un|aff|able"},
        {"unaffx", SPECIAL_AS_TEXT, "[UNK]"},
        {"un,un", SPECIAL_AS_TEXT, "\u2581un|\u2581,|\u2581un"},
        {"un\u6c34un", SPECIAL_AS_TEXT, "\u2581un|\u2581\u6c34|\u2581un"},
        {"CAF\u00c9 cafe\u0301", SPECIAL_AS_TEXT, "\u2581cafe|\u2581cafe"},
        {"u\u200bn \x01un\u00a0un", SPECIAL_AS_TEXT, "\u2581un|\u2581un|\u2581un"},
        {"u\u2581un", SPECIAL_AS_TEXT, "[UNK]"},
        {"[UNK] un", SPECIAL_PARSED, "[UNK]|\u2581un"},
        {"[UNK]", SPECIAL_AS_TEXT, "\u2581[|\u2581unk|\u2581]"},
        {"", SPECIAL_AS_TEXT, ""},
    };
    struct builder builder;
    builder_open(&builder);
    builder_key_text(&builder, "tokenizer.ggml.model", "bert");
    add_entries(&builder, entries, COUNT_OF(entries));
    builder_key_u32(&builder, "tokenizer.ggml.unknown_token_id", 0);
    struct fixture fixture = load(&builder);
    assert_non_null(fixture.vocabulary);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct tokens tokens = {0};
        struct buffer out = {0};
        struct fault fault = {0};
        assert_true(vocabulary_encode(fixture.vocabulary, view_of(rows[i].text), rows[i].special,
                                      &tokens, &fault));
        for (size_t k = 0; k < tokens.n; k++) {
            buffer_text(&out, k ? "|" : "");
            buffer_append(&out, fixture.vocabulary->texts[tokens.at[k]]);
        }
        if (!view_is(buffer_view(&out), rows[i].tokens))
            fail_msg("%s\n gave %s\n for  %s", rows[i].text, out.at, rows[i].tokens);
        tokens_free(&tokens);
        buffer_free(&out);
    }
    struct buffer word = {0}; /* 100 characters may be a word, 101 are none */
    for (int n_aff = 2; n_aff >= 1; n_aff--) {
        struct tokens tokens = {0};
        struct fault fault = {0};
        buffer_clear(&word);
        buffer_text(&word, "un");
        for (int i = 0; i < n_aff; i++)
            buffer_text(&word, "aff");
        for (int i = 0; i < 25 - n_aff; i++)
            buffer_text(&word, "able");
        assert_int_equal(word.n, n_aff == 2 ? 100 : 101);
        assert_true(vocabulary_encode(fixture.vocabulary, buffer_view(&word), SPECIAL_AS_TEXT,
                                      &tokens, &fault));
        assert_int_equal(tokens.at[0] == 0, n_aff == 1);
        tokens_free(&tokens);
    }
    buffer_free(&word);
    unload(&fixture);
}

/* ------------------------------------------------------------------------------- what is refused
 */

static void check_refused(struct builder *builder, const char *key) {
    struct fixture fixture = load(builder);
    assert_null(fixture.vocabulary);
    assert_int_equal(fixture.fault.kind, FAULT_INPUT);
    if (!strstr(fixture.fault.message, key) || strcmp(fixture.fault.file, "small.gguf") != 0)
        fail_msg("%s: %s: %s", key, fixture.fault.file, fixture.fault.message);
    unload(&fixture);
}

static void vocabularies_that_lie_are_refused_by_key(void **state) {
    (void)state;
    struct builder builder;
    byte_pair_builder(&builder, "no-such-rule", 0);
    check_refused(&builder, "no-such-rule");
    byte_pair_builder(&builder, "gpt-2", 99);
    check_refused(&builder, "eos_token_id");

    builder_open(&builder); /* lengths that disagree: CVE-2025-49847 */
    builder_key_text(&builder, "tokenizer.ggml.model", "gpt2");
    builder_key_text(&builder, "tokenizer.ggml.pre", "gpt-2");
    builder_key_array(&builder, "tokenizer.ggml.tokens", GGUF_STRING, 1);
    builder_text(&builder.keys, "a");
    builder_key_array(&builder, "tokenizer.ggml.token_type", GGUF_INT32, 2);
    builder_u32(&builder.keys, 1);
    builder_u32(&builder.keys, 1);
    check_refused(&builder, "token_type");

    static const struct {
        enum gguf_type type;
        uint32_t n;
    } scores[] = {{GGUF_FLOAT32, 1}, {GGUF_FLOAT32, 0}, {GGUF_UINT8, 2}, {GGUF_INT32, 2}};
    for (size_t i = 0; i < COUNT_OF(scores); i++) {
        builder_open(&builder); /* too few, or bytes and words for numbers */
        builder_key_text(&builder, "tokenizer.ggml.model", "llama");
        builder_key_array(&builder, "tokenizer.ggml.tokens", GGUF_STRING, 2);
        builder_text(&builder.keys, "a");
        builder_text(&builder.keys, "b");
        builder_key_array(&builder, "tokenizer.ggml.scores", scores[i].type, scores[i].n);
        builder_bytes(&builder.keys, "\0\0\0\0\0\0\0\0",
                      scores[i].n * (scores[i].type == GGUF_UINT8 ? 1 : 4));
        check_refused(&builder, "tokenizer.ggml.scores");
    }

    static const struct entry bad_byte[] = {{"<0x-1>", TOKEN_BYTE, 0}, {"a", TOKEN_NORMAL, 0}};
    builder_open(&builder);
    builder_key_text(&builder, "tokenizer.ggml.model", "llama");
    add_entries(&builder, bad_byte, COUNT_OF(bad_byte));
    check_refused(&builder, "byte token 0");

    static const struct entry bad_type[] = {{"a", 77, 0}};
    builder_open(&builder);
    builder_key_text(&builder, "tokenizer.ggml.model", "llama");
    add_entries(&builder, bad_type, COUNT_OF(bad_type));
    check_refused(&builder, "token_type");

    builder_open(&builder); /* byte arrays read as words */
    builder_key_text(&builder, "tokenizer.ggml.model", "llama");
    builder_key_array(&builder, "tokenizer.ggml.tokens", GGUF_UINT8, 3);
    builder_bytes(&builder.keys, "abc", 3);
    check_refused(&builder, "tokenizer.ggml.tokens");

    builder_open(&builder);
    builder_key_text(&builder, "tokenizer.ggml.model", "word-cloud");
    check_refused(&builder, "word-cloud");
}

/* CVE-2025-52566: a number of tokens that no longer fits its integer. */
static void a_text_of_more_tokens_than_can_be_counted_is_refused(void **state) {
    (void)state;
    struct builder builder;
    byte_pair_builder(&builder, "gpt-2", 0);
    struct fixture fixture = load(&builder);
    struct tokens tokens = {0};
    struct fault fault = {0};
    struct view text = {"", (size_t)INT32_MAX + 1}; /* refused before a byte is read */
    assert_non_null(fixture.vocabulary);
    assert_false(vocabulary_encode(fixture.vocabulary, text, SPECIAL_AS_TEXT, &tokens, &fault));
    assert_int_equal(fault.kind, FAULT_LIMIT);
    assert_int_equal(tokens.n, 0);
    unload(&fixture);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_cut_as_the_original_tokenizers_cut_it),
        cmocka_unit_test(byte_pairs_merge_by_rank_not_by_place),
        cmocka_unit_test(a_whole_piece_may_be_a_token_whatever_the_merges_say),
        cmocka_unit_test(control_tokens_match_only_when_asked_user_defined_ones_always),
        cmocka_unit_test(of_special_tokens_the_first_is_taken_and_then_the_longest),
        cmocka_unit_test(a_rule_may_compose_and_leaves_alone_what_is_no_text),
        cmocka_unit_test(word_pieces_are_the_longest_from_the_left),
        cmocka_unit_test(sentence_pieces_merge_by_score_and_fall_back_to_bytes),
        cmocka_unit_test(vocabularies_that_lie_are_refused_by_key),
        cmocka_unit_test(a_text_of_more_tokens_than_can_be_counted_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
