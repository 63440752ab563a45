/* The company, for its owner: who does what, queues, money, open breakers, and why somebody else
 * was asked. What the company calls its states, events and reasons has a word of the page's own,
 * firm_CLASS_NAME; the program's sentences, which name what went wrong in full, are told by
 * `lyceum company`. */
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
    reply_status(request, 403, word(request, "firm_not_yours"), word(request, "firm_sign_in"));
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
    const char *head, *key; /* the head's word; a number is written with `decimals` */
    int decimals;
    const char *class; /* of names that have a word; or NULL */
};

/* The page's word for a name of the company's; the name itself where it has none. */
static const char *named(struct request *request, const char *class, const char *name) {
    char *key = arena_format(request->arena, "firm_%s_%s", class, name);
    for (char *c = key; *c; c++)
        *c = *c == ' ' ? '_' : *c;
    const char *text = word(request, key);
    return text == key ? name : text;
}

static const char *then_mark(const struct request *request) {
    return request->right_to_left ? " ← " : " → ";
}

static void put_name(struct buffer *out, const char *name) {
    if (!*name)
        return;
    buffer_text(out, "<bdi>");
    put(out, name);
    buffer_text(out, "</bdi>");
}

static void put_cell(struct request *request, const json_t *row, const struct column *column) {
    struct buffer *out = &request->reply.body;
    const json_t *value = json_object_get(row, column->key);
    buffer_text(out, "<td>");
    if (json_is_string(value) && column->class)
        put(out, named(request, column->class, json_string_value(value)));
    else if (json_is_string(value))
        put_name(out, json_string_value(value));
    else if (json_is_number(value))
        html_number(request, out, json_number_value(value), column->decimals);
    buffer_text(out, "</td>");
}

static void put_table(struct request *request, const char *heading, const json_t *rows,
                      const struct column *columns, size_t n) {
    struct buffer *out = &request->reply.body;
    size_t i;
    const json_t *row;
    if (!json_array_size(rows))
        return;
    html_heading(out, 2, heading);
    buffer_text(out, "<table><thead><tr>");
    for (size_t c = 0; c < n; c++) {
        buffer_text(out, "<th scope=\"col\">");
        put(out, word(request, columns[c].head));
        buffer_text(out, "</th>");
    }
    buffer_text(out, "</tr></thead><tbody>\n");
    json_array_foreach(rows, i, row) {
        buffer_text(out, "<tr>");
        for (size_t c = 0; c < n; c++)
            put_cell(request, row, &columns[c]);
        buffer_text(out, "</tr>\n");
    }
    buffer_text(out, "</tbody></table>\n");
}

/* With the name that it has in the file, where that is another. */
static void put_role(struct request *request, const char *role) {
    struct buffer *out = &request->reply.body;
    const char *text = named(request, "role", role);
    put(out, text);
    if (strcmp(text, role) != 0) {
        buffer_text(out, " <code>");
        put(out, role);
        buffer_text(out, "</code>");
    }
}

