"""Spreads work over processes, and goes on when one of them is killed.

A worker may be killed at any recording: by the system because memory runs out, or by a crash in
compiled code. Then every worker of the pool is lost, and nobody knows which recording it was.
So what had been handed out and not come back is done once more, a chunk at a time; where that
kills the worker again, a recording at a time. A recording that is alone and kills its worker is
a failure of that recording, and all others have their results.
"""

from __future__ import annotations

import re
import traceback
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from copy import copy
from functools import cache
from threading import Lock
from types import GeneratorType
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from joblib import Parallel, delayed, effective_n_jobs
from joblib.externals.loky.process_executor import TerminatedWorkerError
from joblib.parallel import get_active_backend
from threadpoolctl import ThreadpoolController

from .errors import WorkerKilledError

# Chunks are small enough that workers finish together and that an error is seen early, and
# large enough that handing them out costs little beside decoding.
_LONGEST_CHUNK = 64
_CHUNKS_PER_WORKER = 16


class Task(Protocol):
    """A piece of work: something to do with one signal."""

    @property
    def position(self) -> int:
        """Of the signal in X."""

    @property
    def source(self) -> Any:
        """Where the signal comes from."""


TaskT = TypeVar("TaskT", bound=Task)
ResultT = TypeVar("ResultT")


