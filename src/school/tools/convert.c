/* Units into others of their kind: "13 hours to seconds", by the table of the grader. */
#include "school/tools/inside.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The last " to " parts what is given from what is wanted. */
static ptrdiff_t find_to(struct view text) {
    ptrdiff_t found = -1;
    for (size_t i = 1; i + 4 <= text.n; i++)
        if (!memcmp(text.at + i, " to ", 4))
            found = (ptrdiff_t)i;
    return found;
}

static bool is_degree_letter(const struct unit *unit) {
    return unit->letter == 'C' || unit->letter == 'F';
}

void tool_convert(const struct tool_place *place, struct view asked, struct arena *arena,
                  struct tool_result *out) {
    (void)place;
    struct number_style style = {.known = true, .group = ','};
    struct quantity quantity;
    struct unit wanted;
    ptrdiff_t at = find_to(asked);
    struct view given = view_slice(asked, 0, at < 0 ? 0 : (size_t)at);
    struct view to = view_slice(asked, at < 0 ? 0 : (size_t)at + 4, asked.n);
    json_t *text = json_stringn(given.n ? given.at : "", given.n);
    bool good = at > 0 && text && quantity_read(text, &style, &quantity, NULL) &&
                quantity.has_unit && quantity.imaginary == 0 && unit_parse(to, &wanted);
    json_decref(text);
    if (!good) {
        tool_refuse(out, REFUSE_NO_UNIT);
        return;
    }
    struct unit kelvin; /* "30 C in F" is of temperatures: nobody turns charge into capacity */
    if (is_degree_letter(&wanted) && is_degree_letter(&quantity.unit) &&
        unit_parse(VIEW("K"), &kelvin)) {
        unit_in_context(&kelvin, &wanted);
        unit_in_context(&kelvin, &quantity.unit);
    }
    unit_in_context(&wanted, &quantity.unit);
    unit_in_context(&quantity.unit, &wanted);
    if (memcmp(quantity.unit.dimension, wanted.dimension, sizeof wanted.dimension)) {
        tool_refuse(out, REFUSE_OTHER_UNIT);
        return;
    }
    double value = (quantity.value + quantity.unit.offset) * quantity.unit.factor / wanted.factor -
                   wanted.offset;
    /* Factors have some sixteen digits; twelve of a result are sure. */
    char sure[40], few[40];
    snprintf(sure, sizeof sure, "%.12g", value);
    snprintf(few, sizeof few, "%.9g", value);
    bool exact = strtod(sure, NULL) == strtod(few, NULL);
    struct view number = number_text(strtod(few, NULL), arena);
    const char *about = exact ? "" : "≈ ";
    tool_found(out, arena, "%s%.*s %.*s", about, VIEW_ARG(number), VIEW_ARG(view_trim(to)));
    out->value = view_slice(out->text, strlen(about), strlen(about) + number.n);
}
