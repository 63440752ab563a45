/* Merging: the pieces of text become tokens.
 *
 * Symbols stand in a linked list; candidate pairs in a heap, the best first and of equals the
 * leftmost. A candidate whose symbols have changed since is passed over. O(n log n) a piece. */
#include "model/vocabulary_inside.h"

#include <stdlib.h>
#include <string.h>

struct symbol {
    int32_t token, previous, next; /* previous and next −1 at the ends */
    uint32_t from, n;              /* bytes of the piece (sentence piece only) */
};

struct candidate {
    double order; /* smaller is better: a rank, or minus a score */
    int32_t left, right, left_token, right_token, result;
};

struct bench { /* reused from piece to piece */
    struct symbol *symbols;
    size_t n_symbol, symbol_capacity;
    struct candidate *heap;
    size_t n_heap, heap_capacity;
};

static bool before(const struct candidate *a, const struct candidate *b) {
    return a->order < b->order || (a->order == b->order && a->left < b->left);
}

static void heap_push(struct bench *bench, struct candidate candidate) {
    if (!TRY_ROOM(bench->heap, bench->heap_capacity, bench->n_heap + 1))
        return;
    size_t i = bench->n_heap++;
    for (; i && before(&candidate, &bench->heap[(i - 1) / 2]); i = (i - 1) / 2)
        bench->heap[i] = bench->heap[(i - 1) / 2];
    bench->heap[i] = candidate;
}

static struct candidate heap_pop(struct bench *bench) {
    struct candidate best = bench->heap[0], last = bench->heap[--bench->n_heap];
    size_t i = 0, n = bench->n_heap;
    for (size_t child; (child = 2 * i + 1) < n; i = child) {
        if (child + 1 < n && before(&bench->heap[child + 1], &bench->heap[child]))
            child++;
        if (!before(&bench->heap[child], &last))
            break;
        bench->heap[i] = bench->heap[child];
    }
    bench->heap[i] = last;
    return best;
}

static void add_symbol(struct bench *bench, int32_t token, uint32_t from, uint32_t n) {
    if (!TRY_ROOM(bench->symbols, bench->symbol_capacity, bench->n_symbol + 1))
        return;
    int32_t i = (int32_t)bench->n_symbol++;
    bench->symbols[i] = (struct symbol){token, i - 1, i + 1, from, n};
}

static void offer(const struct vocabulary *vocabulary, struct bench *bench, struct view piece,
                  int32_t left) {
    if (left < 0)
        return;
    const struct symbol *a = &bench->symbols[left];
    if (a->next < 0)
        return;
    const struct symbol *b = &bench->symbols[a->next];
    struct candidate candidate = {0, left, a->next, a->token, b->token, -1};
    if (vocabulary->kind == VOCABULARY_BYTE_PAIR) {
        const struct merge *merge = vocabulary_merge(vocabulary, a->token, b->token);
        if (!merge)
            return;
        candidate.order = merge->rank;
        candidate.result = merge->result;
    } else {
        struct view joined = {piece.at + a->from, a->n + b->n};
        candidate.result = vocabulary_find(vocabulary, joined);
        if (candidate.result < 0)
            return;
        candidate.order = -vocabulary->scores[candidate.result];
        /* Symbols that are no token have token −1: their lengths tell them apart. */
        candidate.left_token = (int32_t)a->n;
        candidate.right_token = (int32_t)b->n;
    }
    heap_push(bench, candidate);
}

static bool is_current(const struct vocabulary *vocabulary, const struct bench *bench,
                       const struct candidate *candidate) {
    const struct symbol *a = &bench->symbols[candidate->left];
    const struct symbol *b = &bench->symbols[candidate->right];
    if (a->n == 0 || b->n == 0 || a->next != candidate->right)
        return false;
    if (vocabulary->kind == VOCABULARY_BYTE_PAIR)
        return a->token == candidate->left_token && b->token == candidate->right_token;
    return (int32_t)a->n == candidate->left_token && (int32_t)b->n == candidate->right_token;
}

