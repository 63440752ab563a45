"""What /v1 promises programs, with a model of random weights: whatever it writes, the forms hold."""
import gzip
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

program = os.path.abspath(sys.argv[1])
folder = pathlib.Path(tempfile.mkdtemp(prefix="lyceum-endpoint-"))
data = folder / "data"
n_test = 0


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
promise("a model of random weights is made", code == 0, out, err)
course = folder / "course"
(course / "lessons").mkdir(parents=True)
(course / "course.yaml").write_text("id: small\ntitle: Small\nlanguage: en\nlessons: [01-sums]\n")
(course / "lessons" / "01-sums.md").write_text("---\nid: 01-sums\ntitle: Sums\n---\n\nA sum is what two numbers make.\n")


class School:
    def __init__(self, *more):
        self.log = open(folder / "log", "ab+")
        self.program = subprocess.Popen([program, "serve", str(course), "--data", str(data), "--port", "0", "--model", str(folder / "random.gguf"),
                                         "--adapter", "none", *more], stdout=subprocess.PIPE, stderr=self.log, cwd=folder)
        line = self.program.stdout.readline().decode()
        self.port = int(re.search(r":(\d+)/", line)[1])
        threading.Thread(target=self.program.stdout.read, daemon=True).start()

    def ask(self, path, body=None, key=None, host="127.0.0.1", method=None, **headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if key:
            headers["Authorization"] = f"Bearer {key}"
        if body is not None:
            headers.setdefault("Content-Type", "application/json")
        if not isinstance(body, (bytes, type(None))):
            body = json.dumps(body).encode()
        request = urllib.request.Request(f"http://{host}:{self.port}{path}", data=body, headers=headers, method=method)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=60) as reply:
                return reply.status, reply.read().decode(), reply.headers
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode(), error.headers

    def json(self, path, body=None, **more):
        status, text, headers = self.ask(path, body, **more)
        return status, json.loads(text)

    def close(self):
        self.program.send_signal(signal.SIGTERM)
        return self.program.wait(30)


def user(text):
    return [{"role": "user", "content": text}]


def events(text):
    return [json.loads(line[6:]) for line in text.split("\n") if line.startswith("data: ") and line != "data: [DONE]"]


def is_error(told, param=None, code=None):
    error = told.get("error", {})
    return set(error) == {"message", "type", "param", "code"} and bool(error["message"]) and \
        (param is None or error["param"] == param) and (code is None or error["code"] == code)


def chat(**more):
    return {"model": "lyceum", "messages": user("What is 1 and 2?"), "max_tokens": 12, "temperature": 1, "seed": 4, **more}


school = School()
deadline = time.monotonic() + 30
while "loading" in school.ask("/healthz")[1] and time.monotonic() < deadline:
    time.sleep(0.1)

# -------------------------------------------------------------------------------------- answers
status, told = school.json("/v1/models")
names = [one["id"] for one in told["data"]]
promise("models are lyceum, the roles and the members", status == 200 and {"lyceum", "front", "senior", "random"} <= set(names), told)
promise("one model is told", school.json("/v1/models/random")[1]["object"] == "model")
status, told = school.json("/v1/models/dancing")
promise("a model that is none is not found", status == 404 and is_error(told, "model", "model_not_found"), told)

status, whole = school.json("/v1/chat/completions", chat())
choice = whole["choices"][0]
promise("an answer is a chat.completion with usage", status == 200 and whole["object"] == "chat.completion" and
        choice["message"]["role"] == "assistant" and choice["finish_reason"] in ("stop", "length") and
        whole["usage"]["total_tokens"] == whole["usage"]["prompt_tokens"] + whole["usage"]["completion_tokens"], whole)
promise("the owner sees what programs had of the model", all(school.json("/api/company")[1]["members"][0][name] > 0 for name in (
    "asked", "prompt_tokens", "generated_tokens", "tokens_per_second")), school.json("/api/company"))
