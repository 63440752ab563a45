/* The vocabulary: tokens as the file holds them, found by text; special tokens; decoding.
 *
 * Token texts stay in the map: loading builds two hash tables over them and copies nothing. */
#include "model/vocabulary_inside.h"
#include "model/grammar.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_TOKENS = 1 << 22 };

bool tokens_append(struct tokens *tokens, int32_t token) {
    bool room = memory_granted(TRY_ROOM(tokens->at, tokens->capacity, tokens->n + 1));
    if (room)
        tokens->at[tokens->n++] = token;
    return room;
}

void tokens_free(struct tokens *tokens) {
    free(tokens->at);
    *tokens = (struct tokens){0};
}

/* ------------------------------------------------------------------------- byte pair's alphabet
 */

/* Printable bytes of Latin-1 stand for themselves, the others for U+0100 and on (GPT-2). */
static bool stands_for_itself(int byte) {
    return (byte >= '!' && byte <= '~') || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
}

int32_t byte_to_point(uint8_t byte) {
    if (stands_for_itself(byte))
        return byte;
    int32_t point = 256;
    for (int b = 0; b < byte; b++)
        point += !stands_for_itself(b);
    return point;
}

int point_to_byte(int32_t point) {
    if (point >= 0 && point < 256)
        return stands_for_itself(point) ? point : -1;
    int rank = point - 256;
    for (int b = 0; b < 256 && rank >= 0; b++)
        if (!stands_for_itself(b) && rank-- == 0)
            return b;
    return -1;
}

/* -------------------------------------------------------------------------------------- look-up
 */

int32_t vocabulary_find(const struct vocabulary *vocabulary, struct view text) {
    for (size_t i = hash64(text, 0) & vocabulary->text_mask;;
         i = (i + 1) & vocabulary->text_mask) {
        int32_t token = vocabulary->by_text[i];
        if (token < 0 || view_equal(vocabulary->texts[token], text))
            return token;
    }
}

static size_t pair_place(const struct vocabulary *vocabulary, int32_t left, int32_t right) {
    uint64_t pair = (uint64_t)(uint32_t)left << 32 | (uint32_t)right;
    pair *= 0x9E3779B97F4A7C15u;
    return (size_t)(pair ^ pair >> 29) & vocabulary->merge_mask;
}

const struct merge *vocabulary_merge(const struct vocabulary *vocabulary, int32_t left,
                                     int32_t right) {
    if (left < 0 || right < 0)
        return NULL;
    for (size_t i = pair_place(vocabulary, left, right);; i = (i + 1) & vocabulary->merge_mask) {
        const struct merge *merge = &vocabulary->merges[i];
        if (merge->left < 0)
            return NULL;
        if (merge->left == left && merge->right == right)
            return merge;
    }
}

static size_t table_size(size_t n) {
    size_t size = 16;
    while (size < n * 2)
        size *= 2;
    return size;
}

/* -------------------------------------------------------------------------------------- loading
 */

static bool load_texts(struct vocabulary *vocabulary, const struct gguf *gguf,
                       struct fault *fault) {
    static const char key[] = "tokenizer.ggml.tokens";
    struct gguf_array array;
    if (!gguf_array(gguf, key, &array, fault))
        return false;
    if (array.type != GGUF_STRING || array.n == 0 || array.n > MOST_TOKENS)
        return gguf_fault(gguf, key, fault, "%s must hold 1 to %d strings", key, MOST_TOKENS);
    vocabulary->n = (int)array.n;
    vocabulary->text_mask = table_size(array.n) - 1;
    vocabulary->texts = try_alloc(array.n, sizeof *vocabulary->texts, fault);
    vocabulary->by_text = try_alloc(vocabulary->text_mask + 1, sizeof(int32_t), fault);
    if (!vocabulary->texts || !vocabulary->by_text)
        return false;
    memset(vocabulary->by_text, 0xFF, (vocabulary->text_mask + 1) * sizeof(int32_t));
    uint64_t cursor = 0;
    for (int token = 0; token < vocabulary->n; token++) {
        struct view text = vocabulary->texts[token] = gguf_array_string(&array, &cursor);
        if (text.n > vocabulary->longest)
            vocabulary->longest = text.n;
        size_t i = hash64(text, 0) & vocabulary->text_mask;
        while (vocabulary->by_text[i] >= 0 &&
               !view_equal(vocabulary->texts[vocabulary->by_text[i]], text))
            i = (i + 1) & vocabulary->text_mask;
        if (vocabulary->by_text[i] < 0) /* of tokens with one text the first is meant */
            vocabulary->by_text[i] = token;
    }
    return true;
}

