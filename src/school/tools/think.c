/* The loop: a call, what was found, what of it answers, and on from there. */
#include "school/course/inside.h"
#include "school/tools/inside.h"

#include <stdio.h>
#include <string.h>

enum { CALL_TOKENS = 64, PICK_TOKENS = 24, ALONE_TOKENS = 32 };

/* A model that was never trained on calls learns them from these. */
static const struct shot {
    const char *asked, *answer;
} call_shots[] = {
    {"A cinema has 18 rows of 25 seats. How many seats are there?", "sum: 18 * 25"},
    {"What is 61 plus 7?", "sum: 61 + 7"},
    {"Ana had 90 euros and spent 35 euros. How many euros are left?", "sum: 90 - 35"},
    {"Who built the lighthouse of the island?", "look: built lighthouse island"},
    {"84 sweets are shared among 7 children. How many sweets does each get?", "sum: 84 / 7"},
    {"How much is 30% of 50?", "sum: 30% * 50"},
    {"How many metres are in 6 kilometres?", "convert: 6 kilometres to metres"},
    {"A fee of 80 euros rises by 5 per cent. What is it then?", "sum: 80 + 5%"},
    {"What is the average of 4, 9 and 11?", "sum: mean(4, 9, 11)"},
    {"In which year was the bridge opened for the 2 villages?", "look: bridge opened villages"},
    {"How many days are there from 5 May 2001 to 9 June 2001?",
     "date: days 2001-05-05 to 2001-06-09"},
    {"What is 2 to the power of 9?", "sum: 2 ^ 9"},
    {"Tom buys 3 apples at 2 euros and 4 pears at 5 euros. How many euros is that?",
     "sum: 3 * 2 + 4 * 5"},
    {"Which day of the week is 8 April 1999?", "date: weekday 1999-04-08"},
    {"How much is 2/3 of 60?", "sum: 2/3 * 60"},
    {"There were 31 birds, and 12 more came. How many birds are there?", "sum: 31 + 12"},
    {"Each of 6 bags holds 11 nuts. How many nuts are there?", "sum: 6 * 11"},
};

/* What goes on once a number was found in the lesson. */
static const struct shot on_shots[] = {
    {"How many rows has the cinema?\nThe lesson says: 18", "answer: 18"},
    {"What is the number of rows of the cinema plus 5?\nThe lesson says: 18", "sum: 18 + 5"},
    {"Multiply the age of the bridge by 7.\nThe lesson says: 90", "sum: 90 * 7"},
    {"What is 30% of the number of seats?\nThe lesson says: 450", "sum: 30% * 450"},
    {"In which year was the bridge opened for the 2 villages?\nThe lesson says: 1936",
     "answer: 1936"},
    {"Subtract the number of birds from 70.\nThe lesson says: 43", "sum: 70 - 43"},
    {"What is the height of the tower divided by 4?\nThe lesson says: 96", "sum: 96 / 4"},
    {"Take 6 from the number of boats.\nThe lesson says: 20", "sum: 20 - 6"},
};

static const struct shot pick_shots[] = {
    {"The lighthouse of the island was built by Maria Keller in 1871. It is 43 metres high.\n"
     "Question: Who built the lighthouse of the island?",
     "Maria Keller"},
    {"The lighthouse of the island was built by Maria Keller in 1871. It is 43 metres high.\n"
     "Question: How high is the lighthouse?",
     "43"},
    {"A strip of land between two lakes is called an isthmus. The isthmus of the valley is 3 km "
     "wide.\nQuestion: What is a strip of land between two lakes called?",
     "isthmus"},
    {"In 1936 the bridge was opened; 12,400 people crossed it on the first day.\n"
     "Question: In which year was the bridge opened?",
     "1936"},
    {"In 1936 the bridge was opened; 12,400 people crossed it on the first day.\n"
     "Question: What is the number of people who crossed the bridge plus 7?",
     "12400"},
};

