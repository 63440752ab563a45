"""Grades what bench/company/ask.py kept, and writes the recorded questions that `lyceum company tune` reads.

    rows.py LYCEUM QUESTIONS ANSWERS > recorded.jsonl      the table of patterns goes to standard error

The school's grader decides (`lyceum grade`). Cost is tokens that were read or written × millions of weights.
"""
import collections
import json
import math
import subprocess
import sys

WEIGHTS = {"small": 135, "half": 494}
lyceum, questions, answers = sys.argv[1:4]
questions = {q["id"]: q for q in map(json.loads, open(questions))}
said = collections.defaultdict(dict)
for line in open(answers):
    one = json.loads(line)
    said[one["id"]][(one["member"], one["what"])] = one
WANTED = [("small", "answer"), ("small", "samples"), ("small", "check"), ("half", "answer")]
ids = [i for i in questions if all(w in said[i] for w in WANTED)]


def as_answer(question, text):
    if question["check"] == "choice":
        return int(text) if str(text).isdigit() else 0
    return str(text).strip().rstrip(".") if question["check"] == "text" else str(text)


lines = [(i, w, n, json.dumps({"check": questions[i]["check"], "key": questions[i]["key"],
                               "answer": as_answer(questions[i], text), "options": questions[i]["options"] or {}}))
         for i in ids for w in WANTED[:2] + WANTED[3:] for n, text in enumerate(said[i][w]["answers"])]
graded = subprocess.run([lyceum, "grade"], input="\n".join(one[3] for one in lines) + "\n", capture_output=True,
                        text=True, check=True).stdout.splitlines()
assert len(graded) == len(lines), (len(graded), len(lines))
score = {(i, w, n): float(json.loads(g).get("score", 0) >= 0.999) for (i, w, n, _), g in zip(lines, graded)}


def yes(check):
    """The checker's probability of yes against no, by the tokens that begin either."""
    sums = {"yes": 0.0, "no": 0.0}
    for place in check.get("first", []):
        for one in place["top_logprobs"]:
            word = one["token"].strip().strip('"').lower()
            if word in sums:
                sums[word] += math.exp(one["logprob"])
        if sum(sums.values()) > 1e-4:
            break
    total = sum(sums.values())
    return sums["yes"] / total if total > 0 else None


def cost(*ones):
    return sum(sum(one["tokens"]) * WEIGHTS[one["member"]] for one in ones)


def majority(i):
    texts = [str(said[i][("small", "answer")]["answers"][0])] + [str(t) for t in said[i][("small", "samples")]["answers"]]
    scores = [score[(i, WANTED[0], 0)]] + [score[(i, WANTED[1], n)] for n in range(len(texts) - 1)]
    return scores[texts.index(collections.Counter(texts).most_common(1)[0][0])], max(scores)


patterns = collections.defaultdict(lambda: [0.0, 0.0])
for i in ids:
    draft, samples, check, senior = (said[i][w] for w in WANTED)
    most, any_right = majority(i)
    samples_agree = [str(t) == str(draft["answers"][0]) for t in samples["answers"]]
    worker = {"quality": score[(i, WANTED[0], 0)], "cost": cost(draft, samples, check),
              "features": {"mean": min(draft["mean"][0], 0), "least": min(draft["least"][0], 0),
                           "agreement": sum(samples_agree) / len(samples_agree), "check": yes(check), "graded": None,
                           "tokens": draft["tokens"][1]}}
    better = {"quality": score[(i, WANTED[3], 0)], "cost": cost(senior)}
    print(json.dumps({"kind": questions[i]["kind"], "worker": worker, "senior": better}))
    for name, quality, spent in [("one worker", worker["quality"], cost(draft)),
                                 ("four workers, the most frequent answer", most, cost(draft, samples)),
                                 ("four workers, the grader picks", any_right, cost(draft, samples)),
                                 ("senior alone", better["quality"], better["cost"])]:
        patterns[name][0] += quality
        patterns[name][1] += spent
n = max(len(ids), 1)
print(f"{len(ids)} of {len(questions)} questions answered by all\n{'pattern':42}{'quality':>9}{'±95%':>8}{'cost':>10}", file=sys.stderr)
for name, (quality, spent) in patterns.items():
    p = quality / n
    print(f"{name:42}{p:9.3f}{1.96 * math.sqrt(p * (1 - p) / n):8.3f}{spent / n:10.0f}", file=sys.stderr)
