/* Pages and passages: what a browser gets, and what the tutor may quote. */
#include "folder.h"
#include "school/course/inside.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LESSON "01-first/lesson.md"

static void markdown_becomes_safe_html(void **state) {
    static const char *const cases[][2] = {
        {"*a* **b** ~~c~~ `d`",
         "<p><em>a</em> <strong>b</strong> <del>c</del> <code>d</code></p>\n"},
        {"<b>x</b><script>", "<p>&lt;b&gt;x&lt;/b&gt;&lt;script&gt;</p>\n"},
        {"<img src=x onerror=alert(1)>", "<p>&lt;img src=x onerror=alert(1)&gt;</p>\n"},
        {"&lt;b&gt; &amp; &#60;i> &#x3C;i> &zap;",
         "<p>&lt;b&gt; &amp; &lt;i&gt; &lt;i&gt; &amp;zap;</p>\n"},
        {"$a<b$", "<p><span class=\"math inline\">a&lt;b</span></p>\n"},
        {"$$\n\\frac{1}{2}\n$$", "<p><span class=\"math display\">\\frac{1}{2}</span></p>\n"},
        {"$a_1*b*c_2$ and *em*",
         "<p><span class=\"math inline\">a_1*b*c_2</span> and <em>em</em></p>\n"},
        {"$\\{a\\}\\,b\\\\c$", "<p><span class=\"math inline\">\\{a\\}\\,b\\\\c</span></p>\n"},
        {"**$x$**", "<p><strong><span class=\"math inline\">x</span></strong></p>\n"},
        {"$5 and $6", "<p>$5 and $6</p>\n"},
        {"\\$5 and $x$", "<p>$5 and <span class=\"math inline\">x</span></p>\n"},
        {"`$x$`", "<p><code>$x$</code></p>\n"},
        {"~~~\n$x$ <b>\n~~~", "<pre tabindex=\"0\"><code>$x$ &lt;b&gt;\n</code></pre>\n"},
        {"```python\nx\n```",
         "<pre tabindex=\"0\"><code class=\"language-python\">x\n</code></pre>\n"},
        {"```a\"onclick=b\nx\n```", "<pre tabindex=\"0\"><code>x\n</code></pre>\n"},
        {"[a](https://b.org/?c=\"d)",
         "<p><a href=\"https://b.org/?c=&quot;d\" rel=\"noopener noreferrer\">a</a></p>\n"},
        {"[a](other.md#x)", "<p><a href=\"other.md#x\">a</a></p>\n"},
        {"[a](mailto:b@c.org)", "<p><a href=\"mailto:b@c.org\">a</a></p>\n"},
        {"[a](javascript:alert(1))", "<p>a</p>\n"},
        {"[a](JaVaScRiPt:alert(1))", "<p>a</p>\n"},
        {"[a](java&#x09;script:alert(1))", "<p>a</p>\n"},
        {"[a](<java\tscript:alert(1)>)", "<p>a</p>\n"},
        {"[a](data:text/html,b)", "<p>a</p>\n"},
        {"[a](//b.org)", "<p>a</p>\n"},
        {"[a](\\\\b.org)", "<p>a</p>\n"},
        {"<javascript:alert(1)>", "<p>javascript:alert(1)</p>\n"},
        {"![alt \"<b>](x.svg)", "<p>alt &quot;&lt;b&gt;</p>\n"},
        {"- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n"},
        {"3. a\n4. b", "<ol start=\"3\">\n<li>a</li>\n<li>b</li>\n</ol>\n"},
        {"- [ ] a\n- [x] b", "<ul>\n<li>☐ a</li>\n<li>☑ b</li>\n</ul>\n"},
        {"# a", "<p><strong>a</strong></p>\n"},
        {"> a", "<blockquote>\n<p>a</p>\n</blockquote>\n"},
        {"| a | $|b|$ |\n|---|--:|\n| c | `d` |",
         "<table>\n<thead><tr><th scope=\"col\">a</th><th scope=\"col\" align=\"right\"><span "
         "class=\"math inline\">|b|</span></th></tr>\n</thead>\n<tbody><tr><td>c</td><td "
         "align=\"right\"><code>d</code></td></tr>\n</tbody>\n</table>\n"},
        {"一\n二", "<p>一二</p>\n"},
        {"\x01\x02\x03\x04<", "<p>&lt;</p>\n"},
        {"\uE000"
         "0\uE001 $x$",
         "<p>\uFFFD0\uFFFD <span class=\"math inline\">x</span></p>\n"},
        {"", ""},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer out = {0};
        markdown_html(view_of(cases[i][0]), &out);
        assert_string_equal(out.at ? out.at : "", cases[i][1]);
        buffer_free(&out);
    }
}