/* The same questions without anything to look up: a bare answer. */
static const struct shot alone_shots[] = {
    {"A cinema has 18 rows of 25 seats. How many seats are there?", "450"},
    {"What is 61 plus 7?", "68"},
    {"How much is 30% of 50?", "15"},
    {"What is a strip of land between two lakes called?", "isthmus"},
    {"How many metres are in 6 kilometres?", "6000"},
    {"What is the average of 4, 9 and 11?", "8"},
    {"Who wrote Hamlet?", "William Shakespeare"},
    {"Which day of the week is 8 April 1999?", "Thursday"},
    {"In which year did the first human walk on the moon?", "1969"},
};

struct thinking {
    const struct tool_place *place;
    const struct think_options *options;
    struct arena *arena;
    struct thought *thought;
    struct fault *fault;
    struct asked asked;
    double started;
};

/* -------------------------------------------------------------------------------------- writing
 */

static void add_message(json_t *messages, const char *role, const char *text, size_t n) {
    json_array_append_new(messages, json_pack("{s:s,s:s%}", "role", role, "content", text, n));
}

static json_t *messages_of(const char *system, const struct shot *shots, size_t n,
                           struct view asked) {
    json_t *messages = json_array();
    add_message(messages, "system", system, strlen(system));
    for (size_t i = 0; i < n; i++) {
        add_message(messages, "user", shots[i].asked, strlen(shots[i].asked));
        add_message(messages, "assistant", shots[i].answer, strlen(shots[i].answer));
    }
    add_message(messages, "user", asked.at, asked.n);
    return messages;
}

/* A text of the grammar (NULL: any line), in the arena. Members far away need not keep to it, so
 * it is held against it. */
static bool write_text(struct thinking *t, json_t *messages, const struct buffer *gbnf, int tokens,
                       struct view *out) {
    static const char *const stop[] = {"\n", NULL};
    struct grammar *grammar = gbnf ? grammar_compile(buffer_view(gbnf), t->fault) : NULL;
    struct company_draft draft = {0};
    struct buffer text = {0};
    double left = TOOL_SECONDS - (clock_seconds() - t->started);
    struct company_request request = {.messages = messages,
                                      .role = COMPANY_FRONT,
                                      .payer = t->options->payer,
                                      .adapter = "",
                                      .max_tokens = tokens,
                                      .temperature = 0,
                                      .seed = t->options->seed,
                                      .grammar = grammar,
                                      .stop = stop,
                                      .seconds = left > 1 ? left : 1,
                                      .cancel = t->options->cancel};
    bool good =
        (grammar || !gbnf) && company_write(t->place->company, &request, &text, &draft, t->fault);
    if (good && grammar && !grammar_accepts(grammar, buffer_view(&text)))
        good = fault_set(t->fault, FAULT_INPUT, "%.60s wrote what is no call", draft.model);
    t->thought->n_generated += draft.n_generated;
    snprintf(t->thought->model, sizeof t->thought->model, "%s", draft.model);
    *out = good ? arena_copy(t->arena, view_trim(buffer_view(&text))) : (struct view){0};
    buffer_free(&text);
    grammar_free(grammar);
    json_decref(messages);
    return good;
}

static bool may_write(const struct thinking *t) {
    return t->place->company && company_state(t->place->company) == COMPANY_READY &&
           !(t->options->cancel && *t->options->cancel) &&
           clock_seconds() - t->started < TOOL_SECONDS;
}

/* ---------------------------------------------------------------------------------------- steps
 */

static struct think_step *take_step(const struct tool_place *place, struct view line, bool planned,
                                    struct arena *arena, struct thought *thought) {
    struct think_step *step = &thought->steps[thought->n_step];
    struct think_step taken = {.planned = planned};
    if (thought->n_step == TOOL_CALLS || !tool_call_read(line, &taken.call, NULL))
        return NULL;
    *step = taken;
    thought->n_step++;
    tool_run(place, &step->call, arena, &step->result);
    if (step->result.end == TOOL_DONE)
        thought->answer = step->result.value.n ? step->result.value : step->result.text;
    return step;
}

