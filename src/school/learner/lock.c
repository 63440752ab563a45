/* One process holds a data folder at a time. */
#include "school/learner/inside.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

/* The kernel drops the lock with the process that held it, however it ended: a file left behind
 * means nothing. What is written in it is for people. */
static void tell_holder(int lock, struct fault *fault) {
    char holder[120] = "";
    ssize_t n = pread(lock, holder, sizeof holder - 1, 0);
    holder[n > 0 ? strcspn(holder, "\n") : 0] = 0;
    fault_set(fault, FAULT_MACHINE, "The data folder is held by %s.",
              *holder ? holder : "another process");
    fault_remedy(fault, "Close it first, or name another folder with --data.");
}

static void note_holder(int lock) {
    char name[64] = "", note[120];
    int file = open("/proc/self/comm", O_RDONLY | O_CLOEXEC);
    if (file >= 0) {
        ssize_t n = read(file, name, sizeof name - 1);
        name[n > 0 ? strcspn(name, "\n") : 0] = 0;
        close(file);
    }
    int n =
        snprintf(note, sizeof note, "process %d (%s)\n", (int)getpid(), *name ? name : "lyceum");
    /* Only people read it: a full disk need not stop the lock. */
    if (ftruncate(lock, 0) == 0 && pwrite(lock, note, (size_t)n, 0) != n)
        (void)!ftruncate(lock, 0);
}

int folder_lock(const char *folder, struct fault *fault) {
    struct buffer path = {0};
    buffer_format(&path, "%s/lock", folder);
    int lock = open(path.at, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (lock < 0) {
        fault_set(fault, FAULT_MACHINE, "The data folder may not be written: %s.",
                  strerror(errno));
        fault_remedy(fault, "Give this user the right to write to it, or name another folder "
                            "with --data.");
        fault_place(fault, folder, 0, -1);
    } else if (flock(lock, LOCK_EX | LOCK_NB) < 0) {
        if (errno == EWOULDBLOCK)
            tell_holder(lock, fault);
        else
            fault_set(fault, FAULT_MACHINE, "The data folder cannot be locked: %s.",
                      strerror(errno));
        fault_place(fault, folder, 0, -1);
        close(lock);
        lock = -1;
    } else {
        note_holder(lock);
    }
    buffer_free(&path);
    return lock;
}

void folder_unlock(int lock) {
    if (lock < 0)
        return;
    (void)!ftruncate(lock, 0);
    close(lock);
}
