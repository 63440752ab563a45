/* What became of an item: judged once, kept as a line. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workshop/proof.h"

enum { NAME_BYTES = 40, LEAST_SENTENCE = 8, FILE_BYTES = 1 << 30 };

/* -------------------------------------------------------------------------------------- judging
 */

/* What follows "Engineer Bao: ". */
static struct view without_name(struct view sentence) {
    ptrdiff_t colon = view_find(view_slice(sentence, 0, NAME_BYTES), VIEW(": "));
    if (colon <= 0)
        return sentence;
    for (ptrdiff_t i = 0; i < colon; i++)
        if (strchr(".,;?!`$\"", sentence.at[i]))
            return sentence;
    struct view said = view_slice(sentence, (size_t)colon + 2, sentence.n);
    return said.n < LEAST_SENTENCE ? sentence : said;
}

bool same_sentence(struct view cite, struct view sentence) {
    cite = view_trim(cite);
    sentence = view_trim(sentence);
    return cite.n && sentence.n &&
           (view_find(cite, without_name(sentence)) >= 0 || view_find(sentence, cite) >= 0);
}

static bool cites_sentence(const json_t *draft, struct view sentence) {
    size_t i;
    json_t *cite;
    json_array_foreach(json_object_get(draft, "cites"), i, cite) {
        struct view text = {json_string_value(cite), json_string_length(cite)};
        if (same_sentence(text, sentence))
            return true;
    }
    return false;
}

static void judge(const struct proof_item *item, const json_t *draft, bool look_up,
                  struct outcome *out) {
    struct view from = view_of(json_text(draft, "from", ""));
    bool wrote = *json_text(draft, "draft", "") != 0, question = item->task != PROOF_HINT;
    bool passed = json_flag(draft, "passed", false) && wrote;
    bool quoted = view_is(from, "quote"), told = view_is(from, "model");
    out->refused = question && view_is(from, "none") && (look_up || passed);
    out->passed = look_up ? quoted && question : passed && told;
    if (item->task == PROOF_ANSWER) {
        bool there = cites_sentence(draft, item->sentence);
        out->right = out->passed && there;
        out->found = (told || quoted) && there;
    }
    out->as_is = passed;
    out->n_token = (int)json_number(draft, "tokens", 0);
    out->reason = view_of(json_text(json_object_get(draft, "struck"), "reason", ""));
    if (json_object_get(draft, "problem"))
        out->reason = VIEW("given up");
}

/* The first two words. */
static struct view opening_of(struct view text) {
    size_t n = 0, words = 0;
    for (; n < text.n; n++)
        if (text.at[n] == ' ' && ++words == 2)
            break;
    return view_slice(text, 0, n);
}

/* -------------------------------------------------------------------------------------- writing
 */

void outcome_head(uint64_t item, uint64_t subject, char out[OUTCOME_HEAD + 1]) {
    int n =
        snprintf(out, OUTCOME_HEAD + 1,
                 "{\"item\":\"%016" PRIx64 "\",\"subject\":\"%016" PRIx64 "\",", item, subject);
    MUST(n == OUTCOME_HEAD);
}

static json_t *text_json(struct view text) {
    json_t *out = json_stringn(text.at ? text.at : "", text.n);
    MUST(out);
    return out;
}

/* How sure it was of an answer that it chose, by which the bound of a language is found. */
static void tell_sure(json_t *line, const json_t *draft) {
    json_t *sure = json_object_get(draft, "sure");
    if (sure)
        json_object_set(line, "sure", sure);
}

