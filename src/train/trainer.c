/* The loop: packs, their summed gradient, the rate of the day, a step. */
#include "train/inside.h"
#include "train/trainer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MEASURED = 3 }; /* steps that tell how long one takes; the first is not counted */

struct trainer *trainer_new(struct student *student, struct texts *texts, struct passage *passage,
                            const struct trainer_options *options, struct fault *fault) {
    struct trainer *trainer = try_alloc(1, sizeof *trainer, fault);
    if (!trainer)
        return NULL;
    trainer->student = student;
    trainer->texts = texts;
    trainer->passage = passage;
    trainer->options = *options;
    trainer->state.n_step = options->n_step;
    return trainer;
}

void trainer_free(struct trainer *trainer) {
    free(trainer);
}

bool trainer_done(const struct trainer *trainer) {
    return trainer->state.n_step && trainer->state.step >= trainer->state.n_step;
}

int64_t trainer_steps(const struct trainer *trainer) {
    return trainer->state.step;
}

/* While it is not known how many steps there will be, only the warm-up can be under way. */
static double rate_of(const struct trainer *trainer, int64_t step) {
    const struct trainer_options *options = &trainer->options;
    double rate = (double)options->adamw.rate, n_step = (double)trainer->state.n_step;
    if (step <= options->warm_up)
        return rate * (double)step / (double)options->warm_up;
    double from = (double)options->hold * n_step;
    from = from < options->warm_up ? options->warm_up : from;
    if (!trainer->state.n_step || options->schedule == SCHEDULE_CONSTANT || (double)step <= from)
        return rate;
    double left = (n_step - (double)step + 1) / (n_step - from + 1);
    return rate * (options->schedule == SCHEDULE_LINEAR
                       ? left
                       : 0.5 * (1 - cos(3.14159265358979 * left)));
}

static double counted(const struct pack *pack) {
    double sum = 0;
    for (int i = 0; i < pack->n; i++)
        sum += pack->targets[i] >= 0 ? (double)pack->weights[i] : 0;
    return sum;
}

/* Pack i of the next step. */
static const struct pack *pack_of(struct trainer *trainer, int i, struct texts_place *place) {
    const struct pack *pack = texts_next(trainer->texts, place);
    const struct own_words *own = trainer->options.own_words;
    return own ? own_words_instead(own, i, pack) : pack;
}

/* What counts in the packs of the next step, which are looked at twice: what a pack gives is
 * divided by all that counts. */
static double weigh(struct trainer *trainer, struct trainer_report *report) {
    struct texts_place place = trainer->state.place;
    double total = 0;
    for (int i = 0; i < trainer->options.packs_per_step; i++) {
        const struct pack *pack = pack_of(trainer, i, &place);
        total += counted(pack);
        report->n_token += (uint64_t)pack->n;
    }
    report->n_counted = (uint64_t)total;
    return total;
}

static bool write_own_words(struct trainer *trainer, struct fault *fault) {
    struct own_words *own = trainer->options.own_words;
    struct texts_place place = trainer->state.place;
    bool good = !own || own_words_begin(own, trainer->state.step, fault);
    for (int i = 0; own && good && i < trainer->options.packs_per_step; i++)
        good = own_words_write(own, i, texts_next(trainer->texts, &place), fault);
    return good;
}

static void plan(struct trainer *trainer, double seconds) {
    struct trainer_state *state = &trainer->state;
    if (state->n_step || state->step == 1)
        return;
    state->measured += seconds;
    if (state->step < MEASURED)
        return;
    double each = state->measured / (MEASURED - 1);
    double n = trainer->options.seconds / each;
    state->n_step = n > MEASURED ? (int64_t)n : MEASURED;
}

bool trainer_step(struct trainer *trainer, struct trainer_report *report, struct fault *fault) {
    struct trainer_state *state = &trainer->state;
    double started = clock_seconds(), sum = 0;
    *report = (struct trainer_report){.step = state->step + 1, .n_step = state->n_step};
    if (!write_own_words(trainer, fault))
        return false;
    double total = weigh(trainer, report);
    struct texts_place place = state->place;
    for (int i = 0; i < trainer->options.packs_per_step; i++)
        sum += passage_learn(trainer->passage, pack_of(trainer, i, &place), &trainer->options.loss,
                             1 / total);
    struct adamw adamw = trainer->options.adamw;
    adamw.rate = (float)(report->rate = rate_of(trainer, state->step + 1));
    report->loss = sum / total;
    report->norm = isfinite(report->loss) ? student_step(trainer->student, &adamw, state->step + 1)
                                          : (double)NAN;
    if (!isfinite(report->norm)) {
        student_forget(trainer->student);
        fault_set(fault, FAULT_INPUT, "step %lld: the loss or its gradient is no number any more",
                  (long long)report->step);
        return fault_remedy(fault, "Go on from the last save with a lower rate.");
    }
    state->step++;
    state->place = place;
    report->seconds = clock_seconds() - started;
    plan(trainer, report->seconds);
    report->n_step = state->n_step;
    return true;
}
