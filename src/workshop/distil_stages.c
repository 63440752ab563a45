/* The stages of a distillation up to the training. */
#include "school/school.h"
#include "workshop/compose.h"
#include "workshop/distil.h"
#include "workshop/examination.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 12000, LEAST_HELD_OUT = 4 };

static bool have(const struct distil_run *run, const char *name) {
    char path[DISTIL_PATH];
    distil_path(run, name, path);
    return file_exists(path);
}

static bool write_text(const struct distil_run *run, const char *name, struct view text,
                       struct fault *fault) {
    char path[DISTIL_PATH];
    distil_path(run, name, path);
    return file_write(path, text, fault);
}

/* What a stage has to say, kept for the card. */
static bool keep_note(const struct distil_run *run, const char *name, json_t *note,
                      struct fault *fault) {
    struct buffer text = {0};
    buffer_json(&text, note);
    json_decref(note);
    bool good = write_text(run, name, buffer_view(&text), fault);
    buffer_free(&text);
    return good;
}

/* ------------------------------------------------------------------------------- course to cards
 */

/* The topics of the authored cards: the course's passages on which nobody else need ask. */
static bool read_topics(const struct distillation *how, struct arena *arena, const char ***topics,
                        struct fault *fault) {
    struct cards cards = {0};
    bool good = true;
    for (size_t i = 0; i < how->n_card && good; i++)
        good = cards_read(how->cards[i], arena, &cards, fault);
    *topics = ARENA_NEW(arena, cards.n + 1, const char *);
    for (size_t i = 0; i < cards.n; i++)
        (*topics)[i] = arena_string(arena, cards.at[i].topic);
    free(cards.at);
    return good;
}

/* What the rules ask without a senior: what its questions are held against. */
static bool write_rules(struct distil_run *run, struct course_cards_options options,
                        struct fault *fault) {
    struct course_cards_report report;
    struct buffer cards = {0};
    options.senior = NULL;
    bool good = course_cards(&options, &cards, &report, fault) &&
                write_text(run, "rules.txt", buffer_view(&cards), fault);
    buffer_free(&cards);
    return good;
}

static bool ask(struct distil_run *run, const char *const *skip, struct company *senior,
                struct fault *fault) {
    const struct distillation *how = run->how;
    char cache[DISTIL_PATH];
    distil_path(run, "senior.jsonl", cache);
    struct course_cards_options options = {.folder = how->course,
                                           .language = how->language,
                                           .skip = skip,
                                           .senior = senior,
                                           .senior_name = how->company ? how->senior : NULL,
                                           .cache = cache,
                                           .seconds = run->plan.senior_seconds,
                                           .seed = how->seed,
                                           .cancel = how->cancel};
    struct course_cards_report report;
    struct buffer cards = {0};
    bool good = course_cards(&options, &cards, &report, fault);
    if (good && !distil_stopped(run)) {
        size_t n_question = 0;
        for (size_t i = 0; i < COURSE_RULES; i++)
            n_question += report.questions[i];
        distil_tell(run,
                    "%zu passages of the course, %zu with cards of people; on the others %zu "
                    "questions by rules, %zu by the senior",
                    report.n_passage, report.n_skipped,
                    n_question - report.questions[COURSE_BY_SENIOR],
                    report.questions[COURSE_BY_SENIOR]);
        good = (!senior || write_rules(run, options, fault)) &&
               keep_note(run, "cards.json", course_cards_json(&report), fault) &&
               write_text(run, "cards.txt", buffer_view(&cards), fault);
    }
    buffer_free(&cards);
    return good;
}

bool distil_cards(struct distil_run *run, struct fault *fault) {
    const struct distillation *how = run->how;
    if (have(run, "cards.txt"))
        return true;
    struct arena *arena = arena_new();
    const char **skip;
    struct company_options members = {.model = how->company ? how->student : how->senior,
                                      .file = how->company,
                                      .data = how->company && file_exists("data") ? "data" : NULL};
    struct company *senior = NULL;
    bool good = read_topics(how, arena, &skip, fault) &&
                (!how->senior || (senior = company_open(&members, fault)));
    if (good && senior && !company_wait(senior, 300))
        good = fault_set(fault, FAULT_INPUT, "the senior: %s", company_problem(senior));
    good = good && ask(run, skip, senior, fault);
    company_close(senior);
    arena_free(arena);
    return good;
}

