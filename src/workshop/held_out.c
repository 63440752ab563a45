/* What a model is to be examined on must not be in what it learns from: runs of 12 words that an
 * item has too (GPT-3 used 13). Items of 8 to 11 words are looked for whole. */
#include <stdlib.h>
#include <string.h>

#include "workshop/curate.h"
#include "workshop/words.h"

enum { GRAM = 12, SHORTEST = 8, MOST_BYTES = 256 << 20 };

static void put(uint64_t *keys, size_t capacity, uint64_t key) {
    size_t i = key & (capacity - 1);
    while (keys[i] && keys[i] != key)
        i = (i + 1) & (capacity - 1);
    keys[i] = key;
}

static void add_key(struct held_out *held, uint64_t key) {
    if (held->n_key * 2 >= held->capacity) {
        size_t capacity = held->capacity ? held->capacity * 2 : 1024;
        uint64_t *keys = must_alloc(capacity, sizeof *keys);
        for (size_t i = 0; i < held->capacity; i++)
            if (held->keys[i])
                put(keys, capacity, held->keys[i]);
        free(held->keys);
        held->keys = keys;
        held->capacity = capacity;
    }
    put(held->keys, held->capacity, key + (key == 0));
    held->n_key++; /* those that were there too: at most it grows early */
}

static void add_item(struct held_out *held, struct view text) {
    uint64_t last[GRAM];
    size_t n = 0, at = 0;
    for (struct word word; word_next(text, &at, &word);) {
        if (word.mark)
            continue;
        if (n >= GRAM)
            memmove(last, last + 1, sizeof last - sizeof *last);
        last[n < GRAM ? n : GRAM - 1] = word.hash;
        if (++n >= GRAM)
            add_key(held, hash_words(last, GRAM));
    }
    if (!n)
        return;
    held->n_item++;
    if (n >= SHORTEST && n < GRAM)
        add_key(held, hash_words(last, n));
    if (n >= SHORTEST)
        held->lengths[n < GRAM ? n : GRAM] = true;
    else
        held->n_too_short++;
}

/* Every string in it, whatever the members are called. */
static void add_strings(struct held_out *held, const json_t *value) {
    size_t i;
    const char *key;
    json_t *inner;
    if (json_is_string(value))
        add_item(held, (struct view){json_string_value(value), json_string_length(value)});
    json_array_foreach(value, i, inner) add_strings(held, inner);
    if (json_is_object(value))
        json_object_foreach((json_t *)(uintptr_t)value, key, inner) add_strings(held, inner);
}

void held_out_parse(struct view text, struct held_out *held) {
    *held = (struct held_out){0};
    struct view line;
    while (view_line(&text, &line)) {
        line = view_trim(line);
        json_t *row = line.n && line.at[0] == '{' ? json_parse(line, NULL) : NULL;
        if (row)
            add_strings(held, row);
        else
            add_item(held, line);
        json_decref(row);
    }
}

bool held_out_read(const char *path, struct held_out *held, struct fault *fault) {
    struct buffer text = {0};
    bool good = file_read(path, MOST_BYTES, &text, fault);
    if (good)
        held_out_parse(buffer_view(&text), held);
    buffer_free(&text);
    if (good && !held->n_item)
        good = fault_set(fault, FAULT_INPUT, "there are no held-out items in it");
    return good || fault_place(fault, path, 0, -1);
}

static bool has_key(const struct held_out *held, uint64_t key) {
    key += key == 0;
    size_t i = key & (held->capacity - 1);
    while (held->keys[i] && held->keys[i] != key)
        i = (i + 1) & (held->capacity - 1);
    return held->keys[i] != 0;
}

bool held_out_meets(const struct held_out *held, const uint64_t *words, size_t n) {
    if (!held->n_key)
        return false;
    for (size_t length = SHORTEST; length <= GRAM; length++)
        for (size_t i = 0; held->lengths[length] && i + length <= n; i++)
            if (has_key(held, hash_words(words + i, length)))
                return true;
    return false;
}

void held_out_free(struct held_out *held) {
    free(held->keys);
    *held = (struct held_out){0};
}
