/* Words and pairs of characters out of a text. */
#include "school/tutor/terms.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* clang-format off */
static const char *const stop_english[] = {
    "a", "about", "after", "again", "all", "also", "am", "an", "and", "any", "anybody", "anyone", "anyway", "are", "arent", "as",
    "at", "be", "because", "been", "before", "being", "but", "by", "can", "cannot", "cant", "come",
    "could", "did", "didnt", "do", "does", "doesnt", "doing", "dont", "each", "else", "ever", "every", "few", "for", "from", "had",
    "has", "have", "having", "he", "her", "here", "him", "his", "how", "hows", "i", "id", "if",
    "ill", "im", "in", "into", "is", "isnt", "it", "its", "itself", "ive", "just", "let", "lets", "many",
    "may", "maybe", "me", "might", "more", "most", "much", "must", "my", "no", "not", "now", "of", "off",
    "ok", "okay", "on", "only", "or", "our", "out", "over", "please", "pls", "plz", "quite", "really", "s", "shall",
    "she", "should", "so", "some", "somebody", "someone", "such", "than", "that", "thats", "the", "their", "them", "then",
    "there", "theres", "these", "they", "this", "those", "though", "to", "too", "u", "up", "upon", "us", "very",
    "was", "wasnt", "we", "well", "were", "what", "whats", "when", "where", "which", "while", "who",
    "whom", "whos", "whose", "why", "will", "with", "without", "wont", "would", "wouldnt", "yes", "yet", "you", "your",
    "hey", "hi", "hello", "um", "hmm", "eh", "ah", "sir", "dear", "thanks", "thank", NULL};
static const char *const weak_english[] = {
    "actually", "always", "ask", "bit", "called", "case", "chapter", "concept", "course", "curious",
    "define", "definition", "describe", "detail", "difference", "different", "explain", "explanation", "exactly", "find", "finding", "finds", "get", "give", "go",
    "good", "happen", "happened", "happens", "help", "idea", "important", "kind", "know", "lesson", "like", "look", "made", "make", "makes",
    "mean", "meaning", "means", "meant", "need", "needed", "one", "purpose", "question", "reason", "say", "see", "show",
    "simple", "simply", "something", "sort", "still", "sure", "take", "talk", "tell", "term",
    "text", "thing", "things", "think", "try", "understand", "use", "used", "using", "want", "way", "wonder", "word", "words",
    "work", "works", NULL};
static const char *const stop_spanish[] = {
    "a", "al", "algo", "alguien", "ante", "aqui", "asi", "aun", "cada", "como", "con", "cual", "cuales", "cuando", "cuanto", "de",
    "del", "desde", "donde", "el", "ella", "ellos", "en", "entre", "era", "es", "esa", "ese", "eso", "esta",
    "estan", "estas", "este", "esto", "estos", "fue", "ha", "han", "hasta", "hay", "he", "la", "las", "le",
    "les", "lo", "los", "mas", "me", "mi", "mis", "muy", "ni", "no", "nos", "nosotros", "o", "otro", "para", "pero", "por",
    "porque", "pues", "que", "quien", "quienes", "se", "sea", "ser", "si", "sin", "sobre", "son", "su", "sus", "tambien", "te",
    "tiene", "todo", "todos", "tu", "un", "una", "uno", "unos", "y", "ya", "yo", "hola", "favor", "puede", "puedo", "puedes", NULL};
static const char *const weak_spanish[] = {
    "da", "dame", "dar", "dime", "decir", "define", "definicion", "entender", "entiendo", "explica", "explicar", "explicame", "funciona",
    "hace", "hacer", "llama", "quiere", "saber", "sirve", "significa", "usa", "vez", "cosa", NULL};
