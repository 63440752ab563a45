/* Items, what becomes of them, and a file of outcomes that goes on wherever it was cut off. */
#include "company/company.h"
#include "model/model.h"
#include "workshop/proof.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define TIDES "The moon pulls at the sea. The tide comes in twice a day. The sun pulls less."
#define FERNS "A fern has no seeds. It spreads by spores. Its leaves are rolled up in spring."
#define ANSWER(passage, asked, sentence, topic)                                                   \
    "{\"task\":\"answer\",\"passage\":\"" passage "\",\"question\":\"" asked                      \
    "\",\"answerable\":true,\"key\":\"short\",\"sentence\":\"" sentence "\",\"topic\":\"" topic   \
    "\",\"language\":\"en\"}\n"
#define REFUSE(passage, asked, topic)                                                             \
    "{\"task\":\"answer\",\"passage\":\"" passage "\",\"question\":\"" asked                      \
    "\",\"answerable\":false,\"topic\":\"" topic "\",\"language\":\"en\"}\n"
#define HINT(hint, topic)                                                                         \
    "{\"task\":\"hint\",\"hint\":\"" hint "\",\"topic\":\"" topic "\",\"language\":\"en\"}\n"

static const char few[] =
    ANSWER(TIDES, "What pulls at the sea?", "The moon pulls at the sea.", "tides")
        ANSWER(FERNS, "By what does a fern spread?", "It spreads by spores.", "ferns")
            REFUSE(TIDES, "How deep is the harbour of Rotterdam?", "tides")
                HINT("What pulls the water up?", "tides")
                    ANSWER(TIDES, "What pulls at the sea?", "Nobody knows.", "tides");

static char folder[64], out[96], model_path[96];
static struct company *company;

