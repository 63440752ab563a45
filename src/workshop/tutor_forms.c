/* What stands around the author's words in the tutor's mouth, many wordings a move, so that no
 * opening is everywhere. */
#include "workshop/compose.h"
#include "workshop/course_rows.h"

#include <ctype.h>
#include <string.h>

enum { WORDINGS = 24 };

/* clang-format off */
/* %s: the author's words; %w: what the learner wrote; %q: a quote; %h: the heading above it. Most
 * begin with what differs from row to row. */
static const char *const forms[TUTOR_FORMS][WORDINGS] = {
    [FORM_POINT] = {
        "%s Try once more.", "%w is not it yet. %s", "Not %w. %s", "%w? %s", "Look at %w. %s",
        "%w: why? %s", "So you have %w. %s", "“%w”. %s", "%s That is the place.", "%s And %w?"},
    [FORM_PRINCIPLE] = {
        "%s\n\n“%q” (from “%h”)", "“%q” That is from “%h”. %s", "%s “%h” says: “%q”", "%w once more. In “%h”: “%q”", "“%q” Lay that beside %w.", "“%h”: “%q” %s",
        "“%q” What does it say about %w?", "“%q” Which step does that touch?", "%s\n\n“%q”"},
    [FORM_EXAMPLE] = {
        "%s\n\nNow yours. Which step is the first that differs?", "Here is one like it.\n\n%s\n\nGo through yours in the same way.", "Other numbers:\n\n%s\n\nWhat differs in yours?",
        "%s\n\nThat was a sister of your exercise. Do yours beside it.", "Look how this one goes.\n\n%s\n\nAnd yours?", "%s\n\nWhere does your own way leave this one?", "Let me work another one, and you watch the order of the steps.\n\n%s"},
    [FORM_HINT] = {
        "One step: %s", "%s Start with that.", "%s What do you find?", "%s Only that, for now.", "A step down: %s", "%s Nothing else yet.", "Next: %s",
        "%s Pencil and paper help."},
    [FORM_CONFIRM] = {
        "%w it is.", "Yes, %w.", "%w holds.", "Right: %w.", "%w. What did you change?", "Right, %w. Could you explain it to somebody?", "%w, and you found it.", "Now it fits: %w.",
        "%w is right. Which step turned it?", "Good: %w.", "%w. Compare it with your first answer.", "It is %w.", "Exactly %w.", "%w. How could you check it?", "There, %w.", "Correct, %w.", "%w!", "%w. Keep that way.",
        "%w, yes. Why?", "So it is %w."},
    [FORM_CONFIRM_SISTER] = {"%w it is.", "Yes, %w.", "%w holds. Say in one sentence why.", "That is right: %w.", "Exactly %w.", "%w, and without help.", "Correct, %w.", "There it is, %w."},
    [FORM_CONFIRM_PLAIN] = {
        "That is it.", "Yes.", "That holds. Why?", "Right. Could you explain it to somebody?", "Now it fits.", "Right, and you found it.", "Correct. Which step turned it?", "Yes, so it is.", "Good, that is right.",
        "It holds. How could you check it?", "Exactly."},
    [FORM_WORK_OUT] = {
        "%s", "Let us lay it out whole.\n\n%s", "%s\n\nRead each step and say why it holds.", "This is how it goes:\n\n%s", "%s\n\nNone of these steps was out of your reach.", "I work it out; you look for the step that was missing.\n\n%s"},
    [FORM_SISTER] = {
        "Now one with other numbers, on your own: %s", "%s", "And this one is yours: %s", "The same kind again, without help: %s", "Try its sister: %s", "%s You have all that you need for it."},
    [FORM_FISHING] = {
        "The answer stays yours to find. %s", "I keep the answer, and give a step: %s", "No answer from me, but this: %s", "You will have it yourself in a moment. %s", "%s"},
    [FORM_ANSWERED] = {
        "%s Does that answer it?", "%s Where does it come back?", "%s Can you think of an example?", "%s How would you put it?", "%s What follows?", "%s Which word is new to you?"},
    [FORM_WORKED] = {
        "%s", "%s\n\nSo: %w.", "%s\n\n%w.", "%s\n\nThat gives %w.", "%s\n\nResult: %w.", "%s\n\n%w, then. Which step surprised you?", "%s\n\nNow check %w."},
    [FORM_THOUGHT_SHOWS] = {
        "“%w”: %s.", "“%w”? Looks like %s.", "%s: “%w”.", "“%w” – %s.", "“%w”, so %s.", "%s, from “%w”.", "“%w”. The pattern: %s.", "They wrote “%w”: %s.", "“%w”; that is %s.", "%s shows in “%w”.", "“%w” comes of %s.",
        "“%w”, %s.", "%s. I read “%w”.", "“%w” means %s."},
    [FORM_THOUGHT_RECALL] = {
        "“%h”: “%q”", "“%q” (“%h”)", "“%h” has “%q”", "In “%h”: “%q”", "See “%h”: “%q”", "The lesson, “%h”: “%q”", "“%q” stands in “%h”."},
    [FORM_THOUGHT_MOVE] = {
        "Move: %m.", "%m next.", "So %m.", "Then %m.", "Now %m.", "%m.", "Go: %m.", "→ %m."},
};
/* clang-format on */

