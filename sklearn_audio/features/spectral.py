"""The shape of the spectrum in a few numbers a frame, as librosa describes it.

*Conventions.* All but the flatness are computed from magnitudes, not power, as librosa does. A
silent frame has the centroid, the bandwidth and the rolloff 0 Hz, the contrast 0 dB, the polynomial
0, and the flatness 1.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from numbers import Integral, Real
from typing import NamedTuple

import numpy as np

from ..base import Interval
from ..errors import AudioError
from .decibels import power_to_decibels
from .spectrum import PowerSpectrum, SpectrumBlock, SpectrumExtractor

# Bins of a group in which the rolloff is looked for.
_GROUP = 32


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
    return divided(magnitude @ frequencies, total_of(magnitude))


def total_of(spectrum: np.ndarray) -> np.ndarray:
    """Return the sum of each frame, by a matrix product: several times as fast as a sum.

    Parameters
    ----------
    spectrum : ndarray of shape (n_frames, n_bins)
        Of any kind.

    Returns
    -------
    total : ndarray of shape (n_frames,)
        Of the same dtype.
    """
    return spectrum @ np.ones(spectrum.shape[1], dtype=spectrum.dtype)


def divided(numerator: np.ndarray, total: np.ndarray) -> np.ndarray:
    """Return a quotient, and 0 for frames whose total is next to nothing.

    Parameters
    ----------
    numerator, total : ndarray
        Of shapes that fit each other.

    Returns
    -------
    quotient : ndarray
        Of their common shape.
    """
    silent = total < np.finfo(total.dtype).tiny
    return np.where(silent, 0, numerator / np.where(silent, 1, total))


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
    # The bin is looked for in two stages, first among groups of bins: one long running sum a frame
    # would take several times as long.
    bins = magnitude.T
    n_bins, n_frames = bins.shape
    n_groups = -(-n_bins // _GROUP)
    padded = np.zeros((n_groups * _GROUP, n_frames), dtype=magnitude.dtype)
    padded[:n_bins] = bins
    groups = padded.reshape(n_groups, _GROUP, n_frames)
    cumulated = np.cumsum(groups.sum(axis=1), axis=0)
    threshold = roll_percent * cumulated[-1]
    group = np.argmax(cumulated >= threshold, axis=0)
    frame = np.arange(n_frames)
    before = np.where(group > 0, cumulated[group - 1, frame], 0)
    inside = before + np.cumsum(groups[group, :, frame], axis=1).T
    # Rounding may leave the last bin of the group a little short of what the group reached.
    inside[-1] = np.inf
    rolloff = group * _GROUP + np.argmax(inside >= threshold, axis=0)
    return frequencies[np.minimum(rolloff, n_bins - 1)]


def spectral_bandwidth(
    magnitude: np.ndarray, frequencies: np.ndarray, *, p: float = 2, norm: bool = True
) -> np.ndarray:
    """Return how far each frame spreads around its centroid.

    ``sum(magnitude * |frequency - centroid| ** p) ** (1 / p)`` (A. Klapuri and M. Davy, *Signal
    Processing Methods for Music Transcription*, 2006, chapter 5). Equal to
    `librosa.feature.spectral_bandwidth`.

    Parameters
    ----------
    magnitude : ndarray of shape (n_frames, n_bins)
        Magnitudes of the spectrum.
    frequencies : ndarray of shape (n_bins,)
        Frequency of each bin in Hz.
    p : float, default=2
        The power; 2 for a weighted standard deviation.
    norm : bool, default=True
        Divide the magnitudes of each frame by their sum first.

    Returns
    -------
    bandwidth : ndarray of shape (n_frames,)
        In Hz; 0 for a silent frame.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio.features.spectral import spectral_bandwidth
    >>> spectral_bandwidth(np.array([[1.0, 0.0, 1.0]]), np.array([0.0, 100.0, 200.0]))
    array([100.])
    """
    # In float64 the powers of frequencies are not too large, and have digits to spare.
    weights = magnitude.astype(np.float64)
    frequencies = frequencies.astype(np.float64)
    total = total_of(weights)
    if p == 2:
        # The second moment by way of those around 0 Hz is quicker.
        first = weights @ frequencies
        moment = np.maximum(weights @ frequencies**2 - divided(first**2, total), 0)
    else:
        centroid = spectral_centroid(weights, frequencies)[:, np.newaxis]
        moment = np.sum(weights * np.abs(frequencies - centroid) ** p, axis=1)
    if norm:
        moment = divided(moment, total)
    return moment ** (1 / p)


def spectral_flatness(power: np.ndarray, *, amin: float = 1e-10) -> np.ndarray:
    """Return the geometric over the arithmetic mean of each frame: how noise-like it is.

    S. Dubnov, *Generalization of spectral flatness measure for non-Gaussian linear processes*,
    2004. Equal to `librosa.feature.spectral_flatness`.

    Parameters
    ----------
    power : ndarray of shape (n_frames, n_bins)
        Power spectrum.
    amin : float, default=1e-10
        Smaller powers count as this.

    Returns
    -------
    flatness : ndarray of shape (n_frames,)
        From 0, a tone, to 1, white noise; 1 for a silent frame.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio.features.spectral import spectral_flatness
    >>> spectral_flatness(np.array([[1.0, 1.0, 1.0], [1.0, 0.01, 0.0001]])).round(3)
    array([1.  , 0.03])
    """
    power = np.maximum(power, power.dtype.type(amin))
    n_bins = power.shape[1]
    # Many logarithms of one size and sign: a sum in float32 would lose a digit or two.
    logarithms = np.log(power).astype(np.float64)
    return np.exp(total_of(logarithms) / n_bins) / (total_of(power) / n_bins)


def polynomial_coefficients(
    magnitude: np.ndarray, frequencies: np.ndarray, *, order: int = 1
) -> np.ndarray:
    """Return the polynomial over frequency that comes nearest to each frame (least squares).

    Equal to `librosa.feature.poly_features`.

    Parameters
    ----------
    magnitude : ndarray of shape (n_frames, n_bins)
        Magnitudes of the spectrum.
    frequencies : ndarray of shape (n_bins,)
        Frequency of each bin in Hz.
    order : int, default=1
        Order of the polynomial; 1 for a line.

    Returns
    -------
    coefficients : ndarray of shape (n_frames, order + 1), dtype float64
        From the highest power of the frequency down to the constant.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio.features.spectral import polynomial_coefficients
    >>> polynomial_coefficients(np.array([[3.0, 2.0, 1.0]]), np.array([0.0, 10.0, 20.0])).round(6)
    array([[-0.1,  3. ]])
    """
    # With frequencies from 0 to 1 the powers are of one size, so that the fit loses no digits.
    highest = frequencies[-1]
    fit = np.linalg.pinv(np.vander(np.asarray(frequencies, dtype=np.float64) / highest, order + 1))
    coefficients = magnitude.astype(np.float64) @ fit.T
    return coefficients / np.float64(highest) ** np.arange(order, -1, -1)


def spectral_rms(magnitude: np.ndarray, n_fft: int) -> np.ndarray:
    """Return the root mean square of the windowed samples of each frame, by Parseval's theorem.

    Equal to `librosa.feature.rms` of a spectrogram.

    Parameters
    ----------
    magnitude : ndarray of shape (n_frames, n_fft // 2 + 1)
        Magnitudes of the spectrum.
    n_fft : int
        Samples of a frame.

    Returns
    -------
    rms : ndarray of shape (n_frames,)
        Of the unit of the samples.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio.features.spectral import spectral_rms
    >>> spectral_rms(np.abs([np.fft.rfft([3.0, -3.0, 3.0, -3.0])]), 4)
    array([3.])
    """
    # A bin stands for itself and its mirror image; those at 0 Hz and half the rate have none.
    images = np.full(magnitude.shape[1], 2, dtype=magnitude.dtype)
    images[0] = 1
    if n_fft % 2 == 0:
        images[-1] = 1
    return np.sqrt(magnitude**2 @ images) / n_fft


class OctaveBand(NamedTuple):
    """A band of the spectral contrast.

    Parameters
    ----------
    first, stop : int
        Its bins.
    n_extremes : int
        How many of the highest, and of the lowest of them are averaged.
    """

    first: int
    stop: int
    n_extremes: int


@lru_cache(maxsize=64)
def octave_bands(
    rate: float, n_fft: int, *, fmin: float = 200.0, n_bands: int = 6, quantile: float = 0.02
) -> tuple[OctaveBand, ...]:
    """Return the bands of the spectral contrast: one below ``fmin``, and octaves above.

    They are those of `librosa.feature.spectral_contrast`: from its second band on, a band
    begins one bin early; the last one reaches to half the rate.

    Parameters
    ----------
    rate : float
        Rate of the signal in Hz.
    n_fft : int
        Samples of a frame.
    fmin : float, default=200.0
        Upper edge of the lowest band in Hz.
    n_bands : int, default=6
        Octaves above it.
    quantile : float, default=0.02
        The share of a band's bins that count as its peak, and as its valley.

    Returns
    -------
    bands : tuple of OctaveBand
        ``n_bands + 1`` of them, from the lowest up.

    Raises
    ------
    AudioError
        Where a band begins above half the rate, or holds no bin.

    Examples
    --------
    >>> from sklearn_audio.features.spectral import octave_bands
    >>> octave_bands(8000, 256, n_bands=2)[2]
    OctaveBand(first=12, stop=129, n_extremes=2)
    """
    edges = np.concatenate([[0], fmin * 2.0 ** np.arange(n_bands + 1)])
    if edges[-2] >= rate / 2:
        fitting = int(np.ceil(np.log2(rate / 2 / fmin))) if fmin < rate / 2 else 0
        advice = f"n_bands={fitting} at most" if fitting else "a lower fmin"
        raise AudioError(
            f"fmin={fmin:g} Hz and n_bands={n_bands} octaves above it reach beyond half the rate "
            f"of {rate:g} Hz. Use {advice}"
        )
    frequencies = np.fft.rfftfreq(n_fft, 1 / rate)
    bands = []
    for number, (low, high) in enumerate(pairwise(edges)):
        inside = np.flatnonzero((frequencies >= low) & (frequencies <= high))
        is_last = number == n_bands
        first = max(inside[0] - (number > 0), 0) if inside.size else 0
        stop = len(frequencies) if is_last else (inside[-1] + 1 if inside.size else 0)
        n_extremes = max(int(np.rint(quantile * (stop - first))), 1)
        stop -= not is_last
        if stop <= first:
            raise AudioError(
                f"the band from {low:g} to {high:g} Hz holds no bin of a spectrum with "
                f"n_fft={n_fft} at {rate:g} Hz. Use a larger n_fft or a higher fmin"
            )
        bands.append(OctaveBand(int(first), int(stop), n_extremes))
    return tuple(bands)


def peaks_and_valleys(magnitude: np.ndarray, bands: tuple[OctaveBand, ...]) -> np.ndarray:
    """Return the mean of the highest and of the lowest magnitudes in each band.

    Parameters
    ----------
    magnitude : ndarray of shape (n_frames, n_bins)
        Magnitudes of the spectrum.
    bands : tuple of OctaveBand
        See `octave_bands`.

    Returns
    -------
    extremes : ndarray of shape (n_frames, 2 * n_bands)
        The peaks of all bands, then the valleys.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio.features.spectral import OctaveBand, peaks_and_valleys
    >>> peaks_and_valleys(np.array([[5.0, 1.0, 3.0, 2.0]]), (OctaveBand(0, 4, 2),))
    array([[4. , 1.5]])
    """
    n_frames = len(magnitude)
    ordered = np.empty((n_frames, sum(stop - first for first, stop, _ in bands)), magnitude.dtype)
    peaks, valleys, start = [], [], 0
    for first, stop, n_extremes in bands:
        band = ordered[:, start : start + stop - first]
        band[:] = magnitude[:, first:stop]
        band.sort(axis=1)
        peaks.append(band[:, -n_extremes:])
        valleys.append(band[:, :n_extremes])
        start += stop - first
    widths = [n_extremes for *_, n_extremes in bands] * 2
    starts = np.cumsum([0, *widths[:-1]])
    extremes = np.concatenate(peaks + valleys, axis=1)
    return np.add.reduceat(extremes, starts, axis=1) / np.array(widths, dtype=magnitude.dtype)


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

    unit = "Hz"

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

    unit = "Hz"

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


class SpectralBandwidthExtractor(SpectrumExtractor):
    """How far the spectrum spreads around its centroid: narrow for tones, wide for noise.

    In Hz. Equal to `librosa.feature.spectral_bandwidth`.

    Parameters
    ----------
    p : float, default=2
        The power to which deviations are raised; 2 for a weighted standard deviation.
    norm : bool, default=True
        Divide the magnitudes of each frame by their sum first.

    See Also
    --------
    sklearn_audio.features.spectral.spectral_bandwidth : The function of one spectrum.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio import SpectralBandwidthExtractor
    >>> tone = np.sin(2 * np.pi * 1000 * np.arange(16000) / 16000)
    >>> noise = np.random.default_rng(0).normal(size=16000)
    >>> bandwidth = SpectralBandwidthExtractor(summary=["median"], sample_rate=16000)
    >>> bandwidth.fit_transform([tone, noise]).round(-1)
    array([[  10.],
           [2320.]], dtype=float32)
    """

    unit = "Hz"

    p: float = 2
    norm: bool = True

    _parameter_constraints = {
        **SpectrumExtractor._parameter_constraints,
        "p": [Interval(Real, 0, 50, closed="right")],
        "norm": ["boolean"],
    }

    def value_names(self) -> list[str]:
        return ["spectral_bandwidth"]

    def block_values(self, block: SpectrumBlock) -> np.ndarray:
        frequencies = block.spectrum.frequencies
        bandwidth = spectral_bandwidth(block.magnitude, frequencies, p=self.p, norm=self.norm)
        return bandwidth[:, np.newaxis]


class SpectralContrastExtractor(SpectrumExtractor):
    """How far the peaks stand out from the valleys of the spectrum, octave by octave.

    In dB: high for tones over little noise, low for noise (D. Jiang, L. Lu, H. Zhang, J. Tao and
    L. Cai, *Music type classification by spectral contrast feature*, 2002). Equal to
    `librosa.feature.spectral_contrast`. A frame has one value for the band below ``fmin`` and one
    for each octave above. Levels more than 80 dB below the loudest of the signal count as that.

    Parameters
    ----------
    fmin : float, default=200.0
        Upper edge of the lowest band in Hz.
    n_bands : int, default=6
        Octaves above it. The last has to begin below half the rate: at 8 kHz, 5 is the most.
    quantile : float, default=0.02
        The share of a band's bins that count as its peak, and as its valley; at least one bin.
    linear : bool, default=False
        The difference of magnitudes in place of that of levels.
    precision : {"single", "double"}, default="double"
        Of the numbers that are transformed. The faintest bins of a band, on which this feature
        looks, often drown in rounding in single precision, which is twice as fast and shares the
        transform with other features.

    See Also
    --------
    sklearn_audio.features.spectral.octave_bands : The bands.
    sklearn_audio.features.spectral.peaks_and_valleys : The function of one spectrum.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio import SpectralContrastExtractor
    >>> noise = np.random.default_rng(0).normal(size=22050)
    >>> tones = sum(np.sin(2 * np.pi * f * np.arange(22050) / 22050) for f in range(99, 11000, 99))
    >>> contrast = SpectralContrastExtractor(summary=["median"], sample_rate=22050)
    >>> contrast.fit_transform([noise, tones])[:, 3:].round()
    array([[13., 13., 13., 13.],
           [30., 30., 32., 31.]], dtype=float32)
    """

    unit = "dB"

    fmin: float = 200.0
    n_bands: int = 6
    quantile: float = 0.02
    linear: bool = False
    precision: str = "double"

    _parameter_constraints = {
        **SpectrumExtractor._parameter_constraints,
        "fmin": [Interval(Real, 0, None, closed="neither")],
        "n_bands": [Interval(Integral, 1, 30, closed="both")],
        "quantile": [Interval(Real, 0, 1, closed="neither")],
        "linear": ["boolean"],
    }

    def value_names(self) -> list[str]:
        return [f"spectral_contrast_{band}" for band in range(self.n_bands + 1)]

    def block_values(self, block: SpectrumBlock) -> np.ndarray:
        bands = octave_bands(
            block.spectrum.rate,
            block.spectrum.n_fft,
            fmin=self.fmin,
            n_bands=self.n_bands,
            quantile=self.quantile,
        )
        return peaks_and_valleys(block.magnitude, bands)

    def finish(self, values: np.ndarray, spectrum: PowerSpectrum) -> np.ndarray:
        peaks, valleys = np.split(values, 2, axis=1)
        if self.linear:
            return peaks - valleys
        # In float64, where little is left of the difference of two nearly equal levels.
        contrast = power_to_decibels(peaks.astype(np.float64))
        contrast -= power_to_decibels(valleys.astype(np.float64))
        return contrast


class SpectralFlatnessExtractor(SpectrumExtractor):
    """How noise-like a sound is: 0 for a tone, 1 for white noise, and for silence.

    Geometric over arithmetic mean of the spectrum. Equal to `librosa.feature.spectral_flatness`.

    Parameters
    ----------
    amin : float, default=1e-10
        Smaller values of the spectrum count as this.
    power : float, default=2.0
        Exponent of the magnitudes: 2 for power, 1 for magnitude.
    sample_rate : float or None, default=None
        Rate that the signals must have, in Hz, where it is given; not needed.

    See Also
    --------
    sklearn_audio.features.spectral.spectral_flatness : The function of one spectrum.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio import SpectralFlatnessExtractor
    >>> tone = np.sin(2 * np.pi * 1000 * np.arange(16000) / 16000)
    >>> noise = np.random.default_rng(0).normal(size=16000)
    >>> SpectralFlatnessExtractor(summary=["median"]).fit_transform([tone, noise]).round(2)
    array([[0.  ],
           [0.56]], dtype=float32)
    """

    unit = "0 to 1"

    amin: float = 1e-10
    power: float = 2.0

    _parameter_constraints = {
        **SpectrumExtractor._parameter_constraints,
        "amin": [Interval(Real, 1e-37, 1e30, closed="both")],
        "power": [Interval(Real, 0, None, closed="neither")],
    }

    def value_names(self) -> list[str]:
        return ["spectral_flatness"]

    def block_values(self, block: SpectrumBlock) -> np.ndarray:
        return spectral_flatness(block.powered(self.power), amin=self.amin)[:, np.newaxis]


class PolynomialExtractor(SpectrumExtractor):
    """The polynomial over frequency that comes nearest to the spectrum: its tilt and bends.

    Fitted to the magnitudes by least squares. Equal to `librosa.feature.poly_features`. The values
    are the coefficients, from ``poly_1``, the tilt per Hz, down to ``poly_0``, the constant.

    Parameters
    ----------
    order : int, default=1
        Order of the polynomial; 1 for a line.

    See Also
    --------
    sklearn_audio.features.spectral.polynomial_coefficients : The function of one spectrum.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio import PolynomialExtractor
    >>> noise = np.random.default_rng(0).normal(size=16000)
    >>> dull = np.convolve(noise, [0.5, 0.5])
    >>> line = PolynomialExtractor(summary=["median"], sample_rate=16000)
    >>> line.fit_transform([noise, dull]).round(3)
    array([[ 0.0000e+00,  2.4415e+01],
           [-3.0000e-03,  2.8428e+01]], dtype=float32)
    """

    unit = "magnitude / Hz^k"

    order: int = 1

    _parameter_constraints = {
        **SpectrumExtractor._parameter_constraints,
        "order": [Interval(Integral, 0, 50, closed="both")],
    }

    def value_names(self) -> list[str]:
        return [f"poly_{power}" for power in range(self.order, -1, -1)]

    def block_values(self, block: SpectrumBlock) -> np.ndarray:
        frequencies = block.spectrum.frequencies
        return polynomial_coefficients(block.magnitude, frequencies, order=self.order)


class SpectralRMSExtractor(SpectrumExtractor):
    """Root mean square of the windowed samples: the level of what the other features look at.

    Of the unit of the samples. Equal to `librosa.feature.rms` of a spectrogram; for a Hann window
    some 0.61 times the value of `RMSExtractor`.

    Parameters
    ----------
    sample_rate : float or None, default=None
        Rate that the signals must have, in Hz, where it is given; not needed.

    See Also
    --------
    RMSExtractor : Of the samples as they are.
    sklearn_audio.features.spectral.spectral_rms : The function of one spectrum.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio import SpectralRMSExtractor
    >>> sine = np.sin(2 * np.pi * np.arange(44100) / 128)
    >>> SpectralRMSExtractor(summary=["median"]).fit_transform([sine]).round(3)
    array([[0.433]], dtype=float32)
    """

    unit = "amplitude"

    def value_names(self) -> list[str]:
        return ["spectral_rms"]

    def block_values(self, block: SpectrumBlock) -> np.ndarray:
        return spectral_rms(block.magnitude, block.spectrum.n_fft)[:, np.newaxis]
