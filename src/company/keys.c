#include "company/keys.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_BYTES = 4 << 20, SHOWN = 11, SAVE_SECONDS = 5, DAY = 86400, MINUTE = 60 };

static const char begins[] = "lyceum-";

struct span {       /* what was used since its beginning */
    int64_t number; /* of the minute, or of the day, since 1970 */
    int64_t requests, tokens;
};

struct key {
    char name[KEY_NAME_BYTES + 1], hash[65], shown[SHOWN + 1];
    int64_t created;
    bool revoked;
    struct key_terms terms;
    struct span minute, day;
};

struct keys {
    pthread_mutex_t lock;
    char path[PATH_MAX], used_path[PATH_MAX];
    struct key *keys;
    size_t n, capacity;
    struct stat seen; /* the file as it was read last */
    double saved;
    bool unsaved;
};

/* -------------------------------------------------------------------------------------- limits */

static const struct {
    const char *key, *unit;
    size_t offset;
} limits[] = {
    {"requests_minute", "requests a minute", offsetof(struct key_limits, requests_minute)},
    {"requests_day", "requests a day", offsetof(struct key_limits, requests_day)},
    {"tokens_minute", "tokens a minute", offsetof(struct key_limits, tokens_minute)},
    {"tokens_day", "tokens a day", offsetof(struct key_limits, tokens_day)},
};

static int64_t *limit_at(struct key_limits *of, size_t i) {
    return (int64_t *)(void *)((char *)of + limits[i].offset);
}

static bool starts_with(const char **text, const char *word) {
    size_t n = strlen(word);
    while (**text == ' ' || **text == '-')
        ++*text;
    if (strncmp(*text, word, n) != 0)
        return false;
    *text += n;
    return true;
}

bool key_limit_read(const char *text, struct key_limits *out) {
    char *end;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    const char *rest = end;
    if (end == text || value < 1 || value > 1000000000000 || errno)
        return false;
    bool tokens = starts_with(&rest, "tokens") || starts_with(&rest, "token");
    if (!tokens)
        (void)(starts_with(&rest, "requests") || starts_with(&rest, "request"));
    bool day = false;
    if (starts_with(&rest, "/")) {
        day = starts_with(&rest, "day") || starts_with(&rest, "d");
        if (!day && !starts_with(&rest, "minute") && !starts_with(&rest, "min"))
            return false;
    } else if (tokens) {
        return false;
    }
    if (*rest)
        return false;
    *limit_at(out, (tokens ? 2U : 0U) + day) = value;
    return true;
}

/* --------------------------------------------------------------------------------------- the file
 */

static struct key *find(struct keys *keys, const char *name) {
    for (size_t i = 0; i < keys->n; i++)
        if (!strcmp(keys->keys[i].name, name))
            return &keys->keys[i];
    return NULL;
}

static void read_terms(const json_t *from, struct key_terms *terms) {
    const json_t *budget = json_object_get(from, "budget"),
                 *money = json_object_get(budget, "money"),
                 *tokens = json_object_get(budget, "tokens");
    terms->day = (struct budget_limit){.has_money = json_is_number(money),
                                       .money = json_number_value(money),
                                       .has_tokens = json_is_integer(tokens),
                                       .tokens = json_integer_value(tokens)};
    terms->learner = json_integer_value(json_object_get(from, "learner"));
    terms->group = json_integer_value(json_object_get(from, "class"));
    terms->names_learners = json_flag(from, "names_learners", false);
}

static void write_terms(const struct key_terms *terms, json_t *to) {
    json_t *budget = json_object();
    if (terms->day.has_money)
        json_object_set_new(budget, "money", json_real(terms->day.money));
    if (terms->day.has_tokens)
        json_object_set_new(budget, "tokens", json_integer(terms->day.tokens));
    json_object_set_new(to, "budget", budget);
    if (terms->learner)
        json_object_set_new(to, "learner", json_integer(terms->learner));
    if (terms->group)
        json_object_set_new(to, "class", json_integer(terms->group));
    json_object_set_new(to, "names_learners", json_boolean(terms->names_learners));
}

static bool read_key(const json_t *from, struct key *key) {
    const char *name = json_text(from, "name", ""), *hash = json_text(from, "hash", "");
    json_t *bounds = json_object_get(from, "limits");
    *key = (struct key){.created = json_integer_value(json_object_get(from, "created")),
                        .revoked = json_flag(from, "revoked", false)};
    if (!*name || strlen(name) > KEY_NAME_BYTES || strlen(hash) != 64)
        return false;
    snprintf(key->name, sizeof key->name, "%s", name);
    snprintf(key->hash, sizeof key->hash, "%s", hash);
    snprintf(key->shown, sizeof key->shown, "%s", json_text(from, "begins", ""));
    for (size_t i = 0; i < COUNT_OF(limits); i++)
        *limit_at(&key->terms.limits, i) =
            json_integer_value(json_object_get(bounds, limits[i].key));
    read_terms(from, &key->terms);
    return true;
}

