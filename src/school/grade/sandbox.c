#include "school/grade/sandbox.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define BWRAP "/usr/bin/bwrap"

/* ------------------------------------------------------------------------------ system calls */

/* What a program that computes never needs, and what sandboxes have been left by. */
/* clang-format off */
static const int forbidden[] = {
    SCMP_SYS(ptrace), SCMP_SYS(process_vm_readv), SCMP_SYS(process_vm_writev), SCMP_SYS(kcmp),
    SCMP_SYS(mount), SCMP_SYS(umount2), SCMP_SYS(pivot_root), SCMP_SYS(chroot), SCMP_SYS(unshare),
    SCMP_SYS(setns), SCMP_SYS(fsopen), SCMP_SYS(fsmount), SCMP_SYS(move_mount),
    SCMP_SYS(open_tree), SCMP_SYS(open_by_handle_at), SCMP_SYS(name_to_handle_at),
    SCMP_SYS(keyctl), SCMP_SYS(add_key), SCMP_SYS(request_key), SCMP_SYS(bpf),
    SCMP_SYS(perf_event_open), SCMP_SYS(userfaultfd), SCMP_SYS(io_uring_setup),
    SCMP_SYS(io_uring_enter), SCMP_SYS(io_uring_register), SCMP_SYS(init_module),
    SCMP_SYS(finit_module), SCMP_SYS(delete_module), SCMP_SYS(kexec_load), SCMP_SYS(acct),
    SCMP_SYS(swapon), SCMP_SYS(swapoff), SCMP_SYS(reboot), SCMP_SYS(quotactl), SCMP_SYS(syslog),
    SCMP_SYS(settimeofday), SCMP_SYS(clock_settime), SCMP_SYS(personality), SCMP_SYS(socket),
    SCMP_SYS(socketpair), SCMP_SYS(memfd_secret), SCMP_SYS(mlock), SCMP_SYS(mlockall),
};
/* And what makes a process or a thread: a fork bomb has nothing to go off with. */
static const int making[] = {SCMP_SYS(fork), SCMP_SYS(vfork), SCMP_SYS(clone)};
/* clang-format on */

/* The filter in the form that bubblewrap reads, from its beginning; -1: it cannot be made. */
static int filter_open(bool makes) {
    int fd = memfd_create("filter", MFD_CLOEXEC);
    scmp_filter_ctx context = seccomp_init(SCMP_ACT_ALLOW);
    bool good = fd >= 0 && context;
    for (size_t i = 0; good && i < COUNT_OF(forbidden); i++)
        good = seccomp_rule_add(context, SCMP_ACT_ERRNO(EPERM), forbidden[i], 0) == 0;
    for (size_t i = 0; good && !makes && i < COUNT_OF(making); i++)
        good = seccomp_rule_add(context, SCMP_ACT_ERRNO(EPERM), making[i], 0) == 0;
    /* Its flags lie in memory, where no filter sees them: glibc then uses clone. */
    good = good && seccomp_rule_add(context, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) == 0 &&
           seccomp_export_bpf(context, fd) == 0 && lseek(fd, 0, SEEK_SET) == 0;
    if (context)
        seccomp_release(context);
    if (!good && fd >= 0)
        close(fd);
    return good ? fd : -1;
}

/* ------------------------------------------------------------------------------------ folders */

/* The place of a file in it too has room: what is bound into the sandbox is asked for by path. */
static bool make_folder(char path[PATH_MAX], struct fault *fault) {
    const char *temporary = getenv("TMPDIR");
    if (!temporary || !*temporary)
        temporary = "/tmp";
    int n = snprintf(path, PATH_MAX, "%s/lyceum-code-XXXXXX", temporary);
    if (n + 1 + SANDBOX_NAME >= PATH_MAX) {
        fault_set(fault, FAULT_MACHINE,
                  "no folder for an answer can be made: the path in TMPDIR is %zu bytes long",
                  strlen(temporary));
        path[0] = 0;
        return fault_remedy(fault, "Set TMPDIR to a shorter one.");
    }
    if (mkdtemp(path))
        return true;
    fault_set(fault, FAULT_MACHINE, "no folder for an answer can be made: %s", strerror(errno));
    fault_place(fault, temporary, 0, -1);
    path[0] = 0;
    return fault_remedy(fault, "Make that folder, or set TMPDIR to one that may be written.");
}

