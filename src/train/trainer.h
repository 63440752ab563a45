/* The trainer's own state, which trainer_save keeps. Inside the room only. */
#ifndef LYCEUM_TRAIN_TRAINER_H
#define LYCEUM_TRAIN_TRAINER_H

#include "train/train.h"

struct trainer_state {
    int64_t step, n_step; /* taken; of all, 0 while not known */
    struct texts_place place;
    double measured; /* seconds of the steps that tell how long one takes */
};

struct trainer {
    struct student *student;
    struct texts *texts;
    struct passage *passage;
    struct trainer_options options;
    struct trainer_state state;
};

/* Before the packs of the step after `step` steps; then for each pack. */
bool own_words_begin(struct own_words *, int64_t step, struct fault *);
bool own_words_write(struct own_words *, int i, const struct pack *, struct fault *);
/* The pack of the student's own words in place of pack i, or the pack itself. */
const struct pack *own_words_instead(const struct own_words *, int i, const struct pack *);
struct own_words_options own_words_options(const struct own_words *);

uint64_t texts_hash(const struct texts *); /* of all that they hold and their options */

#endif
