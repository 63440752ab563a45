/* school: courses, answers, learners and the tutor's turn.
 *
 * The door that web and the commands use. Everything that leaves through it is public: the private
 * half of a course (keys, solutions, misconceptions) never does, except where a learner has earned
 * a solution. Results are JSON objects as the HTTP API gives them (new references). All functions
 * may be called from any thread. `language` is a tag such as "en" or "zh"; where a lesson has no
 * text in it, the course's first language is used and the result says so. */
#ifndef LYCEUM_SCHOOL_H
#define LYCEUM_SCHOOL_H

#include "base/base.h"
#include "company/company.h"
#include "school/people.h"

struct school;

struct school_options {
    const char *const *courses; /* folders, NULL-terminated */
    const char *data;           /* folder of the record; made when absent */
    struct company *company;    /* who writes drafts; borrowed, must outlive the school */
    int retain_days;            /* learners who stay away longer are forgotten; 0: never */
    bool in_terminal;           /* learners read it there, and have no pages */
};

struct school *school_open(const struct school_options *, struct fault *);
void school_close(struct school *);
/* Mistakes in the files of the courses, as school_check_course gives them; empty when they are
 * sound. What has no mistake is taught all the same. Borrowed. */
const json_t *school_problems(const struct school *);
/* After how many days away a learner is forgotten, as the school was opened; 0: never. */
int school_retain_days(const struct school *);
/* "loading", "ready", "absent": for the page and for /healthz. */
const char *school_model_state(const struct school *);

/* ------------------------------------------------------------------------------------ learners */

/* A new anonymous learner. `token` is the secret for the cookie (64 hex digits and a zero byte);
 * the record keeps its hash alone. {"id":…,"name":null} */
json_t *school_learner_new(struct school *, char token[65], struct fault *);
/* The learner whose cookie this is, as a positive number, or 0. */
int64_t school_learner_of(struct school *, struct view token);
bool school_learner_name(struct school *, int64_t learner, struct view name, struct fault *);
/* {"id","name","courses":[{"id","title","mastery","lessons":[{"id","title","mastery","done",
 *  "total"}]}],"skills":[{"id","course","title","mastery","attempts","unaided","reached",
 *   "prerequisites":[…],"standing":"due|mastered|begun|open|later","recall","due":null|"…",
 *   "believed","why","lesson"}],"practised":{"today","goal","days_of_week","days"},
 *  "recent":[{"at","course","lesson","exercise","title","skill","score"}…]}
 * mastery is 0 until a first try without help; unaided: such tries that were right; attempts: all;
 * done: exercises once solved; recent: attempts, newest first. */
json_t *school_progress(struct school *, int64_t learner, const char *language, struct fault *);
/* The last thing that was to be kept could not be, less than a minute ago: a full disk, a record
 * that another program holds. Pages say so. */
bool school_is_failing(struct school *);
/* Of it "id", "name" and "courses" alone, of one course (NULL: of all): what a path shows. */
json_t *school_path(struct school *, int64_t learner, const char *course, const char *language,
                    struct fault *);
/* ------------------------------------------------------------------------------------ practice
 *
 * `course` may be NULL: all of them, or the one with something to do. Days are the learner's.
 * Learner 0 is a visitor, for the first two. */

/* {"course","lesson","lesson_title","exercise":null|{as in a lesson, its seed unseen},
 *  "skill":{"id","title","mastery"},"kind":"sister|review|new|practise|mastered|nothing",
 *  "predicted","aim","target","why","rest":null|"…","next_review":null|"2027-01-31"}
 * `shift`: -1 gentler, 1 harder, 0 as planned. */
json_t *school_next(struct school *, int64_t learner, const char *course, int shift,
                    const char *language, struct fault *);
/* Of each review that is due an exercise, as school_next gives one; at most so many of each
 * course that a sitting can hold. [] when nothing is due. */
json_t *school_due(struct school *, int64_t learner, const char *language, struct fault *);
/* {"today","due":[{"course","skill","title","lesson","due","days_late","days_since","recall",
 *  "stability","mastery","why"}…],"upcoming":[{"day","reviews"}…],"next":null|"2027-01-31"} */
