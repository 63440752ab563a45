/* What a teacher sees of a class: who is stuck, what can be done without help, and what goes wrong
 * in the same way for many. */
#include "school/csv.h"
#include "school/school_inside.h"

#include <stdlib.h>
#include <string.h>

enum {
    NOW_MS = 30 * 60 * 1000,          /* who did something since is at work */
    STUCK_MS = 14 * 24 * 3600 * 1000, /* what is older is no longer told */
    ANSWERS_READ = 12,
    DAYS = 7,
    DAY_MS = 24 * 3600 * 1000,
};

struct view_of_class {
    struct school *school;
    const struct course *course;
    int64_t class;
    const char *language;
    int64_t now;
};

static int64_t whole(const json_t *object, const char *key) {
    return json_integer_value(json_object_get(object, key));
}

static struct view title_of(const struct view_of_class *seen, const json_t *title) {
    return course_text(title, seen->language);
}

/* ------------------------------------------------------------------------------------- answers */

/* As the learner's page showed it: the chosen words instead of their places. */
static void answer_text(const struct variant *variant, const json_t *answer, struct buffer *out) {
    if (json_is_string(answer))
        buffer_text(out, json_string_value(answer));
    else if (json_is_integer(answer) && variant->n_shown && json_integer_value(answer) >= 0 &&
             (size_t)json_integer_value(answer) < variant->n_shown)
        buffer_append(out, variant->shown[json_integer_value(answer)]);
    else if (json_is_number(answer))
        buffer_json(out, answer);
    size_t i;
    json_t *one;
    json_array_foreach(answer, i, one) {
        if (i)
            buffer_text(out, "; ");
        if (variant->n_left && i < variant->n_left) {
            buffer_append(out, variant->left[i]);
            buffer_text(out, " – ");
        }
        answer_text(variant, one, out);
    }
}

void school_answer_tell(json_t *object, const struct variant *variant, const json_t *answer) {
    struct buffer text = {0}, html = {0};
    if (variant)
        answer_text(variant, answer, &text);
    else
        buffer_json(&text, answer);
    json_t *told = school_json(buffer_view(&text));
    json_object_set_new(object, "text", told ? told : json_string(""));
    if (variant && variant->n_shown && text.n && !json_is_string(answer)) {
        markdown_html(buffer_view(&text), &html);
        json_object_set_new(object, "html", school_json(buffer_view(&html)));
    }
    buffer_free(&text);
    buffer_free(&html);
}

/* --------------------------------------------------------------------------------------- stuck */

/* The variant (NULL: there is none) knows what teachers wrote too. */
static void teach(struct school *school, struct variant *variant, const char *label) {
    json_t *rows = variant ? people_list(school->record, PEOPLE_TAUGHT, "s", label) : NULL, *row;
    size_t i;
    json_array_foreach(rows, i, row) {
        json_t *wrong = json_parse(view_of(json_text(row, "wrong", "")), NULL);
        if (wrong)
            variant_teach(variant, wrong, NULL);
        json_decref(wrong);
    }
    json_decref(rows);
}

/* What the attempt was taken to show; where that was nothing, what it shows to who has read what
 * was written since. */
static json_t *misconception_of(const struct variant *variant, const json_t *attempt) {
    const char *before = json_text(attempt, "misconception", "");
    json_t *given = variant && !*before
                        ? variant_answer(variant, json_object_get(attempt, "answer"), NULL)
                        : NULL;
    const struct misconception *found = given ? variant_misconception(variant, given) : NULL;
    json_t *why = found ? school_json(found->why) : json_string(before);
    json_decref(given);
    return why;
}

/* Since when: the first of the wrong answers in a row on this variant; and the two latest. */
static void add_answers(const struct view_of_class *seen, json_t *stuck,
                        const struct exercise *exercise) {
    int64_t seed = whole(stuck, "seed"), since = whole(stuck, "last"), n = whole(stuck, "wrong");
    struct variant *variant = variant_make(exercise, (uint64_t)seed, NULL);
    teach(seen->school, variant, json_text(stuck, "exercise", ""));
    json_t *rows = n ? people_list(seen->school->record, PEOPLE_ATTEMPTS_ON, "isi",
                                   whole(stuck, "learner"), json_text(stuck, "exercise", ""),
                                   n < ANSWERS_READ ? n : (int64_t)ANSWERS_READ)
                     : json_array(),
           *row, *answers = json_array();
    size_t i;
    json_array_foreach(rows, i, row) {
        json_t *data = json_parse(view_of(json_text(row, "data", "")), NULL);
        bool wrong = whole(data, "seed") == seed && json_number(data, "score", 0) < 1 - 1e-9;
        if (wrong)
            since = whole(row, "at");
        if (wrong && json_array_size(answers) < 2) {
            json_t *one = json_pack("{s:O,s:O,s:o}", "id", json_object_get(row, "id"), "at",
                                    json_object_get(row, "at"), "misconception",
                                    misconception_of(variant, data));
            school_answer_tell(one, variant, json_object_get(data, "answer"));
            json_array_append_new(answers, one);
        }
        json_decref(data);
        if (!wrong)
            break;
    }
    json_decref(rows);
    variant_free(variant);
    json_object_set_new(stuck, "answers", answers);
    json_object_set_new(stuck, "since", json_integer(since));
}

