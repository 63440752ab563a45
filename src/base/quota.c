/* Control groups limit the processor time of a container. /proc/self/cgroup names the group of
 * each hierarchy, "0::/a/b" in version 2 and "4:cpu,cpuacct:/a/b" in version 1;
 * /proc/self/mountinfo tells where a hierarchy is mounted, and which of its groups is at the top
 * of the mount. The groups from there down to the process's own all hold. */
#include "base/quota.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct hierarchy {
    bool found;
    char group[PATH_MAX]; /* of the process */
    char mount[PATH_MAX]; /* where the hierarchy is seen … */
    char top[PATH_MAX];   /* … from this group on */
};

static FILE *open_below(const char *root, const char *folder, const char *name) {
    char path[PATH_MAX];
    int n = snprintf(path, sizeof path, "%s%s/%s", root, folder, name);
    return n > 0 && n < (int)sizeof path ? fopen(path, "re") : NULL;
}

/* "cpu" in "rw,cpu,cpuacct" */
static bool lists_cpu(const char *list) {
    for (const char *at = list; (at = strstr(at, "cpu")) != NULL; at += 3) {
        bool begins = at == list || at[-1] == ',';
        if (begins && (at[3] == 0 || at[3] == ',' || at[3] == '\n'))
            return true;
    }
    return false;
}

static void copy_path(char *to, const char *from) {
    size_t n = strcspn(from, "\n");
    n = n < PATH_MAX - 1 ? n : PATH_MAX - 1;
    memcpy(to, from, n);
    to[n] = 0;
    while (n > 0 && to[n - 1] == '/')
        to[--n] = 0;
}

static void find_groups(const char *root, struct hierarchy *v1, struct hierarchy *v2) {
    char line[2 * PATH_MAX];
    FILE *file = open_below(root, "/proc/self", "cgroup");
    while (file && fgets(line, sizeof line, file)) {
        char *controllers = strchr(line, ':');
        char *group = controllers ? strchr(controllers + 1, ':') : NULL;
        if (!group)
            continue;
        *group = 0;
        if (strcmp(line, "0:") == 0)
            copy_path(v2->group, group + 1);
        else if (lists_cpu(controllers + 1))
            copy_path(v1->group, group + 1);
    }
    if (file)
        fclose(file);
}

/* A line: "36 35 0:30 TOP MOUNT rw,relatime … - TYPE SOURCE rw,cpu". */
static void find_mounts(const char *root, struct hierarchy *v1, struct hierarchy *v2) {
    char line[4 * PATH_MAX];
    FILE *file = open_below(root, "/proc/self", "mountinfo");
    while (file && fgets(line, sizeof line, file)) {
        char top[PATH_MAX], mount[PATH_MAX], type[32], options[256];
        const char *rest = strstr(line, " - ");
        if (!rest || sscanf(line, "%*s %*s %*s %4095s %4095s", top, mount) != 2 ||
            sscanf(rest, " - %31s %*s %255s", type, options) != 2)
            continue;
        struct hierarchy *found = strcmp(type, "cgroup2") == 0                        ? v2
                                  : strcmp(type, "cgroup") == 0 && lists_cpu(options) ? v1
                                                                                      : NULL;
        if (!found || found->found)
            continue;
        found->found = true;
        copy_path(found->top, top);
        copy_path(found->mount, mount);
    }
    if (file)
        fclose(file);
}

/* Processors that one group's own files allow; 0: any. */
static double quota_of(const char *root, const char *folder, bool version_2) {
    double quota = 0, period = 0;
    FILE *file = open_below(root, folder, version_2 ? "cpu.max" : "cpu.cfs_quota_us");
    bool read = file && fscanf(file, "%lf", &quota) == 1; /* not "max" */
    FILE *other = version_2 ? file : open_below(root, folder, "cpu.cfs_period_us");
    read = read && other && fscanf(other, "%lf", &period) == 1;
    if (other && other != file)
        fclose(other);
    if (file)
        fclose(file);
    return read && quota > 0 && period > 0 ? quota / period : 0;
}

static double least_quota(const char *root, const struct hierarchy *hierarchy, bool version_2) {
    double least = 0;
    if (!hierarchy->found)
        return 0;
    /* The group as the mount shows it; of another part of the tree only the top can be seen. */
    const char *group = hierarchy->group;
    size_t n = strlen(hierarchy->top);
    if (strncmp(group, hierarchy->top, n) == 0 && (group[n] == '/' || group[n] == 0))
        group += n;
    else
        group = "";
    char folder[2 * PATH_MAX];
    snprintf(folder, sizeof folder, "%s%s", hierarchy->mount, group);
    for (;;) {
        double quota = quota_of(root, folder, version_2);
        if (quota > 0 && (least == 0 || quota < least))
            least = quota;
        char *slash = strrchr(folder, '/');
        if (!slash || strlen(folder) <= strlen(hierarchy->mount))
            return least;
        *slash = 0;
    }
}

double quota_processors(const char *root) {
    struct hierarchy v1 = {0}, v2 = {0};
    find_groups(root, &v1, &v2);
    find_mounts(root, &v1, &v2);
    double older = least_quota(root, &v1, false), newer = least_quota(root, &v2, true);
    return older == 0 || (newer > 0 && newer < older) ? newer : older;
}
