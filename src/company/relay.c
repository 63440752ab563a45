/* An answer, whoever gives it: members are asked in their order until one has come to the end.
 * When one fails in the middle, the next goes on behind the words that were told. */
#include "company/relay.h"

#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------------------------ the order
 */

static uint64_t beginning_of(const struct chat_request *chat) {
    const json_t *first = json_array_get(chat->messages, 0);
    const json_t *text = json_object_get(first, "content");
    struct view words = {json_string_value(text), json_string_length(text)};
    return hash64(view_slice(words.n ? words : chat->prompt, 0, 1024), 1);
}

/* The endpoint that has heard this beginning, unless it has much more to do than the idlest. */
static void order_endpoints(struct colleague *who, uint64_t beginning, struct turn_taker *out) {
    int inside[PLAN_ADDRESSES], least = 1 << 30, n = who->n_endpoint;
    double wait;
    for (int i = 0; i < n; i++) {
        bool open =
            gate_state(&who->endpoints[i].gate, clock_seconds(), &wait, &inside[i]) != GATE_CLOSED;
        inside[i] += open ? 1 << 20 : 0;
        least = inside[i] < least ? inside[i] : least;
    }
    int home = (int)(beginning % (uint64_t)n);
    if (inside[home] <= 2 * least + 4)
        inside[home] = -1;
    for (int i = 0; i < n; i++) {
        int best = 0;
        for (int j = 0; j < n; j++)
            if (inside[j] < inside[best])
                best = j;
        out[i] = (struct turn_taker){who, &who->endpoints[best]};
        inside[best] = 1 << 30;
    }
}

int relay_order(const struct job *job, struct turn_taker *out, int n_out) {
    struct plan_role order = job->firm->plan->roles[job->role];
    uint64_t beginning = beginning_of(job->chat);
    int n = 0;
    if (job->alone >= 0)
        order = (struct plan_role){.n = 1, .members = {job->alone}};
    for (int i = 0; i < order.n; i++) {
        struct colleague *who = &job->firm->colleagues[order.members[i]];
        if (n + (who->model ? 1 : who->n_endpoint) > n_out)
            break;
        if (who->model)
            out[n++] = (struct turn_taker){who, NULL};
        else {
            order_endpoints(who, beginning, out + n);
            n += who->n_endpoint;
        }
    }
    return n;
}

/* --------------------------------------------------------------------------------------- telling
 */

bool job_is_over(const struct job *job) {
    return job->stopped || clock_seconds() >= job->deadline || (job->cancel && *job->cancel);
}

static const char *name_of(const struct turn_taker *by) {
    return by->who->plan->name;
}

void job_taken_by(struct job *job, const struct attempt *attempt) {
    job->by = name_of(&attempt->by);
    board_member(&job->office->board, job->line, job->by);
}

void job_begins(struct job *job) {
    if (job->first_word > 0)
        return;
    job->first_word = clock_seconds() - job->started;
    if (!job->ahead)
        return;
    job->ahead->because = job->result.because;
    memcpy(job->ahead->instead_of, job->result.instead_of, sizeof job->ahead->instead_of);
    memcpy(job->ahead->short_of, job->result.short_of, sizeof job->ahead->short_of);
    snprintf(job->ahead->model, sizeof job->ahead->model, "%s", job->by);
}

static bool tell(struct job *job, int choice, struct view text) {
    if (!text.n)
        return true;
    job_begins(job);
    board_piece(&job->office->board, job->line);
    const struct chat_listener *to = job->listener;
    job->stopped |= to->text && !to->text(to->data, choice, text);
    return !job->stopped;
}

bool job_text(struct job *job, int choice, struct view text) {
    if (!job->plain) {
        job->fixed = true;
        return tell(job, choice, text);
    }
    struct buffer out = {0};
    seam_add(job->seam, text, &out);
    bool good = tell(job, choice, buffer_view(&out));
    buffer_free(&out);
    return good;
}

static bool tell_rest(struct job *job) {
    struct buffer out = {0};
    seam_end(job->seam, &out);
    bool good = tell(job, 0, buffer_view(&out));
    buffer_free(&out);
    return good;
}

/* ---------------------------------------------------------------------------------------- turns
 */

void attempt_begin(struct job *job, struct attempt *attempt, const struct turn_taker *by,
                   bool last) {
    /* Who comes after needs some of the time too. */
    double now = clock_seconds(), left = job->deadline - now;
    *attempt =
        (struct attempt){.job = job,
                         .by = *by,
                         .begun = job->seam ? buffer_view(&job->seam->said) : (struct view){0},
                         .deadline = now + (last ? left : 0.7 * left),
                         .cancel = job->cancel};
}

