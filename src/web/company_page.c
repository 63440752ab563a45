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
    buffer_text(out, "<table><tbody>\n");
    json_object_foreach((json_t *)(uintptr_t)roles, role, list) {
        buffer_text(out, "<tr><th scope=\"row\">");
        put(out, role);
        buffer_text(out, "</th><td>");
        json_array_foreach(list, i, one) {
            buffer_text(out, i ? " → " : "");
            put(out, json_string_value(one));
        }
        buffer_text(out, "</td></tr>\n");
    }
    buffer_text(out, "</tbody></table>\n");
}

static void put_spending(struct buffer *out, const json_t *spending) {
    static const struct column budgets[] = {{"budget of", "scope", 0}, {"for", "period", 0},
                                            {"in", "unit", 0},         {"spent", "spent", 4},
                                            {"of", "limit", 4},        {"share", "share", 2}};
    if (!json_is_object(spending))
        return;
    buffer_format(out, "<p>Spent today: %.4f ", json_number(spending, "money", 0));
    put(out, json_text(spending, "currency", ""));
    buffer_format(out, ", %.0f tokens of members far away.</p>\n",
                  json_number(spending, "tokens", 0));
    put_table(out, "Budgets", json_object_get(spending, "budgets"), budgets, COUNT_OF(budgets));
}

/* What was told beforehand, and what came: points on the diagonal are honest. */
static void put_plot(struct buffer *out, const json_t *bins) {
    enum { SIZE = 200, EDGE = 24 };
    size_t i;
    const json_t *bin;
    buffer_format(out,
                  "<svg viewBox=\"0 0 %d %d\" width=\"%d\" role=\"img\" aria-label=\"Reliability: "
                  "probability told, across; share that did, up\" fill=\"currentColor\" "
                  "font-size=\"11\"><path d=\"M%d %dV%dH%d\" fill=\"none\" stroke=\"currentColor\"/>"
                  "<path d=\"M%d %dL%d %d\" fill=\"none\" stroke=\"currentColor\" "
                  "stroke-dasharray=\"3 3\"/>",
                  SIZE + 2 * EDGE, SIZE + 2 * EDGE, SIZE + 2 * EDGE, EDGE, EDGE, SIZE + EDGE,
                  SIZE + EDGE, EDGE, SIZE + EDGE, SIZE + EDGE, EDGE);
    json_array_foreach(bins, i, bin)
        buffer_format(out, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4\"><title>%.2f told, %.2f did, "
                           "%.0f drafts</title></circle>",
                      EDGE + SIZE * json_number(bin, "probability", 0),
                      EDGE + SIZE * (1 - json_number(bin, "content", 0)),
                      json_number(bin, "probability", 0), json_number(bin, "content", 0),
                      json_number(bin, "n", 0));
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
                      json_number(one, "expected_calibration_error", 0),
                      json_number(one, "n", 0));
    }
}

/* "at" as a time that people read. */
static void put_events(struct buffer *out, const json_t *events) {
    size_t i;
    const json_t *one;
    if (!json_array_size(events))
        return;
    html_heading(out, 2, "Last events, and why");
    buffer_text(out, "<table><tbody>\n");
    json_array_foreach(events, i, one) {
        buffer_text(out, "<tr><td>");
        html_time(out, (int64_t)json_number(one, "at", 0));
        buffer_format(out, "</td><td>%s</td><td>%s</td><td>", json_text(one, "kind", ""),
                      json_text(one, "role", ""));
        put(out, json_text(one, "member", ""));
        buffer_text(out, *json_text(one, "next", "") ? " → " : "");
        put(out, json_text(one, "next", ""));
        buffer_text(out, "</td><td>");
        put(out, json_text(one, "why", ""));
        if (json_number(one, "times", 1) > 1)
            buffer_format(out, " (%.0f times)", json_number(one, "times", 1));
        buffer_text(out, "</td></tr>\n");
    }
    buffer_text(out, "</tbody></table>\n");
}

void page_company(struct request *request) {
    static const struct column members[] = {
        {"member", "name", 0},     {"state", "state", 0},
        {"why", "problem", 0},     {"at work", "working", 0},
        {"waiting", "waiting", 0}, {"asked", "asked", 0},
        {"failed", "failed", 0},   {"tokens a second", "tokens_per_second", 1}};
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
    put_spending(out, json_object_get(status, "spending"));
    put_table(out, "Members", json_object_get(status, "members"), members, COUNT_OF(members));
    put_table(out, "At work now", json_object_get(status, "working"), working, COUNT_OF(working));
    put_roles(out, json_object_get(status, "roles"));
    put_judgement(out, json_object_get(status, "judgement"));
    put_events(out, json_object_get(status, "events"));
    buffer_text(out, "</div></main>\n");
    page_end(request);
    json_decref(status);
}
