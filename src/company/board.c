/* Who is at work, and the last events. */
#include "company/board.h"

#include <stdio.h>
#include <string.h>

static const char *const kinds[BOARD_KINDS] = {"takeover", "passed over", "budget",
                                               "senior",   "hedged",      "reloaded"};

const char *board_kind_name(enum board_kind kind) {
    return kinds[kind];
}

void board_open(struct board *board) {
    *board = (struct board){0};
    pthread_mutex_init(&board->lock, NULL);
}

void board_close(struct board *board) {
    pthread_mutex_destroy(&board->lock);
}

int board_begin(struct board *board, enum company_role role) {
    int line = 0;
    pthread_mutex_lock(&board->lock);
    board->n_at_work++;
    while (line < BOARD_WORKS && board->works[line].used)
        line++;
    if (line < BOARD_WORKS)
        board->works[line] =
            (struct board_work){.used = true, .role = role, .since = clock_seconds()};
    pthread_mutex_unlock(&board->lock);
    return line < BOARD_WORKS ? line : -1;
}

void board_member(struct board *board, int line, const char *member) {
    pthread_mutex_lock(&board->lock);
    if (line >= 0)
        snprintf(board->works[line].member, sizeof board->works[line].member, "%s", member);
    pthread_mutex_unlock(&board->lock);
}

void board_piece(struct board *board, int line) {
    pthread_mutex_lock(&board->lock);
    if (line >= 0)
        board->works[line].n_piece++;
    pthread_mutex_unlock(&board->lock);
}

void board_end(struct board *board, int line, enum company_role role, bool good) {
    pthread_mutex_lock(&board->lock);
    board->n_at_work--;
    board->answers[role]++;
    board->failures[role] += !good;
    if (line >= 0)
        board->works[line].used = false;
    pthread_mutex_unlock(&board->lock);
}

/* What happens again and again is one event that counts. */
static bool is_again(const struct board_event *last, const struct board_event *event) {
    return last->kind == event->kind && last->role == event->role &&
           !strcmp(last->member, event->member) && !strcmp(last->next, event->next) &&
           !strcmp(last->why, event->why);
}

void board_note(struct board *board, enum board_kind kind, enum company_role role,
                const char *member, const char *next, const char *reason, const char *why) {
    struct board_event event = {.kind = kind, .at_ms = clock_unix_ms(), .n = 1, .role = role};
    snprintf(event.member, sizeof event.member, "%s", member ? member : "");
    snprintf(event.next, sizeof event.next, "%s", next ? next : "");
    snprintf(event.reason, sizeof event.reason, "%s", reason ? reason : "");
    snprintf(event.why, sizeof event.why, "%s", why ? why : "");
    event.why[utf8_whole(view_of(event.why))] = 0;
    pthread_mutex_lock(&board->lock);
    board->counts[kind]++;
    struct board_event *last = NULL;
    for (uint64_t back = 1; back <= 4 && back <= board->n_event && !last; back++) {
        struct board_event *one = &board->events[(board->n_event - back) % BOARD_EVENTS];
        last = is_again(one, &event) ? one : NULL;
    }
    if (last) {
        last->n++;
        last->at_ms = event.at_ms;
    } else
        board->events[board->n_event++ % BOARD_EVENTS] = event;
    pthread_mutex_unlock(&board->lock);
}

void board_status(struct board *board, json_t *status) {
    json_t *works = json_array(), *events = json_array(), *counts = json_object();
    double now = clock_seconds();
    pthread_mutex_lock(&board->lock);
    for (int i = 0; i < BOARD_WORKS; i++) {
        const struct board_work *work = &board->works[i];
        if (work->used)
            json_array_append_new(works, json_pack("{s:s, s:s, s:f, s:I}", "role",
                                                   company_role_names[work->role], "member",
                                                   work->member, "seconds", now - work->since,
                                                   "pieces", (json_int_t)work->n_piece));
    }
    for (uint64_t i = 1; i <= BOARD_EVENTS && i <= board->n_event; i++) {
        const struct board_event *event = &board->events[(board->n_event - i) % BOARD_EVENTS];
        json_array_append_new(events,
                              json_pack("{s:s, s:I, s:i, s:s, s:s, s:s, s:s, s:s}", "kind",
                                        kinds[event->kind], "at", (json_int_t)event->at_ms,
                                        "times", event->n, "role", company_role_names[event->role],
                                        "member", event->member, "next", event->next, "reason",
                                        event->reason, "why", event->why));
    }
    for (int i = 0; i < BOARD_KINDS; i++)
        json_object_set_new(counts, kinds[i], json_integer((json_int_t)board->counts[i]));
    json_object_set_new(status, "at_work", json_integer(board->n_at_work));
    pthread_mutex_unlock(&board->lock);
    json_object_set_new(status, "working", works);
    json_object_set_new(status, "events", events);
    json_object_set_new(status, "counts", counts);
}

void board_metrics(struct board *board, struct buffer *out) {
    pthread_mutex_lock(&board->lock);
    buffer_text(out, "# HELP lyceum_company_events_total What befell the company, by kind.\n"
                     "# TYPE lyceum_company_events_total counter\n");
    for (int i = 0; i < BOARD_KINDS; i++)
        buffer_format(out, "lyceum_company_events_total{kind=\"%s\"} %llu\n", kinds[i],
                      (unsigned long long)board->counts[i]);
    buffer_text(out, "# HELP lyceum_company_answers_total Answers asked for, by role.\n"
                     "# TYPE lyceum_company_answers_total counter\n");
    for (int i = 0; i < COMPANY_ROLES; i++)
        buffer_format(out,
                      "lyceum_company_answers_total{role=\"%s\",outcome=\"given\"} %llu\n"
                      "lyceum_company_answers_total{role=\"%s\",outcome=\"failed\"} %llu\n",
                      company_role_names[i],
                      (unsigned long long)(board->answers[i] - board->failures[i]),
                      company_role_names[i], (unsigned long long)board->failures[i]);
    buffer_format(out,
                  "# HELP lyceum_company_at_work Answers being given now.\n"
                  "# TYPE lyceum_company_at_work gauge\nlyceum_company_at_work %d\n",
                  board->n_at_work);
    pthread_mutex_unlock(&board->lock);
}
