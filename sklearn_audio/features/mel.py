"""The mel spectrogram.

*Conventions.* Filter banks are those of `librosa.filters.mel`: triangles, evenly spaced on the
mel scale of M. Slaney's *Auditory Toolbox* (1998), linear below 1000 Hz and logarithmic above,
or, with ``htk=True``, of the HTK book (S. Young et al.), ``2595 log10(1 + f / 700)``.
"""

from __future__ import annotations

import warnings
from functools import lru_cache
from numbers import Integral, Real

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import csr_array

from ..base import Interval, StrOptions
from ..errors import AudioError
from .spectrum import SpectrumBlock, SpectrumExtractor

# Slaney's scale: 3 mels for 200 Hz up to 1000 Hz, then 27 mels for each factor of 6.4.
_SLANEY_HERTZ_PER_MEL = 200 / 3
_SLANEY_CORNER_HERTZ = 1000.0
_SLANEY_CORNER_MEL = _SLANEY_CORNER_HERTZ / _SLANEY_HERTZ_PER_MEL
_SLANEY_LOG_STEP = np.log(6.4) / 27


def hertz_to_mel(frequencies: ArrayLike, *, htk: bool = False) -> np.ndarray:
    """Return frequencies on the mel scale.

    Parameters
    ----------
    frequencies : array-like
        In Hz.
    htk : bool, default=False
        The scale of the HTK book in place of Slaney's.

    Returns
    -------
    mels : ndarray, dtype float64
        Of the same shape.

    Examples
    --------
    >>> from sklearn_audio.features.mel import hertz_to_mel
    >>> hertz_to_mel([0.0, 200.0, 1000.0])
    array([ 0.,  3., 15.])
    """
    frequencies = np.asarray(frequencies, dtype=np.float64)
    if htk:
        return 2595 * np.log10(1 + frequencies / 700)
    above = np.log(np.maximum(frequencies, _SLANEY_CORNER_HERTZ) / _SLANEY_CORNER_HERTZ)
    return np.where(
        frequencies < _SLANEY_CORNER_HERTZ,
        frequencies / _SLANEY_HERTZ_PER_MEL,
        _SLANEY_CORNER_MEL + above / _SLANEY_LOG_STEP,
    )


def mel_to_hertz(mels: ArrayLike, *, htk: bool = False) -> np.ndarray:
    """Return the frequencies of points on the mel scale; the inverse of `hertz_to_mel`.

    Parameters
    ----------
    mels : array-like
        Points on the scale.
    htk : bool, default=False
        The scale of the HTK book in place of Slaney's.

    Returns
    -------
    frequencies : ndarray, dtype float64
        In Hz.

    Examples
    --------
    >>> from sklearn_audio.features.mel import mel_to_hertz
    >>> mel_to_hertz([0.0, 3.0, 15.0])
    array([   0.,  200., 1000.])
    """
    mels = np.asarray(mels, dtype=np.float64)
    if htk:
        return 700 * (10 ** (mels / 2595) - 1)
    above = np.maximum(mels - _SLANEY_CORNER_MEL, 0)
    return np.where(
        mels < _SLANEY_CORNER_MEL,
        mels * _SLANEY_HERTZ_PER_MEL,
        _SLANEY_CORNER_HERTZ * np.exp(_SLANEY_LOG_STEP * above),
    )


