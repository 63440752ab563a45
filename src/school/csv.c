/* Tables as text: RFC 4180. */
#include "school/csv.h"

#include <string.h>
#include <strings.h>

struct reader {
    struct arena *arena;
    struct view text;
    size_t at;
    char separator;
    long line;
    struct fault *fault;
};

static bool refuse(struct reader *reader, enum fault_kind kind, const char *message) {
    fault_set(reader->fault, kind, "%s", message);
    return fault_place(reader->fault, "", reader->line, -1);
}

/* A field in quotes may hold anything, line ends too; a quote in it is doubled. */
static bool quoted_field(struct reader *reader, struct buffer *field) {
    struct view text = reader->text;
    long opened = reader->line;
    for (reader->at++; reader->at < text.n; reader->at++) {
        char c = text.at[reader->at];
        if (c == '"') {
            if (reader->at + 1 >= text.n || text.at[reader->at + 1] != '"') {
                reader->at++;
                return true;
            }
            reader->at++;
        }
        reader->line += c == '\n';
        buffer_byte(field, c);
        if (field->n > CSV_FIELD)
            return refuse(reader, FAULT_LIMIT, "A field is longer than 4,000 bytes.");
    }
    reader->line = opened;
    return refuse(reader, FAULT_INPUT, "A quote is opened here and never closed.");
}

static bool at_end_of_field(const struct reader *reader) {
    if (reader->at >= reader->text.n)
        return true;
    char c = reader->text.at[reader->at];
    return c == reader->separator || c == '\n' || c == '\r';
}

static bool read_field(struct reader *reader, struct buffer *field) {
    buffer_clear(field);
    if (reader->at < reader->text.n && reader->text.at[reader->at] == '"') {
        if (!quoted_field(reader, field))
            return false;
        if (!at_end_of_field(reader))
            return refuse(reader, FAULT_INPUT, "Something stands behind a closing quote.");
        return true;
    }
    for (; !at_end_of_field(reader); reader->at++) {
        buffer_byte(field, reader->text.at[reader->at]);
        if (field->n > CSV_FIELD)
            return refuse(reader, FAULT_LIMIT, "A field is longer than 4,000 bytes.");
    }
    return true;
}

static void end_line(struct reader *reader) {
    if (reader->at < reader->text.n && reader->text.at[reader->at] == '\r')
        reader->at++;
    if (reader->at < reader->text.n && reader->text.at[reader->at] == '\n')
        reader->at++;
    reader->line++;
}

static bool read_row(struct reader *reader, size_t n_column, struct csv_row *row) {
    struct buffer field = {0};
    struct view fields[CSV_COLUMNS];
    bool good = true;
    *row = (struct csv_row){.line = reader->line};
    for (bool more = true; good && more;) {
        good = read_field(reader, &field);
        if (good && row->n_field == n_column)
            good = refuse(reader, FAULT_INPUT, "The row has more fields than there are columns.");
        if (!good)
            break;
        fields[row->n_field++] = field.n
                                     ? arena_copy(reader->arena, view_trim(buffer_view(&field)))
                                     : (struct view){"", 0};
        more = reader->at < reader->text.n && reader->text.at[reader->at] == reader->separator;
        reader->at += more;
    }
    buffer_free(&field);
    if (!good)
        return false;
    end_line(reader);
    row->fields = ARENA_NEW(reader->arena, n_column + 1, struct view);
    memcpy(row->fields, fields, row->n_field * sizeof *fields);
    return true;
}

/* The first that stands outside quotes in the first line. */
static char separator_of(struct view text) {
    bool quoted = false;
    for (size_t i = 0; i < text.n && (quoted || !strchr("\r\n", text.at[i])); i++) {
        quoted ^= text.at[i] == '"';
        if (!quoted && text.at[i] && strchr(",;\t", text.at[i]))
            return text.at[i];
    }
    return ',';
}

static bool is_empty(const struct csv_row *row) {
    return row->n_field == 1 && !row->fields[0].n;
}

bool csv_read(struct arena *arena, struct view text, struct csv *csv, struct fault *fault) {
    struct reader reader = {
        .arena = arena, .text = text, .separator = separator_of(text), .line = 1, .fault = fault};
    *csv = (struct csv){0};
    if (!utf8_valid(text)) {
        refuse(&reader, FAULT_INPUT, "The file is not UTF-8.");
        return fault_remedy(fault, "In a spreadsheet save it as \"CSV UTF-8\".");
    }
    if (view_starts(text, "\xEF\xBB\xBF"))
        reader.at = 3;
    if (!read_row(&reader, CSV_COLUMNS, &csv->header))
        return false;
    size_t capacity = 64;
    csv->rows = ARENA_NEW(arena, capacity, struct csv_row);
    while (reader.at < text.n) {
        if (csv->n_row == capacity) {
            struct csv_row *grown = ARENA_NEW(arena, 2 * capacity, struct csv_row);
            memcpy(grown, csv->rows, capacity * sizeof *grown);
            csv->rows = grown;
            capacity *= 2;
        }
        if (csv->n_row == CSV_ROWS)
            return refuse(&reader, FAULT_LIMIT, "The table has more than 200,000 rows.");
        struct csv_row *row = &csv->rows[csv->n_row];
        if (!read_row(&reader, csv->header.n_field, row))
            return false;
        if (!is_empty(row))
            csv->n_row++;
    }
    return true;
}

int csv_column(const struct csv *csv, const char *name) {
    for (size_t i = 0; i < csv->header.n_field; i++)
        if (csv->header.fields[i].n == strlen(name) &&
            !strncasecmp(csv->header.fields[i].at, name, strlen(name)))
            return (int)i;
    return -1;
}

static bool is_formula(struct view text) {
    return text.n && text.at[0] && strchr("=+-@\t\r", text.at[0]);
}

struct view csv_field(const struct csv_row *row, int column) {
    if (column < 0 || (size_t)column >= row->n_field)
        return (struct view){"", 0};
    struct view field = row->fields[column];
    struct view behind = view_slice(field, field.n > 0, field.n);
    return view_starts(field, "'") && is_formula(behind) ? behind : field;
}

void csv_put(struct buffer *out, struct view text, bool last) {
    buffer_text(out, is_formula(text) ? "\"'" : "\"");
    for (size_t i = 0; i < text.n; i++) {
        if (text.at[i] == '"')
            buffer_byte(out, '"');
        buffer_byte(out, text.at[i]);
    }
    buffer_text(out, last ? "\"\r\n" : "\",");
}
