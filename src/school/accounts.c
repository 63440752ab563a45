/* Signing up, signing in, and the sessions that this opens. */
#include "school/school_inside.h"

#include <stdlib.h>
#include <string.h>

enum {
    LOGIN_LIMIT = 80, /* characters */
    PASSWORD_LEAST = 8,
    PASSWORD_LIMIT = 1024, /* bytes */
    STAFF_SECONDS = 30 * 24 * 3600,
    LEARNER_SECONDS = 400 * 24 * 3600,
    CODE_LETTERS = 8,
    SECRET_DIGITS = 32,
};

/* ------------------------------------------------------------------------------------- who may */

static enum role role_in(struct school *school, int64_t person) {
    json_t *row = people_one(school->record, PEOPLE_PERSON, "i", person);
    enum role role = row && json_integer_value(json_object_get(row, "enabled"))
                         ? role_of_name(json_text(row, "role", ""))
                         : ROLE_NONE;
    json_decref(row);
    return role;
}

static bool has_place(struct school *school, int64_t class, int64_t person, const char *role) {
    json_t *row = people_one(school->record, PEOPLE_PLACE, "ii", class, person);
    bool has = row && !strcmp(json_text(row, "role", ""), role);
    json_decref(row);
    return has;
}

bool school_may(struct school *school, enum school_access access, int64_t person, int64_t class,
                int64_t learner) {
    if (access == ACCESS_ALL)
        return true;
    if (person <= 0)
        return false;
    if (access == ACCESS_SELF)
        return true;
    enum role role = role_in(school, person);
    bool teaches = role == ROLE_OWNER ||
                   (role == ROLE_TEACHER && has_place(school, class, person, "teacher"));
    switch (access) {
    case ACCESS_STAFF:
        return role == ROLE_TEACHER || role == ROLE_OWNER;
    case ACCESS_OWNER:
        return role == ROLE_OWNER;
    case ACCESS_CLASS:
        return teaches && class > 0;
    case ACCESS_LEARNER:
        return teaches && has_place(school, class, learner, "learner");
    default:
        return false;
    }
}

json_t *school_person(struct school *school, int64_t person, struct fault *fault) {
    json_t *row = people_one(school->record, PEOPLE_PERSON, "i", person);
    if (!row) {
        fault_set(fault, FAULT_MISSING, "There is no person %lld.", (long long)person);
        return NULL;
    }
    bool owner = !strcmp(json_text(row, "role", ""), "owner");
    json_t *classes = owner ? people_list(school->record, PEOPLE_CLASSES_ALL, "")
                            : people_list(school->record, PEOPLE_CLASSES_OF, "i", person);
    json_t *told = json_pack("{s:I,s:O,s:O,s:O,s:o}", "id", (json_int_t)person, "name",
                             json_object_get(row, "name"), "role", json_object_get(row, "role"),
                             "login", json_object_get(row, "login"), "classes", classes);
    json_decref(row);
    return told;
}

/* ------------------------------------------------------------------------------- names and words
 */

bool school_login_fold(struct view login, struct buffer *folded, struct fault *fault) {
    unicode_fold(view_trim(login), folded);
    struct view text = buffer_view(folded);
    if (!utf8_valid(login) || !record_name_check(text, fault))
        return fault_set(fault, FAULT_INPUT, "The name to sign in with is not text.");
    if (memchr(text.at, ' ', text.n))
        return fault_set(fault, FAULT_INPUT, "The name to sign in with has a space.");
    if (utf8_length(text) > LOGIN_LIMIT)
        return fault_set(fault, FAULT_INPUT, "The name to sign in with is too long.");
    return true;
}

bool school_password_check(struct view password, struct fault *fault) {
    if (!utf8_valid(password) || utf8_length(password) < PASSWORD_LEAST) {
        fault_set(fault, FAULT_INPUT, "The password is shorter than %d characters.",
                  PASSWORD_LEAST);
        return fault_remedy(fault, "Three words in a row are easy to keep and hard to guess.");
    }
    return password.n <= PASSWORD_LIMIT ||
           fault_set(fault, FAULT_INPUT, "The password is longer than %d bytes.", PASSWORD_LIMIT);
}

static bool login_is_free(struct school *school, struct view folded, int64_t person,
                          struct fault *fault) {
    json_t *other = people_one(school->record, PEOPLE_BY_LOGIN, "v", folded);
    bool free = !other || json_integer_value(json_object_get(other, "id")) == person;
    json_decref(other);
    if (!free) {
        fault_set(fault, FAULT_INPUT, "Somebody else signs in with this name.");
        fault_remedy(fault, "Take another, such as your name with a number.");
    }
    return free;
}

