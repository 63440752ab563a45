/* Wrong answers that many in a class give: those of one authored misconception together; of those
 * that nobody foresaw, the same answer, or in an exercise whose numbers vary what the grader
 * noted.
 */
#include "school/school_inside.h"

#include <stdlib.h>
#include <string.h>

enum { GROUPS_SHOWN = 24, EXAMPLES = 4 };

static int64_t whole(const json_t *object, const char *key) {
    return json_integer_value(json_object_get(object, key));
}

static bool varies(const struct exercise *exercise) {
    return json_object_get(exercise->definition, "vary") != NULL;
}

/* The variant with what teachers wrote; ids: of those, by their names. */
static struct variant *taught_variant(struct school *school, const struct exercise *exercise,
                                      uint64_t seed, json_t *ids) {
    struct variant *variant = variant_make(exercise, seed, NULL);
    char *label = must_copy(exercise->label);
    json_t *rows = people_list(school->record, PEOPLE_TAUGHT, "s", label), *row;
    size_t i;
    json_array_foreach(rows, i, row) {
        json_t *wrong = json_parse(view_of(json_text(row, "wrong", "")), NULL);
        if (variant && wrong && variant_teach(variant, wrong, NULL))
            json_object_set(ids, json_text(wrong, "why", ""), json_object_get(row, "id"));
        json_decref(wrong);
    }
    json_decref(rows);
    free(label);
    return variant;
}

/* What nobody foresaw when it was answered may be known by now. */
static void fit_taught(struct school *school, const struct exercise *exercise, json_t *row,
                       const json_t *answer) {
    json_t *ids = json_object();
    struct variant *variant = taught_variant(school, exercise, (uint64_t)whole(row, "seed"), ids);
    json_t *given =
        variant && json_object_size(ids) ? variant_answer(variant, answer, NULL) : NULL;
    const struct misconception *found = given ? variant_misconception(variant, given) : NULL;
    if (found)
        json_object_set_new(row, "misconception", school_json(found->why));
    json_decref(given);
    json_decref(ids);
    variant_free(variant);
}

/* What is the same for all of a group. */
static void group_key(const json_t *row, const struct exercise *exercise, struct buffer *key) {
    const char *misconception = json_text(row, "misconception", "");
    buffer_format(key, "%s\n%s\n", json_text(row, "exercise", ""), misconception);
    if (!*misconception)
        buffer_text(key,
                    varies(exercise) ? json_text(row, "note", "") : json_text(row, "answer", ""));
}

/* One line for the exercise's list of `wrong`, to be filled in by its author. */
static void put_line_to_write(const struct exercise *exercise, const json_t *answer,
                              struct buffer *out) {
    buffer_text(out, "  - {is: ");
    json_t *is =
        varies(exercise) ? json_string("…{a}…") : json_incref((json_t *)(uintptr_t)answer);
    buffer_json(out, is);
    json_decref(is);
    buffer_text(out, ", why: name-the-mistake, say: \"What to look at again?\"}");
}

/* Choices are counted from 0 on the page and from 1 by the author. */
static json_t *as_authored(const struct exercise *exercise, uint64_t seed, const json_t *answer) {
    struct variant *variant = variant_make(exercise, seed, NULL);
    json_t *is = variant ? variant_answer(variant, answer, NULL) : NULL;
    variant_free(variant);
    return is ? is : json_null();
}

/* From the course's own folder on: where that lies is nobody's business in a browser. */
static struct view file_in_course(const struct lesson *lesson) {
    struct view folder = lesson->course->folder, file = lesson->file;
    size_t cut = folder.n > lesson->course->id.n ? folder.n - lesson->course->id.n : 0;
    bool inside = file.n > folder.n && view_equal(view_slice(file, 0, folder.n), folder);
    return inside && view_equal(view_slice(folder, cut, folder.n), lesson->course->id)
               ? view_slice(file, cut, file.n)
               : lesson->file;
}

