/* A row for each payer and period. A claim is one transaction that looks at all rows concerned and
 * adds to them, or to none: however many ask at once, what they may cost together is never over a
 * budget. */
#include "company/company.h"
#include "company/keys.h"
#include "company/spending.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct spending {
    pthread_mutex_t lock;
    sqlite3 *database;
    sqlite3_stmt *look, *add, *most, *all;
};

static const char tables[] =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
    "CREATE TABLE IF NOT EXISTS spent (scope TEXT NOT NULL, name TEXT NOT NULL, "
    "period TEXT NOT NULL, money INTEGER NOT NULL, tokens INTEGER NOT NULL, "
    "PRIMARY KEY (scope, name, period)) WITHOUT ROWID;";
static const char look[] = "SELECT money, tokens FROM spent WHERE scope = ? AND name = ? AND "
                           "period = ?";
static const char add[] =
    "INSERT INTO spent VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE SET "
    "money = money + excluded.money, tokens = tokens + excluded.tokens";
static const char most[] = "SELECT max(money), max(tokens) FROM spent WHERE scope = ? AND "
                           "period = ?";
static const char all[] = "SELECT name, money, tokens FROM spent WHERE scope = ? AND period = ? "
                          "ORDER BY money DESC, tokens DESC, name LIMIT 100";

struct spending *spending_open(const char *folder, struct fault *fault) {
    struct spending *spending = must_alloc(1, sizeof *spending);
    struct buffer path = {0};
    buffer_format(&path, "%s%s", folder ? folder : "", folder ? "/company.db" : ":memory:");
    pthread_mutex_init(&spending->lock, NULL);
    bool good = !folder || folder_make(folder, fault);
    good = good && sqlite3_open(path.at, &spending->database) == SQLITE_OK &&
           sqlite3_busy_timeout(spending->database, 5000) == SQLITE_OK &&
           sqlite3_exec(spending->database, tables, NULL, NULL, NULL) == SQLITE_OK &&
           sqlite3_prepare_v2(spending->database, look, -1, &spending->look, NULL) == SQLITE_OK &&
           sqlite3_prepare_v2(spending->database, add, -1, &spending->add, NULL) == SQLITE_OK &&
           sqlite3_prepare_v2(spending->database, most, -1, &spending->most, NULL) == SQLITE_OK &&
           sqlite3_prepare_v2(spending->database, all, -1, &spending->all, NULL) == SQLITE_OK;
    if (!good) {
        fault_set(fault, FAULT_MACHINE, "what members cost cannot be kept: %s",
                  spending->database ? sqlite3_errmsg(spending->database) : "no memory");
        fault_place(fault, path.at, 0, -1);
        spending_close(spending);
        spending = NULL;
    }
    buffer_free(&path);
    return spending;
}

void spending_close(struct spending *spending) {
    if (!spending)
        return;
    sqlite3_finalize(spending->look);
    sqlite3_finalize(spending->add);
    sqlite3_finalize(spending->most);
    sqlite3_finalize(spending->all);
    sqlite3_close(spending->database);
    pthread_mutex_destroy(&spending->lock);
    free(spending);
}

/* ----------------------------------------------------------------------------------------- rows
 */

static void name_periods(char day[16], char month[16]) {
    time_t now = (time_t)(clock_unix_ms() / 1000);
    struct tm local;
    localtime_r(&now, &local);
    strftime(day, 16, "%Y-%m-%d", &local);
    strftime(month, 16, "%Y-%m", &local);
}

static const char *period_of(const struct claim *claim, int period) {
    return period == BUDGET_DAY ? claim->day : period == BUDGET_MONTH ? claim->month : "ever";
}

/* NULL: this scope is not concerned. */
static const char *name_of(const struct company_payer *payer, int scope) {
    const char *const names[BUDGET_SCOPES] = {[BUDGET_SCHOOL] = "",
                                              [BUDGET_CLASS] = payer->group,
                                              [BUDGET_LEARNER] = payer->learner,
                                              [BUDGET_PROGRAM] = payer->program};
    return names[scope];
}

static bool run_row(struct spending *spending, sqlite3_stmt *statement, const char *scope,
                    const char *name, const char *period, int64_t *money, int64_t *tokens) {
    int n = 1;
    sqlite3_bind_text(statement, n++, scope, -1, SQLITE_STATIC);
    if (name)
        sqlite3_bind_text(statement, n++, name, -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, n++, period, -1, SQLITE_STATIC);
    if (statement == spending->add) {
        sqlite3_bind_int64(statement, n++, *money);
        sqlite3_bind_int64(statement, n++, *tokens);
    } else
        *money = *tokens = 0;
    int code = sqlite3_step(statement);
    if (code == SQLITE_ROW) {
        *money = sqlite3_column_int64(statement, 0);
        *tokens = sqlite3_column_int64(statement, 1);
    }
    sqlite3_reset(statement);
    return code == SQLITE_ROW || code == SQLITE_DONE;
}

