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
static json_t *as_authored(const struct variant *variant, const json_t *answer) {
    json_t *is = variant ? variant_answer(variant, answer, NULL) : NULL;
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
    struct view answer, note, seen; /* seen: the exercise's label */
    struct wrong_row *next;         /* of its group */
};

struct wrong_group {
    const struct exercise *exercise;
    struct view misconception, rest; /* empty, and what is the same for all of it */
    int64_t n, n_learner, last_learner;
    bool brief; /* only rows that may be shown are kept, newest first */
    bool late;  /* rows came behind others, whose learners it may have seen before */
    size_t n_row;
    struct wrong_row *rows;
};

struct exercise_seen { /* by its label, which is looked up once */
    struct view label;
    const struct exercise *exercise;
    bool taught, varies;
};

struct wrongs {
    struct school *school;
    const char *language;
    struct arena *arena;
    json_t *taught; /* label to what teachers wrote about it: true until taught_of reads it */
    struct exercise_seen *exercises;
    const struct exercise_seen *last; /* rows of one exercise come together */
    struct wrong_group *groups;       /* both of open addressing */
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
    wrongs->last = NULL;
}

static const struct exercise_seen *see_exercise(struct wrongs *wrongs, struct view label) {
    if (wrongs->last && view_equal(wrongs->last->label, label))
        return wrongs->last;
    if (2 * wrongs->n_exercise >= wrongs->n_exercise_slot)
        grow_exercises(wrongs);
    struct exercise_seen *seen =
        &wrongs->exercises[exercise_slot(wrongs->exercises, wrongs->n_exercise_slot, label)];
    wrongs->last = seen;
    if (seen->label.at)
        return seen;
    wrongs->n_exercise++;
    seen->label = arena_copy(wrongs->arena, label);
    seen->exercise = school_exercise(wrongs->school, seen->label.at, wrongs->language, NULL);
    seen->taught = json_object_get(wrongs->taught, seen->label.at);
    seen->varies = seen->exercise && varies(seen->exercise);
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
static struct wrong_group *group_of(struct wrongs *wrongs, const struct exercise_seen *seen,
                                    struct view misconception, const struct wrong_row *row) {
    struct wrong_group like = {.exercise = seen->exercise,
                               .misconception = misconception,
                               .brief = seen->varies && !seen->taught};
    if (!misconception.n)
        like.rest = seen->varies ? row->note : row->answer;
    if (2 * wrongs->n_group >= wrongs->n_group_slot)
        grow_groups(wrongs);
    struct wrong_group *group =
        &wrongs->groups[group_slot(wrongs->groups, wrongs->n_group_slot, &like)];
    if (!group->exercise) {
        *group = like;
        group->misconception = arena_copy(wrongs->arena, misconception);
        group->rest = arena_copy(wrongs->arena, like.rest);
        wrongs->n_group++;
    }
    return group;
}

/* Newest first. */
static int by_time(const void *a, const void *b) {
    const struct wrong_row *x = *(const struct wrong_row *const *)a;
    const struct wrong_row *y = *(const struct wrong_row *const *)b;
    return x->last_ms != y->last_ms   ? (y->last_ms > x->last_ms) - (y->last_ms < x->last_ms)
           : x->learner != y->learner ? (x->learner > y->learner) - (x->learner < y->learner)
                                      : (x->seed > y->seed) - (x->seed < y->seed);
}

static struct wrong_row *keep_row(struct wrongs *wrongs, const struct exercise_seen *seen,
                                  const struct wrong_row *row) {
    struct wrong_row *kept = ARENA_NEW(wrongs->arena, 1, struct wrong_row);
    *kept = *row;
    kept->seen = seen->label;
    kept->answer = arena_copy(wrongs->arena, row->answer);
    kept->note = arena_copy(wrongs->arena, row->note);
    return kept;
}

/* A place among the newest, which is what a brief group keeps; NULL: the row is none of them. */
static struct wrong_row **place_in_brief(struct wrong_group *group, const struct wrong_row *row) {
    struct wrong_row **at = &group->rows, **last = NULL;
    size_t n = 0;
    while (*at && by_time(at, &row) < 0 && n < EXAMPLES) {
        at = &(*at)->next;
        n++;
    }
    if (n == EXAMPLES)
        return NULL;
    for (last = at; *last && n + 1 < EXAMPLES; n++)
        last = &(*last)->next;
    if (*last) { /* one too many from here on */
        *last = NULL;
        group->n_row--;
    }
    return at;
}

/* Rows of one learner come together. */
static void count_row(struct wrong_group *group, const struct wrong_row *row) {
    group->n += row->n;
    group->n_learner += row->learner != group->last_learner;
    group->last_learner = row->learner;
}

static void link_row(struct wrong_group *group, struct wrong_row **at, struct wrong_row *row) {
    row->next = *at;
    *at = row;
    group->n_row++;
}

/* What nobody foresaw when it was answered may be known by now: such rows are looked at when the
 * record is free again. */
static void take_wrong(void *context, const struct people_wrong *wrong) {
    struct wrongs *wrongs = context;
    const struct exercise_seen *seen = see_exercise(wrongs, wrong->exercise);
    if (!seen->exercise)
        return;
    const struct wrong_row row = {.learner = wrong->learner,
                                  .seed = wrong->seed,
                                  .n = wrong->n,
                                  .last_ms = wrong->last_ms,
                                  .answer = wrong->answer,
                                  .note = wrong->note};
    if (seen->taught && !wrong->misconception.n) {
        struct wrong_row *kept = keep_row(wrongs, seen, &row);
        kept->next = wrongs->unfitted;
        wrongs->unfitted = kept;
        return;
    }
    struct wrong_group *group = group_of(wrongs, seen, wrong->misconception, &row);
    struct wrong_row **at = group->brief ? place_in_brief(group, &row) : &group->rows;
    count_row(group, &row);
    if (at)
        link_row(group, at, keep_row(wrongs, seen, &row));
}

/* [{"id","wrong"}…]; NULL: nothing. Borrowed. */
static const json_t *taught_of(struct wrongs *wrongs, const struct exercise_seen *seen) {
    const char *label = seen->label.at;
    if (!json_is_true(json_object_get(wrongs->taught, label)))
        return json_object_get(wrongs->taught, label);
    json_t *rows = people_list(wrongs->school->record, PEOPLE_TAUGHT, "s", label), *row;
    size_t i;
    json_array_foreach(rows, i, row) {
        json_t *wrong = json_parse(view_of(json_text(row, "wrong", "")), NULL);
        json_object_set_new(row, "wrong", wrong ? wrong : json_null());
    }
    json_object_set_new(wrongs->taught, label, rows);
    return rows;
}

/* Adds what teachers wrote to the variant (NULL: nothing is done); ids: of those, by their names.
 */
static void teach_variant(struct wrongs *wrongs, struct variant *variant,
                          const struct exercise_seen *seen, json_t *ids) {
    json_t *row;
    size_t i;
    json_array_foreach(taught_of(wrongs, seen), i, row) {
        const json_t *wrong = json_object_get(row, "wrong");
        if (variant && variant_teach(variant, wrong, NULL))
            json_object_set(ids, json_text(wrong, "why", ""), json_object_get(row, "id"));
    }
}

static struct view misconception_now(struct wrongs *wrongs, const struct exercise_seen *seen,
                                     const struct wrong_row *row) {
    json_t *ids = json_object(), *answer = json_parse(row->answer, NULL);
    struct variant *variant = variant_make(seen->exercise, (uint64_t)row->seed, NULL);
    teach_variant(wrongs, variant, seen, ids);
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
        const struct exercise_seen *seen = see_exercise(wrongs, row->seen);
        next = row->next;
        struct wrong_group *group =
            group_of(wrongs, seen, misconception_now(wrongs, seen, row), row);
        count_row(group, row);
        link_row(group, &group->rows, row);
        group->late = true;
    }
    for (size_t i = 0; wrongs->unfitted && i < wrongs->n_group_slot; i++)
        if (wrongs->groups[i].late)
            count_learners(wrongs, &wrongs->groups[i]);
}

