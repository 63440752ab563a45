/* terminal_page: a lesson's HTML on a terminal: wrapped, with colours where it has them. */
#ifndef LYCEUM_MAIN_TERMINAL_PAGE_H
#define LYCEUM_MAIN_TERMINAL_PAGE_H

#include "base/base.h"

struct terminal_page {
    bool colour;
    int width;         /* columns of a line */
    const char *lead;  /* put before each line, one or two columns wide; "" */
    const char *paint; /* escape sequence of the text; "" */
    /* what follows is the page's own */
    struct buffer line, word;
    int column, word_width;
    int32_t last; /* character of the word */
    bool begun, fixed;
};

/* Appends the HTML (as school gives it) as text to `out`, and ends the line. Formulas are written
 * plainly: \frac{1}{2} as 1/2, x^2 as x². */
void terminal_html(struct terminal_page *, struct view html, struct buffer *out);
/* A formula in TeX as plain text. */
void terminal_formula(struct view tex, struct buffer *out);

#endif
