/* Server-sent events, however the bytes are cut. */
#include "company/events.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

static bool take(void *data, struct view text) {
    buffer_byte(data, '[');
    buffer_append(data, text);
    buffer_byte(data, ']');
    return true;
}

static void expect(const char *stream, const char *heard) {
    size_t n = strlen(stream);
    for (size_t cut = 1; cut <= n; cut++) {
        struct events events = {0};
        struct buffer out = {0};
        struct fault fault = {0};
        for (size_t at = 0; at < n; at += cut)
            assert_true(events_feed(&events, view_slice(view_of(stream), at, at + cut), take, &out,
                                    &fault));
        assert_string_equal(out.at ? out.at : "", heard);
        events_free(&events);
        buffer_free(&out);
    }
}

static void events_are_the_same_however_their_bytes_are_cut(void **state) {
    (void)state;
    expect("data: a\n\ndata: b\n\n", "[a][b]");
    expect("data:a\r\n\r\ndata: b\r\rdata:  c\n\n", "[a][b][ c]");
    expect("data: one\ndata: two\n\n", "[one\ntwo]");
    expect("\xEF\xBB\xBF"
           "data: a\n\n",
           "[a]");
    expect(": a comment\nevent: x\nid: 3\nretry: 5\ndata: a\n\n: ping\n\n", "[a]");
    expect("data\n\n", "[]");
    expect("data: cut off", "");
    expect("nonsense\n\n\n\n", "");
}

static void a_line_without_end_is_refused(void **state) {
    (void)state;
    struct events events = {0};
    struct buffer out = {0};
    struct fault fault = {0};
    char *block = malloc(1 << 20);
    memset(block, 'x', 1 << 20);
    bool good = true;
    for (int i = 0; i < 8 && good; i++)
        good = events_feed(&events, (struct view){block, 1 << 20}, take, &out, &fault);
    assert_false(good);
    assert_int_equal(fault.kind, FAULT_LIMIT);
    free(block);
    events_free(&events);
    buffer_free(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_are_the_same_however_their_bytes_are_cut),
        cmocka_unit_test(a_line_without_end_is_refused),
    };
    return cmocka_run_group_tests_name("company_events", tests, NULL, NULL);
}