promise("the same seed says the same", school.json("/v1/chat/completions", chat())[1]["choices"] == whole["choices"])
status, text, headers = school.ask("/v1/chat/completions", chat(stream=True, stream_options={"include_usage": True}))
pieces = events(text)
promise("a stream says the same and ends with [DONE]", headers["Content-Type"].startswith("text/event-stream") and
        text.endswith("data: [DONE]\n\n") and "".join(one["choices"][0]["delta"].get("content", "") for one in pieces if one["choices"]) ==
        choice["message"]["content"], text)
promise("its last piece has the usage", pieces[-1]["choices"] == [] and pieces[-1]["usage"] == {**whole["usage"],
        "prompt_tokens_details": pieces[-1]["usage"]["prompt_tokens_details"]}, pieces[-1])
status, told = school.json("/v1/chat/completions", chat(n=3, logprobs=True, top_logprobs=2))
promise("n choices with logprobs", [one["index"] for one in told["choices"]] == [0, 1, 2] and all(
        len(token["top_logprobs"]) == 2 for one in told["choices"] for token in one["logprobs"]["content"]), told)
promise("what is said is what the logprobs tell", all(b"".join(bytes(token["bytes"]) for token in one["logprobs"]["content"]).decode(
        errors="ignore") == one["message"]["content"].replace("\ufffd", "") for one in told["choices"]), told)

tools = [{"type": "function", "function": {"name": "add", "parameters": {"type": "object", "properties": {
    "a": {"type": "integer", "minimum": 0, "maximum": 99}, "sign": {"enum": ["+", "-"]}}, "required": ["a", "sign"]}}},
    {"type": "function", "function": {"name": "now"}}]


def is_sound(call):
    arguments = json.loads(call["function"]["arguments"])
    if call["function"]["name"] == "now":
        return arguments == {}
    return set(arguments) == {"a", "sign"} and 0 <= arguments["a"] <= 99 and arguments["sign"] in "+-"


for seed in range(8):
    status, told = school.json("/v1/chat/completions", chat(tools=tools, tool_choice="required", seed=seed, temperature=2, max_tokens=200))
    calls = told["choices"][0]["message"].get("tool_calls")
    promise(f"random weights call tools well formed, seed {seed}", status == 200 and calls and all(map(is_sound, calls)) and
            told["choices"][0]["finish_reason"] == "tool_calls", told)
status, told = school.json("/v1/chat/completions", chat(tools=tools, tool_choice={"type": "function", "function": {"name": "add"}}))
calls = told["choices"][0]["message"]["tool_calls"]
promise("the tool that is named is called once", len(calls) == 1 and calls[0]["function"]["name"] == "add", told)
for mode in ("required", "auto"):
    for given in ({"allowed_tools": {"mode": mode, "tools": [tools[0]]}}, {"mode": mode, "tools": [{"type": "function", "name": "add"}]}):
        told = [school.json("/v1/chat/completions", chat(tools=tools, seed=seed, tool_choice={"type": "allowed_tools", **given}, max_tokens=250))[1]
                for seed in range(6)]
        calls = [call for one in told for call in one["choices"][0]["message"].get("tool_calls") or []]
        promise(f"no tool is called but those that are allowed, {mode}", all(call["function"]["name"] == "add" and is_sound(call) for call in calls) and
                (len(calls) >= 6 or mode == "auto"), told)
unique = {"type": "object", "properties": {"of": {"type": "array", "items": {"type": "integer"}, "uniqueItems": True}}, "required": ["of"]}
for strict in (None, False, True):
    loose = [{"type": "function", "function": {"name": "keep", "parameters": unique, "strict": strict}}]
    status, told = school.json("/v1/chat/completions", chat(tools=loose, tool_choice="required", parallel_tool_calls=False, max_tokens=250))
    promise(f"a schema that cannot be kept is loosened where the tool is not strict: {strict}", is_error(told, "tools") if strict else
            status == 200 and set(json.loads(told["choices"][0]["message"]["tool_calls"][0]["function"]["arguments"])) == {"of"}, told)
