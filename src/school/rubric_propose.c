/* What a model proposes to an open answer: for each criterion a level, and the sentence of the
 * answer that shows it. Written in the background, one answer at a time, beside what a person
 * decides and never instead of it. */
#include "school/course/inside.h"
#include "school/school_inside.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    MOST_SENTENCES = 24,
    CITE_TOKENS = 16,  /* of a sentence, by which it is known */
    PAUSE_SECONDS = 5, /* until a member is asked for again that was not there */
};

struct proposer {
    struct school *school;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool running, waiting;
    volatile bool closing;
    int64_t last; /* the newest answer that was tried */
};

struct task {
    struct proposer *proposer;
    const struct variant *variant;
    const json_t *rubric;
    const char *answer, *model;
    struct company_draft draft;
    struct arena *arena;
};

/* ------------------------------------------------------------------------------- what is asked */

static const char letters[] = "ABCDEF";

/* The learner's words come last, in the user's turn: what they say is read, not obeyed. */
static json_t *messages_of(const struct task *task, size_t criterion, const char *answer) {
    const json_t *one = json_array_get(task->rubric, criterion), *level;
    struct buffer asked = {0}, given = {0};
    size_t i;
    buffer_format(&asked,
                  "Read what a learner answered to a question, and say by its letter "
                  "which line fits the answer.\n\nQuestion: %.*s\n\n%s:\n",
                  VIEW_ARG(task->variant->ask), json_text(one, "ask", ""));
    json_array_foreach(json_object_get(one, "levels"), i, level) {
        buffer_format(&asked, "%c: %s\n", letters[i], json_text(level, "says", ""));
        if (*json_text(level, "model", ""))
            buffer_format(&asked, "For example: %s\n", json_text(level, "model", ""));
    }
    buffer_format(&given, "Answer: %s", answer);
    json_t *messages = json_pack("[{s:s,s:s},{s:s,s:s}]", "role", "system", "content", asked.at,
                                 "role", "user", "content", given.at);
    buffer_free(&asked);
    buffer_free(&given);
    return messages;
}

static bool weigh(struct task *task, struct company_text *texts, size_t n, struct fault *fault) {
    struct company_request request = {.role = COMPANY_REVIEWER,
                                      .adapter = "",
                                      .seconds = 120,
                                      .priority = -1,
                                      .cancel = &task->proposer->closing};
    return company_weigh(task->proposer->school->company, &request, texts, n, &task->draft, fault);
}

/* Of what the letters weigh, what they weigh for an answer without content is taken off, since
 * models prefer some letters whatever stands before them (Zhao and others, "Calibrate before use",
 * 2021, section 4). *raw: the probability that is left. */
static bool choose_level(struct task *task, size_t criterion, size_t *level, double *raw,
                         struct fault *fault) {
    struct company_text texts[2 * RUBRIC_LEVELS];
    double at[RUBRIC_LEVELS], sum = 0;
    size_t n = json_array_size(json_object_get(json_array_get(task->rubric, criterion), "levels"));
    json_t *asked = messages_of(task, criterion, task->answer);
    json_t *empty = messages_of(task, criterion, "N/A");
    for (size_t i = 0; i < n; i++) {
        struct view letter = {&letters[i], 1};
        texts[i] = (struct company_text){asked, letter, 1, 0};
        texts[n + i] = (struct company_text){empty, letter, 1, 0};
    }
    bool good = asked && empty && weigh(task, texts, 2 * n, fault);
    *level = 0;
    for (size_t i = 0; good && i < n; i++) {
        at[i] = texts[i].at - texts[n + i].at;
        *level = at[i] > at[*level] ? i : *level;
    }
    for (size_t i = 0; good && i < n; i++)
        sum += exp(at[i] - at[*level]);
    *raw = good ? 1 / sum : 0;
    json_decref(asked);
    json_decref(empty);
    return good;
}

/* The sentence of the answer with which the member would most likely begin to show this level. */
static bool choose_cite(struct task *task, size_t criterion, size_t level, struct view *cite,
                        struct fault *fault) {
    struct company_text texts[MOST_SENTENCES];
    size_t n;
    struct view *sentences = sentences_cut(task->arena, view_of(task->answer), &n);
    n = n < MOST_SENTENCES ? n : MOST_SENTENCES;
    *cite = (struct view){0};
    if (!n)
        return true;
    struct buffer asked = {0};
    buffer_format(&asked,
                  "A learner answered: %s\n\nThis was said of it: %s\n"
                  "Quote the sentence of the answer that shows this.",
                  task->answer, grade_rubric_level(task->rubric, criterion, level));
    json_t *messages = json_pack("[{s:s,s:s}]", "role", "user", "content", asked.at);
    for (size_t i = 0; i < n; i++)
        texts[i] = (struct company_text){messages, sentences[i], CITE_TOKENS, 0};
    bool good = n == 1 || weigh(task, texts, n, fault);
    size_t best = 0;
    for (size_t i = 1; good && i < n; i++)
        best = texts[i].at > texts[best].at ? i : best;
    if (good && view_find(view_of(task->answer), sentences[best]) >= 0)
        *cite = sentences[best];
    json_decref(messages);
    buffer_free(&asked);
    return good;
}

