/* Attention over the pages of the cache. attention_inside.h tells what is added up in which order;
 * here is who does it.
 *
 * The queries of one key head stand in tiles of up to COLUMNS: tokens of a span and the heads of
 * its group, spans with common pages side by side. A task takes a tile through its chunks, or,
 * when there are few tiles, through one of them; who finishes a tile's last chunk adds them up.
 * Within a chunk, columns that share a page meet it together: many by the kernels that have a
 * query in each lane, few by those that have a position in each. */
#include "tensor/attention_inside.h"
#include "tensor/kernels.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_SPANS = 256, /* that are planned at once */
    MAX_TILES = 256,
    MANY = 16, /* columns from which a query in each lane is faster */
};

struct piece { /* queries of a span, counted through its tokens and the heads of a group */
    const struct attention_span *span;
    int first, n;
};

struct tile {
    int piece, n_piece, n_column;
    int64_t chunk, n_chunk; /* that its columns see */
    size_t task, place;     /* the first of its tasks; of its sums, in floats */
};

struct plan {
    const struct attention_kernels *kernels;
    const struct attention *shape;
    size_t part_offset, cell_bytes;
    int n_group, n_tile, n_piece;
    size_t n_task;
    struct tile tiles[MAX_TILES];
    struct piece pieces[MAX_TILES + MAX_SPANS];
    float *sums;      /* of chunks that are tasks of their own; NULL: a task is a whole tile */
    atomic_int *left; /* [n_tile][n_kv_head]: chunks that are not done */
};

/* Sums over a chunk or over all: a row a column. */
struct sums {
    float largest[COLUMNS], sum[COLUMNS];
    float *out; /* [n_column][d_head] */
};

struct column {
    const struct attention_span *span;
    const float *q;
    float *out;
    int64_t from, to; /* positions seen */
};

struct work {
    const struct plan *plan;
    int kv_head, n_column;
    struct column columns[COLUMNS];
    struct sums chunk, whole;
    int turned_first, turned_n; /* the columns that turned_q holds */
    float q[COLUMNS * MAX_HEAD], chunk_out[COLUMNS * MAX_HEAD], whole_out[COLUMNS * MAX_HEAD];
    float turned_q[MAX_HEAD * COLUMNS], turned_out[MAX_HEAD * COLUMNS];
    float wide[CACHE_PAGE * MAX_HEAD], scores[CACHE_PAGE * COLUMNS];
};

static int64_t pages_of(const struct attention_span *span) {
    return (span->first + span->n_token + CACHE_PAGE - 1) / CACHE_PAGE;
}

/* The first position that the one at `position` sees. */
static int64_t horizon(const struct attention *shape, int64_t position) {
    return shape->window && position + 1 > shape->window ? position + 1 - shape->window : 0;
}

/* ------------------------------------------------------------------------------ meeting pages */

static struct cell cell_of(const struct work *work, int column, int64_t page) {
    const struct plan *plan = work->plan;
    uint8_t *at = work->columns[column].span->pages[page] + plan->part_offset +
                  plan->cell_bytes * (size_t)work->kv_head;
    return cell_at(plan->shape->type, plan->shape->d_head, at);
}

/* Hides what lies in the future of a column or beyond its window. */
static void hide(const struct column *column, int64_t first, float *s, int step) {
    for (int i = 0; i < CACHE_PAGE; i++)
        if (first + i >= column->to || first + i < column->from)
            s[i * step] = -__builtin_inff();
}

static bool hides(const struct column *column, int64_t first) {
    return first + CACHE_PAGE > column->to || first < column->from;
}

static void prefetch(const uint8_t *at, size_t n) {
    for (size_t i = 0; i < n; i += 64)
        __builtin_prefetch(at + i, 0, 3);
}

static void meet_few(struct work *work, int from, int n, int64_t page, int64_t end) {
    const struct attention_kernels *kernels = work->plan->kernels;
    struct sums *sums = &work->chunk;
    int d_head = work->plan->shape->d_head;
    float factor[COLUMNS];
    for (; page < end; page++) {
        struct cell cell = cell_of(work, from, page);
        if (page + 1 < end)
            prefetch(cell_of(work, from, page + 1).keys, work->plan->cell_bytes);
        kernels->scores(&cell, work->q + from * d_head, n, work->scores);
        for (int j = 0; j < n; j++)
            if (hides(&work->columns[from + j], page * CACHE_PAGE))
                hide(&work->columns[from + j], page * CACHE_PAGE, work->scores + j * CACHE_PAGE,
                     1);
        kernels->soften(work->scores, n, sums->largest + from, sums->sum + from, factor);
        kernels->mix(&cell, work->scores, factor, n, sums->out + from * d_head);
    }
}

