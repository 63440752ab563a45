/* Whether the numbers of a text are right: each "=" between two sides that can be computed. */
#include "algebra/algebra.h"
#include "school/school.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_SIDE = 400 };

struct side {
    bool known, exact;
    struct rational fraction;
    double value;
    double grain; /* a half of the last decimal that is written; 0: it is exact */
};

/* A sign at depth 0: its length in bytes, and whether it rounds. */
static size_t sign_at(struct view text, size_t i, bool *rounds) {
    static const struct {
        const char *sign;
        bool rounds;
    } signs[] = {{"\\approx", true}, {"\xE2\x89\x88", true}, {"=", false}};
    for (size_t s = 0; s < COUNT_OF(signs); s++) {
        size_t n = strlen(signs[s].sign);
        if (i + n <= text.n && !memcmp(text.at + i, signs[s].sign, n)) {
            *rounds = signs[s].rounds;
            return n;
        }
    }
    return 0;
}

/* Of "0.205": 0.0005. */
static double grain_of(struct view text) {
    size_t decimals = 0;
    bool point = false;
    text = view_trim(text);
    for (size_t i = 0; i < text.n; i++) {
        char c = text.at[i];
        if (c == '.' && !point)
            point = true;
        else if (c >= '0' && c <= '9')
            decimals += point;
        else if (!(c == '-' && i == 0))
            return 0;
    }
    return point ? 0.5 * pow(10, -(double)decimals) : 0;
}

static struct side side_of(struct view text) {
    struct side side = {.grain = grain_of(text)};
    struct arena *arena = arena_new();
    struct fault ignored = {0};
    text = view_trim(text);
    while (text.n && strchr(".,;", text.at[text.n - 1])) /* the sentence's own mark */
        text = view_trim(view_slice(text, 0, text.n - 1));
    struct expression *parsed =
        text.n && text.n <= LONGEST_SIDE ? expression_parse(arena, text, NULL, &ignored) : NULL;
    fault_clear(&ignored);
    if (parsed && expression_evaluate_rational(parsed, NULL, 0, &side.fraction, &ignored)) {
        side.known = side.exact = true;
        side.value = (double)side.fraction.numerator / (double)side.fraction.denominator;
    } else if (parsed) {
        fault_clear(&ignored);
        side.known = expression_evaluate_real(parsed, &side.value, &ignored);
    }
    arena_free(arena);
    return side;
}

static bool sides_agree(const struct side *a, const struct side *b, bool rounds) {
    if (a->exact && b->exact && a->fraction.numerator == b->fraction.numerator &&
        a->fraction.denominator == b->fraction.denominator)
        return true;
    double grain = fmax(a->grain, b->grain), size = fmax(fabs(a->value), fabs(b->value));
    double room = rounds ? fmax(grain * 1.0001, 0.005 * size) : 1e-9 * size;
    return fabs(a->value - b->value) <= room;
}

static void check_formula(struct view text, struct school_sums *sums) {
    size_t from = 0;
    int depth = 0;
    bool rounds = false, next_rounds = false, first = true;
    struct side before = {0};
    for (size_t i = 0; i <= text.n;) {
        char c = i < text.n ? text.at[i] : 0;
        size_t sign = 0;
        depth += (c == '{' || c == '(' || c == '[') - (c == '}' || c == ')' || c == ']');
        if (depth == 0 && i < text.n)
            sign = sign_at(text, i, &next_rounds);
        if (i < text.n && !sign) {
            i++;
            continue;
        }
        struct view said = view_slice(text, from, i);
        struct side side = side_of(said);
        if (!first && before.known && side.known) {
            bool right = sides_agree(&before, &side, rounds);
            sums->n_right += right;
            if (!right && !sums->n_wrong++)
                snprintf(sums->wrong, sizeof sums->wrong, "%.*s", VIEW_ARG(text));
        }
        first = false;
        before = side;
        rounds = next_rounds;
        i += sign ? sign : 1;
        from = i;
    }
}

void school_check_sums(struct view text, struct school_sums *sums) {
    *sums = (struct school_sums){0};
    for (size_t i = 0; i < text.n; i++) {
        if (text.at[i] != '$' || (i && text.at[i - 1] == '\\'))
            continue;
        size_t n = i + 1 < text.n && text.at[i + 1] == '$' ? 2 : 1, from = i + n, to = from;
        while (to < text.n && text.at[to] != '$')
            to++;
        if (to < text.n)
            check_formula(view_slice(text, from, to), sums);
        i = to + n - 1;
    }
}
