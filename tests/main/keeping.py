"""The record in a school's hands: taken away, erased, copied and put back, as people do it."""
import glob
import hashlib
import http.client
import json
import os
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time

program, root = sys.argv[1:3]
course = os.path.join(root, "courses", "build-a-mind")
DONE, INPUT, USAGE, MACHINE = range(4)
n_test = 0


def promise(what, kept, *shown):
    global n_test
    n_test += 1
    print(f"{'ok' if kept else 'not ok'} {n_test} - {what}", flush=True)
    if not kept:
        print("\n".join("# " + line for line in repr(shown).split("\\n")), flush=True)


def run(*arguments, typed=b""):
    ran = subprocess.run([program, *arguments], input=typed, capture_output=True, timeout=100,
                         env={**os.environ, "NO_COLOR": "1"})
    return ran.returncode, ran.stdout.decode(), ran.stderr.decode()


class School:
    """A school that is open, without a model."""

    def __init__(self, data, *options, largest=resource.RLIM_INFINITY):
        self.process = subprocess.Popen([program, "serve", course, "--data", data, "--port", "0", "--model",
                                         "/nowhere", *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest)))
        line = self.process.stdout.readline().decode()
        self.port = int(re.search(r":(\d+)/", line)[1])
        self.cookie = ""

    def ask(self, method, path, body=None, **headers):
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        content = None if body is None else json.dumps(body)
        line.request(method, path, content, {"Content-Type": "application/json", "Cookie": self.cookie, **headers})
        answer = line.getresponse()
        text = answer.read().decode()
        for name, value in answer.getheaders():
            if name == "Set-Cookie" and value.startswith("lyceum="):
                self.cookie = value.split(";")[0]
        line.close()
        return answer.status, text

    def close(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        out, err = self.process.communicate(timeout=60)
        return out.decode(), err.decode()


def folder_holds(folder, text):
    """The files of a folder that hold these bytes, in any of the ways in which text is written down."""
    forms = {text.encode(), text.encode("utf-16-le"), json.dumps(text)[1:-1].encode()}
    found = []
    for path in glob.glob(os.path.join(folder, "**"), recursive=True):
        if os.path.isfile(path):
            with open(path, "rb") as file:
                content = file.read()
            if any(form in content for form in forms):
                found.append(path)
    return found


name, answer, talk, other = "Zébulonia Quark", "98765431", "whatever xylophonic nonsense is this", "Balthasar"
with tempfile.TemporaryDirectory() as folder:
    data, away = os.path.join(folder, "data"), os.path.join(folder, "away")
    log = os.path.join(folder, "log")
    school = School(data, "--log", log)
    cookies = []
    for who in (name, other):
        school.cookie = ""
        school.ask("POST", "/api/learners")
        school.ask("PUT", "/api/learners/me", {"name": who})
        for text in ("17", answer if who == name else "31"):
            status, text = school.ask("POST", "/api/exercises/guess-01/attempts", {"answer": text})
        school.ask("POST", "/api/turns", {"course": "build-a-mind", "lesson": "01-guessing", "exercise": "guess-01",
                                          "text": talk if who == name else "what is a token?"})
        cookies.append(school.cookie)

    code, out, err = run("export", "1", "--data", data)
    whole = json.loads(out) if code == DONE else {}
    kinds = [event["kind"] for event in whole.get("events", [])]
    promise("a record is taken away while the school is open", code == DONE and kinds.count("attempt") == 2 and
            {"learner", "name", "asked", "said"} <= set(kinds) and whole["name"] == name, code, out[:2000], err)
    promise("with what follows from the events", len(whole.get("tables", {}).get("skill_state", [])) == 1, out[:2000])
    promise("without any hash of a token", "token" not in out and "hash" not in out, out[:500])
    code, page, err = run("export", name, "--data", data, "--html")
    promise("as a page, by name", code == DONE and all(text in page for text in (name, answer, talk)), code, err)
    promise("the page stands alone", page.startswith("<!doctype html>") and
            not re.search(r"<script|<link|<img|src=|https?:", page), page[:3000])
    code, out, err = run("export", "Nobody", "--data", data)
    promise("who is not there is told", code == INPUT and "Nobody" in err, code, err)
    code, out, err = run("export", "77", "--data", data)
    promise("nor by number", code == INPUT and "77" in err, code, err)

    metrics = school.ask("GET", "/metrics")[1]
    promise("figures are given without a learner's words", "lyceum_attempts_total" in metrics and
            not any(text in metrics for text in (name, "bulonia", answer, "xylophonic", other)), metrics[:3000])
    school.ask("GET", f"/{answer}/xylophonic?q={answer}")
    school.ask(answer, "/")
    with open(log) as file:
        lines = [json.loads(line) for line in file]
    promise("each answer is a line of the log", {(line["route"], line["status"]) for line in lines} >=
            {("/api/exercises/*/attempts", 200), ("/metrics", 200), ("", 404)}, lines)
    with open(log) as file:
        written = file.read()
    promise("which holds no learner's words", not any(text in written for text in
                                                      ("bulonia", answer, talk, "xylophonic", other)), written)
    page = school.ask("GET", "/progress")[1]
    promise("the page says how long things are kept", 'id="kept"' in page, page[-1500:])

    code, out, err = run("backup", "--data", data, "--json")
    copy = json.loads(out) if code == DONE else {"file": ""}
    promise("a copy is made while the school is open", code == DONE and os.path.exists(copy["file"]), code, out, err)
    with open(copy["file"], "rb") as file:
        promise("its hash is told", hashlib.sha256(file.read()).hexdigest() == copy["sha256"], copy)
    promise("nobody else may read it", os.stat(copy["file"]).st_mode & 0o77 == 0)
    for i in range(3):
        code, out, err = run("backup", "--data", data, "--to", away, "--keep", "2")
    promise("so many copies are kept", code == DONE and len(glob.glob(away + "/record-*.db")) == 2, code, out, err)
    elsewhere = sorted(glob.glob(away + "/record-*.db"))[-1]

    for arguments in (("forget", "1", "--yes"), ("restore", copy["file"]), ("rebuild",)):
        code, out, err = run(*arguments, "--data", data)
        promise(f"{arguments[0]} is refused while a school holds the folder", code == MACHINE and "held by" in err and
                "lyceum" in err, code, err)
    school.cookie = cookies[0]
    promise("and the learner is still known", name in school.ask("GET", "/api/progress")[1])
    school.close(signal.SIGKILL)

    code, out, err = run("forget", "1", "--data", data, typed=b"no\n")
    promise("without a yes nothing is erased", code == INPUT and name in err and folder_holds(data, answer), code, err)
    code, out, err = run("forget", "1", "--data", data, typed=b"")
    promise("nor when nobody answers", code == INPUT and folder_holds(data, answer), code, err)
    code, out, err = run("forget", "1", "--data", data, typed=b"yes\n")
    promise("a yes erases", code == DONE and "forgotten" in out, code, out, err)
    promise("not a byte of the learner is left", not any(folder_holds(data, text) for text in (name, answer, talk)),
            *[folder_holds(data, text) for text in (name, answer, talk)])
    promise("the other learner is whole", folder_holds(data, other) and run("export", other, "--data", data)[0] == DONE)
    before = run("export", "2", "--data", data)[1]
    code, out, err = run("rebuild", "--data", data)
    promise("the tables can be made again", code == DONE and run("export", "2", "--data", data)[1] == before, code, err)
    code, out, err = run("restore", elsewhere, "--data", data)
    promise("a copy from elsewhere is put back", code == DONE and "lies in" in out, code, out, err)
    promise("and does not bring the forgotten one back", not any(folder_holds(data, text) for text in (name, answer, talk)))

    code, out, err = run("serve", "--data", data, "--retain", "never")
    promise("a number of days is wanted", code == USAGE and "--retain" in err, code, err)
    school = School(data, "--backup-hours", "0.0003", "--backup-keep", "3", "--retain", "400")
    promise("the days are told on the page", "400" in school.ask("GET", "/progress")[1].split('id="kept"')[1][:300])
    name_of_first = sorted(glob.glob(data + "/backups/record-*.db"))[0]
    for i in range(1000):  # for a moment, there is the new one beside those that are kept
        copies = sorted(glob.glob(data + "/backups/record-*.db"))
        if name_of_first not in copies and len(copies) == 3:
            break
        time.sleep(0.02)
    promise("an open school makes copies by itself, and keeps so many", name_of_first not in copies and
            len(copies) == 3, copies)
    school.cookie = cookies[0]
    promise("whose cookie is nobody's then", school.ask("GET", "/api/progress")[0] == 401)
    school.cookie = cookies[1]
    promise("while the other goes on", other in school.ask("GET", "/api/progress")[1])
    school.close()

    with open(elsewhere, "r+b") as file:
        file.seek(5000)
        file.write(b"spoilt")
    code, out, err = run("restore", elsewhere, "--data", data)
    promise("a damaged copy is refused", code == INPUT and "damaged" in err and elsewhere in err, code, err)
    fresh = os.path.join(folder, "fresh")
    code, out, err = run("restore", sorted(glob.glob(data + "/backups/*.db"))[0], "--data", fresh)
    promise("a copy is put into a new folder", code == DONE and run("export", "2", "--data", fresh)[0] == DONE, code, err)
    for command in ("export", "forget"):
        code, out, err = run(command, "1", "--data", os.path.join(folder, "none"))
        promise(f"{command} finds no record where there is none", code == INPUT and "no record" in err and
                not os.path.exists(os.path.join(folder, "none")), code, err)

    full = os.path.join(folder, "full")
    school = School(full)
    school.ask("POST", "/api/learners")
    school.close()
    cookie = school.cookie
    school = School(full, "--backup-hours", "0", largest=600_000)
    school.cookie = cookie
    kept, status = 0, 200
    while status == 200 and kept < 400:
        status, text = school.ask("POST", "/api/exercises/guess-01/attempts", {"answer": str(kept)})
        kept += status == 200
        time.sleep(0.05)
        if status == 429:
            time.sleep(1)
            status = 200
    promise("a disk that takes no more is told by the API", status == 503 and "disk" in json.loads(text)["error"]["message"]
            and json.loads(text)["error"]["remedy"], kept, status, text)
    promise("and pages can be read on", school.ask("GET", "/courses/build-a-mind/lessons/01-guessing")[0] == 200 and
            school.ask("GET", "/progress")[0] == 200)
    school.close(signal.SIGKILL)
    school = School(full)
    school.cookie = cookie
    events = json.loads(school.ask("GET", "/api/learners/me/events")[1])["events"]
    answers = {event["data"]["answer"] for event in events if event["kind"] == "attempt"}
    promise("what was acknowledged is there afterwards", kept > 0 and {str(i) for i in range(kept)} <= answers, kept, answers)
    promise("and it goes on", school.ask("POST", "/api/exercises/guess-01/attempts", {"answer": "1"})[0] == 200)
    school.close()
print(f"1..{n_test}")
