/* How an exercise goes, turn by turn: a learner errs as its author foresaw, the tutor moves as a
 * turn of the school would, until it is solved. */
#include "workshop/ask.h"
#include "workshop/compose.h"
#include "workshop/course_rows.h"

#include <string.h>

enum { MOST_MOVES = 6 };

struct plot { /* a dialogue in the making */
    struct told_part *part;
    struct told *told;
    size_t exercise;
    const struct school_scene *scene;
    struct persona persona;
    struct school_scene_stand stand;
    const struct school_scene_wrong *wrong; /* the latest */
    struct view said;                       /* the learner's latest line */
    bool said_point, over;
};

static struct random *chance_of(struct plot *plot) {
    return &plot->part->random;
}

/* -------------------------------------------------------------------------------------- learner
 */

static struct told_line *learner_says(struct plot *plot, enum persona_says says,
                                      struct view answer, struct view because, bool introduces) {
    struct view text = persona_line(&plot->persona, says, answer, because, introduces,
                                    chance_of(plot), plot->part->arena);
    struct told_line *line = told_say(plot->told, false, text);
    if (line) {
        line->keep = answer;
        line->scene = plot->scene;
    }
    plot->said = text;
    return line;
}

static bool picks(const struct school_scene *scene) {
    return view_is(scene->check, "choice") || view_is(scene->check, "several") ||
           view_is(scene->check, "order") || view_is(scene->check, "match");
}

/* "counted-words-not-letters" is what a learner says they did; most slugs are not. */
static struct view because_of(struct plot *plot, struct view why) {
    ptrdiff_t end = view_find(why, VIEW("-"));
    bool did = end > 3 && !memcmp(why.at + end - 2, "ed", 2);
    return did && chance(chance_of(plot), 0.35) ? slug_words(plot->part->arena, why)
                                                : (struct view){0};
}

static void learner_errs(struct plot *plot, const struct school_scene_wrong *wrong) {
    bool first = plot->told->n == 0, same = wrong == plot->wrong;
    enum persona_says says = same                 ? SAYS_STILL
                             : !first             ? SAYS_AGAIN
                             : picks(plot->scene) ? SAYS_PICK
                                                  : SAYS_TRY;
    struct view because = first ? because_of(plot, wrong->why) : (struct view){0};
    struct told_line *line =
        learner_says(plot, says, wrong->text, because, first && chance(chance_of(plot), 0.4));
    if (line) {
        line->attempt = wrong->is;
        line->why = wrong->why;
    }
    size_t at = (size_t)(wrong - plot->scene->wrongs);
    plot->part->used.wrong |= at < 64 ? (uint64_t)1 << at : 0;
    plot->wrong = wrong;
    plot->stand.wrong++;
}

/* ---------------------------------------------------------------------------------------- tutor
 */

static struct told_line *tutor_says(struct plot *plot, enum tutor_form form, struct view words,
                                    const char *move) {
    struct told_words slots = {.s = words,
                               .w = plot->wrong->text,
                               .q = plot->scene->principle,
                               .h = plot->scene->principle_heading};
    struct view text = fill_form(plot->part->arena, tutor_form(form, chance_of(plot)), &slots);
    struct told_line *line = told_say(plot->told, true, text);
    if (line) {
        line->authored = words;
        line->move = move;
        line->scene = plot->scene;
        line->guarded = true;
    }
    return line;
}

static void cite(struct plot *plot) {
    struct told *told = plot->told;
    if (told->n_cite == TOLD_CITES)
        return;
    told->cites[told->n_cite].passage = plot->scene->principle_of;
    told->cites[told->n_cite++].text = plot->scene->principle;
}

static void add_sum(struct told *told, struct view text) {
    if (told->n_sum < TOLD_SUMS)
        told->sums[told->n_sum++] = text;
}

/* The hint as it stands, or behind an opening of ours that passes the review. */
static struct view phrased(struct plot *plot, struct view hint) {
    const struct composing whole = {.language = plot->part->whole->language, .english = true};
    struct pack_rows pack = {
        .whole = &whole, .arena = plot->part->arena, .random = plot->part->random};
    struct school_verdict verdict;
    struct view first = hint;
    char base[24];
    first.n = 0;
    while (first.n < hint.n && hint.at[first.n] != ' ' && hint.at[first.n] != ',')
        first.n++;
    bool fits = view_ends(hint, "?") || ask_verb(first, base) == ASK_BASE;
    struct view said =
        fits && chance(&pack.random, 0.6) ? open_hint(&pack, hint) : (struct view){0};
    plot->part->random = pack.random;
    if (!said.n)
        return hint;
    school_review(&(struct school_draft){.hint = hint, .draft = said, .language = whole.language},
                  &verdict);
    return verdict.passed ? said : hint;
}

static void say_hint(struct plot *plot, size_t rung, const char *move, bool fishing) {
    struct view hint = one_line_of(plot->part->arena, plot->scene->hints[rung - 1]);
    struct view said = phrased(plot, hint);
    struct told_line *line = tutor_says(plot, fishing ? FORM_FISHING : FORM_HINT, said, move);
    if (line) {
        line->hint = hint;
        line->lead = said;
    }
    plot->part->used.ladder = plot->told;
    plot->stand.hints = (int)rung > plot->stand.hints ? (int)rung : plot->stand.hints;
}