static void sentences_keep_formulas_decimals_and_abbreviations_whole(void **state) {
    static const struct {
        const char *text;
        const char *sentences[5];
    } cases[] = {
        {"One. Two! Three?", {"One.", "Two!", "Three?"}},
        {"It is 3.5 m. Then 4.", {"It is 3.5 m.", "Then 4."}},
        {"Use a model, e.g. a bigram. It counts.", {"Use a model, e.g. a bigram.", "It counts."}},
        {"As A. A. Markov did. Later.", {"As A. A. Markov did.", "Later."}},
        {"See Fig. 3 there. Dr. No said no. Then no. 5 came.",
         {"See Fig. 3 there.", "Dr. No said no.", "Then no. 5 came."}},
        {"So $x = 1.5$. Then $f(x) = a. b$ holds.",
         {"So $x = 1.5$.", "Then $f(x) = a. b$ holds."}},
        {"It is $x = 1.$ Next one.", {"It is $x = 1.$", "Next one."}},
        {"He said \"no.\" She left.", {"He said \"no.\"", "She left."}},
        {"Wait... what? Yes.", {"Wait... what?", "Yes."}},
        {"一是这样。二是那样！三呢？完", {"一是这样。", "二是那样！", "三呢？", "完"}},
        {"他说：“好。”然后走了。", {"他说：“好。”", "然后走了。"}},
        {"No end here\nNew paragraph", {"No end here", "New paragraph"}},
        {"", {NULL}},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena *arena = arena_new();
        size_t n, wanted = 0;
        struct view text = view_of(cases[i].text);
        struct view *sentences = sentences_cut(arena, text, &n);
        while (wanted < 5 && cases[i].sentences[wanted])
            wanted++;
        for (size_t j = 0; j < n && j < wanted; j++) {
            char *copy = arena_string(arena, sentences[j]);
            assert_string_equal(copy, cases[i].sentences[j]);
            assert_true(sentences[j].at >= text.at &&
                        sentences[j].at + sentences[j].n <= text.at + text.n);
        }
        assert_int_equal(n, wanted);
        arena_free(arena);
    }
}

static void passages_are_the_prose_of_sections_alone(void **state) {
    (void)state;
    folder_new();
    char *text = text_with(sound_text(LESSON), "To *add* is to count on. For example $2 + 3 = 5$.",
                           "To *add* [is](x.md) to `count` on.\nFor example $2 +\n3 = 5$.\n\n"
                           "| no | table |\n|---|---|\n| a. | b. |\n\n~~~\nNo code.\n~~~\n\n"
                           "### No heading\n\n- One item\n- Two");
    folder_write(LESSON, text);
    struct course *course = folder_load();
    const struct lesson *lesson = course_lesson(course, "01-first", "en");
    assert_string_equal(lesson->title.at, "First steps");
    assert_int_equal(lesson->n_passage, 3);
    const struct passage *passage = &lesson->passages[1];
    assert_string_equal(passage->id.at, "01-first--adding-up");
    assert_string_equal(passage->heading.at, "Adding up");
    assert_true(view_is(passage->text, "To add is to count on. For example $2 + 3 = 5$.\n"
                                       "One item\nTwo"));
    assert_int_equal(passage->n_sentence, 4);
    assert_true(view_is(passage->sentences[1], "For example $2 + 3 = 5$."));
    assert_true(passage->sentences[1].at > passage->text.at);
    assert_true(view_is(lesson->passages[0].id, "01-first--start"));
    assert_true(view_is(lesson->passages[0].sentences[1], "It begins here."));
    assert_null(strstr(lesson->passages[2].text.at, "red fox"));
    course_free(course);
    free(text);
    folder_free();
}

