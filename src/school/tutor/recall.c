/* The sentences that answer. FTS5 ranks single sentences; here runs of one to three of them are
 * weighed by how much of the question they hold and by how such questions are answered. */
#include "school/tutor/answerable.h"
#include "school/tutor/recall.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A sentence, or a run with its heading, that holds less of the question than this does not answer
 * it. Found on questions that the lessons answer and questions that they do not
 * (tests/school/tutor/test_recall.c). */
static const double coverage_enough = 0.58;
/* From here on none of 44 quotes was for a question that the course does not answer; below, or
 * where not all is covered, 27 of 97 were (docs/measurements.md, "What a learner reads who asks").
 */
static const double plain_score = 1.5, plain_coverage = 0.999;
static const double heading_share = 0.7; /* what a word of the heading alone counts */
/* What a sentence holds that names a thing but does not say what it is, where that was asked. */
static const double undefined_share = 0.7;

enum { LONGEST_RUN = 3, NOT_WEIGHED = -1000 };

/* clang-format off */
static const char *const says_how[] = {"to ", "first ", "by ", "take ", "para ", NULL};
static const char *const says_how_han[] = {"先", "办法", "方法", "步骤", "除以", "乘以", "再求", "再算", NULL};
static const char *const announces_only[] = {"here is ", "here are ", "here comes ", "this is ", "the following ", "the table", "the figure", "the picture",
    "the program", "aqui esta", "下面", "下表", "下图", "如下", "这是", "这里是", NULL};
static const char *const gives_reason[] = {
    "because", "so that", "since ", "otherwise", "therefore", "the reason", "would ", "that is why", "hence", "avoid",
    "porque", "ya que", "asi que", "por eso", "para que", "de lo contrario", "因为", "所以", "否则", "因此", "为了", "这样", "不然", "只要",
    "لأن", "لذلك", "ولهذا", "حتى لا", "وإلا", "كي ", NULL};
static const char *const defines_after[] = { /* X … */
    "is", "are", "means", "mean", "measures", "says", "tells", "denotes", "marks", "stands", "was", "es", "representa", "indica", "son", "significa", "mide", "dice", "هو", "هي", "يعني", "تعني", "يقيس", "تقيس", "يمثل", "تمثل", "يرمز", "ترمز", NULL};
static const char *const says_what[] = {
    "a", "an", "the", "how", "what", "that", "one", "any", "to", "when", "where", "called", "un", "una", "el", "la", "lo",
    "cuanto", "como", NULL};
static const char *const attaches[] = {"of", "between", "from", "with", "in", "on", "at", "for", "de", "del", "entre", "en", NULL};
static const char *const defines_before[] = { /* … X */
    "called", "call", "calls", "named", "name", "term", "said", "llama", "llamada", "llamado", "llamamos", "denomina",
    "يسمي", "تسمي", "نسمي", "نسميه", "نسميها", "اسمه", "اسمها", NULL};
static const char *const defines_han_before[] = {"叫", "叫做", "叫作", "称为", "称作", "称之为", NULL};
static const char *const points_back[] = {
    "it", "this", "that", "they", "these", "those", "so", "but", "and", "then", "however", "hence", "therefore",
    "such", "because", "otherwise", "he", "she", "his", "its", "their", "eso", "esto", "asi", "pero", "entonces", NULL};
static const char *const points_back_han[] = {"它", "这", "那", "所以", "因此", "但", "他", "她", "因为", "否则", "于是", NULL};
/* clang-format on */

static bool starts_any(struct view text, const char *const *list) {
    for (; *list; list++)
        if (view_starts(text, *list))
            return true;
    return false;
}

static bool ends_any(struct view text, const char *const *list) {
    for (; *list; list++)
        if (view_ends(text, *list))
            return true;
    return false;
}

/* ------------------------------------------------------------------------------------ weighing */

static size_t count_digits(struct view text, size_t at) {
    size_t n = 0;
    while (at + n < text.n && text.at[at + n] >= '0' && text.at[at + n] <= '9')
        n++;
    return n;
}

static bool names_year(struct view text) {
    for (size_t i = 0; i < text.n; i++)
        if ((text.at[i] == '1' || text.at[i] == '2') && count_digits(text, i) == 4 &&
            (!i || !strchr("0123456789.,", text.at[i - 1])))
            return true;
    return false;
}

