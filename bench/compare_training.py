#!/usr/bin/env python3
"""Compares the trainer with PyTorch on the same weights and tokens.

    bench/compare_training.py --program build/tests/train/show_training MODEL.gguf

First the gradient of one pack (a tree of texts, with weights): the relative distance of the whole
and of each tensor from PyTorch's. Then the losses of --steps steps of AdamW. Exit 1 when the
gradient is further than --gradient or a loss than --loss. At high rates two runs part like any two
that differ by a rounding: Adam's first steps have one length whatever the gradient's size.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy
import torch

from torch_network import TorchNetwork, layout  # beside this script; needs the gguf package


def make_pack(chance, vocabulary, trunk, branches):
    """A text with several ends, and one that stands alone."""
    segments, n = [[0, trunk, -1, 0]], trunk
    for length in branches:
        segments.append([n, length, 0, trunk])
        n += length
    segments.append([n, trunk // 2, -1, 0])
    n += trunk // 2
    # Words that come again, so that there is something to learn.
    words = chance.integers(0, vocabulary, max(8, vocabulary // 64))
    tokens = [int(words[i]) for i in chance.integers(0, len(words), n)]
    targets, weights = [-1] * n, [0.0] * n
    for start, length, _, _ in segments:
        for i in range(start, start + length - 1):
            if chance.random() < 0.6:
                targets[i], weights[i] = tokens[i + 1], float(chance.integers(1, 3))
    return {"tokens": tokens, "targets": targets, "weights": weights, "segments": segments}


def loss_of(network, pack, bf16):
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=bf16):
        return plain_loss_of(network, pack)


def plain_loss_of(network, pack):
    positions, seen = layout(pack["segments"], len(pack["tokens"]))
    logits = network.logits(torch.tensor(pack["tokens"]), positions, seen)
    counts = [i for i, weight in enumerate(pack["weights"]) if weight]
    each = torch.nn.functional.cross_entropy(logits[counts].to(network.values["token_embd.weight"].dtype), torch.tensor(pack["targets"])[counts], reduction="none")
    weight = torch.tensor(pack["weights"], dtype=logits.dtype)[counts]
    return (each * weight).sum() / weight.sum()


def run(options, packs, steps, gradients=None):
    given = {"packs": packs, "rate": options.rate, "clip": 1.0, "decay": 0.01, "threads": options.threads,
             "checkpoints": options.checkpoints, "bf16": options.bf16}
    command = [options.program, options.model, options.learning, str(steps)] + ([gradients] if gradients else [])
    done = subprocess.run(command, input=json.dumps(given).encode(), stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def compare_gradients(options, network, pack):
    with tempfile.TemporaryDirectory() as folder:
        path = str(pathlib.Path(folder) / "gradients")
        shown = run(options, [pack], 1, path)
        ours = numpy.fromfile(path, "<f4")
    loss = loss_of(network, pack, options.bf16)
    loss.backward()
    at, apart, whole, worst = 0, 0.0, 0.0, (0.0, "")
    for name in shown["names"]:
        right = network.values[name].grad.detach().double().numpy().ravel()
        mine = ours[at : at + right.size].astype("f8")
        at += right.size
        difference, size = ((mine - right) ** 2).sum(), (right ** 2).sum()
        apart, whole = apart + difference, whole + size
        worst = max(worst, (float(numpy.sqrt(difference / max(size, 1e-30))), name))
    assert at == ours.size
    relative = float(numpy.sqrt(apart / whole))
    loss = loss.detach()
    print(f"loss {shown['loss'][0]:.7f}, PyTorch's {float(loss):.7f}")
    print(f"gradient: {relative:.2e} of its norm {numpy.sqrt(whole):.4f} apart; the worst tensor {worst[0]:.2e}, {worst[1]}")
    return relative


def compare_losses(options, packs):
    network = TorchNetwork(options.model)
    names = run(options, packs, 0)["names"]
    learning = [value for name, value in network.values.items() if options.learning == "all" and value.requires_grad
                or name.startswith("blk.") and value.ndim > 1]
    matrices = [value for value in learning if value.ndim > 1]
    vectors = [value for value in learning if value.ndim == 1]
    adam = torch.optim.AdamW([{"params": matrices, "weight_decay": 0.01}, {"params": vectors, "weight_decay": 0.0}],
                             lr=options.rate)
    shown = run(options, packs, options.steps)
    furthest = 0.0
    for step in range(options.steps):
        loss = loss_of(network, packs[step % len(packs)], options.bf16)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(learning, 1.0)
        adam.step()
        for value in network.values.values():
            value.grad = None
        furthest = max(furthest, abs(float(loss.detach()) - shown["loss"][step]) / float(loss.detach()))
        if step % max(1, options.steps // 5) == 0 or step == options.steps - 1:
            print(f"step {step + 1:4}: loss {shown['loss'][step]:.6f}, PyTorch's {float(loss.detach()):.6f}")
    print(f"{options.steps} steps: the losses are at most {furthest:.2e} apart")
    return furthest


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--program", default="build/tests/train/show_training")
    parser.add_argument("--learning", default="all", choices=["all", "matrices"])
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--packs", type=int, default=0, help="that come again and again; 0: new ones at each step")
    parser.add_argument("--rate", type=float, default=1e-5)
    parser.add_argument("--trunk", type=int, default=40)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--checkpoints", action="store_true")
    parser.add_argument("--bf16", action="store_true", help="both: --precision bf16, and PyTorch's autocast")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--gradient", type=float, default=1e-4)
    parser.add_argument("--loss", type=float, default=1e-3)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    chance = numpy.random.default_rng(options.seed)
    network = TorchNetwork(options.model)
    vocabulary = len(network.values["token_embd.weight"])
    packs = [make_pack(chance, vocabulary, options.trunk, [12, 25, 7]) for _ in range(options.packs or max(1, options.steps))]
    good = compare_gradients(options, network, packs[0]) <= options.gradient
    if options.steps:
        good &= compare_losses(options, packs) <= options.loss
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
