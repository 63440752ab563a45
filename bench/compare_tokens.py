#!/usr/bin/env python3
"""Compares Lyceum's token ids with those of llama.cpp (through llama-cpp-python) on hard text.

    bench/compare_tokens.py --lyceum build/lyceum models/A.gguf models/B.gguf

The corpus is made here, always the same for the same seed and version of Unicode: every script and
symbol that Python knows, emoji with joiners, this repository's code, runs of white space, control
characters, the model's own control tokens as people might type them, and shuffled mixtures of all
that: 1 MB or more. Each document's ids must be equal, as text and with control tokens recognised,
and decoding must give back every byte that the vocabulary has. Exit 1 when something differs.
"""
import argparse
import json
import pathlib
import random
import subprocess
import sys
import unicodedata

from gguf import GGUFReader, TokenType
from llama_cpp import Llama

ROOT = pathlib.Path(__file__).resolve().parent.parent
FAMILY = ["👩‍👩‍👧‍👦", "🏳️‍🌈", "👍🏽", "🇨🇭🇪🇺", "❤️‍🔥", "1️⃣", "🧑🏿‍🚀", "☺︎", "☺️", "e\u0301\u0323", "ﷺ", "ﬁ", "Ǆ", "İ"]
WORDS = ("don't you'll we're I'VE can'T it'S 3.14 1,234,567 2nd x² ½ Ⅷ ٣٤٥ १२३ 12345678901234567890 "
         "naïve Straße ÆØÅ ŁÓDŹ Ἀθῆναι Здравствуйте שָׁלוֹם مَرْحَبًا नमस्ते ภาษาไทย ខ្មែរ 日本語テキスト 한국어 你好，世界！ "
         "http://a.b/c?d=e&f#g user@example.org C:\\path\\x --flag=1 a_b-c.d $HOME {{x}} <b>&amp;</b>").split()
SPECIALS = ["<|im_start|>", "<|im_end|>", "<|endoftext|>", "<s>", "</s>", "<unk>", "<|im_start|>system\n",
            "<|im_sta", "rt|>", "<|fim_prefix|>", "<repo_name>", "<tool_call>", "</tool_call>", "<file_sep>", "[INST]"]


def alphabets():
    """Text of each block of 256 code points that holds letters, marks, numbers or symbols."""
    for block in range(0, 0x32000, 0x100):
        points = [chr(p) for p in range(block, block + 0x100)
                  if unicodedata.category(chr(p)) not in ("Cn", "Cs", "Co")]
        if points:
            yield points


def documents(seed, size):
    chance = random.Random(seed)
    blocks = list(alphabets())
    spaces = [" ", "  ", "   ", "\t", "\n", "\r\n", "\n\n\n", " \n ", "\u00a0", "\u3000", "\u2003", "\u200b", "\ufeff", "\u2028", "\x0b", "\x85"]
    control = [chr(c) for c in range(1, 32)] + ["\x7f", "\x80", "\x9f", "\ufffd", "\ufffe", "\U0010ffff", "\ue000"]
    code = [p.read_text("utf-8") for p in sorted(ROOT.glob("src/**/*.[ch]"))]
    made = 0
    for points in blocks:
        text = "".join(points[:128]) + " " + " ".join("".join(chance.choices(points, k=chance.randint(1, 9)))
                                                     for _ in range(120))
        yield "alphabets", text
    kinds = {
        "code": lambda: (lambda t, at: t[at:at + 60])(*(lambda t: (t, chance.randrange(max(1, len(t) - 60))))(chance.choice(code))),
        "words": lambda: chance.choice(WORDS) + " ",
        "emoji": lambda: chance.choice(FAMILY) * chance.randint(1, 3),
        "spaces": lambda: chance.choice(spaces) * chance.randint(1, 40) + chance.choice(["a", "1", ".", "漢", ""]),
        "controls": lambda: chance.choice(control) + chance.choice(["x", "", " "]),
        "specials": lambda: chance.choice(SPECIALS) + chance.choice(["", " ", "a", "\n"]),
        "digits": lambda: "".join(chance.choices("0123456789٠१०౧.,-+ ", k=chance.randint(1, 30))),
        "scripts": lambda: "".join(chance.choices(chance.choice(blocks), k=chance.randint(1, 6))),
        "capitals": lambda: "".join(chance.choice([str.upper, str.lower, str.title])(chance.choice(WORDS)) for _ in range(3)),
        "repeats": lambda: chance.choice(["a", "ab", "=", "-", "ha", "0", "あ", "!?"]) * chance.randint(2, 90),
    }
    while made < size:
        kind = chance.choice(list(kinds) + ["mixture"] * 4)
        text = ""
        while len(text.encode()) < 3000:
            text += kinds[chance.choice(list(kinds)) if kind == "mixture" else kind]()
        made += len(text.encode())
        yield kind, text