for wrong in ({"mode": "required", "tools": [{"type": "function", "name": "dance"}]}, {"mode": "auto", "tools": []}, {"mode": "maybe", "tools": [tools[0]]}):
    status, told = school.json("/v1/chat/completions", chat(tools=tools, tool_choice={"type": "allowed_tools", "allowed_tools": wrong}))
    promise("tools are allowed of those that there are", status == 400 and is_error(told, "tool_choice"), told)
status, text, headers = school.ask("/v1/chat/completions", chat(tools=tools, tool_choice="required", stream=True, max_tokens=200, temperature=2))
gathered = {}
for one in events(text):
    for call in one["choices"][0]["delta"].get("tool_calls", []):
        kept = gathered.setdefault(call["index"], {"id": call.get("id"), "function": {"name": call["function"].get("name"), "arguments": ""}})
        kept["function"]["arguments"] += call["function"]["arguments"]
promise("calls are streamed, each with an id", gathered and all(is_sound(one) and one["id"] for one in gathered.values()), text)
schema = {"type": "object", "properties": {"name": {"type": "string", "maxLength": 8}, "of": {"type": "array", "items": {"type": "boolean"}, "maxItems": 3}},
          "required": ["name", "of"], "additionalProperties": False}
for seed in range(4):
    status, told = school.json("/v1/chat/completions", chat(seed=seed, max_tokens=120, temperature=2, response_format={
        "type": "json_schema", "json_schema": {"name": "x", "schema": schema}}))
    made = json.loads(told["choices"][0]["message"]["content"])
    promise(f"json_schema is kept, seed {seed}", set(made) == {"name", "of"} and len(made["of"]) <= 3, told)
status, told = school.json("/v1/chat/completions", chat(max_tokens=120, response_format={"type": "json_object", "schema": schema}))
made = json.loads(told["choices"][0]["message"]["content"]) if status == 200 else {}
promise("json_object with a schema is held to it", set(made) == {"name", "of"}, told)
status, told = school.json("/v1/chat/completions", chat(max_tokens=80, response_format={"type": "json_object"}))
promise("json_object is an object", isinstance(json.loads(told["choices"][0]["message"]["content"]), dict), told)

status, told = school.json("/v1/completions", {"model": "random", "prompt": ["The sum", "What is"], "max_tokens": 4, "echo": True, "logprobs": 1, "temperature": 0})
promise("texts are gone on with, in order", status == 200 and [one["index"] for one in told["choices"]] == [0, 1] and
        told["choices"][1]["text"].startswith("What is") and "".join(told["choices"][0]["logprobs"]["tokens"]) == told["choices"][0]["text"], told)
status, told = school.json("/v1/completions", {"model": "random", "prompt": "The sum", "suffix": " is 3.", "max_tokens": 4})
promise("who was not trained to fill a gap refuses a suffix", status == 400 and is_error(told, "suffix"), told)
for wrong in ({"echo": True}, {"prompt": [1, 2]}, {"suffix": 3}):
    status, told = school.json("/v1/completions", {"model": "random", "prompt": "The sum", "suffix": "x", "max_tokens": 4, **wrong})
    promise(f"a suffix beside {wrong} is refused", status == 400 and is_error(told, "suffix", "invalid_value"), told)
status, told = school.json("/v1/responses", {"model": "lyceum", "input": "Hello", "max_output_tokens": 5})
promise("a response has a message and usage", told["object"] == "response" and told["output"][0]["type"] == "message" and
        told["usage"]["output_tokens"] <= 5 and told["status"] in ("completed", "incomplete"), told)
status, text, headers = school.ask("/v1/responses", {"model": "lyceum", "input": "Hello", "max_output_tokens": 5, "stream": True})
kinds = [one["type"] for one in events(text)]
promise("its events are typed and numbered", kinds[0] == "response.created" and kinds[-1] in ("response.completed", "response.incomplete") and
        [one["sequence_number"] for one in events(text)] == list(range(len(kinds))) and
        re.findall(r"^event: (.*)$", text, re.M) == kinds, kinds)
