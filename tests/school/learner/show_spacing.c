/* Reads histories, one a line: pairs of rating and minutes since the one before. Writes what FSRS
 * makes of each: stability, difficulty and minutes to the next review after every rating. For
 * bench/compare_spacing.py. With the argument "school": without steps within a day. */
#include "school/learner/spacing.h"

#include <stdio.h>
#include <string.h>

int main(int argc, char **argv) {
    static char line[1 << 16];
    const struct spacing *spacing =
        argc > 1 && !strcmp(argv[1], "school") ? &spacing_school : &spacing_cards;
    while (fgets(line, sizeof line, stdin)) {
        struct memory memory = {0};
        int64_t now = 1700000000000;
        int rating, used;
        long long minutes;
        for (const char *at = line; sscanf(at, "%d %lld%n", &rating, &minutes, &used) == 2;) {
            at += used;
            now += minutes * 60000;
            memory_review(spacing, &memory, (enum rating)rating, now);
            printf("%.12g %.12g %.12g ", memory.stability, memory.difficulty,
                   (double)(memory.due_ms - now) / 60000);
        }
        printf("\n");
    }
    return 0;
}
