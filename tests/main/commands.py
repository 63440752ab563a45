"""What every command promises: help with an example, exit codes, and words when something is lost."""
import json
import os
import re
import subprocess
import sys
import tempfile

program = sys.argv[1]
DONE, INPUT, USAGE, MACHINE = range(4)
n_test = 0


def run(*arguments, **how):
    ran = subprocess.run([program, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60,
                         **{"input": b"", "env": {**os.environ, "NO_COLOR": "1"}, **how})
    return ran.returncode, ran.stdout.decode(), ran.stderr.decode()


def shell(line):
    ran = subprocess.run(["bash", "-c", line], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60,
                         env={**os.environ, "LYCEUM": program, "NO_COLOR": "1"})
    return ran.returncode, ran.stdout.decode(), ran.stderr.decode()


def promise(what, kept, *shown):
    global n_test
    n_test += 1
    print(f"{'ok' if kept else 'not ok'} {n_test} - {what}")
    if not kept:
        print("\n".join("# " + line for line in repr(shown).split("\\n")))


code, out, err = run("--help")
names = re.findall(r"^  (\w+) ", out, re.M)
promise("help lists the commands", code == DONE and len(names) > 9 and not err, out)
promise("-h is help too", run("-h")[:2] == (code, out))
code, out, err = run("--version")
promise("the version is told", code == DONE and re.fullmatch(r"lyceum \d+\.\d+\.\d+\n", out), out)
for arguments in ((), ("nonsense",), ("",)):
    code, out, err = run(*arguments)
    promise(f"{arguments} is no command", code == USAGE and not out and "--help" in err, code, out, err)
code, out, err = run("serv")
promise("who writes a command nearly right is told which it is", code == USAGE and "Did you mean serve?" in err, err)
code, out, err = run("company", "--once", "--address", "http://127.0.0.1:9")
promise("no school there: what to do is to open one", code == MACHINE and "lyceum serve" in err and "network" not in err, code, err)

for name in names:
    code, out, err = run(name, "--help")
    promise(f"{name} --help has an example", code == DONE and re.search("^Example", out, re.M) and not err, out)
    code, out, err = run(name, "--no-such-option")
    promise(f"{name} takes no unknown option", code == USAGE and not out and f"lyceum {name} --help" in err, code, err)
    code, out, err = shell(f'"$LYCEUM" {name} --help > /dev/full')
    promise(f"{name} says when its words are lost", code == MACHINE and "standard output" in err, code, err)

with tempfile.TemporaryDirectory() as folder:
    file = os.path.join(folder, "file")
    with open(file, "w") as text:
        text.write("not what is wanted\n")
    missing = os.path.join(folder, "missing")
    for what, place in (("nothing", missing), ("a folder", folder), ("another file", file)):
        for arguments in (("check", place), ("learn", place), ("tokenize", place), ("logits", place),
                          ("bench", place), ("run", place, "--prompt", "a"), ("draft", "--model", place)):
            code, out, err = run(*arguments)
            promise(f"{arguments[0]} finds {what} and tells where", code == INPUT and place in out + err,
                    code, out, err)
    code, out, err = shell(f'"$LYCEUM" learn {folder} --data {folder}/data <&- >&-')
    promise("closed streams are no place for files", code in (INPUT, MACHINE), code, err)

for name in ("grade", "draft"):
    code, out, err = shell(f'"$LYCEUM" {name} <&-')
    promise(f"{name} says when its input is closed", code == MACHINE and not out, code, err)
    code, out, err = shell(f'echo "{{}}" | "$LYCEUM" {name} > /dev/full')
    promise(f"{name} says when its answers are lost", code == MACHINE and err, code, err)
for options, word in ((("--grammar", "a", "--schema", "b"), "not both"), (("--top-p", "2"), "from 0 to 1"),
                      (("--top-k", "1.5"), "whole"), (("--logit-bias", "5"), "TOKEN=BIAS"),
                      (("--logit-bias", "5=inf"), "TOKEN=BIAS"), (("--n", "3"), "--json"), (("--n", "0"), "from 1 to"),
                      (("--logprobs", "2"), "--json"), (("--logprobs", "21", "--json"), "from 0 to 20"),
                      (("--cache", "f8"), "f16, q8_0 or f32"), (("--seed", "-1"), "whole"), (("--stop", ""), "1 to 1024"),
                      (("--stop-token", "x"), "number"), (("--temperature",), "wants a value")):
    code, out, err = run("run", "model.gguf", "--prompt", "a", *options)
    promise(f"run refuses {' '.join(options)} in words", code == USAGE and word in err, code, err)
code, out, err = run("logits", "model.gguf", "--cache", "f8")
promise("logits refuses --cache f8 in words", code == USAGE and "f16, q8_0 or f32" in err, code, err)
for option in ("--grammar", "--schema", "--lexicon"):
    code, out, err = run("run", "model.gguf", "--prompt", "a", option, "/nowhere/file")
    promise(f"run tells which {option} is not there", code == INPUT and "/nowhere/file" in err, code, err)

with tempfile.TemporaryDirectory() as folder:
    made, more, out_path = (os.path.join(folder, name) for name in ("made.txt", "more.txt", "new.gguf"))
    for path in (made, more):
        with open(path, "w") as text:
            text.write("A river runs, a river turns, and the river runs again.\n" * 20)
    how = ("--vocabulary", "300", "--layers", "1", "--width", "32", "--heads", "2")
    code, out, err = run("new", out_path, "--text", made, more, *how, "--json")
    told = json.loads(out) if code == DONE else {}
    promise("new makes a model of several texts", code == DONE and told["text_bytes"] == 2 * os.path.getsize(made) and
            told["bytes"] == os.path.getsize(out_path) and told["merges"] == told["vocabulary"] - 259, code, out, err)
    code, out, err = run("tokenize", out_path, input="river 42 \0 é".encode())
    code, back, err = run("tokenize", out_path, "--decode", input=out.encode()) if code == DONE else (code, out, err)
    promise("its vocabulary has every byte", code == DONE and back.strip("\n") == "river 42 \0 é", code, back, err)
    code, out, err = run("run", out_path, "--prompt", "A river", "--max-tokens", "3")
    promise("it writes, if nonsense", code == DONE, code, err)
    code, out, err = run("new", out_path, "--text", made, *how)
    promise("new writes over no file unasked", code == INPUT and "--force" in err and out_path in err, code, err)
    code, out, err = run("new", "--text", made, more, "--force", *how, "--seed", "5", out_path)
    promise("OUT may stand last", code == DONE and "300 tokens" in out or "no more than" in out, code, out, err)
    for options, word in ((("--width", "1e3"), "1000 "), (("--heads", "3"), "3 heads"), (("--vocabulary", "9"), "259")):
        code, out, err = run("new", out_path, "--text", made, "--force", *options)
        promise(f"new refuses {' '.join(options)} in words", code == INPUT and word in err, code, err)
    for arguments in ((out_path,), ("--text", made), (out_path, "--text", made, "--width", "x"),
                      (out_path, "--text", made, "--seed", "-1"), (out_path, made, "--text", made)):
        code, out, err = run("new", *arguments)
        promise(f"new {len(arguments)} arguments that are none are refused", code == USAGE and "new --help" in err, code, err)
    code, out, err = run("new", out_path, "--text", os.path.join(folder, "none.txt"), "--force")
    promise("new tells which text is not there", code == INPUT and "none.txt" in err, code, err)
print(f"1..{n_test}")
