#!/usr/bin/env python3
"""Compares `lyceum quantize FOLDER` with transformers, and with llama.cpp where it is at hand.

    bench/compare_convert.py [--tokenizers FOLDER...]

Makes a small model of random weights for each network that is converted, in the shapes that differ
(heads that share keys, tied and untied outputs, biases, stretched rotations, windows), with a
tokenizer of its kind trained here on this repository's texts; saves it as transformers does and
converts it. Then, for each:

    defined    logits of 200 tokens by the definition (plain_network.py, in doubles) on our file:
               largest difference from transformers in float32, relative to the largest logit; at
               most --most, since this is what the conversion does
    logits     the same by Lyceum; at most --most too, since nothing is rounded with 32-bit floats
    peer       the same by llama.cpp (llama-cpp-python, if installed), to see that it reads the file
    tokens     documents of hard text whose ids differ from those of the tokenizer that was saved

--tokenizers: folders of real tokenizer.json files to compare tokens of, each as it stands.
Needs numpy, torch, transformers, gguf. Exit 1 when something is out of bounds.
"""
import argparse
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

import numpy
import tokenizers
import torch
import transformers
from tokenizers import Regex, decoders, models, normalizers, pre_tokenizers, processors, trainers

import compare_tokens_text as hard  # beside this script
from plain_network import PlainNetwork

ROOT = pathlib.Path(__file__).resolve().parent.parent
LLAMA_RULE = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}%s"
              r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")


def texts():
    return [path.read_text("utf-8") for path in sorted(ROOT.glob("courses/**/*.md")) + sorted(ROOT.glob("docs/*.md"))]


# ------------------------------------------------------------------------------------ tokenizers


