/* The company, for its owner: who does what, queues, money, open breakers, and why somebody else
 * was asked. In English alone: its words are those of the file and of `lyceum company`. */
#include "web/parts.h"

#include <string.h>

/* The owner; programs of this machine, whose user may read the files all the same; and while there
 * is no owner, a browser on it. */
static bool may_look(struct request *request, bool page) {
    struct school *school = request->web->school;
    if (request->learner > 0 && school_may(school, ACCESS_OWNER, request->learner, 0, 0))
        return true;
    if (request_is_near(request) && (!page || !school_has_owner(school)))
        return true;
    reply_status(request, 403, "This is for the owner of the school.",
                 "Sign in as the owner, or ask on the machine itself: lyceum company.");
    return false;
}

static json_t *status_of(struct request *request) {
    struct company *company = request->web->company;
    return company ? company_status(company) : json_object();
}

void api_company(struct request *request) {
    if (may_look(request, false))
        reply_json(request, 200, status_of(request));
}

/* ---------------------------------------------------------------------------------------- tables
 */

struct column {
    const char *head, *key; /* a number is written with `decimals` */
    int decimals;
};

static void put_cell(struct buffer *out, const json_t *row, const struct column *column) {
    const json_t *value = json_object_get(row, column->key);
    buffer_text(out, "<td>");
    if (json_is_string(value))
        put(out, json_string_value(value));
    else if (json_is_number(value))
        buffer_format(out, "%.*f", column->decimals, json_number_value(value));
    buffer_text(out, "</td>");
}

static void put_table(struct buffer *out, const char *heading, const json_t *rows,
                      const struct column *columns, size_t n) {
    size_t i;
    const json_t *row;
    if (!json_array_size(rows))
        return;
    html_heading(out, 2, heading);
    buffer_text(out, "<table><thead><tr>");
    for (size_t c = 0; c < n; c++) {
        buffer_text(out, "<th scope=\"col\">");
        put(out, columns[c].head);
        buffer_text(out, "</th>");
    }
    buffer_text(out, "</tr></thead><tbody>\n");
    json_array_foreach(rows, i, row) {
        buffer_text(out, "<tr>");
        for (size_t c = 0; c < n; c++)
            put_cell(out, row, &columns[c]);
        buffer_text(out, "</tr>\n");
    }
    buffer_text(out, "</tbody></table>\n");
}

static void put_roles(struct buffer *out, const json_t *roles) {
    const char *role;
    json_t *list, *one;
    size_t i;
    html_heading(out, 2, "Roles, and who is asked in turn");
    buffer_text(out, "<dl class=\"firm-roles\">\n");
    json_object_foreach((json_t *)(uintptr_t)roles, role, list) {
        buffer_text(out, "<div><dt>");
        put(out, role);
        buffer_text(out, "</dt><dd>");
        json_array_foreach(list, i, one) {
            buffer_text(out, i ? " → " : "");
            put(out, json_string_value(one));
        }
        buffer_text(out, "</dd></div>\n");
    }
    buffer_text(out, "</dl>\n");
}

static void put_bar(struct buffer *out, double share) {
    double full = share < 0 ? 0 : share > 1 ? 1 : share;
    buffer_format(out,
                  "<svg class=\"bar\" viewBox=\"0 0 100 4\" preserveAspectRatio=\"none\" "
                  "aria-hidden=\"true\"><rect class=\"all\" width=\"100\" height=\"4\"/>"
                  "<rect class=\"%s\" width=\"%.1f\" height=\"4\"/></svg>",
                  full >= 0.9 ? "done near" : "done", full * 100);
}

static void put_budgets(struct buffer *out, const json_t *budgets, const char *currency) {
    static const char *const of[] = {"school", "class", "learner", "program"};
    static const char *const most[] = {"The school", "The class that uses most",
                                       "The learner who uses most", "The program that uses most"};
    size_t i;
    const json_t *one;
    if (!json_array_size(budgets))
        return;
    html_heading(out, 2, "Budgets");
    buffer_text(out, "<ul class=\"firm-budgets\">\n");
    json_array_foreach(budgets, i, one) {
        const char *scope = json_text(one, "scope", ""), *period = json_text(one, "period", "");
        bool money = !strcmp(json_text(one, "unit", ""), "money");
        buffer_text(out, "<li><span>");
        for (size_t k = 0; k < COUNT_OF(of); k++)
            if (!strcmp(scope, of[k]))
                buffer_text(out, most[k]);
        buffer_text(out, !strcmp(period, "day")     ? ", today"
                         : !strcmp(period, "month") ? ", this month"
                                                    : ", ever");
        buffer_format(out, "</span><span>%.*f of %.*f ", money ? 2 : 0,
                      json_number(one, "spent", 0), money ? 2 : 0, json_number(one, "limit", 0));
        put(out, money ? currency : "tokens");
        buffer_text(out, "</span>");
        put_bar(out, json_number(one, "share", 0));
        buffer_text(out, "</li>\n");
    }
    buffer_text(out, "</ul>\n");
}

