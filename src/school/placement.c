/* The placement test: at most fifteen questions, kept as events, so that it goes on where it was
 * left. */
#include "school/school_inside.h"

#include "school/learner/placement.h"

#include <stdlib.h>
#include <string.h>

struct placing { /* a test of one learner in one course */
    struct school *school;
    int64_t learner;
    struct practised_course *of;
    const char *course, *language;
    struct arena *arena;
    bool begun, done;
    bool *claimed, *believed;
    struct placement placement;
    struct placement_answer answers[PLACEMENT_MOST];
    bool *used; /* exercises that were asked */
    double *mastery;
    int exercise; /* to be asked now, or PRACTICE_NONE */
    uint64_t seed;
    struct batch batch; /* what an act writes: its event, and with the last one what was found */
};

static int skill_index(const struct placing *placing, const char *id) {
    for (size_t i = 0; i < placing->of->practice.n_skill; i++)
        if (view_is(placing->of->course->skills[i].id, id))
            return (int)i;
    return PRACTICE_NONE;
}

/* A skill that is known comes with all that it builds on. */
static void mark_claimed(struct placing *placing, size_t skill) {
    const struct practice_skill *at = &placing->of->practice.skills[skill];
    if (placing->claimed[skill])
        return;
    placing->claimed[skill] = true;
    for (size_t i = 0; i < at->n_before; i++)
        mark_claimed(placing, at->before[i]);
}

static int exercise_index(const struct placing *placing, const char *label) {
    for (size_t i = 0; i < placing->of->practice.n_exercise; i++)
        if (view_is(placing->of->exercises[i]->label, label))
            return (int)i;
    return PRACTICE_NONE;
}

/* --------------------------------------------------------------------------- from the events */

static void read_begin(struct placing *placing, const json_t *data) {
    size_t i;
    json_t *id;
    placing->begun = true;
    placing->done = false;
    placing->placement.n_answer = 0;
    memset(placing->claimed, 0, placing->of->practice.n_skill * sizeof *placing->claimed);
    memset(placing->used, 0, placing->of->practice.n_exercise * sizeof *placing->used);
    json_array_foreach(json_object_get(data, "skills"), i, id) {
        int skill = json_is_string(id) ? skill_index(placing, json_string_value(id)) : -1;
        if (skill >= 0)
            mark_claimed(placing, (size_t)skill);
    }
}

/* An answer that came twice, by two clicks at once, counts once. */
static void read_answer(struct placing *placing, const json_t *data) {
    int exercise = exercise_index(placing, json_text(data, "exercise", ""));
    if (exercise < 0 || placing->used[exercise] || placing->placement.n_answer >= PLACEMENT_MOST)
        return;
    const struct practice_exercise *at = &placing->of->practice.exercises[exercise];
    bool passed = placing->claimed[at->skill] && json_is_null(json_object_get(data, "answer")) &&
                  !json_flag(data, "unknown", false);
    placing->used[exercise] = true;
    placing->answers[placing->placement.n_answer++] =
        (struct placement_answer){.skill = at->skill,
                                  .chance = at->chance,
                                  .right = json_number(data, "score", 0) >= 1 - 1e-9,
                                  .passed = passed};
}

static void read_events(struct placing *placing) {
    json_t *talk = record_placing(placing->school->record, placing->learner, placing->course,
                                  2 * PLACEMENT_MOST + 4),
           *event;
    size_t i;
    json_array_foreach(talk, i, event) {
        const json_t *data = json_object_get(event, "data");
        if (!strcmp(json_text(event, "kind", ""), "placed"))
            placing->done = true;
        else if (json_object_get(data, "exercise"))
            read_answer(placing, data);
        else
            read_begin(placing, data);
    }
    json_decref(talk);
}

/* How often the skill's questions were answered right, answered wrong or said not to be known, and
 * passed. */
struct tally {
    int right, wrong, passed;
};

