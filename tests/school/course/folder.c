#include "folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64];

static const char *const sound_about =
    "title: {en: A course, zh: 一门课}\n"
    "authors: [Somebody]\n"
    "licence: CC-BY-4.0\n"
    "languages: [en, zh]\n"
    "mastery: 0.9\n"
    "target_success: 0.85\n"
    "skills:\n"
    "  - {id: add, title: {en: Adding}, prerequisites: []}\n"
    "  - {id: pick, title: {en: Picking}, prerequisites: [add]}\n";

#define EXERCISES(ask, first, second)                                                             \
    "::::{exercise} Sum\n"                                                                        \
    ":label: sum-1\n"                                                                             \
    ":skill: add\n"                                                                               \
    "~~~yaml\n"                                                                                   \
    "vary: {a: 2..9, b: 11..19}\n"                                                                \
    "where: a != b - 10\n"                                                                        \
    "let: {s: a + b}\n"                                                                           \
    "ask: " ask "\n"                                                                              \
    "check: number\n"                                                                             \
    "key: \"{s}\"\n"                                                                              \
    "wrong:\n"                                                                                    \
    "  - {is: \"{b - a}\", why: subtracted, say: \"" first "\"}\n"                                \
    "  - {is: \"{a*b}\", why: multiplied, say: \"" second "\"}\n"                                 \
    "~~~\n"                                                                                       \
    ":::{hint} " first "\n"                                                                       \
    ":::\n"                                                                                       \
    ":::{hint}\n"                                                                                 \
    "" second "\n"                                                                                \
    ":::\n"                                                                                       \
    ":::{solution} $ {a} + {b} = {s} $.\n"                                                        \
    ":::\n"                                                                                       \
    "::::\n"                                                                                      \
    "\n"                                                                                          \
    "::::{exercise} Pick\n"                                                                       \
    ":label: pick-1\n"                                                                            \
    ":skill: pick\n"                                                                              \
    "~~~yaml\n"                                                                                   \
    "ask: " ask "\n"                                                                              \
    "check: choice\n"                                                                             \
    "options: {choices: [the brown cow, the red fox, the old owl]}\n"                             \
    "key: 2\n"                                                                                    \
    "wrong:\n"                                                                                    \
    "  - {is: 1, why: cow, say: \"" first "\"}\n"                                                 \
    "  - {is: 3, why: owl, say: \"" second "\"}\n"                                                \
    "~~~\n"                                                                                       \
    ":::{hint} " first "\n"                                                                       \
    ":::\n"                                                                                       \
    ":::{hint} " second "\n"                                                                      \
    ":::\n"                                                                                       \
    ":::{solution} It is red.\n"                                                                  \
    ":::\n"                                                                                       \
    "::::\n"

static const char *const sound_lesson =
    "# First steps\n"
    "\n"
    "Welcome to the course. It begins here.\n"
    "\n"
    "## Adding up\n"
    "\n"
    "To *add* is to count on. For example $2 + 3 = 5$.\n"
    "\n"
    "![Two dots and three dots](figure.svg)\n"
    "\n" EXERCISES("What comes out?", "What do you do with both?", "Count on.") "\n"
                                                                                "## The end\n"
                                                                                "\n"
                                                                                "That is all.\n";

static const char *const sound_translation =
    "# 第一步\n"
    "\n"
    "欢迎。从这里开始。\n"
    "\n"
    "## 相加\n"
    "\n"
    "加就是接着数。比如 $2 + 3 = 5$。\n"
    "\n"
    "![两个点和三个点](figure.svg)\n"
    "\n" EXERCISES("结果是什么？", "你要把两个数怎么样？", "接着数。") "\n"
                                                                       "## 结束\n"
                                                                       "\n"
                                                                       "完了。\n";

static const char *const sound_figure =
    "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 9 9\">\n"
    "<defs><marker id=\"tip\"><path d=\"M0 0\"/></marker></defs>\n"
    "<path id=\"line\" d=\"M0 0L9 9\" marker-end=\"url(#tip)\"/>\n"
    "<use href=\"#line\"/>\n"
    "</svg>\n";

static const struct {
    const char *file;
    const char *const *text;
} files[] = {{"course.yaml", &sound_about},
             {"01-first/lesson.md", &sound_lesson},
             {"01-first/lesson.zh.md", &sound_translation},
             {"01-first/figure.svg", &sound_figure}};

const char *sound_text(const char *file) {
    for (size_t i = 0; i < COUNT_OF(files); i++)
        if (!strcmp(files[i].file, file))
            return *files[i].text;
    fail_msg("there is no %s", file);
    return NULL;
}

void folder_write(const char *file, const char *text) {
    char path[256];
    struct fault fault = {0};
    snprintf(path, sizeof path, "%s/%s", folder, file);
    char *slash = strrchr(path, '/');
    *slash = 0;
    assert_true(folder_make(path, &fault));
    *slash = '/';
    assert_true(file_write(path, view_of(text), &fault));
}

void folder_remove(const char *file) {
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, file);
    assert_int_equal(remove(path), 0);
}

const char *folder_new(void) {
    snprintf(folder, sizeof folder, "/tmp/lyceum-course-XXXXXX");
    assert_non_null(mkdtemp(folder));
    for (size_t i = 0; i < COUNT_OF(files); i++)
        folder_write(files[i].file, *files[i].text);
    return folder;
}

void folder_free(void) {
    char command[128];
    assert_true(!strncmp(folder, "/tmp/lyceum-course-", 19));
    snprintf(command, sizeof command, "rm -r '%s'", folder);
    assert_int_equal(system(command), 0);
}

char *text_with(const char *text, const char *from, const char *to) {
    const char *at = strstr(text, from);
    struct buffer out = {0};
    if (!at)
        fail_msg("\"%s\" does not stand in the text", from);
    buffer_append(&out, (struct view){text, (size_t)(at - text)});
    buffer_text(&out, to);
    buffer_text(&out, at + strlen(from));
    return out.at;
}

long line_with(const char *text, const char *what) {
    const char *at = strstr(text, what);
    long line = 1;
    if (!at)
        fail_msg("\"%s\" does not stand in the text", what);
    for (const char *c = text; c < at; c++)
        line += *c == '\n';
    return line;
}

struct course *folder_load(void) {
    struct fault fault = {0};
    struct course *course = course_load(folder, NULL, &fault);
    if (!course)
        fail_msg("%s", fault.message);
    return course;
}