/* A sister variant worked in full, as in choose.c: one that does not give this one away. */
static bool say_example(struct plot *plot, const char *move) {
    char why[120];
    for (int which = 1; which < 4; which++) {
        uint64_t seed = school_scene_sister(plot->scene, which);
        struct school_scene *other = seed ? part_scene(plot->part, plot->exercise, seed) : NULL;
        if (!other)
            return false;
        struct view whole = view_of(arena_format(plot->part->arena, "%.*s\n\n%.*s",
                                                 VIEW_ARG(other->ask), VIEW_ARG(other->solution)));
        if (school_scene_leaks(plot->scene, whole, why))
            continue;
        tutor_says(plot, FORM_EXAMPLE, whole, move);
        add_sum(plot->told, other->solution);
        plot->stand.shown = plot->part->used.solution = true;
        return true;
    }
    return false;
}

static void say_solution(struct plot *plot, const char *move) {
    struct told_line *line = tutor_says(plot, FORM_WORK_OUT, plot->scene->solution, move);
    uint64_t seed = school_scene_sister(plot->scene, 0);
    struct school_scene *sister = seed ? part_scene(plot->part, plot->exercise, seed) : NULL;
    add_sum(plot->told, plot->scene->solution);
    plot->over = plot->part->used.solution = true;
    if (line)
        line->guarded = false;
    if (!line || !sister || !sister->answer.n)
        return;
    struct told_words slots = {.s = sister->ask};
    struct view next =
        fill_form(plot->part->arena, tutor_form(FORM_SISTER, chance_of(plot)), &slots);
    line->text = view_of(
        arena_format(plot->part->arena, "%.*s\n\n%.*s", VIEW_ARG(line->text), VIEW_ARG(next)));
    plot->scene = sister;
    line = learner_says(plot, SAYS_SISTER, sister->answer, (struct view){0}, false);
    if (line)
        line->attempt = sister->key;
    slots = (struct told_words){.w = sister->answer};
    line = told_say(
        plot->told, true,
        fill_form(plot->part->arena, tutor_form(FORM_CONFIRM_SISTER, chance_of(plot)), &slots));
    if (line) {
        line->scene = sister;
        line->move = "confirm";
    }
}

/* False where the move cannot be made here. */
static bool tutor_moves(struct plot *plot, enum school_scene_event event) {
    size_t rung;
    const char *move = school_scene_move(plot->scene, &plot->stand, event, &rung);
    struct view say = plot->said_point ? (struct view){0} : plot->wrong->say;
    if (!strcmp(move, "similar example") && say_example(plot, move))
        return true;
    if (!strcmp(move, "similar example")) { /* there is none: on with the ladder */
        plot->stand.shown = true;
        move = school_scene_move(plot->scene, &plot->stand, event, &rung);
    }
    if (!strcmp(move, "point"))
        tutor_says(plot, FORM_POINT, plot->wrong->say, move);
    else if (!strcmp(move, "principle") && plot->scene->principle.n) {
        tutor_says(plot, FORM_PRINCIPLE, say, move);
        plot->part->used.principle = true;
        cite(plot);
    } else if (!strcmp(move, "scaffold step") && rung >= 1 && rung <= plot->scene->n_hint)
        say_hint(plot, rung, move, event == SCENE_FISHING);
    else if (!strcmp(move, "work it out") && plot->scene->varied)
        say_solution(plot, move);
    else
        return false;
    plot->said_point = true;
    return true;
}

/* ----------------------------------------------------------------------------------------- plot
 */

static void solve(struct plot *plot) {
    const struct school_scene *scene = plot->scene;
    struct told_line *line =
        learner_says(plot, SAYS_RIGHT, scene->answer, (struct view){0}, false);
    if (line)
        line->attempt = scene->key;
    bool secret = !scene->varied && !picks(scene);
    struct told_words slots = {.w = scene->answer};
    enum tutor_form form = secret ? FORM_CONFIRM_PLAIN : FORM_CONFIRM;
    line = told_say(plot->told, true,
                    fill_form(plot->part->arena, tutor_form(form, chance_of(plot)), &slots));
    if (line) {
        line->move = "confirm";
        line->scene = scene;
    }
    plot->over = true;
}

/* The misconception of the author that no dialogue of this exercise has shown; NULL: none left. */
static const struct school_scene_wrong *unused_wrong(struct plot *plot) {
    const struct school_scene *scene = plot->scene;
    size_t from = pick(chance_of(plot), scene->n_wrong);
    for (size_t i = 0; i < scene->n_wrong; i++) {
        size_t at = (from + i) % scene->n_wrong;
        if (at < 64 && !(plot->part->used.wrong >> at & 1))
            return &scene->wrongs[at];
    }
    return NULL;
}

