/* Exercises with their private half, for who makes training texts of a course: drawn, graded and
 * guarded by the same code as a learner's turn. */
#include "school/course/inside.h"
#include "school/school.h"
#include "school/tutor/turn.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_QUOTED = 2 }; /* sentences */

struct school_scenes {
    struct course *course;
    struct recall *recall;
    char language[16];
    size_t n;
    const struct exercise **at;
};

/* ---------------------------------------------------------------------------------------- course
 */

struct school_scenes *school_scenes_open(const char *folder, const char *language,
                                         struct fault *fault) {
    struct course *course = course_load(folder, NULL, fault);
    if (!course)
        return NULL;
    struct school_scenes *scenes = must_alloc(1, sizeof *scenes);
    size_t capacity = 0;
    scenes->course = course;
    for (size_t i = 0; i + 1 < sizeof scenes->language && language[i]; i++)
        scenes->language[i] = language[i];
    for (size_t i = 0; i < course->n_lesson; i++) {
        const struct lesson *lesson = &course->lessons[i];
        if (!view_is(lesson->language, language))
            continue;
        for (size_t j = 0; j < lesson->n_exercise; j++) {
            if (lesson->exercises[j].translation == TRANSLATION_MISSING ||
                exercise_is_open(&lesson->exercises[j])) /* has no key */
                continue;
            MUST(TRY_ROOM(scenes->at, capacity, scenes->n + 1));
            scenes->at[scenes->n++] = &lesson->exercises[j];
        }
    }
    if (!scenes->n) {
        fault_set(fault, FAULT_INPUT, "the course has no exercise in the language \"%s\"",
                  language);
        fault_place(fault, folder, 0, -1);
    } else {
        scenes->recall = recall_open(&scenes->course, 1, fault);
    }
    if (scenes->recall)
        return scenes;
    school_scenes_close(scenes);
    return NULL;
}

void school_scenes_close(struct school_scenes *scenes) {
    if (!scenes)
        return;
    recall_close(scenes->recall);
    course_free(scenes->course);
    free(scenes->at);
    free(scenes);
}

size_t school_scenes_count(const struct school_scenes *scenes) {
    return scenes->n;
}

/* --------------------------------------------------------------------------------- what is shown
 */

/* A letter for each thing that is shown, a number for each that stands on the left. */
static struct view lettered(const struct variant *variant) {
    struct buffer out = {0};
    buffer_append(&out, view_trim(variant->ask));
    for (size_t i = 0; i < variant->n_left; i++)
        buffer_format(&out, "\n%zu. %.*s", i + 1, VIEW_ARG(variant->left[i]));
    for (size_t i = 0; i < variant->n_shown; i++)
        buffer_format(&out, "\n%c) %.*s", (char)('A' + i % 26), VIEW_ARG(variant->shown[i]));
    struct view copy = arena_copy(variant->arena, buffer_view(&out));
    buffer_free(&out);
    return copy;
}

static char letter_of(const struct variant *variant, json_int_t authored) {
    for (size_t i = 0; i < variant->n_shown; i++)
        if ((json_int_t)variant->authored[i] + 1 == authored)
            return (char)('A' + i % 26);
    return '?';
}

static int by_letter(const void *a, const void *b) {
    return *(const char *)a - *(const char *)b;
}

/* "A, C and D" of indexes, in their order or (several) in that of the letters. */
static void put_letters(const struct variant *variant, const json_t *list, bool sorted,
                        struct buffer *out) {
    char letters[MAX_ITEMS];
    size_t n = 0, i;
    json_t *one;
    json_array_foreach(list, i, one) if (n < MAX_ITEMS) letters[n++] =
        letter_of(variant, json_integer_value(one));
    if (sorted)
        qsort(letters, n, 1, by_letter);
    for (i = 0; i < n; i++)
        buffer_format(out, "%s%c", !i ? "" : sorted && i + 1 == n ? " and " : ", ", letters[i]);
}

static void put_pairs(const struct variant *variant, const json_t *list, struct buffer *out) {
    size_t i;
    json_t *pair;
    json_array_foreach(list, i, pair)
        buffer_format(out, "%s%lld with %c", i ? ", " : "",
                      (long long)json_integer_value(json_array_get(pair, 0)),
                      letter_of(variant, json_integer_value(json_array_get(pair, 1))));
}

/* As a learner writes it; empty where it cannot be written in a line. */
static struct view in_words(const struct variant *variant, const json_t *answer) {
    struct view check = variant->exercise->check;
    struct buffer out = {0};
    if (view_is(check, "text") && json_is_array(answer))
        answer = json_array_get(answer, 0);
    if (json_is_string(answer))
        buffer_text(&out, json_string_value(answer));
    else if (json_is_integer(answer) && view_is(check, "choice"))
        buffer_format(&out, "%c", letter_of(variant, json_integer_value(answer)));
    else if (json_is_array(answer) && view_is(check, "match"))
        put_pairs(variant, answer, &out);
    else if (json_is_array(answer) && (view_is(check, "several") || view_is(check, "order")))
        put_letters(variant, answer, view_is(check, "several"), &out);
    else if (json_is_number(answer) && view_is(check, "number"))
        buffer_format(&out, "%.12g", json_number_value(answer));
    bool one_line = out.n && !memchr(out.at, '\n', out.n) && !memchr(out.at, '?', out.n);
    struct view copy = one_line ? arena_copy(variant->arena, buffer_view(&out)) : (struct view){0};
    buffer_free(&out);
    return copy;
}

/* ------------------------------------------------------------------------------------------ draw
 */

