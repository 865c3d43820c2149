"""The one loop that turns signals into rows.

For each signal: read it once, run each distinct chain of steps once, let extractors that look
at the same spectrum share it, keep the rows and drop the signal. So memory holds one signal a
worker, whatever the size of the corpus, and a row depends on its own signal only.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
from joblib import Parallel, delayed, effective_n_jobs
from threadpoolctl import ThreadpoolController

from .errors import AudioError
from .signals import Signal, SignalBatch, located, read

if TYPE_CHECKING:
    from .base import FeatureExtractor, SignalTransformer

# Chunks are small enough that workers finish together and that an error is seen early, and
# large enough that handing them out costs little beside decoding.
_LONGEST_CHUNK = 64
_CHUNKS_PER_WORKER = 16


@dataclass(frozen=True, eq=False)
class Branch:
    """What one extractor sees: the steps before it, and the extractor itself.

    Parameters
    ----------
    steps : tuple of SignalTransformer
        The steps that each signal goes through, those of the batch first.
    extractor : FeatureExtractor
        The extractor at their end.
    """

    steps: tuple[SignalTransformer, ...]
    extractor: FeatureExtractor

    def validate_parameters(self) -> None:
        """Raise for wrong parameters of a step or of the extractor."""
        for estimator in (*self.steps, self.extractor):
            estimator.validate_parameters()

    @cached_property
    def step_identities(self) -> tuple:
        """The identities of the steps, equal where they do the same."""
        return tuple(step.identity() for step in self.steps)

    @cached_property
    def identity(self) -> tuple:
        """Equal for two branches that give every signal the same row."""
        return (self.step_identities, self.extractor.identity())


def evaluate(
    batch: SignalBatch, branches: Sequence[Branch], n_jobs: int | None = None
) -> dict[tuple, Any]:
    """Compute what each branch makes of each signal of a batch.

    Parameters
    ----------
    batch : SignalBatch
        The signals. Its own steps are not run: each branch begins with them.
    branches : sequence of Branch
        What to compute. Branches of equal identity are computed once.
    n_jobs : int or None, default=None
        Processes, as in joblib.

    Returns
    -------
    results : dict
        By the identity of the branch: an array (n_signals, n_columns) of float32 rows, or,
        where the extractor has ``summary=None``, a list of frames (n_frames, n_values).

    Raises
    ------
    AudioError
        For a signal that cannot be read or computed, naming it, and where signals of
        different rates reach one extractor.
    """
    wanted = {branch.identity: branch for branch in branches}
    results = {key: _copied(batch.ready[key]) for key in wanted if key in batch.ready}
    missing = [branch for key, branch in wanted.items() if key not in results]
    if not missing:
        return results
    for branch in missing:
        branch.validate_parameters()

    columns: list[list[np.ndarray]] = [[] for _ in missing]
    rates = [_RateWitness(branch.extractor) for branch in missing]
    for chunk_rows, chunk_rates in _chunks(batch, missing, n_jobs):
        for column, rows in zip(columns, chunk_rows, strict=True):
            column.extend(rows)
        for witness, later in zip(rates, chunk_rates, strict=True):
            if later.first is not None:
                rate, position = later.first
                with located(batch.sources[position], position):
                    witness.see(rate, position)
    for branch, column in zip(missing, columns, strict=True):
        results[branch.identity] = branch.extractor.collect(column)
    return results


def _chunks(batch: SignalBatch, branches: list[Branch], n_jobs: int | None) -> Iterator:
    sources = batch.sources
    n_workers = effective_n_jobs(n_jobs)
    if n_workers == 1 or len(sources) < 2:
        return iter([_evaluate_chunk(sources, 0, branches)])
    size = min(_LONGEST_CHUNK, -(-len(sources) // (n_workers * _CHUNKS_PER_WORKER)))
    return Parallel(n_jobs=n_jobs, return_as="generator")(
        delayed(_evaluate_chunk)(sources[start : start + size], start, branches)
        for start in range(0, len(sources), size)
    )


def _evaluate_chunk(
    sources: np.ndarray, start: int, branches: list[Branch]
) -> tuple[list[list[np.ndarray]], list[_RateWitness]]:
    rows: list[list[np.ndarray]] = [[] for _ in branches]
    rates = [_RateWitness(branch.extractor) for branch in branches]
    with _SINGLE_THREADED_ALGEBRA:
        for position, source in enumerate(sources, start):
            with located(source, position):
                for index, rate, row in _evaluate_signal(read(source), branches):
                    rates[index].see(rate, position)
                    rows[index].append(row)
    return rows, rates


def _evaluate_signal(signal: Signal, branches: list[Branch]) -> Iterator[tuple]:
    """Yield the index of each branch, the rate at which its extractor saw the signal, the row."""
    processed: dict[tuple, Signal] = {(): signal}
    groups: dict[tuple, list[int]] = defaultdict(list)
    seen: dict[tuple, Signal] = {}
    for index, branch in enumerate(branches):
        for length, step in enumerate(branch.steps, 1):
            chain = branch.step_identities[:length]
            if chain not in processed:
                processed[chain] = step.process(processed[chain[:-1]])
        extractor, chain = branch.extractor, branch.step_identities
        known = processed[chain].with_rate(extractor.sample_rate)
        seen.setdefault((chain, known.rate), known)
        groups[chain, known.rate, extractor.domain()].append(index)

    for (chain, rate, domain), members in groups.items():
        extractors = [branches[index].extractor for index in members]
        all_frames = domain.frames(seen[chain, rate], extractors)
        for index, extractor, frames in zip(members, extractors, all_frames, strict=True):
            yield index, rate, extractor.row(frames)


class _RateWitness:
    """Sees the rate of every signal that reaches one extractor; refuses a second one."""

    def __init__(self, extractor: FeatureExtractor) -> None:
        self.extractor = type(extractor).__name__
        self.first: tuple[float | None, int] | None = None

    def see(self, rate: float | None, position: int) -> None:
        if self.first is None:
            self.first = (rate, position)
        elif rate != self.first[0]:
            raise AudioError(
                f"signals of different rates reach {self.extractor}: {_hertz(self.first[0])} "
                f"(X[{self.first[1]}]) and {_hertz(rate)} (X[{position}]). "
                "Put a Resampler before it"
            )


def _hertz(rate: float | None) -> str:
    return "not known" if rate is None else f"{rate:g} Hz"


def _copied(result: Any) -> Any:
    # What stands behind one branch of a union may write into its rows; the others see their own.
    return result.copy() if isinstance(result, np.ndarray) else [frames.copy() for frames in result]


class _SingleThreadedAlgebra:
    """Context in which linear algebra runs in one thread, however many callers are in it.

    The work is spread over signals, so more threads would only compete; and with one the order of
    every sum, and so every bit, is the same for any number of workers. The limit is one for
    the whole process: the first caller sets it, and the last one takes it back.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._n_callers = 0
        self._limiter: Any = None

    def __enter__(self) -> None:
        with self._lock:
            if self._n_callers == 0:
                self._limiter = _threadpools().limit(limits=1)
            self._n_callers += 1

    def __exit__(self, *error: Any) -> None:
        with self._lock:
            self._n_callers -= 1
            if self._n_callers == 0:
                self._limiter.restore_original_limits()


_SINGLE_THREADED_ALGEBRA = _SingleThreadedAlgebra()


@cache
def _threadpools() -> ThreadpoolController:
    return ThreadpoolController()