/* -------------------------------------------------------------------------------- cards to rows
 */

struct topics { /* of the cards on the course, each once */
    struct view *at;
    size_t n, capacity;
    const char **held_out; /* NULL-terminated */
    size_t n_held_out;
};

static void add_topic(struct topics *topics, struct view topic) {
    for (size_t i = 0; i < topics->n; i++)
        if (view_equal(topics->at[i], topic))
            return;
    MUST(TRY_ROOM(topics->at, topics->capacity, topics->n + 1));
    topics->at[topics->n++] = topic;
}

/* A fourth of the passages, and at least four. */
static void hold_out(struct topics *topics, uint64_t seed, struct arena *arena) {
    struct random random;
    size_t n = topics->n / 4 > LEAST_HELD_OUT ? topics->n / 4 : LEAST_HELD_OUT;
    size_t *order = ARENA_NEW(arena, topics->n + 1, size_t);
    for (size_t i = 0; i < topics->n; i++)
        order[i] = i;
    random_seed(&random, seed);
    shuffle(&random, order, topics->n);
    topics->held_out = ARENA_NEW(arena, n + 1, const char *);
    for (size_t i = 0; i < n && i < topics->n; i++)
        topics->held_out[topics->n_held_out++] = arena_string(arena, topics->at[order[i]]);
}

static bool is_held_out(const struct topics *topics, struct view topic) {
    for (size_t i = 0; i < topics->n_held_out; i++)
        if (view_is(topic, topics->held_out[i]))
            return true;
    return false;
}

/* The sentences of the course that are not held out, as they stand: what plain training reads. */
static void write_plain(const struct cards *cards, const struct topics *topics,
                        struct buffer *out) {
    for (size_t i = 0; i < cards->n; i++) {
        const struct card *card = &cards->at[i];
        struct buffer text = {0};
        if (is_held_out(topics, card->topic))
            continue;
        for (size_t j = 0; j < card->n_sentence; j++) {
            buffer_text(&text, j ? " " : "");
            buffer_append(&text, card->sentences[j]);
        }
        json_t *row = json_pack("{s:o}", "text", json_stringn(text.at ? text.at : "", text.n));
        buffer_json(out, row);
        buffer_byte(out, '\n');
        json_decref(row);
        buffer_free(&text);
    }
}

static json_t *compose_note(const struct compose_report *report, const struct topics *topics) {
    json_t *rows = json_object(), *held_out = json_array();
    for (size_t i = 0; i < COMPOSE_TASKS; i++)
        json_object_set_new(rows, compose_task_name((enum compose_task)i),
                            json_integer((json_int_t)report->rows[i]));
    for (size_t i = 0; i < topics->n_held_out; i++)
        json_array_append_new(held_out, json_string(topics->held_out[i]));
    return json_pack("{s:I, s:I, s:o, s:I, s:o}", "cards", (json_int_t)report->n_card, "rows",
                     (json_int_t)report->n_row, "tasks", rows, "made_up",
                     (json_int_t)report->made_up, "held_out", held_out);
}

/* Those on the course, *n_course, come first. */
static const char **card_files(const struct distil_run *run, struct arena *arena, size_t *n_course,
                               size_t *n) {
    const struct distillation *how = run->how;
    const char **files = ARENA_NEW(arena, how->n_card + how->n_general + 2, const char *);
    char path[DISTIL_PATH];
    distil_path(run, "cards.txt", path);
    *n = 0;
    if (file_bytes(path) > 0) /* not where people wrote cards on every passage */
        files[(*n)++] = arena_string(arena, view_of(path));
    for (size_t i = 0; i < how->n_card; i++)
        files[(*n)++] = how->cards[i];
    *n_course = *n;
    for (size_t i = 0; i < how->n_general; i++)
        files[(*n)++] = how->general[i];
    return files;
}