/* Rows into columns; those after n are 0. */
static void turn(const float *rows, int n, int d_head, float *columns) {
    for (int d = 0; d < d_head; d++) {
        for (int j = 0; j < n; j++)
            columns[d * COLUMNS + j] = rows[j * d_head + d];
        for (int j = n; j < COLUMNS; j++)
            columns[d * COLUMNS + j] = 0;
    }
}

static void turn_back(const float *columns, int n, int d_head, float *rows) {
    for (int j = 0; j < n; j++)
        for (int d = 0; d < d_head; d++)
            rows[j * d_head + d] = columns[d * COLUMNS + j];
}

/* Columns that share pages page … end-1 meet them; turned_q and turned_out hold them. */
static void meet_turned(struct work *work, int from, int n, int64_t page, int64_t end,
                        float *largest, float *sum) {
    const struct attention_kernels *kernels = work->plan->kernels;
    int n_number = work->plan->shape->d_head * CACHE_PAGE;
    float factor[COLUMNS];
    for (; page < end; page++) {
        struct cell cell = cell_of(work, from, page);
        if (page + 1 < end)
            prefetch(cell_of(work, from, page + 1).keys, work->plan->cell_bytes);
        kernels->widen(cell.type, cell.keys, n_number, work->wide);
        kernels->scores_of_many(&cell, work->wide, work->turned_q, n, work->scores);
        for (int j = 0; j < n; j++)
            if (hides(&work->columns[from + j], page * CACHE_PAGE))
                hide(&work->columns[from + j], page * CACHE_PAGE, work->scores + j, COLUMNS);
        kernels->soften_many(work->scores, n, largest, sum, factor);
        kernels->widen(cell.type, cell.values, n_number, work->wide);
        kernels->mix_many(&cell, work->wide, work->scores, factor, n, work->turned_out);
    }
}

static void meet_many(struct work *work, int from, int n, int64_t page, int64_t end) {
    struct sums *sums = &work->chunk;
    int d_head = work->plan->shape->d_head;
    float largest[COLUMNS] = {0}, sum[COLUMNS] = {0};
    if (work->turned_first != from || work->turned_n != n)
        turn(work->q + from * d_head, n, d_head, work->turned_q);
    work->turned_first = from, work->turned_n = n;
    turn(sums->out + from * d_head, n, d_head, work->turned_out);
    memcpy(largest, sums->largest + from, sizeof *largest * (size_t)n);
    memcpy(sum, sums->sum + from, sizeof *sum * (size_t)n);
    meet_turned(work, from, n, page, end, largest, sum);
    memcpy(sums->largest + from, largest, sizeof *largest * (size_t)n);
    memcpy(sums->sum + from, sum, sizeof *sum * (size_t)n);
    turn_back(work->turned_out, n, d_head, sums->out + from * d_head);
}

/* Pages page … end-1 are the same for these columns; those that none sees are left out. */
static void meet(struct work *work, int from, int n, int64_t page, int64_t end) {
    int64_t first = INT64_MAX, last = 0;
    for (int j = from; j < from + n; j++) {
        first = work->columns[j].from < first ? work->columns[j].from : first;
        last = work->columns[j].to > last ? work->columns[j].to : last;
    }
    if (page < first / CACHE_PAGE)
        page = first / CACHE_PAGE;
    if (end > (last + CACHE_PAGE - 1) / CACHE_PAGE)
        end = (last + CACHE_PAGE - 1) / CACHE_PAGE;
    (n < MANY ? meet_few : meet_many)(work, from, n, page, end);
}

static bool shares(const struct column *a, const struct column *b, int64_t page) {
    if (a->span == b->span)
        return true;
    bool held = page < pages_of(a->span), other = page < pages_of(b->span);
    return held == other && (!held || a->span->pages[page] == b->span->pages[page]);
}

/* Pages page … end-1 of one chunk for columns from … to-1: neighbours that share a page go on
 * together for as long as they share the next. */
