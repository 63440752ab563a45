#!/usr/bin/env python3
"""Runs the trainer beside PyTorch (transformers, its best setting on this machine) in turns.

    bench/training_speed.py MODEL.gguf [--learning all|adapter] [--rounds 3]

Steps of AdamW over --batch texts of --tokens tokens, every token counted, in 32-bit floats unless --bf16. Prints
tokens/s of each round and the most memory that each took. PyTorch runs the same shapes (random
weights) by the transformers library with scaled dot product attention and fused AdamW.
"""
import argparse
import json
import resource
import subprocess
import sys
import time

SHOW = "build/tests/train/show_training"


def ours(options):
    import random
    chance = random.Random(1)
    packs = []
    for _ in range(options.batch):
        tokens = [chance.randrange(5, 2000) for _ in range(options.tokens)]
        packs.append({"tokens": tokens, "targets": tokens[1:] + [-1], "weights": [1.0] * (options.tokens - 1) + [0.0],
                      "segments": [[0, options.tokens, -1, 0]]})
    if options.pack > 1:  # several texts in one pack
        merged = []
        for i in range(0, options.batch, options.pack):
            group = packs[i : i + options.pack]
            merged.append({key: sum((pack[key] for pack in group), []) for key in ("tokens", "targets", "weights")})
            merged[-1]["segments"] = [[j * options.tokens, options.tokens, -1, 0] for j in range(len(group))]
        packs = merged
    given = {"packs": packs, "together": len(packs), "threads": options.threads, "rank": 16, "bf16": options.bf16}
    before = time.time()
    process = subprocess.Popen([SHOW, options.model, options.learning, str(options.steps)], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE)
    process.stdin.write(json.dumps(given).encode())
    process.stdin.close()
    out = json.loads(process.stdout.read())
    _, _, usage = __import__("os").wait4(process.pid, 0)
    return min(out["seconds"][1:]), usage.ru_maxrss, time.time() - before


def torch_child(options):
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM
    torch.set_num_threads(options.threads)
    from plain_network import PlainNetwork
    plain = PlainNetwork(options.model)
    config = LlamaConfig(vocab_size=plain.tensors["token_embd.weight"].data.shape[0], hidden_size=plain.d_model,
                         intermediate_size=plain.key("feed_forward_length"), num_hidden_layers=plain.key("block_count"),
                         num_attention_heads=plain.n_head, num_key_value_heads=plain.n_kv_head,
                         tie_word_embeddings="output.weight" not in plain.tensors, attn_implementation="sdpa")
    del plain
    network = LlamaForCausalLM(config).float()
    network.train()
    if options.learning == "adapter":
        for value in network.parameters():
            value.requires_grad_(False)
        class LowRank(torch.nn.Module):
            def __init__(self, base):
                super().__init__()
                self.base, self.a = base, torch.nn.Parameter(torch.randn(16, base.in_features) / base.in_features ** 0.5)
                self.b = torch.nn.Parameter(torch.zeros(base.out_features, 16))
            def forward(self, x):
                return self.base(x) + 2.0 * torch.nn.functional.linear(torch.nn.functional.linear(x, self.a), self.b)
        for layer in network.model.layers:
            for block, names in ((layer.self_attn, ("q_proj", "k_proj", "v_proj", "o_proj")),
                                 (layer.mlp, ("gate_proj", "up_proj", "down_proj"))):
                for name in names:
                    setattr(block, name, LowRank(getattr(block, name)))
    learning = [value for value in network.parameters() if value.requires_grad]
    adam = torch.optim.AdamW(learning, lr=1e-5, fused=True)
    tokens = torch.randint(5, 2000, (options.batch, options.tokens))
    seconds = []
    for _ in range(options.steps):
        start = time.time()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=options.bf16):
            loss = network(input_ids=tokens, labels=tokens).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(learning, 1.0)
        adam.step()
        adam.zero_grad(set_to_none=True)
        seconds.append(time.time() - start)
    print(json.dumps({"seconds": min(seconds[1:]), "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--learning", default="all", choices=["all", "matrices", "adapter"])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=3)
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--tokens", type=int, default=512)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--pack", type=int, default=1, help="texts that are computed at once")
    parser.add_argument("--bf16", action="store_true", help="both: --precision bf16, and PyTorch's autocast")
    parser.add_argument("--torch-child", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.torch_child:
        return torch_child(options)
    n = options.batch * options.tokens
    best = [1e9, 1e9]
    for i in range(options.rounds):
        mine, memory, _ = ours(options)
        done = subprocess.run([sys.executable, __file__, *sys.argv[1:], "--torch-child"], stdout=subprocess.PIPE, check=True)
        other = json.loads(done.stdout)
        best = [min(best[0], mine), min(best[1], other["seconds"])]
        print(f"round {i + 1}: {n / mine:7.1f} tokens/s, {memory / 1e6:.2f} GB; PyTorch {n / other['seconds']:7.1f} tokens/s, "
              f"{other['memory'] / 1e6:.2f} GB; {other['seconds'] / mine:.2f} times as fast", flush=True)
    print(f"best of each: {best[1] / best[0]:.2f} times as fast as PyTorch")


if __name__ == "__main__":
    main()
