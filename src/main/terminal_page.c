/* HTML that our own renderer made, as text for a terminal. */
#include "main/terminal_page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------------------------ formulas */

/* clang-format off */
static const struct { const char *tex, *plain; } symbols[] = {
    {"cdot", "·"}, {"times", "×"}, {"leq", "≤"}, {"geq", "≥"}, {"le", "≤"}, {"ge", "≥"}, {"neq", "≠"}, {"ne", "≠"},
    {"approx", "≈"}, {"to", "→"}, {"leftarrow", "←"}, {"rightarrow", "→"}, {"infty", "∞"}, {"sum", "∑"}, {"prod", "∏"},
    {"partial", "∂"}, {"nabla", "∇"}, {"eta", "η"}, {"alpha", "α"}, {"beta", "β"}, {"lambda", "λ"}, {"pi", "π"}, {"theta", "θ"},
    {"sigma", "σ"}, {"Delta", "Δ"}, {"delta", "δ"}, {"mid", "|"}, {"pm", "±"}, {"ldots", "…"}, {"dots", "…"}, {"cdots", "…"},
    {"quad", "  "}, {"qquad", "    "}, {"in", "∈"}, {"sqrt", "√"}, {"left", ""}, {"right", ""}, {"displaystyle", ""},
    {"text", ""}, {"mathrm", ""}, {"operatorname", ""}, {"mathbf", ""},
};
/* clang-format on */

/* The {…} or the single character at `at`; moves past it. */
static struct view argument(struct view tex, size_t *at) {
    while (*at < tex.n && tex.at[*at] == ' ')
        ++*at;
    size_t from = *at;
    if (from >= tex.n)
        return (struct view){0};
    if (tex.at[from] != '{') {
        int32_t c;
        *at += utf8_decode(tex.at + from, tex.n - from, &c);
        return view_slice(tex, from, *at);
    }
    int depth = 0;
    for (; *at < tex.n; ++*at) {
        depth += (tex.at[*at] == '{') - (tex.at[*at] == '}');
        if (!depth)
            break;
    }
    struct view inner = view_slice(tex, from + 1, *at);
    *at += *at < tex.n;
    return inner;
}

static void formula(struct view tex, struct buffer *out, int depth);

/* In brackets where it is more than one thing. */
static void part(struct view tex, struct buffer *out, int depth) {
    bool single = true;
    for (size_t i = 0; i < tex.n; i++)
        single = single && !strchr(" +-*/=", tex.at[i]);
    buffer_text(out, single ? "" : "(");
    formula(tex, out, depth + 1);
    buffer_text(out, single ? "" : ")");
}

static void command(struct view tex, size_t *at, struct buffer *out, int depth) {
    size_t from = ++*at;
    while (*at < tex.n && ((tex.at[*at] | 0x20) >= 'a' && (tex.at[*at] | 0x20) <= 'z'))
        ++*at;
    struct view name = view_slice(tex, from, *at);
    if (!name.n) { /* "\," and the like are spaces, "\{" is itself */
        char c = *at < tex.n ? tex.at[(*at)++] : ' ';
        buffer_byte(out, strchr(",;:! \\", c) ? ' ' : c);
        return;
    }
    if (view_is(name, "frac") || view_is(name, "dfrac") || view_is(name, "tfrac")) {
        struct view top = argument(tex, at), bottom = argument(tex, at);
        part(top, out, depth);
        buffer_byte(out, '/');
        part(bottom, out, depth);
        return;
    }
    for (size_t i = 0; i < COUNT_OF(symbols); i++)
        if (view_is(name, symbols[i].tex)) {
            buffer_text(out, symbols[i].plain);
            return;
        }
    buffer_append(out, name);
}

/* Digits and signs that are raised or lowered, as Unicode has them; false, with nothing written,
 * where there is anything else. */
