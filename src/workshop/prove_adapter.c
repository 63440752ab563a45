/* An adapter that is here already, and its card. */
#include "workshop/examination.h"

#include <stdio.h>
#include <stdlib.h>

enum { MOST = 1000 };

bool adapter_prove(const struct adapter_proof *how, struct pool *pool, bool *passed,
                   struct fault *fault) {
    struct buffer text = {0};
    struct proof_items items;
    bool good = folder_make(how->folder, fault) &&
                file_read(how->items, (size_t)1 << 30, &text, fault) &&
                proof_items_read(buffer_view(&text), &items, fault);
    buffer_free(&text);
    if (!good)
        return false;
    proof_items_draw(&items, how->most ? how->most : MOST, how->seed);
    struct sources *sources = must_alloc(1, sizeof *sources);
    struct examination *e = must_alloc(1, sizeof *e);
    *e = (struct examination){.title = how->title,
                              .folder = how->folder,
                              .items = how->items,
                              .student = how->model,
                              .suite = how->suite,
                              .tutor = how->against,
                              .seed = how->seed,
                              .cancel = how->cancel,
                              .tell = how->tell,
                              .data = how->data};
    examination_begin(e);
    struct arm *arm = &e->arms[e->n_arm++];
    *arm = (struct arm){.name = "adapter", .kind = CARD_SPECIALIST};
    snprintf(arm->adapter, sizeof arm->adapter, "%s", how->adapter);
    struct card_more more = {.sources = sources};
    good = examine(e, &items, fault);
    if (good && !(how->cancel && *how->cancel))
        good = sources_add(sources, "model", how->model, fault) &&
               sources_add(sources, "adapter", how->adapter, fault) &&
               sources_add(sources, "compared with", how->against, fault) &&
               sources_add(sources, "items", how->items, fault) &&
               (!how->rows || sources_count(sources, how->rows, fault)) &&
               examination_card(e, &more, pool, passed, fault);
    proof_items_free(&items);
    free(sources);
    free(e);
    return good;
}