/* As normal_arabic writes them. */
static const char *const stop_arabic[] = {
    "ما", "ماذا", "من", "هو", "هي", "هم", "في", "علي", "الي", "عن", "مع", "هل", "كيف", "لماذا", "متي", "اين", "كم", "اي",
    "هذا", "هذه", "ذلك", "تلك", "التي", "الذي", "الذين", "ان", "لا", "لم", "لن", "كان", "كانت", "يكون", "تكون", "قد", "كل", "بعض",
    "او", "ام", "ثم", "و", "يا", "لي", "له", "لها", "انا", "انت", "نحن", "عند", "بين", "حتي", "اذا", "لو", "بل", "لكن", "غير",
    "ليس", "ليست", "نعم", "فقط", "ايضا", "هنا", "هناك", "منه", "منها", "فيه", "فيها", "عليه", "عليها", "به", "بها", "لان",
    "كما", "مثل", "بعد", "قبل", "اكثر", "جدا", "فضلك", "مرحبا", "شكرا", "ماهو", "ماهي", "وهو", "وهي", "وما", "ومن", "وفي", NULL};
static const char *const weak_arabic[] = {
    "معني", "يعني", "تعني", "تعريف", "عرف", "اشرح", "شرح", "وضح", "المقصود", "يسمي", "تسمي", "يستخدم", "تستخدم", "سبب", "السبب",
    "شيء", "شيئا", "كلمه", "الكلمه", "طريقه", "الماده", "الدرس", "يحدث", "اعرف", "افهم", "نقول", "يقول", "عام", "سنه", NULL};
/* Stems that learners and authors use for the same. */
static const struct { const char *from, *to; } same[] = {
    {"big", "larg"}, {"bigger", "larg"}, {"huge", "larg"}, {"great", "larg"}, {"littl", "small"}, {"tini", "small"}, {"start", "begin"},
    {"began", "begin"}, {"begun", "begin"}, {"mistak", "error"}, {"calcul", "comput"}, {"quick", "fast"}, {"quickli", "fast"},
    {"discov", "invent"}, {"forgot", "forget"}, {"forgotten", "forget"}, {"recal", "rememb"},
};
/* Characters that carry grammar. They may be part of a word too, so they weigh little, not nothing. */
static const char weak_han[] = "太的了吗呢吧啊呀嘛是在和与或就都也要会能可以应该这那个给把被对有没不很我你他她它们们为什么怎样如何请问谁哪多少时候一种些所及其从到向";
static const char *const stop_han[] = {
    "请解释一下", "为什么", "什么意思", "是什么", "什么是", "衡量什么", "表示什么", "代表什么", "怎么样", "告诉我", "解释一下", "请问", "什么", "怎么", "怎样", "如何",
    "为何", "多少", "哪个", "哪些", "哪里", "意思", "解释", "一下", "谁", "吗", "呢", NULL};

/* Signs of formulas by the names that authors and learners write; LaTeX writes most with them. */
static const struct { const char *from, *to; } signs[] = {
    {"α", "alpha"}, {"β", "beta"}, {"γ", "gamma"}, {"δ", "delta"}, {"ε", "epsilon"}, {"ζ", "zeta"}, {"η", "eta"}, {"θ", "theta"},
    {"ι", "iota"}, {"κ", "kappa"}, {"λ", "lambda"}, {"μ", "mu"}, {"ν", "nu"}, {"ξ", "xi"}, {"π", "pi"}, {"ρ", "rho"}, {"σ", "sigma"},
    {"τ", "tau"}, {"φ", "phi"}, {"χ", "chi"}, {"ψ", "psi"}, {"ω", "omega"}, {"∑", "sum"}, {"∏", "prod"}, {"∇", "nabla"}, {"∞", "infty"},
};

/* What people call a sign that they cannot or do not type; in the text, one that stands alone. */
static const struct { const char *name, *sign; } sign_names[] = {
    {"underscore", "_"}, {"guion bajo", "_"}, {"下划线", "_"}, {"الشرطة السفلية", "_"}, {"شرطة سفلية", "_"},
    {"curly d", "∂"}, {"upside down triangle", "∇"}, {"inverted triangle", "∇"}, {"triangulo invertido", "∇"}, {"倒三角", "∇"},
};

