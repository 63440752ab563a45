/* choice, several, order, match. */
#include "school/grade/inside.h"

#include <string.h>

enum { MAX_ITEMS = 200 };

static bool is_list(const json_t *value) {
    return json_is_array(value) && json_array_size(value) <= MAX_ITEMS;
}

bool grade_choice(struct grading *g) {
    const json_t *answer = json_is_array(g->answer) && json_array_size(g->answer) == 1
                               ? json_array_get(g->answer, 0)
                               : g->answer;
    if (json_is_array(g->key) || json_is_object(g->key) || json_is_null(g->key))
        return fault_set(g->fault, FAULT_INPUT, "the key of choice must be an index or a text");
    if (json_is_array(answer) || json_is_object(answer) || json_is_null(answer))
        return grade_unreadable(g, FAULT_INPUT, "the answer must be one choice");
    return grade_say(g, grade_same(g->key, answer) ? 1 : 0, "");
}

static bool holds(const json_t *list, const json_t *item, size_t before) {
    for (size_t i = 0; i < json_array_size(list) && i < before; i++)
        if (grade_same(json_array_get(list, i), item))
            return true;
    return false;
}

/* right/keys − wrong/distractors, not under 0: ticking all, or at random, gains nothing. */
bool grade_several(struct grading *g) {
    if (!json_is_array(g->key) || json_array_size(g->key) > MAX_ITEMS)
        return fault_set(g->fault, FAULT_INPUT, "the key of several must be a list");
    if (!is_list(g->answer))
        return grade_unreadable(g, FAULT_INPUT, "the answer must be a list of choices");
    const json_t *choices = json_object_get(g->options, "choices");
    size_t n_key = json_array_size(g->key), right = 0, wrong = 0;
    size_t n_choice = json_is_array(choices) ? json_array_size(choices)
                                             : (size_t)json_number(g->options, "choices", 0);
    for (size_t i = 0; i < json_array_size(g->answer); i++) {
        const json_t *item = json_array_get(g->answer, i);
        if (holds(g->answer, item, i))
            continue;
        holds(g->key, item, n_key) ? right++ : wrong++;
    }
    size_t n_other = n_choice > n_key ? n_choice - n_key : n_key > 1 ? n_key : 1;
    double score = n_key ? (double)right / (double)n_key : !wrong;
    score -= (double)wrong / (double)n_other;
    if (score < 1e-9)
        score = 0;
    if (!wrong && right == n_key)
        score = 1;
    else if (score > 0.99)
        score = 0.99;
    return grade_say(g, score, score > 0 && score < 1 ? "partial" : "");
}

/* The longest run of neighbours in the right order, over the whole; one alone is worth nothing. */
bool grade_order(struct grading *g) {
    size_t n = json_array_size(g->key), run = 0, best = 0;
    if (!json_is_array(g->key) || !n || n > MAX_ITEMS)
        return fault_set(g->fault, FAULT_INPUT, "the key of order must be a list");
    if (!is_list(g->answer))
        return grade_unreadable(g, FAULT_INPUT, "the answer must be a list");
    size_t m = json_array_size(g->answer), last = n, longer = m > n ? m : n;
    bool same = m == n;
    for (size_t i = 0; i < n && same; i++)
        same = grade_same(json_array_get(g->key, i), json_array_get(g->answer, i));
    if (same)
        return grade_say(g, 1, "");
    for (size_t j = 0; j < m; j++) {
        size_t place = n;
        for (size_t i = 0; i < n && place == n; i++)
            if (grade_same(json_array_get(g->key, i), json_array_get(g->answer, j)))
                place = i;
        run = place == n ? 0 : run && place == last + 1 ? run + 1 : 1;
        last = place;
        best = run > best ? run : best;
    }
    double score = longer == 1 ? 0 : (double)(best ? best - 1 : 0) / (double)(longer - 1);
    score = score > 0.99 ? 0.99 : score;
    return grade_say(g, score, score > 0 ? "partial" : "");
}

static const json_t *partner(const json_t *pairs, const char *left) {
    if (json_is_object(pairs))
        return json_object_get(pairs, left);
    for (size_t i = 0; i < json_array_size(pairs); i++) {
        const json_t *pair = json_array_get(pairs, i);
        struct buffer text = {0};
        bool found = json_array_size(pair) == 2 && grade_scalar(json_array_get(pair, 0), &text) &&
                     view_is(buffer_view(&text), left);
        buffer_free(&text);
        if (found)
            return json_array_get(pair, 1);
    }
    return NULL;
}

/* Pairs right beyond the one that chance gives, over the pairs beyond it. */
bool grade_match(struct grading *g) {
    size_t n = json_is_object(g->key) ? json_object_size(g->key) : json_array_size(g->key);
    size_t right = 0;
    if (!n || n > MAX_ITEMS)
        return fault_set(g->fault, FAULT_INPUT, "the key of match must be pairs");
    if (!(json_is_object(g->answer) && json_object_size(g->answer) <= MAX_ITEMS) &&
        !is_list(g->answer))
        return grade_unreadable(g, FAULT_INPUT, "the answer must be pairs");
    if (json_is_object(g->key)) {
        const char *left;
        json_t *value, *key = (json_t *)(uintptr_t)g->key;
        json_object_foreach(key, left, value) {
            right += grade_same(value, partner(g->answer, left));
        }
    } else
        for (size_t i = 0; i < n; i++) {
            struct buffer left = {0};
            if (json_array_size(json_array_get(g->key, i)) != 2 ||
                !grade_scalar(json_array_get(json_array_get(g->key, i), 0), &left)) {
                buffer_free(&left);
                return fault_set(g->fault, FAULT_INPUT, "the key of match must be pairs");
            }
            right += grade_same(json_array_get(json_array_get(g->key, i), 1),
                                partner(g->answer, left.at ? left.at : ""));
            buffer_free(&left);
        }
    double score = n == 1 ? (double)right : (double)(right ? right - 1 : 0) / (double)(n - 1);
    return grade_say(g, score, score > 0 && score < 1 ? "partial" : "");
}
