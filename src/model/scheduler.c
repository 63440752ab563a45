/* The scheduler: who leads, what a step holds, and what becomes of it. */
#include "model/scheduler.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A step that streams wait for shall take this long at most; one in which a text of lower
 * priority is read while one of higher is written, shorter. */
static const double step_seconds = 0.05, polite_seconds = 0.02;
enum { FEWEST_TOKENS = 8, UNMEASURED_TOKENS = 64, FAIR_SHARE = 32 };
/* Memory for the logits of one step. */
static const size_t logits_bytes = (size_t)64 << 20;

struct scheduler {
    pthread_mutex_t lock; /* of all that follows, but see `step` */
    struct task *tasks;   /* in the order of arrival */
    bool leading;
    uint64_t n_step;
    double token_seconds; /* of a step that reads prompts, a token; 0: not measured yet */
    struct pages pages;

    /* The step: the leader's alone. */
    struct pass pass;
    struct span spans[PASS_TOKENS];
    struct task *stepped[PASS_TOKENS];
    int n_stepped, n_token, n_row, n_most_row;
    int rows[PASS_TOKENS]; /* of the final states, whose logits wait in `logits` */
    bool reads, writes;    /* prompts; texts that are being written */
    double pass_seconds;   /* of this step, before tokens are picked */
    float *logits;         /* [n_most_row][n_vocabulary] */
};

static const struct {
    const char *name;
    enum tensor_type type;
} cache_types[] = {[CACHE_F16] = {"f16", TENSOR_F16},
                   [CACHE_Q8_0] = {"q8_0", TENSOR_Q8_0},
                   [CACHE_F32] = {"f32", TENSOR_F32}};

bool cache_type_named(const char *name, enum cache_type *type) {
    for (size_t i = 0; i < COUNT_OF(cache_types); i++)
        if (!strcmp(name, cache_types[i].name)) {
            *type = (enum cache_type)i;
            return true;
        }
    return false;
}

/* A quarter of what the machine, or the container, has. */
static uint64_t default_cache_bytes(void) {
    uint64_t bytes = (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);
    struct buffer text = {0};
    struct fault ignored = {0};
    if (file_read("/sys/fs/cgroup/memory.max", 64, &text, &ignored) && text.n) {
        uint64_t limit = strtoull(text.at, NULL, 10); /* "max" gives 0 */
        bytes = limit && limit < bytes ? limit : bytes;
    }
    buffer_free(&text);
    return bytes / 4;
}

struct scheduler *scheduler_open(const struct weights *weights, struct pool *pool,
                                 const struct model_limits *limits, struct fault *fault) {
    struct scheduler *scheduler = try_alloc(1, sizeof *scheduler, fault);
    if (!scheduler)
        return NULL;
    size_t row_bytes = (size_t)weights->shape.n_vocabulary * sizeof(float);
    size_t n_row = logits_bytes / row_bytes;
    scheduler->n_most_row = n_row > PASS_TOKENS ? PASS_TOKENS : n_row < 64 ? 64 : (int)n_row;
    pthread_mutex_init(&scheduler->lock, NULL);
    bool good = pass_open(&scheduler->pass, weights, pool, cache_types[limits->cache].type, fault);
    scheduler->logits = good ? try_alloc((size_t)scheduler->n_most_row, row_bytes, fault) : NULL;
    pages_open(&scheduler->pages, pass_page_bytes(&scheduler->pass),
               limits->cache_bytes ? limits->cache_bytes : default_cache_bytes());
    if (scheduler->logits)
        return scheduler;
    scheduler_close(scheduler);
    return NULL;
}

void scheduler_close(struct scheduler *scheduler) {
    if (!scheduler)
        return;
    MUST(!scheduler->tasks);
    pages_close(&scheduler->pages);
    pass_close(&scheduler->pass);
    free(scheduler->logits);
    pthread_mutex_destroy(&scheduler->lock);
    free(scheduler);
}

size_t scheduler_room(const struct scheduler *scheduler) {
    return scheduler->pages.n_most * CACHE_PAGE;
}

size_t scheduler_page_bytes(const struct scheduler *scheduler) {
    return scheduler->pages.page_bytes;
}

