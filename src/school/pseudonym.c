/* One walk over the text: at each place the matchers are asked how far what they know reaches. */
#include "school/pseudonym.h"

#include <stdlib.h>
#include <string.h>

enum {
    LONGEST_NAME = 12, /* letters of a name in a script without spaces or with words put to it */
    LEAST_DIGITS = 7,  /* of a number by which one is reached */
    MOST_BETWEEN = 3,  /* marks between two groups of its digits */
    LONGEST_SAID = 3,  /* Han letters that follow "my name is" */
};

struct pseudonyms {
    uint64_t *keys; /* hashes of plain words, open addressing, 0 is free */
    size_t n, capacity;
    uint64_t firsts[16]; /* a bit for the first letter of each name that may stand inside a run */
};

struct pseudonyms *pseudonyms_new(void) {
    return must_alloc(1, sizeof(struct pseudonyms));
}

void pseudonyms_free(struct pseudonyms *names) {
    if (names)
        free(names->keys);
    free(names);
}

/* --------------------------------------------------------------------------------- characters */

static int32_t decode(struct view text, size_t at, size_t *n) {
    int32_t c = -1;
    *n = at < text.n ? utf8_decode(text.at + at, text.n - at, &c) : 0;
    return c;
}

static bool is_letter(int32_t c) {
    enum unicode_class class = c < 0 ? UNICODE_OTHER : unicode_class(c);
    return class == UNICODE_LETTER || class == UNICODE_MARK;
}

static bool is_digit(int32_t c) {
    static const int32_t zeros[] = {'0', 0x660, 0x6F0, 0x966, 0xFF10}; /* decimal scripts in use */
    for (size_t i = 0; i < COUNT_OF(zeros); i++)
        if (c >= zeros[i] && c < zeros[i] + 10)
            return true;
    return false;
}

/* Scripts with capitals have spaces between words and hang nothing on names; in the others names
 * stand inside runs of letters: 我叫小明, ومحمد. */
static bool is_cased(int32_t c) {
    return c < 0x590 || (c >= 0x10A0 && c < 0x1100) || (c >= 0x13A0 && c < 0x1400) ||
           (c >= 0x1C80 && c < 0x2000) || (c >= 0x2C00 && c < 0x2E00) ||
           (c >= 0xA640 && c < 0xA800) || (c >= 0xFB00 && c < 0xFB07) ||
           (c >= 0xFF21 && c <= 0xFF5A);
}

static bool is_dense(int32_t c) { /* two letters are a name, and none stands between words */
    return unicode_is_han(c) || (c >= 0x3040 && c < 0x3100) || (c >= 0xAC00 && c < 0xD7B0);
}

/* Folded and without accents. */
static void plain(struct view text, struct buffer *out) {
    struct buffer folded = {0};
    int32_t parts[4], c;
    unicode_fold(text, &folded);
    for (size_t i = 0, n; i < folded.n; i += n) {
        n = utf8_decode(folded.at + i, folded.n - i, &c);
        int n_part = c < 0 ? 0 : unicode_decompose(c, parts);
        for (int j = 0; j < n_part; j++) {
            char bytes[4];
            if (!unicode_is_accent(parts[j]))
                buffer_append(out, (struct view){bytes, utf8_encode(parts[j], bytes)});
        }
    }
    buffer_free(&folded);
}

static uint64_t key_of(struct view text) {
    struct buffer word = {0};
    plain(text, &word);
    uint64_t key = hash64(buffer_view(&word), 0);
    buffer_free(&word);
    return key + (key == 0);
}

/* --------------------------------------------------------------------------------------- names */

static uint64_t *slot_of(uint64_t *keys, size_t capacity, uint64_t key) {
    size_t i = key & (capacity - 1);
    while (keys[i] && keys[i] != key)
        i = (i + 1) & (capacity - 1);
    return &keys[i];
}

static bool is_known(const struct pseudonyms *names, struct view word) {
    return names->capacity && *slot_of(names->keys, names->capacity, key_of(word)) != 0;
}

static void add_key(struct pseudonyms *names, uint64_t key) {
    if (names->n * 2 >= names->capacity) {
        size_t capacity = names->capacity ? names->capacity * 2 : 256;
        uint64_t *keys = must_alloc(capacity, sizeof *keys);
        for (size_t i = 0; i < names->capacity; i++)
            if (names->keys[i])
                *slot_of(keys, capacity, names->keys[i]) = names->keys[i];
        free(names->keys);
        names->keys = keys;
        names->capacity = capacity;
    }
    uint64_t *slot = slot_of(names->keys, names->capacity, key);
    names->n += *slot == 0;
    *slot = key;
}

