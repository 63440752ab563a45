/* The calendar: "today", "weekday 2031-07-14", "days 2026-03-03 to 2026-05-19",
 * "2026-03-03 + 45", "today + 3 weeks". */
#include "school/tools/inside.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* From 1583-01-01, the first year of the Gregorian calendar, to 9999-12-31. */
enum { FIRST_DAY = -141349, LAST_DAY = 2932896 };

/* clang-format off */
static const struct { const char *language, *days[7]; } weekdays[] = {
    {"zh", {"星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日"}},
    {"es", {"lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"}},
    {"ar", {"الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت", "الأحد"}},
    {"en", {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}},
};
/* clang-format on */

static const char *weekday_of(int64_t day, const char *language) {
    size_t row = 0;
    while (row + 1 < COUNT_OF(weekdays) && strncmp(language, weekdays[row].language, 2) != 0)
        row++;
    return weekdays[row].days[((day + 3) % 7 + 7) % 7]; /* 1970-01-01 was a Thursday */
}

static bool read_day(const struct tool_place *place, struct view text, int64_t *day) {
    text = view_trim(text);
    if (view_is(text, "today")) {
        *day = place->today;
        return true;
    }
    return day_parse(text, day);
}

/* "45", "3 weeks" */
static bool read_days(struct view text, int64_t *out) {
    int64_t of = view_ends(text, " weeks") ? 7 : 1;
    text = view_trim(view_slice(text, 0, text.n - (of == 7 ? strlen(" weeks") : 0)));
    if (!text.n || text.n > 6)
        return false;
    *out = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (!isdigit((unsigned char)text.at[i]))
            return false;
        *out = *out * 10 + (text.at[i] - '0');
    }
    *out *= of;
    return true;
}

/* "today + 45": the number behind the sign that stands alone. */
static bool moved_day(const struct tool_place *place, struct view asked, int64_t *day) {
    for (size_t i = 1; i + 1 < asked.n; i++)
        if (strchr("+-", asked.at[i]) && asked.at[i - 1] == ' ' && asked.at[i + 1] == ' ') {
            int64_t n;
            if (!read_day(place, view_slice(asked, 0, i), day) ||
                !read_days(view_slice(asked, i + 1, asked.n), &n))
                return false;
            *day += asked.at[i] == '+' ? n : -n;
            return true;
        }
    return false;
}

static void give_day(int64_t day, const char *language, struct arena *arena,
                     struct tool_result *out) {
    char text[11];
    day_text(day, text);
    tool_found(out, arena, "%s, %s", text, weekday_of(day, language));
    out->value = view_slice(out->text, 0, strlen(text));
}

void tool_date(const struct tool_place *place, struct view asked, struct arena *arena,
               struct tool_result *out) {
    const char *language = place->language ? place->language : "en";
    int64_t day, other;
    ptrdiff_t to = view_find(asked, VIEW(" to "));
    if (view_starts(asked, "weekday ") &&
        read_day(place, view_slice(asked, strlen("weekday "), asked.n), &day)) {
        tool_found(out, arena, "%s", weekday_of(day, language));
        out->value = out->text;
    } else if (view_starts(asked, "days ") && to > 0 &&
               read_day(place, view_slice(asked, strlen("days "), (size_t)to), &day) &&
               read_day(place, view_slice(asked, (size_t)to + 4, asked.n), &other)) {
        tool_found(out, arena, "%lld", (long long)(other - day));
        out->value = out->text;
    } else if ((moved_day(place, asked, &day) || read_day(place, asked, &day)) &&
               day >= FIRST_DAY && day <= LAST_DAY) {
        give_day(day, language, arena, out);
    } else {
        tool_refuse(out, REFUSE_NO_DATE);
    }
}
