/* Files to rows: what is kept, what is dropped and why. */
#include "workshop/workshop.h"
#include "school/learner/giving.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <ftw.h>

#include "made.h"

static struct pool *pool;
static char folder[64], out[96];

static void put(const char *name, struct view text) {
    struct buffer path = {0};
    buffer_format(&path, "%s/in/%s", folder, name);
    *strrchr(path.at, '/') = 0;
    assert_true(folder_make(path.at, NULL));
    path.at[strlen(path.at)] = '/';
    assert_true(file_write(path.at, text, NULL));
    buffer_free(&path);
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *ftw) {
    (void)status, (void)kind, (void)ftw;
    return remove(path);
}

static int make_folder(void **state) {
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/lyceum-curate-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(out, sizeof out, "%s/rows.jsonl", folder);
    put("about.png", VIEW("no text")); /* so that the folder is there */
    return 0;
}

static int drop_folder(void **state) {
    (void)state;
    return nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* The report and the rows that were written; what is not given is as in the usual case. */
static json_t *run(struct curation curation, json_t **report) {
    char place[80];
    const char *places[] = {place};
    struct fault fault = {0};
    snprintf(place, sizeof place, "%s/in", folder);
    curation.places = places;
    curation.n_place = 1;
    curation.out = out;
    struct curation_report *made = curate(&curation, pool, &fault);
    assert_non_null(made);
    if (report)
        *report = curation_json(made);
    struct buffer text = {0};
    curation_text(made, &text);
    assert_true(utf8_valid(buffer_view(&text)));
    buffer_clear(&text);
    assert_true(file_read(out, 1 << 26, &text, NULL));
    json_t *rows = json_array();
    struct view rest = buffer_view(&text), line;
    while (view_line(&rest, &line)) {
        json_t *row = json_parse(line, &fault);
        assert_non_null(row);
        assert_int_equal(json_object_size(row), 4);
        json_array_append_new(rows, row);
    }
    assert_int_equal(json_array_size(rows), curation_kept(made));
    curation_report_free(made);
    buffer_free(&text);
    return rows;
}

static void expect_dropped(json_t *report, const char *why, int n) {
    const json_t *one = json_object_get(json_object_get(report, "dropped"), why);
    assert_non_null(one);
    if ((int)json_number(one, "rows", -1) != n)
        fail_msg("%s: %g, not %d", why, json_number(one, "rows", -1), n);
    const json_t *examples = json_object_get(one, "examples");
    assert_int_equal(json_array_size(examples), n < 3 ? n : 3);
    for (size_t i = 0; i < json_array_size(examples); i++)
        assert_non_null(strstr(json_text(json_array_get(examples, i), "origin", ""), folder));
}

static const char *member(json_t *rows, size_t i, const char *key) {
    return json_text(json_array_get(rows, i), key, "");
}

#define ONE "The moon pulls at the sea, and the sea follows it around the world twice a day."
#define TWO "Every leaf of a fern is rolled up like the end of a violin before it is spread."

static void rows_tell_where_they_are_from_and_under_which_licence(void **state) {
    (void)state;
    put("LICENSE", VIEW("Creative Commons Attribution-ShareAlike 4.0 International"));
    put("a/one.txt", VIEW(ONE "\n"));
    put("b/course.yaml", VIEW("title: x\nlicence: CC-BY-4.0\n"));
    put("b/two.md", VIEW(TWO));
    put("b/three.md", VIEW("---\ntitle: x\nlicense: 'CC0-1.0'\n---\n# A head\nThe words of a "
                           "third page are here.\n"));
    put("c.jsonl", VIEW("{\"text\":\"A row that says its own name and all its "
                        "rights.\",\"origin\":\"book, p. 5\","
                        "\"licence\":\"MIT\"}\n\n{\"messages\":[{\"role\":\"user\",\"content\":"
                        "\"Why is it that we \\\"say\\\" so?\"},"
                        "{\"role\":\"assistant\",\"content\":\"Because\\tof the sea.\"}]}\n"));
    json_t *rows = run((struct curation){0}, NULL);
    assert_int_equal(json_array_size(rows), 5);
    const char *const wanted[5][2] = {{"a/one.txt", "CC-BY-SA-4.0"},
                                      {"b/three.md", "CC0-1.0"},
                                      {"b/two.md", "CC-BY-4.0"},
                                      {"book, p. 5", "MIT"},
                                      {"c.jsonl:3", "CC-BY-SA-4.0"}};
    for (size_t i = 0; i < 5; i++) {
        assert_non_null(strstr(member(rows, i, "origin"), wanted[i][0]));
        assert_string_equal(member(rows, i, "licence"), wanted[i][1]);
        assert_string_equal(member(rows, i, "language"), "en");
    }
    assert_string_equal(member(rows, 0, "text"), ONE);
    assert_string_equal(member(rows, 1, "text"), "# A head\nThe words of a third page are here.");
    assert_string_equal(member(rows, 4, "text"),
                        "Why is it that we \"say\" so?\n\nBecause\tof the sea.");
    json_decref(rows);
}

static void a_row_without_a_licence_gets_the_one_that_is_named_or_unknown(void **state) {
    (void)state;
    put("a.txt", VIEW(ONE));
    json_t *rows = run((struct curation){0}, NULL);
    assert_string_equal(member(rows, 0, "licence"), "unknown");
    json_decref(rows);
    rows = run((struct curation){.licence = "CC0-1.0"}, NULL);
    assert_string_equal(member(rows, 0, "licence"), "CC0-1.0");
    json_decref(rows);
}

static void what_cannot_be_read_is_dropped_and_shown(void **state) {
    (void)state;
    put("a.txt", VIEW("bad \xFF bytes are in this text here"));
    put("b.txt", VIEW("a zero \0 byte is in this text"));
    put("c.jsonl",
        VIEW("{\"text\":\n[1]\n{\"text\":5}\n{\"messages\":5}\n{\"text\":\"" ONE "\"}\n"));
    put("d.txt", VIEW("Too short."));
    put("empty.txt", VIEW(""));
    put("b\xFF.md", VIEW(TWO));
    json_t *report, *rows = run((struct curation){0}, &report);
    expect_dropped(report, "unreadable", 6);
    expect_dropped(report, "short", 1);
    assert_int_equal(json_array_size(rows), 2);
    assert_int_equal(json_number(report, "files_passed_over", 0), 1);
    json_decref(rows);
    json_decref(report);
}

static void repetition_is_dropped_and_numbers_are_not_it(void **state) {
    (void)state;
    struct buffer text = {0};
    for (int i = 0; i < 30; i++)
        buffer_format(&text, "%s\n", i % 3 ? "The same line is in it." : ONE);
    put("lines.txt", buffer_view(&text));
    buffer_clear(&text);
    for (int i = 0; i < 30; i++)
        buffer_text(&text, "so it goes and ");
    put("phrases.txt", buffer_view(&text));
    buffer_clear(&text);
    for (int i = 0; i < 40; i++) /* arithmetic: the words are the numbers */
        buffer_format(&text, "%d + %d = %d\n", i * 7, i * 11, i * 18);
    put("sums.txt", buffer_view(&text));
    json_t *report, *rows = run((struct curation){0}, &report);
    expect_dropped(report, "repeated_lines", 1);
    expect_dropped(report, "repeated_phrases", 1);
    assert_int_equal(json_array_size(rows), 1);
    assert_non_null(strstr(member(rows, 0, "origin"), "sums.txt"));
    json_decref(rows);
    json_decref(report);
    buffer_free(&text);
}

static void the_first_of_near_duplicates_stays(void **state) {
    (void)state;
    struct buffer text = {0};
    struct random random;
    random_seed(&random, 5);
    for (int i = 0; i < 20; i++)
        made_turn(&random, MADE_LATIN, &text);
    put("a.txt", buffer_view(&text));
    buffer_text(&text, " And a word more.");
    put("b.txt", buffer_view(&text));
    buffer_clear(&text);
    for (int i = 0; i < 20; i++)
        made_turn(&random, MADE_LATIN, &text);
    put("c.txt", buffer_view(&text));
    json_t *report, *rows = run((struct curation){0}, &report);
    expect_dropped(report, "near_duplicate", 1);
    assert_int_equal(json_array_size(rows), 2);
    assert_non_null(strstr(member(rows, 0, "origin"), "a.txt"));
    assert_non_null(strstr(member(rows, 1, "origin"), "c.txt"));
    json_decref(rows);
    json_decref(report);
    buffer_free(&text);
}

static void no_row_shares_twelve_words_with_a_held_out_item(void **state) {
    (void)state;
    char held[96];
    snprintf(held, sizeof held, "%s/held.jsonl", folder);
    assert_true(
        file_write(held,
                   VIEW("{\"passage\":{\"text\":\"" ONE "\"},\"questions\":[\"Where do the "
                        "birds of the north go in winter?\",\"Why?\"]}\n"),
                   NULL));
    put("a.txt",
        VIEW(
            "It is said: THE MOON pulls at the sea and the sea follows it, around nothing else."));
    put("b.txt", VIEW("The moon pulls at the sea and the sea follows its own way home."));
    put("c.txt",
        VIEW("One asks where do the birds of the north go in winter, and another does not."));
    put("d.txt", VIEW("Why? Nobody knows why it is so, and so on."));
    json_t *report, *rows = run((struct curation){.held_out = held}, &report);
    expect_dropped(report, "held_out", 2);
    assert_int_equal(json_array_size(rows), 2);
    assert_non_null(strstr(member(rows, 0, "origin"), "b.txt"));
    assert_int_equal(json_number(report, "held_out_items", 0), 3);
    assert_int_equal(json_number(report, "held_out_too_short", 0), 1);
    json_decref(rows);
    json_decref(report);
}

static void languages_are_told_and_only_those_asked_for_stay(void **state) {
    (void)state;
    static const char *const texts[][2] = {
        {"en", ONE},
        {"es", "La luna tira del mar, y el mar la sigue por todo el mundo dos veces al día."},
        {"fr",
         "La lune attire la mer, et la mer la suit dans le monde entier deux fois par jour."},
        {"de", "Der Mond zieht das Meer an, und das Meer folgt ihm auf der ganzen Erde."},
        {"zh", "月亮牵着海，海跟着月亮一天两次绕地球走。"},
        {"ja", "月は海を引き、海は一日に二度、月について世界を回ります。"},
        {"ru", "Луна тянет море, и море идёт за ней вокруг света дважды в день."},
        {"ko", "달은 바다를 끌어당기고 바다는 하루에 두 번 달을 따라갑니다."},
        {"ar", "القمر يجذب البحر والبحر يتبعه حول العالم مرتين في اليوم"},
    };
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        char name[16];
        assert_string_equal(text_language(view_of(texts[i][1])), texts[i][0]);
        snprintf(name, sizeof name, "%zu.txt", i);
        put(name, view_of(texts[i][1]));
    }
    assert_string_equal(text_language(VIEW("x = 5 + y")), "und");
    json_t *report, *rows = run((struct curation){.language = "en,zh"}, &report);
    expect_dropped(report, "language", 7);
    assert_int_equal(json_array_size(rows), 2);
    json_decref(rows);
    json_decref(report);
}

