/* What bench/leaks drives: JSON lines in, one line out for each, several at work at once.
 *
 *     {"id","lesson","exercise","seed","language","name"?,"turns":[{"text"}|{"hint"}|{"answer"}…]}
 *         a new learner of the school says all of it, in order; what was said to each turn, and
 *         what the exercise keeps: {"id","check","key","ask","shown","authored","hints",
 *         "solution","turns":[[{"text","from"}…]…]}
 *     {"id","exercise","seed","language","review":TEXT,"question"?,"sources"?:[…],"before"?}
 *         what the review says of a text: {"id",…,"struck":[[strike, why]…]}
 */
#include "company/company.h"
#include "school/course/course.h"
#include "school/school.h"
#include "school/tutor/tutor.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
    pthread_mutex_t reading, writing;
    struct school *school;
    struct course *course;
} at_work = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER, NULL, NULL};

static bool keep(void *data, const json_t *say) {
    json_array_append_new(data, json_pack("{s:s, s:s}", "text", json_text(say, "text", ""), "from",
                                          json_text(say, "from", "")));
    return true;
}

static void keep_all(json_t *said, json_t *answer) {
    const json_t *say;
    size_t i;
    json_array_foreach(json_object_get(answer, "say"), i, say) keep(said, say);
    json_decref(answer);
}

static json_t *take_turn(const json_t *task, const json_t *turn, int64_t learner) {
    const char *exercise = json_text(task, "exercise", ""),
               *language = json_text(task, "language", "en");
    uint64_t seed = (uint64_t)json_number(task, "seed", 1);
    const json_t *answer = json_object_get(turn, "answer");
    struct fault fault = {0};
    json_t *said = json_array();
    if (answer)
        keep_all(said, school_attempt(at_work.school, learner, exercise, seed, answer, language,
                                      &fault));
    else if (json_object_get(turn, "hint"))
        keep_all(said,
                 school_hint(at_work.school, learner, exercise, seed, language, &fault));
    else {
        struct school_question question = {.course = at_work.course->id.at,
                                           .lesson = json_text(task, "lesson", ""),
                                           .exercise = exercise,
                                           .seed = seed,
                                           .text = view_of(json_text(turn, "text", "")),
                                           .language = language};
        school_turn(at_work.school, learner, &question, keep, said, &fault);
    }
    if (fault.kind) /* an answer that the field of this check cannot give */
        json_array_append_new(said, json_pack("{s:s, s:s, s:s}", "fault", fault.message, "from", "author",
                                              "text", ""));
    return said;
}

static json_t *texts_of(const struct view *texts, size_t n) {
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, json_stringn(texts[i].at, texts[i].n));
    return list;
}

static void tell_secret(json_t *out, const struct variant *variant) {
    json_t *authored = json_array(), *parts = json_array();
    for (size_t i = 0; i < variant->n_shown; i++)
        json_array_append_new(authored, json_integer(variant->authored
                                                         ? (json_int_t)variant->authored[i]
                                                         : (json_int_t)i));
    for (size_t i = 0; i < variant->n_part; i++)
        json_array_append_new(parts, json_stringn(variant->parts[i].ask.at,
                                                  variant->parts[i].ask.n));
    json_object_update_new(
        out, json_pack("{s:s%, s:O*, s:s%, s:o, s:o, s:o, s:o, s:o, s:s%}", "check",
                       variant->exercise->check.at, variant->exercise->check.n, "key",
                       variant->key, "ask", variant->ask.at, variant->ask.n, "shown",
                       texts_of(variant->shown, variant->n_shown), "left",
                       texts_of(variant->left, variant->n_left), "authored", authored, "hints",
                       texts_of(variant->hints, variant->n_hint), "parts", parts, "solution",
                       variant->solution.n ? variant->solution.at : "", variant->solution.n));
}

static void converse(const json_t *task, json_t *out) {
    struct fault fault = {0};
    char token[65];
    json_t *person = school_learner_new(at_work.school, token, &fault), *all = json_array();
    const json_t *turn;
    size_t i;
    int64_t learner = (int64_t)json_number(person, "id", 0);
    const char *name = json_text(task, "name", NULL);
    if (name)
        school_learner_name(at_work.school, learner, view_of(name), &fault);
    json_array_foreach(json_object_get(task, "turns"), i, turn)
        json_array_append_new(all, take_turn(task, turn, learner));
    json_object_set_new(out, "turns", all);
    json_decref(person);
}