bool sandbox_folder(char path[PATH_MAX], const struct sandbox_file *files, size_t n,
                    struct fault *fault) {
    if (!make_folder(path, fault))
        return false;
    bool good = chmod(path, 0755) == 0;
    for (size_t i = 0; i < n && good; i++) {
        char file[PATH_MAX];
        MUST(strlen(files[i].name) <= SANDBOX_NAME);
        MUST(snprintf(file, sizeof file, "%s/%s", path, files[i].name) < (int)sizeof file);
        int fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
        good = fd >= 0 && write(fd, files[i].content.at ? files[i].content.at : "",
                                files[i].content.n) == (ssize_t)files[i].content.n;
        if (fd >= 0)
            close(fd);
    }
    if (!good)
        fault_set(fault, FAULT_MACHINE, "an answer cannot be written to be run: %s",
                  strerror(errno));
    return good;
}

/* Nothing in it is followed: a compiler may have left links. */
void sandbox_remove(const char *path) {
    DIR *folder = path[0] ? opendir(path) : NULL;
    for (struct dirent *entry; folder && (entry = readdir(folder));)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            unlinkat(dirfd(folder), entry->d_name, 0);
    if (folder)
        closedir(folder);
    if (path[0])
        rmdir(path);
}

/* -------------------------------------------------------------------------------- the child */

enum { ARGUMENTS = 80 };

struct launch {
    const char *arguments[ARGUMENTS];
    size_t n;
    char filter[16], tmp_bytes[32];
};

static void add(struct launch *launch, const char *argument) {
    MUST(launch->n + 1 < ARGUMENTS);
    launch->arguments[launch->n++] = argument;
}

/* /bin and its kin, as links into /usr or as folders of their own. */
static void add_system(struct launch *launch) {
    static const char *const names[][2] = {{"/bin", "usr/bin"},
                                           {"/lib", "usr/lib"},
                                           {"/lib32", "usr/lib32"},
                                           {"/lib64", "usr/lib64"},
                                           {"/sbin", "usr/sbin"}};
    struct stat about;
    add(launch, "--ro-bind"), add(launch, "/usr"), add(launch, "/usr");
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (lstat(names[i][0], &about) != 0)
            continue;
        bool link = S_ISLNK(about.st_mode);
        add(launch, link ? "--symlink" : "--ro-bind");
        add(launch, link ? names[i][1] : names[i][0]);
        add(launch, names[i][0]);
    }
}

static void make_launch(struct launch *launch, const struct sandbox_job *job, int filter) {
    static const char *const around[] = {BWRAP,           "--unshare-all", "--die-with-parent",
                                         "--new-session", "--cap-drop",    "ALL",
                                         "--uid",         "65534",         "--gid",
                                         "65534",         "--hostname",    "sandbox",
                                         "--clearenv",    "--setenv",      "PATH",
                                         "/usr/bin",      "--setenv",      "LANG",
                                         "C.UTF-8",       "--setenv",      "HOME",
                                         "/tmp",          "--dev",         "/dev"};
    launch->n = 0;
    for (size_t i = 0; i < COUNT_OF(around); i++)
        add(launch, around[i]);
    add_system(launch);
    snprintf(launch->tmp_bytes, sizeof launch->tmp_bytes, "%zu", job->files);
    add(launch, "--size"), add(launch, launch->tmp_bytes), add(launch, "--tmpfs");
    add(launch, "/tmp");
    add(launch, job->writes ? "--bind" : "--ro-bind");
    add(launch, job->folder), add(launch, "/answer");
    add(launch, "--remount-ro"), add(launch, "/");
    add(launch, "--chdir"), add(launch, "/answer");
    snprintf(launch->filter, sizeof launch->filter, "%d", filter);
    add(launch, "--seccomp"), add(launch, launch->filter), add(launch, "--");
    for (size_t i = 0; job->command[i]; i++)
        add(launch, job->command[i]);
    launch->arguments[launch->n] = NULL;
}

static void bound(int what, rlim_t soft, rlim_t hard) {
    struct rlimit limit = {soft, hard};
    setrlimit((__rlimit_resource_t)what, &limit);
}

