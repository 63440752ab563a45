/* Rosters as OneRoster 1.1 CSV: https://www.imsglobal.org/oneroster-v11-final-csv-tables . The
 * files are looked through first; then all of it is written in one transaction, or nothing. */
#include "school/csv.h"
#include "school/school_inside.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { PROBLEMS_TOLD = 100, PASSWORDS = 1000 };
_Static_assert(PASSWORDS == 1000, "add_password tells it, and so do the locales");

struct roster {
    struct school *school;
    struct arena *arena;
    struct csv users, classes, enrollments;
    json_t *known_users, *known_classes; /* by sourcedId: what the record has */
    json_t *logins;                      /* login to sourcedId, of the record and of the file */
    json_t *user_references;             /* by sourcedId: how events name the person */
    json_t *user_roles;                  /* by sourcedId */
    json_t *members;                     /* "CLASS PERSON" to {"role","sourced"} */
    json_t *seen_classes;                /* sourcedIds of the file and of the record */
    json_t *passwords;                   /* by sourcedId, of who is new; then their hashes */
    json_t *told, *problems;
    struct people_event *events;
    size_t n_event, capacity;
    bool dry;
};

static const char *text(const struct roster *roster, struct view view) {
    return arena_string(roster->arena, view);
}

/* What is wrong: a sentence, which pages may have in another language, with up to two names in the
 * place of its %s. */
static void problem(struct roster *roster, const char *file, long line, const char *remedy,
                    const char *sentence, const char *first, const char *second) {
    struct buffer message = {0};
    json_t *names = json_pack("[s,s]", first, second);
    if (json_array_size(roster->problems) < PROBLEMS_TOLD) {
        json_sentence(sentence, names, &message);
        json_array_append_new(roster->problems,
                              json_pack("{s:s,s:I,s:s,s:s,s:s,s:O}", "file", file, "line",
                                        (json_int_t)line, "message", message.at, "remedy", remedy,
                                        "sentence", sentence, "names", names));
    }
    json_decref(names);
    buffer_free(&message);
}

static void count(struct roster *roster, const char *file, const char *what) {
    json_t *counts = json_object_get(roster->told, file);
    json_object_set_new(counts, what,
                        json_integer(json_integer_value(json_object_get(counts, what)) + 1));
}

/* The place of the event among those to be written, from 1. */
static int64_t add(struct roster *roster, int64_t person, const char *kind, json_t *data) {
    if (roster->n_event == roster->capacity) {
        roster->capacity = roster->capacity ? 2 * roster->capacity : 256;
        roster->events = must_realloc(roster->events, roster->capacity, sizeof *roster->events);
    }
    roster->events[roster->n_event++] =
        (struct people_event){.person = person, .kind = kind, .data = data};
    return (int64_t)roster->n_event;
}

static bool is_deleted(const struct csv *csv, const struct csv_row *row) {
    struct view status = csv_field(row, csv_column(csv, "status"));
    return status.n == 11 && (status.at[0] | 0x20) == 't'; /* tobedeleted */
}

/* --------------------------------------------------------------------------------------- users */

static const char *full_name(struct roster *roster, struct view given, struct view family) {
    int32_t first = 0;
    if (!given.n || !family.n)
        return text(roster, given.n ? given : family);
    utf8_decode(family.at, family.n, &first);
    if (unicode_is_han(first)) /* as the name is said there */
        return arena_format(roster->arena, "%.*s%.*s", VIEW_ARG(family), VIEW_ARG(given));
    return arena_format(roster->arena, "%.*s %.*s", VIEW_ARG(given), VIEW_ARG(family));
}

/* NULL for those who have no place here: parents and guardians. */
static const char *role_here(const char *role, bool *known) {
    static const struct {
        const char *theirs, *ours;
    } roles[] = {{"student", "learner"},       {"teacher", "teacher"},
                 {"aide", "teacher"},          {"proctor", "teacher"},
                 {"administrator", "teacher"}, {"parent", NULL},
                 {"guardian", NULL},           {"relative", NULL}};
    for (size_t i = 0; i < COUNT_OF(roles); i++)
        if (!strcasecmp(role, roles[i].theirs)) {
            *known = true;
            return roles[i].ours;
        }
    *known = false;
    return NULL;
}

