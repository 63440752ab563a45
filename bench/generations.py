#!/usr/bin/env python3
"""What becomes of a model that learns from its own words, generation after generation?

    bench/generations.py --svg docs/generations.svg [--generations 5] [--steps 150] [--work FOLDER]

The first generation learns from sentences that people wrote (the cards of training/general-tutor).
Each later one is made anew (lyceum new) and trained (lyceum train --learn all) on what the one
before wrote: alone ("replaced"), together with all that people wrote ("kept"), or alone unless
lyceum diversity fires beside people's text, and then together with it ("gate"). What each
generation wrote is measured at equal token counts. Sentences are shuffled, so that a new one may
follow any. With --work what each generation wrote is kept there, and a run that was stopped goes on
after the last whole generation. LYCEUM names the program.
"""
import argparse
import hashlib
import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
LYCEUM = os.environ.get("LYCEUM", str(ROOT / "build" / "lyceum"))
MEASURES = [("distinct_4", "distinct-4"), ("distinct_openers", "distinct openers"),
            ("entropy_4", "4-gram entropy, bits"), ("long_near_duplicates", "long near-duplicates")]
ARMS = ["replaced", "gate", "kept"]


def people():
    lines = []
    for path in sorted((ROOT / "training/general-tutor/cards").glob("*.txt")):
        for line in path.read_text().splitlines():
            if line and not re.match(r"(==|[A-Z]:|[a-z]+:)", line) and len(line.split()) >= 5:
                lines.append(line)
    random.Random(1).shuffle(lines)
    return lines


