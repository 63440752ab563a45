"""Questions on the first course, from its cards (training/build-a-mind/cards): two thirds that a passage
answers, with the sentence that does, and one third that it does not."""
import collections
import glob
import json
import os
import random
import subprocess

here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def items(lyceum, keep, wanted):
    """`wanted` of them, in an order that takes lessons and kinds in turn; files in between go to the folder `keep`."""
    cards = sorted(glob.glob(os.path.join(here, "training/build-a-mind/cards/*.txt")))
    topics = [line.split(":", 1)[1].strip() for card in cards for line in open(card) if line.startswith("topic:")]
    out = os.path.join(keep, "items.jsonl")
    subprocess.run([lyceum, "compose", *cards, os.path.join(here, "training/general-tutor/cards/chess.txt"),
                    "--held-out", ",".join(topics), "--held-out-file", out, "--out", os.path.join(keep, "rows.jsonl"),
                    "--rows", "1"], check=True, stdout=subprocess.DEVNULL)
    found = collections.defaultdict(list)
    for line in open(out):
        item = json.loads(line)
        if item["task"] == "answer":
            found[item["answerable"], item["topic"].split("/")[0]].append(item)
    for some in found.values():
        random.Random(1).shuffle(some)
    chosen = []
    for answerable, share in ((True, wanted - wanted // 3), (False, wanted // 3)):
        kinds = [found[key] for key in sorted(found) if key[0] == answerable]
        while share and any(kinds):
            for kind in kinds:
                if kind and share:
                    chosen.append(kind.pop())
                    share -= 1
    return chosen