static bool compose_all(struct distil_run *run, const struct compose_options *options,
                        const struct cards *cards, const struct topics *topics,
                        struct fault *fault) {
    struct compose_options shuffled = *options;
    struct compose_report report, ignored;
    struct buffer rows = {0}, items = {0}, mixed = {0}, plain = {0};
    shuffled.shuffled = true;
    write_plain(cards, topics, &plain);
    bool good = compose(options, run->pool, &rows, &items, &report, fault) &&
                compose(&shuffled, run->pool, &mixed, NULL, &ignored, fault) &&
                keep_note(run, "rows.json", compose_note(&report, topics), fault) &&
                write_text(run, "items.jsonl", buffer_view(&items), fault) &&
                write_text(run, "shuffled.jsonl", buffer_view(&mixed), fault) &&
                write_text(run, "plain.jsonl", buffer_view(&plain), fault) &&
                write_text(run, "rows.jsonl", buffer_view(&rows), fault);
    if (good)
        distil_tell(run, "%zu rows of %zu cards; %zu of %zu passages are held out", report.n_row,
                    report.n_card - report.n_held_out, topics->n_held_out, topics->n);
    buffer_free(&rows);
    buffer_free(&items);
    buffer_free(&mixed);
    buffer_free(&plain);
    return good;
}

bool distil_rows(struct distil_run *run, struct fault *fault) {
    const struct distillation *how = run->how;
    if (have(run, "rows.jsonl"))
        return true;
    struct arena *arena = arena_new();
    struct cards cards = {0};
    struct topics topics = {0};
    size_t n_file, n_focus;
    const char **files = card_files(run, arena, &n_focus, &n_file);
    bool good = true;
    for (size_t i = 0; i < n_focus && good; i++)
        good = cards_read(files[i], arena, &cards, fault);
    for (size_t i = 0; i < cards.n; i++)
        add_topic(&topics, cards.at[i].topic);
    hold_out(&topics, how->seed, arena);
    if (good && topics.n < 2 * LEAST_HELD_OUT)
        good = fault_set(fault, FAULT_INPUT,
                         "the course has %zu passages to ask about; %d are wanted", topics.n,
                         2 * LEAST_HELD_OUT);
    struct compose_options options = {.cards = files,
                                      .n_card = n_file,
                                      .held_out = topics.held_out,
                                      .language = how->language,
                                      .seed = how->seed,
                                      .n_row = ROWS,
                                      .n_focus = n_focus};
    good = good && compose_all(run, &options, &cards, &topics, fault);
    free(topics.at);
    free(cards.at);
    arena_free(arena);
    return good;
}

/* -------------------------------------------------------------------------------------- the gate
 */

static bool has_question(const struct cards *cards, struct view asked) {
    for (size_t i = 0; i < cards->n; i++)
        for (size_t j = 0; j < cards->at[i].n_question; j++)
            if (view_equal(cards->at[i].questions[j].at[0], asked))
                return true;
    return false;
}

/* The questions of the cards that are none of the others', a document a card. */
static bool questions_of(const struct cards *cards, const struct cards *others,
                         struct documents *out, struct fault *fault) {
    struct buffer lines = {0};
    for (size_t i = 0; i < cards->n; i++) {
        json_t *turns = json_array();
        for (size_t j = 0; j < cards->at[i].n_question; j++) {
            struct view asked = cards->at[i].questions[j].at[0];
            if (!has_question(others, asked))
                json_array_append_new(turns,
                                      json_pack("{s:s, s:o}", "role", "assistant", "content",
                                                json_stringn(asked.at, asked.n)));
        }
        if (json_array_size(turns)) {
            json_t *document = json_pack("{s:O}", "messages", turns);
            buffer_json(&lines, document);
            buffer_byte(&lines, '\n');
            json_decref(document);
        }
        json_decref(turns);
    }
    bool good = documents_parse(buffer_view(&lines), out, fault);
    buffer_free(&lines);
    return good;
}

static bool judge(struct distil_run *run, struct fault *fault) {
    json_t *note = read_note(run->how->folder, "gate.json");
    const json_t *reasons = json_object_get(note, "reasons");
    bool fired = json_flag(note, "fired", true), good = !fired || run->how->anyway;
    if (!good) {
        const char *reason = json_string_value(json_array_get(reasons, 0));
        fault_set(fault, FAULT_INPUT, "the senior's questions have collapsed: %s",
                  reason ? reason : "gate.json cannot be read");
        fault_remedy(fault, "Take a better senior, or none (--senior none); --anyway trains on "
                            "them as they are");
    } else
        distil_tell(run, fired ? "the diversity gate fired; going on anyway"
                               : "the senior's questions are as varied as others on this course");
    json_decref(note);
    return good;
}

/* The senior's questions beside those of people on the same course, or of the rules where there
 * are none: text on other things would differ by its words alone. */
