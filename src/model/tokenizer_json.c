/* tokenizer.json, tokenizer_config.json and a chat template as GGUF's `tokenizer.*`.
 *
 * Three kinds of vocabulary, told apart by structure and never by a model's name:
 *
 *     byte pair       BPE over bytes written as printable characters; text is cut first by a rule,
 *                     found in `rules` by what the pre_tokenizer says
 *     sentence piece  BPE with byte_fallback, spaces written as U+2581. The merges give each token
 *                     the score that orders them
 *     word piece      BERT's: "##" marks what continues a word; GGUF marks what begins one */
#include "model/convert.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NORMAL = 1, UNKNOWN, CONTROL, USER_DEFINED, UNUSED, BYTE }; /* as GGUF numbers them */
enum { MOST_MERGES = 1 << 22 };

static const char file[] = "tokenizer.json";

struct vocabulary_conversion {
    const struct conversion_files *files;
    const json_t *tokenizer, *settings;        /* tokenizer.json; tokenizer_config.json or empty */
    const json_t *model, *vocabulary, *merges; /* inside */
    struct arena *arena;
    int64_t n;
    const char **texts; /* [n]; NULL: none yet */
    uint8_t *types;
    struct gguf_writer *writer;
    struct fault *fault;
};

static bool refuse(struct vocabulary_conversion *it, const char *format, ...) PRINTF_LIKE(2, 3);
static bool refuse(struct vocabulary_conversion *it, const char *format, ...) {
    char text[280];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return folder_fault(it->files->folder, file, it->fault, "%s", text);
}

/* --------------------------------------------------------------------------------- the tokens */

/* Some files call tokens plain that the model never means as text. */
static bool looks_special(struct view text) {
    return view_is(text, "<pad>") || view_is(text, "<mask>") ||
           (view_starts(text, "<|") && view_ends(text, "|>")) ||
           (view_starts(text, "<unused") && view_ends(text, ">"));
}

static bool add_token(struct vocabulary_conversion *it, const char *text, int64_t id, int type) {
    if (id < 0 || id >= it->n)
        return refuse(it,
                      "token %.60s has the number %" PRId64 ", the model has %" PRId64 " tokens",
                      text, id, it->n);
    if (it->texts[id] && strcmp(it->texts[id], text))
        return refuse(it, "the number %" PRId64 " stands for %.60s and for %.60s", id,
                      it->texts[id], text);
    it->texts[id] = text;
    it->types[id] = (uint8_t)type;
    return true;
}

static bool add_vocabulary(struct vocabulary_conversion *it) {
    const char *text;
    json_t *id;
    json_object_foreach((json_t *)(uintptr_t)it->vocabulary, text, id) {
        if (!json_is_integer(id))
            return refuse(it, "token %.60s has no number", text);
        int64_t number = json_integer_value(id);
        if (number >= 0 && number < it->n && it->texts[number])
            return refuse(it, "the number %" PRId64 " stands for two tokens", number);
        if (!add_token(it, text, number, NORMAL))
            return false;
    }
    return json_object_size(it->vocabulary) > 0 || refuse(it, "the vocabulary is empty");
}

static const char *with_spaces(struct vocabulary_conversion *it, const char *text) {
    struct view rest = view_of(text), mark = VIEW("\u2581");
    struct buffer out = {0};
    for (ptrdiff_t at; (at = view_find(rest, mark)) >= 0;) {
        buffer_append(&out, view_slice(rest, 0, (size_t)at));
        buffer_byte(&out, ' ');
        rest = view_slice(rest, (size_t)at + mark.n, rest.n);
    }
    buffer_append(&out, rest);
    const char *copy = arena_string(it->arena, buffer_view(&out));
    buffer_free(&out);
    return copy;
}

/* Tokens that are cut out of a text before anything else looks at it. One without a row in the
 * embedding is one that the model never saw. */