/* Reads the file where it has changed; what was used stays with each name. */
static bool refresh(struct keys *keys, struct fault *fault) {
    struct stat now = {0};
    bool there = stat(keys->path, &now) == 0;
    if (there && now.st_mtim.tv_sec == keys->seen.st_mtim.tv_sec &&
        now.st_mtim.tv_nsec == keys->seen.st_mtim.tv_nsec && now.st_ino == keys->seen.st_ino)
        return true;
    if (!there)
        return true;
    struct buffer text = {0};
    json_t *json = NULL, *one;
    size_t i;
    bool good = file_read(keys->path, FILE_BYTES, &text, fault) &&
                (json = json_parse(buffer_view(&text), fault)) != NULL;
    struct keys old = *keys;
    keys->keys = NULL;
    keys->n = keys->capacity = 0;
    json_array_foreach(json_object_get(json, "keys"), i, one) {
        struct key key;
        if (!good || !(good = i < KEYS && read_key(one, &key))) {
            fault_set(fault, FAULT_INPUT, "key %zu of the file is none", i + 1);
            break;
        }
        const struct key *known = find(&old, key.name);
        if (known && !strcmp(known->hash, key.hash)) {
            key.minute = known->minute;
            key.day = known->day;
        }
        MUST(TRY_ROOM(keys->keys, keys->capacity, keys->n + 1));
        keys->keys[keys->n++] = key;
    }
    json_decref(json);
    buffer_free(&text);
    fault_place(fault, keys->path, 0, -1);
    if (good) {
        keys->seen = now;
        free(old.keys);
        return true;
    }
    free(keys->keys);
    keys->keys = old.keys;
    keys->n = old.n;
    keys->capacity = old.capacity;
    return false;
}

static json_t *limits_json(const struct key *key) {
    struct key_limits of = key->terms.limits;
    json_t *object = json_object();
    for (size_t i = 0; i < COUNT_OF(limits); i++)
        if (*limit_at(&of, i))
            json_object_set_new(object, limits[i].key, json_integer(*limit_at(&of, i)));
    return object;
}

static bool save(struct keys *keys, struct fault *fault) {
    json_t *all = json_array();
    for (size_t i = 0; i < keys->n; i++) {
        const struct key *key = &keys->keys[i];
        json_t *one =
            json_pack("{s:s, s:s, s:s, s:I, s:b, s:o}", "name", key->name, "hash", key->hash,
                      "begins", key->shown, "created", (json_int_t)key->created, "revoked",
                      key->revoked, "limits", limits_json(key));
        write_terms(&key->terms, one);
        json_array_append_new(all, one);
    }
    json_t *json = json_pack("{s:i, s:o}", "version", 1, "keys", all);
    char *text = json_dumps(json, JSON_INDENT(2));
    bool good = file_write(keys->path, view_of(text), fault);
    free(text);
    json_decref(json);
    if (good && stat(keys->path, &keys->seen))
        keys->seen = (struct stat){0};
    return good;
}

/* ------------------------------------------------------------------------------------- the usage
 */

static int64_t now_seconds(void) {
    return clock_unix_ms() / 1000;
}

static void enter_span(struct span *span, int64_t length) {
    int64_t number = now_seconds() / length;
    if (span->number != number)
        *span = (struct span){.number = number};
}

static void save_usage(struct keys *keys) {
    json_t *all = json_object();
    for (size_t i = 0; i < keys->n; i++)
        if (keys->keys[i].day.requests)
            json_object_set_new(all, keys->keys[i].name,
                                json_pack("{s:I, s:I, s:I}", "day",
                                          (json_int_t)keys->keys[i].day.number, "requests",
                                          (json_int_t)keys->keys[i].day.requests, "tokens",
                                          (json_int_t)keys->keys[i].day.tokens));
    struct buffer text = {0};
    buffer_json(&text, all);
    file_write(keys->used_path, buffer_view(&text), NULL); /* told again in some seconds */
    buffer_free(&text);
    json_decref(all);
    keys->saved = clock_seconds();
    keys->unsaved = false;
}

