/* English sentences as tokens and clauses, as far as questions need: what is not sure is refused.
 */
#include "workshop/ask.h"

#include <ctype.h>
#include <string.h>

const char ask_pronouns[] =
    " it they them this these those he she him his her here there such one "
    "ones both another former latter same i you your ";
static const char determiners[] = " a an the each every no any some all most many few several our "
                                  "one two three four five six seven eight nine ten ";
static const char prepositions[] =
    " of in on at for from with without by to into over under between among through across along "
    "about above below behind beyond before after during within inside outside against per as "
    "than like near towards toward until since up down off out around ";
static const char openers[] = " if when where while because since although though unless once as "
                              "and or but so yet nor then thus also only even perhaps however "
                              "therefore let suppose imagine note what who which whose how why ";
static const char auxiliaries[] =
    " is are was were can cannot could may might must should will would has have had ";
static const char conjunctions[] = " and or but nor yet so because if when where while since "
                                   "although unless until whereas that which who whose whom than ";
static const char adverbs[] = " never always often only also seldom usually sometimes still soon "
                              "first then once even just ";
/* Regular ones, by their base. */
static const char regular[] =
    " add adjust agree allow answer appear apply argue arrive ask avoid belong borrow call carry "
    "cause change check claim close collect combine compare compute confirm connect consider "
    "consist contain continue convert copy correct count cover create crawl cross decide declare "
    "define demand depend derive describe design detect determine develop differ disappear "
    "discover divide double draw drop earn enter equal establish estimate examine exceed exist "
    "expect explain express extend fail fit follow force form gain generate govern guess halve "
    "hand happen help hit hold improve include increase invent introduce join jump keep lack land "
    "last learn lend lie live look lower mark matter measure mix move multiply name need nudge "
    "obey observe obtain occur offer open overlap own pass pay perform permit play point predict "
    "prefer prepare present preserve prevent print produce promise propose protect prove provide "
    "publish pull push raise reach read reason receive reckon record reduce refer remain remember "
    "remove repeat replace represent require resemble return reveal roll rotate rule save say "
    "scale seem separate serve share shift shorten show shrink sketch slip solve sort sound "
    "spread "
    "start state stay stop store strike study subtract suffer suggest suit supply support "
    "surprise "
    "survive take talk tend test think train transform translate travel treat try turn use vanish "
    "vary wait walk want warm watch wear weigh wish work worry yield zigzag sample guard absorb "
    "attract beat bake boil burn breathe climb cool cook die dissolve eat evaporate expand feed "
    "fill float flow harden heat hunt kill lay lift listen melt migrate orbit pour pump reflect "
    "sail sink sleep smell spin swim taste trap wash replace trust feel admit accept guide press "
    "end vote rain rent hire teach tax trade invest pass ";
/* Nouns as often: only where what stands before them is no determiner or number. */
static const struct {
    const char *base, *past, *participle;
} irregular[] = {
    {"become", "became", "become"},
    {"begin", "began", "begun"},
    {"bend", "bent", "bent"},
    {"break", "broke", "broken"},
    {"bring", "brought", "brought"},
    {"build", "built", "built"},
    {"buy", "bought", "bought"},
    {"catch", "caught", "caught"},
    {"choose", "chose", "chosen"},
    {"come", "came", "come"},
    {"cost", "cost", "cost"},
    {"cut", "cut", "cut"},
    {"draw", "drew", "drawn"},
    {"drive", "drove", "driven"},
    {"fall", "fell", "fallen"},
    {"feel", "felt", "felt"},
    {"find", "found", "found"},
    {"fly", "flew", "flown"},
    {"forget", "forgot", "forgotten"},
    {"get", "got", "got"},
    {"give", "gave", "given"},
    {"go", "went", "gone"},
    {"grow", "grew", "grown"},
    {"hear", "heard", "heard"},
    {"hold", "held", "held"},
    {"keep", "kept", "kept"},
    {"know", "knew", "known"},
    {"lead", "led", "led"},
    {"leave", "left", "left"},
    {"lend", "lent", "lent"},
    {"lose", "lost", "lost"},
    {"make", "made", "made"},
    {"mean", "meant", "meant"},
    {"meet", "met", "met"},
    {"pay", "paid", "paid"},
    {"put", "put", "put"},
    {"rise", "rose", "risen"},
    {"run", "ran", "run"},
    {"say", "said", "said"},
    {"see", "saw", "seen"},
    {"sell", "sold", "sold"},
    {"send", "sent", "sent"},
    {"set", "set", "set"},
    {"show", "showed", "shown"},
    {"shrink", "shrank", "shrunk"},
    {"speak", "spoke", "spoken"},
    {"spend", "spent", "spent"},
    {"stand", "stood", "stood"},
    {"take", "took", "taken"},
    {"teach", "taught", "taught"},
    {"tell", "told", "told"},
    {"think", "thought", "thought"},
    {"throw", "threw", "thrown"},
    {"understand", "understood", "understood"},
    {"win", "won", "won"},
    {"write", "wrote", "written"},
};

