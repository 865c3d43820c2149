"""Changing the sampling rate."""

from __future__ import annotations

from numbers import Real
from typing import Any

import soxr

from ..base import Interval, SignalTransformer, StrOptions
from ..errors import AudioError
from ..signals import Signal

QUALITIES = frozenset({"VHQ", "HQ", "MQ", "LQ", "QQ"})


class Resampler(SignalTransformer):
    """Resample every signal to one rate.

    Equal to `soxr.resample`. Signals that have the rate already are left as they are.

    Parameters
    ----------
    target_rate : float
        The rate of all signals afterwards, in Hz.
    quality : {"VHQ", "HQ", "MQ", "LQ", "QQ"}, default="HQ"
        From the most precise to the quickest, as in soxr.
    sample_rate : float or None, default=None
        Rate of the signals before, in Hz. Needed for plain arrays; an error where it contradicts
        a batch.

    Notes
    -----
    Plain arrays carry no rate: estimators after this one have to be told ``target_rate`` as their
    ``sample_rate``. A batch carries it along.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio import Resampler
    >>> second = np.zeros((1, 44100), dtype=np.float32)
    >>> Resampler(16000, sample_rate=44100).fit_transform(second).shape
    (1, 16000)
    """

    _parameter_constraints: dict[str, list[Any]] = {
        "target_rate": [Interval(Real, 0, None, closed="neither")],
        "quality": [StrOptions(set(QUALITIES))],
        "sample_rate": [Interval(Real, 0, None, closed="neither"), None],
    }

    def __init__(
        self, target_rate: float, *, quality: str = "HQ", sample_rate: float | None = None
    ) -> None:
        self.target_rate = target_rate
        self.quality = quality
        self.sample_rate = sample_rate

    def process(self, signal: Signal) -> Signal:
        """Return the signal at the new rate.

        Parameters
        ----------
        signal : Signal
            A signal of known rate.

        Returns
        -------
        signal : Signal
            At ``target_rate``.
        """
        signal = signal.with_rate(self.sample_rate)
        rate = signal.known_rate
        if rate == self.target_rate:
            return signal
        resampled = soxr.resample(signal.samples, rate, self.target_rate, quality=self.quality)
        if len(resampled) == 0:
            raise AudioError(
                f"{len(signal)} samples at {rate:g} Hz are none at {self.target_rate:g} Hz"
            )
        return Signal(resampled, self.target_rate)
