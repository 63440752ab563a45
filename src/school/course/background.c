/* What learners may say about themselves, in words that courses know. */
#include "school/course/course.h"

/* A course writes these behind :for:, and the record keeps them: a name stays once it is here, at
 * its place. */
const struct background_tag background_tags[] = {
    {"child", BACKGROUND_AGE},          {"teen", BACKGROUND_AGE},
    {"adult", BACKGROUND_AGE},          {"music", BACKGROUND_INTEREST},
    {"cooking", BACKGROUND_INTEREST},   {"sport", BACKGROUND_INTEREST},
    {"games", BACKGROUND_INTEREST},     {"nature", BACKGROUND_INTEREST},
    {"art", BACKGROUND_INTEREST},       {"stories", BACKGROUND_INTEREST},
    {"making", BACKGROUND_INTEREST},    {"programming", BACKGROUND_KNOWS},
    {"algebra", BACKGROUND_KNOWS},      {"calculus", BACKGROUND_KNOWS},
    {"statistics", BACKGROUND_KNOWS},
};
const size_t n_background_tag = COUNT_OF(background_tags);

background_set background_tag_of(struct view name) {
    for (size_t i = 0; i < n_background_tag; i++)
        if (view_is(name, background_tags[i].name))
            return (background_set)1 << i;
    return 0;
}

static background_set ages(void) {
    background_set all = 0;
    for (size_t i = 0; i < n_background_tag; i++)
        if (background_tags[i].group == BACKGROUND_AGE)
            all |= (background_set)1 << i;
    return all;
}

background_set background_with(background_set set, background_set other) {
    return (other & ages() ? set & ~ages() : set) | other;
}

json_t *background_names(background_set set) {
    json_t *names = json_array();
    for (size_t i = 0; i < n_background_tag; i++)
        if (set >> i & 1)
            json_array_append_new(names, json_string(background_tags[i].name));
    return names;
}

background_set background_of_names(const json_t *names) {
    background_set set = 0;
    size_t i;
    json_t *name;
    json_array_foreach(names, i, name) if (json_is_string(name)) set |=
        background_tag_of(view_of(json_string_value(name)));
    return set;
}