static bool login_free(struct roster *roster, const struct csv_row *row, const char *login,
                       const char *sourced) {
    const char *other = json_string_value(json_object_get(roster->logins, login));
    if (other && strcmp(other, sourced) != 0) {
        problem(roster, "users.csv", row->line, "Give one of the two another username.",
                "The username %s is that of %s already.", login, *other ? other : "somebody else");
        return false;
    }
    json_object_set_new(roster->logins, login, json_string(sourced));
    return true;
}

/* What the row says of the account; NULL when the problems say why not. */
static json_t *user_data(struct roster *roster, const struct csv_row *row, const char *sourced) {
    const struct csv *csv = &roster->users;
    struct view enabled = csv_field(row, csv_column(csv, "enabledUser"));
    struct view username = csv_field(row, csv_column(csv, "username"));
    bool out = is_deleted(csv, row) || (enabled.n == 5 && (enabled.at[0] | 0x20) == 'f');
    json_t *data = json_pack("{s:s,s:b}", "sourced", sourced, "enabled", (int)!out);
    static const struct {
        const char *column, *key;
    } kept[] = {{"givenName", "given"}, {"familyName", "family"}, {"email", "email"}};
    for (size_t i = 0; i < COUNT_OF(kept); i++) {
        struct view field = csv_field(row, csv_column(csv, kept[i].column));
        json_object_set_new(data, kept[i].key, json_stringn(field.at, field.n));
    }
    if (username.n) {
        struct buffer folded = {0};
        struct fault fault = {0};
        bool good = school_login_fold(username, &folded, &fault);
        if (!good)
            problem(roster, "users.csv", row->line, "Write another username.", fault.message, "",
                    "");
        good = good && login_free(roster, row, folded.at, sourced);
        json_object_set_new(data, "login", good ? json_string(folded.at) : json_null());
        buffer_free(&folded);
        if (!good) {
            json_decref(data);
            return NULL;
        }
    }
    return data;
}

/* Whether the record says already what the row says. Who came by an invitation has a name as one
 * piece. */
static bool same_user(const json_t *known, const json_t *data, const char *role,
                      const char *name) {
    static const char *const keys[] = {"login", "email", "given", "family"};
    bool whole = !json_text(known, "given", NULL) && !json_text(known, "family", NULL);
    if (strcmp(json_text(known, "name", ""), name) != 0)
        return false;
    for (size_t i = 0; i < (whole ? 2 : COUNT_OF(keys)); i++)
        if (json_object_get(data, keys[i]) &&
            strcmp(json_text(data, keys[i], ""), json_text(known, keys[i], "")) != 0)
            return false;
    bool owner = !strcmp(json_text(known, "role", ""), "owner");
    return json_flag(data, "enabled", true) ==
               (json_integer_value(json_object_get(known, "enabled")) != 0) &&
           (owner || !strcmp(json_text(known, "role", "learner"), role));
}

/* A password of the file is for the first sign-in; later ones are its owner's. */
static void add_password(struct roster *roster, const struct csv_row *row, const char *sourced,
                         json_t *data) {
    struct view password = csv_field(row, csv_column(&roster->users, "password"));
    struct fault fault = {0};
    if (!password.n)
        return;
    if (!roster->dry)
        json_object_set(data, "password_hash", json_object_get(roster->passwords, sourced));
    else if (!school_password_check(password, &fault))
        problem(roster, "users.csv", row->line, fault.remedy, fault.message, "", "");
    else if (json_object_size(roster->passwords) == PASSWORDS)
        problem(roster, "users.csv", row->line, "Read them in in several files.",
                "There are more than 1,000 passwords.", "", "");
    else
        json_object_set_new(roster->passwords, sourced, json_stringn(password.at, password.n));
}

static void write_user(struct roster *roster, const struct csv_row *row, const json_t *known,
                       json_t *data, const char *sourced, const char *role, const char *name) {
    int64_t person = json_integer_value(json_object_get(known, "id"));
    if (known && same_user(known, data, role, name)) {
        count(roster, "users", "same");
        json_decref(data);
    } else {
        count(roster, "users", known ? "changed" : "new");
        if (!known)
            person = -add(roster, 0, "learner", json_object());
        if (!known)
            add_password(roster, row, sourced, data);
        if (!known || strcmp(json_text(known, "name", ""), name) != 0)
            add(roster, person, "name", json_pack("{s:s}", "name", name));
        add(roster, person, "account", data);
        const char *before = json_text(known, "role", "learner");
        bool moves = strcmp(before, role) != 0 && strcmp(before, "owner") != 0;
        if (moves)
            add(roster, person, "role", json_pack("{s:s}", "role", role));
        if (moves && known) /* what was opened as a learner is not a teacher's */
            add(roster, person, "session-end", json_object());
    }
    json_object_set_new(roster->user_references, sourced, json_integer(person));
    json_object_set_new(roster->user_roles, sourced, json_string(role));
}

