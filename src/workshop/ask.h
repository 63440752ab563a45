/* Questions about a sentence: by rules from its form, and by a senior of the company. Inside the
 * room only. */
#ifndef LYCEUM_WORKSHOP_ASK_H
#define LYCEUM_WORKSHOP_ASK_H

#include "base/base.h"
#include "workshop/workshop.h"

/* ------------------------------------------------------------------------------------- sentences
 */

enum { ASK_TOKENS = 80 };

struct ask_token {
    struct view text; /* a word or what stands around a formula, without the mark behind it */
    char mark;        /* , ; : . ? ! or 0 */
    bool formula;
};
struct ask_sentence {
    struct view text, around; /* around: the whole course, which shows what words are names */
    struct arena *arena;
    size_t n;
    struct ask_token at[ASK_TOKENS];
};
/* False for a sentence that is too long, asks, quotes, or has brackets outside of formulas: what
 * is not sure to be read right. */
bool ask_cut(struct ask_sentence *);
/* Whether the word of a token is in the list, which has words between spaces; letters fold. */
bool ask_in(const struct ask_token *, const char *list);
bool ask_any(const struct ask_sentence *, size_t from, size_t to, const char *list);
bool ask_is_number(const struct ask_token *); /* digits, a number word or a formula */
bool ask_is_year(const struct ask_token *);
bool ask_is_name(const struct ask_sentence *, size_t); /* a capital that is not the start's */
/* The tokens as text, the last without its mark. Lowered: the first letter small but in names. */
struct view ask_text(const struct ask_sentence *, size_t from, size_t to);
struct view ask_lowered(const struct ask_sentence *, size_t from, size_t to);

/* -------------------------------------------------------------------------------------- clauses
 */

enum ask_form { ASK_NO_VERB, ASK_BASE, ASK_THIRD, ASK_PAST };
/* What a word is as a verb that is known; base has room for 24 bytes. */
enum ask_form ask_verb(struct view word, char *base);
/* The simple past of a participle: "written" as "wrote". */
struct view ask_past(struct arena *, struct view participle);

struct ask_clause {
    size_t from, to;   /* all of it */
    size_t subject_to; /* the subject: from … subject_to */
    size_t verb;       /* adverbs may stand before it */
    bool goes_on;      /* to a second verb of the same subject */
    bool auxiliary;    /* is, can, must …: comes first in a question as it is */
    enum ask_form form;
    char base[24];
};
extern const char ask_pronouns[]; /* that point at something said before */
/* A statement whose subject begins it and whose verb is sure; the first of several, or the only
 * one. */
bool ask_parse_first(const struct ask_sentence *, size_t from, size_t to, struct ask_clause *);
bool ask_parse(const struct ask_sentence *, size_t from, size_t to, struct ask_clause *);
/* "does the loss fall at once": the clause with its verb, or a part of it, before its subject. */
struct view ask_inverted(const struct ask_sentence *, const struct ask_clause *);

/* ---------------------------------------------------------------------------------------- rules
 */

enum { ASK_MOST = 4 };

struct ask_question {
    enum course_rule rule;
    struct view first, second; /* the same in everyday words; may be empty */
    bool defines;              /* other sentences may have all of its words */
};
struct asking { /* a sentence, and what was asked of it so far */
    struct ask_sentence s;
    size_t n;
    struct ask_question *out;
};
/* Adds "WORD REST?" where it has a good length: "what" + "does the loss do". */
void ask_add(struct asking *, enum course_rule, const char *word, struct view rest,
             struct view second);
/* One of the forms, which have a %s, by the sentence. */
struct view ask_vary(struct asking *, const char *const *forms, size_t n, struct view text);
struct view ask_joined(struct asking *, struct view, struct view); /* a space between */
struct view ask_after(struct asking *, const char *before, struct view);
struct view ask_before(struct asking *, struct view, const char *behind);
/* Behind the first token from `from` on that has one of the marks, or behind the last. */
size_t ask_part_end(const struct ask_sentence *, size_t from, const char *marks);
void ask_facts(struct asking *); /* the rules of ask_facts.c */
/* English alone. Questions whose answer is the sentence. */
size_t ask_by_rules(struct arena *, struct view sentence, struct view around,
                    struct ask_question out[ASK_MOST]);

/* --------------------------------------------------------------------------------------- senior
 */

struct ask_task { /* a question wanted */
    struct view passage, sentence;
    int sample;        /* the same sentence is asked of several times */
    struct view reply; /* what the senior wrote, cut to a question; empty: none */
    bool done;
};
struct ask_senior {
    struct company *company;
    const char *name; /* a role or a member of the company; NULL: its model */
    const char *language, *cache; /* cache: a file, or NULL */
    double seconds;
    uint64_t seed;
    const volatile bool *cancel;
    struct arena *arena; /* of the replies */
    size_t n_cached, n_written;
};
/* Fills the replies, those of the cache first, until the time is up. False where the cache cannot
 * be read or written, or there is no senior. */
bool ask_senior_all(struct ask_senior *, struct ask_task *, size_t n, struct fault *);
/* COURSE_DROPS when the question has the form that is wanted; otherwise why it is dropped. */
enum course_drop ask_senior_form(struct view question, struct view sentence, const char *language);

#endif
