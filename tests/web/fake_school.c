#include "fake_school.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TRIES_BEFORE_SOLUTION = 4 };

struct school {
    pthread_mutex_t lock; /* guards what follows */
    json_t *lessons;      /* as in lessons/, with keys */
    json_t *learners;     /* [{"name","states":{EXERCISE: {"attempts","hints",…}}}] */
    json_t *sent;         /* {"LEARNER ID": what it was told} */
    int n_attempt;
    _Atomic(const char *) model;
    atomic_int n_given_up; /* turns whose client left */
};

static const char *const lesson_files[] = {"c.01.en", "c.01.ar", "c.02.en", "x.01.en"};
static const char *const private_keys[] = {"key",      "wrong",           "hints",
                                           "solution", "sister_ask_html", "sister_key"};

struct school *school_open(const struct school_options *options, struct fault *fault) {
    struct school *school = must_alloc(1, sizeof *school);
    pthread_mutex_init(&school->lock, NULL);
    school->lessons = json_array();
    school->learners = json_array();
    school->sent = json_object();
    school->model = "absent";
    for (size_t i = 0; i < COUNT_OF(lesson_files); i++) {
        char path[400];
        snprintf(path, sizeof path, "%s/%s.json", FAKE_LESSONS, lesson_files[i]);
        json_t *lesson = json_load_file(path, 0, NULL);
        const char *const *wanted = options->courses;
        while (wanted && *wanted && strcmp(*wanted, json_text(lesson, "course", "")) != 0)
            wanted++;
        if (!lesson)
            fault_set(fault, FAULT_MISSING, "There is no file %s.", path);
        else if (!wanted || *wanted)
            json_array_append(school->lessons, lesson);
        json_decref(lesson);
    }
    return school;
}

void school_close(struct school *school) {
    json_decref(school->lessons);
    json_decref(school->learners);
    json_decref(school->sent);
    pthread_mutex_destroy(&school->lock);
    free(school);
}

const json_t *school_problems(const struct school *school) {
    (void)school;
    return NULL;
}

void fake_school_model(struct school *school, const char *state) {
    school->model = state;
}

int school_retain_days(const struct school *school) {
    (void)school;
    return 400;
}

const char *school_model_state(const struct school *school) {
    return school->model;
}

/* ----------------------------------------------------------------------------------- learners */

json_t *school_learner_new(struct school *school, char token[65], struct fault *fault) {
    (void)fault;
    pthread_mutex_lock(&school->lock);
    json_array_append_new(school->learners, json_pack("{s:s,s:{}}", "name", "", "states"));
    int id = (int)json_array_size(school->learners);
    pthread_mutex_unlock(&school->lock);
    snprintf(token, 65, "%064d", id);
    return json_pack("{s:i,s:n}", "id", id, "name");
}

int64_t school_learner_of(struct school *school, struct view token) {
    char text[65] = {0};
    if (token.n != 64)
        return 0;
    memcpy(text, token.at, 64);
    long id = strtol(text, NULL, 10);
    pthread_mutex_lock(&school->lock);
    bool known = id > 0 && (size_t)id <= json_array_size(school->learners);
    pthread_mutex_unlock(&school->lock);
    return known ? id : 0;
}

bool school_learner_name(struct school *school, int64_t learner, struct view name,
                         struct fault *fault) {
    if (name.n > 200)
        return fault_set(fault, FAULT_INPUT, "The name is too long.");
    pthread_mutex_lock(&school->lock);
    json_object_set_new(json_array_get(school->learners, (size_t)learner - 1), "name",
                        json_stringn(name.at, name.n));
    pthread_mutex_unlock(&school->lock);
    return true;
}

/* The state of an exercise of a learner, made when it is the first time. Under the lock. */
static json_t *state_of(struct school *school, int64_t learner, const char *exercise) {
    json_t *one = json_array_get(school->learners, (size_t)learner - 1);
    json_t *states = json_object_get(one, "states");
    if (!json_object_get(states, exercise))
        json_object_set_new(states, exercise,
                            json_pack("{s:i,s:i,s:b,s:f,s:[],s:i}", "attempts", 0, "wrong", 0,
                                      "solved", 0, "score", 0.0, "hints", "sister", 0));
    return json_object_get(states, exercise);
}

