"""The networks once more, in PyTorch, with gradients: who judges the trainer, and whom it runs
beside. Nothing here is shared with the trainer; it reads the keys and tensors of a GGUF file.
"""
import torch
from gguf import dequantize

from plain_network import BIASES, HEAD_NORMS, OUTPUT_NORMS, PlainNetwork  # beside this script


class TorchNetwork(torch.nn.Module):
    def __init__(self, path, dtype=torch.float32):
        super().__init__()
        self.plain = PlainNetwork(path)
        self.values = {}
        for name, tensor in self.plain.tensors.items():
            value = torch.tensor(dequantize(tensor.data, tensor.tensor_type).astype("f4"), dtype=dtype)
            self.values[name] = torch.nn.Parameter(value, requires_grad=name != "rope_freqs.weight")
        self.adapters, self.scale = {}, 0.0
        for name, value in self.values.items():
            self.register_parameter(name.replace(".", "_"), value)

    def norm(self, x, name):
        return x * torch.rsqrt((x * x).mean(-1, keepdim=True) + self.plain.epsilon) * self.values[name]

    def linear(self, x, name):
        out = x @ self.values[f"{name}.weight"].T
        if name in self.adapters:
            a, b = self.adapters[name]
            out = out + self.scale * (x @ a.T) @ b.T
        return out

    def rotate(self, heads, windowed, positions):
        plain = self.plain
        n = plain.key("rope.dimension_count", plain.d_head)
        base = plain.key("rope.freq_base_swa", 10000.0) if windowed else plain.key("rope.freq_base", 10000.0)
        frequency = base ** (-2 * torch.arange(n // 2, dtype=torch.float64) / n)
        if not windowed:
            frequency = frequency / plain.key("rope.scaling.factor", 1.0)
            if "rope_freqs.weight" in self.values:
                frequency = frequency / self.values["rope_freqs.weight"].detach().double()
        angle = (positions[:, None].double() * frequency)[:, None, :]
        cosine, sine = torch.cos(angle).to(heads.dtype), torch.sin(angle).to(heads.dtype)
        if plain.name == "llama":
            x, y = heads[..., 0:n:2], heads[..., 1:n:2]
            turned = torch.stack((x * cosine - y * sine, x * sine + y * cosine), -1).flatten(-2)
        else:
            x, y = heads[..., : n // 2], heads[..., n // 2 : n]
            turned = torch.cat((x * cosine - y * sine, x * sine + y * cosine), -1)
        return torch.cat((turned, heads[..., n:]), -1)

    def attend(self, n, layer, window, positions, seen):
        plain = self.plain
        def project(which, n_head):
            heads = self.linear(n, f"{layer}.attn_{which}")
            if BIASES in plain.parts:
                heads = heads + self.values[f"{layer}.attn_{which}.bias"]
            return heads.reshape(len(n), n_head, plain.d_head)
        query, key, value = (project(which, n_head) for which, n_head in
                             (("q", plain.n_head), ("k", plain.n_kv_head), ("v", plain.n_kv_head)))
        if HEAD_NORMS in plain.parts:
            query, key = self.norm(query, f"{layer}.attn_q_norm.weight"), self.norm(key, f"{layer}.attn_k_norm.weight")
        query = self.rotate(query, window, positions).transpose(0, 1)
        key = self.rotate(key, window, positions).transpose(0, 1)
        group = plain.n_head // plain.n_kv_head
        key, value = key.repeat_interleave(group, 0), value.transpose(0, 1).repeat_interleave(group, 0)
        if window:
            seen = seen & (positions[:, None] - positions[None, :] < window)
        scores = (query @ key.transpose(1, 2)) / plain.d_head ** 0.5
        weights = scores.masked_fill(~seen, float("-inf")).softmax(-1)
        return self.linear((weights @ value).transpose(0, 1).reshape(len(n), -1), f"{layer}.attn_output")

    def feed_forward(self, n, layer):
        gate = self.linear(n, f"{layer}.ffn_gate")
        gate = torch.nn.functional.gelu(gate, approximate="tanh") if self.plain.name == "gemma3" \
            else torch.nn.functional.silu(gate)
        return self.linear(gate * self.linear(n, f"{layer}.ffn_up"), f"{layer}.ffn_down")

    def states(self, tokens, positions, seen):
        plain = self.plain
        x = self.values["token_embd.weight"][tokens]
        if plain.name == "gemma3":
            x = x * plain.d_model ** 0.5
        for i in range(plain.key("block_count")):
            layer = f"blk.{i}"
            windowed = plain.name == "gemma3" and i % 6 != 5
            block = self.attend(self.norm(x, f"{layer}.attn_norm.weight"), layer,
                                windowed and plain.key("attention.sliding_window", 0), positions, seen)
            x = x + (self.norm(block, f"{layer}.post_attention_norm.weight") if OUTPUT_NORMS in plain.parts else block)
            block = self.feed_forward(self.norm(x, f"{layer}.ffn_norm.weight"), layer)
            x = x + (self.norm(block, f"{layer}.post_ffw_norm.weight") if OUTPUT_NORMS in plain.parts else block)
        return self.norm(x, "output_norm.weight")

    def logits(self, tokens, positions, seen):
        head = self.values.get("output.weight", self.values["token_embd.weight"])
        return self.states(tokens, positions, seen) @ head.T


def layout(segments, n):
    """Positions, and who sees whom, of a pack of segments [start, n, parent, first position]."""
    positions, seen = torch.zeros(n, dtype=torch.long), torch.zeros(n, n, dtype=torch.bool)
    for index, (start, length, parent, first) in enumerate(segments):
        positions[start : start + length] = first + torch.arange(length)
        seen[start : start + length, start : start + length] = torch.ones(length, length).tril().bool()
        while parent >= 0:
            other, other_length, parent, _ = segments[parent]
            seen[start : start + length, other : other + other_length] = True
    return positions, seen
