/* How a language writes its numbers. */
#include "school/grade/inside.h"

#include <string.h>

/* clang-format off */
/* A region before its language; the others write a point and group with commas. */
static const struct { const char *locale; char point, group; } styles[] = {
    {"de-CH", '.', '\''}, {"it-CH", '.', '\''}, {"de-LI", '.', '\''}, {"es-MX", '.', ','},
    {"es-US", '.', ','}, {"es-PR", '.', ','}, {"es-GT", '.', ','}, {"en-ZA", ',', ' '},
    {"fr-CA", ',', ' '}, {"fr-CH", ',', '\''},
    {"de", ',', '.'}, {"es", ',', '.'}, {"it", ',', '.'}, {"pt", ',', '.'}, {"nl", ',', '.'},
    {"da", ',', '.'}, {"tr", ',', '.'}, {"el", ',', '.'}, {"ro", ',', '.'}, {"id", ',', '.'},
    {"vi", ',', '.'}, {"hr", ',', '.'}, {"sl", ',', '.'}, {"sr", ',', '.'},
    {"fr", ',', ' '}, {"ru", ',', ' '}, {"uk", ',', ' '}, {"pl", ',', ' '}, {"cs", ',', ' '},
    {"sk", ',', ' '}, {"sv", ',', ' '}, {"fi", ',', ' '}, {"nb", ',', ' '}, {"nn", ',', ' '},
    {"no", ',', ' '}, {"hu", ',', ' '}, {"bg", ',', ' '}, {"lt", ',', ' '}, {"lv", ',', ' '},
    {"et", ',', ' '},
};
/* clang-format on */

/* "de_AT" is "de" and not "de-A"; "den" is not "de". */
static bool speaks(const char *locale, const char *wanted) {
    size_t n = strlen(wanted);
    for (size_t i = 0; i < n; i++)
        if (locale[i] != wanted[i] && !(locale[i] == '_' && wanted[i] == '-'))
            return false;
    return !locale[n] || locale[n] == '-' || locale[n] == '_';
}

/* Whether a point may stand between thousands, as in Spain and Morocco, or not, as in Mexico and
 * Egypt: the language alone does not tell. */
static bool leaves_open(const char *language) {
    for (size_t i = 0; i < COUNT_OF(styles); i++)
        if (speaks(language, styles[i].locale))
            return styles[i].group == '.';
    return speaks(language, "ar");
}

struct number_style number_style(const json_t *options) {
    const char *locale = json_text(options, "locale", "");
    struct number_style style = {.known = *locale != 0, .group = ','};
    size_t n = strlen(locale);
    style.india = speaks(locale, "hi") || (n > 3 && !strcmp(locale + n - 2, "IN"));
    for (size_t i = 0; i < COUNT_OF(styles); i++)
        if (speaks(locale, styles[i].locale)) {
            style.comma = styles[i].point == ',';
            style.group = styles[i].group;
            break;
        }
    style.either = !style.known && leaves_open(json_text(options, "language", ""));
    return style;
}