/* {"login","password_hash"} of what was given; NULL with a fault. Under the lock of people. */
static json_t *account_data(struct school *school, const struct school_account *account,
                            int64_t person, struct fault *fault) {
    struct buffer folded = {0};
    char hash[PASSWORD_HASH_SIZE] = "";
    json_t *data = NULL;
    if (school_login_fold(account->login, &folded, fault) &&
        school_password_check(account->password, fault) &&
        login_is_free(school, buffer_view(&folded), person, fault) &&
        password_hash(account->password, hash, fault))
        data = json_pack("{s:s,s:s}", "login", folded.at, "password_hash", hash);
    buffer_free(&folded);
    return data;
}

/* ---------------------------------------------------------------------------------- invitations
 */

/* A class's code as it is kept, whatever dashes and letters it was typed with; a secret's hash. */
static void code_key(struct view code, char key[65]) {
    char plain[SECRET_DIGITS + 2];
    size_t n = 0;
    for (size_t i = 0; i < code.n && n < sizeof plain - 1; i++) {
        char c = code.at[i];
        bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
        if (letter || (c >= '0' && c <= '9'))
            plain[n++] = c;
    }
    plain[n] = 0;
    if (n == CODE_LETTERS)
        for (size_t i = 0; i <= n; i++)
            key[i] = (char)(plain[i] >= 'a' ? plain[i] - 32 : plain[i]);
    else
        sha256_hex((struct view){plain, n}, key);
}

bool school_has_owner(struct school *school) {
    json_t *owners = people_list(school->record, PEOPLE_OWNERS, "");
    bool has = json_array_size(owners) > 0;
    json_decref(owners);
    return has;
}

bool school_owner_code(struct school *school, bool again, char code[SCHOOL_CODE_SIZE]) {
    if (!again && school_has_owner(school))
        return false;
    uint8_t secret[SECRET_DIGITS / 2];
    random_bytes(secret, sizeof secret);
    for (size_t i = 0; i < sizeof secret; i++)
        snprintf(code + 2 * i, 3, "%02x", secret[i]);
    pthread_mutex_lock(&school->people);
    sha256_hex(view_of(code), school->owner_hash);
    pthread_mutex_unlock(&school->people);
    return true;
}

/* Under the lock of people. */
static json_t *find_invitation(struct school *school, struct view code, struct fault *fault) {
    char key[65];
    code_key(code, key);
    json_t *found = NULL;
    if (school->owner_hash[0] && !strcmp(key, school->owner_hash))
        return json_pack("{s:s,s:n,s:n,s:n}", "role", "owner", "class", "title", "person");
    if (code.n)
        found = people_one(school->record, PEOPLE_INVITATION, "si", key, clock_unix_ms());
    if (!found) {
        fault_set(fault, FAULT_MISSING, "This invitation is unknown, used up or too old.");
        fault_remedy(fault, "Look whether the code is right, or ask for a new one.");
    }
    return found;
}

json_t *school_invitation(struct school *school, struct view code, struct fault *fault) {
    pthread_mutex_lock(&school->people);
    json_t *found = find_invitation(school, code, fault);
    pthread_mutex_unlock(&school->people);
    if (found)
        json_object_del(found, "by");
    return found;
}

static const char alphabet[] = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"; /* none looks like another */

static void new_code(char code[SCHOOL_CODE_SIZE], bool secret, char key[65]) {
    uint8_t bytes[SECRET_DIGITS];
    size_t n = 0;
    if (secret) {
        random_bytes(bytes, SECRET_DIGITS / 2);
        for (size_t i = 0; i < SECRET_DIGITS / 2; i++)
            snprintf(code + 2 * i, 3, "%02x", bytes[i]);
    }
    while (!secret && n < CODE_LETTERS) {
        random_bytes(bytes, 1);
        if (bytes[0] < 248) /* 8 × 31: each letter as often as another */
            code[n++] = alphabet[bytes[0] % (sizeof alphabet - 1)];
    }
    if (!secret)
        code[n] = 0;
    code_key(view_of(code), key);
}

json_t *school_invite(struct school *school, int64_t by, int64_t class, int64_t person,
                      const char *role, int days, struct fault *fault) {
    bool learners = !strcmp(role, "learner") && !person;
    if (role_of_name(role) != ROLE_LEARNER && role_of_name(role) != ROLE_TEACHER) {
        fault_set(fault, FAULT_INPUT, "One can be invited as a learner or as a teacher.");
        return NULL;
    }
    if (person && role_in(school, person) != ROLE_LEARNER) {
        fault_set(fault, FAULT_INPUT, "A way back is for learners; others have a password.");
        return NULL;
    }
    char code[SCHOOL_CODE_SIZE], key[65];
    new_code(code, !learners, key);
    int64_t id = people_write(school->record, by, "invitation",
                              json_pack("{s:s,s:I,s:s,s:I,s:I,s:i}", "code", key, "class",
                                        (json_int_t) class, "role", role, "person",
                                        (json_int_t)person, "seconds",
                                        (json_int_t)days * 24 * 3600, "uses", learners ? 1000 : 1),
                              fault);
    return id ? json_pack("{s:I,s:s,s:s,s:I}", "id", (json_int_t)id, "code", code, "role", role,
                          "ends", (json_int_t)(clock_unix_ms() + (int64_t)days * 24 * 3600000))
              : NULL;
}

