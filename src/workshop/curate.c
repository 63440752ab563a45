/* Files to rows that are fit to train on. A batch at a time: rows are found in the files' order,
 * checked by all threads, then compared with those kept before and written, in order again. */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "workshop/curate.h"
#include "workshop/quality.h"

enum {
    BATCH_BYTES = 16 << 20,
    BATCH_ROWS = 1 << 16,
    PART_ROWS = 64,       /* checked in one go by a thread */
    PIECE_BYTES = 16384,  /* a longer text is cut at its headings and blank lines */
    MOST_LINE = 64 << 20, /* of JSON */
    MOST_KEYS = 1 << 28,  /* of rows that were kept: 2 GB */
};

/* Of a file, or what was read of a learner's talk. */
struct content {
    struct file_map map;
    struct buffer talk;
};

struct work {
    const struct curation *curation;
    struct source_list files;
    struct held_out held;
    struct pool *pool;
    struct curation_report *report;
    struct quality_head *head; /* NULL: quality is not looked at */
    FILE *out;
    /* reading */
    size_t file; /* the next to open */
    struct content content;
    struct view rest; /* of the open file */
    const struct source_file *source;
    const char *licence;
    long number;
    /* the batch */
    struct row *rows;
    size_t n, room, n_byte;
    struct content *used; /* of files that are used up */
    size_t n_used, used_room;
    struct given_talk *given; /* NULL: none was asked for */
    /* what was kept: a key a band */
    uint64_t *keys;
    size_t n_key, capacity;
    uint64_t done; /* bytes */
    pthread_mutex_t adding;
    double spent[N_PASS]; /* seconds of the processor, of all threads */
};

/* ------------------------------------------------------------------------------------ reading */

/* The length of the next piece: up to the last heading or blank line that fits; else the last end
 * of a line; else whole characters. */
static size_t piece_length(struct view text) {
    if (text.n <= PIECE_BYTES)
        return text.n;
    size_t blank = 0, line = 0;
    for (size_t i = PIECE_BYTES; i > PIECE_BYTES / 2 && !blank; i--) {
        if (text.at[i - 1] != '\n')
            continue;
        line = line ? line : i;
        if (text.at[i] == '#' || text.at[i] == '\n' || text.at[i] == '\r')
            blank = i;
    }
    return blank ? blank : line ? line : utf8_whole(view_slice(text, 0, PIECE_BYTES));
}

static void content_free(struct content *content) {
    file_unmap(&content->map);
    buffer_free(&content->talk);
}

static bool open_next(struct work *work, struct fault *fault) {
    struct content *content = &work->content;
    work->source = &work->files.at[work->file++];
    if (work->source->given) {
        if (!school_given_read(work->given, work->source->given - 1, &content->talk, fault))
            return false;
        work->rest = buffer_view(&content->talk);
        work->files.n_byte += work->rest.n;
    } else {
        if (!file_map(work->source->path, &content->map, fault))
            return false;
        work->rest = (struct view){(const char *)content->map.at, content->map.n};
    }
    if (view_starts(work->rest, "\xEF\xBB\xBF"))
        work->rest = view_slice(work->rest, 3, work->rest.n);
    work->licence = NULL;
    if (!work->source->json_lines)
        work->licence = front_matter_licence(&work->rest, work->files.arena);
    work->number = 0;
    return true;
}

static bool add_row(struct work *work, struct view raw, long number, struct fault *fault) {
    if (!view_trim(raw).n)
        return true;
    if (raw.n > MOST_LINE) {
        fault_set(fault, FAULT_LIMIT, "a line of JSON is over %d MB", MOST_LINE >> 20);
        return fault_place(fault, work->source->path, number, -1);
    }
    MUST(TRY_ROOM(work->rows, work->room, work->n + 1));
    work->rows[work->n++] =
        (struct row){.raw = raw, .file = work->source, .number = number, .licence = work->licence};
    return true;
}

static bool read_row(struct work *work, struct fault *fault) {
    struct view line;
    size_t before = work->rest.n;
    bool good = true;
    if (work->source->json_lines) {
        view_line(&work->rest, &line);
        good = add_row(work, line, ++work->number, fault);
    } else {
        size_t n = piece_length(work->rest);
        bool whole = !work->number && n == work->rest.n;
        line = view_slice(work->rest, 0, n);
        work->rest = view_slice(work->rest, n, work->rest.n);
        good = add_row(work, line, whole ? 0 : ++work->number, fault);
    }
    work->n_byte += before - work->rest.n;
    return good;
}

