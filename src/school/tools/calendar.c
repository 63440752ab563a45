/* Days of the Gregorian calendar, and dates as people write them in the languages taught. */
#include "school/tools/inside.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { FIRST_YEAR = 1583, LAST_YEAR = 9999 };

/* Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms" (2013): years begin in March, so
 * that the leap day is a year's last. */
int64_t day_of(int year, int month, int day) {
    int64_t y = year - (month <= 2);
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t of_era = y - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

void day_split(int64_t day, int *year, int *month, int *of_month) {
    int64_t z = day + 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t of_era = z - era * 146097;
    int64_t y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * y + y / 4 - y / 100);
    int64_t from_march = (5 * of_year + 2) / 153;
    *of_month = (int)(of_year - (153 * from_march + 2) / 5 + 1);
    *month = (int)(from_march < 10 ? from_march + 3 : from_march - 9);
    *year = (int)(y + era * 400 + (*month <= 2));
}

static bool make_day(int year, int month, int day, int64_t *out) {
    int y, m, d;
    if (year < FIRST_YEAR || year > LAST_YEAR || month < 1 || month > 12 || day < 1 || day > 31)
        return false;
    *out = day_of(year, month, day);
    day_split(*out, &y, &m, &d);
    return d == day;
}

struct view day_text(int64_t day, struct arena *arena) {
    int y, m, d;
    day_split(day, &y, &m, &d);
    return view_of(arena_format(arena, "%04d-%02d-%02d", y, m, d));
}

/* ------------------------------------------------------------------------------------- reading */

/* clang-format off */
static const struct { const char *name; int month; } months[] = {
    {"january", 1}, {"february", 2}, {"march", 3}, {"april", 4}, {"may", 5}, {"june", 6}, {"july", 7},
    {"august", 8}, {"september", 9}, {"october", 10}, {"november", 11}, {"december", 12},
    {"jan", 1}, {"feb", 2}, {"mar", 3}, {"apr", 4}, {"jun", 6}, {"jul", 7}, {"aug", 8}, {"sept", 9},
    {"sep", 9}, {"oct", 10}, {"nov", 11}, {"dec", 12},
    {"enero", 1}, {"febrero", 2}, {"marzo", 3}, {"abril", 4}, {"mayo", 5}, {"junio", 6}, {"julio", 7},
    {"agosto", 8}, {"septiembre", 9}, {"setiembre", 9}, {"octubre", 10}, {"noviembre", 11}, {"diciembre", 12},
    {"يناير", 1}, {"فبراير", 2}, {"مارس", 3}, {"أبريل", 4}, {"ابريل", 4}, {"إبريل", 4}, {"مايو", 5},
    {"يونيو", 6}, {"يوليو", 7}, {"أغسطس", 8}, {"اغسطس", 8}, {"سبتمبر", 9}, {"أكتوبر", 10}, {"اكتوبر", 10},
    {"نوفمبر", 11}, {"ديسمبر", 12},
    {"كانون الثاني", 1}, {"شباط", 2}, {"آذار", 3}, {"نيسان", 4}, {"أيار", 5}, {"حزيران", 6}, {"تموز", 7},
    {"آب", 8}, {"أيلول", 9}, {"تشرين الأول", 10}, {"تشرين الثاني", 11}, {"كانون الأول", 12},
};
static const char *const todays[] = {"today", "hoy", "今天", "今日", "اليوم"};
/* clang-format on */

struct cursor {
    struct view text;
    size_t at;
};

static bool is_letter(struct view text, size_t at) {
    return at < text.n && (isalpha((unsigned char)text.at[at]) || (text.at[at] & 0x80));
}

static bool take(struct cursor *c, const char *what) {
    size_t n = strlen(what);
    if (c->at + n > c->text.n || strncasecmp(c->text.at + c->at, what, n) != 0)
        return false;
    c->at += n;
    return true;
}