static bool add_added(struct vocabulary_conversion *it) {
    const json_t *list = json_object_get(it->tokenizer, "added_tokens");
    size_t i;
    json_t *entry;
    json_array_foreach((json_t *)(uintptr_t)list, i, entry) {
        const char *text = json_text(entry, "content", NULL);
        const json_t *id = json_object_get(entry, "id");
        if (!text || !*text || !json_is_integer(id))
            return refuse(it, "added token %zu has no content or no id", i);
        bool control = json_flag(entry, "special", false) || looks_special(view_of(text));
        int64_t number = json_integer_value(id);
        if (number >= it->n)
            continue;
        if (!add_token(it, text, number, control ? CONTROL : USER_DEFINED))
            return false;
        if (!control)
            it->texts[number] = with_spaces(it, text);
    }
    return true;
}

static void fill_gaps(struct vocabulary_conversion *it) {
    for (int64_t id = 0; id < it->n; id++)
        if (!it->texts[id]) {
            it->texts[id] = arena_format(it->arena, "[PAD%" PRId64 "]", id);
            it->types[id] = UNUSED;
        }
}

/* --------------------------------------------------------------------------------- the writing */

static void put(struct buffer *out, const void *at, size_t n) {
    buffer_append(out, (struct view){at, n});
}

static void start_array(struct buffer *out, uint32_t type, uint64_t n) {
    put(out, &type, sizeof type);
    put(out, &n, sizeof n);
}

static void put_string(struct buffer *out, struct view text) {
    uint64_t n = text.n;
    put(out, &n, sizeof n);
    buffer_append(out, text);
}

static void finish_array(struct vocabulary_conversion *it, const char *key, struct buffer *value) {
    gguf_write_key(it->writer, view_of(key), GGUF_ARRAY, buffer_view(value));
    buffer_free(value);
}

static void write_tokens(struct vocabulary_conversion *it) {
    struct buffer texts = {0}, types = {0};
    start_array(&texts, GGUF_STRING, (uint64_t)it->n);
    start_array(&types, GGUF_INT32, (uint64_t)it->n);
    for (int64_t id = 0; id < it->n; id++) {
        int32_t type = it->types[id];
        put_string(&texts, view_of(it->texts[id]));
        put(&types, &type, sizeof type);
    }
    finish_array(it, "tokenizer.ggml.tokens", &texts);
    finish_array(it, "tokenizer.ggml.token_type", &types);
}

/* ---------------------------------------------------------------------------------- the merges */

/* A merge is "left right", or ["left", "right"], where a space in a part is possible. */
static bool read_merge(struct vocabulary_conversion *it, size_t rank, struct view *left,
                       struct view *right) {
    const json_t *merge = json_array_get(it->merges, rank);
    const char *first = json_string_value(json_array_get(merge, 0));
    const char *second = json_string_value(json_array_get(merge, 1));
    if (json_array_size(merge) == 2 && first && second && *first && *second) {
        *left = view_of(first);
        *right = view_of(second);
        return true;
    }
    struct view text = view_of(json_string_value(merge));
    ptrdiff_t gap = text.n > 2 ? view_find(view_slice(text, 1, text.n - 1), VIEW(" ")) : -1;
    if (gap < 0)
        return refuse(it, "merge %zu is not two texts", rank);
    *left = view_slice(text, 0, (size_t)gap + 1);
    *right = view_slice(text, (size_t)gap + 2, text.n);
    return true;
}

static void put_without_spaces(struct buffer *out, struct view text) {
    for (size_t i = 0; i < text.n; i++)
        text.at[i] == ' ' ? buffer_text(out, "\u0120") : buffer_byte(out, text.at[i]);
}

static bool write_merges(struct vocabulary_conversion *it) {
    struct buffer all = {0}, line = {0};
    size_t n = json_array_size(it->merges);
    start_array(&all, GGUF_STRING, n);
    bool good = true;
    for (size_t rank = 0; good && rank < n; rank++) {
        struct view left, right;
        good = read_merge(it, rank, &left, &right);
        if (!good)
            break;
        buffer_clear(&line);
        put_without_spaces(&line, left);
        buffer_byte(&line, ' ');
        put_without_spaces(&line, right);
        put_string(&all, buffer_view(&line));
    }
    buffer_free(&line);
    if (good)
        finish_array(it, "tokenizer.ggml.merges", &all);
    buffer_free(&all);
    return good;
}