const struct cache_shape *scheduler_shape(const struct scheduler *scheduler) {
    return &scheduler->pass.cache;
}

/* ------------------------------------------------------------------------------------ beginnings
 */

static size_t pages_of(size_t n) {
    return (n + CACHE_PAGE - 1) / CACHE_PAGE;
}

static void finish(struct scheduler *scheduler, struct task *task, bool good) {
    if (task->admitted) {
        task->session->n = task->session->path.n;
        path_release(&scheduler->pages, &task->session->path);
    }
    task->admitted = false;
    task->good = good;
    task->over = true;
    pthread_cond_signal(&task->changed);
}

static bool is_set(const volatile bool *flag) {
    return flag && __atomic_load_n(flag, __ATOMIC_RELAXED);
}

/* Lets go of the tasks that nobody waits for any more. */
static void drop_cancelled(struct scheduler *scheduler) {
    double now = clock_seconds();
    for (struct task *task = scheduler->tasks; task; task = task->next) {
        bool late = task->deadline > 0 && now > task->deadline;
        if (task->over || !(task->stopped || late || is_set(task->cancel)))
            continue;
        task->cancelled = true;
        fault_set(task->fault, FAULT_LIMIT, "Cancelled after %zu of %zu tokens",
                  task->admitted ? task->session->path.n : 0, task->n);
        finish(scheduler, task, false);
    }
}

/* Pages that those who run may still come to want. */
static size_t promised(const struct scheduler *scheduler) {
    size_t n = 0;
    for (const struct task *task = scheduler->tasks; task; task = task->next)
        if (task->admitted && pages_of(task->n_most) > task->session->path.n_page)
            n += pages_of(task->n_most) - task->session->path.n_page;
    return n;
}

/* What is known of its tokens, up to those whose logits are wanted. */
static void look_up(struct scheduler *scheduler, struct task *task, bool partly) {
    struct path *path = &task->session->path;
    if (task->every)
        return;
    size_t before = path->n;
    path_extend(&scheduler->pages, path, task->tokens, task->n - task->n_wanted, partly);
    memcpy(task->session->tokens + before, task->tokens + before,
           (path->n - before) * sizeof *task->tokens);
    if (!task->prompted)
        task->n_reused += path->n - before;
}

/* Lets in, in order, who is sure to find the pages that it may come to want. */
static void admit(struct scheduler *scheduler) {
    const struct pages *pages = &scheduler->pages;
    for (;;) {
        struct task *next = NULL;
        for (struct task *task = scheduler->tasks; task; task = task->next)
            if (!task->over && !task->admitted && (!next || task->priority > next->priority))
                next = task;
        if (!next)
            return;
        size_t wanted = pages_of(next->n_most);
        if (!next->every)
            wanted -=
                pages_shared(pages, &next->session->path, next->tokens, next->n - next->n_wanted);
        if (pages->n_pinned + promised(scheduler) + wanted > pages->n_most)
            return;
        next->admitted = true;
        next->started = clock_seconds();
        next->session->path.n = 0;
        look_up(scheduler, next, true);
    }
}

/* ------------------------------------------------------------------------------------- the plan
 */

/* The one to be served next after those of this step: first by priority, then who waits longest.
 */
static struct task *next_task(struct scheduler *scheduler, bool writes) {
    struct task *next = NULL;
    for (struct task *task = scheduler->tasks; task; task = task->next) {
        bool ready = task->n - task->session->path.n <= task->n_wanted && task->prompted;
        if (task->over || !task->admitted || task->n_span || ready != writes)
            continue;
        if (!next || task->priority > next->priority ||
            (task->priority == next->priority && task->served < next->served))
            next = task;
    }
    return next;
}

/* Takes up to n tokens of the task into the step; false when not even the fewest fit. The
 * positions whose logits are wanted stay together. */