def run(program, arguments, given):
    return subprocess.run([program, "tokenize", *arguments], input=given, stdout=subprocess.PIPE, check=True).stdout


def type_of(path, token):
    fields = GGUFReader(path).fields
    tokens = fields["tokenizer.ggml.tokens"].contents()
    return fields["tokenizer.ggml.token_type"].contents(tokens.index(token)) if token in tokens else None


def compare(program, path, seed, size):
    peer = Llama(str(path), vocab_only=True, verbose=False)
    # SmolLM2's vocabulary lacks some control characters: they have no tokens, in the peer's ids neither.
    missing = bytes(c for c in range(128) if not peer.tokenize(bytes([c]), add_bos=False, special=False))
    # The peer takes "</s>" for a control token whatever the file says; Gemma's says that it is a tag of HTML,
    # which always matches.
    end_is_text = type_of(path, "</s>") == TokenType.USER_DEFINED
    kinds, different, tokens, total, shown = {}, 0, 0, 0, 0
    for kind, text in documents(seed, size):
        data = text.encode()
        if end_is_text:
            data = data.replace(b"</s>", b"")
        total += len(data)
        good = True
        for special in (False, True):
            if special:
                data = data.replace(b"</s>", b"")
            ours = json.loads(run(program, [str(path)] + ["--special"] * special, data))
            theirs = peer.tokenize(data, add_bos=False, special=special)
            tokens += len(theirs)
            if ours != theirs:
                good = False
                at = next((i for i, (a, b) in enumerate(zip(ours, theirs)) if a != b), min(len(ours), len(theirs)))
                if shown < 5:
                    shown += 1
                    before = peer.detokenize(theirs[:at])[-40:]
                    print(f"   {kind}, special={special}, token {at}, after {before!r}: "
                          f"{[peer.detokenize([t]) for t in ours[at:at + 4]]} for {[peer.detokenize([t]) for t in theirs[at:at + 4]]}")
            if not special:
                back = run(program, [str(path), "--decode"], json.dumps(ours).encode())
                if back.removesuffix(b"\n") != data.translate(None, missing).removesuffix(b"\n"):
                    good = False
                    print(f"   {kind}: decoding does not give back the text")
        done = kinds.setdefault(kind, [0, 0])
        done[0] += 1
        done[1] += not good
        different += not good
        if sys.stderr.isatty():
            print(f"\r   {sum(k[0] for k in kinds.values())} documents, {different} differ", end="", file=sys.stderr)
    print(f"{path.name}: {total} bytes, {sum(k[0] for k in kinds.values())} documents, {tokens} tokens, {different} documents differ")
    for kind, (number, bad) in sorted(kinds.items()):
        print(f"   {kind:10} {number:4} documents, {bad} differ")
    return different == 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("models", nargs="+", type=pathlib.Path)
    parser.add_argument("--lyceum", default=str(ROOT / "build" / "lyceum"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--bytes", type=int, default=1_200_000, help="of mixed text, beside the alphabets")
    given = parser.parse_args()
    good = [compare(given.lyceum, path, given.seed, given.bytes) for path in given.models]
    sys.exit(0 if all(good) else 1)


if __name__ == "__main__":
    main()
