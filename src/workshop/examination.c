/* Examining adapters: each puts its answers into a file of the folder, once, and what they show
 * becomes a card. */
#include "workshop/examination.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LOADING_SECONDS = 300 };

void examination_tell(const struct examination *e, const char *format, ...) {
    char text[400];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (e->tell)
        e->tell(e->data, text);
}

uint64_t file_bytes(const char *path) {
    struct file_map map;
    uint64_t n = 0;
    if (file_map(path, &map, NULL)) {
        n = map.n;
        file_unmap(&map);
    }
    return n;
}

/* A file's hash, "" where there is none. */
bool hash_of(const char *path, char out[65], struct fault *fault) {
    struct file_map map;
    out[0] = 0;
    if (!path || !*path)
        return true;
    if (!file_map(path, &map, fault))
        return false;
    sha256_hex((struct view){(const char *)map.at, map.n}, out);
    file_unmap(&map);
    return true;
}

static void outcomes_path(const struct examination *e, const char *arm,
                          char out[EXAMINATION_PATH]) {
    snprintf(out, EXAMINATION_PATH, "%s/proof/%s.jsonl", e->folder, arm);
}

static bool examine_one(const struct examination *e, const struct arm *arm,
                        const struct proof_items *items, struct fault *fault) {
    bool look_up = arm->kind == CARD_LOOK_UP;
    struct company_adapter adapter = {.name = arm->name, .path = arm->adapter, .scale = 1};
    const char *model = *arm->model ? arm->model : e->student;
    struct company_options options = {.model = look_up ? NULL : model,
                                      .adapters = &adapter,
                                      .n_adapter = *arm->adapter && !look_up};
    char out[EXAMINATION_PATH], subject[200], student[65], hash[65];
    snprintf(out, sizeof out, "%s/proof", e->folder);
    if (!folder_make(out, fault))
        return false;
    outcomes_path(e, arm->name, out);
    if (!hash_of(model, student, fault) || !hash_of(arm->adapter, hash, fault))
        return false;
    snprintf(subject, sizeof subject, "%s %s %s", arm->name, student, hash);
    struct company *company = company_open(&options, fault);
    if (!company)
        return false;
    bool good = look_up || company_wait(company, LOADING_SECONDS) ||
                fault_set(fault, FAULT_INPUT, "%s: %s", arm->name, company_problem(company));
    struct proof proof = {.items = items,
                          .company = company,
                          .look_up = look_up,
                          .trained = *arm->model != 0,
                          .subject = subject,
                          .out = out,
                          .seed = e->seed,
                          .cancel = e->cancel};
    struct proof_report report;
    good = good && prove(&proof, &report, fault);
    company_close(company);
    if (good && report.n_asked)
        examination_tell(e, "examined %s: %zu items in %.0f s", arm->name, report.n_asked,
                         report.seconds);
    return good;
}

bool examine(const struct examination *e, const struct proof_items *items, struct fault *fault) {
    bool good = true;
    for (size_t i = 0; good && i < e->n_arm && !(e->cancel && *e->cancel); i++)
        good = examine_one(e, &e->arms[i], items, fault);
    return good;
}

void examination_begin(struct examination *e) {
    e->arms[e->n_arm++] = (struct arm){.name = "look-up", .kind = CARD_LOOK_UP};
    e->arms[e->n_arm++] = (struct arm){.name = "base", .kind = CARD_BASE};
    if (!e->tutor)
        return;
    struct arm *arm = &e->arms[e->n_arm++];
    *arm = (struct arm){.name = "tutor", .kind = CARD_GENERAL};
    snprintf(arm->adapter, sizeof arm->adapter, "%s", e->tutor);
}

json_t *read_note(const char *folder, const char *name) {
    char path[EXAMINATION_PATH];
    struct buffer text = {0};
    snprintf(path, sizeof path, "%s/%s", folder, name);
    json_t *note = file_exists(path) && file_read(path, 1 << 24, &text, NULL)
                       ? json_parse(buffer_view(&text), NULL)
                       : NULL;
    buffer_free(&text);
    return note;
}

