"""Flip bytes of a row store, one at a time, and see which rows are found.

    python tests/flipped_bytes.py FOLDER 2000

Three of four are drawn from the rows themselves, the others from the whole file, with its header.
"""

import json
import os
import shutil
import sys
import traceback
import warnings
from collections import Counter
from pathlib import Path

import numpy as np

from sklearn_audio import RowStore
from sklearn_audio.errors import RowStoreWarning
from sklearn_audio.keys import digest_of
from sklearn_audio.rows import Row

NUMBERS = range(20)
# Files of one process, so that it has not too many open.
AT_ONCE = 100


def key_of(number):
    return digest_of(number.to_bytes(8, "little"))


def row_of(number):
    """Return a row that tells its number."""
    return Row(8000, np.random.default_rng(number).normal(size=80).astype(np.float32))


def whole_file(folder):
    """Return the content of a store of 20 rows."""
    store = RowStore(folder)
    store.keep([(key_of(number), row_of(number)) for number in NUMBERS])
    store.prune()  # it brings the log into the file
    return (folder / "rows.sqlite").read_bytes()


def places_of(content, n_places, generator):
    """Draw the bytes to be flipped."""
    in_rows = []
    for number in NUMBERS:
        values = row_of(number).values.tobytes()
        start = content.index(values)
        # The key and the rate are before the values, and the checksum is after them.
        in_rows.extend(range(start - 40, start + len(values) + 16))
    n_rows = 3 * n_places // 4
    others = [*range(100), *generator.choice(len(content), n_places - n_rows - 100)]
    return [*generator.choice(in_rows, n_rows, replace=False), *others]


def look(folder, content):
    """Return what becomes of the rows of a damaged file."""
    folder.mkdir()
    (folder / "rows.sqlite").write_bytes(content)
    seen = Counter(trials=1)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            rows = RowStore(folder).find([key_of(number) for number in NUMBERS])
        except Exception:
            traceback.print_exc()
            return seen + Counter(errors=1)
    for number, row in zip(NUMBERS, rows, strict=True):
        if row is not None:
            expected = row_of(number)
            seen["found"] += 1
            seen["wrong"] += (row.rate, row.values.tobytes()) != (
                expected.rate,
                expected.values.tobytes(),
            )
    seen["given_up"] = len(caught)
    seen["errors"] = len(caught) > 1 or any(
        warning.category is not RowStoreWarning for warning in caught
    )
    shutil.rmtree(folder)
    return seen


def main(folder, n_places):
    generator = np.random.default_rng(0)
    content = whole_file(folder / "whole")
    places = places_of(content, n_places, generator)
    # All bits of a byte, or one.
    masks = [0xFF if trial % 2 else 1 << generator.integers(8) for trial in range(n_places)]
    total = Counter(trials=0, found=0, wrong=0, given_up=0, errors=0)
    for start in range(0, n_places, AT_ONCE):
        reader, writer = os.pipe()
        process = os.fork()
        if process == 0:
            seen = Counter()
            for trial in range(start, min(start + AT_ONCE, n_places)):
                flipped = bytearray(content)
                flipped[places[trial]] ^= int(masks[trial])
                seen.update(look(folder / str(trial), flipped))
            os.write(writer, json.dumps({name: int(n) for name, n in seen.items()}).encode())
            os._exit(0)
        os.close(writer)
        with open(reader) as pipe:
            total.update(json.load(pipe))
        os.waitpid(process, 0)
    print(json.dumps(total))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