status, told = school.json("/v1/responses", {"model": "lyceum", "input": "Hello", "tool_choice": "required", "tools": [
    {"type": "function", **tools[0]["function"]}], "parallel_tool_calls": False})
promise("a response calls a tool", told["output"][0]["type"] == "function_call" and set(json.loads(told["output"][0]["arguments"])) == {"a", "sign"}, told)

# ---------------------------------------------------------------------- a stream on the line
def raw(version):
    body = json.dumps(chat(stream=True)).encode()
    with socket.create_connection(("127.0.0.1", school.port)) as line:
        line.sendall(b"POST /v1/chat/completions HTTP/%s\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
                     % (version, len(body), body))
        head, _, rest = line.makefile("rb").read().partition(b"\r\n\r\n")
    return head.split(b"\r\n"), rest


head, rest = raw(b"1.1")
pieces = []
while rest:
    size, _, rest = rest.partition(b"\r\n")
    pieces.append(rest[:int(size, 16)])
    rest = rest[len(pieces[-1]) + 2:]
promise("a stream comes in chunks, the last of them empty", b"Transfer-Encoding: chunked" in head and b"Connection: close" in head and
        pieces[-1] == b"" and all(pieces[:-1]) and pieces[-2].endswith(b"data: [DONE]\n\n"), head, pieces)
promise("its head is that of every answer", head[0] == b"HTTP/1.1 200 OK" and any(line.startswith(b"X-Request-Id: req_") for line in head) and
        b"X-Content-Type-Options: nosniff" in head and any(re.fullmatch(rb"Date: \w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT", line) for line in head), head)
head, rest = raw(b"1.0")
promise("who speaks HTTP/1.0 gets no chunks", not any(line.startswith(b"Transfer-Encoding") for line in head) and
        rest.startswith(b"data: {") and rest.endswith(b"data: [DONE]\n\n"), head, rest)

# ---------------------------------------------------------------------------- kept responses
kept = told["id"]
call = told["output"][0]
status, one = school.json("/v1/responses/" + kept)
promise("a response may be asked for again", status == 200 and one == told and one["store"] is True, one)
status, alone = school.json("/v1/responses", {"model": "lyceum", "input": "And now?", "max_output_tokens": 3})
status, told = school.json("/v1/responses", {"model": "lyceum", "previous_response_id": kept, "max_output_tokens": 3, "input": [
    {"type": "function_call_output", "call_id": call["call_id"], "output": "3"}]})
promise("its usage tells all that the SDK's type wants", set(told["usage"]["input_tokens_details"]) == {"cached_tokens", "cache_write_tokens"}, told["usage"])
promise("a response goes on behind a former one", status == 200 and told["previous_response_id"] == kept and
        told["usage"]["input_tokens"] > alone["usage"]["input_tokens"], told)
status, whole = school.json("/v1/responses", {"model": "lyceum", "max_output_tokens": 3, "input": [
    {"role": "user", "content": "Hello"}, call, {"type": "function_call_output", "call_id": call["call_id"], "output": "3"}]})
promise("as if all of it had been sent again", whole["usage"]["input_tokens"] == told["usage"]["input_tokens"], whole, told)
status, text, headers = school.ask("/v1/responses", {"model": "lyceum", "previous_response_id": told["id"], "input": "And now?", "max_output_tokens": 3, "stream": True})
last = events(text)[-1]["response"]
promise("one that was streamed is kept too", school.json("/v1/responses/" + last["id"])[1] == last and
        last["usage"]["input_tokens"] > told["usage"]["input_tokens"], last)
