#!/usr/bin/env python3
"""A school of many learners on one file: how long the tables take to make again, and every page.

    bench/school_load.py [--learners 10000] [--events 1000] [--requests 300] [--folder DIR] [--json]

Makes a course of 1,000 exercises and a record of LEARNERS x EVENTS events (written past Lyceum, in
the form in which it writes them), then measures `lyceum rebuild`, the opening of the school, and each
page and read of the API as 1 client after another asks for them, each time another learner, packed as
for a browser. Times are those of the server's log, with the processor's beside them for a busy machine. $LYCEUM is the
program (build/lyceum).
"""
import argparse
import hashlib
import http.client
import json
import os
import random
import re
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
program = os.environ.get("LYCEUM", os.path.join(root, "build", "lyceum"))
N_LESSON, N_EACH = 50, 20


def make_course(folder):
    os.makedirs(folder)
    skills = "".join(f"  - id: s{i}\n    title: Skill {i}\n" for i in range(N_LESSON))
    with open(os.path.join(folder, "course.yaml"), "w") as file:
        file.write("title: A thousand exercises\nauthors: [Bench]\nlicence: CC0-1.0\nlanguages: [en]\n"
                   f"skills:\n{skills}mastery: 0.9\nsuccess: 0.85\n")
    for lesson in range(N_LESSON):
        name = os.path.join(folder, f"{lesson + 1:02}-lesson")
        os.makedirs(name)
        text = [f"# Lesson {lesson + 1}\n\nTwo numbers are added by counting on from the first.\n"]
        for i in range(N_EACH):
            text.append(f"""
::::{{exercise}} Sum {i}
:label: e{lesson * N_EACH + i}
:skill: s{lesson}
~~~yaml
vary: {{a: 2..9, b: 11..20}}
ask: What is $ {{a}} + {{b}} $?
check: number
key: "{{a+b}}"
wrong:
  - {{is: "{{a*b}}", why: multiplied, say: "Is that a sum or a product?"}}
~~~
:::{{hint}} Start at the larger number.
:::
:::{{hint}} Count on, one by one.
:::
:::{{solution}} Count on from the larger number.
:::
::::
""")
        with open(os.path.join(name, "lesson.md"), "w") as file:
            file.write("".join(text))


def token(learner):
    return f"{learner:064x}"


class School:
    def __init__(self, course, data):
        began = time.perf_counter()
        self.log = os.path.join(os.path.dirname(data), "log")
        self.process = subprocess.Popen([program, "serve", course, "--data", data, "--port", "0", "--model", "/nowhere",
                                         "--log", self.log],
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        for line in self.process.stdout:
            found = re.search(r"http://[^:]+:(\d+)/", line.decode())
            if found:
                break
        else:
            sys.exit("bench/school_load.py: the school did not open")
        self.port = int(found[1])
        self.opened = time.perf_counter() - began
        self.line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)

    def ask(self, path, learner, body=None):
        headers = {"Cookie": f"lyceum={token(learner)}", "Content-Type": "application/json", "Accept-Encoding": "gzip"}
        began = time.perf_counter()
        self.line.request("POST" if body else "GET", path, body, headers)
        answer = self.line.getresponse()
        content = answer.read()
        return time.perf_counter() - began, answer.status, content

    def processor_ms(self):
        with open(f"/proc/{self.process.pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")

    def last_times(self, n):
        """Of the last n answers, in milliseconds, as the server noted them."""
        with open(self.log) as file:
            return [json.loads(line)["ms"] for line in file.readlines()[-n:]]

    def close(self):
        self.line.close()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