/* ------------------------------------------------------------------------------- what is shown */

/* What the tutor says to it, and under which number a teacher wrote that. */
static void describe_known(struct wrongs *wrongs, json_t *group, const char *why,
                           const struct exercise *exercise, struct variant *variant) {
    json_t *ids = json_object();
    teach_variant(wrongs, variant, see_exercise(wrongs, exercise->label), ids);
    if (json_object_get(ids, why))
        json_object_set(group, "taught", json_object_get(ids, why));
    json_decref(ids);
    struct buffer text = {0};
    for (size_t i = 0; variant && i < variant->n_wrong; i++)
        if (view_is(variant->wrong[i].why, why) && !text.n)
            markdown_html(variant->wrong[i].say, &text);
    if (text.n)
        json_object_set_new(group, "say_html", school_json(buffer_view(&text)));
    json_object_set_new(group, "misconception", json_string(why));
    buffer_free(&text);
}

/* The line with which its author would foresee it. */
static void describe_unforeseen(json_t *group, const struct exercise *exercise,
                                const struct variant *variant, const json_t *answer) {
    struct buffer text = {0};
    json_t *is = as_authored(variant, answer);
    put_line_to_write(exercise, is, &text);
    json_object_set_new(group, "write", school_json(buffer_view(&text)));
    if (!varies(exercise))
        json_object_set(group, "is", is);
    json_object_set_new(group, "varies", json_boolean(varies(exercise)));
    json_decref(is);
    buffer_free(&text);
}