static void put_programs(struct buffer *out, const json_t *programs, const char *currency) {
    const char *name;
    json_t *one;
    if (!json_object_size(programs))
        return;
    html_heading(out, 2, "Programs, today");
    buffer_text(out, "<ul class=\"firm-budgets\">\n");
    json_object_foreach((json_t *)(uintptr_t)programs, name, one) {
        buffer_text(out, "<li><span>");
        put(out, name);
        buffer_format(out, "</span><span>%.4f ", json_number(one, "money", 0));
        put(out, currency);
        buffer_format(out, ", %.0f tokens</span></li>\n", json_number(one, "tokens", 0));
    }
    buffer_text(out, "</ul>\n");
}

static void put_spending(struct buffer *out, const json_t *spending) {
    const char *currency = json_text(spending, "currency", "");
    if (!json_is_object(spending))
        return;
    put_budgets(out, json_object_get(spending, "budgets"), currency);
    put_programs(out, json_object_get(spending, "programs"), currency);
}

/* What one looks for first: is anything amiss, who is at work, what has it cost. */
static void put_sum(struct buffer *out, const json_t *status) {
    const json_t *members = json_object_get(status, "members"), *one,
                 *spending = json_object_get(status, "spending");
    int n_work = 0, n_wait = 0, n_out = 0;
    size_t i;
    json_array_foreach(members, i, one) {
        n_work += (int)json_number(one, "working", 0);
        n_wait += (int)json_number(one, "waiting", 0);
        n_out += strcmp(json_text(one, "state", ""), "ready") != 0;
    }
    buffer_format(out,
                  "<ul class=\"firm-sum\"><li><b>%d</b> at work</li><li><b>%d</b> waiting</li>",
                  n_work, n_wait);
    buffer_format(out, "<li%s><b>%d</b> of %zu cannot be asked</li>",
                  n_out ? " data-state=\"open\"" : "", n_out, json_array_size(members));
    if (json_is_object(spending)) {
        buffer_format(out, "<li>Spent today <b>%.2f</b> ", json_number(spending, "money", 0));
        put(out, json_text(spending, "currency", ""));
        buffer_format(out, "</li><li><b>%.0f</b> tokens far away</li>",
                      json_number(spending, "tokens", 0));
    }
    buffer_text(out, "</ul>\n");
}

static void put_members(struct buffer *out, const json_t *members) {
    size_t i;
    const json_t *one;
    html_heading(out, 2, "Members");
    buffer_text(out, "<ul class=\"firm-members\">\n");
    json_array_foreach(members, i, one) {
        const char *state = json_text(one, "state", ""), *machine = json_text(one, "machine", "");
        buffer_text(out, "<li data-state=\"");
        put(out, state);
        buffer_text(out, "\"><b>");
        put(out, json_text(one, "name", ""));
        buffer_text(out, "</b> <span class=\"firm-state\">");
        put(out, !strcmp(state, "open") ? "breaker open" : state);
        if (json_number(one, "seconds", 0) > 0)
            buffer_format(out, ", %.0f s", json_number(one, "seconds", 0));
        buffer_text(out, "</span><br><small>");
        put(out, *machine ? machine : "this machine");
        buffer_text(out, "</small>");
        if (*json_text(one, "problem", "")) {
            buffer_text(out, "<p class=\"trouble\">");
            put(out, json_text(one, "problem", ""));
            buffer_text(out, "</p>");
        }
        buffer_format(
            out,
            "<dl><div><dt>at work</dt><dd>%.0f</dd></div><div><dt>waiting</dt><dd>%.0f</dd>"
            "</div><div><dt>asked</dt><dd>%.0f</dd></div><div><dt>failed</dt><dd>%.0f</dd>"
            "</div><div><dt>tokens a second</dt><dd>%.1f</dd></div></dl></li>\n",
            json_number(one, "working", 0), json_number(one, "waiting", 0),
            json_number(one, "asked", 0), json_number(one, "failed", 0),
            json_number(one, "tokens_per_second", 0));
    }
    buffer_text(out, "</ul>\n");
}

