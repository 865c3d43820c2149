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
_CHUNKS_PER_WORKER = 4


@dataclass(frozen=True, eq=False)
class Branch:
    """What one extractor sees: the steps before it, and the extractor itself.

    Parameters
    ----------
    steps : tuple of SignalTransformer
        The steps that follow those of the batch.
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


def branch_of(batch: SignalBatch, extractor: FeatureExtractor) -> Branch:
    """Return the branch that an extractor behind a batch is.

    Parameters
    ----------
    batch : SignalBatch
        Has the steps.
    extractor : FeatureExtractor
        Comes behind them.

    Returns
    -------
    branch : Branch
        The steps of the batch and the extractor.
    """
    return Branch(batch.steps, extractor)


def evaluate(
    batch: SignalBatch, branches: Sequence[Branch], n_jobs: int | None = None
) -> dict[tuple, Any]:
    """Compute what each branch makes of each signal of a batch.

    Parameters
    ----------
    batch : SignalBatch
        The signals; the steps of the batch itself are part of the branches (see `branch_of`).
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
    for branch in branches:
        branch.validate_parameters()
    wanted = {branch.identity: branch for branch in branches}
    results = {key: _copied(batch.ready[key]) for key in wanted if key in batch.ready}
    missing = [branch for key, branch in wanted.items() if key not in results]
    if not missing:
        return results

    columns: list[list[np.ndarray]] = [[] for _ in missing]
    rates = [_RateWitness(branch.extractor) for branch in missing]
    for chunk_rows, chunk_rates in _chunks(batch, missing, n_jobs):
        for column, rows in zip(columns, chunk_rows, strict=True):
            column.extend(rows)
        for witness, later in zip(rates, chunk_rates, strict=True):
            witness.join(later)
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
    # One thread for linear algebra: the work is spread over signals, and with one thread the
    # order of every sum, and so every bit, is the same for any number of workers.
    with _threadpools().limit(limits=1):
        for position, source in enumerate(sources, start):
            with located(source, position):
                for index, signal, row in _evaluate_signal(read(source), branches):
                    rates[index].see(signal.rate, position)
                    rows[index].append(row)
    return rows, rates


def _evaluate_signal(signal: Signal, branches: list[Branch]) -> Iterator[tuple]:
    """Yield the index of each branch, the signal its extractor saw, and the row."""
    processed: dict[tuple, Signal] = {(): signal}
    groups: dict[tuple, list[int]] = defaultdict(list)
    for index, branch in enumerate(branches):
        for length, step in enumerate(branch.steps, 1):
            chain = branch.step_identities[:length]
            if chain not in processed:
                processed[chain] = step.process(processed[chain[:-1]])
        extractor = branch.extractor
        groups[branch.step_identities, extractor.sample_rate, extractor.domain()].append(index)

    for (chain, sample_rate, domain), members in groups.items():
        seen = processed[chain].with_rate(sample_rate)
        extractors = [branches[index].extractor for index in members]
        for index, extractor, frames in zip(
            members, extractors, domain.frames(seen, extractors), strict=True
        ):
            yield index, seen, extractor.row(frames)


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
                "Put a Resampler before it",
                position=position,
            )

    def join(self, later: _RateWitness) -> None:
        if later.first is not None:
            self.see(*later.first)


def _hertz(rate: float | None) -> str:
    return "not known" if rate is None else f"{rate:g} Hz"


def _copied(result: Any) -> Any:
    # What stands behind one branch of a union may write into its rows; the others see their own.
    return result.copy() if isinstance(result, np.ndarray) else [frames.copy() for frames in result]


@cache
def _threadpools() -> ThreadpoolController:
    return ThreadpoolController()