static bool load_types(struct vocabulary *vocabulary, const struct gguf *gguf,
                       struct fault *fault) {
    static const char key[] = "tokenizer.ggml.token_type";
    vocabulary->types = try_alloc((size_t)vocabulary->n, 1, fault);
    if (!vocabulary->types)
        return false;
    memset(vocabulary->types, TOKEN_NORMAL, (size_t)vocabulary->n);
    if (!gguf_has(gguf, key))
        return true;
    struct gguf_array array;
    if (!gguf_array(gguf, key, &array, fault))
        return false;
    if (!gguf_array_is_integer(&array) || array.n != (uint64_t)vocabulary->n)
        return gguf_fault(gguf, key, fault, "%s must hold one integer for each of the %d tokens",
                          key, vocabulary->n);
    for (int token = 0; token < vocabulary->n; token++) {
        int64_t type = gguf_array_integer(&array, (uint64_t)token);
        if (type < 0 || type > TOKEN_BYTE)
            return gguf_fault(gguf, key, fault, "%s: token %d has the unknown type %lld", key,
                              token, (long long)type);
        vocabulary->types[token] = (uint8_t)type;
    }
    return true;
}

static bool load_scores(struct vocabulary *vocabulary, const struct gguf *gguf,
                        struct fault *fault) {
    static const char key[] = "tokenizer.ggml.scores";
    struct gguf_array array;
    if (!gguf_array(gguf, key, &array, fault))
        return false;
    if (!gguf_array_is_number(&array) || array.n != (uint64_t)vocabulary->n)
        return gguf_fault(gguf, key, fault, "%s must hold one number for each of the %d tokens",
                          key, vocabulary->n);
    vocabulary->scores = try_alloc((size_t)vocabulary->n, sizeof *vocabulary->scores, fault);
    if (!vocabulary->scores)
        return false;
    for (int token = 0; token < vocabulary->n; token++) {
        double score = gguf_array_number(&array, (uint64_t)token);
        if (score != score)
            return gguf_fault(gguf, key, fault, "%s: the score of token %d is no number", key,
                              token);
        vocabulary->scores[token] = (float)score;
    }
    return true;
}

/* Reads "LEFT RIGHT", where LEFT may begin with a space; `joined` has room for both. False when it
 * is not of that form; a merge of what is no token could never give one and is left out. */
static bool add_merge(struct vocabulary *vocabulary, struct view text, int32_t rank,
                      char *joined) {
    ptrdiff_t gap = text.n > 1 ? view_find(view_slice(text, 1, text.n), VIEW(" ")) : -1;
    if (gap < 0)
        return false;
    size_t n_left = (size_t)gap + 1, n_right = text.n - n_left - 1;
    memcpy(joined, text.at, n_left);
    memcpy(joined + n_left, text.at + n_left + 1, n_right);
    struct merge merge = {vocabulary_find(vocabulary, (struct view){joined, n_left}),
                          vocabulary_find(vocabulary, (struct view){joined + n_left, n_right}),
                          vocabulary_find(vocabulary, (struct view){joined, n_left + n_right}),
                          rank};
    if (merge.left < 0 || merge.right < 0 || merge.result < 0)
        return true;
    size_t i = pair_place(vocabulary, merge.left, merge.right);
    while (vocabulary->merges[i].left >= 0 && (vocabulary->merges[i].left != merge.left ||
                                               vocabulary->merges[i].right != merge.right))
        i = (i + 1) & vocabulary->merge_mask;
    if (vocabulary->merges[i].left < 0)
        vocabulary->merges[i] = merge;
    return true;
}

