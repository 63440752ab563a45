/* The examination: items are put to the school's own way of answering, several at a time, and what
 * became of them is appended in their order, so that it can be halted at any byte. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "school/school.h"
#include "workshop/proof.h"

enum { AT_ONCE = 4, MOST_AT_ONCE = 32, FILE_BYTES = 1 << 30 };

struct asking {
    const struct proof *proof;
    uint64_t subject;
    int file;
    pthread_mutex_t lock; /* of what follows */
    size_t next, written; /* items */
    struct buffer *lines; /* [items]; written as soon as those before are */
    bool good;
    struct fault *fault;
};

/* ------------------------------------------------------------------------------- what is there
 */

static bool refuse_line(const struct proof *proof, size_t i, const char *why,
                        struct fault *fault) {
    fault_set(fault, FAULT_INPUT, "%s", why);
    fault_remedy(fault, "Take it away, or let the outcomes be written to another file.");
    return fault_place(fault, proof->out, (long)i + 1, -1);
}

/* Whether the line, whole or cut off, is of item i and the subject. */
static bool check_line(const struct asking *asking, size_t i, struct view line,
                       struct fault *fault) {
    const struct proof *proof = asking->proof;
    char head[OUTCOME_HEAD + 1];
    if (i >= proof->items->n)
        return refuse_line(proof, i, "there are more outcomes than items", fault);
    outcome_head(proof->items->at[i].hash, asking->subject, head);
    size_t n = line.n < OUTCOME_HEAD ? line.n : OUTCOME_HEAD;
    if (!memcmp(line.at, head, n))
        return true;
    bool other = n == OUTCOME_HEAD && !memcmp(line.at, head, 25); /* {"item":"…: the same */
    return refuse_line(proof, i,
                       other ? "the file is of another model"
                             : "the file holds other things than outcomes of these items",
                       fault);
}

/* Counts the outcomes that are there; *length is what they take, without a line that was cut off.
 */
static bool count_kept(struct asking *asking, size_t *length, struct fault *fault) {
    struct buffer text = {0};
    bool good = file_read(asking->proof->out, FILE_BYTES, &text, fault);
    size_t at = 0, n = 0;
    while (good && at < text.n) {
        const char *end = memchr(text.at + at, '\n', text.n - at);
        struct view line = {text.at + at, end ? (size_t)(end - text.at) - at : text.n - at};
        good = check_line(asking, n, line, fault);
        json_t *whole = good && end ? proof_line(line, fault) : NULL;
        if (good && end && !whole)
            good = fault_place(fault, asking->proof->out, (long)n + 1, -1);
        json_decref(whole);
        if (!end)
            break;
        at += line.n + 1;
        n++;
    }
    buffer_free(&text);
    *length = at;
    asking->next = asking->written = n;
    return good;
}

static bool told_by_system(const char *doing, const char *path, struct fault *fault) {
    fault_set(fault, FAULT_MACHINE, "cannot %s: %s", doing, strerror(errno));
    return fault_place(fault, path, 0, -1);
}

static bool open_out(struct asking *asking, struct fault *fault) {
    const char *path = asking->proof->out;
    size_t length = 0;
    if (file_exists(path) && !count_kept(asking, &length, fault))
        return false;
    asking->file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    if (asking->file < 0)
        return told_by_system("open the file", path, fault);
    if (ftruncate(asking->file, (off_t)length) == 0 && lseek(asking->file, 0, SEEK_END) >= 0)
        return true;
    told_by_system("cut the file", path, fault);
    close(asking->file);
    return false;
}

/* --------------------------------------------------------------------------------------- asking
 */

static void set_text(json_t *line, const char *key, struct view text) {
    if (text.n)
        json_object_set_new(line, key, json_stringn(text.at, text.n));
}

