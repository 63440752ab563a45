/* lyceum run: a model's words on standard output. */
#include "main/main.h"
#include "model/model.h"

#include <getopt.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_STOPS = 16, MAX_INPUT = 16 << 20 };

struct run_options {
    const char *model, *prompt, *chat;
    const char *stop[MAX_STOPS + 1];
    int n_stop, n_thread, max_tokens;
    struct sampling sampling;
    bool json;
};

static volatile bool interrupted;

static void interrupt(int number) {
    (void)number;
    interrupted = true;
}

static void print_help(void) {
    printf("Usage: lyceum run MODEL (--prompt TEXT | --chat FILE.json) [OPTIONS]\n\n"
           "Generates text with the GGUF file MODEL.\n\n"
           "  --prompt TEXT            go on from TEXT as it stands (- reads standard input)\n"
           "  --chat FILE              answer the messages of a JSON array\n"
           "                           [{\"role\":\"user\",\"content\":\"…\"}] (- for standard "
           "input)\n"
           "  --max-tokens N           at most N tokens (256)\n"
           "  --temperature T          0 takes the likeliest token always (%g)\n"
           "  --top-k N                among the N likeliest (0: off)\n"
           "  --top-p P                among the likeliest that together weigh P (%g)\n"
           "  --min-p P                among those at least P times as likely as the first (%g)\n"
           "  --repetition-penalty R   of tokens among the last 64 (1: off)\n"
           "  --seed S                 the same seed, the same text (0)\n"
           "  --stop TEXT              stop before TEXT; may be given up to %d times\n"
           "  --threads N              as many as the machine gives\n"
           "  --json                   one JSON object: text, end, counts and times\n\n"
           "Example: lyceum run models/SmolLM2-135M-Instruct.Q4_1.gguf --prompt 'Water boils at' "
           "--max-tokens 32\n",
           (double)sampling_default.temperature, (double)sampling_default.top_p,
           (double)sampling_default.min_p, MAX_STOPS);
}

/* Reads a number in [low, high] of an option; false after telling what is wrong. */
static bool read_number(const char *option, const char *text, double low, double high,
                        double *out) {
    char *end;
    *out = strtod(text, &end);
    if (end != text && !*end && *out >= low && *out <= high)
        return true;
    exit_with_usage("run", "--%s wants a number from %.10g to %.10g, not \"%s\"", option, low,
                    high, text);
    return false;
}

enum option_code {
    OPTION_PROMPT = 256,
    OPTION_CHAT,
    OPTION_STOP,
    OPTION_GRAMMAR,
    OPTION_JSON,
    OPTION_HELP,
    OPTION_SEED,
    OPTION_FIRST_NUMBER
};

static const struct number_option {
    const char *name;
    double low, high;
} number_options[] = {
    {"max-tokens", 1, 1 << 20},
    {"temperature", 0, 100},
    {"top-k", 0, 1 << 24},
    {"top-p", 0, 1},
    {"min-p", 0, 1},
    {"repetition-penalty", 0.01, 100},
    {"threads", 1, 64},
};

static void set_number(struct run_options *options, size_t i, double value) {
    switch (i) {
    case 0:
        options->max_tokens = (int)value;
        break;
    case 1:
        options->sampling.temperature = (float)value;
        break;
    case 2:
        options->sampling.top_k = (int)value;
        break;
    case 3:
        options->sampling.top_p = (float)value;
        break;
    case 4:
        options->sampling.min_p = (float)value;
        break;
    case 5:
        options->sampling.repetition_penalty = (float)value;
        break;
    default:
        options->n_thread = (int)value;
    }
}

static bool read_seed(struct run_options *options) {
    char *end;
    options->sampling.seed = strtoull(optarg, &end, 10);
    if (end != optarg && !*end && optarg[0] != '-')
        return true;
    exit_with_usage("run", "--seed wants a whole number, not \"%s\"", optarg);
    return false;
}

/* -1 to go on; otherwise the exit code. */
static int read_options(int n_argument, char **arguments, struct run_options *options) {
    struct option table[OPTION_FIRST_NUMBER - OPTION_PROMPT + COUNT_OF(number_options) + 3] = {
        {"prompt", required_argument, NULL, OPTION_PROMPT},
        {"chat", required_argument, NULL, OPTION_CHAT},
        {"stop", required_argument, NULL, OPTION_STOP},
        {"grammar", required_argument, NULL, OPTION_GRAMMAR},
        {"schema", required_argument, NULL, OPTION_GRAMMAR},
        {"json", no_argument, NULL, OPTION_JSON},
        {"help", no_argument, NULL, OPTION_HELP},
        {"seed", required_argument, NULL, OPTION_SEED},
    };
    for (size_t i = 0; i < COUNT_OF(number_options); i++)
        table[8 + i] = (struct option){number_options[i].name, required_argument, NULL,
                                       OPTION_FIRST_NUMBER + (int)i};
    int code;
    opterr = 0;
    while ((code = getopt_long(n_argument, arguments, "", table, NULL)) != -1) {
        double value;
        if (code == OPTION_HELP) {
            print_help();
            return EXIT_DONE;
        } else if (code == OPTION_PROMPT) {
            options->prompt = optarg;
        } else if (code == OPTION_CHAT) {
            options->chat = optarg;
        } else if (code == OPTION_JSON) {
            options->json = true;
        } else if (code == OPTION_STOP) {
            if (options->n_stop == MAX_STOPS || !*optarg)
                return exit_with_usage("run", "--stop wants a text, at most %d times", MAX_STOPS);
            options->stop[options->n_stop++] = optarg;
        } else if (code == OPTION_GRAMMAR) {
            return exit_with_usage("run", "grammars and schemas are not there yet");
        } else if (code == OPTION_SEED) {
            if (!read_seed(options))
                return EXIT_USAGE;
        } else if (code >= OPTION_FIRST_NUMBER) {
            size_t i = (size_t)(code - OPTION_FIRST_NUMBER);
            const struct number_option *number = &number_options[i];
            if (!read_number(number->name, optarg, number->low, number->high, &value))
                return EXIT_USAGE;
            set_number(options, i, value);
        } else {
            return exit_with_usage("run", "%s is not known, or wants a value",
                                   arguments[optind - 1]);
        }
    }
    if (optind + 1 != n_argument)
        return exit_with_usage("run", "one MODEL is wanted");
    if (!options->prompt == !options->chat)
        return exit_with_usage("run", "either --prompt or --chat is wanted");
    options->model = arguments[optind];
    return -1;
}

