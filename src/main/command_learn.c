/* lyceum learn: the lesson and the tutor of the page, in a terminal or a pipe. */
#include "company/company.h"
#include "main/learn_input.h"
#include "main/learn_memory.h"
#include "main/learn_words.h"
#include "main/main.h"
#include "main/shipped.h"
#include "main/terminal_page.h"
#include "school/school.h"

#include <ctype.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

static const char help[] =
    "Usage: lyceum learn COURSE [--lesson ID] [--language L] [--data DIR] [--model FILE]\n\n"
    "The same lesson and tutor as on the page, in a terminal. At an exercise, type\n"
    "  an answer     a number, a formula or a word; the numbers of choices: 2, or 1 3\n"
    "  ?             a hint\n"
    "  >your words   a question to the tutor; the > may be left out before words with a ? behind "
    "them,\n"
    "                but where an answer is free text or a program\n"
    "  +             the sister exercise that was offered\n"
    "  (Enter)       go on without answering\n"
    "  !             what the school remembers of you; !+ a note, !- NUMBER erases one,\n"
    "                != NUMBER new words, !me child music (docs/memory.md has the words)\n"
    "  q             stop; everything is kept\n\n"
    "  --lesson ID   begin there, at its beginning (default: the first lesson with something "
    "open;\n"
    "                in a terminal at its first exercise that is)\n"
    "  --language L  of the lesson and of what is said here: en, zh, es, ar, … (default: LANG's)\n"
    "  --data DIR    where the record is kept (default ./data)\n"
    "  --model FILE  a GGUF file (default ${LYCEUM_MODELS:-models}/"
    "SmolLM2-135M-Instruct.Q4_1.gguf)\n\n"
    "Example: lyceum learn courses/build-a-mind\n";

struct learning {
    struct school *school;
    int64_t learner;
    const char *language, *course;
    json_t *lesson;
    bool colour, terminal; /* terminal: somebody types; otherwise a pipe */
    bool stopped;
    bool resumes; /* the lesson at hand is read from where the learner was */
    int width;
    char *line; /* the latest input */
    size_t line_room;
    const json_t *exercise; /* at hand */
    json_t *sister;         /* that was offered for it, or NULL */
    bool sister_due;        /* the solution was shown: the sister comes now */
    bool solved;
};

/* ------------------------------------------------------------------------------------- printing
 */

static const char *paint(const struct learning *learning, const char *sequence) {
    return learning->colour ? sequence : "";
}

static void print_html(const struct learning *learning, struct view html, const char *lead,
                       const char *sequence) {
    struct buffer out = {0};
    struct terminal_page page = {
        .colour = learning->colour, .width = learning->width, .lead = lead, .paint = sequence};
    terminal_html(&page, html, &out);
    fwrite(out.at ? out.at : "", 1, out.n, stdout);
    buffer_free(&out);
}

static void print_plain(const struct learning *learning, const char *text, const char *lead,
                        const char *sequence) {
    struct buffer html = {0};
    buffer_html(&html, view_of(text));
    print_html(learning, buffer_view(&html), lead, sequence);
    buffer_free(&html);
}

static void print_say(const struct learning *learning, const json_t *say) {
    bool model = !strcmp(json_text(say, "from", ""), "model");
    const char *html = json_text(say, "html", NULL);
    const char *lead = model ? "  ┊ " : "  │ ";
    if (html)
        print_html(learning, view_of(html), lead, "");
    else
        print_plain(learning, json_text(say, "text", ""), lead, "");
    struct buffer origin = {0};
    if (model)
        buffer_format(&origin, "%s; ", json_text(say, "model", ""));
    size_t i;
    json_t *cite;
    json_array_foreach(json_object_get(say, "cites"), i, cite)
        buffer_format(&origin, "%s%s", i ? ", " : "— ", json_text(cite, "heading", ""));
    if (origin.n)
        print_plain(learning, origin.at, lead, "\033[2m");
    buffer_clear(&origin);
    const json_t *looked_up = json_object_get(say, "looked_up");
    if (looked_up) {
        const char *chosen = json_text(looked_up, "model", "");
        buffer_format(&origin, "↳ %s%s%s", json_text(looked_up, "words", ""), *chosen ? "; " : "",
                      chosen);
        print_plain(learning, origin.at, lead, "\033[2m");
    }
    buffer_free(&origin);
}