static struct think_step *called(struct thinking *t, struct view line) {
    struct think_step *step = take_step(t->place, line, false, t->arena, t->thought);
    if (!step)
        fault_set(t->fault, FAULT_LIMIT, "a question has %d calls of tools at most", TOOL_CALLS);
    return step;
}

/* What of the passages answers: written under a grammar of their own numbers or words. */
static bool pick(struct thinking *t, struct think_step *step) {
    struct buffer gbnf = {0}, text = {0};
    bool good = true, number = t->asked.number || t->asked.n_number;
    if (may_write(t) && pick_grammar(&t->asked, step->result.text, number, t->arena, &gbnf)) {
        buffer_format(&text, "%.*s\nQuestion: %.*s", VIEW_ARG(step->result.text),
                      VIEW_ARG(t->asked.text));
        json_t *messages = messages_of("Answer the question with a few words of the text.",
                                       pick_shots, COUNT_OF(pick_shots), buffer_view(&text));
        good = write_text(t, messages, &gbnf, PICK_TOKENS, &step->picked);
        if (good)
            t->thought->answer = step->picked;
    }
    buffer_free(&gbnf);
    buffer_free(&text);
    return good;
}

/* Which sums can be made of the question's numbers and the one that was found. */
static bool go_on(struct thinking *t, const struct think_step *step) {
    struct asked_number numbers[3];
    struct buffer gbnf = {0}, text = {0};
    struct view line;
    if (!numbers_read(step->picked, t->asked.language, t->arena, numbers, 1) ||
        !t->asked.n_number || !may_write(t))
        return true;
    size_t n = 1;
    for (; n <= t->asked.n_number && n < COUNT_OF(numbers); n++)
        numbers[n] = t->asked.numbers[n - 1];
    buffer_text(&gbnf, "root ::= \"answer: \" ");
    gbnf_text(step->picked, &gbnf);
    buffer_text(&gbnf, " | \"sum: \" ");
    sum_forms(numbers, n, &gbnf);
    buffer_byte(&gbnf, '\n');
    buffer_format(&text, "%.*s\nThe lesson says: %.*s", VIEW_ARG(t->asked.text),
                  VIEW_ARG(step->picked));
    json_t *messages = messages_of("Say the answer, or write the sum that gives it.", on_shots,
                                   COUNT_OF(on_shots), buffer_view(&text));
    bool good = write_text(t, messages, &gbnf, CALL_TOKENS, &line);
    buffer_free(&gbnf);
    buffer_free(&text);
    return good && (!view_starts(line, "sum:") || called(t, line));
}

/* ---------------------------------------------------------------------------------------- rules
 */

/* Between two questions in one sentence. */
static const char *const joints[] = {" and ", ", ", " y ", "，", "；", "; ", " و", "،"};

struct planning {
    const struct tool_place *place;
    struct arena *arena;
    struct thought *thought;
    struct buffer rest;
};

static bool plan_text(struct planning *p, struct view text) {
    struct asked asked;
    struct view line;
    asked_read(text, p->place->language, p->arena, &asked);
    return asked.text.n + asked.n_code > 0 && p->thought->n_step < TOOL_CALLS &&
           rules_call(p->place, &asked, p->arena, &line) &&
           take_step(p->place, line, true, p->arena, p->thought);
}

/* A sentence, or else what stands before and behind a joint. */
static void plan_sentence(struct planning *p, struct view text) {
    if (plan_text(p, text))
        return;
    for (size_t i = 1; i < text.n; i++)
        for (size_t k = 0; k < COUNT_OF(joints); k++)
            if (view_starts(view_slice(text, i, text.n), joints[k]) &&
                plan_text(p, view_slice(text, 0, i))) {
                plan_sentence(p, view_slice(text, i + strlen(joints[k]), text.n));
                return;
            }
    buffer_format(&p->rest, "%s%.*s", p->rest.n ? " " : "", VIEW_ARG(text));
}

