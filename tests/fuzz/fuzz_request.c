/* What strangers send to the web: cookies, forms, languages. */
#include "web/web.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    static const char *const offered[] = {"en", "zh", NULL};
    struct view text = {(const char *)data, n};
    struct fault fault = {0};
    struct view found = web_cookie(text, "lyceum");
    MUST(found.n <= n);
    json_t *form = web_form(text, &fault);
    MUST((form != NULL) == (fault.kind == FAULT_NONE));
    json_decref(form);
    MUST(web_language(text, offered) != NULL);
    if (web_language_tag(text))
        MUST(utf8_valid(text));
    return 0;
}
