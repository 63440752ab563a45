/* The table of checks, and the simple ones. */
#include "school/grade/inside.h"

#include <stdio.h>
#include <string.h>

/* clang-format off */
static const struct check {
    const char *name, *input;
    grade_function *grade;
} checks[] = {
    {"choice", "radio", grade_choice},    {"several", "checkbox", grade_several},
    {"number", "text", grade_number},     {"algebra", "formula", grade_algebra},
    {"text", "text", grade_text},         {"order", "order", grade_order},
    {"match", "match", grade_match},      {"code", "code", grade_code},
    {"parts", "parts", grade_parts},
};
static const char *const check_names[] = {"choice", "several", "number", "algebra", "text",
                                          "order", "match", "code", "parts", NULL};
static const struct { const char *note, *english, *chinese; } sentences[] = {
    {"right", "That is right.", "答对了。"},
    {"different", "That is not it yet.", "还不对。"},
    {"sign", "Nearly: look at the sign.", "差一点：请检查正负号。"},
    {"factor", "It differs by a constant factor.", "差了一个常数倍。"},
    {"constant", "It differs by a constant term.", "差了一个常数项。"},
    {"constant-missing", "A constant is missing.", "少了一个常数。"},
    {"close", "Close, but not exact enough.", "很接近，但不够精确。"},
    {"rounded", "Check how many digits are asked for.", "请检查要求的位数。"},
    {"form", "The value is right; write it in the form that is asked for.", "数值正确，请写成要求的形式。"},
    {"form-expanded", "The value is right, but it is multiplied out; write it as a product or power.", "数值正确，但现在是展开式，请写成乘积或乘方的形式。"},
    {"form-partly-factored", "The value is right, but it is not factored all the way yet.", "数值正确，但还没有分解到底。"},
    {"form-factored", "The value is right, but it is still a product; multiply it out.", "数值正确，但还是乘积，请展开。"},
    {"form-like-terms", "The value is right; now put like terms together.", "数值正确，请再合并同类项。"},
    {"form-reducible", "The value is right; now reduce the fraction.", "数值正确，请再约分。"},
    {"form-unsimplified", "The value is right; it can be written more simply.", "数值正确，但还可以化简。"},
    {"form-decimal", "Give the exact value, not a decimal.", "请写精确值，不要写小数。"},
    {"form-fraction", "The value is right; write it as a decimal.", "数值正确，请写成小数。"},
    {"form-root-below", "The value is right; now clear the root or i from under the line.", "数值正确，请再把分母有理化。"},
    {"form-several-fractions", "The value is right; put it over one line, as a single fraction.", "数值正确，请通分成一个分式。"},
    {"form-one-fraction", "The value is right; now split it into simple fractions.", "数值正确，请拆成部分分式。"},
    {"sign-of-term", "Nearly: look at the sign of each term.", "差一点：请检查每一项的正负号。"},
    {"term-missing", "Nearly: a term is missing.", "差一点：漏了一项。"},
    {"term-extra", "Nearly: there is a term too many.", "差一点：多了一项。"},
    {"coefficient", "Nearly: look at the number in front of one term.", "差一点：请检查某一项的系数。"},
    {"reciprocal", "It is upside down: top and bottom are swapped.", "上下颠倒了：请检查分子和分母。"},
    {"order", "The parts are right; look at their order.", "各部分都对，请检查顺序。"},
    {"entries", "Some entries are not right yet.", "有的分量还不对。"},
    {"shape", "Look at how many rows, columns or entries it should have.", "请检查行数、列数或分量的个数。"},
    {"transposed", "Rows and columns are swapped.", "行和列写反了。"},
    {"kind", "The answer should be another kind of thing; read the question again.", "答案的类型不对，请再读一遍题目。"},
    {"and-or", "Should it be “and” or “or”?", "应该用“且”还是“或”？"},
    {"negation", "That says the opposite.", "这正好是相反的意思。"},
    {"converse", "That is the other direction: what follows from what?", "方向反了：由什么推出什么？"},
    {"too-narrow", "That holds too seldom: it leaves something out.", "范围太小，漏掉了一些情况。"},
    {"too-wide", "That holds too often: it lets something in.", "范围太大，多了一些情况。"},
    {"period", "Look at how often the solutions repeat.", "请检查解的周期。"},
    {"free", "Look at how many free letters there should be.", "请检查自由参数的个数。"},
    {"missing-solution", "A solution is missing.", "漏了解。"},
    {"extra-solution", "There is a solution too many.", "多了解。"},
    {"direction", "Look at the direction of the inequality.", "请检查不等号的方向。"},
    {"strictness", "Are the end points included?", "端点是否包含在内？"},
    {"brackets", "Look at the brackets.", "请检查括号。"},
    {"unsolved", "That is true, but not solved yet.", "式子成立，但还没有解出来。"},
    {"variable", "It is about another variable.", "变量不对。"},
    {"unit-missing", "The unit is missing.", "缺少单位。"},
    {"unit-wrong", "Look at the unit.", "请检查单位。"},
    {"dimension", "That unit measures something else.", "这个单位量的是另一种量。"},
    {"conjugate", "Look at the sign of the imaginary part.", "请检查虚部的符号。"},
    {"power-of-ten", "Look at the power of ten.", "请检查小数点的位置。"},
    {"carried", "That is right from your own earlier result.", "按你前面的结果来算，这是对的。"},
    {"missing", "This is not answered yet.", "这里还没有作答。"},
    {"partial", "Part of it is right.", "部分正确。"},
    {"unreadable", "I could not read that; please write it another way.", "我看不懂这个答案，请换一种写法。"},
    {"ambiguous", "Do you mean a decimal or a thousands mark? Please write it without the mark.", "逗号是小数点还是千位分隔符？请换一种写法。"},
    {"not-number", "Please answer with a number.", "请用数字回答。"},
};
/* clang-format on */

