/* words: grounded decoding. A draft may use the words of a given text, function words, digits and
 * plain punctuation, and nothing else: what it cannot say it does not invent. */
#ifndef LYCEUM_COMPANY_WORDS_H
#define LYCEUM_COMPANY_WORDS_H

#include "model/model.h"

/* What a draft grounded in the text may say; end with lexicon_free. NULL: no memory. */
struct lexicon *draft_words(struct view text, struct fault *);

#endif
