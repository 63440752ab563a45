"""Programs and members far away: what may be spent at /v1 of a key's budget, the school's, a class's and a learner's, also
with many at once; what a member is sent, and what of its answer is told."""
import concurrent.futures
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "company"))
import bad_server

program = os.path.abspath(sys.argv[1])
folder = pathlib.Path(tempfile.mkdtemp(prefix="lyceum-budgets-"))
home = bad_server.start()
n_test = 0
ONE = 20 * 1000e-6 + 10 * 10000e-6  # what an answer of the bad server costs: 20 tokens in, 10 out


def promise(what, kept, *shown):
    global n_test
    n_test += 1
    print(f"{'ok' if kept else 'not ok'} {n_test} - {what}", flush=True)
    if not kept:
        print("\n".join("# " + line for line in repr(shown)[:3000].split("\\n")), flush=True)


def command(*arguments):
    ran = subprocess.run([program, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60, cwd=folder)
    return ran.returncode, ran.stdout.decode(), ran.stderr.decode()


(folder / "text.txt").write_text("".join(f"The sum of {i} and {i + 1} is {2 * i + 1}. What is it?\n" for i in range(300)))
code, out, err = command("new", "random.gguf", "--text", "text.txt", "--vocabulary", "400", "--layers", "1", "--width", "32",
                         "--heads", "2", "--context", "4096", "--seed", "1")
promise("a floor of random weights is made", code == 0, out, err)
course = folder / "course"
(course / "lessons").mkdir(parents=True)
(course / "course.yaml").write_text("id: small\ntitle: Small\nlanguage: en\nlessons: [01-sums]\n")
(course / "lessons" / "01-sums.md").write_text("---\nid: 01-sums\ntitle: Sums\n---\n\nA sum is what two numbers make.\n")


class School:
    def __init__(self, data, budgets="", model="slowly:0.05"):
        self.data = folder / data
        (folder / "company.yaml").write_text(
            f"members:\n  small: {{local: random.gguf}}\n  cloud:\n    address: {home}\n    model: \"{model}\"\n    retries: 0\n"
            "    price: {input: 1000, output: 10000}\n    abilities: [tools, logprobs]\n"
            f"roles:\n  front: [cloud, small]\n  senior: [cloud, small]\n{budgets}currency: EUR\n")
        self.log = open(folder / "log", "ab+")
        self.program = subprocess.Popen([program, "serve", str(course), "--data", str(self.data), "--port", "0", "--company",
                                         str(folder / "company.yaml")], stdout=subprocess.PIPE, stderr=self.log, cwd=folder)
        line = self.program.stdout.readline().decode()
        self.url = f"http://127.0.0.1:{re.search(r':([0-9]+)/', line)[1]}"
        threading.Thread(target=self.program.stdout.read, daemon=True).start()

    def key(self, name, *terms):
        code, out, err = command("key", "new", name, *terms, "--data", self.data)
        return out.strip() if code == 0 else err

    def ask(self, path, body=None, key=None):
        headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {key}"} if key else {})}
        request = urllib.request.Request(self.url + path, None if body is None else json.dumps(body).encode(), headers)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=60) as reply:
                return reply.status, reply.read().decode(), reply.headers
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode(), error.headers

    def chat(self, key=None, path="/v1/chat/completions", **more):
        body = {"model": "lyceum", "messages": [{"role": "user", "content": "Tell me of a fox."}], "max_tokens": 10, **more}
        status, text, headers = self.ask(path, body, key)
        if body.get("stream"):
            pieces = [json.loads(line[6:]) for line in text.splitlines() if line.startswith("data: {")]
            return status, pieces, headers
        return status, json.loads(text), headers

    def many(self, n, *arguments, **more):
        with concurrent.futures.ThreadPoolExecutor(n) as pool:
            return [one.result() for one in [pool.submit(self.chat, *arguments, **more) for _ in range(n)]]

    def spending(self):
        return json.loads(self.ask("/api/company")[1])["spending"]

    def close(self):
        self.program.send_signal(signal.SIGTERM)
        return self.program.wait(30)


def by_cloud(answers):
    return sum(answer[1]["model"] == "cloud" for answer in answers)


# ------------------------------------------------------------------------------------ a key's own
school = School("one")
key = school.key("notebook", "--money", "2")
first = school.chat(key)
promise("who has a budget is answered by the first member", first[0] == 200 and first[1]["model"] == "cloud" and
        "lyceum" not in first[1] and not first[2]["Lyceum-Degraded"], first)
answers = school.many(24, key)
spent = school.spending()["programs"]["notebook"]
promise("with 24 at once a key spends no more than its money", all(a[0] == 200 for a in answers) and
        0 < spent["money"] <= 2.000001 and 0 < by_cloud(answers) < 24, spent, by_cloud(answers))
