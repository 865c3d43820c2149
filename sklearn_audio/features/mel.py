"""The mel spectrogram.

*Conventions.* Filter banks are those of `librosa.filters.mel`: triangles, evenly spaced on the
mel scale of M. Slaney's *Auditory Toolbox* (1998), linear below 1000 Hz and logarithmic above,
or, with ``htk=True``, of the HTK book (S. Young et al.), ``2595 log10(1 + f / 700)``.
"""

from __future__ import annotations

from functools import lru_cache
from numbers import Integral, Real

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import csr_array

from ..base import Interval, StrOptions, ValueAxis
from ..errors import NonFiniteAudioError
from .decibels import power_to_decibels
from .filter_banks import (
    FilterBankExtractor,
    band_energies,
    band_limits,
    triangular_filter_bank,
)
from .spectrum import PowerSpectrum, SpectrumBlock

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


def mel_centres(n_mels: int, lowest: float, highest: float, *, htk: bool = False) -> np.ndarray:
    """Return the middle of bands that are evenly spaced on the mel scale.

    Parameters
    ----------
    n_mels : int
        Number of bands.
    lowest, highest : float
        Lower edge of the lowest and upper edge of the highest band in Hz.
    htk : bool, default=False
        The scale of the HTK book in place of Slaney's.

    Returns
    -------
    frequencies : ndarray of shape (n_mels,), dtype float64
        In Hz.

    Examples
    --------
    >>> from sklearn_audio.features.mel import mel_centres
    >>> mel_centres(3, 0.0, 800.0)
    array([200., 400., 600.])
    """
    first, last = hertz_to_mel([lowest, highest], htk=htk)
    return mel_to_hertz(np.linspace(first, last, n_mels + 2)[1:-1], htk=htk)


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
    lowest, highest = hertz_to_mel(band_limits(rate, fmin, fmax), htk=htk)
    edges = mel_to_hertz(np.linspace(lowest, highest, n_mels + 2), htk=htk)
    return triangular_filter_bank(np.fft.rfftfreq(n_fft, 1 / rate), edges, norm=norm)


def per_channel_energy_normalization(
    energies: np.ndarray,
    *,
    frame_rate: float,
    gain: float = 0.98,
    bias: float = 2.0,
    power: float = 0.5,
    time_constant: float = 0.4,
    eps: float = 1e-6,
) -> np.ndarray:
    """Return energies relative to their own recent past, band by band, and compressed.

    ``(E / (eps + M) ** gain + bias) ** power - bias ** power``, where M is E smoothed by a filter
    of first order that starts at 1 (Y. Wang et al., 2017; V. Lostanlen et al., 2019). What lasts,
    such as wind or hum, is levelled; what begins stands out. Equal to `librosa.pcen`.

    Parameters
    ----------
    energies : ndarray of shape (n_frames, n_bands)
        Magnitudes or powers over time.
    frame_rate : float
        Frames a second.
    gain : float, default=0.98
        How far the level is taken out: 0 for not at all, 1 for all of it.
    bias : float, default=2.0
        Softens the compression of what is small.
    power : float, default=0.5
        Exponent of the compression; 0 for ``log(1 + E / (eps + M) ** gain)``.
    time_constant : float, default=0.4
        Of the smoothing, in seconds.
    eps : float, default=1e-6
        What the past counts as where it is silent.

    Returns
    -------
    normalized : ndarray of shape (n_frames, n_bands), dtype float64
        0 where there is no energy.

    Examples
    --------
    A tone that goes on is loudest where it begins:

    >>> import numpy as np
    >>> from sklearn_audio.features.mel import per_channel_energy_normalization
    >>> energies = np.repeat([0.0, 1e6], [40, 4])[:, np.newaxis]
    >>> per_channel_energy_normalization(energies, frame_rate=10).ravel()[39:].round(1)
    array([0. , 1.4, 0.9, 0.7, 0.6])
    """
    from scipy.signal import lfilter  # slow to import, and needed only here

    energies = np.asarray(energies, dtype=np.float64)
    # The smoothing falls to half its power at 1 / (2 pi time_constant) Hz, nearly.
    n_frames = time_constant * frame_rate
    weight = (np.sqrt(1 + 4 * n_frames**2) - 1) / (2 * n_frames**2)
    start = np.full((1, energies.shape[1]), 1 - weight)
    smooth, _ = lfilter([weight], [1, weight - 1], energies, axis=0, zi=start)
    # In place: each array of a long signal is large.
    smooth += eps
    smooth **= gain
    normalized = np.divide(energies, smooth, out=smooth)
    if power == 0:
        return np.log1p(normalized, out=normalized)
    normalized += bias
    normalized **= power
    normalized -= np.float64(bias) ** power
    return normalized