# By the learner (l) and the turn (r) of ?4: six attempts of ten, a hint, a question, two things said; over 200 days that
# end at ?5. Of the wrong answers a third are the foreseen one.
EVENTS = """
WITH RECURSIVE turn(r) AS (SELECT ?2 UNION ALL SELECT r + 1 FROM turn WHERE r + 1 < ?3),
 who(l) AS (SELECT 1 UNION ALL SELECT l + 1 FROM who WHERE l < ?1)
INSERT INTO event(learner, at_ms, kind, data) SELECT l, ?5 - 17280000000 * (?4 - r) / ?4 + l * 37,
 CASE r % 10 WHEN 2 THEN 'hint' WHEN 5 THEN 'asked' WHEN 6 THEN 'said' WHEN 9 THEN 'said' ELSE 'attempt' END,
 CASE r % 10
 WHEN 2 THEN printf('{"exercise":"e%d","seed":%d,"rung":1}', (r / 3 + l) % 1000, 1 + l % 97)
 WHEN 5 THEN printf('{"text":"why is it so, and not %d?","taken_for":"question","language":"en",'
  || '"course":"course","lesson":"01-lesson","exercise":"e%d","seed":%d}', r, (r / 3 + l) % 1000, 1 + l % 97)
 WHEN 6 THEN printf('{"move":"answer","to":"question","say":[{"text":"Two numbers are added by counting on.",'
  || '"from":"author","cites":[]}],"language":"en","draft":"none","exercise":"e%d","seed":%d}', (r / 3 + l) % 1000, 1 + l % 97)
 WHEN 9 THEN printf('{"move":"point","to":"attempt","say":[{"text":"Not yet. Where are you least sure?",'
  || '"from":"author","cites":[]}],"language":"en","draft":"none","exercise":"e%d","seed":%d}', (r / 3 + l) % 1000, 1 + l % 97)
 ELSE printf('{"course":"course","lesson":"%02d-lesson","exercise":"e%d","skill":"s%d","language":"en","seed":%d,'
  || '"answer":"%d","score":%s,"note":"","misconception":"%s","counts":true,"threshold":0.9,"chance":0.0}',
  (r / 3 + l) % 1000 / 20 + 1, (r / 3 + l) % 1000, (r / 3 + l) % 1000 / 20, 1 + l % 97, l % 40,
  CASE WHEN (l * 7919 + r * 104729) % 100 < 70 THEN '1.0' ELSE '0.0' END,
  CASE WHEN (l * 7919 + r * 104729) % 100 < 90 THEN '' ELSE 'multiplied' END) END
FROM turn CROSS JOIN who
"""
# In bulk: nothing is checked row by row, indexes are made at the end, and a record that is half made is thrown away.
BULK = ["journal_mode = OFF", "synchronous = OFF", "ignore_check_constraints = ON", "cache_size = -262144"]


def fill_class(event, learners):
    """A class of up to 300 whose teacher assigned three lessons, two tests, and wrote about a wrong answer."""
    event(1, "role", role="teacher")
    a_class = event(1, "class", title="A class")
    assigned = [event(1, "assignment", **{"class": a_class, "kind": kind, "course": "course", "lesson": f"{lesson:02}-lesson",
                                          "due_ms": 0})
                for kind, lesson in (("lesson", 7), ("lesson", 8), ("lesson", 9), ("pre", 7), ("post", 7))]
    event(1, "taught", exercise="e140", wrong={"is": "{b-a}", "why": "subtracted", "say": "What does the sign ask for?"})
    for learner in range(2, min(learners, 301) + 1):
        event(learner, "member", **{"class": a_class, "role": "learner"})
        event(learner, "name", name=f"Learner {learner}")
        for test in assigned[3:] if learner % 2 else []:
            for i in range(10):
                event(learner, "test", assignment=test, exercise=f"e{120 + i}", seed=1 + i, answer="17",
                      score=float((learner + i + test) % 3 > 0), note="", total=10)


def fill(data, learners, events):
    database = sqlite3.connect(os.path.join(data, "record.db"), isolation_level=None)
    run = database.execute
    for setting in BULK:
        run(f"PRAGMA {setting}").fetchall()
    kept = run("SELECT type, name, sql FROM sqlite_schema WHERE tbl_name = 'event' AND type IN ('trigger', 'index')"
               " AND sql IS NOT NULL").fetchall()
    run("BEGIN")
    for kind, name, _ in kept:
        run(f"DROP {kind} {name}")
    add = "INSERT INTO event(learner, at_ms, kind, data) VALUES(?, ?, ?, ?)"
    end = int(time.time() * 1000)
    began = end - 201 * 86400000
    database.executemany(add, ((i, began, "learner", json.dumps({"token_hash": hashlib.sha256(token(i).encode()).hexdigest()}))
                               for i in range(1, learners + 1)))
    fill_class(lambda learner, what, /, **told: run(add, (learner, began, what, json.dumps(told))).lastrowid, learners)
    for first in range(0, events, 50):
        run(EVENTS, (learners, first, min(first + 50, events), events, end))
    for _, _, sql in kept:
        run(sql)
    run("COMMIT")
    n = run("SELECT count(*) FROM event").fetchone()[0]
    database.close()
    return n


