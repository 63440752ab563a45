/* Memory: allocations that tell when they fail, those that abort, arenas; and what is given back.
 */
#include "base/base.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

_Noreturn void must_failed(const char *condition, const char *file, int line, const char *func) {
    fprintf(stderr, "lyceum: this should not happen: %s:%d: %s: %s\n", file, line, func,
            condition);
    abort();
}

/* n × size, at least 1 since memory of no bytes may be NULL; over PTRDIFF_MAX when nobody has as
 * much, which is not asked for. */
static size_t bytes_of(size_t n, size_t size) {
    size_t total;
    if (__builtin_mul_overflow(n, size, &total) || total > PTRDIFF_MAX - 64)
        return SIZE_MAX;
    return total ? total : 1;
}

/* The watch of each thread. */
static _Thread_local struct memory_watch *watch;

void memory_watch_begin(struct memory_watch *begun) {
    *begun = (struct memory_watch){.outer = watch};
    watch = begun;
}

bool memory_watch_end(struct memory_watch *ended, struct fault *fault) {
    MUST(watch == ended);
    watch = ended->outer;
    if (!ended->short_of)
        return true;
    if (fault)
        fault_clear(fault);
    return fault_set(fault, FAULT_MACHINE, "There is no memory for this");
}

bool memory_is_short(void) {
    return watch && watch->short_of;
}

bool memory_granted(bool granted) {
    MUST(granted || watch);
    if (!granted)
        watch->short_of = true;
    return granted;
}

static void *noticed(void *memory) {
    if (!memory && watch)
        watch->short_of = true;
    return memory;
}

static void *json_memory(size_t n) {
    return noticed(malloc(n));
}

__attribute__((constructor)) static void notice_json(void) {
    json_set_alloc_funcs(json_memory, free);
}

static void *told(void *memory, size_t n, size_t size, struct fault *fault) {
    if (!noticed(memory))
        fault_set(fault, FAULT_MACHINE, "There is no memory for %zu times %zu bytes", n, size);
    return memory;
}

void *try_alloc(size_t n, size_t size, struct fault *fault) {
    size_t total = bytes_of(n, size);
    return told(total < SIZE_MAX ? calloc(1, total) : NULL, n, size, fault);
}

void *try_realloc(void *old, size_t n, size_t size, struct fault *fault) {
    size_t total = bytes_of(n, size);
    return told(total < SIZE_MAX ? realloc(old, total) : NULL, n, size, fault);
}

void *try_alloc_aligned(size_t n, size_t size, struct fault *fault) {
    size_t total = bytes_of(n, size);
    void *memory = total < SIZE_MAX ? aligned_alloc(64, (total + 63) & ~(size_t)63) : NULL;
    if (memory)
        memset(memory, 0, total);
    return told(memory, n, size, fault);
}

char *try_copy(struct view v, struct fault *fault) {
    char *copy = try_alloc(v.n + 1, 1, fault);
    if (copy && v.n)
        memcpy(copy, v.at, v.n);
    return copy;
}

void *must_alloc(size_t n, size_t size) {
    void *memory = try_alloc(n, size, NULL);
    MUST(memory != NULL);
    return memory;
}

void *must_realloc(void *old, size_t n, size_t size) {
    void *memory = try_realloc(old, n, size, NULL);
    MUST(memory != NULL);
    return memory;
}

char *must_copy(struct view v) {
    char *copy = try_copy(v, NULL);
    MUST(copy != NULL);
    return copy;
}

enum { PAGE = 4096, OWN_FRAMES = 2048 /* of stack_give_back and of what it calls */ };

void memory_give_back(void *memory, size_t n) {
    uintptr_t from = ((uintptr_t)memory + PAGE - 1) & ~((uintptr_t)PAGE - 1),
              to = ((uintptr_t)memory + n) & ~((uintptr_t)PAGE - 1);
    if (to > from)
        madvise((void *)from, to - from, MADV_DONTNEED); /* a wish: refused, they stay */
}

/* The lowest byte of this thread's stack; NULL where that is not known. */
static char *stack_begin(void) {
    pthread_attr_t attributes;
    void *low = NULL;
    size_t size = 0;
    if (pthread_getattr_np(pthread_self(), &attributes))
        return NULL;
    if (pthread_attr_getstack(&attributes, &low, &size))
        low = NULL;
    pthread_attr_destroy(&attributes);
    return low;
}

/* Has a frame of its own, wherever it is called. */
__attribute__((noinline)) void stack_give_back(void) {
    static _Thread_local char *begin; /* is asked for once, which is slow */
    char *end = (char *)__builtin_frame_address(0) - OWN_FRAMES;
    if (!begin)
        begin = stack_begin();
    if (begin && end > begin)
        memory_give_back(begin, (size_t)(end - begin));
}

/* Blocks double in size up to 1 MiB; what is larger than a block gets one of its own. */
struct block {
    struct block *next;
    size_t used, size;
    _Alignas(16) uint8_t bytes[];
};

struct arena {
    struct block *blocks;
    size_t next_size, handed_out;
};

enum { FIRST_BLOCK = 1024, LARGEST_BLOCK = 1 << 20 };

struct arena *arena_try_new(struct fault *fault) {
    struct arena *arena = try_alloc(1, sizeof *arena, fault);
    if (arena)
        arena->next_size = FIRST_BLOCK;
    return arena;
}

struct arena *arena_new(void) {
    struct arena *arena = arena_try_new(NULL);
    MUST(arena != NULL);
    return arena;
}

void arena_free(struct arena *arena) {
    if (!arena)
        return;
    for (struct block *block = arena->blocks; block;) {
        struct block *next = block->next;
        free(block);
        block = next;
    }
    free(arena);
}

void *arena_try(struct arena *arena, size_t n, size_t size, struct fault *fault) {
    size_t total = bytes_of(n, size);
    if (total == SIZE_MAX)
        return told(NULL, n, size, fault);
    total = (total + 15) & ~(size_t)15;
    struct block *block = arena->blocks;
    if (!block || block->size - block->used < total) {
        size_t block_size = total > arena->next_size ? total : arena->next_size;
        block = try_alloc(1, sizeof *block + block_size, fault);
        if (!block)
            return NULL;
        block->size = block_size;
        block->next = arena->blocks;
        arena->blocks = block;
        if (arena->next_size < LARGEST_BLOCK)
            arena->next_size *= 2;
    }
    void *memory = block->bytes + block->used;
    block->used += total;
    arena->handed_out += total;
    return memory;
}

void *arena_alloc(struct arena *arena, size_t n, size_t size) {
    void *memory = arena_try(arena, n, size, NULL);
    MUST(memory != NULL);
    return memory;
}

struct view arena_copy(struct arena *arena, struct view v) {
    char *copy = arena_alloc(arena, v.n + 1, 1);
    if (v.n)
        memcpy(copy, v.at, v.n);
    return (struct view){copy, v.n};
}

char *arena_string(struct arena *arena, struct view v) {
    char *copy = arena_alloc(arena, v.n + 1, 1);
    if (v.n)
        memcpy(copy, v.at, v.n);
    return copy;
}

char *arena_format(struct arena *arena, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    va_list again;
    va_copy(again, arguments);
    int n = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    MUST(n >= 0);
    char *text = arena_alloc(arena, (size_t)n + 1, 1);
    vsnprintf(text, (size_t)n + 1, format, again);
    va_end(again);
    return text;
}

size_t arena_size(const struct arena *arena) {
    return arena->handed_out;
}