/* A reference to the literature is no answer. */
static bool is_reference(struct view text) {
    for (size_t i = 0; i + 5 < text.n; i++)
        if (text.at[i] == '(' && text.at[i + 5] == ')' && count_digits(text, i + 1) == 4)
            return true;
    return view_find(text, VIEW(", pages ")) >= 0 || view_find(text, VIEW(" pp. ")) >= 0 ||
           (view_find(text, VIEW("页")) >= 0 && names_year(text));
}

/* The verb of "who invented …", which "named after …" answers too. */
static bool is_origin(const struct terms *terms, size_t unit) {
    struct view word = terms->units[unit].word;
    if (says_origin(word))
        return true;
    for (int shift = 0; shift < 2; shift++) { /* 发 and 明 of 发明 */
        if (unit < (size_t)shift || unit - (size_t)shift + 1 >= terms->n_unit)
            continue;
        const struct term_unit *pair = &terms->units[unit - (size_t)shift];
        if (pair[0].word.at + pair[0].word.n == pair[1].word.at &&
            says_origin((struct view){pair[0].word.at, pair[0].word.n + pair[1].word.n}))
            return true;
    }
    return false;
}

/* How much of the question's weight the run and, for less, its heading hold. */
static double coverage_of(const struct question *question, const struct sentence *run, size_t n,
                          const struct heading *heading, double *units) {
    const struct terms *terms = &question->terms;
    memset(units, 0, terms->n_unit * sizeof *units);
    for (size_t i = 0; i < terms->n_term; i++) {
        double found = 0;
        if (question->ids[i] == NO_STEM)
            continue;
        if (has_id(heading->ids, heading->n_id, question->ids[i]))
            found = heading_share;
        for (size_t s = 0; s < n; s++)
            if (has_id(run[s].ids, run[s].n_id, question->ids[i]))
                found = 1;
        for (size_t k = terms->terms[i].unit; k < terms->terms[i].unit + terms->terms[i].n_unit;
             k++)
            units[k] = found > units[k] ? found : units[k];
    }
    if (question->person)
        for (size_t s = 0; s < n; s++)
            if (attributes(run[s].passage->sentences[run[s].index]))
                for (size_t k = 0; k < terms->n_unit; k++)
                    units[k] = is_origin(terms, k) ? 1 : units[k];
    double held = 0;
    for (size_t k = 0; k < terms->n_unit; k++)
        held += units[k] * question->unit_weights[k];
    double share = question->total > 0 ? held / question->total : 0;
    for (size_t s = 0; s < n; s++)
        if (is_reference(run[s].passage->sentences[run[s].index]))
            share *= 0.5;
    return share;
}

/* The last unit of the question that says something: what "what is …" asks about. */
static ptrdiff_t subject_of(const struct question *question) {
    for (size_t i = question->terms.n_term; i-- > 0;)
        if (question->terms.units[question->terms.terms[i].unit].weight >= 1 &&
            question->ids[i] != NO_STEM)
            return (ptrdiff_t)i;
    return -1;
}

/* The run of characters that the question is about, as typed: "什么是平滑" gives 平滑. */
static struct view subject_han(const struct terms *terms, struct arena *arena) {
    struct buffer run = {0};
    for (size_t i = 0; i < terms->n_unit; i++) {
        int32_t c;
        utf8_decode(terms->units[i].word.at, terms->units[i].word.n, &c);
        if (unicode_is_han(c) && terms->units[i].weight >= 1)
            buffer_append(&run, terms->units[i].word);
    }
    struct view copy = arena_copy(arena, buffer_view(&run));
    buffer_free(&run);
    return copy;
}

struct weighing {
    struct recall *recall;
    const struct shelf *shelf;
    const struct recall_query *query;
    struct question question;
    struct arena *arena;
    double *rank;   /* by sentence of the shelf: BM25 as a share of the most there could be */
    double *manner; /* by sentence, weighed when first asked for */
    double *units;  /* scratch */
    struct view han;
};

static bool asked_for(const struct question *question, const struct term_unit *unit) {
    for (size_t i = 0; i < question->terms.n_unit; i++)
        if (view_equal(question->terms.units[i].word, unit->word))
            return true;
    return unit->weight <= 0;
}

