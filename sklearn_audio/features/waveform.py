"""Features of the samples themselves."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import Any

import numpy as np

from ..base import FeatureExtractor, Interval
from ..signals import Signal


@dataclass(frozen=True)
class Waveform:
    """The domain of extractors that look at the samples; there is nothing to share."""

    def frames(self, signal: Signal, extractors: Sequence[WaveformExtractor]) -> list[np.ndarray]:
        """Return what each extractor makes of a signal.

        Parameters
        ----------
        signal : Signal
            The signal.
        extractors : sequence of WaveformExtractor
            What to compute.

        Returns
        -------
        frames : list of ndarray of shape (n_frames, n_values), dtype float32
            One an extractor.
        """
        return [
            np.asarray(extractor.signal_values(signal), dtype=np.float32)
            for extractor in extractors
        ]


class WaveformExtractor(FeatureExtractor):
    """Base of the features of the samples.

    A feature of your own is a subclass with ``value_names`` and ``signal_values``.

    Parameters
    ----------
    frame_length : int, default=2048
        Samples of a frame.
    hop_length : int, default=512
        Samples from one frame to the next.
    center : bool, default=True
        Centre frame t at sample ``t * hop_length``.
    summary : tuple of str or None, default=("mean", "std")
        Statistics over the frames, see `sklearn_audio.summaries`. None gives the frames.
    sample_rate : float or None, default=None
        Rate of the signals in Hz. Needed for plain arrays by features that depend on it; an
        error where it contradicts a batch.
    n_jobs : int or None, default=None
        Processes over which signals are spread, as in joblib.

    Examples
    --------
    A feature of the whole signal is one frame:

    >>> import numpy as np
    >>> from sklearn_audio.features import WaveformExtractor
    >>> class PeakExtractor(WaveformExtractor):
    ...     def value_names(self):
    ...         return ["peak"]
    ...     def signal_values(self, signal):
    ...         return np.abs(signal.samples).max(keepdims=True)[:, np.newaxis]
    >>> PeakExtractor(summary=["max"]).fit_transform([[0.0, -0.5, 0.25]])
    array([[0.5]], dtype=float32)
    """

    _parameter_constraints: dict[str, list[Any]] = {
        **FeatureExtractor._parameter_constraints,
        "frame_length": [Interval(Integral, 2, None, closed="left")],
        "hop_length": [Interval(Integral, 1, None, closed="left")],
        "center": ["boolean"],
    }

    def __init__(
        self,
        *,
        frame_length: int = 2048,
        hop_length: int = 512,
        center: bool = True,
        summary: Sequence[str] | None = ("mean", "std"),
        sample_rate: float | None = None,
        n_jobs: int | None = None,
    ) -> None:
        super().__init__(summary=summary, sample_rate=sample_rate, n_jobs=n_jobs)
        self.frame_length = frame_length
        self.hop_length = hop_length
        self.center = center

    def domain(self) -> Waveform:
        """Return the waveform.

        Returns
        -------
        domain : Waveform
            The same for all.
        """
        return Waveform()

    @abstractmethod
    def signal_values(self, signal: Signal) -> np.ndarray:
        """Return the values of each frame of a signal.

        Parameters
        ----------
        signal : Signal
            The signal.

        Returns
        -------
        values : ndarray of shape (n_frames, n_values)
            The frames.
        """
