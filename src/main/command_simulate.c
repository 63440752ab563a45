/* lyceum simulate: what the scheduler does for learners whose knowledge is known. */
#include "main/main.h"
#include "main/simulate_plot.h"
#include "school/school.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "Usage: lyceum simulate COURSE [--learners N] [--seed S] [--json] [--out DIR]\n\n"
    "Teaches a course to simulated learners whose knowledge is known, by the scheduler of the\n"
    "school and by other orders, and tells how near the challenge stays to its target, whether\n"
    "mastery that is claimed is mastery had, and how many answers it takes to get there.\n\n"
    "  --learners N  how many (default 1000)\n"
    "  --seed S      of chance: the same gives the same (default 1)\n"
    "  --json        as one JSON object\n"
    "  --out DIR     plots: challenge.svg, calibration.svg, time.svg; and simulation.json\n\n"
    "Example: lyceum simulate courses/build-a-mind --out plots\n";

struct asked {
    const char *course, *out;
    double learners, seed;
    bool json, help;
};

static int read_asked(int n_argument, char **arguments, struct asked *asked) {
    for (int i = 1; i < n_argument; i++) {
        const char *name = arguments[i];
        if (!strcmp(name, "--help")) {
            asked->help = true;
        } else if (!strcmp(name, "--json")) {
            asked->json = true;
        } else if (!strcmp(name, "--out") || !strcmp(name, "--learners") ||
                   !strcmp(name, "--seed")) {
            if (++i == n_argument)
                return exit_with_usage("simulate", "%s needs a value", name);
            if (!strcmp(name, "--out"))
                asked->out = arguments[i];
            else if (!strcmp(name, "--learners")
                         ? !option_number(arguments[i], 1, 1e6, &asked->learners)
                         : !option_number(arguments[i], 0, 1e9, &asked->seed))
                return exit_with_usage("simulate", "%s wants a whole number, not \"%s\"", name,
                                       arguments[i]);
        } else if (*name == '-') {
            return exit_with_usage("simulate", "%s is not understood", name);
        } else if (asked->course) {
            return exit_with_usage("simulate", "one course at a time");
        } else {
            asked->course = name;
        }
    }
    return asked->course || asked->help ? EXIT_DONE
                                        : exit_with_usage("simulate", "no course is named");
}

static void print_policy(const json_t *policy) {
    const json_t *time = json_object_get(policy, "answers_to_mastery");
    const json_t *success = json_object_get(policy, "success");
    char median[32] = "never";
    if (json_is_number(json_object_get(time, "median")))
        snprintf(median, sizeof median, "%.0f", json_number(time, "median", 0));
    printf("%-26s %8.0f %7.1f%% %7s %8.1f%% %7.1f%% %8.1f%%\n", json_text(policy, "name", ""),
           json_number(policy, "answers", 0), 100 * json_number(success, "mean", 0), median,
           100 * json_number(time, "reached", 0), 100 * json_number(policy, "known_at_end", 0),
           100 * json_number(policy, "known_a_month_later", 0));
}

static void print_claims(const char *what, const json_t *claims) {
    printf("  %-12s AUC %.3f, calibration error %.3f, Brier %.3f, of %lld claims\n", what,
           json_number(claims, "auc", 0), json_number(claims, "calibration_error", 0),
           json_number(claims, "brier", 0), (long long)json_number(claims, "n", 0));
}

static void print_simulated(const json_t *simulated) {
    const json_t *policies = json_object_get(simulated, "policies"), *school;
    size_t i;
    json_t *policy;
    school = json_array_get(policies, 0);
    printf("%s: %d skills, %d exercises; %d learners, at most %d answers a day for %d days\n\n",
           json_text(simulated, "course", ""), (int)json_number(simulated, "skills", 0),
           (int)json_number(simulated, "exercises", 0), (int)json_number(simulated, "learners", 0),
           (int)json_number(simulated, "answers_a_day", 0),
           (int)json_number(simulated, "days", 0));
    printf("%-26s %8s %8s %7s %9s %8s %9s\n", "order", "answers", "right", "to 90%", "get there",
           "at end", "month on");
    json_array_foreach(policies, i, policy) print_policy(policy);
    const json_t *success = json_object_get(school, "success");
    const json_t *told = json_object_get(school, "told_as_mastered");
    printf("\nthe school's own order:\n"
           "  challenge    %.1f%% right against a target of %.0f%%; %.0f%% of learners within a "
           "tenth of it\n",
           100 * json_number(success, "mean", 0), 100 * json_number(success, "target", 0),
           100 * json_number(success, "learners_within_tenth", 0));
    print_claims("mastery", json_object_get(school, "mastery"));
    print_claims("right answers", json_object_get(school, "prediction"));
    printf("  mastered     of %d skills told as mastered, %.1f%% were known then\n",
           (int)json_number(told, "n", 0), 100 * json_number(told, "had", 0));
    printf("\nto 90%%: the answer at which half of the learners know nine tenths of the course "
           "(forgetting counted);\nget there: learners who do at all; at end, month on: share of "
           "the course that is recalled then.\n");
}

static bool write_all(const json_t *simulated, const char *folder, struct fault *fault) {
    struct buffer path = {0}, text = {0};
    char *pretty = json_dumps(simulated, JSON_INDENT(1) | JSON_REAL_PRECISION(6));
    buffer_format(&path, "%s/simulation.json", folder);
    buffer_text(&text, pretty);
    buffer_byte(&text, '\n');
    bool good =
        simulate_plots(simulated, folder, fault) && file_write(path.at, buffer_view(&text), fault);
    free(pretty);
    buffer_free(&path);
    buffer_free(&text);
    return good;
}

int command_simulate(int n_argument, char **arguments) {
    struct asked asked = {.learners = 1000, .seed = 1};
    struct fault fault = {0};
    int code = read_asked(n_argument, arguments, &asked);
    if (code != EXIT_DONE)
        return code;
    if (asked.help)
        return fputs(help, stdout), EXIT_DONE;
    json_t *simulated =
        school_simulate(asked.course, (int)asked.learners, (uint64_t)asked.seed, &fault);
    if (!simulated)
        return exit_with_fault(&fault);
    if (asked.json) {
        json_dumpf(simulated, stdout, JSON_COMPACT | JSON_REAL_PRECISION(6));
        putchar('\n');
    } else {
        print_simulated(simulated);
    }
    bool good = !asked.out || write_all(simulated, asked.out, &fault);
    json_decref(simulated);
    return good ? EXIT_DONE : exit_with_fault(&fault);
}
