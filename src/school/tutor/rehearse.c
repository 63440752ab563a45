/* The night shift: what can be said about a course, said beforehand, reviewed and kept. */
#include "school/course/inside.h"
#include "school/tutor/rehearsed.h"
#include "school/tutor/terms.h"
#include "school/tutor/turn.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const double LEAST_POINT = 0.75;
enum { TEXT_BYTES = 1000, OPENING_WORDS = 3, OPENINGS = 4, SEEDS = 3 };

struct text { /* of the author's */
    const struct exercise *exercise;
    const char *kind;  /* "hint", "wrong" */
    struct view place; /* the rung, or why */
    size_t n_rung;     /* given when it is said */
    struct view source;
};

struct rehearsing {
    const struct school_rehearsal *how;
    struct school_rehearsed *out;
    struct company *company;
    struct arena *arena;
    struct course *course;
    struct text *texts;
    size_t n_text, texts_room;
    json_t *lines;    /* of the bank */
    json_t *tried;    /* {source and member: drafts} */
    json_t *openings; /* {opening: phrases} */
    double started;
    double dearest;  /* draft so far, in money */
    char writer[80]; /* of the last draft */
};

/* -------------------------------------------------------------------------------------- texts */

static bool has_text(const struct rehearsing *r, struct view source) {
    for (size_t i = 0; i < r->n_text; i++)
        if (view_equal(r->texts[i].source, source))
            return true;
    return false;
}

static bool asks(struct view text) {
    return view_ends(text, "?") || view_ends(text, "？");
}

static bool add_text(struct rehearsing *r, struct text text, const struct variant *other,
                     struct view also) {
    text.source = view_trim(text.source);
    if (!strcmp(text.kind, "wrong") && !asks(text.source))
        return true; /* what only tells is told in the author's words */
    if (!text.source.n || text.source.n > TEXT_BYTES || has_text(r, text.source))
        return true;
    if (other && !view_equal(text.source, view_trim(also))) {
        r->out->n_varied++;
        return true;
    }
    if (!TRY_ROOM(r->texts, r->texts_room, r->n_text + 1))
        return false;
    text.source = arena_copy(r->arena, text.source);
    text.place = arena_copy(r->arena, text.place);
    r->texts[r->n_text++] = text;
    return true;
}

/* What two draws of its numbers agree in. */
static bool add_exercise(struct rehearsing *r, const struct exercise *exercise) {
    bool varied = json_object_get(exercise->definition, "vary") != NULL, good = true;
    struct variant *variant = variant_make(exercise, 0, NULL);
    struct variant *other = varied ? variant_make(exercise, 1, NULL) : NULL;
    for (size_t i = 0; variant && good && i < variant->n_hint; i++) {
        struct text text = {exercise, "hint", view_of(arena_format(r->arena, "%zu", i + 1)), i + 1,
                            variant->hints[i]};
        good = add_text(r, text, other, other ? other->hints[i] : (struct view){0});
    }
    for (size_t i = 0; variant && good && i < variant->n_wrong; i++) {
        struct text text = {exercise, "wrong", variant->wrong[i].why, 0, variant->wrong[i].say};
        good = add_text(r, text, other, other ? other->wrong[i].say : (struct view){0});
    }
    variant_free(variant);
    variant_free(other);
    return good;
}

static bool add_texts(struct rehearsing *r, const char *language, struct fault *fault) {
    for (size_t i = 0; i < r->course->n_lesson; i++) {
        const struct lesson *lesson = &r->course->lessons[i];
        for (size_t j = 0; view_is(lesson->language, language) && j < lesson->n_exercise; j++)
            if (lesson->exercises[j].translation != TRANSLATION_MISSING &&
                !add_exercise(r, &lesson->exercises[j]))
                return fault_set(fault, FAULT_MACHINE, "there is no memory for the course");
    }
    r->out->n_text = r->n_text;
    return true;
}

/* --------------------------------------------------------------------------------------- files */

static bool write_lines(const char *path, const json_t *lines, struct fault *fault) {
    struct buffer text = {0};
    const json_t *line;
    size_t i;
    json_array_foreach(lines, i, line) {
        buffer_json(&text, line);
        buffer_byte(&text, '\n');
    }
    bool good = file_write(path, buffer_view(&text), fault);
    buffer_free(&text);
    return good;
}