status, gone = school.json("/v1/responses", {"model": "lyceum", "input": "Hello", "max_output_tokens": 3, "store": False})
promise("nothing is kept where the program says so", gone["store"] is False and school.json("/v1/responses/" + gone["id"])[0] == 404, gone)
status, told = school.json("/v1/responses/" + kept, method="DELETE")
promise("a response is forgotten", status == 200 and told["deleted"] is True and school.json("/v1/responses/" + kept)[0] == 404, told)
for wrong in (kept, "resp_none", 3):
    status, told = school.json("/v1/responses", {"model": "lyceum", "previous_response_id": wrong, "input": "x"})
    promise(f"behind {wrong} nothing goes on", status == 400 and is_error(told, "previous_response_id", "previous_response_not_found"), told)

for seed in range(3):  # bytes that are no text are told as such, in both forms
    status, told = school.json("/v1/responses", {"model": "lyceum", "input": "Hello", "max_output_tokens": 60, "temperature": 2})
    promise(f"a response of whatever bytes has a text, {seed}", status == 200 and isinstance(told["output"][0]["content"][0]["text"], str), told)

# ------------------------------------------------------------------- functions, from before tools
functions = [one["function"] for one in tools]
status, told = school.json("/v1/chat/completions", chat(max_tokens=200, functions=functions, function_call={"name": "add"}))
choice = told["choices"][0]
promise("a function that is named is called in the form that was asked in", status == 200 and choice["finish_reason"] == "function_call" and
        is_sound({"function": choice["message"]["function_call"]}) and "tool_calls" not in choice["message"], told)
status, text, headers = school.ask("/v1/chat/completions", chat(max_tokens=200, functions=functions, function_call={"name": "add"}, stream=True))
pieces = [one["choices"][0] for one in events(text)]
called = [one["delta"]["function_call"] for one in pieces if "function_call" in one["delta"]]
promise("it is streamed in that form", called and called[0]["name"] == "add" and is_sound({"function": {
        "name": "add", "arguments": "".join(one.get("arguments", "") for one in called)}}) and pieces[-1]["finish_reason"] == "function_call", text)
status, told = school.json("/v1/chat/completions", chat(functions=functions, function_call="none", messages=[
    *user("What is 1 and 2?"), {"role": "assistant", "content": None, "function_call": {"name": "add", "arguments": '{"a": 1, "sign": "+"}'}},
    {"role": "function", "name": "add", "content": "3"}]))
promise("what a function gave is read", status == 200 and "function_call" not in told["choices"][0]["message"], told)
status, told = school.json("/v1/chat/completions", chat(functions=functions, function_call="maybe"))
promise("a function_call that is none is told by its name", status == 400 and is_error(told, "function_call"), told)
status, told = school.json("/v1/chat/completions", chat(functions=functions, tools=tools))
promise("functions stand beside no tools", status == 400 and is_error(told, "functions"), told)

# ------------------------------------------------------------------------------------- mistakes
for name, value in {"model": None, "temperature": "hot", "n": 99, "max_tokens": -1, "stop": {}, "messages": "x", "tools": 1, "logit_bias": [],
                    "response_format": {"type": "json_schema"}, "stream": "yes", "tool_choice": "required", "functions": {}, "modalities": ["text", "audio"]}.items():
    status, told = school.json("/v1/chat/completions", chat(**{name: value}))
    promise(f"a wrong {name} is told by its name", status == 400 and is_error(told) and told["error"]["param"].startswith(name), told)
for body, status_wanted in ((b"{", 400), (b"[]", 400), (b"", 400), (b'{"model":"lyceum","model":"x"}', 400), (b"\xff", 400)):
    status, told = school.json("/v1/chat/completions", body)
    promise(f"{body!r} is no request", status == status_wanted and is_error(told), told)
