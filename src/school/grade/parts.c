/* parts: several answers to one exercise, where a later part may build on an earlier one.
 *
 * A part's key that names an earlier part ("v * 3") is right with that part's key in its place;
 * where the learner's own result of it was wrong, what follows from that is right too ("carried"),
 * for the share of the credit that `carry` tells (all of it unless said). The score of the whole
 * is the mean of its parts by `weight`. */
#include "school/grade/inside.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct number_style author = {.known = true, .group = ','};

/* ------------------------------------------------------------------------------------- names */

void grade_parts_name(const json_t *parts, size_t i, char name[32]) {
    const char *given = json_text(json_array_get(parts, i), "name", NULL);
    if (given)
        snprintf(name, 32, "%s", given);
    else
        snprintf(name, 32, "%c", (char)('a' + i % 26));
}

ptrdiff_t grade_parts_find(const json_t *parts, const char *name) {
    char here[32];
    for (size_t i = 0; i < json_array_size(parts); i++) {
        grade_parts_name(parts, i, here);
        if (!strcmp(here, name))
            return (ptrdiff_t)i;
    }
    return -1;
}

/* The part of that name, if it was given one: only those can be meant by a key. */
static ptrdiff_t named_part(const json_t *parts, struct view name) {
    for (size_t i = 0; i < json_array_size(parts); i++) {
        const char *given = json_text(json_array_get(parts, i), "name", NULL);
        if (given && view_is(name, given))
            return (ptrdiff_t)i;
    }
    return -1;
}

static bool is_word(char c) {
    return isalnum((unsigned char)c) || c == '_';
}

/* What mathematics and units mean by themselves. */
static bool is_taken(const char *name) {
    static const char *const taken[] = {"e",   "i",   "j",  "pi",  "inf", "sin", "cos",
                                        "tan", "log", "ln", "lg",  "exp", "abs", "sqrt",
                                        "min", "max", "or", "and", "x10"};
    for (size_t i = 0; i < COUNT_OF(taken); i++)
        if (!strcmp(taken[i], name))
            return true;
    return false;
}

static bool is_good_name(const char *name) {
    size_t n = strlen(name);
    for (size_t i = 0; i < n; i++)
        if (!is_word(name[i]))
            return false;
    return n && n < 32 && !isdigit((unsigned char)name[0]) && !is_taken(name);
}

/* --------------------------------------------------------------------------- earlier results */

static const json_t *answer_of(const json_t *parts, const json_t *answer, size_t i) {
    char name[32];
    grade_parts_name(parts, i, name);
    const json_t *given =
        json_is_array(answer) ? json_array_get(answer, i) : json_object_get(answer, name);
    bool none = json_is_null(given) || (json_is_string(given) && !json_string_length(given));
    return none ? NULL : given;
}

/* Behind the last sign of equality: "v = 20" is 20. */
static struct view after_equal(struct view text) {
    size_t n;
    for (ptrdiff_t at; (at = find_equal_sign(text, &n)) >= 0;)
        text = view_slice(text, (size_t)at + n, text.n);
    return view_trim(text);
}

/* A number in the unit of the part's key. */
static bool number_result(const json_t *key, const json_t *value, const struct number_style *style,
                          struct buffer *out) {
    struct quantity right, own;
    if (!quantity_read(value, style, &own, NULL))
        return false;
    bool known = quantity_read(key, &author, &right, NULL);
    if (known && right.has_unit) {
        if (!own.has_unit ||
            memcmp(own.unit.dimension, right.unit.dimension, sizeof own.unit.dimension) != 0)
            own.unit = right.unit; /* a unit is missing or wrong: it was told there */
        double ratio = own.unit.factor / right.unit.factor;
        own.value = (own.value + own.unit.offset) * ratio - right.unit.offset;
        own.imaginary *= ratio;
    }
    buffer_format(out, own.imaginary != 0 ? "(%.17g+%.17g*i)" : "(%.17g)", own.value,
                  own.imaginary);
    return true;
}

/* Where the unit of a number starts, behind a space: in "v*3 m" and "20 m/s" m and s are no parts.
 */
static size_t unit_start(const json_t *part, struct view text) {
    struct unit unit;
    char before = 0;
    if (strcmp(json_text(part, "check", ""), "number") != 0 || text.n > LONGEST_NUMBER)
        return text.n;
    for (size_t i = 0; i < text.n; i++) {
        if (text.at[i] != ' ')
            before = text.at[i];
        else if (before && !strchr("+-*/^(=", before) &&
                 unit_parse(view_slice(text, i, text.n), &unit))
            return i;
    }
    return text.n;
}