bool tools_plan(const struct tool_place *place, struct view question, struct arena *arena,
                struct thought *out) {
    struct planning p = {place, arena, out, {0}};
    size_t n;
    *out = (struct thought){0};
    question = view_trim(view_slice(question, 0, ASKED_TEXT));
    question.n = utf8_whole(question);
    if (!place->rules || plan_text(&p, question))
        return out->n_step > 0;
    struct view *sentences = sentences_cut(arena, question, &n);
    for (size_t i = 0; i < n; i++)
        plan_sentence(&p, sentences[i]);
    out->rest = arena_copy(arena, buffer_view(&p.rest));
    buffer_free(&p.rest);
    return out->n_step > 0;
}

bool tools_may_reckon(const struct tool_place *place, struct view question, struct arena *arena) {
    struct asked asked;
    asked_read(question, place->language, arena, &asked);
    struct prospects may = prospects_of(place, &asked, true);
    return asked.number && (may.sum || may.convert || may.date);
}

/* --------------------------------------------------------------------------------------- models
 */

/* One call alone may be possible: then nobody is asked which. */
static bool first_line(struct thinking *t, struct view *line) {
    struct prospects may = prospects_of(t->place, &t->asked, t->options->reckons);
    struct buffer gbnf = {0};
    bool some = call_grammar(t->place, &t->asked, &may, t->arena, &gbnf), good = true;
    bool only_look =
        may.look && !may.sum && !may.convert && !may.date && !may.term && !may.note && !may.code;
    *line = (struct view){0};
    if (some && only_look)
        *line = view_of(arena_format(t->arena, "look: %.*s", VIEW_ARG(t->asked.words)));
    else if (some && may_write(t))
        good = write_text(t,
                          messages_of("Answer each question with one call: a sum for a "
                                      "calculator, units to convert, a date, or what to look up "
                                      "in the lesson.",
                                      call_shots, COUNT_OF(call_shots), t->asked.text),
                          &gbnf, CALL_TOKENS, line);
    buffer_free(&gbnf);
    return good;
}

static bool by_model(struct thinking *t) {
    struct view line;
    if (!first_line(t, &line))
        return false;
    struct think_step *step = line.n ? called(t, line) : NULL;
    if (!step || step->result.end != TOOL_DONE || step->call.tool->run != tool_look)
        return step || !line.n;
    return pick(t, step) && (!step->picked.n || go_on(t, step));
}

bool tools_think(const struct tool_place *place, struct view question,
                 const struct think_options *options, struct arena *arena, struct thought *out,
                 struct fault *fault) {
    struct thinking t = {.place = place,
                         .options = options,
                         .arena = arena,
                         .thought = out,
                         .fault = fault,
                         .started = clock_seconds()};
    bool planned = tools_plan(place, question, arena, out);
    struct view left = planned ? out->rest : question;
    bool good = true;
    if (left.n) {
        asked_read(left, place->language, arena, &t.asked);
        good = by_model(&t);
    }
    out->seconds = clock_seconds() - t.started;
    return good;
}

bool tools_alone(const struct tool_place *place, struct view question,
                 const struct think_options *options, struct arena *arena, struct thought *out,
                 struct fault *fault) {
    struct thinking t = {.place = place,
                         .options = options,
                         .arena = arena,
                         .thought = out,
                         .fault = fault,
                         .started = clock_seconds()};
    *out = (struct thought){0};
    json_t *messages = messages_of("Answer each question with a number or a few words.",
                                   alone_shots, COUNT_OF(alone_shots), question);
    bool good = write_text(&t, messages, NULL, ALONE_TOKENS, &out->answer);
    out->seconds = clock_seconds() - t.started;
    return good;
}