static void a_long_text_is_cut_and_nothing_of_it_is_lost(void **state) {
    (void)state;
    struct buffer text = {0}, together = {0};
    struct random random;
    random_seed(&random, 6);
    for (int i = 0; text.n < 100000; i++) {
        if (i % 9 == 0)
            buffer_format(&text, "## Part %d\n\n", i);
        made_turn(&random, MADE_LATIN, &text);
        buffer_text(&text, i % 5 ? "\n" : "\n\n");
    }
    put("long.md", buffer_view(&text));
    json_t *rows = run((struct curation){0}, NULL);
    size_t n = json_array_size(rows);
    assert_true(n >= 7 && n <= 13);
    for (size_t i = 0; i < n; i++) {
        const char *piece = member(rows, i, "text");
        assert_true(strlen(piece) <= 16384);
        buffer_text(&together, piece);
    }
    size_t kept = 0;
    for (size_t i = 0; i < text.n; i++) /* all but the white space at the cuts */
        if (text.at[i] == together.at[kept])
            kept++;
        else
            assert_int_equal(text.at[i], '\n');
    assert_int_equal(kept, together.n);
    json_decref(rows);
    buffer_free(&text);
    buffer_free(&together);
}

static void the_rows_are_the_same_whatever_the_threads(void **state) {
    (void)state;
    struct buffer lines = {0}, first = {0}, second = {0};
    struct random random;
    for (uint64_t i = 0; i < 900; i++) { /* a third of them repeat */
        random_seed(&random, i % 3 ? i : i % 50);
        buffer_text(&lines, "{\"text\":\"");
        made_turn(&random, MADE_LATIN, &lines);
        buffer_text(&lines, "\"}\n");
    }
    put("a.jsonl", buffer_view(&lines));
    json_decref(run((struct curation){0}, NULL));
    assert_true(file_read(out, 1 << 26, &first, NULL));
    struct pool *three = pool;
    pool = pool_new(1);
    json_decref(run((struct curation){0}, NULL));
    pool_free(pool);
    pool = three;
    assert_true(file_read(out, 1 << 26, &second, NULL));
    assert_true(view_equal(buffer_view(&first), buffer_view(&second)));
    assert_true(first.n > 10000);
    buffer_free(&lines);
    buffer_free(&first);
    buffer_free(&second);
}

