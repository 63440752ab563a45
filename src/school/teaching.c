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

void school_answer_tell(json_t *object, const struct exercise *exercise, uint64_t seed,
                        const json_t *answer) {
    struct buffer text = {0}, html = {0};
    struct variant *variant = exercise ? variant_make(exercise, seed, NULL) : NULL;
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
    variant_free(variant);
    buffer_free(&text);
    buffer_free(&html);
}

/* --------------------------------------------------------------------------------------- stuck */

/* Since when: the first of the wrong answers in a row on this variant; and the two latest. */
static void add_answers(const struct view_of_class *seen, json_t *stuck,
                        const struct exercise *exercise) {
    int64_t seed = whole(stuck, "seed"), since = whole(stuck, "last"), n = whole(stuck, "wrong");
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
            json_t *one = json_pack("{s:O,s:O,s:O?}", "id", json_object_get(row, "id"), "at",
                                    json_object_get(row, "at"), "misconception",
                                    json_object_get(data, "misconception"));
            school_answer_tell(one, exercise, (uint64_t)seed, json_object_get(data, "answer"));
            json_array_append_new(answers, one);
        }
        json_decref(data);
        if (!wrong)
            break;
    }
    json_decref(rows);
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

static size_t skill_place(const struct course *course, const char *id) {
    size_t i = 0;
    while (i < course->n_skill && !view_is(course->skills[i].id, id))
        i++;
    return i;
}

/* Rows of one learner mostly come together: the search begins where the last one ended. */
static json_t *learner_of(json_t *learners, int64_t id, size_t *last) {
    size_t n = json_array_size(learners);
    for (size_t i = 0; i < n; i++, *last = (*last + 1) % n) {
        json_t *one = json_array_get(learners, *last);
        if (whole(one, "id") == id)
            return one;
    }
    return NULL;
}

static json_t *nulls(size_t n) {
    json_t *list = json_array();
    while (n--)
        json_array_append_new(list, json_null());
    return list;
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
        json_object_set_new(one, "cells", nulls(seen->course ? seen->course->n_skill : 0));
        json_object_set_new(one, "minutes", minutes);
        json_array_append(learners, one);
    }
    json_decref(members);
    return learners;
}

static void add_cells(const struct view_of_class *seen, json_t *learners) {
    char *course = must_copy(seen->course->id);
    json_t *rows = people_list(seen->school->record, PEOPLE_SKILLS, "is", seen->class, course),
           *row;
    size_t i, last = 0;
    json_array_foreach(rows, i, row) {
        size_t place = skill_place(seen->course, json_text(row, "skill", ""));
        json_t *learner = learner_of(learners, whole(row, "learner"), &last);
        if (!learner || place == seen->course->n_skill)
            continue;
        if (!whole(row, "unaided")) /* nothing to judge by yet, as on the learner's own page */
            json_object_set_new(row, "mastery", json_null());
        json_array_set(json_object_get(learner, "cells"), place, row);
    }
    json_decref(rows);
    free(course);
}

static void add_minutes(const struct view_of_class *seen, json_t *learners) {
    int64_t today = seen->now / DAY_MS, first = today - DAYS + 1;
    json_t *rows = people_list(seen->school->record, PEOPLE_PRESENCE, "ii", seen->class, first),
           *row;
    size_t i, last = 0;
    json_array_foreach(rows, i, row) {
        json_t *learner = learner_of(learners, whole(row, "learner"), &last);
        int64_t day = whole(row, "day") - first;
        if (learner && day >= 0 && day < DAYS)
            json_array_set_new(json_object_get(learner, "minutes"), (size_t)day,
                               json_integer((whole(row, "ms") + 30000) / 60000));
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

static json_t *effort_of(const struct view_of_class *seen) {
    char *course = must_copy(seen->course->id);
    json_t *rows = people_list(seen->school->record, PEOPLE_EFFORT, "is", seen->class, course);
    json_t *list = json_array(), *row;
    for (size_t place = 0; place < seen->course->n_skill; place++) {
        size_t i;
        json_array_foreach(rows, i, row) {
            if (skill_place(seen->course, json_text(row, "skill", "")) == place) {
                json_object_set_new(
                    row, "title", school_json(title_of(seen, seen->course->skills[place].title)));
                json_array_append(list, row);
            }
        }
    }
    json_decref(rows);
    free(course);
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

json_t *school_class_view(struct school *school, int64_t class, const char *course,
                          const char *language, struct fault *fault) {
    json_t *about = school_class(school, class, fault);
    if (!about)
        return NULL;
    struct view_of_class seen = {.school = school,
                                 .course = choose_course(school, class, course),
                                 .class = class,
                                 .language = language,
                                 .now = clock_unix_ms()};
    if (!seen.course) {
        fault_set(fault, FAULT_MISSING, "There is no course %.80s.", course ? course : "");
        json_decref(about);
        return NULL;
    }
    json_t *learners = learners_of(&seen), *courses = json_array();
    for (size_t i = 0; i < school->n_course; i++)
        json_array_append_new(courses, course_name(&seen, school->courses[i]));
    add_cells(&seen, learners);
    add_minutes(&seen, learners);
    return json_pack(
        "{s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:I}", "class", about, "course",
        course_name(&seen, seen.course), "courses", courses, "skills", skills_of(&seen),
        "learners", learners, "stuck", stuck_list(&seen), "effort", effort_of(&seen), "wrong",
        school_wrong_list(school, class, seen.course, language), "now", (json_int_t)seen.now);
}

/* ----------------------------------------------------------------------------------------- CSV */

void school_class_csv(struct school *school, int64_t class, const char *course,
                      const char *language, struct buffer *out) {
    json_t *view = school_class_view(school, class, course, language, NULL), *one, *state;
    const json_t *skills = json_object_get(view, "skills");
    size_t i, j, n_skill = json_array_size(skills);
    buffer_text(out, "id,");
    csv_put_safe(out, VIEW("name"), !n_skill);
    json_array_foreach(skills, i, one)
        csv_put_safe(out, view_of(json_text(one, "id", "")), i + 1 == n_skill);
    json_array_foreach(json_object_get(view, "learners"), i, one) {
        buffer_format(out, "%lld,", (long long)whole(one, "id"));
        csv_put_safe(out, view_of(json_text(one, "name", "")), !n_skill);
        json_array_foreach(json_object_get(one, "cells"), j, state) {
            const json_t *mastery = json_object_get(state, "mastery");
            if (json_is_number(mastery))
                buffer_format(out, "%.3f", json_number_value(mastery));
            buffer_text(out, j + 1 == n_skill ? "\r\n" : ",");
        }
    }
    json_decref(view);
}
