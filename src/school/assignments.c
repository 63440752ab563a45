/* What a class is to do until when, and tests before and after a lesson. */
#include "school/school_inside.h"

#include <stdlib.h>
#include <string.h>

enum { QUESTIONS = 10 };

static int64_t whole(const json_t *object, const char *key) {
    return json_integer_value(json_object_get(object, key));
}

static bool is_test(const json_t *assignment) {
    return strcmp(json_text(assignment, "kind", ""), "lesson") != 0;
}

static const struct lesson *lesson_of(struct school *school, const json_t *assignment,
                                      const char *language, struct fault *fault) {
    return school_find_lesson(school, json_text(assignment, "course", ""),
                              json_text(assignment, "lesson", ""), language, fault);
}

/* ------------------------------------------------------------------------------------ assigning
 */

int64_t school_assign(struct school *school, int64_t by, int64_t class, const char *kind,
                      const char *course, const char *lesson, int64_t due_ms,
                      struct fault *fault) {
    static const char *const kinds[] = {"lesson", "pre", "post"};
    size_t i = 0;
    while (i < COUNT_OF(kinds) && strcmp(kinds[i], kind) != 0)
        i++;
    if (i == COUNT_OF(kinds) || due_ms < 0) {
        fault_set(fault, FAULT_INPUT, "One assigns a lesson, a test before or a test after.");
        return 0;
    }
    const struct lesson *found = school_find_lesson(school, course, lesson, "", fault);
    if (found && !found->n_exercise) {
        fault_set(fault, FAULT_INPUT, "This lesson has no exercises.");
        found = NULL;
    }
    return found ? people_write(school->record, by, "assignment",
                                json_pack("{s:I,s:s,s:s,s:s,s:I}", "class", (json_int_t) class,
                                          "kind", kind, "course", course, "lesson", lesson,
                                          "due_ms", (json_int_t)due_ms),
                                fault)
                 : 0;
}

bool school_assign_end(struct school *school, int64_t by, int64_t class, int64_t assignment,
                       struct fault *fault) {
    json_t *row = people_one(school->record, PEOPLE_ASSIGNMENT, "i", assignment);
    bool theirs = row && whole(row, "class") == class;
    json_decref(row);
    if (!theirs)
        return fault_set(fault, FAULT_MISSING, "There is no such assignment.");
    return people_write(school->record, by, "assignment-end",
                        json_pack("{s:I}", "assignment", (json_int_t)assignment), fault) > 0;
}

/* ------------------------------------------------------------------------------- the questions */

/* The exercises of a lesson that its test asks, in order: the first of each skill, then others. */
static size_t choose_questions(const struct lesson *lesson, size_t chosen[QUESTIONS]) {
    size_t n = 0;
    bool *taken = must_alloc(lesson->n_exercise + 1, sizeof *taken);
    for (int first = 1; first >= 0; first--)
        for (size_t i = 0; i < lesson->n_exercise && n < QUESTIONS; i++) {
            bool met = taken[i] || exercise_is_open(&lesson->exercises[i]);
            for (size_t j = 0; first && j < i; j++)
                met = met || lesson->exercises[j].skill == lesson->exercises[i].skill;
            if (!met) {
                taken[i] = true;
                n++;
            }
        }
    n = 0;
    for (size_t i = 0; i < lesson->n_exercise; i++)
        if (taken[i])
            chosen[n++] = i;
    free(taken);
    return n;
}

/* Of the learner and the test alone, and another than the lesson's. */
static uint64_t question_seed(int64_t learner, const json_t *test, const char *label) {
    char name[200];
    snprintf(name, sizeof name, "%s %.150s", json_text(test, "kind", ""), label);
    return record_first_seed(learner, name);
}

/* The test and its lesson, where the learner is in the class that it was given to. */
static json_t *find_test(struct school *school, int64_t learner, int64_t id, const char *language,
                         const struct lesson **lesson, struct fault *fault) {
    json_t *test = people_one(school->record, PEOPLE_ASSIGNMENT, "i", id);
    json_t *place =
        test ? people_one(school->record, PEOPLE_PLACE, "ii", whole(test, "class"), learner)
             : NULL;
    bool theirs = place && is_test(test) && !strcmp(json_text(place, "role", ""), "learner");
    json_decref(place);
    if (theirs && (*lesson = lesson_of(school, test, language, fault)))
        return test;
    json_decref(test);
    fault_set(fault, FAULT_MISSING, "There is no such test for you.");
    return NULL;
}