static void load_usage(struct keys *keys) {
    struct buffer text = {0};
    json_t *all =
        file_exists(keys->used_path) && file_read(keys->used_path, FILE_BYTES, &text, NULL)
            ? json_parse(buffer_view(&text), NULL)
            : NULL;
    for (size_t i = 0; i < keys->n; i++) {
        const json_t *used = json_object_get(all, keys->keys[i].name);
        keys->keys[i].day =
            (struct span){.number = json_integer_value(json_object_get(used, "day")),
                          .requests = json_integer_value(json_object_get(used, "requests")),
                          .tokens = json_integer_value(json_object_get(used, "tokens"))};
    }
    json_decref(all);
    buffer_free(&text);
}

/* ------------------------------------------------------------------------- opening and closing */

struct keys *keys_open(const char *folder, struct fault *fault) {
    struct keys *keys = must_alloc(1, sizeof *keys);
    pthread_mutex_init(&keys->lock, NULL);
    snprintf(keys->path, sizeof keys->path, "%s/keys.json", folder);
    snprintf(keys->used_path, sizeof keys->used_path, "%s/key-usage.json", folder);
    if (refresh(keys, fault)) {
        load_usage(keys);
        return keys;
    }
    keys_close(keys);
    return NULL;
}

void keys_close(struct keys *keys) {
    if (!keys)
        return;
    if (keys->unsaved)
        save_usage(keys);
    free(keys->keys);
    pthread_mutex_destroy(&keys->lock);
    free(keys);
}

/* ------------------------------------------------------------------------------------ changing */

/* One process changes the file at a time. −1 with a fault. */
static int lock_file(struct keys *keys, struct fault *fault) {
    char path[PATH_MAX + 8];
    snprintf(path, sizeof path, "%s.lock", keys->path);
    int fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0 && flock(fd, LOCK_EX) == 0)
        return fd;
    fault_set(fault, FAULT_MACHINE, "the keys cannot be locked: %s", strerror(errno));
    fault_place(fault, path, 0, -1);
    if (fd >= 0)
        close(fd);
    return -1;
}

static bool is_name(const char *name) {
    size_t n = strlen(name);
    return n && n <= KEY_NAME_BYTES &&
           strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.@") == n;
}

static void draw_key(char key[KEY_BYTES]) {
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    size_t n = strlen(begins);
    memcpy(key, begins, n);
    while (n < sizeof begins - 1 + 40) {
        uint8_t byte;
        random_bytes(&byte, 1);
        if (byte < 248) /* 4 · 62: each letter as likely as another */
            key[n++] = letters[byte % 62];
    }
    key[n] = 0;
}

bool keys_new(struct keys *keys, const char *name, const struct key_terms *terms,
              char key[KEY_BYTES], struct fault *fault) {
    if (!is_name(name)) {
        fault_set(fault, FAULT_INPUT, "\"%.80s\" is no name for a key", name);
        return fault_remedy(fault, "Use 1 to %d letters, digits, \".\", \"_\", \"-\" and \"@\".",
                            KEY_NAME_BYTES);
    }
    int held = lock_file(keys, fault);
    if (held < 0)
        return false;
    pthread_mutex_lock(&keys->lock);
    bool good = refresh(keys, fault);
    struct key *old = good ? find(keys, name) : NULL;
    if (good && old && !old->revoked) {
        fault_set(fault, FAULT_INPUT, "there is a key named %s already", name);
        good = fault_remedy(fault, "Take another name, or revoke it: lyceum key revoke %s", name);
    } else if (good && !old && keys->n == KEYS) {
        good = fault_set(fault, FAULT_LIMIT, "there are %d keys, and no more may be made", KEYS);
    }
    if (good) {
        struct key made = {.created = now_seconds(), .terms = *terms};
        draw_key(key);
        sha256_hex(view_of(key), made.hash);
        snprintf(made.name, sizeof made.name, "%s", name);
        snprintf(made.shown, sizeof made.shown, "%s", key);
        if (!old) {
            MUST(TRY_ROOM(keys->keys, keys->capacity, keys->n + 1));
            old = &keys->keys[keys->n++];
        }
        *old = made;
        good = save(keys, fault);
    }
    pthread_mutex_unlock(&keys->lock);
    close(held);
    return good;
}

bool keys_revoke(struct keys *keys, const char *name, struct fault *fault) {
    int held = lock_file(keys, fault);
    if (held < 0)
        return false;
    pthread_mutex_lock(&keys->lock);
    bool good = refresh(keys, fault);
    struct key *key = good ? find(keys, name) : NULL;
    if (good && (!key || key->revoked)) {
        fault_set(fault, FAULT_MISSING, "there is no key named %.80s", name);
        good = fault_remedy(fault, "`lyceum key list` shows those that there are");
    }
    if (good) {
        key->revoked = true;
        good = save(keys, fault);
    }
    pthread_mutex_unlock(&keys->lock);
    close(held);
    return good;
}