/* The earlier a merge that makes a token, the higher its score; one that none makes is last. */
static bool write_scores(struct vocabulary_conversion *it) {
    float *scores = must_alloc((size_t)it->n, sizeof *scores);
    struct buffer joined = {0}, value = {0};
    bool good = true;
    size_t n = json_array_size(it->merges);
    for (size_t rank = n; good && rank-- > 0;) {
        struct view left, right;
        good = read_merge(it, rank, &left, &right);
        if (!good)
            break;
        buffer_clear(&joined);
        buffer_append(&joined, left);
        buffer_append(&joined, right);
        const json_t *id = json_object_get(it->vocabulary, joined.at);
        if (json_is_integer(id))
            scores[json_integer_value(id)] = -(float)(rank + 1);
    }
    for (int64_t id = 0; id < it->n; id++)
        if (scores[id] == 0)
            scores[id] = it->types[id] == NORMAL ? -(float)(n + 1) : -1e6F;
    start_array(&value, GGUF_FLOAT32, (uint64_t)it->n);
    put(&value, scores, (size_t)it->n * sizeof *scores);
    if (good)
        finish_array(it, "tokenizer.ggml.scores", &value);
    buffer_free(&value);
    buffer_free(&joined);
    free(scores);
    return good;
}

/* ----------------------------------------------------------------------------------- the kinds */

#define LLAMA_RULE(digits)                                                                        \
    "Split((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}" digits              \
    "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+) Bytes"

/* What the pre_tokenizer says, as describe() writes it, and GGUF's name of it. */
static const struct {
    const char *says, *name;
    bool ignores_merges;
} rules[] = {
    {"BytesByWord", "gpt-2", false},
    {"Digits BytesByWord", "smollm", false},
    {LLAMA_RULE(""), "qwen2", false},
    {LLAMA_RULE("{1,3}"), "llama-bpe", true},
};

/* One word a step, in the order in which they work. */
static void describe(const json_t *step, int depth, struct buffer *out) {
    const char *type = json_text(step, "type", "nothing");
    const json_t *list = json_object_get(step, "pretokenizers");
    const json_t *pattern = json_object_get(step, "pattern");
    if (!strcmp(type, "Sequence") && depth < 4) {
        for (size_t i = 0; i < json_array_size(list); i++)
            describe(json_array_get(list, i), depth + 1, out);
        return;
    }
    buffer_text(out, out->n ? " " : "");
    if (!strcmp(type, "ByteLevel")) {
        buffer_text(out, json_flag(step, "use_regex", true) ? "BytesByWord" : "Bytes");
        buffer_text(out, json_flag(step, "add_prefix_space", false) ? "AfterSpace" : "");
    } else if (!strcmp(type, "Digits")) {
        buffer_text(out, json_flag(step, "individual_digits", false) ? "Digits" : "Numbers");
    } else if (!strcmp(type, "Split") && json_text(pattern, "Regex", NULL)) {
        const char *behaviour = json_text(step, "behavior", "?");
        bool usual = !strcmp(behaviour, "Isolated") && !json_flag(step, "invert", false);
        buffer_format(out, "Split%s(%s)", usual ? "" : "Otherwise",
                      json_text(pattern, "Regex", ""));
    } else {
        buffer_text(out, type);
    }
}

static bool has_step(const json_t *step, const char *type, int depth) {
    const json_t *list = json_object_get(step, "normalizers");
    for (size_t i = 0; depth < 4 && i < json_array_size(list); i++)
        if (has_step(json_array_get(list, i), type, depth + 1))
            return true;
    return !strcmp(json_text(step, "type", ""), type);
}

static bool write_byte_pair(struct vocabulary_conversion *it) {
    struct buffer says = {0};
    describe(json_object_get(it->tokenizer, "pre_tokenizer"), 0, &says);
    if (!says.n)
        buffer_text(&says, "nothing"); /* a sequence of no steps */
    size_t i = 0;
    while (i < COUNT_OF(rules) && strcmp(rules[i].says, says.at))
        i++;
    bool good = i < COUNT_OF(rules) || refuse(it, "the pre-tokeniser %.120s%s is not known",
                                              says.at, says.n > 120 ? "…" : "");
    if (good && json_flag(it->model, "ignore_merges", false) != rules[i].ignores_merges)
        good = refuse(it, "the pre-tokeniser %s %s ignore_merges", rules[i].name,
                      rules[i].ignores_merges ? "is known with" : "is not known with");
    buffer_free(&says);
    if (!good)
        return fault_remedy(it->fault, "Known are gpt-2, smollm, qwen2 and llama-bpe");
    gguf_write_text(it->writer, "tokenizer.ggml.model", VIEW("gpt2"));
    gguf_write_text(it->writer, "tokenizer.ggml.pre", view_of(rules[i].name));
    return write_merges(it);
}