class MelExtractor(FilterBankExtractor):
    """Base of the features of mel bands.

    A feature of your own is a subclass with ``value_names`` and ``finish``.

    Parameters
    ----------
    n_mels : int, default=128
        Number of bands.
    htk : bool, default=False
        The mel scale of the HTK book in place of Slaney's.
    norm : {"slaney"} or None, default="slaney"
        Bands of equal area, or of equal height 1.
    """

    n_mels: int = 128
    htk: bool = False
    norm: str | None = "slaney"

    _parameter_constraints = {
        **FilterBankExtractor._parameter_constraints,
        "n_mels": [Interval(Integral, 1, 4096, closed="both")],
        "htk": ["boolean"],
        "norm": [StrOptions({"slaney"}), None],
    }

    def filter_bank(self, rate: float, n_fft: int) -> csr_array:
        return mel_filter_bank(
            rate,
            n_fft,
            n_mels=self.n_mels,
            fmin=self.fmin,
            fmax=self.fmax,
            htk=self.htk,
            norm=self.norm,
        )

    def value_axis(self, rate: float) -> ValueAxis:
        limits = band_limits(rate, self.fmin, self.fmax)
        return ValueAxis("frequency (Hz)", mel_centres(self.n_mels, *limits, htk=self.htk), "mel")


