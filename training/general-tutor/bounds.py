#!/usr/bin/env python3
"""From what sum on a tutor should answer, in each language: bounds.py [--refused 0.9] OUTCOMES.jsonl…

OUTCOMES are those that `lyceum prove` leaves of an adapter (outcomes-adapter.jsonl in its folder). The bound refuses the
given share of the questions that a passage does not answer. Each topic is also judged by the bound of the others, so that
what is told beside it was not fitted to the same questions. The last line is for `lyceum train --languages`."""
import argparse
import collections
import json

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--refused", type=float, default=0.9)
parser.add_argument("outcomes", nargs="+")
options = parser.parse_args()


def bound_of(rows):
    unsaid = sorted(row["sure"] for row in rows if row["task"] == "refuse")
    return unsaid[min(len(unsaid) - 1, int(options.refused * len(unsaid)))] if unsaid else None


languages = collections.defaultdict(list)
for path in options.outcomes:
    for line in open(path, encoding="utf-8"):
        row = json.loads(line)
        if row["task"] != "hint" and "sure" in row:
            languages[row["language"]].append(row)
told = []
for language, rows in sorted(languages.items()):
    counts = collections.Counter()
    for topic in {row["topic"] for row in rows}:
        bound = bound_of([row for row in rows if row["topic"] != topic])
        for row in rows:
            if row["topic"] == topic and bound is not None:
                counts[row["task"]] += 1
                counts[row["task"], "refused"] += row["sure"] <= bound
    bound = bound_of(rows)
    if bound is None or not counts["answer"] or not counts["refuse"]:
        print(f"{language}: too few questions")
        continue
    print(f"{language}: {bound:.2f}; topics by the bound of the others: "
          f"{counts['refuse', 'refused'] / counts['refuse']:.1%} of {counts['refuse']} rightly refused, "
          f"{counts['answer', 'refused'] / counts['answer']:.1%} of {counts['answer']} wrongly")
    told.append(f"{language}:{bound:.2f}")
print(",".join(told))
