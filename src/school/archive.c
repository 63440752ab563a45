/* Files, then the directory of them, then where that is. */
#include "school/archive.h"

#include <string.h>
#include <zlib.h>

enum { LOCAL = 0x04034b50, CENTRAL = 0x02014b50, END = 0x06054b50, VERSION = 20 };
/* A date is asked for, and none is told: the first that the form can hold, 1980-01-01. */
enum { NO_DATE = 1 << 5 | 1 };

static void put(struct buffer *out, uint32_t value, int n_byte) {
    for (int i = 0; i < n_byte; i++)
        buffer_byte(out, (char)(value >> 8 * i & 0xFF));
}

/* What a file's own head and the directory have in common. */
static void put_file(struct buffer *out, const char *name, struct view bytes) {
    uint32_t sum = (uint32_t)crc32(0, (const Bytef *)(bytes.n ? bytes.at : ""), (uInt)bytes.n);
    put(out, VERSION, 2);
    put(out, 0, 2); /* flags */
    put(out, 0, 2); /* stored */
    put(out, 0, 2);
    put(out, NO_DATE, 2);
    put(out, sum, 4);
    put(out, (uint32_t)bytes.n, 4);
    put(out, (uint32_t)bytes.n, 4);
    put(out, (uint32_t)strlen(name), 2);
    put(out, 0, 2); /* further fields */
}

void archive_add(struct archive *archive, const char *name, struct view bytes) {
    size_t at = archive->out->n;
    MUST(bytes.n < (1u << 28) && at < (1u << 30) && archive->n < 60000);
    put(archive->out, LOCAL, 4);
    put_file(archive->out, name, bytes);
    buffer_text(archive->out, name);
    buffer_append(archive->out, bytes);
    put(&archive->directory, CENTRAL, 4);
    put(&archive->directory, VERSION, 2);
    put_file(&archive->directory, name, bytes);
    put(&archive->directory, 0, 2); /* comment */
    put(&archive->directory, 0, 2); /* disk */
    put(&archive->directory, 0, 2);
    put(&archive->directory, 0, 4);
    put(&archive->directory, (uint32_t)at, 4);
    buffer_text(&archive->directory, name);
    archive->n++;
}

void archive_end(struct archive *archive) {
    size_t at = archive->out->n;
    buffer_append(archive->out, buffer_view(&archive->directory));
    put(archive->out, END, 4);
    put(archive->out, 0, 4); /* disks */
    put(archive->out, archive->n, 2);
    put(archive->out, archive->n, 2);
    put(archive->out, (uint32_t)archive->directory.n, 4);
    put(archive->out, (uint32_t)at, 4);
    put(archive->out, 0, 2); /* comment */
    buffer_free(&archive->directory);
}
