/* workshop: a course in, a specialist out.
 *
 * How varied a text is, beside a reference, and the gate that stops training on text that has
 * collapsed; what of a heap of files is fit to train on; rows made of authored cards; what a
 * trained model is worth, and the card that tells it. Sources of formulas are named where
 * they are used; docs/workshop.md explains. */
#ifndef LYCEUM_WORKSHOP_H
#define LYCEUM_WORKSHOP_H

#include "base/base.h"
#include "company/company.h"
#include "train/train.h"

/* --------------------------------------------------------------------------------- documents */

/* What one author wrote in one sitting: a dialogue, a line, a paragraph. Draws keep it whole. */
struct document {
    const struct view *turns;
    size_t n_turn; /* at least 1; each turn has at least one word */
};

struct documents {
    struct document *at;
    size_t n;
    size_t n_token;      /* words and punctuation marks of all turns */
    struct arena *arena; /* owns all of it, the text too */
};

/* Reads JSON lines, {"text":…} or {"messages":[{"role","content"},…]} of which the assistant's
 * turns count, or plain text: a paragraph a document where there are blank lines, otherwise a line
 * a document. FAULT_INPUT with the line when a line cannot be read or no words are left. */
bool documents_read(const char *path, struct documents *,
                    struct fault *); /* "-": standard input */
bool documents_parse(struct view text, struct documents *, struct fault *);
void documents_free(struct documents *);

/* --------------------------------------------------------------------------------- diversity */

enum diversity_measure {
    DIVERSITY_ZLIB,     /* bytes of the text ÷ bytes that zlib makes of it; grows by repetition */
    DIVERSITY_DISTINCT, /* different 4-grams of tokens ÷ all 4-grams, inside turns */
    DIVERSITY_ENTROPY,  /* of the 4-grams, in bits */
    DIVERSITY_OPENERS,  /* different first four tokens ÷ turns */
    DIVERSITY_TOP_OPENER,      /* share of the turns that begin with the commonest opener */
    DIVERSITY_DUPLICATES,      /* share of the turns that nearly repeat an earlier one */
    DIVERSITY_LONG_DUPLICATES, /* the same among turns of eight tokens or more: people repeat
                                  "Good job!" often, and whole sentences hardly ever */
    N_DIVERSITY,
};

/* Measures a text as it goes by; keeps hashes, not the text. All measures depend on how much text
 * there is: compare equal token counts only. */
struct diversity_meter *diversity_meter_new(void);
void diversity_meter_free(struct diversity_meter *);
/* Adds the first `most` tokens of the turn; returns how many there were. */
size_t diversity_meter_add(struct diversity_meter *, struct view turn, size_t most);
/* What has been added so far. After this nothing more may be added. */
void diversity_meter_read(struct diversity_meter *, double out[N_DIVERSITY]);
size_t diversity_meter_turns(const struct diversity_meter *);
/* The commonest opener in its own words; lives as long as the meter. */
struct view diversity_meter_opener(const struct diversity_meter *);

struct diversity_options {
    size_t most_tokens; /* compared on a side; 0: 20,000 */
    int n_draw;         /* of the reference; 0: 200, at most 10,000 */
    uint64_t seed;
};

struct diversity_figure {
    double value;     /* of the text */
    double reference; /* of the reference: the mean of its draws; 0 without one */
    double low, high; /* 99 in 100 texts of the reference's kind and the text's length lie so */
    bool collapsed;   /* beyond the interval, on the side of repetition */
    bool beyond;      /* beyond the interval, on the other side: more varied */
};

struct diversity_report {
    size_t n_token;                       /* compared on each side */
    size_t text_tokens, reference_tokens; /* there in all; 0 without a reference */
    bool compared;
    struct diversity_figure figures[N_DIVERSITY];
    char opener[160]; /* the commonest of the text */
    bool fired;       /* the text has collapsed: do not train on it */
};

