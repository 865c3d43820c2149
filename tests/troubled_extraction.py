"""Extract while something is wrong with the row store, and print what came of it.

    python tests/troubled_extraction.py FOLDER "disk full"

Half of the recordings are extracted before the trouble where it says "while open", and all after
it, three times.
"""

import json
import os
import resource
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np

from sklearn_audio import Loader, RMSExtractor, RowStore, database

N_SOUNDS = 600
NOBODY = 65534
LOCKER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.read()
"""


def extract(store, part=slice(None)):
    generator = np.random.default_rng(0)
    sounds = [
        {"array": generator.uniform(-0.5, 0.5, 400).astype(np.float32), "sampling_rate": 8000}
        for _ in range(N_SOUNDS)
    ]
    return RMSExtractor().fit_transform(Loader(memory=store).transform(sounds[part]))


def fill_disk(folder):
    """No file may grow any more: a write fails in the middle, as on a full disk."""
    file = folder / "rows.sqlite-wal"
    size = file.stat().st_size if file.exists() else 0
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 40_000, resource.RLIM_INFINITY))


def fill_file_system(folder):
    """What is left of a small file system is taken by another file."""
    folder.mkdir(exist_ok=True)
    with open(folder.parent / "other", "wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(1024))
        except OSError:
            pass
        os.truncate(file.fileno(), file.tell() - 64 * 1024)


def take_rights(folder, mode):
    folder.mkdir(exist_ok=True)
    if os.getuid() == 0:  # to whom rights mean nothing
        os.chown(folder, NOBODY, NOBODY)
        for file in folder.iterdir():
            os.chown(file, NOBODY, NOBODY)
        os.setuid(NOBODY)
    folder.chmod(mode)


def lock(folder):
    if not folder.exists():
        extract(RowStore(folder), slice(1))
    locker = subprocess.Popen(
        [sys.executable, "-c", LOCKER, folder / "rows.sqlite"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    locker.stdout.readline()
    return locker


def overwrite(folder):
    folder.mkdir(exist_ok=True)
    for file in [folder / "rows.sqlite", *folder.glob("*-wal")]:
        with file.open("r+b" if file.exists() else "wb") as opened:
            opened.write(np.random.default_rng(0).bytes(100_000))


def replace(folder):
    RowStore(folder).prune()  # otherwise the log has all that is needed
    (folder / "new").write_bytes(np.random.default_rng(0).bytes(100_000))
    (folder / "new").replace(folder / "rows.sqlite")


TROUBLES = {
    "none": lambda folder: None,
    "disk full": fill_disk,
    "file system full": fill_file_system,
    "folder read-only": lambda folder: take_rights(folder, 0o500),
    "permission denied": lambda folder: take_rights(folder, 0),
    "locked by another process": lock,
    "rubbish": overwrite,
    "replaced by rubbish": replace,
}


def main(folder, trouble):
    right = extract(None)
    database.BUSY_SECONDS = 0.1  # before the store is opened
    store = RowStore(folder)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        if trouble.endswith(" while open"):
            extract(store, slice(0, N_SOUNDS, 2))
        kept_alive = TROUBLES[trouble.removesuffix(" while open")](folder)
        results = [extract(store) for _ in range(3)]
    if kept_alive is not None:
        kept_alive.communicate()
    answer = {
        "different_values": sum(int((result != right).sum()) for result in results),
        "warnings": [str(warning.message) for warning in caught],
        "categories": sorted({warning.category.__name__ for warning in caught}),
    }
    print(json.dumps(answer))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
