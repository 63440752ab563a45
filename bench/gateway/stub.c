/* A server of chat/completions that answers at once, so that what stands before it is measured. A
 * model named slow:SECONDS streams a word every tenth of a second for so long.
 *
 *   stub PORT        one thread a connection, connections are kept */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { REQUEST_BYTES = 1 << 16 };

static const char piece[] =
    "data: {\"id\":\"x\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"stub\","
    "\"choices\":[{\"index\":0,\"delta\":{\"content\":\"word \"},\"finish_reason\":null}]}\n\n";
static const char ending[] =
    "data: {\"id\":\"x\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"stub\","
    "\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
    "data: {\"id\":\"x\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"stub\","
    "\"choices\":[],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":1,\"total_tokens\":6}}"
    "\n\n"
    "data: [DONE]\n\n";
static const char whole[] =
    "{\"id\":\"x\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"stub\",\"choices\":[{"
    "\"index\":0,"
    "\"message\":{\"role\":\"assistant\",\"content\":\"word\"},\"finish_reason\":\"stop\"}],"
    "\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":1,\"total_tokens\":6}}";

static bool send_all(int fd, const char *at, size_t n) {
    while (n) {
        ssize_t sent = send(fd, at, n, MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        at += sent;
        n -= (size_t)sent;
    }
    return true;
}

static bool send_chunk(int fd, const char *text) {
    char out[1024];
    int n = snprintf(out, sizeof out, "%zx\r\n%s\r\n", strlen(text), text);
    return send_all(fd, out, (size_t)n);
}

static bool stream_slowly(int fd, double seconds) {
    static const char head[] =
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
    bool good = send_all(fd, head, sizeof head - 1);
    for (int i = 0; good && i < (int)(seconds * 10); i++) {
        good = send_chunk(fd, piece);
        usleep(100000);
    }
    return good && send_chunk(fd, ending) && send_all(fd, "0\r\n\r\n", 5);
}

static bool answer(int fd, const char *body) {
    char out[2048], text[1400];
    const char *slow = strstr(body, "slow:");
    bool streams = strstr(body, "\"stream\":true") || strstr(body, "\"stream\": true");
    if (slow && streams)
        return stream_slowly(fd, atof(slow + 5));
    snprintf(text, sizeof text, "%s%s", streams ? piece : whole, streams ? ending : "");
    int n = snprintf(out, sizeof out,
                     "HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %zu\r\n\r\n%s",
                     streams ? "text/event-stream" : "application/json", strlen(text), text);
    return send_all(fd, out, (size_t)n);
}

static void *serve(void *data) {
    int fd = (int)(long)data;
    char *at = malloc(REQUEST_BYTES), *end;
    size_t n = 0;
    bool good = at != NULL;
    while (good) {
        ssize_t got = recv(fd, at + n, REQUEST_BYTES - 1 - n, 0);
        if (got <= 0)
            break;
        n += (size_t)got;
        at[n] = 0;
        while (good && (end = strstr(at, "\r\n\r\n"))) {
            const char *length = strcasestr(at, "content-length:");
            size_t body = length && length < end ? (size_t)atol(length + 15) : 0,
                   size = (size_t)(end + 4 - at) + body;
            if (n < size)
                break;
            char after = at[size];
            at[size] = 0;
            good = answer(fd, end + 4);
            at[size] = after;
            n -= size;
            memmove(at, at + size, n + 1);
        }
    }
    close(fd);
    free(at);
    return NULL;
}

int main(int n_argument, char **arguments) {
    int fd = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    address.sin_port = htons((unsigned short)(n_argument > 1 ? atoi(arguments[1]) : 0));
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) || listen(fd, 1024))
        return perror("stub"), 1;
    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 64 << 10);
    for (int line; (line = accept(fd, NULL, NULL)) >= 0;) {
        pthread_t thread;
        setsockopt(line, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        if (pthread_create(&thread, &small, serve, (void *)(long)line) == 0)
            pthread_detach(thread);
        else
            close(line);
    }
    return 0;
}
