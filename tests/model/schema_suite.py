#!/usr/bin/env python3
"""Holds grammars of JSON Schemas against the JSON-Schema-Test-Suite, and against a validator.

    tests/model/schema_suite.py build/tests/model/grammar_probe SUITE       every instance of the suite
    tests/model/schema_suite.py build/tests/model/grammar_probe SUITE --model M.gguf   and drawn texts

SUITE (or $JSON_SCHEMA_TEST_SUITE) is a checkout of json-schema-org/JSON-Schema-Test-Suite. What
the suite calls invalid must never be accepted. How much of what it calls valid is accepted is
told, and how many schemas are refused, by their reason. With a model, texts are drawn at random
under each schema's grammar, and each must be valid for the Python package `jsonschema`."""
import argparse
import collections
import json
import os
import pathlib
import subprocess
import sys

parser = argparse.ArgumentParser()
parser.add_argument("probe")
parser.add_argument("suite", nargs="?", default=os.environ.get("JSON_SCHEMA_TEST_SUITE"))
parser.add_argument("--model")
parser.add_argument("--texts", type=int, default=20)
parser.add_argument("--show", action="store_true", help="show each valid instance not accepted")
options = parser.parse_args()
if not options.suite:
    sys.exit("name the folder of the suite")

folder = pathlib.Path(options.suite) / "tests" / "draft2020-12"
files = sorted(folder.glob("*.json")) + sorted(folder.glob("optional/format/*.json"))
probe = subprocess.Popen([options.probe], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def ask(process, question):
    process.stdin.write(json.dumps(question, ensure_ascii=True) + "\n")
    process.stdin.flush()
    return json.loads(process.stdout.readline())


def in_order(value, schema):
    """The value with its properties in the schema's order, as far as that is plain to see."""
    if isinstance(value, dict):
        known = schema.get("properties") if isinstance(schema, dict) else None
        names = [*(known if isinstance(known, dict) else {}), *value]
        return {name: in_order(value[name], (known or {}).get(name)) for name in names if name in value}
    if isinstance(value, list):
        items = schema.get("items") if isinstance(schema, dict) else None
        return [in_order(item, items) for item in value]
    return value


wrong, refused = [], collections.Counter()
accepted = missed = rejected = kept = 0
usable = []
for path in files:
    for case in json.loads(path.read_text()):
        # Without the optional folder, format only annotates: what is written keeps to it all the same.
        texts = [json.dumps(in_order(test["data"], case["schema"]), ensure_ascii=False)
                 for test in case["tests"]]
        answer = ask(probe, {"schema": case["schema"], "texts": texts})
        if "fault" in answer:
            reason = answer["fault"]["message"].split(": ", 1)[-1]
            refused[" ".join(reason.split()[:6])] += 1
            continue
        kept += 1
        usable.append((path, case))
        for test, accepts in zip(case["tests"], answer["accepts"]):
            where = f"{path.name}: {case['description']}: {test['description']}"
            if test["valid"]:
                accepted += accepts
                missed += not accepts
                if options.show and not accepts:
                    print("not accepted:", where, json.dumps(test["data"])[:100])
            elif accepts:
                wrong.append(where)
            else:
                rejected += 1
probe.stdin.close()

print(f"{kept} schemas of {kept + refused.total()} compiled; refused:")
for reason, n in refused.most_common():
    print(f"  {n:4} {reason}")
print(f"invalid instances: {rejected} rejected, {len(wrong)} accepted")
print(f"valid instances: {accepted} accepted, {missed} not, {100 * accepted / (accepted + missed):.1f}%")
for where in wrong:
    print("ACCEPTED:", where)

if options.model:
    import jsonschema
    walker = subprocess.Popen([options.probe, options.model, str(options.texts), "400"],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    n_text, masks, spent, worst, too_long = 0, 0, 0.0, 0.0, 0
    for path, case in usable:
        answer = ask(walker, {"schema": case["schema"]})
        where = f"{path.name}: {case['description']}"
        if "fault" in answer:
            if "shortest text" in answer["fault"]["message"]:
                too_long += 1
            else:
                wrong.append(f"{where}: {answer['fault']['message']}")
            continue
        validator = jsonschema.Draft202012Validator(
            case["schema"], format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER)
        masks += answer["masks"]
        spent += answer["mean_ms"] * answer["masks"]
        worst = max(worst, answer["worst_ms"])
        for text in answer["texts"]:
            n_text += 1
            try:
                value = json.loads(text)
                problem = next(validator.iter_errors(value), None)
            except ValueError as error:
                problem = error
            if problem:
                wrong.append(f"{where}: drawn and wrong: {text[:200]}: {str(problem)[:200]}")
                print(wrong[-1])
    print(f"{n_text} texts drawn, {masks} masks, {spent / max(masks, 1):.4f} ms each, worst {worst:.1f} ms, "
          f"{too_long} schemas need over 400 tokens")
sys.exit(1 if wrong else 0)