/* What was told beforehand, and what came: points on the diagonal are honest. */
static void put_plot(struct buffer *out, const json_t *bins) {
    enum { SIZE = 200, EDGE = 24 };
    size_t i;
    const json_t *bin;
    buffer_format(
        out,
        "<svg viewBox=\"0 0 %d %d\" width=\"%d\" role=\"img\" aria-label=\"Reliability: "
        "probability told, across; share that did, up\" fill=\"currentColor\" "
        "font-size=\"11\"><path d=\"M%d %dV%dH%d\" fill=\"none\" stroke=\"currentColor\"/>"
        "<path d=\"M%d %dL%d %d\" fill=\"none\" stroke=\"currentColor\" "
        "stroke-dasharray=\"3 3\"/>",
        SIZE + 2 * EDGE, SIZE + 2 * EDGE, SIZE + 2 * EDGE, EDGE, EDGE, SIZE + EDGE, SIZE + EDGE,
        EDGE, SIZE + EDGE, SIZE + EDGE, EDGE);
    json_array_foreach(bins, i, bin) buffer_format(
        out,
        "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4\"><title>%.2f told, %.2f did, "
        "%.0f drafts</title></circle>",
        EDGE + SIZE * json_number(bin, "probability", 0),
        EDGE + SIZE * (1 - json_number(bin, "content", 0)), json_number(bin, "probability", 0),
        json_number(bin, "content", 0), json_number(bin, "n", 0));
    buffer_format(out, "<text x=\"%d\" y=\"%d\">0</text><text x=\"%d\" y=\"%d\">1</text></svg>\n",
                  EDGE - 10, SIZE + EDGE + 14, SIZE + EDGE, SIZE + EDGE + 14);
}

static void put_judgement(struct buffer *out, const json_t *members) {
    size_t i;
    const json_t *one;
    json_array_foreach(members, i, one) {
        static const struct column columns[] = {
            {"told", "probability", 2}, {"did", "content", 2}, {"drafts", "n", 0}};
        struct buffer heading = {0};
        buffer_format(&heading, "How well the drafts of %s were judged",
                      json_text(one, "member", ""));
        put_table(out, heading.at, json_object_get(one, "bins"), columns, COUNT_OF(columns));
        buffer_free(&heading);
        if (!json_array_size(json_object_get(one, "bins")))
            continue;
        put_plot(out, json_object_get(one, "bins"));
        buffer_format(out, "<p>Expected calibration error: %.3f of %.0f drafts.</p>\n",
                      json_number(one, "expected_calibration_error", 0), json_number(one, "n", 0));
    }
}

/* What happened, as a sentence's beginning. */
static const char *event_words(const char *kind) {
    static const char *const words[][2] = {
        {"takeover", "Failed"},           {"passed", "Not asked"}, {"budget", "No money left"},
        {"senior", "A senior was asked"}, {"hedged", "Slow"},      {"reloaded", "Read again"}};
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (!strcmp(kind, words[i][0]))
            return words[i][1];
    return kind;
}

static void put_events(struct request *request, const json_t *events) {
    struct buffer *out = &request->reply.body;
    size_t i;
    const json_t *one;
    if (!json_array_size(events))
        return;
    html_heading(out, 2, "What happened last, and why");
    buffer_text(out, "<ol class=\"firm-events\">\n");
    json_array_foreach(events, i, one) {
        buffer_text(out, "<li><small>");
        html_time(request, (int64_t)json_number(one, "at", 0));
        buffer_text(out, " · ");
        put(out, json_text(one, "role", ""));
        buffer_text(out, "</small><br><b>");
        put(out, event_words(json_text(one, "kind", "")));
        buffer_text(out, *json_text(one, "member", "") ? ": " : "");
        put(out, json_text(one, "member", ""));
        buffer_text(out, *json_text(one, "next", "") ? " → " : "");
        put(out, json_text(one, "next", ""));
        buffer_text(out, "</b> ");
        put(out, json_text(one, "why", ""));
        if (json_number(one, "times", 1) > 1)
            buffer_format(out, " (%.0f times)", json_number(one, "times", 1));
        buffer_text(out, "</li>\n");
    }
    buffer_text(out, "</ol>\n");
}

void page_company(struct request *request) {
    static const struct column working[] = {{"role", "role", 0},
                                            {"member", "member", 0},
                                            {"seconds", "seconds", 1},
                                            {"pieces", "pieces", 0}};
    if (!may_look(request, true))
        return;
    json_t *status = status_of(request);
    page_begin(request, "Company", "company", "company.js");
    struct buffer *out = &request->reply.body;
    buffer_text(out,
                "<main id=\"main\" class=\"plain\"><div id=\"company\" lang=\"en\" dir=\"ltr\">");
    html_heading(out, 1, "Company");
    put_sum(out, status);
    put_members(out, json_object_get(status, "members"));
    put_table(out, "At work now", json_object_get(status, "working"), working, COUNT_OF(working));
    put_spending(out, json_object_get(status, "spending"));
    put_events(request, json_object_get(status, "events"));
    put_roles(out, json_object_get(status, "roles"));
    put_judgement(out, json_object_get(status, "judgement"));
    buffer_text(out, "</div></main>\n");
    page_end(request);
    json_decref(status);
}