static bool is_byte_name(const char *text) {
    return strlen(text) == 6 && !strncmp(text, "<0x", 3) && text[5] == '>' &&
           strspn(text + 3, "0123456789ABCDEF") == 2;
}

static bool write_sentence_piece(struct vocabulary_conversion *it) {
    const json_t *normalizer = json_object_get(it->tokenizer, "normalizer");
    const json_t *before = json_object_get(it->tokenizer, "pre_tokenizer");
    bool by_metaspace = !strcmp(json_text(before, "type", ""), "Metaspace");
    if (!by_metaspace && !has_step(normalizer, "Replace", 0))
        return refuse(it, "a vocabulary with byte_fallback that does not write spaces as "
                          "U+2581 is not known");
    const char *unknown = json_text(it->model, "unk_token", "");
    for (int64_t id = 0; id < it->n; id++) {
        if (it->types[id] == NORMAL && is_byte_name(it->texts[id]))
            it->types[id] = BYTE;
        if (*unknown && !strcmp(it->texts[id], unknown))
            it->types[id] = UNKNOWN;
    }
    gguf_write_text(it->writer, "tokenizer.ggml.model", VIEW("llama"));
    gguf_write_text(it->writer, "tokenizer.ggml.pre", VIEW("default"));
    bool adds_space =
        has_step(normalizer, "Prepend", 0) ||
        (by_metaspace && strcmp(json_text(before, "prepend_scheme", "always"), "never"));
    write_flag(it->writer, "tokenizer.ggml.add_space_prefix", adds_space);
    return write_scores(it);
}

/* "##ing" becomes "ing", "word" becomes "▁word". */
static bool write_word_piece(struct vocabulary_conversion *it) {
    const json_t *normalizer = json_object_get(it->tokenizer, "normalizer");
    const json_t *before = json_object_get(it->tokenizer, "pre_tokenizer");
    const char *mark = json_text(it->model, "continuing_subword_prefix", "##");
    if (strcmp(json_text(normalizer, "type", ""), "BertNormalizer") ||
        strcmp(json_text(before, "type", ""), "BertPreTokenizer") || strcmp(mark, "##"))
        return refuse(it, "a WordPiece vocabulary whose texts are not prepared as BERT's is not "
                          "known");
    for (int64_t id = 0; id < it->n; id++)
        if (it->types[id] == NORMAL)
            it->texts[id] = strncmp(it->texts[id], mark, 2)
                                ? arena_format(it->arena, "\u2581%s", it->texts[id])
                                : it->texts[id] + 2;
    bool lower = json_flag(normalizer, "lowercase", true);
    gguf_write_text(it->writer, "tokenizer.ggml.model", VIEW("bert"));
    gguf_write_text(it->writer, "tokenizer.ggml.pre", VIEW("default"));
    write_flag(it->writer, "tokenizer.ggml.normalizer.lowercase", lower);
    write_flag(it->writer, "tokenizer.ggml.normalizer.strip_accents",
               json_flag(normalizer, "strip_accents", lower));
    gguf_write_uint32(it->writer, "tokenizer.ggml.token_type_count",
                      (uint32_t)json_number(it->files->config, "type_vocab_size", 2));
    return true;
}

static bool write_kind(struct vocabulary_conversion *it) {
    const char *type = json_text(it->model, "type", it->merges ? "BPE" : "none");
    if (!strcmp(type, "WordPiece"))
        return write_word_piece(it);
    if (strcmp(type, "BPE"))
        return refuse(it,
                      "a vocabulary of the kind %.40s is not known, only BPE and WordPiece "
                      "are",
                      type);
    if (!json_is_array(it->merges) || json_array_size(it->merges) > MOST_MERGES)
        return refuse(it, "the merges are no list of at most %d", MOST_MERGES);
    if (*json_text(it->model, "continuing_subword_prefix", "") ||
        *json_text(it->model, "end_of_word_suffix", ""))
        return refuse(it, "tokens that mark the inside or the end of words are not known");
    return json_flag(it->model, "byte_fallback", false) ? write_sentence_piece(it)
                                                        : write_byte_pair(it);
}

