/* Questions that say hardly more than a term of the course: the bare term, an example of it, its
 * formula, how two differ. Their words are in too many sentences for a ranking to tell which one
 * answers, so they are answered from where the author introduced the term. */
#include "school/tutor/recall.h"

#include <string.h>

enum asked_for { FOR_NOTHING, FOR_MEANING, FOR_FORMULA, FOR_EXAMPLE, FOR_DIFFERENCE };

enum { MOST_NAMED = 8, FURTHEST = 3 }; /* sentences behind the one that introduces */

/* clang-format off */
/* What asks, and is left out before it is seen what is named; the last kind that is met counts. */
static const struct { enum asked_for what; const char *phrase; } asking[] = {
    {FOR_MEANING, "what is"}, {FOR_MEANING, "whats"}, {FOR_MEANING, "what are"}, {FOR_MEANING, "que es"}, {FOR_MEANING, "que son"},
    {FOR_MEANING, "什么是"}, {FOR_MEANING, "是什么"}, {FOR_MEANING, "ما هو"}, {FOR_MEANING, "ما هي"},
    {FOR_MEANING, "what about"}, {FOR_MEANING, "how about"}, {FOR_MEANING, "meaning"}, {FOR_MEANING, "definition"}, {FOR_MEANING, "define"},
    {FOR_MEANING, "explain"}, {FOR_MEANING, "explained"}, {FOR_MEANING, "explanation"}, {FOR_MEANING, "describe"}, {FOR_MEANING, "tell me about"},
    {FOR_MEANING, "que tal"}, {FOR_MEANING, "explica"}, {FOR_MEANING, "explicame"}, {FOR_MEANING, "definicion"}, {FOR_MEANING, "significado"},
    {FOR_MEANING, "解释"}, {FOR_MEANING, "定义"}, {FOR_MEANING, "讲讲"}, {FOR_MEANING, "说说"},
    {FOR_MEANING, "اشرح"}, {FOR_MEANING, "تعريف"}, {FOR_MEANING, "ماذا عن"},
    {FOR_FORMULA, "formula"}, {FOR_FORMULA, "formulas"}, {FOR_FORMULA, "equation"}, {FOR_FORMULA, "calculate"}, {FOR_FORMULA, "calculated"},
    {FOR_FORMULA, "compute"}, {FOR_FORMULA, "computed"}, {FOR_FORMULA, "ecuacion"}, {FOR_FORMULA, "calcula"}, {FOR_FORMULA, "calcular"}, {FOR_FORMULA, "calculo"},
    {FOR_FORMULA, "公式"}, {FOR_FORMULA, "怎么算"}, {FOR_FORMULA, "怎么求"}, {FOR_FORMULA, "怎么计算"}, {FOR_FORMULA, "如何计算"},
    {FOR_FORMULA, "صيغة"}, {FOR_FORMULA, "معادلة"}, {FOR_FORMULA, "احسب"}, {FOR_FORMULA, "أحسب"}, {FOR_FORMULA, "نحسب"}, {FOR_FORMULA, "تحسب"}, {FOR_FORMULA, "يحسب"},
    {FOR_EXAMPLE, "example"}, {FOR_EXAMPLE, "examples"}, {FOR_EXAMPLE, "ejemplo"}, {FOR_EXAMPLE, "ejemplos"},
    {FOR_EXAMPLE, "举个"}, {FOR_EXAMPLE, "举一个"}, {FOR_EXAMPLE, "举例"}, {FOR_EXAMPLE, "例子"}, {FOR_EXAMPLE, "مثال"}, {FOR_EXAMPLE, "مثالا"}, {FOR_EXAMPLE, "أمثلة"},
    {FOR_DIFFERENCE, "difference"}, {FOR_DIFFERENCE, "differences"}, {FOR_DIFFERENCE, "diff"}, {FOR_DIFFERENCE, "differ"}, {FOR_DIFFERENCE, "different"},
    {FOR_DIFFERENCE, "between"}, {FOR_DIFFERENCE, "vs"}, {FOR_DIFFERENCE, "versus"}, {FOR_DIFFERENCE, "compare"}, {FOR_DIFFERENCE, "compared"}, {FOR_DIFFERENCE, "relation"},
    {FOR_DIFFERENCE, "relationship"}, {FOR_DIFFERENCE, "relate"}, {FOR_DIFFERENCE, "relates"}, {FOR_DIFFERENCE, "related"},
    {FOR_DIFFERENCE, "diferencia"}, {FOR_DIFFERENCE, "diferencias"}, {FOR_DIFFERENCE, "diferencian"}, {FOR_DIFFERENCE, "comparar"}, {FOR_DIFFERENCE, "relacion"}, {FOR_DIFFERENCE, "relaciona"},
    {FOR_DIFFERENCE, "区别"}, {FOR_DIFFERENCE, "差别"}, {FOR_DIFFERENCE, "不同"}, {FOR_DIFFERENCE, "关系"}, {FOR_DIFFERENCE, "比较"},
    {FOR_DIFFERENCE, "الفرق"}, {FOR_DIFFERENCE, "فرق"}, {FOR_DIFFERENCE, "العلاقة"}, {FOR_DIFFERENCE, "مقارنة"}, {FOR_DIFFERENCE, "يختلف"}, {FOR_DIFFERENCE, "تختلف"},
};
/* Of another kind: a term alone is no answer to these. */
static const char *const asks_else[] = {"why", "who", "whose", "when", "where", "many", "much", "not", "isnt", "doesnt", "cant", "por que", "quien", "cuando",
    "donde", "cuantos", "cuantas", "no", "为什么", "谁", "哪", "多少", "几", "没", "不是", "لماذا", "من", "متى", "أين", "كم", "لا", NULL};
