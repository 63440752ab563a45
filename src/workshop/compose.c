/* Training rows: packs are made side by side, each from its own seed, and laid into the file so
 * that any beginning of it has about the mixture of the whole. */
#include "workshop/compose.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEFAULT_ROWS = 30000, BATCH = 256, MAX_BARREN = 40 };

/* Of cards, made-up facts, hints; the second where a course stands in the middle, since who is
 * trained on it can copy already. */
static const double shares[2][COMPOSE_KINDS] = {{0.66, 0.22, 0.12}, {0.80, 0.06, 0.14}};
static compose_maker *const makers[COMPOSE_KINDS] = {compose_card, compose_made, compose_hint};
static const char *const task_names[COMPOSE_TASKS] = {"answer", "refuse", "hint",
                                                      "wrong",  "sum",    "next"};
static const char *const reason_names[COMPOSE_REASONS] = {
    "struck by the review", "stands on another sentence", "may be answered", "the same again"};

const char *compose_task_name(enum compose_task task) {
    return task < COMPOSE_TASKS ? task_names[task] : "";
}

const char *compose_reason_name(enum compose_reason reason) {
    return reason < COMPOSE_REASONS ? reason_names[reason] : "";
}

/* ------------------------------------------------------------------------------------------ rows
 */

static bool passes(struct pack_rows *pack, const struct row_text *row) {
    struct school_verdict verdict;
    struct school_draft draft = {.passage = row->lesson,
                                 .question = row->asked,
                                 .draft = row->target,
                                 .language = pack->whole->language};
    if (row->task == COMPOSE_TASK_HINT) {
        draft.hint = row->asked;
        draft.question = (struct view){0};
    } else if (row->task != COMPOSE_ANSWER && row->task != COMPOSE_SUM)
        return true;
    school_review(&draft, &verdict);
    if (!verdict.passed) {
        pack->dropped[COMPOSE_STRUCK]++;
        return false;
    }
    bool elsewhere =
        row->source.n && !(verdict.n_cite && view_equal(view_trim(verdict.cites[0]), row->source));
    pack->dropped[COMPOSE_ELSEWHERE] += elsewhere;
    return !elsewhere;
}

static enum school_prompt_task prompt_task(enum compose_task task) {
    static const enum school_prompt_task tasks[COMPOSE_TASKS] = {
        [COMPOSE_ANSWER] = PROMPT_ANSWER,  [COMPOSE_REFUSE] = PROMPT_ANSWER,
        [COMPOSE_TASK_HINT] = PROMPT_HINT, [COMPOSE_WRONG] = PROMPT_WRONG,
        [COMPOSE_SUM] = PROMPT_SUM,        [COMPOSE_NEXT] = PROMPT_NEXT};
    return tasks[task];
}

static json_t *text_of(struct view text) {
    return json_stringn(text.at ? text.at : "", text.n);
}

bool compose_add(struct pack_rows *pack, const struct row_text *row) {
    if (pack->n == PACK_ROWS || !passes(pack, row))
        return false;
    struct school_prompt prompt = {.task = prompt_task(row->task),
                                   .passage = row->lesson,
                                   .text = row->asked,
                                   .language = pack->whole->language};
    json_t *messages = school_prompt(&prompt);
    json_array_append_new(
        messages, json_pack("{s:s, s:o}", "role", "assistant", "content", text_of(row->target)));
    char origin[300];
    const char *base = strrchr(row->file, '/');
    snprintf(origin, sizeof origin, row->line ? "%s:%ld" : "%s", base ? base + 1 : row->file,
             row->line);
    json_t *line = json_pack("{s:o, s:s, s:o, s:s, s:o}", "messages", messages, "task",
                             task_names[row->task], "topic", text_of(row->topic), "origin", origin,
                             "licence", text_of(row->licence));
    struct buffer text = {0};
    buffer_json(&text, line);
    json_decref(line);
    struct row *out = &pack->rows[pack->n++];
    out->task = row->task;
    out->json = arena_copy(pack->arena, buffer_view(&text));
    out->key = hash64(row->asked, hash64(row->lesson, prompt.task));
    if (row->task == COMPOSE_TASK_HINT || row->task == COMPOSE_SUM)
        out->key = hash64(row->target, out->key);
    if (row->task == COMPOSE_TASK_HINT)
        out->opening = arena_copy(pack->arena, row->target);
    buffer_free(&text);
    return true;
}

/* ----------------------------------------------------------------------------------------- packs
 */

const struct card *card_for(const struct composing *whole, size_t index) {
    size_t n = whole->cards->n, n_focus = whole->n_focus;
    if (n_focus == 0 || n_focus == n)
        return &whole->cards->at[index % n];
    size_t other = index / 3, focused = index - index / 3 - 1;
    return &whole->cards->at[index % 3 ? focused % n_focus : n_focus + other % (n - n_focus)];
}

