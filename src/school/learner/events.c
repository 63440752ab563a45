/* The events that the rest of school writes: each function checks, packs and hands over. */
#include "school/learner/inside.h"

#include <sodium.h>
#include <string.h>

enum { NAME_LIMIT = 80 }; /* characters */

/* ---------------------------------------------------------------------------------- learners */

int64_t record_learner_new(struct record *record, char token[65], struct fault *fault) {
    uint8_t secret[32];
    char hash[65];
    struct event event = {.kind = "learner"};
    random_bytes(secret, sizeof secret);
    sodium_bin2hex(token, 65, secret, sizeof secret);
    sodium_memzero(secret, sizeof secret);
    sha256_hex((struct view){token, 64}, hash);
    if (record_write(record, NULL, &event, json_pack("{s:s}", "token_hash", hash), fault))
        return event.learner;
    sodium_memzero(token, 65);
    return 0;
}

/* Besides the controls themselves, characters that turn the direction of what follows them: a
 * name stands among other people's words. */
static bool is_control(int32_t c) {
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x061C || c == 0x200E || c == 0x200F ||
           (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF;
}

bool record_name_check(struct view name, struct fault *fault) {
    if (!utf8_valid(name))
        return fault_set(fault, FAULT_INPUT, "The name is not UTF-8.");
    if (!name.n)
        return fault_set(fault, FAULT_INPUT, "The name is empty.");
    if (utf8_length(name) > NAME_LIMIT)
        return fault_set(fault, FAULT_INPUT, "The name is longer than %d characters.", NAME_LIMIT);
    bool visible = false;
    for (size_t i = 0; i < name.n;) {
        int32_t c;
        i += utf8_decode(name.at + i, name.n - i, &c);
        if (is_control(c))
            return fault_set(fault, FAULT_INPUT, "The name holds a control character.");
        enum unicode_class class = unicode_class(c);
        visible = visible || (class != UNICODE_SPACE && class != UNICODE_OTHER);
    }
    return visible || fault_set(fault, FAULT_INPUT, "The name has nothing to see.");
}

bool record_learner_name(struct record *record, int64_t learner, struct view name,
                         struct fault *fault) {
    name = view_trim(name);
    return record_name_check(name, fault) &&
           event_write(record, NULL, learner, "name", json_pack("{s:s%}", "name", name.at, name.n),
                       fault);
}

/* --------------------------------------------------------------------------------- exercises */

uint64_t record_first_seed(int64_t learner, const char *exercise) {
    return 1 + hash64(view_of(exercise), (uint64_t)learner) % 0x7FFFFFFF;
}

/* Of an attempt that was made a while ago, when that was; 0: now. */
static int64_t made_at(struct record *record, const struct attempt *attempt) {
    static const int64_t season_ms = 92ll * SPACING_DAY_MS;
    if (attempt->ago_ms <= 0 || attempt->ago_ms > season_ms)
        return 0;
    int64_t since = record_since(record, attempt->learner);
    int64_t at = clock_unix_ms() - attempt->ago_ms;
    return at > since ? at : since;
}

bool record_attempt(struct record *record, struct batch *batch, const struct attempt *attempt,
                    struct fault *fault) {
    json_t *data = json_pack(
        "{s:s,s:s,s:s,s:s,s:s,s:I,s:O?,s:f,s:s,s:s,s:b,s:f,s:f}", "course", attempt->course,
        "lesson", attempt->lesson, "exercise", attempt->exercise, "skill", attempt->skill,
        "language", attempt->language, "seed", (json_int_t)attempt->seed, "answer",
        attempt->answer, "score", attempt->score, "note", attempt->note, "misconception",
        attempt->misconception, "counts", (int)attempt->counts, "threshold", attempt->threshold,
        "chance", attempt->chance);
    int64_t at = data ? made_at(record, attempt) : 0;
    if (at)
        json_object_set_new(data, "made", json_integer(at));
    if (data && attempt->once)
        json_object_set_new(data, "once", json_string(attempt->once));
    return data ? event_write(record, batch, attempt->learner, "attempt", data, fault)
                : fault_set(fault, FAULT_INPUT, "The attempt holds text that is not UTF-8.");
}

static json_t *place(const char *exercise, uint64_t seed) {
    return json_pack("{s:s,s:I}", "exercise", exercise, "seed", (json_int_t)seed);
}

bool record_hint(struct record *record, struct batch *batch, int64_t learner, const char *exercise,
                 uint64_t seed, int rung, struct fault *fault) {
    json_t *data = place(exercise, seed);
    json_object_set_new(data, "rung", json_integer(rung));
    return event_write(record, batch, learner, "hint", data, fault);
}

bool record_solution(struct record *record, struct batch *batch, int64_t learner,
                     const char *exercise, uint64_t seed, struct fault *fault) {
    return event_write(record, batch, learner, "solution", place(exercise, seed), fault);
}

bool record_sister(struct record *record, struct batch *batch, int64_t learner,
                   const char *exercise, uint64_t seed, struct fault *fault) {
    return event_write(record, batch, learner, "sister", place(exercise, seed), fault);
}

bool record_note(struct record *record, struct batch *batch, int64_t learner, const char *kind,
                 const json_t *data, struct fault *fault) {
    MUST(!event_kind_kept(kind));
    return event_write(record, batch, learner, kind, json_deep_copy(data), fault);
}
