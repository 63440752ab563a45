/* vocabulary: text into tokens and back, inside the room. The door has the rest. */
#ifndef LYCEUM_MODEL_VOCABULARY_H
#define LYCEUM_MODEL_VOCABULARY_H

#include "model/gguf.h"
#include "model/model.h"

/* Reads `tokenizer.ggml.*`. The gguf must outlive it (token texts stay in the map). NULL with a
 * fault naming file, byte and key. */
struct vocabulary *vocabulary_load(const struct gguf *, struct fault *);
int32_t vocabulary_separator(const struct vocabulary *); /* ends a text to embed, or −1 */
void vocabulary_free(struct vocabulary *);               /* NULL is allowed */

#endif
