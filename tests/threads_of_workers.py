"""Print how many threads workers use where the user has asked for four.

NUMBA_NUM_THREADS=4 OMP_NUM_THREADS=4 OPENBLAS_NUM_THREADS=4 python tests/threads_of_workers.py
"""

import json
import os

from joblib import Parallel, delayed, parallel_config
from working import ThreadsExtractor, sounds, threads

from sklearn_audio import Loader


def seen(n_jobs=2):
    extractor = ThreadsExtractor(n_jobs=n_jobs)
    rows = extractor.transform(Loader().transform(sounds(8)))
    return [dict(zip(extractor.value_names(), map(int, row), strict=True)) for row in rows]


if __name__ == "__main__":
    with parallel_config(backend="multiprocessing"):
        forked = seen()
    answer = {
        "multiprocessing": forked,
        "this process": os.getpid(),
        "joblib": Parallel(n_jobs=2)(delayed(threads)() for _ in range(4)),
        "workers": seen(),
        "in this process": seen(n_jobs=1),
    }
    with parallel_config(backend="loky"):
        answer["loky"] = seen()
    with parallel_config(n_jobs=2):
        answer["n_jobs of joblib"] = seen(n_jobs=None)
    with parallel_config(backend="loky", inner_max_num_threads=3):
        answer["loky with 3 threads"] = seen()
    with parallel_config(backend="threading"):
        answer["threading"] = seen()
    print(json.dumps(answer))
