"""What a company promises when its members fail, against a server that fails in every way."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import bad_server

show_company = sys.argv[1]
SECRET = "sk-very-secret-key-0123456789"
n_test = 0
folder = pathlib.Path(tempfile.mkdtemp(prefix="lyceum-members-"))
home = bad_server.start()
sentence = bad_server.SENTENCE


def promise(what, kept, *shown):
    global n_test
    n_test += 1
    print(f"{'ok' if kept else 'not ok'} {n_test} - {what}", flush=True)
    if not kept:
        print("\n".join("# " + line for line in repr(shown).split("\\n")), flush=True)


def member(name, model, address=None, **more):
    terms = {"patience": "{connect: 1, first_token: 0.5, between_tokens: 0.5, whole: 10}", "retries": 0, "key_from": "LYCEUM_TEST_KEY",
             **more}
    return f"  {name}:\n    address: {address or home}\n    model: \"{model}\"\n" + "".join(
        f"    {key}: {value}\n" for key, value in terms.items())


def write(text, name="company.yaml"):
    path = folder / name
    path.write_text(text)
    return str(path)


def company_text(members, order, tail="", hedge=0):
    return "members:\n  small: {local: default}\n" + "".join(members) + \
        f"roles:\n  front: {{members: [{order}], hedge: {hedge}}}\n  senior: [{order}]\n" + tail


class Company:
    def __init__(self, text, data=None, **environment):
        kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        arguments = [show_company, write(text)] + ([str(data)] if data else [])
        self.program = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        env={**kept, "LYCEUM_TEST_KEY": SECRET, **environment})
        self.seen = ""

    def ask(self, **asked):
        self.program.stdin.write(json.dumps(asked or {"text": "hello"}).encode() + b"\n")
        self.program.stdin.flush()
        line = self.program.stdout.readline().decode()
        self.seen += line
        return json.loads(line)

    def close(self):
        self.program.stdin.close()
        self.seen += self.program.stderr.read().decode()
        return self.program.wait(20)


def with_floor(model, tokens=40, **more):
    """One answer of a company whose first member behaves so, and whose floor is the local model."""
    company = Company(company_text([member("cloud", model, **more)], "cloud, small"))
    started = time.monotonic()
    answer = company.ask(text="hello", tokens=tokens)
    answer["took"] = time.monotonic() - started
    status = company.ask(status=True)
    promise(f"{model}: the program ends well", company.close() == 0)
    promise(f"{model}: the key is nowhere to be seen", SECRET not in company.seen and "very-secret" not in company.seen,
            company.seen)
    return answer, status


# A member that works.
answer, status = with_floor("good", 12)
promise("a member far away answers in a stream", answer["good"] and answer["text"] == answer["told"] == sentence and
        answer["model"] == "cloud" and answer["takeovers"] == 0, answer)
name, body, key, _ = bad_server.Server.asked[-1]
promise("it is sent the key, the conversation and the bounds", key == f"Bearer {SECRET}" and body["stream"] is True and
        body["max_tokens"] == 12 and body["messages"] == [{"role": "user", "content": "hello"}], body)
answer, status = with_floor("whole")
promise("a member that does not stream is understood too", answer["text"] == sentence, answer)
for kind in ("newer", "no-usage", "thinks"):
    answer, status = with_floor(kind)
    promise(f"{kind}: a member that wants to be asked otherwise is asked so", answer["text"] == sentence and
            answer["takeovers"] == 0, answer)

# Failures before the first word: the floor answers all of it.
for kind, why in {"hang": "silent", "deaf": "silent", "noise": "form", "wrong": "form", "wrong-chunk": "form", "later": "429",
                  "fail": "500", "key": "key", "refuse-request": "400", "pings": "silent", "drip": "silent",
                  "elsewhere:http://127.0.0.1:1/": "307"}.items():
    answer, status = with_floor(kind)
    promise(f"{kind}: the floor answers, within seconds", answer["good"] and answer["model"] != "cloud" and
            answer["told"] == answer["text"] and answer["takeovers"] == 1 and answer["took"] < 5, answer)
    promise(f"{kind}: the owner sees who failed and why", any(
        event["kind"] == "takeover" and event["member"] == "cloud" and event["next"] == "small" and why in event["why"]
        for event in status["events"]), status["events"])
answer, _ = with_floor("good", address="http://127.0.0.1:1/v1")
promise("nobody listens: the floor answers", answer["good"] and answer["takeovers"] == 1 and answer["took"] < 3, answer)
answer, _ = with_floor("good", address="https://nowhere.invalid/v1")
promise("there is no such machine: the floor answers", answer["good"] and answer["takeovers"] == 1, answer)

# Failures in the middle: what was said stays, and the floor goes on behind it.
for kind in ("stall", "close", "middle", "garbage"):
    answer, _ = with_floor(kind)
    begun = {"middle": "The quick brown fox", "garbage": "The quick"}.get(kind, "The quick brown")
    begun = begun if kind not in ("middle", "garbage") else begun.rsplit(" ", 1)[0]
    promise(f"{kind}: the floor goes on behind the words that were told", answer["good"] and answer["takeovers"] == 1 and
            answer["text"] == answer["told"] and answer["text"].startswith(begun) and len(answer["text"]) > len(begun), answer)
answer, _ = with_floor("endless", 12)
promise("endless tokens are cut where they were to end", answer["good"] and answer["model"] == "cloud" and
        answer["text"].count("word") < 40, answer)

# One member far away goes on for another.
for kind in ("rest", "bare", "again", "tail"):
    for able in ("[]", "[prefill]"):
        if able == "[prefill]" and kind in ("bare", "tail"):
            continue
        company = Company(company_text([member("first", "close"), member("second", kind, abilities=able)], "first, second, small"))
        answer = company.ask(text="hello", tokens=40)
        promise(f"{kind} {able}: no repetition and no gap", answer["text"] == "The quick brown fox jumps over the lazy dog." and
                answer["told"] == answer["text"] and answer["model"] == "second", answer)
        company.close()
        messages = bad_server.Server.asked[-1][1]["messages"]
        last = messages[-1] if able == "[prefill]" else messages[-2]
        promise(f"{kind} {able}: it is told the words that stand", last == {"role": "assistant", "content": "The quick brown"}, messages)

# The certificate.
tls = bad_server.start(folder)
answer, status = with_floor("good", address=tls)
promise("a certificate that is not valid: nothing is sent, the floor answers", answer["good"] and answer["takeovers"] == 1 and
        "certificate" in answer["why"], answer)
answer, _ = with_floor("good", address=tls, authority=f"{folder}/cert.pem")
promise("a school's own authority may be named", answer["text"] == sentence, answer)

# Retries, breakers, Retry-After, limits.
bad_server.Server.asked.clear()
answer, _ = with_floor("fail-once", retries=2)
promise("what failed before its first word is tried again", answer["text"] == sentence and len(bad_server.Server.asked) == 2, answer)
bad_server.Server.asked.clear()
company = Company(company_text([member("cloud", "fail")], "cloud, small"))
answers = [company.ask(text="x") for _ in range(8)]
status = company.ask(status=True)
promise("a breaker opens after three failures, and nobody asks any more", len(bad_server.Server.asked) == 3 and
        all(answer["good"] for answer in answers), len(bad_server.Server.asked))
promise("the status shows the open breaker", [m["state"] for m in status["members"] if m["name"] == "cloud"] == ["open"], status)
promise("then the next draft would be a local one", company.ask(local="front") == {"local": True, "stays": False})
company.close()
bad_server.Server.asked.clear()
company = Company(company_text([member("cloud", "later:60")], "cloud, small"))
answers = [company.ask(text="x") for _ in range(4)]
promise("Retry-After is obeyed", len(bad_server.Server.asked) == 1 and all(answer["good"] for answer in answers))
company.close()
company = Company(company_text([member("cloud", "slowly:0.3", limits="{at_once: 2}")], "cloud, small"))
answers = company.ask(text="x", at_once=8)
promise("no more are asked at once than may be", bad_server.Server.most_inside["slowly:0.3"] == 2 and all(answer["good"] for answer in answers) and
        sum(answer["model"] == "cloud" for answer in answers) >= 2, bad_server.Server.most_inside)
company.close()

# Hedging: a second is asked beside a slow first, and the first word wins.
patient = "{connect: 1, first_token: 5, between_tokens: 5, whole: 10}"
company = Company(company_text([member("slow", "slowly:3", patience=patient), member("quick", "good:Quick words.")],
                               "slow, quick, small", hedge=0.2))
answer = company.ask(text="x")
status = company.ask(status=True)
promise("where the first is slow to begin, the second answers", answer["text"] == "Quick words." and answer["model"] == "quick" and
        answer["seconds"] < 2 and status["counts"]["hedged"] == 1, answer)
company.close()
company = Company(company_text([member("first", "slowly:0.5", patience=patient), member("hang", "hang", patience=patient)],
                               "first, hang, small", hedge=0.1))
answer = company.ask(text="x")
promise("and where the first comes first, it answers", answer["text"] == sentence and answer["model"] == "first", answer)
company.close()
company = Company(company_text([member("first", "hang"), member("second", "hang")], "first, second, small", hedge=0.1))
answer = company.ask(text="x")
promise("two that hang are one after the other no reason to wait", answer["good"] and answer["seconds"] < 3, answer)
company.close()

# The network is gone from the start, and there is only the floor.
company = Company(company_text([member("a", "good", address="https://nowhere.invalid/v1"), member("b", "good", address="http://127.0.0.1:1/v1")],
                               "a, b, small"))
answers = [company.ask(text="x") for _ in range(6)]
promise("without a network every answer comes, and soon without waiting", all(answer["good"] for answer in answers) and
        answers[-1]["seconds"] < 1, answers[-1])
company.close()

# Names.
company = Company(company_text([member("cloud", "good")], "cloud, small"))
promise("a member may be asked by its name", company.ask(text="x", member="cloud")["text"] == sentence)
promise("and nobody answers in its place", not company.ask(text="x", member="nobody")["good"])
company.close()

# Budgets.
price = "{input: 1000, output: 10000}"
budgets = "budgets:\n  school: {day: {money: 2}}\n  learner: {day: {money: 0.9}}\ncurrency: EUR\n"
data = folder / "data"
company = Company(company_text([member("cloud", "slowly:0.05", price=price)], "cloud, small", budgets), data)
answers = company.ask(text="x", at_once=24, tokens=12)
spent = sum(answer["money"] for answer in answers)
promise("with many at once no more is spent than the budget has", all(answer["good"] for answer in answers) and 0 < spent <= 2.0001 and
        any(answer["model"] != "cloud" for answer in answers), spent)
promise("what has no room is answered by the floor, which says so", any("budget" in answer["why"] for answer in answers), answers[-1])
answers = [company.ask(text="x", learner="7", tokens=12) for _ in range(12)]
status = company.ask(status=True)
promise("the owner sees what was spent and that a budget is at its end", 0 < status["spending"]["money"] <= 2.0001 and
        any(event["kind"] == "budget" for event in status["events"]), status)
company.close()
before = status["spending"]["money"]
company = Company(company_text([member("cloud", "good", price=price)], "cloud, small", budgets), data)
status = company.ask(status=True)
promise("what was spent is known to the next program", abs(status["spending"]["money"] - before) < 1e-9, status)
company.close()
company = Company(company_text([member("cloud", "good", price=price)], "cloud, small", "budgets: {learner: {day: {tokens: 300}}}\n"))
models = [[company.ask(text="x", learner=who, tokens=12)["model"] for _ in range(12)] for who in "ab"]
promise("each learner has a budget of tokens", all(m[0] == "cloud" and m[-1] != "cloud" for m in models), models)
company.close()

# Vectors.
def librarian(model, tail="", data=None, floor=True, **more):
    text = company_text([member("cloud", model, **{"abilities": "[embeddings]", **more})], "cloud, small", tail) \
        .replace("roles:\n", "roles:\n  librarian: [cloud, small]\n")
    return Company(text, data, **({"EMBEDDER": "yes"} if floor else {}))


def unit(*values):
    size = sum(value * value for value in values) ** 0.5
    return [value / size for value in values]


def near(a, b):
    return len(a) == len(b) and all(abs(x - y) < 1e-6 for x, y in zip(a, b))


texts = [f"{'word ' * (i % 7 + 1)}{i}" for i in range(150)]
for kind in ("embeds", "packs"):
    bad_server.Server.asked.clear()
    company = librarian(kind)
    answer = company.ask(embed=texts)
    promise(f"{kind}: vectors of a member far away, each text's own, of length one", answer["good"] and answer["model"] == "cloud" and
            answer["because"] == 0 and len(answer["vectors"]) == 150 and
            all(near(v, unit(len(t), len(t.split()), 1)) for v, t in zip(answer["vectors"], texts)), answer)
    promise(f"{kind}: many texts are asked in several requests, with the key", [len(body["input"]) for _, body, _, _ in bad_server.Server.asked] ==
            [64, 64, 22] and answer["tokens"] == 7 * 150 and all(key == f"Bearer {SECRET}" for _, _, key, _ in bad_server.Server.asked), answer["tokens"])
    answer = company.ask(embed=["a b"], dimensions=5)
    promise(f"{kind}: so many dimensions as are wanted", near(answer["vectors"][0], unit(3, 2, 1, 1, 1)), answer)
    answer = company.ask(embed=["a b"], model="cloud")
    promise(f"{kind}: a member may be asked by its name", answer["good"] and answer["model"] == "cloud", answer)
    answer = company.ask(embed=["a b"], model="small")
    promise(f"{kind}: who writes only makes no vectors", not answer["good"] and answer["status"] == 404, answer)
    promise(f"{kind}: the program ends well, and the key is nowhere", company.close() == 0 and SECRET not in company.seen)
for kind in ("few", "twice", "mixed", "texts", "torn", "zero", "second-fails", "hang", "deaf", "noise", "wrong", "fail", "key", "later", "refuse-request",
             "drip", "close"):
    company = librarian(kind)
    asked = texts[:70]
    answer = company.ask(embed=asked)
    promise(f"{kind}: the local model makes all of the vectors, and says for whom", answer["good"] and answer["model"] not in ("cloud", "") and
            {len(one) for one in answer["vectors"]} == {48} and len(answer["vectors"]) == 70 and answer["instead_of"] == "cloud" and
            answer["because"] == 3, answer)
    told = company.ask(embed=asked, model="cloud")
    promise(f"{kind}: the member alone fails, and nobody answers for it", not told["good"] and not told["vectors"], told)
    told = company.ask(embed=["a b"], model=answer["model"])
    promise(f"{kind}: the local model may be asked by its name", told["good"] and len(told["vectors"][0]) == 48 and told["because"] == 0, told)
    promise(f"{kind}: the owner sees why", any(event["member"] == "cloud" and event["role"] == "librarian" for event in company.ask(status=True)["events"]))
    promise(f"{kind}: the program ends well, and the key is nowhere", company.close() == 0 and SECRET not in company.seen and "very-secret" not in company.seen)
company = librarian("uncut")
answer = company.ask(embed=["a"], dimensions=5, model="cloud")
promise("vectors of another size than was wanted are none", not answer["good"] and "of 3 numbers, not of 5" in answer["fault"], answer)
company.close()
company = librarian("fail", floor=False)
answer = company.ask(embed=["a"])
promise("without a local model the failure is told", not answer["good"] and "500" in answer["fault"], answer)
company.close()
company = librarian("embeds", "budgets: {learner: {day: {tokens: 60}}}\n")
answers = [company.ask(embed=["one and two"], learner="7") for _ in range(12)]
status = company.ask(status=True)
promise("vectors are paid for too", answers[0]["model"] == "cloud" and answers[-1]["model"] != "cloud" and answers[-1]["because"] == 1 and
        [b["spent"] for b in status["spending"]["budgets"]] == [7 * sum(a["model"] == "cloud" for a in answers)], answers[-1], status["spending"])
company.close()

# Reading the file again.
company = Company(company_text([member("cloud", "good")], "cloud, small"))
wrong = write("members:\n  small: {local: default}\nroles:\n  front: [clod]\n", "wrong.yaml")
told = company.ask(reload=wrong)
promise("a mistake is told by its line", not told["good"] and told["problems"][0]["line"] == 4, told)
promise("and the company stays as it was", company.ask(text="x")["model"] == "cloud")
right = write(company_text([member("other", "good:Other words.")], "other, small"), "right.yaml")
promise("a good file is taken over", company.ask(reload=right)["good"] and company.ask(text="x")["text"] == "Other words.")
company.close()

# The trial.
company = Company(company_text([member("able", "able"), member("vectors", "embeds", abilities="[embeddings]"), member("gone", "good", address="http://127.0.0.1:1/v1")], "able, gone, small"))
tried = {one["name"]: one for one in company.ask(check=True)}
promise("a trial tells what a member supports", tried["able"]["reachable"] and
        {"stream", "usage", "tools", "schema", "logprobs", "prefill"} <= set(tried["able"]["supports"]), tried)
promise("also of who makes vectors alone", tried["vectors"]["reachable"] and tried["vectors"]["supports"] == ["embeddings"] and
        "embeddings" not in tried["able"]["supports"], tried)
promise("and who cannot be reached", not tried["gone"]["reachable"] and "reached" in tried["gone"]["problem"], tried)
promise("and how fast the floor is", tried["small"]["reachable"] and tried["small"]["tokens_per_second"] > 0, tried)
company.close()

# A cluster: equal machines behind one name.
bad_server.Server.asked.clear()
second = bad_server.start()
company = Company(company_text([member("cluster", "slowly:0.2", address=f"[{home}, {second}]")], "cluster, small"))
answers = company.ask(text="x", at_once=12)
status = company.ask(status=True)
shares = [one["asked"] for one in status["members"] if one["name"] == "cluster"]
promise("equal machines share the work", len(shares) == 2 and min(shares) >= 2 and sum(shares) == 12, shares)
company.close()
company = Company(company_text([member("cluster", "good", address=f"[http://127.0.0.1:1/v1, {home}]")], "cluster, small"))
answers = [company.ask(text=f"x {i}") for i in range(6)]
promise("when one of them is gone the other answers", all(answer["model"] == "cluster" for answer in answers), answers)
company.close()
print(f"1..{n_test}")