/* Measures the text, and beside it the reference unless that is NULL. Draws whole documents
 * without putting back, since a document drawn twice would itself be a repetition; the interval
 * is widened for what such draws lack (docs/workshop.md). The same for the same seed, whatever the
 * threads. FAULT_INPUT when there are too few documents or words to tell. */
bool diversity_compare(const struct documents *text, const struct documents *reference,
                       const struct diversity_options *, struct pool *, struct diversity_report *,
                       struct fault *);

const char *diversity_name(enum diversity_measure);
/* Why the gate fired and what to do, most promising first; new references, empty when silent. */
json_t *diversity_reasons(const struct diversity_report *);
json_t *diversity_remedies(const struct diversity_report *);
json_t *diversity_json(const struct diversity_report *);
/* For people: a table, with bars where `bars`, in colour where `colour`. */
void diversity_text(const struct diversity_report *, bool bars, bool colour, struct buffer *out);
void diversity_svg(const struct diversity_report *, const char *title, struct buffer *out);

/* ---------------------------------------------------------------------------------- curation */

struct curation {
    const char *const *places; /* folders and files */
    size_t n_place;
    const char *out;         /* JSON lines {"text","origin","licence","language"} */
    const char *held_out;    /* a file whose items must not be in the rows; NULL: none */
    const char *licence;     /* of rows for which none is told; NULL: "unknown" */
    const char *language;    /* tags with commas between, the only ones kept; NULL: all */
    const char *transcripts; /* a school's data folder, of which learners' talk is taken that they
                                agreed to give; NULL: none */
    const char *quality;  /* a head of quality_learn: rows under `least` are dropped; NULL: none */
    const char *embedder; /* the model that the head was trained with */
    double least;         /* 0 to 1; 0: one half */
};

struct curation_report; /* what was kept, what was dropped and why, with examples */

/* Reads text, Markdown and JSON lines ({"text"} or {"messages"}) in the order of their names and
 * writes the rows that pass. Memory holds some megabytes of text and 14 keys for each row that
 * was kept; the output is the same whatever the threads. NULL when a file cannot be read or
 * written, or when nothing was found to read; `out` then is as it was. */
struct curation_report *curate(const struct curation *, struct pool *, struct fault *);
void curation_report_free(struct curation_report *);  /* NULL is allowed */
size_t curation_kept(const struct curation_report *); /* rows */
json_t *curation_json(const struct curation_report *);
void curation_text(const struct curation_report *, struct buffer *out); /* Markdown */

/* Which texts are good, learnt of labels: logistic regression on the vectors of an embedding model
 * (model_embed). `labels` are JSON lines {"text","label"}, of 0 and 1 or of 0 to 5, good from 3
 * on. A fifth, by the text's hash, is never learnt from. */
struct quality_learning {
    const char *labels, *model, *out; /* out: the head, JSON */
};
struct quality_report {
    size_t n_label, n_good, n_held_out;
    double auc;   /* on what is held out; NAN where that has one kind alone */
    double right; /* share of it on the right side of one half */
};
bool quality_learn(const struct quality_learning *, struct pool *, struct quality_report *,
                   struct fault *);

/* The language of a text by its script and small words, "en"; "und" when it does not show. */
const char *text_language(struct view text);

/* ---------------------------------------------------------------------------- a course as cards
 */

enum course_rule {                   /* what a question was made by */
                   COURSE_DEFINES,   /* "A bigram is a pair …": "What is a bigram?" */
                   COURSE_CALLED,    /* "X is called Y" */
                   COURSE_WHAT,      /* "The count says …": "What does the count say?" */
                   COURSE_WHY,       /* because, since, so */
                   COURSE_WHEN,      /* a year */
                   COURSE_WHO,       /* a name that did something */
                   COURSE_HOW,       /* "To compute a slope, take …" */
                   COURSE_HOW_MANY,  /* "has 38 bigrams" */
                   COURSE_WHAT_IF,   /* "If A, B." */
                   COURSE_COMPARES,  /* "X is larger than Y" */
                   COURSE_BY_SENIOR, /* a model wrote it */
                   COURSE_RULES
};
enum course_drop {                   /* why a question was not written */
                   COURSE_STRUCK,    /* its sentence does not pass the review as an answer */
                   COURSE_ELSEWHERE, /* another sentence has as many of its words */
                   COURSE_TWICE,     /* it was asked already */
                   COURSE_FORM,      /* no question mark, or not 4 to 20 words */
                   COURSE_LANGUAGE,  /* another language */
                   COURSE_UNRELATED, /* shares under six tenths of its words with its sentence */
                   COURSE_ABSENT,    /* asks for a reason, number … that its sentence has not */
                   COURSE_COPIED,    /* has over six tenths of its sentence's words */
                   COURSE_DROPS
};

