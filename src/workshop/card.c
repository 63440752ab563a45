/* The card of a model: the outcomes of several arms, item by item, become figures with intervals.
 */
#include <stdlib.h>
#include <string.h>

#include "workshop/card.h"

enum { DRAWS = 2000, MOST_DRAWS = 100000, MOST_ARMS = 64 };

/* What stands in one column: an arm, or all seeds of the specialist. */
struct column {
    const char *name;
    enum card_kind kind;
    size_t n_arm;
    const struct outcomes *arms[MOST_ARMS];
    double *values[FIGURES]; /* [items], the mean of the arms */
};

struct making {
    const struct card_input *input;
    struct outcomes outcomes[MOST_ARMS];
    size_t n_item, n_column;
    struct column columns[MOST_ARMS]; /* the specialist first, then in the order of kinds */
    bool *counts[FIGURES];            /* [items] */
    uint32_t *groups, n_group;        /* topics */
    int n_draw;
};

/* -------------------------------------------------------------------------------------- reading
 */

static bool same_items(const struct outcomes *a, const struct outcomes *b) {
    bool same = a->n == b->n;
    for (size_t i = 0; same && i < a->n; i++)
        same = a->at[i].item == b->at[i].item && a->at[i].task == b->at[i].task;
    return same;
}

static bool read_arms(struct making *making, struct fault *fault) {
    const struct card_input *input = making->input;
    if (input->n_arm > MOST_ARMS)
        return fault_set(fault, FAULT_LIMIT, "a card has room for %d arms", MOST_ARMS);
    for (size_t i = 0; i < input->n_arm; i++) {
        if (!outcomes_read(input->arms[i].outcomes, &making->outcomes[i], fault))
            return false;
        if (!same_items(&making->outcomes[0], &making->outcomes[i])) {
            fault_set(fault, FAULT_INPUT, "these outcomes are not of the items of %s",
                      input->arms[0].outcomes);
            fault_remedy(fault, "Put the same items to each.");
            return fault_place(fault, input->arms[i].outcomes, 0, -1);
        }
    }
    making->n_item = input->n_arm ? making->outcomes[0].n : 0;
    return true;
}

static void add_column(struct making *making, size_t arm) {
    const struct card_arm *given = &making->input->arms[arm];
    bool specialist = given->kind == CARD_SPECIALIST;
    struct column *column = &making->columns[specialist ? 0 : making->n_column];
    if (!specialist || !making->n_column) {
        bool named = given->name && !specialist; /* it is all its seeds */
        *column = (struct column){.name = named ? given->name : card_kind_name(given->kind),
                                  .kind = given->kind};
        making->n_column++;
    }
    column->arms[column->n_arm++] = &making->outcomes[arm];
}

static bool order_columns(struct making *making, struct fault *fault) {
    for (enum card_kind kind = 0; kind < CARD_KINDS; kind++) {
        for (size_t i = 0; i < making->input->n_arm; i++)
            if (making->input->arms[i].kind == kind)
                add_column(making, i);
        if (!making->n_column)
            return fault_set(fault, FAULT_INPUT, "there is no specialist to make a card of");
    }
    return true;
}

static void number_topics(struct making *making) {
    const struct outcomes *all = &making->outcomes[0];
    struct view *topics = must_alloc(all->n, sizeof *topics);
    making->groups = must_alloc(all->n, sizeof *making->groups);
    for (size_t i = 0; i < all->n; i++) {
        uint32_t j = making->n_group;
        while (j && !view_equal(topics[j - 1], all->at[i].topic)) /* mostly the last one */
            j--;
        if (!j) {
            topics[making->n_group++] = all->at[i].topic;
            j = making->n_group;
        }
        making->groups[i] = j - 1;
    }
    free(topics);
}

/* -------------------------------------------------------------------------------------- figures
 */

static void count_figure(struct making *making, enum figure figure) {
    const struct figure_row *row = &figure_rows[figure];
    making->counts[figure] = must_alloc(making->n_item, sizeof(bool));
    for (size_t i = 0; i < making->n_item; i++)
        making->counts[figure][i] = row->tasks >> making->outcomes[0].at[i].task & 1;
    for (size_t c = 0; c < making->n_column; c++) {
        struct column *column = &making->columns[c];
        column->values[figure] = must_alloc(making->n_item, sizeof(double));
        for (size_t i = 0; i < making->n_item; i++) {
            for (size_t a = 0; a < column->n_arm; a++)
                column->values[figure][i] += row->of(&column->arms[a]->at[i]);
            column->values[figure][i] /= (double)column->n_arm;
        }
    }
}

static json_t *estimate_json(const struct making *making, enum figure figure,
                             const double *values) {
    struct sample sample = {values, making->counts[figure], making->groups, making->n_item,
                            making->n_group};
    struct estimate found = bootstrap(&sample, making->n_draw, making->input->seed);
    json_t *out = json_pack("{s:f, s:f, s:f, s:I}", "value", found.value, "low", found.low, "high",
                            found.high, "n", (json_int_t)found.n);
    MUST(out);
    return out;
}

