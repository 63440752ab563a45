/* One member of company.yaml: a local file, or an address that speaks OpenAI's format. */
#include "company/plan_inside.h"

#include <ctype.h>
#include <string.h>

static const char *const local_keys[] = {"local", "adapter", NULL};
static const char *const remote_keys[] = {"address", "model",     "key_from",  "price",
                                          "limits",  "context",   "abilities", "patience",
                                          "retries", "authority", NULL};
static const char *const member_keys[] = {
    "local",   "adapter",   "address",  "model",   "key_from",  "price", "limits",
    "context", "abilities", "patience", "retries", "authority", NULL};
static const char *const price_keys[] = {"input", "output", NULL};
static const char *const limits_keys[] = {"requests_a_minute", "tokens_a_minute", "at_once", NULL};
static const char *const patience_keys[] = {"connect", "first_token", "between_tokens", "whole",
                                            NULL};

struct place { /* of the member being read */
    struct reading *reading;
    const json_t *given;
    const char *name;
    long line;
};

static long line_of(const struct place *at, const char *key) {
    return plan_line(at->reading, at->given, key);
}

/* A mapping below a key, its keys known; NULL where there is none, or none that is one. */
static const json_t *part_of(const struct place *at, const char *key, const char *const *known) {
    const json_t *part = json_object_get(at->given, key);
    if (!part)
        return NULL;
    if (!json_is_object(part)) {
        char remedy[120] = "Write {";
        for (size_t i = 0, n = strlen(remedy); known[i]; i++)
            n += (size_t)snprintf(remedy + n, sizeof remedy - n, "%s%s: 1%s", i ? ", " : "",
                                  known[i], known[i + 1] ? "" : "}.");
        report(&at->reading->to, line_of(at, key), remedy, "%s of %s must be a mapping", key,
               at->name);
        return NULL;
    }
    plan_known_keys(at->reading, part, key, known);
    return part;
}

/* -------------------------------------------------------------------------------------- address
 */

/* To this machine alone: what goes there is seen by nobody else. */
static bool stays_here(const char *host) {
    static const char *const here[] = {"localhost", "127.0.0.1", "[::1]"};
    size_t n = host[0] == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":/");
    for (size_t i = 0; i < COUNT_OF(here); i++)
        if (n == strlen(here[i]) && !strncasecmp(host, here[i], n))
            return true;
    return false;
}

static const char *address_mistake(const char *text, const char **remedy) {
    bool secret = !strncasecmp(text, "https://", 8), plain = !strncasecmp(text, "http://", 7);
    *remedy = "Write it as https://api.example.org/v1.";
    if (!secret && !plain)
        return "the address begins with neither https:// nor http://";
    const char *host = text + (secret ? 8 : 7);
    size_t n = strcspn(host, "/?#");
    if (!n)
        return "the address names no machine";
    if (memchr(host, '@', n)) {
        *remedy = "Write key_from: with the name of an environment variable that holds the key.";
        return "a name or a key stands in the address";
    }
    if (strpbrk(host, "?#"))
        return "the address has a question mark or a number sign";
    for (const char *c = text; *c; c++)
        if (*c <= ' ' || (unsigned char)*c >= 0x7F || *c == '\\')
            return "the address has a space or another sign that no address has";
    return NULL;
}

static void add_address(const struct place *at, struct plan_member *member, const json_t *value,
                        long line) {
    const char *text = json_string_value(value), *remedy = "Write it as text.";
    const char *mistake = "the address is no text";
    if (text && strlen(text) < 400)
        mistake = address_mistake(text, &remedy);
    bool plain = text && !strncasecmp(text, "http://", 7);
    if (!mistake && plain && member->key_from && !stays_here(text + 7)) {
        mistake = "the key would travel in the clear";
        remedy = "Use https://, or leave key_from out.";
    }
    if (!mistake && member->n_address == PLAN_ADDRESSES)
        mistake = "there are over 16 addresses";
    if (mistake) {
        report(&at->reading->to, line, remedy, "%s: %s", at->name, mistake);
        return;
    }
    struct view address = view_of(text);
    while (address.n && address.at[address.n - 1] == '/')
        address.n--;
    member->addresses[member->n_address++] = arena_string(at->reading->plan->arena, address);
}

static void read_addresses(const struct place *at, struct plan_member *member) {
    const json_t *given = json_object_get(at->given, "address"), *one;
    size_t i;
    if (!json_is_array(given)) {
        add_address(at, member, given, line_of(at, "address"));
        return;
    }
    json_array_foreach(given, i, one)
        add_address(at, member, one, yaml_line_item(&at->reading->yaml, given, i));
    if (!json_array_size(given))
        report(&at->reading->to, line_of(at, "address"), "Write one.", "%s has no address",
               at->name);
}

/* The name of a variable; a key that was pasted here is not shown again. */
static void read_key_from(const struct place *at, struct plan_member *member) {
    const char *name = plan_text(at->reading, at->given, "key_from");
    bool good = name && (isalpha((unsigned char)*name) || *name == '_');
    for (const char *c = name; good && *c; c++)
        good = isupper((unsigned char)*c) || isdigit((unsigned char)*c) || *c == '_';
    if (good)
        member->key_from = name;
    else if (name)
        report(&at->reading->to, line_of(at, "key_from"),
               "Put the key into an environment variable and write its name here: "
               "key_from: CLOUD_KEY.",
               "key_from of %s is no name of an environment variable (capitals, digits, _)",
               at->name);
}

/* ---------------------------------------------------------------------------------------- terms
 */

