/* grade: numbers, the ways to write them, units. */
#include "school/grade/grade.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

struct row {
    const char *options, *key, *answer, *note; /* note "": right */
};

/* clang-format off */
static const struct row writing[] = {
    {"", "5", "5", ""}, {"", "5", "5.0", ""}, {"", "5", "+5", ""}, {"", "5", " 5 ", ""}, {"", "5", "５", ""}, {"", "5", "٥", ""},
    {"", "12.5", "١٢٫٥", ""}, {"", "5", "-5", "sign"}, {"", "-5", "−5", ""}, {"", "-5", "–5", ""}, {"", "5", "x=5", ""}, {"", "5", "x = 5", ""},
    {"", "5", "5 = x", ""}, {"", "5", "v_1 = 5", ""}, {"", "5", "f(2) = 5", ""}, {"", "5", "≈ 5", ""}, {"", "5", "= 5", ""},
    {"", "5", "x > 5", "unreadable"}, {"", "5", "x ≥ 5", "unreadable"}, {"", "5", "x >= 5", "unreadable"}, {"", "5", "2x = 10", "unreadable"},
    {"", "8", "8 比特", ""}, {"", "41", "41个", ""}, {"", "41", "41 个字母", ""}, {"", "8", "8 bits", ""}, {"", "8", "8 Times.", "unreadable"}, {"", "8", "8 times", ""},
    {"", "8", "9 bits", "different"}, {"", "5", "5万", "power-of-ten"}, {"", "5", "5 million", "power-of-ten"}, {"", "5", "5 times ten", "unreadable"}, {"", "5", "5 ab", "unreadable"},
    {"", "0.125", "1/8 ≈ 0.125", ""}, {"", "0.125", "1/8 = 0.125", ""}, {"", "484", "L = 22^2 = 484", ""}, {"", "484", "L = 22^2 = 480", "unreadable"}, {"", "484", "22^2 = 484 = L", "unreadable"},
    {"", "1/2", "P(u|q)=5/10", ""}, {"", "4", "dL/da = 4", ""}, {"", "4", "\\frac{dL}{da} = 4", ""}, {"", "4", "∂L/∂a = 4", ""}, {"", "4", "f'(2) = 4", ""}, {"", "4", "a = 4, b = 4", "unreadable"},
    {"", "8", "\\log_2 256", ""}, {"", "8", "log2(256)", ""}, {"", "8", "\\log_2 256 = 8", ""}, {"", "8", "log_2 256 bits", ""}, {"", "8", "_.5 bits", "unreadable"}, {"", "0.33", "1/3 ≈ 0.33", ""}, {"", "0.33", "1/3 ≈ 0.3", "different"},
    {"", "0.5", "1/2", ""}, {"", "1/2", "0.5", ""}, {"", "0.5", ".5", ""}, {"", "0.5", "½", ""}, {"", "2.5", "2½", ""}, {"", "1.5", "1 1/2", ""},
    {"", "-1.5", "-1 1/2", ""}, {"", "1.5", "3/2", ""}, {"", "1.5", "\\frac{3}{2}", ""}, {"", "0.5", "50%", ""}, {"", "0.5", "50 %", ""},
    {"", "0.5", "50％", ""}, {"", "50%", "0.5", ""}, {"", "0.5", "0,5", ""}, {"", "1.5", "1,5", ""}, {"", "300000000", "3e8", ""},
    {"", "3e8", "3×10^8", ""}, {"", "3e8", "3·10⁸", ""}, {"", "3e8", "3*10^8", ""}, {"", "3e8", "3 x 10^8", ""}, {"", "3e8", "3x10^8", ""},
    {"", "3e8", "3E8", ""}, {"", "3e8", "3 × 10⁸", ""}, {"", "3e8", "$3 \\times 10^{8}$", ""}, {"", "1.5e-3", "1.5×10⁻³", ""}, {"", "1.5e-3", "0.0015", ""},
    {"", "8", "2^3", ""}, {"", "1.4142135623730951", "√2", ""}, {"", "3.141592653589793", "π", ""}, {"", "1/3", "0.333", "close"}, {"", "1/3", "0.3333333333333333", ""},
    {"", "1200", "12000", "power-of-ten"}, {"", "1200", "120", "power-of-ten"}, {"", "1200", "1300", "different"}, {"", "100", "100.5", "close"},
    {"", "5", "five", "unreadable"}, {"", "5", "", "unreadable"}, {"", "5", "abc", "unreadable"}, {"", "5", "5 6", "unreadable"}, {"", "5", "1/0", "unreadable"},
    {"", "5", "--5", ""}, {"", "0", "0", ""}, {"", "0", "-0", ""}, {"", "0", "0.1", "different"}, {"", "1e30", "1e31", "power-of-ten"},
};
static const struct row others[] = {
    {"", "3+4i", "4i+3", ""}, {"", "3+4i", "3-4i", "conjugate"}, {"", "3+4i", "5", "different"}, {"", "2i", "√(-4)", ""},
    {"", "[1,2)", "[1, 2)", ""}, {"", "[1,2)", "[1,2]", "strictness"}, {"", "[1,2)", "1<=x<2", ""}, {"\"locale\":\"de\"", "[1.5,2)", "[1,5; 2)", ""},
    {"", "i", "x", "unreadable"}, {"", "3+4i", "3+4j", ""}, {"", "(1,2]", "(1,2)", "strictness"},
};
static const struct row marks[] = {
    {"", "1234", "1,234", "ambiguous"}, {"", "1.234", "1,234", "ambiguous"}, {"", "1.234", "1.234", ""}, {"", "1234567", "1,234,567", ""},
    {"", "1234.5", "1,234.5", ""}, {"", "1234.5", "1.234,5", ""}, {"", "1234.5", "1 234.5", ""}, {"", "1234.5", "1 234,5", ""}, {"", "1234.5", "1'234.5", ""},
    {"", "1234567", "1.234.567", ""}, {"", "0.123", "0,123", ""}, {"", "1.2345", "1,2345", ""}, {"", "1234", "12,34", "power-of-ten"}, {"", "5", "1.2.3", "unreadable"},
    {"", "5", "1,23,456", "unreadable"}, {"", "5", "1,234,5", "unreadable"}, {"", "5", "1.234,567,8", "unreadable"}, {"", "12.34", "12,34", ""},
    {"de", "1.5", "1,5", ""}, {"de", "1.5", "1.5", ""}, {"de", "1234", "1.234", ""}, {"de", "1234.5", "1.234,5", ""}, {"de", "1.234", "1,234", ""},
    {"de", "1234567.25", "1.234.567,25", ""}, {"de", "1234.5", "1 234,5", ""}, {"de", "1234.5", "1,234.5", ""}, {"de-AT", "1234.5", "1.234,5", ""},
    {"de_DE", "1.5", "1,5", ""}, {"de-CH", "1234.5", "1’234.5", ""}, {"de-CH", "1.234", "1.234", ""}, {"fr", "1.5", "1,5", ""}, {"fr", "1234.5", "1 234,5", ""},
    {"fr", "1234.5", "1\u202f234,5", ""}, {"fr", "1234.5", "1\u00a0234,5", ""}, {"fr", "1.234", "1,234", ""}, {"fr", "1.234", "1.234", ""}, {"es", "1234", "1.234", ""},
    {"es-MX", "1234", "1,234", ""}, {"es-MX", "1.234", "1.234", ""}, {"it", "1.5", "1,5", ""}, {"pt-BR", "1234.5", "1.234,5", ""}, {"ru", "1234.5", "1 234,5", ""},
    {"en", "1234", "1,234", ""}, {"en", "1.234", "1,234", "power-of-ten"}, {"en", "1.5", "1,5", ""}, {"en-GB", "1234567.5", "1,234,567.5", ""}, {"en-IN", "100000", "1,00,000", ""},
    {"hi", "1234567", "12,34,567", ""}, {"en", "100000", "1,00,000", "unreadable"}, {"zh", "1234", "1,234", ""}, {"zh", "12345.6", "12,345.6", ""}, {"de", "1.5", "1 1/2", ""},
    {"de", "300000000", "3,0·10⁸", ""}, {"de", "0.0015", "1,5e-3", ""}, {"de", "0.75", "1,5/2", ""}, {"den", "1.234", "1.234", ""},
};
static const struct row sizes[] = {
    {"\"absolute\":0.01", "3.14", "3.15", ""}, {"\"absolute\":0.01", "3.14", "3.1501", "close"}, {"\"absolute\":0.01", "3.14", "3.13", ""}, {"\"absolute\":1", "100", "101", ""},
    {"\"relative\":0.01", "200", "202", ""}, {"\"relative\":0.01", "200", "202.1", "different"}, {"\"relative\":0.01", "-200", "-198", ""}, {"\"relative\":0.05", "0", "0", ""},
    {"\"decimals\":2", "3.14159", "3.14", ""}, {"\"decimals\":2", "3.14159", "3.1", "different"}, {"\"decimals\":2", "3.14159", "3.142", "rounded"}, {"\"decimals\":2", "3.14159", "3.15", "close"},
    {"\"decimals\":2", "2.5", "2.50", ""}, {"\"decimals\":2", "2.5", "2.5", "rounded"}, {"\"decimals\":0", "2.4", "2", ""}, {"\"decimals\":0", "2.4", "2.0", "rounded"}, {"\"decimals\":2", "1/3", "1/3", "rounded"},
    {"\"decimals\":2,\"locale\":\"de\"", "3.14159", "3,14", ""}, {"\"decimals\":1", "1234.56", "1,234.6", ""}, {"\"significant\":3", "3.14159", "3.14", ""}, {"\"significant\":3", "3.14159", "3.142", "rounded"},
    {"\"significant\":3", "3.14159", "3.1", "different"}, {"\"significant\":2", "1234", "1200", ""}, {"\"significant\":2", "1234", "1.2e3", ""}, {"\"significant\":2", "1234", "1.2×10³", ""}, {"\"significant\":2", "1234", "1234", "rounded"},
    {"\"significant\":2", "1234", "1.20e3", "rounded"}, {"\"significant\":3", "0.00123456", "0.00123", ""}, {"\"significant\":3", "0.00123456", "1.23e-3", ""}, {"\"significant\":3", "0.00123456", "0.0012346", "rounded"},
    {"\"significant\":3", "100", "100", ""}, {"\"significant\":3", "100", "1.00e2", ""}, {"\"significant\":4", "100", "100.0", ""}, {"\"significant\":2", "0.5", "0.50", ""}, {"\"significant\":2", "0.5", "0.5", "rounded"},
    {"\"significant\":3", "-3.14159", "-3.14", ""}, {"\"significant\":3", "9.999", "10.0", ""}, {"\"significant\":2", "10", "9.5", "different"}, {"\"significant\":2", "9.96", "10", ""}, {"\"significant\":2", "0", "0.00", ""},
};
static const struct row units[] = {
    {"\"units\":true", "5 m", "5 m", ""}, {"\"units\":true", "5 m", "5m", ""}, {"\"units\":true", "5 m", "500 cm", ""}, {"\"units\":true", "5 m", "0.005 km", ""}, {"\"units\":true", "5 m", "5", "unit-missing"},
    {"\"units\":true", "5 m", "5 s", "dimension"}, {"\"units\":true", "5 m", "5 cm", "unit-wrong"}, {"\"units\":true", "5 m", "5 metres", ""}, {"\"units\":true", "5 m", "500 centimeters", ""}, {"\"units\":true", "5 m", "x = 5 m", ""},
    {"\"units\":\"strict\"", "5 m", "500 cm", "unit-wrong"}, {"\"units\":\"strict\"", "5 m", "5 m", ""}, {"\"units\":\"strict\"", "5 m", "5 meter", ""}, {"\"units\":\"strict\"", "5 m", "5", "unit-missing"},
    {"\"units\":true", "10 m/s", "36 km/h", ""}, {"\"units\":true", "10 m/s", "10 m s^-1", ""}, {"\"units\":true", "10 m/s", "10 m·s⁻¹", ""}, {"\"units\":true", "10 m/s", "10 ms^{-1}", ""}, {"\"units\":true", "10 m/s", "36 kmh", ""},
    {"\"units\":true", "10 m/s", "10 m", "dimension"}, {"\"units\":true", "9.81 m/s^2", "9.81 m/s²", ""}, {"\"units\":true", "9.81 m/s^2", "9.81 m/s/s", ""}, {"\"units\":true", "9.81 m/s^2", "9.81 m s^(-2)", ""}, {"\"units\":true", "9.81 m/s^2", "9.81 N/kg", ""},
    {"\"units\":true", "5 N m", "5 N·m", ""}, {"\"units\":true", "5 N m", "5 N*m", ""}, {"\"units\":true", "5 N m", "5 Nm", ""}, {"\"units\":true", "5 N*m", "5 J", ""}, {"\"units\":true", "1 J", "1 kg m^2/s^2", ""}, {"\"units\":true", "1 J", "1 kg·m²·s⁻²", ""},
    {"\"units\":true", "50 Hz", "50 s⁻¹", ""}, {"\"units\":true", "50 Hz", "50 1/s", ""}, {"\"units\":true", "50 Hz", "50 /s", ""}, {"\"units\":true", "4184 J/(kg K)", "4184 J/(kg·K)", ""}, {"\"units\":true", "4184 J/(kg K)", "4.184 J/(g K)", ""},
    {"\"units\":true", "4184 J/(kg K)", "4184 J/kg/K", ""}, {"\"units\":true", "1 L", "1000 mL", ""}, {"\"units\":true", "1 L", "1 dm³", ""}, {"\"units\":true", "1 L", "0.001 m^3", ""}, {"\"units\":true", "1 L", "1000 cm3", ""}, {"\"units\":true", "2 h", "120 min", ""},
    {"\"units\":true", "2 h", "7200 s", ""}, {"\"units\":true", "2 h", "2 hours", ""}, {"\"units\":true", "1 kWh", "3.6 MJ", ""}, {"\"units\":true", "20 °C", "293.15 K", ""}, {"\"units\":true", "20 °C", "68 °F", ""}, {"\"units\":true", "20 °C", "20 ℃", ""},
    {"\"units\":true", "20 °C", "20 K", "unit-wrong"}, {"\"units\":\"strict\"", "20 °C", "293.15 K", "unit-wrong"}, {"\"units\":true", "180°", "3.141592653589793 rad", ""}, {"\"units\":true", "47 kΩ", "47000 ohm", ""}, {"\"units\":true", "47 kΩ", "47 kΩ", ""}, {"\"units\":true", "5 µm", "5 μm", ""},
    {"\"units\":true", "5 µm", "5 um", ""}, {"\"units\":true", "5 µm", "0.005 mm", ""}, {"\"units\":true", "5 €", "€5", ""}, {"\"units\":true", "5 €", "5 EUR", ""}, {"\"units\":true", "5 €", "5 $", "dimension"}, {"\"units\":true", "5 $", "$5", ""}, {"\"units\":true", "5 €", "500 cents", ""},
    {"\"units\":true,\"locale\":\"de\"", "1.5 km", "1,5 km", ""}, {"\"units\":true,\"locale\":\"de\"", "1.5 km", "1.500 m", ""}, {"\"units\":true", "3e8 m/s", "3×10⁸ m/s", ""}, {"\"units\":true", "3e8 m/s", "3e8m/s", ""}, {"\"units\":true", "5 m", "5 米", ""}, {"\"units\":true", "5 km", "5公里", ""},
    {"\"units\":true", "2.5 kg", "2500克", ""}, {"\"units\":true", "5 m", "5 parsnips", "unreadable"}, {"\"units\":true", "5 m", "2 + 3 m = 500 cm", ""}, {"\"units\":true", "5 m", "5 m = 50 cm", "unreadable"}, {"\"units\":true,\"absolute\":0.1", "5 m", "495 cm", ""}, {"\"units\":true,\"absolute\":0.1", "5 m", "480 cm", "different"}, {"\"units\":true,\"significant\":2", "5.0 m", "5.0 m", ""},
    {"\"units\":true,\"significant\":2", "5.0 m", "500 cm", ""}, {"\"units\":true,\"significant\":2", "5.0 m", "5 m", "rounded"}, {"", "5", "5 cm", ""}, {"", "5 cm", "5 cm", ""}, {"", "5 cm", "50 mm", ""}, {"\"units\":true", "1013 hPa", "1.013 bar", ""}, {"\"units\":true", "60 mph", "96.56064 km/h", ""},
};
/* clang-format on */

