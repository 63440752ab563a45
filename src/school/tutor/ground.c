/* Whether one source sentence says what a draft sentence says.
 *
 * The words that carry content must stand in the source, in the same order and without a gap; the
 * small words that turn a meaning must stand in the same places; and what is left out must be
 * grammar, whole parts of the sentence that restrict nothing, or what the question said already.
 */
#include "school/tutor/review_inside.h"

#include <stdio.h>
#include <string.h>

static bool turns(const struct word *word) {
    return word->class && (word->class[0] == '=' || word->class[0] == '!');
}

static size_t piece_start(const struct cut *cut, size_t piece) {
    return cut->starts[piece];
}

/* --------------------------------------------------------------------------------------- gaps */

struct span { /* words [from, to) of a text, without the parts that were skipped */
    const struct cut *cut;
    size_t from, to;
    const bool *skipped; /* by piece, or NULL */
};

static bool counted(const struct span *span, size_t i) {
    return !span->skipped || !span->skipped[span->cut->piece[i]];
}

static size_t count_class(const struct span *span, const char *class) {
    size_t n = 0;
    for (size_t i = span->from; i < span->to; i++)
        n += counted(span, i) && class_is(&span->cut->words.at[i], class);
    return n;
}

static bool has_kind(const struct span *span, char kind) {
    for (size_t i = span->from; i < span->to; i++)
        if (counted(span, i) && span->cut->words.at[i].class &&
            span->cut->words.at[i].class[0] == kind)
            return true;
    return false;
}

static bool has_text(const struct span *span, const char *list) {
    for (size_t i = span->from; i < span->to; i++)
        if (counted(span, i) && word_in(&span->cut->words.at[i], list))
            return true;
    return false;
}

static bool has_comma(const struct span *span) {
    for (size_t i = span->from; i <= span->to && i < span->cut->words.n; i++)
        if (span->cut->words.at[i].before)
            return true;
    return false;
}

static bool tell(char why[120], const char *what, const struct word *word) {
    snprintf(why, 120, "%s \"%.*s\"", what, word->text.n < 60 ? (int)word->text.n : 60,
             word->text.at);
    return false;
}

/* Small words that one has and the other lacks. `exempt`: classes that may differ here. */
static bool same_turns(const struct span *a, const struct span *b, const char *what,
                       const char *exempt, char why[120]) {
    for (size_t i = a->from; i < a->to; i++) {
        const struct word *word = &a->cut->words.at[i];
        if (!counted(a, i) || !turns(word) || strstr(exempt, word->class))
            continue;
        if (class_is(word, "=and") && has_comma(b))
            continue;
        if (count_class(a, word->class) > count_class(b, word->class))
            return tell(why, what, word);
    }
    return true;
}

static bool same_gap(const struct span *said, const struct span *source, const char *exempt,
                     char why[120]) {
    static const char be[] = "is are was were am be been being es son era eran fue está están";
    static const char have[] = "has have had tiene tienen tenía hay";
    if (!same_turns(said, source, "put in:", exempt, why) ||
        !same_turns(source, said, "left out:", exempt, why))
        return false;
    bool turned = has_kind(source, '=') && !has_kind(source, '.');
    for (size_t i = said->from; i < said->to && !turned; i++) {
        const struct word *word = &said->cut->words.at[i];
        if (word->class && word->class[0] == '.' && !count_class(source, word->class))
            return tell(why, "other preposition:", word);
    }
    bool now = count_class(said, "+now") > 0, past = count_class(said, "+past") > 0;
    bool source_now = count_class(source, "+now") > 0,
         source_past = count_class(source, "+past") > 0;
    if ((now && !past && source_past && !source_now) ||
        (past && !now && source_now && !source_past)) {
        snprintf(why, 120, "another time");
        return false;
    }
    bool is = has_text(said, be), has = has_text(said, have);
    if ((is || has) && !has_kind(source, '+'))
        return tell(why, "a verb put in before", &said->cut->words.at[said->to - 1]);
    bool source_is = has_text(source, be), source_has = has_text(source, have);
    if ((is && !has && source_has && !source_is) || (has && !is && source_is && !source_has)) {
        snprintf(why, 120, "another verb");
        return false;
    }
    return true;
}

