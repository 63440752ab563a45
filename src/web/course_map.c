/* The map of a course: what builds on what, what is known of it, where the learner is and what is
 * next. A row a skill: its words are a list; beside them a drawing, a column further in for each
 * skill that must come before. */
#include "web/course_map.h"

#include <string.h>

enum { ROW = 72, LANE = 20, EDGE = 14, WIDEST = 110, BEND = 7 }; /* 20 units are 1 rem */

struct node {
    const json_t *skill;
    const char *lesson, *standing;
    int lane; /* skills on the longest way to it */
};

struct map {
    struct request *request;
    const char *course, *here, *next; /* ids of skills, or "" */
    struct node *nodes;
    size_t n;
    int last_lane;
};

/* How a standing is called; "open" and "later" differ in the drawing alone. */
static const struct {
    const char *standing, *key;
} standings[] = {{"due", "standing_due"},
                 {"mastered", "standing_mastered"},
                 {"begun", "standing_begun"},
                 {"open", "standing_open"},
                 {"later", "standing_open"}};

static void collect(struct map *map, const json_t *skills) {
    size_t i;
    json_t *skill;
    map->nodes = ARENA_NEW(map->request->arena, json_array_size(skills), struct node);
    json_array_foreach(skills, i, skill) {
        if (strcmp(json_text(skill, "course", ""), map->course) != 0)
            continue;
        map->nodes[map->n++] = (struct node){.skill = skill,
                                             .lesson = json_text(skill, "lesson", NULL),
                                             .standing = json_text(skill, "standing", "open")};
    }
}

static json_t *rows_by_id(const struct map *map) {
    json_t *rows = json_object();
    for (size_t i = 0; i < map->n; i++)
        json_object_set_new(rows, json_text(map->nodes[i].skill, "id", ""),
                            json_integer((json_int_t)i));
    return rows;
}

/* The row of a skill's k-th prerequisite, or -1. */
static int row_before(const struct map *map, const json_t *rows, size_t row, size_t k) {
    const json_t *before = json_object_get(map->nodes[row].skill, "prerequisites");
    const char *id = json_string_value(json_array_get(before, k));
    const json_t *found = id ? json_object_get(rows, id) : NULL;
    return found ? (int)json_integer_value(found) : -1;
}

static size_t n_before(const struct map *map, size_t row) {
    return json_array_size(json_object_get(map->nodes[row].skill, "prerequisites"));
}

/* Until nothing moves: once for a course that tells first what comes first. */
static void set_lanes(struct map *map, const json_t *rows) {
    bool moved = true;
    for (size_t round = 0; moved && round < map->n; round++) {
        moved = false;
        for (size_t i = 0; i < map->n; i++)
            for (size_t k = 0; k < n_before(map, i); k++) {
                int from = row_before(map, rows, i, k);
                if (from < 0 || map->nodes[from].lane < map->nodes[i].lane)
                    continue;
                map->nodes[i].lane = map->nodes[from].lane + 1;
                moved = true;
            }
    }
    for (size_t i = 0; i < map->n; i++)
        if (map->nodes[i].lane > map->last_lane)
            map->last_lane = map->nodes[i].lane;
}

/* ------------------------------------------------------------------------------- the drawing */

static double lane_width(const struct map *map) {
    return map->last_lane * LANE > WIDEST ? (double)WIDEST / map->last_lane : LANE;
}

static double across(const struct map *map, size_t row) {
    return EDGE + map->nodes[row].lane * lane_width(map);
}

static int down(size_t row) {
    return (int)row * ROW + ROW / 2;
}

/* Whether another skill stands in the lane between two rows. */
static bool is_blocked(const struct map *map, size_t from, size_t to) {
    for (size_t i = (from < to ? from : to) + 1; i < (from < to ? to : from); i++)
        if (map->nodes[i].lane == map->nodes[from].lane)
            return true;
    return false;
}

/* Along the lane of what comes before, or beside it where another skill is in the way, then over
 * to what builds on it. */
static void draw_ways(const struct map *map, const json_t *rows) {
    struct buffer *out = &map->request->reply.body;
    for (size_t i = 0; i < map->n; i++)
        for (size_t k = 0; k < n_before(map, i); k++) {
            int from = row_before(map, rows, i, k);
            if (from < 0)
                continue;
            double at = across(map, (size_t)from);
            double x = is_blocked(map, (size_t)from, i) ? at + lane_width(map) / 2 : at;
            int y = down(i), bend = (size_t)from < i ? BEND : -BEND;
            bool known = !strcmp(map->nodes[from].standing, "mastered") ||
                         !strcmp(map->nodes[from].standing, "due");
            buffer_format(out,
                          "<path class=\"way%s\" d=\"M%.1f %dH%.1fV%dQ%.1f %d %.1f %dH%.1f\"/>",
                          known ? " known" : "", at, down((size_t)from), x, y - bend, x, y,
                          x + BEND, y, across(map, i));
        }
}

static void node_href(const struct map *map, const struct node *node) {
    lesson_href(&map->request->reply.body, map->course, node->lesson);
}

static bool is(const struct node *node, const char *id) {
    return *id && !strcmp(json_text(node->skill, "id", ""), id);
}