bool school_invite_end(struct school *school, int64_t by, int64_t class, int64_t invitation,
                       struct fault *fault) {
    json_t *list = people_list(school->record, PEOPLE_INVITATIONS, "ii", class, clock_unix_ms()),
           *one;
    bool found = false;
    size_t i;
    json_array_foreach(list, i, one) {
        found = found || json_integer_value(json_object_get(one, "id")) == invitation;
    }
    json_decref(list);
    if (!found)
        return fault_set(fault, FAULT_MISSING, "There is no such invitation.");
    return people_write(school->record, by, "invitation",
                        json_pack("{s:I}", "ended", (json_int_t)invitation), fault) > 0;
}

/* -------------------------------------------------------------------------------------- joining
 */

struct joining {
    int64_t person;    /* 0: somebody new */
    int64_t reference; /* how the events name them */
    const char *role;
    int64_t class, invitation;
    bool staff, way_back, account, named;
    struct people_event events[8];
    size_t n;
};

static void add(struct joining *joining, const char *kind, json_t *data) {
    joining->events[joining->n++] =
        (struct people_event){.person = joining->reference, .kind = kind, .data = data};
}

static void drop(struct joining *joining) {
    for (size_t i = 0; i < joining->n; i++)
        json_decref(joining->events[i].data);
}

/* The events of the one who joins. Under the lock of people. */
static bool gather(struct school *school, struct joining *joining,
                   const struct school_account *account, struct fault *fault) {
    struct view name = view_trim(account->name);
    bool fresh = !joining->person;
    joining->reference = fresh ? -1 : joining->person;
    if (fresh)
        joining->events[joining->n++] = (struct people_event){.data = json_object()};
    if (joining->way_back)
        return true;
    if (name.n || (fresh && joining->staff)) {
        if (!record_name_check(name, fault))
            return false;
        add(joining, "name", json_pack("{s:s%}", "name", name.at, name.n));
    }
    if (joining->account) {
        json_t *data = account_data(school, account, joining->person, fault);
        if (!data)
            return false;
        add(joining, "account", data);
    }
    if (joining->staff)
        add(joining, "role", json_pack("{s:s}", "role", joining->role));
    if (joining->class)
        add(joining, "member",
            json_pack("{s:I,s:s}", "class", (json_int_t)joining->class, "role", joining->role));
    return true;
}

/* Who signs up anew, or as more than before, gets a session anew; what was open before ends. */
static bool write_joining(struct school *school, struct joining *joining, bool session,
                          char token[65], struct fault *fault) {
    if (joining->person && (joining->account || joining->staff))
        add(joining, "session-end", json_object());
    if (joining->invitation)
        add(joining, "invitation-used",
            json_pack("{s:I}", "invitation", (json_int_t)joining->invitation));
    if (!people_write_all(school->record, joining->events, joining->n, fault)) {
        joining->n = 0; /* the events are spent */
        return false;
    }
    joining->n = 0;
    joining->person = joining->events[0].person;
    return !session ||
           people_session(school->record, joining->person, joining->way_back ? "code" : "joined",
                          joining->staff ? STAFF_SECONDS : LEARNER_SECONDS, token, fault);
}

/* What the present person is may not be lost: a teacher who follows a class's code stays one. */
static bool plan(struct school *school, struct joining *joining, const json_t *invitation,
                 const struct school_account *account, struct fault *fault) {
    joining->role = json_text(invitation, "role", "learner");
    joining->class = json_integer_value(json_object_get(invitation, "class"));
    joining->invitation = json_integer_value(json_object_get(invitation, "id"));
    enum role wanted = role_of_name(joining->role);
    int64_t back = json_integer_value(json_object_get(invitation, "person"));
    if (back) {
        joining->person = back;
        joining->way_back = true;
        return true;
    }
    enum role present = joining->person ? role_in(school, joining->person) : ROLE_NONE;
    json_t *row =
        joining->person ? people_one(school->record, PEOPLE_PERSON, "i", joining->person) : NULL;
    bool has_login = json_is_string(json_object_get(row, "login"));
    bool has_name = json_is_string(json_object_get(row, "name"));
    json_decref(row);
    joining->staff = wanted > ROLE_LEARNER && wanted > present;
    joining->account =
        !has_login && (wanted > ROLE_LEARNER || account->login.n || account->password.n);
    if (!joining->staff && wanted == ROLE_LEARNER && !has_name && !view_trim(account->name).n) {
        fault_set(fault, FAULT_INPUT, "The class needs a name to call you by.");
        return fault_remedy(fault, "Write your name.");
    }
    return true;
}

