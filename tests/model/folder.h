/* A small writer of folders as transformers saves them, for tests: right ones, and wrong ones. */
#ifndef LYCEUM_TESTS_MODEL_FOLDER_H
#define LYCEUM_TESTS_MODEL_FOLDER_H

#include "base/base.h"

/* The JSON of a safetensors file and its data, joined by shard_join. */
struct shard {
    struct buffer header, data;
};
void shard_tensor(struct shard *, const char *name, const char *type, int n_dimension,
                  const int64_t *dimension, const void *values, size_t n_byte);
/* Random values of the type F32. */
void shard_random(struct shard *, const char *name, int64_t rows, int64_t columns,
                  struct random *);
struct view shard_join(const struct shard *); /* free() it; the shard may go on growing */
void shard_free(struct shard *);

/* A folder of its own among the temporary files; its path, free it. */
char *folder_new(const char *name);
void folder_write(const char *folder, const char *name, struct view content);
void folder_write_shard(const char *folder, const char *name, const struct shard *);
void folder_remove(char *folder); /* with its files, and frees the path */

/* All weights of a network of 1 layer, width 8, 2 heads over 1, with 270 tokens. `network`:
 * "llama", "qwen2", "qwen3", "gemma3". */
void folder_weights(struct shard *, const char *network, bool tied);
/* Its config.json, with more members (", \"key\": value") or the empty text. */
void folder_config(const char *folder, const char *network, const char *more);
/* tokenizer.json over bytes, cut as the network's own. */
void folder_tokenizer(const char *folder, const char *network);
/* All of the above. */
char *folder_of_network(const char *name, const char *network, bool tied);

#endif
