"""Puts the questions of bench/company to the members of a company that is open, and keeps what they answered.

    ask.py ADDRESS QUESTIONS ANSWERS --worker small --senior half [--at-once 6]

Each answer is a line of ANSWERS: what is there is not asked again, so a run that was stopped goes on. The worker answers
once greedily and three times at temperature 0.8, and is asked whether its own answer is right; the senior answers once.
Numbers are worked out in a line of the model's own, of which the last number counts: a grammar that lets it write nothing
but the number takes away how it gets there ("44 - 5 = 39" becomes 44.5). Words and choices are written under a grammar.
"""
import argparse
import json
import re
import threading
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

options = argparse.ArgumentParser()
options.add_argument("address")
options.add_argument("questions")
options.add_argument("answers")
options.add_argument("--worker", default="small")
options.add_argument("--senior", default="half")
options.add_argument("--at-once", type=int, default=6)
options = options.parse_args()
SAMPLES = 3
lock = threading.Lock()
done = {}
if Path(options.answers).exists():
    for line in open(options.answers):
        one = json.loads(line)
        done[(one["id"], one["member"], one["what"])] = one


NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?(?:/\d+)?")


def call(member, text, schema, **more):
    free = schema == {"type": "number"}
    task = "Answer the question in one short line that ends with the answer." if free else "Answer the question. Write the answer alone."
    how = {"max_tokens": 48, "stop": ["\n"]} if free else {
        "max_tokens": 24, "response_format": {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}}}
    body = {"model": member, "messages": [{"role": "system", "content": task}, {"role": "user", "content": text}],
            "logprobs": True, **how, **more}
    request = urllib.request.Request(options.address + "/chat/completions", json.dumps(body).encode(),
                                     {"Content-Type": "application/json"})
    began = time.time()
    with urllib.request.urlopen(request, timeout=600) as answer:
        return json.load(answer), time.time() - began


def read(choice, free):
    """(what it says, mean log-probability of a token, the least one)"""
    text = choice["message"]["content"]
    logs = [one["logprob"] for one in choice["logprobs"]["content"]] or [0.0]
    if free:
        text = (NUMBER.findall(text) or [""])[-1].replace(",", "")
    else:
        try:
            text = json.loads(text)
        except ValueError:
            pass
    return text, sum(logs) / len(logs), min(logs)


def keep(one, out):
    with lock:
        done[(one["id"], one["member"], one["what"])] = one
        out.write(json.dumps(one, ensure_ascii=False) + "\n")
        out.flush()


def ask(question, member, out, what, n=1, text=None, schema=None, **more):
    if (question["id"], member, what) in done:
        return
    schema = schema or question["schema"]
    answer, seconds = call(member, text or question["text"], schema, n=n, **more)
    read_all = [read(choice, schema == {"type": "number"}) for choice in answer["choices"]]
    usage = answer["usage"]
    keep({"id": question["id"], "member": member, "what": what, "answers": [r[0] for r in read_all],
          "mean": [r[1] for r in read_all], "least": [r[2] for r in read_all],
          "tokens": [usage["prompt_tokens"], usage["completion_tokens"]], "seconds": round(seconds, 3),
          **({"first": answer["choices"][0]["logprobs"]["content"][:2]} if what == "check" else {})}, out)


def work(question, out):
    ask(question, options.worker, out, "answer", temperature=0)
    ask(question, options.senior, out, "answer", temperature=0)
    ask(question, options.worker, out, "samples", n=SAMPLES, temperature=0.8, seed=1)
    said = done[(question["id"], options.worker, "answer")]["answers"][0]
    ask(question, options.worker, out, "check", temperature=0, top_logprobs=10, schema={"enum": ["yes", "no"]},
        text=f"{question['text']}\nProposed answer: {said}\nIs the proposed answer right? Answer yes or no.")


def safe(question, out):
    try:
        work(question, out)
    except Exception as problem:  # the next run asks again
        print(question["id"], repr(problem)[:300], flush=True)


questions = [json.loads(line) for line in open(options.questions)]
with open(options.answers, "a") as out, ThreadPoolExecutor(options.at_once) as pool:
    for i, _ in enumerate(pool.map(lambda q: safe(q, out), questions)):
        if i % 50 == 49:
            print(i + 1, "questions", flush=True)