struct course_cards_options {
    const char *folder;      /* of the course */
    const char *language;    /* NULL: "en" */
    const char *const *skip; /* topics on which there are cards; NULL-terminated, or NULL */
    struct company *senior;  /* writes questions beside those of the rules; NULL: none */
    const char *senior_name; /* a role or a member of a company of several; NULL: the model */
    const char *cache;       /* file that keeps what the senior wrote; NULL: none */
    double seconds;          /* of the senior; 0: ten minutes */
    int n_sample;            /* questions asked of the senior for each sentence; 0: 3 */
    uint64_t seed;
    const volatile bool *cancel; /* NULL, or becomes true: the senior stops, what is there stays */
};
struct course_cards_report {
    size_t n_skipped;                              /* of the passages */
    size_t n_passage, n_card, n_sentence, n_asked; /* asked: sentences with a question */
    size_t questions[COURSE_RULES], dropped[COURSE_DROPS];
    size_t n_written, n_cached; /* replies of the senior, and those that the cache had */
    size_t n_wanted;            /* replies that would have been all */
    size_t n_unsaid, n_hint, n_wrong;
};
/* Appends the course as cards, which compose() reads (docs/workshop.md): a topic a passage, named
 * LESSON/PASSAGE. Rules ask in English alone. The same bytes for the same seed and the same
 * replies. FAULT_INPUT when no passage has sentences enough; FAULT_MISSING when the senior is not
 * there. */
bool course_cards(const struct course_cards_options *, struct buffer *out,
                  struct course_cards_report *, struct fault *);
const char *course_rule_name(enum course_rule);
const char *course_drop_name(enum course_drop);
json_t *course_cards_json(const struct course_cards_report *);

/* ---------------------------------------------------------------------------------- composing */

enum compose_task {
    COMPOSE_ANSWER,
    COMPOSE_REFUSE,
    COMPOSE_TASK_HINT,
    COMPOSE_WRONG,
    COMPOSE_SUM,
    COMPOSE_NEXT,
    COMPOSE_TASKS
};
enum compose_reason {                    /* why a row was not written */
                      COMPOSE_STRUCK,    /* its target does not pass the review */
                      COMPOSE_ELSEWHERE, /* it passes, but stands on another sentence */
                      COMPOSE_ANSWERED,  /* a question to refuse may have an answer */
                      COMPOSE_TWICE,     /* the same is asked in an earlier row */
                      COMPOSE_REASONS
};

/* Training rows for a tutor, made of authored cards and made-up facts by rules. */
struct compose_options {
    const char *const *cards; /* files */
    size_t n_card;
    const char *const *held_out; /* topics that no row may come from; NULL-terminated, or NULL */
    const char *language;        /* of the cards to use; NULL: "en" */
    uint64_t seed;
    size_t n_row; /* 0: 30,000 */
    /* The cards of the first so many files make two thirds of the rows on cards, and there are
     * fewer made-up facts; 0: all count alike. */
    size_t n_focus;
    bool shuffled; /* a control: their sentences are exchanged among those cards */
};
struct compose_report {
    size_t n_card, n_held_out; /* cards read, and those of them held out */
    size_t n_row, rows[COMPOSE_TASKS], made_up;
    size_t dropped[COMPOSE_REASONS];
    size_t n_opening; /* different first three words of hints, and the commonest */
    struct {
        char text[60];
        double share;
    } openings[5];
};
/* Appends the rows, JSON lines, to `rows` and the items of the held-out topics to `items` (either
 * may be NULL). The same bytes for the same seed, whatever the threads. FAULT_INPUT with file and
 * line when a card is wrong. */
