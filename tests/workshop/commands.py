"""lyceum diversity and lyceum curate, as people and programs run it."""
import json
import os
import random
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

program = sys.argv[1]
n_test = 0


def run(*arguments, text=b""):
    ran = subprocess.run([program, *arguments], input=text, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                         timeout=120, env={**os.environ, "NO_COLOR": "1"})
    return ran.returncode, ran.stdout.decode(), ran.stderr.decode()


def promise(what, kept, *shown):
    global n_test
    n_test += 1
    print(f"{'ok' if kept else 'not ok'} {n_test} - {what}")
    if not kept:
        print("\n".join("# " + line for line in repr(shown).split("\\n")))


def made(seed, share=0, n=900):
    chance = random.Random(seed)
    words = [a + b + c for a in "bdfgklmn" for b in "aeiou" for c in "lrstnm"]
    say = lambda chance: " ".join(chance.choices(words, k=chance.randint(6, 20))) + "."
    typical = [say(random.Random(-i)) for i in range(1, 51)]
    return "\n".join(chance.choice(typical) if chance.random() < share else say(chance) for _ in range(n)) + "\n"


with tempfile.TemporaryDirectory() as folder:
    def put(name, text):
        path = os.path.join(folder, name)
        with open(path, "w") as file:
            file.write(text)
        return path

    people, others, models = put("people", made(1)), put("others", made(2)), put("models", made(3, .3))
    plot, draws = os.path.join(folder, "a&b.svg"), ["--draws", "60"]
    code, out, err = run("diversity", people)
    promise("a text alone is measured", code == 0 and "zlib ratio" in out and not err, code, out, err)
    code, out, err = run("diversity", others, "--against", people, *draws)
    promise("another text of its kind passes", code == 0 and "as varied as the reference" in out, code, out, err)
    promise("without a terminal there are neither bars nor colours", "█" not in out and "\033" not in out, out)
    code, out, err = run("diversity", models, "--against", people, "--plot", plot, *draws)
    promise("the gate is exit code 1, with reasons", code == 1 and "The gate fired" in out and not err, code, out, err)
    promise("the plot is a picture", xml.etree.ElementTree.parse(plot).getroot().tag.endswith("svg"))
    code, out, err = run("diversity", models, "--against", people, "--json", *draws)
    told = json.loads(out)
    promise("programs may read it", code == 1 and told["fired"] and len(told["remedies"]) == 5
            and set(told["measures"]) == {"zlib_ratio", "distinct_4", "entropy_4", "distinct_openers", "top_opener",
                                          "near_duplicates", "long_near_duplicates"}, out)
    promise("standard input is a file too", run("diversity", "-", "--json", text=made(1).encode())[1]
            == run("diversity", people, "--json")[1])
    bad = put("bad.jsonl", '{"text":"a"}\n{"text":\n')
    code, out, err = run("diversity", bad)
    promise("a bad line is named", code == 1 and "bad.jsonl:2:" in err and not out, code, out, err)
    code, out, err = run("diversity", people, "--against", os.path.join(folder, "missing"))
    promise("a missing reference is named", code == 1 and "missing" in err and not out, code, out, err)
    for wrong in ([], [people, others], [people, "--tokens", "5"], [people, "--draws", "x"], [people, "--against"]):
        promise(f"{wrong[1:]} is wrong usage", run("diversity", *wrong)[0] == 2)

    rows, report = os.path.join(folder, "rows.jsonl"), os.path.join(folder, "report.md")
    text = put("text.md", made(4, n=40))
    put("again.md", made(4, n=40))
    code, out, err = run("curate", folder, "--out", rows, "--report", report, "--json")
    told = json.loads(out)
    promise("curate tells what was kept and dropped", code == 0 and told["dropped"]["near_duplicate"]["rows"] == 1
            and told["kept"]["rows"] == len(open(rows).readlines()) and "nearly repeats" in open(report).read(), out, err)
    code, out, err = run("curate", put("short.txt", "Too short."), "--out", rows)
    promise("where nothing is kept the exit code is 1", code == 1 and "no row was kept" in err, code, out, err)
    code, out, err = run("curate", text, "--out", os.path.join(folder, "missing", "rows"))
    promise("where the rows cannot be put is told", code == 1 and "missing" in err, code, out, err)
    for wrong in ([], [text], ["--out", rows], [text, "--out"], [text, "--out", rows, "--threads", "x"]):
        promise(f"{len(wrong)} arguments of curate are wrong usage", run("curate", *wrong)[0] == 2)

print(f"1..{n_test}")
