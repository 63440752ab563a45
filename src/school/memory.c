/* What a learner told of themselves: shown, changed, erased, and taken away as files. */
#include "school/learner/giving.h"
#include "school/learner/memory.h"
#include "school/archive.h"
#include "school/school_inside.h"

#include <string.h>
#include <time.h>

static const char *const group_names[] = {
    [BACKGROUND_AGE] = "age", [BACKGROUND_INTEREST] = "interest", [BACKGROUND_KNOWS] = "knows"};

background_set school_background(const struct school *school, int64_t learner) {
    if (learner <= 0)
        return 0;
    json_t *known = record_background(school->record, learner);
    background_set set = background_of_names(json_object_get(known, "tags"));
    json_decref(known);
    return set;
}

/* -------------------------------------------------------------------------------------- showing
 */

static json_t *tag_list(void) {
    json_t *list = json_array();
    for (size_t i = 0; i < n_background_tag; i++)
        json_array_append_new(list, json_pack("{s:s,s:s}", "name", background_tags[i].name,
                                              "group", group_names[background_tags[i].group]));
    return list;
}

static const struct skill *skill_of(const struct course *course, const char *id) {
    for (size_t i = 0; course && i < course->n_skill; i++)
        if (view_is(course->skills[i].id, id))
            return &course->skills[i];
    return NULL;
}

/* The note with the title of its skill, where the course still has it. */
static void tell_skill(const struct school *school, json_t *note, const char *language) {
    const struct skill *skill = skill_of(school_course(school, json_text(note, "course", "")),
                                         json_text(note, "skill", ""));
    if (skill)
        json_object_set_new(note, "skill_title", school_json(course_text(skill->title, language)));
}

json_t *school_memory(struct school *school, int64_t learner, const char *language,
                      struct fault *fault) {
    json_t *giving = record_giving(school->record, learner, fault), *note;
    if (!giving)
        return NULL;
    json_t *notes = record_memories(school->record, learner);
    size_t i;
    json_array_foreach(notes, i, note) tell_skill(school, note, language);
    return json_pack("{s:o,s:o,s:o,s:o}", "background", record_background(school->record, learner),
                     "tags", tag_list(), "notes", notes, "giving", giving);
}

/* ------------------------------------------------------------------------------------- changing
 */

static bool wrong(struct fault *fault, const char *message, const char *remedy) {
    fault_set(fault, FAULT_INPUT, "%s", message);
    return fault_remedy(fault, "%s", remedy);
}

static bool check_tags(const json_t *tags, struct fault *fault) {
    size_t i, n_age = 0;
    json_t *tag;
    if (tags && !json_is_array(tags))
        return wrong(fault, "The tags are no list.", "Send {\"tags\": [\"child\", \"music\"]}.");
    json_array_foreach(tags, i, tag) {
        background_set set =
            json_is_string(tag) ? background_tag_of(view_of(json_string_value(tag))) : 0;
        if (!set)
            return wrong(fault, "A tag is not known.", "GET /api/memory lists the tags.");
        n_age += background_tags[__builtin_ctz(set)].group == BACKGROUND_AGE;
    }
    return n_age < 2 || wrong(fault, "There are two ages.", "Send one.");
}

static bool check_background(const json_t *told, struct fault *fault) {
    static const char *const known[] = {"tags", "words", "language", NULL};
    const char *unknown = json_unknown_key(told, known);
    const json_t *words = json_object_get(told, "words"),
                 *language = json_object_get(told, "language");
    if (unknown) {
        fault_set(fault, FAULT_INPUT, "A background has no \"%.40s\".", unknown);
        return fault_remedy(fault, "It has tags, words and language.");
    }
    if (words && !json_is_string(words))
        return wrong(fault, "The words are no text.", "Send {\"words\": \"…\"}.");
    size_t n = json_string_length(language);
    bool tag = json_is_string(language) && n >= 2 && n <= 8;
    for (size_t i = 0; tag && i < n; i++) {
        char c = json_string_value(language)[i];
        tag = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c == '-' && i > 1);
    }
    if (language && !json_is_null(language) && !tag)
        return wrong(fault, "The language is none.", "Send a tag such as \"es\", or null.");
    return check_tags(json_object_get(told, "tags"), fault);
}

json_t *school_background_tell(struct school *school, int64_t learner, const json_t *told,
                               struct fault *fault) {
    if (!check_background(told, fault))
        return NULL;
    json_t *once = json_deep_copy(told); /* each tag once, in their order */
    json_object_set_new(once, "tags",
                        background_names(background_of_names(json_object_get(told, "tags"))));
    bool kept = record_background_tell(school->record, NULL, learner, once, fault);
    json_decref(once);
    return kept ? record_background(school->record, learner) : NULL;
}

int64_t school_note_add(struct school *school, int64_t learner, struct view text, bool goal,
                        struct fault *fault) {
    struct memory_note note = {.about = goal ? "goal" : "own", .text = text};
    int64_t id;
    return record_remember(school->record, NULL, learner, &note, &id, fault) ? id : 0;
}

