/* base: what C lacks.
 *
 * Views and buffers for text, arenas for what lives and dies together, faults (errors with a place
 * and a remedy), files, UTF-8, JSON, clocks, random numbers, and one pool of worker threads.
 *
 * Nothing here keeps global state. Unless a function says otherwise it may be called from any
 * thread, on objects that no other thread is using. */
#ifndef LYCEUM_BASE_H
#define LYCEUM_BASE_H

#include <jansson.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PRINTF_LIKE(place, first) __attribute__((format(printf, place, first)))
#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* ---------------------------------------------------------------- views: text that others own */

struct view {
    const char *at; /* not terminated; may be NULL when n is 0 */
    size_t n;       /* bytes */
};

#define VIEW(literal) ((struct view){"" literal, sizeof(literal) - 1})
#define VIEW_ARG(v) (int)(v).n, (v).at /* for printf's "%.*s" */

struct view view_of(const char *c_string); /* NULL gives an empty view */
bool view_equal(struct view a, struct view b);
bool view_is(struct view a, const char *c_string);
bool view_starts(struct view a, const char *prefix);
bool view_ends(struct view a, const char *suffix);
struct view view_slice(struct view a, size_t from, size_t to); /* clamped to the view */
struct view view_trim(struct view a);                          /* ASCII white space at both ends */
ptrdiff_t view_find(struct view haystack, struct view needle); /* offset, or -1 */
/* Cuts the next line off the front of *rest, without its "\n" or "\r\n". False when none is left.
 */
bool view_line(struct view *rest, struct view *line);

/* ------------------------------------------------------------------------------------- faults */

enum fault_kind {
    FAULT_NONE = 0,
    FAULT_INPUT,   /* what came from outside is wrong: a file, a request, an answer */
    FAULT_LIMIT,   /* it is well formed but over a bound that protects the machine */
    FAULT_MISSING, /* something named does not exist */
    FAULT_KNOWN,   /* it was done before, and is not done twice */
    FAULT_MACHINE, /* memory, disk, network or operating system */
};

/* Why something failed. Only the first fault set in a struct is kept, since it is the cause; call
 * fault_clear to use the struct again. Start from `struct fault fault = {0};`. */
struct fault {
    enum fault_kind kind;
    char message[400]; /* one sentence a person can act on */
    char remedy[240];  /* what to do about it; empty when the message says it */
    char file[240];    /* file or request that it is about; empty when none */
    long line;         /* 1-based; 0 when it does not apply */
    int64_t byte;      /* offset in the file; -1 when it does not apply */
};

/* Fills the fault (NULL is allowed) and returns false, so that one may `return fault_set(…);`. */
bool fault_set(struct fault *, enum fault_kind, const char *format, ...) PRINTF_LIKE(3, 4);
bool fault_remedy(struct fault *, const char *format, ...) PRINTF_LIKE(2, 3); /* returns false */
/* Adds the place where nothing more exact was noted. line 0 and byte -1 leave it open. */
bool fault_place(struct fault *, const char *file, long line, int64_t byte); /* returns false */
void fault_clear(struct fault *);
/* "FILE:LINE: message. remedy" as one line for a terminal or a log. */
const char *fault_text(const struct fault *, char *out, size_t out_size); /* returns out */
json_t *fault_json(const struct fault *); /* new reference: {"kind","message","remedy",…} */