/* False when there is nothing to merge. */
static bool merge_all(const struct vocabulary *vocabulary, struct bench *bench,
                      struct view piece) {
    if (bench->n_symbol == 0)
        return false;
    bench->symbols[bench->n_symbol - 1].next = -1;
    bench->n_heap = 0;
    for (size_t i = 0; i + 1 < bench->n_symbol; i++)
        offer(vocabulary, bench, piece, (int32_t)i);
    while (bench->n_heap) {
        struct candidate candidate = heap_pop(bench);
        if (!is_current(vocabulary, bench, &candidate))
            continue;
        struct symbol *a = &bench->symbols[candidate.left];
        struct symbol *b = &bench->symbols[candidate.right];
        a->token = candidate.result;
        a->n += b->n;
        a->next = b->next;
        b->n = 0;
        if (a->next >= 0)
            bench->symbols[a->next].previous = candidate.left;
        offer(vocabulary, bench, piece, a->previous);
        offer(vocabulary, bench, piece, candidate.left);
    }
    return true;
}

/* A piece as the file writes its tokens, to look it up whole. */
static int32_t find_whole(const struct vocabulary *vocabulary, struct view piece) {
    char text[512];
    size_t n = 0;
    for (size_t i = 0; i < piece.n; i++) {
        if (n + 4 > sizeof text)
            return -1;
        n += utf8_encode(byte_to_point((uint8_t)piece.at[i]), text + n);
    }
    return vocabulary_find(vocabulary, (struct view){text, n});
}

static void encode_piece(const struct vocabulary *vocabulary, struct view piece,
                         struct bench *bench, struct tokens *out) {
    if (vocabulary->rule->ignores_merges) {
        int32_t whole = find_whole(vocabulary, piece);
        if (whole >= 0) {
            tokens_append(out, whole);
            return;
        }
    }
    bench->n_symbol = 0;
    for (size_t i = 0; i < piece.n; i++)
        add_symbol(bench, vocabulary->of_byte[(uint8_t)piece.at[i]], (uint32_t)i, 1);
    bool any = merge_all(vocabulary, bench, piece);
    for (int32_t i = any ? 0 : -1; i >= 0; i = bench->symbols[i].next)
        if (bench->symbols[i].token >= 0) /* some vocabularies lack bytes that UTF-8 never has */
            tokens_append(out, bench->symbols[i].token);
}

struct points { /* code points of a text, and where each begins */
    int32_t *at;
    size_t *offset;
    size_t n;
};

static void cut_run(const struct piece_rule *rule, struct view text, const struct points *points,
                    size_t from, size_t to, piece_function *take, void *data) {
    while (from < to) {
        size_t next = rule->next(rule, points->at, from, to);
        if (next <= from)
            next = from + 1;
        take(data, view_slice(text, points->offset[from], points->offset[next]));
        from = next;
    }
}

/* Marks that came after Unicode 9, by which the original composes: it neither moves nor joins
 * them. */
static bool is_newer_mark(int32_t point) {
    static const int32_t newer[][2] = {
        {0x7FD, 0x7FD},     {0x898, 0x89F},     {0x8CA, 0x8D3},     {0x9FE, 0x9FE},
        {0xC3C, 0xC3C},     {0xD3B, 0xD3C},     {0xEBA, 0xEBA},     {0x1715, 0x1715},
        {0x1ABF, 0x1ACE},   {0x1DF6, 0x1DFA},   {0xA82C, 0xA82C},   {0x10D24, 0x10D27},
        {0x10EAB, 0x10EAC}, {0x10EFD, 0x10EFF}, {0x10F46, 0x10F50}, {0x10F82, 0x10F85},
        {0x11070, 0x11070}, {0x1133B, 0x1133B}, {0x1145E, 0x1145E}, {0x11839, 0x1183A},
        {0x11930, 0x11938}, {0x1193D, 0x1193E}, {0x11943, 0x11943}, {0x119E0, 0x119E0},
        {0x11A34, 0x11A34}, {0x11A47, 0x11A47}, {0x11A99, 0x11A99}, {0x11D42, 0x11D42},
        {0x11D44, 0x11D45}, {0x11D97, 0x11D97}, {0x11F41, 0x11F42}, {0x16FF0, 0x16FF1},
        {0x1E08F, 0x1E08F}, {0x1E130, 0x1E136}, {0x1E2AE, 0x1E2AE}, {0x1E2EC, 0x1E2EF},
        {0x1E4EC, 0x1E4EF}};
    for (size_t i = 0; point >= newer[0][0] && i < COUNT_OF(newer) && point >= newer[i][0]; i++)
        if (point <= newer[i][1])
            return true;
    return false;
}

