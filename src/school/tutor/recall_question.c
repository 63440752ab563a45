/* What a question asks, and what its words weigh. */
#include "school/tutor/recall.h"

#include <math.h>
#include <string.h>

/* clang-format off */
static const char *const asks_definition[] = {
    "what is ", "whats ", "what are ", "what was ", "who is ", "who was ", "whos ", "what does ", "what do ", "define ", "meaning of", "definition of", "stand for", "stands for", "what a ", "what an ",
    "explain ", "describe ", "what exactly", "que mide", "que dice", "que indica", "que expresa", "que representa", "que es ", "que son ", "que significa", "define ", "explica",
    "什么是", "是什么", "什么意思", "的定义", "解释", "指什么", "衡量什么", "表示什么", "代表什么",
    "ما هو ", "ما هي ", "ماهو ", "ماهي ", "ما معنى", "ما المقصود", "ما تعريف", "ماذا يعني", "ماذا تعني", "ماذا يقيس", "ماذا تقيس", "عرف ", "عرّف ", "اشرح ", NULL};
static const char *const asks_reason[] = {
    "why", "how come", "what for", "reason", "whats the point", "what is the point", "wrong with", "por que", "para que", "为什么", "为何", "原因",
    "有什么不好", "有什么问题", "坏处", "缺点", "好处",
    "لماذا", "لم ", "ما سبب", "ما السبب", NULL};
/* Words that ask for a definition and that its answer need not hold. */
static const char *const asking_words[] = {"mean", "means", "meaning", "meant", "define", "definition", "explain", "explanation", "describe", "stand", "stands", "forget", "forgot", "remind", "remember",
    "measure", "measures", "mide", "miden", "dice", "indica", "expresa", "representa", "يقيس", "تقيس", "يعني", "تعني", "معني", "significa", "significan", "quiere", "decir", NULL};
static const char *const finding_words[] = {"find", "get", "obtain", "compute", "calculate", "estimate", "determine", "hallar", "calcular", "calcula", "احسب", "نحسب", "اجد", "نجد", NULL};
static const char *const asks_how[] = {"how do i ", "how do you ", "how do we ", "how can i ", "how can you ", "how can we ", "how to ", "how does one ",
    "how should i ", "como se ", "como puedo ", "怎么", "怎样", "如何", "كيف ", NULL};
static const char *const asks_person[] = {"who ", "whos ", "whose ", "quien", "谁", NULL};
static const char *const asks_time[] = {"when ", "what year", "which year", "cuando", "en que ano", "什么时候", "哪一年", "何时", "متى", "أي عام", "أي سنة", NULL};
static const char *const asks_number[] = {"how many", "cuantos", "cuantas", "有多少", "多少个", "几个", "كم عدد", NULL};
static const char *const asks_size[] = {"how long is", "how long are", "how big is", "how big are", "how large is", "how large are", "cuanto mide", "que tamano", "que longitud",
    "有多长", "有多大", "多大", "ما طول", "ما حجم", NULL};
static const char *const size_words[] = {"long", "big", "large", "mide", "tamano", "longitud", "طول", "حجم", NULL};
const char *const defines_han_after[] = {"是", "就是", "指", "叫", "表示", "衡量", "的意思", "意思是", ",意思是", "读作", NULL};
/* clang-format on */

bool has_any(struct view text, const char *const *list) {
    for (; *list; list++)
        if (view_find(text, view_of(*list)) >= 0)
            return true;
    return false;
}

static double id_weight(const struct shelf *shelf, uint32_t id) {
    double n = (double)shelf->n_sentence;
    double with = id == NO_STEM ? 0 : (double)shelf->stems.stems[id].n_sentence;
    double weight = log((n + 1) / (with + 0.5));
    return weight < 0.7 ? 0.7 : weight > 3 ? 3 : weight;
}

/* "mean" in "what does it mean" is nothing that the answer must hold. */
static void forget_asking_words(struct question *out) {
    size_t left = 0;
    for (size_t k = 0; k < out->terms.n_unit; k++)
        left += out->unit_weights[k] > 0;
    for (size_t i = 0; i < out->terms.n_term && left > 1; i++) {
        size_t unit = out->terms.terms[i].unit;
        if ((out->defines && text_in(asking_words, out->terms.units[unit].word)) ||
            (out->how && text_in(finding_words, out->terms.units[unit].word)) ||
            (out->size && text_in(size_words, out->terms.units[unit].word))) {
            out->total -= out->unit_weights[unit];
            out->unit_weights[unit] = 0;
            out->ids[i] = NO_STEM;
            left--;
        }
    }
}

void question_read(struct recall *recall, const struct shelf *shelf,
                   const struct recall_query *query, struct arena *arena, struct question *out) {
    struct buffer plain = {0};
    fold_plain(query->text, &plain);
    struct terms *terms = &out->terms;
    text_terms(recall->stemmer, query->text, query->language, false, arena, terms);
    if (terms->n_term > MOST_TERMS)
        terms->n_term = MOST_TERMS;
    out->unit_weights = ARENA_NEW(arena, terms->n_unit + 1, double);
    size_t n_telling = 0;
    for (size_t i = 0; i < terms->n_term; i++) {
        const struct term *term = &terms->terms[i];
        out->ids[i] = dictionary_find(&shelf->stems, term->stem);
        if (out->ids[i] == NO_STEM)
            out->ids[i] = dictionary_nearest(&shelf->words, terms->units[term->unit].word);
        out->weights[i] = id_weight(shelf, out->ids[i]);
        /* A character weighs what it says, a word what is rare in it. */
        for (size_t k = term->unit; k < term->unit + term->n_unit; k++) {
            bool word = term->n_unit == 1 && terms->units[k].word.n > 3;
            out->unit_weights[k] = terms->units[k].weight * (word ? out->weights[i] : 1);
        }
    }
    for (size_t k = 0; k < terms->n_unit; k++) {
        out->total += out->unit_weights[k];
        n_telling += terms->units[k].weight >= 1;
    }
    bool han = plain.at && has_any(buffer_view(&plain), defines_han_after);
    bool works = plain.at && view_starts(buffer_view(&plain), "how do") &&
                 view_find(buffer_view(&plain), VIEW(" work")) >= 0;
    out->defines =
        (works || has_any(buffer_view(&plain), asks_definition)) && n_telling <= (han ? 8 : 3);
    out->how = has_any(buffer_view(&plain), asks_how);
    out->size = has_any(buffer_view(&plain), asks_size);
    out->bare = !strncmp(query->language, "ar", 2);
    forget_asking_words(out);
    out->reasons = has_any(buffer_view(&plain), asks_reason);
    out->person = has_any(buffer_view(&plain), asks_person);
    out->time = has_any(buffer_view(&plain), asks_time);
    out->number = has_any(buffer_view(&plain), asks_number);
    buffer_free(&plain);
}
