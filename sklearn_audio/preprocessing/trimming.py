"""Cutting silence off both ends."""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any

import numpy as np
from sklearn.utils import Tags

from ..base import Interval, SignalTransformer
from ..features.envelope import envelope_level
from ..features.temporal import root_mean_square
from ..signals import Signal


def sounding_part(
    samples: np.ndarray, *, top_db: float = 60, frame_length: int = 2048, hop_length: int = 512
) -> slice:
    """Return where a signal sounds, from its first to its last frame that is not silent.

    Equal to the interval of `librosa.effects.trim`.

    Parameters
    ----------
    samples : ndarray of shape (n_samples,)
        The signal.
    top_db : float, default=60
        A frame is silent where its root mean square is this far or further below the loudest
        frame's, in dB.
    frame_length, hop_length : int, default=2048 and 512
        Samples of a frame, and from one frame to the next.

    Returns
    -------
    part : slice
        Into the samples.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio.preprocessing.trimming import sounding_part
    >>> sounding_part(np.repeat([0.0, 1.0, 0.0], 4096))
    slice(3584, 9216, None)
    """
    level = envelope_level(
        root_mean_square(samples, frame_length=frame_length, hop_length=hop_length)
    )
    below = level.max() - level
    # The loudest frame sounds, even where top_db is 0 in float32.
    sounding = np.flatnonzero((below < top_db) | (below == 0))
    stop = min(len(samples), (int(sounding[-1]) + 1) * hop_length)
    return slice(int(sounding[0]) * hop_length, stop)


class SilenceTrimmer(SignalTransformer):
    """Cut silence off both ends of each signal.

    Equal to `librosa.effects.trim`. Signals get different lengths, so the answer to a 2-D array
    is a list. A signal that is silent throughout stays as it is.

    Parameters
    ----------
    top_db : float, default=60
        What is this far or further below the loudest frame is silence, in dB.
    frame_length : int, default=2048
        Samples of a frame.
    hop_length : int, default=512
        Samples from one frame to the next; cuts are made at multiples of it.

    See Also
    --------
    FixedLength : Brings signals to one length.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio import SilenceTrimmer
    >>> clap = np.repeat([0.0, 1.0, 0.0], 4096)
    >>> [trimmed] = SilenceTrimmer().fit_transform([clap])
    >>> trimmed.shape
    (5632,)
    """

    _parameter_constraints: dict[str, list[Any]] = {
        "top_db": [Interval(Real, 0, 1e6, closed="right")],
        "frame_length": [Interval(Integral, 2, None, closed="left")],
        "hop_length": [Interval(Integral, 1, None, closed="left")],
    }

    def __init__(
        self, *, top_db: float = 60, frame_length: int = 2048, hop_length: int = 512
    ) -> None:
        self.top_db = top_db
        self.frame_length = frame_length
        self.hop_length = hop_length

    def process(self, signal: Signal) -> Signal:
        """Return the part of the signal that sounds.

        Parameters
        ----------
        signal : Signal
            The signal.

        Returns
        -------
        signal : Signal
            At the same rate.
        """
        part = sounding_part(
            signal.samples,
            top_db=self.top_db,
            frame_length=self.frame_length,
            hop_length=self.hop_length,
        )
        return Signal(signal.samples[part], signal.rate)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False  # the answer to one is a list
        return tags
