"""A look at recordings before anything is computed of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..errors import AudioError, NonFiniteAudioError, WorkerKilledError
from ..keys import digest_of, digest_of_file
from ..signals import LARGEST_SAMPLE, Samples, index_of, read
from ..workers import in_chunks
from .containers import declared_frames
from .decoding import Decoder, Decoding
from .recordings import Recording
from .sources import sources_of

# The largest sample of 16 bits, of full scale at 1.
_FULL_SCALE = 1 - 2.0**-15
# A stretch of 20 ms is silent where no sample of it is beyond -60 dB of full scale.
_STRETCH_SECONDS = 0.02
_SILENCE = 1e-3

_COLUMNS = {
    "source": "object",
    "ok": "bool",
    "kind": "object",
    "message": "object",
    "container": "object",
    "encoding": "object",
    "rate": "float64",
    "n_channels": "Int64",
    "declared_duration": "float64",
    "duration": "float64",
    "peak": "float64",
    "rms": "float64",
    "dc_offset": "float64",
    "clipped_share": "float64",
    "silent_share": "float64",
    "digest": "object",
    "duplicate_of": "Int64",
}


def scan(X: Any, n_jobs: int | None = None, *, progress: bool = True) -> pd.DataFrame:
    """Look at recordings without computing features: the first thing to do with a new folder.

    Each recording is decoded once. What a `Loader` would refuse is told, not raised.

    Parameters
    ----------
    X : list, array, Series or DataFrame
        Recordings, as in `sklearn_audio.Loader`.
    n_jobs : int or None, default=None
        Processes, as in joblib.
    progress : bool, default=True
        Show how far it is.

    Returns
    -------
    table : DataFrame
        A row a recording, with the index of X where it has one, and the columns

        - source: the path, or what else names it;
        - ok: whether a Loader takes it;
        - kind, message: the error otherwise;
        - container, encoding: "WAV" and "PCM", for example;
        - rate (Hz), n_channels;
        - declared_duration: seconds by its header;
        - duration: seconds that can be decoded;
        - peak, rms, dc_offset: largest magnitude, root of the mean square, and mean of all
          samples, full scale at 1;
        - clipped_share: share of samples at or beyond the largest one of 16 bits, 1 - 2**-15;
        - silent_share: share of stretches of 20 ms in which nothing is beyond 0.001 (-60 dB);
        - digest: of the content of the file and of the part of it that is read;
        - duplicate_of: position in X of the first one of the same digest.

        What is not known is None or NaN.

    Raises
    ------
    AudioError
        For something that is no list of recordings.

    Examples
    --------
    >>> from sklearn_audio.datasets import load_percussion
    >>> from sklearn_audio.loading import scan
    >>> table = scan(load_percussion().paths, progress=False)
    >>> print(table[["ok", "container", "rate", "n_channels"]].drop_duplicates())
         ok container     rate  n_channels
    0  True       OGG  22050.0           1
    """
    from tqdm import tqdm

    sources = sources_of(X, Decoding())
    tasks = [_Task(position, source) for position, source in enumerate(sources)]
    # What is not known of numbers is NaN, of anything else None.
    unknown = {name: None for name, dtype in _COLUMNS.items() if dtype == "object"}
    facts: list[dict[str, Any]] = [unknown] * len(tasks)
    with tqdm(total=len(tasks), unit=" recordings", disable=not progress) as bar:
        for results in in_chunks(_look_at, tasks, n_jobs, if_killed=_of_killed):
            for position, found in results:
                facts[position] = {**unknown, **found}
            bar.update(len(results))
    table = pd.DataFrame(facts, columns=list(_COLUMNS)).astype(_COLUMNS)
    table["duplicate_of"] = _duplicates(table["digest"])
    index = index_of(X)
    return table if index is None else table.set_axis(index)


@dataclass(frozen=True, slots=True)
class _Task:
    """A recording, and its position in X."""

    position: int
    source: Recording | Samples


def _look_at(task: _Task) -> tuple[int, dict[str, Any]]:
    """Return the position of a recording and what is known of it."""
    source = task.source
    facts: dict[str, Any] = {"source": source.name, "ok": True}
    levels = _Levels()
    try:
        if isinstance(source, Samples):
            _look_at_samples(source, levels, facts)
        else:
            _look_at_recording(source, levels, facts)
        levels.check_finite()
    except AudioError as error:
        facts.update(ok=False, kind=type(error).__name__, message=error.reason)
    return task.position, {**facts, **levels.facts()}


def _look_at_recording(source: Recording, levels: _Levels, facts: dict[str, Any]) -> None:
    with source.opened() as file:
        contents = {} if source.file is None else {source.file: digest_of_file(source.file)}
        facts["digest"] = digest_of(source.digest(contents)).hex()
        decoder = Decoder(file, source.decoding)
        if decoder.container is not None:
            facts.update(container=decoder.container.name, encoding=decoder.container.encoding)
            declared = declared_frames(file, decoder.container)
        with decoder:
            levels.rate = facts["rate"] = decoder.rate
            facts["n_channels"] = decoder.n_channels
            if declared is None:
                declared = decoder.n_frames
            if declared is not None:
                facts["declared_duration"] = declared / decoder.rate
            for block in decoder.blocks(*decoder.frame_range(source.start, source.end)):
                levels.add(block)


def _look_at_samples(source: Samples, levels: _Levels, facts: dict[str, Any]) -> None:
    signal = read(source)
    facts.update(digest=signal.digest({}).hex(), rate=signal.known_rate, n_channels=1)
    levels.rate = signal.known_rate
    facts["declared_duration"] = signal.duration
    levels.add(signal.samples[:, np.newaxis])


def _of_killed(task: _Task, error: WorkerKilledError) -> tuple[int, dict[str, Any]]:
    facts = {"source": task.source.name, "ok": False}
    return task.position, {**facts, "kind": type(error).__name__, "message": error.reason}


@dataclass
class _Levels:
    """Sums over the samples of a recording, block after block."""

    rate: float = 1.0
    n_frames: int = 0
    n_samples: int = 0
    n_clipped: int = 0
    n_silent: int = 0
    peak: float = 0.0
    total: float = 0.0
    power: float = 0.0
    n_stretches: int = 0

    def add(self, block: np.ndarray) -> None:
        with np.errstate(all="ignore"):  # of what is not finite an error tells
            magnitudes = np.abs(block)
            self.peak = float(np.maximum(self.peak, magnitudes.max()))  # NaN stays
            self.total += float(block.sum(dtype=np.float64))
            self.power += float(np.square(block, dtype=np.float64).sum())
        self.n_clipped += int(np.count_nonzero(magnitudes >= _FULL_SCALE))
        stretch = max(1, round(_STRETCH_SECONDS * self.rate))
        peaks = np.maximum.reduceat(magnitudes.max(axis=1), np.arange(0, len(block), stretch))
        self.n_silent += int(np.count_nonzero(peaks <= _SILENCE))
        self.n_stretches += len(peaks)
        self.n_frames += len(block)
        self.n_samples += block.size

    def check_finite(self) -> None:
        if not self.peak <= LARGEST_SAMPLE:
            raise NonFiniteAudioError(
                f"samples are NaN, infinite or beyond {LARGEST_SAMPLE:g}; full scale is 1"
            )

    def facts(self) -> dict[str, Any]:
        if self.n_samples == 0:
            return {}
        return {
            "duration": self.n_frames / self.rate,
            "peak": self.peak,
            "rms": float(np.sqrt(self.power / self.n_samples)),
            "dc_offset": self.total / self.n_samples,
            "clipped_share": self.n_clipped / self.n_samples,
            "silent_share": self.n_silent / self.n_stretches,
        }


def _duplicates(digests: pd.Series) -> pd.Series:
    """Return the position of the first one of the same digest, for all that come later."""
    positions = pd.Series(np.arange(len(digests)), index=digests.index, dtype="Int64")
    first = positions.groupby(digests).transform("first")
    return first.where(digests.notna() & (first != positions)).astype("Int64")
