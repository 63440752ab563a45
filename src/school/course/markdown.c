/* Markdown by md4c into safe HTML, and into the plain text of passages.
 *
 * Formulas are taken out before md4c sees the text and put back as it writes, so that no star,
 * underscore, bar or backslash of TeX is ever taken for Markdown. */
#include "school/course/inside.h"

#include <ctype.h>
#include <md4c.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A formula stands in md4c's text as U+E000, its number, U+E001. */
#define OPEN "\xEE\x80\x80"
#define CLOSE "\xEE\x80\x81"

struct page {
    struct render *render;
    struct view source;  /* as authored */
    struct buffer *out;  /* the page */
    struct buffer inner; /* the paragraph or cell being written, for its end to decide on */
    struct view *formulas;
    bool *displays;
    size_t n_formula, capacity;
    size_t searched;        /* images and links before this offset were met */
    int no_prose;           /* depth of what is no prose: tables, code, headings, pictures */
    int n_block;            /* at the top */
    bool in_heading;        /* of the second level, in a lesson */
    int n_image, n_text;    /* in the paragraph */
    struct buffer alt;      /* of the image */
    int image;              /* depth */
    struct view image_path; /* owned */
    struct view image_title;
    bool dead_link[8];
    int link;
};

/* ----------------------------------------------------------------------------------- formulas */

static long line_of(const struct page *page, size_t offset) {
    long line = page->render->line;
    for (size_t i = 0; i < offset && i < page->source.n; i++)
        line += page->source.at[i] == '\n';
    return line;
}

static void keep(struct page *page, const struct formula *formula) {
    if (page->n_formula == page->capacity) {
        page->capacity = page->capacity * 2 + 16;
        page->formulas = must_realloc(page->formulas, page->capacity, sizeof(struct view));
        page->displays = must_realloc(page->displays, page->capacity, sizeof(bool));
    }
    page->formulas[page->n_formula] = formula->tex;
    page->displays[page->n_formula++] = formula->display;
}

/* Text as it is, but for characters that could be taken for our marks. */
static void append_clean(struct buffer *out, struct view text) {
    for (size_t i = 0; i < text.n; i++) {
        struct view rest = view_slice(text, i, text.n);
        if (view_starts(rest, OPEN) || view_starts(rest, CLOSE)) {
            buffer_text(out, "\xEF\xBF\xBD");
            i += 2;
        } else
            buffer_byte(out, text.at[i]);
    }
}

static void take_formulas(struct page *page, struct buffer *out) {
    struct formula formula;
    size_t at = 0, copied = 0;
    ptrdiff_t lone;
    for (bool more = true; more;) {
        more = formula_next(page->source, &at, &formula, &lone);
        if (lone >= 0)
            report(&page->render->report, line_of(page, (size_t)lone),
                   "Close it, or write \\$ where money is meant.",
                   "this $ opens a formula that is not closed");
        if (!more)
            break;
        const char *mistake = formula_mistake(formula.tex);
        if (mistake)
            report(&page->render->report, line_of(page, formula.from), "Put it right.",
                   "the formula \"%.*s\" %s", formula.tex.n < 80 ? (int)formula.tex.n : 80,
                   formula.tex.at, mistake);
        append_clean(out, view_slice(page->source, copied, formula.from));
        buffer_format(out, OPEN "%zu" CLOSE, page->n_formula);
        keep(page, &formula);
        copied = formula.to;
    }
    append_clean(out, view_slice(page->source, copied, page->source.n));
}

/* How text is written: as HTML, or plain. */
enum style { STYLE_HTML, STYLE_PLAIN };

static void write_text(struct page *page, struct view text, enum style style, struct buffer *out) {
    while (text.n) {
        ptrdiff_t at = view_find(text, view_of(OPEN));
        struct view before = at < 0 ? text : view_slice(text, 0, (size_t)at);
        style == STYLE_HTML ? buffer_html(out, before) : buffer_append(out, before);
        if (at < 0)
            return;
        text = view_slice(text, (size_t)at + strlen(OPEN), text.n);
        size_t index = 0, i = 0;
        while (i < text.n && isdigit((unsigned char)text.at[i]) && index < page->n_formula)
            index = index * 10 + (size_t)(text.at[i++] - '0');
        if (!view_starts(view_slice(text, i, text.n), CLOSE) || index >= page->n_formula)
            continue;
        text = view_slice(text, i + strlen(CLOSE), text.n);
        if (style == STYLE_HTML) {
            buffer_format(out, "<span class=\"math %s\">",
                          page->displays[index] ? "display" : "inline");
            buffer_html(out, page->formulas[index]);
            buffer_text(out, "</span>");
        } else {
            buffer_byte(out, '$');
            for (size_t j = 0; j < page->formulas[index].n; j++) {
                char c = page->formulas[index].at[j];
                buffer_byte(out, c == '\n' || c == '\r' ? ' ' : c);
            }
            buffer_byte(out, '$');
        }
    }
}

