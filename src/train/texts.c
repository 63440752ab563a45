/* Texts for training: read, made into tokens by the model's own template, and laid into packs.
 *
 * Texts that follow each other in the file and begin alike become a tree of one segment and its
 * branches. A pack takes whole trees, in an order that is drawn anew for each round. */
#include "train/inside.h"
#include "train/trainer.h"

#include <stdlib.h>
#include <string.h>

enum {
    LEAST_SHARED = 24, /* tokens of a beginning that is worth a tree */
    LINE_BYTES = 4 << 20,
};
static const size_t FILE_BYTES = (size_t)4 << 30;

struct text { /* of the tokens of all texts */
    size_t first;
    int n;
};

struct tree { /* texts [first, first + n), of which the first `shared` tokens are the same */
    size_t first, n;
    int shared, n_token;
};

struct texts {
    struct texts_options options;
    struct tokens tokens;
    uint8_t *counts; /* by token: it counts as a target */
    size_t counts_room;
    struct text *texts;
    size_t n_text, texts_room;
    struct tree *trees;
    size_t n_tree, trees_room;
    uint64_t round;  /* that `order` is of, plus 1 */
    uint32_t *order; /* [n_tree] */
    struct pack pack;
    int32_t *pack_tokens, *pack_targets;
    float *pack_weights;
    struct segment *segments;
};

/* --------------------------------------------------------------------------------------- reading
 */

struct reader {
    const struct model *model;
    struct texts *texts;
    struct texts_report *report;
    struct fault *fault;
};

static bool take_text(struct reader *reader, const struct tokens *tokens, const bool *counts) {
    struct texts *texts = reader->texts;
    if (tokens->n < 2) /* nothing comes next */
        return true;
    if (tokens->n > (size_t)texts->options.pack_tokens) {
        reader->report->n_too_long++;
        return true;
    }
    if (!TRY_ROOM(texts->texts, texts->texts_room, texts->n_text + 1) ||
        !TRY_ROOM(texts->counts, texts->counts_room, texts->tokens.n + tokens->n))
        return fault_set(reader->fault, FAULT_MACHINE, "there is no memory for the texts");
    texts->texts[texts->n_text++] = (struct text){texts->tokens.n, (int)tokens->n};
    for (size_t i = 0; i < tokens->n; i++) {
        texts->counts[texts->tokens.n] = counts[i];
        reader->report->n_counted += counts[i];
        tokens_append(&texts->tokens, tokens->at[i]);
    }
    reader->report->n_token += tokens->n;
    return true;
}

static bool starts_with(const struct tokens *whole, const struct tokens *beginning) {
    return whole->n >= beginning->n &&
           !memcmp(whole->at, beginning->at, beginning->n * sizeof *whole->at);
}

/* Marks what the message at `i` says, up to the token that ends it, as counting. *end: where that
 * is. False when the template does not leave what came before as it was. */
static bool mark_message(struct reader *reader, const json_t *messages, size_t i,
                         const struct tokens *whole, bool *counts, size_t *end) {
    struct tokens prompt = {0}, said = {0};
    json_t *some = json_array();
    for (size_t j = 0; j < i; j++)
        json_array_append(some, json_array_get(messages, j));
    bool good = model_chat(reader->model, some, true, &prompt, reader->fault);
    json_array_append(some, json_array_get(messages, i));
    good = good && model_chat(reader->model, some, false, &said, reader->fault);
    if (good && (!starts_with(&said, &prompt) || !starts_with(whole, &said)))
        good = fault_set(reader->fault, FAULT_INPUT,
                         "the model's template changes what stands before message %zu", i + 1);
    const struct vocabulary *vocabulary = model_vocabulary(reader->model);
    for (size_t t = prompt.n; good && t < said.n; t++) {
        counts[t] = true;
        *end = t + 1;
        if (vocabulary_is_end(vocabulary, said.at[t]))
            break;
    }
    json_decref(some);
    tokens_free(&prompt);
    tokens_free(&said);
    return good;
}

static bool take_messages(struct reader *reader, const json_t *messages) {
    struct tokens tokens = {0};
    size_t end = 0;
    bool good = model_chat(reader->model, messages, false, &tokens, reader->fault);
    bool *counts = must_alloc(tokens.n + 1, sizeof *counts);
    for (size_t i = 0; good && i < json_array_size(messages); i++) {
        const json_t *message = json_array_get(messages, i);
        if (!strcmp(json_text(message, "role", ""), "assistant"))
            good = mark_message(reader, messages, i, &tokens, counts, &end);
    }
    if (good && !end)
        good = fault_set(reader->fault, FAULT_INPUT, "no message is the assistant's");
    if (reader->texts->options.counts_prompt)
        memset(counts, true, tokens.n);
    else
        tokens.n = good ? end : tokens.n;
    good = good && take_text(reader, &tokens, counts);
    free(counts);
    tokens_free(&tokens);
    return good;
}