/* What each part came to, in brackets, as a formula; NULL where that cannot be read. */
struct results {
    char *text[GRADE_PARTS];
};

/* A text with the names of parts before the i-th turned into their results. */
static bool fill_text(const json_t *parts, size_t i, struct view text, const struct results *from,
                      struct buffer *out) {
    enum { LONGEST = 20000 };
    size_t unit = unit_start(json_array_get(parts, i), text);
    for (size_t at = 0, end; at < text.n && out->n < LONGEST; at = end) {
        for (end = at; end < text.n && is_word(text.at[end]);)
            end++;
        bool escaped = at && text.at[at - 1] == '\\';
        ptrdiff_t part = end > at && !escaped ? named_part(parts, view_slice(text, at, end)) : -1;
        end += end == at;
        if (part < 0 || (size_t)part >= i || at >= unit)
            buffer_append(out, view_slice(text, at, end));
        else if (!from->text[part])
            return false;
        else
            buffer_text(out, from->text[part]);
    }
    return out->n < LONGEST;
}

static json_t *fill(const json_t *parts, size_t i, const json_t *what,
                    const struct results *from) {
    if (json_is_string(what)) {
        struct buffer text = {0};
        struct view given = {json_string_value(what), json_string_length(what)};
        json_t *out = fill_text(parts, i, given, from, &text)
                          ? json_stringn(text.at ? text.at : "", text.n)
                          : NULL;
        buffer_free(&text);
        return out;
    }
    if (!json_is_array(what))
        return what ? json_deep_copy(what) : NULL;
    json_t *list = json_array();
    const json_t *one;
    size_t k;
    json_array_foreach(what, k, one) {
        json_t *filled = json_is_array(one) ? json_deep_copy(one) : fill(parts, i, one, from);
        if (!filled) {
            json_decref(list);
            return NULL;
        }
        json_array_append_new(list, filled);
    }
    return list;
}

static char *result_of(const json_t *part, const json_t *key, const json_t *value,
                       const struct number_style *style) {
    struct buffer text = {0}, out = {0};
    bool good = key && value && grade_scalar(value, &text);
    if (good && !strcmp(json_text(part, "check", ""), "number"))
        good = number_result(key, value, style, &out);
    else if (good) {
        struct view last = after_equal(buffer_view(&text));
        good = last.n > 0 && last.n <= LONGEST_NUMBER;
        buffer_format(&out, "(%.*s)", VIEW_ARG(last));
    }
    char *copy = good ? must_copy(buffer_view(&out)) : NULL;
    buffer_free(&text);
    buffer_free(&out);
    return copy;
}

/* What is right, and what the learner has (`own` may be NULL), of the first n parts. */
static void results_of(const json_t *parts, size_t n, const json_t *answer, const json_t *options,
                       struct results *right, struct results *own) {
    const struct number_style learner = number_style(options);
    for (size_t i = 0; i < n && i < GRADE_PARTS; i++) {
        const json_t *part = json_array_get(parts, i);
        json_t *key = fill(parts, i, json_object_get(part, "key"), right);
        right->text[i] = result_of(part, key, key, &author);
        if (own)
            own->text[i] = result_of(part, key, answer_of(parts, answer, i), &learner);
        json_decref(key);
    }
}

static void results_free(struct results *results) {
    for (size_t i = 0; i < GRADE_PARTS; i++)
        free(results->text[i]);
}

/* Which earlier parts a key names, a bit each; itself and later ones are a mistake of the author.
 */
static unsigned needs(const json_t *parts, size_t i, const json_t *what) {
    struct view text = {json_string_value(what), json_string_length(what)};
    size_t unit = unit_start(json_array_get(parts, i), text);
    unsigned found = 0;
    const json_t *one;
    size_t k;
    json_array_foreach(what, k, one) found |= needs(parts, i, one);
    for (size_t at = 0, end; at < unit; at = end) {
        for (end = at; end < text.n && is_word(text.at[end]);)
            end++;
        bool escaped = at && text.at[at - 1] == '\\';
        ptrdiff_t part = end > at && !escaped ? named_part(parts, view_slice(text, at, end)) : -1;
        if (part >= 0)
            found |= 1u << part;
        end += end == at;
    }
    return found;
}

/* "(20)*3 m" as "60 m". Takes the reference. */
static json_t *reckoned(const json_t *parts, size_t i, json_t *filled) {
    const json_t *part = json_array_get(parts, i);
    struct view text = {json_string_value(filled), json_string_length(filled)};
    struct arena *arena = arena_new();
    size_t unit = unit_start(part, text);
    double value;
    const struct expression *e =
        text.n && !strcmp(json_text(part, "check", ""), "number")
            ? expression_parse(arena, view_slice(text, 0, unit), NULL, NULL)
            : NULL;
    if (e && expression_evaluate_real(e, &value, NULL)) {
        struct buffer out = {0};
        buffer_format(&out, "%.15g%.*s", value, (int)(text.n - unit), text.at + unit);
        json_decref(filled);
        filled = json_stringn(out.at, out.n);
        buffer_free(&out);
    }
    arena_free(arena);
    return filled;
}

