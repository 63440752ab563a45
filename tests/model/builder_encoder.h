/* A little encoder (BERT) of random weights, in the place of a sentence model. */
#ifndef LYCEUM_TESTS_BUILDER_ENCODER_H
#define LYCEUM_TESTS_BUILDER_ENCODER_H

#include "builder.h"

enum { D_MODEL = 48, N_HEAD = 4, D_HEAD = D_MODEL / N_HEAD, D_FEED_FORWARD = 80, N_LAYER = 3 };
enum { N_VOCABULARY = 61, N_CONTEXT = 300 };
#define ENCODER_EPSILON 1e-12

void encoder_build(struct builder *, uint32_t pooling); /* opens the builder; no vocabulary */
/* With one of words "a" and "b", as a file: its path, the caller's. */
char *encoder_save(const char *name);

#endif
