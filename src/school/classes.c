/* Classes, what teachers tell their learners, and what lies on a learner's desk. */
#include "school/school_inside.h"

#include <stdlib.h>
#include <string.h>

enum { MESSAGE_LIMIT = 2000 /* characters */ };

/* ------------------------------------------------------------------------------------- classes */

int64_t school_class_new(struct school *school, int64_t by, struct view title,
                         struct fault *fault) {
    title = view_trim(title);
    return record_name_check(title, fault)
               ? people_write(school->record, by, "class",
                              json_pack("{s:s%}", "title", title.at, title.n), fault)
               : 0;
}

bool school_class_change(struct school *school, int64_t by, int64_t class, struct view title,
                         bool closed, struct fault *fault) {
    title = view_trim(title);
    json_t *data = json_pack("{s:I,s:b}", "class", (json_int_t) class, "closed", (int)closed);
    if (title.n && !record_name_check(title, fault)) {
        json_decref(data);
        return false;
    }
    if (title.n)
        json_object_set_new(data, "title", json_stringn(title.at, title.n));
    return people_write(school->record, by, "class", data, fault) > 0;
}

bool school_class_leave(struct school *school, int64_t class, int64_t person,
                        struct fault *fault) {
    return people_write(school->record, person, "left",
                        json_pack("{s:I}", "class", (json_int_t) class), fault) > 0;
}

json_t *school_class(struct school *school, int64_t class, struct fault *fault) {
    json_t *row = people_one(school->record, PEOPLE_CLASS, "i", class);
    if (!row) {
        fault_set(fault, FAULT_MISSING, "There is no class %lld.", (long long)class);
        return NULL;
    }
    json_object_set_new(row, "members", people_list(school->record, PEOPLE_MEMBERS, "i", class));
    json_object_set_new(
        row, "invitations",
        people_list(school->record, PEOPLE_INVITATIONS, "ii", class, clock_unix_ms()));
    return row;
}

json_t *school_staff(struct school *school) {
    return people_list(school->record, PEOPLE_STAFF, "");
}

/* ------------------------------------------------------------------------------------- messages
 */

static bool check_words(struct view text, struct fault *fault) {
    if (!utf8_valid(text) || !text.n)
        return fault_set(fault, FAULT_INPUT, "There is nothing to send.");
    return utf8_length(text) <= MESSAGE_LIMIT ||
           fault_set(fault, FAULT_LIMIT, "The message is longer than %d characters.",
                     MESSAGE_LIMIT);
}

bool school_message(struct school *school, int64_t by, int64_t learner, struct view text,
                    const char *exercise, struct fault *fault) {
    text = view_trim(text);
    return check_words(text, fault) &&
           people_write(school->record, learner, "message",
                        json_pack("{s:I,s:s,s:s%,s:s}", "by", (json_int_t)by, "kind", "words",
                                  "text", text.at, text.n, "exercise", exercise ? exercise : ""),
                        fault) > 0;
}

bool school_message_read(struct school *school, int64_t learner, int64_t message,
                         struct fault *fault) {
    json_t *list = people_list(school->record, PEOPLE_UNREAD, "i", learner), *one;
    bool found = false;
    size_t i;
    json_array_foreach(list, i, one) {
        found = found || json_integer_value(json_object_get(one, "id")) == message;
    }
    json_decref(list);
    if (!found)
        return fault_set(fault, FAULT_MISSING, "There is no such message.");
    return people_write(school->record, learner, "message-read",
                        json_pack("{s:I}", "message", (json_int_t)message), fault) > 0;
}

/* ------------------------------------------------------------------------------------ overruling
 */

/* The learner is told, by the page in their own language. */
static const char *told_as(const char *what, double score) {
    if (!strcmp(what, "strike"))
        return score >= 1 ? "overruled-strike" : "";
    return score < 0 ? "overruled-back" : score >= 1 ? "overruled-right" : "overruled-wrong";
}

