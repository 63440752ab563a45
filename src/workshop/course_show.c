/* Rows without a mistake in them: a question that a sentence of the lesson answers, thought about
 * first, and a problem worked in full. */
#include "workshop/ask.h"
#include "workshop/compose.h"
#include "workshop/course_cards.h"
#include "workshop/course_rows.h"

#include <string.h>

enum { QUOTED_WORDS = 4 };

/* -------------------------------------------------------------------------------------- passages
 */

/* "… in front of it?": the end differs more from question to question than the beginning. */
static struct view ending(struct arena *arena, struct view text) {
    size_t n = text.n, words = 0;
    while (n && (words += text.at[n - 1] == ' ') < QUOTED_WORDS)
        n--;
    return n ? view_of(arena_format(arena, "… %.*s", VIEW_ARG(view_slice(text, n, text.n))))
             : text;
}

/* What was asked, where the lesson answers it, what to do; in few words, since the sentence itself
 * is said next. */
static struct view place_thought(struct told_part *part, const struct told_words *given,
                                 size_t number) {
    static const char *const forms[] = {"“%w” “%h”, sentence %s. %m",
                                        "“%w” Sentence %s of “%h”. %m",
                                        "“%h”, sentence %s: “%w” %m",
                                        "“%w” Sentence %s. %m",
                                        "“%w” → %s. %m",
                                        "“%w” That is in sentence %s. %m",
                                        "“%w” %m (Sentence %s.)",
                                        "“%w” – sentence %s. %m",
                                        "“%h” – “%w” – %s. %m",
                                        "“%w”, says sentence %s. %m",
                                        "“%w” Look: “%h”. %m",
                                        "“%w” (%s) %m"};
    static const char *const moves[] = {
        "Answer.", "Quote it.", "Say so.", "In its words.", "Done.", "", "", "", "", "", "", ""};
    struct told_words words = *given;
    words.w = ending(part->arena, words.w);
    words.s = view_of(arena_format(part->arena, "%zu", number));
    words.m = view_of(moves[pick(&part->random, COUNT_OF(moves))]);
    return fill_form(part->arena, forms[pick(&part->random, COUNT_OF(forms))], &words);
}

static void tell_sentence(struct told_part *part, const json_t *passage, struct view text,
                          struct view sentence, size_t number) {
    struct ask_question asked[ASK_MOST];
    struct arena *arena = part->arena;
    struct view id = course_text_of(passage, "id");
    if (school_leans_back(sentence) || !ask_by_rules(arena, sentence, part->whole->around, asked))
        return;
    struct told *told = part_add(part, COURSE_PASSAGE, NULL);
    struct persona persona;
    if (!told)
        return;
    persona_draw(&part->random, &persona);
    told->topic = told_topic(arena, course_text_of(passage, "lesson"), id);
    told->exercise = id;
    told->persona = view_of(persona_name(&persona, arena));
    told->about = view_of(persona_about(&persona, arena));
    told->asked =
        asked[0].second.n && chance(&part->random, 0.5) ? asked[0].second : asked[0].first;
    told->said = sentence;
    told->lesson = text;
    bool thinks = chance(&part->random, 0.5);
    told->system = view_of(
        arena_format(arena, "You are a tutor. Answer from the lesson alone.%s\n\nLesson: %.*s",
                     thinks ? " Think first, between <think> and </think>." : "", VIEW_ARG(text)));
    struct told_line *line =
        told_say(told, false, persona_hand(&persona, told->asked, &part->random, arena));
    struct told_words words = {
        .w = line->text, .s = sentence, .h = course_text_of(passage, "heading")};
    line =
        told_say(told, true, fill_form(arena, tutor_form(FORM_ANSWERED, &part->random), &words));
    line->authored = sentence;
    line->move = "answer";
    if (thinks)
        line->thought = place_thought(part, &words, number);
    told->cites[told->n_cite].passage = id;
    told->cites[told->n_cite++].text = sentence;
}

/* The sentences of `which` eighth of the passage: a part holds no more. */
void tell_passage(struct told_part *part, const json_t *passage, size_t which) {
    struct buffer text = {0};
    const json_t *sentences = json_object_get(passage, "sentences");
    size_t i;
    json_t *one;
    json_array_foreach(sentences, i, one)
        buffer_format(&text, "%s%s", i ? " " : "", json_string_value(one));
    struct view all = arena_copy(part->arena, buffer_view(&text));
    buffer_free(&text);
    for (i = which * TOLD_PART; i < (which + 1) * TOLD_PART && i < json_array_size(sentences);
         i++) {
        one = json_array_get(sentences, i);
        struct view sentence = {json_string_value(one), json_string_length(one)};
        tell_sentence(part, passage, all, arena_copy(part->arena, sentence), i + 1);
    }
}

/* -------------------------------------------------------------------------------------- problems
 */

void tell_problem(struct told_part *part, const struct school_scene *scene) {
    struct told *told = part_add(part, COURSE_PROBLEM, scene);
    struct persona persona;
    struct arena *arena = part->arena;
    if (!told)
        return;
    persona_draw(&part->random, &persona);
    told->persona = view_of(persona_name(&persona, arena));
    told->about = view_of(persona_about(&persona, arena));
    told->system = VIEW("You are a tutor. Work the problem out in full, step by step.");
    struct view nothing = {0},
                asks = persona_line(&persona, SAYS_SHOW, nothing, nothing,
                                    chance(&part->random, 0.3), &part->random, arena);
    struct told_line *line = told_say(
        told, false,
        view_of(arena_format(arena, "%.*s\n\n%.*s", VIEW_ARG(asks), VIEW_ARG(scene->ask))));
    line->keep = scene->ask;
    struct told_words words = {.s = scene->solution, .w = scene->answer};
    line = told_say(told, true, fill_form(arena, tutor_form(FORM_WORKED, &part->random), &words));
    line->authored = scene->solution;
    line->move = "work it out";
    line->scene = scene;
    told->sums[told->n_sum++] = scene->solution;
}
