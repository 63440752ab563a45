/* Vectors by the role librarian: its members far away that embed, in their order, then the local
 * model. All texts of a request are one member's, since vectors of two are not to be compared. */
#include "company/embed.h"
#include "company/relay.h"

#include <stdlib.h>
#include <string.h>

enum { BATCH_TEXTS = 64, BATCH_BYTES = 256 << 10, SECONDS = 120 };

static size_t next_batch(const struct embedding_request *request, size_t at) {
    size_t n = 0, bytes = 0;
    while (at + n < request->n && n < BATCH_TEXTS &&
           (!n || bytes + request->texts[at + n].n <= BATCH_BYTES))
        bytes += request->texts[at + n++].n;
    return n;
}

/* All texts by one member; what it was asked last stands in the attempt. */
static bool ask_member(struct job *job, struct attempt *attempt, const struct turn_taker *by,
                       const struct embedding_request *request, struct vectors *out) {
    *out = (struct vectors){.n_text = request->n};
    job->vectors = out;
    while (out->done < request->n && !job_is_over(job)) {
        struct vectors_wanted batch = {request->texts + out->done, next_batch(request, out->done),
                                       request->dimensions};
        job->batch = &batch;
        attempt_begin(job, attempt, by, false);
        attempt_run(attempt);
        job->batch = NULL;
        job->money += attempt->money;
        if (attempt->end != CALL_DONE)
            return false;
    }
    return out->done == request->n;
}

static bool ask_floor(struct job *job, struct embedder *floor,
                      const struct embedding_request *request, struct embedded *out,
                      struct fault *fault) {
    struct chat_result told = job->result;
    bool good = embedder_run(floor, request, out, fault);
    out->result.because = told.because;
    memcpy(out->result.instead_of, told.instead_of, sizeof told.instead_of);
    memcpy(out->result.short_of, told.short_of, sizeof told.short_of);
    return good;
}

static bool can_embed(const struct turn_taker *by) {
    return by->endpoint && by->who->plan->abilities & ABLE_EMBEDDINGS;
}

/* False with the last fault when nobody far away has done it. */
static bool ask_far(struct job *job, const struct turn_taker *order, int n,
                    const struct embedding_request *request, struct embedded *out,
                    struct fault *last) {
    for (int i = 0; i < n && !job_is_over(job); i++) {
        struct attempt attempt = {0};
        struct vectors vectors = {0};
        if (!can_embed(&order[i]))
            continue;
        attempt_begin(job, &attempt, &order[i], false);
        job_taken_by(job, &attempt);
        if (ask_member(job, &attempt, &order[i], request, &vectors)) {
            out->values = vectors.values;
            out->n_value = vectors.n_value;
            out->n_token = vectors.n_token;
            out->result = job->result;
            snprintf(out->result.model, sizeof out->result.model, "%s", job->by);
            return true;
        }
        free(vectors.values);
        job_failed(job, &attempt, i + 1 < n ? &order[i + 1] : NULL);
        if (attempt.fault.kind != FAULT_NONE)
            *last = attempt.fault;
        else if (*attempt.passed)
            job_tell_passed(job, &attempt, last);
        job->result.status = attempt.result.status ? attempt.result.status : job->result.status;
    }
    return false;
}

static bool refuse_name(const char *name, struct embedded *out, struct fault *fault) {
    out->result.status = 404;
    snprintf(out->result.code, sizeof out->result.code, "model_not_found");
    snprintf(out->result.param, sizeof out->result.param, "model");
    return fault_set(fault, FAULT_MISSING,
                     "The model `%.100s` makes no vectors of texts (abilities: [embeddings]).",
                     name);
}

static bool run(struct job *job, struct embedder *floor, const struct embedding_request *request,
                struct embedded *out, struct fault *fault) {
    struct turn_taker order[PLAN_MEMBERS * 2];
    struct fault last = {0};
    int n = relay_order(job, order, PLAN_MEMBERS * 2);
    bool good = ask_far(job, order, n, request, out, &last);
    if (!good && job->alone < 0 && !job_is_over(job) && (floor || last.kind == FAULT_NONE)) {
        last = (struct fault){0};
        if (floor)
            board_member(&job->office->board, job->line, embedder_name(floor));
        good = ask_floor(job, floor, request, out, &last);
    } else if (!good) {
        out->result = job->result;
    }
    if (!good)
        fault_set(fault, last.kind ? last.kind : FAULT_LIMIT, "%s%s%s",
                  last.kind ? last.message : "the vectors were given up", *last.remedy ? ". " : "",
                  last.remedy);
    return good;
}

bool office_embed(struct office *office, struct embedder *floor,
                  const struct embedding_request *request, struct embedded *out,
                  struct fault *fault) {
    struct firm *firm = office_enter(office);
    struct chat_request chat = {.prompt = request->texts[0]}; /* by which machines are chosen */
    struct job job = {.office = office,
                      .firm = firm,
                      .role = COMPANY_LIBRARIAN,
                      .alone = -1,
                      .chat = &chat,
                      .payer = request->payer,
                      .started = clock_seconds(),
                      .deadline = clock_seconds() + SECONDS,
                      .cancel = request->cancel};
    bool whole = !strcmp(request->model, "lyceum") || !strcmp(request->model, "librarian"), good;
    if (!whole)
        job.alone = plan_find(firm->plan, request->model);
    if (whole || (job.alone >= 0 && firm->plan->members[job.alone].abilities & ABLE_EMBEDDINGS)) {
        job.line = board_begin(&office->board, COMPANY_LIBRARIAN);
        good = run(&job, floor, request, out, fault);
        board_end(&office->board, job.line, COMPANY_LIBRARIAN, good);
    } else {
        good = refuse_name(request->model, out, fault);
    }
    office_leave(office, firm);
    return good;
}
