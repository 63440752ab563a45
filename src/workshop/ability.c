/* What a model knows beside its lessons, and what an adapter takes of it.
 *
 * The suite is plain text: lines "beginning | right ending | wrong | wrong | wrong" under
 * "== endings", and a paragraph a line under "== prose"; "#" begins a comment. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/model.h"
#include "workshop/workshop.h"

enum { ENDINGS = 4, LINE_TOKENS = 512, SUITE_BYTES = 1 << 20 };

struct statement {
    struct view beginning, endings[ENDINGS]; /* the first is right */
    long line;
};

struct suite {
    struct buffer text;
    struct statement *statements;
    size_t n, room;
    struct statement *prose; /* the beginning alone */
    size_t n_prose, prose_room;
};

struct measuring {
    const struct ability *ability;
    struct model *model;
    struct adapter *adapter;
    struct session *session;
    int n_vocabulary;
    float *logits; /* [the session's context][n_vocabulary] */
};

/* -------------------------------------------------------------------------------------- reading
 */

static bool read_statement(struct view line, struct statement *out, struct fault *fault) {
    struct view parts[ENDINGS + 1] = {0};
    size_t n = 0;
    for (struct view rest = line; rest.n; n++) {
        ptrdiff_t bar = view_find(rest, VIEW("|"));
        struct view part = view_trim(bar < 0 ? rest : view_slice(rest, 0, (size_t)bar));
        if (n <= ENDINGS)
            parts[n] = part;
        if (!part.n)
            break;
        rest = bar < 0 ? (struct view){0} : view_slice(rest, (size_t)bar + 1, rest.n);
    }
    if (n != ENDINGS + 1)
        return fault_set(fault, FAULT_INPUT,
                         "a statement is a beginning, its right ending and three wrong ones, "
                         "with | between");
    out->beginning = parts[0];
    memcpy(out->endings, parts + 1, sizeof out->endings);
    return true;
}

static bool add_line(struct suite *suite, struct view line, long number, bool prose,
                     struct fault *fault) {
    struct statement one = {.beginning = line, .line = number};
    bool good = prose || read_statement(line, &one, fault);
    one.line = number;
    if (good && !(prose ? TRY_ROOM(suite->prose, suite->prose_room, suite->n_prose + 1)
                        : TRY_ROOM(suite->statements, suite->room, suite->n + 1)))
        good = fault_set(fault, FAULT_MACHINE, "there is no memory for the suite");
    if (good && prose)
        suite->prose[suite->n_prose++] = one;
    else if (good)
        suite->statements[suite->n++] = one;
    return good;
}

static bool read_suite(const char *path, struct suite *suite, struct fault *fault) {
    enum { NOWHERE, STATEMENTS, PROSE } part = NOWHERE;
    bool good = file_read(path, SUITE_BYTES, &suite->text, fault);
    struct view rest = buffer_view(&suite->text), line;
    for (long number = 1; good && view_line(&rest, &line); number++) {
        line = view_trim(line);
        if (!line.n || line.at[0] == '#')
            continue;
        if (view_starts(line, "=="))
            part = view_is(line, "== endings") ? STATEMENTS
                   : view_is(line, "== prose") ? PROSE
                                               : NOWHERE;
        else if (part != NOWHERE)
            good = add_line(suite, line, number, part == PROSE, fault);
        if (good && part == NOWHERE)
            good = fault_set(fault, FAULT_INPUT, "\"== endings\" or \"== prose\" is wanted first");
        if (!good)
            fault_place(fault, path, number, -1);
    }
    if (good && (!suite->n || !suite->n_prose))
        good = fault_set(fault, FAULT_INPUT, "the suite lacks endings or prose") ||
               fault_place(fault, path, 0, -1);
    return good;
}

static void suite_free(struct suite *suite) {
    buffer_free(&suite->text);
    free(suite->statements);
    free(suite->prose);
}

/* ------------------------------------------------------------------------------------ measuring
 */

static bool encode(const struct measuring *m, struct view beginning, struct view ending,
                   struct tokens *tokens, struct fault *fault) {
    const struct vocabulary *vocabulary = model_vocabulary(m->model);
    struct buffer text = {0};
    tokens->n = 0;
    if (vocabulary_adds_begin(vocabulary))
        tokens_append(tokens, vocabulary_begin(vocabulary));
    buffer_append(&text, beginning);
    buffer_text(&text, ending.n ? " " : "");
    buffer_append(&text, ending);
    bool good = vocabulary_encode(vocabulary, buffer_view(&text), SPECIAL_AS_TEXT, tokens, fault);
    buffer_free(&text);
    int most = session_context(m->session);
    if (good && (tokens->n < 2 || tokens->n > (size_t)most))
        good = fault_set(fault, FAULT_LIMIT, "the line is %zu tokens long, 2 to %d are possible",
                         tokens->n, most);
    return good;
}

