/* show_template TEMPLATE: renders a chat template with each context that is a line of standard
 * input, a line each: a JSON string, or {"error":"…"}. bench/compare_templates.py drives it. */
#include "model/model.h"

#include <stdio.h>

enum { MOST_BYTES = 64 << 20 };

static void show(const struct chat_template *chat_template, struct view line) {
    struct fault fault = {0};
    struct buffer text = {0}, shown = {0};
    json_t *context = json_parse(line, &fault), *answer;
    bool good = context && chat_template_render(chat_template, context, &text, &fault);
    if (good)
        answer = json_stringn(text.at ? text.at : "", text.n);
    else
        answer = json_pack("{s:s}", "error", fault.message);
    buffer_json(&shown, answer);
    printf("%s\n", shown.at);
    json_decref(answer);
    json_decref(context);
    buffer_free(&text);
    buffer_free(&shown);
}

int main(int n_argument, char **arguments) {
    struct fault fault = {0};
    struct buffer source = {0}, in = {0};
    char text[1200];
    if (n_argument != 2 || !file_read(arguments[1], MOST_BYTES, &source, &fault) ||
        !file_read("-", MOST_BYTES, &in, &fault)) {
        fprintf(stderr, "show_template TEMPLATE: %s\n", fault_text(&fault, text, sizeof text));
        return 2;
    }
    struct chat_template *chat_template = chat_template_compile(buffer_view(&source), &fault);
    if (!chat_template) {
        fprintf(stderr, "%s\n", fault_text(&fault, text, sizeof text));
        return 1;
    }
    for (struct view rest = buffer_view(&in); rest.n;) {
        ptrdiff_t end = view_find(rest, VIEW("\n"));
        size_t n = end < 0 ? rest.n : (size_t)end;
        show(chat_template, view_slice(rest, 0, n));
        rest = view_slice(rest, n + 1, rest.n);
    }
    chat_template_free(chat_template);
    buffer_free(&source);
    buffer_free(&in);
    return 0;
}
