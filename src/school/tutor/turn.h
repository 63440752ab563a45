/* What the files of the turn share: the turn itself, and the stages that it goes through. */
#ifndef LYCEUM_SCHOOL_TUTOR_TURN_H
#define LYCEUM_SCHOOL_TUTOR_TURN_H

#include "school/grade/grade.h"
#include "school/tools/tools.h"
#include "school/tutor/intake.h"
#include "school/tutor/memory.h"
#include "school/tutor/rehearsed.h"
#include "school/tutor/tutor.h"

#include <pthread.h>
#include <stdatomic.h>

enum move {
    MOVE_NONE,
    MOVE_CONFIRM,
    MOVE_POINT,     /* at what broke */
    MOVE_PRINCIPLE, /* that it rests on */
    MOVE_EXAMPLE,   /* a sister variant worked in full */
    MOVE_SCAFFOLD,  /* the next rung of the author's hints */
    MOVE_WORK_OUT,  /* the solution, then a sister exercise */
    MOVE_ASK,       /* back: for another form, for the first unclear word */
    MOVE_ANSWER,    /* from the course */
    MOVE_ADVANCE,
    MOVE_REST,
    MOVES
};
const char *move_name(enum move);

/* ------------------------------------------------------------------------------------- metrics */

enum draft_outcome {
    DRAFT_PASSED,
    DRAFT_STRUCK,
    DRAFT_SAME,
    DRAFT_REFUSED,
    DRAFT_ABSENT,
    DRAFT_FAILED,
    DRAFTS
};
enum { FIRST_WORD_BUCKETS = 10 };

struct turn_metrics {
    atomic_ulong kinds[TURN_KINDS], moves[MOVES], drafts[DRAFTS], struck[STRIKE_COUNT];
    struct {
        atomic_ulong buckets[FIRST_WORD_BUCKETS + 1], microseconds;
    } first_word[2]; /* of the school, of a model */
};
void turn_metrics_first_word(struct turn_metrics *, bool model, double seconds);
void turn_metrics_print(struct turn_metrics *, struct buffer *out);

/* ---------------------------------------------------------------------------------------- turn */

/* Whether learners were content with the drafts that were said to them; of all of a tutor's turns,
 * any thread. */
struct contentment;
struct contentment *contentment_new(void);
void contentment_free(struct contentment *); /* NULL is allowed */

struct tutor {
    struct course *const *courses;
    size_t n_course;
    struct record *record;
    struct company *company;
    struct recall *recall;
    struct intake *intake;
    struct memory_rules *rules;
    struct tool_rules *tool_rules;
    struct rehearsed **banks; /* [n_course], of each course */
    pthread_mutex_t sending;  /* guards under_way */
    pthread_cond_t sent;
    struct turn *under_way; /* of attempts with an id of their sender's */
    struct contentment *contentment;
    bool in_terminal;        /* what it says is read there */
    double patience;         /* seconds that a learner waits for a draft without a word */
    int64_t (*now_ms)(void); /* clock_unix_ms, but for tests */
    struct turn_metrics metrics;
};

enum { MOST_RECALLED = 2 };

struct turn {
    struct tutor *tutor;
    struct arena *arena;
    struct fault *fault;
    double started;

    /* what came: an answer, a wish for a hint, or a text */
    int64_t learner;
    const struct course *course;
    const struct lesson *lesson;     /* may be NULL for an attempt or a hint */
    const struct exercise *exercise; /* may be NULL for a text */
    uint64_t seed;
    const json_t *answer;
    const char *once;     /* the sender's id of the answer, or NULL */
    int64_t ago_ms;       /* how long before now it was given */
    json_t *recorded;     /* that attempt, where it was recorded before and not told of */
    struct turn *waiting; /* the next one under way */
    bool wants_hint;
    struct view text;
    const char *page; /* language of the page */
    school_say *send; /* NULL: what is said is only gathered */
    void *send_data;
    const volatile bool *cancel; /* may be NULL */

    struct batch batch; /* what is kept together with what is said first, before that is sent */

    /* intake */
    const char *language;
    enum turn_kind kind;
    enum phrase reply;
    const char *label; /* of the exercise, or NULL */
    struct variant *variant;

    /* grade */
    struct exercise_state state; /* on this seed, after the attempt */
    struct grade_result result;
    bool counts, solved, repeated; /* repeated: the same wrong answer as before */
    const struct misconception *wrong;
    bool wrong_again;               /* the same misconception as before */
    double mastery_before, mastery; /* of the skill */

    /* look up */
    const struct thought *looked; /* what the tools found; or NULL */
    struct view wanted;           /* what is still to be answered from the course */
    bool unsaid;                  /* the tools found what would give the answer away */