static size_t first_bit(int32_t c) {
    int32_t parts[4];
    int n = unicode_decompose(unicode_lower(c), parts);
    return (size_t)(n ? parts[0] : c) % (sizeof((struct pseudonyms *)0)->firsts * 8);
}

static void add_part(struct pseudonyms *names, struct view part) {
    size_t n, length = utf8_length(part);
    int32_t c = decode(part, 0, &n);
    if (length < 2)
        return;
    add_key(names, key_of(part));
    if (is_cased(c))
        return;
    names->firsts[first_bit(c) / 64] |= 1ull << first_bit(c) % 64;
    if (unicode_is_han(c) && length > 2 && length < 5) /* without the family's name */
        add_key(names, key_of(view_slice(part, n, part.n))),
            add_part(names, view_slice(part, n, part.n));
}

/* Behind the run of letters, of scripts with capitals or of others, that begins here. */
static size_t end_of_word(struct view text, size_t at) {
    size_t n, from = at;
    bool cased = false;
    for (int32_t c; at < text.n && is_letter(c = decode(text, at, &n)); at += n) {
        if (at == from)
            cased = is_cased(c);
        else if (is_cased(c) != cased)
            break;
    }
    return at;
}

/* The next of them from *at on, behind which *at is put; false at the end. */
static bool next_part(struct view name, size_t *at, struct view *part) {
    size_t n;
    while (*at < name.n && !is_letter(decode(name, *at, &n)))
        *at += n;
    size_t from = *at;
    *at = end_of_word(name, from);
    *part = view_slice(name, from, *at);
    return part->n > 0;
}

static bool is_small(struct view part) {
    size_t n;
    int32_t c = decode(part, 0, &n);
    return is_cased(c) && unicode_lower(c) == c;
}

void pseudonyms_add(struct pseudonyms *names, struct view name) {
    struct view part;
    bool any_capital = false;
    for (size_t at = 0; next_part(name, &at, &part);)
        any_capital = any_capital || !is_small(part);
    for (size_t at = 0; next_part(name, &at, &part);)
        if (!any_capital || !is_small(part))
            add_part(names, part);
}

/* ------------------------------------------------------------------------------------ matchers
 *
 * Each gives how many bytes from `at` on are what it knows; 0: none. */

/* Inside a run: the longest name that begins here. */
static size_t match_inside(const struct pseudonyms *names, struct view text, size_t at) {
    size_t n, end = at, found = 0, length = 0;
    int32_t c = decode(text, at, &n);
    if (!(names->firsts[first_bit(c) / 64] >> first_bit(c) % 64 & 1))
        return 0;
    bool dense = is_dense(c);
    while (length < LONGEST_NAME && is_letter(decode(text, end, &n))) {
        end += n;
        length++;
        if (length >= (dense ? 2 : 3) && is_known(names, view_slice(text, at, end)))
            found = end - at;
    }
    return found;
}

static size_t match_name(const struct pseudonyms *names, struct view text, size_t at,
                         bool begins) {
    size_t n, end;
    int32_t c = decode(text, at, &n);
    if (!is_letter(c))
        return 0;
    if (begins && (end = end_of_word(text, at)) - at > 1 &&
        is_known(names, view_slice(text, at, end)))
        return end - at;
    return is_cased(c) ? 0 : match_inside(names, text, at);
}

static bool starts_folded(struct view text, size_t at, const char *words) {
    size_t n = strlen(words);
    if (at + n > text.n)
        return false;
    for (size_t i = 0; i < n; i++) {
        char c = text.at[at + i];
        if ((c >= 'A' && c <= 'Z' ? c + 32 : c) != words[i])
            return false;
    }
    return true;
}

/* "my name is": the bytes of the phrase before the name. */
static size_t match_said(struct view text, size_t at, bool begins) {
    static const char *const phrases[] = {
        "my name is ", "my name's ",    "my names ", "call me ", "i am called ", "i'm called ",
        "me llamo ",   "mi nombre es ", "me dicen ", "اسمي هو ", "اسمي ",        "我的名字是",
        "我的名字叫",  "我名字叫",      "我叫做",    "我叫",     "我姓"};
    for (size_t i = 0; i < COUNT_OF(phrases); i++)
        if ((begins || (uint8_t)phrases[i][0] >= 0x80) && starts_folded(text, at, phrases[i]))
            return strlen(phrases[i]);
    return 0;
}