static void a_translation_shares_the_ids_of_its_headings(void **state) {
    (void)state;
    folder_new();
    struct course *course = folder_load();
    const struct lesson *english = course_lesson(course, "01-first", "en");
    const struct lesson *chinese = course_lesson(course, "01-first", "zh");
    assert_ptr_not_equal(english, chinese);
    assert_ptr_equal(course_lesson(course, "01-first", "fr"), english);
    assert_null(course_lesson(course, "02-none", "en"));
    assert_int_equal(english->n_passage, chinese->n_passage);
    for (size_t i = 0; i < english->n_passage; i++) {
        assert_string_equal(english->passages[i].id.at, chinese->passages[i].id.at);
        char wanted[100];
        snprintf(wanted, sizeof wanted, " id=\"%s\"", english->passages[i].id.at);
        assert_non_null(strstr(english->html.at, wanted));
        assert_non_null(strstr(chinese->html.at, wanted));
    }
    assert_non_null(strstr(english->html.at, "<section class=\"exercise\" id=\"sum-1\" "
                                             "data-exercise=\"sum-1\"></section>"));
    course_free(course);
    folder_free();
}

static void lessons_follow_one_another_in_their_language(void **state) {
    (void)state;
    folder_new();
    folder_write("02-second/lesson.md", "# Second\n\nText.\n");
    folder_write("10-tenth/lesson.md", "# Tenth\n\nText.\n");
    folder_write("10-tenth/lesson.zh.md", "# 十\n\n字。\n");
    struct course *course = folder_load();
    const struct lesson *first = course_lesson(course, "01-first", "zh");
    const struct lesson *last = course_lesson(course, "10-tenth", "zh");
    assert_null(first->previous);
    assert_string_equal(first->next->id.at, "02-second");
    assert_string_equal(first->next->next->language.at, "en");
    assert_string_equal(last->previous->id.at, "02-second");
    assert_null(last->next);
    assert_string_equal(last->title.at, "十");
    course_free(course);
    folder_free();
}

static size_t count(const char *text, const char *what) {
    size_t n = 0;
    for (const char *at = text; (at = strstr(at, what)); at += strlen(what))
        n++;
    return n;
}

static void two_figures_on_a_page_never_share_an_id(void **state) {
    (void)state;
    folder_new();
    char *text = text_with(sound_text(LESSON), "That is all.",
                           "![Once \"more\"](figure.svg \"A caption\") in a line: "
                           "![again](figure.svg).\n\n![third](figure.svg \"Caption <b>\")\n");
    folder_write(LESSON, text);
    struct course *course = folder_load();
    const char *html = course_lesson(course, "01-first", "en")->html.at;
    assert_int_equal(count(html, "<svg role=\"img\""), 4);
    assert_int_equal(count(html, "<figure>"), 2);
    assert_int_equal(count(html, "<span class=\"figure\">"), 2);
    assert_int_equal(count(html, "aria-label=\"Once &quot;more&quot;\""), 1);
    assert_int_equal(count(html, "<figcaption>Caption &lt;b&gt;</figcaption>"), 1);
    for (int i = 1; i <= 4; i++) {
        char id[60];
        snprintf(id, sizeof id, " id=\"01-first-f%d-line\"", i);
        assert_int_equal(count(html, id), 1);
        snprintf(id, sizeof id, " href=\"#01-first-f%d-line\"", i);
        assert_int_equal(count(html, id), 1);
        snprintf(id, sizeof id, "\"url(#01-first-f%d-tip)\"", i);
        assert_int_equal(count(html, id), 1);
    }
    assert_null(strstr(html, "xmlns"));
    course_free(course);
    free(text);
    folder_free();
}

