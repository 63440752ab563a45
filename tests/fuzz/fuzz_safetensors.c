/* Any bytes as a safetensors file: refused or read, and if read, all of its values. */
#include "model/safetensors.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    char *bytes = malloc(n + 1); /* of its own, so that a byte too far is seen */
    memcpy(bytes, data, n);
    struct fault fault = {0};
    struct safetensors *file = safetensors_open_bytes((struct view){bytes, n}, "fuzz", &fault);
    uint64_t sum = 0, n_byte = 0;
    for (size_t i = 0; file && i < safetensors_n_tensor(file); i++) {
        const struct safetensors_tensor *tensor = safetensors_tensor_at(file, i);
        MUST(safetensors_tensor(file, tensor->name) == tensor);
        uint64_t n_value = tensor->type->size;
        for (int k = 0; k < tensor->n_dimension; k++)
            n_value *= (uint64_t)tensor->dimension[k];
        MUST(n_value == tensor->n_byte);
        for (uint64_t k = 0; k < tensor->n_byte; k++)
            sum += tensor->data[k];
        n_byte += tensor->n_byte;
    }
    MUST(file ? n_byte < n : fault.kind != FAULT_NONE);
    volatile uint64_t kept = sum;
    (void)kept;
    safetensors_close(file);
    free(bytes);
    return 0;
}
