#!/usr/bin/env python3
"""Writes drafts of the test models anew, as tests/school/drafts keeps them, to be read and labelled.

    bench/drafts/make_drafts.py --lyceum build/lyceum --models models --out drafts

Questions and hints stand beside this script. Drafts come in two ways: as the tutor asks for them
(`lyceum draft`: greedy answers, hints at temperature 0.5, only words of the passage), and freely
(`lyceum run --chat`, warmer, any words), as a member would write that no lexicon holds. The passage
is what the tutor would quote, or the whole section. One JSON line a draft, its sentences with
"label": "" for a reader to fill: "true" (and said by the passage), "false" (wrong, unsupported,
misleading or nonsense), "leak" (gives away the key, a later hint, a step of the solution, or what
the hint asks).
"""
import argparse
import json
import os
import pathlib
import re
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
COURSE = HERE.parent.parent / "courses" / "build-a-mind"
MODELS = {"smollm2-135m": "SmolLM2-135M-Instruct.Q4_1.gguf",
          "qwen2.5-coder-0.5b": "Qwen2.5-Coder-0.5B-Instruct.Q4_K_M.gguf"}
ASK = {  # as src/school/tutor/draft.c puts it
    "en": ("You are a tutor. Answer from the lesson alone, in one or two sentences, in the lesson's own words.",
           "Lesson:", "Question:", "Ask the hint in other words. Do not answer it.", "Hint:",
           [("What is the slope of the line?", "Can you say what the slope of the line is?"),
            ("Where does the table end?", "Look again: where does the table end?")]),
    "zh": ("你是一位老师。只根据课文回答，用一两句话，尽量用课文自己的词句。",
           "课文：", "问题：", "把提示换一种问法。不要回答它。", "提示：",
           [("这条直线的斜率是多少？", "你能说出这条直线的斜率是多少吗？"),
            ("表格在哪里结束？", "你看，表格是在哪里结束的？")]),
}
TEMPERATURES = [0.3, 0.7, 0.9]


def plain(markdown):
    """The prose of a section: no exercises, figures, tables, code blocks; formulas as $…$."""
    for pattern in (r"(?ms)^::::\{exercise\}.*?^::::$", r"(?ms)^```.*?^```$", r"(?m)^!\[.*$", r"(?m)^\|.*$"):
        markdown = re.sub(pattern, "", markdown)
    parts = re.split(r"(\$\$.*?\$\$|\$[^$]*\$)", markdown, flags=re.S)
    for i, part in enumerate(parts):
        parts[i] = "$" + part.strip("$") + "$" if i % 2 else re.sub(r"[`*]", "", part)
    paragraphs = [re.sub(r"\s*\n\s*", " ", p).strip(" >") for p in re.split(r"\n\s*\n", "".join(parts))]
    return "\n".join(p for p in paragraphs if p)


def sections(lesson, language):
    name = "lesson.md" if language == "en" else f"lesson.{language}.md"
    text = (COURSE / lesson / name).read_text()
    found = re.split(r"(?m)^##? (.*)$", text)[1:]
    return {heading: plain(body) for heading, body in zip(found[::2], found[1::2])}


def hint_texts():
    found = {}
    for path in sorted(COURSE.glob("*/lesson.md")):
        for block in re.findall(r"(?ms)^::::\{exercise\}.*?^::::$", path.read_text()):
            label = re.search(r"(?m)^:label: (\S+)", block).group(1)
            hints = re.findall(r"(?ms)^:::\{hint\} (.*?)\n:::", block)
            found[label] = (path.parent.name, hints)
    return found


def tasks(language, name=None):
    out, lesson, heading, texts = [], "", "", {}
    for line in (HERE / f"questions.{name or language}.txt").read_text().splitlines():
        if line.startswith("## "):
            heading = line[3:]
        elif re.match(r"# \d", line):
            lesson, texts = line[2:], sections(line[2:], language)
        elif line and line[0] != "#":
            at, _, question = line.rpartition("|")
            task = {"language": language, "lesson": lesson, "passage": texts[heading], "question": question.strip()}
            if at:
                task["exercise"], task["seed"] = at.split()[0], int(at.split()[1])
            out.append(task)
    return out


def hint_tasks():
    texts, out = hint_texts(), []
    for line in (HERE / "hints.txt").read_text().splitlines():
        if line and line[0] != "#":
            label, seed, rung = line.split()
            lesson, hints = texts[label]
            hint = re.sub(r"\{\{|\}\}", lambda m: m.group()[0], hints[int(rung) - 1])
            out.append({"language": "en", "lesson": lesson, "hint": hint, "exercise": label,
                        "seed": int(seed), "rung": int(rung)})
    return out


def lyceum_draft(options, model, lines):
    path = [] if model is None else ["--model", str(options.models / MODELS[model])]
    environment = dict(os.environ, LYCEUM_MODELS="/nonexistent") if model is None else None
    given = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    done = subprocess.run([options.lyceum, "draft", *path], input=given, stdout=subprocess.PIPE, check=True,
                          text=True, env=environment, stderr=subprocess.DEVNULL)
    return [json.loads(line) for line in done.stdout.splitlines()]


