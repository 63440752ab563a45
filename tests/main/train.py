"""What `lyceum train` promises: the same adapter however often it is killed, a log with each step once, a plot."""
import hashlib
import json
import os
import random
import signal
import struct
import subprocess
import sys
import tempfile
import time

program, make_model = (os.path.abspath(argument) for argument in sys.argv[1:3])
n_test = 0


def promise(what, kept, *shown):
    global n_test
    n_test += 1
    print(f"{'ok' if kept else 'not ok'} {n_test} - {what}", flush=True)
    if not kept:
        print("\n".join("# " + line for line in repr(shown).split("\\n")))


def command(out, *more):
    return [program, "train", "model.gguf", "texts.jsonl", "--out", out, "--steps", "60", "--packs", "1", "--pack-tokens",
            "256", "--rate", "3e-3", "--rank", "4", "--save-every", "0", "--threads", "2", *more]


def run(out, *more):
    ran = subprocess.run(command(out, *more), stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
    return ran.returncode, ran.stdout.decode(), ran.stderr.decode()


def read(out):
    with open(os.path.join(out, "adapter.gguf"), "rb") as file:
        return file.read()


def alpha(gguf):
    at = gguf.index(b"adapter.lora.alpha") + len(b"adapter.lora.alpha")
    return struct.unpack_from("<f", gguf, at + 4)[0]


def adapter(out):
    return hashlib.sha256(read(out)).hexdigest()


def steps(out):
    with open(os.path.join(out, "log.jsonl")) as file:
        return [json.loads(line)["step"] for line in file]


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    subprocess.run([make_model, "model.gguf"], check=True)
    with open("texts.jsonl", "w") as texts:
        for i in range(40):
            messages = [{"role": "user", "content": f"A lesson that many share, number {i // 8}. What is {i}?"},
                        {"role": "assistant", "content": f"It is {i * 7 % 10}."}]
            texts.write(json.dumps({"messages": messages}) + "\n")

    code, out, err = run("whole", "--json")
    told = json.loads(out)
    promise("a training ends with an adapter and tells what it took", code == 0 and told["steps"] == 60 and
            os.path.exists(told["path"]), code, out, err)
    promise("the log has each step once", steps("whole") == list(range(1, 61)), steps("whole"))
    losses = [json.loads(line)["loss"] for line in open("whole/log.jsonl")]
    promise("the loss falls", sum(losses[-5:]) < 0.7 * sum(losses[:5]), losses)
    page = open("whole/training.html").read()
    promise("the page shows four curves and that it is done", page.count("<figure>") == 4 and page.count("<polyline") == 7 and ", done" in page, page[:400])
    code, out, err = run("whole")
    promise("run again it gives the same", code == 0 and steps("whole") == list(range(1, 61)), code, err)

    chance = random.Random(1)
    killed = 0
    for attempt in range(40):
        process = subprocess.Popen(command("killed"), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            process.wait(timeout=chance.uniform(0.05, 0.5))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL if attempt % 2 else signal.SIGINT)
            killed += 1
        process.communicate()
        if process.returncode == 0:
            break
    code, out, err = run("killed")
    promise(f"stopped {killed} times it comes to the same bits", code == 0 and killed and adapter("killed") == adapter("whole"),
            code, killed, err)
    promise("and its log has each step once", steps("killed") == list(range(1, 61)), steps("killed"))

    code, out, err = run("whole", "--rate", "1e-3")
    promise("a save of other options is refused", code == 1 and "other options" in err and "training.saved" in err, code, err)
    code, out, err = run("whole", "--learn", "adapter")
    promise("and of another way to learn", code == 1 and "training.saved" in err, code, err)
    with open("bad.jsonl", "w") as texts:
        texts.write('{"text":"a"}\n{"words":1}\n')
    ran = subprocess.run([program, "train", "model.gguf", "bad.jsonl", "--out", "bad"], stderr=subprocess.PIPE, timeout=60)
    promise("a line that is no text is told", ran.returncode == 1 and b"bad.jsonl:2" in ran.stderr, ran.stderr)
    code, out, err = run("rate", "--rate", "two")
    promise("an option that is no number is told", code == 2, code, err)
    for learn, result in (("all", "model.gguf"), ("adapter", "adapter.gguf")):
        code, out, err = run(learn, "--learn", learn, "--checkpoints", "--schedule", "cosine", "--type", "F32")
        promise(f"--learn {learn} leaves {result}", code == 0 and os.path.exists(f"{learn}/{result}"), code, err)
        how = ["model.gguf", "--adapter", f"{learn}/{result}"] if learn == "adapter" else [f"{learn}/{result}"]
        ran = subprocess.run([program, "run", *how, "--prompt", "What is 3?", "--max-tokens", "4", "--temperature", "0"],
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
        promise("which the engine runs", ran.returncode == 0, ran.stderr)
    code, out, err = run("further", "--learn", "adapter", "--checkpoints", "--schedule", "cosine", "--start", "adapter/adapter.gguf")
    firsts = [json.loads(open(f"{folder}/log.jsonl").readline())["loss"] for folder in ("adapter", "further")]
    promise("an adapter goes on as another", code == 0 and firsts[1] < 0.5 * firsts[0], code, err, firsts)
    code, out, err = run("higher", "--learn", "adapter", "--rank", "3", "--start", "adapter/adapter.gguf")
    promise("that fits its rank", code == 1 and "rank 4" in err and "--rank 4" in err, code, err)
    code, out, err = run("taught", "--teacher", "model.gguf", "--learn", "adapter", "--loss", "jsd", "--skew", "0.5")
    last = json.loads(open("taught/log.jsonl").readlines()[-1])
    promise("who is taught by itself has nothing to learn", code == 0 and abs(last["loss"]) < 1e-3, code, err, last)
    code, out, err = run("nobody", "--loss", "jsd")
    promise("a divergence needs a teacher", code == 2, code, err)
    learnt = read("adapter")
    code, out, err = run("adapter", "--learn", "adapter", "--checkpoints", "--schedule", "cosine", "--type", "F32", "--strength", "0.5")
    weaker = read("adapter")
    promise("the same adapter may be written less strong, without learning again", code == 0 and
            alpha(weaker) == 0.5 * alpha(learnt) and weaker[-4096:] == learnt[-4096:], code, err)
    code, out, err = run("nobody", "--strength", "0.5")
    promise("a difference of matrices is as strong as it is", code == 2 and "--learn adapter" in err, code, err)
    code, out, err = run("nobody", "--learn", "adapter", "--optimizer", "muon")
    promise("an adapter does not learn by Muon", code == 2 and "matrices" in err, code, err)
    code, out, err = run("orthogonal", "--learn", "matrices", "--optimizer", "muon")
    first, last = (json.loads(line)["loss"] for line in (open("orthogonal/log.jsonl").readlines()[i] for i in (0, -1)))
    promise("and its matrices do", code == 0 and last < first, code, err, first, last)

print(f"1..{n_test}")