static bool read_batch(struct work *work, struct fault *fault) {
    bool good = true;
    while (good && work->n_byte < BATCH_BYTES && work->n < BATCH_ROWS &&
           work->n_used < BATCH_ROWS) {
        if (work->rest.n) {
            good = read_row(work, fault);
            continue;
        }
        if (work->source) { /* rows of the batch may still look into it */
            MUST(TRY_ROOM(work->used, work->used_room, work->n_used + 1));
            work->used[work->n_used++] = work->content;
            work->source = NULL;
            work->content = (struct content){0};
        }
        if (work->file >= work->files.n)
            break;
        good = open_next(work, fault);
    }
    return good;
}

static void drop_batch(struct work *work) {
    for (size_t i = 0; i < work->n; i++)
        row_free(&work->rows[i]);
    for (size_t i = 0; i < work->n_used; i++)
        content_free(&work->used[i]);
    work->done += work->n_byte;
    work->n = work->n_used = work->n_byte = 0;
}

/* ----------------------------------------------------------------------------------- checking */

static void check_part(void *data, int part, int n_part) {
    (void)n_part;
    struct work *work = data;
    struct scratch *scratch = scratch_new();
    for (size_t i = (size_t)part * PART_ROWS; i < work->n && i < (size_t)(part + 1) * PART_ROWS;
         i++)
        row_check(&work->rows[i], work->curation, &work->held, scratch);
    pthread_mutex_lock(&work->adding);
    scratch_free(scratch, work->spent);
    pthread_mutex_unlock(&work->adding);
}

static uint64_t *slot_of(uint64_t *keys, size_t capacity, uint64_t key) {
    size_t i = key & (capacity - 1);
    while (keys[i] && keys[i] != key)
        i = (i + 1) & (capacity - 1);
    return &keys[i];
}

static bool grow_keys(struct work *work, struct fault *fault) {
    size_t capacity = work->capacity ? work->capacity * 2 : 1 << 16;
    if (work->capacity >= MOST_KEYS)
        return fault_set(fault, FAULT_LIMIT, "there are too many rows to compare in one go");
    uint64_t *keys = try_alloc(capacity, sizeof *keys, fault);
    if (!keys)
        return false;
    for (size_t i = 0; i < work->capacity; i++)
        if (work->keys[i])
            *slot_of(keys, capacity, work->keys[i]) = work->keys[i];
    free(work->keys);
    work->keys = keys;
    work->capacity = capacity;
    return true;
}

/* Marks the row when an earlier one that was kept is near it; else remembers its bands. */
static bool compare_row(struct work *work, struct row *row, struct fault *fault) {
    if ((work->n_key + MINHASH_BANDS) * 3 >= work->capacity * 2 && !grow_keys(work, fault))
        return false;
    for (size_t i = 0; i < MINHASH_BANDS; i++) {
        row->bands[i] += row->bands[i] == 0;
        if (*slot_of(work->keys, work->capacity, row->bands[i]))
            row->drop = DROP_DUPLICATE;
    }
    for (size_t i = 0; row->drop == DROP_NONE && i < MINHASH_BANDS; i++) {
        uint64_t *slot = slot_of(work->keys, work->capacity, row->bands[i]);
        work->n_key += *slot == 0;
        *slot = row->bands[i];
    }
    return true;
}

/* Drops what the head finds less likely good than is wanted; writes the score of the others. */
static bool score_batch(struct work *work, struct fault *fault) {
    if (!work->head)
        return true;
    struct arena *arena = arena_new();
    struct view *texts = must_alloc(work->n + 1, sizeof *texts);
    double *scores = must_alloc(work->n + 1, sizeof *scores);
    size_t n = 0;
    for (size_t i = 0; i < work->n; i++)
        if (work->rows[i].drop == DROP_NONE) {
            json_t *line = json_parse(buffer_view(&work->rows[i].line), NULL);
            texts[n++] = arena_copy(arena, view_of(json_text(line, "text", "")));
            json_decref(line);
        }
    bool good = quality_score(work->head, texts, n, scores, fault);
    double least = work->curation->least > 0 ? work->curation->least : 0.5;
    for (size_t i = 0, at = 0; i < work->n && good; i++) {
        struct row *row = &work->rows[i];
        if (row->drop != DROP_NONE)
            continue;
        double score = scores[at++];
        row->drop = score < least ? DROP_QUALITY : DROP_NONE;
        row->line.n -= 2; /* "}\n" */
        buffer_format(&row->line, ",\"quality\":%.3f}\n", score);
    }
    arena_free(arena);
    free(texts);
    free(scores);
    return good;
}