json_t *school_reviews(struct school *, int64_t learner, const char *course, const char *language,
                       struct fault *);
/* {"days_off","exam","utc_offset","challenge","goal"}; `change` has those to be changed. */
json_t *school_plan(struct school *, int64_t learner, struct fault *);
json_t *school_plan_change(struct school *, int64_t learner, const json_t *change, struct fault *);
/* The learner says that they know these skills; what they build on is then known too. Gives
 * {"course","skills":[all that is now believed]}. */
json_t *school_claim(struct school *, int64_t learner, const char *course, const json_t *skills,
                     struct fault *);
/* The placement test of a course (NULL: the first). `body` NULL only tells where it stands;
 * {"skills":[ids that the learner says they know]?} begins it; {"exercise","answer"} answers the
 * question at hand, {"exercise","unknown":true} says that it is not known,
 * {"exercise","skip":true} passes it: that tells nothing of a skill that the learner says they
 * know, and of another the same as "unknown".
 * {"course","state":"none|asking|done","asked","most","exercise":null|{…}, "claimed":of the
 * question at hand,"skills":[{"id","title","mastery","claimed",
 * "by":"right|wrong|word"|null}],"start":null|{"lesson","title"}} */
json_t *school_placement(struct school *, int64_t learner, const char *course, const json_t *body,
                         const char *language, struct fault *);
/* -------------------------------------------------------------------------------------- memory
 *
 * What a learner told of themselves; docs/memory.md. */

/* {"background":{"tags":[…],"words","language":null|"zh","told":ms|0,"asked":ms|0},
 *  "tags":[{"name","group":"age|interest|knows"}…],"notes":[{"id","at","about":"goal|confused|slip|
 *  own","text","course","lesson","exercise","skill","skill_title"?,"changed":ms|0,
 *  "recalled":ms|0}…],"giving":{"gives","since"}} newest first. Of a visitor it is empty. */
json_t *school_memory(struct school *, int64_t learner, const char *language, struct fault *);
/* {"tags","words","language"}, as a whole: what is missing is taken back. Gives the background. */
json_t *school_background_tell(struct school *, int64_t learner, const json_t *told,
                               struct fault *);
/* The note's id, or 0. */
int64_t school_note_add(struct school *, int64_t learner, struct view text, bool goal,
                        struct fault *);
bool school_note_change(struct school *, int64_t learner, int64_t note, struct view text,
                        struct fault *);
bool school_note_erase(struct school *, int64_t learner, int64_t note, struct fault *);
/* Whether the learner agreed that what they and the tutor wrote may be trained on; NULL with a
 * fault: {"gives":true|false,"since":ms|0}. Nobody has who did not say so. */
json_t *school_giving(struct school *, int64_t learner, struct fault *);
bool school_give(struct school *, int64_t learner, bool gives, struct fault *);
/* The memory as files, in a zip archive: Markdown, a file a note. */
void school_memory_archive(const json_t *memory, struct buffer *out);
/* The same of a record's folder, also while a server holds it: for school_memory_archive. */
json_t *school_memory_from(const char *data, int64_t learner, struct fault *);
/* ----------------------------------------------------------------------------- what was given
 *
 * The talk of those who agree (docs/workshop.md), of a record's folder, also while a server holds
 * it. One thread at a time. */
struct given_talk;
struct given_talk *school_given_open(const char *data, struct fault *);
void school_given_close(struct given_talk *);            /* NULL is allowed */
size_t school_given_learners(const struct given_talk *); /* who agree */
/* Appends a line of JSON for each exercise that the i-th of them and the tutor wrote on:
 * {"messages":[{"role":"user|assistant","content"}…],"origin":"transcript","licence":"given by the
 * learner"}, names and numbers struck. Nothing where the learner has withdrawn meanwhile. */
bool school_given_read(struct given_talk *, size_t i, struct buffer *out, struct fault *);
/* {"learners" of the record,"agreed","withdrawn_meanwhile","struck":{"names","mails","addresses",
 * "numbers"}} as far as it was read. */
json_t *school_given_json(const struct given_talk *);