/* The lesson's exercises, and how many of them the learner has solved. Under the lock. */
static json_t *lesson_progress(struct school *school, int64_t learner, const json_t *lesson) {
    int done = 0;
    size_t i;
    json_t *exercise;
    const json_t *exercises = json_object_get(lesson, "exercises");
    json_array_foreach(exercises, i, exercise) done +=
        json_flag(state_of(school, learner, json_text(exercise, "id", "")), "solved", false);
    int total = (int)json_array_size(exercises);
    return json_pack("{s:O,s:O,s:f,s:i,s:i}", "id", json_object_get(lesson, "id"), "title",
                     json_object_get(lesson, "title"), "mastery",
                     total ? (double)done / total : 0.0, "done", done, "total", total);
}

/* Lessons of a course in one language each: the asked one, or the first. Under the lock. */
static json_t *each_lesson(struct school *school, const char *course, const char *language,
                           json_t *(*make)(struct school *, int64_t, const json_t *),
                           int64_t learner) {
    json_t *out = json_array(), *lesson, *other;
    size_t i, j;
    json_array_foreach(school->lessons, i, lesson) {
        if (strcmp(course, json_text(lesson, "course", "")) != 0 ||
            strcmp(json_text(lesson, "language", ""), "en") != 0)
            continue;
        const json_t *chosen = lesson;
        json_array_foreach(
            school->lessons, j,
            other) if (!strcmp(json_text(other, "language", ""), language) &&
                       json_equal(json_object_get(other, "id"), json_object_get(lesson, "id")) &&
                       !strcmp(course, json_text(other, "course", ""))) chosen = other;
        json_array_append_new(out, make(school, learner, chosen));
    }
    return out;
}

static json_t *lesson_name(struct school *school, int64_t learner, const json_t *lesson) {
    (void)school, (void)learner;
    return json_pack("{s:O,s:O}", "id", json_object_get(lesson, "id"), "title",
                     json_object_get(lesson, "title"));
}

static const struct {
    const char *id, *title;
} titles[] = {{"c", "Build a mind"}, {"x", "A <course> & <script>alert(1)</script>"}};

/* One of each standing. */
static json_t *skills(void) {
    static const struct {
        const char *id, *title, *standing, *before[2];
        double mastery;
        int attempts, unaided;
    } all[] = {{"count", "Counting steps", "mastered", {0}, 0.97, 6, 5},
               {"slope", "Reading a slope", "due", {"count"}, 0.93, 4, 3},
               {"step", "Taking a step", "begun", {"slope"}, 0.25, 2, 1},
               {"rate", "How long a step should be, and why", "open", {"count"}, 0, 0, 0},
               {"valley", "Finding the valley", "later", {"step", "rate"}, 0, 0, 0}};
    json_t *list = json_array();
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        json_t *before = json_array();
        for (size_t k = 0; k < 2 && all[i].before[k]; k++)
            json_array_append_new(before, json_string(all[i].before[k]));
        json_array_append_new(
            list, json_pack("{s:s,s:s,s:s,s:s,s:s,s:o,s:f,s:i,s:i}", "id", all[i].id, "course",
                            "c", "lesson", "01", "title", all[i].title, "standing",
                            all[i].standing, "prerequisites", before, "mastery", all[i].mastery,
                            "attempts", all[i].attempts, "unaided", all[i].unaided));
    }
    return list;
}

json_t *school_path(struct school *school, int64_t learner, const char *course,
                    const char *language, struct fault *fault) {
    (void)course;
    return school_progress(school, learner, language, fault);
}

