/* Dates as people write them in the languages taught. */
#include "school/tools/inside.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { FIRST_YEAR = 1583, LAST_YEAR = 9999 }; /* of the Gregorian calendar */

static bool make_day(int year, int month, int day, int64_t *out) {
    char text[24];
    snprintf(text, sizeof text, "%04d-%02d-%02d", year, month, day);
    return year >= FIRST_YEAR && year <= LAST_YEAR && day_parse(view_of(text), out);
}

struct view date_text(const struct asked_date *date, struct arena *arena) {
    char text[11];
    if (date->today)
        return VIEW("today");
    day_text(date->day, text);
    return arena_copy(arena, view_of(text));
}

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

static void skip_ordinal(struct cursor *c) { /* 3rd */
    (void)(take(c, "st") || take(c, "nd") || take(c, "rd") || take(c, "th"));
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
    (void)(take(c, "日") || take(c, "号"));
    return true;
}

/* 3 March 2026, 3rd of March 2026, 3 de marzo de 2026, 3 مارس 2026. */
static bool take_day_first(struct cursor *c, int64_t *day) {
    int y, m, d;
    if (!take_number(c, 2, &d))
        return false;
    skip_ordinal(c);
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
    skip_ordinal(c);
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
