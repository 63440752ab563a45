/* lyceum key: keys of programs. */
#include "company/company.h"
#include "main/main.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char help[] =
    "Usage: lyceum key new NAME [--limit LIMIT]... [--data DIR] [--json]\n"
    "       lyceum key list [--data DIR] [--json]\n"
    "       lyceum key revoke NAME [--data DIR]\n\n"
    "Programs ask the company at /v1 of the school's address, as they would ask OpenAI. Those of\n"
    "other machines need a key; once there is one, a key that is sent must be known. A key is\n"
    "shown once; what is kept, in DIR/keys.json, is its hash. A school that is open sees every\n"
    "change at once.\n\n"
    "  --limit LIMIT  how much the program may ask: 60/minute, 1000/day,\n"
    "                 \"20000 tokens/minute\", \"1000000 tokens/day\"; several may be given\n"
    "  --data DIR     where the record is kept (default ./data)\n"
    "  --json         for programs\n\n"
    "Example: lyceum key new notebook --limit 60/minute --limit '200000 tokens/day'\n";

struct key_options {
    const char *data;
    struct key_limits limits;
    bool json;
};

/* Exit code, or -1 to go on. */
static int read_options(int n_argument, char **arguments, struct key_options *options) {
    static const struct option known[] = {
        {"data", required_argument, NULL, 'd'},
        {"limit", required_argument, NULL, 'l'},
        {"json", no_argument, NULL, 'j'},
        {"help", no_argument, NULL, 'h'},
        {0},
    };
    opterr = 0;
    optind = 1;
    for (int c; (c = getopt_long(n_argument, arguments, "", known, NULL)) != -1;) {
        if (c == 'd')
            options->data = optarg;
        else if (c == 'j')
            options->json = true;
        else if (c == 'h')
            return fputs(help, stdout), EXIT_DONE;
        else if (c == '?')
            return exit_with_usage("key", "%s is not an option, or lacks its value",
                                   arguments[optind - 1]);
        else if (!key_limit_read(optarg, &options->limits))
            return exit_with_usage("key",
                                   "--limit %s is none: write 60/minute, 1000/day, or "
                                   "\"20000 tokens/day\"",
                                   optarg);
    }
    return -1;
}

static bool make(struct keys *keys, const char *name, const struct key_options *options,
                 struct fault *fault) {
    char key[KEY_BYTES];
    if (!folder_make(options->data, fault) || !keys_new(keys, name, &options->limits, key, fault))
        return false;
    if (options->json)
        printf("{\"name\":\"%s\",\"key\":\"%s\"}\n", name, key);
    else
        printf("%s\n", key);
    if (!options->json && terminal_colour(1))
        fprintf(stderr, "Keep it: it is not shown again.\n");
    return true;
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
    printf("\n");
}

static bool list(struct keys *keys, const struct key_options *options, struct fault *fault) {
    json_t *all = keys_list(keys, fault), *one;
    size_t i;
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
