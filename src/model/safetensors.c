/* Reading safetensors: every claim of a header is checked before it is believed. */
#include "model/safetensors.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Bounds that protect the machine. The first is the format's own. */
enum { MAX_HEADER = 100000000, MAX_TENSORS = 65536, MAX_NAME = 1024, MAX_FILES = 1024 };

struct part { /* one file */
    struct file_map map;
    bool owns_map;
    char *path;
    json_t *header; /* owns the names */
};

struct safetensors {
    struct part *parts;
    size_t n_part;
    struct safetensors_tensor *tensors; /* in the order of their names */
    size_t n_tensor;
};

static const struct safetensors_type types[] = {
    {"F64", 8}, {"I64", 8}, {"U64", 8},     {"F32", 4},     {"I32", 4},
    {"U32", 4}, {"F16", 2}, {"BF16", 2},    {"I16", 2},     {"U16", 2},
    {"I8", 1},  {"U8", 1},  {"F8_E4M3", 1}, {"F8_E5M2", 1}, {"BOOL", 1},
};

static const struct safetensors_type *find_type(const char *name) {
    for (size_t i = 0; name && i < COUNT_OF(types); i++)
        if (!strcmp(types[i].name, name))
            return &types[i];
    return NULL;
}

/* ------------------------------------------------------------------------------------- faults */

/* Names come from outside: what is not printable ASCII is shown as '?', the rest is cut. */
static const char *shown(struct view name, char out[72]) {
    size_t n = name.n < 64 ? name.n : 64;
    for (size_t i = 0; i < n; i++)
        out[i] = name.at[i] >= 32 && name.at[i] < 127 ? name.at[i] : '?';
    strcpy(out + n, name.n > n ? "…" : "");
    return out;
}

static bool refuse_at(const struct part *part, int64_t byte, struct fault *fault,
                      const char *format, ...) PRINTF_LIKE(4, 5);
static bool refuse_at(const struct part *part, int64_t byte, struct fault *fault,
                      const char *format, ...) {
    char text[300];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    fault_set(fault, FAULT_INPUT, "%s", text);
    fault_place(fault, part->path, 0, byte);
    return fault_remedy(fault, "The file is damaged or no safetensors file: download it again");
}

static bool refuse_tensor(const struct safetensors_tensor *tensor, struct fault *fault,
                          const char *format, ...) PRINTF_LIKE(3, 4);
static bool refuse_tensor(const struct safetensors_tensor *tensor, struct fault *fault,
                          const char *format, ...) {
    char text[240], name[72];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    struct part part = {.path = (char *)(uintptr_t)tensor->path};
    return refuse_at(&part, tensor->byte, fault, "tensor %s: %s", shown(tensor->name, name), text);
}

/* ------------------------------------------------------------------------------------- a file */

/* Where the header describes a name, for faults: the JSON parser does not keep it. */
static int64_t place_of(const struct part *part, uint64_t n_header, struct view name) {
    struct view text = {(const char *)part->map.at + 8, n_header};
    struct buffer quoted = {0};
    buffer_format(&quoted, "\"%.*s\"", VIEW_ARG(name));
    ptrdiff_t at = view_find(text, buffer_view(&quoted));
    buffer_free(&quoted);
    return at < 0 ? 8 : 8 + at;
}

static bool read_shape(const json_t *shape, struct safetensors_tensor *tensor,
                       struct fault *fault) {
    if (!json_is_array(shape) || json_array_size(shape) > SAFETENSORS_DIMENSIONS)
        return refuse_tensor(tensor, fault, "its shape is no list of at most %d numbers",
                             SAFETENSORS_DIMENSIONS);
    tensor->n_dimension = (int)json_array_size(shape);
    tensor->n_byte = tensor->type->size;
    for (int i = 0; i < tensor->n_dimension; i++) {
        const json_t *value = json_array_get(shape, (size_t)i);
        int64_t n = json_is_integer(value) ? json_integer_value(value) : -1;
        if (n < 0)
            return refuse_tensor(tensor, fault, "dimension %d is no count", i);
        tensor->dimension[i] = n;
        if (__builtin_mul_overflow(tensor->n_byte, (uint64_t)n, &tensor->n_byte) ||
            tensor->n_byte > INT64_MAX / 8)
            return refuse_tensor(tensor, fault,
                                 "its dimensions multiply to more than any file holds");
    }
    return true;
}