    /* choose */
    enum move move;
    size_t rung;         /* of the ladder, from 1; 0: none */
    bool rung_is_new;    /* to be recorded */
    int wait_seconds;    /* until the next rung may be asked for */
    uint64_t sister;     /* offered; 0: none */
    struct view example; /* a sister variant worked in full, Markdown */
    const struct exercise *next;
    const struct lesson *next_lesson;

    /* recall */
    size_t n_recalled;
    struct recalled recalled[MOST_RECALLED];
    bool course_says; /* they answer; else the first is the nearest */
    bool plainly;     /* nobody need look at them again */
    size_t n_found;   /* all of it, quoted or not: a trained member looks through it */
    struct recalled found[MOST_RECALLED];
    bool withheld;            /* they would give the answer away */
    json_t *memories;         /* the learner's notes, newest first; NULL: not looked at */
    const json_t *remembered; /* that bears on the text; borrowed from memories */

    /* remember */
    bool noted; /* a goal or the background: the learner is told */
    bool asks;  /* for the background, for once */

    /* before all: who pays for words, and whether the next are of a member of this machine */
    struct company_payer payer;
    bool local;

    /* before all: what the learner told of themselves */
    background_set background;
    struct view background_words;
    bool background_told, background_asked;

    /* draft, review, senior */
    struct buffer draft;
    struct company_draft drafted;
    double chance; /* that the draft will do, told before the review */
    struct review review;
    struct recalled chosen; /* where in what was found the draft stands */
    bool refused;           /* the member finds no answer in it */
    bool waits;             /* the learner was told that somebody still looks */

    /* say */
    bool rehearsed; /* the author's text in other words, from the course's bank */
    json_t *says;
    size_t n_said; /* of them, recorded and sent */
    bool gone;     /* who asked has left */
};

/* The search finds no answer, or is not sure that it is one; a member that was trained to refuse
 * looks through the nearest passages. */
bool turn_looks_further(const struct turn *);
/* A quote is put in other words by who is there; not by who answers in the lesson's own. */
bool turn_rewords(const struct turn *);

/* Each stage adds its own fields; false with the turn's fault. */
typedef bool turn_stage(struct turn *);
turn_stage turn_intake, turn_grade, turn_look_up, turn_note, turn_choose, turn_recall,
    turn_remember, turn_say, turn_draft, turn_review, turn_senior, turn_say_model, turn_listen,
    turn_reckon;

/* Of the learner's memory: read before all; the note that bears on the text, and how it is said;
 * what an open member may know of the learner. */
void turn_know(struct turn *);
void turn_recall_memory(struct turn *);
void say_remembered(struct turn *);
json_t *say_note(struct turn *, const json_t *note); /* "On … you told me: …" */
struct view turn_about_learner(const struct turn *);

/* Of the tools: each thing that was found but the term, whose sentence is quoted as others are. */
const struct think_step *turn_term(const struct turn *); /* NULL: there is none */
void say_looked(struct turn *);
void say_looked_term(struct turn *, json_t *say);

/* Who waits for a draft longer than the tutor's patience is told so, once. */
struct waiting {
    struct turn *turn;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool begun, over, kept;
};
void waiting_begin(struct waiting *, struct turn *);
bool waiting_end(struct waiting *); /* false with the turn's fault: what was said is not kept */

/* A draft was said; the learner's next words are heard before they are answered. */
void contentment_said(const struct turn *, const struct judged *);
void contentment_heard(const struct turn *);

/* What the choice hangs on. */
struct standing {
    enum turn_kind kind;
    enum phrase reply;
    struct exercise_state state;
    size_t n_hint;
    bool exercise, varied, example_shown;
    bool counts, solved, known, known_again; /* of an attempt */
    int64_t now_ms;
    size_t hint_bytes; /* of the present rung: what there is to read */
};
struct choice {
    enum move move;
    size_t rung;
    bool rung_is_new;
    int wait_seconds;
};
struct choice choose_move(const struct standing *);

/* Another seed whose question differs, the same for the same seed and `which`; 0: there is none.
 */
uint64_t sister_seed(const struct variant *, int which);
bool turn_leaks(const struct turn *, struct view text);

/* What an attempt is told, but for what is said; "sister" is a seed or null. */
json_t *turn_reply(const struct turn *);
json_t *json_view(struct view); /* a new string */
/* Adds what is to be said. markdown: an author's; otherwise plain text with formulas. */
json_t *say_add(struct turn *, struct view text, bool markdown, const char *from);
void say_cite(const struct turn *, json_t *say, const struct recalled *);
/* What was recalled; as a draft it gives way to words that pass. */
void say_quotes(struct turn *, bool draft);
void say_phrase(struct turn *, enum phrase, struct view with);
/* Records what was added since, then sends it. */
bool say_flush(struct turn *);
void say_mark(struct turn *, const char *mark); /* what was said last: "draft", "replaces" */

#endif