static const struct { const char *from; char to; } accents[] = {
    {"á", 'a'}, {"à", 'a'}, {"â", 'a'}, {"ä", 'a'}, {"ã", 'a'}, {"é", 'e'}, {"è", 'e'}, {"ê", 'e'},
    {"ë", 'e'}, {"í", 'i'}, {"ì", 'i'}, {"î", 'i'}, {"ï", 'i'}, {"ó", 'o'}, {"ò", 'o'}, {"ô", 'o'},
    {"ö", 'o'}, {"õ", 'o'}, {"ú", 'u'}, {"ù", 'u'}, {"û", 'u'}, {"ü", 'u'}, {"ñ", 'n'}, {"ç", 'c'},
};
/* clang-format on */

struct stemmer {
    pthread_mutex_t lock; /* for one word: the tokenizer has one buffer */
    fts5_tokenizer porter;
    Fts5Tokenizer *made;
};

static fts5_api *find_fts5(sqlite3 *database) {
    fts5_api *api = NULL;
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(database, "SELECT fts5(?1)", -1, &statement, NULL) == SQLITE_OK) {
        sqlite3_bind_pointer(statement, 1, (void *)&api, "fts5_api_ptr", NULL);
        sqlite3_step(statement);
    }
    sqlite3_finalize(statement);
    return api;
}

struct stemmer *stemmer_open(sqlite3 *database, struct fault *fault) {
    struct stemmer *stemmer = must_alloc(1, sizeof *stemmer);
    fts5_api *api = find_fts5(database);
    const char *inner = "ascii";
    void *context = NULL;
    if (!api || api->xFindTokenizer(api, "porter", &context, &stemmer->porter) != SQLITE_OK ||
        stemmer->porter.xCreate(context, &inner, 1, &stemmer->made) != SQLITE_OK) {
        fault_set(fault, FAULT_MACHINE, "This SQLite has no full-text search (FTS5).");
        free(stemmer);
        return NULL;
    }
    pthread_mutex_init(&stemmer->lock, NULL);
    return stemmer;
}

void stemmer_close(struct stemmer *stemmer) {
    if (!stemmer)
        return;
    stemmer->porter.xDelete(stemmer->made);
    pthread_mutex_destroy(&stemmer->lock);
    free(stemmer);
}

bool text_in(const char *const *list, struct view word) {
    for (; *list; list++)
        if (view_is(word, *list))
            return true;
    return false;
}

/* ------------------------------------------------------------------------------------- folding */

static size_t plain_letter(struct view text, size_t at, char *plain) {
    for (size_t i = 0; i < COUNT_OF(accents); i++)
        if (view_starts(view_slice(text, at, text.n), accents[i].from)) {
            *plain = accents[i].to;
            return strlen(accents[i].from);
        }
    return 0;
}

static bool is_apostrophe(int32_t c) {
    return c == '\'' || c == '`' || c == 0x2019 || c == 0x2018 || c == 0x00B4 || c == 0x02BC;
}

void fold_plain(struct view from, struct buffer *out) {
    struct buffer folded = {0};
    unicode_fold(from, &folded);
    struct view text = buffer_view(&folded);
    for (size_t i = 0; i < text.n;) {
        int32_t c;
        char plain;
        size_t n = utf8_decode(text.at + i, text.n - i, &c);
        if (c >= 0x80 && plain_letter(text, i, &plain))
            buffer_byte(out, plain);
        else if (c == 0x3002)
            buffer_byte(out, '.');
        else if (unicode_class(c) == UNICODE_SPACE) {
            if (out->n && out->at[out->n - 1] != ' ')
                buffer_byte(out, ' ');
        } else if (!is_apostrophe(c))
            buffer_append(out, view_slice(text, i, i + n));
        i += n;
    }
    while (out->n && out->at[out->n - 1] == ' ')
        out->at[--out->n] = 0;
    buffer_free(&folded);
}

/* ------------------------------------------------------------------------------------ stemming */

struct stemming {
    struct arena *arena;
    struct view stem;
};

static int keep_token(void *context, int flags, const char *token, int n, int start, int end) {
    (void)flags, (void)start, (void)end;
    struct stemming *stemming = context;
    if (!stemming->stem.n)
        stemming->stem = arena_copy(stemming->arena, (struct view){token, (size_t)n});
    return SQLITE_OK;
}