static bool take(struct scheduler *scheduler, struct task *task, size_t n) {
    struct path *path = &task->session->path;
    size_t left = task->n - path->n, room = (size_t)(PASS_TOKENS - scheduler->n_token);
    n = n < left ? n : left;
    if (!task->every && n < left && n > left - task->n_wanted)
        n = left - task->n_wanted;
    if (!task->every && n == 0)
        n = left;
    bool ends = n == left && !task->every;
    if (n > room || (ends && scheduler->n_row + (int)task->n_wanted > scheduler->n_most_row))
        return false;
    if (!path_reserve(&scheduler->pages, path, path->n + n, task->fault)) {
        finish(scheduler, task, false);
        return false;
    }
    memcpy(task->session->tokens + path->n, task->tokens + path->n, n * sizeof *task->tokens);
    scheduler->stepped[scheduler->n_stepped] = task;
    scheduler->spans[scheduler->n_stepped++] =
        (struct span){.tokens = task->session->tokens + path->n,
                      .first = (int64_t)path->n,
                      .n = (int)n,
                      .pages = path->data,
                      .n_wanted = task->every ? (int)n
                                  : ends      ? (int)task->n_wanted
                                              : 0,
                      .adapter = task->session->adapter,
                      .adapter_scale = task->session->adapter_scale};
    task->n_span = (int)n;
    task->served = scheduler->n_step;
    scheduler->n_row += ends ? (int)task->n_wanted : 0;
    scheduler->n_token += (int)n;
    return true;
}

/* Whether another text of this step computes the very tokens that this one wants next: then it
 * waits, and finds them. */
static bool comes_by_itself(const struct scheduler *scheduler, const struct task *task) {
    const struct path *path = &task->session->path;
    size_t n = path->n, left = task->n - task->n_wanted - n;
    if (task->every || n % CACHE_PAGE || left == 0)
        return false;
    size_t most = left < CACHE_PAGE ? left : CACHE_PAGE;
    for (int i = 0; i < scheduler->n_stepped; i++) {
        const struct task *other = scheduler->stepped[i];
        const struct path *theirs = &other->session->path;
        if (theirs->n == n && theirs->root == path->root && other->n >= n + most &&
            !other->every &&
            (n == 0 || theirs->pages[n / CACHE_PAGE - 1] == path->pages[n / CACHE_PAGE - 1]) &&
            !memcmp(other->tokens + n, task->tokens + n, most * sizeof *task->tokens))
            return true;
    }
    return false;
}

/* How many tokens of prompts may join the step. */
static size_t budget(const struct scheduler *scheduler, int priority, int written_priority) {
    if (!scheduler->writes)
        return PASS_TOKENS;
    double seconds = priority < written_priority ? polite_seconds : step_seconds;
    double n = scheduler->token_seconds > 0 ? seconds / scheduler->token_seconds
                                            : (double)UNMEASURED_TOKENS;
    n -= scheduler->n_token;
    return n < FEWEST_TOKENS ? FEWEST_TOKENS : n > PASS_TOKENS ? PASS_TOKENS : (size_t)n;
}

static void take_prompts(struct scheduler *scheduler, int written_priority) {
    int n_prompt = 0, highest = 0, n_highest = 0;
    for (struct task *task = scheduler->tasks; task; task = task->next) {
        if (task->over || !task->admitted || task->n_span)
            continue;
        look_up(scheduler, task, false);
        if (n_prompt++ == 0 || task->priority > highest) {
            highest = task->priority;
            n_highest = 0;
        }
        n_highest += task->priority == highest;
    }
    if (n_prompt == 0)
        return;
    size_t left = budget(scheduler, highest, written_priority);
    size_t share = left / (size_t)n_highest;
    share = share < FAIR_SHARE ? FAIR_SHARE : share;
    struct task *task;
    while (left > 0 && (task = next_task(scheduler, false)) != NULL) {
        bool waits = comes_by_itself(scheduler, task);
        size_t n = share < left ? share : left;
        if (!waits && task->priority < highest) /* what the higher ones left over */
            n = left;
        if (!waits && !take(scheduler, task, n) && !task->over)
            break;
        if (!waits && !task->over)
            left -= (size_t)task->n_span < left ? (size_t)task->n_span : left;
        if (waits)
            task->n_span = -1; /* not in this step */
        scheduler->reads |= !waits;
    }
}

static bool comes_after(const struct span *a, const struct span *b) {
    if (a->adapter != b->adapter)
        return (uintptr_t)a->adapter > (uintptr_t)b->adapter;
    return a->adapter_scale > b->adapter_scale;
}

