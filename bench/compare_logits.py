#!/usr/bin/env python3
"""Compares Lyceum's logits with those of llama.cpp (through llama-cpp-python) on the same tokens.

    bench/compare_logits.py --lyceum build/lyceum models/A.gguf models/B.gguf

Twenty prompts of 16 to 512 tokens are cut from the texts of this repository, always the same for
the same seed and texts. For every position: does the likeliest token agree where the peer is sure
(its two best differ by more than --margin), and how far are the distributions apart (Kullback-
Leibler divergence of Lyceum's from the peer's, in nats). Exit 1 when a model misses the bounds.
"""
import argparse
import json
import pathlib
import random
import subprocess
import sys

import numpy
from llama_cpp import Llama

ROOT = pathlib.Path(__file__).resolve().parent.parent
TEXTS = ("**/*.md", "src/**/*.c", "src/**/*.h", "**/*.build")


def read_texts():
    paths = sorted({path for pattern in TEXTS for path in ROOT.glob(pattern) if path.is_file()})
    return [text for path in paths if (text := path.read_text("utf-8", "replace")).strip()]


def cut_prompts(peer, texts, number, shortest, longest, seed):
    """Token ids of `number` prompts whose lengths run evenly from the shortest to the longest."""
    chance = random.Random(seed)
    for i in range(number):
        length = shortest + (longest - shortest) * i // max(number - 1, 1)
        tokens = []
        while len(tokens) < length:
            text = chance.choice(texts)
            start = chance.randrange(max(1, len(text) - 6 * length))
            more = text[start : start + 6 * length].encode()
            tokens += peer.tokenize(more, add_bos=False, special=False)
        yield tokens[:length]


def logits_of_lyceum(program, model, tokens, threads):
    done = subprocess.run([program, "logits", model, "--threads", str(threads)],
                          input=json.dumps(tokens).encode(), stdout=subprocess.PIPE, check=True)
    return numpy.frombuffer(done.stdout, "<f4").reshape(len(tokens), -1)


def logits_of_peer(peer, tokens):
    peer.reset()
    peer.eval(tokens)
    return numpy.array(peer.scores[: len(tokens)], dtype=numpy.float32)


def log_softmax(logits):
    logits = logits.astype(numpy.float64)
    logits = logits - logits.max(axis=1, keepdims=True)
    return logits - numpy.log(numpy.exp(logits).sum(axis=1, keepdims=True))


def compare(ours, theirs, margin):
    best_two = numpy.partition(theirs, -2, axis=1)[:, -2:]
    sure = best_two[:, 1] - best_two[:, 0] > margin
    agree = ours.argmax(axis=1) == theirs.argmax(axis=1)
    p, q = log_softmax(theirs), log_softmax(ours)
    divergence = (numpy.exp(p) * (p - q)).sum(axis=1)
    return sure, agree, divergence


def compare_model(options, path, texts):
    peer = Llama(path, n_ctx=options.longest, n_batch=options.longest, n_threads=options.threads,
                 n_threads_batch=options.threads, logits_all=True, verbose=False)
    print(f"\n{path}\n{'tokens':>8} {'sure':>6} {'agree':>7} {'mean KL':>10} {'largest KL':>11}")
    rows = []
    for tokens in cut_prompts(peer, texts, options.prompts, options.shortest, options.longest,
                              options.seed):
        ours = logits_of_lyceum(options.lyceum, path, tokens, options.threads)
        row = compare(ours, logits_of_peer(peer, tokens), options.margin)
        rows.append(row)
        print_row(len(tokens), *row)
    sure, agree, divergence = (numpy.concatenate(column) for column in zip(*rows))
    print_row("all", sure, agree, divergence)
    return agree[sure].mean() >= options.agreement and divergence.mean() < options.divergence


def print_row(name, sure, agree, divergence):
    share = agree[sure].mean() if sure.any() else 1.0
    print(f"{name:>8} {sure.sum():>6} {share:>7.2%} {divergence.mean():>10.2e} "
          f"{divergence.max():>11.2e}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+")
    parser.add_argument("--lyceum", default=str(ROOT / "build" / "lyceum"))
    parser.add_argument("--prompts", type=int, default=20)
    parser.add_argument("--shortest", type=int, default=16)
    parser.add_argument("--longest", type=int, default=512)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--margin", type=float, default=0.1)
    parser.add_argument("--agreement", type=float, default=0.99)
    parser.add_argument("--divergence", type=float, default=1e-3)
    options = parser.parse_args()
    texts = read_texts()
    good = [compare_model(options, path, texts) for path in options.models]
    print("\nall within the bounds" if all(good) else "\nOUT OF BOUNDS")
    sys.exit(0 if all(good) else 1)


if __name__ == "__main__":
    main()