const char *const *grade_checks(void) {
    return check_names;
}

static const struct check *find_check(const char *name) {
    for (size_t i = 0; name && i < COUNT_OF(checks); i++)
        if (!strcmp(checks[i].name, name))
            return &checks[i];
    return NULL;
}

bool grade_check_exists(const char *name) {
    return find_check(name) != NULL;
}

bool grade_say(struct grading *grading, double score, const char *note) {
    bool chinese = !strncmp(json_text(grading->options, "language", "en"), "zh", 2);
    const char *wanted = note && *note ? note : score >= 1 ? "right" : "different";
    size_t found = 1;
    for (size_t i = 0; i < COUNT_OF(sentences); i++)
        if (!strcmp(sentences[i].note, wanted))
            found = i;
    grading->out->score = score;
    snprintf(grading->out->note, sizeof grading->out->note, "%s", note ? note : "");
    snprintf(grading->out->feedback, sizeof grading->out->feedback, "%s",
             chinese ? sentences[found].chinese : sentences[found].english);
    return true;
}

bool grade_unreadable(struct grading *grading, enum fault_kind kind, const char *why) {
    fault_set(grading->unreadable, kind, "%s", why);
    return grade_say(grading, 0, "unreadable");
}

bool grade_scalar(const json_t *value, struct buffer *out) {
    if (json_is_string(value))
        buffer_append(out, (struct view){json_string_value(value), json_string_length(value)});
    else if (json_is_integer(value))
        buffer_format(out, "%lld", (long long)json_integer_value(value));
    else if (json_is_real(value))
        buffer_format(out, "%.15g", json_real_value(value));
    else
        return false;
    return true;
}

bool grade_same(const json_t *a, const json_t *b) {
    struct buffer x = {0}, y = {0};
    bool same = grade_scalar(a, &x) && grade_scalar(b, &y) &&
                view_equal(view_trim(buffer_view(&x)), view_trim(buffer_view(&y)));
    buffer_free(&x);
    buffer_free(&y);
    return same;
}

const char *grade_sentence(const json_t *options, const char *note) {
    bool chinese = !strncmp(json_text(options, "language", "en"), "zh", 2);
    for (size_t i = 0; i < COUNT_OF(sentences); i++)
        if (!strcmp(sentences[i].note, note))
            return chinese ? sentences[i].chinese : sentences[i].english;
    return "";
}

