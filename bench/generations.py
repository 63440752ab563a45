#!/usr/bin/env python3
"""What becomes of a model that learns from its own words, with the gate of lyceum diversity and without?

    bench/generations.py CIMA/dataset.json --svg docs/generations.svg [--seeds 2] [--work FOLDER]

Six generations of a small network. The first learns 635 sets of responses of human tutors (CIMA, see
bench/tutors.py). Each later one is made anew (lyceum new) and trained in the same way (lyceum train
--learn all, as many steps) on what the one before wrote at temperature 0.8, as many words as people's:
in the arm "alone" on nothing else. In the arm "gate" lyceum diversity holds these words beside
people's, and where it fires its fifth remedy is taken: people's text comes back and stands beside
them. Where it is silent the generation learns as in the other arm. What each generation wrote is
measured at equal counts of tokens, and its loss on 150 sets that none has seen. Both arms have the
same seeds. With --work what was made is kept, and a run that was stopped goes on. LYCEUM names the
program.
"""
import argparse
import array
import concurrent.futures
import hashlib
import itertools
import json
import math
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time

import tutors

ROOT = pathlib.Path(__file__).resolve().parent.parent
LYCEUM = os.environ.get("LYCEUM", str(ROOT / "build" / "lyceum"))
SOURCE = "544dfc50dd05b14579e1a04b4751f4ffda8a72d3d398410d1aba0bcc2dd57405"  # kstats/CIMA, commit 3fa48593
MEASURES = [("loss", "loss on people’s text, nats a token"), ("distinct_4", "distinct-4"),
            ("entropy_4", "4-gram entropy, bits"), ("zlib_ratio", "zlib ratio"),
            ("distinct_openers", "distinct openers"), ("long_near_duplicates", "long near-duplicates")]
ARMS = {"alone": "on its own words alone", "gate": "people’s text comes back where the gate fires"}
HELD_OUT, PEOPLE, CONTEXT, AT_ONCE = 150, 635, 256, 128


