/* Courses, models and adapters that the program finds by itself. */
#include "main/shipped.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char model_name[] = "SmolLM2-135M-Instruct.Q4_1.gguf";

const char *shipped_file(const char *name, char out[PATH_MAX]) {
    snprintf(out, PATH_MAX, "%s", name);
    if (file_exists(out))
        return out;
    char program[PATH_MAX - 64];
    ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
    if (n <= 0)
        return NULL;
    program[n] = 0;
    static const char *const beside[] = {"../", "../share/lyceum/", "./"};
    char *slash = strrchr(program, '/');
    *slash = 0;
    for (size_t i = 0; i < COUNT_OF(beside); i++) {
        snprintf(out, PATH_MAX, "%s/%s%s", program, beside[i], name);
        if (file_exists(out))
            return out;
    }
    return NULL;
}

struct view shipped_last_part(const char *path) {
    struct view text = view_of(path);
    while (text.n > 1 && text.at[text.n - 1] == '/')
        text.n--;
    for (size_t i = text.n; i-- > 0;)
        if (text.at[i] == '/')
            return view_slice(text, i + 1, text.n);
    return text;
}

/* "SmolLM2-135M-Instruct" of ".../SmolLM2-135M-Instruct.Q4_1.gguf". */
static struct view without_type(struct view file) {
    if (view_ends(file, ".gguf"))
        file.n -= strlen(".gguf");
    for (size_t i = file.n; i-- > 0;)
        if (file.at[i] == '.' || file.at[i] == '-')
            return i + 1 < file.n && strchr("QFBqfb", file.at[i + 1]) ? view_slice(file, 0, i)
                                                                      : file;
    return file;
}

void members_name_adapter(const char *name, const char *model, char out[PATH_MAX]) {
    snprintf(out, PATH_MAX, "adapters/%.*s.%.*s.gguf", VIEW_ARG(shipped_last_part(name)),
             VIEW_ARG(without_type(shipped_last_part(model))));
}

static void add_adapter(struct members *members, const struct company_adapter *adapter) {
    if (adapter->path && members->options.n_adapter < COMPANY_ADAPTERS)
        members->adapters[members->options.n_adapter++] = *adapter;
}

static void add_specialist(struct members *members, const char *course) {
    int n = members->options.n_adapter;
    char name[PATH_MAX];
    if (n == COMPANY_ADAPTERS)
        return;
    members_name_adapter(course, members->model, name);
    snprintf(members->names[n], sizeof members->names[n], "%.*s",
             VIEW_ARG(shipped_last_part(course)));
    add_adapter(members, &(struct company_adapter){.name = members->names[n],
                                                   .path = shipped_file(name, members->paths[n]),
                                                   .scale = 1,
                                                   .specialist = true});
}

/* all-MiniLM-L6-v2, in whatever type it was written. */
static void find_embedder(struct members *members, const char *folder) {
    static const char *const types[] = {"F32", "F16", "BF16", "Q8_0"};
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        snprintf(members->embedder, sizeof members->embedder, "%s/all-MiniLM-L6-v2.%s.gguf",
                 folder, types[i]);
        if (file_exists(members->embedder))
            return;
    }
}

void members_choose(struct members *members, const char *model,
                    const struct company_adapter *adapter, const char *const *courses) {
    const char *folder = getenv("LYCEUM_MODELS");
    char name[PATH_MAX];
    if (model)
        snprintf(members->model, sizeof members->model, "%s", model);
    else
        snprintf(members->model, sizeof members->model, "%s/%s",
                 folder && *folder ? folder : "models", model_name);
    members->options = (struct company_options){
        .model = members->model, .adapters = members->adapters, .embedder = members->embedder};
    find_embedder(members, folder && *folder ? folder : "models");
    struct company_adapter first = *adapter;
    members_name_adapter("tutor", members->model, name);
    if (!first.path)
        first.path = shipped_file(name, members->paths[0]);
    else if (!strcmp(first.path, "none"))
        first.path = NULL;
    add_adapter(members, &first);
    for (size_t i = 0; courses && courses[i] && !adapter->path; i++)
        add_specialist(members, courses[i]);
}
