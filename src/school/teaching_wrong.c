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

/* ----------------------------------------------------------------------------------- the groups
 */

struct wrong_row {
    int64_t learner, seed, n, last_ms;
    struct view answer, note;
    struct wrong_row *next; /* of its group */
};

struct wrong_group {
    const struct exercise *exercise;
    struct view misconception, rest; /* empty, and what is the same for all of it */
    int64_t n, n_learner, last_learner;
    size_t n_row;
    struct wrong_row *rows;
};

struct exercise_seen { /* by its label, which is looked up once */
    struct view label;
    const struct exercise *exercise;
    bool taught;
};

struct wrongs {
    struct school *school;
    const char *language;
    struct arena *arena;
    json_t *taught; /* the exercises that teachers wrote about */
    struct exercise_seen *exercises;
    struct wrong_group *groups; /* both of open addressing */
    size_t n_exercise, n_exercise_slot, n_group, n_group_slot;
    struct wrong_row *unfitted; /* of exercises that teachers wrote about */
};

static size_t exercise_slot(const struct exercise_seen *slots, size_t n, struct view label) {
    size_t at = hash64(label, 0) & (n - 1);
    while (slots[at].label.at && !view_equal(slots[at].label, label))
        at = (at + 1) & (n - 1);
    return at;
}

static void grow_exercises(struct wrongs *wrongs) {
    size_t n = wrongs->n_exercise_slot ? 2 * wrongs->n_exercise_slot : 64;
    struct exercise_seen *slots = ARENA_NEW(wrongs->arena, n, struct exercise_seen);
    for (size_t i = 0; i < wrongs->n_exercise_slot; i++)
        if (wrongs->exercises[i].label.at)
            slots[exercise_slot(slots, n, wrongs->exercises[i].label)] = wrongs->exercises[i];
    wrongs->exercises = slots;
    wrongs->n_exercise_slot = n;
}

static const struct exercise_seen *see_exercise(struct wrongs *wrongs, struct view label) {
    if (2 * wrongs->n_exercise >= wrongs->n_exercise_slot)
        grow_exercises(wrongs);
    struct exercise_seen *seen =
        &wrongs->exercises[exercise_slot(wrongs->exercises, wrongs->n_exercise_slot, label)];
    if (seen->label.at)
        return seen;
    wrongs->n_exercise++;
    seen->label = arena_copy(wrongs->arena, label);
    seen->exercise = school_exercise(wrongs->school, seen->label.at, wrongs->language, NULL);
    seen->taught = json_object_get(wrongs->taught, seen->label.at);
    return seen;
}

static size_t group_slot(const struct wrong_group *slots, size_t n,
                         const struct wrong_group *like) {
    size_t at =
        hash64(like->rest, hash64(like->misconception, (uintptr_t)like->exercise)) & (n - 1);
    while (slots[at].exercise && !(slots[at].exercise == like->exercise &&
                                   view_equal(slots[at].misconception, like->misconception) &&
                                   view_equal(slots[at].rest, like->rest)))
        at = (at + 1) & (n - 1);
    return at;
}

static void grow_groups(struct wrongs *wrongs) {
    size_t n = wrongs->n_group_slot ? 2 * wrongs->n_group_slot : 256;
    struct wrong_group *slots = ARENA_NEW(wrongs->arena, n, struct wrong_group);
    for (size_t i = 0; i < wrongs->n_group_slot; i++)
        if (wrongs->groups[i].exercise)
            slots[group_slot(slots, n, &wrongs->groups[i])] = wrongs->groups[i];
    wrongs->groups = slots;
    wrongs->n_group_slot = n;
}

/* Of one authored misconception; else what the grader noted where the numbers vary, else the same
 * answer. */
static struct wrong_group *group_of(struct wrongs *wrongs, const struct exercise *exercise,
                                    struct view misconception, const struct wrong_row *row) {
    struct wrong_group like = {.exercise = exercise, .misconception = misconception};
    if (!misconception.n)
        like.rest = varies(exercise) ? row->note : row->answer;
    if (2 * wrongs->n_group >= wrongs->n_group_slot)
        grow_groups(wrongs);
    struct wrong_group *group =
        &wrongs->groups[group_slot(wrongs->groups, wrongs->n_group_slot, &like)];
    if (!group->exercise) {
        *group = like;
        group->misconception = arena_copy(wrongs->arena, misconception);
        wrongs->n_group++;
    }
    return group;
}