@lru_cache(maxsize=64)
def mel_filter_bank(
    rate: float,
    n_fft: int,
    *,
    n_mels: int = 128,
    fmin: float = 0.0,
    fmax: float | None = None,
    htk: bool = False,
    norm: str | None = "slaney",
) -> csr_array:
    """Return the weights that turn a spectrum into mel bands.

    Parameters
    ----------
    rate : float
        Rate of the signal in Hz.
    n_fft : int
        Samples of a frame.
    n_mels : int, default=128
        Number of bands.
    fmin, fmax : float, default=0.0 and None
        Lower edge of the lowest and upper edge of the highest band in Hz; ``fmax=None`` is half
        the rate.
    htk : bool, default=False
        The scale of the HTK book in place of Slaney's.
    norm : {"slaney"} or None, default="slaney"
        Triangles of equal area, or of equal height 1.

    Returns
    -------
    weights : csr_array of shape (n_mels, n_fft // 2 + 1), dtype float32
        Kept and shared: not to be changed.

    Raises
    ------
    AudioError
        Where the band from fmin to fmax is empty.
    """
    fmax = rate / 2 if fmax is None else fmax
    if not 0 <= fmin < fmax:
        raise AudioError(
            f"mel bands from fmin={fmin:g} Hz to fmax={fmax:g} Hz at a rate of {rate:g} Hz; "
            "fmin has to be below fmax (by default half the rate)"
        )
    lowest, highest = hertz_to_mel([fmin, fmax], htk=htk)
    edges = mel_to_hertz(np.linspace(lowest, highest, n_mels + 2), htk=htk)
    lower, center, upper = edges[:-2, np.newaxis], edges[1:-1, np.newaxis], edges[2:, np.newaxis]
    bins = np.fft.rfftfreq(n_fft, 1 / rate)
    rising = (bins - lower) / (center - lower)
    falling = (upper - bins) / (upper - center)
    weights = np.maximum(0, np.minimum(rising, falling))
    if norm == "slaney":
        weights *= 2 / (upper - lower)
    empty = np.flatnonzero(weights.max(axis=1) == 0)
    if empty.size:
        warnings.warn(
            f"{empty.size} of {n_mels} mel bands hold no bin of a spectrum with n_fft={n_fft} at "
            f"{rate:g} Hz, the first is band {empty[0]}; they are always 0. Use a larger n_fft or "
            "fewer n_mels",
            UserWarning,
            stacklevel=2,
        )
    return csr_array(weights.astype(np.float32))


def mel_bands(block: SpectrumBlock, weights: csr_array, *, power: float = 2.0) -> np.ndarray:
    """Return the energy of some frames in mel bands.

    Parameters
    ----------
    block : SpectrumBlock
        Some frames of the spectrum.
    weights : csr_array of shape (n_mels, n_fft // 2 + 1)
        See `mel_filter_bank`.
    power : float, default=2.0
        Exponent of the magnitudes: 2 for power, 1 for magnitude.

    Returns
    -------
    bands : ndarray of shape (n_block_frames, n_mels), dtype float32
        Energies.
    """
    powered = block.power if power == 2 else block.power ** (power / 2)
    return (weights @ powered.T).T


class MelSpectrogramExtractor(SpectrumExtractor):
    """Energy in bands that are evenly spaced for the ear.

    The power spectrum weighted by triangular filters on the mel scale. Equal to
    `librosa.feature.melspectrogram`; the scale is Slaney's (*Auditory Toolbox*, 1998).

    Parameters
    ----------
    n_mels : int, default=128
        Number of bands.
    fmin : float, default=0.0
        Lower edge of the lowest band in Hz.
    fmax : float or None, default=None
        Upper edge of the highest band in Hz; None for half the rate.
    htk : bool, default=False
        The mel scale of the HTK book in place of Slaney's.
    norm : {"slaney"} or None, default="slaney"
        Bands of equal area, or of equal height 1.
    power : float, default=2.0
        Exponent of the magnitudes: 2 for power, 1 for magnitude.

    See Also
    --------
    MFCCExtractor : The cepstrum of these bands.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio import MelSpectrogramExtractor
    >>> tone = np.sin(2 * np.pi * 440 * np.arange(22050) / 22050)
    >>> mel = MelSpectrogramExtractor(n_mels=40, summary=["mean"], sample_rate=22050)
    >>> mel.fit_transform([tone]).argmax(axis=1)
    array([4])
    >>> mel.get_feature_names_out()[4]
    'mel_4_mean'
    """

    n_mels: int = 128
    fmin: float = 0.0
    fmax: float | None = None
    htk: bool = False
    norm: str | None = "slaney"
    power: float = 2.0

    _parameter_constraints = {
        **SpectrumExtractor._parameter_constraints,
        "n_mels": [Interval(Integral, 1, None, closed="left")],
        "fmin": [Interval(Real, 0, None, closed="left")],
        "fmax": [Interval(Real, 0, None, closed="neither"), None],
        "htk": ["boolean"],
        "norm": [StrOptions({"slaney"}), None],
        "power": [Interval(Real, 0, None, closed="neither")],
    }

    def value_names(self) -> list[str]:
        return [f"mel_{band}" for band in range(self.n_mels)]

    def block_values(self, block: SpectrumBlock) -> np.ndarray:
        weights = mel_filter_bank(
            block.spectrum.rate,
            block.spectrum.n_fft,
            n_mels=self.n_mels,
            fmin=self.fmin,
            fmax=self.fmax,
            htk=self.htk,
            norm=self.norm,
        )
        return mel_bands(block, weights, power=self.power)
