"""Some recordings of each class, to be looked at and listened to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from pandas import DataFrame

from ..errors import WorkerKilledError
from ..markup import player, waveform_svg
from ..signals import Signal, SignalBatch, Source, read
from ..workers import in_chunks
from .pictures import data_uri, spectrogram_png

# So that a page stays small however many classes there are: 480 s of sound take 6 MB at most, and
# 96 pictures 2 MB.
MOST_EXAMPLES = 96
LONGEST_SECONDS = 10.0
_SECONDS_OF_ALL = 480.0


@dataclass(frozen=True)
class Example:
    """A recording as it looks and sounds.

    Parameters
    ----------
    position : int
        In X.
    seconds : float, default=0.0
        How much of it is shown, from the beginning.
    waveform, spectrogram, player : str, default=""
        Elements of HTML; the spectrogram is the address of a picture.
    failure : str, default=""
        Why it cannot be shown; empty where it can.
    """

    position: int
    seconds: float = 0.0
    waveform: str = ""
    spectrogram: str = ""
    player: str = ""
    failure: str = ""


def chosen(table: DataFrame, doubtful: np.ndarray, n_examples: int) -> dict[str, list[int]]:
    """Return which recordings stand for each class.

    Good ones, none of them twice, spread evenly over the class in the order of X. Where there are
    too many classes to show `n_examples` of each, there are fewer of each, and then only the
    largest classes.

    Parameters
    ----------
    table : DataFrame
        Of recordings, as in `sklearn_audio.reporting.facts`.
    doubtful : ndarray of int
        Positions of recordings that are taken only where a class has no others.
    n_examples : int
        How many of each class.

    Returns
    -------
    positions : dict of str to list of int
        By the name of the class, in the order of the classes; by ``""`` where there are no labels.
    """
    positions = np.arange(len(table))
    usable = table["ok"].to_numpy() & table["duplicate_of"].isna().to_numpy()
    clean = usable & ~np.isin(positions, doubtful)
    codes = table["label"].cat.codes.to_numpy()
    names = list(table["label"].cat.categories)
    if not names:
        names, codes = [""], np.zeros(len(table), dtype=int)
    sizes = np.bincount(codes[codes >= 0], minlength=len(names))
    largest = np.sort(np.argsort(-sizes, kind="stable")[:MOST_EXAMPLES])
    n_each = min(n_examples, max(1, MOST_EXAMPLES // len(largest)))
    order = np.argsort(codes, kind="stable")
    first, stop = (np.searchsorted(codes[order], largest, side) for side in ("left", "right"))
    chosen = {}
    for code, members in zip(largest, map(slice, first, stop), strict=True):
        of_class = order[members]
        candidates = of_class[clean[of_class]]
        if len(candidates) == 0:
            candidates = of_class[usable[of_class]]
        chosen[names[code]] = _spread(candidates, n_each)
    return chosen


def _spread(positions: np.ndarray, n: int) -> list[int]:
    """Return n of the positions, or all, evenly spaced and away from both ends."""
    n = min(n, len(positions))
    return [int(positions[(2 * index + 1) * len(positions) // (2 * n)]) for index in range(n)]


def seconds_of_each(n_examples: int) -> float:
    """Return how much is shown of a recording at most.

    Parameters
    ----------
    n_examples : int
        How many recordings are shown.

    Returns
    -------
    seconds : float
        So that all together stay within the limit of a page.

    Examples
    --------
    >>> from sklearn_audio.reporting.examples import seconds_of_each
    >>> seconds_of_each(3), seconds_of_each(96)
    (10.0, 5.0)
    """
    return min(LONGEST_SECONDS, _SECONDS_OF_ALL / max(1, n_examples))


def drawn(
    batch: SignalBatch, positions: list[int], n_jobs: int | None = None, *, progress: bool = True
) -> dict[int, Example]:
    """Return how recordings look and sound; a process holds one of them at a time.

    Parameters
    ----------
    batch : SignalBatch
        Of a Loader that reads no more than is shown.
    positions : list of int
        Which ones.
    n_jobs : int or None, default=None
        Processes, as in joblib.
    progress : bool, default=True
        Show how far it is.

    Returns
    -------
    examples : dict of int to Example
        By position. Of one that fails it tells why.
    """
    from tqdm import tqdm

    tasks = [_Task(position, batch.sources[position]) for position in positions]
    examples: dict[int, Example] = {}
    with tqdm(total=len(tasks), unit=" examples", disable=not progress) as bar:
        for results in in_chunks(_draw, tasks, n_jobs, if_killed=_of_killed):
            examples.update((example.position, example) for example in results)
            bar.update(len(results))
    return examples


@dataclass(frozen=True, slots=True)
class _Task:
    """A recording to be drawn, and its position in X."""

    position: int
    source: Source | Signal


def _draw(task: _Task) -> Example:
    try:
        signal = read(task.source)
        return Example(
            task.position,
            len(signal) / signal.known_rate,
            waveform_svg(signal.samples, width=320, height=56),
            data_uri(spectrogram_png(signal), "image/png"),
            player(signal.samples, signal.known_rate),
        )
    except Exception as error:  # whatever it is: for one recording that fails, no page is lost
        return Example(task.position, failure=getattr(error, "reason", None) or repr(error))


def _of_killed(task: _Task, error: WorkerKilledError) -> Example:
    return Example(task.position, failure=error.reason)
