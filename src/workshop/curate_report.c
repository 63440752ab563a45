/* What became of the rows: counted by reason, licence and language, with examples. */
#include <stdlib.h>
#include <string.h>

#include "workshop/curate.h"

enum { EXAMPLES = 3, MOST_NAMES = 64 };

/* clang-format off */
static const struct { const char *key, *words; } reasons[N_DROP] = {
    [DROP_NONE] = {"kept", "kept"},
    [DROP_UNREADABLE] = {"unreadable", "no UTF-8, no JSON, or no text in it"},
    [DROP_SHORT] = {"short", "fewer than 5 words"},
    [DROP_LANGUAGE] = {"language", "in a language that was not asked for"},
    [DROP_LINES] = {"repeated_lines", "more than 30% of the lines repeat earlier ones"},
    [DROP_GRAMS] = {"repeated_phrases", "one phrase of 2, 3 or 4 words is over 20, 18 or 16% of it"},
    [DROP_HELD_OUT] = {"held_out", "shares a run of words with a held-out item"},
    [DROP_QUALITY] = {"quality", "the quality head finds it less likely good than was asked for"},
    [DROP_DUPLICATE] = {"near_duplicate", "nearly repeats a row that was kept"},
};
/* clang-format on */

static const char *const passes[N_PASS] = {
    [PASS_READ] = "read",         [PASS_WORDS] = "words",
    [PASS_LANGUAGE] = "language", [PASS_REPETITION] = "repetition",
    [PASS_HELD_OUT] = "held_out", [PASS_MINHASH] = "near_duplicates",
    [PASS_COPY] = "copy",         [PASS_COMPARE] = "compare"};

struct sum {
    uint64_t n_row, n_byte;
};

struct names { /* of licences or languages, in the order in which they came */
    char *at[MOST_NAMES];
    struct sum sums[MOST_NAMES];
    size_t n;
};

struct curation_report {
    struct sum sums[N_DROP];
    json_t *examples[N_DROP];
    struct names licences, languages; /* of what was kept */
    size_t n_file, n_passed_over, n_item, n_too_short;
    uint64_t n_byte;
    json_t *given; /* of transcripts; NULL: none were asked for */
    struct sum given_read, given_kept;
    double seconds, spent[N_PASS];
};

struct curation_report *report_new(void) {
    struct curation_report *report = must_alloc(1, sizeof *report);
    for (int i = 0; i < N_DROP; i++)
        report->examples[i] = json_array();
    return report;
}

void curation_report_free(struct curation_report *report) {
    if (!report)
        return;
    for (int i = 0; i < N_DROP; i++)
        json_decref(report->examples[i]);
    json_decref(report->given);
    for (size_t i = 0; i < report->licences.n; i++)
        free(report->licences.at[i]);
    for (size_t i = 0; i < report->languages.n; i++)
        free(report->languages.at[i]);
    free(report);
}

static void add(struct sum *sum, size_t n_byte) {
    sum->n_row++;
    sum->n_byte += n_byte;
}

/* The last place takes all names beyond. */
static void add_name(struct names *names, const char *name, size_t n_byte) {
    size_t i = 0;
    while (i < names->n && strcmp(names->at[i], name))
        i++;
    if (i == names->n && i < MOST_NAMES)
        names->at[names->n++] = must_copy(view_of(i < MOST_NAMES - 1 ? name : "others"));
    add(&names->sums[i < MOST_NAMES ? i : MOST_NAMES - 1], n_byte);
}

void report_row(struct curation_report *report, const struct row *row,
                const struct curation *curation) {
    add(&report->sums[row->drop], row->raw.n);
    if (row->file->given)
        add(&report->given_read, row->raw.n);
    if (row->file->given && row->drop == DROP_NONE)
        add(&report->given_kept, row->raw.n);
    if (row->drop == DROP_NONE) {
        add_name(&report->licences, row_licence(row, curation), row->raw.n);
        add_name(&report->languages, row->language, row->raw.n);
    } else if (json_array_size(report->examples[row->drop]) < EXAMPLES) {
        json_t *line = json_parse(buffer_view(&row->line), NULL);
        struct view text = view_of(json_text(line, "text", ""));
        text = view_slice(text, 0, text.n < 160 ? text.n : 160);
        text = view_slice(text, 0, utf8_whole(text));
        json_array_append_new(report->examples[row->drop],
                              json_pack("{s:s, s:s%}", "origin", json_text(line, "origin", ""),
                                        "text", text.n ? text.at : "", text.n));
        json_decref(line);
    }
}

void report_end(struct curation_report *report, const struct source_list *files,
                const struct held_out *held, json_t *given, const double spent[N_PASS],
                double seconds) {
    for (size_t i = 0; i < files->n; i++)
        report->n_file += !files->at[i].given;
    report->given = given;
    memcpy(report->spent, spent, sizeof report->spent);
    report->n_passed_over = files->n_passed_over;
    report->n_byte = files->n_byte;
    report->n_item = held->n_item;
    report->n_too_short = held->n_too_short;
    report->seconds = seconds;
}

size_t curation_kept(const struct curation_report *report) {
    return report->sums[DROP_NONE].n_row;
}

