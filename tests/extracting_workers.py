"""Extract in processes that are started in one way, with one row store.

    python tests/extracting_workers.py FOLDER loky

Prints how many values differ, how many rows the workers found, and how many there are.
"""

import json
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
from joblib import Parallel, delayed

from sklearn_audio import Loader, RMSExtractor, RowStore

N_SOUNDS = 30


def extract(store):
    generator = np.random.default_rng(0)
    sounds = [
        {"array": generator.uniform(-0.5, 0.5, 400).astype(np.float32), "sampling_rate": 8000}
        for _ in range(N_SOUNDS)
    ]
    return RMSExtractor().fit_transform(Loader(memory=store).transform(sounds))


def extract_and_count(store):
    before = store.info().hits
    return extract(store), store.info().hits - before


def in_workers(way, store, n_tasks):
    if way == "loky":
        return Parallel(n_jobs=2)(delayed(extract_and_count)(store) for _ in range(n_tasks))
    with ProcessPoolExecutor(2, mp_context=get_context(way)) as workers:
        return list(workers.map(extract_and_count, [store] * n_tasks))


if __name__ == "__main__":
    expected = extract(None)
    store = RowStore(sys.argv[1])
    store.info()  # it is open here already
    results = in_workers(sys.argv[2], store, 6)
    n_different = sum(int((result != expected).sum()) for result, _ in results)
    n_different += int((extract(store) != expected).sum())
    n_found = sum(hits for _, hits in results)
    damaged = store.verify()
    print(
        json.dumps(
            {"different": n_different, "found": n_found, "rows": len(store), "damaged": damaged}
        )
    )
