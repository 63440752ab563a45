"""The house: each room is entered through its door, and the arrows all point one way."""
import pathlib
import re
import subprocess
import sys

root = pathlib.Path(__file__).resolve().parent.parent
rooms = ["base", "algebra", "tensor", "model", "train", "company", "school", "workshop", "labs",
         "web", "main"]
problems = []

for folder in sorted((root / "src").iterdir()):
    if folder.is_dir() and folder.name not in rooms:
        problems.append(f"src/{folder.name}: this room is not on the list")

for path in sorted((root / "src").rglob("*.[ch]")):
    name = path.relative_to(root / "src")
    room = name.parts[0]
    lines = path.read_text().splitlines()
    if len(lines) > 700:
        problems.append(f"src/{name}: {len(lines)} lines; is it two ideas?")
    for number, line in enumerate(lines, 1):
        found = re.match(r'#include "([^"]+)"', line)
        if not found:
            continue
        target = found[1].split("/")
        if target[0] == room:
            continue
        if target[0] not in rooms:
            problems.append(f"src/{name}:{number}: {found[1]} is in no room; root it at src/")
        elif found[1] != f"{target[0]}/{target[0]}.h":
            problems.append(f"src/{name}:{number}: {found[1]} goes past the door {target[0]}/{target[0]}.h")
        elif rooms.index(target[0]) > rooms.index(room):
            problems.append(f"src/{name}:{number}: {room} may not look into {target[0]}, which stands on it")

tracked = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, text=True)
adapters = 0  # made by this program, of its own texts: bytes
for name in filter(None, tracked.stdout.split("\0")):
    path = root / name
    if path.is_file() and name.startswith("adapters/") and name.endswith(".gguf"):
        adapters += path.stat().st_size
    elif path.is_file() and path.stat().st_size > 2_000_000:
        problems.append(f"{name}: {path.stat().st_size} bytes are too many for the repository")
if adapters > 45_000_000:
    problems.append(f"adapters: {adapters} bytes are too many for the repository")

print("\n".join(problems) or "   every room is entered through its door")
sys.exit(1 if problems else 0)
