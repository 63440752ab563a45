/* What of Markdown may go into a page: which links, and what entities stand for. */
#include "school/course/inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void entity_text(struct view name, struct buffer *out) {
    static const struct {
        const char *name, *text;
    } known[] = {{"&amp;", "&"},       {"&lt;", "<"},    {"&gt;", ">"},     {"&quot;", "\""},
                 {"&nbsp;", "\u00A0"}, {"&ndash;", "–"}, {"&mdash;", "—"},  {"&hellip;", "…"},
                 {"&times;", "×"},     {"&minus;", "−"}, {"&middot;", "·"}, {"&copy;", "©"},
                 {"&larr;", "←"},      {"&rarr;", "→"},  {"&apos;", "'"}};
    for (size_t i = 0; i < COUNT_OF(known); i++)
        if (view_is(name, known[i].name)) {
            buffer_text(out, known[i].text);
            return;
        }
    if (name.n > 3 && name.at[1] == '#') {
        bool hex = name.at[2] == 'x' || name.at[2] == 'X';
        char digits[16], bytes[4];
        snprintf(digits, sizeof digits, "%.*s", (int)name.n - 3 - hex, name.at + 2 + hex);
        long code = strtol(digits, NULL, hex ? 16 : 10);
        bool text = (code >= 0x20 && code != 0x7F && code <= 0x10FFFF) || code == '\n';
        buffer_append(out, (struct view){bytes, utf8_encode(text ? (int32_t)code : -1, bytes)});
        return;
    }
    buffer_append(out, name);
}

bool link_good(struct view link) {
    static const char *const schemes[] = {"http://", "https://", "mailto:"};
    for (size_t i = 0; i < link.n; i++)
        if ((unsigned char)link.at[i] <= 0x20 || link.at[i] == '\\' || link.at[i] == 0x7F)
            return false;
    for (size_t i = 0; i < COUNT_OF(schemes); i++)
        if (link.n > strlen(schemes[i]) && !strncasecmp(link.at, schemes[i], strlen(schemes[i])))
            return true;
    if (!link.n || view_starts(link, "//"))
        return false;
    for (size_t i = 0; i < link.n && !strchr("/?#", link.at[i]); i++)
        if (link.at[i] == ':')
            return false;
    return true;
}
