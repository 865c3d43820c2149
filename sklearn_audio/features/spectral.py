"""Shape of the spectrum in one number a frame.

*Conventions.* These are computed from magnitudes, not power, as librosa does. A silent frame has
the centroid and the rolloff 0 Hz.
"""

from __future__ import annotations

from numbers import Real

import numpy as np

from ..base import Interval
from .spectrum import SpectrumBlock, SpectrumExtractor


def spectral_centroid(magnitude: np.ndarray, frequencies: np.ndarray) -> np.ndarray:
    """Return the mean frequency of each frame, weighted by magnitude.

    Equal to `librosa.feature.spectral_centroid`.

    Parameters
    ----------
    magnitude : ndarray of shape (n_frames, n_bins)
        Magnitudes of the spectrum.
    frequencies : ndarray of shape (n_bins,)
        Frequency of each bin in Hz.

    Returns
    -------
    centroid : ndarray of shape (n_frames,)
        In Hz; 0 for a silent frame.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio.features.spectral import spectral_centroid
    >>> magnitude = np.array([[0.0, 1.0, 1.0], [0.0, 0.0, 0.0]])
    >>> spectral_centroid(magnitude, np.array([0.0, 100.0, 200.0]))
    array([150.,   0.])
    """
    total = magnitude.sum(axis=1)
    silent = total < np.finfo(magnitude.dtype).tiny
    return np.where(silent, 0, magnitude @ frequencies / np.where(silent, 1, total))


def spectral_rolloff(
    magnitude: np.ndarray, frequencies: np.ndarray, *, roll_percent: float = 0.85
) -> np.ndarray:
    """Return the frequency below which most of the magnitude of each frame lies.

    Equal to `librosa.feature.spectral_rolloff`.

    Parameters
    ----------
    magnitude : ndarray of shape (n_frames, n_bins)
        Magnitudes of the spectrum.
    frequencies : ndarray of shape (n_bins,)
        Frequency of each bin in Hz.
    roll_percent : float, default=0.85
        The share that lies at or below, between 0 and 1.

    Returns
    -------
    rolloff : ndarray of shape (n_frames,)
        In Hz, always that of a bin; 0 for a silent frame.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio.features.spectral import spectral_rolloff
    >>> spectral_rolloff(np.array([[1.0, 1.0, 1.0, 1.0]]), np.array([0.0, 10.0, 20.0, 30.0]))
    array([30.])
    """
    cumulated = np.cumsum(magnitude, axis=1)
    reached = cumulated >= roll_percent * cumulated[:, -1:]
    return frequencies[np.argmax(reached, axis=1)]


class SpectralCentroidExtractor(SpectrumExtractor):
    """Where the centre of mass of the spectrum is: the brightness of a sound.

    The mean frequency, weighted by magnitude. Equal to `librosa.feature.spectral_centroid`.

    See Also
    --------
    sklearn_audio.features.spectral.spectral_centroid : The function of one spectrum.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio import SpectralCentroidExtractor
    >>> tone = np.sin(2 * np.pi * 1000 * np.arange(16000) / 16000)
    >>> centroid = SpectralCentroidExtractor(summary=["median"], sample_rate=16000)
    >>> centroid.fit_transform([tone]).round()
    array([[1000.]], dtype=float32)
    """

    def value_names(self) -> list[str]:
        return ["spectral_centroid"]

    def block_values(self, block: SpectrumBlock) -> np.ndarray:
        return spectral_centroid(block.magnitude, block.spectrum.frequencies)[:, np.newaxis]


class SpectralRolloffExtractor(SpectrumExtractor):
    """Below which frequency most of the spectrum lies.

    Equal to `librosa.feature.spectral_rolloff`. With a small ``roll_percent`` it tells where the
    spectrum begins.

    Parameters
    ----------
    roll_percent : float, default=0.85
        The share of the magnitude that lies at or below, between 0 and 1.

    See Also
    --------
    sklearn_audio.features.spectral.spectral_rolloff : The function of one spectrum.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio import SpectralRolloffExtractor
    >>> noise = np.random.default_rng(0).normal(size=(1, 16000))
    >>> SpectralRolloffExtractor(sample_rate=16000).fit_transform(noise).round(-2)
    array([[6800.,  100.]], dtype=float32)
    """

    roll_percent: float = 0.85

    _parameter_constraints = {
        **SpectrumExtractor._parameter_constraints,
        "roll_percent": [Interval(Real, 0, 1, closed="neither")],
    }

    def value_names(self) -> list[str]:
        return ["spectral_rolloff"]

    def block_values(self, block: SpectrumBlock) -> np.ndarray:
        return spectral_rolloff(
            block.magnitude, block.spectrum.frequencies, roll_percent=self.roll_percent
        )[:, np.newaxis]
