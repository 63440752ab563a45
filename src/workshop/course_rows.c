/* A course into dialogues, thoughts and worked problems: made side by side, each from a seed of
 * its own, put in a senior's words where there is one, checked, and laid in an order that mixes
 * exercises. */
#include "workshop/course_rows.h"
#include "algebra/algebra.h"
#include "workshop/compose.h"
#include "workshop/course_cards.h"
#include "workshop/tally.h"
#include "workshop/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_EACH = 50, DRAW_TRIES = 8, GRAM = 4 };
static const double LEAST_NEW = 0.65;

/* ----------------------------------------------------------------------------------------- parts
 */

struct school_scene *part_scene(struct told_part *part, size_t exercise, uint64_t seed) {
    struct fault ignored = {0};
    if (part->n_scene == COUNT_OF(part->scenes))
        return NULL;
    struct school_scene *scene = school_scene_draw(part->whole->scenes, exercise, seed, &ignored);
    if (scene)
        part->scenes[part->n_scene++] = scene;
    else
        part->dropped[COURSE_ROW_DRAWN]++;
    return scene;
}

struct told *part_add(struct told_part *part, enum course_task task,
                      const struct school_scene *scene) {
    if (part->n == TOLD_PART)
        return NULL;
    struct told *told = &part->rows[part->n++];
    *told = (struct told){.task = task, .drop = COURSE_ROW_DROPS};
    if (scene) {
        told->exercise = scene->id;
        told->seed = scene->seed;
        told->topic = told_topic(part->arena, scene->lesson, scene->passage);
    }
    return told;
}

struct told_line *told_say(struct told *told, bool tutor, struct view text) {
    if (told->n == TOLD_LINES)
        return NULL;
    struct told_line *line = &told->lines[told->n++];
    *line = (struct told_line){.tutor = tutor, .text = text};
    return line;
}

struct view told_topic(struct arena *arena, struct view lesson, struct view passage) {
    char topic[400];
    struct course_passage place = {.lesson = lesson, .id = passage};
    course_topic(&place, topic, sizeof topic);
    return arena_copy(arena, view_of(topic));
}

bool told_held_out(const struct telling *whole, struct view topic) {
    for (size_t i = 0; whole->held_out && whole->held_out[i]; i++)
        if (view_is(topic, whole->held_out[i]))
            return true;
    return false;
}

struct view slug_words(struct arena *arena, struct view slug) {
    struct view copy = arena_copy(arena, slug);
    for (size_t i = 0; i < copy.n; i++)
        if (copy.at[i] == '-' || copy.at[i] == '_')
            ((char *)copy.at)[i] = ' ';
    return copy;
}

struct view one_line_of(struct arena *arena, struct view text) {
    struct view copy = arena_copy(arena, view_trim(text));
    for (size_t i = 0; i < copy.n; i++)
        if (copy.at[i] == '\n' || copy.at[i] == '\r' || copy.at[i] == '\t')
            ((char *)copy.at)[i] = ' ';
    return copy;
}

/* ------------------------------------------------------------------------------------------ jobs
 */

struct telling_job {
    const struct telling *whole;
    struct told_part *parts;
    size_t n_passage; /* after those of the exercises */
    struct {
        const json_t *passage;
        size_t which;
    } * passages;
};

/* Numbers of this job alone, for which at least one wrong answer is what its author says. */
static struct school_scene *fresh_scene(struct told_part *part, size_t exercise) {
    struct school_scene *scene = NULL;
    for (int i = 0; i < DRAW_TRIES; i++) {
        uint64_t seed = random_next(&part->random) % 2147483647u + 1;
        scene = part_scene(part, exercise, seed);
        if (!scene || (scene->n_wrong && scene->answer.n) || !scene->varied)
            break;
    }
    if (!scene)
        return NULL;
    part->dropped[COURSE_ROW_WRONG] += scene->n_refused;
    part->dropped[COURSE_ROW_WORDS] += scene->n_unspoken + !scene->answer.n;
    return scene->n_wrong && scene->answer.n ? scene : NULL;
}

/* Each misconception in one dialogue, first or later; in some the tutor thinks before a move; the
 * problem worked, unless it was in one of them. */
