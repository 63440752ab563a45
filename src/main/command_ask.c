/* lyceum ask: a model that looks things up. */
#include "company/company.h"
#include "main/main.h"
#include "main/shipped.h"
#include "school/school.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { LOADING_SECONDS = 300 };

static const char help[] =
    "Usage: lyceum ask [MODEL] \"QUESTION\" [--course COURSE] [--lang L] [--alone | --no-rules]\n"
    "                  [--seed N] [--json]\n\n"
    "Answers with what was looked up: a calculator, units, a calendar, Python in the sandbox, "
    "and\n"
    "the passages and terms of a course. MODEL is a GGUF file (default\n"
    "${LYCEUM_MODELS:-models}/SmolLM2-135M-Instruct.Q4_1.gguf); \"none\": rules alone.\n"
    "Without QUESTION reads lines of JSON, {\"question\":…}, and answers each with a line.\n\n"
    "  --course COURSE  a course's folder to look in\n"
    "  --lang L         of the course and of the words that tell what was looked up (en)\n"
    "  --alone          the model answers by itself, with nothing to look up\n"
    "  --no-rules       the model decides what to look up, also where plain rules are sure\n"
    "  --seed N         of what is drawn (0)\n"
    "  --json           one object a question\n\n"
    "Example:\n"
    "  lyceum ask none \"What is 17% of 240?\"\n"
    "  lyceum ask \"Who invented gradient descent?\" --course courses/build-a-mind\n";

struct ask_options {
    const char *model, *question;
    struct school_asker_options asker;
    struct school_asking asking;
    bool json;
};

static bool print_words(const json_t *answer) {
    const json_t *looked_up = json_object_get(answer, "looked_up"), *step;
    size_t i;
    json_array_foreach(looked_up, i, step) printf("looked up: %s\n", json_text(step, "words", ""));
    const char *problem = json_text(answer, "problem", NULL),
               *text = json_text(answer, "answer", "");
    if (problem)
        fprintf(stderr, "lyceum ask: %s\n", problem);
    printf("%s\n", *text ? text : "I found nothing to answer with.");
    return fflush(stdout) == 0;
}

static bool answer_one(struct school_asker *asker, const struct ask_options *options) {
    json_t *answer = school_ask(asker, &options->asking);
    bool good;
    if (options->json) {
        struct buffer line = {0};
        buffer_json(&line, answer);
        buffer_byte(&line, '\n');
        good = fwrite(line.at, 1, line.n, stdout) == line.n && fflush(stdout) == 0;
        buffer_free(&line);
    } else {
        good = print_words(answer);
    }
    json_decref(answer);
    return good;
}

static int answer_lines(struct school_asker *asker, struct ask_options *options) {
    char *line = NULL;
    size_t room = 0;
    ssize_t n;
    struct fault fault = {0};
    bool good = true;
    options->json = true;
    while (good && (n = getline(&line, &room, stdin)) >= 0) {
        struct view text = view_trim((struct view){line, (size_t)n});
        json_t *row = text.n ? json_parse(text, &fault) : NULL;
        const char *question = json_text(row, "question", NULL);
        if (text.n && !question)
            fault_set(&fault, FAULT_INPUT, "a line is {\"question\":…}");
        options->asking.question = view_of(question);
        good = !text.n || (question && answer_one(asker, options));
        json_decref(row);
    }
    free(line);
    if (!good && !fault.kind)
        fault_set(&fault, FAULT_MACHINE, "the answers can't be written");
    return good ? EXIT_DONE : exit_with_fault(&fault);
}

static int ask_asker(struct ask_options *options) {
    struct fault fault = {0};
    struct school_asker *asker = school_asker_open(&options->asker, &fault);
    if (!asker)
        return exit_with_fault(&fault);
    int code = EXIT_DONE;
    if (!options->question)
        code = answer_lines(asker, options);
    else if (!answer_one(asker, options))
        code = EXIT_MACHINE;
    school_asker_close(asker);
    return code;
}

static int ask_company(struct ask_options *options) {
    struct fault fault = {0};
    struct members members;
    struct company_adapter none = {.name = "adapter", .path = "none", .scale = 1};
    bool rules = options->model && !strcmp(options->model, "none");
    if (rules)
        return ask_asker(options);
    members_choose(&members, options->model, &none, NULL);
    struct company *company = company_open(&members.options, &fault);
    int code;
    if (!company) {
        code = exit_with_fault(&fault);
    } else if (!company_wait(company, LOADING_SECONDS)) {
        fault_set(&fault, FAULT_INPUT, "%s", company_problem(company));
        code = exit_with_fault(&fault);
    } else {
        options->asker.company = company;
        code = ask_asker(options);
    }
    company_close(company);
    return code;
}

int command_ask(int n_argument, char **arguments) {
    static const struct option known[] = {
        {"course", required_argument, NULL, 'c'}, {"lang", required_argument, NULL, 'g'},
        {"alone", no_argument, NULL, 'a'},        {"no-rules", no_argument, NULL, 'r'},
        {"seed", required_argument, NULL, 's'},   {"json", no_argument, NULL, 'j'},
        {"help", no_argument, NULL, 'h'},         {0}};
    struct ask_options options = {0};
    double seed = 0;
    opterr = 0;
    optind = 1;
    for (int c; (c = getopt_long(n_argument, arguments, "", known, NULL)) != -1;) {
        if (c == 'h')
            return fputs(help, stdout), EXIT_DONE;
        if (c == '?')
            return exit_with_usage("ask", "%s is not an option, or lacks its value",
                                   arguments[optind - 1]);
        if (c == 's' && !option_number(optarg, 0, 9e15, &seed))
            return exit_with_usage("ask", "--seed wants a whole number, not \"%s\"", optarg);
        options.asker.course = c == 'c' ? optarg : options.asker.course;
        options.asker.language = c == 'g' ? optarg : options.asker.language;
        options.asking.alone = options.asking.alone || c == 'a';
        options.asking.no_rules = options.asking.no_rules || c == 'r';
        options.json = options.json || c == 'j';
    }
    options.asking.seed = (uint64_t)seed;
    /* One argument is the question, unless it is a file of weights. */
    int left = n_argument - optind;
    bool model = left == 2 || (left == 1 && (view_ends(view_of(arguments[optind]), ".gguf") ||
                                             !strcmp(arguments[optind], "none")));
    if (left > 2)
        return exit_with_usage("ask", "give a model and one question, the question in quotes");
    struct stat about;
    if (left == 2 && !stat(arguments[optind], &about) && S_ISDIR(about.st_mode))
        return exit_with_usage("ask", "%s is a folder and no model; a course goes behind --course",
                               arguments[optind]);
    options.model = model ? arguments[optind++] : NULL;
    options.question = optind < n_argument ? arguments[optind] : NULL;
    options.asking.question = view_of(options.question);
    return ask_company(&options);
}
