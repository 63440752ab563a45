#!/usr/bin/env python3
"""Lyceum's speed beside llama.cpp's (through llama-cpp-python), in turns, in one run.

    bench/compare_speed.py --lyceum build/lyceum models/A.gguf models/B.gguf

Each round measures both on each model: a prompt of 512 tokens into an empty cache, then 64 tokens
one by one after a prompt of 16. Machines are noisy, so rounds alternate and the medians of the
rounds' ratios are what counts. Tokens are the same random ids for both; the peer uses its defaults
with the same number of threads.
"""
import argparse
import json
import pathlib
import random
import statistics
import subprocess
import time

import llama_cpp
from llama_cpp import Llama

ROOT = pathlib.Path(__file__).resolve().parent.parent


def lyceum(program, path, prompt, generate, threads):
    done = subprocess.run([program, "bench", path, "-p", str(prompt), "-n", str(generate), "-t", str(threads), "--json"],
                          stdout=subprocess.PIPE, check=True)
    found = json.loads(done.stdout)
    found = found[0] if isinstance(found, list) else found
    return found["prefill_tokens_per_second"], found["generation_tokens_per_second"]


class Peer:
    def __init__(self, path, prompt, threads):
        self.model = Llama(path, n_ctx=prompt + 256, n_batch=prompt, n_ubatch=prompt, n_threads=threads,
                           n_threads_batch=threads, verbose=False)
        chance = random.Random(1)
        self.tokens = [chance.randrange(1000, self.model.n_vocab() - 1000) for _ in range(prompt)]

    def decode(self, tokens):
        """One call of llama_decode on a batch; logits of the last token alone."""
        ids = (llama_cpp.llama_token * len(tokens))(*tokens)
        batch = llama_cpp.llama_batch_get_one(ids, len(tokens))
        if llama_cpp.llama_decode(self.model.ctx, batch):
            raise RuntimeError("the peer could not decode")
        llama_cpp.llama_synchronize(self.model.ctx)

    def clear(self):
        llama_cpp.llama_memory_clear(llama_cpp.llama_get_memory(self.model.ctx), True)

    def measure(self, generate):
        self.clear()
        self.decode(self.tokens[:16])  # warm
        self.clear()
        started = time.perf_counter()
        self.decode(self.tokens)
        prefill = len(self.tokens) / (time.perf_counter() - started)
        self.clear()
        self.decode(self.tokens[:16])
        started = time.perf_counter()
        for i in range(generate):
            self.decode([self.tokens[16 + i]])
        return prefill, generate / (time.perf_counter() - started)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+")
    parser.add_argument("--lyceum", default=str(ROOT / "build" / "lyceum"))
    parser.add_argument("--prompt", type=int, default=512)
    parser.add_argument("--generate", type=int, default=64)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    for path in options.models:
        peer = Peer(path, options.prompt, options.threads)
        rows = []
        print(f"\n{pathlib.Path(path).name}, {options.threads} threads, tokens/s\n"
              f"{'':8}{'prefill ' + str(options.prompt):>32}{'generation ' + str(options.generate):>32}\n"
              f"{'round':8}" + f"{'lyceum':>12}{'llama.cpp':>11}{'ratio':>9}" * 2)
        for number in range(1, options.rounds + 1):
            ours = lyceum(options.lyceum, path, options.prompt, options.generate, options.threads)
            theirs = peer.measure(options.generate)
            rows.append((ours, theirs))
            print(f"{number:<8}" + "".join(f"{a:12.1f}{b:11.1f}{a / b:9.2f}" for a, b in zip(ours, theirs)), flush=True)
        median = [statistics.median(r[0][k] / r[1][k] for r in rows) for k in (0, 1)]
        print(f"{'median':8}" + "".join(f"{'':23}{m:9.2f}" for m in median), flush=True)


if __name__ == "__main__":
    main()