static json_t *stuck_of(const json_t *list, int64_t learner) {
    size_t i;
    json_t *one;
    json_array_foreach(list, i, one) {
        if (whole(one, "learner") == learner)
            return one;
    }
    return NULL;
}

static json_t *stuck_list(const struct view_of_class *seen) {
    json_t *rows = people_list(seen->school->record, PEOPLE_STUCK, "ii", seen->class,
                               seen->now - (int64_t)STUCK_MS),
           *one, *list = json_array();
    size_t i;
    json_array_foreach(rows, i, one) {
        const struct exercise *exercise =
            school_exercise(seen->school, json_text(one, "exercise", ""), seen->language, NULL);
        json_t *before = exercise ? stuck_of(list, whole(one, "learner")) : NULL;
        if (before) /* a learner is told once, with what they were at last */
            json_object_set_new(before, "more", json_integer(whole(before, "more") + 1));
        if (!exercise || before)
            continue;
        json_object_set_new(one, "title", school_json(exercise->title));
        json_object_set_new(one, "skill", school_json(title_of(seen, exercise->skill->title)));
        json_object_set_new(one, "course", school_json(exercise->lesson->course->id));
        json_object_set_new(one, "lesson", school_json(exercise->lesson->id));
        json_object_set_new(one, "now", json_boolean(seen->now - whole(one, "last") < NOW_MS));
        add_answers(seen, one, exercise);
        json_array_append(list, one);
    }
    json_decref(rows);
    return list;
}

/* ------------------------------------------------------------------------------- learners ×
 * skills
 */

/* Names or numbers and where they stand in a list, sorted so that they are found. */
struct place {
    struct view name; /* of a skill */
    int64_t id;       /* of a learner */
    size_t at;
};

static int by_name(const void *a, const void *b) {
    struct view x = ((const struct place *)a)->name, y = ((const struct place *)b)->name;
    size_t n = x.n < y.n ? x.n : y.n;
    int order = n ? memcmp(x.at, y.at, n) : 0;
    return order ? order : (x.n > y.n) - (x.n < y.n);
}

static int by_id(const void *a, const void *b) {
    int64_t x = ((const struct place *)a)->id, y = ((const struct place *)b)->id;
    return (x > y) - (x < y);
}

static const struct place *places_of_skills(const struct course *course, struct arena *arena) {
    struct place *places = ARENA_NEW(arena, course->n_skill + 1, struct place);
    for (size_t i = 0; i < course->n_skill; i++)
        places[i] = (struct place){.name = course->skills[i].id, .at = i};
    qsort(places, course->n_skill, sizeof *places, by_name);
    return places;
}

static const struct place *places_of_learners(const json_t *learners, struct arena *arena) {
    size_t n = json_array_size(learners), i;
    struct place *places = ARENA_NEW(arena, n + 1, struct place);
    const json_t *one;
    json_array_foreach(learners, i, one) places[i] =
        (struct place){.id = whole(one, "id"), .at = i};
    qsort(places, n, sizeof *places, by_id);
    return places;
}

/* SIZE_MAX: it is not there. */
static size_t place_of(const struct place *places, size_t n, const struct place *wanted,
                       int (*order)(const void *, const void *)) {
    const struct place *found = n ? bsearch(wanted, places, n, sizeof *places, order) : NULL;
    return found ? found->at : SIZE_MAX;
}

static json_t *learners_of(const struct view_of_class *seen) {
    json_t *members = people_list(seen->school->record, PEOPLE_MEMBERS, "i", seen->class), *one;
    json_t *learners = json_array();
    size_t i;
    json_array_foreach(members, i, one) {
        if (strcmp(json_text(one, "role", ""), "learner") != 0)
            continue;
        json_t *minutes = json_array();
        for (int day = 0; day < DAYS; day++)
            json_array_append_new(minutes, json_integer(0));
        json_object_set_new(one, "cells", json_null());
        json_object_set_new(one, "minutes", minutes);
        json_array_append(learners, one);
    }
    json_decref(members);
    return learners;
}