static void meet_shared(struct work *work, int from, int to, int64_t page, int64_t end) {
    while (from < to) {
        const struct column *column = &work->columns[from];
        int n = 1;
        while (from + n < to && shares(column, column + n, page))
            n++;
        int64_t held = pages_of(column->span) < end ? pages_of(column->span) : end, stop = page;
        bool together = true;
        while (together && stop < held) {
            stop++;
            for (int j = 1; j < n && stop < end && together; j++)
                together = shares(column, column + j, stop);
        }
        meet(work, from, n, page, stop);
        if (stop > page && stop < end)
            meet_shared(work, from, from + n, stop, end);
        from += n;
    }
}

/* -------------------------------------------------------------------------------------- tasks */

static void gather_columns(struct work *work, const struct tile *tile) {
    const struct plan *plan = work->plan;
    const struct attention *shape = plan->shape;
    int n = 0, d_head = shape->d_head;
    for (int i = 0; i < tile->n_piece; i++) {
        const struct piece *piece = &plan->pieces[tile->piece + i];
        const struct attention_span *span = piece->span;
        for (int query = piece->first; query < piece->first + piece->n; query++, n++) {
            int token = query / plan->n_group;
            int head = work->kv_head * plan->n_group + query % plan->n_group;
            int64_t at = ((int64_t)token * shape->n_head + head) * d_head;
            work->columns[n] =
                (struct column){span, span->q + at, span->out + at,
                                horizon(shape, span->first + token), span->first + token + 1};
            for (int d = 0; d < d_head; d++)
                work->q[n * d_head + d] = span->q[at + d] * shape->scale;
        }
    }
    work->n_column = n;
    work->turned_n = 0;
}

static void clear(struct sums *sums, int n_column, int d_head) {
    for (int j = 0; j < COLUMNS; j++) {
        sums->largest[j] = NOTHING_SEEN;
        sums->sum[j] = 0;
    }
    memset(sums->out, 0, sizeof(float) * (size_t)(n_column * d_head));
}

static void meet_chunk(struct work *work, int64_t chunk) {
    clear(&work->chunk, work->n_column, work->plan->shape->d_head);
    meet_shared(work, 0, work->n_column, chunk * CHUNK_PAGES, (chunk + 1) * CHUNK_PAGES);
}

static void add_chunk(struct work *work) {
    float kept[COLUMNS], factor[COLUMNS];
    struct sums *whole = &work->whole, *chunk = &work->chunk;
    int d_head = work->plan->shape->d_head;
    work->plan->kernels->merge(whole->largest, whole->sum, chunk->largest, chunk->sum,
                               work->n_column, kept, factor);
    for (int j = 0; j < work->n_column; j++) {
        float *to = whole->out + j * d_head, *from = chunk->out + j * d_head;
        for (int d = 0; d < d_head; d++)
            to[d] = to[d] * kept[j] + from[d] * factor[j];
    }
}

static void finish(struct work *work) {
    int d_head = work->plan->shape->d_head;
    for (int j = 0; j < work->n_column; j++)
        for (int d = 0; d < d_head; d++) /* 0 has no sign */
            work->columns[j].out[d] = (work->whole.out[j * d_head + d] + 0) / work->whole.sum[j];
}

static void attend_tile(struct work *work, const struct tile *tile) {
    work->chunk.out = work->chunk_out;
    clear(&work->whole, work->n_column, work->plan->shape->d_head);
    for (int64_t i = 0; i < tile->n_chunk; i++) {
        meet_chunk(work, tile->chunk + i);
        add_chunk(work);
    }
    finish(work);
}

/* The same where all columns are of one span: they stay turned to the end. */
static void attend_turned(struct work *work, const struct tile *tile) {
    const struct plan *plan = work->plan;
    int n = work->n_column, d_head = plan->shape->d_head;
    size_t size = sizeof(float) * (size_t)(d_head * COLUMNS);
    struct sums *whole = &work->whole, *chunk = &work->chunk;
    turn(work->q, n, d_head, work->turned_q);
    clear(whole, COLUMNS, d_head);
    int64_t first = work->columns[0].from / CACHE_PAGE;
    int64_t last = (work->columns[n - 1].to + CACHE_PAGE - 1) / CACHE_PAGE;
    for (int64_t i = tile->chunk; i < tile->chunk + tile->n_chunk; i++) {
        float kept[COLUMNS], factor[COLUMNS];
        int64_t page = i * CHUNK_PAGES, end = page + CHUNK_PAGES;
        chunk->out = work->turned_out;
        clear(chunk, COLUMNS, d_head);
        meet_turned(work, 0, n, page > first ? page : first, end < last ? end : last,
                    chunk->largest, chunk->sum);
        plan->kernels->merge(whole->largest, whole->sum, chunk->largest, chunk->sum, COLUMNS, kept,
                             factor);
        for (size_t k = 0; k < size / sizeof(float); k += COLUMNS)
            for (size_t j = 0; j < COLUMNS; j++)
                whole->out[k + j] =
                    whole->out[k + j] * kept[j] + work->turned_out[k + j] * factor[j];
    }
    turn_back(whole->out, n, d_head, work->chunk_out);
    memcpy(whole->out, work->chunk_out, sizeof(float) * (size_t)(n * d_head));
    finish(work);
}

