"""lyceum learn: a lesson through a pipe, and where one was the next time."""
import os
import re
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
    code, out, err = learn(data, [str(sum(counts)), "smoothing"])
    expect("right answers are ticked", out.count("✓") >= 2)
    expect("what was done is kept", "2 / 2 Counting letters" in out)

    code, out, err = learn(data, ["level"])
    expect("the next lesson is opened where the first is done", "Slopes" in out.split("──")[0])
    expect("an answer of the wrong kind is told", "numbers of what is listed" in out)

    code, out, err = learn(data, [], "--lesson", "no-such-lesson")
    expect("a lesson that does not exist is told", code == 1 and "no-such-lesson" in err)

code, out, err = learn("/dev/null/x", [])
expect("a folder that cannot be made is told", code in (1, 3) and err)