static bool keep(struct rehearsing *r, struct fault *fault) {
    char path[4096];
    snprintf(path, sizeof path, "%s/rehearsed.jsonl", r->how->folder);
    if (!write_lines(path, r->lines, fault))
        return false;
    struct buffer text = {0};
    buffer_json(&text, r->tried);
    bool good = !r->how->tried || file_write(r->how->tried, buffer_view(&text), fault);
    buffer_free(&text);
    return good;
}

static bool read_tried(struct rehearsing *r, struct fault *fault) {
    struct buffer text = {0};
    bool good = true;
    if (r->how->tried && file_exists(r->how->tried)) {
        good = file_read(r->how->tried, 64 << 20, &text, fault) &&
               (r->tried = json_parse(buffer_view(&text), fault)) != NULL;
        if (!good)
            fault_place(fault, r->how->tried, 0, -1);
        buffer_free(&text);
    }
    r->tried = r->tried ? r->tried : json_object();
    return good;
}

/* ------------------------------------------------------------------------------------ openings
 */

static const char *opening_of(struct rehearsing *r, struct view text) {
    struct buffer out = {0};
    size_t n = 0;
    fold_plain(text, &out);
    size_t end = 0;
    while (end < out.n && n < OPENING_WORDS)
        n += out.at[end++] == ' ';
    const char *opening = arena_string(r->arena, (struct view){out.at, end});
    buffer_free(&out);
    return opening;
}

static json_int_t opening_count(const struct rehearsing *r, const char *opening) {
    return json_integer_value(json_object_get(r->openings, opening));
}

static void count_opening(struct rehearsing *r, struct view text) {
    const char *opening = opening_of(r, text);
    json_object_set_new(r->openings, opening, json_integer(opening_count(r, opening) + 1));
}

/* One opening in a tenth of the phrases that are wanted, or a few. */
static bool opens_too_often(struct rehearsing *r, struct view text) {
    size_t most = OPENINGS + r->n_text * (size_t)r->how->phrasings / 10;
    return opening_count(r, opening_of(r, text)) >= (json_int_t)most;
}

/* -------------------------------------------------------------------------------------- drafts */

static size_t phrases_of(const struct rehearsing *r, const struct text *text, struct view draft,
                         bool *same) {
    struct view bare = bare_words(draft, r->arena);
    const json_t *line;
    size_t i, n = 0;
    *same = view_equal(bare, bare_words(text->source, r->arena));
    json_array_foreach(r->lines, i, line) {
        struct view source = view_of(json_text(line, "source", ""));
        if (!view_equal(source, text->source))
            continue;
        n += !json_flag(line, "rejected", false);
        struct view other = view_of(json_text(line, "text", ""));
        *same = *same || view_equal(bare, bare_words(other, r->arena));
    }
    return n;
}

static void count_strike(struct rehearsing *r, enum strike strike) {
    const char *name = review_strike_name(strike);
    json_int_t n = json_integer_value(json_object_get(r->out->struck, name));
    json_object_set_new(r->out->struck, name, json_integer(n + 1));
}

/* The review with the key of several draws at hand. */
static bool passes(struct rehearsing *r, const struct text *text, struct view draft) {
    bool varied = json_object_get(text->exercise->definition, "vary") != NULL;
    for (uint64_t seed = 0; seed < (varied ? SEEDS : 1); seed++) {
        struct variant *variant = variant_make(text->exercise, seed, NULL);
        struct review review;
        struct review_task task = {.language =
                                       arena_string(r->arena, text->exercise->lesson->language),
                                   .hint = text->source,
                                   .variant = variant,
                                   .n_rung = text->n_rung};
        review_draft(&task, draft, r->arena, &review);
        variant_free(variant);
        if (review.strike != STRIKE_NONE) {
            count_strike(r, review.strike);
            return false;
        }
    }
    return true;
}

static json_t *line_of(struct rehearsing *r, const struct text *text, struct view draft,
                       uint64_t seed, uint64_t prompt) {
    char hash[20];
    snprintf(hash, sizeof hash, "%016llx", (unsigned long long)prompt);
    return json_pack("{s:o, s:s, s:o, s:o, s:o, s:o, s:s, s:I, s:s, s:s}", "exercise",
                     json_view(text->exercise->label), "kind", text->kind, "place",
                     json_view(text->place), "language",
                     json_view(text->exercise->lesson->language), "source",
                     json_view(text->source), "text", json_view(draft), "member", r->writer,
                     "seed", (json_int_t)seed, "prompt", hash, "date", r->how->date);
}

