/* Files of a course that pages may show: figures, and nothing else. */
#include "school/school_inside.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { ASSET_LIMIT = 16 << 20 }; /* bytes */

static const struct {
    const char *ending, *media_type;
} kinds[] = {
    {".svg", "image/svg+xml"}, {".png", "image/png"},   {".jpg", "image/jpeg"},
    {".jpeg", "image/jpeg"},   {".webp", "image/webp"},
};

static const char *media_type_of(struct view path) {
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (view_ends(path, kinds[i].ending))
            return kinds[i].media_type;
    return NULL;
}

/* Where the path leads once every link is followed; NULL unless that is inside the course. */
static char *resolve(const struct course *course, struct view path) {
    struct buffer joined = {0};
    buffer_format(&joined, "%.*s/%.*s", VIEW_ARG(course->folder), VIEW_ARG(path));
    char *folder = realpath(course->folder.at, NULL), *file = realpath(joined.at, NULL);
    size_t n = folder ? strlen(folder) : 0;
    bool inside = folder && file && !strncmp(file, folder, n) && file[n] == '/';
    free(folder);
    buffer_free(&joined);
    if (inside)
        return file;
    free(file);
    return NULL;
}

/* No part of a path is empty, hidden or leads upwards. */
static bool plain(struct view path) {
    if (!path.n || path.n > PATH_MAX / 2 || memchr(path.at, 0, path.n) ||
        memchr(path.at, '\\', path.n))
        return false;
    for (size_t i = 0; i < path.n; i++)
        if ((i == 0 || path.at[i - 1] == '/') && (path.at[i] == '.' || path.at[i] == '/'))
            return false;
    return true;
}

bool school_asset(struct school *school, const char *course_id, struct view path,
                  struct buffer *out, const char **media_type, struct fault *fault) {
    const struct course *course = school_course(school, course_id);
    char *file = course && plain(path) && media_type_of(path) ? resolve(course, path) : NULL;
    struct stat status;
    /* A link may lead from a figure's name to a lesson, which holds the keys. */
    const char *type = file ? media_type_of(view_of(file)) : NULL;
    bool good = type && stat(file, &status) == 0 && S_ISREG(status.st_mode);
    if (!good)
        fault_set(fault, FAULT_MISSING, "There is no file of that name in the course.");
    else if ((good = file_read(file, ASSET_LIMIT, out, fault)))
        *media_type = type;
    free(file);
    return good;
}
