/* What a learner wishes, claims and was found to know, on its way into the record and out of it.
 */
#include "school/learner/inside.h"
#include "school/learner/practice.h"

#include <stdio.h>
#include <string.h>

/* ----------------------------------------------------------------------------------------- days
 */

/* Howard Hinnant, "chrono-compatible low-level date algorithms": proleptic Gregorian. */
static int64_t day_of_date(int year, int month, int day) {
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t in_era = year - era * 400;
    int64_t in_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + in_era * 365 + in_era / 4 - in_era / 100 + in_year - 719468;
}

void day_text(int64_t day, char out[11]) {
    day += 719468;
    int64_t era = (day >= 0 ? day : day - 146096) / 146097, in_era = day - era * 146097;
    int64_t year_of_era = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
    int64_t in_year = in_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t m = (5 * in_year + 2) / 153, month = m < 10 ? m + 3 : m - 9;
    int64_t year = year_of_era + era * 400 + (month <= 2);
    bool shown = year >= 0 && year <= 9999;
    snprintf(out, 11, "%04u-%02u-%02u", shown ? (unsigned)year % 10000 : 0, (unsigned)month % 100,
             (unsigned)(in_year - (153 * m + 2) / 5 + 1) % 100);
}

bool day_parse(struct view text, int64_t *day) {
    static const char pattern[] = "dddd-dd-dd";
    int year = 0, month = 0, of_month = 0;
    if (text.n != 10)
        return false;
    for (size_t i = 0; i < 10; i++)
        if (pattern[i] == 'd' ? text.at[i] < '0' || text.at[i] > '9' : text.at[i] != '-')
            return false;
    char copy[11];
    memcpy(copy, text.at, 10);
    copy[10] = 0;
    if (sscanf(copy, "%4d-%2d-%2d", &year, &month, &of_month) != 3 || month < 1 || month > 12 ||
        of_month < 1)
        return false;
    *day = day_of_date(year, month, of_month);
    char back[11];
    day_text(*day, back);
    return !memcmp(back, copy, 10); /* no 31st of April */
}

/* ----------------------------------------------------------------------------------------- plan
 */

static const char *const weekdays[] = {"monday", "tuesday",  "wednesday", "thursday",
                                       "friday", "saturday", "sunday"};
static const char *const shifts[] = {"gentler", "usual", "harder"};

json_t *plan_json(const struct plan *plan) {
    json_t *off = json_array();
    char exam[11] = "";
    for (unsigned i = 0; i < COUNT_OF(weekdays); i++)
        if (plan->calendar.days_off >> i & 1)
            json_array_append_new(off, json_string(weekdays[i]));
    if (plan->calendar.exam_day)
        day_text(plan->calendar.exam_day, exam);
    return json_pack("{s:o,s:s?,s:i,s:s,s:i}", "days_off", off, "exam", *exam ? exam : NULL,
                     "utc_offset", plan->calendar.offset_minutes, "challenge",
                     shifts[plan->shift + 1], "goal", plan->goal);
}

/* What is not there, or not understood, is as it was in *plan. */
static void read_days_off(const json_t *days, struct plan *plan) {
    size_t i;
    json_t *day;
    plan->calendar.days_off = 0;
    json_array_foreach(days, i, day) for (unsigned j = 0; j < COUNT_OF(weekdays); j++) {
        if (json_is_string(day) && !strcmp(json_string_value(day), weekdays[j]))
            plan->calendar.days_off |= 1u << j;
    }
}

void plan_of_json(const json_t *data, struct plan *plan) {
    *plan = (struct plan){0};
    read_days_off(json_object_get(data, "days_off"), plan);
    day_parse(view_of(json_text(data, "exam", "")), &plan->calendar.exam_day);
    plan->calendar.offset_minutes = (int)json_number(data, "utc_offset", 0);
    plan->goal = (int)json_number(data, "goal", 0);
    const char *shift = json_text(data, "challenge", "usual");
    for (int i = 0; i < (int)COUNT_OF(shifts); i++)
        if (!strcmp(shift, shifts[i]))
            plan->shift = i - 1;
}

