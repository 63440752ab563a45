/* The breaker and the limits of one address. */
#include "company/gate.h"

enum { FAILURES = 3 };
static const double open_seconds = 10, open_most = 300, busy_seconds = 5, busy_most = 3600;

/* What an end says about the member: whether it counts against it, whether it opens the breaker
 * at once, and whether the same may be tried again. */
static const struct {
    const char *name;
    bool failure, at_once, retry;
} ends[CALL_ENDS] = {
    [CALL_DONE] = {"done", false, false, false},
    [CALL_UNREACHABLE] = {"unreachable", true, false, true},
    [CALL_UNTRUSTED] = {"certificate not valid", true, true, false},
    [CALL_SLOW] = {"too slow", true, false, false},
    [CALL_CUT] = {"cut off", true, false, true},
    [CALL_GARBLED] = {"garbled", true, false, false},
    [CALL_BUSY] = {"busy", false, false, false},
    [CALL_FAILED] = {"failed", true, false, true},
    [CALL_NO_KEY] = {"key refused", true, true, false},
    [CALL_REFUSED] = {"refused", false, false, false},
    [CALL_CANCELLED] = {"given up", false, false, false},
};

const char *call_end_name(enum call_end end) {
    return ends[end].name;
}

bool call_end_is_safe_to_retry(enum call_end end) {
    return ends[end].retry;
}

void gate_open(struct gate *gate, const struct plan_member *member) {
    *gate = (struct gate){.member = member,
                          .requests = member->requests_a_minute,
                          .tokens = member->tokens_a_minute,
                          .refilled = clock_seconds()};
    pthread_mutex_init(&gate->lock, NULL);
    uint64_t seed;
    random_bytes(&seed, sizeof seed);
    random_seed(&gate->random, seed);
}

void gate_close(struct gate *gate) {
    pthread_mutex_destroy(&gate->lock);
}

static void refill(struct gate *gate, double now) {
    const struct plan_member *member = gate->member;
    double minutes = (now - gate->refilled) / 60;
    gate->refilled = now;
    gate->requests += minutes * member->requests_a_minute;
    gate->tokens += minutes * member->tokens_a_minute;
    if (gate->requests > member->requests_a_minute)
        gate->requests = member->requests_a_minute;
    if (gate->tokens > member->tokens_a_minute)
        gate->tokens = member->tokens_a_minute;
}

enum { BREAKER, PROBED, RESTS, FULL, REQUESTS, TOKENS };
const struct gate_reason gate_reasons[] = {
    [BREAKER] = {"breaker open", "its breaker is open", 503},
    [PROBED] = {"being tried", "another request tries first whether it is back", 503},
    [RESTS] = {"asked for rest", "it asked to be left alone for a while", 429},
    [FULL] = {"full", "it has as many requests as it may have at once", 429},
    [REQUESTS] = {"requests used up", "its requests of this minute are used up", 429},
    [TOKENS] = {"tokens used up", "its tokens of this minute are used up", 429},
    {NULL, NULL, 0},
};

const struct gate_reason *gate_enter(struct gate *gate, int64_t tokens, double now) {
    const struct plan_member *member = gate->member;
    const struct gate_reason *why = NULL;
    pthread_mutex_lock(&gate->lock);
    refill(gate, now);
    /* A request over the whole minute's tokens goes once nothing of the minute is used. */
    double need =
        (double)tokens < member->tokens_a_minute ? (double)tokens : member->tokens_a_minute;
    if (gate->open_till > now)
        why = &gate_reasons[BREAKER];
    else if (gate->open_till > 0 && gate->probing)
        why = &gate_reasons[PROBED];
    else if (gate->busy_till > now)
        why = &gate_reasons[RESTS];
    else if (member->at_once && gate->n_inside >= member->at_once)
        why = &gate_reasons[FULL];
    else if (member->requests_a_minute && gate->requests < 1)
        why = &gate_reasons[REQUESTS];
    else if (member->tokens_a_minute && gate->tokens < need)
        why = &gate_reasons[TOKENS];
    if (!why) {
        gate->probing = gate->open_till > 0;
        gate->n_inside++;
        gate->requests -= member->requests_a_minute > 0;
        gate->tokens -= member->tokens_a_minute ? need : 0;
    }
    pthread_mutex_unlock(&gate->lock);
    return why;
}

static double doubled(double base, int times, double most) {
    for (; times > 0 && base < most; times--)
        base *= 2;
    return base < most ? base : most;
}

void gate_leave(struct gate *gate, enum call_end end, double retry_after, double now) {
    pthread_mutex_lock(&gate->lock);
    bool probed = gate->probing;
    gate->n_inside--;
    gate->probing = false;
    if (end == CALL_BUSY || (end == CALL_FAILED && retry_after >= 0)) {
        double wait = retry_after >= 0 ? retry_after : busy_seconds;
        wait = wait < busy_most ? wait : busy_most;
        gate->busy_till = now + wait > gate->busy_till ? now + wait : gate->busy_till;
    }
    if (end == CALL_DONE || end == CALL_REFUSED || end == CALL_BUSY) { /* it is there */
        gate->n_failure = gate->n_opened = 0;
        gate->open_till = 0;
    } else if (ends[end].failure && gate->open_till <= now) { /* else it began before that */
        gate->last = end;
        gate->n_failure++;
        if (probed || ends[end].at_once || gate->n_failure >= FAILURES) {
            /* Spread by a fifth, so that many schools do not come back at the same moment. */
            double wait = doubled(open_seconds, gate->n_opened++, open_most);
            gate->open_till = now + wait * (0.9 + 0.2 * random_unit(&gate->random));
        }
    }
    pthread_mutex_unlock(&gate->lock);
}

enum gate_state gate_state(struct gate *gate, double now, double *seconds, int *n_inside) {
    pthread_mutex_lock(&gate->lock);
    enum gate_state state = GATE_CLOSED;
    *seconds = 0;
    *n_inside = gate->n_inside;
    if (gate->open_till > now) {
        state = GATE_OPEN;
        *seconds = gate->open_till - now;
    } else if (gate->open_till > 0)
        state = GATE_TRYING;
    else if (gate->busy_till > now) {
        state = GATE_BUSY;
        *seconds = gate->busy_till - now;
    }
    pthread_mutex_unlock(&gate->lock);
    return state;
}
