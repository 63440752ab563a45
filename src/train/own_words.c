/* Packs in which the student's own words stand where the texts' did: each beginning of the pack is
 * kept up to its first token that counts, and the engine writes on, many texts at once. */
#include "train/inside.h"
#include "train/trainer.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TOGETHER = 8 /* texts that are written at the same time */ };

struct own_pack {
    bool own; /* false: the texts' own is learnt */
    struct pack pack;
    int32_t *tokens, *targets;
    float *weights;
    struct segment *segments;
};

struct own_words {
    struct model *model;
    struct student *student;
    struct own_words_options options;
    char path[4096];
    int pack_tokens;
    int64_t step;
    struct adapter *adapter; /* as the student is at this step */
    struct own_pack *packs;
    int n_pack;
    struct session *sessions[TOGETHER];
};

struct own_words *own_words_new(struct model *model, struct student *student,
                                const struct own_words_options *options, int pack_tokens,
                                struct fault *fault) {
    struct own_words *own = try_alloc(1, sizeof *own, fault);
    if (!own)
        return NULL;
    own->model = model;
    own->student = student;
    own->options = *options;
    own->pack_tokens = pack_tokens;
    snprintf(own->path, sizeof own->path, "%s/own-words.gguf", options->folder);
    return own;
}

void own_words_free(struct own_words *own) {
    if (!own)
        return;
    for (int i = 0; i < TOGETHER; i++)
        session_close(own->sessions[i]);
    adapter_close(own->adapter);
    for (int i = 0; i < own->n_pack; i++) {
        free(own->packs[i].tokens);
        free(own->packs[i].targets);
        free(own->packs[i].weights);
        free(own->packs[i].segments);
    }
    free(own->packs);
    if (own->path[0])
        unlink(own->path);
    free(own);
}

struct own_words_options own_words_options(const struct own_words *own) {
    return own->options;
}

/* ------------------------------------------------------------------------------------ one text */

struct writer { /* one text of the pack */
    struct own_words *own;
    int32_t *prefix;
    int n_prefix;
    int32_t *words;
    int n_word, most;
    uint64_t seed;
    struct fault fault;
    bool good;
};

static void told(void *data, const struct written_token *token) {
    struct writer *writer = data;
    if (writer->n_word < writer->most)
        writer->words[writer->n_word++] = token->token;
}

static void write_text(struct writer *writer, struct session *session) {
    struct generation generation = {.sampling = {.temperature = writer->own->options.temperature,
                                                 .top_p = 1,
                                                 .seed = writer->seed},
                                    .max_tokens = writer->most,
                                    .told = told,
                                    .data = writer};
    struct generation_result result;
    writer->n_word = 0;
    writer->good = session_generate(session, writer->prefix, (size_t)writer->n_prefix, &generation,
                                    NULL, &result, &writer->fault);
}

struct team { /* threads that take one text after the other */
    struct own_words *own;
    struct writer *writers;
    int n_writer, next;
    pthread_mutex_t lock;
};

struct member {
    struct team *team;
    struct session *session;
};

static void *write_some(void *data) {
    struct member *member = data;
    struct team *team = member->team;
    for (;;) {
        pthread_mutex_lock(&team->lock);
        int i = team->next < team->n_writer ? team->next++ : -1;
        pthread_mutex_unlock(&team->lock);
        if (i < 0)
            return NULL;
        write_text(&team->writers[i], member->session);
    }
}

static bool write_all(struct own_words *own, struct writer *writers, int n, struct fault *fault) {
    struct team team = {.own = own, .writers = writers, .n_writer = n};
    struct member members[TOGETHER];
    pthread_t threads[TOGETHER];
    int n_thread = 0;
    pthread_mutex_init(&team.lock, NULL);
    for (int i = 0; i < TOGETHER; i++)
        members[i] = (struct member){&team, own->sessions[i]};
    while (n_thread < TOGETHER - 1 && n_thread < n - 1 &&
           pthread_create(&threads[n_thread], NULL, write_some, &members[n_thread + 1]) == 0)
        n_thread++;
    write_some(&members[0]);
    while (n_thread > 0)
        pthread_join(threads[--n_thread], NULL);
    pthread_mutex_destroy(&team.lock);
    for (int i = 0; i < n; i++)
        if (!writers[i].good) {
            if (fault)
                *fault = writers[i].fault;
            return false;
        }
    return true;
}

/* ---------------------------------------------------------------------------------- a whole pack
 */

/* How much of a segment is kept: up to its first position that counts; all, where none does. */
static int kept_of(const struct pack *pack, const struct segment *segment, bool *counts) {
    for (int i = 0; i < segment->n; i++)
        if (pack->targets[segment->start + i] >= 0 && pack->weights[segment->start + i] != 0) {
            *counts = true;
            return i + 1;
        }
    *counts = false;
    return segment->n;
}

static int prefix_of(const struct pack *pack, int s, int kept, int32_t *out) {
    const struct segment *segment = &pack->segments[s];
    const struct segment *parent = segment->parent < 0 ? NULL : &pack->segments[segment->parent];
    int n = parent ? prefix_of(pack, segment->parent, parent->n, out) : 0;
    memcpy(out + n, pack->tokens + segment->start, (size_t)kept * sizeof *out);
    return n + kept;
}