/* Number, gender, the adverb's ending and the verb's commonest ones; enough to meet one's own
 * words in another form. */
static struct view stem_spanish(struct view word) {
    enum { LEAST = 3 };
    static const char *const verbal[] = {"amos", "emos", "imos", "ando", "iendo", "ado",
                                         "ada",  "ados", "adas", "ar",   "er",    "ir"};
    if (word.n > 7 && view_ends(word, "mente"))
        word.n -= 5;
    for (size_t i = 0; i < COUNT_OF(verbal); i++)
        if (view_ends(word, verbal[i]) && word.n >= strlen(verbal[i]) + LEAST)
            return view_slice(word, 0, word.n - strlen(verbal[i]));
    if (word.n > 5 && view_ends(word, "es"))
        word.n -= 2;
    else if (word.n > 3 && word.at[word.n - 1] == 's')
        word.n -= 1;
    if (word.n > LEAST && strchr("aeo", word.at[word.n - 1]))
        word.n -= 1;
    return word;
}

static bool is_arabic(int32_t c) {
    return c >= 0x0620 && c <= 0x064A;
}

/* Without vowel signs and what stretches a word; the forms of alif, of ya and of the ending ة,
 * which people write one for another, as one. */
static struct view normal_arabic(struct view word, struct arena *arena) {
    static const struct {
        int32_t from;
        const char *to;
    } forms[] = {{0x622, "ا"}, {0x623, "ا"}, {0x625, "ا"}, {0x671, "ا"},
                 {0x649, "ي"}, {0x629, "ه"}, {0x640, ""}};
    struct buffer out = {0};
    bool accusative = false; /* its sign bears an alif, which is no letter of the word */
    int32_t c;
    for (size_t i = 0, n; i < word.n; i += n) {
        n = utf8_decode(word.at + i, word.n - i, &c);
        accusative = accusative || c == 0x64B;
        const char *form = unicode_is_accent(c) || (accusative && c == 0x627) ? "" : NULL;
        for (size_t k = 0; k < COUNT_OF(forms); k++)
            form = forms[k].from == c ? forms[k].to : form;
        buffer_append(&out, form ? view_of(form) : view_slice(word, i, i + n));
    }
    struct view copy = arena_copy(arena, buffer_view(&out));
    buffer_free(&out);
    return copy;
}

/* Without "and", "by", "as", "for", "the" before it and the common endings behind it, where three
 * letters stay (after Larkey, Ballesteros and Connell, "Light stemming for Arabic", 2007). */
static struct view stem_arabic(struct view word) {
    enum { LETTER = 2, LEAST = 3 * LETTER }; /* bytes */
    static const char *const before[] = {"وال", "فال", "بال", "كال", "ولل", "لل", "ال", "و"};
    static const char *const behind[] = {"ها", "ان", "ات", "ون", "ين", "يه", "ه", "ي"};
    for (size_t i = 0; i < COUNT_OF(before); i++)
        if (view_starts(word, before[i]) && word.n >= strlen(before[i]) + LEAST) {
            word = view_slice(word, strlen(before[i]), word.n);
            break;
        }
    size_t whole = word.n;
    for (size_t i = 0; i < COUNT_OF(behind); i++)
        if (view_ends(word, behind[i]) && word.n >= strlen(behind[i]) + LEAST)
            word.n -= strlen(behind[i]);
    /* A noun of two letters and ة has an adjective in وي: لغة and لغوي, سنة and سنوية. */
    bool adjective = word.n == LEAST && word.n < whole && view_ends(word, "و");
    if (adjective || (word.n == LEAST && view_ends(word, "ه")))
        word.n -= LETTER;
    return word;
}