/* By the newest of its answers. */
static void describe(struct wrongs *wrongs, json_t *group, const struct wrong_group *of,
                     const struct wrong_row *row, struct variant *variant, const json_t *answer) {
    const struct exercise *exercise = of->exercise;
    const struct lesson *lesson = exercise->lesson;
    json_object_set_new(group, "title", school_json(exercise->title));
    json_object_set_new(group, "exercise", school_json(exercise->label));
    json_object_set_new(group, "course", school_json(lesson->course->id));
    json_object_set_new(group, "lesson", school_json(lesson->id));
    json_object_set_new(group, "file", school_json(file_in_course(lesson)));
    json_object_set_new(group, "line", json_integer(exercise->line));
    json_object_set_new(group, "note", school_json(row->note));
    if (of->misconception.n)
        describe_known(wrongs, group, of->misconception.at, exercise, variant);
    else
        describe_unforeseen(group, exercise, variant, answer);
}

/* The same answer again, in an exercise whose numbers do not vary. */
static bool counted_before(const json_t *examples, const json_t *told, int64_t n) {
    size_t i;
    json_t *one;
    json_array_foreach(examples, i, one) {
        if (json_equal(json_object_get(one, "text"), json_object_get(told, "text"))) {
            json_object_set_new(one, "n", json_integer(whole(one, "n") + n));
            return true;
        }
    }
    return false;
}

/* An answer of the group, with its question where the numbers vary. */
static void add_example(json_t *group, const struct exercise *exercise,
                        const struct wrong_row *row, const struct variant *variant,
                        const json_t *answer) {
    json_t *examples = json_object_get(group, "answers");
    if (varies(exercise) && json_array_size(examples) >= EXAMPLES)
        return;
    json_t *told = json_pack("{s:I}", "n", (json_int_t)row->n);
    school_answer_tell(told, variant, answer);
    if ((!varies(exercise) && counted_before(examples, told, row->n)) ||
        json_array_size(examples) >= EXAMPLES) {
        json_decref(told);
        return;
    }
    if (varies(exercise) && variant) {
        struct buffer html = {0};
        markdown_html(variant->ask, &html);
        json_object_set_new(told, "ask_html", school_json(buffer_view(&html)));
        buffer_clear(&html);
        variant_names(exercise, variant->seed, &html);
        json_object_set_new(told, "names", school_json(buffer_view(&html)));
        buffer_free(&html);
    }
    json_array_append_new(examples, told);
}

/* The variant of this row: that of the row before where it does not depend on the seed. */
static struct variant *variant_of(const struct exercise *exercise, const struct wrong_row *row,
                                  struct variant *before) {
    if (before && !varies(exercise) && !before->n_shown)
        return before;
    variant_free(before);
    return variant_make(exercise, (uint64_t)row->seed, NULL);
}

static json_t *group_object(struct wrongs *wrongs, const struct wrong_group *group) {
    const struct wrong_row **rows =
        ARENA_NEW(wrongs->arena, group->n_row, const struct wrong_row *);
    struct variant *variant = NULL;
    size_t n = 0;
    for (const struct wrong_row *row = group->rows; row; row = row->next)
        rows[n++] = row;
    qsort(rows, n, sizeof *rows, by_time);
    json_t *object = json_pack("{s:I,s:I,s:[]}", "n", (json_int_t)group->n, "learners",
                               (json_int_t)group->n_learner, "answers");
    for (size_t i = 0; i < n && (i < EXAMPLES || !varies(group->exercise)); i++) {
        json_t *answer = json_parse(rows[i]->answer, NULL);
        if (answer)
            variant = variant_of(group->exercise, rows[i], variant);
        if (answer && !json_object_get(object, "title"))
            describe(wrongs, object, group, rows[i], variant, answer);
        if (answer)
            add_example(object, group->exercise, rows[i], variant, answer);
        json_decref(answer);
    }
    variant_free(variant);
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