/* "is a …", "means": what says what a thing is, and not only how. */
static bool complements(const struct terms *sentence, size_t verb) {
    static const char *const bare[] = {"is", "are", "was", "es", "son", NULL};
    return !text_in(bare, sentence->units[verb].word) ||
           (verb + 1 < sentence->n_unit && text_in(says_what, sentence->units[verb + 1].word));
}

/* The subject stands at `at`: "Loss is the …", "The loss of a model is …", "called the loss". */
static double defines_at(const struct question *question, const struct terms *sentence,
                         size_t at) {
    bool leads = true;
    for (size_t k = 0; k < at; k++)
        leads = leads && asked_for(question, &sentence->units[k]);
    for (size_t k = at; k-- > 0 && k + 5 > at;)
        if (text_in(defines_before, sentence->units[k].word))
            return 0.9;
    bool of = question->bare ||
              (at + 1 < sentence->n_unit && text_in(attaches, sentence->units[at + 1].word));
    for (size_t k = at + 1; k < sentence->n_unit && k <= at + (of ? 6 : 1); k++)
        if (text_in(defines_after, sentence->units[k].word))
            return (leads ? 1 : 0.4) * (of ? 0.8 : 1) * (complements(sentence, k) ? 1 : 0.4);
    return leads && at <= 1 ? 0.4 : 0;
}

static double defines(const struct question *question, const struct terms *sentence,
                      struct view stem) {
    double best = 0;
    for (size_t i = 0; i < sentence->n_term; i++)
        if (view_equal(sentence->terms[i].stem, stem)) {
            double found = defines_at(question, sentence, sentence->terms[i].unit);
            best = found > best ? found : best;
        }
    return best;
}

static double defines_han(struct view sentence, struct view word) {
    ptrdiff_t at = view_find(sentence, word);
    if (at < 0)
        return 0;
    struct view after = view_slice(sentence, (size_t)at + word.n, sentence.n);
    if (starts_any(after, defines_han_after)) {
        ptrdiff_t is = view_find(after, VIEW("是"));
        struct view what = is >= 0 && is <= 3 ? view_slice(after, (size_t)is + 3, after.n) : after;
        bool value = view_starts(view_trim(what), "$") || view_starts(what, "不") ||
                     (what.n && what.at[0] >= '0' && what.at[0] <= '9');
        return (at <= 12 ? 1 : 0.6) * (value ? 0.4 : 1);
    }
    return ends_any(view_slice(sentence, 0, (size_t)at), defines_han_before) ? 0.9 : 0;
}

/* Whether the author emphasised what is asked about in this sentence, as one does where a term is
 * introduced: 1 when it is the very term, less when one of both says more. */
static double introduces(const struct weighing *weighing, const struct sentence *sentence) {
    const struct question *question = &weighing->question;
    size_t number = (size_t)(sentence - weighing->shelf->sentences);
    double best = 0;
    for (size_t d = 0; d < weighing->shelf->n_definition; d++) {
        const struct definition *definition = &weighing->shelf->definitions[d];
        if (definition->sentence != number)
            continue;
        if (weighing->han.n && view_equal(weighing->han, definition->term))
            return 1;
        size_t n_asked = 0, n_met = 0;
        for (size_t i = 0; i < question->terms.n_term; i++) {
            if (question->terms.units[question->terms.terms[i].unit].weight < 1)
                continue;
            n_asked++;
            n_met += has_id(definition->ids, definition->n_id, question->ids[i]);
        }
        if (weighing->han.n || !n_met || (n_met < definition->n_id && n_met < n_asked))
            continue;
        double share = n_met == n_asked && n_met == definition->n_id ? 1 : 0.5;
        best = share > best ? share : best;
    }
    return best;
}

/* Two words with capitals in a row, or a name that was transcribed. */
static bool names_person(struct view text) {
    for (size_t i = 1; i + 1 < text.n; i++)
        if (text.at[i] == ' ' && is_capital(text, i + 1)) {
            size_t start = i;
            while (start > 0 && text.at[start - 1] != ' ')
                start--;
            if (is_capital(text, start) && text.at[i - 1] != '.' && text.at[i - 1] != ',')
                return true;
        }
    return view_find(text, VIEW("·")) >= 0;
}

