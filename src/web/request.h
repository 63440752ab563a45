/* One request on its way through the room: what came, who sent it, and the reply that grows. */
#ifndef LYCEUM_WEB_REQUEST_H
#define LYCEUM_WEB_REQUEST_H

#include "web/embedded.h"
#include "web/web.h"

#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>

enum {
    BODY_LIMIT = 64 << 10,   /* bytes of a body that are read */
    BODY_PATIENCE = 1 << 20, /* bytes of a body after which the line is cut */
    /* Bytes of request line and headers together. Up to 32 KB libmicrohttpd would write zeros into
     * all of them for each connection; beyond, only what is used takes memory. */
    HEADER_LIMIT = 33 << 10,
    CONNECTION_LIMIT = 1536,     /* at once; each has a thread with a small stack */
    CONNECTION_LIMIT_EACH = 768, /* from one address: a classroom behind one router */
    ROSTER_LIMIT = 12 << 20,     /* of one with files, of who may send them */
    SECONDS_TO_ASK = 20,         /* for a whole request to arrive, or between two; the default */
    SECONDS_TO_ANSWER = 300,     /* for a whole answer to leave */
    PATH_PARTS = 3,
};

struct reply {
    int status;
    const char *type;     /* media type */
    const char *cache;    /* Cache-Control; NULL: no-store */
    const char *location; /* for a redirect */
    const char *allow;    /* for 405 */
    int retry_after;      /* seconds, for 429 */
    const char *degraded; /* of /v1: why it was not the first who answered; or NULL, or "" */
    char cookies[2][200]; /* Set-Cookie; empty when none */
    struct buffer body;
    const struct embedded_file *file; /* instead of body */
    const char *etag;
    bool streaming; /* a pipe has sent it */
};

struct request {
    struct web *web;
    struct MHD_Connection *connection;
    struct arena *arena;
    struct view method, path;
    const char *route;            /* the pattern of the table; NULL: none */
    struct view part[PATH_PARTS]; /* what the stars of the route's path stand for */
    int64_t id[2];        /* a class's and a learner's, where the route's access needs them */
    const char *words;    /* language of the interface, one of embedded_languages */
    const char *language; /* asked for the lesson; a valid tag */
    bool right_to_left;
    const char *page_kind;     /* "home", "lesson", …; set by page_begin */
    int64_t learner;           /* 0: a visitor */
    const struct key_use *key; /* a program's, or NULL */
    volatile bool cancel;      /* nobody waits for the answer any more; while line_watch is on */
    struct pipe *pipe;         /* the answer is a stream; or NULL */
    bool chunked;              /* who asks reads an answer in chunks */
    struct buffer body;
    json_t *json; /* body of an API call, an object; owned */
    struct reply reply;
    double started;
    size_t body_limit;
    bool too_long;
};

struct rate; /* bounds how often each learner and each address may ask; see rate.c */

struct web {
    FILE *log;
    struct school *school;
    struct company *company;
    struct keys *keys;
    struct kept *kept; /* responses: v1_kept.h */
    struct MHD_Daemon *daemon;
    int port;
    struct rate *rate;
    atomic_int n_running, n_stream;
    atomic_bool closing;
    atomic_ulong n_answered[6]; /* by the first digit of the status */
    atomic_ulong n_refused_rate;
    double opened, patience;
    pthread_t watch;
    pthread_mutex_t lock; /* guards `lines` */
    struct line *lines;
};

/* One TCP connection, watched so that a slow client cannot hold its thread. */
struct line {
    int fd;
    bool answering;
    double since;
    struct request *watched; /* is told when the other end hangs up; or NULL */
    struct line *next, **link;
};

/* Rates: true when this key (a learner, an address) may go on. Kinds are rows of a table. */
enum rate_kind {
    RATE_WRITE,    /* by a learner */
    RATE_STRANGER, /* by one address, of who is nobody yet: a class behind one router */
    RATE_TURN,
    RATE_NEW_LEARNER,
    RATE_CODE,    /* invitations that one address looks at */
    RATE_SIGN_IN, /* tries of one name from one address */
    RATE_NAME,    /* of one name from all: more, or any device could keep its owner out */
    RATE_DOOR,    /* from one address of all names */
    N_RATE_KIND
};
struct rate *rate_new(void);
void rate_free(struct rate *);
bool rate_allows(struct rate *, enum rate_kind, uint64_t key, double now);

/* Routing. Fills request->reply. */
void route_request(struct request *);
/* Bytes of a body that this request may bring: by its headers, before any of it is read. */
size_t route_body_limit(struct request *);

