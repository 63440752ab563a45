"""Writes the questions of bench/company, a JSON line each: questions.py COURSE_LINES > questions.jsonl

COURSE_LINES is what build/bench/company/course_questions writes. {"id","kind","text","schema","check","key",
"options"}: the key is for the grader alone. The same lines each time.
"""
import json
import random
import sys
from pathlib import Path

draw = random.Random(7)
rows = []


def put(kind, text, check, key, schema, options=None):
    rows.append({"kind": kind, "text": text, "check": check, "key": key, "schema": schema, "options": options})


NUMBER = {"type": "number"}
WORD = {"type": "string", "maxLength": 32}


def letters(n):
    return {"enum": [str(i + 1) for i in range(n)]}


def choices(shown):
    return "\n".join(f"{i + 1}) {one}" for i, one in enumerate(shown)) + "\nAnswer with the number of the right choice."


names = ["Ada", "Ben", "Chen", "Dora", "Emil", "Fatma", "Gita", "Hugo", "Ines", "Jomo"]
things = ["apples", "books", "coins", "pens", "shells", "cards", "stamps", "stones"]


def sums():
    a, b, c = draw.randint(2, 60), draw.randint(2, 40), draw.randint(2, 9)
    d = draw.randint(2, 12)
    who, other = draw.sample(names, 2)
    thing = draw.choice(things)
    forms = [
        (f"What is {a} + {b}?", a + b),
        (f"What is {a + b} - {b}?", a),
        (f"What is {c} × {d}?", c * d),
        (f"{who} has {a} {thing}. {other} gives {who} {b} more. How many {thing} does {who} have now?", a + b),
        (f"{who} has {a + b} {thing} and gives {b} of them to {other}. How many {thing} does {who} keep?", a),
        (f"There are {c} boxes with {b} {thing} each. How many {thing} are there?", c * b),
        (f"{who} shares {c * b} {thing} equally among {c} friends. How many does each get?", b),
        (f"{who} has {a} {thing} and buys {c} bags with {b} {thing} each. How many {thing} are there now?", a + b * c),
    ]
    text, key = forms[draw.randrange(len(forms))]
    put("sum", text, "number", key, NUMBER)


def units():
    factors = [("kilometres", "metres", 1000), ("metres", "centimetres", 100), ("hours", "minutes", 60),
               ("minutes", "seconds", 60), ("kilograms", "grams", 1000), ("litres", "millilitres", 1000),
               ("days", "hours", 24), ("weeks", "days", 7), ("years", "months", 12), ("centimetres", "millimetres", 10)]
    big, small, factor = draw.choice(factors)
    n = draw.randint(2, 12)
    if draw.random() < 0.5:
        put("unit", f"How many {small} are {n} {big}?", "number", n * factor, NUMBER)
    else:
        put("unit", f"How many {big} are {n * factor} {small}?", "number", n, NUMBER)


def lookup():
    towns = draw.sample(["Arden", "Belmor", "Corvale", "Dunmere", "Elstow", "Farrow", "Glenby", "Hartley"], 3)
    rivers = draw.sample(["Lune", "Tarn", "Isel", "Oska", "Vire", "Nim"], 3)
    crops = draw.sample(["barley", "olives", "flax", "rice", "beans", "grapes"], 3)
    years = [draw.randint(1100, 1890) for _ in towns]
    folk = [draw.randint(12, 98) * 100 for _ in towns]
    passage = " ".join(f"{t} lies on the river {r}, was founded in {y}, has {p} inhabitants and grows {c}."
                       for t, r, y, p, c in zip(towns, rivers, years, folk, crops))
    i, form = draw.randrange(3), draw.randrange(5)
    text, check, key = [
        (f"In which year was {towns[i]} founded?", "number", years[i]),
        (f"How many inhabitants does {towns[i]} have?", "number", folk[i]),
        (f"On which river does {towns[i]} lie?", "text", [rivers[i], f"the {rivers[i]}", f"river {rivers[i]}", f"the river {rivers[i]}"]),
        (f"What does {towns[i]} grow?", "text", [crops[i]]),
        (f"Which town grows {crops[i]}?", "text", [towns[i]]),
    ][form]
    put("look-up", f"{passage}\n{text}", check, key, NUMBER if check == "number" else WORD)


words = [line.split("\t") for line in Path(__file__).with_name("definitions.tsv").read_text().splitlines()]


def definitions():
    for field, word, meaning in words:
        put("definition", f"Which one word of {field} means: {meaning}?", "text", [word, word + "s", f"the {word}"], WORD)
        others = draw.sample([w for f, w, m in words if w != word], 3)
        shown = draw.sample(others + [word], 4)
        put("choice", f"Which word means: {meaning}?\n" + choices(shown), "choice", shown.index(word) + 1, letters(4))


def course(lines):
    for line in lines:
        one = json.loads(line)
        if one["check"] == "choice":
            put("course choice", one["ask"] + "\n" + choices(one["shown"]), "choice", one["key"], letters(len(one["shown"])))
        else:
            put("course number", one["ask"], "number", one["key"], NUMBER, one["options"])


for _ in range(130):
    sums()
for _ in range(80):
    units()
for _ in range(130):
    lookup()
definitions()
course(open(sys.argv[1]))
draw.shuffle(rows)
seen = set()
for row in rows:
    if row["text"] in seen:
        continue
    seen.add(row["text"])
    print(json.dumps({"id": len(seen), **row}, ensure_ascii=False))
