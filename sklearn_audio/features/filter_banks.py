"""Filter banks: weights that gather the bins of a spectrum into bands.

*Conventions.* A bank is a matrix ``(n_bands, n_fft // 2 + 1)`` that is applied to power. Centres
are evenly spaced on a scale of frequency: in Hz, in mel (see `sklearn_audio.features.mel`), on the
Bark scale in the form of H. Hermansky (1990), Schroeder (1977) and Wang et al. (1992), ``6 asinh(f
/ 600)``, or by equivalent rectangular bandwidths (ERB) as B. Glasberg and B. Moore (1990) have
them, ``24.7 + f / 9.265`` Hz wide at f.
"""

from __future__ import annotations

import warnings
from abc import abstractmethod
from functools import lru_cache
from numbers import Real

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import csr_array

from ..base import Interval
from ..errors import AudioError
from .spectrum import PowerSpectrum, SpectrumBlock, SpectrumExtractor

# Glasberg and Moore: 24.7 * (4.37 f / 1000 + 1) Hz.
_ERB_AT_0 = 24.7
_ERB_SLOPE = 24.7 * 4.37 / 1000
# The bandwidth of a gammatone filter of 4th order whose ERB is 1 (R. Patterson et al., 1992).
_GAMMATONE_BANDWIDTH = 1.019


def hertz_to_bark(frequencies: ArrayLike) -> np.ndarray:
    """Return frequencies on the Bark scale, ``6 asinh(f / 600)``.

    Parameters
    ----------
    frequencies : array-like
        In Hz.

    Returns
    -------
    barks : ndarray, dtype float64
        Critical bandwidths above 0 Hz.

    Examples
    --------
    >>> from sklearn_audio.features.filter_banks import hertz_to_bark
    >>> hertz_to_bark([0.0, 1000.0, 8000.0]).round(2)
    array([ 0.  ,  7.7 , 19.71])
    """
    return 6 * np.arcsinh(np.asarray(frequencies, dtype=np.float64) / 600)


def hertz_to_erb(frequencies: ArrayLike) -> np.ndarray:
    """Return frequencies on the scale of equivalent rectangular bandwidths.

    Parameters
    ----------
    frequencies : array-like
        In Hz.

    Returns
    -------
    erbs : ndarray, dtype float64
        Equivalent rectangular bandwidths above 0 Hz.

    Examples
    --------
    >>> from sklearn_audio.features.filter_banks import hertz_to_erb
    >>> hertz_to_erb([0.0, 1000.0, 8000.0]).round(2)
    array([ 0.  , 15.57, 33.19])
    """
    frequencies = np.asarray(frequencies, dtype=np.float64)
    return np.log1p(frequencies * _ERB_SLOPE / _ERB_AT_0) / _ERB_SLOPE


def erb_to_hertz(erbs: ArrayLike) -> np.ndarray:
    """Return the frequencies of points on the ERB scale; the inverse of `hertz_to_erb`.

    Parameters
    ----------
    erbs : array-like
        Points on the scale.

    Returns
    -------
    frequencies : ndarray, dtype float64
        In Hz.
    """
    return np.expm1(np.asarray(erbs, dtype=np.float64) * _ERB_SLOPE) * _ERB_AT_0 / _ERB_SLOPE


def band_limits(rate: float, fmin: float, fmax: float | None) -> tuple[float, float]:
    """Return the range of frequencies of a filter bank.

    Parameters
    ----------
    rate : float
        Rate of the signal in Hz.
    fmin, fmax : float
        As the user gave them; None for half the rate.

    Returns
    -------
    fmin, fmax : float
        In Hz.

    Raises
    ------
    AudioError
        Where the range is empty.
    """
    fmax = rate / 2 if fmax is None else fmax
    if not 0 <= fmin < fmax:
        raise AudioError(
            f"bands from fmin={fmin:g} Hz to fmax={fmax:g} Hz at a rate of {rate:g} Hz; "
            "fmin has to be below fmax (by default half the rate)"
        )
    return fmin, fmax


def triangular_filter_bank(
    bins: np.ndarray, edges: np.ndarray, *, norm: str | None = None
) -> csr_array:
    """Return overlapping triangles, each from one edge to the next but one.

    Parameters
    ----------
    bins : ndarray of shape (n_bins,)
        Where the bins of the spectrum are, in Hz or on another scale.
    edges : ndarray of shape (n_bands + 2,)
        Rising, on the same scale.
    norm : {"slaney"} or None, default=None
        Triangles of height 1, or of area 1.

    Returns
    -------
    weights : csr_array of shape (n_bands, n_bins), dtype float32
        The bank. A warning tells of bands without a bin.

    Raises
    ------
    AudioError
        Where edges are the same but for rounding.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio.features.filter_banks import triangular_filter_bank
    >>> triangular_filter_bank(np.arange(5.0), np.array([0.0, 2.0, 4.0])).toarray()
    array([[0. , 0.5, 1. , 0.5, 0. ]], dtype=float32)
    """
    if np.diff(edges).min() <= 1e-12 * np.abs(bins).max():
        raise AudioError(
            f"{len(edges) - 2} bands between fmin and fmax are so narrow that their edges are the "
            "same number. Put fmin and fmax further apart, or use fewer bands"
        )
    lower, center, upper = edges[:-2, np.newaxis], edges[1:-1, np.newaxis], edges[2:, np.newaxis]
    rising = (bins - lower) / (center - lower)
    falling = (upper - bins) / (upper - center)
    weights = np.maximum(0, np.minimum(rising, falling))
    if norm == "slaney":
        weights *= 2 / (upper - lower)
    empty = np.flatnonzero(weights.max(axis=1) == 0)
    if empty.size:
        warnings.warn(
            f"{empty.size} of {len(weights)} bands hold no bin of a spectrum of {len(bins)} bins, "
            f"the first is band {empty[0]}; they are always 0. Use a larger n_fft or fewer bands",
            UserWarning,
            stacklevel=3,
        )
    return csr_array(weights.astype(np.float32))


