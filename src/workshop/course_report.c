/* What became of a course's dialogues: as JSON, and for people. */
#include "workshop/workshop.h"

/* clang-format off */
static const char *const tasks[COURSE_TASKS] = {"dialogue", "monologue", "passage", "problem"};
static const char *const voices[VOICES] = {"author", "template", "senior"};
static const struct { const char *key, *words; } drops[COURSE_ROW_DROPS] = {
    [COURSE_ROW_DRAWN] = {"not_drawn", "numbers cannot be drawn"},
    [COURSE_ROW_WRONG] = {"not_wrong", "for its numbers a wrong answer is right, or is another one"},
    [COURSE_ROW_WORDS] = {"unspoken", "an answer cannot be said in a line"},
    [COURSE_ROW_GRADE] = {"grade", "the grader says otherwise of an answer"},
    [COURSE_ROW_LEAK] = {"leak", "the tutor gives the answer away"},
    [COURSE_ROW_CITE] = {"cite", "a quote is not in its passage"},
    [COURSE_ROW_SUMS] = {"sums", "a sum is wrong, or none can be checked"},
    [COURSE_ROW_REVIEW] = {"review", "an answer does not pass the review"},
    [COURSE_ROW_QUOTED] = {"quoted", "its sentence is quoted by another row"},
    [COURSE_ROW_STALE] = {"stale", "too little in it that no row before says"},
    [COURSE_ROW_TWICE] = {"twice", "there already"},
};
/* clang-format on */

static size_t sum_of(const size_t *words) {
    return words[VOICE_AUTHOR] + words[VOICE_TEMPLATE] + words[VOICE_SENIOR];
}

static json_t *shares(const size_t *words) {
    json_t *out = json_object();
    size_t all = sum_of(words);
    for (int i = 0; i < VOICES; i++)
        json_object_set_new(out, voices[i], json_real(all ? (double)words[i] / (double)all : 0.0));
    return out;
}

json_t *course_rows_json(const struct course_rows_report *report) {
    json_t *rows = json_object(), *dropped = json_object();
    for (int i = 0; i < COURSE_TASKS; i++)
        json_object_set_new(rows, tasks[i], json_integer((json_int_t)report->rows[i]));
    for (int i = 0; i < COURSE_ROW_DROPS; i++)
        json_object_set_new(dropped, drops[i].key, json_integer((json_int_t)report->dropped[i]));
    json_t *out = json_pack(
        "{s:I, s:I, s:I, s:o, s:o, s:I, s:I, s:o, s:o, s:{s:I, s:I, s:I, s:I, s:I}}", "exercises",
        (json_int_t)report->n_exercise, "passages", (json_int_t)report->n_passage, "held_out",
        (json_int_t)report->n_held_out, "rows", rows, "dropped", dropped, "misconceptions",
        (json_int_t)report->n_misconception, "personas", (json_int_t)report->n_persona,
        "tutor_words", shares(report->tutor_words), "learner_words", shares(report->learner_words),
        "senior", "wanted", (json_int_t)report->n_wanted, "written", (json_int_t)report->n_written,
        "cached", (json_int_t)report->n_cached, "taken", (json_int_t)report->n_taken, "refused",
        (json_int_t)report->n_refused);
    MUST(out);
    json_object_set_new(out, "diversity",
                        report->compared ? diversity_json(&report->diversity) : json_null());
    return out;
}

static void put_shares(const char *who, const size_t *words, struct buffer *out) {
    size_t all = sum_of(words);
    buffer_format(out, "%s: %zu words", who, all);
    for (int i = 0; i < VOICES; i++)
        buffer_format(out, ", %.0f%% %s", all ? 100.0 * (double)words[i] / (double)all : 0.0,
                      i == VOICE_AUTHOR     ? "the author's"
                      : i == VOICE_TEMPLATE ? "of templates"
                                            : "a senior's");
    buffer_byte(out, '\n');
}

void course_rows_text(const struct course_rows_report *report, struct buffer *out) {
    size_t n = 0;
    for (int i = 0; i < COURSE_TASKS; i++)
        n += report->rows[i];
    buffer_format(out, "%zu rows of %zu exercises and %zu passages (%zu more held out)\n", n,
                  report->n_exercise, report->n_passage, report->n_held_out);
    for (int i = 0; i < COURSE_TASKS; i++)
        buffer_format(out, "  %6zu  %s\n", report->rows[i], tasks[i]);
    buffer_format(out, "%zu misconceptions, %zu personas\ndropped\n", report->n_misconception,
                  report->n_persona);
    for (int i = 0; i < COURSE_ROW_DROPS; i++)
        buffer_format(out, "  %6zu  %s\n", report->dropped[i], drops[i].words);
    put_shares("the tutor says", report->tutor_words, out);
    put_shares("learners say", report->learner_words, out);
    if (report->n_wanted)
        buffer_format(out,
                      "the senior was asked for %zu lines: %zu written, %zu kept from before; %zu "
                      "taken, %zu refused\n",
                      report->n_wanted, report->n_written, report->n_cached, report->n_taken,
                      report->n_refused);
    if (report->compared)
        buffer_text(out, "the tutor's turns beside what the author wrote:\n");
}
