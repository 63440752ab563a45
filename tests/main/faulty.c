/* Preloaded into a school by faults.py: while the file $FAULTY_FULL exists no more bytes go into
 * the record, as on a full disk; and the clock goes by the seconds that $FAULTY_CLOCK holds. */
#undef _FILE_OFFSET_BITS /* which would make pwrite64 of pwrite: both are meant here */
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

static int is_full(int file) {
    const char *mark = getenv("FAULTY_FULL");
    char link[64], path[4096];
    if (!mark || access(mark, F_OK))
        return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t n = readlink(link, path, sizeof path - 1);
    path[n > 0 ? n : 0] = 0;
    return strstr(path, "record.db") != NULL;
}

ssize_t pwrite(int file, const void *bytes, size_t n, off_t at) {
    ssize_t (*real)(int, const void *, size_t, off_t) =
        (ssize_t(*)(int, const void *, size_t, off_t))dlsym(RTLD_NEXT, "pwrite");
    if (!is_full(file))
        return real(file, bytes, n, at);
    errno = ENOSPC;
    return -1;
}

ssize_t pwrite64(int file, const void *bytes, size_t n, off64_t at) {
    return pwrite(file, bytes, n, at);
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    int (*real)(clockid_t, struct timespec *) =
        (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    int failed = real(clock, now);
    const char *path = getenv("FAULTY_CLOCK");
    FILE *file = !failed && path && clock == CLOCK_REALTIME ? fopen(path, "re") : NULL;
    long seconds = 0;
    if (file && fscanf(file, "%ld", &seconds) == 1)
        now->tv_sec += seconds;
    if (file)
        fclose(file);
    return failed;
}
