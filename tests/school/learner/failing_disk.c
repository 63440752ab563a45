#include "failing_disk.h"

#include "base/base.h"

#include <sqlite3.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static sqlite3_vfs *real;
static atomic_int changes_left;
static atomic_int failure; /* code, or 0 */
static atomic_bool failed, killing;
static atomic_int n_sync;

struct file {
    sqlite3_file base;
    bool is_log;
    sqlite3_file real[]; /* as many bytes as the real one needs */
};

static sqlite3_file *inner(sqlite3_file *file) {
    return ((struct file *)file)->real;
}

/* SQLITE_OK, or the failure when its time has come. */
static int change(void) {
    int code = atomic_load(&failure);
    if (!code || atomic_fetch_sub(&changes_left, 1) > 1)
        return SQLITE_OK;
    if (atomic_load(&killing))
        _exit(FAILING_DISK_KILLED);
    atomic_store(&failed, true);
    return code;
}

void failing_disk_after(int n, int code) {
    atomic_store(&failure, 0);
    atomic_store(&failed, false);
    atomic_store(&changes_left, n);
    atomic_store(&failure, code);
}

void failing_disk_kill_at(int n) {
    atomic_store(&killing, true);
    failing_disk_after(n, SQLITE_FULL);
}

bool failing_disk_failed(void) {
    return atomic_load(&failed);
}

int failing_disk_syncs(void) {
    return atomic_load(&n_sync);
}

/* ---------------------------------------------------------------------------- what may fail */

static int disk_write(sqlite3_file *file, const void *at, int n, sqlite3_int64 offset) {
    int code = change();
    return code ? code : inner(file)->pMethods->xWrite(inner(file), at, n, offset);
}

static int disk_truncate(sqlite3_file *file, sqlite3_int64 size) {
    int code = change();
    return code ? code : inner(file)->pMethods->xTruncate(inner(file), size);
}

static int disk_sync(sqlite3_file *file, int flags) {
    int code = change();
    atomic_fetch_add(&n_sync, ((struct file *)file)->is_log);
    return code ? code : inner(file)->pMethods->xSync(inner(file), flags);
}

/* ------------------------------------------------------------------------- what passes through */

static int disk_close(sqlite3_file *file) {
    return inner(file)->pMethods->xClose(inner(file));
}

static int disk_read(sqlite3_file *file, void *at, int n, sqlite3_int64 offset) {
    return inner(file)->pMethods->xRead(inner(file), at, n, offset);
}

static int disk_size(sqlite3_file *file, sqlite3_int64 *size) {
    return inner(file)->pMethods->xFileSize(inner(file), size);
}

static int disk_lock(sqlite3_file *file, int level) {
    return inner(file)->pMethods->xLock(inner(file), level);
}

static int disk_unlock(sqlite3_file *file, int level) {
    return inner(file)->pMethods->xUnlock(inner(file), level);
}

static int disk_reserved(sqlite3_file *file, int *held) {
    return inner(file)->pMethods->xCheckReservedLock(inner(file), held);
}

static int disk_control(sqlite3_file *file, int what, void *argument) {
    return inner(file)->pMethods->xFileControl(inner(file), what, argument);
}

static int disk_sector(sqlite3_file *file) {
    return inner(file)->pMethods->xSectorSize(inner(file));
}

static int disk_characteristics(sqlite3_file *file) {
    return inner(file)->pMethods->xDeviceCharacteristics(inner(file));
}

static int disk_share(sqlite3_file *file, int page, int size, int extend, void volatile **at) {
    return inner(file)->pMethods->xShmMap(inner(file), page, size, extend, at);
}

static int disk_share_lock(sqlite3_file *file, int offset, int n, int flags) {
    return inner(file)->pMethods->xShmLock(inner(file), offset, n, flags);
}

static void disk_share_barrier(sqlite3_file *file) {
    inner(file)->pMethods->xShmBarrier(inner(file));
}

static int disk_share_end(sqlite3_file *file, int delete) {
    return inner(file)->pMethods->xShmUnmap(inner(file), delete);
}

static const sqlite3_io_methods methods = {
    .iVersion = 2, /* without memory maps, which would write past us */
    .xClose = disk_close,
    .xRead = disk_read,
    .xWrite = disk_write,
    .xTruncate = disk_truncate,
    .xSync = disk_sync,
    .xFileSize = disk_size,
    .xLock = disk_lock,
    .xUnlock = disk_unlock,
    .xCheckReservedLock = disk_reserved,
    .xFileControl = disk_control,
    .xSectorSize = disk_sector,
    .xDeviceCharacteristics = disk_characteristics,
    .xShmMap = disk_share,
    .xShmLock = disk_share_lock,
    .xShmBarrier = disk_share_barrier,
    .xShmUnmap = disk_share_end,
};

static int disk_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
                     int *out_flags) {
    (void)vfs;
    memset(file, 0, sizeof(struct file));
    ((struct file *)file)->is_log = flags & SQLITE_OPEN_WAL;
    int code = real->xOpen(real, name, inner(file), flags, out_flags);
    if (code == SQLITE_OK)
        file->pMethods = &methods;
    return code;
}

void failing_disk_insert(void) {
    static sqlite3_vfs disk;
    real = sqlite3_vfs_find(NULL);
    MUST(real);
    disk = *real;
    disk.zName = "failing disk";
    disk.szOsFile = (int)sizeof(struct file) + real->szOsFile;
    disk.xOpen = disk_open;
    MUST(sqlite3_vfs_register(&disk, 1) == SQLITE_OK);
}

int failing_disk_stride(void) {
    return getenv("EVERY_HALT") ? 1 : 7;
}
