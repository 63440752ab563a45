/* Promises of programs as answers: what is right, what is told, and that nothing gets out. */
#include "school/grade/grade.h"
#include "school/grade/sandbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct grade_result grade(const char *key, const char *answer, const char *options) {
    struct grade_result result;
    struct fault fault = {0};
    json_t *k = json_string(key), *a = json_string(answer);
    json_t *o = json_loads(options, 0, NULL);
    assert_non_null(o);
    if (!grade_answer("code", k, a, o, 1, &result, &fault))
        fail_msg("%s", fault.message);
    json_decref(k);
    json_decref(a);
    json_decref(o);
    return result;
}

/* Whether sandboxes can be made here; where not, that is told, and the rest cannot be tried. */
static void need_sandbox(void) {
    struct fault fault = {0};
    if (sandbox_works(&fault))
        return;
    assert_int_equal(fault.kind, FAULT_MACHINE);
    assert_true(fault.remedy[0]);
    skip();
}

static const char mean[] = "def mean(x):\n    return sum(x) / len(x)\n";
static const char mean_tests[] =
    "{\"language\":\"python\",\"tests\":[{\"call\":\"mean([1,2])\"},"
    "{\"call\":\"mean([4])\"},{\"call\":\"mean([])\",\"raises\":\"ZeroDivisionError\"},"
    "{\"call\":\"mean([5, 6, 1])\",\"hidden\":true}]}";

static void programs_are_graded_by_what_they_do(void **state) {
    static const struct {
        const char *answer, *note, *feedback;
        double score;
    } cases[] = {
        {mean, "", "That is right.", 1},
        {"def mean(x):\n  t = 0\n  for y in x: t += y\n  return t / len(x)\n", "", "right", 1},
        {"def mean(x):\n    return sum(x) // len(x)\n", "case",
         "On mean([1,2]) it gives 1; it should be 1.5.", 0.75},
        {"def mean(x):\n    return sum(x) / max(1, len(x))\n", "case", "On mean([]) it gives 0.0",
         0.75},
        {"def mean(x):\n    return sum(x) / 2 + len(x) / 4 if x != [5, 6, 1] else 0\n", "case",
         "On mean([1,2])", 0},
        {"def mean(x):\n    if len(x) > 2: return 9\n    return sum(x) / len(x)\n", "case",
         "not shown", 0.75},
        {"def mean(x)\n    return 1\n", "compile", "Line 1: SyntaxError: expected ':'", 0},
        {"x = 1\ny = z\n", "error", "Line 2: NameError", 0},
        {"def other(x): return 1\n", "error", "NameError", 0},
        {"print('hello')\ndef mean(x):\n    print(x)\n    return sum(x) / len(x)\n", "", "right",
         1},
        {"import sys\nsys.exit(0)\n", "error", "SystemExit", 0},
        {"def mean(x):\n    import os\n    os._exit(0)\n", "crash", "", 0},
    };
    (void)state;
    need_sandbox();
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct grade_result result = grade(mean, cases[i].answer, mean_tests);
        if (result.score != cases[i].score || strcmp(result.note, cases[i].note) != 0 ||
            !strstr(result.feedback, cases[i].feedback))
            fail_msg("case %zu: %g %s %s", i, result.score, result.note, result.feedback);
    }
}

static void a_test_may_say_itself_what_it_wants(void **state) {
    static const char key[] = "def f(x):\n"
                              "    if x < 0: raise ValueError('negative')\n"
                              "    return {'a': [x, x + 1], 'b': {x}, 'c': None}\n";
    static const char options[] =
        "{\"program\":\"python\",\"language\":\"zh\",\"tests\":[{\"call\":\"f(-1)\",\"raises\":"
        "\"ValueError\"},{\"call\":\"f(1)['a']\",\"is\":[1,2]},{\"call\":\"f(1)['b'] == {1}\","
        "\"is\":true},{\"call\":\"{'q': f(0)['c'], 'p': 0.1 + 0.2}\",\"is\":{\"p\":0.3,\"q\":"
        "null},\"say\":\"None 和小数\"}]}";
    (void)state;
    need_sandbox();
    assert_true(grade(key, key, options).score >= 1);
    struct grade_result result =
        grade(key, "def f(x):\n    return {'a': (x, x + 1), 'b': {x}, 'c': 0}\n", options);
    assert_true(result.score == 0.5);
    assert_non_null(strstr(result.feedback, "f(-1) 得到"));
}