/* "Andrey Markov" where Markov is asked about: there the author says who that is. */
static bool gives_first_name(const struct question *question, struct view text) {
    for (size_t k = 0; k < question->terms.n_unit; k++) {
        struct view word = question->terms.units[k].word;
        for (size_t i = 2; i + word.n <= text.n && question->terms.units[k].weight >= 1; i++) {
            size_t from = i - 1;
            if (!is_capital(text, i) || !is_written_at(text, i, word) || text.at[i - 1] != ' ')
                continue;
            while (from > 0 && text.at[from - 1] != ' ')
                from--;
            if (is_capital(text, from))
                return true;
        }
    }
    return false;
}

/* "To estimate …, take …", "… by dividing …": the first word, or one that leads to a deed. */
static bool tells_how(struct view folded) {
    if (has_any(folded, says_how_han) || starts_any(folded, says_how))
        return true;
    for (size_t at = 0; at < folded.n;) {
        struct view rest = view_slice(folded, at, folded.n);
        ptrdiff_t by = view_find(rest, VIEW(" by "));
        if (by < 0)
            return view_find(folded, VIEW(", and then ")) >= 0;
        struct view deed = view_slice(rest, (size_t)by + 4, rest.n);
        size_t n = 0;
        while (n < deed.n && deed.at[n] >= 'a' && deed.at[n] <= 'z')
            n++;
        if (n > 4 && view_ends(view_slice(deed, 0, n), "ing"))
            return true;
        at += (size_t)by + 4;
    }
    return false;
}

/* Whether what was announced with a colon follows: a formula that stands alone. */
static bool announces(const struct sentence *sentence) {
    struct view text = view_trim(sentence->passage->sentences[sentence->index]);
    return view_ends(text, ":") || view_ends(text, "：");
}

static bool formula_follows(const struct sentence *sentence) {
    return sentence->index + 1 < sentence->passage->n_sentence &&
           view_starts(view_trim(sentence->passage->sentences[sentence->index + 1]), "$");
}

/* "Here is the table:" without the table. */
static bool only_announces(const struct sentence *sentence) {
    if (!announces(sentence) || formula_follows(sentence))
        return false;
    struct buffer plain = {0};
    fold_plain(sentence->passage->sentences[sentence->index], &plain);
    bool only = starts_any(buffer_view(&plain), announces_only);
    buffer_free(&plain);
    return only;
}

static bool has_digit(struct view text) {
    for (size_t i = 0; i < text.n; i++)
        if (text.at[i] >= '0' && text.at[i] <= '9')
            return true;
    return false;
}

/* What a single sentence earns for the way it is put. */
static double weigh_manner(const struct weighing *weighing, const struct sentence *sentence) {
    struct view text = sentence->passage->sentences[sentence->index];
    const struct question *question = &weighing->question;
    double earned = 0;
    struct buffer plain = {0};
    fold_plain(text, &plain);
    if (question->reasons && has_any(buffer_view(&plain), gives_reason))
        earned += 0.25;
    ptrdiff_t subject = subject_of(question);
    if (question->defines && subject >= 0) {
        struct terms terms;
        text_terms(weighing->recall->stemmer, text, weighing->query->language, true,
                   weighing->arena, &terms);
        struct view stem = weighing->shelf->stems.stems[question->ids[subject]].text;
        double found = weighing->han.n ? defines_han(buffer_view(&plain), weighing->han)
                                       : defines(question, &terms, stem);
        double introduced = introduces(weighing, sentence);
        earned += 0.6 * found + 0.8 * introduced;
    }
    if (question->person && names_person(text))
        earned += gives_first_name(question, text) ? 0.7 : 0.4;
    if (question->how && tells_how(buffer_view(&plain)))
        earned += 0.35;
    if (question->time && names_year(text))
        earned += 0.4;
    if ((question->number || (question->size && has_digit(text))) &&
        answers_question(weighing->query->text, text, weighing->query->language))
        earned += 0.4;
    if (is_reference(text))
        earned -= 0.5;
    if (announces(sentence) && !formula_follows(sentence))
        earned -= 0.2;
    buffer_free(&plain);
    return earned;
}

static double manner_of(const struct weighing *weighing, size_t sentence) {
    double *kept = &weighing->manner[sentence];
    if (*kept == NOT_WEIGHED)
        *kept = weigh_manner(weighing, &weighing->shelf->sentences[sentence]);
    return *kept;
}

