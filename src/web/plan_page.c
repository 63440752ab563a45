/* A learner's days off, exam and goal: told and changed beside the reviews that follow them. */
#include "web/parts.h"

#include <string.h>

enum { GOAL_MOST = 500 }; /* answers a day, as the plan has it */

/* As the plan names them, from Monday on. */
static const char *const weekdays[] = {"monday", "tuesday",  "wednesday", "thursday",
                                       "friday", "saturday", "sunday"};

static bool is_off(const json_t *plan, size_t day) {
    size_t i;
    json_t *one;
    json_array_foreach(json_object_get(plan, "days_off"), i, one) {
        if (!strcmp(json_string_value(one), weekdays[day]))
            return true;
    }
    return false;
}

static void weekday_name(struct request *request, size_t day) {
    html_listed(&request->reply.body, word(request, "weekdays"), (int)(day + 1) % 7);
}

/* "Days off: Sat, Sun", or nothing. */
static bool told_days(struct request *request, const json_t *plan) {
    struct buffer *out = &request->reply.body;
    bool any = false;
    for (size_t i = 0; i < COUNT_OF(weekdays); i++) {
        if (!is_off(plan, i))
            continue;
        put(out, any ? word(request, "list_mark") : word(request, "days_off"));
        buffer_text(out, any ? "" : ": ");
        weekday_name(request, i);
        any = true;
    }
    return any;
}

/* What the plan is, in a line. */
static void told(struct request *request, const json_t *plan) {
    struct buffer *out = &request->reply.body;
    const char *exam = json_text(plan, "exam", NULL);
    int goal = (int)json_number(plan, "goal", 0);
    buffer_text(out, "<span>");
    bool any = told_days(request, plan);
    if (exam) {
        buffer_text(out, any ? "</span> <span>" : "");
        put(out, word(request, "exam"));
        buffer_text(out, ": ");
        html_date(request, exam);
        any = true;
    }
    if (goal > 0) {
        buffer_text(out, any ? "</span> <span>" : "");
        put(out, word(request, "goal_a_day"));
        buffer_format(out, ": %d", goal);
        any = true;
    }
    if (!any)
        put(out, word(request, "plan_empty"));
    buffer_text(out, "</span>");
}

static void days_field(struct request *request, const json_t *plan) {
    struct buffer *out = &request->reply.body;
    buffer_text(out, "<fieldset class=\"tags\"><legend>");
    put(out, word(request, "days_off"));
    buffer_text(out, "</legend>\n");
    for (size_t i = 0; i < COUNT_OF(weekdays); i++) {
        buffer_format(out,
                      "<label class=\"tag\"><input type=\"checkbox\" name=\"day_off\" "
                      "value=\"%s\"%s> ",
                      weekdays[i], is_off(plan, i) ? " checked" : "");
        weekday_name(request, i);
        buffer_text(out, "</label>\n");
    }
    buffer_text(out, "</fieldset>\n");
}

void html_plan(struct request *request) {
    struct fault fault = {0};
    struct buffer *out = &request->reply.body;
    json_t *plan = school_plan(request->web->school, request->learner, &fault);
    if (!plan)
        return;
    int goal = (int)json_number(plan, "goal", 0);
    buffer_text(out, "<details class=\"plan\" id=\"plan\"><summary><b>");
    put(out, word(request, "plan"));
    buffer_text(out, "</b> ");
    told(request, plan);
    buffer_text(out, "</summary>\n<p class=\"quiet\">");
    put(out, word(request, "plan_why"));
    buffer_text(out, "</p>\n");
    html_form_begin(out, "plan", "/progress/plan");
    /* Where a day begins: the browser's own clock, filled in by device.js. */
    buffer_format(out, "<input type=\"hidden\" name=\"utc_offset\" value=\"%d\">\n",
                  (int)json_number(plan, "utc_offset", 0));
    days_field(request, plan);
    html_field(out, &(struct field){.name = "exam",
                                    .label = word(request, "exam_date"),
                                    .type = "date",
                                    .value = json_text(plan, "exam", "")});
    html_field(out,
               &(struct field){.name = "goal",
                               .label = word(request, "goal_field"),
                               .type = "number",
                               .most = GOAL_MOST,
                               .value = goal ? arena_format(request->arena, "%d", goal) : ""});
    html_form_end(out, word(request, "keep"));
    buffer_text(out, "</details>\n");
    json_decref(plan);
}

/* The form as the API takes it. What is empty is none; NULL when the goal or the clock is no
 * number. */
static json_t *change_of(const json_t *form) {
    const char *exam = form_text(form, "exam"), *goal = form_text(form, "goal"),
               *offset = form_text(form, "utc_offset");
    const json_t *days = json_object_get(form, "day_off");
    int per_day = 0, minutes = 0, end = 0;
    if (*goal && (sscanf(goal, "%4d%n", &per_day, &end) != 1 || goal[end]))
        return NULL;
    if (*offset && (sscanf(offset, "%5d%n", &minutes, &end) != 1 || offset[end]))
        return NULL;
    json_t *change = json_pack("{s:o,s:s?,s:i}", "days_off",
                               days ? json_copy((json_t *)(uintptr_t)days) : json_array(), "exam",
                               *exam ? exam : NULL, "goal", per_day);
    if (*offset)
        json_object_set_new(change, "utc_offset", json_integer(minutes));
    return change;
}

void page_plan_post(struct request *request) {
    struct fault fault = {0};
    json_t *form = request_form(request);
    if (!form)
        return;
    bool all_off = json_array_size(json_object_get(form, "day_off")) >= COUNT_OF(weekdays);
    json_t *change = change_of(form);
    json_t *plan = change && !all_off
                       ? school_plan_change(request->web->school, request->learner, change, &fault)
                       : NULL;
    if (plan || fault.kind == FAULT_MACHINE)
        done_or_fault(request, plan != NULL, &fault, "/progress#plan");
    else
        reply_status(request, 400, word(request, all_off ? "plan_all_off" : "plan_unread"), "");
    json_decref(plan);
    json_decref(change);
    json_decref(form);
}
