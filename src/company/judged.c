/* All rows are in memory, since they are few; a member is fitted again when it has a tenth more.
 */
#include "company/judged.h"

#include <math.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

enum { MEMBER_BYTES = 64, JUDGED_MEMBERS = 32 };

struct fitted {
    char member[MEMBER_BYTES];
    struct calibration calibration;
    size_t n; /* rows now; calibration.n had been when it was fitted */
};

struct row {
    size_t who; /* of fitted */
    struct judged judged;
    double told;
};

struct judging {
    pthread_mutex_t lock;
    sqlite3 *database;
    sqlite3_stmt *add, *drop, *regret;
    struct fitted fitted[JUDGED_MEMBERS];
    size_t n_fitted, n_row; /* n_row: ever; row i is at i modulo JUDGED_ROWS */
    struct row rows[JUDGED_ROWS];
};

static const char tables[] =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
    "CREATE TABLE IF NOT EXISTS judged (id INTEGER PRIMARY KEY, member TEXT NOT NULL, "
    "kind TEXT NOT NULL, mean REAL, least REAL, agreement REAL, checked REAL, graded REAL, "
    "tokens REAL, told REAL NOT NULL, content INTEGER NOT NULL);";
static const char add[] =
    "INSERT INTO judged (member, kind, mean, least, agreement, checked, graded, tokens, told, "
    "content) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
static const char drop[] = "DELETE FROM judged WHERE id <= (SELECT max(id) FROM judged) - ?";
static const char regret[] =
    "UPDATE judged SET content = 0 WHERE id = (SELECT max(id) FROM judged WHERE member = ? AND "
    "kind = ? AND mean IS ? AND tokens IS ? AND content)";
static const char all[] =
    "SELECT member, kind, mean, least, agreement, checked, graded, tokens, told, content "
    "FROM judged ORDER BY id";

static struct fitted *find(struct judging *judging, const char *member, bool make) {
    for (size_t i = 0; i < judging->n_fitted; i++)
        if (!strncmp(judging->fitted[i].member, member, MEMBER_BYTES - 1))
            return &judging->fitted[i];
    if (!make || judging->n_fitted == JUDGED_MEMBERS)
        return NULL;
    struct fitted *fitted = &judging->fitted[judging->n_fitted++];
    snprintf(fitted->member, sizeof fitted->member, "%s", member);
    calibration_fit(&fitted->calibration, NULL, 0);
    return fitted;
}

static size_t n_kept(const struct judging *judging) {
    return judging->n_row < JUDGED_ROWS ? judging->n_row : JUDGED_ROWS;
}

static void fit(struct judging *judging, struct fitted *fitted) {
    struct judged *rows = must_alloc(JUDGED_ROWS, sizeof *rows);
    size_t n = 0, who = (size_t)(fitted - judging->fitted);
    for (size_t i = 0; i < n_kept(judging); i++)
        if (judging->rows[i].who == who)
            rows[n++] = judging->rows[i].judged;
    calibration_fit(&fitted->calibration, rows, n);
    fitted->n = n;
    free(rows);
}

static void remember(struct judging *judging, const char *member, const struct judged *judged,
                     double told) {
    struct fitted *fitted = find(judging, member, true);
    if (!fitted)
        return;
    judging->rows[judging->n_row++ % JUDGED_ROWS] =
        (struct row){(size_t)(fitted - judging->fitted), *judged, told};
    fitted->n++;
}

/* ------------------------------------------------------------------------------------------ disk
 */

static double column(sqlite3_stmt *row, int at) {
    return sqlite3_column_type(row, at) == SQLITE_NULL ? NAN : sqlite3_column_double(row, at);
}

static bool load(struct judging *judging) {
    sqlite3_stmt *row = NULL;
    if (sqlite3_prepare_v2(judging->database, all, -1, &row, NULL) != SQLITE_OK)
        return false;
    while (sqlite3_step(row) == SQLITE_ROW) {
        struct judged judged = {.features = {.mean = column(row, 2),
                                             .least = column(row, 3),
                                             .agreement = column(row, 4),
                                             .check = column(row, 5),
                                             .graded = column(row, 6),
                                             .n_token = column(row, 7)},
                                .content = sqlite3_column_int(row, 9) != 0};
        snprintf(judged.kind, sizeof judged.kind, "%s", (const char *)sqlite3_column_text(row, 1));
        remember(judging, (const char *)sqlite3_column_text(row, 0), &judged, column(row, 8));
    }
    for (size_t i = 0; i < judging->n_fitted; i++)
        fit(judging, &judging->fitted[i]);
    return sqlite3_finalize(row) == SQLITE_OK;
}

struct judging *judging_open(const char *folder, struct fault *fault) {
    struct judging *judging = must_alloc(1, sizeof *judging);
    struct buffer path = {0};
    buffer_format(&path, "%s%s", folder ? folder : "", folder ? "/company.db" : ":memory:");
    pthread_mutex_init(&judging->lock, NULL);
    bool good = !folder || folder_make(folder, fault);
    good =
        good && sqlite3_open(path.at, &judging->database) == SQLITE_OK &&
        sqlite3_busy_timeout(judging->database, 5000) == SQLITE_OK &&
        sqlite3_exec(judging->database, tables, NULL, NULL, NULL) == SQLITE_OK &&
        sqlite3_prepare_v2(judging->database, add, -1, &judging->add, NULL) == SQLITE_OK &&
        sqlite3_prepare_v2(judging->database, drop, -1, &judging->drop, NULL) == SQLITE_OK &&
        sqlite3_prepare_v2(judging->database, regret, -1, &judging->regret, NULL) == SQLITE_OK &&
        load(judging);
    if (!good) {
        fault_set(fault, FAULT_MACHINE, "what became of drafts cannot be kept: %s",
                  judging->database ? sqlite3_errmsg(judging->database) : "no memory");
        fault_place(fault, path.at, 0, -1);
        judging_close(judging);
        judging = NULL;
    }
    buffer_free(&path);
    return judging;
}