/* What may stand beside a bare term. */
static const char *const beside[] = {"a", "an", "the", "of", "and", "so", "on", "to", "for", "us", "again", "can", "could", "you", "someone", "somebody", "please", "pls", "me", "el", "la", "los", "las", "un", "una", "de", "del", "y", "lo", "و", NULL};
static const char *const says_example[] = {"for example", "for instance", "e.g.", "for $", " contains ", "por ejemplo", "para $", " contiene ", "例如", "比如", "对 $", "مثلا", "مثلًا", NULL};
/* clang-format on */

static bool in_a_word(struct view text, size_t at) {
    return at < text.n && text.at[at] != ' ' && !strchr(",.;:?!\"()", text.at[at]);
}

/* Where the phrase stands as words of its own; Chinese has no spaces. */
static ptrdiff_t find_phrase(struct view text, const char *phrase) {
    size_t n = strlen(phrase);
    int32_t c;
    utf8_decode(phrase, n, &c);
    for (size_t at = 0; at + n <= text.n; at++)
        if (view_starts(view_slice(text, at, text.n), phrase) &&
            (unicode_is_han(c) || (!(at && in_a_word(text, at - 1)) && !in_a_word(text, at + n))))
            return (ptrdiff_t)at;
    return -1;
}

/* Takes out what asks. */
static enum asked_for take_asking(char *text, size_t n) {
    enum asked_for what = FOR_NOTHING;
    for (size_t i = 0; i < COUNT_OF(asking); i++) {
        ptrdiff_t at = find_phrase((struct view){text, n}, asking[i].phrase);
        if (at < 0)
            continue;
        memset(text + at, ' ', strlen(asking[i].phrase));
        what = asking[i].what > what ? asking[i].what : what;
    }
    return what;
}

static bool asks_something_else(struct view text) {
    for (size_t i = 0; asks_else[i]; i++)
        if (find_phrase(text, asks_else[i]) >= 0)
            return true;
    return false;
}

/* ------------------------------------------------------------------------------ what is named */

struct naming {
    const struct shelf *shelf;
    const struct recall_query *query;
    struct terms terms;
    uint32_t *ids; /* of the terms */
    size_t n_named;
    const struct definition *named[MOST_NAMED];
};

static bool holds_id(const struct naming *naming, uint32_t id) {
    for (size_t i = 0; i < naming->terms.n_term; i++)
        if (naming->ids[i] == id)
            return true;
    return false;
}

static bool is_part_of(const struct definition *a, const struct definition *b) {
    for (size_t i = 0; i < a->n_id; i++)
        if (!has_id(b->ids, b->n_id, a->ids[i]))
            return false;
    return true;
}

