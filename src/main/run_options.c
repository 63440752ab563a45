/* The options of `lyceum run`: the table is what is read, and the help. */
#include "main/run_options.h"
#include "main/main.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct row {
    const char *name, *argument; /* NULL: a flag */
    bool (*read)(struct run_options *, const struct row *, const char *text);
    size_t member;
    double low, high;
    const char *help;
};

static void *member_of(struct run_options *options, const struct row *row) {
    return (char *)options + row->member;
}

/* ------------------------------------------------------------------------------- kinds of values
 */

static bool refuse(const struct row *row, const char *wanted, const char *text) {
    exit_with_usage("run", "--%s wants %s, not \"%s\"", row->name, wanted, text);
    return false;
}

static bool read_flag(struct run_options *options, const struct row *row, const char *text) {
    (void)text;
    *(bool *)member_of(options, row) = true;
    return true;
}

static bool read_text(struct run_options *options, const struct row *row, const char *text) {
    *(const char **)member_of(options, row) = text;
    return true;
}

/* Reads a number in the row's bounds; false after telling what is wrong. */
static bool read_number(const struct row *row, const char *text, double *value) {
    char *end;
    *value = strtod(text, &end);
    if (end != text && !*end && *value >= row->low && *value <= row->high)
        return true;
    exit_with_usage("run", "--%s wants a number from %.10g to %.10g, not \"%s\"", row->name,
                    row->low, row->high, text);
    return false;
}

static bool read_real(struct run_options *options, const struct row *row, const char *text) {
    double value;
    if (!read_number(row, text, &value))
        return false;
    *(float *)member_of(options, row) = (float)value;
    return true;
}

static bool read_whole(struct run_options *options, const struct row *row, const char *text) {
    double value;
    if (!read_number(row, text, &value))
        return false;
    if (value != floor(value))
        return refuse(row, "a whole number", text);
    *(int *)member_of(options, row) = (int)value;
    return true;
}

static bool read_seed(struct run_options *options, const struct row *row, const char *text) {
    char *end;
    errno = 0;
    options->sampling.seed = strtoull(text, &end, 10);
    return (end != text && !*end && *text != '-' && !errno) ||
           refuse(row, "a whole number from 0 to 18446744073709551615", text);
}

static bool read_cache(struct run_options *options, const struct row *row, const char *text) {
    return cache_type_named(text, &options->cache) || refuse(row, CACHE_TYPES, text);
}

static bool read_stop(struct run_options *options, const struct row *row, const char *text) {
    if (!*text || strlen(text) > GENERATION_STOP_BYTES)
        return refuse(row, "a text of 1 to 1024 bytes", text);
    if (options->n_stop == GENERATION_STOPS)
        return refuse(row, "to be given 64 times at most", text);
    options->stops[options->n_stop++] = text;
    return true;
}

static bool read_stop_token(struct run_options *options, const struct row *row, const char *text) {
    double value;
    if (!read_number(row, text, &value))
        return false;
    if (options->n_stop_token == GENERATION_STOPS || value != floor(value))
        return refuse(row, "the number of a token, 64 times at most", text);
    options->stop_tokens[options->n_stop_token++] = (int32_t)value;
    return true;
}

static bool read_bias(struct run_options *options, const struct row *row, const char *text) {
    static const char wanted[] = "TOKEN=BIAS, the number of a token (`lyceum tokenize` tells it) "
                                 "and a number or -inf";
    char *end;
    long token = strtol(text, &end, 10);
    if (end == text || *end != '=' || token < 0 || token > INT32_MAX)
        return refuse(row, wanted, text);
    const char *number = end + 1;
    double bias = strtod(number, &end);
    if (end == number || *end || !(bias < 1e30))
        return refuse(row, wanted, text);
    if (options->sampling.n_bias == SAMPLING_BIASES)
        return refuse(row, "to be given 1024 times at most", text);
    options->biases[options->sampling.n_bias++] =
        (struct token_bias){(int32_t)token, bias < -1e30 ? -INFINITY : (float)bias};
    return true;
}

static bool read_lexicon(struct run_options *options, const struct row *row, const char *text) {
    if (options->n_lexicon == MAX_LEXICONS)
        return refuse(row, "to be given 16 times at most", text);
    options->lexicons[options->n_lexicon++] = text;
    return true;
}

/* ------------------------------------------------------------------------------------- the table
 */

#define AT(member) offsetof(struct run_options, member)

