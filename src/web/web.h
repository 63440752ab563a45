/* web: the school over HTTP: pages, API, streams.
 *
 * Pages work without JavaScript; scripts make them quicker. Nothing of the private half of a
 * course passes through here, since school does not give it. */
#ifndef LYCEUM_WEB_H
#define LYCEUM_WEB_H

#include "base/base.h"
#include "company/company.h"
#include "school/school.h"

#include <stdio.h>

struct web;

struct web_options {
    struct school *school;   /* borrowed, must outlive the web */
    const char *host;        /* address to listen on; NULL: 127.0.0.1 */
    int port;                /* 0: a free one, see web_port */
    double patience;         /* seconds for a whole request to arrive; 0: 20 */
    struct company *company; /* borrowed; answers programs at /v1. NULL: nobody does */
    struct keys *keys;       /* borrowed; of programs. NULL: those of this machine alone may ask */
    FILE *log; /* NULL, or where each answer is told as a line of JSON, without learners' words */
};

/* Listens and answers on threads of its own. NULL with a fault (and a remedy) when the port is
 * taken or the address is not one of this machine. */
struct web *web_open(const struct web_options *, struct fault *);
int web_port(const struct web *);
/* Takes no new connection, lets answers that are being given end (at most 10 s), then closes. */
void web_close(struct web *);

/* The table of routes, for the test that tries each of them with each role: false after the last.
 * A star in the path is one part of it, two stars are the rest. */
struct web_route {
    const char *method, *path;
    enum school_access access;
};
bool web_route(size_t i, struct web_route *);

/* Parsers of what strangers send, here for their fuzzer. Memory belongs to the arena. */

/* The value of a cookie in a Cookie header, or an empty view. */
struct view web_cookie(struct view header, const char *name);
/* The fields of an application/x-www-form-urlencoded body: {"name": ["value", …]}, at most 64
 * values; what is not UTF-8 is refused. New reference. */
json_t *web_form(struct view body, struct fault *);
/* The best of `offered` (NULL-terminated) for an Accept-Language header, or the first. */
const char *web_language(struct view header, const char *const *offered);
/* True when the tag looks like a language: letters, digits and "-", 2 to 12 of them. */
bool web_language_tag(struct view);

#endif