static bool write_overruled(struct school *school, int64_t by, int64_t learner, int64_t event,
                            const char *what, double score, struct view reason,
                            const json_t *about, struct fault *fault) {
    const char *kind = told_as(what, score);
    json_t *data =
        json_pack("{s:I,s:I,s:s,s:s%}", "by", (json_int_t)by, "event", (json_int_t)event, "what",
                  what, "reason", reason.n ? reason.at : "", reason.n);
    if (score >= 0)
        json_object_set_new(data, "score", json_real(score > 1 ? 1 : score));
    struct people_event events[] = {{.person = learner, .kind = "overruled", .data = data},
                                    {.person = learner, .kind = "message"}};
    if (!*kind)
        return people_write_all(school->record, events, 1, fault);
    struct view text = view_of(json_text(about, "struck", ""));
    if (strcmp(what, "strike") != 0)
        text = reason;
    events[1].data =
        json_pack("{s:I,s:s,s:s%,s:s}", "by", (json_int_t)by, "kind", kind, "text",
                  text.n ? text.at : "", text.n, "exercise", json_text(about, "exercise", ""));
    return people_write_all(school->record, events, 2, fault);
}

bool school_overrule(struct school *school, int64_t by, int64_t learner, int64_t event,
                     const char *what, double score, struct view reason, struct fault *fault) {
    bool grade = !strcmp(what, "grade");
    json_t *row = people_one(school->record, PEOPLE_EVENT, "ii", learner, event);
    json_t *data = row ? json_parse(view_of(json_text(row, "data", "")), NULL) : NULL;
    const char *kind = json_text(row, "kind", "");
    reason = view_trim(reason);
    bool good = false;
    if (!row || strcmp(kind, grade ? "attempt" : "said") != 0)
        fault_set(fault, FAULT_MISSING, "There is nothing to overrule at %lld.", (long long)event);
    else if (reason.n && !check_words(reason, fault))
        good = false;
    else
        good = write_overruled(school, by, learner, event, grade ? "grade" : "strike", score,
                               reason, data, fault);
    json_decref(data);
    json_decref(row);
    return good;
}

/* ------------------------------------------------------------------------------------- the desk
 */

static void add_place(struct school *school, json_t *object, const char *language) {
    const char *label = json_text(object, "exercise", "");
    const struct exercise *exercise =
        *label ? school_exercise(school, label, language, NULL) : NULL;
    if (!exercise)
        return;
    json_object_set_new(object, "title", school_json(exercise->title));
    json_object_set_new(object, "course", school_json(exercise->lesson->course->id));
    json_object_set_new(object, "lesson", school_json(exercise->lesson->id));
}

/* How much of a lesson this learner once solved. */
static void add_done(struct school *school, int64_t learner, const struct lesson *lesson,
                     json_t *object) {
    int n_done = 0;
    for (size_t i = 0; i < lesson->n_exercise; i++) {
        struct exercise_state state;
        char *label = must_copy(lesson->exercises[i].label);
        record_exercise(school->record, learner, label, &state);
        json_decref(state.answer);
        free(label);
        n_done += state.ever_solved;
    }
    json_object_set_new(object, "done", json_integer(n_done));
    json_object_set_new(object, "total", json_integer((json_int_t)lesson->n_exercise));
}

static void add_assignment(struct school *school, int64_t learner, json_t *one,
                           const char *language) {
    const struct lesson *lesson = school_find_lesson(school, json_text(one, "course", ""),
                                                     json_text(one, "lesson", ""), language, NULL);
    if (!lesson)
        return;
    int64_t due = json_integer_value(json_object_get(one, "due"));
    json_object_set_new(one, "title", school_json(lesson->title));
    json_object_set_new(one, "late", json_boolean(due && due < clock_unix_ms()));
    if (!strcmp(json_text(one, "kind", ""), "lesson"))
        add_done(school, learner, lesson, one);
}

json_t *school_desk(struct school *school, int64_t learner, const char *language) {
    json_t *messages = people_list(school->record, PEOPLE_UNREAD, "i", learner), *one;
    json_t *assignments = people_list(school->record, PEOPLE_ASSIGNED_TO, "i", learner);
    json_t *shown = json_array();
    size_t i;
    json_array_foreach(messages, i, one) add_place(school, one, language);
    json_array_foreach(assignments, i, one) {
        add_assignment(school, learner, one, language);
        if (json_object_get(one, "title")) /* of a lesson that the school still has */
            json_array_append(shown, one);
    }
    json_decref(assignments);
    return json_pack("{s:o,s:o}", "messages", messages, "assignments", shown);
}
