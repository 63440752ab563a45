"""Packs the pages, styles, scripts and KaTeX into one blob beside a table in C.

usage: embed.py UI_FOLDER SOURCE_FOLDER KATEX_FOLDER OUT.bin OUT.c OUT.d

Stops the build when a locale lacks a key that another has, or when a key that code or a script
asks for is in none. Every file is kept plain and, where it helps, as gzip.
"""
import gzip
import hashlib
import json
import pathlib
import re
import sys

sys.dont_write_bytecode = True
from icons import icons

ui, source, katex, blob_path, table_path, dep_path = map(pathlib.Path, sys.argv[1:])
TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8",
         ".svg": "image/svg+xml", ".woff2": "font/woff2", ".html": "text/html; charset=utf-8",
         ".json": "application/json; charset=utf-8", ".png": "image/png"}


def c_string(text):
    out = []
    for byte in text.encode():
        char = chr(byte)
        out.append(char if 32 <= byte < 127 and char not in '"\\?' else "\\%03o" % byte)
    return '"' + "".join(out) + '"'


def read_locales(inputs):
    locales = {}
    for path in sorted((ui / "locales").glob("*.json")):
        inputs.append(path)
        locales[path.stem] = json.loads(path.read_text())
    every = set().union(*locales.values())
    problems = [f"locales/{name}.json: the key \"{key}\" is missing"
                for name, words in locales.items() for key in sorted(every - set(words))]
    asked = [(source.glob("*.c"), r'\bword\([^"()]*"([a-z_]+)"'),
             ((ui / "scripts").glob("*.js"), r"\bword\(\s*'([a-z_]+)'")]
    for paths, pattern in asked:
        for path in paths:
            inputs.append(path)
            problems += [f"{path.name}: no locale has the key \"{key}\""
                         for key in re.findall(pattern, path.read_text()) if key not in every]
    if problems:
        sys.exit("\n".join(problems))
    return locales


def read_files(inputs):
    files = []
    for folder in ("pages", "styles", "scripts", "worker"):
        for path in sorted((ui / folder).iterdir()):
            if path.suffix in TYPES:
                inputs.append(path)
                files.append((f"{folder}/{path.name}", path.suffix, path.read_bytes()))
    inputs.append(source / "openapi.json")
    described = json.dumps(json.loads((source / "openapi.json").read_text()))
    files.append(("pages/openapi.json", ".json", described.encode()))
    files += [(f"icons/{name}", pathlib.Path(name).suffix, content) for name, content in icons().items()]
    inputs.append(pathlib.Path(__file__).parent / "icons.py")
    css = (katex / "katex.min.css").read_text()
    # Browsers that know CSS grid know woff2.
    css = re.sub(r',url\([^)]*\.(?:woff|ttf)\) format\("[a-z0-9]+"\)', "", css)
    files.append(("katex/katex.css", ".css", css.encode()))
    files.append(("katex/katex.js", ".js", (katex / "katex.min.js").read_bytes()))
    for path in sorted((katex / "fonts").glob("*.woff2")):
        files.append((f"katex/fonts/{path.name}", ".woff2", path.read_bytes()))
    return files


def main():
    inputs = []
    locales = read_locales(inputs)
    files = read_files(inputs)
    blob, rows, whole = bytearray(), [], hashlib.sha256()
    for name, suffix, content in sorted(files):
        digest = hashlib.sha256(content).hexdigest()
        whole.update(name.encode() + digest.encode())
        plain_at = len(blob)
        blob += content
        packed = b"" if suffix in (".woff2", ".png") else gzip.compress(content, 9, mtime=0)
        packed_at = len(blob)
        blob += packed
        rows.append(f"    {{{c_string(name)}, {c_string(TYPES[suffix])}, \"{digest[:32]}\", "
                    f"{plain_at}, {len(content)}, {packed_at}, {len(packed)}}},")
    blob_path.write_bytes(blob)
    words = [f"    {{\"{language}\", {c_string(key)}, {c_string(text)}}},"
             for language, table in sorted(locales.items()) for key, text in sorted(table.items())]
    # Sentences of what went wrong are their own keys; the server alone tells them.
    scripts = {language: {key: text for key, text in table.items() if " " not in key}
               for language, table in locales.items()}
    packs = [f"    {{\"{language}\", {c_string(json.dumps(table, ensure_ascii=True).replace('<', chr(92) + 'u003c'))}}},"
             for language, table in sorted(scripts.items())]
    languages = ", ".join(f'"{language}"' for language in sorted(locales, key=lambda name: (name != "en", name)))
    table_path.write_text(f"""/* Made by embed.py; do not edit. */
#include "web/embedded.h"

__asm__(".section .rodata\\n.balign 16\\n.global embedded_blob\\nembedded_blob:\\n"
        ".incbin \\"{blob_path.resolve()}\\"\\n.byte 0\\n.previous\\n");

const char embedded_version[] = "{whole.hexdigest()[:16]}";
const struct embedded_file embedded_files[] = {{
""" + "\n".join(rows) + f"""
}};
const size_t n_embedded_file = {len(rows)};
const char *const embedded_languages[] = {{{languages}, NULL}};
const struct embedded_word embedded_words[] = {{
""" + "\n".join(words) + f"""
}};
const size_t n_embedded_word = {len(words)};
const struct embedded_pack embedded_packs[] = {{
""" + "\n".join(packs) + f"""
}};
const size_t n_embedded_pack = {len(packs)};
""")
    dep_path.write_text(f"{blob_path} {table_path}: " + " ".join(str(path) for path in inputs) + "\n")


main()