bool compose(const struct compose_options *, struct pool *, struct buffer *rows,
             struct buffer *items, struct compose_report *, struct fault *);
const char *compose_task_name(enum compose_task);
const char *compose_reason_name(enum compose_reason);

/* -------------------------------------------------------------------------- a course's dialogues
 */

enum course_task {
    COURSE_DIALOGUE,  /* a learner errs as an authored misconception says, the tutor moves */
    COURSE_MONOLOGUE, /* the same up to one move, which the tutor thinks about first */
    COURSE_PASSAGE,   /* a question that a sentence of the lesson answers, thought about */
    COURSE_PROBLEM,   /* worked in full, with numbers of its own */
    COURSE_TASKS
};
enum course_row_drop {                    /* why a row was not written */
                       COURSE_ROW_DRAWN,  /* its numbers cannot be drawn */
                       COURSE_ROW_WRONG,  /* a wrong answer is not wrong, or another one, so */
                       COURSE_ROW_WORDS,  /* an answer cannot be said in a line */
                       COURSE_ROW_GRADE,  /* the grader says otherwise of an answer */
                       COURSE_ROW_LEAK,   /* the tutor gives the answer away */
                       COURSE_ROW_CITE,   /* a quote is not in the passage */
                       COURSE_ROW_SUMS,   /* a sum is wrong, or nothing in it can be checked */
                       COURSE_ROW_REVIEW, /* an answer does not pass the review */
                       COURSE_ROW_QUOTED, /* its sentence is quoted by another row */
                       COURSE_ROW_STALE,  /* too little that no row before it says */
                       COURSE_ROW_TWICE,  /* there already */
                       COURSE_ROW_DROPS
};
enum course_voice { VOICE_AUTHOR, VOICE_TEMPLATE, VOICE_SENIOR, VOICES };

struct course_rows_options {
    const char *folder;   /* of the course */
    const char *language; /* NULL: "en", the only one that the templates speak */
    size_t each;          /* dialogues of each exercise and misconception; 0: 1, at most 50 */
    const char *const *held_out; /* topics, LESSON/PASSAGE, that no row is from; or NULL */
    struct company *senior;      /* puts lines in other words; NULL: templates alone */
    const char *cache;           /* file that keeps what the senior wrote; NULL: none */
    double seconds;              /* of the senior; 0: ten minutes */
    int n_draw;                  /* as in diversity_options */
    uint64_t seed;
    const volatile bool *cancel;
};
struct course_rows_report {
    size_t n_exercise, n_passage, n_held_out; /* held out: rows */
    size_t rows[COURSE_TASKS], dropped[COURSE_ROW_DROPS];
    size_t n_misconception, n_persona; /* different ones in the rows */
    size_t tutor_words[VOICES], learner_words[VOICES];
    size_t n_wanted, n_written, n_cached; /* replies of the senior */
    size_t n_taken, n_refused;            /* of them */
    bool compared;                     /* the course's own text is long enough to compare with */
    struct diversity_report diversity; /* of the tutor's turns beside the author's */
};
/* Appends dialogues, thoughts and worked problems of a course, JSON lines that hold answers: they
 * are to be kept as the course's files are. Every answer was graded, every line of the tutor held
 * against the leak check, every quote looked up and every sum computed. The same bytes for the
 * same seed and the same replies, whatever the threads. FAULT_INPUT when there is nothing to make
 * rows of. */
bool course_rows(const struct course_rows_options *, struct pool *, struct buffer *out,
                 struct course_rows_report *, struct fault *);
json_t *course_rows_json(const struct course_rows_report *);
void course_rows_text(const struct course_rows_report *, struct buffer *out);

/* ------------------------------------------------------------------------------------ proving
 *
 * Held-out items are put to a model as at run time, what became of each is kept in a file, and a
 * card tells what the files of several models show. */

