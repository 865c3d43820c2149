"""Extractors and functions for tests of workers, which worker processes import."""

import os
import signal
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
from threadpoolctl import threadpool_info

from sklearn_audio.features import WaveformExtractor

RATE = 8000


def sounds(n_sounds, seed=0):
    """Return noises of different lengths, as the datasets library gives them."""
    generator = np.random.default_rng(seed)
    return [
        {
            "array": generator.uniform(-0.5, 0.5, 1000 + position).astype(np.float32),
            "sampling_rate": RATE,
        }
        for position in range(n_sounds)
    ]


def position_of(sound):
    """Return the position among `sounds`, which the length tells."""
    return len(sound) - 1000


def lines(log):
    """Return the lines of a log."""
    return Path(log).read_text().splitlines() if os.path.exists(log) else []


def write_line(log, word):
    # One write of a few bytes at the end of a file is never mixed with that of another process.
    with open(log, "a") as file:
        file.write(f"{word}\n")


def wait_until(condition, seconds=30):
    """Wait until something is so, and tell whether it is; a test that would hang then fails."""
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.005)
    return condition()


class LevelExtractor(WaveformExtractor):
    """The level of a signal; afterwards it writes a line."""

    log: str = ""

    def value_names(self):
        return ["level"]

    def signal_values(self, signal):
        level = np.abs(signal.samples).mean()
        if self.log:
            write_line(self.log, position_of(signal))
        return [np.array([level])]


class DeadlyExtractor(LevelExtractor):
    """The level of a signal, unless it is one at which the process dies."""

    deadly: tuple = ()
    way: str = "SIGKILL"

    def signal_values(self, signal_):
        if position_of(signal_) in self.deadly:
            if self.way == "exit":
                os._exit(3)
            os.kill(os.getpid(), getattr(signal, self.way))
        return super().signal_values(signal_)


class RefusingExtractor(LevelExtractor):
    """The level of a signal, unless it is one at which it fails."""

    refused: tuple = ()
    # Whether the first of them fails after another has failed, as it may be in other processes.
    late: bool = False

    def signal_values(self, signal):
        position = position_of(signal)
        if position in self.refused:
            if self.late and position == min(self.refused):
                wait_until(lambda: "refused" in lines(self.log))
            elif self.log:
                write_line(self.log, "refused")
            raise ArithmeticError(f"{position} is not to my taste")
        return super().signal_values(signal)


class SlowExtractor(LevelExtractor):
    """The level of a signal; numpy computes something else for a while before, or for minutes.

    How long is told by the environment, because rows of other parameters would be other rows.
    """

    def signal_values(self, signal):
        if position_of(signal) == int(os.environ.get("ENDLESS_POSITION", -1)):
            write_line(self.log, "endless")
            noise = np.random.default_rng(0).normal(size=500_000)
            np.convolve(noise, noise)  # one call, of minutes
        noise = np.random.default_rng(0).normal(size=200_000)
        end = time.monotonic() + float(os.environ.get("SLOW_SECONDS", 0))
        while time.monotonic() < end:
            np.sort(noise)
        return super().signal_values(signal)


def threads():
    """Return how many threads this process would use, by the name of what uses them, and its id."""
    import numba
    import sklearn.utils._openmp_helpers  # noqa: F401 because it loads OpenMP

    pools = threadpool_info()
    return {
        "linear algebra": max(pool["num_threads"] for pool in pools if pool["user_api"] == "blas"),
        "OpenMP": max(pool["num_threads"] for pool in pools if pool["user_api"] == "openmp"),
        "numba": numba.get_num_threads(),
        "NUMBA_NUM_THREADS": int(os.environ.get("NUMBA_NUM_THREADS", 0)),
        "process": os.getpid(),
    }


class ThreadsExtractor(WaveformExtractor):
    """How many threads the process uses in which an extractor runs."""

    def value_names(self):
        return ["linear algebra", "OpenMP", "numba", "NUMBA_NUM_THREADS", "process"]

    def signal_values(self, signal):
        return [np.array(list(threads().values()))]


class Piece(NamedTuple):
    """A task without a recording."""

    position: int
    source: None = None


def patient(piece, sign):
    """Return the position of a task; for the first one wait until there is a file."""
    if piece.position == 0:
        wait_until(lambda: os.path.exists(sign))
    return piece.position


def doubled(piece):
    """Return twice the position of a task, and the process which doubled it."""
    return 2 * piece.position, os.getpid()
