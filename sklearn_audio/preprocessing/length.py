"""Bringing signals to one length."""

from __future__ import annotations

from numbers import Real
from typing import Any

import numpy as np

from ..base import Interval, SignalTransformer, StrOptions
from ..errors import AudioError, AudioLimitError
from ..signals import MOST_SAMPLES, Signal

MODES = frozenset({"pad", "wrap", "error"})
ALIGNMENTS = frozenset({"start", "center", "end"})


def fix_length(
    samples: np.ndarray, length: int, *, mode: str = "pad", align: str = "start"
) -> np.ndarray:
    """Return samples cut or continued to a length.

    Parameters
    ----------
    samples : ndarray of shape (n_samples,)
        The signal.
    length : int
        Number of samples afterwards.
    mode : {"pad", "wrap", "error"}, default="pad"
        What to do with a shorter signal: continue it with zeros or by repeating it, or refuse it.
    align : {"start", "center", "end"}, default="start"
        Where the signal is in the result; of a longer one, which part is kept.

    Returns
    -------
    fixed : ndarray of shape (length,)
        Of the same dtype.

    Raises
    ------
    AudioError
        With ``mode="error"``, for a shorter signal.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio.preprocessing.length import fix_length
    >>> fix_length(np.array([1.0, 2.0, 3.0]), 5, mode="wrap")
    array([1., 2., 3., 1., 2.])
    >>> fix_length(np.array([1.0, 2.0, 3.0]), 2, align="end")
    array([2., 3.])
    """
    missing = length - len(samples)
    if missing > 0 and mode == "error":
        raise AudioError(
            f"the signal has {len(samples)} samples, {missing} fewer than the {length} wanted. "
            "Use mode='pad' or 'wrap', a shorter duration, or leave the recording out"
        )
    # How many samples go to the left of the signal; cut off there, if negative.
    before = {"start": 0, "center": missing // 2, "end": missing}[align]
    if missing <= 0:
        return samples[-before : length - before]
    padding = (before, missing - before)
    return np.pad(samples, padding, mode="wrap" if mode == "wrap" else "constant")


class FixedLength(SignalTransformer):
    """Cut or continue every signal to the same duration.

    A longer signal is cut; ``align`` says which part is kept.

    Parameters
    ----------
    duration : float
        In seconds.
    mode : {"pad", "wrap", "error"}, default="pad"
        What to do with a shorter signal: continue it with zeros or by repeating it, or refuse it.
    align : {"start", "center", "end"}, default="start"
        Where the signal is in the result; of a longer one, which part is kept.
    sample_rate : float or None, default=None
        Rate of the signals in Hz. Needed for plain arrays; an error where it contradicts a batch.

    See Also
    --------
    SilenceTrimmer : Cuts silence off both ends.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio import FixedLength
    >>> second = FixedLength(1.0, sample_rate=8000)
    >>> [len(samples) for samples in second.fit_transform([np.ones(3000), np.ones(9000)])]
    [8000, 8000]
    """

    _parameter_constraints: dict[str, list[Any]] = {
        "duration": [Interval(Real, 0, None, closed="neither")],
        "mode": [StrOptions(set(MODES))],
        "align": [StrOptions(set(ALIGNMENTS))],
        "sample_rate": [Interval(Real, 0, None, closed="neither"), None],
    }

    def __init__(
        self,
        duration: float,
        *,
        mode: str = "pad",
        align: str = "start",
        sample_rate: float | None = None,
    ) -> None:
        self.duration = duration
        self.mode = mode
        self.align = align
        self.sample_rate = sample_rate

    def process(self, signal: Signal) -> Signal:
        """Return the signal with the duration.

        Parameters
        ----------
        signal : Signal
            A signal of known rate.

        Returns
        -------
        signal : Signal
            At the same rate.
        """
        rate = signal.with_rate(self.sample_rate).known_rate
        if self.duration * rate > max(MOST_SAMPLES, len(signal)):
            raise AudioLimitError(
                f"duration={self.duration:g} s at {rate:g} Hz is more than {MOST_SAMPLES} samples "
                "(2 GiB). Use a shorter duration, in seconds, or a lower rate"
            )
        length = round(self.duration * rate)
        if length == 0:
            raise AudioError(
                f"duration={self.duration:g} s at {rate:g} Hz is less than one sample. Use a "
                "longer duration, in seconds"
            )
        return Signal(fix_length(signal.samples, length, mode=self.mode, align=self.align), rate)