static void read_abilities(const struct place *at, struct plan_member *member) {
    const json_t *given = json_object_get(at->given, "abilities"), *one;
    size_t i;
    char remedy[200];
    member->abilities = ABLE_USAGE;
    if (given && !json_is_array(given))
        report(&at->reading->to, line_of(at, "abilities"), "Write [tools, schema].",
               "abilities of %s must be a list", at->name);
    json_array_foreach(given, i, one) {
        const char *name = json_string_value(one);
        size_t a = 0;
        while (ability_names[a] && (!name || strcmp(ability_names[a], name)))
            a++;
        if (ability_names[a])
            member->abilities |= 1u << a;
        else
            report(&at->reading->to, yaml_line_item(&at->reading->yaml, given, i),
                   nearest_remedy(name ? name : "", ability_names,
                                  "Known are tools, schema, logprobs, seed, prefill, embeddings, "
                                  "usage.",
                                  remedy, sizeof remedy),
                   "there is no ability \"%.40s\"", name ? name : "");
    }
}

static void read_limits(const struct place *at, struct plan_member *member) {
    const json_t *limits = part_of(at, "limits", limits_keys);
    int64_t value;
    if (plan_whole(at->reading, limits, "requests_a_minute", 1, 10000000, &value))
        member->requests_a_minute = (int)value;
    if (plan_whole(at->reading, limits, "tokens_a_minute", 1, 2000000000, &value))
        member->tokens_a_minute = (int)value;
    if (plan_whole(at->reading, limits, "at_once", 1, 100000, &value))
        member->at_once = (int)value;
}

static void read_patience(const struct place *at, struct plan_member *member) {
    const json_t *part = part_of(at, "patience", patience_keys);
    struct patience *patience = &member->patience;
    *patience = patience_default;
    plan_number(at->reading, part, "connect", 0.05, 600, &patience->connect);
    plan_number(at->reading, part, "first_token", 0.05, 3600, &patience->first_token);
    plan_number(at->reading, part, "between_tokens", 0.05, 3600, &patience->between_tokens);
    plan_number(at->reading, part, "whole", 0.1, 36000, &patience->whole);
}

static void read_remote(const struct place *at, struct plan_member *member) {
    int64_t value;
    read_key_from(at, member); /* before the addresses: a key asks for https */
    read_addresses(at, member);
    member->model = plan_text(at->reading, at->given, "model");
    if (!member->model && !json_object_get(at->given, "model"))
        report(&at->reading->to, at->line, "Write model: and the name it has there.",
               "%s does not say which model is wanted", at->name);
    const json_t *price = part_of(at, "price", price_keys);
    plan_number(at->reading, price, "input", 0, 1e6, &member->price_input);
    plan_number(at->reading, price, "output", 0, 1e6, &member->price_output);
    read_limits(at, member);
    if (plan_whole(at->reading, at->given, "context", 256, 100000000, &value))
        member->context = (int)value;
    read_abilities(at, member);
    read_patience(at, member);
    member->retries = 1;
    if (plan_whole(at->reading, at->given, "retries", 0, 10, &value))
        member->retries = (int)value;
    member->authority = plan_text(at->reading, at->given, "authority");
}

/* ---------------------------------------------------------------------------------------- member
 */

static const char *below(const struct reading *reading, const char *path) {
    return !path || *path == '/' || !*reading->folder
               ? path
               : arena_format(reading->plan->arena, "%s%s", reading->folder, path);
}

static bool name_is_good(const struct place *at) {
    const char *mistake = NULL;
    for (const char *c = at->name; *c && !mistake; c++)
        if (!isalnum((unsigned char)*c) && !strchr("-_.", *c))
            mistake = "has other signs than letters, digits, - _ and .";
    if (!*at->name || strlen(at->name) > PLAN_NAME)
        mistake = "is over 40 bytes long, or empty";
    for (size_t i = 0; company_role_names[i]; i++)
        if (!strcmp(at->name, company_role_names[i]))
            mistake = "is that of a role";
    if (!strcmp(at->name, "lyceum"))
        mistake = "stands for the whole company";
    if (mistake)
        report(&at->reading->to, at->line, "Give it another name.", "the name %.60s %s", at->name,
               mistake);
    return !mistake;
}

void plan_read_member(struct reading *reading, const json_t *members, const char *name,
                      const json_t *given) {
    struct plan *plan = reading->plan;
    struct place at = {reading, given, name, plan_line(reading, members, name)};
    if (!name_is_good(&at))
        return;
    bool local = json_object_get(given, "local"), remote = json_object_get(given, "address");
    if (!json_is_object(given) || local == remote) {
        report(&reading->to, at.line,
               "Write local: default, local: FILE.gguf, or address: and "
               "model:.",
               "%s %s", name,
               local ? "is both local and at an address" : "is neither local nor at an address");
        return;
    }
    if (plan->n_member == PLAN_MEMBERS) {
        report(&reading->to, at.line, "Take some out.", "there are over 32 members");
        return;
    }
    bool known = true;
    for (size_t i = 0; local && remote_keys[i]; i++)
        if (json_object_get(given, remote_keys[i])) {
            report(&reading->to, line_of(&at, remote_keys[i]), "Take it out.",
                   "%s is local, and %s belongs to an address", name, remote_keys[i]);
            known = false;
        }
    if (known)
        plan_known_keys(reading, given, name, local ? local_keys : member_keys);
    struct plan_member *member = &plan->members[plan->n_member++];
    *member = (struct plan_member){.name = arena_string(plan->arena, view_of(name)),
                                   .local = local,
                                   .line = at.line,
                                   .patience = patience_default};
    if (remote) {
        read_remote(&at, member);
        member->authority = below(reading, member->authority);
        return;
    }
    member->model = plan_text(reading, given, "local");
    member->adapter = below(reading, plan_text(reading, given, "adapter"));
    if (member->model && !strcmp(member->model, "default"))
        member->model = NULL;
    member->model = below(reading, member->model);
}
