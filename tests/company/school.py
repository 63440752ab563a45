"""A school with a company: checked, opened, watched, and its file read again while it is open."""
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import bad_server

lyceum = os.path.abspath(sys.argv[1])
models = pathlib.Path(os.environ.get("LYCEUM_MODELS") or sys.argv[2]).absolute()
SECRET = "sk-very-secret-key-0123456789"
DEFAULT = models / "SmolLM2-135M-Instruct.Q4_1.gguf"
n_test = 0
folder = pathlib.Path(tempfile.mkdtemp(prefix="lyceum-school-"))
home = bad_server.start()
sentence = bad_server.SENTENCE
kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
environment = {**kept, "LYCEUM_TEST_KEY": SECRET, "NO_COLOR": "1", "LYCEUM_MODELS": str(models)}


def promise(what, kept, *shown):
    global n_test
    n_test += 1
    print(f"{'ok' if kept else 'not ok'} {n_test} - {what}", flush=True)
    if not kept:
        print("\n".join("# " + line for line in repr(shown).split("\\n")), flush=True)


def run(*arguments):
    ran = subprocess.run([lyceum, *arguments], capture_output=True, timeout=120, env=environment, cwd=folder)
    return ran.returncode, ran.stdout.decode(), ran.stderr.decode()


def company_text(model, first="cloud", budgets=""):
    return ("members:\n  small: {local: default}\n"
            f"  {first}:\n    address: {home}\n    model: \"{model}\"\n    key_from: LYCEUM_TEST_KEY\n"
            "    patience: {connect: 1, first_token: 1, between_tokens: 0.5, whole: 10}\n    retries: 0\n"
            "    price: {input: 1, output: 2}\n"
            f"roles:\n  front: [{first}, small]\n  senior: [{first}, small]\n{budgets}")


