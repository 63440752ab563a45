/* The memory of the made-up school: of one learner, for as long as the program runs. */
#include "school/school.h"

#include <string.h>

static json_t *background, *notes;
static bool gives;

static void begin(void) {
    if (notes)
        return;
    background = json_pack("{s:[],s:s,s:n,s:i,s:i}", "tags", "words", "", "language", "told", 0,
                           "asked", 0);
    notes = json_array();
    school_note_add(NULL, 1, VIEW("I want to build a robot that plays the drums."), true, NULL);
    json_t *confused = json_array_get(notes, 0);
    json_t *other = json_deep_copy(confused);
    json_object_set_new(other, "id", json_integer(8));
    json_object_set_new(other, "about", json_string("confused"));
    json_object_set_new(other, "text", json_string("I don't get why the slope is negative."));
    json_object_set_new(other, "skill_title", json_string("The slope of a line"));
    json_array_append_new(notes, other);
}

json_t *school_memory(struct school *school, int64_t learner, const char *language,
                      struct fault *fault) {
    static const struct {
        const char *name, *group;
    } tags[] = {{"child", "age"},         {"teen", "age"},         {"adult", "age"},
                {"music", "interest"},    {"cooking", "interest"}, {"sport", "interest"},
                {"programming", "knows"}, {"algebra", "knows"}};
    (void)school;
    (void)language;
    (void)fault;
    begin();
    json_t *list = json_array();
    for (size_t i = 0; i < COUNT_OF(tags); i++)
        json_array_append_new(
            list, json_pack("{s:s,s:s}", "name", tags[i].name, "group", tags[i].group));
    return json_pack("{s:o,s:o,s:o,s:o}", "background", json_deep_copy(background), "tags", list,
                     "notes", learner > 0 ? json_deep_copy(notes) : json_array(), "giving",
                     school_giving(school, learner, fault));
}

json_t *school_giving(struct school *school, int64_t learner, struct fault *fault) {
    (void)school;
    (void)learner;
    (void)fault;
    return json_pack("{s:b,s:I}", "gives", (int)gives, "since",
                     (json_int_t)(gives ? 1795916317096 : 0));
}

bool school_give(struct school *school, int64_t learner, bool yes, struct fault *fault) {
    (void)school;
    (void)learner;
    (void)fault;
    gives = yes;
    return true;
}

json_t *school_background_tell(struct school *school, int64_t learner, const json_t *told,
                               struct fault *fault) {
    (void)school;
    (void)learner;
    (void)fault;
    begin();
    json_object_update(background, (json_t *)(uintptr_t)told);
    json_object_set_new(background, "told", json_integer(1795916317096));
    return json_deep_copy(background);
}

static json_t *find(int64_t id, struct fault *fault) {
    size_t i;
    json_t *note;
    begin();
    json_array_foreach(notes, i, note) if ((int64_t)json_number(note, "id", 0) == id) return note;
    fault_set(fault, FAULT_MISSING, "There is no note %lld.", (long long)id);
    return NULL;
}

int64_t school_note_add(struct school *school, int64_t learner, struct view text, bool goal,
                        struct fault *fault) {
    static int64_t id = 10;
    (void)school;
    (void)learner;
    if (!view_trim(text).n) {
        fault_set(fault, FAULT_INPUT, "The note is empty.");
        return 0;
    }
    json_array_insert_new(notes, 0,
                          json_pack("{s:I,s:I,s:s,s:s%,s:s,s:s,s:s,s:s,s:i,s:i}", "id",
                                    (json_int_t)++id, "at", (json_int_t)1795916317096, "about",
                                    goal ? "goal" : "own", "text", text.at, text.n, "course", "",
                                    "lesson", "", "exercise", "", "skill", "", "changed", 0,
                                    "recalled", 0));
    return id;
}

bool school_note_change(struct school *school, int64_t learner, int64_t id, struct view text,
                        struct fault *fault) {
    (void)school;
    (void)learner;
    json_t *note = find(id, fault);
    return note && json_object_set_new(note, "text", json_stringn(text.at, text.n)) == 0;
}

bool school_note_erase(struct school *school, int64_t learner, int64_t id, struct fault *fault) {
    (void)school;
    (void)learner;
    size_t i;
    json_t *note, *found = find(id, fault);
    json_array_foreach(notes, i, note) if (note == found) return json_array_remove(notes, i) == 0;
    return false;
}

void school_memory_archive(const json_t *memory, struct buffer *out) {
    buffer_format(out, "PK%zu", json_array_size(json_object_get(memory, "notes")));
}