static void tell_exercise(struct told_part *part, size_t exercise, size_t round) {
    struct school_scene *scene = fresh_scene(part, exercise);
    if (!scene)
        return;
    if (told_held_out(part->whole, told_topic(part->arena, scene->lesson, scene->passage))) {
        part->n_held_out += scene->n_wrong;
        return;
    }
    size_t n = 0, from = pick(&part->random, scene->n_wrong);
    part->used = (struct told_used){0};
    for (size_t i = 0; i < scene->n_wrong && part->n < TOLD_PART - 1; i++) {
        size_t wrong = (from + i) % scene->n_wrong;
        if (wrong >= 64 || part->used.wrong >> wrong & 1)
            continue;
        tell_dialogue(part, exercise, scene, wrong, (n++ + round + exercise) % 3 == 2);
    }
    if (scene->varied && !part->used.solution)
        tell_problem(part, scene);
}

static void tell_part(void *data, int index, int n) {
    (void)n;
    struct telling_job *job = data;
    struct told_part *part = &job->parts[index];
    size_t place = (size_t)index, n_exercise = job->whole->n_exercise * job->whole->each;
    uint64_t seeds[2] = {place, job->whole->seed};
    part->whole = job->whole;
    part->arena = arena_new();
    random_seed(&part->random, hash64((struct view){(const char *)seeds, sizeof seeds}, 7));
    if (place < n_exercise) {
        tell_exercise(part, place % job->whole->n_exercise, place / job->whole->n_exercise);
        algebra_thread_end(); /* the threads of the pool end without it */
        return;
    }
    const json_t *passage = job->passages[place - n_exercise].passage;
    struct view topic =
        told_topic(part->arena, course_text_of(passage, "lesson"), course_text_of(passage, "id"));
    if (told_held_out(job->whole, topic))
        part->n_held_out++;
    else
        tell_passage(part, passage, job->passages[place - n_exercise].which);
}

static void check_part(void *data, int index, int n) {
    (void)n;
    struct telling_job *job = data;
    struct told_part *part = &job->parts[index];
    for (size_t i = 0; i < part->n; i++)
        told_check(job->whole, &part->rows[i]);
    algebra_thread_end();
}

/* ----------------------------------------------------------------------------------------- order
 */

struct placed {
    uint64_t at; /* where it goes: by chance */
    struct told *told;
};

static int by_place(const void *a, const void *b) {
    uint64_t x = ((const struct placed *)a)->at, y = ((const struct placed *)b)->at;
    return x < y ? -1 : x > y;
}

static uint64_t hash_of(const struct told *told) {
    uint64_t hash = told->task;
    for (size_t i = 0; i < told->n; i++)
        hash = hash64(told->lines[i].text, hash64(told->lines[i].thought, hash));
    return hash;
}

static size_t count_new(json_t *set, struct view name) {
    char *key = must_copy(name);
    bool fresh = name.n && !json_object_get(set, key);
    if (fresh)
        json_object_set_new(set, key, json_true());
    free(key);
    return fresh;
}

/* ------------------------------------------------------------------------------------- documents
 */

static void add_text(json_t *messages, struct view text) {
    if (view_trim(text).n)
        json_array_append_new(
            messages, json_pack("{s:s, s:s%}", "role", "assistant", "content", text.at, text.n));
}

static void end_document(json_t *messages, struct buffer *out) {
    json_t *row = json_pack("{s:o}", "messages", messages);
    if (json_array_size(messages)) {
        buffer_json(out, row);
        buffer_byte(out, '\n');
    }
    json_decref(row);
}

/* What the tutor says and thinks, a turn each. */
static void put_spoken(const struct told *told, struct buffer *out) {
    json_t *messages = json_array();
    for (size_t i = 0; i < told->n; i++)
        if (told->lines[i].tutor) {
            add_text(messages, told->lines[i].thought);
            add_text(messages, told->lines[i].text);
        }
    end_document(messages, out);
}

/* Each sentence of the lesson is quoted once: a thought names its place alone where another row
 * has quoted it, and a question that it answers is not asked then. */
static void ration(struct placed *placed, size_t n) {
    json_t *quoted = json_object();
    for (int pass = 0; pass < 3; pass++) /* what is said, what is thought, what is asked */
        for (size_t i = 0; i < n; i++) {
            struct told *told = placed[i].told;
            struct told_line *last = &told->lines[told->n - 1];
            int its = told->task == COURSE_PASSAGE ? 2 : last->recalled.n ? 1 : 0;
            if (its != pass || !told->n_cite)
                continue;
            if (count_new(quoted, told->cites[told->n_cite - 1].text) || !pass)
                continue;
            if (pass == 2) {
                told->drop = COURSE_ROW_QUOTED;
            } else {
                last->thought = last->brief;
                last->recalled.n = 0;
                told->n_cite--;
            }
        }
    json_decref(quoted);
}