/* ------------------------------------------------------------------------------- what is left out
 */

/* Whether a part of the source begins in a way that restricts the rest of the sentence. */
static bool restricts(const struct cut *source, size_t piece, bool trailing) {
    static const char *const classes[] = {
        "=if",    "=unless", "=when", "=while",   "=until", "=once",   "=before", "=after",
        "=since", "=during", "=only", "=without", "=under", "=within", "=among",  "=from",
        "=to",    "=by",     "=as",   "=between", "=per",   "=except", "=or",     "=otherwise",
        "=least", "=most",   "=some", "=few",     "=than",  "=nor",    "=into",   "=about"};
    size_t from = piece_start(source, piece), to = piece_start(source, piece + 1);
    if (from >= to || source->words.at[from].before == '(')
        return false;
    if (trailing && source->words.at[from].past) /* ", seen from above" */
        return true;
    for (size_t i = from; i < to; i++) {
        const struct word *word = &source->words.at[i];
        bool han = word->kind == WORD_IDEOGRAPH; /* 学习率太大时: the mark stands at the end */
        if (word_in(word,
                    "said says say thought thinks argued argues asserted hoped feared guessed "
                    "according dijo dice pensaba según 说 道"))
            return true;
        if (i >= from + 2 && !han)
            continue;
        if (i == from && word_in(word, "which who where what and because although"))
            i = from + 1;
        if (trailing && i == from && class_is(word, "=nor"))
            return false; /* neither is; the one that stays is said in full */
        for (size_t j = 0; j < COUNT_OF(classes); j++)
            if (class_is(word, classes[j]) && (i < from + 2 || j < 8))
                return true;
        bool opens = word->before && strchr(";:", word->before); /* a sentence of its own */
        if ((i == from && !opens && word->class && word->class[0] == '.') ||
            (i < from + 2 && word_in(word, "given using suppose let seen taken known compared "
                                           "ignoring neglecting excluding barring")) ||
            (trailing && i < from + 2 && class_is(word, "=but")))
            return true;
    }
    return false;
}

/* Whether the part begins so that what stands before it is a sentence of its own. */
static bool stands_alone(const struct cut *source, size_t piece) {
    const struct word *word = &source->words.at[piece_start(source, piece)];
    return (word->before && strchr(";:.!?-", word->before)) || class_is(word, "=but") ||
           class_is(word, "=and") || class_is(word, "=because") || word->kind == WORD_IDEOGRAPH ||
           word_in(word, "so therefore thus hence which who where whereas porque y pero");
}

/* Leading parts that only connect: "However,", "For example,", "Although …,". */
static bool only_connects(const struct cut *source, size_t piece) {
    size_t from = piece_start(source, piece), to = piece_start(source, piece + 1);
    const struct word *word = &source->words.at[from];
    bool phrase = to - from <= 3 &&
                  word_in(&source->words.at[to - 1], "example fact short words "
                                                     "course result hand ejemplo hecho resumen");
    return (word->class && word->class[0] == '~') || class_is(word, "=although") ||
           class_is(word, "=because") || phrase ||
           word_in(word, "unlike first second finally then");
}

static bool negated(const struct cut *source, size_t piece) {
    for (size_t i = piece_start(source, piece); i < source->words.n && source->piece[i] == piece;
         i++)
        if (is_negation(&source->words.at[i]))
            return true;
    return false;
}

/* "X is not Y; Z is W": a strong mark or a "but" ends what a negation reaches. */
static bool stands_firm(const struct cut *source, size_t first, size_t piece) {
    const struct word *word = &source->words.at[piece_start(source, first)];
    bool strong = (word->before && strchr(";:.!?", word->before)) || class_is(word, "=but") ||
                  class_is(word, "=because");
    return strong || (stands_alone(source, first) && !negated(source, piece));
}

static bool in_question(struct reviewing *r, const struct cut *source, size_t from, size_t to) {
    bool any = false;
    for (size_t i = from; i < to; i++) {
        const struct word *word = &source->words.at[i];
        if ((!is_content(word) && !turns(word)) || class_is(word, "=to"))
            continue;
        if (!has_word(&r->question, word))
            return false;
        any |= is_content(word);
    }
    return any;
}