static const char *say_word(const struct learning *learning, enum learn_word word) {
    return learn_word(word, learning->language);
}

/* Each line of what can be typed. */
static void print_how(const struct learning *learning) {
    struct view lines = view_of(say_word(learning, LEARN_HOW)), line;
    while (view_line(&lines, &line)) {
        char *text = must_copy(line);
        print_plain(learning, text, "  ", "\033[2m");
        free(text);
    }
}

static bool hear(void *data, const json_t *say) {
    print_say(data, say);
    fflush(stdout);
    return true;
}

static void print_says(const struct learning *learning, const json_t *result) {
    size_t i;
    json_t *say;
    json_array_foreach(json_object_get(result, "say"), i, say) print_say(learning, say);
}

static void print_trouble(const struct learning *learning, const struct fault *fault) {
    char text[1000];
    print_plain(learning, fault_text(fault, text, sizeof text), "  ! ", "\033[33m");
}

/* -------------------------------------------------------------------------------------- reading
 */

/* The next line, trimmed; false at the end of the input. */
static bool read_input(struct learning *learning, const char *prompt, struct view *input) {
    if (learning->stopped)
        return false;
    if (learning->terminal)
        printf("%s%s%s ", paint(learning, "\033[1;36m"), prompt, paint(learning, "\033[0m"));
    fflush(stdout);
    ssize_t n = getline(&learning->line, &learning->line_room, stdin);
    if (n < 0) {
        learning->stopped = true;
        return false;
    }
    *input = view_trim((struct view){learning->line, (size_t)n});
    if (!utf8_valid(*input))
        input->n = 0;
    *input = learn_keys(learning->line, *input);
    if (!learning->terminal && input->n)
        printf("%s %.*s\n", prompt, VIEW_ARG(*input));
    if (view_is(*input, "q") || view_is(*input, "quit"))
        learning->stopped = true;
    return !learning->stopped;
}

static json_t *read_answer(const json_t *exercise, struct view input) {
    const char *check = json_text(exercise, "check", "");
    bool one = !strcmp(check, "choice");
    if (!one && strcmp(check, "several") != 0 && strcmp(check, "order") != 0 &&
        strcmp(check, "match") != 0)
        return json_stringn(input.at, input.n);
    json_t *places = learn_places(input);
    if (!places || !one)
        return places;
    json_t *first = json_incref(json_array_get(places, 0));
    if (json_array_size(places) != 1) {
        json_decref(first);
        first = NULL;
    }
    json_decref(places);
    return first;
}

static void ask(struct learning *learning, struct view text) {
    struct fault fault = {0};
    const char *id = json_text(learning->exercise, "id", NULL);
    uint64_t seed = (uint64_t)json_number(learning->exercise, "seed", 0);
    struct school_question question = {.course = learning->course,
                                       .lesson = json_text(learning->lesson, "id", ""),
                                       .exercise = id,
                                       .seed = seed,
                                       .text = view_trim(text),
                                       .language = learning->language};
    if (!school_turn(learning->school, learning->learner, &question, hear, learning, &fault))
        print_trouble(learning, &fault);
}

static void show_memory(const struct learning *learning, struct view input) {
    struct fault fault = {0};
    struct buffer out = {0};
    if (!learn_memory(learning->school, learning->learner, learning->language, view_trim(input),
                      &out, &fault))
        print_trouble(learning, &fault);
    struct view lines = buffer_view(&out), line;
    while (view_line(&lines, &line)) {
        char *text = must_copy(line);
        print_plain(learning, text, "  │ ", "");
        free(text);
    }
    buffer_free(&out);
}

/* ----------------------------------------------------------------------------------- exercises */

/* Each part with its question, and its choices counted from 1. */
static void print_parts(const struct learning *learning) {
    size_t i, k;
    json_t *part, *item;
    char lead[32];
    json_array_foreach(json_object_get(learning->exercise, "parts"), i, part) {
        snprintf(lead, sizeof lead, "   %zu) ", i + 1);
        print_html(learning, view_of(json_text(part, "ask_html", "")), lead, "");
        json_array_foreach(json_object_get(part, "shown_html"), k, item) {
            snprintf(lead, sizeof lead, "      %zu. ", k + 1);
            print_html(learning, view_of(json_string_value(item)), lead, "");
        }
    }
}

