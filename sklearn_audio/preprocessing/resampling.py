"""Changing the sampling rate."""

from __future__ import annotations

from numbers import Real
from typing import Any

import soxr

from ..base import Interval, SignalTransformer, StrOptions
from ..errors import AudioLimitError, EmptyAudioError
from ..signals import MOST_SAMPLES, Signal

# Rates further apart than this make soxr take gigabytes, never end, or crash the process.
LARGEST_RATIO = 10_000
QUALITIES = frozenset({"VHQ", "HQ", "MQ", "LQ", "QQ"})


class Resampler(SignalTransformer):
    """Resample every signal to one rate.

    Equal to `soxr.resample`. Signals that have the rate already are left as they are.

    Parameters
    ----------
    target_rate : float
        The rate of all signals afterwards, in Hz. It may be up to 10,000 times the rate before,
        or as many times less.
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
        if not 1 / LARGEST_RATIO <= self.target_rate / rate <= LARGEST_RATIO:
            raise AudioLimitError(
                f"target_rate={self.target_rate:g} Hz and the rate of {rate:g} Hz differ by more "
                f"than a factor of {LARGEST_RATIO}. Look whether both are right, in Hz"
            )
        length = len(signal) * self.target_rate / rate
        if length > max(MOST_SAMPLES, len(signal)):
            raise AudioLimitError(
                f"{len(signal)} samples at {rate:g} Hz are {length:.3g} at {self.target_rate:g} "
                f"Hz, more than {MOST_SAMPLES} (2 GiB). Use a lower target_rate, or look whether "
                "the rate of this recording is right"
            )
        resampled = soxr.resample(signal.samples, rate, self.target_rate, quality=self.quality)
        if len(resampled) == 0:
            raise EmptyAudioError(
                f"{len(signal)} samples at {rate:g} Hz are none at {self.target_rate:g} Hz. Use a "
                "higher target_rate, or leave out recordings as short as this one"
            )
        return Signal(resampled, self.target_rate)