static void when_it_fails_the_file_that_was_there_stays(void **state) {
    (void)state;
    const char *nowhere[] = {"/nonexistent/folder"};
    struct fault fault = {0};
    struct curation curation = {.places = nowhere, .n_place = 1, .out = out};
    assert_true(file_write(out, VIEW("old"), NULL));
    assert_null(curate(&curation, pool, &fault));
    assert_int_equal(fault.kind, FAULT_MISSING);
    assert_string_equal(fault.file, nowhere[0]);
    struct buffer text = {0};
    assert_true(file_read(out, 100, &text, NULL));
    assert_string_equal(text.at, "old");
    buffer_free(&text);
    DIR *at = opendir(folder);
    int n = 0;
    for (struct dirent *entry; (entry = readdir(at));)
        n += entry->d_name[0] != '.';
    closedir(at);
    assert_int_equal(n, 2); /* in/ and the old rows */
}

/* ---------------------------------------------------------------------------- transcripts */

static void wrote(struct record *record, int64_t learner, const char *exercise, const char *asked,
                  const char *said) {
    struct fault fault = {0};
    json_t *question = json_pack("{s:s,s:s}", "exercise", exercise, "text", asked);
    json_t *answer = json_pack("{s:s,s:[{s:s}],s:s}", "exercise", exercise, "say", "text", said,
                               "struck", "a draft that nobody was told of");
    assert_true(record_note(record, NULL, learner, "asked", question, &fault));
    assert_true(record_note(record, NULL, learner, "said", answer, &fault));
    json_decref(question);
    json_decref(answer);
}