bool school_note_change(struct school *school, int64_t learner, int64_t note, struct view text,
                        struct fault *fault) {
    return record_memory_change(school->record, learner, note, text, fault);
}

bool school_note_erase(struct school *school, int64_t learner, int64_t note, struct fault *fault) {
    return record_memory_erase(school->record, learner, note, fault);
}

/* ---------------------------------------------------------------------------------------- files
 */

static void add_day(struct buffer *out, double ms) {
    time_t at = (time_t)(ms / 1000);
    struct tm when;
    char day[16] = "";
    if (gmtime_r(&at, &when))
        strftime(day, sizeof day, "%Y-%m-%d", &when);
    buffer_text(out, day);
}

static void add_field(struct buffer *out, const char *name, const char *text) {
    if (text && *text) {
        json_t *quoted = json_string(text);
        buffer_format(out, "%s: ", name);
        buffer_json(out, quoted);
        buffer_text(out, "\n");
        json_decref(quoted);
    }
}

static void background_file(struct archive *archive, const json_t *known) {
    struct buffer out = {0};
    size_t i;
    json_t *tag;
    buffer_text(&out, "# What I said of myself\n\n");
    json_array_foreach(json_object_get(known, "tags"), i, tag)
        buffer_format(&out, "- %s\n", json_string_value(tag));
    const char *language = json_text(known, "language", NULL);
    if (language)
        buffer_format(&out, "- language: %s\n", language);
    const char *words = json_text(known, "words", "");
    if (*words)
        buffer_format(&out, "\n%s\n", words);
    archive_add(archive, "memory/background.md", buffer_view(&out));
    buffer_free(&out);
}

static void giving_file(struct archive *archive, const json_t *giving) {
    struct buffer out = {0};
    bool gives = json_flag(giving, "gives", false);
    buffer_format(&out, "# May what I wrote be trained on?\n\n%s\n", gives ? "Yes." : "No.");
    if (json_number(giving, "since", 0) > 0) {
        buffer_text(&out, "\nSaid on ");
        add_day(&out, json_number(giving, "since", 0));
        buffer_text(&out, ".\n");
    }
    archive_add(archive, "memory/transcripts.md", buffer_view(&out));
    buffer_free(&out);
}

/* YAML between lines of dashes, then the words: what keepers of notes read. */
static void note_file(struct archive *archive, const json_t *note) {
    struct buffer out = {0}, name = {0};
    const char *about = json_text(note, "about", "own");
    double changed = json_number(note, "changed", 0);
    buffer_format(&out, "---\nabout: %s\ntold: ", about);
    add_day(&out, json_number(note, "at", 0));
    if (changed > 0) {
        buffer_text(&out, "\nchanged: ");
        add_day(&out, changed);
    }
    buffer_text(&out, "\n");
    add_field(&out, "course", json_text(note, "course", ""));
    add_field(&out, "lesson", json_text(note, "lesson", ""));
    add_field(&out, "exercise", json_text(note, "exercise", ""));
    add_field(&out, "skill", json_text(note, "skill_title", json_text(note, "skill", "")));
    buffer_format(&out, "---\n\n%s\n", json_text(note, "text", ""));
    buffer_format(&name, "memory/notes/%06lld-%s.md", (long long)json_number(note, "id", 0),
                  about);
    archive_add(archive, name.at, buffer_view(&out));
    buffer_free(&out);
    buffer_free(&name);
}

void school_memory_archive(const json_t *memory, struct buffer *out) {
    static const char about[] =
        "# My memory at the school\n\n"
        "This is all that the school remembers of you besides your answers: `background.md` is\n"
        "what you said of yourself, `notes/` has a file for each note, `transcripts.md` says\n"
        "whether what you wrote to the tutor may be trained on. The files are yours: plain\n"
        "Markdown, read by any editor. What you change here does not change at the school.\n";
    struct archive archive = {.out = out};
    size_t i;
    json_t *note;
    archive_add(&archive, "memory/README.md", view_of(about));
    background_file(&archive, json_object_get(memory, "background"));
    giving_file(&archive, json_object_get(memory, "giving"));
    json_array_foreach(json_object_get(memory, "notes"), i, note) note_file(&archive, note);
    archive_end(&archive);
}

json_t *school_memory_from(const char *data, int64_t learner, struct fault *fault) {
    struct record *record = record_open_reader(data, fault);
    json_t *memory = NULL, *giving;
    if (record && !record_learner_exists(record, learner))
        fault_set(fault, FAULT_MISSING, "There is no learner %lld.", (long long)learner);
    else if (record && (giving = record_giving(record, learner, fault)))
        memory = json_pack("{s:o,s:o,s:o}", "background", record_background(record, learner),
                           "notes", record_memories(record, learner), "giving", giving);
    record_close(record);
    return memory;
}
