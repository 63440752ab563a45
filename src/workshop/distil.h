/* What the stages of a distillation share. Inside the room only. */
#ifndef LYCEUM_WORKSHOP_DISTIL_H
#define LYCEUM_WORKSHOP_DISTIL_H

#include "workshop/workshop.h"

enum { DISTIL_PATH = 4096 };

/* One training: an adapter in FOLDER/NAME/adapter.gguf. */
struct distil_training {
    char name[32];    /* "specialist-1", "plain", "shuffled" */
    const char *rows; /* a file of the work folder */
    uint64_t seed;
    bool plain; /* learns the text of the course alone, begins as the rest do */
};
enum { DISTIL_TRAININGS = 8 };

struct distil_plan {
    double senior_seconds, train_seconds, prove_seconds; /* the last two: of each */
    size_t n_training, n_arm;
    struct distil_training trainings[DISTIL_TRAININGS];
};

struct distil_run {
    const struct distillation *how;
    struct pool *pool;
    struct distil_plan plan;
    double started;
};

void distil_path(const struct distil_run *, const char *name, char out[DISTIL_PATH]);
/* A line for whoever looks on. */
void distil_tell(const struct distil_run *, const char *format, ...) PRINTF_LIKE(2, 3);
bool distil_stopped(const struct distil_run *);

/* Stages, in this order. Each does nothing when its files are there already. */
bool distil_cards(struct distil_run *, struct fault *);
bool distil_rows(struct distil_run *, struct fault *);
bool distil_gate(struct distil_run *, struct fault *);
bool distil_train(struct distil_run *, struct fault *);
bool distil_recipe(struct distil_run *, struct fault *);
bool distil_returned(struct distil_run *, struct fault *);
bool distil_prove(struct distil_run *, struct fault *);
bool distil_card(struct distil_run *, bool *passed, struct fault *);

#endif