/* --------------------------------------------------------------------------------- the roles
 */

static int64_t find_token(const struct vocabulary_conversion *it, const char *text) {
    const json_t *id = json_object_get(it->vocabulary, text);
    if (json_is_integer(id) && json_integer_value(id) < it->n)
        return json_integer_value(id);
    const json_t *list = json_object_get(it->tokenizer, "added_tokens");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *entry = json_array_get(list, i);
        int64_t number = json_integer_value(json_object_get(entry, "id"));
        if (!strcmp(json_text(entry, "content", ""), text) && number >= 0 && number < it->n)
            return number;
    }
    return -1;
}

/* A setting is a text, or an object with a "content"; −1 when there is none. */
static int64_t token_of_setting(const struct vocabulary_conversion *it, const char *name) {
    const json_t *value = json_object_get(it->settings, name);
    const char *text =
        json_is_object(value) ? json_text(value, "content", NULL) : json_string_value(value);
    return text ? find_token(it, text) : -1;
}

/* A number, or the first of a list of them. */
static int64_t token_of_config(const struct vocabulary_conversion *it, const json_t *config,
                               const char *key, size_t place) {
    const json_t *value = json_object_get(config, key);
    if (json_is_array(value))
        value = json_array_get(value, place);
    else if (place)
        value = NULL;
    int64_t id = json_is_integer(value) ? json_integer_value(value) : -1;
    return id < it->n ? id : -1;
}

static int64_t write_role(struct vocabulary_conversion *it, const char *setting,
                          const char *instead, const char *key, const char *config_key) {
    int64_t id = token_of_setting(it, setting);
    if (id < 0 && instead)
        id = token_of_setting(it, instead);
    for (int i = 0; id < 0 && config_key && i < 2; i++)
        id = token_of_config(it, i ? it->files->outer : it->files->config, config_key, 0);
    if (id >= 0)
        gguf_write_uint32(it->writer, key, (uint32_t)id);
    return id;
}

/* Of several tokens that end a text, GGUF names one as the end of a turn. */
static void write_end_of_turn(struct vocabulary_conversion *it, int64_t end) {
    const json_t *const sources[] = {it->files->generation, it->files->config, it->files->outer};
    for (size_t k = 0; k < COUNT_OF(sources); k++)
        for (size_t i = 0; i < 8; i++) {
            int64_t id = token_of_config(it, sources[k], "eos_token_id", i);
            if (id < 0 || id == end)
                continue;
            gguf_write_uint32(it->writer, "tokenizer.ggml.eot_token_id", (uint32_t)id);
            return;
        }
}

/* Whether texts begin or end with a special token, by the template of a single text. */
static bool template_adds(const json_t *processor, bool at_end, int depth) {
    const json_t *list = json_object_get(processor, "processors");
    for (size_t i = 0; depth < 4 && i < json_array_size(list); i++)
        if (template_adds(json_array_get(list, i), at_end, depth + 1))
            return true;
    const json_t *single = json_object_get(processor, "single");
    size_t n = json_array_size(single);
    const json_t *step = n ? json_array_get(single, at_end ? n - 1 : 0) : NULL;
    return json_is_object(json_object_get(step, "SpecialToken"));
}

