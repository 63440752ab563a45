/* Whether what was found bears on the question at all, or shares a word with it by chance. */
#include "school/tutor/recall.h"

#include <string.h>

/* clang-format off */
/* Who says "is this …?" or "can I …?" may speak of the talk and not of the matter. */
static const char *const of_us[] = {"i", "im", "my", "me", "we", "you", "u", "your", "yo", "mi", "mis", "tu", "te", "puedo", "我", "你", "انا", "انت", "لي", NULL};
static const char *const of_the_talk[] = {"this", "it", "its", "is", "are", "am", "do", "does", "can", "will", "esto", "es", "se", "这", "هذا", "هل", "هو", NULL};
/* clang-format on */

bool is_capital(struct view text, size_t at) {
    return at < text.n && text.at[at] >= 'A' && text.at[at] <= 'Z';
}

bool is_written_at(struct view text, size_t at, struct view word) {
    size_t k = 0;
    while (k < word.n && at + k < text.n && (text.at[at + k] | 0x20) == word.at[k])
        k++;
    return k == word.n;
}

/* Whether a word of the question's that the run holds is the course's own: it stands in the
 * heading, or the course defines a term by it that the question names in full. */
static bool is_course_word(const struct shelf *shelf, const struct question *question,
                           const struct heading *heading, uint32_t id) {
    if (has_id(heading->ids, heading->n_id, id))
        return true;
    for (size_t d = 0; d < shelf->n_definition; d++) {
        const struct definition *definition = &shelf->definitions[d];
        size_t n_named = 0;
        if (!has_id(definition->ids, definition->n_id, id))
            continue;
        for (size_t i = 0; i < definition->n_id; i++)
            for (size_t k = 0; k < question->terms.n_term; k++)
                if (question->ids[k] == definition->ids[i]) {
                    n_named++;
                    break;
                }
        if (n_named == definition->n_id)
            return true;
    }
    return false;
}

/* One word in common by chance makes no passage near: "capital" of letters and of countries. */
bool shelf_is_near(const struct shelf *shelf, const struct question *question,
                   const struct heading *heading, const struct sentence *run, size_t n,
                   double coverage) {
    static const double enough = 0.4;
    size_t n_shared = 0;
    for (size_t i = 0; i < question->terms.n_term; i++) {
        const struct term *term = &question->terms.terms[i];
        bool shared = has_id(heading->ids, heading->n_id, question->ids[i]);
        for (size_t s = 0; s < n && !shared; s++)
            shared = has_id(run[s].ids, run[s].n_id, question->ids[i]);
        if (!shared || question->ids[i] == NO_STEM || question->terms.units[term->unit].weight < 1)
            continue;
        if (is_course_word(shelf, question, heading, question->ids[i]))
            return true;
        n_shared++;
    }
    return n_shared >= 2 && coverage >= enough;
}

/* Written with a capital within a sentence: "Cauchy", "PyTorch". */
static bool is_name(struct view text, struct view word) {
    for (size_t i = 1; i + word.n <= text.n; i++) {
        if (is_capital(text, i) && is_written_at(text, i, word) && strchr(" -", text.at[i - 1]))
            return true;
    }
    return false;
}

/* What the passage is about stands in more than one of its sentences. */
static bool is_matter(const struct shelf *shelf, const struct heading *heading, uint32_t id) {
    const struct sentence *sentences = &shelf->sentences[heading->first_sentence];
    size_t n = 0;
    for (size_t i = 0; i < heading->passage->n_sentence; i++)
        n += has_id(sentences[i].ids, sentences[i].n_id, id);
    return n > 1;
}

static bool has_unit(const struct question *question, const char *const *list) {
    for (size_t k = 0; k < question->terms.n_unit; k++)
        if (text_in(list, question->terms.units[k].word))
            return true;
    return false;
}

bool speaks_of_us(const struct question *question) {
    return has_unit(question, of_us);
}

/* All that the question has in common with the course is one word, which it does not ask about and
 * which is nothing that the course treats of: "is this hard?" and the hard sign. */
bool shelf_by_chance(const struct shelf *shelf, const struct question *question,
                     const struct recalled *found) {
    const struct terms *terms = &question->terms;
    const struct heading *heading = shelf->headings;
    size_t n_telling = 0, telling = 0;
    if (question->defines || question->reasons || question->person || question->time ||
        question->number)
        return false;
    if (!has_unit(question, of_the_talk) && !speaks_of_us(question))
        return false;
    for (size_t i = 0; i < terms->n_term; i++)
        if (terms->units[terms->terms[i].unit].weight >= 1) {
            n_telling++;
            telling = i;
        }
    while (heading->passage != found->passage)
        heading++;
    if (n_telling != 1 || terms->terms[telling].n_unit > 1 || question->ids[telling] == NO_STEM)
        return false;
    struct view word = terms->units[terms->terms[telling].unit].word;
    int32_t c;
    bool letter = utf8_decode(word.at, word.n, &c) == word.n && !unicode_is_han(c);
    return !letter && !is_name(recalled_text(found), word) &&
           !is_matter(shelf, heading, question->ids[telling]) &&
           !is_course_word(shelf, question, heading, question->ids[telling]);
}