static void read_user(struct roster *roster, const struct csv_row *row) {
    const struct csv *csv = &roster->users;
    const char *sourced = text(roster, csv_field(row, csv_column(csv, "sourcedId")));
    const char *their_role = text(roster, csv_field(row, csv_column(csv, "role")));
    const char *name = full_name(roster, csv_field(row, csv_column(csv, "givenName")),
                                 csv_field(row, csv_column(csv, "familyName")));
    struct fault fault = {0};
    bool known_role;
    const char *role = role_here(their_role, &known_role);
    if (!*sourced)
        problem(roster, "users.csv", row->line, "Each row needs one of its own.",
                "The sourcedId is missing.", "", "");
    else if (json_object_get(roster->user_references, sourced))
        problem(roster, "users.csv", row->line, "Take one of the two out.",
                "The sourcedId %s stands here for the second time.", sourced, "");
    else if (!known_role)
        problem(roster, "users.csv", row->line, "student, teacher, aide or administrator.",
                "The role %s is unknown.", *their_role ? their_role : "(empty)", "");
    else if (role && !record_name_check(view_of(name), &fault))
        problem(roster, "users.csv", row->line, "Write givenName and familyName.", fault.message,
                "", "");
    else if (!role)
        count(roster, "users", "ignored");
    else {
        const json_t *known = json_object_get(roster->known_users, sourced);
        json_t *data = user_data(roster, row, sourced);
        if (data)
            write_user(roster, row, known, data, sourced, role, name);
    }
}

/* ------------------------------------------------------------------------------------- classes */

/* By the sourcedId; a class that was made here and exported is known by its number. */
static json_t *named_class(const struct roster *roster, const char *sourced, json_t *data) {
    const json_t *known = json_object_get(roster->known_classes, sourced);
    if (known && !json_text(known, "sourced", NULL))
        json_object_set(data, "class", json_object_get(known, "id"));
    else
        json_object_set_new(data, "sourced", json_string(sourced));
    return data;
}

static void read_class(struct roster *roster, int64_t by, const struct csv_row *row) {
    const struct csv *csv = &roster->classes;
    const char *sourced = text(roster, csv_field(row, csv_column(csv, "sourcedId")));
    struct view title = csv_field(row, csv_column(csv, "title"));
    struct fault fault = {0};
    bool closed = is_deleted(csv, row);
    if (!*sourced || json_is_integer(json_object_get(roster->seen_classes, sourced))) {
        problem(roster, "classes.csv", row->line, "Each row needs one of its own.",
                *sourced ? "The sourcedId %s stands here for the second time."
                         : "The sourcedId is missing.",
                sourced, "");
        return;
    }
    json_object_set_new(roster->seen_classes, sourced, json_integer(row->line));
    if (!record_name_check(title, &fault)) {
        problem(roster, "classes.csv", row->line, "Write a title of 1 to 80 characters.",
                "The title cannot be used.", "", "");
        return;
    }
    const json_t *known = json_object_get(roster->known_classes, sourced);
    bool same = known && view_is(title, json_text(known, "title", "")) &&
                closed == (json_integer_value(json_object_get(known, "closed")) != 0);
    count(roster, "classes", same ? "same" : known ? "changed" : "new");
    if (!same)
        add(roster, by, "class",
            named_class(
                roster, sourced,
                json_pack("{s:s%,s:b}", "title", title.at, title.n, "closed", (int)closed)));
}

/* --------------------------------------------------------------------------------- enrollments */

