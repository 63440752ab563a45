/* Writing GGUF: named first, then streamed, so that memory holds a header and one piece of data.
 */
#include "model/gguf.h"
#include "tensor/tensor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct written_key {
    struct view name; /* in the arena, as all that the writer keeps */
    enum gguf_type type;
    struct view value;
};

struct written_tensor {
    struct view name;
    uint32_t type;
    int n_dimension;
    int64_t dimension[4];
    uint64_t n_byte;
};

struct gguf_writer {
    struct arena *arena;
    struct written_key *keys;
    struct written_tensor *tensors;
    size_t n_key, n_tensor, keys_room, tensors_room;
    char *path;   /* where it will be; NULL before the start */
    char *beside; /* where it is written */
    int file;     /* −1: not open */
    size_t at;    /* the tensor that is being written */
    uint64_t got; /* bytes of it */
};

struct gguf_writer *gguf_writer_new(void) {
    struct gguf_writer *writer = must_alloc(1, sizeof *writer);
    *writer = (struct gguf_writer){.arena = arena_new(), .file = -1};
    return writer;
}

void gguf_writer_free(struct gguf_writer *writer) {
    if (!writer)
        return;
    if (writer->file >= 0) {
        close(writer->file);
        unlink(writer->beside);
    }
    free(writer->keys);
    free(writer->tensors);
    arena_free(writer->arena);
    free(writer);
}

/* ------------------------------------------------------------------------------------- naming */

static void *room_for_one(void *at, size_t n, size_t *room, size_t size) {
    if (n < *room)
        return at;
    *room = *room ? *room * 2 : 64;
    return must_realloc(at, *room, size);
}

static struct written_key *add_key(struct gguf_writer *writer, struct view name) {
    MUST(name.n > 0 && !writer->path);
    writer->keys =
        room_for_one(writer->keys, writer->n_key, &writer->keys_room, sizeof writer->keys[0]);
    struct written_key *key = &writer->keys[writer->n_key++];
    key->name = arena_copy(writer->arena, name);
    return key;
}

void gguf_write_key(struct gguf_writer *writer, struct view name, enum gguf_type type,
                    struct view value) {
    struct written_key *key = NULL;
    for (size_t i = 0; i < writer->n_key && !key; i++)
        key = view_equal(writer->keys[i].name, name) ? &writer->keys[i] : NULL;
    if (!key)
        key = add_key(writer, name);
    key->type = type;
    key->value = arena_copy(writer->arena, value);
}

void gguf_write_uint32(struct gguf_writer *writer, const char *name, uint32_t value) {
    gguf_write_key(writer, view_of(name), GGUF_UINT32,
                   (struct view){(const char *)&value, sizeof value});
}

void gguf_write_text(struct gguf_writer *writer, const char *name, struct view text) {
    struct buffer value = {0};
    uint64_t n = text.n;
    buffer_append(&value, (struct view){(const char *)&n, sizeof n});
    buffer_append(&value, text);
    gguf_write_key(writer, view_of(name), GGUF_STRING, buffer_view(&value));
    buffer_free(&value);
}

static int by_place(const void *a, const void *b) {
    const struct gguf_key *left = a, *right = b;
    return (left->value.at > right->value.at) - (left->value.at < right->value.at);
}

void gguf_write_keys_of(struct gguf_writer *writer, const struct gguf *gguf) {
    size_t n = gguf_n_key(gguf);
    struct gguf_key *keys = must_alloc(n + 1, sizeof *keys);
    for (size_t i = 0; i < n; i++)
        keys[i] = gguf_key_at(gguf, i);
    qsort(keys, n, sizeof *keys, by_place);
    for (size_t i = 0; i < n; i++)
        gguf_write_key(writer, keys[i].name, keys[i].type, keys[i].value);
    free(keys);
    struct fault ignored = {0};
    int64_t alignment; /* files have it in other widths, too */
    if (gguf_integer(gguf, "general.alignment", 8, UINT32_MAX, &alignment, &ignored))
        gguf_write_uint32(writer, "general.alignment", (uint32_t)alignment);
}

void gguf_write_tensor(struct gguf_writer *writer, struct view name, uint32_t type,
                       int n_dimension, const int64_t *dimension) {
    const struct tensor_format *format = tensor_format(type);
    MUST(format && name.n > 0 && n_dimension >= 1 && n_dimension <= 4 && !writer->path);
    MUST(dimension[0] % format->block_values == 0);
    writer->tensors = room_for_one(writer->tensors, writer->n_tensor, &writer->tensors_room,
                                   sizeof writer->tensors[0]);
    struct written_tensor *tensor = &writer->tensors[writer->n_tensor++];
    *tensor = (struct written_tensor){arena_copy(writer->arena, name), type, n_dimension, {0}, 0};
    uint64_t n = 1;
    for (int i = 0; i < n_dimension; i++) {
        MUST(dimension[i] > 0 && !__builtin_mul_overflow(n, (uint64_t)dimension[i], &n));
        tensor->dimension[i] = dimension[i];
    }
    MUST(!__builtin_mul_overflow(n / (uint64_t)format->block_values, (uint64_t)format->block_bytes,
                                 &tensor->n_byte));
}

/* ------------------------------------------------------------------------------------- header */

static uint64_t alignment_of(const struct gguf_writer *writer) {
    uint32_t alignment = 32;
    for (size_t i = 0; i < writer->n_key; i++)
        if (view_is(writer->keys[i].name, "general.alignment") &&
            writer->keys[i].type == GGUF_UINT32)
            memcpy(&alignment, writer->keys[i].value.at, sizeof alignment);
    MUST(alignment >= 8 && (alignment & (alignment - 1)) == 0);
    return alignment;
}

