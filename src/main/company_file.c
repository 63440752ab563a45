/* company.yaml: found, read, its mistakes told. */
#include "main/company_file.h"

static const char usual[] = "company.yaml";

const char *company_file(const char *named) {
    return named ? named : file_exists(usual) ? usual : NULL;
}

void company_tell_mistakes(const json_t *problems, FILE *to) {
    const json_t *one;
    size_t i;
    json_array_foreach(problems, i, one) {
        int line = (int)json_number(one, "line", 0);
        fprintf(to, "%s:", json_text(one, "file", ""));
        if (line > 0)
            fprintf(to, "%d:", line);
        fprintf(to, " %s. %s\n", json_text(one, "message", ""), json_text(one, "remedy", ""));
    }
}

struct company *company_open_told(struct company_options *options, struct fault *fault) {
    json_t *problems = json_array();
    options->problems = problems;
    struct company *company = company_open(options, fault);
    if (!company && json_array_size(problems) > 1)
        company_tell_mistakes(problems, stderr);
    options->problems = NULL;
    json_decref(problems);
    return company;
}