static bool read_tensor(const struct part *part, uint64_t n_header, const char *name,
                        const json_t *value, struct safetensors_tensor *tensor,
                        struct fault *fault) {
    *tensor = (struct safetensors_tensor){.name = view_of(name), .path = part->path};
    tensor->byte = fault ? place_of(part, n_header, view_slice(tensor->name, 0, MAX_NAME)) : 8;
    if (tensor->name.n == 0 || tensor->name.n > MAX_NAME)
        return refuse_tensor(tensor, fault, "names have 1 to %d bytes", MAX_NAME);
    const char *type = json_text(value, "dtype", NULL);
    const json_t *offsets = json_object_get(value, "data_offsets");
    char text[72];
    tensor->type = find_type(type);
    if (!tensor->type)
        return refuse_tensor(tensor, fault, "its type of values %s is not known",
                             type ? shown(view_of(type), text) : "(none is said)");
    if (!read_shape(json_object_get(value, "shape"), tensor, fault))
        return false;
    const json_t *from = json_array_get(offsets, 0), *to = json_array_get(offsets, 1);
    if (json_array_size(offsets) != 2 || !json_is_integer(from) || !json_is_integer(to))
        return refuse_tensor(tensor, fault, "its data_offsets are no two numbers");
    int64_t first = json_integer_value(from), end = json_integer_value(to);
    uint64_t room = part->map.n - 8 - n_header;
    if (first < 0 || end < first || (uint64_t)end > room)
        return refuse_tensor(tensor, fault,
                             "its data from %" PRId64 " to %" PRId64 " are not inside the %" PRIu64
                             " bytes of the file's tensors",
                             first, end, room);
    if ((uint64_t)(end - first) != tensor->n_byte)
        return refuse_tensor(tensor, fault,
                             "its shape needs %" PRIu64 " bytes, its data_offsets give %" PRId64,
                             tensor->n_byte, end - first);
    tensor->data = part->map.at + 8 + n_header + first;
    return true;
}

static int by_place(const void *a, const void *b) {
    const struct safetensors_tensor *left = a, *right = b;
    if (left->data != right->data)
        return left->data < right->data ? -1 : 1;
    return (left->n_byte > right->n_byte) - (left->n_byte < right->n_byte);
}

/* The tensors of a file follow one another from the header's end to the file's. */
static bool check_cover(const struct part *part, uint64_t n_header,
                        struct safetensors_tensor *tensors, size_t n, struct fault *fault) {
    const uint8_t *at = part->map.at + 8 + n_header, *end = part->map.at + part->map.n;
    qsort(tensors, n, sizeof *tensors, by_place);
    for (size_t i = 0; i < n; i++) {
        if (tensors[i].data != at)
            return refuse_tensor(&tensors[i], fault, "%s before its data",
                                 tensors[i].data < at ? "another tensor ends behind, not"
                                                      : "bytes that belong to no tensor stand");
        at += tensors[i].n_byte;
    }
    return at == end || refuse_at(part, at - part->map.at, fault,
                                  "%td bytes at the end belong to no tensor", end - at);
}

static bool room_for(struct safetensors *all, size_t n, struct fault *fault) {
    size_t total = all->n_tensor + n;
    if (total > MAX_TENSORS)
        return fault_set(fault, FAULT_LIMIT, "more than %d tensors are too many", MAX_TENSORS);
    struct safetensors_tensor *more = try_alloc(total + 1, sizeof *more, fault);
    if (!more)
        return false;
    if (all->n_tensor)
        memcpy(more, all->tensors, all->n_tensor * sizeof *more);
    free(all->tensors);
    all->tensors = more;
    return true;
}

static bool read_tensors(struct safetensors *all, struct part *part, uint64_t n_header,
                         struct fault *fault) {
    const char *name;
    json_t *value;
    if (!room_for(all, json_object_size(part->header), fault))
        return fault_place(fault, part->path, 0, 8);
    struct safetensors_tensor *tensors = all->tensors + all->n_tensor;
    size_t n = 0;
    json_object_foreach(part->header, name, value) {
        if (!strcmp(name, "__metadata__"))
            continue;
        if (!read_tensor(part, n_header, name, value, &tensors[n], fault))
            return false;
        n++;
    }
    all->n_tensor += n;
    return check_cover(part, n_header, tensors, n, fault);
}

