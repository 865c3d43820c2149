"""What it costs to find a row in a row store, by the number of rows that are in it.

python benchmarks/hits.py folder n_rows

prints the microseconds a row of a process that remembers nothing, of one that does, and of noting
which rows were used.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np
from measuring import at_most, once
from peak_memory import numbers_of

from sklearn_audio import RowStore
from sklearn_audio.keys import digest_of
from sklearn_audio.rows import Row

SIZES = (1_000, 10_000, 100_000, 1_000_000)
N_VALUES = 80
BATCH = 1000
N_BATCHES = 20
N_PROCESSES = 5


def bench_hits():
    """Microseconds a row, in batches of 1000 rows of 80 values."""
    lines = [
        f"### Finding rows of {N_VALUES} values, in batches of {BATCH} random ones, microseconds a "
        "row",
        "",
        "| rows in the store | MB | in a new process | again | noting their use | keeping them |",
        "|---|---|---|---|---|---|",
    ]
    verdicts = ""
    for n_rows in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            kept = filled(folder, n_rows)
            megabytes = RowStore(folder).info().bytes / 1e6
            costs = [numbers_of("hits.py", folder, n_rows) for _ in range(N_PROCESSES)]
        new, again, noted = np.median(costs, axis=0)
        lines.append(
            f"| {n_rows:,} | {megabytes:.1f} | {new:.1f} | {again:.2f} | {noted:.1f} | {kept:.1f} |"
        )
        verdicts += at_most(20, new, f"microseconds a row of {n_rows:,} in a new process")
    lines += [
        "",
        f"Medians of {N_PROCESSES} processes that look at up to {N_BATCHES} batches each, no row "
        "twice; then they look at the same rows again, which they remember. The store was written "
        "just before, so its file is in the memory of the system. Its opening is not counted. The "
        "use of a row is noted once a process, together with the next rows that are kept or at the "
        "end.",
    ]
    return "\n".join(lines) + "\n" + verdicts


def key(number):
    """Return the key of a row."""
    return digest_of(int(number).to_bytes(8, "little"))


def filled(folder, n_rows):
    """Fill a store; return the microseconds a row that it takes."""
    store = RowStore(folder, size_limit="100GB")
    values = np.random.default_rng(0).normal(size=(BATCH, N_VALUES)).astype(np.float32)
    seconds = 0.0
    for start in range(0, n_rows, BATCH):
        rows = [(key(start + number), Row(22050, values[number])) for number in range(BATCH)]
        seconds += once(lambda rows=rows: store.keep(rows))
    return seconds / n_rows * 1e6


def found(folder, n_rows):
    """Return the microseconds a row at first, again, and of noting which rows were used."""
    store = RowStore(folder, size_limit="100GB")
    numbers = np.random.default_rng().permutation(n_rows)[: N_BATCHES * BATCH].reshape(-1, BATCH)
    batches = [[key(number) for number in batch] for batch in numbers]
    store.find([key(n_rows)])  # opens the store
    first, again = (
        np.median([once(lambda batch=batch: look_up(store, batch)) for batch in batches]) / BATCH
        for _ in range(2)
    )
    noted = once(lambda: store.keep([])) / numbers.size
    return [figure * 1e6 for figure in (first, again, noted)]


def look_up(store, keys):
    """Find rows, all of which are there."""
    if None in store.find(keys):
        raise LookupError("a row is missing")


if __name__ == "__main__":
    print(*found(Path(sys.argv[1]), int(sys.argv[2])))