static bool has_room(struct spending *spending, const char *currency, struct claim *claim,
                     int scope, int period, const struct budget_limit *limit, char why[200]) {
    static const char *const times[] = {" for today", " for this month", ""};
    int64_t money, tokens;
    if (!limit->has_money && !limit->has_tokens)
        return true;
    if (!run_row(spending, spending->look, budget_scope_names[scope],
                 name_of(&claim->payer, scope), period_of(claim, period), &money, &tokens)) {
        snprintf(why, 200, "what members cost cannot be read");
        return false;
    }
    bool rich = !limit->has_money || (double)(money + claim->money) <= limit->money * 1e6 + 1e-6;
    bool fits = !limit->has_tokens || tokens + claim->tokens <= limit->tokens;
    if (rich && fits)
        return true;
    snprintf(claim->short_of, sizeof claim->short_of, "the %s's budget%s",
             budget_scope_names[scope], times[period]);
    if (!rich)
        snprintf(why, 200, "%s has no room: %.4f of %.4f %s are spent", claim->short_of,
                 (double)money / 1e6, limit->money, currency);
    else
        snprintf(why, 200, "%s has no room: %lld of %lld tokens are used", claim->short_of,
                 (long long)tokens, (long long)limit->tokens);
    return false;
}

static bool add_rows(struct spending *spending, const struct claim *claim, int64_t money,
                     int64_t tokens) {
    bool good = true;
    for (int scope = 0; scope < BUDGET_SCOPES && good; scope++)
        for (int period = 0; period < BUDGET_PERIODS && good; period++)
            if (name_of(&claim->payer, scope))
                good = run_row(spending, spending->add, budget_scope_names[scope],
                               name_of(&claim->payer, scope), period_of(claim, period), &money,
                               &tokens);
    return good;
}

static bool run(struct spending *spending, const char *words) {
    return sqlite3_exec(spending->database, words, NULL, NULL, NULL) == SQLITE_OK;
}

/* --------------------------------------------------------------------------------------- doors
 */

static bool all_have_room(struct spending *spending, const struct plan *plan, struct claim *claim,
                          char why[200]) {
    for (int scope = 0; scope < BUDGET_SCOPES; scope++)
        for (int period = 0; period < BUDGET_PERIODS; period++)
            if (name_of(&claim->payer, scope) &&
                !has_room(spending, plan->currency, claim, scope, period,
                          &plan->budgets[scope][period], why))
                return false;
    return !claim->payer.program || has_room(spending, plan->currency, claim, BUDGET_PROGRAM,
                                             BUDGET_DAY, &claim->payer.day, why);
}

bool spending_has_room(struct spending *spending, const struct plan *plan,
                       const struct company_payer *payer, int64_t money, int64_t tokens) {
    char why[200];
    struct claim claim = {.payer = *payer, .money = money, .tokens = tokens};
    name_periods(claim.day, claim.month);
    pthread_mutex_lock(&spending->lock);
    bool room = all_have_room(spending, plan, &claim, why);
    pthread_mutex_unlock(&spending->lock);
    return room;
}

bool spending_claim(struct spending *spending, const struct plan *plan,
                    const struct company_payer *payer, int64_t money, int64_t tokens,
                    struct claim *claim, char why[200]) {
    *claim = (struct claim){.payer = *payer, .money = money, .tokens = tokens};
    name_periods(claim->day, claim->month);
    why[0] = 0;
    pthread_mutex_lock(&spending->lock);
    bool began = run(spending, "BEGIN IMMEDIATE");
    bool room = began && all_have_room(spending, plan, claim, why);
    bool kept = room && add_rows(spending, claim, money, tokens) && run(spending, "COMMIT");
    if (!kept && began)
        run(spending, "ROLLBACK");
    if (!kept && !*why)
        snprintf(why, 200, "what members cost cannot be written down: %s",
                 sqlite3_errmsg(spending->database));
    pthread_mutex_unlock(&spending->lock);
    return kept;
}

void spending_settle(struct spending *spending, const struct claim *claim, int64_t money,
                     int64_t tokens) {
    pthread_mutex_lock(&spending->lock);
    bool began = run(spending, "BEGIN IMMEDIATE");
    /* Where it fails the claim stays: too much rather than too little. */
    if (began && !(add_rows(spending, claim, money - claim->money, tokens - claim->tokens) &&
                   run(spending, "COMMIT")))
        run(spending, "ROLLBACK");
    pthread_mutex_unlock(&spending->lock);
}