static bool take_plain(struct reader *reader, struct view text) {
    const struct vocabulary *vocabulary = model_vocabulary(reader->model);
    struct tokens tokens = {0};
    if (vocabulary_adds_begin(vocabulary))
        tokens_append(&tokens, vocabulary_begin(vocabulary));
    bool good = vocabulary_encode(vocabulary, text, SPECIAL_AS_TEXT, &tokens, reader->fault);
    bool *counts = must_alloc(tokens.n + 1, sizeof *counts);
    memset(counts, true, tokens.n);
    good = good && take_text(reader, &tokens, counts);
    free(counts);
    tokens_free(&tokens);
    return good;
}

/* A plain file: texts as long as a pack, one after the other. */
static bool take_prose(struct reader *reader, struct view text) {
    const struct vocabulary *vocabulary = model_vocabulary(reader->model);
    size_t most = (size_t)reader->texts->options.pack_tokens;
    bool adds_begin = vocabulary_adds_begin(vocabulary);
    struct tokens whole = {0}, part = {0};
    bool good = vocabulary_encode(vocabulary, text, SPECIAL_AS_TEXT, &whole, reader->fault);
    bool *counts = must_alloc(most, sizeof *counts);
    memset(counts, true, most);
    for (size_t i = 0; good && i < whole.n;) {
        part.n = 0;
        if (adds_begin)
            tokens_append(&part, vocabulary_begin(vocabulary));
        while (part.n < most && i < whole.n)
            tokens_append(&part, whole.at[i++]);
        good = take_text(reader, &part, counts);
    }
    free(counts);
    tokens_free(&whole);
    tokens_free(&part);
    return good;
}

static bool take_line(struct reader *reader, struct view line) {
    if (line.n > LINE_BYTES)
        return fault_set(reader->fault, FAULT_LIMIT, "the line is over 4 MB long");
    json_t *given = json_parse(line, reader->fault);
    if (!given)
        return false;
    const json_t *messages = json_object_get(given, "messages");
    const json_t *text = json_object_get(given, "text");
    bool good;
    if (json_is_array(messages))
        good = take_messages(reader, messages);
    else if (json_is_string(text))
        good =
            take_plain(reader, (struct view){json_string_value(text), json_string_length(text)});
    else
        good = fault_set(reader->fault, FAULT_INPUT,
                         "the line holds neither \"messages\" nor \"text\"");
    json_decref(given);
    return good;
}

/* ---------------------------------------------------------------------------------------- trees
 */

static int shared_tokens(const struct texts *texts, size_t a, size_t b) {
    const struct text *one = &texts->texts[a], *other = &texts->texts[b];
    int n = 0, most = one->n < other->n ? one->n : other->n;
    while (n < most &&
           texts->tokens.at[one->first + (size_t)n] == texts->tokens.at[other->first + (size_t)n])
        n++;
    return n;
}

/* A beginning ends before the first token that counts: its targets are the branches' own. */
static int uncounted(const struct texts *texts, size_t text, int n) {
    size_t first = texts->texts[text].first;
    for (int i = 0; i < n; i++)
        if (texts->counts[first + (size_t)i])
            return i > 0 ? i - 1 : 0;
    return n > 0 ? n - 1 : 0;
}

static bool make_trees(struct reader *reader) {
    struct texts *texts = reader->texts;
    for (size_t i = 0; i < texts->n_text;) {
        struct tree tree = {.first = i, .n = 1, .n_token = texts->texts[i].n};
        for (size_t j = i + 1; j < texts->n_text && tree.n < (size_t)texts->options.branches;
             j++) {
            int shared = uncounted(texts, j, shared_tokens(texts, i, j));
            shared = tree.n > 1 && tree.shared < shared ? tree.shared : shared;
            int before = tree.n > 1 ? tree.shared : shared;
            int n_token =
                tree.n_token + (int)(tree.n - 1) * (before - shared) + texts->texts[j].n - shared;
            if (shared < LEAST_SHARED || n_token > texts->options.pack_tokens)
                break;
            tree.shared = shared;
            tree.n_token = n_token;
            tree.n++;
        }
        if (!TRY_ROOM(texts->trees, texts->trees_room, texts->n_tree + 1))
            return fault_set(reader->fault, FAULT_MACHINE, "there is no memory for the texts");
        texts->trees[texts->n_tree++] = tree;
        reader->report->n_computed += (uint64_t)tree.n_token;
        i += tree.n;
    }
    return true;
}

static bool make_room(struct reader *reader) {
    struct texts *texts = reader->texts;
    size_t n = (size_t)texts->options.pack_tokens;
    return (texts->order = try_alloc(texts->n_tree, sizeof *texts->order, reader->fault)) &&
           (texts->pack_tokens = try_alloc(n, sizeof *texts->pack_tokens, reader->fault)) &&
           (texts->pack_targets = try_alloc(n, sizeof *texts->pack_targets, reader->fault)) &&
           (texts->pack_weights = try_alloc(n, sizeof *texts->pack_weights, reader->fault)) &&
           (texts->segments = try_alloc(n, sizeof *texts->segments, reader->fault));
}

static bool is_prose(struct view path) {
    return view_ends(path, ".txt") || view_ends(path, ".md");
}

