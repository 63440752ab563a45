#!/usr/bin/env python3
"""Interleaves rows of `lyceum compose` by weight, so that any beginning of the result has about the same mixture.

    training/general-tutor/mix.py en.jsonl=6 zh.jsonl=2 es.jsonl=2 > mix.jsonl

Rows on one lesson text stay next to each other, as the trainer computes that text once. It ends where the first file does.
"""
import itertools
import json
import sys


def lessons(name):
    def lesson(line):
        system, user = (message["content"] for message in json.loads(line)["messages"][:2])
        return system, user.split("\n\n")[0]
    with open(name, encoding="utf-8") as rows:
        for _, group in itertools.groupby(rows, lesson):
            yield list(group)


files = []
for argument in sys.argv[1:]:
    name, _, weight = argument.rpartition("=")
    files.append({"lessons": lessons(name), "weight": float(weight), "rows": 0})
if not files:
    sys.exit(__doc__)
while True:
    least = min(files, key=lambda file: file["rows"] / file["weight"])
    rows = next(least["lessons"], None)
    if rows is None:
        break
    least["rows"] += len(rows)
    sys.stdout.writelines(rows)