json_t *school_progress(struct school *school, int64_t learner, const char *language,
                        struct fault *fault) {
    (void)fault;
    pthread_mutex_lock(&school->lock);
    json_t *courses = json_array();
    for (size_t i = 0; i < COUNT_OF(titles); i++) {
        json_t *lessons = each_lesson(school, titles[i].id, language, lesson_progress, learner);
        if (json_array_size(lessons))
            json_array_append_new(courses,
                                  json_pack("{s:s,s:s,s:f,s:O}", "id", titles[i].id, "title",
                                            titles[i].title, "mastery", 0.5, "lessons", lessons));
        json_decref(lessons);
    }
    json_t *name = json_incref(
        json_object_get(json_array_get(school->learners, (size_t)learner - 1), "name"));
    pthread_mutex_unlock(&school->lock);
    return json_pack("{s:I,s:o,s:o,s:o,"
                     "s:[{s:I,s:s,s:s,s:s,s:s,s:s,s:f}]}",
                     "id", (json_int_t)learner, "name", name, "courses", courses, "skills",
                     skills(), "recent", "at", (json_int_t)1700000000000, "course", "c", "lesson",
                     "01", "exercise", "e1", "skill", "step", "title", "The slope at a place",
                     "score", 1.0);
}

json_t *school_export(struct school *school, int64_t learner, struct fault *fault) {
    (void)school, (void)fault;
    return json_pack("{s:I,s:[]}", "learner", (json_int_t)learner, "events");
}

/* ------------------------------------------------------------------------------------ courses */

json_t *school_courses(struct school *school, const char *language) {
    pthread_mutex_lock(&school->lock);
    json_t *courses = json_array();
    for (size_t i = 0; i < COUNT_OF(titles); i++) {
        json_t *lessons = each_lesson(school, titles[i].id, language, lesson_name, 0);
        if (json_array_size(lessons))
            json_array_append_new(courses, json_pack("{s:s,s:s,s:[s,s],s:O}", "id", titles[i].id,
                                                     "title", titles[i].title, "languages", "en",
                                                     "ar", "lessons", lessons));
        json_decref(lessons);
    }
    pthread_mutex_unlock(&school->lock);
    return courses;
}

/* The exercise with its key, in the language where it is written so; NULL when there is none. */
static const json_t *find_exercise(struct school *school, const char *id, const char *language) {
    const json_t *found = NULL;
    size_t i, j;
    json_t *lesson, *exercise;
    json_array_foreach(school->lessons, i, lesson) {
        bool wanted = !strcmp(json_text(lesson, "language", ""), language);
        json_array_foreach(json_object_get(lesson, "exercises"), j,
                           exercise) if (!strcmp(json_text(exercise, "id", ""), id) &&
                                         (!found || wanted)) found = exercise;
    }
    return found;
}

/* What a browser may see of it. Under the lock. */
static json_t *public_exercise(const json_t *exercise, const json_t *state) {
    json_t *out = json_deep_copy(exercise);
    if (json_flag(state, "sister", false)) {
        json_object_set(out, "ask_html", json_object_get(exercise, "sister_ask_html"));
        json_object_set_new(out, "seed", json_integer(8));
    }
    for (size_t i = 0; i < COUNT_OF(private_keys); i++)
        json_object_del(out, private_keys[i]);
    json_object_set_new(out, "state", state ? json_deep_copy(state) : json_object());
    return out;
}

