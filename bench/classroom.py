#!/usr/bin/env python3
"""Many learners at once in one school: each reads a lesson, answers, and asks.

    bench/classroom.py [--learners 200] [--asks 1] [--answers 5] [--model FILE] [--json]

Opens the shipped course with the default model. All learners read at once; then each asks (the questions go round, so
that no two neighbours ask the same), and while the drafts wait each answers every other second. Tells for reading,
grading and the school's first word p50, p95 and p99 in milliseconds as the client saw them, grading as the server's log
has it too; how long drafts waited (median, most, their ratio: how fair the queue is), how many learners heard of a
hint meanwhile, the processor time and the machine's load. $LYCEUM is the program (build/lyceum)."""
import argparse
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time

root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
program = os.environ.get("LYCEUM", os.path.join(root, "build", "lyceum"))
place = {"course": "build-a-mind", "lesson": "01-guessing", "exercise": "guess-01"}
# Some that the lesson answers in these words, some that only a model may find an answer to, some beside it.
questions = ["What is a token?", "What is surprise?", "How does one guess the next letter of a word?", "What is loss?",
             "why would a machine be amazed less often after more reading?", "What is a model of language?",
             "so how do I tell a good guesser from a bad one?", "What is a probability?",
             "does counting pairs help with seeing what follows?", "Who invented the telephone?"]

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--learners", type=int, default=200)
parser.add_argument("--asks", type=int, default=1)
parser.add_argument("--answers", type=int, default=5)
parser.add_argument("--model")
parser.add_argument("--json", action="store_true")
options = parser.parse_args()


def percentile(times, share):
    return sorted(times)[min(len(times) - 1, int(len(times) * share))] if times else None


class Learner:
    def __init__(self, port):
        self.line = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
        self.cookie = ""

    def ask(self, method, path, body=None):
        self.line.close()  # a line that was idle may be closed at any time
        began = time.perf_counter()
        self.line.request(method, path, None if body is None else json.dumps(body),
                          {"Content-Type": "application/json", "Cookie": self.cookie, "Accept-Encoding": "gzip"})
        answer = self.line.getresponse()
        for name, value in answer.getheaders():
            if name == "Set-Cookie" and value.startswith("lyceum="):
                self.cookie = value.split(";")[0]
        answer.read()
        return (time.perf_counter() - began) * 1000, answer.status

    def turn(self, text):
        """Seconds to the first word, to the tutor's "still looking", and to a model's words; None where there were none."""
        self.line.close()
        began, heard = time.perf_counter(), [None, None, None]
        self.line.request("POST", "/api/turns", json.dumps({**place, "text": text}),
                          {"Content-Type": "application/json", "Cookie": self.cookie})
        answer = self.line.getresponse()
        for line in answer:
            if not line.startswith(b"data: ") or b'"text"' not in line:
                continue
            say, now = json.loads(line[6:]), time.perf_counter() - began
            heard[0] = heard[0] or now
            if "still looking" in say["text"]:
                heard[1] = now
            if say["from"] == "model":
                heard[2] = now
        return heard, time.perf_counter() - began


def all_at_once(work, learners):
    threads = [threading.Thread(target=work, args=[i, learner]) for i, learner in enumerate(learners)]
    for thread in threads:
        thread.start()
    return threads


with tempfile.TemporaryDirectory() as folder:
    log = os.path.join(folder, "log")
    command = [program, "serve", os.path.join(root, "courses", "build-a-mind"), "--data", os.path.join(folder, "data"),
               "--port", "0", "--log", log, "--backup-hours", "0"]
    process = subprocess.Popen(command + (["--model", options.model] if options.model else []), stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL, cwd=root)
    port = int(re.search(r":(\d+)/", process.stdout.readline().decode())[1])
    for _ in range(600):
        answer = http.client.HTTPConnection("127.0.0.1", port)
        answer.request("GET", "/healthz")
        state = json.loads(answer.getresponse().read())["model"]
        if state != "loading":
            break
        time.sleep(0.1)
    if state != "ready":
        sys.exit(f"bench/classroom.py: the model is {state}.")
    learners = [Learner(port) for _ in range(options.learners)]
    answering = [Learner(port) for _ in learners]
    for learner, second in zip(learners, answering):
        learner.ask("POST", "/api/learners")
        second.cookie = learner.cookie
    load = os.getloadavg()[0]
    reads, grades, statuses, turns, ends = [], [], set(), [], []
    began = time.perf_counter()
    for thread in all_at_once(lambda i, learner: reads.append(
            learner.ask("GET", "/courses/build-a-mind/lessons/01-guessing")[0]), learners):
        thread.join()
    asked = time.perf_counter()

    def asks(i, learner):
        for k in range(options.asks):
            heard, whole = learner.turn(questions[(i + k) % len(questions)])
            turns.append(heard)
            ends.append(whole)

    def answers(i, learner):
        time.sleep(2 * i / options.learners)
        for k in range(options.answers):
            ms, status = learner.ask("POST", "/api/exercises/guess-01/attempts", {"answer": str(i + k)})
            grades.append(ms)
            statuses.add(status)
            time.sleep(2)

    for thread in all_at_once(asks, learners) + all_at_once(answers, answering):
        thread.join()
    took = time.perf_counter() - asked
    with open(f"/proc/{process.pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    processor = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    with open(log) as file:
        lines = [json.loads(line) for line in file]
    graded = [line["ms"] for line in lines if line["route"] == "/api/exercises/*/attempts"]
    process.send_signal(signal.SIGTERM)
    process.wait()

drafts = [heard[2] for heard in turns if heard[2]]
late = [heard for heard in turns if heard[1]]
result = {"learners": options.learners, "asked": len(turns), "seconds": took, "processor_seconds": processor,
          "load_before": load, "load_after": os.getloadavg()[0], "statuses": sorted(statuses)}
for name, times in (("reading", reads), ("grading", grades), ("grading, by the log", graded),
                    ("first word", [heard[0] * 1000 for heard in turns if heard[0]])):
    result[name] = {f"p{int(share * 100)}": percentile(times, share) for share in (.5, .95, .99)}
result["turns_end_seconds"] = {"median": percentile(ends, .5), "most": max(ends)}
result["drafts"] = {"heard": len(drafts), "median": percentile(drafts, .5), "most": max(drafts, default=None),
                    "ratio": max(drafts) / percentile(drafts, .5) if drafts else None}
result["told_of_waiting"] = {"learners": len(late), "first": min((heard[1] for heard in late), default=None),
                             "last": max((heard[1] for heard in late), default=None)}
print(json.dumps(result) if options.json else "\n".join(f"{key:22} {value}" for key, value in result.items()))