/* Every event of the learner, oldest first: {"learner","events":[{"id","at","kind","data"}…]},
 * "at" in milliseconds since 1970. */
json_t *school_export(struct school *, int64_t learner, struct fault *);

/* ------------------------------------------------------------------------------------- courses */

/* [{"id","title","languages","lessons":[{"id","title"}]}] */
json_t *school_courses(struct school *, const char *language);
/* Of a translation: sections and exercises that are stale have their source beside them, those
 * that are missing stand in the source's language (see docs/course-format.md), and each such
 * exercise has "language" and, when stale, "source":{"language","title","ask_html","note"}.
 * {"course","id","title","language","html","exercises":[{"id","title","check","skill","seed",
 *  "ask_html","choices_html"?,…,"state":{"score","attempts","hints":[say…],"talk":[{"asked"}|say…],
 *  "solved","last_answer","ever_solved"}}],"passages":[{"id","heading"}],"previous","next","told_for":[tags
 * for which a place is told otherwise than to everybody]} In `html` each exercise stands as
 * <section class="exercise" id="E" data-exercise="E"></section> and each passage has an id that
 * citations name. learner 0 is a visitor. */
json_t *school_lesson(struct school *, const char *course, const char *lesson,
                      const char *language, int64_t learner, struct fault *);
/* A file of the course that pages may show (figures): appended to `out`, with its media type. */
bool school_asset(struct school *, const char *course, struct view path, struct buffer *out,
                  const char **media_type, struct fault *);

/* ---------------------------------------------------------------------------------- the turn */

/* Gets each `say` object as it is ready: {"text","html","from":"author|model","cites":[…],
 * "model"?,"quote"?:true,"draft"?:true,"replaces"?:true,"looked_up"?:{…}}: a "quote" is the
 * lesson's own words; what has "draft" stands until the words that replace it have come.
 * False stops (the client left); what was said is recorded all the same.
 */
typedef bool school_say(void *data, const json_t *say);

/* An attempt: graded, recorded on disk, then answered. {"score","solved","feedback","note","move",
 * "say":[…],"mastery","sister":null|{"seed"…},"hints_left":bool,"asks"?:{"about":"background","text"}}.
 * asks: once for each learner. `answer` is what the field of this check gives: a string, a number,
 * an index, a list of indexes. */
json_t *school_attempt(struct school *, int64_t learner, const char *exercise, uint64_t seed,
                       const json_t *answer, const char *language, struct fault *);
/* The same of an answer that may be sent twice, or was kept on a device while the school was away.
 */
struct school_sent {
    uint64_t seed; /* 0: the variant that the learner has at hand */
    const json_t *answer;
    const char *once; /* NULL, or the sender's id of it: the second with this id of this learner is
                         not graded, and gets what the first was told */
    int64_t ago_ms;   /* how long before now it was given, by the sender's clock; 0: now */
};
json_t *school_attempt_sent(struct school *, int64_t learner, const char *exercise,
                            const struct school_sent *, const char *language, struct fault *);
/* The next rung of the hint ladder, within the dwell time of the present one if it is too soon. */
json_t *school_hint(struct school *, int64_t learner, const char *exercise, uint64_t seed,
                    const char *language, struct fault *);
/* Free text, and where it was typed. */
struct school_question {
    const char *course, *lesson;
    const char *exercise; /* at hand; NULL or "": none */
    uint64_t seed;        /* of the exercise; 0: the variant that the learner has at hand */
    struct view text;
    const char *language;
    const volatile bool *cancel; /* NULL, or becomes true when nobody waits: no model is asked */
};
/* Whether there are such a course, lesson and exercise; a stream could only say so too late. */
bool school_has_place(struct school *, const struct school_question *, struct fault *);
/* A question, a call for help, chat, or fishing for the answer. Quotes of the course are said at
 * once; a model's words replace them only when they passed. */
bool school_turn(struct school *, int64_t learner, const struct school_question *, school_say *,
                 void *data, struct fault *);

/* ------------------------------------------------------------------------- what models are asked
 */

