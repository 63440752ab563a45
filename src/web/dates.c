/* Days and hours as the page's language writes them. */
#include "web/parts.h"

#include <string.h>
#include <time.h>

void html_listed(struct buffer *out, const char *list, int n) {
    for (; n > 0; n--) {
        const char *bar = strchr(list, '|');
        if (!bar)
            return;
        list = bar + 1;
    }
    buffer_html(out, (struct view){list, strcspn(list, "|")});
}

static void put_part(struct request *request, struct view name, const struct tm *when) {
    struct buffer *out = &request->reply.body;
    if (view_is(name, "day"))
        buffer_format(out, "%d", when->tm_mday);
    else if (view_is(name, "month"))
        html_listed(out, word(request, "months"), when->tm_mon);
    else if (view_is(name, "weekday"))
        html_listed(out, word(request, "weekdays"), when->tm_wday);
    else if (view_is(name, "year"))
        buffer_format(out, "%d", when->tm_year + 1900);
    else if (view_is(name, "time"))
        buffer_format(out, "%02d:%02d", when->tm_hour, when->tm_min);
}

/* "{day} {month}" with its parts. */
static void put_form(struct request *request, const char *form, const struct tm *when) {
    while (*form) {
        size_t n = strcspn(form, "{");
        buffer_html(&request->reply.body, (struct view){form, n});
        form += n;
        if (!*form)
            return;
        n = strcspn(form + 1, "}");
        put_part(request, (struct view){form + 1, n}, when);
        form += n + 1 + (form[n + 1] == '}');
    }
}

static void html_moment(struct request *request, const char *form, const struct tm *when,
                        const char *machine) {
    char stamp[40];
    strftime(stamp, sizeof stamp, machine, when);
    buffer_format(&request->reply.body, "<time datetime=\"%s\">", stamp);
    put_form(request, word(request, form), when);
    buffer_text(&request->reply.body, "</time>");
}

void html_time(struct request *request, int64_t at_ms) {
    time_t at = (time_t)(at_ms / 1000);
    struct tm when;
    if (at_ms && localtime_r(&at, &when))
        html_moment(request, "moment_form", &when, "%Y-%m-%dT%H:%M:%S%z");
}

/* The year stands there where it is not this one. */
void html_day(struct request *request, int64_t at_ms) {
    time_t at = (time_t)(at_ms / 1000), now = (time_t)(clock_unix_ms() / 1000);
    struct tm when, today;
    if (!localtime_r(&at, &when) || !localtime_r(&now, &today))
        return;
    html_moment(request, when.tm_year == today.tm_year ? "day_form" : "day_year_form", &when,
                "%Y-%m-%d");
}

/* Noon of the day, by the school's clock. */
void html_date(struct request *request, const char *date) {
    struct tm day = {0};
    if (!strptime(date, "%Y-%m-%d", &day))
        return;
    day.tm_hour = 12;
    day.tm_isdst = -1;
    html_day(request, (int64_t)mktime(&day) * 1000);
}