static bool begins_pointing_back(const struct weighing *weighing,
                                 const struct sentence *sentence) {
    struct terms terms;
    struct view text = sentence->passage->sentences[sentence->index];
    text_terms(weighing->recall->stemmer, view_slice(text, 0, 60), weighing->query->language, true,
               weighing->arena, &terms);
    return terms.n_unit && (text_in(points_back, terms.units[0].word) ||
                            starts_any(view_trim(text), points_back_han));
}

struct run {
    size_t first, n; /* sentences of the shelf */
    double value, coverage;
};

static void weigh_runs(const struct weighing *weighing, const struct heading *heading,
                       struct run *best) {
    const struct sentence *sentences = weighing->shelf->sentences;
    size_t end = heading->first_sentence + heading->passage->n_sentence;
    double nearness =
        weighing->query->lesson && heading->passage->lesson == weighing->query->lesson ? 0.15 : 0;
    for (size_t i = heading->first_sentence; i < end; i++) {
        if (weighing->rank[i] <= 0 || only_announces(&sentences[i]))
            continue;
        /* Runs that begin with the hit, or one before where it points back. */
        bool back = begins_pointing_back(weighing, &sentences[i]) && i > heading->first_sentence;
        double manner = manner_of(weighing, i), rank = 0;
        size_t from = back ? i - 1 : i;
        for (size_t n = 1; n <= LONGEST_RUN && from + n <= end; n++) {
            rank += weighing->rank[from + n - 1] > 0 ? weighing->rank[from + n - 1] * 0.15 : 0;
            if (only_announces(&sentences[from + n - 1]))
                break;
            if (from + n <= i)
                continue;
            double coverage =
                coverage_of(&weighing->question, &sentences[from], n, heading, weighing->units);
            double follow = n > 1 && from + n - 1 > i ? manner_of(weighing, from + n - 1) : 0;
            double better = manner > follow ? manner : follow;
            if (weighing->question.defines && better <= 0)
                coverage *= undefined_share;
            double value = coverage + weighing->rank[i] * 0.7 + rank + nearness + better -
                           0.12 * (double)(n - 1);
            if (value > best->value)
                *best = (struct run){from, n, value, coverage};
        }
    }
}

/* ------------------------------------------------------------------------------------- finding */

struct view recalled_text(const struct recalled *recalled) {
    const struct passage *passage = recalled->passage;
    struct view first = passage->sentences[recalled->first];
    struct view last = passage->sentences[recalled->first + recalled->n - 1];
    return (struct view){first.at, (size_t)(last.at + last.n - first.at)};
}

bool recalled_plainly(const struct recalled *recalled) {
    return recalled->coverage >= plain_coverage && recalled->score >= plain_score;
}

const struct shelf *choose_shelf(const struct recall *recall, const struct recall_query *query) {
    const struct shelf *first = NULL;
    for (size_t i = 0; i < recall->n_shelf; i++) {
        const struct shelf *shelf = &recall->shelves[i];
        if (shelf->course != query->course)
            continue;
        first = first ? first : shelf;
        if (view_is(shelf->language, query->language))
            return shelf;
    }
    return first;
}

/* Asks FTS5; false when no sentence has a word of the question. */
static bool rank_sentences(const struct weighing *weighing) {
    const struct question *question = &weighing->question;
    const struct shelf *shelf = weighing->shelf;
    struct buffer match = {0};
    double most = 0;
    for (size_t i = 0; i < question->terms.n_term; i++)
        if (question->ids[i] != NO_STEM) {
            buffer_format(&match, "%st%u", match.n ? " OR " : "", question->ids[i]);
            most += question->weights[i] * 2.2; /* k1 + 1 */
        }
    bool found = false;
    if (match.n) {
        pthread_mutex_lock(&weighing->recall->lock);
        sqlite3_bind_text(shelf->ranking, 1, match.at, (int)match.n, SQLITE_TRANSIENT);
        while (sqlite3_step(shelf->ranking) == SQLITE_ROW) {
            size_t row = (size_t)sqlite3_column_int64(shelf->ranking, 0) - 1;
            /* BM25's logarithm goes to nothing for a word that every second sentence has. */
            double share = -sqlite3_column_double(shelf->ranking, 1) / most;
            weighing->rank[row] = share > 1 ? 1 : share < 0.001 ? 0.001 : share;
            found = true;
        }
        sqlite3_reset(shelf->ranking);
        pthread_mutex_unlock(&weighing->recall->lock);
    }
    buffer_free(&match);
    return found;
}

