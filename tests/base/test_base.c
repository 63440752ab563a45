/* base: views, faults, memory, files, UTF-8, JSON, hashes and random numbers. */
#include "base/base.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void lines_are_cut_at_either_line_end(void **state) {
    (void)state;
    struct view rest = VIEW("one\r\ntwo\n\nfour"), line;
    const char *want[] = {"one", "two", "", "four"};
    for (size_t i = 0; i < COUNT_OF(want); i++) {
        assert_true(view_line(&rest, &line));
        assert_true(view_is(line, want[i]));
    }
    assert_false(view_line(&rest, &line));
}

static void a_view_is_sliced_trimmed_and_searched_within_its_bounds(void **state) {
    (void)state;
    assert_true(view_is(view_slice(VIEW("abc"), 1, 99), "bc"));
    assert_int_equal(view_slice(VIEW("abc"), 3, 2).n, 0);
    assert_true(view_is(view_trim(VIEW(" \t x y\n")), "x y"));
    assert_int_equal(view_find(VIEW("banana"), VIEW("nan")), 2);
    assert_int_equal(view_find(VIEW("banana"), VIEW("nab")), -1);
    assert_true(view_equal((struct view){0}, VIEW("")));
}

static void a_fault_keeps_its_first_cause_and_tells_place_and_remedy(void **state) {
    (void)state;
    struct fault fault = {0};
    assert_false(fault_set(&fault, FAULT_INPUT, "the key %s is missing", "x"));
    fault_set(&fault, FAULT_MACHINE, "something later");
    fault_remedy(&fault, "Add it.");
    fault_place(&fault, "course.yaml", 12, -1);
    char text[800];
    assert_string_equal(fault_text(&fault, text, sizeof text),
                        "course.yaml:12: the key x is missing. Add it.");
    json_t *json = fault_json(&fault);
    assert_string_equal(json_text(json, "kind", ""), "input");
    assert_int_equal(json_number(json, "line", 0), 12);
    json_decref(json);
}

static void a_fault_never_ends_in_half_a_character(void **state) {
    (void)state;
    char long_text[1001] = "";
    for (int i = 0; i < 333; i++)
        strcat(long_text, "学");
    struct fault fault = {0};
    fault_set(&fault, FAULT_INPUT, "a%s", long_text);
    assert_true(utf8_valid(view_of(fault.message)));
}

static void memory_that_nobody_has_is_a_fault(void **state) {
    (void)state;
    struct fault fault = {0};
    struct arena *arena = arena_try_new(&fault);
    char *kept = try_copy(VIEW("kept"), &fault);
    assert_true(arena && kept && fault.kind == FAULT_NONE);
    assert_null(try_alloc(SIZE_MAX / 2, 3, &fault));
    assert_int_equal(fault.kind, FAULT_MACHINE);
    assert_null(try_alloc(1, SIZE_MAX, NULL));
    assert_null(try_alloc_aligned(SIZE_MAX - 32, 1, NULL));
    assert_null(try_realloc(kept, SIZE_MAX, SIZE_MAX, NULL));
    assert_string_equal(kept, "kept");
    assert_null(arena_try(arena, SIZE_MAX, 1, NULL));
    assert_non_null(arena_try(arena, 0, 8, NULL)); /* NULL would mean that there was none */
    char *aligned = try_alloc_aligned(100, 3, NULL);
    assert_true(aligned && ((uintptr_t)aligned & 63) == 0);
    for (int i = 0; i < 300; i++)
        assert_int_equal(aligned[i], 0);
    free(aligned);
    free(kept);
    arena_free(arena);
}

static void memory_that_is_given_back_loses_whole_pages_alone(void **state) {
    (void)state;
    enum { SIZE = 4 * 4096 };
    char *at = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(at, MAP_FAILED);
    memset(at, 1, SIZE);
    memory_give_back(at + 1, 3 * 4096);
    assert_int_equal(at[4095], 1);
    assert_int_equal(at[4096], 0);
    assert_int_equal(at[3 * 4096 - 1], 0);
    assert_int_equal(at[3 * 4096], 1);
    memory_give_back(at + 1, 100);
    assert_int_equal(at[1], 1);
    munmap(at, SIZE);
}

enum { DEEP = 256 << 10 };

/* Where the stack of a deep call was. */
static __attribute__((noinline)) void go_deep(uintptr_t *where) {
    volatile char deep[DEEP];
    for (size_t i = 0; i < DEEP; i += 512)
        deep[i] = 1;
    *where = (uintptr_t)deep;
}

static size_t resident_pages(uintptr_t from) {
    unsigned char pages[DEEP / 4096] = {0};
    size_t n = 0;
    assert_int_equal(mincore((void *)(from & ~(uintptr_t)4095), DEEP, pages), 0);
    for (size_t i = 0; i < sizeof pages; i++)
        n += pages[i] & 1;
    return n;
}