/* Where a chunk that is a task of its own leaves its sums: largest, sum, out. */
static float *place_of(const struct work *work, const struct tile *tile, int64_t chunk) {
    size_t n = (size_t)tile->n_column * (size_t)(2 + work->plan->shape->d_head);
    size_t i = (size_t)work->kv_head * (size_t)tile->n_chunk + (size_t)chunk;
    return work->plan->sums + tile->place + n * i;
}

static void attend_chunk(struct work *work, const struct tile *tile, int64_t chunk,
                         atomic_int *left) {
    size_t n = (size_t)tile->n_column;
    float *place = place_of(work, tile, chunk);
    work->chunk.out = place + 2 * n;
    meet_chunk(work, tile->chunk + chunk);
    memcpy(place, work->chunk.largest, n * sizeof(float));
    memcpy(place + n, work->chunk.sum, n * sizeof(float));
    if (atomic_fetch_sub(left, 1) > 1)
        return;
    clear(&work->whole, work->n_column, work->plan->shape->d_head);
    for (int64_t i = 0; i < tile->n_chunk; i++) {
        place = place_of(work, tile, i);
        memcpy(work->chunk.largest, place, n * sizeof(float));
        memcpy(work->chunk.sum, place + n, n * sizeof(float));
        work->chunk.out = place + 2 * n;
        add_chunk(work);
    }
    finish(work);
}

/* The last tiles of a span see the most: they are handed out first. */
static void attend_part(void *data, int part, int n_part) {
    const struct plan *plan = data;
    int n_kv_head = plan->shape->n_kv_head, i = plan->n_tile - 1;
    size_t task = (size_t)(n_part - 1 - part);
    while (plan->tiles[i].task > task)
        i--;
    const struct tile *tile = &plan->tiles[i];
    task -= tile->task;
    struct work work;
    work.plan = plan;
    work.kv_head = (int)(task % (size_t)n_kv_head);
    work.whole.out = work.whole_out;
    gather_columns(&work, tile);
    if (plan->sums)
        attend_chunk(&work, tile, (int64_t)(task / (size_t)n_kv_head),
                     &plan->left[i * n_kv_head + work.kv_head]);
    else if (tile->n_piece == 1 && tile->n_column >= MANY)
        attend_turned(&work, tile);
    else
        attend_tile(&work, tile);
}

/* ----------------------------------------------------------------------------------- planning */

/* Spans by their pages, so that those with a common beginning are neighbours. */
static int compare_spans(const void *a, const void *b) {
    const struct attention_span *x = *(const struct attention_span *const *)a;
    const struct attention_span *y = *(const struct attention_span *const *)b;
    int64_t n = pages_of(x) < pages_of(y) ? pages_of(x) : pages_of(y);
    return memcmp(x->pages, y->pages, (size_t)n * sizeof *x->pages);
}

/* Queries `first` and on of a span: as many as go into the last tile, or a new one, or none when
 * the plan is full. */
static int plan_piece(struct plan *plan, const struct attention_span *span, int first) {
    int n_query = span->n_token * plan->n_group, n = n_query - first;
    struct tile *tile = plan->n_tile ? &plan->tiles[plan->n_tile - 1] : NULL;
    bool joins = tile && n + tile->n_column <= COLUMNS &&
                 plan->pieces[plan->n_piece - 1].span->pages[0] == span->pages[0];
    if (!joins) {
        if (plan->n_tile == MAX_TILES)
            return 0;
        tile = &plan->tiles[plan->n_tile++];
        *tile = (struct tile){.piece = plan->n_piece, .chunk = INT64_MAX};
        n = n < COLUMNS ? n : COLUMNS;
    }
    plan->pieces[plan->n_piece++] = (struct piece){span, first, n};
    tile->n_piece++;
    tile->n_column += n;
    int64_t span_positions = CHUNK_PAGES * CACHE_PAGE;
    int64_t from = horizon(plan->shape, span->first + first / plan->n_group) / span_positions;
    int64_t to = (span->first + (first + n - 1) / plan->n_group) / span_positions + 1;
    int64_t end = tile->chunk + tile->n_chunk;
    if (tile->n_chunk && end > to)
        to = end;
    tile->chunk = from < tile->chunk ? from : tile->chunk;
    tile->n_chunk = to - tile->chunk;
    return n;
}

