"""Search for the best features and classifier of spoken digits in one way, in a process of its own.

    python benchmarks/one_search.py way folder

Prints the seconds that it took and then the mean score of each of the 18 candidates. Folder is that
of the row store. Ways: "usual", "search" (which is run twice, with two times printed), "alone", and
"prefetch-1" and "prefetch-2" with the number of processes (the time of prefetch comes first, then
that of the search).
"""

import sys

import librosa
import numpy as np
import soundfile
from measuring import digit_files, once
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.model_selection import GridSearchCV, ParameterGrid, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from sklearn_audio import Loader, MFCCExtractor
from sklearn_audio.model_selection import prefetch

SETTINGS = {"n_mfcc": [13, 20, 26], "n_fft": [256, 512]}
CLASSIFIER = {"svc__C": [1, 10, 100]}
N_MELS, HOP_LENGTH = 40, 128
FOLDS = StratifiedKFold(5, shuffle=True, random_state=0)


class LibrosaMFCC(TransformerMixin, BaseEstimator):
    """Paths to rows in the usual way: a loop over soundfile and librosa."""

    def __init__(self, n_mfcc=13, n_fft=256):
        self.n_mfcc = n_mfcc
        self.n_fft = n_fft

    def fit(self, X, y=None):
        return self

    def transform(self, X):
        rows = []
        for path in X:
            samples, rate = soundfile.read(path, dtype="float32")
            mfcc = librosa.feature.mfcc(
                y=samples,
                sr=rate,
                n_mfcc=self.n_mfcc,
                n_mels=N_MELS,
                n_fft=self.n_fft,
                hop_length=HOP_LENGTH,
            )
            deltas = [librosa.feature.delta(mfcc, order=order) for order in (1, 2)]
            frames = np.concatenate([mfcc, *deltas])
            rows.append(np.concatenate([frames.mean(axis=1), frames.std(axis=1)]))
        return np.array(rows)


def digits():
    """Return the paths of the recordings and the digit that each of them is."""
    paths = [str(path) for path in digit_files()]
    return paths, [path.rpartition("/")[2][0] for path in paths]


def grid_over(*steps):
    """Return a search over the features of the step before the last one, and the classifier."""
    model = make_pipeline(*steps, StandardScaler(), SVC())
    name = model.steps[-3][0]
    features = {f"{name}__{key}": values for key, values in SETTINGS.items()}
    return GridSearchCV(model, {**features, **CLASSIFIER}, cv=FOLDS)


def scores_of(search):
    """Return the mean score of each candidate, those of one feature setting together."""
    results = search.cv_results_
    order = sorted(
        range(len(results["params"])),
        key=lambda index: [value for _, value in sorted(results["params"][index].items())],
    )
    return list(results["mean_test_score"][order])


def usual(folder):
    """Extract by librosa, once a fold and a candidate."""
    search = grid_over(LibrosaMFCC())
    paths, target = digits()
    LibrosaMFCC().transform(paths[:1])  # librosa compiles at its first call
    return [once(lambda: search.fit(paths, target)), *scores_of(search)]


def extractor():
    """Return the extractor whose parameters are searched for."""
    return MFCCExtractor(n_deltas=2, n_mels=N_MELS, hop_length=HOP_LENGTH)


def searched(folder):
    """Search with a row store, and again."""
    search = grid_over(Loader(memory=folder), extractor())
    paths, target = digits()
    times = [once(lambda: search.fit(paths, target)) for _ in range(2)]
    return [*times, *scores_of(search)]


def prefetched(folder, n_jobs):
    """Prefetch all rows, then search."""
    search = grid_over(Loader(memory=folder), extractor())
    paths, target = digits()
    before = once(lambda: prefetch(search, paths, n_jobs=n_jobs, progress=False))
    return [before, once(lambda: search.fit(paths, target)), *scores_of(search)]


def alone(folder):
    """Search for the best classifier on each set of ready rows, and fit the best one."""
    paths, target = digits()
    batch = Loader(memory=folder).transform(paths)
    model = make_pipeline(StandardScaler(), SVC())
    settings = sorted(ParameterGrid(SETTINGS), key=lambda each: (each["n_fft"], each["n_mfcc"]))
    ready = [extractor().set_params(**setting).transform(batch) for setting in settings]
    searches = [GridSearchCV(model, CLASSIFIER, cv=FOLDS, refit=False) for _ in ready]

    def run():
        for search, rows in zip(searches, ready, strict=True):
            search.fit(rows, target)
        scores = [search.cv_results_["mean_test_score"] for search in searches]
        best, candidate = np.unravel_index(np.argmax(scores), np.shape(scores))
        clone(model).set_params(**searches[best].cv_results_["params"][candidate]).fit(
            ready[best], target
        )

    return [once(run), *(score for search in searches for score in scores_of(search))]


WAYS = {
    "usual": usual,
    "search": searched,
    "prefetch-1": lambda folder: prefetched(folder, None),
    "prefetch-2": lambda folder: prefetched(folder, 2),
    "alone": alone,
}

if __name__ == "__main__":
    print(*WAYS[sys.argv[1]](sys.argv[2]))