static json_t *figures_json(const struct making *making, const struct column *column) {
    json_t *out = json_object();
    for (enum figure i = 0; i < FIGURES; i++)
        json_object_set_new(out, figure_rows[i].id, estimate_json(making, i, column->values[i]));
    return out;
}

/* The specialist's less the other's, item by item. */
static json_t *differences_json(const struct making *making, const struct column *other) {
    double *values = must_alloc(making->n_item, sizeof *values);
    json_t *out = json_object();
    for (enum figure i = 0; i < FIGURES; i++) {
        for (size_t j = 0; j < making->n_item; j++)
            values[j] = making->columns[0].values[i][j] - other->values[i][j];
        json_object_set_new(out, figure_rows[i].id, estimate_json(making, i, values));
    }
    free(values);
    return out;
}

/* ------------------------------------------------------------------------------ what else shows
 */

struct opening {
    struct view text;
    size_t n;
};

static size_t count_openings(const struct outcomes *outcomes, struct opening *out) {
    size_t n = 0;
    for (size_t i = 0; i < outcomes->n; i++) {
        struct view text = outcomes->at[i].opening;
        size_t j = 0;
        while (j < n && !view_equal(out[j].text, text))
            j++;
        if (text.n && j == n)
            out[n++] = (struct opening){text, 0};
        if (text.n)
            out[j].n++;
    }
    return n;
}

/* Kinds of opening of the hints that passed, a mean over the seeds; the commonest of any seed. */
static json_t *openings_json(const struct making *making, const struct column *column) {
    struct opening *openings = must_alloc(making->n_item, sizeof *openings), top = {0};
    double kinds = 0, share = 0;
    for (size_t a = 0; a < column->n_arm; a++) {
        size_t n = count_openings(column->arms[a], openings), all = 0;
        kinds += (double)n / (double)column->n_arm;
        for (size_t i = 0; i < n; i++)
            all += openings[i].n;
        for (size_t i = 0; i < n; i++)
            if ((double)openings[i].n / (double)all > share) {
                top = openings[i];
                share = (double)top.n / (double)all;
            }
    }
    json_t *out =
        json_pack("{s:f, s:o, s:f}", "kinds", kinds, "commonest",
                  json_stringn(top.text.at ? top.text.at : "", top.text.n), "share", share);
    free(openings);
    MUST(out);
    return out;
}

static double mean_tokens(const struct column *column, size_t *given_up) {
    double sum = 0;
    size_t n = 0;
    *given_up = 0;
    for (size_t a = 0; a < column->n_arm; a++)
        for (size_t i = 0; i < column->arms[a]->n; i++) {
            const struct outcome *one = &column->arms[a]->at[i];
            *given_up += view_is(one->reason, "given up");
            n += one->n_token > 0;
            sum += one->n_token;
        }
    return n ? sum / (double)n : 0;
}

static json_t *column_json(const struct making *making, const struct column *column) {
    size_t given_up;
    double tokens = mean_tokens(column, &given_up);
    json_t *out = json_pack("{s:s, s:s, s:o, s:o, s:f, s:I}", "name", column->name, "kind",
                            card_kind_id(column->kind), "figures", figures_json(making, column),
                            "openings", openings_json(making, column), "tokens", tokens,
                            "given_up", (json_int_t)given_up);
    MUST(out);
    if (column->kind != CARD_SPECIALIST)
        json_object_set_new(out, "difference", differences_json(making, column));
    return out;
}

/* What each seed of the specialist handles rightly. */
static json_t *seeds_json(const struct making *making) {
    json_t *out = json_array();
    for (size_t i = 0; i < making->input->n_arm; i++) {
        const struct card_arm *arm = &making->input->arms[i];
        double n = 0;
        for (size_t j = 0; arm->kind == CARD_SPECIALIST && j < making->n_item; j++)
            n += figure_rows[FIGURE_SCORE].of(&making->outcomes[i].at[j]);
        if (arm->kind == CARD_SPECIALIST)
            json_array_append_new(out, json_pack("{s:I, s:f}", "seed", (json_int_t)arm->seed,
                                                 "score", n / (double)making->n_item));
    }
    return out;
}

/* ---------------------------------------------------------------------------------- given to it
 */

static json_t *files_json(const struct card_input *input) {
    json_t *out = json_array();
    for (size_t i = 0; i < input->n_file; i++) {
        const struct card_file *file = &input->files[i];
        json_array_append_new(out, json_pack("{s:s, s:s, s:s, s:I}", "role", file->role, "name",
                                             file->name, "sha256", file->sha256, "bytes",
                                             (json_int_t)file->n_byte));
    }
    return out;
}

static json_t *origins_json(const struct card_input *input) {
    json_t *out = json_array();
    for (size_t i = 0; i < input->n_origin; i++) {
        const struct card_origin *origin = &input->origins[i];
        json_array_append_new(out,
                              json_pack("{s:s, s:s, s:I}", "origin", origin->origin, "licence",
                                        origin->licence, "rows", (json_int_t)origin->n_row));
    }
    return out;
}

