"""The one loop that turns signals into rows.

For each signal: read it once, run each distinct chain of steps once, let extractors that look
at the same spectrum share it, keep the rows and drop the signal. So memory holds one signal a
worker, whatever the size of the corpus, and a row depends on its own signal only.
"""

from __future__ import annotations

import warnings
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache, cached_property, partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from .errors import AudioError, FailedSignalsWarning, RowStoreWarning, WorkerKilledError
from .keys import UnkeyableError, digest_of, digest_of_chain
from .rows import FileContent, Row, RowStore
from .signals import Signal, SignalBatch, failures_table, located, read
from .workers import in_chunks

if TYPE_CHECKING:
    from .base import FeatureExtractor, SignalTransformer

# Signals whose rows are looked up at once in a memory.
_WINDOW = 1000


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
        The signals. Its own steps are not run: each branch begins with them. Rows that its
        memory holds are not computed, and those that are computed are kept there.
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
        different rates reach one extractor. Where the batch has ``on_error="nan"``, the first is
        one warning, and the row of that signal is NaN.
    """
    wanted = {branch.identity: branch for branch in branches}
    results = {key: _copied(batch.ready[key]) for key in wanted if key in batch.ready}
    missing = [branch for key, branch in wanted.items() if key not in results]
    if not missing:
        return results
    for branch in missing:
        branch.validate_parameters()

    tolerant = batch.on_error == "nan"
    errors: dict[int, AudioError] = {}
    columns: list[list[Any]] = [[] for _ in missing]
    witnesses = [_RateWitness(branch.extractor, batch.sources) for branch in missing]
    for window in windows(batch, missing):
        for witness, rows in zip(witnesses, window.rows, strict=True):
            witness.see_all(rows, window.start)
        # So that the same error is found whatever the number of processes.
        positions = [window.start + offset for offset in window.incomplete()]
        for outcome in in_order(window.compute(n_jobs, tolerant=tolerant), positions):
            if outcome.error is not None:
                if not isinstance(outcome.error, AudioError):
                    raise outcome.error
                errors[outcome.position] = outcome.error
            for index, row in outcome.rows.items():
                witnesses[index].see(row.rate, outcome.position)
        for column, rows in zip(columns, window.rows, strict=True):
            column.extend(row and row.values for row in rows)
    if errors:
        batch.add_failures(errors)
        _warn_of_failures(errors, len(batch))
    for branch, column in zip(missing, columns, strict=True):
        results[branch.identity] = branch.extractor.collect(column)
    return results


def _warn_of_failures(errors: dict[int, AudioError], n_signals: int) -> None:
    kinds = Counter(type(error).__name__ for error in errors.values())
    by_count = sorted(kinds.items(), key=lambda item: (-item[1], item[0]))
    counts = ", ".join(f"{count} {kind}" for kind, count in by_count)
    message = (
        f"{len(errors)} of {n_signals} signals failed, and their rows are NaN: {counts}. The "
        f"first: {errors[min(errors)]}. batch.failures, or the failures of this warning, list them"
    )
    warnings.warn(FailedSignalsWarning(message, failures_table(errors)), stacklevel=4)


def windows(batch: SignalBatch, branches: Sequence[Branch]) -> Iterator[Window]:
    """Yield consecutive signals of a batch, some at a time, with those rows that are known.

    Parameters
    ----------
    batch : SignalBatch
        The signals.
    branches : sequence of Branch
        What to compute of each.

    Yields
    ------
    window : Window
        All signals where the batch has no memory.
    """
    memory = batch.memory
    chains = [] if memory is None else [chain_digest(branch) for branch in branches]
    size = len(batch) if memory is None else _WINDOW
    for start in range(0, len(batch), max(size, 1)):
        window = Window(start, batch.sources[start : start + size], branches, memory)
        window.look_up(chains)
        yield window


class Window:
    """Some signals and the rows of theirs that are known; computes and keeps those that are not.

    Parameters
    ----------
    start : int
        Position of the first signal in its batch.
    sources : ndarray of Source or Signal
        Where the signals come from.
    branches : sequence of Branch
        What to compute of each.
    memory : RowStore or None
        Where rows are kept.

    Attributes
    ----------
    rows : list of list of Row or None
        The row of each branch and signal; None where it is not known yet.
    """

    def __init__(
        self,
        start: int,
        sources: np.ndarray,
        branches: Sequence[Branch],
        memory: RowStore | None,
    ) -> None:
        self.start = start
        self.sources = sources
        self.branches = branches
        self.memory = memory
        self.rows: list[list[Any]] = [[None] * len(sources) for _ in branches]
        self._keys: list[list[bytes | None]] = []
        self._contents: dict[str, FileContent] = {}

    def look_up(self, chains: Sequence[bytes | None]) -> None:
        """Find the rows that are kept in memory.

        Parameters
        ----------
        chains : sequence of (bytes or None)
            The digest of each branch; None for one whose rows are not kept.
        """
        if self.memory is None or not any(chains):
            return
        self._contents = self.memory.contents(
            source.file for source in self.sources if source.file is not None
        )
        known = {path: content.digest for path, content in self._contents.items()}
        digests = [_digest(source, known) for source in self.sources]
        for chain in chains:
            keys = [digest and chain and digest_of(chain + digest) for digest in digests]
            self._keys.append(keys)
        self.rows = [self.memory.find(keys) for keys in self._keys]

    def n_known(self) -> int:
        """Return the number of rows that are known.

        Returns
        -------
        n_known : int
            Of all branches.
        """
        return sum(row is not None for rows in self.rows for row in rows)

    def incomplete(self) -> list[int]:
        """Return which signals have a row that is not known.

        Returns
        -------
        offsets : list of int
            Counted from the first signal of the window.
        """
        return sorted(
            {offset for rows in self.rows for offset, row in enumerate(rows) if row is None}
        )

    def compute(self, n_jobs: int | None, *, tolerant: bool = False) -> Iterator[Outcome]:
        """Compute the rows that are not known, and keep them.

        Parameters
        ----------
        n_jobs : int or None
            Processes, as in joblib.
        tolerant : bool, default=False
            Go on after an error, and tell it in the outcome.

        Yields
        ------
        outcome : Outcome
            What became of each signal of which a row was missing. With more than one process they
            come in any order.
        """
        tasks = [
            _Task(
                self.start + offset,
                self.sources[offset],
                [index for index, rows in enumerate(self.rows) if rows[offset] is None],
            )
            for offset in self.incomplete()
        ]
        compute = _computed_tolerantly if tolerant else _computed_strictly
        chunks = in_chunks(
            partial(compute, branches=self.branches),
            tasks,
            n_jobs,
            if_killed=_killed if tolerant else None,
        )
        for outcomes in chunks:
            for position, rows, _ in outcomes:
                for index, row in rows.items():
                    self.rows[index][position - self.start] = row
            self._keep(outcomes)
            yield from outcomes

    def _keep(self, outcomes: list[Outcome]) -> None:
        if self.memory is None or not self._keys:
            return
        kept = []
        for position, rows, _ in outcomes:
            offset = position - self.start
            if self._has_changed(self.sources[offset]):
                continue
            for index, row in rows.items():
                key = self._keys[index][offset]
                if key is not None:
                    kept.append((key, row))
        if kept:
            self.memory.keep(kept)

    def _has_changed(self, source: Any) -> bool:
        """Tell whether a file was written to since its content entered the keys."""
        content = self._contents.get(source.file)
        return content is not None and not content.is_of(source.file)


@dataclass(frozen=True, slots=True)
class _Task:
    """A signal, and the branches of which it has no row yet, by their index."""

    position: int
    source: Any
    branches: list[int]


class Outcome(NamedTuple):
    """What became of one signal.

    Parameters
    ----------
    position : int
        Of the signal in its batch.
    rows : dict of Row
        What was computed, by the index of the branch.
    error : Exception or None
        Why something was not.
    """

    position: int
    rows: dict[int, Row]
    error: Exception | None


def _computed_strictly(task: _Task, branches: Sequence[Branch]) -> Outcome:
    with located(task.source, task.position):
        signal = read(task.source)
        wanted = {index: branches[index] for index in task.branches}
        return Outcome(task.position, dict(_evaluate_signal(signal, wanted)), None)


def _computed_tolerantly(task: _Task, branches: Sequence[Branch]) -> Outcome:
    """Compute what can be computed: after an error each branch that is left on its own."""
    try:
        return _computed_strictly(task, branches)
    except Exception as error:
        first_error = error
    rows: dict[int, Row] = {}
    with suppress(Exception):
        alone = replace(task, source=read(task.source))
        for index in task.branches:
            with suppress(Exception):
                rows.update(_computed_strictly(replace(alone, branches=[index]), branches).rows)
    return Outcome(task.position, rows, first_error)


def _killed(task: _Task, error: WorkerKilledError) -> Outcome:
    return Outcome(task.position, {}, error)


def in_order(outcomes: Iterable[Outcome], positions: Iterable[int]) -> Iterator[Outcome]:
    """Yield outcomes in the order of the signals, each once those before it have come.

    Parameters
    ----------
    outcomes : iterable of Outcome
        In any order.
    positions : iterable of int
        Those of the outcomes, in the order that is wanted.

    Yields
    ------
    outcome : Outcome
        Each of them.
    """
    expected = deque(positions)
    waiting: dict[int, Outcome] = {}
    for outcome in outcomes:
        waiting[outcome.position] = outcome
        while expected and expected[0] in waiting:
            yield waiting.pop(expected.popleft())


def _evaluate_signal(signal: Signal, branches: dict[int, Branch]) -> Iterator[tuple[int, Row]]:
    """Yield the index of each branch and the row that it makes of a signal."""
    processed: dict[tuple, Signal] = {(): signal}
    groups: dict[tuple, list[int]] = defaultdict(list)
    seen: dict[tuple, Signal] = {}
    for index, branch in branches.items():
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
            yield index, Row(rate, extractor.row(frames))


def _digest(source: Any, contents: dict[str, bytes]) -> bytes | None:
    """Return what tells a signal from all others; None where its file cannot be read."""
    try:
        return source.digest(contents)
    except (KeyError, AudioError):
        return None  # reading it will say what is wrong


def chain_digest(branch: Branch) -> bytes | None:
    """Return what tells a branch from all others, or warn that its rows cannot be kept.

    Parameters
    ----------
    branch : Branch
        Steps and an extractor.

    Returns
    -------
    digest : bytes or None
        None where rows are not kept: of ``summary=None``, and of classes or parameters of which
        no name and value tell what they do.
    """
    if branch.extractor.summary is None:
        return None
    try:
        return digest_of_chain((*branch.steps, branch.extractor))
    except UnkeyableError as error:
        _warn_of_unkeyable(str(error))
        return None


@cache
def _warn_of_unkeyable(reason: str) -> None:
    warnings.warn(f"rows are computed and not kept: {reason}", RowStoreWarning, stacklevel=2)


class _RateWitness:
    """Sees the rate of every signal that reaches one extractor; refuses a second one."""

    def __init__(self, extractor: FeatureExtractor, sources: np.ndarray) -> None:
        self.extractor = type(extractor).__name__
        self.sources = sources
        self.first: tuple[float | None, int] | None = None

    def see(self, rate: float | None, position: int) -> None:
        if self.first is None:
            self.first = (rate, position)
        elif rate != self.first[0]:
            with located(self.sources[position], position):
                raise AudioError(
                    f"signals of different rates reach {self.extractor}: {_hertz(self.first[0])} "
                    f"(X[{self.first[1]}]) and {_hertz(rate)} (X[{position}]). "
                    "Put a Resampler before it"
                )

    def see_all(self, rows: list[Row | None], start: int) -> None:
        """See those of consecutive signals of which the row is known."""
        # Of a million rows each rate is looked at, but most often there is only one.
        for rate in dict.fromkeys(row.rate for row in rows if row is not None):
            position = next(p for p, row in enumerate(rows, start) if row and row.rate == rate)
            self.see(rate, position)


def _hertz(rate: float | None) -> str:
    return "not known" if rate is None else f"{rate:g} Hz"


def _copied(result: Any) -> Any:
    # What stands behind one branch of a union may write into its rows; the others see their own.
    return result.copy() if isinstance(result, np.ndarray) else [frames.copy() for frames in result]
