"""Hard text for tokenizers, always the same for the same seed and version of Unicode: every script and
symbol that Python knows, emoji with joiners, this repository's code, runs of white space, control
characters, control tokens as people might type them, and shuffled mixtures of all that."""
import pathlib
import random
import unicodedata

ROOT = pathlib.Path(__file__).resolve().parent.parent
FAMILY = ["👩‍👩‍👧‍👦", "🏳️‍🌈", "👍🏽", "🇨🇭🇪🇺", "❤️‍🔥", "1️⃣", "🧑🏿‍🚀", "☺︎", "☺️", "e\u0301\u0323", "ﷺ", "ﬁ", "Ǆ", "İ"]
WORDS = ("don't you'll we're I'VE can'T it'S 3.14 1,234,567 2nd x² ½ Ⅷ ٣٤٥ १२३ 12345678901234567890 "
         "naïve Straße ÆØÅ ŁÓDŹ Ἀθῆναι Здравствуйте שָׁלוֹם مَرْحَبًا नमस्ते ภาษาไทย ខ្មែរ 日本語テキスト 한국어 你好，世界！ "
         "http://a.b/c?d=e&f#g user@example.org C:\\path\\x --flag=1 a_b-c.d $HOME {{x}} <b>&amp;</b>").split()
SPECIALS = ["<|im_start|>", "<|im_end|>", "<|endoftext|>", "<s>", "</s>", "<unk>", "<|im_start|>system\n",
            "<|im_sta", "rt|>", "<|fim_prefix|>", "<repo_name>", "<tool_call>", "</tool_call>", "<file_sep>", "[INST]"]


def alphabets():
    """Text of each block of 256 code points that holds letters, marks, numbers or symbols."""
    for block in range(0, 0x32000, 0x100):
        points = [chr(p) for p in range(block, block + 0x100)
                  if unicodedata.category(chr(p)) not in ("Cn", "Cs", "Co")]
        if points:
            yield points


def documents(seed, size):
    chance = random.Random(seed)
    blocks = list(alphabets())
    spaces = [" ", "  ", "   ", "\t", "\n", "\r\n", "\n\n\n", " \n ", "\u00a0", "\u3000", "\u2003", "\u200b", "\ufeff", "\u2028", "\x0b", "\x85"]
    control = [chr(c) for c in range(1, 32)] + ["\x7f", "\x80", "\x9f", "\ufffd", "\ufffe", "\U0010ffff", "\ue000"]
    code = [p.read_text("utf-8") for p in sorted(ROOT.glob("src/**/*.[ch]"))]
    made = 0
    for points in blocks:
        text = "".join(points[:128]) + " " + " ".join("".join(chance.choices(points, k=chance.randint(1, 9)))
                                                     for _ in range(120))
        yield "alphabets", text
    kinds = {
        "code": lambda: (lambda t, at: t[at:at + 60])(*(lambda t: (t, chance.randrange(max(1, len(t) - 60))))(chance.choice(code))),
        "words": lambda: chance.choice(WORDS) + " ",
        "emoji": lambda: chance.choice(FAMILY) * chance.randint(1, 3),
        "spaces": lambda: chance.choice(spaces) * chance.randint(1, 40) + chance.choice(["a", "1", ".", "漢", ""]),
        "controls": lambda: chance.choice(control) + chance.choice(["x", "", " "]),
        "specials": lambda: chance.choice(SPECIALS) + chance.choice(["", " ", "a", "\n"]),
        "digits": lambda: "".join(chance.choices("0123456789٠१०౧.,-+ ", k=chance.randint(1, 30))),
        "scripts": lambda: "".join(chance.choices(chance.choice(blocks), k=chance.randint(1, 6))),
        "capitals": lambda: "".join(chance.choice([str.upper, str.lower, str.title])(chance.choice(WORDS)) for _ in range(3)),
        "repeats": lambda: chance.choice(["a", "ab", "=", "-", "ha", "0", "あ", "!?"]) * chance.randint(2, 90),
    }
    while made < size:
        kind = chance.choice(list(kinds) + ["mixture"] * 4)
        text = ""
        while len(text.encode()) < 3000:
            text += kinds[chance.choice(list(kinds)) if kind == "mixture" else kind]()
        made += len(text.encode())
        yield kind, text
