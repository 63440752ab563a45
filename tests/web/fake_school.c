/* A school of one lesson, for tests of the room of web alone. It is no tutor: it grades two and
 * only two, and says what a test expects to find escaped, quoted and streamed. */
#include "school/school.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct school {
    char name[256];
    int n_learner, n_attempt;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

struct school *school_open(const struct school_options *options, struct fault *fault) {
    (void)options, (void)fault;
    return must_alloc(1, sizeof(struct school));
}

void school_close(struct school *school) {
    free(school);
}

const char *school_model_state(const struct school *school) {
    (void)school;
    return "absent";
}

json_t *school_learner_new(struct school *school, char token[65], struct fault *fault) {
    (void)fault;
    pthread_mutex_lock(&lock);
    int id = ++school->n_learner;
    pthread_mutex_unlock(&lock);
    snprintf(token, 65, "%064d", id);
    return json_pack("{s:i,s:n}", "id", id, "name");
}

int64_t school_learner_of(struct school *school, struct view token) {
    char text[65] = {0};
    if (token.n != 64)
        return 0;
    memcpy(text, token.at, 64);
    long id = strtol(text, NULL, 10);
    pthread_mutex_lock(&lock);
    int n = school->n_learner;
    pthread_mutex_unlock(&lock);
    return id > 0 && id <= n ? id : 0;
}

bool school_learner_name(struct school *school, int64_t learner, struct view name,
                         struct fault *fault) {
    (void)learner;
    if (name.n >= sizeof school->name)
        return fault_set(fault, FAULT_INPUT, "The name is too long.");
    pthread_mutex_lock(&lock);
    snprintf(school->name, sizeof school->name, "%.*s", VIEW_ARG(name));
    pthread_mutex_unlock(&lock);
    return true;
}

json_t *school_progress(struct school *school, int64_t learner, const char *language,
                        struct fault *fault) {
    (void)language, (void)fault;
    return json_pack(
        "{s:I,s:s,s:[{s:s,s:s,s:f,s:[{s:s,s:s,s:f,s:i,s:i}]}],s:[{s:s,s:s,s:f,s:i,s:i}],s:[]}",
        "id", (json_int_t)learner, "name", school->name, "courses", "id", "c", "title", "A course",
        "mastery", 0.5, "lessons", "id", "01", "title", "First", "mastery", 0.5, "done", 1,
        "total", 2, "skills", "id", "s", "title", "Adding", "mastery", 0.25, "attempts", 4,
        "unaided", 1, "recent");
}

json_t *school_export(struct school *school, int64_t learner, struct fault *fault) {
    (void)school, (void)fault;
    return json_pack("{s:I,s:[]}", "learner", (json_int_t)learner, "events");
}

json_t *school_courses(struct school *school, const char *language) {
    (void)school, (void)language;
    return json_pack("[{s:s,s:s,s:[s],s:[{s:s,s:s}]}]", "id", "c", "title", "A <course>",
                     "languages", "en", "lessons", "id", "01", "title", "First");
}

json_t *school_lesson(struct school *school, const char *course, const char *lesson,
                      const char *language, int64_t learner, struct fault *fault) {
    (void)school, (void)language, (void)learner;
    if (strcmp(course, "c") != 0 || strcmp(lesson, "01") != 0) {
        fault_set(fault, FAULT_MISSING, "There is no lesson %s.", lesson);
        return NULL;
    }
    return json_load_file(FAKE_LESSON, 0, NULL);
}

bool school_asset(struct school *school, const char *course, struct view path, struct buffer *out,
                  const char **media_type, struct fault *fault) {
    (void)school, (void)course;
    if (!view_is(path, "figure.svg"))
        return fault_set(fault, FAULT_MISSING, "There is no file %.*s.", VIEW_ARG(path));
    *media_type = "image/svg+xml";
    buffer_text(out, "<svg xmlns='http://www.w3.org/2000/svg'/>");
    return true;
}

json_t *school_attempt(struct school *school, int64_t learner, const char *exercise, uint64_t seed,
                       const json_t *answer, const char *language, struct fault *fault) {
    (void)learner, (void)seed, (void)language;
    if (exercise[0] != 'e') {
        fault_set(fault, FAULT_MISSING, "There is no exercise %s.", exercise);
        return NULL;
    }
    pthread_mutex_lock(&lock);
    school->n_attempt++;
    pthread_mutex_unlock(&lock);
    bool right = json_is_string(answer) ? !strcmp(json_string_value(answer), "2")
                                        : json_number_value(answer) == 1;
    const char *said = json_is_string(answer) ? json_string_value(answer) : "";
    return json_pack("{s:f,s:b,s:s,s:[{s:s+,s:s,s:[]}],s:n,s:b}", "score", right ? 1.0 : 0.0,
                     "solved", right, "move", right ? "confirm" : "point", "say", "text",
                     "You wrote ", said, "from", "author", "cites", "sister", "hints_left", 1);
}

json_t *school_hint(struct school *school, int64_t learner, const char *exercise, uint64_t seed,
                    const char *language, struct fault *fault) {
    (void)school, (void)learner, (void)exercise, (void)seed, (void)language, (void)fault;
    return json_pack("{s:s,s:[{s:s,s:s,s:[]}]}", "move", "principle", "say", "text", "Count.",
                     "from", "author", "cites");
}

bool school_turn(struct school *school, int64_t learner, const char *course, const char *lesson,
                 const char *exercise, uint64_t seed, struct view text, const char *language,
                 school_say *say, void *data, struct fault *fault) {
    (void)school, (void)learner, (void)course, (void)lesson, (void)exercise, (void)seed,
        (void)language;
    if (view_is(text, "fail"))
        return fault_set(fault, FAULT_MACHINE, "The disk is full.");
    int n = view_is(text, "long") ? 40 : 2;
    for (int i = 0; i < n; i++) {
        json_t *sentence = json_pack("{s:s%,s:s,s:[{s:s,s:s}]}", "text", text.at, text.n, "from",
                                     "quote", "cites", "id", "01--sum", "heading", "Sums");
        bool wanted = say(data, sentence);
        json_decref(sentence);
        if (!wanted)
            break;
        if (n > 2)
            usleep(20000);
    }
    return true;
}

void school_metrics(struct school *school, struct buffer *out) {
    buffer_format(out, "fake_attempts %d\n", school->n_attempt);
}
