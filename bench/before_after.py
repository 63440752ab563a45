#!/usr/bin/env python3
"""The same ten questions to the default model before and after its training as a tutor, as a Markdown table.

    bench/before_after.py [--seed 1] [--cards FILES…]

Six questions that the passage answers, two that it does not, two hints, drawn by the seed from the cards on the
shipped course, which the general tutor was not trained on. "Before" is the model alone, "after" with the adapter
that is shipped; each as `lyceum draft` gives it: what a learner would be shown stands in brackets where the review
struck the model's own words.
"""
import argparse
import glob
import json
import os
import random
import subprocess
import tempfile

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")


def items_of(lyceum, cards):
    topics = sorted({line.split(":", 1)[1].strip() for name in cards for line in open(name) if line.startswith("topic:")})
    general = os.path.join(ROOT, "training/general-tutor/cards/tides.txt")
    with tempfile.TemporaryDirectory() as folder:
        items = os.path.join(folder, "items.jsonl")
        subprocess.run([lyceum, "compose", *cards, general, "--rows", "1", "--held-out", ",".join(topics), "--out",
                        os.path.join(folder, "rows.jsonl"), "--held-out-file", items], check=True, stdout=subprocess.DEVNULL)
        return [json.loads(line) for line in open(items)]


def drafts(lyceum, items, *more):
    lines = "".join(json.dumps({"hint": item["hint"]} if item["task"] == "hint" else
                               {"passage": item["passage"], "question": item["question"]}) + "\n" for item in items)
    done = subprocess.run([lyceum, "draft", *more], input=lines.encode(), stdout=subprocess.PIPE, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def short(text, most):
    text = " ".join(text.split()).replace("|", "\\|")
    return text if len(text) <= most else text[:most].rsplit(" ", 1)[0].replace("$", "").replace("`", "") + " …"


def cell(draft):
    if draft["passed"]:
        return short(draft["draft"], 300)
    return f"~~{short(draft['draft'], 70)}~~ struck; shown: {short(draft['say'], 120)}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--lyceum", default=os.path.join(ROOT, "build/lyceum"))
    parser.add_argument("--cards", nargs="*", default=sorted(glob.glob(os.path.join(ROOT, "training/build-a-mind/cards/*.txt"))))
    options = parser.parse_args()
    chance = random.Random(options.seed)
    items = items_of(options.lyceum, options.cards)
    kinds = ([i for i in items if i["task"] == "answer" and i.get("answerable", True)],
             [i for i in items if i["task"] == "answer" and not i.get("answerable", True)],
             [i for i in items if i["task"] == "hint"])
    chosen = [item for kind, n in zip(kinds, (6, 2, 2)) for item in chance.sample(kind, n)]
    before = drafts(options.lyceum, chosen, "--adapter", "none")
    after = drafts(options.lyceum, chosen)
    print("| asked | before | after |\n|---|---|---|")
    for item, old, new in zip(chosen, before, after):
        asked = f"hint: {item['hint']}" if item["task"] == "hint" else item["question"]
        note = "" if item["task"] == "hint" or item.get("answerable", True) else " (the passage does not say)"
        print(f"| {asked}{note} | {cell(old)} | {cell(new)} |")


if __name__ == "__main__":
    main()