/* Whole parts of the source before and behind the one used. */
static bool may_drop_pieces(struct reviewing *r, const struct cut *source, size_t first,
                            size_t last, char why[120]) {
    for (size_t piece = 0; piece < source->n_piece; piece++) {
        if (piece >= first && piece <= last)
            continue;
        size_t from = piece_start(source, piece), to = piece_start(source, piece + 1);
        bool leading = piece < first;
        bool bad = leading && only_connects(source, piece)
                       ? false
                       : restricts(source, piece, !leading) ||
                             (leading && !stands_firm(source, first, piece));
        if (bad && !in_question(r, source, from, to))
            return tell(why, "left out:", &source->words.at[from]);
    }
    return true;
}

/* ------------------------------------------------------------------------------------ alignment
 */

struct alignment {
    struct reviewing *r;
    const struct cut *said, *source;
    size_t first_said; /* content words before it were found in the sentence before */
    size_t source_first, source_last; /* content places used */
    bool *skipped;                    /* pieces of the source */
    size_t reached;                   /* content words aligned, for the reason */
    char why[120];
};

/* A part that is put in between: (…), "which …,". */
static bool is_parenthesis(const struct cut *source, size_t piece) {
    size_t from = piece_start(source, piece);
    if (piece == 0 || piece + 1 >= source->n_piece || from >= source->words.n)
        return false;
    const struct word *word = &source->words.at[from];
    return word->before == '(' || word->before == '-' ||
           (word->before == ',' && word_in(word, "which who where such like called named also"));
}

static bool passive_agrees(const struct span *said, const struct span *source,
                           const struct word *a, const struct word *b) {
    static const char be[] = "is are was were am be been being";
    return !a->past || !b->past || has_text(said, be) == has_text(source, be);
}

/* ", for a model," where the question says it already. */
static bool asked_piece(struct reviewing *r, const struct cut *source, size_t piece) {
    return piece > 0 && piece + 1 < source->n_piece && !negated(source, piece) &&
           in_question(r, source, piece_start(source, piece), piece_start(source, piece + 1));
}

/* `_s` and `s` are two things where a text writes its spaces. */
static bool same_blanks(const struct cut *a, const struct word *x, const struct cut *b,
                        const struct word *y) {
    bool before_x = x->from > 0 && a->raw.at[x->from - 1] == '_';
    bool before_y = y->from > 0 && b->raw.at[y->from - 1] == '_';
    bool behind_x = x->to < a->raw.n && a->raw.at[x->to] == '_';
    bool behind_y = y->to < b->raw.n && b->raw.at[y->to] == '_';
    return before_x == before_y && behind_x == behind_y;
}

static bool step(struct alignment *a, size_t i, size_t *j) {
    const struct word *word = &a->said->words.at[a->said->content[i]];
    const struct cut *source = a->source;
    while (*j < source->n_content) {
        size_t at = source->content[*j];
        if (words_same(word, &source->words.at[at]) &&
            same_blanks(a->said, word, source, &source->words.at[at]))
            return true;
        size_t piece = source->piece[at];
        bool open = i == a->first_said || a->skipped[piece] ||
                    source->piece[source->content[*j - 1]] == piece;
        if (open || !(is_parenthesis(source, piece) || asked_piece(a->r, source, piece)))
            return false;
        a->skipped[piece] = true;
        while (*j < source->n_content && source->piece[source->content[*j]] == piece)
            ++*j;
    }
    return false;
}

/* Aligns from content j of the source on; true when every word was found and the gaps agree. */
static bool run_from(struct alignment *a, size_t j) {
    const struct cut *said = a->said, *source = a->source;
    memset(a->skipped, 0, (source->n_piece + 1) * sizeof *a->skipped);
    a->source_first = j;
    for (size_t i = a->first_said; i < said->n_content; i++, j++) {
        size_t before = j;
        if (!step(a, i, &j)) {
            if (i + 1 > a->reached) {
                a->reached = i + 1;
                tell(a->why, "not said there:", &said->words.at[said->content[i]]);
            }
            return false;
        }
        if (i > a->first_said) {
            struct span gap = {said, said->content[i - 1] + 1, said->content[i], NULL};
            struct span other = {source, source->content[before - 1] + 1, source->content[j],
                                 a->skipped};
            char why[120];
            if (!same_gap(&gap, &other, "", why) ||
                !passive_agrees(&gap, &other, &said->words.at[said->content[i]],
                                &source->words.at[source->content[j]])) {
                if (i + 1 >= a->reached) {
                    a->reached = i + 1;
                    snprintf(a->why, sizeof a->why, "%s", why[0] ? why : "another voice");
                }
                return false;
            }
        }
        a->source_last = j;
    }
    return true;
}

