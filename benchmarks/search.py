"""A grid search over features and classifier: how often a recording is extracted, and its price."""

import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
from measuring import at_least, at_most, digit_files, table
from peak_memory import numbers_of

from sklearn_audio import RowStore

N_CANDIDATES = 18
N_INTERLEAVED = 3
USUAL = "librosa, extracted in each fold and candidate (the usual way)"
COLD = "sklearn_audio, nothing kept yet"
PREFETCH_1 = "sklearn_audio, nothing kept yet, prefetch and fit"
PREFETCH_2 = "sklearn_audio, nothing kept yet, prefetch by two processes and fit"
WARM = "sklearn_audio, all rows kept, a new process"
AGAIN = "sklearn_audio, again in the same process"
ALONE = "the classifier alone, on ready rows"


def bench_search():
    """Six feature settings and three of the classifier, five folds, of all digit files."""
    n_files = len([path.read_bytes() for path in digit_files()])  # from now on in memory
    with tempfile.TemporaryDirectory() as folder:
        filled = Path(folder) / "filled"
        usual = _run("usual", folder)
        cold = _run("search", filled)
        n_rows = len(RowStore(filled))
        rounds = [_round(Path(folder) / str(turn), filled) for turn in range(N_INTERLEAVED)]
        n_more = len(RowStore(filled)) - n_rows
    one, two, warm, alone = zip(*rounds, strict=True)
    seconds = {
        USUAL: usual.seconds[0],
        COLD: cold.seconds[0],
        PREFETCH_1: _median(sum(run.seconds) for run in one),
        PREFETCH_2: _median(sum(run.seconds) for run in two),
        WARM: _median(run.seconds[0] for run in warm),
        AGAIN: _median(run.seconds[1] for run in warm),
        ALONE: _median(run.seconds[0] for run in alone),
    }
    title = (
        f"GridSearchCV of {n_files} digits: 6 settings of MFCC with deltas x 3 of the classifier, "
        "5 folds and refit"
    )
    ours = [cold, *(run for turn in rounds for run in turn)]
    return (
        table(title, seconds, ALONE)
        + "\nEach run has a process of its own, imports are not counted. The first two are "
        f"measured once, the others are medians of {N_INTERLEAVED} in turn. The ratio is to the "
        "classifier alone, not to this project. prefetch by itself takes "
        f"{_median(run.seconds[0] for run in one):.1f} s by one process and "
        f"{_median(run.seconds[0] for run in two):.1f} s by two, which it starts.\n"
        f"\nRows kept by the search with nothing kept yet: {n_rows} (recordings x settings: "
        f"{n_files * 6}). Rows added by the searches after it: {n_more}. "
        f"{_agreement(usual, ours)}\n"
        + _at_most_alone(1.25, seconds, PREFETCH_1)
        + _at_most_alone(1.25, seconds, PREFETCH_2)
        + _at_most_alone(1.05, seconds, WARM)
        + _at_most_alone(1.05, seconds, AGAIN)
        + at_least(
            16,
            seconds[USUAL] / seconds[PREFETCH_1],
            "times as fast as the usual way, both by one process and with nothing kept yet",
        )
    )


class Run(NamedTuple):
    """A search in a process of its own: what it took, and the scores of its candidates."""

    seconds: list[float]
    scores: list[float]


def _run(way, folder):
    numbers = numbers_of("one_search.py", way, folder)
    return Run(numbers[:-N_CANDIDATES], numbers[-N_CANDIDATES:])


def _round(empty, filled):
    return (
        _run("prefetch-1", empty / "one"),
        _run("prefetch-2", empty / "two"),
        _run("search", filled),
        _run("alone", filled),
    )


def _median(values):
    return float(np.median(list(values)))


def _at_most_alone(wanted, seconds, what):
    return at_most(wanted, seconds[what] / seconds[ALONE], f"times the classifier alone: {what}")


def _agreement(usual, ours):
    same = all(run.scores == ours[0].scores for run in ours)
    difference = np.abs(np.subtract(usual.scores, ours[0].scores)).max()
    return (
        f"The scores of all candidates are {'the same' if same else '**not the same**'} in all runs"
        " of this project and of the classifier alone; those by librosa differ from them by at "
        f"most {difference:.4f}."
    )
