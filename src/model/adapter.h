/* adapter: small matrices beside those of a model, inside the room.
 *
 * A file is GGUF with general.type "adapter", general.architecture as the model's, adapter.type
 * "lora" and adapter.lora.alpha. For each matrix W of the model that it changes it has two
 * tensors,
 *
 *     NAME.lora_a   rank rows of n_in values      NAME.lora_b   n_out rows of rank values
 *
 * and in the place of W x stands W x + scale · B (A x), with scale = alpha / rank, or 1 where
 * alpha is 0 or absent, times what the user says. (Hu et al. 2021, arXiv 2106.09685; llama.cpp's
 * convert_lora_to_gguf.py.) */
#ifndef LYCEUM_MODEL_ADAPTER_H
#define LYCEUM_MODEL_ADAPTER_H

#include "model/network.h"

enum { ADAPTER_RANK = 256 }; /* at most */

enum adapted_matrix { /* of a layer, in the order in which they are used */
                      ADAPTED_QUERY,
                      ADAPTED_KEY,
                      ADAPTED_VALUE,
                      ADAPTED_OUTPUT,
                      ADAPTED_GATE,
                      ADAPTED_UP,
                      ADAPTED_DOWN,
                      N_ADAPTED,
};

struct adapted {
    struct matrix a, b; /* floats of 32 or 16 bits, packed; a.rows 0: it is as in the model */
    float scale;        /* alpha / rank */
};

enum { ADAPTER_LANGUAGES = 64 }; /* bytes, the end included */

struct adapter {
    const struct model *model;
    struct adapted (*layers)[N_ADAPTED];
    char hash[65];                     /* of the file */
    bool tutor;                        /* its key lyceum.tutor is "1" */
    char languages[ADAPTER_LANGUAGES]; /* of its key lyceum.tutor.languages, or "en" */
    struct arena *arena;
    void *memory; /* what the matrices point to */
};

/* As adapter_open, over bytes (aligned to 32); `name` stands in faults. */
struct adapter *adapter_open_bytes(const struct model *, struct view, const char *name,
                                   struct fault *);

#endif