json_t *school_lesson(struct school *school, const char *course, const char *lesson,
                      const char *language, int64_t learner, struct fault *fault) {
    const json_t *found = NULL;
    json_t *out = NULL, *one;
    size_t i;
    pthread_mutex_lock(&school->lock);
    json_array_foreach(school->lessons, i, one) {
        bool same = !strcmp(json_text(one, "course", ""), course) &&
                    !strcmp(json_text(one, "id", ""), lesson);
        if (same && (!found || !strcmp(json_text(one, "language", ""), language)))
            found = one;
    }
    if (found) {
        out = json_copy((json_t *)found);
        json_t *exercises = json_array();
        json_array_foreach(json_object_get(found, "exercises"), i, one) json_array_append_new(
            exercises,
            public_exercise(one, learner > 0 ? state_of(school, learner, json_text(one, "id", ""))
                                             : NULL));
        json_object_set_new(out, "exercises", exercises);
    } else {
        fault_set(fault, FAULT_MISSING, "There is no lesson %s.", lesson);
    }
    pthread_mutex_unlock(&school->lock);
    return out;
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

/* ----------------------------------------------------------------------------------- the turn */

/* As the real one does: plain text, and HTML made of what the course's author wrote. */
static json_t *say_html(const char *html) {
    return json_pack("{s:s,s:s,s:s,s:[]}", "text", html, "html", html, "from", "author", "cites");
}

static json_t *say_text(const char *text) {
    return json_pack("{s:s,s:s,s:[]}", "text", text, "from", "author", "cites");
}

/* What is said to a wrong answer; counts it. Under the lock. */
static json_t *answer_wrong(const json_t *exercise, json_t *state, const json_t *answer,
                            const char **move) {
    size_t i;
    json_t *known;
    int wrong = (int)json_number(state, "wrong", 0) + 1;
    json_object_set_new(state, "wrong", json_integer(wrong));
    *move = "point";
    if (wrong >= TRIES_BEFORE_SOLUTION && json_object_get(exercise, "sister_ask_html")) {
        *move = "work it out";
        json_object_set_new(state, "sister", json_true());
        json_object_set_new(state, "wrong", json_integer(0));
        return say_html(json_text(exercise, "solution", ""));
    }
    json_array_foreach(json_object_get(exercise, "wrong"), i,
                       known) if (json_equal(json_object_get(known, "is"),
                                             answer)) return say_html(json_text(known, "say", ""));
    char text[500];
    snprintf(text, sizeof text, "You wrote %.300s. Look at the question once more.",
             json_is_string(answer) ? json_string_value(answer) : "something else");
    return say_text(text);
}

json_t *school_attempt(struct school *school, int64_t learner, const char *id, uint64_t seed,
                       const json_t *answer, const char *language, struct fault *fault) {
    const json_t *exercise = find_exercise(school, id, language);
    if (!exercise) {
        fault_set(fault, FAULT_MISSING, "There is no exercise %s.", id);
        return NULL;
    }
    pthread_mutex_lock(&school->lock);
    school->n_attempt++;
    json_t *state = state_of(school, learner, id);
    bool right = json_equal(answer, json_object_get(exercise, seed == 8 ? "sister_key" : "key"));
    const char *move = "confirm";
    json_t *said = right ? say_text("You put the place into the slope and read it off.")
                         : answer_wrong(exercise, state, answer, &move);
    json_object_set_new(state, "attempts",
                        json_integer((int)json_number(state, "attempts", 0) + 1));
    json_object_set_new(state, "score", json_real(right));
    json_object_set_new(state, "last_answer", json_deep_copy(answer));
    if (right)
        json_object_set_new(state, "solved", json_true());
    bool sister = !strcmp(move, "work it out");
    json_t *result =
        json_pack("{s:f,s:b,s:s,s:[o],s:f,s:o,s:b}", "score", right ? 1.0 : 0.0, "solved", right,
                  "move", move, "say", said, "mastery", 0.5, "sister",
                  sister ? public_exercise(exercise, state) : json_null(), "hints_left", 1);
    pthread_mutex_unlock(&school->lock);
    return result;
}

/* What a learner's answer of this id was told when it came first. */
json_t *school_attempt_sent(struct school *school, int64_t learner, const char *id,
                            const struct school_sent *sent, const char *language,
                            struct fault *fault) {
    char key[120];
    snprintf(key, sizeof key, "%lld %.64s", (long long)learner, sent->once ? sent->once : "");
    pthread_mutex_lock(&school->lock);
    json_t *before = sent->once ? json_incref(json_object_get(school->sent, key)) : NULL;
    pthread_mutex_unlock(&school->lock);
    if (before)
        return before;
    json_t *told = school_attempt(school, learner, id, sent->seed, sent->answer, language, fault);
    if (told)
        json_object_set_new(told, "ago_ms", json_integer(sent->ago_ms));
    pthread_mutex_lock(&school->lock);
    if (told && sent->once)
        json_object_set_new(school->sent, key, json_deep_copy(told));
    pthread_mutex_unlock(&school->lock);
    return told;
}

json_t *school_hint(struct school *school, int64_t learner, const char *id, uint64_t seed,
                    const char *language, struct fault *fault) {
    (void)seed;
    const json_t *exercise = find_exercise(school, id, language);
    if (!exercise) {
        fault_set(fault, FAULT_MISSING, "There is no exercise %s.", id);
        return NULL;
    }
    pthread_mutex_lock(&school->lock);
    json_t *given = json_object_get(state_of(school, learner, id), "hints");
    const json_t *hints = json_object_get(exercise, "hints");
    size_t rung = json_array_size(given) % json_array_size(hints);
    json_t *said = say_html(json_string_value(json_array_get(hints, rung)));
    json_array_append(given, said);
    pthread_mutex_unlock(&school->lock);
    return json_pack("{s:s,s:[o]}", "move", "scaffold step", "say", said);
}

static bool tell(school_say *say, void *data, json_t *sentence) {
    bool wanted = say(data, sentence);
    json_decref(sentence);
    return wanted;
}

static json_t *quote(const char *text, bool draft) {
    json_t *said =
        json_pack("{s:s,s:s,s:b,s:[{s:s,s:s}]}", "text", text, "from", "author", "quote", 1,
                  "cites", "passage", "01--sum", "heading", "The slope under your feet");
    if (draft)
        json_object_set_new(said, "draft", json_true());
    return said;
}

bool school_has_place(struct school *school, const struct school_question *question,
                      struct fault *fault) {
    json_t *lesson =
        school_lesson(school, question->course, question->lesson, question->language, 0, fault);
    json_decref(lesson);
    return lesson != NULL;
}

bool school_turn(struct school *school, int64_t learner, const struct school_question *question,
                 school_say *say, void *data, struct fault *fault) {
    struct view text = question->text;
    (void)learner;
    for (int i = 0; i < 500 && view_is(text, "wait"); i++) {
        if (*question->cancel) {
            atomic_fetch_add(&school->n_given_up, 1);
            return true;
        }
        usleep(20000);
    }
    if (view_is(text, "fail"))
        return fault_set(fault, FAULT_MACHINE, "The disk is full.");
    for (int i = 0; i < 40 && view_is(text, "long"); i++) {
        if (!tell(say, data, quote("One more sentence.", false)))
            return true;
        usleep(20000);
    }
    if (view_find(text, VIEW("answer")) >= 0)
        return tell(say, data, say_text("I do not tell it. Which bracket did you fill first?")),
               true;
    if (view_find(text, VIEW("slope")) >= 0) {
        bool ready = !strcmp(school->model, "ready");
        if (tell(say, data, quote("As the nudge shrinks, what remains is the slope.", ready)) &&
            ready)
            tell(say, data,
                 json_pack("{s:s,s:s,s:s,s:b,s:[{s:s,s:s}]}", "text",
                           "The slope is what remains as the nudge shrinks.", "from", "model",
                           "model", "SmolLM2-135M-Instruct", "replaces", 1, "cites", "passage",
                           "01--sum", "heading", "The slope under your feet"));
        return true;
    }
    char words[700];
    snprintf(words, sizeof words, "The lesson does not say anything on “%.*s”. Nearest to it is:",
             (int)(text.n > 400 ? 400 : text.n), text.at);
    if (tell(say, data, say_text(words)))
        tell(say, data, quote("Your feet feel which way the ground falls.", false));
    return true;
}

void school_metrics(struct school *school, struct buffer *out) {
    pthread_mutex_lock(&school->lock);
    buffer_format(out, "fake_attempts %d\nfake_learners %zu\nfake_given_up %d\n",
                  school->n_attempt, json_array_size(school->learners),
                  atomic_load(&school->n_given_up));
    pthread_mutex_unlock(&school->lock);
}
