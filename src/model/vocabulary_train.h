/* vocabulary_train: byte pairs learnt of texts, inside the room (model_create is the door).
 *
 * Every piece of the texts begins as its bytes; the pair of neighbours that stands most often
 * becomes a token, again and again (Sennrich et al. 2016, arXiv 1508.07909, over bytes as in
 * GPT-2). Of pairs that stand equally often the one of the lower tokens is joined, the left token
 * first: the same texts give the same tokens. */
#ifndef LYCEUM_MODEL_VOCABULARY_TRAIN_H
#define LYCEUM_MODEL_VOCABULARY_TRAIN_H

#include "model/vocabulary_inside.h"

struct learnt_merge {
    int32_t left, right;
};

/* Tokens 0 to 255 are the bytes in the order of their code points in byte pair's alphabet ("!" is
 * 0), as in GPT-2; those after them are joined of two before. */
struct learnt_vocabulary {
    struct buffer bytes; /* of all tokens, one after the other */
    size_t *from;        /* [n + 1] where each begins */
    int n;
    struct learnt_merge *merges; /* in the order of their rank */
    size_t n_merge;
    uint64_t n_text_byte, n_text_token; /* of the texts, cut by these merges */
};

/* At most n_token tokens, 256 or more (MUST hold): fewer when no pair is left that stands twice.
 * False with FAULT_MACHINE when there is no memory. */
bool vocabulary_learn(const struct piece_rule *, const struct view *texts, size_t n_text,
                      int n_token, struct learnt_vocabulary *, struct fault *);
void learnt_vocabulary_free(struct learnt_vocabulary *);
struct view learnt_token(const struct learnt_vocabulary *, int32_t token);

#endif
