#include "school/grade/code_run.h"
#include "school/grade/sandbox.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OUTPUT_BYTES = 64 << 10, FILE_BYTES = 16 << 20, KEPT = 64 };
#define PYTHON "/usr/bin/python3"

/* Calls functions of answer.py, and writes of each call a line of JSON. It holds no expected
 * value: those stay outside. What an answer prints meanwhile is thrown away. */
static const char driver[] =
    "import json, os, sys, io, traceback\n"
    "out = os.fdopen(os.dup(1), 'w', encoding='utf-8', errors='backslashreplace')\n"
    "def plain(v, depth=0):\n"
    "    if depth > 20: return {'other': 'too deep'}\n"
    "    if v is None or isinstance(v, (bool, str)): return v\n"
    "    if isinstance(v, int): return v if abs(v) < 2**53 else {'int': str(v)}\n"
    "    if isinstance(v, float):\n"
    "        return v if v == v and abs(v) != float('inf') else {'float': repr(v)}\n"
    "    if isinstance(v, (list, tuple)): return [plain(x, depth + 1) for x in v[:10000]]\n"
    "    if isinstance(v, (set, frozenset)):\n"
    "        return {'set': sorted((plain(x, depth + 1) for x in v), key=lambda x: "
    "json.dumps(x))}\n"
    "    if isinstance(v, dict):\n"
    "        pairs = [[plain(k, depth + 1), plain(x, depth + 1)] for k, x in v.items()]\n"
    "        return {'dict': sorted(pairs, key=lambda x: json.dumps(x[0]))}\n"
    "    return {'other': type(v).__name__ + ' ' + repr(v)[:200]}\n"
    "def where(e):\n"
    "    if isinstance(e, SyntaxError): return e.lineno or 0\n"
    "    lines = [f.lineno for f in traceback.extract_tb(e.__traceback__) if f.filename == "
    "'answer.py']\n"
    "    return lines[-1] if lines else 0\n"
    "def say(x):\n"
    "    out.write(json.dumps(x) + '\\n')\n"
    "    out.flush()\n"
    "def caught(e):\n"
    "    said = e.msg if isinstance(e, SyntaxError) else str(e)\n"
    "    return {'raises': type(e).__name__, 'line': where(e), 'message': said[:200]}\n"
    "class Thrown(io.TextIOBase):\n"
    "    n = 0\n"
    "    def writable(self): return True\n"
    "    def write(self, text):\n"
    "        self.n += len(text)\n"
    "        if self.n > 2**16:\n"
    "            say({'limit': 'output'})\n"
    "            os._exit(0)\n"
    "        return len(text)\n"
    "calls = json.load(open('/answer/calls.json', encoding='utf-8'))\n"
    "sys.stdout = Thrown()\n"
    "space = {'__name__': 'answer', '__builtins__': __builtins__}\n"
    "try:\n"
    "    exec(compile(open('/answer/answer.py', encoding='utf-8').read(), 'answer.py', 'exec'), "
    "space)\n"
    "except BaseException as e:\n"
    "    say(dict(caught(e), begins=True))\n"
    "    os._exit(0)\n"
    "for call in calls:\n"
    "    sys.stdout = Thrown()\n"
    "    try:\n"
    "        say({'value': plain(eval(call, space))})\n"
    "    except MemoryError: say({'limit': 'memory'})\n"
    "    except BaseException as e: say(caught(e))\n";

/* ------------------------------------------------------------------------------------- what was
 * found out is kept: the author's own program runs once, not for every learner
 */

static struct {
    uint64_t key[2];
    json_t *outcome;
} kept[KEPT];
static size_t next_kept;
static pthread_mutex_t keeping = PTHREAD_MUTEX_INITIALIZER;

