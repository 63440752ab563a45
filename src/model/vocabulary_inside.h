/* What the files of the vocabulary share. */
#ifndef LYCEUM_MODEL_VOCABULARY_INSIDE_H
#define LYCEUM_MODEL_VOCABULARY_INSIDE_H

#include "model/vocabulary.h"

enum vocabulary_kind { VOCABULARY_BYTE_PAIR, VOCABULARY_SENTENCE_PIECE, VOCABULARY_WORD_PIECE };

enum token_type { /* tokenizer.ggml.token_type */
                  TOKEN_NORMAL = 1,
                  TOKEN_UNKNOWN,
                  TOKEN_CONTROL,
                  TOKEN_USER_DEFINED,
                  TOKEN_UNUSED,
                  TOKEN_BYTE,
};

/* How text is cut into pieces before pairs are merged: a row of a table in pieces.c. */
struct piece_rule {
    const char *name; /* tokenizer.ggml.pre */
    /* The end of the piece that begins at `from`, as an index into `points`; n is the end. */
    size_t (*next)(const struct piece_rule *, const int32_t *points, size_t from, size_t n);
    int digits;          /* numbers are cut into runs of at most so many; 0: no bound */
    bool digits_first;   /* each number is cut out before the rest of the rule sees the text */
    bool ignores_merges; /* a piece that is a token is that token, whatever the merges say */
    bool composes;       /* text is brought to NFC first, as the original does */
};
const struct piece_rule *piece_rule(struct view name); /* NULL when unknown */
const char *piece_rule_names(void);                    /* for faults: "gpt-2, smollm, …" */

/* Cuts a text as the rule says. A piece lies in the text or, where the rule composes, in a copy
 * that lives until the call returns. */
typedef void piece_function(void *data, struct view piece);
void cut_pieces(const struct piece_rule *, struct view text, piece_function *, void *data);

struct merge {
    int32_t left, right, result; /* tokens; left −1 marks an empty place */
    int32_t rank;
};

struct vocabulary {
    enum vocabulary_kind kind;
    const struct piece_rule *rule; /* byte pair */
    int n;
    struct view *texts; /* in the map, as the file writes them */
    uint8_t *types;
    float *scores; /* sentence piece */
    /* Open hash tables, sizes powers of two: text → token, pair → merge. */
    int32_t *by_text;
    size_t text_mask;
    struct merge *merges;
    size_t merge_mask;
    int32_t of_byte[256]; /* the token of a single byte, or −1 */
    /* Lengths of the control, unknown and user-defined tokens that begin with a byte: those of
     * byte b are special_lengths[first_length[b] … first_length[b + 1] − 1], the longest first. */
    uint32_t *special_lengths;
    uint32_t first_length[257];
    int32_t begin, end, end_of_turn, unknown;
    int32_t separator;
    bool adds_begin, adds_space;
    bool lowers_case, strips_accents; /* word piece */
    size_t longest;                   /* bytes of the longest token's text */
    struct spelling *_Atomic spelling; /* spelling.c: made when it is first asked for */
};

int32_t vocabulary_find(const struct vocabulary *, struct view text); /* −1 when none */
const struct merge *vocabulary_merge(const struct vocabulary *, int32_t left, int32_t right);
/* Byte pair's alphabet writes each byte as a printable character. */
int32_t byte_to_point(uint8_t byte);
int point_to_byte(int32_t point); /* −1 when it stands for none */
/* Append the tokens of text without special tokens in it, at least one byte. */
void byte_pair_encode(const struct vocabulary *, struct view text, struct tokens *);
void sentence_piece_encode(const struct vocabulary *, struct view text, struct tokens *);
void word_piece_encode(const struct vocabulary *, struct view text, struct tokens *);

#endif