/* Between fork and exec: system calls alone. */
static _Noreturn void become(const struct launch *launch, const struct sandbox_job *job, int in,
                             int out, int err, int filter) {
    rlim_t seconds = (rlim_t)(job->seconds + 0.999);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    setpgid(0, 0);
    if (dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0 || fcntl(filter, F_SETFD, 0) < 0)
        _exit(127);
    bound(RLIMIT_CPU, seconds, seconds + 1);
    bound(RLIMIT_AS, job->memory, job->memory);
    bound(RLIMIT_FSIZE, job->files, job->files);
    bound(RLIMIT_CORE, 0, 0);
    bound(RLIMIT_NOFILE, 64, 64);
    bound(RLIMIT_STACK, 64 << 20, 64 << 20);
    execv(BWRAP, (char *const *)(uintptr_t)launch->arguments);
    _exit(127);
}

/* -------------------------------------------------------------------------------- the parent */

struct pipes {
    int in[2], out[2], err[2];
};

static void shut(int *fd) {
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static bool pipes_open(struct pipes *pipes) {
    *pipes = (struct pipes){{-1, -1}, {-1, -1}, {-1, -1}};
    return pipe2(pipes->in, O_CLOEXEC) == 0 && pipe2(pipes->out, O_CLOEXEC) == 0 &&
           pipe2(pipes->err, O_CLOEXEC) == 0 && fcntl(pipes->in[1], F_SETFL, O_NONBLOCK) == 0 &&
           fcntl(pipes->out[0], F_SETFL, O_NONBLOCK) == 0 &&
           fcntl(pipes->err[0], F_SETFL, O_NONBLOCK) == 0;
}

static void pipes_close(struct pipes *pipes) {
    for (int i = 0; i < 2; i++) {
        shut(&pipes->in[i]);
        shut(&pipes->out[i]);
        shut(&pipes->err[i]);
    }
}

static void feed(struct pipes *pipes, struct view input, size_t *fed) {
    ssize_t n = write(pipes->in[1], input.at + *fed, input.n - *fed);
    *fed += n > 0 ? (size_t)n : 0;
    if (*fed == input.n || (n < 0 && errno != EAGAIN))
        shut(&pipes->in[1]);
}

/* False when there is more of it than may be. */
static bool drain(int *fd, struct buffer *to, size_t most) {
    char part[4096];
    ssize_t n = read(*fd, part, sizeof part);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
        shut(fd);
    if (n > 0) {
        size_t room = most - to->n;
        buffer_append(to, (struct view){part, (size_t)n < room ? (size_t)n : room});
        return (size_t)n <= room;
    }
    return true;
}

/* Feeds and reads until both outputs are shut, or a bound is passed. */
static void watch(struct pipes *pipes, const struct sandbox_job *job,
                  struct sandbox_result *result) {
    double end = clock_seconds() + 3 * job->seconds + 1;
    size_t fed = 0;
    if (!job->input.n)
        shut(&pipes->in[1]);
    while (pipes->out[0] >= 0 || pipes->err[0] >= 0) {
        double left = end - clock_seconds();
        struct pollfd polled[] = {
            {pipes->out[0], POLLIN, 0}, {pipes->err[0], POLLIN, 0}, {pipes->in[1], POLLOUT, 0}};
        if (left <= 0) {
            result->end = SANDBOX_TIME;
            return;
        }
        if (poll(polled, COUNT_OF(polled), (int)(left * 1000) + 1) < 0 && errno != EINTR)
            return;
        bool good = true;
        if (polled[0].revents)
            good &= drain(&pipes->out[0], &result->out, job->output);
        if (polled[1].revents)
            good &= drain(&pipes->err[0], &result->err, job->output);
        if (polled[2].revents)
            feed(pipes, job->input, &fed);
        if (!good) {
            result->end = SANDBOX_OUTPUT;
            return;
        }
    }
}

static void tell_end(int status, double spent, const struct sandbox_job *job,
                     struct sandbox_result *result) {
    if (result->end != SANDBOX_EXIT)
        return;
    /* bubblewrap gives 128 and the signal of what ran inside as its own exit status. */
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    result->end = code > 128 ? SANDBOX_SIGNAL : SANDBOX_EXIT;
    result->status = code > 128 ? code - 128 : code;
    if (result->end == SANDBOX_SIGNAL &&
        (result->status == SIGXCPU || (result->status == SIGKILL && spent >= job->seconds)))
        result->end = SANDBOX_TIME;
}

static bool run(const struct sandbox_job *job, struct sandbox_result *result,
                struct fault *fault) {
    struct launch launch;
    struct pipes pipes;
    int filter = filter_open(job->writes), status = 0;
    bool good = pipes_open(&pipes) && filter >= 0;
    double started = clock_seconds();
    pid_t child = -1;
    if (good) {
        make_launch(&launch, job, filter);
        child = fork();
        if (child == 0)
            become(&launch, job, pipes.in[0], pipes.out[1], pipes.err[1], filter);
    }
    if (child < 0)
        fault_set(fault, FAULT_MACHINE, "no process can be made for an answer: %s",
                  strerror(errno));
    shut(&pipes.in[0]);
    shut(&pipes.out[1]);
    shut(&pipes.err[1]);
    if (child > 0) {
        watch(&pipes, job, result);
        /* bubblewrap's child dies with it, and as the first of its own processes takes all along
         */
        if (result->end != SANDBOX_EXIT)
            kill(child, SIGKILL);
        while (waitpid(child, &status, 0) < 0 && errno == EINTR)
            continue;
        tell_end(status, clock_seconds() - started, job, result);
    }
    pipes_close(&pipes);
    shut(&filter);
    return child > 0;
}

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t freed = PTHREAD_COND_INITIALIZER;
static int n_running;

static bool run_in_turn(const struct sandbox_job *job, struct sandbox_result *result,
                        struct fault *fault) {
    pthread_mutex_lock(&lock);
    while (n_running >= SANDBOX_AT_ONCE)
        pthread_cond_wait(&freed, &lock);
    n_running++;
    pthread_mutex_unlock(&lock);
    bool good = run(job, result, fault);
    pthread_mutex_lock(&lock);
    n_running--;
    pthread_cond_signal(&freed);
    pthread_mutex_unlock(&lock);
    return good;
}

/* ------------------------------------------------------------------------------------- trying */

static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct fault why_not; /* kind FAULT_NONE: sandboxes work */

static void try_one(void) {
    static const char *const command[] = {"/usr/bin/true", NULL};
    struct sandbox_result result = {0};
    char folder[PATH_MAX];
    if (access(BWRAP, X_OK) != 0) {
        fault_set(&why_not, FAULT_MACHINE, "answers in code cannot be run: bubblewrap is missing");
        fault_remedy(&why_not, "Install it: apt-get install bubblewrap");
        return;
    }
    if (!sandbox_folder(folder, NULL, 0, &why_not))
        return;
    struct sandbox_job job = {.command = command,
                              .folder = folder,
                              .seconds = 5,
                              .memory = (size_t)1 << 30,
                              .output = 4096,
                              .files = 1 << 20};
    bool good = run(&job, &result, &why_not);
    if (good && (result.end != SANDBOX_EXIT || result.status != 0)) {
        fault_set(&why_not, FAULT_MACHINE,
                  "answers in code cannot be run: no sandbox can be made (%.*s)",
                  (int)(result.err.n < 120 ? result.err.n : 120),
                  result.err.at ? result.err.at : "");
        fault_remedy(&why_not,
                     "Let users make namespaces: sysctl kernel.unprivileged_userns_clone=1"
                     " and user.max_user_namespaces=15000; in a container, allow them");
    }
    sandbox_result_free(&result);
    sandbox_remove(folder);
}

bool sandbox_works(struct fault *fault) {
    pthread_once(&once, try_one);
    if (why_not.kind && fault && !fault->kind)
        *fault = why_not;
    return !why_not.kind;
}

bool sandbox_run(const struct sandbox_job *job, struct sandbox_result *result,
                 struct fault *fault) {
    *result = (struct sandbox_result){0};
    return sandbox_works(fault) && run_in_turn(job, result, fault);
}

void sandbox_result_free(struct sandbox_result *result) {
    buffer_free(&result->out);
    buffer_free(&result->err);
}
