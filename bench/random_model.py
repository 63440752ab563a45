#!/usr/bin/env python3
"""Writes a GGUF file of random weights in the shape of a known network.

    bench/random_model.py qwen3-0.6b --layers 4 --vocabulary models/A.gguf random.gguf

For what no download is at hand: two engines must agree on such a file as on a trained one, and
run it as fast. The vocabulary is that of another file, or its first so many tokens. Weights have
such a spread that what flows through the layers keeps its size; those of norms are near 1.
"""
import argparse
import pathlib

import numpy
from gguf import GGMLQuantizationType, GGUFReader, GGUFValueType, GGUFWriter, quantize

#                network  layers width feed  heads kv head context rope base
SHAPES = {
    "smollm2-135m": ("llama", 30, 576, 1536, 9, 3, 64, 8192, 100000.0),
    # GPT-2's layers and as many weights in each, for the trainer beside llm.c.
    "gpt2-124m": ("llama", 12, 768, 2048, 12, 12, 64, 1024, 10000.0),
    "llama-3.2-1b": ("llama", 16, 2048, 8192, 32, 8, 64, 131072, 500000.0),
    "qwen2.5-0.5b": ("qwen2", 24, 896, 4864, 14, 2, 64, 32768, 1000000.0),
    "qwen3-0.6b": ("qwen3", 28, 1024, 3072, 16, 8, 128, 40960, 1000000.0),
    "gemma3-270m": ("gemma3", 18, 640, 2048, 4, 1, 256, 32768, 1000000.0),
    "gemma3-1b": ("gemma3", 26, 1152, 6912, 4, 1, 256, 32768, 1000000.0),
}


def copy_vocabulary(writer, reader, n):
    """Of its tokens the first n, or all; special tokens beyond those are left out."""
    tokens = reader.fields["tokenizer.ggml.tokens"]
    n = min(n or len(tokens.data), len(tokens.data))
    for name, field in reader.fields.items():
        value = field.contents()
        if not name.startswith("tokenizer.") or (name.endswith("_token_id") and value >= n):
            continue
        array = field.types[0] == GGUFValueType.ARRAY
        if array and len(value) == len(tokens.data):
            value = value[:n]
        writer.add_key_value(name, value, field.types[0], field.types[-1] if array else None)
    return n


def add_keys(writer, shape, options):
    network, layers, width, feed, heads, kv_heads, head, context, base = shape
    writer.add_name(f"random {options.shape}")
    writer.add_block_count(options.layers or layers)
    writer.add_embedding_length(width)
    writer.add_feed_forward_length(feed)
    writer.add_context_length(context)
    writer.add_head_count(heads)
    writer.add_head_count_kv(kv_heads)
    writer.add_key_length(head)
    writer.add_value_length(head)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_freq_base(base)
    if network == "llama":
        writer.add_rope_dimension_count(head)
    if network == "gemma3":
        writer.add_sliding_window(options.window)


def tensors(shape, layers, vocabulary):
    """Name, rows and columns of each; no columns: a vector."""
    network, _, width, feed, heads, kv_heads, head, _, _ = shape
    yield "token_embd.weight", vocabulary, width
    yield "output_norm.weight", width, 0
    for i in range(layers):
        in_layer = [("attn_norm.weight", width, 0), ("ffn_norm.weight", width, 0),
                    ("attn_q.weight", heads * head, width), ("attn_k.weight", kv_heads * head, width),
                    ("attn_v.weight", kv_heads * head, width), ("attn_output.weight", width, heads * head),
                    ("ffn_gate.weight", feed, width), ("ffn_up.weight", feed, width),
                    ("ffn_down.weight", width, feed)]
        if network == "qwen2":
            in_layer += [("attn_q.bias", heads * head, 0), ("attn_k.bias", kv_heads * head, 0),
                         ("attn_v.bias", kv_heads * head, 0)]
        if network in ("qwen3", "gemma3"):
            in_layer += [("attn_q_norm.weight", head, 0), ("attn_k_norm.weight", head, 0)]
        if network == "gemma3":
            in_layer += [("post_attention_norm.weight", width, 0), ("post_ffw_norm.weight", width, 0)]
        for name, rows, columns in in_layer:
            yield f"blk.{i}.{name}", rows, columns


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shape", choices=SHAPES)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--vocabulary", type=pathlib.Path, required=True, help="a GGUF file to take it from")
    parser.add_argument("--tokens", type=int, help="fewer of them make a smaller vocabulary")
    parser.add_argument("--layers", type=int, help="fewer of them make a smaller file")
    parser.add_argument("--window", type=int, default=512, help="positions that windowed layers see")
    parser.add_argument("--type", default="F32", choices=["F32", "F16", "Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1"])
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    shape, chance = SHAPES[options.shape], numpy.random.default_rng(options.seed)
    writer = GGUFWriter(options.out, shape[0])
    vocabulary = copy_vocabulary(writer, GGUFReader(options.vocabulary), options.tokens)
    add_keys(writer, shape, options)
    kind = GGMLQuantizationType[options.type]
    for name, rows, columns in tensors(shape, options.layers or shape[1], vocabulary):
        values = chance.standard_normal((rows, columns) if columns else rows, dtype="f4")
        if columns:
            values *= (2 if name == "token_embd.weight" else 1) / columns ** 0.5
            writer.add_tensor(name, quantize(values, kind), raw_dtype=kind)
        else:
            writer.add_tensor(name, 0.1 * values + (0 if name.endswith("bias") else 1))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    main()