static int64_t somebody(struct record *record, const char *name) {
    char token[65];
    int64_t learner = record_learner_new(record, token, NULL);
    assert_true(record_learner_name(record, learner, view_of(name), NULL));
    return learner;
}

/* A school of four: Ada agrees, Grace took it back, Alan said nothing, Emmy agrees and wrote
 * nothing. */
static struct record *school(char data[96], int64_t *ada) {
    struct fault fault = {0};
    snprintf(data, 96, "%s/data", folder);
    struct record *record = record_open(data, &fault);
    assert_non_null(record);
    *ada = somebody(record, "Ada Lovelace");
    int64_t grace = somebody(record, "Grace"), alan = somebody(record, "Alan"),
            emmy = somebody(record, "Emmy");
    wrote(record, *ada, "one", "I am Ada, Grace says the tide comes once a day, is that so?",
          "The tide comes twice a day, since the earth turns under two bulges of water.");
    wrote(record, *ada, "two", "My number is 555 123 4567, why do fern leaves unroll, please?",
          "The leaf of a fern unrolls, for the inner side of it grows faster than the other.");
    wrote(record, grace, "one", "Does the grass grow in the night as it does in the day?",
          "Grass grows day and night, as long as it is warm and there is enough water.");
    wrote(record, alan, "one", "Who counts the stars that nobody has ever seen in the sky?",
          "Telescopes count them, and where they cannot see, astronomers estimate the number.");
    assert_true(
        record_give(record, *ada, true, &fault) && record_give(record, grace, true, &fault) &&
        record_give(record, grace, false, &fault) && record_give(record, emmy, true, &fault));
    return record;
}