/* The code point at `at`, and whether it stays as it stands: bytes that are no UTF-8 do too. */
static bool stays(struct view text, size_t at, size_t *n) {
    int32_t point;
    *n = utf8_decode(text.at + at, text.n - at, &point);
    return point < 0 || is_newer_mark(point);
}

/* NFC. Nothing below U+0300 changes. */
static struct view composed(struct view text, struct buffer *out) {
    bool plain = true;
    for (size_t i = 0; i < text.n && plain; i++)
        plain = (uint8_t)text.at[i] < 0xCC;
    if (plain)
        return text;
    for (size_t from = 0, to = 0, n; from < text.n; from = to) {
        while (to < text.n && !stays(text, to, &n))
            to += n;
        unicode_nfc(view_slice(text, from, to), out);
        for (from = to; to < text.n && stays(text, to, &n);)
            to += n;
        buffer_append(out, view_slice(text, from, to));
    }
    return buffer_view(out);
}

void cut_pieces(const struct piece_rule *rule, struct view given, piece_function *take,
                void *data) {
    struct buffer normal = {0};
    struct view text = rule->composes ? composed(given, &normal) : given;
    struct points points = {try_alloc(text.n + 1, sizeof(int32_t), NULL),
                            try_alloc(text.n + 1, sizeof(size_t), NULL), 0};
    if (!points.at || !points.offset)
        text.n = 0;
    for (size_t i = 0; i < text.n; points.n++) {
        points.offset[points.n] = i;
        i += utf8_decode(text.at + i, text.n - i, &points.at[points.n]);
    }
    if (points.n)
        points.offset[points.n] = text.n;
    size_t from = 0;
    if (rule->digits_first)
        for (size_t i = 0; i < points.n; i++)
            if (unicode_class(points.at[i]) == UNICODE_NUMBER) {
                cut_run(rule, text, &points, from, i, take, data);
                cut_run(rule, text, &points, i, i + 1, take, data);
                from = i + 1;
            }
    cut_run(rule, text, &points, from, points.n, take, data);
    buffer_free(&normal);
    free(points.at);
    free(points.offset);
}

struct encoding {
    const struct vocabulary *vocabulary;
    struct bench bench;
    struct tokens *out;
};

static void take_piece(void *data, struct view piece) {
    struct encoding *encoding = data;
    encode_piece(encoding->vocabulary, piece, &encoding->bench, encoding->out);
}

void byte_pair_encode(const struct vocabulary *vocabulary, struct view text, struct tokens *out) {
    struct encoding encoding = {.vocabulary = vocabulary, .out = out};
    cut_pieces(vocabulary->rule, text, take_piece, &encoding);
    free(encoding.bench.symbols);
    free(encoding.bench.heap);
}

void sentence_piece_encode(const struct vocabulary *vocabulary, struct view text,
                           struct tokens *out) {
    struct buffer escaped = {0}; /* spaces are written ▁ */
    if (vocabulary->adds_space)  /* also after a special token */
        buffer_text(&escaped, "\u2581");
    for (size_t i = 0; i < text.n; i++)
        if (text.at[i] == ' ')
            buffer_text(&escaped, "\u2581");
        else
            buffer_byte(&escaped, text.at[i]);
    struct view whole = buffer_view(&escaped);
    struct bench bench = {0};
    for (size_t i = 0; i < whole.n;) {
        int32_t point;
        size_t n = utf8_decode(whole.at + i, whole.n - i, &point);
        int32_t token = vocabulary_find(vocabulary, view_slice(whole, i, i + n));
        add_symbol(&bench, token, (uint32_t)i, (uint32_t)n);
        i += n;
    }
    bool any = merge_all(vocabulary, &bench, whole);
    for (int32_t i = any ? 0 : -1; i >= 0; i = bench.symbols[i].next) {
        const struct symbol *symbol = &bench.symbols[i];
        if (symbol->token >= 0) {
            tokens_append(out, symbol->token);
            continue;
        }
        for (uint32_t k = 0; k < symbol->n; k++) {
            int32_t byte = vocabulary->of_byte[(uint8_t)whole.at[symbol->from + k]];
            if (byte >= 0)
                tokens_append(out, byte);
            else if (vocabulary->unknown >= 0 && k == 0)
                tokens_append(out, vocabulary->unknown);
        }
    }
    buffer_free(&escaped);
    free(bench.symbols);
    free(bench.heap);
}