/* "In October 1847 the engineer Jakob Bernoulli wanted" as "Bernoulli wanted": what happened once
 * stays true without its date, and who it was without first name and trade. */
static bool leads_to_name(const struct cut *source, size_t start, size_t first) {
    static const char months[] = "january february march april may june july august september "
                                 "october november december";
    bool dated = false;
    if (start > 0 || !source->words.at[first].capital)
        return false;
    for (size_t i = start; i < first; i++) {
        const struct word *word = &source->words.at[i];
        bool date = word->kind == WORD_NUMBER || word_in(word, months);
        bool named = word->kind == WORD_LETTERS && !word->class &&
                     (word->capital || source->words.at[i + 1].capital);
        dated |= date;
        if (!date && !named && !(word->class && !word->class[0]) && !class_is(word, ".in") &&
            !class_is(word, ".on"))
            return false;
    }
    return !dated || (first + 1 < source->words.n && source->words.at[first + 1].past);
}

/* "Can it see?" "It cannot see", where the source names what it is. */
static bool leads_to_pronoun(struct alignment *a, size_t start, size_t near, size_t first) {
    static const char pronouns[] = "it they";
    const struct cut *source = a->source, *said = a->said;
    bool asked = false, helped = false;
    if (start > 0 || a->first_said || !asks_yes_or_no(&a->r->question) ||
        !word_in(&said->words.at[0], pronouns))
        return false;
    for (size_t i = 0; i < a->r->question.words.n; i++)
        asked |= view_equal(a->r->question.words.at[i].text, said->words.at[0].text);
    for (size_t i = start; i < near; i++)
        if (turns(&source->words.at[i]) || has_kind(&(struct span){source, i, i + 1, NULL}, '+') ||
            word_in(&source->words.at[i], "that which who whose") || i > start + 3)
            return false;
    for (size_t i = near; i < first; i++)
        helped |= source->words.at[i].class && strchr("+=", source->words.at[i].class[0]);
    return asked && helped;
}

static bool is_one(const struct word *word) {
    return word->kind == WORD_NUMBER && same_number(word->value, 1);
}

/* The words of the source's part before the first one used; "One step" may be "A step". */
static bool leading_agrees(struct alignment *a) {
    const struct cut *source = a->source, *said = a->said;
    size_t first = source->content[a->source_first];
    size_t start = piece_start(source, source->piece[first]), near = start;
    bool article = said->content[a->first_said] > 0 &&
                   word_in(&said->words.at[said->content[a->first_said] - 1], "a an un una");
    for (size_t i = start; i < first; i++)
        if (is_content(&source->words.at[i]) &&
            !(article && i == start && i + 1 == first && is_one(&source->words.at[i])))
            near = i + 1;
    if (near > start && !in_question(a->r, source, start, near) &&
        !leads_to_name(source, start, first) && !leads_to_pronoun(a, start, near, first))
        return tell(a->why, "left out:", &source->words.at[near - 1]);
    size_t from = a->first_said ? said->content[a->first_said - 1] + 1 : 0;
    struct span gap = {said, from, said->content[a->first_said], NULL};
    struct span other = {source, near, first, NULL};
    struct span taken = {source, first, source->content[a->source_last], NULL};
    if (count_class(&gap, "=because") && !count_class(&other, "=because") &&
        count_class(&taken, "=because")) /* what has a reason is made one */
        return tell(a->why, "a reason for another thing:", &source->words.at[first]);
    bool named_before = near > start; /* the question names whom "he" stands for */
    return same_gap(&gap, &other,
                    named_before ? "=because =but =and =although =he =she"
                                 : "=because =but =and =although",
                    a->why);
}

