#!/usr/bin/env python3
"""Compares `lyceum quantize` with llama.cpp's quantisation (through llama-cpp-python).

    bench/compare_quantize.py --lyceum build/lyceum models/A.gguf

The model is first written with 32-bit floats. Then both programs make each type from it, every
matrix alike (the peer's "pure"), without an importance matrix. Told are the root of the mean
squared error of the matrices, relative to that of the weights, and the megabytes of floats read a
second. Exit 1 when Lyceum's error is larger than the peer's in any type.
"""
import argparse
import ctypes
import json
import pathlib
import subprocess
import sys
import tempfile
import time

import llama_cpp
import numpy
from gguf import GGUFReader, dequantize

ROOT = pathlib.Path(__file__).resolve().parent.parent
TYPES = {  # the peer's number of each file type (llama_ftype)
    "Q8_0": 7, "Q6_K": 18, "Q5_K": 17, "Q5_1": 9, "Q5_0": 8, "Q4_K": 15, "Q4_1": 3, "Q4_0": 2,
}


def quantize_with_lyceum(options, source, out, name):
    command = [options.lyceum, "quantize", source, out, name, "--threads", str(options.threads)]
    start = time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - start


def quantize_with_peer(options, source, out, name):
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


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--lyceum", default=str(ROOT / "build" / "lyceum"))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--types", nargs="+", choices=TYPES, default=list(TYPES))
    options = parser.parse_args()
    silence = llama_cpp.llama_log_callback(lambda level, text, data: None)
    llama_cpp.llama_log_set(silence, None)
    with tempfile.TemporaryDirectory() as folder:
        source = str(pathlib.Path(folder) / "exact.gguf")
        quantize_with_lyceum(options, options.model, source, "F32")
        exact = {tensor.name: numpy.array(tensor.data) for tensor in GGUFReader(source).tensors}
        print(f"{'type':>6} {'format':>6} {'error':>9} {'peer':>9} {'ratio':>7} {'MB/s':>9} "
              f"{'peer':>9}")
        good = [compare_type(options, source, exact, folder, name) for name in options.types]
    print("\nnowhere worse than the peer" if all(good) else "\nWORSE THAN THE PEER")
    sys.exit(0 if all(good) else 1)


if __name__ == "__main__":
    main()
