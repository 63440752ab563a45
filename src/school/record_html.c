/* A learner's record as one page that stands alone: no script, nothing fetched. */
#include "school/school_inside.h"

#include <string.h>
#include <time.h>

static const char head[] =
    "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
    "'unsafe-inline'\">\n<title>A learner's record</title>\n<style>\n"
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}\n"
    "table{border-collapse:collapse;width:100%;margin:1rem 0}\n"
    "th,td{border-top:1px solid #bbb;padding:.3rem .6rem;text-align:start;vertical-align:top}\n"
    "time{white-space:nowrap}p{margin:.2rem 0;white-space:pre-wrap;overflow-wrap:anywhere}\n"
    "small{color:#555;overflow-wrap:anywhere}\n</style></head><body>\n";

/* What each kind of event is called, and the fields that are read first. */
static const struct {
    const char *kind, *told, *field;
} kinds[] = {
    {"learner", "The record begins", NULL},
    {"name", "Took a name", "name"},
    {"attempt", "Answered", "answer"},
    {"hint", "Was given a hint", NULL},
    {"solution", "Was shown the solution", NULL},
    {"sister", "Was given a sister exercise", NULL},
    {"asked", "Wrote", "text"},
    {"said", "Was told", "say"},
    {"background", "Said of themselves", "words"},
    {"background-asked", "Was asked for their background", NULL},
    {"remembered", "The school noted", "text"},
    {"memory-changed", "Changed a note", "text"},
    {"memory-erased", "Erased a note", NULL},
    {"giving", "Said whether what they wrote may be trained on", NULL},
};

static void add_time(struct buffer *out, int64_t at_ms) {
    time_t at = (time_t)(at_ms / 1000);
    struct tm when;
    char shown[40] = "";
    if (gmtime_r(&at, &when))
        strftime(shown, sizeof shown, "%Y-%m-%d %H:%M:%S", &when);
    buffer_format(out, "<time>%s UTC</time>", shown);
}

/* Text as it is, anything else as JSON. */
static void add_value(struct buffer *out, const json_t *value) {
    struct buffer text = {0};
    if (json_is_string(value))
        buffer_append(&text, (struct view){json_string_value(value), json_string_length(value)});
    else
        buffer_json(&text, value);
    buffer_html(out, buffer_view(&text));
    buffer_free(&text);
}

static void add_said(struct buffer *out, const json_t *value) {
    size_t i;
    json_t *one;
    if (!json_is_array(value) || !json_object_get(json_array_get(value, 0), "text")) {
        buffer_text(out, "<p dir=\"auto\">");
        add_value(out, value);
        buffer_text(out, "</p>");
        return;
    }
    json_array_foreach(value, i, one) {
        buffer_text(out, "<p dir=\"auto\">");
        add_value(out, json_object_get(one, "text"));
        buffer_text(out, "</p>");
    }
}

static void add_details(struct buffer *out, const json_t *data, const char *except) {
    const char *key;
    json_t *value;
    const char *between = "<small>";
    json_object_foreach((json_t *)(uintptr_t)data, key, value) {
        if (except && !strcmp(key, except) && !json_is_array(value))
            continue;
        buffer_text(out, between);
        buffer_html(out, view_of(key));
        buffer_text(out, ": ");
        add_value(out, value);
        between = " · ";
    }
    if (*between != '<')
        buffer_text(out, "</small>");
}

static void add_event(struct buffer *out, const json_t *event) {
    const char *kind = json_text(event, "kind", ""), *told = kind, *field = NULL;
    const json_t *data = json_object_get(event, "data");
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (!strcmp(kinds[i].kind, kind)) {
            told = kinds[i].told;
            field = kinds[i].field;
        }
    buffer_text(out, "<tr><td>");
    add_time(out, json_integer_value(json_object_get(event, "at")));
    buffer_text(out, "</td><th scope=\"row\">");
    buffer_html(out, view_of(told));
    buffer_text(out, "</th><td>");
    if (field && json_object_get(data, field))
        add_said(out, json_object_get(data, field));
    add_details(out, data, field);
    buffer_text(out, "</td></tr>\n");
}

/* One table of what follows from the events. */
static void add_table(struct buffer *out, const char *name, const json_t *rows) {
    const char *key;
    size_t i;
    json_t *row, *value;
    if (!json_array_size(rows))
        return;
    buffer_text(out, "<h3>");
    buffer_html(out, view_of(name));
    buffer_text(out, "</h3>\n<table><thead><tr>");
    json_object_foreach(json_array_get(rows, 0), key, value) {
        buffer_text(out, "<th scope=\"col\">");
        buffer_html(out, view_of(key));
        buffer_text(out, "</th>");
    }
    buffer_text(out, "</tr></thead><tbody>\n");
    json_array_foreach(rows, i, row) {
        buffer_text(out, "<tr>");
        json_object_foreach(row, key, value) {
            const char *unit = strrchr(key, '_');
            buffer_text(out, "<td dir=\"auto\">");
            if (unit && !strcmp(unit, "_ms") && json_integer_value(value) > 0)
                add_time(out, json_integer_value(value));
            else
                add_value(out, value);
            buffer_text(out, "</td>");
        }
        buffer_text(out, "</tr>\n");
    }
    buffer_text(out, "</tbody></table>\n");
}

void school_record_html(const json_t *record, struct buffer *out) {
    const json_t *events = json_object_get(record, "events");
    const char *table;
    size_t i;
    json_t *event, *rows;
    buffer_text(out, head);
    buffer_text(out, "<h1 dir=\"auto\">");
    buffer_html(out, view_of(json_text(record, "name", "A learner without a name")));
    buffer_format(out,
                  "</h1>\n<p>Learner %lld. This is all that the school keeps: %zu things that "
                  "happened, and what follows from them.</p>\n",
                  (long long)json_integer_value(json_object_get(record, "learner")),
                  json_array_size(events));
    buffer_text(out, "<h2>What happened</h2>\n<table><thead><tr><th scope=\"col\">When</th>"
                     "<th scope=\"col\">What</th><th scope=\"col\">In full</th></tr></thead>"
                     "<tbody>\n");
    json_array_foreach(events, i, event) add_event(out, event);
    buffer_text(out, "</tbody></table>\n<h2>What follows from it</h2>\n");
    json_object_foreach(json_object_get(record, "tables"), table, rows)
        add_table(out, table, rows);
    buffer_text(out, "</body></html>\n");
}
