/* The losses between two distributions over a vocabulary, in floats, and in doubles to be held
 * against central differences (REAL as in rows.h). Inside the room only. */
#ifndef LYCEUM_TRAIN_LOSSES_H
#define LYCEUM_TRAIN_LOSSES_H

#include "train/rows.h"
#include "train/train.h"

/* p: the teacher's probabilities, q: the student's, which become the gradient of the loss by the
 * student's logits. Gives the loss. With g the gradient by q, that by the logits is
 * q (g − Σ q g). */
typedef double distribution_loss(const REAL *p, REAL *q, REAL skew, int64_t n);
/* skew at an end of a JSD or a skewed KL is another loss. Not for LOSS_CROSS_ENTROPY. */
distribution_loss *losses_chosen(enum loss_kind, REAL skew);

#endif