static bool is_answered(const json_t *answers, const char *label) {
    size_t i;
    json_t *one;
    json_array_foreach(answers, i, one) {
        if (!strcmp(json_text(one, "exercise", ""), label))
            return true;
    }
    return false;
}

static json_t *question_object(int64_t learner, const json_t *test,
                               const struct exercise *exercise) {
    char *label = must_copy(exercise->label);
    struct variant *variant = variant_make(exercise, question_seed(learner, test, label), NULL);
    json_t *object = variant ? variant_public(variant) : NULL;
    free(label);
    variant_free(variant);
    return object;
}

json_t *school_test(struct school *school, int64_t learner, int64_t id, const char *language,
                    struct fault *fault) {
    const struct lesson *lesson = NULL;
    size_t chosen[QUESTIONS], n_done = 0;
    json_t *test = find_test(school, learner, id, language, &lesson, fault), *next = NULL;
    if (!test)
        return NULL;
    size_t n = choose_questions(lesson, chosen);
    json_t *answers = people_list(school->record, PEOPLE_TEST_OF, "ii", id, learner);
    for (size_t i = 0; i < n; i++) {
        const struct exercise *exercise = &lesson->exercises[chosen[i]];
        char *label = must_copy(exercise->label);
        bool answered = is_answered(answers, label);
        free(label);
        n_done += answered;
        if (!answered && !next)
            next = question_object(learner, test, exercise);
    }
    json_decref(answers);
    json_t *told = json_pack("{s:I,s:O,s:o,s:O,s:O,s:I,s:I,s:o}", "id", (json_int_t)id, "kind",
                             json_object_get(test, "kind"), "title", school_json(lesson->title),
                             "course", json_object_get(test, "course"), "lesson",
                             json_object_get(test, "lesson"), "n", (json_int_t)n_done, "total",
                             (json_int_t)n, "exercise", next ? next : json_null());
    json_decref(test);
    return told;
}

static bool grade_question(const struct exercise *exercise, uint64_t seed, const json_t *answer,
                           const char *language, struct grade_result *result,
                           struct fault *fault) {
    struct variant *variant = variant_make(exercise, seed, fault);
    json_t *given = variant ? variant_answer(variant, answer, fault) : NULL;
    json_t *options = variant && variant->options ? json_copy(variant->options) : json_object();
    char *check = must_copy(exercise->check);
    if (!json_object_get(options, "language"))
        json_object_set_new(options, "language", json_string(language));
    bool good = given && grade_answer(check, variant->key, given, options, seed, result, fault);
    free(check);
    json_decref(options);
    json_decref(given);
    variant_free(variant);
    return good;
}

bool school_test_answer(struct school *school, int64_t learner, int64_t id, const char *label,
                        const json_t *answer, const char *language, struct fault *fault) {
    const struct lesson *lesson = NULL;
    size_t chosen[QUESTIONS];
    struct grade_result result = {0};
    json_t *test = find_test(school, learner, id, language, &lesson, fault);
    const struct exercise *exercise = NULL;
    if (!test)
        return false;
    size_t n = choose_questions(lesson, chosen);
    for (size_t i = 0; i < n; i++)
        if (view_is(lesson->exercises[chosen[i]].label, label))
            exercise = &lesson->exercises[chosen[i]];
    static const char *const unread[] = {"unreadable", "ambiguous", "not-number"};
    uint64_t seed = exercise ? question_seed(learner, test, label) : 0;
    /* null: "I do not know yet" */
    bool good = exercise && (json_is_null(answer) ||
                             grade_question(exercise, seed, answer, language, &result, fault));
    if (!exercise)
        fault_set(fault, FAULT_MISSING, "The test has no question %.80s.", label);
    for (size_t i = 0; i < COUNT_OF(unread); i++)
        if (good && !strcmp(result.note, unread[i])) /* nothing was said yet */
            good = fault_set(fault, FAULT_INPUT, "%s", result.feedback);
    if (good)
        good = people_write(school->record, learner, "test",
                            json_pack("{s:I,s:s,s:I,s:O?,s:f,s:s,s:I}", "assignment",
                                      (json_int_t)id, "exercise", label, "seed", (json_int_t)seed,
                                      "answer", answer, "score", result.score, "note", result.note,
                                      "total", (json_int_t)n),
                            fault) > 0;
    json_decref(test);
    return good;
}

/* ----------------------------------------------------------------------------- how far they are
 */

/* How much each learner has done, in the order of their numbers. */
struct tally {
    struct done_by {
        int64_t learner, n;
    } * at;
    size_t n, room;
};

