/* The language of a text: by its script, and among those in Latin letters by their small words. */
#include "workshop/workshop.h"

#include <pthread.h>
#include <string.h>

#include "workshop/words.h"

enum { LOOKED_AT = 4096, LEAST_HITS = 2, N_SCRIPT = 12, MOST_SMALL = 400, SMALL_SLOTS = 1024 };

/* clang-format off */
static const struct { const char *tag, *words; } small[] = {
    {"en", "the of and to in is that it for was with as on are this be by not have from which you at or an they but what"},
    {"es", "el la de que y en los del las un por con una para es se su al lo como pero más está cuando muy sin sobre"},
    {"fr", "le la les de des et en un une du est que dans pour qui sur pas plus par avec ce il au sont cette nous vous mais"},
    {"de", "der die das und ist nicht ein eine zu den mit von im für auf des dem sich auch wir als wie bei oder wird sind"},
    {"it", "il di che e la per un non una del è in della le con si da come più sono gli anche nel alla ma questo"},
    {"pt", "o de que e do da em um para não uma os no se na por mais as dos como mas foi ao ele das à são você"},
    {"nl", "de het een van en in is dat op te zijn voor niet met aan er om maar ook als dan bij nog wordt naar deze"},
    {"sv", "och att det i en som på är av för med den till inte har de ett om var jag men sig från vi så"},
    {"pl", "w i na z się nie do że jest to o jak po ale od co za przez dla oraz jego tym był które"},
    {"tr", "bir ve bu da de için ile ne çok daha gibi olarak var olan sonra kadar ama en o mi ki her"},
    {"id", "yang dan di untuk dengan ini itu dari dalam tidak pada akan adalah ke juga atau saya bisa ada kita"},
    {"vi", "và của là các có được cho không trong một những người này với để đã khi từ đến như cũng"},
};

static const struct { int32_t from, to; const char *tag; } scripts[N_SCRIPT] = {
    {0x0370, 0x03FF, "el"}, {0x0400, 0x052F, "ru"}, {0x0530, 0x058F, "hy"}, {0x0590, 0x05FF, "he"},
    {0x0600, 0x06FF, "ar"}, {0x0900, 0x097F, "hi"}, {0x0980, 0x09FF, "bn"}, {0x0B80, 0x0BFF, "ta"},
    {0x0E00, 0x0E7F, "th"}, {0x10A0, 0x10FF, "ka"}, {0x1780, 0x17FF, "km"}, {0xAC00, 0xD7AF, "ko"},
};
/* clang-format on */

struct counts {
    size_t latin, han, kana, scripts[N_SCRIPT], ukrainian, persian;
};

static void count_letter(struct counts *counts, int32_t c) {
    if (unicode_is_han(c))
        counts->han++;
    else if (c >= 0x3040 && c <= 0x30FF)
        counts->kana++;
    else if (c < 0x0250 || (c >= 0x1E00 && c < 0x1F00))
        counts->latin++;
    for (size_t i = 0; c >= scripts[0].from && i < N_SCRIPT; i++)
        counts->scripts[i] += c >= scripts[i].from && c <= scripts[i].to;
    counts->ukrainian += c == 0x0456 || c == 0x0457 || c == 0x0454 || c == 0x0491;
    counts->persian += c == 0x067E || c == 0x0686 || c == 0x0698 || c == 0x06AF;
}

/* Which languages have the word: a bit each. */
static struct small_table {
    uint64_t keys[SMALL_SLOTS];
    uint16_t who[SMALL_SLOTS];
} small_table;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static size_t slot_of(uint64_t key) {
    size_t i = key % SMALL_SLOTS;
    while (small_table.keys[i] && small_table.keys[i] != key)
        i = (i + 1) % SMALL_SLOTS;
    return i;
}

static void build(void) {
    struct word word;
    for (size_t i = 0; i < COUNT_OF(small); i++)
        for (size_t at = 0; word_next(view_of(small[i].words), &at, &word);) {
            size_t slot = slot_of(word.hash);
            small_table.keys[slot] = word.hash;
            small_table.who[slot] |= (uint16_t)(1 << i);
        }
}

static const char *by_small_words(struct view text) {
    size_t hits[COUNT_OF(small)] = {0}, n = 0, at = 0, best = 0;
    pthread_once(&once, build);
    for (struct word word; n < MOST_SMALL && word_next(text, &at, &word);) {
        if (word.mark)
            continue;
        n++;
        unsigned who = small_table.who[slot_of(word.hash)];
        for (size_t i = 0; who >> i; i++)
            hits[i] += who >> i & 1;
    }
    for (size_t i = 1; i < COUNT_OF(small); i++)
        if (hits[i] > hits[best])
            best = i;
    return hits[best] >= LEAST_HITS && hits[best] * 12 >= n ? small[best].tag : "und";
}

const char *text_language(struct view text) {
    struct counts counts = {0};
    text = view_slice(text, 0, text.n < LOOKED_AT ? text.n : LOOKED_AT);
    for (size_t i = 0; i < text.n;) {
        int32_t c = (uint8_t)text.at[i];
        if (c < 0x80) {
            counts.latin += (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
            i++;
            continue;
        }
        i += utf8_decode(text.at + i, text.n - i, &c);
        if (c >= 0 && unicode_class(c) == UNICODE_LETTER)
            count_letter(&counts, c);
    }
    size_t best = 0;
    for (size_t i = 1; i < N_SCRIPT; i++)
        if (counts.scripts[i] > counts.scripts[best])
            best = i;
    size_t other = counts.scripts[best], east = counts.han + counts.kana;
    if (east * 3 >= counts.latin && east > other) /* a character says as much as some letters */
        return counts.kana * 5 > counts.han ? "ja" : counts.han ? "zh" : "und";
    if (other > counts.latin)
        return counts.ukrainian * 50 > other && !strcmp(scripts[best].tag, "ru") ? "uk"
               : counts.persian * 50 > other && !strcmp(scripts[best].tag, "ar")
                   ? "fa"
                   : scripts[best].tag;
    return by_small_words(text);
}