static bool load_merges(struct vocabulary *vocabulary, const struct gguf *gguf,
                        struct fault *fault) {
    static const char key[] = "tokenizer.ggml.merges";
    struct gguf_array array;
    if (!gguf_array(gguf, key, &array, fault))
        return false;
    if (array.type != GGUF_STRING || array.n > MOST_TOKENS)
        return gguf_fault(gguf, key, fault, "%s must hold at most %d strings", key, MOST_TOKENS);
    vocabulary->merge_mask = table_size(array.n) - 1;
    vocabulary->merges = try_alloc(vocabulary->merge_mask + 1, sizeof *vocabulary->merges, fault);
    if (!vocabulary->merges)
        return false;
    for (size_t i = 0; i <= vocabulary->merge_mask; i++)
        vocabulary->merges[i].left = -1;
    size_t longest = 0;
    uint64_t cursor = 0;
    for (uint64_t rank = 0; rank < array.n; rank++) {
        size_t n = gguf_array_string(&array, &cursor).n;
        longest = n > longest ? n : longest;
    }
    char *joined = try_alloc(longest, 1, fault);
    bool good = joined != NULL;
    cursor = 0;
    for (uint64_t rank = 0; good && rank < array.n; rank++)
        if (!add_merge(vocabulary, gguf_array_string(&array, &cursor), (int32_t)rank, joined))
            good = gguf_fault(gguf, key, fault, "%s: merge %llu is not two texts with a space",
                              key, (unsigned long long)rank);
    free(joined);
    return good;
}