/* Measured once, kept in the folder. NULL without a fault where there is no suite. */
static json_t *ability_of(const struct examination *e, const char *name, const struct arm *arm,
                          struct pool *pool, struct fault *fault) {
    char path[EXAMINATION_PATH];
    json_t *ability = read_note(e->folder, name);
    if (ability || !e->suite)
        return ability;
    struct ability wanted = {.suite = e->suite,
                             .model = *arm->model ? arm->model : e->student,
                             .adapter = *arm->adapter ? arm->adapter : NULL,
                             .cancel = e->cancel};
    struct buffer text = {0};
    ability = ability_measure(&wanted, pool, fault);
    if (!ability)
        return NULL;
    buffer_json(&text, ability);
    snprintf(path, sizeof path, "%s/%s", e->folder, name);
    if (!file_write(path, buffer_view(&text), fault)) {
        json_decref(ability);
        ability = NULL;
    }
    buffer_free(&text);
    return ability;
}

bool sources_add(struct sources *sources, const char *role, const char *path,
                 struct fault *fault) {
    const char *slash = path ? strrchr(path, '/') : NULL;
    struct card_file *file = &sources->files[sources->n_file];
    if (!path)
        return true;
    if (!hash_of(path, sources->hashes[sources->n_file], fault))
        return false;
    *file = (struct card_file){role, slash ? slash + 1 : path, sources->hashes[sources->n_file],
                               file_bytes(path)};
    sources->n_file++;
    return true;
}

static void count_origin(struct sources *sources, const char *origin, const char *licence) {
    size_t n = strcspn(origin, ":"); /* a file and its line */
    for (size_t i = 0; i < sources->n_origin; i++)
        if (strlen(sources->names[i]) == n && !strncmp(sources->names[i], origin, n)) {
            sources->origins[i].n_row++;
            return;
        }
    size_t i = sources->n_origin;
    if (i == COUNT_OF(sources->origins))
        return;
    snprintf(sources->names[i], sizeof sources->names[i], "%.*s", (int)n, origin);
    snprintf(sources->licences[i], sizeof sources->licences[i], "%s", licence);
    sources->origins[i] = (struct card_origin){sources->names[i], sources->licences[i], 1};
    sources->n_origin++;
}

static int by_rows(const void *a, const void *b) {
    const struct card_origin *x = a, *y = b;
    return x->n_row < y->n_row ? 1 : x->n_row > y->n_row ? -1 : strcmp(x->origin, y->origin);
}

bool sources_count(struct sources *sources, const char *path, struct fault *fault) {
    struct buffer text = {0};
    if (!file_read(path, (size_t)1 << 30, &text, fault))
        return false;
    struct view rest = buffer_view(&text), line;
    while (view_line(&rest, &line)) {
        json_t *row = json_parse(line, NULL);
        if (row)
            count_origin(sources, json_text(row, "origin", "?"), json_text(row, "licence", "?"));
        json_decref(row);
    }
    buffer_free(&text);
    if (sources->n_origin)
        qsort(sources->origins, sources->n_origin, sizeof *sources->origins, by_rows);
    return true;
}

static bool write_card(const char *folder, const json_t *card, struct fault *fault) {
    struct buffer json = {0}, text = {0}, html = {0};
    char path[3][EXAMINATION_PATH];
    buffer_json(&json, card);
    card_text(card, false, &text);
    card_html(card, &html);
    snprintf(path[0], EXAMINATION_PATH, "%s/card.json", folder);
    snprintf(path[1], EXAMINATION_PATH, "%s/card.txt", folder);
    snprintf(path[2], EXAMINATION_PATH, "%s/card.html", folder);
    bool good = file_write(path[0], buffer_view(&json), fault) &&
                file_write(path[1], buffer_view(&text), fault) &&
                file_write(path[2], buffer_view(&html), fault);
    buffer_free(&json);
    buffer_free(&text);
    buffer_free(&html);
    return good;
}