/* --------------------------------------------------------------------------------------- tokens
 */

static size_t token_end(struct view text, size_t at) {
    for (bool formula = false; at < text.n && (formula || text.at[at] != ' '); at++) {
        if (formula && text.at[at] == '\\')
            at++;
        else if (text.at[at] == '$')
            formula = !formula;
    }
    return at < text.n ? at : text.n;
}

static bool is_odd(struct view token) {
    static const char *const marks[] = {"(", ")", "[", "]", "\"", "“", "”", "«", "…", "…"};
    for (size_t i = 0; i < COUNT_OF(marks); i++)
        if (view_find(token, view_of(marks[i])) >= 0)
            return true;
    return false;
}

bool ask_cut(struct ask_sentence *s) {
    s->n = 0;
    for (size_t at = 0; at < s->text.n;) {
        if (s->text.at[at] == ' ') {
            at++;
            continue;
        }
        size_t end = token_end(s->text, at);
        struct ask_token token = {.text = view_slice(s->text, at, end)};
        token.formula = memchr(token.text.at, '$', token.text.n) != NULL;
        char last = token.text.at[token.text.n - 1];
        if (token.text.n > 1 && strchr(".,;:?!", last)) {
            token.mark = last;
            token.text.n--;
        }
        if (s->n == ASK_TOKENS || (!token.formula && is_odd(token.text)))
            return false;
        s->at[s->n++] = token;
        at = end;
    }
    return s->n >= 4 && s->at[s->n - 1].mark == '.';
}

static bool folds_in(struct view word, const char *list) {
    char spaced[32];
    if (!word.n || word.n > sizeof spaced - 3)
        return false;
    spaced[0] = ' ';
    for (size_t i = 0; i < word.n; i++)
        spaced[1 + i] = (char)tolower((unsigned char)word.at[i]);
    spaced[word.n + 1] = ' ';
    spaced[word.n + 2] = 0;
    return strstr(list, spaced) != NULL;
}

bool ask_in(const struct ask_token *token, const char *list) {
    return !token->formula && folds_in(token->text, list);
}

bool ask_any(const struct ask_sentence *s, size_t from, size_t to, const char *list) {
    for (size_t i = from; i < to && i < s->n; i++)
        if (ask_in(&s->at[i], list))
            return true;
    return false;
}

bool ask_is_number(const struct ask_token *token) {
    static const char words[] = " two three four five six seven eight nine ten eleven twelve "
                                "fourteen fifteen sixteen twenty thirty fifty hundred ";
    return token->formula || isdigit((unsigned char)token->text.at[0]) || ask_in(token, words);
}

bool ask_is_year(const struct ask_token *token) {
    struct view year = token->text;
    bool digits = year.n == 4 && (year.at[0] == '1' || year.at[0] == '2');
    for (size_t i = 0; i < year.n && digits; i++)
        digits = isdigit((unsigned char)year.at[i]);
    return digits;
}

/* ---------------------------------------------------------------------------------------- names
 */

static bool joins_word(char c) {
    return isalnum((unsigned char)c) || c == '-';
}

/* Whether the word stands in the text, letter for letter. */
static bool occurs(struct view text, struct view word) {
    for (size_t at = 0;;) {
        ptrdiff_t found = view_find(view_slice(text, at, text.n), word);
        if (found < 0)
            return false;
        size_t from = at + (size_t)found, to = from + word.n;
        if ((!from || !joins_word(text.at[from - 1])) &&
            (to == text.n || !joins_word(text.at[to])))
            return true;
        at = from + 1;
    }
}

