/* What a trainer keeps on disk: "LYCTRAIN", a version, the state, then for each parameter that
 * learns its name, its values and its moments, and the hash of all that at the end. */
#include "train/inside.h"
#include "train/trainer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { VERSION = 1, NAME_BYTES = 64 };

struct header {
    char magic[8];
    uint32_t version, n_parameter;
    uint64_t texts, options; /* hashes of what must be the same to go on */
    struct trainer_state state;
};

struct stream {
    FILE *file;
    uint64_t hash, done;
    bool good;
};

static struct header header_of(const struct trainer *trainer) {
    struct header header = {.magic = "LYCTRAI", .version = VERSION, .state = trainer->state};
    const struct trainer_options *options = &trainer->options;
    struct buffer text = {0};
    for (size_t i = 0; i < trainer->student->n_parameter; i++)
        header.n_parameter += trainer->student->parameters[i].gradient != NULL;
    buffer_format(&text, "%a %a %a %a %a %a %d %a %d %d %d %a", (double)options->adamw.rate,
                  (double)options->adamw.beta1, (double)options->adamw.beta2,
                  (double)options->adamw.epsilon, (double)options->adamw.decay,
                  (double)options->adamw.clip, options->schedule, (double)options->hold,
                  options->warm_up, options->packs_per_step, options->loss.kind,
                  (double)options->loss.skew);
    buffer_format(&text, " %s %llu", trainer->student->weights->shape.name,
                  (unsigned long long)trainer->student->weights->shape.n_parameter);
    if (trainer->student->bf16)
        buffer_text(&text, " bf16");
    if (trainer->student->muon)
        buffer_text(&text, " muon");
    if (options->own_words) {
        struct own_words_options own = own_words_options(options->own_words);
        buffer_format(&text, " %a %d %a %llu", own.share, own.max_tokens, (double)own.temperature,
                      (unsigned long long)own.seed);
    }
    header.options = hash64(buffer_view(&text), 0);
    header.texts = texts_hash(trainer->texts);
    buffer_free(&text);
    return header;
}

uint64_t trainer_save_bytes(const struct trainer *trainer) {
    uint64_t n = sizeof(struct header) + sizeof(uint64_t);
    for (size_t i = 0; i < trainer->student->n_parameter; i++) {
        const struct parameter *p = &trainer->student->parameters[i];
        if (p->gradient)
            n += NAME_BYTES +
                 (p->second ? 3 : 2) * sizeof(float) * (uint64_t)(p->rows * p->columns);
    }
    return n;
}

static bool disk_has_room(const char *path, uint64_t bytes, struct fault *fault) {
    char folder[4096];
    struct statvfs disk;
    snprintf(folder, sizeof folder, "%s", path);
    char *slash = strrchr(folder, '/');
    snprintf(slash ? slash + 1 : folder, 2, ".");
    if (statvfs(folder, &disk) != 0)
        return true; /* writing will tell */
    uint64_t left = (uint64_t)disk.f_bavail * disk.f_frsize;
    if (left > bytes + bytes / 16)
        return true;
    fault_set(fault, FAULT_MACHINE, "saving needs %.2f GB, the disk has %.2f GB left",
              (double)bytes * 1e-9, (double)left * 1e-9);
    fault_remedy(fault, "Make room, or name another folder with --out");
    return fault_place(fault, path, 0, -1);
}

bool trainer_can_save(const struct trainer *trainer, const char *path, struct fault *fault) {
    return disk_has_room(path, trainer_save_bytes(trainer), fault);
}

/* ------------------------------------------------------------------------------------------ out
 */

static void put(struct stream *stream, const void *at, size_t n) {
    stream->hash = hash64((struct view){at, n}, stream->hash);
    stream->good = stream->good && fwrite(at, 1, n, stream->file) == n;
}

