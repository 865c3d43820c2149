"""Features of the samples themselves."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Integral

import numpy as np
from numpy.typing import ArrayLike

from ..base import FeatureExtractor, Interval
from ..signals import Signal
from .framing import frame_times


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

    A feature of your own is a subclass with ``value_names`` and ``signal_values``. It describes
    the whole signal; one of frames is a `FramedWaveformExtractor`.

    Parameters
    ----------
    sample_rate : float or None, default=None
        Rate of the signals in Hz. Needed for plain arrays by features that depend on it; an
        error where it contradicts a batch.
    n_jobs : int or None, default=None
        Processes over which signals are spread, as in joblib.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio.features import WaveformExtractor
    >>> class PeakExtractor(WaveformExtractor):
    ...     def value_names(self):
    ...         return ["peak"]
    ...     def signal_values(self, signal):
    ...         return [[np.abs(signal.samples).max()]]
    >>> PeakExtractor().fit_transform([[0.0, -0.5, 0.25]])
    array([[0.5]], dtype=float32)
    """

    def domain(self) -> Waveform:
        """Return the waveform.

        Returns
        -------
        domain : Waveform
            The same for all.
        """
        return Waveform()

    @abstractmethod
    def signal_values(self, signal: Signal) -> ArrayLike:
        """Return the values of each frame of a signal.

        Parameters
        ----------
        signal : Signal
            The signal.

        Returns
        -------
        values : array-like of shape (n_frames, n_values)
            The frames; one where the feature describes the whole signal.
        """


class FramedWaveformExtractor(WaveformExtractor):
    """Base of the features of frames of samples.

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

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio.features import FramedWaveformExtractor
    >>> from sklearn_audio.features.framing import frame_blocks
    >>> class FramePeakExtractor(FramedWaveformExtractor):
    ...     def value_names(self):
    ...         return ["peak"]
    ...     def signal_values(self, signal):
    ...         blocks = frame_blocks(
    ...             signal.samples,
    ...             frame_length=self.frame_length,
    ...             hop_length=self.hop_length,
    ...             center=self.center,
    ...         )
    ...         return np.concatenate([np.abs(frames).max(axis=1) for frames in blocks])[:, None]
    >>> peaks = FramePeakExtractor(frame_length=2, hop_length=2, center=False, summary=None)
    >>> peaks.fit_transform([[0.0, -0.5, 0.25, 0.0]])
    [array([[0.5 ],
           [0.25]], dtype=float32)]
    """

    frame_length: int = 2048
    hop_length: int = 512
    center: bool = True
    summary: Sequence[str] | None = ("mean", "std")

    _parameter_constraints = {
        **WaveformExtractor._parameter_constraints,
        "frame_length": [Interval(Integral, 2, None, closed="left")],
        "hop_length": [Interval(Integral, 1, None, closed="left")],
        "center": ["boolean"],
    }

    def frame_times(self, n_frames: int, rate: float) -> np.ndarray:
        return frame_times(
            n_frames,
            rate,
            frame_length=self.frame_length,
            hop_length=self.hop_length,
            center=self.center,
        )