/* The end of the author's text is its point: what is asked, or told to do. A phrase that holds too
 * little of it, asks nothing where it asked, or hangs a question mark on what was no question
 * ("Can you say: a share is a part?") has lost it. */
static bool keeps_the_point(struct rehearsing *r, const struct text *text, struct view draft) {
    const char *language = arena_string(r->arena, text->exercise->lesson->language);
    size_t n;
    struct view *sentences = sentences_cut(r->arena, text->source, &n);
    if (!n)
        return false;
    struct view last = view_trim(sentences[n - 1]);
    if (asks(last))
        return asks(draft) && school_overlap(last, draft, language) >= LEAST_POINT;
    bool colon = view_find(draft, VIEW(": ")) >= 0 && view_find(text->source, VIEW(": ")) < 0;
    return !(asks(draft) && colon) && school_overlap(text->source, draft, language) >= LEAST_POINT;
}

/* Of the messages that a member is asked by: a phrase tells which. */
static uint64_t prompt_hash(struct view source, const char *language, bool examples) {
    struct school_prompt wanted = {
        .task = PROMPT_HINT, .text = source, .language = language, .examples = examples};
    struct buffer text = {0};
    json_t *messages = school_prompt(&wanted);
    buffer_json(&text, messages);
    uint64_t hash = hash64(buffer_view(&text), 0);
    json_decref(messages);
    buffer_free(&text);
    return hash;
}

/* Only the local member of the role front was trained on this. */
static bool writes_as_tutor(const struct rehearsing *r, const char *adapter,
                            const char *language) {
    return r->how->role == COMPANY_FRONT &&
           company_is_local(r->company, COMPANY_FRONT, &(struct company_payer){0}) &&
           company_is_tutor(r->company, adapter, language);
}

static void take_writer(struct rehearsing *r, const struct company_draft *told) {
    struct school_rehearsed *out = r->out;
    bool other = r->how->writer && strcmp(told->model, r->how->writer) != 0;
    snprintf(r->writer, sizeof r->writer, "%s", other ? told->model : r->how->member);
    out->money += told->money;
    r->dearest = told->money > r->dearest ? told->money : r->dearest;
    out->n_other += other;
    if (other)
        snprintf(out->why_other, sizeof out->why_other, "%s", told->told);
}

static bool try_draft(struct rehearsing *r, const struct text *text, uint64_t seed,
                      struct fault *fault) {
    const char *language = arena_string(r->arena, text->exercise->lesson->language);
    const char *adapter = company_specialist(r->company, r->course->id);
    struct draft_task task = {.hint = text->source,
                              .language = language,
                              .seed = seed,
                              .adapter = adapter,
                              .role = r->how->role,
                              .payer = {.program = r->how->writer ? "rehearse" : NULL},
                              .trained = writes_as_tutor(r, adapter, language),
                              .temperature = 0.8F,
                              .cancel = r->how->cancel};
    struct company_draft told;
    struct buffer written = {0};
    bool same;
    if (!draft_write(r->company, &task, &written, &told, fault)) {
        buffer_free(&written);
        return false;
    }
    take_writer(r, &told);
    struct view draft = view_trim(buffer_view(&written));
    draft = arena_copy(r->arena, draft);
    buffer_free(&written);
    r->out->n_draft++;
    if (!passes(r, text, draft))
        return true;
    r->out->n_passed++;
    phrases_of(r, text, draft, &same);
    if (!keeps_the_point(r, text, draft))
        r->out->n_pointless++;
    else if (same)
        r->out->n_same++;
    else if (opens_too_often(r, draft))
        r->out->n_opening++;
    else {
        count_opening(r, draft);
        json_array_append_new(
            r->lines,
            line_of(r, text, draft, seed, prompt_hash(text->source, language, !task.trained)));
        r->out->n_kept++;
    }
    return true;
}

/* The next draft may cost as much as the dearest so far: the budget is overspent by less than one.
 */
static bool is_spent(const struct rehearsing *r) {
    return r->how->budget > 0 && r->out->money + r->dearest > r->how->budget;
}

