/* lyceum draft: the tutor's words on any text, JSON lines in, one JSON line out for each. */
#include "company/company.h"
#include "main/main.h"
#include "main/shipped.h"
#include "school/school.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

enum { LOADING_SECONDS = 300 };

static const char help[] =
    "Usage: lyceum draft [--model FILE] [--adapter FILE] [--adapter-scale S]\n\n"
    "Reads JSON lines from standard input: {\"passage\":…,\"question\":…} or {\"hint\":…}, with\n"
    "\"language\", \"seed\" and \"temperature\" where wanted, and \"free\":true for any words in "
    "the\n"
    "place of the passage's. Writes for each what the model wrote, whether it passed the review,\n"
    "and what a learner would be shown:\n"
    "  {\"draft\":…,\"passed\":…,\"struck\":null|{\"reason\",\"sentence\",\"why\"},\"say\":…,\n"
    "   \"from\":\"model|quote|author|none\",\"cites\":[…],\"tokens\":…,\"sure\"?:…,\"problem\"?:…}\n\n"
    "  --model FILE    a GGUF file (default ${LYCEUM_MODELS:-models}/"
    "SmolLM2-135M-Instruct.Q4_1.gguf);\n"
    "                  without it the passage is quoted\n"
    "  --adapter FILE  an adapter of the model to compute with (default: the tutor's that is\n"
    "                  shipped for this model); none: without one\n"
    "  --adapter-scale S  S times as strong as its file says (1)\n\n"
    "Example:\n"
    "  echo '{\"passage\":\"The loss is the average surprise.\",\"question\":\"What is the "
    "loss?\"}' \\\n"
    "    | lyceum draft\n";

static int answer_lines(struct company *company) {
    char *line = NULL;
    size_t room = 0;
    ssize_t n;
    struct buffer out = {0};
    while ((n = getline(&line, &room, stdin)) >= 0) {
        struct view text = view_trim((struct view){line, (size_t)n});
        if (!text.n)
            continue;
        json_t *answer = school_draft_line(company, text);
        buffer_clear(&out);
        buffer_json(&out, answer);
        buffer_byte(&out, '\n');
        json_decref(answer);
        if (fwrite(out.at, 1, out.n, stdout) != out.n || fflush(stdout) != 0)
            break;
    }
    bool failed = fflush(stdout) != 0 || ferror(stdout) || ferror(stdin);
    buffer_free(&out);
    free(line);
    struct fault fault = {0};
    if (!failed)
        return EXIT_DONE;
    fault_set(&fault, FAULT_MACHINE, "the lines can't be read or their answers can't be written");
    return exit_with_fault(&fault);
}

static int draft(const char *model, const struct company_adapter *adapter) {
    struct fault fault = {0};
    struct members members;
    members_choose(&members, model, adapter, NULL);
    struct company *company = company_open(&members.options, &fault);
    int code = EXIT_DONE;
    if (!company)
        code = exit_with_fault(&fault);
    else if (!company_wait(company, LOADING_SECONDS) && (model || adapter->path)) {
        fault_set(&fault, FAULT_INPUT, "%s", company_problem(company));
        code = exit_with_fault(&fault);
    } else if (company_state(company) != COMPANY_READY)
        fprintf(stderr, "lyceum draft: no model, so passages are quoted. %s\n",
                company_problem(company));
    if (code == EXIT_DONE)
        code = answer_lines(company);
    company_close(company);
    return code;
}

int command_draft(int n_argument, char **arguments) {
    static const struct option known[] = {{"model", required_argument, NULL, 'm'},
                                          {"adapter", required_argument, NULL, 'a'},
                                          {"adapter-scale", required_argument, NULL, 's'},
                                          {"help", no_argument, NULL, 'h'},
                                          {0}};
    const char *model = NULL;
    struct company_adapter adapter = {.name = "adapter", .scale = 1};
    opterr = 0;
    optind = 1;
    for (int c; (c = getopt_long(n_argument, arguments, "", known, NULL)) != -1;) {
        if (c == 'm')
            model = optarg;
        else if (c == 'h')
            return fputs(help, stdout), EXIT_DONE;
        else if (c == 'a')
            adapter.path = optarg;
        else if (c == 's') {
            if (!read_adapter_scale("draft", optarg, &adapter.scale))
                return EXIT_USAGE;
        } else
            return exit_with_usage("draft", "%s is not an option, or lacks its value",
                                   arguments[optind - 1]);
    }
    if (optind < n_argument)
        return exit_with_usage("draft", "there is no argument %s", arguments[optind]);
    return draft(model, &adapter);
}