static bool measure(struct distil_run *run, struct fault *fault) {
    const struct distillation *how = run->how;
    struct arena *arena = arena_new();
    struct cards made = {0}, ruled = {0}, written = {0}, none = {0};
    struct documents text = {0}, reference = {0};
    struct diversity_report report;
    struct diversity_options options = {.seed = how->seed};
    char cards[DISTIL_PATH], rules[DISTIL_PATH];
    distil_path(run, "cards.txt", cards);
    distil_path(run, "rules.txt", rules);
    bool good = cards_read(cards, arena, &made, fault) && cards_read(rules, arena, &ruled, fault);
    for (size_t i = 0; i < how->n_card && good; i++)
        good = cards_read(how->cards[i], arena, &written, fault);
    good = good && questions_of(&made, &ruled, &text, fault) &&
           questions_of(how->n_card ? &written : &ruled, &none, &reference, fault) &&
           diversity_compare(&text, &reference, &options, run->pool, &report, fault) &&
           keep_note(run, "gate.json", diversity_json(&report), fault);
    documents_free(&text);
    documents_free(&reference);
    free(made.at);
    free(ruled.at);
    free(written.at);
    arena_free(arena);
    return good;
}

/* Only a model's text collapses silently. */
bool distil_gate(struct distil_run *run, struct fault *fault) {
    char path[DISTIL_PATH];
    json_t *note = read_note(run->how->folder, "cards.json");
    bool asked = json_number(json_object_get(note, "questions"), "senior", 0) > 0;
    json_decref(note);
    distil_path(run, "rules.txt", path);
    if (!asked || file_bytes(path) == 0)
        return true;
    return (have(run, "gate.json") || measure(run, fault)) && judge(run, fault);
}

/* ------------------------------------------------------------------------------------- training
 */

struct log { /* of a training: what it cost */
    const struct distillation *how;
    FILE *file;
};

static bool log_step(void *data, const struct trainer_report *report, struct fault *fault) {
    const struct log *log = data;
    fprintf(log->file, "{\"step\":%lld,\"loss\":%.6g,\"tokens\":%llu,\"seconds\":%.3f}\n",
            (long long)report->step, report->loss, (unsigned long long)report->n_token,
            report->seconds);
    if (fflush(log->file) != 0)
        return fault_set(fault, FAULT_MACHINE, "the log of the training cannot be written");
    return !log->how->step || log->how->step(log->how->data, report, fault);
}

static bool open_log(const struct distil_run *run, const char *name, struct log *log,
                     struct fault *fault) {
    char path[DISTIL_PATH];
    snprintf(path, sizeof path, "%s/%s/log.jsonl", run->how->folder, name);
    log->file = fopen(path, "a");
    return log->file || fault_set(fault, FAULT_MACHINE, "%s cannot be written", path);
}

static bool train_one(struct distil_run *run, const struct distil_training *wanted,
                      struct fault *fault) {
    const struct distillation *how = run->how;
    struct training training = training_default;
    struct training_result result;
    char folder[DISTIL_PATH], rows[DISTIL_PATH], adapter[DISTIL_PATH];
    snprintf(adapter, sizeof adapter, "%s/%s/adapter.gguf", how->folder, wanted->name);
    if (file_exists(adapter))
        return true;
    distil_path(run, wanted->name, folder);
    distil_path(run, wanted->rows, rows);
    distil_tell(run, "training %s", wanted->name);
    training.model_path = how->student;
    training.texts_path = rows;
    training.folder = folder;
    training.start_path = how->tutor;
    training.name = wanted->name;
    training.tutor = !wanted->plain || how->tutor;
    training.languages = how->language;
    training.student.learning = LEARN_ADAPTER;
    training.student.seed = training.texts.seed = wanted->seed;
    training.trainer.adamw.rate = how->tutor ? 3e-4F : 1e-3F;
    training.trainer.seconds = run->plan.train_seconds;
    training.save_seconds = 120;
    training.cancel = how->cancel;
    struct log log = {how, NULL};
    if (!folder_make(folder, fault) || !open_log(run, wanted->name, &log, fault))
        return false;
    training.step = log_step;
    training.data = &log;
    bool good = training_run(&training, run->pool, &result, fault);
    fclose(log.file);
    return good;
}

bool distil_train(struct distil_run *run, struct fault *fault) {
    bool good = true;
    for (size_t i = 0; good && i < run->plan.n_training && !distil_stopped(run); i++)
        good = train_one(run, &run->plan.trainings[i], fault);
    return good;
}