json_t *grade_parts_fill(const json_t *parts, size_t i, const json_t *what, const json_t *answer,
                         const json_t *options) {
    struct results right = {0}, own = {0};
    results_of(parts, i, answer, options, &right, answer ? &own : NULL);
    json_t *out = fill(parts, i, what, answer ? &own : &right);
    if (out && !answer && needs(parts, i, what))
        out = reckoned(parts, i, out);
    results_free(&right);
    results_free(&own);
    return out;
}

/* ----------------------------------------------------------------------------------- grading */

static bool refuse(struct grading *g, size_t i, const char *what) {
    char name[32];
    grade_parts_name(g->key, i, name);
    return fault_set(g->fault, FAULT_INPUT, "part %s %s", name, what);
}

static bool check_part(struct grading *g, size_t i) {
    const json_t *part = json_array_get(g->key, i), *key = json_object_get(part, "key");
    const char *check = json_text(part, "check", ""), *name = json_text(part, "name", NULL);
    const json_t *options = json_object_get(part, "options");
    double weight = json_number(part, "weight", 1);
    const json_t *carry = json_object_get(part, "carry");
    double share = json_number(part, "carry", 0);
    char own[32];
    grade_parts_name(g->key, i, own);
    if (!json_is_object(part))
        return refuse(g, i, "is no object");
    if (json_object_get(part, "name") && !(name && is_good_name(name)))
        return refuse(g, i, "needs a name of letters that means nothing else");
    if (grade_parts_find(g->key, own) != (ptrdiff_t)i)
        return refuse(g, i, "has the name of another");
    if (!grade_check_exists(check) || !strcmp(check, "parts"))
        return refuse(g, i, "has no check that a part can have");
    if (!key && !json_object_get(options, "pattern"))
        return refuse(g, i, "has no key");
    if (options && !json_is_object(options))
        return refuse(g, i, "has options that are no object");
    if (!(weight >= 0 && weight <= 1000))
        return refuse(g, i, "needs a weight from 0 to 1000");
    if (carry && !json_is_boolean(carry) && !(json_is_number(carry) && share >= 0 && share <= 1))
        return refuse(g, i, "needs carry: true, false or a number from 0 to 1");
    return needs(g->key, i, key) < 1u << i || refuse(g, i, "builds on itself or on a later part");
}

static json_t *options_of(const struct grading *g, const json_t *part) {
    static const char *const inherited[] = {"language", "locale"};
    json_t *own = json_object_get(part, "options");
    json_t *options = own ? json_copy(own) : json_object();
    for (size_t i = 0; i < COUNT_OF(inherited); i++)
        if (!json_object_get(options, inherited[i]) && json_object_get(g->options, inherited[i]))
            json_object_set(options, inherited[i], json_object_get(g->options, inherited[i]));
    return options;
}

static double share_carried(const json_t *part) {
    const json_t *carry = json_object_get(part, "carry");
    return json_is_boolean(carry) ? (json_is_true(carry) ? 1 : 0) : json_number(part, "carry", 1);
}

static bool was_read(const struct grade_part *part) {
    return strcmp(part->note, "unreadable") != 0 && strcmp(part->note, "ambiguous") != 0 &&
           strcmp(part->note, "missing") != 0;
}

static void keep(const struct grade_result *one, struct grade_part *out) {
    out->score = one->score;
    out->authored = one->authored;
    snprintf(out->note, sizeof out->note, "%s", one->note);
    struct view words = {one->feedback, strlen(one->feedback)};
    words.n = words.n < sizeof out->feedback ? words.n : sizeof out->feedback - 1;
    words.n = utf8_whole(words);
    snprintf(out->feedback, sizeof out->feedback, "%.*s", VIEW_ARG(words));
}

