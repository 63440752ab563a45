"""What `lyceum distil` promises: it says what it will do, goes on where it was stopped, and ends with a card."""
import json
import os
import signal
import subprocess
import sys
import tempfile
import time

program, root = (os.path.abspath(argument) for argument in sys.argv[1:3])
n_test = 0


def promise(what, kept, *shown):
    global n_test
    n_test += 1
    print(f"{'ok' if kept else 'not ok'} {n_test} - {what}", flush=True)
    if not kept:
        print("\n".join("# " + line for line in repr(shown).split("\\n")))


course = os.path.join(root, "courses/build-a-mind")


def command(*more):
    return [program, "distil", course, "--student", "small.gguf", "--tutor", "none", "--out", "work", "--hours", "0.006",
            "--threads", "2", "--publish", "adapters", *more]


def run(*more):
    ran = subprocess.run(command(*more), stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=280)
    return ran.returncode, ran.stdout.decode(), ran.stderr.decode()


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    subprocess.run([program, "new", "small.gguf", "--text", os.path.join(course, "01-guessing/lesson.md"), "--vocabulary", "1024",
                    "--layers", "1", "--width", "32", "--heads", "2", "--context", "1024"], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
    process = subprocess.Popen(command(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    while process.poll() is None and not os.path.exists("work/specialist-1/log.jsonl"):
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=120)
    promise("it says what it will take, and stops when asked to", process.returncode == 3 and b"minutes" in told and b"stopped" in told,
            process.returncode, told)
    rows = open("work/rows.jsonl").readlines()
    items = [json.loads(line) for line in open("work/items.jsonl")]
    held_out = {item["topic"] for item in items}
    promise("there are rows of passages, and items of other ones", len(rows) > 5000 and len(held_out) > 3 and
            not held_out & {json.loads(row)["topic"] for row in rows}, len(rows), held_out)
    made = os.stat("work/rows.jsonl").st_mtime_ns
    code, out, err = run()
    promise("a model that knows nothing gets a card that does not pass", code == 1 and "card.html" in err, code, out, err)
    promise("what was there is not made again", os.stat("work/rows.jsonl").st_mtime_ns == made)
    promise("the card is printed, and says why", "not" in out.lower() and len(out) > 400, out)
    card = json.load(open("work/card.json"))
    promise("it is kept as JSON and as a page", not card["passed"] and card["conditions"] and "<svg" in open("work/card.html").read(),
            list(card))
    promise("nothing is published", not os.path.exists("adapters"))
    promise("three seeds and two controls were trained", all(os.path.exists(f"work/{name}/adapter.gguf") for name in
            ("specialist-1", "specialist-2", "specialist-3", "plain", "shuffled")))
    code, again, err = run("--json")
    promise("run again it tells the same", code == 1 and json.loads(again) == card, code, err)
    code, out, err = run("--seed", "5")
    promise("another distillation wants another folder", code == 1 and "--out" in err, code, err)
    code, out, err = run("--hours", "soon")
    promise("an option that is no number is told", code == 2, code, err)

print(f"1..{n_test}")