struct making {
    struct composing whole;
    uint64_t seed;
    enum compose_kind kind;
    size_t first;
    struct pack_rows **packs;
};

static void make_pack(void *data, int part, int n_part) {
    struct making *making = data;
    (void)n_part;
    size_t index = making->first + (size_t)part;
    struct pack_rows *pack = must_alloc(1, sizeof *pack);
    uint64_t place[2] = {(uint64_t)making->kind, index};
    pack->whole = &making->whole;
    pack->arena = arena_new();
    random_seed(&pack->random,
                hash64((struct view){(const char *)place, sizeof place}, making->seed));
    makers[making->kind](pack, index);
    making->packs[index] = pack;
}

static void free_pack(struct pack_rows *pack) {
    if (pack)
        arena_free(pack->arena);
    free(pack);
}

struct key_set { /* hashes, open addressing; 0 is empty */
    uint64_t *at;
    size_t mask;
};

static bool is_new(struct key_set *keys, uint64_t key) {
    key += !key;
    for (size_t i = key & keys->mask;; i = (i + 1) & keys->mask) {
        if (keys->at[i] == key)
            return false;
        if (!keys->at[i]) {
            keys->at[i] = key;
            return true;
        }
    }
}

struct placed { /* a pack and where it goes */
    struct pack_rows *pack;
    double at;
};

struct assembly {
    struct key_set keys;
    struct placed *placed;
    size_t n, capacity;
    struct compose_report *report;
};

/* Drops what was asked already; at most `room` rows stay. */
static void keep_new(struct assembly *assembly, struct pack_rows *pack, size_t room) {
    size_t n = 0;
    for (size_t i = 0; i < pack->n && n < room; i++) {
        if (is_new(&assembly->keys, pack->rows[i].key))
            pack->rows[n++] = pack->rows[i];
        else
            pack->dropped[COMPOSE_TWICE]++;
    }
    pack->n = n;
}

static void place_packs(struct assembly *assembly, struct making *making, size_t n) {
    struct random random;
    random_seed(&random, making->seed + 1000 + (uint64_t)making->kind);
    for (size_t i = 0; i < n; i++) {
        struct pack_rows *pack = making->packs[i];
        for (size_t r = 0; r < COMPOSE_REASONS; r++)
            assembly->report->dropped[r] += pack->dropped[r];
        double at = ((double)i + random_unit(&random)) / (double)n;
        if (!pack->n) {
            free_pack(pack);
            continue;
        }
        MUST(TRY_ROOM(assembly->placed, assembly->capacity, assembly->n + 1));
        assembly->placed[assembly->n++] = (struct placed){pack, at};
    }
}

/* Packs of one kind until there are enough rows, or no new ones come. */
static void make_kind(struct making *making, struct pool *pool, size_t wanted,
                      struct assembly *assembly) {
    size_t n_row = 0, n = 0, capacity = 0, barren = 0;
    making->packs = NULL;
    while (n_row < wanted && barren < MAX_BARREN && making->whole.cards->n) {
        MUST(TRY_ROOM(making->packs, capacity, n + BATCH));
        making->first = n;
        pool_run(pool, make_pack, making, BATCH);
        size_t before = n_row;
        for (size_t i = n; i < n + BATCH; i++) {
            keep_new(assembly, making->packs[i], wanted - n_row);
            n_row += making->packs[i]->n;
        }
        n += BATCH;
        barren = n_row - before < BATCH / 16 ? barren + 1 : 0;
    }
    size_t last = n;
    while (last > 0 && making->packs[last - 1]->n == 0)
        last--;
    for (size_t i = last; i < n; i++)
        free_pack(making->packs[i]);
    place_packs(assembly, making, last);
    if (making->kind == COMPOSE_MADE)
        assembly->report->made_up = n_row;
    free(making->packs);
}

static int by_place(const void *a, const void *b) {
    double x = ((const struct placed *)a)->at, y = ((const struct placed *)b)->at;
    return x < y ? -1 : x > y;
}

/* -------------------------------------------------------------------------------------- openings
 */

struct opening {
    struct view text;
    size_t n;
};

static int by_text(const void *a, const void *b) {
    const struct opening *x = a, *y = b;
    size_t n = x->text.n < y->text.n ? x->text.n : y->text.n;
    int order = memcmp(x->text.at, y->text.at, n);
    return order ? order : x->text.n < y->text.n ? -1 : x->text.n > y->text.n;
}

static int by_count(const void *a, const void *b) {
    const struct opening *x = a, *y = b;
    return x->n > y->n ? -1 : x->n < y->n ? 1 : by_text(a, b);
}

static struct view first_words(struct view text, size_t n) {
    size_t i = 0;
    for (; i < text.n; i++)
        if (text.at[i] == ' ' && --n == 0)
            break;
    return view_slice(text, 0, i);
}