static bool is_named(const struct naming *naming, const struct definition *one) {
    const struct sentence *sentence = &naming->shelf->sentences[one->sentence];
    bool all = one->n_id > 0 && passage_shown(sentence->passage, naming->query->background);
    for (size_t i = 0; i < one->n_id && all; i++)
        all = holds_id(naming, one->ids[i]);
    return all;
}

/* Of two introductions of a term: that of the lesson at hand, and the one that begins with it. */
static int fitness(const struct naming *naming, const struct definition *one) {
    const struct sentence *sentence = &naming->shelf->sentences[one->sentence];
    struct buffer plain = {0};
    fold_plain(sentence->passage->sentences[sentence->index], &plain);
    ptrdiff_t at = view_find(buffer_view(&plain), one->term);
    buffer_free(&plain);
    bool begins = at >= 0 && at <= 8 && !((uint8_t)one->term.at[0] & 0x80);
    return 2 * (naming->query->lesson && sentence->passage->lesson == naming->query->lesson) +
           begins;
}

static void add_named(struct naming *naming, const struct definition *one) {
    for (size_t i = 0; i < naming->n_named; i++) {
        const struct definition **other = &naming->named[i];
        bool part = is_part_of(one, *other), whole = is_part_of(*other, one);
        if (!part && !whole)
            continue;
        if (!part || (whole && fitness(naming, one) > fitness(naming, *other)))
            *other = one;
        return;
    }
    if (naming->n_named < MOST_NAMED)
        naming->named[naming->n_named++] = one;
}

/* "Loss and squared loss": the words of the shorter term are there twice. */
static void add_named_twice(struct naming *naming) {
    const struct definition *whole = naming->named[0], *best = NULL;
    for (size_t d = 0; d < naming->shelf->n_definition; d++) {
        const struct definition *one = &naming->shelf->definitions[d];
        bool twice = is_named(naming, one) && is_part_of(one, whole) && !is_part_of(whole, one);
        for (size_t i = 0; i < one->n_id && twice; i++) {
            size_t n = 0;
            for (size_t k = 0; k < naming->terms.n_term; k++)
                n += naming->ids[k] == one->ids[i];
            twice = n > 1;
        }
        bool better = !best || one->n_id > best->n_id ||
                      (one->n_id == best->n_id && fitness(naming, one) > fitness(naming, best));
        if (twice && better)
            best = one;
    }
    if (best)
        naming->named[naming->n_named++] = best;
}

/* All that says something belongs to what is named; where nothing asks, no other word is there. */
static bool says_no_more(const struct naming *naming, bool bare) {
    const struct terms *terms = &naming->terms;
    for (size_t k = 0; k < terms->n_unit; k++) {
        bool covered = false;
        for (size_t i = 0; i < terms->n_term && !covered; i++)
            for (size_t d = 0; d < naming->n_named; d++)
                covered = covered ||
                          (k >= terms->terms[i].unit &&
                           k < terms->terms[i].unit + terms->terms[i].n_unit &&
                           has_id(naming->named[d]->ids, naming->named[d]->n_id, naming->ids[i]));
        double weight = terms->units[k].weight;
        bool han = ((uint8_t)terms->units[k].word.at[0] & 0xE0) == 0xE0;
        if (!covered && (weight >= 1 || (bare && (weight <= 0 || !han) &&
                                         !text_in(beside, terms->units[k].word))))
            return false;
    }
    return true;
}

static void read_names(struct recall *recall, struct view text, struct arena *arena,
                       struct naming *naming) {
    text_terms(recall->stemmer, text, naming->query->language, true, arena, &naming->terms);
    naming->ids = ARENA_NEW(arena, naming->terms.n_term + 1, uint32_t);
    for (size_t i = 0; i < naming->terms.n_term; i++) {
        const struct term *term = &naming->terms.terms[i];
        naming->ids[i] = dictionary_find(&naming->shelf->stems, term->stem);
        if (naming->ids[i] == NO_STEM)
            naming->ids[i] =
                dictionary_nearest(&naming->shelf->words, naming->terms.units[term->unit].word);
    }
    for (size_t d = 0; d < naming->shelf->n_definition; d++)
        if (is_named(naming, &naming->shelf->definitions[d]))
            add_named(naming, &naming->shelf->definitions[d]);
}

/* ---------------------------------------------------------------------------------- what is said
 */