enum school_prompt_task {
    PROMPT_ANSWER, /* text: the learner's question; draft: an answer, or school_refusal */
    PROMPT_WRONG,  /* text: the learner's wrong answer; draft: what it shows */
    PROMPT_SUM,    /* text: empty; draft: the passage in a sentence or two */
    PROMPT_NEXT,   /* text: questions asked already, or empty; draft: another */
    PROMPT_HINT,   /* text: the author's hint; no passage; draft: the same in other words */
};
struct school_prompt {
    enum school_prompt_task task;
    struct view passage, text;
    const char *language; /* NULL: English */
    struct view learner;  /* what the learner told of themselves, or empty: so in all that models
                             are trained on */
    bool examples;        /* before a hint, two of the task: a model that was not trained on it
                             answers the hint without them */
};
/* The messages as a member of the company gets them: [{"role","content"}…]. Models are trained on
 * these very ones. New reference. */
json_t *school_prompt(const struct school_prompt *);
/* What is said, and what a trained model says, where the passage does not answer. */
const char *school_refusal(const char *language);

struct school_draft {
    struct view passage, question; /* or a hint */
    struct view hint;
    struct view draft;
    const char *language;
};
enum { SCHOOL_CITES = 4 };
struct school_verdict {
    bool passed;
    const char *reason; /* what it was struck for: "leak", "ground" …; "none" */
    char why[120];
    size_t n_cite; /* of an answer: the sentences that it stands on, slices of the passage */
    struct view cites[SCHOOL_CITES];
};
/* The review of what a member wrote, as a turn makes it where no exercise is at hand. */
void school_review(const struct school_draft *, struct school_verdict *);
/* The share of the text's words of content that the sentence has, by stem; 1 where it has none. */
double school_overlap(struct view text, struct view sentence, const char *language);
/* Whether it begins with "It", "This" and the like, and so needs the sentence before. English. */
bool school_leans_back(struct view sentence);

/* -------------------------------------------------------------------------------- for commands */

/* Every mistake in a course folder: [{"file","line","message","remedy"}], empty when sound. NULL
 * only when the folder cannot be read. */
json_t *school_check_course(const char *folder, struct fault *);
/* How its translations stand to their sources: {"languages":[{"language","lessons","current",
 * "unmarked","stale","missing"}],"notes":[…]}, the notes as problems are told. Counted are parts:
 * sections and exercises. NULL when the folder cannot be read. */
json_t *school_translations(const char *folder, struct fault *);
/* Writes into the course's files that parts of a translation are made from what their source says
 * now: those named, by section or label (NULL-terminated), or else all without a mark; with `all`
 * the stale ones too. Gives {"marked":[{"file","line","part"}],"left":[…]}, left being what is
 * stale; NULL with a fault. */
json_t *school_translated(const char *folder, const char *language, const char *const *names,
                          bool all, struct fault *);
/* What is in it: {"course","languages","lessons","translations","exercises","skills"}. */
json_t *school_count_course(const char *folder, struct fault *);
/* What the workshop may learn of a course, in one language: never a key, never a solution.
 * {"course","title","language","licence",
 *  "passages":[{"lesson","id","heading","sentences":[…],"breaks":[…]}],
 *  "exercises":[{"id","lesson","passage","skill","hints":[…],"wrong":[{"answer","say"}]}]}
 * Sentences are plain text as the tutor quotes them, without those that hold a displayed formula
 * or fewer than four words; breaks: the indexes of those before which something was left out.
 * passage: the one behind which the exercise stands. Numbers are drawn by two seeds. NULL when the
 * folder cannot be read; a language that the course does not have gives empty lists. */
json_t *school_course_texts(const char *folder, const char *language, struct fault *);

/* The exercises of a course with their private half, for texts that models are trained on. This
 * does not leave the process but in what the course's owner has made of it; such a file is to be
 * kept as the course is. */
struct school_scenes;
/* NULL with FAULT_MISSING or FAULT_INPUT when the folder is no course, or has nothing in the
 * language. */
struct school_scenes *school_scenes_open(const char *folder, const char *language, struct fault *);
void school_scenes_close(struct school_scenes *);         /* NULL is allowed */
size_t school_scenes_count(const struct school_scenes *); /* exercises */

