"""Our FSRS-6 beside py-fsrs on random histories: pip install fsrs; then
python3 bench/compare_spacing.py [HISTORIES]"""
import datetime
import pathlib
import random
import subprocess
import sys

import fsrs

root = pathlib.Path(__file__).resolve().parent.parent
tool = root / "build/tests/school/learner/show_spacing"
n = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
rng = random.Random(1)
gaps = [0, 1, 5, 30, 600, 1439, 1440, 1441, 2880, 7200, 20160, 43200, 144000, 525600]
bad = reviews = 0
worst = 0.0
for mode in ("cards", "school"):
    histories = [[(rng.choice((1, 3)), rng.choice(gaps) + rng.randrange(0, 60))
                  for _ in range(rng.randrange(1, 40))] for _ in range(n)]
    text = "\n".join(" ".join(f"{r} {m}" for r, m in h) for h in histories) + "\n"
    out = subprocess.run([tool, mode], input=text, capture_output=True, text=True, check=True).stdout
    steps = {} if mode == "cards" else {"learning_steps": (), "relearning_steps": (),
                                        "maximum_interval": 3650}
    scheduler = fsrs.Scheduler(enable_fuzzing=False, **steps)
    for history, line in zip(histories, out.splitlines(), strict=True):
        numbers = [float(x) for x in line.split()]
        card = fsrs.Card()
        now = datetime.datetime(2023, 11, 14, tzinfo=datetime.timezone.utc)
        for i, (rating, minutes) in enumerate(history):
            now += datetime.timedelta(minutes=minutes)
            card, _ = scheduler.review_card(card, fsrs.Rating(rating), now)
            theirs = (card.stability, card.difficulty, (card.due - now).total_seconds() / 60)
            ours = numbers[3 * i:3 * i + 3]
            apart = max(abs(a - b) / max(1, abs(b)) for a, b in zip(ours, theirs))
            worst = max(worst, apart)
            bad += apart > 1e-9
            reviews += 1
            if bad == 1 and apart > 1e-9:
                print("first difference:", mode, history[:i + 1], ours, theirs)
print(f"{reviews} reviews of {2 * n} histories: {bad} differ; at most {worst:.1e} apart")
sys.exit(1 if bad else 0)