static void draw_node(const struct map *map, size_t row) {
    struct buffer *out = &map->request->reply.body;
    const struct node *node = &map->nodes[row];
    double x = across(map, row);
    int y = down(row), percent = (int)(json_number(node->skill, "mastery", 0) * 100 + 0.5);
    if (node->lesson) {
        buffer_text(out, "<a tabindex=\"-1\" href=\"");
        node_href(map, node);
        buffer_text(out, "\">");
    }
    buffer_format(out, "<g class=\"node\" data-standing=\"%s\">", node->standing);
    buffer_format(out, "<circle class=\"ground\" cx=\"%.1f\" cy=\"%d\" r=\"8\"/>", x, y);
    if (is(node, map->here))
        buffer_format(out, "<circle class=\"here\" cx=\"%.1f\" cy=\"%d\" r=\"9.5\"/>", x, y);
    buffer_format(out, "<circle class=\"ring\" cx=\"%.1f\" cy=\"%d\" r=\"6\"/>", x, y);
    if (!strcmp(node->standing, "begun"))
        buffer_format(out,
                      "<circle class=\"part\" cx=\"%.1f\" cy=\"%d\" r=\"2.5\" pathLength=\"100\" "
                      "stroke-dasharray=\"%d 100\" transform=\"rotate(-90 %.1f %d)\"/>",
                      x, y, percent, x, y);
    if (!strcmp(node->standing, "due")) /* hands of a clock */
        buffer_format(out, "<path class=\"hands\" d=\"M%.1f %dv3h2.5\"/>", x, y - 3);
    buffer_text(out, node->lesson ? "</g></a>" : "</g>");
}

static void draw(const struct map *map, const json_t *rows) {
    struct buffer *out = &map->request->reply.body;
    double lanes = map->last_lane * LANE > WIDEST ? WIDEST : map->last_lane * LANE;
    double wide = lanes + 2 * EDGE, high = (double)map->n * ROW;
    buffer_format(out,
                  "<svg width=\"%.2frem\" height=\"%.2frem\" viewBox=\"0 0 %.0f %.0f\" "
                  "aria-hidden=\"true\">",
                  wide / 20, high / 20, wide, high);
    draw_ways(map, rows);
    for (size_t i = 0; i < map->n; i++)
        draw_node(map, i);
    buffer_text(out, "</svg>\n");
}

/* ---------------------------------------------------------------------------------- the list */

static void tell_standing(const struct map *map, const struct node *node) {
    struct buffer *out = &map->request->reply.body;
    buffer_text(out, "<small>");
    for (size_t i = 0; i < COUNT_OF(standings); i++)
        if (!strcmp(standings[i].standing, node->standing))
            put(out, word(map->request, standings[i].key));
    if (json_number(node->skill, "attempts", 0) > 0)
        buffer_format(out, " · <bdi>%d%%</bdi> · <bdi>%lld / %lld</bdi>",
                      (int)(json_number(node->skill, "mastery", 0) * 100 + 0.5),
                      (long long)whole(node->skill, "unaided"),
                      (long long)whole(node->skill, "attempts"));
    if (is(node, map->here)) {
        buffer_text(out, " · <b>");
        put(out, word(map->request, "you_are_here"));
        buffer_text(out, "</b>");
    }
    if (is(node, map->next)) {
        buffer_text(out, " · <b class=\"to-come\">");
        put(out, word(map->request, "next_here"));
        buffer_text(out, "</b>");
    }
    buffer_text(out, "</small>");
}

static void list(const struct map *map) {
    struct buffer *out = &map->request->reply.body;
    buffer_text(out, "<ol>\n");
    for (size_t i = 0; i < map->n; i++) {
        const struct node *node = &map->nodes[i];
        const char *title = json_text(node->skill, "title", json_text(node->skill, "id", ""));
        buffer_format(out, "<li data-standing=\"%s\"%s>", node->standing,
                      is(node, map->here) ? " aria-current=\"step\"" : "");
        if (node->lesson) {
            buffer_text(out, "<a href=\"");
            node_href(map, node);
            buffer_text(out, "\"><bdi>");
        } else
            buffer_text(out, "<span><bdi>");
        put(out, title);
        buffer_text(out, node->lesson ? "</bdi></a>" : "</bdi></span>");
        tell_standing(map, node);
        buffer_text(out, "</li>\n");
    }
    buffer_text(out, "</ol>");
}

/* The skill of the latest answer in this course, or "". */
static const char *last_skill(const json_t *progress, const char *course) {
    size_t i;
    json_t *attempt;
    json_array_foreach(json_object_get(progress, "recent"), i, attempt) {
        if (!strcmp(json_text(attempt, "course", ""), course))
            return json_text(attempt, "skill", "");
    }
    return "";
}

void html_course_map(struct request *request, const json_t *course, const json_t *progress) {
    struct map map = {.request = request, .course = json_text(course, "id", "")};
    struct buffer *out = &request->reply.body;
    collect(&map, json_object_get(progress, "skills"));
    if (!map.n)
        return;
    json_t *rows = rows_by_id(&map);
    json_t *next = school_next(request->web->school, request->learner, map.course, 0,
                               request->language, &(struct fault){0});
    map.here = last_skill(progress, map.course);
    map.next = json_text(json_object_get(next, "skill"), "id", "");
    set_lanes(&map, rows);
    html_heading(out, 2, word(request, "where_am_i"));
    buffer_text(out, "<p class=\"quiet\">");
    put(out, word(request, "map_note"));
    buffer_text(out, "</p>\n<div class=\"map\">");
    draw(&map, rows);
    list(&map);
    buffer_text(out, "</div>\n");
    json_decref(next);
    json_decref(rows);
}