static bool trailing_agrees(struct alignment *a) {
    const struct cut *source = a->source, *said = a->said;
    size_t last = source->content[a->source_last], end = last + 1, near;
    while (end < source->words.n && source->piece[end] == source->piece[last])
        end++;
    for (near = last + 1; near < end && !is_content(&source->words.at[near]); near++) {
    }
    struct span gap = {said, said->content[said->n_content - 1] + 1, said->words.n, NULL};
    struct span other = {source, last + 1, near, NULL};
    if (!same_gap(&gap, &other, "", a->why))
        return false;
    if (near == end)
        return true;
    for (size_t i = 0; i < a->r->question.words.n; i++)
        if (class_is(&a->r->question.words.at[i], "=or"))
            return tell(a->why, "left out:", &source->words.at[near]);
    if (asks_yes_or_no(&a->r->question) || !in_question(a->r, source, near, end))
        return tell(a->why, "left out:", &source->words.at[near]);
    return true;
}

static bool holds_killer(const struct cut *source, const struct cut *said, char why[120]) {
    struct span whole = {said, 0, said->words.n, NULL};
    for (size_t i = 0; i < source->words.n; i++) {
        const struct word *word = &source->words.at[i];
        if (word->class && word->class[0] == '!' && !count_class(&whole, word->class)) {
            tell(why, "left out:", word);
            return true;
        }
    }
    return false;
}

/* -------------------------------------------------------------------------------- restated names
 */

/* "It cannot …" said as "A bigram model cannot …": the name must begin the sentence before, and
 * the pronoun the source. */
static bool names_antecedent(struct reviewing *r, size_t source, const struct alignment *a) {
    const struct cut *here = &r->sources[source];
    size_t back = source, first = here->content[a->source_first];
    size_t start = piece_start(here, here->piece[first]);
    struct span lead = {here, start, first, NULL};
    if (!has_kind(&lead, '^') || (a->source_first && here->content[a->source_first - 1] >= start))
        return false;
    struct span head = {here, 0, here->content[0], NULL}; /* "It …, so it cannot …" */
    if (start > 0 && !has_kind(&head, '^'))
        return false;
    for (int hops = 0; hops < 3 && back > 0; hops++) {
        const struct cut *after = &r->sources[back], *before = &r->sources[--back];
        uintptr_t end = (uintptr_t)before->raw.at + before->raw.n, next = (uintptr_t)after->raw.at;
        if (next < end || next - end > 16) /* of another passage */
            return false;
        if (before->n_content < a->first_said || is_question(before))
            return false;
        struct span opening = {before, 0, before->content[0], NULL};
        if (has_kind(&opening, '^'))
            continue;
        char why[120];
        for (size_t i = 0; i < a->first_said; i++) {
            struct span other = {before, i ? before->content[i - 1] + 1 : 0, before->content[i],
                                 NULL};
            struct span gap = {a->said, i ? a->said->content[i - 1] + 1 : 0, a->said->content[i],
                               NULL};
            if (!words_same(&before->words.at[before->content[i]],
                            &a->said->words.at[a->said->content[i]]) ||
                !same_gap(&gap, &other, "", why))
                return false;
        }
        return true;
    }
    return false;
}

/* ------------------------------------------------------------------------------------- one source
 */

static bool stands_on(struct reviewing *r, const struct cut *said, size_t index,
                      struct alignment *best) {
    const struct cut *source = &r->sources[index];
    struct alignment a = {.r = r, .said = said, .source = source};
    if (!source->n_content || is_question(source))
        return false;
    a.skipped = ARENA_NEW(r->arena, source->n_piece + 2, bool);
    for (a.first_said = 0; a.first_said < said->n_content && a.first_said < 6; a.first_said++) {
        for (size_t j = 0; j < source->n_content; j++) {
            if (!words_same(&said->words.at[said->content[a.first_said]],
                            &source->words.at[source->content[j]]))
                continue;
            bool good = run_from(&a, j);
            if (good) {
                a.reached = said->n_content + 1;
                good = (a.first_said == 0 || names_antecedent(r, index, &a)) &&
                       leading_agrees(&a) && trailing_agrees(&a) &&
                       may_drop_pieces(r, source, source->piece[source->content[a.source_first]],
                                       source->piece[source->content[a.source_last]], a.why) &&
                       !holds_killer(source, said, a.why);
            }
            if (good)
                return true;
            if (a.reached > best->reached && (a.first_said == 0 || a.reached <= said->n_content))
                *best = a;
        }
        if (index == 0)
            break; /* nothing before it that a name could come from */
    }
    return false;
}