static bool read_part(struct safetensors *all, struct part *part, struct fault *fault) {
    uint64_t n_header;
    if (part->map.n < 8)
        return refuse_at(part, 0, fault, "a file of %zu bytes has no header", part->map.n);
    memcpy(&n_header, part->map.at, sizeof n_header);
    if (n_header < 2 || n_header > MAX_HEADER)
        return refuse_at(part, 0, fault, "a header of %" PRIu64 " bytes is not possible",
                         n_header);
    if (n_header > part->map.n - 8)
        return refuse_at(part, 0, fault,
                         "a header of %" PRIu64 " bytes goes past the end of the file", n_header);
    struct view text = {(const char *)part->map.at + 8, n_header};
    if (text.at[0] != '{')
        return refuse_at(part, 8, fault, "the header is no JSON object");
    struct fault inside = {0};
    part->header = json_parse(text, &inside);
    if (!part->header)
        return refuse_at(part, 8 + (inside.byte > 0 ? inside.byte : 0), fault,
                         "the header cannot be read: %.200s", inside.message);
    return read_tensors(all, part, n_header, fault);
}

/* ------------------------------------------------------------------------------ several files */

static struct part *add_part(struct safetensors *all, const char *path) {
    all->parts = must_realloc(all->parts, all->n_part + 1, sizeof *all->parts);
    struct part *part = &all->parts[all->n_part++];
    *part = (struct part){.path = must_copy(view_of(path))};
    return part;
}

static bool add_file(struct safetensors *all, const char *path, struct fault *fault) {
    struct part *part = add_part(all, path);
    part->owns_map = true;
    return file_map(path, &part->map, fault) && read_part(all, part, fault);
}

static int by_name(const void *a, const void *b) {
    const struct safetensors_tensor *left = a, *right = b;
    size_t n = left->name.n < right->name.n ? left->name.n : right->name.n;
    int order = memcmp(left->name.at, right->name.at, n);
    return order ? order : (left->name.n > right->name.n) - (left->name.n < right->name.n);
}

static bool sort_names(struct safetensors *all, struct fault *fault) {
    if (all->n_tensor)
        qsort(all->tensors, all->n_tensor, sizeof *all->tensors, by_name);
    for (size_t i = 1; i < all->n_tensor; i++)
        if (by_name(&all->tensors[i - 1], &all->tensors[i]) == 0)
            return refuse_tensor(&all->tensors[i], fault, "it stands in two files");
    return true;
}

/* The files that an index names, each once, all of them beside it. */
static bool add_files(struct safetensors *all, const char *index_path, const json_t *map,
                      struct fault *fault) {
    const char *name, *slash = strrchr(index_path, '/');
    struct view folder = {index_path, slash ? (size_t)(slash + 1 - index_path) : 0};
    struct buffer path = {0};
    json_t *value, *seen = json_object();
    bool good = true;
    json_object_foreach((json_t *)(uintptr_t)map, name, value) {
        const char *file = json_string_value(value);
        char text[72];
        if (!file || !*file || strchr(file, '/') || file[0] == '.') {
            fault_set(fault, FAULT_INPUT, "tensor %s: its file is no name of a file beside",
                      shown(view_of(name), text));
            good = fault_place(fault, index_path, 0, -1);
            break;
        }
        if (json_object_get(seen, file))
            continue;
        json_object_set_new(seen, file, json_true());
        buffer_clear(&path);
        buffer_format(&path, "%.*s%s", VIEW_ARG(folder), file);
        good = all->n_part < MAX_FILES ||
               fault_set(fault, FAULT_LIMIT, "more than %d files", MAX_FILES);
        good = good && add_file(all, path.at, fault);
        if (!good)
            break;
    }
    json_decref(seen);
    buffer_free(&path);
    return good && sort_names(all, fault);
}

static bool check_index(const struct safetensors *all, const char *path, const json_t *map,
                        struct fault *fault) {
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)map, name, value) {
        const struct safetensors_tensor *tensor = safetensors_tensor(all, view_of(name));
        const char *slash = tensor ? strrchr(tensor->path, '/') : NULL;
        const char *file = slash ? slash + 1 : tensor ? tensor->path : "";
        char text[72];
        if (tensor && !strcmp(file, json_string_value(value)))
            continue;
        fault_set(fault, FAULT_INPUT, "tensor %s: it is not in the file that the index names",
                  shown(view_of(name), text));
        return fault_place(fault, path, 0, -1);
    }
    if (json_object_size(map) == all->n_tensor)
        return true;
    fault_set(fault, FAULT_INPUT, "the index names %zu tensors, its files hold %zu",
              json_object_size(map), all->n_tensor);
    return fault_place(fault, path, 0, -1);
}