bool ask_is_name(const struct ask_sentence *s, size_t i) {
    struct view word = s->at[i].text;
    if (s->at[i].formula || !isupper((unsigned char)word.at[0]))
        return false;
    if (word.n == 1)
        return word.at[0] != 'A';
    if (i > 0 && !strchr(".:?!", s->at[i - 1].mark ? s->at[i - 1].mark : ' '))
        return true;
    if (folds_in(word, determiners) || folds_in(word, prepositions) || folds_in(word, openers) ||
        folds_in(word, ask_pronouns) || folds_in(word, adverbs) || folds_in(word, " we you not "))
        return false;
    for (size_t k = 1; k < word.n; k++) /* SmolLM2 */
        if (isupper((unsigned char)word.at[k]) && word.at[k - 1] != '-')
            return true;
    ptrdiff_t mark = view_find(word, VIEW("'"));
    struct view bare = mark > 0 ? view_slice(word, 0, (size_t)mark) : word;
    char *small = arena_string(s->arena, bare), base[24];
    small[0] = (char)tolower((unsigned char)small[0]);
    const struct ask_token *next = i + 1 < s->n && !s->at[i].mark ? &s->at[i + 1] : NULL;
    if (next && !next->formula && isupper((unsigned char)next->text.at[0]))
        return true; /* Mark Twain */
    if (occurs(s->around, view_of(small)))
        return false;
    enum ask_form form = next ? ask_verb(next->text, base) : ASK_NO_VERB;
    if (form == ASK_BASE && view_ends(word, "s"))
        return false; /* Tides rise */
    return mark > 0 || !next || form || ask_in(next, " and of is was has had can could ");
}

struct view ask_text(const struct ask_sentence *s, size_t from, size_t to) {
    if (from >= to || to > s->n)
        return (struct view){0};
    const char *start = s->at[from].text.at, *end = s->at[to - 1].text.at + s->at[to - 1].text.n;
    return (struct view){start, (size_t)(end - start)};
}

struct view ask_lowered(const struct ask_sentence *s, size_t from, size_t to) {
    struct view text = ask_text(s, from, to);
    if (!text.n || !isupper((unsigned char)text.at[0]) || ask_is_name(s, from))
        return text;
    char *small = arena_string(s->arena, text);
    small[0] = (char)tolower((unsigned char)small[0]);
    return view_of(small);
}

/* ---------------------------------------------------------------------------------------- verbs
 */

static bool known_base(const char *base) {
    if (folds_in(view_of(base), regular))
        return true;
    for (size_t i = 0; i < COUNT_OF(irregular); i++)
        if (!strcmp(irregular[i].base, base))
            return true;
    return false;
}

static bool has_irregular_past(const char *base) {
    for (size_t i = 0; i < COUNT_OF(irregular); i++)
        if (!strcmp(irregular[i].base, base))
            return true;
    return false;
}

/* Takes the ending off and tries what may have stood before it. */
static bool strip(const char *word, const char *ending, const char *instead, char *base) {
    size_t n = strlen(word), m = strlen(ending);
    if (n < m + 2 || strcmp(word + n - m, ending) != 0)
        return false;
    memcpy(base, word, n - m);
    strcpy(base + n - m, instead);
    return known_base(base);
}

static bool strip_past(const char *word, char *base) {
    size_t n = strlen(word);
    if (strip(word, "ied", "y", base) || strip(word, "ed", "", base) ||
        strip(word, "ed", "e", base))
        return !has_irregular_past(base);
    if (n < 6 || strcmp(word + n - 2, "ed") != 0 || word[n - 3] != word[n - 4])
        return false;
    memcpy(base, word, n - 3); /* stopped */
    base[n - 3] = 0;
    return known_base(base);
}