promise("what was spent is what was answered", abs(spent["money"] - ONE * (1 + by_cloud(answers))) < 1e-6, spent, by_cloud(answers))
for _ in range(20):
    floor = school.chat(key)
    if floor[1]["model"] == "small":
        break
promise("one after the other it spends nearly all", 2 - 2 * ONE < school.spending()["programs"]["notebook"]["money"] <= 2.000001)
promise("at its end the floor answers and says so", floor[0] == 200 and floor[1]["model"] == "small" and
        floor[2]["Lyceum-Degraded"] == "budget" and floor[1]["lyceum"] == {
            "answered_by": "small", "instead_of": "cloud", "because": "budget", "budget": "the program's budget for today"}, floor)
status, pieces, headers = school.chat(key, stream=True)
promise("a stream says so in its head and with its end", status == 200 and headers["Lyceum-Degraded"] == "budget" and
        all(piece["model"] == "small" for piece in pieces) and pieces[-1]["lyceum"]["because"] == "budget", headers.items(), pieces)
status, told, headers = school.chat(key, "/v1/responses", input="Tell me all of a fox. " * 4, messages=None, max_tokens=None, max_output_tokens=10)
promise("a response says so too", status == 200 and headers["Lyceum-Degraded"] == "budget" and told["lyceum"]["because"] == "budget", told)
status, told, headers = school.chat(key, model="cloud")
promise("the member alone is refused in OpenAI's way", status == 429 and told["error"]["code"] == "insufficient_quota" and
        "program's budget" in told["error"]["message"] and "2.0" not in told["error"]["message"], told)
promise("who sends no key has none of this", school.chat()[1]["model"] == "cloud")
other = school.key("other", "--tokens", "600")
answers = school.many(16, other)
tokens = school.spending()["programs"]["other"]["tokens"]
promise("a key's tokens are held as well", 0 < by_cloud(answers) < 16 and 30 * by_cloud(answers) == tokens <= 600, tokens)
nothing = school.key("nothing", "--money", "0")
promise("a key without money asks the floor alone", [one[1]["model"] for one in school.many(3, nothing)] == ["small"] * 3)
code, out, err = command("key", "list", "--data", school.data, "--json")
listed = {one["name"]: one for one in json.loads(out)}
promise("the list shows budget and spending", listed["notebook"]["budget"] == {"money": 2} and
        listed["notebook"]["far"]["money"] == school.spending()["programs"]["notebook"]["money"] and
        listed["other"]["budget"] == {"tokens": 600}, out)
promise("also for people", re.search(r"notebook .*far away [0-9.]+ of 2.0000", command("key", "list", "--data", school.data)[1]))
school.close()
school = School("one")
promise("what a key spent is remembered", school.chat(key)[1]["model"] == "small")
school.close()

# --------------------------------------------------------------------------- the school's, and others'
school = School("two", "budgets:\n  school: {day: {money: 3}}\n  class: {day: {money: 1}}\n  learner: {day: {tokens: 300}}\n  program: {day: {money: 2}}\n")
answers = school.many(8)
promise("without a key the school pays", abs(school.spending()["money"] - ONE * by_cloud(answers)) < 1e-6 and by_cloud(answers), school.spending())
key = school.key("plain")
answers = school.many(24, key) + [school.chat(key) for _ in range(16)]
spent = school.spending()["programs"]["plain"]["money"]
promise("a program's budget of company.yaml holds for each key", 0 < by_cloud(answers) < 40 and 0 < spent <= 2.000001 and
        abs(spent - ONE * by_cloud(answers)) < 1e-6, spent, by_cloud(answers))
school.many(24, school.key("second")) + school.many(24)
spending = school.spending()
promise("the school's holds for all together", 3 - 9 * ONE < spending["money"] <= 3.000001, spending)
school.close()

school = School("three", "budgets:\n  class: {day: {money: 1}}\n  learner: {day: {tokens: 300}}\n", model="good")
learners = [json.loads(school.ask("/api/learners", {})[1])["id"] for _ in range(2)]
key = school.key("classroom", "--class", "7")
answers = school.many(24, key)
promise("a class pays for its key", 0 < by_cloud(answers) * ONE <= 1.000001 and by_cloud(answers) < 24, by_cloud(answers))
key = school.key("tutor", "--for-learners")
sent = len(bad_server.Server.asked)
for learner in learners:
    answers = school.many(12, key, user=str(learner))
    promise(f"learner {learner} pays for what is asked for them", 0 < by_cloud(answers) * 30 <= 300 and by_cloud(answers) < 12, by_cloud(answers))
promise("nobody far away is told who asks", sent < len(bad_server.Server.asked) and
        not any("user" in body for _, body, _, _ in bad_server.Server.asked[sent:]))