struct school_scene_wrong {
    const json_t *is;           /* for school_scene_grade */
    struct view text, why, say; /* as a learner writes it; the misconception; its author's words */
};
struct school_scene { /* an exercise with its numbers drawn; everything below lives with it */
    struct view id, lesson, passage, skill, title, check;
    struct view ask, answer, solution; /* what is chosen from stands below `ask`, lettered */
    const json_t *key;                 /* a right answer, for school_scene_grade */
    bool varied;                       /* other numbers can be drawn */
    uint64_t seed;
    size_t n_hint, n_wrong;
    const struct view *hints;
    const struct school_scene_wrong *wrongs; /* which the grader takes for what they are */
    size_t n_refused, n_unspoken; /* others: for these numbers they are right or another one; they
                                     cannot be said in a line */
    struct view principle, principle_of, principle_heading; /* a quote of the course that does not
                            give the answer away, and the passage's id; empty where there is none
                          */
    struct variant *variant;
};
/* NULL with a fault when the numbers cannot be drawn. Any thread may draw. */
struct school_scene *school_scene_draw(const struct school_scenes *, size_t exercise,
                                       uint64_t seed, struct fault *);
void school_scene_free(struct school_scene *); /* NULL is allowed */
/* The score of an answer (0 to 1), and the misconception that it is an instance of, or "". */
double school_scene_grade(const struct school_scene *, const json_t *answer, struct view *why);
/* Whether a text gives the answer away, in any form. */
bool school_scene_leaks(const struct school_scene *, struct view text, char why[120]);
/* A variant whose numbers and key differ; 0: there is none. `which` counts them. */
uint64_t school_scene_sister(const struct school_scene *, int which);

struct school_scene_stand { /* how far a learner is with it */
    int wrong, hints;       /* wrong answers in a row, rungs that were given */
    bool shown, bottomed;   /* a sister variant was worked, the solution was shown */
};
enum school_scene_event {
    SCENE_WRONG,
    SCENE_WRONG_UNKNOWN,
    SCENE_WRONG_AGAIN,
    SCENE_CALL,
    SCENE_FISHING
};
/* The tutor's move, by the table that a turn goes by: "point", "principle", "similar example",
 * "scaffold step" with its rung from 1, "work it out", "ask". */
const char *school_scene_move(const struct school_scene *, const struct school_scene_stand *,
                              enum school_scene_event, size_t *rung);

/* What becomes of the numbers of a text: "=" between two that can be computed is held against
 * the algebra room, as is the sign of rounding. */
struct school_sums {
    size_t n_right, n_wrong;
    char wrong[120]; /* the first */
};
void school_check_sums(struct view text, struct school_sums *);
/* What the scheduler does for simulated learners of known ability, beside other orders:
 * {"course","learners","seed","days","answers_a_day","skills","exercises","policies":[{"name",
 *  "answers","success":{"mean","target","learners_within_tenth","by_answer":[[answers, share]…]},
 *  "answers_to_mastery":{"median","reached","curve":[[answers, share of learners]…]},
 *  "mastery"|"prediction":{"auc","calibration_error","brier","n","calibration":[{"told","came",
 *  "n"}…]},"told_as_mastered":{"n","had"},"known_at_end","known_a_month_later"}…]} */
json_t *school_simulate(const char *folder, int learners, uint64_t seed, struct fault *);
/* One line of `lyceum grade`: always gives an object, {"score",…} or {"error":…}. */
json_t *school_grade_line(struct view line);
/* One line of `lyceum draft`; see docs. Always gives an object. */
json_t *school_draft_line(struct company *, struct view line);
/* A model with tools: calculator, units, calendar, programs in the sandbox, and a course to look
 * things up in; see docs/tutor.md. One question at a time. */