enum ask_form ask_verb(struct view word, char *base) {
    char small[24];
    if (word.n < 2 || word.n > 18)
        return ASK_NO_VERB;
    for (size_t i = 0; i < word.n; i++) {
        if (!isalpha((unsigned char)word.at[i]))
            return ASK_NO_VERB;
        small[i] = (char)tolower((unsigned char)word.at[i]);
    }
    small[word.n] = 0;
    for (size_t i = 0; i < COUNT_OF(irregular); i++)
        if (!strcmp(small, irregular[i].past) && strcmp(irregular[i].base, small) != 0) {
            strcpy(base, irregular[i].base);
            return ASK_PAST;
        }
    if (known_base(small)) {
        strcpy(base, small);
        return ASK_BASE;
    }
    if (strip(small, "ies", "y", base) || strip(small, "s", "", base) ||
        strip(small, "es", "", base))
        return ASK_THIRD;
    return strip_past(small, base) ? ASK_PAST : ASK_NO_VERB;
}

struct view ask_past(struct arena *arena, struct view participle) {
    char base[24];
    for (size_t i = 0; i < COUNT_OF(irregular); i++)
        if (view_is(participle, irregular[i].participle))
            return arena_copy(arena, view_of(irregular[i].past));
    char *word = arena_string(arena, participle);
    return participle.n < 18 && strip_past(word, base) ? view_of(word) : (struct view){0};
}

/* -------------------------------------------------------------------------------------- clauses
 */

/* A finite verb that a second part of the clause may begin with. */
static bool is_finite(const struct ask_token *token) {
    char base[24];
    enum ask_form form = ask_verb(token->text, base);
    return ask_in(token, auxiliaries) || form == ASK_THIRD || form == ASK_PAST;
}

/* The rest of the clause must not go on to a second verb of the same subject, since that would
 * stay as it is when the first one changes. */
static bool goes_on(const struct ask_sentence *s, size_t verb, size_t to) {
    for (size_t i = verb + 1; i < to; i++) {
        bool parted = s->at[i - 1].mark || ask_in(&s->at[i], " and or but ");
        size_t next = ask_in(&s->at[i], " and or but ") ? i + 1 : i;
        while (next < to && ask_in(&s->at[next], adverbs))
            next++;
        if (parted && next < to && is_finite(&s->at[next]))
            return true;
    }
    return false;
}

/* A second finite verb before any conjunction: the first was none. */
static bool verb_follows(const struct ask_sentence *s, size_t verb, size_t to) {
    for (size_t i = verb + 1; i < to && !s->at[i - 1].mark; i++) {
        if (ask_in(&s->at[i], conjunctions) || ask_in(&s->at[i], " how what why to "))
            return false;
        if (ask_in(&s->at[i], auxiliaries))
            return true;
    }
    return false;
}

static bool ends_noun(const struct ask_sentence *s, size_t from, size_t at) {
    const struct ask_token *token = &s->at[at];
    if (token->formula || ask_is_name(s, at))
        return true;
    return !ask_in(token, determiners) && !ask_in(token, prepositions) &&
           !ask_in(token, conjunctions) && !(at > from && ask_is_number(token)) &&
           !ask_in(token,
                   " new great small large first last whole other two very your its their ");
}

enum number { SINGULAR, PLURAL };

static enum number number_of(const struct ask_sentence *s, size_t from, size_t to) {
    size_t head = to - 1;
    if (ask_any(s, from, to, " and "))
        return PLURAL;
    if (to == from + 1 && ask_in(&s->at[from], " we you they "))
        return PLURAL;
    if (ask_in(&s->at[from], " a an each every one nobody no "))
        return SINGULAR;
    for (size_t i = from + 1; i < to; i++)
        if (ask_in(&s->at[i], prepositions)) {
            head = i - 1;
            break;
        }
    struct view word = s->at[head].text;
    if (ask_in(&s->at[head], " people children men women pupils "))
        return PLURAL;
    bool plural = view_ends(word, "s") && !view_ends(word, "ss") && !view_ends(word, "us") &&
                  !view_ends(word, "is") && !view_ends(word, "'s") && !ask_is_name(s, head);
    return plural && word.n > 2 ? PLURAL : SINGULAR;
}

static bool starts_subject(const struct ask_sentence *s, size_t from) {
    const struct ask_token *token = &s->at[from];
    struct view word = token->text;
    if (ask_in(token, " we nobody people "))
        return true;
    if (ask_in(token, prepositions) || ask_in(token, openers) || ask_in(token, ask_pronouns) ||
        ask_in(token, auxiliaries) || ask_in(token, adverbs) || ask_in(token, " its their not "))
        return ask_in(token, " one ");
    return !view_ends(word, "ly") && word.n > 0;
}

