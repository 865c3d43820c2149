"""Level and zero crossings of frames of samples."""

from __future__ import annotations

import numpy as np

from ..base import StrOptions
from ..signals import Signal
from .framing import PAD_MODES, PadMode, frame_blocks
from .waveform import FramedWaveformExtractor

# Smaller samples count as 0, and 0 counts as positive.
_ZERO = 1e-10


def root_mean_square(
    samples: np.ndarray,
    *,
    frame_length: int = 2048,
    hop_length: int = 512,
    center: bool = True,
    pad_mode: PadMode = "constant",
) -> np.ndarray:
    """Return the root mean square of each frame.

    Equal to `librosa.feature.rms`.

    Parameters
    ----------
    samples : ndarray of shape (n_samples,)
        The signal.
    frame_length, hop_length : int, default=2048 and 512
        Samples of a frame, and from one frame to the next.
    center : bool, default=True
        Centre frame t at sample ``t * hop_length``.
    pad_mode : {"constant", "edge", "reflect", "symmetric"}, default="constant"
        How the signal is continued at its ends where ``center`` is true.

    Returns
    -------
    rms : ndarray of shape (n_frames,)
        Of the unit of the samples.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio.features.temporal import root_mean_square
    >>> square = np.array([3.0, -3.0, 3.0, -3.0])
    >>> root_mean_square(square, frame_length=2, hop_length=2, center=False)
    array([3., 3.])
    """
    blocks = frame_blocks(
        samples,
        frame_length=frame_length,
        hop_length=hop_length,
        center=center,
        pad_mode=pad_mode,
    )
    energy = [np.vecdot(frames, frames) for frames in blocks]
    return np.sqrt(np.concatenate(energy) / frame_length)


def zero_crossing_rate(
    samples: np.ndarray, *, frame_length: int = 2048, hop_length: int = 512, center: bool = True
) -> np.ndarray:
    """Return how often the sign changes in each frame, as a share of its samples.

    Equal to `librosa.feature.zero_crossing_rate`.

    Parameters
    ----------
    samples : ndarray of shape (n_samples,)
        The signal. Values up to 1e-10 count as 0, and 0 as positive.
    frame_length, hop_length : int, default=2048 and 512
        Samples of a frame, and from one frame to the next.
    center : bool, default=True
        Centre frame t at sample ``t * hop_length``; the signal is continued by its first and
        last sample.

    Returns
    -------
    rate : ndarray of shape (n_frames,), dtype float64
        Crossings a sample, from 0 to 1.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio.features.temporal import zero_crossing_rate
    >>> zero_crossing_rate(np.array([1.0, -1.0, 1.0, 1.0]), frame_length=4, center=False)
    array([0.5])
    """
    blocks = frame_blocks(
        samples,
        frame_length=frame_length,
        hop_length=hop_length,
        center=center,
        pad_mode="edge",
    )
    crossings = [_sign_changes(frames, hop_length) for frames in blocks]
    return np.concatenate(crossings) / frame_length


def zero_crossings(samples: np.ndarray) -> np.ndarray:
    """Return where the sign of a signal changes.

    Equal to `librosa.zero_crossings` without ``pad``.

    Parameters
    ----------
    samples : ndarray of shape (n_samples,)
        The signal. Values up to 1e-10 count as 0, and 0 as positive.

    Returns
    -------
    positions : ndarray of shape (n_crossings,), dtype int64
        Of the last sample before each change.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio.features.temporal import zero_crossings
    >>> zero_crossings(np.array([1.0, -1.0, -1.0, 0.0, 1.0]))
    array([0, 2])
    """
    negative = samples < -_ZERO
    return np.flatnonzero(negative[1:] != negative[:-1])


def _sign_changes(frames: np.ndarray, hop_length: int) -> np.ndarray:
    """Return the number of sign changes in each frame, looking at each sample once."""
    n_frames, frame_length = frames.shape
    step = min(hop_length, frame_length)
    stretch = np.concatenate([frames[:-1, :step].ravel(), frames[-1]])
    changes = zero_crossings(stretch)
    starts = np.arange(n_frames) * step
    return np.searchsorted(changes, starts + frame_length - 1) - np.searchsorted(changes, starts)


class RMSExtractor(FramedWaveformExtractor):
    """Root mean square of the samples: the level.

    Equal to `librosa.feature.rms`.

    Parameters
    ----------
    pad_mode : {"constant", "edge", "reflect", "symmetric"}, default="constant"
        How a signal is continued at its ends where ``center`` is true.
    sample_rate : float or None, default=None
        Rate that the signals must have, in Hz, where it is given; not needed.

    See Also
    --------
    sklearn_audio.features.temporal.root_mean_square : The function of one signal.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio import RMSExtractor
    >>> sine = np.sin(2 * np.pi * np.arange(44100) / 128)
    >>> RMSExtractor(summary=["median"]).fit_transform([sine]).round(6)
    array([[0.707107]], dtype=float32)
    """

    unit = "amplitude"

    pad_mode: PadMode = "constant"

    _parameter_constraints = {
        **FramedWaveformExtractor._parameter_constraints,
        "pad_mode": [StrOptions(set(PAD_MODES))],
    }

    def value_names(self) -> list[str]:
        return ["rms"]

    def signal_values(self, signal: Signal) -> np.ndarray:
        return root_mean_square(
            signal.samples,
            frame_length=self.frame_length,
            hop_length=self.hop_length,
            center=self.center,
            pad_mode=self.pad_mode,
        )[:, np.newaxis]


class ZeroCrossingRateExtractor(FramedWaveformExtractor):
    """How often the waveform changes its sign: high for noise, low for low tones.

    Equal to `librosa.feature.zero_crossing_rate`.

    Parameters
    ----------
    sample_rate : float or None, default=None
        Rate that the signals must have, in Hz, where it is given; not needed.

    See Also
    --------
    sklearn_audio.features.temporal.zero_crossing_rate : The function of one signal.

    Examples
    --------
    A tone of 1000 Hz crosses zero 2000 times a second, every 8th sample at 16 kHz:

    >>> import numpy as np
    >>> from sklearn_audio import ZeroCrossingRateExtractor
    >>> tone = np.sin(2 * np.pi * 1000 * (np.arange(16000) + 0.5) / 16000)
    >>> ZeroCrossingRateExtractor(summary=["median"]).fit_transform([tone]).round(3)
    array([[0.125]], dtype=float32)
    """

    unit = "1 / sample"

    def value_names(self) -> list[str]:
        return ["zero_crossing_rate"]

    def signal_values(self, signal: Signal) -> np.ndarray:
        return zero_crossing_rate(
            signal.samples,
            frame_length=self.frame_length,
            hop_length=self.hop_length,
            center=self.center,
        )[:, np.newaxis]