def ask(url, body=None):
    request = urllib.request.Request(url, json.dumps(body).encode() if body else None, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def words(url, **body):
    """The words of a streamed answer, piece by piece."""
    code, text = ask(url + "/v1/chat/completions", {"model": "lyceum", "stream": True, "max_tokens": 40, "temperature": 0,
                                                    "messages": [{"role": "user", "content": "Tell me of a fox."}], **body})
    pieces = [json.loads(line[6:]) for line in text.splitlines() if line.startswith("data: {")]
    return "".join(choice["delta"].get("content") or "" for piece in pieces for choice in piece.get("choices", [])), text


# The file.
wrong = folder / "wrong.yaml"
wrong.write_text("members:\n  small: {local: default}\n  cloud: {address: \"https://a.example/v1\", model: m}\nroles:\n  front: [small, clod]\n"
                 "  senior: [cloud]\n")
code, out, err = run("company", "check", str(wrong))
promise("each mistake is told with file, line and remedy", code == 1 and f"{wrong}:5:" in err and "Did you mean cloud?" in err and
        f"{wrong}:6:" in err and "floor" in err, out, err)
code, out, err = run("company", "check", str(wrong), "--json")
promise("and as JSON", code == 1 and [p["line"] for p in json.loads(out)["problems"]] == [5, 6], out)
code, out, err = run("serve", "--company", str(wrong), "--port", "0", "--data", str(folder / "none"))
promise("a school with a mistake in its company does not open", code == 1 and f"{wrong}:5:" in err, err)
promise("a file that is not there is told", run("company", "check", str(folder / "nowhere.yaml"))[0] == 1)
promise("a wrong use is told", run("company", "what")[0] == 2 and run("company", "--help")[0] == 0)
promise("no school, no table", run("company", "--address", "http://127.0.0.1:1")[0] in (1, 3))

good = folder / "company.yaml"
good.write_text(company_text("able"))
if DEFAULT.exists():
    code, out, err = run("company", "check")  # finds company.yaml
    promise("each member is tried", code == 0 and re.search(r"cloud +remote +yes", out) and re.search(r"small +local +yes", out) and
            "prefill" in out and "1 / 2" in out, out, err)
    code, out, err = run("company", "check", "--json")
    tried = {one["name"]: one for one in json.loads(out)["members"]}
    promise("and told as JSON", code == 0 and tried["small"]["tokens_per_second"] > 0 and tried["cloud"]["price"] == {"input": 1, "output": 2} and
            tried["small"]["first_token_seconds"] > 0, out)
good.write_text(company_text("fail"))
code, out, err = run("company", "check")
promise("one that cannot be had makes the check fail, and says why", code == 1 and re.search(r"cloud +remote +no .*500", out), out, err)

# The school.
good.write_text(company_text("good", budgets="budgets: {school: {day: {money: 5}}}\n"))
log = open(folder / "log", "w+b")
school = subprocess.Popen([lyceum, "serve", "--port", "0", "--data", str(folder / "data"), str(pathlib.Path(sys.argv[2]).parent / "courses/build-a-mind")],
                          stdout=subprocess.PIPE, stderr=log, env=environment, cwd=folder, text=True)
first = school.stdout.readline()
url = re.search(r"http://127\.0\.0\.1:\d+", first)[0]
text, raw = words(url)
promise("a program that asks the company is answered by its first member", text == sentence, raw)
promise("and by the name of a role or a member", words(url, model="senior")[0] == sentence and words(url, model="cloud")[0] == sentence)
names = [one["id"] for one in json.loads(ask(url + "/v1/models")[1])["data"]]
promise("both are among the models", {"lyceum", "senior", "cloud", "small"} <= set(names), names)
code, status = ask(url + "/api/company")
status = json.loads(status)
promise("the status tells roles and money", code == 200 and status["roles"]["front"] == ["cloud", "small"] and
        status["spending"]["money"] > 0 and status["spending"]["budgets"][0]["limit"] == 5, status)
code, out, err = run("company", "--address", url, "--once")
promise("`lyceum company` shows it", code == 0 and "cloud → small" in out and "Spent today" in out, out, err)
code, page = ask(url + "/company")
promise("the page shows it", "Spent today" in page or code == 403, page[:300])
code, metrics = ask(url + "/metrics")
promise("the metrics count members", 'lyceum_member_calls_total{member="cloud"' in metrics, metrics[-900:])


def hang_up():
    school.send_signal(signal.SIGHUP)
    time.sleep(0.5)


good.write_text("members: {}\n")
hang_up()
promise("a mistake that is read again leaves the company as it was", words(url)[0] == sentence and
        "company.yaml:1:" in (folder / "log").read_text(), (folder / "log").read_text())
good.write_text(company_text("good:Other words.", "other"))
hang_up()
promise("a good file takes its place", words(url)[0] == "Other words.", words(url))
good.write_text(company_text("close"))
hang_up()
if DEFAULT.exists():
    for _ in range(240):
        if "ready" in json.loads(ask(url + "/healthz")[1])["model"]:
            break
        time.sleep(0.25)
    for _ in range(240):
        small = [one for one in json.loads(ask(url + "/api/company")[1])["members"] if one["name"] == "small"][0]
        if small["state"] == "ready":
            break
        time.sleep(0.25)
    text, raw = words(url)
    promise("the default model goes on where a member far away broke off", text.startswith("The quick brown ") and
            not text.startswith("The quick brown fo fo") and "The quick brown The" not in text and len(text) > 25 and "[DONE]" in raw, text)
    print("#", repr(text))
    pieces = [json.loads(line[6:]) for line in raw.splitlines() if line.startswith("data: {")]
    promise("and the stream ends as one that nobody broke", pieces[-1]["choices"][0]["finish_reason"] in ("stop", "length") if
            pieces[-1]["choices"] else True, pieces[-1])
    status = json.loads(ask(url + "/api/company")[1])
    promise("the owner sees it", any(event["kind"] == "takeover" and event["next"] == "small" for event in status["events"]), status)
school.send_signal(signal.SIGTERM)
rest = school.stdout.read()
promise("it closes well", school.wait(60) == 0)
log.seek(0)
everything = first + rest + log.read().decode() + page + metrics + json.dumps(status) + raw
promise("the key was never shown", SECRET not in everything and "very-secret" not in everything)
print(f"1..{n_test}")