static void count_done(struct tally *tally, int64_t learner, int64_t n) {
    if (tally->n && tally->at[tally->n - 1].learner == learner) {
        tally->at[tally->n - 1].n += n;
        return;
    }
    if (tally->n == tally->room) {
        tally->room = tally->room ? 2 * tally->room : 64;
        tally->at = must_realloc(tally->at, tally->room, sizeof *tally->at);
    }
    tally->at[tally->n++] = (struct done_by){learner, n};
}

static int by_learner(const void *a, const void *b) {
    int64_t x = ((const struct done_by *)a)->learner, y = ((const struct done_by *)b)->learner;
    return (x > y) - (x < y);
}

static int64_t done_by(const struct tally *tally, int64_t learner) {
    const struct done_by wanted = {.learner = learner}, *found;
    found = tally->n ? bsearch(&wanted, tally->at, tally->n, sizeof *tally->at, by_learner) : NULL;
    return found ? found->n : 0;
}

/* What is assigned; and of lessons their exercises, by label. */
struct assigned {
    const struct lesson **lessons; /* NULL: the course has it no more */
    struct tally *tallies;         /* both as the assignments are */
    struct label {
        struct view text;
        size_t assignment;
    } * labels; /* of open addressing, each once for every assignment that it is in */
    size_t n_slot;
};

static size_t slot_of(const struct assigned *assigned, struct view label) {
    return hash64(label, 0) & (assigned->n_slot - 1);
}

static void take_solved(void *context, int64_t learner, struct view exercise) {
    struct assigned *assigned = context;
    for (size_t at = slot_of(assigned, exercise); assigned->labels[at].text.n;
         at = (at + 1) & (assigned->n_slot - 1))
        if (view_equal(assigned->labels[at].text, exercise))
            count_done(&assigned->tallies[assigned->labels[at].assignment], learner, 1);
}

static void put_labels(struct assigned *assigned, size_t assignment) {
    const struct lesson *lesson = assigned->lessons[assignment];
    for (size_t i = 0; i < lesson->n_exercise; i++) {
        size_t at = slot_of(assigned, lesson->exercises[i].label);
        while (assigned->labels[at].text.n)
            at = (at + 1) & (assigned->n_slot - 1);
        assigned->labels[at] = (struct label){lesson->exercises[i].label, assignment};
    }
}

/* One walk along what the class solved, however much is assigned. */
static void tally_solved(struct school *school, int64_t class, const json_t *assignments,
                         struct assigned *assigned) {
    size_t n_label = 0, i;
    const json_t *one;
    json_array_foreach(assignments, i, one) if (assigned->lessons[i] && !is_test(one)) n_label +=
        assigned->lessons[i]->n_exercise;
    if (!n_label)
        return;
    for (assigned->n_slot = 64; assigned->n_slot < 2 * n_label; assigned->n_slot *= 2)
        ;
    assigned->labels = must_alloc(assigned->n_slot, sizeof *assigned->labels);
    json_array_foreach(assignments, i, one) {
        if (assigned->lessons[i] && !is_test(one))
            put_labels(assigned, i);
    }
    people_solved(school->record, class, take_solved, assigned);
    free(assigned->labels);
}

static void tally_answered(const json_t *tests, int64_t assignment, struct tally *tally) {
    size_t i;
    json_t *row;
    json_array_foreach(tests, i, row) {
        if (whole(row, "assignment") == assignment)
            count_done(tally, whole(row, "learner"), whole(row, "n"));
    }
    if (tally->n)
        qsort(tally->at, tally->n, sizeof *tally->at, by_learner);
}

static void add_learner(json_t *one, const json_t *member, int64_t done, int64_t total) {
    json_array_append_new(json_object_get(one, "learners"),
                          json_pack("{s:O,s:O,s:I,s:I}", "id", json_object_get(member, "id"),
                                    "name", json_object_get(member, "name"), "done",
                                    (json_int_t)done, "total", (json_int_t)total));
}

static void tell_assignment(json_t *assignment, const struct lesson *lesson,
                            const struct tally *tally, const json_t *members) {
    size_t i, chosen[QUESTIONS];
    int64_t total =
        (int64_t)(is_test(assignment) ? choose_questions(lesson, chosen) : lesson->n_exercise);
    json_t *member;
    json_object_set_new(assignment, "title", school_json(lesson->title));
    json_object_set_new(assignment, "learners", json_array());
    json_array_foreach(members, i, member) {
        if (!strcmp(json_text(member, "role", ""), "learner"))
            add_learner(assignment, member, done_by(tally, whole(member, "id")), total);
    }
}