static bool put_item(const struct asking *asking, size_t i, struct buffer *out,
                     struct fault *fault) {
    const struct proof *proof = asking->proof;
    const struct proof_item *item = &proof->items->at[i];
    struct buffer line = {0};
    uint64_t seed = hash64(VIEW("seed"), item->hash ^ proof->seed) >> 33;
    json_t *asked = json_pack("{s:I}", "seed", (json_int_t)seed);
    set_text(asked, "passage", item->passage);
    set_text(asked, "question", item->question);
    set_text(asked, "hint", item->hint);
    set_text(asked, "language", item->language);
    if (proof->trained)
        json_object_set_new(asked, "trusted", json_true());
    buffer_json(&line, asked);
    json_t *draft = school_draft_line(proof->look_up ? NULL : proof->company, buffer_view(&line));
    bool good = outcome_write(item, draft, asking->subject, proof->look_up, out, fault);
    json_decref(asked);
    json_decref(draft);
    buffer_free(&line);
    return good;
}

static bool append(const struct asking *asking, struct view line, struct fault *fault) {
    while (line.n) {
        ssize_t n = write(asking->file, line.at, line.n);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return told_by_system("write the file", asking->proof->out, fault);
        line = view_slice(line, (size_t)n, line.n);
    }
    return true;
}

/* Under the lock: all lines before which nothing is missing. */
static void write_ready(struct asking *asking) {
    const struct proof *proof = asking->proof;
    while (asking->good && asking->written < proof->items->n && asking->lines[asking->written].n) {
        struct buffer *line = &asking->lines[asking->written];
        asking->good = append(asking, buffer_view(line), asking->fault);
        buffer_free(line);
        asking->written += asking->good;
        if (proof->progress)
            proof->progress(proof->data, asking->written, proof->items->n);
    }
}

static bool goes_on(const struct asking *asking) {
    const struct proof *proof = asking->proof;
    return asking->good && asking->next < proof->items->n && !(proof->cancel && *proof->cancel);
}

static void *ask(void *data) {
    struct asking *asking = data;
    pthread_mutex_lock(&asking->lock);
    while (goes_on(asking)) {
        size_t i = asking->next++;
        struct buffer line = {0};
        struct fault fault = {0};
        pthread_mutex_unlock(&asking->lock);
        bool good = put_item(asking, i, &line, &fault);
        pthread_mutex_lock(&asking->lock);
        if (!good && asking->good) {
            asking->good = false;
            if (asking->fault)
                *asking->fault = fault;
        }
        asking->lines[i] = line;
        write_ready(asking);
    }
    pthread_mutex_unlock(&asking->lock);
    return NULL;
}

static void ask_all(struct asking *asking) {
    pthread_t threads[MOST_AT_ONCE];
    int wanted = asking->proof->n_at_once ? asking->proof->n_at_once : AT_ONCE, n = 0;
    MUST(wanted > 0 && wanted <= MOST_AT_ONCE);
    /* The caller is one of them, so that it also goes on where no thread can be started. */
    while (n < wanted - 1 && pthread_create(&threads[n], NULL, ask, asking) == 0)
        n++;
    ask(asking);
    while (n)
        pthread_join(threads[--n], NULL);
}

bool prove(const struct proof *proof, struct proof_report *report, struct fault *fault) {
    double started = clock_seconds();
    size_t n = proof->items->n;
    *report = (struct proof_report){0};
    if (!proof->look_up && (!proof->company || company_state(proof->company) != COMPANY_READY))
        return fault_set(fault, FAULT_MISSING, "no model is ready to be examined%s%s",
                         proof->company ? ": " : "",
                         proof->company ? company_problem(proof->company) : "");
    struct asking asking = {.proof = proof,
                            .subject = hash64(view_of(proof->subject), proof->seed),
                            .good = true,
                            .fault = fault};
    if (!open_out(&asking, fault))
        return false;
    report->n_kept = asking.written;
    asking.lines = must_alloc(n + 1, sizeof *asking.lines);
    pthread_mutex_init(&asking.lock, NULL);
    ask_all(&asking);
    pthread_mutex_destroy(&asking.lock);
    for (size_t i = 0; i < n; i++)
        buffer_free(&asking.lines[i]);
    free(asking.lines);
    if (close(asking.file) < 0 && asking.good)
        asking.good = told_by_system("close the file", proof->out, fault);
    report->n_asked = asking.written - report->n_kept;
    report->whole = asking.written == n;
    report->seconds = clock_seconds() - started;
    return asking.good;
}
