"""How far a recording is from A440 tuning, estimated from the peaks of its spectrum.

The definitions are those of `librosa.piptrack`, `librosa.pitch_tuning` and
`librosa.estimate_tuning` with their defaults; here the peaks are collected block by block.
Peaks are found by parabolic interpolation (J. O. Smith, *Spectral Audio Signal Processing*,
"Quadratic Interpolation of Spectral Peaks").
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

# Where pitches are looked for, in Hz, and how high a peak is against the highest bin of its frame.
_LOWEST, _HIGHEST = 150.0, 4000.0
_THRESHOLD = 0.1
_RESOLUTION = 0.01
_A440 = 440.0


class SpectralPeaks(NamedTuple):
    """Peaks of a spectrum, of all frames together.

    Parameters
    ----------
    frequencies : ndarray of shape (n_peaks,), dtype float32
        Interpolated frequencies in Hz.
    heights : ndarray of shape (n_peaks,), dtype float32
        Interpolated values of the spectrum.
    """

    frequencies: np.ndarray
    heights: np.ndarray

    @classmethod
    def joined(cls, parts: list[SpectralPeaks]) -> SpectralPeaks:
        """Return the peaks of several blocks as one.

        Parameters
        ----------
        parts : list of SpectralPeaks
            Those of each block.

        Returns
        -------
        peaks : SpectralPeaks
            All of them.
        """
        return cls(*(np.concatenate(arrays) for arrays in zip(*parts, strict=True)))


def spectral_peaks(spectrum: np.ndarray, rate: float, n_fft: int) -> SpectralPeaks:
    """Return the peaks of some frames of a spectrum.

    Parameters
    ----------
    spectrum : ndarray of shape (n_frames, n_fft // 2 + 1), dtype float32
        Power or magnitude.
    rate : float
        Rate of the signal in Hz.
    n_fft : int
        Samples of a frame.

    Returns
    -------
    peaks : SpectralPeaks
        Local maxima between 150 and 4000 Hz of at least a tenth of their frame's maximum.
    """
    frequencies = np.fft.rfftfreq(n_fft, 1 / rate)
    inside = np.flatnonzero((frequencies >= _LOWEST) & (frequencies < min(_HIGHEST, rate / 2)))
    # The first and the last bin have but one neighbour.
    inside = inside[(inside > 0) & (inside < len(frequencies) - 1)]
    if inside.size == 0:
        return SpectralPeaks(np.empty(0, np.float32), np.empty(0, np.float32))
    first, stop = inside[0], inside[-1] + 1
    # Bins by frames, so that the next bin is n_frames further on.
    bins = spectrum.T
    n_frames = bins.shape[1]
    here, left, right = bins[first:stop], bins[first - 1 : stop - 1], bins[first + 1 : stop + 1]
    peaks = (here > _THRESHOLD * bins.max(axis=0)) & (here > left) & (here >= right)
    position = np.flatnonzero(peaks) + first * n_frames
    flat = bins.ravel()
    below, peak, above = (flat[position + offset] for offset in (-n_frames, 0, n_frames))
    shift = parabolic_shift(below, peak, above)
    return SpectralPeaks(
        ((position // n_frames + shift) * float(rate) / n_fft).astype(np.float32),
        peak + 0.25 * (above - below) * shift,
    )


def parabolic_shift(below: np.ndarray, here: np.ndarray, above: np.ndarray) -> np.ndarray:
    """Return how far the vertex of the parabola through three neighbours is from the middle one.

    Parameters
    ----------
    below, here, above : ndarray of shape (n_points,)
        Values at -1, 0 and 1.

    Returns
    -------
    shift : ndarray of shape (n_points,)
        Between -1 and 1; 0 where the vertex is farther away.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio.features.tuning import parabolic_shift
    >>> parabolic_shift(np.array([0.0]), np.array([3.0]), np.array([2.0]))
    array([0.25])
    """
    curvature = above + below - 2 * here
    gradient = (above - below) / 2
    flat = np.abs(gradient) >= np.abs(curvature)
    return np.where(flat, 0, -gradient / np.where(flat, 1, curvature))


def tuning_of(peaks: SpectralPeaks, bins_per_octave: int) -> float:
    """Return the deviation from A440 tuning that most of the stronger peaks share.

    Parameters
    ----------
    peaks : SpectralPeaks
        The peaks of a whole signal; those above their median height count.
    bins_per_octave : int
        In whose fractions the deviation is told.

    Returns
    -------
    tuning : float
        From -0.5 up to, but not including, 0.5, in steps of 0.01; 0.0 without any peak.
    """
    if peaks.frequencies.size == 0:
        return 0.0
    strong = peaks.frequencies[peaks.heights >= np.median(peaks.heights)]
    octaves = np.log2(strong / (_A440 / 16)).astype(np.float64)
    residual = np.mod(bins_per_octave * octaves, 1.0)
    residual[residual >= 0.5] -= 1.0
    counts, edges = np.histogram(residual, round(1 / _RESOLUTION), range=(-0.5, 0.5))
    return float(edges[np.argmax(counts)])
