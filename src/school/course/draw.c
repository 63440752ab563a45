/* The numbers of an exercise, drawn by a seed: `vary`, `let`, `where`. */
#include "school/course/inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_TRIES = 1000, MAX_WALK = 20000 };

struct choice_of { /* what one name may be */
    const char *name;
    int64_t low, high; /* of a range */
    const json_t *list;
};

static bool refuse(const struct exercise *exercise, const json_t *parent, const char *key,
                   struct fault *fault, const char *message, const char *remedy) {
    fault_set(fault, FAULT_INPUT, "%s: %s", key, message);
    fault_remedy(fault, "%s", remedy);
    return fault_place(fault, exercise->lesson->file.at,
                       yaml_line_key(&exercise->source->yaml, parent, key), -1);
}

static bool read_range(const char *text, int64_t *low, int64_t *high) {
    char *end;
    *low = strtoll(text, &end, 10);
    if (end == text || strncmp(end, "..", 2))
        return false;
    const char *from = end + 2;
    *high = strtoll(from, &end, 10);
    return end != from && !*end && *low <= *high && *low >= -1000000000 && *high <= 1000000000;
}

static bool read_choice(const struct exercise *exercise, const json_t *vary, const char *name,
                        const json_t *value, struct choice_of *out, struct fault *fault) {
    *out = (struct choice_of){.name = name, .list = value};
    if (!name_good(name))
        return refuse(exercise, vary, name, fault, "this cannot be a name",
                      "Use letters, digits and _; not the name of a function.");
    if (json_is_array(value) && json_array_size(value) > 0 && json_array_size(value) <= 200) {
        const json_t *item;
        struct value read;
        size_t i;
        json_array_foreach(value, i, item) if (!value_literal(item, &read)) return refuse(
            exercise, vary, name, fault, "this list holds something that is no number and no word",
            "Put words between quotes.");
        return true;
    }
    out->list = NULL;
    if (!json_is_string(value) || !read_range(json_string_value(value), &out->low, &out->high))
        return refuse(exercise, vary, name, fault, "this is neither a range nor a list",
                      "Write 2..9 or [1, 2, 5] or [banana, rabbit].");
    return true;
}

static int64_t count_of(const struct choice_of *choice) {
    return choice->list ? (int64_t)json_array_size(choice->list) : choice->high - choice->low + 1;
}

static void choose(const struct choice_of *choice, int64_t which, struct scope *scope) {
    struct value *value = &scope->at[scope->n].value;
    scope->at[scope->n++].name = view_of(choice->name);
    json_t *number = choice->list ? NULL : json_integer(choice->low + which);
    value_literal(number ? number : json_array_get(choice->list, (size_t)which), value);
    json_decref(number);
}

/* A let or a where that holds an expression: text, or a bare number. */
static bool expression_of(const json_t *value, char digits[40], struct view *out) {
    if (json_is_integer(value))
        snprintf(digits, 40, "%lld", (long long)json_integer_value(value));
    else if (json_is_real(value))
        snprintf(digits, 40, "%.15g", json_real_value(value));
    else if (!json_is_string(value))
        return false;
    *out = json_is_string(value)
               ? (struct view){json_string_value(value), json_string_length(value)}
               : view_of(digits);
    return true;
}

static bool reckon_lets(const struct exercise *exercise, struct scope *scope,
                        struct fault *fault) {
    json_t *let = json_object_get(exercise->definition, "let"), *value;
    const char *name;
    json_object_foreach(let, name, value) {
        char digits[40];
        struct view text;
        struct value made;
        if (!name_good(name) || scope->n == MAX_VALUES)
            return refuse(exercise, let, name, fault, "this cannot be a name",
                          "Use letters, digits and _; not the name of a function.");
        for (size_t i = 0; i < scope->n; i++)
            if (view_is(scope->at[i].name, name))
                return refuse(exercise, let, name, fault, "this name is taken",
                              "Give it another.");
        if (!expression_of(value, digits, &text))
            return refuse(exercise, let, name, fault, "this is no expression",
                          "Write one such as a*x + b.");
        if (!value_evaluate(scope, text, &made, fault))
            return fault_place(fault, exercise->lesson->file.at,
                               yaml_line_key(&exercise->source->yaml, let, name), -1);
        scope->at[scope->n].name = view_of(name);
        scope->at[scope->n++].value = made;
    }
    return true;
}

static bool one_where(const struct exercise *exercise, const struct scope *scope,
                      const json_t *condition, long line, bool *holds, struct fault *fault) {
    struct view text = {json_string_value(condition), json_string_length(condition)};
    if (!json_is_string(condition)) {
        fault_set(fault, FAULT_INPUT, "where: this compares nothing");
        fault_remedy(fault, "Write a comparison such as a != b, or a list of them.");
    } else if (value_condition(scope, text, holds, fault))
        return true;
    return fault_place(fault, exercise->lesson->file.at, line, -1);
}