/* What was written before to an open answer, and what was said of it. */
static void print_open(const struct learning *learning, const json_t *open) {
    const char *by = json_text(open, "by", ""), *words = json_text(open, "words", "");
    json_t *one;
    size_t i;
    if (!open)
        return;
    print_plain(learning, json_text(open, "text", ""), "   \u201c ", "\033[2m");
    print_plain(learning,
                say_word(learning, !strcmp(by, "person")              ? LEARN_READ
                                   : !strcmp(by, "model")             ? LEARN_READ_BY_MODEL
                                   : json_flag(open, "reader", false) ? LEARN_WILL_BE_READ
                                                                      : LEARN_NOT_READ),
                "   ", "\033[2m");
    json_array_foreach(json_object_get(open, "levels"), i, one) {
        print_html(learning, view_of(json_text(one, "ask_html", "")), "   – ", "");
        print_plain(learning, json_text(one, "says", ""), "     ", "");
    }
    if (*words)
        print_plain(learning, words, "   ", "");
}

static void print_exercise(const struct learning *learning) {
    const json_t *exercise = learning->exercise;
    const char *check = json_text(exercise, "check", "");
    printf("\n%s── %s%s\n", paint(learning, "\033[1;36m"), json_text(exercise, "title", ""),
           paint(learning, "\033[0m"));
    print_html(learning, view_of(json_text(exercise, "ask_html", "")), "   ", "");
    size_t i;
    json_t *item;
    char lead[32];
    json_array_foreach(json_object_get(exercise, "left_html"), i, item) {
        snprintf(lead, sizeof lead, "   %c. ", (char)('a' + i % 26));
        print_html(learning, view_of(json_string_value(item)), lead, "");
    }
    json_array_foreach(json_object_get(exercise, "shown_html"), i, item) {
        snprintf(lead, sizeof lead, "   %zu. ", i + 1);
        print_html(learning, view_of(json_string_value(item)), lead, "");
    }
    json_array_foreach(json_object_get(exercise, "looked_for"), i, item)
        print_html(learning, view_of(json_string_value(item)), "   – ", "");
    print_parts(learning);
    print_open(learning, json_object_get(json_object_get(exercise, "state"), "open"));
    static const struct {
        const char *check;
        enum learn_word how;
    } ways[] = {{"rubric", LEARN_OPEN},
                {"parts", LEARN_PARTS},
                {"several", LEARN_SEVERAL},
                {"order", LEARN_ORDER},
                {"match", LEARN_MATCH}};
    for (size_t k = 0; learning->terminal && k < COUNT_OF(ways); k++)
        if (!strcmp(ways[k].check, check))
            print_plain(learning, say_word(learning, ways[k].how), "   ", "\033[2m");
}

/* Keeps the sister that a result offers; takes the result. */
static void keep_sister(struct learning *learning, json_t *result) {
    json_t *sister = json_object_get(result, "sister");
    if (json_is_object(sister)) {
        json_decref(learning->sister);
        learning->sister = json_incref(sister);
        learning->sister_due = !json_flag(result, "solved", false);
    }
    json_decref(result);
}

static void attempt(struct learning *learning, struct view input) {
    struct fault fault = {0};
    json_t *answer = read_answer(learning->exercise, input);
    json_t *result = NULL;
    if (!answer)
        fault_set(&fault, FAULT_INPUT, "%s", say_word(learning, LEARN_LISTED));
    else
        result = school_attempt(learning->school, learning->learner,
                                json_text(learning->exercise, "id", ""),
                                (uint64_t)json_number(learning->exercise, "seed", 0), answer,
                                learning->language, &fault);
    json_decref(answer);
    if (!result) {
        print_trouble(learning, &fault);
        return;
    }
    learning->solved = json_flag(result, "solved", false);
    if (json_flag(result, "counts", true))
        printf("  %s%s%s\n", paint(learning, learning->solved ? "\033[32m" : "\033[33m"),
               learning->solved ? "✓" : "~", paint(learning, "\033[0m"));
    print_says(learning, result);
    const char *asks = json_text(json_object_get(result, "asks"), "text", NULL);
    if (asks) {
        print_plain(learning, asks, "  │ ", "");
        print_plain(learning, "!me child music", "  │ ", "\033[2m");
    }
    keep_sister(learning, result);
}