/* Rows of one learner come together. */
static void put_row(struct wrong_group *group, struct wrong_row *row) {
    group->n += row->n;
    group->n_learner += row->learner != group->last_learner;
    group->last_learner = row->learner;
    group->n_row++;
    row->next = group->rows;
    group->rows = row;
}

/* What nobody foresaw when it was answered may be known by now: such rows are looked at when the
 * record is free again. */
struct unfitted {
    struct wrong_row row;
    const struct exercise *exercise;
};

static void take_wrong(void *context, const struct people_wrong *wrong) {
    struct wrongs *wrongs = context;
    const struct exercise_seen *seen = see_exercise(wrongs, wrong->exercise);
    if (!seen->exercise)
        return;
    struct unfitted *kept = ARENA_NEW(wrongs->arena, 1, struct unfitted);
    kept->exercise = seen->exercise;
    kept->row = (struct wrong_row){.learner = wrong->learner,
                                   .seed = wrong->seed,
                                   .n = wrong->n,
                                   .last_ms = wrong->last_ms,
                                   .answer = arena_copy(wrongs->arena, wrong->answer),
                                   .note = arena_copy(wrongs->arena, wrong->note)};
    if (seen->taught && !wrong->misconception.n) {
        kept->row.next = wrongs->unfitted;
        wrongs->unfitted = &kept->row;
        return;
    }
    put_row(group_of(wrongs, seen->exercise, wrong->misconception, &kept->row), &kept->row);
}

static struct view misconception_now(struct wrongs *wrongs, const struct exercise *exercise,
                                     const struct wrong_row *row) {
    json_t *ids = json_object(), *answer = json_parse(row->answer, NULL);
    struct variant *variant = taught_variant(wrongs->school, exercise, (uint64_t)row->seed, ids);
    json_t *given =
        variant && answer && json_object_size(ids) ? variant_answer(variant, answer, NULL) : NULL;
    const struct misconception *found = given ? variant_misconception(variant, given) : NULL;
    struct view why = found ? arena_copy(wrongs->arena, found->why) : (struct view){0};
    json_decref(given);
    json_decref(answer);
    json_decref(ids);
    variant_free(variant);
    return why;
}