int64_t school_join(struct school *school, struct view code, int64_t person,
                    const struct school_account *account, char token[65], struct fault *fault) {
    struct joining joining = {.person = person};
    token[0] = 0;
    pthread_mutex_lock(&school->people);
    json_t *invitation = find_invitation(school, code, fault);
    bool good = invitation && plan(school, &joining, invitation, account, fault) &&
                gather(school, &joining, account, fault);
    bool session = !person || joining.account || joining.staff || joining.way_back;
    if (good)
        good = write_joining(school, &joining, session, token, fault);
    if (good && !strcmp(joining.role, "owner"))
        school->owner_hash[0] = 0;
    pthread_mutex_unlock(&school->people);
    drop(&joining);
    json_decref(invitation);
    return good ? joining.person : 0;
}

/* ------------------------------------------------------------------------------------ signing in
 */

int64_t school_sign_in(struct school *school, struct view login, struct view password,
                       char token[65], struct fault *fault) {
    struct buffer folded = {0};
    json_t *row = NULL;
    token[0] = 0;
    if (password.n <= PASSWORD_LIMIT && school_login_fold(login, &folded, NULL))
        row = people_one(school->record, PEOPLE_BY_LOGIN, "v", buffer_view(&folded));
    buffer_free(&folded);
    bool enabled = json_integer_value(json_object_get(row, "enabled"));
    const char *hash = enabled ? json_text(row, "password_hash", "") : "";
    int64_t person = json_integer_value(json_object_get(row, "id"));
    if (password.n > PASSWORD_LIMIT || !password_right(hash, password)) {
        person = 0;
        fault_set(fault, FAULT_MISSING, "Name and password do not belong together.");
        fault_remedy(fault, "Try again; your teacher can give you a way back.");
    } else {
        bool learner = !strcmp(json_text(row, "role", "learner"), "learner");
        if (!people_session(school->record, person, "password",
                            learner ? LEARNER_SECONDS : STAFF_SECONDS, token, fault))
            person = 0;
    }
    json_decref(row);
    return person;
}

static int64_t session_of(struct school *school, struct view token, int64_t person) {
    char hash[65];
    sha256_hex(token, hash);
    json_t *row = people_one(school->record, PEOPLE_SESSION, "s", hash);
    bool theirs = json_integer_value(json_object_get(row, "person")) == person;
    int64_t id = theirs ? json_integer_value(json_object_get(row, "id")) : 0;
    json_decref(row);
    return id;
}

bool school_account_set(struct school *school, int64_t person,
                        const struct school_account *account, struct view present,
                        struct view token, struct fault *fault) {
    pthread_mutex_lock(&school->people);
    json_t *row = people_one(school->record, PEOPLE_PERSON, "i", person), *data = NULL;
    const char *hash = json_text(row, "password_hash", "");
    if (!row)
        fault_set(fault, FAULT_MISSING, "There is no such person.");
    else if (*hash && !password_right(hash, present))
        fault_set(fault, FAULT_INPUT, "The present password is another one.");
    else
        data = account_data(school, account, person, fault);
    struct people_event events[] = {
        {.person = person, .kind = "account", .data = data},
        {.person = person,
         .kind = "session-end",
         .data = json_pack("{s:I}", "keep", (json_int_t)session_of(school, token, person))}};
    bool good = data != NULL;
    if (good)
        good = people_write_all(school->record, events, COUNT_OF(events), fault);
    else
        json_decref(events[1].data);
    pthread_mutex_unlock(&school->people);
    json_decref(row);
    return good;
}

json_t *school_sessions(struct school *school, int64_t person, struct view token) {
    json_t *list = people_list(school->record, PEOPLE_SESSIONS, "ii", person, clock_unix_ms()),
           *one;
    int64_t here = session_of(school, token, person);
    size_t i;
    json_array_foreach(list, i, one) {
        bool is_here = json_integer_value(json_object_get(one, "id")) == here;
        json_object_set_new(one, "here", json_boolean(is_here));
    }
    return list;
}

bool school_session_end(struct school *school, int64_t person, int64_t session, struct view token,
                        struct fault *fault) {
    int64_t here = session_of(school, token, person);
    json_t *data = session < 0
                       ? json_pack("{s:I}", "keep", (json_int_t)here)
                       : json_pack("{s:I}", "session", (json_int_t)(session ? session : here));
    return people_write(school->record, person, "session-end", data, fault) > 0;
}