static bool read_all(struct reader *reader, const char *path) {
    struct buffer content = {0};
    struct view line, rest = {0};
    long number = 0;
    bool good = file_read(path, FILE_BYTES, &content, reader->fault);
    if (good && is_prose(view_of(path)))
        good = take_prose(reader, buffer_view(&content));
    else
        rest = buffer_view(&content);
    while (good && view_line(&rest, &line)) {
        number++;
        line = view_trim(line);
        if (line.n && !(good = take_line(reader, line)) && reader->fault) {
            reader->fault->line = 0; /* of the file, not of the JSON in it */
            fault_place(reader->fault, path, number, -1);
        }
    }
    buffer_free(&content);
    if (good && !reader->texts->n_text) {
        fault_set(reader->fault, FAULT_INPUT, "there is no text to learn from%s",
                  reader->report->n_too_long ? " that fits a pack" : "");
        good = fault_place(reader->fault, path, 0, -1);
    }
    return good && make_trees(reader) && make_room(reader);
}

struct texts *texts_read(const struct model *model, const char *path,
                         const struct texts_options *options, struct texts_report *report,
                         struct fault *fault) {
    *report = (struct texts_report){0};
    struct texts *texts = try_alloc(1, sizeof *texts, fault);
    if (!texts)
        return NULL;
    texts->options = *options;
    if (texts->options.branches < 1)
        texts->options.branches = 1;
    struct reader reader = {model, texts, report, fault};
    bool good = read_all(&reader, path);
    report->n_text = texts->n_text;
    if (good)
        return texts;
    texts_free(texts);
    return NULL;
}

void texts_free(struct texts *texts) {
    if (!texts)
        return;
    tokens_free(&texts->tokens);
    free(texts->counts);
    free(texts->texts);
    free(texts->trees);
    free(texts->order);
    free(texts->pack_tokens);
    free(texts->pack_targets);
    free(texts->pack_weights);
    free(texts->segments);
    free(texts);
}

/* ---------------------------------------------------------------------------------------- packs
 */

/* The order of a round is drawn from the seed and the round's number alone (Fisher and Yates). */
static void draw_order(struct texts *texts, uint64_t round) {
    struct random random;
    if (texts->round == round + 1)
        return;
    random_seed(&random, texts->options.seed + round * 0x9E3779B97F4A7C15U);
    for (size_t i = 0; i < texts->n_tree; i++)
        texts->order[i] = (uint32_t)i;
    for (size_t i = texts->n_tree; i > 1; i--) {
        size_t j = (size_t)random_between(&random, 0, (int64_t)i - 1);
        uint32_t other = texts->order[i - 1];
        texts->order[i - 1] = texts->order[j];
        texts->order[j] = other;
    }
    texts->round = round + 1;
}

static void put_segment(struct texts *texts, size_t text, int from, int to, int parent) {
    struct pack *pack = &texts->pack;
    const struct text *source = &texts->texts[text];
    texts->segments[pack->n_segment++] =
        (struct segment){pack->n, to - from, parent, parent < 0 ? 0 : from};
    for (int i = from; i < to; i++, pack->n++) {
        size_t at = source->first + (size_t)i;
        bool counts = i + 1 < source->n && texts->counts[at + 1];
        texts->pack_tokens[pack->n] = texts->tokens.at[at];
        texts->pack_targets[pack->n] = counts ? texts->tokens.at[at + 1] : -1;
        texts->pack_weights[pack->n] = counts;
    }
}

static void put_tree(struct texts *texts, const struct tree *tree) {
    int trunk = texts->pack.n_segment;
    if (tree->shared)
        put_segment(texts, tree->first, 0, tree->shared, -1);
    for (size_t i = 0; i < tree->n; i++)
        put_segment(texts, tree->first + i, tree->shared, texts->texts[tree->first + i].n,
                    tree->shared ? trunk : -1);
}

const struct pack *texts_next(struct texts *texts, struct texts_place *place) {
    draw_order(texts, place->round);
    texts->pack = (struct pack){.tokens = texts->pack_tokens,
                                .targets = texts->pack_targets,
                                .weights = texts->pack_weights,
                                .segments = texts->segments};
    while (place->next < texts->n_tree) {
        const struct tree *tree = &texts->trees[texts->order[place->next]];
        if (texts->pack.n + tree->n_token > texts->options.pack_tokens)
            break;
        put_tree(texts, tree);
        place->next++;
    }
    if (place->next == texts->n_tree)
        *place = (struct texts_place){.round = place->round + 1};
    return &texts->pack;
}

uint64_t texts_hash(const struct texts *texts) {
    uint64_t hash = texts->options.seed;
    const int numbers[] = {texts->options.pack_tokens, texts->options.branches};
    hash = hash64((struct view){(const char *)numbers, sizeof numbers}, hash);
    hash = hash64(
        (struct view){(const char *)texts->tokens.at, texts->tokens.n * sizeof *texts->tokens.at},
        hash);
    return hash64((struct view){(const char *)texts->counts, texts->tokens.n}, hash);
}