static void try_rows(const struct row *rows, size_t n, bool locale) {
    int bad = 0;
    for (size_t i = 0; i < n; i++) {
        struct fault fault = {0};
        struct grade_result told = {0};
        char text[200];
        snprintf(text, sizeof text, locale && *rows[i].options ? "{\"locale\":\"%s\"}" : "{%s}",
                 rows[i].options);
        json_t *options = json_parse(view_of(text), NULL), *key = json_string(rows[i].key);
        json_t *answer = json_string(rows[i].answer);
        assert_non_null(options);
        bool good = grade_answer("number", key, answer, options, 1, &told, &fault);
        bool right = good && !strcmp(told.note, rows[i].note) &&
                     (told.score >= 1) == !*rows[i].note && *told.feedback;
        if (!right && ++bad)
            print_message("%s %s | %s: %s, not %s\n", text, rows[i].key, rows[i].answer,
                          good ? told.note : fault.message, rows[i].note);
        json_decref(options);
        json_decref(key);
        json_decref(answer);
    }
    assert_int_equal(bad, 0);
}

static void a_number_may_be_written_in_any_common_way(void **state) {
    (void)state;
    try_rows(writing, COUNT_OF(writing), false);
}

static void
marks_are_read_as_the_locale_has_them_and_asked_about_where_none_is_known(void **state) {
    (void)state;
    try_rows(marks, COUNT_OF(marks), true);
}

