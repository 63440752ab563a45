/* quantize: the stream from a source to a GGUF file, inside the room. */
#ifndef LYCEUM_MODEL_QUANTIZE_H
#define LYCEUM_MODEL_QUANTIZE_H

#include "model/model.h"
#include "model/source.h"

/* True with a fault when one of the files that are read stands where the new one would. */
bool source_overwritten(const struct source *, const char *out, struct fault *);
/* Writes all tensors of the source after the keys that the writer has; *result starts from {0}. */
bool source_write(const struct source *, const char *out, const struct quantisation *,
                  struct gguf_writer *, struct pool *, struct quantisation_result *,
                  struct fault *);

#endif