/* What rows of skills are put into. */
struct cells {
    const struct place *learners, *skills;
    size_t n_learner, n_skill;
    struct class_cell *at;
};

static void take_skill(void *context, const struct people_skill *row) {
    struct cells *cells = context;
    size_t learner =
        place_of(cells->learners, cells->n_learner, &(struct place){.id = row->learner}, by_id);
    size_t skill =
        place_of(cells->skills, cells->n_skill, &(struct place){.name = row->skill}, by_name);
    if (learner == SIZE_MAX || skill == SIZE_MAX)
        return;
    cells->at[learner * cells->n_skill + skill] =
        (struct class_cell){.begun = true,
                            .judged = row->unaided > 0,
                            .mastery = row->mastery,
                            .attempts = row->attempts,
                            .unaided = row->unaided,
                            .right = row->right,
                            .reached_ms = row->reached_ms};
}

static const struct class_cell *cells_of(const struct view_of_class *seen, const json_t *learners,
                                         struct arena *arena) {
    struct cells cells = {.learners = places_of_learners(learners, arena),
                          .skills = places_of_skills(seen->course, arena),
                          .n_learner = json_array_size(learners),
                          .n_skill = seen->course->n_skill};
    cells.at = ARENA_NEW(arena, cells.n_learner * cells.n_skill + 1, struct class_cell);
    people_skills(seen->school->record, seen->class, arena_string(arena, seen->course->id),
                  take_skill, &cells);
    return cells.at;
}

static void add_minutes(const struct view_of_class *seen, json_t *learners, struct arena *arena) {
    int64_t today = seen->now / DAY_MS, first = today - DAYS + 1;
    const struct place *places = places_of_learners(learners, arena);
    json_t *rows = people_list(seen->school->record, PEOPLE_PRESENCE, "ii", seen->class, first),
           *row;
    size_t i, n = json_array_size(learners);
    json_array_foreach(rows, i, row) {
        size_t at = place_of(places, n, &(struct place){.id = whole(row, "learner")}, by_id);
        int64_t day = whole(row, "day") - first;
        if (at != SIZE_MAX && day >= 0 && day < DAYS)
            json_array_set_new(json_object_get(json_array_get(learners, at), "minutes"),
                               (size_t)day, json_integer((whole(row, "ms") + 30000) / 60000));
    }
    json_decref(rows);
}

static json_t *skills_of(const struct view_of_class *seen) {
    json_t *list = json_array();
    for (size_t i = 0; seen->course && i < seen->course->n_skill; i++) {
        const struct skill *skill = &seen->course->skills[i];
        json_array_append_new(list, json_pack("{s:o,s:o}", "id", school_json(skill->id), "title",
                                              school_json(title_of(seen, skill->title))));
    }
    return list;
}

/* A row a skill, in the order of the course. */
static json_t *effort_of(const struct view_of_class *seen, struct arena *arena) {
    size_t n = seen->course->n_skill, i;
    const struct place *places = places_of_skills(seen->course, arena);
    json_t **by_skill = ARENA_NEW(arena, n + 1, json_t *), *list = json_array(), *row;
    json_t *rows = people_list(seen->school->record, PEOPLE_EFFORT, "is", seen->class,
                               arena_string(arena, seen->course->id));
    json_array_foreach(rows, i, row) {
        size_t at = place_of(
            places, n, &(struct place){.name = view_of(json_text(row, "skill", ""))}, by_name);
        if (at != SIZE_MAX)
            by_skill[at] = row;
    }
    for (i = 0; i < n; i++) {
        if (!by_skill[i])
            continue;
        json_object_set_new(by_skill[i], "title",
                            school_json(title_of(seen, seen->course->skills[i].title)));
        json_array_append(list, by_skill[i]);
    }
    json_decref(rows);
    return list;
}

/* ------------------------------------------------------------------------------------ the whole
 */

static json_t *course_name(const struct view_of_class *seen, const struct course *course) {
    return json_pack("{s:o,s:o}", "id", school_json(course->id), "title",
                     school_json(title_of(seen, json_object_get(course->about, "title"))));
}

/* The course that was asked for, else the first that somebody in the class has begun. */
static const struct course *choose_course(struct school *school, int64_t class,
                                          const char *wanted) {
    if (wanted && *wanted)
        return school_course(school, wanted);
    json_t *rows = people_list(school->record, PEOPLE_COURSES, "i", class), *row;
    const struct course *found = NULL;
    size_t i;
    json_array_foreach(rows, i, row) {
        if (!found)
            found = school_course(school, json_text(row, "course", ""));
    }
    json_decref(rows);
    return found ? found : school->n_course ? school->courses[0] : NULL;
}