static void programs_in_c_are_compiled_and_fed(void **state) {
    static const char key[] = "#include <stdio.h>\nint main(void) { int a, b; while (scanf(\"%d "
                              "%d\", &a, &b) == 2) printf(\"%d\\n\", a + b); return 0; }\n";
    static const char tests[] = "{\"language\":\"c\",\"tests\":[{\"stdin\":\"1 2\\n\"},{\"stdin\":"
                                "\"1 2\\n3 4\\n\",\"stdout\":\"3\\n7\\n\"},{\"stdin\":\"\"}]}";
    static const char twice[] =
        "{\"language\":\"c\",\"main\":\"#include <stdio.h>\\nint twice(int);\\nint main(void) { "
        "int a; while (scanf(\\\"%d\\\", &a) == 1) printf(\\\"%d\\\\n\\\", twice(a)); }\","
        "\"tests\":[{\"stdin\":\"4 5\"}]}";
    (void)state;
    need_sandbox();
    assert_true(grade(key, key, tests).score >= 1);
    struct grade_result result =
        grade(key,
              "#include <stdio.h>\nint main(void) { int a, b; scanf(\"%d %d\", &a, &b);"
              " printf(\"%d  \\r\\n\", a + b); }\n",
              tests);
    assert_true(result.score > 0.3 && result.score < 0.4);
    result =
        grade("int twice(int a) { return 2 * a; }", "int twice(int a) {\n return 2 * b; }", twice);
    assert_string_equal(result.note, "compile");
    assert_non_null(strstr(result.feedback, "Line 2: "));
    result = grade("int twice(int a) { return 2 * a; }",
                   "int twice(int a) { return *(volatile int *)(long)(a - a); }", twice);
    assert_string_equal(result.note, "crash");
    result =
        grade("int twice(int a) { return 2 * a; }", "int twice(int a) { return a + a; }", twice);
    assert_true(result.score >= 1);
    /* What it prints counts, and not the number that main gives. */
    result = grade(
        key,
        "#include <stdio.h>\nint main(void) { int a, b; while (scanf(\"%d %d\", &a, &b) == 2)"
        " printf(\"%d\\n\", a + b); return 1; }\n",
        "{\"language\":\"c\",\"tests\":[{\"stdin\":\"1 2\",\"stdout\":\"3\"}]}");
    assert_true(result.score >= 1);
}

static void values_are_told_as_the_language_writes_them(void **state) {
    static const struct {
        const char *value, *told;
    } rows[] = {
        {"None", "it gives None; it should be 1."},
        {"[True, (False, 'a'), {1: None}]",
         "it gives [True, [False, \"a\"], {1: None}]; it should"},
        {"{2}", "it gives {2}; it should"},
        {"float('nan')", "it gives nan; it should"},
        {"2**60", "it gives 1152921504606846976; it should"},
    };
    char answer[100];
    (void)state;
    need_sandbox();
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        snprintf(answer, sizeof answer, "def f(x):\n  return %s\n", rows[i].value);
        struct grade_result result =
            grade("def f(x):\n  return 1\n", answer,
                  "{\"language\":\"python\",\"tests\":[{\"call\":\"f(1)\"}]}");
        if (!strstr(result.feedback, rows[i].told))
            fail_msg("%s: %s", rows[i].value, result.feedback);
    }
    struct grade_result result =
        grade("def f(x):\n  return 1\n", "def g(x):\n  return 1\n",
              "{\"language\":\"python\",\"tests\":[{\"call\":\"f(1)\"}]}");
    assert_string_equal(result.feedback,
                        "On f(1) it stops with NameError: name 'f' is not defined");
}

/* ------------------------------------------------------------------------------------- attacks
 */

/* What f(1) of the answer gives must be `wanted`, found outside by the same key. */
static struct grade_result attack(const char *answer) {
    return grade("def f(x):\n    return 'held'\n", answer,
                 "{\"language\":\"python\",\"seconds\":1,\"tests\":[{\"call\":\"f(1)\"},{\"call\":"
                 "\"f(271828)\",\"hidden\":true}]}");
}