static void hint(struct learning *learning) {
    struct fault fault = {0};
    json_t *result = school_hint(
        learning->school, learning->learner, json_text(learning->exercise, "id", ""),
        (uint64_t)json_number(learning->exercise, "seed", 0), learning->language, &fault);
    if (!result) {
        print_trouble(learning, &fault);
        return;
    }
    print_says(learning, result);
    keep_sister(learning, result);
}

/* Several words with a question mark behind them, where an answer can be no such thing. */
static bool is_question(const struct learning *learning, struct view input) {
    static const char *const marks[] = {"?", "？", "؟"};
    static const char *const free_text[] = {"text", "rubric", "code"};
    const char *check = json_text(learning->exercise, "check", "");
    bool marked = false;
    for (size_t i = 0; i < COUNT_OF(free_text); i++)
        if (!strcmp(check, free_text[i]))
            return false;
    for (size_t i = 0; i < COUNT_OF(marks); i++)
        marked |= input.n > strlen(marks[i]) && view_ends(input, marks[i]);
    return marked && (memchr(input.at, ' ', input.n) || (unsigned char)input.at[0] >= 0x80);
}

/* One exercise until it is solved or left. */
static void work(struct learning *learning, const json_t *exercise) {
    struct view input;
    learning->exercise = exercise;
    learning->solved = json_flag(json_object_get(exercise, "state"), "solved", false);
    print_exercise(learning);
    if (learning->solved) {
        printf("  %s✓%s\n", paint(learning, "\033[32m"), paint(learning, "\033[0m"));
        return;
    }
    json_t *held = NULL; /* the sister at hand */
    char go_on[40];
    snprintf(go_on, sizeof go_on, "+ / %s>", say_word(learning, LEARN_GO_ON));
    while (read_input(learning, learning->solved ? go_on : "=", &input)) {
        if (!input.n)
            break;
        bool wants_sister = view_is(input, "+");
        if (input.at[0] == '>')
            ask(learning, view_slice(input, 1, input.n));
        else if (input.at[0] == '!')
            show_memory(learning, view_slice(input, 1, input.n));
        else if (view_is(input, "?"))
            hint(learning);
        else if (is_question(learning, input))
            ask(learning, input);
        else if (!wants_sister)
            attempt(learning, input);
        else if (!learning->sister) /* none was offered */
            print_how(learning);
        if (learning->sister && (wants_sister || learning->sister_due)) {
            json_decref(held);
            held = learning->sister;
            learning->sister = NULL;
            learning->sister_due = learning->solved = false;
            learning->exercise = held;
            print_exercise(learning);
        } else if (learning->solved && (!learning->sister || !learning->terminal))
            break;
    }
    json_decref(held);
    json_decref(learning->sister);
    learning->sister = NULL;
    learning->sister_due = false;
    learning->exercise = NULL;
}

/* ------------------------------------------------------------------------------------- lessons */

static const json_t *find_exercise(const struct learning *learning, struct view id) {
    size_t i;
    json_t *exercise;
    json_array_foreach(json_object_get(learning->lesson, "exercises"), i, exercise) {
        if (view_is(id, json_text(exercise, "id", "")))
            return exercise;
    }
    return NULL;
}

/* At the end of a section somebody who reads may ask, or goes on. */
static void pause_reading(struct learning *learning) {
    struct view input;
    char go_on[40];
    snprintf(go_on, sizeof go_on, "%s>", say_word(learning, LEARN_GO_ON));
    while (learning->terminal && read_input(learning, go_on, &input) && input.n)
        if (input.at[0] == '!')
            show_memory(learning, view_slice(input, 1, input.n));
        else
            ask(learning, input.at[0] == '>' ? view_slice(input, 1, input.n) : input);
}

static const char exercise_begins[] = "<section class=\"exercise\"", heading_begins[] = "<h2";

/* The exercise whose section the HTML begins with; NULL when the lesson has none such. */
static const json_t *exercise_at(const struct learning *learning, struct view html) {
    ptrdiff_t id = view_find(html, VIEW("data-exercise=\""));
    struct view name = view_slice(html, (size_t)id + 15, html.n);
    ptrdiff_t quote = view_find(name, VIEW("\""));
    return find_exercise(learning, view_slice(name, 0, (size_t)quote));
}

/* From the heading over the first exercise that is open, where one before it is solved; else all.
 */