/* The name itself: a word, and one more where that has a capital; of Han three letters. */
static size_t name_said(struct view text, size_t at) {
    size_t n, end = at, length = 0;
    if (unicode_is_han(decode(text, at, &n))) {
        while (length++ < LONGEST_SAID && unicode_is_han(decode(text, end, &n)))
            end += n;
        return end - at;
    }
    end = end_of_word(text, at);
    if (end > at && end < text.n && text.at[end] == ' ') {
        size_t next = end_of_word(text, end + 1);
        int32_t c = decode(text, end + 1, &n);
        if (next > end + 1 && c >= 0 && unicode_lower(c) != c)
            end = next;
    }
    return end - at;
}

/* The bytes of a letter, a digit or a dash of an address; 0: it is none. Letters without capitals
 * are not: in Chinese an address stands between words without spaces. */
static size_t in_address(struct view text, size_t at) {
    size_t n;
    int32_t c = decode(text, at, &n);
    bool is = (c >= '0' && c <= '9') || c == '-' || c == '_' || (is_letter(c) && is_cased(c));
    return is ? n : 0;
}

/* Dots inside, none at the end. */
static size_t end_of_host(struct view text, size_t at) {
    size_t end = at;
    for (size_t i = at, n; (n = in_address(text, i)) || (i < text.n && text.at[i] == '.');) {
        i += n ? n : 1;
        end = n ? i : end;
    }
    return end;
}

/* name@host, and @name. */
static size_t match_mail(struct view text, size_t at) {
    size_t i = at;
    for (size_t n; (n = in_address(text, i)) ||
                   (i > at && i < text.n && text.at[i] && strchr(".+%'", text.at[i]));)
        i += n ? n : 1;
    if (i >= text.n || text.at[i] != '@')
        return 0;
    size_t end = end_of_host(text, i + 1);
    return end > i + 2 ? end - at : 0;
}

static size_t end_of_address(struct view text, size_t at) {
    while (at < text.n && (uint8_t)text.at[at] > ' ' && !strchr("<>\"`", text.at[at]))
        at++;
    while (at && strchr(".,;:!?)]}'*", text.at[at - 1]))
        at--;
    return at;
}

static bool is_domain(struct view host) {
    static const char *const tops[] = {
        "com", "org", "net", "edu", "gov", "info", "io", "me", "app", "dev", "tv", "co",  "eu",
        "us",  "uk",  "de",  "fr",  "es",  "it",   "nl", "ch", "at",  "pt",  "pl", "se",  "no",
        "cn",  "hk",  "tw",  "jp",  "kr",  "in",   "ru", "ua", "tr",  "br",  "mx", "ar",  "cl",
        "pe",  "ca",  "au",  "nz",  "za",  "eg",   "sa", "ae", "ma",  "il",  "gg", "xyz", "site"};
    ptrdiff_t dot = -1;
    for (size_t i = 0; i < host.n; i++)
        dot = host.at[i] == '.' ? (ptrdiff_t)i : dot;
    /* "The end.No space" has a capital behind its dot. */
    if (dot > 0 && (size_t)dot + 1 < host.n && host.at[dot + 1] >= 'A' &&
        host.at[dot + 1] <= 'Z' && host.at[0] >= 'a' && host.at[0] <= 'z')
        return false;
    for (size_t i = 0; dot > 0 && i < COUNT_OF(tops); i++)
        if (host.n - (size_t)dot - 1 == strlen(tops[i]) &&
            starts_folded(host, (size_t)dot + 1, tops[i]))
            return true;
    return false;
}

static size_t match_address(struct view text, size_t at) {
    static const char *const schemes[] = {"http://", "https://", "ftp://", "file://", "www."};
    for (size_t i = 0; i < COUNT_OF(schemes); i++)
        if (starts_folded(text, at, schemes[i]))
            return end_of_address(text, at) - at;
    size_t end = end_of_host(text, at);
    if (end == at || !is_domain(view_slice(text, at, end)))
        return 0;
    return (end < text.n && text.at[end] == '/' ? end_of_address(text, end) : end) - at;
}

static bool between_digits(int32_t c) {
    return c == ' ' || c == '-' || c == '.' || c == '/' || c == '(' || c == ')' || c == 0xA0 ||
           c == 0x202F || (c >= 0x2010 && c <= 0x2013);
}

