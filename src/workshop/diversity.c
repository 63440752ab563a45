/* A text beside a reference: draws of whole documents, an interval, the gate. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "workshop/measure_table.h"
#include "workshop/words.h"

enum {
    MOST_TOKENS = 20000,
    DRAWS = 200,
    MOST_DRAWS = 10000,
    TEXT_DRAWS = 20,
    LEAST_TOKENS = 200,
    LEAST_DOCUMENTS = 10,
    COUNTED_AT_LEAST = 3, /* of a rare thing: with none seen in n, up to 3 ÷ n may be usual */
};

/* clang-format off */
const struct measure_row measure_rows[N_DIVERSITY] = {
    [DIVERSITY_ZLIB] = {"zlib ratio", "zlib_ratio", 1, true, 2, false, "the same strings of characters come again"},
    [DIVERSITY_DISTINCT] = {"distinct-4", "distinct_4", -1, true, 3, true, "the same four words in a row come again"},
    [DIVERSITY_ENTROPY] = {"4-gram entropy", "entropy_4", -1, false, 1, false, "few sequences of words make most of it"},
    [DIVERSITY_OPENERS] = {"distinct openers", "distinct_openers", -1, true, 3, true, "many turns begin alike"},
    [DIVERSITY_TOP_OPENER] = {"top opener's share", "top_opener", 1, false, 3, true, "one opening is everywhere"},
    [DIVERSITY_DUPLICATES] = {"near-duplicates", "near_duplicates", 1, true, 3, true, "whole turns nearly repeat"},
    [DIVERSITY_LONG_DUPLICATES] = {"long near-duplicates", "long_near_duplicates", 1, false, 3, true, "turns of eight words and more nearly repeat"},
};
/* clang-format on */

const char *diversity_name(enum diversity_measure measure) {
    return measure_rows[measure].name;
}

/* -------------------------------------------------------------------------------------- draws */

struct drawing {
    const struct documents *documents;
    size_t n_token;
    uint64_t seed;
    struct draw {
        double figures[N_DIVERSITY];
        size_t n_turn;
        char opener[160];
    } * draws;
};

static size_t measure_document(struct diversity_meter *meter, const struct document *document,
                               size_t most) {
    size_t n = 0;
    for (size_t i = 0; i < document->n_turn && n < most; i++)
        n += diversity_meter_add(meter, document->turns[i], most - n);
    return n;
}

/* Documents in a random order until there are enough tokens. */
static void draw_one(void *data, int part, int n_part) {
    (void)n_part;
    struct drawing *drawing = data;
    struct draw *draw = &drawing->draws[part];
    size_t n = drawing->documents->n, left = drawing->n_token;
    uint32_t *order = must_alloc(n, sizeof *order);
    struct diversity_meter *meter = diversity_meter_new();
    struct random random;
    random_seed(&random, hash_mix(drawing->seed + (uint64_t)part));
    for (size_t i = 0; i < n; i++)
        order[i] = (uint32_t)i;
    for (size_t i = 0; i < n && left; i++) {
        size_t j = (size_t)random_between(&random, (int64_t)i, (int64_t)n - 1);
        uint32_t taken = order[j];
        order[j] = order[i];
        left -= measure_document(meter, &drawing->documents->at[taken], left);
    }
    diversity_meter_read(meter, draw->figures);
    draw->n_turn = diversity_meter_turns(meter);
    struct view opener = diversity_meter_opener(meter);
    memcpy(draw->opener, opener.at, opener.n);
    diversity_meter_free(meter);
    free(order);
}

static struct draw *draw_many(const struct documents *documents, size_t n_token, uint64_t seed,
                              int n_draw, struct pool *pool) {
    struct drawing drawing = {documents, n_token, seed,
                              must_alloc((size_t)n_draw, sizeof(struct draw))};
    pool_run(pool, draw_one, &drawing, n_draw);
    return drawing.draws;
}

static double mean_of(const struct draw *draws, int n, int measure) {
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += draws[i].figures[measure];
    return sum / n;
}

/* ----------------------------------------------------------------------------------- interval */

static const double NORMAL_99 = 2.5758; /* 99 in 100 lie within so many deviations */

/* One thing more or less changes the measure by this much; 0 where it is not a count. */
static double grain_of(int measure, const struct draw *draw, size_t n_token) {
    if (!measure_rows[measure].is_share)
        return 0;
    return 1.0 / (double)(measure == DIVERSITY_DISTINCT ? n_token : draw->n_turn);
}