static void report_openings(const struct assembly *assembly, struct compose_report *report) {
    size_t n = 0, different = 0;
    struct opening *all = must_alloc(report->rows[COMPOSE_TASK_HINT] + 1, sizeof *all);
    for (size_t i = 0; i < assembly->n; i++)
        for (size_t j = 0; j < assembly->placed[i].pack->n; j++) {
            const struct row *row = &assembly->placed[i].pack->rows[j];
            if (row->task == COMPOSE_TASK_HINT)
                all[n++] = (struct opening){first_words(row->opening, 3), 1};
        }
    qsort(all, n, sizeof *all, by_text);
    for (size_t i = 0; i < n; i++)
        if (different && view_equal(all[different - 1].text, all[i].text))
            all[different - 1].n++;
        else
            all[different++] = all[i];
    qsort(all, different, sizeof *all, by_count);
    report->n_opening = different;
    for (size_t i = 0; i < COUNT_OF(report->openings) && i < different; i++) {
        snprintf(report->openings[i].text, sizeof report->openings[i].text, "%.*s",
                 VIEW_ARG(view_slice(all[i].text, 0, 59)));
        report->openings[i].share = (double)all[i].n / (double)n;
    }
    free(all);
}

/* ----------------------------------------------------------------------------------------- whole
 */

static bool is_held_out(const struct compose_options *options, struct view topic) {
    for (size_t i = 0; options->held_out && options->held_out[i]; i++)
        if (view_is(topic, options->held_out[i]))
            return true;
    return false;
}

static void write_rows(const struct compose_options *options, struct pool *pool,
                       const struct cards *cards, size_t n_focus, struct buffer *rows,
                       struct compose_report *report) {
    size_t wanted = options->n_row ? options->n_row : DEFAULT_ROWS, room = 1024;
    struct assembly assembly = {.report = report};
    const char *language = options->language ? options->language : "en";
    while (room < 4 * wanted)
        room *= 2;
    assembly.keys = (struct key_set){must_alloc(room, sizeof(uint64_t)), room - 1};
    for (size_t kind = 0; kind < COMPOSE_KINDS; kind++) {
        struct making making = {.whole = {.cards = cards,
                                          .n_focus = n_focus,
                                          .language = language,
                                          .english = !strncmp(language, "en", 2)},
                                .seed = options->seed,
                                .kind = (enum compose_kind)kind};
        const double *of = shares[n_focus > 0];
        double share = of[kind];
        if (!making.whole.english)
            share = kind == COMPOSE_MADE ? 0 : share / (1 - of[COMPOSE_MADE]);
        make_kind(&making, pool, (size_t)((double)wanted * share + 0.5), &assembly);
    }
    qsort(assembly.placed, assembly.n, sizeof *assembly.placed, by_place);
    for (size_t i = 0; i < assembly.n; i++)
        for (size_t j = 0; j < assembly.placed[i].pack->n; j++) {
            const struct row *row = &assembly.placed[i].pack->rows[j];
            report->rows[row->task]++;
            report->n_row++;
            if (rows) {
                buffer_append(rows, row->json);
                buffer_byte(rows, '\n');
            }
        }
    report_openings(&assembly, report);
    for (size_t i = 0; i < assembly.n; i++)
        free_pack(assembly.placed[i].pack);
    free(assembly.placed);
    free(assembly.keys.at);
}

bool compose(const struct compose_options *options, struct pool *pool, struct buffer *rows,
             struct buffer *items, struct compose_report *report, struct fault *fault) {
    struct arena *arena = arena_new();
    struct cards all = {0}, taught = {0}, kept = {0};
    const char *language = options->language ? options->language : "en";
    bool good = true;
    size_t from_focus = 0, n_focus = 0; /* read, and of those taught */
    *report = (struct compose_report){0};
    for (size_t i = 0; i < options->n_card && good; i++) {
        good = cards_read(options->cards[i], arena, &all, fault);
        from_focus = i < options->n_focus ? all.n : from_focus;
    }
    for (size_t i = 0; i < all.n && good; i++) {
        struct cards *into = is_held_out(options, all.at[i].topic) ? &kept : &taught;
        if (strncmp(all.at[i].language, language, 2) != 0)
            continue;
        MUST(TRY_ROOM(into->at, into->capacity, into->n + 1));
        into->at[into->n++] = all.at[i];
        n_focus += into == &taught && i < from_focus;
    }
    cards_drop_shared(&taught, &kept, &n_focus);
    cards_forget(&taught, &kept);
    if (options->shuffled) {
        struct random random;
        random_seed(&random, options->seed);
        cards_exchange(&taught, n_focus, &random, arena);
    }
    if (good && !taught.n)
        good = fault_set(fault, FAULT_INPUT, "no card of this language is left to make rows of");
    report->n_card = taught.n + kept.n;
    report->n_held_out = kept.n;
    if (good && items)
        compose_items(&kept, items);
    if (good)
        write_rows(options, pool, &taught, n_focus, rows, report);
    free(all.at);
    free(taught.at);
    free(kept.at);
    arena_free(arena);
    return good;
}