static int by_learner(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void count_learners(struct wrongs *wrongs, struct wrong_group *group) {
    int64_t *learners = ARENA_NEW(wrongs->arena, group->n_row, int64_t);
    size_t n = 0;
    for (const struct wrong_row *row = group->rows; row; row = row->next)
        learners[n++] = row->learner;
    qsort(learners, n, sizeof *learners, by_learner);
    group->n_learner = n > 0;
    for (size_t i = 1; i < n; i++)
        group->n_learner += learners[i] != learners[i - 1];
}

/* They come behind the others, whose groups may have seen their learners before. */
static void fit_taught(struct wrongs *wrongs) {
    for (struct wrong_row *row = wrongs->unfitted, *next; row; row = next) {
        const struct exercise *exercise = ((struct unfitted *)row)->exercise;
        next = row->next;
        put_row(group_of(wrongs, exercise, misconception_now(wrongs, exercise, row), row), row);
    }
    for (size_t i = 0; wrongs->unfitted && i < wrongs->n_group_slot; i++)
        if (wrongs->groups[i].exercise)
            count_learners(wrongs, &wrongs->groups[i]);
}

/* ------------------------------------------------------------------------------- what is shown */

/* By the newest of its answers. */
static void describe(struct school *school, json_t *group, const struct wrong_group *of,
                     const struct wrong_row *row, const json_t *answer) {
    const struct exercise *exercise = of->exercise;
    const struct lesson *lesson = exercise->lesson;
    uint64_t seed = (uint64_t)row->seed;
    const char *why = of->misconception.n ? of->misconception.at : "";
    json_object_set_new(group, "title", school_json(exercise->title));
    json_object_set_new(group, "exercise", school_json(exercise->label));
    json_object_set_new(group, "course", school_json(lesson->course->id));
    json_object_set_new(group, "lesson", school_json(lesson->id));
    json_object_set_new(group, "file", school_json(file_in_course(lesson)));
    json_object_set_new(group, "line", json_integer(exercise->line));
    json_object_set_new(group, "note", school_json(row->note));
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
static void add_example(json_t *group, const struct exercise *exercise,
                        const struct wrong_row *row, const json_t *answer) {
    json_t *examples = json_object_get(group, "answers"), *one;
    if (varies(exercise) && json_array_size(examples) >= EXAMPLES)
        return;
    json_t *told = json_pack("{s:I}", "n", (json_int_t)row->n);
    school_answer_tell(told, exercise, (uint64_t)row->seed, answer);
    size_t i;
    if (!varies(exercise))
        json_array_foreach(examples, i, one) {
            if (json_equal(json_object_get(one, "text"), json_object_get(told, "text"))) {
                json_object_set_new(one, "n", json_integer(whole(one, "n") + row->n));
                json_decref(told);
                return;
            }
        }
    if (json_array_size(examples) >= EXAMPLES) {
        json_decref(told);
        return;
    }
    struct variant *variant =
        varies(exercise) ? variant_make(exercise, (uint64_t)row->seed, NULL) : NULL;
    if (variant) {
        struct buffer html = {0};
        markdown_html(variant->ask, &html);
        json_object_set_new(told, "ask_html", school_json(buffer_view(&html)));
        buffer_free(&html);
        variant_free(variant);
    }
    json_array_append_new(examples, told);
}

/* Newest first. */
static int by_time(const void *a, const void *b) {
    const struct wrong_row *x = *(const struct wrong_row *const *)a;
    const struct wrong_row *y = *(const struct wrong_row *const *)b;
    return x->last_ms != y->last_ms   ? (y->last_ms > x->last_ms) - (y->last_ms < x->last_ms)
           : x->learner != y->learner ? (x->learner > y->learner) - (x->learner < y->learner)
                                      : (x->seed > y->seed) - (x->seed < y->seed);
}

static json_t *group_object(struct wrongs *wrongs, const struct wrong_group *group) {
    const struct wrong_row **rows =
        ARENA_NEW(wrongs->arena, group->n_row, const struct wrong_row *);
    size_t n = 0;
    for (const struct wrong_row *row = group->rows; row; row = row->next)
        rows[n++] = row;
    qsort(rows, n, sizeof *rows, by_time);
    json_t *object = json_pack("{s:I,s:I,s:[]}", "n", (json_int_t)group->n, "learners",
                               (json_int_t)group->n_learner, "answers");
    for (size_t i = 0; i < n && (i < EXAMPLES || !varies(group->exercise)); i++) {
        json_t *answer = json_parse(rows[i]->answer, NULL);
        if (answer && !json_object_get(object, "title"))
            describe(wrongs->school, object, group, rows[i], answer);
        if (answer)
            add_example(object, group->exercise, rows[i], answer);
        json_decref(answer);
    }
    return object;
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

static int by_view(struct view a, struct view b) {
    size_t n = a.n < b.n ? a.n : b.n;
    int order = n ? memcmp(a.at, b.at, n) : 0;
    return order ? order : (a.n > b.n) - (a.n < b.n);
}

/* More learners first, then more answers. */
static int by_count(const void *a, const void *b) {
    const struct wrong_group *x = *(const struct wrong_group *const *)a;
    const struct wrong_group *y = *(const struct wrong_group *const *)b;
    int64_t more = y->n_learner != x->n_learner ? y->n_learner - x->n_learner : y->n - x->n;
    int order = more ? (more > 0) - (more < 0) : by_view(x->exercise->label, y->exercise->label);
    order = order ? order : by_view(x->misconception, y->misconception);
    return order ? order : by_view(x->rest, y->rest);
}

json_t *school_wrong_list(struct school *school, int64_t class, const struct course *course,
                          const char *language) {
    struct wrongs wrongs = {.school = school,
                            .language = language,
                            .arena = arena_new(),
                            .taught = taught_about(school)};
    people_wrongs(school->record, class, course->id.at, take_wrong, &wrongs);
    fit_taught(&wrongs);
    const struct wrong_group **sorted =
        ARENA_NEW(wrongs.arena, wrongs.n_group + 1, const struct wrong_group *);
    size_t n = 0;
    for (size_t i = 0; i < wrongs.n_group_slot; i++)
        if (wrongs.groups[i].exercise)
            sorted[n++] = &wrongs.groups[i];
    qsort(sorted, n, sizeof *sorted, by_count);
    json_t *list = json_array();
    for (size_t i = 0; i < n && i < GROUPS_SHOWN; i++)
        json_array_append_new(list, group_object(&wrongs, sorted[i]));
    json_decref(wrongs.taught);
    arena_free(wrongs.arena);
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
