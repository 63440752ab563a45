/* Lines of `lyceum grade`, and answers of every check under options of every kind. */
#include "school/grade/grade.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void prove(const json_t *out) {
    bool scored = json_is_real(json_object_get(out, "score"));
    double score = json_number(out, "score", 0);
    MUST(json_is_object(out) && (scored || json_object_get(out, "error")));
    MUST(score >= 0 && score <= 1);
    MUST(!scored || (*json_text(out, "feedback", "") && json_text(out, "note", NULL)));
}

static json_t *some_options(uint8_t which) {
    static const char *const texts[] = {"{}",
                                        "{\"locale\":\"de\"}",
                                        "{\"locale\":\"fr\",\"decimals\":2}",
                                        "{\"significant\":3}",
                                        "{\"units\":true,\"locale\":\"en-IN\"}",
                                        "{\"units\":\"strict\",\"relative\":0.01}",
                                        "{\"form\":\"simplified\"}",
                                        "{\"form\":\"factored\",\"variable\":\"x\"}",
                                        "{\"antiderivative\":true}",
                                        "{\"derivative\":true}",
                                        "{\"pattern\":\"(a+)+[bc]\"}",
                                        "{\"choices\":4}"};
    return json_parse(view_of(texts[which % COUNT_OF(texts)]), NULL);
}

/* Key and answer are the lines; a value graded against itself is right if it can be read. */
static void grade_lines(struct view text, const uint8_t how[2]) {
    struct view key = VIEW(""), answer = VIEW("");
    struct grade_result told, itself;
    struct fault fault = {0};
    if (!view_line(&text, &key) || !view_line(&text, &answer))
        return;
    const char *const *checks = grade_checks();
    size_t n = 0;
    while (checks[n])
        n++;
    const char *check = checks[how[0] % n];
    json_t *options = some_options(how[1]);
    json_t *key_json = json_stringn(key.at ? key.at : "", key.n);
    json_t *answer_json = json_stringn(answer.at ? answer.at : "", answer.n);
    if (key_json && answer_json) {
        bool good = grade_answer(check, key_json, answer_json, options, how[0], &told, &fault);
        MUST(good == (fault.kind == FAULT_NONE));
        MUST(!good || (told.score >= 0 && told.score <= 1 && *told.feedback));
        if (good && !strcmp(check, "text") && *told.note == 0 && told.score >= 1) {
            MUST(grade_answer(check, answer_json, key_json, NULL, 1, &itself, NULL));
            MUST(itself.score >= 1 || json_object_get(options, "pattern"));
        }
    }
    json_decref(key_json);
    json_decref(answer_json);
    json_decref(options);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    json_t *out = grade_line((struct view){(const char *)data, n});
    prove(out);
    json_decref(out);
    if (n > 2)
        grade_lines((struct view){(const char *)data + 2, n - 2}, data);
    return 0;
}