/* A writer for each text of the pack; gives how many. */
static int appoint(struct own_words *own, const struct pack *pack, int i, struct writer *writers) {
    int kept = 0, n = 0;
    bool counts;
    for (int s = 0; s < pack->n_segment; s++) {
        kept += kept_of(pack, &pack->segments[s], &counts);
        n += counts;
    }
    int most = n ? (own->pack_tokens - kept) / n : 0;
    most = most < own->options.max_tokens ? most : own->options.max_tokens;
    n = 0;
    for (int s = 0; s < pack->n_segment; s++) {
        int kept_here = kept_of(pack, &pack->segments[s], &counts);
        if (!counts)
            continue;
        struct writer *writer = &writers[n];
        const int64_t place[] = {own->step, i, n++};
        *writer = (struct writer){.own = own, .most = most};
        writer->seed = hash64((struct view){(const char *)place, sizeof place}, own->options.seed);
        writer->prefix = must_alloc((size_t)own->pack_tokens, sizeof *writer->prefix);
        writer->words = must_alloc((size_t)most + 1, sizeof *writer->words);
        writer->n_prefix = prefix_of(pack, s, kept_here, writer->prefix);
    }
    return n;
}

static void put(struct own_pack *out, int32_t token, int32_t target) {
    out->tokens[out->pack.n] = token;
    out->targets[out->pack.n] = target;
    out->weights[out->pack.n++] = target >= 0;
}

static void lay(struct own_pack *out, const struct pack *pack, const struct writer *writers) {
    out->pack = (struct pack){.tokens = out->tokens,
                              .targets = out->targets,
                              .weights = out->weights,
                              .segments = out->segments};
    for (int s = 0, n = 0; s < pack->n_segment; s++) {
        const struct segment *segment = &pack->segments[s];
        bool counts;
        int kept = kept_of(pack, segment, &counts), start = out->pack.n;
        const struct writer *writer = counts ? &writers[n++] : NULL;
        for (int i = 0; i < kept; i++)
            put(out, pack->tokens[segment->start + i],
                writer && i == kept - 1 && writer->n_word ? writer->words[0] : -1);
        /* The last word is a target alone: nothing comes after it. */
        for (int i = 0; writer && i + 1 < writer->n_word; i++)
            put(out, writer->words[i], writer->words[i + 1]);
        out->segments[out->pack.n_segment++] =
            (struct segment){start, out->pack.n - start, segment->parent, segment->first_position};
    }
}

static bool room_for_pack(struct own_words *own, int i, struct fault *fault) {
    size_t n = (size_t)own->pack_tokens;
    if (i < own->n_pack)
        return true;
    struct own_pack *packs = try_realloc(own->packs, (size_t)i + 1, sizeof *packs, fault);
    if (!packs)
        return false;
    own->packs = packs;
    struct own_pack *made = &packs[i];
    *made = (struct own_pack){0};
    own->n_pack = i + 1;
    return (made->tokens = try_alloc(n, sizeof *made->tokens, fault)) &&
           (made->targets = try_alloc(n, sizeof *made->targets, fault)) &&
           (made->weights = try_alloc(n, sizeof *made->weights, fault)) &&
           (made->segments = try_alloc(n, sizeof *made->segments, fault));
}

bool own_words_begin(struct own_words *own, int64_t step, struct fault *fault) {
    struct adapter_export export = {.type = "F32"};
    struct adapter_loss loss;
    own->step = step;
    for (int i = 0; i < TOGETHER; i++)
        if (own->sessions[i] && !session_adapt(own->sessions[i], NULL, 1, fault))
            return false;
    adapter_close(own->adapter);
    own->adapter = NULL;
    if (!student_write_adapter(own->student, own->path, &export, &loss, fault) ||
        !(own->adapter = adapter_open(own->model, own->path, fault)))
        return false;
    for (int i = 0; i < TOGETHER; i++)
        if ((!own->sessions[i] &&
             !(own->sessions[i] = session_open(own->model, own->pack_tokens, fault))) ||
            !session_adapt(own->sessions[i], own->adapter, 1, fault))
            return false;
    return true;
}

bool own_words_write(struct own_words *own, int i, const struct pack *pack, struct fault *fault) {
    const int64_t place[] = {own->step, i};
    struct random random;
    random_seed(&random,
                hash64((struct view){(const char *)place, sizeof place}, own->options.seed));
    if (!room_for_pack(own, i, fault))
        return false;
    own->packs[i].own = false;
    if (random_unit(&random) >= own->options.share)
        return true;
    struct writer *writers = must_alloc((size_t)pack->n_segment + 1, sizeof *writers);
    int n = appoint(own, pack, i, writers);
    own->packs[i].own = n > 0 && writers[0].most > 0; /* else there is no room to write in */
    bool good = !own->packs[i].own || write_all(own, writers, n, fault);
    if (good && own->packs[i].own)
        lay(&own->packs[i], pack, writers);
    for (int w = 0; w < n; w++) {
        free(writers[w].prefix);
        free(writers[w].words);
    }
    free(writers);
    return good;
}

const struct pack *own_words_instead(const struct own_words *own, int i, const struct pack *pack) {
    return own->packs[i].own ? &own->packs[i].pack : pack;
}
