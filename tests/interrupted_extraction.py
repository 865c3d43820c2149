"""Press Ctrl-C at random moments of an extraction, and see how it ends.

    python tests/interrupted_extraction.py FOLDER 4 10

Ten extractions over four processes are begun, each as a program and a session of its own, and
interrupted: the whole group of processes, as a terminal does it, and the first of them alone, in
turn. Printed is for each how long it took to end, which processes it has left behind, and what of
its finished recordings the row store holds.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from sklearn.pipeline import make_pipeline
from working import SlowExtractor, lines, sounds, wait_until

from sklearn_audio import Loader, RowStore
from sklearn_audio.model_selection import prefetch

N_SOUNDS = 32
# Long enough for what is there to be seen, so that a test says it rather than hangs.
PATIENCE = 30


def extract(folder, n_jobs, way):
    """Extract until somebody interrupts it."""
    # Whoever starts this in the background may have it ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    extractor = SlowExtractor(log=str(folder / "log"), n_jobs=n_jobs)
    model = make_pipeline(Loader(memory=RowStore(folder / "rows")), extractor)
    print("begun", flush=True)
    if way == "prefetch":
        prefetch(model, sounds(N_SOUNDS), n_jobs=n_jobs)
    else:
        model.fit_transform(sounds(N_SOUNDS))


def members(session):
    """Return the processes of a session that have not ended, by their command."""
    found = []
    for process in Path("/proc").iterdir():
        if not process.name.isdigit():
            continue
        try:
            # The name of the program, in brackets, may hold anything.
            fields = (process / "stat").read_text().rpartition(")")[2].split()
            state, its_session = fields[0], int(fields[3])
            if its_session == session and state not in "ZX":
                found.append((process / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue  # it has ended
    return found


def interrupt(folder, n_jobs, way, whole_group, n_done, seconds):
    """Interrupt an extraction so long after so many recordings; return what was seen."""
    folder.mkdir()
    log = folder / "log"
    endless = N_SOUNDS // 2 if way == "endless" else -1
    program = subprocess.Popen(
        [sys.executable, __file__, "extract", folder, str(n_jobs), way],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "SLOW_SECONDS": "0.2", "ENDLESS_POSITION": str(endless)},
    )
    program.stdout.readline()
    if way == "endless":
        wait_until(lambda: "endless" in lines(log))
    else:
        wait_until(lambda: len(lines(log)) >= n_done)
    time.sleep(seconds)
    n_processes = len(members(program.pid))
    finished = len(set(lines(log)) - {"endless"})
    start = time.monotonic()
    (os.killpg if whole_group else os.kill)(program.pid, signal.SIGINT)
    try:
        # Its output ends when the last process has ended that could write there.
        _, told = program.communicate(timeout=PATIENCE)
        has_ended = True
    except subprocess.TimeoutExpired:
        told, has_ended = "", False
    ended = time.monotonic() - start
    wait_until(lambda: not members(program.pid))
    gone = time.monotonic() - start
    left = members(program.pid)
    if left:
        os.killpg(program.pid, signal.SIGKILL)
    store = RowStore(folder / "rows")
    return {
        "status": program.returncode,
        "is_interrupt": "KeyboardInterrupt" in told,
        "has_ended": has_ended,
        "processes": n_processes,
        "seconds": ended,
        "seconds_until_all_are_gone": gone,
        "left": left,
        "finished": finished,
        "kept": len(store),
        "damaged": store.verify(),
        **go_on(folder, store),
    }


def go_on(folder, store):
    """Finish an extraction; return how many rows it has found, and how many are not right."""
    X = sounds(N_SOUNDS)
    before = store.info().hits
    rows = SlowExtractor(log=str(folder / "log")).transform(Loader(memory=store).transform(X))
    right = SlowExtractor().transform(Loader().transform(X))
    return {"found": store.info().hits - before, "different": int((rows != right).sum())}


def campaign(folder, n_jobs, n_interruptions, seed=0):
    generator = random.Random(seed + n_jobs)
    seen = []
    for number in range(n_interruptions):
        way = "prefetch" if number % 4 >= 2 else "transform"
        if n_jobs > 1 and number == n_interruptions - 1:
            way = "endless"
        whole_group = number % 2 == 0
        # Sometimes while the workers are starting.
        n_done = generator.choice([0, 1, 2, 5, 10])
        seconds = generator.uniform(0, 0.2 if n_done else 2)
        place = folder / f"{n_jobs} {number}"
        seen.append(interrupt(place, n_jobs, way, whole_group, n_done, seconds))
        seen[-1]["way"] = f"{way}, {'group' if whole_group else 'alone'}, after {n_done}"
    return seen


if __name__ == "__main__":
    if sys.argv[1] == "extract":
        extract(Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
    else:
        print(json.dumps(campaign(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))))
