/* algebra. */
#include "school/grade/inside.h"

#include <ctype.h>
#include <string.h>

enum { MAX_WORDS = 16, MAX_LETTERS = 8 };

/* Names of more than one letter in the key, so that the answer's are read alike. */
static void add_words(struct arena *arena, const struct expression *e, const char **words,
                      size_t *n) {
    if (e->kind == EXPRESSION_NAME && *n < MAX_WORDS) {
        ptrdiff_t bar = view_find(e->text, VIEW("_"));
        struct view head = bar < 0 ? e->text : view_slice(e->text, 0, (size_t)bar);
        if (head.n > 1 && !view_ends(head, "'"))
            words[(*n)++] = arena_string(arena, head);
    }
    for (int i = 0; i < e->n; i++)
        add_words(arena, e->of[i], words, n);
}

/* 1,234 outside brackets, which may be a number or two; 1.234 where a point may group. */
static bool is_ambiguous(struct view text, bool point) {
    int depth = 0;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.at[i];
        depth += c == '(' || c == '[' || c == '{';
        depth -= c == ')' || c == ']' || c == '}';
        size_t before = 0, after = 0;
        while (before < i && isdigit((unsigned char)text.at[i - 1 - before]))
            before++;
        while (i + 1 + after < text.n && isdigit((unsigned char)text.at[i + 1 + after]))
            after++;
        if ((c == ',' || (point && c == '.')) && depth <= 0 && before && before <= 3 &&
            after == 3 && text.at[i - before] != '0')
            return true;
    }
    return false;
}

static bool is_single(const struct expression *e) {
    return e->kind < EXPRESSION_AND && !(e->kind == EXPRESSION_RELATION && !is_single(e->of[1]));
}

struct formula {
    struct arena *arena;
    struct expression *key;
    struct expression *key_applied; /* with functions such as f(x), where it has them, or NULL */
    const char *const *functions;
    struct parse_options parse;
    struct compare_options compare;
};

/* Reads and compares the answer; false when it can't be read, with why. */
static bool try_answer(const struct formula *f, struct view answer, bool comma,
                       struct comparison *told, struct fault *fault) {
    struct parse_options parse = f->parse;
    parse.decimal_comma = comma;
    if (f->key_applied) { /* with 2fx for 2f(x) it is no matter of functions */
        parse.functions = f->functions;
        const struct expression *e = expression_parse(f->arena, answer, &parse, NULL);
        if (e && expression_lacks(e, f->functions))
            return expression_compare(f->key_applied, e, &f->compare, told, fault);
        parse.functions = NULL;
    }
    const struct expression *e = expression_parse(f->arena, answer, &parse, fault);
    return e && expression_compare(f->key, e, &f->compare, told, fault);
}

/* Whether the parts of "a = b = c" from `text` on have one value; `last` is the last of them. */
static bool parts_agree(const struct formula *f, struct view text, bool comma, struct view *last) {
    struct parse_options parse = f->parse;
    const struct compare_options any = {.variable = f->compare.variable, .seed = f->compare.seed};
    const struct expression *before = NULL;
    size_t n = 0;
    for (bool more = true; more;) {
        ptrdiff_t at = find_equal_sign(text, &n);
        struct comparison told;
        more = at >= 0;
        *last = view_trim(more ? view_slice(text, 0, (size_t)at) : text);
        text = more ? view_slice(text, (size_t)at + n, text.n) : text;
        parse.decimal_comma = comma;
        const struct expression *e = expression_parse(f->arena, *last, &parse, NULL);
        if (!e || e->kind >= EXPRESSION_RELATION ||
            (before && !(expression_compare(before, e, &any, &told, NULL) && told.equal)))
            return false;
        before = e;
    }
    return true;
}

/* What stands behind f'(x) =, where the key is a bare formula that does not speak of f. */
static struct view without_name(const struct formula *f, struct view answer, bool comma) {
    struct view rest = answer, last;
    size_t n = 0;
    ptrdiff_t at;
    if (f->key->kind >= EXPRESSION_RELATION)
        return answer;
    if (view_starts(rest, "$") && view_ends(rest, "$") && rest.n > 2)
        rest = view_slice(rest, 1, rest.n - 1);
    while ((at = find_equal_sign(rest, &n)) >= 0 &&
           answer_is_name(view_slice(rest, 0, (size_t)at), f->key))
        rest = view_trim(view_slice(rest, (size_t)at + n, rest.n));
    return rest.n && parts_agree(f, rest, comma, &last) ? last : answer;
}

/* Where "y =" stands at `at`, behind a space: a second equation. */
static bool starts_equation(struct view text, size_t at) {
    size_t end = at, n;
    while (end < text.n &&
           (isalnum((unsigned char)text.at[end]) || text.at[end] == '_' || (text.at[end] & 0x80)))
        end++;
    while (end < text.n && text.at[end] == ' ')
        end++;
    return end > at && !isdigit((unsigned char)text.at[at]) &&
           find_equal_sign(view_slice(text, end, text.n), &n) == 0;
}

