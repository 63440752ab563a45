#!/usr/bin/env python3
"""Compares `lyceum quantize` with llama.cpp's quantisation (through llama-cpp-python).

    bench/compare_quantize.py --lyceum build/lyceum models/A.gguf

The model is first written with 32-bit floats. Then both programs make each type from it, every
matrix alike (the peer's "pure"), without an importance matrix. Told are the root of the mean
squared error of the matrices, relative to that of the weights, and the megabytes of floats read a
second. Exit 1 when Lyceum's error is larger than the peer's in any type.

    bench/compare_quantize.py --perplexity llama-quantize models/A.gguf

Both programs make each type as people make it (the head with more bits, mixtures), from the model
with 16-bit floats. Told is the perplexity of each file on --tokens tokens of text, computed by
Lyceum alone in chunks of 512 of which the second half is scored, and its distance from the floats:
the mean Kullback-Leibler divergence in nats. Exit 1 when a perplexity is over the peer's by more than
--slack, which is below what the choice of the text does.
"""
import argparse
import ctypes
import json
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy
from gguf import GGUFReader, dequantize

ROOT = pathlib.Path(__file__).resolve().parent.parent
TYPES = {  # the peer's number of each file type (llama_ftype)
    "Q8_0": 7, "Q6_K": 18, "Q5_K": 17, "Q5_1": 9, "Q5_0": 8, "Q4_K": 15, "Q4_1": 3, "Q4_0": 2,
}


def quantize_with_lyceum(options, source, out, name):
    command = [options.lyceum, "quantize", source, out, name, "--pure", "--threads", str(options.threads)]
    start = time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - start


SILENCE = None


def silence():
    global SILENCE
    import llama_cpp
    SILENCE = llama_cpp.llama_log_callback(lambda level, text, data: None)
    return SILENCE


def quantize_with_peer(options, source, out, name):
    import llama_cpp
    llama_cpp.llama_log_set(SILENCE or silence(), None)
    params = llama_cpp.llama_model_quantize_default_params()
    params.nthread = options.threads
    params.ftype = TYPES[name]
    params.pure = True
    params.allow_requantize = True
    start = time.monotonic()
    if llama_cpp.llama_model_quantize(source.encode(), out.encode(), ctypes.byref(params)):
        sys.exit(f"the peer cannot write {name}")
    return time.monotonic() - start


def errors_of(exact, path):
    """By format: the sums of squares of the weights and of what is missing."""
    sums = {}
    for tensor in GGUFReader(path).tensors:
        if len(tensor.shape) < 2:
            continue
        weights = exact[tensor.name]
        found = dequantize(tensor.data, tensor.tensor_type).reshape(weights.shape)
        both = sums.setdefault(tensor.tensor_type.name, numpy.zeros(2))
        difference = (weights - found).ravel()
        both += [weights.ravel() @ weights.ravel(), difference @ difference]
    return {name: numpy.sqrt(both[1] / both[0]) for name, both in sums.items()}


def compare_type(options, source, exact, folder, name):
    ours, theirs = (str(pathlib.Path(folder) / f"{who}.gguf") for who in ("ours", "theirs"))
    size = pathlib.Path(source).stat().st_size / 1e6
    seconds = quantize_with_lyceum(options, source, ours, name)
    seconds_peer = quantize_with_peer(options, source, theirs, name)
    errors, errors_peer = errors_of(exact, ours), errors_of(exact, theirs)
    for part in sorted(errors):
        print(f"{name:>6} {part:>6} {errors[part]:>9.4%} {errors_peer[part]:>9.4%} "
              f"{errors[part] / errors_peer[part]:>7.3f} {size / seconds:>9.0f} "
              f"{size / seconds_peer:>9.0f}", flush=True)
    return all(errors[part] <= errors_peer[part] for part in errors)


# ------------------------------------------------------------------------------- perplexity

MIXED = {"Q8_0": "Q8_0", "Q6_K": "Q6_K", "Q4_K_M": "Q4_K_M", "Q4_1": "Q4_1", "Q4_0": "Q4_0"}
CHUNK = 512


def own_tokens(options):
    pages = sorted(ROOT.glob("courses/*/*/lesson.md")) + sorted(ROOT.glob("docs/*.md")) + [ROOT / "LICENSE"]
    text = options.text.read_text() if options.text else "\n".join(page.read_text() for page in pages)
    done = subprocess.run([options.lyceum, "tokenize", options.model], input=text.encode(), stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)[: options.tokens]


