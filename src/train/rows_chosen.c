/* Which rows are computed: as the kernels of the room below, by what the processor can. */
#include "train/net_rows.h"
#include "train/rows.h"

#include <string.h>

#if defined(__x86_64__)
#define CHOOSE(rows)                                                                              \
    (!strcmp(tensor_instruction_set(), "avx512") ? &rows##_avx512                                 \
     : !strcmp(tensor_instruction_set(), "avx2") ? &rows##_avx2                                   \
                                                 : &rows##_plain)
#else
#define CHOOSE(rows) (&rows##_plain)
#endif

const struct rows *rows_chosen(void) {
    return CHOOSE(rows);
}

const struct net_rows *net_rows_chosen(void) {
    return CHOOSE(net_rows);
}