static int start(void **state) {
    (void)state;
    struct model_recipe recipe = {.name = "small",
                                  .n_vocabulary = 300,
                                  .n_layer = 1,
                                  .n_head = 2,
                                  .d_model = 32,
                                  .d_feed_forward = 64,
                                  .n_context = 2048,
                                  .rope_base = 10000,
                                  .seed = 3};
    struct view text = VIEW(TIDES FERNS "What pulls the water up? Look at it again.\n");
    struct model_created created;
    struct fault fault = {0};
    snprintf(folder, sizeof folder, "/tmp/lyceum-prove-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(out, sizeof out, "%s/outcomes.jsonl", folder);
    snprintf(model_path, sizeof model_path, "%s/small.gguf", folder);
    if (!model_create(model_path, &recipe, &text, 1, &created, &fault))
        fail_msg("%s", fault.message);
    struct company_options options = {.model = model_path};
    company = company_open(&options, &fault);
    assert_true(company && company_wait(company, 60));
    return 0;
}

static int end(void **state) {
    (void)state;
    company_close(company);
    unlink(out);
    unlink(model_path);
    return rmdir(folder);
}

static struct proof_items items_of(const char *text) {
    struct proof_items items;
    struct fault fault = {0};
    if (!proof_items_read(view_of(text), &items, &fault))
        fail_msg("%ld: %s", fault.line, fault.message);
    return items;
}

static struct buffer content_of(const char *path) {
    struct buffer text = {0};
    assert_true(file_read(path, 1 << 24, &text, NULL));
    buffer_text(&text, ""); /* also an empty one is terminated */
    return text;
}

/* ---------------------------------------------------------------------------------------- items
 */

static void items_are_read_by_task_and_others_passed_over(void **state) {
    (void)state;
    struct proof_items items = items_of(
        REFUSE(TIDES, "How wide is it?",
               "tides") "\n{\"task\":\"sum\",\"topic\":\"tides\"}\n" HINT("What pulls?", "tides")
            ANSWER(
                FERNS, "Has it seeds?", "A fern has no seeds.",
                "ferns") "{\"task\":\"answer\",\"passage\":\"p\",\"question\":\"q\",\"key\":\"k\","
                         "\"topic\":\"t\"}\n");
    assert_int_equal(items.n, 4);
    assert_int_equal(items.at[0].task, PROOF_REFUSE);
    assert_int_equal(items.at[1].task, PROOF_HINT);
    assert_int_equal(items.at[2].task, PROOF_ANSWER);
    assert_true(view_is(items.at[1].hint, "What pulls?") && !items.at[1].passage.n);
    assert_true(view_is(items.at[2].sentence, "A fern has no seeds."));
    assert_true(view_is(items.at[3].sentence, "k")); /* where no sentence is named */
    assert_int_equal(items.n_task[PROOF_ANSWER], 2);
    assert_int_equal(items.n_task[PROOF_REFUSE], 1);
    proof_items_free(&items);
}

static void an_item_that_cannot_be_used_is_told_with_its_line(void **state) {
    (void)state;
    static const char *const bad[] = {
        "{\"task\":\"hint\",\"topic\":\"t\"}",
        "{\"task\":\"hint\",\"hint\":\"h\"}",
        "{\"task\":\"hint\",\"hint\":\"\",\"topic\":\"t\"}",
        "{\"task\":\"answer\",\"passage\":\"p\",\"topic\":\"t\",\"key\":\"k\"}",
        "{\"task\":\"answer\",\"question\":\"q\",\"topic\":\"t\",\"key\":\"k\"}",
        "{\"task\":\"answer\",\"passage\":\"p\",\"question\":\"q\",\"topic\":\"t\"}",
        "[1]",
        "{\"task\":",
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct buffer text = {0};
        struct proof_items items;
        struct fault fault = {0};
        buffer_format(&text, "%s\n%s\n", HINT("What?", "t"), bad[i]);
        assert_false(proof_items_read(buffer_view(&text), &items, &fault));
        if (fault.kind != FAULT_INPUT || fault.line != 3) /* HINT ends its own line */
            fail_msg("%s: line %ld, %s", bad[i], fault.line, fault.message);
        buffer_free(&text);
    }
    struct proof_items items;
    struct fault fault = {0};
    assert_false(proof_items_read(VIEW("\n{\"task\":\"sum\"}\n"), &items, &fault));
    assert_int_equal(fault.kind, FAULT_INPUT);
}

static void items_differ_in_their_hash_by_whatever_is_asked(void **state) {
    (void)state;
    struct proof_items items =
        items_of(HINT("a", "t") HINT("b", "t") HINT("a", "u") ANSWER("p", "q", "s", "t") ANSWER(
            "p", "r", "s", "t") ANSWER("p", "q", "z", "t") REFUSE("p", "q", "t") HINT("a", "t"));
    for (size_t i = 0; i + 1 < items.n; i++)
        for (size_t j = 0; j < i; j++)
            assert_true(items.at[i].hash != items.at[j].hash);
    assert_true(items.at[items.n - 1].hash == items.at[0].hash);
    proof_items_free(&items);
}

static size_t count_topic(const struct proof_items *items, enum proof_task task,
                          const char *topic) {
    size_t n = 0;
    for (size_t i = 0; i < items->n; i++)
        n += items->at[i].task == task && view_is(items->at[i].topic, topic);
    return n;
}

static struct proof_items drawn(size_t most, uint64_t seed) {
    struct buffer text = {0};
    for (int i = 0; i < 30; i++)
        buffer_format(&text,
                      "{\"task\":\"hint\",\"hint\":\"%d\",\"topic\":\"%s\"}\n"
                      "{\"task\":\"answer\",\"passage\":\"p\",\"question\":\"%d\",\"topic\":\"a\","
                      "\"answerable\":false}\n",
                      i,
                      i < 26   ? "a"
                      : i < 29 ? "b"
                               : "c",
                      i);
    struct proof_items items = items_of(text.at);
    proof_items_draw(&items, most, seed);
    buffer_free(&text);
    return items;
}

static void items_are_drawn_evenly_over_topics(void **state) {
    (void)state;
    struct proof_items items = drawn(8, 1);
    assert_int_equal(items.n, 16);
    assert_int_equal(count_topic(&items, PROOF_HINT, "a"), 4);
    assert_int_equal(count_topic(&items, PROOF_HINT, "b"), 3); /* it has no more */
    assert_int_equal(count_topic(&items, PROOF_HINT, "c"), 1);
    assert_int_equal(items.n_task[PROOF_HINT], 8);
    assert_int_equal(items.n_task[PROOF_REFUSE], 8);
    assert_int_equal(items.n_task[PROOF_ANSWER], 0);
    for (size_t i = 1; i < items.n; i++) /* in the order in which they were read */
        if (items.at[i].task == PROOF_HINT && items.at[i - 1].task == PROOF_HINT)
            assert_true(atoi(items.at[i - 1].hint.at) < atoi(items.at[i].hint.at));
    proof_items_free(&items);
    items = drawn(100, 1);
    assert_int_equal(items.n, 60);
    proof_items_free(&items);
}

static void the_seed_decides_which_items_are_drawn(void **state) {
    (void)state;
    struct proof_items one = drawn(8, 1), same = drawn(8, 1), other = drawn(8, 2);
    size_t differ = 0;
    for (size_t i = 0; i < one.n; i++) {
        assert_true(one.at[i].hash == same.at[i].hash);
        differ += one.at[i].hash != other.at[i].hash;
    }
    assert_true(differ > 0);
    proof_items_free(&one);
    proof_items_free(&same);
    proof_items_free(&other);
}

/* ------------------------------------------------------------------------------------- outcomes
 */

static void a_cite_is_the_author_s_sentence_also_without_the_speaker_s_name(void **state) {
    (void)state;
    static const struct {
        const char *cite, *sentence;
        bool same;
    } rows[] = {
        {"The moon pulls.", "The moon pulls.", true},
        {"It is old. The moon pulls.", "The moon pulls.", true},
        {"The moon pulls.", "It is old. The moon pulls.", true},
        {"Keep the phone cool.", "Engineer Bao: Keep the phone cool.", true},
        {"So it is. Keep the phone cool.", "Engineer Bao: Keep the phone cool.", true},
        {"Engineer Bao: Keep the phone cool.", "Keep the phone cool.", true},
        {"It says: cool it.", "Is it so? It says: cool it.", true},
        {"The sun pulls.", "The moon pulls.", false},
        {"No. The rest is long.", "He said, no: The rest is short.", false},
        {"It costs 5.", "Price: 5.", false}, /* too little is left to tell */
        {"", "The moon pulls.", false},
        {"The moon pulls.", "", false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (same_sentence(view_of(rows[i].cite), view_of(rows[i].sentence)) != rows[i].same)
            fail_msg("\"%s\" and \"%s\"", rows[i].cite, rows[i].sentence);
}

enum { PASSED = 1, REFUSED = 2, RIGHT = 4, FOUND = 8, AS_IS = 16 };

static struct outcomes written(const struct proof_item *item, const char *draft, bool look_up) {
    struct buffer line = {0};
    struct fault fault = {0};
    struct outcomes outcomes;
    json_t *given = json_parse(view_of(draft), &fault);
    assert_non_null(given);
    assert_true(outcome_write(item, given, 7, look_up, &line, &fault));
    assert_true(file_write(out, buffer_view(&line), &fault));
    if (!outcomes_read(out, &outcomes, &fault))
        fail_msg("%s: %s", fault.message, line.at);
    json_decref(given);
    buffer_free(&line);
    return outcomes;
}

static void an_outcome_tells_what_became_of_an_item(void **state) {
    (void)state;
    static const struct {
        enum proof_task task;
        const char *draft;
        bool look_up;
        int flags;
        const char *reason, *opening;
    } rows[] = {
        {PROOF_ANSWER,
         "{\"draft\":\"The moon.\",\"passed\":true,\"from\":\"model\",\"cites\":[\"The moon pulls "
         "at the sea.\"],\"tokens\":5}",
         false, PASSED | RIGHT | FOUND | AS_IS, "", ""},
        {PROOF_ANSWER,
         "{\"draft\":\"The sun.\",\"passed\":true,\"from\":\"model\",\"cites\":[\"The sun pulls "
         "less.\"]}",
         false, PASSED | AS_IS, "", ""},
        {PROOF_ANSWER,
         "{\"draft\":\"Pigs.\",\"passed\":false,\"struck\":{\"reason\":\"ground\"},\"from\":"
         "\"quote\",\"cites\":[\"The moon pulls at the sea.\"]}",
         false, FOUND, "ground", ""},
        {PROOF_ANSWER,
         "{\"draft\":\"The passage does not say.\",\"passed\":true,\"from\":\"none\",\"cites\":[]"
         "}",
         false, REFUSED | AS_IS, "", ""},
        {PROOF_ANSWER, "{\"draft\":\"\",\"passed\":false,\"from\":\"none\",\"cites\":[]}", false,
         0, "", ""}, /* a model that is silent does not refuse */
        {PROOF_ANSWER,
         "{\"draft\":\"\",\"passed\":false,\"from\":\"none\",\"cites\":[],\"problem\":\"time\"}",
         false, 0, "given up", ""},
        {PROOF_ANSWER,
         "{\"draft\":\"\",\"passed\":false,\"from\":\"quote\",\"cites\":[\"The moon pulls at the "
         "sea.\"]}",
         true, PASSED | RIGHT | FOUND, "", ""},
        {PROOF_ANSWER, "{\"draft\":\"\",\"passed\":false,\"from\":\"none\",\"cites\":[]}", true,
         REFUSED, "", ""},
        {PROOF_REFUSE,
         "{\"draft\":\"The passage does not say.\",\"passed\":true,\"from\":\"none\",\"cites\":[]"
         "}",
         false, REFUSED | AS_IS, "", ""},
        {PROOF_REFUSE,
         "{\"draft\":\"Ten.\",\"passed\":false,\"struck\":{\"reason\":\"ground\"},\"from\":"
         "\"none\",\"cites\":[]}",
         false, 0, "ground", ""},
        {PROOF_HINT,
         "{\"draft\":\"Look again: what pulls?\",\"passed\":true,\"from\":\"model\",\"cites\":[]}",
         false, PASSED | AS_IS, "", "Look again:"},
        {PROOF_HINT,
         "{\"draft\":\"The moon.\",\"passed\":false,\"struck\":{\"reason\":\"leak\"},\"from\":"
         "\"author\",\"cites\":[]}",
         false, 0, "leak", ""},
        {PROOF_HINT, "{\"draft\":\"\",\"passed\":false,\"from\":\"author\",\"cites\":[]}", true, 0,
         "", ""},
    };
    struct proof_items items = items_of(few);
    const size_t of_task[PROOF_TASKS] = {0, 2, 3};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct outcomes got =
            written(&items.at[of_task[rows[i].task]], rows[i].draft, rows[i].look_up);
        const struct outcome *one = &got.at[0];
        int flags = PASSED * one->passed | REFUSED * one->refused | RIGHT * one->right |
                    FOUND * one->found | AS_IS * one->as_is;
        if (got.n != 1 || flags != rows[i].flags || !view_is(one->reason, rows[i].reason) ||
            !view_is(one->opening, rows[i].opening))
            fail_msg("row %zu: flags %d, not %d, \"%.*s\"", i, flags, rows[i].flags,
                     VIEW_ARG(one->reason));
        assert_int_equal(one->task, rows[i].task);
        assert_true(one->item == items.at[of_task[rows[i].task]].hash && one->subject == 7);
        assert_int_equal(one->n_token, i ? 0 : 5);
        outcomes_free(&got);
    }
    unlink(out);
    proof_items_free(&items);
}

/* ------------------------------------------------------------------------------ the examination
 */

static struct proof proof_of(const struct proof_items *items, bool look_up) {
    return (struct proof){.items = items,
                          .company = look_up ? NULL : company,
                          .look_up = look_up,
                          .subject = "one",
                          .out = out,
                          .seed = 5,
                          .n_at_once = 3};
}

static void run(const struct proof *proof, size_t kept, size_t asked) {
    struct proof_report report;
    struct fault fault = {0};
    if (!prove(proof, &report, &fault))
        fail_msg("%s", fault.message);
    assert_int_equal(report.n_kept, kept);
    assert_int_equal(report.n_asked, asked);
    assert_true(report.whole);
}

static void the_look_up_alone_is_examined_by_what_it_quotes(void **state) {
    (void)state;
    struct proof_items items = items_of(few);
    struct proof proof = proof_of(&items, true);
    struct outcomes got;
    unlink(out);
    run(&proof, 0, 5);
    assert_true(outcomes_read(out, &got, NULL));
    assert_int_equal(got.n, 5);
    assert_true(got.at[0].right && got.at[0].passed && !got.at[0].as_is);
    assert_true(got.at[1].right);
    assert_true(got.at[2].refused && !got.at[2].passed);
    assert_true(!got.at[3].passed && !got.at[3].refused);
    assert_true(got.at[4].passed && !got.at[4].right); /* it quotes another sentence */
    outcomes_free(&got);
    proof_items_free(&items);
}

static void put_quickly(struct view text) { /* nothing is waited for */
    FILE *file = fopen(out, "w");
    assert_true(file && fwrite(text.at, 1, text.n, file) == text.n && fclose(file) == 0);
}

static void a_file_cut_at_any_byte_goes_on_to_the_same_bytes(void **state) {
    (void)state;
    struct proof_items items = items_of(HINT("What pulls?", "t") HINT("What runs?", "t") ANSWER(
        TIDES, "What pulls?", "The moon pulls at the sea.", "t"));
    struct proof proof = proof_of(&items, true);
    unlink(out);
    run(&proof, 0, 3);
    struct buffer whole = content_of(out);
    size_t kept = 0;
    for (size_t n = 0; n <= whole.n; n++) {
        kept += n && whole.at[n - 1] == '\n';
        put_quickly(view_slice(buffer_view(&whole), 0, n));
        run(&proof, kept, 3 - kept);
        struct buffer again = content_of(out);
        if (!view_equal(buffer_view(&again), buffer_view(&whole)))
            fail_msg("cut at byte %zu it ends as %s", n, again.at);
        buffer_free(&again);
    }
    assert_int_equal(kept, 3);
    buffer_free(&whole);
    proof_items_free(&items);
}

/* Holds the text against what prove() does with it. */
static void expect_refused(const struct proof *proof, struct view text, const char *why) {
    struct proof_report report;
    struct fault fault = {0};
    assert_true(file_write(out, text, NULL));
    assert_false(prove(proof, &report, &fault));
    if (fault.kind != FAULT_INPUT || !strstr(fault.message, why))
        fail_msg("%s, not %s", fault.message, why);
    struct buffer after = content_of(out);
    assert_true(view_equal(buffer_view(&after), text));
    buffer_free(&after);
}

static void a_foreign_file_is_refused_and_stays_as_it_was(void **state) {
    (void)state;
    struct proof_items items = items_of(few), others = items_of(HINT("What?", "t")), fewer = items;
    struct proof proof = proof_of(&items, true), other = proof, seed = proof;
    unlink(out);
    run(&proof, 0, 5);
    struct buffer whole = content_of(out), broken = {0};
    struct view all = buffer_view(&whole);
    expect_refused(&proof, VIEW("A letter to my aunt.\n"), "other things");
    expect_refused(&proof, VIEW("A letter"), "other things"); /* also where no line ends */
    expect_refused(&proof, VIEW("\n"), "");                   /* an empty line is no outcome */
    other.subject = "two";
    expect_refused(&other, all, "another model");
    expect_refused(&other, view_slice(all, 0, OUTCOME_HEAD), "another model");
    seed.seed = 6;
    expect_refused(&seed, all, "another model");
    other = proof;
    other.items = &others;
    expect_refused(&other, all, "other things");
    fewer.n = 4;
    other.items = &fewer;
    expect_refused(&other, all, "more outcomes than items");
    buffer_append(&broken, view_slice(all, 0, OUTCOME_HEAD));
    buffer_text(&broken, "\n");
    buffer_append(&broken, all);
    expect_refused(&proof, buffer_view(&broken), "");
    buffer_free(&broken);
    buffer_free(&whole);
    proof_items_free(&items);
    proof_items_free(&others);
}

static void a_model_gives_the_same_bytes_however_many_drafts_are_written_at_once(void **state) {
    (void)state;
    struct proof_items items = items_of(few);
    struct proof proof = proof_of(&items, false);
    unlink(out);
    proof.n_at_once = 1;
    run(&proof, 0, 5);
    struct buffer alone = content_of(out);
    proof.n_at_once = 4;
    unlink(out);
    run(&proof, 0, 5);
    struct buffer together = content_of(out);
    assert_string_equal(alone.at, together.at);
    assert_true(file_write(out, view_slice(buffer_view(&alone), 0, alone.n / 2), NULL));
    run(&proof, 2, 3);
    struct buffer again = content_of(out);
    assert_string_equal(alone.at, again.at);
    struct outcomes got;
    assert_true(outcomes_read(out, &got, NULL));
    for (size_t i = 0; i < got.n; i++)
        assert_true(got.at[i].n_token > 0); /* it was asked, and wrote something */
    outcomes_free(&got);
    buffer_free(&alone);
    buffer_free(&together);
    buffer_free(&again);
    proof_items_free(&items);
}

static void a_model_that_was_trained_is_asked_without_examples(void **state) {
    (void)state;
    struct proof_items items = items_of(HINT("What pulls the water up?", "t"));
    struct proof proof = proof_of(&items, false);
    unlink(out);
    run(&proof, 0, 1);
    struct buffer untrained = content_of(out);
    proof.trained = true;
    unlink(out);
    run(&proof, 0, 1);
    struct buffer trained = content_of(out);
    assert_string_not_equal(untrained.at, trained.at); /* another prompt, other words */
    buffer_free(&untrained);
    buffer_free(&trained);
    proof_items_free(&items);
}

static void stop_at_two(void *data, size_t done, size_t total) {
    assert_int_equal(total, 5);
    if (done >= 2)
        *(volatile bool *)data = true;
}

static void what_was_cancelled_goes_on_where_it_ended(void **state) {
    (void)state;
    struct proof_items items = items_of(few);
    struct proof proof = proof_of(&items, true);
    struct proof_report report;
    volatile bool cancel = false;
    unlink(out);
    run(&proof, 0, 5);
    struct buffer whole = content_of(out);
    unlink(out);
    proof.cancel = &cancel;
    proof.progress = stop_at_two;
    proof.data = (void *)(uintptr_t)&cancel;
    proof.n_at_once = 1;
    assert_true(prove(&proof, &report, NULL));
    assert_int_equal(report.n_asked, 2);
    assert_false(report.whole);
    cancel = false;
    proof.progress = NULL;
    run(&proof, 2, 3);
    struct buffer again = content_of(out);
    assert_string_equal(whole.at, again.at);
    buffer_free(&whole);
    buffer_free(&again);
    proof_items_free(&items);
}

static void what_stops_an_examination_is_told(void **state) {
    (void)state;
    struct proof_items items = items_of(few);
    struct proof proof = proof_of(&items, false);
    struct proof_report report;
    struct fault fault = {0};
    unlink(out);
    proof.company = NULL;
    assert_false(prove(&proof, &report, &fault));
    assert_int_equal(fault.kind, FAULT_MISSING);
    struct company_options options = {.model = out}; /* no file */
    struct company *absent = company_open(&options, NULL);
    fault_clear(&fault);
    proof.company = absent;
    assert_false(prove(&proof, &report, &fault));
    assert_non_null(strstr(fault.message, "there is no model"));
    assert_false(file_exists(out));
    company_close(absent);
    proof = proof_of(&items, true);
    proof.out = folder; /* no place for a file */
    fault_clear(&fault);
    assert_false(prove(&proof, &report, &fault));
    assert_true(fault.kind != FAULT_NONE);
    char missing[128];
    snprintf(missing, sizeof missing, "%s/none/outcomes", folder);
    proof.out = missing;
    fault_clear(&fault);
    assert_false(prove(&proof, &report, &fault));
    assert_int_equal(fault.kind, FAULT_MACHINE);
    proof_items_free(&items);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_are_read_by_task_and_others_passed_over),
        cmocka_unit_test(an_item_that_cannot_be_used_is_told_with_its_line),
        cmocka_unit_test(items_differ_in_their_hash_by_whatever_is_asked),
        cmocka_unit_test(items_are_drawn_evenly_over_topics),
        cmocka_unit_test(the_seed_decides_which_items_are_drawn),
        cmocka_unit_test(a_cite_is_the_author_s_sentence_also_without_the_speaker_s_name),
        cmocka_unit_test(an_outcome_tells_what_became_of_an_item),
        cmocka_unit_test(the_look_up_alone_is_examined_by_what_it_quotes),
        cmocka_unit_test(a_file_cut_at_any_byte_goes_on_to_the_same_bytes),
        cmocka_unit_test(a_foreign_file_is_refused_and_stays_as_it_was),
        cmocka_unit_test(a_model_gives_the_same_bytes_however_many_drafts_are_written_at_once),
        cmocka_unit_test(a_model_that_was_trained_is_asked_without_examples),
        cmocka_unit_test(what_was_cancelled_goes_on_where_it_ended),
        cmocka_unit_test(what_stops_an_examination_is_told),
    };
    return cmocka_run_group_tests(tests, start, end);
}