static size_t keep_best(const struct weighing *weighing, struct recalled *out, size_t n_out) {
    size_t n = 0;
    const struct shelf *shelf = weighing->shelf;
    for (size_t h = 0; h < shelf->n_heading; h++) {
        struct run run = {.value = -1};
        if (!passage_shown(shelf->headings[h].passage, weighing->query->background))
            continue;
        weigh_runs(weighing, &shelf->headings[h], &run);
        if (run.value < 0)
            continue;
        size_t at = n < n_out ? n++ : n_out;
        for (; at > 0 && out[at - 1].score < run.value; at--)
            if (at < n_out)
                out[at] = out[at - 1];
        const struct sentence *last = &shelf->sentences[run.first + run.n - 1];
        if (announces(last) && formula_follows(last))
            run.n++;
        if (at < n_out)
            out[at] = (struct recalled){
                shelf->headings[h].passage,
                run.first - shelf->headings[h].first_sentence,
                run.n,
                run.value,
                run.coverage,
                shelf_is_near(shelf, &weighing->question, &shelf->headings[h],
                              &shelf->sentences[run.first], run.n, run.coverage)};
    }
    return n;
}

/* What is no answer is at least near, where anything is. */
static void lead_with_near(struct recalled *found, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (found[i].near) {
            struct recalled near = found[i];
            memmove(&found[1], &found[0], i * sizeof *found);
            found[0] = near;
            return;
        }
}

/* Whom, when and how many: only sentences that have such a thing can answer, be they the second;
 * others count for less beside one that does. */
static void lead_with_answer(const struct weighing *weighing, struct recalled *found, size_t n,
                             bool *said) {
    const struct question *question = &weighing->question;
    bool wants_kind = question->person || question->time || question->number;
    if (!wants_kind) {
        *said = found[0].coverage >= coverage_enough;
        return;
    }
    size_t n_answer = 0;
    for (size_t i = 0; i < n; i++) {
        struct recalled one = found[i];
        if (one.coverage < coverage_enough ||
            !answers_question(weighing->query->text, recalled_text(&one),
                              weighing->query->language))
            continue;
        memmove(&found[n_answer + 1], &found[n_answer], (i - n_answer) * sizeof *found);
        found[n_answer++] = one;
    }
    *said = n_answer > 0;
    for (size_t i = n_answer; *said && i < n; i++)
        found[i].coverage /= 2;
}

size_t recall_find(struct recall *recall, const struct recall_query *query, struct recalled *out,
                   size_t n_out, bool *said) {
    *said = false;
    const struct shelf *shelf = choose_shelf(recall, query);
    if (!shelf || !n_out || !shelf->n_sentence)
        return 0;
    struct recalled named[2];
    bool sure = false;
    size_t n_named = recall_named(recall, shelf, query, named, n_out < 2 ? n_out : 2, &sure);
    if (n_named && sure) {
        memcpy(out, named, n_named * sizeof *out);
        *said = true;
        return n_named;
    }
    struct arena *arena = arena_new();
    struct weighing weighing = {.recall = recall, .shelf = shelf, .query = query, .arena = arena};
    question_read(recall, shelf, query, arena, &weighing.question);
    weighing.rank = ARENA_NEW(arena, shelf->n_sentence, double);
    weighing.manner = ARENA_NEW(arena, shelf->n_sentence, double);
    for (size_t i = 0; i < shelf->n_sentence; i++)
        weighing.manner[i] = NOT_WEIGHED;
    weighing.units = ARENA_NEW(arena, weighing.question.terms.n_unit + 1, double);
    weighing.han = subject_han(&weighing.question.terms, arena);
    size_t n = rank_sentences(&weighing) ? keep_best(&weighing, out, n_out) : 0;
    /* Of whom it speaks, nobody need look whether the course does. */
    if (n && shelf_by_chance(shelf, &weighing.question, &out[0]))
        n = speaks_of_us(&weighing.question) ? 0 : n;
    else if (n)
        lead_with_answer(&weighing, out, n, said);
    arena_free(arena);
    if (!*said && n_named) {
        out[0] = named[0];
        *said = true;
        return 1;
    }
    if (!*said)
        lead_with_near(out, n);
    return n;
}