static const struct arm *first_specialist(const struct examination *e) {
    const struct arm *arm = e->arms;
    while (arm->kind != CARD_SPECIALIST)
        MUST(++arm < e->arms + e->n_arm);
    return arm;
}

/* ------------------------------------------------------------------------------------ diversity
 */

static void add_document(struct buffer *out, const char *text) {
    json_t *line = json_pack("{s:s}", "text", text);
    if (line && *text) {
        buffer_json(out, line);
        buffer_byte(out, '\n');
    }
    json_decref(line);
}

/* What a model made of hints, or what people did: a line each. */
static void read_hints(const char *path, bool people, struct buffer *out) {
    struct buffer text = {0};
    if (!file_exists(path) || !file_read(path, (size_t)1 << 30, &text, NULL))
        return;
    struct view rest = buffer_view(&text), line;
    while (view_line(&rest, &line)) {
        json_t *row = json_parse(line, NULL), *said;
        size_t i;
        if (!strcmp(json_text(row, "task", ""), "hint") && people)
            json_array_foreach(json_object_get(row, "rephrasings"), i, said)
                add_document(out, json_string_value(said));
        else if (!strcmp(json_text(row, "task", ""), "hint") && json_flag(row, "passed", false))
            add_document(out, json_text(row, "draft", ""));
        json_decref(row);
    }
    buffer_free(&text);
}

/* NULL where there is too little to tell. */
static json_t *diversity_of(const struct examination *e, struct pool *pool) {
    char path[EXAMINATION_PATH];
    struct buffer model = {0}, people = {0};
    struct documents made = {0}, written = {0};
    struct diversity_options options = {.seed = e->seed};
    struct diversity_report report;
    outcomes_path(e, first_specialist(e)->name, path);
    read_hints(path, false, &model);
    read_hints(e->items, true, &people);
    bool good = documents_parse(buffer_view(&model), &made, NULL) &&
                documents_parse(buffer_view(&people), &written, NULL) &&
                diversity_compare(&made, &written, &options, pool, &report, NULL);
    documents_free(&made);
    documents_free(&written);
    buffer_free(&model);
    buffer_free(&people);
    return good ? diversity_json(&report) : NULL;
}

static json_t *make_card(const struct examination *e, const struct card_more *more,
                         const json_t *base, const json_t *specialist, const json_t *diversity,
                         struct fault *fault) {
    struct card_arm arms[EXAMINATION_ARMS];
    char(*paths)[EXAMINATION_PATH] = must_alloc(EXAMINATION_ARMS, sizeof *paths);
    for (size_t i = 0; i < e->n_arm; i++) {
        const struct arm *arm = &e->arms[i];
        outcomes_path(e, arm->name, paths[i]);
        arms[i] = (struct card_arm){arm->name, arm->kind, arm->seed, paths[i]};
    }
    struct card_input input = {.title = e->title,
                               .arms = arms,
                               .n_arm = e->n_arm,
                               .files = more->sources->files,
                               .n_file = more->sources->n_file,
                               .origins = more->sources->origins,
                               .n_origin = more->sources->n_origin,
                               .costs = more->costs,
                               .n_cost = more->n_cost,
                               .ability_base = base,
                               .ability_specialist = specialist,
                               .diversity = diversity,
                               .seed = e->seed};
    json_t *card = card_make(&input, fault);
    free(paths);
    return card;
}

bool examination_card(const struct examination *e, const struct card_more *more, struct pool *pool,
                      bool *passed, struct fault *fault) {
    static const struct arm alone;
    json_t *base = ability_of(e, "ability-base.json", &alone, pool, fault);
    json_t *specialist =
        ability_of(e, "ability-specialist.json", first_specialist(e), pool, fault);
    bool good = !e->suite || (base && specialist);
    json_t *diversity = good ? diversity_of(e, pool) : NULL;
    json_t *card = good ? make_card(e, more, base, specialist, diversity, fault) : NULL;
    if (card) {
        *passed = card_passed(card);
        good = write_card(e->folder, card, fault);
    }
    json_decref(base);
    json_decref(specialist);
    json_decref(diversity);
    json_decref(card);
    return good && card;
}