static void key_of(const struct code_job *job, uint64_t key[2]) {
    struct buffer text = {0};
    buffer_format(&text, "%d %a %zu %zu ", job->c, job->seconds, job->memory, job->source.n);
    buffer_append(&text, job->source);
    buffer_format(&text, " %zu ", job->main.n);
    buffer_append(&text, job->main);
    buffer_json(&text, job->tests);
    key[0] = hash64(buffer_view(&text), 1);
    key[1] = hash64(buffer_view(&text), 2);
    buffer_free(&text);
}

static json_t *kept_outcome(const uint64_t key[2]) {
    json_t *found = NULL;
    pthread_mutex_lock(&keeping);
    for (size_t i = 0; i < KEPT && !found; i++)
        if (kept[i].outcome && kept[i].key[0] == key[0] && kept[i].key[1] == key[1])
            found = json_deep_copy(kept[i].outcome); /* counts of references are no atomics */
    pthread_mutex_unlock(&keeping);
    return found;
}

static void keep_outcome(const uint64_t key[2], const json_t *outcome) {
    pthread_mutex_lock(&keeping);
    json_decref(kept[next_kept].outcome);
    kept[next_kept].key[0] = key[0];
    kept[next_kept].key[1] = key[1];
    kept[next_kept].outcome = json_deep_copy(outcome);
    next_kept = (next_kept + 1) % KEPT;
    pthread_mutex_unlock(&keeping);
}

/* ---------------------------------------------------------------------------------- one program
 */

static struct sandbox_job base_job(const struct code_job *job, const char *folder,
                                   const char *const *command) {
    return (struct sandbox_job){.command = command,
                                .folder = folder,
                                .seconds = job->seconds,
                                .memory = job->memory,
                                .output = OUTPUT_BYTES,
                                .files = FILE_BYTES};
}

/* NULL: it ended by itself. */
static json_t *limit_of(const struct sandbox_result *result) {
    const char *err = result->err.at ? result->err.at : "";
    const char *limit = result->end == SANDBOX_TIME     ? "time"
                        : result->end == SANDBOX_OUTPUT ? "output"
                        : strstr(err, "MemoryError")    ? "memory"
                        : result->end == SANDBOX_SIGNAL ? "crash"
                                                        : NULL;
    return limit ? json_pack("{s:s}", "limit", limit) : NULL;
}

/* As text; what is no UTF-8 becomes question marks. */
static json_t *text_of(const struct buffer *buffer) {
    struct buffer good = {0};
    buffer_append(&good, buffer_view(buffer));
    if (!utf8_valid(buffer_view(&good)))
        for (size_t i = 0; i < good.n; i++)
            good.at[i] = (unsigned char)good.at[i] < 0x80 ? good.at[i] : '?';
    json_t *text = json_stringn_nocheck(good.at ? good.at : "", good.n);
    buffer_free(&good);
    return text;
}

/* "answer.c:3:5: error: …" or "  File "/answer/answer.py", line 3" in what was said. */
static json_int_t line_in(const struct buffer *err, const char *before) {
    const char *at = err->at ? strstr(err->at, before) : NULL;
    return at ? strtol(at + strlen(before), NULL, 10) : 0;
}

/* The last line that says something: Python's own summary. */
static void last_line(const struct buffer *err, char *out, size_t n) {
    struct view rest = buffer_view(err), line, last = {0};
    while (view_line(&rest, &line))
        last = view_trim(line).n ? view_trim(line) : last;
    snprintf(out, n, "%.*s", last.n < n ? (int)last.n : (int)n - 1, last.at ? last.at : "");
}

static json_t *ran(const struct code_job *job, const struct sandbox_result *result) {
    json_t *limit = limit_of(result);
    char last[200], name[60] = "";
    if (limit)
        return limit;
    if (!job->c && result->status != 0 && result->err.n) {
        last_line(&result->err, last, sizeof last);
        const char *colon = strchr(last, ':');
        size_t length = colon ? (size_t)(colon - last) : strlen(last);
        snprintf(name, sizeof name, "%.*s", length < sizeof name ? (int)length : 59, last);
        return json_pack("{s:s, s:I, s:s}", "raises", name, "line",
                         line_in(&result->err, "answer.py\", line "), "message",
                         colon && colon[1] ? colon + 2 : "");
    }
    return json_pack("{s:o}", "stdout", text_of(&result->out));
}