def in_chunks(
    function: Callable[[TaskT], ResultT],
    tasks: Sequence[TaskT],
    n_jobs: int | None = None,
    *,
    if_killed: Callable[[TaskT, WorkerKilledError], ResultT] | None = None,
) -> Iterator[list[ResultT]]:
    """Return what a function makes of each task, some tasks at a time, as soon as they are done.

    With more than one process no task is done in this one, so that none can kill it.

    Parameters
    ----------
    function : callable
        What to do with one task. It has to be picklable: a function of a module, or a
        `functools.partial` of one.
    tasks : sequence of Task
        What to do it with.
    n_jobs : int or None, default=None
        Processes, as in joblib. A backend that the user has chosen with
        `joblib.parallel_config` is used.
    if_killed : callable or None, default=None
        Returns the result of a task that kills its worker, given the task and the error. With
        None the error is raised.

    Returns
    -------
    results : iterator of list
        Each of consecutive tasks, in their order. With more than one process the lists themselves
        come in any order.

    Raises
    ------
    Exception
        What the function has raised, of the first task for which it does, whatever the number of
        processes. All results of the tasks before it are yielded first.
    WorkerKilledError
        For a task that kills its worker, in the same way.
    """
    n_workers = effective_n_jobs(n_jobs)
    size = max(1, min(_LONGEST_CHUNK, -(-len(tasks) // (n_workers * _CHUNKS_PER_WORKER))))
    chunks = [_Chunk(start, tasks[start : start + size]) for start in range(0, len(tasks), size)]
    if n_workers == 1:
        return _done_here(function, chunks)
    return _Spread(function, chunks, n_workers, if_killed).results()


class _Chunk(NamedTuple, Generic[TaskT]):
    """Consecutive tasks, and the place of the first among all."""

    start: int
    tasks: Sequence[TaskT]


class _Done(NamedTuple):
    """What has become of a chunk.

    Where the function raised an error, the results are those of the tasks before it. The error
    is handed back like a result, so that joblib does not throw away what else is finished. Its
    traceback is also told as text, because that of an error does not leave its process.
    """

    start: int
    results: list[Any]
    error: BaseException | None
    traceback: str


def _do(function: Callable[[Any], Any], chunk: _Chunk) -> _Done:
    results: list[Any] = []
    try:
        with _SINGLE_THREADED_ALGEBRA:
            for task in chunk.tasks:
                results.append(function(task))
    except BaseException as error:  # an interruption too: what is done is kept
        return _Done(chunk.start, results, error, traceback.format_exc())
    return _Done(chunk.start, results, None, "")


def _done_here(function: Callable[[Any], Any], chunks: Iterable[_Chunk]) -> Iterator[list[Any]]:
    for chunk in chunks:
        done = _do(function, chunk)
        if done.results:
            yield done.results
        error = done.error
        del done
        if error is not None:
            try:
                raise error
            finally:
                # An error whose traceback leads to itself would keep signals in memory.
                del error


class _Spread(Generic[TaskT, ResultT]):
    """Chunks that are handed out to workers until each is done."""

    def __init__(
        self,
        function: Callable[[TaskT], ResultT],
        chunks: Iterable[_Chunk[TaskT]],
        n_workers: int,
        if_killed: Callable[[TaskT, WorkerKilledError], ResultT] | None,
    ) -> None:
        self.function = function
        self.n_workers = n_workers
        self.if_killed = if_killed
        self.waiting = deque(chunks)
        self.handed_out: dict[int, _Chunk[TaskT]] = {}
        self.failed: _Done | None = None

    def results(self) -> Iterator[list[ResultT]]:
        while self.waiting:
            with suppress(TerminatedWorkerError):
                yield from self._done(self.waiting)
            for start in sorted(self.handed_out):
                yield from self._done_alone(self.handed_out.pop(start))
        if self.failed is not None:
            _raise(self.failed)

    def _done(self, chunks: deque[_Chunk[TaskT]]) -> Iterator[list[ResultT]]:
        all_done = _in_workers(self.function, self._hand_out(chunks), self.n_workers)
        try:
            for done in all_done:
                del self.handed_out[done.start]
                if done.results:
                    yield done.results
                if done.error is not None:
                    self._fail(done)
        except TerminatedWorkerError:
            raise
        except BaseException:
            chunks.clear()  # no more is handed out while what is at work is broken off
            raise
        finally:
            _stop(all_done)
        if self.handed_out:
            # Where the pool breaks in the moment in which joblib looks for what is ready, its
            # generator ends without a word.
            raise TerminatedWorkerError

    def _hand_out(self, chunks: deque[_Chunk[TaskT]]) -> Iterator[_Chunk[TaskT]]:
        # joblib asks for them in threads of its own, while this one may take all away.
        with suppress(IndexError):
            while True:
                chunk = chunks.popleft()
                self.handed_out[chunk.start] = chunk
                yield chunk

    def _done_alone(self, chunk: _Chunk[TaskT]) -> Iterator[list[ResultT]]:
        if self.failed is not None and self.failed.start < chunk.start:
            return  # an error before it will be raised
        others, self.handed_out = self.handed_out, {}
        try:
            yield from self._done(deque([chunk]))
            return
        except TerminatedWorkerError as death:
            error = _killed(chunk.tasks[0], death)
        finally:
            self.handed_out = others
        if len(chunk.tasks) > 1:
            for start, task in enumerate(chunk.tasks, chunk.start):
                yield from self._done_alone(_Chunk(start, [task]))
        elif self.if_killed is None:
            self._fail(_Done(chunk.start, [], error, ""))
        else:
            yield [self.if_killed(chunk.tasks[0], error)]

    def _fail(self, done: _Done) -> None:
        """Hand out no more, and remember the error of the first task that has one."""
        if not isinstance(done.error, Exception):
            _raise(done)  # an interruption does not wait for the other workers
        # Chunks are handed out in order, so no chunk before the first one that fails is left out.
        self.waiting.clear()
        if self.failed is None or done.start < self.failed.start:
            self.failed = done


def _in_workers(
    function: Callable[[Any], Any], chunks: Iterator[_Chunk], n_workers: int
) -> Iterable[_Done]:
    """Return what becomes of each chunk in the backend of joblib that is active."""
    backend, _ = get_active_backend()
    if backend.supports_inner_max_num_threads and backend.inner_max_num_threads is None:
        # Of loky. Otherwise each worker would have a share of the processors as threads, and
        # those of numba and OpenMP that a worker loads late are not limited in any other way.
        backend = copy(backend)
        backend.inner_max_num_threads = 1
    parallel = Parallel(
        n_jobs=n_workers,
        backend=backend,
        batch_size=1,
        # Few enough for the queue of any pool: loky stumbles over those that are not in it when
        # work is broken off. One more than workers, so that nobody waits for the next.
        pre_dispatch=n_workers + 1,
        return_as="generator_unordered" if backend.supports_return_generator else "list",
    )
    return parallel(delayed(_do)(function, chunk) for chunk in chunks)


def _stop(all_done: Iterable[_Done]) -> None:
    """Kill the workers that are still at work."""
    if isinstance(all_done, GeneratorType) and all_done.gi_frame is not None:
        with warnings.catch_warnings():
            # It warns of work in vain, of which whoever leaves off early knows.
            warnings.simplefilter("ignore", UserWarning)
            all_done.close()


class _WorkerError(Exception):
    """Where in a worker an error was raised."""

    def __str__(self) -> str:
        return f"\n{self.args[0]}"


def _raise(done: _Done) -> None:
    assert done.error is not None
    if done.error.__traceback__ is None and done.traceback:
        done.error.__cause__ = _WorkerError(done.traceback)
    raise done.error


def _killed(task: Task, death: TerminatedWorkerError) -> WorkerKilledError:
    told = re.search(r"exit codes of the workers are \{(.+)\}", str(death))
    code = told[1] if told else "exit code not known"
    if re.search("SIGSEGV|SIGBUS|SIGABRT|SIGILL|SIGFPE", code):
        reason = "compiled code has crashed, for example that of a decoder or of an extractor"
    else:
        reason = "the system killed it because memory ran out"
    error = WorkerKilledError(
        f"its worker process died ({code}) each time, at last with nothing else to do. Most "
        f"likely {reason}. Look at that recording and leave it out or take less of it (duration, "
        "AudioLimits), or take fewer processes (n_jobs)"
    )
    name = getattr(task.source, "name", None)
    located = error.at(name if isinstance(name, str) else None, task.position)
    assert isinstance(located, WorkerKilledError)
    return located


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
                _let_this_thread_set_limits()
                self._limiter = _threadpools().limit(limits=1)
            self._n_callers += 1

    def __exit__(self, *error: Any) -> None:
        with self._lock:
            self._n_callers -= 1
            if self._n_callers == 0:
                _let_this_thread_set_limits()
                self._limiter.restore_original_limits()


_SINGLE_THREADED_ALGEBRA = _SingleThreadedAlgebra()


def _let_this_thread_set_limits() -> None:
    # threadpoolctl 3.8 obeys only the thread that was the first to limit OpenBLAS, also after its
    # limit has been taken back, and does nothing for others.
    for library in _threadpools().lib_controllers:
        if hasattr(library, "clear_controlling_thread"):
            library.clear_controlling_thread(force=True)


@cache
def _threadpools() -> ThreadpoolController:
    return ThreadpoolController()
