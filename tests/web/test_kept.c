/* What is kept of responses: whose, how long, and how much. */
#include "web/v1_kept.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void put(struct kept *kept, const char *owner, const char *id, size_t n, double now) {
    static const char many[1024] = {[0 ... 1023] = 'a'};
    struct buffer text = {0};
    while (text.n + sizeof many < n)
        buffer_append(&text, (struct view){many, sizeof many});
    buffer_append(&text, (struct view){many, n - text.n});
    json_t *response = json_pack("{s:s%}", "text", text.at, text.n), *items = json_pack("[s]", id);
    kept_put(kept, owner, id, response, items, now);
    json_decref(response);
    json_decref(items);
    buffer_free(&text);
}

static bool has(struct kept *kept, const char *owner, const char *id, double now) {
    json_t *found = kept_response(kept, owner, view_of(id), now);
    json_decref(found);
    return found != NULL;
}

static void a_response_is_kept_for_its_owner_alone(void **state) {
    (void)state;
    struct kept *kept = kept_new();
    put(kept, "notebook", "a", 10, 0);
    json_t *items = kept_items(kept, "notebook", VIEW("a"), 1);
    assert_string_equal(json_string_value(json_array_get(items, 0)), "a");
    json_decref(items);
    assert_false(has(kept, "", "a", 1));
    assert_false(has(kept, "other", "a", 1));
    assert_false(kept_drop(kept, "other", VIEW("a"), 1));
    assert_true(kept_drop(kept, "notebook", VIEW("a"), 1));
    assert_false(has(kept, "notebook", "a", 1));
    kept_free(kept);
}

static void it_goes_after_an_hour(void **state) {
    (void)state;
    struct kept *kept = kept_new();
    put(kept, "", "a", 10, 100);
    assert_true(has(kept, "", "a", 100 + KEPT_SECONDS));
    assert_false(has(kept, "", "a", 101 + KEPT_SECONDS));
    assert_false(has(kept, "", "a", 100)); /* and is not there any more */
    kept_free(kept);
}

static void of_too_much_the_oldest_of_the_same_program_go(void **state) {
    (void)state;
    struct kept *kept = kept_new();
    put(kept, "small", "s", 10, 0);
    put(kept, "large", "a", KEPT_BYTES_EACH / 2, 1);
    put(kept, "large", "b", KEPT_BYTES_EACH / 4, 2);
    put(kept, "large", "c", KEPT_BYTES_EACH / 2, 3);
    assert_true(has(kept, "small", "s", 4));
    assert_false(has(kept, "large", "a", 4));
    assert_true(has(kept, "large", "b", 4));
    assert_true(has(kept, "large", "c", 4));
    put(kept, "large", "d", KEPT_BYTES_EACH + 1, 5); /* more than there may be: it alone goes */
    assert_false(has(kept, "large", "d", 6));
    assert_true(has(kept, "large", "c", 6));
    kept_free(kept);
}

static void all_programs_together_are_bounded(void **state) {
    (void)state;
    struct kept *kept = kept_new();
    static const char *const names[] = {"a", "b", "c"};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        put(kept, names[i], "x", KEPT_BYTES_EACH * 3 / 4, (double)i);
    assert_false(has(kept, "a", "x", 3));
    assert_true(has(kept, "b", "x", 3));
    assert_true(has(kept, "c", "x", 3));
    kept_free(kept);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_response_is_kept_for_its_owner_alone),
        cmocka_unit_test(it_goes_after_an_hour),
        cmocka_unit_test(of_too_much_the_oldest_of_the_same_program_go),
        cmocka_unit_test(all_programs_together_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