static bool subject_holds(const struct ask_sentence *s, size_t from, size_t to) {
    for (size_t i = from + 1; i < to; i++)
        if (ask_in(&s->at[i], ask_pronouns) && !(i + 1 < to && ask_in(&s->at[i], " one ")))
            return false;
    if (to <= from || to - from > 10 || ask_any(s, from, to, conjunctions + strlen(" and")) ||
        ask_any(s, from, to, " its their "))
        return false;
    for (size_t i = from; i < to; i++)
        if (s->at[i].mark)
            return false;
    return true;
}

static bool fits(const struct ask_sentence *s, size_t from, size_t subject_to, size_t verb,
                 enum ask_form form) {
    if (!ends_noun(s, from, subject_to - 1))
        return false;
    if (form == ASK_PAST)
        return verb + 1 >= s->n || !ask_in(&s->at[verb + 1], " by as with ");
    return (number_of(s, from, subject_to) == PLURAL) == (form == ASK_BASE);
}

bool ask_parse_first(const struct ask_sentence *s, size_t from, size_t to,
                     struct ask_clause *out) {
    if (from + 2 > to || to > s->n || !starts_subject(s, from))
        return false;
    for (size_t verb = from + 1; verb < to && verb < from + 12; verb++) {
        if (s->at[verb - 1].mark || ask_in(&s->at[verb], conjunctions + strlen(" and")))
            return false;
        size_t subject_to = verb;
        while (subject_to > from + 1 && (ask_in(&s->at[subject_to - 1], adverbs)))
            subject_to--;
        *out = (struct ask_clause){.from = from, .to = to, .subject_to = subject_to, .verb = verb};
        out->auxiliary = ask_in(&s->at[verb], auxiliaries);
        if (!out->auxiliary)
            out->form = s->at[verb].formula ? ASK_NO_VERB : ask_verb(s->at[verb].text, out->base);
        if (!out->auxiliary && !out->form)
            continue;
        if (!out->auxiliary && !fits(s, from, subject_to, verb, out->form))
            continue;
        if (!out->auxiliary && verb_follows(s, verb, to))
            continue;
        out->goes_on = goes_on(s, verb, to);
        return subject_holds(s, from, subject_to);
    }
    return false;
}

bool ask_parse(const struct ask_sentence *s, size_t from, size_t to, struct ask_clause *out) {
    return ask_parse_first(s, from, to, out) && !out->goes_on;
}

/* "has" of "has two terms", not of "has reached". */
static bool owns(const struct ask_sentence *s, const struct ask_clause *clause) {
    if (!ask_in(&s->at[clause->verb], " has have had ") || clause->verb + 1 >= clause->to)
        return false;
    struct view next = s->at[clause->verb + 1].text;
    struct view past =
        s->at[clause->verb + 1].formula ? (struct view){0} : ask_past(s->arena, next);
    return !past.n && !ask_in(&s->at[clause->verb + 1], " been never already to not ");
}

struct view ask_inverted(const struct ask_sentence *s, const struct ask_clause *clause) {
    struct view subject = ask_lowered(s, clause->from, clause->subject_to);
    struct view between = ask_text(s, clause->subject_to, clause->verb); /* adverbs */
    struct view rest = ask_text(s, clause->verb + 1, clause->to);
    const struct ask_token *verb = &s->at[clause->verb];
    const char *first = clause->form == ASK_PAST    ? "did"
                        : clause->form == ASK_THIRD ? "does"
                                                    : "do",
               *base = clause->base;
    if (owns(s, clause)) {
        first = ask_in(verb, " has ") ? "does" : ask_in(verb, " had ") ? "did" : "do";
        base = "have";
    } else if (ask_in(verb, " cannot ")) {
        first = "can";
        base = "not";
    } else if (clause->auxiliary) {
        first = arena_string(s->arena, verb->text);
        base = "";
    }
    return view_of(arena_format(s->arena, "%s %.*s%s%.*s%s%s%s%.*s", first, VIEW_ARG(subject),
                                between.n ? " " : "", VIEW_ARG(between), *base ? " " : "", base,
                                rest.n ? " " : "", VIEW_ARG(rest)));
}