static struct tally tally_of(const struct placing *placing, size_t skill) {
    struct tally tally = {0};
    for (size_t i = 0; i < placing->placement.n_answer; i++) {
        const struct placement_answer *answer = &placing->answers[i];
        if (answer->skill != skill)
            continue;
        tally.passed += answer->passed;
        tally.right += !answer->passed && answer->right;
        tally.wrong += !answer->passed && !answer->right;
    }
    return tally;
}

/* Believed: the learner says so, and nothing that they did shows otherwise, neither on the skill
 * nor on one that it builds on. */
static void find_believed(struct placing *placing) {
    for (size_t i = 0; i < placing->of->practice.n_skill; i++)
        placing->believed[i] = placing->claimed[i] && !tally_of(placing, i).wrong;
    for (bool moved = true; moved;) {
        moved = false;
        for (size_t i = 0; i < placing->of->practice.n_skill; i++) {
            const struct practice_skill *at = &placing->of->practice.skills[i];
            for (size_t j = 0; placing->believed[i] && j < at->n_before; j++)
                if (!placing->believed[at->before[j]]) {
                    placing->believed[i] = false;
                    moved = true;
                }
        }
    }
}

/* What the test found: as sure of what is believed as a claim without a test is. */
static double found_mastery(const struct placing *placing, size_t skill) {
    double claim = (1 + placing->of->course->mastery_threshold) / 2;
    return placing->believed[skill] && placing->mastery[skill] < claim ? claim
                                                                       : placing->mastery[skill];
}

/* ------------------------------------------------------------------------------- the question */

/* Of a skill: one that was not asked; rather with numbers, so that practice can draw others. Who
 * passes a question of what they claim is not asked for it again. */
static int exercise_of(const struct placing *placing, size_t skill) {
    int found = PRACTICE_NONE;
    if (tally_of(placing, skill).passed)
        return found;
    for (size_t i = 0; i < placing->of->practice.n_exercise; i++) {
        if (placing->of->practice.exercises[i].skill != skill || placing->used[i])
            continue;
        bool varied = json_object_get(placing->of->exercises[i]->definition, "vary") != NULL;
        if (found < 0 || varied)
            found = (int)i;
        if (varied)
            break;
    }
    return found;
}

static void choose_question(struct placing *placing) {
    size_t n = placing->of->practice.n_skill;
    bool *askable = ARENA_NEW(placing->arena, n + 1, bool);
    for (size_t i = 0; i < n; i++)
        askable[i] = exercise_of(placing, i) >= 0;
    placing->exercise = PRACTICE_NONE;
    placement_mastery(&placing->placement, placing->mastery);
    find_believed(placing);
    int skill = placing->begun && !placing->done
                    ? placement_next(&placing->placement, placing->mastery, askable)
                    : PRACTICE_NONE;
    if (skill < 0)
        return;
    placing->exercise = exercise_of(placing, (size_t)skill);
    /* Numbers that practice does not begin with. */
    placing->seed = 1 + hash64(placing->of->exercises[placing->exercise]->label,
                               (uint64_t)placing->learner * 8191 + 17) %
                            0x7FFFFFFF;
}

static void placing_open(struct placing *placing, const struct course *course) {
    placing->arena = arena_new();
    placing->course = course->id.at;
    placing->of = practice_of(placing->school, placing->learner, course, placing->language,
                              clock_unix_ms(), placing->arena);
    size_t n = placing->of->practice.n_skill;
    placing->claimed = ARENA_NEW(placing->arena, n + 1, bool);
    placing->believed = ARENA_NEW(placing->arena, n + 1, bool);
    placing->mastery = ARENA_NEW(placing->arena, n + 1, double);
    placing->used = ARENA_NEW(placing->arena, placing->of->practice.n_exercise + 1, bool);
    placing->placement = (struct placement){.n_skill = n,
                                            .skills = placing->of->practice.skills,
                                            .claimed = placing->claimed,
                                            .answers = placing->answers};
    read_events(placing);
    choose_question(placing);
}

