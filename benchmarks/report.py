"""Print what reports on real recordings take: seconds of two processes, megabytes of the page.

python benchmarks/report.py

Needs the folder of real recordings, as all benchmarks do. The seconds are those of a fresh process,
imports and the start of the workers included, each measured once.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd
from measuring import SHARED, digit_files

N_DIGITS = 2000


def digits():
    """Return 2000 spoken digits, their labels and their speakers."""
    paths = digit_files()[:N_DIGITS]
    return paths, *zip(*(path.stem.split("_")[:2] for path in paths), strict=True)


def esc10():
    """Return 400 environmental sounds of 5 s, their labels and what they are cut from."""
    table = pd.read_csv(SHARED / "esc10" / "esc10.csv")
    paths = {path.name: path for path in (SHARED / "esc10").rglob("*.flac")}
    return table["filename"].map(paths), table["category"], table["src_file"]


def instruments():
    """Return 900 notes as MP3, and the instruments."""
    paths = sorted((SHARED / "instruments").glob("*/*.mp3"))
    return paths, [path.parent.name for path in paths], None


def odd_files():
    """Return 408 odd and malformed files, and where they come from."""
    table = pd.read_csv(SHARED / "odd-files" / "MANIFEST.csv")
    return [SHARED / "odd-files" / path for path in table["path"]], table["source"], None


SETS = {each.__name__: each for each in (digits, esc10, instruments, odd_files)}


def measure(name):
    """Print the figures of one set, in this process."""
    start = time.perf_counter()
    from sklearn_audio.reporting import report

    X, y, groups = SETS[name]()
    with tempfile.TemporaryDirectory() as folder:
        found = report(X, y, groups, n_jobs=2, progress=False)
        size = found.to_html(Path(folder, "report.html")).stat().st_size
    seconds = time.perf_counter() - start
    print(f"| {name} | {len(X)} | {seconds:.1f} | {size / 1e6:.2f} |", flush=True)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        measure(sys.argv[1])
    else:
        print("| set | recordings | seconds | MB |\n|---|---|---|---|", flush=True)
        for name in SETS:
            subprocess.run([sys.executable, __file__, name], check=True)