static bool begin_view(struct school *school, int64_t class, const char *course,
                       const char *language, struct view_of_class *seen, struct fault *fault) {
    *seen = (struct view_of_class){.school = school,
                                   .course = choose_course(school, class, course),
                                   .class = class,
                                   .language = language,
                                   .now = clock_unix_ms()};
    return seen->course ||
           fault_set(fault, FAULT_MISSING, "There is no course %.80s.", course ? course : "");
}

bool school_class_table(struct school *school, int64_t class, const char *course,
                        const char *language, struct arena *arena, struct class_table *table,
                        struct fault *fault) {
    struct view_of_class seen;
    json_t *about = school_class(school, class, fault);
    *table = (struct class_table){0};
    if (!about || !begin_view(school, class, course, language, &seen, fault)) {
        json_decref(about);
        return false;
    }
    json_t *learners = learners_of(&seen), *courses = json_array();
    for (size_t i = 0; i < school->n_course; i++)
        json_array_append_new(courses, course_name(&seen, school->courses[i]));
    table->n_learner = json_array_size(learners);
    table->n_skill = seen.course->n_skill;
    table->cells = cells_of(&seen, learners, arena);
    add_minutes(&seen, learners, arena);
    table->view = json_pack("{s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:I}", "class", about, "course",
                            course_name(&seen, seen.course), "courses", courses, "skills",
                            skills_of(&seen), "learners", learners, "stuck", stuck_list(&seen),
                            "effort", effort_of(&seen, arena), "wrong",
                            school_wrong_list(school, class, seen.course, language), "now",
                            (json_int_t)seen.now);
    return true;
}

/* ----------------------------------------------------------------------------------- as objects
 */

static json_t *cell_object(const struct class_cell *cell, const json_t *learner,
                           const json_t *skill) {
    return cell->begun
               ? json_pack("{s:O,s:O,s:o,s:I,s:I,s:I,s:I}", "learner",
                           json_object_get(learner, "id"), "skill", json_object_get(skill, "id"),
                           "mastery", cell->judged ? json_real(cell->mastery) : json_null(),
                           "attempts", (json_int_t)cell->attempts, "unaided",
                           (json_int_t)cell->unaided, "right", (json_int_t)cell->right, "reached",
                           (json_int_t)cell->reached_ms)
               : json_null();
}

json_t *school_class_view(struct school *school, int64_t class, const char *course,
                          const char *language, struct fault *fault) {
    struct arena *arena = arena_new();
    struct class_table table;
    json_t *learner, *skill;
    size_t i, j;
    school_class_table(school, class, course, language, arena, &table, fault);
    const json_t *skills = json_object_get(table.view, "skills");
    json_array_foreach(json_object_get(table.view, "learners"), i, learner) {
        json_t *cells = json_array();
        json_array_foreach(skills, j, skill) json_array_append_new(
            cells, cell_object(&table.cells[i * table.n_skill + j], learner, skill));
        json_object_set_new(learner, "cells", cells);
    }
    arena_free(arena);
    return table.view;
}

/* ----------------------------------------------------------------------------------------- CSV */

static void csv_row(const json_t *learner, const struct class_cell *cells, size_t n_skill,
                    struct buffer *out) {
    buffer_format(out, "%lld,", (long long)whole(learner, "id"));
    csv_put(out, view_of(json_text(learner, "name", "")), !n_skill);
    for (size_t i = 0; i < n_skill; i++) {
        if (cells[i].begun && cells[i].judged)
            buffer_format(out, "%.3f", cells[i].mastery);
        buffer_text(out, i + 1 == n_skill ? "\r\n" : ",");
    }
}

void school_class_csv(struct school *school, int64_t class, const char *course,
                      const char *language, struct buffer *out) {
    struct arena *arena = arena_new();
    struct view_of_class seen;
    bool known = begin_view(school, class, course, language, &seen, NULL);
    json_t *learners = known ? learners_of(&seen) : NULL, *one;
    const struct class_cell *cells = known ? cells_of(&seen, learners, arena) : NULL;
    size_t i, n_skill = known ? seen.course->n_skill : 0;
    buffer_text(out, "\xEF\xBB\xBFid,"); /* without the mark Excel does not read it as UTF-8 */
    csv_put(out, VIEW("name"), !n_skill);
    for (i = 0; i < n_skill; i++)
        csv_put(out, seen.course->skills[i].id, i + 1 == n_skill);
    json_array_foreach(learners, i, one) csv_row(one, cells + i * n_skill, n_skill, out);
    json_decref(learners);
    arena_free(arena);
}
