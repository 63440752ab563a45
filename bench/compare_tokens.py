#!/usr/bin/env python3
"""Compares Lyceum's token ids with those of llama.cpp (through llama-cpp-python) on hard text.

    bench/compare_tokens.py --lyceum build/lyceum models/A.gguf models/B.gguf

The corpus is that of compare_tokens_text.py: 1 MB or more. Each document's ids must be equal, as text
and with control tokens recognised, and decoding must give back every byte that the vocabulary has. Exit 1 when something differs.
"""
import argparse
import json
import pathlib
import subprocess
import sys

from gguf import GGUFReader, TokenType
from llama_cpp import Llama

from compare_tokens_text import documents  # beside this script

ROOT = pathlib.Path(__file__).resolve().parent.parent


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