def percentile(times, share):
    return sorted(times)[min(len(times) - 1, int(len(times) * share))]


parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--learners", type=int, default=10000)
parser.add_argument("--events", type=int, default=1000)
parser.add_argument("--requests", type=int, default=300)
parser.add_argument("--folder", help="where the record is made and kept; used again when it is there")
parser.add_argument("--json", action="store_true")
options = parser.parse_args()
folder = options.folder or tempfile.mkdtemp(prefix="lyceum-load-")
course, data = os.path.join(folder, "course"), os.path.join(folder, "data")
result = {"learners": options.learners}
if not os.path.exists(course):
    make_course(course)
    School(course, data).close()
    began = time.perf_counter()
    result["events"] = fill(data, options.learners, options.events)
    result["made_seconds"] = time.perf_counter() - began
result["load_before"] = os.getloadavg()[0]
used, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
if subprocess.run([program, "rebuild", "--data", data], stdout=subprocess.DEVNULL).returncode:
    sys.exit("bench/school_load.py: the tables could not be made again")
result["rebuild_seconds"] = time.perf_counter() - began
after = resource.getrusage(resource.RUSAGE_CHILDREN)
result["rebuild_processor_seconds"] = after.ru_utime + after.ru_stime - used.ru_utime - used.ru_stime
result["rebuild_memory_bytes"] = after.ru_maxrss * 1024
result["load_after_rebuild"] = os.getloadavg()[0]
result["record_bytes"] = os.path.getsize(os.path.join(data, "record.db"))
school = School(course, data)
result["open_seconds"] = school.opened
pages = ["/", "/courses/course/lessons/07-lesson", "/progress", "/practice", "/api/courses", "/api/progress",
         "/api/courses/course/lessons/07-lesson", "/api/learners/me/events", "/api/next", "/api/reviews", "/api/plan",
         "/account", "/metrics", "/healthz", "ATTEMPT", "/teach", "CLASS", "CLASS/people", "CLASS/work", "CLASS/learners/2",
         "CLASS/table.csv"]
of_class = sqlite3.connect(os.path.join(data, "record.db")).execute("SELECT min(id) FROM class").fetchone()[0]
draw = random.Random(3)
result["pages"] = {}
for page in pages:
    seen, before = set(), school.processor_ms()
    taught = page.startswith(("CLASS", "/teach"))
    for i in range(options.requests):
        learner = 1 if taught else draw.randint(1, options.learners)
        path, body = page.replace("CLASS", f"/classes/{of_class}"), None
        if page == "ATTEMPT":
            path, body = f"/api/exercises/e{draw.randrange(1000)}/attempts", '{"answer": "17"}'
        _, status, content = school.ask(path, learner, body)
        seen.add(status)
    times = school.last_times(options.requests)
    result["pages"][page] = {"p50_ms": percentile(times, .5), "p95_ms": percentile(times, .95), "p99_ms": percentile(times, .99),
                             "processor_ms": (school.processor_ms() - before) / options.requests, "status": sorted(seen), "bytes": len(content)}
result["load_after"] = os.getloadavg()[0]
school.close()
if options.json:
    print(json.dumps(result))
else:
    for key, value in result.items():
        if key != "pages":
            print(f"{key:16} {value:,.1f}" if isinstance(value, float) else f"{key:16} {value:,}")
    for page, told in result["pages"].items():
        print(f"{page:40} p50 {told['p50_ms']:8.1f}  p95 {told['p95_ms']:8.1f}  p99 {told['p99_ms']:8.1f} ms"
              f"  processor {told['processor_ms']:7.1f} ms  {told['status']}  {told['bytes']:,} bytes")
if not options.folder:
    shutil.rmtree(folder)