bool keys_forget(const char *folder, int64_t learner, struct fault *fault) {
    struct keys *keys = keys_open(folder, fault);
    bool good = keys != NULL, any = false;
    for (size_t i = 0; good && i < keys->n; i++)
        any |= keys->keys[i].terms.learner == learner;
    int held = any ? lock_file(keys, fault) : -1;
    good = good && (!any || (held >= 0 && refresh(keys, fault)));
    for (size_t i = 0; good && any && i < keys->n; i++)
        if (keys->keys[i].terms.learner == learner) {
            keys->keys[i].revoked = true;
            keys->keys[i].terms.learner = 0;
        }
    good = good && (!any || save(keys, fault));
    if (held >= 0)
        close(held);
    keys_close(keys);
    return good;
}

json_t *keys_list(struct keys *keys, struct fault *fault) {
    pthread_mutex_lock(&keys->lock);
    json_t *all = refresh(keys, fault) ? json_array() : NULL;
    for (size_t i = 0; all && i < keys->n; i++) {
        struct key *key = &keys->keys[i];
        enter_span(&key->day, DAY);
        json_t *one =
            json_pack("{s:s, s:s, s:I, s:b, s:o, s:{s:I, s:I}}", "name", key->name, "begins",
                      key->shown, "created", (json_int_t)key->created, "revoked", key->revoked,
                      "limits", limits_json(key), "today", "requests",
                      (json_int_t)key->day.requests, "tokens", (json_int_t)key->day.tokens);
        write_terms(&key->terms, one);
        json_array_append_new(all, one);
    }
    pthread_mutex_unlock(&keys->lock);
    return all;
}

/* --------------------------------------------------------------------------------------- using */

/* Takes as long wherever two hashes differ. */
static bool same_hash(const char *a, const char *b) {
    int differ = 0;
    for (size_t i = 0; i < 64; i++)
        differ |= a[i] ^ b[i];
    return differ == 0;
}

static bool is_over(struct key *key, struct key_use *use) {
    enter_span(&key->minute, MINUTE);
    enter_span(&key->day, DAY);
    const int64_t used[] = {key->minute.requests, key->day.requests, key->minute.tokens,
                            key->day.tokens};
    for (size_t i = 0; i < COUNT_OF(limits); i++) {
        int64_t most = *limit_at(&key->terms.limits, i);
        if (!most || used[i] < most)
            continue;
        int64_t length = i % 2 ? DAY : MINUTE;
        use->of_day = i % 2;
        use->retry_after = (int)(length - now_seconds() % length);
        snprintf(use->limit, sizeof use->limit, "%lld %s", (long long)most, limits[i].unit);
        return true;
    }
    return false;
}

enum key_verdict keys_admit(struct keys *keys, struct view given, struct key_use *use) {
    char hash[65];
    sha256_hex(given, hash);
    *use = (struct key_use){0};
    pthread_mutex_lock(&keys->lock);
    refresh(keys, NULL); /* a file that is broken leaves those that were read before */
    enum key_verdict verdict = keys->n ? KEY_UNKNOWN : KEY_UNKNOWN_NONE_MADE;
    for (size_t i = 0; i < keys->n; i++) {
        struct key *key = &keys->keys[i];
        if (!same_hash(key->hash, hash) || key->revoked)
            continue;
        snprintf(use->name, sizeof use->name, "%s", key->name);
        use->terms = key->terms;
        verdict = is_over(key, use) ? KEY_OVER : KEY_KNOWN;
        key->minute.requests += verdict == KEY_KNOWN;
        key->day.requests += verdict == KEY_KNOWN;
        keys->unsaved = true;
    }
    pthread_mutex_unlock(&keys->lock);
    return verdict;
}

void keys_spend(struct keys *keys, const char *name, int64_t n_token) {
    pthread_mutex_lock(&keys->lock);
    struct key *key = find(keys, name);
    if (key) {
        enter_span(&key->minute, MINUTE);
        enter_span(&key->day, DAY);
        key->minute.tokens += n_token;
        key->day.tokens += n_token;
        keys->unsaved = true;
    }
    if (keys->unsaved && clock_seconds() - keys->saved > SAVE_SECONDS)
        save_usage(keys);
    pthread_mutex_unlock(&keys->lock);
}