static struct view where_left(const struct learning *learning, struct view html) {
    bool begun = false;
    size_t heading = 0;
    for (size_t at = 0; at < html.n; at++) {
        struct view rest = view_slice(html, at, html.n);
        if (view_starts(rest, heading_begins))
            heading = at;
        if (!view_starts(rest, exercise_begins))
            continue;
        const json_t *exercise = exercise_at(learning, rest);
        if (exercise && !json_flag(json_object_get(exercise, "state"), "solved", false))
            return begun ? view_slice(html, heading, html.n) : html;
        begun = true;
    }
    return html;
}

/* The page in order: prose as far as the next heading or exercise, then that. */
static void read_lesson(struct learning *learning) {
    struct view html = view_of(json_text(learning->lesson, "html", ""));
    if (learning->resumes) {
        struct view left = where_left(learning, html);
        if (left.n < html.n)
            print_plain(learning, say_word(learning, LEARN_RESUMES), "  ", "\033[2m");
        html = left;
        learning->resumes = false;
    }
    while (html.n && !learning->stopped) {
        ptrdiff_t next = view_find(html, view_of(exercise_begins));
        ptrdiff_t heading = view_find(view_slice(html, 1, html.n), view_of(heading_begins));
        bool pauses = heading >= 0 && (next < 0 || heading + 1 < next);
        size_t end = pauses ? (size_t)heading + 1 : next < 0 ? html.n : (size_t)next;
        struct view prose = view_trim(view_slice(html, 0, end));
        html = view_slice(html, end, html.n);
        if (prose.n) {
            printf("\n");
            print_html(learning, prose, "", "");
        }
        if (pauses) {
            pause_reading(learning);
            continue;
        }
        if (!view_starts(html, exercise_begins))
            continue;
        const json_t *found = exercise_at(learning, html);
        ptrdiff_t close = view_find(html, VIEW("</section>"));
        html = close < 0 ? (struct view){0} : view_slice(html, (size_t)close + 10, html.n);
        if (found)
            work(learning, found);
    }
}

/* The first lesson that has something open, or the last; a new reference to its id. */
static json_t *lesson_at_hand(struct learning *learning, struct fault *fault) {
    json_t *progress =
        school_progress(learning->school, learning->learner, learning->language, fault);
    const json_t *course = json_array_get(json_object_get(progress, "courses"), 0);
    json_t *id = NULL, *lesson;
    size_t i;
    json_array_foreach(json_object_get(course, "lessons"), i, lesson) {
        id = json_object_get(lesson, "id");
        if (json_number(lesson, "done", 0) < json_number(lesson, "total", 0))
            break;
    }
    json_incref(id);
    json_decref(progress);
    if (!id)
        fault_set(fault, FAULT_INPUT, "%s", say_word(learning, LEARN_NO_LESSON));
    return id;
}

static void print_end(const struct learning *learning) {
    struct fault fault = {0};
    json_t *progress =
        school_progress(learning->school, learning->learner, learning->language, &fault);
    size_t i;
    json_t *lesson;
    printf("\n");
    json_array_foreach(
        json_object_get(json_array_get(json_object_get(progress, "courses"), 0), "lessons"), i,
        lesson) printf("  %2.0f / %2.0f  %s\n", json_number(lesson, "done", 0),
                       json_number(lesson, "total", 0), json_text(lesson, "title", ""));
    json_decref(progress);
}

static bool learn(struct learning *learning, const char *wanted, struct fault *fault) {
    json_t *id = wanted ? json_string(wanted) : lesson_at_hand(learning, fault);
    learning->resumes = learning->terminal && !wanted;
    if (id && learning->terminal)
        print_how(learning);
    while (id && !learning->stopped) {
        learning->lesson = school_lesson(learning->school, learning->course, json_string_value(id),
                                         learning->language, learning->learner, fault);
        json_decref(id);
        id = NULL;
        if (!learning->lesson)
            return false;
        const char *told = json_text(learning->lesson, "language", "en");
        if (strncmp(told, learning->language, 2) != 0)
            print_plain(learning, say_word(learning, LEARN_NOT_TRANSLATED), "  ", "\033[2m");
        read_lesson(learning);
        const json_t *next = json_object_get(learning->lesson, "next");
        struct view input;
        if (!learning->stopped && json_is_object(next)) {
            printf("\n%s→ %s%s\n", paint(learning, "\033[1m"), json_text(next, "title", ""),
                   paint(learning, "\033[0m"));
            char go_on[40];
            snprintf(go_on, sizeof go_on, "%s>", say_word(learning, LEARN_GO_ON));
            if (!learning->terminal || read_input(learning, go_on, &input))
                id = json_incref(json_object_get(next, "id"));
        }
        json_decref(learning->lesson);
    }
    if (!id && fault->kind)
        return false;
    json_decref(id);
    print_end(learning);
    return true;
}

