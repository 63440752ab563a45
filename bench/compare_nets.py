#!/usr/bin/env python3
"""Compares nets that are not language with PyTorch: the same first values, the same batch.

    bench/compare_nets.py [--program build/tests/train/show_net] [--threads 2] [--speed]

For each net and loss, ours and PyTorch's floats, both against PyTorch in doubles: the largest
difference of what the net gives, relative to the largest value; the relative distance of the whole
gradient; and the losses of --steps steps of AdamW (with decay and clipping). Where a variance falls
to 0, floats of either go their own way. Exit 1 when one of ours is further than --most and than
ten times PyTorch's. With --speed, in turns, the shortest times
of a step, of a batch forward and of one example forward, in microseconds; PyTorch's in its best of
plain and channels-last layout, its AdamW fused.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy
import torch
from torch import nn

SQUARED, HUBER, GAUSSIAN, CROSS_ENTROPY = range(4)
DENSE = {"name": "dense 64-256-256-8", "in": [1, 1, 64], "layers": [
    {"kind": "dense", "size": 256}, {"kind": "relu"}, {"kind": "dense", "size": 256}, {"kind": "relu"},
    {"kind": "dense", "size": 8}]}
PICTURE = {"name": "picture 3×64×96", "in": [64, 96, 3], "layers": [
    {"kind": "convolution", "size": 16, "kernel": 5, "stride": 2, "padding": 2}, {"kind": "relu"},
    {"kind": "convolution", "size": 32, "kernel": 3, "stride": 2, "padding": 1}, {"kind": "relu"},
    {"kind": "convolution", "size": 32, "kernel": 3, "stride": 2, "padding": 1}, {"kind": "relu"},
    {"kind": "flatten"}, {"kind": "dense", "size": 64}, {"kind": "relu"}, {"kind": "dense", "size": 8}]}
ALL = {"name": "every kind", "in": [17, 22, 4], "layers": [
    {"kind": "convolution", "size": 8, "kernel": 5, "stride": 2, "padding": 2}, {"kind": "gelu"},
    {"kind": "rms_norm"}, {"kind": "convolution", "size": 8, "kernel": 3, "padding": 1}, {"kind": "layer_norm"},
    {"kind": "join", "from": 2}, {"kind": "tanh"}, {"kind": "max_pool", "kernel": 2},
    {"kind": "convolution", "size": 24, "kernel": 1}, {"kind": "relu"}, {"kind": "average_pool"},
    {"kind": "dense", "size": 24}, {"kind": "join", "from": 10}, {"kind": "layer_norm"}, {"kind": "dense", "size": 8}]}


class Net(nn.Module):
    """The same table of layers; what goes through is [n][channels][height][width]."""

    def __init__(self, net):
        super().__init__()
        self.table, self.weights = net["layers"], nn.ParameterDict()
        with torch.no_grad():
            x = torch.zeros(1, net["in"][2], net["in"][0], net["in"][1])
            for i, layer in enumerate(self.table):
                kind, size = layer["kind"], layer.get("size")
                if kind == "dense":
                    self.weights[f"{i}w"] = nn.Parameter(torch.zeros(size, x.numel()))
                    self.weights[f"{i}b"] = nn.Parameter(torch.zeros(size))
                    x = torch.zeros(1, size, 1, 1)
                elif kind == "convolution":
                    self.weights[f"{i}w"] = nn.Parameter(torch.zeros(size, x.shape[1], layer["kernel"], layer["kernel"]))
                    self.weights[f"{i}b"] = nn.Parameter(torch.zeros(size))
                    x = self.window(i, layer, x)
                elif "norm" in kind:
                    self.weights[f"{i}w"] = nn.Parameter(torch.ones(x.shape[1]))
                    if kind == "layer_norm":
                        self.weights[f"{i}b"] = nn.Parameter(torch.zeros(x.shape[1]))
                elif "pool" in kind:
                    x = self.window(i, layer, x)

    def window(self, i, layer, x):
        kernel = layer.get("kernel") or tuple(x.shape[2:])
        if layer["kind"] == "convolution":
            return nn.functional.conv2d(x, self.weights[f"{i}w"], self.weights[f"{i}b"], layer.get("stride", 1), layer.get("padding", 0))
        pool = nn.functional.max_pool2d if layer["kind"] == "max_pool" else nn.functional.avg_pool2d
        return pool(x, kernel, layer.get("stride"))

    def forward(self, x):
        given = []
        for i, layer in enumerate(self.table):
            kind = layer["kind"]
            if kind == "dense":
                if x.dim() == 4:  # ours are in the order of places, channels last
                    x = x.permute(0, 2, 3, 1).flatten(1)
                x = nn.functional.linear(x, self.weights[f"{i}w"], self.weights[f"{i}b"])
            elif kind == "convolution" or "pool" in kind:
                x = self.window(i, layer, x)
            elif "norm" in kind:
                x = x.permute(0, 2, 3, 1) if x.dim() == 4 else x
                if kind == "layer_norm":
                    x = nn.functional.layer_norm(x, x.shape[-1:], self.weights[f"{i}w"], self.weights[f"{i}b"], 1e-5)
                else:
                    x = x * torch.rsqrt(x.square().mean(-1, keepdim=True) + 1e-5) * self.weights[f"{i}w"]
                x = x.permute(0, 3, 1, 2) if x.dim() == 4 else x
            elif kind == "join":
                other = given[layer["from"]]
                x = x + (other if other.dim() == x.dim() else other.flatten(1))
            elif kind == "gelu":
                x = nn.functional.gelu(x, approximate="tanh")
            elif kind != "flatten":
                x = getattr(torch, kind)(x)
            given.append(x)
        return x

    def load(self, values):
        """From our order, convolutions' channels last; gives what `flat` gave."""
        at = 0
        for parameter in self.ordered():
            n, shape = parameter.numel(), parameter.shape
            part = torch.from_numpy(values[at : at + n].copy())
            if len(shape) == 4:
                part = part.reshape(shape[0], shape[2], shape[3], shape[1]).permute(0, 3, 1, 2)
            parameter.data.copy_(part.reshape(shape))
            at += n
        assert at == len(values)

    def ordered(self):
        for i in range(len(self.table)):
            for name in (f"{i}w", f"{i}b"):
                if name in self.weights:
                    yield self.weights[name]

    def gradients(self):
        out = []
        for parameter in self.ordered():
            gradient = parameter.grad
            out.append((gradient.permute(0, 2, 3, 1) if gradient.dim() == 4 else gradient).reshape(-1))
        return torch.cat(out).double().numpy()


