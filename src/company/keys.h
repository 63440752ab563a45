/* keys: which programs may ask, and how much. A key is shown once, when it is made; what is kept
 * is its hash. The file keys.json of a folder holds them, so that `lyceum key` and a school that
 * is open may both use it: a change is seen at once. Any thread. */
#ifndef LYCEUM_COMPANY_KEYS_H
#define LYCEUM_COMPANY_KEYS_H

#include "company/wire.h"

enum { KEY_BYTES = 64, KEY_NAME_BYTES = 64, KEYS = 1000 };

struct key_limits { /* 0: none */
    int64_t requests_minute, requests_day, tokens_minute, tokens_day;
};
/* Reads "60/minute", "1000/day", "20000 tokens/minute", "1000000 tokens/day"; a number alone is
 * requests a minute. False when it is none of these. */
bool key_limit_read(const char *text, struct key_limits *);

struct key_terms {
    struct key_limits limits;
    struct budget_limit day; /* of members far away; beyond it others answer */
    int64_t learner, group;  /* who pays for it too: a learner, a class; 0: nobody */
    bool names_learners;     /* a request's `user` is the number of the learner who pays */
};

struct keys;

/* The folder need not hold any key yet. NULL with a fault when its file cannot be read. */
struct keys *keys_open(const char *folder, struct fault *);
void keys_close(struct keys *); /* what was used is on disk then; NULL is allowed */

/* The key itself is written to `key`, and nowhere else. */
bool keys_new(struct keys *, const char *name, const struct key_terms *, char key[KEY_BYTES],
              struct fault *);
bool keys_revoke(struct keys *, const char *name, struct fault *);
/* Revokes the keys of a learner who is forgotten, and takes the number out of the file. */
bool keys_forget(const char *folder, int64_t learner, struct fault *);
/* [{"name", "begins", "created", "revoked", "limits": {…}, "budget": {"money"?, "tokens"?},
 *   "learner"?, "class"?, "names_learners", "today": {"requests", "tokens"}}…] */
json_t *keys_list(struct keys *, struct fault *);

enum key_verdict {
    KEY_UNKNOWN_NONE_MADE, /* it is none of ours, and there are none at all */
    KEY_UNKNOWN,           /* never made, or revoked */
    KEY_KNOWN,
    KEY_OVER, /* known, and over one of its limits */
};

struct key_use {
    char name[KEY_NAME_BYTES + 1];
    char limit[80];  /* which is over: "60 requests a minute" */
    int retry_after; /* seconds until it is not */
    bool of_day;
    struct key_terms terms;
};

/* Counts a request of the key. */
enum key_verdict keys_admit(struct keys *, struct view key, struct key_use *);
/* Counts the tokens that a request took. */
void keys_spend(struct keys *, const char *name, int64_t n_token);

#endif