for wrong in ("999999", "x", "-1", "", int(learners[0]), [learners[0]]):
    status, told, headers = school.chat(key, user=wrong)
    promise(f"user {wrong!r} is no learner", status == 400 and told["error"]["param"] == "user", told)
plain = school.key("plain")
promise("a key that may not name learners may send what it will as user", school.chat(plain, user="999999")[1]["model"] == "cloud" and
        school.chat(plain, user=str(learners[0]))[1]["model"] == "cloud")
hers = school.key("hers", "--learner", learners[0])
promise("a learner's own key is paid by the learner", [school.chat(hers)[1]["model"] for _ in range(8)][-1] == "small")
school.close()
three = school.data

# ------------------------------------------------------------------ what goes there and comes back
school = School("four", model="able")


def sent(**more):
    before = len(bad_server.Server.asked)
    told = school.chat(model="cloud", **more)
    return told, bad_server.Server.asked[before][1]


def response(**more):
    return sent(path="/v1/responses", messages=None, max_tokens=None, input="Count.", max_output_tokens=10, **more)


told, body = response()
promise("of a response nothing is sent that the program did not say", told[0] == 200 and
        set(body) == {"model", "messages", "stream", "stream_options", "max_tokens"}, body)
promise("how many of its tokens were thought is told", told[1]["usage"]["output_tokens_details"]["reasoning_tokens"] == 2 and
        sent()[0][1]["usage"]["completion_tokens_details"]["reasoning_tokens"] == 2, told)
told, body = response(temperature=0.5, top_p=0.9, reasoning={"effort": "low", "summary": "auto"}, text={"verbosity": "low"}, service_tier="flex")
wanted = {"temperature": 0.5, "top_p": 0.9, "reasoning_effort": "low", "verbosity": "low", "service_tier": "flex"}
promise("what it said is sent as chat has it", told[0] == 200 and {name: body.get(name) for name in wanted} == wanted and
        not {"reasoning", "text"} & set(body), body)
told, body = sent(reasoning_effort="low", verbosity="low", unknown={"a": [1]})
promise("of a chat all is sent", {name: body.get(name) for name in ("reasoning_effort", "verbosity", "unknown")} ==
        {"reasoning_effort": "low", "verbosity": "low", "unknown": {"a": [1]}} and "temperature" not in body, body)
told, body = sent(logprobs=True, top_logprobs=1)
tokens = told[1]["choices"][0]["logprobs"]["content"]
promise("a token that is a part of a character is told with its bytes", [one["bytes"] for one in tokens] == [[111, 110, 101], [226, 130]] and
        tokens[1]["top_logprobs"][0]["bytes"] == [226, 130] and set(tokens[1]["token"]) == {"\ufffd"}, tokens)
flat = [{"type": "function", "name": name, "parameters": {"type": "object", "properties": {}}, "strict": True} for name in ("look_up", "other")]
told, body = response(tools=flat, tool_choice={"type": "allowed_tools", "mode": "required", "tools": [{"type": "function", "name": "look_up"}]})
promise("of tools those that are allowed", told[0] == 200 and [one["function"]["name"] for one in body["tools"]] == ["look_up"] and
        body["tools"][0]["function"]["strict"] is True and body["tool_choice"] == "required", body)
school.close()

# ------------------------------------------------ a member that is asked alone, and does not answer
for kind, wanted in {"noise": (502, None, False), "wrong": (502, None, False), "close": (200, None, False), "fail": (502, None, False),
                     "elsewhere:http://127.0.0.1:1/": (502, None, False), "key": (502, None, False), "later:7": (429, None, True)}.items():
    school = School("five", model=kind)
    status, told, headers = school.chat(model="cloud", stream=kind == "close")
    told = told[-1] if kind == "close" else told
    promise(f"{kind}: that is told as the member's failure, not the program's", status == wanted[0] and
            told["error"]["type"] == ("rate_limit_error" if wanted[2] else "server_error") and (headers["Retry-After"] == "7") == wanted[2], status, told)
    for _ in range(2):
        school.chat(model="cloud")
    status, told, headers = school.chat(model="cloud")
    later = (429, "rate_limit_exceeded") if wanted[2] else (503, "overloaded")
    promise(f"{kind}: then when it may be asked again", (status, told["error"]["code"]) == later and 0 < int(headers["Retry-After"]) <= 12, status, told)
    school.close()

code, out, err = command("forget", learners[0], "--data", three, "--yes")
kept = (three / "keys.json").read_text()
promise("who is forgotten has no key any more", code == 0 and '"learner"' not in kept and [
    one["revoked"] for one in json.loads(kept)["keys"] if one["name"] == "hers"] == [True], out, err, kept)
promise("a wrong value is told", command("key", "new", "x", "--money", "much")[0] == 2 and command("key", "new", "x", "--class", "0")[0] == 2)
print(f"1..{n_test}")