/* Texts of one adapter stand side by side, so that its matrices are read once; in the order in
 * which they were taken, those without an adapter first. */
static void group_by_adapter(struct scheduler *scheduler) {
    for (int i = 1; i < scheduler->n_stepped; i++) {
        struct span span = scheduler->spans[i];
        struct task *task = scheduler->stepped[i];
        int k = i;
        for (; k > 0 && comes_after(&scheduler->spans[k - 1], &span); k--) {
            scheduler->spans[k] = scheduler->spans[k - 1];
            scheduler->stepped[k] = scheduler->stepped[k - 1];
        }
        scheduler->spans[k] = span;
        scheduler->stepped[k] = task;
    }
}

/* Which of the final states become rows of logits, and whose those are. */
static void place_rows(struct scheduler *scheduler) {
    int n_state = 0, n_row = 0;
    for (int i = 0; i < scheduler->n_stepped; i++) {
        struct task *task = scheduler->stepped[i];
        int n = scheduler->spans[i].n_wanted;
        task->row = n_row;
        for (int k = 0; k < n && !task->every; k++)
            scheduler->rows[n_row++] = n_state + k;
        n_state += n;
    }
    MUST(n_row == scheduler->n_row);
}

static void plan(struct scheduler *scheduler) {
    scheduler->n_step++;
    scheduler->n_stepped = scheduler->n_token = scheduler->n_row = 0;
    scheduler->reads = scheduler->writes = false;
    for (struct task *task = scheduler->tasks; task; task = task->next)
        task->n_span = 0;
    int written_priority = INT32_MIN;
    struct task *task;
    while ((task = next_task(scheduler, true)) != NULL) {
        if (!take(scheduler, task, task->n_wanted) && !task->over)
            break;
        scheduler->writes = true;
        written_priority = task->priority > written_priority ? task->priority : written_priority;
    }
    take_prompts(scheduler, written_priority);
    group_by_adapter(scheduler);
    place_rows(scheduler);
}

/* ------------------------------------------------------------------------------------- the step
 */

static bool has_rows(const struct task *task) {
    return !task->every && task->session->path.n + (size_t)task->n_span == task->n;
}

static void use_logits(void *data, int part, int n_part) {
    struct scheduler *scheduler = data;
    size_t n_vocabulary = (size_t)scheduler->pass.weights->shape.n_vocabulary;
    (void)n_part;
    struct task *task = scheduler->stepped[part];
    if (!has_rows(task))
        return;
    float *logits = scheduler->logits + (size_t)task->row * n_vocabulary;
    if (task->writing)
        task->going =
            writing_take(task->writing, logits,
                         scheduler->pass_seconds * task->n_span / scheduler->n_token, task->fault);
    else
        memcpy(task->tail ? task->tail : task->session->logits, logits,
               task->n_wanted * n_vocabulary * sizeof *logits);
}

static void give_every(struct scheduler *scheduler) {
    size_t n_vocabulary = (size_t)scheduler->pass.weights->shape.n_vocabulary;
    int row = 0, rows[PASS_TOKENS];
    for (int i = 0; i < scheduler->n_stepped; i++) {
        const struct task *task = scheduler->stepped[i];
        for (int k = 0; k < task->n_span; k++)
            rows[k] = row + k;
        if (task->every)
            pass_logits(&scheduler->pass, rows, task->n_span,
                        task->every + task->session->path.n * n_vocabulary);
        row += scheduler->spans[i].n_wanted;
    }
}

/* Without the lock: what it touches is the leader's, or of tasks whose callers only say. On a
 * thread of the pool's, where that comes second to those who serve people. */
static void compute(void *data) {
    struct scheduler *scheduler = data;
    double start = clock_seconds();
    pass_run(&scheduler->pass, scheduler->spans, scheduler->n_stepped);
    if (scheduler->n_row)
        pass_logits(&scheduler->pass, scheduler->rows, scheduler->n_row, scheduler->logits);
    give_every(scheduler);
    scheduler->pass_seconds = clock_seconds() - start;
    pool_run(scheduler->pass.pool, use_logits, scheduler, scheduler->n_stepped);
    double seconds = (clock_seconds() - start) / scheduler->n_token;
    if (scheduler->reads && scheduler->n_token >= FEWEST_TOKENS)
        scheduler->token_seconds =
            scheduler->token_seconds > 0 ? 0.5 * (scheduler->token_seconds + seconds) : seconds;
}

