/* Putting passages on shelves: a dictionary of stems, and an FTS5 table for each shelf. */
#include "school/tutor/recall.h"

#include <stdlib.h>
#include <string.h>

/* ---------------------------------------------------------------------------------- dictionary */

static uint32_t *slot_of(const struct dictionary *dictionary, struct view stem) {
    size_t at = hash64(stem, 1) & (dictionary->capacity - 1);
    while (dictionary->slots[at] &&
           !view_equal(dictionary->stems[dictionary->slots[at] - 1].text, stem))
        at = (at + 1) & (dictionary->capacity - 1);
    return &dictionary->slots[at];
}

uint32_t dictionary_find(const struct dictionary *dictionary, struct view stem) {
    if (!dictionary->capacity)
        return NO_STEM;
    uint32_t slot = *slot_of(dictionary, stem);
    return slot ? slot - 1 : NO_STEM;
}

static void dictionary_grow(struct dictionary *dictionary) {
    dictionary->capacity = dictionary->capacity ? dictionary->capacity * 2 : 256;
    free(dictionary->slots);
    dictionary->slots = must_alloc(dictionary->capacity, sizeof *dictionary->slots);
    dictionary->stems =
        must_realloc(dictionary->stems, dictionary->capacity / 2, sizeof *dictionary->stems);
    for (size_t i = 0; i < dictionary->n; i++)
        *slot_of(dictionary, dictionary->stems[i].text) = (uint32_t)i + 1;
}

static uint32_t dictionary_add(struct dictionary *dictionary, struct view stem,
                               struct arena *arena) {
    if (dictionary->n >= dictionary->capacity / 2)
        dictionary_grow(dictionary);
    uint32_t *slot = slot_of(dictionary, stem);
    if (!*slot) {
        dictionary->stems[dictionary->n] = (struct stem){arena_copy(arena, stem), 0, 0};
        *slot = (uint32_t)++dictionary->n;
    }
    return *slot - 1;
}

/* Optimal string alignment: insertions, deletions, substitutions, neighbours swapped. */
static int distance(struct view a, struct view b, int limit) {
    enum { LONGEST = 40 };
    int rows[3][LONGEST + 1];
    if (a.n > LONGEST || b.n > LONGEST)
        return limit + 1;
    for (size_t j = 0; j <= b.n; j++)
        rows[0][j] = (int)j;
    for (size_t i = 1; i <= a.n; i++) {
        int *row = rows[i % 3], *above = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];
        row[0] = (int)i;
        for (size_t j = 1; j <= b.n; j++) {
            int best = above[j - 1] + (a.at[i - 1] != b.at[j - 1]);
            best = above[j] + 1 < best ? above[j] + 1 : best;
            best = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
            if (i > 1 && j > 1 && a.at[i - 1] == b.at[j - 2] && a.at[i - 2] == b.at[j - 1] &&
                before[j - 2] + 1 < best)
                best = before[j - 2] + 1;
            row[j] = best;
        }
    }
    return rows[a.n % 3][b.n];
}

/* "rate" and "rare", "life" and "line": a word with another letter is another word, where it is
 * short or the letter is the first. */
static bool same_letters(struct view a, struct view b) {
    int count[26] = {0};
    for (size_t i = 0; i < a.n; i++)
        count[a.at[i] - 'a']++;
    for (size_t i = 0; i < b.n; i++)
        if (b.at[i] < 'a' || b.at[i] > 'z' || !count[b.at[i] - 'a']--)
            return false;
    return a.n == b.n;
}

static bool could_be(struct view typed, struct view word, int limit) {
    if (word.n + (size_t)limit < typed.n || typed.n + (size_t)limit < word.n)
        return false;
    if (same_letters(typed, word))
        return true;
    bool same_first = word.at[0] == typed.at[0];
    return word.n == typed.n ? typed.n >= 6 && same_first /* "token" is not "taken" */
                             : typed.n >= 6 || (typed.n == 5 && same_first);
}

/* What a word is cut short of, "backprop", where all words that begin so have one stem. */
static uint32_t dictionary_beginning(const struct dictionary *words, struct view typed) {
    enum { LEAST_TYPED = 6 };
    uint32_t found = NO_STEM;
    for (size_t i = 0; typed.n >= LEAST_TYPED && i < words->n; i++) {
        struct view word = words->stems[i].text;
        if (word.n <= typed.n || memcmp(word.at, typed.at, typed.n) != 0)
            continue;
        if (found != NO_STEM && found != words->stems[i].stands_for)
            return NO_STEM;
        found = words->stems[i].stands_for;
    }
    return found;
}