/* "x = 2 y = -1" with the semicolon that the space stands for; empty where there is no such. */
static struct view with_semicolons(struct arena *arena, struct view text) {
    struct buffer out = {0};
    bool equation = false, any = false;
    for (size_t i = 0; i < text.n; i++) {
        size_t before = i;
        while (before && text.at[before - 1] == ' ')
            before--;
        if (equation && before < i && !strchr("+-*/^=<>(,;:|&", text.at[before - 1]) &&
            starts_equation(text, i)) {
            buffer_text(&out, "; ");
            any = true;
            equation = false;
        }
        bool decimal =
            text.at[i] == ',' && i + 1 < text.n && isdigit((unsigned char)text.at[i + 1]);
        equation = (equation || text.at[i] == '=') && (decimal || !strchr(",;", text.at[i]));
        buffer_byte(&out, text.at[i]);
    }
    struct view made = any ? arena_copy(arena, buffer_view(&out)) : VIEW("");
    buffer_free(&out);
    return made;
}

/* {4,0}, which holds two numbers and not 4.0; no {…} of LaTeX. */
static bool has_set_of_several(struct view text) {
    for (size_t i = 0; i < text.n; i++) {
        if (text.at[i] != '{' ||
            (i && (isalnum((unsigned char)text.at[i - 1]) || strchr("}^_", text.at[i - 1]))))
            continue;
        struct view rest = view_slice(text, i, text.n);
        ptrdiff_t comma = view_find(rest, VIEW(",")), end = view_find(rest, VIEW("}"));
        if (comma >= 0 && comma < end)
            return true;
    }
    return false;
}

static bool grade_formula(struct grading *g, const struct formula *f, struct view answer) {
    struct comparison told, other;
    struct number_style style = number_style(g->options);
    struct fault ignored = {0};
    size_t n;
    answer = view_trim(answer);
    if (find_equal_sign(answer, &n) == 0) /* = 3 */
        answer = view_trim(view_slice(answer, n, answer.n));
    if (find_equal_sign(answer, &n) >= 0)
        answer = without_name(f, answer, style.comma);
    bool comma = view_find(answer, VIEW(",")) >= 0;
    if (!style.known && (comma || style.either) && is_single(f->key) &&
        is_ambiguous(answer, style.either)) {
        fault_set(g->unreadable, FAULT_INPUT, "I can't tell what the comma means");
        return grade_say(g, 0, "ambiguous");
    }
    bool good = try_answer(f, answer, style.comma, &told, g->unreadable);
    /* {2,3} where the comma is a decimal mark, or 0,5 where it is not */
    if (comma && (!good || !told.equal) && (style.comma != is_single(f->key)) &&
        (style.comma || !has_set_of_several(answer)) &&
        try_answer(f, answer, !style.comma, &other, &ignored) && other.equal) {
        told = other;
        good = true;
        fault_clear(g->unreadable);
    }
    struct view parted = good && told.equal ? VIEW("") : with_semicolons(f->arena, answer);
    if (parted.n && try_answer(f, parted, style.comma, &other, &ignored)) {
        told = other;
        good = true;
        fault_clear(g->unreadable);
    }
    return grade_say(g, good && told.equal ? 1 : 0, good ? told.note : "unreadable");
}

static bool is_spanish(const json_t *options) {
    const char *language = json_text(options, "locale", json_text(options, "language", ""));
    return !strncmp(language, "es", 2) && (!language[2] || strchr("-_", language[2]));
}

static bool has_digit(struct view text) {
    for (size_t i = 0; i < text.n; i++)
        if (isdigit((unsigned char)text.at[i]))
            return true;
    return false;
}

/* One form, or a list of them that the answer must all have. */
static bool read_forms(struct grading *g, struct compare_options *compare) {
    const json_t *forms = json_object_get(g->options, "form");
    for (size_t i = 0; i < (json_is_array(forms) ? json_array_size(forms) : forms != NULL); i++) {
        const json_t *one = json_is_array(forms) ? json_array_get(forms, i) : forms;
        enum answer_form form;
        if (!json_is_string(one) || !form_of_name(json_string_value(one), &form))
            return fault_set(g->fault, FAULT_INPUT, "there is no form \"%.40s\"",
                             json_is_string(one) ? json_string_value(one) : "");
        compare->more_forms |= 1u << form;
    }
    return true;
}