json_t *school_assignments(struct school *school, int64_t class, const char *language) {
    json_t *rows = people_list(school->record, PEOPLE_ASSIGNMENTS, "i", class), *row;
    json_t *members = people_list(school->record, PEOPLE_MEMBERS, "i", class);
    json_t *tests = people_list(school->record, PEOPLE_TESTS, "i", class);
    json_t *list = json_array();
    size_t n = json_array_size(rows), i;
    struct assigned assigned = {
        .lessons = must_alloc(n + 1, sizeof(const struct lesson *)),
        .tallies = must_alloc(n + 1, sizeof(struct tally)),
    };
    json_array_foreach(rows, i, row) assigned.lessons[i] = lesson_of(school, row, language, NULL);
    tally_solved(school, class, rows, &assigned);
    json_array_foreach(rows, i, row) {
        if (!assigned.lessons[i])
            continue;
        if (is_test(row))
            tally_answered(tests, whole(row, "id"), &assigned.tallies[i]);
        tell_assignment(row, assigned.lessons[i], &assigned.tallies[i], members);
        json_array_append(list, row);
    }
    for (i = 0; i < n; i++)
        free(assigned.tallies[i].at);
    free(assigned.tallies);
    free(assigned.lessons);
    json_decref(rows);
    json_decref(members);
    json_decref(tests);
    return list;
}

/* ---------------------------------------------------------------------------------------- gains
 */

/* The lesson's pair of tests in the list; made when it is met first. */
static json_t *pair_of(json_t *list, const json_t *row) {
    size_t i;
    json_t *one;
    json_array_foreach(list, i, one) {
        if (json_equal(json_object_get(one, "course"), json_object_get(row, "course")) &&
            json_equal(json_object_get(one, "lesson"), json_object_get(row, "lesson")))
            return one;
    }
    one = json_pack("{s:O,s:O,s:{}}", "course", json_object_get(row, "course"), "lesson",
                    json_object_get(row, "lesson"), "who");
    json_array_append_new(list, one);
    return one;
}

/* Of two tests of one kind the later counts: rows come in the order in which they were given. */
static void add_result(json_t *pair, const json_t *row) {
    char id[24];
    snprintf(id, sizeof id, "%lld", (long long)whole(row, "learner"));
    json_t *who = json_object_get(pair, "who"), *one = json_object_get(who, id);
    if (!one) {
        one = json_pack("{s:O,s:O,s:n,s:n}", "id", json_object_get(row, "learner"), "name",
                        json_object_get(row, "name"), "pre", "post");
        json_object_set_new(who, id, one);
    }
    json_object_set_new(one, json_text(row, "kind", "pre"),
                        json_real(json_number(row, "points", 0) / json_number(row, "total", 1)));
}

static void sum_up(json_t *pair) {
    json_t *learners = json_array(), *one;
    const char *id;
    double pre = 0, post = 0;
    int n = 0;
    json_object_foreach(json_object_get(pair, "who"), id, one) {
        if (json_is_number(json_object_get(one, "pre")) &&
            json_is_number(json_object_get(one, "post"))) {
            pre += json_number(one, "pre", 0);
            post += json_number(one, "post", 0);
            n++;
        }
        json_array_append(learners, one);
    }
    json_object_del(pair, "who");
    json_object_set_new(pair, "learners", learners);
    json_object_set_new(pair, "n", json_integer(n));
    json_object_set_new(pair, "pre", n ? json_real(pre / n) : json_null());
    json_object_set_new(pair, "post", n ? json_real(post / n) : json_null());
    json_object_set_new(pair, "gain",
                        n && pre < n ? json_real((post - pre) / (n - pre)) : json_null());
}

json_t *school_gains(struct school *school, int64_t class, const char *language) {
    json_t *rows = people_list(school->record, PEOPLE_TESTS, "i", class), *row;
    json_t *list = json_array();
    size_t i;
    json_array_foreach(rows, i, row) {
        if (whole(row, "n") < whole(row, "total"))
            continue;
        const struct lesson *lesson = lesson_of(school, row, language, NULL);
        json_t *pair = pair_of(list, row);
        json_object_set_new(pair, "title",
                            lesson ? school_json(lesson->title)
                                   : json_incref(json_object_get(row, "lesson")));
        add_result(pair, row);
    }
    json_array_foreach(list, i, row) sum_up(row);
    json_decref(rows);
    return list;
}
