/* Documents: JSON lines or plain text, in memory. */
#include "workshop/workshop.h"

#include <stdlib.h>
#include <string.h>

#include "workshop/words.h"

enum { MOST_BYTES = 1 << 30 };

struct reading {
    struct documents *documents;
    size_t room;
    struct view *turns; /* of the document that is being read */
    size_t n_turn, turn_room;
};

static void add_turn(struct reading *reading, struct view text) {
    text = view_trim(text);
    size_t n = word_count(text, NULL);
    if (!n)
        return;
    MUST(TRY_ROOM(reading->turns, reading->turn_room, reading->n_turn + 1));
    reading->turns[reading->n_turn++] = text;
    reading->documents->n_token += n;
}

static void end_document(struct reading *reading) {
    struct documents *documents = reading->documents;
    if (!reading->n_turn)
        return;
    struct view *turns = ARENA_NEW(documents->arena, reading->n_turn, struct view);
    memcpy(turns, reading->turns, reading->n_turn * sizeof *turns);
    MUST(TRY_ROOM(documents->at, reading->room, documents->n + 1));
    documents->at[documents->n++] = (struct document){turns, reading->n_turn};
    reading->n_turn = 0;
}

/* A string, or the texts of the parts that some clients send. */
static bool add_content(struct reading *reading, const json_t *content) {
    struct arena *arena = reading->documents->arena;
    if (json_is_string(content)) {
        struct view text = {json_string_value(content), json_string_length(content)};
        add_turn(reading, arena_copy(arena, text));
        return true;
    }
    size_t i;
    json_t *part;
    json_array_foreach(content, i, part) if (json_text(part, "text", NULL))
        add_turn(reading, arena_copy(arena, view_of(json_text(part, "text", NULL))));
    return json_is_array(content) || json_is_null(content) || !content;
}

static bool add_row(struct reading *reading, const json_t *row, struct fault *fault) {
    const json_t *messages = json_object_get(row, "messages");
    if (json_is_string(json_object_get(row, "text")))
        return add_content(reading, json_object_get(row, "text"));
    if (!json_is_array(messages))
        return fault_set(fault, FAULT_INPUT,
                         "a line has neither \"text\" nor \"messages\" that can be read");
    size_t i;
    json_t *message;
    json_array_foreach(messages, i, message) {
        const char *role = json_text(message, "role", NULL);
        const json_t *content = json_object_get(message, "content");
        if (!role)
            return fault_set(fault, FAULT_INPUT, "message %zu has no role", i + 1);
        if (!strcmp(role, "assistant") && !add_content(reading, content))
            return fault_set(fault, FAULT_INPUT, "message %zu has a content that is no text",
                             i + 1);
    }
    return true;
}

static bool read_json_lines(struct reading *reading, struct view text, struct fault *fault) {
    struct view line;
    for (long number = 1; view_line(&text, &line); number++) {
        line = view_trim(line);
        if (!line.n)
            continue;
        json_t *row = json_parse(line, fault);
        bool good = row && add_row(reading, row, fault);
        json_decref(row);
        if (!good) {
            if (fault)
                fault->line = 0, fault->byte = -1; /* the parser's are those in the line */
            return fault_place(fault, NULL, number, -1);
        }
        end_document(reading);
    }
    return true;
}

static bool has_blank_line(struct view text) {
    struct view line;
    bool begun = false, blank = false;
    while (view_line(&text, &line)) {
        bool empty = view_trim(line).n == 0;
        if (!empty && blank)
            return true; /* one between two lines */
        begun |= !empty;
        blank = begun && empty;
    }
    return false;
}

static void read_text(struct reading *reading, struct view text) {
    bool paragraphs = has_blank_line(text);
    struct view line, paragraph = {text.at, 0};
    while (view_line(&text, &line)) {
        bool empty = view_trim(line).n == 0;
        if (paragraphs && !empty) {
            if (!paragraph.n)
                paragraph = line;
            paragraph.n = (size_t)(line.at + line.n - paragraph.at);
            continue;
        }
        add_turn(reading, paragraphs ? paragraph : line);
        end_document(reading);
        paragraph.n = 0;
    }
    add_turn(reading, paragraph);
    end_document(reading);
}

bool documents_parse(struct view text, struct documents *documents, struct fault *fault) {
    *documents = (struct documents){.arena = arena_new()};
    struct reading reading = {.documents = documents};
    if (view_starts(text, "\xEF\xBB\xBF"))
        text = view_slice(text, 3, text.n);
    bool good = true;
    if (view_starts(view_trim(text), "{"))
        good = read_json_lines(&reading, text, fault);
    else
        read_text(&reading, arena_copy(documents->arena, text));
    free(reading.turns);
    if (good && !documents->n)
        good = fault_set(fault, FAULT_INPUT, "there are no words in it");
    if (!good)
        documents_free(documents);
    return good;
}

bool documents_read(const char *path, struct documents *documents, struct fault *fault) {
    struct buffer text = {0};
    bool good = file_read(path, MOST_BYTES, &text, fault) &&
                documents_parse(buffer_view(&text), documents, fault);
    buffer_free(&text);
    return good || fault_place(fault, path, 0, -1);
}

void documents_free(struct documents *documents) {
    free(documents->at);
    arena_free(documents->arena);
    *documents = (struct documents){0};
}
