/* What a model is examined by: read of lines, and drawn evenly over topics. */
#include <stdlib.h>

#include "workshop/compose.h"
#include "workshop/proof.h"
#include "workshop/tally.h"

static const char *const task_names[PROOF_TASKS] = {"answer", "refuse", "hint"};

const char *proof_task_name(enum proof_task task) {
    return task_names[task];
}

/* -------------------------------------------------------------------------------------- reading
 */

static bool take_text(const json_t *line, const char *key, struct arena *arena, struct view *out,
                      struct fault *fault) {
    const json_t *text = json_object_get(line, key);
    if (!json_is_string(text) || !json_string_length(text))
        return fault_set(fault, FAULT_INPUT, "the item has no text \"%s\"", key);
    *out = arena_copy(arena, (struct view){json_string_value(text), json_string_length(text)});
    return true;
}

/* Which task the line is of; false: one that is not examined. */
static bool task_of(const json_t *line, enum proof_task *task) {
    struct view name = view_of(json_text(line, "task", ""));
    bool answer = view_is(name, "answer");
    *task = !answer                               ? PROOF_HINT
            : json_flag(line, "answerable", true) ? PROOF_ANSWER
                                                  : PROOF_REFUSE;
    return answer || view_is(name, "hint");
}

static uint64_t hash_of(const struct proof_item *item) {
    const struct view *parts[] = {&item->topic,    &item->language, &item->passage,
                                  &item->question, &item->hint,     &item->sentence};
    uint64_t hash = (uint64_t)item->task + 1;
    for (size_t i = 0; i < COUNT_OF(parts); i++)
        hash = hash64(*parts[i], hash);
    return hash;
}

static bool read_item(const json_t *line, struct arena *arena, struct proof_item *item,
                      struct fault *fault) {
    bool good = take_text(line, "topic", arena, &item->topic, fault);
    item->language = arena_copy(arena, view_of(json_text(line, "language", "")));
    if (item->task == PROOF_HINT)
        good = good && take_text(line, "hint", arena, &item->hint, fault);
    else
        good = good && take_text(line, "passage", arena, &item->passage, fault) &&
               take_text(line, "question", arena, &item->question, fault);
    if (item->task == PROOF_ANSWER) {
        const char *key = json_object_get(line, "sentence") ? "sentence" : "key";
        good = good && take_text(line, key, arena, &item->sentence, fault);
    }
    item->hash = good ? hash_of(item) : 0;
    return good;
}

static bool add_line(struct view text, struct proof_items *items, size_t *room,
                     struct fault *fault) {
    json_t *line = proof_line(text, fault);
    struct proof_item item = {0};
    if (!line)
        return false;
    bool good = json_is_object(line) || fault_set(fault, FAULT_INPUT, "the item is no object");
    if (good && task_of(line, &item.task)) {
        good = read_item(line, items->arena, &item, fault);
        if (good && !TRY_ROOM(items->at, *room, items->n + 1))
            good = fault_set(fault, FAULT_MACHINE, "there is no memory for %zu items", items->n);
        if (good) {
            items->at[items->n++] = item;
            items->n_task[item.task]++;
        }
    }
    json_decref(line);
    return good;
}

bool proof_items_read(struct view rest, struct proof_items *items, struct fault *fault) {
    struct view line;
    size_t room = 0;
    *items = (struct proof_items){.arena = arena_new()};
    for (long number = 1; view_line(&rest, &line); number++) {
        line = view_trim(line);
        if (line.n && !add_line(line, items, &room, fault)) {
            proof_items_free(items);
            return fault_place(fault, "", number, -1);
        }
    }
    if (items->n)
        return true;
    proof_items_free(items);
    return fault_set(fault, FAULT_INPUT, "there are no items of the tasks answer and hint");
}

void proof_items_free(struct proof_items *items) {
    free(items->at);
    arena_free(items->arena);
    *items = (struct proof_items){0};
}

/* -------------------------------------------------------------------------------------- drawing
 */

struct turn {    /* when an item's turn comes */
    size_t rank; /* among those of its topic, by chance */
    uint64_t topic;
    size_t place;
};

static int by_turn(const void *a, const void *b) {
    const struct turn *x = a, *y = b;
    if (x->rank != y->rank)
        return x->rank < y->rank ? -1 : 1;
    if (x->topic != y->topic)
        return x->topic < y->topic ? -1 : 1;
    return (x->place > y->place) - (x->place < y->place);
}

static void mark_task(const struct proof_items *items, enum proof_task task, size_t most,
                      uint64_t seed, bool *kept) {
    size_t n = 0, *places = must_alloc(items->n, sizeof *places);
    struct turn *turns = must_alloc(items->n, sizeof *turns);
    struct tally tally = {0};
    struct random random;
    for (size_t i = 0; i < items->n; i++)
        if (items->at[i].task == task)
            places[n++] = i;
    random_seed(&random, seed + (uint64_t)task);
    shuffle(&random, places, n);
    for (size_t i = 0; i < n; i++) {
        uint64_t topic = hash64(items->at[places[i]].topic, seed) | 1; /* 0 is no key */
        turns[i] = (struct turn){(size_t)tally_add(&tally, topic), topic, places[i]};
    }
    qsort(turns, n, sizeof *turns, by_turn);
    for (size_t i = 0; i < n && i < most; i++)
        kept[turns[i].place] = true;
    tally_free(&tally);
    free(places);
    free(turns);
}

void proof_items_draw(struct proof_items *items, size_t most, uint64_t seed) {
    bool *kept = must_alloc(items->n, sizeof *kept);
    size_t n = 0;
    for (enum proof_task task = 0; task < PROOF_TASKS; task++) {
        mark_task(items, task, most, seed, kept);
        items->n_task[task] = items->n_task[task] < most ? items->n_task[task] : most;
    }
    for (size_t i = 0; i < items->n; i++)
        if (kept[i])
            items->at[n++] = items->at[i];
    items->n = n;
    free(kept);
}