static bool wrong(struct fault *fault, const char *message, const char *remedy) {
    fault_set(fault, FAULT_INPUT, "%s", message);
    return fault_remedy(fault, "%s", remedy);
}

static bool is_weekday(const json_t *value) {
    for (size_t i = 0; i < COUNT_OF(weekdays); i++)
        if (json_is_string(value) && !strcmp(json_string_value(value), weekdays[i]))
            return true;
    return false;
}

static bool check_days_off(const json_t *days, struct fault *fault) {
    size_t i;
    json_t *day;
    bool good = !days || (json_is_array(days) && json_array_size(days) < COUNT_OF(weekdays));
    json_array_foreach(days, i, day) good = good && is_weekday(day);
    return good || wrong(fault, "The days off are not understood.",
                         "Send a list of at most six: \"monday\" to \"sunday\".");
}

static bool check_whole(const json_t *value, int low, int high) {
    return !value || (json_is_integer(value) && json_integer_value(value) >= low &&
                      json_integer_value(value) <= high);
}

bool plan_change(struct plan *plan, const json_t *change, struct fault *fault) {
    static const char *const known[] = {"days_off",  "exam", "utc_offset",
                                        "challenge", "goal", NULL};
    const char *unknown = json_unknown_key(change, known);
    const json_t *exam = json_object_get(change, "exam"),
                 *shift = json_object_get(change, "challenge");
    int64_t day;
    if (unknown) {
        fault_set(fault, FAULT_INPUT, "A plan has no \"%.40s\".", unknown);
        return fault_remedy(fault, "It has days_off, exam, utc_offset, challenge and goal.");
    }
    if (!check_days_off(json_object_get(change, "days_off"), fault))
        return false;
    if (exam && !json_is_null(exam) &&
        (!json_is_string(exam) || !day_parse(view_of(json_string_value(exam)), &day)))
        return wrong(fault, "The date of the exam is none.", "Send it as 2027-06-30, or null.");
    bool shift_known = !shift;
    for (size_t i = 0; i < COUNT_OF(shifts); i++)
        shift_known =
            shift_known || (json_is_string(shift) && !strcmp(json_string_value(shift), shifts[i]));
    if (!shift_known)
        return wrong(fault, "This challenge is not known.", "Send gentler, usual or harder.");
    if (!check_whole(json_object_get(change, "utc_offset"), -840, 840))
        return wrong(fault, "This is no offset from UTC.", "Send minutes from -840 to 840.");
    if (!check_whole(json_object_get(change, "goal"), 0, 500))
        return wrong(fault, "This is no goal.", "Send answers a day, 0 to 500.");
    json_t *whole = plan_json(plan);
    json_object_update(whole, (json_t *)(uintptr_t)change);
    plan_of_json(whole, plan);
    json_decref(whole);
    return true;
}

/* -------------------------------------------------------------------------------------- events */

bool record_plan_set(struct record *record, int64_t learner, const struct plan *plan,
                     struct fault *fault) {
    return event_write(record, NULL, learner, "plan", plan_json(plan), fault);
}

bool record_claim(struct record *record, int64_t learner, const char *course, const json_t *skills,
                  double threshold, struct fault *fault) {
    return event_write(
        record, NULL, learner, "claim",
        json_pack("{s:s,s:O,s:f}", "course", course, "skills", skills, "threshold", threshold),
        fault);
}

bool record_placed(struct record *record, struct batch *batch, int64_t learner, const char *course,
                   const json_t *mastery, double threshold, struct fault *fault) {
    return event_write(
        record, batch, learner, "placed",
        json_pack("{s:s,s:O,s:f}", "course", course, "mastery", mastery, "threshold", threshold),
        fault);
}