bool outcome_write(const struct proof_item *item, const json_t *draft, uint64_t subject,
                   bool look_up, struct buffer *line, struct fault *fault) {
    const json_t *error = json_object_get(draft, "error");
    if (error)
        return fault_set(fault, FAULT_INPUT, "an item of %.*s cannot be put: %s",
                         VIEW_ARG(view_slice(item->topic, 0, 80)),
                         json_text(error, "message", "no reason is told"));
    char head[OUTCOME_HEAD + 1];
    struct outcome outcome = {0};
    struct view words = view_of(json_text(draft, "draft", ""));
    judge(item, draft, look_up, &outcome);
    if (item->task == PROOF_HINT && outcome.passed)
        outcome.opening = opening_of(words);
    json_t *rest = json_pack(
        "{s:s, s:o, s:b, s:b, s:b, s:b, s:b, s:o, s:o, s:i, s:s, s:o, s:o}", "task",
        proof_task_name(item->task), "topic", text_json(item->topic), "passed", outcome.passed,
        "refused", outcome.refused, "right", outcome.right, "found", outcome.found, "as_is",
        outcome.as_is, "reason", text_json(outcome.reason), "opening", text_json(outcome.opening),
        "tokens", outcome.n_token, "from", json_text(draft, "from", ""), "asked",
        text_json(item->task == PROOF_HINT ? item->hint : item->question), "draft",
        text_json(words));
    MUST(rest);
    tell_sure(rest, draft);
    json_object_set_new(rest, "language", text_json(item->language));
    struct buffer tail = {0};
    outcome_head(item->hash, subject, head);
    buffer_json(&tail, rest);
    buffer_text(line, head);
    buffer_text(line, tail.at + 1); /* without its opening brace */
    buffer_byte(line, '\n');
    buffer_free(&tail);
    json_decref(rest);
    return true;
}

/* -------------------------------------------------------------------------------------- reading
 */

json_t *proof_line(struct view text, struct fault *fault) {
    struct fault inside = {0};
    json_t *line = json_parse(text, &inside);
    if (!line)
        fault_set(fault, inside.kind, "%s", inside.message);
    return line;
}

static bool read_hash(const json_t *line, const char *key, uint64_t *out) {
    const char *text = json_text(line, key, "");
    char *end;
    *out = strtoull(text, &end, 16);
    return strlen(text) == 16 && !*end;
}

static bool read_task(const json_t *line, enum proof_task *task) {
    struct view name = view_of(json_text(line, "task", ""));
    for (*task = 0; *task < PROOF_TASKS; (*task)++)
        if (view_is(name, proof_task_name(*task)))
            return true;
    return false;
}

static bool read_flags(const json_t *line, struct outcome *out) {
    const struct {
        const char *key;
        bool *flag;
    } flags[] = {{"passed", &out->passed},
                 {"refused", &out->refused},
                 {"right", &out->right},
                 {"found", &out->found},
                 {"as_is", &out->as_is}};
    for (size_t i = 0; i < COUNT_OF(flags); i++) {
        const json_t *value = json_object_get(line, flags[i].key);
        if (!json_is_boolean(value))
            return false;
        *flags[i].flag = json_is_true(value);
    }
    return true;
}

static bool read_outcome(struct view text, struct arena *arena, struct outcome *out,
                         struct fault *fault) {
    json_t *line = proof_line(text, fault);
    if (!line)
        return false;
    bool good = read_hash(line, "item", &out->item) && read_hash(line, "subject", &out->subject) &&
                read_task(line, &out->task) && *json_text(line, "topic", "") &&
                read_flags(line, out);
    if (good) {
        out->topic = arena_copy(arena, view_of(json_text(line, "topic", "")));
        out->reason = arena_copy(arena, view_of(json_text(line, "reason", "")));
        out->opening = arena_copy(arena, view_of(json_text(line, "opening", "")));
        out->n_token = (int)json_number(line, "tokens", 0);
    } else
        fault_set(fault, FAULT_INPUT, "this is no outcome of an item");
    json_decref(line);
    return good;
}

bool outcomes_read(const char *path, struct outcomes *outcomes, struct fault *fault) {
    struct buffer text = {0};
    struct view line;
    size_t room = 0;
    long number = 1;
    *outcomes = (struct outcomes){.arena = arena_new()};
    bool good = file_read(path, FILE_BYTES, &text, fault);
    struct view rest = buffer_view(&text);
    for (; good && view_line(&rest, &line); number++) {
        good = TRY_ROOM(outcomes->at, room, outcomes->n + 1) ||
               fault_set(fault, FAULT_MACHINE, "there is no memory for %zu outcomes", outcomes->n);
        struct outcome outcome = {0};
        good = good && read_outcome(line, outcomes->arena, &outcome, fault);
        if (good)
            outcomes->at[outcomes->n++] = outcome;
        else
            fault_place(fault, path, number, -1);
    }
    if (good && !outcomes->n)
        good = fault_set(fault, FAULT_INPUT, "there are no outcomes") ||
               fault_place(fault, path, 0, -1);
    buffer_free(&text);
    if (!good)
        outcomes_free(outcomes);
    return good;
}

void outcomes_free(struct outcomes *outcomes) {
    free(outcomes->at);
    arena_free(outcomes->arena);
    *outcomes = (struct outcomes){0};
}