static bool add_index(struct safetensors *all, const char *path, struct fault *fault) {
    struct buffer text = {0};
    if (!file_read(path, MAX_HEADER, &text, fault))
        return buffer_free(&text), false;
    json_t *index = json_parse(buffer_view(&text), fault);
    buffer_free(&text);
    if (!index)
        return fault_place(fault, path, 0, -1);
    const json_t *map = json_object_get(index, "weight_map");
    bool good = json_is_object(map);
    if (!good) {
        fault_set(fault, FAULT_INPUT, "the index has no \"weight_map\"");
        fault_place(fault, path, 0, -1);
    }
    good = good && add_files(all, path, map, fault) && check_index(all, path, map, fault);
    json_decref(index);
    return good;
}

/* A folder's index, or its only file. */
static char *file_in(const char *folder, struct fault *fault) {
    struct buffer path = {0};
    buffer_format(&path, "%s/model.safetensors.index.json", folder);
    if (file_exists(path.at))
        return path.at;
    DIR *list = opendir(folder);
    struct dirent *entry;
    char *found = NULL;
    int n = 0;
    while (list && (entry = readdir(list)))
        if (view_ends(view_of(entry->d_name), ".safetensors")) {
            n++;
            buffer_clear(&path);
            buffer_format(&path, "%s/%s", folder, entry->d_name);
            free(found);
            found = must_copy(buffer_view(&path));
        }
    if (list)
        closedir(list);
    buffer_free(&path);
    if (n == 1)
        return found;
    free(found);
    fault_set(fault, n ? FAULT_INPUT : FAULT_MISSING,
              n ? "the folder has %d .safetensors files and no index of them"
                : "the folder has no .safetensors file",
              n);
    fault_place(fault, folder, 0, -1);
    fault_remedy(fault, "Name the one to read, or add model.safetensors.index.json");
    return NULL;
}

struct safetensors *safetensors_open(const char *path, struct fault *fault) {
    struct stat status;
    bool is_folder = stat(path, &status) == 0 && S_ISDIR(status.st_mode);
    char *file = is_folder ? file_in(path, fault) : must_copy(view_of(path));
    if (!file)
        return NULL;
    struct safetensors *all = must_alloc(1, sizeof *all);
    bool good = view_ends(view_of(file), ".json")
                    ? add_index(all, file, fault)
                    : add_file(all, file, fault) && sort_names(all, fault);
    free(file);
    if (good)
        return all;
    safetensors_close(all);
    return NULL;
}

struct safetensors *safetensors_open_bytes(struct view bytes, const char *name,
                                           struct fault *fault) {
    struct safetensors *all = must_alloc(1, sizeof *all);
    struct part *part = add_part(all, name);
    part->map = (struct file_map){(const uint8_t *)bytes.at, bytes.n};
    if (read_part(all, part, fault) && sort_names(all, fault))
        return all;
    safetensors_close(all);
    return NULL;
}

void safetensors_close(struct safetensors *all) {
    if (!all)
        return;
    for (size_t i = 0; i < all->n_part; i++) {
        if (all->parts[i].owns_map)
            file_unmap(&all->parts[i].map);
        json_decref(all->parts[i].header);
        free(all->parts[i].path);
    }
    free(all->parts);
    free(all->tensors);
    free(all);
}

/* ------------------------------------------------------------------------------------ the door */

uint64_t safetensors_size(const struct safetensors *all) {
    uint64_t size = 0;
    for (size_t i = 0; i < all->n_part; i++)
        size += all->parts[i].map.n;
    return size;
}

size_t safetensors_n_tensor(const struct safetensors *all) {
    return all->n_tensor;
}

const struct safetensors_tensor *safetensors_tensor_at(const struct safetensors *all, size_t i) {
    MUST(i < all->n_tensor);
    return &all->tensors[i];
}

const struct safetensors_tensor *safetensors_tensor(const struct safetensors *all,
                                                    struct view name) {
    struct safetensors_tensor wanted = {.name = name};
    return all->n_tensor ? bsearch(&wanted, all->tensors, all->n_tensor, sizeof wanted, by_name)
                         : NULL;
}