static bool small_digits(struct view tex, bool raised, struct buffer *out) {
    static const char plain[] = "0123456789+-";
    static const char *const small[2][12] = {
        {"₀", "₁", "₂", "₃", "₄", "₅", "₆", "₇", "₈", "₉", "₊", "₋"},
        {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹", "⁺", "⁻"}};
    for (size_t i = 0; i < tex.n; i++)
        if (!memchr(plain, tex.at[i], sizeof plain - 1))
            return false;
    for (size_t i = 0; i < tex.n; i++)
        buffer_text(out, small[raised][strchr(plain, tex.at[i]) - plain]);
    return true;
}

static void formula(struct view tex, struct buffer *out, int depth) {
    for (size_t i = 0; i < tex.n;) {
        char c = tex.at[i];
        if (c == '\\' && depth < 40) {
            command(tex, &i, out, depth);
        } else if ((c == '^' || c == '_') && depth < 40) {
            i++;
            struct view beside = argument(tex, &i);
            if (!small_digits(beside, c == '^', out)) {
                buffer_byte(out, c);
                part(beside, out, depth);
            }
        } else {
            if (c != '{' && c != '}')
                buffer_byte(out, c == '\n' ? ' ' : c);
            i++;
        }
    }
}

void terminal_formula(struct view tex, struct buffer *out) {
    formula(tex, out, 0);
}

/* ------------------------------------------------------------------------------------ the lines
 */

static int width_of(int32_t c) {
    if (unicode_class(c) == UNICODE_MARK || (c >= 0x200B && c <= 0x200F))
        return 0;
    return unicode_is_han(c) || (c >= 0x3000 && c <= 0x30FF) || (c >= 0xFF00 && c <= 0xFF60) ||
                   (c >= 0xAC00 && c <= 0xD7AF)
               ? 2
               : 1;
}

static bool is_one_of(int32_t c, const char *marks) {
    char bytes[4];
    return view_find(view_of(marks), (struct view){bytes, utf8_encode(c, bytes)}) >= 0;
}

/* What begins no line, and what ends none. */
static bool closes(int32_t c) {
    return is_one_of(c, "，。、；：？！）」』》〉】〕”’…％,.;:?!)]}%");
}

static bool opens(int32_t c) {
    return is_one_of(c, "（「『《〈【〔“‘([{");
}

static void end_line(struct terminal_page *page, struct buffer *out) {
    while (page->line.n && page->line.at[page->line.n - 1] == ' ')
        page->line.at[--page->line.n] = 0;
    buffer_text(out, page->lead);
    buffer_text(out, page->colour ? page->paint : "");
    buffer_append(out, buffer_view(&page->line));
    buffer_text(out, page->colour && *page->paint ? "\033[0m\n" : "\n");
    buffer_clear(&page->line);
    page->column = 0;
    page->begun = true;
}

static void end_word(struct terminal_page *page, struct buffer *out) {
    if (!page->word.n)
        return;
    if (page->column && page->column + page->word_width > page->width)
        end_line(page, out);
    buffer_append(&page->line, buffer_view(&page->word));
    page->column += page->word_width;
    buffer_clear(&page->word);
    page->word_width = 0;
    page->last = 0;
}

static void put_text(struct terminal_page *page, struct view text, struct buffer *out) {
    for (size_t i = 0; i < text.n;) {
        int32_t c;
        size_t n = utf8_decode(text.at + i, text.n - i, &c);
        bool control = c < 0 || (c < 0x20 && c != '\n' && c != '\t') || (c >= 0x7F && c < 0xA0);
        if (page->fixed && c == '\n') {
            end_word(page, out);
            end_line(page, out);
        } else if (!page->fixed && (c == ' ' || c == '\n' || c == '\t')) {
            end_word(page, out);
            if (page->column && page->line.at[page->line.n - 1] != ' ') {
                buffer_byte(&page->line, ' ');
                page->column++;
            }
        } else if (!control) {
            /* Chinese may be parted between any two, where punctuation allows. */
            if (page->last && (width_of(c) == 2 || width_of(page->last) == 2) && !closes(c) &&
                !opens(page->last))
                end_word(page, out);
            buffer_append(&page->word, view_slice(text, i, i + n));
            page->word_width += width_of(c);
            page->last = c;
        }
        i += n;
    }
}

/* Escape sequences take no room. */
static void put_paint(struct terminal_page *page, const char *sequence) {
    if (page->colour)
        buffer_text(&page->word, sequence);
}

static void end_block(struct terminal_page *page, struct buffer *out, bool blank) {
    end_word(page, out);
    if (page->column)
        end_line(page, out);
    if (blank && page->begun) {
        buffer_text(out, page->lead);
        buffer_text(out, "\n");
        page->begun = false; /* one blank line is enough */
    }
}

/* ------------------------------------------------------------------------------------- the markup
 */

static struct view attribute(struct view tag, const char *name, char room[400]) {
    snprintf(room, 400, "%s=\"", name);
    ptrdiff_t at = view_find(tag, view_of(room));
    if (at < 0)
        return (struct view){0};
    struct view rest = view_slice(tag, (size_t)at + strlen(room), tag.n);
    ptrdiff_t end = view_find(rest, VIEW("\""));
    return end < 0 ? rest : view_slice(rest, 0, (size_t)end);
}

static size_t entity(struct view text, struct buffer *out) {
    static const struct {
        const char *name, *text;
    } entities[] = {{"&amp;", "&"},  {"&lt;", "<"},    {"&gt;", ">"},     {"&quot;", "\""},
                    {"&nbsp;", " "}, {"&minus;", "−"}, {"&hellip;", "…"}, {"&times;", "×"}};
    for (size_t i = 0; i < COUNT_OF(entities); i++)
        if (view_starts(text, entities[i].name)) {
            buffer_text(out, entities[i].text);
            return strlen(entities[i].name);
        }
    if (view_starts(text, "&#")) {
        char *end;
        bool hex = text.n > 2 && (text.at[2] | 0x20) == 'x';
        char digits[12];
        snprintf(digits, sizeof digits, "%.*s", (int)(text.n > 11 ? 11 : text.n), text.at);
        long code = strtol(digits + (hex ? 3 : 2), &end, hex ? 16 : 10);
        char bytes[4];
        if (*end == ';' && code >= 0x20) {
            buffer_append(out, (struct view){bytes, utf8_encode((int32_t)code, bytes)});
            return (size_t)(end - digits) + 1;
        }
    }
    buffer_byte(out, '&');
    return 1;
}

/* Text up to the next tag, its entities read. */
static struct view plain_text(struct view html, struct buffer *out) {
    size_t i = 0;
    buffer_clear(out);
    while (i < html.n && html.at[i] != '<')
        if (html.at[i] == '&')
            i += entity(view_slice(html, i, html.n), out);
        else
            buffer_byte(out, html.at[i++]);
    return view_slice(html, i, html.n);
}

static bool is_tag(struct view tag, const char *name) {
    size_t n = strlen(name);
    return tag.n >= n && !strncmp(tag.at, name, n) &&
           (tag.n == n || strchr(" \t\n/", tag.at[n]) != NULL);
}

static struct view skip_to(struct view html, const char *closing) {
    ptrdiff_t at = view_find(html, view_of(closing));
    return at < 0 ? (struct view){0} : view_slice(html, (size_t)at + strlen(closing), html.n);
}

static struct view put_formula(struct terminal_page *page, struct view html, bool display,
                               struct buffer *out) {
    struct buffer tex = {0}, plain = {0};
    struct view rest = plain_text(html, &tex);
    terminal_formula(buffer_view(&tex), &plain);
    if (display)
        put_text(page, VIEW("    "), out);
    put_paint(page, "\033[36m");
    put_text(page, buffer_view(&plain), out);
    put_paint(page, "\033[39m");
    buffer_free(&tex);
    buffer_free(&plain);
    return rest;
}

static struct view put_tag(struct terminal_page *page, struct view tag, struct view rest,
                           struct buffer *out) {
    static const char *const blocks[] = {"p",      "ul",         "ol",      "table",
                                         "figure", "blockquote", "section", "div"};
    char room[400];
    bool closing = tag.n && tag.at[0] == '/';
    struct view name = closing ? view_slice(tag, 1, tag.n) : tag;
    for (size_t i = 0; i < COUNT_OF(blocks); i++)
        if (is_tag(name, blocks[i]))
            end_block(page, out, !closing);
    if (is_tag(name, "h1") || is_tag(name, "h2") || is_tag(name, "h3")) {
        if (closing)
            put_paint(page, "\033[22m");
        end_block(page, out, true);
        if (!closing)
            put_paint(page, "\033[1m");
    } else if (is_tag(name, "strong") || is_tag(name, "b")) {
        put_paint(page, closing ? "\033[22m" : "\033[1m");
    } else if (is_tag(name, "em") || is_tag(name, "i")) {
        put_paint(page, closing ? "\033[23m" : "\033[3m");
    } else if (is_tag(name, "li")) {
        end_block(page, out, false);
        if (!closing)
            put_text(page, VIEW("• "), out);
    } else if (is_tag(name, "tr")) {
        end_block(page, out, false);
    } else if (is_tag(tag, "td") || is_tag(tag, "th")) {
        if (page->column || page->word.n)
            put_text(page, VIEW(" | "), out);
    } else if (is_tag(name, "br")) {
        end_block(page, out, false);
    } else if (is_tag(name, "pre")) {
        end_block(page, out, !closing);
        page->fixed = !closing;
    } else if (is_tag(tag, "svg") || is_tag(tag, "img")) {
        put_text(page, VIEW("["), out);
        struct buffer label = {0};
        plain_text(attribute(tag, is_tag(tag, "svg") ? "aria-label" : "alt", room), &label);
        put_text(page, buffer_view(&label), out);
        put_text(page, VIEW("]"), out);
        buffer_free(&label);
        return is_tag(tag, "svg") ? skip_to(rest, "</svg>") : rest;
    } else if (is_tag(tag, "/summary")) { /* what a tap would open is not read out */
        end_block(page, out, true);
        return skip_to(rest, "</details>");
    } else if (is_tag(tag, "span") && view_find(tag, VIEW("class=\"math")) >= 0) {
        return put_formula(page, rest, view_find(tag, VIEW("display")) >= 0, out);
    }
    return rest;
}

void terminal_html(struct terminal_page *page, struct view html, struct buffer *out) {
    struct buffer text = {0};
    while (html.n) {
        if (html.at[0] != '<') {
            html = plain_text(html, &text);
            put_text(page, buffer_view(&text), out);
            continue;
        }
        ptrdiff_t end = view_find(html, VIEW(">"));
        if (end < 0)
            break;
        struct view tag = view_slice(html, 1, (size_t)end);
        html = put_tag(page, tag, view_slice(html, (size_t)end + 1, html.n), out);
    }
    end_word(page, out);
    if (page->column)
        end_line(page, out);
    buffer_free(&text);
    buffer_free(&page->line);
    buffer_free(&page->word);
}
