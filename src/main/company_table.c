/* What `lyceum company` shows. */
#include "main/company_table.h"

#include <string.h>
#include <time.h>

void company_show_tried(const json_t *one, FILE *to) {
    if (!one) {
        fprintf(to, "%-28s %-7s %-9s %8s %8s %13s  %s\n", "member", "kind", "reachable", "first",
                "tokens/s", "price in/out", "supports");
        return;
    }
    const json_t *price = json_object_get(one, "price"), *able;
    bool reachable = json_flag(one, "reachable", false);
    char prices[40];
    size_t i;
    snprintf(prices, sizeof prices, "%g / %g", json_number(price, "input", 0),
             json_number(price, "output", 0));
    fprintf(to, "%-28s %-7s %-9s ", json_text(one, "name", ""), json_text(one, "kind", ""),
            reachable ? "yes" : "no");
    if (!reachable) {
        fprintf(to, "%s\n", json_text(one, "problem", ""));
        return;
    }
    fprintf(to, "%6.2f s %8.1f %13s ", json_number(one, "first_token_seconds", 0),
            json_number(one, "tokens_per_second", 0), prices);
    json_array_foreach(json_object_get(one, "supports"), i, able)
        fprintf(to, " %s", json_string_value(able));
    fputc('\n', to);
}

static void add_spending(const json_t *spending, struct buffer *out) {
    const json_t *budget;
    size_t i;
    if (!json_is_object(spending))
        return;
    buffer_format(out, "Spent today (%s): %.4f %s, %.0f tokens\n", json_text(spending, "day", ""),
                  json_number(spending, "money", 0), json_text(spending, "currency", ""),
                  json_number(spending, "tokens", 0));
    json_array_foreach(json_object_get(spending, "budgets"), i, budget) {
        const char *unit = json_text(budget, "unit", "");
        int decimals = strcmp(unit, "money") ? 0 : 4;
        buffer_format(out, "  %-8s %-6s %-7s %12.*f of %12.*f  %3.0f%%%s\n",
                      json_text(budget, "scope", ""), json_text(budget, "period", ""), unit,
                      decimals, json_number(budget, "spent", 0), decimals,
                      json_number(budget, "limit", 0), 100 * json_number(budget, "share", 0),
                      json_number(budget, "share", 0) >= 0.9 ? "  near its end" : "");
    }
}

static void add_members(const json_t *members, struct buffer *out) {
    const json_t *one;
    size_t i;
    buffer_format(out, "\n%-28s %-9s %7s %7s %7s %7s %9s  %s\n", "member", "state", "at work",
                  "waiting", "asked", "failed", "tokens/s", "");
    json_array_foreach(members, i, one) {
        double seconds = json_number(one, "seconds", 0);
        buffer_format(out, "%-28s %-9s %7.0f %7.0f %7.0f %7.0f %9.1f  %s",
                      json_text(one, "name", ""), json_text(one, "state", ""),
                      json_number(one, "working", 0), json_number(one, "waiting", 0),
                      json_number(one, "asked", 0), json_number(one, "failed", 0),
                      json_number(one, "tokens_per_second", 0), json_text(one, "problem", ""));
        if (seconds > 0)
            buffer_format(out, " (%.0f s)", seconds);
        buffer_byte(out, '\n');
    }
}

static void add_roles(const json_t *roles, struct buffer *out) {
    const char *role;
    json_t *list, *one;
    size_t i;
    buffer_text(out, "\n");
    json_object_foreach((json_t *)(uintptr_t)roles, role, list) {
        buffer_format(out, "%-10s", role);
        json_array_foreach(list, i, one)
            buffer_format(out, "%s%s", i ? " → " : " ", json_string_value(one));
        buffer_byte(out, '\n');
    }
}

static void add_working(const json_t *status, struct buffer *out) {
    const json_t *one;
    size_t i;
    buffer_format(out, "\nAt work: %.0f\n", json_number(status, "at_work", 0));
    json_array_foreach(json_object_get(status, "working"), i, one)
        buffer_format(out, "  %-10s %-16s %6.1f s %5.0f pieces\n", json_text(one, "role", ""),
                      json_text(one, "member", ""), json_number(one, "seconds", 0),
                      json_number(one, "pieces", 0));
}

