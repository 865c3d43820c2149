"""Raising the high frequencies before analysis, and undoing it."""

from __future__ import annotations

from numbers import Real
from typing import Any

import numpy as np

from ..base import Interval, SignalTransformer
from ..signals import Signal

_COEF = [Interval(Real, 0, 1, closed="both")]


def preemphasis(samples: np.ndarray, *, coef: float = 0.97) -> np.ndarray:
    """Return ``y[n] = x[n] - coef * x[n - 1]``.

    Equal to `librosa.effects.preemphasis`: to the first sample is added what continues the line
    through the first two, ``2 * x[0] - x[1]`` (for a single sample, itself).

    Parameters
    ----------
    samples : ndarray of shape (n_samples,)
        The signal.
    coef : float, default=0.97
        From 0, nothing happens, to 1, differences.

    Returns
    -------
    emphasized : ndarray of shape (n_samples,)
        Of the same dtype.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio.preprocessing.emphasis import preemphasis
    >>> preemphasis(np.array([1.0, 1.0, 1.0]), coef=0.5)
    array([2. , 0.5, 0.5])
    """
    coef = samples.dtype.type(coef)
    emphasized = samples.copy()
    emphasized[1:] -= coef * samples[:-1]
    emphasized[0] += 2 * samples[0] - samples[min(1, len(samples) - 1)]
    return emphasized


def deemphasis(samples: np.ndarray, *, coef: float = 0.97) -> np.ndarray:
    """Return the signal that `preemphasis` made these samples of.

    Equal to `librosa.effects.deemphasis`.

    Parameters
    ----------
    samples : ndarray of shape (n_samples,)
        An emphasized signal.
    coef : float, default=0.97
        The coefficient that it was emphasized with.

    Returns
    -------
    restored : ndarray of shape (n_samples,)
        Of the same dtype.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio.preprocessing.emphasis import deemphasis
    >>> deemphasis(np.array([2.0, 0.5, 0.5]), coef=0.5)
    array([1., 1., 1.])
    """
    from scipy.signal import lfilter  # slow to import, and needed only here

    # The first two emphasized samples are 3 x0 - x1 and x1 - coef x0; solved for x0.
    first = samples[0] / 2 if len(samples) == 1 else (samples[0] + samples[1]) / (3 - coef)
    start = samples.astype(np.float64)
    start[0] = first
    return lfilter([1.0], [1.0, -coef], start).astype(samples.dtype)


class PreEmphasis(SignalTransformer):
    """Raise the high frequencies, which are weak in speech: ``y[n] = x[n] - coef * x[n - 1]``.

    Equal to `librosa.effects.preemphasis`.

    Parameters
    ----------
    coef : float, default=0.97
        From 0, nothing happens, to 1, differences.

    See Also
    --------
    DeEmphasis : The inverse.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio import PreEmphasis
    >>> emphasis = PreEmphasis(coef=0.5)
    >>> emphasized = emphasis.fit_transform(np.array([[1.0, 1.0, 1.0]]))
    >>> emphasized
    array([[2. , 0.5, 0.5]], dtype=float32)
    >>> emphasis.inverse_transform(emphasized)
    array([[1., 1., 1.]], dtype=float32)
    """

    _parameter_constraints: dict[str, list[Any]] = {"coef": _COEF}

    def __init__(self, *, coef: float = 0.97) -> None:
        self.coef = coef

    def process(self, signal: Signal) -> Signal:
        """Return the emphasized signal.

        Parameters
        ----------
        signal : Signal
            The signal.

        Returns
        -------
        signal : Signal
            At the same rate.
        """
        return Signal(preemphasis(signal.samples, coef=self.coef), signal.rate)

    def inverse_transform(self, X: Any) -> Any:
        """Undo the emphasis.

        Parameters
        ----------
        X : ndarray of shape (n_signals, n_samples), list of 1-D arrays, or SignalBatch
            Emphasized signals.

        Returns
        -------
        X_restored : the same kind as X
            Float32 signals.
        """
        return DeEmphasis(coef=self.coef).transform(X)


class DeEmphasis(SignalTransformer):
    """Undo a pre-emphasis.

    Equal to `librosa.effects.deemphasis`.

    Parameters
    ----------
    coef : float, default=0.97
        The coefficient of the pre-emphasis.

    See Also
    --------
    PreEmphasis : The inverse.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio import DeEmphasis
    >>> DeEmphasis(coef=0.5).fit_transform(np.array([[2.0, 0.5, 0.5]]))
    array([[1., 1., 1.]], dtype=float32)
    """

    _parameter_constraints: dict[str, list[Any]] = {"coef": _COEF}

    def __init__(self, *, coef: float = 0.97) -> None:
        self.coef = coef

    def process(self, signal: Signal) -> Signal:
        """Return the restored signal.

        Parameters
        ----------
        signal : Signal
            The signal.

        Returns
        -------
        signal : Signal
            At the same rate.
        """
        return Signal(deemphasis(signal.samples, coef=self.coef), signal.rate)