/* ----------------------------------------------------------------------------------- the acts */

static bool note(struct placing *placing, json_t *data, struct fault *fault) {
    json_object_set_new(data, "course", json_string(placing->course));
    bool good = record_note(placing->school->record, &placing->batch, placing->learner, "placing",
                            data, fault);
    json_decref(data);
    return good;
}

static bool begin(struct placing *placing, const json_t *body, struct fault *fault) {
    const json_t *claims = json_object_get(body, "skills");
    size_t i;
    json_t *id;
    bool good = !claims || (json_is_array(claims) &&
                            json_array_size(claims) <= placing->of->practice.n_skill);
    json_array_foreach(claims, i, id) good =
        good && json_is_string(id) && skill_index(placing, json_string_value(id)) >= 0;
    if (!good) {
        fault_set(fault, FAULT_INPUT, "These are no skills of the course.");
        return fault_remedy(fault, "Send their ids as a list, or none.");
    }
    json_t *data = json_pack("{s:O?}", "skills", claims);
    if (!note(placing, data, fault))
        return false;
    read_begin(placing, body);
    choose_question(placing);
    return true;
}

/* What was found is kept as one event, by which mastery is derived. */
static bool finish(struct placing *placing, struct fault *fault) {
    if (placing->exercise >= 0)
        return true;
    json_t *mastery = json_object();
    for (size_t i = 0; i < placing->of->practice.n_skill; i++) {
        char *id = must_copy(placing->of->course->skills[i].id);
        json_object_set_new(mastery, id, json_real(found_mastery(placing, i)));
        free(id);
    }
    placing->done =
        record_placed(placing->school->record, &placing->batch, placing->learner, placing->course,
                      mastery, placing->of->course->mastery_threshold, fault);
    json_decref(mastery);
    return placing->done;
}

/* The score of an answer; false with the fault for one of a wrong shape, or that cannot be read:
 * then the question stands. */
static bool score_of(const struct placing *placing, const json_t *given, double *score,
                     struct fault *fault) {
    const struct exercise *exercise = placing->of->exercises[placing->exercise];
    struct variant *variant = variant_make(exercise, placing->seed, fault);
    json_t *answer = variant ? variant_answer(variant, given, fault) : NULL;
    struct grade_result result = {0};
    bool good = false;
    if (answer) {
        char *check = must_copy(exercise->check);
        json_t *options = variant->options ? json_copy(variant->options) : json_object();
        if (!json_object_get(options, "language"))
            json_object_set_new(options, "language", json_string(placing->language));
        good = grade_answer(check, variant->key, answer, options, placing->seed, &result, fault);
        json_decref(options);
        free(check);
    }
    static const char *const unread[] = {"unreadable", "ambiguous", "not-number"};
    for (size_t i = 0; good && i < COUNT_OF(unread); i++)
        if (!strcmp(result.note, unread[i]))
            good = fault_set(fault, FAULT_INPUT, "%s", result.feedback);
    *score = result.score;
    json_decref(answer);
    variant_free(variant);
    return good;
}

static bool take_answer(struct placing *placing, const json_t *body, struct fault *fault) {
    const char *label = json_text(body, "exercise", "");
    int exercise = exercise_index(placing, label);
    double score = 0;
    if (exercise >= 0 && placing->used[exercise]) /* sent twice: it was taken the first time */
        return true;
    if (exercise < 0 || exercise != placing->exercise) {
        fault_set(fault, FAULT_INPUT, "This is not the question at hand.");
        return fault_remedy(fault, "Ask for it again: GET /api/placement.");
    }
    const json_t *given = json_object_get(body, "answer");
    bool unknown = json_flag(body, "unknown", false);
    bool skipped = unknown || json_flag(body, "skip", false) || !given;
    if (!skipped && !score_of(placing, given, &score, fault))
        return false;
    json_t *data = json_pack(
        "{s:s,s:I,s:o,s:f}", "exercise", label, "seed", (json_int_t)placing->seed, "answer",
        skipped ? json_null() : json_incref((json_t *)(uintptr_t)given), "score", score);
    if (unknown)
        json_object_set_new(data, "unknown", json_true());
    json_t *kept = json_deep_copy(data);
    bool good = note(placing, data, fault);
    if (good) {
        read_answer(placing, kept);
        choose_question(placing);
        good = finish(placing, fault);
    }
    json_decref(kept);
    return good;
}