void judging_close(struct judging *judging) {
    if (!judging)
        return;
    sqlite3_finalize(judging->add);
    sqlite3_finalize(judging->drop);
    sqlite3_finalize(judging->regret);
    sqlite3_close(judging->database);
    pthread_mutex_destroy(&judging->lock);
    free(judging);
}

static void bind(sqlite3_stmt *row, int at, double value) {
    if (isnan(value))
        sqlite3_bind_null(row, at);
    else
        sqlite3_bind_double(row, at, value);
}

/* A row that cannot be written is lost for the next start alone: nothing of a learner hangs on it.
 */
static void keep(struct judging *judging, const char *member, const struct judged *judged,
                 double told) {
    const struct features *f = &judged->features;
    const double values[] = {f->mean, f->least, f->agreement, f->check, f->graded, f->n_token};
    sqlite3_bind_text(judging->add, 1, member, -1, SQLITE_STATIC);
    sqlite3_bind_text(judging->add, 2, judged->kind, -1, SQLITE_STATIC);
    for (int i = 0; i < (int)COUNT_OF(values); i++)
        bind(judging->add, 3 + i, values[i]);
    sqlite3_bind_double(judging->add, 9, told);
    sqlite3_bind_int(judging->add, 10, judged->content);
    sqlite3_step(judging->add);
    sqlite3_reset(judging->add);
    sqlite3_bind_int(judging->drop, 1, JUDGED_ROWS);
    sqlite3_step(judging->drop);
    sqlite3_reset(judging->drop);
}

/* ----------------------------------------------------------------------------------------- doors
 */

double judging_probability(struct judging *judging, const char *member, const char *kind,
                           const struct features *features) {
    static const size_t few = 10;
    pthread_mutex_lock(&judging->lock);
    struct fitted *fitted = find(judging, member, true);
    struct calibration prior;
    if (!fitted)
        calibration_fit(&prior, NULL, 0);
    else if (fitted->n >= fitted->calibration.n + few + fitted->calibration.n / 10)
        fit(judging, fitted);
    double p = calibration_probability(fitted ? &fitted->calibration : &prior, kind, features);
    pthread_mutex_unlock(&judging->lock);
    return p;
}

double judging_content(struct judging *judging, const char *member, const char *kind) {
    pthread_mutex_lock(&judging->lock);
    const struct fitted *fitted = find(judging, member, false);
    double p = fitted ? calibration_content(&fitted->calibration, kind) : 0.5;
    pthread_mutex_unlock(&judging->lock);
    return p;
}

void judging_learn(struct judging *judging, const char *member, const struct judged *judged,
                   double told) {
    pthread_mutex_lock(&judging->lock);
    remember(judging, member, judged, told);
    keep(judging, member, judged, told);
    pthread_mutex_unlock(&judging->lock);
}

static bool same(double a, double b) {
    return a == b || (isnan(a) && isnan(b));
}

static struct row *last_content(struct judging *judging, const struct fitted *fitted,
                                const struct judged *judged) {
    size_t who = (size_t)(fitted - judging->fitted);
    for (size_t i = judging->n_row; i > judging->n_row - n_kept(judging); i--) {
        struct row *row = &judging->rows[(i - 1) % JUDGED_ROWS];
        if (row->who == who && row->judged.content && !strcmp(row->judged.kind, judged->kind) &&
            same(row->judged.features.mean, judged->features.mean) &&
            same(row->judged.features.n_token, judged->features.n_token))
            return row;
    }
    return NULL;
}

void judging_regret(struct judging *judging, const char *member, const struct judged *judged) {
    pthread_mutex_lock(&judging->lock);
    const struct fitted *fitted = find(judging, member, false);
    struct row *row = fitted ? last_content(judging, fitted, judged) : NULL;
    if (row) {
        row->judged.content = false;
        sqlite3_bind_text(judging->regret, 1, member, -1, SQLITE_STATIC);
        sqlite3_bind_text(judging->regret, 2, judged->kind, -1, SQLITE_STATIC);
        bind(judging->regret, 3, judged->features.mean);
        bind(judging->regret, 4, judged->features.n_token);
        sqlite3_step(judging->regret);
        sqlite3_reset(judging->regret);
    }
    pthread_mutex_unlock(&judging->lock);
}

json_t *judging_status(struct judging *judging) {
    double *told = must_alloc(JUDGED_ROWS, sizeof *told);
    bool *content = must_alloc(JUDGED_ROWS, sizeof *content);
    json_t *list = json_array();
    pthread_mutex_lock(&judging->lock);
    for (size_t who = 0; who < judging->n_fitted; who++) {
        struct reliability reliability;
        size_t n = 0;
        for (size_t i = 0; i < n_kept(judging); i++)
            if (judging->rows[i].who == who) {
                told[n] = judging->rows[i].told;
                content[n++] = judging->rows[i].judged.content;
            }
        reliability_measure(&reliability, told, content, n);
        json_t *one = reliability_json(&reliability);
        json_object_set_new(one, "member", json_string(judging->fitted[who].member));
        json_array_append_new(list, one);
    }
    pthread_mutex_unlock(&judging->lock);
    free(told);
    free(content);
    return list;
}