def log_softmax(logits):
    logits = logits.astype(numpy.float64)
    logits -= logits.max(axis=1, keepdims=True)
    return logits - numpy.log(numpy.exp(logits).sum(axis=1, keepdims=True))


def scored(options, path, chunk):
    """Natural logarithms of the probabilities of all tokens after each of the second half of the chunk."""
    done = subprocess.run([options.lyceum, "logits", path, "--threads", str(options.threads)],
                          input=json.dumps(chunk).encode(), stdout=subprocess.PIPE, check=True)
    return log_softmax(numpy.frombuffer(done.stdout, "<f4").reshape(len(chunk), -1)[CHUNK // 2 - 1 : -1])


def compare_perplexities(options, folder):
    source = str(pathlib.Path(folder) / "floats.gguf")
    subprocess.run([options.lyceum, "quantize", options.model, source, "F16"], check=True, stdout=subprocess.DEVNULL)
    paths = {"floats": source}
    for name in options.types or MIXED:
        ours, theirs = (str(pathlib.Path(folder) / f"{who}-{name}.gguf") for who in ("ours", "theirs"))
        subprocess.run([options.lyceum, "quantize", source, ours, name], check=True, stdout=subprocess.DEVNULL)
        subprocess.run([options.perplexity, source, theirs, MIXED[name], str(options.threads)], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        paths[name, "ours"], paths[name, "peer"] = ours, theirs
    tokens = own_tokens(options)
    surprise, divergence, n = {who: 0.0 for who in paths}, {who: 0.0 for who in paths}, 0
    for at in range(0, len(tokens) - CHUNK + 1, CHUNK):
        chunk = tokens[at : at + CHUNK]
        right = scored(options, source, chunk)
        n += len(right)
        for who, path in paths.items():
            found = right if path == source else scored(options, path, chunk)
            surprise[who] -= found[numpy.arange(len(found)), chunk[CHUNK // 2 :]].sum()
            divergence[who] += (numpy.exp(right) * (right - found)).sum()
    print(f"{pathlib.Path(options.model).name}: {n} tokens scored, floats {numpy.exp(surprise['floats'] / n):.3f}")
    print(f"{'type':>6} {'perplexity':>11} {'peer':>9} {'ratio':>8} {'KL':>9} {'peer':>9} {'MB':>7} {'peer':>7}")
    good = True
    for name in options.types or MIXED:
        who = [(name, "ours"), (name, "peer")]
        perplexity = [numpy.exp(surprise[key] / n) for key in who]
        size = [pathlib.Path(paths[key]).stat().st_size / 1e6 for key in who]
        print(f"{name:>6} {perplexity[0]:>11.4f} {perplexity[1]:>9.4f} {perplexity[0] / perplexity[1]:>8.4f} "
              f"{divergence[who[0]] / n:>9.2e} {divergence[who[1]] / n:>9.2e} {size[0]:>7.1f} {size[1]:>7.1f}", flush=True)
        good = good and perplexity[0] <= perplexity[1] * (1 + options.slack)
    return good


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--lyceum", default=str(ROOT / "build" / "lyceum"))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--types", nargs="+", choices=list(dict.fromkeys([*TYPES, *MIXED])))
    parser.add_argument("--perplexity", metavar="PROGRAM", help="the peer's llama-quantize")
    parser.add_argument("--tokens", type=int, default=20480)
    parser.add_argument("--text", type=pathlib.Path)
    parser.add_argument("--slack", type=float, default=0.002)
    options = parser.parse_args()
    if options.perplexity:
        with tempfile.TemporaryDirectory() as folder:
            sys.exit(0 if compare_perplexities(options, folder) else 1)
    with tempfile.TemporaryDirectory() as folder:
        source = str(pathlib.Path(folder) / "exact.gguf")
        quantize_with_lyceum(options, options.model, source, "F32")
        exact = {tensor.name: numpy.array(tensor.data) for tensor in GGUFReader(source).tensors}
        print(f"{'type':>6} {'format':>6} {'error':>9} {'peer':>9} {'ratio':>7} {'MB/s':>9} "
              f"{'peer':>9}")
        good = [compare_type(options, source, exact, folder, name) for name in options.types or TYPES]
    print("\nnowhere worse than the peer" if all(good) else "\nWORSE THAN THE PEER")
    sys.exit(0 if all(good) else 1)


if __name__ == "__main__":
    main()