/* What the learner does next, and the event that the tutor answers to; false where all that could
 * be said to it has been said in this or another dialogue: then it is time to solve it. */
static bool go_on(struct plot *plot, enum school_scene_event *event) {
    const struct told_used *used = &plot->part->used;
    bool ladder = !used->ladder || used->ladder == plot->told;
    double hurry = plot->persona.tone == TONE_HASTY ? 0.3 : 0.1,
           asks = plot->persona.tone == TONE_UNSURE ? 0.5 : 0.3,
           way = random_unit(chance_of(plot));
    struct view nothing = {0};
    if (ladder && way < hurry && !plot->stand.hints) { /* later it gets the same rung again */
        learner_says(plot, SAYS_FISH, nothing, nothing, false);
        *event = SCENE_FISHING;
        return true;
    }
    if (ladder && way < hurry + asks) {
        learner_says(plot, SAYS_HELP, nothing, nothing, false);
        *event = SCENE_CALL;
        return true;
    }
    const struct school_scene_wrong *other = unused_wrong(plot);
    if (other && chance(chance_of(plot), 0.6)) {
        learner_errs(plot, other);
        plot->said_point = false;
        *event = SCENE_WRONG;
        return true;
    }
    if (used->principle && !ladder)
        return false;
    learner_errs(plot, plot->wrong);
    plot->said_point = true;
    *event = SCENE_WRONG_AGAIN;
    return true;
}

static struct view system_of(struct told_part *part, const struct school_scene *scene,
                             bool thinks) {
    return view_of(arena_format(
        part->arena,
        "You are a tutor. Help with the next step, and never give the answer away.%s\n\n"
        "Exercise: %.*s",
        thinks ? " Think first, between <think> and </think>." : "", VIEW_ARG(scene->ask)));
}

/* Before the tutor's last line, in few words: what was said, what it shows, what the lesson has,
 * the move. */
static void think(struct plot *plot, enum school_scene_event event) {
    struct told_line *line = &plot->told->lines[plot->told->n - 1];
    struct arena *arena = plot->part->arena;
    static const char *const calls[] = {"a call for help", "no attempt",    "stuck",
                                        "wants a step",    "nothing tried", "help wanted"};
    bool erred = event == SCENE_WRONG || event == SCENE_WRONG_AGAIN,
         quoted = view_find(line->text, plot->scene->principle) >= 0;
    struct told_words words = {.w = plot->said,
                               .s = erred ? slug_words(arena, plot->wrong->why)
                                          : view_of(calls[pick(chance_of(plot), COUNT_OF(calls))]),
                               .q = quoted ? (struct view){0} : plot->scene->principle,
                               .h = plot->scene->principle_heading,
                               .m = view_of(line->move)};
    line->thought = thought_of(plot->part, &words);
    line->recalled = words.q;
    words.q.n = 0;
    line->brief = thought_of(plot->part, &words);
    if (line->recalled.n)
        cite(plot);
}

/* Turns until it is solved, or up to `stop`; then the event that the last move answers is told. */
static enum school_scene_event play(struct plot *plot, size_t stop) {
    static const double solved_by[MOST_MOVES] = {.35, .45, .55, .65, .8, 1};
    enum school_scene_event event = SCENE_WRONG, last = SCENE_WRONG;
    struct told *told = plot->told;
    bool goes_on = true;
    for (size_t i = 0; i < MOST_MOVES; i++) {
        struct plot before = *plot;
        size_t n = told->n;
        goes_on = !i || (!(chance(chance_of(plot), solved_by[i - 1]) && stop == MOST_MOVES) &&
                         told->n + 6 < TOLD_LINES && go_on(plot, &event));
        if (goes_on && !tutor_moves(plot, event))
            goes_on = false; /* there is nothing to say to it: it was not asked */
        if (!goes_on) {
            *plot = before;
            told->n = n;
            break;
        }
        last = event;
        if (plot->over || i == stop)
            break;
    }
    if (!goes_on && stop == MOST_MOVES)
        solve(plot);
    return last;
}

void tell_dialogue(struct told_part *part, size_t exercise, const struct school_scene *scene,
                   size_t misconception, bool thinks) {
    struct told *told = part_add(part, thinks ? COURSE_MONOLOGUE : COURSE_DIALOGUE, scene);
    struct plot plot = {.part = part, .told = told, .exercise = exercise, .scene = scene};
    if (!told)
        return;
    persona_draw(&part->random, &plot.persona);
    told->persona = view_of(persona_name(&plot.persona, part->arena));
    told->about = view_of(persona_about(&plot.persona, part->arena));
    told->system = system_of(part, scene, thinks);
    told->misconception = scene->wrongs[misconception].why;
    learner_errs(&plot, &scene->wrongs[misconception]);
    enum school_scene_event event = play(&plot, thinks ? pick(&part->random, 3) : MOST_MOVES);
    if (!thinks)
        return;
    while (told->n > 2 && plot.over) /* what follows a solution is not thought about */
        if (told->lines[--told->n - 1].tutor &&
            !strcmp(told->lines[told->n - 1].move, "work it out"))
            break;
    think(&plot, event);
}