static void a_figure_stands_in_a_question_too(void **state) {
    (void)state;
    folder_new();
    char *text = text_with(sound_text(LESSON), "ask: What comes out?",
                           "ask: \"![dots](figure.svg) Of {a} and {b}?\"");
    folder_write(LESSON, text);
    struct course *course = folder_load();
    struct variant *variant = variant_make(course_exercise(course, "sum-1", "en"), 5, NULL);
    json_t *public = variant_public(variant);
    const char *ask = json_text(public, "ask_html", "");
    assert_int_equal(count(ask, "<svg"), 1);
    assert_int_equal(count(ask, " id=\"sum-1-f1-line\""), 1);
    json_decref(public);
    variant_free(variant);
    course_free(course);
    free(text);
    folder_free();
}

/* Anything that a browser would take for an element or an attribute of ours. */
static void assert_harmless(const char *html) {
    static const char *const harmful[] = {
        "<script",     "<img",       "<iframe",   "<b>",
        "<svg onload", "\" onclick", "' onclick", "javascript:alert"};
    for (size_t i = 0; i < COUNT_OF(harmful); i++) {
        const char *at = strstr(html, harmful[i]);
        if (at && strncmp(harmful[i], "javascript", 10) == 0)
            assert_true(at < html + 6 || strncmp(at - 6, "href=\"", 6) != 0);
        else if (at)
            fail_msg("%s stands in %s", harmful[i], html);
    }
}

static void a_script_in_any_field_of_a_course_stays_text(void **state) {
    static const char *const places[] = {"First steps",
                                         "Welcome to the course",
                                         "Adding up",
                                         "count on",
                                         "2 + 3 = 5",
                                         "Two dots",
                                         "{exercise} Sum",
                                         "{exercise} Pick",
                                         "What comes out?",
                                         "the red fox",
                                         "What do you do with both?",
                                         "It is red",
                                         "The end"};
    static const char *const payloads[] = {"<script>alert(1)</script>",
                                           "<img src=x onerror=alert(1)>",
                                           "<b>bold</b>",
                                           "x' onclick='alert(1)",
                                           "<svg onload=alert(1)>",
                                           "[x](javascript:alert)",
                                           "</span></p><script>alert(1)</script>",
                                           "<iframe src=//a.b></iframe>",
                                           "\\<script>",
                                           "&lt;script&gt;",
                                           "<!-- <script>",
                                           "<![CDATA[<script>"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(places); i++)
        for (size_t j = 0; j < COUNT_OF(payloads); j++) {
            folder_new();
            char *text = text_with(sound_text(LESSON), places[i], payloads[j]);
            if (!strcmp(places[i], "{exercise} Sum") || !strcmp(places[i], "{exercise} Pick")) {
                free(text);
                char title[200];
                snprintf(title, sizeof title, "%s %s", places[i], payloads[j]);
                text = text_with(sound_text(LESSON), places[i], title);
            }
            folder_write(LESSON, text);
            struct course *course = folder_load();
            const struct lesson *lesson = course_lesson(course, "01-first", "en");
            assert_harmless(lesson->html.at);
            for (size_t k = 0; k < lesson->n_exercise; k++) {
                struct variant *variant = variant_make(&lesson->exercises[k], 1, NULL);
                json_t *public = variant ? variant_public(variant) : json_object(), *one;
                size_t l;
                assert_harmless(json_text(public, "ask_html", ""));
                json_array_foreach(json_object_get(public, "shown_html"), l, one)
                    assert_harmless(json_string_value(one));
                for (l = 0; variant && l < variant->n_hint; l++) {
                    struct buffer html = {0};
                    markdown_html(variant->hints[l], &html);
                    assert_harmless(html.at);
                    buffer_free(&html);
                }
                json_decref(public);
                variant_free(variant);
            }
            course_free(course);
            free(text);
            folder_free();
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(markdown_becomes_safe_html),
        cmocka_unit_test(sentences_keep_formulas_decimals_and_abbreviations_whole),
        cmocka_unit_test(passages_are_the_prose_of_sections_alone),
        cmocka_unit_test(a_translation_shares_the_ids_of_its_headings),
        cmocka_unit_test(lessons_follow_one_another_in_their_language),
        cmocka_unit_test(two_figures_on_a_page_never_share_an_id),
        cmocka_unit_test(a_figure_stands_in_a_question_too),
        cmocka_unit_test(a_script_in_any_field_of_a_course_stays_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