static void *wait_with_little_stack(void *data) {
    size_t *n_page = data;
    char mine[64] = "what is in a frame stays";
    uintptr_t deep = 0;
    go_deep(&deep);
    n_page[0] = resident_pages(deep);
    stack_give_back();
    n_page[1] = resident_pages(deep);
    n_page[2] = !strcmp(mine, "what is in a frame stays");
    return NULL;
}

static void a_thread_gives_back_the_stack_of_its_deep_calls_and_keeps_its_own(void **state) {
    (void)state;
    pthread_t thread;
    size_t n_page[3] = {0};
    assert_int_equal(pthread_create(&thread, NULL, wait_with_little_stack, n_page), 0);
    pthread_join(thread, NULL);
    assert_true(n_page[0] >= DEEP / 4096 - 2);
    assert_true(n_page[1] <= 4);
    assert_true(n_page[2]);
}

static void an_arena_gives_zeroed_aligned_memory_of_any_size(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    for (size_t size = 1; size < 3000000; size = size * 3 + 1) {
        uint8_t *memory = arena_alloc(arena, size, 1);
        assert_int_equal((uintptr_t)memory % 16, 0);
        for (size_t i = 0; i < size; i += 97)
            assert_int_equal(memory[i], 0);
        memset(memory, 255, size);
    }
    assert_string_equal(arena_format(arena, "%d-%s", 7, "x"), "7-x");
    arena_free(arena);
}

static void html_is_escaped(void **state) {
    (void)state;
    struct buffer out = {0};
    buffer_html(&out, VIEW("<a href=\"x\">'&'</a>"));
    assert_string_equal(out.at, "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;");
    buffer_free(&out);
}

static void every_code_point_survives_utf8(void **state) {
    (void)state;
    for (int32_t c = 0; c <= 0x10FFFF; c++) {
        if (c >= 0xD800 && c < 0xE000)
            continue;
        char bytes[4];
        size_t n = utf8_encode(c, bytes);
        int32_t back;
        assert_int_equal(utf8_decode(bytes, n, &back), n);
        assert_int_equal(back, c);
    }
}

static void what_is_not_utf8_is_one_bad_byte_at_a_time(void **state) {
    (void)state;
    const struct view bad[] = {VIEW("\xC0\x80"), VIEW("\xED\xA0\x80"), VIEW("\xF5\x80\x80\x80"),
                               VIEW("\xE4\xB8"), VIEW("\x80"),         VIEW("\xF0\x80\x80\x80")};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        int32_t c;
        assert_int_equal(utf8_decode(bad[i].at, bad[i].n, &c), 1);
        assert_int_equal(c, -1);
        assert_false(utf8_valid(bad[i]));
    }
    assert_int_equal(utf8_whole(VIEW("a\xE4\xB8")), 1);
    assert_int_equal(utf8_whole(VIEW("a\xE4\xB8\xAD")), 4);
}

static void folding_makes_equal_what_reads_equal(void **state) {
    (void)state;
    const struct {
        struct view a, b;
    } pairs[] = {{VIEW("STRASSE"), VIEW("straße")},
                 {VIEW("ﬁn"), VIEW("FIN")},
                 {VIEW("e\xCC\x81"), VIEW("É")},
                 {VIEW("１２"), VIEW("12")},
                 {VIEW("x²"), VIEW("X2")}};
    for (size_t i = 0; i < COUNT_OF(pairs); i++) {
        struct buffer a = {0}, b = {0};
        unicode_fold(pairs[i].a, &a);
        unicode_fold(pairs[i].b, &b);
        assert_string_equal(a.at, b.at);
        buffer_free(&a);
        buffer_free(&b);
    }
    assert_int_equal(unicode_class(0x4E2D), UNICODE_LETTER);
    assert_int_equal(unicode_class(0x0661), UNICODE_NUMBER);
    assert_int_equal(unicode_class(0x3000), UNICODE_SPACE);
    assert_int_equal(unicode_class(0x0301), UNICODE_MARK);
}

static void json_from_outside_is_bounded_and_its_faults_have_a_place(void **state) {
    (void)state;
    struct fault fault = {0};
    assert_null(json_parse(VIEW("{\n\"a\": }"), &fault));
    assert_int_equal(fault.line, 2);
    char *deep = malloc(1000001);
    memset(deep, '[', 1000000);
    deep[1000000] = 0;
    assert_null(json_parse(view_of(deep), NULL));
    free(deep);
    json_t *json = json_parse(VIEW("{\"a\":1,\"b\":2}"), NULL);
    const char *const known[] = {"a", NULL};
    assert_string_equal(json_unknown_key(json, known), "b");
    json_decref(json);
}

