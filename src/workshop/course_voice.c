/* Lines of a course's dialogues in a senior's words: a learner's as such a person would type it, a
 * hint of the author said anew. A grammar keeps the answer to the letter and numbers out of hints
 * that have none; what came is checked like everything else. */
#include "model/model.h"
#include "workshop/course_rows.h"
#include "workshop/senior.h"

#include <stdlib.h>
#include <string.h>

enum { REPLY_TOKENS = 90, LONGEST = 400, MOST_MORE = 80 };

struct voice_task {
    const struct told *told;
    struct told_line *line;
};
struct voice_grammar {
    struct view keep;
    bool hint, digits;
    struct grammar *grammar;
};
struct voices {
    struct arena *arena;
    size_t n, capacity, n_grammar, grammar_capacity;
    struct voice_task *at;
    struct voice_grammar *grammars;
};

/* -------------------------------------------------------------------------------------- grammars
 */

static bool has_digit(struct view text) {
    for (size_t i = 0; i < text.n; i++)
        if (text.at[i] >= '0' && text.at[i] <= '9')
            return true;
    return false;
}

static void put_literal(struct view text, struct buffer *out) {
    buffer_byte(out, '"');
    for (size_t i = 0; i < text.n; i++) {
        if (text.at[i] == '"' || text.at[i] == '\\')
            buffer_byte(out, '\\');
        buffer_byte(out, text.at[i]);
    }
    buffer_byte(out, '"');
}

static struct grammar *compile(const struct voice_grammar *wanted, struct fault *fault) {
    struct buffer text = {0};
    if (wanted->hint) {
        buffer_format(&text, "root ::= [A-Z] c{8,200} [.?]\nc ::= [^\\n\\r\"<>%s]\n",
                      wanted->digits ? "" : "0-9");
    } else if (wanted->keep.n) {
        buffer_text(&text, "root ::= c{0,140} ");
        put_literal(wanted->keep, &text);
        buffer_text(&text, " c{0,100}\nc ::= [^\\n\\r\"<>]\n");
    } else {
        buffer_text(&text, "root ::= c{4,160}\nc ::= [^\\n\\r\"<>]\n");
    }
    struct grammar *grammar = grammar_compile(buffer_view(&text), fault);
    buffer_free(&text);
    return grammar;
}

static const struct grammar *grammar_for(struct voices *voices, const struct told_line *line,
                                         struct fault *fault) {
    struct voice_grammar wanted = {.keep = line->tutor ? (struct view){0} : line->keep,
                                   .hint = line->tutor,
                                   .digits = line->tutor && has_digit(line->hint)};
    for (size_t i = 0; i < voices->n_grammar; i++) {
        const struct voice_grammar *one = &voices->grammars[i];
        if (one->hint == wanted.hint && one->digits == wanted.digits &&
            view_equal(one->keep, wanted.keep))
            return one->grammar;
    }
    MUST(TRY_ROOM(voices->grammars, voices->grammar_capacity, voices->n_grammar + 1));
    wanted.grammar = compile(&wanted, fault);
    if (wanted.grammar)
        voices->grammars[voices->n_grammar++] = wanted;
    return wanted.grammar;
}

/* --------------------------------------------------------------------------------------- prompts
 */

static void add_message(json_t *messages, const char *role, const char *text) {
    json_array_append_new(messages, json_pack("{s:s, s:s}", "role", role, "content", text));
}

static json_t *messages_of(const struct senior *senior, const struct senior_task *one,
                           struct arena *arena) {
    const struct voice_task *task = one->data;
    const struct told_line *line = task->line;
    struct view keep = line->keep.n ? line->keep : VIEW("none");
    json_t *messages = json_array();
    (void)senior;
    if (line->tutor) {
        add_message(messages, "system",
                    "Put the tutor's hint in other words, in one or two short sentences. Do not "
                    "answer it, and add nothing.");
        add_message(messages, "user", "Hint: Which operation undoes adding 5?");
        add_message(messages, "assistant", "What could you do to take the added 5 away again?");
        add_message(messages, "user", arena_format(arena, "Hint: %.*s", VIEW_ARG(line->hint)));
        return messages;
    }
    add_message(messages, "system",
                "You write what learners type to a tutor. Say the line anew, as this learner "
                "would. Keep the answer as it is, add no other.");
    add_message(messages, "user",
                "Learner: a pupil, 12, whose tone is unsure\nAnswer: 14\nLine: I get 14.");
    add_message(messages, "assistant", "hmm i think it might be 14 but im not sure at all");
    add_message(messages, "user",
                arena_format(arena, "Learner: %.*s\nAnswer: %.*s\nLine: %.*s",
                             VIEW_ARG(task->told->about), VIEW_ARG(keep), VIEW_ARG(line->text)));
    return messages;
}

/* ---------------------------------------------------------------------------------------- taking
 */