static bool put_all(const struct trainer *trainer, FILE *file) {
    struct stream stream = {.file = file, .good = true};
    struct header header = header_of(trainer);
    put(&stream, &header, sizeof header);
    for (size_t i = 0; i < trainer->student->n_parameter && stream.good; i++) {
        const struct parameter *p = &trainer->student->parameters[i];
        size_t bytes = (size_t)(p->rows * p->columns) * sizeof(float);
        if (!p->gradient)
            continue;
        put(&stream, p->name, NAME_BYTES);
        put(&stream, p->value, bytes);
        put(&stream, p->first, bytes);
        if (p->second)
            put(&stream, p->second, bytes);
    }
    uint64_t hash = stream.hash;
    return stream.good && fwrite(&hash, sizeof hash, 1, file) == 1 && fflush(file) == 0 &&
           fsync(fileno(file)) == 0;
}

bool trainer_save(const struct trainer *trainer, const char *path, struct fault *fault) {
    struct buffer beside = {0};
    if (!disk_has_room(path, trainer_save_bytes(trainer), fault))
        return false;
    buffer_format(&beside, "%s.new", path);
    FILE *file = fopen(beside.at, "wb");
    bool good = file && put_all(trainer, file);
    int error = errno;
    if (file && fclose(file) != 0)
        good = false;
    good = good && rename(beside.at, path) == 0;
    if (!good) {
        fault_set(fault, FAULT_MACHINE, "the training cannot be saved: %s", strerror(error));
        fault_place(fault, path, 0, -1);
        unlink(beside.at);
    }
    buffer_free(&beside);
    return good;
}

/* ------------------------------------------------------------------------------------------- in
 */

static bool refuse(const char *path, struct fault *fault, const char *why) {
    fault_set(fault, FAULT_INPUT, "the saved training %s", why);
    fault_remedy(fault, "Name another folder with --out, or remove the file to begin anew");
    return fault_place(fault, path, 0, -1);
}

static void get(struct stream *stream, void *at, size_t n) {
    stream->good = stream->good && fread(at, 1, n, stream->file) == n;
    if (stream->good)
        stream->hash = hash64((struct view){at, n}, stream->hash);
}

static bool get_all(struct trainer *trainer, struct stream *stream, struct header *header,
                    const char *path, struct fault *fault) {
    struct header own = header_of(trainer);
    get(stream, header, sizeof *header);
    if (!stream->good || memcmp(header->magic, own.magic, sizeof own.magic) != 0)
        return refuse(path, fault, "is damaged, or something else");
    if (header->version != VERSION)
        return refuse(path, fault, "was made by another version of this program");
    if (header->texts != own.texts)
        return refuse(path, fault, "is of other texts");
    if (header->options != own.options || header->n_parameter != own.n_parameter)
        return refuse(path, fault, "is of another model or of other options");
    for (size_t i = 0; i < trainer->student->n_parameter && stream->good; i++) {
        struct parameter *p = &trainer->student->parameters[i];
        size_t bytes = (size_t)(p->rows * p->columns) * sizeof(float);
        char name[NAME_BYTES];
        if (!p->gradient)
            continue;
        get(stream, name, sizeof name);
        if (stream->good && memcmp(name, p->name, sizeof name) != 0)
            return refuse(path, fault, "holds other parameters");
        get(stream, p->value, bytes);
        get(stream, p->first, bytes);
        if (p->second)
            get(stream, p->second, bytes);
    }
    uint64_t hash = 0;
    if (!stream->good || fread(&hash, sizeof hash, 1, stream->file) != 1 || hash != stream->hash)
        return refuse(path, fault, "is damaged");
    return true;
}

bool trainer_restore(struct trainer *trainer, const char *path, struct fault *fault) {
    struct header header;
    struct stream stream = {.file = fopen(path, "rb"), .good = true};
    if (!stream.file) {
        fault_set(fault, FAULT_MISSING, "the saved training cannot be opened: %s",
                  strerror(errno));
        return fault_place(fault, path, 0, -1);
    }
    bool good = get_all(trainer, &stream, &header, path, fault);
    fclose(stream.file);
    if (good)
        trainer->state = header.state;
    return good;
}
