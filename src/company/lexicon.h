/* lexicon: grounded decoding. A draft may use the words of a given text, function words, digits
 * and plain punctuation, and nothing else: what it cannot say it does not invent. */
#ifndef LYCEUM_COMPANY_LEXICON_H
#define LYCEUM_COMPANY_LEXICON_H

#include "model/model.h"

struct lexicon;

/* The spelling of every token, made once for a vocabulary and shared by its lexicons. */
struct spellings;
struct spellings *spellings_new(const struct vocabulary *);
void spellings_free(struct spellings *);

struct lexicon *lexicon_new(const struct spellings *, struct view text);
void lexicon_free(struct lexicon *);
/* For a generation; borrows the lexicon, which keeps the word so far. */
struct constraint lexicon_constraint(struct lexicon *);

#endif