status, told = school.json("/v1/chat/completions", b"x=1", Content_Type="application/x-www-form-urlencoded")
promise("a form is none either", status == 415 and is_error(told), told)
packed = gzip.compress(json.dumps(chat()).encode())
status, told = school.json("/v1/chat/completions", packed, Content_Encoding="gzip")
promise("a body that is packed is refused as that", status == 415 and is_error(told) and "Content-Encoding" in told["error"]["message"], told)
promise("the type of a body may be written in capitals", school.ask("/v1/chat/completions", chat(), Content_Type="Application/JSON; charset=UTF-8")[0] == 200)
status, told = school.json("/v1/chat/completions", chat(messages=[{"role": "user", "content": [{"type": "text"}]}]))
promise("a part without its text is told as that", status == 400 and is_error(told, "messages[0].content[0].text"), told)
picture = [{"role": "user", "content": [{"type": "input_text", "text": "What is it?"}, {"type": "input_image", "image_url": "data:image/png;base64,AA=="}]}]
status, told = school.json("/v1/responses", {"model": "lyceum", "instructions": "Be brief.", "input": picture})
promise("a picture is refused at its item", status == 400 and is_error(told, "input[0]"), told)
status, told = school.json("/v1/responses", {"model": "lyceum", "input": "A sum. " * 5000})
promise("a response over the context is refused by its own name", status == 400 and is_error(told, "input", "context_length_exceeded"), told)
with socket.create_connection(("127.0.0.1", school.port)) as line:  # urllib would send all of it before it looked
    line.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 5000000\r\n\r\n")
    told = line.makefile("rb").read().decode()
promise("a body over 4 MB is refused before it is sent", told.startswith("HTTP/1.1 413 ") and is_error(json.loads(told.split("\r\n\r\n")[1])), told)
status, told = school.json("/v1/chat/completions", chat(messages=user("A sum. " * 5000)))
promise("a text over the context is refused", status == 400 and is_error(told, "messages", "context_length_exceeded"), told)
status, told = school.json("/v1/nothing", {})
promise("an address that is none is told in the same form", status == 404 and is_error(told), told)
status, told = school.json("/v1/chat/completions")
promise("a method too", status == 405 and is_error(told), told)
status, told = school.json("/v1/embeddings", {"model": "all-MiniLM-L6-v2", "input": "x"})
promise("without a model for vectors it says which to fetch", status == 404 and "minilm" in told["error"]["message"], told)

# ------------------------------------------------------------------------------------ hanging up
def hang_up(stream, after):
    line = socket.create_connection(("127.0.0.1", school.port))
    body = json.dumps(chat(max_tokens=3000, stream=stream, temperature=1.5, logit_bias={})).encode()
    line.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    time.sleep(after)
    line.close()


for stream in (True, False):
    for _ in range(20):
        hang_up(stream, 0.05)
started = time.monotonic()
school.json("/v1/chat/completions", chat(max_tokens=1))
promise("who hung up is not written for", time.monotonic() - started < 5, time.monotonic() - started)

# ------------------------------------------------------------------------------------------ keys
status, told = school.json("/v1/models", key="whatever")
promise("while there are no keys, what is sent as one is none", status == 200, told)
status, told = school.json("/v1/models", X_Forwarded_For="203.0.113.9")
promise("what a proxy passes on is not of this machine", status == 401 and is_error(told, None, "invalid_api_key"), told)
status, told = school.json("/v1/models", Host="school.example")
promise("a name that stands for this machine is not enough", status == 401, told)
code, out, err = command("key", "new", "notebook", "--data", data)
key = out.strip()
promise("a key is made and shown once", code == 0 and re.fullmatch(r"lyceum-[A-Za-z0-9]{40}", key), out, err)
promise("it lets a program of another machine in", school.json("/v1/models", key=key, X_Forwarded_For="203.0.113.9")[0] == 200)
promise("an answer has a number to speak of it by", re.fullmatch("req_[A-Za-z0-9]{24}", school.ask("/v1/models", key=key)[2]["X-Request-Id"]))

# --------------------------------------------------------------------------- pages of other sites
page = {"Origin": "https://chat.example", "Sec_Fetch_Site": "cross-site"}
status, text, headers = school.ask("/v1/chat/completions", None, method="OPTIONS", Access_Control_Request_Method="POST",
                                   Access_Control_Request_Headers="authorization", X_Forwarded_For="203.0.113.9", **page)
