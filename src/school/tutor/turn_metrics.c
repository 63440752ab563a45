/* Counters of the turns, as Prometheus reads them. */
#include "school/tutor/turn.h"

static const double bounds[FIRST_WORD_BUCKETS] = {0.002, 0.005, 0.01, 0.025, 0.05,
                                                  0.1,   0.25,  1,    3,     10};
static const char *const outcomes[DRAFTS] = {[DRAFT_PASSED] = "passed",
                                             [DRAFT_STRUCK] = "struck",
                                             [DRAFT_SAME] = "same",
                                             [DRAFT_REFUSED] = "refused",
                                             [DRAFT_ABSENT] = "absent",
                                             [DRAFT_FAILED] = "failed"};

void turn_metrics_first_word(struct turn_metrics *metrics, bool model, double seconds) {
    size_t bucket = 0;
    while (bucket < FIRST_WORD_BUCKETS && seconds > bounds[bucket])
        bucket++;
    atomic_fetch_add(&metrics->first_word[model].buckets[bucket], 1);
    atomic_fetch_add(&metrics->first_word[model].microseconds, (unsigned long)(seconds * 1e6));
}

static void print_head(struct buffer *out, const char *name, const char *type, const char *help) {
    buffer_format(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void print_counts(struct buffer *out, const char *name, const char *label,
                         const char *const *values, atomic_ulong *counts, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (values[i])
            buffer_format(out, "%s{%s=\"%s\"} %lu\n", name, label, values[i],
                          atomic_load(&counts[i]));
}

static void print_first_word(struct turn_metrics *metrics, struct buffer *out) {
    static const char *const from[] = {"school", "model"};
    print_head(out, "lyceum_first_word_seconds", "histogram",
               "From the question or attempt to the first words said, by who said them.");
    for (size_t f = 0; f < COUNT_OF(from); f++) {
        unsigned long sum = 0;
        for (size_t i = 0; i <= FIRST_WORD_BUCKETS; i++) {
            sum += atomic_load(&metrics->first_word[f].buckets[i]);
            buffer_format(out, "lyceum_first_word_seconds_bucket{from=\"%s\",le=\"", from[f]);
            if (i < FIRST_WORD_BUCKETS)
                buffer_format(out, "%g\"} %lu\n", bounds[i], sum);
            else
                buffer_format(out, "+Inf\"} %lu\n", sum);
        }
        buffer_format(out,
                      "lyceum_first_word_seconds_sum{from=\"%s\"} %.6f\n"
                      "lyceum_first_word_seconds_count{from=\"%s\"} %lu\n",
                      from[f], (double)atomic_load(&metrics->first_word[f].microseconds) / 1e6,
                      from[f], sum);
    }
}

void turn_metrics_print(struct turn_metrics *metrics, struct buffer *out) {
    const char *kinds[TURN_KINDS], *moves[MOVES], *strikes[STRIKE_COUNT];
    for (int i = 0; i < TURN_KINDS; i++)
        kinds[i] = turn_kind_name((enum turn_kind)i);
    for (int i = 0; i < MOVES; i++)
        moves[i] = i == MOVE_NONE ? NULL : move_name((enum move)i);
    for (int i = 0; i < STRIKE_COUNT; i++)
        strikes[i] = i == STRIKE_NONE ? NULL : review_strike_name((enum strike)i);
    print_head(out, "lyceum_turns_total", "counter", "Turns, by what the learner sent.");
    print_counts(out, "lyceum_turns_total", "kind", kinds, metrics->kinds, TURN_KINDS);
    print_head(out, "lyceum_moves_total", "counter", "Moves of the tutor.");
    print_counts(out, "lyceum_moves_total", "move", moves, metrics->moves, MOVES);
    print_head(out, "lyceum_drafts_total", "counter",
               "What became of a model's words: passed and said, struck, the same as the quote, "
               "absent model, failed.");
    print_counts(out, "lyceum_drafts_total", "outcome", outcomes, metrics->drafts, DRAFTS);
    print_head(out, "lyceum_drafts_struck_total", "counter",
               "Struck drafts, by the first reason.");
    print_counts(out, "lyceum_drafts_struck_total", "reason", strikes, metrics->struck,
                 STRIKE_COUNT);
    print_first_word(metrics, out);
}
