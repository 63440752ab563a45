/* Notes and background: their events, what these add to the tables, and how both are read. */
#include "school/learner/memory.h"
#include "school/learner/people.h"
#include "school/learner/people_tables.h"

#include <string.h>

/* ------------------------------------------------------------------------------------- deriving
 */

static int64_t whole(const struct event *event, const char *key) {
    return json_integer_value(json_object_get(event->data, key));
}

/* What the learner said before is not kept once they said otherwise. */
static bool blank(struct connection *connection, const struct event *event, const char *kind,
                  int64_t note, struct fault *fault) {
    return people_run(connection, fault,
                      "UPDATE event SET data = '{}' WHERE learner = ? AND kind = ? AND id < ?"
                      " AND data <> '{}' AND (?4 = 0 OR id = ?4"
                      " OR json_extract(data, '$.note') = ?4)",
                      "isii", event->learner, kind, event->id, note);
}

bool derive_background(struct connection *connection, const struct event *event,
                       struct fault *fault) {
    const json_t *tags = json_object_get(event->data, "tags");
    if (!json_is_array(tags)) /* said otherwise since */
        return true;
    struct buffer text = {0};
    buffer_json(&text, tags);
    bool good =
        blank(connection, event, "background", 0, fault) &&
        people_run(connection, fault,
                   "INSERT INTO background(learner, told_ms, tags, words, language)"
                   " VALUES(?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
                   " told_ms = excluded.told_ms, tags = excluded.tags,"
                   " words = excluded.words, language = excluded.language",
                   "iisss", event->learner, event->at_ms, text.at,
                   json_text(event->data, "words", ""), json_text(event->data, "language", NULL));
    buffer_free(&text);
    return good;
}

bool derive_background_asked(struct connection *connection, const struct event *event,
                             struct fault *fault) {
    return people_run(connection, fault,
                      "INSERT INTO background(learner, asked_ms) VALUES(?, ?)"
                      " ON CONFLICT DO UPDATE SET asked_ms = excluded.asked_ms",
                      "ii", event->learner, event->at_ms);
}

static bool put_note(struct connection *connection, const struct event *event, int64_t id,
                     int64_t at_ms, int64_t changed_ms, struct fault *fault) {
    return people_run(
        connection, fault,
        "INSERT INTO memory VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0) ON CONFLICT DO UPDATE"
        " SET text = excluded.text, changed_ms = excluded.changed_ms",
        "iiissssssi", id, event->learner, at_ms, json_text(event->data, "about", "own"),
        json_text(event->data, "text", ""), json_text(event->data, "course", ""),
        json_text(event->data, "lesson", ""), json_text(event->data, "exercise", ""),
        json_text(event->data, "skill", ""), changed_ms);
}

bool derive_remembered(struct connection *connection, const struct event *event,
                       struct fault *fault) {
    return !json_object_get(event->data, "text") ||
           put_note(connection, event, event->id, event->at_ms, 0, fault);
}

bool derive_memory_changed(struct connection *connection, const struct event *event,
                           struct fault *fault) {
    int64_t note = whole(event, "note");
    return !json_object_get(event->data, "text") ||
           (blank(connection, event, "remembered", note, fault) &&
            blank(connection, event, "memory-changed", note, fault) &&
            put_note(connection, event, note, whole(event, "at"), event->at_ms, fault));
}

bool derive_memory_erased(struct connection *connection, const struct event *event,
                          struct fault *fault) {
    int64_t note = whole(event, "note");
    return blank(connection, event, "remembered", note, fault) &&
           blank(connection, event, "memory-changed", note, fault) &&
           people_run(connection, fault, "DELETE FROM memory WHERE id = ? AND learner = ?", "ii",
                      note, event->learner);
}

/* A turn that came back to a note has its number. */
bool derive_recalled(struct connection *connection, const struct event *event,
                     struct fault *fault) {
    int64_t note = whole(event, "recalled");
    return !note || people_run(connection, fault,
                               "UPDATE memory SET recalled_ms = ? WHERE id = ? AND learner = ?",
                               "iii", event->at_ms, note, event->learner);
}

/* -------------------------------------------------------------------------------------- reading
 */

json_t *record_background(struct record *record, int64_t learner) {
    json_t *row = people_one(record, PEOPLE_BACKGROUND, "i", learner);
    if (!row)
        return json_pack("{s:[],s:s,s:n,s:i,s:i}", "tags", "words", "", "language", "told", 0,
                         "asked", 0);
    json_t *tags = json_parse(view_of(json_text(row, "tags", "[]")), NULL);
    json_object_set_new(row, "tags", tags ? tags : json_array());
    return row;
}

json_t *record_memories(struct record *record, int64_t learner) {
    return people_list(record, PEOPLE_MEMORIES, "i", learner);
}

int64_t record_slips(struct record *record, int64_t learner, const char *course,
                     const char *misconception) {
    json_t *row = people_one(record, PEOPLE_SLIPS, "iss", learner, course, misconception);
    int64_t n = json_integer_value(json_object_get(row, "n"));
    json_decref(row);
    return n;
}

