"""A school in bad hours: no room on the disk, a record that another program holds, a kill in the middle of answers
and of an upgrade, a clock that is put back. What was acknowledged stays, people are told, and it goes on by itself."""
import http.client
import json
import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

program, root, faulty = sys.argv[1:4]
course = os.path.join(root, "courses", "build-a-mind")
n_test = 0


def promise(what, kept, *shown):
    global n_test
    n_test += 1
    print(f"{'ok' if kept else 'not ok'} {n_test} - {what}", flush=True)
    if not kept:
        print("# " + repr(shown)[:700].replace("\n", "\n# "), flush=True)


def start(data, environment=None):
    return subprocess.Popen([program, "serve", course, "--data", data, "--port", "0", "--model", "/nowhere",
                             "--backup-hours", "0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                            env={**os.environ, **(environment or {})})


class School:
    def __init__(self, data, environment=None):
        self.process = start(data, environment)
        self.port = int(re.search(r":(\d+)/", self.process.stdout.readline().decode())[1])

    def ask(self, method, path, body=None, cookie="", language="en", kind="application/json"):
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        content = body if body is None or isinstance(body, str) else json.dumps(body)
        line.request(method, path, content, {"Content-Type": kind, "Cookie": cookie, "Accept-Language": language})
        answer = line.getresponse()
        text = answer.read().decode()
        self.given = next((value.split(";")[0] for name, value in answer.getheaders()
                           if name == "Set-Cookie" and value.startswith("lyceum=")), "")
        line.close()
        return answer.status, text

    def learner(self):
        self.ask("POST", "/api/learners")
        return self.given

    def answer(self, cookie, text, **more):
        return self.ask("POST", "/api/exercises/guess-01/attempts", {"answer": text}, cookie, **more)

    def answers(self, cookie):
        events = json.loads(self.ask("GET", "/api/learners/me/events", cookie=cookie)[1])["events"]
        return [event for event in events if event["kind"] == "attempt"]

    def close(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        self.process.communicate(timeout=60)


def told(language, key):
    with open(os.path.join(root, "ui", "locales", language + ".json"), encoding="utf-8") as file:
        return json.load(file)[key]


def failing(language):
    return f' lang="{language}">{told(language, "school_failing")}</p>'


def write(path, text):
    with open(path, "w") as file:
        file.write(text)


def in_trouble(school, cookie, cause):
    """What is promised while nothing can be kept, whatever the cause."""
    status, text = school.answer(cookie, "8", language="zh")
    error = json.loads(text).get("error", {})
    promise(f"{cause}: an answer is refused, and the learner told in their language",
            status == 503 and error.get("say") == told("zh", "not_kept"), status, text)
    promise(f"{cause}: the cause and the remedy are told too", error.get("message") and error.get("remedy"), text)
    status, page = school.ask("GET", "/courses/build-a-mind/lessons/01-guessing", cookie=cookie, language="ar")
    promise(f"{cause}: lessons can be read on, and say what is the matter",
            status == 200 and failing("ar") in page, status, page[:3000])
    promise(f"{cause}: figures tell it", "\nlyceum_record_failing 1\n" in school.ask("GET", "/metrics")[1])


def all_is_well(school, cookie, cause, kept):
    status, text = school.answer(cookie, "9")
    promise(f"{cause} is over: it goes on by itself", status == 200, status, text)
    page = school.ask("GET", "/", cookie=cookie)[1]
    promise(f"{cause} is over: no page speaks of it", failing("en") not in page and
            "\nlyceum_record_failing 0\n" in school.ask("GET", "/metrics")[1], page[:3000])
    answers = [event["data"]["answer"] for event in school.answers(cookie)]
    promise(f"{cause}: what was acknowledged is there, what was refused is not", answers == kept + ["9"], answers)


def of_the_disk(folder):
    full, clock, data = (os.path.join(folder, name) for name in ("full", "clock", "data"))
    preload = {"LD_PRELOAD": faulty, "FAULTY_FULL": full, "FAULTY_CLOCK": clock,
               "ASAN_OPTIONS": "verify_asan_link_order=0"}
    school = School(data, preload)
    cookie = school.learner()
    school.answer(cookie, "7")
    form = "application/x-www-form-urlencoded"
    mine, other = "login=ada&password=three+little+words", "login=eda&password=three+other+words&present=three+little+words"
    school.ask("POST", "/account", mine, cookie, kind=form)
    write(full, "")
    in_trouble(school, cookie, "a full disk")
    status, page = school.ask("POST", "/courses/build-a-mind/lessons/01-guessing/exercises/guess-01", "answer=5&check=number",
                              cookie, "es", form)
    promise("a full disk: a page without JavaScript tells it", status == 503 and told("es", "not_kept") in page, status, page)
    status, text = school.ask("POST", "/api/learners", language="es")
    promise("a full disk: nobody is taken in", status == 503 and told("es", "not_kept") in text, status, text)
    for what, (status, page) in (("to sign in", school.ask("POST", "/sign-in", mine, "", "ar", form)),
                                 ("a new password", school.ask("POST", "/account", other, cookie, "ar", form))):
        promise(f"a full disk: {what} is refused with it", status == 503 and told("ar", "not_kept") in page, status, page)
    status, text = school.ask("POST", "/api/turns", {"course": "build-a-mind", "lesson": "01-guessing", "text": "why?"},
                              cookie, "zh")
    promise("a full disk: a turn ends with it", status == 200 and told("zh", "not_kept") in text, status, text)
    os.remove(full)
    all_is_well(school, cookie, "a full disk", ["7"])

    before = school.answers(cookie)
    write(clock, "-400000000")  # twelve years
    status = school.answer(cookie, "11")[0]
    reads = [school.ask("GET", path, cookie=cookie)[0] for path in ("/", "/progress", "/practice", "/api/next", "/api/reviews")]
    promise("with the clock put back answers are kept, and pages go on", [status, *reads] == [200] * 6, status, reads)
    after = school.answers(cookie)
    promise("with the clock put back events keep their order", [event["data"]["answer"] for event in after] == ["7", "9", "11"] and
            after[:2] == before and after[2]["at"] < after[1]["at"] and
            [event["id"] for event in after] == sorted(event["id"] for event in after), after)
    os.remove(clock)
    promise("and when it is right again it goes on", school.answer(cookie, "12")[0] == 200)
    school.close(signal.SIGKILL)
    school = School(data)
    promise("all of it is there after a kill", [event["data"]["answer"] for event in school.answers(cookie)] ==
            ["7", "9", "11", "12"], school.answers(cookie))
    return school, cookie, data


def of_another_program(school, cookie, data):
    before = [event["data"]["answer"] for event in school.answers(cookie)]
    other = sqlite3.connect(os.path.join(data, "record.db"), isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    in_trouble(school, cookie, "a record that is held")
    other.execute("ROLLBACK")
    other.close()
    all_is_well(school, cookie, "a record that is held", before)
    school.close()


def of_a_kill(folder):
    data, acknowledged, draw = os.path.join(folder, "killed"), {}, random.Random(7)
    for _ in range(4):
        school = School(data)
        cookies = list(acknowledged) or [school.learner() for _ in range(12)]
        lost = [cookie for cookie in acknowledged
                if not acknowledged[cookie] <= {event["data"]["answer"] for event in school.answers(cookie)}]
        promise("a kill among answers of many loses none that was acknowledged", not lost, lost)

        def go_on(cookie):
            kept = acknowledged.setdefault(cookie, set())
            for _ in range(40):
                text = str(len(kept) * 100 + 13)
                try:
                    if school.answer(cookie, text)[0] != 200:
                        return
                except (OSError, http.client.HTTPException):
                    return
                kept.add(text)

        threads = [threading.Thread(target=go_on, args=[cookie]) for cookie in cookies]
        for thread in threads:
            thread.start()
        time.sleep(draw.uniform(0.2, 0.8))
        school.close(signal.SIGKILL)
        for thread in threads:
            thread.join()
    school = School(data)
    there = [acknowledged[cookie] <= {event["data"]["answer"] for event in school.answers(cookie)} for cookie in acknowledged]
    promise("nor after the last", all(there) and sum(map(len, acknowledged.values())) > 12, acknowledged)
    school.close()


def events_of(path):
    database = sqlite3.connect(path)
    version = database.execute("PRAGMA user_version").fetchone()[0]
    events = database.execute("SELECT * FROM event ORDER BY id").fetchall()
    database.close()
    return version, events


def of_an_upgrade(folder):
    """The newest of the old versions, with enough events for an upgrade to take a while."""
    data, versions = os.path.join(folder, "old"), os.path.join(root, "tests", "school", "learner", "versions")
    newest = max(os.listdir(versions), key=lambda name: int(name.split(".")[0]))
    path, draw, n_cut = os.path.join(data, "record.db"), random.Random(11), 0
    os.makedirs(data)
    database = sqlite3.connect(path)
    with open(os.path.join(versions, newest), encoding="utf-8") as file:
        database.executescript(file.read())
    database.execute("INSERT INTO event(learner, at_ms, kind, data) SELECT learner, at_ms + n, kind, data FROM event,"
                     " (WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 3000) SELECT n FROM c)"
                     " WHERE kind = 'attempt' ORDER BY n LIMIT 12000")
    database.commit()
    database.close()
    old, before = events_of(path)
    wait = 0.02
    for _ in range(40):
        process = start(data)
        time.sleep(wait * draw.uniform(0.5, 1))
        process.kill()
        process.communicate()
        version, events = events_of(path)
        if events != before:
            promise("a cut in an upgrade loses an event", False, len(events), len(before))
        if version != old:
            break
        n_cut += 1
        wait *= 1.15
    promise("however often an upgrade is cut, the old events are there", n_cut > 2, n_cut)
    school = School(data)
    promise("and the next opening brings it up to date", school.ask("GET", "/")[0] == 200 and
            events_of(path)[0] > old and events_of(path)[1] == before, n_cut)
    school.close()


with tempfile.TemporaryDirectory() as folder:
    of_another_program(*of_the_disk(folder))
    of_a_kill(folder)
    of_an_upgrade(folder)
print(f"1..{n_test}")
