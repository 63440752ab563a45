/* Files: mapped, read within a bound, written so that a crash leaves the old or the new. */
#include "base/base.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static bool fault_errno(struct fault *fault, const char *doing, const char *path) {
    int error = errno;
    bool name_is_wrong =
        error == ENOTDIR || error == EISDIR || error == ENAMETOOLONG || error == ELOOP;
    enum fault_kind kind = error == ENOENT ? FAULT_MISSING
                           : name_is_wrong ? FAULT_INPUT
                                           : FAULT_MACHINE;
    fault_set(fault, kind, "cannot %s: %s", doing, strerror(error));
    return fault_place(fault, path, 0, -1);
}

bool file_map(const char *path, struct file_map *map, struct fault *fault) {
    *map = (struct file_map){0};
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return fault_errno(fault, "open the file", path);
    struct stat status;
    bool done = false;
    if (fstat(file, &status) < 0) {
        fault_errno(fault, "look at the file", path);
    } else if (!S_ISREG(status.st_mode)) {
        fault_set(fault, FAULT_INPUT, "this is not a regular file");
        fault_place(fault, path, 0, -1);
    } else if (status.st_size == 0) {
        done = true;
    } else {
        void *at = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_SHARED, file, 0);
        if (at == MAP_FAILED) {
            fault_errno(fault, "map the file", path);
        } else {
            *map = (struct file_map){at, (size_t)status.st_size};
            done = true;
        }
    }
    close(file);
    return done;
}

void file_unmap(struct file_map *map) {
    if (map->at)
        munmap((void *)(uintptr_t)map->at, map->n);
    *map = (struct file_map){0};
}

bool file_read(const char *path, size_t limit, struct buffer *out, struct fault *fault) {
    bool standard_input = !strcmp(path, "-");
    int file = standard_input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return fault_errno(fault, "open the file", path);
    bool done = false;
    size_t total = 0;
    for (;;) {
        char piece[65536];
        ssize_t n = read(file, piece, sizeof piece);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            fault_errno(fault, "read the file", standard_input ? "standard input" : path);
            break;
        }
        if (n == 0) {
            done = true;
            break;
        }
        total += (size_t)n;
        if (total > limit) {
            fault_set(fault, FAULT_LIMIT, "more than %zu bytes", limit);
            fault_place(fault, standard_input ? "standard input" : path, 0, -1);
            break;
        }
        buffer_append(out, (struct view){piece, (size_t)n});
    }
    if (!standard_input)
        close(file);
    return done;
}

static bool write_all(int file, struct view content) {
    while (content.n) {
        ssize_t n = write(file, content.at, content.n);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        content.at += n;
        content.n -= (size_t)n;
    }
    return true;
}

static void sync_folder_of(const char *path) {
    char *folder = must_copy(view_of(path));
    char *slash = strrchr(folder, '/');
    if (slash)
        slash[slash == folder] = 0;
    int file = open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (file >= 0) {
        fsync(file);
        close(file);
    }
    free(folder);
}

bool file_write(const char *path, struct view content, struct fault *fault) {
    struct buffer beside = {0};
    buffer_format(&beside, "%s.%d.new", path, (int)getpid());
    int file = open(beside.at, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    bool done = file >= 0 && write_all(file, content) && fsync(file) == 0;
    if (!done)
        fault_errno(fault, "write the file", path);
    if (file >= 0)
        close(file);
    if (done && rename(beside.at, path) < 0) {
        fault_errno(fault, "put the file in its place", path);
        done = false;
    }
    if (done)
        sync_folder_of(path);
    else
        unlink(beside.at);
    buffer_free(&beside);
    return done;
}

bool file_exists(const char *path) {
    return access(path, F_OK) == 0;
}

bool folder_make(const char *path, struct fault *fault) {
    char *partial = must_copy(view_of(path));
    bool done = true;
    for (char *at = partial + (partial[0] == '/'); done; at++) {
        if (*at && *at != '/')
            continue;
        char kept = *at;
        *at = 0;
        if (mkdir(partial, 0777) < 0 && errno != EEXIST)
            done = fault_errno(fault, "make the folder", partial);
        *at = kept;
        if (!kept)
            break;
    }
    struct stat status;
    if (done && (stat(path, &status) < 0 || !S_ISDIR(status.st_mode))) {
        fault_set(fault, FAULT_INPUT, "this is not a folder");
        done = fault_place(fault, path, 0, -1);
    }
    free(partial);
    return done;
}
