/* Any bytes as a saved session: refused, or restored and then used. The hash of what is fuzzed is
 * set right, so that the bytes behind it are reached. */
#include "../model/builder.h"
#include "model/session.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static struct session *session;
static struct buffer good; /* a file that is right */

static void set_up(void) {
    struct fault fault = {0};
    struct builder builder;
    builder_open(&builder);
    builder_network(&builder, &(struct builder_shape){.architecture = "llama"}, 1);
    char *path = builder_save(&builder, "fuzz-saved");
    builder_close(&builder);
    struct model *model = model_open(path, pool_new(1), &fault);
    MUST(model != NULL);
    session = session_open(model, 40, &fault);
    MUST(session != NULL);
    unlink(path);
    const float *logits;
    const int32_t tokens[3] = {1, 2, 3};
    MUST(session_feed(session, tokens, 3, &logits, NULL, NULL, &fault));
    MUST(session_save(session, path, &fault));
    MUST(file_read(path, (size_t)1 << 26, &good, &fault));
    unlink(path);
    free(path);
}

/* The input tells changes of the file: where (3 bytes) and to what; and from an odd first byte on
 * it is the file. */
static struct buffer make_file(const uint8_t *data, size_t n) {
    struct buffer file = {0};
    if (n && data[0] & 1) {
        buffer_append(&file, (struct view){(const char *)data + 1, n - 1});
        return file;
    }
    size_t size = n > 2 ? good.n * data[1] / 255 : good.n;
    buffer_append(&file, (struct view){good.at, n > 2 && data[2] & 1 ? size : good.n});
    for (size_t i = 3; i + 3 < n && file.n; i += 4) {
        size_t at = (size_t)data[i] << 16 | (size_t)data[i + 1] << 8 | data[i + 2];
        file.at[data[i] & 128 ? at % file.n : at % 200 % file.n] = (char)data[i + 3];
    }
    if (file.n > 64) {
        char hash[65];
        sha256_hex(view_slice(buffer_view(&file), 0, file.n - 64), hash);
        memcpy(file.at + file.n - 64, hash, 64);
    }
    return file;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    if (!session)
        set_up();
    struct fault fault = {0};
    struct buffer file = make_file(data, n);
    bool restored = session_restore_bytes(session, buffer_view(&file), &fault);
    MUST(restored == (fault.kind == FAULT_NONE));
    size_t n_token;
    const int32_t *tokens = session_tokens(session, &n_token);
    const float *logits;
    if (restored)
        MUST(session_feed(session, tokens, n_token, &logits, NULL, NULL, &fault));
    buffer_free(&file);
    return 0;
}
