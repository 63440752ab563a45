/* Writes a small random model with a chat template, for tests of the command. */
#include "../model/builder.h"

#include <stdlib.h>

int main(int n_argument, char **arguments) {
    struct builder builder;
    struct builder_shape shape = {.architecture = "llama", .tied = true};
    struct fault fault = {0};
    MUST(n_argument == 2);
    builder_open(&builder);
    builder_key_text(&builder, "tokenizer.chat_template",
                     "{% for m in messages %}<{{ m.role }}>{{ m.content }}\x02\n{% endfor %}"
                     "{% if add_generation_prompt %}<assistant>{% endif %}");
    builder_network(&builder, &shape, 5);
    struct view whole = builder_join(&builder);
    MUST(file_write(arguments[1], whole, &fault));
    free((void *)(uintptr_t)whole.at);
    builder_close(&builder);
    return 0;
}
