/* The allowed words stand in a trie of bytes. A token is allowed when its bytes, after the word so
 * far, end each word that they end in the trie and leave the last one inside it. Tokens that begin
 * with a separator do so or not whatever the word so far was, so they are tried once; of the rest,
 * most fail at their first byte. */
#include "company/lexicon.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TRIE_FULL = 1 << 20, WORD_BYTES = 64 };

struct spellings {
    const struct vocabulary *vocabulary;
    int n;
    struct buffer bytes;
    uint32_t *from; /* n + 1 offsets in bytes */
};

struct spellings *spellings_new(const struct vocabulary *vocabulary) {
    struct spellings *made = must_alloc(1, sizeof *made);
    made->vocabulary = vocabulary;
    made->n = vocabulary_size(vocabulary);
    made->from = must_alloc((size_t)made->n + 1, sizeof *made->from);
    for (int token = 0; token < made->n; token++) {
        vocabulary_decode(vocabulary, token, SPECIAL_AS_TEXT, &made->bytes);
        made->from[token + 1] = (uint32_t)made->bytes.n;
    }
    return made;
}

void spellings_free(struct spellings *spellings) {
    if (!spellings)
        return;
    buffer_free(&spellings->bytes);
    free(spellings->from);
    free(spellings);
}

static struct view spelling(const struct spellings *spellings, int token) {
    uint32_t from = spellings->from[token];
    return (struct view){spellings->bytes.at + from, spellings->from[token + 1] - from};
}

/* ------------------------------------------------------------------------------------ the trie */

struct node {
    uint8_t byte;
    bool whole; /* a word ends here */
    bool joins; /* another may follow without a space: Han characters, their punctuation */
    uint32_t child, sibling;
};

struct lexicon {
    const struct spellings *spellings;
    struct node *nodes; /* 0 is the root */
    uint32_t n, capacity;
    uint32_t word; /* the word so far: a node, the root between words */
    bool formulas; /* the text has some: TeX's signs are punctuation too */
    bool *after;   /* of the tokens that begin with a separator: those that may follow a word */
};

static uint32_t find_child(const struct lexicon *lexicon, uint32_t node, uint8_t byte) {
    for (uint32_t child = lexicon->nodes[node].child; child; child = lexicon->nodes[child].sibling)
        if (lexicon->nodes[child].byte == byte)
            return child;
    return 0;
}

static uint32_t add_child(struct lexicon *lexicon, uint32_t node, uint8_t byte) {
    uint32_t child = find_child(lexicon, node, byte);
    if (child || lexicon->n == TRIE_FULL)
        return child;
    if (lexicon->n == lexicon->capacity) {
        lexicon->capacity *= 2;
        lexicon->nodes = must_realloc(lexicon->nodes, lexicon->capacity, sizeof *lexicon->nodes);
    }
    child = lexicon->n++;
    lexicon->nodes[child] = (struct node){.byte = byte, .sibling = lexicon->nodes[node].child};
    lexicon->nodes[node].child = child;
    return child;
}

static void add_word(struct lexicon *lexicon, struct view word, bool joins) {
    uint32_t node = 0;
    for (size_t i = 0; i < word.n; i++)
        if (!(node = add_child(lexicon, node, (uint8_t)word.at[i])))
            return;
    lexicon->nodes[node].whole = node != 0;
    lexicon->nodes[node].joins = joins;
}

/* A word of the text may begin a sentence, and the first word of one stand inside. */
static void add_cases(struct lexicon *lexicon, struct view word) {
    char turned[WORD_BYTES];
    if (word.n == 0 || word.n > sizeof turned)
        return;
    add_word(lexicon, word, false);
    memcpy(turned, word.at, word.n);
    bool letter = (turned[0] | 32) >= 'a' && (turned[0] | 32) <= 'z';
    if (letter) {
        turned[0] ^= 32;
        add_word(lexicon, (struct view){turned, word.n}, false);
    }
}

