/* What learners wrote, without who they are. The first line is a name that is known. */
#include "school/pseudonym.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    struct view text = {(const char *)data, n}, name;
    struct struck struck = {0};
    struct buffer out = {0};
    struct pseudonyms *names = pseudonyms_new();
    if (view_line(&text, &name))
        pseudonyms_add(names, name);
    pseudonyms_strike(names, text, &out, &struck);
    MUST(!utf8_valid(text) || utf8_valid(buffer_view(&out)));
    size_t n_struck = struck.names + struck.mails + struck.addresses + struck.numbers;
    MUST(n_struck > 0 || view_equal(buffer_view(&out), text));
    buffer_free(&out);
    pseudonyms_free(names);
    return 0;
}