promise("before it asks, a page of another site is told that it may bring a key", status == 204 and headers["Access-Control-Allow-Origin"] == "*" and
        "Authorization" in headers["Access-Control-Allow-Headers"] and {"POST", "DELETE"} < set(headers["Access-Control-Allow-Methods"].split(", ")), status, dict(headers))
status, text, headers = school.ask("/v1/chat/completions", chat(), key=key, **page)
promise("with one it is answered", status == 200 and headers["Access-Control-Allow-Origin"] == "*", status, text)
status, text, headers = school.ask("/v1/chat/completions", chat(stream=True), key=key, **page)
promise("also by a stream", status == 200 and headers["Access-Control-Allow-Origin"] == "*" and text.endswith("[DONE]\n\n"), status, text)
status, text, headers = school.ask("/v1/chat/completions", chat(), **page)
promise("without one it is refused, also on this machine, and can read why", status == 403 and is_error(json.loads(text)) and
        headers["Access-Control-Allow-Origin"] == "*", status, text)
status, text, headers = school.ask("/v1/models", **page)
promise("what needs no key is no page's to read", "Access-Control-Allow-Origin" not in headers, dict(headers))
status, text, headers = school.ask("/api/me", None, method="OPTIONS", Access_Control_Request_Method="POST", **page)
promise("nor is anything of the school's own", "Access-Control-Allow-Origin" not in headers, dict(headers))

status, told = school.json("/v1/models", key="lyceum-" + "x" * 40)
promise("now a key that is none is refused, also here", status == 401 and is_error(told, None, "invalid_api_key"), told)
promise("and who sends none is of this machine", school.json("/v1/models")[0] == 200)
promise("a name is taken once", command("key", "new", "notebook", "--data", data)[0] == 1)
code, out, err = command("key", "new", "slow", "--limit", "2/minute", "--limit", "50 tokens/day", "--data", data, "--json")
slow = json.loads(out)["key"]
while time.time() % 60 > 55:
    time.sleep(0.5)
answers = [school.ask("/v1/models", key=slow) for _ in range(3)]
promise("a limit of requests is kept", [one[0] for one in answers] == [200, 200, 429] and int(answers[2][2]["Retry-After"]) <= 60 and
        is_error(json.loads(answers[2][1]), None, "rate_limit_exceeded"), answers)
code, out, err = command("key", "new", "short", "--limit", "50tokens/day", "--data", data)
short = out.strip()
statuses = [school.ask("/v1/chat/completions", chat(max_tokens=40), key=short)[0] for _ in range(4)]
promise("a limit of tokens is kept, to one request", statuses[0] == 200 and statuses[-1] == 429 and statuses == sorted(statuses), statuses)
promise("a limit that is none is told", command("key", "new", "x", "--limit", "much", "--data", data)[0] == 2)
code, out, err = command("key", "list", "--data", data, "--json")
listed = {one["name"]: one for one in json.loads(out)}
promise("keys are listed with their limits, never whole", set(listed) == {"notebook", "slow", "short"} and key not in out and
        listed["slow"]["limits"] == {"requests_minute": 2, "tokens_day": 50}, out)
promise("a key that is revoked opens nothing from then on", command("key", "revoke", "notebook", "--data", data)[0] == 0 and
        school.json("/v1/models", key=key)[0] == 401)
promise("one that is not there cannot be revoked", command("key", "revoke", "notebook", "--data", data)[0] == 1)
promise("the school closes in good order", school.close() == 0)
school = School()
promise("what a key used is remembered", school.ask("/v1/chat/completions", chat(), key=short)[0] == 429)
school.close()
kept = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.suffix != ".gguf")
promise("no key is in any file, nor in what the school said", all(one.encode() not in kept for one in (key, slow, short)))
print(f"1..{n_test}")
