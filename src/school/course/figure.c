/* Figures: SVG that is a picture and nothing else.
 *
 * A list says what may stand in one; all else is refused. The file is copied token by token, so
 * what was not read is not shown. */
#include "school/course/inside.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { MAX_ELEMENTS = 64, MAX_NAME = 40 };

struct scan {
    struct view text;
    size_t at;
    const char *prefix;
    struct view alt;
    struct buffer *out;
    struct fault *fault;
    struct view open[MAX_ELEMENTS];
    int depth;
    bool root_seen, words_only; /* inside <title> and <desc>: nothing but text */
};

/* clang-format off */
static const char *const elements[] = {
    "svg", "g", "defs", "symbol", "use", "path", "rect", "circle", "ellipse", "line", "polyline",
    "polygon", "text", "tspan", "textPath", "title", "desc", "marker", "linearGradient",
    "radialGradient", "stop", "clipPath", "mask", "pattern"};
/* clang-format on */

static bool refuse(struct scan *scan, const char *remedy, const char *format, ...)
    PRINTF_LIKE(3, 4);
static bool refuse(struct scan *scan, const char *remedy, const char *format, ...) {
    char message[200];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    long line = 1;
    for (size_t i = 0; i < scan->at && i < scan->text.n; i++)
        line += scan->text.at[i] == '\n';
    fault_set(scan->fault, FAULT_INPUT, "%s", message);
    fault_remedy(scan->fault, "%s", remedy);
    return fault_place(scan->fault, NULL, line, -1);
}

static void put(struct scan *scan, struct view text) {
    if (scan->out)
        buffer_append(scan->out, text);
}
static void put_text(struct scan *scan, const char *text) {
    put(scan, view_of(text));
}

static bool starts(const struct scan *scan, const char *what) {
    return view_starts(view_slice(scan->text, scan->at, scan->text.n), what);
}

static void skip_space(struct scan *scan) {
    while (scan->at < scan->text.n && isspace((unsigned char)scan->text.at[scan->at]))
        scan->at++;
}

static struct view read_name(struct scan *scan) {
    size_t from = scan->at;
    while (scan->at < scan->text.n &&
           (isalnum((unsigned char)scan->text.at[scan->at]) ||
            strchr(":_-.", scan->text.at[scan->at])) &&
           scan->text.at[scan->at])
        scan->at++;
    return view_slice(scan->text, from, scan->at);
}