static bool all_where(const struct exercise *exercise, const struct scope *scope, bool *holds,
                      struct fault *fault) {
    const struct yaml *yaml = &exercise->source->yaml;
    const json_t *where = json_object_get(exercise->definition, "where"), *one;
    size_t i;
    *holds = true;
    if (where && !json_is_array(where))
        return one_where(exercise, scope, where,
                         yaml_line_key(yaml, exercise->definition, "where"), holds, fault);
    json_array_foreach(where, i, one) {
        if (!one_where(exercise, scope, one, yaml_line_item(yaml, where, i), holds, fault))
            return false;
        if (!*holds)
            break;
    }
    return true;
}

struct tries {
    struct fault why; /* the first */
    bool reckoned;    /* some draw could be reckoned, though it did not hold */
};

/* One try. A let that has no value there (a division by zero) counts as not holding. */
static bool try_draw(const struct exercise *exercise, struct scope *scope, struct tries *tries) {
    bool holds = false;
    if (!reckon_lets(exercise, scope, &tries->why) ||
        !all_where(exercise, scope, &holds, &tries->why))
        return false;
    tries->reckoned = true;
    return holds;
}

static bool nothing_meets(const struct exercise *exercise, const struct tries *tries,
                          struct fault *fault) {
    if (tries->why.kind && !tries->reckoned) {
        if (fault && !fault->kind)
            *fault = tries->why;
        return false;
    }
    return refuse(exercise, exercise->definition, "where", fault,
                  "no numbers were found that meet this", "Widen `vary` or loosen `where`.");
}

static bool walk(const struct exercise *exercise, const struct choice_of *choices, size_t n,
                 int64_t total, struct random *random, struct scope *scope, struct fault *fault) {
    struct tries tries = {0};
    int64_t start = random_between(random, 0, total - 1);
    for (int64_t step = 0; step < total; step++) {
        int64_t place = (start + step) % total;
        scope->n = 0;
        for (size_t i = 0; i < n; i++) {
            choose(&choices[i], place % count_of(&choices[i]), scope);
            place /= count_of(&choices[i]);
        }
        if (try_draw(exercise, scope, &tries))
            return true;
    }
    return nothing_meets(exercise, &tries, fault);
}

static bool draw(const struct exercise *exercise, uint64_t seed, struct scope *scope,
                 struct fault *fault) {
    json_t *vary = json_object_get(exercise->definition, "vary"), *value;
    struct choice_of choices[MAX_VALUES];
    struct random random;
    struct tries tries = {0};
    const char *name;
    size_t n = 0;
    int64_t total = 1;
    scope->n = 0;
    if (!json_is_object(vary) || json_object_size(vary) > MAX_VALUES / 2)
        return refuse(exercise, exercise->definition, "vary", fault,
                      "this is no mapping of up to 20 names", "Write vary: {a: 2..9}.");
    json_object_foreach(vary, name, value) {
        if (!read_choice(exercise, vary, name, value, &choices[n++], fault))
            return false;
        total = total > MAX_WALK ? total : total * count_of(&choices[n - 1]);
    }
    random_seed(&random, hash64(exercise->label, seed));
    for (int i = 0; i < MAX_TRIES; i++) {
        scope->n = 0;
        for (size_t j = 0; j < n; j++)
            choose(&choices[j], random_between(&random, 0, count_of(&choices[j]) - 1), scope);
        if (try_draw(exercise, scope, &tries))
            return true;
        if (tries.why.kind == FAULT_MISSING) /* an unknown name: no draw will help */
            return nothing_meets(exercise, &tries, fault);
    }
    return total <= MAX_WALK ? walk(exercise, choices, n, total, &random, scope, fault)
                             : nothing_meets(exercise, &tries, fault);
}

/* The words that were drawn from the source's lists, as the translation has them. */
static void translate_words(const struct exercise *exercise, struct scope *scope) {
    const json_t *there = json_object_get(exercise->original->definition, "vary");
    const json_t *here = json_object_get(exercise->definition, "vary"), *one;
    for (size_t i = 0; i < scope->n; i++) {
        size_t k;
        struct value value;
        const char *name = NULL;
        json_t *list;
        json_object_foreach((json_t *)(uintptr_t)there, name, list) {
            if (!view_is(scope->at[i].name, name) || scope->at[i].value.kind != VALUE_WORD)
                continue;
            json_array_foreach(
                list, k,
                one) if (json_is_string(one) &&
                         view_is(scope->at[i].value.word, json_string_value(one)) &&
                         value_literal(json_array_get(json_object_get(here, name), k), &value)) {
                scope->at[i].value = value;
                break;
            }
        }
    }
}

bool variant_draw(const struct exercise *exercise, uint64_t seed, struct scope *scope,
                  struct fault *fault) {
    if (!exercise->original)
        return draw(exercise, seed, scope, fault);
    if (!draw(exercise->original, seed, scope, fault))
        return false;
    translate_words(exercise, scope);
    return true;
}