static bool in_word(uint8_t byte) {
    return byte >= 0x80 || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

static bool separates(const struct lexicon *lexicon, uint8_t byte) {
    return byte && (strchr(" ,.;:?!'\"()-%/=+*$\n0123456789", byte) ||
                    (lexicon->formulas && strchr("^_\\{}<>|[]&", byte)));
}

/* Cuts into words; characters of scripts that write without spaces stand alone. */
static void add_text(struct lexicon *lexicon, struct view text) {
    size_t start = 0, n;
    for (size_t at = 0; at <= text.n; at += n) {
        int32_t point = ' ';
        n = 1;
        if (at < text.n)
            n = utf8_decode(text.at + at, text.n - at, &point);
        enum unicode_class class = unicode_class(point);
        bool alone = unicode_is_han(point) || (point >= 0x3040 && point < 0x3100) ||
                     (point >= 0x80 && class != UNICODE_LETTER && class != UNICODE_MARK &&
                      class != UNICODE_OTHER);
        if (!alone && (class == UNICODE_LETTER || class == UNICODE_MARK))
            continue;
        add_cases(lexicon, view_slice(text, start, at));
        if (alone && point >= 0x80)
            add_word(lexicon, view_slice(text, at, at + n), true);
        start = at + n;
    }
}

/* Function words of the languages that are taught: they carry no claim of their own, and whether
 * they turn one over is for the review to see. */
static const char function_words[] =
    "a an the this that these those it its he she they them their theirs we us our you your i me "
    "my "
    "one ones who whom whose which what when where why how there here and or but nor so yet if "
    "then "
    "else than as because since while although though until unless whether of in on at by for "
    "with "
    "without from to into onto over under between among about against through during before after "
    "above below up down out off again once only just even also too very more most less least "
    "much "
    "many few little some any all both each every either neither no not none nothing never always "
    "often sometimes usually is are was were be been being am do does did done doing has have had "
    "having can could may might must shall should will would let s t re ll ve d m don doesn didn "
    "isn "
    "aren wasn weren can couldn won wouldn hasn haven yes okay still such same other another own "
    "called means mean say says said use used uses using make makes made get gets give gives "
    "given "
    "take takes think look ask find see try remember know happens first next last now "
    "el la los las un una unos unas de del al y o u e que quien cual cuando donde como porque "
    "pues "
    "si no ni sin con por para en a ante bajo desde hasta entre hacia segun sobre tras es son era "
    "eran ser estar esta este esto estos estas ese esa eso hay ha han lo le les se su sus mi tu "
    "muy mas menos tambien solo siempre nunca cada todo toda todos todas otro otra "
    "的一是不了在有和与或也就都而及着把被从到对以为于之这那个些它他她们我你您所其中上下里外时后前"
    "再又还"
    "要会能可应该吗呢吧啊什么怎样么如果因此但却只每没无非将使让给比更最很太";

static const char wide_punctuation[] = "，。！？：；（）“”‘’、—–…·";

struct walk {
    uint32_t node;
    bool good;
};

/* Follows bytes from a word so far. */
static struct walk follow(const struct lexicon *lexicon, uint32_t node, struct view bytes) {
    for (size_t i = 0; i < bytes.n; i++) {
        uint8_t byte = (uint8_t)bytes.at[i];
        const struct node *here = &lexicon->nodes[node];
        if (!in_word(byte)) {
            if (!separates(lexicon, byte) || (node && !here->whole))
                return (struct walk){0, false};
            node = 0;
            continue;
        }
        uint32_t child = find_child(lexicon, node, byte);
        if (!child && node && here->whole && (here->joins || byte >= 0x80))
            child = find_child(lexicon, 0, byte);
        if (!child)
            return (struct walk){0, false};
        node = child;
    }
    return (struct walk){node, true};
}

struct lexicon *lexicon_new(const struct spellings *spellings, struct view text) {
    struct lexicon *made = must_alloc(1, sizeof *made);
    made->spellings = spellings;
    made->capacity = 4096;
    made->nodes = must_alloc(made->capacity, sizeof *made->nodes);
    made->n = 1;
    made->formulas = view_find(text, VIEW("$")) >= 0;
    add_text(made, text);
    add_text(made, view_of(function_words));
    add_text(made, view_of(wide_punctuation));
    made->after = must_alloc((size_t)spellings->n, sizeof(bool));
    for (int token = 0; token < spellings->n; token++) {
        struct view bytes = spelling(spellings, token);
        made->after[token] =
            bytes.n && !in_word((uint8_t)bytes.at[0]) && follow(made, 0, bytes).good;
    }
    return made;
}

void lexicon_free(struct lexicon *lexicon) {
    if (!lexicon)
        return;
    free(lexicon->nodes);
    free(lexicon->after);
    free(lexicon);
}

/* ------------------------------------------------------------------------------ the constraint */

static bool allowed(const struct lexicon *lexicon, int token, bool whole) {
    if (vocabulary_is_end(lexicon->spellings->vocabulary, token))
        return whole;
    struct view bytes = spelling(lexicon->spellings, token);
    if (bytes.n == 0)
        return false;
    if (!in_word((uint8_t)bytes.at[0]))
        return whole && lexicon->after[token];
    return follow(lexicon, lexicon->word, bytes).good;
}

static void mask(void *data, float *logits, int n_vocabulary) {
    const struct lexicon *lexicon = data;
    bool whole = !lexicon->word || lexicon->nodes[lexicon->word].whole, any = false;
    for (int token = 0; token < n_vocabulary; token++) {
        if (token < lexicon->spellings->n && allowed(lexicon, token, whole))
            any = true;
        else if (!vocabulary_is_end(lexicon->spellings->vocabulary, token))
            logits[token] = -INFINITY;
    }
    /* In the middle of a word the text may end only when there is no way on. */
    for (int token = 0; any && !whole && token < lexicon->spellings->n; token++)
        if (vocabulary_is_end(lexicon->spellings->vocabulary, token))
            logits[token] = -INFINITY;
}

static void accept(void *data, int32_t token) {
    struct lexicon *lexicon = data;
    lexicon->word = follow(lexicon, lexicon->word, spelling(lexicon->spellings, token)).node;
}

struct constraint lexicon_constraint(struct lexicon *lexicon) {
    return (struct constraint){.data = lexicon, .mask = mask, .accept = accept};
}
