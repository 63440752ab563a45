#!/usr/bin/env python3
"""Answers of one program beside another's, by turns, so that what else the machine does falls on both alike.

    bench/answers.py PROGRAM [PROGRAM ...] [--at-once 4] [--answers 600]

Each program opens a school of its own without a model. 100 learners answer wrongly, all down the ladder, AT_ONCE at a time in one
school and then in the next. Tells for each p50, p95, p99 and the mean of an answer, in milliseconds by the server's log, and the
processor's time of one."""
import argparse
import http.client
import json
import os
import re
import subprocess
import tempfile
import threading

root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LEARNERS = 100
parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("programs", nargs="+")
parser.add_argument("--at-once", type=int, default=4)
parser.add_argument("--answers", type=int, default=600)
options = parser.parse_args()


class School:
    def __init__(self, program, folder):
        self.program, self.log = program, os.path.join(folder, "log")
        self.process = subprocess.Popen([program, "serve", os.path.join(root, "courses", "build-a-mind"), "--data",
                                         os.path.join(folder, "data"), "--port", "0", "--model", "/nowhere", "--log", self.log,
                                         "--backup-hours", "0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.port = int(re.search(r":(\d+)/", self.process.stdout.readline().decode())[1])
        self.cookies = [self.ask("/api/learners") for _ in range(LEARNERS)]
        self.before = self.processor_ms()

    def ask(self, path, body=None, cookie=""):
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        line.request("POST", path, json.dumps(body), {"Content-Type": "application/json", "Cookie": cookie})
        answer = line.getresponse()
        answer.read()
        line.close()
        return next((value.split(";")[0] for name, value in answer.getheaders() if name == "Set-Cookie"), "")

    def processor_ms(self):
        with open(f"/proc/{self.process.pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")

    def answer(self, turn):
        threads = [threading.Thread(target=self.ask, args=["/api/exercises/guess-01/attempts", {"answer": str(7 * turn + i)},
                                                           self.cookies[(turn * options.at_once + i) % LEARNERS]])
                   for i in range(options.at_once)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def tell(self):
        with open(self.log) as file:
            times = sorted(line["ms"] for line in map(json.loads, file) if "attempts" in line["route"] and line["status"] == 200)
        told = "  ".join(f"p{int(share * 100)} {times[int(len(times) * share)]:.1f}" for share in (.5, .95, .99))
        print(f"{self.program}: {len(times)} answers, {told}, mean {sum(times) / len(times):.1f} ms,"
              f" processor {(self.processor_ms() - self.before) / len(times):.2f} ms")
        self.process.terminate()
        self.process.wait()


with tempfile.TemporaryDirectory() as folder:
    schools = []
    for i, program in enumerate(options.programs):
        os.mkdir(os.path.join(folder, str(i)))
        schools.append(School(program, os.path.join(folder, str(i))))
    for turn in range(options.answers // options.at_once):
        for school in schools if turn % 2 else schools[::-1]:
            school.answer(turn)
    print(f"load {os.getloadavg()[0]:.1f}, {options.at_once} at once")
    for school in schools:
        school.tell()