static bool say(void *data, struct view text) {
    (void)data;
    return fwrite(text.at, 1, text.n, stdout) == text.n && fflush(stdout) == 0;
}

static bool are_messages(const json_t *messages, struct fault *fault) {
    size_t i;
    json_t *one;
    bool good = json_array_size(messages) > 0;
    json_array_foreach(messages, i, one) good =
        good && json_text(one, "role", NULL) && json_text(one, "content", NULL);
    if (!good)
        fault_set(fault, FAULT_INPUT,
                  "this is no conversation: wanted is an array of messages, "
                  "[{\"role\":\"user\",\"content\":\"…\"}]");
    return good;
}

static bool read_prompt(const struct run_options *options, const struct model *model,
                        struct tokens *tokens, struct fault *fault) {
    struct buffer text = {0};
    bool good;
    if (options->chat) {
        json_t *messages = NULL;
        good = file_read(options->chat, MAX_INPUT, &text, fault) &&
               (messages = json_parse(buffer_view(&text), fault)) != NULL &&
               are_messages(messages, fault) && model_chat(model, messages, true, tokens, fault);
        fault_place(fault, options->chat, 0, -1);
        json_decref(messages);
    } else {
        const struct vocabulary *vocabulary = model_vocabulary(model);
        good = strcmp(options->prompt, "-") || file_read("-", MAX_INPUT, &text, fault);
        if (strcmp(options->prompt, "-"))
            buffer_text(&text, options->prompt);
        if (vocabulary_adds_begin(vocabulary))
            tokens_append(tokens, vocabulary_begin(vocabulary));
        good = good &&
               vocabulary_encode(vocabulary, buffer_view(&text), SPECIAL_AS_TEXT, tokens, fault);
    }
    buffer_free(&text);
    return good;
}

static void print_json(struct view text, const struct generation_result *result) {
    static const char *const ends[] = {
        [GENERATION_END_TOKEN] = "end_token",
        [GENERATION_STOP_TEXT] = "stop_text",
        [GENERATION_LENGTH] = "length",
        [GENERATION_STOPPED] = "stopped",
    };
    json_t *object =
        json_pack("{s:s%, s:s, s:i, s:i, s:i, s:f, s:f, s:f, s:f}", "text", text.n ? text.at : "",
                  text.n, "end", ends[result->end], "prompt_tokens", result->n_prompt,
                  "reused_tokens", result->n_reused, "generated_tokens", result->n_generated,
                  "prefill_seconds", result->prefill_seconds, "first_token_seconds",
                  result->first_token_seconds, "generation_seconds", result->generation_seconds,
                  "log_probability", result->log_probability);
    struct buffer line = {0};
    buffer_json(&line, object);
    printf("%s\n", line.at);
    buffer_free(&line);
    json_decref(object);
}

static bool run(const struct run_options *options, struct pool *pool, struct fault *fault) {
    struct tokens tokens = {0};
    struct buffer text = {0};
    struct session *session = NULL;
    struct generation_result result;
    struct generation generation = {.sampling = options->sampling,
                                    .max_tokens = options->max_tokens,
                                    .stop = options->stop,
                                    .cancel = &interrupted,
                                    .say = options->json ? NULL : say};
    struct model *model = model_open(options->model, pool, fault);
    bool good = model && read_prompt(options, model, &tokens, fault) &&
                (session = session_open(model, 0, fault)) != NULL &&
                session_generate(session, tokens.at, tokens.n, &generation,
                                 options->json ? &text : NULL, &result, fault);
    if (good && options->json)
        print_json(buffer_view(&text), &result);
    else if (good)
        printf("\n");
    session_close(session);
    model_close(model);
    tokens_free(&tokens);
    buffer_free(&text);
    return good;
}

int command_run(int n_argument, char **arguments) {
    struct run_options options = {.max_tokens = 256, .sampling = sampling_default};
    int code = read_options(n_argument, arguments, &options);
    if (code >= 0)
        return code;
    struct fault fault = {0};
    signal(SIGINT, interrupt);
    struct pool *pool = pool_new(options.n_thread);
    bool good = run(&options, pool, &fault);
    pool_free(pool);
    return good ? EXIT_DONE : exit_with_fault(&fault);
}