def byte_pair(before, specials, ignore_merges=False, begin=None):
    made = tokenizers.Tokenizer(models.BPE(ignore_merges=ignore_merges))
    made.pre_tokenizer = pre_tokenizers.Sequence(before) if len(before) > 1 else before[0]
    made.decoder = decoders.ByteLevel()
    made.train_from_iterator(texts(), trainers.BpeTrainer(
        vocab_size=900, special_tokens=specials, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
    if begin:
        made.post_processor = processors.Sequence([
            processors.ByteLevel(),
            processors.TemplateProcessing(single=f"{begin} $A", special_tokens=[(begin, made.token_to_id(begin))])])
    return made


def split(digits):
    return [pre_tokenizers.Split(Regex(LLAMA_RULE % digits), "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]


def smollm():
    return byte_pair([pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)],
                     ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]), {"eos_token": "<|im_end|>", "bos_token": "<|im_start|>"}


def gpt2():
    return byte_pair([pre_tokenizers.ByteLevel(add_prefix_space=False)], ["<|endoftext|>"]), {"eos_token": "<|endoftext|>"}


def qwen2():
    made = byte_pair(split(""), ["<|endoftext|>", "<|im_start|>", "<|im_end|>"])
    made.normalizer = normalizers.NFC()
    return made, {"eos_token": "<|im_end|>"}


def llama3():
    return (byte_pair(split("{1,3}"), ["<|begin_of_text|>", "<|end_of_text|>", "<|eot_id|>"], True, "<|begin_of_text|>"),
            {"bos_token": "<|begin_of_text|>", "eos_token": "<|eot_id|>"})


def gemma3():
    """Merges as they are taken out of a SentencePiece model: every split of a token, in the order of the tokens."""
    trained = tokenizers.Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    trained.normalizer = normalizers.Replace(" ", "▁")
    trained.pre_tokenizer = pre_tokenizers.Split(" ", "merged_with_previous")
    specials = ["<pad>", "<eos>", "<bos>", "<unk>"] + [f"<0x{byte:02X}>" for byte in range(256)]
    trained.train_from_iterator(texts(), trainers.BpeTrainer(vocab_size=1200, special_tokens=specials, show_progress=False))
    model = json.loads(trained.to_str())["model"]
    vocabulary = model["vocab"]
    merges = [(text[:at], text[at:]) for text, _ in sorted(vocabulary.items(), key=lambda pair: pair[1]) if text not in specials
              for at in range(1, len(text)) if text[:at] in vocabulary and text[at:] in vocabulary]
    made = tokenizers.Tokenizer(models.BPE(vocab=vocabulary, merges=merges, unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    made.normalizer, made.pre_tokenizer = trained.normalizer, trained.pre_tokenizer
    made.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
    made.add_special_tokens(["<pad>", "<eos>", "<bos>", "<unk>", "<start_of_turn>", "<end_of_turn>"])
    made.post_processor = processors.TemplateProcessing(single="<bos> $A", special_tokens=[("<bos>", 2)])
    return made, {"bos_token": "<bos>", "eos_token": "<eos>", "unk_token": "<unk>", "pad_token": "<pad>"}


def bert():
    made = tokenizers.Tokenizer(models.WordPiece(unk_token="[UNK]"))
    made.normalizer, made.pre_tokenizer = normalizers.BertNormalizer(lowercase=True), pre_tokenizers.BertPreTokenizer()
    made.decoder = decoders.WordPiece()
    made.train_from_iterator(texts(), trainers.WordPieceTrainer(
        vocab_size=900, special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"], show_progress=False))
    made.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    return made, {"unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]", "pad_token": "[PAD]", "mask_token": "[MASK]"}


# ----------------------------------------------------------------------------------------- models

SMALL = dict(hidden_size=128, intermediate_size=352, num_hidden_layers=3, num_attention_heads=8, num_key_value_heads=2,
             max_position_embeddings=2048)
LLAMA3_ROPE = dict(rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
                   original_max_position_embeddings=128, rope_theta=10000.0)
#  name: class of the config, of the model, its tokenizer, what differs, other kind of floats
MODELS = {
    "llama": ("LlamaConfig", "LlamaForCausalLM", smollm, dict(SMALL, tie_word_embeddings=True), "float32"),
    "llama-3": ("LlamaConfig", "LlamaForCausalLM", llama3,
                dict(SMALL, head_dim=32, rope_parameters=LLAMA3_ROPE, rope_theta=10000.0), "float32"),
    "mistral": ("MistralConfig", "MistralForCausalLM", gpt2, dict(SMALL, sliding_window=None), "bfloat16"),
    "qwen2": ("Qwen2Config", "Qwen2ForCausalLM", qwen2, dict(SMALL), "bfloat16"),
    "qwen3": ("Qwen3Config", "Qwen3ForCausalLM", qwen2, dict(SMALL, head_dim=64, tie_word_embeddings=True), "float16"),
    "gemma3": ("Gemma3TextConfig", "Gemma3ForCausalLM", gemma3,
               dict(SMALL, num_hidden_layers=7, head_dim=32, sliding_window=64, query_pre_attn_scalar=32), "float32"),
    "bert": ("BertConfig", "BertModel", bert, dict(hidden_size=96, intermediate_size=256, num_hidden_layers=3, num_attention_heads=6), "float32"),
}


def make_model(name, folder):
    config_class, model_class, make_tokenizer, shape, kind = MODELS[name]
    tokenizer, settings = make_tokenizer()
    wrapped = transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, **settings)
    wrapped.save_pretrained(folder)
    torch.manual_seed(len(name))
    config = getattr(transformers, config_class)(vocab_size=len(wrapped), **shape)
    model = getattr(transformers, model_class)(config)
    for key, weights in model.named_parameters():  # livelier than what training starts from
        near = 1.0 if "norm" in key.lower() and name != "gemma3" and key.endswith("weight") else 0.0
        torch.nn.init.normal_(weights, near, 0.2 if weights.ndim == 1 else 1.3 / weights.shape[-1] ** 0.5)
    model.to(getattr(torch, kind)).save_pretrained(folder)
    return getattr(transformers, model_class).from_pretrained(folder, dtype=torch.float32).eval()


# ------------------------------------------------------------------------------------- comparing


def relative(a, b):
    return float(numpy.abs(a - b).max() / numpy.abs(b).max())


def logits_of_lyceum(options, path, tokens):
    done = subprocess.run([options.lyceum, "logits", path], input=json.dumps(tokens).encode(), stdout=subprocess.PIPE, check=True)
    return numpy.frombuffer(done.stdout, "<f4").reshape(len(tokens), -1)


def logits_of_peer(path, tokens):
    try:
        from llama_cpp import Llama
    except ImportError:
        return None
    peer = Llama(path, n_ctx=512, n_batch=512, logits_all=True, verbose=False)
    peer.eval(tokens)
    return numpy.array(peer.scores[: len(tokens)], dtype=numpy.float32)


def compare_logits(options, model, path, n_token):
    tokens = numpy.random.default_rng(1).integers(10, n_token, 200).tolist()
    with torch.no_grad():
        right = model(torch.tensor([tokens])).logits[0].numpy()
    theirs = logits_of_peer(path, tokens)
    return (relative(logits_of_lyceum(options, path, tokens), right), relative(PlainNetwork(path).logits(tokens), right),
            None if theirs is None else relative(theirs, right))


def gathered(documents, size=50_000):
    """Lists of documents of one kind: they are compared together first, since each run reads a vocabulary."""
    group, kind_before, n = [], None, 0
    for kind, text in documents:
        if group and (kind != kind_before or n + len(text) > size):
            yield group
            group, n = [], 0
        group.append((kind, text))
        kind_before, n = kind, n + len(text)
    if group:
        yield group


def compare_text(options, tokenizer, path, kind, text):
    """Where the tokens part, in words; None where they are the same."""
    right = tokenizer.encode(text, add_special_tokens=False).ids
    done = subprocess.run([options.lyceum, "tokenize", path, "--special"], input=text.encode(), stdout=subprocess.PIPE)
    ours = json.loads(done.stdout or b"[]")
    if ours == right:
        return None
    at = next((i for i, (a, b) in enumerate(zip(ours, right)) if a != b), min(len(ours), len(right)))
    return (f"   {kind}, token {at}: {[tokenizer.id_to_token(t) for t in ours[at:at + 4]]} "
            f"for {[tokenizer.id_to_token(t) for t in right[at:at + 4]]}")


def compare_tokens(options, folder, path, size=20_000):
    tokenizer = tokenizers.Tokenizer.from_file(str(pathlib.Path(folder) / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    different = total = 0
    for group in gathered(hard.documents(1, size)):
        total += len(group)
        together = compare_text(options, tokenizer, path, group[0][0], "\n".join(text for _, text in group))
        if not together:
            continue
        apart = [word for kind, text in group if (word := compare_text(options, tokenizer, path, kind, text))]
        for word in (apart or [together])[: max(options.show - different, 0)]:
            print(word)
        different += len(apart) or 1
    return different, total


def show(value):
    return "-" if value is None else f"{value:.1e}" if isinstance(value, float) else str(value)


def compare_model(options, name, folder):
    model = make_model(name, folder)
    path = str(pathlib.Path(folder) / "ours.gguf")
    subprocess.run([options.lyceum, "quantize", folder, path, "F32"], check=True, stdout=subprocess.DEVNULL)
    error = defined = peer = None
    if name != "bert":
        error, defined, peer = compare_logits(options, model, path, model.config.vocab_size)
    tokens = compare_tokens(options, folder, path) if name not in options.no_tokens else None
    print(f"{name:10} {show(defined):>9} {show(error):>9} {show(peer):>9} {'%d of %d' % tokens if tokens else '-':>12}", flush=True)
    return max(defined or 0, error or 0) <= options.most and not (tokens and tokens[0])


def compare_real(options, source, scratch):
    """A real tokenizer has no weights here: a network as small as can be carries it."""
    folder = pathlib.Path(scratch) / pathlib.Path(source).name
    folder.mkdir()
    for file in pathlib.Path(source).glob("*.json"):
        shutil.copy(file, folder)
    n = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json")).get_vocab_size()
    config = transformers.LlamaConfig(vocab_size=n, hidden_size=4, intermediate_size=4, num_hidden_layers=1, num_attention_heads=1)
    transformers.LlamaForCausalLM(config).save_pretrained(folder)
    path = str(folder / "ours.gguf")
    subprocess.run([options.lyceum, "quantize", folder, path, "F32"], check=True, stdout=subprocess.DEVNULL)
    tokens = compare_tokens(options, folder, path, 600_000)
    print(f"{str(source)[-40:]:40} {tokens[0]} of {tokens[1]} documents differ", flush=True)
    return not tokens[0]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lyceum", default=str(ROOT / "build" / "lyceum"))
    parser.add_argument("--models", nargs="*", default=list(MODELS), choices=list(MODELS))
    parser.add_argument("--tokenizers", nargs="*", default=[])
    parser.add_argument("--most", type=float, default=1e-4)
    parser.add_argument("--no-tokens", nargs="*", default=[], help="models whose tokens are not compared")
    parser.add_argument("--show", type=int, default=2, help="differences of tokens shown for each")
    options = parser.parse_args()
    transformers.logging.set_verbosity_error()
    good = []
    if options.models:
        print(f"{'network':10} {'defined':>9} {'logits':>9} {'peer':>9} {'tokens':>12}")
    for name in options.models:
        with tempfile.TemporaryDirectory() as folder:
            good.append(compare_model(options, name, folder))
    for source in options.tokenizers:
        with tempfile.TemporaryDirectory() as scratch:
            good.append(compare_real(options, source, scratch))
    print("\nall within the bounds" if all(good) else "\nOUT OF BOUNDS")
    sys.exit(0 if all(good) else 1)


if __name__ == "__main__":
    main()