static void review(const json_t *task, const struct variant *variant, json_t *out) {
    struct arena *arena = arena_new();
    const json_t *list = json_object_get(task, "sources"), *one;
    size_t n = json_array_size(list), i;
    struct view *sources = ARENA_NEW(arena, n + 1, struct view);
    json_array_foreach(list, i, one) sources[i] = view_of(json_string_value(one));
    struct review_task held = {.language = json_text(task, "language", "en"),
                               .question = view_of(json_text(task, "question", "")),
                               .n_source = n,
                               .sources = sources,
                               .variant = variant};
    struct review told;
    char why[120] = "";
    struct view text = view_of(json_text(task, "review", ""));
    review_draft(&held, text, arena, &told);
    json_t *struck = json_array();
    for (i = 0; i < told.n_sentence; i++)
        json_array_append_new(struck, json_pack("[s,s]",
                                                review_strike_name(told.sentences[i].strike),
                                                told.sentences[i].why));
    json_object_set_new(out, "struck", struck);
    json_object_set_new(out, "strike", json_string(review_strike_name(told.strike)));
    json_object_set_new(out, "leaks", json_boolean(review_leaks(variant, held.language, text,
                                                                why)));
    json_object_set_new(out, "why", json_string(why));
    arena_free(arena);
}

static json_t *answer(const json_t *task) {
    json_t *out = json_object();
    struct fault fault = {0};
    const struct exercise *exercise = course_exercise(
        at_work.course, json_text(task, "exercise", ""), json_text(task, "language", "en"));
    struct variant *variant =
        exercise ? variant_make(exercise, (uint64_t)json_number(task, "seed", 1), &fault) : NULL;
    json_object_set(out, "id", json_object_get(task, "id"));
    if (!variant) {
        json_object_set_new(out, "fault", json_string("there is no such exercise"));
        return out;
    }
    tell_secret(out, variant);
    if (json_object_get(task, "review"))
        review(task, variant, out);
    else
        converse(task, out);
    variant_free(variant);
    return out;
}

static void *work(void *unused) {
    char *line = NULL;
    size_t room = 0;
    (void)unused;
    for (;;) {
        pthread_mutex_lock(&at_work.reading);
        ssize_t n = getline(&line, &room, stdin);
        pthread_mutex_unlock(&at_work.reading);
        if (n < 0)
            break;
        json_t *task = json_loadb(line, (size_t)n, 0, NULL);
        if (!task) {
            fprintf(stderr, "converse: not JSON: %s", line);
            continue;
        }
        json_t *out = answer(task);
        pthread_mutex_lock(&at_work.writing);
        json_dumpf(out, stdout, JSON_COMPACT);
        putchar('\n');
        fflush(stdout);
        pthread_mutex_unlock(&at_work.writing);
        json_decref(out);
        json_decref(task);
    }
    free(line);
    return NULL;
}

int main(int n_argument, char **arguments) {
    if (n_argument != 6) {
        fprintf(stderr, "Usage: converse COURSE DATA MODEL|none ADAPTER|none THREADS\n");
        return 2;
    }
    enum { MOST = 32 };
    struct fault fault = {0};
    pthread_t threads[MOST];
    int n = atoi(arguments[5]);
    bool none = !strcmp(arguments[3], "none"), adapted = strcmp(arguments[4], "none") != 0;
    const struct company_adapter adapter = {.name = "tutor", .path = arguments[4], .scale = 1};
    const char *courses[] = {arguments[1], NULL};
    struct company_options members = {.model = none ? NULL : arguments[3],
                                      .adapters = &adapter,
                                      .n_adapter = adapted ? 1 : 0};
    struct company *company = company_open(&members, &fault);
    if (company && !none && !company_wait(company, 300)) {
        fprintf(stderr, "converse: %s\n", company_problem(company));
        return 1;
    }
    struct school_options options = {.courses = courses, .data = arguments[2], .company = company};
    at_work.course = course_load(arguments[1], NULL, &fault);
    at_work.school = at_work.course && company ? school_open(&options, &fault) : NULL;
    if (!at_work.school) {
        fprintf(stderr, "converse: %s\n", fault.message);
        return 1;
    }
    n = n < 1 ? 1 : n > MOST ? MOST : n;
    for (int i = 0; i < n; i++)
        MUST(pthread_create(&threads[i], NULL, work, NULL) == 0);
    for (int i = 0; i < n; i++)
        pthread_join(threads[i], NULL);
    school_close(at_work.school);
    course_free(at_work.course);
    company_close(company);
    return 0;
}