def lyceum(*arguments, given=None, fires=False):
    ran = subprocess.run([LYCEUM, *map(str, arguments)], input=given, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if ran.returncode and not (fires and ran.stdout):
        raise SystemExit(f"lyceum {' '.join(map(str, arguments))}: {ran.stderr.decode()}")
    return ran.stdout


def prose(dialogues):
    """A turn a line, an empty line between dialogues."""
    return "\n\n".join("\n".join(dialogue) for dialogue in dialogues) + "\n\n"


def n_word(dialogues):
    return sum(len(turn.split()) for dialogue in dialogues for turn in dialogue)


def train(folder, people, dialogues, options, seed):
    """A new network of the vocabulary of people's text, that has learnt the dialogues, in a drawn order."""
    text, model, out = folder / "text.txt", folder / "new.gguf", folder / "trained"
    text.write_text(prose(random.Random(seed).sample(dialogues, len(dialogues))))
    lyceum("new", model, "--text", people, "--vocabulary", 768, "--layers", options.layers, "--width",
           options.width, "--heads", 4, "--context", CONTEXT, "--seed", seed)
    lyceum("train", model, text, "--out", out, "--learn", "all", "--type", "F32", "--steps", options.steps, "--optimizer",
           "muon", "--rate", "1e-2", "--warm-up", 10, "--schedule", "cosine", "--hold", 0, "--pack-tokens", CONTEXT,
           "--packs", 2, "--seed", seed, "--threads", 1)
    return out / "model.gguf"


def write(model, words, options, seed):
    """So many words of the model's own, in dialogues; a sample begins one, and its last line, which is cut, is dropped."""
    dialogues, n = [], 0
    for i in itertools.count():
        before = n
        told = json.loads(lyceum("run", model, "--prompt", "\n\n", "--n", AT_ONCE, "--json", "--max-tokens", CONTEXT - 8,
                                 "--temperature", options.temperature, "--top-p", 1, "--top-k", 0, "--min-p", 0, "--seed",
                                 seed * 1000 + i, "--threads", 1))
        for choice in told["choices"]:
            for part in choice["text"].rpartition("\n")[0].split("\n\n"):
                turns = ["".join(filter(str.isprintable, turn)).strip() for turn in part.split("\n")]
                turns = [turn for turn in turns if turn]
                if turns and n < words:
                    dialogues.append(turns)
                    n += n_word([turns])
        if n >= words:
            return dialogues
        if n == before:
            raise SystemExit(f"{model} ends no line")


def loss(model, dialogues):
    """Mean surprise of a token, in nats, each by what stands before it in its piece of the text."""
    tokens = json.loads(lyceum("tokenize", model, given=prose(dialogues).encode()))
    total = n = 0
    for at in range(0, len(tokens) - 1, CONTEXT - 1):
        piece = tokens[at:at + CONTEXT]
        logits = array.array("f", lyceum("logits", model, "--threads", 1, given=json.dumps(piece).encode()))
        width = len(logits) // len(piece)
        for i, wanted in enumerate(piece[1:]):
            row = logits[i * width:(i + 1) * width]
            top = max(row)
            total += top + math.log(sum(math.exp(x - top) for x in row)) - row[wanted]
            n += 1
    return total / n


def generation(folder, dialogues, words, held, options, seed):
    """What a model that learnt the dialogues wrote, and its loss; made once."""
    key = hashlib.sha256(json.dumps([seed, words, dialogues]).encode()).hexdigest()[:16]
    path = folder / f"{key}.json"
    if not path.exists():
        with tempfile.TemporaryDirectory() as beside:
            model = train(pathlib.Path(beside), folder / "people.txt", dialogues, options, seed)
            made = {"wrote": write(model, words, options, seed), "loss": loss(model, held)}
        path.with_suffix(".new").write_text(json.dumps(made))
        path.with_suffix(".new").rename(path)
    return json.loads(path.read_text())


def measure(folder, made):
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as own:
        tutors.write(own.name, made["wrote"])
        report = json.loads(lyceum("diversity", own.name, "--against", folder / "people.jsonl", "--json", "--threads", 1,
                                   fires=True))
    report["measures"]["loss"] = {"value": made["loss"]}
    return report


def line_of(folder, arm, seed, people, held, options):
    """The reports of an arm's generations."""
    reports, texts = [], people
    for i in range(options.generations):
        made = generation(folder, texts, n_word(people), held, options, seed * 100 + i)
        report = measure(folder, made)
        texts = made["wrote"] + (people if arm == "gate" and report["fired"] else [])
        reports.append(report)
        print(row_of(arm, seed, i, report), file=sys.stderr, flush=True)
    return reports


def row_of(arm, seed, i, report):
    figures = [f"{report['measures'][name]['value']:.3f}" for name, _ in MEASURES]
    return " | ".join(["| " + arm, str(seed), str(i + 1), *figures, "fired |" if report["fired"] else "silent |"])


STYLE = """<style>
  text { fill: #1f2328 } .dim { fill: #57606a } .name { font-weight: 600 }
  .frame { fill: none; stroke: #8c959f } .people { stroke: #57606a; stroke-dasharray: 4 3 }
  .alone { stroke: #c4302b; fill: #c4302b } .gate { stroke: #1a7f37; fill: #1a7f37 }
  polyline { stroke-width: 2; fill: none !important } .silent { fill: none }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .dim { fill: #9198a1 } .frame { stroke: #6e7681 } .people { stroke: #9198a1 }
    .alone { stroke: #ff7b72; fill: #ff7b72 } .gate { stroke: #56d364; fill: #56d364 }
  }
</style>"""


def panel(x0, y0, width, height, key, name, results):
    lines = [(arm, [report["measures"][key]["value"] for report in reports]) for arm, reports in results]
    people = results[0][1][0]["measures"][key].get("reference")
    values = [value for _, line in lines for value in line] + ([people] if people is not None else [])
    low, high = min(values), max(values)
    low, high = low - (high - low) * .08 - 1e-9, high + (high - low) * .08 + 1e-9
    n = len(lines[0][1])

    def place(i, value):
        return x0 + i * width / max(1, n - 1), y0 + height - (value - low) / (high - low) * height

    out = [f'<text class="name" x="{x0}" y="{y0 - 8}">{name}</text>'
           f'<rect class="frame" x="{x0}" y="{y0}" width="{width}" height="{height}"/>']
    for value in (min(values), max(values)):
        out.append(f'<text x="{x0 - 6}" y="{place(0, value)[1] + 4:.1f}" text-anchor="end">{value:.2f}</text>')
    if people is not None:
        y = place(0, people)[1]
        out.append(f'<line class="people" x1="{x0}" x2="{x0 + width}" y1="{y:.1f}" y2="{y:.1f}"/>')
    for (arm, line), (_, reports) in zip(lines, results):
        points = [place(i, value) for i, value in enumerate(line)]
        out.append(f'<polyline class="{arm}" points="' + " ".join(f"{x:.1f},{y:.1f}" for x, y in points) + '"/>')
        for (x, y), report in zip(points, reports):
            out.append(f'<circle class="{arm}{"" if report["fired"] else " silent"}" cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>')
    for i in range(n):
        out.append(f'<text x="{place(i, low)[0]:.1f}" y="{y0 + height + 15}" text-anchor="middle">{i + 1}</text>')
    return out


def plot(results, path, note):
    width, height, across, down = 210, 130, 285, 190
    out = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 850 460" role="img" aria-labelledby="title description" '
           'font-family="system-ui, sans-serif" font-size="12">',
           '<title id="title">A model that learns from its own words, by generation</title>',
           f'<desc id="description">Six panels: {"; ".join(name for _, name in MEASURES)}. Lines by generation: a model '
           'that is trained on its own words alone, and one beside whose words people’s text comes back where the gate '
           'fires.</desc>', STYLE]
    for i, (key, name) in enumerate(MEASURES):
        out += panel(60 + i % 3 * across, 30 + i // 3 * down, width, height, key, name, results)
    y = 30 + 2 * down + 8
    for i, (arm, words) in enumerate(ARMS.items()):
        out.append(f'<line class="{arm}" x1="60" x2="84" y1="{y + 18 * i}" y2="{y + 18 * i}" stroke-width="2"/>'
                   f'<text x="92" y="{y + 18 * i + 4}">{words}</text>')
    out.append(f'<line class="people" x1="430" x2="454" y1="{y}" y2="{y}"/><text x="462" y="{y + 4}">people’s text</text>'
               f'<text class="dim" x="430" y="{y + 22}">across: generations; a full dot: the gate fires</text>'
               f'<text class="dim" x="60" y="{y + 40}">{note}</text></svg>')
    pathlib.Path(path).write_text("\n".join(out) + "\n")


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("source", help="CIMA's dataset.json")
    options.add_argument("--generations", type=int, default=6)
    options.add_argument("--steps", type=int, default=150)
    options.add_argument("--layers", type=int, default=4)
    options.add_argument("--width", type=int, default=128)
    options.add_argument("--temperature", type=float, default=0.8)
    options.add_argument("--seeds", type=int, default=2)
    options.add_argument("--threads", type=int, default=2, help="arms and seeds at once, a thread each")
    options.add_argument("--svg")
    options.add_argument("--json")
    options.add_argument("--work", help="a folder that keeps what each generation wrote, to go on from")
    options = options.parse_args()
    if hashlib.sha256(pathlib.Path(options.source).read_bytes()).hexdigest() != SOURCE:
        raise SystemExit(f"{options.source} is not the file whose hash stands here")
    began = time.time()
    dialogues = tutors.read(options.source)[1]
    random.Random(1).shuffle(dialogues)
    held, people = dialogues[:HELD_OUT], dialogues[HELD_OUT:HELD_OUT + PEOPLE]
    seeds = range(1, options.seeds + 1)
    with tempfile.TemporaryDirectory() as name:
        settings = [options.steps, options.layers, options.width, options.temperature]
        folder = pathlib.Path(options.work or name) / "-".join(map(str, settings))
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "people.txt").write_text(prose(people))
        tutors.write(folder / "people.jsonl", people)
        with concurrent.futures.ThreadPoolExecutor(options.threads) as threads:
            list(threads.map(lambda seed: generation(folder, people, n_word(people), held, options, seed * 100), seeds))
            lines = {(arm, seed): threads.submit(line_of, folder, arm, seed, people, held, options)
                     for seed in seeds for arm in ARMS}
            results = [(arm, line.result()) for (arm, _), line in lines.items()]
    print("| arm | seed | generation |", " | ".join(name for _, name in MEASURES), "| gate |")
    print("|---" * (4 + len(MEASURES)) + "|")
    for (arm, seed), (_, reports) in zip(lines, results):
        for i, report in enumerate(reports):
            print(row_of(arm, seed, i, report))
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(results))
    if options.svg:
        plot(results, options.svg, f"{n_word(people):,} words and {options.steps} steps a generation, temperature "
             f"{options.temperature}, {options.seeds} seeds")
    spent = os.times()
    print(f"{time.time() - began:.0f} s, {spent.children_user + spent.children_system + spent.user:.0f} s of the processor")


main()