/* Letters: a text or a list of texts, NULL-terminated in the arena; NULL for none. */
static bool read_letters(struct grading *g, struct arena *arena, const char *option,
                         const char *const **out) {
    const json_t *letters = json_object_get(g->options, option);
    size_t n = json_is_array(letters) ? json_array_size(letters) : letters != NULL;
    const char **made = ARENA_NEW(arena, n + 1, const char *);
    for (size_t i = 0; i < n; i++) {
        const json_t *one = json_is_array(letters) ? json_array_get(letters, i) : letters;
        struct parse_options whole = {.names = (const char *[]){json_string_value(one), NULL}};
        struct expression *name =
            json_is_string(one) && n <= MAX_LETTERS
                ? expression_parse(arena, view_of(json_string_value(one)), &whole, NULL)
                : NULL;
        if (!name || name->kind != EXPRESSION_NAME)
            return fault_set(g->fault, FAULT_INPUT, "%s must be a letter or a list of letters",
                             option);
        made[i] = arena_string(arena, name->text);
    }
    *out = n ? made : NULL;
    return true;
}

/* constant: optional lets +C be left out. */
static bool read_constant(struct grading *g, struct compare_options *compare) {
    const char *constant = json_text(g->options, "constant", "required");
    compare->constant_free = !strcmp(constant, "optional");
    return compare->constant_free || !strcmp(constant, "required") ||
           fault_set(g->fault, FAULT_INPUT, "constant is \"required\" or \"optional\"");
}

static bool read_tolerance(struct grading *g, struct compare_options *compare) {
    compare->absolute = json_number(g->options, "absolute", 0);
    compare->relative = json_number(g->options, "relative", 0);
    return (compare->absolute >= 0 && compare->relative >= 0) ||
           fault_set(g->fault, FAULT_INPUT, "a tolerance may not be negative");
}

static bool read_assumption(struct grading *g, struct formula *f) {
    const json_t *given = json_object_get(g->options, "assume");
    struct fault bad = {0};
    if (!given)
        return true;
    f->compare.assume =
        json_is_string(given)
            ? expression_parse(f->arena, view_of(json_string_value(given)), &f->parse, &bad)
            : NULL;
    return f->compare.assume ||
           fault_set(g->fault, FAULT_INPUT, "assume is no condition such as \"x > 0\": %.200s",
                     bad.kind ? bad.message : "it must be a text");
}

static bool read_options(struct grading *g, struct formula *f) {
    struct compare_options *compare = &f->compare;
    compare->antiderivative = json_flag(g->options, "antiderivative", false);
    compare->derivative = json_flag(g->options, "derivative", false);
    compare->integral = json_flag(g->options, "integral", false);
    compare->factor = json_flag(g->options, "factor", false);
    compare->unordered = json_flag(g->options, "unordered", false);
    compare->seed = g->seed;
    return read_forms(g, compare) && read_constant(g, compare) && read_tolerance(g, compare) &&
           read_letters(g, f->arena, "integer", &compare->integers) &&
           read_letters(g, f->arena, "free", &compare->free) && read_assumption(g, f);
}

static bool read_key(struct grading *g, struct formula *f) {
    struct buffer text = {0};
    struct fault bad = {0};
    bool good = grade_scalar(g->key, &text);
    struct view key = buffer_view(&text);
    /* p => q, which for numbers would be p ≥ q */
    f->parse.logic = view_find(key, VIEW("=>")) >= 0 && !has_digit(key);
    if (good)
        f->key = expression_parse(f->arena, key, &f->parse, &bad);
    f->parse.logic = f->key && expression_is_logic(f->key);
    buffer_free(&text);
    return f->key || fault_set(g->fault, FAULT_INPUT, "the key is no formula: %.200s",
                               bad.kind ? bad.message : "it must be a text");
}

/* f(x) in key and answer; none where letters are derived by, which an unknown function is not. */
static void read_functions(struct grading *g, struct formula *f, struct view answer) {
    struct buffer key = {0};
    if (f->compare.derivative || f->compare.antiderivative || f->compare.integral ||
        !grade_scalar(g->key, &key))
        return;
    struct parse_options parse = f->parse;
    parse.functions = f->functions =
        expression_functions(f->arena, buffer_view(&key), answer, &f->parse);
    if (f->functions)
        f->key_applied = expression_parse(f->arena, buffer_view(&key), &parse, NULL);
    buffer_free(&key);
}

bool grade_algebra(struct grading *g) {
    struct buffer answer_text = {0};
    const char *variable = json_text(g->options, "variable", NULL);
    const char *names[MAX_WORDS + 2] = {variable, NULL};
    size_t n_name = variable != NULL;
    struct formula f = {.arena = arena_new(),
                        .parse = {.names = names, .spanish = is_spanish(g->options)}};
    f.compare.variable = variable;
    bool good = read_options(g, &f) && read_key(g, &f);
    if (good) {
        add_words(f.arena, f.key, names, &n_name);
        names[n_name] = NULL;
        if (grade_scalar(g->answer, &answer_text)) {
            read_functions(g, &f, buffer_view(&answer_text));
            grade_formula(g, &f, buffer_view(&answer_text));
        } else
            grade_unreadable(g, FAULT_INPUT, "the answer must be a text");
    }
    arena_free(f.arena);
    buffer_free(&answer_text);
    return good;
}
