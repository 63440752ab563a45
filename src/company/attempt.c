/* One member's try: let in by its gate, paid for by the budgets, asked, and asked again where that
 * is safe. */
#include "company/local.h"
#include "company/relay.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* ----------------------------------------------------------------------------------- listening */

static bool on_text(void *data, int choice, struct view text) {
    struct attempt *attempt = data;
    if (attempt->race)
        return race_text(attempt, text);
    return job_text(attempt->job, choice, text);
}

static void on_token(void *data, int choice, const struct chat_token *token) {
    const struct attempt *attempt = data;
    const struct chat_listener *to = attempt->job->listener;
    attempt->job->fixed = true;
    job_begins(attempt->job);
    if (to->token)
        to->token(to->data, choice, token);
}

static bool on_call(void *data, int choice, int call, const char *id, const char *name) {
    const struct attempt *attempt = data;
    const struct chat_listener *to = attempt->job->listener;
    attempt->job->fixed = true;
    job_begins(attempt->job);
    return !to->call || to->call(to->data, choice, call, id, name);
}

static bool on_arguments(void *data, int choice, int call, struct view piece) {
    const struct attempt *attempt = data;
    const struct chat_listener *to = attempt->job->listener;
    return !to->arguments || to->arguments(to->data, choice, call, piece);
}

static bool on_words(void *data, struct view text) {
    return on_text(data, 0, text);
}

static struct chat_listener listener_of(struct attempt *attempt) {
    return (struct chat_listener){attempt, on_text, on_token, on_call, on_arguments};
}

/* --------------------------------------------------------------------------------------- remote
 */

static int64_t money_of(const struct plan_member *member, int64_t n_prompt, int64_t n_generated) {
    /* A price is for a million tokens, and what is kept are millionths. */
    return (int64_t)(member->price_input * (double)n_prompt +
                     member->price_output * (double)n_generated + 0.999999);
}

/* What costs nothing and has no budget is not written down. */
static bool is_counted(const struct attempt *attempt) {
    const struct plan_member *member = attempt->by.who->plan;
    const struct budget_limit *day = &attempt->job->payer.day;
    return member->price_input > 0 || member->price_output > 0 || day->has_money ||
           day->has_tokens || plan_has_budget(attempt->job->firm->plan);
}

static bool pay_ahead(struct attempt *attempt, int64_t n_prompt, int64_t n_generated,
                      struct claim *claim) {
    const struct job *job = attempt->job;
    const struct plan_member *member = attempt->by.who->plan;
    bool good =
        !is_counted(attempt) || spending_claim(job->office->spending, job->firm->plan, &job->payer,
                                               money_of(member, n_prompt, n_generated),
                                               n_prompt + n_generated, claim, attempt->passed);
    attempt->poor = !good;
    memcpy(attempt->short_of, claim->short_of, sizeof attempt->short_of);
    return good;
}

/* Who broke off may have read all of it, and counts what was written: rather too much than too
 * little. */
static void settle(struct attempt *attempt, const struct remote_result *result,
                   const struct claim *claim, int64_t n_bound) {
    static const bool costs[CALL_ENDS] = {[CALL_DONE] = true,
                                          [CALL_SLOW] = true,
                                          [CALL_CUT] = true,
                                          [CALL_GARBLED] = true,
                                          [CALL_CANCELLED] = true};
    const struct plan_member *member = attempt->by.who->plan;
    int64_t n_prompt = result->counted ? result->chat.n_prompt : n_bound / 3,
            n_generated = result->chat.n_generated;
    if (!is_counted(attempt))
        return;
    bool asked = costs[result->end];
    int64_t money = asked ? money_of(member, n_prompt, n_generated) : 0;
    spending_settle(attempt->job->office->spending, claim, money,
                    asked ? n_prompt + n_generated : 0);
    attempt->money += money;
}

/* What a program is told that asked this member alone. */
static void tell_later(struct attempt *attempt, const struct gate_reason *why) {
    double seconds;
    int n_inside;
    struct chat_result *result = &attempt->result;
    snprintf(attempt->passed, sizeof attempt->passed, "%s", why->words);
    attempt->reason = why->name;
    gate_state(&attempt->by.endpoint->gate, clock_seconds(), &seconds, &n_inside);
    result->status = why->status;
    result->retry_after = (int)seconds + 1;
    snprintf(result->code, sizeof result->code, "%s",
             why->status == 429 ? "rate_limit_exceeded" : "overloaded");
}

