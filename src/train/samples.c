/* A teacher's distributions, kept as tokens that were drawn from them: their mean is the
 * distribution, without bias, where the K likeliest alone would be another one (Anshumann et al.
 * 2025, Sparse Logit Sampling, arXiv 2503.16870).
 *
 * The file: a header, then for each position that counts the hash of all tokens of its text up to
 * it and the tokens that were drawn, then the hash of all that. Until it is whole it is called
 * FILE.part, to which a later run adds. What is drawn depends on the position and the seed alone,
 * and is found by the text's tokens, however the texts are packed. */
#include "train/inside.h"
#include "train/trainer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { VERSION = 1, MOST_DRAWS = 256 };
static const char magic[8] = "LYCSAMP";

struct header {
    char magic[8];
    uint32_t version, n_draw, n_vocabulary, zero;
    uint64_t seed;
};

struct samples {
    struct file_map map;
    uint32_t n_draw, n_vocabulary;
    size_t n, record; /* positions; bytes of one */
    uint32_t *order;  /* [n], by their keys */
};

/* ---------------------------------------------------------------------------------------- keys */

static uint64_t key_after(uint64_t key, int32_t token) {
    struct {
        uint64_t key;
        int64_t token;
    } both = {key, token};
    return hash64((struct view){(const char *)&both, sizeof both}, 0);
}

static int segment_of(const struct pack *pack, int t) {
    int s = 0;
    while (t >= pack->segments[s].start + pack->segments[s].n)
        s++;
    return s;
}

/* Of a text's tokens from its beginning up to position t of the pack. */
static uint64_t key_of(const struct pack *pack, int t) {
    int way[32], n = 0;
    for (int s = segment_of(pack, t); s >= 0; s = pack->segments[s].parent) {
        MUST(n < (int)COUNT_OF(way));
        way[n++] = s;
    }
    uint64_t key = 0;
    while (n-- > 0) {
        const struct segment *segment = &pack->segments[way[n]];
        int end = n == 0 ? t + 1 : segment->start + segment->n;
        for (int i = segment->start; i < end; i++)
            key = key_after(key, pack->tokens[i]);
    }
    return key;
}

/* -------------------------------------------------------------------------------------- drawing
 */

struct drawing {
    const struct pack *pack;
    uint64_t seed;
    size_t n_draw, record;
    int64_t n_vocabulary;
    char *records;    /* [of this pack's counted positions] */
    const int *place; /* [pack->n]: which of them */
};