/* The author's words alone, more often than not. */
static double bare_share(enum tutor_form form) {
    return form == FORM_POINT || form == FORM_HINT ? 0.7
           : form == FORM_ANSWERED                 ? 0.93
           : form == FORM_FISHING                  ? 0.5
                                                   : 0;
}

const char *tutor_form(enum tutor_form form, struct random *random) {
    size_t n = 0;
    while (n < WORDINGS && forms[form][n])
        n++;
    return chance(random, bare_share(form)) ? "%s" : forms[form][pick(random, n)];
}

struct view thought_of(struct told_part *part, const struct told_words *given) {
    struct told_words words = *given;
    while (words.w.n && strchr(".", words.w.at[words.w.n - 1]))
        words.w.n--;
    struct view shows =
                    fill_form(part->arena, tutor_form(FORM_THOUGHT_SHOWS, &part->random), &words),
                recall = {0},
                move =
                    fill_form(part->arena, tutor_form(FORM_THOUGHT_MOVE, &part->random), &words);
    if (words.q.n)
        recall = fill_form(part->arena, tutor_form(FORM_THOUGHT_RECALL, &part->random), &words);
    else if (words.h.n)
        recall = view_of(arena_format(part->arena, "“%.*s”.", VIEW_ARG(words.h)));
    return view_of(arena_format(part->arena, "%.*s %.*s%s%.*s", VIEW_ARG(shows), VIEW_ARG(recall),
                                recall.n ? " " : "", VIEW_ARG(move)));
}

struct view fill_form(struct arena *arena, const char *form, const struct told_words *words) {
    struct buffer out = {0};
    for (; *form; form++) {
        const struct view *slot = form[0] != '%'   ? NULL
                                  : form[1] == 's' ? &words->s
                                  : form[1] == 'w' ? &words->w
                                  : form[1] == 'q' ? &words->q
                                  : form[1] == 'h' ? &words->h
                                  : form[1] == 'm' ? &words->m
                                                   : NULL;
        bool twice = form[0] == ' ' && (!out.n || out.at[out.n - 1] == ' ');
        if (slot)
            buffer_append(&out, *slot), form++;
        else if (!twice) /* where nothing was filled in */
            buffer_byte(&out, *form);
    }
    struct view copy = arena_copy(arena, view_trim(buffer_view(&out)));
    buffer_free(&out);
    bool word = copy.n > 2 && islower((unsigned char)copy.at[0]) &&
                islower((unsigned char)copy.at[1]) && islower((unsigned char)copy.at[2]);
    if (word) /* a sentence that begins with what was filled in */
        ((char *)copy.at)[0] = (char)toupper((unsigned char)copy.at[0]);
    return copy;
}
