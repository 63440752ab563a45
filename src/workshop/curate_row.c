/* One row and what is wrong with it. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "workshop/curate.h"
#include "workshop/words.h"

/* Repetition as in Gopher (Rae et al. 2021, table A1). Below the least words a common phrase would
 * count as one. */
enum { LEAST_WORDS = 5, GRAMS_FROM = 50, LONGEST_GRAM = 4 };
static const double most_duplicate_lines = .3;
static const double most_of_gram[LONGEST_GRAM + 1] = {[2] = .20, [3] = .18, [4] = .16};

struct slot {
    uint64_t key, count;
};

struct scratch {
    uint64_t *words;
    uint32_t *bytes; /* of each word */
    size_t n, room, bytes_room;
    struct slot *slots;
    size_t n_slot;
    struct buffer text; /* of a row of JSON */
    double spent[N_PASS], since;
};

double pass_clock(void) {
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

/* What went by since the last pass was this one. */
static void passed(struct scratch *scratch, enum pass pass) {
    double now = pass_clock();
    scratch->spent[pass] += now - scratch->since;
    scratch->since = now;
}

struct scratch *scratch_new(void) {
    return must_alloc(1, sizeof(struct scratch));
}

void scratch_free(struct scratch *scratch, double spent[N_PASS]) {
    for (int i = 0; i < N_PASS; i++)
        spent[i] += scratch->spent[i];
    free(scratch->words);
    free(scratch->bytes);
    free(scratch->slots);
    buffer_free(&scratch->text);
    free(scratch);
}

void row_free(struct row *row) {
    free(row->told_licence);
    buffer_free(&row->line);
}

void row_origin(const struct row *row, struct buffer *out) {
    buffer_text(out, row->file->path);
    if (row->number)
        buffer_format(out, "%c%ld", row->file->json_lines ? ':' : '#', row->number);
}

const char *row_licence(const struct row *row, const struct curation *curation) {
    return row->told_licence    ? row->told_licence
           : row->licence       ? row->licence
           : row->file->licence ? row->file->licence
           : curation->licence  ? curation->licence
                                : "unknown";
}

void buffer_json_string(struct buffer *out, struct view text) {
    size_t from = 0;
    buffer_byte(out, '"');
    for (size_t i = 0; i < text.n; i++) {
        uint8_t c = (uint8_t)text.at[i];
        if (c >= 0x20 && c < 0x80 && c != '"' && c != '\\')
            continue;
        int32_t point = c;
        size_t used = c < 0x80 ? 1 : utf8_decode(text.at + i, text.n - i, &point);
        if (point >= 0x80) {
            i += used - 1;
            continue;
        }
        buffer_append(out, view_slice(text, from, i));
        if (point < 0)
            buffer_text(out, "\\ufffd");
        else if (c == '\n')
            buffer_text(out, "\\n");
        else if (c < 0x20)
            buffer_format(out, "\\u%04x", c);
        else
            buffer_byte(out, '\\'), buffer_byte(out, (char)c);
        from = i + 1;
    }
    buffer_append(out, view_slice(text, from, text.n));
    buffer_byte(out, '"');
}

/* ------------------------------------------------------------------------------------ reading */

static bool take_messages(const json_t *messages, struct buffer *out) {
    size_t i;
    json_t *message;
    if (!json_is_array(messages))
        return false;
    json_array_foreach(messages, i, message) {
        const char *content = json_text(message, "content", NULL);
        if (content && *content)
            buffer_format(out, "%s%s", out->n ? "\n\n" : "", content);
    }
    return out->n > 0;
}

/* The text of a row, and what it says of itself; an empty view when it has none. */
static struct view read_json(struct row *row, struct scratch *scratch, struct buffer *origin) {
    json_t *json = json_parse(row->raw, NULL);
    const char *text = json_text(json, "text", NULL);
    const char *licence = json_text(json, "licence", json_text(json, "license", NULL));
    const char *from = json_text(json, "origin", json_text(json, "source", NULL));
    buffer_clear(&scratch->text);
    if (text)
        buffer_text(&scratch->text, text);
    else if (json)
        take_messages(json_object_get(json, "messages"), &scratch->text);
    if (licence && *licence)
        row->told_licence = must_copy(view_of(licence));
    if (from)
        buffer_text(origin, from);
    json_decref(json);
    return buffer_view(&scratch->text);
}

static void take_words(struct scratch *scratch, struct view text) {
    size_t at = 0;
    scratch->n = 0;
    for (struct word word; word_next(text, &at, &word);) {
        if (word.mark)
            continue;
        MUST(TRY_ROOM(scratch->words, scratch->room, scratch->n + 1));
        MUST(TRY_ROOM(scratch->bytes, scratch->bytes_room, scratch->n + 1));
        scratch->words[scratch->n] = word.hash;
        scratch->bytes[scratch->n++] = (uint32_t)word.text.n;
    }
}

/* ------------------------------------------------------------------------------------- checks */

static void clear_slots(struct scratch *scratch, size_t n) {
    size_t want = 64;
    while (want < n * 2)
        want *= 2;
    if (want > scratch->n_slot) {
        free(scratch->slots);
        scratch->slots = must_alloc(want, sizeof *scratch->slots);
        scratch->n_slot = want; /* a row's table; smaller ones use its beginning */
    } else {
        memset(scratch->slots, 0, want * sizeof *scratch->slots);
    }
}

static size_t mask_of(size_t n) {
    size_t want = 64;
    while (want < n * 2)
        want *= 2;
    return want - 1;
}

static uint64_t count(struct slot *slots, size_t mask, uint64_t key) {
    key += key == 0;
    size_t i = key & mask;
    while (slots[i].key && slots[i].key != key)
        i = (i + 1) & mask;
    slots[i].key = key;
    return ++slots[i].count;
}

/* Of the lines that are not blank, those that an earlier one equals. */
static bool lines_repeat(struct scratch *scratch, struct view text) {
    struct view rest = text, line;
    size_t n = 0, again = 0;
    while (view_line(&rest, &line))
        n++;
    if (n < 2)
        return false;
    clear_slots(scratch, n);
    size_t mask = mask_of(n), filled = 0;
    for (rest = text; view_line(&rest, &line);) {
        line = view_trim(line);
        if (!line.n)
            continue;
        filled++;
        again += count(scratch->slots, mask, hash64(line, 0)) > 1;
    }
    return (double)again > most_duplicate_lines * (double)filled;
}

/* Whether the bytes of the commonest gram of n words are too great a share of those of the words.
 */
static bool gram_repeats(struct scratch *scratch, size_t n, uint64_t all) {
    clear_slots(scratch, scratch->n);
    size_t mask = mask_of(scratch->n);
    uint64_t most = 0, bytes = 0;
    for (size_t i = 0; i < scratch->n; i++) {
        bytes += scratch->bytes[i];
        if (i + 1 < n)
            continue;
        uint64_t times = count(scratch->slots, mask, hash_words(scratch->words + i + 1 - n, n));
        if (times > 1 && times * bytes > most)
            most = times * bytes;
        bytes -= scratch->bytes[i + 1 - n];
    }
    return (double)most > most_of_gram[n] * (double)all;
}

static bool grams_repeat(struct scratch *scratch) {
    uint64_t all = 0;
    if (scratch->n < GRAMS_FROM)
        return false;
    for (size_t i = 0; i < scratch->n; i++)
        all += scratch->bytes[i];
    for (size_t n = 2; n <= LONGEST_GRAM; n++)
        if (gram_repeats(scratch, n, all))
            return true;
    return false;
}

static bool language_wanted(const char *language, const char *list) {
    size_t n = strlen(language);
    while (list) {
        if (!strncmp(list, language, n) && (list[n] == ',' || !list[n]))
            return true;
        const char *comma = strchr(list, ',');
        if (!comma)
            return false;
        list = comma + 1;
    }
    return true;
}

static enum drop find_drop(struct row *row, struct view text, const struct curation *curation,
                           const struct held_out *held, struct scratch *scratch) {
    bool readable = text.n && utf8_valid(text) && !memchr(text.at, 0, text.n);
    passed(scratch, PASS_READ);
    if (!readable)
        return DROP_UNREADABLE;
    take_words(scratch, text);
    passed(scratch, PASS_WORDS);
    row->language = text_language(text);
    passed(scratch, PASS_LANGUAGE);
    if (scratch->n < LEAST_WORDS)
        return DROP_SHORT;
    if (!language_wanted(row->language, curation->language))
        return DROP_LANGUAGE;
    enum drop drop = lines_repeat(scratch, text) ? DROP_LINES
                     : grams_repeat(scratch)     ? DROP_GRAMS
                                                 : DROP_NONE;
    passed(scratch, PASS_REPETITION);
    if (drop == DROP_NONE && held_out_meets(held, scratch->words, scratch->n))
        drop = DROP_HELD_OUT;
    passed(scratch, PASS_HELD_OUT);
    return drop;
}

void row_check(struct row *row, const struct curation *curation, const struct held_out *held,
               struct scratch *scratch) {
    struct buffer origin = {0};
    scratch->since = pass_clock();
    struct view text = row->file->json_lines ? read_json(row, scratch, &origin) : row->raw;
    text = view_trim(text);
    row->language = "und";
    row->drop = find_drop(row, text, curation, held, scratch);
    if (!origin.n)
        row_origin(row, &origin);
    if (row->drop != DROP_NONE) { /* the beginning, for the report */
        text = view_slice(text, 0, text.n < 200 ? text.n : 200);
        text = view_slice(text, 0, utf8_whole(text));
        if (text.n && (!utf8_valid(text) || memchr(text.at, 0, text.n)))
            text = (struct view){0};
    } else {
        struct minhash minhash;
        minhash_begin(&minhash);
        for (size_t i = 0; i < scratch->n; i++)
            minhash_word(&minhash, scratch->words[i]);
        MUST(minhash_end(&minhash, row->bands));
        passed(scratch, PASS_MINHASH);
    }
    static const char *const keys[] = {
        "{\"text\":", ",\"origin\":", ",\"licence\":", ",\"language\":"};
    const struct view values[] = {text, buffer_view(&origin), view_of(row_licence(row, curation)),
                                  view_of(row->language)};
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        buffer_text(&row->line, keys[i]);
        buffer_json_string(&row->line, values[i]);
    }
    buffer_text(&row->line, "}\n");
    buffer_free(&origin);
    passed(scratch, PASS_COPY);
}