/* ------------------------------------------------------------------------------------ yes and no
 */

bool asks_yes_or_no(const struct cut *question) {
    if (!question->words.n)
        return false;
    if (word_in(&question->words.at[0],
                "do does did is are was were can could will would has have "
                "had should may might must am"))
        return true;
    for (size_t i = 0; i < question->words.n; i++)
        if (word_in(&question->words.at[i], "吗"))
            return true;
    return false;
}

/* A leading "Yes," or "No," is taken off when question and sentence bear it out. */
static bool answer_word(struct reviewing *r, struct cut *said, char why[120]) {
    const struct words *words = &said->words;
    if (words->n < 2 || !words->at[1].before)
        return true;
    bool yes = word_in(&words->at[0], "yes sí 是的 是 对 对的 会 能 可以");
    bool no = word_in(&words->at[0], "no 不 不是 不会 不能 没有");
    if (!yes && !no)
        return true;
    size_t found = 0, negations = 0, asked = 0;
    for (size_t i = 1; i < words->n; i++) {
        negations += is_negation(&words->at[i]);
        if (found < r->question.n_content && is_content(&words->at[i])) {
            const struct word *word = &r->question.words.at[r->question.content[found]];
            found += view_equal(word->stem, words->at[i].stem);
        }
    }
    for (size_t i = 0; i < r->question.words.n; i++) {
        asked += is_negation(&r->question.words.at[i]);
        if (class_is(&r->question.words.at[i], "=or"))
            asked += 1;
    }
    if (found < r->question.n_content || asked || (yes ? negations != 0 : negations == 0))
        return tell(why, "not borne out:", &words->at[0]);
    struct view rest = view_slice(said->raw, words->at[1].from, said->raw.n);
    cut_text(rest, r->lexicon, r->arena, said);
    return true;
}

static void cut_sources(struct reviewing *r) {
    size_t total = 0;
    if (r->sources)
        return;
    r->sources = ARENA_NEW(r->arena, r->task->n_source + 1, struct cut);
    for (size_t i = 0; i < r->task->n_source && total < REVIEW_SOURCE_WORDS; i++) {
        cut_text(view_slice(r->task->sources[i], 0, REVIEW_SENTENCE_BYTES), r->lexicon, r->arena,
                 &r->sources[i]);
        total += r->sources[i].words.n;
        r->n_source = i + 1;
    }
}

/* "X is called Y" said as "Y is X". */
static bool stands_on_term(struct reviewing *r, const struct cut *said, size_t index) {
    struct cut source = r->sources[index];
    struct view turned = term_explained(&source, r->arena);
    struct alignment ignored = {0};
    if (!turned.n)
        return false;
    cut_text(turned, r->lexicon, r->arena, &r->sources[index]);
    bool good = stands_on(r, said, index, &ignored);
    r->sources[index] = source;
    return good;
}

bool ground_answer(struct reviewing *r, const struct cut *sentence, ptrdiff_t *source,
                   char why[120]) {
    cut_sources(r);
    struct view raw = view_trim(sentence->raw);
    for (size_t i = 0; i < r->n_source; i++)
        if (view_equal(view_trim(r->sources[i].raw), raw)) {
            *source = (ptrdiff_t)i;
            return true;
        }
    if (!small_words_known(r->language)) { /* a "not" would come or go unseen */
        snprintf(why, 120, "only the source's own sentences pass in this language");
        return false;
    }
    struct cut said = *sentence;
    if (!answer_word(r, &said, why))
        return false;
    if (!said.n_content) {
        snprintf(why, 120, "it says nothing");
        return false;
    }
    struct alignment best = {0};
    tell(best.why, "not said there:", &said.words.at[said.content[0]]);
    for (size_t i = 0; i < r->n_source; i++)
        if (stands_on(r, &said, i, &best) || stands_on_term(r, &said, i)) {
            *source = (ptrdiff_t)i;
            return true;
        }
    memcpy(why, best.why, sizeof best.why);
    return false;
}
