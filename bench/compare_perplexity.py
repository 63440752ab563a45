#!/usr/bin/env python3
"""Perplexity beside llama.cpp's llama-perplexity, on the same text, chunks and scored positions.

    bench/compare_perplexity.py models/A.gguf models/B.gguf       files as they are
    bench/compare_perplexity.py --types Q8_0,Q4_0 models/A.gguf   quantised for it, from A
    bench/compare_perplexity.py --adapter A-adapter.gguf models/A.gguf

The text (--text; without it this repository's own pages and lessons) is cut in chunks of 512
tokens; the second half of each is scored, every token by all that stand before it in its chunk.
Differences above 0.1 % are marked, and make the exit code 1. LLAMA_CPP names the folder of the
peer's programs (see bench/compare); without it Lyceum's figures stand alone.
"""
import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import numpy
from gguf import GGUFReader

ROOT = pathlib.Path(__file__).resolve().parent.parent
LYCEUM = os.environ.get("LYCEUM", str(ROOT / "build" / "lyceum"))
CONTEXT = 512


def own_text():
    """Prose of this repository, in an order that does not change."""
    pages = sorted(ROOT.glob("courses/*/*/lesson.md")) + sorted(ROOT.glob("docs/*.md"))
    return "\n".join(page.read_text() for page in pages)


def begin_token(path):
    """The token that llama.cpp puts at the start of each chunk, or None."""
    fields = GGUFReader(path).fields
    adds = fields.get("tokenizer.ggml.add_bos_token")
    if adds is None:
        adds = fields["tokenizer.ggml.model"].contents() == "llama" or \
            fields["tokenizer.ggml.pre"].contents() == "llama-bpe"
    else:
        adds = adds.contents()
    return fields["tokenizer.ggml.bos_token_id"].contents() if adds else None


def tokenize(path, text):
    return json.loads(subprocess.run([LYCEUM, "tokenize", path], input=text.encode(), stdout=subprocess.PIPE,
                                     check=True).stdout)


def lyceum(path, chunks, begin, adapter):
    """Mean surprise of the scored tokens, in nats."""
    total = n = 0
    for chunk in chunks:
        fed = ([begin] + chunk[1:]) if begin is not None else chunk
        done = subprocess.run([LYCEUM, "logits", path] + (["--adapter", adapter] if adapter else []), input=json.dumps(fed).encode(), stdout=subprocess.PIPE, check=True)
        logits = numpy.frombuffer(done.stdout, dtype="<f4").reshape(CONTEXT, -1)[CONTEXT // 2:-1].astype("f8")
        top = logits.max(axis=1)
        sums = top + numpy.log(numpy.exp(logits - top[:, None]).sum(axis=1))
        aims = numpy.array(chunk[CONTEXT // 2 + 1:])
        total += float((sums - logits[numpy.arange(len(aims)), aims]).sum())
        n += len(aims)
    return total / n


def llama_cpp(folder, path, text, n_chunk, threads, adapter):
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write(text)
        file.flush()
        command = [str(folder / "llama-perplexity"), "-m", path, "-f", file.name, "-c", str(CONTEXT), "-b", str(CONTEXT),
                   "--chunks", str(n_chunk), "-t", str(threads), "-ngl", "0"]
        command += ["--lora", str(adapter)] if adapter else []
        for _ in range(3):  # its log is another thread's, and the last lines are sometimes lost as it ends
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True).stdout
            found = re.search(rf"(?:Final estimate: PPL.* = |\[{n_chunk}\])([\d.]+)", done)
            if found:
                return float(found[1])
    sys.exit(f"llama-perplexity told no estimate of {path}:\n{done[-500:]}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+", type=pathlib.Path)
    parser.add_argument("--types", help="types to quantise each model to, instead of taking it as it is")
    parser.add_argument("--text", type=pathlib.Path)
    parser.add_argument("--adapter", type=pathlib.Path)
    parser.add_argument("--tokens", type=int, default=20480, help="of the text at most")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    text = options.text.read_text() if options.text else own_text()
    given = os.environ.get("LLAMA_CPP")
    folder = next((f for f in (pathlib.Path(given or "."), pathlib.Path(given or ".") / "bin",
                               ROOT / "build/peers/llama.cpp/bin") if (f / "llama-perplexity").is_file()), None)
    print("| file | type | chunks | Lyceum | llama.cpp | difference |\n|---|---|---|---|---|---|")
    good = True
    for model in options.models:
        begin, ids = begin_token(model), tokenize(model, text)
        ids = ([begin] if begin is not None else []) + ids
        n_chunk = min(len(ids), options.tokens) // CONTEXT
        chunks = [ids[i * CONTEXT:(i + 1) * CONTEXT] for i in range(n_chunk)]
        for kind in (options.types or "as it is").split(","):
            with tempfile.TemporaryDirectory() as scratch:
                path = model
                if options.types:
                    path = pathlib.Path(scratch) / f"{kind}.gguf"
                    subprocess.run([LYCEUM, "quantize", model, path, kind, "--force"], check=True,
                                   stdout=subprocess.DEVNULL)
                ours = float(numpy.exp(lyceum(path, chunks, begin, options.adapter)))
                theirs = llama_cpp(folder, path, text, n_chunk, options.threads, options.adapter) if folder else None
            beside, apart = ("—", "—") if theirs is None else (f"{theirs:.4f}", f"{100 * (ours / theirs - 1):+.3f} %")
            far = theirs is not None and abs(ours / theirs - 1) > 0.001
            good &= not far
            print(f"| {model.stem} | {kind} | {n_chunk} | {ours:.4f} | {beside} | {apart}{' (!)' if far else ''} |",
                  flush=True)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