void job_failed(struct job *job, const struct attempt *attempt, const struct turn_taker *next) {
    const char *why = *attempt->passed ? attempt->passed : attempt->fault.message;
    enum board_kind kind = attempt->poor      ? BOARD_BUDGET
                           : *attempt->passed ? BOARD_PASSED
                                              : BOARD_TAKEOVER;
    board_note(&job->office->board, kind, job->role, name_of(&attempt->by),
               next ? name_of(next) : "",
               attempt->poor      ? "no budget"
               : *attempt->passed ? attempt->reason
                                  : call_end_name(attempt->end),
               why);
    job->n_takeover += kind == BOARD_TAKEOVER;
    if (!*job->told) {
        job->result.because = attempt->poor      ? CHAT_BECAUSE_BUDGET
                              : *attempt->passed ? CHAT_BECAUSE_LIMIT
                                                 : CHAT_BECAUSE_FAILURE;
        memcpy(job->result.short_of, attempt->short_of, sizeof job->result.short_of);
        snprintf(job->result.instead_of, sizeof job->result.instead_of, "%s",
                 name_of(&attempt->by));
        snprintf(job->told, sizeof job->told, "%.40s%s%.150s",
                 *attempt->passed ? name_of(&attempt->by) : "", *attempt->passed ? ": " : "", why);
        job->told[utf8_whole(view_of(job->told))] = 0;
    }
}

static void take_result(struct job *job, const struct attempt *attempt) {
    job->result.ends[0] = attempt->result.ends[0];
    memcpy(job->result.ends, attempt->result.ends, sizeof job->result.ends);
    job->result.n_prompt += attempt->result.n_prompt;
    job->result.n_reused += attempt->result.n_reused;
    job->result.n_generated += attempt->result.n_generated;
    job->result.n_thought += attempt->result.n_thought;
    job->result.status = attempt->result.status;
    job->result.retry_after = attempt->result.retry_after;
    memcpy(job->result.code, attempt->result.code, sizeof job->result.code);
    memcpy(job->result.param, attempt->result.param, sizeof job->result.param);
    job->draft = attempt->draft;
    snprintf(job->result.model, sizeof job->result.model, "%s", name_of(&attempt->by));
}

/* Whether the first two may run beside each other: words alone, none told yet, and the first far
 * away. */
static bool may_race(const struct job *job, const struct turn_taker *order, int n) {
    return job->plain && n > 1 && order[0].endpoint && !job->seam->said.n && job->alone < 0 &&
           job->firm->plan->roles[job->role].hedge > 0;
}

/* The attempt that counts; *taken: how many of the order have had their turn. */
static struct attempt *run_race(struct job *job, const struct turn_taker *order, int n,
                                struct attempt pair[2], int *taken) {
    for (int i = 0; i < 2; i++)
        attempt_begin(job, &pair[i], &order[i], i + 2 >= n && i == 1);
    seam_begin(job->seam, SEAM_EXACT);
    const struct attempt *winner =
        race_run(&pair[0], &pair[1], job->firm->plan->roles[job->role].hedge);
    bool both = pair[1].over;
    /* A second that was given up may be asked again, should the first fail later. */
    *taken = both && winner != &pair[0] ? 2 : 1;
    job->money += pair[2 - *taken].money * both;
    if (both && !winner)
        job_failed(job, &pair[0], &order[1]);
    return &pair[*taken - 1];
}

static bool finish(struct job *job, const struct attempt *attempt) {
    take_result(job, attempt);
    job->money += attempt->money;
    return attempt->end == CALL_DONE && (!job->plain || tell_rest(job));
}

/* What a budget has is the owner's to know. */
void job_tell_passed(struct job *job, const struct attempt *done, struct fault *fault) {
    if (!*done->short_of) {
        fault_set(fault, FAULT_MACHINE, "%s: %s", name_of(&done->by), done->passed);
        return;
    }
    fault_set(fault, FAULT_LIMIT, "%s: %s has no room", name_of(&done->by), done->short_of);
    job->result.status = 429;
    snprintf(job->result.code, sizeof job->result.code, "insufficient_quota");
}

bool relay_run(struct job *job, struct fault *fault) {
    enum { MOST = PLAN_MEMBERS * 2 };
    struct turn_taker order[MOST];
    struct attempt pair[2];
    int n = relay_order(job, order, MOST), i = 0;
    bool good = false;
    struct fault last = {0};
    job->seam->whole_words = n > 1;
    while (i < n && !good && !job->fixed && !job_is_over(job)) {
        struct attempt *done = &pair[0];
        int taken = 1;
        if (i == 0 && may_race(job, order, n)) {
            done = run_race(job, order, n, pair, &taken);
        } else {
            attempt_begin(job, done, &order[i], i + 1 == n);
            seam_begin(job->seam, attempt_writer(&order[i]));
            job_taken_by(job, done);
            attempt_run(done);
        }
        i += taken;
        good = finish(job, done);
        if (!good && !job->stopped)
            job_failed(job, done, i < n ? &order[i] : NULL);
        if (!good && done->fault.kind != FAULT_NONE)
            last = done->fault;
        else if (!good && *done->passed && last.kind == FAULT_NONE)
            job_tell_passed(job, done, &last);
    }
    if (good)
        return true;
    if (job_is_over(job))
        fault_set(fault, FAULT_LIMIT, "the draft was given up: %s",
                  clock_seconds() >= job->deadline ? "it took too long"
                                                   : "nobody waits for it any more");
    else
        fault_set(fault, last.kind ? last.kind : FAULT_MISSING, "%s",
                  last.kind ? last.message : "no member could be asked");
    return false;
}