static bool write_batch(struct work *work, struct fault *fault) {
    double since = pass_clock();
    for (size_t i = 0; i < work->n; i++) {
        struct row *row = &work->rows[i];
        if (row->drop == DROP_NONE && !compare_row(work, row, fault))
            return false;
        report_row(work->report, row, work->curation);
        if (row->drop == DROP_NONE &&
            fwrite(row->line.at, 1, row->line.n, work->out) != row->line.n)
            return fault_set(fault, FAULT_MACHINE, "the rows cannot be written: %s",
                             strerror(errno));
    }
    work->spent[PASS_COMPARE] += pass_clock() - since;
    return true;
}

static bool work_through(struct work *work, struct fault *fault) {
    struct progress progress = {.label = "curating"};
    bool good = true;
    do {
        good = read_batch(work, fault);
        if (good) {
            pool_run(work->pool, check_part, work, (int)((work->n + PART_ROWS - 1) / PART_ROWS));
            good = score_batch(work, fault) && write_batch(work, fault);
        }
        drop_batch(work);
        progress_show(&progress, (double)work->done, (double)work->files.n_byte, "B");
    } while (good && (work->source || work->file < work->files.n));
    progress_end(&progress);
    content_free(&work->content);
    return good;
}

/* ------------------------------------------------------------------------------------- output */

static bool put_in_place(FILE *out, const char *beside, const char *path, bool good,
                         struct fault *fault) {
    bool written = fflush(out) == 0 && fsync(fileno(out)) == 0 && !ferror(out);
    int error = errno;
    fclose(out);
    if (good && !written)
        good = fault_set(fault, FAULT_MACHINE, "the rows cannot be written: %s", strerror(error));
    if (good && rename(beside, path) < 0)
        good = fault_set(fault, FAULT_MACHINE, "the rows cannot be put in place: %s",
                         strerror(errno));
    if (!good)
        unlink(beside);
    return good || fault_place(fault, path, 0, -1);
}

static bool curate_into(struct work *work, struct fault *fault) {
    struct buffer beside = {0};
    const char *path = work->curation->out;
    buffer_format(&beside, "%s.%d.new", path, (int)getpid());
    work->out = fopen(beside.at, "we");
    bool good = work->out != NULL;
    if (!good) {
        fault_set(fault, errno == ENOENT ? FAULT_MISSING : FAULT_MACHINE,
                  "the file cannot be made: %s", strerror(errno));
        fault_place(fault, path, 0, -1);
    } else {
        good = work_through(work, fault);
        good = put_in_place(work->out, beside.at, path, good, fault);
    }
    buffer_free(&beside);
    return good;
}

struct curation_report *curate(const struct curation *curation, struct pool *pool,
                               struct fault *fault) {
    struct work work = {.curation = curation,
                        .pool = pool,
                        .report = report_new(),
                        .adding = PTHREAD_MUTEX_INITIALIZER};
    double begun = clock_seconds();
    bool good =
        (!curation->quality ||
         (work.head = quality_open(curation->quality, curation->embedder, pool, fault))) &&
        (!curation->held_out || held_out_read(curation->held_out, &work.held, fault)) &&
        (!curation->transcripts ||
         (work.given = school_given_open(curation->transcripts, fault))) &&
        sources_find(curation->places, curation->n_place,
                     work.given ? school_given_learners(work.given) : 0, &work.files, fault) &&
        curate_into(&work, fault);
    if (good) {
        report_end(work.report, &work.files, &work.held,
                   work.given ? school_given_json(work.given) : NULL, work.spent,
                   clock_seconds() - begun);
    } else {
        curation_report_free(work.report);
        work.report = NULL;
    }
    if (work.files.arena)
        sources_free(&work.files);
    held_out_free(&work.held);
    quality_close(work.head);
    free(work.rows);
    free(work.used);
    school_given_close(work.given);
    free(work.keys);
    return work.report;
}