enum proof_task { PROOF_ANSWER, PROOF_REFUSE, PROOF_HINT, PROOF_TASKS };

struct proof_item {
    enum proof_task task;
    struct view topic, language;
    struct view passage, question, hint; /* empty where the task has none */
    struct view sentence;                /* of an answer: the one that it must stand on */
    uint64_t hash;                       /* of all that is above */
};
struct proof_items {
    struct proof_item *at;
    size_t n, n_task[PROOF_TASKS];
    struct arena *arena; /* owns all of it, the text too */
};

/* Reads items as compose() writes them; those of other tasks are passed over. FAULT_INPUT with the
 * line that cannot be used. The text is not needed afterwards. */
bool proof_items_read(struct view jsonl, struct proof_items *, struct fault *);
/* Keeps at most so many of each task, in the order in which they were read: one of each topic in
 * turn, by the seed which topics come first and which of their items. */
void proof_items_draw(struct proof_items *, size_t most, uint64_t seed);
void proof_items_free(struct proof_items *);

struct proof {
    const struct proof_items *items;
    struct company *company;     /* who is examined: its first adapter, or the model alone */
    bool look_up;                /* nobody is asked: what the search quotes is the answer */
    bool trained;                /* the model itself was: it needs no examples, and refuses */
    const char *subject;         /* who is examined, such as hashes of model and adapter: a file of
                                    another subject is refused */
    const char *out;             /* JSON lines, one an item, in their order */
    uint64_t seed;               /* of what is sampled */
    int n_at_once;               /* drafts written side by side, at most 32; 0: 4 */
    const volatile bool *cancel; /* or NULL */
    void (*progress)(void *data, size_t done, size_t total); /* or NULL; never twice at a time */
    void *data;
};
struct proof_report {
    size_t n_kept, n_asked; /* items that the file had already, and those that were put */
    bool whole;             /* false: cancelled; the same call goes on where it ended */
    double seconds;
};
/* Appends {"item","subject","task","topic","passed","refused","right","found","as_is","reason",
 * "opening","tokens","from","asked","draft"} for each item that the file has not yet. A last line
 * that was cut off is dropped. FAULT_INPUT, and the file is as it was, when it holds anything else
 * than outcomes of these items and this subject. */
bool prove(const struct proof *, struct proof_report *, struct fault *);

/* ------------------------------------------------------------------------------- general ability
 */

struct ability {
    const char *suite;           /* training/suite.txt; its head tells the format */
    const char *model, *adapter; /* adapter NULL: the model alone */
    const volatile bool *cancel; /* or NULL */
};
/* What a model knows beside its lessons: the share of plain statements of which it finds the right
 * ending likeliest (mean log-probability a token), and the perplexity of plain prose. {"suite":
 * its hash, "items","right","share","each":"1101…","perplexity","tokens","seconds"}, a new
 * reference; NULL with a fault when a file cannot be used. */
json_t *ability_measure(const struct ability *, struct pool *, struct fault *);

/* --------------------------------------------------------------------------------------- the card
 */

enum card_kind {
    CARD_SPECIALIST, /* several with a seed each: all figures are their mean */
    CARD_GENERAL,    /* the tutor that knows no course */
    CARD_BASE,       /* the model without an adapter */
    CARD_LOOK_UP,    /* the search alone */
    CARD_PLAIN,      /* fine-tuned on the passages' text */
    CARD_SHUFFLED,   /* trained on the course with answers and questions shuffled */
    CARD_KINDS
};
struct card_arm {
    const char *name; /* NULL: that of its kind, which all seeds of a specialist share */
    enum card_kind kind;
    uint64_t seed;        /* of a specialist's training */
    const char *outcomes; /* the file that prove() wrote */
};
struct card_file {
    const char *role; /* "model", "adapter", "data" … */
    const char *name, *sha256;
    uint64_t n_byte;
};
struct card_origin { /* of the data */
    const char *origin, *licence;
    uint64_t n_row;
};
struct card_cost {
    const char *stage; /* "compose", "train" … */
    double minutes;
    uint64_t n_token; /* 0: it has none */
};
struct card_input {
    const char *title;
    const struct card_arm *arms; /* specialists and those that they are compared with */
    size_t n_arm;
    const struct card_file *files;
    size_t n_file;
    const struct card_origin *origins;
    size_t n_origin;
    const struct card_cost *costs;
    size_t n_cost;
    const json_t *ability_base, *ability_specialist; /* of ability_measure; NULL: not measured */
    const json_t *diversity; /* of its hints, by diversity_json; NULL: not measured */
    int n_draw;              /* of the bootstrap; 0: 2,000 */
    uint64_t seed;
};