static bool fits(const struct scheduler *scheduler, const struct task *task) {
    if (task->n <= task->n_most && task->n_wanted <= (size_t)scheduler->n_most_row)
        return true;
    return fault_set(task->fault, FAULT_LIMIT,
                     "%zu tokens, with the logits of %zu, do not fit the %zu that were asked for",
                     task->n, task->n_wanted, task->n_most);
}

/* The writing has picked: what of the computed positions it keeps, and what it wants next. */
static void go_on(struct scheduler *scheduler, struct task *task, size_t computed) {
    const struct tokens *tokens = writing_tokens(task->writing);
    struct session *session = task->session;
    size_t kept = session->path.n;
    task->tokens = tokens->at;
    task->n = tokens->n;
    task->n_wanted = (size_t)writing_guesses(task->writing) + 1;
    size_t most = task->going ? tokens->n - task->n_wanted : tokens->n;
    most = most < computed ? most : computed;
    while (kept < most && session->tokens[kept] == tokens->at[kept])
        kept++;
    path_publish(&scheduler->pages, &session->path, session->tokens, kept);
    task->news = task->says;
    if (!task->going) {
        finish(scheduler, task, task->fault->kind == FAULT_NONE);
    } else if (!fits(scheduler, task)) {
        finish(scheduler, task, false);
    }
}

static void publish(struct scheduler *scheduler, struct task *task) {
    struct path *path = &task->session->path;
    size_t computed = path->n + (size_t)task->n_span;
    if (!has_rows(task)) {
        path_publish(&scheduler->pages, path, task->session->tokens, computed);
        if (task->every && computed == task->n)
            finish(scheduler, task, true);
        return;
    }
    if (!task->prompted)
        task->prefill_seconds = clock_seconds() - task->started;
    task->prompted = true;
    if (task->writing) {
        go_on(scheduler, task, computed);
    } else {
        path_publish(&scheduler->pages, path, task->session->tokens, computed);
        finish(scheduler, task, true);
    }
    if (task->news)
        pthread_cond_signal(&task->changed);
}

/* One step for all tasks; false when there was nothing to do. Called under the lock, which is free
 * while it computes. */
static bool step(struct scheduler *scheduler) {
    drop_cancelled(scheduler);
    admit(scheduler);
    plan(scheduler);
    if (!scheduler->n_stepped)
        return false;
    pthread_mutex_unlock(&scheduler->lock);
    pool_lead(scheduler->pass.pool, compute, scheduler);
    pthread_mutex_lock(&scheduler->lock);
    for (int i = 0; i < scheduler->n_stepped; i++)
        publish(scheduler, scheduler->stepped[i]);
    return true;
}

/* ------------------------------------------------------------------------------------ the callers
 */

/* Somebody else leads from here on, if anybody waits. */
static void hand_over(struct scheduler *scheduler) {
    if (scheduler->leading)
        return;
    for (struct task *task = scheduler->tasks; task; task = task->next)
        if (task->waiting) {
            pthread_cond_signal(&task->changed);
            return;
        }
}

static void say(struct scheduler *scheduler, struct task *task) {
    task->news = false;
    hand_over(scheduler);
    pthread_mutex_unlock(&scheduler->lock);
    bool going = writing_say(task->writing);
    pthread_mutex_lock(&scheduler->lock);
    task->stopped |= !going;
}

static void await_news(struct scheduler *scheduler, struct task *task) {
    task->waiting = true;
    pthread_cond_wait(&task->changed, &scheduler->lock);
    task->waiting = false;
}

/* Somebody who saves or restores a session holds pages for a moment. */
static void rest(struct scheduler *scheduler) {
    pthread_mutex_unlock(&scheduler->lock);
    usleep(1000);
    pthread_mutex_lock(&scheduler->lock);
}