static struct view stem_of(struct stemmer *stemmer, struct view word, const char *language,
                           struct arena *arena) {
    int32_t first;
    bool letters = true;
    utf8_decode(word.at, word.n, &first);
    if (is_arabic(first))
        return stem_arabic(word);
    for (size_t i = 0; i < word.n; i++)
        letters = letters && word.at[i] >= 'a' && word.at[i] <= 'z';
    if (!letters || word.n > 60)
        return word;
    if (!strncmp(language, "es", 2))
        return stem_spanish(word);
    struct stemming stemming = {arena, {0}};
    pthread_mutex_lock(&stemmer->lock);
    stemmer->porter.xTokenize(stemmer->made, &stemming, FTS5_TOKENIZE_DOCUMENT, word.at,
                              (int)word.n, keep_token);
    pthread_mutex_unlock(&stemmer->lock);
    for (size_t i = 0; i < COUNT_OF(same); i++)
        if (view_is(stemming.stem, same[i].from))
            return view_of(same[i].to);
    return stemming.stem.n ? stemming.stem : word;
}

/* ------------------------------------------------------------------------------------- cutting */

struct cutting {
    struct stemmer *stemmer;
    const char *language;
    struct arena *arena;
    struct terms *out;
    bool singles, after_han; /* after_han: the unit before is a character of the same run */
};

static void add_term(struct cutting *cutting, struct view stem, size_t unit, size_t n_unit) {
    cutting->out->terms[cutting->out->n_term++] = (struct term){stem, unit, n_unit};
}

static void add_word(struct cutting *cutting, struct view word) {
    struct terms *out = cutting->out;
    int32_t first;
    utf8_decode(word.at, word.n, &first);
    bool spanish = !strncmp(cutting->language, "es", 2), arabic = is_arabic(first);
    if (arabic)
        word = normal_arabic(word, cutting->arena);
    double weight = text_in(arabic    ? stop_arabic
                            : spanish ? stop_spanish
                                      : stop_english,
                            word)
                        ? 0
                    : text_in(arabic    ? weak_arabic
                              : spanish ? weak_spanish
                                        : weak_english,
                              word)
                        ? 0.3
                        : 1;
    if (weight > 0)
        add_term(cutting, stem_of(cutting->stemmer, word, cutting->language, cutting->arena),
                 out->n_unit, 1);
    out->units[out->n_unit++] = (struct term_unit){word, weight};
    cutting->after_han = false;
}

static bool is_sign(int32_t c) {
    return c >= 0x80 && unicode_class(c) == UNICODE_SYMBOL;
}

/* η as eta, and \partial as ∂, which is not the word "partial". */
static struct view named_sign(struct view text, size_t at, struct view word) {
    if (view_is(word, "partial") && at && text.at[at - 1] == '\\')
        return VIEW("∂");
    for (size_t i = 0; i < COUNT_OF(signs); i++)
        if (view_is(word, signs[i].from))
            return view_of(signs[i].to);
    return word;
}

static bool is_weak(struct view character) {
    return view_find(view_of(weak_han), character) >= 0;
}

/* Between characters of grammar: 长 in 太长了. */
static bool stands_alone(const struct cutting *cutting, struct view text, size_t next) {
    const struct terms *out = cutting->out;
    int32_t c;
    if (cutting->after_han && out->units[out->n_unit - 2].weight >= 1)
        return false;
    if (next >= text.n)
        return true;
    size_t n = utf8_decode(text.at + next, text.n - next, &c);
    return !unicode_is_han(c) || is_weak(view_slice(text, next, next + n));
}

static void add_han(struct cutting *cutting, struct view text, size_t at, size_t n) {
    struct terms *out = cutting->out;
    struct view here = view_slice(text, at, at + n);
    bool weak = is_weak(here);
    size_t unit = out->n_unit;
    out->units[out->n_unit++] = (struct term_unit){here, weak ? 0.2 : 1};
    if (cutting->after_han) {
        struct term_unit *before = &out->units[unit - 1];
        struct view pair = {before->word.at, before->word.n + n};
        if (!weak || before->weight >= 1)
            add_term(cutting, pair, unit - 1, 2);
    }
    if (!weak && (cutting->singles || stands_alone(cutting, text, at + n)))
        add_term(cutting, here, unit, 1);
    cutting->after_han = true;
}