/* &amp; and the like, and &#nnn; */
static bool entities_good(struct scan *scan, struct view text) {
    static const char *const known[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&apos;"};
    for (size_t i = 0; i < text.n; i++) {
        if (text.at[i] != '&')
            continue;
        struct view rest = view_slice(text, i, text.n);
        bool good = false;
        for (size_t j = 0; j < COUNT_OF(known); j++)
            good |= view_starts(rest, known[j]);
        if (view_starts(rest, "&#")) {
            size_t end = 2 + (rest.n > 2 && rest.at[2] == 'x'), from = end;
            while (end < rest.n && end < 10 && isxdigit((unsigned char)rest.at[end]))
                end++;
            good = end > from && end < rest.n && rest.at[end] == ';';
        }
        if (!good)
            return refuse(scan, "Write the character itself, or &amp; for &.",
                          "\"%.*s\" is no entity that a figure may have",
                          rest.n < 12 ? (int)rest.n : 12, rest.at);
    }
    return true;
}

/* ------------------------------------------------------------------------------------ attributes
 */

static bool attribute_allowed(struct scan *scan, struct view name, struct view value) {
    char lower[MAX_NAME];
    if (!name.n || name.n >= sizeof lower)
        return refuse(scan, "Save it as plain SVG.", "this is not an attribute");
    for (size_t i = 0; i <= name.n; i++)
        lower[i] = i < name.n ? (char)tolower((unsigned char)name.at[i]) : 0;
    if (!strncmp(lower, "on", 2))
        return refuse(scan, "Take it out.", "a figure may not have the event handler %s", lower);
    if (!strcmp(lower, "style"))
        return refuse(scan, "Write fill=…, stroke=… and so on as attributes of their own.",
                      "a figure may not have style=");
    if (!strcmp(lower, "href") || !strcmp(lower, "xlink:href"))
        return view_starts(value, "#")
                   ? true
                   : refuse(scan, "A figure may refer to its own parts (#id) alone.",
                            "the figure refers to something outside itself");
    if (strchr(lower, ':') && strcmp(lower, "xmlns:xlink") && strcmp(lower, "xml:space") &&
        strcmp(lower, "xml:lang"))
        return refuse(scan, "Save it as plain SVG.", "a figure may not have %s", lower);
    if (memchr(value.at ? value.at : "", '<', value.n))
        return refuse(scan, "Write &lt;.", "a < stands in the value of %s", lower);
    if (memchr(value.at ? value.at : "", '(', value.n) && view_find(value, VIEW("&")) >= 0)
        return refuse(scan, "Write the character itself.", "an entity stands beside a ( in %s",
                      lower);
    for (struct view rest = value; rest.n; rest = view_slice(rest, 1, rest.n))
        if (rest.n >= 4 && !strncasecmp(rest.at, "url(", 4) && !view_starts(rest, "url(#"))
            return refuse(scan, "A figure may refer to its own parts, url(#id), alone.",
                          "the figure refers to something outside itself");
    return entities_good(scan, value);
}

/* Ids in a list of words: each prefixed. */
static void put_ids(struct scan *scan, struct view value) {
    bool start = true;
    for (size_t i = 0; i < value.n; i++) {
        bool space = isspace((unsigned char)value.at[i]);
        if (start && !space)
            put_text(scan, scan->prefix);
        start = space;
        put(scan, view_slice(value, i, i + 1));
    }
}

static void put_value(struct scan *scan, struct view name, struct view value) {
    if (view_is(name, "id") || view_is(name, "aria-labelledby") ||
        view_is(name, "aria-describedby")) {
        put_ids(scan, value);
        return;
    }
    if (view_is(name, "href") || view_is(name, "xlink:href")) {
        put_text(scan, "#");
        put_text(scan, scan->prefix);
        put(scan, view_slice(value, 1, value.n));
        return;
    }
    for (size_t i = 0; i < value.n; i++) {
        struct view rest = view_slice(value, i, value.n);
        if (rest.n > 5 && !strncasecmp(rest.at, "url(#", 5)) {
            put_text(scan, "url(#");
            put_text(scan, scan->prefix);
            i += 4;
        } else if (value.at[i] == '"')
            put_text(scan, "&quot;");
        else
            put(scan, view_slice(value, i, i + 1));
    }
}

static bool read_attribute(struct scan *scan, bool root, struct view *seen, int n_seen) {
    static const char *const dropped[] = {"xmlns", "xmlns:xlink", "xml:space", "version"};
    static const char *const ours[] = {"role", "aria-label", "aria-labelledby", "aria-hidden"};
    struct view name = read_name(scan);
    skip_space(scan);
    char quote = scan->at + 1 < scan->text.n ? scan->text.at[scan->at + 1] : 0;
    if (!starts(scan, "=") && name.n)
        return refuse(scan, "Write name=\"value\".", "an attribute has no value");
    scan->at++;
    if (isspace((unsigned char)quote)) {
        skip_space(scan);
        quote = scan->at < scan->text.n ? scan->text.at[scan->at] : 0;
    }
    if (!name.n || (quote != '"' && quote != '\''))
        return refuse(scan, "Write name=\"value\".", "this is not well-formed SVG");
    size_t from = ++scan->at;
    while (scan->at < scan->text.n && scan->text.at[scan->at] != quote)
        scan->at++;
    if (scan->at >= scan->text.n)
        return refuse(scan, "Close the quotes.", "this is not well-formed SVG");
    struct view value = view_slice(scan->text, from, scan->at++);
    if (!attribute_allowed(scan, name, value))
        return false;
    for (int i = 0; i < n_seen; i++)
        if (view_equal(seen[i], name))
            return refuse(scan, "Keep one.", "the attribute %.*s stands here twice",
                          VIEW_ARG(name));
    seen[n_seen] = name;
    for (size_t i = 0; i < COUNT_OF(dropped); i++)
        if (view_is(name, dropped[i]))
            return true;
    for (size_t i = 0; i < COUNT_OF(ours) && root; i++)
        if (view_is(name, ours[i]))
            return true;
    put_text(scan, " ");
    put(scan, name);
    put_text(scan, "=\"");
    put_value(scan, name, value);
    put_text(scan, "\"");
    return true;
}

/* -------------------------------------------------------------------------------------- elements
 */

static bool element_allowed(struct scan *scan, struct view name) {
    for (size_t i = 0; i < COUNT_OF(elements); i++)
        if (view_is(name, elements[i])) {
            if (scan->words_only)
                return refuse(scan, "Leave only its words.", "<title> and <desc> hold text alone");
            if ((scan->depth == 0) != view_is(name, "svg"))
                return refuse(scan, "Keep one <svg> around the whole.",
                              "<svg> must be the outermost element and only that");
            return true;
        }
    return refuse(scan,
                  "Draw it with path, rect, circle, line, polygon, text, g, defs, use, "
                  "gradients, markers, masks.",
                  "a figure may not have <%.*s>", name.n < 30 ? (int)name.n : 30, name.at);
}

static void put_label(struct scan *scan) {
    put_text(scan, " role=\"img\" aria-label=\"");
    if (scan->out)
        buffer_html(scan->out, scan->alt);
    put_text(scan, "\"");
}

static bool read_open(struct scan *scan) {
    enum { MAX_ATTRIBUTES = 40 };
    struct view seen[MAX_ATTRIBUTES + 1];
    scan->at++;
    struct view name = read_name(scan);
    if (!element_allowed(scan, name))
        return false;
    bool root = scan->depth == 0;
    if (root && scan->root_seen)
        return refuse(scan, "Keep one.", "a second <svg> stands in the file");
    scan->root_seen = true;
    put_text(scan, "<");
    put(scan, name);
    if (root)
        put_label(scan);
    for (int n = 0;; n++) {
        skip_space(scan);
        if (scan->at >= scan->text.n || n == MAX_ATTRIBUTES)
            return refuse(scan, "Close it with >.", "<%.*s> is not closed", VIEW_ARG(name));
        bool empty = starts(scan, "/>");
        if (empty || starts(scan, ">")) {
            scan->at += empty ? 2 : 1;
            put_text(scan, empty ? "/>" : ">");
            if (empty)
                return true;
            if (scan->depth == MAX_ELEMENTS)
                return refuse(scan, "Write it flatter.", "the figure is nested over 64 deep");
            scan->open[scan->depth++] = name;
            scan->words_only = view_is(name, "title") || view_is(name, "desc");
            return true;
        }
        if (!read_attribute(scan, root, seen, n))
            return false;
    }
}

static bool read_close(struct scan *scan) {
    scan->at += 2;
    struct view name = read_name(scan);
    skip_space(scan);
    if (!scan->depth || !view_equal(scan->open[scan->depth - 1], name) || !starts(scan, ">"))
        return refuse(scan, "Close the elements in the order in which they were opened.",
                      "</%.*s> closes nothing", name.n < 30 ? (int)name.n : 30, name.at);
    scan->at++;
    scan->depth--;
    scan->words_only = false;
    put_text(scan, "</");
    put(scan, name);
    put_text(scan, ">");
    return true;
}

static bool skip_to(struct scan *scan, const char *end) {
    ptrdiff_t found = view_find(view_slice(scan->text, scan->at, scan->text.n), view_of(end));
    if (found < 0)
        return refuse(scan, "Close it.", "this is not well-formed SVG");
    scan->at += (size_t)found + strlen(end);
    return true;
}

static bool read_words(struct scan *scan) {
    size_t from = scan->at;
    while (scan->at < scan->text.n && scan->text.at[scan->at] != '<')
        scan->at++;
    struct view text = view_slice(scan->text, from, scan->at);
    if (!scan->depth)
        return !view_trim(text).n ? true
                                  : refuse(scan, "Take it out.", "text stands outside of <svg>");
    if (view_find(text, VIEW("]]>")) >= 0 || !entities_good(scan, text))
        return refuse(scan, "Take ]]> out.", "this is not well-formed SVG");
    for (size_t i = 0; i < text.n; i++) /* a bare > is well-formed */
        text.at[i] == '>' ? put_text(scan, "&gt;") : put(scan, view_slice(text, i, i + 1));
    return true;
}

static bool read_one(struct scan *scan) {
    if (starts(scan, "<!--"))
        return skip_to(scan, "-->");
    if (starts(scan, "<?xml"))
        return scan->root_seen ? refuse(scan, "Take it out.", "<?xml stands in the middle")
                               : skip_to(scan, "?>");
    if (starts(scan, "<!") || starts(scan, "<?"))
        return refuse(scan, "Take it out.",
                      "a figure may not have a document type, entities, CDATA or processing "
                      "instructions");
    if (starts(scan, "</"))
        return read_close(scan);
    return starts(scan, "<") ? read_open(scan) : read_words(scan);
}

bool figure_copy(struct view svg, const char *prefix, struct view alt, struct buffer *out,
                 struct fault *fault) {
    struct scan scan = {.text = svg, .prefix = prefix, .alt = alt, .out = out, .fault = fault};
    if (!utf8_valid(svg))
        return refuse(&scan, "Save it as UTF-8.", "the figure is not UTF-8");
    for (size_t i = 0; i < svg.n; i++)
        if ((unsigned char)svg.at[i] < 0x20 && !isspace((unsigned char)svg.at[i])) {
            scan.at = i;
            return refuse(&scan, "Take it out.", "a control character stands in the figure");
        }
    if (view_starts(svg, "\xEF\xBB\xBF"))
        scan.at = 3;
    while (scan.at < svg.n)
        if (!read_one(&scan))
            return false;
    if (scan.depth || !scan.root_seen)
        return refuse(&scan, "Close every element.",
                      scan.root_seen ? "<%.*s> is not closed" : "there is no <svg>%.*s in it",
                      scan.depth ? (int)scan.open[scan.depth - 1].n : 0,
                      scan.depth ? scan.open[scan.depth - 1].at : "");
    return true;
}
