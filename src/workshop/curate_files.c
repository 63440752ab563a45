/* The files of folders, in the order of their names, each with the licence that lies nearest. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "workshop/curate.h"

enum { DEEPEST = 40, MOST_FILES = 4 << 20, MOST_LICENCE = 1 << 16 };

/* clang-format off */
static const struct { const char *says, *name; } licences[] = { /* the more exact first */
    {"Attribution-ShareAlike 4.0", "CC-BY-SA-4.0"}, {"Attribution-ShareAlike 3.0", "CC-BY-SA-3.0"},
    {"Attribution-NonCommercial-ShareAlike 4.0", "CC-BY-NC-SA-4.0"}, {"Attribution-NonCommercial 4.0", "CC-BY-NC-4.0"},
    {"Attribution 4.0 International", "CC-BY-4.0"}, {"Attribution 3.0", "CC-BY-3.0"}, {"Attribution 2.5", "CC-BY-2.5"},
    {"CC0 1.0", "CC0-1.0"}, {"Apache License", "Apache-2.0"}, {"Mozilla Public License", "MPL-2.0"},
    {"GNU AFFERO GENERAL PUBLIC LICENSE", "AGPL-3.0"}, {"GNU LESSER GENERAL PUBLIC LICENSE", "LGPL"},
    {"GNU GENERAL PUBLIC LICENSE", "GPL"}, {"Permission is hereby granted, free of charge", "MIT"},
    {"Redistribution and use in source and binary forms", "BSD"}, {"This is free and unencumbered software", "Unlicense"},
};
static const char *const licence_files[] = {"LICENSE", "LICENCE", "LICENSE.txt", "LICENCE.txt", "LICENSE.md", "LICENCE.md", "COPYING", "course.yaml"};
/* clang-format on */

/* What follows "licence:" at the start of a line, or NULL. */
static const char *licence_line(struct view text, struct arena *arena) {
    static const char *const keys[] = {"licence:", "license:", "SPDX-License-Identifier:"};
    struct view line;
    while (view_line(&text, &line)) {
        line = view_trim(line);
        for (size_t i = 0; i < COUNT_OF(keys); i++)
            if (view_starts(line, keys[i])) {
                struct view value = view_trim(view_slice(line, strlen(keys[i]), line.n));
                if (value.n >= 2 && (value.at[0] == '"' || value.at[0] == '\'') &&
                    value.at[value.n - 1] == value.at[0])
                    value = view_slice(value, 1, value.n - 1);
                if (value.n && value.n < 100 && utf8_valid(value))
                    return arena_string(arena, value);
            }
    }
    return NULL;
}

static const char *licence_of_folder(const char *folder, struct arena *arena) {
    const char *found = NULL;
    for (size_t i = 0; !found && i < COUNT_OF(licence_files); i++) {
        struct buffer text = {0};
        char *path = arena_format(arena, "%s/%s", folder, licence_files[i]);
        if (file_exists(path) && file_read(path, MOST_LICENCE, &text, NULL)) {
            found = licence_line(buffer_view(&text), arena);
            for (size_t j = 0; !found && j < COUNT_OF(licences); j++)
                if (view_find(buffer_view(&text), view_of(licences[j].says)) >= 0)
                    found = licences[j].name;
        }
        buffer_free(&text);
    }
    return found;
}

const char *front_matter_licence(struct view *text, struct arena *arena) {
    if (!view_starts(*text, "---\n"))
        return NULL;
    ptrdiff_t end = view_find(view_slice(*text, 3, text->n), VIEW("\n---\n"));
    if (end < 0)
        return NULL;
    const char *found = licence_line(view_slice(*text, 4, (size_t)end + 4), arena);
    *text = view_slice(*text, (size_t)end + 8, text->n);
    return found;
}

static bool add_file(struct source_list *list, const char *path, size_t n, const char *licence,
                     bool named, struct fault *fault) {
    struct view name = view_of(path);
    bool lines = view_ends(name, ".jsonl");
    bool text = view_ends(name, ".txt") || view_ends(name, ".md") || view_ends(name, ".markdown");
    if (!lines && !text && !named) {
        list->n_passed_over++;
        return true;
    }
    if (list->n >= MOST_FILES)
        return fault_set(fault, FAULT_LIMIT, "there are more than %d files", MOST_FILES);
    if (!TRY_ROOM(list->at, list->room, list->n + 1))
        return fault_set(fault, FAULT_MACHINE, "there is no memory for the list of files");
    list->at[list->n++] = (struct source_file){path, licence, n, lines};
    list->n_byte += n;
    return true;
}

static bool add_place(struct source_list *, const char *path, const char *licence, int depth,
                      struct fault *);

static bool add_folder(struct source_list *list, const char *path, const char *licence, int depth,
                       struct fault *fault) {
    struct dirent **names;
    int n = scandir(path, &names, NULL, alphasort);
    if (n < 0) {
        fault_set(fault, FAULT_MACHINE, "the folder cannot be read: %s", strerror(errno));
        return fault_place(fault, path, 0, -1);
    }
    const char *own = licence_of_folder(path, list->arena);
    bool good = depth < DEEPEST || fault_set(fault, FAULT_LIMIT, "the folders go too deep");
    for (int i = 0; i < n; i++) {
        if (good && names[i]->d_name[0] != '.')
            good = add_place(list, arena_format(list->arena, "%s/%s", path, names[i]->d_name),
                             own ? own : licence, depth + 1, fault);
        free(names[i]);
    }
    free(names);
    return good;
}

static bool add_place(struct source_list *list, const char *path, const char *licence, int depth,
                      struct fault *fault) {
    struct stat status;
    if ((depth ? lstat : stat)(path, &status) < 0) { /* links inside folders are not followed */
        fault_set(fault, errno == ENOENT ? FAULT_MISSING : FAULT_MACHINE, "cannot look at it: %s",
                  strerror(errno));
        return fault_place(fault, path, 0, -1);
    }
    if (S_ISDIR(status.st_mode))
        return add_folder(list, path, licence, depth, fault);
    if (!S_ISREG(status.st_mode))
        return list->n_passed_over++, true;
    return add_file(list, path, (size_t)status.st_size, licence, depth == 0, fault);
}

/* What is read of them is long or short as they wrote: n is not known yet. */
static void add_given(struct source_list *list, size_t n) {
    for (size_t i = 0; i < n; i++) {
        MUST(TRY_ROOM(list->at, list->room, list->n + 1));
        list->at[list->n++] =
            (struct source_file){.path = "transcript", .json_lines = true, .given = i + 1};
    }
}

bool sources_find(const char *const *places, size_t n, size_t n_given, struct source_list *list,
                  struct fault *fault) {
    *list = (struct source_list){.arena = arena_new()};
    bool good = true;
    for (size_t i = 0; good && i < n; i++) {
        struct view path = view_of(places[i]);
        while (path.n > 1 && path.at[path.n - 1] == '/')
            path.n--;
        good = add_place(list, arena_string(list->arena, path), NULL, 0, fault);
    }
    if (good && n && !list->n && !n_given)
        good = fault_set(fault, FAULT_INPUT, "there is no file of text, Markdown or JSON lines");
    if (good)
        add_given(list, n_given);
    else
        sources_free(list);
    return good;
}

void sources_free(struct source_list *list) {
    free(list->at);
    arena_free(list->arena);
    *list = (struct source_list){0};
}