/* ------------------------------------------------------------------------------- one answer */

static json_t *propose(struct task *task, struct fault *fault) {
    json_t *criteria = json_array();
    for (size_t i = 0; i < json_array_size(task->rubric); i++) {
        size_t level;
        double raw;
        struct view cite;
        if (!choose_level(task, i, &level, &raw, fault) ||
            !choose_cite(task, i, level, &cite, fault)) {
            json_decref(criteria);
            return NULL;
        }
        json_array_append_new(criteria, json_pack("{s:I,s:f,s:o}", "level", (json_int_t)level,
                                                  "raw", raw, "cite", school_json(cite)));
    }
    return criteria;
}

/* With what is known of this model's proposals by now. An answer that has gone meanwhile, with its
 * learner or behind a newer one, gets none. */
static void keep(struct task *task, const json_t *row, json_t *criteria) {
    struct school *school = task->proposer->school;
    struct rubric_trust trust;
    int64_t event = json_integer_value(json_object_get(row, "event"));
    int64_t learner = json_integer_value(json_object_get(row, "learner"));
    json_t *one;
    size_t i;
    rubric_trust(school, task->draft.model, &trust);
    json_array_foreach(criteria, i, one)
        json_object_set_new(one, "certainty",
                            json_real(rubric_certainty(&trust, json_text(row, "exercise", ""),
                                                       json_number(one, "raw", 0))));
    json_t *there = people_one(school->record, PEOPLE_RUBRIC_EVENT, "ii", learner, event);
    if (there)
        people_write(school->record, learner, "proposed",
                     json_pack("{s:I,s:s,s:O,s:b}", "event", (json_int_t)event, "model",
                               task->draft.model, "criteria", criteria, "sure",
                               (int)rubric_is_sure(&trust, criteria, event)),
                     NULL);
    json_decref(there);
    json_decref(criteria);
}

/* False where no member could be had: it is tried again later. */
static bool propose_to(struct proposer *proposer, const json_t *row) {
    struct fault fault = {0};
    struct school *school = proposer->school;
    const struct exercise *exercise = school_exercise(school, json_text(row, "exercise", ""),
                                                      json_text(row, "language", ""), NULL);
    struct variant *variant =
        exercise ? variant_make(exercise, (uint64_t)json_number(row, "seed", 0), NULL) : NULL;
    struct task task = {.proposer = proposer,
                        .variant = variant,
                        .rubric = variant ? json_object_get(variant->options, "rubric") : NULL,
                        .answer = json_text(row, "answer", ""),
                        .arena = arena_new()};
    json_t *criteria = task.rubric && *task.answer ? propose(&task, &fault) : NULL;
    int64_t event = json_integer_value(json_object_get(row, "event"));
    bool tried = criteria || fault.kind != FAULT_MISSING;
    if (criteria)
        keep(&task, row, criteria);
    if (tried)
        proposer->last = event;
    arena_free(task.arena);
    variant_free(variant);
    return tried;
}

/* ------------------------------------------------------------------------------- the thread */

static void rest(struct proposer *proposer, int seconds) {
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += seconds;
    pthread_mutex_lock(&proposer->lock);
    while (!proposer->closing && !proposer->waiting) {
        int code = seconds ? pthread_cond_timedwait(&proposer->wake, &proposer->lock, &until)
                           : pthread_cond_wait(&proposer->wake, &proposer->lock);
        if (code)
            break;
    }
    proposer->waiting = false;
    pthread_mutex_unlock(&proposer->lock);
}

static void *work(void *data) {
    struct proposer *proposer = data;
    while (!proposer->closing) {
        enum company_state state = company_state(proposer->school->company);
        bool ready = state == COMPANY_READY;
        json_t *row =
            ready ? people_one(proposer->school->record, PEOPLE_RUBRIC_OPEN, "i", proposer->last)
                  : NULL;
        if (!row || !propose_to(proposer, row))
            rest(proposer, row || state == COMPANY_LOADING ? PAUSE_SECONDS : 0);
        json_decref(row);
    }
    return NULL;
}

struct proposer *proposer_open(struct school *school) {
    struct proposer *proposer = must_alloc(1, sizeof *proposer);
    proposer->school = school;
    pthread_mutex_init(&proposer->lock, NULL);
    pthread_cond_init(&proposer->wake, NULL);
    proposer->running =
        school->company && !pthread_create(&proposer->thread, NULL, work, proposer);
    return proposer;
}

void proposer_wake(struct proposer *proposer) {
    pthread_mutex_lock(&proposer->lock);
    proposer->waiting = true;
    pthread_cond_signal(&proposer->wake);
    pthread_mutex_unlock(&proposer->lock);
}

void proposer_close(struct proposer *proposer) {
    if (!proposer)
        return;
    pthread_mutex_lock(&proposer->lock);
    proposer->closing = true;
    pthread_cond_signal(&proposer->wake);
    pthread_mutex_unlock(&proposer->lock);
    if (proposer->running)
        pthread_join(proposer->thread, NULL);
    pthread_cond_destroy(&proposer->wake);
    pthread_mutex_destroy(&proposer->lock);
    free(proposer);
}
