/* Looking up what embed.py packed. */
#include "web/embedded.h"

#include <string.h>

const struct embedded_file *embedded_find(struct view name) {
    for (size_t i = 0; i < n_embedded_file; i++)
        if (view_is(name, embedded_files[i].name))
            return &embedded_files[i];
    return NULL;
}

struct view embedded_content(const struct embedded_file *file) {
    return (struct view){embedded_blob + file->at, file->n};
}

const char *embedded_word(const char *language, const char *key) {
    size_t low = 0, high = n_embedded_word;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct embedded_word *word = &embedded_words[middle];
        int order = strcmp(language, word->language);
        if (!order)
            order = strcmp(key, word->key);
        if (!order)
            return word->text;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return key;
}

const char *embedded_pack(const char *language) {
    for (size_t i = 0; i < n_embedded_pack; i++)
        if (!strcmp(embedded_packs[i].language, language))
            return embedded_packs[i].json;
    return "{}";
}