struct groups {
    size_t n, digits, first, longest;
    bool spaced; /* by single spaces alone */
    bool dot;    /* a dot stands between two of them */
};

/* Decimals (3.14159265) and thousands (10 000 000) say how much, and reach nobody. */
static bool is_amount(const struct groups *groups) {
    bool decimal = groups->n == 2 && groups->dot && groups->first < 3;
    bool thousands = groups->n > 1 && groups->spaced && groups->first < 3 &&
                     groups->longest == 3 && groups->digits == groups->first + 3 * (groups->n - 1);
    return decimal || thousands;
}

static size_t end_of_digits(struct view text, size_t at, size_t *count) {
    size_t n;
    for (*count = 0; is_digit(decode(text, at, &n)); at += n)
        ++*count;
    return at;
}

/* *read: behind the digits that were looked at, within which none begins anew. */
static size_t match_number(struct view text, size_t at, size_t *read) {
    struct groups groups = {.spaced = true};
    size_t end = at, n, i = at;
    bool plus = i < text.n && text.at[i] == '+';
    i += plus;
    i += i < text.n && text.at[i] == '(';
    for (size_t count; (end = end_of_digits(text, i, &count)), count;) {
        groups.first = groups.n++ ? groups.first : count;
        groups.longest = groups.n > 1 && count > groups.longest ? count : groups.longest;
        groups.digits += count;
        size_t next = end, marks = 0;
        while (marks <= MOST_BETWEEN && between_digits(decode(text, next, &n))) {
            groups.dot = groups.dot || text.at[next] == '.';
            next += n;
            marks++;
        }
        if (!marks || marks > MOST_BETWEEN || !is_digit(decode(text, next, &n)))
            break;
        groups.spaced = groups.spaced && marks == 1 && text.at[end] == ' ';
        i = next;
    }
    *read = end;
    bool reaches = groups.digits >= LEAST_DIGITS && groups.n * 2 <= groups.digits + 1 &&
                   (plus || !is_amount(&groups));
    return reaches ? end - at : 0;
}

/* --------------------------------------------------------------------------------------- walk */

static void put(struct buffer *out, const char *mark, size_t *count) {
    ++*count;
    size_t n = strlen(mark); /* "Ana López" is one name */
    if (out->n > n && out->at[out->n - 1] == ' ' && !memcmp(out->at + out->n - 1 - n, mark, n))
        out->n--;
    else
        buffer_text(out, mark);
}

struct walk {
    const struct pseudonyms *names;
    struct view text;
    struct buffer *out;
    struct struck *struck;
    size_t at, read; /* numbers up to `read` have been looked at */
    bool begins;     /* no letter of the same kind stands before */
};

/* What was struck; 0: nothing. */
static size_t strike_here(struct walk *walk) {
    struct view text = walk->text;
    struct struck *struck = walk->struck;
    size_t at = walk->at, n = 0;
    if (walk->begins || text.at[at] == '@')
        n = match_mail(text, at);
    if (n)
        return put(walk->out, "[mail]", &struck->mails), n;
    if (walk->begins)
        n = match_address(text, at);
    if (n)
        return put(walk->out, "[address]", &struck->addresses), n;
    if (at >= walk->read)
        n = match_number(text, at, &walk->read);
    if (n)
        return put(walk->out, "[number]", &struck->numbers), n;
    n = match_name(walk->names, text, at, walk->begins);
    if (n)
        return put(walk->out, "[name]", &struck->names), n;
    n = match_said(text, at, walk->begins);
    size_t said = n ? name_said(text, at + n) : 0;
    if (!said)
        return 0;
    buffer_append(walk->out, view_slice(text, at, at + n));
    put(walk->out, "[name]", &struck->names);
    return n + said;
}

static bool begins_behind(struct view text, size_t at, int32_t before) {
    size_t n;
    int32_t c = decode(text, at, &n);
    return !is_letter(before) || (is_letter(c) && is_cased(c) != is_cased(before));
}

void pseudonyms_strike(const struct pseudonyms *names, struct view text, struct buffer *out,
                       struct struck *struck) {
    struct walk walk = {names, text, out, struck, .begins = true};
    while (walk.at < text.n) {
        size_t n = strike_here(&walk);
        walk.at += n;
        walk.begins = true;
        if (n)
            continue;
        int32_t c = decode(text, walk.at, &n);
        buffer_append(out, view_slice(text, walk.at, walk.at + n));
        walk.at += n;
        walk.begins = begins_behind(text, walk.at, c);
    }
}