uint32_t dictionary_nearest(const struct dictionary *words, struct view typed) {
    int limit = typed.n >= 12 ? 2 : typed.n >= 4 ? 1 : 0, best_distance = limit + 1;
    const struct stem *best = NULL;
    for (size_t i = 0; i < typed.n; i++)
        if (typed.at[i] < 'a' || typed.at[i] > 'z')
            return NO_STEM;
    for (size_t i = 0; limit && i < words->n; i++) {
        const struct stem *word = &words->stems[i];
        if (!could_be(typed, word->text, limit))
            continue;
        int found = distance(typed, word->text, limit);
        if (found < best_distance ||
            (best && found == best_distance && word->n_sentence > best->n_sentence)) {
            best_distance = found;
            best = word;
        }
    }
    return best ? best->stands_for : dictionary_beginning(words, typed);
}

/* ------------------------------------------------------------------------------------- shelves */

static int by_number(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

bool has_id(const uint32_t *ids, size_t n, uint32_t id) {
    return n && bsearch(&id, ids, n, sizeof *ids, by_number);
}

/* The text's stems by number, sorted, each once; `tokens` gets all of them for FTS5. */
uint32_t *ids_of(struct recall *recall, struct shelf *shelf, struct view text,
                 struct buffer *tokens, size_t *n) {
    struct arena *scratch = arena_new();
    struct terms terms;
    text_terms(recall->stemmer, text, arena_string(scratch, shelf->language), true, scratch,
               &terms);
    uint32_t *ids = ARENA_NEW(recall->arena, terms.n_term + 1, uint32_t);
    buffer_clear(tokens);
    for (size_t i = 0; i < terms.n_term; i++) {
        ids[i] = dictionary_add(&shelf->stems, terms.terms[i].stem, recall->arena);
        struct view word = terms.units[terms.terms[i].unit].word;
        uint32_t number = dictionary_add(&shelf->words, word, recall->arena);
        struct stem *whole = &shelf->words.stems[number];
        whole->stands_for = ids[i];
        whole->n_sentence++;
        buffer_format(tokens, "t%u ", ids[i]);
    }
    qsort(ids, terms.n_term, sizeof *ids, by_number);
    *n = 0;
    for (size_t i = 0; i < terms.n_term; i++)
        if (!*n || ids[*n - 1] != ids[i])
            ids[(*n)++] = ids[i];
    arena_free(scratch);
    return ids;
}

/* Another way of telling a passage is found like any other, but does not make its words common. */
static void put_passage(struct recall *recall, struct shelf *shelf, const struct passage *passage,
                        bool plain, sqlite3_stmt *insert) {
    struct buffer tokens = {0}, heading_tokens = {0};
    struct heading *heading = &shelf->headings[shelf->n_heading++];
    heading->passage = passage;
    heading->first_sentence = shelf->n_sentence;
    heading->ids = ids_of(recall, shelf, passage->heading, &heading_tokens, &heading->n_id);
    for (size_t i = 0; i < passage->n_sentence; i++) {
        struct sentence *sentence = &shelf->sentences[shelf->n_sentence++];
        sentence->passage = passage;
        sentence->index = i;
        sentence->ids = ids_of(recall, shelf, passage->sentences[i], &tokens, &sentence->n_id);
        for (size_t k = 0; plain && k < sentence->n_id; k++)
            shelf->stems.stems[sentence->ids[k]].n_sentence++;
        sqlite3_bind_int64(insert, 1, (sqlite3_int64)shelf->n_sentence);
        sqlite3_bind_text(insert, 2, tokens.at ? tokens.at : "", (int)tokens.n, SQLITE_TRANSIENT);
        sqlite3_bind_text(insert, 3, heading_tokens.at ? heading_tokens.at : "",
                          (int)heading_tokens.n, SQLITE_TRANSIENT);
        sqlite3_step(insert);
        sqlite3_reset(insert);
    }
    buffer_free(&tokens);
    buffer_free(&heading_tokens);
}

struct span { /* passages that lie together */
    const struct passage *passages;
    size_t n;
};

static void put_span(struct recall *recall, struct shelf *shelf, const struct span *span,
                     sqlite3_stmt *insert) {
    size_t first = shelf->n_sentence;
    for (size_t k = 0; k < span->n; k++)
        put_passage(recall, shelf, &span->passages[k], true, insert);
    if (span->n && span->passages[0].lesson)
        put_definitions(recall, shelf, span->passages[0].lesson, first);
}

static void put_ways(struct recall *recall, struct shelf *shelf, const struct passage *passage,
                     sqlite3_stmt *insert) {
    const struct explanation *told = passage->explanation;
    for (size_t i = 0; told && i < told->n_way; i++)
        put_passage(recall, shelf, &told->ways[i].passage, false, insert);
}

/* Sentences and headings that the shelf must hold. */
static void count_span(const struct span *span, size_t *n_passage, size_t *n_sentence) {
    for (size_t k = 0; k < span->n; k++) {
        const struct explanation *told = span->passages[k].explanation;
        *n_passage += 1 + (told ? told->n_way : 0);
        *n_sentence += span->passages[k].n_sentence;
        for (size_t i = 0; told && i < told->n_way; i++)
            *n_sentence += told->ways[i].passage.n_sentence;
    }
}

static bool put_shelf(struct recall *recall, const struct course *course, struct view language,
                      const struct span *spans, size_t n_span, struct fault *fault) {
    size_t number = recall->n_shelf, n_passage = 0, n_sentence = 0;
    struct shelf *shelf = &recall->shelves[recall->n_shelf++];
    *shelf = (struct shelf){.course = course, .language = language};
    for (size_t i = 0; i < n_span; i++)
        count_span(&spans[i], &n_passage, &n_sentence);
    shelf->sentences = ARENA_NEW(recall->arena, n_sentence + 1, struct sentence);
    shelf->headings = ARENA_NEW(recall->arena, n_passage + 1, struct heading);
    const char *make = arena_format(recall->arena,
                                    "CREATE VIRTUAL TABLE shelf%zu USING fts5(sentence, heading, "
                                    "content='', tokenize='ascii')",
                                    number);
    const char *put = arena_format(
        recall->arena, "INSERT INTO shelf%zu(rowid, sentence, heading) VALUES(?1,?2,?3)", number);
    const char *rank = arena_format(recall->arena,
                                    "SELECT rowid, bm25(shelf%zu, 1.0, 0.4) AS badness FROM "
                                    "shelf%zu WHERE shelf%zu MATCH ?1 ORDER BY badness LIMIT 80",
                                    number, number, number);
    sqlite3_stmt *insert = NULL;
    bool good = sqlite3_exec(recall->database, make, NULL, NULL, NULL) == SQLITE_OK &&
                sqlite3_prepare_v2(recall->database, put, -1, &insert, NULL) == SQLITE_OK;
    for (size_t i = 0; good && i < n_span; i++)
        put_span(recall, shelf, &spans[i], insert);
    for (size_t i = 0; good && i < n_span; i++)
        for (size_t k = 0; k < spans[i].n; k++)
            put_ways(recall, shelf, &spans[i].passages[k], insert);
    sqlite3_finalize(insert);
    good =
        good && sqlite3_prepare_v2(recall->database, rank, -1, &shelf->ranking, NULL) == SQLITE_OK;
    return good || fault_set(fault, FAULT_MACHINE, "The index of passages cannot be made: %s.",
                             sqlite3_errmsg(recall->database));
}

static bool put_course(struct recall *recall, const struct course *course, struct fault *fault) {
    bool good = true;
    struct span *spans = must_alloc(course->n_lesson + 1, sizeof *spans);
    for (size_t l = 0; good && l < course->n_language; l++) {
        size_t n = 0;
        for (size_t i = 0; i < course->n_lesson; i++)
            if (view_equal(course->lessons[i].language, course->languages[l]))
                spans[n++] =
                    (struct span){course->lessons[i].passages, course->lessons[i].n_passage};
        if (n)
            good = put_shelf(recall, course, course->languages[l], spans, n, fault);
    }
    free(spans);
    return good;
}

static struct recall *recall_new(size_t n_shelf, struct fault *fault) {
    struct recall *recall = must_alloc(1, sizeof *recall);
    recall->arena = arena_new();
    recall->shelves = ARENA_NEW(recall->arena, n_shelf + 1, struct shelf);
    pthread_mutex_init(&recall->lock, NULL);
    if (sqlite3_open(":memory:", &recall->database) != SQLITE_OK) {
        fault_set(fault, FAULT_MACHINE, "SQLite gives no memory for the index of passages.");
        recall_close(recall);
        return NULL;
    }
    recall->stemmer = stemmer_open(recall->database, fault);
    if (recall->stemmer)
        return recall;
    recall_close(recall);
    return NULL;
}

struct recall *recall_open(struct course *const *courses, size_t n_course, struct fault *fault) {
    size_t n_shelf = 0;
    for (size_t i = 0; i < n_course; i++)
        n_shelf += courses[i]->n_language;
    struct recall *recall = recall_new(n_shelf, fault);
    for (size_t i = 0; recall && i < n_course; i++)
        if (!put_course(recall, courses[i], fault)) {
            recall_close(recall);
            return NULL;
        }
    return recall;
}

struct recall *recall_open_passages(const struct passage *passages, size_t n, const char *language,
                                    struct fault *fault) {
    struct recall *recall = recall_new(1, fault);
    if (!recall)
        return NULL;
    struct span span = {passages, n};
    struct view name = arena_copy(recall->arena, view_of(language));
    if (put_shelf(recall, NULL, name, &span, 1, fault))
        return recall;
    recall_close(recall);
    return NULL;
}

static void dictionary_free(struct dictionary *dictionary) {
    free(dictionary->slots);
    free(dictionary->stems);
}

void recall_close(struct recall *recall) {
    if (!recall)
        return;
    for (size_t i = 0; i < recall->n_shelf; i++) {
        sqlite3_finalize(recall->shelves[i].ranking);
        dictionary_free(&recall->shelves[i].stems);
        dictionary_free(&recall->shelves[i].words);
        free(recall->shelves[i].definitions);
    }
    stemmer_close(recall->stemmer);
    sqlite3_close(recall->database);
    pthread_mutex_destroy(&recall->lock);
    arena_free(recall->arena);
    free(recall);
}