/* The reply. */
void reply_json(struct request *, int status, json_t *);  /* takes the reference */
void reply_fault(struct request *, const struct fault *); /* JSON for the API, a page otherwise */
void reply_status(struct request *, int status, const char *message, const char *remedy);
void reply_add_head(const struct request *, struct MHD_Response *);
bool is_api(const struct request *);
/* While it is on, what it gives becomes true when the client hangs up or the web closes. */
const volatile bool *line_watch(struct request *, bool on);
struct view request_header(const struct request *, const char *name);
/* In the language of the interface; what has no words there comes back as it is. What goes wrong
 * is told in English, and that sentence is its own key. */
const char *word(const struct request *, const char *key);
struct view request_argument(const struct request *, const char *name); /* ?NAME=… */
uint64_t request_address(const struct request *);
/* Of this machine, which was asked by a name of its own, and no proxy passed it on. */
bool request_is_near(const struct request *);

/* 429, unless this key may go on. */
bool request_within_rate(struct request *, enum rate_kind, uint64_t key);
/* The cookie of a session; an empty token takes it away. */
void reply_session(struct request *, const char *token);
struct view request_token(const struct request *);

/* Makes a learner and sets the cookie when the visitor has none. */
bool request_need_learner(struct request *, struct fault *);
json_t *request_new_learner(struct request *, struct fault *);

/* The body's seed, a whole number or its digits; false when the reply says what is wrong. */
bool read_seed(struct request *, uint64_t *seed);

/* Handlers, one a route. */
typedef void route_handler(struct request *);
route_handler api_courses, api_lesson, api_learner_new, api_learner_name, api_learner_events,
    api_next, api_reviews, api_plan, api_plan_change, api_claim, api_placement,
    api_placement_answer, api_progress, api_attempt, api_hint, api_turn, api_session, api_openapi,
    api_health, api_metrics;
route_handler page_join_ask, page_join, page_join_post, page_sign_in, page_sign_in_post,
    page_sign_out, page_account, page_account_post, page_session_end, page_teach, page_teach_post,
    page_class, page_class_post, page_people, page_invite, page_invite_end, page_learner,
    page_overrule, page_answers, page_answer_decide, api_answers, api_answer_decide, page_message,
    page_remove, page_way_back, page_class_csv, page_message_read, page_work, page_assign,
    page_assign_end, page_test, page_test_post, page_school, page_school_invite, page_roster_file,
    page_roster_post;
route_handler page_memory, page_memory_post, page_memory_files, api_memory, api_background,
    api_giving, api_note_add, api_note_change, api_note_erase;
route_handler api_classes, api_class, api_class_view, api_class_work, api_class_learner;
route_handler page_company, api_company, page_misconception, page_misconception_end;
route_handler page_home, page_lesson, page_lesson_post, page_progress, page_progress_post,
    page_plan_post, page_practice, page_due, page_worker, page_manifest, page_away, page_placement,
    page_placement_post, page_asset, page_ui;

/* Parts of pages. */
void page_begin(struct request *, const char *title, const char *kind, const char *scripts);
void page_end(struct request *);
void page_fault(struct request *, int status, const char *message, const char *remedy);
/* A pie that is `fill` (0 to 1) full; the number stands beside it for those who do not see it. */
void html_dot(struct buffer *, double fill, const char *label);
/* The inside of an exercise's section: question, field, buttons, what was said before. */
struct outcome { /* of a form that was posted without JavaScript */
    const char *exercise;
    const json_t *result;
};
void html_exercise(struct request *, struct buffer *, const json_t *exercise,
                   const char *post_path, const struct outcome *);
/* Its field alone. */
void html_exercise_field(struct request *, struct buffer *, const json_t *exercise);
/* What a form with that field gave; new reference, NULL when nothing was answered. */
json_t *form_answer(const json_t *form);
void html_say(struct request *, struct buffer *, const json_t *say);
void html_model_state(struct request *, struct buffer *);
void html_people_way(struct request *, struct buffer *);
/* Question and field of an exercise, without buttons. */
void html_question(struct request *, struct buffer *, const json_t *exercise);
/* What is due and what will be, on the learner's page. */
void html_reviews(struct request *);
/* The learner's days off, exam and goal, and the form that changes them. */
void html_plan(struct request *);
/* Days of practice and the goal of the day, where there are any. */
void html_practised(struct request *, const json_t *progress);
/* Adds "html", the exercise's form, so that pages need no second way to draw one. */
void add_exercise_html(struct request *, json_t *exercise, const char *post_path);
/* ?challenge=: -1 gentler, 1 harder; false when the reply says what is wrong. */
bool read_challenge(struct request *, int *shift);
void url_part(struct buffer *, const char *text); /* percent-encoded */
void lesson_href(struct buffer *, const char *course, const char *lesson);
/* The object of an array whose "id" is `id`, or NULL. */
const json_t *json_by_id(const json_t *array, const char *id);

#endif