@lru_cache(maxsize=64)
def linear_filter_bank(
    rate: float, n_fft: int, *, n_bands: int = 128, fmin: float = 0.0, fmax: float | None = None
) -> csr_array:
    """Return triangles of height 1 that are evenly spaced in Hz.

    Equal to `torchaudio.functional.linear_fbanks`.

    Parameters
    ----------
    rate : float
        Rate of the signal in Hz.
    n_fft : int
        Samples of a frame.
    n_bands : int, default=128
        Number of bands.
    fmin, fmax : float, default=0.0 and None
        Lower edge of the lowest and upper edge of the highest band in Hz; ``fmax=None`` is half
        the rate.

    Returns
    -------
    weights : csr_array of shape (n_bands, n_fft // 2 + 1), dtype float32
        Kept and shared: not to be changed.
    """
    edges = np.linspace(*band_limits(rate, fmin, fmax), n_bands + 2)
    return triangular_filter_bank(np.fft.rfftfreq(n_fft, 1 / rate), edges)


@lru_cache(maxsize=64)
def bark_filter_bank(
    rate: float, n_fft: int, *, n_bands: int = 24, fmin: float = 0.0, fmax: float | None = None
) -> np.ndarray:
    """Return the critical bands of the ear, evenly spaced on the Bark scale.

    A band is 1 within half a Bark of its centre, falls by 10 dB per Bark below and by 25 dB per
    Bark above: what the masking curve of H. Hermansky (1990) makes of a spectrum by convolution.
    Equal to ``fft2barkmx`` of D. Ellis' *rastamat* (2005) and Essentia's TriangularBarkBands.

    Parameters
    ----------
    rate : float
        Rate of the signal in Hz.
    n_fft : int
        Samples of a frame.
    n_bands : int, default=24
        Number of bands. More of them overlap more; each is as wide.
    fmin, fmax : float, default=0.0 and None
        Centres of the lowest and the highest band in Hz; ``fmax=None`` is half the rate.

    Returns
    -------
    weights : ndarray of shape (n_bands, n_fft // 2 + 1), dtype float32
        From 0 to 1. Kept and shared: read-only.
    """
    lowest, highest = hertz_to_bark(band_limits(rate, fmin, fmax))
    centers = np.linspace(lowest, highest, n_bands)
    distances = hertz_to_bark(np.fft.rfftfreq(n_fft, 1 / rate)) - centers[:, np.newaxis]
    below, above = distances + 0.5, -2.5 * (distances - 0.5)
    return _read_only(10 ** np.minimum(0, np.minimum(below, above)))