/* As grade_answer, with why the answer could not be read. */
static bool grade(const char *name, const json_t *key, const json_t *answer, const json_t *options,
                  uint64_t seed, struct grade_result *out, struct fault *unreadable,
                  struct fault *fault) {
    const struct check *check = find_check(name);
    memset(out, 0, sizeof *out);
    if (!check)
        return fault_set(fault, FAULT_INPUT, "there is no check \"%.40s\"", name ? name : "");
    if ((!key || json_is_null(key)) && strcmp(name, "text") != 0)
        return fault_set(fault, FAULT_INPUT, "the key is missing");
    if (!key && !json_object_get(options, "pattern"))
        return fault_set(fault, FAULT_INPUT, "there is neither a key nor a pattern");
    struct grading grading = {key, answer, options, seed, out, fault, unreadable};
    if (!answer)
        return grade_unreadable(&grading, FAULT_INPUT, "there is no answer");
    return check->grade(&grading) && feedback_run(&grading, check->name);
}

bool grade_with(const char *name, const json_t *key, const json_t *answer, const json_t *options,
                const struct grading *whole, struct grade_result *out) {
    struct fault unreadable = {0};
    return grade(name, key, answer, options, whole->seed, out, &unreadable, whole->fault);
}

bool grade_answer(const char *name, const json_t *key, const json_t *answer, const json_t *options,
                  uint64_t seed, struct grade_result *out, struct fault *fault) {
    struct fault unreadable = {0};
    return grade(name, key, answer, options, seed, out, &unreadable, fault);
}

json_t *grade_public(const char *name, const json_t *key, const json_t *options) {
    static const char *const shown[] = {"variable", "form",        "units",    "locale",   "program",
                                        "language", "significant", "decimals", "choices", "starter"};
    const struct check *check = find_check(name);
    if (!check)
        return NULL;
    json_t *out = json_pack("{s:s, s:s}", "check", check->name, "input", check->input);
    for (size_t i = 0; i < COUNT_OF(shown); i++)
        if (json_object_get(options, shown[i]))
            json_object_set(out, shown[i], json_object_get(options, shown[i]));
    if (!strcmp(name, "order") && json_is_array(key))
        json_object_set_new(out, "count", json_integer((json_int_t)json_array_size(key)));
    return out;
}

static uint64_t seed_of(const json_t *seed) {
    return json_is_integer(seed) ? (uint64_t)json_integer_value(seed) : 1;
}

static bool read_line(struct view line, json_t **given, struct fault *fault) {
    if (line.n > GRADE_LINE_BYTES)
        return fault_set(fault, FAULT_LIMIT, "the line is over %d bytes long", GRADE_LINE_BYTES);
    *given = json_parse(line, fault);
    if (!*given)
        return false;
    if (!json_is_object(*given))
        return fault_set(fault, FAULT_INPUT, "the line is no JSON object");
    if (!json_is_string(json_object_get(*given, "check")))
        return fault_set(fault, FAULT_INPUT, "check is missing");
    if (!json_object_get(*given, "answer"))
        return fault_set(fault, FAULT_INPUT, "the answer is missing");
    const json_t *options = json_object_get(*given, "options");
    if (options && !json_is_object(options))
        return fault_set(fault, FAULT_INPUT, "options must be an object");
    return true;
}

static void add_parts(const struct grade_result *result, json_t *out) {
    json_t *parts = json_array();
    for (size_t i = 0; i < result->n_part; i++) {
        const struct grade_part *part = &result->parts[i];
        json_array_append_new(parts, json_pack("{s:s, s:f, s:s, s:s}", "name", part->name, "score",
                                               part->score, "feedback", part->feedback, "note",
                                               part->note));
    }
    json_object_set_new(out, "parts", parts);
}

json_t *grade_line(struct view line) {
    struct fault fault = {0}, unreadable = {0};
    struct grade_result result = {0};
    json_t *given = NULL, *out = NULL;
    if (read_line(line, &given, &fault) &&
        grade(json_text(given, "check", ""), json_object_get(given, "key"),
              json_object_get(given, "answer"), json_object_get(given, "options"),
              seed_of(json_object_get(given, "seed")), &result, &unreadable, &fault)) {
        out = json_pack("{s:f, s:s, s:s}", "score", result.score, "feedback", result.feedback,
                        "note", result.note);
        if (result.n_part)
            add_parts(&result, out);
        if (*result.tests)
            json_object_set_new(out, "tests", json_string(result.tests));
        if (unreadable.kind)
            json_object_set_new(out, "error", fault_json(&unreadable));
    }
    json_decref(given);
    return out ? out : json_pack("{s:o}", "error", fault_json(&fault));
}
