/* A set of words as a constraint: grounded decoding.
 *
 * The words stand in a trie of bytes, and so do the vocabulary's tokens: which tokens may follow
 * is found by walking both at once. What may follow depends on the place in the words' trie
 * alone, so each place's mask is remembered. */
#include "model/grammar.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_PLACES = 1 << 20, WORD_BYTES = 96, KEPT_BYTES = 32 << 20 };

struct place { /* in the trie; 0 is the root of all, 1 that of what may follow a word at once */
    uint8_t byte;
    bool whole; /* a word ends here */
    bool joins; /* any may follow it at once: separators, scripts without spaces */
    bool separator;
    uint32_t child, sibling;
    uint32_t mask; /* of what may follow, + 1; 0: not known yet */
};

struct lexicon {
    struct place *places;
    uint32_t n, capacity;
    uint32_t first[2][256]; /* children of the roots, by byte */
    pthread_mutex_t lock;
    uint64_t serial; /* of the spelling that the masks are of */
    uint64_t **masks;
    uint32_t n_mask, mask_capacity;
    size_t kept;
    bool lacks; /* words, for want of memory */
};

struct lexicon *lexicon_new(struct fault *fault) {
    struct lexicon *made = try_alloc(1, sizeof *made, fault);
    struct place *places = made ? try_alloc(1024, sizeof *places, fault) : NULL;
    if (!places) {
        free(made);
        return NULL;
    }
    made->capacity = 1024;
    made->places = places;
    made->n = 2;
    made->places[0].whole = true;
    pthread_mutex_init(&made->lock, NULL);
    return made;
}

static void forget(struct lexicon *lexicon) {
    for (uint32_t i = 0; i < lexicon->n_mask; i++)
        free(lexicon->masks[i]);
    for (uint32_t i = 0; lexicon->n_mask && i < lexicon->n; i++)
        lexicon->places[i].mask = 0;
    lexicon->n_mask = 0;
    lexicon->kept = 0;
}

void lexicon_free(struct lexicon *lexicon) {
    if (!lexicon)
        return;
    forget(lexicon);
    pthread_mutex_destroy(&lexicon->lock);
    free(lexicon->masks);
    free(lexicon->places);
    free(lexicon);
}

/* --------------------------------------------------------------------------------- the trie */

static uint32_t find_child(const struct lexicon *lexicon, uint32_t place, uint8_t byte) {
    if (place < 2)
        return lexicon->first[place][byte];
    uint32_t child = lexicon->places[place].child;
    while (child && lexicon->places[child].byte != byte)
        child = lexicon->places[child].sibling;
    return child;
}

static uint32_t add_child(struct lexicon *lexicon, uint32_t place, uint8_t byte) {
    uint32_t child = find_child(lexicon, place, byte);
    if (child || lexicon->n == MOST_PLACES)
        return child;
    if (!TRY_ROOM(lexicon->places, lexicon->capacity, lexicon->n + 1)) {
        lexicon->lacks = true;
        return 0;
    }
    child = lexicon->n++;
    lexicon->places[child] = (struct place){.byte = byte, .sibling = lexicon->places[place].child};
    lexicon->places[place].child = child;
    if (place < 2)
        lexicon->first[place][byte] = child;
    return child;
}

/* The place of a text below a root; NULL when the trie is full. */
static struct place *add(struct lexicon *lexicon, uint32_t root, struct view text) {
    uint32_t place = root;
    for (size_t i = 0; i < text.n; i++)
        if (!(place = add_child(lexicon, place, (uint8_t)text.at[i])))
            return NULL;
    return &lexicon->places[place];
}

/* Whether words of the character's script stand without spaces between them. */
static bool written_together(int32_t point) {
    return unicode_is_han(point) || (point >= 0x3040 && point < 0x3100) || /* kana */
           (point >= 0x0E00 && point < 0x0EE0) ||                          /* Thai, Lao */
           (point >= 0x1000 && point < 0x10A0) ||                          /* Burmese */
           (point >= 0x1780 && point < 0x1800);                            /* Khmer */
}

void lexicon_add(struct lexicon *lexicon, struct view word) {
    if (word.n == 0 || word.n > WORD_BYTES)
        return;
    int32_t first, last = -1;
    utf8_decode(word.at, word.n, &first);
    for (size_t at = 0; at < word.n;)
        at += utf8_decode(word.at + at, word.n - at, &last);
    for (uint32_t root = 0; root <= written_together(first); root++) {
        struct place *place = add(lexicon, root, word);
        if (!place)
            return;
        place->whole = true;
        place->joins |= written_together(last);
    }
}

void lexicon_add_separators(struct lexicon *lexicon, struct view characters) {
    for (size_t at = 0, n; at < characters.n; at += n) {
        int32_t point;
        n = utf8_decode(characters.at + at, characters.n - at, &point);
        for (uint32_t root = 0; root < 2; root++) {
            struct place *place = add(lexicon, root, view_slice(characters, at, at + n));
            if (place)
                place->whole = place->joins = place->separator = true;
        }
    }
}

static bool joins_letters(int32_t point) {
    return point == 0x200C || point == 0x200D; /* within words of Persian and Hindi */
}