static void attribute(struct page *page, const MD_ATTRIBUTE *from, struct buffer *out) {
    struct buffer text = {0};
    for (size_t i = 0; from->text && from->substr_offsets[i] < from->size; i++) {
        struct view part = {from->text + from->substr_offsets[i],
                            from->substr_offsets[i + 1] - from->substr_offsets[i]};
        from->substr_types[i] == MD_TEXT_ENTITY ? entity_text(part, &text)
                                                : buffer_append(&text, part);
    }
    write_text(page, buffer_view(&text), STYLE_PLAIN, out);
    buffer_free(&text);
}

/* ---------------------------------------------------------------------------- links, pictures */

/* The line in the source where ](target stands, from the last one found on. */
static long line_of_target(struct page *page, struct view target) {
    struct view rest = view_slice(page->source, page->searched, page->source.n);
    for (size_t at = 0; target.n && at + target.n + 2 <= rest.n; at++)
        if (rest.at[at] == ']' && rest.at[at + 1] == '(' &&
            !memcmp(rest.at + at + 2, target.at, target.n)) {
            page->searched += at + 2;
            return line_of(page, page->searched);
        }
    return page->render->line;
}

static void open_link(struct page *page, const MD_SPAN_A_DETAIL *detail) {
    struct buffer target = {0}, *out = &page->inner;
    attribute(page, &detail->href, &target);
    struct view link = buffer_view(&target);
    bool good = link_good(link);
    if (!good && page->render->report.list)
        report(&page->render->report, line_of_target(page, link),
               "Link to http, https or mailto, or to a file of the course.",
               "the link \"%.*s\" is not followed from here", link.n < 80 ? (int)link.n : 80,
               link.at ? link.at : "");
    if (page->link < (int)COUNT_OF(page->dead_link))
        page->dead_link[page->link] = !good;
    page->link++;
    if (good) {
        buffer_text(out, "<a href=\"");
        buffer_html(out, link);
        buffer_text(out,
                    view_find(link, VIEW("://")) >= 0 ? "\" rel=\"noopener noreferrer\">" : "\">");
    }
    buffer_free(&target);
}

static void close_link(struct page *page) {
    page->link--;
    if (page->link < (int)COUNT_OF(page->dead_link) && !page->dead_link[page->link])
        buffer_text(&page->inner, "</a>");
}

static void open_image(struct page *page, const MD_SPAN_IMG_DETAIL *detail) {
    if (page->image++)
        return;
    struct buffer path = {0}, title = {0};
    attribute(page, &detail->src, &path);
    attribute(page, &detail->title, &title);
    page->image_path = (struct view){path.at, path.n};
    page->image_title = (struct view){title.at, title.n};
    buffer_clear(&page->alt);
}

static void place_figure(struct page *page, struct view alt) {
    struct render *render = page->render;
    struct fault fault = {0};
    const struct figure *figure = NULL;
    char prefix[160];
    if (render->whole)
        figure = render->report.list
                     ? figure_load(render->whole, render->folder, page->image_path, &fault)
                     : figure_find(render->whole, render->folder, page->image_path);
    long line = render->report.list ? line_of_target(page, page->image_path) : 0;
    if (render->report.list && !alt.n)
        report(&render->report, line, "Say in the square brackets what it shows.",
               "the figure %.*s has no text for those who cannot see it",
               VIEW_ARG(page->image_path));
    if (!figure || !figure->svg.n) {
        if (fault.kind) {
            struct report at = render->report;
            at.file = fault.file[0] ? fault.file : at.file;
            report_fault(&at, line, &fault);
        }
        buffer_html(&page->inner, alt);
        page->n_text++;
        return;
    }
    snprintf(prefix, sizeof prefix, "%.100s-f%d-", render->prefix ? render->prefix : "x",
             ++render->n_figure);
    buffer_text(&page->inner, "\x01"); /* the paragraph's end makes a figure or a span of it */
    figure_copy(figure->svg, prefix, alt, &page->inner, NULL);
    if (page->image_title.n) {
        buffer_text(&page->inner, "\x02");
        buffer_html(&page->inner, page->image_title);
        buffer_text(&page->inner, "\x03");
    }
    buffer_text(&page->inner, "\x04");
}