def lyceum(*arguments, check=True):
    ran = subprocess.run([LYCEUM, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if check and ran.returncode:
        raise SystemExit(f"lyceum {' '.join(map(str, arguments))}: {ran.stderr}")
    return ran


def next_generation(folder, texts, options, seed):
    """Trains a new model on the lines and returns as many lines of its own."""
    text, model = folder / "text.txt", folder / "new.gguf"
    text.write_text("\n".join(texts) + "\n")
    lyceum("new", model, "--text", folder / "people.txt", "--vocabulary", 768, "--layers", options.layers, "--width",
           options.width, "--heads", 4, "--context", 512, "--seed", seed, "--force")
    out = folder / "trained"
    shutil.rmtree(out, ignore_errors=True)
    lyceum("train", model, text, "--out", out, "--learn", "all", "--type", "F32", "--steps", options.steps, "--rate",
           "3e-3", "--pack-tokens", 512, "--packs", 2, "--seed", seed, "--threads", options.threads)
    lines = []
    for i in range(options.lines * 2):
        ran = lyceum("run", out / "model.gguf", "--prompt", "\n", "--max-tokens", 440, "--temperature",
                     options.temperature, "--seed", seed * 1000 + i)
        lines += [line.strip() for line in ran.stdout.strip().splitlines()[:-1] if len(line.split()) >= 3]
        if len(lines) >= options.lines:
            break
    return lines[:options.lines]


def kept_generation(folder, texts, options, seed):
    """As next_generation, on the texts in a drawn order, unless the same has been made already."""
    texts = random.Random(seed).sample(texts, len(texts))
    path = folder / f"{hashlib.sha256(json.dumps([seed, texts]).encode()).hexdigest()[:16]}.txt"
    if not path.exists():
        beside = path.with_suffix(".new")
        beside.write_text("\n".join(next_generation(folder, texts, options, seed)) + "\n")
        beside.rename(path)
    return path.read_text().splitlines()


def measure(folder, lines):
    (folder / "own.txt").write_text("\n".join(lines) + "\n")
    ran = lyceum("diversity", folder / "own.txt", "--against", folder / "people.txt", "--json", "--tokens",
                 2500, check=False)
    return json.loads(ran.stdout)


def plot(results, path, note):
    colours = {"replaced": "#b3261e", "gate": "#8a6d00", "kept": "#1b6e3c"}
    width, height, pad = 230, 150, 46
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {2 * (width + pad) + 40} {2 * (height + pad) + 90}" '
             'font-family="sans-serif" font-size="11" role="img"><title>Diversity by generation</title>'
             '<rect width="100%" height="100%" fill="white"/>']
    for index, (key, name) in enumerate(MEASURES):
        x0, y0 = 50 + index % 2 * (width + pad), 34 + index // 2 * (height + pad)
        values = [row["measures"][key]["value"] for arm in ARMS for row in results[arm]]
        reference = results["replaced"][0]["measures"][key]["reference"]
        low, high = min(values + [reference]), max(values + [reference])
        low, high = low - (high - low) * .08 - 1e-9, high + (high - low) * .08 + 1e-9
        place = lambda i, v: (x0 + i * width / max(1, len(results["replaced"]) - 1), y0 + height - (v - low) / (high - low) * height)
        parts.append(f'<text x="{x0}" y="{y0 - 8}" font-weight="bold">{name}</text>'
                     f'<rect x="{x0}" y="{y0}" width="{width}" height="{height}" fill="none" stroke="#999"/>')
        for value in (low, high):
            parts.append(f'<text x="{x0 - 6}" y="{place(0, value)[1] + 4:.1f}" text-anchor="end">{value:.2f}</text>')
        y = place(0, reference)[1]
        parts.append(f'<line x1="{x0}" x2="{x0 + width}" y1="{y:.1f}" y2="{y:.1f}" stroke="#555" stroke-dasharray="4 3"/>'
                     f'<text x="{x0 + width - 3}" y="{y - 4:.1f}" text-anchor="end" fill="#555">people</text>')
        for arm in ARMS:
            points = [place(i, row["measures"][key]["value"]) for i, row in enumerate(results[arm])]
            parts.append(f'<polyline fill="none" stroke="{colours[arm]}" stroke-width="2" points="' +
                         " ".join(f"{x:.1f},{y:.1f}" for x, y in points) + '"/>')
            for (x, y), row in zip(points, results[arm]):
                parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" stroke="{colours[arm]}" '
                             f'fill="{colours[arm] if row["fired"] else "white"}"/>')
        for i in range(len(results["replaced"])):
            parts.append(f'<text x="{place(i, low)[0]:.1f}" y="{y0 + height + 14}" text-anchor="middle">{i + 1}</text>')
    y = 2 * (height + pad) + 50
    words = {"replaced": "learns from its own words alone", "gate": "people's text comes back when the gate fires",
             "kept": "people's text is always kept"}
    for i, arm in enumerate(ARMS):
        parts.append(f'<line x1="{50}" x2="{74}" y1="{y + 14 * i}" y2="{y + 14 * i}" stroke="{colours[arm]}" stroke-width="2"/>'
                     f'<text x="80" y="{y + 14 * i + 4}">{words[arm]}</text>')
    parts.append(f'<text x="330" y="{y + 4}" fill="#555">a filled dot: the gate fired</text>'
                 f'<text x="330" y="{y + 18}" fill="#555">{note}</text></svg>')
    pathlib.Path(path).write_text("\n".join(parts) + "\n")


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--generations", type=int, default=5)
    options.add_argument("--steps", type=int, default=150)
    options.add_argument("--layers", type=int, default=2)
    options.add_argument("--width", type=int, default=128)
    options.add_argument("--lines", type=int, default=300, help="that people wrote, and that each generation writes")
    options.add_argument("--temperature", type=float, default=1.0)
    options.add_argument("--threads", type=int, default=0)
    options.add_argument("--svg")
    options.add_argument("--json")
    options.add_argument("--work", help="a folder that keeps each generation, to go on from")
    options = options.parse_args()
    options.threads = options.threads or os.cpu_count()
    began, real = time.time(), people()[:options.lines]
    results = {arm: [] for arm in ARMS}
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(options.work or name)
        folder.mkdir(parents=True, exist_ok=True)
        settings = {key: value for key, value in vars(options).items()
                    if key not in ("svg", "json", "work", "threads", "generations")}
        told = folder / "settings.json"
        if told.exists() and json.loads(told.read_text()) != settings:
            raise SystemExit(f"{folder} holds generations of other settings: {told.read_text()}")
        told.write_text(json.dumps(settings))
        (folder / "people.txt").write_text("\n".join(real) + "\n")
        first = kept_generation(folder, real, options, 1)
        print("| arm | generation | distinct-4 | openers | entropy | long near-duplicates | gate |\n|---|---|---|---|---|---|---|")
        for arm in ARMS:
            own, fired = first, False
            for generation in range(options.generations):
                if generation:
                    texts = real + own if arm == "kept" or (arm == "gate" and fired) else own
                    own = kept_generation(folder, texts, options, 1 + generation)
                report = measure(folder, own)
                fired = report["fired"]
                results[arm].append(report)
                m = report["measures"]
                print(f"| {arm} | {generation + 1} | {m['distinct_4']['value']:.3f} | {m['distinct_openers']['value']:.3f} "
                      f"| {m['entropy_4']['value']:.2f} | {m['long_near_duplicates']['value']:.3f} "
                      f"| {'fired' if fired else 'silent'} |", flush=True)
    print(f"{time.time() - began:.0f} s")
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(results))
    if options.svg:
        plot(results, options.svg, f"{options.lines} sentences, {options.steps} steps a generation")


main()