/* Figures of each arm with intervals of 95%, the specialist's difference from each other one,
 * paired by item, and the verdict (docs/workshop.md, "The card"). All is drawn anew by whole
 * topics. NULL with FAULT_INPUT when there is no specialist, a file cannot be used, or the arms
 * were not put the same items. New reference. */
json_t *card_make(const struct card_input *, struct fault *);
bool card_passed(const json_t *card);
void card_text(const json_t *card, bool colour, struct buffer *out); /* for a terminal */
void card_html(const json_t *card, struct buffer *out);              /* one page, no scripts */
/* An adapter that is here already: examined beside the model alone and the search, with a card. */
struct adapter_proof {
    const char *title;
    const char *items;  /* a file of compose(), of topics that it never saw */
    const char *folder; /* of the answers and the card */
    const char *model, *adapter;
    const char *against; /* another adapter to beat; NULL: none */
    const char *rows;    /* what it was trained on, for the origins; NULL: not told */
    const char *suite;   /* of general ability; NULL: not measured */
    size_t most;         /* items of each task; 0: all, up to 1,000 */
    uint64_t seed;
    const volatile bool *cancel;
    void (*tell)(void *data, const char *text); /* a line for whoever looks on; or NULL */
    void *data;
};
/* Cancelled: true, and the card is not there. */
bool adapter_prove(const struct adapter_proof *, struct pool *, bool *passed, struct fault *);

/* -------------------------------------------------------------------------------- distillation */

/* A course in, an adapter for it out, with its card (docs/workshop.md). */
struct distillation {
    const char *title;           /* of the card */
    const char *course, *folder; /* folders: the course, and the work, which it can go on from */
    const char *student;         /* GGUF */
    const char *tutor;           /* adapter of the student that it begins as; NULL: none */
    const char *senior;          /* GGUF that asks questions of the course; NULL: rules alone */
    const char *company;         /* company.yaml: then the senior is a role or a member of it */
    const char *const *cards;    /* [n_card] files of authored cards on the course */
    size_t n_card;
    const char *const *general; /* [n_general] and on other things, so that those are not lost */
    size_t n_general;
    const char *suite;    /* what general ability is measured by (ability_measure); NULL: not */
    const char *language; /* "en" */
    const char *publish;  /* file that the specialist becomes when its card passes, the card beside
                             it; NULL: none */
    double hours;
    int n_seed; /* specialists, of which the first is published: 3 */
    uint64_t seed;
    bool recipe; /* stops after the gate, and writes one for who trains with TRL */
    const char
        *returned; /* what came of it: safetensors or GGUF, examined in place of trainings */
    bool anyway;   /* trains also on questions that have collapsed */
    const volatile bool *cancel; /* becomes true: stops, and goes on another time */
    /* Whoever looks on: a line, and a step of a training. Either may be NULL. */
    void (*tell)(void *data, const char *text);
    bool (*step)(void *data, const struct trainer_report *, struct fault *);
    void *data;
};
struct distil_result {
    bool done;      /* false: stopped */
    bool passed;    /* the card */
    bool published; /* the adapter */
    double seconds; /* of this run */
};
/* Each stage's files stay in the folder, and are not made again. FAULT_INPUT when the folder holds
 * another distillation, or the diversity gate fires. */
bool distil(const struct distillation *, struct pool *, struct distil_result *, struct fault *);

#endif