static json_t *costs_json(const struct card_input *input) {
    json_t *out = json_array();
    for (size_t i = 0; i < input->n_cost; i++) {
        const struct card_cost *cost = &input->costs[i];
        json_array_append_new(out, json_pack("{s:s, s:f, s:I}", "stage", cost->stage, "minutes",
                                             cost->minutes, "tokens", (json_int_t)cost->n_token));
    }
    return out;
}

/* The fall of the share of right endings, paired by statement; each is a group of its own. */
static json_t *fall_json(const struct making *making) {
    const char *base = json_text(making->input->ability_base, "each", "");
    const char *now = json_text(making->input->ability_specialist, "each", "");
    size_t n = strlen(base);
    if (!n || strlen(now) != n)
        return NULL;
    double *values = must_alloc(n, sizeof *values);
    uint32_t *groups = must_alloc(n, sizeof *groups);
    for (size_t i = 0; i < n; i++) {
        values[i] = (base[i] == '1') - (now[i] == '1');
        groups[i] = (uint32_t)i;
    }
    struct sample sample = {values, NULL, groups, n, (uint32_t)n};
    struct estimate fall = bootstrap(&sample, making->n_draw, making->input->seed);
    free(values);
    free(groups);
    return json_pack("{s:f, s:f, s:f, s:I}", "value", fall.value, "low", fall.low, "high",
                     fall.high, "n", (json_int_t)fall.n);
}

static json_t *ability_json(const struct making *making) {
    const struct card_input *input = making->input;
    if (!input->ability_base || !input->ability_specialist)
        return json_null();
    json_t *fall = fall_json(making);
    return json_pack("{s:o, s:o, s:o}", "base", json_deep_copy(input->ability_base), "specialist",
                     json_deep_copy(input->ability_specialist), "fall", fall ? fall : json_null());
}

/* ------------------------------------------------------------------------------------- together
 */

static json_t *table_json(void) {
    json_t *out = json_array();
    for (enum figure i = 0; i < FIGURES; i++) {
        const struct figure_row *row = &figure_rows[i];
        json_array_append_new(out, json_pack("{s:s, s:s, s:s, s:b}", "id", row->id, "name",
                                             row->name, "question", row->question,
                                             "less_is_better", row->less_is_better));
    }
    return out;
}

static json_t *items_json(const struct making *making) {
    json_int_t n[PROOF_TASKS] = {0};
    for (size_t i = 0; i < making->n_item; i++)
        n[making->outcomes[0].at[i].task]++;
    return json_pack("{s:I, s:I, s:I, s:I, s:I}", "all", (json_int_t)making->n_item, "topics",
                     (json_int_t)making->n_group, "answer", n[PROOF_ANSWER], "refuse",
                     n[PROOF_REFUSE], "hint", n[PROOF_HINT]);
}

static json_t *make(const struct making *making) {
    const struct card_input *input = making->input;
    json_t *arms = json_array();
    for (size_t i = 0; i < making->n_column; i++)
        json_array_append_new(arms, column_json(making, &making->columns[i]));
    json_t *out = json_pack(
        "{s:s, s:i, s:s, s:o, s:o, s:o, s:o, s:i, s:I, s:o, s:o, s:o, s:o, s:o}", "kind",
        "lyceum model card", "version", 1, "title", input->title ? input->title : "", "items",
        items_json(making), "figures", table_json(), "arms", arms, "seeds", seeds_json(making),
        "draws", making->n_draw, "seed", (json_int_t)input->seed, "ability", ability_json(making),
        "diversity", input->diversity ? json_deep_copy(input->diversity) : json_null(), "files",
        files_json(input), "origins", origins_json(input), "costs", costs_json(input));
    MUST(out);
    card_judge(out);
    return out;
}

static void making_free(struct making *making) {
    for (size_t i = 0; i < making->input->n_arm && i < MOST_ARMS; i++)
        outcomes_free(&making->outcomes[i]);
    for (enum figure f = 0; f < FIGURES; f++) {
        free(making->counts[f]);
        for (size_t i = 0; i < making->n_column; i++)
            free(making->columns[i].values[f]);
    }
    free(making->groups);
    free(making);
}

json_t *card_make(const struct card_input *input, struct fault *fault) {
    struct making *making = must_alloc(1, sizeof *making);
    making->input = input;
    making->n_draw = input->n_draw ? input->n_draw : DRAWS;
    MUST(making->n_draw > 0 && making->n_draw <= MOST_DRAWS);
    json_t *card = NULL;
    if (read_arms(making, fault) && order_columns(making, fault)) {
        number_topics(making);
        for (enum figure i = 0; i < FIGURES; i++)
            count_figure(making, i);
        card = make(making);
    }
    making_free(making);
    return card;
}

bool card_passed(const json_t *card) {
    return json_flag(card, "passed", false);
}