static json_t *sum_json(const struct sum *sum) {
    return json_pack("{s:I, s:I}", "rows", (json_int_t)sum->n_row, "bytes",
                     (json_int_t)sum->n_byte);
}

static json_t *names_json(const struct names *names) {
    json_t *out = json_object();
    for (size_t i = 0; i < names->n; i++)
        json_object_set_new(out, names->at[i], sum_json(&names->sums[i]));
    return out;
}

json_t *curation_json(const struct curation_report *report) {
    json_t *dropped = json_object();
    for (int i = DROP_NONE + 1; i < N_DROP; i++) {
        json_t *one = sum_json(&report->sums[i]);
        json_object_set(one, "examples", report->examples[i]);
        json_object_set_new(dropped, reasons[i].key, one);
    }
    json_t *out = json_pack(
        "{s:I, s:I, s:I, s:I, s:I, s:f, s:o, s:o, s:o, s:o}", "files", (json_int_t)report->n_file,
        "files_passed_over", (json_int_t)report->n_passed_over, "bytes",
        (json_int_t)report->n_byte, "held_out_items", (json_int_t)report->n_item,
        "held_out_too_short", (json_int_t)report->n_too_short, "seconds", report->seconds, "kept",
        sum_json(&report->sums[DROP_NONE]), "licences", names_json(&report->licences), "languages",
        names_json(&report->languages), "dropped", dropped);
    MUST(out);
    json_t *spent = json_object();
    for (int i = 0; i < N_PASS; i++)
        json_object_set_new(spent, passes[i], json_real(report->spent[i]));
    json_object_set_new(out, "passes", spent);
    if (report->given) {
        json_t *given = json_deep_copy(report->given);
        json_object_set_new(given, "read", sum_json(&report->given_read));
        json_object_set_new(given, "kept", sum_json(&report->given_kept));
        json_object_set_new(out, "transcripts", given);
    }
    return out;
}

/* --------------------------------------------------------------------------------------- text */

static void put_sum(const char *name, const struct sum *sum, struct buffer *out) {
    buffer_format(out, "| %s | %llu | %.2f |\n", name, (unsigned long long)sum->n_row,
                  (double)sum->n_byte / 1e6);
}

static void put_names(const char *title, const struct names *names, struct buffer *out) {
    buffer_format(out, "\n| %s | rows kept | MB |\n|---|---|---|\n", title);
    for (size_t i = 0; i < names->n; i++)
        put_sum(names->at[i], &names->sums[i], out);
}

static void put_examples(const struct curation_report *report, int drop, struct buffer *out) {
    size_t i;
    json_t *example;
    if (!json_array_size(report->examples[drop]))
        return;
    buffer_format(out, "\nDropped, %s:\n\n", reasons[drop].words);
    json_array_foreach(report->examples[drop], i, example) {
        buffer_format(out, "- %s: ", json_text(example, "origin", ""));
        for (const char *c = json_text(example, "text", ""); *c; c++)
            buffer_byte(out, (uint8_t)*c < 0x20 || *c == 0x7F ? ' ' : *c);
        buffer_byte(out, '\n');
    }
}

static void put_given(const struct curation_report *report, struct buffer *out) {
    const json_t *given = report->given, *struck = json_object_get(given, "struck");
    buffer_format(out,
                  "%.0f of %.0f learners agreed to give what they and the tutor wrote: %llu rows "
                  "of it, %llu kept; struck: %.0f names, %.0f mail addresses, %.0f addresses of "
                  "the web, %.0f numbers\n",
                  json_number(given, "agreed", 0), json_number(given, "learners", 0),
                  (unsigned long long)report->given_read.n_row,
                  (unsigned long long)report->given_kept.n_row, json_number(struck, "names", 0),
                  json_number(struck, "mails", 0), json_number(struck, "addresses", 0),
                  json_number(struck, "numbers", 0));
}

void curation_text(const struct curation_report *report, struct buffer *out) {
    buffer_format(out,
                  "%zu files, %.2f MB, %.1f s (%.0f MB/s); %zu files of other kinds passed over\n",
                  report->n_file, (double)report->n_byte / 1e6, report->seconds,
                  (double)report->n_byte / 1e6 / (report->seconds > 0 ? report->seconds : 1),
                  report->n_passed_over);
    buffer_text(out, "Seconds of the processor:");
    for (int i = 0; i < N_PASS; i++)
        buffer_format(out, "%s %s %.1f", i ? "," : "", passes[i], report->spent[i]);
    buffer_text(out, "\n");
    if (report->n_item)
        buffer_format(out, "%zu held-out items, of which %zu are too short to be looked for\n",
                      report->n_item, report->n_too_short);
    if (report->given)
        put_given(report, out);
    buffer_text(out, "\n| | rows | MB |\n|---|---|---|\n");
    for (int i = 0; i < N_DROP; i++)
        if (!i || report->sums[i].n_row)
            put_sum(reasons[i].words, &report->sums[i], out);
    put_names("licence", &report->licences, out);
    put_names("language", &report->languages, out);
    for (int i = DROP_NONE + 1; i < N_DROP; i++)
        put_examples(report, i, out);
}
