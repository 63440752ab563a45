/* run_options: what `lyceum run` may be asked for, a row of a table for each. */
#ifndef LYCEUM_MAIN_RUN_OPTIONS_H
#define LYCEUM_MAIN_RUN_OPTIONS_H

#include "model/model.h"

enum { MAX_LEXICONS = 16 };

struct run_options {
    const char *model, *adapter, *prompt, *chat, *grammar, *schema, *session;
    float adapter_scale;
    const char *lexicons[MAX_LEXICONS], *stops[GENERATION_STOPS + 1];
    int32_t stop_tokens[GENERATION_STOPS];
    struct token_bias biases[SAMPLING_BIASES];
    int n_lexicon, n_stop, n_stop_token;
    int n_thread, max_tokens, n_choice;
    int n_alternative; /* -1: log-probabilities are not wanted */
    struct sampling sampling;
    enum cache_type cache;
    bool json, no_guess;
};

/* -1 to go on; otherwise the exit code, after telling what is wrong or printing the help. */
int run_options_read(int n_argument, char **arguments, struct run_options *);

#endif