static struct view text_in(const json_t *test, const char *name) {
    const json_t *text = json_object_get(test, name);
    return (struct view){json_string_value(text), json_string_length(text)};
}

/* ------------------------------------------------------------------------------------- programs
 */

/* New reference; NULL when there is no sandbox. */
static json_t *run_input(const struct code_job *job, const char *folder,
                         const char *const *command, const json_t *test, struct fault *fault) {
    struct sandbox_job sandbox = base_job(job, folder, command);
    struct sandbox_result result;
    sandbox.input = text_in(test, "stdin");
    json_t *one = sandbox_run(&sandbox, &result, fault) ? ran(job, &result) : NULL;
    sandbox_result_free(&result);
    return one;
}

/* The first line of the compiler's that is an error: "answer.c:3:5: error: …". */
static json_t *compile_error(const struct sandbox_result *result) {
    struct view rest = buffer_view(&result->err), line;
    while (view_line(&rest, &line)) {
        ptrdiff_t at = view_find(line, VIEW("error: "));
        long number = 0;
        if (at < 0)
            continue;
        if (view_starts(line, "answer.c:"))
            number = strtol(line.at + strlen("answer.c:"), NULL, 10);
        struct view said = view_slice(line, (size_t)at + strlen("error: "), line.n);
        if (said.n > 200)
            said.n = utf8_whole((struct view){said.at, 200});
        return json_pack("{s:s%, s:I}", "error", said.at, said.n, "line", (json_int_t)number);
    }
    return json_pack("{s:s, s:i}", "error", "the compiler gave up", "line", 0);
}

static json_t *run_c(const struct code_job *job, struct fault *fault) {
    static const char *const compiler[] = {"/usr/bin/gcc",
                                           "-std=c17",
                                           "-O1",
                                           "-fno-diagnostics-color",
                                           "-fmax-errors=1",
                                           "-o",
                                           "program",
                                           "answer.c",
                                           "-lm",
                                           NULL};
    static const char *const with_main[] = {
        "/usr/bin/gcc",   "-std=c17", "-O1",     "-fno-diagnostics-color",
        "-fmax-errors=1", "-o",       "program", "answer.c",
        "main.c",         "-lm",      NULL};
    static const char *const program[] = {"/answer/program", NULL};
    struct sandbox_file files[] = {{"answer.c", job->source}, {"main.c", job->main}};
    struct sandbox_result result = {0};
    char folder[PATH_MAX];
    json_t *outcome = NULL, *results = json_array();
    const json_t *test;
    size_t i;
    bool good = sandbox_folder(folder, files, job->main.n ? 2 : 1, fault);
    struct sandbox_job compile = base_job(job, folder, job->main.n ? with_main : compiler);
    compile.writes = true;
    compile.seconds = 10;
    compile.memory = (size_t)1 << 30;
    good = good && sandbox_run(&compile, &result, fault);
    if (good && (result.end != SANDBOX_EXIT || result.status != 0))
        outcome = compile_error(&result);
    sandbox_result_free(&result);
    if (good && !outcome) {
        json_t *one = NULL;
        json_array_foreach(job->tests, i, test) {
            good = good && (one = run_input(job, folder, program, test, fault)) != NULL;
            if (good)
                json_array_append_new(results, one);
        }
        outcome = good ? json_pack("{s:O}", "results", results) : NULL;
    }
    json_decref(results);
    sandbox_remove(folder);
    return outcome;
}

