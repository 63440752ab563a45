/* course.yaml: what the course is called, its languages, its skills. */
#include "school/course/inside.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const about_keys[] = {"title",     "summary", "authors", "licence",
                                         "languages", "skills",  "mastery", "target_success",
                                         "sources",   NULL};
static const char *const skill_keys[] = {"id", "title", "prerequisites", NULL};

struct view course_text(const json_t *title, const char *language) {
    const json_t *text = json_object_get(title, language);
    if (json_is_string(title))
        text = title;
    for (void *at = json_object_iter((json_t *)(uintptr_t)title); at && !json_is_string(text);
         at = json_object_iter_next((json_t *)(uintptr_t)title, at))
        text = json_object_iter_value(at);
    return (struct view){json_string_value(text), json_string_length(text)};
}

static void check_title(const struct report *to, long line, const json_t *title,
                        const char *language, const char *what) {
    bool good = json_is_string(title) ? json_string_length(title) > 0
                                      : json_is_string(json_object_get(title, language));
    if (!good)
        report(to, line, "Write title: {en: …}, with the course's first language at least.",
               "%s has no title in %s", what, language);
}

static double share(const struct report *to, const struct yaml *yaml, const char *key,
                    double otherwise) {
    const json_t *value = json_object_get(yaml->value, key);
    double number = json_is_number(value) ? json_number_value(value) : otherwise;
    if (value && (!json_is_number(value) || number <= 0 || number >= 1)) {
        report(to, yaml_line_key(yaml, yaml->value, key), "Write a number such as 0.9.",
               "%s must lie between 0 and 1", key);
        return otherwise;
    }
    return number;
}

static bool language_good(const char *tag) {
    size_t n = strlen(tag);
    for (size_t i = 0; i < n; i++)
        if (!isalnum((unsigned char)tag[i]) && tag[i] != '-')
            return false;
    return n >= 2 && n <= 20;
}

static void read_languages(struct whole *whole, const struct yaml *yaml, const struct report *to) {
    struct course *course = &whole->course;
    const json_t *list = json_object_get(yaml->value, "languages"), *one;
    size_t i;
    course->languages = ARENA_NEW(course->arena, MAX_LANGUAGES + 1, struct view);
    json_array_foreach(list, i, one) {
        const char *tag = json_string_value(one);
        if (!tag || !language_good(tag) || course->n_language == MAX_LANGUAGES)
            report(to, yaml_line_item(yaml, list, i), "Write a tag such as en or zh.",
                   "this is no language");
        else
            course->languages[course->n_language++] = arena_copy(course->arena, view_of(tag));
    }
    if (!course->n_language) {
        report(to, yaml_line_key(yaml, yaml->value, "languages"), "Write languages: [en].",
               "the course says no language");
        course->languages[course->n_language++] = VIEW("en");
    }
}

/* ---------------------------------------------------------------------------------------- skills
 */

const struct skill *course_skill(const struct course *course, struct view id) {
    for (size_t i = 0; i < course->n_skill; i++)
        if (view_equal(course->skills[i].id, id))
            return &course->skills[i];
    return NULL;
}

static bool id_good(const char *id) {
    for (const char *at = id; at && *at; at++)
        if (!isalnum((unsigned char)*at) && !strchr("-_.", *at))
            return false;
    return id && *id && strlen(id) <= 80;
}

static void read_skill(struct whole *whole, const struct yaml *yaml, const struct report *to,
                       const json_t *one, long line) {
    struct course *course = &whole->course;
    const char *id = json_text(one, "id", NULL), *unknown;
    if (!json_is_object(one) || !id_good(id)) {
        report(to, line, "Write {id: name, title: {en: …}, prerequisites: []}.",
               "this skill has no id of letters, digits, - _ and .");
        return;
    }
    if (course_skill(course, view_of(id))) {
        report(to, line, "Give it another id.", "there are two skills %s", id);
        return;
    }
    if ((unknown = json_unknown_key(one, skill_keys)))
        report_unknown_key(to, yaml_line_key(yaml, one, unknown), "a skill", unknown, skill_keys);
    char what[120];
    snprintf(what, sizeof what, "the skill %s", id);
    check_title(to, line, json_object_get(one, "title"), course->languages[0].at, what);
    struct skill *skill = &course->skills[course->n_skill++];
    skill->id = arena_copy(course->arena, view_of(id));
    skill->title = json_object_get(one, "title");
}

