/* What people see in a terminal. */
#include "base/base.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool terminal_colour(int fd) {
    const char *no_colour = getenv("NO_COLOR"), *kind = getenv("TERM");
    return isatty(fd) && !(no_colour && no_colour[0]) && kind && kind[0] && strcmp(kind, "dumb");
}

void progress_show(struct progress *progress, double done, double total, const char *unit) {
    double now = clock_seconds();
    if (progress->started == 0)
        progress->started = now;
    /* Work of under a second needs no bar; ten pictures a second are enough. */
    if (!isatty(STDERR_FILENO) || now - progress->started < 0.5 || now - progress->drawn < 0.1)
        return;
    progress->drawn = now;
    double share = total > 0 ? done / total : 0;
    int filled = (int)(share * 24);
    double rate = done / (now - progress->started + 1e-9);
    fprintf(stderr, "\r\033[K  %s [", progress->label);
    for (int i = 0; i < 24; i++)
        fputc(i < filled ? '#' : ' ', stderr);
    fprintf(stderr, "] %3.0f%%  %.3g %s/s", share * 100, rate, unit);
    if (rate > 0 && total > done)
        fprintf(stderr, "  %.0f s left", (total - done) / rate);
    fflush(stderr);
}

void progress_end(struct progress *progress) {
    if (progress->drawn > 0)
        fprintf(stderr, "\r\033[K");
    *progress = (struct progress){.label = progress->label};
}