static bool hint_passes(const struct told_line *line, struct view reply) {
    struct school_verdict verdict;
    char why[120];
    school_review(&(struct school_draft){.hint = line->hint, .draft = reply, .language = "en"},
                  &verdict);
    return verdict.passed && !school_scene_leaks(line->scene, reply, why);
}

/* A digit outside of the answer is another answer. */
static bool adds_numbers(const struct told_line *line, struct view reply) {
    ptrdiff_t at = view_find(reply, line->keep);
    if (at < 0)
        return has_digit(reply);
    return has_digit(view_slice(reply, 0, (size_t)at)) ||
           has_digit(view_slice(reply, (size_t)at + line->keep.n, reply.n));
}

/* What a model says of itself, of its task, or after the example that it was given. */
static bool speaks_of_the_task(struct view reply) {
    static const char *const phrases[] = {"learner",   "I'm sorry", "assist",  "tone", "The line",
                                          "This line", "might be",  "Answer:", "Line:"};
    for (size_t i = 0; i < COUNT_OF(phrases); i++)
        if (view_find(reply, view_of(phrases[i])) >= 0)
            return true;
    return false;
}

static bool learner_passes(const struct told_line *line, struct view reply) {
    const char *language = text_language(reply);
    char why[120];
    if (reply.n > line->text.n + MOST_MORE || adds_numbers(line, reply) ||
        speaks_of_the_task(reply))
        return false;
    if ((strcmp(language, "en") != 0 && strcmp(language, "und") != 0) ||
        !told_keeps(reply, line->keep))
        return false;
    /* A right answer is said where it is meant, and nowhere else. */
    bool right = line->attempt && !line->why.n;
    return right || !line->scene || !school_scene_leaks(line->scene, reply, why);
}

static void take(struct voices *voices, struct voice_task *task, struct view reply,
                 struct course_rows_report *report) {
    struct told_line *line = task->line;
    reply = view_trim(reply);
    struct view before = line->tutor ? line->lead : line->text;
    bool good = reply.n && reply.n <= LONGEST && !view_equal(reply, before) &&
                (line->tutor ? hint_passes(line, reply) : learner_passes(line, reply));
    report->n_taken += good;
    report->n_refused += !good;
    if (!good)
        return;
    ptrdiff_t at = line->tutor ? view_find(line->text, line->lead) : -1;
    if (at >= 0)
        reply = view_of(arena_format(
            voices->arena, "%.*s%.*s%.*s", (int)at, line->text.at, VIEW_ARG(reply),
            VIEW_ARG(view_slice(line->text, (size_t)at + line->lead.n, line->text.n))));
    line->text = reply;
    line->by_senior = true;
}

/* ------------------------------------------------------------------------------------------ door
 */

static void gather(struct voices *voices, struct told *told) {
    for (size_t i = 0; i < told->n; i++) {
        struct told_line *line = &told->lines[i];
        if (line->tutor ? !line->hint.n : !line->keep.n || told->task == COURSE_PROBLEM)
            continue;
        /* What the tutor thinks about quotes the line before it. */
        if (!line->tutor && i + 1 < told->n && told->lines[i + 1].thought.n)
            continue;
        MUST(TRY_ROOM(voices->at, voices->capacity, voices->n + 1));
        voices->at[voices->n++] = (struct voice_task){told, line};
    }
}

bool told_by_senior(const struct course_rows_options *options, struct told *const *told, size_t n,
                    struct arena *arena, struct course_rows_report *report, struct fault *fault) {
    struct voices voices = {.arena = arena};
    struct senior senior = {.company = options->senior,
                            .cache = options->cache,
                            .label = "asking",
                            .seconds = options->seconds,
                            .most_tokens = REPLY_TOKENS,
                            .temperature = 0.8f,
                            .messages = messages_of,
                            .data = &voices,
                            .cancel = options->cancel,
                            .arena = arena};
    bool good = true;
    if (!options->senior)
        return true;
    for (size_t i = 0; i < n; i++)
        gather(&voices, told[i]);
    struct senior_task *tasks = must_alloc(voices.n + 1, sizeof *tasks);
    for (size_t i = 0; i < voices.n && good; i++) {
        tasks[i] = (struct senior_task){.data = &voices.at[i],
                                        .seed = options->seed * 100000 + i,
                                        .grammar = grammar_for(&voices, voices.at[i].line, fault)};
        good = tasks[i].grammar != NULL;
    }
    good = good && senior_write_all(&senior, tasks, voices.n, fault);
    for (size_t i = 0; i < voices.n && good; i++)
        if (tasks[i].done)
            take(&voices, &voices.at[i], tasks[i].reply, report);
    report->n_wanted = voices.n;
    report->n_written = senior.n_written;
    report->n_cached = senior.n_cached;
    for (size_t i = 0; i < voices.n_grammar; i++)
        grammar_free(voices.grammars[i].grammar);
    free(voices.grammars);
    free(voices.at);
    free(tasks);
    return good;
}