static bool stopped(const struct rehearsing *r) {
    return is_spent(r) || (r->how->cancel && *r->how->cancel) ||
           (r->how->seconds > 0 && clock_seconds() - r->started > r->how->seconds);
}

/* {"MEMBER\tSOURCE": drafts}: what each member was asked on each text is known to the next run. */
static json_int_t tried_by(const struct rehearsing *r, const char *member, const struct text *text,
                           int more) {
    const char *key = arena_format(r->arena, "%s\t%.*s", member, VIEW_ARG(text->source));
    json_int_t n = json_integer_value(json_object_get(r->tried, key)) + more;
    if (more)
        json_object_set_new(r->tried, key, json_integer(n));
    return n;
}

static bool rehearse_text(struct rehearsing *r, const struct text *text, struct fault *fault) {
    json_int_t tried = tried_by(r, r->how->member, text, 0), others = 0;
    bool same, good = true;
    while (good && !stopped(r) && tried < r->how->tries && others < r->how->tries &&
           phrases_of(r, text, (struct view){0}, &same) < (size_t)r->how->phrasings) {
        uint64_t n = r->how->seed + (uint64_t)(tried + others);
        snprintf(r->writer, sizeof r->writer, "%s", r->how->member);
        good = try_draft(r, text, hash64(text->source, n) % INT32_MAX, fault);
        bool other = strcmp(r->writer, r->how->member) != 0;
        json_int_t of_writer = tried_by(r, r->writer, text, 1);
        *(other ? &others : &tried) = of_writer;
    }
    return good;
}

/* ------------------------------------------------------------------------------------------ all
 */

/* Lines whose source no lesson of the language has any more are dropped. */
static void take_lines(struct rehearsing *r, const json_t *lines, const char *language) {
    json_t *line;
    size_t i;
    json_array_foreach(lines, i, line) {
        bool ours = !strcmp(json_text(line, "language", ""), language);
        if (ours && !has_text(r, view_of(json_text(line, "source", "")))) {
            r->out->n_dropped++;
            continue;
        }
        json_array_append(r->lines, line);
        if (ours && !json_flag(line, "rejected", false))
            count_opening(r, view_of(json_text(line, "text", "")));
    }
}

static bool begin(struct rehearsing *r, struct fault *fault) {
    if (!(r->course = course_load(r->how->folder, NULL, fault)))
        return false;
    const char *language =
        r->how->language ? r->how->language : arena_string(r->arena, r->course->languages[0]);
    struct rehearsed *bank = rehearsed_open(r->how->folder, fault);
    bool good = bank && add_texts(r, language, fault) && read_tried(r, fault);
    if (good)
        take_lines(r, rehearsed_lines(bank), language);
    rehearsed_close(bank);
    if (good && !r->n_text) {
        fault_set(fault, FAULT_INPUT, "the course has no hints in %s", language);
        good = fault_place(fault, r->how->folder, 0, -1);
    }
    return good;
}

bool school_rehearse(struct company *company, const struct school_rehearsal *how,
                     struct school_rehearsed *out, struct fault *fault) {
    struct rehearsing r = {.how = how,
                           .out = out,
                           .company = company,
                           .arena = arena_new(),
                           .lines = json_array(),
                           .openings = json_object(),
                           .started = clock_seconds()};
    *out = (struct school_rehearsed){.struck = json_object()};
    bool good = begin(&r, fault), began = good;
    size_t i = 0, written = 0;
    for (; good && i < r.n_text && !stopped(&r); i++) {
        good = rehearse_text(&r, &r.texts[i], fault);
        if (how->told)
            how->told(how->data, i + 1, r.n_text, out->money);
        if (good && (out->n_kept - written >= 20))
            good = keep(&r, fault), written = out->n_kept;
    }
    struct fault ignored = {0}; /* what was made before a fault is kept */
    bool kept = began && keep(&r, good ? fault : &ignored);
    out->done = good && i == r.n_text && !stopped(&r);
    out->spent = is_spent(&r);
    out->n_phrase = json_array_size(r.lines);
    json_decref(r.lines);
    json_decref(r.tried);
    json_decref(r.openings);
    free(r.texts);
    course_free(r.course);
    arena_free(r.arena);
    return good && kept;
}
