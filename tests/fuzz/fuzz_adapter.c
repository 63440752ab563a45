/* Any bytes as an adapter: refused, or opened and then used. */
#include "../model/builder.h"
#include "model/adapter.h"
#include "model/model.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static struct model *model;
static struct session *session;

static void set_up(void) {
    struct fault fault = {0};
    struct builder builder;
    builder_open(&builder);
    builder_network(&builder, &(struct builder_shape){.architecture = "llama"}, 1);
    char *path = builder_save(&builder, "fuzz-adapter");
    builder_close(&builder);
    model = model_open(path, pool_new(1), &fault);
    MUST(model != NULL);
    session = session_open(model, 40, &fault);
    MUST(session != NULL);
    unlink(path);
    free(path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    if (!session)
        set_up();
    struct fault fault = {0};
    static const int32_t tokens[3] = {1, 2, 3};
    const float *logits;
    char *bytes = aligned_alloc(32, (n + 32) & ~(size_t)31);
    MUST(bytes != NULL);
    memcpy(bytes, data, n);
    struct adapter *adapter = adapter_open_bytes(model, (struct view){bytes, n}, "input", &fault);
    MUST((adapter != NULL) == (fault.kind == FAULT_NONE));
    if (adapter)
        MUST(session_adapt(session, adapter, 1, &fault) &&
             session_feed(session, tokens, 3, &logits, NULL, NULL, &fault) &&
             session_adapt(session, NULL, 1, &fault));
    adapter_close(adapter);
    free(bytes);
    return 0;
}