static void an_attack_is_held(void **state) {
    /* Each gives 'held' when it was, and else says what it got. */
    static const char *const attacks[] = {
        "import os\ndef f(x):\n  try: return str(os.fork())\n  except OSError: return 'held'\n",
        "import threading\ndef f(x):\n  try:\n    t = threading.Thread(target=print); t.start(); "
        "return 'a thread'\n  except RuntimeError: return 'held'\n",
        "import subprocess\ndef f(x):\n  try: return subprocess.check_output('id').decode()\n"
        "  except OSError: return 'held'\n",
        "import socket\ndef f(x):\n  try: socket.socket(); return 'a socket'\n"
        "  except OSError: return 'held'\n",
        "def f(x):\n  try: return open('/etc/passwd').read()[:40]\n"
        "  except OSError: return 'held'\n",
        "import os\ndef f(x):\n  try: return str(os.listdir('/proc'))\n"
        "  except OSError: return 'held'\n",
        "import os\ndef f(x):\n  try: return os.readlink('/proc/self/exe')\n"
        "  except OSError: return 'held'\n",
        "def f(x):\n  try: open('/answer/answer.py', 'w'); return 'written'\n"
        "  except OSError: return 'held'\n",
        "import os\ndef f(x):\n  try: os.symlink('/', '/answer/out'); return 'linked'\n"
        "  except OSError: return 'held'\n",
        "import os\ndef f(x):\n  os.symlink('/../../../../home', '/tmp/out')\n"
        "  try: return str(os.listdir('/tmp/out'))\n  except OSError: return 'held'\n",
        "import os\ndef f(x):\n  try: open('/usr/new', 'w'); return 'written'\n"
        "  except OSError: return 'held'\n",
        "import ctypes\ndef f(x):\n  libc = ctypes.CDLL(None, use_errno=True)\n"
        "  return 'held' if libc.ptrace(0, 0, 0, 0) < 0 and libc.unshare(0x10000000) < 0 and "
        "libc.chroot(b'/') < 0 else 'allowed'\n",
        "import os\ndef f(x):\n  return 'held' if len(os.environ) < 8 and 'SECRET' not in "
        "os.environ else str(dict(os.environ))\n",
        "import os\ndef f(x):\n  n = 0\n  try:\n    with open('/tmp/big', 'wb') as file:\n"
        "      while n < 64: file.write(b'x' * (1 << 20)); file.flush(); n += 1\n"
        "    return 'filled'\n  except OSError: return 'held'\n",
        "import glob\ndef f(x):\n  seen = ''.join(open(p, errors='replace').read() for p in "
        "glob.glob('/answer/*'))\n  return 'held' if x == 271828 or '271828' not in "
        "seen.replace(\"'2718\" \"28'\", '') .replace('x == 2718' '28', '') else 'read the "
        "tests'\n",
        "import os, signal\ndef f(x):\n  try:\n    os.kill(1, signal.SIGKILL)\n"
        "    os.kill(os.getppid(), 0)\n  except OSError: pass\n  return 'held'\n",
    };
    (void)state;
    need_sandbox();
    setenv("SECRET", "a key", 1);
    for (size_t i = 0; i < COUNT_OF(attacks); i++) {
        struct grade_result result = attack(attacks[i]);
        if (result.score < 1)
            fail_msg("attack %zu: %s", i, result.feedback);
    }
}

static void what_never_ends_is_ended_and_told(void **state) {
    static const struct {
        const char *answer, *note;
    } cases[] = {
        {"def f(x):\n  while True: pass\n", "time"},
        {"import time\ndef f(x):\n  time.sleep(100)\n", "time"},
        {"def f(x):\n  return 'x' * (1 << 40)\n", "memory"},
        {"def f(x):\n  a = []\n  while True: a.append('x' * 1000000)\n", "memory"},
        {"def f(x):\n  while True: print('y' * 100)\n", "output"},
        {"while True: print('y' * 100)\n", "output"},
        {"import os\ndef f(x):\n  while True: os.write(2, b'y' * 10000)\n", "output"},
        {"import os\ndef f(x):\n  while True: os.write(1, b'y' * 10000)\n", "output"},
        {"import os\ndef f(x):\n  while True:\n    try: os.fork()\n    except OSError: pass\n",
         "time"},
    };
    (void)state;
    need_sandbox();
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct grade_result result = attack(cases[i].answer);
        if (strcmp(result.note, cases[i].note) != 0 || result.score > 0)
            fail_msg("case %zu: %s, %s", i, result.note, result.feedback);
    }
}

static void *submit(void *data) {
    char answer[100];
    int *good = data, i = *good;
    snprintf(answer, sizeof answer, "def f(x):\n    return x * %d + x * 0 * %d\n", i % 2 ? 3 : 2,
             i);
    json_t *k = json_string("def f(x):\n    return x * 3\n"), *a = json_string(answer);
    json_t *o = json_loads("{\"language\":\"python\",\"tests\":[{\"call\":\"f(7)\"}]}", 0, NULL);
    struct grade_result result;
    struct fault fault = {0};
    *good = grade_answer("code", k, a, o, 1, &result, &fault) && result.score == (i % 2);
    json_decref(k);
    json_decref(a);
    json_decref(o);
    return NULL;
}

static void twenty_may_come_at_once(void **state) {
    pthread_t threads[20];
    int good[20];
    (void)state;
    need_sandbox();
    for (int i = 0; i < 20; i++) {
        good[i] = i;
        assert_int_equal(pthread_create(&threads[i], NULL, submit, &good[i]), 0);
    }
    for (int i = 0; i < 20; i++) {
        pthread_join(threads[i], NULL);
        assert_true(good[i]);
    }
}