class MelSpectrogramExtractor(MelExtractor):
    """Energy in bands that are evenly spaced for the ear.

    The power spectrum weighted by triangular filters on the mel scale. Equal to
    `librosa.feature.melspectrogram`; the scale is Slaney's (*Auditory Toolbox*, 1998).

    Parameters
    ----------
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

    unit = "power"

    power: float = 2.0

    _parameter_constraints = {
        **MelExtractor._parameter_constraints,
        "power": [Interval(Real, 0, None, closed="neither")],
    }

    def value_names(self) -> list[str]:
        return [f"mel_{band}" for band in range(self.n_mels)]

    def block_values(self, block: SpectrumBlock) -> np.ndarray:
        weights = self.filter_bank(block.spectrum.rate, block.spectrum.n_fft)
        return band_energies(block, weights, power=self.power)


class LogMelSpectrogramExtractor(MelExtractor):
    """Level in bands that are evenly spaced for the ear, in dB.

    The energies of `MelSpectrogramExtractor` as a level re 1. Equal to `librosa.power_to_db` of
    `librosa.feature.melspectrogram`.

    Parameters
    ----------
    top_db : float or None, default=80.0
        What is further below the loudest of the signal is raised to there, in dB; None for no
        limit but the floor at -100 dB.

    See Also
    --------
    MelSpectrogramExtractor : The energies.
    PCENExtractor : Levels relative to the recent past.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio import LogMelSpectrogramExtractor
    >>> noise = np.random.default_rng(0).normal(size=22050)
    >>> mel = LogMelSpectrogramExtractor(n_mels=40, summary=["mean"], sample_rate=22050)
    >>> (mel.fit_transform([10 * noise]) - mel.fit_transform([noise])).mean().round(3)
    np.float32(20.0)
    """

    unit = "dB"

    top_db: float | None = 80.0

    _parameter_constraints = {
        **MelExtractor._parameter_constraints,
        "top_db": [Interval(Real, 0, 1e6, closed="both"), None],
    }

    def value_names(self) -> list[str]:
        return [f"log_mel_{band}" for band in range(self.n_mels)]

    def finish(self, values: np.ndarray, spectrum: PowerSpectrum) -> np.ndarray:
        return power_to_decibels(values, top_db=self.top_db)


class PCENExtractor(MelExtractor):
    """Mel bands relative to their own recent past: per-channel energy normalization.

    Magnitudes in mel bands, divided by what they were on average in the last moments, and
    compressed (Y. Wang et al., 2017): robust against distance, microphones and lasting noise.
    Equal to `librosa.pcen` of ``full_scale * librosa.feature.melspectrogram(power=1)``.

    Parameters
    ----------
    gain : float, default=0.98
        How far the level is taken out: 0 for not at all, 1 for all of it.
    bias : float, default=2.0
        Softens the compression of what is small.
    power : float, default=0.5
        Exponent of the compression; 0 for a logarithm.
    time_constant : float, default=0.4
        Of the average over the past, in seconds.
    eps : float, default=1e-6
        What the past counts as where it is silent.
    full_scale : float, default=2147483648.0
        What a sample of 1 counts as. The other defaults are made for samples of 32 bit.

    See Also
    --------
    LogMelSpectrogramExtractor : Levels in dB.
    sklearn_audio.features.mel.per_channel_energy_normalization : The function of energies.

    Examples
    --------
    A tone ten times as loud is the same but for a few per cent:

    >>> import numpy as np
    >>> from sklearn_audio import PCENExtractor
    >>> tone = 0.1 * np.sin(2 * np.pi * 440 * np.arange(22050) / 22050)
    >>> pcen = PCENExtractor(n_mels=40, summary=["median"], sample_rate=22050)
    >>> pcen.fit_transform([tone, 10 * tone])[:, 4].round(2)
    array([0.6 , 0.63], dtype=float32)
    """

    gain: float = 0.98
    bias: float = 2.0
    power: float = 0.5
    time_constant: float = 0.4
    eps: float = 1e-6
    full_scale: float = 2.0**31

    _parameter_constraints = {
        **MelExtractor._parameter_constraints,
        "gain": [Interval(Real, 0, 100, closed="both")],
        "bias": [Interval(Real, 0, None, closed="left")],
        "power": [Interval(Real, 0, 100, closed="both")],
        "time_constant": [Interval(Real, 1e-6, 1e6, closed="both")],
        "eps": [Interval(Real, 0, None, closed="neither")],
        "full_scale": [Interval(Real, 0, None, closed="neither")],
    }

    def value_names(self) -> list[str]:
        return [f"pcen_{band}" for band in range(self.n_mels)]

    def block_values(self, block: SpectrumBlock) -> np.ndarray:
        weights = self.filter_bank(block.spectrum.rate, block.spectrum.n_fft)
        return band_energies(block, weights, power=1)

    def finish(self, values: np.ndarray, spectrum: PowerSpectrum) -> np.ndarray:
        # What is too large, or divided by nothing, is found below.
        with np.errstate(all="ignore"):
            normalized = per_channel_energy_normalization(
                self.full_scale * values.astype(np.float64),
                frame_rate=spectrum.rate / self.hop_length,
                gain=self.gain,
                bias=self.bias,
                power=self.power,
                time_constant=self.time_constant,
                eps=self.eps,
            )
        if not np.abs(normalized).max() <= np.finfo(np.float32).max:
            raise NonFiniteAudioError(
                f"gain={self.gain:g} and power={self.power:g} make values of energies up to "
                f"{values.max():g} that are too large for float32. Use smaller ones, or scale the "
                "recording to a full scale of 1"
            )
        return normalized
