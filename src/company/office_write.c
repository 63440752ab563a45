/* The doors of the office: what is asked becomes a job of the relay. */
#include "company/relay.h"

#include <stdlib.h>
#include <string.h>

static bool run(struct job *job, double seconds, struct fault *fault) {
    struct office *office = job->office;
    struct seam seam = {0};
    job->seam = &seam;
    job->started = clock_seconds();
    job->deadline = job->started + seconds;
    job->line = board_begin(&office->board, job->role);
    if (job->own)
        buffer_append(&seam.said, job->own->begun);
    bool good = relay_run(job, fault);
    board_end(&office->board, job->line, job->role, good);
    seam_free(&seam);
    return good;
}

/* --------------------------------------------------------------------------------- for the school
 */

struct gathering {
    const struct company_request *request;
    struct buffer *out;
};

static bool gather(void *data, int choice, struct view text) {
    const struct gathering *gathering = data;
    (void)choice;
    buffer_append(gathering->out, text);
    return !gathering->request->say || gathering->request->say(gathering->request->data, text);
}

static struct chat_request chat_of(const struct company_request *request) {
    struct chat_request chat = {.messages = request->messages,
                                .sampling = sampling_default,
                                .seeded = true,
                                .max_tokens = request->max_tokens,
                                .n_choice = 1,
                                .stop = request->stop,
                                .priority = request->priority,
                                .cancel = request->cancel};
    chat.sampling.temperature = request->temperature;
    chat.sampling.seed = request->seed;
    return chat;
}

static void tell_draft(const struct job *job, struct company_draft *draft) {
    *draft = job->draft;
    draft->first_token_seconds = job->first_word;
    draft->seconds = clock_seconds() - job->started;
    draft->n_prompt = job->result.n_prompt;
    draft->n_reused = job->result.n_reused;
    draft->n_generated = job->result.n_generated;
    draft->n_takeover = job->n_takeover;
    draft->money = (double)job->money / 1e6;
    snprintf(draft->model, sizeof draft->model, "%.63s", job->result.model);
    snprintf(draft->told, sizeof draft->told, "%s", job->told);
}

bool office_write(struct office *office, const struct company_request *request, struct buffer *out,
                  struct company_draft *draft, struct fault *fault) {
    struct firm *firm = office_enter(office);
    struct chat_request chat = chat_of(request);
    struct gathering gathering = {request, out};
    struct chat_listener listener = {.data = &gathering, .text = gather};
    struct job job = {.office = office,
                      .firm = firm,
                      .role = request->role,
                      .alone = plan_find(firm->plan, request->member),
                      .chat = &chat,
                      .own = request,
                      .listener = &listener,
                      .payer = request->payer,
                      .cancel = request->cancel,
                      .plain = true};
    size_t before = out->n;
    bool good = true;
    *draft = (struct company_draft){0};
    if (request->member && job.alone < 0)
        good = fault_set(fault, FAULT_MISSING, "the company has no member %.60s", request->member);
    if (good && request->role == COMPANY_SENIOR && request->why)
        board_note(&office->board, BOARD_SENIOR, request->role, "", "", "", request->why);
    good = good && run(&job, request->seconds > 0 ? request->seconds : 30, fault);
    if (good || job.started > 0)
        tell_draft(&job, draft);
    if (!good && out->at) {
        out->n = before;
        out->at[before] = 0;
    }
    office_leave(office, firm);
    return good;
}

/* Only a member of this machine tells how likely a text is. */
bool office_weigh(struct office *office, const struct company_request *request,
                  struct company_text *texts, size_t n, struct company_draft *draft,
                  struct fault *fault) {
    struct firm *firm = office_enter(office);
    int line = board_begin(&office->board, request->role);
    bool good = company_weigh(office_floor(firm, request->role), request, texts, n, draft, fault);
    board_end(&office->board, line, request->role, good);
    office_leave(office, firm);
    return good;
}

/* ------------------------------------------------------------------------------------ for
 * programs
 */

bool office_chat(struct office *office, const struct chat_request *request,
                 const struct chat_listener *listener, struct chat_result *result,
                 struct fault *fault) {
    struct firm *firm = office_enter(office);
    const char *name = request->model ? request->model : "lyceum";
    struct job job = {.office = office,
                      .firm = firm,
                      .role = COMPANY_FRONT,
                      .alone = -1,
                      .chat = request,
                      .listener = listener,
                      .payer = request->payer,
                      .ahead = result,
                      .cancel = request->cancel,
                      .plain = request->messages && request->n_choice <= 1 && !request->tools &&
                               !request->logprobs && request->format == CHAT_TEXT &&
                               !request->grammar.n};
    bool known = !strcmp(name, "lyceum") || company_role_named(name, &job.role);
    if (!known)
        job.alone = plan_find(firm->plan, name);
    bool good = known || job.alone >= 0 ||
                fault_set(fault, FAULT_MISSING, "there is no model %.100s", name);
    *result = (struct chat_result){0};
    if (good) {
        good = run(&job, request->seconds > 0 ? request->seconds : 300, fault);
        *result = job.result;
        result->first_token_seconds = job.first_word;
        result->seconds = clock_seconds() - job.started;
        if (job.stopped || (job.cancel && *job.cancel))
            result->ends[0] = CHAT_CANCELLED;
    } else {
        result->status = 404;
        snprintf(result->code, sizeof result->code, "model_not_found");
        snprintf(result->param, sizeof result->param, "model");
    }
    office_leave(office, firm);
    return good;
}
