/* Text without who it is about, in four languages; and what it leaves alone. */
#include "school/pseudonym.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct expected {
    const char *text, *struck;
};

static struct pseudonyms *names(void) {
    struct pseudonyms *names = pseudonyms_new();
    static const char *const known[] = {
        "María de la Cruz", "ada.lovelace99", "O'Brien-Smith", "王小明",
        "محمد علي",         "김민수",         "J. R.",         "Жанна"};
    for (size_t i = 0; i < COUNT_OF(known); i++)
        pseudonyms_add(names, view_of(known[i]));
    return names;
}

static void expect(const struct expected *rows, size_t n) {
    struct pseudonyms *known = names();
    for (size_t i = 0; i < n; i++) {
        struct struck struck = {0};
        struct buffer out = {0};
        pseudonyms_strike(known, view_of(rows[i].text), &out, &struck);
        assert_string_equal(out.at, rows[i].struck ? rows[i].struck : rows[i].text);
        buffer_free(&out);
    }
    pseudonyms_free(known);
}
#define EXPECT(...)                                                                               \
    expect((struct expected[]){__VA_ARGS__},                                                      \
           sizeof((struct expected[]){__VA_ARGS__}) / sizeof(struct expected))

static void names_are_struck_in_any_case_with_and_without_accents(void **state) {
    (void)state;
    EXPECT({"Maria's answer, MARÍA said", "[name]'s answer, [name] said"},
           {"I am María de la Cruz", "I am [name] de la [name]"},
           {"de la suma sale 3", NULL},            /* small words are not a name */
           {"Ada Lovelace wrote", "[name] wrote"}, /* two parts are one */
           {"adapt the sea to Lovelaces", NULL},   /* whole words */
           {"ask brien or smith", "ask [name] or [name]"}, {"это Жанна", "это [name]"},
           {"Mari\xCC\x81"
            "a",
            "[name]"});
}

static void names_stand_inside_runs_of_letters(void **state) {
    (void)state;
    EXPECT({"我同桌王小明说是3", "我同桌[name]说是3"}, {"小明不懂", "[name]不懂"},
           {"明天见", NULL}, /* one letter is no name */
           {"سألت ومحمد هنا", "سألت و[name] هنا"}, {"김민수는 몰라", "[name]는 몰라"},
           {"我是Maria吗", "我是[name]吗"});
}

static void who_says_their_name_is_believed(void **state) {
    (void)state;
    EXPECT({"Hi, my name is Bob Stone and I think 4", "Hi, my name is [name] and I think 4"},
           {"my name is bob and so on", "my name is [name] and so on"},
           {"Me llamo Zoe.", "Me llamo [name]."}, {"你好，我叫李雷。", "你好，我叫[name]。"},
           {"اسمي زينب وأظن", "اسمي [name] وأظن"});
}

static void addresses_are_struck(void **state) {
    (void)state;
    EXPECT({"write to zed.q+1@mail.example.org, please", "write to [mail], please"},
           {"见zed@example.cn吧", "见[mail]吧"}, {"follow @zed_q!", "follow [mail]!"},
           {"see https://example.org/~zed?q=1 (there).", "see [address] (there)."},
           {"www.example.org", "[address]"}, {"我在example.com看到", "我在[address]看到"},
           {"josé@mañana.es", "[mail]"}, {"on example.com/zed, look", "on [address], look"},
           {"e.g. math.floor(x) is 3.5", NULL}, {"the end.No space", NULL});
}

static void numbers_by_which_one_is_reached_are_struck_and_amounts_are_not(void **state) {
    (void)state;
    EXPECT({"call +34 612 345 678 now", "call [number] now"}, {"(555) 123-4567", "[number]"},
           {"555 1234 567", "[number]"}, {"tel5551234567", "tel[number]"},
           {"电话13800138000。", "电话[number]。"}, {"٠٥٥١٢٣٤٥٦٧", "[number]"},
           {"born 2011-04-17", "born [number]"}, {"pi is 3.14159265 and 1/3 is 0.33333333", NULL},
           {"10 000 000 grains", NULL}, {"1, 2, 3, 4, 5, 6, 7, 8", NULL},
           {"1 2 3 4 5 6 7 8 9", NULL}, {"2+3=5, 12*12=144, 999999", NULL},
           {"x = 1/2 - 3/4", NULL});
}

static void what_was_struck_is_counted(void **state) {
    (void)state;
    struct pseudonyms *known = names();
    struct struck struck = {0};
    struct buffer out = {0};
    pseudonyms_strike(known, VIEW("Maria, a@b.org, www.x.org, 5551234567 and Ada"), &out, &struck);
    assert_int_equal(struck.names, 2);
    assert_int_equal(struck.mails, 1);
    assert_int_equal(struck.addresses, 1);
    assert_int_equal(struck.numbers, 1);
    buffer_free(&out);
    pseudonyms_free(known);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_struck_in_any_case_with_and_without_accents),
        cmocka_unit_test(names_stand_inside_runs_of_letters),
        cmocka_unit_test(who_says_their_name_is_believed),
        cmocka_unit_test(addresses_are_struck),
        cmocka_unit_test(numbers_by_which_one_is_reached_are_struck_and_amounts_are_not),
        cmocka_unit_test(what_was_struck_is_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