void scheduler_run(struct scheduler *scheduler, struct task *task) {
    pthread_cond_init(&task->changed, NULL);
    pthread_mutex_lock(&scheduler->lock);
    struct task **link = &scheduler->tasks;
    while (*link)
        link = &(*link)->next;
    *link = task;
    while (!task->over) {
        if (task->news) {
            say(scheduler, task);
        } else if (!scheduler->leading) {
            scheduler->leading = true;
            bool stepped = step(scheduler);
            scheduler->leading = false;
            if (!stepped && !task->over)
                rest(scheduler);
        } else {
            await_news(scheduler, task);
        }
    }
    for (link = &scheduler->tasks; *link != task; link = &(*link)->next)
        ;
    *link = task->next;
    hand_over(scheduler);
    pthread_mutex_unlock(&scheduler->lock);
    pthread_cond_destroy(&task->changed);
    if (task->writing)
        writing_say(task->writing);
}

/* ----------------------------------------------------------------------------- saving, and
 * figures */

/* Whether n more pages can be pinned without breaking what was promised. */
static bool has_room(const struct scheduler *scheduler, size_t n, struct fault *fault) {
    const struct pages *pages = &scheduler->pages;
    if (pages->n_pinned + promised(scheduler) + n <= pages->n_most)
        return true;
    fault_set(fault, FAULT_LIMIT, "The cache is full: %zu MB are in use by what is running",
              pages->n_pinned * pages->page_bytes >> 20);
    return fault_remedy(fault, "Try again when less is running, or raise the limit of the cache");
}

bool scheduler_find(struct scheduler *scheduler, struct path *path, const int32_t *tokens,
                    size_t n, struct fault *fault) {
    pthread_mutex_lock(&scheduler->lock);
    bool good = has_room(scheduler, pages_of(n), fault);
    if (good)
        path_extend(&scheduler->pages, path, tokens, n, true);
    pthread_mutex_unlock(&scheduler->lock);
    return good;
}

bool scheduler_reserve(struct scheduler *scheduler, struct path *path, size_t n,
                       struct fault *fault) {
    pthread_mutex_lock(&scheduler->lock);
    bool good =
        has_room(scheduler, pages_of(n), fault) && path_reserve(&scheduler->pages, path, n, fault);
    pthread_mutex_unlock(&scheduler->lock);
    return good;
}

void scheduler_publish(struct scheduler *scheduler, struct path *path, const int32_t *tokens,
                       size_t n) {
    pthread_mutex_lock(&scheduler->lock);
    path_publish(&scheduler->pages, path, tokens, n);
    pthread_mutex_unlock(&scheduler->lock);
}

void scheduler_release(struct scheduler *scheduler, struct path *path) {
    pthread_mutex_lock(&scheduler->lock);
    path_release(&scheduler->pages, path);
    pthread_mutex_unlock(&scheduler->lock);
}

struct page *scheduler_enter(struct scheduler *scheduler, const char key[64],
                             struct fault *fault) {
    pthread_mutex_lock(&scheduler->lock);
    struct page *root = pages_enter(&scheduler->pages, key, fault);
    pthread_mutex_unlock(&scheduler->lock);
    return root;
}

void scheduler_leave(struct scheduler *scheduler, struct page *root) {
    pthread_mutex_lock(&scheduler->lock);
    pages_leave(&scheduler->pages, root);
    pthread_mutex_unlock(&scheduler->lock);
}

struct model_usage scheduler_usage(struct scheduler *scheduler) {
    struct model_usage usage = {0};
    pthread_mutex_lock(&scheduler->lock);
    const struct pages *pages = &scheduler->pages;
    for (const struct task *task = scheduler->tasks; task; task = task->next) {
        usage.n_running += task->admitted;
        usage.n_waiting += !task->admitted && !task->over;
    }
    usage.cache_bytes = (uint64_t)pages->n * pages->page_bytes;
    usage.cache_bytes_running = (uint64_t)pages->n_pinned * pages->page_bytes;
    usage.cache_bytes_most = (uint64_t)pages->n_most * pages->page_bytes;
    pthread_mutex_unlock(&scheduler->lock);
    return usage;
}
