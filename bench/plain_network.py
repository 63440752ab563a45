"""The networks computed as their definitions say, in double precision and without any haste.

The judge between two engines that round differently: compare_logits.py --judge asks it which of
them is nearer. Nothing here is shared with the engine; it reads the keys and tensors of a GGUF
file by itself.
"""
import numpy
from gguf import GGUFReader, dequantize

BIASES, HEAD_NORMS, OUTPUT_NORMS = "biases", "head norms", "output norms"
NETWORKS = {  # what each has beyond the common way
    "llama": set(),
    "qwen2": {BIASES},
    "qwen3": {HEAD_NORMS},
    "gemma3": {HEAD_NORMS, OUTPUT_NORMS},
}


class PlainNetwork:
    def __init__(self, path):
        reader = GGUFReader(path)
        self.keys = {name: field.contents() for name, field in reader.fields.items()
                     if not name.startswith("tokenizer.")}
        self.tensors = {tensor.name: tensor for tensor in reader.tensors}
        self.name = self.keys["general.architecture"]
        self.parts = NETWORKS[self.name]
        self.n_head = self.key("attention.head_count")
        self.n_kv_head = self.key("attention.head_count_kv", self.n_head)
        self.d_model = self.key("embedding_length")
        self.d_head = self.key("attention.key_length", self.d_model // self.n_head)
        self.epsilon = self.key("attention.layer_norm_rms_epsilon")

    def key(self, rest, *otherwise):
        name = f"{self.name}.{rest}"
        return self.keys.get(name, *otherwise) if otherwise else self.keys[name]

    def tensor(self, name, rows=None):
        tensor = self.tensors[name]
        data = tensor.data if rows is None else tensor.data[rows]
        return dequantize(data, tensor.tensor_type).astype("f8")

    def norm(self, x, name):
        scale = numpy.sqrt((x * x).mean(axis=-1, keepdims=True) + self.epsilon)
        return x / scale * self.tensor(name)

    def rotate(self, heads, windowed):
        """heads: [position][head][d_head]"""
        n = self.key("rope.dimension_count", self.d_head)
        base = self.key("rope.freq_base_swa", 10000.0) if windowed else self.key("rope.freq_base", 10000.0)
        frequency = base ** (-2 * numpy.arange(n // 2) / n)
        if not windowed:
            frequency /= self.key("rope.scaling.factor", 1.0)
            if "rope_freqs.weight" in self.tensors:
                frequency /= self.tensor("rope_freqs.weight")
        angle = (numpy.arange(len(heads))[:, None] * frequency)[:, None, :]
        adjacent = self.name == "llama"
        first = slice(0, n, 2) if adjacent else slice(0, n // 2)
        second = slice(1, n, 2) if adjacent else slice(n // 2, n)
        x, y = heads[..., first], heads[..., second]
        out = heads.copy()
        out[..., first] = x * numpy.cos(angle) - y * numpy.sin(angle)
        out[..., second] = x * numpy.sin(angle) + y * numpy.cos(angle)
        return out

    def attend(self, n, layer, window):
        def project(which, n_head):
            heads = n @ self.tensor(f"{layer}.attn_{which}.weight").T
            if f"{layer}.attn_{which}.bias" in self.tensors:
                heads += self.tensor(f"{layer}.attn_{which}.bias")
            return heads.reshape(len(n), n_head, self.d_head)
        query, key, value = (project(which, n_head) for which, n_head in
                             (("q", self.n_head), ("k", self.n_kv_head), ("v", self.n_kv_head)))
        if HEAD_NORMS in self.parts:
            query = self.norm(query, f"{layer}.attn_q_norm.weight")
            key = self.norm(key, f"{layer}.attn_k_norm.weight")
        query, key = self.rotate(query, window), self.rotate(key, window)
        apart = numpy.arange(len(n))[:, None] - numpy.arange(len(n))[None, :]
        hidden = (apart < 0) | (apart >= (window or len(n)))
        out = numpy.empty_like(query)
        for head in range(self.n_head):
            shared = head // (self.n_head // self.n_kv_head)
            scores = query[:, head] @ key[:, shared].T / numpy.sqrt(self.d_head)
            scores[hidden] = -numpy.inf
            weights = numpy.exp(scores - scores.max(axis=1, keepdims=True))
            out[:, head] = weights / weights.sum(axis=1, keepdims=True) @ value[:, shared]
        return out.reshape(len(n), -1) @ self.tensor(f"{layer}.attn_output.weight").T

    def feed_forward(self, n, layer):
        gate = n @ self.tensor(f"{layer}.ffn_gate.weight").T
        if self.name == "gemma3":
            gate *= 0.5 * (1 + numpy.tanh(numpy.sqrt(2 / numpy.pi) * (gate + 0.044715 * gate ** 3)))
        else:
            gate /= 1 + numpy.exp(-gate)
        return gate * (n @ self.tensor(f"{layer}.ffn_up.weight").T) @ self.tensor(f"{layer}.ffn_down.weight").T

    def states(self, tokens):
        x = self.tensor("token_embd.weight", numpy.array(tokens))
        if self.name == "gemma3":
            x *= numpy.sqrt(self.d_model)
        for i in range(self.key("block_count")):
            layer = f"blk.{i}"
            windowed = self.name == "gemma3" and i % 6 != 5
            block = self.attend(self.norm(x, f"{layer}.attn_norm.weight"), layer,
                                windowed and self.key("attention.sliding_window", 0))
            x += self.norm(block, f"{layer}.post_attention_norm.weight") if OUTPUT_NORMS in self.parts else block
            block = self.feed_forward(self.norm(x, f"{layer}.ffn_norm.weight"), layer)
            x += self.norm(block, f"{layer}.post_ffw_norm.weight") if OUTPUT_NORMS in self.parts else block
        return self.norm(x, "output_norm.weight")

    def logits(self, tokens):
        """[position][vocabulary], as 32-bit floats: they are many."""
        states = self.states(tokens)
        head = self.tensors.get("output.weight", self.tensors["token_embd.weight"])
        out = numpy.empty((len(states), head.data.shape[0]), "f4")
        for at in range(0, out.shape[1], 8192):
            rows = slice(at, at + 8192)
            out[:, rows] = states @ dequantize(head.data[rows], head.tensor_type).astype("f8").T
        return out