def last_whole_sentence(text):
    ends = [m.end() for m in re.finditer(r"[.!?。！？](?=\s|$)|[。！？]", text)]
    return text[:ends[-1]] if ends else text


def written_freely(options, model, task, temperature, seed):
    system, passage, question, hint_system, hint, examples = ASK[task["language"]]
    if "hint" in task:
        messages = [{"role": "system", "content": hint_system}]
        for given, asked in examples:
            messages += [{"role": "user", "content": f"{hint} {given}"}, {"role": "assistant", "content": asked}]
        messages.append({"role": "user", "content": f"{hint} {task['hint']}"})
    else:
        messages = [{"role": "system", "content": system},
                    {"role": "user", "content": f"{passage} {task['passage']}\n\n{question} {task['question']}"}]
    limit = 48 if "hint" in task else 72
    done = subprocess.run([options.lyceum, "run", str(options.models / MODELS[model]), "--chat", "-", "--json",
                           "--max-tokens", str(limit), "--temperature", str(temperature), "--seed", str(seed),
                           "--stop", "\n"], input=json.dumps(messages), stdout=subprocess.PIPE, check=True, text=True)
    answer = json.loads(done.stdout)
    return last_whole_sentence(answer["text"]) if answer["end"] == "length" else answer["text"]


def split(draft):
    """About as the review cuts; a formula stays whole."""
    masked = re.sub(r"\$[^$\n]*\$", lambda m: "x" * len(m.group()), draft)
    cuts = [m.end() for m in re.finditer(r"[.!?]+[\"')*]*(?=\s+[^\sa-z])|[。！？]+[”」）]*|\n+", masked)]
    pieces = [draft[a:b].strip() for a, b in zip([0, *cuts], [*cuts, len(draft)])]
    return [piece for piece in pieces if piece]


def wanted(model, language, i):
    if language == "zh":
        return model != "smollm2-135m"
    return i % 10 not in (2, 5, 8) if model == "smollm2-135m" else i % 4 != 3


def make(options, model):
    rows = []
    for language in ("en", "zh"):
        start = options.round
        asked = [t for i, t in enumerate(tasks(language), start) if wanted(model, language, i)]
        if language == "en":
            asked += [t for i, t in enumerate(tasks("en", "more"), start) if wanted(model, language, i)]
            asked += [t for i, t in enumerate(tasks("en", "fishing"), start) if model != "smollm2-135m" or i % 2]
            asked += [t for i, t in enumerate(hint_tasks(), start) if model != "smollm2-135m" or i % 4 != 1]
        for i, task in enumerate(asked, start):
            task.update(model=model, temperature=TEMPERATURES[i // 5 % 3] if i % 5 > 2 else 0.5 if "hint" in task else 0,
                        free=i % 5 > 2, draft_seed=100 + i + 1000 * options.round)
            if "question" in task and (i + len(model)) % 2:
                quote = lyceum_draft(options, None, [{k: task[k] for k in ("passage", "question", "language")}])[0]
                task["passage"] = " ".join(quote["cites"]) or task["passage"]
        tutor = [t for t in asked if not t["free"]]
        given = [{**{k: t[k] for k in ("passage", "question", "hint", "language") if k in t}, "seed": t["draft_seed"]}
                 for t in tutor]
        for task, answer in zip(tutor, lyceum_draft(options, model, given)):
            task["draft"] = answer["draft"]
        for task in asked:
            if task["free"]:
                task["draft"] = written_freely(options, model, task, task["temperature"], task["draft_seed"])
        rows += asked
    return [row for row in rows if row["draft"].strip()]


KEYS = ["model", "language", "lesson", "passage", "question", "hint", "exercise", "seed", "rung", "temperature",
        "free", "draft_seed", "draft"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lyceum", default="build/lyceum")
    parser.add_argument("--models", type=pathlib.Path, default=pathlib.Path("models"))
    parser.add_argument("--round", type=int, default=0, help="another round has other seeds and asks otherwise")
    parser.add_argument("--out", type=pathlib.Path, required=True, help="a folder; NAME.jsonl for each lesson in it")
    options = parser.parse_args()
    rows = [row for model in MODELS for row in make(options, model)]
    files = {}
    for row in rows:
        name = row["lesson"] + ("" if row["language"] == "en" else "." + row["language"])
        kept = {key: row[key] for key in KEYS if key in row}
        kept["sentences"] = [{"text": text, "label": ""} for text in split(row["draft"])]
        if len(files.setdefault(name, [])) % 3 == 2:
            kept["held_out"] = True
        files[name].append(kept)
    options.out.mkdir(parents=True, exist_ok=True)
    for name, kept in files.items():
        with open(options.out / f"{name}.jsonl", "w") as out:
            for row in kept:
                out.write(json.dumps(row, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
