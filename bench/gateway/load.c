/* Asks a server of chat/completions by several connections at once, each as soon as it has its
 * answer.
 *
 *   load PORT PATH CONNECTIONS SECONDS MODEL [stream] [KEY]
 *   {"requests","failed","seconds","per_second","p50_ms","p95_ms","p99_ms"}
 *
 * With stream each connection asks once, and the answer counts when it ends with [DONE].
 * Connections come from several addresses of this machine, since servers bound those of one. */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 2000, EACH_ADDRESS = 150, ANSWER_BYTES = 1 << 16, MOST_TIMES = 1 << 21 };

static int port;
static const char *path, *model, *key = "none";
static double until;
static bool stream;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static double *times;
static size_t n_time, n_failed;

static double now(void) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return (double)at.tv_sec + (double)at.tv_nsec * 1e-9;
}

static int open_line(int number) {
    struct sockaddr_in from = {.sin_family = AF_INET,
                               .sin_addr.s_addr =
                                   htonl(0x7F000002u + (unsigned)(number / EACH_ADDRESS))},
                       to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    to.sin_port = htons((unsigned short)port);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (fd >= 0 && !bind(fd, (struct sockaddr *)&from, sizeof from) &&
        !connect(fd, (struct sockaddr *)&to, sizeof to))
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

/* Reads one answer with a known length, or a stream to its end. */
static bool read_answer(int fd, char *at) {
    size_t n = 0;
    for (;;) {
        ssize_t got = recv(fd, at + n, ANSWER_BYTES - 1 - n, 0);
        if (got <= 0)
            return false;
        n += (size_t)got;
        at[n] = 0;
        if (stream && strstr(at, "[DONE]"))
            return true;
        if (stream && n > ANSWER_BYTES / 2) { /* only the end is looked at */
            memmove(at, at + n - 16, 17);
            n = 16;
        }
        const char *end = stream ? NULL : strstr(at, "\r\n\r\n"),
                   *length = end ? strcasestr(at, "content-length:") : NULL;
        if (length && length < end && n >= (size_t)(end + 4 - at) + (size_t)atol(length + 15))
            return !strncmp(at, "HTTP/1.1 200", 12);
        if (n >= ANSWER_BYTES - 1)
            return false;
    }
}

static void *ask(void *data) {
    char *at = malloc(ANSWER_BYTES), request[1200], body[600];
    snprintf(body, sizeof body,
             "{\"model\":\"%s\",\"stream\":%s,\"max_tokens\":2000,\"messages\":[{\"role\":"
             "\"user\",\"content\":\"What is a token? %ld\"}]}",
             model, stream ? "true" : "false", (long)data);
    int n = snprintf(request, sizeof request,
                     "POST %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAuthorization: Bearer "
                     "%s\r\nContent-Type: application/json\r\n"
                     "Content-Length: %zu\r\n\r\n%s",
                     path, port, key, strlen(body), body);
    int fd = open_line((int)(long)data);
    bool good = fd >= 0;
    do {
        double began = now();
        good = good && send(fd, request, (size_t)n, MSG_NOSIGNAL) == n && read_answer(fd, at);
        double took = now() - began;
        pthread_mutex_lock(&lock);
        if (good && n_time < MOST_TIMES)
            times[n_time++] = took * 1000;
        n_failed += !good;
        pthread_mutex_unlock(&lock);
    } while (good && !stream && now() < until);
    if (fd >= 0)
        close(fd);
    free(at);
    return NULL;
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double quantile(double q) {
    return n_time ? times[(size_t)(q * (double)(n_time - 1))] : 0;
}

int main(int n_argument, char **arguments) {
    if (n_argument < 6)
        return fprintf(stderr, "load PORT PATH CONNECTIONS SECONDS MODEL [stream] [KEY]\n"), 2;
    port = atoi(arguments[1]);
    path = arguments[2];
    int n = atoi(arguments[3]);
    model = arguments[5];
    stream = n_argument > 6 && !strcmp(arguments[6], "stream");
    key = n_argument > 7 ? arguments[7] : key;
    times = malloc(MOST_TIMES * sizeof *times);
    if (n < 1 || n > MOST || !times)
        return 2;
    static pthread_t threads[MOST];
    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 64 << 10);
    double began = now();
    until = began + atof(arguments[4]);
    for (long i = 0; i < n; i++)
        if (pthread_create(&threads[i], &small, ask, (void *)i))
            return perror("load"), 1;
    for (int i = 0; i < n; i++)
        pthread_join(threads[i], NULL);
    double took = now() - began;
    qsort(times, n_time, sizeof *times, by_size);
    printf("{\"requests\":%zu,\"failed\":%zu,\"seconds\":%.3f,\"per_second\":%.1f,\"p50_ms\":%.3f,"
           "\"p95_ms\":%.3f,\"p99_ms\":%.3f}\n",
           n_time, n_failed, took, (double)n_time / took, quantile(0.5), quantile(0.95),
           quantile(0.99));
    return 0;
}