static void skip_spaces(struct cursor *c) {
    while (take(c, " ") || take(c, ","))
        ;
}

/* A number of at most `most` digits, and none behind. */
static bool take_number(struct cursor *c, size_t most, int *out) {
    size_t n = 0;
    *out = 0;
    while (c->at + n < c->text.n && isdigit((unsigned char)c->text.at[c->at + n])) {
        if (n == most)
            return false;
        *out = *out * 10 + (c->text.at[c->at + n++] - '0');
    }
    c->at += n;
    return n > 0;
}

static bool take_month(struct cursor *c, int *month) {
    for (size_t i = 0; i < COUNT_OF(months); i++) {
        size_t before = c->at;
        if (!take(c, months[i].name))
            continue;
        take(c, "."); /* Jan. */
        if (!is_letter(c->text, c->at)) {
            *month = months[i].month;
            return true;
        }
        c->at = before;
    }
    return false;
}

/* A whole token: 2026-11-29. */
static bool take_figures(struct cursor *c, int64_t *day) {
    int y, m, d;
    return take_number(c, 4, &y) && (take(c, "-") || take(c, "/")) && take_number(c, 2, &m) &&
           (take(c, "-") || take(c, "/")) && take_number(c, 2, &d) && make_day(y, m, d, day);
}

static bool take_han(struct cursor *c, int64_t *day) {
    int y, m, d;
    bool good = take_number(c, 4, &y) && (skip_spaces(c), take(c, "年")) &&
                (skip_spaces(c), take_number(c, 2, &m)) && (skip_spaces(c), take(c, "月")) &&
                (skip_spaces(c), take_number(c, 2, &d));
    if (!good || !make_day(y, m, d, day))
        return false;
    skip_spaces(c);
    return take(c, "日") || take(c, "号") || true;
}

/* 3 March 2026, 3rd of March 2026, 3 de marzo de 2026, 3 مارس 2026. */
static bool take_day_first(struct cursor *c, int64_t *day) {
    int y, m, d;
    if (!take_number(c, 2, &d))
        return false;
    if (take(c, "st") || take(c, "nd") || take(c, "rd") || take(c, "th"))
        ;
    skip_spaces(c);
    if (take(c, "of ") || take(c, "de "))
        skip_spaces(c);
    if (!take_month(c, &m))
        return false;
    skip_spaces(c);
    if (take(c, "de ") || take(c, "del "))
        skip_spaces(c);
    return take_number(c, 4, &y) && make_day(y, m, d, day);
}

/* March 3, 2026; March 3rd 2026. */
static bool take_month_first(struct cursor *c, int64_t *day) {
    int y, m, d;
    if (!take_month(c, &m))
        return false;
    skip_spaces(c);
    if (!take_number(c, 2, &d))
        return false;
    if (take(c, "st") || take(c, "nd") || take(c, "rd") || take(c, "th"))
        ;
    skip_spaces(c);
    return take_number(c, 4, &y) && make_day(y, m, d, day);
}

size_t date_at(struct view text, struct asked_date *out) {
    static bool (*const forms[])(struct cursor *, int64_t *) = {take_figures, take_han,
                                                               take_day_first, take_month_first};
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        struct cursor c = {text, 0};
        bool digit_follows = false;
        if (forms[i](&c, &out->day)) {
            digit_follows = c.at < text.n && isdigit((unsigned char)text.at[c.at]);
            out->today = false;
            if (!digit_follows)
                return c.at;
        }
    }
    for (size_t i = 0; i < COUNT_OF(todays); i++) {
        struct cursor c = {text, 0};
        bool latin = isalpha((unsigned char)todays[i][0]);
        if (take(&c, todays[i]) && !(latin && is_letter(text, c.at))) {
            out->today = true;
            return c.at;
        }
    }
    return 0;
}

bool day_read(struct view iso, int64_t *day) {
    struct cursor c = {iso, 0};
    return take_figures(&c, day) && c.at == iso.n;
}