static void close_image(struct page *page) {
    if (--page->image)
        return;
    page->n_image++;
    place_figure(page, view_trim(buffer_view(&page->alt)));
    free((char *)(uintptr_t)page->image_path.at);
    free((char *)(uintptr_t)page->image_title.at);
    page->image_path = page->image_title = (struct view){0};
}

/* Writes what was gathered: pictures alone become figures, others stand in the line. */
static void flush(struct page *page, bool alone) {
    for (size_t i = 0; i < page->inner.n; i++)
        switch (page->inner.at[i]) {
        case 1:
            buffer_text(page->out, alone ? "<figure>" : "<span class=\"figure\">");
            break;
        case 2:
            buffer_text(page->out, alone ? "<figcaption>" : " <small>");
            break;
        case 3:
            buffer_text(page->out, alone ? "</figcaption>" : "</small>");
            break;
        case 4:
            buffer_text(page->out, alone ? "</figure>" : "</span>");
            break;
        default:
            buffer_byte(page->out, page->inner.at[i]);
        }
    buffer_clear(&page->inner);
    page->n_image = page->n_text = 0;
}

/* -------------------------------------------------------------------------------------- prose */

static struct buffer *prose(struct page *page) {
    struct outline *outline = page->render->outline;
    return !outline           ? NULL
           : page->in_heading ? &outline->heading
           : page->no_prose   ? NULL
                              : &outline->text;
}

static void end_of_prose(struct page *page) {
    struct buffer *text = prose(page);
    if (text && text->n && text->at[text->n - 1] != '\n')
        buffer_byte(text, '\n');
}

/* Chinese is not spaced: a line's end inside it is nothing. */
static bool ends_unspaced(const struct buffer *text) {
    int32_t c = 0;
    if (text->n < 3)
        return false;
    utf8_decode(text->at + text->n - 3, 3, &c);
    return unicode_is_han(c) || (c >= 0x3000 && c <= 0x30FF) || (c >= 0xFF00 && c <= 0xFF60);
}

static void line_break(struct page *page, bool hard) {
    struct buffer *text = prose(page);
    if (page->image) {
        buffer_byte(&page->alt, ' ');
        return;
    }
    if (hard)
        buffer_text(&page->inner, "<br>\n");
    else if (!ends_unspaced(&page->inner))
        buffer_byte(&page->inner, '\n');
    if (text && !ends_unspaced(text))
        buffer_byte(text, ' ');
}

static void some_text(struct page *page, struct view text, bool code) {
    struct buffer *plain = page->image ? &page->alt : prose(page);
    for (size_t i = 0; i < text.n; i++)
        page->n_text += !page->image && !isspace((unsigned char)text.at[i]);
    if (plain)
        write_text(page, text, STYLE_PLAIN, plain);
    if (page->image)
        return;
    if (code) {
        struct buffer raw = {0};
        write_text(page, text, STYLE_PLAIN, &raw);
        buffer_html(&page->inner, buffer_view(&raw));
        buffer_free(&raw);
    } else
        write_text(page, text, STYLE_HTML, &page->inner);
}

static int on_text(MD_TEXTTYPE type, const MD_CHAR *at, MD_SIZE n, void *data) {
    struct page *page = data;
    struct buffer text = {0};
    switch (type) {
    case MD_TEXT_BR:
    case MD_TEXT_SOFTBR:
        line_break(page, type == MD_TEXT_BR);
        return 0;
    case MD_TEXT_NULLCHAR:
        return 0;
    case MD_TEXT_ENTITY:
        entity_text((struct view){at, n}, &text);
        some_text(page, buffer_view(&text), false);
        buffer_free(&text);
        return 0;
    default:
        some_text(page, (struct view){at, n}, type == MD_TEXT_CODE);
        return 0;
    }
}

/* ------------------------------------------------------------------------------------ headings */

static void heading_begin(struct page *page, unsigned level) {
    struct outline *outline = page->render->outline;
    page->no_prose++;
    page->in_heading = outline && (level == 2 || (level == 1 && !outline->title.n));
    if (page->in_heading)
        buffer_clear(&outline->heading);
}