/* The share of the row's sequences of four words, inside turns, that are new; they are added to
 * the tally where the row is kept. */
static double novelty(const struct told *told, struct tally *tally, bool keep) {
    size_t n = 0, fresh = 0;
    struct tally own = {0};
    for (size_t i = 0; i < 2 * told->n; i++) {
        const struct told_line *line = &told->lines[i / 2];
        struct view text = i % 2 ? line->text : line->thought;
        uint64_t last[GRAM];
        size_t at = 0, count = 0;
        for (struct word word; line->tutor && word_next(text, &at, &word);) {
            memmove(last, last + 1, sizeof last - sizeof *last);
            last[GRAM - 1] = word.hash;
            if (++count < GRAM)
                continue;
            uint64_t gram = hash_words(last, GRAM);
            bool first = tally_count(tally, gram) == 0 && tally_add(&own, gram) == 1;
            fresh += first;
            n++;
            if (keep)
                tally_add(tally, gram);
        }
    }
    tally_free(&own);
    return n ? (double)fresh / (double)n : 1;
}

/* Of rows that are the same word for word the first stays. */
static void write_rows(const struct telling *whole, struct placed *placed, size_t n,
                       struct buffer *out, struct buffer *spoken,
                       struct course_rows_report *report) {
    json_t *misconceptions = json_object(), *personas = json_object();
    struct tally said = {0};
    for (size_t i = 0; i < n; i++) {
        struct told *told = placed[i].told;
        if (i && placed[i].at == placed[i - 1].at)
            told->drop = COURSE_ROW_TWICE;
        if (told->drop == COURSE_ROW_DROPS && novelty(told, &said, false) < LEAST_NEW)
            told->drop = COURSE_ROW_STALE;
        if (told->drop < COURSE_ROW_DROPS) {
            report->dropped[told->drop]++;
            continue;
        }
        novelty(told, &said, true);
        char key[200];
        snprintf(key, sizeof key, "%.*s %.*s", VIEW_ARG(told->exercise),
                 VIEW_ARG(told->misconception));
        if (told->misconception.n)
            report->n_misconception += count_new(misconceptions, view_of(key));
        report->n_persona += count_new(personas, told->persona);
        told_write(whole, told, out, report);
        put_spoken(told, spoken);
    }
    tally_free(&said);
    json_decref(misconceptions);
    json_decref(personas);
}

/* ------------------------------------------------------------------------------------- diversity
 */

/* What the author wrote in a tutor's place, and the lesson: a document an exercise or a passage.
 */
static void put_authored(const struct telling *whole, struct buffer *out) {
    size_t i, j;
    json_t *passage, *one;
    for (i = 0; i < whole->n_exercise; i++) {
        struct fault ignored = {0};
        json_t *messages = json_array();
        struct school_scene *scene = school_scene_draw(whole->scenes, i, 1, &ignored);
        for (j = 0; scene && j < scene->n_hint; j++)
            add_text(messages, scene->hints[j]);
        for (j = 0; scene && j < scene->n_wrong; j++)
            add_text(messages, scene->wrongs[j].say);
        if (scene)
            add_text(messages, scene->solution);
        end_document(messages, out);
        school_scene_free(scene);
    }
    json_array_foreach(json_object_get(whole->texts, "passages"), i, passage) {
        json_t *messages = json_array();
        json_array_foreach(json_object_get(passage, "sentences"), j, one)
            add_text(messages, (struct view){json_string_value(one), json_string_length(one)});
        end_document(messages, out);
    }
}

/* Too little of either to tell is no fault. */
static void compare(const struct telling *whole, const struct course_rows_options *options,
                    struct view spoken, struct pool *pool, struct course_rows_report *report) {
    struct documents made = {0}, authored = {0};
    struct diversity_options how = {.seed = options->seed, .n_draw = options->n_draw};
    struct buffer text = {0};
    struct fault ignored = {0};
    put_authored(whole, &text);
    if (spoken.n && documents_parse(spoken, &made, &ignored)) {
        if (text.n && documents_parse(buffer_view(&text), &authored, &ignored)) {
            report->compared =
                diversity_compare(&made, &authored, &how, pool, &report->diversity, &ignored);
            documents_free(&authored);
        }
        documents_free(&made);
    }
    buffer_free(&text);
}

/* ------------------------------------------------------------------------------------------ door
 */