/* Draws of m tokens without putting back from N vary by (1 − m/N)σ²/m. The mean of such draws from
 * another text of T tokens, beside the mean of those from N, varies by σ²/T + σ²/N, and by
 * (1 − m/T)σ²/m ÷ draws. The square root of the ratio: */
static double widening(double m, double text, double reference, int n_text) {
    double other = m / text + m / reference + (1 - m / text) / n_text;
    return sqrt(other / (1 - m / reference));
}

static void set_interval(struct diversity_figure *figure, const struct draw *draws, int n,
                         int measure, size_t n_token, double widen) {
    double mean = mean_of(draws, n, measure), sum = 0;
    for (int i = 0; i < n; i++)
        sum += (draws[i].figures[measure] - mean) * (draws[i].figures[measure] - mean);
    double least = COUNTED_AT_LEAST * grain_of(measure, draws, n_token);
    double half = fmax(NORMAL_99 * widen * sqrt(sum / (n - 1)), least);
    figure->reference = mean;
    figure->low = mean - half;
    figure->high = mean + half;
}

/* --------------------------------------------------------------------------------------- gate */

/* Whole sentences that recur are so rare in what people write that they need no second witness,
 * and the bound is nearer: one text of the reference's kind in fifty is beyond it. */
double diversity_alone(const struct diversity_figure *figure) {
    return figure->reference + ALONE_AT / NORMAL_99 * (figure->high - figure->reference);
}

static void judge(struct diversity_report *report) {
    int outside = 0;
    for (int i = 0; i < N_DIVERSITY; i++) {
        struct diversity_figure *figure = &report->figures[i];
        bool above = figure->value > figure->high, below = figure->value < figure->low;
        figure->collapsed = measure_rows[i].grows > 0 ? above : below;
        figure->beyond = measure_rows[i].grows > 0 ? below : above;
        outside += measure_rows[i].counts && figure->collapsed;
    }
    const struct diversity_figure *top = &report->figures[DIVERSITY_TOP_OPENER];
    bool one_opener = top->collapsed && top->value > TOP_OPENER_TIMES * top->reference;
    const struct diversity_figure *same = &report->figures[DIVERSITY_LONG_DUPLICATES];
    report->fired = outside >= FIRE_AT || one_opener || same->value > diversity_alone(same);
}

static bool check_size(const struct documents *documents, size_t n_token, const char *which,
                       struct fault *fault) {
    if (documents->n < LEAST_DOCUMENTS || documents->n_token < n_token) {
        fault_set(fault, FAULT_INPUT, "%s has %zu documents and %zu tokens: too few to tell",
                  which, documents->n, documents->n_token);
        return fault_remedy(fault, "At least %d documents and %zu tokens are wanted.",
                            LEAST_DOCUMENTS, n_token);
    }
    return true;
}

bool diversity_compare(const struct documents *text, const struct documents *reference,
                       const struct diversity_options *options, struct pool *pool,
                       struct diversity_report *report, struct fault *fault) {
    if (!check_size(text, LEAST_TOKENS, "the text", fault) ||
        (reference && !check_size(reference, 2 * LEAST_TOKENS, "the reference", fault)))
        return false;
    size_t n_token = options->most_tokens ? options->most_tokens : MOST_TOKENS;
    int n_draw = options->n_draw ? options->n_draw : DRAWS;
    MUST(n_draw > 0 && n_draw <= MOST_DRAWS);
    n_token = n_token < text->n_token ? n_token : text->n_token;
    if (reference && n_token > reference->n_token * 3 / 4)
        n_token = reference->n_token * 3 / 4;
    *report = (struct diversity_report){
        .n_token = n_token, .text_tokens = text->n_token, .compared = reference != NULL};
    int n_text = text->n_token > n_token ? TEXT_DRAWS : 1;
    struct draw *draws = draw_many(text, n_token, options->seed, n_text, pool);
    for (int i = 0; i < N_DIVERSITY; i++)
        report->figures[i].value = mean_of(draws, n_text, i);
    memcpy(report->opener, draws[0].opener, sizeof report->opener);
    free(draws);
    if (!reference)
        return true;
    report->reference_tokens = reference->n_token;
    draws = draw_many(reference, n_token, ~options->seed, n_draw, pool);
    double widen =
        widening((double)n_token, (double)text->n_token, (double)reference->n_token, n_text);
    for (int i = 0; i < N_DIVERSITY; i++)
        set_interval(&report->figures[i], draws, n_draw, i, n_token, widen);
    free(draws);
    judge(report);
    return true;
}
