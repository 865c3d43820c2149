"""Extract over processes while somebody kills them, one at a time, at random moments.

    python tests/killed_workers.py FOLDER 30

When all rows are there it begins anew in another store.
"""

import json
import os
import random
import signal
import sys
import threading
from pathlib import Path

import numpy as np
from working import LevelExtractor, lines, sounds

from sklearn_audio import Loader, RowStore

N_SOUNDS = 1000
N_JOBS = 2
# More than three chunks, so that no recording is killed once more while it is done alone, which
# would be told as its failure.
LEAST_BETWEEN_KILLS = 100


def workers():
    """Return the processes that this one has started, without the one that looks after memory."""
    found = []
    for process in Path("/proc").iterdir():
        try:
            parent = int((process / "stat").read_text().rpartition(")")[2].split()[1])
            command = (process / "cmdline").read_text()
        except (OSError, ValueError):
            continue  # it is none, or it has ended
        if parent == os.getpid() and "LokyProcess" in command:
            found.append(int(process.name))
    return found


class Killer(threading.Thread):
    """Kills a worker after each so many recordings."""

    def __init__(self, log, n_kills, generator):
        super().__init__(daemon=True)
        self.log = log
        self.n_kills = n_kills
        self.generator = generator
        self.kills = 0
        self.finished = threading.Event()

    def run(self):
        next_kill = self.generator.randrange(LEAST_BETWEEN_KILLS)
        # It looks as often as it can, almost; a kill hits whatever goes on then.
        while self.kills < self.n_kills and not self.finished.wait(0.001):
            n_done = len(lines(self.log))
            victims = workers() if n_done >= next_kill else []
            if victims:
                os.kill(self.generator.choice(victims), signal.SIGKILL)
                self.kills += 1
                # Looking for victims takes so long that many more may be done since.
                next_kill = (
                    len(lines(self.log)) + LEAST_BETWEEN_KILLS + self.generator.randrange(40)
                )


def campaign(folder, n_kills, seed=0):
    generator = random.Random(seed)
    X = sounds(N_SOUNDS)
    right = LevelExtractor().transform(Loader().transform(X))
    seen = dict.fromkeys(("kills", "extractions", "computed", "different", "damaged", "missing"), 0)
    while seen["kills"] < n_kills:
        folder.mkdir(parents=True, exist_ok=True)
        log = folder / f"{seen['extractions']}.log"
        store = RowStore(folder / str(seen["extractions"]))
        killer = Killer(log, n_kills - seen["kills"], generator)
        killer.start()
        try:
            extractor = LevelExtractor(log=str(log), n_jobs=N_JOBS)
            rows = extractor.transform(Loader(memory=store).transform(X))
        finally:
            killer.finished.set()
            killer.join()
        seen["kills"] += killer.kills
        seen["extractions"] += 1
        seen["computed"] += len(lines(log))
        seen["different"] += int((rows != right).sum())
        seen["damaged"] += store.verify()
        seen["missing"] += N_SOUNDS - len(store)
    seen["recomputed"] = seen["computed"] - seen["extractions"] * N_SOUNDS
    seen["finite"] = bool(np.isfinite(rows).all())
    return seen


if __name__ == "__main__":
    print(json.dumps(campaign(Path(sys.argv[1]), int(sys.argv[2]))))