static size_t stop_phrase(struct view text, size_t at) {
    for (const char *const *phrase = stop_han; *phrase; phrase++)
        if (view_starts(view_slice(text, at, text.n), *phrase))
            return strlen(*phrase);
    return 0;
}

static bool in_word(int32_t c) {
    enum unicode_class class = unicode_class(c);
    return class == UNICODE_LETTER || class == UNICODE_NUMBER || class == UNICODE_MARK;
}

static size_t word_end(struct view text, size_t at) {
    while (at < text.n) {
        int32_t c;
        size_t n = utf8_decode(text.at + at, text.n - at, &c);
        bool point = c == '.' && at + 1 < text.n && text.at[at + 1] >= '0' &&
                     text.at[at + 1] <= '9' && text.at[at - 1] >= '0' && text.at[at - 1] <= '9';
        if (!point && (!in_word(c) || unicode_is_han(c)))
            break;
        at += n;
    }
    return at;
}

/* An ASCII letter, digit or mark that a sign beside it is part of: log_2, _she_. */
static bool is_joined(struct view text, size_t at) {
    return at < text.n && (text.at[at] == '_' || text.at[at] == '\\' || text.at[at] == '{' ||
                           (text.at[at] >= '0' && text.at[at] <= '9') ||
                           (text.at[at] >= 'a' && text.at[at] <= 'z'));
}

/* The bytes of a sign that stands alone, or of its name; 0: none is at `at`. */
static size_t sign_at(struct view text, size_t at, struct view *sign) {
    if (at && is_joined(text, at - 1))
        return 0;
    if (text.at[at] == '_' && !is_joined(text, at + 1)) {
        *sign = view_slice(text, at, at + 1);
        return 1;
    }
    for (size_t i = 0; i < COUNT_OF(sign_names); i++) {
        size_t n = strlen(sign_names[i].name);
        if (view_starts(view_slice(text, at, text.n), sign_names[i].name) &&
            !is_joined(text, at + n)) {
            *sign = view_of(sign_names[i].sign);
            return n;
        }
    }
    return 0;
}

void text_terms(struct stemmer *stemmer, struct view from, const char *language, bool singles,
                struct arena *arena, struct terms *out) {
    struct buffer plain = {0};
    fold_plain(from, &plain);
    struct view text = arena_copy(arena, buffer_view(&plain));
    buffer_free(&plain);
    out->n_unit = out->n_term = 0;
    out->units = ARENA_NEW(arena, text.n + 1, struct term_unit);
    out->terms = ARENA_NEW(arena, 2 * text.n + 1, struct term);
    struct cutting cutting = {stemmer, language, arena, out, singles, false};
    for (size_t i = 0; i < text.n;) {
        int32_t c;
        size_t n = utf8_decode(text.at + i, text.n - i, &c);
        struct view sign;
        size_t named = sign_at(text, i, &sign);
        if (named) {
            add_word(&cutting, named_sign(text, i, sign));
            n = named;
        } else if (unicode_is_han(c)) {
            size_t phrase = singles ? 0 : stop_phrase(text, i);
            if (phrase) {
                cutting.after_han = false;
                n = phrase;
            } else
                add_han(&cutting, text, i, n);
        } else if (in_word(c)) {
            n = word_end(text, i + n) - i;
            add_word(&cutting, named_sign(text, i, view_slice(text, i, i + n)));
        } else if (is_sign(c))
            add_word(&cutting, named_sign(text, i, view_slice(text, i, i + n)));
        else
            cutting.after_han = false;
        i += n;
    }
}

struct view bare_words(struct view text, struct arena *arena) {
    struct buffer plain = {0}, bare = {0};
    fold_plain(text, &plain);
    for (size_t i = 0; i < plain.n;) {
        int32_t c;
        size_t n = utf8_decode(plain.at + i, plain.n - i, &c);
        if (unicode_class(c) != UNICODE_PUNCTUATION && c != ' ')
            buffer_append(&bare, (struct view){plain.at + i, n});
        i += n;
    }
    struct view copy = arena_copy(arena, buffer_view(&bare));
    buffer_free(&plain);
    buffer_free(&bare);
    return copy;
}
