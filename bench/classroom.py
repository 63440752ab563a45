#!/usr/bin/env python3
"""Many learners at once in one school: each reads a lesson, answers, and asks.

    bench/classroom.py [--learners 200] [--asks 1] [--answers 5] [--model FILE] [--json]

Opens the shipped course with the default model. All learners read at once; then each asks (the questions go round, so
that no two neighbours ask the same), and while the drafts wait each answers every other second. Tells for reading,
grading and the school's first word p50, p95 and p99 in milliseconds as the client saw them, grading as the server's log
has it too, of all and of those while drafts were under way; how long drafts took (median, most, and Jain's index of
fairness: 1 where all took as long), how many learners were told that the tutor still looks and offered the author's hint,
how late that came and how many waited longer and were not told; the processor time and the machine's load. $LYCEUM is the
program (build/lyceum)."""
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
        """Seconds to the first word, to the tutor's "still looking", to a model's words and to the end; None where there
        were none. And whether it was told of a hint."""
        self.line.close()
        began, heard = time.perf_counter(), {"first": None, "told": None, "model": None, "hint": False}
        self.line.request("POST", "/api/turns", json.dumps({**place, "text": text}),
                          {"Content-Type": "application/json", "Cookie": self.cookie})
        answer = self.line.getresponse()
        for line in answer:
            if not line.startswith(b"data: ") or b'"text"' not in line:
                continue
            say, now = json.loads(line[6:]), time.perf_counter() - began
            heard["first"] = heard["first"] or now
            if "still looking" in say["text"]:
                heard["told"], heard["hint"] = now, "there is a hint" in say["text"]
            if say["from"] == "model":
                heard["model"] = now
        return {**heard, "end": time.perf_counter() - began, "ended_at": time.time()}


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
        _, status = learner.ask("POST", "/api/learners")
        if status != 201:
            sys.exit(f"bench/classroom.py: a learner was refused: {status}.")
        second.cookie = learner.cookie
    load = os.getloadavg()[0]
    reads, grades, statuses, turns = [], [], set(), []
    began = time.perf_counter()
    for thread in all_at_once(lambda i, learner: reads.append(
            learner.ask("GET", "/courses/build-a-mind/lessons/01-guessing")[0]), learners):
        thread.join()
    asked = time.perf_counter()

    def asks(i, learner):
        for k in range(options.asks):
            turns.append(learner.turn(questions[(i + k) % len(questions)]))

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
    attempts = [line for line in lines if line["route"] == "/api/exercises/*/attempts"]
    drafting_until = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(max(turn["ended_at"] for turn in turns)))
    process.send_signal(signal.SIGTERM)
    process.wait()

PATIENCE = 2  # seconds, of the tutor's: told at the latest a second after
drafts = [turn["end"] for turn in turns if turn["model"] or turn["told"]]  # others had the lesson's own words at once
told = [turn["told"] for turn in turns if turn["told"]]
result = {"learners": options.learners, "asked": len(turns), "seconds": took, "processor_seconds": processor,
          "load_before": load, "load_after": os.getloadavg()[0], "statuses": sorted(statuses)}
for name, times in (("reading", reads), ("grading", grades), ("grading, by the log", [line["ms"] for line in attempts]),
                    ("grading amid drafts", [line["ms"] for line in attempts if line["at"] <= drafting_until]),
                    ("first word", [turn["first"] * 1000 for turn in turns if turn["first"]])):
    result[name] = {f"p{int(share * 100)}": percentile(times, share) for share in (.5, .95, .99)}
result["graded_amid_drafts"] = sum(line["at"] <= drafting_until for line in attempts)
result["turns_end_seconds"] = {"median": percentile([turn["end"] for turn in turns], .5), "most": max(turn["end"] for turn in turns)}
result["drafts"] = {"waited_for": len(drafts), "said": sum(turn["model"] is not None for turn in turns),
                    "median": percentile(drafts, .5), "p95": percentile(drafts, .95), "most": max(drafts, default=None),
                    "fairness": sum(drafts) ** 2 / (len(drafts) * sum(x * x for x in drafts)) if drafts else None}
result["told_of_waiting"] = {
    "learners": len(told), "offered_the_hint": sum(turn["hint"] for turn in turns), "first": min(told, default=None),
    "median": percentile(told, .5), "last": max(told, default=None),
    "waited_longer_untold": sum(not turn["told"] and (turn["model"] or 0) > PATIENCE + 1 for turn in turns)}
print(json.dumps(result) if options.json else "\n".join(f"{key:22} {value}" for key, value in result.items()))