static uint64_t padded(uint64_t n, uint64_t alignment) {
    return (n + alignment - 1) & ~(alignment - 1);
}

static void put(struct buffer *buffer, const void *at, size_t n) {
    buffer_append(buffer, (struct view){at, n});
}

static void put_name(struct buffer *buffer, struct view name) {
    uint64_t n = name.n;
    put(buffer, &n, sizeof n);
    buffer_append(buffer, name);
}

static void put_u32(struct buffer *buffer, uint32_t value) {
    put(buffer, &value, sizeof value);
}

static void put_header(const struct gguf_writer *writer, struct buffer *out) {
    uint64_t counts[2] = {writer->n_tensor, writer->n_key};
    uint64_t alignment = alignment_of(writer), offset = 0;
    buffer_text(out, "GGUF");
    put_u32(out, 3);
    put(out, counts, sizeof counts);
    for (size_t i = 0; i < writer->n_key; i++) {
        put_name(out, writer->keys[i].name);
        put_u32(out, writer->keys[i].type);
        buffer_append(out, writer->keys[i].value);
    }
    for (size_t i = 0; i < writer->n_tensor; i++) {
        const struct written_tensor *tensor = &writer->tensors[i];
        put_name(out, tensor->name);
        put_u32(out, (uint32_t)tensor->n_dimension);
        put(out, tensor->dimension, (size_t)tensor->n_dimension * sizeof tensor->dimension[0]);
        put_u32(out, tensor->type);
        put(out, &offset, sizeof offset);
        offset += padded(tensor->n_byte, alignment);
    }
    while (out->n % alignment)
        buffer_byte(out, 0);
}

uint64_t gguf_write_size(const struct gguf_writer *writer) {
    struct buffer header = {0};
    put_header(writer, &header);
    uint64_t size = header.n, alignment = alignment_of(writer);
    for (size_t i = 0; i < writer->n_tensor; i++)
        size += padded(writer->tensors[i].n_byte, alignment);
    buffer_free(&header);
    return size;
}

/* --------------------------------------------------------------------------------------- data */

static bool machine_fault(const struct gguf_writer *writer, const char *doing,
                          struct fault *fault) {
    fault_set(fault, FAULT_MACHINE, "cannot %s: %s", doing, strerror(errno));
    return fault_place(fault, writer->path, 0, -1);
}

static bool write_all(struct gguf_writer *writer, const void *bytes, uint64_t n,
                      struct fault *fault) {
    const char *at = bytes;
    while (n) {
        ssize_t done = write(writer->file, at, n < 1 << 30 ? n : 1 << 30);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return machine_fault(writer, "write the file", fault);
        at += done;
        n -= (uint64_t)done;
    }
    return true;
}

bool gguf_write_start(struct gguf_writer *writer, const char *path, struct fault *fault) {
    MUST(!writer->path);
    writer->path = arena_string(writer->arena, view_of(path));
    writer->beside = arena_format(writer->arena, "%s.%d.new", path, (int)getpid());
    writer->file = open(writer->beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (writer->file < 0)
        return machine_fault(writer, "make the file", fault);
    uint64_t size = gguf_write_size(writer);
    /* A full disk is told now and not after the work; not every file system can. */
    if (fallocate(writer->file, 0, 0, (off_t)size) < 0 && (errno == ENOSPC || errno == EDQUOT)) {
        machine_fault(writer, "write the file", fault);
        return fault_remedy(fault, "It needs %.0f MB", (double)size / 1e6);
    }
    struct buffer header = {0};
    put_header(writer, &header);
    bool good = write_all(writer, header.at, header.n, fault);
    buffer_free(&header);
    return good;
}

bool gguf_write_data(struct gguf_writer *writer, const void *bytes, uint64_t n,
                     struct fault *fault) {
    static const char zeros[4096];
    const char *at = bytes;
    while (n) {
        MUST(writer->at < writer->n_tensor);
        uint64_t whole = writer->tensors[writer->at].n_byte, left = whole - writer->got;
        uint64_t now = n < left ? n : left;
        if (!write_all(writer, at, now, fault))
            return false;
        at += now;
        n -= now;
        writer->got += now;
        if (writer->got < whole)
            continue;
        uint64_t pad = padded(whole, alignment_of(writer)) - whole;
        for (uint64_t piece; pad; pad -= piece) {
            piece = pad < sizeof zeros ? pad : sizeof zeros;
            if (!write_all(writer, zeros, piece, fault))
                return false;
        }
        writer->at++;
        writer->got = 0;
    }
    return true;
}

static void sync_folder_of(const char *path) {
    char *folder = must_copy(view_of(path)), *slash = strrchr(folder, '/');
    if (slash)
        slash[slash == folder] = 0;
    int file = open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (file >= 0) {
        fsync(file);
        close(file);
    }
    free(folder);
}

bool gguf_write_finish(struct gguf_writer *writer, struct fault *fault) {
    MUST(writer->file >= 0 && writer->at == writer->n_tensor);
    if (fsync(writer->file) < 0)
        return machine_fault(writer, "write the file", fault);
    if (rename(writer->beside, writer->path) < 0)
        return machine_fault(writer, "put the file in its place", fault);
    close(writer->file);
    writer->file = -1;
    sync_folder_of(writer->path);
    return true;
}