static void add_budget(json_t *list, int scope, int period, const char *unit, double limit,
                       double spent) {
    json_array_append_new(
        list, json_pack("{s:s, s:s, s:s, s:f, s:f, s:f}", "scope", budget_scope_names[scope],
                        "period", budget_period_names[period], "unit", unit, "limit", limit,
                        "spent", spent, "share", limit > 0 ? spent / limit : 1.0));
}

static json_t *programs_of(struct spending *spending, const char *day) {
    json_t *programs = json_object();
    sqlite3_bind_text(spending->all, 1, budget_scope_names[BUDGET_PROGRAM], -1, SQLITE_STATIC);
    sqlite3_bind_text(spending->all, 2, day, -1, SQLITE_STATIC);
    while (sqlite3_step(spending->all) == SQLITE_ROW)
        json_object_set_new(
            programs, (const char *)sqlite3_column_text(spending->all, 0),
            json_pack("{s:f, s:I}", "money", (double)sqlite3_column_int64(spending->all, 1) / 1e6,
                      "tokens", (json_int_t)sqlite3_column_int64(spending->all, 2)));
    sqlite3_reset(spending->all);
    return programs;
}

json_t *spending_status(struct spending *spending, const struct plan *plan) {
    struct claim now = {0};
    int64_t money, tokens;
    name_periods(now.day, now.month);
    json_t *list = json_array();
    pthread_mutex_lock(&spending->lock);
    for (int s = 0; s < BUDGET_SCOPES; s++)
        for (int p = 0; p < BUDGET_PERIODS; p++) {
            const struct budget_limit *limit = &plan->budgets[s][p];
            run_row(spending, spending->most, budget_scope_names[s], NULL, period_of(&now, p),
                    &money, &tokens);
            if (limit->has_money)
                add_budget(list, s, p, "money", limit->money, (double)money / 1e6);
            if (limit->has_tokens)
                add_budget(list, s, p, "tokens", (double)limit->tokens, (double)tokens);
        }
    run_row(spending, spending->look, budget_scope_names[BUDGET_SCHOOL], "", now.day, &money,
            &tokens);
    json_t *programs = programs_of(spending, now.day);
    pthread_mutex_unlock(&spending->lock);
    return json_pack("{s:s, s:f, s:s, s:I, s:o, s:o}", "day", now.day, "money",
                     (double)money / 1e6, "currency", plan->currency, "tokens", (json_int_t)tokens,
                     "budgets", list, "programs", programs);
}

static bool has_database(const char *folder) {
    struct buffer path = {0};
    buffer_format(&path, "%s/company.db", folder);
    bool there = file_exists(path.at);
    buffer_free(&path);
    return there;
}

json_t *company_programs_today(const char *folder, struct fault *fault) {
    char day[16], month[16];
    if (!has_database(folder))
        return json_object();
    struct spending *spending = spending_open(folder, fault);
    name_periods(day, month);
    json_t *programs = spending ? programs_of(spending, day) : NULL;
    spending_close(spending);
    return programs;
}

static bool erase_learner(sqlite3_stmt *erase, int64_t learner) {
    char name[24];
    snprintf(name, sizeof name, "%lld", (long long)learner);
    bool good = sqlite3_bind_text(erase, 1, budget_scope_names[BUDGET_LEARNER], -1,
                                  SQLITE_STATIC) == SQLITE_OK &&
                sqlite3_bind_text(erase, 2, name, -1, SQLITE_STATIC) == SQLITE_OK &&
                sqlite3_step(erase) == SQLITE_DONE;
    sqlite3_reset(erase);
    return good;
}

static bool erase_spent(const char *folder, const int64_t *learners, size_t n,
                        struct fault *fault) {
    if (!has_database(folder))
        return true;
    struct spending *spending = spending_open(folder, fault);
    sqlite3_stmt *erase = NULL;
    if (!spending)
        return false;
    sqlite3 *database = spending->database;
    bool good = run(spending, "PRAGMA secure_delete = ON") &&
                sqlite3_prepare_v2(database, "DELETE FROM spent WHERE scope = ? AND name = ?", -1,
                                   &erase, NULL) == SQLITE_OK;
    for (size_t i = 0; good && i < n; i++)
        good = erase_learner(erase, learners[i]);
    sqlite3_finalize(erase);
    good = good && run(spending, "VACUUM") && run(spending, "PRAGMA wal_checkpoint(TRUNCATE)");
    if (!good)
        fault_set(fault, FAULT_MACHINE, "what learners cost cannot be erased: %s",
                  sqlite3_errmsg(database));
    spending_close(spending);
    return good;
}

bool company_forget(const char *folder, const int64_t *learners, size_t n, struct fault *fault) {
    bool good = erase_spent(folder, learners, n, fault);
    for (size_t i = 0; good && i < n; i++)
        good = keys_forget(folder, learners[i], fault);
    return good;
}
