/* What a model of the company writes, several replies at a time, and the file that keeps them. */
#include "workshop/senior.h"

#include "model/model.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WRITERS = 4, MAX_CACHE = 256 << 20 };

/* ----------------------------------------------------------------------------------------- cache
 */

struct interview {
    struct senior *senior;
    struct senior_task *tasks;
    size_t n, next;
    double deadline;
    pthread_mutex_t lock; /* of next, the arena, the cache and the counts */
    int cache;            /* descriptor; -1: none */
    json_t *kept;         /* key → reply */
    struct progress progress;
    struct fault fault;
};

static void key_of(const struct senior *senior, const json_t *messages, uint64_t seed,
                   char out[17]) {
    struct buffer text = {0};
    buffer_format(&text, "%s\n",
                  senior->name ? senior->name : company_model_name(senior->company));
    buffer_json(&text, messages);
    snprintf(out, 17, "%016llx", (unsigned long long)hash64(buffer_view(&text), seed));
    buffer_free(&text);
}

/* Reads what was kept and cuts off a line that was torn when the last run ended. */
static bool open_cache(struct interview *talk, struct fault *fault) {
    const char *path = talk->senior->cache;
    struct buffer text = {0};
    if (!path)
        return true;
    if (file_exists(path) && !file_read(path, MAX_CACHE, &text, fault))
        return false;
    struct view rest = buffer_view(&text), line;
    while (rest.n && rest.at[rest.n - 1] != '\n')
        rest.n--;
    off_t whole = (off_t)rest.n;
    while (view_line(&rest, &line)) {
        json_t *row = json_parse(line, NULL);
        const char *key = json_text(row, "key", NULL), *reply = json_text(row, "reply", NULL);
        if (key && reply)
            json_object_set_new(talk->kept, key, json_string(reply));
        json_decref(row);
    }
    buffer_free(&text);
    talk->cache = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (talk->cache >= 0 && ftruncate(talk->cache, whole) == 0)
        return true;
    fault_set(fault, FAULT_MACHINE, "the cache cannot be written: %s", strerror(errno));
    return fault_place(fault, path, 0, -1);
}

static bool keep_reply(struct interview *talk, const char *key, struct view reply) {
    struct buffer line = {0};
    json_t *row = json_pack("{s:s, s:o}", "key", key, "reply",
                            json_stringn(reply.at ? reply.at : "", reply.n));
    if (!row) /* no UTF-8: nothing to keep */
        row = json_pack("{s:s, s:s}", "key", key, "reply", "");
    buffer_json(&line, row);
    buffer_byte(&line, '\n');
    bool good = talk->cache < 0 || write(talk->cache, line.at, line.n) == (ssize_t)line.n;
    if (!good)
        fault_set(&talk->fault, FAULT_MACHINE, "the cache cannot be written: %s", strerror(errno));
    json_decref(row);
    buffer_free(&line);
    return good;
}

/* --------------------------------------------------------------------------------------- writing
 */

static struct view cut_reply(const struct senior *senior, struct view reply) {
    reply = arena_copy(senior->arena, reply);
    return senior->cut ? senior->cut(reply) : view_trim(reply);
}

static void take_kept(struct interview *talk, struct senior_task *task) {
    struct arena *arena = arena_new();
    char key[17];
    json_t *messages = talk->senior->messages(talk->senior, task, arena);
    key_of(talk->senior, messages, task->seed, key);
    const char *reply = json_text(talk->kept, key, NULL);
    if (reply) {
        task->done = true;
        task->reply = cut_reply(talk->senior, view_of(reply));
        talk->senior->n_cached++;
    }
    json_decref(messages);
    arena_free(arena);
}