@lru_cache(maxsize=64)
def gammatone_filter_bank(
    rate: float, n_fft: int, *, n_bands: int = 64, fmin: float = 50.0, fmax: float | None = None
) -> np.ndarray:
    """Return the power responses of gammatone filters, evenly spaced on the ERB scale.

    A gammatone filter is the classical model of a place on the basilar membrane. These are M.
    Slaney's digital ones of 4th order (*An efficient implementation of the Patterson-Holdsworth
    auditory filter bank*, 1993), as in `scipy.signal.gammatone`, with 0 dB at the centre. By them
    a power spectrum becomes the power that leaves each filter; ``fft2gammatonemx`` of D. Ellis'
    *Gammatone-like spectrograms* (2009) is the square root, for magnitudes.

    Parameters
    ----------
    rate : float
        Rate of the signal in Hz.
    n_fft : int
        Samples of a frame.
    n_bands : int, default=64
        Number of filters.
    fmin, fmax : float, default=50.0 and None
        Centre of the lowest filter, and where the one after the highest would have its own, in
        Hz; ``fmax=None`` is half the rate.

    Returns
    -------
    weights : ndarray of shape (n_bands, n_fft // 2 + 1), dtype float32
        From 0 to 1. Kept and shared: read-only.
    """
    lowest, highest = hertz_to_erb(band_limits(rate, fmin, fmax))
    centers = erb_to_hertz(np.linspace(lowest, highest, n_bands + 1)[:-1, np.newaxis])
    bandwidths = _GAMMATONE_BANDWIDTH * (_ERB_AT_0 + _ERB_SLOPE * centers)
    angles = 2 * np.pi * centers / rate
    radii = np.exp(-2 * np.pi * bandwidths / rate)
    pole = radii * np.exp(1j * angles)
    zeros = [
        radii * (np.cos(angles) + sign * np.sqrt(3 + root * 2**1.5) * np.sin(angles))
        for sign in (1, -1)
        for root in (1, -1)
    ]

    def response(z: np.ndarray) -> np.ndarray:
        numerator = np.prod([z - zero for zero in zeros], axis=0)
        return np.abs(numerator / ((z - pole) * (z - pole.conj())) ** 4)

    bins = np.exp(2j * np.pi * np.arange(n_fft // 2 + 1) / n_fft)
    return _read_only((response(bins) / response(np.exp(1j * angles))) ** 2)


def _read_only(weights: np.ndarray) -> np.ndarray:
    weights = weights.astype(np.float32)
    weights.flags.writeable = False
    return weights


def band_energies(
    block: SpectrumBlock, weights: np.ndarray | csr_array, *, power: float = 2.0
) -> np.ndarray:
    """Return the energy of some frames in bands, computed once for all that ask for it.

    Parameters
    ----------
    block : SpectrumBlock
        Some frames of the spectrum.
    weights : csr_array or ndarray of shape (n_bands, n_fft // 2 + 1)
        A filter bank; it is told by its identity, so make it once and keep it.
    power : float, default=2.0
        Exponent of the magnitudes: 2 for power, 1 for magnitude.

    Returns
    -------
    energies : ndarray of shape (n_block_frames, n_bands), dtype float32
        Of the unit of the samples to the power of ``power``; read-only, since it is shared.
    """
    key = id(weights), power
    if key not in block.bands:
        energies = (weights @ block.powered(power).T).T
        energies.flags.writeable = False
        block.bands[key] = weights, energies  # the weights, so that their id stays theirs
    return block.bands[key][1]


def loudest_energy(spectrum: PowerSpectrum, weights: np.ndarray | csr_array) -> float:
    """Return the largest energy of any band in any frame of a signal.

    It takes a pass over the whole spectrum, so extractors ask for it in their ``survey``.

    Parameters
    ----------
    spectrum : PowerSpectrum
        The spectrum of the signal.
    weights : csr_array or ndarray of shape (n_bands, n_fft // 2 + 1)
        A filter bank; it is told by its identity, so make it once and keep it.

    Returns
    -------
    loudest : float
        Of the unit of the samples, squared.
    """
    if id(weights) not in spectrum.loudest:
        loudest = max(float(band_energies(block, weights).max()) for block in spectrum.blocks())
        spectrum.loudest[id(weights)] = weights, loudest
    return spectrum.loudest[id(weights)][1]


class FilterBankExtractor(SpectrumExtractor):
    """Base of the features of bands of the power spectrum.

    A feature of your own is a subclass with ``value_names`` and ``filter_bank``, and ``finish``
    for what becomes of the energies.

    Parameters
    ----------
    fmin : float, default=0.0
        Lower edge of the lowest band in Hz.
    fmax : float or None, default=None
        Upper edge of the highest band in Hz; None for half the rate.

    Examples
    --------
    The energy in octaves:

    >>> import numpy as np
    >>> from sklearn_audio.features import FilterBankExtractor
    >>> class OctaveExtractor(FilterBankExtractor):
    ...     def value_names(self):
    ...         return [f"octave_{k}" for k in range(8)]
    ...     def filter_bank(self, rate, n_fft):
    ...         octaves = np.log2(np.fft.rfftfreq(n_fft, 1 / rate)[1:] / 50) // 1
    ...         return np.pad(octaves == np.arange(8)[:, np.newaxis], [(0, 0), (1, 0)])
    >>> tone = np.sin(2 * np.pi * 440 * np.arange(22050) / 22050)
    >>> OctaveExtractor(sample_rate=22050, summary=["mean"]).fit_transform([tone]).argmax()
    np.int64(3)
    """

    fmin: float = 0.0
    fmax: float | None = None

    _parameter_constraints = {
        **SpectrumExtractor._parameter_constraints,
        "fmin": [Interval(Real, 0, None, closed="left")],
        "fmax": [Interval(Real, 0, None, closed="neither"), None],
    }

    @abstractmethod
    def filter_bank(self, rate: float, n_fft: int) -> np.ndarray | csr_array:
        """Return the weights of the bands.

        Parameters
        ----------
        rate : float
            Rate of the signal in Hz.
        n_fft : int
            Samples of a frame.

        Returns
        -------
        weights : csr_array or ndarray of shape (n_bands, n_fft // 2 + 1)
            A filter bank; it is asked for with each block, so keep what takes long to make.
        """

    def block_values(self, block: SpectrumBlock) -> np.ndarray:
        spectrum = block.spectrum
        return band_energies(block, self.filter_bank(spectrum.rate, spectrum.n_fft))