/* What follows from the learner's own results, where they are not the key's. */
static void try_carried(struct grading *g, size_t i, const json_t *options, const json_t *answer,
                        unsigned before, const struct results *from) {
    struct grade_part *out = &g->out->parts[i];
    const json_t *part = json_array_get(g->key, i);
    bool wrong = false;
    for (size_t j = 0; j < i; j++)
        if (before & 1u << j) {
            if (!was_read(&g->out->parts[j]))
                return;
            wrong |= g->out->parts[j].score < 1 || !strcmp(g->out->parts[j].note, "carried");
        }
    double share = wrong ? share_carried(part) : 1;
    json_t *key = fill(g->key, i, json_object_get(part, "key"), from);
    struct grade_result own = {0};
    struct fault ignored = {0};
    struct grading apart = *g;
    apart.fault = &ignored; /* an own result may lead to what is no key, such as 1/0 */
    if (key && share > 0 &&
        grade_with(json_text(part, "check", ""), key, answer, options, &apart, &own) &&
        own.score * share > out->score) {
        own.score *= share;
        if (wrong) {
            own.authored = false;
            snprintf(own.note, sizeof own.note, "carried");
            snprintf(own.feedback, sizeof own.feedback, "%s",
                     grade_sentence(g->options, "carried"));
        }
        keep(&own, out);
    }
    json_decref(key);
}

static bool grade_part(struct grading *g, size_t i, const struct results *right,
                       const struct results *own) {
    const json_t *part = json_array_get(g->key, i), *template = json_object_get(part, "key");
    const json_t *answer = answer_of(g->key, g->answer, i);
    struct grade_part *out = &g->out->parts[i];
    grade_parts_name(g->key, i, out->name);
    json_t *options = options_of(g, part);
    json_t *key = template ? fill(g->key, i, template, right) : NULL;
    struct grade_result one = {.score = 0};
    bool good = true;
    if (template && !key)
        good = refuse(g, i, "has a key that builds on what is no number");
    else if (!answer) {
        snprintf(one.note, sizeof one.note, "missing");
        snprintf(one.feedback, sizeof one.feedback, "%s", grade_sentence(options, "missing"));
    } else
        good = grade_with(json_text(part, "check", ""), key, answer, options, g, &one);
    if (good)
        keep(&one, out);
    unsigned before = needs(g->key, i, template);
    if (good && answer && before && out->score < 1 && was_read(out))
        try_carried(g, i, options, answer, before, own);
    json_decref(key);
    json_decref(options);
    return good;
}

/* "v: That is right. s: Look at the unit." */
static void say_parts(struct grade_result *out) {
    struct buffer words = {0};
    for (size_t i = 0; i < out->n_part; i++)
        buffer_format(&words, "%s%s: %s", i ? " " : "", out->parts[i].name,
                      out->parts[i].feedback);
    struct view all = buffer_view(&words);
    all.n = all.n < sizeof out->feedback ? all.n : sizeof out->feedback - 1;
    all.n = utf8_whole(all);
    snprintf(out->feedback, sizeof out->feedback, "%.*s", VIEW_ARG(all));
    buffer_free(&words);
}

static const char *note_of_whole(const struct grade_result *out, double score) {
    static const char *const first[] = {"ambiguous", "unreadable", "carried"};
    for (size_t k = 0; k < COUNT_OF(first) && score < 1; k++)
        for (size_t i = 0; i < out->n_part; i++)
            if (!strcmp(out->parts[i].note, first[k]))
                return first[k];
    return score > 0 && score < 1 ? "partial" : "";
}

static bool has_any_answer(const struct grading *g) {
    for (size_t i = 0; i < json_array_size(g->key); i++)
        if (answer_of(g->key, g->answer, i))
            return true;
    return false;
}

bool grade_parts(struct grading *g) {
    size_t n = json_array_size(g->key);
    double sum = 0, all = 0;
    bool right = true;
    if (!n || n > GRADE_PARTS)
        return fault_set(g->fault, FAULT_INPUT, "the key of parts must be a list of 1 to %d",
                         GRADE_PARTS);
    for (size_t i = 0; i < n; i++)
        if (!check_part(g, i))
            return false;
    if (!json_is_object(g->answer) && !json_is_array(g->answer))
        return grade_unreadable(g, FAULT_INPUT, "the answer must be an object, by part");
    if (!has_any_answer(g))
        return grade_unreadable(g, FAULT_INPUT, "no part is answered");
    struct results own = {0}, real = {0};
    results_of(g->key, n, g->answer, g->options, &real, &own);
    bool good = true;
    for (size_t i = 0; i < n && good; i++, g->out->n_part++) {
        double weight = json_number(json_array_get(g->key, i), "weight", 1);
        good = grade_part(g, i, &real, &own);
        sum += weight * g->out->parts[i].score;
        all += weight;
        right &= g->out->parts[i].score >= 1;
    }
    results_free(&own);
    results_free(&real);
    double score = right ? 1 : all > 0 ? sum / all : 0;
    score = !right && score > 0.99 ? 0.99 : score;
    if (good)
        grade_say(g, score, note_of_whole(g->out, score));
    if (good && !right)
        say_parts(g->out);
    return good;
}