void lexicon_add_text(struct lexicon *lexicon, struct view text,
                      void (*also)(void *data, struct lexicon *, struct view word), void *data) {
    size_t start = 0, n;
    for (size_t at = 0; at <= text.n; at += n) {
        int32_t point = ' ';
        n = 1;
        if (at < text.n)
            n = utf8_decode(text.at + at, text.n - at, &point);
        enum unicode_class class = point < 0 ? UNICODE_OTHER : unicode_class(point);
        bool inside = class == UNICODE_LETTER || class == UNICODE_MARK || joins_letters(point);
        bool alone = inside && written_together(point);
        if (inside && !alone)
            continue;
        struct view word = view_slice(text, start, at);
        lexicon_add(lexicon, word);
        if (word.n && also)
            also(data, lexicon, word);
        if (alone)
            lexicon_add(lexicon, view_slice(text, at, at + n));
        else if (point >= 0x80 && class != UNICODE_OTHER)
            lexicon_add_separators(lexicon, view_slice(text, at, at + n));
        start = at + n;
    }
}

/* ---------------------------------------------------------------------------- where one stands */

#define NOWHERE UINT32_MAX

/* From a place by a byte. What goes on in the same word comes first. Digits stand between words:
 * whether a number is true is for others to see. */
static uint32_t step(const struct lexicon *lexicon, uint32_t from, uint8_t byte) {
    const struct place *here = &lexicon->places[from];
    uint32_t child = find_child(lexicon, from, byte);
    if (!child && here->whole)
        child = lexicon->first[from && !here->joins][byte];
    if (!child)
        return here->whole && byte >= '0' && byte <= '9' ? 0 : NOWHERE;
    return lexicon->places[child].separator && !lexicon->places[child].child ? 0 : child;
}

static void find_mask(const struct lexicon *lexicon, const struct spelling *spelling,
                      uint32_t from, uint64_t *bits) {
    uint32_t on_the_way[TOKEN_BYTES + 1];
    on_the_way[0] = from;
    for (uint32_t i = 1; i < spelling->n;) {
        const struct spelling_node *node = &spelling->nodes[i];
        uint32_t to = step(lexicon, on_the_way[node->depth - 1], node->byte);
        if (to == NOWHERE) {
            i = node->skip;
            continue;
        }
        for (int32_t token = node->token; token >= 0; token = spelling->same[token])
            bits[token / 64] |= (uint64_t)1 << token % 64;
        on_the_way[node->depth] = to;
        i++;
    }
}

struct following {
    struct lexicon *lexicon;
    const struct spelling *spelling;
    uint32_t place;
    bool lost, no_memory;
};

/* NULL: no memory. */
static const uint64_t *mask_of(struct following *f) {
    struct lexicon *lexicon = f->lexicon;
    if (lexicon->serial != f->spelling->serial || lexicon->kept > KEPT_BYTES)
        forget(lexicon);
    lexicon->serial = f->spelling->serial;
    struct place *place = &lexicon->places[f->place];
    if (place->mask)
        return lexicon->masks[place->mask - 1];
    size_t n_word = ((size_t)f->spelling->n_token + 63) / 64;
    uint64_t *bits = NULL;
    if (!TRY_ROOM(lexicon->masks, lexicon->mask_capacity, lexicon->n_mask + 1) ||
        !(bits = try_alloc(n_word, sizeof *bits, NULL)))
        return NULL;
    find_mask(lexicon, f->spelling, f->place, bits);
    lexicon->masks[lexicon->n_mask++] = bits;
    lexicon->kept += n_word * sizeof *bits;
    place->mask = lexicon->n_mask;
    return bits;
}

static void mask(void *data, float *logits, int n_vocabulary) {
    struct following *f = data;
    const struct spelling *spelling = f->spelling;
    int n = spelling->n_token < n_vocabulary ? spelling->n_token : n_vocabulary;
    pthread_mutex_lock(&f->lexicon->lock);
    const uint64_t *bits = f->lost ? NULL : mask_of(f);
    f->no_memory |= !f->lost && !bits;
    bool any = false;
    for (int i = 0; bits && !any && i < n; i += 64)
        any = bits[i / 64] != 0;
    /* In the middle of a word the text may end only when there is no way on. */
    bool may_end = !f->no_memory && (!any || f->lexicon->places[f->place].whole);
    spelling_apply(spelling, bits, may_end, logits, n_vocabulary);
    pthread_mutex_unlock(&f->lexicon->lock);
}

static void accept(void *data, int32_t token) {
    struct following *f = data;
    struct view bytes = spelling_of(f->spelling, token);
    for (size_t i = 0; i < bytes.n && !f->lost; i++) {
        uint32_t to = step(f->lexicon, f->place, (uint8_t)bytes.at[i]);
        f->lost = to == NOWHERE;
        f->place = f->lost ? 0 : to;
    }
}

static bool sound(void *data, struct fault *fault) {
    struct following *f = data;
    if (f->no_memory)
        return fault_set(fault, FAULT_MACHINE, "There is no memory to look words up");
    return !f->lost || fault_set(fault, FAULT_INPUT, "the text has a word that is not allowed");
}

bool lexicon_constrain(struct lexicon *lexicon, const struct vocabulary *vocabulary,
                       struct constraint *out, struct fault *fault) {
    struct following *f = lexicon->lacks ? NULL : try_alloc(1, sizeof *f, NULL);
    const struct spelling *spelling = f ? vocabulary_spelling(vocabulary) : NULL;
    if (!spelling) {
        free(f);
        return fault_set(fault, FAULT_MACHINE, "There is no memory for the words");
    }
    f->lexicon = lexicon;
    f->spelling = spelling;
    *out = (struct constraint){f, mask, accept, sound, free};
    return true;
}