static void read_enrollment(struct roster *roster, const struct csv_row *row) {
    static const char file[] = "enrollments.csv";
    const struct csv *csv = &roster->enrollments;
    const char *sourced = text(roster, csv_field(row, csv_column(csv, "sourcedId")));
    const char *class = text(roster, csv_field(row, csv_column(csv, "classSourcedId")));
    const char *user = text(roster, csv_field(row, csv_column(csv, "userSourcedId")));
    const char *their_role = text(roster, csv_field(row, csv_column(csv, "role")));
    bool known_role;
    const char *role = role_here(their_role, &known_role);
    const json_t *person = json_object_get(roster->user_references, user);
    const char *person_role = json_string_value(json_object_get(roster->user_roles, user));
    if (!known_role || !role)
        problem(roster, file, row->line, "student or teacher.", "The role %s is unknown.",
                *their_role ? their_role : "(empty)", "");
    else if (!json_object_get(roster->seen_classes, class))
        problem(roster, file, row->line, "Put it into classes.csv.",
                "There is no class with the sourcedId %s.", *class ? class : "(empty)", "");
    else if (!person)
        problem(roster, file, row->line, "Put them into users.csv.",
                "There is nobody with the sourcedId %s.", *user ? user : "(empty)", "");
    else if (!strcmp(role, "teacher") && person_role && !strcmp(person_role, "learner"))
        problem(roster, file, row->line, "Make them a teacher in users.csv.",
                "%s teaches this class and is a student in users.csv.", user, "");
    else {
        const char *key =
            arena_format(roster->arena, "%s %lld", class, (long long)json_integer_value(person));
        const char *before = json_string_value(json_object_get(roster->members, key));
        const char *own = arena_format(roster->arena, "%s-%s", class, user);
        bool out = is_deleted(csv, row), same = out ? !before : before && !strcmp(before, role);
        count(roster, "enrollments", same ? "same" : before ? "changed" : "new");
        if (!same && out)
            add(roster, json_integer_value(person), "left",
                named_class(roster, class, json_object()));
        else if (!same)
            add(roster, json_integer_value(person), "member",
                named_class(
                    roster, class,
                    json_pack("{s:s,s:s}", "role", role, "enrolled", *sourced ? sourced : own)));
    }
}

/* --------------------------------------------------------------------------------- the whole */

/* The sourcedId, or one made of the number where none was given. */
static const char *sourced_of(struct arena *arena, const json_t *row, const char *key,
                              const char *id, const char *prefix) {
    return json_text(row, key,
                     arena_format(arena, "%s%lld", prefix,
                                  (long long)json_integer_value(json_object_get(row, id))));
}

static const char *class_name(struct arena *arena, const json_t *row, const char *key,
                              const char *id) {
    return sourced_of(arena, row, key, id, "lyceum-class-");
}

static void know_people(struct roster *roster) {
    json_t *users = people_list(roster->school->record, PEOPLE_ROSTER_USERS, ""), *one;
    json_t *classes = people_list(roster->school->record, PEOPLE_ROSTER_CLASSES, "");
    json_t *members = people_list(roster->school->record, PEOPLE_ROSTER_MEMBERS, "");
    size_t i;
    json_array_foreach(users, i, one) {
        const char *sourced = sourced_of(roster->arena, one, "sourced", "id", "lyceum-");
        json_object_set(roster->known_users, sourced, one);
        if (json_text(one, "login", NULL))
            json_object_set_new(roster->logins, json_text(one, "login", ""), json_string(sourced));
    }
    json_array_foreach(classes, i, one) {
        const char *sourced = class_name(roster->arena, one, "sourced", "id");
        json_object_set(roster->known_classes, sourced, one);
        json_object_set_new(roster->seen_classes, sourced, json_true());
    }
    json_array_foreach(members, i, one) {
        const char *key = arena_format(
            roster->arena, "%s %lld", class_name(roster->arena, one, "class_sourced", "class"),
            (long long)json_integer_value(json_object_get(one, "person")));
        json_object_set(roster->members, key, json_object_get(one, "role"));
    }
    json_decref(users);
    json_decref(classes);
    json_decref(members);
}

/* Whom the file does not name but an enrollment may. */
static void refer_to_known(struct roster *roster) {
    const char *sourced;
    json_t *known;
    json_object_foreach(roster->known_users, sourced, known) {
        if (json_object_get(roster->user_references, sourced))
            continue;
        json_object_set(roster->user_references, sourced, json_object_get(known, "id"));
        json_object_set(roster->user_roles, sourced, json_object_get(known, "role"));
    }
}

static bool open_table(struct roster *roster, struct view content, const char *file,
                       struct csv *csv, const char *const *needed) {
    struct fault fault = {0};
    if (!content.n)
        return true;
    if (!csv_read(roster->arena, content, csv, &fault)) {
        problem(roster, file, fault.line, fault.remedy, fault.message, "", "");
        return false;
    }
    for (; *needed; needed++)
        if (csv_column(csv, *needed) < 0)
            problem(roster, file, 1, "The first line names the columns as OneRoster does.",
                    "The column %s is missing.", *needed, "");
    return true;
}