/* The driver's lines, one a call; where it was ended, the rest has the same reason. */
static bool run_calls(const struct code_job *job, const char *folder, json_t **outcome,
                      json_t *results, size_t n_call, struct fault *fault) {
    static const char *const command[] = {PYTHON, "-I", "-B", "/answer/driver.py", NULL};
    struct sandbox_job sandbox = base_job(job, folder, command);
    struct sandbox_result result;
    struct view line, rest;
    bool good = sandbox_run(&sandbox, &result, fault);
    rest = buffer_view(&result.out);
    while (good && !*outcome && json_array_size(results) < n_call && view_line(&rest, &line)) {
        json_t *one = json_parse(line, NULL);
        if (json_object_get(one, "begins"))
            *outcome = json_pack("{s:o, s:O, s:O}", "error",
                                 json_sprintf("%s: %s", json_text(one, "raises", ""),
                                              json_text(one, "message", "")),
                                 "line", json_object_get(one, "line"), "kind",
                                 json_object_get(one, "raises"));
        else if (json_is_object(one))
            json_array_append(results, one);
        json_decref(one);
    }
    while (good && !*outcome && json_array_size(results) < n_call) {
        json_t *limit = limit_of(&result);
        json_array_append_new(results, limit ? limit : json_pack("{s:s}", "limit", "crash"));
    }
    sandbox_result_free(&result);
    return good;
}

/* Cases that are not shown run by themselves: what shown ones say of themselves is told, and a
 * program reads all that lies beside it. */
static bool run_group(const struct code_job *job, bool hidden, json_t **outcome, json_t *results,
                      struct fault *fault) {
    static const char *const command[] = {PYTHON, "-I", "-B", "/answer/answer.py", NULL};
    json_t *calls = json_array(), *called = json_array();
    struct buffer text = {0};
    const json_t *test;
    size_t i, next = 0;
    char folder[PATH_MAX];
    json_array_foreach(job->tests, i, test) if (json_object_get(test, "call") &&
                                                json_flag(test, "hidden", false) == hidden)
        json_array_append(calls, json_object_get(test, "call"));
    buffer_json(&text, calls);
    struct sandbox_file files[] = {{"answer.py", job->source},
                                   {"driver.py", view_of(driver)},
                                   {"calls.json", buffer_view(&text)}};
    size_t n_call = json_array_size(calls);
    bool good = sandbox_folder(folder, files, COUNT_OF(files), fault) &&
                (!n_call || run_calls(job, folder, outcome, called, n_call, fault));
    json_array_foreach(job->tests, i, test) {
        if (!good || *outcome || json_flag(test, "hidden", false) != hidden)
            continue;
        json_t *one = NULL;
        if (json_object_get(test, "call"))
            one = json_incref(json_array_get(called, next++));
        else
            good = (one = run_input(job, folder, command, test, fault)) != NULL;
        if (good)
            json_array_set_new(results, i, one);
    }
    sandbox_remove(folder);
    buffer_free(&text);
    json_decref(calls);
    json_decref(called);
    return good;
}

static json_t *run_python(const struct code_job *job, struct fault *fault) {
    json_t *results = json_array(), *outcome = NULL;
    bool any_hidden = false;
    const json_t *test;
    size_t i;
    json_array_foreach(job->tests, i, test) {
        json_array_append_new(results, json_null());
        any_hidden |= json_flag(test, "hidden", false);
    }
    bool good = run_group(job, false, &outcome, results, fault) &&
                (outcome || !any_hidden || run_group(job, true, &outcome, results, fault));
    if (good && !outcome)
        outcome = json_pack("{s:O}", "results", results);
    json_decref(results);
    return good ? outcome : NULL;
}

/* A busy machine may have been the reason: it is tried again the next time. */
static bool was_limited(const json_t *outcome) {
    const json_t *one;
    size_t i;
    json_array_foreach(json_object_get(outcome, "results"), i,
                       one) if (json_object_get(one, "limit")) return true;
    return false;
}

json_t *code_run(const struct code_job *job, struct fault *fault) {
    uint64_t key[2];
    key_of(job, key);
    json_t *outcome = kept_outcome(key);
    if (outcome)
        return outcome;
    outcome = job->c ? run_c(job, fault) : run_python(job, fault);
    if (outcome && !was_limited(outcome))
        keep_outcome(key, outcome);
    return outcome;
}
