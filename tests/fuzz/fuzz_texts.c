/* Any bytes as texts to train on: refused with a line, or laid into packs in which every token is
 * one of the vocabulary, every target comes next, and every segment goes on where its parent ends.
 */
#include "../model/builder.h"
#include "train/train.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static struct model *model;
static int file;
static char path[64];

static void set_up(void) {
    struct fault fault = {0};
    struct builder builder;
    builder_open(&builder);
    builder_key_text(&builder, "tokenizer.chat_template",
                     "{% for m in messages %}<{{ m.role }}>{{ m.content }}\x02\n{% endfor %}"
                     "{% if add_generation_prompt %}<assistant>{% endif %}");
    builder_network(&builder, &(struct builder_shape){.architecture = "llama"}, 1);
    char *saved = builder_save(&builder, "fuzz-texts");
    builder_close(&builder);
    model = model_open(saved, pool_new(1), &fault);
    MUST(model != NULL);
    unlink(saved);
    free(saved);
    file = memfd_create("texts", 0);
    MUST(file >= 0);
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
}

static void check(const struct pack *pack) {
    int n_vocabulary = model_shape(model)->n_vocabulary, at = 0;
    for (int s = 0; s < pack->n_segment; s++) {
        const struct segment *segment = &pack->segments[s];
        MUST(segment->start == at && segment->n > 0 && segment->parent < s);
        const struct segment *parent =
            segment->parent < 0 ? NULL : &pack->segments[segment->parent];
        MUST(segment->first_position == (parent ? parent->first_position + parent->n : 0));
        for (int t = 0; t < segment->n; t++, at++) {
            MUST(pack->tokens[at] >= 0 && pack->tokens[at] < n_vocabulary);
            MUST(pack->targets[at] < 0 || t + 1 == segment->n ||
                 pack->targets[at] == pack->tokens[at + 1]);
        }
    }
    MUST(at == pack->n && at <= 128);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    if (!model)
        set_up();
    struct fault fault = {0};
    struct texts_options options = {.pack_tokens = 128, .branches = 3, .seed = n};
    struct texts_report report;
    MUST(ftruncate(file, 0) == 0 && pwrite(file, data, n, 0) == (ssize_t)n);
    struct texts *texts = texts_read(model, path, &options, &report, &fault);
    MUST((texts == NULL) == (fault.kind != FAULT_NONE));
    struct texts_place place = {0};
    uint64_t n_counted = 0;
    while (texts && place.round == 0) {
        const struct pack *pack = texts_next(texts, &place);
        check(pack);
        for (int t = 0; t < pack->n; t++)
            n_counted += pack->targets[t] >= 0;
    }
    MUST(n_counted <= report.n_counted); /* a text's first token has nothing before it */
    texts_free(texts);
    return 0;
}
