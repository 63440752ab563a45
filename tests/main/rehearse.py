"""The night shift by a member far away: within a budget, resumed, and never asked twice."""
import http.server
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import threading

program = os.path.abspath(sys.argv[1])
source = pathlib.Path(sys.argv[2])
folder = pathlib.Path(tempfile.mkdtemp(prefix="lyceum-rehearse-"))
n_test = 0


def promise(what, kept, *shown):
    global n_test
    n_test += 1
    print(f"{'ok' if kept else 'not ok'} {n_test} - {what}", flush=True)
    if not kept:
        print("\n".join("# " + line for line in repr(shown)[:3000].split("\\n")), flush=True)


class Senior(http.server.BaseHTTPRequestHandler):
    """Says a hint again behind an opening of its own; 10 tokens, whatever was asked."""
    asked, broken = [], False

    def log_message(self, *words):
        pass

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.asked.append(body)
        hint = body["messages"][-1]["content"].split(": ", 1)[-1].strip().split("\n")[-1]
        openings = ["So think:", "Look once more:", "Now:", "Here is a thought:"]
        words = f"{openings[len(self.asked) % 4]} {hint}"
        answer = json.dumps({"error": {"message": "gone"}} if self.broken else {"choices": [{"index": 0, "message": {
            "role": "assistant", "content": words}, "finish_reason": "stop"}], "usage": {"prompt_tokens": 0, "completion_tokens": 10}}).encode()
        self.send_response(500 if self.broken else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Senior)
threading.Thread(target=server.serve_forever, daemon=True).start()


def command(*arguments):
    ran = subprocess.run([program, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=100, cwd=folder)
    return ran.returncode, ran.stdout.decode(), ran.stderr.decode()


def rehearse(*arguments):
    code, out, err = command("rehearse", "course", "--json", *arguments)
    return (json.loads(out) if code == 0 else {}), code, err


(folder / "text.txt").write_text("".join(f"The sum of {i} and {i + 1} is {2 * i + 1}. What is it?\n" for i in range(300)))
command("new", "random.gguf", "--text", "text.txt", "--vocabulary", "400", "--layers", "1", "--width", "32", "--heads", "2",
        "--context", "4096", "--seed", "1")
subprocess.run(["cp", "-r", str(source), str(folder / "course")], check=True)
(folder / "course" / "rehearsed.jsonl").unlink(missing_ok=True)
(folder / "company.yaml").write_text(
    f"members:\n  small: {{local: random.gguf}}\n  cloud: {{address: \"http://127.0.0.1:{server.server_port}/v1\", model: m, retries: 0,\n"
    "          price: {input: 0, output: 1000}}\nroles:\n  front: [small]\n  senior: [cloud, small]\ncurrency: EUR\n")
ONE = 10 * 1000e-6
told, code, err = rehearse("--phrasings", "1", "--tries", "1", "--budget", str(3.5 * ONE))
promise("the senior writes, and stops before the budget is passed", code == 0 and told["spent"] and not told["done"] and
        told["drafts"] == len(Senior.asked) == 3 and abs(told["money"] - 3 * ONE) < 1e-9 and "budget" in err, told, err)
told, code, err = rehearse("--role", "senior", "--phrasings", "1", "--tries", "1", "--budget", "100")
promise("the same command goes on to the end", code == 0 and told["done"] and not told["spent"] and told["texts"] >= 4 and
        len(Senior.asked) == told["texts"] and told["drafts"] == told["texts"] - 3 and told["others"] == 0, told, err)
bank = [json.loads(line) for line in (folder / "course" / "rehearsed.jsonl").read_text().splitlines()]
promise("what passed names its member, seed, prompt and date", bank and told["phrases"] == len(bank) and
        all(line["member"] == "cloud" and line["seed"] >= 0 and line["prompt"] and line["date"] for line in bank), bank[:1])
before = (folder / "course" / "rehearsed.jsonl").read_bytes()
told, code, err = rehearse("--phrasings", "1", "--tries", "1")
promise("a further run asks nothing and changes nothing", code == 0 and told["done"] and told["drafts"] == 0 and told["money"] == 0 and
        (folder / "course" / "rehearsed.jsonl").read_bytes() == before, told, err)
n_asked = len(Senior.asked)
Senior.broken = True
told, code, err = rehearse("--phrasings", "3", "--tries", "2")
promise("when the senior is gone, the floor writes, and it is said", code == 0 and told["done"] and told["others"] == told["drafts"] > 0 and
        told["money"] == 0, told, err)
told, code, err = rehearse("--phrasings", "3", "--tries", "2")
promise("it is not asked again and again", code == 0 and told["drafts"] <= told["texts"], told, err)
code, out, err = command("rehearse", "course", "--phrasings", "3", "--tries", "2")
promise("people are told who wrote, why, and what it cost", code == 0 and "others than were wanted: cloud" in out and "0.0000 EUR" in out, out, err)
Senior.broken = False
n_asked = len(Senior.asked)
told, code, err = rehearse("--phrasings", "3", "--tries", "3")
promise("the senior's tries are kept for when it is back", code == 0 and told["drafts"] > 0 and told["others"] == 0 and len(Senior.asked) > n_asked, told, err)
promise("a role that is none is told", command("rehearse", "course", "--role", "boss")[0] == 2 and
        command("rehearse", "course", "--budget", "-1")[0] == 2)
print(f"1..{n_test}")
