/* Chat templates come with files that others made: no bytes may crash or hold up the reader. */
#include "model/model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct fault fault = {0};
    struct chat_template *made =
        chat_template_compile((struct view){(const char *)data, size}, &fault);
    if (made) {
        json_t *context = json_pack("{s:[{s:s, s:s}], s:b}", "messages", "role", "user", "content",
                                    "Hi", "add_generation_prompt", 1);
        struct buffer out = {0};
        chat_template_render(made, context, &out, &fault);
        buffer_free(&out);
        json_decref(context);
    }
    chat_template_free(made);
    return 0;
}