static int hex_digit(char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool load_bytes(struct vocabulary *vocabulary, const struct gguf *gguf,
                       struct fault *fault) {
    memset(vocabulary->of_byte, 0xFF, sizeof vocabulary->of_byte);
    if (vocabulary->kind == VOCABULARY_BYTE_PAIR) {
        for (int byte = 0; byte < 256; byte++) {
            char text[4];
            size_t n = utf8_encode(byte_to_point((uint8_t)byte), text);
            vocabulary->of_byte[byte] = vocabulary_find(vocabulary, (struct view){text, n});
        }
        return true;
    }
    for (int token = 0; token < vocabulary->n; token++) {
        if (vocabulary->types[token] != TOKEN_BYTE)
            continue;
        struct view text = vocabulary->texts[token];
        bool shape = text.n == 6 && view_starts(text, "<0x") && text.at[5] == '>' &&
                     hex_digit(text.at[3]) >= 0 && hex_digit(text.at[4]) >= 0;
        if (!shape)
            return gguf_fault(gguf, "tokenizer.ggml.tokens", fault,
                              "tokenizer.ggml.tokens: byte token %d is not of the form <0xNN>",
                              token);
        vocabulary->of_byte[hex_digit(text.at[3]) * 16 + hex_digit(text.at[4])] = token;
    }
    return true;
}

/* What makes tokens of bytes; word pieces need no more than their texts. */
static bool load_rules(struct vocabulary *vocabulary, const struct gguf *gguf,
                       struct fault *fault) {
    switch (vocabulary->kind) {
    case VOCABULARY_BYTE_PAIR:
        return load_merges(vocabulary, gguf, fault) && load_bytes(vocabulary, gguf, fault);
    case VOCABULARY_SENTENCE_PIECE:
        return load_scores(vocabulary, gguf, fault) && load_bytes(vocabulary, gguf, fault);
    default:
        return true;
    }
}

static bool load_id(const struct vocabulary *vocabulary, const struct gguf *gguf, const char *key,
                    int32_t *token, struct fault *fault) {
    *token = -1;
    int64_t value;
    if (!gguf_has(gguf, key))
        return true;
    if (!gguf_integer(gguf, key, 0, vocabulary->n - 1, &value, fault))
        return false;
    *token = (int32_t)value;
    return true;
}

static bool load_flag(const struct gguf *gguf, const char *key, bool *flag, struct fault *fault) {
    return !gguf_has(gguf, key) || gguf_boolean(gguf, key, flag, fault);
}

static bool is_special(const struct vocabulary *vocabulary, int32_t token) {
    int type = vocabulary->types[token];
    return type == TOKEN_CONTROL || type == TOKEN_USER_DEFINED || type == TOKEN_UNKNOWN;
}

static int by_number(const void *a, const void *b) {
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    return left < right ? -1 : left > right;
}

/* Special tokens are found by their text; this tells which lengths are worth a look. */
static bool collect_specials(struct vocabulary *vocabulary, struct fault *fault) {
    enum { MOST_LENGTH = 0xFFFF };
    uint32_t *lengths = try_alloc((size_t)vocabulary->n, sizeof *lengths, fault);
    if (!lengths)
        return false;
    vocabulary->special_lengths = lengths;
    size_t n = 0, n_kept = 0;
    for (int32_t token = 0; token < vocabulary->n; token++) {
        struct view text = vocabulary->texts[token];
        if (is_special(vocabulary, token) && text.n && text.n <= MOST_LENGTH)
            lengths[n++] = (uint32_t)(uint8_t)text.at[0] << 16 | (uint32_t)(MOST_LENGTH - text.n);
    }
    qsort(lengths, n, sizeof *lengths, by_number);
    uint32_t last = UINT32_MAX;
    for (size_t i = 0; i < n; i++) {
        uint32_t key = lengths[i];
        if (key == last)
            continue;
        last = key;
        lengths[n_kept++] = MOST_LENGTH - (key & 0xFFFF);
        vocabulary->first_length[(key >> 16) + 1] = (uint32_t)n_kept;
    }
    for (size_t byte = 1; byte < COUNT_OF(vocabulary->first_length); byte++)
        if (vocabulary->first_length[byte] < vocabulary->first_length[byte - 1])
            vocabulary->first_length[byte] = vocabulary->first_length[byte - 1];
    return true;
}

static bool load_kind(struct vocabulary *vocabulary, const struct gguf *gguf,
                      struct fault *fault) {
    struct view kind, pre = VIEW("default");
    if (!gguf_string(gguf, "tokenizer.ggml.model", &kind, fault))
        return false;
    if (view_is(kind, "llama")) {
        vocabulary->kind = VOCABULARY_SENTENCE_PIECE;
        vocabulary->adds_begin = vocabulary->adds_space = true;
        return true;
    }
    if (view_is(kind, "bert")) {
        vocabulary->kind = VOCABULARY_WORD_PIECE;
        vocabulary->adds_begin = vocabulary->lowers_case = true;
        if (!load_flag(gguf, "tokenizer.ggml.normalizer.lowercase", &vocabulary->lowers_case,
                       fault))
            return false;
        vocabulary->strips_accents = vocabulary->lowers_case; /* where the file does not tell */
        return load_flag(gguf, "tokenizer.ggml.normalizer.strip_accents",
                         &vocabulary->strips_accents, fault);
    }
    if (!view_is(kind, "gpt2"))
        return gguf_fault(
            gguf, "tokenizer.ggml.model", fault,
            "tokenizer.ggml.model: the kind \"%.*s\" is not known (gpt2, llama and bert are)",
            (int)(kind.n < 40 ? kind.n : 40), kind.at);
    vocabulary->kind = VOCABULARY_BYTE_PAIR;
    if (gguf_has(gguf, "tokenizer.ggml.pre") &&
        !gguf_string(gguf, "tokenizer.ggml.pre", &pre, fault))
        return false;
    vocabulary->rule = piece_rule(pre);
    if (!vocabulary->rule)
        return gguf_fault(gguf, "tokenizer.ggml.pre", fault,
                          "tokenizer.ggml.pre: the pre-tokeniser \"%.*s\" is not known (%s are)",
                          (int)(pre.n < 40 ? pre.n : 40), pre.at, piece_rule_names());
    vocabulary->adds_begin = vocabulary->rule->ignores_merges; /* as llama 3's own */
    return true;
}

struct vocabulary *vocabulary_load(const struct gguf *gguf, struct fault *fault) {
    struct vocabulary *vocabulary = try_alloc(1, sizeof *vocabulary, fault);
    if (vocabulary && load_kind(vocabulary, gguf, fault) && load_texts(vocabulary, gguf, fault) &&
        load_types(vocabulary, gguf, fault) && load_rules(vocabulary, gguf, fault) &&
        load_id(vocabulary, gguf, "tokenizer.ggml.bos_token_id", &vocabulary->begin, fault) &&
        load_id(vocabulary, gguf, "tokenizer.ggml.eos_token_id", &vocabulary->end, fault) &&
        load_id(vocabulary, gguf, "tokenizer.ggml.eot_token_id", &vocabulary->end_of_turn,
                fault) &&
        load_id(vocabulary, gguf, "tokenizer.ggml.seperator_token_id", &vocabulary->separator,
                fault) && /* the key is written so */
        load_id(vocabulary, gguf, "tokenizer.ggml.unknown_token_id", &vocabulary->unknown,
                fault) &&
        load_flag(gguf, "tokenizer.ggml.add_bos_token", &vocabulary->adds_begin, fault) &&
        load_flag(gguf, "tokenizer.ggml.add_space_prefix", &vocabulary->adds_space, fault) &&
        collect_specials(vocabulary, fault))
        return vocabulary;
    vocabulary_free(vocabulary);
    return NULL;
}

void vocabulary_free(struct vocabulary *vocabulary) {
    if (!vocabulary)
        return;
    free(vocabulary->texts);
    free(vocabulary->types);
    free(vocabulary->scores);
    free(vocabulary->by_text);
    free(vocabulary->merges);
    free(vocabulary->special_lengths);
    spelling_free(vocabulary->spelling);
    free(vocabulary);
}

/* --------------------------------------------------------------------------------- the door */

int vocabulary_size(const struct vocabulary *vocabulary) {
    return vocabulary->n;
}

int32_t vocabulary_begin(const struct vocabulary *vocabulary) {
    return vocabulary->begin;
}

int32_t vocabulary_separator(const struct vocabulary *vocabulary) {
    return vocabulary->separator >= 0 ? vocabulary->separator : vocabulary->end;
}

bool vocabulary_adds_begin(const struct vocabulary *vocabulary) {
    return vocabulary->adds_begin && vocabulary->begin >= 0;
}

bool vocabulary_is_end(const struct vocabulary *vocabulary, int32_t token) {
    static const char *const names[] = {"<|im_end|>",    "<|eot_id|>",   "<|endoftext|>",
                                        "<end_of_turn>", "<|end|>",      "<|end_of_text|>",
                                        "<|fim_pad|>",   "<|file_sep|>", "<|repo_name|>"};
    if (token < 0 || token >= vocabulary->n)
        return false;
    if (token == vocabulary->end || token == vocabulary->end_of_turn)
        return true;
    if (!is_special(vocabulary, token))
        return false;
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (view_is(vocabulary->texts[token], names[i]))
            return true;
    return false;
}

/* Which special tokens a text is searched for. */
enum wanted { WANTED_USER_DEFINED = 1, WANTED_CONTROL = 2 };

/* The longest wanted special token with which the text begins, or −1. */
static int32_t special_at(const struct vocabulary *vocabulary, struct view text, int wanted) {
    const uint32_t *first = &vocabulary->first_length[(uint8_t)text.at[0]];
    for (uint32_t i = first[0]; i < first[1]; i++) {
        size_t n = vocabulary->special_lengths[i];
        if (n > text.n)
            continue;
        int32_t token = vocabulary_find(vocabulary, view_slice(text, 0, n));
        if (token < 0 || !is_special(vocabulary, token))
            continue;
        bool user_defined = vocabulary->types[token] == TOKEN_USER_DEFINED;
        if (wanted & (user_defined ? WANTED_USER_DEFINED : WANTED_CONTROL))
            return token;
    }
    return -1;
}

void vocabulary_quote(const struct vocabulary *vocabulary, struct view text, struct buffer *out) {
    for (size_t i = 0; i < text.n;) {
        int32_t point;
        size_t n = utf8_decode(text.at + i, text.n - i, &point);
        buffer_append(out, view_slice(text, i, i + n));
        if (special_at(vocabulary, view_slice(text, i, text.n), WANTED_CONTROL) >= 0)
            buffer_byte(out, ' ');
        i += n;
    }
}

static void encode_plain(const struct vocabulary *vocabulary, struct view text,
                         struct tokens *tokens) {
    if (text.n == 0)
        return;
    switch (vocabulary->kind) {
    case VOCABULARY_BYTE_PAIR:
        byte_pair_encode(vocabulary, text, tokens);
        break;
    case VOCABULARY_SENTENCE_PIECE:
        sentence_piece_encode(vocabulary, text, tokens);
        break;
    case VOCABULARY_WORD_PIECE:
        word_piece_encode(vocabulary, text, tokens);
        break;
    }
}

/* Special tokens are cut out first, from the left, the longest where several begin. */
bool vocabulary_encode(const struct vocabulary *vocabulary, struct view text,
                       enum special_tokens special, struct tokens *tokens, struct fault *fault) {
    int wanted = WANTED_USER_DEFINED | (special == SPECIAL_PARSED ? WANTED_CONTROL : 0);
    if (text.n > INT32_MAX)
        return fault_set(fault, FAULT_LIMIT, "a text of %zu bytes is over 2 GB", text.n);
    struct memory_watch watch;
    memory_watch_begin(&watch);
    size_t from = 0, n_before = tokens->n;
    for (size_t i = 0; i < text.n && !memory_is_short();) {
        int32_t token = special_at(vocabulary, view_slice(text, i, text.n), wanted);
        if (token < 0) {
            i++;
            continue;
        }
        encode_plain(vocabulary, view_slice(text, from, i), tokens);
        tokens_append(tokens, token);
        i += vocabulary->texts[token].n;
        from = i;
    }
    encode_plain(vocabulary, view_slice(text, from, text.n), tokens);
    bool good = memory_watch_end(&watch, fault);
    if (!good)
        tokens->n = n_before;
    return good;
}

static void decode_byte_pair(struct view text, struct buffer *out) {
    for (size_t i = 0; i < text.n;) {
        int32_t point;
        size_t n = utf8_decode(text.at + i, text.n - i, &point);
        int byte = point_to_byte(point);
        if (byte >= 0)
            buffer_byte(out, (char)byte);
        else
            buffer_append(out, view_slice(text, i, i + n));
        i += n;
    }
}

static void decode_sentence_piece(struct view text, struct buffer *out) {
    struct view space = VIEW("\u2581");
    for (ptrdiff_t at; (at = view_find(text, space)) >= 0;) {
        buffer_append(out, view_slice(text, 0, (size_t)at));
        buffer_byte(out, ' ');
        text = view_slice(text, (size_t)at + space.n, text.n);
    }
    buffer_append(out, text);
}

void vocabulary_decode(const struct vocabulary *vocabulary, int32_t token,
                       enum special_tokens special, struct buffer *out) {
    if (token < 0 || token >= vocabulary->n)
        return;
    struct view text = vocabulary->texts[token];
    switch (vocabulary->types[token]) {
    case TOKEN_CONTROL:
    case TOKEN_UNKNOWN:
        if (special == SPECIAL_PARSED)
            buffer_append(out, text);
        return;
    case TOKEN_USER_DEFINED:
        buffer_append(out, text);
        return;
    case TOKEN_BYTE:
        if (vocabulary->kind == VOCABULARY_SENTENCE_PIECE) {
            buffer_byte(out, (char)(hex_digit(text.at[3]) * 16 + hex_digit(text.at[4])));
            return;
        }
        break;
    default:
        break;
    }
    if (vocabulary->kind == VOCABULARY_BYTE_PAIR)
        decode_byte_pair(text, out);
    else
        decode_sentence_piece(text, out);
}