static void describe(struct school *school, json_t *group, const struct exercise *exercise,
                     const json_t *row, const json_t *answer) {
    const struct lesson *lesson = exercise->lesson;
    uint64_t seed = (uint64_t)whole(row, "seed");
    const char *why = json_text(row, "misconception", "");
    json_object_set_new(group, "title", school_json(exercise->title));
    json_object_set_new(group, "exercise", school_json(exercise->label));
    json_object_set_new(group, "course", school_json(lesson->course->id));
    json_object_set_new(group, "lesson", school_json(lesson->id));
    json_object_set_new(group, "file", school_json(file_in_course(lesson)));
    json_object_set_new(group, "line", json_integer(exercise->line));
    json_object_set(group, "note", json_object_get(row, "note"));
    json_t *ids = json_object();
    struct variant *variant = taught_variant(school, exercise, seed, ids);
    if (json_object_get(ids, why))
        json_object_set(group, "taught", json_object_get(ids, why));
    json_decref(ids);
    struct buffer text = {0};
    for (size_t i = 0; variant && *why && i < variant->n_wrong; i++)
        if (view_is(variant->wrong[i].why, why) && !text.n)
            markdown_html(variant->wrong[i].say, &text);
    if (text.n)
        json_object_set_new(group, "say_html", school_json(buffer_view(&text)));
    if (*why) {
        json_object_set_new(group, "misconception", json_string(why));
    } else {
        json_t *is = as_authored(exercise, seed, answer);
        buffer_clear(&text);
        put_line_to_write(exercise, is, &text);
        json_object_set_new(group, "write", school_json(buffer_view(&text)));
        if (!varies(exercise))
            json_object_set(group, "is", is);
        json_object_set_new(group, "varies", json_boolean(varies(exercise)));
        json_decref(is);
    }
    buffer_free(&text);
    variant_free(variant);
}

/* An answer of the group, with its question where the numbers vary. */
static void add_example(json_t *group, const struct exercise *exercise, const json_t *row,
                        const json_t *answer) {
    json_t *examples = json_object_get(group, "answers"), *one;
    if (varies(exercise) && json_array_size(examples) >= EXAMPLES)
        return;
    json_t *told = json_pack("{s:O}", "n", json_object_get(row, "n"));
    school_answer_tell(told, exercise, (uint64_t)whole(row, "seed"), answer);
    size_t i;
    if (!varies(exercise))
        json_array_foreach(examples, i, one) {
            if (json_equal(json_object_get(one, "text"), json_object_get(told, "text"))) {
                json_object_set_new(one, "n", json_integer(whole(one, "n") + whole(row, "n")));
                json_decref(told);
                return;
            }
        }
    if (json_array_size(examples) >= EXAMPLES) {
        json_decref(told);
        return;
    }
    one = told;
    struct variant *variant =
        varies(exercise) ? variant_make(exercise, (uint64_t)whole(row, "seed"), NULL) : NULL;
    if (variant) {
        struct buffer html = {0};
        markdown_html(variant->ask, &html);
        json_object_set_new(one, "ask_html", school_json(buffer_view(&html)));
        buffer_free(&html);
        variant_free(variant);
    }
    json_array_append_new(examples, one);
}

/* taught: the exercises that teachers wrote about. */
static void add_row(struct school *school, json_t *groups, const json_t *taught, json_t *row,
                    const char *language) {
    const struct exercise *exercise =
        school_exercise(school, json_text(row, "exercise", ""), language, NULL);
    json_t *answer = json_parse(view_of(json_text(row, "answer", "")), NULL);
    if (!exercise || !answer) {
        json_decref(answer);
        return;
    }
    if (!*json_text(row, "misconception", "") &&
        json_object_get(taught, json_text(row, "exercise", "")))
        fit_taught(school, exercise, row, answer);
    struct buffer key = {0};
    group_key(row, exercise, &key);
    json_t *group = json_object_get(groups, key.at);
    if (!group) {
        group = json_pack("{s:i,s:{},s:[],s:O,s:s}", "n", 0, "who", "answers", "first", row,
                          "exercise", json_text(row, "exercise", ""));
        json_object_set_new(groups, key.at, group);
    }
    buffer_free(&key);
    char who[24];
    snprintf(who, sizeof who, "%lld", (long long)whole(row, "learner"));
    json_object_set_new(json_object_get(group, "who"), who, json_true());
    json_object_set_new(group, "n", json_integer(whole(group, "n") + whole(row, "n")));
    add_example(group, exercise, row, answer);
    json_decref(answer);
}