double school_scene_grade(const struct school_scene *scene, const json_t *answer,
                          struct view *why) {
    const struct variant *variant = scene->variant;
    struct grade_result grade = {0};
    struct fault ignored = {0};
    const struct misconception *found = variant_misconception(variant, answer);
    *why = found ? found->why : (struct view){0};
    if (!grade_answer(variant->exercise->check.at, variant->key, answer, variant->options,
                      variant->seed, &grade, &ignored))
        return 0;
    return grade.score;
}

bool school_scene_leaks(const struct school_scene *scene, struct view text, char why[120]) {
    struct view language = scene->variant->exercise->lesson->language;
    return review_leaks(scene->variant, language.at, text, why);
}

static void take_wrongs(struct school_scene *scene) {
    const struct variant *variant = scene->variant;
    struct school_scene_wrong *wrongs =
        ARENA_NEW(variant->arena, variant->n_wrong + 1, struct school_scene_wrong);
    for (size_t i = 0; i < variant->n_wrong; i++) {
        const struct misconception *from = &variant->wrong[i];
        struct view why;
        struct school_scene_wrong one = {from->is, in_words(variant, from->is), from->why,
                                         view_trim(from->say)};
        bool itself = school_scene_grade(scene, from->is, &why) < 1 && view_equal(why, from->why);
        bool said = one.text.n && one.say.n;
        scene->n_refused += !itself;
        scene->n_unspoken += itself && !said;
        if (itself && said)
            wrongs[scene->n_wrong++] = one;
    }
    scene->wrongs = wrongs;
}

/* As recall_principle of a turn: the nearest passage, less what gives the answer away. */
static void take_principle(const struct school_scenes *scenes, struct school_scene *scene) {
    const struct exercise *exercise = scene->variant->exercise;
    struct view title =
        exercise->skill ? course_text(exercise->skill->title, scenes->language) : exercise->title;
    char why[120], *text = arena_format(scene->variant->arena, "%.*s. %.*s. %.*s", VIEW_ARG(title),
                                        VIEW_ARG(exercise->title), VIEW_ARG(scene->variant->ask));
    struct recall_query query = {scenes->course, exercise->lesson, scenes->language,
                                 view_of(text)};
    struct recalled found[3];
    bool enough;
    size_t n = recall_find(scenes->recall, &query, found, COUNT_OF(found), &enough);
    for (size_t i = 0; i < n && !scene->principle.n; i++) {
        found[i].n = found[i].n < MOST_QUOTED ? found[i].n : MOST_QUOTED;
        while (found[i].n && (view_ends(recalled_text(&found[i]), ":") || /* a formula follows */
                              school_scene_leaks(scene, recalled_text(&found[i]), why)))
            found[i].n--;
        if (!found[i].n)
            continue;
        scene->principle = recalled_text(&found[i]);
        scene->principle_of = found[i].passage->id;
        scene->principle_heading = found[i].passage->heading;
    }
}

struct school_scene *school_scene_draw(const struct school_scenes *scenes, size_t exercise,
                                       uint64_t seed, struct fault *fault) {
    MUST(exercise < scenes->n);
    const struct exercise *from = scenes->at[exercise];
    struct variant *variant = variant_make(from, seed, fault);
    if (!variant)
        return NULL;
    struct school_scene *scene = ARENA_NEW(variant->arena, 1, struct school_scene);
    *scene = (struct school_scene){
        .id = from->label,
        .lesson = from->lesson->id,
        .passage = exercise_place(from),
        .title = from->title,
        .check = from->check,
        .ask = lettered(variant),
        .answer = in_words(variant, variant->key),
        .solution = view_trim(variant->solution),
        .key = view_is(from->check, "text") && json_is_array(variant->key)
                   ? json_array_get(variant->key, 0)
                   : variant->key,
        .varied = json_object_get(from->definition, "vary") != NULL,
        .seed = seed,
        .n_hint = variant->n_hint,
        .variant = variant,
    };
    if (from->skill)
        scene->skill = from->skill->id;
    struct view *hints = ARENA_NEW(variant->arena, variant->n_hint + 1, struct view);
    for (size_t i = 0; i < variant->n_hint; i++)
        hints[i] = view_trim(variant->hints[i]);
    scene->hints = hints;
    take_wrongs(scene);
    take_principle(scenes, scene);
    return scene;
}

void school_scene_free(struct school_scene *scene) {
    if (scene)
        variant_free(scene->variant);
}

uint64_t school_scene_sister(const struct school_scene *scene, int which) {
    return sister_seed(scene->variant, which);
}

/* ----------------------------------------------------------------------------------------- moves
 */

const char *school_scene_move(const struct school_scene *scene,
                              const struct school_scene_stand *stand,
                              enum school_scene_event event, size_t *rung) {
    struct standing standing = {
        .kind = event == SCENE_CALL      ? TURN_HINT
                : event == SCENE_FISHING ? TURN_FISHING
                                         : TURN_ATTEMPT,
        .state = {.wrong = stand->wrong, .hints = stand->hints, .bottomed = stand->bottomed},
        .n_hint = scene->n_hint,
        .exercise = true,
        .varied = scene->varied,
        .example_shown = stand->shown,
        .counts = true,
        .known = event == SCENE_WRONG || event == SCENE_WRONG_AGAIN,
        .known_again = event == SCENE_WRONG_AGAIN,
        .now_ms = INT64_MAX, /* whoever asks again has read the rung before */
    };
    struct choice choice = choose_move(&standing);
    *rung = choice.rung;
    return move_name(choice.move);
}