/* --------------------------------------------------------------------------------------- opening
 */

/* Who learns here: the record's secret for them is kept beside the record, for this user alone. */
static int64_t find_learner(struct school *school, const char *data, struct fault *fault) {
    struct buffer path = {0}, token = {0};
    buffer_format(&path, "%s/terminal-learner", data);
    int64_t learner = 0;
    if (file_exists(path.at) && file_read(path.at, 200, &token, fault))
        learner = school_learner_of(school, view_trim(buffer_view(&token)));
    if (!learner && !fault->kind) {
        char fresh[65];
        json_t *made = school_learner_new(school, fresh, fault);
        mode_t before = umask(077);
        if (made && file_write(path.at, view_of(fresh), fault))
            learner = (int64_t)json_number(made, "id", 0);
        umask(before);
        json_decref(made);
    }
    buffer_free(&path);
    buffer_free(&token);
    return learner;
}

static int terminal_width(void) {
    struct winsize size;
    int width = isatty(1) && !ioctl(1, TIOCGWINSZ, &size) && size.ws_col ? size.ws_col : 80;
    width -= 6;
    return width > 74 ? 74 : width < 24 ? 24 : width;
}

struct learn_options {
    const char *course, *lesson, *language, *data, *model;
};

static int open_and_learn(const struct learn_options *options) {
    struct fault fault = {0}, no_model = {0};
    const char *courses[] = {options->course, NULL};
    struct company_adapter none = {.name = "adapter", .scale = 1};
    struct members members;
    members_choose(&members, options->model, &none, courses);
    struct company *company = company_open(&members.options, &no_model);
    struct school_options wanted = {
        .courses = courses, .data = options->data, .company = company, .in_terminal = true};
    struct learning learning = {.language = options->language,
                                .colour = terminal_colour(1),
                                .terminal = isatty(0) != 0,
                                .width = terminal_width()};
    learning.school = school_open(&wanted, &fault);
    bool done = false;
    if (learning.school &&
        (learning.learner = find_learner(learning.school, options->data, &fault))) {
        json_t *list = school_courses(learning.school, options->language);
        learning.course = json_text(json_array_get(list, 0), "id", "");
        done = learn(&learning, options->lesson, &fault);
        json_decref(list);
    }
    int code = done ? EXIT_DONE : exit_with_fault(&fault);
    free(learning.line);
    school_close(learning.school);
    company_close(company);
    return code;
}

static const char *language_of_terminal(char room[8]) {
    const char *names[] = {getenv("LC_ALL"), getenv("LC_MESSAGES"), getenv("LANG")};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (names[i] && strlen(names[i]) >= 2 && islower((unsigned char)names[i][0]) &&
            islower((unsigned char)names[i][1])) {
            snprintf(room, 8, "%.2s", names[i]);
            return room;
        }
    return "en";
}

int command_learn(int n_argument, char **arguments) {
    static const struct option known[] = {{"lesson", required_argument, NULL, 'l'},
                                          {"language", required_argument, NULL, 'g'},
                                          {"lang", required_argument, NULL, 'g'},
                                          {"data", required_argument, NULL, 'd'},
                                          {"model", required_argument, NULL, 'm'},
                                          {"help", no_argument, NULL, 'h'},
                                          {0}};
    char language[8];
    struct learn_options options = {.language = language_of_terminal(language), .data = "data"};
    opterr = 0;
    optind = 1;
    for (int c; (c = getopt_long(n_argument, arguments, "", known, NULL)) != -1;) {
        if (c == 'h')
            return fputs(help, stdout), EXIT_DONE;
        if (c == '?')
            return exit_with_usage("learn", "%s is not an option, or lacks its value",
                                   arguments[optind - 1]);
        *(c == 'l'   ? &options.lesson
          : c == 'g' ? &options.language
          : c == 'd' ? &options.data
                     : &options.model) = optarg;
    }
    if (optind != n_argument - 1)
        return exit_with_usage("learn", "name the folder of one course");
    options.course = arguments[optind];
    signal(SIGPIPE, SIG_IGN);
    return open_and_learn(&options);
}
