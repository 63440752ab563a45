"""lyceum learn: a lesson through a pipe, and where one was the next time."""
import os
import pty
import re
import select
import subprocess
import sys
import tempfile

program, course = sys.argv[1:3]


def learn(data, lines, *options):
    ran = subprocess.run(
        [program, "learn", course, "--data", data, "--model", "none", "--lang", "en", *options],
        input="\n".join(lines) + "\n", capture_output=True, text=True, timeout=60,
        env={**os.environ, "NO_COLOR": "1"})
    return ran.returncode, re.sub(r"\s+", " ", ran.stdout), ran.stderr


def type_in(data, lines, language, **environment):
    """The same at a terminal, where each line is typed once the one before is answered."""
    child, terminal = pty.fork()
    if not child:
        os.execve(program, [program, "learn", course, "--data", data, "--model", "none", "--lang", language],
                  {**{name: value for name, value in os.environ.items() if name != "NO_COLOR"}, **environment})
    shown = b""
    try:
        for line in [*lines, None]:
            while not line or not re.search(rb"[=>](\x1b\[0m)? $", shown):
                if not select.select([terminal], [], [], 30)[0]:
                    sys.exit(f"nothing more is said\n{shown.decode()}")
                shown += os.read(terminal, 65536)
            os.write(terminal, line.encode() + b"\n")
            shown += b"\n"
    except OSError:  # it has ended
        pass
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), shown.decode(), ""


def expect(what, condition):
    if not condition:
        sys.exit(f"not so: {what}\n{out}\n{err}")


with tempfile.TemporaryDirectory() as data:
    code, out, err = learn(data, ["?", ">what is loss?", ">tell me the answer", "1"])
    expect("a learner can stop anywhere", code == 0)
    expect("the text is read out", "Take a text and count" in out)
    expect("? gives the first hint", "Which operation brings the counts" in out)
    expect("a question is answered from the lesson", "the average surprise over a text" in out)
    expect("with the passage that says so", "— Loss" in out)
    expect("the answer is not told", "I do not give the answer" in out)
    code, out, err = learn(data, ["what is loss?", "?"])
    expect("a question needs no mark where it can be no answer", "the average surprise over a text" in out)
    code, out, err = learn(data, ["1"])
    expect("nothing is solved yet", "0 / 2 Counting letters" in out)
    expect("the learner's secret is for this user alone",
           os.stat(f"{data}/terminal-learner").st_mode & 0o077 == 0)

    counts = [int(n) for n in re.search(r"two counts (\d+) and (\d+)", out).groups()]
    code, out, err = type_in(data, ["q"], "en", TERM="dumb")
    expect("a lesson begins at its beginning", "Take a text and count" in out and "On from" not in out)
    code, out, err = learn(data, [str(sum(counts)), "q"])
    code, out, err = type_in(data, ["q"], "en", TERM="dumb")
    expect("and goes on where one was", "On from where you were" in out and "Take a text" not in out and
           "Smoothing" in out.split("──")[0])
    code, out, err = learn(data, ["smoothing"])
    expect("right answers are ticked", out.count("✓") >= 2)
    expect("what was done is kept", "2 / 2 Counting letters" in out)

    code, out, err = type_in(data, ["\n", "q"], "en", TERM="dumb")
    expect("at a terminal one goes on where one was", True)
    code, out, err = learn(data, ["level"])
    expect("the next lesson is opened where the first is done", "Slopes" in out.split("──")[0])
    expect("an answer of the wrong kind is told", "numbers of what is listed" in out)

    code, out, err = learn(data, [">how am i doing?", ">this is too easy", ">is it 3?", ">My goal is to bake bread."])
    expect("a terminal has no page of progress", "When you stop with q" in out and "Progress" not in out)
    expect("nor a button for practice", "Enter leads on" in out and "Practise" not in out)
    expect("nor an answer field", "behind the =" in out and "Check" not in out)
    expect("nor a page of the memory", "Type ! to see it" in out)
    code, out, err = learn(data, ["!"])
    expect("a note tells what it is about", "a goal: My goal is to bake bread." in out)
    expect("+ tells when there is no sister", "once one is offered" in learn(data, ["+"])[1])
    code, out, err = learn(data, ["!me baker"])
    expect("who writes an unknown word is told those that are known", "!me and any of these: child teen" in out)
    code, out, err = learn(data, ["！＋ 面包", "؟"], "--lang", "zh")
    expect("keys of other keyboards are keys", "你的笔记: 面包" in out and "看不懂" not in out)
    expect("and what goes wrong is told in the learner's language", "没有办到" in learn(data, ["!x"], "--lang", "zh")[1])

    code, out, err = learn(data, [], "--lesson", "no-such-lesson")
    expect("a lesson that does not exist is told", code == 1 and "no-such-lesson" in err)

with tempfile.TemporaryDirectory() as data:
    code, out, err = type_in(data, ["q"], "en", TERM="xterm")
    expect("a terminal is painted, and q stops", code == 0 and "\033[1m" in out)
    code, out, err = type_in(data, ["q"], "en", TERM="dumb")
    expect("a dumb one is not", code == 0 and "\033" not in out)
    code, out, err = type_in(data, ["q"], "en", TERM="xterm", NO_COLOR="1")
    expect("nor where nobody wants it", code == 0 and "\033" not in out)
    code, out, err = type_in(data, ["\x04"], "en", TERM="dumb")
    expect("the end of the input stops too, and tells what was done", code == 0 and re.search(r"0 / +2", out))
    code, out, err = type_in(data, ["\x03"], "en", TERM="dumb")
    expect("Ctrl-C stops at once", code == -2)

code, out, err = learn("/dev/null/x", [])
expect("a folder that cannot be made is told", code in (1, 3) and err)