static void tolerances_and_digits_are_kept_to(void **state) {
    (void)state;
    try_rows(sizes, COUNT_OF(sizes), false);
}

static void units_are_converted_and_missing_ones_missed(void **state) {
    (void)state;
    try_rows(units, COUNT_OF(units), false);
}

static void complex_numbers_and_intervals_are_compared_exactly(void **state) {
    (void)state;
    try_rows(others, COUNT_OF(others), false);
}

static void wrong_options_are_the_authors_fault(void **state) {
    (void)state;
    static const char *const wrong[] = {"{\"absolute\":-1}",     "{\"absolute\":\"x\"}",
                                        "{\"relative\":2}",      "{\"decimals\":\"two\"}",
                                        "{\"significant\":1e9}", "{\"units\":\"lax\"}",
                                        "{\"units\":3}",         "{\"decimals\":-2}"};
    json_t *five = json_integer(5);
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        struct fault fault = {0};
        struct grade_result told;
        json_t *options = json_parse(view_of(wrong[i]), NULL);
        if (grade_answer("number", five, five, options, 1, &told, &fault))
            fail_msg("%s was accepted", wrong[i]);
        assert_int_equal(fault.kind, FAULT_INPUT);
        json_decref(options);
    }
    json_decref(five);
}

static void a_number_in_json_is_read_as_it_is(void **state) {
    (void)state;
    static const struct {
        const char *key, *answer;
        double score;
    } rows[] = {{"1.5", "1.5", 1},   {"1.5", "\"1,5\"", 1}, {"\"3/2\"", "1.5", 1},
                {"1234", "1234", 1}, {"1e20", "1e20", 1},   {"0.1", "0.1", 1},
                {"-2", "2", 0},      {"5", "null", 0},      {"5", "[5]", 0},
                {"5", "true", 0},    {"5", "{}", 0}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct grade_result told;
        json_t *key = json_parse(view_of(rows[i].key), NULL);
        json_t *answer = json_parse(view_of(rows[i].answer), NULL);
        assert_true(grade_answer("number", key, answer, NULL, 1, &told, NULL));
        if (told.score != rows[i].score)
            fail_msg("%s | %s: %g", rows[i].key, rows[i].answer, told.score);
        json_decref(key);
        json_decref(answer);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_number_may_be_written_in_any_common_way),
        cmocka_unit_test(
            marks_are_read_as_the_locale_has_them_and_asked_about_where_none_is_known),
        cmocka_unit_test(tolerances_and_digits_are_kept_to),
        cmocka_unit_test(units_are_converted_and_missing_ones_missed),
        cmocka_unit_test(complex_numbers_and_intervals_are_compared_exactly),
        cmocka_unit_test(wrong_options_are_the_authors_fault),
        cmocka_unit_test(a_number_in_json_is_read_as_it_is),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    algebra_thread_end();
    return failed;
}
