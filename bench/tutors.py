"""What human tutors wrote, as the authors of three sources publish it: lists of dialogues, each the tutor's turns.

MathDial (eth-nlped/mathdial, CC BY-SA 4.0; data/test.jsonl), Bridge (rosewang2008/bridge, MIT; the folder
of its three parts) and CIMA (kstats/CIMA, CC BY 2.5; dataset.json).
"""
import collections
import json
import os
import pathlib
import re


def mathdial(path):
    for line in open(path):
        turns = json.loads(line)["conversation"].split("|EOM|")
        yield [re.sub(r"^Teacher: *(\(\w+\))?", "", turn) for turn in turns if turn.startswith("Teacher:")]


def bridge(folder):
    sessions = collections.defaultdict(dict)  # excerpts of one session overlap
    for part in ("train", "validation", "test"):
        for row in json.load(open(pathlib.Path(folder) / f"{part}.json")):
            for message in row["c_h"] + row["c_r"]:
                if message["user"] == "tutor":
                    sessions[row["c_id"].split("_")[0]][message["id"]] = message["text"]
    return [[text for _, text in sorted(one.items())] for one in sessions.values()]


def cima(path):
    return [row["tutorResponses"] for part in json.load(open(path)).values() for row in part.values()]


def read(path):
    form = bridge if os.path.isdir(path) else cima if "CIMA" in path else mathdial
    dialogues = [[turn.strip() for turn in dialogue if turn.strip()] for dialogue in form(path)]
    return form.__name__, [dialogue for dialogue in dialogues if dialogue]


def write(path, dialogues):
    """As JSON lines, a dialogue each, for lyceum diversity."""
    with open(path, "w") as out:
        for dialogue in dialogues:
            messages = [{"role": "assistant", "content": turn} for turn in dialogue]
            out.write(json.dumps({"messages": messages}) + "\n")