static bool write_reply(struct interview *talk, struct senior_task *task) {
    static const char *const stop[] = {"\n", NULL};
    struct arena *arena = arena_new();
    struct buffer out = {0};
    struct company_draft draft;
    struct fault fault = {0};
    char key[17];
    json_t *messages = talk->senior->messages(talk->senior, task, arena);
    struct company_request request = {.messages = messages,
                                      .role = COMPANY_SENIOR,
                                      .why = "text to train on",
                                      .adapter = "",
                                      .max_tokens = talk->senior->most_tokens,
                                      .temperature = talk->senior->temperature,
                                      .seed = task->seed,
                                      .grammar = task->grammar,
                                      .stop = stop,
                                      .seconds = 120,
                                      .cancel = talk->senior->cancel};
    const char *name = talk->senior->name;
    if (name && !company_role_named(name, &request.role))
        request.member = name;
    bool good = company_write(talk->senior->company, &request, &out, &draft, &fault);
    key_of(talk->senior, messages, task->seed, key);
    if (good && task->grammar && !grammar_accepts(task->grammar, buffer_view(&out)))
        buffer_clear(&out); /* who writes far away may not know grammars */
    pthread_mutex_lock(&talk->lock);
    if (good) {
        task->done = true;
        task->reply = cut_reply(talk->senior, buffer_view(&out));
        talk->senior->n_written++;
        good = keep_reply(talk, key, task->reply);
    } else if (fault.kind != FAULT_LIMIT) /* a limit is of this one alone */
        talk->fault = fault;
    else
        good = true;
    pthread_mutex_unlock(&talk->lock);
    json_decref(messages);
    buffer_free(&out);
    arena_free(arena);
    return good;
}

static struct senior_task *next_task(struct interview *talk) {
    struct senior_task *task = NULL;
    const volatile bool *cancel = talk->senior->cancel;
    pthread_mutex_lock(&talk->lock);
    while (talk->next < talk->n && talk->tasks[talk->next].done)
        talk->next++;
    if (talk->next < talk->n && clock_seconds() < talk->deadline && !talk->fault.kind &&
        !(cancel && *cancel))
        task = &talk->tasks[talk->next++];
    progress_show(&talk->progress, (double)talk->next, (double)talk->n, "replies");
    pthread_mutex_unlock(&talk->lock);
    return task;
}

static void *writer(void *data) {
    struct interview *talk = data;
    struct senior_task *task;
    while ((task = next_task(talk)) && write_reply(talk, task)) {
    }
    return NULL;
}

static void write_all(struct interview *talk) {
    pthread_t threads[WRITERS];
    size_t n = 0;
    while (n < WRITERS && pthread_create(&threads[n], NULL, writer, talk) == 0)
        n++;
    if (!n)
        writer(talk);
    for (size_t i = 0; i < n; i++)
        pthread_join(threads[i], NULL);
    progress_end(&talk->progress);
}

bool senior_write_all(struct senior *senior, struct senior_task *tasks, size_t n,
                      struct fault *fault) {
    struct interview talk = {.senior = senior,
                             .tasks = tasks,
                             .n = n,
                             .cache = -1,
                             .kept = json_object(),
                             .progress = {.label = senior->label}};
    double wait = 300;
    if (!company_wait(senior->company, wait))
        fault_set(&talk.fault, FAULT_MISSING, "there is no senior to ask: %s",
                  *company_problem(senior->company) ? company_problem(senior->company)
                                                    : "no model is named");
    talk.deadline = clock_seconds() + (senior->seconds > 0 ? senior->seconds : 600);
    pthread_mutex_init(&talk.lock, NULL);
    bool good = !talk.fault.kind && open_cache(&talk, &talk.fault);
    for (size_t i = 0; i < n && good; i++)
        take_kept(&talk, &tasks[i]);
    if (good)
        write_all(&talk);
    good = !talk.fault.kind;
    if (!good && fault && !fault->kind)
        *fault = talk.fault;
    if (talk.cache >= 0)
        close(talk.cache);
    json_decref(talk.kept);
    pthread_mutex_destroy(&talk.lock);
    return good;
}