static void read_all(struct roster *roster, int64_t by, struct view users, struct view classes,
                     struct view enrollments) {
    static const char *const of_users[] = {"sourcedId", "role", "givenName", "familyName", NULL};
    static const char *const of_classes[] = {"sourcedId", "title", NULL};
    static const char *const of_enrollments[] = {"classSourcedId", "userSourcedId", "role", NULL};
    open_table(roster, users, "users.csv", &roster->users, of_users);
    open_table(roster, classes, "classes.csv", &roster->classes, of_classes);
    open_table(roster, enrollments, "enrollments.csv", &roster->enrollments, of_enrollments);
    if (json_array_size(roster->problems))
        return;
    know_people(roster);
    for (size_t i = 0; i < roster->users.n_row; i++)
        read_user(roster, &roster->users.rows[i]);
    refer_to_known(roster);
    for (size_t i = 0; i < roster->classes.n_row; i++)
        read_class(roster, by, &roster->classes.rows[i]);
    for (size_t i = 0; i < roster->enrollments.n_row; i++)
        read_enrollment(roster, &roster->enrollments.rows[i]);
}

static struct roster roster_new(struct school *school, json_t *passwords, json_t *problems,
                                bool dry) {
    json_t *told = json_object();
    static const char *const files[] = {"users", "classes", "enrollments"};
    for (size_t i = 0; i < COUNT_OF(files); i++)
        json_object_set_new(told, files[i],
                            json_pack("{s:i,s:i,s:i}", "new", 0, "changed", 0, "same", 0));
    return (struct roster){.school = school,
                           .arena = arena_new(),
                           .known_users = json_object(),
                           .known_classes = json_object(),
                           .logins = json_object(),
                           .user_references = json_object(),
                           .user_roles = json_object(),
                           .members = json_object(),
                           .seen_classes = json_object(),
                           .passwords = passwords,
                           .told = told,
                           .problems = problems,
                           .dry = dry};
}

static void roster_free(struct roster *roster, bool spent) {
    for (size_t i = 0; !spent && i < roster->n_event; i++)
        json_decref(roster->events[i].data);
    free(roster->events);
    json_decref(roster->known_users);
    json_decref(roster->known_classes);
    json_decref(roster->logins);
    json_decref(roster->user_references);
    json_decref(roster->user_roles);
    json_decref(roster->members);
    json_decref(roster->seen_classes);
    arena_free(roster->arena);
}

static json_t *import(struct school *school, int64_t by, struct view users, struct view classes,
                      struct view enrollments, bool dry, json_t *passwords, json_t *problems,
                      struct fault *fault) {
    pthread_mutex_lock(&school->people);
    struct roster roster = roster_new(school, passwords, problems, dry);
    read_all(&roster, by, users, classes, enrollments);
    bool sound = !json_array_size(problems), written = sound && !dry;
    bool good = sound && (!written ||
                          people_write_all(school->record, roster.events, roster.n_event, fault));
    pthread_mutex_unlock(&school->people);
    if (!sound)
        fault_set(fault, FAULT_INPUT, "The roster has mistakes; nothing was changed.");
    roster_free(&roster, written);
    if (!good) {
        json_decref(roster.told);
        return NULL;
    }
    return roster.told;
}

static bool hash_passwords(json_t *passwords, struct fault *fault) {
    char hash[PASSWORD_HASH_SIZE];
    const char *sourced;
    json_t *password;
    json_object_foreach(passwords, sourced, password) {
        struct view text = {json_string_value(password), json_string_length(password)};
        if (!password_hash(text, hash, fault))
            return false;
        json_string_set(password, hash);
    }
    return true;
}

/* A school's passwords take minutes to hash. So the files are looked through, the passwords of who
 * is new are hashed, and only then are people locked for as long as it takes to write. */
json_t *school_roster_import(struct school *school, int64_t by, struct view users,
                             struct view classes, struct view enrollments, bool dry,
                             json_t *problems, struct fault *fault) {
    json_t *passwords = json_object();
    json_t *told =
        import(school, by, users, classes, enrollments, true, passwords, problems, fault);
    if (told && !dry) {
        json_decref(told);
        told = hash_passwords(passwords, fault) ? import(school, by, users, classes, enrollments,
                                                         false, passwords, problems, fault)
                                                : NULL;
    }
    json_decref(passwords);
    return told;
}

