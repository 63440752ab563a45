/* Formulas as strangers type them: what is read prints, reads again the same and equals itself;
 * two are compared in bounded work, in every form. */
#include "algebra/algebra.h"

#include <string.h>

enum { MOST_STEPS = 400000, MOST_NAMES = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* Names of several letters, which have to be told when they are read again. */
static void gather_names(struct arena *arena, const struct expression *e, const char **names,
                         size_t *n) {
    if (e->kind == EXPRESSION_NAME && *n + 1 < MOST_NAMES) {
        size_t length = 0;
        while (length < e->text.n && e->text.at[length] != '_' && e->text.at[length] != '\'')
            length++;
        if (length > 1)
            names[(*n)++] = arena_string(arena, view_slice(e->text, 0, length));
    }
    for (int i = 0; i < e->n; i++)
        gather_names(arena, e->of[i], names, n);
}

static void round_trip(struct arena *arena, const struct expression *e) {
    const char *names[MOST_NAMES] = {0};
    size_t n_name = 0;
    struct parse_options options = {.names = names};
    struct buffer first = {0}, again = {0};
    struct fault fault = {0}, told_fault = {0};
    struct comparison itself, other;
    gather_names(arena, e, names, &n_name);
    expression_print(e, &first);
    const struct expression *read = expression_parse(arena, buffer_view(&first), &options, &fault);
    MUST(read || fault.kind == FAULT_LIMIT);
    if (read && n_name + 1 < MOST_NAMES) {
        expression_print(read, &again);
        MUST(view_equal(buffer_view(&first), buffer_view(&again)));
        bool equal = expression_compare(e, e, NULL, &itself, &told_fault) && itself.equal;
        fault_clear(&told_fault);
        bool same = expression_compare(e, read, NULL, &other, &told_fault) && other.equal;
        bool infinite = view_find(buffer_view(&first), VIEW("inf")) >= 0; /* as it is written */
        MUST(!equal || same || told_fault.kind == FAULT_LIMIT || infinite);
        MUST(other.steps <= MOST_STEPS);
    }
    buffer_free(&first);
    buffer_free(&again);
}

static void compare(const struct expression *key, const struct expression *answer, uint8_t how) {
    struct comparison told;
    struct fault fault = {0};
    struct compare_options options = {.form = how % (FORM_RATIONALIZED + 1),
                                      .factor = how & 4,
                                      .unordered = how & 8,
                                      .integral = how >> 6 == 3,
                                      .derivative = how >> 6 == 1,
                                      .antiderivative = how >> 6 == 2,
                                      .seed = how};
    bool good = expression_compare(key, answer, &options, &told, &fault);
    MUST(good == (fault.kind == FAULT_NONE));
    MUST(!good || told.equal == !told.note);
    MUST(!told.equal || told.same_value);
    MUST(told.steps <= MOST_STEPS);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    if (!n)
        return 0;
    struct view text = {(const char *)data + 1, n - 1}, line, rest = text;
    struct parse_options options = {.decimal_comma = data[0] & 32};
    struct arena *arena = arena_new();
    const struct expression *of[2] = {NULL, NULL};
    for (int i = 0; i < 2 && view_line(&rest, &line); i++) {
        struct fault fault = {0};
        of[i] = expression_parse(arena, line, &options, &fault);
        MUST((of[i] != NULL) == (fault.kind == FAULT_NONE));
    }
    if (of[0])
        round_trip(arena, of[0]);
    if (of[0] && of[1])
        compare(of[0], of[1], data[0]);
    arena_free(arena);
    return 0;
}
