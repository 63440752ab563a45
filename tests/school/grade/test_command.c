/* lyceum grade, as programs use it: the binary between two pipes. */
#include "base/base.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char *lyceum; /* the program's path */

struct grader {
    pid_t process;
    int in, out;
};

static struct grader start(void) {
    int in[2], out[2];
    assert_int_equal(pipe2(in, O_CLOEXEC), 0);
    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    struct grader grader = {fork(), in[1], out[0]};
    if (grader.process == 0) {
        dup2(in[0], 0);
        dup2(out[1], 1);
        execl(lyceum, lyceum, "grade", (char *)NULL);
        _exit(127);
    }
    close(in[0]);
    close(out[1]);
    return grader;
}

static void send_bytes(const struct grader *grader, struct view text) {
    while (text.n) {
        ssize_t n = write(grader->in, text.at, text.n);
        assert_true(n > 0);
        text = view_slice(text, (size_t)n, text.n);
    }
}

/* The next line of output; NULL at the end. */
static json_t *receive(const struct grader *grader) {
    struct buffer line = {0};
    char c;
    while (read(grader->out, &c, 1) == 1 && c != '\n')
        buffer_byte(&line, c);
    json_t *out = line.n ? json_parse(buffer_view(&line), NULL) : NULL;
    assert_true(out || !line.n);
    buffer_free(&line);
    return out;
}

static void expect(const struct grader *grader, double score) {
    json_t *out = receive(grader);
    assert_non_null(out);
    if (score < 0)
        assert_non_null(json_object_get(out, "error"));
    else
        assert_true(json_number(out, "score", -1) == score);
    json_decref(out);
}

static void stop(struct grader *grader) {
    int status;
    close(grader->in);
    assert_null(receive(grader));
    close(grader->out);
    assert_int_equal(waitpid(grader->process, &status, 0), grader->process);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

#define RIGHT "{\"check\":\"algebra\",\"key\":\"x=5\",\"answer\":\"5 = x\"}"

static void each_line_is_answered_before_the_next_is_asked(void **state) {
    (void)state;
    struct grader grader = start();
    for (int i = 0; i < 3; i++) {
        send_bytes(&grader, VIEW(RIGHT "\n"));
        expect(&grader, 1);
    }
    stop(&grader);
}

static void blank_lines_carriage_returns_and_a_last_line_without_end_are_fine(void **state) {
    (void)state;
    struct grader grader = start();
    send_bytes(&grader, VIEW("\n\r\n   \n" RIGHT "\r\n\t" RIGHT " \n\n" RIGHT));
    close(grader.in);
    for (int i = 0; i < 3; i++)
        expect(&grader, 1);
    grader.in = -1;
    stop(&grader);
}

static void a_bad_line_gets_an_error_and_the_next_goes_on(void **state) {
    (void)state;
    const struct view bad[] = {
        VIEW("x\n"),        VIEW("{}\n"),
        VIEW("\0\n"),       VIEW("{\"check\":\"algebra\0\"}\n"),
        VIEW("\xff\xfe\n"), VIEW("{\"check\":\"text\",\"key\":\"x\",\"answer\":\"\xc3\"}\n"),
    };
    struct grader grader = start();
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        send_bytes(&grader, bad[i]);
        expect(&grader, -1);
        send_bytes(&grader, VIEW(RIGHT "\n"));
        expect(&grader, 1);
    }
    stop(&grader);
}

static void a_line_of_20_mb_is_refused_and_the_next_goes_on(void **state) {
    (void)state;
    struct grader grader = start();
    char *much = must_alloc(1 << 20, 1);
    memset(much, '(', 1 << 20);
    send_bytes(&grader, VIEW("{\"check\":\"algebra\",\"key\":\"x\",\"answer\":\""));
    for (int i = 0; i < 20; i++)
        send_bytes(&grader, (struct view){much, 1 << 20});
    send_bytes(&grader, VIEW("\"}\n" RIGHT "\n"));
    json_t *out = receive(&grader);
    assert_string_equal(json_text(json_object_get(out, "error"), "kind", ""), "limit");
    json_decref(out);
    expect(&grader, 1);
    free(much);
    stop(&grader);
}

int main(int n_argument, char **arguments) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_line_is_answered_before_the_next_is_asked),
        cmocka_unit_test(blank_lines_carriage_returns_and_a_last_line_without_end_are_fine),
        cmocka_unit_test(a_bad_line_gets_an_error_and_the_next_goes_on),
        cmocka_unit_test(a_line_of_20_mb_is_refused_and_the_next_goes_on),
    };
    MUST(n_argument == 2);
    lyceum = arguments[1];
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
