/* What curation reads: lines of JSON, Markdown with its front matter, held-out items. The first
 * byte says which it is. */
#include "workshop/curate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    if (!n)
        return 0;
    struct view text = {(const char *)data + 1, n - 1};
    struct source_file file = {.path = "a\xFF.md", .json_lines = data[0] & 1};
    struct curation curation = {.language = data[0] & 2 ? "en,zh" : NULL};
    struct held_out held = {0};
    struct scratch *scratch = scratch_new();
    double spent[N_PASS] = {0};
    struct arena *arena = arena_new();
    struct row row = {.file = &file, .number = 1};
    if (data[0] & 4)
        held_out_parse(text, &held);
    if (!file.json_lines)
        row.licence = front_matter_licence(&text, arena);
    row.raw = text;
    row_check(&row, &curation, &held, scratch);
    json_t *line = json_parse(buffer_view(&row.line), NULL);
    MUST(line && json_object_size(line) == 4); /* what is written can be read */
    json_decref(line);
    row_free(&row);
    arena_free(arena);
    scratch_free(scratch, spent);
    held_out_free(&held);
    return 0;
}