static void heading_end(struct page *page, unsigned level) {
    struct outline *outline = page->render->outline;
    struct view heading = outline ? view_trim(buffer_view(&outline->heading)) : (struct view){0};
    if (!outline)
        buffer_text(page->out, "<p><strong>");
    else if (page->in_heading && level == 1) {
        outline->title = arena_copy(outline->arena, heading);
        outline->sections[0].heading = outline->title;
        buffer_format(page->out, "<h1 id=\"%.*s\">", VIEW_ARG(outline->sections[0].id));
    } else if (level == 2) {
        struct view id = section_begin(outline, heading);
        buffer_format(page->out, "<h2 id=\"%.*s\">", VIEW_ARG(id));
    } else
        buffer_format(page->out, "<h%u>", level == 1 ? 2 : level);
    flush(page, false);
    if (!outline)
        buffer_text(page->out, "</strong></p>\n");
    else
        buffer_format(page->out, "</h%u>\n", level == 1 && !page->in_heading ? 2 : level);
    page->in_heading = false;
    page->no_prose--;
}

/* -------------------------------------------------------------------------------------- blocks */

static void paragraph_end(struct page *page) {
    bool alone = page->n_image && !page->n_text;
    if (!alone)
        buffer_text(page->out, "<p>");
    flush(page, alone);
    buffer_text(page->out, alone ? "\n" : "</p>\n");
    end_of_prose(page);
}

static void code_begin(struct page *page, const MD_BLOCK_CODE_DETAIL *detail) {
    page->no_prose++;
    buffer_text(page->out, "<pre tabindex=\"0\"><code");
    bool word = detail->lang.size > 0 && detail->lang.size < 30;
    for (MD_SIZE i = 0; word && i < detail->lang.size; i++)
        word = isalnum((unsigned char)detail->lang.text[i]) || detail->lang.text[i] == '-';
    if (word)
        buffer_format(page->out, " class=\"language-%.*s\"", (int)detail->lang.size,
                      detail->lang.text);
    buffer_byte(page->out, '>');
}

static void list_begin(struct page *page, MD_BLOCKTYPE type, const void *detail) {
    const MD_BLOCK_OL_DETAIL *ordered = detail;
    if (type == MD_BLOCK_UL)
        buffer_text(page->out, "<ul>\n");
    else if (ordered->start == 1)
        buffer_text(page->out, "<ol>\n");
    else
        buffer_format(page->out, "<ol start=\"%u\">\n", ordered->start);
}

static void item_begin(struct page *page, const MD_BLOCK_LI_DETAIL *detail) {
    buffer_text(page->out, "<li>");
    if (detail->is_task)
        buffer_text(&page->inner, detail->task_mark == ' ' ? "☐ " : "☑ ");
}

/* A header that says nothing is a plain cell, or a screen reader would announce it. */
static void cell_end(struct page *page, MD_BLOCKTYPE type, const MD_BLOCK_TD_DETAIL *detail) {
    static const char *const align[] = {"", " align=\"left\"", " align=\"center\"",
                                        " align=\"right\""};
    bool header = type == MD_BLOCK_TH && page->inner.n;
    buffer_format(page->out, "<%s%s>", header ? "th scope=\"col\"" : "td", align[detail->align]);
    flush(page, false);
    buffer_text(page->out, header ? "</th>" : "</td>");
}

static const struct {
    MD_BLOCKTYPE type;
    const char *open, *close;
} plain_blocks[] = {
    {MD_BLOCK_QUOTE, "<blockquote>\n", "</blockquote>\n"},
    {MD_BLOCK_UL, NULL, "</ul>\n"},
    {MD_BLOCK_OL, NULL, "</ol>\n"},
    {MD_BLOCK_LI, NULL, "</li>\n"},
    {MD_BLOCK_HR, "<hr>\n", ""},
    {MD_BLOCK_CODE, NULL, "</code></pre>\n"},
    {MD_BLOCK_TABLE, "<table>\n", "</table>\n"},
    {MD_BLOCK_THEAD, "<thead>", "</thead>\n"},
    {MD_BLOCK_TBODY, "<tbody>", "</tbody>\n"},
    {MD_BLOCK_TR, "<tr>", "</tr>\n"},
};

static int on_enter_block(MD_BLOCKTYPE type, void *detail, void *data) {
    struct page *page = data;
    if (type == MD_BLOCK_DOC)
        return 0;
    if (page->inner.n) /* the text of a tight item, before a list in it */
        end_of_prose(page);
    flush(page, false);
    page->n_block++;
    page->no_prose += type == MD_BLOCK_TABLE;
    for (size_t i = 0; i < COUNT_OF(plain_blocks); i++)
        if (plain_blocks[i].type == type && plain_blocks[i].open)
            buffer_text(page->out, plain_blocks[i].open);
    if (type == MD_BLOCK_UL || type == MD_BLOCK_OL)
        list_begin(page, type, detail);
    else if (type == MD_BLOCK_LI)
        item_begin(page, detail);
    else if (type == MD_BLOCK_H)
        heading_begin(page, ((const MD_BLOCK_H_DETAIL *)detail)->level);
    else if (type == MD_BLOCK_CODE)
        code_begin(page, detail);
    return 0;
}