static void add_events(const json_t *events, struct buffer *out) {
    enum { MOST = 12 };
    const json_t *one;
    size_t i;
    if (json_array_size(events))
        buffer_text(out, "\nLast events\n");
    json_array_foreach(events, i, one) {
        time_t at = (time_t)(json_number(one, "at", 0) / 1000);
        struct tm when;
        char shown[16] = "";
        if (i == MOST)
            break;
        if (localtime_r(&at, &when))
            strftime(shown, sizeof shown, "%H:%M:%S", &when);
        const char *member = json_text(one, "member", ""), *next = json_text(one, "next", "");
        buffer_format(out, "  %s %-11s %-9s %s%s%s  %s", shown, json_text(one, "kind", ""),
                      json_text(one, "role", ""), member, *next ? " → " : "", next,
                      json_text(one, "why", ""));
        if (json_number(one, "times", 1) > 1)
            buffer_format(out, " (%.0f times)", json_number(one, "times", 1));
        buffer_byte(out, '\n');
    }
}

void company_table(const json_t *status, struct buffer *out) {
    const char *file = json_text(status, "file", NULL);
    buffer_format(out, "The company%s%s\n", file ? " of " : ": the default model in every role",
                  file ? file : "");
    add_spending(json_object_get(status, "spending"), out);
    add_members(json_object_get(status, "members"), out);
    add_roles(json_object_get(status, "roles"), out);
    add_working(status, out);
    add_events(json_object_get(status, "events"), out);
}

/* ----------------------------------------------------------------------------------------- tuned
 */

static void add_policy(const char *name, const json_t *policy, struct buffer *out) {
    buffer_format(out, "%-16s %8.3f %8.3f %12.1f\n", name, json_number(policy, "quality", 0),
                  json_number(policy, "calls", 0), json_number(policy, "cost", 0));
}

void company_tuned_table(const json_t *tuned, struct buffer *out) {
    const json_t *one, *curve = json_object_get(tuned, "curve");
    const json_t *share = json_object_get(tuned, "share"), *gain = json_object_get(tuned, "gain");
    size_t i;
    buffer_format(out, "%-16s %8s %8s %8s\n", "kind", "n", "worker", "senior");
    json_array_foreach(json_object_get(tuned, "kinds"), i, one)
        buffer_format(out, "%-16s %8.0f %8.3f %8.3f\n", json_text(one, "kind", ""),
                      json_number(one, "n", 0), json_number(one, "worker", 0),
                      json_number(one, "senior", 0));
    buffer_format(out, "\nOn the %.0f questions that taught nothing:\n%-16s %8s %8s %12s\n",
                  json_number(tuned, "held_out", 0), "", "quality", "calls", "cost");
    add_policy("always small", json_object_get(tuned, "small"), out);
    add_policy("always senior", json_object_get(tuned, "senior"), out);
    add_policy("chosen", json_object_get(tuned, "chosen"), out);
    buffer_format(out, "\n%8s %10s %8s %8s\n", "calls", "this rule", "random", "oracle");
    double small = json_number(json_object_get(tuned, "small"), "quality", 0);
    double senior = json_number(json_object_get(tuned, "senior"), "quality", 0);
    json_array_foreach(curve, i, one) {
        double calls = json_number(one, "calls", 0);
        buffer_format(out, "%8.3f %10.3f %8.3f %8.3f\n", calls, json_number(one, "quality", 0),
                      small + calls * (senior - small),
                      json_number(json_array_get(json_object_get(tuned, "oracle"), i), "quality",
                                  0));
    }
    buffer_format(out,
                  "\nThe senior adds %.3f (%.3f to %.3f); the chosen margin keeps %.0f%% of it "
                  "(%.0f to %.0f).\nExpected calibration error of the worker: %.3f.\n"
                  "In company.yaml: escalate: {margin: %.4f}",
                  json_number(gain, "at", 0), json_number(gain, "low", 0),
                  json_number(gain, "high", 0), 100 * json_number(share, "at", 0),
                  100 * json_number(share, "low", 0), 100 * json_number(share, "high", 0),
                  json_number(json_object_get(tuned, "reliability"),
                              "expected_calibration_error", 0),
                  json_number(tuned, "margin", 1));
}