/* ------------------------------------------------------------------------------- what is told */

/* The lesson of the first skill that is open: where to begin. */
static json_t *start_object(const struct placing *placing) {
    const struct practised_course *of = placing->of;
    double threshold = of->course->mastery_threshold;
    for (size_t i = 0; i < of->practice.n_exercise; i++)
        if (found_mastery(placing, of->practice.exercises[i].skill) < threshold)
            return json_pack("{s:o,s:o}", "lesson", school_json(of->exercises[i]->lesson->id),
                             "title", school_json(of->exercises[i]->lesson->title));
    return json_null();
}

/* By what a skill was judged: its own answers, the learner's word, or NULL: answers to others. */
static const char *judged_by(const struct placing *placing, size_t skill) {
    struct tally tally = tally_of(placing, skill);
    return tally.wrong                ? "wrong"
           : tally.right              ? "right"
           : placing->believed[skill] ? "word"
                                      : NULL;
}

static json_t *skills_list(const struct placing *placing) {
    json_t *list = json_array();
    for (size_t i = 0; i < placing->of->practice.n_skill; i++) {
        const struct skill *skill = &placing->of->course->skills[i];
        json_array_append_new(
            list, json_pack("{s:o,s:o,s:f,s:b,s:s?}", "id", school_json(skill->id), "title",
                            school_json(course_text(skill->title, placing->language)), "mastery",
                            found_mastery(placing, i), "claimed", (int)placing->claimed[i], "by",
                            judged_by(placing, i)));
    }
    return list;
}

static json_t *placing_object(const struct placing *placing) {
    const char *state = placing->done ? "done" : placing->begun ? "asking" : "none";
    json_t *exercise = json_null();
    if (placing->exercise >= 0) {
        struct variant *variant =
            variant_make(placing->of->exercises[placing->exercise], placing->seed, NULL);
        if (variant)
            exercise = variant_public(variant);
        variant_free(variant);
    }
    bool claimed = placing->exercise >= 0 &&
                   placing->claimed[placing->of->practice.exercises[placing->exercise].skill];
    return json_pack("{s:s,s:s,s:i,s:i,s:o,s:b,s:o,s:o}", "course", placing->course, "state",
                     state, "asked", (int)placing->placement.n_answer, "most", (int)PLACEMENT_MOST,
                     "exercise", exercise, "claimed", (int)claimed, "skills", skills_list(placing),
                     "start", placing->done ? start_object(placing) : json_null());
}

json_t *school_placement(struct school *school, int64_t learner, const char *course_id,
                         const json_t *body, const char *language, struct fault *fault) {
    const struct course *course = course_id          ? school_course(school, course_id)
                                  : school->n_course ? school->courses[0]
                                                     : NULL;
    if (!course) {
        fault_set(fault, FAULT_MISSING, "There is no course %.80s.", course_id ? course_id : "");
        return NULL;
    }
    struct placing placing = {.school = school, .learner = learner, .language = language};
    placing_open(&placing, course);
    bool good = !body || (json_object_get(body, "exercise")
                              ? take_answer(&placing, body, fault)
                              : begin(&placing, body, fault) && finish(&placing, fault));
    good = good && batch_write(school->record, &placing.batch, fault);
    batch_free(&placing.batch); /* of an act that failed */
    json_t *object = good ? placing_object(&placing) : NULL;
    arena_free(placing.arena);
    return object;
}
