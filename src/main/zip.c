/* Reading archives by their directory at the end, every claim checked. */
#include "main/zip.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

enum { END_BYTES = 22, ENTRY_BYTES = 46, LOCAL_BYTES = 30, MOST_COMMENT = 65535 };

struct zip {
    struct file_map map;
    char *path;
    struct zip_member *members;
    size_t n_member;
};

static uint32_t u16_at(const uint8_t *at) {
    return (uint32_t)at[0] | (uint32_t)at[1] << 8;
}

static uint32_t u32_at(const uint8_t *at) {
    return u16_at(at) | u16_at(at + 2) << 16;
}

static bool refuse(const struct zip *zip, uint64_t byte, struct fault *fault, const char *what) {
    fault_set(fault, FAULT_INPUT, "the archive cannot be read: %s", what);
    fault_place(fault, zip->path, 0, (int64_t)byte);
    return fault_remedy(fault, "Delete it and fetch it again");
}

/* The record at the end, after which only a comment may stand. */
static bool find_end(const struct zip *zip, uint64_t *at, struct fault *fault) {
    const struct file_map *map = &zip->map;
    for (uint64_t back = END_BYTES; back <= END_BYTES + MOST_COMMENT && back <= map->n; back++) {
        const uint8_t *end = map->at + map->n - back;
        if (u32_at(end) == 0x06054b50 && u16_at(end + 20) == back - END_BYTES) {
            *at = map->n - back;
            return true;
        }
    }
    return refuse(zip, 0, fault, "it has no directory at its end");
}

static bool read_entry(struct zip *zip, uint64_t *at, uint64_t end, struct fault *fault) {
    const uint8_t *entry = zip->map.at + *at;
    if (end - *at < ENTRY_BYTES || u32_at(entry) != 0x02014b50)
        return refuse(zip, *at, fault, "its directory is damaged");
    uint64_t n_name = u16_at(entry + 28);
    uint64_t n = ENTRY_BYTES + n_name + u16_at(entry + 30) + u16_at(entry + 32);
    if (n > end - *at)
        return refuse(zip, *at, fault, "its directory is damaged");
    struct zip_member *member = &zip->members[zip->n_member++];
    *member = (struct zip_member){.name = {(const char *)entry + ENTRY_BYTES, n_name},
                                  .method = (int)u16_at(entry + 10),
                                  .crc = u32_at(entry + 16),
                                  .n_packed = u32_at(entry + 20),
                                  .n_byte = u32_at(entry + 24),
                                  .at = u32_at(entry + 42)};
    if (member->n_byte == UINT32_MAX || member->n_packed == UINT32_MAX || member->at == UINT32_MAX)
        return refuse(zip, *at, fault, "members over 4 GB are not supported");
    *at += n;
    return true;
}

static bool read_directory(struct zip *zip, struct fault *fault) {
    uint64_t end = 0, at;
    if (!find_end(zip, &end, fault))
        return false;
    const uint8_t *record = zip->map.at + end;
    size_t n = u16_at(record + 10);
    at = u32_at(record + 16);
    if (at > end || u32_at(record + 12) > end - at || n * ENTRY_BYTES > end - at)
        return refuse(zip, end, fault, "its directory is not inside it");
    zip->members = must_alloc(n + 1, sizeof *zip->members);
    for (size_t i = 0; i < n; i++)
        if (!read_entry(zip, &at, end, fault))
            return false;
    return true;
}

struct zip *zip_open(const char *path, struct fault *fault) {
    struct zip *zip = must_alloc(1, sizeof *zip);
    zip->path = must_copy(view_of(path));
    if (file_map(path, &zip->map, fault) && read_directory(zip, fault))
        return zip;
    zip_close(zip);
    return NULL;
}

void zip_close(struct zip *zip) {
    if (!zip)
        return;
    file_unmap(&zip->map);
    free(zip->members);
    free(zip->path);
    free(zip);
}

size_t zip_n_member(const struct zip *zip) {
    return zip->n_member;
}

const struct zip_member *zip_member_at(const struct zip *zip, size_t i) {
    MUST(i < zip->n_member);
    return &zip->members[i];
}

static bool write_all(int file, const uint8_t *at, size_t n, struct fault *fault) {
    while (n) {
        ssize_t done = write(file, at, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return fault_set(fault, FAULT_MACHINE, "cannot write the file: %s", strerror(errno));
        at += done;
        n -= (size_t)done;
    }
    return true;
}

static bool unpack(const struct zip *zip, const struct zip_member *member, const uint8_t *from,
                   int file, struct fault *fault) {
    enum { PIECE = 1 << 16 };
    uint8_t piece[PIECE];
    z_stream stream = {.next_in = (Bytef *)(uintptr_t)from, .avail_in = (uInt)member->n_packed};
    uint64_t n = 0;
    uint32_t crc = 0;
    int code = inflateInit2(&stream, -MAX_WBITS);
    MUST(code == Z_OK);
    bool good = true;
    while (good && code == Z_OK) {
        stream.next_out = piece;
        stream.avail_out = PIECE;
        code = inflate(&stream, Z_NO_FLUSH);
        size_t now = PIECE - stream.avail_out;
        n += now;
        crc = (uint32_t)crc32(crc, piece, (uInt)now);
        good = n <= member->n_byte && (now || code == Z_STREAM_END) &&
               write_all(file, piece, now, fault);
    }
    inflateEnd(&stream);
    return (good && code == Z_STREAM_END && n == member->n_byte && crc == member->crc) ||
           refuse(zip, member->at, fault, "a member is damaged");
}

bool zip_extract(const struct zip *zip, const struct zip_member *member, int file,
                 struct fault *fault) {
    const struct file_map *map = &zip->map;
    if (member->at > map->n || map->n - member->at < LOCAL_BYTES ||
        u32_at(map->at + member->at) != 0x04034b50)
        return refuse(zip, member->at, fault, "a member is not where the directory says");
    const uint8_t *local = map->at + member->at;
    uint64_t from = member->at + LOCAL_BYTES + u16_at(local + 26) + u16_at(local + 28);
    if (from > map->n || member->n_packed > map->n - from)
        return refuse(zip, member->at, fault, "a member goes past the end");
    if (u16_at(local + 6) & 1)
        return refuse(zip, member->at, fault, "a member is encrypted");
    if (member->method == 8)
        return unpack(zip, member, map->at + from, file, fault);
    if (member->method != 0 || member->n_packed != member->n_byte)
        return refuse(zip, member->at, fault, "a member is packed in an unknown way");
    uint32_t crc = 0;
    for (uint64_t done = 0; done < member->n_byte; done += 1 << 20) {
        uint64_t now = member->n_byte - done < 1 << 20 ? member->n_byte - done : 1 << 20;
        crc = (uint32_t)crc32(crc, map->at + from + done, (uInt)now);
        if (!write_all(file, map->at + from + done, now, fault))
            return false;
    }
    return crc == member->crc || refuse(zip, member->at, fault, "a member is damaged");
}
