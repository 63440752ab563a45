#include "constrained.h"

#include "model/vocabulary_inside.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const pieces[] = {
    "{\"",  "\":",   "\", \"", "\": \"", "\"}",   "]}",  "}}",    "},",       "[[",
    "true", "fal",   " the",   " ",      "12",    "007", "-1",    ".5",       "e+",
    "\\u",  "\\n",   "\\\"",   "ab",     "abc",   "the", "model", "els",      "\n\n",
    "日本", "é",     "मॉ",     "डल",     "نموذج", " نم", "aaaa",  "aaaaaaaa", "  ",
    "null", "\"a\"", "a\": 1", "\",\"b", "0",     "1",   ",",     "模型"};

/* Pieces that are one byte long have a token of their own already. */
static bool is_extra(const char *piece) {
    return piece[0] && piece[1];
}

static void write_piece(struct buffer *keys, const char *piece, bool sentence_piece) {
    struct buffer text = {0};
    for (const char *at = piece; *at; at++) {
        char utf8[4];
        if (!sentence_piece)
            buffer_append(&text,
                          (struct view){utf8, utf8_encode(byte_to_point((uint8_t)*at), utf8)});
        else if (*at == ' ')
            buffer_text(&text, "\u2581");
        else
            buffer_byte(&text, *at);
    }
    builder_text(keys, text.at);
    buffer_free(&text);
}

void small_open(struct small *small, bool sentence_piece) {
    struct builder builder;
    struct fault fault = {0};
    uint32_t n = 257;
    builder_open(&builder);
    for (size_t i = 0; i < COUNT_OF(pieces); i++)
        n += is_extra(pieces[i]);
    builder_key_text(&builder, "tokenizer.ggml.model", sentence_piece ? "llama" : "gpt2");
    if (!sentence_piece)
        builder_key_text(&builder, "tokenizer.ggml.pre", "gpt-2");
    builder_key_array(&builder, "tokenizer.ggml.tokens", GGUF_STRING, n);
    builder_text(&builder.keys, "<end>");
    for (int byte = 0; byte < 256; byte++) {
        char text[8];
        if (sentence_piece)
            snprintf(text, sizeof text, "<0x%02X>", (unsigned)byte);
        else
            text[utf8_encode(byte_to_point((uint8_t)byte), text)] = 0;
        builder_text(&builder.keys, text);
    }
    for (size_t i = 0; i < COUNT_OF(pieces); i++)
        if (is_extra(pieces[i]))
            write_piece(&builder.keys, pieces[i], sentence_piece);
    builder_key_array(&builder, "tokenizer.ggml.token_type", GGUF_INT32, n);
    for (uint32_t i = 0; i < n; i++)
        builder_u32(&builder.keys, i == 0                      ? TOKEN_CONTROL
                                   : i < 257 && sentence_piece ? TOKEN_BYTE
                                                               : TOKEN_NORMAL);
    builder_key_array(&builder, "tokenizer.ggml.scores", GGUF_FLOAT32, n);
    for (uint32_t i = 0; i < n; i++)
        builder_u32(&builder.keys, 0);
    builder_key_array(&builder, "tokenizer.ggml.merges", GGUF_STRING, 0);
    builder_key_u32(&builder, "tokenizer.ggml.eos_token_id", 0);
    small->file = builder_join(&builder);
    small->gguf = gguf_open_bytes(small->file, "small.gguf", &fault);
    small->vocabulary = small->gguf ? vocabulary_load(small->gguf, &fault) : NULL;
    builder_close(&builder);
    MUST(small->vocabulary != NULL);
}

void small_close(struct small *small) {
    vocabulary_free(small->vocabulary);
    gguf_close(small->gguf);
    free((void *)(uintptr_t)small->file.at);
}

int draw_token(const struct constraint *constraint, const struct vocabulary *vocabulary,
               struct random *random, float *logits) {
    int n = vocabulary_size(vocabulary), n_allowed = 0;
    memset(logits, 0, (size_t)n * sizeof *logits);
    constraint->mask(constraint->data, logits, n);
    for (int token = 0; token < n; token++)
        n_allowed += logits[token] > -INFINITY;
    if (n_allowed == 0)
        return -1;
    int64_t left = random_between(random, 0, n_allowed - 1);
    int token = 0;
    while (!(logits[token] > -INFINITY) || left-- > 0)
        token++;
    return token;
}

bool draw_text(const struct constraint *constraint, const struct vocabulary *vocabulary, int most,
               struct random *random, struct buffer *out) {
    float *logits = must_alloc((size_t)vocabulary_size(vocabulary), sizeof *logits);
    bool ended = false;
    buffer_text(out, "");
    for (int step = 0; !ended && step < most; step++) {
        int token = draw_token(constraint, vocabulary, random, logits);
        if (token < 0)
            break;
        ended = vocabulary_is_end(vocabulary, token);
        vocabulary_decode(vocabulary, token, SPECIAL_AS_TEXT, out);
        constraint->accept(constraint->data, token);
    }
    free(logits);
    return ended;
}

int token_of(const struct vocabulary *vocabulary, const char *text) {
    int found = -1;
    for (int token = 0; token < vocabulary_size(vocabulary); token++) {
        struct buffer bytes = {0};
        vocabulary_decode(vocabulary, token, SPECIAL_AS_TEXT, &bytes);
        if (view_is(buffer_view(&bytes), text))
            found = token;
        buffer_free(&bytes);
    }
    return found;
}

bool may_say(const struct constraint *constraint, const struct vocabulary *vocabulary,
             const char *text, bool whole) {
    int n = vocabulary_size(vocabulary);
    float *logits = must_alloc((size_t)n, sizeof *logits);
    bool good = true;
    for (const char *at = text; good && (*at || whole); at++) {
        char byte[2] = {*at, 0};
        int token = *at ? token_of(vocabulary, byte) : 0;
        memset(logits, 0, (size_t)n * sizeof *logits);
        constraint->mask(constraint->data, logits, n);
        good = token >= 0 && logits[token] == 0;
        if (good)
            constraint->accept(constraint->data, token);
        if (!*at)
            break;
    }
    free(logits);
    return good;
}
