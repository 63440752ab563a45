/* What the pages of people and classes are made of. */
#ifndef LYCEUM_WEB_PARTS_H
#define LYCEUM_WEB_PARTS_H

#include "web/request.h"

void put(struct buffer *, const char *text); /* escaped; NULL is nothing */
int64_t whole(const json_t *object, const char *key);
/* The form of the body; NULL when the reply says what is wrong. */
json_t *request_form(struct request *);
const char *form_text(const json_t *form, const char *name); /* the first value, or "" */
/* A whole number of the path or of a form; 0 for what is none. */
int64_t number_of(struct view);
/* 303: the page that shows what was done. */
void see_other(struct request *, const char *format, ...) PRINTF_LIKE(2, 3);
/* The reply of what was done, or what went wrong. */
void done_or_fault(struct request *, bool done, const struct fault *, const char *format, ...)
    PRINTF_LIKE(4, 5);

/* A label and its field. type: "text", "password", "date" … */
struct field {
    const char *name, *label, *type, *value, *autocomplete, *note;
    bool required;
    int most; /* of a number: it is from 0 to this */
};
void html_field(struct buffer *, const struct field *);
void html_form_begin(struct buffer *, const char *class, const char *format, ...)
    PRINTF_LIKE(3, 4);                                   /* its action */
void html_form_end(struct buffer *, const char *button); /* with its button */
void html_button(struct buffer *, const char *label, const char *class, const char *format, ...)
    PRINTF_LIKE(4, 5); /* a form of a button alone */
void html_heading(struct buffer *, int level, const char *text);
/* Of the school's clock, as the page's language writes it: day, hour and minute; the day alone. */
void html_time(struct request *, int64_t at_ms); /* 0: nothing */
void html_day(struct request *, int64_t at_ms);
void html_date(struct request *, const char *date);         /* "2027-01-12" */
void html_listed(struct buffer *, const char *list, int n); /* the nth of "Jan|Feb|…" */
/* With the decimal mark of the page's language. */
void html_number(struct request *, struct buffer *, double, int decimals);
void html_name(struct request *, struct buffer *, const json_t *person); /* or its number */
/* What a learner answered: "html" where the words are the author's, else "text". */
void html_answer(struct buffer *, const json_t *answer);
/* How long ago, in minutes, hours or days. */
void html_ago(struct request *, struct buffer *, int64_t now_ms, int64_t at_ms);
/* A square of the bits of a text that phones can read; nothing where the library is missing. */
bool html_qr(struct buffer *, const char *text, const char *label);
/* "http://HOST" as the browser knows this school. */
const char *request_site(struct request *);
/* An invitation as it is shown: a square to read, its address, its code, until when. */
void invitation_card(struct request *, const char *code, const char *told, int64_t ends_ms);
/* The head of the pages of one class: its name and the way between them. here: "", "people", … */
void class_begin(struct request *, const char *title, const char *here);
void class_end(struct request *);
void class_plots(struct request *, const json_t *view);

/* The desk on a learner's first page. */
void html_desk(struct request *);

#endif
