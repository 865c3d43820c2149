"""Bringing signals to the same range or level.

*Conventions.* Levels are in dBFS, decibels relative to full scale: 0 dBFS is the value 1.0, of
the largest sample for a peak and of the root mean square for a level. (A sine of amplitude 1 thus
has -3.01 dBFS RMS.) Silence stays silence.
"""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Real
from typing import Any

import numpy as np

from ..base import Interval, SignalTransformer
from ..signals import Signal


def scale_to_range(samples: np.ndarray, lowest: float, highest: float) -> np.ndarray:
    """Return samples shifted and scaled so that they fill a range.

    Parameters
    ----------
    samples : ndarray of shape (n_samples,)
        The signal.
    lowest, highest : float
        The range.

    Returns
    -------
    scaled : ndarray of shape (n_samples,)
        From lowest to highest; the middle of the range for a constant signal.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio.preprocessing.normalization import scale_to_range
    >>> scale_to_range(np.array([0.0, 1.0, 4.0]), -1, 1)
    array([-1. , -0.5,  1. ])
    """
    smallest, largest = float(samples.min()), float(samples.max())
    if smallest == largest:
        return np.full_like(samples, (lowest + highest) / 2)
    share = (samples - smallest) / (largest - smallest)
    # Clipped, since rounding may lead out of the range by a bit.
    return np.clip(share * (highest - lowest) + lowest, lowest, highest)


def scale_to_level(samples: np.ndarray, current: float, target_level: float) -> np.ndarray:
    """Return samples scaled so that a measure of them has a level in dBFS.

    Parameters
    ----------
    samples : ndarray of shape (n_samples,)
        The signal.
    current : float
        The measure as it is: a peak or a root mean square.
    target_level : float
        The level that it shall have, in dBFS.

    Returns
    -------
    scaled : ndarray of shape (n_samples,)
        The same samples where ``current`` is 0 or too small to divide by.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio.preprocessing.normalization import scale_to_level
    >>> scale_to_level(np.array([0.1, -0.2]), 0.2, 0.0)
    array([ 0.5, -1. ])
    """
    if current < np.finfo(samples.dtype).tiny:
        return samples
    factor = 10 ** (target_level / 20) / current
    if factor > float(np.finfo(samples.dtype).max):
        # Of very faint samples, which may yet fit afterwards.
        with np.errstate(over="ignore"):
            return (samples.astype(np.float64) * factor).astype(samples.dtype)
    return samples * samples.dtype.type(factor)


class MinMaxNormalizer(SignalTransformer):
    """Shift and scale each signal so that it fills a range.

    Per signal what `sklearn.preprocessing.minmax_scale` is per column. It moves the zero line
    where a signal is not symmetric; `PeakNormalizer` does not.

    Parameters
    ----------
    feature_range : tuple of two floats, default=(-1, 1)
        Smallest and largest value afterwards. A constant signal becomes the middle.

    See Also
    --------
    PeakNormalizer : Scales only.
    RMSNormalizer : Scales to a level.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio import MinMaxNormalizer
    >>> MinMaxNormalizer().fit_transform(np.array([[0.0, 1.0, 4.0], [7.0, 7.0, 7.0]]))
    array([[-1. , -0.5,  1. ],
           [ 0. ,  0. ,  0. ]], dtype=float32)
    """

    _parameter_constraints: dict[str, list[Any]] = {"feature_range": [tuple, list]}

    def __init__(self, *, feature_range: Sequence[float] = (-1, 1)) -> None:
        self.feature_range = feature_range

    def process(self, signal: Signal) -> Signal:
        """Return the signal scaled to the range.

        Parameters
        ----------
        signal : Signal
            The signal.

        Returns
        -------
        signal : Signal
            At the same rate.
        """
        return Signal(scale_to_range(signal.samples, *self.feature_range), signal.rate)

    def validate_parameters(self) -> None:
        super().validate_parameters()
        bounds = self.feature_range
        numbers = len(bounds) == 2 and all(isinstance(bound, Real) for bound in bounds)
        if not numbers or not -np.inf < bounds[0] < bounds[1] < np.inf:
            raise ValueError(
                f"feature_range={bounds!r}; two numbers are wanted, the smaller one first"
            )


class PeakNormalizer(SignalTransformer):
    """Scale each signal so that its largest absolute sample has a level.

    With the default it is equal to `librosa.util.normalize`. Silence stays silence.

    Parameters
    ----------
    target_level : float, default=0.0
        Level of the peak in dBFS; 0 is full scale.

    See Also
    --------
    RMSNormalizer : Scales to a mean level.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio import PeakNormalizer
    >>> PeakNormalizer().fit_transform(np.array([[0.1, -0.2]]))
    array([[ 0.5, -1. ]], dtype=float32)
    """

    _parameter_constraints: dict[str, list[Any]] = {
        "target_level": [Interval(Real, -1000, 1000, closed="both")]
    }

    def __init__(self, *, target_level: float = 0.0) -> None:
        self.target_level = target_level

    def process(self, signal: Signal) -> Signal:
        """Return the signal scaled to the peak.

        Parameters
        ----------
        signal : Signal
            The signal.

        Returns
        -------
        signal : Signal
            At the same rate.
        """
        peak = float(np.abs(signal.samples).max())
        return Signal(scale_to_level(signal.samples, peak, self.target_level), signal.rate)


class RMSNormalizer(SignalTransformer):
    """Scale each signal so that its root mean square has a level.

    Silence stays silence. Nothing is clipped: a signal with high peaks may exceed full scale.

    Parameters
    ----------
    target_level : float, default=-20.0
        Level of the root mean square in dBFS; a square wave of full scale has 0.

    See Also
    --------
    PeakNormalizer : Scales to a peak.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio import RMSNormalizer
    >>> RMSNormalizer(target_level=-20).fit_transform(np.array([[0.5, -0.5]]))
    array([[ 0.1, -0.1]], dtype=float32)
    """

    _parameter_constraints: dict[str, list[Any]] = {
        "target_level": [Interval(Real, -1000, 1000, closed="both")]
    }

    def __init__(self, *, target_level: float = -20.0) -> None:
        self.target_level = target_level

    def process(self, signal: Signal) -> Signal:
        """Return the signal scaled to the level.

        Parameters
        ----------
        signal : Signal
            The signal.

        Returns
        -------
        signal : Signal
            At the same rate.
        """
        rms = float(np.sqrt(np.mean(np.square(signal.samples, dtype=np.float64))))
        return Signal(scale_to_level(signal.samples, rms, self.target_level), signal.rate)
