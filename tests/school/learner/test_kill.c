/* Killed with SIGKILL at 200 moments under load: every acknowledged attempt is there afterwards,
 * and the derived tables are those of the events. */
#include "folder.h"

#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { N_FOLDER = 10, N_KILL_EACH = 20, N_THREAD = 4 };

/* ------------------------------------------------------------------------------- the child */

struct writer {
    struct record *record;
    int64_t learner, next; /* next: the answers, all different in one folder */
    int acknowledge;       /* pipe */
};

/* What a learner does, over and over; each attempt is acknowledged once it is recorded. */
static void *write_for_ever(void *data) {
    struct writer *writer = data;
    for (uint64_t turn = 0;; turn++) {
        struct fault fault = {0};
        int64_t number = writer->next++;
        json_t *answer = json_integer(number);
        struct attempt attempt = an_attempt(writer->learner, 1 + turn / 3, turn % 3 == 2, answer);
        MUST(record_attempt(writer->record, NULL, &attempt, &fault));
        MUST(write(writer->acknowledge, &number, sizeof number) == sizeof number);
        if (turn % 3 == 0)
            MUST(record_hint(writer->record, NULL, writer->learner, "e", attempt.seed, 1, &fault));
        if (turn % 3 == 2)
            MUST(record_sister(writer->record, NULL, writer->learner, "e", attempt.seed + 1,
                               &fault));
        json_decref(answer);
    }
    return NULL;
}

static _Noreturn void be_a_school(const struct folder *folder, int kill_number, int acknowledge) {
    struct record *record = folder_open(folder);
    struct writer writers[N_THREAD];
    pthread_t threads[N_THREAD];
    for (int i = 0; i < N_THREAD; i++) {
        struct fault fault = {0};
        char token[65];
        int64_t learner = i + 1;
        if (!record_learner_exists(record, learner))
            MUST(record_learner_new(record, token, &fault) == learner);
        writers[i] =
            (struct writer){record, learner, (kill_number * N_THREAD + i) * 1000000, acknowledge};
    }
    for (int i = 0; i < N_THREAD; i++)
        pthread_create(&threads[i], NULL, write_for_ever, &writers[i]);
    for (;;)
        pause();
}

/* ------------------------------------------------------------------------------- the parent */

struct acknowledged {
    int64_t *at;
    size_t n;
};

/* Takes what is acknowledged until the pipe ends, or `seconds` are over. */
static void listen_to(int from, double seconds, struct acknowledged *all) {
    double end = clock_seconds() + seconds;
    for (double left; (left = end - clock_seconds()) > 0;) {
        struct pollfd wait = {.fd = from, .events = POLLIN};
        int64_t number;
        if (poll(&wait, 1, (int)(left * 1000) + 1) <= 0)
            continue;
        if (read(from, &number, sizeof number) != sizeof number)
            return;
        all->at = must_realloc(all->at, all->n + 1, sizeof *all->at);
        all->at[all->n++] = number;
    }
}

/* Every other child is killed while it opens the record, and before anything was recorded. */
static void run_and_kill(const struct folder *folder, int kill_number, struct random *random,
                         struct acknowledged *all) {
    int ends[2];
    double moment = random_unit(random) * 0.04;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        be_a_school(folder, kill_number, ends[1]);
    }
    close(ends[1]);
    if (kill_number % 2) {
        struct pollfd first = {.fd = ends[0], .events = POLLIN};
        assert_int_equal(poll(&first, 1, 60000), 1);
    }
    listen_to(ends[0], moment, all);
    kill(child, SIGKILL);
    int status = 0;
    waitpid(child, &status, 0);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    listen_to(ends[0], 60, all);
    close(ends[0]);
}

/* The files as the child left them, so that looking does not mend what the next child will find.
 */
static struct folder copy_of(const struct folder *folder) {
    static const char *const suffixes[] = {"", "-wal"};
    struct folder copy = folder_new();
    for (size_t i = 0; i < COUNT_OF(suffixes); i++) {
        struct fault fault = {0};
        struct buffer content = {0}, from = {0}, to = {0};
        buffer_format(&from, "%s%s", folder->record, suffixes[i]);
        buffer_format(&to, "%s%s", copy.record, suffixes[i]);
        if (file_exists(from.at)) {
            assert_true(file_read(from.at, 1 << 30, &content, &fault));
            FILE *file = fopen(to.at, "wb");
            assert_non_null(file);
            assert_int_equal(fwrite(content.at, 1, content.n, file), content.n);
            assert_int_equal(fclose(file), 0);
        }
        buffer_free(&content);
        buffer_free(&from);
        buffer_free(&to);
    }
    return copy;
}

static int compare(const void *a, const void *b) {
    const int64_t *left = a, *right = b;
    return (*left > *right) - (*left < *right);
}

/* Both lists ascend, so that one walk finds each acknowledged answer, and none of them twice. */
static void find_all(const struct folder *folder, struct acknowledged *all) {
    sqlite3 *database = NULL;
    sqlite3_stmt *row = NULL;
    size_t found = 0;
    int64_t previous = -1;
    if (all->n)
        qsort(all->at, all->n, sizeof *all->at, compare);
    assert_int_equal(sqlite3_open(folder->record, &database), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(database,
                                        "SELECT json_extract(data, '$.answer') FROM event"
                                        " WHERE kind = 'attempt' ORDER BY 1",
                                        -1, &row, NULL),
                     SQLITE_OK);
    while (sqlite3_step(row) == SQLITE_ROW) {
        int64_t number = sqlite3_column_int64(row, 0);
        assert_true(number > previous);
        previous = number;
        if (found < all->n && all->at[found] == number)
            found++;
    }
    sqlite3_finalize(row);
    sqlite3_close(database);
    assert_int_equal(found, all->n);
}

static void look(const struct folder *folder, struct acknowledged *all) {
    struct folder copy = copy_of(folder);
    struct fault fault = {0};
    struct buffer live = {0}, again = {0};
    record_close(folder_open(&copy));
    find_all(&copy, all);
    folder_dump(&copy, &live);
    assert_true(record_rebuild(copy.path, &fault));
    folder_dump(&copy, &again);
    assert_string_equal(live.at, again.at);
    buffer_free(&live);
    buffer_free(&again);
    folder_delete(&copy);
}

static void a_killed_process_loses_no_acknowledged_answer(void **state) {
    (void)state;
    struct random random;
    size_t n_acknowledged = 0;
    random_seed(&random, 3);
    for (int i = 0; i < N_FOLDER; i++) {
        struct folder folder = folder_new();
        struct acknowledged all = {0};
        for (int j = 0; j < N_KILL_EACH; j++) {
            run_and_kill(&folder, j, &random, &all);
            look(&folder, &all);
        }
        n_acknowledged += all.n;
        free(all.at);
        folder_delete(&folder);
    }
    print_message("# %zu answers were acknowledged before %d kills\n", n_acknowledged,
                  N_FOLDER * N_KILL_EACH);
    assert_true(n_acknowledged >= N_FOLDER * N_KILL_EACH / 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_killed_process_loses_no_acknowledged_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
