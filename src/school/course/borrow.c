/* A translated exercise takes from its source all but its words, so that no translation can change
 * what is right, how it is graded, or which numbers are drawn. */
#include "school/course/inside.h"

#include <string.h>

/* ------------------------------------------------------------------------------- what differs */

/* Whether two lists of a varied name draw alike: as many, and the same numbers. */
static bool draws_alike(const json_t *a, const json_t *b) {
    size_t i;
    const json_t *one;
    if (!json_is_array(a) || !json_is_array(b))
        return json_equal(a, b);
    json_array_foreach(a, i, one) if (json_is_number(one) &&
                                      !json_equal(one, json_array_get(b, i))) return false;
    return json_array_size(a) == json_array_size(b);
}

/* What is left out here is the source's. */
static bool differs(const json_t *source, const json_t *here, const char *key) {
    const json_t *said = json_object_get(here, key);
    return said && !json_equal(json_object_get(source, key), said);
}

static bool parts_alike(const json_t *a, const json_t *b) {
    static const char *const same[] = {"name", "check", "key", "weight", "carry"};
    for (size_t i = 0; i < json_array_size(a); i++)
        for (size_t k = 0; k < COUNT_OF(same); k++) {
            const json_t *x = json_array_get(a, i), *y = json_array_get(b, i);
            bool words = k == 2 && !strcmp(json_text(x, "check", ""), "text");
            if (!words && differs(x, y, same[k]))
                return false;
        }
    return json_array_size(a) == json_array_size(b);
}

static bool varies_alike(const json_t *source, const json_t *here) {
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)here, name, value) {
        const json_t *there = json_object_get(source, name);
        if (!there || !draws_alike(there, value))
            return false;
    }
    return true;
}

/* What the translation says otherwise than its source, words aside; NULL: nothing. */
static const char *difference(const struct exercise *a, const struct exercise *b) {
    const json_t *x = a->definition, *y = b->definition;
    static const char *const lists[] = {"rubric", "tests", "wrong"};
    if (differs(x, y, "check"))
        return "check";
    if (!view_is(a->check, "text") && differs(x, y, "key"))
        return "key";
    if (json_object_get(y, "parts") &&
        !parts_alike(json_object_get(x, "parts"), json_object_get(y, "parts")))
        return "parts";
    for (size_t i = 0; i < COUNT_OF(lists); i++)
        if (json_object_get(y, lists[i]) && json_array_size(json_object_get(x, lists[i])) !=
                                                json_array_size(json_object_get(y, lists[i])))
            return lists[i];
    if (!varies_alike(json_object_get(x, "vary"), json_object_get(y, "vary")))
        return "vary";
    return a->skill != b->skill ? "skill" : a->n_hint != b->n_hint ? "hints" : NULL;
}

static void complain(const struct exercise *original, const struct exercise *here,
                     const struct report *to) {
    const char *what = difference(original, here);
    if (what)
        report(to,
               !strcmp(what, "skill") || !strcmp(what, "hints")
                   ? here->line
                   : yaml_line_key(&here->source->yaml, here->definition, what),
               "A translation has other words and the same answers.", "%s is not that of %.*s:%ld",
               what, VIEW_ARG(original->lesson->file), original->line);
}

/* ------------------------------------------------------------------------------------ borrowing
 */

static bool is_word_key(const char *key) {
    static const char *const words[] = {"ask",   "say",   "says",    "model",  "choices",
                                        "items", "pairs", "starter", "pattern"};
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (!strcmp(key, words[i]))
            return true;
    return false;
}

static bool same_shape(const json_t *a, const json_t *b) {
    return json_typeof(a) == json_typeof(b) && json_array_size(a) == json_array_size(b);
}

/* Which of the list here is of the source's at this place: by its `why` or `name`, and of several
 * that share one the same of them; else by its place. */
static json_t *twin_of(const json_t *here, const json_t *source, size_t place) {
    static const char *const names[] = {"why", "name"};
    size_t i;
    json_t *one;
    for (size_t k = 0; k < COUNT_OF(names); k++) {
        const char *name = json_text(json_array_get(source, place), names[k], NULL);
        size_t before = 0;
        for (i = 0; name && i < place; i++)
            before += !strcmp(json_text(json_array_get(source, i), names[k], ""), name);
        json_array_foreach(here, i, one) if (name && !strcmp(json_text(one, names[k], ""), name) &&
                                             !before--) return one;
    }
    one = json_array_get(here, place);
    return json_object_get(one, "why") || json_object_get(one, "name") ? NULL : one;
}

static json_t *borrow(json_t *here, const json_t *source);

/* In place, so that mistakes keep their lines. What only the translation has is dropped. */
static void borrow_object(json_t *here, const json_t *source) {
    const char *key;
    json_t *value;
    void *next;
    for (void *at = json_object_iter(here); at; at = next) {
        next = json_object_iter_next(here, at);
        if (!json_object_get(source, json_object_iter_key(at)))
            json_object_del(here, json_object_iter_key(at));
    }
    json_object_foreach((json_t *)(uintptr_t)source, key, value) {
        json_t *mine = json_object_get(here, key);
        if (!mine || !is_word_key(key) || !same_shape(mine, value))
            json_object_set_new(here, key, borrow(mine, value));
    }
}