static int by_value(const void *a, const void *b) {
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

/* Tokens at n_draw random points of the distribution, in one pass over it. */
static void draw(void *data, int token, const float *p) {
    const struct drawing *drawing = data;
    char *record = drawing->records + (size_t)drawing->place[token] * drawing->record;
    uint64_t key = key_of(drawing->pack, token);
    uint32_t drawn[MOST_DRAWS];
    double points[MOST_DRAWS], below = 0, all = 0;
    struct random random;
    random_seed(&random, drawing->seed ^ key);
    for (int64_t i = 0; i < drawing->n_vocabulary; i++)
        all += (double)p[i];
    for (size_t i = 0; i < drawing->n_draw; i++)
        points[i] = random_unit(&random) * all;
    qsort(points, drawing->n_draw, sizeof *points, by_value);
    size_t n = 0;
    uint32_t last = 0; /* the last that has any probability: sums are rounded */
    for (int64_t i = 0; i < drawing->n_vocabulary && n < drawing->n_draw; i++) {
        below += (double)p[i];
        last = p[i] > 0 ? (uint32_t)i : last;
        while (n < drawing->n_draw && points[n] < below)
            drawn[n++] = (uint32_t)i;
    }
    while (n < drawing->n_draw)
        drawn[n++] = last;
    memcpy(record, &key, sizeof key);
    memcpy(record + sizeof key, drawn, drawing->n_draw * sizeof *drawn);
}

static size_t count_pack(const struct pack *pack, int *place) {
    size_t n = 0;
    for (int t = 0; t < pack->n; t++)
        if (pack->targets[t] >= 0 && pack->weights[t] != 0)
            place[t] = (int)n++;
    return n;
}

struct writing {
    const struct samples_options *options;
    struct texts *texts;
    struct passage *teacher;
    FILE *file;
    size_t record, n_done; /* bytes of a position; positions that the file holds */
    char *records;
    int *place;
};

/* Goes over a round of the texts; packs that the file holds whole are passed over. */
static bool write_packs(struct writing *writing, bool *done, struct fault *fault) {
    const struct samples_options *options = writing->options;
    struct texts_place place = {0};
    size_t n = 0;
    while (place.round == 0) {
        if (options->cancel && *options->cancel)
            return true;
        const struct pack *pack = texts_next(writing->texts, &place);
        size_t n_pack = count_pack(pack, writing->place);
        n += n_pack;
        if (n <= writing->n_done)
            continue;
        struct drawing drawing = {pack,
                                  options->seed,
                                  (size_t)options->per_token,
                                  writing->record,
                                  writing->teacher->student->weights->shape.n_vocabulary,
                                  writing->records,
                                  writing->place};
        passage_each(writing->teacher, pack, draw, &drawing);
        if (fwrite(writing->records, writing->record, n_pack, writing->file) != n_pack ||
            fflush(writing->file) != 0)
            return fault_set(fault, FAULT_MACHINE, "the samples cannot be written: %s",
                             strerror(errno));
        if (options->told && !options->told(options->data, n, fault))
            return false;
    }
    *done = true;
    return true;
}

/* Opens FILE.part at the end of what an earlier run of the same left: whole packs. */
static bool open_part(struct writing *writing, const char *path, const struct header *header,
                      struct fault *fault) {
    struct header found = {0};
    writing->file = fopen(path, "r+b");
    bool same = writing->file && fread(&found, sizeof found, 1, writing->file) == 1 &&
                !memcmp(&found, header, sizeof found);
    if (!same && writing->file) {
        fclose(writing->file);
        writing->file = NULL;
    }
    if (!same && (!(writing->file = fopen(path, "w+b")) ||
                  fwrite(header, sizeof *header, 1, writing->file) != 1))
        return fault_set(fault, FAULT_MACHINE, "the samples cannot be written: %s",
                         strerror(errno));
    if (fseek(writing->file, 0, SEEK_END) != 0)
        return fault_set(fault, FAULT_MACHINE, "the samples cannot be read: %s", strerror(errno));
    size_t held = ((size_t)ftell(writing->file) - sizeof *header) / writing->record, n = 0;
    struct texts_place place = {0};
    while (place.round == 0) {
        size_t n_pack = count_pack(texts_next(writing->texts, &place), writing->place);
        if (n + n_pack > held)
            break;
        n += n_pack;
    }
    writing->n_done = n;
    long end = (long)(sizeof *header + n * writing->record);
    if (fflush(writing->file) != 0 || ftruncate(fileno(writing->file), end) != 0 ||
        fseek(writing->file, end, SEEK_SET) != 0)
        return fault_set(fault, FAULT_MACHINE, "the samples cannot be written: %s",
                         strerror(errno));
    return true;
}

/* The hash behind all, on the disk before the name. */
static bool finish(struct writing *writing, const char *part, const char *path,
                   struct fault *fault) {
    struct file_map map;
    bool good = file_map(part, &map, fault);
    if (!good)
        return false;
    uint64_t hash = hash64((struct view){(const char *)map.at, map.n}, 0);
    file_unmap(&map);
    if (fwrite(&hash, sizeof hash, 1, writing->file) == 1 && fflush(writing->file) == 0 &&
        fsync(fileno(writing->file)) == 0 && rename(part, path) == 0)
        return true;
    return fault_set(fault, FAULT_MACHINE, "the samples cannot be written: %s", strerror(errno));
}

bool samples_write(struct passage *teacher, struct texts *texts, const char *path,
                   const struct samples_options *options, bool *done, struct fault *fault) {
    struct header header = {.version = VERSION,
                            .n_draw = (uint32_t)options->per_token,
                            .n_vocabulary =
                                (uint32_t)teacher->student->weights->shape.n_vocabulary,
                            .seed = options->seed};
    struct writing writing = {.options = options,
                              .texts = texts,
                              .teacher = teacher,
                              .record = sizeof(uint64_t) +
                                        (size_t)options->per_token * sizeof(uint32_t)};
    struct buffer part = {0};
    *done = false;
    if (options->per_token < 1 || options->per_token > MOST_DRAWS)
        return fault_set(fault, FAULT_INPUT, "a position has 1 to %d samples", MOST_DRAWS);
    memcpy(header.magic, magic, sizeof magic);
    buffer_format(&part, "%s.part", path);
    writing.records = try_alloc((size_t)teacher->n_token, writing.record, fault);
    writing.place = try_alloc((size_t)teacher->n_token, sizeof *writing.place, fault);
    bool good = writing.records && writing.place && open_part(&writing, part.at, &header, fault) &&
                write_packs(&writing, done, fault) &&
                (!*done || finish(&writing, part.at, path, fault));
    if (writing.file && fclose(writing.file) != 0 && good)
        good =
            fault_set(fault, FAULT_MACHINE, "the samples cannot be written: %s", strerror(errno));
    if (!good)
        fault_place(fault, path, 0, -1);
    free(writing.records);
    free(writing.place);
    buffer_free(&part);
    return good;
}

/* -------------------------------------------------------------------------------------- reading
 */

bool samples_is(const char *path) {
    char found[sizeof magic] = {0};
    FILE *file = fopen(path, "rb");
    bool is = file && fread(found, sizeof found, 1, file) == 1 && !memcmp(found, magic, 8);
    if (file)
        fclose(file);
    return is;
}

static const char *record_at(const struct samples *samples, uint32_t i) {
    return (const char *)samples->map.at + sizeof(struct header) + i * samples->record;
}

static uint64_t key_at(const struct samples *samples, uint32_t i) {
    uint64_t key;
    memcpy(&key, record_at(samples, i), sizeof key);
    return key;
}

static int by_key(const void *a, const void *b, void *data) {
    uint64_t left = key_at(data, *(const uint32_t *)a), right = key_at(data, *(const uint32_t *)b);
    return (left > right) - (left < right);
}

/* The tokens drawn at a position; NULL: it is none of the file's. */
static const char *find(const struct samples *samples, uint64_t key) {
    size_t low = 0, high = samples->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (key_at(samples, samples->order[middle]) < key)
            low = middle + 1;
        else
            high = middle;
    }
    bool found = low < samples->n && key_at(samples, samples->order[low]) == key;
    return found ? record_at(samples, samples->order[low]) + sizeof key : NULL;
}