/* A broken invariant: says where and aborts. Never for bad input. */
#define MUST(condition)                                                                           \
    ((condition) ? (void)0 : must_failed(#condition, __FILE__, __LINE__, __func__))
_Noreturn void must_failed(const char *condition, const char *file, int line, const char *func);

/* ------------------------------------------------------------------------------------- memory */

/* The names that begin with must_ are for small things: when they fail they abort with a message.
 * Those with try are for what a file or a request decides, and for all of loading a model and of
 * opening a session: NULL with FAULT_MACHINE when there is no memory. All but the reallocations
 * return zeroed memory; n × size is checked for overflow; free() frees. */
void *must_alloc(size_t n, size_t size);
void *must_realloc(void *, size_t n, size_t size); /* new bytes are not zeroed */
char *must_copy(struct view);                      /* terminated copy */
void *try_alloc(size_t n, size_t size, struct fault *);
void *try_realloc(void *, size_t n, size_t size, struct fault *); /* NULL: the old one stays */
void *try_alloc_aligned(size_t n, size_t size, struct fault *);   /* to 64 bytes, a cache line */
char *try_copy(struct view, struct fault *);

/* A watch over the memory that this thread asks for until its end: for work that makes many small
 * things, such as reading a grammar or rendering a template. Meanwhile a buffer that finds no
 * memory drops what it was given, and every allocation that fails, JSON's too, makes the end
 * false, with FAULT_MACHINE in the place of what the fault said: it may be a consequence. What
 * was made is to be thrown away then. Watches nest; the inner one alone sees what happens in it.
 */
struct memory_watch {
    struct memory_watch *outer;
    bool short_of;
};
void memory_watch_begin(struct memory_watch *);
bool memory_watch_end(struct memory_watch *, struct fault *);
bool memory_is_short(void); /* in the watch of this thread: time to give up */
/* What it is given: whether memory was there. False without a watch: it aborts. */
bool memory_granted(bool);

/* Room for `need` members in the array `at` of `capacity`: twice as many where it must grow. False
 * when there is no memory, and all is as it was. */
#define TRY_ROOM(at, capacity, need)                                                              \
    ((need) <= (capacity) || ({                                                                   \
         size_t room_ = (capacity) ? (capacity) : 16;                                             \
         while (room_ < (need))                                                                   \
             room_ *= 2;                                                                          \
         void *grown_ = try_realloc((at), room_, sizeof *(at), NULL);                             \
         if (grown_) {                                                                            \
             (at) = grown_;                                                                       \
             (capacity) = (__typeof__(capacity))room_;                                            \
         }                                                                                        \
         grown_ != NULL;                                                                          \
     }))

/* The system takes the whole pages of this memory back, which read as zeros until they are written
 * again. */
void memory_give_back(void *, size_t n);
/* The same with the caller's stack below its frame, where deep calls have been: for a thread that
 * waits, and of which there are many. Takes a microsecond. */
void stack_give_back(void);

struct arena; /* grows by blocks; everything in it is freed at once. One thread at a time. */
struct arena *arena_new(void);
void arena_free(struct arena *);                          /* NULL is allowed */
void *arena_alloc(struct arena *, size_t n, size_t size); /* zeroed, aligned to 16 */
/* The same, told by a fault instead of an abort when there is no memory. */
struct arena *arena_try_new(struct fault *);
void *arena_try(struct arena *, size_t n, size_t size, struct fault *);
struct view arena_copy(struct arena *, struct view); /* copy, terminated by a zero byte */
char *arena_string(struct arena *, struct view);
char *arena_format(struct arena *, const char *format, ...) PRINTF_LIKE(2, 3);
size_t arena_size(const struct arena *); /* bytes handed out */

#define ARENA_NEW(arena, n, type) ((type *)arena_alloc((arena), (n), sizeof(type)))

/* A growable run of bytes, always followed by a zero byte. Start from {0}, end with buffer_free.
 */
struct buffer {
    char *at; /* NULL until the first append */
    size_t n, capacity;
};

void buffer_append(struct buffer *, struct view);
void buffer_text(struct buffer *, const char *c_string);
void buffer_byte(struct buffer *, char);
void buffer_format(struct buffer *, const char *format, ...) PRINTF_LIKE(2, 3);
void buffer_json(struct buffer *, const json_t *); /* compact, one line */
void buffer_html(struct buffer *, struct view);    /* escapes & < > " ' */
void buffer_clear(struct buffer *);                /* keeps the memory */
void buffer_free(struct buffer *);
struct view buffer_view(const struct buffer *);

/* -------------------------------------------------------------------------------------- files */

struct file_map {
    const uint8_t *at; /* read-only; NULL for an empty file */
    size_t n;
};

bool file_map(const char *path, struct file_map *, struct fault *); /* shared, read-only mmap */
void file_unmap(struct file_map *);
/* Appends the whole file (or standard input for "-"). More than `limit` bytes is FAULT_LIMIT. */
bool file_read(const char *path, size_t limit, struct buffer *, struct fault *);
/* Written beside, synced, renamed: after a crash the old or the new content is there, whole. */
bool file_write(const char *path, struct view content, struct fault *);
bool file_exists(const char *path);
bool folder_make(const char *path, struct fault *); /* with its parents */

#include "base/report.h"

/* -------------------------------------------------------------------------------------- UTF-8 */

/* Decodes one code point at `at` (n ≥ 1 bytes left); returns the bytes used, 1 to 4. A byte that
 * is not UTF-8 gives *code_point = -1 and 1. */
size_t utf8_decode(const char *at, size_t n, int32_t *code_point);
size_t utf8_encode(int32_t code_point,
                   char out[4]); /* bytes written; U+FFFD for what is no scalar */
bool utf8_valid(struct view);
size_t utf8_whole(struct view);  /* longest prefix that does not end inside a character */
size_t utf8_length(struct view); /* code points; each bad byte counts one */

enum unicode_class { /* the general categories that tokenizers and the review ask for */
                     UNICODE_OTHER,
                     UNICODE_LETTER, /* L* */
                     UNICODE_MARK,   /* M* */
                     UNICODE_NUMBER, /* N* */
                     UNICODE_PUNCTUATION,
                     UNICODE_SYMBOL,
                     UNICODE_SPACE, /* White_Space property, controls included */
};

enum unicode_class unicode_class(int32_t code_point);
bool unicode_is_accent(int32_t);  /* Mn: written over or under another */
bool unicode_is_control(int32_t); /* Cc, Cf and Co: there is nothing to see */
int32_t unicode_lower(int32_t);   /* of one code point to one; itself where there is none */
int unicode_decompose(int32_t, int32_t out[4]); /* canonical, to the end; how many */
bool unicode_is_han(int32_t code_point);        /* ideographs, kana and hangul excluded */
bool language_right_to_left(struct view tag);   /* whether "ar-EG" is written so */
/* NFKC with case folded, appended to out; bad bytes become U+FFFD. For comparing, never to show.
 */
void unicode_fold(struct view, struct buffer *out);
void unicode_nfc(struct view, struct buffer *out);
void unicode_nfkc(struct view, struct buffer *out);

/* --------------------------------------------------------------------------------------- JSON */

/* Parses one JSON value that fills the view. New reference or NULL. Depth is bounded. */
json_t *json_parse(struct view, struct fault *);
const char *json_text(const json_t *object, const char *key, const char *otherwise); /* borrowed */
/* The sentence with the names, a list of strings, in the place of each %s. */
void json_sentence(const char *sentence, const json_t *names, struct buffer *out);
double json_number(const json_t *object, const char *key, double otherwise);
bool json_flag(const json_t *object, const char *key, bool otherwise);
/* Keys of `object` that are not in the NULL-terminated list: the first of them, or NULL. */
const char *json_unknown_key(const json_t *object, const char *const *known);

/* --------------------------------------------------------------------- hashes, clocks, random */

void sha256_hex(struct view, char out[65]);
uint64_t hash64(struct view, uint64_t seed); /* not for secrets; the same on every machine */

double clock_seconds(void);  /* monotonic */
int64_t clock_unix_ms(void); /* wall clock, milliseconds since 1970 */

struct random { /* xoshiro256** by Blackman and Vigna; the same sequence on every machine */
    uint64_t state[4];
};

void random_seed(struct random *, uint64_t seed);
uint64_t random_next(struct random *);
double random_unit(struct random *);                                /* [0, 1) */
int64_t random_between(struct random *, int64_t low, int64_t high); /* both ends included */
void random_bytes(void *, size_t n); /* from the system; for secrets */

/* --------------------------------------------------------------------------------------- pool */

struct pool; /* worker threads that run one job at a time, together with the caller */

/* n_thread 0 takes what the container allows (affinity and CPU quota), at most 64. */
struct pool *pool_new(int n_thread);
/* One that comes second: its threads have a lower priority than those that serve people, and so
 * has what pool_lead runs. Alone on the machine it is as fast as another. */
struct pool *pool_new_second(int n_thread);
void pool_free(struct pool *);
int pool_threads(const struct pool *);
int machine_threads(void); /* what n_thread 0 would take */
/* Calls job(data, part, n_part) once for each part 0 … n_part-1, spread over the threads, and
 * returns when all are done. Parts are handed out in order as threads become free. One caller at a
 * time; a second one waits. Workers spin for some microseconds between jobs, then sleep, so that
 * an idle program uses no processor. */
void pool_run(struct pool *, void (*job)(void *data, int part, int n_part), void *data,
              int n_part);

/* Runs job(data), which may call pool_run, and returns when it is done; of a pool that comes
 * second on a thread of its own, one job at a time, since the caller could not take its priority
 * back. */
void pool_lead(struct pool *, void (*job)(void *data), void *data);

/* ---------------------------------------------------------------------------------- terminals */

/* "  downloading [#####     ] 51% 12.3 MB/s" on standard error, drawn only when it is a terminal.
 */
struct progress {
    const char *label;
    double started, drawn;
};
void progress_show(struct progress *, double done, double total, const char *unit);
void progress_end(struct progress *);
bool terminal_colour(int fd); /* a terminal that is not "dumb", and NO_COLOR is not set */

#endif
