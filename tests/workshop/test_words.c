/* Words in any script, and near-duplicates by them. */
#include "workshop/words.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "workshop/minhash.h"
#include "workshop/tally.h"

static void expect_words(const char *text, const char *parted) {
    struct buffer out = {0};
    size_t at = 0;
    for (struct word word; word_next(view_of(text), &at, &word);)
        buffer_format(&out, "%s%.*s", out.n ? "|" : "", VIEW_ARG(word.text));
    assert_string_equal(out.n ? out.at : "", parted);
    buffer_free(&out);
}

static void a_word_is_a_run_of_letters_and_digits_in_any_script(void **state) {
    (void)state;
    expect_words("The cat, sat.", "The|cat|,|sat|.");
    expect_words("¿Qué  pasó?\n", "¿|Qué|pasó|?");
    expect_words("Привет мир", "Привет|мир");
    expect_words("نعم لا", "نعم|لا");
    expect_words("नमस्ते दुनिया", "नमस्ते|दुनिया");
    expect_words("한국어 공부", "한국어|공부");
    expect_words("我爱x2。", "我|爱|x2|。");
    expect_words("ひらカタ", "ひ|ら|カ|タ");
    expect_words("ไทย", "ไ|ท|ย");
    expect_words("x^2+3", "x|^|2|+|3");
    expect_words("", "");
    expect_words(" \t\n", "");
}

static void apostrophes_points_and_commas_hold_a_word_together_only_inside(void **state) {
    (void)state;
    expect_words("don't 'quote' l’eau", "don't|'|quote|'|l’eau");
    expect_words("3.14, 1,000. x.y", "3.14|,|1,000|.|x|.|y");
    expect_words("end.", "end|.");
    expect_words("it'", "it|'");
}

static void accents_stay_on_their_letters(void **state) {
    (void)state;
    expect_words("e\xCC\x81t\xC3\xA9 na\xC3\xAFve", "e\xCC\x81t\xC3\xA9|na\xC3\xAFve");
}

static void bad_bytes_part_words_and_are_none(void **state) {
    (void)state;
    expect_words("ab\xFF"
                 "cd\xC3",
                 "ab|cd");
    expect_words("\x80\x80", "");
}

static uint64_t hash_of(const char *text) {
    struct word word;
    size_t at = 0;
    assert_true(word_next(view_of(text), &at, &word));
    assert_int_equal(at, strlen(text));
    return word.hash;
}

static void case_and_the_kind_of_apostrophe_make_no_difference(void **state) {
    (void)state;
    assert_true(hash_of("WORD") == hash_of("word"));
    assert_true(hash_of("ÉTÉ") == hash_of("été"));
    assert_true(hash_of("don’t") == hash_of("don't"));
    assert_true(hash_of("word") != hash_of("work"));
    assert_true(hash_of("ab") != hash_of("ba"));
}

static void marks_are_told_from_words(void **state) {
    (void)state;
    size_t marks;
    assert_int_equal(word_count(VIEW("Why? (2 + 3)"), &marks), 7);
    assert_int_equal(marks, 4);
}

static void counts_by_key_are_exact_while_the_table_grows(void **state) {
    (void)state;
    struct tally tally = {0};
    assert_int_equal(tally_count(&tally, 7), 0);
    for (uint64_t round = 1; round <= 3; round++)
        for (uint64_t i = 0; i < 5000; i++)
            assert_int_equal(tally_add(&tally, hash_mix(i)), round);
    assert_int_equal(tally.n, 5000);
    assert_int_equal(tally_count(&tally, hash_mix(4999)), 3);
    assert_int_equal(tally_count(&tally, hash_mix(5000)), 0);
    tally_free(&tally);
}

/* ---------------------------------------------------------------------------- near-duplicates */

static bool meet(const uint64_t a[MINHASH_BANDS], const uint64_t b[MINHASH_BANDS]) {
    for (int i = 0; i < MINHASH_BANDS; i++)
        if (a[i] == b[i])
            return true;
    return false;
}

static void bands_of(const char *text, uint64_t bands[MINHASH_BANDS]) {
    struct minhash minhash;
    size_t at = 0;
    minhash_begin(&minhash);
    for (struct word word; word_next(view_of(text), &at, &word);)
        minhash_word(&minhash, word.hash);
    assert_true(minhash_end(&minhash, bands));
}

static bool alike(const char *a, const char *b) {
    uint64_t x[MINHASH_BANDS], y[MINHASH_BANDS];
    bands_of(a, x);
    bands_of(b, y);
    return meet(x, y);
}

static void short_texts_meet_only_when_they_are_the_same(void **state) {
    (void)state;
    assert_true(alike("Well done", "well  done"));
    assert_false(alike("Well done", "done well"));
    assert_false(alike("Well done", "Well done you"));
    struct minhash minhash;
    uint64_t bands[MINHASH_BANDS];
    minhash_begin(&minhash);
    assert_false(minhash_end(&minhash, bands));
}

/* Two texts of n words that are all different, of which the last `own` are each one's own: of the
 * n − 4 grams of each, n − 4 − own are shared. */
static double share_that_meets(struct random *random, size_t n, size_t own) {
    enum { PAIRS = 400 };
    int met = 0;
    for (int pair = 0; pair < PAIRS; pair++) {
        struct minhash a, b;
        uint64_t x[MINHASH_BANDS], y[MINHASH_BANDS];
        minhash_begin(&a);
        minhash_begin(&b);
        for (size_t i = 0; i < n; i++) {
            uint64_t word = random_next(random);
            minhash_word(&a, word);
            minhash_word(&b, i < n - own ? word : random_next(random));
        }
        assert_true(minhash_end(&a, x) && minhash_end(&b, y));
        met += meet(x, y);
    }
    return (double)met / PAIRS;
}

static void texts_meet_as_often_as_the_bands_promise(void **state) {
    (void)state;
    struct random random;
    random_seed(&random, 1);
    for (size_t own = 10; own <= 100; own += 10) {
        double grams = 200, similarity = (grams - (double)own) / (grams + (double)own);
        double promised = 1 - pow(1 - pow(similarity, MINHASH_ROWS), MINHASH_BANDS);
        double found = share_that_meets(&random, 204, own);
        assert_true(fabs(found - promised) < 4 * sqrt(promised * (1 - promised) / 400) + .01);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_word_is_a_run_of_letters_and_digits_in_any_script),
        cmocka_unit_test(apostrophes_points_and_commas_hold_a_word_together_only_inside),
        cmocka_unit_test(accents_stay_on_their_letters),
        cmocka_unit_test(bad_bytes_part_words_and_are_none),
        cmocka_unit_test(case_and_the_kind_of_apostrophe_make_no_difference),
        cmocka_unit_test(marks_are_told_from_words),
        cmocka_unit_test(counts_by_key_are_exact_while_the_table_grows),
        cmocka_unit_test(short_texts_meet_only_when_they_are_the_same),
        cmocka_unit_test(texts_meet_as_often_as_the_bands_promise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