/* Adds up the log-probabilities of the tokens from `first` on. */
static bool score(struct measuring *m, const struct tokens *tokens, size_t first, double *sum,
                  struct fault *fault) {
    if (m->ability->cancel && *m->ability->cancel)
        return fault_set(fault, FAULT_LIMIT, "the measurement was stopped");
    if (!session_logits(m->session, tokens->at, tokens->n, m->logits, fault))
        return false;
    for (size_t i = first ? first : 1; i < tokens->n; i++)
        *sum += logits_log_probability(m->logits + (i - 1) * (size_t)m->n_vocabulary,
                                       m->n_vocabulary, tokens->at[i]);
    return true;
}

/* Mean log-probability of a token of the ending: those that the beginning alone does not have. */
static bool score_ending(struct measuring *m, struct view beginning, struct view ending,
                         double *mean, struct fault *fault) {
    struct tokens alone = {0}, whole = {0};
    double sum = 0;
    bool good = encode(m, beginning, (struct view){0}, &alone, fault) &&
                encode(m, beginning, ending, &whole, fault);
    size_t first = 0;
    while (good && first < alone.n && first + 1 < whole.n && alone.at[first] == whole.at[first])
        first++;
    good = good && score(m, &whole, first, &sum, fault);
    *mean = good ? sum / (double)(whole.n - (first ? first : 1)) : 0;
    tokens_free(&alone);
    tokens_free(&whole);
    return good;
}

/* '1' where the right ending is likelier than each wrong one. */
static bool measure_endings(struct measuring *m, const struct suite *suite, struct buffer *each,
                            struct fault *fault) {
    for (size_t i = 0; i < suite->n; i++) {
        const struct statement *one = &suite->statements[i];
        double means[ENDINGS];
        bool right = true;
        for (size_t j = 0; j < ENDINGS; j++) {
            if (!score_ending(m, one->beginning, one->endings[j], &means[j], fault))
                return fault_place(fault, m->ability->suite, one->line, -1);
            right = right && (j == 0 || means[0] > means[j]);
        }
        buffer_byte(each, right ? '1' : '0');
    }
    return true;
}

static bool measure_prose(struct measuring *m, const struct suite *suite, double *perplexity,
                          size_t *n, struct fault *fault) {
    struct tokens tokens = {0};
    double sum = 0;
    bool good = true;
    for (size_t i = 0; good && i < suite->n_prose; i++) {
        good = encode(m, suite->prose[i].beginning, (struct view){0}, &tokens, fault) &&
               score(m, &tokens, 1, &sum, fault);
        *n += tokens.n - 1;
        if (!good)
            fault_place(fault, m->ability->suite, suite->prose[i].line, -1);
    }
    *perplexity = good ? exp(-sum / (double)*n) : 0;
    tokens_free(&tokens);
    return good;
}

/* ------------------------------------------------------------------------------------- together
 */

static bool open_model(struct measuring *m, struct pool *pool, struct fault *fault) {
    struct model_limits limits = {.cache = CACHE_F32}; /* nothing is rounded */
    m->model = model_open(m->ability->model, pool, fault);
    if (!m->model || !model_limit(m->model, &limits, fault))
        return false;
    if (m->ability->adapter) {
        m->adapter = adapter_open(m->model, m->ability->adapter, fault);
        if (!m->adapter)
            return false;
    }
    const struct model_shape *shape = model_shape(m->model);
    int n_token = shape->n_context < LINE_TOKENS ? shape->n_context : LINE_TOKENS;
    m->n_vocabulary = shape->n_vocabulary;
    m->logits = try_alloc((size_t)n_token * (size_t)m->n_vocabulary, sizeof *m->logits, fault);
    m->session = m->logits ? session_open(m->model, n_token, fault) : NULL;
    return m->session && (!m->adapter || session_adapt(m->session, m->adapter, 1, fault));
}

static json_t *result_json(const struct suite *suite, const struct buffer *each, double perplexity,
                           size_t n_token, double seconds) {
    char hash[65];
    json_int_t right = 0;
    sha256_hex(buffer_view(&suite->text), hash);
    for (size_t i = 0; i < each->n; i++)
        right += each->at[i] == '1';
    json_t *out = json_pack("{s:s, s:I, s:I, s:f, s:s, s:f, s:I, s:f}", "suite", hash, "items",
                            (json_int_t)suite->n, "right", right, "share",
                            (double)right / (double)suite->n, "each", each->at, "perplexity",
                            perplexity, "tokens", (json_int_t)n_token, "seconds", seconds);
    MUST(out);
    return out;
}

json_t *ability_measure(const struct ability *ability, struct pool *pool, struct fault *fault) {
    double started = clock_seconds(), perplexity = 0;
    struct measuring m = {.ability = ability};
    struct suite suite = {0};
    struct buffer each = {0};
    size_t n_token = 0;
    json_t *out = NULL;
    if (read_suite(ability->suite, &suite, fault) && open_model(&m, pool, fault) &&
        measure_endings(&m, &suite, &each, fault) &&
        measure_prose(&m, &suite, &perplexity, &n_token, fault)) {
        if (isfinite(perplexity))
            out = result_json(&suite, &each, perplexity, n_token, clock_seconds() - started);
        else
            fault_set(fault, FAULT_INPUT, "the model gives probabilities that are no numbers");
    }
    session_close(m.session);
    adapter_close(m.adapter);
    model_close(m.model);
    free(m.logits);
    buffer_free(&each);
    suite_free(&suite);
    return out;
}