static bool check_file(struct samples *samples, int n_vocabulary, struct fault *fault) {
    struct header header;
    uint64_t hash;
    size_t n = samples->map.n;
    if (n < sizeof header + sizeof hash)
        return fault_set(fault, FAULT_INPUT, "the file is no samples, or a part of them");
    memcpy(&header, samples->map.at, sizeof header);
    memcpy(&hash, samples->map.at + n - sizeof hash, sizeof hash);
    if (memcmp(header.magic, magic, sizeof magic) != 0 || header.version != VERSION)
        return fault_set(fault, FAULT_INPUT, "the file is no samples of this version");
    if (hash64((struct view){(const char *)samples->map.at, n - sizeof hash}, 0) != hash ||
        header.n_draw < 1 || header.n_draw > MOST_DRAWS)
        return fault_set(fault, FAULT_INPUT, "the samples are damaged");
    if (header.n_vocabulary != (uint32_t)n_vocabulary) {
        fault_set(fault, FAULT_INPUT, "the samples are of %u tokens, the model has %d",
                  header.n_vocabulary, n_vocabulary);
        return fault_remedy(fault, "Draw them from a teacher of the student's vocabulary");
    }
    samples->n_draw = header.n_draw;
    samples->n_vocabulary = header.n_vocabulary;
    samples->record = sizeof(uint64_t) + header.n_draw * sizeof(uint32_t);
    samples->n = (n - sizeof header - sizeof hash) / samples->record;
    if (samples->n > UINT32_MAX)
        return fault_set(fault, FAULT_LIMIT, "there are over 4 billion positions");
    for (uint32_t i = 0; i < samples->n; i++)
        for (uint32_t j = 0; j < samples->n_draw; j++) {
            uint32_t token;
            memcpy(&token, record_at(samples, i) + sizeof(uint64_t) + j * sizeof token, 4);
            if (token >= header.n_vocabulary)
                return fault_set(fault, FAULT_INPUT, "the samples are damaged");
        }
    return true;
}

/* Every position that counts is there. */
static bool covers(const struct samples *samples, struct texts *texts, struct fault *fault) {
    struct texts_place place = {0};
    while (place.round == 0) {
        const struct pack *pack = texts_next(texts, &place);
        for (int t = 0; t < pack->n; t++)
            if (pack->targets[t] >= 0 && pack->weights[t] != 0 &&
                !find(samples, key_of(pack, t))) {
                fault_set(fault, FAULT_INPUT, "the samples are of other texts");
                return fault_remedy(fault, "Draw them anew with `lyceum sample`");
            }
    }
    return true;
}

struct samples *samples_open(const char *path, struct texts *texts, int n_vocabulary,
                             struct fault *fault) {
    struct samples *samples = try_alloc(1, sizeof *samples, fault);
    bool good = samples && file_map(path, &samples->map, fault) &&
                check_file(samples, n_vocabulary, fault) &&
                (samples->order = try_alloc(samples->n + 1, sizeof *samples->order, fault));
    for (uint32_t i = 0; good && i < samples->n; i++)
        samples->order[i] = i;
    if (good)
        qsort_r(samples->order, samples->n, sizeof *samples->order, by_key, samples);
    if (good && covers(samples, texts, fault))
        return samples;
    fault_place(fault, path, 0, -1);
    samples_close(samples);
    return NULL;
}

void samples_close(struct samples *samples) {
    if (!samples)
        return;
    if (samples->map.at)
        file_unmap(&samples->map);
    free(samples->order);
    free(samples);
}

void samples_probabilities(void *data, const struct pack *pack, int t, float *p) {
    const struct samples *samples = data;
    const char *drawn = find(samples, key_of(pack, t));
    memset(p, 0, samples->n_vocabulary * sizeof *p);
    for (uint32_t i = 0; drawn && i < samples->n_draw; i++) {
        uint32_t token;
        memcpy(&token, drawn + i * sizeof token, sizeof token);
        p[token] += 1 / (float)samples->n_draw;
    }
}