/* -------------------------------------------------------------------------------------- writing
 */

static bool text_check(struct view text, bool may_be_empty, struct fault *fault) {
    if (!utf8_valid(text))
        return fault_set(fault, FAULT_INPUT, "The text is not UTF-8.");
    if (!text.n && !may_be_empty) {
        fault_set(fault, FAULT_INPUT, "The note is empty.");
        return fault_remedy(fault, "Write something, or erase it.");
    }
    if (utf8_length(text) > MEMORY_TEXT) {
        fault_set(fault, FAULT_INPUT, "The text is longer than %d characters.", MEMORY_TEXT);
        return fault_remedy(fault, "Make it shorter, or two notes of it.");
    }
    for (size_t i = 0; i < text.n; i++)
        if ((unsigned char)text.at[i] < 0x20 && text.at[i] != '\n' && text.at[i] != '\t')
            return fault_set(fault, FAULT_INPUT, "The text holds a control character.");
    return true;
}

bool record_background_tell(struct record *record, struct batch *batch, int64_t learner,
                            const json_t *told, struct fault *fault) {
    struct view words = view_trim(view_of(json_text(told, "words", "")));
    const char *language = json_text(told, "language", NULL);
    const json_t *tags = json_object_get(told, "tags");
    if (!text_check(words, true, fault))
        return false;
    json_t *data = json_pack("{s:o,s:s%,s:s?}", "tags", tags ? json_deep_copy(tags) : json_array(),
                             "words", words.n ? words.at : "", words.n, "language", language);
    return event_write(record, batch, learner, "background", data, fault);
}

bool record_background_asked(struct record *record, struct batch *batch, int64_t learner,
                             struct fault *fault) {
    return event_write(record, batch, learner, "background-asked", json_object(), fault);
}

static const json_t *same_note(const json_t *notes, const struct memory_note *note) {
    size_t i;
    json_t *one;
    json_array_foreach(notes, i, one) {
        if (view_is(note->text, json_text(one, "text", "")) &&
            !strcmp(json_text(one, "about", ""), note->about) &&
            !strcmp(json_text(one, "skill", ""), note->skill ? note->skill : ""))
            return one;
    }
    return NULL;
}

bool record_remember(struct record *record, struct batch *batch, int64_t learner,
                     const struct memory_note *given, int64_t *id, struct fault *fault) {
    struct memory_note note = *given;
    struct event event = {.learner = learner, .kind = "remembered"};
    note.text = view_trim(note.text);
    if (!text_check(note.text, false, fault))
        return false;
    json_t *notes = record_memories(record, learner);
    const json_t *same = same_note(notes, &note);
    event.id = json_integer_value(json_object_get(same, "id"));
    bool full = json_array_size(notes) >= MEMORY_NOTES;
    json_decref(notes);
    if (!event.id && full) {
        fault_set(fault, FAULT_LIMIT, "There are %d notes, and no room for more.", MEMORY_NOTES);
        return fault_remedy(fault, "Erase one that is not needed.");
    }
    json_t *data =
        event.id
            ? NULL
            : json_pack("{s:s,s:s%,s:s,s:s,s:s,s:s}", "about", note.about, "text", note.text.at,
                        note.text.n, "course", note.course ? note.course : "", "lesson",
                        note.lesson ? note.lesson : "", "exercise",
                        note.exercise ? note.exercise : "", "skill", note.skill ? note.skill : "");
    bool good = !data || record_write(record, batch, &event, data, fault);
    if (id)
        *id = event.id;
    return good;
}

/* The note as it stands; NULL with FAULT_MISSING. New reference. */
static json_t *find_note(struct record *record, int64_t learner, int64_t id, struct fault *fault) {
    json_t *note = people_one(record, PEOPLE_MEMORY, "ii", learner, id);
    if (!note)
        fault_set(fault, FAULT_MISSING, "There is no note %lld.", (long long)id);
    return note;
}

bool record_memory_change(struct record *record, int64_t learner, int64_t id, struct view text,
                          struct fault *fault) {
    text = view_trim(text);
    json_t *note = text_check(text, false, fault) ? find_note(record, learner, id, fault) : NULL;
    if (!note)
        return false;
    json_t *data =
        json_pack("{s:I,s:O,s:O,s:s%,s:O,s:O,s:O,s:O}", "note", (json_int_t)id, "at",
                  json_object_get(note, "at"), "about", json_object_get(note, "about"), "text",
                  text.at, text.n, "course", json_object_get(note, "course"), "lesson",
                  json_object_get(note, "lesson"), "exercise", json_object_get(note, "exercise"),
                  "skill", json_object_get(note, "skill"));
    json_decref(note);
    return people_write(record, learner, "memory-changed", data, fault) > 0;
}

bool record_memory_erase(struct record *record, int64_t learner, int64_t id, struct fault *fault) {
    json_t *note = find_note(record, learner, id, fault);
    json_decref(note);
    return note && people_write(record, learner, "memory-erased",
                                json_pack("{s:I}", "note", (json_int_t)id), fault) > 0;
}
