#!/usr/bin/env python3
"""How fast does lyceum curate go through a large heap of text, and what does it keep in memory?

    bench/curation.py --work FOLDER [--bytes 1000000000] [--runs 1]

Gathers text that lies on this machine (documents and manuals of Debian's packages, sources of
Python's and other packages, C headers), each with the licence that lies beside it, with the
repetition that such text has by nature: changelogs, several versions of one library. Then runs
lyceum curate on it, with items held out of it, and prints megabytes a second, those of each pass,
and the most memory. Passes are told by the processor's time, which other work on the machine leaves as it is.
The text is gathered once. LYCEUM names the program.
"""
import argparse
import gzip
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
LYCEUM = os.environ.get("LYCEUM", str(ROOT / "build" / "lyceum"))
TEXT = {".txt", ".md", ".rst", ".py", ".c", ".h", ".hpp", ".js", ".pl", ".pm", ".pod", ".html", ".tex", ".el", ".rb",
        ".json", ".csv", ".xml", ".css", ".ts", ".pyi", ".go", ".rs", ".cpp", ".sh", ".texi", ".dic", ".aff", ".po"}


def sources():
    """Folders with text, and the file that tells their licence (the nearest above wins)."""
    for folder in sorted(pathlib.Path("/usr/share/doc").glob("*/")):
        yield folder, folder / "copyright"
    for name in ("/usr/share/man", "/usr/share/info", "/usr/share/perl", "/usr/share/hunspell", "/usr/share/myspell",
                 "/usr/include", "/usr/lib/python3", "/usr/share/vim", "/usr/share/emacs", "/usr/lib/node_modules",
                 "/usr/share/nodejs", "/usr/lib/gcc", "/usr/share/perl5", "/usr/share"):
        yield pathlib.Path(name), None
    prefixes = {pathlib.Path(sys.base_prefix)} | set(pathlib.Path(sys.base_prefix).parent.glob("*/"))
    for prefix in sorted(prefixes):
        for folder in sorted((prefix / "lib").glob("python*/")) + sorted((prefix / "include").glob("python*/")):
            licence = folder / "LICENSE.txt"
            yield folder, licence if licence.exists() else None


def read(path):
    try:
        data = path.read_bytes()
        return gzip.decompress(data) if path.suffix == ".gz" else data
    except (OSError, EOFError, gzip.BadGzipFile):
        return b""


def is_text(path):
    name = path.with_suffix("") if path.suffix == ".gz" else path
    return name.suffix in TEXT or "/man/" in str(path) or "/doc/" in str(path)


def gather(folder, most):
    made, n, seen = 0, 0, set()
    for source, licence in sources():
        if not source.is_dir():
            continue
        out = folder / str(source).strip("/").replace("/", "-")
        for path in sorted(source.rglob("*")):
            if made >= most:
                return made, n
            if path.is_symlink() or str(path) in seen or not path.is_file() or not is_text(path):
                continue
            seen.add(str(path))
            data = read(path)
            if len(data) < 200 or b"\0" in data[:4096]:
                continue
            place = out / str(path.relative_to(source)).replace("/", "-")
            out.mkdir(parents=True, exist_ok=True)
            (place.parent / (place.name[:200] + ".txt")).write_bytes(data)
            if licence and licence.exists() and not (out / "LICENSE").exists():
                shutil.copy(licence, out / "LICENSE")
            made, n = made + len(data), n + 1
    return made, n


def hold_out(folder, path, n=500):
    """Lines of prose out of files spread over the whole."""
    files = sorted(folder.rglob("*.txt"))
    items = []
    for file in files[::max(1, len(files) // (4 * n))]:
        lines = [line.strip() for line in file.read_text(errors="replace").splitlines()
                 if re.fullmatch(r"[A-Za-z ,.'-]{70,}", line.strip())]
        items += lines[:1]
    path.write_text("".join(json.dumps({"question": line}) + "\n" for line in items[:n]))
    return min(n, len(items))


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--work", required=True, type=pathlib.Path)
    options.add_argument("--bytes", type=float, default=1e9)
    options.add_argument("--runs", type=int, default=1)
    options.add_argument("--threads", type=int, default=os.cpu_count())
    options = options.parse_args()
    text, held = options.work / "text", options.work / "held.jsonl"
    done = options.work / "gathered.json"
    if not done.exists():
        shutil.rmtree(text, ignore_errors=True)
        text.mkdir(parents=True)
        made, n = gather(text, options.bytes)
        done.write_text(json.dumps({"bytes": made, "files": n, "held_out": hold_out(text, held)}))
    print(done.read_text())
    for _ in range(options.runs):
        began = time.time()
        out = options.work / "rows.jsonl"
        ran = subprocess.Popen([LYCEUM, "curate", str(text), "--held-out", str(held), "--out", str(out), "--threads",
                                str(options.threads), "--json"], stdout=subprocess.PIPE, text=True)
        report = json.loads(ran.stdout.read())
        _, status, usage = os.wait4(ran.pid, 0)
        wall = time.time() - began
        report_short = {key: value["rows"] for key, value in report["dropped"].items() if value["rows"]}
        print(f"{report['bytes'] / 1e6:.0f} MB, {report['files']} files, {options.threads} threads: {wall:.1f} s, "
              f"{report['bytes'] / 1e6 / wall:.1f} MB/s; processor {usage.ru_utime + usage.ru_stime:.1f} s, "
              f"{report['bytes'] / 1e6 / (usage.ru_utime + usage.ru_stime):.1f} MB/s a core; "
              f"at most {usage.ru_maxrss / 1024:.0f} MB of memory, files that are mapped included")
        print(f"kept {report['kept']['rows']} rows, {report['kept']['bytes'] / 1e6:.0f} MB; dropped {report_short}")
        print("licences:", {name: round(sum_["bytes"] / 1e6) for name, sum_ in report["licences"].items()})
        for name, seconds in report.get("passes", {}).items():
            print(f"  {name}: {seconds:.1f} s, {report['bytes'] / 1e6 / max(seconds, 1e-9):.0f} MB/s")
        if status:
            raise SystemExit("lyceum curate failed")


main()