static void only_talk_of_those_who_agree_is_taken_without_names_and_numbers(void **state) {
    (void)state;
    char data[96];
    int64_t ada;
    json_t *report, *row;
    struct record *record = school(data, &ada); /* open meanwhile */
    json_t *rows = run((struct curation){.transcripts = data}, &report);
    size_t i;
    assert_int_equal(json_array_size(rows), 2);
    json_array_foreach(rows, i, row) {
        assert_string_equal(member(rows, i, "origin"), "transcript");
        assert_string_equal(member(rows, i, "licence"), "given by the learner");
        assert_string_equal(member(rows, i, "language"), "en");
        assert_null(strstr(member(rows, i, "text"), "nobody was told"));
    }
    assert_string_equal(member(rows, 0, "text"),
                        "I am [name], [name] says the tide comes once a day, is that so?\n\n"
                        "The tide comes twice a day, since the earth turns under two bulges of "
                        "water.");
    assert_non_null(strstr(member(rows, 1, "text"), "My number is [number], why"));
    const json_t *told = json_object_get(report, "transcripts");
    assert_int_equal(json_number(told, "learners", 0), 4);
    assert_int_equal(json_number(told, "agreed", 0), 2);
    assert_int_equal(json_number(json_object_get(told, "kept"), "rows", 0), 2);
    assert_int_equal(json_number(json_object_get(told, "struck"), "names", 0), 2);
    assert_int_equal(json_number(json_object_get(told, "struck"), "numbers", 0), 1);
    json_decref(report);
    json_decref(rows);
    record_close(record);
}

static void transcripts_are_held_against_what_is_held_out_like_all_else(void **state) {
    (void)state;
    char data[96], held[96];
    int64_t ada;
    json_t *report;
    record_close(school(data, &ada));
    snprintf(held, sizeof held, "%s/held.txt", folder);
    assert_true(file_write(held,
                           VIEW("Why so? The tide comes twice a day, since the earth turns under "
                                "two bulges of water."),
                           NULL));
    put("a.txt", VIEW(ONE));
    json_t *rows = run((struct curation){.transcripts = data, .held_out = held}, &report);
    assert_int_equal(json_array_size(rows), 2); /* the file, and the other talk */
    assert_non_null(strstr(member(rows, 1, "text"), "fern"));
    const json_t *told = json_object_get(report, "transcripts");
    assert_int_equal(json_number(json_object_get(told, "read"), "rows", 0), 2);
    assert_int_equal(json_number(json_object_get(told, "kept"), "rows", 0), 1);
    assert_int_equal(json_number(report, "files", 0), 1);
    json_decref(report);
    json_decref(rows);
}

static void what_is_taken_back_is_in_no_later_rows(void **state) {
    (void)state;
    char data[96];
    int64_t ada;
    struct fault fault = {0};
    struct record *record = school(data, &ada);
    json_t *rows = run((struct curation){.transcripts = data}, NULL);
    assert_int_equal(json_array_size(rows), 2);
    json_decref(rows);
    assert_true(record_give(record, ada, false, &fault));
    rows = run((struct curation){.transcripts = data}, NULL);
    assert_int_equal(json_array_size(rows), 0);
    json_decref(rows);
    record_close(record);
}

static void a_school_that_is_not_there_is_told(void **state) {
    (void)state;
    struct fault fault = {0};
    struct curation curation = {.out = out, .transcripts = "/nonexistent/school"};
    assert_null(curate(&curation, pool, &fault));
    assert_int_equal(fault.kind, FAULT_MISSING);
}

int main(void) {
#define IN_A_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, drop_folder)
    const struct CMUnitTest tests[] = {
        IN_A_FOLDER(rows_tell_where_they_are_from_and_under_which_licence),
        IN_A_FOLDER(a_row_without_a_licence_gets_the_one_that_is_named_or_unknown),
        IN_A_FOLDER(what_cannot_be_read_is_dropped_and_shown),
        IN_A_FOLDER(repetition_is_dropped_and_numbers_are_not_it),
        IN_A_FOLDER(the_first_of_near_duplicates_stays),
        IN_A_FOLDER(no_row_shares_twelve_words_with_a_held_out_item),
        IN_A_FOLDER(languages_are_told_and_only_those_asked_for_stay),
        IN_A_FOLDER(a_long_text_is_cut_and_nothing_of_it_is_lost),
        IN_A_FOLDER(the_rows_are_the_same_whatever_the_threads),
        IN_A_FOLDER(only_talk_of_those_who_agree_is_taken_without_names_and_numbers),
        IN_A_FOLDER(transcripts_are_held_against_what_is_held_out_like_all_else),
        IN_A_FOLDER(what_is_taken_back_is_in_no_later_rows),
        IN_A_FOLDER(a_school_that_is_not_there_is_told),
        IN_A_FOLDER(when_it_fails_the_file_that_was_there_stays),
    };
    pool = pool_new(3);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    pool_free(pool);
    return failed;
}
