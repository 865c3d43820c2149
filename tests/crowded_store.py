"""Many processes and threads that write and read the same keys of one row store.

    python tests/crowded_store.py FOLDER 16 4 2000

The numbers are those of processes, threads and keys. It prints what went well and wrong.
"""

import json
import os
import sys
import threading
import warnings
from collections import Counter

import numpy as np

from sklearn_audio import RowStore
from sklearn_audio.keys import digest_of
from sklearn_audio.rows import Row


def key_of(number):
    return digest_of(number.to_bytes(8, "little"))


def row_of(number):
    """Return the row of a key, of which every value tells the key."""
    return Row(8000, np.arange(number, number + 40, dtype=np.float32))


def is_right(row, number):
    expected = row_of(number)
    return row.rate == expected.rate and np.array_equal(row.values, expected.values)


def work(store, seed, n_keys, counts):
    """Look at all keys in an order of its own, and keep those that are not there."""
    numbers = np.random.default_rng(seed).permutation(n_keys).tolist()
    for start in range(0, n_keys, 50):
        some = numbers[start : start + 50]
        rows = store.find([key_of(number) for number in some])
        missing = []
        for number, row in zip(some, rows, strict=True):
            if row is None:
                missing.append((key_of(number), row_of(number)))
            else:
                counts["found"] += 1
                counts["wrong"] += not is_right(row, number)
        # Every other time all are written again, whether they are there or not.
        if start % 100 == 0:
            missing = [(key_of(number), row_of(number)) for number in some]
        store.keep(missing)
        counts["kept"] += len(missing)


def work_in_threads(store, process, n_threads, n_keys):
    """Return what all threads of a process counted."""
    warnings.simplefilter("error")  # a store that is given up is an error here
    counts = [Counter(found=0, kept=0, wrong=0, errors=0) for _ in range(n_threads)]

    def guarded(thread):
        try:
            work(store, [process, thread], n_keys, counts[thread])
        except BaseException as error:
            counts[thread]["errors"] += 1
            print(repr(error), file=sys.stderr)

    threads = [threading.Thread(target=guarded, args=(thread,)) for thread in range(n_threads)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {name: sum(count[name] for count in counts) for name in counts[0]}


def main(folder, n_processes, n_threads, n_keys):
    """Let all processes go at the same moment; print the sums of their counts."""
    store = RowStore(folder)
    gate, keeper = os.pipe()
    answers, answering = os.pipe()
    processes = []
    for process in range(n_processes):
        processes.append(os.fork())
        if processes[-1] == 0:
            os.close(keeper)
            os.read(gate, 1)  # it ends when the keeper goes
            counts = work_in_threads(store, process, n_threads, n_keys)
            os.write(answering, (json.dumps(counts) + "\n").encode())
            os._exit(0)
    os.close(keeper)
    os.close(answering)
    with open(answers) as pipe:
        counts = [json.loads(line) for line in pipe]
    for process in processes:
        os.waitpid(process, 0)
    sums = {name: sum(count[name] for count in counts) for name in counts[0]}
    print(json.dumps({"processes": len(counts), **sums}))


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
