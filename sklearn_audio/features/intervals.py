"""Intervals of an octave: equal ones, and those of Pythagorean tuning and of just intonation.

*Conventions.* An interval is a ratio of frequencies from 1 up to, but not including, 2; the first
is always 1. The names are those of `librosa.interval_frequencies`.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

# The prime factors, besides 2, of the ratios of each system.
_PRIMES = {"pythagorean": (3,), "ji3": (3,), "ji5": (3, 5), "ji7": (3, 5, 7)}
INTERVALS = frozenset({"equal", *_PRIMES})


@lru_cache(maxsize=64)
def intervals_of_octave(system: str, bins_per_octave: int = 12) -> tuple[float, ...]:
    """Return the intervals of a tuning system, in ascending order.

    Equal to `librosa.interval_frequencies` above a frequency of 1 Hz.

    Parameters
    ----------
    system : {"equal", "pythagorean", "ji3", "ji5", "ji7"}
        Equal temperament, fifths stacked upwards, or ratios of small primes up to the number in
        the name, chosen by J. Tenney's *On "Crystal Growth" in Harmonic Space* (2008).
    bins_per_octave : int, default=12
        Intervals of an octave.

    Returns
    -------
    intervals : tuple of float
        As many ratios as ``bins_per_octave``.

    Examples
    --------
    Twelve tones of fifths and thirds; the sixth is the fourth, 4/3, the eighth the fifth, 3/2:

    >>> import numpy as np
    >>> from sklearn_audio.features.intervals import intervals_of_octave
    >>> np.round(intervals_of_octave("ji5"), 3).tolist()
    [1.0, 1.067, 1.125, 1.2, 1.25, 1.333, 1.406, 1.5, 1.6, 1.667, 1.8, 1.875]
    """
    if system == "equal":
        return tuple((2 ** (np.arange(bins_per_octave) / bins_per_octave)).tolist())
    logs = np.log2(_PRIMES[system])
    if system == "pythagorean":
        exponents = np.arange(bins_per_octave)[:, np.newaxis]
    else:
        exponents = _grown_crystal(logs, bins_per_octave)
    # Powers of 2 bring every ratio into the octave.
    return tuple((2 ** np.sort(np.mod(exponents @ logs, 1))).tolist())


def _grown_crystal(logs: np.ndarray, n_points: int) -> np.ndarray:
    """Return exponents of the primes, grown from the unison.

    The next is always the neighbour of those chosen that is nearest to all of them, where a step
    along a prime is as long as its logarithm; of equally near ones that nearest to the unison.
    """
    steps = [sign * unit for unit in np.eye(len(logs), dtype=int) for sign in (1, -1)]
    chosen = [np.zeros(len(logs), dtype=int)]
    frontier = {tuple(step): step for step in steps}
    while len(chosen) < n_points:
        points = np.array(list(frontier.values()))
        # Rounded one by one: so mirror images are as near as they are for librosa.
        distances = np.round(np.abs(points[:, np.newaxis] - np.array(chosen)) @ logs, 6)
        totals = distances.cumsum(axis=1)[:, -1]
        sizes = np.abs(points) @ logs
        nearest = 0
        for other in range(1, len(points)):
            equally_near = np.isclose(totals[other], totals[nearest])
            if totals[other] < totals[nearest] or (equally_near and sizes[other] < sizes[nearest]):
                nearest = other
        chosen.append(frontier.pop(tuple(points[nearest])))
        for step in steps:
            neighbour = chosen[-1] + step
            if not (np.array(chosen) == neighbour).all(axis=1).any():
                frontier.setdefault(tuple(neighbour), neighbour)
    return np.array(chosen)
