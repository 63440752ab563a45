/* Vectors by a member far away: what is sent, and what comes back, as numbers or in base64. */
#include "company/remote.h"

#include <math.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_VALUES = 65536 };

json_t *vectors_body(const struct endpoint *endpoint, const struct vectors_wanted *wanted) {
    json_t *texts = json_array(),
           *body = json_pack("{s:s, s:s, s:O}", "model", endpoint->member->model,
                             "encoding_format", "float", "input", texts);
    for (size_t i = 0; i < wanted->n; i++)
        json_array_append_new(texts, json_stringn(wanted->texts[i].at, wanted->texts[i].n));
    if (wanted->dimensions)
        json_object_set_new(body, "dimensions", json_integer(wanted->dimensions));
    json_decref(texts);
    return body;
}

/* Little-endian 32-bit floats, as many as there is room for. */
static bool read_packed(struct view text, float *out, int n_value) {
    size_t n = 0, most = (size_t)n_value * sizeof *out;
    while (text.n && text.at[text.n - 1] == '=')
        text.n--;
    return sodium_base642bin((unsigned char *)out, most, text.at, text.n, NULL, &n, NULL,
                             sodium_base64_VARIANT_ORIGINAL_NO_PADDING) == 0 &&
           n == most;
}

static bool read_numbers(const json_t *list, float *out) {
    const json_t *one;
    size_t i;
    json_array_foreach(list, i, one) {
        if (!json_is_number(one))
            return false;
        out[i] = (float)json_number_value(one);
    }
    return true;
}

static size_t size_of(const json_t *vector) {
    size_t n = json_string_length(vector);
    const char *text = json_string_value(vector);
    while (n && text[n - 1] == '=')
        n--;
    return text ? n * 6 / 8 / sizeof(float) : json_array_size(vector);
}

/* To length one. */
static bool scale(float *values, int n) {
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += (double)values[i] * (double)values[i];
    if (!(sum > 0) || !isfinite(sum))
        return false;
    for (int i = 0; i < n; i++)
        values[i] = (float)((double)values[i] / sqrt(sum));
    return true;
}

static bool take_vector(struct vectors *out, size_t at, const json_t *vector,
                        struct fault *fault) {
    size_t n = size_of(vector);
    if (!n || n > MOST_VALUES)
        return fault_set(fault, FAULT_INPUT, "it sent a vector of %zu numbers", n);
    if (!out->values) {
        out->values = try_alloc(out->n_text * n, sizeof *out->values, fault);
        out->n_value = (int)n;
    }
    if (!out->values)
        return false;
    if ((size_t)out->n_value != n)
        return fault_set(fault, FAULT_INPUT, "it sent vectors of %d and of %zu numbers",
                         out->n_value, n);
    float *values = out->values + at * n;
    bool good =
        json_is_array(vector)
            ? read_numbers(vector, values)
            : read_packed((struct view){json_string_value(vector), json_string_length(vector)},
                          values, out->n_value);
    return (good && scale(values, out->n_value)) ||
           fault_set(fault, FAULT_INPUT, "it sent a vector that is none");
}

static bool take_all(struct vectors *out, const json_t *data, size_t n, struct fault *fault) {
    bool *taken = must_alloc(n, sizeof *taken), good = true;
    const json_t *one;
    size_t i;
    json_array_foreach(data, i, one) {
        const json_t *index = json_object_get(one, "index");
        json_int_t at = json_is_integer(index) ? json_integer_value(index) : (json_int_t)i;
        good = at >= 0 && at < (json_int_t)n && !taken[at];
        if (!good)
            fault_set(fault, FAULT_INPUT, "it sent a vector of no text");
        good = good &&
               take_vector(out, out->done + (size_t)at, json_object_get(one, "embedding"), fault);
        if (!good)
            break;
        taken[at] = true;
    }
    free(taken);
    return good;
}

bool vectors_take(struct vectors *out, struct view data, size_t n, struct fault *fault) {
    json_t *whole = json_parse(data, fault);
    const json_t *list = json_object_get(whole, "data");
    double used = json_number(json_object_get(whole, "usage"), "prompt_tokens", -1);
    bool good = whole != NULL;
    if (good && json_array_size(list) != n)
        good = fault_set(fault, FAULT_INPUT, "it sent %zu vectors of %zu texts",
                         json_array_size(list), n);
    good = good && n <= out->n_text - out->done && take_all(out, list, n, fault);
    out->counted = used >= 0 && used <= 1e9;
    out->n_token += good && out->counted ? (int64_t)used : 0;
    out->done += good ? n : 0;
    json_decref(whole);
    return good;
}

int64_t vectors_bound(const struct vectors_wanted *wanted) {
    int64_t bound = 0;
    for (size_t i = 0; i < wanted->n; i++)
        bound += (int64_t)wanted->texts[i].n + 8;
    return bound;
}
