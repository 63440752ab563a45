"""The build stops when the interface lacks a word. usage: test_embed.py EMBED UI SOURCE KATEX"""
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

embed, ui, source, katex = sys.argv[1:]


def build(spoil):
    """Packs a spoilt copy of the interface; gives the exit status and what was said."""
    with tempfile.TemporaryDirectory() as folder:
        copy = pathlib.Path(folder, "ui")
        shutil.copytree(ui, copy)
        spoil(copy)
        outputs = [str(pathlib.Path(folder, name)) for name in ("ui.bin", "ui.c", "ui.d")]
        done = subprocess.run([sys.executable, embed, copy, source, katex, *outputs],
                              capture_output=True, text=True)
        return done.returncode, done.stderr


def without(locale, key):
    def spoil(folder):
        path = folder / "locales" / f"{locale}.json"
        words = json.loads(path.read_text())
        del words[key]
        path.write_text(json.dumps(words))
    return spoil


def without_everywhere(key):
    def spoil(folder):
        for path in (folder / "locales").glob("*.json"):
            without(path.stem, key)(folder)
    return spoil


def asks_for(folder):
    (folder / "scripts" / "more.js").write_text("word('no_such_key')")


cases = [
    ("the_whole_interface_is_packed", lambda folder: None, ""),
    ("a_word_that_one_language_lacks_stops_the_build", without("zh", "hint"), '"hint"'),
    ("a_word_that_code_asks_for_in_vain_stops_the_build", without_everywhere("check"), '"check"'),
    ("a_word_that_a_script_asks_for_in_vain_stops_the_build", asks_for, '"no_such_key"'),
]
print(f"1..{len(cases)}")
failed = 0
for number, (name, spoil, told) in enumerate(cases, 1):
    status, said = build(spoil)
    sound = (status != 0) == bool(told) and told in said
    failed += not sound
    print(f"{'ok' if sound else 'not ok'} {number} - {name}")
    if not sound:
        print(f"# exit {status}: {said}")
sys.exit(1 if failed else 0)
