"""What the suites of this folder share: their arguments, a line for each promise (TAP), parts that run alone."""
import argparse
import importlib.metadata
import signal
import sys
import traceback

options = argparse.ArgumentParser()
options.add_argument("address")
options.add_argument("--model", default="lyceum")
options.add_argument("--key", default="none")
options.add_argument("--embeddings", default="all-MiniLM-L6-v2")
options.add_argument("--only", default="")
options.add_argument("--seconds", type=int, default=1200)
options = options.parse_args()
n_test = n_failed = 0
parts = {}


def promise(what, kept, *shown):
    """`kept` may be asked for, since of an answer that is no answer nothing can be read."""
    global n_test, n_failed
    try:
        kept = kept() if callable(kept) else kept
    except Exception as error:
        kept, shown = False, (type(error).__name__, str(error), *shown)
    n_test += 1
    n_failed += not kept
    print(f"{'ok' if kept else 'not ok'} {n_test} - {what}", flush=True)
    if not kept:
        print("# " + repr(shown)[:1500].replace("\n", "\n# "), flush=True)


def part(*packages):
    """A part of a suite, and the packages that it needs."""
    def keep(function):
        parts[function.__name__] = (packages, function)
        return function
    return keep


class TooLong(BaseException):  # libraries catch every Exception
    pass


def too_long(*_):
    raise TooLong(f"over {options.seconds} seconds")


def run():
    """The parts that --only names, or all, each to its end or that of its time; ends the program."""
    versions = {}
    signal.signal(signal.SIGALRM, too_long)
    for name, (packages, function) in parts.items():
        if options.only and name not in options.only.split(","):
            continue
        try:
            versions.update({package: importlib.metadata.version(package) for package in packages})
        except importlib.metadata.PackageNotFoundError as missing:
            print(f"# {missing.name} is not installed")
            continue
        before = n_test, n_failed
        signal.alarm(options.seconds)
        try:
            function()
        except (Exception, TooLong) as error:
            promise(f"{name} comes to its end", False, type(error).__name__, str(error), traceback.format_exc()[-1200:])
        signal.alarm(0)
        print(f"# {name}: {n_test - before[0] - n_failed + before[1]} of {n_test - before[0]} kept", flush=True)
    print(f"1..{n_test}")
    print(f"# {n_test - n_failed} of {n_test} kept: {', '.join(f'{package} {version}' for package, version in versions.items())}")
    sys.exit(1 if n_failed else 0)
