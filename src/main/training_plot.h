/* What a training looks like while it runs: a line in the terminal, and a page in its folder. */
#ifndef LYCEUM_MAIN_TRAINING_PLOT_H
#define LYCEUM_MAIN_TRAINING_PLOT_H

#include "train/train.h"

struct training_plot {
    const char *folder, *title;
    struct trainer_report *reports; /* of all steps so far, also of earlier runs */
    size_t n, room;
    double drawn, page_drawn; /* when */
    double spent;             /* seconds of the steps */
};

/* Reads what earlier runs left in FOLDER/log.jsonl, up to `step`, and drops what is beyond it. */
bool training_plot_open(struct training_plot *, int64_t step, struct fault *);
/* Takes a step in: appends it to the log, redraws the line, and now and then the page. */
bool training_plot_add(struct training_plot *, const struct trainer_report *, struct fault *);
bool training_plot_page(struct training_plot *, bool running, struct fault *);
void training_plot_close(struct training_plot *);

#endif