static int on_leave_block(MD_BLOCKTYPE type, void *detail, void *data) {
    struct page *page = data;
    if (type == MD_BLOCK_DOC)
        return 0;
    if (type == MD_BLOCK_P)
        paragraph_end(page);
    else if (type == MD_BLOCK_H)
        heading_end(page, ((const MD_BLOCK_H_DETAIL *)detail)->level);
    else if (type == MD_BLOCK_TH || type == MD_BLOCK_TD)
        cell_end(page, type, detail);
    else
        flush(page, false);
    if (type == MD_BLOCK_LI)
        end_of_prose(page);
    for (size_t i = 0; i < COUNT_OF(plain_blocks); i++)
        if (plain_blocks[i].type == type)
            buffer_text(page->out, plain_blocks[i].close);
    page->no_prose -= type == MD_BLOCK_TABLE || type == MD_BLOCK_CODE;
    return 0;
}

/* --------------------------------------------------------------------------------------- spans */

static const struct {
    MD_SPANTYPE type;
    const char *open, *close;
} plain_spans[] = {{MD_SPAN_EM, "<em>", "</em>"},
                   {MD_SPAN_STRONG, "<strong>", "</strong>"},
                   {MD_SPAN_DEL, "<del>", "</del>"},
                   {MD_SPAN_CODE, "<code>", "</code>"}};

static int on_enter_span(MD_SPANTYPE type, void *detail, void *data) {
    struct page *page = data;
    if (type == MD_SPAN_IMG)
        open_image(page, detail);
    else if (page->image)
        return 0;
    else if (type == MD_SPAN_A)
        open_link(page, detail);
    for (size_t i = 0; i < COUNT_OF(plain_spans) && !page->image; i++)
        if (plain_spans[i].type == type)
            buffer_text(&page->inner, plain_spans[i].open);
    return 0;
}

static int on_leave_span(MD_SPANTYPE type, void *detail, void *data) {
    struct page *page = data;
    (void)detail;
    if (type == MD_SPAN_IMG)
        close_image(page);
    else if (page->image)
        return 0;
    else if (type == MD_SPAN_A)
        close_link(page);
    for (size_t i = 0; i < COUNT_OF(plain_spans) && !page->image; i++)
        if (plain_spans[i].type == type)
            buffer_text(&page->inner, plain_spans[i].close);
    return 0;
}

/* ---------------------------------------------------------------------------------------- door */

void markdown_render(struct render *render, struct view source, bool without_paragraph,
                     struct buffer *out) {
    static const MD_PARSER parser = {
        .flags = MD_FLAG_TABLES | MD_FLAG_STRIKETHROUGH | MD_FLAG_TASKLISTS | MD_FLAG_NOHTML |
                 MD_FLAG_NOINDENTEDCODEBLOCKS,
        .enter_block = on_enter_block,
        .leave_block = on_leave_block,
        .enter_span = on_enter_span,
        .leave_span = on_leave_span,
        .text = on_text,
    };
    struct page page = {.render = render, .out = out};
    struct buffer text = {0};
    size_t start = out->n;
    if (source.n > MAX_LESSON_FILE || !utf8_valid(source))
        return;
    char *clean = must_copy(source);
    for (size_t i = 0; i < source.n; i++) /* 1 to 4 are our marks for pictures */
        if ((unsigned char)clean[i] < 0x20 && clean[i] != '\n' && clean[i] != '\t' &&
            clean[i] != '\r')
            clean[i] = ' ';
    page.source = (struct view){clean, source.n};
    take_formulas(&page, &text);
    if (text.n)
        md_parse(text.at, (MD_SIZE)text.n, &parser, &page);
    flush(&page, false);
    struct view made = view_slice(buffer_view(out), start, out->n);
    if (without_paragraph && page.n_block == 1 && view_starts(made, "<p>") &&
        view_ends(made, "</p>\n")) {
        memmove(out->at + start, out->at + start + 3, made.n - 8);
        out->n -= 8;
        out->at[out->n] = 0;
    }
    free(clean);
    free(page.formulas);
    free(page.displays);
    buffer_free(&page.inner);
    buffer_free(&page.alt);
    buffer_free(&text);
}

void markdown_html(struct view markdown, struct buffer *out) {
    struct render render = {0};
    markdown_render(&render, markdown, false, out);
}
