/* Practice of the made-up school: always the first exercise of its first lesson. */
#include "school/school.h"

#include <string.h>

json_t *school_next(struct school *school, int64_t learner, const char *course, int shift,
                    const char *language, struct fault *fault) {
    if (course && strcmp(course, "c") != 0) {
        fault_set(fault, FAULT_MISSING, "There is no course %s.", course);
        return NULL;
    }
    json_t *lesson = school_lesson(school, "c", "01", language, learner, fault);
    json_t *exercise = json_array_get(json_object_get(lesson, "exercises"), 0);
    json_t *next =
        json_pack("{s:s,s:s,s:s,s:O,s:{s:s,s:s,s:f},s:s,s:f,s:f,s:f,s:s,s:s?,s:s}", "course", "c",
                  "lesson", "01", "lesson_title", "Rolling downhill", "exercise", exercise,
                  "skill", "id", "slope", "title", "The slope of a line", "mastery", 0.93, "kind",
                  "review", "predicted", 0.8 - 0.1 * shift, "aim", 0.85, "target", 0.85, "why",
                  "You knew this 2 weeks ago; five minutes bring it back.", "rest",
                  shift > 0 ? "A pause will do more than another exercise." : NULL, "next_review",
                  "2027-01-31");
    json_decref(lesson);
    return next;
}

json_t *school_due(struct school *school, int64_t learner, const char *language,
                   struct fault *fault) {
    json_t *next = school_next(school, learner, NULL, 0, language, fault);
    return json_pack("[o]", next);
}

json_t *school_reviews(struct school *school, int64_t learner, const char *course,
                       const char *language, struct fault *fault) {
    (void)school;
    (void)learner;
    (void)course;
    (void)language;
    (void)fault;
    return json_pack("{s:s,s:[{s:s,s:s,s:s,s:s,s:s,s:i,s:i,s:f,s:f,s:f,s:s}],s:[{s:s,s:i},{s:s,s:"
                     "i}],s:s}",
                     "today", "2027-01-10", "due", "course", "c", "skill", "slope", "title",
                     "The slope of a line", "lesson", "01", "due", "2027-01-09", "days_late", 1,
                     "days_since", 14, "recall", 0.86, "stability", 9.5, "mastery", 0.93, "why",
                     "You knew this 2 weeks ago; five minutes bring it back.", "upcoming", "day",
                     "2027-01-12", "reviews", 2, "day", "2027-01-14", "reviews", 1, "next",
                     "2027-01-12");
}

json_t *school_plan(struct school *school, int64_t learner, struct fault *fault) {
    (void)school;
    (void)learner;
    (void)fault;
    return json_pack("{s:[],s:n,s:i,s:s,s:i}", "days_off", "exam", "utc_offset", 0, "challenge",
                     "usual", "goal", 0);
}

json_t *school_plan_change(struct school *school, int64_t learner, const json_t *change,
                           struct fault *fault) {
    json_t *plan = school_plan(school, learner, fault);
    json_object_update(plan, (json_t *)(uintptr_t)change);
    return plan;
}

json_t *school_claim(struct school *school, int64_t learner, const char *course,
                     const json_t *skills, struct fault *fault) {
    (void)school;
    (void)learner;
    if (!course || !json_is_array(skills)) {
        fault_set(fault, FAULT_INPUT, "These are no skills of the course.");
        return NULL;
    }
    return json_pack("{s:s,s:O}", "course", course, "skills", skills);
}

json_t *school_placement(struct school *school, int64_t learner, const char *course,
                         const json_t *body, const char *language, struct fault *fault) {
    if (course && strcmp(course, "c") != 0) {
        fault_set(fault, FAULT_MISSING, "There is no course %s.", course);
        return NULL;
    }
    if (!strcmp(json_text(body, "answer", ""), "unreadable")) {
        fault_set(fault, FAULT_INPUT, "I could not read that.");
        return NULL;
    }
    bool done = json_object_get(body, "exercise") != NULL;
    json_t *lesson = school_lesson(school, "c", "01", language, learner, fault);
    json_t *exercise = json_array_get(json_object_get(lesson, "exercises"), 0);
    json_t *placement = json_pack(
        "{s:s,s:s,s:i,s:i,s:O,s:b,s:[{s:s,s:s,s:f,s:b,s:s}],s:o}", "course", "c", "state",
        done   ? "done"
        : body ? "asking"
               : "none",
        "asked", done ? 1 : 0, "most", 15, "exercise", body && !done ? exercise : json_null(),
        "claimed", 1, "skills", "id", "slope", "title", "The slope of a line", "mastery", 0.95,
        "claimed", 1, "by", "word", "start",
        done ? json_pack("{s:s,s:s}", "lesson", "01", "title", "Rolling downhill") : json_null());
    json_decref(lesson);
    return placement;
}