def loss_of(kind, delta, out, wanted):
    if kind == SQUARED:
        return nn.functional.mse_loss(out, wanted)
    if kind == HUBER:
        return nn.functional.huber_loss(out, wanted, delta=delta)
    if kind == CROSS_ENTROPY:
        return nn.functional.cross_entropy(out, wanted)
    half = out.shape[1] // 2
    return nn.functional.gaussian_nll_loss(out[:, :half], wanted, out[:, half:].exp())


def batch_of(net, loss, n, seed=1):
    chance = numpy.random.default_rng(seed)
    x = chance.standard_normal([n] + net["in"]).astype("f4")
    n_out = net["layers"][-1]["size"]
    if loss == CROSS_ENTROPY:
        return x, chance.integers(0, n_out, n).astype("i4")
    return x, chance.standard_normal([n, n_out // 2 if loss == GAUSSIAN else n_out]).astype("f4")


def ours(options, net, loss, x, wanted, steps, folder):
    folder = pathlib.Path(folder)
    x.tofile(folder / "in")
    wanted.tofile(folder / ("right" if loss == CROSS_ENTROPY else "values"))
    given = dict(net, loss=loss, delta=0.5, batch=len(x), steps=steps, rate=options.rate, decay=0.01, clip=1, threads=options.threads)
    done = subprocess.run([options.program, folder], input=json.dumps(given).encode(), stdout=subprocess.PIPE, check=True)
    told = json.loads(done.stdout)
    for name in ("begin", "out", "gradients"):
        told[name] = numpy.fromfile(folder / name, "f4")
    return told


def torch_net(net, begin, wanted, x, last=False):
    network = Net(net)
    network.load(begin)
    for value in network.parameters():
        value.requires_grad_(True)
    inputs = torch.from_numpy(x).permute(0, 3, 1, 2)
    if last:
        network = network.to(memory_format=torch.channels_last)
        inputs = inputs.contiguous(memory_format=torch.channels_last)
    else:
        inputs = inputs.contiguous()
    if net["in"][:2] == [1, 1]:
        inputs = inputs.flatten(1).contiguous()
    targets = torch.from_numpy(wanted)
    return network, inputs, targets.long() if targets.dtype == torch.int32 else targets


def adam_of(network, rate):
    return torch.optim.AdamW([{"params": [v for v in network.parameters() if v.dim() > 1], "weight_decay": 0.01},
                              {"params": [v for v in network.parameters() if v.dim() == 1], "weight_decay": 0.0}],
                             lr=rate, fused=True)


def torch_steps(options, net, loss, x, wanted, begin, kind):
    """What PyTorch gives at first, its first gradient, and its losses, in floats or doubles."""
    network, inputs, targets = torch_net(net, begin, wanted, x)
    network, inputs = network.to(kind), inputs.to(kind)
    targets = targets.to(kind) if targets.is_floating_point() else targets
    adam, losses = adam_of(network, options.rate), []
    for step in range(options.steps):
        out = network(inputs)
        value = loss_of(loss, 0.5, out, targets)
        value.backward()
        if step == 0:
            first = out.detach().double().numpy().reshape(-1), network.gradients()
        losses.append(value.item())
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        adam.step()
        adam.zero_grad()
    return *first, losses


def apart(one, other):
    return [numpy.abs(one[0] - other[0]).max() / numpy.abs(other[0]).max(),
            numpy.linalg.norm(one[1] - other[1]) / numpy.linalg.norm(other[1]),
            max(abs(a - b) for a, b in zip(one[2], other[2])) / max(1, abs(other[2][0]))]


def exactness(options):
    good = True
    for net in (DENSE, PICTURE, ALL):
        for loss in (SQUARED, HUBER, GAUSSIAN, CROSS_ENTROPY):
            x, wanted = batch_of(net, loss, 37)
            with tempfile.TemporaryDirectory() as folder:
                told = ours(options, net, loss, x, wanted, options.steps, folder)
            right = torch_steps(options, net, loss, x, wanted, told["begin"], torch.float64)
            peer = apart(torch_steps(options, net, loss, x, wanted, told["begin"], torch.float32), right)
            own = apart((told["out"], told["gradients"], told["loss"]), right)
            good = good and all(a <= max(options.most, 10 * b) for a, b in zip(own, peer))
            print(f"{net['name']:20} loss {loss}: out {own[0]:.1e} (PyTorch {peer[0]:.1e}), gradient {own[1]:.1e} "
                  f"({peer[1]:.1e}), {options.steps} steps {own[2]:.1e} ({peer[2]:.1e}), {right[2][0]:.4f} to {right[2][-1]:.4f}")
    return good


def shortest(work, n):
    best = 1e9
    for _ in range(n):
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return best


def torch_times(net, loss, x, wanted, begin, last):
    network, inputs, targets = torch_net(net, begin, wanted, x, last)
    adam = adam_of(network, 2e-4)

    def step():
        loss_of(loss, 0.5, network(inputs), targets).backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        adam.step()
        adam.zero_grad(set_to_none=True)

    def forward(x):
        with torch.inference_mode():
            network(x)

    one = inputs[:1].contiguous(memory_format=torch.channels_last) if last else inputs[:1].contiguous()
    for _ in range(5):
        step()
    return shortest(step, 60), shortest(lambda: forward(inputs), 100), shortest(lambda: forward(one), 1000)


def speed(options):
    for net, loss in ((DENSE, SQUARED), (PICTURE, GAUSSIAN)):
        for n in (64, 256):
            x, wanted = batch_of(net, loss, n)
            own, peer = [1e9] * 3, [1e9] * 3
            for _ in range(options.rounds):
                with tempfile.TemporaryDirectory() as folder:
                    told = ours(options, net, loss, x, wanted, 60, folder)
                own = [min(a, b) for a, b in zip(own, (min(told["seconds"]), told["forward"], told["one"]))]
                for last in (False, True) if net is PICTURE else (False,):
                    times = torch_times(net, loss, x, wanted, told["begin"], last)
                    peer = [min(a, b) for a, b in zip(peer, times)]
            for name, a, b in zip((f"a step of {n}", f"{n} forward", "one forward"), own, peer):
                print(f"{net['name']:20} {name:14} {a * 1e6:9.1f} µs, PyTorch {b * 1e6:9.1f} µs, {b / a:5.2f} ×")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default="build/tests/train/show_net")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--rate", type=float, default=2e-4)
    parser.add_argument("--most", type=float, default=2e-6)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--speed", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    if options.speed:
        speed(options)
    elif not exactness(options):
        sys.exit(1)


main()