static json_t *borrow_list(json_t *here, const json_t *source) {
    bool in_place = json_array_size(here) == json_array_size(source);
    json_t *out = in_place ? json_incref(here) : json_array(), *one;
    json_t *said = json_copy(here); /* in its own order while `out` is filled */
    size_t i;
    json_array_foreach(source, i, one) {
        json_t *joined = borrow(twin_of(said, source, i), one);
        if (in_place)
            json_array_set_new(out, i, joined);
        else
            json_array_append_new(out, joined);
    }
    json_decref(said);
    return out;
}

/* New reference. */
static json_t *borrow(json_t *here, const json_t *source) {
    if (json_is_object(here) && json_is_object(source)) {
        borrow_object(here, source);
        return json_incref(here);
    }
    return json_is_array(source) && json_is_array(here) ? borrow_list(here, source)
                                                        : json_deep_copy(source);
}

/* The varied words are the translation's, where it has as many. */
static json_t *borrow_vary(const json_t *here, const json_t *source) {
    json_t *out = json_deep_copy(source), *list, *one;
    const char *name;
    size_t i;
    json_object_foreach(out, name, list) {
        const json_t *mine = json_object_get(here, name);
        if (json_is_array(list) && json_array_size(list) == json_array_size(mine))
            json_array_foreach(list, i, one) if (json_is_string(one) &&
                                                 json_is_string(json_array_get(mine, i)))
                json_array_set(list, i, json_array_get(mine, i));
    }
    return out;
}

/* A text may be answered in the words of either. */
static json_t *both(const json_t *here, const json_t *source) {
    json_t *out = json_array();
    const json_t *const of[] = {here, source};
    for (size_t k = 0; k < 2; k++) {
        for (size_t i = 0; i < (json_is_array(of[k]) ? json_array_size(of[k])
                                : of[k]              ? 1
                                                     : 0);
             i++) {
            const json_t *one = json_is_array(of[k]) ? json_array_get(of[k], i) : of[k];
            bool known = false;
            for (size_t j = 0; j < json_array_size(out); j++)
                known |= json_equal(json_array_get(out, j), one);
            if (!known)
                json_array_append(out, (json_t *)(uintptr_t)one);
        }
    }
    return out;
}

static void both_keys(json_t *here, const json_t *said, const json_t *source, const char *key) {
    if (said)
        json_object_set_new(here, key, both(said, json_object_get(source, key)));
}

/* Of texts: the key, and what is foreseen. `said` is the definition as it was written. */
static void keep_texts(json_t *here, const json_t *said, const json_t *source) {
    size_t i;
    json_t *one;
    if (!strcmp(json_text(source, "check", ""), "text")) {
        both_keys(here, json_object_get(said, "key"), source, "key");
        const json_t *wrong = json_object_get(source, "wrong");
        json_array_foreach(wrong, i, one) both_keys(
            json_array_get(json_object_get(here, "wrong"), i),
            json_object_get(twin_of(json_object_get(said, "wrong"), wrong, i), "is"), one, "is");
    }
    const json_t *parts = json_object_get(source, "parts");
    json_array_foreach(parts, i, one) if (!strcmp(json_text(one, "check", ""), "text")) both_keys(
        json_array_get(json_object_get(here, "parts"), i),
        json_object_get(twin_of(json_object_get(said, "parts"), parts, i), "key"), one, "key");
}

static void borrow_hints(struct exercise *here, const struct exercise *original,
                         struct arena *arena) {
    struct exercise_source *source = (struct exercise_source *)(uintptr_t)here->source;
    struct view *hints = ARENA_NEW(arena, original->n_hint + 1, struct view);
    long *lines = ARENA_NEW(arena, original->n_hint + 1, long);
    for (size_t i = 0; i < original->n_hint; i++) {
        hints[i] = i < here->n_hint ? here->hints[i] : original->hints[i];
        lines[i] = i < here->n_hint ? source->hint_lines[i] : here->line;
    }
    here->hints = hints;
    source->hint_lines = lines;
    here->n_hint = original->n_hint;
    if (!here->solution.n)
        here->solution = original->solution;
}

void exercise_borrow(struct exercise *here, const struct exercise *original, bool stale,
                     const struct report *to, struct whole *whole) {
    if (!stale) /* what changed with the source is told as that */
        complain(original, here, to);
    json_t *definition = (json_t *)(uintptr_t)here->definition;
    json_t *said = json_deep_copy(definition);
    const json_t *vary = json_object_get(original->definition, "vary");
    borrow_object(definition, original->definition);
    if (vary)
        json_object_set_new(definition, "vary", borrow_vary(json_object_get(said, "vary"), vary));
    keep_texts(definition, said, original->definition);
    json_decref(said);
    here->check = view_of(json_text(definition, "check", ""));
    here->skill = original->skill;
    borrow_hints(here, original, whole->course.arena);
}
