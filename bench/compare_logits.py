#!/usr/bin/env python3
"""Compares Lyceum's logits with those of llama.cpp (through llama-cpp-python) on the same tokens.

    bench/compare_logits.py --lyceum build/lyceum models/A.gguf models/B.gguf

Twenty prompts of 16 to 512 tokens are cut from the texts of this repository, always the same for
the same seed and texts. For every position: does the likeliest token agree where the peer is sure
(its two best differ by more than --margin), and how far are the distributions apart (Kullback-
Leibler divergence of Lyceum's from the peer's, in nats).

Both engines round activations to 8 bits, so a different order of additions alone moves the logits.
How much is measured in the same run: the peer against itself, fed one token at a time instead of
in one batch. Lyceum must stay within --factor of that distance, or within --divergence if that is
larger. --exact compares on the same weights written as 32-bit floats, where nothing is rounded:
there the networks must agree to --exact-divergence. --judge computes the network once more by its
definition in double precision (slow): Lyceum must not be further from that than the peer is. It
settles what --exact cannot where the peer itself rounds, as its table of GELU does for Gemma.
Exit 1 when a model misses the bounds.
"""
import argparse
import json
import pathlib
import random
import subprocess
import sys
import tempfile

import numpy
from llama_cpp import Llama

from plain_network import PlainNetwork  # beside this script; needs the gguf package

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
        tokens = peer.tokenize(b"", add_bos=True, special=False)  # what texts of this model begin with
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


def logits_one_by_one(peer, tokens):
    """The peer's logits with each token in a batch of its own."""
    peer.reset()
    rows = []
    for token in tokens:
        peer.eval([token])
        rows.append(numpy.array(peer.scores[peer.n_tokens - 1], dtype=numpy.float32))
    return numpy.stack(rows)


def log_softmax(logits):
    logits = logits.astype(numpy.float64)
    logits = logits - logits.max(axis=1, keepdims=True)
    return logits - numpy.log(numpy.exp(logits).sum(axis=1, keepdims=True))


def compare(ours, theirs, margin):
    """In pieces, since the rows of a large vocabulary in double precision are many megabytes."""
    pieces = [compare_piece(ours[at : at + 64], theirs[at : at + 64], margin)
              for at in range(0, len(ours), 64)]
    return tuple(numpy.concatenate(column) for column in zip(*pieces))


def compare_piece(ours, theirs, margin):
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
    rows, own, ours_judged, theirs_judged = [], [], [], []
    judge = PlainNetwork(path) if options.judge else None
    for tokens in cut_prompts(peer, texts, options.prompts, options.shortest, options.longest,
                              options.seed):
        ours = logits_of_lyceum(options.lyceum, path, tokens, options.threads)
        theirs = logits_of_peer(peer, tokens)
        row = compare(ours, theirs, options.margin)
        rows.append(row)
        if judge:
            right = judge.logits(tokens)
            ours_judged.append(compare(ours, right, options.margin))
            theirs_judged.append(compare(theirs, right, options.margin))
        elif not options.exact:
            own.append(compare(logits_one_by_one(peer, tokens), theirs, options.margin))
        print_row(len(tokens), *row)
    sure, agree, divergence = print_all("all", rows)
    if judge:
        _, _, divergence_ours = print_all("judged", ours_judged)
        _, _, divergence_theirs = print_all("peer", theirs_judged)
        return divergence_ours.mean() <= max(divergence_theirs.mean(), options.exact_divergence)
    if options.exact:
        return divergence.mean() < options.exact_divergence
    sure_own, agree_own, divergence_own = print_all("itself", own)
    most = max(options.divergence, options.factor * divergence_own.mean())
    least = min(options.agreement, agree_own[sure_own].mean() - options.slack)
    return divergence.mean() < most and agree[sure].mean() >= least


def as_floats(path, folder):
    """The same network with every tensor as 32-bit floats."""
    from gguf import GGMLQuantizationType, GGUFReader, GGUFValueType, GGUFWriter, dequantize
    reader = GGUFReader(path)
    out = pathlib.Path(folder) / (pathlib.Path(path).stem + ".F32.gguf")
    writer = GGUFWriter(out, reader.fields["general.architecture"].contents())
    for name, field in reader.fields.items():
        if not name.startswith("GGUF.") and name != "general.architecture":
            sub_type = field.types[-1] if field.types[0] == GGUFValueType.ARRAY else None
            writer.add_key_value(name, field.contents(), field.types[0], sub_type)
    for tensor in reader.tensors:
        writer.add_tensor(tensor.name, dequantize(tensor.data, tensor.tensor_type).astype("f4"),
                          raw_dtype=GGMLQuantizationType.F32)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return str(out)


def print_row(name, sure, agree, divergence):
    share = agree[sure].mean() if sure.any() else 1.0
    print(f"{name:>8} {sure.sum():>6} {share:>7.2%} {divergence.mean():>10.2e} "
          f"{divergence.max():>11.2e}", flush=True)


def print_all(name, rows):
    columns = tuple(numpy.concatenate(column) for column in zip(*rows))
    print_row(name, *columns)
    return columns


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
    parser.add_argument("--factor", type=float, default=1.5)
    parser.add_argument("--slack", type=float, default=0.01)
    parser.add_argument("--exact", action="store_true")
    parser.add_argument("--judge", action="store_true")
    parser.add_argument("--exact-divergence", type=float, default=1e-6)
    options = parser.parse_args()
    texts = read_texts()
    with tempfile.TemporaryDirectory() as folder:
        paths = [as_floats(path, folder) for path in options.models] if options.exact else options.models
        good = [compare_model(options, path, texts) for path in paths]
    print("\nall within the bounds" if all(good) else "\nOUT OF BOUNDS")
    sys.exit(0 if all(good) else 1)


if __name__ == "__main__":
    main()
