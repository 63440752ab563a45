/* Grammars from outside: schema_suite.py speaks to it in JSON lines.
 *
 *     grammar_probe                 {"schema":…, "texts":[…]} → {"accepts":[…]} or {"fault":"…"}
 *     grammar_probe MODEL N MOST    {"schema":…} or {"grammar":"…"} → {"texts":[…], …}: N texts of
 *                                   at most MOST tokens, each token drawn evenly from those that
 *                                   are allowed, with the times that the masks took */
#include "model/model.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct grammar *read_grammar(const json_t *line, struct fault *fault) {
    const char *gbnf = json_text(line, "grammar", NULL);
    return gbnf ? grammar_compile(view_of(gbnf), fault)
                : grammar_from_schema(json_object_get(line, "schema"), fault);
}

static json_t *check(const struct grammar *grammar, const json_t *texts) {
    json_t *accepts = json_array();
    for (size_t i = 0; i < json_array_size(texts); i++) {
        const json_t *text = json_array_get(texts, i);
        struct view view = {json_string_value(text), json_string_length(text)};
        json_array_append_new(accepts, json_boolean(grammar_accepts(grammar, view)));
    }
    return json_pack("{s:o}", "accepts", accepts);
}

struct times {
    double sum, worst;
    long n, n_slow;
};

static bool walk(const struct grammar *grammar, const struct vocabulary *vocabulary, int most,
                 struct random *random, float *logits, struct buffer *out, struct times *times,
                 struct fault *fault) {
    struct constraint constraint;
    int n = vocabulary_size(vocabulary);
    if (!grammar_constrain(grammar, vocabulary, most, &constraint, fault))
        return false;
    bool good = true, ended = false;
    for (int step = 0; good && !ended && step < most; step++) {
        memset(logits, 0, (size_t)n * sizeof *logits);
        double start = clock_seconds();
        constraint.mask(constraint.data, logits, n);
        double spent = clock_seconds() - start;
        times->sum += spent;
        times->worst = spent > times->worst ? spent : times->worst;
        times->n_slow += spent > 1e-4;
        times->n++;
        int picked = -1, n_allowed = 0;
        for (int token = 0; token < n; token++)
            n_allowed += logits[token] > -INFINITY;
        int64_t left = n_allowed ? random_between(random, 0, n_allowed - 1) : -1;
        for (int token = 0; token < n && left >= 0; token++)
            if (logits[token] > -INFINITY && left-- == 0)
                picked = token;
        good = picked >= 0;
        if (!good)
            constraint.sound(constraint.data, fault);
        ended = good && vocabulary_is_end(vocabulary, picked);
        if (good && !ended)
            vocabulary_decode(vocabulary, picked, SPECIAL_AS_TEXT, out);
        if (good)
            constraint.accept(constraint.data, picked);
    }
    constraint_close(&constraint);
    return good && (ended || fault_set(fault, FAULT_LIMIT, "a text did not end"));
}

static json_t *draw(const struct grammar *grammar, const struct model *model, int n, int most,
                    struct fault *fault) {
    const struct vocabulary *vocabulary = model_vocabulary(model);
    float *logits = must_alloc((size_t)vocabulary_size(vocabulary), sizeof *logits);
    struct times times = {0};
    struct random random;
    random_seed(&random, 1);
    json_t *texts = json_array();
    for (int i = 0; i < n; i++) {
        struct buffer out = {0};
        if (walk(grammar, vocabulary, most, &random, logits, &out, &times, fault))
            json_array_append_new(texts, json_stringn(out.at ? out.at : "", out.n));
        buffer_free(&out);
    }
    free(logits);
    return json_pack("{s:o, s:f, s:f, s:i, s:i}", "texts", texts, "mean_ms",
                     times.n ? times.sum / (double)times.n * 1e3 : 0, "worst_ms",
                     times.worst * 1e3, "masks", (int)times.n, "over_100_us", (int)times.n_slow);
}

int main(int n_argument, char **arguments) {
    struct fault fault = {0};
    struct pool *pool = pool_new(1);
    struct model *model = n_argument == 4 ? model_open(arguments[1], pool, &fault) : NULL;
    char *line = NULL, text[1000];
    size_t room = 0;
    ssize_t size;
    if (n_argument == 4 && !model)
        fprintf(stderr, "%s\n", fault_text(&fault, text, sizeof text));
    while ((n_argument == 1 || model) && (size = getline(&line, &room, stdin)) > 0) {
        fault_clear(&fault);
        json_t *given = json_parse((struct view){line, (size_t)size}, &fault), *answer = NULL;
        struct grammar *grammar = given ? read_grammar(given, &fault) : NULL;
        if (grammar)
            answer = model ? draw(grammar, model, atoi(arguments[2]), atoi(arguments[3]), &fault)
                           : check(grammar, json_object_get(given, "texts"));
        if (fault.kind) {
            json_decref(answer);
            answer = json_pack("{s:o}", "fault", fault_json(&fault));
        }
        struct buffer out = {0};
        buffer_json(&out, answer);
        printf("%s\n", out.at);
        fflush(stdout);
        buffer_free(&out);
        json_decref(answer);
        json_decref(given);
        grammar_free(grammar);
    }
    free(line);
    model_close(model);
    pool_free(pool);
    return 0;
}