static const struct row rows[] = {
    {"prompt", "TEXT", read_text, AT(prompt), 0, 0,
     "go on from TEXT as it stands (- reads standard input)"},
    {"chat", "FILE", read_text, AT(chat), 0, 0,
     "answer the messages of a JSON array (- for standard input):\n"
     "[{\"role\":\"user\",\"content\":\"…\"}], or {\"messages\":[…],\"tools\":[…]}"},
    {"max-tokens", "N", read_whole, AT(max_tokens), 1, 1 << 20, "at most N tokens (256)"},
    {"n", "N", read_whole, AT(n_choice), 1, GENERATION_CHOICES,
     "N choices, each with a seed of its own; wants --json (1)"},
    {"seed", "S", read_seed, 0, 0, 0, "the same seed, the same text (0)"},
    {"temperature", "T", read_real, AT(sampling.temperature), 0, 100,
     "0 takes the likeliest token always (0.7)"},
    {"top-k", "N", read_whole, AT(sampling.top_k), 0, 1 << 24, "among the N likeliest (0: off)"},
    {"top-p", "P", read_real, AT(sampling.top_p), 0, 1,
     "among the likeliest that together weigh P (0.95; 1: off)"},
    {"min-p", "P", read_real, AT(sampling.min_p), 0, 1,
     "among those at least P times as likely as the first (0.05; 0: off)"},
    {"repetition-penalty", "R", read_real, AT(sampling.repetition_penalty), 0.01, 100,
     "of tokens among the last of prompt and text (1: off)"},
    {"repetition-window", "N", read_whole, AT(sampling.repetition_window), -1, 1 << 24,
     "how many are the last (64; -1: all)"},
    {"presence-penalty", "X", read_real, AT(sampling.presence_penalty), -100, 100,
     "of tokens that were written (0)"},
    {"frequency-penalty", "X", read_real, AT(sampling.frequency_penalty), -100, 100,
     "the same, for each time (0)"},
    {"logit-bias", "TOKEN=BIAS", read_bias, 0, 0, 0,
     "makes a token likelier, or less; -inf bans it; may be given again"},
    {"stop", "TEXT", read_stop, 0, 0, 0, "stop before TEXT; may be given again"},
    {"stop-token", "N", read_stop_token, 0, 0, INT32_MAX, "stop at token N; may be given again"},
    {"grammar", "FILE", read_text, AT(grammar), 0, 0, "only texts of this GBNF grammar"},
    {"schema", "FILE", read_text, AT(schema), 0, 0, "only JSON that this JSON Schema accepts"},
    {"lexicon", "FILE", read_lexicon, 0, 0, 0,
     "only words of this text, digits and punctuation; may be given again"},
    {"logprobs", "N", read_whole, AT(n_alternative), 0, GENERATION_ALTERNATIVES,
     "each token's log-probability and the N likeliest; wants --json"},
    {"no-guess", NULL, read_flag, AT(no_guess), 0, 0,
     "do not guess ahead (the text is the same either way)"},
    {"cache", "TYPE", read_cache, 0, 0, 0, "f16, q8_0 in half the memory, or f32 in twice (f16)"},
    {"adapter", "FILE", read_text, AT(adapter), 0, 0, "compute with this adapter of the model"},
    {"adapter-scale", "S", read_real, AT(adapter_scale), -100, 100,
     "S times as strong as its file says (1)"},
    {"session", "FILE", read_text, AT(session), 0, 0,
     "what was read before is taken from FILE, and kept there"},
    {"threads", "N", read_whole, AT(n_thread), 1, 64, "as many as the machine gives"},
    {"json", NULL, read_flag, AT(json), 0, 0, "one JSON object: choices, ends, counts and times"},
};

static void print_help(void) {
    printf("Usage: lyceum run MODEL (--prompt TEXT | --chat FILE) [OPTIONS]\n\n"
           "Generates text with the GGUF file MODEL.\n\n");
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char left[40];
        snprintf(left, sizeof left, "--%s %s", rows[i].name,
                 rows[i].argument ? rows[i].argument : "");
        struct view help = view_of(rows[i].help), line;
        for (const char *head = left; view_line(&help, &line); head = "")
            printf("  %-24s %.*s\n", head, VIEW_ARG(line));
    }
    printf("\nExamples:\n"
           "  lyceum run models/SmolLM2-135M-Instruct.Q4_1.gguf --prompt 'Water boils at' "
           "--max-tokens 32\n"
           "  echo '[{\"role\":\"user\",\"content\":\"Why is the sky blue?\"}]' |\n"
           "    lyceum run MODEL --chat - --temperature 0 --stop '\\n\\n'\n"
           "  lyceum run MODEL --prompt 'Three colours: ' --schema colours.json --json\n"
           "  lyceum run MODEL --prompt 'The capital of' --json --n 3 --logprobs 2 --seed 7\n");
}

static int check(const struct run_options *options) {
    if (!options->prompt == !options->chat)
        return exit_with_usage("run", "either --prompt or --chat is wanted");
    if (options->grammar && options->schema)
        return exit_with_usage("run", "either --grammar or --schema, not both");
    if (!options->json && (options->n_choice > 1 || options->n_alternative >= 0))
        return exit_with_usage("run", "--n over 1 and --logprobs want --json too");
    return -1;
}

int run_options_read(int n_argument, char **arguments, struct run_options *options) {
    enum { HELP = 1, FIRST = 256 };
    struct option table[COUNT_OF(rows) + 2] = {{"help", no_argument, NULL, HELP}};
    int code;
    *options = (struct run_options){.adapter_scale = 1,
                                    .max_tokens = 256,
                                    .n_choice = 1,
                                    .n_alternative = -1,
                                    .sampling = sampling_default};
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        table[i + 1] =
            (struct option){rows[i].name, rows[i].argument ? required_argument : no_argument, NULL,
                            FIRST + (int)i};
    opterr = 0;
    while ((code = getopt_long(n_argument, arguments, ":", table, NULL)) != -1) {
        if (code == HELP) {
            print_help();
            return EXIT_DONE;
        }
        if (code == ':')
            return exit_with_usage("run", "%s wants a value", arguments[optind - 1]);
        if (code < FIRST)
            return exit_with_usage("run", "%s is not known", arguments[optind - 1]);
        const struct row *row = &rows[code - FIRST];
        if (!row->read(options, row, optarg))
            return EXIT_USAGE;
    }
    if (optind + 1 != n_argument)
        return exit_with_usage("run", "one MODEL is wanted");
    options->model = arguments[optind];
    options->sampling.biases = options->biases;
    return check(options);
}