/* -------------------------------------------------------------------------------------- export */

static void put_row(struct buffer *out, const char *const *fields, size_t n) {
    for (size_t i = 0; i < n; i++)
        csv_put(out, view_of(fields[i]), i + 1 == n);
}

static void export_users(struct school *school, struct arena *arena, struct buffer *out) {
    json_t *rows = people_list(school->record, PEOPLE_ROSTER_USERS, ""), *row;
    size_t i;
    buffer_text(out, "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,"
                     "userIds,givenName,familyName,middleName,identifier,email,sms,phone,"
                     "agentSourcedIds,grades,password\r\n");
    json_array_foreach(rows, i, row) {
        const char *role = json_text(row, "role", "learner"), *name = json_text(row, "name", "");
        const char *space = strrchr(name, ' ');
        const char *given = space ? text(&(struct roster){.arena = arena},
                                         (struct view){name, (size_t)(space - name)})
                                  : name;
        bool enabled = json_integer_value(json_object_get(row, "enabled")) != 0;
        const char *const fields[] = {sourced_of(arena, row, "sourced", "id", "lyceum-"),
                                      "",
                                      "",
                                      enabled ? "true" : "false",
                                      "",
                                      !strcmp(role, "learner")   ? "student"
                                      : !strcmp(role, "teacher") ? "teacher"
                                                                 : "administrator",
                                      json_text(row, "login", ""),
                                      "",
                                      json_text(row, "given", given),
                                      json_text(row, "family", space ? space + 1 : ""),
                                      "",
                                      "",
                                      json_text(row, "email", ""),
                                      "",
                                      "",
                                      "",
                                      "",
                                      ""};
        put_row(out, fields, COUNT_OF(fields));
    }
    json_decref(rows);
}

static void export_classes(struct school *school, struct arena *arena, struct buffer *out) {
    json_t *rows = people_list(school->record, PEOPLE_ROSTER_CLASSES, ""), *row;
    size_t i;
    buffer_text(out, "sourcedId,status,dateLastModified,title,grades,courseSourcedId,classCode,"
                     "classType,location,schoolSourcedId,termSourcedIds,subjects,subjectCodes,"
                     "periods\r\n");
    json_array_foreach(rows, i, row) {
        bool closed = json_integer_value(json_object_get(row, "closed")) != 0;
        const char *const fields[] = {class_name(arena, row, "sourced", "id"),
                                      closed ? "tobedeleted" : "",
                                      "",
                                      json_text(row, "title", ""),
                                      "",
                                      "",
                                      "",
                                      "scheduled",
                                      "",
                                      "",
                                      "",
                                      "",
                                      "",
                                      ""};
        put_row(out, fields, COUNT_OF(fields));
    }
    json_decref(rows);
}

static void export_enrollments(struct school *school, struct arena *arena, struct buffer *out) {
    json_t *rows = people_list(school->record, PEOPLE_ROSTER_MEMBERS, ""), *row;
    size_t i;
    buffer_text(out, "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,"
                     "userSourcedId,role,primary,beginDate,endDate\r\n");
    json_array_foreach(rows, i, row) {
        const char *class = class_name(arena, row, "class_sourced", "class");
        const char *person = sourced_of(arena, row, "person_sourced", "person", "lyceum-");
        bool learner = !strcmp(json_text(row, "role", ""), "learner");
        const char *const fields[] = {
            json_text(row, "sourced", arena_format(arena, "%s-%s", class, person)),
            "",
            "",
            class,
            "",
            person,
            learner ? "student" : "teacher",
            "",
            "",
            ""};
        put_row(out, fields, COUNT_OF(fields));
    }
    json_decref(rows);
}

bool school_roster_export(struct school *school, const char *file, struct buffer *out,
                          struct fault *fault) {
    static const struct {
        const char *name;
        void (*write)(struct school *, struct arena *, struct buffer *);
    } files[] = {
        {"users", export_users}, {"classes", export_classes}, {"enrollments", export_enrollments}};
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        if (strcmp(files[i].name, file) != 0)
            continue;
        struct arena *arena = arena_new();
        files[i].write(school, arena, out);
        arena_free(arena);
        return true;
    }
    return fault_set(fault, FAULT_MISSING, "A roster has users, classes and enrollments.");
}