static void read_prerequisites(struct whole *whole, const struct yaml *yaml,
                               const struct report *to, const json_t *one) {
    struct course *course = &whole->course;
    struct skill *skill =
        (struct skill *)(uintptr_t)course_skill(course, view_of(json_text(one, "id", "")));
    const json_t *list = json_object_get(one, "prerequisites"), *name;
    const char **known = must_alloc(course->n_skill + 1, sizeof *known);
    char remedy[200];
    size_t i;
    for (i = 0; i < course->n_skill; i++)
        known[i] = course->skills[i].id.at;
    if (skill && !skill->prerequisites)
        skill->prerequisites =
            ARENA_NEW(course->arena, json_array_size(list) + 1, const struct skill *);
    json_array_foreach(list, i, name) {
        const char *id = json_is_string(name) ? json_string_value(name) : "";
        const struct skill *before = course_skill(course, view_of(id));
        if (skill && before)
            skill->prerequisites[skill->n_prerequisite++] = before;
        else if (skill)
            report(to, yaml_line_item(yaml, list, i),
                   nearest_remedy(id, known, "Add it to the skills.", remedy, sizeof remedy),
                   "the skill %.*s builds on %.60s, which does not exist", VIEW_ARG(skill->id),
                   id);
    }
    if (list && !json_is_array(list))
        report(to, yaml_line_key(yaml, one, "prerequisites"), "Write [id, id].",
               "prerequisites must be a list");
    free(known);
}

struct walk {
    struct course *course;
    const struct report *report;
    const struct yaml *yaml;
    char *state; /* of each skill: 0 new, 1 on the path, 2 done */
    int depth;
};

/* Takes out each edge that closes a circle, so that nobody walks round for ever. */
static void walk_skill(struct walk *walk, struct skill *skill) {
    size_t self = (size_t)(skill - walk->course->skills);
    walk->state[self] = 1;
    walk->depth++;
    for (size_t i = 0; i < skill->n_prerequisite;) {
        struct skill *before = (struct skill *)(uintptr_t)skill->prerequisites[i];
        size_t index = (size_t)(before - walk->course->skills);
        if (walk->state[index] == 1 || walk->depth > 500) {
            const json_t *list = json_object_get(walk->yaml->value, "skills"), *one;
            long line = yaml_line_key(walk->yaml, walk->yaml->value, "skills");
            size_t j;
            json_array_foreach(list, j, one) if (view_is(skill->id, json_text(one, "id", "")))
                line = yaml_line_item(walk->yaml, list, j);
            report(walk->report, line, "Take one of the prerequisites on the circle out.",
                   "the skill %.*s builds on %.*s, which builds on it", VIEW_ARG(skill->id),
                   VIEW_ARG(before->id));
            skill->prerequisites[i] = skill->prerequisites[--skill->n_prerequisite];
            continue;
        }
        if (walk->state[index] == 0)
            walk_skill(walk, before);
        i++;
    }
    walk->depth--;
    walk->state[self] = 2;
}

static void read_skills(struct whole *whole, const struct yaml *yaml, const struct report *to) {
    struct course *course = &whole->course;
    const json_t *list = json_object_get(yaml->value, "skills"), *one;
    size_t n = json_array_size(list), i;
    if (!n || n > MAX_SKILLS) {
        report(to, yaml_line_key(yaml, yaml->value, "skills"),
               "Write skills: and a list of {id, title, prerequisites}.",
               n ? "the course has over 2000 skills" : "the course has no skills");
        return;
    }
    course->skills = ARENA_NEW(course->arena, n, struct skill);
    json_array_foreach(list, i, one)
        read_skill(whole, yaml, to, one, yaml_line_item(yaml, list, i));
    json_array_foreach(list, i, one) read_prerequisites(whole, yaml, to, one);
    struct walk walk = {course, to, yaml, must_alloc(course->n_skill + 1, 1), 0};
    for (i = 0; i < course->n_skill; i++)
        if (!walk.state[i])
            walk_skill(&walk, &course->skills[i]);
    free(walk.state);
}

bool about_read(struct whole *whole, const struct report *to, struct yaml *yaml,
                struct fault *fault) {
    struct course *course = &whole->course;
    struct buffer text = {0};
    const char *unknown;
    bool good = file_read(to->file, MAX_COURSE_FILE, &text, fault) &&
                yaml_read(course->arena, buffer_view(&text), 1, yaml, fault);
    if (good && !json_is_object(yaml->value)) {
        json_decref(yaml->value);
        good = fault_set(fault, FAULT_INPUT, "the file is no mapping of keys to values");
    }
    buffer_free(&text);
    if (!good) {
        fault_remedy(fault, "A course is a folder with course.yaml; see docs/course-format.md.");
        return fault_place(fault, to->file, 0, -1);
    }
    json_array_append_new(whole->owned, yaml->value);
    course->about = yaml->value;
    if ((unknown = json_unknown_key(yaml->value, about_keys)))
        report_unknown_key(to, yaml_line_key(yaml, yaml->value, unknown), "the course", unknown,
                           about_keys);
    read_languages(whole, yaml, to);
    check_title(to, yaml_line_key(yaml, yaml->value, "title"),
                json_object_get(yaml->value, "title"), course->languages[0].at, "the course");
    read_skills(whole, yaml, to);
    course->mastery_threshold = share(to, yaml, "mastery", 0.95);
    course->target_success = share(to, yaml, "target_success", 0.85);
    return true;
}
