"""Statistics over the frames of a signal.

*Conventions.* Statistics are computed in float64, value by value over the frames, and kept as
float32. A row holds all values of the first statistic, then all of the second, and so on.

*Statistics.*

======================  ============================================================
``mean``                arithmetic mean
``std``, ``var``        standard deviation and variance, of the population (ddof 0)
``min``, ``max``        smallest and largest value
``range``               max - min
``median``              50 % quantile
``iqr``                 interquartile range, 75 % quantile - 25 % quantile
``q05``, ``q97.5``, ..  any quantile, in per cent (linear interpolation)
``skew``                third standardised moment (biased); 0 for a constant value
``kurtosis``            fourth standardised moment - 3 (biased); 0 for a constant value
``slope``               slope of the least-squares line, per frame; 0 for one frame
``difference_mean``     mean of the first difference from frame to frame; 0 for one frame
``difference_std``      standard deviation of the first difference; 0 for one frame
======================  ============================================================
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .errors import NonFiniteAudioError

# Values, and numbers, whose statistics are computed at once.
_MOST_VALUES, _MOST_NUMBERS = 64, 2**20

_QUANTILE = re.compile(r"q(\d{1,2}(?:\.\d+)?|100)")


def _central_moment(frames: np.ndarray, order: int) -> np.ndarray:
    deviation = frames - frames.mean(axis=0)
    product = deviation.copy()
    for _ in range(order - 1):  # several times as fast as a power
        product *= deviation
    return product.mean(axis=0)


def _standardised_moment(frames: np.ndarray, order: int) -> np.ndarray:
    """Return the standardised moment, NaN for values that are constant but for rounding."""
    variance = frames.var(axis=0)
    # The same threshold as scipy.stats: below it the variance is rounding of the mean.
    constant = variance <= (np.finfo(np.float64).resolution * frames.mean(axis=0)) ** 2
    moment = _central_moment(frames, order)
    return np.where(constant, np.nan, moment / np.where(constant, 1, variance) ** (order / 2))


def _skew(frames: np.ndarray) -> np.ndarray:
    return np.nan_to_num(_standardised_moment(frames, 3), nan=0.0)


def _kurtosis(frames: np.ndarray) -> np.ndarray:
    return np.nan_to_num(_standardised_moment(frames, 4) - 3, nan=0.0)


def _slope(frames: np.ndarray) -> np.ndarray:
    if len(frames) == 1:
        return np.zeros(frames.shape[1])
    time = np.arange(len(frames)) - (len(frames) - 1) / 2
    return time @ frames / (time @ time)


def _difference(frames: np.ndarray) -> np.ndarray:
    return np.diff(frames, axis=0) if len(frames) > 1 else np.zeros_like(frames)


STATISTICS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "mean": lambda frames: frames.mean(axis=0),
    "std": lambda frames: frames.std(axis=0),
    "var": lambda frames: frames.var(axis=0),
    "min": lambda frames: frames.min(axis=0),
    "max": lambda frames: frames.max(axis=0),
    "range": lambda frames: np.ptp(frames, axis=0),
    "median": lambda frames: np.median(frames, axis=0),
    "iqr": lambda frames: np.subtract(*np.quantile(frames, [0.75, 0.25], axis=0)),
    "skew": _skew,
    "kurtosis": _kurtosis,
    "slope": _slope,
    "difference_mean": lambda frames: _difference(frames).mean(axis=0),
    "difference_std": lambda frames: _difference(frames).std(axis=0),
}


def summarize(frames: np.ndarray, summary: Sequence[str]) -> np.ndarray:
    """Return statistics over frames, as a row.

    Parameters
    ----------
    frames : ndarray of shape (n_frames, n_values)
        At least one frame.
    summary : sequence of str
        Statistics, see the module.

    Returns
    -------
    row : ndarray of shape (len(summary) * n_values,), dtype float32
        All values of the first statistic, then all of the second, and so on.

    Raises
    ------
    NonFiniteAudioError
        For a statistic that is too large for float32, as the variance of very large values is.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio.summaries import summarize
    >>> summarize(np.array([[1.0, 10.0], [3.0, 10.0]]), ["mean", "std"])
    array([ 2., 10.,  1.,  0.], dtype=float32)
    """
    frames = np.asarray(frames)
    statistics = np.empty((len(summary), frames.shape[1]))
    # Some values at a time, so that those of a long signal are never all there in float64.
    n_values = min(_MOST_VALUES, max(1, _MOST_NUMBERS // len(frames)))
    for start in range(0, frames.shape[1], n_values):
        part = frames[:, start : start + n_values].astype(np.float64)
        for statistic, name in zip(statistics, summary, strict=True):
            statistic[start : start + n_values] = _statistic(name)(part)
    row = statistics.ravel()
    too_large = np.abs(row) > np.finfo(np.float32).max
    if too_large.any():
        name = summary[np.argmax(too_large) // frames.shape[1]]
        raise NonFiniteAudioError(
            f"the statistic {name!r} of values up to {np.abs(frames).max():g} is too large for "
            "float32. Leave it out, or scale the recording to a full scale of 1"
        )
    return row.astype(np.float32)


def statistic_names(value_names: Sequence[str], summary: Sequence[str]) -> list[str]:
    """Return the names of the values of a row, in its order.

    Parameters
    ----------
    value_names : sequence of str
        Names of the values of a frame.
    summary : sequence of str
        Statistics, see the module.

    Returns
    -------
    names : list of str
        ``value_statistic`` for each.

    Examples
    --------
    >>> from sklearn_audio.summaries import statistic_names
    >>> statistic_names(["rms"], ["mean", "q95"])
    ['rms_mean', 'rms_q95']
    """
    return [f"{value}_{statistic}" for statistic in summary for value in value_names]


def validate_summary(summary: Any) -> None:
    """Raise unless a ``summary`` parameter is None or names at least one statistic, each once.

    Parameters
    ----------
    summary : sequence of str or None
        What a user gave.

    Raises
    ------
    ValueError
        Saying what came and what is allowed.
    """
    if summary is None:
        return
    if isinstance(summary, str) or not isinstance(summary, (list, tuple)) or not summary:
        raise ValueError(
            f"summary={summary!r}; a list or tuple of statistics is wanted, for example "
            "('mean', 'std'), or None for the frames themselves"
        )
    for name in summary:
        _statistic(name)
    if len(set(summary)) < len(summary):
        raise ValueError(f"summary={summary!r} names a statistic twice")


def _statistic(name: Any) -> Callable[[np.ndarray], np.ndarray]:
    if isinstance(name, str) and name in STATISTICS:
        return STATISTICS[name]
    quantile = _QUANTILE.fullmatch(name) if isinstance(name, str) else None
    if quantile is None:
        raise ValueError(
            f"{name!r} is not a statistic. Known are {', '.join(STATISTICS)} and quantiles in "
            "per cent such as 'q05'"
        )
    percent = float(quantile[1])
    if 0 < percent < 1:
        raise ValueError(
            f"{name!r} is the quantile of {percent:g} per cent; is 'q{100 * percent:g}' meant?"
        )
    fraction = percent / 100
    return lambda frames: np.quantile(frames, fraction, axis=0)
