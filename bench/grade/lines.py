#!/usr/bin/env python3
"""How many answers a second `lyceum grade` grades, by check.

    bench/grade/lines.py [build/lyceum] [--lines N]

Prints one line a check: lines a second over one pipe, start-up included.
"""
import argparse
import json
import subprocess
import time

ANSWERS = {
    "algebra, numbers": [("algebra", "x=5", a) for a in ("5 = x", "x=-5", "5", "3x=15", "x=10/2")],
    "algebra, polynomials": [("algebra", "(x+1)^2", a) for a in
                             ("x^2+2x+1", "x^2+1", "(1+x)(x+1)", "1+2x+x²", "x^2+2x")],
    "algebra, functions": [("algebra", "sin(2x)", a) for a in
                           ("2sin(x)cos(x)", "2 sin x cos x", "sin x", "cos(2x)", "2cos x")],
    "algebra, equations": [("algebra", "y=2x+1", a) for a in
                           ("2x-y=-1", "x=(y-1)/2", "y=2x-1", "f(x)=2x+1", "y-1=2x")],
    "algebra, inequalities": [("algebra", "x<-2 or x>2", a) for a in
                              ("x^2>4", "|x|>2", "(-inf,-2)∪(2,inf)", "x>2", "x<2")],
    "number": [("number", "3.14 m", a) for a in ("3,14 m", "314 cm", "3.14", "157/50 m", "3.1 m")],
    "text": [("text", ["gradient", "slope"], a) for a in
             ("Gradient", "the slope", "gradiant", "slope.", "rise")],
    "choice": [("choice", 2, a) for a in (0, 1, 2, 3, "2")],
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("lyceum", nargs="?", default="build/lyceum")
    parser.add_argument("--lines", type=int, default=20000)
    options = parser.parse_args()
    for name, answers in ANSWERS.items():
        lines = [json.dumps({"check": c, "key": k, "answer": a}) for c, k, a in answers]
        text = "\n".join(lines * (options.lines // len(lines))) + "\n"
        started = time.perf_counter()
        done = subprocess.run([options.lyceum, "grade"], input=text.encode(), check=True,
                              stdout=subprocess.PIPE)
        seconds = time.perf_counter() - started
        n = done.stdout.count(b"\n")
        assert n == text.count("\n"), "a line was not answered"
        print(f"{name:24} {n / seconds:10.0f} lines/s")


if __name__ == "__main__":
    main()
