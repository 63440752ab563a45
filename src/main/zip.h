/* zip: members of an archive, read without unpacking the rest (APPNOTE.TXT, sections 4.3 and 4.4).
 */
#ifndef LYCEUM_MAIN_ZIP_H
#define LYCEUM_MAIN_ZIP_H

#include "base/base.h"

struct zip; /* a mapped archive */

struct zip_member {
    struct view name;
    int method; /* 0 stored, 8 deflated */
    uint32_t crc;
    uint64_t n_packed, n_byte, at; /* at: of its local header */
};

/* NULL with a fault when it is no archive, or claims what is not there. */
struct zip *zip_open(const char *path, struct fault *);
void zip_close(struct zip *); /* NULL is allowed */
size_t zip_n_member(const struct zip *);
const struct zip_member *zip_member_at(const struct zip *, size_t i);
/* Writes a member's bytes to the file descriptor; length and checksum must be as the archive says.
 */
bool zip_extract(const struct zip *, const struct zip_member *, int file, struct fault *);

#endif