static void write_roles(struct vocabulary_conversion *it) {
    static const struct {
        const char *setting, *key, *config_key;
    } others[] = {
        {"unk_token", "tokenizer.ggml.unknown_token_id", NULL},
        {"pad_token", "tokenizer.ggml.padding_token_id", "pad_token_id"},
        {"sep_token", "tokenizer.ggml.seperator_token_id", NULL}, /* GGUF's spelling */
        {"mask_token", "tokenizer.ggml.mask_token_id", NULL},
    };
    const json_t *processor = json_object_get(it->tokenizer, "post_processor");
    write_role(it, "bos_token", "cls_token", "tokenizer.ggml.bos_token_id", "bos_token_id");
    int64_t end =
        write_role(it, "eos_token", "sep_token", "tokenizer.ggml.eos_token_id", "eos_token_id");
    write_end_of_turn(it, end);
    for (size_t i = 0; i < COUNT_OF(others); i++)
        write_role(it, others[i].setting, NULL, others[i].key, others[i].config_key);
    write_flag(it->writer, "tokenizer.ggml.add_bos_token",
               json_flag(it->settings, "add_bos_token", template_adds(processor, false, 0)));
    write_flag(it->writer, "tokenizer.ggml.add_eos_token",
               json_flag(it->settings, "add_eos_token", template_adds(processor, true, 0)));
}

/* ---------------------------------------------------------------------------- the chat template
 */

static void write_named_template(struct vocabulary_conversion *it, const char *name,
                                 const char *text) {
    char key[120] = "tokenizer.chat_template";
    if (strcmp(name, "default"))
        snprintf(key, sizeof key, "tokenizer.chat_template.%.60s", name);
    if (*text)
        gguf_write_text(it->writer, key, view_of(text));
}

/* The file of its own stands before the setting, as in transformers. */
static bool write_template(struct vocabulary_conversion *it) {
    struct buffer path = {0}, text = {0};
    buffer_format(&path, "%s/chat_template.jinja", it->files->folder);
    bool has_file = file_exists(path.at);
    bool good = !has_file || file_read(path.at, 1 << 24, &text, it->fault);
    buffer_free(&path);
    const json_t *value = json_object_get(it->settings, "chat_template");
    if (good && has_file && text.n)
        gguf_write_text(it->writer, "tokenizer.chat_template", buffer_view(&text));
    else if (good && json_is_string(value))
        write_named_template(it, "default", json_string_value(value));
    for (size_t i = 0; good && !has_file && i < json_array_size(value); i++) {
        const json_t *entry = json_array_get(value, i);
        write_named_template(it, json_text(entry, "name", "default"),
                             json_text(entry, "template", ""));
    }
    buffer_free(&text);
    return good;
}

/* ------------------------------------------------------------------------------------ the door
 */

static bool convert(struct vocabulary_conversion *it) {
    it->model = json_object_get(it->tokenizer, "model");
    it->vocabulary = json_object_get(it->model, "vocab");
    it->merges = json_object_get(it->model, "merges");
    if (!json_is_object(it->vocabulary))
        return refuse(it, "\"vocab\" is no object of tokens and their numbers%s",
                      json_is_array(it->vocabulary) ? " (a vocabulary of the kind Unigram)" : "");
    if (!add_vocabulary(it) || !add_added(it))
        return false;
    fill_gaps(it);
    if (!write_kind(it))
        return false;
    write_tokens(it);
    write_roles(it);
    return write_template(it);
}

bool vocabulary_convert_json(const struct conversion_files *files, const json_t *tokenizer,
                             const json_t *settings, int64_t n_token, struct gguf_writer *writer,
                             struct fault *fault) {
    MUST(n_token > 0 && n_token <= 1 << 22);
    struct vocabulary_conversion it = {.files = files,
                                       .tokenizer = tokenizer,
                                       .settings = settings,
                                       .arena = arena_new(),
                                       .n = n_token,
                                       .texts = must_alloc((size_t)n_token, sizeof(char *)),
                                       .types = must_alloc((size_t)n_token, 1),
                                       .writer = writer,
                                       .fault = fault};
    bool good = convert(&it);
    free(it.texts);
    free(it.types);
    arena_free(it.arena);
    return good;
}

bool vocabulary_convert(const struct conversion_files *files, int64_t n_token,
                        struct gguf_writer *writer, struct fault *fault) {
    json_t *tokenizer = NULL, *settings = NULL;
    bool good = folder_json(files->folder, file, true, &tokenizer, fault) &&
                folder_json(files->folder, "tokenizer_config.json", false, &settings, fault) &&
                vocabulary_convert_json(files, tokenizer, settings, n_token, writer, fault);
    json_decref(tokenizer);
    json_decref(settings);
    return good;
}