/* "Perplexity turns bits back into …", behind what perplexity is. */
static bool goes_on(const struct sentence *sentence, const struct definition *of) {
    struct buffer plain = {0};
    fold_plain(sentence->passage->sentences[sentence->index], &plain);
    ptrdiff_t at = view_find(buffer_view(&plain), of->term);
    buffer_free(&plain);
    return at >= 0 && at <= (((uint8_t)of->term.at[0] & 0x80) ? 0 : 4);
}

static bool is_formula(const struct sentence *sentence, const struct definition *of) {
    (void)of;
    return view_starts(view_trim(sentence->passage->sentences[sentence->index]), "$");
}

/* It says so, or has a number in it and the term. */
static bool is_example(const struct sentence *sentence, const struct definition *of) {
    struct buffer plain = {0};
    bool found = false, term = true;
    fold_plain(sentence->passage->sentences[sentence->index], &plain);
    for (size_t i = 0; i < of->n_id; i++)
        term = term && has_id(sentence->ids, sentence->n_id, of->ids[i]);
    for (size_t i = 0; i < plain.n && term && !found; i++)
        found = plain.at[i] >= '0' && plain.at[i] <= '9';
    for (size_t i = 0; says_example[i] && !found; i++)
        found = view_find(buffer_view(&plain), view_of(says_example[i])) >= 0;
    buffer_free(&plain);
    return found && !is_formula(sentence, of);
}

/* From where the term is introduced to the first sentence of the kind; 0: there is none near. */
static size_t length_to(const struct sentence *from, const struct definition *of,
                        bool (*wanted)(const struct sentence *, const struct definition *)) {
    for (size_t k = 1; k <= FURTHEST && from->index + k < from->passage->n_sentence; k++)
        if (wanted(from + k, of))
            return k + 1;
    return 0;
}

/* What is said of a term. Its introduction is whole only with the formula that it announces. */
static struct recalled told_of(const struct shelf *shelf, const struct definition *of,
                               enum asked_for what, bool *sure) {
    const struct sentence *at = &shelf->sentences[of->sentence];
    struct view text = view_trim(at->passage->sentences[at->index]);
    bool announces = view_ends(text, ":") || view_ends(text, "：");
    size_t length = what == FOR_EXAMPLE                ? length_to(at, of, is_example)
                    : what == FOR_FORMULA || announces ? length_to(at, of, is_formula)
                                                       : 1;
    *sure = *sure && (what != FOR_EXAMPLE || length);
    if (what <= FOR_MEANING && length == 1 && at->index + 1 < at->passage->n_sentence &&
        goes_on(at + 1, of))
        length = 2;
    return (struct recalled){at->passage, at->index, length ? length : 1, 1.5, 1, true};
}

size_t recall_named(struct recall *recall, const struct shelf *shelf,
                    const struct recall_query *query, struct recalled *out, size_t n_out,
                    bool *sure) {
    struct naming naming = {.shelf = shelf, .query = query};
    struct buffer plain = {0};
    fold_plain(query->text, &plain);
    if (!plain.n || plain.n > 200 || asks_something_else(buffer_view(&plain))) {
        buffer_free(&plain);
        return 0;
    }
    struct arena *arena = arena_new();
    enum asked_for what = FOR_NOTHING;
    read_names(recall, buffer_view(&plain), arena, &naming);
    if (naming.n_named != 1 || !says_no_more(&naming, true)) { /* not "finite difference" */
        what = take_asking(plain.at, plain.n);
        naming.n_named = 0;
        read_names(recall, buffer_view(&plain), arena, &naming);
    }
    if (what == FOR_DIFFERENCE && naming.n_named == 1)
        add_named_twice(&naming);
    size_t n = 0, wanted = what == FOR_DIFFERENCE ? 2 : 1;
    *sure = true;
    if (naming.n_named == wanted && n_out >= wanted &&
        says_no_more(&naming, what == FOR_NOTHING || what == FOR_MEANING))
        for (size_t i = 0; i < wanted; i++) {
            struct recalled told = told_of(shelf, naming.named[i], what, sure);
            if (!n || out[0].passage != told.passage || out[0].first != told.first)
                out[n++] = told;
        }
    buffer_free(&plain);
    arena_free(arena);
    return n;
}