/* By the first of its answers, once it is known that the group is shown. */
static void describe_first(struct school *school, json_t *group, const char *language) {
    json_t *row = json_object_get(group, "first");
    json_t *answer = json_parse(view_of(json_text(row, "answer", "")), NULL);
    describe(school, group,
             school_exercise(school, json_text(row, "exercise", ""), language, NULL), row, answer);
    json_object_del(group, "first");
    json_decref(answer);
}

static json_t *taught_about(struct school *school) {
    json_t *rows = people_list(school->record, PEOPLE_TAUGHT_ABOUT, ""), *row;
    json_t *taught = json_object();
    size_t i;
    json_array_foreach(rows, i, row)
        json_object_set_new(taught, json_text(row, "exercise", ""), json_true());
    json_decref(rows);
    return taught;
}

/* More learners first, then more answers. */
static int by_count(const void *a, const void *b) {
    const json_t *x = *(json_t *const *)a, *y = *(json_t *const *)b;
    int64_t more = whole(y, "learners") - whole(x, "learners");
    if (!more)
        more = whole(y, "n") - whole(x, "n");
    if (more)
        return more > 0 ? 1 : -1;
    return strcmp(json_text(x, "exercise", ""), json_text(y, "exercise", ""));
}

json_t *school_wrong_list(struct school *school, int64_t class, const struct course *course,
                          const char *language) {
    char *id = must_copy(course->id);
    json_t *rows = people_list(school->record, PEOPLE_WRONG, "is", class, id), *row;
    json_t *groups = json_object(), *list = json_array(), *taught = taught_about(school);
    size_t i;
    json_array_foreach(rows, i, row) add_row(school, groups, taught, row, language);
    json_decref(taught);
    size_t n = json_object_size(groups), at = 0;
    json_t **sorted = must_alloc(n + 1, sizeof *sorted);
    const char *key;
    json_t *group;
    json_object_foreach(groups, key, group) {
        json_object_set_new(
            group, "learners",
            json_integer((json_int_t)json_object_size(json_object_get(group, "who"))));
        json_object_del(group, "who");
        sorted[at++] = group;
    }
    qsort(sorted, n, sizeof *sorted, by_count);
    for (at = 0; at < n && at < GROUPS_SHOWN; at++) {
        describe_first(school, sorted[at], language);
        json_array_append(list, sorted[at]);
    }
    free(sorted);
    json_decref(groups);
    json_decref(rows);
    free(id);
    return list;
}

/* ------------------------------------------------------------------------- what teachers write */

int64_t school_teach(struct school *school, int64_t by, const char *label, const json_t *wrong,
                     struct fault *fault) {
    enum { SEEDS = 8 };
    const struct exercise *exercise = school_exercise(school, label, "", fault);
    struct view say = view_of(json_text(wrong, "say", ""));
    struct view why = view_of(json_text(wrong, "why", ""));
    if (!exercise)
        return 0;
    if (!view_trim(say).n || utf8_length(say) > 500 || !why.n || why.n > 60) {
        fault_set(fault, FAULT_INPUT,
                  "A wrong answer needs a name and what to say to it, up to 500 characters.");
        return 0;
    }
    size_t given_away = 0;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct variant *variant = variant_make(exercise, seed, fault);
        bool good = variant && variant_teach(variant, wrong, fault);
        given_away += good && variant_gives_away(variant, &variant->wrong[variant->n_wrong - 1]);
        variant_free(variant);
        if (!good)
            return 0;
    }
    if (given_away * 2 > SEEDS) { /* numbers that are drawn may meet the key by chance */
        fault_set(fault, FAULT_INPUT, "What is said to this wrong answer holds the key.");
        fault_remedy(fault, "Point at the mistake; leave the result to the learner.");
        return 0;
    }
    return people_write(school->record, by, "taught",
                        json_pack("{s:s,s:O}", "exercise", label, "wrong", wrong), fault);
}

bool school_teach_end(struct school *school, int64_t by, int64_t taught, struct fault *fault) {
    return people_write(school->record, by, "taught",
                        json_pack("{s:I}", "ended", (json_int_t)taught), fault) > 0;
}
