/* A program of the question, run in the school's sandbox. Python alone. The last line's value is
 * shown where it has one, as at Python's own prompt. */
#include "school/grade/sandbox.h"
#include "school/tools/inside.h"

#include <stdio.h>
#include <string.h>

static const char runner[] =
    "import ast, sys\n"
    "source = open('/answer/asked.py', encoding='utf-8').read()\n"
    "try:\n"
    "    tree = ast.parse(source, 'program')\n"
    "    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None\n"
    "    space = {'__name__': '__main__'}\n"
    "    exec(compile(tree, 'program', 'exec'), space)\n"
    "    value = eval(compile(ast.Expression(last.value), 'program', 'eval'), space) if last else "
    "None\n"
    "    if value is not None: print(repr(value))\n"
    "except SystemExit: pass\n"
    "except BaseException as e:\n"
    "    sys.stdout.flush()\n"
    "    print(type(e).__name__ + (': ' + str(e) if str(e) else ''))\n";

static void tell(const struct sandbox_result *result, struct arena *arena,
                 struct tool_result *out) {
    struct view text = view_trim(buffer_view(&result->out));
    switch (result->end) {
    case SANDBOX_TIME:
        tool_refuse(out, REFUSE_TOO_LONG);
        return;
    case SANDBOX_OUTPUT:
        tool_refuse(out, REFUSE_TOO_MUCH);
        return;
    case SANDBOX_SIGNAL:
        tool_refuse(out, REFUSE_NOT_RUN);
        return;
    case SANDBOX_EXIT:
        break;
    }
    if (!utf8_valid(text))
        tool_refuse(out, REFUSE_SILENT);
    else if (text.n) {
        tool_found(out, arena, "%.*s", VIEW_ARG(text));
        out->value = out->text;
    } else
        tool_refuse(out, REFUSE_SILENT);
}

void tool_code(const struct tool_place *place, struct view asked, struct arena *arena,
               struct tool_result *out) {
    static const char *const command[] = {"/usr/bin/python3", "-I", "-S", "/answer/run.py", NULL};
    struct sandbox_file files[] = {{"run.py", view_of(runner)}, {"asked.py", asked}};
    struct sandbox_result result = {0};
    struct fault fault = {0};
    char folder[PATH_MAX];
    if (!place->programs || !sandbox_works(&fault)) {
        tool_refuse(out, REFUSE_NO_SANDBOX);
        return;
    }
    if (!sandbox_folder(folder, files, COUNT_OF(files), &fault)) {
        tool_refuse(out, REFUSE_NOT_RUN);
        sandbox_remove(folder);
        return;
    }
    struct sandbox_job job = {.command = command,
                              .folder = folder,
                              .seconds = 2,
                              .memory = (size_t)256 << 20,
                              .output = TOOL_FOUND,
                              .files = 1 << 20};
    if (sandbox_run(&job, &result, &fault))
        tell(&result, arena, out);
    else
        tool_refuse(out, REFUSE_NOT_RUN);
    sandbox_result_free(&result);
    sandbox_remove(folder);
}
