/* Which kernels run: chosen once, by what the processor and the system can. */
#include "tensor/kernels.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif
#include <stdlib.h>
#include <string.h>
#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

#if defined(__x86_64__)
static bool has_avx2(void) {
    unsigned a, b, c = 0, d; /* clang 14 does not know "f16c" by name: bit 29 of leaf 1 */
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
           __get_cpuid(1, &a, &b, &c, &d) && c >> 29 & 1;
}

static bool has_avx512(void) {
    return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vnni");
}

/* Tiles are large registers: Linux keeps room for them for those processes that ask for it. */
static bool has_tiles(void) {
#if defined(__linux__)
    enum { TILES = 1 << 24, OF_BF16 = 1 << 22, ASK_FOR = 0x1023, TILE_DATA = 18 };
    unsigned a, b, c, d = 0;
    return has_avx512() && __builtin_cpu_supports("avx512bf16") &&
           __get_cpuid_count(7, 0, &a, &b, &c, &d) && d & TILES && d & OF_BF16 &&
           syscall(SYS_arch_prctl, ASK_FOR, TILE_DATA) == 0;
#else
    return false;
#endif
}
#endif

static bool always(void) {
    return true;
}

static const struct choice { /* the best first */
    const struct kernels *kernels;
    bool (*can)(void);
} choices[] = {
#if defined(__x86_64__)
    {&kernels_avx512, has_avx512},
    {&kernels_avx2, has_avx2},
#endif
    {&kernels_plain, always},
};

const struct kernels *kernels_find(const char *name) {
    for (size_t i = 0; i < COUNT_OF(choices); i++)
        if (!strcmp(choices[i].kernels->name, name))
            return choices[i].can() ? choices[i].kernels : NULL;
    return NULL;
}

static const struct kernels *choose(void) {
    const char *pinned = getenv("LYCEUM_CPU");
    const struct kernels *found = pinned ? kernels_find(pinned) : NULL;
    for (size_t i = 0; !found; i++)
        if (choices[i].can())
            found = choices[i].kernels;
    return found;
}

const struct kernels *kernels_chosen(void) {
    static const struct kernels *chosen;
    const struct kernels *found = __atomic_load_n(&chosen, __ATOMIC_ACQUIRE);
    if (!found) { /* two threads may both come here: they choose the same */
        found = choose();
        __atomic_store_n(&chosen, found, __ATOMIC_RELEASE);
    }
    return found;
}

bool kernels_tiles(void) {
    static int known; /* 1: no, 2: yes; two threads may both ask: they find the same */
    int found = __atomic_load_n(&known, __ATOMIC_ACQUIRE);
    if (!found) {
        found = 1;
#if defined(__x86_64__)
        found += !getenv("LYCEUM_CPU") && has_tiles();
#endif
        __atomic_store_n(&known, found, __ATOMIC_RELEASE);
    }
    return found == 2;
}

bool tensor_start(struct fault *fault) {
    const char *pinned = getenv("LYCEUM_CPU");
    if (!pinned || kernels_find(pinned))
        return true;
    fault_set(fault, FAULT_MACHINE, "LYCEUM_CPU is \"%.40s\", which this processor does not run",
              pinned);
    return fault_remedy(fault, "Unset it, or set it to %s.",
                        choices[0].can() ? choices[0].kernels->name : "plain");
}

const char *tensor_instruction_set(void) {
    return kernels_chosen()->name;
}

int64_t tensor_probe(int64_t n) {
    return kernels_chosen()->probe(n);
}