static void put_roles(struct request *request, const json_t *roles) {
    struct buffer *out = &request->reply.body;
    const char *role;
    json_t *list, *one;
    size_t i;
    html_heading(out, 2, word(request, "firm_roles"));
    buffer_text(out, "<dl class=\"firm-roles\">\n");
    json_object_foreach((json_t *)(uintptr_t)roles, role, list) {
        buffer_text(out, "<div><dt>");
        put_role(request, role);
        buffer_text(out, "</dt><dd>");
        json_array_foreach(list, i, one) {
            buffer_text(out, i ? then_mark(request) : "");
            put_name(out, json_string_value(one));
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

static void put_amount(struct request *request, double amount, double of, bool money,
                       const char *currency) {
    struct buffer *out = &request->reply.body;
    buffer_text(out, "<bdi dir=\"ltr\">");
    html_number(request, out, amount, money ? 2 : 0);
    buffer_text(out, " / ");
    html_number(request, out, of, money ? 2 : 0);
    buffer_text(out, money ? " " : "");
    put(out, money ? currency : "");
    buffer_text(out, "</bdi>");
}

/* "The class that uses most · today · tokens". */
static void put_budgets(struct request *request, const json_t *budgets, const char *currency) {
    struct buffer *out = &request->reply.body;
    size_t i;
    const json_t *one;
    if (!json_array_size(budgets))
        return;
    html_heading(out, 2, word(request, "firm_budgets"));
    buffer_text(out, "<ul class=\"firm-budgets\">\n");
    json_array_foreach(budgets, i, one) {
        bool money = !strcmp(json_text(one, "unit", ""), "money");
        buffer_text(out, "<li><span>");
        put(out, named(request, "most", json_text(one, "scope", "")));
        buffer_text(out, " · ");
        put(out, named(request, "period", json_text(one, "period", "")));
        buffer_text(out, money ? "" : " · ");
        put(out, money ? "" : word(request, "firm_tokens"));
        buffer_text(out, "</span><span>");
        put_amount(request, json_number(one, "spent", 0), json_number(one, "limit", 0), money,
                   currency);
        buffer_text(out, "</span>");
        put_bar(out, json_number(one, "share", 0));
        buffer_text(out, "</li>\n");
    }
    buffer_text(out, "</ul>\n");
}

static void put_money(struct request *request, double money, int decimals, const char *currency) {
    struct buffer *out = &request->reply.body;
    buffer_text(out, "<bdi dir=\"ltr\"><b>");
    html_number(request, out, money, decimals);
    buffer_text(out, "</b> ");
    put(out, currency);
    buffer_text(out, "</bdi>");
}

static void put_programs(struct request *request, const json_t *programs, const char *currency) {
    struct buffer *out = &request->reply.body;
    const char *name;
    json_t *one;
    if (!json_object_size(programs))
        return;
    html_heading(out, 2, word(request, "firm_programs"));
    buffer_text(out, "<ul class=\"firm-budgets\">\n");
    json_object_foreach((json_t *)(uintptr_t)programs, name, one) {
        buffer_text(out, "<li><span>");
        put_name(out, name);
        buffer_text(out, "</span><span>");
        put_money(request, json_number(one, "money", 0), 4, currency);
        buffer_text(out, " · ");
        put(out, word(request, "firm_tokens"));
        buffer_text(out, ": ");
        html_number(request, out, json_number(one, "tokens", 0), 0);
        buffer_text(out, "</span></li>\n");
    }
    buffer_text(out, "</ul>\n");
}

static void put_spending(struct request *request, const json_t *spending) {
    const char *currency = json_text(spending, "currency", "");
    if (!json_is_object(spending))
        return;
    put_budgets(request, json_object_get(spending, "budgets"), currency);
    put_programs(request, json_object_get(spending, "programs"), currency);
}

static void put_count(struct request *request, int n, const char *label, const char *state) {
    struct buffer *out = &request->reply.body;
    buffer_format(out, "<li%s><b>", state);
    html_number(request, out, n, 0);
    buffer_text(out, "</b> ");
    put(out, label);
    buffer_text(out, "</li>");
}

/* What one looks for first: is anything amiss, who is at work, what has it cost. */
static void put_sum(struct request *request, const json_t *status) {
    struct buffer *out = &request->reply.body;
    const json_t *members = json_object_get(status, "members"), *one,
                 *spending = json_object_get(status, "spending");
    int n_work = 0, n_wait = 0, n_out = 0;
    size_t i;
    json_array_foreach(members, i, one) {
        n_work += (int)json_number(one, "working", 0);
        n_wait += (int)json_number(one, "waiting", 0);
        n_out += strcmp(json_text(one, "state", ""), "ready") != 0;
    }
    buffer_text(out, "<ul class=\"firm-sum\">");
    put_count(request, n_work, word(request, "firm_at_work"), "");
    put_count(request, n_wait, word(request, "firm_waiting"), "");
    put_count(
        request, n_out,
        arena_format(request->arena, word(request, "firm_out"), (int)json_array_size(members)),
        n_out ? " data-state=\"open\"" : "");
    if (json_is_object(spending)) {
        buffer_text(out, "<li>");
        put(out, word(request, "firm_spent"));
        buffer_byte(out, ' ');
        put_money(request, json_number(spending, "money", 0), 2,
                  json_text(spending, "currency", ""));
        buffer_text(out, "</li><li>");
        put(out, word(request, "firm_tokens_away"));
        buffer_text(out, " <b>");
        html_number(request, out, json_number(spending, "tokens", 0), 0);
        buffer_text(out, "</b></li>");
    }
    buffer_text(out, "</ul>\n");
}

static void put_figure(struct request *request, const json_t *member, const char *label,
                       const char *key, int decimals) {
    struct buffer *out = &request->reply.body;
    buffer_text(out, "<div><dt>");
    put(out, label);
    buffer_text(out, "</dt><dd>");
    html_number(request, out, json_number(member, key, 0), decimals);
    buffer_text(out, "</dd></div>");
}

/* What its last failure was, where it cannot be asked for that. */
static void put_problem(struct request *request, const char *state, const char *problem) {
    struct buffer *out = &request->reply.body;
    bool absent = !strcmp(state, "absent");
    if (!absent && strcmp(state, "open") != 0 && strcmp(state, "trying") != 0)
        return;
    buffer_text(out, "<p class=\"trouble\">");
    put(out, absent ? word(request, "firm_no_model") : named(request, "why", problem));
    buffer_text(out, "</p>");
}

static void put_member(struct request *request, const json_t *member) {
    struct buffer *out = &request->reply.body;
    const char *state = json_text(member, "state", "");
    const char *machine = json_text(member, "machine", "");
    buffer_text(out, "<li data-state=\"");
    put(out, state);
    buffer_text(out, "\"><b>");
    put_name(out, json_text(member, "name", ""));
    buffer_text(out, "</b> <span class=\"firm-state\">");
    put(out, named(request, "state", state));
    if (json_number(member, "seconds", 0) > 0) {
        buffer_text(out, " · ");
        html_number(request, out, json_number(member, "seconds", 0), 0);
        buffer_byte(out, ' ');
        put(out, word(request, "unit_seconds"));
    }
    buffer_text(out, "</span><br><small>");
    put_name(out, *machine ? machine : word(request, "firm_this_machine"));
    buffer_text(out, "</small>");
    put_problem(request, state, json_text(member, "problem", ""));
    buffer_text(out, "<dl>");
    put_figure(request, member, word(request, "firm_at_work"), "working", 0);
    put_figure(request, member, word(request, "firm_waiting"), "waiting", 0);
    put_figure(request, member, word(request, "firm_asked"), "asked", 0);
    put_figure(request, member, word(request, "firm_failed"), "failed", 0);
    put_figure(request, member, word(request, "firm_rate"), "tokens_per_second", 1);
    buffer_text(out, "</dl></li>\n");
}

static void put_members(struct request *request, const json_t *members) {
    struct buffer *out = &request->reply.body;
    size_t i;
    const json_t *one;
    html_heading(out, 2, word(request, "firm_members"));
    buffer_text(out, "<ul class=\"firm-members\">\n");
    json_array_foreach(members, i, one) put_member(request, one);
    buffer_text(out, "</ul>\n");
}

/* What was told beforehand, and what came: points on the diagonal are honest. */
static void put_point(struct request *request, const json_t *bin, double x, double y) {
    static const struct column told[] = {{"firm_told", "probability", 2, NULL},
                                         {"firm_did", "content", 2, NULL},
                                         {"firm_drafts", "n", 0, NULL}};
    struct buffer *out = &request->reply.body;
    buffer_format(out, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4\"><title>", x, y);
    for (size_t i = 0; i < COUNT_OF(told); i++) {
        buffer_text(out, i ? " · " : "");
        put(out, word(request, told[i].head));
        buffer_text(out, ": ");
        html_number(request, out, json_number(bin, told[i].key, 0), told[i].decimals);
    }
    buffer_text(out, "</title></circle>");
}

static void put_plot(struct request *request, const json_t *bins) {
    enum { SIZE = 200, EDGE = 24 };
    struct buffer *out = &request->reply.body;
    size_t i;
    const json_t *bin;
    buffer_format(out, "<svg viewBox=\"0 0 %d %d\" width=\"%d\" role=\"img\" aria-label=\"",
                  SIZE + 2 * EDGE, SIZE + 2 * EDGE, SIZE + 2 * EDGE);
    put(out, word(request, "firm_plot"));
    buffer_format(out,
                  "\" fill=\"currentColor\" font-size=\"11\"><path d=\"M%d %dV%dH%d\" "
                  "fill=\"none\" stroke=\"currentColor\"/><path d=\"M%d %dL%d %d\" "
                  "fill=\"none\" stroke=\"currentColor\" stroke-dasharray=\"3 3\"/>",
                  EDGE, EDGE, SIZE + EDGE, SIZE + EDGE, EDGE, SIZE + EDGE, SIZE + EDGE, EDGE);
    json_array_foreach(bins, i, bin)
        put_point(request, bin, EDGE + SIZE * json_number(bin, "probability", 0),
                  EDGE + SIZE * (1 - json_number(bin, "content", 0)));
    buffer_format(out, "<text x=\"%d\" y=\"%d\">0</text><text x=\"%d\" y=\"%d\">1</text></svg>\n",
                  EDGE - 10, SIZE + EDGE + 14, SIZE + EDGE, SIZE + EDGE + 14);
}

static void put_judged(struct request *request, const json_t *one) {
    static const struct column columns[] = {{"firm_told", "probability", 2, NULL},
                                            {"firm_did", "content", 2, NULL},
                                            {"firm_drafts", "n", 0, NULL}};
    struct buffer *out = &request->reply.body;
    const json_t *bins = json_object_get(one, "bins");
    if (!json_array_size(bins))
        return;
    put_table(
        request,
        arena_format(request->arena, word(request, "firm_judged"), json_text(one, "member", "")),
        bins, columns, COUNT_OF(columns));
    put_plot(request, bins);
    buffer_text(out, "<p>");
    put(out, word(request, "firm_calibration"));
    buffer_text(out, ": ");
    html_number(request, out, json_number(one, "expected_calibration_error", 0), 3);
    buffer_text(out, " · ");
    put(out, word(request, "firm_drafts"));
    buffer_text(out, ": ");
    html_number(request, out, json_number(one, "n", 0), 0);
    buffer_text(out, "</p>\n");
}

static void put_event(struct request *request, const json_t *event) {
    struct buffer *out = &request->reply.body;
    const char *member = json_text(event, "member", ""), *next = json_text(event, "next", "");
    const char *reason = json_text(event, "reason", "");
    buffer_text(out, "<li><small>");
    html_time(request, (int64_t)json_number(event, "at", 0));
    buffer_text(out, " · ");
    put(out, named(request, "role", json_text(event, "role", "")));
    buffer_text(out, "</small><br><b>");
    put(out, named(request, "event", json_text(event, "kind", "")));
    buffer_text(out, *member ? ": " : "");
    put_name(out, member);
    buffer_text(out, *next ? then_mark(request) : "");
    put_name(out, next);
    buffer_text(out, "</b> ");
    put(out, *reason ? named(request, "why", reason) : "");
    if (json_number(event, "times", 1) > 1) {
        buffer_text(out, " × ");
        html_number(request, out, json_number(event, "times", 1), 0);
    }
    buffer_text(out, "</li>\n");
}

static void put_events(struct request *request, const json_t *events) {
    struct buffer *out = &request->reply.body;
    size_t i;
    const json_t *one;
    if (!json_array_size(events))
        return;
    html_heading(out, 2, word(request, "firm_events"));
    buffer_text(out, "<ol class=\"firm-events\">\n");
    json_array_foreach(events, i, one) put_event(request, one);
    buffer_text(out, "</ol>\n<p class=\"quiet\">");
    put(out, word(request, "firm_in_full"));
    buffer_text(out, " <code dir=\"ltr\">lyceum company</code></p>\n");
}

static void put_all(struct request *request, const json_t *status) {
    static const struct column working[] = {{"firm_role", "role", 0, "role"},
                                            {"firm_member", "member", 0, NULL},
                                            {"firm_seconds", "seconds", 1, NULL},
                                            {"firm_pieces", "pieces", 0, NULL}};
    size_t i;
    const json_t *one;
    html_heading(&request->reply.body, 1, word(request, "firm"));
    put_sum(request, status);
    put_members(request, json_object_get(status, "members"));
    put_table(request, word(request, "firm_working"), json_object_get(status, "working"), working,
              COUNT_OF(working));
    put_spending(request, json_object_get(status, "spending"));
    put_events(request, json_object_get(status, "events"));
    put_roles(request, json_object_get(status, "roles"));
    json_array_foreach(json_object_get(status, "judgement"), i, one) put_judged(request, one);
}

void page_company(struct request *request) {
    if (!may_look(request, true))
        return;
    json_t *status = status_of(request);
    page_begin(request, word(request, "firm"), "company", "company.js");
    struct buffer *out = &request->reply.body;
    buffer_text(out, "<main id=\"main\" class=\"plain\"><div id=\"company\">");
    put_all(request, status);
    buffer_text(out, "</div></main>\n");
    page_end(request);
    json_decref(status);
}
