/* lyceum key: keys of programs. */
#include "company/company.h"
#include "main/main.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char help[] =
    "Usage: lyceum key new NAME [OPTIONS]\n"
    "       lyceum key list [--data DIR] [--json]\n"
    "       lyceum key revoke NAME [--data DIR]\n\n"
    "Programs ask the company at /v1 of the school's address, as they would ask OpenAI. Those of\n"
    "other machines need a key; once there is one, a key that is sent must be known. A key is\n"
    "shown once; what is kept, in DIR/keys.json, is its hash. A school that is open sees every\n"
    "change at once.\n\n"
    "  --limit LIMIT  how much the program may ask: 60/minute, 1000/day,\n"
    "                 \"20000 tokens/minute\", \"1000000 tokens/day\"; several may be given\n"
    "  --money M      a day at most for members far away, in the currency of company.yaml; when "
    "it\n"
    "                 is spent, others answer, at last the floor, and the answer says so\n"
    "  --tokens N     a day at most of members far away, in the same way\n"
    "  --learner N    this learner pays as well, and the first of their classes\n"
    "  --class N      this class pays as well\n"
    "  --for-learners the request's \"user\" is the number of the learner who pays\n"
    "  --data DIR     where the record is kept (default ./data)\n"
    "  --json         for programs\n\n"
    "Example: lyceum key new notebook --limit 60/minute --money 0.50\n";

struct key_options {
    const char *data;
    struct key_terms terms;
    bool json;
};

/* False when the value is none of the option. */
static bool read_option(struct key_options *options, int option, const char *text) {
    struct key_terms *terms = &options->terms;
    double x = 0;
    bool good = true;
    switch (option) {
    case 'd':
        options->data = text;
        return true;
    case 'j':
        return options->json = true;
    case 'n':
        return terms->names_learners = true;
    case 'm':
        return terms->day.has_money = option_number(text, 0, 1e9, &terms->day.money);
    case 't':
        good = option_number(text, 0, 1e15, &x);
        terms->day.tokens = (int64_t)x;
        return terms->day.has_tokens = good;
    case 'L':
        good = option_number(text, 1, 9e15, &x);
        terms->learner = (int64_t)x;
        return good;
    case 'C':
        good = option_number(text, 1, 9e15, &x);
        terms->group = (int64_t)x;
        return good;
    default:
        return key_limit_read(text, &terms->limits);
    }
}

/* Exit code, or -1 to go on. */
static int read_options(int n_argument, char **arguments, struct key_options *options) {
    static const struct option known[] = {
        {"data", required_argument, NULL, 'd'},    {"limit", required_argument, NULL, 'l'},
        {"money", required_argument, NULL, 'm'},   {"tokens", required_argument, NULL, 't'},
        {"learner", required_argument, NULL, 'L'}, {"class", required_argument, NULL, 'C'},
        {"for-learners", no_argument, NULL, 'n'},  {"json", no_argument, NULL, 'j'},
        {"help", no_argument, NULL, 'h'},          {0},
    };
    opterr = 0;
    optind = 1;
    for (int c; (c = getopt_long(n_argument, arguments, "", known, NULL)) != -1;) {
        if (c == 'h')
            return fputs(help, stdout), EXIT_DONE;
        if (c == '?')
            return exit_with_usage("key", "%s is not an option, or lacks its value",
                                   arguments[optind - 1]);
        if (!read_option(options, c, optarg))
            return exit_with_usage("key",
                                   c == 'l' ? "--limit %s is none: write 60/minute, "
                                              "1000/day, or \"20000 tokens/day\""
                                            : "%s is no value of its option",
                                   optarg);
    }
    return -1;
}

static bool make(struct keys *keys, const char *name, const struct key_options *options,
                 struct fault *fault) {
    char key[KEY_BYTES];
    if (!folder_make(options->data, fault) || !keys_new(keys, name, &options->terms, key, fault))
        return false;
    if (options->json)
        printf("{\"name\":\"%s\",\"key\":\"%s\"}\n", name, key);
    else
        printf("%s\n", key);
    if (!options->json && terminal_colour(1))
        fprintf(stderr, "Keep it: it is not shown again.\n");
    return true;
}

/* What members far away may cost a day, and have. */
static void print_far(const json_t *key) {
    const json_t *budget = json_object_get(key, "budget"), *far = json_object_get(key, "far"),
                 *money = json_object_get(budget, "money"),
                 *tokens = json_object_get(budget, "tokens");
    if (!far && !money && !tokens)
        return;
    printf("  far away %.4f", json_number(far, "money", 0));
    if (money)
        printf(" of %.4f", json_number_value(money));
    printf(", %.0f", json_number(far, "tokens", 0));
    if (tokens)
        printf(" of %lld", json_integer_value(tokens));
    printf(" tokens");
}

static void print_one(const json_t *key) {
    const json_t *limits = json_object_get(key, "limits"), *today = json_object_get(key, "today");
    time_t created = (time_t)json_integer_value(json_object_get(key, "created"));
    char day[20] = "";
    struct tm when;
    const char *unit;
    json_t *value;
    if (gmtime_r(&created, &when))
        strftime(day, sizeof day, "%Y-%m-%d", &when);
    printf("%-20s %s…  made %s  today %lld requests, %lld tokens%s", json_text(key, "name", ""),
           json_text(key, "begins", ""), day,
           json_integer_value(json_object_get(today, "requests")),
           json_integer_value(json_object_get(today, "tokens")),
           json_flag(key, "revoked", false) ? "  REVOKED" : "");
    json_object_foreach((json_t *)(uintptr_t)limits, unit, value)
        printf("  %lld %s", json_integer_value(value), unit);
    print_far(key);
    printf("\n");
}

static bool list(struct keys *keys, const struct key_options *options, struct fault *fault) {
    json_t *far = company_programs_today(options->data, fault), *one;
    json_t *all = far ? keys_list(keys, fault) : NULL;
    size_t i;
    json_array_foreach(all, i, one) {
        json_t *spent = json_object_get(far, json_text(one, "name", ""));
        if (spent)
            json_object_set(one, "far", spent);
    }
    json_decref(far);
    if (!all)
        return false;
    if (options->json) {
        struct buffer text = {0};
        buffer_json(&text, all);
        printf("%s\n", text.at);
        buffer_free(&text);
    } else {
        json_array_foreach(all, i, one) print_one(one);
    }
    if (!options->json && json_array_size(all) == 0)
        printf("There are no keys: programs of this machine alone may ask.\n");
    json_decref(all);
    return true;
}

int command_key(int n_argument, char **arguments) {
    struct key_options options = {.data = "data"};
    struct fault fault = {0};
    int code = read_options(n_argument, arguments, &options);
    if (code >= 0)
        return code;
    int n = n_argument - optind;
    const char *what = n ? arguments[optind] : "";
    const char *name = n > 1 ? arguments[optind + 1] : NULL;
    bool is_new = !strcmp(what, "new"), is_list = !strcmp(what, "list");
    if (!is_new && !is_list && strcmp(what, "revoke") != 0)
        return exit_with_usage("key", "new, list or revoke is wanted");
    if (n != (is_list ? 1 : 2))
        return exit_with_usage("key", is_list ? "list takes no name" : "one NAME is wanted");
    struct keys *keys = keys_open(options.data, &fault);
    bool good = keys && (is_new    ? make(keys, name, &options, &fault)
                         : is_list ? list(keys, &options, &fault)
                                   : keys_revoke(keys, name, &fault));
    keys_close(keys);
    return good ? EXIT_DONE : exit_with_fault(&fault);
}