/* The folder of an answer lies where the machine's owner wants it, however long its path; one that
 * is longer than a path may be is told. */
static void the_folder_of_an_answer_is_in_tmpdir_and_its_path_is_never_cut(void **state) {
    (void)state;
    static const struct sandbox_file file = {"answer.py", {"print(1)", 8}};
    char base[] = "/tmp/lyceum-tmpdir-XXXXXX", path[PATH_MAX], deep[400], name[201];
    struct fault fault = {0};
    const char *before = getenv("TMPDIR");
    memset(name, 'd', sizeof name - 1);
    name[sizeof name - 1] = 0;
    assert_non_null(mkdtemp(base));
    snprintf(deep, sizeof deep, "%s/%s", base, name);
    assert_int_equal(mkdir(deep, 0700), 0);
    setenv("TMPDIR", deep, 1);
    assert_true(sandbox_folder(path, &file, 1, &fault));
    assert_int_equal(strncmp(path, deep, strlen(deep)), 0);
    assert_int_equal(access(path, X_OK), 0);
    sandbox_remove(path);
    assert_int_not_equal(access(path, X_OK), 0);
    if (sandbox_works(&fault))
        assert_true(grade("def f(x):\n    return x * 7\n", "def f(x):\n    return 7 * x\n",
                          "{\"language\":\"python\",\"tests\":[{\"call\":\"f(41)\"}]}")
                        .score == 1);
    rmdir(deep);
    setenv("TMPDIR", deep, 1); /* which is gone now */
    fault = (struct fault){0};
    assert_false(sandbox_folder(path, &file, 1, &fault));
    assert_string_equal(path, "");
    assert_string_equal(fault.file, deep);
    char long_path[PATH_MAX + 8];
    memset(long_path, '/', sizeof long_path - 1);
    long_path[sizeof long_path - 1] = 0;
    setenv("TMPDIR", long_path, 1);
    fault = (struct fault){0};
    assert_false(sandbox_folder(path, &file, 1, &fault));
    assert_string_equal(path, "");
    assert_int_equal(fault.kind, FAULT_MACHINE);
    assert_non_null(strstr(fault.message, "TMPDIR"));
    if (before)
        setenv("TMPDIR", before, 1);
    else
        unsetenv("TMPDIR");
    rmdir(base);
}

static void what_the_author_got_wrong_is_told(void **state) {
    static const struct {
        const char *key, *options, *message;
    } cases[] = {
        {"def f(x)\n", "{\"language\":\"python\",\"tests\":[{\"call\":\"f(1)\"}]}",
         "the key does"},
        {"def f(x): return y", "{\"language\":\"python\",\"tests\":[{\"call\":\"f(1)\"}]}",
         "the key itself stops on f(1): NameError"},
        {"1", "{\"language\":\"ruby\",\"tests\":[{\"call\":\"f(1)\"}]}", "in python or c"},
        {"1", "{\"language\":\"python\"}", "options.tests"},
        {"1", "{\"language\":\"python\",\"tests\":[{}]}", "test 1 has neither"},
        {"1", "{\"language\":\"c\",\"tests\":[{\"call\":\"f()\"}]}", "in C a program"},
        {"1", "{\"language\":\"python\",\"tests\":[{\"call\":\"f()\",\"stdout\":\"\"}]}",
         "call and"},
        {"1", "{\"language\":\"python\",\"seconds\":900,\"tests\":[{\"call\":\"1\"}]}", "seconds"},
    };
    (void)state;
    need_sandbox();
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct grade_result result;
        struct fault fault = {0};
        json_t *k = json_string(cases[i].key), *o = json_loads(cases[i].options, 0, NULL);
        assert_false(grade_answer("code", k, k, o, 1, &result, &fault));
        if (!strstr(fault.message, cases[i].message))
            fail_msg("case %zu: %s", i, fault.message);
        json_decref(k);
        json_decref(o);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(programs_are_graded_by_what_they_do),
        cmocka_unit_test(a_test_may_say_itself_what_it_wants),
        cmocka_unit_test(programs_in_c_are_compiled_and_fed),
        cmocka_unit_test(values_are_told_as_the_language_writes_them),
        cmocka_unit_test(an_attack_is_held),
        cmocka_unit_test(what_never_ends_is_ended_and_told),
        cmocka_unit_test(twenty_may_come_at_once),
        cmocka_unit_test(what_the_author_got_wrong_is_told),
        cmocka_unit_test(the_folder_of_an_answer_is_in_tmpdir_and_its_path_is_never_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