static void find_passages(struct telling_job *job, struct course_rows_report *report) {
    const json_t *passages = json_object_get(job->whole->texts, "passages");
    size_t capacity = 0, i;
    json_t *one;
    report->n_passage = json_array_size(passages);
    json_array_foreach(passages, i, one) for (size_t from = 0;
                                              from * TOLD_PART <
                                              json_array_size(json_object_get(one, "sentences"));
                                              from++) {
        MUST(TRY_ROOM(job->passages, capacity, job->n_passage + 1));
        job->passages[job->n_passage].passage = one;
        job->passages[job->n_passage++].which = from;
    }
}

static struct view around_of(const json_t *texts, struct arena *arena) {
    struct buffer out = {0};
    size_t i, j;
    json_t *passage, *one;
    json_array_foreach(json_object_get(texts, "passages"), i, passage)
        json_array_foreach(json_object_get(passage, "sentences"), j, one)
            buffer_format(&out, "%s ", json_string_value(one));
    struct view copy = arena_copy(arena, buffer_view(&out));
    buffer_free(&out);
    return copy;
}

static bool make_rows(const struct course_rows_options *options, const struct telling *whole,
                      struct pool *pool, struct buffer *out, struct course_rows_report *report,
                      struct fault *fault) {
    struct telling_job job = {.whole = whole};
    find_passages(&job, report);
    size_t n_part = whole->n_exercise * whole->each + job.n_passage, n = 0;
    job.parts = must_alloc(n_part, sizeof *job.parts);
    pool_run(pool, tell_part, &job, (int)n_part);
    struct told **all = must_alloc(n_part * TOLD_PART, sizeof *all);
    for (size_t i = 0; i < n_part; i++)
        for (size_t j = 0; j < job.parts[i].n; j++)
            all[n++] = &job.parts[i].rows[j];
    struct arena *arena = arena_new(); /* of the senior's words */
    bool good = told_by_senior(options, all, n, arena, report, fault);
    if (good) {
        pool_run(pool, check_part, &job, (int)n_part);
        struct placed *placed = must_alloc(n + 1, sizeof *placed);
        for (size_t i = 0; i < n; i++)
            placed[i] = (struct placed){hash_of(all[i]), all[i]};
        qsort(placed, n, sizeof *placed, by_place);
        ration(placed, n);
        struct buffer spoken = {0};
        write_rows(whole, placed, n, out, &spoken, report);
        compare(whole, options, buffer_view(&spoken), pool, report);
        buffer_free(&spoken);
        free(placed);
    }
    for (size_t i = 0; i < n_part; i++) {
        for (size_t j = 0; j < COURSE_ROW_DROPS; j++)
            report->dropped[j] += job.parts[i].dropped[j];
        report->n_held_out += job.parts[i].n_held_out;
        for (size_t j = 0; j < job.parts[i].n_scene; j++)
            school_scene_free(job.parts[i].scenes[j]);
        arena_free(job.parts[i].arena);
    }
    arena_free(arena);
    free(all);
    free(job.parts);
    free(job.passages);
    return good;
}

bool course_rows(const struct course_rows_options *options, struct pool *pool, struct buffer *out,
                 struct course_rows_report *report, struct fault *fault) {
    const char *language = options->language ? options->language : "en";
    *report = (struct course_rows_report){0};
    if (strncmp(language, "en", 2) != 0) {
        fault_set(fault, FAULT_INPUT, "dialogues are made in English alone, not in \"%s\"",
                  language);
        return fault_place(fault, options->folder, 0, -1);
    }
    struct school_scenes *scenes = school_scenes_open(options->folder, language, fault);
    json_t *texts = scenes ? school_course_texts(options->folder, language, fault) : NULL;
    bool good = false;
    if (texts) {
        struct arena *arena = arena_new();
        struct telling whole = {.scenes = scenes,
                                .texts = texts,
                                .language = language,
                                .course = json_text(texts, "course", ""),
                                .seed = options->seed,
                                .around = around_of(texts, arena),
                                .n_exercise = school_scenes_count(scenes),
                                .each = options->each ? options->each : 1,
                                .held_out = options->held_out};
        whole.each = whole.each < MOST_EACH ? whole.each : MOST_EACH;
        report->n_exercise = whole.n_exercise;
        good = make_rows(options, &whole, pool, out, report, fault);
        arena_free(arena);
    }
    json_decref(texts);
    school_scenes_close(scenes);
    return good;
}