static void a_file_is_written_whole_and_read_within_its_bound(void **state) {
    (void)state;
    char folder[] = "/tmp/lyceum-base-XXXXXX";
    assert_non_null(mkdtemp(folder));
    char path[200], deep[100];
    snprintf(deep, sizeof deep, "%s/a/b", folder);
    struct fault fault = {0};
    assert_true(folder_make(deep, &fault));
    snprintf(path, sizeof path, "%s/file", deep);
    assert_true(file_write(path, VIEW("hello"), &fault));
    struct buffer content = {0};
    assert_true(file_read(path, 5, &content, &fault));
    assert_string_equal(content.at, "hello");
    assert_false(file_read(path, 4, &content, &fault));
    assert_int_equal(fault.kind, FAULT_LIMIT);
    struct file_map map;
    assert_true(file_map(path, &map, NULL));
    assert_int_equal(map.n, 5);
    file_unmap(&map);
    fault_clear(&fault);
    assert_false(file_map(deep, &map, &fault));
    assert_int_equal(fault.kind, FAULT_INPUT);
    fault_clear(&fault);
    snprintf(path, sizeof path, "%s/none", deep);
    assert_false(file_map(path, &map, &fault));
    assert_int_equal(fault.kind, FAULT_MISSING);
    buffer_free(&content);
    char command[260];
    snprintf(command, sizeof command, "rm -r %s", folder);
    assert_int_equal(system(command), 0);
}

static void sha256_matches_the_standard_vector(void **state) {
    (void)state;
    char hex[65];
    sha256_hex(VIEW("abc"), hex); /* FIPS 180-2, appendix B.1 */
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void random_numbers_stay_in_range_and_repeat_from_a_seed(void **state) {
    (void)state;
    struct random a, b;
    random_seed(&a, 42);
    random_seed(&b, 42);
    int seen[6] = {0};
    for (int i = 0; i < 6000; i++) {
        int64_t drawn = random_between(&a, -2, 3);
        assert_true(drawn >= -2 && drawn <= 3);
        assert_int_equal(drawn, random_between(&b, -2, 3));
        seen[drawn + 2]++;
        double unit = random_unit(&a);
        assert_true(unit >= 0 && unit < 1);
        random_unit(&b);
    }
    for (int i = 0; i < 6; i++)
        assert_in_range(seen[i], 850, 1150);
}

static void a_watch_tells_of_memory_that_was_not_there(void **state) {
    (void)state;
    struct memory_watch outer, inner;
    struct fault fault = {0};
    memory_watch_begin(&outer);
    assert_null(try_alloc(SIZE_MAX / 2, 4, &fault));
    memory_watch_begin(&inner);
    struct buffer text = {0};
    buffer_text(&text, "there is memory for this");
    assert_false(memory_is_short());
    assert_true(memory_watch_end(&inner, &fault));
    assert_true(memory_is_short());
    fault_clear(&fault);
    fault_set(&fault, FAULT_INPUT, "what came of it");
    assert_false(memory_watch_end(&outer, &fault));
    assert_int_equal(fault.kind, FAULT_MACHINE);
    assert_false(memory_is_short());
    buffer_free(&text);
}

static void a_sentence_has_the_names_in_their_places(void **state) {
    (void)state;
    static const struct {
        const char *sentence, *wanted;
    } cases[] = {
        {"The username %s is that of %s already.", "The username ada is that of 100%s already."},
        {"%s 已经有了。", "ada 已经有了。"},
        {"The file is not UTF-8: 5%.", "The file is not UTF-8: 5%."},
        {"%s%s%s.", "ada100%s."},
        {"", ""}};
    json_t *names = json_pack("[s,s]", "ada", "100%s");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer out = {0};
        json_sentence(cases[i].sentence, names, &out);
        assert_true(view_is(buffer_view(&out), cases[i].wanted));
        buffer_free(&out);
    }
    json_decref(names);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_watch_tells_of_memory_that_was_not_there),
        cmocka_unit_test(lines_are_cut_at_either_line_end),
        cmocka_unit_test(a_view_is_sliced_trimmed_and_searched_within_its_bounds),
        cmocka_unit_test(a_fault_keeps_its_first_cause_and_tells_place_and_remedy),
        cmocka_unit_test(a_fault_never_ends_in_half_a_character),
        cmocka_unit_test(memory_that_nobody_has_is_a_fault),
        cmocka_unit_test(an_arena_gives_zeroed_aligned_memory_of_any_size),
        cmocka_unit_test(memory_that_is_given_back_loses_whole_pages_alone),
        cmocka_unit_test(a_thread_gives_back_the_stack_of_its_deep_calls_and_keeps_its_own),
        cmocka_unit_test(html_is_escaped),
        cmocka_unit_test(every_code_point_survives_utf8),
        cmocka_unit_test(what_is_not_utf8_is_one_bad_byte_at_a_time),
        cmocka_unit_test(folding_makes_equal_what_reads_equal),
        cmocka_unit_test(json_from_outside_is_bounded_and_its_faults_have_a_place),
        cmocka_unit_test(a_file_is_written_whole_and_read_within_its_bound),
        cmocka_unit_test(sha256_matches_the_standard_vector),
        cmocka_unit_test(random_numbers_stay_in_range_and_repeat_from_a_seed),
        cmocka_unit_test(a_sentence_has_the_names_in_their_places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