struct school_asker;
struct school_asker_options {
    const char *course;      /* a folder; NULL: there is none to look in */
    const char *language;    /* NULL: English */
    struct company *company; /* borrowed; NULL: the planner alone */
};
struct school_asker *school_asker_open(const struct school_asker_options *, struct fault *);
void school_asker_close(struct school_asker *); /* NULL is allowed */
struct school_asking {
    struct view question;
    bool alone;    /* the model answers by itself, with nothing to look up */
    bool no_rules; /* it decides what to look up, also where plain rules are sure */
    uint64_t seed;
};
/* {"question","answer","looked_up":[{"tool","name","asked","found","words","done","planned"}…],"model",
 *  "tokens","seconds"}, with "problem" where the model failed. planned: by rules alone. */
json_t *school_ask(struct school_asker *, const struct school_asking *);
/* The bank of a course, COURSE/rehearsed.jsonl: its author's hints and replies to wrong answers in
 * other words, by the company's member, each past the review with the key at hand, none said
 * twice, no opening too often. Texts that change with an exercise's numbers are left out. */
struct school_rehearsal {
    const char *folder;   /* of the course */
    const char *language; /* of the lessons; NULL: the course's first */
    const char *tried;    /* a file that keeps what was tried, for the next run; or NULL */
    const char *member;   /* who writes, as the bank will tell */
    /* NULL: whoever writes is `member`. Else the drafts of the member of this name are wanted; the
     * tries and phrases of others, who write when it cannot be had, are theirs. */
    const char *writer;
    enum company_role role;
    double budget;        /* money for this run; 0: no limit but those of the company */
    const char *date;     /* 2026-11-29 */
    int phrasings, tries; /* wanted of each text; drafts for it, at most */
    double seconds;       /* stops after; 0: when all is done */
    uint64_t seed;
    const volatile bool *cancel;                                     /* or NULL */
    void (*told)(void *data, size_t done, size_t all, double money); /* texts; or NULL */
    void *data;
};
struct school_rehearsed {
    size_t n_text, n_varied; /* that may be rehearsed; that change with the numbers */
    size_t n_draft, n_passed, n_same, n_opening, n_pointless,
        n_kept;                 /* of drafts: kept ones are new phrases */
    size_t n_dropped, n_phrase; /* phrases of changed texts; what the bank holds now */
    size_t n_other;             /* drafts by others than were wanted */
    char why_other[200];        /* of the last of them, for the owner */
    double money;
    bool spent;     /* stopped since the budget is */
    bool done;      /* false: stopped before the last text */
    json_t *struck; /* {"leak": 3, …}; json_decref */
};
/* Goes on where an earlier run stopped; what is in the bank, edited or rejected, stays. */
bool school_rehearse(struct company *, const struct school_rehearsal *, struct school_rehearsed *,
                     struct fault *);
/* All that the record in `data` keeps of a learner: {"learner","name","events":[…],
 * "tables":{TABLE: [{COLUMN: VALUE}…]}}, also while a server holds the folder. */
json_t *school_export_from(const char *data, int64_t learner, struct fault *);
/* The same as a page that stands alone. */
void school_record_html(const json_t *record, struct buffer *out);
json_t *school_learners_named(const char *data, struct view name, struct fault *); /* [17, …] */
/* Erases a learner: from the record, its free pages and its log, from the copies kept in
 * DATA/backups, and from what the company keeps: costs, and keys, which are revoked. Refused while
 * a server holds the folder.
 * {"learner","events","copies","copies_removed","before"} */
json_t *school_forget(const char *data, int64_t learner, struct fault *);
/* Forgets all learners who did nothing for so many days, as school_forget does; refused when that
 * is everybody. */
bool school_forget_idle(const char *data, int days, size_t *n, struct fault *);
/* Copies the record, also while a server uses it, into `to` (NULL: DATA/backups); keep > 0: so
 * many copies stay. {"file","sha256","bytes","events","dropped"} */
json_t *school_backup(const char *data, const char *to, int keep, struct fault *);
/* Puts a copy in the place of the record, which is copied first: {"file","events","safe"} */
json_t *school_restore(const char *file, const char *data, struct fault *);
/* Makes every derived table of the record in `data` again from its events. */
bool school_rebuild(const char *data, struct fault *);
/* Prometheus text: drafted, passed, struck by reason, time to first word, attempts, … */
void school_metrics(struct school *, struct buffer *out);

#endif