/* False: it may not be asked now, for the reason in attempt->passed. */
static bool ask_once(struct attempt *attempt, struct remote_result *result) {
    struct endpoint *endpoint = attempt->by.endpoint;
    const struct job *job = attempt->job;
    struct chat_listener listener = listener_of(attempt);
    struct claim claim = {0};
    int64_t n_prompt = 0, n_generated = 0;
    if (job->batch)
        n_prompt = vectors_bound(job->batch);
    else
        remote_bound(job->chat, attempt->begun, &n_prompt, &n_generated);
    const struct plan_member *member = endpoint->member;
    const struct gate_reason *why =
        gate_enter(&endpoint->gate, n_prompt / 3 + n_generated, clock_seconds());
    if (why) {
        tell_later(attempt, why);
        return false;
    }
    if (member->context && !job->batch && n_prompt / 6 + n_generated > member->context) {
        snprintf(attempt->passed, sizeof attempt->passed, "the conversation is too long for it");
        attempt->reason = "too long for it";
        attempt->result.status = 400;
        snprintf(attempt->result.code, sizeof attempt->result.code, "context_length_exceeded");
        gate_leave(&endpoint->gate, CALL_CANCELLED, -1, clock_seconds());
        return false;
    }
    if (!pay_ahead(attempt, n_prompt, n_generated, &claim)) {
        gate_leave(&endpoint->gate, CALL_CANCELLED, -1, clock_seconds());
        return false;
    }
    fault_clear(&attempt->fault);
    struct remote_call call = {.endpoint = endpoint,
                               .request = job->chat,
                               .begun = attempt->begun,
                               .listener = &listener,
                               .deadline = attempt->deadline,
                               .cancel = attempt->cancel,
                               .lost = &attempt->lost,
                               .look = race_look,
                               .attempt = attempt};
    if (job->batch)
        remote_embed(&call, job->batch, job->vectors, result, &attempt->fault);
    else
        remote_chat(&call, result, &attempt->fault);
    gate_leave(&endpoint->gate, result->end, result->retry_after, clock_seconds());
    settle(attempt, result, &claim, n_prompt);
    return true;
}

/* Full jitter (Brooker 2015): up to 0.2 s, 0.4 s, …, looking at who asked meanwhile. */
static bool pause_before_retry(struct attempt *attempt, int n_try, double retry_after) {
    static const struct timespec moment = {.tv_nsec = 10000000};
    uint64_t drawn;
    random_bytes(&drawn, sizeof drawn);
    double wait = 0.2 * (double)(1 << n_try) * (double)(drawn >> 11) / (double)(1ull << 53);
    wait = retry_after > wait ? retry_after : wait;
    double until = clock_seconds() + wait;
    if (wait > 2 || until >= attempt->deadline)
        return false;
    while (clock_seconds() < until && !attempt->lost && !(attempt->cancel && *attempt->cancel)) {
        race_look(attempt);
        nanosleep(&moment, NULL);
    }
    return !attempt->lost && !job_is_over(attempt->job);
}

static void ask_remote(struct attempt *attempt) {
    struct remote_result result;
    int retries = attempt->by.who->plan->retries;
    for (int n_try = 0;; n_try++) {
        if (!ask_once(attempt, &result)) {
            attempt->end = CALL_REFUSED;
            return;
        }
        attempt->passed[0] = 0;
        attempt->end = result.end;
        attempt->result = result.chat;
        if (result.retry_after > 0)
            attempt->result.retry_after = (int)result.retry_after;
        if (result.learned && !job_is_over(attempt->job)) {
            n_try--;
            continue;
        }
        if (result.end == CALL_DONE || result.heard || n_try >= retries ||
            !call_end_is_safe_to_retry(result.end) ||
            !pause_before_retry(attempt, n_try, result.retry_after))
            return;
    }
}

/* ---------------------------------------------------------------------------------------- local
 */

/* What a program asked. */
static void chat_local(struct attempt *attempt) {
    const struct job *job = attempt->job;
    struct chat_request request = *job->chat;
    struct chat_listener listener = listener_of(attempt);
    request.seconds = attempt->deadline - clock_seconds();
    request.cancel = attempt->race ? &attempt->lost : attempt->cancel;
    bool good = member_chat(attempt->by.who->model->company, &request, attempt->begun, &listener,
                            &attempt->result, &attempt->fault);
    attempt->end = good ? CALL_DONE : job->stopped ? CALL_CANCELLED : CALL_FAILED;
}

static void ask_local(struct attempt *attempt) {
    const struct job *job = attempt->job;
    struct company *company = attempt->by.who->model->company;
    struct company_request request = *job->own;
    struct buffer out = {0};
    /* A specialist of the course belongs to one model: another does without. */
    if (request.adapter && *request.adapter &&
        !company_specialist(company, view_of(request.adapter)))
        request.adapter = NULL;
    request.begun = attempt->begun;
    request.say = on_words;
    request.data = attempt;
    request.seconds = attempt->deadline - clock_seconds();
    request.cancel = attempt->race ? &attempt->lost : attempt->cancel;
    bool good = company_write(company, &request, &out, &attempt->draft, &attempt->fault);
    buffer_free(&out);
    attempt->end = good ? CALL_DONE : job->stopped ? CALL_CANCELLED : CALL_FAILED;
    attempt->result.n_prompt = attempt->draft.n_prompt;
    attempt->result.n_reused = attempt->draft.n_reused;
    attempt->result.n_generated = attempt->draft.n_generated;
    attempt->result.ends[0] =
        attempt->draft.n_generated >= request.max_tokens ? CHAT_LENGTH : CHAT_STOP;
}

enum seam_writer attempt_writer(const struct turn_taker *by) {
    if (!by->endpoint)
        return SEAM_EXACT;
    return by->endpoint->member->abilities & ABLE_PREFILL ? SEAM_PREFILL : SEAM_ASKED;
}

void attempt_run(struct attempt *attempt) {
    if (attempt->by.endpoint)
        ask_remote(attempt);
    else if (attempt->job->own)
        ask_local(attempt);
    else
        chat_local(attempt);
}