/* Numbers the tasks, a chunk of a tile each where whole tiles are too few for the threads. */
static void plan_tasks(struct plan *plan, int n_thread) {
    size_t n_kv_head = (size_t)plan->shape->n_kv_head, n_chunk = 0, n_float = 0;
    size_t whole_tasks = (size_t)plan->n_tile * n_kv_head;
    for (int i = 0; i < plan->n_tile; i++) {
        struct tile *tile = &plan->tiles[i];
        tile->task = (size_t)i * n_kv_head;
        tile->place = n_float;
        n_chunk += (size_t)tile->n_chunk;
        n_float += (size_t)tile->n_column * (size_t)(2 + plan->shape->d_head) * n_kv_head *
                   (size_t)tile->n_chunk;
    }
    plan->n_task = whole_tasks;
    if (n_thread == 1 || whole_tasks >= 4 * (size_t)n_thread || n_chunk == (size_t)plan->n_tile)
        return;
    plan->sums = malloc(n_float * sizeof(float) + whole_tasks * sizeof *plan->left);
    if (!plan->sums)
        return; /* whole tiles need no memory */
    plan->left = (atomic_int *)(void *)(plan->sums + n_float);
    plan->n_task = 0;
    for (int i = 0; i < plan->n_tile; i++) {
        struct tile *tile = &plan->tiles[i];
        for (size_t h = 0; h < n_kv_head; h++)
            atomic_init(&plan->left[(size_t)i * n_kv_head + h], (int)tile->n_chunk);
        tile->task = plan->n_task;
        plan->n_task += (size_t)tile->n_chunk * n_kv_head;
    }
}

static void run_plan(struct plan *plan, struct pool *pool) {
    int64_t work = 0;
    for (int i = 0; i < plan->n_tile; i++)
        work += plan->tiles[i].n_column * plan->tiles[i].n_chunk;
    work *= (int64_t)plan->shape->d_head * plan->shape->n_kv_head;
    plan_tasks(plan, work < 2048 ? 1 : pool_threads(pool));
    if (work < 2048) /* less than waking the others */
        for (int part = 0; part < (int)plan->n_task; part++)
            attend_part(plan, part, (int)plan->n_task);
    else
        pool_run(pool, attend_part, plan, (int)plan->n_task);
    free(plan->sums);
    plan->sums = NULL;
    plan->n_tile = plan->n_piece = 0;
}

void attend_with(const struct attention_kernels *kernels, struct pool *pool,
                 const struct attention *shape, size_t part_offset,
                 const struct attention_span *spans, int n_span) {
    MUST(shape->d_head <= MAX_HEAD && shape->n_head % shape->n_kv_head == 0);
    struct plan plan = {.kernels = kernels,
                        .shape = shape,
                        .part_offset = part_offset,
                        .cell_bytes = cell_bytes(shape->type, shape->d_head),
                        .n_group = shape->n_head / shape->n_kv_head};
    const struct attention_span *ordered[MAX_SPANS];
    for (int from = 0; from < n_span; from += MAX_SPANS) {
        int n = n_span - from < MAX_SPANS ? n_span - from : MAX_SPANS;
        for (int i = 0; i < n; i++)
            ordered[i] = &spans[from + i];
        if (n > 1)
            qsort(ordered, (size_t)n, sizeof *ordered, compare_spans);
        for (int i = 0; i < n; i++)
            for (int first = 0; first < ordered[i]->n_token * plan.n_group;) {
                int planned = plan_piece(&plan, ordered[i], first);
                if (!planned)
                    run_plan(&plan, pool);
                first += planned;
            }
        run_plan(&plan, pool);
    }
}

void attend(struct pool *pool, const struct attention *shape, size_t part_offset,
            const struct attention_span *spans, int n_span) {
    static const struct attention_kernels *const sets[] = {
#if defined(__x86_64__)
        &attention_avx512,
        &attention_avx2,
#endif
        &attention_plain
    };
    size_t i = 0;
    while (i + 1 < COUNT_OF(sets) && strcmp(sets[i]->name, tensor_instruction_set()) != 0)
        i++;
    attend_with(sets[i], pool, shape, part_offset, spans, n_span);
}
