"""Extract while being killed, again and again, and see what the row store holds.

    python tests/killed_extraction.py FOLDER 200

The package is imported once. Each round forks a process that goes on with the extraction where
the one before was killed, and kills it too. After each, another process opens the store and
reads every row. When all rows are there it begins anew in another store, so that every moment of an
extraction is hit.
"""

import json
import os
import random
import signal
import sys
import time
from pathlib import Path

import numpy as np

from sklearn_audio import Loader, RMSExtractor, RowStore, ZeroCrossingRateExtractor, make_union

RATE = 8000
N_RECORDINGS = 150
# So many are extracted at once, in one transaction.
AT_ONCE = 5


def recordings():
    """Return short sounds, as the datasets library gives them."""
    generator = np.random.default_rng(0)
    return [
        {"array": generator.uniform(-0.5, 0.5, 800).astype(np.float32), "sampling_rate": RATE}
        for _ in range(N_RECORDINGS)
    ]


def extract(store, report=lambda: None):
    """Return the features of all recordings; report after each transaction."""
    union = make_union(RMSExtractor(), ZeroCrossingRateExtractor())
    sounds = recordings()
    parts = []
    for start in range(0, len(sounds), AT_ONCE):
        loader = Loader(memory=store)
        parts.append(union.fit_transform(loader.transform(sounds[start : start + AT_ONCE])))
        report()
    return np.concatenate(parts)


def in_a_fork(action):
    """Start a process that does something and leaves without any clean-up."""
    process = os.fork()
    if process == 0:
        status = 1
        try:
            action()
            status = 0
        finally:
            os._exit(status)
    return process


def kill_at_random(store, n_parts, seconds):
    """Kill an extraction so many seconds after so many parts; tell whether it had not finished."""
    reader, writer = os.pipe()
    process = in_a_fork(lambda: extract(store, lambda: os.write(writer, b".")))
    os.close(writer)
    for _ in range(n_parts):
        os.read(reader, 1)
    time.sleep(seconds)
    # It is not reaped before, so its number is still its own.
    os.kill(process, signal.SIGKILL)
    os.close(reader)
    _, status = os.waitpid(process, 0)
    if not os.WIFSIGNALED(status) and os.waitstatus_to_exitcode(status) != 0:
        raise RuntimeError("an extraction failed that was not killed")
    return os.WIFSIGNALED(status)


def examine(store):
    """Open the store in a process of its own; return the number of rows, all of which are right."""
    reader, writer = os.pipe()

    def look():
        counts = [len(store), store.verify()]
        os.write(writer, json.dumps(counts).encode())

    process = in_a_fork(look)
    os.close(writer)
    with open(reader) as pipe:
        answer = pipe.read()
    os.waitpid(process, 0)
    n_rows, n_damaged = json.loads(answer)
    return n_rows, n_damaged


def campaign(folder, n_kills, seed=0):
    """Kill so many times; return what was seen, as a dict of numbers."""
    generator = random.Random(seed)
    undisturbed = extract(None)
    seen = dict.fromkeys(
        ("kills", "kills_after_new_rows", "stores", "damaged_rows", "hits", "different_values"), 0
    )
    while seen["kills"] < n_kills:
        store = RowStore(folder / str(seen["stores"]))
        seen["stores"] += 1
        n_rows = 0
        while n_rows < 2 * N_RECORDINGS and seen["kills"] < n_kills:
            # Behind what is done already, and up to the time of a few transactions later.
            n_parts = n_rows // (2 * AT_ONCE) + generator.randrange(3)
            seen["kills"] += kill_at_random(store, n_parts, generator.uniform(0, 0.02))
            before = n_rows
            n_rows, n_damaged = examine(store)
            seen["damaged_rows"] += n_damaged
            seen["kills_after_new_rows"] += n_rows > before
        # It is finished with the rows that survived.
        result = extract(store)
        seen["hits"] += store.info().hits
        seen["different_values"] += int((result != undisturbed).sum())
    return seen


if __name__ == "__main__":
    print(json.dumps(campaign(Path(sys.argv[1]), int(sys.argv[2]))))
